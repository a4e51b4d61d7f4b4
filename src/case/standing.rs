//! Where each step of a case stands: the marking.
//!
//! It is derived from the facts of the case and the conditions of the procedure, never stored, so that it can't
//! disagree with them. A step is *ruled out* when what it comes after can no longer come true in this round: joins,
//! the question «why not?» and moving a case to other rules are then look-ups, not searches.

mod appeals;

use super::event::CloseCause;
use super::state::{Case, ClockRecord, Done, End, Opened, Status, StepRecord};
use crate::procedure::{
    Anchor, Condition, DeadlineIndex, Fact, Procedure, StartEvent, StepIndex, StepKind,
};
use crate::time::Instant;
use std::cell::OnceCell;

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
    /// What can still come, worked out when it is first asked.
    coming: OnceCell<Coming>,
}

/// What can still come in this round, by index.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Coming {
    steps: Vec<bool>,
    lapses: Vec<bool>,
}

impl<'a> Marking<'a> {
    /// Returns the marking of `case` under `procedure`.
    pub fn of(procedure: &'a Procedure, case: &'a Case) -> Self {
        Self { procedure, case, coming: OnceCell::new() }
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
            if record.cancelled_by.is_some() {
                return Standing::RuledOut;
            }
            if let Some(opened) = &record.opened {
                return self.standing_when_opened(index, opened);
            }
        }
        if self.may_come(index, None) { Standing::Idle } else { Standing::RuledOut }
    }

    fn standing_when_opened(&self, index: StepIndex, opened: &Opened) -> Standing {
        if opened.instances.iter().any(|instance| instance.end.is_none()) {
            if opened.duty { Standing::Due } else { Standing::Ready }
        } else if self.is_appeal(index) && opened.is_done() {
            if self.has_filing(index) { Standing::Done } else { Standing::Closed }
        } else if opened.is_done() {
            Standing::Done
        } else if self.is_barred(index) {
            Standing::RuledOut
        } else {
            Standing::Closed
        }
    }

    /// Whether a deadline has lapsed that closes the step, or the case has ended that was to decide it, so that it does
    /// not open again in this round.
    pub fn is_barred(&self, index: StepIndex) -> bool {
        self.is_closed_by_lapse(index) || self.is_past(index) || self.is_left_undecided(index)
    }

    fn is_closed_by_lapse(&self, index: StepIndex) -> bool {
        self.procedure.deadlines().any(|(deadline, rule)| {
            rule.lapse.closes.contains(&index) && self.lapsed_at(deadline).is_some()
        })
    }

    /// Whether the case that was to decide the step ended without a decision.
    pub fn is_left_undecided(&self, index: StepIndex) -> bool {
        let opened = self.record(index).and_then(|record| record.opened.as_ref());
        opened.is_some_and(|opened| {
            opened.instances.iter().any(|instance| {
                let end = instance.end.as_ref();
                matches!(end, Some(End::Closed { because: CloseCause::NotDecided { .. }, .. }))
            })
        })
    }

    /// Whether what the step had to come before has come.
    pub fn is_past(&self, index: StepIndex) -> bool {
        self.is_past_given(index, None)
    }

    fn is_past_given(&self, index: StepIndex, given: Option<&Coming>) -> bool {
        let before = self.procedure.step(index).before.as_ref();
        before.is_some_and(|before| self.truth_given(before, given) == Truth::True)
    }

    /// Returns a step that is a duty now, and as long as it is, `index` may not be done.
    pub fn blocked_by(&self, index: StepIndex) -> Option<StepIndex> {
        let due = |record: &StepRecord| {
            record.is_open() && record.opened.as_ref().is_some_and(|opened| opened.duty)
        };
        let mut blocking = self.procedure.steps().filter(|(_, step)| step.blocks.contains(&index));
        blocking.find(|(of, _)| self.record(*of).is_some_and(due)).map(|(of, _)| of)
    }

    /// Whether a condition is true. The same as asking [`Marking::truth`], and quicker.
    pub fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Always => true,
            Condition::Never => false,
            Condition::Fact(fact) => self.has_come(*fact),
            Condition::All(parts) => parts.iter().all(|part| self.holds(part)),
            Condition::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Condition::Applicable(_) => self.truth(condition) == Truth::True,
            Condition::AtLeast(wanted, parts) => {
                parts.iter().filter(|part| self.holds(part)).count() >= *wanted
            }
        }
    }

    /// Returns whether a condition is true, or can become so.
    pub fn truth(&self, condition: &Condition) -> Truth {
        self.truth_given(condition, None)
    }

    /// Returns whether a fact is true, or can become so.
    pub fn truth_of(&self, fact: Fact) -> Truth {
        self.truth_of_given(fact, None)
    }

    fn truth_given(&self, condition: &Condition, given: Option<&Coming>) -> Truth {
        let truths = |parts: &[Condition]| -> Vec<Truth> {
            parts.iter().map(|part| self.truth_given(part, given)).collect()
        };
        match condition {
            Condition::Always => Truth::True,
            Condition::Never => Truth::Impossible,
            Condition::Fact(fact) => self.truth_of_given(*fact, given),
            Condition::All(parts) => truths(parts).into_iter().min().unwrap_or(Truth::True),
            Condition::Any(parts) => truths(parts).into_iter().max().unwrap_or(Truth::Impossible),
            Condition::Applicable(parts) => {
                let still = truths(parts).into_iter().filter(|truth| *truth != Truth::Impossible);
                still.min().unwrap_or(Truth::Impossible)
            }
            Condition::AtLeast(wanted, parts) => {
                let truths = truths(parts);
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

    fn truth_of_given(&self, fact: Fact, given: Option<&Coming>) -> Truth {
        if self.has_come(fact) {
            return Truth::True;
        }
        let possible = match fact {
            Fact::Done(step) | Fact::First(step) => self.may_come(step, given),
            // An act that is possible at any time may be done again and end otherwise.
            Fact::EndedAs(step, _) if self.is_at_any_time(step) => self.may_come(step, given),
            Fact::EndedAs(step, _) => !self.is_done(step) && self.may_come(step, given),
            Fact::Final(step) => self.is_done(step) || self.may_come(step, given),
            Fact::Lapsed(deadline) => self.may_lapse(deadline, given),
            Fact::PenaltyEnded(deadline) => self.penalty_may_end(deadline, given),
        };
        if possible { Truth::Possible } else { Truth::Impossible }
    }

    fn has_come(&self, fact: Fact) -> bool {
        match fact {
            Fact::Done(step) => self.is_done(step),
            Fact::First(step) => self.first_at(step).is_some(),
            Fact::EndedAs(step, outcome) => {
                let wanted = self.procedure.step(step).outcomes.get(outcome.get());
                let wanted = wanted.map(|outcome| &outcome.name);
                self.is_done(step)
                    && self
                        .done(step)
                        .any(|done| wanted.is_some() && done.outcome.as_ref() == wanted)
            }
            Fact::Final(step) => {
                self.record(step).is_some_and(|record| record.became_final.is_some())
            }
            Fact::Lapsed(deadline) => self.lapsed_at(deadline).is_some(),
            Fact::PenaltyEnded(deadline) => self.penalty_ended_at(deadline).is_some(),
        }
    }

    /// Returns when the penalty for a delay was known in full, if one is owed.
    fn penalty_ended_at(&self, deadline: DeadlineIndex) -> Option<Instant> {
        let penalties = self.clocks_of(deadline).filter_map(|record| record.penalty.as_ref());
        let ends = penalties.filter_map(|penalty| penalty.ended);
        ends.filter(|end| end.days > 0).map(|end| end.at).min()
    }

    fn penalty_may_end(&self, deadline: DeadlineIndex, given: Option<&Coming>) -> bool {
        if self.procedure.deadline(deadline).penalty.is_none() {
            return false;
        }
        let accrues = self.clocks_of(deadline).any(ClockRecord::accrues);
        accrues || self.lapsed_at(deadline).is_none() && self.may_lapse(deadline, given)
    }

    fn clocks_of(&self, deadline: DeadlineIndex) -> impl Iterator<Item = &'a ClockRecord> {
        let name = &self.procedure.deadline(deadline).name;
        let clocks = self.case.clocks.iter().filter(move |(clock, _)| clock.deadline == *name);
        clocks.map(|(_, record)| record)
    }

    fn is_at_any_time(&self, index: StepIndex) -> bool {
        self.procedure.step(index).kind == StepKind::AtAnyTime
    }

    fn is_done(&self, index: StepIndex) -> bool {
        if self.is_appeal(index) {
            return self.is_filed(index);
        }
        let acted = |record: &StepRecord| {
            !record.acts.is_empty() && self.procedure.step(index).each.is_none()
        };
        self.record(index).is_some_and(|record| record.is_done() || acted(record))
    }

    /// Returns when a fact came about, if it has.
    pub fn came_at(&self, fact: Fact) -> Option<Instant> {
        if !self.has_come(fact) {
            return None;
        }
        match fact {
            Fact::Done(step) | Fact::EndedAs(step, _) => self.done_at(step),
            Fact::First(step) => self.first_at(step),
            Fact::Final(step) => {
                self.record(step)?.became_final.as_ref().map(|finality| finality.at)
            }
            Fact::Lapsed(deadline) => self.lapsed_at(deadline),
            Fact::PenaltyEnded(deadline) => self.penalty_ended_at(deadline),
        }
    }

    /// Returns when the first of several did a step in this round: filed an appeal that he did not take back, or did
    /// his item of the list.
    fn first_at(&self, step: StepIndex) -> Option<Instant> {
        if self.is_appeal(step) {
            return self.filings(step).map(|done| done.at).min();
        }
        self.done(step).map(|done| done.at).min()
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

    /// Returns when a deadline lapsed, the first of its clocks; of one that recurs, the first of its periods.
    pub fn lapsed_at(&self, deadline: DeadlineIndex) -> Option<Instant> {
        let rule = self.procedure.deadline(deadline);
        let earlier = self
            .case
            .earlier_clocks
            .iter()
            .filter(|(clock, _)| rule.recurs.is_some() && clock.deadline == rule.name);
        let clocks = self.clocks_of(deadline).chain(earlier.map(|(_, record)| record));
        clocks.filter_map(|record| record.lapsed.map(|(at, _)| at)).min()
    }

    fn record(&self, index: StepIndex) -> Option<&'a StepRecord> {
        self.case.step(&self.procedure.step(index).name)
    }

    fn done(&self, index: StepIndex) -> impl Iterator<Item = &'a Done> {
        let record = self.record(index);
        let in_course = record.and_then(|record| record.opened.as_ref()).map(Opened::done);
        in_course.into_iter().flatten().chain(record.into_iter().flat_map(|record| &record.acts))
    }

    /// Whether a step that is not done can still be done in this round.
    fn may_come(&self, index: StepIndex, given: Option<&Coming>) -> bool {
        let coming = given.unwrap_or_else(|| self.coming());
        coming.steps.get(index.get()).copied().unwrap_or(false)
    }

    /// Whether a deadline that has not lapsed can still do so.
    fn may_lapse(&self, index: DeadlineIndex, given: Option<&Coming>) -> bool {
        let coming = given.unwrap_or_else(|| self.coming());
        coming.lapses.get(index.get()).copied().unwrap_or(false)
    }

    /// Works out what can still come: at first nothing can, and then, again and again, whatever can come if that can.
    ///
    /// What waits for itself alone never comes. That more can come never makes less possible, so this ends, and the
    /// order in which it is asked makes no difference.
    fn coming(&self) -> &Coming {
        self.coming.get_or_init(|| {
            let mut coming = Coming {
                steps: vec![false; self.procedure.steps.len()],
                lapses: vec![false; self.procedure.deadlines.len()],
            };
            loop {
                let before = coming.clone();
                for (index, _) in self.procedure.steps() {
                    let may = self.step_comes_given(index, &coming);
                    if let Some(entry) = coming.steps.get_mut(index.get()) {
                        *entry |= may;
                    }
                }
                for (index, _) in self.procedure.deadlines() {
                    let may = self.lapse_comes_given(index, &coming);
                    if let Some(entry) = coming.lapses.get_mut(index.get()) {
                        *entry |= may;
                    }
                }
                if coming == before {
                    return coming;
                }
            }
        })
    }

    fn step_comes_given(&self, index: StepIndex, coming: &Coming) -> bool {
        let step = self.procedure.step(index);
        if step.kind == StepKind::AtAnyTime {
            return self.case.status == Status::Open;
        }
        if let Some(record) = self.record(index) {
            if record.skipped || record.cancelled_by.is_some() {
                return false;
            }
            if record.is_open() {
                return true;
            }
            // What was withdrawn is not filed again.
            if record.is_done() && self.is_appeal(index) {
                return false;
            }
        }
        let lives = match self.case.status {
            Status::Open => true,
            Status::Ended { .. } => step.outlives_the_case(),
            Status::Archived { .. } => false,
        };
        let past = self.is_past_given(index, Some(coming));
        if !lives || past || self.is_closed_by_lapse(index) || self.is_left_undecided(index) {
            return false;
        }
        let comes = |of: StepIndex| coming.steps.get(of.get()).copied().unwrap_or(false);
        if self.procedure.owing(index).any(comes) {
            return true;
        }
        let mut opening = self.procedure.deadlines();
        self.truth_given(&step.after, Some(coming)) != Truth::Impossible
            || opening.any(|(deadline, rule)| {
                rule.lapse.opens.contains(&index)
                    && self.truth_of_given(Fact::Lapsed(deadline), Some(coming))
                        != Truth::Impossible
            })
    }

    fn lapse_comes_given(&self, index: DeadlineIndex, coming: &Coming) -> bool {
        let rule = self.procedure.deadline(index);
        let mut clocks =
            self.case.clocks.iter().filter(|(clock, _)| clock.deadline == rule.name).peekable();
        let started = clocks.peek().is_some();
        if clocks.any(|(_, record)| record.end.is_none()) {
            return true;
        }
        if rule.of_step.is_none() && self.case.status != Status::Open {
            return false;
        }
        // What it asks was done before it could begin.
        if rule.of_step.is_none() && rule.recurs.is_none() && self.holds(&rule.met_by) {
            return false;
        }
        // A clock goes on once it has started: only one that has not waits for more than what it counts from.
        let held = !started && self.truth_given(&rule.once, Some(coming)) == Truth::Impossible;
        !held && self.begins_given(&rule.starts, started, coming)
    }

    /// Whether a clock that has not started can still start, or one that is over can start again.
    fn begins_given(&self, anchor: &Anchor, started: bool, coming: &Coming) -> bool {
        let begins = |part: &Anchor, started| self.begins_given(part, started, coming);
        let acts_again = |step: StepIndex| self.may_come(step, Some(coming));
        match anchor {
            // A clock that is over begins anew when its step is opened again.
            Anchor::Event(StartEvent::Due(step)) => !self.is_done(*step) && acts_again(*step),
            Anchor::Event(
                StartEvent::Came(Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _))
                | StartEvent::Form(step, _),
            ) if self.is_at_any_time(*step) => acts_again(*step),
            Anchor::Event(StartEvent::Received | StartEvent::Opened) => !started,
            Anchor::Event(StartEvent::Data(field)) => !started && self.may_be_known(field, coming),
            // A step that was done without the date gives none any more.
            Anchor::Event(StartEvent::Form(step, field)) if self.is_done(*step) => {
                let done = self.record(*step).and_then(StepRecord::last_done);
                !started && done.is_some_and(|done| done.form.contains_key(field))
            }
            Anchor::Event(StartEvent::Form(step, _)) => !started && acts_again(*step),
            Anchor::Event(StartEvent::Sent(letter)) => {
                let name = &self.procedure.letter(*letter).name;
                let made = self.case.to_send.iter().any(|made| made.letter == *name);
                let mut senders =
                    self.procedure.steps().filter(|(step, _)| self.procedure.sends(*step, name));
                !started
                    && (made || senders.any(|(step, _)| self.is_done(step) || acts_again(step)))
            }
            Anchor::Event(StartEvent::Came(fact)) => {
                !started && self.truth_of_given(*fact, Some(coming)) != Truth::Impossible
            }
            Anchor::End(of) => {
                let exists = self.clocks_of(*of).next().is_some();
                !started && (exists || self.may_lapse(*of, Some(coming)))
            }
            Anchor::Earliest(parts) => parts.iter().any(|part| begins(part, started)),
            Anchor::Latest(parts) if started => parts.iter().any(|part| begins(part, true)),
            Anchor::Latest(parts) => parts.iter().all(|part| begins(part, false)),
            Anchor::OrElse(of, otherwise) => begins(of, started) || begins(otherwise, started),
        }
    }

    /// Whether a field of the case data is known, or a step can still give it.
    fn may_be_known(&self, field: &str, coming: &Coming) -> bool {
        let gives =
            |index: StepIndex| self.procedure.step(index).supplies.iter().any(|f| f == field);
        self.case.data.contains_key(field)
            || self.procedure.steps().any(|(index, _)| {
                let again = self.is_at_any_time(index) || !self.is_done(index);
                gives(index) && again && self.may_come(index, Some(coming))
            })
    }

    /// Returns the facts that a condition still waits for, in the order of the text.
    pub fn waits_for(&self, condition: &Condition) -> Vec<Fact> {
        let mut facts = condition.facts();
        facts.retain(|fact| self.truth_of(*fact) == Truth::Possible);
        facts.dedup();
        facts
    }

    /// Returns what a step still waits for: what it comes after, or else the lapses that open it and the steps that owe
    /// it.
    pub fn step_waits_for(&self, index: StepIndex) -> Vec<Fact> {
        let waits = self.waits_for(&self.procedure.step(index).after);
        if !waits.is_empty() {
            return waits;
        }
        let lapses =
            self.procedure.deadlines().filter(|(_, rule)| rule.lapse.opens.contains(&index));
        let lapses = lapses.map(|(deadline, _)| Fact::Lapsed(deadline));
        let owing = self.procedure.owing(index).map(Fact::Done);
        let mut facts: Vec<Fact> = lapses.chain(owing).collect();
        facts.retain(|fact| self.truth_of(*fact) == Truth::Possible);
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
