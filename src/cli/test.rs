//! `verloop test`: plays the scenarios that are kept beside the procedures, and says which went otherwise.

use super::Answer;
use super::args::{Globals, Output};
use super::console::Console;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::replay;
use crate::catalog::{Workspace, layout};
use crate::diagnostic::{Diagnostic, Style, render, shown};
use crate::language::Language;
use crate::scenario::{Failure as Otherwise, ScenarioError, Suite, Target, Tested};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop test
  verloop test procedures/bezwaar --filter penalty
  verloop test --coverage --at-least 90
  verloop test -o junit > results.xml
  verloop test --replay                        last year's finished cases, on the files on disk
  verloop test --replay 2026-01-01 klacht.yaml     those that ended since then, on one file";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json, Output::Junit];

/// What stands after `test`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenarios, and folders below which they are sought [default: the folder of the procedures]; with `--replay` the
    /// procedures [default: all]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Only those that have this in their title or path
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Say what the scenarios reach, and what they do not
    #[arg(long)]
    coverage: bool,

    /// End with 1 if they reach less than this, in per cent of each procedure
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    at_least: Option<u8>,

    /// Instead of scenarios: play the finished cases of the store again on the procedures on disk, those that ended in the
    /// last 365 days or since FROM, and say what would have been different; nothing is written
    #[arg(long, value_name = "FROM", num_args = 0..=1, default_missing_value = "",
        conflicts_with_all = ["filter", "coverage", "at_least"])]
    replay: Option<String>,

    /// With `--replay`: end with 1 if a case would have gone otherwise
    #[arg(long, requires = "replay")]
    exit_code: bool,
}

impl Args {
    /// Whether it has to do with a store.
    pub(super) fn needs_store(&self) -> bool {
        self.replay.is_some()
    }
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    if let Some(from) = &args.replay {
        let from = Some(from.as_str()).filter(|from| !from.is_empty());
        let asked = replay::Asked { from, texts: &args.paths, exit_code: args.exit_code };
        return replay::run(&asked, globals, console);
    }
    let paths = gather(args, globals)?;
    let suite = Suite::play(&paths, args.filter.as_deref());
    if suite.tested.is_empty() {
        let message = "there is no scenario to play";
        return Err(Failure::new(Exit::NotFound, "no-scenario", message)
            .attempt("a file with `title`, `procedure` and `acts` in a folder `scenarios` beside the procedure")
            .into());
    }
    let reached =
        |percent: usize| args.at_least.is_none_or(|wanted| percent >= usize::from(wanted));
    let enough = suite.coverage.values().all(|coverage| reached(coverage.percent()));
    match console.output {
        Output::Json => console.document(&as_json(&suite))?,
        Output::Junit => {
            let report = as_junit(&suite).to_string().map_err(|error| {
                Failure::new(Exit::Fault, "junit", "the report can't be written")
                    .why(error.to_string())
            })?;
            console.fact(report.trim_end())?;
        }
        Output::Human
        | Output::Plain
        | Output::Jsonl
        | Output::Csv
        | Output::Html
        | Output::Sarif
        | Output::Github => tell(&suite, args, console)?,
    }
    Ok(if suite.failed() == 0 && enough { Exit::Done } else { Exit::Findings })
}

/// Returns the files that were asked for: each as it is, and what is a scenario below each folder.
fn gather(args: &Args, globals: &Globals) -> Result<Vec<PathBuf>, Stop> {
    let here = [globals.dir.clone().unwrap_or_else(usual_folder)];
    let asked = if args.paths.is_empty() { &here[..] } else { &args.paths[..] };
    let mut paths = Vec::new();
    for path in asked {
        if path.is_dir() {
            paths.extend(layout::scenarios_below(path).map_err(|error| {
                Failure::new(Exit::NotFound, "unreadable-folder", error.to_string())
            })?);
        } else if path.is_file() {
            paths.push(path.clone());
        } else {
            let message = format!("there is no file or folder `{}`", path.display());
            return Err(Failure::new(Exit::NotFound, "no-such-file", message).into());
        }
    }
    paths.dedup();
    Ok(paths)
}

fn usual_folder() -> PathBuf {
    Workspace::nearest(Path::new(".")).unwrap_or_else(|| PathBuf::from("."))
}

fn tell(suite: &Suite, args: &Args, console: &mut Console) -> Result<(), Stop> {
    let nl = console.language == Language::Nl;
    let mut last: Option<&Path> = None;
    let mut told = BTreeSet::new();
    for one in &suite.tested {
        let folder = one.path.parent();
        if last != folder {
            console.fact(&shown(&folder.unwrap_or(Path::new("")).display().to_string()))?;
            last = folder;
        }
        tell_one(one, &mut told, console)?;
    }
    let (all, failed) = (suite.tested.len(), suite.failed());
    let said = match (nl, all, failed) {
        (true, _, 0) => format!("{all} scenario's, alle zoals verwacht"),
        (false, 1, 0) => "1 scenario, as expected".to_owned(),
        (false, _, 0) => format!("{all} scenarios, all as expected"),
        (true, ..) => format!("{all} scenario's, {failed} anders dan verwacht"),
        (false, 1, _) => "1 scenario, and it went otherwise".to_owned(),
        (false, ..) => format!("{all} scenarios, {failed} went otherwise"),
    };
    console.fact(&said)?;
    if args.coverage || args.at_least.is_some() {
        tell_coverage(suite, console)?;
    }
    Ok(())
}

/// Tells how one scenario went. Findings that several of them meet, such as those of their procedure, are told once.
fn tell_one(one: &Tested, told: &mut BTreeSet<String>, console: &mut Console) -> Result<(), Stop> {
    let file = one.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = file.unwrap_or_default();
    let title = one.title.as_deref().unwrap_or(&file);
    let nl = console.language == Language::Nl;
    let good = anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Green.into()));
    let bad = anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Red.into())).bold();
    if one.is_passed() {
        console.fact(&format!("  {good}ok{good:#}    {}", shown(title)))?;
        return Ok(());
    }
    let word = if nl { "ANDERS" } else { "FAIL" };
    console.fact(&format!("  {bad}{word}{bad:#}  {}  ({})", shown(title), shown(&file)))?;
    match &one.played {
        Ok(played) => {
            for failure in &played.failures {
                for line in in_words(failure, nl) {
                    console.fact(&format!("        {line}"))?;
                }
            }
        }
        Err(ScenarioError::Findings(findings)) => {
            let style = console.style();
            let text = render(findings, style);
            if told.contains(&text) {
                let same = if nl {
                    "dezelfde bevindingen als hierboven"
                } else {
                    "the same findings as above"
                };
                console.fact(&format!("        {same}"))?;
            } else {
                console.fact(text.trim_end())?;
                told.insert(text);
            }
        }
        Err(error) => console.fact(&format!("        {}", shown(&why(error))))?,
    }
    Ok(())
}

/// Returns where a scenario went otherwise, what was expected, what happened, and why.
fn in_words(failure: &Otherwise, nl: bool) -> Vec<String> {
    let (line, column) = failure.place.line_column();
    let words = if nl { ["verwacht", "maar", "want"] } else { ["expected", "but", "because"] };
    let mut lines = vec![
        format!("{}:{line}:{column}", shown(&failure.place.source.name)),
        format!("{:<9} {}", words[0], shown(&failure.expected)),
        format!("{:<9} {}", words[1], shown(&failure.but)),
    ];
    let because = failure.because.iter();
    lines.extend(because.map(|because| format!("{:<9} {}", words[2], shown(because))));
    lines
}

fn why(error: &ScenarioError) -> String {
    match error {
        ScenarioError::File(error) => error.to_string(),
        ScenarioError::Findings(findings) => render(findings, Style::Plain).trim_end().to_owned(),
        ScenarioError::Engine(error) => error.to_string(),
    }
}

fn tell_coverage(suite: &Suite, console: &mut Console) -> Result<(), Stop> {
    for (name, coverage) in suite.coverage_by_name() {
        let counts: Vec<String> = Target::ALL
            .iter()
            .map(|target| (target.word(), coverage.count(*target)))
            .filter(|(_, (_, all))| *all > 0)
            .map(|(word, (reached, all))| format!("{word} {reached}/{all}"))
            .collect();
        console.fact(&format!(
            "\ncovered  {name}  {} %   {}",
            coverage.percent(),
            counts.join("   ")
        ))?;
        for (target, name, place) in coverage.missed() {
            console.fact(&format!("missed   {}  {name}  {}", target.word(), shown(place)))?;
        }
    }
    Ok(())
}

fn as_json(suite: &Suite) -> Value {
    let tests: Vec<Value> = suite
        .tested
        .iter()
        .map(|one| {
            let (failures, error): (Vec<Value>, Value) = match &one.played {
                Ok(played) => (played.failures.iter().map(failure_json).collect(), Value::Null),
                Err(ScenarioError::Findings(findings)) => {
                    (findings.iter().map(finding_json).collect(), json!("findings"))
                }
                Err(error) => (Vec::new(), json!(why(error))),
            };
            json!({
                "file": one.path.display().to_string(), "title": one.title,
                "procedure": one.procedure, "passed": one.is_passed(),
                "failures": failures, "error": error,
            })
        })
        .collect();
    let coverage = suite.coverage_by_name().map(|(name, coverage)| {
        let of = |target: &Target| {
            let (reached, all) = coverage.count(*target);
            (target.word().replace(' ', "-"), json!({ "reached": reached, "all": all }))
        };
        let mut counts: serde_json::Map<String, Value> = Target::ALL.iter().map(of).collect();
        counts.insert("percent".to_owned(), json!(coverage.percent()));
        (name, Value::Object(counts))
    });
    json!({
        "schema": "verloop.test/1",
        "passed": suite.tested.len() - suite.failed(),
        "failed": suite.failed(),
        "tests": tests,
        "coverage": coverage.collect::<serde_json::Map<_, _>>(),
    })
}

fn failure_json(failure: &Otherwise) -> Value {
    let (line, column) = failure.place.line_column();
    json!({
        "file": failure.place.source.name, "line": line, "column": column,
        "expected": failure.expected, "but": failure.but, "because": failure.because,
    })
}

fn finding_json(finding: &Diagnostic) -> Value {
    let (line, column) = finding.place.line_column();
    json!({
        "file": finding.place.source.name, "line": line, "column": column,
        "code": finding.code, "message": finding.message,
    })
}

/// Returns the report that tools for continuous integration read: a suite for each procedure, a case for each scenario.
fn as_junit(suite: &Suite) -> Report {
    let mut report = Report::new("verloop");
    let mut suites: Vec<TestSuite> = Vec::new();
    for one in &suite.tested {
        let name = one.procedure.as_ref().map_or("unreadable", |name| name.as_str());
        let file = one.path.display().to_string();
        let mut case = TestCase::new(
            one.title.clone().unwrap_or_else(|| file.clone()),
            TestCaseStatus::success(),
        );
        case.set_classname(file);
        if let Some((kind, message, text)) = what_went_otherwise(one) {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(message).set_description(text);
            case.status = status;
        }
        let known = suites.iter().position(|suite| suite.name.as_str() == name);
        let place = known.unwrap_or(suites.len());
        if known.is_none() {
            suites.push(TestSuite::new(name));
        }
        if let Some(suite) = suites.get_mut(place) {
            suite.add_test_case(case);
        }
    }
    report.add_test_suites(suites);
    report
}

fn what_went_otherwise(one: &Tested) -> Option<(NonSuccessKind, String, String)> {
    match &one.played {
        Ok(played) => {
            let first = played.failures.first()?;
            let text: Vec<String> =
                played.failures.iter().flat_map(|failure| in_words(failure, false)).collect();
            let message = format!("expected {}, but {}", first.expected, first.but);
            Some((NonSuccessKind::Failure, message, text.join("\n")))
        }
        Err(error) => {
            Some((NonSuccessKind::Error, "the scenario can't be played".to_owned(), why(error)))
        }
    }
}
