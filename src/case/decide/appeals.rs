//! Appeals: what a filing brings about, and what a further decision does to an appeal.

use super::authority::{check_filer, stand_together};
use super::{Deciding, bounded};
use crate::case::command::Command;
use crate::case::event::{CloseCause, Fact, Instance};
use crate::case::person::PersonId;
use crate::case::refusal::{Refusal, Why};
use crate::case::standing::{Marking, Standing};
use crate::case::state::{End, Status, StepRecord};
use crate::case::words::fact_as_written;
use crate::procedure::{Against, AppealEffect, Name, StepIndex, StepKind};
use crate::time::Instant;

impl Deciding<'_> {
    /// An appeal was filed. A case that had ended runs again; a decision that was final, since the appeal is late, is so
    /// no longer, and what rested on that comes again.
    pub(super) fn lift_finality(&mut self, at: Instant, filing: StepIndex) -> Result<(), Refusal> {
        let because = self.procedure.step(filing).name.clone();
        let reopened = self.case.status != Status::Open;
        if reopened {
            self.runs_again(at, &because)?;
        }
        let marking = Marking::of(self.procedure, &self.case);
        let lies = marking.lies_against(filing);
        let suspends = marking.suspends(filing);
        let mut decisions: Vec<StepIndex> =
            lies.iter().filter_map(|against| against.decision()).collect();
        // What was decided on an appeal keeps open what that appeal lay against, right through the chain.
        let mut next = 0;
        while let Some(decider) = decisions.get(next).copied() {
            next += 1;
            let below = |(appeal, _): &(StepIndex, &crate::procedure::Step)| {
                let rule = marking.appeal(*appeal);
                rule.is_some_and(|rule| rule.decided_by == decider) && marking.has_filing(*appeal)
            };
            for (appeal, _) in self.procedure.steps().filter(below) {
                let lies = marking.lies_against(appeal);
                let more = lies.iter().filter_map(|against| against.decision());
                for decision in more.filter(|decision| *decision != decider) {
                    if !decisions.contains(&decision) {
                        decisions.push(decision);
                    }
                }
            }
        }
        let is_final = |index: &StepIndex| {
            let record = self.case.step(&self.procedure.step(*index).name);
            record.is_some_and(|record| record.became_final.is_some())
        };
        let finals: Vec<StepIndex> =
            self.chain_of(&decisions).into_iter().filter(is_final).collect();
        let (mut steps, mut deadlines) = (Vec::new(), Vec::new());
        for decision in &finals {
            let (more_steps, more_deadlines) = self.procedure.resting_on_final(*decision);
            steps.extend(more_steps);
            deadlines.extend(more_deadlines);
        }
        if reopened && suspends {
            // What the appeal holds, and had been done when the case ended, is held now.
            for (index, step) in self.procedure.steps() {
                if step.suspended_by.contains(&filing) {
                    let (more_steps, more_deadlines) = self.procedure.returned_with(index);
                    steps.extend(more_steps);
                    deadlines.extend(more_deadlines);
                }
            }
        }
        // Whoever comes late has his appeal decided, also where that of another was.
        if let Some(rule) = marking.appeal(filing)
            && self
                .case
                .step(&self.procedure.step(rule.decided_by).name)
                .is_some_and(StepRecord::is_done)
        {
            let (more_steps, more_deadlines) = self.procedure.returned_with(filing);
            steps.extend(more_steps);
            deadlines.extend(more_deadlines);
        }
        let lifted = finals.first().or(decisions.first()).copied();
        let Some(lifted) = lifted.filter(|_| !finals.is_empty() || !steps.is_empty()) else {
            return Ok(());
        };
        // The appeal itself and the decisions stand, whatever rests on what.
        steps.retain(|index| {
            *index != filing && !decisions.contains(index) && !finals.contains(index)
        });
        let window = self.procedure.step(filing).deadline;
        deadlines.retain(|index| Some(*index) != window);
        let (steps, deadlines) = self.over(at, steps, deadlines, &CloseCause::Returned)?;
        for step in finals.iter().skip(1) {
            let step = self.procedure.step(*step).name.clone();
            let (because, none) = (because.clone(), Vec::new());
            let fact = Fact::FinalityLifted {
                step,
                was_open: false,
                because,
                steps: none,
                deadlines: Vec::new(),
            };
            self.happen(at, None, fact)?;
        }
        let step = self.procedure.step(lifted).name.clone();
        let was_open = finals.is_empty();
        self.happen(at, None, Fact::FinalityLifted { step, was_open, because, steps, deadlines })
    }

    /// Returns these decisions, and those that are final only since these are: the ones that they were given about on
    /// appeal, and the ones in whose place they came.
    fn chain_of(&self, decisions: &[StepIndex]) -> Vec<StepIndex> {
        let mut chain = decisions.to_vec();
        let mut next = 0;
        while let Some(decision) = chain.get(next).copied() {
            next += 1;
            let about = self.procedure.appeals_decided_by(decision);
            let about = about.flat_map(|(_, appeal)| &appeal.against);
            let about: Vec<StepIndex> = about.filter_map(|against| against.decision()).collect();
            let replaced = self.procedure.step(decision).replaces;
            for rests in about.into_iter().chain(replaced) {
                if !chain.contains(&rests) {
                    chain.push(rests);
                }
            }
        }
        chain
    }

    /// Takes back an appeal that is pending, or that was filed too early. What was to be done about it is not done any
    /// more, unless somebody else's appeal is pending as well.
    pub(super) fn withdraw_appeal(
        &mut self,
        command: &Command,
        appeal: &Name,
        item: Option<&str>,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let asked = appeal.as_str();
        let index = self.find_step(asked)?;
        let step = self.procedure.step(index);
        let refuse = |why| Refusal::new(asked, why).under(&step.rule);
        if !matches!(step.kind, StepKind::Appeal(_)) {
            return Err(refuse(Why::NotAnAppeal));
        }
        if let Some(reason) = reason {
            bounded(asked, reason)?;
        }
        let role = self.may_do(&command.actor, index)?;
        let by = self.acted_by(command, Some(role));
        let (instance, filer) = self.filing_of(index, item, &by.person).map_err(refuse)?;
        check_filer(&self.case, &by.person, &filer).map_err(refuse)?;
        let reason = reason.map(str::to_owned);
        let at = command.at;
        let (mut steps, mut deadlines) = (Vec::new(), Vec::new());
        let marking = Marking::of(self.procedure, &self.case);
        if marking.filings(index).count() == 1 {
            (steps, deadlines) = self.procedure.returned_with(index);
            for (other, _) in self.procedure.steps().filter(|(other, _)| *other != index) {
                if marking.is_pending(other) {
                    let stays = self.procedure.from_there_on(other);
                    steps.retain(|step| !stays.contains(step));
                }
            }
            steps.retain(|step| *step != index);
            deadlines.retain(|deadline| Some(*deadline) != step.deadline);
        }
        let (steps, deadlines) = self.over(at, steps, deadlines, &CloseCause::Withdrawn)?;
        let fact = Fact::AppealWithdrawn { instance, filed_by: filer, reason, steps, deadlines };
        self.happen(at, Some(by), fact)
    }

    /// Returns the filing that is to be taken back, and whose it is.
    fn filing_of(
        &self,
        index: StepIndex,
        item: Option<&str>,
        person: &PersonId,
    ) -> Result<(Instance, PersonId), Why> {
        let step = self.procedure.step(index);
        let record = self.case.step(&step.name);
        let whose = |by: &PersonId| {
            item.map_or_else(|| stand_together(&self.case, person, by), |item| by.as_str() == item)
        };
        let early = record.into_iter().flat_map(|record| &record.early);
        if let Some(early) = early.into_iter().find(|early| whose(&early.by.person)) {
            return Ok((Instance::only(&step.name), early.by.person.clone()));
        }
        let instances = record.and_then(|record| record.opened.as_ref());
        let instances = instances.into_iter().flat_map(|opened| &opened.instances);
        let filed = instances.filter_map(|instance| match &instance.end {
            Some(End::Done(done)) => Some((instance, done)),
            Some(End::Closed { .. }) | None => None,
        });
        let filed: Vec<_> = filed.collect();
        let own = |by: &Option<PersonId>| by.as_ref().is_some_and(whose);
        let found = filed.iter().find(|(_, done)| own(&done.by)).or(filed.first());
        let Some((instance, done)) = found else { return Err(Why::NotPending) };
        if let Some(at) = done.withdrawn {
            return Err(Why::Withdrawn { at });
        }
        if !Marking::of(self.procedure, &self.case).is_pending(index) {
            return Err(Why::NotPending);
        }
        let by = done.by.clone().unwrap_or_else(|| person.clone());
        Ok((Instance { step: step.name.clone(), item: instance.item.clone() }, by))
    }

    /// A case that an appeal had reopened ends as it had ended, when that appeal is withdrawn and nothing is left to do.
    pub(super) fn end_again(&mut self, at: Instant) -> Result<(), Refusal> {
        let Some(reopened) = self.case.reopened.clone() else { return Ok(()) };
        let Some(filing) = self.procedure.find_step(reopened.because.as_str()) else {
            return Ok(());
        };
        let marking = Marking::of(self.procedure, &self.case);
        let withdrawn = marking.appeal(filing).is_some()
            && self.case.step(&reopened.because).is_some_and(StepRecord::is_done)
            && !marking.has_filing(filing);
        let left = self.procedure.steps().any(|(index, step)| {
            let standing = marking.standing(index);
            let duty = standing == Standing::Due || standing == Standing::Idle;
            !step.outlives_the_case() && duty
        });
        if self.case.status != Status::Open || !withdrawn || left {
            return Ok(());
        }
        let (status, step) = (reopened.status, reopened.because);
        self.happen(at, None, Fact::CaseEnded { status, step })?;
        self.close_all(at)
    }

    /// A further decision came that an appeal is against. If the appeal is pending it is about that decision as well;
    /// else it lies anew, within a window of its own.
    pub(super) fn take_up_decisions(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            if !matches!(step.kind, StepKind::Appeal(_)) || !self.may_open(index) {
                continue;
            }
            let Some(opened) = self.case.step(&step.name).and_then(|r| r.opened.as_ref()) else {
                continue;
            };
            let Some(about) = &opened.against else { continue };
            let marking = Marking::of(self.procedure, &self.case);
            let lies = marking.lies_against(index);
            let is_new = |against: &&Against| {
                let written = fact_as_written(self.procedure, against.fact());
                !about.contains(&written)
            };
            let open = marking.standing(index).is_open();
            let pending = marking.is_pending(index);
            let Some(new) = lies.iter().find(is_new).copied() else { continue };
            // A right that is there already is not ended by inaction.
            if open && new.decision().is_none() {
                continue;
            }
            let because = Name::from(fact_as_written(self.procedure, new.fact()).as_str());
            let appeal = step.name.clone();
            if pending {
                self.happen(at, None, Fact::DecisionJoined { step: because, appeal })?;
                continue;
            }
            let (steps, deadlines) = self.procedure.returned_with(index);
            let (steps, deadlines) = self.over(at, steps, deadlines, &CloseCause::Renewed)?;
            self.happen(at, None, Fact::AppealRenewed { appeal, because, steps, deadlines })?;
        }
        Ok(())
    }

    /// A decision is final when no appeal lies against it, or each was forgone, or decided for good. A decision that
    /// was replaced becomes final with the one that replaced it.
    pub(super) fn make_final(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            let record = self.case.step(&step.name);
            let is_final = |record: Option<&StepRecord>| {
                record.is_some_and(|record| record.became_final.is_some())
            };
            let done = record.is_some_and(StepRecord::is_done);
            if !step.decision || !done || is_final(record) {
                continue;
            }
            let replacement = self.procedure.replacements_of(index).find(|(_, replacement)| {
                self.case.step(&replacement.name).is_some_and(StepRecord::is_done)
            });
            if let Some((_, replacement)) = replacement {
                if is_final(self.case.step(&replacement.name)) {
                    let (step, by) = (step.name.clone(), replacement.name.clone());
                    let fact = Fact::DecisionFinal { step, replaced_by: Some(by) };
                    self.happen(at, None, fact)?;
                }
                continue;
            }
            let marking = Marking::of(self.procedure, &self.case);
            // Against a decision that ended otherwise than an appeal takes, that appeal does not lie.
            let lies = |appeal: StepIndex| {
                let lies = marking.lies_against(appeal);
                lies.iter().any(|against| against.decision() == Some(index))
            };
            let mut appeals = self.procedure.appeals_against(index);
            if appeals.all(|(appeal, _)| !lies(appeal) || marking.is_over(appeal)) {
                let replaced_by = self.replaced_by(index);
                let step = step.name.clone();
                self.happen(at, None, Fact::DecisionFinal { step, replaced_by })?;
            }
        }
        Ok(())
    }

    /// Returns the decision on an appeal that takes the place of this decision, the last of them in the chain.
    fn replaced_by(&self, index: StepIndex) -> Option<Name> {
        let marking = Marking::of(self.procedure, &self.case);
        let replaces = |(_, decider): &(StepIndex, &crate::procedure::Step)| {
            let record = self.case.step(&decider.name).filter(|record| record.is_done());
            let outcome = record.and_then(StepRecord::last_done)?.outcome.as_ref()?;
            let of = self.procedure.find_step(decider.name.as_str())?;
            let (_, effect) = marking.effect_of(of, outcome.as_str())?;
            (*effect == AppealEffect::Replaces(index)).then_some(())
        };
        let deciders = self.procedure.steps().filter(|decider| replaces(decider).is_some());
        let last = deciders.max_by_key(|(decider, _)| marking.done_at(*decider));
        last.map(|(_, decider)| decider.name.clone())
    }
}
