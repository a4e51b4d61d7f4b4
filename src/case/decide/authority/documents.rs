//! Who may bring documents into a case: whoever may see it, and has a role or is a party in it.

use super::{capacity, may_see};
use crate::case::person::Actor;
use crate::case::refusal::{Refusal, Why};
use crate::case::state::Case;
use crate::procedure::{Procedure, RoleIndex};

/// Returns the role in which the actor brings documents in.
pub(in crate::case::decide) fn may_attach(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
) -> Result<RoleIndex, Refusal> {
    if !may_see(procedure, case, Some(&actor.person)) {
        return Err(Refusal::new("attach", Why::NoSuchCase));
    }
    let roles = procedure.roles.iter().filter_map(|role| procedure.find_role(role.name.as_str()));
    let roles: Vec<RoleIndex> = roles.collect();
    capacity(procedure, case, actor, &roles, &procedure.intake.rule, "attach")
}
