//! `no-default-outcome`: a step that the engine does by itself may find no outcome that is allowed, and stand still.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, StepKind};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let automatic = procedure.steps.iter().filter(|step| step.is_automatic());
    let automatic = automatic.filter(|step| step.kind == StepKind::InCourse);
    automatic
        .filter_map(|step| {
            let last = step.outcomes.last()?;
            last.allowed_place.as_ref()?;
            let finding = Diagnostic::error("no-default-outcome", &last.rule.place)
                .message(format!("step `{}` may find no outcome that is allowed", step.name))
                .label("the last one has a condition too");
            Some(finding.help(
                "the engine takes the first outcome that is allowed: leave `allowed` off the last",
            ))
        })
        .collect()
}
