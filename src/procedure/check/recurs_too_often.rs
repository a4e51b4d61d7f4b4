//! `recurs-too-often`: a deadline that comes back within a day; a case that is left alone would fill with its periods.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Length, Procedure, TermRule};
use crate::time::Unit;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let often = procedure.deadlines.iter().filter(|rule| {
        let often = |term: &TermRule| match term.length {
            Length::Fixed(term) => term.unit() == Unit::Hours && term.amount() < 24,
            Length::Data(_, unit) | Length::Form(_, _, unit) => unit == Some(Unit::Hours),
        };
        rule.recurs.is_some() && rule.within.rules.iter().any(often)
    });
    often
        .map(|rule| {
            Diagnostic::error("recurs-too-often", &rule.rule.place)
                .message(match rule.within.fixed() {
                    Some(term) => format!("`{}` comes back every {term}", rule.name),
                    None => format!("`{}` may come back within a day", rule.name),
                })
                .label("more than once a day")
                .help("let it come back after a day or more")
        })
        .collect()
}
