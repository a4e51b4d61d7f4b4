//! What a forecast says of the cases in a store is what moving them does, and taking the move back leaves them as they were:
//! their state, and all that is found again of them.

use super::migration::{bundles, renamed, with_other_terms};
use super::*;
use std::collections::BTreeSet;
use verloop::engine::{
    Adopted, Change, DeadlineChange, Engine, EngineError, Intake, Moving, Publisher, Publishing,
    Request, SetClock, Task,
};
use verloop::procedure::Mapping;
use verloop::store::memory::MemoryStore;
use verloop::store::{CaseFilter, CaseKey, Store};

/// Stores in a normal run; `VERLOOP_SEQUENCES` asks for more or fewer.
const STORES: u64 = 160;
/// Cases in one store.
const CASES: usize = 3;

/// Returns a text with other terms and other names, and a mapping by hand.
fn next(chance: &mut Chance, bundle: &Bundle, from: &Procedure) -> (Bundle, Mapping) {
    let mut lines: Vec<String> = Vec::new();
    let mut in_transition = false;
    for line in bundle.text.lines() {
        in_transition = line.starts_with("transition:")
            || in_transition && (line.starts_with(' ') || line.starts_with('#'));
        if !in_transition {
            lines.push(with_other_terms(chance, line));
        }
    }
    let mut text = lines.join("\n") + "\n";
    let mut says = vec!["pending: new".to_owned()];
    let step = from.steps[chance.below(from.steps.len())].name.clone();
    let role = from.roles[chance.below(from.roles.len())].name.clone();
    let named: Vec<&Name> =
        from.deadlines.iter().filter(|rule| rule.of_step.is_none()).map(|r| &r.name).collect();
    let deadline = chance.pick(&named).map(|name| (*name).clone());
    let kind = chance.below(6);
    let (what, old) = match (kind, &deadline) {
        (0 | 1, _) => ("steps", Some(&step)),
        (2, _) => ("roles", Some(&role)),
        (3, Some(deadline)) => ("deadlines", Some(deadline)),
        _ => ("", None),
    };
    if let Some(old) = old {
        let new = format!("{old}-nieuw");
        text = renamed(&text, old.as_str(), &new);
        says.push(format!("{what}: {{ {old}: {new} }}"));
    }
    let party = from.roles.iter().find(|role| role.party);
    if let (Some(party), Some(deadline)) = (party, &deadline)
        && kind > 3
    {
        says.push(format!("better-for: {{ {deadline}: {} }}", party.name));
    }
    let mut by_hand = Mapping::default();
    let other = from.steps[chance.below(from.steps.len())].name.clone();
    match chance.below(8) {
        0 => drop(by_hand.steps.insert(other, Vec::new())),
        1 if kind > 1 => drop(by_hand.steps.insert(other, vec![step])),
        _ => {}
    }
    let text = format!("transition: {{ {} }}\n{text}", says.join(", "));
    (Bundle { text, ..bundle.clone() }, by_hand)
}

/// Returns an act as it can be asked of an engine that knows no other procedure.
fn alone(act: Act) -> Option<Act> {
    match act {
        Act::Hear { .. } | Act::JoinInto { .. } | Act::TakeIn(_) | Act::SplitOff { .. } => None,
        Act::Do(act) => Some(Act::Do(Do { opens: None, ..act })),
        act => Some(act),
    }
}

/// Opens cases and does random things in them.
fn lived(
    chance: &mut Chance,
    engine: &Engine,
    clock: &SetClock,
    adopted: &Adopted,
) -> Vec<CaseKey> {
    let procedure = &adopted.procedure;
    let mut now = start();
    let mut keys = Vec::new();
    for _ in 0..CASES * 12 {
        clock.set(now);
        if keys.len() < CASES && (keys.is_empty() || chance.one_in(4)) {
            let command = opening(chance, procedure, now);
            let Act::Open(open) = command.act else { panic!("it opens") };
            let intake = Intake {
                channel: open.channel,
                received_at: Some(open.received_at),
                forwarded_by: open.forwarded_by,
                parties: open.parties,
                confidential: open.confidential,
                data: open.data,
            };
            let opened = engine.open(adopted, &intake, &Request::by(command.actor));
            keys.extend(opened.ok().and_then(|opened| opened.file.key));
        } else if let Some(key) = chance.pick(&keys).copied() {
            let file = engine.case(key).unwrap();
            let command = command(chance, procedure, &file.case, now);
            if let Some(act) = alone(command.act) {
                let request = Request { at: Some(command.at), ..Request::by(command.actor) };
                let _refused = engine.act(key, &act, &request);
            }
        }
        if chance.one_in(2) {
            now = advance(chance, now);
        }
    }
    clock.set(now);
    keys
}

/// Returns all that a store finds again of its cases: rows, work, timers.
fn found(store: &MemoryStore) -> String {
    let cases = store.cases(&CaseFilter::default(), None, 1_000).unwrap();
    let cases: Vec<_> = cases
        .into_iter()
        .map(|row| (row.case, row.reference, row.procedure, row.version, row.status, row.opened_on))
        .collect();
    let work = store.all_work(None, 10_000).unwrap();
    let timers = store.timers_due(i64::MAX, None, 10_000).unwrap();
    format!("{cases:?} {work:?} {timers:?} {:?}", store.counts().unwrap())
}

/// Returns what is to be done in a case, as the store finds it.
fn tasks(store: &MemoryStore, key: CaseKey) -> BTreeSet<Task> {
    let work = store.all_work(None, 10_000).unwrap();
    let task = |entry: &verloop::store::WorkEntry| Task {
        step: entry.row.step.clone(),
        item: entry.row.item.clone(),
        role: entry.row.role.clone(),
    };
    work.iter().filter(|entry| entry.case == key).map(task).collect()
}

/// Returns the last day of a clock that runs, and whether it has passed.
fn day(procedure: &Procedure, case: &Case, clock: &Clock) -> Option<(chrono::NaiveDate, bool)> {
    let record = case.clocks.get(clock).filter(|record| record.end.is_none())?;
    let (_, rule) = clock::rule(procedure, clock)?;
    let end = clock::reckon(procedure, case, rule, record, None).ok();
    let last_day = record.lapsed.map(|(_, day)| day).or_else(|| end.map(|end| end.last_day))?;
    Some((last_day, record.lapsed.is_some()))
}

/// Checks a forecast against the case before and after the move, and what the store had and has to be done.
fn check_forecast(
    change: &Change,
    (from, before, had): (&Procedure, &Case, &BTreeSet<Task>),
    (to, after, has): (&Procedure, &Case, &BTreeSet<Task>),
    map: &Mapping,
    where_: &str,
) {
    assert_eq!(&change.after, after, "the case is as it was foretold, {where_}");
    let named = |task: &Task| {
        let step = map.step(&Name::from(task.step.as_str())).to_string();
        let role = map.role(&Name::from(task.role.as_str())).to_string();
        Task { step, role, item: task.item.clone() }
    };
    let had: BTreeSet<Task> = had.iter().map(named).collect();
    let foretold: BTreeSet<Task> = change.gained.iter().cloned().collect();
    assert_eq!(foretold, has.difference(&had).cloned().collect(), "gained, {where_}");
    let foretold: BTreeSet<Task> = change.lost.iter().cloned().collect();
    assert_eq!(foretold, had.difference(has).cloned().collect(), "lost, {where_}");
    // Every clock that ran or runs is told of, if anything of it is another.
    let mut told: Vec<&DeadlineChange> = change.deadlines.iter().collect();
    let mut see = |clock: &Clock,
                   was: Option<(chrono::NaiveDate, bool)>,
                   is: Option<(chrono::NaiveDate, bool)>| {
        let place = told.iter().position(|one| one.clock == *clock);
        let one = place.map(|place| told.remove(place));
        let late = |of: Option<(chrono::NaiveDate, bool)>| of.is_some_and(|of| of.1);
        let same_day = was.map(|was| was.0) == is.map(|is| is.0);
        let (newly_late, rescued) =
            (late(is) && !late(was), late(was) && is.is_some() && !late(is));
        let differs = !same_day || newly_late || rescued;
        let expected = differs.then(|| DeadlineChange {
            clock: clock.clone(),
            before: was.map(|was| was.0),
            after: is.map(|is| is.0),
            newly_late,
            rescued,
        });
        assert_eq!(one, expected.as_ref(), "{clock:?}, {where_}");
    };
    let mut seen = BTreeSet::new();
    for old in before.clocks.keys() {
        let deadline = map.deadline(&old.deadline).unwrap_or_else(|| old.deadline.clone());
        let new = Clock { deadline, item: old.item.clone() };
        if seen.insert(new.clone()) {
            see(&new, day(from, before, old), day(to, after, &new));
        }
    }
    for new in after.clocks.keys().filter(|clock| !seen.contains(*clock)) {
        see(new, None, day(to, after, new));
    }
    assert!(told.is_empty(), "nothing else is told, {where_}: {told:?}");
}

#[test]
fn a_forecast_is_what_moving_does_and_taking_it_back_leaves_all_as_it_was() {
    let wanted = std::env::var("VERLOOP_SEQUENCES").ok().and_then(|wanted| wanted.parse().ok());
    let wanted = wanted.unwrap_or(STORES);
    let (bundles, almanac) = (bundles(), Almanac::shipped());
    let (mut moved, mut changed, mut stuck, mut undone) = (0_u64, 0, 0, 0);
    for seed in 1..=wanted {
        let mut chance = Chance::new(seed);
        let bundle = &bundles[usize::try_from(seed).unwrap() % bundles.len()];
        let Ok(from) = Adopted::new(bundle, &almanac) else { panic!("{}", bundle.path) };
        let (to, by_hand) = next(&mut chance, bundle, &from.procedure);
        let Ok(to) = Adopted::new(&to, &almanac) else { continue };
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(SetClock::at(start()));
        let engine = Engine::new(store.clone(), clock.clone());
        let by = Publisher { person: "beleid".to_owned(), because: Some("anders".to_owned()) };
        let publish = |adopted: &Adopted| {
            let publishing = Publishing {
                adopted,
                file: bundle.path.clone(),
                scenarios: 0,
                activate: true,
                four_eyes: false,
            };
            engine.publish(&publishing, &by)
        };
        let where_ = format!("seed {seed} of {}", bundle.path);
        assert!(publish(&from).is_ok(), "{where_}");
        let keys = lived(&mut chance, &engine, &clock, &from);
        if publish(&to).is_err() {
            continue;
        }
        let moving = Moving {
            to: &to,
            by_hand: by_hand.clone(),
            person: "beleid".to_owned(),
            because: Some("anders".to_owned()),
        };
        let map = to.procedure.transition.map.with(&by_hand);
        for key in keys {
            let where_ = format!("{where_}, case {key}");
            // A forecast takes in what fell due, and keeps nothing.
            let as_stored = found(&store);
            let forecast = engine.forecast(key, &moving).unwrap();
            assert_eq!(found(&store), as_stored, "a forecast keeps nothing, {where_}");
            engine.pass_time(key).unwrap();
            let (before, rows) = (engine.case(key).unwrap(), found(&store));
            let had = tasks(&store, key);
            let again = engine.forecast(key, &moving).unwrap();
            assert_eq!(again.change, forecast.change, "the same when time has passed, {where_}");
            let done = engine.migrate(key, &moving);
            match (forecast.change, done) {
                (Err(foretold), Ok(Err(obstacles))) => {
                    assert_eq!(foretold, obstacles, "{where_}");
                    assert_eq!(found(&store), rows, "what can't move is as it was, {where_}");
                    stuck += 1;
                }
                (Ok(change), Ok(Ok(Some(_)))) => {
                    moved += 1;
                    changed += u64::from(!change.is_nothing());
                    let after = engine.case(key).unwrap();
                    assert_eq!(after.procedure.version, to.procedure.version, "{where_}");
                    let old = (&*before.procedure, &before.case, &had);
                    let has = tasks(&store, key);
                    let new = (&*after.procedure, &after.case, &has);
                    check_forecast(&change, old, new, &map, &where_);
                    assert!(engine.migrate(key, &moving).unwrap().unwrap().is_none(), "{where_}");
                    match engine.undo_migration(key, "beleid", Some("toch niet")) {
                        Ok(_) => {
                            undone += 1;
                            let back = engine.case(key).unwrap();
                            let plain = |case: &Case| Case { revision: 0, ..case.clone() };
                            assert_eq!(plain(&back.case), plain(&before.case), "{where_}");
                            assert_eq!(found(&store), rows, "it is found as it was, {where_}");
                        }
                        Err(EngineError::Refused { .. }) => {}
                        Err(error) => panic!("{error}, {where_}"),
                    }
                }
                (foretold, done) => panic!("foretold {foretold:?}, done {done:?}, {where_}"),
            }
        }
    }
    assert!(moved * 2 > wanted && changed * 4 > moved, "{moved} moved, {changed} changed");
    assert!(stuck > 0 && undone * 4 > moved, "{stuck} can't, {undone} of {moved} came back");
}
