//! Cases that open others, and hear from them: whatever an act brings about in other cases is in its commit.

use super::together::Part;
use super::{Adopted, Engine, EngineError, Request, pass_time, refused};
use crate::case::{
    Act, Actor, Case, Command, Document, Event, Fact, LinkKind, Open, Other, Person, Refusal,
    Through, Why, decide, linked_opening, verdict,
};
use crate::procedure::{Name, Procedure};
use crate::store::{CaseKey, Number, Target, VersionHash};
use crate::time::Instant;
use std::sync::Arc;

/// The most cases in one commit.
const MOST_CASES: usize = 100;
/// How far down, from case to case, time is let pass before something is asked of a case.
const DEEPEST: usize = 8;

/// A case that an act may open: its procedure, and the number that it takes.
pub(super) struct Prepared {
    adopted: Adopted,
    number: Number,
    reference: String,
}

impl Engine {
    /// Returns the case that an act may open, where its step opens one and the procedure is there.
    pub(super) fn prepare(
        &self,
        procedure: &Procedure,
        act: &Act,
        at: Instant,
    ) -> Result<Option<Prepared>, EngineError> {
        let Act::Do(act) = act else { return Ok(None) };
        let step = procedure.find_step(&act.step).map(|index| procedure.step(index));
        let Some(opens) = step.and_then(|step| step.opens.as_ref()) else { return Ok(None) };
        let Some(adopted) = self.text_to_open(&opens.procedure, procedure, at)? else {
            return Ok(None);
        };
        let (number, reference) = self.next_number(&adopted.procedure, at)?;
        Ok(Some(Prepared { adopted, number, reference }))
    }

    /// Returns the text on which a case is opened by another: the one in force, or, of a procedure of which nothing is on
    /// record, the one that is found.
    fn text_to_open(
        &self,
        name: &Name,
        opener: &Procedure,
        at: Instant,
    ) -> Result<Option<Adopted>, EngineError> {
        if self.publications(name.as_str())?.is_empty() {
            let found = self.procedures.as_ref();
            return Ok(found.and_then(|known| known.adopt(name.as_str(), &self.almanac)));
        }
        let day = opener.zone.local_date(at);
        let in_force = self.in_force(name.as_str(), day, day)?;
        Ok(in_force.map(|(_, adopted)| adopted))
    }

    /// Returns the number that the next case of a procedure takes, and what people will call it.
    pub(super) fn next_number(
        &self,
        procedure: &Procedure,
        at: Instant,
    ) -> Result<(Number, String), EngineError> {
        let year = chrono::Datelike::year(&procedure.zone.local_date(at));
        let series = procedure.reference.series(year);
        let number = self.store.next_number(&series)?;
        let reference = procedure.reference.format(year, number);
        Ok((Number { series, number }, reference))
    }

    /// Follows what happened in some cases into others: the case that a step opens, and the case that waits for a
    /// decision. Returns the refusal where another case can't take it in; then nothing of it may be kept.
    pub(super) fn follow(
        &self,
        parts: &mut Vec<Part>,
        prepared: Option<&Prepared>,
        now: Instant,
    ) -> Result<Option<Refusal>, EngineError> {
        let mut looked: Vec<usize> = vec![0; parts.len()];
        loop {
            looked.resize(parts.len(), 0);
            let mut with_news = parts.iter().zip(&looked).enumerate();
            let news = with_news.find(|(_, (part, seen))| part.events.len() > **seen);
            let Some((place, (part, seen))) = news else { return Ok(None) };
            let count = part.events.len() - seen;
            let events = news_of(part.events.iter().skip(*seen));
            let heard = verdict(&part.after, &events);
            let case = part.reference().to_owned();
            let opened = events.iter().find_map(|event| {
                let Fact::CaseLinked { kind: LinkKind::Opened, through, .. } = &event.fact else {
                    return None;
                };
                Some((event.at, through.clone()?))
            });
            let at = events.last().map_or(now, |event| event.at);
            if let Some(entry) = looked.get_mut(place) {
                *entry += count;
            }
            if parts.len() >= MOST_CASES {
                return Ok(Some(Refusal::new("hear", Why::Endless)));
            }
            if let (Some((at, through)), Some(prepared), Some(part)) =
                (opened, prepared, parts.get(place))
            {
                match opening(part, &through, prepared, at, now) {
                    Ok(new) => parts.push(new),
                    Err(refusal) => return Ok(Some(refusal)),
                }
            }
            if let Some((reference, verdict)) = heard {
                let known = parts.iter().position(|part| part.reference() == reference);
                let place = if let Some(place) = known {
                    place
                } else {
                    let key = self.find(&reference)?;
                    parts.push(Part::of(self.stored(key)?, key));
                    parts.len() - 1
                };
                let Some(part) = parts.get_mut(place) else { continue };
                if let Err(refusal) = hear(part, Act::Hear { case, verdict }, at, now) {
                    return Ok(Some(refusal));
                }
            }
        }
    }

    /// Keeps a refused attempt where the act itself was possible, and what it brings about in another case was not.
    pub(super) fn refused_elsewhere(
        &self,
        key: CaseKey,
        command: &Command,
        request: &Request,
        refusal: Refusal,
    ) -> Result<Option<super::Accepted>, EngineError> {
        let mut part = Part::of(self.stored(key)?, key);
        let passed = pass_time(&part.procedure, &part.before, command.now).unwrap_or_default();
        part.happen(passed);
        if verdict(&part.after, &part.events).is_some() {
            // What fell due would have to be told elsewhere too, and that is what fails.
            let file = Some(Box::new(self.stored(key)?));
            return Err(EngineError::Refused { refusal: Box::new(refusal), file });
        }
        let attempt = refused(&part.after, command, &refusal);
        part.happen(attempt.into_iter().collect());
        self.keep(vec![part], Vec::new(), request, [0; 32], Some(refusal))
    }

    /// Lets happen what has fallen due in the cases that a case waits for, so that it hears of it in time.
    pub(super) fn hear_of_linked(&self, key: CaseKey, depth: usize) -> Result<(), EngineError> {
        if depth >= DEEPEST {
            return Ok(());
        }
        let file = self.stored(key)?;
        let waits = file.case.links.iter().filter(|link| {
            link.kind == LinkKind::Opened && link.verdict.is_none() && file.case.is_open()
        });
        for link in waits {
            let other = self.find(&link.case)?;
            self.hear_of_linked(other, depth + 1)?;
            match self.let_happen(other, pass_time) {
                // What fails there is for the keeper of that case.
                Ok(_) | Err(EngineError::Refused { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Returns the texts to keep with cases that are opened.
pub(super) fn texts(prepared: Option<&Prepared>) -> Vec<(VersionHash, Vec<u8>)> {
    let text = |new: &Prepared| {
        (VersionHash(new.adopted.procedure.version.bytes()), new.adopted.bundle.clone())
    };
    prepared.map(text).into_iter().collect()
}

/// Returns an act with the case that it opens.
pub(super) fn opening_act(act: &Act, prepared: Option<&Prepared>) -> Act {
    match (act, prepared) {
        (Act::Do(act), Some(new)) => {
            let (reference, procedure) =
                (new.reference.clone(), new.adopted.procedure.name.clone());
            let mut act = act.clone();
            act.opens = Some(Other { reference, procedure });
            Act::Do(act)
        }
        (act, _) => act.clone(),
    }
}

/// Returns the case that a step opens.
fn opening(
    from: &Part,
    through: &Through,
    prepared: &Prepared,
    at: Instant,
    now: Instant,
) -> Result<Part, Refusal> {
    let procedure = &prepared.adopted.procedure;
    let reference = prepared.reference.clone();
    let opened = linked_opening(&from.procedure, &from.after, through, procedure, reference, at);
    let Some((open, called)) = opened else {
        return Err(Refusal::new(through.instance.step.as_str(), Why::WrongMoment));
    };
    let events = news_of(&from.events);
    let by = events.iter().find_map(|event| {
        let Fact::StepDone { instance, .. } = &event.fact else { return None };
        event.by.clone().filter(|_| *instance == through.instance)
    });
    let person = by.as_ref().map(|by| called.get(&by.person).unwrap_or(&by.person).clone());
    let person = person.map_or_else(Person::nobody, |id| Person { id, ..Person::nobody() });
    let account = by.and_then(|by| by.account);
    let actor = Actor { account, ..Actor::new(person) };
    new_case(procedure, prepared.number.clone(), open, (actor, Vec::new()), at, now)
}

/// Returns what is new in these events: of a case that is told anew, only what was not on record before.
fn news_of<'e>(events: impl IntoIterator<Item = &'e Event>) -> Vec<Event> {
    let mut news = Vec::new();
    for event in events {
        if let Fact::Retold { history, .. } = &event.fact {
            let new = history.iter().filter(|told| told.revision == event.revision);
            news.extend(new.cloned());
        } else {
            news.push(event.clone());
        }
    }
    news
}

/// Returns a case that is opened because of another, by somebody and with documents.
pub(super) fn new_case(
    procedure: &Arc<Procedure>,
    number: Number,
    open: Open,
    (actor, documents): (Actor, Vec<Document>),
    at: Instant,
    now: Instant,
) -> Result<Part, Refusal> {
    let nothing = Case::default();
    let command = Command { at, now, actor, seen: None, act: Act::Open(open), documents };
    let events = decide(procedure, &nothing, &command)?;
    let mut part = Part {
        target: Target::New { number: Some(number) },
        procedure: Arc::clone(procedure),
        before: nothing.clone(),
        after: nothing,
        events: Vec::new(),
    };
    part.happen(events);
    Ok(part)
}

/// Tells a case what came of another one.
fn hear(part: &mut Part, act: Act, at: Instant, now: Instant) -> Result<(), Refusal> {
    let latest = |case: &Case, at: Instant| case.latest.map_or(at, |latest| latest.max(at));
    let now = latest(&part.after, now);
    let passed = pass_time(&part.procedure, &part.after, now)?;
    part.happen(passed);
    let command = Command {
        at: latest(&part.after, at),
        now,
        actor: Actor::new(Person::nobody()),
        seen: None,
        act,
        documents: Vec::new(),
    };
    let events = decide(&part.procedure, &part.after, &command)?;
    part.happen(events);
    Ok(())
}
