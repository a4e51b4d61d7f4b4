//! `dead-end`: an outcome after which nothing that ends the case can come, so that it stays open for ever.
//!
//! What may come is overrated wherever that is not certain: guards may be true, deadlines may lapse. What is reported can't
//! end by the course of the procedure. An act at any time by which only parties can end it, such as a withdrawal, is no
//! such end.

use super::unreachable_step::wanted_together;
use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{
    Anchor, AppealEffect, Condition, DeadlineIndex, Fact, Outcome, Procedure, RoleIndex,
    StartEvent, Step, StepIndex, StepKind,
};
use std::collections::BTreeMap;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    if !Course::after(procedure, None).can_end() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, step) in procedure.steps() {
        let once = step.kind == StepKind::InCourse && step.each.is_none();
        if !once || step.follow_up || step.ends.is_some() {
            continue;
        }
        for (place, outcome) in step.outcomes.iter().enumerate() {
            if Course::after(procedure, Some((index, place))).can_end() {
                continue;
            }
            let finding = Diagnostic::warning("dead-end", &outcome.rule.place)
                .message(format!(
                    "when `{}` ends as `{}`, the case never ends",
                    step.name, outcome.name
                ))
                .label("nothing that ends the case can come after this");
            findings.push(finding.help(format!(
                "end the case here with `ends: …`, or let a step come `after: {}.{}`",
                step.name, outcome.name
            )));
        }
    }
    findings
}

/// What may come, or may have come, when a step has ended in one way.
struct Course<'p> {
    procedure: &'p Procedure,
    /// The step that ended.
    last: Option<StepIndex>,
    /// The steps that had been done by then, with the outcome where only one would do.
    done: BTreeMap<StepIndex, Option<usize>>,
    coming: Vec<bool>,
}

impl<'p> Course<'p> {
    fn after(procedure: &'p Procedure, ended: Option<(StepIndex, usize)>) -> Self {
        let coming = vec![false; procedure.steps.len()];
        let last = ended.map(|(step, _)| step);
        let mut course = Self { procedure, last, done: BTreeMap::new(), coming };
        if let Some((step, outcome)) = ended {
            course.done.insert(step, Some(outcome));
            course.add_what_it_needed(step);
        }
        loop {
            let before = course.coming.clone();
            for (index, _) in procedure.steps() {
                let may = course.may_come(index);
                if let Some(entry) = course.coming.get_mut(index.get()) {
                    *entry |= may;
                }
            }
            if course.coming == before {
                return course;
            }
        }
    }

    /// Adds the steps that had to be done, and how they had to end, for `index` to have its turn.
    fn add_what_it_needed(&mut self, index: StepIndex) {
        let procedure = self.procedure;
        let mut lapses = procedure.deadlines.iter().flat_map(|rule| &rule.lapse.opens);
        if lapses.any(|opened| *opened == index) || procedure.owing(index).next().is_some() {
            return;
        }
        for fact in wanted_together(&procedure.step(index).after) {
            let (step, outcome) = match fact {
                Fact::EndedAs(step, outcome) => (step, Some(outcome.get())),
                Fact::Done(step) | Fact::Final(step) => (step, None),
                Fact::First(_) | Fact::Lapsed(_) | Fact::PenaltyEnded(_) => continue,
            };
            let of = procedure.step(step);
            let once = of.kind == StepKind::InCourse && of.each.is_none();
            if once && !self.done.contains_key(&step) {
                self.done.insert(step, outcome);
                self.add_what_it_needed(step);
            }
        }
    }

    fn comes(&self, index: StepIndex) -> bool {
        self.coming.get(index.get()).copied().unwrap_or(false)
    }

    /// Returns the outcomes with which a step may end, or had ended.
    fn outcomes(&self, index: StepIndex) -> impl Iterator<Item = &'p Outcome> {
        let only = self.done.get(&index).copied().flatten();
        let outcomes = self.procedure.step(index).outcomes.iter().enumerate();
        let may = outcomes.filter(move |(place, _)| only.is_none_or(|only| only == *place));
        may.map(|(_, outcome)| outcome)
    }

    fn may_come(&self, index: StepIndex) -> bool {
        let step = self.procedure.step(index);
        if step.kind == StepKind::AtAnyTime || self.done.contains_key(&index) {
            return true;
        }
        let owes = |of: StepIndex| {
            let by_outcome = self.outcomes(of).any(|o| o.relations.owes.contains(&index));
            self.comes(of)
                && (by_outcome || self.procedure.step(of).relations.owes.contains(&index))
        };
        let by_lapse = self.procedure.deadlines().any(|(deadline, rule)| {
            let deemed = rule.lapse.deems.is_some_and(|deemed| deemed.step == index);
            (deemed || rule.lapse.opens.contains(&index)) && self.may_lapse(deadline)
        });
        by_lapse || self.holds(&step.after) || self.procedure.owing(index).any(owes)
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Always => true,
            Condition::Never => false,
            Condition::Fact(fact) => self.is_possible(*fact),
            Condition::All(parts) => parts.iter().all(|part| self.holds(part)),
            Condition::Any(parts) | Condition::Applicable(parts) => {
                parts.iter().any(|part| self.holds(part))
            }
            Condition::AtLeast(wanted, parts) => {
                parts.iter().filter(|part| self.holds(part)).count() >= *wanted
            }
        }
    }

    fn is_possible(&self, fact: Fact) -> bool {
        match fact {
            Fact::Done(step) | Fact::First(step) | Fact::Final(step) => self.comes(step),
            Fact::EndedAs(step, outcome) => {
                let only = self.done.get(&step).copied().flatten();
                self.comes(step) && only.is_none_or(|only| only == outcome.get())
            }
            Fact::Lapsed(deadline) | Fact::PenaltyEnded(deadline) => self.may_lapse(deadline),
        }
    }

    fn may_lapse(&self, deadline: DeadlineIndex) -> bool {
        self.begins(&self.procedure.deadline(deadline).starts)
    }

    fn begins(&self, anchor: &Anchor) -> bool {
        match anchor {
            Anchor::Event(StartEvent::Came(Fact::Lapsed(_) | Fact::PenaltyEnded(_)))
            | Anchor::End(_) => true,
            Anchor::Event(StartEvent::Came(fact)) => self.is_possible(*fact),
            Anchor::Event(StartEvent::Due(step) | StartEvent::Form(step, _)) => self.comes(*step),
            Anchor::Event(
                StartEvent::Received
                | StartEvent::Opened
                | StartEvent::Data(_)
                | StartEvent::Sent(_),
            ) => true,
            Anchor::Earliest(parts) => parts.iter().any(|part| self.begins(part)),
            Anchor::Latest(parts) => parts.iter().all(|part| self.begins(part)),
            Anchor::OrElse(of, otherwise) => self.begins(of) || self.begins(otherwise),
        }
    }

    /// Whether something may come that ends the case, or brings it back to before the step that ended.
    fn can_end(&self) -> bool {
        self.procedure
            .steps()
            .any(|(index, step)| self.comes(index) && self.brings_an_end(index, step))
    }

    fn brings_an_end(&self, index: StepIndex, step: &Step) -> bool {
        // What had been done before did not end the case.
        if self.done.contains_key(&index) && self.last != Some(index) {
            return false;
        }
        let is_party =
            |role: RoleIndex| self.procedure.roles.get(role.get()).is_some_and(|role| role.party);
        let by_parties = step.kind == StepKind::AtAnyTime && step.who.iter().copied().all(is_party);
        let ends =
            step.ends.is_some() || self.outcomes(index).any(|outcome| outcome.ends.is_some());
        ends && !by_parties || self.returns(index, step)
    }

    fn returns(&self, index: StepIndex, step: &Step) -> bool {
        let by_step = step.then.iter().chain(self.outcomes(index).filter_map(|o| o.then.as_ref()));
        let appeals = self.procedure.appeals_decided_by(index);
        let by_appeal = appeals.flat_map(|(_, appeal)| {
            self.outcomes(index).filter_map(|outcome| match appeal.effect(outcome.name.as_str()) {
                Some(AppealEffect::Returns(back)) => Some(back),
                Some(
                    AppealEffect::Confirms(_)
                    | AppealEffect::Inadmissible(_)
                    | AppealEffect::Replaces(_),
                )
                | None => None,
            })
        });
        let mut back = by_step.chain(by_appeal);
        let Some(last) = self.last else { return false };
        back.any(|back| self.procedure.from_there_on(back.step).contains(&last))
    }
}
