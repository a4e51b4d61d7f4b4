//! The process is killed at random moments while texts are published, saved files are taken, and cases move. Afterwards the
//! old set stands or the new one, never a mixture; every case can be read; and what was broken off is done by asking again.
//!
//! `VERLOOP_KILLS` says how often, and `VERLOOP_SEED` when: the same seed kills after the same times.

#![expect(
    clippy::disallowed_methods,
    reason = "a test makes its own files, and reads what it is asked"
)]
#![expect(clippy::print_stdout, reason = "says how it went, and with which seed")]
#![cfg(unix)]

use crate::served::verloop;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use verloop::case::Fact;
use verloop::engine::{Engine, SystemClock};
use verloop::procedure::{Name, Version};
use verloop::store::redb::{RedbStore, Settings};
use verloop::store::{CaseFilter, CaseKey};

const CASES: usize = 24;

/// Numbers that look random, the same for the same seed (Marsaglia, Xorshift RNGs, 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn text(name: &str, round: usize) -> String {
    // A step is renamed to and fro, so that a move changes what is stored of a case.
    let (step, before) =
        if round.is_multiple_of(2) { ("horen", "gesprek") } else { ("gesprek", "horen") };
    format!(
        "procedure: {name}\njurisdiction: nl\ntransition: {{ pending: new, steps: {{ {before}: {step} }} }}\nroles:\n  \
         klager: {{ party: true }}\n  a: {{ acts-for: [klager] }}\ncase: {{ who: [klager, a] }}\n\
         steps:\n  {step}: {{ who: a }}\n  antwoord: {{ after: {step}, who: a }}\n  \
         sluiten: {{ after: antwoord, ends: klaar }}\ndeadlines:\n  \
         afdoening: {{ starts: received, within: {} weeks, met-by: antwoord }}\n",
        round % 500 + 2
    )
}

fn save(folder: &Path, round: usize, both: bool) {
    let write = |name: &str| {
        std::fs::write(folder.join(format!("{name}.yaml")), text(name, round)).unwrap();
    };
    write("klacht");
    if both {
        write("bezwaar");
    }
}

/// Runs a command and kills it after so long. Returns whether it was done before.
fn killed(folder: &Path, args: &[&str], after: Duration) -> bool {
    let mut command = verloop(folder, args);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    let done = process.try_wait().unwrap().is_some();
    process.kill().unwrap();
    process.wait().unwrap();
    done
}

/// Runs a command to its end. Returns how long that took.
#[track_caller]
fn done(folder: &Path, args: &[&str]) -> Duration {
    let start = Instant::now();
    let output = verloop(folder, args).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    start.elapsed()
}

/// What stands in the store: how many texts of each procedure, and on which each case runs.
#[derive(Debug, PartialEq, Eq)]
struct Stands {
    klacht: usize,
    bezwaar: usize,
    cases: Vec<Version>,
}

/// Opens the store as the next command would, and looks whether it is whole.
fn stands(folder: &Path) -> Stands {
    let store = RedbStore::open(folder.join("zaken.redb"), Settings::default()).unwrap();
    let engine = Engine::new(Arc::new(store), Arc::new(SystemClock));
    let texts = |name: &str| {
        let record = engine.publications(name).unwrap();
        let versions: Vec<Version> =
            record.versions().iter().map(|published| published.version).collect();
        // Each number was given once, each text is there, and the last act made it the current one.
        for (place, published) in record.versions().iter().enumerate() {
            assert_eq!(published.number as usize, place + 1);
        }
        for version in versions.iter().rev().take(3) {
            assert_eq!(engine.adopted(*version).unwrap().procedure.version, *version);
        }
        if let Some(last) = record.versions().last() {
            assert_eq!(record.active(), [last.number]);
        }
        versions
    };
    let (klacht, bezwaar) = (texts("klacht"), texts("bezwaar"));
    let listed: BTreeSet<String> = engine.published_procedures().unwrap().into_iter().collect();
    assert_eq!(listed.contains("bezwaar"), !bezwaar.is_empty());
    let rows = engine.store().cases(&CaseFilter::default(), None, 100).unwrap();
    let cases = rows.iter().map(|row| runs_on(&engine, row.case, row.version.0)).collect();
    Stands { klacht: klacht.len(), bezwaar: bezwaar.len(), cases }
}

/// Returns the text on which a case runs: its state, its history and its row say the same.
fn runs_on(engine: &Engine, key: CaseKey, row: [u8; 32]) -> Version {
    let file = engine.case(key).unwrap();
    let told = engine.history(key).unwrap().iter().rev().find_map(|event| {
        let (Fact::CaseOpened { version, .. } | Fact::Migrated { to: version, .. }) = &event.fact
        else {
            return None;
        };
        Some(*version)
    });
    assert_eq!(told, Some(file.procedure.version));
    assert_eq!(Version::from_bytes(row), file.procedure.version);
    let steps: Vec<&str> = file.case.steps.keys().map(Name::as_str).collect();
    for step in steps {
        assert!(file.procedure.find_step(step).is_some(), "{step} is of another text");
    }
    file.procedure.version
}

#[test]
fn killed_at_any_moment_the_old_set_stands_or_the_new_one() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
    };
    let (kills, seed) = (number("VERLOOP_KILLS", 200), number("VERLOOP_SEED", 0x5EED));
    println!("VERLOOP_SEED={seed}");
    let mut dice = Dice(seed.max(1));
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("verloop.yaml"), "organisation: mensen.yaml\nstore: zaken.redb\n")
        .unwrap();
    let people = "organisation: O\npeople:\n  anna: { name: Anna, roles: [a] }\n";
    std::fs::write(here.join("mensen.yaml"), people).unwrap();
    save(here, 0, true);
    for _ in 0..CASES {
        done(here, &["open", "klacht", "--as", "anna", "--for", "klager"]);
    }
    // How long each takes is measured, so that the kills fall into all of it.
    let publish = ["publish", "klacht", "--because", "nieuw", "--as", "anna"];
    let taking = done(here, &["tick"]);
    save(here, 1, false);
    let publishing = done(here, &publish);
    let moving =
        done(here, &["migrate", "klacht@2", "--apply", "--because", "nieuw", "--as", "anna"]);
    let mut before = stands(here);
    assert_eq!((before.klacht, before.bezwaar, before.cases.len()), (2, 1, CASES));
    let (mut in_time, mut moved_some) = (0, 0);
    for round in 2..usize::try_from(kills).unwrap() + 2 {
        let usual = [moving, publishing, taking][round % 3];
        let after = usual.mul_f64(f64::from(u32::try_from(dice.below(1_200)).unwrap()) / 1_000.0);
        let to = format!("klacht@{}", before.klacht);
        let migrate = ["migrate", &to, "--apply", "--because", "nieuw", "--as", "anna"];
        let was_done = match round % 3 {
            0 => killed(here, &migrate, after),
            1 => {
                save(here, round, false);
                killed(here, &publish, after)
            }
            _ => {
                save(here, round, true);
                let verb = if dice.below(2) == 0 { &["tick"][..] } else { &["serve", "--no-web"] };
                killed(here, verb, after)
            }
        };
        in_time += usize::from(!was_done);
        let mut now = stands(here);
        let (klacht, bezwaar) = (now.klacht - before.klacht, now.bezwaar - before.bezwaar);
        match round % 3 {
            0 => {
                assert_eq!((klacht, bezwaar), (0, 0));
                let moved = now.cases.iter().zip(&before.cases).filter(|(now, was)| now != was);
                let moved = moved.count();
                moved_some += usize::from(moved > 0 && moved < CASES);
                // Asked again, it does what is left.
                done(here, &migrate);
                now = stands(here);
                assert!(now.cases.windows(2).all(|pair| pair[0] == pair[1]), "{now:?}");
            }
            1 => assert!(klacht <= 1 && bezwaar == 0, "{klacht} {bezwaar}"),
            // Both were saved together: both are taken, or neither.
            _ => assert!(klacht == bezwaar && klacht <= 1, "round {round}: {klacht} {bezwaar}"),
        }
        before = now;
    }
    println!(
        "{in_time} of {kills} were killed before they were done; {moved_some} moves were broken off halfway"
    );
    assert!(in_time > 0);
}
