//! Every scenario of the examples, of `tests/scenarios` and of the shipped procedures is played, and what happened is as
//! its author expected.

#![expect(clippy::disallowed_methods, reason = "reads the examples")]

use std::path::{Path, PathBuf};
use verloop::case::Case;
use verloop::catalog::Bundle;
use verloop::diagnostic::{Style, render};
use verloop::scenario::{ScenarioError, Scene, Script};
use verloop::time::Almanac;

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

/// Returns the shipped procedures that stand in a folder of their own, with letters and scenarios.
fn shipped() -> Vec<PathBuf> {
    let folders = files_in(Path::new("procedures")).into_iter();
    folders.filter(|folder| folder.join("scenarios").is_dir()).collect()
}

/// Returns the texts in a folder that are scenarios, and not the people who act in them.
fn scenarios_in(folder: &Path) -> Vec<PathBuf> {
    let is_scenario = |path: &PathBuf| {
        path.extension().is_some_and(|ending| ending == "yaml")
            && std::fs::read_to_string(path).is_ok_and(|text| text.contains("\nacts:"))
    };
    files_in(folder).into_iter().filter(is_scenario).collect()
}

fn scenarios() -> Vec<PathBuf> {
    let of_procedures = files_in(Path::new("tests/scenarios")).into_iter();
    let of_shipped = shipped().into_iter().map(|folder| folder.join("scenarios"));
    let folders = of_procedures.chain(of_shipped).chain([PathBuf::from("examples")]);
    let folders = folders.filter(|path| path.is_dir());
    let mut found: Vec<_> = folders.flat_map(|folder| scenarios_in(&folder)).collect();
    found.sort();
    found
}

fn told(error: &ScenarioError) -> String {
    match error {
        ScenarioError::Findings(findings) => render(findings, Style::Plain),
        ScenarioError::File(error) => error.to_string(),
        ScenarioError::Engine(error) => error.to_string(),
    }
}

#[test]
fn every_shipped_procedure_has_no_findings_and_five_scenarios() {
    let shipped = shipped();
    assert!(!shipped.is_empty(), "there are shipped procedures");
    for folder in shipped {
        let name = folder.file_name().and_then(|name| name.to_str()).expect("a name");
        let bundle = Bundle::read(&folder.join(format!("{name}.yaml"))).expect("it can be read");
        let compiled = bundle.compile(&Almanac::shipped());
        let found = compiled.map_or_else(|found| found, |compiled| compiled.warnings);
        assert!(found.is_empty(), "{name}\n{}", render(&found, Style::Plain));
        let played = scenarios_in(&folder.join("scenarios")).len();
        assert!(played >= 5, "{name} has {played} scenarios");
    }
}

#[test]
fn every_example_goes_as_its_author_expects() {
    let mut failed = Vec::new();
    let all = scenarios();
    assert!(all.len() >= 20, "there are examples");
    for path in all {
        let played = Script::read(&path).and_then(|script| script.play());
        match played {
            Err(error) => failed.push(format!("{}\n{}", path.display(), told(&error))),
            Ok(played) => {
                for failure in &played.failures {
                    failed.push(format!(
                        "{}\n  expected {}\n  but      {}\n  because  {:?}",
                        failure.place, failure.expected, failure.but, failure.because
                    ));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn replaying_the_events_of_an_example_gives_the_same_case() {
    for path in scenarios() {
        let played = Script::read(&path).and_then(|script| script.play());
        let played = played.unwrap_or_else(|error| panic!("{}", told(&error)));
        assert!(played.file.is_some(), "a case was opened");
        for file in played.file.iter().chain(&played.others) {
            let of_case = |scene: &&Scene| scene.reference == file.reference();
            let scenes = played.scenes.iter().filter(of_case);
            let events: Vec<_> = scenes.flat_map(|scene| &scene.events).collect();
            let written = serde_json::to_string(&events).expect("events can be written");
            let read: Vec<verloop::case::Event> = serde_json::from_str(&written).expect("and read");
            let recorded = read.iter().map(|event| event.revision).collect::<Vec<_>>();
            assert!(recorded.is_sorted(), "{}", path.display());
            let mut replayed = Case::replay(&read);
            // Refused attempts are kept in the history and shown apart: they only count.
            replayed.refusals = file.case.refusals;
            replayed.revision = file.case.revision;
            assert_eq!(replayed, file.case, "{}", path.display());
        }
    }
}
