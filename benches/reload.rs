//! How long it takes from the save of a file until new cases get its text, with 500 procedures in the workspace, and with
//! 1,000 and 1,000,000 open cases in the store. Run it with `cargo bench --bench reload`; it prints medians, beside what
//! putting a text on record takes by itself in the same run. `VERLOOP_CASES` sets the larger number of cases.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may panic, prints, and reads the clock and files"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use verloop::engine::{Adopted, Publisher, Publishing, SystemClock};
use verloop::service::{House, Keep, Watch};
use verloop::store::redb::{RedbStore, Settings};
use verloop::store::{Change, Commit, Rows, Store, Target, VersionHash};

const PROCEDURES: u32 = 500;
const ROUNDS: u32 = 40;
const FEW: u64 = 1_000;

fn text(number: u32, weeks: u32) -> String {
    format!(
        "procedure: p{number}\njurisdiction: nl\ntransition: {{ pending: old }}\nroles:\n  \
         klager: {{ party: true }}\n  a: {{ acts-for: [klager] }}\ncase: {{ who: [klager, a] }}\n\
         steps:\n  horen: {{ who: a }}\n  antwoord: {{ after: horen, who: a }}\n  \
         sluiten: {{ after: antwoord, ends: klaar }}\ndeadlines:\n  \
         afdoening: {{ starts: received, within: {weeks} weeks, met-by: antwoord }}\n"
    )
}

fn save(folder: &Path, number: u32, weeks: u32) {
    let own = folder.join(format!("p{number}"));
    let scenario = format!(
        "title: op tijd\nprocedure: ../p{number}.yaml\nacts:\n  \
         - {{ at: 2026-03-02T09:00, by: anna, open: {{}}, expect: {{ steps: {{ horen: due }} }} }}\n"
    );
    std::fs::create_dir_all(own.join("scenarios")).expect("a folder");
    std::fs::write(own.join("scenarios/op-tijd.yaml"), scenario).expect("a file");
    std::fs::write(own.join(format!("p{number}.yaml")), text(number, weeks)).expect("a file");
}

fn main() {
    // `cargo test --benches` and the like only want to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let many = std::env::var_os("VERLOOP_CASES").and_then(|many| many.to_str()?.parse().ok());
    for cases in [FEW, many.unwrap_or(1_000_000)] {
        let folder = tempfile::tempdir().expect("a folder");
        measure(folder.path(), cases);
    }
}

fn measure(folder: &Path, cases: u64) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("verloop.yaml", "organisation: mensen.yaml\nstore: zaken.redb\n");
    write("mensen.yaml", "organisation: O\npeople:\n  anna: { name: Anna, roles: [a] }\n");
    (0..PROCEDURES).for_each(|number| save(folder, number, 6));
    let path = folder.join("zaken.redb");
    let store: Arc<dyn Store> =
        Arc::new(RedbStore::create(&path, Settings::default()).expect("a store"));
    let keep = Keep { store, path, clock: Arc::new(SystemClock), delivers: false };
    let house = Arc::new(House::open(folder, keep, "anna").expect("a workspace"));
    let start = Instant::now();
    house.rescan().expect("is looked through");
    println!("{PROCEDURES} procedures, first look  {:?}", start.elapsed());
    fill(&house, cases);
    let watch = Watch::start(Arc::clone(&house));
    let active = |name: &str| {
        let record = house.current().engine.publications(name).expect("a record");
        record.active().last().copied()
    };
    let mut alone = Vec::new();
    let mut saved = Vec::new();
    for round in 1..=ROUNDS {
        let number = round * 11 % PROCEDURES;
        let name = format!("p{number}");
        let before = active(&name);
        let start = Instant::now();
        save(folder, number, 6 + round);
        while active(&name) == before {
            std::thread::sleep(Duration::from_micros(500));
        }
        saved.push(start.elapsed());
        alone.push(publish_alone(&house, PROCEDURES + round));
    }
    drop(watch);
    saved.sort();
    alone.sort();
    let at = |times: &[Duration], percent: usize| times[(times.len() - 1) * percent / 100];
    println!("{cases} open cases");
    println!("  from save to new cases  {:?} median, {:?} p95", at(&saved, 50), at(&saved, 95));
    println!("  one publish by itself   {:?} median", at(&alone, 50));
}

/// Puts a text on record that no file holds.
fn publish_alone(house: &House, number: u32) -> Duration {
    let bundle = verloop::catalog::Bundle::of_text("p.yaml", text(number, 6));
    let engine = &house.current().engine;
    let start = Instant::now();
    let adopted = Adopted::new(&bundle, engine.almanac()).expect("is sound");
    let file = "p.yaml".to_owned();
    let publishing =
        Publishing { adopted: &adopted, file, scenarios: 0, activate: true, four_eyes: false };
    let by = Publisher { person: "anna".to_owned(), because: None };
    engine.publish(&publishing, &by).expect("is published");
    start.elapsed()
}

/// Puts open cases into the store, spread over the procedures.
fn fill(house: &House, cases: u64) {
    let engine = &house.current().engine;
    let versions: Vec<VersionHash> = (0..PROCEDURES)
        .map(|number| {
            let record = engine.publications(&format!("p{number}")).expect("a record");
            VersionHash(record.versions().last().expect("a text").version.bytes())
        })
        .collect();
    let opened_on = "2026-03-02".parse().expect("a day");
    let mut number = 0;
    while number < cases {
        let part = (cases - number).min(5_000);
        let changes = (number..number + part).map(|number| {
            let place = usize::try_from(number).expect("fits") % versions.len();
            Change {
                target: Target::New { number: None },
                events: vec![b"{}".to_vec()],
                snapshot: b"{}".to_vec(),
                rows: Rows {
                    reference: format!("Z-{number}"),
                    procedure: format!("p{place}"),
                    version: versions[place],
                    status: "open".to_owned(),
                    opened_on,
                    work: Vec::new(),
                    timers: Vec::new(),
                },
                outbox: Vec::new(),
            }
        });
        let commit = Commit { changes: changes.collect(), ..Commit::default() };
        engine.store().commit(commit).expect("is kept");
        number += part;
    }
}
