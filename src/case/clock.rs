//! Clocks: what a deadline of a case comes to, and what falls due next.
//!
//! A date is never stored as the truth: it is derived from the start, the pauses and the extensions each time it is
//! asked for. Timers are facts about dates, not about uptime.

use super::event::Clock;
use super::state::{Case, ClockRecord, Status};
use crate::procedure::{Deadline, DeadlineIndex, Procedure};
use crate::time::{self, CountStep, Date, Instant, Reckoned, Reckoning, Term, TimeError, Unit};

/// What falls due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// A clock has stood still for as long as its rule allows.
    PauseOver(Clock),
    /// It is time to warn of a deadline.
    Warning(Clock, Term),
    /// A deadline lapses.
    Lapse(Clock),
    /// The term of keeping the record is over.
    Records,
}

/// Something that falls due at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// When.
    pub at: Instant,
    /// What.
    pub due: Due,
}

/// Returns the rule of a clock.
pub fn rule<'p>(procedure: &'p Procedure, clock: &Clock) -> Option<(DeadlineIndex, &'p Deadline)> {
    let index = procedure.find_deadline(clock.deadline.as_str())?;
    Some((index, procedure.deadline(index)))
}

fn reckoning<'a>(
    procedure: &'a Procedure,
    rule: &'a Deadline,
    record: &'a ClockRecord,
    as_of: Option<Instant>,
) -> Reckoning<'a> {
    Reckoning {
        starts: record.starts_at,
        zone: &procedure.zone,
        within: rule.within,
        calendar: &rule.calendar,
        counting: &rule.counting,
        roll: rule.roll,
        suspensions: &record.pauses,
        suspended_at_most: rule.stops.as_ref().and_then(|stops| stops.at_most),
        extensions: &record.extensions,
        as_of,
    }
}

/// Returns when a clock ends as things stand. A pause that goes on counts up to `as_of`.
///
/// # Errors
/// [`TimeError`] when the count leaves the range of dates.
pub fn reckon(
    procedure: &Procedure,
    rule: &Deadline,
    record: &ClockRecord,
    as_of: Option<Instant>,
) -> Result<Reckoned, TimeError> {
    time::reckon(&reckoning(procedure, rule, record, as_of))
}

/// Returns when a clock ends as things stand, and every step of the count.
///
/// # Errors
/// [`TimeError`] when the count leaves the range of dates.
pub fn explain(
    procedure: &Procedure,
    rule: &Deadline,
    record: &ClockRecord,
    as_of: Option<Instant>,
) -> Result<(Reckoned, Vec<CountStep>), TimeError> {
    time::explain(&reckoning(procedure, rule, record, as_of))
}

/// Returns what falls due next in a case, whether or not its time has come.
///
/// Of several at one instant, the end of a pause comes before a warning and a warning before a lapse; clocks come in
/// the order of the procedure's text.
pub fn next_timer(procedure: &Procedure, case: &Case) -> Option<Timer> {
    let clocks = case.clocks.iter().filter(|(_, record)| record.is_running());
    let of_clocks = clocks.flat_map(|(clock, record)| timers_of(procedure, clock, record));
    let of_record = records_timer(procedure, case).map(|timer| (usize::MAX, timer));
    of_clocks
        .chain(of_record)
        .min_by_key(|(order, timer)| (timer.at, rank(&timer.due), *order))
        .map(|(_, timer)| timer)
}

fn rank(due: &Due) -> u8 {
    match due {
        Due::PauseOver(_) => 0,
        Due::Warning(..) => 1,
        Due::Lapse(_) => 2,
        Due::Records => 3,
    }
}

fn timers_of(procedure: &Procedure, clock: &Clock, record: &ClockRecord) -> Vec<(usize, Timer)> {
    let Some((index, rule)) = rule(procedure, clock) else { return Vec::new() };
    let order = index.get();
    if record.is_paused() {
        let over = pause_over(procedure, rule, record);
        let timer = over.map(|at| (order, Timer { at, due: Due::PauseOver(clock.clone()) }));
        return timer.into_iter().collect();
    }
    let Ok(reckoned) = reckon(procedure, rule, record, None) else { return Vec::new() };
    let lapse = (order, Timer { at: reckoned.ends_at, due: Due::Lapse(clock.clone()) });
    let warnings = rule.warn.iter().filter(|before| !record.warned.contains(before));
    let warnings = warnings.filter_map(|before| {
        let at = warning_at(procedure, rule, reckoned, *before)?;
        let timer = Timer { at, due: Due::Warning(clock.clone(), *before) };
        (at > record.started_at).then_some((order, timer))
    });
    warnings.chain([lapse]).collect()
}

fn warning_at(
    procedure: &Procedure,
    rule: &Deadline,
    end: Reckoned,
    before: Term,
) -> Option<Instant> {
    if before.unit() == Unit::Hours {
        return end.ends_at.checked_sub_signed(hours(before));
    }
    let day = time::subtract(end.last_day, before, &rule.calendar).ok()?;
    procedure.zone.start_of_day(day).ok()
}

fn hours(term: Term) -> chrono::TimeDelta {
    chrono::TimeDelta::hours(i64::from(term.amount()))
}

/// Returns when a clock has stood still for as long as its rule allows; nothing where there is no limit.
pub fn pause_over(procedure: &Procedure, rule: &Deadline, record: &ClockRecord) -> Option<Instant> {
    let at_most = rule.stops.as_ref()?.at_most?;
    let pause = record.pauses.last()?;
    let earlier = &record.pauses[..record.pauses.len() - 1];
    let used: chrono::TimeDelta =
        earlier.iter().filter_map(|pause| Some(pause.to?.signed_duration_since(pause.from))).sum();
    if at_most.unit() == Unit::Hours {
        return pause.from.checked_add_signed(hours(at_most) - used).map(|at| at.max(pause.from));
    }
    let used_days = earlier
        .iter()
        .filter_map(|pause| {
            let (from, to) =
                (procedure.zone.local_date(pause.from), procedure.zone.local_date(pause.to?));
            Some(time::days_between(from, to))
        })
        .sum::<i64>();
    let began: Date = procedure.zone.local_date(pause.from);
    let full = time::add(began, at_most, &rule.calendar).ok()?;
    let last = full.checked_sub_days(chrono::Days::new(u64::try_from(used_days).unwrap_or(0)))?;
    let at = procedure.zone.start_of_day(last).ok()?;
    Some(at.max(pause.from))
}

/// Whether a clock has used up the time that it may stand still.
pub fn pause_is_used_up(
    procedure: &Procedure,
    rule: &Deadline,
    record: &ClockRecord,
    at: Instant,
) -> bool {
    let mut as_if_paused = record.clone();
    as_if_paused.pauses.push(time::Suspension { from: at, to: None });
    pause_over(procedure, rule, &as_if_paused).is_some_and(|over| over <= at)
}

fn records_timer(procedure: &Procedure, case: &Case) -> Option<Timer> {
    match &case.status {
        Status::Archived { keep_until: Some(last_day), records_due: false, .. } => {
            let at = procedure.zone.start_of_day(last_day.succ_opt()?).ok()?;
            Some(Timer { at, due: Due::Records })
        }
        Status::Archived { .. } | Status::Ended { .. } | Status::Open => None,
    }
}
