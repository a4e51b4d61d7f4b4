//! `unreachable-step`: what the step comes after can never come true, whatever else happens.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Condition, Fact, Procedure, Step, StepIndex, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let never = |(index, step): (StepIndex, &Step)| {
        let by_lapse = procedure.deadlines.iter().any(|rule| rule.lapse.opens.contains(&index));
        if by_lapse || procedure.owing(index).next().is_some() || step.kind != StepKind::InCourse {
            return None;
        }
        let (one, other) = contradiction(procedure, &step.after)?;
        let finding = Diagnostic::error("unreachable-step", &step.rule.place)
            .message(format!("step `{}` can never be reached", step.name))
            .label(format!("it waits for {one} and {other}, and only one of them can come"));
        Some(finding.help("use `any:` for the first of several, or remove the step"))
    };
    procedure.steps().filter_map(never).collect()
}

/// Returns two outcomes of one step that a condition wants together.
pub(super) fn contradiction(
    procedure: &Procedure,
    condition: &Condition,
) -> Option<(String, String)> {
    let wanted = wanted_together(condition);
    for (place, fact) in wanted.iter().enumerate() {
        let Fact::EndedAs(step, outcome) = fact else { continue };
        let of = procedure.step(*step);
        let clash = wanted.iter().skip(place + 1).find_map(|other| match other {
            Fact::EndedAs(other_step, other) if other_step == step && other != outcome => {
                Some(*other)
            }
            Fact::EndedAs(..)
            | Fact::Done(_)
            | Fact::First(_)
            | Fact::Final(_)
            | Fact::Lapsed(_)
            | Fact::PenaltyEnded(_) => None,
        });
        if let Some(other) = clash
            && of.each.is_none()
        {
            let name = |outcome: usize| format!("`{}.{}`", of.name, of.outcomes[outcome].name);
            return Some((name(outcome.get()), name(other.get())));
        }
    }
    None
}

/// Returns the facts that must all come for a condition to be true, as far as that is certain.
pub(super) fn wanted_together(condition: &Condition) -> Vec<Fact> {
    match condition {
        Condition::Fact(fact) => vec![*fact],
        Condition::All(parts) => parts.iter().flat_map(wanted_together).collect(),
        Condition::AtLeast(wanted, parts) if *wanted >= parts.len() => {
            parts.iter().flat_map(wanted_together).collect()
        }
        Condition::Any(parts) | Condition::Applicable(parts) if parts.len() == 1 => {
            parts.iter().flat_map(wanted_together).collect()
        }
        Condition::Always
        | Condition::Never
        | Condition::Any(_)
        | Condition::Applicable(_)
        | Condition::AtLeast(..) => Vec::new(),
    }
}
