//! A text that is in force by the day of a decision, or of an appeal: which one that is, is known when that comes.
//!
//! A case is opened on the text that is in force by what is known then. When it is decided, or an appeal is filed, the
//! record of what was published is asked again. If another text is in force for that by its own day, the case moves to
//! it in the commit of the act and just before it, by the rule of that text and by nobody.

use super::{Adopted, Attempt, Engine, EngineError, attempt_by};
use crate::case::{Act, Case, Command, End, Event, Move, decide_late_moving, decide_moving};
use crate::catalog::CaseDays;
use crate::procedure::{Mapping, Procedure, SelectedBy, StepKind};
use crate::time::{Date, Instant};

impl Engine {
    /// Returns the text that is in force for an act by its day, if the case runs on another one; and why.
    pub(super) fn goes_over_to(
        &self,
        procedure: &Procedure,
        case: &Case,
        act: &Act,
        at: Instant,
    ) -> Result<Option<(Adopted, String)>, EngineError> {
        let Act::Do(doing) = act else { return Ok(None) };
        let Some(opening) = &case.opening else { return Ok(None) };
        // Whoever saw the old text says the old name: a step of it that neither decides nor files an appeal moves nothing,
        // whatever was published.
        let by_days = [SelectedBy::Decided, SelectedBy::Appealed];
        let is_known = procedure.find_step(&doing.step).is_some();
        if is_known && !by_days.iter().any(|day| is(procedure, &doing.step, *day)) {
            return Ok(None);
        }
        let record = self.publications(procedure.name.as_str())?;
        let day = |at: Instant| procedure.zone.local_date(at);
        let days = CaseDays {
            received: day(opening.received_at),
            opened: day(opening.opened_at),
            decided: decided_at(procedure, case).map(day),
            appealed: None,
            on: day(at),
        };
        for selected_by in by_days {
            // What is done now counts from now, whatever was decided before.
            let days = match selected_by {
                SelectedBy::Decided => CaseDays { decided: None, ..days },
                SelectedBy::Received | SelectedBy::Opened | SelectedBy::Appealed => days,
            };
            let Some(picked) = record.picked(&days) else { continue };
            if picked.in_force.selected_by != selected_by || picked.version == procedure.version {
                continue;
            }
            let to = self.adopted(picked.version)?;
            // Whoever read the new text says the new name.
            let said_of = if is_known { procedure } else { &*to.procedure };
            if is(said_of, &doing.step, selected_by) {
                return Ok(Some((to, reason(selected_by, picked.in_force.from))));
            }
        }
        Ok(None)
    }
}

/// Whether a step decides, or files an appeal.
fn is(procedure: &Procedure, step: &str, selected_by: SelectedBy) -> bool {
    let Some(index) = procedure.find_step(step) else { return false };
    let step = procedure.step(index);
    match selected_by {
        SelectedBy::Decided => step.decision,
        SelectedBy::Appealed => matches!(step.kind, StepKind::Appeal(_)),
        SelectedBy::Received | SelectedBy::Opened => false,
    }
}

/// Returns when the case was decided last.
fn decided_at(procedure: &Procedure, case: &Case) -> Option<Instant> {
    let steps = procedure.steps.iter().filter(|step| step.decision);
    let records = steps.filter_map(|step| case.step(&step.name));
    let rounds = records.flat_map(|record| record.earlier.iter().chain(&record.opened));
    let ends = rounds.flat_map(|round| &round.instances).filter_map(|one| one.end.as_ref());
    let done = ends.filter_map(|end| if let End::Done(done) = end { Some(done.at) } else { None });
    done.max()
}

/// Returns why a case moves, as the record keeps it.
fn reason(selected_by: SelectedBy, from: Option<Date>) -> String {
    let what = selected_by.happened();
    let from = from.map(|from| format!("from: {from}, ")).unwrap_or_default();
    format!("in-force: {{ {from}selected-by: {what} }}")
}

/// Decides a command for which another text is in force, as [`super::attempt`] does one of the text on which the case runs.
pub(super) fn attempt_moving(
    (from, to): (&Procedure, &Procedure),
    reason: &str,
    before: &Case,
    command: &Command,
    history: &dyn Fn() -> Result<Vec<Event>, EngineError>,
) -> Result<Attempt, EngineError> {
    let by_hand = Mapping::default();
    let moving =
        Move { from, to, by_hand: &by_hand, by: None, reason: Some(reason), now: command.now };
    attempt_by(
        from,
        before,
        command,
        history,
        &|case, command| decide_moving(&moving, case, command),
        &|history, command| decide_late_moving(&moving, history, command),
    )
}
