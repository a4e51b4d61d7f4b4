//! `never-met`: a deadline that nothing meets lapses in every case.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Condition, Deadline, DeadlineIndex, Fact, Procedure};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let open_ended = procedure.deadlines.iter().filter(|rule| {
        let nothing = matches!(&rule.met_by, Condition::Any(parts) if parts.is_empty());
        let acts = !rule.lapse.opens.is_empty()
            || !rule.lapse.closes.is_empty()
            || rule.lapse.deems.is_some();
        nothing && !acts && rule.recurs.is_none() && !is_named(procedure, rule)
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

/// Whether a step waits for the lapse of a deadline, or another deadline counts from its end.
fn is_named(procedure: &Procedure, rule: &Deadline) -> bool {
    let mut facts = procedure.steps.iter().flat_map(|step| step.after.facts());
    let mut ends =
        procedure.deadlines.iter().flat_map(Deadline::anchors).flat_map(|anchor| anchor.ends());
    let is = |of: DeadlineIndex| procedure.deadline(of).name == rule.name;
    facts.any(|fact| matches!(fact, Fact::Lapsed(of) | Fact::PenaltyEnded(of) if is(of)))
        || ends.any(|of| is(*of))
}
