//! `opens`: a step or an appeal that opens a case of another procedure, whose decision comes back.

use super::{ConditionDocument, OutcomeDocument, ProcedureDocument, StepDocument, Written};
use super::{first_key, names, written};
use crate::diagnostic::Place;
use crate::yaml::{Node, Value};

/// `opens`.
#[derive(Debug, Clone)]
pub struct OpensDocument {
    /// The key, or the first one below it.
    pub place: Place,
    /// `procedure`.
    pub procedure: Option<Written>,
    /// `as`.
    pub called: Option<Written>,
    /// `carries`.
    pub carries: Vec<Written>,
    /// `parties`: our role, and the role of the other procedure.
    pub parties: Vec<(Written, Written)>,
    /// `not`.
    pub not: Vec<Written>,
}

pub(super) fn read(node: &Node) -> Option<OpensDocument> {
    let opens = &node.entry("opens")?.value;
    let parties = opens.get("parties").map(Node::entries).unwrap_or_default();
    let parties = parties.iter().filter_map(|entry| {
        let ours = Written { text: entry.name().to_owned(), place: entry.key.place.clone() };
        Some((ours, written(&entry.value)?))
    });
    let procedure = match &opens.value {
        Value::Mapping(_) => opens.get("procedure").and_then(written),
        Value::Scalar(_) | Value::Sequence(_) => written(opens),
    };
    Some(OpensDocument {
        place: first_key(opens).clone(),
        procedure,
        called: opens.get("as").and_then(written),
        carries: names(opens, "carries"),
        parties: parties.collect(),
        not: names(opens, "not"),
    })
}

impl ProcedureDocument {
    /// Adds a step for each decision that is taken in a case of another procedure: it comes after what opened the case,
    /// has the outcomes that stand there, and is called as the step in which the other procedure decides.
    pub(super) fn add_what_is_decided_elsewhere(&mut self) {
        let mut awaited = Vec::new();
        for step in &mut self.steps {
            awaited.extend(of_step(step));
        }
        for appeal in &mut self.appeals {
            appeal.filing.decided_by = appeal.decided_by.clone();
            let Some(name) = name_here(&appeal.filing) else {
                appeal.filing.decided_by = None;
                continue;
            };
            appeal.decided_by = Some(name.clone());
            let outcomes = appeal.outcomes.iter().map(|(name, _)| nothing_more(name));
            awaited.push(step_of(name, &appeal.filing, outcomes.collect()));
        }
        self.steps.extend(awaited);
    }
}

/// Returns the step in which the decision on a step's case comes back. What the author says of outcomes is about it.
fn of_step(step: &mut StepDocument) -> Option<StepDocument> {
    let name = name_here(step)?;
    let outcomes = std::mem::take(&mut step.outcomes);
    let mut awaited = step_of(name, step, outcomes);
    awaited.then = step.then.take();
    awaited.ends = step.ends.take();
    awaited.decision = std::mem::take(&mut step.decision);
    awaited.follow_up = step.follow_up;
    Some(awaited)
}

/// Returns what the decision is called here: `as`, or else the name of the step that takes it there.
fn name_here(step: &StepDocument) -> Option<Written> {
    let decided_by = step.decided_by.as_ref()?;
    let opens = step.opens.as_ref()?;
    Some(opens.called.clone().unwrap_or_else(|| {
        let text = decided_by.text.split('.').next().unwrap_or_default().to_owned();
        Written { text, place: decided_by.place.clone() }
    }))
}

fn step_of(name: Written, opener: &StepDocument, outcomes: Vec<OutcomeDocument>) -> StepDocument {
    StepDocument {
        name,
        title: None,
        description: None,
        cite: opener.cite.clone(),
        after: Some(ConditionDocument::Fact(opener.name.clone())),
        outcomes,
        awaits: Some(opener.name.clone()),
        ..super::step(opener.name.clone(), &nothing(&opener.name))
    }
}

fn nothing_more(name: &Written) -> OutcomeDocument {
    super::outcome(name.clone(), &nothing(name))
}

fn nothing(name: &Written) -> Node {
    Node { place: name.place.clone(), value: Value::Mapping(Vec::new()) }
}
