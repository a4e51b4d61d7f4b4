//! `no-way-to-an-end`: after this outcome the case can go on only until it waits for what never comes.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{
    Against, Condition, Fact, Outcome, Procedure, Step, StepIndex, StepKind,
};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let staff_ends_it = procedure.steps.iter().any(|step| {
        let staff = step.who.iter().any(|role| !procedure.role(*role).party);
        step.kind == StepKind::AtAnyTime && may_end(step) && staff
    });
    if staff_ends_it || !procedure.steps.iter().any(may_end) {
        return Vec::new();
    }
    let stands = |step: &Step| step.kind == StepKind::InCourse && !step.follow_up;
    let steps = procedure.steps().filter(|(_, step)| stands(step) && step.each.is_none());
    steps.flat_map(|(index, step)| of_step(procedure, index, step)).collect()
}

fn of_step(procedure: &Procedure, index: StepIndex, step: &Step) -> Vec<Diagnostic> {
    if step.ends.is_some() {
        return Vec::new();
    }
    let dead = |(place, outcome): (usize, &Outcome)| {
        let back = outcome.then.as_ref().or(step.then.as_ref());
        let again = back.is_some_and(|back| procedure.from_there_on(back.step).contains(&index));
        if outcome.ends.is_some() || again || decides_an_appeal(procedure, index) {
            return None;
        }
        let after = After { procedure, index, outcome: place };
        if after.may_end() {
            return None;
        }
        let (name, ended) = (&step.name, &outcome.name);
        let finding = Diagnostic::warning("no-way-to-an-end", &outcome.rule.place)
            .message(format!("after `{name}.{ended}` no case can end any more"))
            .label("nothing that ends a case can come after this");
        Some(finding.help(format!(
            "let what ends the case come after `{name}.{ended}` too, give it `ends`, or let it return"
        )))
    };
    step.outcomes.iter().enumerate().filter_map(dead).collect()
}

/// What an outcome does to the decision stands with the appeal.
fn decides_an_appeal(procedure: &Procedure, index: StepIndex) -> bool {
    procedure.appeals_decided_by(index).next().is_some()
}

fn may_end(step: &Step) -> bool {
    step.ends.is_some() || step.outcomes.iter().any(|outcome| outcome.ends.is_some())
}

/// What can come when a step has ended with one of its outcomes, and is not done again.
struct After<'p> {
    procedure: &'p Procedure,
    index: StepIndex,
    outcome: usize,
}

impl After<'_> {
    /// Whether the case can still end, or the step be done again. What can't be seen in the text, such as a lapse or a
    /// guard, is held possible.
    fn may_end(&self) -> bool {
        let coming = self.coming();
        self.procedure.steps().any(|(index, step)| {
            // What the step itself came after is over.
            let is_over = self.procedure.from_there_on(index).contains(&self.index)
                && !self.procedure.from_there_on(self.index).contains(&index);
            let comes = coming.get(index.get()).copied().unwrap_or(false);
            let other = index != self.index && step.kind != StepKind::AtAnyTime;
            other && comes && !is_over && (may_end(step) || self.brings_back(index))
        })
    }

    /// Whether a step can have the case return to a point from which the outcome is chosen anew.
    fn brings_back(&self, index: StepIndex) -> bool {
        let mut ways = self.procedure.ways_back(index).into_iter();
        ways.any(|back| self.procedure.from_there_on(back.step).contains(&self.index))
    }

    /// Returns which steps can come: at first none, and then, again and again, whatever can come if those can.
    fn coming(&self) -> Vec<bool> {
        let mut coming = vec![false; self.procedure.steps.len()];
        loop {
            let before = coming.clone();
            for (index, step) in self.procedure.steps() {
                let comes = index == self.index || self.comes(index, step, &before);
                if let Some(entry) = coming.get_mut(index.get()) {
                    *entry |= comes;
                }
            }
            if coming == before {
                return coming;
            }
        }
    }

    fn comes(&self, index: StepIndex, step: &Step, coming: &[bool]) -> bool {
        let known = |of: StepIndex| coming.get(of.get()).copied().unwrap_or(false);
        let by_lapse = self.procedure.deadlines.iter().any(|d| d.lapse.opens.contains(&index));
        if by_lapse || self.procedure.owing(index).any(known) {
            return true;
        }
        match &step.kind {
            StepKind::AtAnyTime => true,
            StepKind::Appeal(appeal) => appeal.against.iter().any(|against| match against {
                Against::Lapse(_) => true,
                Against::Decision(_) | Against::Outcome(..) => {
                    self.fact_may_come(against.fact(), coming)
                }
            }),
            StepKind::InCourse => self.may_come(&step.after, coming),
        }
    }

    fn may_come(&self, condition: &Condition, coming: &[bool]) -> bool {
        let possible = |parts: &[Condition]| -> usize {
            parts.iter().filter(|part| self.may_come(part, coming)).count()
        };
        match condition {
            Condition::Always => true,
            Condition::Never => false,
            Condition::Fact(fact) => self.fact_may_come(*fact, coming),
            Condition::All(parts) => possible(parts) == parts.len(),
            Condition::Any(parts) | Condition::Applicable(parts) => possible(parts) > 0,
            Condition::AtLeast(wanted, parts) => possible(parts) >= *wanted,
        }
    }

    fn fact_may_come(&self, fact: Fact, coming: &[bool]) -> bool {
        let known = |of: StepIndex| coming.get(of.get()).copied().unwrap_or(false);
        match fact {
            Fact::EndedAs(step, outcome) if step == self.index => outcome.get() == self.outcome,
            Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _) | Fact::Final(step) => {
                known(step)
            }
            Fact::Lapsed(_) | Fact::PenaltyEnded(_) => true,
        }
    }
}
