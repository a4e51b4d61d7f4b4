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
    for file in ["verloop.yaml", "organisatie.yaml"] {
        std::fs::copy(Path::new("procedures").join(file), to.join(file)).unwrap();
    }
    let seed = Path::new("procedures/klachtenprocedure");
    std::fs::copy(seed.join("klachtenprocedure.yaml"), to.join("klachtenprocedure.yaml")).unwrap();
    for inner in ["formulieren", "brieven"] {
        std::fs::create_dir(to.join(inner)).unwrap();
        for file in std::fs::read_dir(seed.join(inner)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(inner).join(file.file_name())).unwrap();
        }
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
fn documents_come_in_are_listed_and_given_out_from_the_command_line() {
    let folder = workspace();
    let at = folder.path();
    let settings = std::fs::read_to_string(at.join("verloop.yaml")).unwrap();
    let bounds =
        "documents: { folder: stukken, largest: 1 kB, most: 5, types: [text/*, image/png] }";
    std::fs::write(at.join("verloop.yaml"), format!("{settings}{bounds}\n")).unwrap();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice();
    let large = vec![b'a'; 1_001];
    for (name, bytes) in [
        ("klacht.txt", &b"Geachte heer"[..]),
        ("foto\u{202e}fdp.pdf", png),
        ("volmacht.txt", b"Ik machtig mr. Smit."),
        ("groot.txt", &large),
        ("brief.pdf", b"%PDF-1.7 brief"),
    ] {
        std::fs::write(at.join(name), bytes).unwrap();
    }
    std::fs::create_dir(at.join("map")).unwrap();
    let opened = run(at, &[&OPEN[..], &["--attach", "klacht.txt"]].concat());
    assert_eq!(code(&opened), 0, "{}", err(&opened));
    let case = out(&opened).lines().next().unwrap().to_owned();
    let by = ["--as", "klachten-1"];
    let photo = "foto\u{202e}fdp.pdf";
    let attached = run(at, &[&["attach", &case, photo, "--title", "De balie"][..], &by].concat());
    assert_eq!(code(&attached), 0, "{}", err(&attached));
    assert!(err(&attached).contains("is naar zijn inhoud image/png, niet application/pdf"));
    assert!(!err(&attached).contains('\u{202e}') && !out(&attached).contains('\u{202e}'));
    for (args, expected, says) in [
        (&["attach", &case, "groot.txt"][..], 3, "document-too-large"),
        (&["attach", &case, "brief.pdf"], 3, "type-not-taken"),
        (&["attach", &case, "map"], 2, "not-a-file"),
        (&["attach", &case, ""], 2, "a value is required"),
        (&["attach", &case, "nergens.txt"], 4, "no-such-file"),
        (&["attach", &case, "klacht.txt", "volmacht.txt", "--title", "x"], 2, "title-of-several"),
        (&["do", &case, "ontvangstbevestiging", "--attach", "groot.txt"], 3, "document-too-large"),
        (&["do", &case, "ontvangstbevestiging", "--attach", "volmacht.txt"], 0, ""),
        (&["attach", &case, "klacht.txt", "klacht.txt", "klacht.txt"], 3, "too-many-documents"),
        (&["attach", &case, "klacht.txt", "--dry-run"], 0, ""),
        (&["document", &case, "nergens.txt"], 4, "no-such-document"),
        (&["document", &case, "klacht.txt"], 2, "file-exists"),
        (&["document", &case, "1", "-O", "kopie.txt"], 0, ""),
        (&["document", &case, "fotofdp.pdf"], 0, ""),
        (&["documents", &case, "--check"], 0, ""),
    ] {
        let output = run(at, &[args, &by[..], &["-o", "json"]].concat());
        assert_eq!(code(&output), expected, "{args:?}\n{}", err(&output));
        assert!(err(&output).contains(says), "{args:?}\n{}", err(&output));
    }
    assert_eq!(std::fs::read(at.join("kopie.txt")).unwrap(), b"Geachte heer");
    assert_eq!(std::fs::read(at.join("fotofdp.pdf")).unwrap(), png);
    let given = run(at, &[&["document", &case, "2", "-O", "-"][..], &by].concat());
    assert_eq!(given.stdout, png, "the bytes as they are, and nothing else");
    let listed = out(&run(at, &[&["documents", &case, "-o", "plain"][..], &by].concat()));
    let digest = |bytes: &[u8]| verloop::case::digest_of(bytes)[..12].to_owned();
    let first = format!("1; klacht.txt; text/plain; 12 bytes; {}; ", digest(b"Geachte heer"));
    let second = format!("2; fotofdp.pdf; De balie; image/png; 16 bytes; {}; ", digest(png));
    assert!(listed.contains(&first) && listed.contains(&second), "{listed}");
    assert!(listed.lines().next().unwrap().ends_with("; de opening"), "{listed}");
    assert!(listed.contains("Ontvangst bevestigen"), "with which act it came: {listed}");
    assert_eq!(listed.lines().count(), 3, "{listed}");
    let sha256 = verloop::case::digest_of(b"Geachte heer");
    let kept = at.join("stukken").join(&sha256[..2]).join(&sha256[2..]);
    std::fs::write(&kept, "Geachte meer").unwrap();
    for (args, expected, says) in [
        (&["document", &case, "1", "-O", "weer.txt"][..], 6, "document-damaged"),
        (&["document", &case, &sha256[..8], "-O", "-"], 6, "document-damaged"),
        (&["documents", &case, "--check"], 1, ""),
    ] {
        let output = run(at, &[args, &by[..], &["-o", "json"]].concat());
        assert_eq!(code(&output), expected, "{args:?}\n{}", err(&output));
        assert!(err(&output).contains(says), "{args:?}\n{}", err(&output));
    }
    assert!(!at.join("weer.txt").exists(), "nothing is left of what is damaged");
    std::fs::remove_file(&kept).unwrap();
    let missing = run(at, &[&["document", &case, "1", "-O", "weer.txt"][..], &by].concat());
    assert_eq!(code(&missing), 6);
    assert!(err(&missing).contains("is missing from"), "{}", err(&missing));
}

#[test]
fn a_file_that_proves_something_becomes_a_document_of_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::create_dir(at.join("brieven")).unwrap();
    for entry in std::fs::read_dir("tests/procedures/brieven").unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, at.join("brieven").join(path.file_name().unwrap())).unwrap();
    }
    for name in ["klacht-met-brieven.yaml", "melding.yaml"] {
        std::fs::copy(Path::new("tests/procedures").join(name), at.join(name)).unwrap();
    }
    std::fs::copy("tests/scenarios/mensen.yaml", at.join("mensen.yaml")).unwrap();
    std::fs::write(at.join("verloop.yaml"), "organisation: mensen.yaml\nstore: cases.redb\n")
        .unwrap();
    std::fs::write(at.join("bewijs.txt"), "aangetekend verzonden").unwrap();
    let sha256 = verloop::case::digest_of(b"aangetekend verzonden");
    let done = |args: &[&str]| {
        let output = run(at, args);
        assert_eq!(code(&output), 0, "{args:?}\n{}{}", out(&output), err(&output));
        out(&output)
    };
    let by = ["--as", "behandelaar"];
    let klager = ["--for", "klager", "--party", "klager=Anna", "--set", "onderwerp=Te laat"];
    let opened = done(&[&["open", "klacht-met-brieven"][..], &klager, &by].concat());
    let case = opened.lines().next().unwrap();
    done(&[&["do", case, "ontvangstbevestiging"][..], &by].concat());
    let answer = ["do", case, "antwoord", "--outcome", "gegrond", "--set", "bevindingen=Ja"];
    done(&[&answer[..], &["--set", "maatregelen=Excuses"], &by].concat());
    done(&["send", case, "afdoening", "--proof-file", "bewijs.txt", "--as", "post"]);
    let opened = done(&["open", "melding", "--as", "confidant", "--party", "melder=Ann"]);
    let report = opened.lines().next().unwrap();
    let add = ["party", report, "add", "raadsman", "Mr. Smit", "--proof-file", "bewijs.txt"];
    done(&[&add[..], &["--as", "confidant"]].concat());
    for (case, viewer, with) in [(case, "post", "afdoening"), (report, "confidant", "party")] {
        let shown = done(&["show", case, "-o", "json", "--as", viewer]);
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["documents"][0]["name"], "bewijs.txt");
        assert_eq!(shown["documents"][0]["sha256"], sha256.as_str());
        assert_eq!(shown["documents"][0]["with"], with);
        assert!(shown.to_string().contains(&format!("sha256:{sha256}")), "the proof: {shown}");
        done(&["documents", case, "--check", "--as", viewer]);
    }
    let kept = at.join("documents").join(&sha256[..2]);
    assert_eq!(std::fs::read_dir(kept).unwrap().count(), 1, "two cases, the same bytes once");
}

#[test]
fn a_deadline_is_lengthened_and_a_receipt_corrected_from_the_command_line() {
    let folder = workspace();
    let at = folder.path();
    let opened = run(at, &OPEN);
    let case = out(&opened).lines().next().unwrap().to_owned();
    let by_handler = ["--as", "klachten-1", "--because", "Ziekte"];
    let by_desk = ["--as", "balie", "--because", "Ziekte"];
    for (args, by, expected) in [
        (&["revoke", &case, "afdoening"][..], &by_handler, 3),
        (&["extend", &case, "afdoening", "--by", "9 weeks"], &by_handler, 3),
        (&["extend", &case, "afdoening", "--by", "a while"], &by_handler, 2),
        (&["extend", &case, "afdoening", "--by", "1 week", "--consent", "klager"], &by_handler, 0),
        (&["revoke", &case, "afdoening"], &by_desk, 3),
        (&["revoke", &case, "afdoening"], &by_handler, 0),
        (&["correct", &case, "--received", "yesterday"], &by_desk, 2),
        (&["correct", &case, "--received", "2999-01-05"], &by_desk, 3),
        (&["correct", &case, "--received", "2020-01-06"], &by_desk, 0),
        (&["extend", &case, "afdoening"], &by_handler, 3),
    ] {
        let args: Vec<&str> = args.iter().chain(by).copied().collect();
        let output = run(at, &args);
        assert_eq!(code(&output), expected, "{args:?}\n{}{}", out(&output), err(&output));
    }
    let shown = out(&run(at, &["show", &case, "-o", "json"]));
    let document: Value = serde_json::from_str(&shown).unwrap();
    let deadlines = document["deadlines"].as_array().unwrap();
    let afdoening = deadlines.iter().find(|one| one["deadline"] == "afdoening").unwrap();
    assert_eq!(afdoening["last-day"], "2020-02-17");
    assert_eq!(afdoening["lapsed"], true);
}

#[test]
fn a_case_is_seen_as_it_was_and_as_it_was_known() {
    let folder = workspace();
    let at = folder.path();
    let open: Vec<&str> = OPEN.iter().chain(&["--at", "2026-01-06T09:00"]).copied().collect();
    let opened = run(at, &open);
    assert_eq!(code(&opened), 0, "{}", err(&opened));
    let case = out(&opened).lines().next().unwrap().to_owned();
    for (args, expected) in [
        (&["--as-of", "2026-01-08"][..], 0),
        (&["--as-of", "2026-01-05"], 4),
        // It was put on record today, so nobody knew it then.
        (&["--as-known", "2026-01-08"], 4),
        (&["--as-of", "2999-01-08"], 2),
        (&["--as-known", "2999-01-08"], 2),
        (&["--as-of", "lately"], 2),
        (&["--as-of", "2026-01-08", "--as-known", "2026-01-08"], 2),
    ] {
        for verb in ["show", "why", "timeline"] {
            let args: Vec<&str> = [verb, &case].iter().chain(args).copied().collect();
            let output = run(at, &args);
            assert_eq!(code(&output), expected, "{args:?}\n{}{}", out(&output), err(&output));
        }
    }
    let document = |args: &[&str]| -> Value {
        let args: Vec<&str> = args.iter().chain(&["-o", "json"]).copied().collect();
        serde_json::from_str(&out(&run(at, &args))).unwrap()
    };
    let lapsed = |document: &Value| {
        let deadlines = document["deadlines"].as_array().unwrap();
        deadlines.iter().find(|one| one["deadline"] == "afdoening").unwrap()["lapsed"].clone()
    };
    let then = document(&["show", &case, "--as-of", "2026-01-08"]);
    assert_eq!(lapsed(&then), false);
    assert!(then["as-of"].as_str().unwrap().starts_with("2026-01-08T22:59:59"), "{then}");
    let today = document(&["show", &case]);
    assert_eq!(lapsed(&today), true);
    assert_eq!(today.get("as-of"), None);
    let told = document(&["timeline", &case, "--as-of", "2026-01-08"]);
    let told = told["events"].as_array().unwrap().len();
    let all = document(&["timeline", &case])["events"].as_array().unwrap().len();
    assert!(0 < told && told < all, "{told} of {all}");
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
    std::fs::remove_dir_all(at.join("brieven")).unwrap();
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
    let args = ["test", "procedures", "--coverage", "--at-least", "90"];
    let tested = run(Path::new("."), &args);
    assert_eq!(code(&tested), 0, "{}{}", out(&tested), err(&tested));
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
    let other =
        run(Path::new("."), &["run", "procedures/klachtenprocedure/klachtenprocedure.yaml"]);
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

/// A workspace with calendars of its own.
fn with_calendars(files: &[(&str, &str)]) -> TempDir {
    let folder = workspace();
    std::fs::create_dir(folder.path().join("kalenders")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join("kalenders").join(name), text).unwrap();
    }
    let settings = folder.path().join("verloop.yaml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{text}\ncalendars: [kalenders]\n")).unwrap();
    folder
}

const OFFICE: &str = "\
calendar: nl
title: Ons bestuur
version: 2026-11-24
includes: [nl]
days:
  - { title: Brugdag, dates: [2026-05-15], counts-for: work, source: besluit van het bestuur }
";

#[test]
fn a_workspace_has_calendars_of_its_own() {
    let folder = with_calendars(&[("nl.yaml", OFFICE)]);
    let at = folder.path();
    assert_eq!(code(&run(at, &["check"])), 0, "{}", out(&run(at, &["check"])));
    let year = run(at, &["calendar", "show", "nl", "2026"]);
    assert!(out(&year).contains("Brugdag"), "{}", out(&year));
    let asked = [
        "deadline",
        "--starts",
        "2026-05-13",
        "--within",
        "1 working day",
        "--jurisdiction",
        "nl",
        "--counting",
        "plain",
        "-o",
        "plain",
    ];
    assert!(
        out(&run(at, &asked)).starts_with("last-day 2026-05-18\n"),
        "Ascension, bridge day, weekend"
    );
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(out(&run(elsewhere.path(), &asked)).starts_with("last-day 2026-05-15\n"));
}

#[test]
fn a_year_of_a_calendar_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (args, expected) in [
        (&["calendar", "list"][..], 0),
        (&["calendar", "list", "-o", "json"], 0),
        (&["calendar", "list", "-o", "csv"], 0),
        (&["calendar", "show", "nl", "2027"], 0),
        (&["calendar", "show", "nl", "2027", "-o", "csv"], 0),
        (&["calendar", "show", "nl", "9999"], 0),
        (&["calendar", "show", "nl", "0"], 2),
        (&["calendar", "show", "nl", "10000"], 2),
        (&["calendar", "show", "nll", "2027"], 4),
        (&["calendar", "show"], 2),
    ] {
        let output = run(at, args);
        assert_eq!(code(&output), expected, "{args:?}\n{}{}", out(&output), err(&output));
    }
    let shown = run(at, &["calendar", "show", "nl", "2027", "-o", "json"]);
    let document: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!((&document["working-days"], &document["term-days"]), (&256.into(), &253.into()));
    let day = |date: &str| {
        let days = document["days"].as_array().unwrap();
        days.iter().find(|day| day["date"] == date).unwrap().clone()
    };
    assert_eq!(day("2027-05-05")["no-work"], false, "an office may be open on 5 May");
    assert_eq!(day("2027-05-07")["source"], "Atw art. 3(3), royal decree for 2026-2028");
    assert!(err(&run(at, &["calendar", "show", "nll", "2027"])).contains("did you mean `nl`?"));
}

#[test]
fn a_calendar_that_is_wrong_gets_its_place() {
    for (name, text, code_of, place) in [
        (
            "a.yaml",
            "calendar: a\ntitle: A\nversion: \"1\"\nweekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]\n",
            "bad-calendar",
            "a.yaml:4:10",
        ),
        (
            "a.yaml",
            "calendar: a\ntitle: A\nversion: \"1\"\nincludes: [atlantis]\n",
            "bad-calendar",
            "a.yaml:4:11",
        ),
        (
            "a.yaml",
            "calendar: a\ntitle: A\nversion: \"1\"\nweekend: []\ndays:\n  - { title: D, source: S, on: 12-25, easter: 1 }\n",
            "bad-calendar",
            "a.yaml:6:5",
        ),
        (
            "a.yaml",
            "calendar: a\ntitle: A\nversion: \"1\"\nweekend: []\ndays:\n  - { title: D, source: S, on: 13-25 }\n",
            "wrong-form",
            "a.yaml:6:",
        ),
        (
            "a.yaml",
            "calendar: a\ntitle: A\nversion: \"1\"\nweekend: []\nday: []\n",
            "unknown-key",
            "a.yaml:5:1",
        ),
        (
            "a.yaml",
            "counting: a\ntitle: A\nversion: \"1\"\nreceipt: { until: 25:00 }\n",
            "wrong-form",
            "a.yaml:4:19",
        ),
        (
            "a.yaml",
            "counting: a\ntitle: A\nversion: \"1\"\ndeemed: { after: 3 weeks }\n",
            "bad-counting",
            "a.yaml:4:9",
        ),
        ("a.yaml", "days: []\n", "none-of-ours", "a.yaml:1:1"),
    ] {
        let folder = with_calendars(&[(name, text)]);
        let checked = run(folder.path(), &["check", "-o", "plain"]);
        let said = out(&checked);
        if code_of != "none-of-ours" {
            assert_eq!(code(&checked), 1, "{text}\n{said}{}", err(&checked));
            assert_eq!(said.lines().count(), 1, "one mistake, one finding:\n{said}");
            assert!(said.contains(place), "{said}");
        }
        let used = run(folder.path(), &["deadline", "--starts", "2026-01-01", "--within", "1 day"]);
        assert_eq!(code(&used), 1, "{text}\n{}", err(&used));
        assert!(err(&used).contains(place), "{}", err(&used));
    }
}

#[test]
fn several_deadlines_follow_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = verloop(folder.path())
        .arg("deadline")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = serde_json::json!({
        "id": 1, "jurisdiction": "nl", "events": { "made-known": "2023-04-14", "acknowledged": null },
        "deadlines": {
            "objection": { "starts": "made-known", "within": "6 weeks" },
            "decision": { "starts": "objection.end", "within": "6 weeks" },
            "feedback": { "starts": { "of": "acknowledged", "otherwise": "objection.end" }, "within": "3 months" },
            "hearing": { "before": "decision.end", "within": "10 days" },
            "never": { "starts": { "latest": ["made-known", "acknowledged"] }, "within": "1 week" },
        },
    });
    child.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let answer = child.wait_with_output().unwrap();
    let answer: Value = serde_json::from_slice(&answer.stdout).unwrap();
    let last_day = |name: &str| answer["deadlines"][name]["last-day"].clone();
    // ECLI:NL:RBMNE:2024:6245.
    assert_eq!(
        (last_day("objection"), last_day("decision")),
        ("2023-05-26".into(), "2023-07-07".into())
    );
    assert_eq!(
        (last_day("feedback"), last_day("hearing")),
        ("2023-08-28".into(), "2023-06-26".into())
    );
    assert_eq!(answer["deadlines"]["never"]["waiting-for"][0], "acknowledged");
}

/// A workspace with a procedure and two scenarios, one of which expects what does not happen.
fn tested_workspace() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("verloop.yaml", "organisation: mensen.yaml\n");
    write(
        "mensen.yaml",
        "organisation: Ons bestuur\npeople: { anna: { name: Anna, roles: [secretaris] } }\n",
    );
    write(
        "bezwaar/bezwaar.yaml",
        "procedure: bezwaar\njurisdiction: nl\nroles: { secretaris: {} }\ncase: { who: secretaris }\nsteps:\n  besluit: { who: secretaris, within: 6 weeks, outcomes: { gegrond: {}, ongegrond: {} } }\n  sluiten: { after: besluit, ends: gesloten }\n",
    );
    let scenario = |title: &str, expect: &str| {
        let text = "title: TITLE\nprocedure: ../bezwaar.yaml\nacts:\n  - { at: \"2026-03-02T09:00\", by: anna, open: {} }\n  - { at: \"2026-03-03T09:00\", by: anna, do: besluit, outcome: gegrond, expect: { status: STATUS } }\n";
        text.replace("TITLE", title).replace("STATUS", expect)
    };
    write("bezwaar/scenarios/goed.yaml", &scenario("Op tijd besloten", "gesloten"));
    write("bezwaar/scenarios/fout.yaml", &scenario("'<Te snel> & \"gesloten\"'", "open"));
    folder
}

#[test]
fn scenarios_beside_a_procedure_are_tested() {
    let folder = tested_workspace();
    let tested = run(folder.path(), &["test"]);
    assert_eq!(code(&tested), 1, "{}", err(&tested));
    let said = out(&tested);
    for wanted in [
        "ok    Op tijd besloten",
        "FAIL",
        "fout.yaml:5:",
        "expected",
        "but",
        "2 scenarios, 1 went otherwise",
    ] {
        assert!(said.contains(wanted), "{wanted}\n{said}");
    }
    let one = run(folder.path(), &["test", "--filter", "op tijd"]);
    assert_eq!((code(&one), out(&one).contains("1 scenario, as expected")), (0, true));
    let json: Value =
        serde_json::from_str(&out(&run(folder.path(), &["test", "-o", "json"]))).unwrap();
    assert_eq!((&json["passed"], &json["failed"]), (&Value::from(1), &Value::from(1)));
    assert_eq!(json["tests"][0]["failures"][0]["line"], Value::from(5));
    let xml = out(&run(folder.path(), &["test", "-o", "junit"]));
    let report = quick_junit::Report::deserialize_from_str(&xml).expect("a report");
    assert_eq!((report.tests, report.failures, report.errors), (2, 1, 0));
    let covered = run(folder.path(), &["test", "--filter", "op tijd", "--at-least", "90"]);
    assert_eq!(code(&covered), 1, "one outcome and a missed deadline are left");
    assert!(out(&covered).contains("missed   outcomes  besluit.ongegrond"), "{}", out(&covered));
    assert_eq!(code(&run(folder.path(), &["test", "--filter", "op tijd", "--at-least", "50"])), 0);
    assert_eq!(code(&run(folder.path(), &["check"])), 0, "a scenario is taken for no procedure");
    assert_eq!(code(&run(folder.path(), &["test", "nergens"])), 4);
}

#[test]
fn a_case_says_for_whom_it_waits_and_what_comes_again() {
    let here = Path::new(".");
    let told =
        |scenario: &str| out(&run(here, &["run", &format!("tests/scenarios/{scenario}.yaml")]));
    let several = told("bestuursrecht/schorsing-terwijl-een-ander-nog-bezwaar-kan-maken");
    let wanted = "de stap wacht nog op De heer Vos: `bezwaar` kan nog worden ingediend tot en met ma 13 apr 2026";
    assert!(several.contains(wanted), "{several}");
    // Nothing had been final, so nothing is final no longer.
    let again = told("each-appeal-as-it-comes/decided-before-the-other-window-is-over");
    assert!(again.contains("Appeal: what depends on it comes again"), "{again}");
    assert!(!again.contains("no longer final"), "{again}");
    let late = told("bestuursrecht/te-laat-met-een-reden");
    assert!(late.contains("staat niet meer vast"), "{late}");
}

#[test]
fn a_step_that_a_lapse_opens_says_so() {
    let folder = tested_workspace();
    let at = folder.path();
    let text = "procedure: bezwaar\njurisdiction: nl\nroles: { secretaris: {} }\ncase: { who: secretaris }\ndeadlines:\n  afdoening: { starts: received, within: 6 weeks, met-by: besluit, lapse: { opens: bericht } }\nsteps:\n  besluit: { who: secretaris }\n  bericht: { who: secretaris, optional: true }\n  sluiten: { after: besluit, ends: gesloten }\n";
    std::fs::write(at.join("bezwaar/bezwaar.yaml"), text).unwrap();
    // The scenarios beside it are about another text, and would keep this one back.
    std::fs::remove_dir_all(at.join("bezwaar/scenarios")).unwrap();
    let opened = run(at, &["open", "bezwaar", "--as", "anna", "--store", "zaken.redb"]);
    assert_eq!(code(&opened), 0, "{}", err(&opened));
    let case = out(&opened).lines().next().unwrap().to_owned();
    let shown = run(at, &["show", &case, "--as", "anna", "--store", "zaken.redb"]);
    assert!(out(&shown).contains("waits for `afdoening.lapsed`"), "{}{}", out(&shown), err(&shown));
    let refused = run(at, &["do", &case, "bericht", "--as", "anna", "--store", "zaken.redb"]);
    assert!(err(&refused).contains("it still waits for `afdoening.lapsed`"), "{}", err(&refused));
}

#[test]
fn findings_of_a_procedure_are_told_once_for_all_its_scenarios() {
    let folder = tested_workspace();
    let path = folder.path().join("bezwaar/bezwaar.yaml");
    let text = std::fs::read_to_string(&path).unwrap().replace("after: besluit,", "after: beslut,");
    std::fs::write(&path, text).unwrap();
    let tested = run(folder.path(), &["test"]);
    let said = out(&tested);
    assert_eq!(code(&tested), 1, "{said}{}", err(&tested));
    assert_eq!(said.matches("unknown-step").count(), 1, "{said}");
    assert_eq!(said.matches("the same findings as above").count(), 1, "{said}");
}
