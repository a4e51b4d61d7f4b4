//! A changed procedure while cases are running, from the command line: what it means is shown first, and can be undone.

#![expect(clippy::disallowed_methods, reason = "a test makes its own files")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
    command.current_dir(folder).env_remove("VERLOOP_STORE").env_remove("VERLOOP_OUTPUT");
    command.env("LC_ALL", "C").stdin(Stdio::null()).args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

/// Runs a command that must end so. Returns what it said.
#[track_caller]
fn ends(folder: &Path, code: i32, args: &[&str]) -> String {
    let output = run(folder, args);
    let said = out(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}");
    said
}

fn text(transition: &str, within: &str, step: &str) -> String {
    format!(
        "procedure: klacht\n{transition}jurisdiction: nl\nroles:\n  klager: {{ party: true }}\n  \
         behandelaar: {{ acts-for: [klager] }}\ncase: {{ who: [klager, behandelaar] }}\nsteps:\n  \
         horen: {{ who: behandelaar }}\n  {step}: {{ after: horen, who: behandelaar }}\n  \
         sluiten: {{ after: {step}, ends: klaar }}\ndeadlines:\n  \
         afdoening: {{ starts: received, within: {within}, met-by: {step} }}\n"
    )
}

fn workspace(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("verloop.yaml", &format!("organisation: mensen.yaml\nstore: zaken.redb\n{settings}"));
    write(
        "mensen.yaml",
        "organisation: O\npeople:\n  anna: { name: Anna, roles: [behandelaar] }\n  \
         joost: { name: Joost, roles: [beleid] }\n  ann: { name: Ann, roles: [beleid] }\n",
    );
    write("klacht.yaml", &text("", "6 weeks", "antwoord"));
    folder
}

fn save(folder: &Path, text: &str) {
    std::fs::write(folder.join("klacht.yaml"), text).unwrap();
}

const OPEN: [&str; 6] = ["open", "klacht", "--as", "anna", "--for", "klager"];

#[test]
fn a_change_is_shown_first_then_made_and_taken_back() {
    let folder = workspace("");
    let here = folder.path();
    let opened = ends(here, 0, &OPEN);
    let first = opened.lines().next().unwrap();
    // What does not say what becomes of open cases is refused, and the active text goes on.
    save(here, &text("", "4 weeks", "antwoord"));
    let said = ends(here, 0, &OPEN);
    assert!(said.contains("no-transition"), "{said}");
    let said = ends(here, 0, &["versions", "klacht"]);
    assert!(said.contains("v1") && !said.contains("v2") && said.contains("refused"), "{said}");
    let said = ends(here, 1, &["publish", "klacht", "--because", "korter", "--as", "joost"]);
    assert!(said.contains("pending: old"), "{said}");
    // A step has another name, and the term is shorter.
    let new =
        text("transition: { pending: new, steps: { antwoord: besluit } }\n", "4 weeks", "besluit");
    save(here, &new);
    let said = ends(here, 0, &["diff", "klacht@1"]);
    assert!(said.contains("6 weeks → 4 weeks   (shorter)"), "{said}");
    assert!(said.contains("removed  steps.antwoord"), "{said}");
    let said = ends(here, 0, &["impact", "klacht", "--as", "anna"]);
    assert!(said.contains("2 open cases") && said.contains("afdoening:"), "{said}");
    assert!(said.contains("nothing was written"), "{said}");
    let said = ends(here, 0, &["publish", "klacht", "--because", "korter", "--as", "joost"]);
    assert!(said.contains("klacht v2 is active"), "{said}");
    let before = ends(here, 0, &["show", "0001", "--as", "anna", "-o", "json"]);
    ends(here, 0, &["migrate", "klacht@2", "--plan", "--as", "joost"]);
    assert_eq!(ends(here, 0, &["show", "0001", "--as", "anna", "-o", "json"]), before);
    let args = ["migrate", "klacht@2", "--apply", "--because", "korter", "--as", "joost"];
    assert!(ends(here, 0, &args).contains("2 cases moved"));
    assert!(ends(here, 0, &args).contains("0 cases moved"), "again does nothing");
    let said = ends(here, 0, &["timeline", "0001", "--as", "anna"]);
    assert!(said.contains("goes on under version"), "{said}");
    assert!(said.contains("(6 weeks after"), "what was told before is told as it was: {said}");
    // Somebody acts in the first; only the second comes back.
    ends(here, 0, &["do", first, "horen", "--as", "anna"]);
    let args = ["migrate", "klacht@2", "--undo", "--because", "toch niet", "--as", "joost"];
    let said = ends(here, 1, &args);
    assert!(said.contains("1 cases moved back, 1 left alone"), "{said}");
    let said = ends(here, 0, &["versions", "klacht", "-o", "json"]);
    let versions: serde_json::Value = serde_json::from_str(said.lines().next().unwrap())
        .or_else(|_| serde_json::from_str(&said))
        .unwrap();
    let versions = &versions["procedures"][0]["versions"];
    assert_eq!((&versions[0]["open-cases"], &versions[1]["open-cases"]), (&1.into(), &1.into()));
    // The new name is there, and the old one where the move was taken back.
    assert!(ends(here, 0, &["show", "0001", "--as", "anna"]).contains("besluit"));
    assert!(ends(here, 0, &["show", "0002", "--as", "anna"]).contains("horen"));
}

#[test]
fn an_earlier_text_comes_back_and_a_file_that_is_gone_retires_nothing() {
    let folder = workspace("");
    let here = folder.path();
    ends(here, 0, &OPEN);
    save(here, &text("transition: { pending: old }\n", "4 weeks", "antwoord"));
    ends(here, 0, &OPEN);
    let said = ends(here, 0, &["activate", "klacht@1", "--because", "fout", "--as", "ann"]);
    assert!(said.contains("klacht v1 is active"), "{said}");
    // The file on disk is the one that was taken back: it does not come back by itself.
    ends(here, 0, &OPEN);
    let said = ends(here, 0, &["versions", "klacht"]);
    assert!(said.contains("the same as v2, which is not active"), "{said}");
    std::fs::remove_file(here.join("klacht.yaml")).unwrap();
    ends(here, 0, &OPEN);
    ends(here, 0, &["retire", "klacht@1", "--because", "ingetrokken", "--as", "ann"]);
    let said = ends(here, 3, &OPEN);
    assert!(said.contains("no text of `klacht` is in force"), "{said}");
    let said = ends(here, 4, &["activate", "klacht@9", "--because", "x", "--as", "ann"]);
    assert!(said.contains("klacht@1, klacht@2"), "{said}");
    ends(here, 2, &["activate", "klacht", "--because", "x", "--as", "ann"]);
}

#[test]
fn publishing_may_need_a_role_and_a_second_person() {
    let folder = workspace("activate: manual\nfour-eyes: true\npublishers: [beleid]\n");
    let here = folder.path();
    let said = ends(here, 3, &OPEN);
    assert!(said.contains("verloop publish klacht"), "{said}");
    ends(here, 7, &["publish", "klacht", "--because", "x", "--as", "anna"]);
    ends(here, 2, &["publish", "klacht", "--because", " ", "--as", "joost"]);
    let said = ends(here, 0, &["publish", "klacht", "--because", "nieuw", "--as", "joost"]);
    assert!(said.contains("somebody else than joost"), "{said}");
    ends(here, 3, &OPEN);
    ends(here, 7, &["activate", "klacht@1", "--because", "gezien", "--as", "joost"]);
    ends(here, 0, &["activate", "klacht@1", "--because", "gezien", "--as", "ann"]);
    ends(here, 0, &OPEN);
}

#[test]
fn a_scenario_that_goes_otherwise_keeps_a_text_back() {
    let folder = workspace("");
    let here = folder.path();
    std::fs::create_dir(here.join("scenarios")).unwrap();
    let scenario = "title: Zes weken\nprocedure: ../klacht.yaml\norganisation: ../mensen.yaml\nacts:\n  \
        - { at: 2026-03-02T09:00, by: anna, for: klager, open: {}, expect: { deadlines: { afdoening: 2026-04-13 } } }\n";
    std::fs::write(here.join("scenarios/zes-weken.yaml"), scenario).unwrap();
    ends(here, 0, &OPEN);
    save(here, &text("transition: { pending: old }\n", "4 weeks", "antwoord"));
    let said = ends(here, 0, &OPEN);
    assert!(said.contains("«Zes weken» goes otherwise"), "{said}");
    let said = ends(here, 1, &["publish", "klacht", "--because", "x", "--as", "joost"]);
    assert!(said.contains("verloop test"), "{said}");
    assert!(!ends(here, 0, &["versions", "klacht"]).contains("v2"));
}

#[test]
fn what_was_before_a_move_is_told_by_the_text_of_then() {
    let folder = workspace("");
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    std::fs::create_dir(here.join("brieven")).unwrap();
    let with_letter = |transition: &str, step: &str, template: &str| {
        let whole = text(transition, "6 weeks", step)
            .replace("horen: { who: behandelaar }", "horen: { who: behandelaar, letter: bericht }");
        let letter = format!("bericht: {{ template: brieven/{template}, to: [klager] }}");
        format!("{whole}letters:\n  {letter}\n")
    };
    write("brieven/oud.nl.txt", "Dit is de oude brief.\n");
    write("brieven/nieuw.nl.txt", "Dit is de nieuwe brief.\n");
    save(here, &with_letter("", "antwoord", "oud"));
    let now: chrono::DateTime<chrono::Utc> = std::time::SystemTime::now().into();
    let day = |days: i64| (now - chrono::TimeDelta::days(days)).format("%Y-%m-%d").to_string();
    let (opened_at, heard_at) = (day(3) + "T09:00", day(2) + "T09:00");
    let opened = ends(here, 0, &[&OPEN[..], &["--party", "klager=X", "--at", &opened_at]].concat());
    let case = opened.lines().next().unwrap();
    ends(here, 0, &["do", case, "horen", "--as", "anna", "--at", &heard_at]);
    let new = "transition: { pending: new, steps: { antwoord: besluit } }\n";
    save(here, &with_letter(new, "besluit", "nieuw"));
    ends(here, 0, &["publish", "klacht", "--because", "beter", "--as", "joost"]);
    ends(here, 0, &["migrate", "klacht@2", "--apply", "--because", "beter", "--as", "joost"]);
    assert!(ends(here, 0, &["show", case, "--as", "anna"]).contains("besluit"));
    let then = ends(here, 0, &["show", case, "--as", "anna", "--as-of", &day(1)]);
    assert!(then.contains("antwoord") && !then.contains("besluit"), "{then}");
    let said = ends(here, 0, &["letters", case, "bericht", "--as", "anna"]);
    assert!(said.contains("de oude brief"), "{said}");
}

#[test]
fn a_case_that_another_opens_gets_the_text_in_force_and_not_the_file() {
    let folder = workspace("activate: manual\n");
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    let beroep = |transition: &str, step: &str| {
        format!(
            "procedure: beroep\n{transition}jurisdiction: nl\nroles:\n  behandelaar: {{}}\ncase: {{ who: behandelaar }}\n\
             steps:\n  {step}: {{ who: behandelaar, outcomes: {{ goed: {{}} }} }}\n  sluiten: {{ after: {step}, ends: klaar }}\n"
        )
    };
    write("beroep.yaml", &beroep("", "uitspraak"));
    let opens = "horen: { who: behandelaar, opens: { procedure: beroep } }";
    save(here, &text("", "6 weeks", "antwoord").replace("horen: { who: behandelaar }", opens));
    ends(here, 0, &["publish", "klacht", "--because", "x", "--as", "joost"]);
    let opened = ends(here, 0, &OPEN);
    let case = opened.lines().next().unwrap();
    // Nobody published the text of the other procedure yet.
    ends(here, 3, &["do", case, "horen", "--as", "anna"]);
    ends(here, 0, &["publish", "beroep", "--because", "x", "--as", "joost"]);
    write("beroep.yaml", &beroep("transition: { pending: old }\n", "vonnis"));
    ends(here, 0, &["do", case, "horen", "--as", "anna"]);
    let work = ends(here, 0, &["work", "--all", "--as", "anna"]);
    assert!(work.contains("uitspraak") && !work.contains("vonnis"), "{work}");
}

#[test]
fn what_is_said_of_an_act_is_what_it_did() {
    let folder = workspace("activate: manual\n");
    let here = folder.path();
    let because = ["--because", "x", "--as", "joost"];
    let publish = |more: &[&str]| ends(here, 0, &[&["publish", "klacht"], more, &because].concat());
    assert!(publish(&["--no-activate"]).contains("klacht v1 is on record"));
    let said = publish(&[]);
    assert!(said.contains("klacht v1 is active from now on"), "{said}");
    assert!(publish(&[]).contains("nothing was changed"));
    ends(here, 0, &OPEN);
    save(here, &text("transition: { pending: new }\n", "4 weeks", "antwoord"));
    publish(&[]);
    ends(here, 0, &[&["migrate", "klacht@2", "--apply"], &because[..]].concat());
    let said =
        ends(here, 0, &[&["migrate", "klacht@2", "--undo", "--dry-run"], &because[..]].concat());
    assert!(said.contains("would be moved back"), "{said}");
    let said = ends(here, 0, &["versions", "klacht", "-o", "json"]);
    assert!(said.contains("\"open-cases\": 1") || said.contains("\"open-cases\":1"), "{said}");
}

/// A procedure of a law that changes on 1 July 2025. Decisions from then on can be appealed for eight weeks instead of six;
/// what was `horen` is called `zienswijze`.
fn law(head: &str, changed: bool) -> String {
    let text = "procedure: klacht\njurisdiction: nl\nreference: \"K-{number:03}\"\nroles:\n  \
        klager: { party: true }\n  behandelaar: { acts-for: [klager] }\n  raad: {}\n\
        case: { who: [klager, behandelaar] }\nsteps:\n  \
        horen: { who: behandelaar }\n  \
        besluit: { after: horen, who: behandelaar, decision: true, outcomes: { gegrond: {}, ongegrond: {} } }\n  \
        toetsen: { after: beroep, who: raad, outcomes: { blijft: {}, opnieuw: {} } }\n  \
        sluiten: { after: besluit.final, ends: klaar }\n\
        deadlines:\n  afdoening: { starts: received, within: 6 weeks, met-by: besluit }\n\
        appeals:\n  beroep:\n    against: besluit\n    who: klager\n    within: 6 weeks\n    \
        decided-by: toetsen\n    outcomes: { blijft: { confirms: besluit }, opnieuw: { return-to: besluit, limit: 1 } }\n";
    let text = if changed {
        text.replace("horen", "zienswijze")
            .replace("within: 6 weeks\n", "within: 8 weeks\n")
            .replace("  sluiten:", "  publiceren: { after: besluit, who: behandelaar }\n  sluiten:")
    } else {
        text.to_owned()
    };
    text.replacen('\n', &format!("\n{head}"), 1)
}

/// Opens a case in June 2025, in which somebody was heard.
fn heard(here: &Path) -> String {
    let opened = ends(here, 0, &[&OPEN[..], &["--at", "2025-06-10T09:00"]].concat());
    let case = opened.lines().find(|line| line.starts_with("K-")).unwrap().to_owned();
    ends(here, 0, &["do", &case, "horen", "--as", "anna", "--at", "2025-06-20T09:00"]);
    case
}

const FROM_JULY: &str = "in-force: { from: 2025-07-01, selected-by: decided }\n";

#[test]
fn a_law_that_changes_for_decisions_holds_for_what_is_decided_from_then_on() {
    let folder = workspace("activate: manual\n");
    let here = folder.path();
    let because = ["--because", "Stb. 2025, 100", "--as", "joost"];
    save(here, &law("", false));
    ends(here, 0, &[&["publish", "klacht"][..], &because].concat());
    let [june, july, late, dry] = [(); 4].map(|()| heard(here));
    let moves = "transition: { pending: new, steps: { horen: zienswijze } }\n";
    save(here, &law(&format!("{FROM_JULY}{moves}"), true));
    ends(here, 0, &[&["publish", "klacht"][..], &because].concat());
    let decide = |case: &str, day: &str, more: &[&str]| {
        let args = ["do", case, "besluit", "--outcome", "gegrond", "--as", "anna", "--at", day];
        ends(here, 0, &[&args[..], more].concat())
    };
    // The last day of the old law, and the first of the new one.
    decide(&june, "2025-06-30T16:00", &[]);
    decide(&july, "2025-07-01T09:00", &[]);
    let told = |case: &str| ends(here, 0, &["timeline", case, "--as", "anna"]);
    assert!(!told(&june).contains("goes on under version"), "{}", told(&june));
    let said = told(&july);
    assert!(said.contains("goes on under version"), "{said}");
    assert!(said.contains("in-force: { from: 2025-07-01, selected-by: decided }"), "{said}");
    let moved = said.find("goes on under version").unwrap();
    let decided = said.find("gegrond").unwrap();
    assert!(moved < decided, "it moves first, and then it is decided: {said}");
    let shown = |case: &str| ends(here, 0, &["show", case, "--as", "anna"]);
    assert!(shown(&june).contains("beroep: Mon 11 Aug 2025"), "six weeks: {}", shown(&june));
    assert!(shown(&july).contains("beroep: Tue 26 Aug 2025"), "eight weeks: {}", shown(&july));
    // Nothing of it where it is only tried.
    decide(&dry, "2025-07-02T09:00", &["--dry-run"]);
    assert!(!told(&dry).contains("goes on under version"));
    // What fell due meanwhile is on record: the decision is told late, and the case moves on the day of the decision.
    ends(here, 0, &["tick"]);
    decide(&late, "2025-07-02T09:00", &[]);
    assert!(shown(&late).contains("beroep: Wed 27 Aug 2025"), "{}", shown(&late));
    assert!(!shown(&late).contains("te laat"), "{}", shown(&late));
    let then = ends(here, 0, &["show", &late, "--as", "anna", "--as-of", "2025-07-01"]);
    let text =
        |said: &str| said.lines().nth(1).map(|line| line.split([',']).next().map(str::to_owned));
    assert_eq!(text(&then), text(&shown(&june)), "it ran on the old text the day before");
    assert_ne!(text(&then), text(&shown(&late)));
    let then = ends(here, 0, &["show", &late, "--as", "anna", "--as-of", "2025-07-03"]);
    assert!(then.contains("beroep"), "{then}");
    // What is told late of the time before the move can't be told any more.
    let args = ["do", &july, "horen", "--as", "anna", "--at", "2025-06-19T09:00"];
    assert_ne!(run(here, &args).status.code(), Some(0));
    // A new case can't be decided before July.
    let opened = ends(here, 0, &OPEN);
    let new = opened.lines().find(|line| line.starts_with("K-")).unwrap();
    assert!(ends(here, 0, &["show", new, "--as", "anna"]).contains("zienswijze"));
}

#[test]
fn a_case_that_cannot_follow_the_law_is_not_decided_and_one_that_stays_is() {
    let because = ["--because", "x", "--as", "joost"];
    for (transition, code) in [("pending: new", 3), ("pending: old", 0)] {
        let folder = workspace("activate: manual\n");
        let here = folder.path();
        save(here, &law("", false));
        ends(here, 0, &[&["publish", "klacht"][..], &because].concat());
        let case = heard(here);
        // The step that is to be done has another name now, and the text does not say so.
        let text = law(&format!("{FROM_JULY}transition: {{ {transition} }}\n"), true);
        save(here, &text.replace("besluit", "beslissing"));
        ends(here, 0, &[&["publish", "klacht"][..], &because].concat());
        let before = ends(here, 0, &["show", &case, "--as", "anna"]);
        let at = ["--as", "anna", "--at", "2025-07-03T09:00"];
        let decide = ["do", &case, "besluit", "--outcome", "gegrond"];
        let said = ends(here, code, &[&decide[..], &at].concat());
        if code == 3 {
            assert!(said.contains("another text is in force"), "{said}");
            assert!(
                said.contains("that text has no `besluit`: say under `transition: steps`"),
                "{said}"
            );
            assert_eq!(ends(here, 0, &["show", &case, "--as", "anna"]), before);
        }
        let told = ends(here, 0, &["timeline", &case, "--as", "anna"]);
        assert!(!told.contains("goes on under version"), "{told}");
    }
}

#[test]
fn a_law_that_changes_for_appeals_holds_for_what_is_filed_from_then_on() {
    let folder = workspace("activate: manual\n");
    let here = folder.path();
    let because = ["--because", "x", "--as", "joost"];
    save(here, &law("", false));
    ends(here, 0, &[&["publish", "klacht"][..], &because].concat());
    let [before, after] = [(); 2].map(|()| heard(here));
    let decide = ["besluit", "--outcome", "gegrond", "--as", "anna", "--at", "2025-06-23T09:00"];
    for case in [&before, &after] {
        ends(here, 0, &[&["do", case][..], &decide].concat());
    }
    let head = "in-force: { from: 2025-07-01, selected-by: appealed }\n\
                transition: { pending: new, steps: { horen: zienswijze } }\n";
    save(here, &law(head, true));
    ends(here, 0, &[&["publish", "klacht"][..], &because].concat());
    let appeal = |case: &str, day: &str| {
        ends(here, 0, &["appeal", case, "beroep", "--as", "anna", "--for", "klager", "--at", day]);
        ends(here, 0, &["timeline", case, "--as", "anna"])
    };
    assert!(!appeal(&before, "2025-06-30T09:00").contains("goes on under version"));
    assert!(appeal(&after, "2025-07-01T09:00").contains("goes on under version"));
}

#[test]
fn days_on_which_no_law_would_hold_are_found_when_it_is_published() {
    let folder = workspace("activate: manual\n");
    let here = folder.path();
    let because = ["--because", "x", "--as", "joost"];
    let publish = |code: i32| ends(here, code, &[&["publish", "klacht"][..], &because].concat());
    let old = "in-force: { from: 2025-01-01, until: 2025-06-30, selected-by: decided }\n";
    save(here, &law(old, false));
    publish(0);
    let moves = "transition: { pending: new, steps: { horen: zienswijze } }\n";
    for (days, says) in [
        (
            "{ from: 2025-08-01, selected-by: decided }",
            "from 2025-07-01 until 2025-07-31 no version is in force",
        ),
        ("{ from: 2025-06-01, selected-by: decided }", "from 2025-06-01 version 1 is in force too"),
        (
            "{ from: 2025-07-01 }",
            "no version is in force for what was received before 2025-07-01 and is decided after 2025-06-30",
        ),
    ] {
        save(here, &law(&format!("in-force: {days}\n{moves}"), true));
        let said = publish(1);
        assert!(said.contains(says), "{said}");
    }
    save(here, &law(&format!("{FROM_JULY}{moves}"), true));
    publish(0);
}
