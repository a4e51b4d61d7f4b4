//! Cases that open others: one commit holds both halves, and each link is told from both sides.
//!
//! Random acts are asked of cases of procedures that open each other, in a store that is now and then changed by somebody
//! else at the last moment. After each act the store as a whole must hold together.

use serde_json::{Map, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use verloop::case::{
    Act, Actor, Do, Fact, LinkKind, Marking, Party, Person, PersonId, Split, Verdict, told,
};
use verloop::catalog::Bundle;
use verloop::engine::{
    Adopted, CaseFile, Engine, EngineError, Intake, Procedures, Request, SetClock,
};
use verloop::procedure::Name;
use verloop::store::memory::MemoryStore;
use verloop::store::{
    Answered, CaseFilter, CaseKey, CaseRow, CommandId, Commit, Committed, Conflict, EventRecord,
    Group, OutboxLetter, Revision, Store, StoreError, StoredCase, VersionHash, WorkEntry,
};
use verloop::time::{Almanac, Instant};

const OPENER: &str = "
procedure: opdracht
roles:
  gever: { party: true }
  een:   {}
  ander: {}
case:
  properties: { wat: { type: string } }
  relate: [een, ander]
  join: [een, ander]
  split: [een, ander]
  transfer: [een, ander]
  reopen: { who: [een, ander], grounds: fout, return-to: oplevering }
steps:
  verdelen:
    who: [een, ander]
    optional: true
    opens: { procedure: opdracht, carries: [data.wat], as: deel, not: een }
    decided-by: oplevering
    outcomes: { goed: {}, slecht: { then: { return-to: verdelen, limit: 2 } } }
  oplevering: { who: [een, ander], within: 3 days, outcomes: { goed: {}, slecht: {} } }
  sluiten: { after: oplevering, ends: klaar }
at-any-time:
  stoppen: { who: [een, ander], ends: gestopt }
";

struct Shelf;

impl Procedures for Shelf {
    fn adopt(&self, name: &str, almanac: &Almanac) -> Option<Adopted> {
        let bundle = Bundle::of_text("opdracht.yaml", OPENER);
        (name == "opdracht").then(|| Adopted::new(&bundle, almanac).expect("it is sound"))
    }
}

/// A store in which every so many commits somebody else was first.
struct Busy {
    inner: MemoryStore,
    commits: AtomicU64,
    every: u64,
}

impl Store for Busy {
    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let count = self.commits.fetch_add(1, Ordering::SeqCst);
        if count % self.every == 1 {
            let case = CaseKey(1);
            return Ok(Committed::Stale(Conflict::Case { case, actual: Revision(0) }));
        }
        self.inner.commit(commit)
    }
    fn case(&self, case: CaseKey) -> Result<Option<StoredCase>, StoreError> {
        self.inner.case(case)
    }
    fn history(&self, case: CaseKey, after: Revision) -> Result<Vec<EventRecord>, StoreError> {
        self.inner.history(case, after)
    }
    fn log(&self, after: u64, limit: usize) -> Result<Vec<EventRecord>, StoreError> {
        self.inner.log(after, limit)
    }
    fn find_reference(&self, reference: &str) -> Result<Option<CaseKey>, StoreError> {
        self.inner.find_reference(reference)
    }
    fn references_ending(
        &self,
        end: &str,
        limit: usize,
    ) -> Result<Vec<(String, CaseKey)>, StoreError> {
        self.inner.references_ending(end, limit)
    }
    fn answer(&self, command: &CommandId) -> Result<Option<Answered>, StoreError> {
        self.inner.answer(command)
    }
    fn text(&self, version: &VersionHash) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.text(version)
    }
    fn texts(
        &self,
        after: Option<VersionHash>,
        limit: usize,
    ) -> Result<Vec<VersionHash>, StoreError> {
        self.inner.texts(after, limit)
    }
    fn work_of_role(
        &self,
        role: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        self.inner.work_of_role(role, after, limit)
    }
    fn work_of_person(
        &self,
        person: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        self.inner.work_of_person(person, after, limit)
    }
    fn all_work(
        &self,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        self.inner.all_work(after, limit)
    }
    fn timers_due(
        &self,
        until: i64,
        after: Option<(i64, CaseKey)>,
        limit: usize,
    ) -> Result<Vec<(i64, CaseKey)>, StoreError> {
        self.inner.timers_due(until, after, limit)
    }
    fn next_timer(&self) -> Result<Option<(i64, CaseKey)>, StoreError> {
        self.inner.next_timer()
    }
    fn cases(
        &self,
        filter: &CaseFilter<'_>,
        after: Option<CaseKey>,
        limit: usize,
    ) -> Result<Vec<CaseRow>, StoreError> {
        self.inner.cases(filter, after, limit)
    }
    fn counts(&self) -> Result<Vec<(Group, u64)>, StoreError> {
        self.inner.counts()
    }
    fn next_number(&self, series: &str) -> Result<u64, StoreError> {
        self.inner.next_number(series)
    }
    fn outbox(&self, after: u64, limit: usize) -> Result<Vec<OutboxLetter>, StoreError> {
        self.inner.outbox(after, limit)
    }
    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.meta(name)
    }
}

struct Desk {
    engine: Engine,
    clock: Arc<SetClock>,
}

fn start() -> Instant {
    "2026-01-05T09:00:00Z".parse().expect("an instant")
}

fn desk(every: u64) -> Desk {
    let clock = Arc::new(SetClock::at(start()));
    let store = Busy { inner: MemoryStore::new(), commits: AtomicU64::new(0), every };
    let engine = Engine::new(Arc::new(store), clock.clone()).finding(Arc::new(Shelf));
    Desk { engine, clock }
}

fn person(role: &str) -> Person {
    let roles = std::iter::once(Name::from(role)).collect();
    Person { id: PersonId::staff(role), roles, ..Person::nobody() }
}

fn open(desk: &Desk) -> CaseKey {
    let adopted = Shelf.adopt("opdracht", desk.engine.almanac()).expect("it is there");
    let party = Party::new("gever", PersonId::outside(&Name::from("gever"), 1));
    let data: Map<_, _> = std::iter::once(("wat".to_owned(), json!("alles"))).collect();
    let intake = Intake { parties: vec![party], data, ..Intake::default() };
    let opened = desk.engine.open(&adopted, &intake, &Request::by(Actor::new(person("een"))));
    opened.expect("it opens").file.key.expect("it is kept")
}

fn files(desk: &Desk) -> Vec<CaseFile> {
    let rows = desk.engine.store().cases(&CaseFilter::default(), None, 1_000).expect("cases");
    rows.iter().map(|row| desk.engine.case(row.case).expect("a case")).collect()
}

/// Every link is there from both sides, and what a case waits for is what the other one did.
fn check(desk: &Desk) {
    let files = files(desk);
    let find = |reference: &str| files.iter().find(|file| file.reference() == reference);
    for file in &files {
        let replayed = desk.engine.recorded(file.key.expect("kept")).expect("a history");
        assert_eq!(replayed.len() as u64, replayed.last().expect("an event").revision);
        for link in &file.case.links {
            let other = find(&link.case).unwrap_or_else(|| panic!("{} is there", link.case));
            assert!(
                other.case.link(link.kind.reversed(), file.reference()).is_some(),
                "both say so"
            );
            if link.kind != LinkKind::Opened {
                continue;
            }
            let origin = other.case.opening.as_ref().and_then(|opening| opening.origin.as_ref());
            let origin = origin.expect("it comes from somewhere");
            assert_eq!((origin.case.as_str(), &origin.through), (file.reference(), &link.through));
            assert!(other.case.data.contains_key("wat"), "it went along");
            // What was heard last is what the other case said last, also where it was reopened since.
            let events = told(&desk.engine.recorded(other.key.expect("kept")).expect("a history"));
            let latest = events.iter().rev();
            let decided = latest.clone().find_map(|event| {
                let Fact::StepDone { instance, outcome, .. } = &event.fact else { return None };
                (instance.step == "oplevering").then(|| Verdict::Decided(outcome.clone()))
            });
            let ended = latest.clone().find_map(|event| {
                let Fact::CaseEnded { status, .. } = &event.fact else { return None };
                Some(Verdict::Ended(status.clone()))
            });
            let came = decided.or(ended);
            assert_eq!(link.verdict, came, "{} heard of {}", file.reference(), link.case);
        }
    }
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).expect("fits") % limit.max(1)
    }
}

#[test]
fn both_sides_of_every_link_agree_whatever_is_asked() {
    let (mut opened, mut heard) = (0, 0);
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 1..=60_u64 {
        let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let desk = desk(2 + seed % 5);
        open(&desk);
        for turn in 0..14_i64 {
            desk.clock.set(start() + chrono::TimeDelta::hours(turn * 9 + 1));
            let files = files(&desk);
            let Some(file) = files.get(chance.below(files.len())) else { continue };
            let step =
                ["verdelen", "verdelen", "verdelen", "oplevering", "stoppen"][chance.below(5)];
            if chance.below(4) == 0 {
                as_a_whole(&desk, &mut chance, &files, file);
                check(&desk);
                continue;
            }
            let act = Do::step(step);
            let outcome = ["goed", "slecht"][chance.below(2)];
            let act = if step == "oplevering" { act.ending_as(outcome) } else { act };
            let who = person(["een", "ander"][chance.below(2)]);
            let id = CommandId::new(format!("{seed}-{turn}")).expect("an id");
            let request = Request { id: Some(id), ..Request::by(Actor::new(who)) };
            let key = file.key.expect("kept");
            match desk.engine.act(key, &Act::Do(act.clone()), &request) {
                Ok(done) => {
                    let again = desk.engine.act(key, &Act::Do(act), &request).expect("the same");
                    assert!(again.repeated, "the same id is the same act");
                    let count = |other: &[verloop::engine::Elsewhere]| {
                        other
                            .iter()
                            .map(|other| (other.file.key, other.events.len()))
                            .collect::<Vec<_>>()
                    };
                    assert_eq!(
                        count(&again.elsewhere),
                        count(&done.elsewhere),
                        "and has the same answer"
                    );
                }
                Err(EngineError::Refused { .. }) => {}
                Err(error) => panic!("{error}"),
            }
            check(&desk);
        }
        let links = || files_links(&desk);
        for kind in links().iter().map(|(kind, _)| *kind) {
            kinds.insert(kind);
        }
        opened += links().iter().filter(|(kind, _)| *kind == LinkKind::Opened).count();
        heard += links().iter().filter(|(_, verdict)| *verdict).count();
    }
    assert_eq!(kinds.len(), 7, "every kind of link came about: {kinds:?}");
    assert!(opened > 60 && heard > 30, "cases open others and hear of them: {opened}, {heard}");
}

/// Something is done with a case as a whole, mostly with another one.
fn as_a_whole(desk: &Desk, chance: &mut Chance, files: &[CaseFile], file: &CaseFile) {
    let key = file.key.expect("kept");
    let other = files.get(chance.below(files.len())).and_then(|other| other.key).expect("kept");
    let request = Request::by(Actor::new(person(["een", "ander"][chance.below(2)])));
    let reason = "daarom".to_owned();
    let done = match chance.below(6) {
        0 => desk.engine.relate(key, other, &reason, &request),
        1 | 2 => desk.engine.join(key, other, &reason, &request),
        3 => desk.engine.split(key, &Split::default(), &reason, &request),
        4 => {
            let to = "elders".to_owned();
            desk.engine.act(key, &Act::Transfer { to, reason }, &request)
        }
        _ => {
            let ground = Name::from("fout");
            desk.engine.act(key, &Act::Reopen { ground, reason }, &request)
        }
    };
    match done {
        Ok(_) | Err(EngineError::Refused { .. }) => {}
        Err(error) => panic!("{error}"),
    }
}

fn files_links(desk: &Desk) -> Vec<(LinkKind, bool)> {
    let links = files(desk).into_iter().flat_map(|file| file.case.links);
    links.map(|link| (link.kind, link.verdict.is_some())).collect()
}

#[test]
fn who_handled_the_one_is_kept_out_of_the_other() {
    let desk = desk(1_000);
    let key = open(&desk);
    let request = Request::by(Actor::new(person("een")));
    let done =
        desk.engine.act(key, &Act::Do(Do::step("verdelen")), &request).expect("it opens one");
    let part = done.elsewhere.first().and_then(|other| other.file.key).expect("another case");
    let deliver = Act::Do(Do::step("oplevering").ending_as("goed"));
    let refused = desk.engine.act(part, &deliver, &request).expect_err("he is kept out");
    assert!(
        matches!(refused, EngineError::Refused { refusal, .. } if refusal.code() == "kept-out")
    );
    let other = Request::by(Actor::new(person("ander")));
    let done = desk.engine.act(part, &deliver, &other).expect("somebody else may");
    let told = done.elsewhere.first().expect("the first case hears of it");
    let marking = Marking::of(&told.file.procedure, &told.file.case);
    let here = told.file.procedure.find_step("deel").expect("a step");
    assert_eq!(marking.standing(here).word(), "done");
}

#[test]
fn without_the_other_procedure_nothing_is_filed() {
    let clock = Arc::new(SetClock::at(start()));
    let engine = Engine::new(Arc::new(MemoryStore::new()), clock.clone());
    let desk = Desk { engine, clock };
    let key = open(&desk);
    let request = Request::by(Actor::new(person("een")));
    let refused = desk.engine.act(key, &Act::Do(Do::step("verdelen")), &request);
    let Err(EngineError::Refused { refusal, .. }) = refused else { panic!("it is refused") };
    assert_eq!(refusal.code(), "no-linked-procedure");
    assert!(desk.engine.case(key).expect("a case").case.links.is_empty());
}

/// Work that is put out late opens its case, and a decision that is told late comes back.
#[test]
fn what_is_told_late_opens_its_case_and_is_heard() {
    let desk = desk(1_000);
    let key = open(&desk);
    let on = |who: &str, hours: i64| Request {
        at: Some(start() + chrono::TimeDelta::hours(hours)),
        ..Request::by(Actor::new(person(who)))
    };
    // Something happens in the first case, and what had happened before it is told after it.
    let relation = open(&desk);
    desk.clock.set(start() + chrono::TimeDelta::hours(30));
    desk.engine.relate(key, relation, "hetzelfde", &on("een", 20)).expect("they are related");
    let late = Act::Do(Do::step("verdelen"));
    let done = desk.engine.act(key, &late, &on("een", 10)).expect("it is told late");
    assert!(matches!(done.events.last().expect("an event").fact, Fact::Retold { .. }));
    let part = done.elsewhere.first().and_then(|other| other.file.key).expect("another case");
    let opening = desk.engine.case(part).expect("a case").case.opening.expect("it was opened");
    assert_eq!(opening.opened_at, start() + chrono::TimeDelta::hours(10));
    check(&desk);
    // The same in the second case: its decision is told late, and the first hears of it.
    desk.engine.relate(part, relation, "ook", &on("ander", 28)).expect("they are related");
    let deliver = Act::Do(Do::step("oplevering").ending_as("goed"));
    let done = desk.engine.act(part, &deliver, &on("ander", 25)).expect("it is told late");
    assert!(matches!(done.events.last().expect("an event").fact, Fact::Retold { .. }));
    let heard = done.elsewhere.iter().find(|other| other.file.key == Some(key));
    let mut link = heard.expect("the first case hears").file.case.links.iter();
    let verdict = link.find_map(|link| link.verdict.clone());
    assert_eq!(verdict, Some(Verdict::Decided(Some(Name::from("goed")))));
    check(&desk);
}

/// A case that is joined, or split off, is there in both or in none, also when somebody else was first; and the same
/// request again has the same answer.
#[test]
fn the_same_request_joins_and_splits_once() {
    let desk = desk(2);
    let (key, other) = (open(&desk), open(&desk));
    let with_id = |id: &str| Request {
        id: Some(CommandId::new(id.to_owned()).expect("an id")),
        ..Request::by(Actor::new(person("een")))
    };
    for _ in 0..2 {
        desk.engine.split(key, &Split::default(), "apart", &with_id("s")).expect("it is split");
        desk.engine.join(other, key, "samen", &with_id("j")).expect("it is joined");
        let links: Vec<Vec<&str>> = [key, other]
            .map(|key| desk.engine.case(key).expect("a case").case.links)
            .iter()
            .map(|links| links.iter().map(|link| link.kind.word()).collect())
            .collect();
        assert_eq!(links, [vec!["split-into", "joined"], vec!["joined-into"]]);
        assert_eq!(files(&desk).len(), 3);
        check(&desk);
    }
}
