//! A case at another moment than now: as it was known then, or as it was then by what is known now.

use super::decide::pass_time;
use super::event::{Event, Fact};
use super::letters::LetterCase;
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
    let history: Vec<Event> = told(history).into_iter().filter(|event| event.at <= at).collect();
    let case = Case::replay(&history);
    case.opening.as_ref()?;
    Some((case, history))
}

/// Returns what happened, as it is told now: where something was told late, the history with that in its place.
pub fn told(history: &[Event]) -> Vec<Event> {
    let retold = history.iter().enumerate().rev().find_map(|(place, event)| {
        let Fact::Retold { history, .. } = &event.fact else { return None };
        Some((place, history))
    });
    match retold {
        Some((place, whole)) => {
            let since = history.get(place.saturating_add(1)..).unwrap_or_default();
            whole.iter().chain(since).cloned().collect()
        }
        None => history.to_vec(),
    }
}

/// Returns all that ever was on record, in the order in which it was recorded: also what has not happened as it is told
/// now.
pub fn ever(history: &[Event]) -> Vec<Event> {
    let events = history.iter().flat_map(|event| {
        let Fact::Retold { history, .. } = &event.fact else { return vec![event.clone()] };
        history.iter().filter(|new| new.revision == event.revision).cloned().collect()
    });
    events.collect()
}

/// Returns the case of which a letter was written that this event makes or sends.
pub fn letter_case(history: &[Event], event: &Event) -> LetterCase {
    for (place, known) in history.iter().enumerate() {
        if known == event {
            return letter_case_at(history, place);
        }
        if let Fact::Retold { history: whole, .. } = &known.fact
            && event.revision == known.revision
            && let Some(place) = whole.iter().position(|known| known == event)
        {
            return letter_case_at(whole, place);
        }
    }
    letter_case_at(history, history.len())
}

fn letter_case_at(history: &[Event], place: usize) -> LetterCase {
    let acted = Case::replay(history.iter().take(place));
    let follows = history.iter().skip(place).take(events_read(history.get(place)));
    let settled = follows.fold(acted.clone(), Case::apply);
    LetterCase { acted, settled }
}

/// Returns how many events, from the one that makes or sends a letter, the case had taken in when it was written.
pub(crate) fn events_read(event: Option<&Event>) -> usize {
    let written_after = match event.map(|event| &event.fact) {
        Some(Fact::LetterMade { written_after, .. } | Fact::LetterSent { written_after, .. }) => {
            *written_after
        }
        Some(_) | None => None,
    };
    written_after
        .map_or(0, |further| usize::try_from(further).unwrap_or(usize::MAX).saturating_add(1))
}
