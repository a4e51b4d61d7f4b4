//! A text as its author most likely meant it.
//!
//! A misspelt key or value is one finding. Were the text read on as it stands, all that hangs on that key would be
//! missing too, and one slip of the pen would give a page of findings. So the checks that follow read the text with the
//! proposed edits made. Places stay those of the text as it is.

use crate::diagnostic::{Diagnostic, Place, Span};
use crate::schema::Schema;
use crate::yaml::{Entry, Node, Scalar, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a schema finds in a text, and the text as it was most likely meant.
pub(super) struct Meant {
    pub(super) findings: Vec<Diagnostic>,
    pub(super) root: Node,
    /// Whether something could not be read at all, so that more may be missing than there is.
    pub(super) misread: bool,
}

/// Validates a text, makes the proposed edits, and looks for what they have laid bare.
pub(super) fn read(schema: &Schema, root: &Node) -> Meant {
    let mut found = schema.validate(root);
    let edits: Edits<'_> = found.iter().filter_map(edit).collect();
    if edits.is_empty() {
        return Meant { misread: !found.is_empty(), findings: found, root: root.clone() };
    }
    let root = edited(root, &edits);
    found.retain(|finding| edit(finding).is_some());
    let rest = schema.validate(&root);
    let misread = !rest.is_empty();
    let new = |finding: &Diagnostic| !found.iter().any(|known| known.place == finding.place);
    let rest: Vec<Diagnostic> = rest.into_iter().filter(new).collect();
    found.extend(rest);
    Meant { findings: found, root, misread }
}

/// What to write instead, by where it stands: of a text that builds on another, parts stand in two files.
type Edits<'a> = BTreeMap<(usize, Span), &'a str>;

fn spot(place: &Place) -> (usize, Span) {
    (Arc::as_ptr(&place.source).addr(), place.span)
}

/// Returns the edit of a finding, if it replaces just the key or value that it points at.
fn edit(finding: &Diagnostic) -> Option<((usize, Span), &str)> {
    let edit = finding.suggestion.as_ref()?;
    (edit.span == finding.place.span).then_some((spot(&finding.place), edit.replacement.as_str()))
}

fn edited(node: &Node, edits: &Edits<'_>) -> Node {
    let edit = |node: &Node| edits.get(&spot(&node.place)).copied();
    let value = match &node.value {
        Value::Scalar(_) => match edit(node) {
            Some(replacement) => written(node, replacement),
            None => node.value.clone(),
        },
        Value::Sequence(items) => {
            Value::Sequence(items.iter().map(|item| edited(item, edits)).collect())
        }
        Value::Mapping(entries) => {
            let entry = |entry: &Entry| Entry {
                key: edited(&entry.key, edits),
                value: edited(&entry.value, edits),
            };
            Value::Mapping(entries.iter().map(entry).collect())
        }
    };
    Node { place: node.place.clone(), value }
}

/// Reads a proposed value: `[…]` around what stands there, a text in quotes, or a plain word.
fn written(node: &Node, replacement: &str) -> Value {
    let within = |open: char, close: char| replacement.strip_prefix(open)?.strip_suffix(close);
    if within('[', ']').is_some_and(|inner| inner == node.place.text()) {
        return Value::Sequence(vec![node.clone()]);
    }
    let quoted = within('"', '"').or_else(|| within('\'', '\''));
    Value::Scalar(Scalar {
        text: quoted.unwrap_or(replacement).to_owned(),
        quoted: quoted.is_some(),
    })
}
