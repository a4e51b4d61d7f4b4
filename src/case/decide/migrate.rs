//! Moving a case to another text of its procedure, and back.
//!
//! The names become those of the new text, the clocks keep their starts, standstills and lengthenings, and then the new
//! rules are asked what follows, as after any other act. What was warned, sent or done stays so. Whether a case can move
//! is asked first, of every part of it that still matters; a case that can't move stays as it is, with the reason.

use super::authority::check_seen;
use super::{Deciding, asked, decide};
use crate::case::clock;
use crate::case::command::{Act, Command, Do};
use crate::case::event::{Clock, Event, Fact, MoveCause};
use crate::case::person::ActedBy;
use crate::case::refusal::{Refusal, Why};
use crate::case::state::{Case, ClockRecord, Opened, StepRecord};
use crate::procedure::{Deadline, Fact as Wanted, Mapping, Name, Pending, Procedure, StepIndex};
use crate::schema::FormSchema;
use crate::time::{Instant, Term};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How a case moves to another text.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    /// The text on which it runs.
    pub from: &'a Procedure,
    /// The text to which it moves; its `transition` says how.
    pub to: &'a Procedure,
    /// What the old names are called now, besides what the text says.
    pub by_hand: &'a Mapping,
    /// Who moves it; nobody where a rule does.
    pub by: Option<&'a ActedBy>,
    /// Why.
    pub reason: Option<&'a str>,
    /// When.
    pub now: Instant,
}

/// Why a case can't move, and with which name it would.
#[derive(Debug, Clone, PartialEq)]
pub enum Obstacle {
    /// It has ended.
    Ended,
    /// The text says that cases under way stay on the one that they began with.
    Stays {
        /// The phase that they are in, if that is why.
        phase: Option<Name>,
    },
    /// A step is to be done that the new text does not have.
    StepGone {
        /// Its name.
        step: Name,
    },
    /// A step was done with an outcome that the new text does not have.
    OutcomeGone {
        /// The step, in the names of the new text.
        step: Name,
        /// The outcome.
        outcome: Name,
    },
    /// A clock runs that the new text does not have.
    DeadlineGone {
        /// Its name.
        deadline: Name,
    },
    /// A party is in a role that the new text does not have.
    RoleGone {
        /// Its name.
        role: Name,
    },
    /// What is on record does not fit the case data or a form of the new text.
    DataDiffers {
        /// The step whose form it is; the case data if none is named.
        step: Option<Name>,
        /// What is wrong with it.
        finding: String,
    },
    /// What follows from the move is not possible.
    Refused(Box<Refusal>),
}

/// Returns the events that moving a case brings about; what fell due up to now under the old text must be in the case.
///
/// # Errors
/// All that stands in the way. Nothing has changed then.
pub fn migrate(moving: &Move<'_>, case: &Case) -> Result<Vec<Event>, Vec<Obstacle>> {
    let map = moving.to.transition.map.with(moving.by_hand);
    let found = obstacles(moving, case, &map);
    if !found.is_empty() {
        return Err(found);
    }
    moved(moving, case, &map).map_err(|refusal| vec![Obstacle::Refused(Box::new(refusal))])
}

/// Returns the event that takes a move back: the case is as it was before it, and both are on record.
///
/// # Errors
/// A [`Refusal`] where the last that happened in the case is not that move and what followed from it by itself.
pub fn undo_migration(
    history: &[Event],
    by: &ActedBy,
    reason: Option<&str>,
    now: Instant,
) -> Result<Event, Refusal> {
    let place = history.iter().rposition(|event| matches!(event.fact, Fact::Migrated { .. }));
    let refuse = |why| Refusal::new("migrate", why);
    let Some(place) = place else { return Err(refuse(Why::NothingToUndo)) };
    let since = history.get(place.saturating_add(1)..).unwrap_or_default();
    let Some(Fact::Migrated { from, to, .. }) = history.get(place).map(|event| &event.fact) else {
        return Err(refuse(Why::NothingToUndo));
    };
    let undone = |event: &Event| matches!(event.fact, Fact::MigrationUndone { .. });
    if since.iter().any(undone) {
        return Err(refuse(Why::NothingToUndo));
    }
    let stands = |event: &&Event| {
        let is_remark =
            matches!(event.fact, Fact::Noted { .. } | Fact::Looked | Fact::AttemptRefused { .. });
        let was_sent = matches!(event.fact, Fact::LetterSent { .. });
        (event.by.is_some() && !is_remark) || was_sent
    };
    if let Some(event) = since.iter().find(stands) {
        return Err(refuse(Why::ActedSince { at: event.at }));
    }
    let before = Case::replay(history.iter().take(place));
    let now_case = Case::replay(history);
    let case = Case { refusals: now_case.refusals, looks: now_case.looks, ..before };
    let reason = reason.map(str::to_owned);
    let fact = Fact::MigrationUndone { undone: *to, back_to: *from, reason, case: Box::new(case) };
    let revision = now_case.revision.saturating_add(1);
    Ok(Event { revision, at: now, recorded_at: now, by: Some(by.clone()), fact })
}

/// Returns whether the text takes a case over: by its phase, or else as it says of all.
fn stays(moving: &Move<'_>, case: &Case) -> Option<Obstacle> {
    let transition = &moving.to.transition;
    let in_phase = |name: &Name| {
        let phase = moving.to.phases.iter().find(|phase| phase.name == *name);
        phase.is_some_and(|phase| {
            phase.steps.iter().any(|step| {
                let new = &moving.to.step(*step).name;
                let open = |old: &Name| {
                    let record = case.step(old);
                    record.is_some_and(StepRecord::is_open)
                };
                let map = &transition.map;
                case.steps.keys().any(|old| map.steps(old).contains(new) && open(old))
            })
        })
    };
    let by_phase = transition.phases.iter().find(|(phase, _)| in_phase(phase));
    match by_phase {
        Some((phase, Pending::Old)) => Some(Obstacle::Stays { phase: Some(phase.clone()) }),
        Some((_, Pending::New)) => None,
        None if transition.pending == Pending::Old => Some(Obstacle::Stays { phase: None }),
        None => None,
    }
}

fn obstacles(moving: &Move<'_>, case: &Case, map: &Mapping) -> Vec<Obstacle> {
    if !case.is_open() {
        return vec![Obstacle::Ended];
    }
    if let Some(stays) = stays(moving, case) {
        return vec![stays];
    }
    let to = moving.to;
    let mut found = Vec::new();
    for (step, record) in &case.steps {
        let now = map.steps(step);
        let is_gone = now.iter().any(|name| to.find_step(name.as_str()).is_none());
        if is_gone && record.is_open() {
            found.push(Obstacle::StepGone { step: step.clone() });
        }
        if is_gone {
            continue;
        }
        for name in &now {
            let Some(index) = to.find_step(name.as_str()) else { continue };
            let new = to.step(index);
            let last = record.opened.iter().flat_map(Opened::done).chain(record.acts.last());
            for done in last {
                let outcome = done.outcome.as_ref().map(|outcome| map.outcome(step, outcome));
                let fits = outcome.as_ref().map_or(new.outcomes.is_empty(), |outcome| {
                    new.outcome(outcome.as_str()).is_some()
                });
                // What nobody asks any more need not be known.
                if !fits && asks_for_outcome(to, index) {
                    let outcome = outcome.unwrap_or_else(|| Name::from("-"));
                    found.push(Obstacle::OutcomeGone { step: name.clone(), outcome });
                }
                let form = new.form.as_ref().filter(|_| !done.deemed);
                found.extend(form.and_then(|form| differs(form, Some(name), done.form.clone())));
            }
        }
    }
    for (clock, record) in &case.clocks {
        let now = map.deadline(&clock.deadline);
        let is_gone = now.is_some_and(|now| to.find_deadline(now.as_str()).is_none());
        let of_step = map.steps.get(&clock.deadline).is_some_and(Vec::is_empty);
        if is_gone && record.end.is_none() && !of_step {
            found.push(Obstacle::DeadlineGone { deadline: clock.deadline.clone() });
        }
    }
    let roles: BTreeSet<&Name> = case.parties().iter().map(|party| &party.role).collect();
    let is_party =
        |role: &Name| to.find_role(map.role(role).as_str()).is_some_and(|role| to.role(role).party);
    let gone = roles.into_iter().filter(|role| !is_party(role));
    found.extend(gone.map(|role| Obstacle::RoleGone { role: role.clone() }));
    let data =
        case.data.iter().filter_map(|(field, value)| Some((map.field(field)?, value.clone())));
    found.extend(differs(&to.intake.schema, None, data.collect()));
    found
}

/// Returns what does not fit a form of the new text, or its case data.
fn differs(schema: &FormSchema, step: Option<&Name>, form: Map<String, Value>) -> Option<Obstacle> {
    let findings = schema.validate(&Value::Object(form));
    let finding = findings.first()?;
    let finding = format!("`{}` {}", finding.field, finding.message);
    Some(Obstacle::DataDiffers { step: step.cloned(), finding })
}

/// Whether something comes after one of the outcomes of a step.
fn asks_for_outcome(procedure: &Procedure, index: StepIndex) -> bool {
    let asks = |fact: &Wanted| matches!(fact, Wanted::EndedAs(of, _) if *of == index);
    procedure.steps().any(|(_, step)| step.after.facts().iter().any(asks))
        || procedure.deadlines().any(|(_, rule)| rule.met_by.facts().iter().any(asks))
}

fn moved(moving: &Move<'_>, case: &Case, map: &Mapping) -> Result<Vec<Event>, Refusal> {
    let mut deciding = Deciding::new(moving.from, case.clone(), moving.now);
    let at = case.latest.map_or(moving.now, |latest| latest.max(moving.now));
    deciding.go_over(moving, map, at)?;
    deciding.pass_time()?;
    Ok(deciding.events)
}

/// Decides an act for which another text is in force by its date: the case moves to that text, and the act is asked there,
/// all at the instant of the act. Where that text says that cases stay, or the case has ended, the act is asked of the text
/// on which it runs. What fell due up to the present under that one must be in the case.
///
/// # Errors
/// A [`Refusal`]: of the move, of the act, or since something that others build upon came after it; then see
/// [`super::decide_late_moving`]. Nothing has changed then.
pub fn decide_moving(
    moving: &Move<'_>,
    case: &Case,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let Some(map) = may_go_over(moving, case, command)? else {
        return decide(moving.from, case, command);
    };
    let mut deciding = Deciding::new(moving.from, case.clone(), command.now);
    check_seen(moving.from, case, command, &asked(&command.act))?;
    deciding.check_known(command)?;
    deciding.check_order(command)?;
    let command = Command { act: moving.act_now(&command.act), ..command.clone() };
    deciding.go_over(moving, &map, command.at)?;
    deciding.act(&command)?;
    deciding.settle(command.at)?;
    deciding.pass_time()?;
    Ok(deciding.events)
}

/// Returns what the names are called where a case moves for an act; nothing where it stays.
pub(super) fn may_go_over(
    moving: &Move<'_>,
    case: &Case,
    command: &Command,
) -> Result<Option<Mapping>, Refusal> {
    let map = moving.to.transition.map.with(moving.by_hand);
    let found = obstacles(moving, case, &map);
    if found.is_empty() {
        return Ok(Some(map));
    }
    let stays = |one: &Obstacle| matches!(one, Obstacle::Ended | Obstacle::Stays { .. });
    if found.iter().all(stays) {
        return Ok(None);
    }
    Err(Refusal::new(asked(&command.act), Why::CantMove { obstacles: found }))
}

impl Move<'_> {
    /// Returns an act in the names of the new text, where it was asked in those of the old one.
    pub fn act_now(&self, act: &Act) -> Act {
        let Act::Do(act) = act else { return act.clone() };
        let map = self.to.transition.map.with(self.by_hand);
        let old = Name::from(act.step.as_str());
        let is_old = self.from.find_step(&act.step).is_some();
        let step = if is_old { map.step(&old) } else { old.clone() };
        let outcome = act.outcome.as_ref().map(|outcome| {
            let now = map.outcome(&old, outcome);
            if is_old { now } else { outcome.clone() }
        });
        Act::Do(Do { step: step.to_string(), outcome, ..act.clone() })
    }
}

impl<'a> Deciding<'a> {
    /// Moves the case to another text, by which it is decided from then on.
    pub(super) fn go_over(
        &mut self,
        moving: &Move<'a>,
        map: &Mapping,
        at: Instant,
    ) -> Result<(), Refusal> {
        let before = self.case.clone();
        self.procedure = moving.to;
        let fact = Fact::Migrated {
            from: moving.from.version,
            to: moving.to.version,
            map: map.clone(),
            reason: moving.reason.map(str::to_owned),
        };
        self.happen(at, moving.by.cloned(), fact)?;
        self.keep_better_terms(moving, &before, map, at)?;
        self.tell_moved_by_rules(at)?;
        self.settle(at)
    }
}

impl Deciding<'_> {
    /// Keeps the earlier term of a clock where that is better for the party whom the text names.
    fn keep_better_terms(
        &mut self,
        moving: &Move<'_>,
        before: &Case,
        map: &Mapping,
        at: Instant,
    ) -> Result<(), Refusal> {
        for (deadline, role) in &moving.to.transition.better_for {
            let is_of = |clock: &&Clock| map.deadline(&clock.deadline).as_ref() == Some(deadline);
            for old in before.clocks.keys().filter(is_of) {
                let clock = Clock { deadline: deadline.clone(), item: old.item.clone() };
                if let Some(term) = self.better_term(moving, (before, old), &clock, role, at) {
                    let under = moving.from.version;
                    self.happen(at, None, Fact::DeadlineTermKept { clock, term, under })?;
                }
            }
        }
        Ok(())
    }

    /// Returns the term that a running clock had before, if its end by that is the better one for a party.
    fn better_term(
        &self,
        moving: &Move<'_>,
        (before, old): (&Case, &Clock),
        now: &Clock,
        role: &Name,
        at: Instant,
    ) -> Option<Term> {
        let (_, old_rule) = clock::rule(moving.from, old)?;
        let old_record = before.clocks.get(old).filter(|record| record.end.is_none())?;
        let term = clock::term(old_rule, old_record)?;
        let (_, rule) = clock::rule(self.procedure, now)?;
        let record = self.case.clocks.get(now)?;
        let new = self.counted(rule, record, at).ok()?.last_day;
        let kept = ClockRecord { kept: Some(term), ..record.clone() };
        let kept = self.counted(rule, &kept, at).ok()?.last_day;
        let is_better = if self.is_met_by(rule, role) { kept > new } else { kept < new };
        is_better.then_some(term)
    }

    /// Whether what a deadline asks is for a party to do himself.
    fn is_met_by(&self, rule: &Deadline, role: &Name) -> bool {
        let index = self.procedure.find_role(role.as_str());
        let does = |step: StepIndex| {
            index.is_some_and(|index| self.procedure.step(step).who.contains(&index))
        };
        let facts = rule.met_by.facts();
        let mut steps = facts.iter().filter_map(|fact| match fact {
            Wanted::Done(step)
            | Wanted::First(step)
            | Wanted::EndedAs(step, _)
            | Wanted::Final(step) => Some(*step),
            Wanted::Lapsed(_) | Wanted::PenaltyEnded(_) => None,
        });
        rule.of_step.map_or_else(|| steps.any(does), does)
    }

    /// Tells of every clock whose last day is another one under the new rules.
    fn tell_moved_by_rules(&mut self, at: Instant) -> Result<(), Refusal> {
        for clock in self.clocks() {
            let Some((_, rule)) = clock::rule(self.procedure, &clock) else { continue };
            let Some(record) = self.case.clocks.get(&clock) else { continue };
            if record.end.is_some() {
                continue;
            }
            if record.is_running() {
                self.tell_if_moved(at, &clock, rule, Some(MoveCause::Rules))?;
            }
            self.revive(at, &clock, rule)?;
        }
        Ok(())
    }
}
