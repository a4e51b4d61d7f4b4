//! Calendars and counting rules from the files of a workspace, with findings in the words of the file.

use crate::diagnostic::{Diagnostic, Place};
use crate::schema::Schema;
use crate::time::{Almanac, Kind, TimeError};
use crate::yaml::Node;
use std::sync::LazyLock;

/// The description of calendars, compiled in.
pub const CALENDAR_SCHEMA: &str = include_str!("../../schemas/calendar.schema.json");

/// The description of counting rules, compiled in.
pub const COUNTING_SCHEMA: &str = include_str!("../../schemas/counting.schema.json");

static CALENDAR: LazyLock<Option<Schema>> = LazyLock::new(|| Schema::compile(CALENDAR_SCHEMA).ok());
static COUNTING: LazyLock<Option<Schema>> = LazyLock::new(|| Schema::compile(COUNTING_SCHEMA).ok());

/// Returns what is shipped, with the calendars and counting rules of some files, which may be made of each other.
///
/// # Errors
/// All findings about the shape of the files, or the first about what they mean.
pub fn of(roots: &[Node]) -> Result<Almanac, Vec<Diagnostic>> {
    let kinds = roots.iter().map(kind_of);
    let findings: Vec<Diagnostic> = roots
        .iter()
        .zip(kinds.clone())
        .flat_map(|(root, kind)| match kind {
            Some(kind) => of_shape(root, kind),
            None => vec![none_of_both(root)],
        })
        .collect();
    if !findings.is_empty() {
        return Err(findings);
    }
    let known = roots.iter().zip(kinds);
    let documents: Vec<(Kind, serde_json::Value)> =
        known.filter_map(|(root, kind)| Some((kind?, root.to_json()))).collect();
    Almanac::shipped().with(&documents).map_err(|(index, error)| {
        roots.get(index).map(|root| of_meaning(root, &error)).into_iter().collect()
    })
}

fn kind_of(root: &Node) -> Option<Kind> {
    // A calendar may name the counting rule that goes with it, so its own key comes first.
    let has = |key: &str| root.get(key).is_some();
    has("calendar").then_some(Kind::Calendar).or(has("counting").then_some(Kind::Counting))
}

fn of_shape(root: &Node, kind: Kind) -> Vec<Diagnostic> {
    let schema = match kind {
        Kind::Calendar => CALENDAR.as_ref(),
        Kind::Counting => COUNTING.as_ref(),
    };
    schema.map(|schema| schema.validate(root)).unwrap_or_default()
}

fn none_of_both(root: &Node) -> Diagnostic {
    Diagnostic::error("none-of-ours", &root.place)
        .message("this is neither a calendar nor a counting rule")
        .help("a calendar has the key `calendar` at its top, a counting rule `counting`")
}

/// Returns the finding about what a file means, at the place that the error names.
fn of_meaning(root: &Node, error: &TimeError) -> Diagnostic {
    let (path, message) = match error {
        TimeError::BadCalendar { place, what } | TimeError::BadCounting { place, what } => {
            (place.as_str(), what.clone())
        }
        other => ("", other.to_string()),
    };
    let place = place_of(root, path).unwrap_or_else(|| {
        let own = root.entry("calendar").or_else(|| root.entry("counting"));
        own.map_or_else(|| root.place.clone(), |entry| entry.key.place.clone())
    });
    Diagnostic::error(error.code(), &place).message(message).help(error.help())
}

/// Returns the place of the value to which a path as `days[3].weekday` leads.
fn place_of(root: &Node, path: &str) -> Option<Place> {
    let mut node = root;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (key, index) = match part.split_once('[') {
            Some((key, index)) => (key, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        node = node.get(key)?;
        if let Some(index) = index {
            node = node.items().get(index)?;
        }
    }
    (!std::ptr::eq(node, root)).then(|| node.place.clone())
}
