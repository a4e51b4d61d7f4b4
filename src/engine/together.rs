//! What is done in several cases at once: one commit holds all of it, or nothing.

use super::linked::new_case;
use super::{
    Accepted, Answer, Attempt, CaseFile, Engine, EngineError, MOST_TRIES, Request, answer, attempt,
    digest, outbox, rows,
};
use crate::case::{Act, Case, Command, Event, Other, Split, TakeIn, split_opening};
use crate::procedure::Procedure;
use crate::store::{
    CaseKey, Change, CommandRecord, Commit, Committed, Revision, Target, VersionHash,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an act did in another case.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// That case as it was before.
    pub before: Case,
    /// That case as it is now.
    pub file: CaseFile,
    /// What happened in it.
    pub events: Vec<Event>,
}

/// What the answer to a command says of another case.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AnswerElsewhere {
    reference: String,
    from: u64,
    to: u64,
}

/// One case in a commit.
pub(super) struct Part {
    pub(super) target: Target,
    pub(super) procedure: Arc<Procedure>,
    pub(super) before: Case,
    pub(super) after: Case,
    pub(super) events: Vec<Event>,
}

impl Part {
    /// Returns an existing case, in which nothing has happened yet.
    pub(super) fn of(file: CaseFile, key: CaseKey) -> Self {
        let CaseFile { procedure, case, .. } = file;
        let target = Target::Existing { case: key, expected: Revision(case.revision) };
        Self { target, procedure, before: case.clone(), after: case, events: Vec::new() }
    }

    /// Takes in what happens.
    pub(super) fn happen(&mut self, events: Vec<Event>) {
        self.after = events.iter().fold(std::mem::take(&mut self.after), Case::apply);
        self.events.extend(events);
    }

    /// Takes `procedure` for the text on which the case goes on, if it moved to that one.
    pub(super) fn goes_on_under(&mut self, procedure: &Arc<Procedure>) {
        if self.after.opening.as_ref().is_some_and(|own| own.version == procedure.version) {
            self.procedure = Arc::clone(procedure);
        }
    }

    /// Returns what people call the case.
    pub(super) fn reference(&self) -> &str {
        self.after.opening.as_ref().map(|opening| opening.reference.as_str()).unwrap_or_default()
    }

    fn change(&self) -> Option<Change> {
        Some(Change {
            target: self.target.clone(),
            events: self
                .events
                .iter()
                .map(|event| serde_json::to_vec(event).unwrap_or_default())
                .collect(),
            snapshot: serde_json::to_vec(&self.after).unwrap_or_default(),
            rows: rows::rows(&self.procedure, &self.after)?,
            outbox: outbox::letters(&self.procedure, &self.before, &self.events),
        })
    }

    pub(super) fn into_elsewhere(self, key: Option<CaseKey>) -> Elsewhere {
        let file = CaseFile { key, procedure: self.procedure, case: self.after };
        Elsewhere { before: self.before, file, events: self.events }
    }

    fn from(&self) -> u64 {
        self.events.first().map_or(self.after.revision, |event| event.revision)
    }
}

/// Returns the commit of what happened in some cases, with all rows derived from it; the case that the command is about
/// comes first.
pub(super) fn commit(
    parts: &[Part],
    texts: Vec<(VersionHash, Vec<u8>)>,
    request: &Request,
    digest: [u8; 32],
) -> Commit {
    let Some((first, others)) = parts.split_first() else { return Commit::default() };
    let elsewhere = others.iter().map(|part| AnswerElsewhere {
        reference: part.reference().to_owned(),
        from: part.from(),
        to: part.after.revision,
    });
    let answer = Answer {
        reference: first.reference().to_owned(),
        from: first.from(),
        to: first.after.revision,
        elsewhere: elsewhere.collect(),
    };
    let answer = serde_json::to_vec(&answer).unwrap_or_default();
    let command = request.id.clone().map(|id| CommandRecord { id, digest, answer });
    let changes = parts.iter().filter_map(Part::change).collect();
    Commit { command, changes, texts, ..Commit::default() }
}

/// Returns what was done, as its actor gets it.
pub(super) fn accepted(parts: Vec<Part>, keys: &[CaseKey]) -> Option<Accepted> {
    let mut parts = parts.into_iter().enumerate();
    let key = |place: usize, part: &Part| match part.target {
        Target::Existing { case, .. } => Some(case),
        Target::New { .. } => keys.get(place).copied(),
    };
    let (_, first) = parts.next()?;
    let of_first = key(0, &first);
    let Elsewhere { before, file, events } = first.into_elsewhere(of_first);
    let elsewhere = parts.map(|(place, part)| {
        let key = key(place, &part);
        part.into_elsewhere(key)
    });
    Some(Accepted { before, file, events, elsewhere: elsewhere.collect(), repeated: false })
}

impl Engine {
    /// Puts on record that two cases have to do with each other: in both, or in none.
    ///
    /// # Errors
    /// [`EngineError`]; each of the two procedures says who may.
    pub fn relate(
        &self,
        key: CaseKey,
        other: CaseKey,
        reason: &str,
        request: &Request,
    ) -> Result<Accepted, EngineError> {
        let act = |_: &CaseFile, other: &CaseFile| Act::Relate {
            other: as_other(other),
            reason: reason.to_owned(),
        };
        self.in_both(key, other, request, &format!("relate {other} {reason}"), act, act)
    }

    /// Joins a case into another of the same procedure: in both, or in none. The answer is about the one that is joined.
    ///
    /// # Errors
    /// [`EngineError`]; the procedure says who may.
    pub fn join(
        &self,
        key: CaseKey,
        into: CaseKey,
        reason: &str,
        request: &Request,
    ) -> Result<Accepted, EngineError> {
        let joined = |_: &CaseFile, other: &CaseFile| Act::JoinInto {
            other: as_other(other),
            reason: reason.to_owned(),
        };
        let taken_in = |_: &CaseFile, other: &CaseFile| {
            let opening = other.case.opening.as_ref();
            Act::TakeIn(Box::new(TakeIn {
                other: as_other(other),
                received_at: opening.map(|opening| opening.received_at),
                parties: other.case.parties().to_vec(),
                data: other.case.data.clone(),
                confidential: opening.is_some_and(|opening| opening.confidential),
                reason: reason.to_owned(),
            }))
        };
        self.in_both(key, into, request, &format!("join {into} {reason}"), joined, taken_in)
    }

    /// Splits a second case off, on the same version of the procedure: one commit holds both.
    ///
    /// # Errors
    /// [`EngineError`]; the procedure says who may.
    pub fn split(
        &self,
        key: CaseKey,
        split: &Split,
        reason: &str,
        request: &Request,
    ) -> Result<Accepted, EngineError> {
        for _ in 0..MOST_TRIES {
            let file = self.stored(key)?;
            let now = self.not_before(&file.case);
            let at = request.at.unwrap_or(now);
            let (number, reference) = self.next_number(&file.procedure, at)?;
            let other =
                Other { reference: reference.clone(), procedure: file.procedure.name.clone() };
            let command = |other: Other| Command {
                at,
                now,
                actor: request.actor.clone(),
                seen: request.seen,
                act: Act::SplitOff { other, reason: reason.to_owned() },
                documents: request.described(),
            };
            // The number is the engine's, so the same again is the same content.
            let unnumbered = Other { reference: String::new(), ..other.clone() };
            let digest = digest(&command(unnumbered), &format!("{key} {split:?}"));
            if let Some(first) = self.repeated(request, &digest)? {
                return Ok(first);
            }
            let command = command(other);
            let mut part = Part::of(file, key);
            let history = || self.recorded(key);
            let Attempt { events, refusal } =
                attempt(&part.procedure, &part.before, &command, &history)?;
            part.happen(events);
            let mut refused = None;
            let mut parts = vec![part];
            if let (None, Some(first)) = (&refusal, parts.first()) {
                let actor = request.actor.clone();
                let documents = first.after.documents.iter();
                let documents = documents.map(|record| record.document.clone()).collect();
                let open = split_opening(&first.after, split, reference);
                let second = open.and_then(|open| {
                    new_case(&first.procedure, number, open, (actor, documents), at, now)
                });
                match second {
                    Ok(second) => parts.push(second),
                    Err(refusal) => refused = Some(refusal),
                }
                if refused.is_none() {
                    refused = self.follow(&mut parts, None, now)?;
                }
            }
            let done = match refused {
                Some(refusal) => self.refused_elsewhere(key, &command, request, refusal)?,
                None => self.keep(parts, Vec::new(), request, digest, refusal)?,
            };
            if let Some(done) = done {
                return Ok(done);
            }
        }
        Err(EngineError::Busy)
    }

    /// Asks one act of a case and another of a second case. The first refusal stands for both.
    fn in_both(
        &self,
        key: CaseKey,
        other: CaseKey,
        request: &Request,
        content: &str,
        first: impl Fn(&CaseFile, &CaseFile) -> Act,
        second: impl Fn(&CaseFile, &CaseFile) -> Act,
    ) -> Result<Accepted, EngineError> {
        for _ in 0..MOST_TRIES {
            let (own, its) = (self.stored(key)?, self.stored(other)?);
            let now = self.not_before(&own.case).max(self.not_before(&its.case));
            let command = |act: Act, seen: Option<u64>| {
                let (at, actor) = (request.at.unwrap_or(now), request.actor.clone());
                Command { at, now, actor, seen, act, documents: Vec::new() }
            };
            let asked = command(first(&own, &its), request.seen);
            let asked = Command { documents: request.described(), ..asked };
            let mut of_other = command(second(&its, &own), None);
            if let Act::TakeIn(_) = of_other.act {
                // What lies in both comes once.
                let known = &its.case.documents;
                let new = own.case.documents.iter().map(|record| &record.document);
                let new = new.filter(|document| {
                    !known.iter().any(|known| known.document.sha256 == document.sha256)
                });
                of_other.documents = new.cloned().collect();
            }
            let digest = digest(&asked, &format!("{key} {content}"));
            if let Some(first) = self.repeated(request, &digest)? {
                return Ok(first);
            }
            let mut parts = Vec::new();
            let mut refused = None;
            for (file, key, command) in [(own, key, asked), (its, other, of_other)] {
                let mut part = Part::of(file, key);
                let history = || self.recorded(key);
                let Attempt { events, refusal } =
                    attempt(&part.procedure, &part.before, &command, &history)?;
                part.happen(events);
                if refusal.is_some() {
                    // What is refused in one case does not happen in the other.
                    parts = vec![part];
                    refused = refusal;
                    break;
                }
                parts.push(part);
            }
            if let Some(refusal) = self.follow(&mut parts, None, now)? {
                return Err(EngineError::Refused { refusal: Box::new(refusal), file: None });
            }
            if let Some(done) = self.keep(parts, Vec::new(), request, digest, refused)? {
                return Ok(done);
            }
        }
        Err(EngineError::Busy)
    }

    /// Keeps what happened, or the refused attempt. Returns nothing where somebody else was first: decide anew then.
    pub(super) fn keep(
        &self,
        parts: Vec<Part>,
        texts: Vec<(VersionHash, Vec<u8>)>,
        request: &Request,
        digest: [u8; 32],
        refusal: Option<crate::case::Refusal>,
    ) -> Result<Option<Accepted>, EngineError> {
        let is_refused = refusal.is_some();
        let done = |keys: &[CaseKey], parts: Vec<Part>| match accepted(parts, keys) {
            Some(accepted) => answer(accepted, refusal).map(Some),
            None => Ok(None),
        };
        if let (false, Some(part)) = (is_refused, parts.first()) {
            self.keep_documents(request, &part.after)?;
        }
        if request.dry_run || parts.iter().all(|part| part.events.is_empty()) {
            return done(&[], parts);
        }
        let kept =
            if is_refused { Request { id: None, ..request.clone() } } else { request.clone() };
        match self.store.commit(commit(&parts, texts, &kept, digest))? {
            Committed::Done(keys) => {
                self.deliver_after(parts.iter().flat_map(|part| &part.events));
                done(&keys, parts)
            }
            Committed::Stale(_) => Ok(None),
            Committed::Repeated { first, same_content } => {
                let key = first.cases.first();
                self.answered_before(request, &first.answer, key, same_content).map(Some)
            }
            Committed::Unknown(error) => Err(EngineError::Unknown(error)),
        }
    }

    /// Returns what the first answer to a command did in other cases.
    pub(super) fn elsewhere_before(
        &self,
        answers: &[AnswerElsewhere],
    ) -> Result<Vec<Elsewhere>, EngineError> {
        let elsewhere = answers.iter().map(|answer| {
            let key = self.find(&answer.reference)?;
            let file = self.stored(key)?;
            let events = self.recorded(key)?;
            let before = Case::replay(events.iter().filter(|event| event.revision < answer.from));
            let of_answer = |event: &Event| (answer.from..=answer.to).contains(&event.revision);
            let events = events.into_iter().filter(of_answer).collect();
            Ok(Elsewhere { before, file, events })
        });
        elsewhere.collect()
    }
}

/// Returns a case as another one knows it.
pub(super) fn as_other(file: &CaseFile) -> Other {
    Other { reference: file.reference().to_owned(), procedure: file.procedure.name.clone() }
}
