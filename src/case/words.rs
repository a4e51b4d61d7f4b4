//! Facts of a procedure in the words that its author wrote.

use crate::procedure::{Fact, Procedure};

/// Returns a fact as an author writes it after `after:`: `antwoord`, `antwoord.gegrond`, `afdoening.lapsed`.
pub fn fact_as_written(procedure: &Procedure, fact: Fact) -> String {
    match fact {
        Fact::Done(step) => procedure.step(step).name.to_string(),
        Fact::EndedAs(step, outcome) => {
            let step = procedure.step(step);
            format!("{}.{}", step.name, step.outcomes[outcome.get()].name)
        }
        Fact::Final(step) => format!("{}.final", procedure.step(step).name),
        Fact::PenaltyEnded(deadline) => {
            format!("{}.penalty-ended", procedure.deadline(deadline).name)
        }
        Fact::Lapsed(deadline) => format!("{}.lapsed", procedure.deadline(deadline).name),
    }
}
