//! `no-remedy`: a letter must tell how to appeal, and is sent with something against which no appeal lies.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::Procedure;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for letter in &procedure.letters {
        let Some(remedy) = letter.must_contain.iter().find(|wanted| wanted.path == "remedy") else {
            continue;
        };
        let mut senders =
            procedure.steps().filter(|(index, _)| procedure.sends(*index, &letter.name));
        let without = senders.find(|(index, _)| procedure.appeals_against(*index).next().is_none());
        let Some((_, step)) = without else { continue };
        let finding = Diagnostic::error("no-remedy", &remedy.place)
            .message(format!(
                "no appeal lies against `{}`, which sends `{}`",
                step.name, letter.name
            ))
            .label("there is no way to appeal to tell of")
            .related(&step.rule.place, "it could never be done");
        findings.push(
            finding.help(
                "leave `remedy` out, declare an appeal, or give this step a letter of its own",
            ),
        );
    }
    findings
}
