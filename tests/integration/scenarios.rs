//! Every scenario of the examples, of `tests/scenarios` and of the shipped procedures is played, and what happened is as
//! its author expected.

use std::path::{Path, PathBuf};
use verloop::case::{Case, Event, Person, Replay, replay};
use verloop::catalog::{Bundle, layout};
use verloop::diagnostic::{Style, render};
use verloop::scenario::{ScenarioError, Scene, Script, Suite, Tested};
use verloop::time::Almanac;

/// Every scenario of the repository: of the examples, of the shipped procedures, and of the tests.
fn scenarios() -> Vec<PathBuf> {
    let folders = ["examples", "procedures", "tests/scenarios"].map(Path::new);
    let below = |folder| layout::scenarios_below(folder).expect("the folder is there");
    folders.into_iter().flat_map(below).collect()
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
    let texts = layout::texts_in(Path::new("procedures")).expect("the folder is there");
    let shipped = texts.iter().filter_map(|text| Some((text, text.parent()?.join("scenarios"))));
    let shipped: Vec<_> = shipped.filter(|(_, scenarios)| scenarios.is_dir()).collect();
    assert!(!shipped.is_empty(), "there are shipped procedures");
    for (text, scenarios) in shipped {
        let name = text.display();
        let bundle = Bundle::read(text).expect("it can be read");
        let compiled = bundle.compile(&Almanac::shipped());
        let found = compiled.map_or_else(|found| found, |compiled| compiled.warnings);
        assert!(found.is_empty(), "{name}\n{}", render(&found, Style::Plain));
        let played = layout::scenarios_below(&scenarios).expect("the folder is there").len();
        assert!(played >= 5, "{name} has {played} scenarios");
    }
}

/// The two that an organisation begins with, in Dutch and in English, are read aloud before they are adopted.
#[test]
fn the_seed_procedures_are_short_and_every_rule_names_its_source() {
    for name in ["klachtenprocedure", "complaints-procedure"] {
        let path = format!("procedures/{name}/{name}.yaml");
        let bundle = Bundle::read(Path::new(&path)).expect("it can be read");
        let lines = bundle.text.lines().count();
        assert!(lines < 200, "{path} has {lines} lines");
        let procedure = bundle.compile(&Almanac::shipped()).expect("it is sound").procedure;
        // What ends a case by itself is no rule, and nobody can be refused it.
        let steps = procedure.steps.iter().filter(|step| !step.who.is_empty());
        let steps = steps.map(|step| (&step.name, &step.rule));
        let deadlines = procedure.deadlines.iter();
        let letters = procedure.letters.iter();
        let named = steps
            .chain(deadlines.map(|deadline| (&deadline.name, &deadline.rule)))
            .chain(letters.map(|letter| (&letter.name, &letter.rule)));
        let without: Vec<_> = named.filter(|(_, rule)| rule.cite.is_none()).collect();
        assert!(without.is_empty(), "{path}: {without:?}");
        assert!(procedure.apart.iter().all(|apart| apart.rule.cite.is_some()), "{path}");
    }
}

#[test]
fn every_example_goes_as_its_author_expects() {
    let all = scenarios();
    assert!(all.len() >= 20, "there are examples");
    let mut failed = Vec::new();
    for one in Suite::play(&all, None).tested {
        match &one.played {
            Err(error) => failed.push(format!("{}\n{}", one.path.display(), told(error))),
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
fn neither_the_order_nor_the_number_of_threads_makes_a_difference() {
    let all = scenarios();
    let told = |suite: &Suite| -> Vec<String> {
        let events = |one: &Tested| {
            let scenes = one.played.iter().flat_map(|played| &played.scenes);
            let events: Vec<_> = scenes.map(|scene| &scene.events).collect();
            format!("{} {}", one.path.display(), serde_json::to_string(&events).expect("JSON"))
        };
        let mut told: Vec<String> = suite.tested.iter().map(events).collect();
        told.sort();
        told
    };
    let one_by_one = Suite::play_on(1, &all, None);
    let mut backwards = all.clone();
    backwards.reverse();
    let together = Suite::play_on(8, &backwards, None);
    assert_eq!(told(&one_by_one), told(&together));
    assert_eq!(one_by_one.coverage, together.coverage);
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

#[test]
fn every_case_of_an_example_goes_as_it_went_on_its_own_text() {
    let (mut wrong, mut played_again) = (Vec::new(), 0);
    for path in scenarios() {
        let played = Script::read(&path).and_then(|script| script.play());
        let played = played.unwrap_or_else(|error| panic!("{}", told(&error)));
        for file in played.file.iter().chain(&played.others) {
            let of_case = |scene: &&Scene| scene.reference == file.reference();
            let scenes = played.scenes.iter().filter(of_case);
            let history: Vec<Event> = scenes.flat_map(|scene| &scene.events).cloned().collect();
            let until = history.iter().map(|event| event.recorded_at).max().unwrap_or_default();
            let (from, viewer) = (&*file.procedure, Person::nobody());
            let again = Replay { from, to: from, viewer: &viewer, until };
            played_again += 1;
            match replay(&again, &history) {
                Ok(replayed) if replayed.is_same() && replayed.dates.is_empty() => {}
                Ok(replayed) => wrong.push(format!(
                    "{} of {}: {:?} {:?}",
                    file.reference(),
                    path.display(),
                    replayed.differences,
                    replayed.dates
                )),
                Err(why) => {
                    wrong.push(format!("{} of {}: {why:?}", file.reference(), path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {played_again}: {wrong:#?}", wrong.len());
}
