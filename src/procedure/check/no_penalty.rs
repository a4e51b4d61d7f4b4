//! `no-penalty`: something waits for the end of a penalty that is never owed.

use crate::diagnostic::{Diagnostic, Place};
use crate::procedure::definition::{Deadline, Fact, Procedure, StartEvent};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let of_steps = procedure
        .steps
        .iter()
        .flat_map(|step| step.after.facts().into_iter().map(move |fact| (fact, &step.rule.place)));
    let of_deadlines = procedure
        .deadlines
        .iter()
        .flat_map(|rule| waits_for(rule).into_iter().map(move |fact| (fact, &rule.rule.place)));
    of_steps.chain(of_deadlines).filter_map(|(fact, place)| owed(procedure, fact, place)).collect()
}

/// Returns every fact that a deadline names.
fn waits_for(rule: &Deadline) -> Vec<Fact> {
    let events = rule.anchors().flat_map(|anchor| anchor.events());
    let came = events.filter_map(|event| match event {
        StartEvent::Came(fact) => Some(*fact),
        StartEvent::Received
        | StartEvent::Opened
        | StartEvent::Due(_)
        | StartEvent::Data(_)
        | StartEvent::Form(..)
        | StartEvent::Sent(_) => None,
    });
    let once = rule.once.facts();
    let extensions = rule.extend.iter().flat_map(|extend| extend.after.facts());
    came.chain(once).chain(rule.met_by.facts()).chain(extensions).collect()
}

fn owed(procedure: &Procedure, fact: Fact, place: &Place) -> Option<Diagnostic> {
    let Fact::PenaltyEnded(deadline) = fact else { return None };
    let rule = procedure.deadline(deadline);
    if rule.penalty.is_some() {
        return None;
    }
    let finding = Diagnostic::error("no-penalty", place)
        .message(format!("no penalty is ever owed for `{}`", rule.name))
        .label(format!("it waits for `{}.penalty-ended`", rule.name))
        .related(&rule.rule.place, "a deadline without `penalty`");
    Some(finding.help("name a deadline that has a `penalty`"))
}
