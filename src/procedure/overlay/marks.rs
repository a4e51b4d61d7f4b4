//! `may`: what the author of a base lets others change, and how; and whether that makes sense by itself.
//!
//! A mark that names nothing, or that would let an organisation take away from whoever has rights, is a finding in the
//! base: nobody who builds on it can mend that.

use super::path::{Path, Pattern};
use super::{base_of, edition_of};
use crate::diagnostic::{Diagnostic, Place, did_you_mean};
use crate::time::Term;
use crate::yaml::{Kind, Node};
use std::str::FromStr;

/// What may be done to something that is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    /// A term that binds the organisation, or a number of times, may get less.
    Shorten,
    /// A term in which somebody else may act may get longer.
    Lengthen,
    /// A condition may get another one beside it, and both must hold.
    Narrow,
    /// Something may come beside what is there.
    Add,
    /// It may be something else: what the base leaves free.
    Replace,
}

impl Verb {
    const ALL: [Verb; 5] = [Verb::Shorten, Verb::Lengthen, Verb::Narrow, Verb::Add, Verb::Replace];

    /// Returns the key under which its marks stand.
    pub(super) fn key(self) -> &'static str {
        match self {
            Verb::Shorten => "shorten",
            Verb::Lengthen => "lengthen",
            Verb::Narrow => "narrow",
            Verb::Add => "add",
            Verb::Replace => "replace",
        }
    }
}

/// Something that may be changed.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) verb: Verb,
    pattern: Pattern,
    /// The pattern as written.
    pub(super) text: String,
    place: Place,
}

/// All that a base lets others change.
#[derive(Debug)]
pub(super) struct Marks {
    /// The name and edition of the base.
    pub(super) base: String,
    marks: Vec<Mark>,
}

impl Marks {
    /// Reads the marks of a text; the schema says what is wrong with one that can't be read.
    pub(super) fn of(root: &Node) -> Self {
        let mut marks = Vec::new();
        for verb in Verb::ALL {
            let listed = root.get("may").and_then(|may| may.get(verb.key()));
            for item in listed.map(Node::items).unwrap_or_default() {
                if let Some(pattern) = Pattern::read(item.written()) {
                    let (text, place) = (item.written().to_owned(), item.place.clone());
                    marks.push(Mark { verb, pattern, text, place });
                }
            }
        }
        Self { base: edition_of(root).unwrap_or_default().to_owned(), marks }
    }

    /// Returns what may be done to what stands at a path: its own mark, or that of something around it that may be replaced.
    pub(super) fn at(&self, path: &Path) -> Option<&Mark> {
        let own = self.marks.iter().find(|mark| mark.pattern.is(path));
        let around = |mark: &&Mark| mark.verb == Verb::Replace && mark.pattern.covers(path);
        own.or_else(|| self.marks.iter().find(around))
    }

    /// Says whether keys may be added to what stands at a path.
    pub(super) fn adds_to(&self, path: &Path) -> bool {
        self.at(path).is_some_and(|mark| match mark.verb {
            Verb::Add => mark.pattern.is(path),
            Verb::Replace => true,
            Verb::Shorten | Verb::Lengthen | Verb::Narrow => false,
        })
    }

    /// Returns the marks on parts of the same thing, as written: of `steps.x.who`, those of `steps.x`.
    pub(super) fn beside(&self, path: &Path) -> Vec<String> {
        let keys = path.keys();
        let of_same = |mark: &&Mark| {
            let depth = keys.len().min(2);
            let steps: Vec<&str> = mark.text.split('.').collect();
            let same = |(wanted, key): (&&str, &&str)| {
                *wanted == "*" || wanted.split('[').next() == Some(*key)
            };
            steps.iter().zip(keys.iter().take(depth)).all(same)
        };
        let beside = self.marks.iter().filter(of_same);
        beside.map(|mark| format!("`{}: {}`", mark.verb.key(), mark.text)).take(6).collect()
    }
}

/// What can be marked although a base may not have it: whoever builds on it writes the first.
const CAN_BE_ABSENT: [&str; 25] = [
    "after",
    "allowed",
    "apart",
    "appeals",
    "asked",
    "at-any-time",
    "cite",
    "copy-to",
    "deadlines",
    "description",
    "enclose",
    "form",
    "functions",
    "letter",
    "letters",
    "must-contain",
    "not",
    "outcomes",
    "phases",
    "reference",
    "sources",
    "title",
    "warn",
    "when",
    "within",
];

/// What decides how all terms are counted, or which text this is: never an organisation's to change.
const NOT_TO_BE_MARKED: [&str; 9] = [
    "procedure",
    "base",
    "edition",
    "may",
    "jurisdiction",
    "time-zone",
    "calendar",
    "counting",
    "roll",
];

/// Keys whose one value can stand alone, and to which another can come.
const CAN_BE_LISTS: [&str; 19] = [
    "acts-for",
    "after",
    "asked",
    "consent",
    "copy-to",
    "enclose",
    "met-by",
    "must-contain",
    "not",
    "owes",
    "parts",
    "represents",
    "suspends",
    "tell",
    "to",
    "visible-to",
    "warn",
    "who",
    "hidden-from",
];

/// Finds marks that don't make sense in the text in which they stand.
pub(in crate::procedure) fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let (Some(may), None) = (root.entry("may"), root.get("edition")) {
        let finding = Diagnostic::error("no-edition", &may.key.place)
            .message("nobody can build on a text without an edition")
            .label("nothing says which text this is");
        found.push(finding.help("write `edition: NAME@EDITION` at the top, as in `awb-9@2026`"));
    }
    let all = everything(root);
    let marks = Marks::of(root);
    let mut seen: Vec<(&Mark, &Path)> = Vec::new();
    for mark in &marks.marks {
        let meant: Vec<&(Path, &Node)> =
            all.iter().filter(|(path, _)| mark.pattern.is(path)).collect();
        if meant.is_empty() && !may_be_absent(mark, &all) {
            found.push(of_nothing(mark, &all));
            continue;
        }
        let other = |(other, path): &&(&Mark, &Path)| {
            other.verb != mark.verb && meant.iter().any(|(meant, _)| meant == *path)
        };
        if let Some((other, path)) = seen.iter().find(other) {
            let finding = Diagnostic::error("marked-twice", &mark.place)
                .message(format!("`{path}` is marked twice"))
                .label(format!("also under `{}`", other.verb.key()))
                .related(&other.place, "the other mark");
            found.push(finding.help("keep the one that is meant"));
        }
        found.extend(meant.iter().find_map(|(path, node)| unfit(mark, path, node, false, root)));
        if meant.is_empty() {
            found.extend(
                absent(mark, &all).find_map(|(path, node)| unfit(mark, &path, node, true, root)),
            );
        }
        seen.extend(meant.into_iter().map(|(path, _)| (mark, path)));
    }
    found
}

/// Finds marks of a base that give away what the base under it keeps.
pub(super) fn beyond(text: &Node, whole: &Node, under: &Node, under_it: &Node) -> Vec<Diagnostic> {
    let (marks, limits) = (Marks::of(text), Marks::of(under));
    let (all, below) = (everything(whole), everything(under_it));
    let is_below = |path: &Path| below.iter().any(|(known, _)| known == path);
    let mut found = Vec::new();
    for mark in &marks.marks {
        let meant = all.iter().map(|(path, _)| path).filter(|path| mark.pattern.is(path));
        let given_away = meant.filter(|path| is_below(path)).find(|path| {
            let limit = limits.at(path).map(|limit| limit.verb);
            limit != Some(mark.verb) && limit != Some(Verb::Replace)
        });
        if let Some(path) = given_away {
            let below = base_of(text).map(Node::written).unwrap_or_default();
            let finding = Diagnostic::error("not-marked", &mark.place)
                .message(format!("`{below}` does not let `{path}` be changed so"))
                .label(format!("`{}` is not marked there", mark.verb.key()))
                .help("a base passes on what it may do itself, and no more: leave the mark out");
            found.push(finding);
        }
    }
    found
}

/// Returns all that stands in a text, with its path.
fn everything(root: &Node) -> Vec<(Path, &Node)> {
    let mut all = Vec::new();
    let mut waiting = vec![(Path::default(), root)];
    while let Some((path, node)) = waiting.pop() {
        for entry in node.entries() {
            if !(path.0.is_empty() && entry.name() == "may") {
                waiting.push((path.key(entry.name()), &entry.value));
            }
        }
        for (place, item) in node.items().iter().enumerate() {
            waiting.push((path.item(place.saturating_add(1)), item));
        }
        // A place in a list is named by the list; its number names it alone.
        if !path.0.is_empty() {
            all.push((path, node));
        }
    }
    all.sort_by_key(|(_, node)| node.place.span);
    all
}

fn may_be_absent(mark: &Mark, all: &[(Path, &Node)]) -> bool {
    let Some((parent, Some(key))) = mark.pattern.split() else { return false };
    let at_the_top = !mark.text.contains('.');
    let is_there = at_the_top
        || all.iter().any(|(path, node)| parent.is(path) && node.kind() == Kind::Mapping);
    mark.verb != Verb::Lengthen && CAN_BE_ABSENT.contains(&key) && is_there
}

/// Returns where what a mark names would stand if somebody wrote it, each with the value that stands for nothing there.
fn absent<'n>(mark: &Mark, all: &[(Path, &'n Node)]) -> impl Iterator<Item = (Path, &'n Node)> {
    let split = mark.pattern.split();
    let (parent, key) = match split {
        Some((parent, Some(key))) => (Some(parent), key.to_owned()),
        Some((_, None)) | None => (None, String::new()),
    };
    let around = all.iter().filter(|(path, node)| {
        node.kind() == Kind::Mapping && parent.as_ref().is_some_and(|parent| parent.is(path))
    });
    let around: Vec<(Path, &Node)> = around.map(|(path, node)| (path.key(&key), *node)).collect();
    around.into_iter()
}

fn of_nothing(mark: &Mark, all: &[(Path, &Node)]) -> Diagnostic {
    let finding = Diagnostic::error("mark-of-nothing", &mark.place)
        .message(format!("nothing stands at `{}`", mark.text))
        .label("this names nothing in the text");
    let paths: Vec<String> = all.iter().map(|(path, _)| path.to_string()).collect();
    match did_you_mean(&mark.text, paths.iter().map(String::as_str)) {
        Some(near) => finding
            .help(format!("there is something with a similar name: `{near}`"))
            .suggest(mark.place.span, near),
        None => {
            finding.help("write the keys down to it, with `*` for any name: `letters.*.template`")
        }
    }
}

/// Returns why a mark can't stand for something that it names; what is absent has what stands around it as its node.
fn unfit(
    mark: &Mark,
    path: &Path,
    node: &Node,
    is_absent: bool,
    root: &Node,
) -> Option<Diagnostic> {
    let key = path.last_key();
    let does_not_fit = |why: &str, help: &str| {
        let finding = Diagnostic::error("mark-does-not-fit", &mark.place)
            .message(format!("`{}` is nothing for `{path}`", mark.verb.key()))
            .label(why.to_owned())
            .related(&node.place, "this is meant");
        Some(finding.help(help.to_owned()))
    };
    if NOT_TO_BE_MARKED.contains(&key) {
        let help = "who may change how days are counted may change every term";
        return does_not_fit("the same for all who build on it", help);
    }
    match mark.verb {
        Verb::Shorten | Verb::Lengthen if !is_measured(node) && !is_absent => {
            return does_not_fit(
                "this is no term",
                "name the term itself, as in `deadlines.x.within`",
            );
        }
        Verb::Narrow if !matches!(key, "when" | "allowed") => {
            return does_not_fit("this is no condition", "name a `when` or an `allowed`");
        }
        Verb::Add
            if !matches!(node.kind(), Kind::Mapping | Kind::List)
                && !CAN_BE_LISTS.contains(&key) =>
        {
            return does_not_fit(
                "nothing can come beside it",
                "`replace` lets it be something else",
            );
        }
        Verb::Shorten | Verb::Lengthen | Verb::Narrow | Verb::Add | Verb::Replace => {}
    }
    // Until ten days before a hearing: a shorter term leaves the organisation more time, and others less.
    let measured = match (mark.verb, is_counted_back(path, root)) {
        (Verb::Shorten, true) => Verb::Lengthen,
        (Verb::Lengthen, true) => Verb::Shorten,
        (verb, _) => verb,
    };
    let loosens = match (measured, whose(path, root)) {
        (Verb::Shorten, Whose::Party(role)) => Some(format!("`{role}` would get less time")),
        (Verb::Lengthen, Whose::Staff) => Some("the organisation would get more time".to_owned()),
        (Verb::Narrow, Whose::Party(role)) if key == "when" => {
            Some(format!("`{role}` could do it less often"))
        }
        (Verb::Add, Whose::Party(_) | Whose::Staff | Whose::Nobody)
            if path.keys() == ["case", "required"] =>
        {
            Some("fewer would get a case".to_owned())
        }
        (
            Verb::Shorten | Verb::Lengthen | Verb::Narrow | Verb::Add | Verb::Replace,
            Whose::Party(_) | Whose::Staff | Whose::Nobody,
        ) => None,
    };
    let loosens = loosens?;
    let finding = Diagnostic::error("mark-loosens", &mark.place)
        .message(format!("`{}` would take something away at `{path}`", mark.verb.key()))
        .label(loosens)
        .related(&node.place, "this is meant");
    Some(finding.help(match mark.verb {
        Verb::Shorten => "`lengthen` it, and name the terms that may get shorter one by one",
        Verb::Lengthen => "`shorten` it, and name the terms that may get longer one by one",
        Verb::Narrow | Verb::Add | Verb::Replace => "leave the mark out",
    }))
}

/// Says whether a value is a term, rules that give terms, or a number.
fn is_measured(node: &Node) -> bool {
    let is_term = |node: &Node| node.as_str().is_some_and(|text| Term::from_str(text).is_ok());
    let is_rule = |item: &Node| item.get("term").is_some_and(is_term);
    let rules = node.items();
    is_term(node) || node.as_i64().is_some() || !rules.is_empty() && rules.iter().all(is_rule)
}

/// Says whether a term is that of a deadline which is counted back from something.
pub(super) fn is_counted_back(path: &Path, root: &Node) -> bool {
    let ["deadlines", name, "within", ..] = path.keys()[..] else { return false };
    let deadline = root.get("deadlines").and_then(|deadlines| deadlines.get(name));
    deadline.is_some_and(|deadline| deadline.get("before").is_some())
}

/// Who acts within a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Whose {
    /// Somebody who has rights: the role.
    Party(String),
    /// The organisation.
    Staff,
    /// That can't be told: nobody in particular.
    Nobody,
}

/// Returns who acts in what stands at a path: who does the step, who appeals, or who meets the deadline.
pub(super) fn whose(path: &Path, root: &Node) -> Whose {
    let keys = path.keys();
    let (Some(section), Some(name)) = (keys.first(), keys.get(1)) else { return Whose::Nobody };
    let named = root.get(section).and_then(|section| section.get(name));
    match *section {
        "steps" | "at-any-time" | "appeals" => {
            named.map_or(Whose::Nobody, |step| who_acts(step, root))
        }
        "deadlines" => {
            let Some(met_by) = named.and_then(|deadline| deadline.get("met-by")) else {
                return Whose::Nobody;
            };
            let steps = scalars(met_by);
            let act = |step: &&str| {
                let name = step.split('.').next().unwrap_or_default();
                let of = |section: &str| root.get(section).and_then(|section| section.get(name));
                let step = of("steps").or_else(|| of("at-any-time"));
                step.map_or(Whose::Nobody, |step| who_acts(step, root))
            };
            let acting: Vec<Whose> = steps.iter().map(act).collect();
            let party = || acting.iter().find(|whose| matches!(whose, Whose::Party(_)));
            if acting.contains(&Whose::Staff) {
                Whose::Staff
            } else {
                party().cloned().unwrap_or(Whose::Nobody)
            }
        }
        _ => Whose::Nobody,
    }
}

fn who_acts(step: &Node, root: &Node) -> Whose {
    let Some(who) = step.get("who") else { return Whose::Nobody };
    let is_party = |role: &&str| {
        let role = root.get("roles").and_then(|roles| roles.get(role));
        role.and_then(|role| role.get("party")).and_then(Node::as_bool) == Some(true)
    };
    match scalars(who).into_iter().find(is_party) {
        Some(role) => Whose::Party(role.to_owned()),
        None => Whose::Staff,
    }
}

/// Returns the texts anywhere in a value.
fn scalars(node: &Node) -> Vec<&str> {
    match node.kind() {
        Kind::Mapping => node.entries().iter().flat_map(|entry| scalars(&entry.value)).collect(),
        Kind::List => node.items().iter().flat_map(scalars).collect(),
        Kind::Null | Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Text => {
            vec![node.written()]
        }
    }
}
