//! How long it takes to say what a changed text means for 10,000 open cases of the seed procedure. Run it with
//! `cargo bench --bench impact`; it prints the time beside that of only reading the same cases.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may panic, prints, and reads the clock and files"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;
use verloop::case::{Actor, Party, PersonId};
use verloop::catalog::{Bundle, Organisation};
use verloop::engine::{Adopted, Engine, Intake, Moving, Request, SystemClock};
use verloop::procedure::{Mapping, Name};
use verloop::store::redb::{RedbStore, Settings};
use verloop::time::Almanac;

const SEED: &str = "procedures/klachtenprocedure/klachtenprocedure.yaml";
const CASES: u32 = 10_000;

fn main() {
    // `cargo test --benches` and the like only want to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let copied = Command::new("cp").args(["-r", "procedures/."]).arg(folder).status();
    assert!(copied.is_ok_and(|status| status.success()), "the procedures are copied");
    let path = folder.join("klachtenprocedure/klachtenprocedure.yaml");
    let engine = fill(folder);
    let text = std::fs::read_to_string(SEED).expect("the seed procedure");
    let changed = text.replace("within: 6 weeks", "within: 4 weeks");
    assert_ne!(text, changed, "a term is changed");
    let moving = changed.replace("transition: { pending: old }", "transition: { pending: new }");
    assert_ne!(moving, changed, "cases under way move");
    std::fs::write(&path, moving).expect("a file");
    let bundle = Bundle::read(&path).expect("the changed text");
    let to = Adopted::new(&bundle, &Almanac::shipped()).expect("is sound");
    let moving =
        Moving { to: &to, by_hand: Mapping::default(), person: String::new(), because: None };
    let keys = engine.cases_to_move(&to.procedure).expect("the cases");
    assert_eq!(keys.len(), CASES as usize);
    let start = Instant::now();
    for key in &keys {
        engine.case(*key).expect("a case");
    }
    let read = start.elapsed();
    let start = Instant::now();
    let changes = keys.iter().filter(|key| {
        let forecast = engine.forecast(**key, &moving).expect("a forecast");
        forecast.change.is_ok_and(|change| !change.is_nothing())
    });
    let changes = changes.count();
    let told = start.elapsed();
    drop(engine);
    let binary = env!("CARGO_BIN_EXE_verloop");
    let start = Instant::now();
    let asked = ["impact", "klachtenprocedure"];
    let answered = Command::new(binary).current_dir(folder).args(asked).output().expect("runs");
    let whole = start.elapsed();
    assert!(answered.status.success(), "{}", String::from_utf8_lossy(&answered.stderr));
    println!("{CASES} open cases, {changes} of them change");
    println!("only reading them       {read:?}");
    println!("forecasts               {told:?}");
    println!("verloop impact, whole   {whole:?}");
}

/// Opens the cases, each with another complainant.
fn fill(folder: &Path) -> Engine {
    let store = RedbStore::create(folder.join("zaken.redb"), Settings::default()).expect("a store");
    let engine = Engine::new(Arc::new(store), Arc::new(SystemClock));
    let organisation =
        std::fs::read_to_string(folder.join("organisatie.yaml")).expect("the people");
    let organisation = Organisation::from_text(&organisation).expect("is sound");
    let bundle = Bundle::read(&folder.join("klachtenprocedure/klachtenprocedure.yaml"));
    let adopted = Adopted::new(&bundle.expect("the text"), &Almanac::shipped()).expect("is sound");
    let klager = Name::from("klager");
    for number in 0..CASES {
        let mut data = serde_json::Map::new();
        data.insert("onderwerp".to_owned(), format!("Klacht {number}").into());
        data.insert("omschrijving".to_owned(), "Ik werd weggestuurd zonder uitleg.".into());
        let party = Party::new(klager.clone(), PersonId::outside(&klager, 1));
        let channel = Some(Name::from("formulier"));
        let intake = Intake { channel, parties: vec![party], data, ..Intake::default() };
        let by = organisation.person("klachten-1").expect("is there");
        engine.open(&adopted, &intake, &Request::by(Actor::new(by))).expect("is opened");
    }
    engine
}
