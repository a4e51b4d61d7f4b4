//! `restart-with-a-cap`: a standstill after which the term begins anew leaves nothing that a limit could save.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::Procedure;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let causes = procedure
        .deadlines
        .iter()
        .flat_map(|rule| rule.stops.iter().map(move |cause| (rule, cause)));
    causes
        .filter(|(_, cause)| cause.restarts && cause.at_most.is_some())
        .map(|(rule, cause)| {
            Diagnostic::error("restart-with-a-cap", &cause.rule.place)
                .message(format!(
                    "the term of `{}` begins anew, so it can't stand still `at-most` so long",
                    rule.name
                ))
                .label("`then: restart` beside `at-most`")
                .help("remove one of the two")
        })
        .collect()
}
