//! Who may do what: every kind of command, asked by everybody who stands in some relation to the case, in every way in.
//!
//! The pure core, the engine over a store, the command line and a scenario must give the same verdict. What they give is
//! the table `snapshots/integration__matrix__who_may_do_what.snap`, for a person to read: a line that changes is a right
//! that changes.

#![expect(clippy::disallowed_methods, reason = "runs the binary on files of its own")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use verloop::case::{
    Act, Actor, Case, Command, Contact, Do, Event, Extend, Instance, NewParty, Open, Other, Party,
    PartyAct, PersonId, Refusal, Send, Split, TakeIn, Verdict, address, decide,
};
use verloop::catalog::{Bundle, Organisation};
use verloop::engine::{Adopted, Brought, CaseFile, Clock as _, Engine, EngineError, Intake};
use verloop::engine::{Request, SystemClock};
use verloop::procedure::{Name, Procedure};
use verloop::scenario::{Scenario, Script};
use verloop::store::redb::{RedbStore, Settings};
use verloop::time::{Almanac, Instant};

const PROCEDURE: &str = "tests/procedures/rechten.yaml";
const PEOPLE: &str = "tests/scenarios/mensen-met-rechten.yaml";
const PREPARED: &str = "tests/scenarios/rechten/een-zaak-waarin-alles-gevraagd-kan-worden.yaml";

/// Who asks: by which name, for whom, and what that person is to the case.
const ASKING: [(&str, Option<&str>, &str); 16] = [
    ("chris", None, "holds the role of handler"),
    ("anna", None, "handler, and has `onderzoek`"),
    ("bo", None, "stands in for anna"),
    ("dora", None, "handler who took `besluit`; also on the committee"),
    ("fred", None, "handler, but the person complained of"),
    ("gert", None, "stands in for fred"),
    ("ina", None, "handler, but a witness: hidden from her"),
    ("lea", None, "head, may give work away"),
    ("cleo", None, "on the committee"),
    ("rex", None, "registry"),
    ("rex", Some("klager"), "registry, for the complainant"),
    ("chris", Some("klager"), "handler, for the complainant"),
    ("klager", None, "the complainant"),
    ("gemachtigde", None, "represents the complainant"),
    ("gemachtigde", Some("klager"), "representative, for the complainant"),
    ("zoe", None, "staff without a role"),
];

/// Something that is asked, in every way in.
struct Ask {
    act: Act,
    /// What is typed; nothing where the command line has no verb for it.
    typed: Option<Vec<&'static str>>,
    /// The same in a scenario; nothing where nobody can ask it there.
    line: Option<&'static str>,
}

/// Stands for the number of the case in what is typed.
const CASE: &str = "CASE";
/// Stands for the number of the other case.
const OTHER: &str = "OTHER";

/// Returns the kind of a command, with what makes a difference to who may give it.
///
/// A new kind of command gets a line here and, at least, a question in [`asks`]: the two are held against each other.
fn kind(act: &Act) -> &'static str {
    match act {
        Act::Open(_) => "open",
        Act::Do(_) => "do",
        Act::WithdrawAppeal { .. } => "withdraw-appeal",
        Act::Assign { .. } => "assign",
        Act::Claim { .. } => "claim",
        Act::Release { .. } => "release",
        Act::Extend(_) => "extend",
        Act::Revoke { .. } => "revoke",
        Act::Correct { .. } => "correct",
        Act::Pause { .. } => "pause",
        Act::Resume { .. } => "resume",
        Act::Hear { .. } => "hear",
        Act::Send(_) => "send",
        Act::Relate { .. } => "relate",
        Act::JoinInto { .. } => "join",
        Act::TakeIn(_) => "take-in",
        Act::SplitOff { .. } => "split",
        Act::Transfer { .. } => "transfer",
        Act::Reopen { .. } => "reopen",
        Act::Party(PartyAct::Add(_)) => "party-add",
        Act::Party(PartyAct::Change { .. }) => "party-change",
        Act::Party(PartyAct::Leave { .. }) => "party-leave",
        Act::Party(PartyAct::Refuse { .. }) => "party-refuse",
        Act::Attach => "attach",
        Act::Look => "look",
        Act::Note { .. } => "note",
    }
}

/// All that [`kind`] can say.
const KINDS: [&str; 26] = [
    "open",
    "do",
    "withdraw-appeal",
    "assign",
    "claim",
    "release",
    "extend",
    "revoke",
    "correct",
    "pause",
    "resume",
    "hear",
    "send",
    "relate",
    "join",
    "take-in",
    "split",
    "transfer",
    "reopen",
    "party-add",
    "party-change",
    "party-leave",
    "party-refuse",
    "attach",
    "look",
    "note",
];

fn ask(act: Act, typed: &[&'static str], line: &'static str) -> Ask {
    Ask { act, typed: Some(typed.to_vec()), line: Some(line) }
}

fn doing(step: &str) -> Act {
    Act::Do(Do::step(step))
}

fn instance(step: &str) -> Instance {
    Instance { step: Name::from(step), item: None }
}

fn outside(role: &str) -> PersonId {
    PersonId::outside(&Name::from(role), 1)
}

fn because() -> String {
    "Daarom".to_owned()
}

fn opening() -> Open {
    Open {
        reference: String::new(),
        channel: None,
        received_at: Instant::default(),
        forwarded_by: None,
        parties: Vec::new(),
        confidential: false,
        data: serde_json::Map::new(),
        origin: None,
    }
}

/// What is asked of the steps: to do one, and to have one.
fn asks_of_steps(chris: &verloop::case::Person) -> Vec<Ask> {
    let give = |step: &str| Act::Assign { instance: instance(step), to: Some(chris.clone()) };
    let voting = Act::Do(Do::step("uitspraak").ending_as("ongegrond"));
    let back = Act::WithdrawAppeal { appeal: "bezwaar".into(), item: None, reason: None };
    vec![
        ask(doing("horen"), &["do", CASE, "horen"], "do: horen"),
        ask(doing("onderzoek"), &["do", CASE, "onderzoek"], "do: onderzoek"),
        ask(doing("toets"), &["do", CASE, "toets"], "do: toets"),
        ask(doing("advies"), &["do", CASE, "advies"], "do: advies"),
        ask(doing("reactie"), &["do", CASE, "reactie"], "do: reactie"),
        ask(doing("intrekken"), &["withdraw", CASE, "intrekken"], "withdraw: intrekken"),
        ask(doing("beroep"), &["appeal", CASE, "beroep"], "appeal: beroep"),
        ask(
            voting,
            &["do", CASE, "uitspraak", "--outcome", "ongegrond"],
            "do: uitspraak, outcome: ongegrond",
        ),
        ask(back, &["withdraw", CASE, "bezwaar"], "withdraw: bezwaar"),
        ask(
            give("horen"),
            &["assign", CASE, "chris", "--step", "horen"],
            "assign: horen, to: chris",
        ),
        ask(
            give("onderzoek"),
            &["assign", CASE, "chris", "--step", "onderzoek"],
            "assign: onderzoek, to: chris",
        ),
        ask(Act::Claim { instance: instance("horen") }, &["claim", CASE, "horen"], "claim: horen"),
        ask(
            Act::Release { instance: instance("onderzoek") },
            &["release", CASE, "onderzoek"],
            "release: onderzoek",
        ),
    ]
}

/// What is asked of the deadlines, the letters and the receipt.
fn asks_of_time() -> Vec<Ask> {
    let received_at = "2026-01-02T08:00:00Z".parse().unwrap();
    let pause = Act::Pause { deadline: Some("afdoening".into()), reason: because() };
    vec![
        ask(
            Act::Extend(Extend::deadline("afdoening").because("Daarom")),
            &["extend", CASE, "afdoening", "--because", "Daarom"],
            "extend: afdoening, because: Daarom",
        ),
        ask(
            Act::Revoke { deadline: "afdoening".into(), reason: because() },
            &["revoke", CASE, "afdoening", "--because", "Daarom"],
            "revoke: afdoening, because: Daarom",
        ),
        ask(
            Act::Correct { received_at, reason: because() },
            &["correct", CASE, "--received", "2026-01-02T09:00", "--because", "Daarom"],
            "correct: { received: 2026-01-02T09:00 }, because: Daarom",
        ),
        ask(
            pause,
            &["pause", CASE, "afdoening", "--because", "Daarom"],
            "pause: afdoening, because: Daarom",
        ),
        ask(
            Act::Resume { deadline: Some("rust".into()) },
            &["resume", CASE, "rust"],
            "resume: rust",
        ),
        ask(Act::Send(Send::letter("brief")), &["send", CASE, "brief"], "send: brief"),
    ]
}

/// What is asked about parties and other cases, and what asks nothing of anybody.
fn asks_of_people(other: Other) -> Vec<Ask> {
    let role = || Name::from("gemachtigde");
    let new = NewParty {
        role: role(),
        staff: None,
        unit: None,
        name: Some("Mr. Bakker".to_owned()),
        represents: Some(outside("klager")),
        proof: None,
        contact: Contact::default(),
    };
    let contact = Contact { address: Some("Dorpsstraat 1".to_owned()), ..Contact::default() };
    let (klager, person) = (Name::from("klager"), outside("gemachtigde"));
    let change = PartyAct::Change { role: klager, person: outside("klager"), contact };
    let leave = PartyAct::Leave { role: role(), person: person.clone(), reason: None };
    let refuse = PartyAct::Refuse { role: role(), person, reason: because() };
    let hear = Act::Hear { case: other.reference.clone(), verdict: Verdict::Decided(None) };
    let open =
        &["open", "rechten", "--party", "klager=Mevrouw De Boer", "--party", "beklaagde=fred"][..];
    let taken_in = Act::TakeIn(Box::new(TakeIn {
        other: other.clone(),
        received_at: None,
        parties: Vec::new(),
        data: serde_json::Map::new(),
        confidential: false,
        reason: because(),
    }));
    let transfer = Act::Transfer { to: "Elders".to_owned(), reason: because() };
    vec![
        ask(
            Act::JoinInto { other: other.clone(), reason: because() },
            &["join", CASE, OTHER, "--because", "Daarom"],
            "join: andere, because: Daarom",
        ),
        // The engine asks it of the case that goes on, when the other one is joined.
        Ask { act: taken_in, typed: None, line: None },
        ask(
            Act::SplitOff {
                other: Other { reference: "R-9".to_owned(), ..other.clone() },
                reason: because(),
            },
            &["split", CASE, "--because", "Daarom"],
            "as: tweede, split: {}, because: Daarom",
        ),
        ask(
            transfer,
            &["transfer", CASE, "Elders", "--because", "Daarom"],
            "transfer: Elders, because: Daarom",
        ),
        ask(
            Act::Reopen { ground: "bedrog".into(), reason: because() },
            &["reopen", CASE, "--ground", "bedrog", "--because", "Daarom"],
            "reopen: bedrog, because: Daarom",
        ),
        ask(
            Act::Open(opening()),
            open,
            "as: nieuw, open: { parties: { klager: Mevrouw De Boer, beklaagde: fred } }",
        ),
        ask(
            Act::Relate { other, reason: because() },
            &["relate", CASE, OTHER, "--because", "Daarom"],
            "relate: andere, because: Daarom",
        ),
        ask(
            Act::Party(PartyAct::Add(new)),
            &["party", CASE, "add", "gemachtigde", "Mr. Bakker", "--represents", "klager"],
            "party: { add: gemachtigde, name: Mr. Bakker, represents: klager }",
        ),
        ask(
            Act::Party(change),
            &["party", CASE, "change", "klager", "--address", "Dorpsstraat 1"],
            "party: { change: klager, address: Dorpsstraat 1 }",
        ),
        ask(
            Act::Party(leave),
            &["party", CASE, "leave", "gemachtigde"],
            "party: { leave: gemachtigde }",
        ),
        ask(
            Act::Party(refuse),
            &["party", CASE, "refuse", "gemachtigde", "--because", "Daarom"],
            "party: { refuse: gemachtigde }, because: Daarom",
        ),
        ask(Act::Attach, &["attach", CASE, "stuk.txt"], "attach: [stuk.txt]"),
        ask(Act::Look, &["show", CASE], "look: true"),
        Ask { act: Act::Note { text: because() }, typed: None, line: Some("note: Daarom") },
        // Only the engine tells a case what came of another.
        Ask { act: hear, typed: None, line: None },
    ]
}

/// A case in which all can be asked, in a store, and what is needed to ask it.
struct World {
    folder: tempfile::TempDir,
    adopted: Adopted,
    people: Organisation,
    engine: Engine,
    file: CaseFile,
    other: CaseFile,
    now: Instant,
}

/// The name under which the store of a world lies in its folder.
const STORE: &str = "cases.redb";
/// How many processes ask beside each other, each with a store of its own.
const PROCESSES: usize = 4;

impl World {
    /// Makes the case that the scenario makes as well.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        std::fs::create_dir(at.join("brieven")).unwrap();
        std::fs::copy(PROCEDURE, at.join("rechten.yaml")).unwrap();
        std::fs::copy("tests/procedures/brieven/brief.nl.txt", at.join("brieven/brief.nl.txt"))
            .unwrap();
        std::fs::copy(PEOPLE, at.join("mensen.yaml")).unwrap();
        let settings = "organisation: mensen.yaml\nstore: cases.redb\n";
        std::fs::write(at.join("verloop.yaml"), settings).unwrap();
        std::fs::write(at.join("stuk.txt"), "stuk.txt").unwrap();
        let bundle = Bundle::read(&at.join("rechten.yaml")).unwrap();
        let adopted = Adopted::new(&bundle, &Almanac::shipped()).unwrap();
        let people = Organisation::read(PEOPLE, &std::fs::read(PEOPLE).unwrap()).unwrap();
        let store = RedbStore::create(at.join(STORE), Settings::default()).unwrap();
        let engine = Engine::new(Arc::new(store), Arc::new(SystemClock));
        let open = || {
            let procedure = &adopted.procedure;
            let (parties, actor) = parties(procedure, &people, "rex", Some("klager"), true);
            let intake = Intake { parties, ..intake() };
            engine.open(&adopted, &intake, &Request::by(actor)).unwrap().file
        };
        let (file, other) = (open(), open());
        let key = file.key.unwrap();
        for (who, act) in prepared() {
            let actor = actor(&file, &people, who, None);
            engine.act(key, &act, &Request::by(actor)).unwrap();
        }
        let file = engine.case(key).unwrap();
        // The store is copied, for each process one, while nobody has it open.
        drop(engine);
        for number in 0..PROCESSES {
            std::fs::copy(at.join(STORE), at.join(format!("{number}.redb"))).unwrap();
        }
        let store = RedbStore::open(at.join(STORE), Settings::default()).unwrap();
        let engine = Engine::new(Arc::new(store), Arc::new(SystemClock));
        Self { adopted, people, file, other, now: SystemClock.now(), folder, engine }
    }

    fn procedure(&self) -> &Procedure {
        &self.adopted.procedure
    }

    fn asks(&self) -> Vec<Ask> {
        let chris = self.people.person("chris").unwrap();
        let other = Other {
            reference: self.other.reference().to_owned(),
            procedure: self.procedure().name.clone(),
        };
        let of_steps = asks_of_steps(&chris).into_iter();
        of_steps.chain(asks_of_time()).chain(asks_of_people(other)).collect()
    }

    /// Asks the core.
    fn decide(&self, act: &Act, who: &str, enters_for: Option<&str>) -> Answer {
        let (case, act, actor) = if let Act::Open(open) = act {
            let procedure = self.procedure();
            let (parties, actor) = parties(procedure, &self.people, who, enters_for, false);
            let reference = "R-1".to_owned();
            let open = Open { reference, parties, received_at: self.now, ..open.clone() };
            (Case::default(), Act::Open(open), actor)
        } else {
            let actor = actor(&self.file, &self.people, who, enters_for);
            (self.file.case.clone(), act.clone(), actor)
        };
        let documents = brought(&act).into_iter().map(|brought| brought.document).collect();
        let command = Command { at: self.now, now: self.now, actor, seen: None, act, documents };
        decide(self.procedure(), &case, &command)
    }

    /// Asks the engine, which changes nothing.
    fn engine(&self, act: &Act, who: &str, enters_for: Option<&str>) -> Answer {
        let key = self.file.key.unwrap();
        let dry = |actor: Actor| Request { dry_run: true, ..Request::by(actor) };
        let request = || dry(actor(&self.file, &self.people, who, enters_for)).with(brought(act));
        let answered = if let Act::Open(_) = act {
            let procedure = self.procedure();
            let (parties, actor) = parties(procedure, &self.people, who, enters_for, false);
            self.engine.open(&self.adopted, &Intake { parties, ..intake() }, &dry(actor))
        } else if let Act::Relate { reason, .. } = act {
            self.engine.relate(key, self.other.key.unwrap(), reason, &request())
        } else if let Act::JoinInto { reason, .. } = act {
            self.engine.join(key, self.other.key.unwrap(), reason, &request())
        } else if let Act::SplitOff { reason, .. } = act {
            self.engine.split(key, &Split::default(), reason, &request())
        } else {
            self.engine.act(key, act, &request())
        };
        match answered {
            Ok(accepted) => Ok(accepted.events),
            Err(EngineError::Refused { refusal, .. } | EngineError::Stale { refusal, .. }) => {
                Err(*refusal)
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns what is typed.
    fn typed<'a>(
        &'a self,
        ask: &'a Ask,
        who: &'a str,
        enters_for: Option<&'a str>,
    ) -> Option<Vec<&'a str>> {
        let number = |word: &&'a str| match *word {
            CASE => self.file.reference(),
            OTHER => self.other.reference(),
            word => word,
        };
        let mut typed: Vec<&str> = ask.typed.as_ref()?.iter().map(number).collect();
        typed.extend(["--as", who, "-o", "json"]);
        if typed[0] != "show" {
            typed.push("--dry-run");
            typed.extend(enters_for.into_iter().flat_map(|party| ["--for", party]));
        }
        Some(typed)
    }
}

/// Returns what comes with an act.
fn brought(act: &Act) -> Vec<Brought> {
    let attached = || vec![Brought::only_described("stuk.txt", None, b"stuk.txt")];
    if *act == Act::Attach { attached() } else { Vec::new() }
}

type Answer = Result<Vec<Event>, Refusal>;

/// What is done before anything is asked; the scenario says the same.
fn prepared() -> Vec<(&'static str, Act)> {
    let pause = Act::Pause { deadline: Some("rust".into()), reason: because() };
    vec![
        ("anna", Act::Claim { instance: instance("onderzoek") }),
        ("chris", doing("bericht")),
        ("dora", doing("besluit")),
        ("klager", doing("bezwaar")),
        ("chris", Act::Extend(Extend::deadline("afdoening").because("Daarom"))),
        ("lea", pause),
    ]
}

fn intake() -> Intake {
    Intake {
        channel: None,
        received_at: None,
        forwarded_by: None,
        parties: Vec::new(),
        confidential: false,
        data: serde_json::Map::new(),
    }
}

/// Returns the parties of a new case, and who opens it.
fn parties(
    procedure: &Procedure,
    people: &Organisation,
    by: &str,
    enters_for: Option<&str>,
    all: bool,
) -> (Vec<Party>, Actor) {
    let mut named = vec![("klager", "Mevrouw De Boer"), ("beklaagde", "fred")];
    if all {
        named.extend([("gemachtigde", "Mr. Smit"), ("getuige", "ina")]);
    }
    let named: Vec<(Name, Vec<String>)> =
        named.into_iter().map(|(role, name)| (role.into(), vec![name.to_owned()])).collect();
    let today = procedure.zone.local_date(SystemClock.now());
    let staff = |id: &str| people.person_on(id, today);
    let enters_for = enters_for.map(Name::from);
    let (parties, actor) = address::opening(procedure, &named, by, enters_for.as_ref(), staff);
    (parties, actor.unwrap())
}

/// Returns who acts in a case.
fn actor(file: &CaseFile, people: &Organisation, who: &str, enters_for: Option<&str>) -> Actor {
    let CaseFile { procedure, case, .. } = file;
    let today = procedure.zone.local_date(SystemClock.now());
    let staff = |id: &str| people.person_on(id, today);
    let actor = Actor::new(address::person(procedure, case, who, staff).unwrap());
    match enters_for {
        Some(party) => address::entering_for(procedure, case, actor, party),
        None => actor,
    }
}

/// Returns the verdict of an answer, in a word.
fn verdict(answer: &Answer) -> String {
    match answer {
        Ok(_) => "yes".to_owned(),
        Err(refusal) => refusal.code().to_owned(),
    }
}

/// Returns the verdict with the capacity in which it was given.
fn in_full(answer: &Answer) -> String {
    let Ok(events) = answer else { return verdict(answer) };
    let Some(by) = events.iter().find_map(|event| event.by.as_ref()) else {
        return "yes".to_owned();
    };
    let mut told = "yes".to_owned();
    if let Some(role) = &by.role {
        let _ = write!(told, ", as {role}");
    }
    if let Some(absent) = &by.in_place_of {
        let _ = write!(told, ", in place of {absent}");
    }
    if let Some(entered_by) = &by.entered_by {
        let _ = write!(told, ", entered by {entered_by}");
    }
    told
}

/// Asks the command line.
fn typed(folder: &Path, store: &Path, args: &[&str]) -> String {
    let mut process = Process::new(env!("CARGO_BIN_EXE_verloop"));
    process.current_dir(folder).env("VERLOOP_STORE", store).env_remove("VERLOOP_OUTPUT");
    process.env_remove("VERLOOP_CODE").env("LC_ALL", "C").stdin(Stdio::null());
    let output = process.args(args).output().unwrap();
    if output.status.success() {
        return "yes".to_owned();
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: serde_json::Value =
        serde_json::from_str(said.trim()).unwrap_or_else(|_| panic!("{args:?}: {said}"));
    said["error"]["code"].as_str().unwrap().to_owned()
}

/// Asks all that is typed, by several processes beside each other, each with a store of its own.
fn all_typed(folder: &Path, asked: &[Option<Vec<&str>>]) -> Vec<Option<String>> {
    let share = asked.len().div_ceil(PROCESSES);
    std::thread::scope(|scope| {
        let shares: Vec<_> = asked
            .chunks(share)
            .enumerate()
            .map(|(number, share)| {
                scope.spawn(move || {
                    let store: PathBuf = folder.join(format!("{number}.redb"));
                    let ask = |args: &Option<Vec<&str>>| {
                        args.as_ref().map(|args| typed(folder, &store, args))
                    };
                    share.iter().map(ask).collect::<Vec<_>>()
                })
            })
            .collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

/// Asks in a scenario: the prepared case, and one line more.
fn played(script: &mut Script, text: &str, line: &str, who: &str, by_for: Option<&str>) -> String {
    let by_for = by_for.map(|party| format!("for: {party}, ")).unwrap_or_default();
    let text = format!("{text}  - {{ at: 2026-03-02T11:00, by: {who}, {by_for}{line} }}\n");
    script.scenario = Scenario::read("matrix", text.as_bytes()).unwrap();
    let played = script.play().unwrap_or_else(|error| panic!("{who} {line}: {error:?}"));
    let scene = played.scenes.last().unwrap();
    match &scene.refusal {
        Some(refused) => refused.refusal.code().to_owned(),
        None => "yes".to_owned(),
    }
}

#[test]
fn every_way_in_gives_the_same_verdict_and_this_is_the_table() {
    let world = World::new();
    let asks = world.asks();
    for kind_of in KINDS {
        assert!(asks.iter().any(|ask| kind(&ask.act) == kind_of), "`{kind_of}` is asked nowhere");
    }
    let prepared = std::fs::read_to_string(PREPARED).unwrap();
    let mut script = Script::read(Path::new(PREPARED)).unwrap();
    let rows: Vec<_> = asks
        .iter()
        .flat_map(|ask| ASKING.map(|(who, by_for, is)| (ask, who, by_for, is)))
        .collect();
    let answers: Vec<[Answer; 2]> = rows
        .iter()
        .map(|(ask, who, by_for, _)| {
            [world.decide(&ask.act, who, *by_for), world.engine(&ask.act, who, *by_for)]
        })
        .collect();
    // A process for each question takes a while: a third of them, of every kind and by everybody, unless all are wanted.
    let whole = std::env::var_os("VERLOOP_MATRIX").is_some_and(|wanted| wanted == "whole");
    let is_typed = |place: usize| whole || (place + place / ASKING.len()).is_multiple_of(3);
    let args: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(place, (ask, who, by_for, _))| {
            world.typed(ask, who, *by_for).filter(|_| is_typed(place))
        })
        .collect();
    let command_line = all_typed(world.folder.path(), &args);
    let mut table = String::new();
    let mut differ = Vec::new();
    let mut above = "";
    for (place, (ask, who, by_for, is)) in rows.iter().enumerate() {
        assert!(KINDS.contains(&kind(&ask.act)), "{}", kind(&ask.act));
        let [core, engine] = &answers[place];
        let line = ask.line.unwrap_or_else(|| kind(&ask.act));
        let scenario = ask.line.map(|line| played(&mut script, &prepared, line, who, *by_for));
        let ways = [
            ("core", Some(verdict(core))),
            ("engine", Some(verdict(engine))),
            ("scenario", scenario),
            // To look for somebody is to look oneself.
            (
                "command line",
                command_line[place].clone().filter(|_| by_for.is_none() || ask.act != Act::Look),
            ),
        ];
        if above != line {
            let _ = writeln!(table, "\n{} — {{ {} }}", kind(&ask.act), line);
            above = line;
        }
        let name = by_for.map_or_else(|| (*who).to_owned(), |party| format!("{who} for {party}"));
        let _ = writeln!(table, "  {name:<23} {is:<51} {}", in_full(core));
        let first = &ways[0].1;
        if ways.iter().any(|(_, said)| said.is_some() && said != first) {
            differ.push(format!("{line} by {name}: {ways:?}"));
        }
    }
    assert!(differ.is_empty(), "the ways in differ\n{}", differ.join("\n"));
    insta::assert_snapshot!("who_may_do_what", table);
}
