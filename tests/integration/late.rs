//! What is told late, through the engine and from the command line.

#![expect(clippy::disallowed_methods, reason = "runs the binary on files of its own")]

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use verloop::case::{
    Act, Actor, Case, Do, Event, Extend, Fact, Party, Person, PersonId, as_known, as_of, told,
};
use verloop::catalog::Bundle;
use verloop::engine::{Adopted, Delivery, Engine, EngineError, Intake, Request, SetClock};
use verloop::procedure::Name;
use verloop::store::memory::MemoryStore;
use verloop::time::{Almanac, Instant};

#[derive(Default)]
struct Tray(Mutex<Vec<String>>);

impl Delivery for Tray {
    fn put(&self, name: &str, _: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().push(name.to_owned());
        Ok(())
    }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn handler() -> Actor {
    let roles = BTreeSet::from([Name::from("behandelaar")]);
    Actor::new(Person::new(PersonId::staff("behandelaar"), roles))
}

fn on(day: &str) -> Request {
    Request { at: Some(at(day)), ..Request::by(handler()) }
}

#[test]
fn a_late_act_sends_its_letter_and_no_other_again() {
    let tray = Arc::new(Tray::default());
    let clock = Arc::new(SetClock::at(at("2026-03-02T09:00:00Z")));
    let engine = Engine::new(Arc::new(MemoryStore::new()), clock.clone());
    let engine = engine.delivering_to(tray.clone());
    let bundle = Bundle::read(Path::new("tests/procedures/klacht-met-brieven.yaml"));
    let bundle = bundle.unwrap_or_else(|_| panic!("it is there"));
    let adopted = Adopted::new(&bundle, &Almanac::shipped()).unwrap_or_else(|_| panic!("sound"));
    let role = Name::from("klager");
    let party = Party::new(role.clone(), PersonId::outside(&role, 1)).called("Anna");
    let serde_json::Value::Object(data) = serde_json::json!({ "onderwerp": "Te laat" }) else {
        panic!("an object")
    };
    let intake = Intake { parties: vec![party], data, ..Intake::default() };
    let by = Request::by(handler().entering_for("klager"));
    let key = engine.open(&adopted, &intake, &by).unwrap().file.key.unwrap();
    clock.set(at("2026-03-09T09:00:00Z"));
    let extend = Act::Extend(Extend::deadline("afdoening").because("Vakantie"));
    engine.act(key, &extend, &Request::by(handler())).unwrap();
    assert_eq!(tray.0.lock().unwrap().len(), 1, "the letter about the extension");
    clock.set(at("2026-03-16T09:00:00Z"));
    let act = Act::Do(Do::step("ontvangstbevestiging"));

    let tried = Request { dry_run: true, ..on("2026-03-04T09:00:00Z") };
    engine.act(key, &act, &tried).unwrap();
    assert_eq!(engine.recorded(key).unwrap().len(), engine.history(key).unwrap().len());
    let before = engine.recorded(key).unwrap();
    let done = engine.act(key, &act, &on("2026-03-04T09:00:00Z")).unwrap();
    let letters = tray.0.lock().unwrap().clone();
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert!(letters[1].contains("ontvangstbevestiging"), "{letters:?}");

    // One event, on top of a record that stays as it was.
    let history = engine.recorded(key).unwrap();
    let [known @ .., last] = history.as_slice() else { panic!("it has events") };
    assert_eq!(known, before.as_slice());
    assert!(matches!(last.fact, Fact::Retold { .. }));
    assert_eq!(last.by.as_ref().map(|by| by.person.as_str()), Some("behandelaar"));
    assert_eq!(engine.case(key).unwrap().case, done.file.case);
    assert_eq!(Case::replay(&history), done.file.case);

    // What is told now is in its place, and what was known then is as it was.
    let is_done = |event: &Event| matches!(event.fact, Fact::StepDone { .. });
    let place = told(&history).iter().position(is_done).unwrap();
    let lengthened = |event: &Event| matches!(event.fact, Fact::DeadlineExtended { .. });
    assert!(place < told(&history).iter().position(lengthened).unwrap());
    let then = at("2026-03-10T09:00:00Z");
    let (known, _) = as_known(&adopted.procedure, &history, then).unwrap();
    let (was, _) = as_of(&history, then).unwrap();
    let receipt = Name::from("ontvangstbevestiging");
    assert!(!known.step(&receipt).unwrap().is_done(), "nobody knew it then");
    assert!(was.step(&receipt).unwrap().is_done(), "it was done then");

    // What comes after it goes on from there, and the same fact can't be told twice.
    let again = engine.act(key, &act, &on("2026-03-05T09:00:00Z"));
    let Err(EngineError::Refused { refusal, file }) = again else { panic!("{again:?}") };
    assert_eq!(refusal.code(), "already-done");
    let refused = file.unwrap().case;
    assert_eq!(Case { revision: 0, refusals: 0, ..refused }, {
        Case { revision: 0, refusals: 0, ..done.file.case }
    });
    let answer = Do::step("antwoord").ending_as("gegrond").with("bevindingen", "Te laat.");
    let none: Vec<String> = Vec::new();
    let answer = Act::Do(answer.with("maatregelen", none));
    let answered = engine.act(key, &answer, &Request::by(handler())).unwrap();
    let so_far = engine.recorded(key).unwrap().len() as u64;
    assert_eq!(answered.file.case.revision, so_far, "every event has its number");
}

#[test]
fn the_answer_tells_what_is_different() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path();
    std::fs::copy("tests/procedures/klacht-kort.yaml", to.join("klacht-kort.yaml")).unwrap();
    std::fs::copy("tests/scenarios/mensen.yaml", to.join("mensen.yaml")).unwrap();
    let settings = "organisation: mensen.yaml\nstore: zaken.redb\nlanguage: nl\n";
    std::fs::write(to.join("verloop.yaml"), settings).unwrap();
    let run = |args: &str, expected: i32| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
        command.current_dir(to).env_remove("VERLOOP_STORE").env_remove("VERLOOP_OUTPUT");
        let output = command.env("LC_ALL", "C").args(args.split(' ')).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code().unwrap(), expected, "{args}\n{said}");
        said
    };
    let opened = run("open klacht-kort --as behandelaar --for klager --at 2020-03-02T10:00", 0);
    let case = opened.lines().next().unwrap().to_owned();
    let said = run(&format!("show {case}"), 0);
    assert!(said.contains("verstreken"), "{said}");
    let said = run(&format!("do {case} antwoord --as behandelaar --at 2020-04-10T11:00"), 0);
    for words in ["Alsnog vastgelegd", "10 apr", "vervalt: ", "Naar de ombudsman", "beantwoord"] {
        assert!(said.contains(words), "`{words}` in\n{said}");
    }
    let said = run(&format!("do {case} schikken --as behandelaar --at 2020-04-11T11:00"), 3);
    assert!(said.contains("geëindigd"), "{said}");
    let said = run(&format!("do {case} schikken --as behandelaar --at 2020-04-09T11:00"), 3);
    assert!(said.contains("antwoord") && said.contains("had dan niet gekund"), "{said}");
    let said = run(&format!("timeline {case}"), 0);
    assert!(said.contains("verstreken") && said.contains("Alsnog vastgelegd"), "{said}");
    let said = run(&format!("timeline {case} --as-of 2021-01-01"), 0);
    assert!(!said.contains("verstreken") && !said.contains("Alsnog"), "{said}");
    run(&format!("why {case} afdoening"), 0);
    run(&format!("timeline {case} -o jsonl"), 0);
}
