//! `recurs-too-often`: a deadline that comes back within a day; a case that is left alone would fill with its periods.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::Procedure;
use crate::time::Unit;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let often = procedure.deadlines.iter().filter(|rule| {
        rule.recurs.is_some() && rule.within.unit() == Unit::Hours && rule.within.amount() < 24
    });
    often
        .map(|rule| {
            Diagnostic::error("recurs-too-often", &rule.rule.place)
                .message(format!("`{}` comes back every {}", rule.name, rule.within))
                .label("more than once a day")
                .help("let it come back after a day or more")
        })
        .collect()
}
