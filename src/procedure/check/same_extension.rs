//! `same-extension`: two ways to lengthen a deadline that a record could not tell apart.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::Procedure;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in &procedure.deadlines {
        for (place, extend) in rule.extend.iter().enumerate() {
            let label = extend.label();
            let earlier = rule.extend.iter().take(place).find(|other| other.label() == label);
            let Some(earlier) = earlier else { continue };
            let finding = Diagnostic::error("same-extension", &extend.rule.place)
                .message(format!("two ways to lengthen `{}` are both called `{label}`", rule.name))
                .label("this one")
                .related(&earlier.rule.place, "and this one");
            findings.push(
                finding
                    .help("give each the paragraph that it rests on: `cite: Awb 7:10, derde lid`"),
            );
        }
    }
    findings
}
