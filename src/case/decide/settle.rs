//! What follows from the facts: steps open and close, clocks start, stand still and are met, decisions become final.
//!
//! The rules below are asked again and again until none has anything to add. Each makes only events that stop it from
//! asking again, and loops back are limited by the procedure, so that this comes to an end.

use super::Deciding;
use crate::case::clock;
use crate::case::event::{CancelCause, Clock, CloseCause, Fact, Instance};
use crate::case::lists;
use crate::case::refusal::{Refusal, RuleCited, Why};
use crate::case::standing::{Marking, Standing};
use crate::case::state::{ClockRecord, End, InstanceRecord, Status, StepRecord};
use crate::procedure::{
    Deadline, Disposal, Fact as Wanted, Procedure, RecordsFrom, Step, StepIndex, StepKind,
};
use crate::time::{self, Instant};

impl Deciding<'_> {
    /// Takes in all that follows at `at`.
    pub(super) fn settle(&mut self, at: Instant) -> Result<(), Refusal> {
        loop {
            let before = self.events.len();
            self.pause_and_resume(at)?;
            self.close_what_is_overtaken(at)?;
            self.take_up_decisions(at)?;
            self.keep_up_with_lists(at)?;
            self.complete_lists(at)?;
            self.open_what_is_due(at)?;
            self.take_in_decisions(at)?;
            self.keep_together(at)?;
            let started = self.start_clocks(at)?;
            // The cause is told before what follows from it.
            let changed = self.follow_terms(at)?;
            let moved = self.tell_moves(at)?;
            let followed = self.follow_starts(at)?;
            if started || changed || followed || moved {
                // What was received long ago may be too late on the day on which it is opened.
                self.fall_due(at)?;
            }
            self.meet_deadlines(at)?;
            if self.begin_next_periods(at)? {
                self.fall_due(at)?;
            }
            self.take_in_early_filings(at)?;
            self.make_final(at)?;
            if self.events.len() == before {
                self.do_what_is_nobodys(at)?;
            }
            if self.events.len() == before {
                self.end_again(at)?;
            }
            if self.events.len() == before {
                self.archive(at)?;
            }
            if self.events.len() == before {
                self.write_letters(at)?;
            }
            if self.events.len() == before {
                return Ok(());
            }
        }
    }

    /// Whether a step may open although the case has ended.
    pub(super) fn may_open(&self, index: StepIndex) -> bool {
        match self.case.status {
            Status::Open => true,
            Status::Ended { .. } => self.procedure.step(index).outlives_the_case(),
            Status::Archived { .. } => false,
        }
    }

    /// A step is open only as long as what it comes after is true, or the deadline has lapsed whose lapse opened it.
    fn close_what_is_overtaken(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            let record = self.case.step(&step.name);
            let opened = record.filter(|record| record.is_open()).and_then(|r| r.opened.as_ref());
            let Some(opened) = opened else { continue };
            let marking = Marking::of(self.procedure, &self.case);
            let deadline = opened.because.as_ref();
            let deadline = deadline.and_then(|name| self.procedure.find_deadline(name.as_str()));
            let by_lapse = deadline.is_some_and(|of| marking.lapsed_at(of).is_some());
            let by_right = by_lapse || opened.owed_by.is_some() || marking.turn_has_come(index);
            if !by_right || marking.is_past(index) {
                self.close_step(at, index, &CloseCause::Overtaken)?;
            }
        }
        Ok(())
    }

    /// Closes the instances of a step that are still to be done, and stops their clocks.
    pub(super) fn close_step(
        &mut self,
        at: Instant,
        index: StepIndex,
        cause: &CloseCause,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        for item in self.open_items(index) {
            let instance = Instance { step: step.name.clone(), item: item.clone() };
            let fact = Fact::StepClosed { instance, cause: cause.clone() };
            let deadline = step.deadline.map(|deadline| &self.procedure.deadline(deadline).name);
            let clock = deadline.map(|name| Clock { deadline: name.clone(), item });
            self.happen(at, None, fact)?;
            if let Some(clock) = clock {
                self.cancel(at, clock, CancelCause::StepOver)?;
            }
        }
        Ok(())
    }

    /// Returns the items of a step's instances that are still to be done.
    pub(super) fn open_items(&self, index: StepIndex) -> Vec<Option<String>> {
        let items = Marking::of(self.procedure, &self.case).open_items(index);
        items.into_iter().map(|item| item.map(str::to_owned)).collect()
    }

    pub(super) fn cancel(
        &mut self,
        at: Instant,
        clock: Clock,
        cause: CancelCause,
    ) -> Result<(), Refusal> {
        let stands = self.case.clocks.get(&clock).is_some_and(|record| record.end.is_none());
        if !stands {
            return Ok(());
        }
        self.end_penalty(at, &clock)?;
        self.happen(at, None, Fact::DeadlineCancelled { clock, cause })
    }

    /// The case has ended: what is not followed up closes, and its clocks stop.
    pub(super) fn close_all(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            if !step.outlives_the_case() {
                self.close_step(at, index, &CloseCause::CaseEnded)?;
            }
        }
        let clocks: Vec<Clock> = self.case.clocks.keys().cloned().collect();
        for clock in clocks {
            let going_on = clock::rule(self.procedure, &clock)
                .and_then(|(_, rule)| rule.of_step)
                .map(|step| self.procedure.step(step))
                .is_some_and(Step::outlives_the_case);
            let running = self
                .case
                .clocks
                .get(&clock)
                .is_some_and(super::super::state::ClockRecord::is_running);
            if running && !going_on {
                self.cancel(at, clock, CancelCause::CaseEnded)?;
            } else {
                self.end_penalty(at, &clock)?;
            }
        }
        Ok(())
    }

    /// A list that a step is done for may grow, until something that comes after the step has been done.
    fn keep_up_with_lists(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            let Some(wanted) = self.items_of(index) else { continue };
            let Some(opened) = self.case.step(&step.name).and_then(|r| r.opened.as_ref()) else {
                continue;
            };
            // What was opened for one is not opened for each.
            if !opened.each {
                continue;
            }
            let over = opened.instances.iter().any(|instance| {
                matches!(&instance.end, Some(End::Closed { because, .. }) if *because != CloseCause::ItemGone)
            });
            // What is owed is owed for the list as it was then.
            let settled = opened.owed_by.is_some() || self.has_gone_on(index);
            if over || settled || !self.may_open(index) {
                continue;
            }
            let is_gone =
                |end: &End| matches!(end, End::Closed { because: CloseCause::ItemGone, .. });
            let had = |item: &String| {
                let mut of_item = opened.instances.iter().filter(|i| i.item.as_ref() == Some(item));
                of_item.any(|i| !i.end.as_ref().is_some_and(is_gone))
            };
            let new: Vec<String> = wanted.iter().filter(|item| !had(item)).cloned().collect();
            let gone = |record: &&InstanceRecord| {
                record.end.is_none()
                    && record.item.as_ref().is_some_and(|item| !wanted.contains(item))
            };
            let gone: Vec<Option<String>> =
                opened.instances.iter().filter(gone).map(|record| record.item.clone()).collect();
            let step = step.name.clone();
            if !new.is_empty() {
                self.happen(at, None, Fact::ItemsAdded { step: step.clone(), items: new })?;
            }
            let has_shrunk = !gone.is_empty();
            for item in gone {
                let clock = self.procedure.step(index).deadline.map(|deadline| Clock {
                    deadline: self.procedure.deadline(deadline).name.clone(),
                    item: item.clone(),
                });
                let instance = Instance { step: step.clone(), item };
                self.happen(at, None, Fact::StepClosed { instance, cause: CloseCause::ItemGone })?;
                if let Some(clock) = clock {
                    self.cancel(at, clock, CancelCause::StepOver)?;
                }
            }
            let standing = Marking::of(self.procedure, &self.case).standing(index);
            if has_shrunk && standing == Standing::Done {
                // What was left of the list had been done.
                self.follow_up(at, index, None)?;
            }
        }
        Ok(())
    }

    /// Whether a step that comes directly after this one has been done in this round.
    fn has_gone_on(&self, index: StepIndex) -> bool {
        self.procedure.steps().any(|(_, step)| {
            let follows = step.after.facts().iter().any(|fact| match fact {
                Wanted::Done(of) | Wanted::EndedAs(of, _) | Wanted::Final(of) => *of == index,
                // What comes after the first of them leaves the list to the others.
                Wanted::First(_) | Wanted::Lapsed(_) | Wanted::PenaltyEnded(_) => false,
            });
            let opened = self.case.step(&step.name).and_then(|record| record.opened.as_ref());
            follows && opened.is_some_and(|opened| opened.done().next().is_some())
        })
    }

    /// Returns for what or whom a step is done one by one, if it is: the items of its list; of an appeal, those who may
    /// file it, where there are several.
    fn items_of(&self, index: StepIndex) -> Option<Vec<String>> {
        let step = self.procedure.step(index);
        match &step.each {
            Some(each) => Some(lists::items(self.procedure, &self.case, each)),
            None => self.appellants(index),
        }
    }

    fn open_what_is_due(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            if step.kind == StepKind::AtAnyTime || !self.may_open(index) {
                continue;
            }
            let record = self.case.step(&step.name);
            let has_come = |record: &StepRecord| {
                let over = record.skipped || record.cancelled_by.is_some();
                over || record.is_open() || record.is_done()
            };
            if record.is_some_and(has_come) {
                continue;
            }
            let marking = Marking::of(self.procedure, &self.case);
            if marking.is_barred(index) {
                continue;
            }
            let by_lapse = self.procedure.deadlines().find(|(deadline, rule)| {
                rule.lapse.opens.contains(&index) && marking.lapsed_at(*deadline).is_some()
            });
            let in_course = marking.turn_has_come(index);
            let round = record.map_or(0, |record| record.round).saturating_add(1);
            let because = by_lapse.filter(|_| !in_course).map(|(_, rule)| rule.name.clone());
            if !in_course && because.is_none() {
                continue;
            }
            if in_course && !self.is_wanted(index, at)? {
                let step = step.name.clone();
                self.happen(at, None, Fact::StepSkipped { step, round })?;
                continue;
            }
            let items = self.items_of(index);
            let duty = !step.optional && !matches!(step.kind, StepKind::Appeal(_));
            let nothing_to_do = items.as_ref().is_some_and(Vec::is_empty);
            let against =
                matches!(step.kind, StepKind::Appeal(_)).then(|| self.lies_against(index));
            let step = step.name.clone();
            let opened =
                Fact::StepOpened { step, round, items, duty, because, owed_by: None, against };
            self.happen(at, None, opened)?;
            if nothing_to_do {
                self.follow_up(at, index, None)?;
            }
        }
        Ok(())
    }

    /// Asks a step's `when`.
    pub(super) fn is_wanted(&self, index: StepIndex, at: Instant) -> Result<bool, Refusal> {
        let step = self.procedure.step(index);
        let Some(guard) = &step.when else { return Ok(true) };
        guard.holds(&self.values(at)).map_err(|fault| {
            let why = Why::Incident { message: fault.to_string() };
            Refusal::new(step.name.as_str(), why).under(RuleCited::from(&step.rule))
        })
    }

    fn do_what_is_nobodys(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            if !step.is_automatic() || step.kind == StepKind::AtAnyTime {
                continue;
            }
            let marking = Marking::of(self.procedure, &self.case);
            let held = marking.is_suspended(index).is_some() || marking.blocked_by(index).is_some();
            if marking.standing(index).is_open() && !held && self.do_by_itself(index, at)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What a deadline asks was done, in time or too late.
    pub(super) fn meet_deadlines(&mut self, at: Instant) -> Result<(), Refusal> {
        let clocks: Vec<Clock> = self.case.clocks.keys().cloned().collect();
        for clock in clocks {
            let Some((_, rule)) = clock::rule(self.procedure, &clock) else { continue };
            let Some(record) = self.case.clocks.get(&clock) else { continue };
            if record.end.is_some() || !self.is_met(rule, &clock, record) {
                continue;
            }
            let late = record.lapsed.is_some();
            if late && self.is_deemed(rule) {
                continue;
            }
            let last_day = match record.lapsed {
                Some((_, last_day)) => last_day,
                None => self.counted(rule, record, at)?.last_day,
            };
            self.happen(at, None, Fact::DeadlineMet { clock: clock.clone(), last_day, late })?;
            self.end_penalty(at, &clock)?;
        }
        Ok(())
    }

    /// Whether what a deadline asks was not done by anybody: the law held it done at its lapse.
    fn is_deemed(&self, rule: &Deadline) -> bool {
        let deemed = rule.lapse.deems.map(|deemed| &self.procedure.step(deemed.step).name);
        let record = deemed.and_then(|step| self.case.step(step));
        record.and_then(StepRecord::last_done).is_some_and(|done| done.deemed)
    }

    fn is_met(&self, rule: &Deadline, clock: &Clock, record: &ClockRecord) -> bool {
        if rule.recurs.is_some() {
            return self.is_met_since(&rule.met_by, record.started_at);
        }
        let Some(step) = rule.of_step else {
            return Marking::of(self.procedure, &self.case).holds(&rule.met_by);
        };
        let step = self.procedure.step(step).name.clone();
        let instance = Instance { step, item: clock.item.clone() };
        let end = self.case.instance(&instance).and_then(|record| record.end.as_ref());
        matches!(end, Some(End::Done(_)))
    }

    /// A case that has ended is archived when nothing is left to follow up, and no window of an appeal is open.
    fn archive(&mut self, at: Instant) -> Result<(), Refusal> {
        let Status::Ended { at: ended_at, .. } = self.case.status else { return Ok(()) };
        let marking = Marking::of(self.procedure, &self.case);
        let left = self.procedure.steps().any(|(index, step)| {
            let standing = marking.standing(index);
            step.follow_up && (standing.is_open() || standing == Standing::Idle)
        });
        let clocks_run = self.case.clocks.values().any(ClockRecord::is_running);
        if left || clocks_run || !self.case.to_send.is_empty() {
            return Ok(());
        }
        let keep_until = self.procedure.records.as_ref().and_then(|records| {
            let from = match records.after {
                RecordsFrom::Closed => ended_at,
                RecordsFrom::Archived => at,
            };
            let day = self.procedure.zone.local_date(from);
            time::add(day, records.keep, &self.procedure.calendar).ok()
        });
        self.happen(at, None, Fact::CaseArchived { keep_until })
    }
}

/// Returns the word for what is done with a record after the term of keeping.
pub(super) fn disposal(procedure: &Procedure) -> &'static str {
    match procedure.records.as_ref().map(|records| records.then) {
        Some(Disposal::Destroy) => "destroy",
        Some(Disposal::Anonymise) | None => "anonymise",
    }
}
