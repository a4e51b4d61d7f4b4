//! `verloop test --replay`: the cases of a year on a draft, and what would have been different, as a lawyer reads it.

#![expect(clippy::disallowed_methods, reason = "a test makes its own files")]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The procedure as it is.
const KLACHT: &str = r#"procedure: klacht
title: Klacht over een medewerker
jurisdiction: nl
reference: "K-{year}-{number:03}"
roles:
  klager: { title: Klager, party: true }
  behandelaar: { title: Behandelaar, acts-for: [klager] }
  directeur: { title: Directeur }
case: { who: [klager, behandelaar], correct: behandelaar }
steps:
  bevestigen: { title: Ontvangst bevestigen, who: behandelaar }
  horen: { title: Horen, after: bevestigen, who: behandelaar }
  besluit: { title: Beslissen, after: horen, who: [behandelaar, directeur], decision: true, outcomes: { gegrond: {}, ongegrond: {} } }
  sluiten: { after: besluit, ends: afgedaan }
deadlines:
  afdoening:
    title: Afdoening
    starts: received
    within: 6 weeks
    met-by: besluit
    extend: { by: 4 weeks, who: behandelaar }
"#;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
    command.current_dir(folder).env_remove("VERLOOP_STORE").env_remove("VERLOOP_OUTPUT");
    command.env("LC_ALL", "C").stdin(Stdio::null()).args(args).output().unwrap()
}

#[track_caller]
fn done(folder: &Path, args: &[&str]) -> String {
    let output = run(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A workspace with the cases of the spring of 2025.
fn spring() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let write = |name: &str, text: &str| std::fs::write(at.join(name), text).unwrap();
    write("verloop.yaml", "organisation: mensen.yaml\nstore: zaken.redb\n");
    write(
        "mensen.yaml",
        "organisation: Gemeente\npeople:\n  anna: { name: Anna Bakker, roles: [behandelaar] }\n  \
         dirk: { name: Dirk de Boer, roles: [directeur] }\n",
    );
    write("klacht.yaml", KLACHT);
    std::fs::create_dir(at.join("ontwerp")).unwrap();
    let open = |who: &str, day: &str| {
        let party = format!("klager={who}");
        let args = ["open", "klacht", "--as", "anna", "--for", "klager", "--party", &party];
        done(at, &[&args[..], &["--at", day]].concat());
    };
    let act = |case: &str, what: &[&str], by: &str, day: &str| {
        done(at, &[&["do", case], what, &["--as", by, "--at", day]].concat());
    };
    // Decided by the handler, in nine days.
    open("Mevrouw Vos", "2025-03-03T10:00");
    act("K-2025-001", &["bevestigen"], "anna", "2025-03-05T10:00");
    act("K-2025-001", &["horen"], "anna", "2025-03-10T10:00");
    act("K-2025-001", &["besluit", "--outcome", "gegrond"], "anna", "2025-03-12T10:00");
    // Decided by the director after five weeks.
    open("De heer Kok", "2025-03-04T10:00");
    act("K-2025-002", &["bevestigen"], "anna", "2025-03-05T10:00");
    act("K-2025-002", &["horen"], "anna", "2025-03-20T10:00");
    act("K-2025-002", &["besluit", "--outcome", "ongegrond"], "dirk", "2025-04-08T10:00");
    // Decided by the director a week too late; the hearing was told afterwards, and the date of receipt was wrong.
    open("Mevrouw Smit", "2025-05-06T10:00");
    act("K-2025-003", &["bevestigen"], "anna", "2025-05-07T10:00");
    let correct =
        ["correct", "K-2025-003", "--received", "2025-05-05T10:00", "--because", "stempel"];
    done(at, &[&correct[..], &["--as", "anna", "--at", "2025-05-09T10:00"]].concat());
    act("K-2025-003", &["horen"], "anna", "2025-05-08T10:00");
    act("K-2025-003", &["besluit", "--outcome", "ongegrond"], "dirk", "2025-06-24T10:00");
    // Lengthened, and then in time.
    open("De heer Mol", "2025-05-12T10:00");
    act("K-2025-004", &["bevestigen"], "anna", "2025-05-13T10:00");
    act("K-2025-004", &["horen"], "anna", "2025-05-14T10:00");
    let extend = ["extend", "K-2025-004", "afdoening", "--because", "vakantie", "--as", "anna"];
    done(at, &[&extend[..], &["--at", "2025-06-10T10:00"]].concat());
    act("K-2025-004", &["besluit", "--outcome", "gegrond"], "dirk", "2025-07-08T10:00");
    // Still running.
    open("Mevrouw Blom", "2025-06-02T10:00");
    folder
}

/// Returns what a replay on a draft says: the text with each of `changes` made, which must fit.
fn on(folder: &Path, changes: &[(&str, &str)]) -> String {
    let draft = changes.iter().fold(KLACHT.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    std::fs::write(folder.join("ontwerp/klacht.yaml"), draft).unwrap();
    done(folder, &["test", "--replay", "2025-01-01", "ontwerp/klacht.yaml"])
}

#[test]
fn a_year_is_played_again_on_a_draft() {
    let folder = spring();
    let at = folder.path();
    let store = std::fs::read(at.join("zaken.redb")).unwrap();
    let not = "horen, not: [steps.horen], who: [behandelaar, directeur], decision";
    let mut told = Vec::new();
    for (what, changes) in [
        ("the same text", &[][..]),
        ("four weeks instead of six", &[("6 weeks", "4 weeks")]),
        ("eight weeks instead of six", &[("6 weeks", "8 weeks")]),
        ("only the director decides", &[("who: [behandelaar, directeur]", "who: directeur")]),
        ("who heard does not decide", &[("horen, who: [behandelaar, directeur], decision", not)]),
        (
            "nothing is lengthened any more",
            &[("    extend: { by: 4 weeks, who: behandelaar }\n", "")],
        ),
        (
            "other names, with what they were",
            &[
                ("horen", "gesprek"),
                ("{ gegrond", "{ terecht"),
                (
                    "jurisdiction",
                    "transition: { pending: old, steps: { horen: gesprek }, outcomes: { besluit.gegrond: terecht } }\njurisdiction",
                ),
            ],
        ),
        ("other names, and nobody says what they were", &[("horen", "gesprek")]),
        (
            "a lawyer is asked first",
            &[(
                "  besluit: { title: Beslissen, after: horen",
                "  advies: { title: Juridisch advies, after: horen, who: directeur }\n  besluit: { title: Beslissen, after: advies",
            )],
        ),
        (
            "the decision is looked at again before the end",
            &[
                ("after: besluit, ends", "after: toets, ends"),
                (
                    "  sluiten",
                    "  toets: { title: Toetsen, after: besluit, who: directeur }\n  sluiten",
                ),
            ],
        ),
        ("it ends by another name", &[("ends: afgedaan", "ends: gesloten")]),
    ] {
        told.push(format!("== {what}\n{}", on(at, changes)));
    }
    insta::assert_snapshot!("a_year_on_a_draft", told.join("\n"));
    assert_eq!(std::fs::read(at.join("zaken.redb")).unwrap(), store, "nothing is written");
}

#[test]
fn differences_are_no_failure_unless_that_is_asked() {
    let folder = spring();
    let at = folder.path();
    std::fs::write(at.join("ontwerp/kort.yaml"), KLACHT.replace("6 weeks", "4 weeks")).unwrap();
    let from = ["test", "--replay", "2025-01-01"];
    let draft = [&from[..], &["ontwerp/kort.yaml"]].concat();
    assert_eq!(run(at, &draft).status.code(), Some(0));
    assert_eq!(run(at, &[&draft[..], &["--exit-code"]].concat()).status.code(), Some(1));
    let own = [&from[..], &["klacht.yaml", "--exit-code"]].concat();
    assert_eq!(run(at, &own).status.code(), Some(0));
    // All procedures of the workspace, and a text named without a day.
    let said = done(at, &from);
    assert!(said.starts_with("4 finished cases replayed on klacht.yaml (v1)"), "{said}");
    let said = done(at, &["test", "--replay", "klacht.yaml"]);
    assert!(said.contains("0 finished cases replayed"), "they ended long ago: {said}");
    // A draft with errors, a file that is not there, flags of the scenarios, and a form that it does not have.
    std::fs::write(at.join("ontwerp/fout.yaml"), KLACHT.replace("after: horen", "after: hoor"))
        .unwrap();
    assert_eq!(run(at, &[&from[..], &["ontwerp/fout.yaml"]].concat()).status.code(), Some(1));
    assert_eq!(run(at, &[&from[..], &["ontwerp/weg.yaml"]].concat()).status.code(), Some(4));
    assert_eq!(run(at, &[&from[..], &["--coverage"]].concat()).status.code(), Some(2));
    assert_eq!(run(at, &[&from[..], &["-o", "junit"]].concat()).status.code(), Some(2));
    assert_eq!(run(at, &["test", "--exit-code"]).status.code(), Some(2));
    // For programs.
    let said = done(at, &[&draft[..], &["-o", "json"]].concat());
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let one = &said["replays"][0];
    assert_eq!((&one["same"], &one["different"][0]["case"]), (&2.into(), &"K-2025-002".into()));
    assert_eq!(one["different"][0]["differences"][0]["what"], "late");
    let said = done(at, &[&draft[..], &["-o", "plain"]].concat());
    assert!(said.lines().any(|line| line.starts_with("K-2025-002  ")), "{said}");
}

#[test]
fn what_may_not_be_seen_is_counted_and_whoever_is_hidden_is_not_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = std::fs::read_to_string("tests/procedures/melding.yaml").unwrap();
    std::fs::write(at.join("melding.yaml"), &text).unwrap();
    std::fs::copy("tests/scenarios/mensen.yaml", at.join("mensen.yaml")).unwrap();
    std::fs::write(at.join("verloop.yaml"), "organisation: mensen.yaml\nstore: cases.redb\n")
        .unwrap();
    let open =
        ["open", "melding", "--as", "confidant", "--for", "melder", "--at", "2025-03-03T10:00"];
    let parties = ["--confidential", "--party", "melder=Marker Jansen"];
    done(at, &[&open[..], &parties].concat());
    let act = |what: &[&str], by: &str, day: &str| {
        done(at, &[&["do", "M-2025-001"], what, &["--as", by, "--at", day]].concat());
    };
    act(&["acknowledge"], "confidant", "2025-03-04T10:00");
    act(&["complete", "--for", "melder"], "confidant", "2025-03-05T10:00");
    act(&["investigate"], "investigator", "2025-03-06T10:00");
    let draft =
        text.replace("after: acknowledge, who: melder", "after: acknowledge, who: confidant");
    std::fs::create_dir(at.join("draft")).unwrap();
    std::fs::write(at.join("draft/melding.yaml"), draft).unwrap();
    let replay = ["test", "--replay", "2025-01-01", "draft/melding.yaml", "--as"];
    let said = done(at, &[&replay[..], &["board"]].concat());
    assert!(said.contains("1  that you may not see") && !said.contains("M-2025"), "{said}");
    for form in ["human", "json"] {
        let said = done(at, &[&replay[..], &["confidant", "-o", form]].concat());
        assert!(said.contains("M-2025-001") && said.contains("Complete"), "{said}");
        let said = done(at, &[&replay[..], &["investigator", "-o", form]].concat());
        assert!(said.contains("M-2025-001") && !said.contains("Marker"), "{said}");
    }
    let looks = done(at, &["timeline", "M-2025-001", "--as", "confidant"]);
    assert_eq!(looks.lines().filter(|line| line.contains("Looked")).count(), 1, "{looks}");
}
