//! A case that is on record, again under another text of its procedure.
//!
//! What people did is asked of the other text, each act at its own instant and in its own words; time passes between, and
//! what follows comes anew. An act that the text refuses to whoever did it, and would take from somebody else, is taken from
//! somebody else; any other refusal is the end of the replay: nobody knows what people would have done instead.

use super::Deciding;
use super::authority::as_recorded;
use super::late::redo::{self, Redo, redo, the_same_act};
use super::late::{Recorded, Telling, opened_by};
use crate::case::command::{Act, Command, Do, Open, Other};
use crate::case::event::{Event, Fact};
use crate::case::migration::event_now;
use crate::case::moments::told;
use crate::case::person::{ActedBy, Actor, Person, PersonId};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::replay::{CantReplay, Difference, Replayed, compare};
use crate::case::state::Case;
use crate::procedure::{Mapping, Name, Procedure, RoleIndex};
use crate::time::Instant;
use serde_json::{Map, Value};

/// How a case is played again.
#[derive(Debug, Clone, Copy)]
pub struct Replay<'a> {
    /// The text on which the case runs.
    pub from: &'a Procedure,
    /// The text on which it is played; its `transition` says what the old names are called.
    pub to: &'a Procedure,
    /// Who is told what comes of it: a refusal does not name to him who is hidden from him.
    pub viewer: &'a Person,
    /// The present: up to then time passes in both.
    pub until: Instant,
}

/// Plays a case again, of which `history` holds what has fallen due up to the present. Nothing of it is kept anywhere.
///
/// # Errors
/// [`CantReplay`] where the record does not say enough to ask the same again.
pub fn replay(replay: &Replay<'_>, history: &[Event]) -> Result<Replayed, CantReplay> {
    let same = replay.from.version == replay.to.version;
    let map = if same { Mapping::default() } else { replay.to.transition.map.clone() };
    let before = Case::replay(history);
    let acts = acts(&told(history), &map);
    let Some(first) = acts.first().filter(|act| matches!(act.event.fact, Fact::CaseOpened { .. }))
    else {
        return Err(CantReplay::NotOpened);
    };
    let mut playing = Playing {
        deciding: Deciding::new(replay.to, Case::default(), first.event.at),
        viewer: replay.viewer,
        found: Vec::new(),
    };
    let went = playing.play(&acts, replay.until)?;
    let Playing { deciding, mut found, .. } = playing;
    let after = deciding.case;
    let mut dates = Vec::new();
    if went {
        let of = (replay.from, &before);
        let told = compare(of, (replay.to, &after), &map);
        found.extend(told.differences);
        dates = told.dates;
    }
    Ok(Replayed { before, after, differences: found, dates })
}

/// Something on record that is asked again, in the names of the text on which it is asked.
struct Recording {
    event: Event,
    /// Data that were given with it.
    data: Option<Map<String, Value>>,
    /// The case that it opened.
    opened: Option<Other>,
}

/// Returns what people did, and what came into the case from elsewhere, in its order and in the names of now.
fn acts(told: &[Event], map: &Mapping) -> Vec<Recording> {
    let mut acts: Vec<Recording> = Vec::new();
    // What was done before each move to another text, in the names of then.
    let mut before_moves: Vec<Vec<Recording>> = Vec::new();
    let mut data: Option<(&Event, &Map<String, Value>)> = None;
    let mut last: Option<&Event> = None;
    for (here, event) in told.iter().enumerate() {
        match redo(event) {
            Redo::Anew => {}
            Redo::Keep => {
                acts.push(Recording { event: event.clone(), data: None, opened: None });
            }
            Redo::Data(given) => data = Some((event, given)),
            Redo::Act => {
                if let Fact::Migrated { map, .. } = &event.fact {
                    let now = acts.iter().flat_map(|act| act.now(map)).collect();
                    before_moves.push(std::mem::replace(&mut acts, now));
                } else if matches!(event.fact, Fact::MigrationUndone { .. }) {
                    acts = before_moves.pop().unwrap_or(acts);
                } else if !last.is_some_and(|last| the_same_act(last, event)) {
                    last = Some(event);
                    let own = |of: &Event| (of.at, &of.by) == (event.at, &event.by);
                    let given = data.take().filter(|(of, _)| own(of));
                    let after = told.get(here..).unwrap_or_default();
                    acts.push(Recording {
                        event: event.clone(),
                        data: given.map(|(_, given)| given.clone()),
                        opened: opened_by(event, after),
                    });
                }
            }
        }
    }
    acts.iter().flat_map(|act| act.now(map)).collect()
}

impl Recording {
    /// Returns it in the names of now; nothing where what it was about was dropped.
    fn now(&self, map: &Mapping) -> Vec<Recording> {
        let data = |data: &Map<String, Value>| {
            let now =
                data.iter().filter_map(|(name, value)| Some((map.field(name)?, value.clone())));
            now.collect()
        };
        let of = |event| Recording {
            event,
            data: self.data.as_ref().map(data),
            opened: self.opened.clone(),
        };
        event_now(&self.event, map).into_iter().map(of).collect()
    }
}

/// A case while it is played again.
struct Playing<'a> {
    deciding: Deciding<'a>,
    viewer: &'a Person,
    found: Vec<Difference>,
}

impl Playing<'_> {
    /// Asks all acts. Returns whether the case went to its end.
    fn play(&mut self, acts: &[Recording], until: Instant) -> Result<bool, CantReplay> {
        let is_act = |act: &Recording| matches!(redo(&act.event), Redo::Act);
        for (here, act) in acts.iter().enumerate() {
            let at = act.event.at;
            let rest = acts.get(here..).unwrap_or_default();
            // What nothing rests on may be dated later than what was done after it.
            let first =
                is_act(act) || !rest.iter().any(|other| is_act(other) && other.event.at < at);
            if first && !self.let_pass(at) {
                return Ok(false);
            }
            if is_act(act) {
                if !self.ask(act)? {
                    return Ok(false);
                }
            } else {
                self.deciding.case.take(&act.event);
                self.deciding.events.push(act.event.clone());
            }
        }
        Ok(self.let_pass(until))
    }

    /// Lets time pass. Returns whether what fell due could follow.
    fn let_pass(&mut self, until: Instant) -> bool {
        self.deciding.now = until;
        if self.deciding.case.opening.is_none() {
            return true;
        }
        match self.deciding.pass_time() {
            Ok(()) => true,
            Err(refusal) => {
                let (act, at) = (refusal.asked.clone(), self.deciding.now);
                let refusal = Box::new(refusal);
                self.found.push(Difference::Refused { act, at, by: None, refusal });
                false
            }
        }
    }

    /// Asks an act. Returns whether it was taken in, whoever did it.
    fn ask(&mut self, recording: &Recording) -> Result<bool, CantReplay> {
        let event = &recording.event;
        let Some((act, who)) = self.act(recording) else {
            return if self.goes_without(event) {
                Ok(true)
            } else {
                Err(CantReplay::NoAct { at: event.at })
            };
        };
        let by = event.by.as_ref();
        let actor = match by {
            Some(by) => {
                let mut as_if_open = self.deciding.case.clone();
                if as_if_open.opening.is_none() {
                    as_if_open.take(event);
                }
                as_recorded(self.deciding.procedure, &as_if_open, by, &who)
            }
            None => Actor::new(Person::nobody()),
        };
        let command =
            Command { at: event.at, now: event.at, actor, seen: None, act, documents: Vec::new() };
        let so_far = self.deciding.events.len();
        let Err(refusal) = self.attempt(&command, by) else {
            let new = self.deciding.events.get(so_far..).unwrap_or_default();
            let called_so = new.iter().all(|new| called_as_it_was(new, event));
            return if called_so {
                Ok(true)
            } else {
                Err(CantReplay::CalledOtherwise { at: event.at })
            };
        };
        // Who takes a step up, or gives it to somebody, has not done it yet.
        if matches!(event.fact, Fact::StepAssigned { .. }) {
            return Ok(true);
        }
        let act = super::asked(&command.act);
        let by = by.cloned();
        let at = event.at;
        if is_about_who(&refusal.why)
            && let Some(could) = self.by_somebody_else(&command, &refusal)
        {
            let refusal = Box::new(refusal);
            let role = by.as_ref().and_then(|by| by.role.clone());
            self.found.push(Difference::SomebodyElse { act, at, by, role, could, refusal });
            return Ok(true);
        }
        self.found.push(Difference::Refused { act, at, by, refusal: Box::new(refusal) });
        Ok(false)
    }

    /// Returns what is asked.
    fn act(&self, recording: &Recording) -> Option<(Act, Vec<RoleIndex>)> {
        let Deciding { procedure, case, .. } = &self.deciding;
        let event = &recording.event;
        let data = recording.data.as_ref();
        if let Fact::CaseOpened {
            reference,
            channel,
            received_at,
            forwarded_by,
            parties,
            confidential,
            data,
            origin,
            procedure: _,
            version: _,
        } = &event.fact
        {
            let open = Open {
                reference: reference.clone(),
                channel: channel.clone(),
                received_at: *received_at,
                forwarded_by: forwarded_by.clone(),
                parties: parties.clone(),
                confidential: *confidential,
                data: data.clone(),
                origin: origin.as_deref().cloned(),
            };
            return Some((Act::Open(open), Vec::new()));
        }
        if let Fact::LinkedCaseDecided { case, verdict } = &event.fact {
            let (case, verdict) = (case.clone(), verdict.clone());
            return Some((Act::Hear { case, verdict }, Vec::new()));
        }
        let (act, who) = redo::act(procedure, case, event, data)?;
        Some(match (act, &recording.opened) {
            (Act::Do(act), Some(other)) => (Act::Do(Do { opens: Some(other.clone()), ..act }), who),
            (act, _) => (act, who),
        })
    }

    /// Whether what is on record has no place in the text, and nothing is lost: a letter that does not wait for somebody to
    /// send it, and the taking up of a step that there is no more.
    fn goes_without(&self, event: &Event) -> bool {
        if let Fact::LetterSent { letter, .. } = &event.fact {
            return !self.deciding.case.to_send.iter().any(|made| made.letter == *letter);
        }
        matches!(event.fact, Fact::StepAssigned { .. })
    }

    /// Does what a command asks, with all that follows at once; where it is refused, nothing has happened.
    fn attempt(&mut self, command: &Command, by: Option<&ActedBy>) -> Result<(), Refusal> {
        let deciding = &mut self.deciding;
        let case = deciding.case.clone();
        let so_far = deciding.events.len();
        deciding.now = command.at;
        deciding.telling = Some(Telling {
            revision: case.revision.saturating_add(1),
            recorded_at: command.at,
            viewer: self.viewer.clone(),
            documents: Vec::new(),
            again: by.map(|by| Recorded {
                revision: case.revision.saturating_add(1),
                told_at: command.at,
                by: by.clone(),
            }),
        });
        let done = deciding.act(command);
        if let Some(telling) = &mut deciding.telling {
            telling.again = None;
        }
        let done =
            done.and_then(|()| deciding.settle(command.at)).and_then(|()| deciding.pass_time());
        if done.is_err() {
            deciding.case = case;
            deciding.events.truncate(so_far);
            deciding.breaches.clear();
            deciding.unwritten.clear();
        }
        done
    }

    /// Has somebody do what was refused to the one who did it. Returns the roles of which one is needed; nothing where
    /// nobody could.
    fn by_somebody_else(&mut self, command: &Command, refusal: &Refusal) -> Option<Vec<Name>> {
        let procedure = self.deciding.procedure;
        let could = self.could(command, refusal);
        let staff: std::collections::BTreeSet<Name> = could
            .iter()
            .filter(|role| {
                procedure.find_role(role.as_str()).is_some_and(|role| !procedure.role(role).party)
            })
            .cloned()
            .collect();
        let person = &command.actor.person;
        let mut able = vec![
            Person { roles: staff.clone(), ..person.clone() },
            Person::new(PersonId::staff("somebody-else"), staff),
        ];
        let case = &self.deciding.case;
        for party in case.parties().iter().filter(|party| could.contains(&party.role)) {
            able.push(Person { id: party.person.clone(), ..Person::nobody() });
        }
        for person in able {
            let command = Command { actor: Actor::new(person), ..command.clone() };
            if self.attempt(&command, None).is_ok() {
                return Some(could);
            }
        }
        None
    }

    /// Returns the roles of which the text asks one of an act.
    fn could(&self, command: &Command, refusal: &Refusal) -> Vec<Name> {
        let procedure = self.deciding.procedure;
        if let Why::NotYourRole { roles } = &refusal.why {
            return roles.clone();
        }
        let named = refusal.remedies.iter().find_map(|remedy| {
            if let Remedy::ActAs { roles } = remedy { Some(roles.clone()) } else { None }
        });
        let of_step = || {
            let step = procedure.find_step(&super::asked(&command.act))?;
            let who = &procedure.step(step).who;
            Some(who.iter().map(|role| procedure.role(*role).name.clone()).collect())
        };
        of_step().or(named).unwrap_or_default()
    }
}

/// Whether a refusal is about who asks, and not about what is asked.
fn is_about_who(why: &Why) -> bool {
    matches!(
        why,
        Why::NotYourRole { .. }
            | Why::MayNotEnterFor { .. }
            | Why::Apart { .. }
            | Why::ApartActs { .. }
            | Why::Barred { .. }
            | Why::NotIndependent { .. }
            | Why::AssignedToAnother { .. }
            | Why::NotYourAppeal
            | Why::AnothersOwn { .. }
    )
}

/// Whether whoever comes into the case is called as he was: other acts name him so.
fn called_as_it_was(new: &Event, old: &Event) -> bool {
    if let (Fact::PartyJoined { party: new }, Fact::PartyJoined { party: old }) =
        (&new.fact, &old.fact)
    {
        return new.person == old.person;
    }
    if let (Fact::CaseTakenIn { parties: new, .. }, Fact::CaseTakenIn { parties: old, .. }) =
        (&new.fact, &old.fact)
    {
        return new.iter().map(|party| &party.person).eq(old.iter().map(|party| &party.person));
    }
    true
}
