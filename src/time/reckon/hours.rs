//! A count whose end is an instant: hours pass on any clock, days off included, unless the law says that an end on a day
//! off moves to the same hour of the next working day.

use super::{
    Bound, Extension, From, Reckoned, Reckoning, Suspension, Trace, Until, mixed, note_provisional,
    plus_seconds,
};
use crate::time::counting::{HoursRule, Rules};
use crate::time::{
    Instant, Roll, StepKind, Term, TimeError, Unit, WhyIgnored, add, civil, days_between,
};
use chrono::TimeDelta;

/// A count whose end is an instant.
pub(super) struct Hours<'a> {
    pub(super) reckoning: &'a Reckoning<'a>,
    pub(super) suspensions: &'a [Suspension],
}

impl Hours<'_> {
    pub(super) fn count(&self, trace: &mut impl Trace) -> Result<Reckoned, TimeError> {
        let Reckoning { starts, zone, calendar, counting, backwards, .. } = *self.reckoning;
        let day = |at: Instant| zone.local_date(at);
        let happened = civil(day(starts))?;
        let (rules, since) = counting.on(happened);
        trace.note(happened, None, || StepKind::Start { at: starts, day_counts: None, backwards });
        if let Some(since) = since {
            trace.note(since, None, || StepKind::LawChanged {
                counting: counting.name().to_owned(),
            });
        }
        let starts = self.first_hour(starts, rules, trace)?;
        let within = self.reckoning.whole_term()?;
        let hours = i64::from(within.amount()) * 3600;
        let mut end = plus_seconds(starts, if backwards { -hours } else { hours })?;
        let term = self.reckoning.within;
        trace.note(day(end), None, || StepKind::Term { term, backwards });
        for Extension { by, from } in self.reckoning.counted_from_start() {
            trace.note(day(end), None, || StepKind::Extended { by, from });
        }
        let (still_open, resumed_at) = self.stand_still(starts, &mut end, trace)?;
        for Extension { by, from } in self.reckoning.counted_from_end() {
            if from == From::RolledEnd {
                end = self.rolled(end, &rules.hours, trace)?;
            }
            end = self.longer(end, by)?;
            trace.note(day(end), None, || StepKind::Extended { by, from });
        }
        if let Some(resumed_at) = resumed_at.filter(|resumed_at| end < *resumed_at) {
            end = resumed_at;
            trace.note(day(end), None, || StepKind::Resumed);
        }
        end = self.bounded(end, trace)?;
        let raw = civil(day(plus_seconds(end, -1)?))?;
        end = self.rolled(end, &rules.hours, trace)?;
        let last_day = civil(day(plus_seconds(end, -1)?))?;
        let by_days =
            self.reckoning.counted_from_end().any(|longer| longer.by.unit() == Unit::WorkingDays);
        let unsure = !(calendar.is_known(happened) && calendar.is_known(last_day));
        let rolls = rules.hours.roll != Roll::None;
        let roll_unsure = !(calendar.is_known(raw) && calendar.is_known(last_day));
        let provisional = by_days && unsure || rolls && roll_unsure;
        if provisional {
            note_provisional(calendar, last_day, trace);
        }
        if still_open {
            trace.note(last_day, None, || StepKind::StandingStill);
        }
        trace.note(last_day, None, || StepKind::EndsAt { ends_at: end });
        Ok(Reckoned { last_day, ends_at: end, provisional, standing_still: still_open })
    }

    /// Returns the instant from which hours are counted: the event itself, or the next whole hour on the wall.
    fn first_hour(
        &self,
        starts: Instant,
        rules: &Rules,
        trace: &mut impl Trace,
    ) -> Result<Instant, TimeError> {
        let local = self.reckoning.zone.local(starts);
        let past = i64::from(local.minute) * 60 + i64::from(local.second);
        if !rules.hours.from_next_hour {
            return Ok(starts);
        }
        // The whole hour of the event is left out, on whichever side the term lies.
        let from =
            plus_seconds(starts, if self.reckoning.backwards { -past } else { 3600 - past })?;
        let source = rules.hours.source.as_deref();
        trace.note(local.date, source, || StepKind::NextHour { from });
        Ok(from)
    }

    /// Moves an end on a day off to the same hour of the next day that is none.
    fn rolled(
        &self,
        end: Instant,
        rule: &HoursRule,
        trace: &mut impl Trace,
    ) -> Result<Instant, TimeError> {
        let Reckoning { zone, calendar, starts, backwards, .. } = *self.reckoning;
        let days_off = &self.reckoning.counting.on(zone.local_date(starts)).0.days_off;
        let what = days_off.days;
        let roll = if backwards { days_off.backwards } else { rule.roll };
        // The end of a term is the last moment of the day before midnight; counted back, it is the first of its own day.
        let last_day = zone.local_date(if backwards { end } else { plus_seconds(end, -1)? });
        if rule.roll == Roll::None || roll == Roll::None || calendar.works(last_day, what) {
            return Ok(end);
        }
        let moved = match roll {
            Roll::Back => calendar.on_or_before(last_day, what)?,
            Roll::Forward | Roll::None => calendar.on_or_after(last_day, what)?,
        };
        let local = zone.local(end);
        let days = days_between(last_day, moved);
        let date = local.date.checked_add_signed(TimeDelta::days(days));
        let date = date.ok_or(TimeError::OutOfRange).and_then(civil)?;
        super::dates::note_no_ends(calendar, last_day, moved, what, trace);
        let source = rule.source.as_deref();
        trace.note(moved, source, || StepKind::Rolled { from: last_day, roll });
        zone.instant(date, local.hour, local.minute, local.second)
    }

    fn bounded(&self, end: Instant, trace: &mut impl Trace) -> Result<Instant, TimeError> {
        let zone = self.reckoning.zone;
        let mut end = end;
        if let Some(bound) = self.reckoning.no_earlier_than {
            let least = self.bound(bound)?;
            if end < least {
                end = least;
                let within = bound.within;
                trace.note(zone.local_date(end), None, || StepKind::NoEarlier { within });
            }
        }
        if let Some(bound) = self.reckoning.no_later_than {
            let most = self.bound(bound)?;
            if most < end {
                end = most;
                let within = bound.within;
                trace.note(zone.local_date(end), None, || StepKind::NoLater { within });
            }
        }
        Ok(end)
    }

    fn bound(&self, bound: Bound) -> Result<Instant, TimeError> {
        self.longer(bound.starts, bound.within)
    }

    /// Adds the time that the clock stood still to `end`; returns whether it still does, and when it ran again.
    fn stand_still(
        &self,
        starts: Instant,
        end: &mut Instant,
        trace: &mut impl Trace,
    ) -> Result<(bool, Option<Instant>), TimeError> {
        let zone = self.reckoning.zone;
        let seconds = |most: Option<Term>| most.map(|most| self.seconds(most)).transpose();
        let mut of_all = seconds(self.reckoning.suspended_at_most)?;
        let causes = self.reckoning.standstills.iter();
        let mut of_causes: Vec<Option<TimeDelta>> =
            causes.map(|cause| seconds(cause.at_most)).collect::<Result<_, _>>()?;
        let mut free = starts;
        let (mut still_open, mut resumed_at) = (false, None);
        for suspension in self.suspensions {
            let began = zone.local_date(suspension.from);
            let ignored = |why| StepKind::SuspensionIgnored { from: began, why };
            let from = suspension.from.max(free);
            let now = zone.local_date(*end);
            let limit = self.reckoning.limit(suspension);
            let mut so_far = *end;
            for longer in self.reckoning.counted_from_end() {
                so_far = self.longer(so_far, longer.by)?;
            }
            if resumed_at.is_some_and(|resumed_at| so_far < resumed_at) {
                so_far = resumed_at.unwrap_or(so_far);
            }
            if from >= so_far {
                trace.note(now, None, || ignored(WhyIgnored::TooLate));
                continue;
            }
            let wanted = match self.reckoning.until(suspension, limit)? {
                Until::NotYet => {
                    trace.note(now, None, || ignored(WhyIgnored::NotYet));
                    continue;
                }
                Until::Instant(to) => to.signed_duration_since(from),
                Until::AllThatMayBe => TimeDelta::MAX,
            };
            if wanted <= TimeDelta::zero() {
                trace.note(now, None, || ignored(WhyIgnored::TooShort));
                continue;
            }
            let own = of_causes.get_mut(suspension.cause);
            let own_left = own.as_deref().copied().flatten();
            let left = own_left.into_iter().chain(of_all).min();
            let amount = left.map_or(wanted, |left| wanted.min(left));
            if amount <= TimeDelta::zero() {
                trace.note(now, None, || ignored(WhyIgnored::UsedUp));
                continue;
            }
            if let Some(own) = own {
                *own = own.map(|left| left - amount);
            }
            of_all = of_all.map(|left| left - amount);
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
            still_open |= suspension.to.is_none() && amount == wanted;
            if amount < wanted
                && let Some(at_most) = limit
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
