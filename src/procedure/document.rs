//! A procedure as its author wrote it: typed, and every name and value with its place.
//!
//! The JSON Schema has seen the text before, so reading takes what it can and passes over the rest: what is wrong there
//! was reported already, and one mistake must give one finding.

use super::access::AccessDocument;
use super::between::BetweenDocument;
use super::people::{ApartDocument, PanelDocument, SameDocument};
use super::transition::TransitionDocument;
use crate::diagnostic::Place;
use crate::language::Text;
use crate::yaml::{Node, Value};

/// A name, term, guard or other text as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What follows after `after:` or `met-by:`.
#[derive(Debug, Clone)]
pub enum ConditionDocument {
    /// One fact: `step`, `step.outcome`, `step.final`, `deadline.lapsed`.
    Fact(Written),
    /// Every one.
    All(Vec<ConditionDocument>),
    /// The first.
    Any(Vec<ConditionDocument>),
    /// Every one that is not ruled out.
    Applicable(Vec<ConditionDocument>),
    /// So many of them.
    AtLeast(Written, Vec<ConditionDocument>),
}

/// What follows after `starts:` or `before:`.
#[derive(Debug, Clone)]
pub enum AnchorDocument {
    /// One event: `received`, `step`, `step.due`, `deadline.end`, `data.field`, …
    Event(Written),
    /// The first of several.
    Earliest(Vec<AnchorDocument>),
    /// The last of several.
    Latest(Vec<AnchorDocument>),
    /// One, or another as long as that has not come.
    OrElse(Box<AnchorDocument>, Box<AnchorDocument>),
}

/// What follows after `within:`.
#[derive(Debug, Clone)]
pub struct WithinDocument {
    /// The key.
    pub place: Place,
    /// One term, or rules that are read from the top.
    pub rules: Vec<TermDocument>,
}

/// One rule of `within`.
#[derive(Debug, Clone)]
pub struct TermDocument {
    /// The term, or the item of the list.
    pub place: Place,
    /// `term`: a term, or the field that it stands in.
    pub term: Option<Written>,
    /// `when`.
    pub when: Option<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

/// What follows after `no-later-than:` or `no-earlier-than:`.
#[derive(Debug, Clone)]
pub struct BoundDocument {
    /// The key.
    pub place: Place,
    /// The term.
    pub within: Option<Written>,
    /// From which event it is counted.
    pub starts: Option<AnchorDocument>,
}

/// What follows after `then:` or the effect of an appeal.
#[derive(Debug, Clone)]
pub struct ReturnDocument {
    /// The step.
    pub to: Written,
    /// How often.
    pub limit: Option<u32>,
}

/// What a form is: a file, or the schema itself.
#[derive(Debug, Clone)]
pub enum FormDocument {
    /// The path of a file in the workspace.
    File(Written),
    /// The schema.
    Inline(Node),
}

/// A whole file.
#[derive(Debug, Clone)]
pub struct ProcedureDocument {
    /// The whole text.
    pub root: Node,
    /// `procedure`.
    pub name: Written,
    /// `title`.
    pub title: Option<Text>,
    /// `description`.
    pub description: Option<Text>,
    /// `cite`.
    pub cite: Option<String>,
    /// `sources`.
    pub sources: Vec<Written>,
    /// `in-force`.
    pub in_force: Option<InForceDocument>,
    /// `transition`.
    pub transition: Option<TransitionDocument>,
    /// `jurisdiction`.
    pub jurisdiction: Option<Written>,
    /// `time-zone`.
    pub time_zone: Option<Written>,
    /// `calendar`.
    pub calendar: Option<Written>,
    /// `counting`.
    pub counting: Option<Written>,
    /// `reference`.
    pub reference: Option<Written>,
    /// `roles`.
    pub roles: Vec<RoleDocument>,
    /// `apart`.
    pub apart: Vec<ApartDocument>,
    /// `same`.
    pub same: Vec<SameDocument>,
    /// `case`.
    pub case: Option<CaseDocument>,
    /// `deadlines`.
    pub deadlines: Vec<DeadlineDocument>,
    /// `functions`.
    pub functions: Vec<FunctionDocument>,
    /// `phases`.
    pub phases: Vec<PhaseDocument>,
    /// `steps`.
    pub steps: Vec<StepDocument>,
    /// `at-any-time`.
    pub acts: Vec<StepDocument>,
    /// `appeals`.
    pub appeals: Vec<AppealDocument>,
    /// `letters`.
    pub letters: Vec<LetterDocument>,
    /// `records`.
    pub records: Option<RecordsDocument>,
}

/// `in-force`.
#[derive(Debug, Clone)]
pub struct InForceDocument {
    /// First day.
    pub from: Option<Written>,
    /// Last day.
    pub until: Option<Written>,
    /// The date that decides.
    pub selected_by: Option<Written>,
}

/// One of `roles`.
#[derive(Debug, Clone)]
pub struct RoleDocument {
    /// Its key.
    pub name: Written,
    /// `title`.
    pub title: Option<Text>,
    /// `description`.
    pub description: Option<Text>,
    /// `party`.
    pub party: bool,
    /// `acts-for`.
    pub acts_for: Vec<Written>,
    /// `several`: nothing where it is left out.
    pub several: Option<Written>,
    /// `represents`.
    pub represents: Vec<Written>,
    /// `not`.
    pub not: Vec<Written>,
    /// `breach`.
    pub breach: Option<Written>,
    /// `may-assign`.
    pub may_assign: bool,
    /// `cite`.
    pub cite: Option<String>,
}

/// `case`.
#[derive(Debug, Clone)]
pub struct CaseDocument {
    /// The key.
    pub place: Place,
    /// `who`.
    pub who: Vec<Written>,
    /// `correct`.
    pub correct: Vec<Written>,
    /// Whether `correct` is there.
    pub has_correct: bool,
    /// What is done with a case as a whole: `relate`, `join`, `split`, `transfer`, `reopen`.
    pub between: BetweenDocument,
    /// `parties`, `anonymous`, and who may see a case.
    pub access: AccessDocument,
    /// `channels`.
    pub channels: Vec<Written>,
    /// `required`.
    pub required: Vec<Written>,
    /// `asked`.
    pub asked: Vec<Written>,
    /// The schema of the data: `required` and `properties` only.
    pub schema: Node,
}

/// `lapse`.
#[derive(Debug, Clone, Default)]
pub struct LapseDocument {
    /// `tell`.
    pub tell: Vec<Written>,
    /// `opens`.
    pub opens: Vec<Written>,
    /// `closes`.
    pub closes: Vec<Written>,
    /// `deems`.
    pub deems: Option<Written>,
    /// `remind`.
    pub remind: Option<RemindDocument>,
    /// `cite`.
    pub cite: Option<String>,
}

/// `remind`.
#[derive(Debug, Clone)]
pub struct RemindDocument {
    /// `every`.
    pub every: Option<Written>,
    /// `tell`.
    pub tell: Vec<Written>,
    /// `at-most`.
    pub at_most: Option<u32>,
}

/// One of `deadlines`.
#[derive(Debug, Clone)]
pub struct DeadlineDocument {
    /// Its key.
    pub name: Written,
    /// `title`.
    pub title: Option<Text>,
    /// `cite`.
    pub cite: Option<String>,
    /// `starts`.
    pub starts: Option<AnchorDocument>,
    /// The key `starts`, where it is there.
    pub starts_place: Option<Place>,
    /// `before`.
    pub before: Option<AnchorDocument>,
    /// The key `before`, where it is there.
    pub before_place: Option<Place>,
    /// `once`.
    pub once: Option<ConditionDocument>,
    /// `within`.
    pub within: Option<WithinDocument>,
    /// `no-earlier-than`.
    pub no_earlier_than: Option<BoundDocument>,
    /// `no-later-than`.
    pub no_later_than: Option<BoundDocument>,
    /// `calendar`.
    pub calendar: Option<Written>,
    /// `counting`.
    pub counting: Option<Written>,
    /// `roll`.
    pub roll: Option<Written>,
    /// `met-by`.
    pub met_by: Option<ConditionDocument>,
    /// `soft`.
    pub soft: bool,
    /// `recurs`.
    pub recurs: bool,
    /// `until`.
    pub until: Option<ConditionDocument>,
    /// The key `until`, where it is there.
    pub until_place: Option<Place>,
    /// `who`.
    pub who: Vec<Written>,
    /// `extend`: one rule or several.
    pub extend: Vec<ExtendDocument>,
    /// `stops`: one cause or several.
    pub stops: Vec<StopsDocument>,
    /// `warn`.
    pub warn: Vec<Written>,
    /// `penalty`.
    pub penalty: Option<PenaltyDocument>,
    /// `lapse`.
    pub lapse: LapseDocument,
}

/// One rule of `extend`.
#[derive(Debug, Clone)]
pub struct ExtendDocument {
    /// The key, or the item of the list.
    pub place: Place,
    /// `by`.
    pub by: Option<Written>,
    /// `from`.
    pub from: Option<Written>,
    /// `times`.
    pub times: Option<u32>,
    /// `at-most`.
    pub at_most: Option<Written>,
    /// `who`.
    pub who: Vec<Written>,
    /// `consent`.
    pub consent: Vec<Written>,
    /// `after`.
    pub after: Option<ConditionDocument>,
    /// `after-lapse`.
    pub after_lapse: bool,
    /// `breach`.
    pub breach: Option<Written>,
    /// `reason`.
    pub reason: Option<Written>,
    /// `letter`.
    pub letter: Option<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

/// One cause of `stops`.
#[derive(Debug, Clone)]
pub struct StopsDocument {
    /// The key, or the item of the list.
    pub place: Place,
    /// `while`.
    pub while_open: Vec<Written>,
    /// `who`.
    pub who: Vec<Written>,
    /// `at-most`.
    pub at_most: Option<Written>,
    /// `first-day`.
    pub first_day: Option<Written>,
    /// `last-day`.
    pub last_day: Option<Written>,
    /// `then`.
    pub then: Option<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

/// `penalty`.
#[derive(Debug, Clone)]
pub struct PenaltyDocument {
    /// The key.
    pub place: Place,
    /// `tiers`.
    pub tiers: Vec<TierDocument>,
    /// `currency`.
    pub currency: Option<Written>,
    /// `unless`.
    pub unless: Option<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

/// One of the `tiers` of a penalty.
#[derive(Debug, Clone)]
pub struct TierDocument {
    /// `days`.
    pub days: Option<u32>,
    /// `a-day`, an amount as typed.
    pub a_day: Option<Written>,
}

/// One of `functions`.
#[derive(Debug, Clone)]
pub struct FunctionDocument {
    /// Its key.
    pub name: Written,
    /// `with`: each parameter, and what it is.
    pub with: Vec<(Written, Option<Written>)>,
    /// `gives`.
    pub gives: Option<Written>,
    /// `is`.
    pub is: Option<Written>,
}

/// One of `phases`.
#[derive(Debug, Clone)]
pub struct PhaseDocument {
    /// Its key.
    pub name: Written,
    /// `title`.
    pub title: Option<Text>,
    /// `cite`.
    pub cite: Option<String>,
    /// `steps`.
    pub steps: Vec<Written>,
    /// `run`.
    pub run: Option<Written>,
}

/// What follows after `each:`.
#[derive(Debug, Clone)]
pub enum EachDocument {
    /// A list in the data or a form, or a party role.
    Named(Written),
    /// The items themselves.
    Listed(Vec<Written>),
}

/// One of `steps` or `at-any-time`.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the language")]
pub struct StepDocument {
    /// Its key.
    pub name: Written,
    /// `title`.
    pub title: Option<Text>,
    /// `description`.
    pub description: Option<Text>,
    /// `cite`.
    pub cite: Option<String>,
    /// `who`.
    pub who: Vec<Written>,
    /// Whether `who` is there.
    pub has_who: bool,
    /// `not`.
    pub not: Vec<Written>,
    /// `breach`.
    pub breach: Option<Written>,
    /// `panel`.
    pub panel: Option<PanelDocument>,
    /// `after`.
    pub after: Option<ConditionDocument>,
    /// `before`.
    pub before: Option<ConditionDocument>,
    /// `when`.
    pub when: Option<Written>,
    /// `optional`.
    pub optional: bool,
    /// `decision`.
    pub decision: bool,
    /// `replaces`.
    pub replaces: Option<Written>,
    /// `follow-up`.
    pub follow_up: bool,
    /// `within`.
    pub within: Option<WithinDocument>,
    /// `calendar`, beside `within`.
    pub calendar: Option<Written>,
    /// `warn`, beside `within`.
    pub warn: Vec<Written>,
    /// `lapse`, beside `within`.
    pub lapse: LapseDocument,
    /// `each`.
    pub each: Option<EachDocument>,
    /// `until`.
    pub until: Option<Written>,
    /// `rest`.
    pub rest: Option<Written>,
    /// `cancels`.
    pub cancels: Vec<Written>,
    /// `owes`.
    pub owes: Vec<Written>,
    /// `blocks`.
    pub blocks: Vec<Written>,
    /// `form`.
    pub form: Option<FormDocument>,
    /// `letter`.
    pub letter: Option<Written>,
    /// `supplies`.
    pub supplies: Vec<Written>,
    /// `outcomes`.
    pub outcomes: Vec<OutcomeDocument>,
    /// `then`.
    pub then: Option<ReturnDocument>,
    /// `ends`.
    pub ends: Option<Written>,
    /// `opens`.
    pub opens: Option<OpensDocument>,
    /// `decided-by`, beside `opens`.
    pub decided_by: Option<Written>,
    /// The step that opened the case whose decision this step is, for one that nobody wrote down as a step.
    pub awaits: Option<Written>,
}

/// One of a step's `outcomes`.
#[derive(Debug, Clone)]
pub struct OutcomeDocument {
    /// Its key.
    pub name: Written,
    /// `title`.
    pub title: Option<Text>,
    /// `description`.
    pub description: Option<Text>,
    /// `cite`.
    pub cite: Option<String>,
    /// `allowed`.
    pub allowed: Option<Written>,
    /// `breach`.
    pub breach: Option<Written>,
    /// `letter`.
    pub letter: Option<Written>,
    /// `ends`.
    pub ends: Option<Written>,
    /// `then`.
    pub then: Option<ReturnDocument>,
    /// `cancels`.
    pub cancels: Vec<Written>,
    /// `owes`.
    pub owes: Vec<Written>,
}

/// One of `appeals`.
#[derive(Debug, Clone)]
pub struct AppealDocument {
    /// The filing, as a step.
    pub filing: StepDocument,
    /// `against`: one thing or several.
    pub against: Vec<Written>,
    /// `not`.
    pub not: Vec<Written>,
    /// `parts`.
    pub parts: Vec<Written>,
    /// `late`.
    pub late: Option<Written>,
    /// `early`.
    pub early: Option<Written>,
    /// `post`.
    pub post: Option<Written>,
    /// `decided-by`.
    pub decided_by: Option<Written>,
    /// `suspends`.
    pub suspends: Vec<Written>,
    /// `suspends-while`.
    pub suspends_while: Option<ConditionDocument>,
    /// `outcomes`.
    pub outcomes: Vec<(Written, Option<EffectDocument>)>,
}

/// What an outcome does to the decision appealed against.
#[derive(Debug, Clone)]
pub enum EffectDocument {
    /// `confirms`.
    Confirms(Written),
    /// `inadmissible`.
    Inadmissible(Written),
    /// `replaces`.
    Replaces(Written),
    /// `return-to`.
    Returns(ReturnDocument),
    /// More than one of them, or none.
    Unclear,
}

/// One of `letters`.
#[derive(Debug, Clone)]
pub struct LetterDocument {
    /// Its key.
    pub name: Written,
    /// `title`.
    pub title: Option<Text>,
    /// `cite`.
    pub cite: Option<String>,
    /// `template`.
    pub template: Option<Written>,
    /// `to`.
    pub to: Vec<Written>,
    /// `copy-to`.
    pub copy_to: Vec<Written>,
    /// `enclose`.
    pub enclose: Vec<Written>,
    /// `must-contain`.
    pub must_contain: Vec<Written>,
    /// `sent`.
    pub sent: Option<Written>,
    /// `who`.
    pub who: Vec<Written>,
    /// The key `who`, where it is there.
    pub who_place: Option<Place>,
}

/// `records`.
#[derive(Debug, Clone)]
pub struct RecordsDocument {
    /// The key.
    pub place: Place,
    /// `keep`.
    pub keep: Option<Written>,
    /// `after`.
    pub after: Option<Written>,
    /// `then`.
    pub then: Option<Written>,
    /// `evaluate`.
    pub evaluate: Vec<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

mod opens;
pub use opens::OpensDocument;

impl ProcedureDocument {
    /// Reads a file that the JSON Schema has seen.
    pub fn read(root: &Node) -> Self {
        let named = |key: &str| root.get(key).and_then(written);
        let name = named("procedure")
            .unwrap_or_else(|| Written { text: String::new(), place: root.place.clone() });
        let mut document = Self {
            name,
            title: root.get("title").and_then(text),
            description: root.get("description").and_then(text),
            cite: cite(root),
            sources: names(root, "sources"),
            in_force: root.get("in-force").map(|node| InForceDocument {
                from: node.get("from").and_then(written),
                until: node.get("until").and_then(written),
                selected_by: node.get("selected-by").and_then(written),
            }),
            transition: root.get("transition").map(TransitionDocument::read),
            jurisdiction: named("jurisdiction"),
            time_zone: named("time-zone"),
            calendar: named("calendar"),
            counting: named("counting"),
            reference: named("reference"),
            roles: each_entry(root, "roles").map(|(name, node)| role(name, node)).collect(),
            apart: items(root, "apart").map(ApartDocument::read).collect(),
            same: items(root, "same").map(SameDocument::read).collect(),
            case: root.entry("case").map(|entry| case(&entry.key.place, &entry.value)),
            deadlines: each_entry(root, "deadlines")
                .map(|(name, node)| deadline(name, node))
                .collect(),
            functions: each_entry(root, "functions")
                .map(|(name, node)| function(name, node))
                .collect(),
            phases: each_entry(root, "phases").map(|(name, node)| phase(name, node)).collect(),
            steps: each_entry(root, "steps").map(|(name, node)| step(name, node)).collect(),
            acts: each_entry(root, "at-any-time").map(|(name, node)| step(name, node)).collect(),
            appeals: each_entry(root, "appeals").map(|(name, node)| appeal(name, node)).collect(),
            letters: each_entry(root, "letters").map(|(name, node)| letter(name, node)).collect(),
            records: root.entry("records").map(|entry| records(&entry.key.place, &entry.value)),
            root: root.clone(),
        };
        document.add_what_is_decided_elsewhere();
        document
    }
}

/// Returns a scalar as typed.
pub(super) fn written(node: &Node) -> Option<Written> {
    match &node.value {
        Value::Scalar(scalar) if !node.is_null() => {
            Some(Written { text: scalar.text.clone(), place: node.place.clone() })
        }
        Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

/// Returns a text for people: one wording, or one for each language.
pub(super) fn text(node: &Node) -> Option<Text> {
    match &node.value {
        Value::Scalar(scalar) => Some(Text::plain(scalar.text.clone())),
        Value::Mapping(entries) => Some(Text::of(
            entries
                .iter()
                .filter_map(|entry| Some((entry.name().to_owned(), written(&entry.value)?.text))),
        )),
        Value::Sequence(_) => None,
    }
}

/// Returns one name or a list of them.
pub(super) fn names(node: &Node, key: &str) -> Vec<Written> {
    match node.get(key) {
        None => Vec::new(),
        Some(list) => match &list.value {
            Value::Sequence(items) => items.iter().filter_map(written).collect(),
            Value::Scalar(_) | Value::Mapping(_) => written(list).into_iter().collect(),
        },
    }
}

pub(super) fn each_entry<'a>(
    node: &'a Node,
    key: &str,
) -> impl Iterator<Item = (Written, &'a Node)> {
    let entries = node.get(key).map(Node::entries).unwrap_or_default();
    entries.iter().map(|entry| {
        let name = Written { text: entry.name().to_owned(), place: entry.key.place.clone() };
        (name, &entry.value)
    })
}

fn items<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a Node> {
    node.get(key).map(Node::items).unwrap_or_default().iter()
}

fn cite(node: &Node) -> Option<String> {
    node.get("cite").and_then(written).map(|cite| cite.text)
}

pub(super) fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool).unwrap_or(false)
}

fn count(node: &Node, key: &str) -> Option<u32> {
    node.get(key).and_then(Node::as_i64).and_then(|count| u32::try_from(count).ok())
}

fn role(name: Written, node: &Node) -> RoleDocument {
    RoleDocument {
        name,
        title: node.get("title").and_then(text),
        description: node.get("description").and_then(text),
        party: flag(node, "party"),
        acts_for: names(node, "acts-for"),
        several: node.get("several").and_then(written),
        represents: names(node, "represents"),
        not: names(node, "not"),
        breach: node.get("breach").and_then(written),
        may_assign: flag(node, "may-assign"),
        cite: cite(node),
    }
}

fn case(place: &Place, node: &Node) -> CaseDocument {
    let of_schema = |key: &&str| node.entry(key).cloned();
    let entries = ["required", "properties"].iter().filter_map(of_schema).collect();
    CaseDocument {
        place: place.clone(),
        who: names(node, "who"),
        correct: names(node, "correct"),
        has_correct: node.get("correct").is_some(),
        between: BetweenDocument::read(node),
        access: AccessDocument::read(node),
        channels: names(node, "channels"),
        required: names(node, "required"),
        asked: names(node, "asked"),
        schema: Node { place: node.place.clone(), value: Value::Mapping(entries) },
    }
}

fn condition(node: &Node) -> Option<ConditionDocument> {
    let all = |nodes: &[Node]| nodes.iter().filter_map(condition).collect::<Vec<_>>();
    match &node.value {
        Value::Scalar(_) => written(node).map(ConditionDocument::Fact),
        Value::Sequence(items) => Some(ConditionDocument::All(all(items))),
        Value::Mapping(entries) => {
            let entry = entries.first()?;
            let parts = all(entry.value.items());
            match entry.name() {
                "all" => Some(ConditionDocument::All(parts)),
                "any" => Some(ConditionDocument::Any(parts)),
                "applicable" => Some(ConditionDocument::Applicable(parts)),
                "at-least" => {
                    let wanted = entry.value.get("n").and_then(written)?;
                    let of = entry.value.get("of").map(Node::items).unwrap_or_default();
                    Some(ConditionDocument::AtLeast(wanted, all(of)))
                }
                _ => None,
            }
        }
    }
}

fn lapse(node: &Node) -> LapseDocument {
    node.get("lapse").map_or_else(LapseDocument::default, |lapse| LapseDocument {
        tell: names(lapse, "tell"),
        opens: names(lapse, "opens"),
        closes: names(lapse, "closes"),
        deems: lapse.get("deems").and_then(written),
        remind: lapse.get("remind").map(|remind| RemindDocument {
            every: remind.get("every").and_then(written),
            tell: names(remind, "tell"),
            at_most: count(remind, "at-most"),
        }),
        cite: cite(lapse),
    })
}

fn anchor(node: &Node) -> Option<AnchorDocument> {
    let Value::Mapping(entries) = &node.value else {
        return written(node).map(AnchorDocument::Event);
    };
    let all = |node: &Node| node.items().iter().filter_map(anchor).collect::<Vec<_>>();
    let entry = entries.first()?;
    match entry.name() {
        "earliest" => Some(AnchorDocument::Earliest(all(&entry.value))),
        "latest" => Some(AnchorDocument::Latest(all(&entry.value))),
        _ => {
            let of = node.get("of").and_then(anchor)?;
            match node.get("otherwise").and_then(anchor) {
                Some(otherwise) => Some(AnchorDocument::OrElse(Box::new(of), Box::new(otherwise))),
                None => Some(of),
            }
        }
    }
}

fn within(node: &Node) -> Option<WithinDocument> {
    let entry = node.entry("within")?;
    let place = entry.key.place.clone();
    let rule = |item: &Node| TermDocument {
        place: first_key(item).clone(),
        term: item.get("term").and_then(written),
        when: item.get("when").and_then(written),
        cite: cite(item),
    };
    let rules = match &entry.value.value {
        Value::Sequence(items) => items.iter().map(rule).collect(),
        Value::Scalar(_) | Value::Mapping(_) => {
            let (when, cite) = (None, None);
            let place = entry.value.place.clone();
            vec![TermDocument { place, term: written(&entry.value), when, cite }]
        }
    };
    Some(WithinDocument { place, rules })
}

fn bound(node: &Node, key: &str) -> Option<BoundDocument> {
    let entry = node.entry(key)?;
    let place = entry.key.place.clone();
    Some(match &entry.value.value {
        Value::Mapping(_) => BoundDocument {
            place,
            within: entry.value.get("within").and_then(written),
            starts: entry.value.get("starts").and_then(anchor),
        },
        Value::Scalar(_) | Value::Sequence(_) => {
            BoundDocument { place, within: written(&entry.value), starts: None }
        }
    })
}

/// Reads a rule or a list of them, each with the place at which it is shown: the key of the only one, else the item.
pub(super) fn each_rule<T>(node: &Node, key: &str, read: impl Fn(Place, &Node) -> T) -> Vec<T> {
    let Some(entry) = node.entry(key) else { return Vec::new() };
    match &entry.value.value {
        Value::Sequence(items) => {
            items.iter().map(|item| read(first_key(item).clone(), item)).collect()
        }
        Value::Mapping(_) => vec![read(entry.key.place.clone(), &entry.value)],
        Value::Scalar(_) => Vec::new(),
    }
}

/// Returns the place of the first key of a mapping: a finding about the whole points there.
fn first_key(node: &Node) -> &Place {
    node.entries().first().map_or(&node.place, |entry| &entry.key.place)
}

fn extend(place: Place, node: &Node) -> ExtendDocument {
    let of = |key: &str| node.get(key).and_then(written);
    ExtendDocument {
        place,
        by: of("by"),
        from: of("from"),
        times: count(node, "times"),
        at_most: of("at-most"),
        who: names(node, "who"),
        consent: names(node, "consent"),
        after: node.get("after").and_then(condition),
        after_lapse: flag(node, "after-lapse"),
        breach: of("breach"),
        reason: of("reason"),
        letter: of("letter"),
        cite: cite(node),
    }
}

fn stops(place: Place, node: &Node) -> StopsDocument {
    let of = |key: &str| node.get(key).and_then(written);
    StopsDocument {
        place,
        while_open: names(node, "while"),
        who: names(node, "who"),
        at_most: of("at-most"),
        first_day: of("first-day"),
        last_day: of("last-day"),
        then: of("then"),
        cite: cite(node),
    }
}

fn penalty(place: Place, node: &Node) -> PenaltyDocument {
    let tier = |node: &Node| TierDocument {
        days: count(node, "days"),
        a_day: node.get("a-day").and_then(written),
    };
    PenaltyDocument {
        place,
        tiers: items(node, "tiers").map(tier).collect(),
        currency: node.get("currency").and_then(written),
        unless: node.get("unless").and_then(written),
        cite: cite(node),
    }
}

fn deadline(name: Written, node: &Node) -> DeadlineDocument {
    let of = |key: &str| node.get(key).and_then(written);
    let place = |key: &str| node.entry(key).map(|entry| entry.key.place.clone());
    DeadlineDocument {
        name,
        title: node.get("title").and_then(text),
        cite: cite(node),
        starts: node.get("starts").and_then(anchor),
        starts_place: place("starts"),
        before: node.get("before").and_then(anchor),
        before_place: place("before"),
        once: node.get("once").and_then(condition),
        within: within(node),
        no_earlier_than: bound(node, "no-earlier-than"),
        no_later_than: bound(node, "no-later-than"),
        calendar: of("calendar"),
        counting: of("counting"),
        roll: of("roll"),
        met_by: node.get("met-by").and_then(condition),
        soft: flag(node, "soft"),
        recurs: flag(node, "recurs"),
        until: node.get("until").and_then(condition),
        until_place: place("until"),
        who: names(node, "who"),
        extend: each_rule(node, "extend", extend),
        stops: each_rule(node, "stops", stops),
        warn: names(node, "warn"),
        penalty: node.entry("penalty").map(|entry| penalty(entry.key.place.clone(), &entry.value)),
        lapse: lapse(node),
    }
}

fn form(node: &Node) -> Option<FormDocument> {
    let form = node.get("form")?;
    match &form.value {
        Value::Scalar(_) => written(form).map(FormDocument::File),
        Value::Mapping(_) => Some(FormDocument::Inline(form.clone())),
        Value::Sequence(_) => None,
    }
}

fn return_to(node: &Node) -> Option<ReturnDocument> {
    let to = node.get("return-to").and_then(written)?;
    Some(ReturnDocument { to, limit: count(node, "limit") })
}

fn function(name: Written, node: &Node) -> FunctionDocument {
    FunctionDocument {
        name,
        with: each_entry(node, "with").map(|(name, node)| (name, written(node))).collect(),
        gives: node.get("gives").and_then(written),
        is: node.get("is").and_then(written),
    }
}

fn phase(name: Written, node: &Node) -> PhaseDocument {
    PhaseDocument {
        name,
        title: node.get("title").and_then(text),
        cite: cite(node),
        steps: names(node, "steps"),
        run: node.get("run").and_then(written),
    }
}

fn each(node: &Node) -> Option<EachDocument> {
    let each = node.get("each")?;
    match &each.value {
        Value::Sequence(items) => {
            Some(EachDocument::Listed(items.iter().filter_map(written).collect()))
        }
        Value::Scalar(_) | Value::Mapping(_) => written(each).map(EachDocument::Named),
    }
}

fn step(name: Written, node: &Node) -> StepDocument {
    let of = |key: &str| node.get(key).and_then(written);
    StepDocument {
        name,
        title: node.get("title").and_then(text),
        description: node.get("description").and_then(text),
        cite: cite(node),
        who: names(node, "who"),
        has_who: node.get("who").is_some(),
        not: names(node, "not"),
        breach: of("breach"),
        panel: PanelDocument::read(node),
        after: node.get("after").and_then(condition),
        before: node.get("before").and_then(condition),
        when: of("when"),
        optional: flag(node, "optional"),
        decision: flag(node, "decision"),
        replaces: of("replaces"),
        follow_up: flag(node, "follow-up"),
        within: within(node),
        calendar: of("calendar"),
        warn: names(node, "warn"),
        lapse: lapse(node),
        each: each(node),
        until: of("until"),
        rest: of("rest"),
        cancels: names(node, "cancels"),
        owes: names(node, "owes"),
        blocks: names(node, "blocks"),
        form: form(node),
        letter: of("letter"),
        supplies: names(node, "supplies"),
        outcomes: each_entry(node, "outcomes").map(|(name, node)| outcome(name, node)).collect(),
        then: node.get("then").and_then(return_to),
        ends: of("ends"),
        opens: opens::read(node),
        decided_by: of("decided-by"),
        awaits: None,
    }
}

fn outcome(name: Written, node: &Node) -> OutcomeDocument {
    OutcomeDocument {
        name,
        title: node.get("title").and_then(text),
        description: node.get("description").and_then(text),
        cite: cite(node),
        allowed: node.get("allowed").and_then(written),
        breach: node.get("breach").and_then(written),
        letter: node.get("letter").and_then(written),
        ends: node.get("ends").and_then(written),
        then: node.get("then").and_then(return_to),
        cancels: names(node, "cancels"),
        owes: names(node, "owes"),
    }
}

fn effect(node: &Node) -> EffectDocument {
    let confirms = node.get("confirms").and_then(written).map(EffectDocument::Confirms);
    let replaces = node.get("replaces").and_then(written).map(EffectDocument::Replaces);
    let inadmissible = node.get("inadmissible").and_then(written).map(EffectDocument::Inadmissible);
    let returns = return_to(node).map(EffectDocument::Returns);
    let mut said = [confirms, inadmissible, replaces, returns].into_iter().flatten();
    match (said.next(), said.next()) {
        (Some(effect), None) => effect,
        (Some(_) | None, _) => EffectDocument::Unclear,
    }
}

fn appeal(name: Written, node: &Node) -> AppealDocument {
    let mut filing = step(name, node);
    filing.outcomes.clear();
    // Of an appeal it says who takes no part in deciding it.
    filing.not.clear();
    let effects = each_entry(node, "outcomes").map(|(name, node)| {
        let said = matches!(node.value, Value::Mapping(_));
        (name, said.then(|| effect(node)))
    });
    AppealDocument {
        filing,
        against: names(node, "against"),
        not: names(node, "not"),
        parts: names(node, "parts"),
        late: node.get("late").and_then(written),
        early: node.get("early").and_then(written),
        post: node.get("post").and_then(written),
        decided_by: node.get("decided-by").and_then(written),
        suspends: names(node, "suspends"),
        suspends_while: node.get("suspends-while").and_then(condition),
        outcomes: effects.collect(),
    }
}

fn letter(name: Written, node: &Node) -> LetterDocument {
    LetterDocument {
        name,
        title: node.get("title").and_then(text),
        cite: cite(node),
        template: node.get("template").and_then(written),
        to: names(node, "to"),
        copy_to: names(node, "copy-to"),
        enclose: names(node, "enclose"),
        must_contain: names(node, "must-contain"),
        sent: node.get("sent").and_then(written),
        who: names(node, "who"),
        who_place: node.entry("who").map(|entry| entry.key.place.clone()),
    }
}

fn records(place: &Place, node: &Node) -> RecordsDocument {
    let of = |key: &str| node.get(key).and_then(written);
    RecordsDocument {
        place: place.clone(),
        keep: of("keep"),
        after: of("after"),
        then: of("then"),
        evaluate: names(node, "evaluate"),
        cite: cite(node),
    }
}
