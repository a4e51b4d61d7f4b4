//! Giving a step to somebody, taking it up, putting it back.

use super::Deciding;
use super::authority::{capacity, has_one_of, may_do};
use crate::case::command::Command;
use crate::case::event::{Fact, Instance};
use crate::case::person::{Actor, Person};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::procedure::{Name, StepKind};

impl Deciding<'_> {
    /// Whoever has a role that does the step may give it; whoever gets it must be able to do it in this case.
    pub(super) fn assign(
        &mut self,
        command: &Command,
        instance: &Instance,
        to: Option<&Person>,
    ) -> Result<(), Refusal> {
        let index = self.find_step(instance.step.as_str())?;
        let step = self.procedure.step(index);
        if step.kind == StepKind::AtAnyTime {
            return Err(Refusal::new(step.name.as_str(), Why::NotAssignable).under(&step.rule));
        }
        let instance = self.open_instance(index, instance.item.as_deref())?;
        if to.is_some() {
            self.check_one_at_a_time(index, &instance)?;
        }
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
            if !has_one_of(self.procedure, &self.case, &command.actor.person, roles) {
                let names: Vec<Name> =
                    roles.iter().map(|role| self.procedure.role(*role).name.clone()).collect();
                let refusal = Refusal::new(asked, Why::NotYourRole { roles: names.clone() });
                return Err(refusal.under(&step.rule).unless(Remedy::ActAs { roles: names }));
            }
            self.check_entry(command, asked)?;
            self.acted_by(command, None)
        };
        let to = to.map(|person| person.id.clone());
        self.happen(command.at, Some(by), Fact::StepAssigned { instance, to })
    }
}
