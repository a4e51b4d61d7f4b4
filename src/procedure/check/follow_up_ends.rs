//! `follow-up-ends`: a step that goes on after the end of the case is to end it.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, Step};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let ends = |step: &&Step| {
        step.follow_up && (step.ends.is_some() || step.outcomes.iter().any(|o| o.ends.is_some()))
    };
    let finding = |step: &Step| {
        Diagnostic::error("follow-up-ends", &step.rule.place)
            .message(format!("step `{}` ends the case and goes on after its end", step.name))
            .label("it has `follow-up: true` and `ends`")
            .help("remove `follow-up`, or let another step end the case")
    };
    procedure.steps.iter().filter(ends).map(finding).collect()
}
