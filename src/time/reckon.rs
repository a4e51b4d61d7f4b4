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
            day_counts: Some(counting.first_day == FirstDay::SameDay),
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
        let raw = Self::no_earlier_than(raw, standstill.resumed_on, trace);
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
            *base = if unit == Unit::WorkingDays {
                let amount = u32::try_from(amount).map_err(|_| TimeError::OutOfRange)?;
                calendar.nth_after(*base, amount, For::Working)?
            } else {
                plus_days(*base, amount)?
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
        let raw = Self::no_earlier_than(raw, standstill.resumed_on, &mut Silent);
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

    fn no_earlier_than(end: Date, resumed_on: Option<Date>, trace: &mut impl Trace) -> Date {
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
                let source = if beyond { counting.scope_source } else { None };
                trace.note(end, source, || StepKind::NotRolled {
                    why: calendar
                        .day_off(end, counting.ends_on)
                        .map(|day| day.name)
                        .unwrap_or_default(),
                    beyond: beyond.then_some(within),
                });
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

    /// Notes the days off after `from` and before `to`.
    fn skipped<T: Trace>(&self, from: Date, to: Date, what: For, trace: &mut T) {
        if !T::HEARD {
            return;
        }
        let calendar = self.reckoning.calendar;
        let between = from.iter_days().skip(1).take_while(|day| *day < to);
        let off = between.filter(|day| !calendar.works(*day, what));
        for (listed, day) in (0..).zip(off) {
            if listed == LISTED_DAYS {
                let all = days_between(from, to) - 1;
                let working = calendar.count(from, to.pred_opt().unwrap_or(to), what);
                let days = all - working - LISTED_DAYS;
                trace.note(to, None, || StepKind::MoreDaysSkipped { days });
                return;
            }
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
        trace.note(day(starts), None, || StepKind::Start { at: starts, day_counts: None });
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

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::time::{Jurisdiction, parse_date, parse_instant};
    use proptest::prelude::*;
    use std::sync::Arc;

    /// A count with owned parts, to change one thing at a time.
    #[derive(Clone)]
    struct Case {
        starts: &'static str,
        zone: TimeZone,
        within: Term,
        calendar: Arc<Calendar>,
        counting: Arc<Counting>,
        roll: Option<Roll>,
        suspensions: Vec<Suspension>,
        suspended_at_most: Option<Term>,
        extensions: Vec<Term>,
        as_of: Option<Instant>,
    }

    fn term(text: &str) -> Term {
        text.parse().expect(text)
    }

    fn date(text: &str) -> Date {
        parse_date(text).expect(text)
    }

    impl Case {
        fn nl(starts: &'static str, within: &str) -> Self {
            let nl = Jurisdiction::named("nl").expect("shipped");
            Self {
                starts,
                zone: nl.time_zone,
                within: term(within),
                calendar: nl.calendar,
                counting: nl.counting,
                roll: None,
                suspensions: Vec::new(),
                suspended_at_most: None,
                extensions: Vec::new(),
                as_of: None,
            }
        }

        fn by(mut self, counting: &str) -> Self {
            self.counting = Counting::built_in(counting).expect(counting);
            self
        }

        fn at(&self, text: &str) -> Instant {
            parse_instant(text, &self.zone).expect(text)
        }

        fn paused(mut self, from: &str, to: &str) -> Self {
            let to = (!to.is_empty()).then(|| self.at(to));
            self.suspensions.push(Suspension { from: self.at(from), to });
            self
        }

        fn at_most(mut self, most: &str) -> Self {
            self.suspended_at_most = Some(term(most));
            self
        }

        fn extended(mut self, by: &str) -> Self {
            self.extensions.push(term(by));
            self
        }

        fn seen_on(mut self, text: &str) -> Self {
            self.as_of = Some(self.at(text));
            self
        }

        fn rolled(mut self, roll: Roll) -> Self {
            self.roll = Some(roll);
            self
        }

        fn reckoning(&self) -> Reckoning<'_> {
            Reckoning {
                starts: self.at(self.starts),
                zone: &self.zone,
                within: self.within,
                calendar: &self.calendar,
                counting: &self.counting,
                roll: self.roll,
                suspensions: &self.suspensions,
                suspended_at_most: self.suspended_at_most,
                extensions: &self.extensions,
                as_of: self.as_of,
            }
        }

        fn end(&self) -> Reckoned {
            let end = reckon(&self.reckoning()).expect("a date");
            assert_eq!(explain(&self.reckoning()).expect("a date").0, end);
            end
        }

        fn last_day(&self) -> String {
            self.end().last_day.to_string()
        }

        fn words(&self) -> Vec<String> {
            let steps = explain(&self.reckoning()).expect("a date").1;
            steps.iter().map(|step| step.in_words(Language::En)).collect()
        }
    }

    #[test]
    fn dutch_terms_end_where_the_law_says() {
        for (starts, within, last_day, source) in [
            ("2023-04-14", "6 weeks", "2023-05-26", "ECLI:NL:RBMNE:2024:6245, the objection"),
            ("2023-05-26", "6 weeks", "2023-07-07", "ECLI:NL:RBMNE:2024:6245, the decision"),
            (
                "2026-02-27",
                "6 weeks",
                "2026-04-10",
                "Awb 6:8(1): six weeks from Friday is a Friday",
            ),
            ("2026-03-07", "6 weeks", "2026-04-20", "Atw 1(1): Saturday to Monday"),
            ("2026-03-08", "6 weeks", "2026-04-20", "Atw 1(1): Sunday to Monday"),
            (
                "2026-02-20",
                "6 weeks",
                "2026-04-07",
                "Atw 3(2): Good Friday to the Tuesday after Easter",
            ),
            ("2025-11-20", "6 weeks", "2026-01-05", "Atw 3(3): 1 and 2 January, then a weekend"),
            (
                "2027-03-24",
                "6 weeks",
                "2027-05-10",
                "Atw 3: 5 May, Ascension, a decree day, a weekend",
            ),
            (
                "2018-11-10",
                "6 weeks",
                "2018-12-27",
                "Atw 3(3): from Saturday over 24 December and Christmas",
            ),
            ("2024-11-13", "6 weeks", "2024-12-30", "Atw 3(3): Christmas, 27 December, a weekend"),
            ("2025-03-15", "6 weeks", "2025-04-28", "Atw 3(1): King's Day on Saturday"),
            ("2026-03-24", "6 weeks", "2026-05-06", "Atw 3(1): 5 May, every year"),
            (
                "2026-03-01",
                "12 weeks",
                "2026-05-26",
                "Atw 4(a): twelve weeks still move, over Whit Monday",
            ),
            ("2026-03-01", "13 weeks", "2026-05-31", "Atw 4(a): thirteen do not"),
            ("2025-03-01", "1 year", "2026-03-01", "Atw 4(a): a year does not (Awb 9:24)"),
            (
                "2026-01-31",
                "3 months",
                "2026-04-30",
                "Atw 4(a): three months could move, but end on a Thursday",
            ),
            ("2026-02-02", "3 months", "2026-05-04", "Atw 4(a): three months do"),
            ("2026-02-02", "4 months", "2026-06-02", "Awb 6:8(1): months by date"),
            ("2026-01-03", "4 months", "2026-05-03", "Atw 4(a): four months do not"),
            ("2026-03-09", "90 days", "2026-06-08", "Atw 4(a): ninety days do"),
            ("2026-03-09", "91 days", "2026-06-08", "Atw 4(a): ninety-one need not here"),
            ("2026-03-08", "91 days", "2026-06-07", "Atw 4(a): ninety-one do not"),
            ("2026-03-06", "3 days", "2026-03-10", "Atw 2: two working days, Monday and Tuesday"),
            ("2026-03-06", "2 days", "2026-03-09", "Atw 2 does not reach two days; Atw 1(1) does"),
            ("2026-04-02", "1 week", "2026-04-09", "Atw 2: holds two already"),
            (
                "2026-12-23",
                "5 days",
                "2026-12-28",
                "Atw 2: the 24th, then Christmas and a weekend, the 28th",
            ),
            (
                "2026-12-24",
                "4 days",
                "2026-12-29",
                "Atw 2: holds the 28th only, so the 29th as well",
            ),
            ("2024-01-31", "1 month", "2024-02-29", "Awb 6:8(1): the end of the month"),
            (
                "2026-04-30",
                "3 working days",
                "2026-05-06",
                "5 May is worked in an office, but no term ends on it",
            ),
            (
                "2026-04-01",
                "2 working days",
                "2026-04-07",
                "Good Friday is the second working day; no term ends on it",
            ),
        ] {
            assert_eq!(
                Case::nl(starts, within).last_day(),
                last_day,
                "{starts} + {within}: {source}"
            );
        }
    }

    #[test]
    fn other_laws_count_otherwise() {
        for (counting, starts, within, last_day, source) in [
            (
                "eu-1182-71",
                "2025-03-01",
                "1 year",
                "2026-03-02",
                "Regulation 1182/71 3(4): years move as well",
            ),
            ("eu-1182-71", "2026-03-06", "2 days", "2026-03-10", "Regulation 1182/71 3(5)"),
            (
                "eu-1182-71",
                "2026-01-31",
                "1 month",
                "2026-03-02",
                "Regulation 1182/71 3(2)(c), then 3(4)",
            ),
            ("plain", "2026-09-03", "1 month", "2026-10-03", "ICO: 3 September to 3 October"),
            ("plain", "2026-03-31", "1 month", "2026-04-30", "ICO: 31 March to 30 April"),
            ("plain", "2015-12-30", "2 months", "2016-02-29", "BGH AnwZ (Brfg) 5/16"),
            (
                "plain",
                "2026-07-01",
                "28 days",
                "2026-07-29",
                "SI 2014/2936 reg. 16(3): beginning on the day after",
            ),
            (
                "same-day",
                "2026-07-01",
                "30 days",
                "2026-07-30",
                "DPA 2018 s.164A: beginning when received",
            ),
            (
                "same-day",
                "2026-01-15",
                "6 months",
                "2026-07-14",
                "SI 2009/309 reg. 14: commencing on the day",
            ),
            (
                "same-day",
                "2025-08-31",
                "6 months",
                "2026-02-28",
                "a month without the day ends on its last",
            ),
            (
                "same-day",
                "2026-03-07",
                "1 working day",
                "2026-03-09",
                "day 1 is the next working day",
            ),
            ("same-day", "2026-03-06", "1 working day", "2026-03-06", "day 1 is the day itself"),
        ] {
            let case = Case::nl(starts, within).by(counting);
            assert_eq!(case.last_day(), last_day, "{counting} {starts} + {within}: {source}");
        }
    }

    #[test]
    fn an_extension_runs_from_the_end_so_far_and_only_the_last_end_rolls() {
        for (case, last_day) in [
            // Regulation 2016/679 art. 12(3): one month and two more are not three.
            (Case::nl("2026-01-31", "1 month").by("plain").extended("2 months"), "2026-04-28"),
            (Case::nl("2026-01-31", "3 months").by("plain"), "2026-04-30"),
            // Six weeks end on Saturday 18 April; four weeks on is 16 May, a Saturday too.
            (Case::nl("2026-03-07", "6 weeks").extended("4 weeks"), "2026-05-18"),
            (
                Case::nl("2026-03-02", "6 weeks").extended("6 weeks").extended("2 weeks"),
                "2026-06-08",
            ),
            (
                Case::nl("2026-03-02", "10 working days").by("plain").extended("10 working days"),
                "2026-03-30",
            ),
        ] {
            assert_eq!(case.last_day(), last_day);
        }
    }

    #[test]
    fn a_standstill_keeps_what_remains() {
        let case = |counting| Case::nl("2026-03-02", "6 weeks").by(counting);
        for (case, last_day, why) in [
            (
                case("nl-awb").paused("2026-03-09", "2026-03-19"),
                "2026-04-22",
                "Awb 7:10(2): neither end, nine days",
            ),
            (
                case("nl-woo").paused("2026-03-09", "2026-03-19"),
                "2026-04-23",
                "Woo 4.4(3): the last day too, ten",
            ),
            (
                case("plain").paused("2026-03-09", "2026-03-19"),
                "2026-04-23",
                "from the day itself, ten",
            ),
            (
                case("plain").paused("2026-03-09 09:00", "2026-03-09 17:00"),
                "2026-04-13",
                "no whole day",
            ),
            (case("plain").paused("2026-02-01", "2026-02-20"), "2026-04-13", "before the term"),
            (
                case("plain").paused("2026-02-01", "2026-03-05"),
                "2026-04-15",
                "only the days inside the term: 3 and 4",
            ),
            (
                case("plain").paused("2026-04-13", "2026-04-20"),
                "2026-04-20",
                "on its last day one day is left",
            ),
            (
                case("plain").paused("2026-04-14", "2026-04-20"),
                "2026-04-13",
                "the day after it is over",
            ),
            (
                case("nl-awb").paused("2026-04-13", "2026-04-20"),
                "2026-04-13",
                "from the day after the last day",
            ),
            (
                case("plain").paused("2026-03-09", "2026-03-19").paused("2026-03-12", "2026-03-22"),
                "2026-04-26",
                "once",
            ),
            (
                case("plain").paused("2026-03-20", "2026-03-22").paused("2026-03-09", "2026-03-19"),
                "2026-04-25",
                "any order",
            ),
            (
                case("plain").paused("2026-04-12", "2026-04-20").paused("2026-04-21", "2026-04-23"),
                "2026-04-23",
                "moved end",
            ),
            (
                case("plain").paused("2026-03-09", "2026-03-19").at_most("1 week"),
                "2026-04-20",
                "no more than a week",
            ),
            (
                case("plain").paused("2026-03-09", "2026-04-19").at_most("1 month"),
                "2026-05-14",
                "31 days in March",
            ),
            (
                case("plain").paused("2026-03-09", "").at_most("1 week"),
                "2026-04-20",
                "open, but limited",
            ),
            (
                case("plain").paused("2026-03-09", "").seen_on("2026-03-12"),
                "2026-04-16",
                "open, counted so far",
            ),
            (
                case("plain").paused("2026-03-09", "").seen_on("2026-03-01"),
                "2026-04-13",
                "open, not yet begun",
            ),
            (
                case("plain").extended("1 week").paused("2026-04-15", "2026-04-17"),
                "2026-04-22",
                "in the extension",
            ),
        ] {
            assert_eq!(case.last_day(), last_day, "{why}");
        }
        let days = Case::nl("2026-03-02", "10 working days").by("plain");
        let weekend = days.clone().paused("2026-03-07", "2026-03-09");
        assert_eq!(weekend.last_day(), days.last_day(), "a weekend takes no working day");
        let week = days.clone().paused("2026-03-05", "2026-03-12");
        assert_eq!(week.last_day(), "2026-03-23", "a week takes five");
        let week = week.at_most("2 working days");
        assert_eq!(week.last_day(), "2026-03-18", "of which two may");
    }

    #[test]
    fn a_term_never_ends_while_the_clock_stands_still() {
        // The raw end is Saturday 18 April and rolls to Monday; the clock stops on that Monday.
        let case = Case::nl("2026-03-07", "6 weeks").paused("2026-04-19", "2026-04-24");
        assert_eq!(case.last_day(), "2026-04-24");
        let open = Case::nl("2026-03-07", "6 weeks")
            .by("plain")
            .rolled(Roll::Forward)
            .paused("2026-04-20 10:00", "");
        for now in ["2026-04-20 11:00", "2026-04-21 00:00", "2026-05-01 23:59", "2027-01-01 12:00"]
        {
            let end = open.clone().seen_on(now).end();
            assert!(end.standing_still && end.ends_at > open.at(now), "{now}");
        }
        assert_eq!(reckon(&open.reckoning()).map_err(|error| error.code()), Err("stands-still"));
    }

    #[test]
    fn hours_pass_on_any_clock() {
        for (case, ends_at) in [
            (Case::nl("2026-03-27 17:00", "48 hours"), "2026-03-29T16:00:00Z"), // 18:00: the clocks went forward
            (Case::nl("2026-10-24 12:00", "24 hours"), "2026-10-25T10:00:00Z"), // 11:00: they went back
            (
                Case::nl("2026-04-03 09:00", "24 hours").rolled(Roll::Forward),
                "2026-04-04T07:00:00Z",
            ),
            (
                Case::nl("2026-03-02 09:00", "48 hours")
                    .paused("2026-03-02 12:00", "2026-03-02 15:30"),
                "2026-03-04T11:30:00Z",
            ),
            (
                Case::nl("2026-03-02 09:00", "48 hours")
                    .paused("2026-03-02 12:00", "2026-03-09 15:30")
                    .at_most("2 hours"),
                "2026-03-04T10:00:00Z",
            ),
            (
                Case::nl("2026-03-02 09:00", "48 hours").paused("2026-03-05 12:00", "2026-03-06"),
                "2026-03-04T08:00:00Z",
            ),
            (Case::nl("2026-03-26 09:00", "48 hours").extended("1 day"), "2026-03-29T07:00:00Z"), // still 09:00
        ] {
            let end = case.end();
            assert_eq!(end.ends_at, case.at(ends_at));
        }
        // At midnight the day before is the last one that is in time.
        assert_eq!(Case::nl("2026-03-02", "48 hours").last_day(), "2026-03-03");
    }

    #[test]
    fn a_last_day_ends_at_the_end_of_the_local_day() {
        for (zone, starts, last_day, ends_at) in [
            ("Europe/Amsterdam", "2026-03-27 23:30", "2026-03-28", "2026-03-28T23:00:00Z"),
            ("Europe/Amsterdam", "2026-03-28T22:30:00Z", "2026-03-29", "2026-03-29T22:00:00Z"), // 23 hours long
            ("Europe/Amsterdam", "2026-03-28T23:30:00Z", "2026-03-30", "2026-03-30T22:00:00Z"), // there it is the 29th
            ("Europe/Amsterdam", "2026-10-24 08:00", "2026-10-25", "2026-10-25T23:00:00Z"), // 25 hours long
            ("America/Santiago", "2026-09-04 08:00", "2026-09-05", "2026-09-06T04:00:00Z"), // the next day starts at 01:00
            ("Africa/Cairo", "2026-04-22 08:00", "2026-04-23", "2026-04-23T22:00:00Z"), // and here
            ("UTC", "2026-03-27 08:00", "2026-03-28", "2026-03-29T00:00:00Z"),
        ] {
            let mut case = Case::nl(starts, "1 day").by("plain");
            case.zone = TimeZone::named(zone).expect(zone);
            let end = case.end();
            assert_eq!(
                (end.last_day, end.ends_at),
                (date(last_day), case.at(ends_at)),
                "{zone} {starts}"
            );
        }
    }

    #[test]
    fn beyond_the_known_years_a_date_is_provisional() {
        for (case, provisional) in [
            (Case::nl("2028-11-01", "6 weeks"), false),
            (Case::nl("2028-12-01", "6 weeks"), true),
            (Case::nl("2028-12-01", "2 years"), false), // moved by no day off
            (Case::nl("2028-12-01", "30 working days").by("plain"), true),
            (Case::nl("2028-12-01", "6 weeks").by("plain"), false),
            (Case::nl("2013-12-20", "10 working days"), true),
            (Case::nl("2013-12-20", "6 weeks"), false),
        ] {
            assert_eq!(case.end().provisional, provisional, "{:?}", case.words());
        }
        let words = Case::nl("2028-12-01", "6 weeks").words();
        assert!(
            words
                .iter()
                .any(|step| step.starts_with("provisional: calendar nl (version 2026-11-22)"))
        );
    }

    #[test]
    fn an_override_of_the_roll_reaches_every_term() {
        assert_eq!(Case::nl("2025-03-01", "1 year").rolled(Roll::Forward).last_day(), "2026-03-02");
        assert_eq!(Case::nl("2026-03-07", "6 weeks").rolled(Roll::None).last_day(), "2026-04-18");
        assert_eq!(Case::nl("2026-03-07", "6 weeks").rolled(Roll::Back).last_day(), "2026-04-17");
    }

    #[test]
    fn what_can_not_be_counted_is_an_error() {
        let never = serde_json::json!({"calendar": "never", "title": "Never", "version": "1", "days": [],
            "weekend": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]});
        let mut closed = Case::nl("2026-03-02", "6 weeks");
        closed.calendar = Arc::new(Calendar::from_document(&never).expect("a calendar"));
        for (case, code) in [
            (closed, "no-working-day"),
            (Case::nl("9999-12-01", "6 weeks"), "date-out-of-range"),
            (Case::nl("9950-12-01", "100 years"), "date-out-of-range"),
            (Case::nl("2026-03-02", "6 weeks").extended("2 hours"), "mixed-units"),
            (
                Case::nl("2026-03-02", "6 hours")
                    .paused("2026-03-02 01:00", "2026-03-03")
                    .at_most("2 working days"),
                "mixed-units",
            ),
            (
                Case::nl("2026-03-02", "6 weeks").paused("2026-03-05", "2026-03-04"),
                "pause-ends-first",
            ),
            (Case::nl("2026-03-02", "6 weeks").paused("2026-03-05", ""), "stands-still"),
        ] {
            let found = reckon(&case.reckoning()).map_err(|error| error.code());
            assert_eq!(found, Err(code));
        }
    }

    #[test]
    fn every_step_is_told() {
        let case = Case::nl("2026-03-06 10:00", "6 weeks")
            .paused("2026-03-09", "2026-03-12")
            .extended("6 weeks");
        assert_eq!(
            case.words(),
            [
                "starts on Fri 6 Mar 2026; that day is not counted (Awb art. 6:8(1))",
                "+ 6 weeks: Fri 17 Apr 2026",
                "stood still from Tue 10 Mar 2026 to Wed 11 Mar 2026 inclusive, + 2 days: Sun 19 Apr 2026 (Awb art. 4:15, 7:10(2))",
                "extended by 6 weeks: Sun 31 May 2026",
                "Sun 31 May 2026 is passed over: Sunday",
                "no term ends on Sun 31 May 2026: on to Mon 1 Jun 2026 (Atw art. 1(1))",
                "last day Mon 1 Jun 2026; too late from 2026-06-01T22:00:00Z",
            ]
        );
        let year = Case::nl("2025-03-01", "1 year").words();
        assert_eq!(
            year[2],
            "stays on Sun 1 Mar 2026 (Sunday): the rule does not reach a term of 1 year (Atw art. 4(a))"
        );
        let short = Case::nl("2026-03-06", "3 days").words();
        assert!(
            short.contains(
                &"must hold at least 2 working days and held 1: Tue 10 Mar 2026 (Atw art. 2)"
                    .to_owned()
            )
        );
        let (_, steps) = explain(&case.reckoning()).expect("a date");
        let data = serde_json::to_value(&steps).expect("data");
        assert_eq!(
            data[1],
            serde_json::json!({"kind": "term", "term": "6 weeks", "date": "2026-04-17"})
        );
        assert_eq!(data[5]["kind"], "rolled");
        assert_eq!(data[5]["roll"], "forward");
    }

    #[test]
    fn a_long_term_is_explained_in_bounded_space() {
        let (end, steps) =
            explain(&Case::nl("2026-03-06", "20000 working days").by("plain").reckoning())
                .expect("a date");
        assert!(end.provisional && steps.len() < 500);
    }

    /// Counts as a child would: one day after the other, on a paper calendar.
    fn naive(
        first: Date,
        mut left: u32,
        working: bool,
        stands_still: impl Fn(Date) -> bool,
        calendar: &Calendar,
    ) -> Date {
        let mut day = first;
        loop {
            let counts = !working || calendar.day_off(day, For::Working).is_none();
            if counts && !stands_still(day) {
                left -= 1;
            }
            if left == 0 {
                return day;
            }
            day = day.succ_opt().expect("in range");
        }
    }

    fn start() -> impl Strategy<Value = Date> {
        (735_000i32..745_000)
            .prop_map(|days| Date::from_num_days_from_ce_opt(days).expect("a date"))
    }

    fn later(date: Date, days: i64) -> Date {
        date.checked_add_signed(TimeDelta::days(days)).expect("in range")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn a_naive_count_agrees(
            day in start(), amount in 1u32..120, working: bool, woo: bool,
            pauses in proptest::collection::vec((-20i64..150, 0i64..40), 0..4),
        ) {
            let mut case = Case::nl("2026-03-02", "1 day").by(if woo { "nl-woo" } else { "plain" });
            case.roll = Some(Roll::None);
            // Terms that hold two working days anyhow: the minimum is counted elsewhere.
            let amount = if woo && !working { amount.max(14) } else { amount.max(3) };
            case.within = Term::new(amount, if working { Unit::WorkingDays } else { Unit::Days }).expect("a term");
            let starts = case.zone.start_of_day(day).expect("an instant");
            let noon = |days| case.zone.instant(later(day, days), 12, 0, 0).expect("an instant");
            let pauses: Vec<(i64, i64)> = pauses.into_iter().map(|(from, length)| (from, from + length)).collect();
            case.suspensions = pauses.iter().map(|(from, to)| Suspension { from: noon(*from), to: Some(noon(*to)) }).collect();
            let stands_still = |date: Date| pauses.iter().filter(|(from, to)| from < to).any(|(from, to)| {
                let (from, to) = (later(day, *from), later(day, *to));
                if woo { from < date && date <= to } else { from <= date && date < to }
            });
            let end = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date");
            let counted = naive(later(day, 1), amount, working, stands_still, &case.calendar);
            prop_assert_eq!(end.last_day, counted);
            prop_assert_eq!(explain(&Reckoning { starts, ..case.reckoning() }).expect("a date").0, end);
        }

        #[test]
        fn a_longer_term_never_ends_earlier(
            day in start(), amount in 1u32..89, unit in 0usize..4, from in 0i64..60, length in 0i64..20, rule in 0usize..5,
        ) {
            // Within the reach of the law: at its limit, thirteen weeks can end before twelve.
            let (unit, most) = [(Unit::Days, 89), (Unit::WorkingDays, 89), (Unit::Weeks, 11), (Unit::Months, 2)][unit];
            let amount = amount.min(most);
            let counting = Counting::names().nth(rule).expect("shipped");
            let mut case = Case::nl("2026-03-02", "1 day").by(counting);
            let starts = case.zone.start_of_day(day).expect("an instant");
            let noon = |days| case.zone.instant(later(day, days), 12, 0, 0).expect("an instant");
            case.suspensions = vec![Suspension { from: noon(from), to: Some(noon(from + length)) }];
            case.within = Term::new(amount, unit).expect("a term");
            let shorter = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date");
            case.within = Term::new(amount + 1, unit).expect("a term");
            let longer = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date");
            prop_assert!(longer.last_day >= shorter.last_day, "{} then {}", shorter.last_day, longer.last_day);
        }

        #[test]
        fn a_standstill_moves_the_end_by_at_least_its_length(
            day in start(), amount in 3u32..80, working: bool, from in 1i64..80, length in 0i64..40,
        ) {
            let mut case = Case::nl("2026-03-02", "1 day").by("plain");
            case.within = Term::new(amount, if working { Unit::WorkingDays } else { Unit::Days }).expect("a term");
            let starts = case.zone.start_of_day(day).expect("an instant");
            let before = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date").last_day;
            let (from, to) = (later(day, from), later(day, from + length));
            let noon = |date| case.zone.instant(date, 12, 0, 0).expect("an instant");
            case.suspensions = vec![Suspension { from: noon(from), to: Some(noon(to)) }];
            let after = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date").last_day;
            let lost = if working {
                let eve = |date: Date| date.pred_opt().expect("a date");
                case.calendar.count(eve(from), eve(to), For::Working)
            } else {
                length
            };
            let moved = if working { case.calendar.count(before, after, For::Working) } else { days_between(before, after) };
            prop_assert_eq!(moved, if from <= before { lost } else { 0 });
        }

        #[test]
        fn rolling_is_done_once_and_for_all(day in start(), amount in 1u32..12, rule in 0usize..5) {
            let counting = Counting::names().nth(rule).expect("shipped");
            let mut case = Case::nl("2026-03-02", "1 day").by(counting);
            case.within = Term::new(amount, Unit::Weeks).expect("a term");
            let starts = case.zone.start_of_day(day).expect("an instant");
            let end = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date").last_day;
            if case.counting.roll() != Roll::None {
                prop_assert!(case.calendar.works(end, For::Terms));
                prop_assert_eq!(case.calendar.on_or_after(end, For::Terms), Ok(end));
            }
        }
    }
}
