//! Clocks start, follow what they count from, come back, and tell when their last day moves.
//!
//! A date is derived from its start, the standstills, the lengthenings and the calendars of the day. What people were
//! told is on record: when the count gives another last day than was told, the difference is an event, and it says why.

use super::Deciding;
use crate::case::clock;
use crate::case::event::{
    CancelCause, Clock, Counted, Fact, MoveCause, NoTerm, NoTermCause, PauseCause, ResumeCause,
};
use crate::case::refusal::{Refusal, Why};
use crate::case::standing::Marking;
use crate::case::starts;
use crate::case::state::{ClockEnd, ClockRecord, InstanceRecord, Status, StepRecord};
use crate::case::terms;
use crate::procedure::{
    Anchor, Condition, Deadline, DeadlineIndex, Fact as Wanted, StartEvent, StepIndex, StepKind,
};
use crate::time::{Came, Instant};

impl Deciding<'_> {
    /// Starts the clocks whose start has come. Returns whether there were any.
    pub(super) fn start_clocks(&mut self, at: Instant) -> Result<bool, Refusal> {
        let mut started = false;
        for (index, rule) in self.procedure.deadlines() {
            for (clock, starts_at) in self.starts(index, rule) {
                let again = match self.case.clocks.get(&clock) {
                    None => true,
                    Some(record) => starts_again(rule, record, starts_at),
                };
                let met = rule.of_step.is_none()
                    && rule.recurs.is_none()
                    && Marking::of(self.procedure, &self.case).holds(&rule.met_by);
                if again && !met {
                    started |= self.start(at, rule, &clock, starts_at, 0)?;
                }
            }
        }
        Ok(started)
    }

    /// Starts a clock. Where it is not known how long it runs, it does not, and that is told. Returns whether it runs.
    pub(super) fn start(
        &mut self,
        at: Instant,
        rule: &Deadline,
        clock: &Clock,
        starts_at: Instant,
        period: u32,
    ) -> Result<bool, Refusal> {
        let found = match terms::find(self.procedure, &self.case, rule, at) {
            Ok(found) => found,
            Err(why) => {
                self.tell_without_term(at, rule, why)?;
                return Ok(false);
            }
        };
        let hangs = rule.within.fixed().is_none();
        let (term, term_under) = (Some(found.term).filter(|_| hangs), found.under);
        let fact = |counted| Fact::DeadlineStarted {
            clock: clock.clone(),
            starts_at,
            period,
            term,
            term_under: term_under.clone(),
            counted,
        };
        // A clock that was stopped may go on with what it was: only the record after the event knows.
        let mut as_if = self.case.clone();
        as_if.take(&self.event(at, None, fact(None)));
        let record = as_if.clocks.get(clock);
        // A clock whose end can't be counted would never lapse, in silence.
        let counted = record.map(|record| self.counted(rule, record, at)).transpose()?;
        self.happen(at, None, fact(counted))?;
        Ok(true)
    }

    fn tell_without_term(
        &mut self,
        at: Instant,
        rule: &Deadline,
        why: NoTerm,
    ) -> Result<(), Refusal> {
        if self.case.without_term.get(&rule.name) == Some(&why) {
            return Ok(());
        }
        self.happen(at, None, Fact::DeadlineWithoutTerm { deadline: rule.name.clone(), why })
    }

    /// A clock that has not lapsed is as long as the case says now. One of which that can't be read any more keeps the
    /// length that it has. Returns whether any changed.
    pub(super) fn follow_terms(&mut self, at: Instant) -> Result<bool, Refusal> {
        let mut changed = false;
        for clock in self.clocks() {
            let (Some((_, rule)), Some(record)) =
                (clock::rule(self.procedure, &clock), self.case.clocks.get(&clock))
            else {
                continue;
            };
            let lives =
                rule.of_step.map_or(self.case.status == Status::Open, |step| self.may_open(step));
            if rule.within.fixed().is_some() || !record.is_running() || !lives {
                continue;
            }
            let was = record.term;
            match terms::find(self.procedure, &self.case, rule, at) {
                Ok(found) => {
                    if was == Some(found.term) && !self.case.without_term.contains_key(&rule.name) {
                        continue;
                    }
                    let (term, term_under) = (found.term, found.under);
                    let fact = Fact::DeadlineTermChanged {
                        clock: clock.clone(),
                        term,
                        term_under,
                        was: was.filter(|was| *was != term),
                    };
                    self.happen(at, None, fact)?;
                    self.tell_if_moved(at, &clock, rule, Some(MoveCause::Term))?;
                    changed = true;
                }
                // Nobody gave it yet in this round: what was so before goes on.
                Err(NoTerm { because: NoTermCause::Absent, .. }) => {}
                Err(why) => self.tell_without_term(at, rule, why)?,
            }
        }
        Ok(changed)
    }

    /// Returns the clocks of a deadline whose start has come, each with the instant that it counts from.
    fn starts(&self, index: DeadlineIndex, rule: &Deadline) -> Vec<(Clock, Instant)> {
        let lives =
            rule.of_step.map_or(self.case.status == Status::Open, |step| self.may_open(step));
        if !lives {
            return Vec::new();
        }
        match (rule.of_step, &rule.starts) {
            (Some(of_step), Anchor::Event(StartEvent::Due(step))) if of_step == *step => {
                let record = self.case.step(&self.procedure.step(of_step).name);
                let opened = record.and_then(|record| record.opened.as_ref());
                let open = opened.into_iter().flat_map(|opened| &opened.instances);
                let open = open.filter(|instance| instance.end.is_none());
                let name = &self.procedure.deadline(index).name;
                let begins = |instance: &InstanceRecord| {
                    if matches!(self.procedure.step(of_step).kind, StepKind::Appeal(_)) {
                        starts::window(self.procedure, &self.case, of_step, instance)
                    } else {
                        Some(instance.at)
                    }
                };
                open.filter_map(|instance| {
                    let item = instance.item.clone();
                    Some((Clock { deadline: name.clone(), item }, begins(instance)?))
                })
                .collect()
            }
            _ => {
                if !Marking::of(self.procedure, &self.case).holds(&rule.once) {
                    return Vec::new();
                }
                let starts_at = starts::starts_at(self.procedure, &self.case, rule, None);
                let clock = || Clock { deadline: rule.name.clone(), item: None };
                starts_at.map(|starts_at| (clock(), starts_at)).into_iter().collect()
            }
        }
    }

    /// A clock that is not over follows what it counts from: an event that was corrected, or came after all, and the end
    /// of another clock. Returns whether any did.
    pub(super) fn follow_starts(&mut self, at: Instant) -> Result<bool, Refusal> {
        let mut followed = false;
        // What ended with the case stays as it was.
        if self.case.status != Status::Open {
            return Ok(followed);
        }
        for clock in self.clocks() {
            let (Some((_, rule)), Some(record)) =
                (clock::rule(self.procedure, &clock), self.case.clocks.get(&clock))
            else {
                continue;
            };
            // A step's own clock counts from its instance, and a later period from the one before.
            if rule.of_step.is_some() || record.period > 0 || record.end.is_some() {
                continue;
            }
            let Some(starts_at) = starts::starts_at(self.procedure, &self.case, rule, Some(record))
            else {
                continue;
            };
            let was = record.starts_at;
            if starts_at == was {
                continue;
            }
            self.happen(
                at,
                None,
                Fact::DeadlineReanchored { clock: clock.clone(), starts_at, was },
            )?;
            self.tell_if_moved(at, &clock, rule, Some(MoveCause::Start))?;
            self.revive(at, &clock, rule)?;
            followed = true;
        }
        Ok(followed)
    }

    /// Says of every running clock that it ends on another day than was told. Returns whether any does.
    pub(super) fn tell_moves(&mut self, at: Instant) -> Result<bool, Refusal> {
        let mut moved = false;
        for clock in self.clocks() {
            let (Some((_, rule)), Some(record)) =
                (clock::rule(self.procedure, &clock), self.case.clocks.get(&clock))
            else {
                continue;
            };
            if record.is_running() {
                moved |= self.tell_if_moved(at, &clock, rule, None)?;
            }
        }
        Ok(moved)
    }

    /// Says that a clock ends on another day than was told, if it does; nothing while it stands still.
    pub(super) fn tell_if_moved(
        &mut self,
        at: Instant,
        clock: &Clock,
        rule: &Deadline,
        because: Option<MoveCause>,
    ) -> Result<bool, Refusal> {
        let Some(record) = self.case.clocks.get(clock).filter(|record| !record.is_paused()) else {
            return Ok(false);
        };
        // What a snapshot of earlier days was told is not known, so nothing can be said to differ from it.
        let was = record.counted.as_ref();
        if was.is_none() && because.is_none()
            || starts::is_open_ended(self.procedure, &self.case, rule)
        {
            return Ok(false);
        }
        let counted = self.counted(rule, record, at)?;
        if was.is_some_and(|was| was.last_day == counted.last_day) {
            return Ok(false);
        }
        let because = because.unwrap_or_else(|| why_moved(rule, was, &counted));
        let was = was.map(|was| was.last_day);
        self.happen(at, None, Fact::DeadlineMoved { clock: clock.clone(), counted, was, because })?;
        Ok(true)
    }

    /// A deadline that had lapsed has not if its end lies in the future again.
    pub(super) fn revive(
        &mut self,
        at: Instant,
        clock: &Clock,
        rule: &Deadline,
    ) -> Result<(), Refusal> {
        let record = self.case.clocks.get(clock).filter(|record| record.is_overdue());
        let Some(record) = record else { return Ok(()) };
        let end = clock::reckon(self.procedure, &self.case, rule, record, Some(at));
        match end {
            Ok(end) if end.ends_at > at => {
                let last_day = end.last_day;
                self.happen(at, None, Fact::DeadlineRevived { clock: clock.clone(), last_day })
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// A deadline that recurs comes back at once: it counts from the day on which it was met, or from its last day. Once
    /// that has happened until which it does, the period that runs is over as well. Returns whether any did.
    pub(super) fn begin_next_periods(&mut self, at: Instant) -> Result<bool, Refusal> {
        let mut began = false;
        if self.case.status != Status::Open {
            return Ok(began);
        }
        for clock in self.clocks() {
            let (Some((_, rule)), Some(record)) =
                (clock::rule(self.procedure, &clock), self.case.clocks.get(&clock))
            else {
                continue;
            };
            let Some(recurs) = &rule.recurs else { continue };
            let marking = Marking::of(self.procedure, &self.case);
            if recurs.until.as_ref().is_some_and(|until| marking.holds(until)) {
                if record.end.is_none() && record.lapsed.is_none() {
                    self.cancel(at, clock, CancelCause::UntilThen)?;
                    began = true;
                }
                continue;
            }
            let starts_at = match (&record.end, record.lapsed) {
                (Some(ClockEnd::Met { at, .. }), _) => *at,
                (None, Some((lapsed_at, last_day))) => {
                    let end = Came { at: lapsed_at, on: last_day };
                    end.counted_from(rule.within.unit(), &self.procedure.zone)
                }
                (Some(ClockEnd::Cancelled { .. }), _) | (None, None) => continue,
            };
            let period = record.period.saturating_add(1);
            began |= self.start(at, rule, &clock, starts_at, period)?;
        }
        Ok(began)
    }

    pub(super) fn clocks(&self) -> Vec<Clock> {
        self.case.clocks.keys().cloned().collect()
    }

    /// Returns the last day of a clock as things stand, and what it was counted by.
    pub(super) fn counted(
        &self,
        rule: &Deadline,
        record: &ClockRecord,
        at: Instant,
    ) -> Result<Counted, Refusal> {
        let end = clock::reckon(self.procedure, &self.case, rule, record, Some(at));
        end.map(|end| clock::counted(rule, end)).map_err(|_| {
            let why = Why::DateOutOfRange { deadline: rule.name.clone() };
            Refusal::new(rule.name.as_str(), why).under(&rule.rule)
        })
    }

    /// Returns the event that a clock goes on, with the last day that it then has.
    pub(super) fn resumed(&self, at: Instant, clock: Clock, cause: ResumeCause) -> Fact {
        let rule = clock::rule(self.procedure, &clock).map(|(_, rule)| rule);
        let record = self.case.clocks.get(&clock).cloned();
        let counted = rule.zip(record).and_then(|(rule, mut record)| {
            record.resume(at);
            self.counted(rule, &record, at).ok()
        });
        Fact::DeadlineResumed { clock, cause, counted }
    }

    /// A clock stands still while a step is open that it waits for.
    pub(super) fn pause_and_resume(&mut self, at: Instant) -> Result<(), Refusal> {
        for clock in self.clocks() {
            let Some((_, rule)) = clock::rule(self.procedure, &clock) else { continue };
            let Some(record) = self.case.clocks.get(&clock) else { continue };
            if rule.stops.is_empty() || !record.is_running() {
                continue;
            }
            match &record.paused_for {
                None => {
                    if let Some(cause) = self.stopped_by(rule, record, at) {
                        self.happen(at, None, Fact::DeadlinePaused { clock, cause })?;
                    }
                }
                Some(cause @ PauseCause::Step { .. }) => {
                    let cause = clock::cause_of(self.procedure, rule, Some(cause));
                    let marking = Marking::of(self.procedure, &self.case);
                    let stops = rule.stops.get(cause);
                    let open = stops.is_some_and(|stops| {
                        stops.while_open.iter().any(|step| marking.standing(*step).is_open())
                    });
                    if !open {
                        let fact = self.resumed(at, clock, ResumeCause::StepOver);
                        self.happen(at, None, fact)?;
                    }
                }
                Some(PauseCause::Hand { .. }) => {}
            }
        }
        Ok(())
    }

    /// Returns why a running clock is to stand still: an open step, for which it may still do so.
    fn stopped_by(&self, rule: &Deadline, record: &ClockRecord, at: Instant) -> Option<PauseCause> {
        let marking = Marking::of(self.procedure, &self.case);
        let steps = rule.stops.iter().flat_map(|stops| &stops.while_open);
        let open = steps.filter(|step| marking.standing(**step).is_open());
        let mut causes =
            open.map(|step| PauseCause::Step { step: self.procedure.step(*step).name.clone() });
        causes.find(|cause| {
            !clock::pause_is_used_up(self.procedure, &self.case, rule, record, at, cause)
        })
    }

    /// Whether what a deadline that recurs asks was done since its period began.
    pub(super) fn is_met_since(&self, condition: &Condition, since: Instant) -> bool {
        let is_met = |part: &Condition| self.is_met_since(part, since);
        match condition {
            Condition::Always | Condition::Never => false,
            Condition::Fact(Wanted::Done(step) | Wanted::First(step)) => {
                self.was_done_since(*step, None, since)
            }
            Condition::Fact(Wanted::EndedAs(step, outcome)) => {
                self.was_done_since(*step, Some(outcome.get()), since)
            }
            Condition::Fact(Wanted::Final(_) | Wanted::Lapsed(_) | Wanted::PenaltyEnded(_)) => {
                false
            }
            Condition::All(parts) => parts.iter().all(is_met),
            Condition::Any(parts) | Condition::Applicable(parts) => parts.iter().any(is_met),
            Condition::AtLeast(wanted, parts) => {
                parts.iter().filter(|part| is_met(part)).count() >= *wanted
            }
        }
    }

    fn was_done_since(&self, step: StepIndex, outcome: Option<usize>, since: Instant) -> bool {
        let step = self.procedure.step(step);
        let wanted = outcome.and_then(|outcome| step.outcomes.get(outcome)).map(|o| &o.name);
        let acts =
            self.case.step(&step.name).into_iter().flat_map(|record: &StepRecord| &record.acts);
        acts.into_iter()
            .any(|act| act.at > since && (wanted.is_none() || act.outcome.as_ref() == wanted))
    }
}

/// Why the count gives another last day, where neither the start nor an act tells.
fn why_moved(rule: &Deadline, was: Option<&Counted>, now: &Counted) -> MoveCause {
    let differs = |of: fn(&Counted) -> &str| was.is_some_and(|was| of(was) != of(now));
    if differs(|counted| &counted.calendar) {
        MoveCause::Calendar
    } else if differs(|counted| &counted.tzdb) {
        MoveCause::TimeZones
    } else if rule.anchors().nth(1).is_some() {
        MoveCause::Bound
    } else {
        MoveCause::Counting
    }
}

/// Whether a clock that was started before starts again, now that there is a start for it.
fn starts_again(rule: &Deadline, record: &ClockRecord, starts_at: Instant) -> bool {
    match &record.end {
        None => false,
        // The case runs again, and so does what it had stopped.
        Some(ClockEnd::Cancelled { because: CancelCause::CaseEnded, .. }) => true,
        // The instance is open, so it was opened after the clock was over.
        Some(ClockEnd::Met { .. } | ClockEnd::Cancelled { .. }) if rule.of_step.is_some() => true,
        // The next period begins by itself.
        Some(ClockEnd::Met { .. }) if rule.recurs.is_some() => false,
        Some(ClockEnd::Met { .. } | ClockEnd::Cancelled { .. }) => starts_at > record.starts_at,
    }
}
