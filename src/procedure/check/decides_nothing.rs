//! `decides-nothing`: the step that is to decide an appeal can be done without one.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{
    Anchor, Condition, DeadlineIndex, Fact, Procedure, StartEvent, StepIndex, StepKind,
};
use std::collections::BTreeSet;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut reported: BTreeSet<StepIndex> = BTreeSet::new();
    for (index, step) in procedure.steps() {
        let StepKind::Appeal(appeal) = &step.kind else { continue };
        let follows = procedure.from_there_on(index).contains(&appeal.decided_by);
        let decider = procedure.step(appeal.decided_by);
        if follows && Needs::of(procedure, appeal.decided_by).ask() {
            continue;
        }
        // Of several appeals that one step decides, the first says it for all, unless the step does not follow another.
        if !reported.insert(appeal.decided_by) && follows {
            continue;
        }
        let message = if follows {
            format!("`{}` decides `{}`, and may also come without it", decider.name, step.name)
        } else {
            format!("`{}` decides `{}`, but does not come after it", decider.name, step.name)
        };
        let finding = Diagnostic::error("decides-nothing", &decider.rule.place)
            .message(message)
            .label("it would be done without an appeal")
            .related(&step.rule.place, "the appeal");
        findings.push(finding.help(if follows {
            "let what else leads to it be an appeal too, such as one against inaction (`against: afdoening.lapsed`), or possible \
             only `before` the decision"
                .to_owned()
        } else {
            format!("let it come after the appeal: `after: {}`", step.name)
        }));
    }
    findings
}

/// Whether a step needs one of the appeals that it decides.
struct Needs<'p> {
    procedure: &'p Procedure,
    decider: StepIndex,
    /// What is being asked; what leads only to itself comes by nothing else.
    asked: BTreeSet<StepIndex>,
    asked_deadlines: BTreeSet<DeadlineIndex>,
}

impl<'p> Needs<'p> {
    fn of(procedure: &'p Procedure, decider: StepIndex) -> Self {
        let (asked, asked_deadlines) = (BTreeSet::new(), BTreeSet::new());
        Self { procedure, decider, asked, asked_deadlines }
    }

    fn ask(mut self) -> bool {
        self.step(self.decider)
    }

    fn step(&mut self, index: StepIndex) -> bool {
        let procedure = self.procedure;
        let step = procedure.step(index);
        match &step.kind {
            StepKind::Appeal(appeal) if appeal.decided_by == self.decider => return true,
            StepKind::AtAnyTime => return false,
            StepKind::Appeal(_) | StepKind::InCourse => {}
        }
        if self.is_instead(index) {
            return true;
        }
        if !self.asked.insert(index) {
            return true;
        }
        let lapses: Vec<DeadlineIndex> = procedure
            .deadlines()
            .filter(|(_, rule)| rule.lapse.opens.contains(&index))
            .map(|(deadline, _)| deadline)
            .collect();
        let owing: Vec<StepIndex> = procedure.owing(index).collect();
        let needs = self.condition(&step.after)
            && lapses.into_iter().all(|lapse| self.deadline(lapse))
            && owing.into_iter().all(|of| self.step(of));
        self.asked.remove(&index);
        needs
    }

    /// Whether a step is possible only before a decision that such an appeal is against: who goes straight to whoever
    /// decides appeals, does that in the place of an appeal.
    fn is_instead(&self, index: StepIndex) -> bool {
        let before = self.procedure.step(index).before.as_ref();
        let facts = before.map(Condition::facts).unwrap_or_default();
        facts.into_iter().any(|fact| match fact {
            Fact::Done(decision) | Fact::EndedAs(decision, _) => {
                let mut appeals = self.procedure.appeals_decided_by(self.decider);
                appeals.any(|(_, appeal)| appeal.is_against(decision))
            }
            Fact::First(_) | Fact::Final(_) | Fact::Lapsed(_) | Fact::PenaltyEnded(_) => false,
        })
    }

    fn condition(&mut self, condition: &Condition) -> bool {
        match condition {
            Condition::Always => false,
            // It comes by nothing but a lapse, or as what another step owes.
            Condition::Never => true,
            Condition::Fact(fact) => self.fact(*fact),
            Condition::All(parts) => parts.iter().any(|part| self.condition(part)),
            Condition::Any(parts) | Condition::Applicable(parts) => {
                parts.iter().all(|part| self.condition(part))
            }
            Condition::AtLeast(wanted, parts) => {
                parts.iter().filter(|part| !self.condition(part)).count() < *wanted
            }
        }
    }

    fn fact(&mut self, fact: Fact) -> bool {
        match fact {
            Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _) | Fact::Final(step) => {
                self.step(step)
            }
            Fact::Lapsed(deadline) | Fact::PenaltyEnded(deadline) => self.deadline(deadline),
        }
    }

    fn deadline(&mut self, index: DeadlineIndex) -> bool {
        if !self.asked_deadlines.insert(index) {
            return true;
        }
        let rule = self.procedure.deadline(index);
        let needs = self.anchor(&rule.starts) || self.condition(&rule.once);
        self.asked_deadlines.remove(&index);
        needs
    }

    fn anchor(&mut self, anchor: &Anchor) -> bool {
        match anchor {
            Anchor::Event(StartEvent::Came(fact)) => self.fact(*fact),
            Anchor::Event(StartEvent::Due(step) | StartEvent::Form(step, _)) => self.step(*step),
            Anchor::Event(StartEvent::Sent(letter)) => {
                let (procedure, letter) = (self.procedure, &self.procedure.letter(*letter).name);
                let senders = procedure.steps().filter(|(step, _)| procedure.sends(*step, letter));
                let senders: Vec<StepIndex> = senders.map(|(step, _)| step).collect();
                !senders.is_empty() && senders.into_iter().all(|step| self.step(step))
            }
            Anchor::Event(StartEvent::Received | StartEvent::Opened | StartEvent::Data(_)) => false,
            Anchor::End(of) => self.deadline(*of),
            Anchor::Earliest(parts) => parts.iter().all(|part| self.anchor(part)),
            Anchor::Latest(parts) => parts.iter().any(|part| self.anchor(part)),
            Anchor::OrElse(of, otherwise) => self.anchor(of) && self.anchor(otherwise),
        }
    }
}
