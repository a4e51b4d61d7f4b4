//! The legal clock against what others say: a library of holidays, worked examples of the law, and a count by hand.

#![expect(clippy::disallowed_methods, reason = "reads its fixtures")]

mod calendars;
mod naive;
mod worked_examples;

use verloop::diagnostic::Source;
use verloop::yaml::{Limits, read};

/// Returns the YAML file of a test as JSON.
fn yaml(path: &str) -> serde_json::Value {
    let text = std::fs::read_to_string(path).expect(path);
    let limits = Limits { nodes: 100_000, ..Limits::default() };
    read(&Source::new(path, text.as_str()), &limits).expect(path).to_json()
}
