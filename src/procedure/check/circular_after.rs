//! `circular-after`: steps that wait for each other, so that none of them ever comes.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{
    Anchor, Condition, Fact, Procedure, StartEvent, StepIndex, StepKind,
};
use std::collections::BTreeSet;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut reported: BTreeSet<StepIndex> = BTreeSet::new();
    let mut findings = Vec::new();
    for (index, step) in procedure.steps() {
        if reported.contains(&index) {
            continue;
        }
        let Some(circle) = circle_through(procedure, index) else { continue };
        reported.extend(&circle);
        let way: Vec<&str> = circle.iter().map(|on| procedure.step(*on).name.as_str()).collect();
        let finding = Diagnostic::error("circular-after", &step.rule.place)
            .message(format!("step `{}` waits for itself", step.name))
            .label(format!("{} → {}", way.join(" → "), step.name));
        findings.push(finding.help(
            "a step comes `after` what is earlier; to go back, use `then: { return-to: … }`",
        ));
    }
    findings
}

/// Steps that can come only if this one came before, each because of the one after it in the list.
fn circle_through(procedure: &Procedure, start: StepIndex) -> Option<Vec<StepIndex>> {
    let mut seen = BTreeSet::new();
    let mut way = vec![start];
    search(procedure, start, start, &mut seen, &mut way).then_some(way)
}

fn search(
    procedure: &Procedure,
    at: StepIndex,
    start: StepIndex,
    seen: &mut BTreeSet<StepIndex>,
    way: &mut Vec<StepIndex>,
) -> bool {
    for next in needed(procedure, at) {
        if next == start {
            return true;
        }
        if seen.insert(next) {
            way.push(next);
            if search(procedure, next, start, seen, way) {
                return true;
            }
            way.pop();
        }
    }
    false
}

/// Returns the steps without which this one can't come.
fn needed(procedure: &Procedure, index: StepIndex) -> Vec<StepIndex> {
    let step = procedure.step(index);
    let opened_by_lapse = procedure.deadlines.iter().any(|rule| rule.lapse.opens.contains(&index));
    if step.kind == StepKind::AtAnyTime
        || opened_by_lapse
        || procedure.owing(index).next().is_some()
    {
        return Vec::new();
    }
    let mut needed = Vec::new();
    of_condition(procedure, &step.after, &mut needed);
    needed
}

fn of_condition(procedure: &Procedure, condition: &Condition, needed: &mut Vec<StepIndex>) {
    match condition {
        Condition::Always | Condition::Never => {}
        Condition::Fact(fact) => of_fact(procedure, *fact, needed),
        Condition::All(parts) => {
            for part in parts {
                of_condition(procedure, part, needed);
            }
        }
        // Of alternatives, what every one of them needs is needed.
        Condition::Any(parts) | Condition::Applicable(parts) => {
            alternatives(procedure, parts, needed);
        }
        Condition::AtLeast(wanted, parts) if *wanted >= parts.len() => {
            for part in parts {
                of_condition(procedure, part, needed);
            }
        }
        Condition::AtLeast(..) => {}
    }
}

fn alternatives(procedure: &Procedure, parts: &[Condition], needed: &mut Vec<StepIndex>) {
    let each: Vec<BTreeSet<StepIndex>> = parts
        .iter()
        .map(|part| {
            let mut of_part = Vec::new();
            of_condition(procedure, part, &mut of_part);
            of_part.into_iter().collect()
        })
        .collect();
    let common = each.iter().cloned().reduce(|all, one| all.intersection(&one).copied().collect());
    needed.extend(common.unwrap_or_default());
}

fn of_fact(procedure: &Procedure, fact: Fact, needed: &mut Vec<StepIndex>) {
    match fact {
        Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _) | Fact::Final(step) => {
            needed.push(step);
        }
        Fact::Lapsed(deadline) | Fact::PenaltyEnded(deadline) => {
            let rule = procedure.deadline(deadline);
            of_anchor(&rule.starts, needed);
            needed.extend(rule.once.facts().into_iter().filter_map(|fact| match fact {
                Fact::Done(step)
                | Fact::First(step)
                | Fact::EndedAs(step, _)
                | Fact::Final(step)
                    if needs_all(&rule.once) =>
                {
                    Some(step)
                }
                Fact::Done(_)
                | Fact::First(_)
                | Fact::EndedAs(..)
                | Fact::Final(_)
                | Fact::Lapsed(_)
                | Fact::PenaltyEnded(_) => None,
            }));
        }
    }
}

/// Whether a condition needs each of the facts that it names.
fn needs_all(condition: &Condition) -> bool {
    match condition {
        Condition::Always | Condition::Never | Condition::Fact(_) => true,
        Condition::All(parts) => parts.iter().all(needs_all),
        Condition::Any(parts) | Condition::Applicable(parts) => parts.len() == 1,
        Condition::AtLeast(wanted, parts) => *wanted >= parts.len(),
    }
}

/// Returns the steps without which an anchor does not come. Of several events any may do, unless it is the last of all.
fn of_anchor(anchor: &Anchor, needed: &mut Vec<StepIndex>) {
    match anchor {
        Anchor::Event(StartEvent::Due(step) | StartEvent::Form(step, _)) => needed.push(*step),
        // A deadline that starts with another's lapse is followed no further than one link: names can't loop there
        // without a step, unless it starts with its own lapse, which `unreachable-step` finds.
        Anchor::Event(StartEvent::Came(fact)) => match fact {
            Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _) | Fact::Final(step) => {
                needed.push(*step);
            }
            Fact::Lapsed(_) | Fact::PenaltyEnded(_) => {}
        },
        Anchor::Latest(parts) => {
            for part in parts {
                of_anchor(part, needed);
            }
        }
        // Several steps may send a letter, and any of them will do.
        Anchor::Event(
            StartEvent::Received | StartEvent::Opened | StartEvent::Data(_) | StartEvent::Sent(_),
        )
        | Anchor::End(_)
        | Anchor::Earliest(_)
        | Anchor::OrElse(..) => {}
    }
}
