//! The binary as people and scripts meet it: streams, exit codes, mistakes.

#![expect(clippy::disallowed_methods, reason = "runs the binary on files of its own")]

use serde_json::Value;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use verloop::store::redb::{RedbStore, Settings};

/// A workspace with the shipped procedure, in a folder of its own.
fn workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path();
    std::fs::create_dir(to.join("formulieren")).unwrap();
    for file in [
        "verloop.yaml",
        "organisatie.yaml",
        "klachtenprocedure.yaml",
        "formulieren/gespreksverslag.schema.json",
    ] {
        std::fs::copy(Path::new("procedures").join(file), to.join(file)).unwrap();
    }
    folder
}

fn verloop(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
    command.current_dir(folder).env_remove("VERLOOP_STORE").env_remove("VERLOOP_OUTPUT");
    command.env("LC_ALL", "C").env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command.stdin(Stdio::null());
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    verloop(folder).args(args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const OPEN: [&str; 12] = [
    "open",
    "klachtenprocedure",
    "--as",
    "balie",
    "--for",
    "klager",
    "--channel",
    "telefoon",
    "--set",
    "onderwerp=Bejegening",
    "--set",
    "omschrijving=Weggestuurd zonder uitleg",
];

#[test]
fn a_case_goes_its_way_from_the_command_line() {
    let folder = workspace();
    let at = folder.path();
    let opened = run(at, &OPEN);
    assert_eq!(code(&opened), 0, "{}", err(&opened));
    let case = out(&opened).lines().next().unwrap().to_owned();
    assert!(case.starts_with("K-"), "{case}");
    let by = ["--as", "klachten-1"];
    for (args, expected) in [
        (&["show", "0001"][..], 0),
        (&["do", &case, "antwoord", "--as", "klachten-1"], 3),
        (&["do", &case, "ontvangstbevestiging", "--as", "balie"], 3),
        (&["do", &case, "ontvangstbevestiging", "--as", "jan"], 7),
        (&["do", &case, "ontvangstbevestigin", "--as", "klachten-1"], 4),
        (&["do", "K-1999-0001", "ontvangstbevestiging", "--as", "klachten-1"], 4),
        (&["do", &case, "ontvangstbevestiging", "--as", "klachten-1", "--seen", "1"], 5),
        (&["assign", &case, "klachten-2", "--as", "klachten-1"], 0),
        (&["do", &case, "ontvangstbevestiging", "--as", "klachten-1"], 3),
        (&["assign", &case, "--as", "klachten-1"], 0),
        (&["do", &case, "ontvangstbevestiging", "--as", "klachten-1", "--dry-run"], 0),
        (&["do", &case, "ontvangstbevestiging", "--as", "klachten-1", "--id", "een"], 0),
        (&["do", &case, "ontvangstbevestiging", "--as", "klachten-1", "--id", "een"], 0),
        (&["extend", &case, "afdoening", "--as", "klachten-1"], 3),
        (&["extend", &case, "afdoening", "--as", "klachten-1", "--because", "Ziekte"], 0),
        (&["extend", &case, "afdoening", "--as", "klachten-1", "--because", "Nog eens"], 3),
        (&["pause", &case, "--as", "klachten-1", "--because", "Wacht"], 3),
        (&["resume", &case, "--as", "klachten-1"], 3),
        (&["appeal", &case, "--as", "klager", "--set", "gronden=Niet eens"], 3),
        (&["why", &case, "afdoening"], 0),
        (&["why", &case, "antwoord"], 0),
        (&["why", &case, "antword"], 4),
        (&["work", "--as", "klachten-1"], 0),
        (&["tick"], 0),
        (&["status"], 0),
        (&["timeline", &case], 0),
        (&["withdraw", &case, "--as", "klachten-1", "--for", "klager", "--because", "Excuses"], 0),
        (&["do", &case, "ontvankelijkheid", "--as", "klachten-1"], 3),
    ] {
        let output = run(at, args);
        assert_eq!(code(&output), expected, "{args:?}\n{}{}", out(&output), err(&output));
        assert!(!err(&output).contains("panicked"), "{}", err(&output));
    }
    let document: Value =
        serde_json::from_str(&out(&run(at, &["show", "0001", "-o", "json"]))).unwrap();
    assert_eq!(document["schema"], "verloop.case/1");
    assert_eq!(document["status"]["ended-as"], "ingetrokken");
    let refused =
        verloop(at).args(["do", &case, "antwoord", "-o", "json"]).args(by).output().unwrap();
    let document: Value = serde_json::from_slice(&refused.stderr).unwrap();
    assert_eq!(document["error"]["code"], "case-not-open");
    assert_eq!(document["error"]["exit"], 3);
}

#[test]
fn a_refusal_says_what_why_and_what_to_try() {
    let folder = workspace();
    run(folder.path(), &OPEN);
    let case = format!("K-{}", &out(&run(folder.path(), &["show", "0001"]))[2..11]);
    let refused =
        run(folder.path(), &["do", &case, "antwoord", "--as", "klachten-1", "--lang", "en"]);
    let said = err(&refused);
    assert!(out(&refused).is_empty(), "facts are for what happened");
    for part in [
        "`antwoord` is not possible",
        "why ",
        "klachtenprocedure.yaml:",
        "Awb 9:12",
        "now ",
        "try ",
        "ontvangstbevestiging",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn the_person_complained_of_cannot_handle_the_complaint() {
    let folder = workspace();
    let mut args = OPEN.to_vec();
    args.extend(["--party", "klager=Mevrouw De Boer", "--party", "beklaagde=hoofd"]);
    let opened = run(folder.path(), &args);
    let case = out(&opened).lines().next().unwrap().to_owned();
    let refused = run(folder.path(), &["do", &case, "ontvangstbevestiging", "--as", "hoofd"]);
    assert_eq!(code(&refused), 3);
    assert!(err(&refused).contains("Awb 9:7"), "{}", err(&refused));
}

#[test]
fn a_store_that_is_not_ours_is_refused_with_a_sentence() {
    let folder = workspace();
    let at = folder.path();
    let missing = run(at, &["work", "--all"]);
    assert_eq!(code(&missing), 6, "{}", err(&missing));
    for content in [&b"this is no store"[..], &b""[..], &[0_u8; 8192][..]] {
        std::fs::write(at.join("zaken.redb"), content).unwrap();
        for args in [&["work", "--all"][..], &["show", "1"], &["tick"], &OPEN] {
            let output = run(at, args);
            assert_eq!(code(&output), 6, "{args:?} {}", err(&output));
            assert!(err(&output).starts_with("error: "), "{}", err(&output));
        }
        assert_eq!(std::fs::read(at.join("zaken.redb")).unwrap(), content, "nothing was written");
    }
}

#[test]
fn a_store_in_use_can_be_read_and_names_who_holds_it() {
    let folder = workspace();
    let at = folder.path();
    run(at, &OPEN);
    let held = RedbStore::open(at.join("zaken.redb"), Settings::default()).unwrap();
    let shown = run(at, &["show", "0001"]);
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    let refused = run(at, &["tick"]);
    assert_eq!(code(&refused), 6);
    if cfg!(target_os = "linux") {
        let pid = std::process::id().to_string();
        assert!(err(&refused).contains(&pid), "{}", err(&refused));
    }
    drop(held);
    assert_eq!(code(&run(at, &["tick"])), 0);
}

#[test]
fn a_bad_procedure_is_never_opened_and_nothing_is_stored() {
    let folder = workspace();
    let at = folder.path();
    let path = at.join("klachtenprocedure.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("within: 6 weeks", "within: 6 wekn")).unwrap();
    let refused = run(at, &OPEN);
    assert_eq!(code(&refused), 1, "{}", err(&refused));
    assert!(err(&refused).contains("wekn"));
    let status = run(at, &["status"]);
    assert_eq!(code(&status), 1);
    let checked = run(at, &["check"]);
    assert_eq!(code(&checked), 1);
    assert!(out(&checked).contains("error[not-a-term]"), "{}", out(&checked));
}

#[test]
fn a_running_case_outlives_its_file() {
    let folder = workspace();
    let at = folder.path();
    run(at, &OPEN);
    std::fs::remove_file(at.join("klachtenprocedure.yaml")).unwrap();
    std::fs::remove_dir_all(at.join("formulieren")).unwrap();
    let shown = run(at, &["show", "0001"]);
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    let case = format!("K-{}", &out(&shown)[2..11]);
    let done = run(at, &["do", &case, "ontvangstbevestiging", "--as", "klachten-1"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
}

#[test]
fn the_shipped_procedures_have_no_findings() {
    let checked = run(Path::new("."), &["check", "procedures", "examples", "--deny-warnings"]);
    assert_eq!(code(&checked), 0, "{}{}", out(&checked), err(&checked));
}

#[test]
fn a_scenario_that_goes_otherwise_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string("examples/ingetrokken.yaml").unwrap();
    let procedures = std::fs::canonicalize("procedures").unwrap();
    let text = text.replace("../procedures", &procedures.display().to_string());
    let text = text.replace("refused: not-your-role", "refused: apart");
    let path = folder.path().join("anders.yaml");
    std::fs::write(&path, text).unwrap();
    let played = run(Path::new("."), &["run", &path.display().to_string()]);
    assert_eq!(code(&played), 1, "{}", err(&played));
    assert!(
        out(&played).contains("FAIL") && out(&played).contains("not-your-role"),
        "{}",
        out(&played)
    );
    let other = run(Path::new("."), &["run", "procedures/klachtenprocedure.yaml"]);
    assert_eq!(code(&other), 1);
    assert_eq!(
        err(&other).matches("error[").count(),
        1,
        "one mistake, one finding: {}",
        err(&other)
    );
    let absent = run(Path::new("."), &["run", "examples/niets.yaml"]);
    assert_eq!(code(&absent), 4);
}

#[test]
fn texts_give_a_terminal_no_orders() {
    let folder = workspace();
    let evil = "onderwerp=Hallo \u{9b}2J\u{202e}";
    let mut args = OPEN.to_vec();
    args[9] = evil;
    let refused = run(folder.path(), &args);
    let said = out(&refused) + err(&refused).as_str();
    assert!(!said.contains('\u{9b}') && !said.contains('\u{202e}'), "{said:?}");
    args[9] = "onderwerp=Bejegening";
    let party = "klager=\u{1b}]52;c;aGk=\u{7}";
    args.extend(["--party", party]);
    let opened = run(folder.path(), &args);
    let said = out(&opened) + err(&opened).as_str();
    assert!(!said.contains('\u{1b}') && !said.contains('\u{7}'), "{said:?}");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = verloop(Path::new("."))
        .args(["run", "examples/op-tijd-beantwoord.yaml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0_u8; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn wrong_command_lines_end_with_2() {
    for args in
        [&["chek"][..], &["show"], &["check", "-o", "csv"], &["deadline", "--starts"], &["open"]]
    {
        let output = run(Path::new("."), args);
        assert_eq!(code(&output), 2, "{args:?} {}", err(&output));
    }
    assert!(err(&run(Path::new("."), &["chek"])).contains("check"));
}

#[test]
fn the_calculator_answers_each_line() {
    let mut child = verloop(Path::new("."))
        .arg("deadline")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines = [
        r#"{"id":1,"starts":"2023-04-14","time-zone":"Europe/Amsterdam","deadline":{"within":"6 weeks","jurisdiction":"nl"}}"#,
        r#"{"id":2,"starts":"2026-04-01","time-zone":"Europe/Amsterdam","deadline":{"within":"6 weeks","jurisdiction":"nl"},"paused":[{"from":"2026-04-02","to":"2026-04-13"}],"extended":["4 weeks"]}"#,
        "{ not json",
        r#"{"id":4,"starts":"2026-04-01","deadline":{"within":"0 days"}}"#,
    ];
    for line in lines {
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let answers: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["last-day"], "2023-05-26");
    assert_eq!(answers[1]["last-day"], "2026-06-22");
    assert!(answers[2]["error"]["message"].is_string());
    assert_eq!(answers[3]["id"], 4);
    assert!(answers[3]["error"]["help"].is_string());
}
