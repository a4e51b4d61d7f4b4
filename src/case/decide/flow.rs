//! How steps relate besides what comes after what: what the doing of one cancels or makes a duty, what holds another
//! back, and when enough of a list was done.

use super::Deciding;
use crate::case::event::{CloseCause, Fact, Instance};
use crate::case::lists;
use crate::case::refusal::{Refusal, Remedy, RuleCited, Why};
use crate::case::standing::{Marking, Standing};
use crate::case::state::{Case, Opened, StepRecord};
use crate::procedure::{Name, Procedure, Relations, Rest, Run, StepIndex, StepKind, Until};
use crate::time::Instant;
use serde_json::json;

impl Deciding<'_> {
    /// Closes what is open of these steps, and rules them out in this round; what was done stands.
    pub(super) fn cancel_steps(
        &mut self,
        at: Instant,
        by: StepIndex,
        cancelled: &[StepIndex],
    ) -> Result<(), Refusal> {
        let name = self.procedure.step(by).name.clone();
        let mut steps = Vec::new();
        for index in cancelled.iter().copied().filter(|index| *index != by) {
            let step = self.procedure.step(index);
            let record = self.case.step(&step.name);
            let over = record.is_some_and(|record| {
                record.cancelled_by.is_some() || record.is_done() && !record.is_open()
            });
            if over || step.kind == StepKind::AtAnyTime {
                continue;
            }
            self.close_step(at, index, &CloseCause::Cancelled { because: name.clone() })?;
            steps.push(step.name.clone());
        }
        if steps.is_empty() {
            return Ok(());
        }
        self.happen(at, None, Fact::StepsCancelled { steps, because: name })
    }

    /// Returns the lists of the steps that are owed, as they stand before the case goes on.
    pub(super) fn owed_lists(&self, relations: &Relations) -> Vec<Option<Vec<String>>> {
        let list = |step: &StepIndex| {
            let each = self.procedure.step(*step).each.as_ref();
            each.map(|each| lists::items(self.procedure, &self.case, each))
        };
        relations.owes.iter().map(list).collect()
    }

    /// Makes steps a duty, each with its list; one that is open already is so, and one that was done comes again.
    pub(super) fn owe(
        &mut self,
        at: Instant,
        by: StepIndex,
        owed: &[StepIndex],
        lists: Vec<Option<Vec<String>>>,
    ) -> Result<(), Refusal> {
        for (index, items) in owed.iter().copied().zip(lists) {
            let step = self.procedure.step(index);
            let record = self.case.step(&step.name);
            let round = record.map_or(0, |record| record.round).saturating_add(1);
            let barred = Marking::of(self.procedure, &self.case).is_barred(index);
            if record.is_some_and(StepRecord::is_open) || barred || !self.may_open(index) {
                continue;
            }
            let empty = items.as_ref().is_some_and(Vec::is_empty);
            let opened = Fact::StepOpened {
                step: step.name.clone(),
                round,
                items,
                duty: true,
                because: None,
                owed_by: Some(self.procedure.step(by).name.clone()),
                against: None,
            };
            self.happen(at, None, opened)?;
            if empty {
                self.follow_up(at, index, None)?;
            }
        }
        Ok(())
    }

    /// Of a step that is done for each of a list, enough may have been done.
    pub(super) fn complete_lists(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            if step.each.is_none() || self.case.opening.is_none() {
                continue;
            }
            let Some((done, total)) = self.list_so_far(index) else { continue };
            let enough = match &step.until {
                Until::All => step.kind == StepKind::AtAnyTime && done == total,
                Until::AtLeast(n) => done >= *n,
                Until::Guard(guard) => {
                    let values =
                        self.values_with(at, "items", json!({ "done": done, "total": total }));
                    guard.holds(&values).map_err(|fault| {
                        let why = Why::Incident { message: fault.to_string() };
                        Refusal::new(step.name.as_str(), why).under(RuleCited::from(&step.rule))
                    })?
                }
            };
            if !enough {
                continue;
            }
            self.happen(at, None, Fact::EnoughDone { step: step.name.clone(), done, total })?;
            if step.rest == Rest::Cancel {
                self.close_step(at, index, &CloseCause::Enough)?;
            }
            self.go_on(at, index, None)?;
        }
        Ok(())
    }

    /// Returns how many of a step's list were done, and how many it has, as long as the question is open.
    fn list_so_far(&self, index: StepIndex) -> Option<(usize, usize)> {
        let step = self.procedure.step(index);
        let record = self.case.step(&step.name)?;
        if record.enough || record.cancelled_by.is_some() {
            return None;
        }
        if step.kind == StepKind::AtAnyTime {
            let items = lists::items(self.procedure, &self.case, step.each.as_ref()?);
            let acted =
                |item: &&String| record.acts.iter().any(|act| act.item.as_ref() == Some(*item));
            let done = items.iter().filter(acted).count();
            return (done > 0 && self.case.is_open()).then_some((done, items.len()));
        }
        let opened: &Opened = record.opened.as_ref()?;
        record.is_open().then(|| (opened.done().count(), opened.instances.len()))
    }

    /// Refuses what may not be claimed or done while another step of its phase is claimed.
    pub(super) fn check_one_at_a_time(
        &self,
        index: StepIndex,
        instance: &Instance,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let phases = self.procedure.phases_of(index).filter(|phase| phase.run == Run::OneAtATime);
        for phase in phases {
            for other in &phase.steps {
                let name = &self.procedure.step(*other).name;
                let opened = self.case.step(name).and_then(|record| record.opened.as_ref());
                let claimed = opened.into_iter().flat_map(|opened| &opened.instances).any(|of| {
                    let same = *name == instance.step && of.item == instance.item;
                    !same && of.end.is_none() && of.assigned_to.is_some()
                });
                if claimed {
                    let why = Why::OneAtATime { other: name.clone(), phase: phase.name.clone() };
                    let refusal = Refusal::new(step.name.as_str(), why).under(&phase.rule);
                    return Err(refusal.unless(Remedy::Do { step: name.clone(), outcome: None }));
                }
            }
        }
        Ok(())
    }
}

/// Refuses a step that another, which is a duty now, holds back.
pub(super) fn check_blocked(
    procedure: &Procedure,
    case: &Case,
    index: StepIndex,
) -> Result<(), Refusal> {
    let Some(by) = Marking::of(procedure, case).blocked_by(index) else { return Ok(()) };
    let (step, by) = (procedure.step(index), procedure.step(by));
    let refusal = Refusal::new(step.name.as_str(), Why::Blocked { by: by.name.clone() });
    Err(refusal.under(&by.rule).unless(Remedy::Do { step: by.name.clone(), outcome: None }))
}

/// Returns why a step that can't come any more can't, where that is not what it comes after.
pub(super) fn ruled_out_by(procedure: &Procedure, case: &Case, index: StepIndex) -> Option<Why> {
    let step = procedure.step(index);
    let by: Option<&Name> = case.step(&step.name).and_then(|record| record.cancelled_by.as_ref());
    if let Some(by) = by {
        return Some(Why::Cancelled { by: by.clone() });
    }
    let marking = Marking::of(procedure, case);
    let standing = marking.standing(index);
    if !matches!(standing, Standing::RuledOut | Standing::Closed) {
        return None;
    }
    has_passed(procedure, &marking, index)
}

/// Returns what has come before which a step had to be done, if it has.
pub(super) fn has_passed(
    procedure: &Procedure,
    marking: &Marking<'_>,
    index: StepIndex,
) -> Option<Why> {
    let before = procedure.step(index).before.as_ref().filter(|_| marking.is_past(index))?;
    let facts = before.facts();
    let came = facts.iter().filter(|fact| marking.came_at(**fact).is_some());
    let came = came.map(|fact| crate::case::words::fact_as_written(procedure, *fact)).collect();
    Some(Why::Past { came })
}
