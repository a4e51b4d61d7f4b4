//! How steps relate besides what comes after what: phases, what one cancels, owes or blocks, and steps that are done for
//! each of a list.

use super::names::Names;
use super::scope::list_scope;
use super::steps::{Context, field, guard};
use super::{Findings, rule, title};
use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{
    Condition, Each, Fact, Phase, Relations, Run, Step, StepIndex, StepKind, Until,
};
use crate::procedure::document::{EachDocument, ProcedureDocument, Written};
use crate::procedure::name::Name;
use crate::schema::FieldKind;

/// Compiles the phases.
pub(super) fn phases(
    document: &ProcedureDocument,
    names: &Names,
    findings: &mut Findings,
) -> Vec<Phase> {
    let mut phases = Vec::new();
    for written in &document.phases {
        let mut steps = names.steps(&written.steps, findings);
        steps.dedup();
        let run = match written.run.as_ref().map(|run| run.text.as_str()) {
            Some("one-at-a-time") => Run::OneAtATime,
            Some("first-only") => Run::FirstOnly,
            Some(_) | None => Run::Together,
        };
        for (step, name) in steps.iter().zip(&written.steps) {
            if step.0 >= document.steps.len() {
                findings.add(not_in_course(name, "belong to a phase"));
            }
        }
        phases.push(Phase {
            name: Name::from(written.name.text.as_str()),
            title: title(written.title.as_ref(), &written.name),
            steps,
            run,
            rule: rule(&written.name.place, written.cite.as_ref()),
        });
    }
    phases
}

/// Returns the condition that a phase is over: every step of it is, and one at least was done.
///
/// A right that nobody used does not hold a phase up, unless it has nothing else.
pub(super) fn phase_over(names: &Names, phase: usize) -> Condition {
    let (members, run) = names.phase_members(phase);
    let done = |step: &StepIndex| Condition::Fact(Fact::Done(*step));
    if run == Run::FirstOnly {
        return Condition::Any(members.iter().map(done).collect());
    }
    let duties: Vec<Condition> =
        members.iter().filter(|step| !names.is_optional(**step)).map(done).collect();
    if duties.is_empty() {
        Condition::Applicable(members.iter().map(done).collect())
    } else {
        Condition::Applicable(duties)
    }
}

/// Reports an act at any time, or the filing of an appeal, where only a step in course makes sense.
pub(super) fn not_in_course(name: &Written, what: &str) -> Diagnostic {
    Diagnostic::error("not-in-course", &name.place)
        .message(format!("`{}` can't {what}", name.text))
        .label("it is none of `steps:`, but an act at any time or the filing of an appeal")
        .help("name a step of `steps:`")
}

/// Returns what a step or an outcome brings about and rules out.
pub(super) fn relations(
    context: &Context<'_>,
    cancels: &[Written],
    owes: &[Written],
    findings: &mut Findings,
) -> Relations {
    let elsewhere = |name: &&Written| {
        let step = context.names.exact_step(&name.text);
        step.is_some_and(|step| step.0 >= context.document.steps.len())
    };
    for name in cancels.iter().filter(elsewhere) {
        findings.add(not_in_course(name, "be cancelled"));
    }
    for name in owes.iter().filter(elsewhere) {
        findings.add(not_in_course(name, "be owed"));
    }
    Relations {
        cancels: steps_and_phases(context.names, cancels, findings),
        owes: context.names.steps(owes, findings),
    }
}

/// Returns the steps that names of steps and phases stand for.
pub(super) fn steps_and_phases(
    names: &Names,
    written: &[Written],
    findings: &mut Findings,
) -> Vec<StepIndex> {
    let mut steps = Vec::new();
    for name in written {
        match names.phase(&name.text) {
            Some(phase) => steps.extend(names.phase_members(phase).0),
            None => steps.extend(names.step(name, findings)),
        }
    }
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// Gives each step of a phase of which only the first is done what follows from that: it cancels the others.
pub(super) fn cancel_all_but_the_first(phases: &[Phase], steps: &mut [Step]) {
    for phase in phases.iter().filter(|phase| phase.run == Run::FirstOnly) {
        for step in &phase.steps {
            let others = phase.steps.iter().filter(|other| *other != step);
            if let Some(step) = steps.get_mut(step.0) {
                step.relations.cancels.extend(others);
                step.relations.cancels.sort_unstable();
                step.relations.cancels.dedup();
            }
        }
    }
}

/// What has no `after` and is owed by another step, or opened by the lapse of a deadline, does not come by itself.
pub(super) fn wait_to_be_owed(document: &ProcedureDocument, names: &Names, steps: &mut [Step]) {
    let mut owed: Vec<StepIndex> = Vec::new();
    for step in steps.iter() {
        owed.extend(&step.relations.owes);
        owed.extend(step.outcomes.iter().flat_map(|outcome| &outcome.relations.owes));
    }
    let own = document.steps.iter().map(|step| &step.lapse);
    let opened = document.deadlines.iter().map(|deadline| &deadline.lapse).chain(own);
    let opened = opened.flat_map(|lapse| &lapse.opens);
    owed.extend(opened.filter_map(|name| names.exact_step(&name.text)));
    for index in owed {
        if let Some(step) = steps.get_mut(index.0)
            && step.kind == StepKind::InCourse
            && step.after == Condition::Always
        {
            step.after = Condition::Never;
        }
    }
}

/// Returns the list that gives one instance for each item.
pub(super) fn each(
    context: &Context<'_>,
    written: &EachDocument,
    findings: &mut Findings,
) -> Option<Each> {
    let written = match written {
        EachDocument::Listed(items) => {
            return Some(Each::Listed(items.iter().map(|item| item.text.clone()).collect()));
        }
        EachDocument::Named(written) => written,
    };
    if !written.text.contains('.') {
        let role = context.names.role(written, findings)?;
        if !context.document.roles.get(role.0).is_some_and(|role| role.party) {
            let finding = Diagnostic::error("not-a-list", &written.place)
                .message(format!("`{}` is no party role", written.text))
                .label("`each` wants a list, or the role of parties");
            findings.add(finding.help(format!("add `party: true` to `{}`", written.text)));
        }
        return Some(Each::Parties(role));
    }
    let (each, kind) = field(context, written, findings)?;
    if matches!(kind, FieldKind::List(_) | FieldKind::Unknown) {
        return Some(each);
    }
    let finding = Diagnostic::error("not-a-list", &written.place)
        .message(format!("`{}` is no list", written.text))
        .label("`each` wants a list");
    findings.add(finding.help("declare the field with `type: array`"));
    None
}

/// Returns how many instances are enough.
pub(super) fn until(context: &Context<'_>, written: &Written, findings: &mut Findings) -> Until {
    match written.text.as_str() {
        "all" => return Until::All,
        "any" => return Until::AtLeast(1),
        _ => {}
    }
    if let Some(n) = written.text.strip_prefix("at least ").and_then(|n| n.trim().parse().ok()) {
        return Until::AtLeast(n);
    }
    guard(written, &list_scope(context.scope), findings).map_or(Until::All, Until::Guard)
}
