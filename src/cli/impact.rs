//! `verloop impact` and `migrate`: what a new text means for the cases under way, and moving them to it.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, findings_failure, for_programs, workspace_failure};
use super::failure::{Failure, Stop};
use super::viewer::Who;
use super::work::csv_cell;
use super::{Answer, Exit};
use crate::catalog::{Bundle, Organisation, layout, numbered_name};
use crate::diagnostic::shown;
use crate::engine::{
    Adopted, CaseFile, Change, DeadlineChange, EngineError, Forecast, Moving, Task, obstacle,
    obstacle_code,
};
use crate::procedure::{Mapping, Name, Procedure};
use crate::store::CaseKey;
use crate::time::Date;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

pub(super) const IMPACT_EXAMPLES: &str = "\
Examples:
  verloop impact klachtenprocedure                       the file on disk, against all open cases
  verloop impact klachtenprocedure@4 -o csv > gevolgen.csv
  verloop impact klachtenprocedure --map bevindingen=besluit";

pub(super) const MIGRATE_EXAMPLES: &str = "\
Examples:
  verloop migrate klachtenprocedure@4 --plan
  verloop migrate klachtenprocedure@4 --apply --because 'Beleidsnota 2026-14' --as joost
  verloop migrate klachtenprocedure@4 --apply --case K-2026-0017 --map bevindingen=besluit --because '…'
  verloop migrate klachtenprocedure@4 --undo --because 'De brief was verkeerd' --as joost";

pub(super) const OUTPUTS: &[Output] =
    &[Output::Human, Output::Plain, Output::Json, Output::Csv, Output::Html];

pub(super) const MIGRATE_OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `impact`.
#[derive(Debug, clap::Args)]
pub(super) struct Impact {
    /// The text: a procedure (its file on disk), a file, or a published version
    #[arg(value_name = "PROCEDURE[@N]")]
    procedure: String,

    /// What an old step is called now; nothing behind the `=` where it was dropped
    #[arg(long = "map", value_name = "OLD=NEW")]
    map: Vec<String>,

    /// Name every case, also those in which nothing changes
    #[arg(long)]
    all: bool,
}

/// What stands after `migrate`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(super) struct Migrate {
    /// The version to which cases move
    #[arg(value_name = "PROCEDURE@N")]
    version: String,

    /// Say what would happen
    #[arg(long, group = "what")]
    plan: bool,

    /// Move the cases that can move
    #[arg(long, group = "what")]
    apply: bool,

    /// Take the move to this version back, in every case in which nobody acted since
    #[arg(long, group = "what")]
    undo: bool,

    /// Only this case; may be given more than once
    #[arg(long = "case", value_name = "CASE")]
    cases: Vec<String>,

    /// What an old step is called now; nothing behind the `=` where it was dropped
    #[arg(long = "map", value_name = "OLD=NEW")]
    map: Vec<String>,

    /// Why: it is put on record
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,
}

/// What moving means for all cases, as the user may know it.
struct Report {
    to: String,
    forecasts: Vec<Forecast>,
    /// Cases that the user may not see.
    unseen: usize,
}

pub(super) fn impact(args: &Impact, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (to, label) = text(&desk, &args.procedure)?;
    let moving = Moving {
        to: &to,
        by_hand: mapping(&args.map)?,
        person: desk.own_name().unwrap_or_default().to_owned(),
        because: None,
    };
    let report = forecast(&desk, globals, &moving, label, &[])?;
    print(&desk, &report, &to.procedure, args.all, console)?;
    Ok(Exit::Done)
}

pub(super) fn migrate(args: &Migrate, globals: &Globals, console: &mut Console) -> Answer {
    if numbered_name(&args.version).is_none() {
        let message = format!("`{}` names no version", args.version);
        let failure = Failure::new(Exit::Usage, "bad-version", message);
        return Err(failure.attempt("verloop versions      to see what there is").into());
    }
    let plan = args.plan || globals.dry_run;
    let desk = if plan {
        Desk::reading(globals, console)?
    } else {
        Desk::writing(globals, console, false)?
    };
    let (to, label) = text(&desk, &args.version)?;
    let because = (!plan).then_some(args.because.as_str());
    let by = desk.publisher(globals, because)?;
    let moving =
        Moving { to: &to, by_hand: mapping(&args.map)?, person: by.person, because: by.because };
    if plan && !args.undo {
        let report = forecast(&desk, globals, &moving, label, &args.cases)?;
        print(&desk, &report, &to.procedure, false, console)?;
        return Ok(Exit::Done);
    }
    let keys = if args.undo {
        moved_cases(&desk, &to.procedure, &args.cases, globals)?
    } else {
        cases(&desk, &to.procedure, &args.cases, globals)?
    };
    let who = desk.who(globals).unwrap_or(Who::Anybody);
    // Of a case that the mover may not see it is only counted that it moved.
    let named = |key: CaseKey, reference: &str| {
        let seen = desk.sees_key(&who, key);
        if seen { reference.to_owned() } else { "a case that you may not see".to_owned() }
    };
    let mut moved = Vec::new();
    let mut left: Vec<(String, Vec<String>)> = Vec::new();
    for key in keys {
        let failed = |error: EngineError| desk.engine_failure(error, "", None);
        let file = desk.engine.case(key).map_err(failed)?;
        let reference = named(key, file.reference());
        let done = match (args.undo, plan) {
            (true, true) => Ok(true),
            (true, false) => undo(&desk, key, &file, &moving, console)?,
            (false, _) => move_there(&desk, key, &moving)?,
        };
        match done {
            Ok(true) => moved.push(reference),
            Ok(false) => {}
            Err(why) => left.push((reference, why)),
        }
    }
    desk.deliver(console);
    if for_programs(console) {
        let left: Vec<Value> =
            left.iter().map(|(case, why)| json!({ "case": case, "why": why })).collect();
        console.document(&json!({
            "schema": "verloop.migrate/1", "to": label, "moved": moved, "left": left,
            "undone": args.undo,
        }))?;
    } else {
        let word = match (args.undo, plan) {
            (true, true) => "would be moved back",
            (true, false) => "moved back",
            (false, _) => "moved",
        };
        console.fact(&format!("{} cases {word}, {} left alone", moved.len(), left.len()))?;
        for (case, why) in &left {
            console.fact(&format!("  {case}  {}", why.join("; ")))?;
        }
    }
    Ok(if left.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Moves a case. Returns whether it did not run on that text already, or what stands in the way.
fn move_there(
    desk: &Desk,
    key: CaseKey,
    moving: &Moving<'_>,
) -> Result<Result<bool, Vec<String>>, Stop> {
    let moved = desk.engine.migrate(key, moving);
    let moved = moved.map_err(|error| desk.engine_failure(error, "", None))?;
    let to = &moving.to.procedure;
    Ok(moved
        .map(|done| done.is_some())
        .map_err(|obstacles| obstacles.iter().map(|one| words(one, to)).collect()))
}

/// Takes the move of a case back. Returns why not, where somebody acted since.
fn undo(
    desk: &Desk,
    key: CaseKey,
    file: &CaseFile,
    moving: &Moving<'_>,
    console: &Console,
) -> Result<Result<bool, Vec<String>>, Stop> {
    match desk.engine.undo_migration(key, &moving.person, moving.because.as_deref()) {
        Ok(_) => Ok(Ok(true)),
        Err(EngineError::Refused { refusal, .. }) => {
            Ok(Err(vec![refusal.in_words(&file.procedure.zone, console.language)]))
        }
        Err(error) => Err(desk.engine_failure(error, "", None)),
    }
}

/// Returns the text of a file, if that is what was named.
pub(super) fn file(named: &str) -> Result<Option<Bundle>, Stop> {
    let path = Path::new(named);
    let bytes = crate::catalog::file::read(path).unwrap_or_default();
    if !crate::catalog::file::is_file(path) || !layout::has_key(&bytes, "procedure") {
        return Ok(None);
    }
    Bundle::read(path).map(Some).map_err(|error| workspace_failure(error.into()))
}

/// Returns the text that was named: a published version, a file, or what stands on disk under a name.
pub(super) fn bundle(desk: &Desk, named: &str) -> Result<Bundle, Stop> {
    let failed = |error: EngineError| desk.engine_failure(error, named, None);
    if let Some((name, number)) = numbered_name(named) {
        let record = desk.engine.publications(name.as_str()).map_err(failed)?;
        let Some(published) = record.numbered(number) else {
            let message = format!("`{name}` has no version {number}");
            let failure = Failure::new(Exit::NotFound, "no-such-version", message);
            return Err(failure.attempt(format!("verloop versions {name}")).into());
        };
        return desk.engine.published_text(published.version).map_err(failed);
    }
    match file(named)? {
        Some(bundle) => Ok(bundle),
        None => desk.workspace.bundle(named).map_err(workspace_failure),
    }
}

/// Returns the text that was named, compiled, with what to call it.
fn text(desk: &Desk, named: &str) -> Result<(Adopted, String), Stop> {
    let failed = |error: EngineError| desk.engine_failure(error, named, None);
    let bundle = bundle(desk, named)?;
    if numbered_name(named).is_some() {
        let adopted = Adopted::published(&bundle, desk.engine.almanac()).map_err(|findings| {
            findings_failure(&findings, "the stored text of the procedure does not compile")
        })?;
        return Ok((adopted, named.to_owned()));
    }
    let adopted = Adopted::new(&bundle, desk.engine.almanac()).map_err(|findings| {
        findings_failure(&findings, format!("`{}` has errors", shown(&bundle.path)))
    })?;
    let record = desk.engine.publications(adopted.procedure.name.as_str()).map_err(failed)?;
    let label = match record.of_version(adopted.procedure.version) {
        Some(known) => format!("{}@{}", adopted.procedure.name, known.number),
        None => format!("{} (not published)", adopted.procedure.name),
    };
    Ok((adopted, label))
}

fn mapping(pairs: &[String]) -> Result<Mapping, Stop> {
    let mut map = Mapping::default();
    for pair in pairs {
        let Some((old, new)) = pair.split_once('=').filter(|(old, _)| !old.is_empty()) else {
            let failure = Failure::new(Exit::Usage, "bad-map", format!("`{pair}` is no OLD=NEW"));
            return Err(failure.attempt("--map bevindingen=besluit").into());
        };
        let new = new.split(',').map(str::trim).filter(|new| !new.is_empty());
        map.steps.insert(Name::from(old), new.map(Name::from).collect());
    }
    Ok(map)
}

fn cases(
    desk: &Desk,
    to: &Procedure,
    named: &[String],
    globals: &Globals,
) -> Result<Vec<CaseKey>, Stop> {
    if named.is_empty() {
        let all = desk.engine.cases_to_move(to);
        return all.map_err(|error| desk.engine_failure(error, to.name.as_str(), None));
    }
    let keys = named.iter().map(|case| Ok(desk.find(globals, case, true)?.key.unwrap_or_default()));
    keys.collect()
}

/// Returns the cases that run on a text and were moved to it.
fn moved_cases(
    desk: &Desk,
    to: &Procedure,
    named: &[String],
    globals: &Globals,
) -> Result<Vec<CaseKey>, Stop> {
    if !named.is_empty() {
        return cases(desk, to, named, globals);
    }
    let moved = desk.engine.cases_moved_to(to);
    moved.map_err(|error| desk.engine_failure(error, to.name.as_str(), None))
}

fn forecast(
    desk: &Desk,
    globals: &Globals,
    moving: &Moving<'_>,
    to: String,
    named: &[String],
) -> Result<Report, Stop> {
    let who = desk.who(globals).unwrap_or(Who::Anybody);
    let mut report = Report { to, forecasts: Vec::new(), unseen: 0 };
    for key in cases(desk, &moving.to.procedure, named, globals)? {
        if !desk.sees_key(&who, key) {
            report.unseen += 1;
            continue;
        }
        let forecast = desk.engine.forecast(key, moving);
        report.forecasts.push(forecast.map_err(|error| desk.engine_failure(error, "", None))?);
    }
    Ok(report)
}

fn words(one: &crate::case::Obstacle, to: &Procedure) -> String {
    let (why, help) = obstacle(one, to);
    match help {
        Some(help) => format!("{why} ({help})"),
        None => why,
    }
}

/// Returns who gains and who loses something to do, by short name.
fn people(organisation: &Organisation, change: &Change) -> (BTreeSet<String>, BTreeSet<String>) {
    let holders = |tasks: &[Task]| -> BTreeSet<(String, String)> {
        let of_task = |task: &Task| {
            let holds = |id: &&str| {
                let person = organisation.member(id);
                person.is_some_and(|person| person.roles.iter().any(|role| *role == *task.role))
            };
            let step = task.step.clone();
            let ids: Vec<&str> = organisation.ids().filter(holds).collect();
            ids.into_iter().map(move |id| (id.to_owned(), step.clone())).collect::<Vec<_>>()
        };
        tasks.iter().flat_map(of_task).collect()
    };
    let (gained, lost) = (holders(&change.gained), holders(&change.lost));
    let name = |(id, step): &(String, String)| format!("{id} ({step})");
    (gained.difference(&lost).map(name).collect(), lost.difference(&gained).map(name).collect())
}

fn day(date: Option<Date>) -> String {
    date.map_or_else(|| "—".to_owned(), |date| date.to_string())
}

fn of_deadline(change: &DeadlineChange) -> String {
    let item = change.clock.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
    let what = match (change.newly_late, change.rescued) {
        (true, _) => ", late at once",
        (false, true) => ", no longer late",
        (false, false) => "",
    };
    let (before, after) = (day(change.before), day(change.after));
    format!("{}{item}: {before} → {after}{what}", change.clock.deadline)
}

fn of_task(task: &Task) -> String {
    let item = task.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
    format!("{}{item} by {}", task.step, task.role)
}

fn print(
    desk: &Desk,
    report: &Report,
    to: &Procedure,
    all: bool,
    console: &mut Console,
) -> Result<(), Stop> {
    match console.output {
        Output::Json => console.document(&as_json(desk, report, to))?,
        Output::Csv => console.fact(as_csv(desk, report, to).trim_end())?,
        Output::Html => console.fact(as_html(desk, report, to).trim_end())?,
        Output::Human
        | Output::Plain
        | Output::Jsonl
        | Output::Junit
        | Output::Sarif
        | Output::Github => console.fact(in_words(desk, report, to, all).trim_end())?,
    }
    Ok(())
}

fn in_words(desk: &Desk, report: &Report, to: &Procedure, all: bool) -> String {
    let changes = || report.forecasts.iter().filter_map(|one| one.change.as_ref().ok());
    let late = changes().filter(|change| change.deadlines.iter().any(|one| one.newly_late)).count();
    let rescued = changes().filter(|change| change.deadlines.iter().any(|one| one.rescued)).count();
    let moves = changes().count();
    let still = changes().filter(|change| change.is_nothing()).count();
    let stuck = report.forecasts.len() - moves;
    let mut by_version: BTreeMap<String, usize> = BTreeMap::new();
    for one in &report.forecasts {
        *by_version.entry(one.from.short()).or_default() += 1;
    }
    let on: Vec<String> = by_version.iter().map(|(v, n)| format!("{n} on {v}")).collect();
    let mut text = String::new();
    let _ = writeln!(text, "{}: {} open cases on other texts", report.to, report.forecasts.len());
    if !on.is_empty() {
        let _ = writeln!(text, "  {}", on.join(", "));
    }
    let _ = writeln!(text, "  {still:>5}  can move, and nothing changes for them");
    let _ = writeln!(text, "  {:>5}  can move, and something changes", moves - still);
    let _ = writeln!(text, "  {late:>5}  of them late at once, {rescued} no longer late");
    let _ = writeln!(text, "  {stuck:>5}  can't move");
    if report.unseen > 0 {
        let _ = writeln!(text, "  {:>5}  that you may not see", report.unseen);
    }
    for one in &report.forecasts {
        match &one.change {
            Ok(change) if change.is_nothing() && !all => {}
            Ok(change) => {
                let _ = writeln!(text, "{}  from {}", shown(&one.reference), one.from.short());
                for deadline in &change.deadlines {
                    let _ = writeln!(text, "    {}", shown(&of_deadline(deadline)));
                }
                for task in &change.gained {
                    let _ = writeln!(text, "    gains  {}", shown(&of_task(task)));
                }
                for task in &change.lost {
                    let _ = writeln!(text, "    loses  {}", shown(&of_task(task)));
                }
                let (gain, lose) = people(&desk.organisation, change);
                if !gain.is_empty() {
                    let gain: Vec<String> = gain.into_iter().collect();
                    let _ =
                        writeln!(text, "    people who get something to do: {}", gain.join(", "));
                }
                if !lose.is_empty() {
                    let lose: Vec<String> = lose.into_iter().collect();
                    let _ = writeln!(text, "    people who lose something: {}", lose.join(", "));
                }
            }
            Err(obstacles) => {
                let _ = writeln!(text, "{}  can't move", shown(&one.reference));
                for obstacle in obstacles {
                    let _ = writeln!(text, "    {}", shown(&words(obstacle, to)));
                }
            }
        }
    }
    text.push_str("nothing was written, and nothing was sent\n");
    text
}

fn as_json(desk: &Desk, report: &Report, to: &Procedure) -> Value {
    let case = |one: &Forecast| match &one.change {
        Ok(change) => {
            let deadline = |one: &DeadlineChange| {
                json!({
                    "deadline": one.clock.deadline, "item": one.clock.item, "before": one.before,
                    "after": one.after, "newly-late": one.newly_late, "rescued": one.rescued,
                })
            };
            let task =
                |task: &Task| json!({ "step": task.step, "item": task.item, "role": task.role });
            let (gain, lose) = people(&desk.organisation, change);
            json!({
                "case": one.reference, "from": one.from, "moves": true,
                "deadlines": change.deadlines.iter().map(deadline).collect::<Vec<_>>(),
                "gained": change.gained.iter().map(task).collect::<Vec<_>>(),
                "lost": change.lost.iter().map(task).collect::<Vec<_>>(),
                "people-gain": gain, "people-lose": lose,
            })
        }
        Err(obstacles) => {
            let why = obstacles.iter().map(|one| {
                let (why, help) = obstacle(one, to);
                json!({ "code": obstacle_code(one), "why": why, "help": help })
            });
            json!({
                "case": one.reference, "from": one.from, "moves": false,
                "obstacles": why.collect::<Vec<_>>(),
            })
        }
    };
    let cases: Vec<Value> = report.forecasts.iter().map(case).collect();
    json!({
        "schema": "verloop.impact/1", "to": report.to, "version": to.version,
        "cases": cases, "unseen": report.unseen,
    })
}

/// Returns a row for each case and what changes in it.
fn rows(desk: &Desk, report: &Report, to: &Procedure) -> Vec<[String; 6]> {
    let mut rows = Vec::new();
    for one in &report.forecasts {
        let row = |what: &str, name: String, before: String, after: String| {
            let (case, from) = (one.reference.clone(), one.from.short());
            [case, from, what.to_owned(), name, before, after]
        };
        match &one.change {
            Ok(change) => {
                if change.is_nothing() {
                    rows.push(row("nothing", String::new(), String::new(), String::new()));
                }
                for deadline in &change.deadlines {
                    let what = match (deadline.newly_late, deadline.rescued) {
                        (true, _) => "late at once",
                        (false, true) => "no longer late",
                        (false, false) => "deadline",
                    };
                    let (before, after) = (day(deadline.before), day(deadline.after));
                    rows.push(row(what, deadline.clock.deadline.to_string(), before, after));
                }
                for (what, tasks) in [("gains", &change.gained), ("loses", &change.lost)] {
                    for task in tasks {
                        rows.push(row(what, of_task(task), String::new(), String::new()));
                    }
                }
                let (gain, lose) = people(&desk.organisation, change);
                for (what, people) in [("person gains", gain), ("person loses", lose)] {
                    for person in people {
                        rows.push(row(what, person, String::new(), String::new()));
                    }
                }
            }
            Err(obstacles) => {
                for obstacle in obstacles {
                    rows.push(row("can't move", words(obstacle, to), String::new(), String::new()));
                }
            }
        }
    }
    rows
}

const HEAD: [&str; 6] = ["case", "from", "what", "name", "before", "after"];

fn as_csv(desk: &Desk, report: &Report, to: &Procedure) -> String {
    let mut text = HEAD.join(",");
    for row in rows(desk, report, to) {
        let cells: Vec<String> = row.iter().map(|cell| csv_cell(cell)).collect();
        let _ = write!(text, "\r\n{}", cells.join(","));
    }
    text
}

fn as_html(desk: &Desk, report: &Report, to: &Procedure) -> String {
    let escaped = |text: &str| {
        let safe = shown(text).to_string();
        safe.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let title = escaped(&report.to);
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Impact of {title}</title>\n\
         <h1>Impact of {title}</h1>\n<p>{} open cases on other texts.</p>\n<table>\n<tr>",
        report.forecasts.len()
    );
    for head in HEAD {
        let _ = write!(text, "<th scope=\"col\">{head}</th>");
    }
    text.push_str("</tr>\n");
    for row in rows(desk, report, to) {
        text.push_str("<tr>");
        for cell in row {
            let _ = write!(text, "<td>{}</td>", escaped(&cell));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</table>\n</html>\n");
    text
}
