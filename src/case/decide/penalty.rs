//! What a lapse costs, and what the law then holds done.

use super::Deciding;
use super::steps::Doing;
use crate::case::event::{Clock, Fact, Instance};
use crate::case::refusal::{Refusal, RuleCited, Why};
use crate::case::standing::{Marking, Standing};
use crate::procedure::{Deadline, Deemed, StepKind};
use crate::time::{Date, Instant};

impl Deciding<'_> {
    /// Begins the penalty for a delay, unless its guard is true at the lapse.
    pub(super) fn begin_penalty(
        &mut self,
        at: Instant,
        clock: &Clock,
        rule: &Deadline,
        last_day: Date,
    ) -> Result<(), Refusal> {
        let Some(penalty) = &rule.penalty else { return Ok(()) };
        let clock = clock.clone();
        let withheld = match &penalty.unless {
            None => None,
            Some(guard) => {
                let holds = guard.holds(&self.values(at)).map_err(|fault| {
                    let why = Why::Incident { message: fault.to_string() };
                    let cited = RuleCited::new(&penalty.unless_place, penalty.rule.cite.as_ref());
                    Refusal::new(rule.name.as_str(), why).under(cited)
                })?;
                holds.then(|| guard.source().to_owned())
            }
        };
        let fact = match withheld {
            None => Fact::PenaltyBegan { clock, last_day },
            Some(guard) => {
                let cited = RuleCited::new(&penalty.unless_place, None);
                let place = format!("{}:{}", cited.file, cited.line);
                Fact::PenaltyWithheld { clock, guard, place }
            }
        };
        self.happen(at, None, fact)
    }

    /// Ends the penalty of a clock, if one accrues: the day before is the last for which it is owed.
    pub(super) fn end_penalty(&mut self, at: Instant, clock: &Clock) -> Result<(), Refusal> {
        let rule = crate::case::clock::rule(self.procedure, clock).map(|(_, rule)| rule);
        let Some(of_rule) = rule.and_then(|rule| rule.penalty.as_ref()) else { return Ok(()) };
        let record = self.case.clocks.get(clock).filter(|record| record.accrues());
        let Some(of_clock) = record.and_then(|record| record.penalty.as_ref()) else {
            return Ok(());
        };
        let today = self.procedure.zone.local_date(at);
        let until = today.pred_opt().unwrap_or(today);
        let owed = of_rule.penalty.owed(of_clock.last_day, until);
        let fact = Fact::PenaltyEnded {
            clock: clock.clone(),
            days: owed.days,
            cents: owed.cents,
            currency: of_rule.penalty.currency.clone(),
            capped: owed.capped,
        };
        self.happen(at, None, fact)
    }

    /// Does a step that the law holds done since a deadline lapsed. What is done already, or can't come any more, is
    /// left alone.
    pub(super) fn deem(&mut self, at: Instant, rule: &Deadline) -> Result<(), Refusal> {
        let Some(Deemed { step: index, outcome }) = rule.lapse.deems else { return Ok(()) };
        let step = self.procedure.step(index);
        let standing = Marking::of(self.procedure, &self.case).standing(index);
        match standing {
            Standing::Ready | Standing::Due => {}
            Standing::Idle if self.may_open(index) && step.kind == StepKind::InCourse => {
                let record = self.case.step(&step.name);
                let round = record.map_or(0, |record| record.round).saturating_add(1);
                let because = Some(rule.name.clone());
                let step = step.name.clone();
                let fact = Fact::StepOpened {
                    step,
                    round,
                    items: None,
                    duty: false,
                    because,
                    owed_by: None,
                    against: None,
                };
                self.happen(at, None, fact)?;
            }
            Standing::Idle
            | Standing::Done
            | Standing::Skipped
            | Standing::Closed
            | Standing::RuledOut => return Ok(()),
        }
        let outcome = outcome.and_then(|outcome| step.outcomes.get(outcome.get()));
        let outcome = outcome.map(|outcome| outcome.name.clone());
        let instance = Instance::only(&step.name);
        let by_itself = Doing::by_itself(index, instance, outcome.clone());
        let doing = Doing { deemed: true, ..by_itself };
        self.finish_instance(at, None, doing)?;
        self.follow_up(at, index, outcome.as_ref())
    }
}
