//! What is near to a name in a guard, and what there is.

/// Returns the candidate that differs least from `typed`, if it is near enough to be a slip of the pen.
pub(super) fn nearest<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let typed = plain(typed);
    let near = candidates.into_iter().filter_map(|candidate| {
        let other = plain(candidate);
        let longer = typed.chars().count().max(other.chars().count());
        let distance = strsim::damerau_levenshtein(&typed, &other);
        (distance <= (longer / 3).max(1)).then_some((distance, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// Returns the names as one line, each in backticks, at most twelve of them.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
