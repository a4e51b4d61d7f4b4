//! `reopened-never-ends`: a case that is reopened comes to nothing that ends it again.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, Step, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let Some(reopen) = &procedure.intake.between.reopen else { return Vec::new() };
    let ends = |step: &Step| step.ends.is_some() || step.outcomes.iter().any(|o| o.ends.is_some());
    let again = procedure.from_there_on(reopen.return_to);
    // What is no step in course has a finding of its own.
    let in_course = procedure.step(reopen.return_to).kind == StepKind::InCourse;
    if !in_course || again.iter().any(|step| ends(procedure.step(*step))) {
        return Vec::new();
    }
    let name = &procedure.step(reopen.return_to).name;
    let finding = Diagnostic::error("reopened-never-ends", &reopen.rule.place)
        .message(format!("a case that is reopened at `{name}` does not end again"))
        .label("neither this step nor what comes after it has `ends`");
    vec![finding.help("name a step from which the case comes to a step that ends it")]
}
