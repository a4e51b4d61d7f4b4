//! How long `verloop show CASE` takes beside `verloop --version`, with 100 procedures in the folder and 10,000 cases in
//! the store. Run it with `cargo bench --bench show`; it prints the medians of both and their ratio.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may panic, prints, and reads the clock and files"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use verloop::case::{Act, Actor, Do, Party, PersonId};
use verloop::catalog::{Bundle, Organisation};
use verloop::engine::{Adopted, Engine, Intake, Request, SystemClock};
use verloop::procedure::Name;
use verloop::store::redb::{RedbStore, Settings};
use verloop::time::Almanac;

const SEED: &str = "procedures/klachtenprocedure";
const CASES: u32 = 10_000;
const PROCEDURES: u32 = 100;
const RUNS: usize = 200;

fn main() {
    // `cargo test --benches` and the like only want to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let seed = std::fs::read_to_string(format!("{SEED}/klachtenprocedure.yaml"))
        .expect("the seed procedure");
    for inner in ["formulieren", "brieven"] {
        std::fs::create_dir(folder.join(inner)).expect("a folder");
        for file in std::fs::read_dir(format!("{SEED}/{inner}")).expect("a folder") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), folder.join(inner).join(file.file_name())).expect("a file");
        }
    }
    std::fs::write(folder.join("klachtenprocedure.yaml"), &seed).expect("a file");
    for name in ["organisatie.yaml", "verloop.yaml"] {
        std::fs::copy(format!("procedures/{name}"), folder.join(name)).expect("a file");
    }
    for number in 1..PROCEDURES {
        let text =
            seed.replace("procedure: klachtenprocedure", &format!("procedure: kopie-{number}"));
        std::fs::write(folder.join(format!("kopie-{number}.yaml")), text).expect("a file");
    }
    fill(folder);
    let size = std::fs::metadata(folder.join("zaken.redb")).expect("the store").len();
    let binary = env!("CARGO_BIN_EXE_verloop");
    let version = median(|| run(Command::new(binary).arg("--version")));
    let show =
        median(|| run(Command::new(binary).current_dir(folder).args(["show", "K-2026-5000"])));
    let ratio = show.as_secs_f64() / version.as_secs_f64();
    println!("store: {CASES} cases, {} MB; folder: {PROCEDURES} procedures", size / 1_000_000);
    println!("verloop --version  {version:?} (median of {RUNS})");
    println!("verloop show CASE  {show:?} (median of {RUNS})");
    println!("ratio              {ratio:.2}");
}

/// Opens the cases and acknowledges each.
fn fill(folder: &Path) {
    let store = RedbStore::create(folder.join("zaken.redb"), Settings::default()).expect("a store");
    let engine = Engine::new(Arc::new(store), Arc::new(SystemClock));
    let organisation =
        std::fs::read_to_string(folder.join("organisatie.yaml")).expect("the people");
    let organisation = Organisation::from_text(&organisation).expect("is sound");
    let bundle = Bundle::read(&folder.join("klachtenprocedure.yaml")).expect("the seed procedure");
    let adopted = Adopted::new(&bundle, &Almanac::shipped()).expect("is sound");
    let klager = Name::from("klager");
    let by = |id: &str| Request::by(Actor::new(organisation.person(id).expect("is there")));
    for number in 0..CASES {
        let mut data = serde_json::Map::new();
        data.insert("onderwerp".to_owned(), format!("Klacht {number}").into());
        data.insert(
            "omschrijving".to_owned(),
            "Ik werd weggestuurd zonder uitleg, en dat twee keer.".into(),
        );
        let party = Party::new(klager.clone(), PersonId::outside(&klager, 1));
        let channel = Some(Name::from("formulier"));
        let intake =
            Intake { channel, received_at: None, parties: vec![party], data, ..Intake::default() };
        let opened = engine.open(&adopted, &intake, &by("klachten-1")).expect("is accepted");
        let key = opened.file.key.expect("is stored");
        let act = Act::Do(Do::step("ontvangstbevestiging"));
        engine.act(key, &act, &by("klachten-1")).expect("is accepted");
    }
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("it runs").success(), "{command:?}");
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}
