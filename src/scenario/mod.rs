//! Scenarios: scripted cases with a simulated clock, played in a store of their own.
//!
//! An author writes what happens, on which day, by whom, and what must be so afterwards. The same files are examples,
//! tests, and a way to think a procedure through before anybody has rights in it.

mod coverage;
mod document;
mod expect;
mod suite;

pub use coverage::{Coverage, Target};
pub use document::{Attached, Line, SCENARIO_SCHEMA, Scenario, Verb};
pub use expect::Surprise;
pub use suite::{Suite, Tested};

use crate::case::code::ReturnCode;
use crate::case::{
    Act, Actor, Contact, Do, Elsewhere, Event, Extend, Filing, Instance, NewParty, Party, PartyAct,
    Person, PersonId, Refusal, Send, Split, address,
};
use crate::catalog::{Bundle, BundleError, Organisation, Workspace, WorkspaceError, file};
use crate::diagnostic::{Diagnostic, Place, did_you_mean};
use crate::engine::{
    Accepted, Adopted, Brought, CaseFile, Engine, EngineError, Intake, Request, SetClock,
};
use crate::language::Language;
use crate::procedure::{Name, Procedure, StepKind};
use crate::store::CaseKey;
use crate::store::memory::MemoryStore;
use crate::time::{Almanac, Instant, Term, TermError, parse_instant};
use crate::yaml::Node;
use expect::Moment;
use std::path::Path;
use std::sync::Arc;

/// A scenario with all that it needs to be played.
#[derive(Debug)]
pub struct Script {
    /// The scenario.
    pub scenario: Scenario,
    /// The procedure.
    pub adopted: Adopted,
    /// The people.
    pub organisation: Organisation,
    /// The calendars and counting rules.
    pub almanac: Almanac,
    /// The workspace in which other procedures lie.
    pub workspace: Workspace,
}

/// What was played.
#[derive(Debug)]
pub struct Played {
    /// The first case at the end, if one was opened.
    pub file: Option<CaseFile>,
    /// The other cases at the end, in the order in which they were opened.
    pub others: Vec<CaseFile>,
    /// What happened, line by line.
    pub scenes: Vec<Scene>,
    /// What was not as expected.
    pub failures: Vec<Failure>,
}

/// What happened in one case at one line of a scenario.
#[derive(Debug)]
pub struct Scene {
    /// What the case is called; nothing before one was opened.
    pub reference: String,
    /// The procedure of the case.
    pub procedure: Arc<Procedure>,
    /// What happened, in order: what fell due before, and the act with its consequences.
    pub events: Vec<Event>,
    /// The refusal of the act.
    pub refusal: Option<Refused>,
}

/// An act that was refused.
#[derive(Debug)]
pub struct Refused {
    /// When.
    pub at: Instant,
    /// Who asked.
    pub by: String,
    /// Why not.
    pub refusal: Refusal,
    /// Whether the author expected it.
    pub expected: bool,
}

/// A line of a scenario that is not as its author expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it stands.
    pub place: Place,
    /// What was expected.
    pub expected: String,
    /// What happened instead.
    pub but: String,
    /// Why, where it is known.
    pub because: Option<String>,
}

/// Why a scenario can't be played.
#[derive(Debug)]
pub enum ScenarioError {
    /// A file can't be read.
    File(file::FileError),
    /// A text is wrong.
    Findings(Vec<Diagnostic>),
    /// The engine fails.
    Engine(EngineError),
}

impl Script {
    /// Reads a scenario, its procedure and its organisation.
    ///
    /// # Errors
    /// [`ScenarioError`] with all findings of the first of the three that is wrong.
    pub fn read(path: &Path) -> Result<Self, ScenarioError> {
        let bytes = file::read(path).map_err(ScenarioError::File)?;
        let scenario =
            Scenario::read(&path.display().to_string(), &bytes).map_err(ScenarioError::Findings)?;
        Self::with(path, scenario, None)
    }

    /// Puts a scenario that stands at `path` together with its organisation, and with its procedure if that was not
    /// compiled before.
    fn with(
        path: &Path,
        scenario: Scenario,
        adopted: Option<Adopted>,
    ) -> Result<Self, ScenarioError> {
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let procedure = folder.join(&scenario.procedure);
        let workspace = workspace_of(&procedure)?;
        let almanac = workspace.almanac().map_err(of_workspace)?;
        let adopted = match adopted {
            Some(adopted) => adopted,
            None => adopt(&scenario, &procedure, &almanac)?,
        };
        let organisation = match &scenario.organisation {
            Some(path) => {
                let path = folder.join(path);
                let bytes = file::read(&path).map_err(ScenarioError::File)?;
                Organisation::read(&file::shown(&path), &bytes).map_err(ScenarioError::Findings)?
            }
            None => workspace.organisation().map_err(of_workspace)?,
        };
        Ok(Self { scenario, adopted, organisation, almanac, workspace })
    }

    /// Plays the scenario from its first line to its last.
    ///
    /// # Errors
    /// [`ScenarioError`] when a line can't be understood, or the engine fails.
    pub fn play(&self) -> Result<Played, ScenarioError> {
        Player::new(self).play()
    }
}

/// Reads and compiles the procedure of a scenario.
fn adopt(
    scenario: &Scenario,
    procedure: &Path,
    almanac: &Almanac,
) -> Result<Adopted, ScenarioError> {
    let bundle = Bundle::read(procedure).map_err(|error| {
        ScenarioError::Findings(match error {
            BundleError::Findings(findings) => findings,
            BundleError::File(error) => {
                let finding = Diagnostic::error("no-such-file", &scenario.procedure_place)
                    .message(error.to_string())
                    .label("the procedure");
                vec![finding.help("write the path from the folder of this scenario")]
            }
        })
    })?;
    Adopted::new(&bundle, almanac).map_err(ScenarioError::Findings)
}

/// Returns the workspace that a procedure lies in; one with the usual settings where there is none.
fn workspace_of(procedure: &Path) -> Result<Workspace, ScenarioError> {
    let folder = procedure.parent().unwrap_or_else(|| Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let nearest = Workspace::nearest(folder).unwrap_or_else(|| folder.to_owned());
    Workspace::open(&nearest).map_err(of_workspace)
}

fn of_workspace(error: WorkspaceError) -> ScenarioError {
    match error {
        WorkspaceError::File(error) => ScenarioError::File(error),
        WorkspaceError::Findings(findings) => ScenarioError::Findings(findings),
        WorkspaceError::NoProcedure { .. } => ScenarioError::Findings(Vec::new()),
    }
}

struct Player<'a> {
    script: &'a Script,
    engine: Engine,
    clock: Arc<SetClock>,
    /// The cases in the order in which they were opened, each with what the scenario calls it.
    cases: Vec<(Option<String>, CaseKey)>,
    latest: Instant,
    /// When the act of the line happens.
    at: Instant,
    played: Played,
}

impl<'a> Player<'a> {
    fn new(script: &'a Script) -> Self {
        let clock = Arc::new(SetClock::at(Instant::default()));
        let store = Arc::new(MemoryStore::new());
        let engine = Engine::counting_by(store, clock.clone(), script.almanac.clone());
        let engine = engine.finding(Arc::new(script.workspace.clone()));
        let played =
            Played { file: None, others: Vec::new(), scenes: Vec::new(), failures: Vec::new() };
        Self {
            script,
            engine,
            clock,
            cases: Vec::new(),
            latest: Instant::MIN_UTC,
            at: Instant::MIN_UTC,
            played,
        }
    }

    fn procedure(&self) -> &'a Procedure {
        &self.script.adopted.procedure
    }

    fn play(mut self) -> Result<Played, ScenarioError> {
        for line in &self.script.scenario.acts {
            let failed = self.played.failures.len();
            self.line(line)?;
            let opens = matches!(line.verb, Some(Verb::Open(_)));
            if opens && self.played.failures.len() > failed {
                // Of a case that was not opened nothing more can be told.
                break;
            }
        }
        let files: Result<Vec<_>, _> =
            self.cases.iter().map(|(_, key)| self.engine.case(*key)).collect();
        let mut files = files.map_err(ScenarioError::Engine)?.into_iter();
        self.played.file = files.next();
        self.played.others = files.collect();
        Ok(self.played)
    }

    fn line(&mut self, line: &Line) -> Result<(), ScenarioError> {
        let at = self.instant(&line.at, &line.at_place)?;
        let recorded = match &line.recorded {
            Some(recorded) => self.instant(recorded, &line.place)?,
            None => at,
        };
        if recorded < self.latest {
            let finding = Diagnostic::error("time-goes-back", &line.at_place)
                .message("this happens before the line above it")
                .label("earlier than the line above");
            return Err(findings(finding.help("put the lines in the order of their times; `recorded:` says when an earlier act was told")));
        }
        self.latest = recorded;
        self.at = at;
        self.clock.set(recorded);
        self.let_time_pass()?;
        if let Some(verb) = &line.verb {
            self.act(line, verb, at)?;
        }
        if let Some(expect) = &line.expect {
            self.expect(line, expect, recorded)?;
        }
        Ok(())
    }

    /// Returns the case that a line is about: the one that it names, or else the first.
    fn case_of(&self, line: &Line, place: &Place) -> Result<CaseKey, ScenarioError> {
        match (&line.of_case, self.cases.first()) {
            (Some((name, place)), _) => self.case_called(name, place),
            (None, Some((_, key))) => Ok(*key),
            (None, None) => {
                let finding = Diagnostic::error("not-opened", place);
                let finding = finding.message("there is no case yet").label("before any `open`");
                Err(findings(finding.help("begin with `open: { … }`")))
            }
        }
    }

    /// Returns the case that an earlier line called so.
    fn case_called(&self, name: &str, place: &Place) -> Result<CaseKey, ScenarioError> {
        let known = |(called, key): &(Option<String>, CaseKey)| {
            (called.as_deref() == Some(name)).then_some(*key)
        };
        self.cases.iter().find_map(known).ok_or_else(|| {
            let finding = Diagnostic::error("unknown-case", place)
                .message(format!("no case is called `{name}`"))
                .label("no line above gives a case this name");
            let names = self.cases.iter().filter_map(|(called, _)| called.as_deref());
            findings(match did_you_mean(name, names) {
                Some(near) => finding
                    .help(format!("a case with a similar name exists: `{near}`"))
                    .suggest(place.span, near),
                None => finding.help("add `as: …` to the line that opens the case"),
            })
        })
    }

    /// Keeps what was opened, under the name that the line gives it.
    fn opened(&mut self, line: &Line, key: CaseKey) -> Result<(), ScenarioError> {
        let name = line.names_case.as_ref();
        let taken = |(called, _): &(Option<String>, CaseKey)| {
            name.is_some_and(|(name, _)| called.as_deref() == Some(name))
        };
        if let Some((name, place)) = name.filter(|_| self.cases.iter().any(taken)) {
            let finding = Diagnostic::error("same-name", place)
                .message(format!("two cases are called `{name}`"))
                .label("a line above has this name");
            return Err(findings(finding.help("give each case a name of its own")));
        }
        self.cases.push((name.map(|(name, _)| name.clone()), key));
        Ok(())
    }

    /// Returns what the scenario calls a case: the name that a line gave it, or else its number.
    fn called(&self, reference: &str) -> String {
        let key = self.engine.find(reference).ok();
        let known = self.cases.iter().find(|(_, known)| Some(*known) == key);
        known.and_then(|(name, _)| name.clone()).unwrap_or_else(|| reference.to_owned())
    }

    fn instant(&self, text: &str, place: &Place) -> Result<Instant, ScenarioError> {
        parse_instant(text, &self.procedure().zone).map_err(|error| {
            let finding = Diagnostic::error("not-a-time", place)
                .message(error.to_string())
                .label("expected a time");
            findings(
                finding.help("write it as `2026-03-02T09:00`, in the time zone of the procedure"),
            )
        })
    }

    fn let_time_pass(&mut self) -> Result<(), ScenarioError> {
        let keys: Vec<CaseKey> = self.cases.iter().map(|(_, key)| *key).collect();
        for key in keys {
            let passed = self.engine.pass_time(key).map_err(ScenarioError::Engine)?;
            self.scenes(passed);
        }
        Ok(())
    }

    /// Keeps what happened, in each case by itself.
    fn scenes(&mut self, accepted: Accepted) {
        let Accepted { file, events, elsewhere, .. } = accepted;
        let others = elsewhere.into_iter().map(|other| (other.file, other.events));
        for (file, events) in std::iter::once((file, events)).chain(others) {
            if !events.is_empty() {
                let reference = file.reference().to_owned();
                let procedure = file.procedure;
                self.played.scenes.push(Scene { reference, procedure, events, refusal: None });
            }
        }
    }

    fn act(&mut self, line: &Line, verb: &Verb, at: Instant) -> Result<(), ScenarioError> {
        let (by, by_place) = line.by.clone().unwrap_or_else(|| (String::new(), line.place.clone()));
        let answered = match verb {
            Verb::Open(open) => {
                if !self.cases.is_empty() && line.names_case.is_none() {
                    let finding = Diagnostic::error("opened-twice", &line.place);
                    let finding = finding
                        .message("a second case has a name of its own")
                        .label("a second one");
                    return Err(findings(finding.help(
                        "add `as: …` to this line, and `in: …` to the lines about this case",
                    )));
                }
                self.open(line, open, &by, &by_place, at)?
            }
            Verb::Do(_)
            | Verb::Withdraw(_)
            | Verb::Assign(_)
            | Verb::Claim(_)
            | Verb::Release(_)
            | Verb::Extend { .. }
            | Verb::Revoke(_)
            | Verb::Correct(..)
            | Verb::Pause(_)
            | Verb::Resume(_)
            | Verb::Send(_)
            | Verb::Relate(..)
            | Verb::Join(..)
            | Verb::Split(_)
            | Verb::Transfer(_)
            | Verb::Reopen(_)
            | Verb::Party(_)
            | Verb::Attach
            | Verb::Look
            | Verb::Note(_) => {
                let key = self.case_of(line, &line.place)?;
                let file = self.engine.case(key).map_err(ScenarioError::Engine)?;
                let actor = self.actor(&file, &by, &by_place)?;
                let actor = match &line.enters_for {
                    Some(party) => address::entering_for(&file.procedure, &file.case, actor, party),
                    None => actor,
                };
                let request = Request { at: Some(at), ..Request::by(actor.clone()) };
                let request = request.with(documents(line));
                let reason = line.because.as_deref().unwrap_or_default();
                if let Verb::Relate(other, place) = verb {
                    let other = self.case_called(other, place)?;
                    self.engine.relate(key, other, reason, &request)
                } else if let Verb::Join(into, place) = verb {
                    let into = self.case_called(into, place)?;
                    self.engine.join(key, into, reason, &request)
                } else if let Verb::Split(node) = verb {
                    let split = self.split(node, &file)?;
                    self.engine.split(key, &split, reason, &request)
                } else {
                    let act = self.ask(line, verb, &actor, &file)?;
                    self.engine.act(key, &act, &request)
                }
            }
        };
        match answered {
            Ok(accepted) => self.accepted(line, accepted),
            Err(EngineError::Refused { refusal, file }) => {
                self.refused(line, at, by, *refusal, file.as_deref());
                Ok(())
            }
            Err(EngineError::Stale { refusal, file }) => {
                self.refused(line, at, by, *refusal, Some(&file));
                Ok(())
            }
            Err(error) => Err(ScenarioError::Engine(error)),
        }
    }

    fn accepted(&mut self, line: &Line, accepted: Accepted) -> Result<(), ScenarioError> {
        if let Some((wanted, place)) = &line.refused {
            self.played.failures.push(Failure {
                place: place.clone(),
                expected: format!("a refusal: {wanted}"),
                but: "the act was accepted".to_owned(),
                because: None,
            });
        }
        let is_new = |key: &CaseKey| !self.cases.iter().any(|(_, known)| known == key);
        let elsewhere = accepted.elsewhere.iter().map(|other| other.file.key);
        let keys: Vec<CaseKey> =
            std::iter::once(accepted.file.key).chain(elsewhere).flatten().filter(is_new).collect();
        for key in keys {
            self.opened(line, key)?;
        }
        self.scenes(accepted);
        Ok(())
    }

    fn refused(
        &mut self,
        line: &Line,
        at: Instant,
        by: String,
        refusal: Refusal,
        file: Option<&CaseFile>,
    ) {
        let procedure = file.map_or_else(
            || Arc::clone(&self.script.adopted.procedure),
            |file| Arc::clone(&file.procedure),
        );
        let zone = &procedure.zone;
        let said = [Language::Nl, Language::En].map(|language| refusal.in_words(zone, language));
        let because = refusal.rule.as_ref().map(|rule| {
            let cite = rule.cite.as_ref().map(|cite| format!(", {cite}")).unwrap_or_default();
            format!("{}:{}:{}{cite}", rule.file, rule.line, rule.column)
        });
        let expected = match &line.refused {
            Some((wanted, _)) => {
                wanted == refusal.code()
                    || said.iter().any(|said| said.to_lowercase().contains(&wanted.to_lowercase()))
            }
            None => false,
        };
        if !expected {
            let (place, wanted) = match &line.refused {
                Some((wanted, place)) => (place.clone(), format!("a refusal: {wanted}")),
                None => (line.place.clone(), format!("`{}` to be accepted", refusal.asked)),
            };
            self.played.failures.push(Failure {
                place,
                expected: wanted,
                but: format!("it was refused ({}): {}", refusal.code(), said[1]),
                because,
            });
        }
        let refusal = Some(Refused { at, by, refusal, expected });
        let reference = file.map(|file| file.reference().to_owned()).unwrap_or_default();
        self.played.scenes.push(Scene { reference, procedure, events: Vec::new(), refusal });
    }

    fn open(
        &mut self,
        line: &Line,
        open: &Node,
        by: &str,
        by_place: &Place,
        at: Instant,
    ) -> Result<Result<Accepted, EngineError>, ScenarioError> {
        let received_at = match open.get("received") {
            Some(node) => Some(self.instant(node.written(), &node.place)?),
            None => None,
        };
        let other = match open.get("procedure") {
            Some(named) => Some(self.adopt(named)?),
            None => None,
        };
        let adopted = other.as_ref().unwrap_or(&self.script.adopted);
        let named: Vec<(Name, Vec<String>)> = open
            .get("parties")
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|entry| {
                let one = entry.value.scalar().map(|_| &entry.value);
                let names = entry.value.items().iter().chain(one);
                (Name::from(entry.name()), names.map(|name| name.written().to_owned()).collect())
            })
            .collect();
        let enters_for = line.enters_for.as_deref().map(Name::from);
        let staff = |id: &str| self.staff(id, &adopted.procedure);
        let (parties, actor) =
            address::opening(&adopted.procedure, &named, by, enters_for.as_ref(), staff);
        let actor = actor.ok_or_else(|| self.unknown_person(by, by_place))?;
        let data = match open.get("data").map(Node::to_json) {
            Some(serde_json::Value::Object(data)) => data,
            Some(_) | None => serde_json::Map::new(),
        };
        let channel = open.get("channel").map(|channel| Name::from(channel.written()));
        let said = |key: &str| open.get(key).and_then(Node::as_bool).unwrap_or(false);
        let nameless = said("anonymous");
        let parties = parties.into_iter().map(|party| {
            let own = nameless && party.person == actor.person.id;
            Party { code: own.then(|| ReturnCode::of("scenario", "scenario")), ..party }
        });
        let parties = parties.collect();
        let confidential = said("confidential");
        let forwarded_by = open.get("forwarded-by").map(|body| body.written().to_owned());
        let intake = Intake { channel, received_at, forwarded_by, parties, confidential, data };
        let request = Request { at: Some(at), ..Request::by(actor) }.with(documents(line));
        Ok(self.engine.open(adopted, &intake, &request))
    }

    /// Returns another procedure of the same workspace.
    fn adopt(&self, named: &Node) -> Result<Adopted, ScenarioError> {
        let name = named.written();
        let bundle = match self.script.workspace.bundle(name) {
            Ok(bundle) => bundle,
            Err(WorkspaceError::NoProcedure { wanted, near }) => {
                let finding = Diagnostic::error("unknown-procedure", &named.place)
                    .message(format!("no procedure `{wanted}`"))
                    .label("not in this workspace");
                return Err(findings(match near {
                    Some(near) => finding
                        .help(format!("a procedure with a similar name exists: `{near}`"))
                        .suggest(named.place.span, near),
                    None => finding.help("put its file beside that of the scenario's procedure"),
                }));
            }
            Err(error) => return Err(of_workspace(error)),
        };
        Adopted::new(&bundle, &self.script.almanac).map_err(ScenarioError::Findings)
    }

    fn ask(
        &self,
        line: &Line,
        verb: &Verb,
        actor: &Actor,
        file: &CaseFile,
    ) -> Result<Act, ScenarioError> {
        let reason = || line.because.clone().unwrap_or_default();
        Ok(match verb {
            Verb::Open(_) | Verb::Relate(..) | Verb::Join(..) | Verb::Split(_) => {
                Act::Note { text: String::new() }
            }
            Verb::Transfer(to) => Act::Transfer { to: to.clone(), reason: reason() },
            Verb::Reopen(ground) => {
                Act::Reopen { ground: Name::from(ground.as_str()), reason: reason() }
            }
            Verb::Withdraw(name) if self.is_appeal(name) => Act::WithdrawAppeal {
                appeal: Name::from(name.as_str()),
                item: line.item.clone(),
                reason: line.because.clone(),
            },
            Verb::Do(step) | Verb::Withdraw(step) => Act::Do(Do {
                step: step.clone(),
                item: line.item.clone(),
                outcome: line.outcome.as_deref().map(Name::from),
                form: line.form.clone(),
                data: line.data.clone(),
                note: line.because.clone(),
                opens: None,
                filing: self.filing(line)?,
            }),
            Verb::Assign(step) => {
                let to = match &line.to {
                    Some(to) => self.actor(file, to, &line.place)?.person,
                    None => actor.person.clone(),
                };
                Act::Assign { instance: Self::instance(line, step), to: Some(to) }
            }
            Verb::Claim(step) => Act::Claim { instance: Self::instance(line, step) },
            Verb::Release(step) => Act::Release { instance: Self::instance(line, step) },
            Verb::Extend { deadline, by, consent } => Act::Extend(Extend {
                deadline: Name::from(deadline.as_str()),
                by: by.as_ref().map(Self::term).transpose()?,
                consent: consent.iter().map(|role| Name::from(role.as_str())).collect(),
                reason: line.because.clone(),
            }),
            Verb::Revoke(deadline) => {
                Act::Revoke { deadline: Name::from(deadline.as_str()), reason: reason() }
            }
            Verb::Correct(received, place) => {
                Act::Correct { received_at: self.instant(received, place)?, reason: reason() }
            }
            Verb::Pause(deadline) => {
                Act::Pause { deadline: deadline.as_deref().map(Name::from), reason: reason() }
            }
            Verb::Resume(deadline) => Act::Resume { deadline: deadline.as_deref().map(Name::from) },
            Verb::Attach => Act::Attach,
            Verb::Look => Act::Look,
            Verb::Send(send) => Act::Send(self.sending(send)?),
            Verb::Party(node) => Act::Party(self.party(node, line, file)?),
            Verb::Note(text) => Act::Note { text: text.clone() },
        })
    }

    /// Reads `split`: the parties and data that go along.
    fn split(&self, node: &Node, file: &CaseFile) -> Result<Split, ScenarioError> {
        let staff = |id: &str| self.script.organisation.person(id);
        let mut split = Split::default();
        for name in node.get("parties").map(Node::items).unwrap_or_default() {
            let found = address::parties(&file.procedure, &file.case, name.written(), staff);
            if found.is_empty() {
                return Err(self.unknown_person(name.written(), &name.place));
            }
            split.parties.extend(found);
        }
        let fields = node.get("fields").map(Node::items).unwrap_or_default();
        split.fields = fields.iter().map(|field| field.written().to_owned()).collect();
        if let Some(serde_json::Value::Object(data)) = node.get("data").map(Node::to_json) {
            split.data = data;
        }
        Ok(split)
    }

    /// Reads `send`: the name of a letter, or a mapping that says how it went.
    fn sending(&self, node: &Node) -> Result<Send, ScenarioError> {
        let text = |key: &str| node.get(key).map(|value| value.written().to_owned());
        let on = node.get("on").map(|on| self.instant(on.written(), &on.place)).transpose()?;
        Ok(Send {
            letter: Name::from(node.get("letter").unwrap_or(node).written()),
            to: text("to"),
            channel: text("channel").as_deref().map(Name::from),
            address: text("address"),
            on: on.map(|on| self.procedure().zone.local_date(on)),
            proof: text("proof"),
        })
    }

    /// Reads what is asked about a party.
    fn party(&self, node: &Node, line: &Line, file: &CaseFile) -> Result<PartyAct, ScenarioError> {
        let CaseFile { procedure, case, .. } = file;
        let text = |key: &str| node.get(key).map(|value| value.written().to_owned());
        let contact = Contact {
            channel: text("channel").map(Name::from),
            address: text("address"),
            language: text("language"),
        };
        let name = text("name");
        let person = |role: &Name, name: Option<&str>| {
            let known = |name: &str| self.script.organisation.person(name).map(|p| p.id);
            let of_case = address::party_in(case, role, name).map(|party| party.person.clone());
            let named = name.and_then(known);
            named.or(of_case).unwrap_or_else(|| PersonId::staff(name.unwrap_or_default()))
        };
        let said = |key: &str| text(key).map(Name::from);
        Ok(match (said("add"), said("change"), said("leave"), said("refuse")) {
            (Some(role), ..) => {
                let staff = name.as_deref().and_then(|name| self.script.organisation.person(name));
                let whom = text("represents");
                let whom = whom.and_then(|whom| address::party(procedure, case, &whom));
                PartyAct::Add(NewParty {
                    role,
                    name: name.filter(|_| staff.is_none()),
                    staff: staff.as_ref().map(|person| person.id.clone()),
                    unit: staff.and_then(|person| person.unit),
                    represents: whom.map(|party| party.person.clone()),
                    proof: text("proof"),
                    contact,
                })
            }
            (None, Some(role), ..) => {
                PartyAct::Change { person: person(&role, name.as_deref()), role, contact }
            }
            (None, None, Some(role), _) => {
                let person = person(&role, name.as_deref());
                PartyAct::Leave { role, person, reason: line.because.clone() }
            }
            (None, None, None, Some(role)) => {
                let person = person(&role, name.as_deref());
                let reason = line.because.clone().unwrap_or_default();
                PartyAct::Refuse { role, person, reason }
            }
            (None, None, None, None) => {
                let finding = Diagnostic::error("no-party-act", &node.place)
                    .message("it is not said what happens to the party")
                    .label("joins, leaves, or what?");
                let help = "name a party role after one of `add`, `change`, `leave` and `refuse`";
                return Err(findings(finding.help(help)));
            }
        })
    }

    fn is_appeal(&self, name: &str) -> bool {
        let step = self.procedure().find_step(name).map(|index| self.procedure().step(index));
        step.is_some_and(|step| matches!(step.kind, StepKind::Appeal(_)))
    }

    fn filing(&self, line: &Line) -> Result<Filing, ScenarioError> {
        let day = |written: &(String, Place)| {
            let at = self.instant(&written.0, &written.1)?;
            Ok(self.procedure().zone.local_date(at))
        };
        let elsewhere = line.arrived_elsewhere.as_ref().map(day).transpose()?;
        let body = line.forwarded_by.clone().unwrap_or_default();
        Ok(Filing {
            parts: line.parts.clone(),
            posted_on: line.posted.as_ref().map(day).transpose()?,
            elsewhere: elsewhere.map(|arrived_on| Elsewhere { arrived_on, body }),
        })
    }

    fn term((text, place): &(String, Place)) -> Result<Term, ScenarioError> {
        text.parse().map_err(|error: TermError| {
            let finding = Diagnostic::error("not-a-term", place)
                .message(error.to_string())
                .label("expected a term");
            findings(finding.help(error.help()))
        })
    }

    fn instance(line: &Line, step: &str) -> Instance {
        Instance { step: Name::from(step), item: line.item.clone() }
    }

    /// Returns somebody of the organisation as on the day of the line.
    fn staff(&self, id: &str, procedure: &Procedure) -> Option<Person> {
        self.script.organisation.person_on(id, procedure.zone.local_date(self.at))
    }

    fn actor(&self, file: &CaseFile, name: &str, place: &Place) -> Result<Actor, ScenarioError> {
        let staff = |id: &str| self.staff(id, &file.procedure);
        let person = address::person(&file.procedure, &file.case, name, staff);
        person.map(Actor::new).ok_or_else(|| self.unknown_person(name, place))
    }

    fn unknown_person(&self, name: &str, place: &Place) -> ScenarioError {
        let finding = Diagnostic::error("unknown-person", place)
            .message(format!("nobody is called `{name}`"))
            .label("neither in the organisation, nor a party of this case");
        let roles =
            self.procedure().roles.iter().filter(|role| role.party).map(|role| role.name.as_str());
        let near = did_you_mean(name, self.script.organisation.ids().chain(roles));
        findings(match near {
            Some(near) => finding
                .help(format!("somebody has a similar name: `{near}`"))
                .suggest(place.span, near),
            None => finding.help("name a person of the organisation's file, or a party role"),
        })
    }

    fn expect(&mut self, line: &Line, expect: &Node, at: Instant) -> Result<(), ScenarioError> {
        let key = self.case_of(line, &expect.place)?;
        let file = self.engine.case(key).map_err(ScenarioError::Engine)?;
        let history = self.engine.history(key).map_err(ScenarioError::Engine)?;
        let staff = |id: &str| self.script.organisation.person(id);
        let called = |reference: &str| self.called(reference);
        let moment = Moment {
            procedure: &file.procedure,
            case: &file.case,
            history: &history,
            at,
            staff: &staff,
            called: &called,
        };
        let surprises = moment.surprises(expect);
        for surprise in surprises {
            self.played.failures.push(Failure {
                place: surprise.place,
                expected: format!("{}: {}", surprise.about, surprise.expected),
                but: surprise.found,
                because: None,
            });
        }
        Ok(())
    }
}

/// Returns the documents that come with a line. Their content is what it says, or else their name.
fn documents(line: &Line) -> Vec<Brought> {
    let of = |attached: &Attached| {
        let text = attached.text.as_ref().unwrap_or(&attached.name);
        Brought::only_described(&attached.name, attached.title.clone(), text.as_bytes())
    };
    line.attach.iter().map(of).collect()
}

fn findings(finding: Diagnostic) -> ScenarioError {
    ScenarioError::Findings(vec![finding])
}
