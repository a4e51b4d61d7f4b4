//! `always-stopped`: a clock stands still while an act is possible that is always possible, so that it never runs.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in &procedure.deadlines {
        let steps = rule.stops.iter().flat_map(|stops| {
            stops.while_open.iter().map(move |step| (stops, procedure.step(*step)))
        });
        for (stops, step) in steps {
            if step.kind != StepKind::AtAnyTime {
                continue;
            }
            let finding = Diagnostic::error("always-stopped", &stops.rule.place)
                .message(format!("the clock of `{}` never runs", rule.name))
                .label(format!("it stands still while `{}` is possible", step.name))
                .related(&step.rule.place, "possible as long as the case is open");
            findings.push(finding.help("name a step that becomes due and is done again"));
        }
    }
    findings
}
