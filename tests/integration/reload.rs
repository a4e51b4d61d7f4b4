//! Files change while commands run: what is wrong hinders nobody, and what is sound becomes current as a whole.

#![expect(clippy::disallowed_methods, reason = "a test makes its own files")]
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use verloop::case::{Act, Actor, Do, Fact, Person, PersonId};
use verloop::catalog::CatalogFact;
use verloop::engine::{Intake, Request, SystemClock};
use verloop::procedure::{Name, Version};
use verloop::service::{House, Keep, News, Offer, Watch};
use verloop::store::memory::MemoryStore;
use verloop::store::{CaseFilter, Store};
use verloop::time::TimeZone;

/// How many threads run commands while files change.
const THREADS: usize = 8;

fn klacht(name: &str, within: &str) -> String {
    format!(
        "procedure: {name}\njurisdiction: nl\ntransition: {{ pending: old }}\nroles:\n  \
         klager: {{ party: true }}\n  a: {{ acts-for: [klager] }}\ncase: {{ who: [klager, a] }}\n\
         steps:\n  horen: {{ who: a }}\n  antwoord: {{ after: horen, who: a }}\n  \
         sluiten: {{ after: antwoord, ends: klaar }}\ndeadlines:\n  \
         afdoening: {{ starts: received, within: {within}, met-by: antwoord }}\n"
    )
}

const PEOPLE: &str = "organisation: O\npeople:\n  anna: { name: Anna, roles: [a] }\n";

fn house(folder: &Path) -> Arc<House> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let keep = Keep {
        store,
        path: folder.join("zaken.redb"),
        clock: Arc::new(SystemClock),
        delivers: false,
    };
    Arc::new(House::open(folder, keep, "anna").unwrap_or_else(|error| panic!("{error:?}")))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), "verloop.yaml", "organisation: mensen.yaml\nstore: zaken.redb\n");
    save(folder.path(), "mensen.yaml", PEOPLE);
    save(folder.path(), "klacht.yaml", klacht("klacht", "6 weeks"));
    save(folder.path(), "bezwaar/bezwaar.yaml", klacht("bezwaar", "12 weeks"));
    folder
}

fn save(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // A pipe would keep the writer waiting, and a link would lead him elsewhere.
    if path.symlink_metadata().is_ok_and(|about| !about.is_file()) {
        fs::remove_file(&path).unwrap();
    }
    fs::write(path, text).unwrap();
}

/// Saves as editors do: beside it, and then under its name.
fn save_by_rename(folder: &Path, name: &str, text: &str) {
    save(folder, ".unfinished", text);
    fs::rename(folder.join(".unfinished"), folder.join(name)).unwrap();
}

fn active(house: &House, name: &str) -> Option<u32> {
    house.current().engine.publications(name).unwrap().active().last().copied()
}

fn anna() -> Actor {
    Actor::new(Person::new(PersonId::staff("anna"), [Name::from("a")].into()))
}

/// Opens a case on what is current and does its first step. Returns how many commands that were.
fn work(house: &House, procedure: &str) -> usize {
    let current = house.current();
    let today = TimeZone::utc().local_date(current.engine.now());
    let found = current.engine.in_force(procedure, today, today).unwrap();
    let Some((_, adopted)) = found else { return 0 };
    let opened = current.engine.open(&adopted, &Intake::default(), &Request::by(anna())).unwrap();
    let key = opened.file.key.unwrap();
    house.current().engine.act(key, &Act::Do(Do::step("horen")), &Request::by(anna())).unwrap();
    2
}

/// One way to change files; `round` makes each text another.
#[allow(clippy::too_many_lines, reason = "a list")]
fn edit(folder: &Path, round: usize) {
    let weeks = format!("{} weeks", round % 40 + 2);
    let name = ["klacht", "bezwaar"][round / 25 % 2];
    let file = ["klacht.yaml", "bezwaar/bezwaar.yaml"][round / 25 % 2];
    let path = folder.join(file);
    let sound = klacht(name, &weeks);
    match round % 25 {
        0 => save(folder, file, &sound),
        1 => save_by_rename(folder, file, &sound),
        2 => save(folder, file, "procedure: ["),
        3 => save(folder, file, &sound[..sound.len() / 2]),
        4 => {
            // Written in parts, with the file open.
            use std::io::Write;
            let mut open = fs::File::create(&path).unwrap();
            for part in sound.as_bytes().chunks(40) {
                open.write_all(part).unwrap();
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        5 => fs::remove_file(&path).unwrap_or_default(),
        6 => save(folder, file, ""),
        7 => save(folder, file, [0xff, 0xfe, b'x']),
        8 => save(folder, file, format!("\u{feff}{sound}")),
        9 => save(folder, file, format!("# een opmerking\n{sound}")),
        10 => save(folder, file, sound.replace("who: a }", "who: bestaat-niet }")),
        11 => {
            fs::remove_file(&path).unwrap_or_default();
            let outside = folder.with_extension("buiten");
            fs::write(&outside, &sound).unwrap();
            symlink(outside, &path).unwrap();
        }
        12 => {
            fs::remove_file(&path).unwrap_or_default();
            Command::new("mkfifo").arg(&path).status().unwrap();
        }
        13 => {
            fs::remove_file(&path).unwrap_or_default();
            save(folder, file, &sound);
        }
        14 => save(folder, file, "x".repeat(2 * 1024 * 1024)),
        15 => (0..50).for_each(|_| save(folder, file, &sound)),
        16 => save(folder, "mensen.yaml", "people: ["),
        17 => save(folder, "mensen.yaml", PEOPLE),
        18 => save(folder, "nieuw/nieuw.yaml", klacht("nieuw", &weeks)),
        19 => {
            save(folder, "klacht.yaml", klacht("klacht", &weeks));
            save(folder, "bezwaar/bezwaar.yaml", klacht("bezwaar", &weeks));
        }
        20 => {
            let away = folder.with_extension("weg");
            fs::rename(folder, &away).unwrap();
            std::thread::sleep(Duration::from_millis(20));
            fs::rename(&away, folder).unwrap();
        }
        21 => save(folder, file, sound.replace("klaar", "klaar, klaar")),
        22 => save(folder, "verloop.yaml", "store: ["),
        23 => save(folder, "verloop.yaml", "organisation: mensen.yaml\nstore: zaken.redb\n"),
        _ => save(folder, file, sound.replace("procedure: ", "procedure: anders-")),
    }
}

/// Has the threads end.
struct Stops<'s>(&'s AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_hundred_edits_hinder_no_command() {
    let folder = folder();
    let house = house(folder.path());
    house.rescan().unwrap();
    let watch = Watch::start(Arc::clone(&house));
    let (stop, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        // Also when an edit fails, nobody waits for ever.
        let _stops = Stops(&stop);
        for thread in 0..THREADS {
            let (house, stop, done) = (&house, &stop, &done);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let procedure = ["klacht", "bezwaar"][thread % 2];
                    done.fetch_add(work(house, procedure), Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(2));
                }
            });
        }
        for round in 0..100 {
            edit(folder.path(), round);
            std::thread::sleep(Duration::from_millis([0, 30, 150][round % 3]));
        }
    });
    // What is there at last becomes current, however it went before.
    save(folder.path(), "verloop.yaml", "organisation: mensen.yaml\nstore: zaken.redb\n");
    fs::remove_file(folder.path().join("klacht.yaml")).unwrap_or_default();
    save(folder.path(), "klacht.yaml", klacht("klacht", "55 weeks"));
    let last = |house: &House| {
        let (_, adopted) = {
            let today = TimeZone::utc().local_date(house.current().engine.now());
            house.current().engine.in_force("klacht", today, today).unwrap().unwrap()
        };
        format!("{:?}", adopted.procedure.deadlines).contains("55")
    };
    for _ in 0..200 {
        if last(&house) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(last(&house));
    drop(watch);
    assert!(done.load(Ordering::Relaxed) > 200, "{done:?}");
    every_case_has_a_version_that_was_sound(&house);
}

/// Each case began on a text that was published, and each of its events can be told by the text of then.
fn every_case_has_a_version_that_was_sound(house: &House) {
    let engine = &house.current().engine;
    let published: Vec<Version> = engine
        .published_procedures()
        .unwrap()
        .iter()
        .flat_map(|name| engine.publications(name).unwrap().acts)
        .filter_map(|act| {
            let CatalogFact::Published { version, .. } = act.fact else { return None };
            Some(version)
        })
        .collect();
    let mut after = None;
    let mut cases = 0;
    loop {
        let page = engine.store().cases(&CaseFilter::default(), after, 500).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.case);
        for key in page.iter().map(|row| row.case) {
            cases += 1;
            let mut version = None;
            for event in engine.history(key).unwrap() {
                if let Fact::CaseOpened { version: first, .. } = &event.fact {
                    version = Some(*first);
                }
                assert!(version.is_some_and(|version| published.contains(&version)));
            }
            assert_eq!(Some(engine.case(key).unwrap().procedure.version), version);
        }
    }
    assert!(cases > 100, "{cases}");
}

#[test]
fn files_that_changed_together_become_current_together() {
    let folder = folder();
    let house = house(folder.path());
    let news = house.news();
    house.rescan().unwrap();
    assert_eq!(news.try_iter().count(), 2);
    save(folder.path(), "klacht.yaml", klacht("klacht", "5 weeks"));
    save(folder.path(), "bezwaar/bezwaar.yaml", klacht("bezwaar", "5 weeks"));
    save(folder.path(), "nieuw/nieuw.yaml", "procedure: nieuw\nsteps: [");
    house.rescan().unwrap();
    let news: Vec<News> = news.try_iter().collect();
    let published = |item: &&News| matches!(item, News::Published { done, .. } if done.number == 2);
    assert_eq!(news.iter().filter(published).count(), 2, "{news:?}");
    let refused = |item: &&News| matches!(item, News::Refused { procedure, lines, .. } if procedure == "nieuw" && !lines.is_empty());
    assert_eq!(news.iter().filter(refused).count(), 1, "{news:?}");
    let at = |name: &str| {
        let record = house.current().engine.publications(name).unwrap();
        record.acts.last().unwrap().at
    };
    assert_eq!(at("klacht"), at("bezwaar"));
}

#[test]
fn of_two_files_with_one_name_the_second_is_refused() {
    let folder = folder();
    let house = house(folder.path());
    // Both come at once: neither may undo on record what the other did.
    save(folder.path(), "aanvulling.yaml", klacht("klacht", "9 weeks"));
    house.rescan().unwrap();
    let record = house.current().engine.publications("klacht").unwrap();
    assert_eq!((record.versions().len(), record.active()), (1, vec![1]));
    let offered = house.offer("klacht").unwrap().unwrap();
    assert_eq!(offered.file, "klacht.yaml");
    assert!(matches!(offered.offer, Offer::Published(_)), "{offered:?}");
    // When the first is gone, the second is what stands there.
    fs::remove_file(folder.path().join("klacht.yaml")).unwrap();
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(2));
    assert_eq!(house.offer("klacht").unwrap().unwrap().file, "aanvulling.yaml");
}

#[test]
fn a_base_that_changes_offers_what_builds_on_it() {
    let folder = folder();
    let base = |within: &str| {
        let text =
            klacht("model", within).replace("jurisdiction", "edition: model@1\njurisdiction");
        format!("{text}may: {{ shorten: [deadlines.afdoening.within] }}\n")
    };
    save(folder.path(), "bases/model.yaml", base("8 weeks"));
    let overlay =
        "procedure: klacht\nbase: model@1\ndeadlines: { afdoening: { within: 3 weeks } }\n";
    save(folder.path(), "klacht.yaml", overlay);
    let house = house(folder.path());
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(1), "{:?}", house.offer("klacht"));
    let changed =
        base("8 weeks").replace("horen: { who: a }", "horen: { who: a, within: 2 weeks }");
    save(folder.path(), "bases/model.yaml", changed);
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(2), "{:?}", house.offer("klacht"));
    // A base that no longer lets it is refused for what builds on it; what was active stays so.
    save(folder.path(), "bases/model.yaml", base("2 weeks"));
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(2));
}

#[test]
fn the_same_bytes_make_no_event() {
    let folder = folder();
    let house = house(folder.path());
    house.rescan().unwrap();
    let news = house.news();
    for _ in 0..3 {
        save(folder.path(), "klacht.yaml", klacht("klacht", "6 weeks"));
        save(folder.path(), "klacht.yaml", format!("# anders\n{}", klacht("klacht", "6 weeks")));
        house.rescan().unwrap();
    }
    assert_eq!(news.try_iter().collect::<Vec<_>>(), []);
    assert_eq!(house.current().engine.publications("klacht").unwrap().acts.len(), 2);
}

#[test]
fn a_file_that_is_gone_retires_nothing() {
    let folder = folder();
    let house = house(folder.path());
    house.rescan().unwrap();
    let news = house.news();
    fs::remove_file(folder.path().join("klacht.yaml")).unwrap();
    house.rescan().unwrap();
    let expected = News::Gone { procedure: "klacht".to_owned() };
    assert_eq!(news.try_iter().collect::<Vec<_>>(), [expected]);
    assert_eq!(active(&house, "klacht"), Some(1));
    assert!(house.offer("klacht").unwrap().is_none());
}

#[test]
fn a_form_that_was_missing_and_comes_mends_the_procedure() {
    let folder = folder();
    let house = house(folder.path());
    let with_form = klacht("klacht", "6 weeks")
        .replace("horen: { who: a }", "horen: { who: a, form: formulieren/horen.yaml }");
    save(folder.path(), "klacht.yaml", with_form);
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), None);
    save(
        folder.path(),
        "formulieren/horen.yaml",
        "type: object\nproperties: { x: { type: string } }\n",
    );
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(1));
    save(
        folder.path(),
        "formulieren/horen.yaml",
        "type: object\nproperties: { y: { type: string } }\n",
    );
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(2));
}

#[test]
fn a_scenario_that_goes_otherwise_refuses_the_text() {
    let folder = folder();
    let house = house(folder.path());
    let scenario = |due: &str| {
        format!(
            "title: op tijd\nprocedure: ../klacht.yaml\nacts:\n  - {{ at: 2026-03-02T09:00, by: anna, \
             open: {{}}, expect: {{ deadlines: {{ afdoening: {due} }} }} }}\n"
        )
    };
    save(folder.path(), "scenarios/op-tijd.yaml", scenario("2026-04-13"));
    house.rescan().unwrap();
    let offered = house.offer("klacht").unwrap().unwrap();
    assert!(matches!(offered.offer, Offer::Published(_)), "{offered:?}");
    save(folder.path(), "klacht.yaml", klacht("klacht", "4 weeks"));
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(1));
    save(folder.path(), "scenarios/op-tijd.yaml", scenario("2026-03-30"));
    house.rescan().unwrap();
    assert_eq!(active(&house, "klacht"), Some(2));
}

#[test]
fn the_watcher_sees_every_way_to_save() {
    let folder = folder();
    let house = house(folder.path());
    let watch = Watch::start(Arc::clone(&house));
    let mut expected = 1;
    let wait = |expected: u32| {
        for _ in 0..400 {
            if active(&house, "klacht") == Some(expected) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("v{expected} never came: {:?}", house.offer("klacht"));
    };
    wait(expected);
    for (round, way) in ["in place", "renamed", "anew", "folder renamed"].iter().enumerate() {
        let sound = klacht("klacht", &format!("{} weeks", round + 7));
        match *way {
            "in place" => save(folder.path(), "klacht.yaml", sound),
            "renamed" => save_by_rename(folder.path(), "klacht.yaml", &sound),
            "anew" => {
                fs::remove_file(folder.path().join("klacht.yaml")).unwrap();
                save(folder.path(), "klacht.yaml", sound);
            }
            _ => {
                // The folder is moved away, and another one stands there.
                let away = folder.path().with_extension("weg");
                fs::rename(folder.path(), &away).unwrap();
                fs::create_dir(folder.path()).unwrap();
                save(
                    folder.path(),
                    "verloop.yaml",
                    "organisation: mensen.yaml\nstore: zaken.redb\n",
                );
                save(folder.path(), "mensen.yaml", PEOPLE);
                save(folder.path(), "klacht.yaml", sound);
                fs::remove_dir_all(away).unwrap();
            }
        }
        expected += 1;
        wait(expected);
    }
    drop(watch);
}

#[test]
fn a_workspace_that_is_too_large_keeps_what_runs() {
    let folder = folder();
    let house = house(folder.path());
    house.rescan().unwrap();
    let news = house.news();
    for number in 0..=verloop::service::MOST_FILES {
        save(folder.path(), &format!("veel/{number}.txt"), "");
    }
    house.rescan().unwrap();
    let told: Vec<News> = news.try_iter().collect();
    assert!(matches!(&told[..], [News::Trouble { .. }]), "{told:?}");
    assert_eq!(active(&house, "klacht"), Some(1));
    assert!(work(&house, "klacht") > 0);
}
