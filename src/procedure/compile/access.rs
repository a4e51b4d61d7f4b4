//! Compiling who comes into a case and leaves it, who may see it, and whose identity is hidden.

use super::names::Names;
use super::{Findings, rule};
use crate::diagnostic::Diagnostic;
use crate::procedure::access::{Access, Confidential, ConfidentialDocument, Hide, HideDocument};
use crate::procedure::definition::{RoleIndex, Rule};
use crate::procedure::document::{CaseDocument, ProcedureDocument, Written};

/// Returns the access of a file's `case`; `staff` are the staff roles that may open one.
pub(super) fn access(
    document: &ProcedureDocument,
    case: &CaseDocument,
    names: &Names,
    staff: &[RoleIndex],
    usual: &Rule,
    findings: &mut Findings,
) -> Access {
    let written = &case.access;
    let mut access = Access { add: staff.to_vec(), ..Access::usual(usual) };
    if let Some(parties) = &written.parties {
        if parties.has_who {
            access.add = names.roles(&parties.who, findings);
        }
        access.refuse = names.roles(&parties.refuse, findings);
        access.parties_rule = rule(&parties.place, parties.cite.as_ref());
    }
    access.anonymous = written.anonymous.as_ref().is_some_and(|said| said.text == "allowed");
    access.visible_to = listed(names, &written.visible_to, findings);
    access.hidden_from = names.roles(&written.hidden_from, findings);
    access.confidential =
        written.confidential.as_ref().map(|said| confidential(document, said, names, findings));
    let opens = |role: &Written| names.role(role, &mut Findings::default());
    let by_party = case.who.iter().any(|role| {
        opens(role).and_then(|role| document.roles.get(role.get())).is_some_and(|role| role.party)
    });
    if let Some(said) = written.anonymous.as_ref().filter(|_| access.anonymous)
        && !case.who.is_empty()
        && !by_party
    {
        let finding = Diagnostic::error("nobody-is-anonymous", &said.place)
            .message("no party may open a case, so nobody can do so without saying who he is")
            .label("only a party can be anonymous");
        findings.add(finding.help("name a party role in `who`, or leave this out"));
    }
    access
}

/// Returns the roles of a list that may be left out.
fn listed(names: &Names, written: &[Written], findings: &mut Findings) -> Option<Vec<RoleIndex>> {
    (!written.is_empty()).then(|| names.roles(written, findings))
}

fn confidential(
    document: &ProcedureDocument,
    said: &ConfidentialDocument,
    names: &Names,
    findings: &mut Findings,
) -> Confidential {
    Confidential {
        when_asked: said.cases.as_ref().is_some_and(|cases| cases.text == "asked"),
        visible_to: listed(names, &said.visible_to, findings),
        hide: said.hide.iter().filter_map(|one| hide(document, one, names, findings)).collect(),
        log_views: said.log_views,
        rule: rule(&said.place, said.cite.as_ref()),
    }
}

fn hide(
    document: &ProcedureDocument,
    said: &HideDocument,
    names: &Names,
    findings: &mut Findings,
) -> Option<Hide> {
    let written = said.role.as_ref()?;
    let role = names.role(written, findings)?;
    if !document.roles.get(role.get()).is_some_and(|role| role.party) {
        let finding = Diagnostic::error("not-a-party", &written.place)
            .message(format!(
                "`{}` is no party, so its identity is no secret of the case",
                written.text
            ))
            .label("a staff role");
        findings.add(finding.help("`hide` names a role that has `party: true`"));
    }
    let mut from = Vec::new();
    for other in &said.from {
        let Some(index) = names.role(other, findings) else { continue };
        if index == role {
            let finding = Diagnostic::error("hidden-from-itself", &other.place)
                .message(format!("`{}` would be hidden from itself", other.text))
                .label("the role whose identity is hidden");
            findings.add(finding.help("name those who don't see who it is"));
        }
        from.push(index);
    }
    Some(Hide { role, from })
}
