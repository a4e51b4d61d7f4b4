//! Who may do what: roles, parties, duties kept apart.
//!
//! The only place that answers this question; every act passes here, whatever the way in.

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
    let step = procedure.step(step);
    capacity(procedure, case, actor, &step.who, &step.rule, step.name.as_str())
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
        case.is_party(&person.id, &role.name)
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
    let refuse = |role: &Name| Refusal::new(asked, Why::MayNotEnterFor { role: role.clone() });
    let Some(index) = procedure.find_role(party.as_str()) else { return Err(refuse(party)) };
    if !roles.contains(&index) {
        let names: Vec<Name> =
            roles.iter().map(|role| procedure.role(*role).name.clone()).collect();
        let refusal = Refusal::new(asked, Why::NotYourRole { roles: names.clone() }).under(rule);
        return Err(refusal.unless(Remedy::ActAs { roles: names }));
    }
    let may = procedure.roles.iter().enumerate().any(|(place, role)| {
        let held = procedure
            .find_role(role.name.as_str())
            .is_some_and(|held| held.get() == place && holds(procedure, case, &actor.person, held));
        held && role.acts_for.contains(&index)
    });
    let there = case.opening.is_none() || case.parties_in(party).next().is_some();
    if may && there {
        return Ok(index);
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
    let taken = |other: RoleIndex| {
        let name = &procedure.role(other).name;
        case.is_party(person, name) || case.has_acted(person, name)
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

impl Deciding<'_> {
    /// Returns the record of who acts, in `role`.
    pub(super) fn acted_by(&self, command: &Command, role: Option<RoleIndex>) -> ActedBy {
        let role = role.map(|role| self.procedure.role(role).name.clone());
        let actor = &command.actor;
        let account = actor.account.clone();
        match &actor.enters_for {
            Some(party) => {
                let person = self.case.parties_in(party).next().map(|party| party.person.clone());
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
