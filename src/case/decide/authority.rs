//! Who may do what: roles, parties, duties kept apart.
//!
//! The only place that answers this question; every act passes here, whatever the way in.

mod access;
mod appeals;
mod parties;

pub(super) use access::{called, check_seen};
pub use access::{looks_are_kept, may_see, sees_identity_of};
pub(super) use appeals::{check_filer, stand_together};
pub(super) use parties::{may_arrange, may_refuse};

use super::Deciding;
use crate::case::command::Command;
use crate::case::person::{ActedBy, Actor, Person, PersonId};
use crate::case::refusal::{Refusal, Remedy, RuleCited, Why};
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
    // Whoever may not see the case has no role in it.
    if case.opening.is_some() && !may_see(procedure, case, Some(&actor.person)) {
        let roles = rule.who.iter().map(|role| procedure.role(*role).name.clone()).collect();
        return Err(Refusal::new(rule.name.as_str(), Why::NotYourRole { roles }).under(&rule.rule));
    }
    let role = capacity(procedure, case, actor, &rule.who, &rule.rule, rule.name.as_str())?;
    appeals::is_independent(procedure, case, &actor.person.id, step)?;
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
    if let Some(party) = &actor.enters_for {
        return enters_for(procedure, case, actor, party, roles, rule, asked);
    }
    let held = roles.iter().copied().filter(|role| holds(procedure, case, &actor.person, *role));
    let mut refused = None;
    for role in held {
        match keeps_apart(procedure, case, &actor.person.id, role, asked) {
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
        match held.map(|held| keeps_apart(procedure, case, &actor.person.id, held, asked)) {
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

/// Refuses a role that the person may not combine with another that he has or had in this case.
pub(super) fn keeps_apart(
    procedure: &Procedure,
    case: &Case,
    person: &PersonId,
    role: RoleIndex,
    asked: &str,
) -> Result<(), Refusal> {
    let origin = case.opening.as_ref().and_then(|opening| opening.origin.as_ref());
    let barred = origin.and_then(|origin| {
        let barred = origin.barred.iter().find(|(barred, _)| barred == person);
        barred.map(|(_, role)| (role, &origin.case)).filter(|_| !procedure.role(role).party)
    });
    if let Some((other, case)) = barred {
        let name = procedure.role(role).name.clone();
        let why = Why::Barred { role: name.clone(), other: other.clone(), case: case.clone() };
        let refusal = Refusal::new(asked, why).under(&procedure.role(role).rule);
        return Err(refusal.unless(Remedy::ActAs { roles: vec![name] }));
    }
    let taken = |other: RoleIndex| {
        let name = &procedure.role(other).name;
        case.has_stood_as(person, name) || case.has_acted(person, name)
    };
    for apart in procedure.apart.iter().filter(|apart| apart.roles.contains(&role)) {
        if let Some(other) =
            apart.roles.iter().copied().find(|other| *other != role && taken(*other))
        {
            let (role, other) = (procedure.role(role), procedure.role(other));
            let why = Why::Apart { role: role.name.clone(), other: other.name.clone() };
            let refusal = Refusal::new(asked, why).under(RuleCited::from(&apart.rule));
            return Err(refusal.unless(Remedy::ActAs { roles: vec![role.name.clone()] }));
        }
    }
    Ok(())
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
        match &actor.enters_for {
            Some(party) => {
                let first = || self.case.parties_in(party).next().map(|party| party.person.clone());
                let person = actor.for_person.clone().or_else(first);
                ActedBy {
                    person: person.unwrap_or_else(|| actor.person.id.clone()),
                    role,
                    entered_by: Some(actor.person.id.clone()),
                    account,
                }
            }
            None => ActedBy { person: actor.person.id.clone(), role, entered_by: None, account },
        }
    }
}
