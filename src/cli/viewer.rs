//! Who looks: for whom a case is shown, and what of it.
//!
//! For whoever may not see a case it does not exist: every verb answers as it does for a number that was never given.

use super::args::Globals;
use super::console::Console;
use super::desk::{Desk, store_failure};
use super::failure::Stop;
use crate::case::{
    Act, Actor, Case, Event, Person, PersonId, Veil, address, looks_are_kept, may_see,
};
use crate::catalog::SignIn;
use crate::engine::{Accepted, CaseFile, Elsewhere, EngineError, Request};
use crate::store::{CaseKey, VersionHash};

/// Who looks, as far as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// Nobody in particular: whoever works at a machine on which people say who they are, and did not.
    Anybody,
    /// Somebody of that name.
    Named(String),
    /// A party that did not say who he is, and came back with his code.
    Code(String),
}

/// A case as somebody sees it.
pub(super) struct Seen {
    pub file: CaseFile,
    pub key: CaseKey,
    pub veil: Veil,
}

impl Desk {
    /// Returns who looks.
    pub(super) fn who(&self, globals: &Globals) -> Result<Who, Stop> {
        if let Some(code) = &globals.code {
            return Ok(Who::Code(code.clone()));
        }
        let nobody_said = globals.acting_as.is_none() && self.workspace.sign_in == SignIn::Open;
        if nobody_said && self.own_name().is_none() {
            return Ok(Who::Anybody);
        }
        self.acting_name(globals).map(Who::Named)
    }

    /// Returns the person that `who` is in a case; nothing for nobody in particular.
    ///
    /// # Errors
    /// Nobody of that name has to do with the case.
    pub(super) fn person_in(&self, who: &Who, file: &CaseFile) -> Result<Option<Person>, ()> {
        let found = match who {
            Who::Anybody => return Ok(None),
            Who::Named(name) => {
                let today = file.procedure.zone.local_date(self.engine.now());
                let staff = |id: &str| self.organisation.person_on(id, today);
                let found = address::person(&file.procedure, &file.case, name, staff);
                // Only the code shows that he is who did not say who he is.
                let nameless = |person: &Person| {
                    let mut parties = file.case.parties().iter();
                    parties.any(|party| party.person == person.id && party.code.is_some())
                };
                found.filter(|person| !nameless(person))
            }
            Who::Code(code) => {
                let fits = |code: &str, party: &&crate::case::Party| {
                    party.code.as_ref().is_some_and(|kept| kept.fits(code))
                };
                let party = file.case.parties().iter().find(|party| fits(code, party));
                party.map(|party| Person { id: party.person.clone(), ..Person::nobody() })
            }
        };
        found.map(Some).ok_or(())
    }

    /// Whether there is such a case for `who`.
    pub(super) fn sees(&self, who: &Who, file: &CaseFile) -> bool {
        let person = self.person_in(who, file);
        person.is_ok_and(|person| may_see(&file.procedure, &file.case, person.as_ref()))
    }

    /// Whether there is a case with this key for `who`; one that can't be read is for nobody.
    pub(super) fn sees_key(&self, who: &Who, key: CaseKey) -> bool {
        self.engine.case(key).is_ok_and(|file| self.sees(who, &file))
    }

    /// Whether `who` sees every case on a version, so that they may be counted without being looked at.
    pub(super) fn sees_all(&self, who: &Who, version: VersionHash) -> bool {
        let version = crate::procedure::Version::from_bytes(version.0);
        let Ok(procedure) = self.engine.procedure(version) else { return false };
        let works = |person: Person| {
            procedure.roles.iter().any(|role| !role.party && person.roles.contains(&role.name))
        };
        !procedure.access.restricts()
            && match who {
                Who::Anybody => true,
                Who::Named(name) => self.organisation.person(name).is_some_and(works),
                Who::Code(_) => false,
            }
    }

    /// Returns the case that is meant: by its whole number to act on it, or by the end of it to read.
    pub(super) fn find(
        &self,
        globals: &Globals,
        reference: &str,
        whole: bool,
    ) -> Result<CaseFile, Stop> {
        let who = self.who(globals)?;
        let found = self.engine.find_seen(reference, whole, &|file| self.sees(&who, file));
        match (found, &who) {
            // A name that nobody has gives the same answer whatever cases there are.
            (Err(EngineError::NoSuchCase { several, .. }), Who::Named(name))
                if several.is_empty() && self.organisation.person(name).is_none() =>
            {
                Err(self.unknown(name, "neither in the organisation, nor a party of such a case"))
            }
            (found, _) => found.map_err(|error| self.engine_failure(error, reference, None)),
        }
    }

    /// Returns the case that is meant, to read, as the user sees it. Where the record keeps who looked, it does so first.
    pub(super) fn look(
        self,
        globals: &Globals,
        console: &mut Console,
        reference: &str,
    ) -> Result<(Self, Seen), Stop> {
        let file = self.find(globals, reference, false)?;
        let who = self.who(globals)?;
        let person = self.person_in(&who, &file).unwrap_or_default();
        let kept = looks_are_kept(&file.procedure, &file.case);
        let (desk, file) = match (&person, file.key) {
            (Some(person), Some(key)) if kept => {
                // A store that is open to read can't be written to at the same time.
                drop(self);
                let desk = Self::writing(globals, console, false)?;
                let actor = Actor { account: desk.account_of(&who), ..Actor::new(person.clone()) };
                let looked = desk.engine.act(key, &Act::Look, &Request::by(actor));
                let looked = looked.map_err(|error| desk.engine_failure(error, reference, None))?;
                (desk, looked.file)
            }
            (Some(_) | None, _) => (self, file),
        };
        let veil = desk.veil(person.as_ref(), &file);
        let key = file.key.unwrap_or_default();
        let file = CaseFile { case: veil.case(file.case), ..file };
        Ok((desk, Seen { file, key, veil }))
    }

    /// Returns the history of a case as it is seen.
    pub(super) fn history(&self, seen: &Seen) -> Result<Vec<Event>, Stop> {
        let history = self.engine.history(seen.key);
        let history =
            history.map_err(|error| self.engine_failure(error, seen.file.reference(), None))?;
        Ok(seen.veil.events(history))
    }

    /// Returns what is kept from a person.
    pub(super) fn veil(&self, person: Option<&Person>, file: &CaseFile) -> Veil {
        let name_of = |id: &PersonId| self.name_of(id);
        Veil::over(&file.procedure, &file.case, person, &name_of)
    }

    /// Returns what an act did as the user sees it.
    pub(super) fn as_seen(&self, globals: &Globals, accepted: Accepted) -> Accepted {
        let who = self.who(globals).unwrap_or(Who::Anybody);
        let seen = |before: Case, file: CaseFile, events: Vec<Event>| {
            let person = self.person_in(&who, &file).unwrap_or_default();
            let veil = self.veil(person.as_ref(), &file);
            let case = veil.case(file.case);
            (veil.case(before), CaseFile { case, ..file }, veil.events(events))
        };
        let Accepted { before, file, events, elsewhere, repeated } = accepted;
        // What happened in another case is told to who may see that one.
        let elsewhere = elsewhere.into_iter().filter(|other| self.sees(&who, &other.file));
        let elsewhere = elsewhere.map(|other| {
            let (before, file, events) = seen(other.before, other.file, other.events);
            Elsewhere { before, file, events }
        });
        let elsewhere = elsewhere.collect();
        let (before, file, events) = seen(before, file, events);
        Accepted { before, file, events, elsewhere, repeated }
    }

    /// Returns the account to record for `who`; none for somebody who did not say who he is.
    pub(super) fn account_of(&self, who: &Who) -> Option<String> {
        match who {
            Who::Anybody | Who::Named(_) => self.account.clone(),
            Who::Code(_) => None,
        }
    }

    /// Returns the earliest timer of a case that there is for `who`.
    pub(super) fn next_timer(&self, who: &Who) -> Result<Option<(i64, CaseKey)>, Stop> {
        let next = self.engine.store().next_timer().map_err(|error| store_failure(&error))?;
        Ok(next.filter(|(_, key)| self.sees_key(who, *key)))
    }
}
