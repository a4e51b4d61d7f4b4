//! A case that has ended runs again, on a ground that the procedure lists.

use super::Deciding;
use super::authority::capacity;
use crate::case::command::Command;
use crate::case::event::{CloseCause, Fact, LinkKind};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::state::{ClockEnd, ClockRecord, Status};
use crate::procedure::{Deadline, DeadlineIndex, Fact as Wanted, Name, Reopen, StepIndex};
use crate::time::{self, Date, Instant, Unit};

const ASKED: &str = "reopen";

impl Deciding<'_> {
    /// Lets a case that has ended run again from the step that the procedure names. The first run stays on record; clocks
    /// that belong to what is done again, and those whose end was never reached, begin anew.
    pub(super) fn reopen(
        &mut self,
        command: &Command,
        ground: &Name,
        reason: &str,
    ) -> Result<(), Refusal> {
        let Some(rule) = &self.procedure.intake.between.reopen else {
            let refusal = Refusal::new(ASKED, Why::NotForeseen);
            return Err(refusal.under(&self.procedure.intake.rule));
        };
        let refuse = |why| Refusal::new(ASKED, why).under(&rule.rule);
        let (actor, who) = (&command.actor, &rule.who);
        let role = capacity(self.procedure, &self.case, actor, who, &rule.rule, ASKED)?;
        let ended_at = match &self.case.status {
            Status::Open => return Err(refuse(Why::NotEnded)),
            Status::Ended { at, .. } | Status::Archived { at, .. } => *at,
        };
        let joined = self.case.links.iter().find(|link| link.kind == LinkKind::JoinedInto);
        let to = self.case.handed.as_ref().map(|handed| handed.to.clone());
        if let Some(to) = to.or_else(|| joined.map(|link| link.case.clone())) {
            return Err(refuse(Why::GoesOnElsewhere { to }));
        }
        if !rule.grounds.contains(ground) {
            let refusal = refuse(Why::NoSuchGround { grounds: rule.grounds.clone() });
            return Err(refusal.unless(Remedy::OneOf { names: rule.grounds.clone() }));
        }
        if let Some(last_day) = self.last_day_to_reopen(rule, ended_at, command.at) {
            return Err(refuse(Why::TooLateToReopen { last_day }));
        }
        let reason = Self::reason(ASKED, reason)?;
        let by = self.acted_by(command, Some(role));
        let (steps, mut deadlines) = self.procedure.returned_with(rule.return_to);
        for (index, deadline) in self.procedure.deadlines() {
            if !deadlines.contains(&index) && self.begins_anew(deadline, &steps) {
                deadlines.push(index);
            }
        }
        let deadlines: Vec<DeadlineIndex> = deadlines;
        let at = command.at;
        let (steps, deadlines) = self.over(at, steps, deadlines, &CloseCause::Returned)?;
        let (because, reason) = (ground.clone(), Some(reason));
        self.happen(at, Some(by), Fact::CaseReopened { because, reason, steps, deadlines })
    }

    /// Lets a case run again that a step reopens.
    pub(super) fn runs_again(&mut self, at: Instant, because: &Name) -> Result<(), Refusal> {
        let (because, reason) = (because.clone(), None);
        let (steps, deadlines) = (Vec::new(), Vec::new());
        self.happen(at, None, Fact::CaseReopened { because, reason, steps, deadlines })
    }

    /// Returns the last day on which the case could be reopened, if that has passed.
    fn last_day_to_reopen(&self, rule: &Reopen, ended_at: Instant, at: Instant) -> Option<Date> {
        let within = rule.within?;
        let zone = &self.procedure.zone;
        if within.unit() == Unit::Hours {
            let end = ended_at + chrono::TimeDelta::hours(within.amount().into());
            return (at > end).then(|| zone.local_date(end));
        }
        // A term that leaves the calendar never ends.
        let last = time::add(zone.local_date(ended_at), within, &self.procedure.calendar).ok()?;
        (zone.local_date(at) > last).then_some(last)
    }

    /// Whether a clock of the case itself begins anew: what it asks is done again, or was never done.
    fn begins_anew(&self, rule: &Deadline, again: &[StepIndex]) -> bool {
        let done_again = rule.met_by.facts().iter().any(|fact| match fact {
            Wanted::Done(step)
            | Wanted::First(step)
            | Wanted::EndedAs(step, _)
            | Wanted::Final(step) => again.contains(step),
            Wanted::Lapsed(_) | Wanted::PenaltyEnded(_) => false,
        });
        let met = |record: &ClockRecord| matches!(record.end, Some(ClockEnd::Met { .. }));
        let mut own = self.case.clocks.iter().filter(|(clock, _)| clock.deadline == rule.name);
        rule.of_step.is_none() && (done_again || own.any(|(_, record)| !met(record)))
    }
}
