//! Giving a step to somebody, taking it up, putting it back; and who keeps a case.

use super::Deciding;
use super::authority::{called, has_one_of, may_do, may_give};
use crate::case::command::Command;
use crate::case::event::{Fact, Instance};
use crate::case::person::{Actor, Person, PersonId};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::procedure::{Name, StepIndex, StepKind};
use crate::time::Instant;

impl Deciding<'_> {
    /// Whoever has a role that does the step may give it; whoever gets it must be able to do it in this case. Where the
    /// procedure says who may give work away, nobody else takes it from somebody or gives it to another.
    pub(super) fn assign(
        &mut self,
        command: &Command,
        instance: &Instance,
        to: Option<&Person>,
    ) -> Result<(), Refusal> {
        let (index, instance) = self.assignable(instance)?;
        let step = self.procedure.step(index);
        let asked = step.name.as_str();
        if to.is_some() {
            self.check_one_at_a_time(index, &instance)?;
        } else {
            self.check_not_kept(index)?;
        }
        if let Some(person) = to {
            self.may_do(&Actor::new(person.clone()), index)?;
        }
        let own = |person: &PersonId| *person == command.actor.person.id;
        let takes_up = to.is_some_and(|person| own(&person.id));
        let holder = self.holder(&instance);
        let gives = !takes_up || holder.as_ref().is_some_and(|holder| !own(holder));
        if gives && !(to.is_none() && holder.as_ref().is_some_and(own)) {
            may_give(self.procedure, &self.case, &command.actor, step)?;
        }
        // To give a step away is not to act in its role: a person who may not combine the two may still hand it on.
        let by = if takes_up {
            let role = self.may_do(&command.actor, index)?;
            self.acted_by(command, Some(role))
        } else {
            self.check_entry(command, asked)?;
            self.acted_by(command, None)
        };
        let to = to.map(|person| person.id.clone());
        self.happen(command.at, Some(by), Fact::StepAssigned { instance, to })
    }

    /// Takes up a step that nobody has; whoever takes it up must be able to do it in this case.
    pub(super) fn claim(&mut self, command: &Command, instance: &Instance) -> Result<(), Refusal> {
        let (index, instance) = self.assignable(instance)?;
        self.check_one_at_a_time(index, &instance)?;
        let role = self.may_do(&command.actor, index)?;
        let to = self.whose(command);
        if let Some(holder) = self.holder(&instance).filter(|holder| *holder != to) {
            let to = called(self.procedure, &self.case, self.viewer(command), &holder);
            let why = Why::AssignedToAnother { to };
            let refusal = Refusal::new(instance.step.as_str(), why);
            return Err(refusal.unless(Remedy::Assign { step: instance.step }));
        }
        let by = self.acted_by(command, Some(role));
        self.happen(command.at, Some(by), Fact::StepAssigned { instance, to: Some(to) })
    }

    /// Puts back a step that the actor took up, or was given.
    pub(super) fn release(
        &mut self,
        command: &Command,
        instance: &Instance,
    ) -> Result<(), Refusal> {
        let (index, instance) = self.assignable(instance)?;
        let step = self.procedure.step(index);
        self.check_entry(command, step.name.as_str())?;
        let own = self.whose(command);
        if self.holder(&instance) != Some(own) {
            return Err(Refusal::new(step.name.as_str(), Why::NotClaimed).under(&step.rule));
        }
        self.check_not_kept(index)?;
        let by = self.acted_by(command, None);
        self.happen(command.at, Some(by), Fact::StepAssigned { instance, to: None })
    }

    /// Returns the open instance of a step that can be somebody's.
    fn assignable(&self, instance: &Instance) -> Result<(StepIndex, Instance), Refusal> {
        let index = self.find_step(instance.step.as_str())?;
        let step = self.procedure.step(index);
        if step.kind == StepKind::AtAnyTime {
            return Err(Refusal::new(step.name.as_str(), Why::NotAssignable).under(&step.rule));
        }
        if let Some(panel) = &step.panel {
            return Err(Refusal::new(step.name.as_str(), Why::OfAPanel).under(&panel.rule));
        }
        Ok((index, self.open_instance(index, instance.item.as_deref())?))
    }

    fn holder(&self, instance: &Instance) -> Option<PersonId> {
        self.case.instance(instance).and_then(|record| record.assigned_to.clone())
    }

    /// Who keeps a case does not put it back; another may be given the step.
    fn check_not_kept(&self, index: StepIndex) -> Result<(), Refusal> {
        let Some((_, same)) = self.keeper(index) else { return Ok(()) };
        let asked = self.procedure.step(index).name.as_str();
        let steps: Vec<Name> =
            same.steps.iter().map(|step| self.procedure.step(*step).name.clone()).collect();
        let refusal = Refusal::new(asked, Why::KeepsTheCase { steps }).under(&same.rule);
        Err(refusal.unless(Remedy::Assign { step: self.procedure.step(index).name.clone() }))
    }

    /// Returns who keeps a step, since he did another that the same person does, and the rule.
    fn keeper(&self, index: StepIndex) -> Option<(PersonId, &crate::procedure::Same)> {
        let rules = self.procedure.same.iter().filter(|same| same.steps.contains(&index));
        let mut kept = rules.filter_map(|same| {
            let names = same.steps.iter().map(|step| &self.procedure.step(*step).name);
            Some((self.case.last_doer_of(names)?, same))
        });
        kept.find(|(person, _)| self.can_keep(person, index))
    }

    /// Whether somebody who acted in the case before can do this step, as far as the case knows.
    fn can_keep(&self, person: &PersonId, index: StepIndex) -> bool {
        let acted = self.case.acted.get(person).cloned().unwrap_or_default();
        let unit = self.case.units.get(person).cloned();
        let person = Person { unit, ..Person::new(person.clone(), acted) };
        let step = self.procedure.step(index);
        has_one_of(self.procedure, &self.case, &person, &step.who)
            && may_do(self.procedure, &self.case, &Actor::new(person), index).is_ok()
    }

    /// Gives what is open to whoever keeps the case.
    pub(super) fn keep_together(&mut self, at: Instant) -> Result<(), Refusal> {
        for index in self.procedure.same.iter().flat_map(|same| &same.steps) {
            let Some((person, _)) = self.keeper(*index) else { continue };
            let step = self.procedure.step(*index).name.clone();
            for item in self.open_items(*index) {
                let instance = Instance { step: step.clone(), item };
                if self.holder(&instance).is_none() {
                    let to = Some(person.clone());
                    self.happen(at, None, Fact::StepAssigned { instance, to })?;
                }
            }
        }
        Ok(())
    }
}
