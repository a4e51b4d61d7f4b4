//! A fact that is told late: what happened before others that are on record already.
//!
//! The act is decided where it belongs in the order of what happened. What people did after it is done again, each act at
//! its own instant, and everything that follows by itself comes anew. One event keeps the case as it is told now; what was
//! recorded before stays on record.

pub(super) mod redo;

use super::authority::{as_recorded, check_seen};
use super::migrate::{Move, may_go_over};
use super::{Deciding, MOST_EVENTS, asked, decide};
use crate::case::command::{Act, Command, Do, Other};
use crate::case::documents::DocumentRecord;
use crate::case::event::{Event, Fact, LinkKind};
use crate::case::migration::event_now;
use crate::case::moments::told;
use crate::case::person::{ActedBy, Person};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::state::Case;
use crate::procedure::{Mapping, Name, Procedure};
use crate::time::Instant;
use redo::{Redo, redo, the_same_act};
use serde_json::{Map, Value};

/// What is known while a case is told anew.
pub(super) struct Telling {
    /// The revision of the event that keeps the case as it is told now.
    pub(super) revision: u64,
    /// When it is told.
    pub(super) recorded_at: Instant,
    /// Who tells it.
    pub(super) viewer: Person,
    /// The documents of the case as it was told before, whose names and numbers are taken.
    pub(super) documents: Vec<DocumentRecord>,
    /// The act that is done again; nothing for the late act, and for what comes by itself.
    pub(super) again: Option<Recorded>,
}

/// An act that is on record and is done again.
pub(super) struct Recorded {
    pub(super) revision: u64,
    pub(super) told_at: Instant,
    pub(super) by: ActedBy,
}

/// Returns the event that takes in what happened before other things that are on record, in the case with this history;
/// what fell due up to the present must be in it. An act that is not late is decided as ever.
///
/// Who may do what is asked of the late act as the case stood then. Of what was done after it, that is not asked again;
/// whether it was possible is.
///
/// # Errors
/// A [`Refusal`] when the act was not possible then, or something that people did after it would not have been. Nothing
/// has changed then.
pub fn decide_late(
    procedure: &Procedure,
    history: &[Event],
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    told_late(procedure, None, history, command)
}

/// The same of an act for which another text is in force by its date: the case moves to that text just before the act, and
/// what people did after it is done again there.
///
/// # Errors
/// A [`Refusal`], as of [`decide_late`], and when the case can't move. Nothing has changed then.
pub fn decide_late_moving(
    moving: &Move<'_>,
    history: &[Event],
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    told_late(moving.from, Some(moving), history, command)
}

fn told_late<'a>(
    procedure: &'a Procedure,
    moving: Option<&Move<'a>>,
    history: &[Event],
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let case = Case::replay(history);
    let late = case.latest.is_some_and(|latest| command.at < latest);
    let of_two =
        matches!(command.act, Act::JoinInto { .. } | Act::TakeIn(_) | Act::SplitOff { .. });
    let apart = matches!(command.act, Act::Open(_) | Act::Attach | Act::Look | Act::Note { .. });
    // What happens to two cases at once is not told late in one of them.
    if !late || of_two || apart {
        return decide(procedure, &case, command);
    }
    let act = asked(&command.act);
    check_seen(procedure, &case, command, &act)?;
    Deciding::new(procedure, case.clone(), command.now).check_known(command)?;
    let opened_at = case.opening.as_ref().map(|opening| opening.opened_at).unwrap_or_default();
    if command.at < opened_at {
        let refusal = Refusal::new(act, Why::BeforeWhatHappened { latest: opened_at });
        return Err(refusal.unless(Remedy::DateFrom { at: opened_at }));
    }
    let whole = told(history);
    let cut = whole.iter().position(|event| event.at > command.at).unwrap_or(whole.len());
    let (before, after) = whole.split_at(cut);
    let over = match moving {
        Some(moving) => {
            may_go_over(moving, &Case::replay(before), command)?.map(|map| (moving, map))
        }
        None => None,
    };
    let after = match &over {
        Some((_, map)) => &renamed(after, map, &act)?,
        None => after,
    };
    let revision = case.revision.saturating_add(1);
    let mut deciding = Deciding::new(procedure, Case::replay(before), command.at);
    deciding.telling = Some(Telling {
        revision,
        recorded_at: command.now,
        viewer: command.actor.person.clone(),
        documents: case.documents.clone(),
        again: None,
    });
    let asked_now = over.as_ref().map(|(moving, _)| moving.act_now(&command.act));
    let command =
        &Command { act: asked_now.unwrap_or_else(|| command.act.clone()), ..command.clone() };
    deciding.tell(command, over.as_ref().map(|(moving, map)| (*moving, map)), after)?;
    deciding.now = command.now;
    deciding.pass_time()?;
    let by = by_whom(&deciding.events, command, revision);
    let (tail, undone) = with_what_stands(deciding.events, after, revision);
    if before.len() + tail.len() > MOST_EVENTS {
        return Err(Refusal::new(act, Why::TooLarge { what: "events", most: MOST_EVENTS }));
    }
    let history = before.iter().cloned().chain(tail).collect();
    let fact = Fact::Retold { act: Name::from(act), of: command.at, undone, history };
    Ok(vec![Event { revision, at: command.now, recorded_at: command.now, by, fact }])
}

/// Returns what people did after a move, in the names of the text to which the case moves.
fn renamed(after: &[Event], map: &Mapping, asked: &str) -> Result<Vec<Event>, Refusal> {
    let one = |event: &Event| {
        let mut now = event_now(event, map).into_iter();
        let (Some(one), None) = (now.next(), now.next()) else {
            return Err(Refusal::new(asked, Why::CantBeRetold));
        };
        Ok(one)
    };
    after.iter().map(one).collect()
}

impl<'a> Deciding<'a> {
    /// Does the late act, and again what people did after it. Where another text is in force for it, the case moves to that
    /// one first.
    fn tell(
        &mut self,
        command: &Command,
        over: Option<(&Move<'a>, &Mapping)>,
        after: &[Event],
    ) -> Result<(), Refusal> {
        let mut late = Some(command);
        let mut data: Option<(&Event, &Map<String, Value>)> = None;
        let mut last: Option<&Event> = None;
        // Where something on which nothing rests was dated later, acts of before may stand after it.
        let comes_before =
            |event: &Event| event.at <= command.at && matches!(redo(event), Redo::Act);
        let place = after.iter().rposition(comes_before).map_or(0, |last| last.saturating_add(1));
        for (here, event) in after.iter().enumerate() {
            let is_later = here >= place && event.at > command.at;
            if is_later
                && !matches!(redo(event), Redo::Anew)
                && let Some(command) = late.take()
            {
                self.tell_late(command, over)?;
            }
            match redo(event) {
                Redo::Anew => {}
                Redo::Keep => {
                    let rest = after.get(here..).unwrap_or_default();
                    let is_act = |event: &Event| matches!(redo(event), Redo::Act);
                    let first = !rest.iter().any(|other| other.at < event.at && is_act(other));
                    if first && (late.is_none() || event.at <= command.at) {
                        self.now = event.at;
                        self.pass_time()?;
                    }
                    self.case.take(event);
                    self.events.push(event.clone());
                }
                Redo::Data(given) => data = Some((event, given)),
                Redo::Act => {
                    if last.is_some_and(|last| the_same_act(last, event)) {
                        continue;
                    }
                    last = Some(event);
                    let given = data.take();
                    let foreign =
                        given.is_some_and(|(of, _)| (of.at, &of.by) != (event.at, &event.by));
                    let done = if foreign {
                        Err(Refusal::new("", Why::CantBeRetold))
                    } else {
                        self.do_again(event, given.map(|(_, given)| given), opened_by(event, after))
                    };
                    done.map_err(|refusal| self.stands_in_the_way(command, event, refusal))?;
                }
            }
        }
        late.map_or(Ok(()), |command| self.tell_late(command, over))
    }

    /// Does the late act, when everything before it has happened.
    fn tell_late(
        &mut self,
        command: &Command,
        over: Option<(&Move<'a>, &Mapping)>,
    ) -> Result<(), Refusal> {
        self.now = command.at;
        self.pass_time()?;
        if let Some((moving, map)) = over {
            self.go_over(moving, map, command.at)?;
        }
        self.act(command)?;
        self.settle(command.at)?;
        self.pass_time()
    }

    /// Does an act again that is on record.
    fn do_again(
        &mut self,
        event: &Event,
        data: Option<&Map<String, Value>>,
        opened: Option<Other>,
    ) -> Result<(), Refusal> {
        self.now = event.at;
        self.pass_time()?;
        if let Fact::LinkedCaseDecided { case, .. } = &event.fact {
            // The other case decided, whatever is told of this one: it must still be one that this case opened.
            if self.case.link(LinkKind::Opened, case).is_none() {
                return Err(Refusal::new("", Why::CantBeRetold));
            }
            self.case.take(event);
            self.events.push(event.clone());
            self.settle(event.at)?;
            return self.pass_time();
        }
        if matches!(event.fact, Fact::Migrated { .. } | Fact::MigrationUndone { .. }) {
            return Err(Refusal::new("", Why::CantBeRetold));
        }
        let Some(by) = &event.by else { return Ok(()) };
        let Some((act, who)) = redo::act(self.procedure, &self.case, event, data) else {
            return Err(Refusal::new("", Why::CantBeRetold));
        };
        let act = match (act, opened) {
            (Act::Do(act), Some(other)) => Act::Do(Do { opens: Some(other), ..act }),
            (act, _) => act,
        };
        let actor = as_recorded(self.procedure, &self.case, by, &who);
        let command =
            Command { at: event.at, now: event.at, actor, seen: None, act, documents: Vec::new() };
        let (revision, told_at) = (event.revision, event.recorded_at);
        if let Some(telling) = &mut self.telling {
            telling.again = Some(Recorded { revision, told_at, by: by.clone() });
        }
        let so_far = self.events.len();
        let done = self.act(&command);
        if let Some(telling) = &mut self.telling {
            telling.again = None;
        }
        done?;
        let new = self.events.get(so_far..).unwrap_or_default();
        if !new.iter().any(|new| redo::is_as_recorded(new, event)) {
            return Err(Refusal::new(asked(&command.act), Why::CantBeRetold));
        }
        self.settle(event.at)?;
        self.pass_time()
    }

    /// Returns the refusal of a late act because of what was done after it.
    fn stands_in_the_way(&self, command: &Command, event: &Event, because: Refusal) -> Refusal {
        let act = redo::act(self.procedure, &self.case, event, None);
        let act = act.map(|(act, _)| asked(&act)).unwrap_or_default();
        let rule = because.rule.clone();
        let why = Why::StandsInTheWay { act, at: event.at, because: Box::new(because) };
        let refusal = Refusal { rule, ..Refusal::new(asked(&command.act), why) };
        refusal.unless(Remedy::DateFrom { at: event.at })
    }
}

/// Returns the case that doing a step opened: it stands beside this one, and stays the same.
pub(super) fn opened_by(event: &Event, after: &[Event]) -> Option<Other> {
    let Fact::StepDone { instance: done, .. } = &event.fact else { return None };
    after.iter().filter(|other| other.at == event.at).find_map(|other| {
        let Fact::CaseLinked { case, procedure, through: Some(through), .. } = &other.fact else {
            return None;
        };
        let opened = Other { reference: case.clone(), procedure: procedure.clone() };
        (through.instance == *done).then_some(opened)
    })
}

/// Returns by whom the late act was done, as its own event says.
fn by_whom(events: &[Event], command: &Command, revision: u64) -> Option<ActedBy> {
    let own =
        |event: &&Event| event.revision == revision && event.at == command.at && event.by.is_some();
    events.iter().find(own).and_then(|event| event.by.clone())
}

/// Returns what happens now, with the events of before where the same happens again, and those of before that don't.
fn with_what_stands(now: Vec<Event>, before: &[Event], revision: u64) -> (Vec<Event>, Vec<Event>) {
    let mut left: Vec<Option<&Event>> = before.iter().map(Some).collect();
    let mut take = |event: &Event| {
        let same = left.iter_mut().find(|old| {
            old.is_some_and(|old| redo::is_the_same(old, event, redo::was_sent(old, before)))
        });
        same.and_then(Option::take).cloned()
    };
    let tail = now.into_iter().map(|event| take(&event).unwrap_or(event)).collect();
    let undone = left.into_iter().flatten().filter(|event| event.revision != revision).cloned();
    (tail, undone.collect())
}
