//! Calendars and counting rules from the files of a workspace, with findings in the words of the file.

use crate::diagnostic::{Diagnostic, Place};
use crate::schema::Schema;
use crate::time::{Almanac, Kind, TimeError};
use crate::yaml::Node;
use serde_json::{Value, json};
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
/// All findings.
pub fn of(roots: &[Node]) -> Result<Almanac, Vec<Diagnostic>> {
    let checked = check(roots);
    let findings: Vec<Diagnostic> = checked.findings.into_iter().flatten().collect();
    if findings.is_empty() { Ok(checked.almanac) } else { Err(findings) }
}

/// Files with calendars and counting rules, as far as they can be used.
#[derive(Debug)]
pub struct Checked {
    /// What is shipped, with what is sound of the files. What is not has a stand-in, so that whoever names it is not told
    /// that it is not there.
    pub almanac: Almanac,
    /// What is wrong with each file.
    pub findings: Vec<Vec<Diagnostic>>,
}

/// Returns what the files give, and what is wrong with each.
pub fn check(roots: &[Node]) -> Checked {
    let mut findings: Vec<Vec<Diagnostic>> = Vec::with_capacity(roots.len());
    let mut documents: Vec<(Kind, Value)> = Vec::new();
    let mut roots_of_documents: Vec<usize> = Vec::new();
    for (index, root) in roots.iter().enumerate() {
        let kind = kind_of(root);
        let found = kind.map_or_else(|| vec![none_of_both(root)], |kind| of_shape(root, kind));
        if let Some(kind) = kind {
            let sound = found.is_empty();
            documents.push((kind, if sound { root.to_json() } else { stand_in(root, kind) }));
            roots_of_documents.push(index);
        }
        findings.push(found);
    }
    loop {
        let (place, error) = match Almanac::shipped().with(&documents) {
            Ok(almanac) => return Checked { almanac, findings },
            Err(wrong) => wrong,
        };
        let index = roots_of_documents.get(place).copied();
        let root = index.and_then(|index| roots.get(index));
        let (Some(root), Some((kind, document))) = (root, documents.get_mut(place)) else {
            return Checked { almanac: Almanac::shipped(), findings };
        };
        let stands_in = stand_in(root, *kind);
        if *document == stands_in {
            // INVARIANT: a stand-in is sound; if not, nothing of the files is used.
            return Checked { almanac: Almanac::shipped(), findings };
        }
        *document = stands_in;
        if let Some(found) = index.and_then(|index| findings.get_mut(index)) {
            found.push(of_meaning(root, &error));
        }
    }
}

/// Returns a document with the name of one that is wrong, in which nothing can be wrong.
fn stand_in(root: &Node, kind: Kind) -> Value {
    let name = |key: &str| root.get(key).and_then(Node::as_str).unwrap_or("unnamed").to_owned();
    match kind {
        Kind::Calendar => json!({
            "calendar": name("calendar"), "title": "?", "version": "0", "weekend": [], "days": [],
            "time-zone": "UTC", "counting": "plain",
        }),
        Kind::Counting => json!({ "counting": name("counting"), "title": "?", "version": "0" }),
    }
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
    let (path, message) = error.place().unwrap_or_else(|| ("", error.to_string()));
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
