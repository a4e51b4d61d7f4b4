//! `returns-and-ends`: one act sends the case back and ends it.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::Procedure;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for step in &procedure.steps {
        if let (Some(back), Some(status)) = (&step.then, &step.ends) {
            let finding = Diagnostic::error("returns-and-ends", &back.place)
                .message(format!("step `{}` sends the case back and ends it", step.name))
                .label("a case that has ended can't go back");
            findings.push(
                finding
                    .related(&step.rule.place, format!("it ends the case as `{status}`"))
                    .help("keep `then` or `ends`; where it depends, give each outcome its own"),
            );
            continue;
        }
        for outcome in &step.outcomes {
            let back = outcome.then.as_ref().or(step.then.as_ref());
            let ends = outcome.ends.as_ref().or(step.ends.as_ref());
            let (Some(_), Some(status)) = (back, ends) else { continue };
            let finding = Diagnostic::error("returns-and-ends", &outcome.rule.place)
                .message(format!(
                    "`{}.{}` sends the case back and ends it as `{status}`",
                    step.name, outcome.name
                ))
                .label("a case that has ended can't go back");
            findings.push(finding.help(
                "what the step itself says holds for each outcome: write `then` or `ends` at the outcomes it is for",
            ));
        }
    }
    findings
}
