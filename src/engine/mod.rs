//! The engine: takes commands, lets time pass, and keeps what happened.
//!
//! The core decides and the engine acts: it loads a case, lets what fell due happen first, asks [`decide`], and commits
//! the events with all rows derived from them in one transaction. It is the one writer of its store, and reads the clock
//! at one place.

mod catalogue;
mod chance;
mod clock;
mod documents;
mod error;
mod linked;
mod migration;
mod procedures;
mod replay;
mod folder;
mod in_force;
mod media;
mod outbox;
mod rows;
mod together;

pub use catalogue::{CatalogError, PublishedNow, Publisher, Publishing};
pub use chance::new_code;
pub use clock::{Clock, SetClock, SystemClock};
pub use documents::{
    Brought, DocumentError, DocumentFolder, DocumentLimits, make_document, open_document,
};
pub use error::EngineError;
pub use folder::LetterFolder;
pub use migration::{
    Change, DeadlineChange, Forecast, Moving, Task, code_of as obstacle_code, in_words as obstacle,
};
pub use outbox::{Delivered, Delivery};
pub use procedures::Procedures;
pub use together::Elsewhere;

use crate::case::{
    Act, ActedBy, Actor, Case, Command, Document, Event, Fact, Open, Party, Refusal, Why, asked,
    decide, decide_late, pass_time, recount,
};
use crate::catalog::Bundle;
use crate::diagnostic::Diagnostic;
use crate::procedure::{Name, Procedure, Version};
use crate::store::{
    CaseFilter, CaseKey, CommandId, Revision, Store, StoreError, Target, VersionHash,
};
use crate::time::{Almanac, Instant};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use together::{AnswerElsewhere, Part};

/// How often a command is decided anew when another process was first.
const MOST_TRIES: u32 = 20;
/// The most refused attempts that are kept of one case.
const MOST_REFUSALS: u32 = 100;
/// The name under which the store keeps by which calendars all deadlines were counted.
const COUNTED_BY: &str = "counted-by";
/// How many cases with the same end of their reference are looked at.
const MOST_ENDINGS: usize = 1_000;
/// How many cases are looked at together when time passes.
const PAGE: usize = 500;

/// A procedure that cases can be opened on: its compiled form, and the texts to keep.
#[derive(Debug, Clone)]
pub struct Adopted {
    /// The compiled form.
    pub procedure: Arc<Procedure>,
    /// What is worth a second look.
    pub warnings: Vec<Diagnostic>,
    bundle: Vec<u8>,
}

impl Adopted {
    /// Compiles a text that was checked before it was stored.
    ///
    /// # Errors
    /// Findings, which mean that the stored text is not the one that was checked.
    pub fn published(bundle: &Bundle, almanac: &Almanac) -> Result<Self, Vec<Diagnostic>> {
        let procedure = bundle.compile_published(almanac)?;
        Ok(Self { procedure, warnings: Vec::new(), bundle: bundle.to_bytes() })
    }

    /// Whether it was made of these texts, calendars aside.
    pub fn is_of(&self, bundle: &Bundle) -> bool {
        Bundle::from_bytes(&self.bundle)
            .is_some_and(|own| Bundle { calendars: bundle.calendars.clone(), ..own } == *bundle)
    }

    /// Checks and compiles a bundle.
    ///
    /// # Errors
    /// All findings, in the order of the text.
    pub fn new(bundle: &Bundle, almanac: &Almanac) -> Result<Self, Vec<Diagnostic>> {
        let compiled = bundle.compile(almanac)?;
        let calendars = almanac.added().to_vec();
        let bundle = Bundle { calendars, ..bundle.clone() }.to_bytes();
        Ok(Self { procedure: compiled.procedure, warnings: compiled.warnings, bundle })
    }
}

/// The opening of a case, as asked of the engine.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// How the matter came in.
    pub channel: Option<Name>,
    /// When it was received; when it is opened if nothing is said.
    pub received_at: Option<Instant>,
    /// The body to which it came first, and which sent it on.
    pub forwarded_by: Option<String>,
    /// Who has rights in it.
    pub parties: Vec<Party>,
    /// Whether it is asked that the case be confidential.
    pub confidential: bool,
    /// What is recorded.
    pub data: Map<String, Value>,
}

/// Something that is asked of the engine.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
    pub actor: Actor,
    /// When it happened in the world; now if nothing is said.
    pub at: Option<Instant>,
    /// The id of the command: the same id again gives the first answer.
    pub id: Option<CommandId>,
    /// The revision of the case that the actor saw.
    pub seen: Option<u64>,
    /// Whether only to say what would happen.
    pub dry_run: bool,
    /// The documents that come with it.
    pub documents: Vec<Brought>,
}

impl Request {
    /// Returns a request of `actor`, for now.
    pub fn by(actor: Actor) -> Self {
        Self { actor, at: None, id: None, seen: None, dry_run: false, documents: Vec::new() }
    }

    /// Returns it with documents that come with what is asked.
    #[must_use]
    pub fn with(mut self, documents: Vec<Brought>) -> Self {
        self.documents = documents;
        self
    }

    fn described(&self) -> Vec<Document> {
        self.documents.iter().map(|brought| brought.document.clone()).collect()
    }
}

/// A case with the procedure that it runs on.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// Its key in the store; nothing for one that was only tried.
    pub key: Option<CaseKey>,
    /// The procedure.
    pub procedure: Arc<Procedure>,
    /// The case.
    pub case: Case,
}

impl CaseFile {
    /// Returns what people call the case.
    pub fn reference(&self) -> &str {
        self.case.opening.as_ref().map(|opening| opening.reference.as_str()).unwrap_or_default()
    }
}

/// What an accepted act did.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The case as it was before.
    pub before: Case,
    /// The case as it is now.
    pub file: CaseFile,
    /// What happened, what fell due before included.
    pub events: Vec<Event>,
    /// What happened in other cases, in the same commit.
    pub elsewhere: Vec<Elsewhere>,
    /// Whether the same command had been answered before, so that nothing happened now.
    pub repeated: bool,
}

/// The answer that is kept with a command's id.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    reference: String,
    from: u64,
    to: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    elsewhere: Vec<AnswerElsewhere>,
}

/// Takes commands, lets time pass, and keeps what happened.
pub struct Engine {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    almanac: Almanac,
    procedures: Option<Arc<dyn Procedures>>,
    versions: Mutex<HashMap<Version, Arc<Procedure>>>,
    delivery: Option<Arc<dyn Delivery>>,
    documents: Option<Arc<DocumentFolder>>,
}

impl Engine {
    /// Returns an engine over a store, which counts by the calendars that come with the program.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self::counting_by(store, clock, Almanac::shipped())
    }

    /// Returns an engine over a store, which counts by an organisation's own calendars and counting rules as well.
    pub fn counting_by(store: Arc<dyn Store>, clock: Arc<dyn Clock>, almanac: Almanac) -> Self {
        Self {
            store,
            clock,
            almanac,
            procedures: None,
            versions: Mutex::default(),
            delivery: None,
            documents: None,
        }
    }

    /// Returns it with the place where it finds the procedures of cases that other cases open.
    #[must_use]
    pub fn finding(self, procedures: Arc<dyn Procedures>) -> Self {
        Self { procedures: Some(procedures), ..self }
    }

    /// Returns the engine, delivering letters there.
    #[must_use]
    pub fn delivering_to(mut self, delivery: Arc<dyn Delivery>) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// Returns the engine, keeping the bytes of documents there.
    #[must_use]
    pub fn keeping_documents_in(mut self, folder: Arc<DocumentFolder>) -> Self {
        self.documents = Some(folder);
        self
    }

    /// Keeps the bytes of what an act brings in, which is decided and not yet written down.
    fn keep_documents(&self, request: &Request, after: &Case) -> Result<(), EngineError> {
        let Some(folder) = &self.documents else { return Ok(()) };
        let most = folder.limits().most;
        if !request.documents.is_empty() && after.documents.len() > most {
            return Err(DocumentError::TooMany { most }.into());
        }
        if !request.dry_run {
            for brought in &request.documents {
                folder.keep(brought)?;
            }
        }
        Ok(())
    }

    /// Returns where letters are delivered.
    fn delivery(&self) -> Option<&dyn Delivery> {
        self.delivery.as_deref()
    }

    /// Delivers what these events sent, once they are safe. What can't be delivered waits, and is told by
    /// [`Engine::deliver`].
    fn deliver_after<'e>(&self, events: impl IntoIterator<Item = &'e Event>) {
        let is_letter = |event: &Event| {
            matches!(
                event.fact,
                Fact::LetterSent { .. } | Fact::LetterMade { .. } | Fact::Retold { .. }
            )
        };
        if events.into_iter().any(is_letter) {
            // The act is done: a letter that can't be written now is no reason to say that it isn't.
            let _waits = self.deliver();
        }
    }

    /// Returns the calendars and counting rules by which dates are counted.
    pub fn almanac(&self) -> &Almanac {
        &self.almanac
    }

    /// Returns the store, to read from.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Returns the present instant.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Opens a case on a procedure.
    ///
    /// # Errors
    /// [`EngineError`]; after a refusal nothing is stored, and no number is taken.
    pub fn open(
        &self,
        adopted: &Adopted,
        intake: &Intake,
        request: &Request,
    ) -> Result<Accepted, EngineError> {
        let procedure = &adopted.procedure;
        self.remember(procedure);
        let now = self.now();
        let at = request.at.unwrap_or(now);
        for _ in 0..MOST_TRIES {
            let (number, reference) = self.next_number(procedure, at)?;
            let open = Open {
                reference: reference.clone(),
                channel: intake.channel.clone(),
                received_at: intake.received_at.unwrap_or(at),
                forwarded_by: intake.forwarded_by.clone(),
                parties: intake.parties.clone(),
                confidential: intake.confidential,
                data: intake.data.clone(),
                origin: None,
            };
            let command = Command {
                at,
                now,
                actor: request.actor.clone(),
                seen: None,
                act: Act::Open(open),
                documents: request.described(),
            };
            let digest = digest(&command, &reference);
            if let Some(first) = self.repeated(request, &digest)? {
                return Ok(first);
            }
            let nothing = Case::default();
            let events = decide(procedure, &nothing, &command).map_err(|refusal| {
                EngineError::Refused { refusal: Box::new(refusal), file: None }
            })?;
            let mut part = Part {
                target: Target::New { number: Some(number) },
                procedure: Arc::clone(procedure),
                before: nothing.clone(),
                after: nothing,
                events: Vec::new(),
            };
            part.happen(events);
            let texts = vec![(VersionHash(procedure.version.bytes()), adopted.bundle.clone())];
            if let Some(done) = self.keep(vec![part], texts, request, digest, None)? {
                return Ok(done);
            }
        }
        Err(EngineError::Busy)
    }

    /// Asks an act of a case.
    ///
    /// # Errors
    /// [`EngineError`]; what had fallen due before is kept although the act is refused, and so is the attempt.
    pub fn act(&self, key: CaseKey, act: &Act, request: &Request) -> Result<Accepted, EngineError> {
        if !request.dry_run {
            self.hear_of_linked(key, 0)?;
        }
        for _ in 0..MOST_TRIES {
            let file = self.stored(key)?;
            let now = self.not_before(&file.case);
            let command = Command {
                at: request.at.unwrap_or(now),
                now,
                actor: request.actor.clone(),
                seen: request.seen,
                act: act.clone(),
                documents: request.described(),
            };
            let digest = digest(&command, &key.to_string());
            if let Some(first) = self.repeated(request, &digest)? {
                return Ok(first);
            }
            let mut part = Part::of(file, key);
            let over = self.goes_over_to(&part.procedure, &part.before, act, command.at)?;
            let procedure = over.as_ref().map_or(&part.procedure, |(to, _)| &to.procedure);
            let prepared = self.prepare(procedure, act, command.at)?;
            let command = Command { act: linked::opening_act(act, prepared.as_ref()), ..command };
            let history = || self.recorded(key);
            let Attempt { events, refusal } = match &over {
                None => attempt(&part.procedure, &part.before, &command, &history)?,
                Some((to, reason)) => {
                    let texts = (&*part.procedure, &*to.procedure);
                    in_force::attempt_moving(texts, reason, &part.before, &command, &history)?
                }
            };
            part.happen(events);
            if let Some((to, _)) = over {
                part.goes_on_under(&to.procedure);
            }
            let mut parts = vec![part];
            let refused = self.follow(&mut parts, prepared.as_ref(), now)?;
            let done = if let Some(refused) = refused {
                self.refused_elsewhere(key, &command, request, refused)?
            } else {
                let is_new = |part: &Part| matches!(part.target, Target::New { .. });
                let opens = prepared.as_ref().filter(|_| parts.iter().any(is_new));
                self.keep(parts, linked::texts(opens), request, digest, refusal)?
            };
            if let Some(done) = done {
                return Ok(done);
            }
        }
        Err(EngineError::Busy)
    }

    /// Lets happen what has fallen due in one case. Returns what happened.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn pass_time(&self, key: CaseKey) -> Result<Accepted, EngineError> {
        self.hear_of_linked(key, 0)?;
        self.let_happen(key, pass_time)
    }

    /// Takes in what nobody does: `what` says which events that makes of a case at an instant.
    fn let_happen(
        &self,
        key: CaseKey,
        what: fn(&Procedure, &Case, Instant) -> Result<Vec<Event>, Refusal>,
    ) -> Result<Accepted, EngineError> {
        for _ in 0..MOST_TRIES {
            let file = self.stored(key)?;
            let now = self.not_before(&file.case);
            let mut part = Part::of(file, key);
            let events = what(&part.procedure, &part.before, now).map_err(|refusal| {
                EngineError::Refused { refusal: Box::new(refusal), file: None }
            })?;
            part.happen(events);
            let mut parts = vec![part];
            if let Some(refusal) = self.follow(&mut parts, None, now)? {
                let refusal = Box::new(refusal);
                return Err(EngineError::Refused { refusal, file: None });
            }
            let request = Request::by(Actor::new(crate::case::Person::nobody()));
            if let Some(done) = self.keep(parts, Vec::new(), &request, [0; 32], None)? {
                return Ok(done);
            }
        }
        Err(EngineError::Busy)
    }

    /// Lets happen what has fallen due in all cases, in the order of its instants. Returns what happened in each, and
    /// the cases in which it failed, with the reason; one of them never holds up the others.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the store fails.
    pub fn tick(&self) -> Result<Ticked, EngineError> {
        let mut ticked = self.recount()?;
        let until = self.now().timestamp_millis();
        let mut after = None;
        loop {
            let due = self.store.timers_due(until, after, PAGE)?;
            let Some(last) = due.last().copied() else { break };
            for (_, key) in &due {
                match self.pass_time(*key) {
                    Ok(passed) if passed.events.is_empty() => {}
                    Ok(passed) => ticked.passed.push(passed),
                    Err(EngineError::Store(error)) => return Err(EngineError::Store(error)),
                    Err(error) => ticked.failed.push((*key, error)),
                }
            }
            after = Some(last);
        }
        Ok(ticked)
    }

    /// Counts the open deadlines of all cases anew, if the calendars and counting rules are not those by which that was
    /// done last. Returns the cases in which a date moved, and those in which it failed; they are tried again next time.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the store fails.
    pub fn recount(&self) -> Result<Ticked, EngineError> {
        let mut ticked = Ticked::default();
        let fingerprint = self.almanac.fingerprint();
        if self.store.meta(COUNTED_BY)?.as_deref() == Some(&fingerprint[..]) {
            return Ok(ticked);
        }
        for status in ["open", "ended"] {
            let filter = CaseFilter { status: Some(status), ..CaseFilter::default() };
            let mut after = None;
            loop {
                let page = self.store.cases(&filter, after, PAGE)?;
                let Some(last) = page.last().map(|row| row.case) else { break };
                for row in page {
                    match self.let_happen(row.case, recount) {
                        Ok(counted) if counted.events.is_empty() => {}
                        Ok(counted) => ticked.passed.push(counted),
                        Err(EngineError::Store(error)) => return Err(EngineError::Store(error)),
                        Err(error) => ticked.failed.push((row.case, error)),
                    }
                }
                after = Some(last);
            }
        }
        if ticked.failed.is_empty() {
            self.store.put_meta(COUNTED_BY, &fingerprint)?;
        }
        Ok(ticked)
    }

    /// Returns a case as it is now: what has fallen due is taken in, and nothing is written.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn case(&self, key: CaseKey) -> Result<CaseFile, EngineError> {
        let file = self.stored(key)?;
        let now = self.not_before(&file.case);
        match pass_time(&file.procedure, &file.case, now) {
            Ok(events) => {
                let case = events.iter().fold(file.case, Case::apply);
                Ok(CaseFile { case, ..file })
            }
            Err(_) => Ok(file),
        }
    }

    /// Returns the events of a case, what has fallen due and is not yet written included.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn history(&self, key: CaseKey) -> Result<Vec<Event>, EngineError> {
        let file = self.stored(key)?;
        let mut events = self.recorded(key)?;
        let now = self.not_before(&file.case);
        events.extend(pass_time(&file.procedure, &file.case, now).unwrap_or_default());
        Ok(events)
    }

    /// Returns the events of a case as they are written.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn recorded(&self, key: CaseKey) -> Result<Vec<Event>, EngineError> {
        let records = self.store.history(key, Revision(0))?;
        let read = |payload: &[u8]| {
            serde_json::from_slice(payload).map_err(|_| EngineError::Unreadable("event"))
        };
        records.iter().map(|record| read(&record.payload)).collect()
    }

    /// Returns the case that people call `reference`.
    ///
    /// # Errors
    /// [`EngineError::NoSuchCase`].
    pub fn find(&self, reference: &str) -> Result<CaseKey, EngineError> {
        let found = self.store.find_reference(reference)?;
        found.ok_or_else(|| EngineError::NoSuchCase {
            reference: reference.to_owned(),
            several: Vec::new(),
        })
    }

    /// Returns the case whose reference ends so, if there is just one.
    ///
    /// # Errors
    /// [`EngineError::NoSuchCase`], with the references where there are several.
    pub fn find_ending(&self, end: &str) -> Result<CaseKey, EngineError> {
        let file = self.find_seen(end, false, &|_| true)?;
        file.key.ok_or(EngineError::Unreadable("case"))
    }

    /// Returns the case that people call `reference`, or whose reference ends so unless it is `whole`, among those that
    /// `sees` lets through: the others don't exist, and make no difference to the answer.
    ///
    /// # Errors
    /// [`EngineError::NoSuchCase`], with the references where there are several.
    pub fn find_seen(
        &self,
        reference: &str,
        whole: bool,
        sees: &dyn Fn(&CaseFile) -> bool,
    ) -> Result<CaseFile, EngineError> {
        let if_seen = |key: CaseKey| Ok(Some(self.case(key)?).filter(|file| sees(file)));
        let whole_one = self.store.find_reference(reference)?.map_or(Ok(None), if_seen)?;
        if let Some(file) = whole_one {
            return Ok(file);
        }
        let mut found = Vec::new();
        if !whole {
            for (_, key) in self.store.references_ending(reference, MOST_ENDINGS)? {
                if found.len() < 6 {
                    let seen: Result<Option<CaseFile>, EngineError> = if_seen(key);
                    found.extend(seen?);
                }
            }
        }
        let several = found.iter().map(|file| file.reference().to_owned()).collect();
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) | (None, _) => {
                Err(EngineError::NoSuchCase { reference: reference.to_owned(), several })
            }
        }
    }

    /// Returns the procedure of a version, compiled when it is first needed.
    ///
    /// # Errors
    /// [`EngineError`] when the text is missing or was altered.
    pub fn procedure(&self, version: Version) -> Result<Arc<Procedure>, EngineError> {
        if let Some(known) = self.versions().get(&version) {
            return Ok(Arc::clone(known));
        }
        let text = self.store.text(&VersionHash(version.bytes()))?;
        let text = text.ok_or(EngineError::Unreadable("text of a procedure"))?;
        let bundle =
            Bundle::from_bytes(&text).ok_or(EngineError::Unreadable("text of a procedure"))?;
        let procedure = bundle.compile_published(&self.almanac).map_err(EngineError::Findings)?;
        if procedure.version != version {
            return Err(EngineError::Unreadable("text of a procedure"));
        }
        self.remember(&procedure);
        Ok(procedure)
    }

    /// Returns the text on which a case runs, as it stands there: of a case as it was, that of then.
    ///
    /// # Errors
    /// [`EngineError`] when the text is missing or was altered.
    pub fn text_of(&self, case: &Case) -> Result<Arc<Procedure>, EngineError> {
        let version = case.opening.as_ref().map(|opening| opening.version);
        self.procedure(version.ok_or(EngineError::Unreadable("case"))?)
    }

    /// Returns a case as it is written.
    fn stored(&self, key: CaseKey) -> Result<CaseFile, EngineError> {
        let missing =
            || EngineError::NoSuchCase { reference: key.to_string(), several: Vec::new() };
        let stored = self.store.case(key)?.ok_or_else(missing)?;
        let case: Case = serde_json::from_slice(&stored.snapshot)
            .map_err(|_| EngineError::Unreadable("case"))?;
        let procedure = self.text_of(&case)?;
        Ok(CaseFile { key: Some(key), procedure, case })
    }

    fn versions(&self) -> std::sync::MutexGuard<'_, HashMap<Version, Arc<Procedure>>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, procedure: &Arc<Procedure>) {
        self.versions().entry(procedure.version).or_insert_with(|| Arc::clone(procedure));
    }

    /// Returns the present, which never lies before what was recorded last: a clock that was set back does no harm.
    fn not_before(&self, case: &Case) -> Instant {
        let now = self.now();
        case.latest.map_or(now, |latest| latest.max(now))
    }

    /// Returns the first answer to a command whose id was seen before.
    fn repeated(
        &self,
        request: &Request,
        digest: &[u8; 32],
    ) -> Result<Option<Accepted>, EngineError> {
        let Some(id) = request.id.as_ref().filter(|_| !request.dry_run) else { return Ok(None) };
        let Some(first) = self.store.answer(id)? else { return Ok(None) };
        let same = first.digest == *digest;
        self.answered_before(request, &first.answer, first.cases.first(), same).map(Some)
    }

    fn answered_before(
        &self,
        request: &Request,
        answer: &[u8],
        key: Option<&CaseKey>,
        same_content: bool,
    ) -> Result<Accepted, EngineError> {
        let id = request.id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
        if !same_content {
            return Err(EngineError::IdTaken { id });
        }
        let answer: Answer =
            serde_json::from_slice(answer).map_err(|_| EngineError::Unreadable("answer"))?;
        let key = match key {
            Some(key) => *key,
            None => self.find(&answer.reference)?,
        };
        let file = self.stored(key)?;
        let events = self.recorded(key)?;
        let before = Case::replay(events.iter().filter(|event| event.revision < answer.from));
        let of_answer = |event: &Event| (answer.from..=answer.to).contains(&event.revision);
        let events = events.into_iter().filter(of_answer).collect();
        let elsewhere = self.elsewhere_before(&answer.elsewhere)?;
        Ok(Accepted { before, file, events, elsewhere, repeated: true })
    }
}

/// What the passing of time did in all cases.
#[derive(Debug, Default)]
pub struct Ticked {
    /// The cases in which something happened.
    pub passed: Vec<Accepted>,
    /// The cases in which it failed.
    pub failed: Vec<(CaseKey, EngineError)>,
}

/// A command as decided: what happens, and the refusal if it is one.
struct Attempt {
    events: Vec<Event>,
    refusal: Option<Refusal>,
}

/// Decides a command after what fell due before it; with the history, if it tells of what happened before others that are
/// on record. A refused attempt is an event as well, up to a number.
fn attempt(
    procedure: &Procedure,
    before: &Case,
    command: &Command,
    history: &dyn Fn() -> Result<Vec<Event>, EngineError>,
) -> Result<Attempt, EngineError> {
    attempt_by(
        procedure,
        before,
        command,
        history,
        &|case, command| decide(procedure, case, command),
        &|history, command| decide_late(procedure, history, command),
    )
}

/// What decides a command: of a case, or of a history.
type Decides<'a, T> = &'a dyn Fn(&T, &Command) -> Result<Vec<Event>, Refusal>;

fn attempt_by(
    procedure: &Procedure,
    before: &Case,
    command: &Command,
    history: &dyn Fn() -> Result<Vec<Event>, EngineError>,
    decides: Decides<'_, Case>,
    decides_late: Decides<'_, Vec<Event>>,
) -> Result<Attempt, EngineError> {
    let passed = match pass_time(procedure, before, command.now) {
        Ok(passed) => passed,
        Err(refusal) => {
            let events = refused(before, command, &refusal).into_iter().collect();
            return Ok(Attempt { events, refusal: Some(refusal) });
        }
    };
    let case = passed.iter().fold(before.clone(), Case::apply);
    // Whoever saw the case before time passed in it saw the same.
    let seen = command.seen.map(|seen| if seen == before.revision { case.revision } else { seen });
    let command = Command { seen, ..command.clone() };
    let decided = match decides(&case, &command) {
        Err(refusal) if matches!(refusal.why, Why::BeforeWhatHappened { .. }) => {
            let mut history = history()?;
            history.extend(passed.iter().cloned());
            decides_late(&history, &command)
        }
        decided => decided,
    };
    Ok(match decided {
        Ok(acted) => Attempt { events: passed.into_iter().chain(acted).collect(), refusal: None },
        Err(refusal) => {
            let refused = refused(&case, &command, &refusal);
            let events = passed.into_iter().chain(refused).collect();
            Attempt { events, refusal: Some(refusal) }
        }
    })
}

/// Returns the event that keeps a refused attempt.
fn refused(case: &Case, command: &Command, refusal: &Refusal) -> Option<Event> {
    let fact = if let Why::Incident { message } = &refusal.why {
        let place = refusal
            .rule
            .as_ref()
            .map(|rule| format!("{}:{}:{}", rule.file, rule.line, rule.column));
        Fact::Incident {
            step: Name::from(refusal.asked.as_str()),
            place: place.unwrap_or_default(),
            message: message.clone(),
        }
    } else {
        Fact::AttemptRefused { asked: short(&asked(&command.act)), code: refusal.code().to_owned() }
    };
    let kept = case.refusals.saturating_add(case.incidents) < MOST_REFUSALS;
    let stale = matches!(refusal.why, Why::Stale { .. });
    (kept && !stale).then(|| Event {
        revision: case.revision + 1,
        at: command.now,
        recorded_at: command.now,
        by: Some(ActedBy {
            person: command.actor.person.id.clone(),
            role: None,
            unit: None,
            in_place_of: None,
            entered_by: None,
            account: command.actor.account.clone(),
        }),
        fact,
    })
}

/// What was asked is what somebody typed: it is kept up to 64 characters.
fn short(asked: &str) -> String {
    asked.chars().take(64).collect()
}

/// Returns what was done, or the refusal with the case as it stands.
fn answer(accepted: Accepted, refusal: Option<Refusal>) -> Result<Accepted, EngineError> {
    let Some(refusal) = refusal else { return Ok(accepted) };
    let refusal = Box::new(refusal);
    let file = Box::new(accepted.file);
    Err(if matches!(refusal.why, Why::Stale { .. }) {
        EngineError::Stale { refusal, file }
    } else {
        EngineError::Refused { refusal, file: Some(file) }
    })
}

/// Returns the digest of a command's content, apart from when the engine was told.
fn digest(command: &Command, target: &str) -> [u8; 32] {
    let actor = &command.actor;
    let documents = match command.documents.as_slice() {
        [] => String::new(),
        documents => format!(" {documents:?}"),
    };
    let content = if let Act::Open(open) = &command.act {
        // The number of a new case is the engine's, so the same opening again is the same content.
        // A code to come back with is made anew each time, and asks for nothing else.
        let nameless = |party: &Party| Party { code: None, ..party.clone() };
        let parties: Vec<Party> = open.parties.iter().map(nameless).collect();
        let confidential = if open.confidential { " confidential" } else { "" };
        let from = open.forwarded_by.as_ref().map(|body| format!(" from {body}"));
        let from = from.unwrap_or_default();
        format!(
            "open {:?} {parties:?} {:?} {actor:?}{confidential}{from}{documents}",
            open.channel, open.data
        )
    } else {
        format!("{target} {:?} {:?} {actor:?}{documents}", command.seen, command.act)
    };
    Sha256::digest(content.as_bytes()).into()
}

impl From<DocumentError> for EngineError {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
