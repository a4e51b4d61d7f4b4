//! `circular-blocks`: a step that holds itself up, or steps that hold each other up, so that none of them is ever done.

use super::unreachable_step::contradiction;
use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Condition, Procedure, StepIndex, StepKind};
use std::collections::BTreeSet;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut reported: BTreeSet<StepIndex> = BTreeSet::new();
    for (index, step) in procedure.steps() {
        if reported.contains(&index) {
            continue;
        }
        let mut way = vec![index];
        if !search(procedure, index, index, &mut BTreeSet::new(), &mut way) {
            continue;
        }
        reported.extend(&way);
        let names: Vec<&str> = way.iter().map(|on| procedure.step(*on).name.as_str()).collect();
        let (label, help) = if way.len() == 1 {
            let label = "as long as it is due, it can't be done".to_owned();
            (label, "take it out of its own `blocks`")
        } else {
            let way = format!("{} → {}", names.join(" → "), step.name);
            let label = format!("{way}: each waits until the one before it is done");
            (label, "take a step out of one of these `blocks`")
        };
        let finding = Diagnostic::error("circular-blocks", &step.rule.place)
            .message(format!("step `{}` blocks itself", step.name));
        findings.push(finding.label(label).help(help));
    }
    findings
}

fn search(
    procedure: &Procedure,
    at: StepIndex,
    start: StepIndex,
    seen: &mut BTreeSet<StepIndex>,
    way: &mut Vec<StepIndex>,
) -> bool {
    for next in &procedure.step(at).blocks {
        if !holds_up(procedure, at, *next) {
            continue;
        }
        if *next == start {
            return true;
        }
        if seen.insert(*next) {
            way.push(*next);
            if search(procedure, *next, start, seen, way) {
                return true;
            }
            way.pop();
        }
    }
    false
}

/// Whether both steps may be due at the same time, as duties: a right holds nothing up, and what comes after a step is
/// not due before that is done.
fn holds_up(procedure: &Procedure, one: StepIndex, other: StepIndex) -> bool {
    let is_duty = |index: StepIndex| {
        let step = procedure.step(index);
        let owed = procedure.owing(index).next().is_some();
        step.kind == StepKind::InCourse && (!step.optional || owed)
    };
    if !is_duty(one) || !is_duty(other) {
        return false;
    }
    let comes_after = |of: StepIndex, before: StepIndex| {
        of != before && procedure.from_there_on(before).contains(&of)
    };
    let after = |index: StepIndex| procedure.step(index).after.clone();
    let together = Condition::All(vec![after(one), after(other)]);
    !comes_after(one, other)
        && !comes_after(other, one)
        && contradiction(procedure, &together).is_none()
}
