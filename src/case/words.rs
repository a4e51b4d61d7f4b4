//! Facts of a procedure in the words that its author wrote.

use crate::procedure::{Anchor, Fact, Procedure, StartEvent};

/// Returns a fact as an author writes it after `after:`: `antwoord`, `antwoord.gegrond`, `afdoening.lapsed`.
pub fn fact_as_written(procedure: &Procedure, fact: Fact) -> String {
    match fact {
        Fact::Done(step) => procedure.step(step).name.to_string(),
        Fact::First(step) => format!("{}.any", procedure.step(step).name),
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

/// Returns an anchor as the author writes it: `received`, `bezwaartermijn.end`, `earliest(a, b)`.
pub fn anchor_as_written(procedure: &Procedure, anchor: &Anchor) -> String {
    let all = |parts: &[Anchor]| {
        let parts = parts.iter().map(|part| anchor_as_written(procedure, part));
        parts.collect::<Vec<_>>().join(", ")
    };
    match anchor {
        Anchor::Event(event) => match event {
            StartEvent::Received => "received".to_owned(),
            StartEvent::Opened => "opened".to_owned(),
            StartEvent::Due(step) => format!("{}.due", procedure.step(*step).name),
            StartEvent::Came(fact) => fact_as_written(procedure, *fact),
            StartEvent::Sent(letter) => format!("{}.sent", procedure.letter(*letter).name),
            StartEvent::Data(field) => format!("data.{field}"),
            StartEvent::Form(step, field) => format!("{}.{field}", procedure.step(*step).name),
        },
        Anchor::End(deadline) => format!("{}.end", procedure.deadline(*deadline).name),
        Anchor::Earliest(parts) => format!("earliest({})", all(parts)),
        Anchor::Latest(parts) => format!("latest({})", all(parts)),
        Anchor::OrElse(of, otherwise) => {
            let otherwise = anchor_as_written(procedure, otherwise);
            format!("{}, otherwise {otherwise}", anchor_as_written(procedure, of))
        }
    }
}
