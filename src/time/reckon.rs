//! The count: from the day of an event to the last day of a term.
//!
//! There is one count. [`reckon`] runs it in silence, [`explain`] writes down each step; they can't differ.

use super::calendar::day_after;
use super::{
    Calendar, CountStep, Counting, Date, FirstDay, For, Instant, Roll, StepKind, Term, TimeError,
    TimeZone, Unit, WhyIgnored, add, civil, days_between,
};
use chrono::{Datelike, Days, TimeDelta};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A time in which the clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The instant at which it stopped.
    pub from: Instant,
    /// The instant at which it ran again; `None` while it stands still.
    pub to: Option<Instant>,
}

/// All that a date is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Reckoning<'a> {
    /// When the event happened from which is counted.
    pub starts: Instant,
    /// Whose midnight ends a day.
    pub zone: &'a TimeZone,
    /// The term.
    pub within: Term,
    /// The days off.
    pub calendar: &'a Calendar,
    /// How the term becomes a date.
    pub counting: &'a Counting,
    /// What happens to an end on a day off, in place of what the counting rule says, and for terms of every length.
    pub roll: Option<Roll>,
    /// When the clock stood still; in any order, and a day that two of them cover is taken out once.
    pub suspensions: &'a [Suspension],
    /// How long the clock may stand still, all times together; after that it runs on.
    ///
    /// Months and years are measured from the first day that is taken out.
    pub suspended_at_most: Option<Term>,
    /// By how much the term was lengthened, each from the end so far.
    pub extensions: &'a [Term],
    /// Up to when an open suspension is counted. Without it, an open suspension lasts as long as it may.
    pub as_of: Option<Instant>,
}

/// The end of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reckoned {
    /// The last day on which it is not too late, in the time zone of the count.
    pub last_day: Date,
    /// The first instant that is too late: the start of the day after, or for a term in hours the very instant.
    pub ends_at: Instant,
    /// The calendar was asked about days for which its days off are not certain.
    pub provisional: bool,
    /// A suspension is still open, so the date moves on.
    pub standing_still: bool,
}

/// Returns the end of a term.
/// # Errors
/// [`TimeError::OutOfRange`] after the year 9999; [`TimeError::NoWorkingDay`] with a calendar in which no day works;
/// [`TimeError::MixedUnits`] when hours lengthen or limit what is counted in days; [`TimeError::PauseEndsFirst`];
/// [`TimeError::StandsStill`] for an open suspension that neither `as_of` nor `suspended_at_most` bounds.
/// # Examples
/// ```
/// use verloop::time::{Jurisdiction, Reckoning, parse_instant, reckon};
/// let nl = Jurisdiction::named("nl")?;
/// let end = reckon(&Reckoning {
///     starts: parse_instant("2023-04-14 10:00", &nl.time_zone)?,
///     zone: &nl.time_zone,
///     within: "6 weeks".parse()?,
///     calendar: &nl.calendar,
///     counting: &nl.counting,
///     roll: None,
///     suspensions: &[],
///     suspended_at_most: None,
///     extensions: &[],
///     as_of: None,
/// })?;
/// assert_eq!(end.last_day.to_string(), "2023-05-26"); // ECLI:NL:RBMNE:2024:6245
/// assert_eq!(end.ends_at.to_string(), "2023-05-26 22:00:00 UTC");
/// # Ok::<(), verloop::time::TimeError>(())
/// ```
pub fn reckon(reckoning: &Reckoning<'_>) -> Result<Reckoned, TimeError> {
    count(reckoning, &mut Silent)
}

/// Returns the end of a term, as [`reckon`], with each step of the count.
/// # Errors
/// As [`reckon`].
pub fn explain(reckoning: &Reckoning<'_>) -> Result<(Reckoned, Vec<CountStep>), TimeError> {
    let mut steps = Vec::new();
    let end = count(reckoning, &mut steps)?;
    Ok((end, steps))
}

/// Where the steps of a count are written down.
trait Trace {
    /// Whether anybody reads them.
    const HEARD: bool;
    fn note(&mut self, date: Date, source: Option<&str>, kind: impl FnOnce() -> StepKind);
}

struct Silent;

impl Trace for Silent {
    const HEARD: bool = false;
    fn note(&mut self, _: Date, _: Option<&str>, _: impl FnOnce() -> StepKind) {}
}

impl Trace for Vec<CountStep> {
    const HEARD: bool = true;
    fn note(&mut self, date: Date, source: Option<&str>, kind: impl FnOnce() -> StepKind) {
        self.push(CountStep { kind: kind(), date, source: source.map(str::to_owned) });
    }
}

/// So many skipped days are listed one by one; the rest is a number.
const LISTED_DAYS: i64 = 400;

fn count(reckoning: &Reckoning<'_>, trace: &mut impl Trace) -> Result<Reckoned, TimeError> {
    let suspensions = in_order(reckoning.suspensions);
    if reckoning.within.unit() == Unit::Hours {
        return Hours { reckoning, suspensions: &suspensions }.count(trace);
    }
    Dates::new(reckoning, &suspensions)?.count(trace)
}

fn in_order(suspensions: &[Suspension]) -> Cow<'_, [Suspension]> {
    if suspensions.is_sorted_by_key(|suspension| suspension.from) {
        return Cow::Borrowed(suspensions);
    }
    let mut sorted = suspensions.to_vec();
    sorted.sort_by_key(|suspension| suspension.from);
    Cow::Owned(sorted)
}

/// The end of one suspension, as far as it is to be counted.
enum Until {
    Instant(Instant),
    /// It is open, and lasts as long as it may.
    AllThatMayBe,
    /// It is open and begins after the moment up to which is counted.
    NotYet,
}

impl Reckoning<'_> {
    fn until(&self, suspension: Suspension) -> Result<Until, TimeError> {
        let local = |at| self.zone.local_date(at);
        match (suspension.to, self.as_of) {
            (Some(to), _) if to < suspension.from => {
                Err(TimeError::PauseEndsFirst { from: local(suspension.from), to: local(to) })
            }
            (Some(to), _) => Ok(Until::Instant(to)),
            (None, Some(now)) if now < suspension.from => Ok(Until::NotYet),
            (None, Some(now)) => Ok(Until::Instant(now)),
            (None, None) if self.suspended_at_most.is_some() => Ok(Until::AllThatMayBe),
            (None, None) => Err(TimeError::StandsStill { since: local(suspension.from) }),
        }
    }
}

/// A count whose end is a date.
struct Dates<'a> {
    reckoning: &'a Reckoning<'a>,
    suspensions: &'a [Suspension],
    /// The day before the first day that counts.
    day_zero: Date,
    /// The roll that applies to this term, after the law's scope.
    roll: Roll,
    /// The law's rules on days off reach this term.
    in_scope: bool,
}

/// What the suspensions did to a count so far.
#[derive(Default)]
struct Standstill {
    /// The first day after the last day that was taken out: the term can't end before it.
    resumed_on: Option<Date>,
    /// How many of the days taken out are days on which a term may end.
    term_days: i64,
    still_open: bool,
}

impl<'a> Dates<'a> {
    fn new(reckoning: &'a Reckoning<'a>, suspensions: &'a [Suspension]) -> Result<Self, TimeError> {
        let day = civil(reckoning.zone.local_date(reckoning.starts))?;
        let counting = reckoning.counting;
        let day_zero = match counting.first_day {
            FirstDay::DayAfter => day,
            FirstDay::SameDay => day.pred_opt().ok_or(TimeError::OutOfRange)?,
        };
        let in_scope = counting.scope.reaches(reckoning.within);
        let by_law = if in_scope { counting.roll } else { Roll::None };
        let roll = reckoning.roll.unwrap_or(by_law);
        Ok(Self { reckoning, suspensions, day_zero, roll, in_scope })
    }

    fn count(&self, trace: &mut impl Trace) -> Result<Reckoned, TimeError> {
        let Reckoning { zone, calendar, counting, within, .. } = *self.reckoning;
        let day = zone.local_date(self.reckoning.starts);
        trace.note(day, counting.first_day_source, || StepKind::Start {
            at: self.reckoning.starts,
            day_counts: counting.first_day == FirstDay::SameDay,
        });
        let mut base = self.base(day)?;
        if within.unit() == Unit::WorkingDays {
            self.skipped(self.day_zero, base, For::Working, trace);
        }
        trace.note(base, None, || StepKind::Term { term: within });
        let standstill = if self.suspensions.is_empty() {
            Standstill::default()
        } else {
            self.stand_still(&mut base, trace)?
        };
        let raw = self.extend(base, trace)?;
        let raw = self.no_earlier_than(raw, standstill.resumed_on, trace);
        let held = self.hold_minimum(raw, &standstill, trace)?;
        let last_day = civil(self.rolled(held, trace)?)?;
        let provisional = self.is_provisional(raw, last_day);
        if provisional && let Some((known_from, known_to)) = calendar.known() {
            trace.note(last_day, None, || StepKind::Provisional {
                calendar: calendar.name().to_owned(),
                version: calendar.version().to_owned(),
                known_from,
                known_to,
            });
        }
        if standstill.still_open {
            trace.note(last_day, None, || StepKind::StandingStill);
        }
        let ends_at = zone.start_of_day(day_after(last_day)?)?;
        trace.note(last_day, None, || StepKind::End { ends_at });
        Ok(Reckoned { last_day, ends_at, provisional, standing_still: standstill.still_open })
    }

    /// Returns where the bare term ends, when `day` is the day of the event.
    fn base(&self, day: Date) -> Result<Date, TimeError> {
        let Reckoning { calendar, counting, within, .. } = *self.reckoning;
        match (counting.first_day, within.unit()) {
            (FirstDay::DayAfter, _) => add(day, within, calendar),
            (FirstDay::SameDay, Unit::Hours | Unit::Days | Unit::WorkingDays | Unit::Weeks) => {
                add(self.day_zero, within, calendar)
            }
            // The day before the one with the same number; where there is none, the last of the month.
            (FirstDay::SameDay, Unit::Months | Unit::Years) => {
                let same = add(day, within, calendar)?;
                if same.day() == day.day() {
                    same.pred_opt().ok_or(TimeError::OutOfRange)
                } else {
                    Ok(same)
                }
            }
        }
    }

    /// Adds the time that the clock stood still to `base`.
    fn stand_still(
        &self,
        base: &mut Date,
        trace: &mut impl Trace,
    ) -> Result<Standstill, TimeError> {
        let Reckoning { zone, calendar, counting, within, .. } = *self.reckoning;
        let rule = counting.suspension;
        let mut standstill = Standstill::default();
        let mut cap = Cap::new(self.reckoning.suspended_at_most);
        let mut free = day_after(self.day_zero)?;
        for suspension in self.suspensions {
            let began = zone.local_date(suspension.from);
            let ignored = |why| StepKind::SuspensionIgnored { from: began, why };
            let first = if rule.first { began } else { day_after(began)? };
            let first = first.max(free);
            let last = match self.reckoning.until(*suspension)? {
                Until::NotYet => {
                    trace.note(*base, None, || ignored(WhyIgnored::NotYet));
                    continue;
                }
                Until::AllThatMayBe => None,
                Until::Instant(to) if to == suspension.from && suspension.to.is_some() => {
                    trace.note(*base, rule.source, || ignored(WhyIgnored::TooShort));
                    continue;
                }
                Until::Instant(to) => {
                    let ended = zone.local_date(to);
                    Some(if rule.last {
                        ended
                    } else {
                        ended.pred_opt().ok_or(TimeError::OutOfRange)?
                    })
                }
            };
            if first > self.end_so_far(*base, &standstill)? {
                trace.note(*base, rule.source, || ignored(WhyIgnored::TooLate));
                continue;
            }
            standstill.still_open |= suspension.to.is_none();
            if last.is_some_and(|last| last < first) {
                trace.note(*base, rule.source, || ignored(WhyIgnored::TooShort));
                continue;
            }
            let limited = cap.limit(first, last, calendar)?;
            let Some((last, capped)) = limited else {
                trace.note(*base, None, || ignored(WhyIgnored::UsedUp));
                continue;
            };
            let before = first.pred_opt().ok_or(TimeError::OutOfRange)?;
            let (amount, unit) = if within.unit() == Unit::WorkingDays {
                (calendar.count(before, last, For::Working), Unit::WorkingDays)
            } else {
                (days_between(before, last), Unit::Days)
            };
            *base = match unit {
                Unit::WorkingDays => calendar.nth_after(
                    *base,
                    u32::try_from(amount).map_err(|_| TimeError::OutOfRange)?,
                    For::Working,
                )?,
                _ => plus_days(*base, amount)?,
            };
            standstill.term_days += calendar.count(before, last, counting.ends_on);
            free = day_after(last)?;
            standstill.resumed_on = Some(free);
            trace.note(*base, rule.source, || StepKind::Suspended {
                from: first,
                to: last,
                amount,
                unit,
            });
            if capped && let Some(at_most) = self.reckoning.suspended_at_most {
                trace.note(*base, None, || StepKind::SuspensionCapped { at_most });
            }
        }
        Ok(standstill)
    }

    /// Returns the last day as it would be if nothing else happened.
    fn end_so_far(&self, base: Date, standstill: &Standstill) -> Result<Date, TimeError> {
        let raw = self.extend(base, &mut Silent)?;
        let raw = self.no_earlier_than(raw, standstill.resumed_on, &mut Silent);
        let held = self.hold_minimum(raw, standstill, &mut Silent)?;
        self.rolled(held, &mut Silent)
    }

    fn extend(&self, base: Date, trace: &mut impl Trace) -> Result<Date, TimeError> {
        let mut end = base;
        for by in self.reckoning.extensions {
            if by.unit() == Unit::Hours {
                return Err(mixed(self.reckoning.within, *by));
            }
            let longer = add(end, *by, self.reckoning.calendar)?;
            if by.unit() == Unit::WorkingDays {
                self.skipped(end, longer, For::Working, trace);
            }
            end = longer;
            trace.note(end, None, || StepKind::Extended { by: *by });
        }
        Ok(end)
    }

    fn no_earlier_than(&self, end: Date, resumed_on: Option<Date>, trace: &mut impl Trace) -> Date {
        match resumed_on {
            Some(resumed_on) if end < resumed_on => {
                trace.note(resumed_on, None, || StepKind::Resumed);
                resumed_on
            }
            _ => end,
        }
    }

    /// Moves the end on until the term holds the days that it must hold at least; those taken out do not count.
    fn hold_minimum(
        &self,
        end: Date,
        standstill: &Standstill,
        trace: &mut impl Trace,
    ) -> Result<Date, TimeError> {
        let Reckoning { calendar, counting, within, .. } = *self.reckoning;
        let minimum = counting.minimum.filter(|minimum| self.in_scope && minimum.reaches(within));
        let Some(minimum) = minimum else { return Ok(end) };
        let held = calendar.count(self.day_zero, end, counting.ends_on) - standstill.term_days;
        let lacking = i64::from(minimum.at_least) - held;
        match u32::try_from(lacking) {
            Ok(lacking) if lacking > 0 => {
                let moved = calendar.nth_after(end, lacking, counting.ends_on)?;
                self.skipped(end, moved, counting.ends_on, trace);
                trace.note(moved, Some(minimum.source), || StepKind::MinimumDays {
                    at_least: minimum.at_least,
                    held,
                });
                Ok(moved)
            }
            _ => Ok(end),
        }
    }

    fn rolled(&self, end: Date, trace: &mut impl Trace) -> Result<Date, TimeError> {
        let Reckoning { calendar, counting, within, .. } = *self.reckoning;
        if calendar.works(end, counting.ends_on) {
            return Ok(end);
        }
        let source = if self.reckoning.roll.is_some() { None } else { counting.roll_source };
        let moved = match self.roll {
            Roll::None => {
                let beyond = self.reckoning.roll.is_none() && counting.roll != Roll::None;
                if let Some(day) = Some(end)
                    .filter(|_| Self::hears(trace))
                    .and_then(|end| calendar.day_off(end, counting.ends_on))
                {
                    let source = if beyond { counting.scope_source } else { None };
                    trace.note(end, source, || StepKind::NotRolled {
                        why: day.name,
                        beyond: beyond.then_some(within),
                    });
                }
                return Ok(end);
            }
            Roll::Forward => {
                let moved = calendar.on_or_after(end, counting.ends_on)?;
                self.skipped(end.pred_opt().unwrap_or(end), moved, counting.ends_on, trace);
                moved
            }
            Roll::Back => {
                let moved = calendar.on_or_before(end, counting.ends_on)?;
                self.skipped(moved, day_after(end)?, counting.ends_on, trace);
                moved
            }
        };
        trace.note(moved, source, || StepKind::Rolled { from: end, roll: self.roll });
        Ok(moved)
    }

    fn hears<T: Trace>(_: &T) -> bool {
        T::HEARD
    }

    /// Notes the days off after `from` and before `to`.
    fn skipped<T: Trace>(&self, from: Date, to: Date, what: For, trace: &mut T) {
        if !T::HEARD {
            return;
        }
        let calendar = self.reckoning.calendar;
        let between = from.iter_days().skip(1).take_while(|day| *day < to);
        let mut listed = 0;
        for day in between.filter(|day| !calendar.works(*day, what)) {
            if listed == LISTED_DAYS {
                let all = days_between(from, to) - 1;
                let working = calendar.count(from, to.pred_opt().unwrap_or(to), what);
                let days = all - working - LISTED_DAYS;
                trace.note(to, None, || StepKind::MoreDaysSkipped { days });
                return;
            }
            listed += 1;
            if let Some(off) = calendar.day_off(day, what) {
                trace.note(day, off.source.as_deref(), || StepKind::DaySkipped { why: off.name });
            }
        }
    }

    /// Says whether the calendar was asked about a day for which its days off are not certain.
    fn is_provisional(&self, raw: Date, last_day: Date) -> bool {
        let Reckoning { calendar, counting, within, .. } = *self.reckoning;
        let unsure = |from: Date, to: Date| !(calendar.is_known(from) && calendar.is_known(to));
        let counted = |term: &Term| term.unit() == Unit::WorkingDays;
        let by_days = counted(&within) || self.reckoning.extensions.iter().any(counted);
        let rolls = self.roll != Roll::None;
        // Longer terms hold two working days whatever the holidays are.
        let short = days_between(self.day_zero, raw) < 14;
        let minimum = short && self.in_scope && counting.minimum.is_some();
        (by_days || minimum) && unsure(self.day_zero, last_day)
            || rolls && unsure(raw.min(last_day), raw.max(last_day))
    }
}

/// How much longer the clock may stand still.
enum Cap {
    Unlimited,
    Days(i64),
    WorkingDays(i64),
    /// Months or years, whose days are known once the first day is.
    FromFirstDay(Term),
}

impl Cap {
    fn new(at_most: Option<Term>) -> Self {
        match at_most.map(|term| (term, term.unit(), i64::from(term.amount()))) {
            None => Self::Unlimited,
            Some((_, Unit::Hours, hours)) => Self::Days(hours / 24),
            Some((_, Unit::Days, days)) => Self::Days(days),
            Some((_, Unit::Weeks, weeks)) => Self::Days(weeks * 7),
            Some((_, Unit::WorkingDays, days)) => Self::WorkingDays(days),
            Some((term, Unit::Months | Unit::Years, _)) => Self::FromFirstDay(term),
        }
    }

    /// Returns the last day that may be taken out, and whether it was cut off there; `None` when nothing is left. A
    /// `last` of `None` is a standstill without an end.
    fn limit(
        &mut self,
        first: Date,
        last: Option<Date>,
        calendar: &Calendar,
    ) -> Result<Option<(Date, bool)>, TimeError> {
        if let Self::FromFirstDay(term) = *self {
            *self = Self::Days(days_between(first, add(first, term, calendar)?));
        }
        let before = first.pred_opt().ok_or(TimeError::OutOfRange)?;
        match self {
            Self::Unlimited | Self::FromFirstDay(_) => Ok(last.map(|last| (last, false))),
            Self::Days(left) => {
                if *left <= 0 {
                    return Ok(None);
                }
                let most = plus_days(before, *left)?;
                let cut = last.is_none_or(|last| last > most);
                let last = last.map_or(most, |last| last.min(most));
                *left -= days_between(before, last);
                Ok(Some((last, cut)))
            }
            Self::WorkingDays(left) => {
                let Some(most) = u32::try_from(*left).ok().filter(|left| *left > 0) else {
                    return Ok(None);
                };
                let wanted =
                    last.map_or(i64::MAX, |last| calendar.count(before, last, For::Working));
                if let Some(last) = last.filter(|_| wanted <= *left) {
                    *left -= wanted;
                    return Ok(Some((last, false)));
                }
                *left = 0;
                Ok(Some((calendar.nth_after(before, most, For::Working)?, true)))
            }
        }
    }
}

/// A count whose end is an instant: hours pass on any clock, days off included, and nothing is rolled.
struct Hours<'a> {
    reckoning: &'a Reckoning<'a>,
    suspensions: &'a [Suspension],
}

impl Hours<'_> {
    fn count(&self, trace: &mut impl Trace) -> Result<Reckoned, TimeError> {
        let Reckoning { starts, zone, within, .. } = *self.reckoning;
        let day = |at: Instant| zone.local_date(at);
        civil(day(starts))?;
        trace.note(day(starts), None, || StepKind::Start { at: starts, day_counts: true });
        let mut end = plus_seconds(starts, i64::from(within.amount()) * 3600)?;
        trace.note(day(end), None, || StepKind::Term { term: within });
        let (still_open, resumed_at) = self.stand_still(&mut end, trace)?;
        for by in self.reckoning.extensions {
            end = self.longer(end, *by)?;
            trace.note(day(end), None, || StepKind::Extended { by: *by });
        }
        if let Some(resumed_at) = resumed_at.filter(|resumed_at| end < *resumed_at) {
            end = resumed_at;
            trace.note(day(end), None, || StepKind::Resumed);
        }
        let calendar = self.reckoning.calendar;
        let by_days = self.reckoning.extensions.iter().any(|by| by.unit() == Unit::WorkingDays);
        let last_day = civil(day(plus_seconds(end, -1)?))?;
        let provisional =
            by_days && !(calendar.is_known(day(starts)) && calendar.is_known(last_day));
        if provisional && let Some((known_from, known_to)) = calendar.known() {
            trace.note(last_day, None, || StepKind::Provisional {
                calendar: calendar.name().to_owned(),
                version: calendar.version().to_owned(),
                known_from,
                known_to,
            });
        }
        if still_open {
            trace.note(last_day, None, || StepKind::StandingStill);
        }
        trace.note(last_day, None, || StepKind::End { ends_at: end });
        Ok(Reckoned { last_day, ends_at: end, provisional, standing_still: still_open })
    }

    /// Adds the time that the clock stood still to `end`; returns whether it still does, and when it ran again.
    fn stand_still(
        &self,
        end: &mut Instant,
        trace: &mut impl Trace,
    ) -> Result<(bool, Option<Instant>), TimeError> {
        let zone = self.reckoning.zone;
        let most = self.reckoning.suspended_at_most;
        let mut left = most.map(|most| self.seconds(most)).transpose()?;
        let mut free = self.reckoning.starts;
        let (mut still_open, mut resumed_at) = (false, None);
        for suspension in self.suspensions {
            let began = zone.local_date(suspension.from);
            let ignored = |why| StepKind::SuspensionIgnored { from: began, why };
            let from = suspension.from.max(free);
            let now = zone.local_date(*end);
            let wanted = match self.reckoning.until(*suspension)? {
                Until::NotYet => {
                    trace.note(now, None, || ignored(WhyIgnored::NotYet));
                    continue;
                }
                Until::Instant(to) => to.signed_duration_since(from),
                Until::AllThatMayBe => TimeDelta::MAX,
            };
            let mut so_far = *end;
            for by in self.reckoning.extensions {
                so_far = self.longer(so_far, *by)?;
            }
            if resumed_at.is_some_and(|resumed_at| so_far < resumed_at) {
                so_far = resumed_at.unwrap_or(so_far);
            }
            if from >= so_far {
                trace.note(now, None, || ignored(WhyIgnored::TooLate));
                continue;
            }
            still_open |= suspension.to.is_none();
            if wanted <= TimeDelta::zero() {
                trace.note(now, None, || ignored(WhyIgnored::TooShort));
                continue;
            }
            let amount = left.map_or(wanted, |left| wanted.min(left));
            if amount <= TimeDelta::zero() {
                trace.note(now, None, || ignored(WhyIgnored::UsedUp));
                continue;
            }
            left = left.map(|left| left - amount);
            let stopped_until = from.checked_add_signed(amount).ok_or(TimeError::OutOfRange)?;
            *end = end.checked_add_signed(amount).ok_or(TimeError::OutOfRange)?;
            free = stopped_until;
            resumed_at = Some(stopped_until);
            let now = zone.local_date(*end);
            trace.note(now, None, || StepKind::Suspended {
                from: zone.local_date(from),
                to: zone.local_date(stopped_until),
                amount: amount.num_hours(),
                unit: Unit::Hours,
            });
            if amount < wanted
                && let Some(at_most) = most
            {
                trace.note(now, None, || StepKind::SuspensionCapped { at_most });
            }
        }
        Ok((still_open, resumed_at))
    }

    /// Returns how long a limit is on the clock; a day is 24 hours, and months are measured from the start.
    fn seconds(&self, most: Term) -> Result<TimeDelta, TimeError> {
        let amount = i64::from(most.amount());
        let hours = match most.unit() {
            Unit::Hours => amount,
            Unit::Days => amount * 24,
            Unit::Weeks => amount * 168,
            Unit::Months | Unit::Years => {
                let day = self.reckoning.zone.local_date(self.reckoning.starts);
                days_between(day, add(day, most, self.reckoning.calendar)?) * 24
            }
            Unit::WorkingDays => return Err(mixed(self.reckoning.within, most)),
        };
        TimeDelta::try_hours(hours).ok_or(TimeError::OutOfRange)
    }

    /// Returns the instant a term later: days and longer keep the time on the clock on the wall.
    fn longer(&self, end: Instant, by: Term) -> Result<Instant, TimeError> {
        if by.unit() == Unit::Hours {
            return plus_seconds(end, i64::from(by.amount()) * 3600);
        }
        let zone = self.reckoning.zone;
        let local = zone.local(end);
        let date = add(local.date, by, self.reckoning.calendar)?;
        zone.instant(date, local.hour, local.minute, local.second)
    }
}

fn plus_days(date: Date, days: i64) -> Result<Date, TimeError> {
    let days = Days::new(u64::try_from(days).unwrap_or(0));
    date.checked_add_days(days).ok_or(TimeError::OutOfRange).and_then(civil)
}

fn plus_seconds(at: Instant, seconds: i64) -> Result<Instant, TimeError> {
    let delta = TimeDelta::try_seconds(seconds).ok_or(TimeError::OutOfRange)?;
    let at = at.checked_add_signed(delta).ok_or(TimeError::OutOfRange)?;
    civil(at.date_naive())?;
    Ok(at)
}

fn mixed(outer: Term, inner: Term) -> TimeError {
    TimeError::MixedUnits { outer: outer.to_string(), inner: inner.to_string() }
}
