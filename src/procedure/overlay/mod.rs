//! Overlays: the text of an organisation that builds on a base and says only what differs.
//!
//! A law and the model of a ministry leave an organisation room, and not everywhere: a municipality may answer a
//! complaint sooner than the Awb asks, and not later. So whoever writes the base marks what others may change and how
//! (`may`), and a text that builds on it (`base: awb-9@2026`) can do that and nothing else. What is not marked stays as
//! it is; nothing is ever taken away. To *tighten* means, seen from whoever has rights in the procedure: a term that
//! binds the organisation may get shorter, a term in which somebody may act longer; duties kept apart, rights, letters,
//! steps and conditions before an outcome may be added, and what is added may not undo what the base has.
//!
//! The two are put together as trees, before anything else is read ([`effective`]): every key and value keeps the place
//! at which it stands, in the one file or the other, so that all later findings and refusals point at the right line,
//! and what compiles is one text that needs no base any more. That text can be printed (`print`).
//!
//! - `path`: where something stands in a text, and the patterns by which marks name it.
//! - `marks`: `may`, and whether it makes sense by itself.
//! - `merge`: base and overlay as one tree, and what the base does not allow.
//! - `tighten`: which of two terms ends sooner, by counting.
//! - `shipped`: the bases that come with the program.

mod marks;
mod merge;
mod path;
pub mod print;
mod shipped;
mod tighten;

pub use shipped::{SHIPPED, ShippedBase, shipped};

pub(super) use marks::check;

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::time::Almanac;
use crate::yaml::{Entry, Node, Scalar, Value};
use marks::Marks;
use merge::Merge;

/// The most bases that lie under a text, one under the other.
pub const MOST_BASES: usize = 3;

/// The keys of a text that say how it stands to others; they are no part of what holds.
const OF_THE_TEXT: [&str; 3] = ["base", "edition", "may"];

/// Returns the base that a text builds on, as written: `awb-9@2026`.
pub fn base_of(root: &Node) -> Option<&Node> {
    root.get("base").filter(|node| node.as_str().is_some())
}

/// Returns the name under which others build on a text, with its edition.
pub fn edition_of(root: &Node) -> Option<&str> {
    root.get("edition").and_then(Node::as_str)
}

/// A text with its base put under it.
#[derive(Debug)]
pub struct Effective {
    /// The text that holds: base and overlay as one. Where something is refused it is what was meant, for further checks.
    pub root: Node,
    /// What the bases do not allow, in the order in which it was found; the text does not hold where there is any.
    pub refused: Vec<Diagnostic>,
}

/// Puts a text and the bases under it together, the nearest first. Without an almanac no mark is asked: the text was
/// checked when it was published.
///
/// `bases` are whole texts, of which the last builds on nothing.
pub fn effective(own: &Node, bases: &[Node], almanac: Option<&Almanac>) -> Effective {
    let Some((nearest, further)) = bases.split_first() else {
        return Effective { root: own.clone(), refused: Vec::new() };
    };
    let Effective { root: base, mut refused } = effective(nearest, further, almanac);
    if almanac.is_some() {
        // A mark that would take something away holds for nobody.
        refused.extend(marks::check(&base));
    }
    if let (Some(_), Some((under, below))) = (almanac, further.split_first()) {
        let under_it = effective(under, below, None).root;
        refused.extend(marks::beyond(nearest, &base, under, &under_it));
    }
    let marks = Marks::of(nearest);
    let mut merge = Merge::new(&marks, &base, almanac);
    let root = merge.whole(&without(&base, &OF_THE_TEXT), &without(own, &["base"]));
    if almanac.is_some() {
        refused.extend(merge.found);
    }
    Effective { root, refused }
}

/// Adds what else was found in a text of which something is refused: findings about what is refused say it twice.
pub fn with_others(refused: Vec<Diagnostic>, others: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let known = |other: &Diagnostic| {
        refused.iter().any(|refused| {
            let (a, b) = (&refused.place, &other.place);
            a.source == b.source && (a.span.contains(b.span) || b.span.contains(a.span))
        })
    };
    let others: Vec<Diagnostic> = others.into_iter().filter(|other| !known(other)).collect();
    crate::diagnostic::in_order(refused.into_iter().chain(others).collect())
}

/// Returns a text without some of the keys at its top.
fn without(root: &Node, keys: &[&str]) -> Node {
    let kept = root.entries().iter().filter(|entry| !keys.contains(&entry.name())).cloned();
    match &root.value {
        Value::Mapping(_) => Node { value: Value::Mapping(kept.collect()), ..root.clone() },
        Value::Scalar(_) | Value::Sequence(_) => root.clone(),
    }
}

/// Returns a base, or one of its files, with the paths of files named so that they are found from anywhere:
/// `awb-9@2026/brieven/ontvangst`.
pub fn with_files_of(node: &Node, name: &str) -> Node {
    let value = match &node.value {
        Value::Scalar(_) => node.value.clone(),
        Value::Sequence(items) => {
            Value::Sequence(items.iter().map(|item| with_files_of(item, name)).collect())
        }
        Value::Mapping(entries) => {
            let entry = |entry: &Entry| {
                let path = matches!(entry.name(), "form" | "$ref" | "template")
                    .then(|| entry.value.as_str())
                    .flatten()
                    .filter(|path| !path.starts_with('#') && in_base(path).is_none());
                let value = match path {
                    Some(path) => {
                        let text = format!("{name}/{}", path.trim_start_matches("./"));
                        let value = Value::Scalar(Scalar { text, quoted: true });
                        Node { value, ..entry.value.clone() }
                    }
                    None => with_files_of(&entry.value, name),
                };
                Entry { key: entry.key.clone(), value }
            };
            Value::Mapping(entries.iter().map(entry).collect())
        }
    };
    Node { value, ..node.clone() }
}

/// Returns the base of which a path names a file, and the rest: of `awb-9@2026/brieven/ontvangst`, what stands before and
/// after the first slash.
pub fn in_base(path: &str) -> Option<(&str, &str)> {
    path.split_once('/').filter(|(name, _)| name.contains('@'))
}

/// Returns the finding about a base that is nowhere.
pub fn no_such_base(written: &Node, known: &[String]) -> Diagnostic {
    let name = written.written();
    let finding = Diagnostic::error("no-such-base", &written.place)
        .message(format!("there is no base `{name}`"))
        .label("no text has this edition");
    let (of, _) = name.split_once('@').unwrap_or((name, ""));
    let same = |known: &&String| known.split_once('@').is_some_and(|(known, _)| known == of);
    let near = did_you_mean(name, known.iter().map(String::as_str));
    if let Some(near) = near.or_else(|| known.iter().find(same).map(String::as_str)) {
        let finding = finding.help(format!("a base with a similar name exists: `{near}`"));
        return finding.suggest(written.place.span, near);
    }
    finding.help("put its text into the folder `bases` beside the procedure, with `edition: NAME@EDITION` at its top")
}

/// Returns the finding about a base that builds on itself.
pub fn circular_base(written: &Node) -> Diagnostic {
    Diagnostic::error("circular-base", &written.place)
        .message(format!("`{}` builds on itself", written.written()))
        .label("it lies under this text already")
        .help("let one of them build on nothing: a base with all steps and roles")
}

/// Returns the finding about a text with too many bases under each other.
pub fn too_many_bases(written: &Node) -> Diagnostic {
    Diagnostic::error("too-many-bases", &written.place)
        .message(format!("more than {MOST_BASES} bases lie under each other"))
        .label("one too many")
        .help("build on one of the lower ones")
}

/// Returns the finding about a file that has the name of a base that is shipped and says something else.
pub fn base_differs(written: &Node, file: &Node) -> Diagnostic {
    let name = written.written();
    let place = file.entry("edition").map_or(&file.place, |entry| &entry.value.place);
    Diagnostic::error("base-differs", &written.place)
        .message(format!("the text at hand is not the `{name}` that comes with the program"))
        .label("two texts have this name and edition")
        .related(place, "the text at hand")
        .help("give your own text another name or edition: who reads `base` must know what it stands for")
}

#[cfg(test)]
mod tests;
