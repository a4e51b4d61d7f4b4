//! What the passing of time brings about.

use super::Deciding;
use super::settle::disposal;
use crate::case::clock::{self, Due, Timer};
use crate::case::event::{Clock, CloseCause, Fact, ResumeCause};
use crate::case::refusal::{Refusal, Why};
use crate::procedure::Name;
use crate::time::Instant;

impl Deciding<'_> {
    /// Takes in what fell due up to the present, in the order of its instants.
    pub(super) fn pass_time(&mut self) -> Result<(), Refusal> {
        while let Some(timer) = clock::next_timer(self.procedure, &self.case) {
            if timer.at > self.now {
                break;
            }
            self.fire(timer)?;
        }
        Ok(())
    }

    fn fire(&mut self, timer: Timer) -> Result<(), Refusal> {
        // INVARIANT: nothing that others build upon is dated before what came first. A deadline that had lapsed before
        // the case was opened lapses when it is opened.
        let at = self.case.latest.map_or(timer.at, |latest| latest.max(timer.at));
        match timer.due {
            Due::PauseOver(clock) => {
                let cause = ResumeCause::Limit;
                self.happen(at, None, Fact::DeadlineResumed { clock, cause })?;
            }
            Due::Warning(clock, before) => {
                let last_day = self.last_day_of(&clock, timer.at)?;
                let fact = Fact::DeadlineWarned { clock, before, last_day };
                return self.happen(timer.at, None, fact);
            }
            Due::Lapse(clock) => self.lapse(at, clock)?,
            Due::Records => {
                let disposal = Name::from(disposal(self.procedure));
                self.happen(at, None, Fact::RecordsDue { disposal })?;
            }
        }
        self.settle(at)
    }

    fn last_day_of(&self, clock: &Clock, at: Instant) -> Result<crate::time::Date, Refusal> {
        let rule = clock::rule(self.procedure, clock);
        let (Some((_, rule)), Some(record)) = (rule, self.case.clocks.get(clock)) else {
            return Err(Refusal::new(clock.deadline.as_str(), Why::NotRunning));
        };
        self.last_day(rule, record, at)
    }

    fn lapse(&mut self, at: Instant, clock: Clock) -> Result<(), Refusal> {
        let last_day = self.last_day_of(&clock, at)?;
        let Some((_, rule)) = clock::rule(self.procedure, &clock) else { return Ok(()) };
        let told =
            rule.lapse.tell.iter().map(|role| self.procedure.role(*role).name.clone()).collect();
        let deadline = clock.deadline.clone();
        self.happen(at, None, Fact::DeadlineLapsed { clock, last_day, told })?;
        for step in &rule.lapse.closes {
            let cause = CloseCause::Lapsed { deadline: deadline.clone() };
            self.close_step(at, *step, &cause)?;
        }
        Ok(())
    }
}
