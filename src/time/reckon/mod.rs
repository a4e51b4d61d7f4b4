//! The count: from the day of an event to the last day of a term.
//!
//! There is one count. [`reckon`] runs it in silence, [`explain`] writes down each step; they can't differ. Terms whose
//! end is a date are counted in `dates`, those in hours in `hours`.

mod dates;
mod hours;
#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests;

use super::{
    Calendar, CountStep, Counting, Date, Instant, Roll, StandstillDays, StepKind, Term, TimeError,
    TimeZone, Unit, WhyIgnored, civil,
};
use chrono::{Days, TimeDelta};
use dates::Dates;
use hours::Hours;
use std::borrow::Cow;

/// A time in which the clock stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    /// The instant at which it stopped.
    pub from: Instant,
    /// The instant at which it ran again; `None` while it stands still.
    pub to: Option<Instant>,
    /// Why: the position of the rule in [`Reckoning::standstills`]. Where there is none, the counting rule alone says
    /// which days are taken out.
    pub cause: usize,
}

/// A cause for which the clock may stand still, with rules of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standstill {
    /// How long, all times for this cause together; after that the clock runs on.
    pub at_most: Option<Term>,
    /// Which of its days are taken out, in place of what the counting rule says.
    pub days: Option<StandstillDays>,
    /// Whether the term begins anew when it is over, rather than go on with what was left.
    pub restarts: bool,
}

/// A lengthening of the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    /// By how much.
    pub by: Term,
    /// From where it is counted.
    pub from: From,
}

/// From where a lengthening is counted. One month from 31 January and two more from the end are 28 April; counted from the
/// start they are three months, 30 April.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum From {
    /// From the end so far, before it rolls over days off.
    #[default]
    End,
    /// From the start: the longer term is counted as a whole.
    Start,
    /// From the end after it has rolled, as the three days after service by mail are (Fed. R. Civ. P. 6(d)).
    RolledEnd,
}

impl Extension {
    /// Returns a lengthening from the end so far.
    pub fn by(by: Term) -> Self {
        Self { by, from: From::End }
    }
}

/// A date that an end may not pass, or not come before: a term from an event of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// When that event happened.
    pub starts: Instant,
    /// The term.
    pub within: Term,
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
    /// Whether the term is counted back from the event: until ten days before a hearing.
    pub backwards: bool,
    /// The days off.
    pub calendar: &'a Calendar,
    /// How the term becomes a date.
    pub counting: &'a Counting,
    /// What happens to an end on a day off, in place of what the counting rule says, and for terms of every length.
    pub roll: Option<Roll>,
    /// When the clock stood still; in any order, and a day that two of them cover is taken out once.
    pub suspensions: &'a [Suspension],
    /// The causes for which it may stand still.
    pub standstills: &'a [Standstill],
    /// How long the clock may stand still for whatever cause, all times together; after that it runs on.
    ///
    /// Months and years are measured from the first day that is taken out.
    pub suspended_at_most: Option<Term>,
    /// By how much the term was lengthened, in order.
    pub extensions: &'a [Extension],
    /// The end comes no earlier than this.
    pub no_earlier_than: Option<Bound>,
    /// The end comes no later than this, whatever suspended or lengthened the term.
    pub no_later_than: Option<Bound>,
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

impl<'a> Reckoning<'a> {
    /// Returns the count of a bare term: nothing suspends, lengthens or bounds it.
    pub fn new(
        starts: Instant,
        zone: &'a TimeZone,
        within: Term,
        calendar: &'a Calendar,
        counting: &'a Counting,
    ) -> Self {
        Self {
            starts,
            zone,
            within,
            backwards: false,
            calendar,
            counting,
            roll: None,
            suspensions: &[],
            standstills: &[],
            suspended_at_most: None,
            extensions: &[],
            no_earlier_than: None,
            no_later_than: None,
            as_of: None,
        }
    }
}

/// Returns the end of a term.
/// # Errors
/// [`TimeError::OutOfRange`] after the year 9999; [`TimeError::NoWorkingDay`] with a calendar in which no day works;
/// [`TimeError::MixedUnits`] when hours lengthen or limit what is counted in days; [`TimeError::NotOneTerm`] when a
/// longer term can't be counted from the start; [`TimeError::PauseEndsFirst`]; [`TimeError::Backwards`];
/// [`TimeError::StandsStill`] for an open suspension that neither `as_of` nor a limit bounds.
/// # Examples
/// ```
/// use verloop::time::{Almanac, Reckoning, parse_instant, reckon};
/// let nl = Almanac::shipped().jurisdiction("nl")?;
/// let starts = parse_instant("2023-04-14 10:00", &nl.time_zone)?;
/// let end = reckon(&Reckoning::new(starts, &nl.time_zone, "6 weeks".parse()?, &nl.calendar, &nl.counting))?;
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

fn count(reckoning: &Reckoning<'_>, trace: &mut impl Trace) -> Result<Reckoned, TimeError> {
    if reckoning.backwards {
        let refused = |what| Err(TimeError::Backwards { what });
        if !reckoning.suspensions.is_empty() {
            return refused("stand still");
        }
        if !reckoning.extensions.is_empty() {
            return refused("be lengthened");
        }
        if reckoning.no_earlier_than.is_some() || reckoning.no_later_than.is_some() {
            return refused("be bounded");
        }
    }
    let suspensions = in_order(reckoning.suspensions);
    if suspensions.iter().any(|suspension| reckoning.restarts(suspension)) {
        return count_from_restart(reckoning, &suspensions, trace);
    }
    count_plainly(reckoning, &suspensions, trace)
}

fn count_plainly(
    reckoning: &Reckoning<'_>,
    suspensions: &[Suspension],
    trace: &mut impl Trace,
) -> Result<Reckoned, TimeError> {
    if reckoning.within.unit() == Unit::Hours {
        return Hours { reckoning, suspensions }.count(trace);
    }
    Dates::new(reckoning, suspensions, trace)?.count(trace)
}

/// Counts a term that began anew: from the end of the last suspension that makes it do so, which must have begun before
/// the term was over.
fn count_from_restart(
    reckoning: &Reckoning<'_>,
    suspensions: &[Suspension],
    trace: &mut impl Trace,
) -> Result<Reckoned, TimeError> {
    let local = |at| reckoning.zone.local_date(at);
    let mut from_here = *reckoning;
    let mut before: Vec<Suspension> = Vec::new();
    let mut standing_still = false;
    for suspension in suspensions {
        if !reckoning.restarts(suspension) {
            before.push(*suspension);
            continue;
        }
        let so_far = count_plainly(&from_here, &before, &mut Silent)?;
        let ignored = |why| StepKind::SuspensionIgnored { from: local(suspension.from), why };
        let to = match reckoning.until(suspension, None)? {
            Until::Instant(to) => to,
            Until::AllThatMayBe => {
                return Err(TimeError::StandsStill { since: local(suspension.from) });
            }
            Until::NotYet => {
                trace.note(so_far.last_day, None, || ignored(WhyIgnored::NotYet));
                continue;
            }
        };
        if suspension.from >= so_far.ends_at {
            trace.note(so_far.last_day, None, || ignored(WhyIgnored::TooLate));
            continue;
        }
        trace.note(local(to), None, || StepKind::Restarted {
            from: local(suspension.from),
            was: so_far.last_day,
        });
        from_here.starts = to.max(from_here.starts);
        before.clear();
        standing_still = suspension.to.is_none();
    }
    let mut end = count_plainly(&from_here, &before, trace)?;
    end.standing_still |= standing_still;
    Ok(end)
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
    fn standstill(&self, suspension: &Suspension) -> Option<&Standstill> {
        self.standstills.get(suspension.cause)
    }

    fn restarts(&self, suspension: &Suspension) -> bool {
        self.standstill(suspension).is_some_and(|standstill| standstill.restarts)
    }

    /// Returns up to when a suspension lasts; `limit` is how long it may.
    fn until(&self, suspension: &Suspension, limit: Option<Term>) -> Result<Until, TimeError> {
        let local = |at| self.zone.local_date(at);
        match (suspension.to, self.as_of) {
            (Some(to), _) if to < suspension.from => {
                Err(TimeError::PauseEndsFirst { from: local(suspension.from), to: local(to) })
            }
            (Some(to), _) if is_too_long(suspension.from, to) => {
                Err(TimeError::PauseTooLong { from: local(suspension.from), to: local(to) })
            }
            (Some(to), _) => Ok(Until::Instant(to)),
            (None, Some(now)) if is_too_long(suspension.from, now) => {
                Err(TimeError::PauseTooLong { from: local(suspension.from), to: local(now) })
            }
            (None, Some(now)) if now < suspension.from => Ok(Until::NotYet),
            (None, Some(now)) => Ok(Until::Instant(now)),
            (None, None) if limit.is_some() => Ok(Until::AllThatMayBe),
            (None, None) => Err(TimeError::StandsStill { since: local(suspension.from) }),
        }
    }

    /// Returns how long a suspension may last: the limit of its cause, or else that of all.
    fn limit(&self, suspension: &Suspension) -> Option<Term> {
        let own = self.standstill(suspension).and_then(|standstill| standstill.at_most);
        own.or(self.suspended_at_most)
    }

    /// Returns the term together with those by which it was lengthened from its start.
    fn whole_term(&self) -> Result<Term, TimeError> {
        self.counted_from_start().map(|extension| extension.by).try_fold(self.within, one_term)
    }

    /// Returns the lengthenings that are counted from the start.
    fn counted_from_start(&self) -> impl Iterator<Item = Extension> + '_ {
        self.extensions.iter().copied().filter(|extension| extension.from == From::Start)
    }

    /// Returns the lengthenings that are counted from an end.
    fn counted_from_end(&self) -> impl Iterator<Item = Extension> + '_ {
        self.extensions.iter().copied().filter(|extension| extension.from != From::Start)
    }
}

/// Returns two terms as one, where they can be counted as one.
fn one_term(term: Term, by: Term) -> Result<Term, TimeError> {
    let apart = || TimeError::NotOneTerm { term: term.to_string(), by: by.to_string() };
    let (unit, times) = match (term.unit(), by.unit()) {
        (unit, other) if unit == other => (unit, (1, 1)),
        (Unit::Days, Unit::Weeks) => (Unit::Days, (1, 7)),
        (Unit::Weeks, Unit::Days) => (Unit::Days, (7, 1)),
        (Unit::Months, Unit::Years) => (Unit::Months, (1, 12)),
        (Unit::Years, Unit::Months) => (Unit::Months, (12, 1)),
        _ => return Err(apart()),
    };
    let amount = u64::from(term.amount()) * times.0 + u64::from(by.amount()) * times.1;
    let amount = u32::try_from(amount).map_err(|_| TimeError::OutOfRange)?;
    Ok(Term::new(amount, unit)?)
}

/// Whether a standstill is longer than a term may be: a hundred years.
fn is_too_long(from: Instant, to: Instant) -> bool {
    to.signed_duration_since(from) > TimeDelta::days(i64::from(Unit::Days.most()))
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

/// Notes that the days off are not certain for all dates that a count asked about.
fn note_provisional(calendar: &Calendar, date: Date, trace: &mut impl Trace) {
    if let Some((known_from, known_to)) = calendar.known() {
        trace.note(date, None, || StepKind::Provisional {
            calendar: calendar.name().to_owned(),
            version: calendar.version().to_owned(),
            known_from,
            known_to,
        });
    }
}
