//! What the passing of time brings about.

use super::Deciding;
use super::settle::disposal;
use crate::case::clock::{self, Due, Timer};
use crate::case::event::{CancelCause, Clock, CloseCause, Fact, Instance, ResumeCause};
use crate::case::refusal::{Refusal, Why};
use crate::procedure::{Name, StepKind};
use crate::time::Instant;

impl Deciding<'_> {
    /// Takes in what fell due up to the present, in the order of its instants.
    pub(super) fn pass_time(&mut self) -> Result<(), Refusal> {
        while let Some(at) = self.fall_due(self.now)? {
            self.settle(at)?;
        }
        Ok(())
    }

    /// Takes in all that falls due at the next instant, if that is not after `until`, and returns the instant.
    ///
    /// What falls due at one instant has all fallen due before anything follows from it: who acts because one deadline
    /// has lapsed is too late for the other.
    pub(super) fn fall_due(&mut self, until: Instant) -> Result<Option<Instant>, Refusal> {
        let mut together = None;
        while let Some(timer) = clock::next_timer(self.procedure, &self.case) {
            // INVARIANT: nothing is dated before what came first. A deadline that had lapsed before the case was
            // opened lapses when it is opened.
            let at = self.case.latest.map_or(timer.at, |latest| latest.max(timer.at));
            if timer.at > until || together.is_some_and(|together| at > together) {
                break;
            }
            self.fire(at, timer)?;
            together = Some(at);
        }
        Ok(together)
    }

    fn fire(&mut self, at: Instant, timer: Timer) -> Result<(), Refusal> {
        match timer.due {
            Due::PauseOver(clock) => {
                let fact = self.resumed(at, clock, ResumeCause::Limit);
                self.happen(at, None, fact)
            }
            Due::Warning(clock, before) => {
                let last_day = self.last_day_of(&clock, at)?;
                self.happen(at, None, Fact::DeadlineWarned { clock, before, last_day })
            }
            Due::Lapse(clock) => self.lapse(at, &clock),
            Due::Reminder(clock) => self.remind(at, clock),
            Due::PenaltyCap(clock) => self.end_penalty(at, &clock),
            Due::Records => {
                let disposal = Name::from(disposal(self.procedure));
                self.happen(at, None, Fact::RecordsDue { disposal })?;
                // A late appeal was possible as long as there was a record.
                for (index, _) in self.procedure.steps() {
                    self.close_step(at, index, &CloseCause::CaseEnded)?;
                }
                Ok(())
            }
        }
    }

    fn last_day_of(&self, clock: &Clock, at: Instant) -> Result<crate::time::Date, Refusal> {
        let rule = clock::rule(self.procedure, clock);
        let (Some((_, rule)), Some(record)) = (rule, self.case.clocks.get(clock)) else {
            return Err(Refusal::new(clock.deadline.as_str(), Why::NotRunning));
        };
        Ok(self.counted(rule, record, at)?.last_day)
    }

    fn remind(&mut self, at: Instant, clock: Clock) -> Result<(), Refusal> {
        let rule = clock::rule(self.procedure, &clock).map(|(_, rule)| rule);
        let remind = rule.and_then(|rule| rule.lapse.remind.as_ref());
        let roles = remind.into_iter().flat_map(|remind| &remind.tell);
        let told = roles.map(|role| self.procedure.role(*role).name.clone()).collect();
        let so_far = self.case.clocks.get(&clock).map_or(0, |record| record.reminded);
        let time = so_far.saturating_add(1);
        self.happen(at, None, Fact::DeadlineReminded { clock, time, told })
    }

    fn lapse(&mut self, at: Instant, clock: &Clock) -> Result<(), Refusal> {
        let last_day = self.last_day_of(clock, at)?;
        let Some((_, rule)) = clock::rule(self.procedure, clock) else { return Ok(()) };
        let told =
            rule.lapse.tell.iter().map(|role| self.procedure.role(*role).name.clone()).collect();
        let (of, soft) = (clock.clone(), rule.soft);
        self.happen(at, None, Fact::DeadlineLapsed { clock: of, last_day, told, soft })?;
        for step in &rule.lapse.closes {
            let cause = CloseCause::Lapsed { deadline: clock.deadline.clone() };
            let own = rule.of_step == Some(*step) && clock.item.is_some();
            if own && matches!(self.procedure.step(*step).kind, StepKind::Appeal(_)) {
                // Only one of those who may appeal has let his window pass.
                let step = self.procedure.step(*step).name.clone();
                let instance = Instance { step, item: clock.item.clone() };
                self.happen(at, None, Fact::StepClosed { instance, cause })?;
                self.cancel(at, clock.clone(), CancelCause::StepOver)?;
                continue;
            }
            self.close_step(at, *step, &cause)?;
        }
        self.begin_penalty(at, clock, rule, last_day)?;
        self.deem(at, rule)
    }
}
