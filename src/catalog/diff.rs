//! What changed between two texts of a procedure, in meaning: comments, layout and the order of keys make no difference.
//!
//! Every difference that makes another version is found, since the same trees are compared from which the hash is made.
//! What a reader wants to know of it (a term that is shorter, a role that loses a right) is said beside it.

use super::Bundle;
use crate::diagnostic::{Diagnostic, Place};
use crate::time::{Term, Unit};
use crate::yaml::{Kind, Node};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The longest value that is shown, in characters.
const LONGEST: usize = 80;

/// A difference between two texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where: the keys down to it, as in `steps.gesprek.within`.
    pub path: String,
    /// What it was; nothing if it is new.
    pub before: Option<String>,
    /// What it is; nothing if it is gone.
    pub after: Option<String>,
    /// Where it stands: in the new text, or in the old one if it is gone.
    pub place: Place,
    /// What that comes to, where it can be said in a word.
    pub means: Vec<Meaning>,
}

/// What a difference comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A term is shorter.
    Shorter,
    /// A term is longer.
    Longer,
    /// Somebody may do something that he could not.
    Gains(String),
    /// Somebody may no longer do something.
    Loses(String),
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shorter => f.write_str("shorter"),
            Self::Longer => f.write_str("longer"),
            Self::Gains(role) => write!(f, "`{role}` gains it"),
            Self::Loses(role) => write!(f, "`{role}` loses it"),
        }
    }
}

impl Difference {
    /// Returns `added`, `removed` or `changed`.
    pub fn word(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "added",
            (Some(_), None) => "removed",
            (Some(_), Some(_)) => "changed",
        }
    }
}

/// Returns what changed from one text to another, in the order of the new one; what is gone comes at the end of its group.
///
/// # Errors
/// Findings where one of them is no YAML.
pub fn diff(before: &Bundle, after: &Bundle) -> Result<Vec<Difference>, Vec<Diagnostic>> {
    let (old, old_files) = before.nodes()?;
    let (new, new_files) = after.nodes()?;
    let mut found = Vec::new();
    walk("", Some(&old), Some(&new), &mut found);
    let names: BTreeSet<&String> = old_files.keys().chain(new_files.keys()).collect();
    for name in names {
        walk(name, old_files.get(name), new_files.get(name), &mut found);
    }
    Ok(found)
}

fn walk(path: &str, old: Option<&Node>, new: Option<&Node>, found: &mut Vec<Difference>) {
    let (Some(a), Some(b)) = (old, new) else {
        if let Some(node) = new.or(old) {
            let (before, after) = (old.map(value), new.map(value));
            let means = rights(path, old, new);
            found.push(Difference {
                path: path.to_owned(),
                before,
                after,
                place: node.place.clone(),
                means,
            });
        }
        return;
    };
    if a.to_json() == b.to_json() || same_list(a, b) {
        return;
    }
    if a.kind() == Kind::Mapping && b.kind() == Kind::Mapping {
        let below = |key: &str| match path {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        for entry in b.entries() {
            walk(&below(entry.name()), a.get(entry.name()), Some(&entry.value), found);
        }
        for entry in a.entries().iter().filter(|entry| b.get(entry.name()).is_none()) {
            walk(&below(entry.name()), Some(&entry.value), None, found);
        }
        return;
    }
    let lists = a.kind() == Kind::List && b.kind() == Kind::List;
    let of_mappings = |node: &Node| node.items().iter().any(|item| item.kind() == Kind::Mapping);
    if lists && (of_mappings(a) || of_mappings(b)) {
        let most = a.items().len().max(b.items().len());
        for place in 0..most {
            let number = place.saturating_add(1);
            let below = format!("{path}[{number}]");
            walk(&below, a.items().get(place), b.items().get(place), found);
        }
        return;
    }
    let mut means = rights(path, Some(a), Some(b));
    means.extend(longer_or_shorter(a, b));
    let (before, after) = (Some(value(a)), Some(value(b)));
    found.push(Difference { path: path.to_owned(), before, after, place: b.place.clone(), means });
}

/// One thing alone, and a list of one thing, say the same.
fn same_list(a: &Node, b: &Node) -> bool {
    let texts = |node: &Node| match node.kind() {
        Kind::List => node.items().iter().map(Node::to_json).collect::<Vec<_>>(),
        Kind::Null | Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Text | Kind::Mapping => {
            vec![node.to_json()]
        }
    };
    (a.kind() == Kind::List) != (b.kind() == Kind::List) && texts(a) == texts(b)
}

/// Returns a value in a line.
fn value(node: &Node) -> String {
    let text = match node.kind() {
        Kind::Mapping => {
            let plain =
                |entry: &crate::yaml::Entry| format!("{}: {}", entry.name(), value(&entry.value));
            let entries: Vec<String> = node.entries().iter().map(plain).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Kind::List => {
            let items: Vec<String> = node.items().iter().map(value).collect();
            items.join(", ")
        }
        Kind::Null | Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Text => {
            node.written().trim().lines().next().unwrap_or_default().to_owned()
        }
    };
    if text.chars().count() > LONGEST {
        return text.chars().take(LONGEST).chain(['…']).collect();
    }
    text
}

fn names(node: Option<&Node>) -> BTreeSet<String> {
    let Some(node) = node else { return BTreeSet::new() };
    match node.kind() {
        Kind::List => node.items().iter().map(|item| item.written().to_owned()).collect(),
        Kind::Mapping => BTreeSet::new(),
        Kind::Null | Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Text => {
            std::iter::once(node.written().to_owned()).collect()
        }
    }
}

/// Returns which roles gain or lose something, where the difference is about who may do it.
fn rights(path: &str, old: Option<&Node>, new: Option<&Node>) -> Vec<Meaning> {
    let key = path.rsplit('.').next().unwrap_or_default();
    if !matches!(key, "who" | "acts-for" | "visible-to" | "consent") {
        return Vec::new();
    }
    let (old, new) = (names(old), names(new));
    let gains = new.difference(&old).map(|role| Meaning::Gains(role.clone()));
    let loses = old.difference(&new).map(|role| Meaning::Loses(role.clone()));
    gains.chain(loses).collect()
}

fn longer_or_shorter(a: &Node, b: &Node) -> Option<Meaning> {
    let days = |node: &Node| {
        let term = Term::from_str(node.as_str()?).ok()?;
        let amount = f64::from(term.amount());
        Some(match term.unit() {
            Unit::Hours => amount / 24.0,
            Unit::Days => amount,
            Unit::WorkingDays => amount * 7.0 / 5.0,
            Unit::Weeks => amount * 7.0,
            Unit::Months => amount * 30.4,
            Unit::Years => amount * 365.2,
        })
    };
    let (a, b) = (days(a)?, days(b)?);
    match b.partial_cmp(&a)? {
        std::cmp::Ordering::Less => Some(Meaning::Shorter),
        std::cmp::Ordering::Greater => Some(Meaning::Longer),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let of = |text: &str| Bundle::of_text("a.yaml", text);
        let line = |one: &Difference| {
            let (before, after) = (one.before.as_deref(), one.after.as_deref());
            let (before, after) = (before.unwrap_or("-"), after.unwrap_or("-"));
            let means: Vec<String> = one.means.iter().map(ToString::to_string).collect();
            format!("{} {} {before} → {after} {}", one.word(), one.path, means.join(", "))
        };
        diff(&of(before), &of(after)).unwrap().iter().map(line).collect()
    }

    #[test]
    fn a_difference_is_told_by_its_meaning() {
        let before = "procedure: a\nsteps:\n  horen: { who: [a, b], within: 15 working days }\n  weg: { who: a }\n";
        let after = "# een opmerking\nsteps:\n  horen: { within: 10 working days, who: [a, c] }\n  nieuw: { who: c }\nprocedure: a\n";
        assert_eq!(
            told(before, after),
            [
                "changed steps.horen.within 15 working days → 10 working days shorter",
                "changed steps.horen.who a, b → a, c `c` gains it, `b` loses it",
                "added steps.nieuw - → { who: c } ",
                "removed steps.weg { who: a } → - ",
            ]
        );
    }

    #[test]
    fn layout_and_a_list_of_one_make_no_difference() {
        let before = "procedure: a\nsteps: { x: { who: a } }\n";
        let after = "procedure: a   # x\nsteps:\n  x:\n    who: [a]\n";
        assert_eq!(told(before, after), [""; 0]);
        assert_eq!(told("a: 1 week\n", "a: 7 days\n"), ["changed a 1 week → 7 days "]);
    }
}
