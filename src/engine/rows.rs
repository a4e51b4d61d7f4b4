//! What the store must find again of a case: its index rows, all derived from its state.

use crate::case::{Case, Marking, clock};
use crate::procedure::{Fact as Wanted, Procedure, StepIndex, StepKind};
use crate::store::{Rows, VersionHash, WorkRow};

/// Returns the rows of a case.
pub(super) fn rows(procedure: &Procedure, case: &Case) -> Option<Rows> {
    let opening = case.opening.as_ref()?;
    let timer = clock::next_timer(procedure, case);
    Some(Rows {
        reference: opening.reference.clone(),
        procedure: opening.procedure.to_string(),
        version: VersionHash(opening.version.bytes()),
        status: case.status.word().to_owned(),
        opened_on: procedure.zone.local_date(opening.opened_at),
        work: work(procedure, case),
        timers: timer.into_iter().map(|timer| timer.at.timestamp_millis()).collect(),
    })
}

/// Returns what is to be done: every instance of every duty, for each role that may do it.
fn work(procedure: &Procedure, case: &Case) -> Vec<WorkRow> {
    let marking = Marking::of(procedure, case);
    let mut work = Vec::new();
    for (index, step) in procedure.steps() {
        let Some(record) = case.step(&step.name) else { continue };
        let Some(opened) = record.opened.as_ref().filter(|opened| opened.duty) else { continue };
        if step.kind != StepKind::InCourse || !marking.standing(index).is_open() {
            continue;
        }
        for instance in opened.instances.iter().filter(|instance| instance.end.is_none()) {
            let due = due(procedure, case, index, instance.item.as_ref());
            for role in &step.who {
                work.push(WorkRow {
                    role: procedure.role(*role).name.to_string(),
                    person: instance.assigned_to.as_ref().map(ToString::to_string),
                    step: step.name.to_string(),
                    item: instance.item.clone(),
                    due,
                });
            }
        }
    }
    work
}

/// Returns the instant at which the deadline of a step ends, in seconds: its own, or else the first that it meets.
fn due(procedure: &Procedure, case: &Case, step: StepIndex, item: Option<&String>) -> Option<i64> {
    let rules = procedure.deadlines().filter(|(_, rule)| match rule.of_step {
        Some(of) => of == step,
        None => rule.met_by.facts().iter().any(|fact| match fact {
            Wanted::Done(of) | Wanted::First(of) | Wanted::EndedAs(of, _) => *of == step,
            Wanted::Final(_) | Wanted::Lapsed(_) | Wanted::PenaltyEnded(_) => false,
        }),
    });
    let ends = rules.flat_map(|(_, rule)| {
        let of_rule = case.clocks.iter().filter(|(clock, record)| {
            let mine = rule.of_step.is_none() || clock.item.as_ref() == item;
            clock.deadline == rule.name && mine && record.end.is_none() && !record.is_paused()
        });
        of_rule.filter_map(|(_, record)| clock::reckon(procedure, case, rule, record, None).ok())
    });
    ends.map(|end| end.ends_at.timestamp()).min()
}
