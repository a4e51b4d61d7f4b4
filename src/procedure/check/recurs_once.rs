//! `recurs-once`: a deadline that comes back, and is met by something that happens only once.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Fact, Procedure, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in procedure.deadlines.iter().filter(|rule| rule.recurs.is_some()) {
        let once = rule.met_by.facts().into_iter().find(|fact| match fact {
            Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _) => {
                procedure.step(*step).kind != StepKind::AtAnyTime
            }
            Fact::Final(_) | Fact::Lapsed(_) | Fact::PenaltyEnded(_) => true,
        });
        if once.is_none() {
            continue;
        }
        let finding = Diagnostic::error("recurs-once", &rule.rule.place)
            .message(format!("`{}` comes back, but what meets it happens only once", rule.name))
            .label("it could never be met a second time");
        findings.push(finding.help("let an act of `at-any-time` meet it, or nothing"));
    }
    findings
}
