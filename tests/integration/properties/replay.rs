//! A case that is played again on its own text goes as it went.

use super::*;
use verloop::case::{Replay, decide_late, replay};

/// Sequences in a normal run; `VERLOOP_SEQUENCES` asks for more or fewer.
const REPLAYS: u64 = 2_000;
/// Commands in one sequence.
const COMMANDS: usize = 30;

/// Plays a random case, in which some things are told after others that came later. Returns its history, and the end.
fn lived(procedure: &Procedure, seed: u64) -> (Vec<Event>, Instant, usize) {
    let mut chance = Chance::new(seed);
    let (mut now, mut case, mut history) = (start(), Case::default(), Vec::new());
    let mut late = 0;
    for _ in 0..=chance.below(COMMANDS) {
        let command = if case.opening.is_none() {
            opening(&mut chance, procedure, now)
        } else {
            let passed = pass_time(procedure, &case, now).expect("time passes");
            case = passed.iter().fold(case, Case::apply);
            history.extend(passed);
            Command { seen: None, ..command(&mut chance, procedure, &case, now) }
        };
        let decided = decide(procedure, &case, &command).or_else(|refusal| {
            if refusal.code() != "before-what-happened" {
                return Err(refusal);
            }
            let told = decide_late(procedure, &history, &command);
            late += usize::from(told.is_ok());
            told
        });
        if let Ok(events) = decided {
            case = events.iter().fold(case, Case::apply);
            history.extend(events);
        }
        now = advance(&mut chance, now);
    }
    if case.opening.is_some() {
        history.extend(pass_time(procedure, &case, now).expect("time passes"));
    }
    (history, now, late)
}

/// Returns a case without what is only of the record: what letters say, and who was warned or reminded before it was told
/// that no more was to be done.
fn without_record(case: &Case) -> Case {
    let mut case = Case { revision: 0, ..case.clone() };
    let earlier = case.earlier_clocks.iter_mut().map(|(_, record)| record);
    for record in case.clocks.values_mut().chain(earlier) {
        record.warned.clear();
        record.reminded = 0;
    }
    for letter in case.letters.iter_mut().chain(&mut case.to_send) {
        letter.addressees.iter_mut().for_each(|to| to.files.clear());
    }
    case
}

#[test]
fn a_case_goes_as_it_went_on_its_own_text() {
    let wanted = std::env::var("VERLOOP_SEQUENCES").ok().and_then(|wanted| wanted.parse().ok());
    let wanted = wanted.unwrap_or(REPLAYS);
    let procedures = procedures();
    let (mut played, mut ended, mut late) = (0, 0, 0);
    let mut wrong = Vec::new();
    for seed in 1..=wanted {
        let procedure = &procedures[usize::try_from(seed).unwrap() % procedures.len()];
        let (history, now, told_late) = lived(procedure, seed);
        let before = Case::replay(&history);
        if before.opening.is_none() {
            continue;
        }
        let viewer = Person::nobody();
        let again = Replay { from: procedure, to: procedure, viewer: &viewer, until: now };
        let where_ = format!("seed {seed} of {}", procedure.name);
        match replay(&again, &history) {
            Ok(replayed) => {
                let (one, other) = (without_record(&before), without_record(&replayed.after));
                if !replayed.is_same() || !replayed.dates.is_empty() {
                    wrong.push(format!("{where_}: {:?}", replayed.differences));
                } else if one != other {
                    let (one, other) = (json!(one), json!(other));
                    let differs = |key: &&String| one.get(*key) != other.get(*key);
                    let keys: Vec<&String> =
                        one.as_object().unwrap().keys().filter(differs).collect();
                    let first = keys.first().map(|key| key.as_str()).unwrap_or_default();
                    wrong.push(format!("{where_}: {keys:?}: {} / {}", one[first], other[first]));
                }
            }
            Err(why) => wrong.push(format!("{where_}: {why:?}")),
        }
        played += 1;
        late += told_late;
        ended += usize::from(!before.is_open());
    }
    assert!(played * 3 > wanted && ended * 20 > usize::try_from(wanted).unwrap());
    assert!(late > 0, "some is told late");
    let first: Vec<&String> = wrong.iter().take(25).collect();
    assert!(
        wrong.is_empty(),
        "{played} played, {ended} ended, {late} told late; {} wrong: {first:#?}",
        wrong.len()
    );
}
