//! What would have been different: a case as it went, and as it would have gone under another text.

use super::clock;
use super::event::Clock;
use super::person::ActedBy;
use super::refusal::Refusal;
use super::state::{Case, ClockEnd, ClockRecord, Done, End, Status, StepRecord};
use crate::procedure::{Mapping, Name, Procedure};
use crate::time::{Date, Instant};
use std::collections::{BTreeMap, BTreeSet};

/// A case that was played again.
#[derive(Debug)]
pub struct Replayed {
    /// The case as it went.
    pub before: Case,
    /// The case as it would be. Where an act was refused, as it would have been just before that.
    pub after: Case,
    /// What would have been different, in the order in which it would have come.
    pub differences: Vec<Difference>,
    /// The deadlines of which only the last day is another one: what was done was in time, or was late, under both.
    pub dates: Vec<DueDifference>,
}

impl Replayed {
    /// Whether the case would have gone as it did.
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Why a case can't be played again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CantReplay {
    /// The record does not begin with its opening.
    NotOpened,
    /// The record holds something that nobody can ask.
    NoAct {
        /// When it happened.
        at: Instant,
    },
    /// Somebody who came in would be called otherwise, so that what he did later can't be told to be his.
    CalledOtherwise {
        /// When he came in.
        at: Instant,
    },
}

/// Something that would have been different.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// An act was not possible; the case was not played on from there.
    Refused {
        /// What was asked: the step, the deadline, or the verb.
        act: String,
        /// When.
        at: Instant,
        /// By whom; nobody where it follows from the passing of time.
        by: Option<ActedBy>,
        /// Why not, and what would have made it possible.
        refusal: Box<Refusal>,
    },
    /// Whoever did it might not have; somebody else could have, and the case was played on as if.
    SomebodyElse {
        /// What was asked.
        act: String,
        /// When.
        at: Instant,
        /// Who did it.
        by: Option<ActedBy>,
        /// In which role, in the names of the new text.
        role: Option<Name>,
        /// The roles of which one could have.
        could: Vec<Name>,
        /// Why he might not have.
        refusal: Box<Refusal>,
    },
    /// A step would have ended otherwise, or would not have been done, or only then.
    Step {
        /// The step.
        step: Name,
        /// How it ended, each time that it was done.
        before: Vec<How>,
        /// How it would have ended.
        after: Vec<How>,
    },
    /// Something was late and would not have been, or would have been and was not.
    Due(DueDifference),
    /// The case would have ended on another day, otherwise, or not at all.
    End {
        /// How and when it ended.
        before: Option<(Name, Instant)>,
        /// How and when it would have ended.
        after: Option<(Name, Instant)>,
        /// What would still be to be done.
        open: Vec<Name>,
    },
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct How {
    /// With which outcome, if it has any.
    pub outcome: Option<Name>,
    /// Whether nobody did it: the law holds it done.
    pub deemed: bool,
}

/// A deadline as it went, and as it would have gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDifference {
    /// Which, in the names of the new text where it has it.
    pub clock: Clock,
    /// Its last day as it went; nothing if it did not run.
    pub before: Option<Due>,
    /// Its last day as it would have been; nothing if it would not have run.
    pub after: Option<Due>,
}

/// The last day of a deadline, and whether it passed before what it asks was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The last day.
    pub last_day: Date,
    /// Whether that was a breach.
    pub late: bool,
}

/// What comes of comparing.
pub(super) struct Compared {
    pub(super) differences: Vec<Difference>,
    pub(super) dates: Vec<DueDifference>,
}

/// Compares a case as it went, and as it would have gone; `map` tells what its names are called now.
pub(super) fn compare(
    (from, before): (&Procedure, &Case),
    (to, after): (&Procedure, &Case),
    map: &Mapping,
) -> Compared {
    let was = dues(from, before, Some(map));
    let is = dues(to, after, None);
    let before = before.clone().renamed(map);
    let mut differences = steps(to, &before, after);
    let mut dates = Vec::new();
    let clocks: BTreeSet<&Clock> = was.keys().chain(is.keys()).collect();
    for clock in clocks {
        let (was, is) = (was.get(clock), is.get(clock));
        let times = was.map_or(0, Vec::len).max(is.map_or(0, Vec::len));
        for time in 0..times {
            let (before, after) = (at(was, time), at(is, time));
            let late = |due: Option<Due>| due.is_some_and(|due| due.late);
            let found = DueDifference { clock: clock.clone(), before, after };
            if late(before) != late(after) {
                differences.push(Difference::Due(found));
            } else if before.map(|due| due.last_day) != after.map(|due| due.last_day) {
                dates.push(found);
            }
        }
    }
    differences.extend(end(to, &before, after));
    Compared { differences, dates }
}

fn at(dues: Option<&Vec<Option<Due>>>, time: usize) -> Option<Due> {
    dues.and_then(|dues| dues.get(time)).copied().flatten()
}

/// Returns the last days of all clocks, each time that it ran.
fn dues(
    procedure: &Procedure,
    case: &Case,
    map: Option<&Mapping>,
) -> BTreeMap<Clock, Vec<Option<Due>>> {
    let mut dues: BTreeMap<Clock, Vec<Option<Due>>> = BTreeMap::new();
    let earlier = case.earlier_clocks.iter().map(|(clock, record)| (clock, record));
    for (clock, record) in earlier.chain(&case.clocks) {
        let rule = clock::rule(procedure, clock).map(|(_, rule)| rule);
        let last_day = match (&record.end, record.lapsed) {
            (Some(ClockEnd::Met { last_day, .. }), _) => Some(*last_day),
            (_, Some((_, last_day))) => Some(last_day),
            (_, None) => last_day_of(procedure, case, clock, record),
        };
        let soft = rule.is_some_and(|rule| rule.soft);
        let late = record.lapsed.is_some() && !soft;
        let deadline = match map {
            Some(map) => map.deadline(&clock.deadline),
            None => Some(clock.deadline.clone()),
        };
        // What the new text dropped is no more, late or not.
        let Some(deadline) = deadline else { continue };
        let clock = Clock { deadline, item: clock.item.clone() };
        dues.entry(clock).or_default().push(last_day.map(|last_day| Due { last_day, late }));
    }
    dues
}

fn last_day_of(
    procedure: &Procedure,
    case: &Case,
    clock: &Clock,
    record: &ClockRecord,
) -> Option<Date> {
    if record.end.is_some() {
        return record.counted.as_ref().map(|counted| counted.last_day);
    }
    let (_, rule) = clock::rule(procedure, clock)?;
    clock::reckon(procedure, case, rule, record, None).ok().map(|end| end.last_day)
}

/// Returns the steps that ended otherwise, of those that the new text has.
fn steps(to: &Procedure, before: &Case, after: &Case) -> Vec<Difference> {
    let mut found = Vec::new();
    for step in &to.steps {
        let how = |case: &Case| case.step(&step.name).map(hows).unwrap_or_default();
        let (before, after) = (how(before), how(after));
        // What the engine does by itself shows in what it does: the end, a deadline.
        let told = !step.who.is_empty() || after.iter().chain(&before).any(|how| how.deemed);
        if told && before != after {
            found.push(Difference::Step { step: step.name.clone(), before, after });
        }
    }
    found
}

/// Returns how a step ended, each time that it was done.
fn hows(record: &StepRecord) -> Vec<How> {
    let rounds = record.earlier.iter().chain(&record.opened);
    let ends = rounds.flat_map(|round| &round.instances).filter_map(|instance| {
        if let Some(End::Done(done)) = &instance.end { Some(done) } else { None }
    });
    let how = |done: &Done| How { outcome: done.outcome.clone(), deemed: done.deemed };
    ends.chain(&record.acts).map(how).collect()
}

fn end(to: &Procedure, before: &Case, after: &Case) -> Option<Difference> {
    let ending = |case: &Case| match &case.status {
        Status::Open => None,
        Status::Ended { status, at } | Status::Archived { status, at, .. } => {
            Some((status.clone(), *at))
        }
    };
    let day = |ending: &Option<(Name, Instant)>| {
        ending.as_ref().map(|(status, at)| (status.clone(), to.zone.local_date(*at)))
    };
    let (was, is) = (ending(before), ending(after));
    if day(&was) == day(&is) {
        return None;
    }
    let is_duty = |record: &StepRecord| {
        let opened = record.opened.as_ref().filter(|opened| opened.duty);
        opened.is_some_and(|opened| opened.instances.iter().any(|one| one.end.is_none()))
    };
    let open = after.steps.iter().filter(|(_, record)| is.is_none() && is_duty(record));
    let open = open.map(|(step, _)| step.clone()).collect();
    Some(Difference::End { before: was, after: is, open })
}
