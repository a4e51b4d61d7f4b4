//! Clocks: what a deadline of a case comes to, and what falls due next.
//!
//! A date is never stored as the truth: it is derived from the start, the pauses and the extensions each time it is
//! asked for. Timers are facts about dates, not about uptime.

use super::event::Clock;
use super::state::{Case, ClockRecord, Status};
use crate::procedure::{Deadline, DeadlineIndex, Procedure};
use crate::time::{
    self, CountStep, Instant, Reckoned, Reckoning, StepKind, Suspension, Term, TimeError, Unit,
    WhyIgnored,
};
use chrono::TimeDelta;

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
    let zone = &procedure.zone;
    let (calendar, counting) = (&rule.calendar, &rule.counting);
    Reckoning {
        roll: rule.roll,
        suspensions: &record.pauses,
        suspended_at_most: rule.stops.as_ref().and_then(|stops| stops.at_most),
        extensions: &record.extensions,
        as_of,
        ..Reckoning::new(record.starts_at, zone, rule.within, calendar, counting)
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

fn hours(term: Term) -> TimeDelta {
    TimeDelta::hours(i64::from(term.amount()))
}

/// Returns when a clock has stood still for as long as its rule allows; nothing where there is no limit.
///
/// The count itself says how much of the last pause is taken out, so that the two can't differ.
pub fn pause_over(procedure: &Procedure, rule: &Deadline, record: &ClockRecord) -> Option<Instant> {
    let at_most = rule.stops.as_ref()?.at_most?;
    let pause = record.pauses.last()?;
    if rule.within.unit() == Unit::Hours {
        return pause_over_in_hours(procedure, rule, record, at_most);
    }
    let open = Suspension { from: pause.from, to: None, cause: 0 };
    let mut as_if_open = record.clone();
    *as_if_open.pauses.last_mut()? = open;
    let (_, steps) = explain(procedure, rule, &as_if_open, None).ok()?;
    let of_pauses = |step: &&CountStep| {
        matches!(step.kind, StepKind::Suspended { .. } | StepKind::SuspensionIgnored { .. })
    };
    let last = steps.iter().rfind(of_pauses)?;
    if let StepKind::Suspended { to, .. } = &last.kind {
        let over = procedure.zone.start_of_day(to.succ_opt()?).ok()?;
        return Some(over.max(pause.from));
    }
    // What begins when the term is over changes nothing; it ends when it is made to.
    let used_up = matches!(last.kind, StepKind::SuspensionIgnored { why: WhyIgnored::UsedUp, .. });
    used_up.then_some(pause.from)
}

fn pause_over_in_hours(
    procedure: &Procedure,
    rule: &Deadline,
    record: &ClockRecord,
    at_most: Term,
) -> Option<Instant> {
    let hours = i64::from(at_most.amount());
    let hours = match at_most.unit() {
        Unit::Hours => hours,
        Unit::Days => hours.checked_mul(24)?,
        Unit::Weeks => hours.checked_mul(168)?,
        Unit::Months | Unit::Years => {
            let day = procedure.zone.local_date(record.starts_at);
            let days = time::days_between(day, time::add(day, at_most, &rule.calendar).ok()?);
            days.checked_mul(24)?
        }
        Unit::WorkingDays => return None,
    };
    let mut left = TimeDelta::try_hours(hours)?;
    let (pause, earlier) = record.pauses.split_last()?;
    for pause in earlier {
        let from = pause.from.max(record.starts_at);
        let stood = pause.to.map_or(TimeDelta::zero(), |to| to.signed_duration_since(from));
        left = left.checked_sub(&stood.max(TimeDelta::zero()))?;
    }
    let from = pause.from.max(record.starts_at);
    from.checked_add_signed(left.max(TimeDelta::zero())).map(|at| at.max(pause.from))
}

/// Whether a clock has used up the time that it may stand still.
pub fn pause_is_used_up(
    procedure: &Procedure,
    rule: &Deadline,
    record: &ClockRecord,
    at: Instant,
) -> bool {
    let mut as_if_paused = record.clone();
    as_if_paused.pauses.push(Suspension { from: at, to: None, cause: 0 });
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
