//! What becomes of cases under way when a text takes over from an earlier one.
//!
//! Transitional law says three things: which cases move, what keeps its old date, and what the old names are called now.
//! A step, outcome, deadline, role or field that is not named here keeps its name; one that is gone and not named here
//! holds up every case in which it still matters, so that nothing is lost in silence.

use super::document::{Written, each_entry, written};
use super::name::Name;
use crate::yaml::Node;
use std::collections::BTreeMap;

/// What becomes of running cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transition {
    /// Whether the text says anything of it.
    pub is_written: bool,
    /// What becomes of a case, where its phase says nothing else.
    pub pending: Pending,
    /// What becomes of a case that is in a phase of this text.
    pub phases: Vec<(Name, Pending)>,
    /// Deadlines that keep the earlier term where that is better for a party.
    pub better_for: Vec<(Name, Name)>,
    /// What the names of the earlier text are called now.
    pub map: Mapping,
}

/// Whether a case under way moves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pending {
    /// It finishes under the rules that it began with.
    #[default]
    Old,
    /// It moves to the new rules.
    New,
}

/// What the names of an earlier text are called now.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Mapping {
    /// Steps: one name, several where a step was split, none where it was dropped.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<Name, Vec<Name>>,
    /// Outcomes, as `step.outcome` in the names of the earlier text, and what the outcome is called now.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<String, Name>,
    /// Deadlines; none where one was dropped.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deadlines: BTreeMap<Name, Option<Name>>,
    /// Roles.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<Name, Name>,
    /// Fields of the case data; none where one was dropped.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Option<String>>,
}

impl Mapping {
    /// Whether every name is as it was.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the steps that a step is now.
    pub fn steps(&self, step: &Name) -> Vec<Name> {
        self.steps.get(step).cloned().unwrap_or_else(|| vec![step.clone()])
    }

    /// Returns the step that stands for it now: the first, where it was split.
    pub fn step(&self, step: &Name) -> Name {
        let first = self.steps.get(step).and_then(|steps| steps.first());
        first.unwrap_or(step).clone()
    }

    /// Returns what an outcome of a step of the earlier text is called now.
    pub fn outcome(&self, step: &Name, outcome: &Name) -> Name {
        let now = self.outcomes.get(&format!("{step}.{outcome}"));
        now.unwrap_or(outcome).clone()
    }

    /// Returns what a deadline is called now; nothing where it is gone. A step's own deadline has the name of the step.
    pub fn deadline(&self, deadline: &Name) -> Option<Name> {
        match (self.deadlines.get(deadline), self.steps.get(deadline)) {
            (Some(now), _) => now.clone(),
            (None, Some(steps)) => steps.first().cloned(),
            (None, None) => Some(deadline.clone()),
        }
    }

    /// Returns what a role is called now.
    pub fn role(&self, role: &Name) -> Name {
        self.roles.get(role).unwrap_or(role).clone()
    }

    /// Returns what a field is called now; nothing where it is gone.
    pub fn field(&self, field: &str) -> Option<String> {
        self.fields.get(field).cloned().unwrap_or_else(|| Some(field.to_owned()))
    }

    /// Returns the mapping with that of another taking precedence, as given by hand.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.steps.extend(other.steps.clone());
        all.outcomes.extend(other.outcomes.clone());
        all.deadlines.extend(other.deadlines.clone());
        all.roles.extend(other.roles.clone());
        all.fields.extend(other.fields.clone());
        all
    }
}

/// `transition`, as it is written.
#[derive(Debug, Clone, Default)]
pub struct TransitionDocument {
    /// `pending`.
    pub pending: Option<Written>,
    /// `phases`: the phase, and `old` or `new`.
    pub phases: Vec<(Written, Written)>,
    /// `better-for`: the deadline, and the party role.
    pub better_for: Vec<(Written, Written)>,
    /// `steps`: the old name, and the new ones.
    pub steps: Vec<(Written, Vec<Written>)>,
    /// `outcomes`: `step.outcome` as it was, and the new name.
    pub outcomes: Vec<(Written, Written)>,
    /// `deadlines`: the old name, and the new one.
    pub deadlines: Vec<(Written, Vec<Written>)>,
    /// `roles`: the old name, and the new one.
    pub roles: Vec<(Written, Written)>,
    /// `fields`: the old name, and the new one.
    pub fields: Vec<(Written, Vec<Written>)>,
}

impl TransitionDocument {
    /// Reads what stands under `transition`.
    pub fn read(node: &Node) -> Self {
        let one = |key: &str| -> Vec<(Written, Written)> {
            let entries = each_entry(node, key);
            entries.filter_map(|(name, value)| Some((name, written(value)?))).collect()
        };
        let several = |key: &str| -> Vec<(Written, Vec<Written>)> {
            let listed = |value: &Node| match value.items() {
                [] => written(value).into_iter().collect(),
                items => items.iter().filter_map(written).collect(),
            };
            each_entry(node, key).map(|(name, value)| (name, listed(value))).collect()
        };
        Self {
            pending: node.get("pending").and_then(written),
            phases: one("phases"),
            better_for: one("better-for"),
            steps: several("steps"),
            outcomes: one("outcomes"),
            deadlines: several("deadlines"),
            roles: one("roles"),
            fields: several("fields"),
        }
    }
}
