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
