//! `verloop run`: plays a scripted case with a simulated clock, and tells it.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{findings_failure, for_programs};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::story::{self, Story};
use super::{Answer, show};
use crate::case::{Case, PersonId};
use crate::diagnostic::{render, shown};
use crate::engine::CaseFile;
use crate::language::Language;
use crate::procedure::Procedure;
use crate::scenario::{Played, Refused, ScenarioError, Script};
use serde_json::{Value, json};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop run examples/op-tijd-beantwoord.yaml
  verloop run examples/op-tijd-beantwoord.yaml --lang en
  verloop run examples/op-tijd-beantwoord.yaml -o json";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The scenario
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
}

pub(super) fn run(args: &Args, _globals: &Globals, console: &mut Console) -> Answer {
    let script = Script::read(&args.scenario).map_err(|error| failure(error, console))?;
    if let Some(language) = script.scenario.language {
        console.speak(language);
    }
    let played = script.play().map_err(|error| failure(error, console))?;
    if for_programs(console) {
        console.document(&as_json(&script, &played, console.language))?;
    } else {
        tell(&script, &played, console)?;
    }
    Ok(if played.failures.is_empty() { Exit::Done } else { Exit::Findings })
}

fn failure(error: ScenarioError, console: &mut Console) -> Stop {
    match error {
        ScenarioError::File(error) => {
            Failure::new(Exit::NotFound, "no-such-file", error.to_string())
                .attempt("another path")
                .into()
        }
        ScenarioError::Findings(findings) => {
            if for_programs(console) {
                return findings_failure(
                    &findings,
                    "the scenario, or a file that it names, has errors",
                );
            }
            console.talk(&render(&findings, console.style()));
            let message = format!("{} found; the scenario was not played", count(findings.len()));
            Failure::new(Exit::Findings, "findings", message)
                .attempt("to mend them; then run it again")
                .into()
        }
        ScenarioError::Engine(error) => {
            Failure::new(Exit::Fault, "engine", "the scenario could not be played to its end")
                .why(error.to_string())
                .into()
        }
    }
}

fn count(findings: usize) -> String {
    if findings == 1 { "1 error".to_owned() } else { format!("{findings} errors") }
}

fn tell(script: &Script, played: &Played, console: &mut Console) -> Result<(), Stop> {
    let language = console.language;
    let nl = language == Language::Nl;
    let procedure = &script.adopted.procedure;
    let strong = anstyle::Style::new().bold();
    console.fact(&format!("{strong}{}{strong:#}", shown(&script.scenario.title)))?;
    let title = procedure.title.in_language(language);
    console.fact(&format!(
        "{} ({}, {})\n",
        shown(title),
        procedure.name,
        procedure.version.short()
    ))?;
    let name_of =
        |id: &PersonId| script.organisation.member(id.as_str()).map(|member| member.name.clone());
    let mut stories: Vec<(&str, Story<'_>, Case)> = Vec::new();
    let mut last = None;
    for scene in &played.scenes {
        let reference = scene.reference.as_str();
        let known = stories.iter().position(|(known, _, _)| *known == reference);
        let place = known.unwrap_or(stories.len());
        if known.is_none() {
            let story = Story::new(&scene.procedure, language, &name_of);
            stories.push((reference, story, Case::default()));
        }
        // Where there are several cases, each change from one to another is said.
        if !played.others.is_empty() && !reference.is_empty() && last != Some(place) {
            console.fact(&format!("{strong}{}{strong:#}", shown(reference)))?;
        }
        last = Some(place);
        let Some((_, story, case)) = stories.get_mut(place) else { continue };
        let lines = story.lines(case, &scene.events);
        story::print(console, &lines)?;
        if let Some(refused) = &scene.refusal {
            story::print(console, &refusal(story, script, &scene.procedure, refused, language))?;
        }
    }
    for (place, file) in played.file.iter().chain(&played.others).enumerate() {
        let due = show::duties(file).len();
        let status = file.case.status.ended_as().map_or("open", |ended| ended.as_str());
        let said = match (due, nl) {
            (0, true) => format!("{}: {status}, niets meer te doen", file.reference()),
            (0, false) => format!("{}: {status}, nothing left to do", file.reference()),
            (due, true) => format!("{}: {status}, {due} te doen", file.reference()),
            (due, false) => format!("{}: {status}, {due} to do", file.reference()),
        };
        let above = if place == 0 { "\n" } else { "" };
        console.fact(&format!("{above}{said}"))?;
    }
    for failure in &played.failures {
        let (line, column) = failure.place.line_column();
        let red = anstyle::Style::new().fg_color(Some(anstyle::AnsiColor::Red.into())).bold();
        let words = if nl {
            ["ANDERS", "verwacht", "maar", "want"]
        } else {
            ["FAIL", "expected", "but", "because"]
        };
        console.fact(&format!(
            "\n{red}{}{red:#}  {}:{line}:{column}",
            words[0],
            shown(&failure.place.source.name)
        ))?;
        console.fact(&format!("  {:<9} {}", words[1], shown(&failure.expected)))?;
        console.fact(&format!("  {:<9} {}", words[2], shown(&failure.but)))?;
        if let Some(because) = &failure.because {
            console.fact(&format!("  {:<9} {}", words[3], shown(because)))?;
        }
    }
    let said = match (played.failures.len(), nl) {
        (0, true) => "alles ging zoals verwacht".to_owned(),
        (0, false) => "everything went as expected".to_owned(),
        (1, true) => "1 ding ging anders dan verwacht".to_owned(),
        (1, false) => "1 thing went otherwise than expected".to_owned(),
        (some, true) => format!("{some} dingen gingen anders dan verwacht"),
        (some, false) => format!("{some} things went otherwise than expected"),
    };
    console.talk(&said);
    Ok(())
}

fn refusal(
    story: &mut Story<'_>,
    script: &Script,
    procedure: &Procedure,
    refused: &Refused,
    language: Language,
) -> Vec<String> {
    let nl = language == Language::Nl;
    let zone = &procedure.zone;
    let by =
        script.organisation.member(&refused.by).map_or(refused.by.as_str(), |member| &member.name);
    let asked = procedure.find_step(&refused.refusal.asked);
    let asked = asked.map_or(refused.refusal.asked.as_str(), |index| {
        procedure.step(index).title.in_language(language)
    });
    let head = if nl {
        format!("Geweigerd: {asked}, gevraagd door {by}")
    } else {
        format!("Refused: {asked}, asked by {by}")
    };
    let mut lines = vec![story.aside(refused.at, &head)];
    lines.push(Story::under(&refused.refusal.in_words(zone, language)));
    if let Some(rule) = &refused.refusal.rule {
        let cite = rule.cite.as_ref().map(|cite| format!("; {cite}")).unwrap_or_default();
        lines.push(Story::under(&format!("{}:{}{cite}", rule.file, rule.line)));
    }
    lines
}

fn as_json(script: &Script, played: &Played, language: Language) -> Value {
    let zone = &script.adopted.procedure.zone;
    let scenes: Vec<Value> = played
        .scenes
        .iter()
        .map(|scene| {
            let refusal = scene.refusal.as_ref().map(|refused| {
                json!({
                    "at": refused.at, "by": refused.by, "asked": refused.refusal.asked,
                    "code": refused.refusal.code(), "expected": refused.expected,
                    "why": refused.refusal.in_words(zone, language),
                })
            });
            json!({ "case": scene.reference, "events": scene.events, "refused": refusal })
        })
        .collect();
    let at_the_end = |file: &CaseFile| show::as_json(file, file.case.latest.unwrap_or_default());
    let failures: Vec<Value> = played
        .failures
        .iter()
        .map(|failure| {
            let (line, column) = failure.place.line_column();
            json!({
                "file": failure.place.source.name, "line": line, "column": column,
                "expected": failure.expected, "but": failure.but, "because": failure.because,
            })
        })
        .collect();
    json!({
        "schema": "verloop.run/1",
        "title": script.scenario.title,
        "scenes": scenes,
        "failures": failures,
        "case": played.file.as_ref().map(at_the_end),
        "others": played.others.iter().map(at_the_end).collect::<Vec<_>>(),
    })
}
