//! `never-met`: a deadline that nothing meets lapses in every case.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Condition, Procedure};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let open_ended = procedure.deadlines.iter().filter(|rule| {
        let nothing = matches!(&rule.met_by, Condition::Any(parts) if parts.is_empty());
        let opens_a_door = procedure
            .steps
            .iter()
            .flat_map(|step| step.after.facts())
            .any(|fact| matches!(fact, crate::procedure::Fact::Lapsed(of) if procedure.deadline(of).name == rule.name));
        nothing && !opens_a_door && rule.lapse.opens.is_empty() && rule.lapse.closes.is_empty()
    });
    open_ended
        .map(|rule| {
            Diagnostic::warning("never-met", &rule.rule.place)
                .message(format!("nothing meets the deadline `{}`", rule.name))
                .label("it lapses in every case")
                .help("say what meets it: `met-by: antwoord`")
        })
        .collect()
}
