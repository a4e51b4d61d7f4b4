//! `acts-unseen`: a role that is to act in a case that it may not see.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, RoleIndex};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let access = &procedure.access;
    let lists = [
        &access.visible_to,
        &access.confidential.as_ref().and_then(|rule| rule.visible_to.clone()),
    ]
    .into_iter()
    .flatten()
    .cloned()
    .collect::<Vec<_>>();
    // Whoever represents a party sees what the party sees.
    let sees = |role: RoleIndex| {
        let shown = |list: &Vec<RoleIndex>| {
            list.contains(&role)
                || procedure.role(role).represents.iter().any(|party| list.contains(party))
        };
        !access.hidden_from.contains(&role) && lists.iter().all(shown)
    };
    let mut found: Vec<RoleIndex> = Vec::new();
    let mut findings = Vec::new();
    for step in &procedure.steps {
        for role in step.who.iter().copied().filter(|role| !sees(*role)) {
            if found.contains(&role) {
                continue;
            }
            found.push(role);
            let name = &procedure.role(role).name;
            let finding = Diagnostic::error("acts-unseen", &step.rule.place)
                .message(format!("`{name}` does `{}` in a case that it may not see", step.name))
                .label(format!("done by `{name}`"));
            findings.push(finding.help(format!(
                "add `{name}` to `visible-to`, take it out of `hidden-from`, or have another role do it"
            )));
        }
    }
    findings
}
