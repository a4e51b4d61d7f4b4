//! The calendars that come with the program.

use crate::diagnostic::Source;
use crate::yaml::{self, Limits};
use serde_json::Value;

/// The texts of the shipped calendars.
pub(super) const CALENDARS: [&str; 2] = [
    include_str!("../../procedures/calendars/nl.yaml"),
    include_str!("../../procedures/calendars/none.yaml"),
];

/// Returns a shipped text as JSON.
pub(super) fn read(text: &str) -> Option<Value> {
    let read = yaml::read(&Source::new("calendar", text), &Limits::default());
    read.ok().map(|node| node.to_json())
}
