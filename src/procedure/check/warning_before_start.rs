//! `warning-before-start`: a warning that would come before the clock begins is never given.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::Procedure;
use crate::time::{Term, Unit};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for rule in &procedure.deadlines {
        for warn in rule.warn.iter().filter(|warn| least_days(**warn) >= most_days(rule.within)) {
            let finding = Diagnostic::warning("warning-before-start", &rule.rule.place)
                .message(format!(
                    "`{}` warns {warn} before its end, which is before it begins",
                    rule.name
                ))
                .label(format!("it lasts {}", rule.within));
            findings.push(finding.help("warn later"));
        }
    }
    findings
}

/// The fewest calendar days that a term can span.
fn least_days(term: Term) -> u64 {
    let amount = u64::from(term.amount());
    match term.unit() {
        Unit::Hours => amount / 24,
        Unit::Days | Unit::WorkingDays => amount,
        Unit::Weeks => amount * 7,
        Unit::Months => amount * 28,
        Unit::Years => amount * 365,
    }
}

/// The most calendar days that a term can span, holidays aside.
fn most_days(term: Term) -> u64 {
    let amount = u64::from(term.amount());
    match term.unit() {
        Unit::Hours => amount / 24 + 1,
        Unit::Days => amount,
        Unit::WorkingDays => amount * 2 + 2,
        Unit::Weeks => amount * 7,
        Unit::Months => amount * 31,
        Unit::Years => amount * 366,
    }
}
