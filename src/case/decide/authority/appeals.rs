//! Who may take part in what is done about an appeal, and who may take one back.

use crate::case::person::PersonId;
use crate::case::refusal::{Refusal, Why};
use crate::case::state::Case;
use crate::procedure::{Breach, Procedure, StepIndex, StepKind};

/// Refuses a step of an appeal to somebody who acted in a role that the appeal shuts out.
pub(super) fn is_independent(
    procedure: &Procedure,
    case: &Case,
    person: &PersonId,
    index: StepIndex,
    of: Breach,
) -> Result<(), Refusal> {
    for (filing, step) in procedure.steps().filter(|(_, step)| step.breach == of) {
        let StepKind::Appeal(appeal) = &step.kind else { continue };
        if appeal.not.is_empty() || !procedure.steps_of_appeal(filing).contains(&index) {
            continue;
        }
        let acted = appeal.not.iter().map(|role| &procedure.role(*role).name);
        let mut acted =
            acted.filter(|role| case.has_acted(person, role) || case.has_stood_as(person, role));
        if let Some(role) = acted.next() {
            let (appeal, role) = (step.name.clone(), role.clone());
            let asked = procedure.step(index).name.as_str();
            return Err(Refusal::new(asked, Why::NotIndependent { appeal, role }).under(&step.rule));
        }
    }
    Ok(())
}

/// Whether one of two people is the other, or represents the other.
pub(in crate::case::decide) fn stand_together(
    case: &Case,
    one: &PersonId,
    other: &PersonId,
) -> bool {
    one == other || case.stands_for(one, other) || case.stands_for(other, one)
}

/// Refuses to take back what somebody else filed.
pub(in crate::case::decide) fn check_filer(
    case: &Case,
    person: &PersonId,
    filer: &PersonId,
) -> Result<(), Why> {
    if stand_together(case, person, filer) { Ok(()) } else { Err(Why::NotYourAppeal) }
}
