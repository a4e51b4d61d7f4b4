//! What is wrong with a guard, with its place inside the text of the guard.

use std::ops::Range;

/// A finding about the text of one guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule it is: `guard-syntax`, `guard-unknown-name` and so on.
    pub code: &'static str,
    /// The bytes of the guard that it is about. Both ends lie on characters, inside the text.
    pub range: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// A few words to stand under the marked place; may be empty.
    pub label: String,
    /// What the author can do.
    pub help: Option<String>,
    /// Bytes of the guard, and what would be right in their place.
    pub suggestion: Option<(Range<usize>, String)>,
}

impl Finding {
    pub(super) fn new(code: &'static str, range: Range<usize>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, range, message, label: String::new(), help: None, suggestion: None }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn suggest(mut self, range: Range<usize>, instead: impl Into<String>) -> Self {
        self.suggestion = Some((range, instead.into()));
        self
    }

    /// Proposes `nearest` in place of the marked bytes, if there is one.
    pub(super) fn did_you_mean(self, nearest: Option<String>) -> Self {
        match nearest {
            Some(name) => {
                let range = self.range.clone();
                self.help(format!("did you mean `{name}`?")).suggest(range, name)
            }
            None => self,
        }
    }
}

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
