//! The texts of procedures in the store: published, activated, taken back; and which of them a case gets.
//!
//! What runs comes from the store, never from a folder: a file that is gone, half written or wrong changes nothing. Each
//! act is one commit that rests on the record as it was read, so that two people who publish at once can't undo each
//! other, and a kill in the middle leaves the old record or the new one.

use super::{Adopted, Engine, EngineError, MOST_TRIES};
use crate::catalog::{Bundle, CatalogAct, CatalogFact, PremisesText, Publications, SpanFinding};
use crate::procedure::{Procedure, Version};
use crate::store::{Commit, Committed, VersionHash};
use crate::time::{Date, Instant};
use std::fmt;
use std::sync::Arc;

/// The name under which the store keeps which procedures were ever published.
const PUBLISHED: &str = "published";

/// The name under which the store keeps what the procedures of its workspace rest on.
const PREMISES: &str = "premises";

/// Returns the name under which the store keeps the record of a procedure.
fn record_of(procedure: &str) -> String {
    format!("publications/{procedure}")
}

/// A text that is to be published.
#[derive(Debug, Clone)]
pub struct Publishing<'a> {
    /// The text, checked.
    pub adopted: &'a Adopted,
    /// The file that it came from.
    pub file: String,
    /// How many scenarios beside it went as expected.
    pub scenarios: usize,
    /// Whether new cases get it from now on.
    pub activate: bool,
    /// Whether somebody else than the publisher must activate it.
    pub four_eyes: bool,
}

/// Who does something about the texts, and why.
#[derive(Debug, Clone)]
pub struct Publisher {
    /// The person of the organisation, by short name.
    pub person: String,
    /// The reason.
    pub because: Option<String>,
}

/// What publishing did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedNow {
    /// The number of the text.
    pub number: u32,
    /// Whether it was on record before.
    pub was_there: bool,
    /// Whether anything was put on record now.
    pub is_new: bool,
    /// Whether new cases get it.
    pub active: bool,
}

/// Why a text can't be published or activated.
#[derive(Debug)]
pub enum CatalogError {
    /// The store or the engine failed.
    Engine(EngineError),
    /// There are open cases on earlier texts, and this one does not say what becomes of them.
    NoTransition {
        /// How many.
        open: u64,
    },
    /// Beside the texts that are active there would be days with two texts, or with none.
    Spans(Vec<SpanFinding>),
    /// A second person must activate it.
    SecondPerson {
        /// Who published it.
        publisher: String,
    },
    /// No text has this number.
    NoSuchVersion {
        /// The number asked for.
        number: u32,
        /// The numbers that there are.
        known: Vec<u32>,
    },
    /// It is active already, or retired already.
    NothingToDo {
        /// Whether it is active.
        active: bool,
    },
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(f),
            Self::NoTransition { open } => write!(
                f,
                "no-transition: {open} open cases run on earlier texts, and this one does not say what becomes of them"
            ),
            Self::Spans(findings) => {
                for (place, finding) in findings.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { "; " })?;
                    finding.fmt(f)?;
                }
                Ok(())
            }
            Self::SecondPerson { publisher } => {
                write!(f, "second-person: {publisher} published it, and somebody else activates it")
            }
            Self::NoSuchVersion { number, .. } => write!(f, "no version {number}"),
            Self::NothingToDo { .. } => f.write_str("nothing to do"),
        }
    }
}

impl<E: Into<EngineError>> From<E> for CatalogError {
    fn from(error: E) -> Self {
        Self::Engine(error.into())
    }
}

impl Engine {
    /// Returns what was published of a procedure; empty where nothing was.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn publications(&self, procedure: &str) -> Result<Publications, EngineError> {
        Ok(self.record(procedure)?.0)
    }

    /// Returns the names of the procedures of which something was published or refused.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn published_procedures(&self) -> Result<Vec<String>, EngineError> {
        let bytes = self.store.meta(PUBLISHED)?;
        let unreadable = || EngineError::Unreadable("list of procedures");
        bytes.map_or_else(
            || Ok(Vec::new()),
            |bytes| serde_json::from_slice(&bytes).map_err(|_| unreadable()),
        )
    }

    /// Returns the text that a case gets which was received and opened on these days, with its number.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn in_force(
        &self,
        procedure: &str,
        received: Date,
        opened: Date,
    ) -> Result<Option<(u32, Adopted)>, EngineError> {
        let record = self.publications(procedure)?;
        let Some(current) = record.current(received, opened) else { return Ok(None) };
        Ok(Some((current.number, self.adopted(current.version)?)))
    }

    /// Returns a text that is in the store, as it was published.
    ///
    /// # Errors
    /// [`EngineError`] when the text is missing or was altered.
    pub fn published_text(&self, version: Version) -> Result<Bundle, EngineError> {
        let text = self.store.text(&VersionHash(version.bytes()))?;
        let bundle = text.and_then(|text| Bundle::from_bytes(&text));
        bundle.ok_or(EngineError::Unreadable("text of a procedure"))
    }

    /// Returns a text that is in the store, as cases are opened on it.
    ///
    /// # Errors
    /// [`EngineError`] when the text is missing or was altered.
    pub fn adopted(&self, version: Version) -> Result<Adopted, EngineError> {
        let procedure: Arc<Procedure> = self.procedure(version)?;
        let text = self.store.text(&VersionHash(version.bytes()))?;
        let bundle = text.ok_or(EngineError::Unreadable("text of a procedure"))?;
        Ok(Adopted { procedure, warnings: Vec::new(), bundle })
    }

    /// Returns how many open cases run on other texts of a procedure than this one.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn open_on_others(&self, procedure: &str, version: Version) -> Result<u64, EngineError> {
        let this = VersionHash(version.bytes());
        let groups = self.store.counts()?;
        let open = groups.iter().filter(|(group, _)| {
            group.procedure == procedure && group.status == "open" && group.version != this
        });
        Ok(open.map(|(_, count)| count).sum())
    }

    /// Puts a text on record, and makes it the one that new cases get where that is asked. A text that is on record keeps
    /// its number.
    ///
    /// # Errors
    /// [`CatalogError`]; nothing is kept then.
    pub fn publish(
        &self,
        publishing: &Publishing<'_>,
        by: &Publisher,
    ) -> Result<PublishedNow, CatalogError> {
        let done = self.publish_together(std::slice::from_ref(publishing), None, by)?;
        done.into_iter().next().unwrap_or(Err(EngineError::Busy.into()))
    }

    /// Puts several texts on record in one commit, each as [`Engine::publish`] does, with what they rest on: whoever looks
    /// sees none of it or all of it. A text that has no place on record is left out and says why; it hinders no other.
    ///
    /// # Errors
    /// [`EngineError`]; nothing is kept then.
    pub fn publish_together(
        &self,
        publishings: &[Publishing<'_>],
        premises: Option<&PremisesText>,
        by: &Publisher,
    ) -> Result<Vec<Result<PublishedNow, CatalogError>>, EngineError> {
        let done = self.keep_records(|kept| {
            let mut done = Vec::with_capacity(publishings.len());
            for publishing in publishings {
                done.push(match self.publishing(publishing, by, kept) {
                    Err(CatalogError::Engine(error)) => return Err(error),
                    other => other,
                });
            }
            if let Some(premises) = premises {
                self.keeping_premises(premises, kept)?;
            }
            Ok(done)
        })?;
        for (publishing, _) in publishings.iter().zip(&done).filter(|(_, done)| done.is_ok()) {
            self.remember(&publishing.adopted.procedure);
        }
        Ok(done)
    }

    /// Adds what publishing a text keeps.
    fn publishing(
        &self,
        publishing: &Publishing<'_>,
        by: &Publisher,
        kept: &mut Keeping,
    ) -> Result<PublishedNow, CatalogError> {
        let procedure = &publishing.adopted.procedure;
        let name = procedure.name.as_str();
        let (mut record, read) = self.record(name)?;
        let known = record
            .of_version(procedure.version)
            .map(|known| (known.number, known.activated.is_some()));
        let activates = publishing.activate && !publishing.four_eyes;
        if let Some((number, active)) = known
            && (active || !activates)
        {
            return Ok(PublishedNow { number, was_there: true, is_new: false, active });
        }
        let number = known.map_or(record.next_number(), |(number, _)| number);
        self.may_stand(&record, procedure)?;
        let was_there = known.is_some();
        if !was_there {
            record.push(self.catalog_act(
                by,
                CatalogFact::Published {
                    number,
                    version: procedure.version,
                    in_force: procedure.in_force.clone(),
                    file: publishing.file.clone(),
                    scenarios: publishing.scenarios,
                },
            ));
        }
        if activates {
            record.push(self.catalog_act(by, CatalogFact::Activated { number }));
        }
        let hash = VersionHash(procedure.version.bytes());
        kept.texts.push((hash, publishing.adopted.bundle.clone()));
        kept.record(name, read, &record);
        Ok(PublishedNow { number, was_there, is_new: true, active: activates })
    }

    /// Returns what the procedures rested on when that was last taken in.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn premises(&self) -> Result<Option<PremisesText>, EngineError> {
        let bytes = self.store.meta(PREMISES)?;
        let unreadable = || EngineError::Unreadable("copy of settings, people and calendars");
        bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(|_| unreadable())).transpose()
    }

    /// Keeps what the procedures rest on, if it is another than before.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn keep_premises(&self, premises: &PremisesText) -> Result<(), EngineError> {
        self.keep_records(|kept| self.keeping_premises(premises, kept))
    }

    fn keeping_premises(
        &self,
        premises: &PremisesText,
        kept: &mut Keeping,
    ) -> Result<(), EngineError> {
        let before = self.store.meta(PREMISES)?;
        let now = serde_json::to_vec(premises).ok();
        if before != now {
            kept.rests_on.push((PREMISES.to_owned(), before));
            kept.meta.push((PREMISES.to_owned(), now));
        }
        Ok(())
    }

    /// Makes a text that was published the one that new cases get, also one of before.
    ///
    /// # Errors
    /// [`CatalogError`]; nothing is kept then.
    pub fn activate(
        &self,
        procedure: &str,
        number: u32,
        by: &Publisher,
        four_eyes: bool,
    ) -> Result<PublishedNow, CatalogError> {
        self.change_record(procedure, number, |record| {
            let Some(published) = record.numbered(number) else { return Ok(None) };
            let is_alone = record.active() == [number];
            if published.activated.is_some() && is_alone {
                return Err(CatalogError::NothingToDo { active: true });
            }
            let never =
                !record.acts.iter().any(|act| act.fact == CatalogFact::Activated { number });
            if four_eyes && never && published.act.by == by.person {
                return Err(CatalogError::SecondPerson { publisher: by.person.clone() });
            }
            Ok(Some(self.catalog_act(by, CatalogFact::Activated { number })))
        })
    }

    /// Takes a text back: new cases don't get it any more. Cases that run on it go on.
    ///
    /// # Errors
    /// [`CatalogError`]; nothing is kept then.
    pub fn retire(
        &self,
        procedure: &str,
        number: u32,
        by: &Publisher,
    ) -> Result<PublishedNow, CatalogError> {
        self.change_record(procedure, number, |record| {
            let Some(published) = record.numbered(number) else { return Ok(None) };
            if published.retired.is_some() {
                return Err(CatalogError::NothingToDo { active: false });
            }
            Ok(Some(self.catalog_act(by, CatalogFact::Retired { number })))
        })
    }

    /// Keeps that a text was offered and refused, once for each text. Returns whether that is new.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn refuse_offer(
        &self,
        procedure: &str,
        version: Option<Version>,
        file: &str,
        findings: &[String],
        by: &Publisher,
    ) -> Result<bool, EngineError> {
        let (file, findings) = (file.to_owned(), findings.to_vec());
        let fact = CatalogFact::OfferRefused { version, file, findings };
        self.keep_records(|kept| {
            let (mut record, read) = self.record(procedure)?;
            let is_new = record.refused().is_none_or(|last| last.fact != fact);
            if is_new {
                record.push(self.catalog_act(by, fact.clone()));
                kept.record(procedure, read, &record);
            }
            Ok(is_new)
        })
    }

    /// Returns what stands against publishing a text, if anything does.
    ///
    /// # Errors
    /// [`CatalogError`].
    pub fn may_publish(&self, procedure: &Procedure) -> Result<(), CatalogError> {
        self.may_stand(&self.publications(procedure.name.as_str())?, procedure)
    }

    /// Refuses a text that has no place beside those that are active, or leaves open cases without an answer.
    fn may_stand(&self, record: &Publications, procedure: &Procedure) -> Result<(), CatalogError> {
        let findings = record.spans(&procedure.in_force);
        if !findings.is_empty() {
            return Err(CatalogError::Spans(findings));
        }
        if procedure.transition.is_written {
            return Ok(());
        }
        match self.open_on_others(procedure.name.as_str(), procedure.version)? {
            0 => Ok(()),
            open => Err(CatalogError::NoTransition { open }),
        }
    }

    /// Adds what `what` makes of the record; nothing where there is no such text.
    fn change_record(
        &self,
        procedure: &str,
        number: u32,
        what: impl Fn(&Publications) -> Result<Option<CatalogAct>, CatalogError>,
    ) -> Result<PublishedNow, CatalogError> {
        self.keep_records(|kept| {
            let (mut record, read) = self.record(procedure)?;
            let Some(act) = what(&record)? else {
                let known = record.versions().iter().map(|known| known.number).collect();
                return Err(CatalogError::NoSuchVersion { number, known });
            };
            record.push(act);
            kept.record(procedure, read, &record);
            let active = record.active().contains(&number);
            Ok(PublishedNow { number, was_there: true, is_new: true, active })
        })
    }

    fn catalog_act(&self, by: &Publisher, fact: CatalogFact) -> CatalogAct {
        let at: Instant = self.now();
        CatalogAct { at, by: by.person.clone(), because: by.because.clone(), fact }
    }

    /// Returns the record of a procedure, and the bytes that it was read from.
    fn record(&self, procedure: &str) -> Result<(Publications, Option<Vec<u8>>), EngineError> {
        let bytes = self.store.meta(&record_of(procedure))?;
        let record = match &bytes {
            None => Publications::default(),
            Some(bytes) => Publications::from_bytes(bytes)
                .ok_or(EngineError::Unreadable("record of what was published"))?,
        };
        Ok((record, bytes))
    }

    /// Keeps what `what` makes of the records, which it reads; it is asked again where somebody else was first. Where it
    /// keeps nothing, nothing is written.
    fn keep_records<T, E: From<EngineError>>(
        &self,
        what: impl Fn(&mut Keeping) -> Result<T, E>,
    ) -> Result<T, E> {
        for _ in 0..MOST_TRIES {
            let mut kept = Keeping::default();
            let done = what(&mut kept)?;
            if kept.meta.is_empty() || self.kept(kept)? {
                return Ok(done);
            }
        }
        Err(EngineError::Busy.into())
    }

    /// Keeps what was made of records, if they are still the ones that were read. Returns whether they were.
    fn kept(&self, kept: Keeping) -> Result<bool, EngineError> {
        let Keeping { texts, mut rests_on, mut meta, first } = kept;
        if !first.is_empty() {
            let listed = self.store.meta(PUBLISHED)?;
            let mut names = self.published_procedures()?;
            names.extend(first);
            names.sort();
            names.dedup();
            rests_on.push((PUBLISHED.to_owned(), listed));
            meta.push((PUBLISHED.to_owned(), serde_json::to_vec(&names).ok()));
        }
        match self.store.commit(Commit { texts, rests_on, meta, ..Commit::default() })? {
            Committed::Done(_) => Ok(true),
            Committed::Stale(_) | Committed::Repeated { .. } => Ok(false),
            Committed::Unknown(error) => Err(EngineError::Unknown(error)),
        }
    }
}

/// What is to be kept in one commit about texts.
#[derive(Default)]
struct Keeping {
    texts: Vec<(VersionHash, Vec<u8>)>,
    rests_on: Vec<(String, Option<Vec<u8>>)>,
    meta: Vec<(String, Option<Vec<u8>>)>,
    /// The procedures that had no record before.
    first: Vec<String>,
}

impl Keeping {
    /// Keeps a record, which rests on the bytes that it was read from.
    fn record(&mut self, procedure: &str, read: Option<Vec<u8>>, record: &Publications) {
        if read.is_none() {
            self.first.push(procedure.to_owned());
        }
        let name = record_of(procedure);
        self.rests_on.push((name.clone(), read));
        self.meta.push((name, Some(record.to_bytes())));
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::case::{Actor, Person, PersonId};
    use crate::engine::{Intake, Request, SetClock};
    use crate::procedure::Name;
    use crate::store::memory::MemoryStore;
    use crate::time::Almanac;

    fn text(more: &str, within: &str) -> Adopted {
        let text = format!(
            "procedure: klacht\n{more}roles:\n  klager: {{ party: true }}\n  a: {{}}\ncase: {{ who: a }}\n\
             steps:\n  antwoord: {{ who: a, within: {within} }}\n  sluiten: {{ after: antwoord, ends: klaar }}\n"
        );
        Adopted::new(&Bundle::of_text("klacht.yaml", text), &Almanac::shipped()).unwrap()
    }

    fn publishing(adopted: &Adopted) -> Publishing<'_> {
        let file = "klacht.yaml".to_owned();
        Publishing { adopted, file, scenarios: 0, activate: true, four_eyes: false }
    }

    fn by(person: &str) -> Publisher {
        Publisher { person: person.to_owned(), because: Some("nieuw beleid".to_owned()) }
    }

    fn engine() -> Engine {
        let at = "2026-03-02T09:00:00Z".parse().unwrap();
        Engine::new(Arc::new(MemoryStore::new()), Arc::new(SetClock::at(at)))
    }

    #[test]
    fn a_text_is_published_once_and_comments_make_no_other() {
        let engine = engine();
        let one = text("", "6 weeks");
        let done = engine.publish(&publishing(&one), &by("joost")).unwrap();
        assert_eq!(done, PublishedNow { number: 1, was_there: false, is_new: true, active: true });
        let again = text("# een opmerking\n", "6 weeks");
        let done = engine.publish(&publishing(&again), &by("joost")).unwrap();
        assert_eq!(done, PublishedNow { number: 1, was_there: true, is_new: false, active: true });
        assert_eq!(engine.publications("klacht").unwrap().acts.len(), 2);
        assert_eq!(engine.published_procedures().unwrap(), ["klacht"]);
        let on = "2026-03-02".parse().unwrap();
        let (number, found) = engine.in_force("klacht", on, on).unwrap().unwrap();
        assert_eq!((number, found.procedure.version), (1, one.procedure.version));
        assert!(engine.in_force("anders", on, on).unwrap().is_none());
    }

    #[test]
    fn a_second_person_activates_where_four_eyes_are_asked() {
        let engine = engine();
        let one = text("", "6 weeks");
        let careful = Publishing { four_eyes: true, ..publishing(&one) };
        assert!(!engine.publish(&careful, &by("joost")).unwrap().active);
        let alone = engine.activate("klacht", 1, &by("joost"), true);
        assert!(
            matches!(alone, Err(CatalogError::SecondPerson { publisher }) if publisher == "joost")
        );
        assert!(engine.activate("klacht", 1, &by("ann"), true).unwrap().active);
        let again = engine.activate("klacht", 1, &by("ann"), true);
        assert!(matches!(again, Err(CatalogError::NothingToDo { active: true })));
        let unknown = engine.activate("klacht", 7, &by("ann"), true);
        assert!(
            matches!(unknown, Err(CatalogError::NoSuchVersion { number: 7, known }) if known == [1])
        );
    }

    #[test]
    fn a_text_must_say_what_becomes_of_open_cases() {
        let engine = engine();
        let one = text("", "6 weeks");
        engine.publish(&publishing(&one), &by("joost")).unwrap();
        let person = Person::new(PersonId::staff("joost"), [Name::from("a")].into());
        engine.open(&one, &Intake::default(), &Request::by(Actor::new(person))).unwrap();
        let two = text("", "4 weeks");
        let refused = engine.publish(&publishing(&two), &by("joost"));
        assert!(matches!(refused, Err(CatalogError::NoTransition { open: 1 })));
        let two = text("transition: { pending: old }\n", "4 weeks");
        assert_eq!(engine.publish(&publishing(&two), &by("joost")).unwrap().number, 2);
        engine.retire("klacht", 2, &by("ann")).unwrap();
        let on = "2026-03-02".parse().unwrap();
        assert!(engine.in_force("klacht", on, on).unwrap().is_none());
        assert!(engine.activate("klacht", 1, &by("ann"), false).unwrap().active);
    }

    #[test]
    fn a_refused_offer_is_kept_once() {
        let engine = engine();
        let findings = ["klacht.yaml:3: no role `b`".to_owned()];
        let offer = || engine.refuse_offer("klacht", None, "klacht.yaml", &findings, &by("joost"));
        assert!(offer().unwrap());
        assert!(!offer().unwrap());
        assert!(engine.publications("klacht").unwrap().is_empty());
        assert!(engine.publications("klacht").unwrap().refused().is_some());
    }
}
