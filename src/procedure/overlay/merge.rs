//! Base and overlay as one tree, and what in the overlay the base does not allow.
//!
//! Only what differs is asked about: to repeat what the base says is no change. What is refused is put in all the same, so
//! that one slip does not make a page of findings about what hangs on it; a text with a refusal holds nowhere.

use super::marks::{Marks, Verb, Whose, is_counted_back, whose};
use super::path::Path;
use super::tighten::{Compared, Law, Way, compare};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::procedure::guard::{Guard, Scope};
use crate::time::{Almanac, Term};
use crate::yaml::{Entry, Kind, Node, Scalar, Value};
use std::collections::BTreeSet;
use std::str::FromStr;

/// What every text says for itself, whatever it builds on. What becomes of cases under way is also said by the base (its
/// steps may have had other names): what stands there stays, unless the overlay says otherwise.
const ITS_OWN: [&str; 6] = ["procedure", "edition", "may", "description", "in-force", "transition"];

/// Keys by which something that was added would undo what the base has.
const REACH_IN: [&str; 7] =
    ["ends", "cancels", "blocks", "replaces", "closes", "deems", "return-to"];

/// The sections whose names can be reached so.
const REACHED: [&str; 4] = ["steps", "at-any-time", "appeals", "phases"];

pub(super) struct Merge<'a> {
    marks: &'a Marks,
    /// The base, whole.
    base: &'a Node,
    almanac: Option<&'a Almanac>,
    pub(super) found: Vec<Diagnostic>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(marks: &'a Marks, base: &'a Node, almanac: Option<&'a Almanac>) -> Self {
        Self { marks, base, almanac, found: Vec::new() }
    }

    /// Returns base and overlay as one text.
    pub(super) fn whole(&mut self, base: &Node, own: &Node) -> Node {
        if own.kind() != Kind::Mapping {
            return own.clone();
        }
        Node { place: own.place.clone(), ..self.mapping(&Path::default(), base, own) }
    }

    /// Merges keys: those of the base in its order, and what the overlay adds behind them.
    fn mapping(&mut self, path: &Path, base: &Node, own: &Node) -> Node {
        let mut entries = base.entries().to_vec();
        for entry in own.entries() {
            let below = path.key(entry.name());
            let place = entries.iter().position(|known| known.name() == entry.name());
            let is_its_own = path.0.is_empty() && ITS_OWN.contains(&entry.name());
            match place.and_then(|place| entries.get_mut(place)) {
                Some(known) if is_its_own => *known = joined(known, entry),
                Some(known) => known.value = self.value(&below, &known.value, &entry.value),
                None if is_its_own => entries.push(entry.clone()),
                None => {
                    self.addition(path, &below, base, entry);
                    entries.push(entry.clone());
                }
            }
        }
        Node { place: base.place.clone(), value: Value::Mapping(entries) }
    }

    /// Merges what stands at a place in both.
    fn value(&mut self, path: &Path, base: &Node, own: &Node) -> Node {
        if is_same(base, own) {
            return base.clone();
        }
        if own.is_null() {
            self.drops(path, base, own);
            return base.clone();
        }
        match self.marks.at(path).map(|mark| mark.verb) {
            // A group stays one, and what is in it stays too.
            Some(Verb::Replace | Verb::Add) if is_group(base) => self.unmarked(path, base, own),
            Some(Verb::Replace) => own.clone(),
            Some(Verb::Add) => beside(path, base, own),
            Some(Verb::Narrow) => self.narrowed(base, own),
            Some(Verb::Shorten) => self.measured(path, base, own, Way::Sooner),
            Some(Verb::Lengthen) => self.measured(path, base, own, Way::Later),
            None => self.unmarked(path, base, own),
        }
    }

    /// Goes down to where a mark may stand.
    fn unmarked(&mut self, path: &Path, base: &Node, own: &Node) -> Node {
        match (&base.value, &own.value) {
            (Value::Mapping(_), Value::Mapping(_)) if is_group(base) => {
                self.mapping(path, base, own)
            }
            (Value::Sequence(known), Value::Sequence(items))
                if items.iter().chain(known).all(|item| item.kind() == Kind::Mapping) =>
            {
                let mut merged = known.clone();
                for (place, item) in items.iter().enumerate() {
                    let below = path.item(place.saturating_add(1));
                    if let Some(known) = merged.get_mut(place) {
                        *known = self.value(&below, known, item);
                    } else {
                        self.not_marked(&below, item, Some(base));
                        merged.push(item.clone());
                    }
                }
                Node { place: base.place.clone(), value: Value::Sequence(merged) }
            }
            (Value::Mapping(_), Value::Scalar(_) | Value::Sequence(_)) if is_group(base) => {
                let finding = Diagnostic::error("wrong-type", &own.place)
                    .message(format!(
                        "`{path}` is a group of keys in the base, and {} here",
                        own.kind().name()
                    ))
                    .label("expected a group of keys")
                    .related(&base.place, "the base says this");
                self.found.push(finding.help("write only the keys that differ"));
                base.clone()
            }
            (Value::Mapping(_) | Value::Sequence(_) | Value::Scalar(_), _) => {
                self.not_marked(path, own, Some(base));
                own.clone()
            }
        }
    }

    /// Asks whether a key may be added.
    fn addition(&mut self, path: &Path, below: &Path, base: &Node, entry: &Entry) {
        let own = self.marks.at(below).map(|mark| mark.verb);
        let may = match own {
            Some(Verb::Add | Verb::Replace | Verb::Narrow) => true,
            // Where the base has no term the organisation may take for ever, and so may anybody else.
            Some(Verb::Shorten) => {
                matches!(entry.name(), "within" | "at-most")
                    && !matches!(whose(below, self.base), Whose::Party(_))
            }
            Some(Verb::Lengthen) => false,
            None => self.marks.adds_to(path),
        };
        if !may {
            let near = did_you_mean(entry.name(), base.entries().iter().map(Entry::name));
            let near = near.map(str::to_owned);
            self.not_marked_key(below, entry, near);
            return;
        }
        if self.is_misspelt_step(path, base, entry) {
            return;
        }
        let keys = below.keys();
        if keys.first() == Some(&"appeals") {
            return;
        }
        let names = self.names();
        let mut waiting = vec![(below.clone(), entry)];
        while let Some((path, entry)) = waiting.pop() {
            self.reaches_in(&path, entry, &names);
            if !matches!(entry.name(), "form" | "properties" | "functions" | "title") {
                let inner = entry
                    .value
                    .entries()
                    .iter()
                    .chain(entry.value.items().iter().flat_map(Node::entries));
                waiting.extend(inner.map(|inner| (path.key(inner.name()), inner)));
            }
        }
    }

    /// A step that nobody does and that comes after nothing would be done at once: most likely one of the base is meant.
    fn is_misspelt_step(&mut self, path: &Path, base: &Node, entry: &Entry) -> bool {
        let says_little = ["who", "after", "ends", "letter", "opens", "within"];
        if path.keys() != ["steps"] || says_little.iter().any(|key| entry.value.get(key).is_some())
        {
            return false;
        }
        let near = did_you_mean(entry.name(), base.entries().iter().map(Entry::name));
        let Some(near) = near.map(str::to_owned) else { return false };
        let (base, name, place) = (&self.marks.base, entry.name(), &entry.key.place);
        let finding = Diagnostic::error("not-marked", place)
            .message(format!("`{base}` has no step `{name}`, and nobody would do this one"))
            .label("not there")
            .help(format!("a step with a similar name exists: `{near}`"))
            .suggest(place.span, near);
        self.found.push(finding);
        true
    }

    /// Returns the names of what the base has that something added could undo.
    fn names(&self) -> BTreeSet<String> {
        let section =
            |section: &&str| self.base.get(section).map(Node::entries).unwrap_or_default();
        let entries = REACHED.iter().flat_map(section);
        entries.map(|entry| entry.name().to_owned()).collect()
    }

    fn reaches_in(&mut self, path: &Path, entry: &Entry, names: &BTreeSet<String>) {
        if !REACH_IN.contains(&entry.name()) || path.0.len() < 3 {
            return;
        }
        let listed = std::iter::once(&entry.value).chain(entry.value.items());
        let mut written = listed.filter_map(Node::as_str);
        let of_base =
            written.find(|name| names.contains(name.split('.').next().unwrap_or_default()));
        let why = match (entry.name(), of_base) {
            ("ends", _) => {
                "what was added can't end a case: the steps of the base would be left out"
                    .to_owned()
            }
            (key, Some(name)) => {
                format!("what was added can't have `{key}` for `{name}`, which the base has")
            }
            (_, None) => return,
        };
        let finding = Diagnostic::error("loosens", &entry.value.place)
            .message(why)
            .label(format!("`{}` allows additions only", self.marks.base))
            .help("leave it out, and let the steps of the base go on as they are");
        self.found.push(finding);
    }

    /// Returns a condition that is true when both are. Each must be one by itself: a bracket that closes what the other opened
    /// would make something else of the two.
    fn narrowed(&mut self, base: &Node, own: &Node) -> Node {
        let found = Guard::compile(own.written(), &Scope::new()).err().unwrap_or_default();
        if let Some(broken) = found.into_iter().find(|finding| finding.code == "guard-syntax") {
            let finding = Diagnostic::error("guard-syntax", &own.place).message(broken.message);
            self.found
                .push(finding.help("write a whole condition: it is asked beside that of the base"));
            return own.clone();
        }
        let text = format!("({}) && ({})", base.written(), own.written());
        Node { place: own.place.clone(), value: Value::Scalar(Scalar { text, quoted: true }) }
    }

    /// Merges a term, rules that give terms, or a number: in one direction only.
    fn measured(&mut self, path: &Path, base: &Node, own: &Node, way: Way) -> Node {
        let Some(almanac) = self.almanac else { return own.clone() };
        if let (Some(known), Some(number)) = (base.as_i64(), own.as_i64()) {
            let is_within = match way {
                Way::Sooner => number <= known,
                Way::Later => number >= known,
            };
            if !is_within {
                self.beyond(path, base, own, way);
            }
            return own.clone();
        }
        let mut law = Law::of(self.base, self.around(path), almanac);
        law.backwards = is_counted_back(path, self.base);
        let (bases, owns) = (rules(base), rules(own));
        let same_conditions = bases.len() == owns.len()
            && bases.iter().zip(&owns).all(|((_, one), (_, other))| one == other);
        for (place, (own_term, _)) in owns.iter().enumerate() {
            let Ok(term) = Term::from_str(own_term.written()) else {
                // A term that is misspelt is reported by what reads it.
                if !own_term.written().starts_with(|first: char| first.is_ascii_digit()) {
                    self.not_comparable(path, base, own_term, None);
                }
                continue;
            };
            for (at, (base_term, _)) in bases.iter().enumerate() {
                if same_conditions && at != place {
                    continue;
                }
                let Ok(known) = Term::from_str(base_term.written()) else {
                    self.not_comparable(path, base_term, own_term, None);
                    break;
                };
                match compare(known, term, way, &law) {
                    Compared::Within => continue,
                    Compared::Beyond => self.beyond(path, base_term, own_term, way),
                    Compared::Incomparable => self.not_comparable(path, base_term, own_term, None),
                    Compared::Sometimes { from, base, own } => {
                        let (sooner, later) = match way {
                            Way::Sooner => (base, own),
                            Way::Later => (own, base),
                        };
                        let when =
                            format!("from {from} the one ends on {sooner}, the other on {later}");
                        self.not_comparable(path, base_term, own_term, Some(when));
                    }
                }
                break;
            }
        }
        own.clone()
    }

    /// Returns the deadline or step of the base in which a term stands: it may have a calendar of its own.
    fn around(&self, path: &Path) -> Option<&'a Node> {
        let keys = path.keys();
        self.base.get(keys.first()?)?.get(keys.get(1)?)
    }

    fn beyond(&mut self, path: &Path, base: &Node, own: &Node, way: Way) {
        let (shorter, word, limit) = match way {
            Way::Sooner => ("shorter", "longer", "or less"),
            Way::Later => ("longer", "shorter", "or more"),
        };
        let (said, known) = (own.written(), base.written());
        let finding = Diagnostic::error("loosens", &own.place)
            .message(format!("`{path}` may only get {shorter} than in `{}`", self.marks.base))
            .label(format!("{word} than `{known}`"))
            .related(&base.place, format!("the base says `{known}`"))
            .help(format!("write `{known}` {limit} instead of `{said}`, or leave it out"));
        self.found.push(self.cited(finding, path));
    }

    fn not_comparable(&mut self, path: &Path, base: &Node, own: &Node, when: Option<String>) {
        let (said, known) = (own.written(), base.written());
        let unit = Term::from_str(known).map(|term| term.unit().plural());
        let finding = Diagnostic::error("not-comparable", &own.place)
            .message(match &when {
                Some(_) => format!("`{said}` is sometimes more and sometimes less than `{known}`"),
                None => format!("`{said}` can't be held against `{known}`"),
            })
            .label(when.unwrap_or_else(|| "not counted in the same way".to_owned()))
            .related(&base.place, format!("the base says `{known}`"));
        let finding = match unit {
            Ok(unit) => finding.help(format!("write it in {unit}, as the base does")),
            Err(_) => finding.help("leave it out: the base reads its term from the case"),
        };
        self.found.push(self.cited(finding, path));
    }

    fn not_marked(&mut self, path: &Path, own: &Node, base: Option<&Node>) {
        let finding = Diagnostic::error("not-marked", &own.place)
            .message(format!("`{}` does not let `{path}` be changed", self.marks.base))
            .label("not marked there");
        let finding = match base {
            Some(base) => finding.related(&base.place, "the base says this"),
            None => finding,
        };
        let help = self.what_may_be(path);
        self.found.push(self.cited(finding.help(help), path));
    }

    fn not_marked_key(&mut self, path: &Path, entry: &Entry, near: Option<String>) {
        let finding = Diagnostic::error("not-marked", &entry.key.place)
            .message(format!("`{}` has no `{path}`, and lets none be added", self.marks.base));
        self.found.push(match near {
            Some(near) => finding
                .label("not there")
                .help(format!("there is something with a similar name: `{near}`"))
                .suggest(entry.key.place.span, near),
            None => finding.label("not marked there").help(self.what_may_be(path)),
        });
    }

    fn drops(&mut self, path: &Path, base: &Node, own: &Node) {
        let finding = Diagnostic::error("drops", &own.place)
            .message(format!("`{path}` can't be taken away: `{}` has it", self.marks.base))
            .label("nothing stands here")
            .related(&base.place, "the base says this");
        let help = "leave the key out, and what the base says holds";
        self.found.push(self.cited(finding.help(help), path));
    }

    /// Says what may be changed of the thing at a path.
    fn what_may_be(&self, path: &Path) -> String {
        let beside = self.marks.beside(path);
        if beside.is_empty() {
            return "leave it out: nothing of it may be changed (see `may` in the base)".to_owned();
        }
        format!("leave it out; what may be changed is {}", beside.join(", "))
    }

    /// Names the law by which the base has what stands at a path.
    fn cited(&self, finding: Diagnostic, path: &Path) -> Diagnostic {
        let cite = self.around(path).and_then(|around| around.get("cite"));
        match cite.and_then(Node::as_str) {
            Some(cite) => finding.cite(cite),
            None => finding,
        }
    }
}

/// Says whether two values mean the same: one thing alone, and a list of one thing, do.
fn is_same(base: &Node, own: &Node) -> bool {
    let alone = |node: &Node| match node.items() {
        [only] if only.scalar().is_some() => only.to_json(),
        [] | [_, ..] => node.to_json(),
    };
    alone(base) == alone(own)
}

/// Says whether a mapping is a group of keys that have a meaning each, and not one value: a text in several languages, a
/// condition or the start of a term.
fn is_group(node: &Node) -> bool {
    const OF_ONE_VALUE: [&str; 10] = [
        "nl",
        "en",
        "all",
        "any",
        "applicable",
        "at-least",
        "earliest",
        "latest",
        "of",
        "otherwise",
    ];
    let is_part = |entry: &Entry| OF_ONE_VALUE.contains(&entry.name());
    node.kind() == Kind::Mapping
        && (node.entries().is_empty() || !node.entries().iter().all(is_part))
}

/// Returns what a text says for itself: key by key beside what the base says, or in its place.
fn joined(base: &Entry, own: &Entry) -> Entry {
    let is_joined = matches!(own.name(), "in-force" | "transition");
    if !is_joined || own.value.kind() != Kind::Mapping {
        return own.clone();
    }
    let mut entries = own.value.entries().to_vec();
    let is_new = |entry: &&Entry| own.value.get(entry.name()).is_none();
    entries.extend(base.value.entries().iter().filter(is_new).cloned());
    let value = Node { value: Value::Mapping(entries), ..own.value.clone() };
    Entry { key: own.key.clone(), value }
}

/// Returns what two lists hold together, what stands in both once. Of a condition this means that both must come.
fn beside(path: &Path, base: &Node, own: &Node) -> Node {
    let is_condition = matches!(path.last_key(), "after" | "met-by");
    let items = |node: &Node| -> Vec<Node> {
        match node.kind() {
            Kind::List => node.items().to_vec(),
            Kind::Mapping if is_condition && node.get("all").is_some() => {
                node.get("all").map(Node::items).unwrap_or_default().to_vec()
            }
            Kind::Mapping
            | Kind::Null
            | Kind::Boolean
            | Kind::Integer
            | Kind::Decimal
            | Kind::Text => vec![node.clone()],
        }
    };
    let mut all = items(base);
    for item in items(own) {
        if !all.iter().any(|known| known.to_json() == item.to_json()) {
            all.push(item);
        }
    }
    Node { place: base.place.clone(), value: Value::Sequence(all) }
}

/// Returns the terms of a value, each with the condition under which it is read.
fn rules<'n>(node: &'n Node) -> Vec<(&'n Node, Option<&'n str>)> {
    if node.kind() != Kind::List {
        return vec![(node, None)];
    }
    let rule =
        |item: &'n Node| (item.get("term").unwrap_or(item), item.get("when").map(Node::written));
    node.items().iter().map(rule).collect()
}
