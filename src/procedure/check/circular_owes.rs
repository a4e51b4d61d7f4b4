//! `circular-owes`: steps that are nobody's and owe each other, so that the engine would do them for ever.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, StepIndex};
use std::collections::BTreeSet;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut reported: BTreeSet<StepIndex> = BTreeSet::new();
    for (index, step) in procedure.steps().filter(|(_, step)| step.is_automatic()) {
        let circle = reachable(procedure, index);
        if !circle.contains(&index) || reported.contains(&index) {
            continue;
        }
        reported.extend(circle.iter().filter(|on| reachable(procedure, **on).contains(&index)));
        let finding = Diagnostic::error("circular-owes", &step.rule.place)
            .message(format!("step `{}` makes itself a duty, and nobody does it", step.name))
            .label("the engine would do it for ever");
        findings.push(finding.help("say who does it: `who: …`, or take it out of `owes`"));
    }
    findings
}

/// Returns the steps that are nobody's and become a duty through this one.
fn reachable(procedure: &Procedure, from: StepIndex) -> BTreeSet<StepIndex> {
    let mut found = BTreeSet::new();
    let mut left = vec![from];
    while let Some(index) = left.pop() {
        let step = procedure.step(index);
        let of_outcomes = step.outcomes.iter().flat_map(|outcome| &outcome.relations.owes);
        for owed in step.relations.owes.iter().chain(of_outcomes) {
            if procedure.step(*owed).is_automatic() && found.insert(*owed) {
                left.push(*owed);
            }
        }
    }
    found
}
