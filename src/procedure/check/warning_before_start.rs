//! `warning-before-start`: a warning that would come before the clock begins is never given.

use crate::diagnostic::{Diagnostic, Place};
use crate::time::{Term, Unit};

/// Finds a warning that is as long as the term itself, or longer; asked while the place of each is at hand.
pub(in crate::procedure) fn check(within: Term, warn: Term, place: &Place) -> Option<Diagnostic> {
    if least_days(warn) < most_days(within) {
        return None;
    }
    let finding = Diagnostic::warning("warning-before-start", place)
        .message(format!("{warn} before the last day the clock has not begun"))
        .label(format!("the term is {within}"));
    Some(finding.help("warn later, or remove this warning"))
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
