//! A case at another moment than now: as it was known then, or as it was then by what is known now.

use super::decide::pass_time;
use super::event::Event;
use super::state::Case;
use crate::procedure::Procedure;
use crate::time::Instant;

/// Returns a case and its history as they were known at a moment: what was recorded by then, and what had fallen due.
/// Nothing if the case was not known then.
pub fn as_known(
    procedure: &Procedure,
    history: &[Event],
    known_at: Instant,
) -> Option<(Case, Vec<Event>)> {
    let by_then = |event: &&Event| event.recorded_at <= known_at;
    let mut history: Vec<Event> = history.iter().filter(by_then).cloned().collect();
    let case = Case::replay(&history);
    case.opening.as_ref()?;
    let passed = pass_time(procedure, &case, known_at).unwrap_or_default();
    let case = passed.iter().fold(case, Case::apply);
    history.extend(passed);
    Some((case, history))
}

/// Returns a case and its history as they were at a moment, by what is known now: what had happened by then, whenever it
/// was recorded. Nothing if the case was not open yet.
///
/// `history` holds what has fallen due up to now, so that nothing is missing before a moment that is not after it.
pub fn as_of(history: &[Event], at: Instant) -> Option<(Case, Vec<Event>)> {
    let happened = |event: &&Event| event.at <= at;
    let history: Vec<Event> = history.iter().filter(happened).cloned().collect();
    let case = Case::replay(&history);
    case.opening.as_ref()?;
    Some((case, history))
}
