//! `decides-nothing`: the step that is to decide an appeal can be done without one.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (index, step) in procedure.steps() {
        let StepKind::Appeal(appeal) = &step.kind else { continue };
        if procedure.from_there_on(index).contains(&appeal.decided_by) {
            continue;
        }
        let decider = procedure.step(appeal.decided_by);
        let finding = Diagnostic::error("decides-nothing", &decider.rule.place)
            .message(format!(
                "`{}` decides `{}`, but does not come after it",
                decider.name, step.name
            ))
            .label("it would be done without an appeal")
            .related(&step.rule.place, "the appeal");
        findings
            .push(finding.help(format!("let it come after the appeal: `after: {}`", step.name)));
    }
    findings
}
