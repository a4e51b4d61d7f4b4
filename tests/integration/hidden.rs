//! What must not be seen is not there: whoever may not see a case gets, byte for byte, the answers of a world without it.
//!
//! Two workspaces are alike, but for one confidential case that only the first has. Every verb is asked the same in
//! both, by people who may not see that case. And who sees the case, but not who filed it, finds no trace of that.

#![expect(clippy::disallowed_methods, reason = "runs the binary on files of its own")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use verloop::engine::{Clock as _, SystemClock};

/// The number of the case that only one world has.
const HIDDEN: &str = "M-2026-002";
/// What identifies the person who filed it.
const MARKER: &str = "PII-7f3a";

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
    command.current_dir(folder).env_remove("VERLOOP_STORE").env_remove("VERLOOP_OUTPUT");
    command.env_remove("VERLOOP_CODE").env("LC_ALL", "C").stdin(Stdio::null());
    command.args(args).output().unwrap()
}

fn done(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A workspace with one open case, and a confidential one if it is the `whole` world.
fn world(whole: bool) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let procedure = std::fs::read_to_string("tests/procedures/melding.yaml").unwrap();
    // Numbers are those of one year, whenever this is run.
    let procedure = procedure.replace("M-{year}-", "M-2026-");
    std::fs::write(at.join("melding.yaml"), procedure).unwrap();
    std::fs::copy("tests/scenarios/mensen.yaml", at.join("mensen.yaml")).unwrap();
    std::fs::write(at.join("verloop.yaml"), "organisation: mensen.yaml\nstore: cases.redb\n")
        .unwrap();
    std::fs::write(at.join("paper.txt"), "a paper").unwrap();
    done(at, &["open", "melding", "--as", "confidant", "--party", "melder=Ann"]);
    if whole {
        let name = format!("melder={MARKER} Jansen");
        let open = ["open", "melding", "--as", "confidant", "--for", "melder", "--confidential"];
        let parties = ["--party", &name, "--party", "accused=foi", "--set", "subject=Invoices"];
        let opened = done(at, &[&open[..], &parties[..]].concat());
        assert!(opened.starts_with(HIDDEN), "{opened}");
        let address = format!("{MARKER} Street 1");
        let change = ["party", HIDDEN, "change", "melder", "--address", &address];
        done(at, &[&change[..], &["--as", "confidant"]].concat());
        let paper = format!("{MARKER}.txt");
        std::fs::write(at.join(&paper), "a paper").unwrap();
        done(at, &["attach", HIDDEN, &paper, "--as", "confidant", "--for", "melder"]);
    }
    folder
}

/// Every verb that is about a case, with all that it takes.
fn asked_of(case: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["show", case],
        vec!["show", case, "--as-of", "2020-01-01"],
        vec!["show", case, "--as-known", "2020-01-01"],
        vec!["timeline", case],
        vec!["timeline", case, "--as-of", "2020-01-01"],
        vec!["why", case],
        vec!["why", case, "seven-days"],
        vec!["why", case, "acknowledge"],
        vec!["why", case, "nothing-of-that-name"],
        vec!["attach", case, "paper.txt"],
        vec!["attach", case, "nothing-of-that-name"],
        vec!["documents", case],
        vec!["documents", case, "--check"],
        vec!["document", case, "1"],
        vec!["document", case, "nothing-of-that-name", "-O", "-"],
        vec!["do", case, "acknowledge", "--attach", "paper.txt"],
        vec!["letters", case],
        vec!["letters", case, "nothing-of-that-name"],
        vec!["send", case, "receipt"],
        vec!["do", case, "acknowledge"],
        vec!["do", case, "complete", "--for", "melder"],
        vec!["do", case, "nothing-of-that-name"],
        vec!["do", case, "acknowledge", "--seen", "1"],
        vec!["do", case, "acknowledge", "--dry-run"],
        vec!["do", case, "acknowledge", "--id", "one"],
        vec!["do", case, "acknowledge", "--at", "2020-01-01"],
        vec!["assign", case],
        vec!["claim", case, "acknowledge"],
        vec!["release", case, "acknowledge"],
        vec!["assign", case, "confidant", "--step", "acknowledge"],
        vec!["assign", case, "--nobody", "--step", "acknowledge"],
        vec!["extend", case, "seven-days", "--because", "x"],
        vec!["revoke", case, "seven-days", "--because", "x"],
        vec!["correct", case, "--received", "2026-01-01", "--because", "x"],
        vec!["pause", case, "--because", "x"],
        vec!["resume", case],
        vec!["withdraw", case],
        vec!["withdraw", case, "nothing-of-that-name"],
        vec!["appeal", case],
        vec!["relate", case, "M-2026-001", "--because", "x"],
        vec!["relate", "M-2026-001", case, "--because", "x"],
        vec!["join", case, "M-2026-001", "--because", "x"],
        vec!["join", "M-2026-001", case, "--because", "x"],
        vec!["split", case, "--because", "x"],
        vec!["split", case, "--party", "melder", "--set", "subject=x", "--because", "x"],
        vec!["transfer", case, "Elsewhere", "--because", "x"],
        vec!["reopen", case, "--ground", "x", "--because", "x"],
        vec!["party", case, "add", "melder", "Eve"],
        vec!["party", case, "leave", "melder"],
        vec!["party", case, "change", "melder", "--language", "nl"],
        vec!["party", case, "refuse", "raadsman", "--because", "x"],
    ]
}

/// Verbs that are about no case that is there, or about all of them.
const OF_NO_CASE: [&str; 19] = [
    "serve",
    "check",
    "explain",
    "run",
    "open",
    "work",
    "tick",
    "status",
    "deadline",
    "calendar",
    "completions",
    "test",
    "publish",
    "versions",
    "activate",
    "retire",
    "impact",
    "diff",
    "migrate",
];

fn answer(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = run(folder, args);
    let own = folder.display().to_string();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&own, "HERE");
    (output.status.code(), without_times(&text(&output.stdout)), text(&output.stderr))
}

/// Leaves out since when a text is active: two folders are filled one after the other.
fn without_times(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" UTC by ") {
        plain.push_str(&before[..before.len().saturating_sub(19)]);
        rest = after;
    }
    plain + rest
}

#[test]
fn a_case_that_may_not_be_seen_answers_like_one_that_is_not_there() {
    let (whole, without) = (world(true), world(false));
    let confidant = ["show", HIDDEN, "-o", "json", "--as", "confidant"];
    done(whole.path(), &confidant);
    let before = done(whole.path(), &confidant);
    // Somebody without a role here, somebody with one that may not see it, the person concerned, the party role, somebody
    // whom nobody knows, nobody in particular, and a code that was never given.
    let viewers: [&[&str]; 7] = [
        &["--as", "secretaris"],
        &["--as", "board"],
        &["--as", "foi"],
        &["--as", "raadsman"],
        &["--as", "jan"],
        &[],
        &["--code", "AAAAA-BBBBB-CCCCC-DDDDD"],
    ];
    let mut asked = 0;
    for viewer in viewers {
        for case in [HIDDEN, "002", "2"] {
            for args in asked_of(case) {
                for form in [&[][..], &["-o", "json"]] {
                    // Every verb in both forms under the whole number; short ones read.
                    if case != HIDDEN && !["show", "timeline", "why", "letters"].contains(&args[0])
                    {
                        continue;
                    }
                    let args: Vec<&str> = [&args[..], form, viewer].concat();
                    let (there, not_there) =
                        (answer(whole.path(), &args), answer(without.path(), &args));
                    assert_eq!(there, not_there, "{args:?}");
                    assert_ne!(there.0, Some(0), "{args:?}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 400, "{asked}");
    assert_eq!(done(whole.path(), &confidant), before, "and nothing has happened in it");
}

#[test]
fn lists_counts_and_near_numbers_say_nothing_of_it() {
    let (whole, without) = (world(true), world(false));
    for viewer in [&["--as", "board"][..], &["--as", "foi"], &["--as", "secretaris"], &[]] {
        for args in [
            &["work"][..],
            &["work", "--all"],
            &["work", "--role", "confidant"],
            &["work", "--all", "-o", "json"],
            &["work", "--all", "-o", "csv"],
            &["work", "--all", "-o", "jsonl"],
            &["status"],
            &["status", "-o", "json"],
            &["tick"],
            &["tick", "-o", "json"],
            &["show", "M-2026-00"],
            &["show", "-2026-002"],
            &["show", "01"],
        ] {
            let args: Vec<&str> = [args, viewer].concat();
            let (there, not_there) = (answer(whole.path(), &args), answer(without.path(), &args));
            assert_eq!(there, not_there, "{args:?}");
        }
    }
    assert!(done(whole.path(), &["work", "--all", "--as", "confidant"]).contains(HIDDEN));
}

#[test]
fn every_verb_about_a_case_is_asked_here() {
    let help = done(Path::new("."), &["--help"]);
    let verbs = help.split("Verbs:").nth(1).unwrap().split("\n\n").next().unwrap();
    let verbs = verbs.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next());
    let verbs: Vec<&str> = verbs.filter(|verb| !verb.starts_with('-') && *verb != "help").collect();
    assert!(verbs.len() > 15, "{verbs:?}");
    let asked: Vec<&str> = asked_of("").iter().map(|args| args[0]).collect();
    for verb in verbs {
        assert!(asked.contains(&verb) || OF_NO_CASE.contains(&verb), "{verb} is asked nowhere");
    }
}

#[test]
fn whose_report_it_is_stays_hidden_from_who_handles_it() {
    let folder = world(true);
    let at = folder.path();
    done(
        at,
        &[
            "do",
            HIDDEN,
            "acknowledge",
            "--note",
            &format!("{MARKER} Jansen rang"),
            "--as",
            "confidant",
        ],
    );
    done(at, &["do", HIDDEN, "complete", "--as", "confidant", "--for", "melder"]);
    let now = SystemClock.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    for args in [
        &["show", HIDDEN][..],
        &["show", HIDDEN, "-o", "json"],
        &["show", HIDDEN, "-o", "json", "--as-of", &now],
        &["show", HIDDEN, "-o", "json", "--as-known", &now],
        &["timeline", HIDDEN, "--as-of", &now],
        &["timeline", HIDDEN],
        &["timeline", HIDDEN, "-o", "json"],
        &["timeline", HIDDEN, "-o", "jsonl"],
        &["documents", HIDDEN],
        &["documents", HIDDEN, "-o", "plain"],
        &["documents", HIDDEN, "-o", "json"],
        &["document", HIDDEN, "document-1"],
        &["document", HIDDEN, "1", "-O", "-"],
        &["why", HIDDEN, "complete", "-o", "json"],
        &["work", "--all", "-o", "json"],
        &["do", HIDDEN, "investigate", "-o", "json", "--dry-run"],
        &["do", HIDDEN, "investigate"],
    ] {
        let output = run(at, &[args, &["--as", "investigator"][..]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!said.contains(MARKER) && !said.contains("Jansen"), "{args:?}\n{said}");
        let says_which = !["timeline", "why", "documents", "document"].contains(&args[0]);
        assert!(said.contains(HIDDEN) || !says_which, "{said}");
    }
    assert_eq!(std::fs::read_to_string(at.join("document-1")).unwrap(), "a paper");
    let record = done(at, &["timeline", HIDDEN, "--as", "confidant"]);
    assert!(record.contains(MARKER), "{record}");
    let looks = record.lines().filter(|line| line.contains("Looked into by Investigator"));
    assert_eq!(looks.count(), 1, "looks within the hour are one: {record}");
}

#[test]
fn a_case_that_is_told_anew_hides_what_it_hid() {
    let folder = world(false);
    let at = folder.path();
    let name = format!("melder={MARKER} Jansen");
    let open = ["open", "melding", "--as", "confidant", "--for", "melder", "--confidential"];
    let parties = ["--party", &name, "--party", "accused=foi", "--at", "2026-01-05T10:00"];
    let opened = done(at, &[&open[..], &parties[..]].concat());
    assert!(opened.starts_with(HIDDEN), "{opened}");
    let act = |step: &str, day: &str, who: &[&str]| {
        done(at, &[&["do", HIDDEN, step, "--at", day][..], who].concat())
    };
    let note = format!("{MARKER} Jansen rang");
    act("acknowledge", "2026-01-07T10:00", &["--as", "confidant", "--note", &note]);
    act("investigate", "2026-01-12T10:00", &["--as", "investigator"]);
    // This came before the investigation, and is told after it.
    let told = ["--as", "confidant", "--for", "melder", "--note", &note];
    act("complete", "2026-01-08T10:00", &told);
    let record = done(at, &["timeline", HIDDEN, "-o", "json", "--as", "confidant"]);
    assert!(record.contains("\"retold\"") && record.contains(MARKER), "{record}");
    for args in [
        &["show", HIDDEN][..],
        &["show", HIDDEN, "-o", "json"],
        &["show", HIDDEN, "-o", "json", "--as-of", "2026-01-09"],
        &["timeline", HIDDEN],
        &["timeline", HIDDEN, "-o", "json"],
        &["timeline", HIDDEN, "-o", "jsonl"],
        &["timeline", HIDDEN, "--as-of", "2026-01-09"],
        &["why", HIDDEN, "complete", "-o", "json"],
        &["letters", HIDDEN, "-o", "json"],
    ] {
        let output = run(at, &[args, &["--as", "investigator"][..]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!said.contains(MARKER) && !said.contains("Jansen"), "{args:?}\n{said}");
        // Who may not see the case does not learn of it either.
        let output = run(at, &[args, &["--as", "board"][..]].concat());
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!output.status.success() && !said.contains(MARKER), "{args:?}\n{said}");
    }
}

#[test]
fn who_does_not_say_who_he_is_comes_back_with_a_code() {
    let folder = world(false);
    let at = folder.path();
    let opened = done(at, &["open", "melding", "--as", "melder", "--anonymous", "--confidential"]);
    let code = opened.lines().find_map(|line| line.strip_prefix("code ")).unwrap().to_owned();
    assert_eq!(code.len(), 23, "{code}");
    done(at, &["do", HIDDEN, "acknowledge", "--as", "confidant"]);
    for (args, expected) in [
        (&["show", HIDDEN, "--code", &code][..], 0),
        (&["do", HIDDEN, "complete", "--code", &code.to_lowercase()], 0),
        (&["show", HIDDEN, "--as", "melder"], 7),
        (&["show", HIDDEN, "--code", "AAAAA-AAAAA-AAAAA-AAAAA"], 4),
        (&["show", "M-2026-001", "--code", &code], 4),
        (&["open", "melding", "--as", "confidant", "--anonymous"], 2),
        (&["open", "melding", "--as", "melder", "--anonymous", "--party", "melder=Ann"], 3),
    ] {
        let output = run(at, args);
        assert_eq!(output.status.code(), Some(expected), "{args:?}");
    }
    let record = done(at, &["timeline", HIDDEN, "-o", "json", "--as", "confidant"]);
    let account = whoami::username().unwrap_or_default();
    let by_melder: Vec<serde_json::Value> = serde_json::from_str::<serde_json::Value>(&record)
        .unwrap()["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["by"]["person"] == "melder#1")
        .cloned()
        .collect();
    assert!(by_melder.len() >= 3, "opened, looked, completed: {record}");
    for event in by_melder {
        assert!(event["by"]["account"].is_null(), "{account} stands in {event}");
        assert!(!event.to_string().contains("hash"), "{event}");
    }
    let store = std::fs::read(at.join("cases.redb")).unwrap();
    let plain = code.replace('-', "");
    for text in [code.as_bytes(), plain.as_bytes()] {
        assert!(
            !store.windows(text.len()).any(|window| window == text),
            "the code is kept nowhere"
        );
    }
}
