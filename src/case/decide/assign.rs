//! Giving a step to somebody, taking it up, putting it back.

use super::Deciding;
use super::authority::{capacity, may_do};
use crate::case::command::Command;
use crate::case::event::{Fact, Instance};
use crate::case::person::{Actor, Person};
use crate::case::refusal::Refusal;

impl Deciding<'_> {
    /// Whoever may do the step may give it; whoever gets it must be able to do it in this case.
    pub(super) fn assign(
        &mut self,
        command: &Command,
        instance: &Instance,
        to: Option<&Person>,
    ) -> Result<(), Refusal> {
        let index = self.find_step(instance.step.as_str())?;
        let step = self.procedure.step(index);
        let instance = self.open_instance(index, instance.item.as_deref())?;
        if let Some(person) = to {
            may_do(self.procedure, &self.case, &Actor::new(person.clone()), index)?;
        }
        let roles = &step.who;
        let asked = step.name.as_str();
        // To give a step away is not to act in its role: a person who may not combine the two may still hand it on.
        let by = if to.is_some_and(|person| person.id == command.actor.person.id) {
            let role =
                capacity(self.procedure, &self.case, &command.actor, roles, &step.rule, asked)?;
            self.acted_by(command, Some(role))
        } else {
            self.acted_by(command, None)
        };
        let to = to.map(|person| person.id.clone());
        self.happen(command.at, Some(by), Fact::StepAssigned { instance, to })
    }
}
