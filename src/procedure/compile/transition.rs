//! Compiling what becomes of cases under way: the new names must be there, each side at most once.

use super::Findings;
use super::steps::Context;
use crate::diagnostic::Diagnostic;
use crate::procedure::document::Written;
use crate::procedure::name::Name;
use crate::procedure::transition::{Mapping, Pending, Transition, TransitionDocument};

/// Compiles `transition`.
pub(super) fn transition(context: &Context<'_>, findings: &mut Findings) -> Transition {
    let Some(written) = &context.document.transition else { return Transition::default() };
    let pending = |text: &Written| match text.text.as_str() {
        "new" => Pending::New,
        _ => Pending::Old,
    };
    let name = |written: &Written| Name::from(written.text.as_str());
    for (phase, _) in &written.phases {
        if context.names.phase(&phase.text).is_none() {
            let names: Vec<&str> =
                context.document.phases.iter().map(|phase| phase.name.text.as_str()).collect();
            findings.add(super::unknown("unknown-phase", "phase", phase, &names));
        }
    }
    let mut better_for = Vec::new();
    for (deadline, role) in &written.better_for {
        context.names.deadline(&deadline.text, &deadline.place, findings);
        let party = context.names.role(role, findings);
        let is_party = party.is_none_or(|index| {
            context.document.roles.get(index.get()).is_some_and(|role| role.party)
        });
        if !is_party {
            let finding = Diagnostic::error("not-a-party", &role.place)
                .message(format!("`{}` has no rights in a case", role.text))
                .label("staff");
            findings.add(finding.help("name the party whose right the term is"));
        }
        better_for.push((name(deadline), name(role)));
    }
    Transition {
        is_written: true,
        pending: written.pending.as_ref().map(pending).unwrap_or_default(),
        phases: written.phases.iter().map(|(phase, what)| (name(phase), pending(what))).collect(),
        better_for,
        map: mapping(context, written, findings),
    }
}

fn mapping(
    context: &Context<'_>,
    written: &TransitionDocument,
    findings: &mut Findings,
) -> Mapping {
    let name = |written: &Written| Name::from(written.text.as_str());
    let mut map = Mapping::default();
    for (old, new) in &written.steps {
        for step in new {
            context.names.step(step, findings);
        }
        map.steps.insert(name(old), new.iter().map(name).collect());
    }
    for (old, new) in &written.deadlines {
        for deadline in new.iter().take(1) {
            context.names.deadline(&deadline.text, &deadline.place, findings);
        }
        map.deadlines.insert(name(old), new.first().map(name));
    }
    for (old, new) in &written.roles {
        context.names.role(new, findings);
        map.roles.insert(name(old), name(new));
    }
    for (old, new) in &written.fields {
        if let Some(new) = new.first()
            && !context.data.fields().iter().any(|field| field.name == new.text)
        {
            findings.add(super::unknown_field(new, context.data));
        }
        map.fields.insert(old.text.clone(), new.first().map(|new| new.text.clone()));
    }
    for (old, new) in &written.outcomes {
        let Some((step, _)) = old.text.split_once('.') else {
            let finding = Diagnostic::error("no-outcome", &old.place)
                .message(format!("`{}` names no outcome", old.text))
                .label("expected `step.outcome`, as the earlier text calls them");
            findings.add(finding.help("write it as `besluit.gegrond: toegekend`"));
            continue;
        };
        let step_now = map.step(&Name::from(step));
        if let Some(index) = context.names.exact_step(step_now.as_str())
            && !context.names.has_outcome(index, &new.text)
        {
            let finding = Diagnostic::error("unknown-outcome", &new.place)
                .message(format!("`{step_now}` has no outcome `{}`", new.text))
                .label("outcome not declared");
            findings.add(finding.help(format!("name an outcome of `{step_now}` in this text")));
        }
        map.outcomes.insert(old.text.clone(), name(new));
    }
    map
}
