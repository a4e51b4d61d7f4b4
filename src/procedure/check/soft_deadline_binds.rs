//! `soft-deadline-binds`: the lapse of a deadline without breach has consequences after all.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Deadline, DeadlineIndex, Fact, Procedure};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let soft = procedure.deadlines().filter(|(_, rule)| rule.soft);
    soft.filter_map(|(index, rule)| {
        let what = binds(procedure, index, rule)?;
        let finding = Diagnostic::error("soft-deadline-binds", &rule.rule.place)
            .message(format!("`{}` is soft, and its lapse {what}", rule.name))
            .label("a term without breach");
        Some(finding.help("remove `soft: true`, or let its lapse only `tell`"))
    })
    .collect()
}

/// Returns what the lapse of a deadline brings about, besides telling people.
fn binds(procedure: &Procedure, index: DeadlineIndex, rule: &Deadline) -> Option<String> {
    let lapse = &rule.lapse;
    let waits =
        procedure.steps.iter().find(|step| step.after.facts().contains(&Fact::Lapsed(index)));
    let named = |step: crate::procedure::StepIndex| procedure.step(step).name.clone();
    if let Some(step) = lapse.opens.first() {
        Some(format!("opens `{}`", named(*step)))
    } else if let Some(step) = lapse.closes.first() {
        Some(format!("closes `{}`", named(*step)))
    } else if let Some(deemed) = lapse.deems {
        Some(format!("holds `{}` done", named(deemed.step)))
    } else if rule.penalty.is_some() {
        Some("costs a penalty".to_owned())
    } else {
        waits.map(|step| format!("is what `{}` waits for", step.name))
    }
}
