//! `nobody-can`: a step for parties from which just these parties are barred.

use crate::diagnostic::{Diagnostic, Place};
use crate::procedure::definition::{Procedure, RoleIndex};
use crate::procedure::people::{Bar, Barred};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for step in &procedure.steps {
        let bar_of = |role: &RoleIndex| -> Option<&Place> {
            // Where no role is declared, that is the finding.
            let bars = step.not.iter().chain(&procedure.roles.get(role.get())?.not);
            let own = |bar: &&Bar| bar.whom == Barred::Party(*role);
            bars.into_iter().find(own).map(|bar| &bar.rule.place)
        };
        let bars: Vec<Option<&Place>> = step.who.iter().map(bar_of).collect();
        let (Some(Some(first)), true) = (bars.first(), bars.iter().all(Option::is_some)) else {
            continue;
        };
        let roles: Vec<String> =
            step.who.iter().map(|role| format!("`{}`", procedure.role(*role).name)).collect();
        let finding = Diagnostic::error("nobody-can", &step.rule.place)
            .message(format!("nobody can do `{}`", step.name))
            .label(format!("for {}", roles.join(", ")))
            .related(first, "and whoever is that, may not do it");
        findings.push(finding.help("take the role out of `not`, or name another under `who`"));
    }
    findings
}
