//! `verloop` alone: what it is, how to begin, and all verbs by who uses them.

use super::args;
use super::console::Console;
use super::{Answer, Exit};
use std::fmt::Write;

/// What a newcomer tries first: a verb, the command, and what it does.
const FIRST: &[(&str, &str, &str)] = &[
    ("check", "verloop check", "check your procedures"),
    ("run", "verloop run SCENARIO.yaml", "play a scripted case"),
    ("test", "verloop test", "play all that stand beside your procedures"),
    ("work", "verloop work", "what do I have to do, most urgent first"),
    ("why", "verloop why K-2026-0017 antwoord", "why this date"),
    ("deadline", "verloop deadline --help", "the last day of a term, explained"),
];

/// The verbs by who uses them, in the order in which they are used.
const GROUPS: &[(&str, &[&str])] = &[
    ("WRITE", &["check", "run", "test", "explain", "deadline", "calendar"]),
    (
        "HANDLE",
        &[
            "open",
            "work",
            "show",
            "do",
            "claim",
            "release",
            "assign",
            "extend",
            "revoke",
            "pause",
            "resume",
            "correct",
            "withdraw",
            "appeal",
            "reopen",
            "party",
            "relate",
            "join",
            "split",
            "transfer",
            "attach",
            "documents",
            "document",
            "send",
            "letters",
            "timeline",
            "why",
        ],
    ),
    ("CHANGE", &["diff", "impact", "publish", "versions", "migrate", "activate", "retire"]),
    ("OPERATE", &["serve", "tick", "status", "completions"]),
];

/// Prints the overview, of the verbs that there are.
pub(super) fn run(console: &mut Console) -> Answer {
    let command = args::command();
    let there_is = |verb: &str| command.find_subcommand(verb).is_some();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let mut text = format!("verloop {} — {}\n\n", env!("CARGO_PKG_VERSION"), lower(&about));
    for (_, example, says) in FIRST.iter().filter(|(verb, ..)| there_is(verb)) {
        let _ = writeln!(text, "  {example:<35}  {says}");
    }
    text.push('\n');
    for (group, verbs) in GROUPS {
        let verbs: Vec<&str> = verbs.iter().copied().filter(|verb| there_is(verb)).collect();
        if !verbs.is_empty() {
            let _ = writeln!(text, "{group:<8}  {}", verbs.join(" "));
        }
    }
    text.push_str("\n`verloop VERB --help` shows examples.\n");
    console.fact(&text)?;
    Ok(Exit::Done)
}

fn lower(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_lowercase().chain(characters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{FIRST, GROUPS, args};

    #[test]
    fn every_verb_has_one_place_in_the_overview() {
        let listed: Vec<&str> =
            GROUPS.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
        for verb in args::command().get_subcommands() {
            let places = listed.iter().filter(|listed| **listed == verb.get_name()).count();
            assert_eq!(places, 1, "{}", verb.get_name());
        }
        assert!(FIRST.iter().all(|(verb, ..)| listed.contains(verb)));
    }
}
