//! What a new text means for the cases under way, and moving them to it.
//!
//! A forecast and the move are one function: what `impact` shows is what `migrate` then does, since both are the events
//! that [`crate::case::migrate`] gives. The forecast keeps nothing. A move is one commit a case, so that it can be broken
//! off anywhere and gone on with: a case that has moved is passed over the next time.

use super::together::Part;
use super::{Accepted, Adopted, CaseFile, Engine, EngineError, MOST_TRIES, Request, rows};
use crate::case::{
    ActedBy, Actor, Case, Clock, Event, Fact, Move, Obstacle, Person, PersonId, Refusal, clock,
    migrate, pass_time, undo_migration,
};
use crate::procedure::{Mapping, Name, Procedure, Version};
use crate::store::{CaseFilter, CaseKey, VersionHash};
use crate::time::{Date, Instant};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How many cases are read at once.
const PAGE: usize = 500;

/// To which text cases are moved, and by whom.
#[derive(Debug, Clone)]
pub struct Moving<'a> {
    /// The text.
    pub to: &'a Adopted,
    /// What the old names are called now, besides what the text says.
    pub by_hand: Mapping,
    /// Who moves them, by short name.
    pub person: String,
    /// Why.
    pub because: Option<String>,
}

/// What moving means for one case.
#[derive(Debug)]
pub struct Forecast {
    /// The case.
    pub key: CaseKey,
    /// What people call it.
    pub reference: String,
    /// The text on which it runs.
    pub from: Version,
    /// What changes, or what stands in the way.
    pub change: Result<Change, Vec<Obstacle>>,
}

/// What changes in a case that moves.
#[derive(Debug, Default, PartialEq)]
pub struct Change {
    /// The deadlines whose last day is another one, or that begin or end.
    pub deadlines: Vec<DeadlineChange>,
    /// What is to be done from then on: the step, the item, and the role.
    pub gained: Vec<Task>,
    /// What is not to be done any more.
    pub lost: Vec<Task>,
    /// The case as it would be.
    pub after: Case,
}

/// Something that is to be done by a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    /// The step.
    pub step: String,
    /// For whom or what, where it is done for each of a list.
    pub item: Option<String>,
    /// The role that may do it.
    pub role: String,
}

/// A deadline before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineChange {
    /// Which, in the names of the new text where it has it.
    pub clock: Clock,
    /// Its last day under the earlier text; nothing if it did not run.
    pub before: Option<Date>,
    /// Its last day under the new text; nothing if it does not run.
    pub after: Option<Date>,
    /// Whether it is late from then on, and was not.
    pub newly_late: bool,
    /// Whether it was late, and is not any more.
    pub rescued: bool,
}

impl Change {
    /// Whether nothing changes but the text.
    pub fn is_nothing(&self) -> bool {
        self.deadlines.is_empty() && self.gained.is_empty() && self.lost.is_empty()
    }
}

impl Engine {
    /// Returns the open cases of a procedure that run on other texts than this one.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn cases_to_move(&self, to: &Procedure) -> Result<Vec<CaseKey>, EngineError> {
        let version = VersionHash(to.version.bytes());
        let filter = CaseFilter {
            procedure: Some(to.name.as_str()),
            status: Some("open"),
            ..CaseFilter::default()
        };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.cases(&filter, after, PAGE)?;
            let Some(last) = page.last().map(|row| row.case) else { return Ok(found) };
            found.extend(page.iter().filter(|row| row.version != version).map(|row| row.case));
            after = Some(last);
        }
    }

    /// Returns the open cases that run on this text and were moved to it.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn cases_moved_to(&self, to: &Procedure) -> Result<Vec<CaseKey>, EngineError> {
        let filter = CaseFilter {
            procedure: Some(to.name.as_str()),
            version: Some(VersionHash(to.version.bytes())),
            ..CaseFilter::default()
        };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.cases(&filter, after, PAGE)?;
            let Some(last) = page.last().map(|row| row.case) else { return Ok(found) };
            for row in page {
                let history = self.recorded(row.case)?;
                let last = history.iter().rev().find(|event| {
                    matches!(event.fact, Fact::Migrated { .. } | Fact::MigrationUndone { .. })
                });
                if last.is_some_and(|last| matches!(last.fact, Fact::Migrated { .. })) {
                    found.push(row.case);
                }
            }
            after = Some(last);
        }
    }

    /// Says what moving means for a case, and keeps nothing.
    ///
    /// # Errors
    /// [`EngineError`] when the case can't be read.
    pub fn forecast(&self, key: CaseKey, moving: &Moving<'_>) -> Result<Forecast, EngineError> {
        let file = self.stored(key)?;
        let now = self.not_before(&file.case);
        let passed = pass_time(&file.procedure, &file.case, now).unwrap_or_default();
        let before = passed.iter().fold(file.case.clone(), Case::apply);
        let from = file.procedure.version;
        let reference = file.reference().to_owned();
        let change = Self::moved(&file.procedure, &before, moving, now).map(|events| {
            let after = events.iter().fold(before.clone(), Case::apply);
            let of = (&*file.procedure, &before);
            change(of, (&moving.to.procedure, after), &moving.by_hand)
        });
        Ok(Forecast { key, reference, from, change })
    }

    /// Moves a case. Returns nothing where it runs on that text already, and what stands in the way where it can't.
    ///
    /// # Errors
    /// [`EngineError`]; the case is as it was then.
    pub fn migrate(
        &self,
        key: CaseKey,
        moving: &Moving<'_>,
    ) -> Result<Result<Option<Accepted>, Vec<Obstacle>>, EngineError> {
        self.pass_time(key)?;
        let to = &moving.to.procedure;
        for _ in 0..MOST_TRIES {
            let file = self.stored(key)?;
            if file.procedure.version == to.version {
                return Ok(Ok(None));
            }
            let now = self.not_before(&file.case);
            let events = match Self::moved(&file.procedure, &file.case, moving, now) {
                Ok(events) => events,
                Err(obstacles) => return Ok(Err(obstacles)),
            };
            self.remember(to);
            let part = Part::of(CaseFile { procedure: Arc::clone(to), ..file }, key);
            let text = (VersionHash(to.version.bytes()), moving.to.bundle.clone());
            if let Some(done) = self.keep_moved(part, events, vec![text], now)? {
                return Ok(Ok(Some(done)));
            }
        }
        Err(EngineError::Busy)
    }

    /// Takes the last move of a case back.
    ///
    /// # Errors
    /// [`EngineError::Refused`] where the case was not moved, or somebody has done something since.
    pub fn undo_migration(
        &self,
        key: CaseKey,
        person: &str,
        because: Option<&str>,
    ) -> Result<Accepted, EngineError> {
        for _ in 0..MOST_TRIES {
            let file = self.stored(key)?;
            let now = self.not_before(&file.case);
            let history = self.recorded(key)?;
            let by = mover(person);
            let event = undo_migration(&history, &by, because, now).map_err(|refusal| {
                EngineError::Refused { refusal: Box::new(refusal), file: None }
            })?;
            let Fact::MigrationUndone { back_to, .. } = &event.fact else {
                return Err(EngineError::Unreadable("event"));
            };
            let procedure = self.procedure(*back_to)?;
            let mut events = vec![event];
            let back = events.iter().fold(file.case.clone(), Case::apply);
            let passed = pass_time(&procedure, &back, now);
            events.extend(passed.unwrap_or_default());
            let part = Part::of(CaseFile { procedure, ..file }, key);
            if let Some(done) = self.keep_moved(part, events, Vec::new(), now)? {
                return Ok(done);
            }
        }
        Err(EngineError::Busy)
    }

    fn keep_moved(
        &self,
        mut part: Part,
        events: Vec<Event>,
        texts: Vec<(VersionHash, Vec<u8>)>,
        now: Instant,
    ) -> Result<Option<Accepted>, EngineError> {
        part.happen(events);
        let mut parts = vec![part];
        if let Some(refusal) = self.follow(&mut parts, None, now)? {
            return Err(EngineError::Refused { refusal: Box::new(refusal), file: None });
        }
        let request = Request::by(Actor::new(Person::nobody()));
        self.keep(parts, texts, &request, [0; 32], None)
    }

    fn moved(
        from: &Procedure,
        case: &Case,
        moving: &Moving<'_>,
        now: Instant,
    ) -> Result<Vec<Event>, Vec<Obstacle>> {
        let by = mover(&moving.person);
        let (to, by_hand) = (&*moving.to.procedure, &moving.by_hand);
        let reason = moving.because.as_deref();
        migrate(&Move { from, to, by_hand, by: Some(&by), reason, now }, case)
    }
}

/// Returns who moves cases: nobody in a case, but somebody of the organisation.
fn mover(person: &str) -> ActedBy {
    ActedBy {
        person: PersonId::staff(person),
        role: None,
        unit: None,
        in_place_of: None,
        entered_by: None,
        account: None,
    }
}

/// Compares a case under two texts.
fn change(
    (from, before): (&Procedure, &Case),
    (to, after): (&Procedure, Case),
    by_hand: &Mapping,
) -> Change {
    let map = to.transition.map.with(by_hand);
    let old = tasks(from, before);
    let new = tasks(to, &after);
    let renamed: BTreeSet<Task> = old
        .iter()
        .map(|task| Task {
            step: map.step(&Name::from(task.step.as_str())).to_string(),
            role: map.role(&Name::from(task.role.as_str())).to_string(),
            ..task.clone()
        })
        .collect();
    let gained = new.iter().filter(|task| !renamed.contains(task)).cloned().collect();
    let lost = renamed.iter().filter(|task| !new.contains(task)).cloned().collect();
    Change { deadlines: deadlines((from, before), (to, &after), &map), gained, lost, after }
}

fn tasks(procedure: &Procedure, case: &Case) -> BTreeSet<Task> {
    let work = rows::rows(procedure, case).map(|rows| rows.work).unwrap_or_default();
    let task = |row: crate::store::WorkRow| Task { step: row.step, item: row.item, role: row.role };
    work.into_iter().map(task).collect()
}

fn deadlines(
    (from, before): (&Procedure, &Case),
    (to, after): (&Procedure, &Case),
    map: &Mapping,
) -> Vec<DeadlineChange> {
    let day = |procedure: &Procedure, case: &Case, clock: &Clock| {
        let record = case.clocks.get(clock).filter(|record| record.end.is_none())?;
        let (_, rule) = clock::rule(procedure, clock)?;
        let late = record.lapsed.is_some();
        let last_day = match record.lapsed {
            Some((_, last_day)) => Some(last_day),
            None => clock::reckon(procedure, case, rule, record, None).ok().map(|end| end.last_day),
        };
        Some((last_day?, late))
    };
    let mut clocks: BTreeSet<Clock> = after.clocks.keys().cloned().collect();
    let mut old_of = std::collections::BTreeMap::new();
    for clock in before.clocks.keys() {
        let now = map.deadline(&clock.deadline).unwrap_or_else(|| clock.deadline.clone());
        let now = Clock { deadline: now, item: clock.item.clone() };
        clocks.insert(now.clone());
        old_of.insert(now, clock.clone());
    }
    let mut changes = Vec::new();
    for clock in clocks {
        let was = old_of.get(&clock).and_then(|old| day(from, before, old));
        let is = day(to, after, &clock);
        let (was_late, is_late) = (was.is_some_and(|was| was.1), is.is_some_and(|is| is.1));
        let (before, after) = (was.map(|was| was.0), is.map(|is| is.0));
        let newly_late = is_late && !was_late;
        let rescued = was_late && is.is_some() && !is_late;
        if before != after || newly_late || rescued {
            changes.push(DeadlineChange { clock, before, after, newly_late, rescued });
        }
    }
    changes
}

/// Returns what an obstacle is called by programs.
pub fn code_of(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Ended => "ended",
        Obstacle::Stays { .. } => "stays",
        Obstacle::StepGone { .. } => "step-gone",
        Obstacle::OutcomeGone { .. } => "outcome-gone",
        Obstacle::DeadlineGone { .. } => "deadline-gone",
        Obstacle::RoleGone { .. } => "role-gone",
        Obstacle::DataDiffers { .. } => "data-differs",
        Obstacle::Refused(_) => "refused",
    }
}

/// Returns why a case can't move, and what would help.
pub fn in_words(obstacle: &Obstacle, to: &Procedure) -> (String, Option<String>) {
    match obstacle {
        Obstacle::Ended => ("it has ended".to_owned(), None),
        Obstacle::Stays { phase: None } => (
            "`transition` says that cases under way stay".to_owned(),
            Some("transition: { pending: new }".to_owned()),
        ),
        Obstacle::Stays { phase: Some(phase) } => {
            (format!("`transition` says that cases in `{phase}` stay"), None)
        }
        Obstacle::StepGone { step } => (
            format!("`{step}` is to be done, and the new text does not have it"),
            Some(format!("--map {step}=STEP, or --map {step}= to drop it")),
        ),
        Obstacle::OutcomeGone { step, outcome } => {
            let known: Vec<String> = to
                .find_step(step.as_str())
                .map(|index| to.step(index).outcomes.iter().map(|o| o.name.to_string()).collect())
                .unwrap_or_default();
            (
                format!("`{step}` ended with `{outcome}`, which the new text does not have"),
                Some(format!("transition.outcomes: {step}.{outcome}: {}", known.join(" | "))),
            )
        }
        Obstacle::DeadlineGone { deadline } => (
            format!("the clock of `{deadline}` runs, and the new text does not have it"),
            Some(format!("transition.deadlines: {{ {deadline}: NAME }}, or [] to drop it")),
        ),
        Obstacle::RoleGone { role } => (
            format!("there is a `{role}`, and the new text has no such party"),
            Some(format!("transition.roles: {{ {role}: NAME }}")),
        ),
        Obstacle::DataDiffers { step: None, finding } => {
            (format!("the case data don't fit the new text: {finding}"), None)
        }
        Obstacle::DataDiffers { step: Some(step), finding } => {
            (format!("what was recorded with `{step}` does not fit the new text: {finding}"), None)
        }
        Obstacle::Refused(refusal) => (refused(refusal, to), None),
    }
}

fn refused(refusal: &Refusal, to: &Procedure) -> String {
    refusal.in_words(&to.zone, crate::language::Language::En)
}
