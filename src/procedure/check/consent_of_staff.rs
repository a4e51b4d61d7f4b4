//! `consent-of-staff`: the consent of somebody who has no rights in the case.

use crate::diagnostic::Diagnostic;
use crate::procedure::document::{RoleDocument, Written};

/// Finds a role that is no party among those that must consent; asked while the place is at hand.
pub(in crate::procedure) fn check(roles: &[RoleDocument], written: &Written) -> Option<Diagnostic> {
    let role = roles.iter().find(|role| role.name.text == written.text)?;
    if role.party {
        return None;
    }
    let finding = Diagnostic::error("consent-of-staff", &written.place)
        .message(format!("`{}` is no party, so there is no consent to ask", written.text))
        .label("a staff role");
    Some(finding.help("`consent` names parties; who lengthens it stands in `who`"))
}
