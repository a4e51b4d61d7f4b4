//! When that came from which clocks run: events of the case, dates in its data and forms, the ends of other clocks.

use super::clock;
use super::event::{Addressee, Clock};
use super::standing::Marking;
use super::state::{Case, ClockEnd, ClockRecord, InstanceRecord, LetterRecord, StepRecord};
use crate::procedure::{
    Anchor, Deadline, DeadlineIndex, Fact, Name, Procedure, ReturnTo, StartEvent, StepIndex,
    StepKind,
};
use crate::time::{Came, Date, Instant, parse_date};
use serde_json::Value;

/// Returns when an anchor came, if it has.
///
/// `running` is the clock that counts from it already, if one does. An act that is possible at any time and was done
/// again does not move that clock: it goes on from the act with which it began.
pub(super) fn came(
    procedure: &Procedure,
    case: &Case,
    anchor: &Anchor,
    running: Option<&ClockRecord>,
) -> Option<Came> {
    let asked = Asked { procedure, case, running };
    anchor.came(&|event| asked.event(event), &|deadline| asked.end(*deadline))
}

/// Returns the instant from which the clock of a deadline is counted, if its start has come.
pub(super) fn starts_at(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    running: Option<&ClockRecord>,
) -> Option<Instant> {
    let came = came(procedure, case, &rule.starts, running)?;
    Some(came.counted_from(rule.within.unit(), &procedure.zone))
}

/// Returns the instant from which the window of an appeal runs: the sending of the latest decision that it lies
/// against, to the one whose right it is. Against inaction no window runs, nor before a letter that is made was sent.
pub(super) fn window(
    procedure: &Procedure,
    case: &Case,
    appeal: StepIndex,
    instance: &InstanceRecord,
) -> Option<Instant> {
    let marking = Marking::of(procedure, case);
    let lies = marking.lies_against(appeal);
    let mut decisions = lies.iter().filter_map(|against| against.decision()).peekable();
    decisions.peek()?;
    let sent = |decision| sent_at(procedure, case, decision, appeal, instance.item.as_deref());
    decisions.map(sent).collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Returns when a decision was sent to the one who may appeal; when it was taken, where no letter goes out.
fn sent_at(
    procedure: &Procedure,
    case: &Case,
    decision: StepIndex,
    appeal: StepIndex,
    person: Option<&str>,
) -> Option<Instant> {
    let step = procedure.step(decision);
    let done_at = Marking::of(procedure, case).done_at(decision)?;
    let done = case.step(&step.name).and_then(StepRecord::last_done);
    let outcome = done.and_then(|done| done.outcome.as_ref());
    let outcome = outcome.and_then(|outcome| step.outcome(outcome.as_str()));
    let letter = outcome.and_then(|outcome| outcome.letter.as_ref()).or(step.letter.as_ref());
    if letter.is_none() || done.is_none_or(|done| done.deemed) {
        return Some(done_at);
    }
    let may = |role: &Name| {
        procedure.step(appeal).who.iter().any(|may| procedure.role(*may).name == *role)
    };
    let is_meant = |to: &Addressee| match person {
        Some(person) => to.person.as_str() == person,
        None => may(&to.role),
    };
    let letters = || case.letters.iter().filter(|l| l.of == step.name && l.at >= done_at);
    let dates = letters().flat_map(|letter| {
        let to = letter.addressees.iter().filter(|to| !to.copy && is_meant(to));
        to.filter_map(|to| match to.sent_on {
            Some(day) => procedure.zone.start_of_day(day).ok(),
            None => Some(letter.at),
        })
    });
    let last = dates.max();
    // His letter was made and still lies there: that it went to another begins nothing for him.
    let lies_there = case.to_send.iter().filter(|made| made.of == step.name);
    let mut meant = lies_there.flat_map(|made| &made.addressees).filter(|to| !to.copy);
    if last.is_none() && meant.any(is_meant) {
        return None;
    }
    // Who is no addressee counts from the day on which it went to the others.
    last.or_else(|| letters().map(|letter| letter.at).min())
}

/// Whether a clock counts from the end of another that stands still, so that its own date is not known.
pub(super) fn is_open_ended(procedure: &Procedure, case: &Case, rule: &Deadline) -> bool {
    let mut ends = rule.anchors().flat_map(|anchor| anchor.ends());
    ends.any(|end| {
        clocks(procedure, case, *end).any(|record| record.is_running() && record.is_paused())
    })
}

fn clocks<'a>(
    procedure: &'a Procedure,
    case: &'a Case,
    deadline: DeadlineIndex,
) -> impl Iterator<Item = &'a ClockRecord> {
    let name = &procedure.deadline(deadline).name;
    let of_deadline =
        case.clocks.iter().filter(move |(clock, _): &(&Clock, _)| clock.deadline == *name);
    of_deadline.map(|(_, record)| record)
}

struct Asked<'a> {
    procedure: &'a Procedure,
    case: &'a Case,
    running: Option<&'a ClockRecord>,
}

impl Asked<'_> {
    fn at(&self, at: Instant) -> Came {
        Came { at, on: self.procedure.zone.local_date(at) }
    }

    fn on(&self, on: Date) -> Option<Came> {
        Some(Came { at: self.procedure.zone.start_of_day(on).ok()?, on })
    }

    /// Returns from when a clock counts that counts from the beginning of the case. In a case that was reopened that is the
    /// reopening, for a clock that began since.
    fn of_this_run(&self, began: Instant) -> Instant {
        let earlier = |again| self.running.is_some_and(|running| running.started_at < again);
        match self.case.reopened_at {
            Some(again) if !earlier(again) => began.max(again),
            Some(_) | None => began,
        }
    }

    fn event(&self, event: &StartEvent) -> Option<Came> {
        let opening = self.case.opening.as_ref()?;
        match event {
            StartEvent::Received => Some(self.at(self.of_this_run(opening.received_at))),
            StartEvent::Opened => Some(self.at(self.of_this_run(opening.opened_at))),
            StartEvent::Due(step) => {
                let record = self.case.step(&self.procedure.step(*step).name)?;
                Some(self.at(record.opened.as_ref()?.at))
            }
            StartEvent::Data(field) => self.date(self.case.data.get(field)),
            StartEvent::Form(step, field) => {
                let record = self.case.step(&self.procedure.step(*step).name);
                let done = record.and_then(StepRecord::last_done)?;
                self.date(done.form.get(field))
            }
            StartEvent::Came(fact) => self.fact(*fact),
            StartEvent::Sent(letter) => self.sent(&self.procedure.letter(*letter).name),
        }
    }

    /// Returns when a letter went to the last of its addressees, in the present round of what it belongs to.
    fn sent(&self, letter: &Name) -> Option<Came> {
        let counts = |record: &&LetterRecord| {
            let step = self.case.step(&record.of).filter(|step| step.acts.is_empty());
            let began = step.map(|step| step.opened.as_ref().map(|opened| opened.at));
            record.letter == *letter && began.is_none_or(|at| at.is_some_and(|at| at <= record.at))
        };
        let days = self.case.letters.iter().filter(counts).flat_map(|record| {
            let to = record.addressees.iter().filter(|to| !to.copy);
            let days = to.map(|to| record.sent_on(to, &self.procedure.zone));
            let whole =
                record.addressees.is_empty().then(|| self.procedure.zone.local_date(record.at));
            days.chain(whole).collect::<Vec<_>>()
        });
        self.on(days.max()?)
    }

    fn date(&self, value: Option<&Value>) -> Option<Came> {
        self.on(parse_date(value?.as_str()?).ok()?)
    }

    fn fact(&self, fact: Fact) -> Option<Came> {
        let came_at = Marking::of(self.procedure, self.case).came_at(fact);
        let came_at = came_at.or_else(|| self.sent_back_at(fact))?;
        match fact {
            Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _) => {
                let rule = self.procedure.step(step);
                let acts = self.case.step(&rule.name).into_iter().flat_map(|record| &record.acts);
                let began = self.running.filter(|_| rule.kind == StepKind::AtAnyTime);
                let same = began
                    .and_then(|running| acts.map(|act| act.at).find(|at| *at == running.starts_at));
                Some(self.at(same.unwrap_or(came_at)))
            }
            Fact::Final(_) => Some(self.at(came_at)),
            // What is over at midnight was over with the day before.
            Fact::Lapsed(deadline) => {
                let lapsed = clocks(self.procedure, self.case, deadline).filter_map(|r| r.lapsed);
                let last_day = lapsed.min().map(|(_, last_day)| last_day);
                Some(Came { at: came_at, on: last_day.unwrap_or(self.at(came_at).on) })
            }
            Fact::PenaltyEnded(deadline) => {
                let penalties = clocks(self.procedure, self.case, deadline)
                    .filter_map(|record| record.penalty.as_ref());
                let last_days = penalties.filter_map(|penalty| {
                    let days = chrono::Days::new(u64::from(penalty.ended?.days));
                    penalty.last_day.checked_add_days(days)
                });
                Some(Came { at: came_at, on: last_days.min().unwrap_or(self.at(came_at).on) })
            }
        }
    }

    /// Returns when a step was done that sent the case back, and by that itself waits for its turn again: what it started
    /// runs, until the case goes back once more.
    fn sent_back_at(&self, fact: Fact) -> Option<Instant> {
        let (index, outcome) = match fact {
            Fact::Done(step) => (step, None),
            Fact::EndedAs(step, outcome) => (step, Some(outcome)),
            Fact::First(_) | Fact::Final(_) | Fact::Lapsed(_) | Fact::PenaltyEnded(_) => {
                return None;
            }
        };
        let last_done = |index: StepIndex| {
            let record = self.case.step(&self.procedure.step(index).name)?;
            record.earlier.last()?.done().last()
        };
        let done = last_done(index)?;
        let step = self.procedure.step(index);
        let wanted = outcome.and_then(|outcome| step.outcomes.get(outcome.get()));
        if wanted.is_some_and(|wanted| done.outcome.as_ref() != Some(&wanted.name)) {
            return None;
        }
        let ways = self.procedure.ways_back(index);
        let stands = |back: &&ReturnTo| {
            back.step != index && last_done(back.step).is_some_and(|was| was.at <= done.at)
        };
        ways.iter().any(stands).then_some(done.at)
    }

    /// Returns when a deadline ends, met or not; nothing while that is not known.
    fn end(&self, deadline: DeadlineIndex) -> Option<Came> {
        let rule = self.procedure.deadline(deadline);
        let counted = |record: &ClockRecord| {
            let end = clock::reckon(self.procedure, self.case, rule, record, None).ok()?;
            Some(Came { at: end.ends_at, on: end.last_day })
        };
        let recorded = |last_day: Date| {
            let at = self.procedure.zone.start_of_day(last_day.succ_opt()?).ok()?;
            Some(Came { at, on: last_day })
        };
        let end = |record: &ClockRecord| match (&record.end, record.lapsed) {
            (Some(ClockEnd::Cancelled { .. }), _) => None,
            (Some(ClockEnd::Met { .. }), _) | (None, Some(_)) if rule.within.is_in_hours() => {
                counted(record)
            }
            (Some(ClockEnd::Met { last_day, .. }), _) => recorded(*last_day),
            (None, Some((_, last_day))) => recorded(last_day),
            (None, None) if record.is_paused() => None,
            (None, None) => counted(record),
        };
        clocks(self.procedure, self.case, deadline).filter_map(end).max()
    }
}
