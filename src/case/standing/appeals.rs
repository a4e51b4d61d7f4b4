//! Where the appeals of a case stand: what they lie against, which are pending, which are over.

use super::{Marking, Standing};
use crate::case::event::Clock;
use crate::case::state::{ClockRecord, Done, End, InstanceRecord, Status, StepRecord};
use crate::procedure::{Against, Appeal, AppealEffect, StepIndex, StepKind};
use crate::time::Instant;

impl<'a> Marking<'a> {
    /// Returns the rule of an appeal.
    pub fn appeal(&self, index: StepIndex) -> Option<&'a Appeal> {
        match &self.procedure.step(index).kind {
            StepKind::Appeal(appeal) => Some(appeal),
            StepKind::InCourse | StepKind::AtAnyTime => None,
        }
    }

    pub(super) fn is_appeal(&self, index: StepIndex) -> bool {
        self.appeal(index).is_some()
    }

    /// Whether what a step comes after has come. Against inaction an appeal lies only as long as nothing is done.
    pub fn turn_has_come(&self, index: StepIndex) -> bool {
        match self.appeal(index) {
            Some(appeal) => appeal.against.iter().any(|against| self.lies(*against)),
            None => self.holds(&self.procedure.step(index).after),
        }
    }

    /// Returns what an appeal lies against now.
    pub fn lies_against(&self, index: StepIndex) -> Vec<Against> {
        let against = self.appeal(index).into_iter().flat_map(|appeal| &appeal.against);
        against.copied().filter(|against| self.lies(*against)).collect()
    }

    fn lies(&self, against: Against) -> bool {
        match against {
            Against::Decision(_) | Against::Outcome(..) => self.has_come(against.fact()),
            Against::Lapse(deadline) => self.clocks_of(deadline).any(ClockRecord::is_overdue),
        }
    }

    /// Whether an appeal is pending that holds the step.
    pub fn is_suspended(&self, index: StepIndex) -> Option<StepIndex> {
        let appeals = self.procedure.step(index).suspended_by.iter().copied();
        appeals.into_iter().find(|appeal| self.is_pending(*appeal) && self.suspends(*appeal))
    }

    /// Whether a pending appeal holds what it suspends: always, or only while what the author says is true.
    pub fn suspends(&self, appeal: StepIndex) -> bool {
        self.appeal(appeal).is_some_and(|appeal| self.holds(&appeal.suspends_while))
    }

    /// Whether an appeal was filed and is not decided.
    pub fn is_pending(&self, appeal: StepIndex) -> bool {
        let Some(rule) = self.appeal(appeal) else { return false };
        // The end of the case, for instance by withdrawal, ends an appeal as well.
        let open = self.case.status == Status::Open;
        open && self.has_filing(appeal)
            && !self.record(rule.decided_by).is_some_and(StepRecord::is_done)
            && !self.is_left_undecided(rule.decided_by)
    }

    /// Whether somebody filed the appeal in this round.
    pub fn has_filing(&self, appeal: StepIndex) -> bool {
        self.filings(appeal).next().is_some()
    }

    /// Returns the filings of an appeal in this round.
    pub fn filings(&self, appeal: StepIndex) -> impl Iterator<Item = &'a Done> {
        self.instances(appeal).filter_map(filing)
    }

    /// Returns when an appeal was withdrawn, if it was in this round.
    pub fn withdrawn_at(&self, appeal: StepIndex, item: Option<&str>) -> Option<Instant> {
        let mut own = self.instances(appeal).filter(|instance| instance.item.as_deref() == item);
        own.find_map(|instance| match &instance.end {
            Some(End::Done(done)) => done.withdrawn,
            Some(End::Closed { .. }) | None => None,
        })
    }

    fn instances(&self, appeal: StepIndex) -> impl Iterator<Item = &'a InstanceRecord> {
        let opened = self.record(appeal).and_then(|record| record.opened.as_ref());
        opened.into_iter().flat_map(|opened| &opened.instances)
    }

    /// Whether the appeal was filed, and whoever else could file it has let his window pass.
    pub fn is_filed(&self, appeal: StepIndex) -> bool {
        self.has_filing(appeal) && !self.may_still_be_filed_in_time(appeal)
    }

    fn may_still_be_filed_in_time(&self, appeal: StepIndex) -> bool {
        !self.may_still_file(appeal).is_empty()
    }

    /// Returns those whose window runs: they may file the appeal, and are not too late.
    pub fn may_still_file(&self, appeal: StepIndex) -> Vec<Option<&'a str>> {
        let has_window = self.appeal(appeal).is_some_and(|rule| rule.window.is_some());
        let open = self.instances(appeal).filter(|instance| has_window && instance.end.is_none());
        let in_time = open.filter(|instance| !self.window_has_passed(appeal, instance));
        in_time.map(|instance| instance.item.as_deref()).collect()
    }

    fn window_has_passed(&self, appeal: StepIndex, instance: &InstanceRecord) -> bool {
        self.is_late(appeal, instance.item.as_deref())
    }

    /// Whether nothing can come of an appeal any more that touches the decision: nobody filed it in time, or it was
    /// decided, and that decision is final itself where it can be.
    pub fn is_over(&self, appeal: StepIndex) -> bool {
        let Some(rule) = self.appeal(appeal) else { return true };
        if !self.has_filing(appeal) {
            return self.is_forgone(appeal);
        }
        let decider = self.record(rule.decided_by);
        let decided = decider.is_some_and(StepRecord::is_done);
        let is_final = decider.is_some_and(|record| record.became_final.is_some());
        let stands = !decided || is_final || !self.procedure.step(rule.decided_by).decision;
        !self.is_pending(appeal) && stands && !self.may_still_be_filed_in_time(appeal)
    }

    /// Whether the window of an appeal has passed without a filing, or it can't come at all.
    pub fn is_forgone(&self, appeal: StepIndex) -> bool {
        if self.has_filing(appeal) {
            return false;
        }
        let mut instances = self.instances(appeal).peekable();
        let passed = instances.peek().is_some()
            && instances
                .all(|instance| instance.end.is_some() || self.window_has_passed(appeal, instance));
        let gone = || match self.standing(appeal) {
            Standing::Skipped | Standing::RuledOut | Standing::Closed => true,
            Standing::Idle | Standing::Ready | Standing::Due | Standing::Done => false,
        };
        passed || gone()
    }

    /// Whether an appeal that is filed now is too late: its window has passed.
    pub fn is_late(&self, appeal: StepIndex, item: Option<&str>) -> bool {
        let window = self.appeal(appeal).and_then(|rule| rule.window);
        let Some(window) = window else { return false };
        let deadline = self.procedure.deadline(window).name.clone();
        let clock = Clock { deadline, item: item.map(str::to_owned) };
        self.case.clocks.get(&clock).is_some_and(|record| record.lapsed.is_some())
    }

    /// Whether the window of one of those who may appeal has passed, and he can't any more.
    pub fn closed_late(&self, appeal: StepIndex, item: Option<&str>) -> bool {
        let mut own = self.instances(appeal).filter(|instance| instance.item.as_deref() == item);
        let closed = own.any(|instance| matches!(instance.end, Some(End::Closed { .. })));
        closed && self.is_late(appeal, item)
    }

    /// Returns the appeal that an outcome of `decider` decides, and what it does to the decision.
    pub fn effect_of(
        &self,
        decider: StepIndex,
        outcome: &str,
    ) -> Option<(StepIndex, &'a AppealEffect)> {
        let appeals = self.procedure.appeals_decided_by(decider);
        let mut filed = appeals.filter(|(index, _)| self.has_filing(*index));
        filed.find_map(|(index, appeal)| Some((index, appeal.effect(outcome)?)))
    }
}

/// Returns how an instance was filed, if it was and was not withdrawn.
fn filing(instance: &InstanceRecord) -> Option<&Done> {
    match &instance.end {
        Some(End::Done(done)) if done.withdrawn.is_none() => Some(done),
        Some(End::Done(_) | End::Closed { .. }) | None => None,
    }
}
