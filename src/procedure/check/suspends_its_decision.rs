//! `suspends-its-decision`: an appeal holds up the step that decides it, so that it is never decided.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (index, step) in procedure.steps() {
        let StepKind::Appeal(appeal) = &step.kind else { continue };
        let decider = procedure.step(appeal.decided_by);
        if !decider.suspended_by.contains(&index) {
            continue;
        }
        let finding = Diagnostic::error("suspends-its-decision", &step.rule.place)
            .message(format!("`{}` suspends `{}`, which decides it", step.name, decider.name))
            .label("it could never be decided")
            .related(&decider.rule.place, "the step that decides it");
        findings.push(finding.help(format!("take `{}` out of `suspends`", decider.name)));
    }
    findings
}
