//! What always holds, whatever is asked of a case: random commands over the shipped procedures and small ones that use
//! every construct of the language.
//!
//! After every third command and the last, and for the whole history so far:
//!
//! 1. nothing panics, and the same command gives the same answer;
//! 2. a refused command changes nothing, and an accepted one gives events with revisions 1, 2, 3, …;
//! 3. nothing is dated after the present, and what others build upon never before what came first;
//! 4. replaying the events, also from their JSON, gives the same case, and so does the JSON of the case;
//! 5. a step that is open in course comes after what is true, and nobody has to do what the engine does by itself;
//!    what was ruled out, or is past what it comes before, is not open, and of steps of which only one is done no two were;
//! 6. in an ended case only follow-ups and rights of appeal are open, and only their clocks run;
//! 7. everything that fell due up to the present was taken in;
//! 8. no clock lapses or is met twice in one run, and no warning is given twice;
//! 9. nobody acted in two roles that are kept apart, and every act was done in a role that may do it;
//! 10. a step's rounds only grow;
//! 11. a clock that runs ends on the day that was told last, and counts from where its anchor says;
//! 12. a clock that was met never changes, whatever is corrected;
//! 13. a penalty that ended is never more than its tiers, and no clock accrues that was met;
//! 14. nobody is a party twice in one role, and whoever represents somebody has that party beside him in the case;
//! 15. a letter that was made can be made again from the history, to the same digests, and what waits to be sent was
//!     made and not sent since;
//! 16. who may do a step, asked by itself, is what deciding says of it;
//! 17. of every clock it is known how long it is, on record where that hangs on the case, and what has lapsed keeps its length;
//! 18. every document has a number and a name of its own, and a name that is safe; a letter encloses documents of the case.

#![expect(
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    reason = "reads the procedures; checks a few facts among many"
)]

mod forecast;
mod late;
mod migration;
mod replay;
mod story;
mod stuck;

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use verloop::case::{
    Act, Actor, Case, Clock, ClockEnd, ClockRecord, Command, Contact, Do, Document, Elsewhere, End,
    Event, Extend, Fact, Filing, Instance, LetterRecord, LinkKind, Marking, NewParty, Open, Other,
    Party, PartyAct, Person, PersonId, Refusal, Send, Status, TakeIn, Truth, Verdict, clock,
    decide, letter_case, make_letter, may_do, pass_time, safe_name,
};
use verloop::catalog::{Bundle, layout};
use verloop::diagnostic::{Style, render};
use verloop::procedure::{Acts, Name, Procedure, Run, Step, StepIndex, StepKind};
use verloop::schema::{Field, FieldKind};
use verloop::time::{Almanac, Instant, parse_instant};

/// Sequences of commands in a normal run; `VERLOOP_SEQUENCES` asks for more.
const SEQUENCES: u64 = 4_000;
/// Commands in one sequence.
const COMMANDS: u64 = 12;

/// A small generator of numbers: the seed gives the run again.
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 11).unwrap() % limit.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// All procedures of the repository, compiled once.
static ALL: LazyLock<Vec<Arc<Procedure>>> = LazyLock::new(compiled);

fn procedures() -> &'static [Arc<Procedure>] {
    &ALL
}

fn compiled() -> Vec<Arc<Procedure>> {
    let folders = ["procedures", "tests/procedures"].map(Path::new);
    let mut paths: Vec<_> =
        folders.into_iter().flat_map(|folder| layout::texts_in(folder).unwrap()).collect();
    paths.retain(|path| layout::has_key(&std::fs::read(path).unwrap(), "steps"));
    paths.sort();
    let compile = |path: &std::path::PathBuf| {
        let bundle = Bundle::read(path).unwrap_or_else(|_| panic!("{}", path.display()));
        match bundle.compile(&Almanac::shipped()) {
            Ok(compiled) => compiled.procedure,
            Err(findings) => panic!("{}", render(&findings, Style::Plain)),
        }
    };
    paths.iter().map(compile).collect()
}

/// Somebody who holds every staff role, somebody who holds none, and one for each role.
fn people(procedure: &Procedure) -> Vec<Person> {
    let staff: Vec<Name> =
        procedure.roles.iter().filter(|role| !role.party).map(|role| role.name.clone()).collect();
    let mut people = vec![
        Person::new(PersonId::staff("all"), staff.iter().cloned().collect()),
        Person::new(PersonId::staff("none"), std::collections::BTreeSet::new()),
    ];
    for role in &staff {
        for number in 1..=2 {
            let id = PersonId::staff(format!("{role}-{number}"));
            // One of each role is of the first unit, the other of the second, so that some are colleagues.
            let unit = Some(Name::from(format!("afdeling-{number}")));
            let person = Person::new(id, std::iter::once(role.clone()).collect());
            people.push(Person { unit, ..person });
        }
    }
    people
}

fn value(chance: &mut Chance, kind: &FieldKind) -> Value {
    match kind {
        FieldKind::Boolean => json!(chance.one_in(2)),
        FieldKind::Integer => json!(chance.below(40)),
        FieldKind::Number => json!(1.5),
        FieldKind::Text { one_of } => match chance.pick(one_of) {
            Some(text) => json!(text),
            // Some texts are terms, from which clocks are read.
            None if chance.one_in(3) => {
                json!(["3 weken", "10 working days", "2 months"][chance.below(3)])
            }
            None => json!("een tekst van genoeg letters"),
        },
        FieldKind::Date => {
            let days = ["2024-02-29", "2025-12-31", "2026-01-15", "2026-03-01"];
            json!(days[chance.below(days.len())])
        }
        FieldKind::Moment => json!("2026-01-01T10:00:00Z"),
        FieldKind::List(items) => {
            let mut list: Vec<Value> = Vec::new();
            for number in 0..chance.below(4) {
                let item = match value(chance, items) {
                    Value::String(_) => json!(format!("item-{number}")),
                    other => other,
                };
                if !list.contains(&item) {
                    list.push(item);
                }
            }
            Value::Array(list)
        }
        FieldKind::Record(fields) => Value::Object(form(chance, fields)),
        FieldKind::Unknown => json!("x"),
    }
}

fn form(chance: &mut Chance, fields: &[Field]) -> Map<String, Value> {
    let mut form = Map::new();
    for field in fields {
        if field.required || chance.one_in(2) {
            form.insert(field.name.clone(), value(chance, &field.kind));
        }
    }
    if chance.one_in(25) {
        form.insert("vreemd".to_owned(), json!("\u{1b}[2J"));
    }
    form
}

fn start() -> Instant {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

fn opening(chance: &mut Chance, procedure: &Procedure, now: Instant) -> Command {
    let people = people(procedure);
    let parties: Vec<Party> = procedure
        .roles
        .iter()
        .filter(|role| role.party)
        .map(|role| {
            let person = if chance.one_in(4) {
                chance.pick(&people).unwrap().id.clone()
            } else {
                PersonId::outside(&role.name, 1)
            };
            Party::new(role.name.clone(), person)
        })
        .collect();
    let more = procedure.roles.iter().filter(|role| role.party && chance.one_in(4));
    let more: Vec<Party> =
        more.map(|role| Party::new(role.name.clone(), PersonId::outside(&role.name, 2))).collect();
    let parties: Vec<Party> = parties.into_iter().chain(more).collect();
    let intake = &procedure.intake;
    let opener = intake.who.first().map(|role| procedure.role(*role));
    let actor = match opener {
        Some(role) if role.party => {
            let party = parties.iter().find(|party| party.role == role.name).unwrap();
            let staff = people.iter().find(|person| person.id == party.person).cloned();
            staff.unwrap_or(Person { id: party.person.clone(), ..Person::nobody() })
        }
        _ => people[0].clone(),
    };
    let open = Open {
        reference: "T-2026-0001".to_owned(),
        channel: chance.pick(&intake.channels).cloned(),
        received_at: now - chrono::TimeDelta::days(i64::try_from(chance.below(30)).unwrap()),
        confidential: false,
        parties,
        data: form(chance, intake.schema.fields()),
        forwarded_by: (between(procedure) && chance.one_in(9)).then(|| "Elders".to_owned()),
        origin: None,
    };
    Command {
        at: now,
        now,
        actor: Actor::new(actor),
        seen: None,
        act: Act::Open(open),
        documents: brought(chance),
    }
}

/// Documents, mostly sound ones, and often two of one name.
fn brought(chance: &mut Chance) -> Vec<Document> {
    let names = ["klacht.pdf", "../foto.png", "Brief\u{202e}.txt", "\u{202e}"];
    let one = |chance: &mut Chance| {
        let some = if chance.one_in(20) { 4 } else { 3 };
        Document {
            name: (*chance.pick(&names[..some]).unwrap()).to_owned(),
            title: chance.one_in(3).then(|| "De klacht zelf".to_owned()),
            media_type: "application/pdf".to_owned(),
            size: chance.below(1000) as u64,
            sha256: if chance.one_in(20) { "nee".to_owned() } else { "a1".repeat(32) },
        }
    };
    (0..chance.below(3)).map(|_| one(chance)).collect()
}

/// What comes with an act: with most of them nothing.
fn documents_with(chance: &mut Chance, act: &Act) -> Vec<Document> {
    let brings = matches!(act, Act::Attach) || chance.one_in(12);
    if brings { brought(chance) } else { Vec::new() }
}

/// What is said with the filing of an appeal: mostly nothing; parts, a day of posting, a wrong body.
fn filing(chance: &mut Chance, procedure: &Procedure, index: StepIndex, now: Instant) -> Filing {
    let StepKind::Appeal(appeal) = &procedure.step(index).kind else { return Filing::default() };
    let mut day = |furthest: usize| {
        let days = i64::try_from(chance.below(furthest)).unwrap();
        procedure.zone.local_date(now - chrono::TimeDelta::days(days))
    };
    let (posted, arrived) = (day(20), day(20));
    let elsewhere = Elsewhere { arrived_on: arrived, body: "Elders".to_owned() };
    Filing {
        parts: appeal.parts.iter().filter(|_| chance.one_in(2)).cloned().collect(),
        posted_on: chance.one_in(4).then_some(posted),
        elsewhere: chance.one_in(6).then_some(elsewhere),
    }
}

/// The withdrawal of an appeal, mostly of one that is pending.
fn withdrawal(chance: &mut Chance, procedure: &Procedure, marking: &Marking<'_>) -> Act {
    let appeals = procedure.steps().filter(|(index, step)| {
        let appeal = matches!(step.kind, StepKind::Appeal(_));
        appeal && (marking.is_pending(*index) || chance.one_in(8))
    });
    let appeals: Vec<StepIndex> = appeals.map(|(index, _)| index).collect();
    match chance.pick(&appeals) {
        Some(appeal) => Act::WithdrawAppeal {
            appeal: procedure.step(*appeal).name.clone(),
            item: None,
            reason: chance.one_in(2).then(|| "toch niet".to_owned()),
        },
        None => Act::Note { text: "niets".to_owned() },
    }
}

/// A lengthening of any kind: by all that the rule allows or by less, with and without consent.
fn extend(chance: &mut Chance, procedure: &Procedure, deadline: Name) -> Extend {
    let parties = procedure.roles.iter().filter(|role| role.party);
    let consent = parties.filter(|_| chance.one_in(2)).map(|role| role.name.clone()).collect();
    let terms = ["1 week", "3 days", "12 hours", "1 month", "2 working days", "30 weeks"];
    let by = chance.one_in(2).then(|| chance.pick(&terms).unwrap().parse().unwrap());
    Extend { by, consent, ..Extend::deadline(deadline).because("druk") }
}

/// Somebody comes into the case, leaves it, or has other details.
fn party_act(
    chance: &mut Chance,
    procedure: &Procedure,
    case: &Case,
    people: &[Person],
) -> PartyAct {
    let roles: Vec<Name> =
        procedure.roles.iter().filter(|role| role.party).map(|role| role.name.clone()).collect();
    let role = chance.pick(&roles).cloned().unwrap_or_else(|| "niemand".into());
    let known = chance.pick(case.parties()).cloned();
    let (in_role, person) = match &known {
        Some(party) => (party.role.clone(), party.person.clone()),
        None => (role.clone(), PersonId::outside(&role, 7)),
    };
    let staff = chance.pick(people).filter(|_| chance.one_in(3));
    match chance.below(5) {
        0 | 1 => PartyAct::Add(NewParty {
            role,
            staff: staff.map(|person| person.id.clone()),
            unit: staff.and_then(|person| person.unit.clone()),
            name: Some(format!("Mevrouw {}", chance.below(3))),
            represents: known.filter(|_| chance.one_in(2)).map(|party| party.person),
            proof: None,
            contact: Contact { language: Some("nl".to_owned()), ..Contact::default() },
        }),
        2 => PartyAct::Change {
            role: in_role,
            person,
            contact: Contact { address: Some("Dorpsstraat 1".to_owned()), ..Contact::default() },
        },
        3 => PartyAct::Leave { role: in_role, person, reason: None },
        _ => PartyAct::Refuse { role: in_role, person, reason: "bezwaren".to_owned() },
    }
}

/// The case that a step opens.
fn opens(step: &Step, case: &Case) -> Option<Other> {
    let procedure = step.opens.as_ref()?.procedure.clone();
    Some(Other { reference: format!("T-{}", case.revision), procedure })
}

/// Returns the statuses with which a case of a procedure can end without a decision: by acts at any time.
fn endings(procedure: &Procedure) -> Vec<Name> {
    let steps = procedure.steps.iter().filter(|step| step.kind == StepKind::AtAnyTime);
    steps.filter_map(|step| step.ends.clone()).collect()
}

/// What comes of a case that this one opened, where that is awaited: it decides, or ends without a decision.
fn hearing(chance: &mut Chance, procedure: &Procedure, case: &Case) -> Option<Act> {
    let awaited = |link: &&verloop::case::Link| {
        link.kind == LinkKind::Opened && link.verdict.is_none() && link.through.is_some()
    };
    let link = case.links.iter().find(awaited)?;
    let opener = procedure.find_step(link.through.as_ref()?.instance.step.as_str());
    let step = procedure.steps.iter().find(|step| step.awaits.is_some() && step.awaits == opener);
    let outcomes = step.map(|step| step.outcomes.as_slice()).unwrap_or_default();
    let outcome = chance.pick(outcomes).map(|outcome| outcome.name.clone());
    let other = ALL.iter().find(|other| other.name == link.procedure);
    let endings: Vec<Name> = other.map(|other| endings(other)).unwrap_or_default();
    let ending = if chance.one_in(4) { chance.pick(&endings) } else { None };
    let verdict = ending.map_or(Verdict::Decided(outcome), |status| Verdict::Ended(status.clone()));
    Some(Act::Hear { case: link.case.clone(), verdict })
}

/// Whether something may be done with a case as a whole.
fn between(procedure: &Procedure) -> bool {
    procedure.intake.between.roles().next().is_some()
}

/// Something that is done with the case as a whole.
fn as_a_whole(chance: &mut Chance, procedure: &Procedure, case: &Case) -> Act {
    let other =
        Other { reference: format!("Z-{}", case.revision), procedure: procedure.name.clone() };
    let reason = "daarom".to_owned();
    let grounds = procedure.intake.between.reopen.as_ref().map(|reopen| reopen.grounds.clone());
    let ground = chance.pick(&grounds.unwrap_or_default()).cloned();
    if case.status != Status::Open || chance.one_in(20) {
        return Act::Reopen { ground: ground.unwrap_or_else(|| "zomaar".into()), reason };
    }
    let opening = case.opening.as_ref().unwrap();
    match chance.below(9) {
        0 => Act::Transfer { to: "Elders".to_owned(), reason },
        1 => Act::JoinInto { other, reason },
        2 | 3 => Act::SplitOff { other, reason },
        4 => Act::Relate { other, reason },
        _ => {
            let days = i64::try_from(chance.below(40)).unwrap() - 10;
            let named = |role: &verloop::procedure::Role| {
                Party::new(role.name.clone(), PersonId::outside(&role.name, 1)).called("De ander")
            };
            let parties = procedure.roles.iter().filter(|role| role.party && chance.one_in(2));
            Act::TakeIn(Box::new(TakeIn {
                other,
                received_at: Some(opening.received_at - chrono::TimeDelta::days(days)),
                parties: parties.map(named).collect(),
                data: form(chance, procedure.intake.schema.fields()),
                confidential: opening.confidential,
                reason,
            }))
        }
    }
}

/// A letter that waits is sent, or one that nobody knows.
fn sending(chance: &mut Chance, case: &Case, now: Instant) -> Act {
    let waiting = chance.pick(&case.to_send).map(|made| made.letter.clone());
    let letter = waiting.unwrap_or_else(|| Name::from("besluit"));
    let to = chance.one_in(3).then(|| {
        let parties = &case.opening.as_ref().unwrap().parties;
        chance.pick(parties).map(|party| party.role.to_string())
    });
    let days = i64::try_from(chance.below(4)).unwrap();
    let on = chance.one_in(3).then(|| (now - chrono::TimeDelta::days(days)).date_naive());
    Act::Send(Send { to: to.flatten(), on, ..Send::letter(letter) })
}

/// A command that is mostly sensible: what somebody asks, or the engine tells.
fn command(chance: &mut Chance, procedure: &Procedure, case: &Case, now: Instant) -> Command {
    let asked = asked(chance, procedure, case, now);
    let heard = if chance.one_in(3) { hearing(chance, procedure, case) } else { None };
    match heard {
        Some(act) => Command { act, actor: Actor::new(Person::nobody()), ..asked },
        None => asked,
    }
}

/// Something that is open, asked by somebody who may, filled in as asked.
#[expect(clippy::too_many_lines, reason = "a table: each act with its chance")]
fn asked(chance: &mut Chance, procedure: &Procedure, case: &Case, now: Instant) -> Command {
    let marking = Marking::of(procedure, case);
    let open: Vec<StepIndex> = procedure
        .steps()
        .filter(|(index, step)| marking.standing(*index).is_open() && !step.is_automatic())
        .filter(|(_, step)| step.kind != StepKind::AtAnyTime || chance.one_in(12))
        .map(|(index, _)| index)
        .collect();
    let all: Vec<StepIndex> = procedure.steps().map(|(index, _)| index).collect();
    let index = if chance.one_in(10) { chance.pick(&all) } else { chance.pick(&open) };
    let index = *index.or_else(|| all.first()).unwrap();
    let step = procedure.step(index);
    let people = people(procedure);
    let role = step.who.first().map(|role| procedure.role(*role));
    let party = role.filter(|role| role.party).and_then(|role| {
        let parties: Vec<&Party> = case.parties_in(&role.name).collect();
        let party = *chance.pick(&parties)?;
        let staff = people.iter().find(|person| person.id == party.person).cloned();
        Some(staff.unwrap_or(Person { id: party.person.clone(), ..Person::nobody() }))
    });
    let fitting: Vec<Person> = people
        .iter()
        .filter(|person| role.is_some_and(|role| person.roles.contains(&role.name)))
        .cloned()
        .collect();
    let person =
        if chance.one_in(12) { None } else { party.or_else(|| chance.pick(&fitting).cloned()) };
    let person = person.unwrap_or_else(|| chance.pick(&people).unwrap().clone());
    let mut actor = Actor::new(person);
    if chance.one_in(8) {
        let parties: Vec<&Name> =
            procedure.roles.iter().filter(|role| role.party).map(|role| &role.name).collect();
        actor.enters_for = chance.pick(&parties).map(|name| (*name).clone());
    }
    let items = marking.open_items(index);
    let item = chance.pick(&items).and_then(|item| item.map(str::to_owned));
    let deadlines: Vec<Name> = procedure.deadlines.iter().map(|rule| rule.name.clone()).collect();
    let deadline = chance.pick(&deadlines).cloned();
    let act = match chance.below(16) {
        0 => match deadline {
            Some(deadline) => Act::Extend(extend(chance, procedure, deadline)),
            None => Act::Note { text: "niets".to_owned() },
        },
        4 if chance.one_in(2) => match deadline {
            Some(deadline) => Act::Revoke { deadline, reason: "bij nader inzien".to_owned() },
            None => Act::Note { text: "niets".to_owned() },
        },
        5 if chance.one_in(3) => {
            let days = i64::try_from(chance.below(60)).unwrap();
            let opened = case.opening.as_ref().unwrap().opened_at;
            let received_at = opened - chrono::TimeDelta::days(days - 2);
            Act::Correct { received_at, reason: "verkeerd gelezen".to_owned() }
        }
        7 if chance.one_in(3) => withdrawal(chance, procedure, &marking),
        6 if !case.to_send.is_empty() || chance.one_in(20) => sending(chance, case, now),
        1 => Act::Pause { deadline: None, reason: "wacht".to_owned() },
        2 => Act::Resume { deadline: None },
        3 if chance.one_in(3) => {
            let instance = Instance { step: step.name.clone(), item };
            if chance.one_in(2) { Act::Claim { instance } } else { Act::Release { instance } }
        }
        3 => Act::Assign {
            instance: Instance { step: step.name.clone(), item },
            to: chance.pick(&fitting).cloned(),
        },
        7 if between(procedure) && chance.one_in(2) => as_a_whole(chance, procedure, case),
        6 if chance.one_in(3) => Act::Party(party_act(chance, procedure, case, &people)),
        5 if chance.one_in(2) => Act::Attach,
        4 if chance.one_in(3) => Act::Note { text: "een aantekening".to_owned() },
        7 if chance.one_in(4) => Act::Look,
        7 if chance.one_in(4) => {
            let other =
                Other { reference: "T-2026-0002".to_owned(), procedure: procedure.name.clone() };
            Act::Relate { other, reason: "zelfde voorval".to_owned() }
        }
        _ => {
            let fields = step.form.as_ref().map(|form| form.fields().to_vec()).unwrap_or_default();
            let supplied: Vec<Field> = procedure
                .intake
                .schema
                .fields()
                .iter()
                .filter(|field| step.supplies.contains(&field.name))
                .cloned()
                .collect();
            Act::Do(Do {
                step: step.name.to_string(),
                item,
                outcome: chance.pick(&step.outcomes).map(|outcome| outcome.name.clone()),
                form: form(chance, &fields),
                data: if supplied.is_empty() { Map::new() } else { form(chance, &supplied) },
                note: chance.one_in(2).then(|| "een opmerking".to_owned()),
                filing: filing(chance, procedure, index, now),
                opens: opens(step, case),
            })
        }
    };
    let back = if chance.one_in(10) { i64::try_from(chance.below(100)).unwrap() } else { 0 };
    let at = now - chrono::TimeDelta::hours(back);
    let seen = chance.one_in(20).then_some(case.revision + u64::from(chance.one_in(4)));
    let documents = documents_with(chance, &act);
    Command { at, now, actor, seen, act, documents }
}

/// Checks everything that must hold of a case.
fn check(procedure: &Procedure, case: &Case, history: &[Event], now: Instant) {
    let replayed = Case::replay(history);
    assert_eq!(&replayed, case, "replay gives the same case");
    let mut latest = None;
    let mut rounds: BTreeMap<Name, u32> = BTreeMap::new();
    let mut lapsed: Vec<Clock> = Vec::new();
    let mut met: Vec<Clock> = Vec::new();
    let mut warned: Vec<(Clock, String)> = Vec::new();
    for (place, event) in history.iter().enumerate() {
        assert_eq!(event.revision, place as u64 + 1, "revisions are 1, 2, 3");
        assert!(
            event.at <= event.recorded_at && event.recorded_at <= now,
            "nothing is in the future"
        );
        if event.fact.others_build_on_it() {
            assert!(Some(event.at) >= latest, "nothing is dated before what came first: {event:?}");
            latest = Some(event.at);
        }
        match &event.fact {
            Fact::DeadlineStarted { clock, .. } => {
                lapsed.retain(|known| known != clock);
                met.retain(|known| known != clock);
                warned.retain(|(known, _)| known != clock);
            }
            Fact::DeadlineLapsed { clock, .. } => {
                assert!(!lapsed.contains(clock), "{clock:?} lapses once");
                lapsed.push(clock.clone());
            }
            Fact::DeadlineRevived { clock, .. } => {
                assert!(lapsed.contains(clock), "{clock:?} had lapsed");
                lapsed.retain(|known| known != clock);
            }
            Fact::DeadlineMet { clock, .. } => {
                assert!(!met.contains(clock), "{clock:?} is met once");
                met.push(clock.clone());
            }
            Fact::DeadlineWarned { clock, before, .. } => {
                let warning = (clock.clone(), before.to_string());
                assert!(!warned.contains(&warning), "{warning:?} is given once");
                warned.push(warning);
            }
            Fact::StepOpened { step, round, .. } => {
                let last = rounds.insert(step.clone(), *round).unwrap_or(0);
                assert!(*round > last, "the rounds of {step} grow");
            }
            Fact::StepDone { instance, deemed, .. } => {
                let step = procedure.find_step(instance.step.as_str()).unwrap();
                let step = procedure.step(step);
                match &event.by {
                    Some(by) => {
                        let role = procedure.find_role(by.role.as_ref().unwrap().as_str()).unwrap();
                        assert!(
                            step.who.contains(&role),
                            "{} may do {}",
                            by.role.as_ref().unwrap(),
                            step.name
                        );
                    }
                    None => assert!(
                        step.is_automatic() || *deemed || step.awaits.is_some(),
                        "{} is nobody's",
                        step.name
                    ),
                }
            }
            _ => {}
        }
    }
    for apart in &procedure.apart {
        for (person, roles) in &case.acted {
            let combined = apart.roles.iter().filter(|role| {
                let name = &procedure.role(**role).name;
                roles.contains(name) || case.is_party(person, name) && !procedure.role(**role).party
            });
            let is_flagged = apart.breach.is_flagged()
                && history.iter().any(|event| matches!(event.fact, Fact::Flagged { .. }));
            assert!(combined.count() <= 1 || is_flagged, "{person:?} keeps {apart:?}");
        }
    }
    check_panels(procedure, case);
    check_apart(procedure, case);
    check_steps(procedure, case);
    if !procedure.letters.is_empty() {
        check_letters(procedure, case, history);
        check_documents(case);
    }
    if let Some(timer) = clock::next_timer(procedure, case) {
        assert!(timer.at > now, "what fell due was taken in: {timer:?}");
    }
    check_clocks(procedure, case, now);
    check_parties(procedure, case);
    assert_eq!(
        verloop::case::recount(procedure, case, now),
        Ok(Vec::new()),
        "the same calendars move nothing"
    );
}

/// Nobody is a party twice in one role, no role has more people than it may, and whoever represents somebody has that
/// party beside him in the case.
fn check_parties(procedure: &Procedure, case: &Case) {
    for (place, party) in case.parties().iter().enumerate() {
        let twice = case.parties()[..place]
            .iter()
            .any(|other| other.role == party.role && other.person == party.person);
        assert!(!twice, "{party:?} is there once");
        let role =
            procedure.find_role(party.role.as_str()).map(|role| procedure.role(role)).unwrap();
        assert!(role.party);
        assert!(role.several || case.parties_in(&party.role).count() == 1, "one {}", party.role);
        assert_eq!(party.represents.is_some(), !role.represents.is_empty(), "{party:?}");
        if let Some(whom) = &party.represents {
            let mut theirs = case.parties().iter().filter(|other| other.person == *whom);
            assert!(theirs.next().is_some(), "{party:?} represents somebody who is there");
        }
    }
}

/// On a panel one person has one vote, there are no more votes than seats, and votes that decide are followed.
fn check_panels(procedure: &Procedure, case: &Case) {
    for step in &procedure.steps {
        let Some(panel) = &step.panel else { continue };
        let records = case.step(&step.name).into_iter();
        let rounds = records.flat_map(|record| record.opened.iter().chain(&record.earlier));
        for instance in rounds.flat_map(|round| &round.instances) {
            let voters: std::collections::BTreeSet<_> =
                instance.votes.iter().map(|vote| &vote.by.person).collect();
            assert_eq!(voters.len(), instance.votes.len(), "{}: one vote each", step.name);
            assert!(instance.votes.len() <= panel.of, "{}: a seat each", step.name);
            let Some(End::Done(done)) = &instance.end else { continue };
            assert!(instance.votes.len() >= panel.quorum, "{}: a quorum", step.name);
            let same = instance.votes.iter().filter(|vote| vote.outcome == done.outcome).count();
            assert!(same > 0, "{}: somebody voted for it", step.name);
            if panel.unanimous {
                assert_eq!(same, instance.votes.len(), "{}: all of one mind", step.name);
            }
        }
    }
}

/// Nobody did two things that are kept apart, in whatever round.
fn check_apart(procedure: &Procedure, case: &Case) {
    for apart in &procedure.apart {
        for person in case.acted.keys() {
            let did = |acts: &&Acts| {
                acts.steps.iter().any(|step| case.has_done(person, &procedure.step(*step).name))
            };
            let done: Vec<_> = apart.steps.iter().filter(did).map(|acts| &acts.name).collect();
            assert!(done.len() < 2, "{person} did {done:?}");
        }
    }
}

/// What is open comes after what is true, and in an ended case only what outlives it goes on.
fn check_steps(procedure: &Procedure, case: &Case) {
    let marking = Marking::of(procedure, case);
    for (index, step) in procedure.steps() {
        let appeal = matches!(step.kind, StepKind::Appeal(_));
        if step.kind == StepKind::AtAnyTime || !marking.standing(index).is_open() {
            continue;
        }
        let opened = case.step(&step.name).and_then(|record| record.opened.as_ref()).unwrap();
        let record = case.step(&step.name).unwrap();
        assert!(record.cancelled_by.is_none(), "{} was ruled out, so it is not open", step.name);
        assert!(!marking.is_past(index), "{} is open, though what it comes before came", step.name);
        if opened.because.is_none() && opened.owed_by.is_none() {
            assert_eq!(
                marking.truth(&step.after),
                Truth::True,
                "{} is open, so its turn has come",
                step.name
            );
        }
        if case.status != Status::Open {
            assert!(step.follow_up || appeal, "{} is open in an ended case", step.name);
        }
    }
    for phase in procedure.phases.iter().filter(|phase| phase.run == Run::FirstOnly) {
        let record = |step: &StepIndex| case.step(&procedure.step(*step).name);
        // A case that goes back to one of them has it done again, beside what was done in the round before.
        let newest = phase.steps.iter().filter_map(record).map(|record| record.round).max();
        let done = |step: &&StepIndex| {
            record(step).is_some_and(|record| record.is_done() && Some(record.round) == newest)
        };
        assert!(
            phase.steps.iter().filter(done).count() <= 1,
            "only one of `{}` is done",
            phase.name
        );
    }
    if case.status != Status::Open {
        for (clock, record) in case.clocks.iter().filter(|(_, record)| record.is_running()) {
            let of_step = clock::rule(procedure, clock).and_then(|(_, rule)| rule.of_step).unwrap();
            let step = procedure.step(of_step);
            let appeal = matches!(step.kind, StepKind::Appeal(_));
            assert!(step.follow_up || appeal, "{clock:?} runs in an ended case: {record:?}");
        }
    }
}

/// Documents have numbers and names of their own, whatever was told late.
fn check_documents(case: &Case) {
    let numbers: BTreeSet<u32> = case.documents.iter().map(|known| known.number).collect();
    let names: BTreeSet<&str> =
        case.documents.iter().map(|known| known.document.name.as_str()).collect();
    assert_eq!(numbers.len(), case.documents.len(), "{:?}", case.documents);
    assert_eq!(names.len(), case.documents.len(), "{:?}", case.documents);
    for letter in case.letters.iter().chain(&case.to_send) {
        for one in &letter.enclosures {
            let mut known = case.documents.iter();
            assert!(
                known.any(|it| it.number == one.number && it.document.sha256 == one.sha256),
                "{} encloses what the case has",
                letter.letter
            );
        }
    }
    assert!(names.iter().all(|name| *name == safe_name(name) && !name.is_empty()), "{names:?}");
}

/// What was made of the case then is made of it again, and what waits was made and not sent.
fn check_letters(procedure: &Procedure, case: &Case, history: &[Event]) {
    for event in history {
        if let Some(record) = LetterRecord::of_event(event)
            && event.by.is_none()
        {
            let of_case = letter_case(history, event);
            for to in &record.addressees {
                let made = make_letter(procedure, &of_case, &record, to).unwrap();
                let files: Vec<_> = made.iter().map(verloop::case::MadeLetter::file).collect();
                assert_eq!(files, to.files, "{} is made again", record.letter);
            }
        }
    }
    for made in &case.to_send {
        let waits = |event: &&Event| match &event.fact {
            Fact::LetterMade { letter, of, item, .. } => {
                *letter == made.letter && *of == made.of && *item == made.item
            }
            _ => false,
        };
        assert!(history.iter().any(|event| waits(&event)), "{} was made", made.letter);
        assert!(!made.addressees.is_empty(), "{} waits for somebody", made.letter);
        assert!(procedure.find_letter(made.letter.as_str()).unwrap().by_hand, "{}", made.letter);
    }
    if matches!(case.status, Status::Archived { .. }) {
        assert!(case.to_send.is_empty(), "nothing is to be done in an archived case");
    }
}

/// A running clock ends on the day that was told, and what a delay costs is bounded.
fn check_clocks(procedure: &Procedure, case: &Case, now: Instant) {
    for (clock, record) in &case.clocks {
        let Some((_, rule)) = clock::rule(procedure, clock) else { continue };
        let length = clock::term(rule, record);
        assert!(length.is_some(), "{clock:?} runs and is known to be as long as it is");
        assert_eq!(record.term.is_some(), rule.within.fixed().is_none(), "{clock:?}");
        if record.is_running() && !record.is_paused() && case.status == Status::Open {
            let end = clock::reckon(procedure, case, rule, record, Some(now)).unwrap();
            let told = record.counted.as_ref().map(|counted| counted.last_day);
            let follows_one_that_stands =
                rule.anchors().flat_map(|anchor| anchor.ends()).any(|of| {
                    let name = &procedure.deadline(*of).name;
                    case.clocks
                        .iter()
                        .any(|(other, record)| other.deadline == *name && record.is_paused())
                });
            assert!(
                told == Some(end.last_day) || follows_one_that_stands,
                "{clock:?} ends as told: {told:?}, {end:?}"
            );
        }
        if let Some(penalty) = &record.penalty {
            let most = rule.penalty.as_ref().unwrap().penalty.most_days();
            assert!(
                penalty
                    .ended
                    .is_none_or(|end| end.days <= most && (end.capped == (end.days == most)))
            );
            assert!(
                record.end.is_none() || !record.accrues(),
                "{clock:?} is over and costs no more"
            );
        }
    }
}

/// A clock that was met stays as it was, here or among the earlier ones.
fn check_what_was_met(before: &Case, after: &Case) {
    let is_met = |record: &ClockRecord| matches!(record.end, Some(ClockEnd::Met { .. }));
    for (clock, record) in before.clocks.iter().filter(|(_, record)| is_met(record)) {
        let now = after.clocks.get(clock) == Some(record);
        let mut earlier = after.earlier_clocks.iter();
        let kept = now || earlier.any(|(known, old)| known == clock && old == record);
        assert!(kept, "{clock:?} was met and changed: {record:?}");
    }
    for (clock, record) in before.clocks.iter().filter(|(_, record)| record.lapsed.is_some()) {
        let now = after.clocks.get(clock).filter(|now| now.lapsed == record.lapsed);
        let same = now.is_none_or(|now| now.term == record.term);
        assert!(same, "{clock:?} had lapsed and is longer or shorter now");
    }
}

/// Whoever does a step may do it, and whoever is refused it for who he is may not.
fn check_authority(
    procedure: &Procedure,
    case: &Case,
    command: &Command,
    refusal: Option<&Refusal>,
) {
    let Act::Do(act) = &command.act else { return };
    let Some(step) = procedure.find_step(&act.step) else { return };
    if case.opening.is_none() {
        return;
    }
    let may = may_do(procedure, case, &command.actor, step);
    match (refusal, may) {
        (None, may) => {
            assert!(may.is_ok(), "{} was done by somebody who may not: {may:?}", act.step);
        }
        (Some(refusal), Ok(_)) => {
            let for_who_he_is =
                ["not-your-role", "may-not-enter-for", "apart", "barred", "not-independent"];
            assert!(
                !for_who_he_is.contains(&refusal.code()),
                "he may do {}: {refusal:?}",
                act.step
            );
        }
        (Some(_), Err(_)) => {}
    }
}

fn advance(chance: &mut Chance, now: Instant) -> Instant {
    let step = match chance.below(6) {
        0 => chrono::TimeDelta::minutes(10),
        1 => chrono::TimeDelta::hours(7),
        2 => chrono::TimeDelta::days(2),
        3 => chrono::TimeDelta::days(11),
        4 => chrono::TimeDelta::days(45),
        _ => chrono::TimeDelta::hours(1),
    };
    now + step
}

/// Plays one sequence. Returns the history, and how many commands were accepted.
fn play(procedure: &Procedure, seed: u64) -> (Vec<Event>, u64) {
    let mut chance = Chance::new(seed);
    let mut now = start();
    let mut case = Case::default();
    let mut history: Vec<Event> = Vec::new();
    let mut accepted = 0;
    for turn in 0..COMMANDS {
        if case.opening.is_some() {
            let passed = pass_time(procedure, &case, now).expect("time passes");
            case = passed.iter().fold(case, Case::apply);
            history.extend(passed);
        }
        let command = if case.opening.is_none() {
            opening(&mut chance, procedure, now)
        } else {
            command(&mut chance, procedure, &case, now)
        };
        let decided = decide(procedure, &case, &command);
        assert_eq!(decided, decide(procedure, &case, &command), "the same again, turn {turn}");
        check_authority(procedure, &case, &command, decided.as_ref().err());
        if let Ok(events) = decided {
            accepted += 1;
            let before = case.clone();
            case = events.iter().fold(case, Case::apply);
            check_what_was_met(&before, &case);
            history.extend(events);
        }
        // Each check reads the whole history: a third of the turns, and always the last, is enough to find what breaks.
        if case.opening.is_some() && (turn + seed).is_multiple_of(3) || turn + 1 == COMMANDS {
            check(procedure, &case, &history, now);
        }
        now = advance(&mut chance, now);
    }
    let written = serde_json::to_string(&history).unwrap();
    let read: Vec<Event> = serde_json::from_str(&written).unwrap();
    assert_eq!(read, history, "events are read as they were written");
    let written = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&written).unwrap(), case, "and so is the case");
    (history, accepted)
}

/// Does something for every seed, on all cores. Returns the answers in the order of the seeds; the first panic ends it.
fn in_parallel<T: std::marker::Send>(
    seeds: std::ops::RangeInclusive<u64>,
    play: impl Fn(u64) -> T + Sync,
) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let next = std::sync::atomic::AtomicU64::new(*seeds.start());
    let failed = std::sync::atomic::AtomicBool::new(false);
    let relaxed = std::sync::atomic::Ordering::Relaxed;
    let work = || {
        let mut answers = Vec::new();
        loop {
            let seed = next.fetch_add(1, relaxed);
            if seed > *seeds.end() || failed.load(relaxed) {
                return answers;
            }
            let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(seed)));
            match played {
                Ok(answer) => answers.push((seed, answer)),
                Err(fault) => {
                    failed.store(true, relaxed);
                    std::panic::resume_unwind(fault);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut answers = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(some) => answers.extend(some),
                Err(fault) => std::panic::resume_unwind(fault),
            }
        }
        answers.sort_by_key(|(seed, _)| *seed);
        answers.into_iter().map(|(_, answer)| answer).collect()
    })
}

/// Returns what a panic said.
fn said(fault: &dyn std::any::Any) -> String {
    let text = fault.downcast_ref::<String>().cloned();
    text.or_else(|| fault.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

#[test]
fn no_command_sequence_breaks_an_invariant() {
    let wanted = std::env::var("VERLOOP_SEQUENCES").ok().and_then(|wanted| wanted.parse().ok());
    let sequences = wanted.unwrap_or(SEQUENCES);
    let procedures = procedures();
    assert!(procedures.len() >= 6, "there are procedures");
    let accepted: u64 = in_parallel(1..=sequences, |seed| {
        let procedure = &procedures[usize::try_from(seed).unwrap() % procedures.len()];
        let played =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(procedure, seed)));
        match played {
            Ok((_, some)) => some,
            Err(fault) => panic!("seed {seed} of {}: {}", procedure.name, said(&*fault)),
        }
    })
    .into_iter()
    .sum();
    assert!(
        accepted > sequences * 3,
        "most sequences get somewhere: {accepted} acts in {sequences}"
    );
}

/// The same acts, with time passed at other moments in between, give the same history.
#[test]
fn it_makes_no_difference_how_often_the_engine_looks() {
    let procedures = procedures();
    for seed in 1..=400 {
        let procedure = &procedures[usize::try_from(seed).unwrap() % procedures.len()];
        let histories: Vec<Vec<Event>> = [Some(1), Some(24), Some(24 * 30), None]
            .into_iter()
            .map(|hours| looking_every(procedure, seed, hours))
            .collect();
        for other in &histories[1..] {
            assert_eq!(
                without_record(&histories[0]),
                without_record(other),
                "seed {seed} of {}",
                procedure.name
            );
        }
    }
}

/// Plays the accepted acts of a sequence, and lets time pass every so many hours, or only before each act.
fn looking_every(procedure: &Procedure, seed: u64, hours: Option<i64>) -> Vec<Event> {
    let mut chance = Chance::new(seed);
    let mut now = start();
    let mut case = Case::default();
    let mut history: Vec<Event> = Vec::new();
    for _ in 0..6 {
        let before_act = pass_time(procedure, &case, now).expect("time passes");
        case = before_act.iter().fold(case, Case::apply);
        history.extend(before_act);
        let command = if case.opening.is_none() {
            opening(&mut chance, procedure, now)
        } else {
            let command = command(&mut chance, procedure, &case, now);
            // The revision that somebody saw depends on when he looked, so nobody says what he saw here.
            Command { seen: None, ..command }
        };
        if let Ok(events) = decide(procedure, &case, &command) {
            case = events.iter().fold(case, Case::apply);
            history.extend(events);
        }
        let next = advance(&mut chance, now);
        if let Some(hours) = hours {
            let mut look = now + chrono::TimeDelta::hours(hours);
            while look < next {
                let passed = pass_time(procedure, &case, look).expect("time passes");
                case = passed.iter().fold(case, Case::apply);
                history.extend(passed);
                look += chrono::TimeDelta::hours(hours);
            }
        }
        now = next;
    }
    history.extend(pass_time(procedure, &case, now).expect("time passes"));
    history
}

/// Returns a history apart from when it was written down.
fn without_record(history: &[Event]) -> Vec<Event> {
    history.iter().cloned().map(|event| Event { recorded_at: event.at, ..event }).collect()
}

#[test]
fn the_time_of_the_small_procedures_is_their_own() {
    let procedures = procedures();
    for procedure in procedures {
        let midnight = parse_instant("2026-06-01", &procedure.zone).unwrap();
        assert_eq!(
            procedure.zone.local_date(midnight).to_string(),
            "2026-06-01",
            "{}",
            procedure.name
        );
    }
}
