//! Clocks: what a deadline of a case comes to, and what falls due next.
//!
//! A date is never stored as the truth: it is derived from the start, the pauses and the extensions each time it is
//! asked for. Timers are facts about dates, not about uptime.

use super::event::{Clock, Counted, PauseCause};
use super::starts;
use super::state::{Case, ClockRecord, Lengthening, Pause, Status};
use crate::procedure::{self, Deadline, DeadlineIndex, Procedure, Stops};
use crate::time::{
    self, Bound, CountStep, Date, Extension, Instant, Owed, Reckoned, Reckoning, Standstill,
    StandstillDays, StepKind, Suspension, Term, TimeError, Unit, WhyIgnored, tzdb_version,
};
use chrono::{Days, TimeDelta};

/// What falls due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// A clock has stood still for as long as its rule allows.
    PauseOver(Clock),
    /// It is time to warn of a deadline.
    Warning(Clock, Term),
    /// A deadline lapses.
    Lapse(Clock),
    /// It is time to tell again that a deadline has lapsed.
    Reminder(Clock),
    /// The most has come to be owed for a delay.
    PenaltyCap(Clock),
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

/// Returns how long a clock runs: as the record says, where that hangs on the case.
pub fn term(rule: &Deadline, record: &ClockRecord) -> Option<Term> {
    record.kept.or(record.term).or_else(|| rule.within.fixed())
}

/// What a clock is counted from, in the form that the count takes.
struct Basis {
    suspensions: Vec<Suspension>,
    standstills: Vec<Standstill>,
    extensions: Vec<Extension>,
    no_earlier_than: Option<Bound>,
    no_later_than: Option<Bound>,
}

impl Basis {
    fn of(procedure: &Procedure, case: &Case, rule: &Deadline, record: &ClockRecord) -> Self {
        let suspension = |pause: &Pause| Suspension {
            from: pause.from,
            to: stood_until(procedure, case, rule, record, pause),
            cause: cause_of(procedure, rule, pause.because.as_ref()),
        };
        let bound = |bound: &Option<procedure::Bound>| {
            let bound = bound.as_ref()?;
            let starts = match &bound.starts {
                None => record.starts_at,
                Some(anchor) => starts::came(procedure, case, anchor, None)?
                    .counted_from(bound.within.unit(), &procedure.zone),
            };
            Some(Bound { starts, within: bound.within })
        };
        let day = procedure.zone.local_date(record.starts_at);
        Self {
            suspensions: record.pauses.iter().map(suspension).collect(),
            standstills: rule.stops.iter().map(|stops| standstill(rule, stops, day)).collect(),
            extensions: record.extensions.iter().map(Lengthening::counted).collect(),
            no_earlier_than: bound(&rule.no_earlier_than),
            no_later_than: bound(&rule.no_later_than),
        }
    }

    fn reckoning<'a>(
        &'a self,
        procedure: &'a Procedure,
        rule: &'a Deadline,
        record: &ClockRecord,
        as_of: Option<Instant>,
    ) -> Result<Reckoning<'a>, TimeError> {
        let (calendar, counting) = (&rule.calendar, &rule.counting);
        let term = term(rule, record).ok_or(TimeError::TermNotKnown)?;
        Ok(Reckoning {
            backwards: rule.backwards,
            roll: rule.roll,
            suspensions: &self.suspensions,
            standstills: &self.standstills,
            extensions: &self.extensions,
            no_earlier_than: self.no_earlier_than,
            no_later_than: self.no_later_than,
            as_of,
            ..Reckoning::new(record.starts_at, &procedure.zone, term, calendar, counting)
        })
    }
}

/// Returns until when a clock stood still. Where the last day stands as well, and what ended it was that a step's own term
/// passed unused, that day is the last day of that term, and not the midnight after it.
fn stood_until(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    record: &ClockRecord,
    pause: &Pause,
) -> Option<Instant> {
    let to = pause.to?;
    let Some(PauseCause::Step { step }) = &pause.because else { return Some(to) };
    let lapsed_then = case.clocks.iter().any(|(clock, of_step)| {
        clock.deadline == *step && of_step.lapsed.is_some_and(|(at, _)| at == to)
    });
    let (law, _) = rule.counting.on(procedure.zone.local_date(record.starts_at));
    let stops = rule.stops.get(cause_of(procedure, rule, pause.because.as_ref()));
    let said = stops.and_then(|stops| stops.last_day_stands);
    if lapsed_then && said.unwrap_or(law.standstill.last) {
        return to.checked_sub_signed(TimeDelta::seconds(1)).or(Some(to));
    }
    Some(to)
}

/// Returns a cause as the count takes it; of its first and last day, what the author doesn't say the law does.
fn standstill(rule: &Deadline, stops: &Stops, starts_on: Date) -> Standstill {
    let said = stops.first_day_stands.or(stops.last_day_stands).is_some();
    let days = said.then(|| {
        let (law, _) = rule.counting.on(starts_on);
        StandstillDays {
            first: stops.first_day_stands.unwrap_or(law.standstill.first),
            last: stops.last_day_stands.unwrap_or(law.standstill.last),
            source: stops.rule.cite.clone(),
        }
    });
    Standstill { at_most: stops.at_most, days, restarts: stops.restarts }
}

/// Returns the position of the rule under which a clock stands still, or stood.
pub fn cause_of(procedure: &Procedure, rule: &Deadline, because: Option<&PauseCause>) -> usize {
    let found = match because {
        Some(PauseCause::Step { step }) => rule.stops.iter().position(|stops| {
            stops.while_open.iter().any(|open| procedure.step(*open).name == *step)
        }),
        Some(PauseCause::Hand { role: Some(role), .. }) => rule
            .stops
            .iter()
            .position(|stops| stops.who.iter().any(|who| procedure.role(*who).name == *role)),
        Some(PauseCause::Hand { role: None, .. }) => {
            rule.stops.iter().position(|stops| !stops.who.is_empty())
        }
        None => None,
    };
    found.unwrap_or(0)
}

/// Returns when a clock ends as things stand. A pause that goes on counts up to `as_of`.
///
/// # Errors
/// [`TimeError`] when the count leaves the range of dates.
pub fn reckon(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    record: &ClockRecord,
    as_of: Option<Instant>,
) -> Result<Reckoned, TimeError> {
    let basis = Basis::of(procedure, case, rule, record);
    time::reckon(&basis.reckoning(procedure, rule, record, as_of)?)
}

/// Returns when a clock ends as things stand, and every step of the count.
///
/// # Errors
/// [`TimeError`] when the count leaves the range of dates.
pub fn explain(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    record: &ClockRecord,
    as_of: Option<Instant>,
) -> Result<(Reckoned, Vec<CountStep>), TimeError> {
    let basis = Basis::of(procedure, case, rule, record);
    time::explain(&basis.reckoning(procedure, rule, record, as_of)?)
}

/// Returns the last day of a clock together with what it was counted by.
pub fn counted(rule: &Deadline, end: Reckoned) -> Counted {
    let calendar = &rule.calendar;
    Counted {
        last_day: end.last_day,
        calendar: format!("{}@{}", calendar.name(), calendar.version()),
        tzdb: tzdb_version().to_owned(),
    }
}

/// Returns what is owed for the delay, up to and with the day of `now`; nothing where there is no penalty.
pub fn owed(
    procedure: &Procedure,
    rule: &Deadline,
    record: &ClockRecord,
    now: Instant,
) -> Option<Owed> {
    let of_rule = rule.penalty.as_ref()?;
    let of_clock = record.penalty.as_ref()?;
    Some(match of_clock.ended {
        Some(end) => Owed { days: end.days, cents: end.cents, capped: end.capped },
        None => of_rule.penalty.owed(of_clock.last_day, procedure.zone.local_date(now)),
    })
}

/// Returns what falls due next in a case, whether or not its time has come.
///
/// Of several at one instant, the end of a pause comes before a warning and a warning before a lapse; clocks come in
/// the order of the procedure's text.
pub fn next_timer(procedure: &Procedure, case: &Case) -> Option<Timer> {
    let clocks = case.clocks.iter().filter(|(_, record)| record.end.is_none());
    let of_clocks = clocks.flat_map(|(clock, record)| timers_of(procedure, case, clock, record));
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
        Due::Reminder(_) => 3,
        Due::PenaltyCap(_) => 4,
        Due::Records => 5,
    }
}

fn timers_of(
    procedure: &Procedure,
    case: &Case,
    clock: &Clock,
    record: &ClockRecord,
) -> Vec<(usize, Timer)> {
    let Some((index, rule)) = rule(procedure, clock) else { return Vec::new() };
    let order = index.get();
    let only = |at: Option<Instant>, due: Due| -> Vec<(usize, Timer)> {
        at.map(|at| (order, Timer { at, due })).into_iter().collect()
    };
    if let Some((lapsed_at, last_day)) = record.lapsed {
        let is_open = case.status == Status::Open;
        let again = || reminder_at(procedure, rule, record, lapsed_at, last_day);
        let again = is_open.then(again).flatten();
        let mut timers = only(again, Due::Reminder(clock.clone()));
        timers.extend(only(penalty_cap(procedure, rule, record), Due::PenaltyCap(clock.clone())));
        return timers;
    }
    if record.is_paused() {
        let over = pause_over(procedure, case, rule, record);
        let lapse = lapses_all_the_same(procedure, case, rule, record);
        return match (over, lapse) {
            (Some(over), Some(at)) if over <= at => only(Some(over), Due::PauseOver(clock.clone())),
            (_, Some(at)) => only(Some(at), Due::Lapse(clock.clone())),
            (over, None) => only(over, Due::PauseOver(clock.clone())),
        };
    }
    if starts::is_open_ended(procedure, case, rule) {
        return Vec::new();
    }
    let Ok(reckoned) = reckon(procedure, case, rule, record, None) else { return Vec::new() };
    let lapse = (order, Timer { at: reckoned.ends_at, due: Due::Lapse(clock.clone()) });
    let warnings = rule.warn.iter().filter(|before| !record.warned.contains(before));
    let warnings = warnings.filter_map(|before| {
        let at = warning_at(procedure, rule, reckoned, *before)?;
        let timer = Timer { at, due: Due::Warning(clock.clone(), *before) };
        (at > record.started_at).then_some((order, timer))
    });
    warnings.chain([lapse]).collect()
}

/// Returns when people are told again, counted from the day after the last day, or from the instant of the lapse.
fn reminder_at(
    procedure: &Procedure,
    rule: &Deadline,
    record: &ClockRecord,
    lapsed_at: Instant,
    last_day: Date,
) -> Option<Instant> {
    let remind = rule.lapse.remind.as_ref().filter(|remind| record.reminded < remind.at_most)?;
    let amount = remind.every.amount().checked_mul(record.reminded.checked_add(1)?)?;
    let after = Term::new(amount, remind.every.unit()).ok()?;
    if after.unit() == Unit::Hours {
        return lapsed_at.checked_add_signed(hours(after));
    }
    let day = time::add(last_day.succ_opt()?, after, &rule.calendar).ok()?;
    procedure.zone.start_of_day(day).ok()
}

/// Returns when the most has come to be owed: when the last of the days is over for which it is.
fn penalty_cap(procedure: &Procedure, rule: &Deadline, record: &ClockRecord) -> Option<Instant> {
    let penalty = record.penalty.as_ref().filter(|penalty| penalty.ended.is_none())?;
    let days = rule.penalty.as_ref()?.penalty.most_days();
    let last = penalty.last_day.checked_add_days(Days::new(u64::from(days)))?;
    procedure.zone.start_of_day(last.succ_opt()?).ok()
}

/// After how many days the end that a bound gives has surely moved over the days on which no term may end.
const LONGEST_ROLL: i64 = 366;

/// Returns when a clock lapses although it stands still, however long that lasts: when it may end no later, or when what
/// it stands still for came so late that nothing of the term was left to save. On the last day, a standstill that counts
/// from the day after changes nothing.
fn lapses_all_the_same(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    record: &ClockRecord,
) -> Option<Instant> {
    let mut as_if_running = record.clone();
    as_if_running.pauses.pop()?;
    let ends_at = reckon(procedure, case, rule, &as_if_running, None).ok()?.ends_at;
    let bound = Basis::of(procedure, case, rule, record).no_later_than.and_then(|bound| {
        let starts_on = procedure.zone.local_date(bound.starts);
        let last_day = time::add(starts_on, bound.within, &rule.calendar).ok()?;
        procedure.zone.start_of_day(last_day.succ_opt()?).ok()
    });
    // The latest day may be one on which no term ends.
    let as_of = bound.map_or(ends_at, |bound| bound.max(ends_at) + TimeDelta::days(LONGEST_ROLL));
    let end = reckon(procedure, case, rule, record, Some(as_of)).ok()?;
    (end.ends_at <= as_of).then_some(end.ends_at)
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
pub fn pause_over(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    record: &ClockRecord,
) -> Option<Instant> {
    let pause = record.pauses.last()?;
    let cause = cause_of(procedure, rule, pause.because.as_ref());
    let at_most = rule.stops.get(cause)?.at_most?;
    if rule.within.is_in_hours() {
        return pause_over_in_hours(procedure, rule, record, at_most);
    }
    let mut as_if_open = record.clone();
    as_if_open.pauses.last_mut()?.to = None;
    let (_, steps) = explain(procedure, case, rule, &as_if_open, None).ok()?;
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
    let cause = |pause: &Pause| cause_of(procedure, rule, pause.because.as_ref());
    for earlier in earlier.iter().filter(|earlier| cause(earlier) == cause(pause)) {
        let from = earlier.from.max(record.starts_at);
        let stood = earlier.to.map_or(TimeDelta::zero(), |to| to.signed_duration_since(from));
        left = left.checked_sub(&stood.max(TimeDelta::zero()))?;
    }
    let from = pause.from.max(record.starts_at);
    from.checked_add_signed(left.max(TimeDelta::zero())).map(|at| at.max(pause.from))
}

/// Whether a clock has used up the time that it may stand still for this cause.
pub fn pause_is_used_up(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    record: &ClockRecord,
    at: Instant,
    because: &PauseCause,
) -> bool {
    let mut as_if_paused = record.clone();
    as_if_paused.pauses.push(Pause { from: at, to: None, because: Some(because.clone()) });
    match pause_over(procedure, case, rule, &as_if_paused) {
        Some(over) => over <= at,
        // On the last day a standstill takes nothing out any more, so the count does not say what is left.
        None => was_used_up(procedure, case, rule, record, because),
    }
}

/// Whether a clock stood still for this cause until it might no longer.
fn was_used_up(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    record: &ClockRecord,
    because: &PauseCause,
) -> bool {
    let cause = cause_of(procedure, rule, Some(because));
    let same = |pause: &Pause| cause_of(procedure, rule, pause.because.as_ref()) == cause;
    let Some(last) = record.pauses.iter().rposition(same) else { return false };
    let mut until_then = record.clone();
    until_then.pauses.truncate(last + 1);
    let ended = until_then.pauses.last().and_then(|pause| pause.to);
    let over = pause_over(procedure, case, rule, &until_then);
    over.zip(ended).is_some_and(|(over, ended)| over <= ended)
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
