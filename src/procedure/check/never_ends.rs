//! `never-ends`: nothing in the procedure ends a case.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, Step, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let ends = |step: &Step| step.ends.is_some() || step.outcomes.iter().any(|o| o.ends.is_some());
    let Some(first) = procedure.steps.first() else { return Vec::new() };
    if procedure.steps.iter().any(ends) {
        return Vec::new();
    }
    let in_course = procedure.steps.iter().filter(|step| step.kind == StepKind::InCourse);
    let last = in_course.max_by_key(|step| step.rule.place.span.start).unwrap_or(first);
    let finding = Diagnostic::error("never-ends", &last.rule.place)
        .message("no case of this procedure ever ends")
        .label("no step and no outcome has `ends`");
    vec![finding.help("add a last step: `close: { after: …, ends: closed }`")]
}
