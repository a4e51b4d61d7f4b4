//! People in one case: what one person may not combine, who is barred, who keeps a case. As written, and as run.

use super::definition::{Breach, RoleIndex, Rule, StepIndex};
use super::document::{Written, names, written};
use super::name::Name;
use crate::diagnostic::Place;
use crate::language::Text;
use crate::yaml::{Node, Value};

/// One of `apart`.
#[derive(Debug, Clone)]
pub struct ApartDocument {
    /// Where it stands.
    pub place: Place,
    /// `title`.
    pub title: Option<Text>,
    /// `roles`.
    pub roles: Vec<Written>,
    /// `steps`: steps, phases, acts at any time, appeals.
    pub steps: Vec<Written>,
    /// `breach`.
    pub breach: Option<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

impl ApartDocument {
    /// Reads an item of the list: roles alone, or a mapping that says more.
    pub(super) fn read(node: &Node) -> Self {
        let (roles, steps) = match &node.value {
            Value::Sequence(items) => (items.iter().filter_map(written).collect(), Vec::new()),
            Value::Mapping(_) | Value::Scalar(_) => (names(node, "roles"), names(node, "steps")),
        };
        let title = node.get("title").and_then(super::document::text);
        let cite = node.get("cite").and_then(written).map(|cite| cite.text);
        let breach = node.get("breach").and_then(written);
        Self { place: node.place.clone(), title, roles, steps, breach, cite }
    }
}

/// What one person may not combine in one case: capacities and acts, in all rounds and appeals.
#[derive(Debug, Clone)]
pub struct Apart {
    /// The rule in a few words, where the author gave them.
    pub title: Option<Text>,
    /// The roles.
    pub roles: Vec<RoleIndex>,
    /// The acts; with the roles there are two or more.
    pub steps: Vec<Acts>,
    /// What becomes of an act that breaks the rule.
    pub breach: Breach,
    /// Where the rule stands.
    pub rule: Rule,
}

/// Acts that one name stands for: a step, those of a phase, or all that is done to decide an appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acts {
    /// The name.
    pub name: Name,
    /// The steps.
    pub steps: Vec<StepIndex>,
}

/// One of `same`.
#[derive(Debug, Clone)]
pub struct SameDocument {
    /// Where it stands.
    pub place: Place,
    /// `steps`.
    pub steps: Vec<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

impl SameDocument {
    /// Reads an item of the list: steps alone, or a mapping that says more.
    pub(super) fn read(node: &Node) -> Self {
        let steps = match &node.value {
            Value::Sequence(items) => items.iter().filter_map(written).collect(),
            Value::Mapping(_) | Value::Scalar(_) => names(node, "steps"),
        };
        let cite = node.get("cite").and_then(written).map(|cite| cite.text);
        Self { place: node.place.clone(), steps, cite }
    }
}

/// Steps that one person does in a case: whoever did one of them is given the others.
#[derive(Debug, Clone)]
pub struct Same {
    /// The steps, two or more.
    pub steps: Vec<StepIndex>,
    /// Where the rule stands.
    pub rule: Rule,
}

/// `panel`.
#[derive(Debug, Clone)]
pub struct PanelDocument {
    /// The key.
    pub place: Place,
    /// `of`.
    pub of: Option<Written>,
    /// `quorum`.
    pub quorum: Option<Written>,
    /// `decides`.
    pub decides: Option<Written>,
    /// `chair`.
    pub chair: Option<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

impl PanelDocument {
    /// Reads it from the node of a step.
    pub(super) fn read(step: &Node) -> Option<Self> {
        let entry = step.entry("panel")?;
        let of = |key: &str| entry.value.get(key).and_then(written);
        Some(Self {
            place: entry.key.place.clone(),
            of: of("of"),
            quorum: of("quorum"),
            decides: of("decides"),
            chair: of("chair"),
            cite: of("cite").map(|cite| cite.text),
        })
    }
}

/// Several people who do a step together: each votes.
#[derive(Debug, Clone)]
pub struct Panel {
    /// How many there are, two or more.
    pub of: usize,
    /// How many votes it takes at least.
    pub quorum: usize,
    /// Whether all votes must be for the same outcome; if not, more than half of them.
    pub unanimous: bool,
    /// The role whose holder presides, and decides when the votes are equally divided.
    pub chair: Option<RoleIndex>,
    /// Where it stands.
    pub rule: Rule,
}

/// Somebody who may not do a step, or act in a role, because of what he is in the case.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Who.
    pub whom: Barred,
    /// What becomes of an act that breaks the rule.
    pub breach: Breach,
    /// Where it stands, and its source.
    pub rule: Rule,
}

/// Who is barred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Barred {
    /// Who is or was a party in the role.
    Party(RoleIndex),
    /// Who acted in the role.
    Role(RoleIndex),
    /// Who is named by a field of the case data.
    Data(String),
    /// Who did the step.
    Step(Acts),
    /// Who is of the same unit as somebody who is or acted in the role.
    UnitOfRole(RoleIndex),
    /// Who is of the same unit as somebody who did the step.
    UnitOfStep(Acts),
}
