//! A calendar changes while cases run: the dates that it touches move, once, and no others.

#![expect(clippy::wildcard_enum_match_arm, reason = "a few facts among many")]

use serde_json::json;
use std::sync::Arc;
use verloop::case::{Act, Actor, Case, Do, Event, Fact, MoveCause};
use verloop::catalog::{Bundle, Organisation};
use verloop::engine::{Accepted, Adopted, Engine, Intake, Request, SetClock};
use verloop::store::memory::MemoryStore;
use verloop::time::{Almanac, Instant, Kind, TimeZone, parse_instant};

const PROCEDURE: &str = "\
procedure: klacht
jurisdiction: nl
roles: { behandelaar: {} }
case: { who: behandelaar }
deadlines:
  afdoening:
    starts: received
    within: 6 weeks
    met-by: antwoord
    warn: 2 weeks
    extend: { by: 4 weeks, who: behandelaar }
  ombudsman:
    starts: afdoening.end
    within: 1 year
steps:
  antwoord: { who: behandelaar }
  sluiten: { after: [antwoord, ombudsman.lapsed], ends: gesloten }
";

fn at(text: &str) -> Instant {
    let zone = TimeZone::named("Europe/Amsterdam").expect("a zone");
    parse_instant(text, &zone).expect(text)
}

/// The Dutch calendar with a day that was proclaimed later.
fn with_a_new_holiday(day: &str) -> Almanac {
    let document = json!({"calendar": "nl", "title": "Nederland", "version": "2026-03-20", "includes": ["nl"],
        "days": [{"title": "Nationale feestdag", "dates": [day], "source": "koninklijk besluit"}]});
    Almanac::shipped().with(&[(Kind::Calendar, document)]).expect("sound")
}

struct World {
    store: Arc<MemoryStore>,
    clock: Arc<SetClock>,
}

impl World {
    fn engine(&self, almanac: Almanac) -> Engine {
        let store: Arc<dyn verloop::store::Store> = self.store.clone();
        Engine::counting_by(store, self.clock.clone(), almanac)
    }
}

fn handler() -> Request {
    let people = "organisation: Voorbeeld\npeople:\n  anna: { name: Anna, roles: [behandelaar] }\n";
    let people = Organisation::from_text(people).expect("sound");
    Request::by(Actor::new(people.person("anna").expect("in the file")))
}

fn open(engine: &Engine, received: &str) -> Accepted {
    let bundle = Bundle::of_text("klacht.yaml", PROCEDURE);
    let adopted = Adopted::new(&bundle, engine.almanac()).expect("sound");
    let intake = Intake { received_at: Some(at(received)), ..Intake::default() };
    engine.open(&adopted, &intake, &handler()).expect("opened")
}

fn last_day(case: &Case, deadline: &str) -> String {
    let mut clocks = case.clocks.iter();
    let (_, record) = clocks.find(|(clock, _)| clock.deadline == *deadline).expect(deadline);
    record.counted.as_ref().expect("told").last_day.to_string()
}

fn moves(events: &[Event]) -> Vec<(String, String, MoveCause)> {
    let of = |event: &Event| match &event.fact {
        Fact::DeadlineMoved { clock, counted, because, .. } => {
            Some((clock.deadline.to_string(), counted.last_day.to_string(), *because))
        }
        _ => None,
    };
    events.iter().filter_map(of).collect()
}

#[test]
fn a_new_holiday_moves_the_dates_that_it_touches_and_no_others() {
    let clock = Arc::new(SetClock::at(at("2026-03-04 09:00")));
    let world = World { store: Arc::new(MemoryStore::new()), clock };
    let before = world.engine(Almanac::shipped());
    let touched = open(&before, "2026-03-02"); // six weeks end on Monday 13 April
    let other = open(&before, "2026-03-03");
    let finished = open(&before, "2026-03-02");
    let key = |accepted: &Accepted| accepted.file.key.expect("stored");
    before.act(key(&finished), &Act::Do(Do::step("antwoord")), &handler()).expect("done");
    assert_eq!(last_day(&touched.file.case, "afdoening"), "2026-04-13");
    assert_eq!(last_day(&touched.file.case, "ombudsman"), "2027-04-13");
    world.clock.set(at("2026-04-01 09:00"));
    before.tick().expect("ticks");
    let warned = before.case(key(&touched)).expect("there").case;

    // The holiday is proclaimed; the next tick counts anew.
    let after = world.engine(with_a_new_holiday("2026-04-13"));
    let ticked = after.tick().expect("ticks");
    assert!(ticked.failed.is_empty());
    let moved: Vec<_> = ticked.passed.iter().map(|passed| passed.file.key).collect();
    assert_eq!(moved, [touched.file.key], "{ticked:?}");
    let expected = [
        ("afdoening".to_owned(), "2026-04-14".to_owned(), MoveCause::Calendar),
        ("ombudsman".to_owned(), "2027-04-14".to_owned(), MoveCause::Start),
    ];
    assert_eq!(moves(&ticked.passed[0].events), expected);
    let case = after.case(key(&touched)).expect("there").case;
    assert_eq!(last_day(&case, "afdoening"), "2026-04-14");
    let warnings =
        |case: &Case| case.clocks.values().map(|record| record.warned.len()).sum::<usize>();
    assert_eq!((warnings(&warned), warnings(&case)), (1, 1), "nobody is warned twice");
    assert!(after.tick().expect("ticks").passed.is_empty(), "once is enough");
    for untouched in [&other, &finished] {
        let events = after.recorded(key(untouched)).expect("there");
        assert!(moves(&events).is_empty());
    }
    // It lapses on the new day, and not on the old one.
    world.clock.set(at("2026-04-14 23:00"));
    assert!(
        after
            .tick()
            .expect("ticks")
            .passed
            .iter()
            .all(|passed| passed.file.key != touched.file.key)
    );
    world.clock.set(at("2026-04-15 00:30"));
    let lapsed = after.tick().expect("ticks");
    let of_touched = lapsed.passed.iter().find(|passed| passed.file.key == touched.file.key);
    let lapse = of_touched.expect("lapsed").events.iter().find_map(|event| match &event.fact {
        Fact::DeadlineLapsed { last_day, .. } => Some((last_day.to_string(), event.at)),
        _ => None,
    });
    assert_eq!(lapse, Some(("2026-04-14".to_owned(), at("2026-04-15"))));
}

#[test]
fn a_holiday_that_is_taken_back_brings_the_date_back_and_a_lapse_with_it() {
    let clock = Arc::new(SetClock::at(at("2026-03-04 09:00")));
    let world = World { store: Arc::new(MemoryStore::new()), clock };
    let with = world.engine(with_a_new_holiday("2026-04-13"));
    let case = open(&with, "2026-03-02");
    assert_eq!(last_day(&case.file.case, "afdoening"), "2026-04-14");
    // On the 14th it is found that there was no such holiday: the last day has passed.
    world.clock.set(at("2026-04-14 12:00"));
    let without = world.engine(Almanac::shipped());
    let ticked = without.tick().expect("ticks");
    let events: Vec<Event> =
        ticked.passed.iter().flat_map(|passed| passed.events.clone()).collect();
    assert_eq!(moves(&events)[0].1, "2026-04-13");
    assert!(events.iter().any(|event| matches!(event.fact, Fact::DeadlineLapsed { .. })));
}

#[test]
fn a_running_case_outlives_the_file_of_its_calendar() {
    let clock = Arc::new(SetClock::at(at("2026-03-04 09:00")));
    let world = World { store: Arc::new(MemoryStore::new()), clock };
    let own = json!({"calendar": "ons-bestuur", "title": "Ons bestuur", "version": "1", "includes": ["nl"],
        "days": [{"title": "Brugdag", "dates": ["2026-04-13"], "source": "besluit"}]});
    let own = Almanac::shipped().with(&[(Kind::Calendar, own)]).expect("sound");
    let text = PROCEDURE.replace("jurisdiction: nl", "jurisdiction: ons-bestuur");
    let engine = world.engine(own);
    let adopted =
        Adopted::new(&Bundle::of_text("klacht.yaml", text), engine.almanac()).expect("sound");
    let intake = Intake { received_at: Some(at("2026-03-02")), ..Intake::default() };
    let opened = engine.open(&adopted, &intake, &handler()).expect("opened");
    let gone = world.engine(Almanac::shipped());
    let file = gone.case(opened.file.key.expect("stored")).expect("its procedure still compiles");
    assert_eq!(last_day(&file.case, "afdoening"), "2026-04-14");
    assert_eq!(file.procedure.calendar.name(), "ons-bestuur");
}
