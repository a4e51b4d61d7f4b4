//! The desk at which cases are handled: workspace, people, store and engine, and who sits at it.

use super::args::{Globals, Output};
use super::console::Console;
use super::documents;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::folder;
use super::refused;
use super::viewer::Who;
use crate::case::code::ReturnCode;
use crate::case::{Actor, Case, Party, Person, PersonId, Why, address};
use crate::catalog::{
    Activation, Organisation, Premises, Publications, SignIn, Workspace, WorkspaceError, file,
    staffing,
};
use crate::diagnostic::{did_you_mean, render};
use crate::engine::{
    Adopted, CaseFile, Clock, DocumentFolder, Engine, EngineError, LetterFolder, Publisher,
    Request, SystemClock,
};
use crate::language::Language;
use crate::procedure::{Name, Procedure};
use crate::service::{self, Against, Current, House, Keep, NoPremises, Offer, Offered};
use crate::store::redb::{RedbStore, Settings};
use crate::store::{CommandId, Store, StoreError};
use crate::time::{Instant, TimeZone, parse_instant};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A workspace with its people and an engine over its store.
pub(super) struct Desk {
    pub workspace: Arc<Workspace>,
    pub organisation: Arc<Organisation>,
    pub engine: Arc<Engine>,
    /// The folder into which letters are written.
    pub letters: LetterFolder,
    /// The folder in which documents lie.
    pub documents: Arc<DocumentFolder>,
    /// The account under which the user works.
    pub account: Option<String>,
    place: Place,
}

/// Where a desk stands.
enum Place {
    /// In a command that keeps its cases itself.
    Alone(Keep),
    /// In the server of a workspace.
    Served(Arc<House>),
}

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Reading,
    Writing { create: bool },
}

/// What the verbs that act have in common.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Acting {
    /// When it happened, if that was earlier: `2026-03-02T09:00` [default: now]
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,

    /// Enter it for a party who said or sent it: `klager`, or one of several, by name or as `klager#2`
    #[arg(long = "for", value_name = "PARTY")]
    pub enters_for: Option<String>,

    /// Id of this command: the same id again gives the first answer, and does nothing
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,

    /// Refuse if the case has changed since this revision
    #[arg(long, value_name = "REVISION")]
    pub seen: Option<u64>,
}

impl Desk {
    /// Opens the desk to read.
    pub(super) fn reading(globals: &Globals, console: &mut Console) -> Result<Self, Stop> {
        Self::at(globals, console, For::Reading)
    }

    /// Opens the desk to write; `create` makes a store where there is none.
    pub(super) fn writing(
        globals: &Globals,
        console: &mut Console,
        create: bool,
    ) -> Result<Self, Stop> {
        Self::at(globals, console, For::Writing { create })
    }

    fn at(globals: &Globals, console: &mut Console, what: For) -> Result<Self, Stop> {
        let folder = folder::find(globals)?;
        if let Some(house) = console.asker.house() {
            return Self::served(&house, &folder, globals, console);
        }
        let (keep, premises, wrong) = keep(globals, console, &folder, what)?;
        let writes = what != For::Reading;
        let current = Current::of(premises, &keep, None);
        if writes && wrong.is_empty() && !globals.dry_run {
            current
                .engine
                .keep_premises(&current.premises)
                .map_err(|error| no_premises(NoPremises::Engine(error)))?;
        }
        Ok(Self::on(current, console.asker.account(), Place::Alone(keep)))
    }

    /// Opens the desk of a workspace that this process serves.
    fn served(
        house: &Arc<House>,
        folder: &Path,
        globals: &Globals,
        console: &mut Console,
    ) -> Result<Self, Stop> {
        let is_here = file::real(folder).is_ok_and(|real| real == house.folder());
        let other = |path: &PathBuf| file::real(path).ok() != house.keep().path.canonicalize().ok();
        if !is_here || globals.store.as_ref().is_some_and(other) {
            let message = "the store is served for another folder";
            let failure = Failure::new(Exit::Usage, "served-elsewhere", message);
            let served = house.folder().display();
            return Err(failure.attempt(format!("-C {served}")).into());
        }
        let current = house.current();
        if let Some(language) = current.workspace.language {
            console.speak(language);
        }
        let workspace = Arc::new(current.workspace.called(folder));
        let current = Current { workspace, ..Current::clone(&current) };
        Ok(Self::on(current, console.asker.account(), Place::Served(Arc::clone(house))))
    }

    fn on(current: Current, account: Option<String>, place: Place) -> Self {
        let Current { workspace, organisation, engine, letters, documents, .. } = current;
        Self { workspace, organisation, engine, letters, documents, account, place }
    }

    /// Returns the workspace as one that can be looked through, which this process serves, or for this command only.
    pub(super) fn house(&self) -> Result<Arc<House>, Stop> {
        match &self.place {
            Place::Served(house) => Ok(Arc::clone(house)),
            Place::Alone(keep) => {
                let house = House::open(&self.workspace.folder, keep.clone(), self.publishes_as());
                Ok(Arc::new(house.map_err(no_premises)?))
            }
        }
    }

    /// Returns the name under which what is saved is published.
    fn publishes_as(&self) -> String {
        let own = self.own_name().map(str::to_owned);
        own.or_else(|| self.account.clone()).unwrap_or_default()
    }

    /// Delivers the letters that still wait, and says which can't be written.
    pub(super) fn deliver(&self, console: &mut Console) {
        match self.engine.deliver() {
            Ok(delivered) => {
                for (file, error) in delivered.failed {
                    let folder = self.letters.path().display();
                    console.talk(&match console.language {
                        Language::Nl => {
                            format!("brief {file} is nog niet geschreven in {folder}: {error}")
                        }
                        Language::En => {
                            format!("letter {file} is not yet written into {folder}: {error}")
                        }
                    });
                }
            }
            Err(error) => console.talk(&error.to_string()),
        }
    }

    /// Returns the text on which a case of the procedure called `name` is opened that was received then.
    ///
    /// Where a text becomes current by being saved, the one on disk is taken as an offer first; if it is wrong, the
    /// active one goes on, and that is said.
    pub(super) fn adopt_for(
        &self,
        name: &str,
        received: Option<&str>,
        at: Option<&str>,
        globals: &Globals,
        console: &mut Console,
    ) -> Result<Adopted, Stop> {
        let failed = |error: EngineError| self.engine_failure(error, name, None);
        let offered = self.offer_of(name, globals)?;
        let record = self.engine.publications(name).map_err(failed)?;
        match offered {
            Ok(offered) => {
                let Offered { offer, file, .. } = &*offered;
                match offer {
                    // What would be published by this very command can be tried on.
                    Offer::Ready { adopted, .. }
                        if globals.dry_run && self.workspace.activate == Activation::Auto =>
                    {
                        return Ok(Adopted::clone(adopted));
                    }
                    Offer::Refused { findings, against, .. } if record.active().is_empty() => {
                        let what = format!("the procedure `{name}` has errors");
                        return Err(if findings.is_empty() {
                            let failure = Failure::new(Exit::Findings, "not-published", what);
                            against
                                .iter()
                                .map(Against::to_string)
                                .fold(failure, Failure::why)
                                .into()
                        } else {
                            findings_failure(findings, what)
                        });
                    }
                    Offer::Refused { findings, against, .. } => {
                        let lines = service::lines(findings, against);
                        let first = lines.first().cloned().unwrap_or_default();
                        console.talk(&format!(
                            "{file} is refused, and the active text goes on: {first}"
                        ));
                    }
                    Offer::Published(done) => {
                        console.detail(&format!("{name} v{} is active from now on", done.number));
                    }
                    Offer::Same { .. } | Offer::Waiting { .. } | Offer::Ready { .. } => {}
                }
            }
            Err(error) if record.is_empty() => return Err(workspace_failure(error)),
            // A file that is gone retires nothing.
            Err(_) => {}
        }
        let zone = self.zone_of(&record);
        let at = at.map(|text| instant(text, "--at", &zone)).transpose()?;
        let opened = at.unwrap_or_else(|| self.engine.now());
        let received = received.map(|text| instant(text, "--received", &zone)).transpose()?;
        let (on, opened) = (zone.local_date(received.unwrap_or(opened)), zone.local_date(opened));
        let current = record.current(on, opened).map(|current| current.version);
        let Some(version) = current else {
            let message = format!("no text of `{name}` is in force for a case of {on}");
            let failure = Failure::new(Exit::Refused, "none-in-force", message);
            return Err(failure
                .attempt(if record.is_empty() {
                    format!("verloop publish {name} --because …")
                } else {
                    format!("verloop versions {name}      to see which are, and for which days")
                })
                .into());
        };
        let adopted = self.engine.adopted(version).map_err(failed)?;
        for warning in staffing::check(&adopted.procedure, &self.organisation) {
            console.detail(&render(std::slice::from_ref(&warning), console.style()));
        }
        Ok(adopted)
    }

    /// Returns what becomes of the text on disk: where a server follows the folder, what it says of it.
    fn offer_of(
        &self,
        name: &str,
        globals: &Globals,
    ) -> Result<Result<Arc<Offered>, WorkspaceError>, Stop> {
        let failed = |error: EngineError| self.engine_failure(error, name, None);
        if let Place::Served(house) = &self.place
            && let Some(offered) = house.offer(name).map_err(failed)?
        {
            return Ok(Ok(offered));
        }
        let taken = if globals.dry_run {
            service::look(&self.workspace, &self.engine, name)
        } else {
            let because = Some("saved".to_owned());
            let by = Publisher { person: self.publishes_as(), because };
            service::take(&self.workspace, &self.engine, name, &by)
        };
        Ok(taken.map_err(failed)?.map(Arc::new))
    }

    /// Returns the time zone of the text that was published last.
    fn zone_of(&self, record: &Publications) -> TimeZone {
        let versions = record.versions();
        let last = versions.last().and_then(|last| self.engine.procedure(last.version).ok());
        last.map_or_else(TimeZone::utc, |procedure| procedure.zone.clone())
    }

    /// Returns the name under which the user acts, by the flag or by the account.
    pub(super) fn acting_name(&self, globals: &Globals) -> Result<String, Stop> {
        let account = self.account.clone().unwrap_or_default();
        let own = self.organisation.with_login(&account);
        match (&globals.acting_as, own, self.workspace.sign_in) {
            (None, Some(own), _) => Ok(own.to_owned()),
            (None, None, _) => {
                Err(self.unknown(&account, "nobody in the organisation has this account"))
            }
            (Some(name), _, SignIn::Open) => Ok(name.clone()),
            (Some(name), Some(own), SignIn::Login) if name == own => Ok(name.clone()),
            (Some(name), Some(own), SignIn::Login) => {
                let may =
                    self.organisation.member(own).is_some_and(|own| own.acts_as.contains(name));
                if may { Ok(name.clone()) } else { Err(not_allowed(own, name)) }
            }
            (Some(_), None, SignIn::Login) => {
                Err(self.unknown(&account, "nobody in the organisation has this account"))
            }
        }
    }

    /// Returns the name of the person of the organisation to whom this account belongs.
    pub(super) fn own_name(&self) -> Option<&str> {
        self.organisation.with_login(self.account.as_deref().unwrap_or_default())
    }

    pub(super) fn unknown(&self, name: &str, why: &str) -> Stop {
        let failure =
            Failure::new(Exit::NotAllowed, "unknown-person", format!("who is `{name}`?")).why(why);
        let near = did_you_mean(name, self.organisation.ids());
        let some: Vec<&str> = self.organisation.ids().take(8).collect();
        let failure = match near {
            Some(near) => failure.attempt(format!("--as {near}")),
            None if some.is_empty() => {
                failure.attempt("name people in the organisation's file, see `verloop.yaml`")
            }
            None => failure.attempt(format!("--as NAME, one of {}", some.join(", "))),
        };
        failure.into()
    }

    /// Returns the request of the user about a case.
    pub(super) fn request(
        &self,
        globals: &Globals,
        acting: &Acting,
        file: &CaseFile,
    ) -> Result<Request, Stop> {
        let who = match &globals.code {
            Some(code) => Who::Code(code.clone()),
            None => Who::Named(self.acting_name(globals)?),
        };
        let person = self.person_in(&who, file).ok().flatten().ok_or_else(|| {
            let name = self.acting_name(globals).unwrap_or_default();
            self.unknown(&name, "neither in the organisation, nor a party of this case")
        })?;
        let person = self.standing_in(acting, person, &file.procedure.zone)?;
        let actor = Actor { account: self.account_of(&who), ..Actor::new(person) };
        let actor = match &acting.enters_for {
            Some(name) => address::entering_for(&file.procedure, &file.case, actor, name),
            None => actor,
        };
        request_of(globals, acting, actor, &file.procedure.zone)
    }

    /// Returns a person with those for whom he stands in on the day of the act.
    fn standing_in(
        &self,
        acting: &Acting,
        person: Person,
        zone: &TimeZone,
    ) -> Result<Person, Stop> {
        let at = acting.at.as_deref().map(|text| instant(text, "--at", zone)).transpose()?;
        let day = zone.local_date(at.unwrap_or_else(|| self.engine.now()));
        Ok(Person { stands_in: self.organisation.stood_in_for(person.id.as_str(), day), ..person })
    }

    /// Returns the parties and the request of the user who opens a case.
    pub(super) fn opening_request(
        &self,
        globals: &Globals,
        acting: &Acting,
        procedure: &Procedure,
        named: &[(Name, Vec<String>)],
        code: Option<&ReturnCode>,
    ) -> Result<(Vec<Party>, Request), Stop> {
        // Whoever does not say who he is needs no account either, only the role in which he comes.
        let name = match (&globals.acting_as, &code) {
            (Some(role), Some(_)) => role.clone(),
            (Some(_) | None, _) => self.acting_name(globals)?,
        };
        let enters_for = acting.enters_for.as_deref().map(Name::from);
        let staff = |id: &str| self.organisation.person(id);
        let (parties, actor) =
            address::opening(procedure, named, &name, enters_for.as_ref(), staff);
        let actor = actor.ok_or_else(|| {
            self.unknown(&name, "neither in the organisation, nor a party role of the procedure")
        })?;
        let account = self.account.clone().filter(|_| code.is_none());
        let person = self.standing_in(acting, actor.person, &procedure.zone)?;
        let actor = Actor { person, account, ..actor };
        let parties = parties.into_iter().map(|party| {
            let own = party.person == actor.person.id && party.person.is_outside();
            Party { code: code.cloned().filter(|_| own), ..party }
        });
        let parties: Vec<Party> = parties.collect();
        if code.is_some() && !parties.iter().any(|party| party.code.is_some()) {
            let message = "only a party can come without saying who he is";
            let failure = Failure::new(Exit::Usage, "not-anonymous", message);
            return Err(failure.attempt("--as with the party role, such as `--as melder`").into());
        }
        Ok((parties, request_of(globals, acting, actor, &procedure.zone)?))
    }

    /// Returns the person of the organisation that the user is.
    pub(super) fn me(&self, globals: &Globals) -> Result<Person, Stop> {
        let name = self.acting_name(globals)?;
        let today = TimeZone::utc().local_date(self.engine.now());
        let person = self.organisation.person_on(&name, today);
        person.ok_or_else(|| self.unknown(&name, "not in the organisation's file"))
    }

    /// Returns a person of the organisation or the case, to whom something is given.
    pub(super) fn person(&self, file: &CaseFile, name: &str) -> Result<Person, Stop> {
        let staff = |id: &str| self.organisation.person(id);
        let person = address::person(&file.procedure, &file.case, name, staff);
        person.ok_or_else(|| {
            self.unknown(name, "neither in the organisation, nor a party of this case")
        })
    }

    /// Returns what to call somebody of the organisation.
    pub(super) fn name_of(&self, id: &PersonId) -> Option<String> {
        self.organisation.member(id.as_str()).map(|member| member.name.clone())
    }

    /// Returns what an engine's error means to the user.
    pub(super) fn engine_failure(
        &self,
        error: EngineError,
        asked: &str,
        console: Option<&Console>,
    ) -> Stop {
        let language = console.map(|console| console.language).unwrap_or_default();
        match error {
            EngineError::Refused { refusal, .. } if refusal.why == Why::NoSuchCase => {
                no_such_case(asked)
            }
            EngineError::Refused { refusal, file } => {
                refused::failure(self, &refusal, file.as_deref(), language).into()
            }
            EngineError::Stale { refusal, file } => {
                let failure = refused::failure(self, &refusal, Some(&file), language);
                Failure { exit: Exit::Changed, ..failure }.into()
            }
            EngineError::NoSuchCase { reference, several } if several.is_empty() => {
                no_such_case(&reference)
            }
            EngineError::NoSuchCase { reference, several } => {
                let message = format!("several cases end in `{reference}`");
                let failure = Failure::new(Exit::NotFound, "several-cases", message);
                failure.attempt(format!("one of {}", several.join(", "))).into()
            }
            EngineError::IdTaken { id } => {
                let message = format!("the command id `{id}` was used for something else");
                let failure = Failure::new(Exit::Refused, "id-taken", message);
                failure.attempt("another id: each command has one of its own").into()
            }
            EngineError::Busy => {
                Failure::new(Exit::Changed, "busy", "others were first, time and again")
                    .attempt("the same again")
                    .into()
            }
            EngineError::Unknown(error) => {
                let message =
                    "the store failed while writing, and it is not known whether the act was kept";
                let failure = Failure::new(Exit::Unreachable, "unknown-outcome", message);
                failure.why(error.to_string()).attempt(format!("verloop timeline {asked}")).into()
            }
            EngineError::Document(error) => documents::failure(&error),
            EngineError::Store(error) => store_failure(&error),
            EngineError::Unreadable(what) => {
                let message = format!("the {what} that is stored can't be read");
                let failure = Failure::new(Exit::Unreachable, "unreadable", message);
                failure.attempt("a newer verloop, or a backup of the store").into()
            }
            EngineError::Findings(findings) => {
                findings_failure(&findings, "the stored text of the procedure does not compile")
            }
        }
    }
}

/// Opens the store that is meant. Returns it, with what the folder says, or last said that was sound, and what is wrong with
/// it.
pub(super) fn keep(
    globals: &Globals,
    console: &mut Console,
    folder: &Path,
    what: For,
) -> Result<(Keep, Premises, Vec<String>), Stop> {
    let read = Premises::read(folder);
    // Settings that are sound name the store, whatever is wrong with people and calendars.
    let settings = match &read {
        Ok(premises) => Ok(premises.workspace.clone()),
        Err(_) => Workspace::open(folder),
    };
    if let Ok(Workspace { language: Some(language), .. }) = &settings {
        console.speak(*language);
    }
    let path = match (&globals.store, settings) {
        (Some(path), _) => path.clone(),
        (None, Ok(settings)) => store_path(globals, &settings)?,
        (None, Err(error)) => return Err(workspace_failure(error)),
    };
    let store = open_store(&path, what, console)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (premises, wrong) = service::sound(read, folder, &store, &clock).map_err(no_premises)?;
    if let Some(first) = wrong.first() {
        console.talk(&format!("the folder is refused, and what was last sound goes on: {first}"));
    }
    Ok((Keep { store, path, clock, delivers: what != For::Reading }, premises, wrong))
}

/// Opens the store.
fn open_store(path: &Path, what: For, console: &mut Console) -> Result<Arc<dyn Store>, Stop> {
    let opened = match what {
        For::Reading => RedbStore::open_reading(path, Settings::default()),
        For::Writing { create } => match RedbStore::open(path, Settings::default()) {
            Err(StoreError::Missing { .. }) if create => {
                let created = RedbStore::create(path, Settings::default());
                if created.is_ok() {
                    console.talk(&format!("created the store {}", path.display()));
                }
                created
            }
            opened => opened,
        },
    };
    let store = opened.map_err(|error| store_failure(&error))?;
    if store.repaired() {
        console.talk("the store was repaired after an unclean stop; nothing was lost");
    }
    Ok(Arc::new(store))
}

/// Returns what it means to the user that a folder is wrong, and nothing sound was ever kept of it.
pub(super) fn no_premises(error: NoPremises) -> Stop {
    match error {
        NoPremises::Workspace(error) => workspace_failure(error),
        NoPremises::Engine(EngineError::Store(error)) => store_failure(&error),
        NoPremises::Engine(error) => {
            Failure::new(Exit::Unreachable, "store", error.to_string()).into()
        }
    }
}

fn request_of(
    globals: &Globals,
    acting: &Acting,
    actor: Actor,
    zone: &TimeZone,
) -> Result<Request, Stop> {
    let at = acting.at.as_deref().map(|text| instant(text, "--at", zone)).transpose()?;
    let id = acting.id.as_deref().map(CommandId::new).transpose();
    let id = id.map_err(|error| {
        Failure::new(Exit::Usage, "bad-command-id", "the command id can't be used")
            .why(error.to_string())
    })?;
    Ok(Request {
        actor,
        at,
        id,
        seen: acting.seen,
        dry_run: globals.dry_run,
        documents: Vec::new(),
    })
}

/// There is no such case, or none that the user may see: he can't tell the two apart.
fn no_such_case(reference: &str) -> Stop {
    let message = format!("there is no case `{reference}`");
    let failure = Failure::new(Exit::NotFound, "no-such-case", message);
    failure.attempt("verloop work --all      to see what there is").into()
}

fn not_allowed(own: &str, name: &str) -> Stop {
    let message = format!("`{own}` may not act for `{name}`");
    let failure = Failure::new(Exit::NotAllowed, "may-not-act-for", message);
    let failure = failure.why("the organisation's file does not name it under `acts-as`");
    failure.attempt("the same without `--as`").into()
}

/// Reads the workspace, and speaks its language from then on.
pub(super) fn workspace(globals: &Globals, console: &mut Console) -> Result<Workspace, Stop> {
    let folder = folder::find(globals)?;
    let workspace = Workspace::open(&folder).map_err(workspace_failure)?;
    if let Some(language) = workspace.language {
        console.speak(language);
    }
    Ok(workspace)
}

pub(super) fn store_path(globals: &Globals, workspace: &Workspace) -> Result<PathBuf, Stop> {
    globals.store.clone().or_else(|| workspace.store.clone()).ok_or_else(|| {
        let failure = Failure::new(Exit::Usage, "no-store", "which store?");
        let failure = failure.why("there is no `verloop.yaml` here that names one");
        failure.attempt("--store FILE, or -C DIR for a folder with `verloop.yaml`").into()
    })
}

/// Returns what a store's error means to the user.
pub(super) fn store_failure(error: &StoreError) -> Stop {
    let is_in_use = matches!(error, StoreError::InUse { .. });
    let code = if is_in_use { "store-in-use" } else { "store" };
    let failure = Failure::new(Exit::Unreachable, code, error.to_string());
    let tries = match error {
        StoreError::Missing { .. } => "verloop open PROCEDURE      makes it with the first case",
        StoreError::InUse { .. } => "again when that process has ended",
        StoreError::NewerFormat { .. } => "a newer verloop",
        StoreError::Damaged { .. } => "a backup; the file as it is may hold wrong data",
        StoreError::Foreign { .. } | StoreError::Empty { .. } | StoreError::NotAFile { .. } => {
            "--store with another file"
        }
        StoreError::Full { .. } => "again when there is room; what was answered is kept",
        StoreError::Exists { .. }
        | StoreError::Denied { .. }
        | StoreError::ReadingOnly
        | StoreError::Invalid { .. }
        | StoreError::Io { .. } => "--store with another file, or see to its permissions",
    };
    failure.attempt(tries).into()
}

/// Returns what a workspace's error means to the user.
pub(super) fn workspace_failure(error: WorkspaceError) -> Stop {
    match error {
        WorkspaceError::File(error) => {
            Failure::new(Exit::NotFound, "no-such-file", error.to_string()).into()
        }
        WorkspaceError::Findings(findings) => {
            findings_failure(&findings, "a file of the workspace has errors")
        }
        WorkspaceError::NoProcedure { wanted, near } => {
            let message = format!("there is no procedure `{wanted}` in this workspace");
            let failure = Failure::new(Exit::NotFound, "no-such-procedure", message);
            match near {
                Some(near) => failure.attempt(near).into(),
                None => failure.attempt("verloop status      to see what there is").into(),
            }
        }
    }
}

/// Returns a failure that carries findings in full.
pub(super) fn findings_failure(
    findings: &[crate::diagnostic::Diagnostic],
    message: impl Into<String>,
) -> Stop {
    let failure = Failure::new(Exit::Findings, "findings", message);
    let told = findings
        .iter()
        .take(3)
        .map(|finding| format!("{}: {} [{}]", finding.place, finding.message, finding.code));
    let failure = told.fold(failure, Failure::why);
    failure.attempt("verloop check      shows all, with the lines").into()
}

/// Returns the instant that was typed.
pub(super) fn instant(text: &str, flag: &str, zone: &TimeZone) -> Result<Instant, Stop> {
    parse_instant(text, zone).map_err(|error| {
        Failure::new(Exit::Usage, "not-a-time", format!("`{text}` after `{flag}` is no time"))
            .why(error.to_string())
            .attempt(format!("{flag} 2026-03-02T09:00"))
            .into()
    })
}

/// Whether the output is for programs.
pub(super) fn for_programs(console: &Console) -> bool {
    matches!(console.output, Output::Json | Output::Jsonl)
}

/// Returns a line about a case's state, for JSON.
pub(super) fn status_json(case: &Case) -> serde_json::Value {
    serde_json::json!({ "is": case.status.word(), "ended-as": case.status.ended_as() })
}
