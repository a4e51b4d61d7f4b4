//! `same-and-apart`: one person must do two steps, and may not.

use crate::diagnostic::{Diagnostic, Place};
use crate::procedure::definition::{Procedure, StepIndex};
use crate::procedure::people::{Acts, Barred, Same};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for same in &procedure.same {
        let Some((one, other, place)) = kept_apart(procedure, same) else { continue };
        let name = |step: StepIndex| &procedure.step(step).name;
        let finding = Diagnostic::error("same-and-apart", &same.rule.place)
            .message(format!("one person does `{}` and `{}`, and may not", name(one), name(other)))
            .label("by one person")
            .related(place, "never by the same person");
        findings.push(finding.help("take one of the two rules away"));
    }
    findings
}

/// Returns two of the steps that another rule keeps apart, and where that stands.
fn kept_apart<'p>(
    procedure: &'p Procedure,
    same: &Same,
) -> Option<(StepIndex, StepIndex, &'p Place)> {
    let among = |acts: &Acts| same.steps.iter().copied().find(|step| acts.steps.contains(step));
    for apart in &procedure.apart {
        let mut of_same = apart.steps.iter().filter_map(among);
        if let (Some(one), Some(other)) = (of_same.next(), of_same.next())
            && one != other
        {
            return Some((one, other, &apart.rule.place));
        }
    }
    same.steps.iter().find_map(|step| {
        procedure.step(*step).not.iter().find_map(|bar| match &bar.whom {
            Barred::Step(acts) => {
                let other = among(acts).filter(|other| other != step)?;
                Some((other, *step, &bar.rule.place))
            }
            Barred::Party(_)
            | Barred::Role(_)
            | Barred::Data(_)
            | Barred::UnitOfRole(_)
            | Barred::UnitOfStep(_) => None,
        })
    })
}
