//! Letters on their way out: written once, whatever crashes, and never over another.

#![expect(clippy::disallowed_methods, reason = "looks at the files that were written")]

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use verloop::case::{Act, Actor, Do, Party, Person, PersonId, Send};
use verloop::catalog::Bundle;
use verloop::engine::{Adopted, Delivery, Engine, Intake, LetterFolder, Request, SetClock};
use verloop::procedure::Name;
use verloop::store::Store;
use verloop::store::memory::MemoryStore;
use verloop::time::{Almanac, Instant};

/// Takes letters, and fails so many times first.
#[derive(Default)]
struct Tray {
    fails: AtomicUsize,
    letters: Mutex<Vec<(String, String)>>,
}

impl Delivery for Tray {
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if self.fails.load(Ordering::SeqCst) > 0 {
            self.fails.fetch_sub(1, Ordering::SeqCst);
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.letters.lock().unwrap().push((name.to_owned(), text));
        Ok(())
    }
}

fn staff(role: &str) -> Actor {
    let roles = BTreeSet::from([Name::from(role)]);
    Actor::new(Person::new(PersonId::staff(role), roles))
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn adopted() -> Adopted {
    let bundle = Bundle::read(Path::new("tests/procedures/klacht-met-brieven.yaml"));
    let bundle = bundle.unwrap_or_else(|_| panic!("it is there"));
    Adopted::new(&bundle, &Almanac::shipped()).unwrap_or_else(|_| panic!("it is sound"))
}

fn intake(language: &str) -> Intake {
    let role = Name::from("klager");
    let person = PersonId::outside(&role, 1);
    let mut party = Party::new(role, person).called("Anna ../../<b>");
    party.contact.language = Some(language.to_owned());
    let data = serde_json::json!({ "onderwerp": "Te laat" });
    let serde_json::Value::Object(data) = data else { panic!("an object") };
    Intake { parties: vec![party], data, ..Intake::default() }
}

fn engine(store: &Arc<MemoryStore>, clock: &Arc<SetClock>, tray: &Arc<Tray>) -> Engine {
    let store: Arc<dyn Store> = store.clone();
    Engine::new(store, clock.clone()).delivering_to(tray.clone())
}

#[test]
fn a_letter_that_could_not_be_written_is_written_later_and_once() {
    let (store, tray) = (Arc::new(MemoryStore::new()), Arc::new(Tray::default()));
    let clock = Arc::new(SetClock::at(at("2026-03-02T09:00:00Z")));
    let first = engine(&store, &clock, &tray);
    let by = Request::by(staff("behandelaar").entering_for("klager"));
    let opened = first.open(&adopted(), &intake("en"), &by).unwrap();
    let key = opened.file.key.unwrap();
    tray.fails.store(1, Ordering::SeqCst);
    let act = Act::Do(Do::step("ontvangstbevestiging"));
    let by = Request::by(staff("behandelaar"));
    let done = first.act(key, &act, &by).expect("the act is done although the folder is full");
    assert_eq!(done.file.case.letters.len(), 1);
    assert!(tray.letters.lock().unwrap().is_empty());
    drop(first);
    // Another process, later.
    let second = engine(&store, &clock, &tray);
    assert_eq!(second.deliver().unwrap().files.len(), 1);
    assert_eq!(second.deliver().unwrap().files.len(), 0, "it waits no longer");
    let letters = tray.letters.lock().unwrap().clone();
    let [(name, text)] = letters.as_slice() else { panic!("one letter: {letters:?}") };
    assert!(name.starts_with("K-2026-0001-ontvangstbevestiging-klager-1-"), "{name}");
    assert!(name.ends_with(".en.txt") && !name.contains(".."), "{name}");
    assert!(text.contains("Dear Anna ../../<b>,") && text.contains("13 April 2026"), "{text}");
    let digest = &done.file.case.letters[0].addressees[0].files[0].digest;
    assert_eq!(*digest, verloop::case::digest_of(text.as_bytes()), "the event has its digest");
    assert!(name.contains(&digest[..12]), "{name}");
}

#[test]
fn a_letter_that_is_sent_by_hand_is_written_when_it_is_made_and_not_again() {
    let (store, tray) = (Arc::new(MemoryStore::new()), Arc::new(Tray::default()));
    let clock = Arc::new(SetClock::at(at("2026-03-02T09:00:00Z")));
    let engine = engine(&store, &clock, &tray);
    let by = Request::by(staff("behandelaar").entering_for("klager"));
    let key = engine.open(&adopted(), &intake("nl"), &by).unwrap().file.key.unwrap();
    let handler = Request::by(staff("behandelaar"));
    engine.act(key, &Act::Do(Do::step("ontvangstbevestiging")), &handler).unwrap();
    let empty: Vec<String> = Vec::new();
    let answer = Do::step("antwoord").ending_as("gegrond").with("bevindingen", "Te laat.");
    engine.act(key, &Act::Do(answer.with("maatregelen", empty)), &handler).unwrap();
    let made = tray.letters.lock().unwrap().len();
    assert_eq!(made, 3, "the receipt, and the answer as text and as HTML");
    let html = tray.letters.lock().unwrap()[2].clone();
    assert!(
        html.0.ends_with(".nl.html") && html.1.contains("Anna ..&#x2f;..&#x2f;&lt;b&gt;"),
        "{html:?}"
    );
    let post = Request::by(staff("postkamer"));
    let sent = engine.act(key, &Act::Send(Send::letter("afdoening")), &post).unwrap();
    assert_eq!(sent.file.case.to_send, []);
    assert_eq!(tray.letters.lock().unwrap().len(), made);
    assert!(engine.store().outbox(0, 10).unwrap().is_empty());
}

#[test]
fn the_folder_never_loses_or_replaces_a_letter() {
    let folder = tempfile::tempdir().unwrap();
    let out = LetterFolder::at(folder.path().join("brieven-uit"));
    assert_eq!(out.read("a.nl.txt").unwrap(), None);
    out.put("a.nl.txt", b"een").unwrap();
    out.put("a.nl.txt", b"twee").unwrap();
    assert_eq!(out.read("a.nl.txt").unwrap().as_deref(), Some(&b"een"[..]));
    // What a crash left half written is written anew.
    std::fs::write(out.path().join(".b.nl.txt.part"), "ha").unwrap();
    out.put("b.nl.txt", b"heel").unwrap();
    assert_eq!(out.read("b.nl.txt").unwrap().as_deref(), Some(&b"heel"[..]));
    assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 2, "nothing else lies there");
}

#[test]
fn letters_are_listed_shown_checked_and_sent_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path();
    std::fs::create_dir(to.join("brieven")).unwrap();
    std::fs::copy("tests/procedures/klacht-met-brieven.yaml", to.join("klacht-met-brieven.yaml"))
        .unwrap();
    for file in std::fs::read_dir("tests/procedures/brieven").unwrap() {
        let path = file.unwrap().path();
        std::fs::copy(&path, to.join("brieven").join(path.file_name().unwrap())).unwrap();
    }
    std::fs::write(
        to.join("verloop.yaml"),
        "organisation: mensen.yaml\nstore: zaken.redb\nlanguage: nl\n",
    )
    .unwrap();
    std::fs::copy("tests/scenarios/mensen.yaml", to.join("mensen.yaml")).unwrap();
    let run = |args: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
        command
            .current_dir(to)
            .env_remove("VERLOOP_STORE")
            .env_remove("VERLOOP_OUTPUT")
            .env("LC_ALL", "C");
        let output = command.args(args.split(' ')).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
    };
    let (code, said) = run(
        "open klacht-met-brieven --as behandelaar --for klager --party klager=Anna --set onderwerp=Laat",
    );
    assert_eq!(code, 0, "{said}");
    let case = said.lines().find(|line| line.starts_with("K-")).unwrap().to_owned();
    for (args, expected, words) in [
        (format!("do {case} ontvangstbevestiging --as behandelaar"), 0, "verzonden aan Klager"),
        (
            format!(
                "do {case} antwoord --outcome gegrond --set bevindingen=Traag --as behandelaar"
            ),
            3,
            "maatregelen",
        ),
        (
            format!(
                "do {case} antwoord --outcome gegrond --set bevindingen=Traag --set maatregelen=Sneller --as behandelaar"
            ),
            0,
            "nog te verzenden",
        ),
        (format!("letters {case}"), 0, "wacht op verzending aan Anna"),
        (format!("show {case}"), 0, "[afdoening] → Anna"),
        (format!("letters {case} afdoening --to klager"), 0, "1. Sneller"),
        (format!("letters {case} verdaging"), 4, "no letter"),
        (format!("send {case} afdoening --as behandelaar"), 3, "Postkamer"),
        (format!("send {case} afdoening --channel post --on gisteren --as post"), 2, "no day"),
        (
            format!("send {case} afdoening --channel post --proof 3S123 --as post --dry-run"),
            0,
            "per post",
        ),
        (
            format!("send {case} afdoening --channel post --proof-file mensen.yaml --as post"),
            0,
            "met bewijs",
        ),
        (format!("send {case} afdoening --as post"), 3, "wachten"),
        (format!("letters {case}"), 0, "zoals gemaakt"),
        (format!("letters {case} -o json"), 0, "\"state\": \"sound\""),
        ("explain letters klacht-met-brieven".to_owned(), 0, "remedy[].last_day"),
        ("explain letters klacht-met-brieven -o json".to_owned(), 0, "form.bevindingen"),
        ("explain guards klacht-met-brieven".to_owned(), 0, "months_between(from, to)"),
        ("explain guards klacht-met-brieven -o json".to_owned(), 0, "steps.antwoord.outcome"),
        (format!("timeline {case}"), 0, "verzonden aan Klager per post"),
    ] {
        let (code, said) = run(&args);
        assert_eq!(code, expected, "{args}: {said}");
        assert!(said.to_lowercase().contains(&words.to_lowercase()), "{args}: {said}");
    }
    let out = to.join("brieven-uit");
    let names = || std::fs::read_dir(&out).unwrap().map(|file| file.unwrap().path());
    assert_eq!(names().count(), 3);
    let text = names().find(|path| path.to_string_lossy().ends_with("txt")).unwrap();
    std::fs::write(&text, "iets anders").unwrap();
    let html = names().find(|path| path.to_string_lossy().ends_with("html")).unwrap();
    std::fs::remove_file(html).unwrap();
    let (code, said) = run(&format!("letters {case}"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("gewijzigd") && said.contains("ontbreekt"), "{said}");
    let (_, said) = run(&format!("letters {case} afdoening"));
    assert!(said.contains("1. Sneller"), "it can be made again: {said}");
}
