//! Who may do what: roles, parties, duties kept apart.
//!
//! The only place that answers this question; every act passes here, whatever the way in.

mod access;
mod apart;
mod appeals;
mod parties;

pub(super) use access::{called, check_seen};
pub use access::{looks_are_kept, may_see, sees_identity_of};
pub(super) use appeals::{check_filer, stand_together};
pub(super) use parties::{may_arrange, may_refuse};

use super::Deciding;
use crate::case::command::Command;
use crate::case::person::{ActedBy, Actor, Person, PersonId};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::state::Case;
use crate::procedure::{Name, Procedure, RoleIndex, Rule, StepIndex};

/// Returns the role in which `actor` may do `step` in `case`, apart from whether the step is open.
///
/// # Errors
/// A [`Refusal`] when the actor has none of its roles, or may not combine it with another in this case.
pub fn may_do(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    step: StepIndex,
) -> Result<RoleIndex, Refusal> {
    let rule = procedure.step(step);
    let asked = rule.name.as_str();
    // Whoever may not see the case has no role in it.
    if case.opening.is_some() && !may_see(procedure, case, Some(&actor.person)) {
        let roles = rule.who.iter().map(|role| procedure.role(*role).name.clone()).collect();
        return Err(Refusal::new(asked, Why::NotYourRole { roles }).under(&rule.rule));
    }
    let role = capacity_for(procedure, case, actor, &rule.who, &rule.rule, asked, Some(step))?;
    appeals::is_independent(procedure, case, &actor.person.id, step)?;
    apart::may_take_part(procedure, case, &whose_act(case, actor), role, step)?;
    Ok(role)
}

/// Returns those of `people` who may do `step` in `case`.
pub fn who_may<'p>(
    procedure: &Procedure,
    case: &Case,
    step: StepIndex,
    people: impl IntoIterator<Item = &'p Person>,
) -> Vec<&'p Person> {
    let may =
        |person: &&Person| may_do(procedure, case, &Actor::new((*person).clone()), step).is_ok();
    people.into_iter().filter(may).collect()
}

/// Returns the role, one of `roles`, in which the actor acts.
pub(super) fn capacity(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    roles: &[RoleIndex],
    rule: &Rule,
    asked: &str,
) -> Result<RoleIndex, Refusal> {
    capacity_for(procedure, case, actor, roles, rule, asked, None)
}

/// The same, where it is known which step is done.
fn capacity_for(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    roles: &[RoleIndex],
    rule: &Rule,
    asked: &str,
    step: Option<StepIndex>,
) -> Result<RoleIndex, Refusal> {
    if let Some(party) = &actor.enters_for {
        return enters_for(procedure, case, actor, party, roles, rule, asked);
    }
    let held = roles.iter().copied().filter(|role| holds(procedure, case, &actor.person, *role));
    let mut refused = None;
    for role in held {
        match apart::may_be(procedure, case, &actor.person, role, step, asked) {
            Ok(()) => return Ok(role),
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    let names: Vec<Name> = roles.iter().map(|role| procedure.role(*role).name.clone()).collect();
    Err(refused.unwrap_or_else(|| {
        Refusal::new(asked, Why::NotYourRole { roles: names.clone() })
            .under(rule)
            .unless(Remedy::ActAs { roles: names })
    }))
}

/// Whether the person has the role: by the organisation, or as a party in the case.
fn holds(procedure: &Procedure, case: &Case, person: &Person, role: RoleIndex) -> bool {
    let role = procedure.role(role);
    if role.party {
        case.stands_as(&person.id, &role.name)
    } else {
        person.roles.contains(&role.name)
    }
}

/// The actor enters what a party said: he needs a role that acts for the party, and the party must be in the case.
fn enters_for(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    party: &Name,
    roles: &[RoleIndex],
    rule: &Rule,
    asked: &str,
) -> Result<RoleIndex, Refusal> {
    let Some(index) = procedure.find_role(party.as_str()) else {
        return Err(Refusal::new(asked, Why::MayNotEnterFor { role: party.clone() }));
    };
    if !roles.contains(&index) {
        let names: Vec<Name> =
            roles.iter().map(|role| procedure.role(*role).name.clone()).collect();
        let refusal = Refusal::new(asked, Why::NotYourRole { roles: names.clone() }).under(rule);
        return Err(refusal.unless(Remedy::ActAs { roles: names }));
    }
    speaks_for(procedure, case, actor, party, asked)
}

/// Returns the party role for which the actor enters something: he holds a role that acts for it, which he may have in
/// this case, and the case has such a party.
pub(super) fn speaks_for(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    party: &Name,
    asked: &str,
) -> Result<RoleIndex, Refusal> {
    let refuse = |role: &Name| Refusal::new(asked, Why::MayNotEnterFor { role: role.clone() });
    let Some(index) = procedure.find_role(party.as_str()) else { return Err(refuse(party)) };
    let mut apart = None;
    let mut may = false;
    for role in procedure.roles.iter().filter(|role| role.acts_for.contains(&index)) {
        let held = procedure.find_role(role.name.as_str());
        let held = held.filter(|held| holds(procedure, case, &actor.person, *held));
        match held.map(|held| keeps_apart(procedure, case, &actor.person, held, asked)) {
            Some(Ok(())) => may = true,
            Some(Err(refusal)) => apart = apart.or(Some(refusal)),
            None => {}
        }
    }
    let wanted = actor.for_person.as_ref();
    let there = case.parties_in(party).any(|one| wanted.is_none_or(|wanted| one.person == *wanted));
    if may && there {
        return Ok(index);
    }
    if let Some(refusal) = apart.filter(|_| !may) {
        return Err(refusal);
    }
    let able: Vec<Name> = procedure
        .roles
        .iter()
        .filter(|role| role.acts_for.contains(&index))
        .map(|role| role.name.clone())
        .collect();
    let refusal = refuse(party).under(&procedure.role(index).rule);
    Err(if able.is_empty() { refusal } else { refusal.unless(Remedy::ActAs { roles: able }) })
}

/// Refuses a role that the person may not have in this case.
pub(super) fn keeps_apart(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    role: RoleIndex,
    asked: &str,
) -> Result<(), Refusal> {
    apart::may_be(procedure, case, person, role, None, asked)
}

/// Returns the person whose act it is: the actor, or the party for whom he enters it.
fn whose_act(case: &Case, actor: &Actor) -> Person {
    let Some(party) = &actor.enters_for else { return actor.person.clone() };
    let first = || case.parties_in(party).next().map(|party| party.person.clone());
    let id = actor.for_person.clone().or_else(first).unwrap_or_else(|| actor.person.id.clone());
    Person { id, ..Person::nobody() }
}

/// Whether the person has one of the roles in this case, whatever else he has been in it.
pub(super) fn has_one_of(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    roles: &[RoleIndex],
) -> bool {
    roles.iter().any(|role| holds(procedure, case, person, *role))
}

impl Deciding<'_> {
    /// Refuses an act that is entered for a party by somebody who may not, where no role is asked for.
    pub(super) fn check_entry(&self, command: &Command, asked: &str) -> Result<(), Refusal> {
        match &command.actor.enters_for {
            Some(party) => {
                speaks_for(self.procedure, &self.case, &command.actor, party, asked).map(|_| ())
            }
            None => Ok(()),
        }
    }

    /// Returns whose act it is: the actor's, or that of the party for whom he enters it.
    pub(super) fn whose(&self, command: &Command) -> PersonId {
        self.acted_by(command, None).person
    }

    /// Returns the record of who acts, in `role`.
    pub(super) fn acted_by(&self, command: &Command, role: Option<RoleIndex>) -> ActedBy {
        let role = role.map(|role| self.procedure.role(role).name.clone());
        let actor = &command.actor;
        // Nothing of whoever did not say who he is, not even through which account he came.
        let nameless = self
            .case
            .parties()
            .iter()
            .any(|party| party.person == actor.person.id && party.code.is_some());
        let account = actor.account.clone().filter(|_| !nameless);
        let entered_by = actor.enters_for.as_ref().map(|_| actor.person.id.clone());
        let Person { id: person, unit, .. } = whose_act(&self.case, actor);
        ActedBy { person, role, unit: unit.filter(|_| !nameless), entered_by, account }
    }
}
