//! Who may see a case, and who sees the identity of its parties. For whoever may not see it, a case does not exist.

use super::holds;
use crate::case::command::{Act, Command};
use crate::case::person::{Party, Person, PersonId};
use crate::case::refusal::{Refusal, Why};
use crate::case::state::Case;
use crate::procedure::{Confidential, Procedure, Role, RoleIndex};

/// Whether `viewer` may see `case`. Nobody in particular (`None`) sees the cases that are hidden from nobody.
pub fn may_see(procedure: &Procedure, case: &Case, viewer: Option<&Person>) -> bool {
    let access = &procedure.access;
    let confidential = confidential(procedure, case);
    let narrower = confidential.and_then(|rule| rule.visible_to.as_ref());
    let visible_to = narrower.or(access.visible_to.as_ref());
    let Some(viewer) = viewer else {
        return visible_to.is_none() && access.hidden_from.is_empty() && confidential.is_none();
    };
    let has = |role: RoleIndex| holds(procedure, case, viewer, role);
    if access.hidden_from.iter().any(|role| has(*role)) {
        return false;
    }
    if let Some(roles) = visible_to {
        return roles.iter().any(|role| has(*role))
            || represents_one(procedure, case, viewer, roles);
    }
    let is_party = case.parties().iter().any(|party| party.person == viewer.id);
    let works = |role: &Role| {
        let mut absent = viewer.stands_in.iter();
        let held = viewer.roles.contains(&role.name)
            || absent.any(|absent| absent.roles.contains(&role.name));
        held && !role.party
    };
    is_party || procedure.roles.iter().any(works)
}

/// Whether the person has a party role that represents one of `roles`.
fn represents_one(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    roles: &[RoleIndex],
) -> bool {
    let own = case.parties().iter().filter(|party| party.person == person.id);
    let mut roles_held = own.filter_map(|party| procedure.find_role(party.role.as_str()));
    roles_held.any(|held| procedure.role(held).represents.iter().any(|role| roles.contains(role)))
}

/// Whether `viewer` sees who `party` is.
pub fn sees_identity_of(
    procedure: &Procedure,
    case: &Case,
    viewer: Option<&Person>,
    party: &Party,
) -> bool {
    let Some(rule) = confidential(procedure, case) else { return true };
    let mut hidden = rule.hide.iter().filter(|hide| procedure.role(hide.role).name == party.role);
    match viewer {
        None => hidden.next().is_none(),
        Some(viewer) if case.stands_for(&viewer.id, &party.person) => true,
        Some(viewer) => {
            !hidden.any(|hide| hide.from.iter().any(|role| holds(procedure, case, viewer, *role)))
        }
    }
}

/// Whether the record keeps who looks into `case`.
pub fn looks_are_kept(procedure: &Procedure, case: &Case) -> bool {
    confidential(procedure, case).is_some_and(|rule| rule.log_views)
}

/// Returns the rule of confidential cases, if `case` is one.
pub(in crate::case::decide) fn confidential<'p>(
    procedure: &'p Procedure,
    case: &Case,
) -> Option<&'p Confidential> {
    let asked = case.opening.as_ref().is_some_and(|opening| opening.confidential);
    procedure.access.confidential.as_ref().filter(|rule| !rule.when_asked || asked)
}

/// Refuses whatever is asked of a case by somebody who may not see it.
pub(in crate::case::decide) fn check_seen(
    procedure: &Procedure,
    case: &Case,
    command: &Command,
    asked: &str,
) -> Result<(), Refusal> {
    // What another case brings about is nobody's act: the engine asks it.
    let by_nobody =
        matches!(command.act, Act::Hear { .. }) && command.actor.person == Person::nobody();
    let opened = case.opening.is_some() && !by_nobody;
    if opened && !may_see(procedure, case, Some(&command.actor.person)) {
        return Err(Refusal::new(asked, Why::NoSuchCase));
    }
    Ok(())
}

/// Returns what to call a person before `viewer`: the id, or the role of a party whose identity is hidden.
pub(in crate::case::decide) fn called(
    procedure: &Procedure,
    case: &Case,
    viewer: &Person,
    id: &PersonId,
) -> String {
    let mut own = case.all_parties().filter(|party| party.person == *id);
    let hidden = own.find(|party| !sees_identity_of(procedure, case, Some(viewer), party));
    hidden.map_or_else(|| id.to_string(), |party| party.role.to_string())
}
