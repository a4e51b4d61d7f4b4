//! `cannot-be-deemed`: a step that the law can't hold done at a lapse.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Deemed, Procedure, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in &procedure.deadlines {
        let Some(Deemed { step, outcome }) = rule.lapse.deems else { continue };
        let step = procedure.step(step);
        let why = if step.kind != StepKind::InCourse {
            "it is no step in the course of the case"
        } else if step.each.is_some() {
            "it is done for each of a list"
        } else if outcome.is_none() && !step.outcomes.is_empty() {
            "it must be said with which outcome"
        } else {
            continue;
        };
        let finding = Diagnostic::error("cannot-be-deemed", &rule.rule.place)
            .message(format!("the lapse of `{}` can't hold `{}` done", rule.name, step.name))
            .label(why)
            .related(&step.rule.place, "the step");
        findings.push(
            finding.help("name a step of `steps` with its outcome: `deems: besluit.toegekend`"),
        );
    }
    findings
}
