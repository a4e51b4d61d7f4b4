//! Where each step of a case stands: the marking.
//!
//! It is derived from the facts of the case and the conditions of the procedure, never stored, so that it can't
//! disagree with them. A step is *ruled out* when what it comes after can no longer come true in this round: joins,
//! the question «why not?» and moving a case to other rules are then look-ups, not searches.

use super::state::{Case, ClockEnd, Done, End, Opened, Status, StepRecord};
use crate::procedure::{
    Anchor, Condition, DeadlineIndex, Fact, Late, Procedure, StepIndex, StepKind,
};
use crate::time::Instant;
use std::cell::RefCell;

/// Whether a condition is true, and if not, whether it can still become so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It can't come true any more in this round.
    Impossible,
    /// It is not true, and may become so.
    Possible,
    /// It is true.
    True,
}

/// Where a step stands in this round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What it comes after is still to come.
    Idle,
    /// It may be done: a right.
    Ready,
    /// It must be done: a duty.
    Due,
    /// It was done.
    Done,
    /// It was passed over, since its `when` was not true.
    Skipped,
    /// It was open and is no longer possible.
    Closed,
    /// It can't come any more.
    RuledOut,
}

impl Standing {
    /// Whether it may be done now.
    pub fn is_open(self) -> bool {
        matches!(self, Standing::Ready | Standing::Due)
    }

    /// Returns the word that scenarios and exports use.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Idle => "idle",
            Standing::Ready => "ready",
            Standing::Due => "due",
            Standing::Done => "done",
            Standing::Skipped => "skipped",
            Standing::Closed => "closed",
            Standing::RuledOut => "ruled-out",
        }
    }
}

/// The marking of one case: answers where each step stands.
pub struct Marking<'a> {
    procedure: &'a Procedure,
    case: &'a Case,
    /// What is known of whether each step can still be done; `Some(None)` while it is being worked out.
    can_come: RefCell<Vec<Option<Option<Truth>>>>,
}

impl<'a> Marking<'a> {
    /// Returns the marking of `case` under `procedure`.
    pub fn of(procedure: &'a Procedure, case: &'a Case) -> Self {
        Self { procedure, case, can_come: RefCell::new(vec![None; procedure.steps.len()]) }
    }

    /// Returns where a step stands.
    pub fn standing(&self, index: StepIndex) -> Standing {
        let step = self.procedure.step(index);
        let record = self.record(index);
        if step.kind == StepKind::AtAnyTime {
            return if self.case.is_open() { Standing::Ready } else { Standing::Closed };
        }
        if let Some(record) = record {
            if record.skipped {
                return Standing::Skipped;
            }
            if let Some(opened) = &record.opened {
                return self.standing_when_opened(index, opened);
            }
        }
        match self.can_come(index) {
            Truth::Impossible => Standing::RuledOut,
            Truth::Possible | Truth::True => Standing::Idle,
        }
    }

    fn standing_when_opened(&self, index: StepIndex, opened: &Opened) -> Standing {
        if opened.instances.iter().any(|instance| instance.end.is_none()) {
            if opened.duty { Standing::Due } else { Standing::Ready }
        } else if opened.is_done() {
            Standing::Done
        } else if self.is_barred(index) {
            Standing::RuledOut
        } else {
            Standing::Closed
        }
    }

    /// Whether a deadline has lapsed that closes the step, so that it does not open again in this round.
    fn is_barred(&self, index: StepIndex) -> bool {
        self.procedure.deadlines().any(|(deadline, rule)| {
            rule.lapse.closes.contains(&index) && self.lapsed_at(deadline).is_some()
        })
    }

    /// Returns whether a condition is true, or can become so.
    pub fn truth(&self, condition: &Condition) -> Truth {
        match condition {
            Condition::Always => Truth::True,
            Condition::Fact(fact) => self.truth_of(*fact),
            Condition::All(parts) => {
                parts.iter().map(|part| self.truth(part)).min().unwrap_or(Truth::True)
            }
            Condition::Any(parts) => {
                parts.iter().map(|part| self.truth(part)).max().unwrap_or(Truth::Impossible)
            }
            Condition::Applicable(parts) => {
                let still = parts.iter().map(|part| self.truth(part));
                still.filter(|truth| *truth != Truth::Impossible).min().unwrap_or(Truth::Impossible)
            }
            Condition::AtLeast(wanted, parts) => {
                let truths: Vec<Truth> = parts.iter().map(|part| self.truth(part)).collect();
                let so_far = truths.iter().filter(|truth| **truth == Truth::True).count();
                let at_most = truths.iter().filter(|truth| **truth != Truth::Impossible).count();
                if so_far >= *wanted {
                    Truth::True
                } else if at_most >= *wanted {
                    Truth::Possible
                } else {
                    Truth::Impossible
                }
            }
        }
    }

    /// Returns whether a fact is true, or can become so.
    pub fn truth_of(&self, fact: Fact) -> Truth {
        match fact {
            Fact::Done(step) => self.truth_of_done(step),
            Fact::EndedAs(step, outcome) => {
                let wanted = &self.procedure.step(step).outcomes[outcome.get()].name;
                let mut ends = self.done(step).map(|done| done.outcome.as_ref());
                match self.truth_of_done(step) {
                    Truth::True if ends.any(|end| end == Some(wanted)) => Truth::True,
                    Truth::True => Truth::Impossible,
                    other => other,
                }
            }
            Fact::Final(step) => {
                if self.record(step).is_some_and(|record| record.became_final.is_some()) {
                    Truth::True
                } else {
                    self.truth_of_done(step).min(Truth::Possible)
                }
            }
            Fact::Lapsed(deadline) => self.truth_of_lapse(deadline),
        }
    }

    /// Returns when a fact came about, if it has.
    pub fn came_at(&self, fact: Fact) -> Option<Instant> {
        if self.truth_of(fact) != Truth::True {
            return None;
        }
        match fact {
            Fact::Done(step) | Fact::EndedAs(step, _) => self.done_at(step),
            Fact::Final(step) => {
                self.record(step)?.became_final.as_ref().map(|finality| finality.at)
            }
            Fact::Lapsed(deadline) => self.lapsed_at(deadline),
        }
    }

    /// Returns when a step was done in this round, if it was.
    pub fn done_at(&self, step: StepIndex) -> Option<Instant> {
        let record = self.record(step)?;
        record
            .opened
            .as_ref()
            .and_then(Opened::done_at)
            .or_else(|| record.acts.last().map(|act| act.at))
    }

    /// Returns when a deadline lapsed, the first of its clocks.
    pub fn lapsed_at(&self, deadline: DeadlineIndex) -> Option<Instant> {
        let name = &self.procedure.deadline(deadline).name;
        let clocks = self.case.clocks.iter().filter(|(clock, _)| clock.deadline == *name);
        clocks.filter_map(|(_, record)| record.lapsed.map(|(at, _)| at)).min()
    }

    fn record(&self, index: StepIndex) -> Option<&'a StepRecord> {
        self.case.step(&self.procedure.step(index).name)
    }

    fn done(&self, index: StepIndex) -> impl Iterator<Item = &'a Done> {
        let record = self.record(index);
        let in_course = record.and_then(|record| record.opened.as_ref()).map(Opened::done);
        in_course.into_iter().flatten().chain(record.into_iter().flat_map(|record| &record.acts))
    }

    fn truth_of_done(&self, index: StepIndex) -> Truth {
        let record = self.record(index);
        if record.is_some_and(|record| record.is_done() || !record.acts.is_empty()) {
            Truth::True
        } else {
            self.can_come(index)
        }
    }

    /// Returns whether a step that is not done can still be done in this round.
    fn can_come(&self, index: StepIndex) -> Truth {
        if let Some(known) = self.can_come.borrow().get(index.get()).copied().flatten() {
            // A step that waits for itself never comes.
            return known.unwrap_or(Truth::Impossible);
        }
        self.remember(index, None);
        let truth = self.work_out_whether_it_can_come(index);
        self.remember(index, Some(truth));
        truth
    }

    fn remember(&self, index: StepIndex, truth: Option<Truth>) {
        if let Some(entry) = self.can_come.borrow_mut().get_mut(index.get()) {
            *entry = Some(truth);
        }
    }

    fn work_out_whether_it_can_come(&self, index: StepIndex) -> Truth {
        let step = self.procedure.step(index);
        if self.case.status != Status::Open && !step.follow_up {
            return Truth::Impossible;
        }
        if step.kind == StepKind::AtAnyTime {
            return Truth::Possible;
        }
        if let Some(record) = self.record(index) {
            if record.skipped {
                return Truth::Impossible;
            }
            if record.is_open() {
                return Truth::Possible;
            }
        }
        if self.is_barred(index) {
            return Truth::Impossible;
        }
        let by_course = self.truth(&step.after).min(Truth::Possible);
        let by_lapse =
            self.procedure.deadlines().filter(|(_, rule)| rule.lapse.opens.contains(&index));
        by_lapse
            .map(|(deadline, _)| self.truth_of_lapse(deadline).min(Truth::Possible))
            .chain([by_course])
            .max()
            .unwrap_or(Truth::Impossible)
    }

    fn truth_of_lapse(&self, deadline: DeadlineIndex) -> Truth {
        if self.lapsed_at(deadline).is_some() {
            return Truth::True;
        }
        let rule = self.procedure.deadline(deadline);
        let mut clocks =
            self.case.clocks.iter().filter(|(clock, _)| clock.deadline == rule.name).peekable();
        if clocks.peek().is_some() {
            let over = clocks.all(|(_, record)| match &record.end {
                Some(ClockEnd::Met { .. } | ClockEnd::Cancelled { .. }) => true,
                None => false,
            });
            // A clock that is over begins anew when its step is opened again.
            let again = match rule.starts {
                Anchor::Due(step) if over => self.may_reopen(step),
                Anchor::Due(_) | Anchor::Received | Anchor::Opened | Anchor::Came(_) => false,
            };
            return if over && !again { Truth::Impossible } else { Truth::Possible };
        }
        match rule.starts {
            Anchor::Received | Anchor::Opened => Truth::Possible,
            Anchor::Due(step) => self.can_come(step),
            Anchor::Came(fact) => self.truth_of(fact).min(Truth::Possible),
        }
    }

    fn may_reopen(&self, step: StepIndex) -> bool {
        let record = self.record(step);
        record.is_none_or(|record| record.opened.is_none())
            && self.can_come(step) != Truth::Impossible
    }

    /// Whether an appeal is pending that holds the step.
    pub fn is_suspended(&self, index: StepIndex) -> Option<StepIndex> {
        let appeals = self.procedure.step(index).suspended_by.iter().copied();
        appeals.into_iter().find(|appeal| self.is_pending(*appeal))
    }

    /// Whether an appeal was filed and is not decided.
    pub fn is_pending(&self, appeal: StepIndex) -> bool {
        let StepKind::Appeal(rule) = &self.procedure.step(appeal).kind else { return false };
        let filed = self.record(appeal).is_some_and(StepRecord::is_done);
        filed && !self.record(rule.decided_by).is_some_and(StepRecord::is_done)
    }

    /// Whether the window of an appeal has passed without a filing, or it can't come at all.
    pub fn is_forgone(&self, appeal: StepIndex) -> bool {
        let StepKind::Appeal(rule) = &self.procedure.step(appeal).kind else { return false };
        let filed = self.record(appeal).is_some_and(StepRecord::is_done);
        let passed = self.lapsed_at_in_round(rule.window);
        !filed
            && (passed || matches!(self.standing(appeal), Standing::Skipped | Standing::RuledOut))
    }

    fn lapsed_at_in_round(&self, window: DeadlineIndex) -> bool {
        let name = &self.procedure.deadline(window).name;
        let mut clocks = self.case.clocks.iter().filter(|(clock, _)| clock.deadline == *name);
        clocks.any(|(_, record)| record.lapsed.is_some())
    }

    /// Whether an appeal that is filed now is too late: its window has passed.
    pub fn is_late(&self, appeal: StepIndex) -> bool {
        match &self.procedure.step(appeal).kind {
            StepKind::Appeal(rule) => self.lapsed_at_in_round(rule.window),
            StepKind::InCourse | StepKind::AtAnyTime => false,
        }
    }

    /// Whether a late appeal is still taken in.
    pub fn admits_late(&self, appeal: StepIndex) -> bool {
        match &self.procedure.step(appeal).kind {
            StepKind::Appeal(rule) => rule.late == Late::Admit,
            StepKind::InCourse | StepKind::AtAnyTime => false,
        }
    }

    /// Returns the facts that a condition still waits for, in the order of the text.
    pub fn waits_for(&self, condition: &Condition) -> Vec<Fact> {
        let mut facts = condition.facts();
        facts.retain(|fact| self.truth_of(*fact) == Truth::Possible);
        facts.dedup();
        facts
    }

    /// Returns the facts of a condition that can't come any more, in the order of the text.
    pub fn missed(&self, condition: &Condition) -> Vec<Fact> {
        let mut facts = condition.facts();
        facts.retain(|fact| self.truth_of(*fact) == Truth::Impossible);
        facts.dedup();
        facts
    }

    /// Returns the items of a step's instances that are still to be done.
    pub fn open_items(&self, index: StepIndex) -> Vec<Option<&'a str>> {
        let opened = self.record(index).and_then(|record| record.opened.as_ref());
        let instances = opened.into_iter().flat_map(|opened| &opened.instances);
        instances
            .filter(|instance| !matches!(instance.end, Some(End::Done(_) | End::Closed { .. })))
            .map(|instance| instance.item.as_deref())
            .collect()
    }
}
