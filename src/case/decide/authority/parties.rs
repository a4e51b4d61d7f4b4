//! Who may let a party come into a case, change what is known of one, take one off, or refuse a representative.

use super::capacity;
use crate::case::person::{Actor, PersonId};
use crate::case::refusal::{Refusal, Why};
use crate::case::state::Case;
use crate::procedure::{Procedure, RoleIndex};

const ASKED: &str = "party";

/// Returns the role in which the actor may add, change or take off a party: one that the procedure names, or that of
/// one of `concerned`, the parties whose own affair it is.
///
/// # Errors
/// A [`Refusal`] when the actor is none of them.
pub(in crate::case::decide) fn may_arrange(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    concerned: &[(RoleIndex, PersonId)],
) -> Result<RoleIndex, Refusal> {
    let access = &procedure.access;
    let own = concerned.iter().filter(|(role, person)| {
        let name = &procedure.role(*role).name;
        match (&actor.enters_for, &actor.for_person) {
            (Some(party), Some(wanted)) => party == name && wanted == person,
            (Some(party), None) => {
                party == name
                    && case.parties_in(party).next().is_some_and(|one| one.person == *person)
            }
            (None, _) => case.stands_for(&actor.person.id, person),
        }
    });
    let roles: Vec<RoleIndex> =
        access.add.iter().copied().chain(own.map(|(role, _)| *role)).collect();
    if roles.is_empty() && access.add.is_empty() && concerned.is_empty() {
        return Err(Refusal::new(ASKED, Why::NobodyMay).under(&access.parties_rule));
    }
    capacity(procedure, case, actor, &roles, &access.parties_rule, ASKED)
}

/// Returns the role in which the actor may refuse a representative.
///
/// # Errors
/// A [`Refusal`] when he may not, or nobody may.
pub(in crate::case::decide) fn may_refuse(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
) -> Result<RoleIndex, Refusal> {
    let access = &procedure.access;
    if access.refuse.is_empty() {
        return Err(Refusal::new(ASKED, Why::NobodyMay).under(&access.parties_rule));
    }
    capacity(procedure, case, actor, &access.refuse, &access.parties_rule, ASKED)
}
