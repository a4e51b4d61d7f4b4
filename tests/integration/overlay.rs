//! Texts that build on a base, seen from outside: what holds, what is published, and what is printed.

#![expect(clippy::disallowed_methods, reason = "a test makes its own files")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use verloop::catalog::{Bundle, diff};
use verloop::diagnostic::{Style, render};
use verloop::procedure::overlay::{SHIPPED, print};
use verloop::time::Almanac;

const EXAMPLE: &str = "examples/klacht-gemeente/klacht-gemeente.yaml";

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
    command.current_dir(folder).env_remove("VERLOOP_STORE").env_remove("VERLOOP_OUTPUT");
    command.env("LC_ALL", "C").stdin(Stdio::null()).args(args).output().unwrap()
}

/// Runs a command that must end so. Returns what it said.
#[track_caller]
fn ends(folder: &Path, code: i32, args: &[&str]) -> String {
    let output = run(folder, args);
    let said =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat();
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{said}");
    said
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn base(within: &str) -> String {
    format!(
        "procedure: model\nedition: model@1\nmay:\n  shorten: [deadlines.afdoening.within]\n  \
         replace: [letters.*.template]\n  add: [steps]\n\
         jurisdiction: nl\nroles:\n  klager: {{ party: true }}\n  behandelaar: {{ acts-for: klager }}\n\
         case: {{ who: [klager, behandelaar] }}\n\
         deadlines:\n  afdoening: {{ within: {within}, met-by: antwoord, cite: Wet 1 }}\n\
         steps:\n  horen: {{ who: behandelaar, cite: Wet 2 }}\n  \
         antwoord: {{ after: horen, who: behandelaar, letter: bericht }}\n  \
         sluiten: {{ after: antwoord, ends: klaar }}\n\
         letters:\n  bericht: {{ template: brieven/bericht, to: klager }}\n"
    )
}

/// A workspace with a base and a text that builds on it.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write(here, "verloop.yaml", "organisation: mensen.yaml\nstore: zaken.redb\n");
    write(
        here,
        "mensen.yaml",
        "organisation: O\npeople:\n  anna: { name: Anna, roles: [behandelaar] }\n",
    );
    write(here, "bases/model.yaml", &base("6 weeks"));
    write(here, "bases/brieven/bericht.nl.txt", "Beste {{ to.name }}, dit is het model.\n");
    let own = "procedure: klacht\nbase: model@1\ndeadlines: { afdoening: { within: 4 weeks } }\n\
               transition: { pending: old }\n";
    write(here, "klacht.yaml", own);
    folder
}

const OPEN: [&str; 8] =
    ["open", "klacht", "--as", "anna", "--for", "klager", "--received", "2026-03-02"];

#[test]
fn a_case_goes_on_when_the_base_is_gone() {
    let folder = workspace();
    let here = folder.path();
    ends(here, 0, &["check"]);
    let said = ends(here, 0, &["publish", "klacht", "--because", "begin", "--as", "anna"]);
    assert!(said.contains("klacht v1 is active"), "{said}");
    let opened = ends(here, 0, &OPEN);
    let case = opened.lines().next().unwrap();
    std::fs::remove_dir_all(here.join("bases")).unwrap();
    let said = ends(here, 3, &["do", case, "antwoord", "--as", "anna"]);
    assert!(said.contains("horen"), "{said}");
    let said = ends(here, 0, &["why", case, "antwoord", "--as", "anna"]);
    assert!(said.contains("bases/model.yaml:16"), "a rule is named where it stands: {said}");
    ends(here, 0, &["do", case, "horen", "--as", "anna"]);
    ends(here, 0, &["do", case, "antwoord", "--as", "anna"]);
    let said = ends(here, 0, &["show", case, "--as", "anna"]);
    assert!(said.contains("klaar"), "{said}");
    let letter = ends(here, 0, &["letters", case, "--as", "anna", "-o", "json"]);
    assert!(letter.contains("bericht"), "{letter}");
    let said = ends(here, 0, &["explain", "effective", "klacht@1"]);
    assert!(said.contains("# own:3, for 6 weeks at model@1:13"), "{said}");
    let said = ends(here, 4, &["explain", "base", "model@1"]);
    assert!(said.contains("awb-9@2026"), "what there is: {said}");
    // New cases get the text that is on record; that the file can't be read any more is told.
    let said = ends(here, 0, &OPEN);
    assert!(said.contains("no-such-base"), "{said}");
    let said = ends(here, 1, &["check"]);
    assert!(said.contains("klacht.yaml:2:7") && said.contains("no base `model@1`"), "{said}");
}

#[test]
fn a_base_that_changes_offers_a_new_text() {
    let folder = workspace();
    let here = folder.path();
    ends(here, 0, &OPEN);
    // A comment is no change, and what the text says for itself does not change with the base.
    write(here, "bases/model.yaml", &format!("# nog eens gelezen\n{}", base("8 weeks")));
    ends(here, 0, &OPEN);
    let versions = || -> usize {
        let said = ends(here, 0, &["versions", "klacht", "-o", "json"]);
        let said: Value = serde_json::from_str(&said).unwrap();
        said["procedures"][0]["versions"].as_array().unwrap().len()
    };
    assert_eq!(versions(), 1);
    write(
        here,
        "bases/model.yaml",
        &base("6 weeks")
            .replace("steps:\n", "steps:\n  nieuw: { who: behandelaar, optional: true }\n"),
    );
    let said = ends(here, 0, &OPEN);
    assert!(said.contains("nieuw") || versions() == 2, "{said}");
    assert_eq!(versions(), 2);
    let said = ends(here, 0, &["diff", "klacht@1"]);
    assert!(said.contains("added    steps.nieuw"), "{said}");
    // A base that gets stricter than the text that builds on it: the text is refused, and the one before goes on.
    write(here, "bases/model.yaml", &base("3 weeks"));
    let said = ends(here, 0, &OPEN);
    assert!(said.contains("loosens"), "{said}");
    assert_eq!(versions(), 2);
    // So does a file of the base.
    write(here, "bases/model.yaml", &base("6 weeks"));
    write(
        here,
        "bases/brieven/bericht.nl.txt",
        "Geachte {{ to.name }}, dit is het nieuwe model.\n",
    );
    ends(here, 0, &OPEN);
    assert_eq!(versions(), 3);
}

#[test]
fn the_text_that_holds_is_a_procedure_of_its_own_and_means_the_same() {
    let mut texts = vec![Path::new(EXAMPLE).to_owned()];
    texts.extend(
        verloop::catalog::layout::texts_in(Path::new("procedures")).unwrap().into_iter().filter(
            |path| verloop::catalog::layout::has_key(&std::fs::read(path).unwrap(), "steps"),
        ),
    );
    assert!(texts.len() > 5);
    for path in texts {
        let bundle = Bundle::read(&path).unwrap();
        let compiled = bundle
            .compile(&Almanac::shipped())
            .unwrap_or_else(|found| panic!("{}", render(&found, Style::Plain)));
        let lines = bundle.printed().unwrap();
        let text: Vec<String> =
            lines.iter().map(|line| format!("{}  # {}", line.text, line.place)).collect();
        let plain = Bundle {
            text: text.join("\n"),
            bases: Vec::new(),
            path: "plain.yaml".to_owned(),
            ..bundle.clone()
        };
        assert_eq!(diff(&bundle, &plain).unwrap(), [], "{}", path.display());
        let plain = plain
            .compile(&Almanac::shipped())
            .unwrap_or_else(|found| panic!("{}", render(&found, Style::Plain)));
        assert_eq!(plain.procedure.version, compiled.procedure.version, "{}", path.display());
        let read = Bundle::from_bytes(&bundle.to_bytes()).unwrap();
        assert_eq!(
            read.compile_published(&Almanac::shipped()).unwrap().version,
            plain.procedure.version
        );
    }
}

#[test]
fn each_line_of_it_says_where_it_stands() {
    let folder = workspace();
    let here = folder.path();
    let said = ends(here, 0, &["explain", "effective", "klacht"]);
    for line in [
        "  afdoening:",
        "    within: 4 weeks",
        "# own:3, for 6 weeks at model@1:13",
        "# model@1:15",
        "template: model@1/brieven/bericht",
    ] {
        assert!(said.contains(line), "no «{line}» in\n{said}");
    }
    let base = ends(here, 0, &["explain", "base", "model@1"]);
    assert!(base.contains("shorten: [deadlines.afdoening.within]"), "{base}");
    assert!(ends(here, 0, &["explain", "base", "awb-9@2026"]).contains("edition: awb-9@2026"));
    // As a file beside the others it is a plain procedure, and finds the letters of the base.
    write(here, "plat.yaml", &said);
    ends(here, 0, &["check", "plat.yaml"]);
    let said = ends(here, 0, &["diff", "klacht.yaml", "plat.yaml", "--exit-code"]);
    assert!(said.contains("no difference"), "{said}");
    let said = ends(here, 0, &["explain", "effective", "klacht.yaml", "-o", "json"]);
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["schema"], "verloop.effective/1");
    assert_eq!(said["bases"][0]["base"], "model@1");
    assert_eq!(said["text"]["deadlines"]["afdoening"]["within"], "4 weeks");
    let lines = said["lines"].as_array().unwrap();
    let term = lines.iter().find(|line| line["line"].as_str().unwrap().contains("within")).unwrap();
    assert_eq!((&term["from"]["line"], &term["was"]["value"]), (&3.into(), &"6 weeks".into()));
    write(
        here,
        "klacht.yaml",
        "procedure: klacht\nbase: model@1\ndeadlines: { afdoening: { within: 9 weeks } }\n",
    );
    let said = ends(here, 1, &["explain", "effective", "klacht"]);
    assert!(said.contains("klacht.yaml:3"), "{said}");
}

#[test]
fn an_overlay_that_says_nothing_is_its_base() {
    for base in SHIPPED {
        let empty = Bundle::of_text("leeg.yaml", format!("procedure: leeg\nbase: {}\n", base.name));
        assert!(empty.compile(&Almanac::shipped()).is_ok(), "{}", base.name);
        // The whole base once more is no change either.
        let own: Vec<&str> =
            base.text.lines().filter(|line| !line.starts_with("edition:")).collect();
        let own = own.join("\n");
        let (own, _) = own.split_once("\nmay:").unwrap();
        let own = format!(
            "base: {}\n{}",
            base.name,
            own.replace("template: brieven", &format!("template: {}/brieven", base.name))
        );
        let same = Bundle::of_text("zelfde.yaml", own);
        if let Err(found) = same.compile(&Almanac::shipped()) {
            panic!("{}", render(&found, Style::Plain));
        }
        let paths: Vec<String> =
            diff(&empty, &same).unwrap().into_iter().map(|one| one.path).collect();
        assert_eq!(paths, ["procedure"]);
        let lines = print::lines(&empty.nodes().unwrap().0, None);
        assert!(lines.len() > 100);
    }
}

#[test]
fn bases_lie_where_the_settings_say_and_are_checked() {
    let folder = workspace();
    let here = folder.path();
    std::fs::rename(here.join("bases"), here.join("landelijk")).unwrap();
    ends(here, 1, &["check"]);
    let settings = "organisation: mensen.yaml\nstore: zaken.redb\nbases: [landelijk]\n";
    write(here, "verloop.yaml", settings);
    let said = ends(here, 0, &["check"]);
    assert!(said.contains("2 procedures"), "the base is checked too: {said}");
    write(
        here,
        "landelijk/model.yaml",
        &base("6 weeks").replace("afdoening.within]", "afdoning.within]"),
    );
    let said = ends(here, 1, &["check", "-o", "plain"]);
    assert!(said.contains("landelijk/model.yaml:4:13: error[mark-of-nothing]"), "{said}");
    write(here, "verloop.yaml", &settings.replace("landelijk", "../elders"));
    ends(here, 1, &["check"]);
}

/// An editor asks of an overlay what it asks of a procedure, but for what must be there.
fn of_overlays(schema: &Value, is_schema: bool) -> Value {
    const OF_A_WHOLE: [&str; 5] = ["required", "dependentRequired", "minProperties", "if", "else"];
    match schema {
        Value::Object(entries) => {
            let kept =
                entries.iter().filter(|(key, _)| !is_schema || !OF_A_WHOLE.contains(&key.as_str()));
            let inner = |(key, value): (&String, &Value)| {
                let value = match (is_schema, key.as_str(), value) {
                    (true, "properties" | "$defs", Value::Object(named)) => {
                        let named = named
                            .iter()
                            .map(|(name, schema)| (name.clone(), of_overlays(schema, true)));
                        Value::Object(named.collect())
                    }
                    (true, "examples", _) => value.clone(),
                    _ => of_overlays(value, is_schema),
                };
                (key.clone(), value)
            };
            Value::Object(kept.map(inner).collect())
        }
        Value::Array(items) => items.iter().map(|item| of_overlays(item, is_schema)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
    }
}

#[test]
fn the_schema_of_overlays_is_that_of_procedures_without_what_must_be_there() {
    let whole: Value = serde_json::from_str(verloop::procedure::SCHEMA).unwrap();
    let mut expected = of_overlays(&whole, true);
    expected["title"] = "Overlay".into();
    expected["description"] =
        "A procedure that builds on a base and says only what differs. Written by the tests from the schema of procedures.".into();
    expected["examples"] = serde_json::json!([{ "procedure": "klacht", "base": "awb-9@2026", "deadlines": { "afdoening": { "within": "4 weeks" } } }]);
    expected["required"] = serde_json::json!(["procedure", "base"]);
    let expected = serde_json::to_string_pretty(&expected).unwrap() + "\n";
    let now = std::fs::read_to_string("schemas/overlay.schema.json").unwrap_or_default();
    if now != expected {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overlay.schema.json");
        std::fs::write(&new, expected).unwrap();
        panic!("schemas/overlay.schema.json is out of step; the new one is {}", new.display());
    }
}
