//! What is told late gives the case that it would have given, told in time.

use super::*;
use verloop::case::{Addressee, decide_late, may_see, told};

/// Sequences in a normal run; `VERLOOP_SEQUENCES` asks for more or fewer.
const LATE: u64 = 1_000;

/// Plays commands, each told in time. Returns the history up to `until`; nothing if one is refused.
fn played(procedure: &Procedure, commands: &[Command], until: Instant) -> Option<Vec<Event>> {
    let mut case = Case::default();
    let mut history = Vec::new();
    for command in commands {
        if case.opening.is_some() {
            history.extend(pass_time(procedure, &case, command.now).expect("time passes"));
            case = Case::replay(&history);
        }
        history.extend(decide(procedure, &case, command).ok()?);
        case = Case::replay(&history);
    }
    history.extend(pass_time(procedure, &case, until).expect("time passes"));
    Some(history)
}

/// Returns the commands of a sequence that are accepted, each told when it happened, and the end.
fn accepted(procedure: &Procedure, seed: u64) -> (Vec<Command>, Instant) {
    let mut chance = Chance::new(seed);
    let mut now = start();
    let mut case = Case::default();
    let mut commands = Vec::new();
    for _ in 0..COMMANDS {
        let command = if case.opening.is_none() {
            opening(&mut chance, procedure, now)
        } else {
            let passed = pass_time(procedure, &case, now).expect("time passes");
            case = passed.iter().fold(case, Case::apply);
            let command = command(&mut chance, procedure, &case, now);
            Command { at: now, seen: None, ..command }
        };
        if let Ok(events) = decide(procedure, &case, &command) {
            case = events.iter().fold(case, Case::apply);
            commands.push(command);
        }
        now = advance(&mut chance, now);
    }
    (commands, now)
}

/// Whether a command says all of what it does: as much as the rule allows, and all that stand still, depend on the case.
fn says_it_all(command: &Command) -> bool {
    match &command.act {
        Act::Extend(extend) => extend.by.is_some(),
        Act::Pause { deadline, .. } | Act::Resume { deadline } => deadline.is_some(),
        Act::Send(_) | Act::Party(PartyAct::Add(_)) => false,
        _ => true,
    }
}

/// Returns a history apart from when it was written down, and from what letters say: one that went out went out.
fn as_told(history: &[Event]) -> Vec<Event> {
    let plain = |event: &Event| {
        let mut event = Event { revision: 0, recorded_at: event.at, ..event.clone() };
        if let Fact::LetterSent { addressees, written_after, .. }
        | Fact::LetterMade { addressees, written_after, .. } = &mut event.fact
        {
            *written_after = None;
            without_content(addressees);
        }
        event
    };
    history.iter().map(plain).collect()
}

fn without_content(addressees: &mut Vec<Addressee>) {
    for to in addressees {
        *to = Addressee { copy: to.copy, ..Addressee::new(to.role.clone(), to.person.clone()) };
    }
}

fn without_record(history: &[Event]) -> Case {
    let mut case = Case { revision: 0, ..Case::replay(history) };
    for letter in case.letters.iter_mut().chain(&mut case.to_send) {
        without_content(&mut letter.addressees);
    }
    case
}

#[test]
fn a_late_act_gives_the_case_that_it_would_have_given_in_time() {
    let wanted = std::env::var("VERLOOP_SEQUENCES").ok().and_then(|wanted| wanted.parse().ok());
    let procedures = procedures();
    let (mut taken, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    for seed in 1..=wanted.unwrap_or(LATE) {
        let procedure = &procedures[usize::try_from(seed).unwrap() % procedures.len()];
        let (commands, end) = accepted(procedure, seed);
        let mut chance = Chance::new(seed);
        if commands.len() < 3 {
            continue;
        }
        let place = 1 + chance.below(commands.len() - 2);
        let late = commands[place].clone();
        let others: Vec<Command> = commands
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place)
            .map(|(_, command)| command.clone())
            .collect();
        let told_in_time = played(procedure, &commands, end).expect("these are accepted");
        let Some(mut history) = played(procedure, &others, end) else { continue };
        let before = history.clone();
        let late = Command { now: end, ..late };
        if matches!(late.act, Act::Note { .. } | Act::Look)
            || commands[place..].iter().any(|command| !says_it_all(command))
            || Case::replay(&history).latest <= Some(late.at)
        {
            continue;
        }
        let where_ = format!("seed {seed} of {}: {:?}", procedure.name, late.act);
        if !may_see(procedure, &Case::replay(&history), Some(&late.actor.person)) {
            continue;
        }
        let decided = decide_late(procedure, &history, &late);
        assert_eq!(decided, decide_late(procedure, &before, &late), "the same again, {where_}");
        match decided {
            Err(refusal) => refused.push(format!("{}: {where_}: {refusal:?}", refusal.code())),
            Ok(events) => {
                taken += 1;
                let live = events.iter().fold(Case::replay(&history), Case::apply);
                history.extend(events);
                let written = serde_json::to_string(&history).unwrap();
                let read: Vec<Event> = serde_json::from_str(&written).unwrap();
                assert_eq!(Case::replay(&read), live, "replay gives the same, {where_}");
                let now = told(&history);
                let (one, other) = (as_told(&now), as_told(&told_in_time));
                let differs = one.iter().zip(&other).find(|(one, other)| one != other);
                let same_state = without_record(&history) == without_record(&told_in_time);
                if differs.is_some() || one.len() != other.len() || !same_state {
                    wrong.push(format!("{where_}: {differs:?}"));
                    continue;
                }
                // A letter that went out need not be what would be made of the case as it is told now.
                if now.iter().any(|event| LetterRecord::of_event(event).is_some()) {
                    continue;
                }
                let mut counted = now;
                for (place, event) in counted.iter_mut().enumerate() {
                    event.revision = place as u64 + 1;
                }
                check(procedure, &Case::replay(&counted), &counted, end);
            }
        }
    }
    assert!(taken * 60 > wanted.unwrap_or(LATE), "many acts are told late: {taken}");
    assert!(wrong.is_empty(), "{taken} taken; wrong {}: {}", wrong.len(), wrong.join("\n"));
    assert!(refused.is_empty(), "{taken} taken; refused {}: {}", refused.len(), refused.join("\n"));
}
