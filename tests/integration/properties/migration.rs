//! A case that moves to another text loses nothing, and comes back as it was.

use super::*;
use verloop::case::{ActedBy, Move, Obstacle, migrate, undo_migration};
use verloop::procedure::Mapping;

/// Sequences in a normal run; `VERLOOP_SEQUENCES` asks for more or fewer.
const MOVES: u64 = 600;

/// Returns the texts of all procedures, each with its path.
pub(super) fn bundles() -> Vec<Bundle> {
    let folders = ["procedures", "tests/procedures"].map(Path::new);
    let mut paths: Vec<_> =
        folders.into_iter().flat_map(|folder| layout::texts_in(folder).unwrap()).collect();
    paths.retain(|path| layout::has_key(&std::fs::read(path).unwrap(), "steps"));
    paths.sort();
    paths
        .iter()
        .map(|path| Bundle::read(path).unwrap_or_else(|_| panic!("{}", path.display())))
        .collect()
}

/// Returns the text with other terms, one step renamed, and what becomes of cases under way.
fn changed(chance: &mut Chance, bundle: &Bundle, procedure: &Procedure) -> Bundle {
    let mut lines: Vec<String> = Vec::new();
    let mut in_transition = false;
    for line in bundle.text.lines() {
        if line.starts_with("transition:") {
            in_transition = true;
            continue;
        }
        if in_transition && (line.starts_with(' ') || line.starts_with('#')) {
            continue;
        }
        in_transition = false;
        lines.push(with_other_terms(chance, line));
    }
    let mut text = lines.join("\n") + "\n";
    let mut transition = "transition: { pending: new }\n".to_owned();
    let step = &procedure.steps[chance.below(procedure.steps.len())].name;
    if chance.one_in(2) {
        let new = format!("{step}-nieuw");
        text = renamed(&text, step.as_str(), &new);
        transition = format!("transition: {{ pending: new, steps: {{ {step}: {new} }} }}\n");
    }
    Bundle { text: transition + text.as_str(), ..bundle.clone() }
}

pub(super) fn with_other_terms(chance: &mut Chance, line: &str) -> String {
    let Some(place) = line.find("within: ") else { return line.to_owned() };
    let start = place + "within: ".len();
    let digits: String = line[start..].chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return line.to_owned();
    }
    let amount = 1 + chance.below(20);
    format!("{}{amount}{}", &line[..start], &line[start + digits.len()..])
}

/// Returns a text in which a whole word is another one.
pub(super) fn renamed(text: &str, old: &str, new: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let in_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '/';
    while let Some(place) = rest.find(old) {
        let (before, after) = (&rest[..place], &rest[place + old.len()..]);
        let whole =
            !before.ends_with(in_word) && !after.starts_with(in_word) && !after.starts_with(".nl");
        out.push_str(before);
        out.push_str(if whole { new } else { old });
        rest = after;
    }
    out + rest
}

fn mover() -> ActedBy {
    ActedBy {
        person: PersonId::staff("beleid"),
        role: None,
        unit: None,
        in_place_of: None,
        entered_by: None,
        account: None,
    }
}

/// Plays a random case, up to some moment.
fn history_of(procedure: &Procedure, seed: u64) -> (Vec<Event>, Instant) {
    let mut chance = Chance::new(seed);
    let (mut now, mut case, mut history) = (start(), Case::default(), Vec::new());
    for _ in 0..=chance.below(30) {
        let command = if case.opening.is_none() {
            opening(&mut chance, procedure, now)
        } else {
            let passed = pass_time(procedure, &case, now).expect("time passes");
            case = passed.iter().fold(case, Case::apply);
            history.extend(passed);
            let command = command(&mut chance, procedure, &case, now);
            Command { at: now, seen: None, ..command }
        };
        if let Ok(events) = decide(procedure, &case, &command) {
            case = events.iter().fold(case, Case::apply);
            history.extend(events);
        }
        now = advance(&mut chance, now);
    }
    if case.opening.is_some() {
        history.extend(pass_time(procedure, &case, now).expect("time passes"));
    }
    (history, now)
}

#[test]
fn a_case_that_moves_loses_nothing_and_comes_back_as_it_was() {
    let wanted = std::env::var("VERLOOP_SEQUENCES").ok().and_then(|wanted| wanted.parse().ok());
    let wanted = wanted.unwrap_or(MOVES);
    let bundles = bundles();
    let almanac = Almanac::shipped();
    let (mut moved, mut undone, mut stuck) = (0, 0, 0);
    for seed in 1..=wanted {
        let mut chance = Chance::new(seed);
        let bundle = &bundles[usize::try_from(seed).unwrap() % bundles.len()];
        let Ok(from) = bundle.compile(&almanac) else { panic!("{}", bundle.path) };
        let from = from.procedure;
        let Ok(to) = changed(&mut chance, bundle, &from).compile(&almanac) else { continue };
        let to = to.procedure;
        let (mut history, now) = history_of(&from, seed);
        let before = Case::replay(&history);
        if before.opening.is_none() {
            continue;
        }
        let (by, by_hand) = (mover(), Mapping::default());
        let moving =
            Move { from: &from, to: &to, by_hand: &by_hand, by: Some(&by), reason: None, now };
        let where_ = format!("seed {seed} of {}", bundle.path);
        let events = match migrate(&moving, &before) {
            Ok(events) => events,
            Err(obstacles) => {
                assert!(!before.is_open() || obstacles != [Obstacle::Ended], "{where_}");
                stuck += 1;
                continue;
            }
        };
        moved += 1;
        assert_eq!(Ok(&events), migrate(&moving, &before).as_ref(), "the same again, {where_}");
        let after = events.iter().fold(before.clone(), Case::apply);
        let map = &to.transition.map;
        for (clock, record) in &before.clocks {
            let now = map.deadline(&clock.deadline).expect("none is dropped");
            let now = verloop::case::Clock { deadline: now, item: clock.item.clone() };
            let kept = after.clocks.get(&now).unwrap_or_else(|| panic!("{clock:?}, {where_}"));
            if kept.started_at != record.started_at {
                continue;
            }
            let enough = kept.pauses.len() >= record.pauses.len();
            assert!(enough, "no standstill is lost, {where_}: {clock:?}");
            assert_eq!(kept.extensions, record.extensions, "no lengthening is lost, {where_}");
            assert!(kept.warned.starts_with(&record.warned), "what was warned stays, {where_}");
            if let Some(end) = &record.end {
                assert_eq!(kept.end.as_ref(), Some(end), "what is over stays so, {where_}");
            }
        }
        for event in &events {
            if let Fact::DeadlineWarned { clock, before: term, .. } = &event.fact {
                let earlier = before.clocks.get(clock).is_some_and(|c| c.warned.contains(term));
                assert!(!earlier, "nothing is warned of twice, {where_}");
            }
        }
        history.extend(events);
        let written = serde_json::to_string(&history).unwrap();
        let read: Vec<Event> = serde_json::from_str(&written).unwrap();
        assert_eq!(Case::replay(&read), after, "replay gives the same, {where_}");
        if let Ok(event) = undo_migration(&history, &by, Some("toch niet"), now) {
            undone += 1;
            let back = after.clone().apply(&event);
            let plain = |case: &Case| Case { revision: 0, ..case.clone() };
            assert_eq!(plain(&back), plain(&before), "it is as it was, {where_}");
            history.push(event);
            assert_eq!(Case::replay(&history), back, "{where_}");
            history.pop();
            let again = undo_migration(&history, &by, None, now);
            assert!(again.is_ok(), "{where_}");
        }
        // It goes on under the new text.
        let (mut now, mut case) = (now, after);
        for _ in 0..10 {
            now = advance(&mut chance, now);
            let passed = pass_time(&to, &case, now).expect("time passes");
            case = passed.iter().fold(case, Case::apply);
            let command = command(&mut chance, &to, &case, now);
            let command = Command { at: now, seen: None, ..command };
            if let Ok(events) = decide(&to, &case, &command) {
                case = events.iter().fold(case, Case::apply);
            }
        }
    }
    assert!(moved * 4 > wanted, "many cases move: {moved}, {stuck} do not");
    assert!(undone * 10 > moved, "many moves are taken back: {undone} of {moved}");
}
