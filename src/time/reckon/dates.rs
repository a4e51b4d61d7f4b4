//! A count whose end is a date.
//!
//! The order is the law's, and always the same: the event and the day on which it counts, the term, the time that the
//! clock stood still, the extensions, a last day that is left out, the bounds, the working days that a term must hold at
//! least, and at the very end one roll over days on which no term may end.

use super::{
    Bound, Extension, From, Reckoned, Reckoning, Silent, Suspension, Trace, Until, mixed,
    note_provisional, plus_days,
};
use crate::time::calendar::{day_after, day_before};
use crate::time::counting::{Rules, StandstillDays};
use crate::time::{
    Calendar, Date, DayOffKind, For, Roll, StepKind, Term, TimeError, Unit, WhyIgnored, add, civil,
    days_between, subtract,
};
use chrono::Datelike;

/// So many skipped days are listed one by one; the rest is a number.
const LISTED_DAYS: i64 = 400;

/// A count whose end is a date.
pub(super) struct Dates<'a> {
    reckoning: &'a Reckoning<'a>,
    suspensions: &'a [Suspension],
    /// What the counting rule says for this event.
    rules: &'a Rules,
    /// The day on which the event counts.
    event_day: Date,
    /// The term with all that it was lengthened by from its start; a short one in working days.
    within: Term,
    /// The law's rules on days off reach this term.
    in_reach: bool,
}

/// What the suspensions did to a count so far.
#[derive(Default)]
struct StoodStill {
    /// The first day after the last day that was taken out: the term can't end before it.
    resumed_on: Option<Date>,
    /// How many of the days taken out are days on which a term may end.
    term_days: i64,
    still_open: bool,
}

/// The end of a count, and where it was before it rolled.
struct End {
    raw: Date,
    last_day: Date,
}

impl<'a> Dates<'a> {
    pub(super) fn new(
        reckoning: &'a Reckoning<'a>,
        suspensions: &'a [Suspension],
        trace: &mut impl Trace,
    ) -> Result<Self, TimeError> {
        let happened = civil(reckoning.zone.local_date(reckoning.starts))?;
        let (rules, since) = reckoning.counting.on(happened);
        let (at, backwards) = (reckoning.starts, reckoning.backwards);
        let source = rules.event_day.source.as_deref();
        let counts = rules.event_day.counts;
        let day = event_day(reckoning, rules, happened, &mut Silent)?;
        if day == happened {
            let day_counts = Some(counts);
            trace.note(day, source, || StepKind::Start { at, day_counts, backwards });
        } else {
            trace.note(happened, None, || StepKind::Happened { at });
        }
        if let Some(since) = since {
            let counting = || reckoning.counting.name().to_owned();
            trace.note(since, None, || StepKind::LawChanged { counting: counting() });
        }
        let event_day = event_day(reckoning, rules, happened, trace)?;
        if day != happened {
            let day_counts = Some(counts);
            trace.note(day, source, || StepKind::Start { at, day_counts, backwards });
        }
        let in_reach = rules.reach.reaches(reckoning.within);
        let whole = if reckoning.extensions.is_empty() {
            reckoning.within
        } else {
            reckoning.whole_term()?
        };
        let within = in_working_days_if_short(rules, whole)?;
        Ok(Self { reckoning, suspensions, rules, event_day, within, in_reach })
    }

    /// Returns the day before the first day that counts.
    fn day_zero(&self) -> Result<Date, TimeError> {
        if self.rules.event_day.counts { day_before(self.event_day) } else { Ok(self.event_day) }
    }

    pub(super) fn count(&self, trace: &mut impl Trace) -> Result<Reckoned, TimeError> {
        let Reckoning { zone, calendar, .. } = *self.reckoning;
        if self.reckoning.backwards {
            return self.count_back(trace);
        }
        let mut base = self.base(trace)?;
        let stood_still = if self.suspensions.is_empty() {
            StoodStill::default()
        } else {
            self.stand_still(&mut base, trace)?
        };
        let End { raw, last_day } = self.finish(base, &stood_still, trace)?;
        let last_day = civil(last_day)?;
        let provisional = self.is_provisional(raw, last_day)?;
        if provisional {
            note_provisional(calendar, last_day, trace);
        }
        if stood_still.still_open {
            trace.note(last_day, None, || StepKind::StandingStill);
        }
        let ends_at = zone.start_of_day(day_after(last_day)?)?;
        trace.note(last_day, None, || StepKind::End { ends_at });
        Ok(Reckoned { last_day, ends_at, provisional, standing_still: stood_still.still_open })
    }

    /// Counts back from the event: the last day is one before it.
    fn count_back(&self, trace: &mut impl Trace) -> Result<Reckoned, TimeError> {
        let Reckoning { zone, calendar, .. } = *self.reckoning;
        let counts = self.rules.event_day.counts;
        let mut end = if counts && self.within.unit() == Unit::WorkingDays {
            subtract(day_after(self.event_day)?, self.within, calendar)?
        } else {
            let end = subtract(self.event_day, self.within, calendar)?;
            if counts { day_after(end)? } else { end }
        };
        if self.within.unit() == Unit::WorkingDays {
            self.skipped(end, self.event_day, For::Working, trace);
        }
        let term = self.within;
        trace.note(end, self.short_source(), || StepKind::Term { term, backwards: true });
        if let Some(clear) = self.rules.clear.as_ref().filter(|clear| clear.backwards) {
            end = day_before(end)?;
            if self.within.unit() == Unit::WorkingDays {
                end = calendar.on_or_before(end, For::Working)?;
            }
            trace.note(end, clear.source.as_deref(), || StepKind::Clear);
        }
        let last_day = civil(self.rolled(end, self.reckoning.within, trace)?)?;
        let by_days = self.within.unit() == Unit::WorkingDays
            || self.roll(self.reckoning.within) != Roll::None;
        let unsure = !(calendar.is_known(last_day) && calendar.is_known(self.event_day));
        let provisional = by_days && unsure;
        if provisional {
            note_provisional(calendar, last_day, trace);
        }
        let ends_at = zone.start_of_day(day_after(last_day)?)?;
        trace.note(last_day, None, || StepKind::End { ends_at });
        Ok(Reckoned { last_day, ends_at, provisional, standing_still: false })
    }

    fn short_source(&self) -> Option<&str> {
        let short = self.rules.short_terms.as_ref();
        let is_short = self.within.unit() != self.reckoning.within.unit()
            && self.within.unit() == Unit::WorkingDays;
        short.filter(|_| is_short).and_then(|short| short.source.as_deref())
    }

    /// Returns where the bare term ends.
    fn base(&self, trace: &mut impl Trace) -> Result<Date, TimeError> {
        let base = term_from(self.event_day, self.within, self.rules, self.reckoning.calendar)?;
        if self.within.unit() == Unit::WorkingDays {
            self.skipped(self.day_zero()?, base, For::Working, trace);
        }
        let bare = self.reckoning.within;
        let is_short = self.within.unit() == Unit::WorkingDays && bare.unit() == Unit::Days;
        let term = if is_short { Term::new(bare.amount(), Unit::WorkingDays)? } else { bare };
        let shown = if self.reckoning.extensions.is_empty() {
            base
        } else {
            term_from(self.event_day, term, self.rules, self.reckoning.calendar)?
        };
        trace.note(shown, self.short_source(), || StepKind::Term { term, backwards: false });
        for Extension { by, from } in self.reckoning.counted_from_start() {
            trace.note(base, None, || StepKind::Extended { by, from });
        }
        Ok(base)
    }

    /// Adds the time that the clock stood still to `base`.
    fn stand_still(
        &self,
        base: &mut Date,
        trace: &mut impl Trace,
    ) -> Result<StoodStill, TimeError> {
        let Reckoning { zone, calendar, .. } = *self.reckoning;
        let mut stood_still = StoodStill::default();
        let mut caps = Caps::of(self.reckoning);
        let mut free = day_after(self.day_zero()?)?;
        for suspension in self.suspensions {
            let rule = self.standstill_days(suspension);
            let source = rule.source.as_deref();
            let began = zone.local_date(suspension.from);
            let ignored = |why| StepKind::SuspensionIgnored { from: began, why };
            let first = if rule.first { began } else { day_after(began)? };
            let first = first.max(free);
            if first > self.finish(*base, &stood_still, &mut Silent)?.last_day {
                trace.note(*base, source, || ignored(WhyIgnored::TooLate));
                continue;
            }
            let last = match self.reckoning.until(suspension, self.reckoning.limit(suspension))? {
                Until::NotYet => {
                    trace.note(*base, None, || ignored(WhyIgnored::NotYet));
                    continue;
                }
                Until::AllThatMayBe => None,
                Until::Instant(to) if to == suspension.from && suspension.to.is_some() => {
                    trace.note(*base, source, || ignored(WhyIgnored::TooShort));
                    continue;
                }
                Until::Instant(to) => {
                    let ended = zone.local_date(to);
                    Some(if rule.last { ended } else { day_before(ended)? })
                }
            };
            if last.is_some_and(|last| last < first) {
                stood_still.still_open |= suspension.to.is_none();
                trace.note(*base, source, || ignored(WhyIgnored::TooShort));
                continue;
            }
            let Some((last, capped)) = caps.take(suspension.cause, first, last, calendar)? else {
                trace.note(*base, None, || ignored(WhyIgnored::UsedUp));
                continue;
            };
            // What has stood still for as long as it may runs on, although nobody let it.
            stood_still.still_open |= suspension.to.is_none() && capped.is_none();
            let before = day_before(first)?;
            let (amount, unit) = if self.within.unit() == Unit::WorkingDays {
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
            stood_still.term_days += calendar.count(before, last, self.rules.days_off.days);
            free = day_after(last)?;
            stood_still.resumed_on = Some(free);
            trace.note(*base, source, || StepKind::Suspended {
                from: first,
                to: last,
                amount,
                unit,
            });
            if let Some(at_most) = capped {
                trace.note(*base, None, || StepKind::SuspensionCapped { at_most });
            }
        }
        Ok(stood_still)
    }

    fn standstill_days(&self, suspension: &Suspension) -> &StandstillDays {
        let own = self.reckoning.standstill(suspension);
        own.and_then(|own| own.days.as_ref()).unwrap_or(&self.rules.standstill)
    }

    /// Returns the end of a term whose base with standstills is `base`, if nothing else happens.
    fn finish(
        &self,
        base: Date,
        stood_still: &StoodStill,
        trace: &mut impl Trace,
    ) -> Result<End, TimeError> {
        let raw = self.extend(base, trace)?;
        let raw = no_earlier_than(raw, stood_still.resumed_on, trace);
        let raw = self.clear(raw, trace)?;
        let (raw, bound) = self.bounded(raw, trace)?;
        // An end that a bound gives is that of another term, which never stood still: it holds and rolls as that one does.
        let (term, taken_out) = match bound {
            Some(within) => (within, 0),
            None => (self.reckoning.within, stood_still.term_days),
        };
        let held = self.hold_minimum(raw, term, taken_out, trace)?;
        Ok(End { raw, last_day: self.rolled(held, term, trace)? })
    }

    fn extend(&self, base: Date, trace: &mut impl Trace) -> Result<Date, TimeError> {
        let mut end = base;
        for Extension { by, from } in self.reckoning.counted_from_end() {
            if from == From::RolledEnd {
                end = self.rolled(end, self.reckoning.within, trace)?;
            }
            if by.unit() == Unit::Hours {
                return Err(mixed(self.reckoning.within, by));
            }
            let longer = add(end, by, self.reckoning.calendar)?;
            if by.unit() == Unit::WorkingDays {
                self.skipped(end, longer, For::Working, trace);
            }
            end = longer;
            trace.note(end, None, || StepKind::Extended { by, from });
        }
        Ok(end)
    }

    fn clear(&self, end: Date, trace: &mut impl Trace) -> Result<Date, TimeError> {
        let clear = self.rules.clear.as_ref().filter(|clear| clear.forwards);
        let Some(clear) = clear else { return Ok(end) };
        let next = if self.within.unit() == Unit::WorkingDays {
            self.reckoning.calendar.nth_after(end, 1, For::Working)?
        } else {
            day_after(end)?
        };
        trace.note(next, clear.source.as_deref(), || StepKind::Clear);
        Ok(next)
    }

    /// Returns the end within its bounds, and the term of the bound that gives it, if one does.
    fn bounded(
        &self,
        end: Date,
        trace: &mut impl Trace,
    ) -> Result<(Date, Option<Term>), TimeError> {
        let Reckoning { no_earlier_than, no_later_than, .. } = *self.reckoning;
        let (mut end, mut by) = (end, None);
        if let Some(bound) = no_earlier_than {
            let least = self.bound(bound)?;
            if end < least {
                (end, by) = (least, Some(bound.within));
                trace.note(end, None, || StepKind::NoEarlier { within: bound.within });
            }
        }
        if let Some(bound) = no_later_than {
            let most = self.bound(bound)?;
            if most < end {
                (end, by) = (most, Some(bound.within));
                trace.note(end, None, || StepKind::NoLater { within: bound.within });
            }
        }
        Ok((end, by))
    }

    /// Returns where the term of a bound ends, before it rolls: the whole rolls once, at the end.
    fn bound(&self, bound: Bound) -> Result<Date, TimeError> {
        let Reckoning { zone, calendar, counting, .. } = *self.reckoning;
        let happened = civil(zone.local_date(bound.starts))?;
        let (rules, _) = counting.on(happened);
        let of_bound = Reckoning { starts: bound.starts, ..*self.reckoning };
        let day = event_day(&of_bound, rules, happened, &mut Silent)?;
        let within = in_working_days_if_short(rules, bound.within)?;
        let end = term_from(day, within, rules, calendar)?;
        let clear = rules.clear.as_ref().is_some_and(|clear| clear.forwards);
        if clear { day_after(end) } else { Ok(end) }
    }

    /// Moves the end on until the term holds the days that it must hold at least; those taken out do not count.
    fn hold_minimum(
        &self,
        end: Date,
        within: Term,
        taken_out: i64,
        trace: &mut impl Trace,
    ) -> Result<Date, TimeError> {
        let calendar = self.reckoning.calendar;
        let what = self.rules.days_off.days;
        let minimum = self.rules.at_least.as_ref();
        let minimum = minimum.filter(|minimum| self.in_reach && minimum.reaches(within));
        let Some(minimum) = minimum else { return Ok(end) };
        let held = calendar.count(self.day_zero()?, end, what) - taken_out;
        let lacking = i64::from(minimum.days) - held;
        match u32::try_from(lacking) {
            Ok(lacking) if lacking > 0 => {
                let moved = calendar.nth_after(end, lacking, what)?;
                self.skipped(end, moved, what, trace);
                trace.note(moved, minimum.source.as_deref(), || StepKind::MinimumDays {
                    at_least: minimum.days,
                    held,
                });
                Ok(moved)
            }
            _ => Ok(end),
        }
    }

    /// Returns the direction in which an end of a term rolls, after the law's reach.
    fn roll(&self, term: Term) -> Roll {
        let days_off = &self.rules.days_off;
        let by_law = if self.reckoning.backwards { days_off.backwards } else { days_off.roll };
        let by_law = if self.rules.reach.reaches(term) { by_law } else { Roll::None };
        self.reckoning.roll.unwrap_or(by_law)
    }

    fn rolled(&self, end: Date, term: Term, trace: &mut impl Trace) -> Result<Date, TimeError> {
        let calendar = self.reckoning.calendar;
        let days_off = &self.rules.days_off;
        let what = days_off.days;
        if calendar.works(end, what) {
            return Ok(end);
        }
        let source = days_off.source.as_deref().filter(|_| self.reckoning.roll.is_none());
        let roll = self.roll(term);
        let moved = match roll {
            Roll::None => {
                let by_law =
                    if self.reckoning.backwards { days_off.backwards } else { days_off.roll };
                let beyond = self.reckoning.roll.is_none() && by_law != Roll::None;
                let reach = self.rules.reach.source.as_deref().filter(|_| beyond);
                trace.note(end, reach, || StepKind::NotRolled {
                    why: calendar.day_off(end, what).map(|day| day.name).unwrap_or_default(),
                    beyond: beyond.then_some(term),
                });
                return Ok(end);
            }
            Roll::Forward => {
                let moved = calendar.on_or_after(end, what)?;
                note_no_ends(calendar, end, moved, what, trace);
                moved
            }
            Roll::Back => {
                let moved = calendar.on_or_before(end, what)?;
                note_no_ends(calendar, end, moved, what, trace);
                moved
            }
        };
        trace.note(moved, source, || StepKind::Rolled { from: end, roll });
        Ok(moved)
    }

    /// Notes the days off after `from` and before `to`.
    fn skipped<T: Trace>(&self, from: Date, to: Date, what: For, trace: &mut T) {
        if T::HEARD {
            note_skipped(self.reckoning.calendar, from, to, what, trace);
        }
    }

    /// Says whether the calendar was asked about a day for which its days off are not certain.
    fn is_provisional(&self, raw: Date, last_day: Date) -> Result<bool, TimeError> {
        let Reckoning { calendar, zone, .. } = *self.reckoning;
        if calendar.known().is_none() {
            return Ok(false);
        }
        let day_zero = self.day_zero()?;
        let happened = zone.local_date(self.reckoning.starts);
        let unsure = |from: Date, to: Date| !(calendar.is_known(from) && calendar.is_known(to));
        let by_days = self.within.unit() == Unit::WorkingDays
            || self
                .reckoning
                .counted_from_end()
                .any(|longer| longer.by.unit() == Unit::WorkingDays);
        let moved_event = happened != self.event_day || self.rules.receipt.is_some();
        let rolls = self.roll(self.reckoning.within) != Roll::None;
        // Longer terms hold two working days whatever the holidays are.
        let short = days_between(day_zero, raw) < 14;
        let minimum = short && self.in_reach && self.rules.at_least.is_some();
        Ok((by_days || minimum) && unsure(day_zero, last_day)
            || moved_event && unsure(happened, self.event_day)
            || rolls && unsure(raw.min(last_day), raw.max(last_day)))
    }
}

/// Returns the day on which the event counts: after the hour of closing or on a day off it may be the next working day,
/// and a letter counts some days after it was posted.
fn event_day(
    reckoning: &Reckoning<'_>,
    rules: &Rules,
    happened: Date,
    trace: &mut impl Trace,
) -> Result<Date, TimeError> {
    let calendar = reckoning.calendar;
    let mut day = happened;
    if let Some(receipt) = &rules.receipt {
        let source = receipt.source.as_deref();
        let off = receipt.not_on_days_off && !calendar.works(day, For::Working);
        let local = reckoning.zone.local(reckoning.starts);
        let time = (local.hour * 60 + local.minute, local.second);
        let late = receipt.until_minute.is_some_and(|until| time > (until, 0));
        if off || late {
            day = calendar.nth_after(day, 1, For::Working)?;
            let why = calendar.day_off(happened, For::Working).filter(|_| off).map(|off| off.name);
            trace.note(day, source, || StepKind::ReceivedNext { happened, day_off: why });
        }
    }
    if let Some(deemed) = &rules.deemed {
        let received = add(day, deemed.after, calendar)?;
        if deemed.after.unit() == Unit::WorkingDays {
            note_skipped(calendar, day, received, For::Working, trace);
        }
        day = received;
        trace.note(day, deemed.source.as_deref(), || StepKind::Deemed { after: deemed.after });
    }
    Ok(day)
}

/// Returns a term in days as one in working days, if it is so short that only those count.
fn in_working_days_if_short(rules: &Rules, term: Term) -> Result<Term, TimeError> {
    let short = rules.short_terms.as_ref();
    let is_short = term.unit() == Unit::Days && short.is_some_and(|s| term.amount() <= s.up_to);
    if is_short { Ok(Term::new(term.amount(), Unit::WorkingDays)?) } else { Ok(term) }
}

/// Returns where a bare term ends, when the event counts on `day`.
fn term_from(day: Date, term: Term, rules: &Rules, calendar: &Calendar) -> Result<Date, TimeError> {
    let counts = rules.event_day.counts;
    match term.unit() {
        Unit::Hours | Unit::Days | Unit::WorkingDays | Unit::Weeks => {
            add(if counts { day_before(day)? } else { day }, term, calendar)
        }
        Unit::Months | Unit::Years if counts || rules.months.from_first_day => {
            // The day before the one with the same number as the first; where there is none, the last of the month.
            let first = if counts { day } else { day_after(day)? };
            let same = add(first, term, calendar)?;
            if same.day() == first.day() { day_before(same) } else { Ok(same) }
        }
        Unit::Months | Unit::Years => add(day, term, calendar),
    }
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

/// Notes the days off after `from` and before `to`.
pub(super) fn note_skipped<T: Trace>(
    calendar: &Calendar,
    from: Date,
    to: Date,
    what: For,
    trace: &mut T,
) {
    if !T::HEARD {
        return;
    }
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
            let weekend = off.kind == DayOffKind::Weekend;
            let source = off.source.as_deref().filter(|_| !weekend);
            trace.note(day, source, || StepKind::DaySkipped { why: off.name });
        }
    }
}

/// Notes the days from the end of a term up to the one to which it moves, on none of which a term ends.
pub(super) fn note_no_ends<T: Trace>(
    calendar: &Calendar,
    end: Date,
    moved: Date,
    what: For,
    trace: &mut T,
) {
    if !T::HEARD {
        return;
    }
    let mut day = end;
    for _ in 0..LISTED_DAYS {
        if day == moved {
            return;
        }
        if let Some(off) = calendar.day_off(day, what) {
            trace.note(day, off.source.as_deref(), || StepKind::NoTermEnds { why: off.name });
        }
        let next = if end < moved { day.succ_opt() } else { day.pred_opt() };
        let Some(next) = next else { return };
        day = next;
    }
}

/// How much longer the clock may stand still: for each cause, and in all.
struct Caps {
    of_causes: Vec<(Cap, Option<Term>)>,
    of_all: (Cap, Option<Term>),
}

impl Caps {
    fn of(reckoning: &Reckoning<'_>) -> Self {
        let of = |most: Option<Term>| (Cap::new(most), most);
        let causes = reckoning.standstills.iter().map(|standstill| of(standstill.at_most));
        Self { of_causes: causes.collect(), of_all: of(reckoning.suspended_at_most) }
    }

    /// Takes a standstill from the first to the last day out of what is left, as far as that goes. Returns the last day
    /// that may be taken out, and the limit by which it was cut off; `None` when nothing is left. A `last` of `None` is a
    /// standstill without an end.
    fn take(
        &mut self,
        cause: usize,
        first: Date,
        last: Option<Date>,
        calendar: &Calendar,
    ) -> Result<Option<(Date, Option<Term>)>, TimeError> {
        let mut last = last;
        let mut cut = None;
        let own = self.of_causes.get_mut(cause).into_iter();
        let mut caps: Vec<&mut (Cap, Option<Term>)> = own.chain([&mut self.of_all]).collect();
        for (cap, most) in &mut caps {
            match cap.most(first, last, calendar)? {
                Left::Unlimited => {}
                Left::Nothing => return Ok(None),
                Left::Until(day) if last.is_none_or(|last| day < last) => {
                    last = Some(day);
                    cut = *most;
                }
                Left::Until(_) => {}
            }
        }
        let Some(last) = last else { return Ok(None) };
        for (cap, _) in caps {
            cap.take(first, last, calendar)?;
        }
        Ok(Some((last, cut)))
    }
}

/// What one limit still allows.
enum Left {
    Unlimited,
    Nothing,
    Until(Date),
}

/// How much longer the clock may stand still under one limit.
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

    /// Returns the last day that a standstill from `first` to `last` may take out.
    fn most(
        &mut self,
        first: Date,
        last: Option<Date>,
        calendar: &Calendar,
    ) -> Result<Left, TimeError> {
        if let Self::FromFirstDay(term) = *self {
            *self = Self::Days(days_between(first, add(first, term, calendar)?));
        }
        let before = day_before(first)?;
        match self {
            Self::Unlimited | Self::FromFirstDay(_) => Ok(Left::Unlimited),
            Self::Days(left) if *left > 0 => plus_days(before, *left).map(Left::Until),
            Self::WorkingDays(left) if *left > 0 => {
                if last.is_some_and(|last| calendar.count(before, last, For::Working) <= *left) {
                    return Ok(Left::Unlimited);
                }
                let most = u32::try_from(*left).map_err(|_| TimeError::OutOfRange)?;
                calendar.nth_after(before, most, For::Working).map(Left::Until)
            }
            Self::Days(_) | Self::WorkingDays(_) => Ok(Left::Nothing),
        }
    }

    fn take(&mut self, first: Date, last: Date, calendar: &Calendar) -> Result<(), TimeError> {
        let before = day_before(first)?;
        match self {
            Self::Unlimited | Self::FromFirstDay(_) => {}
            Self::Days(left) => *left -= days_between(before, last),
            Self::WorkingDays(left) => *left -= calendar.count(before, last, For::Working),
        }
        Ok(())
    }
}
