//! `verloop status`: the procedures on disk, and the cases that run on each version.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, for_programs, store_failure, workspace_failure};
use super::viewer::Who;
use super::{Answer, Exit};
use crate::catalog::{Bundle, BundleError, CatalogFact, Publications, file};
use crate::diagnostic::shown;
use crate::engine::Adopted;
use crate::language::Language;
use crate::procedure::Version;
use crate::register::{self, Running};
use crate::service::lines;
use crate::time::Almanac;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop status
  verloop status -o json";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// A procedure on disk.
struct OnDisk {
    name: String,
    path: PathBuf,
    /// Its version, or what is wrong with it.
    version: Result<String, Vec<String>>,
    /// Why the text was refused although nothing is wrong with it by itself: a scenario goes otherwise, or it has no place
    /// among those on record.
    refused: Vec<String>,
    /// The number of that version on record, if it was published.
    number: Option<u32>,
    /// The texts that new cases get, on the days for which each is in force.
    active: Vec<Active>,
}

/// A text that new cases get.
struct Active {
    number: u32,
    /// Since when, and by whom.
    since: String,
}

pub(super) fn run(_args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    // A workspace that has had no case yet has no store, and that is no fault.
    let there_is = there_is_store(globals, console)?;
    let desk = there_is.then(|| Desk::reading(globals, console)).transpose()?;
    let (workspace, almanac) = if let Some(desk) = &desk {
        (Arc::clone(&desk.workspace), desk.engine.almanac().clone())
    } else {
        let workspace = super::desk::workspace(globals, console)?;
        let almanac = workspace.almanac().map_err(workspace_failure)?;
        (Arc::new(workspace), almanac)
    };
    let procedures = workspace.procedures().map_err(workspace_failure)?.into_iter();
    let mut on_disk: Vec<OnDisk> =
        procedures.map(|(name, path)| OnDisk::read(name, path, &almanac)).collect();
    let (running, due) = match &desk {
        None => (Vec::new(), None),
        Some(desk) => {
            for file in &mut on_disk {
                let record = desk.engine.publications(&file.name);
                let record =
                    record.map_err(|error| desk.engine_failure(error, &file.name, None))?;
                file.beside(&record, desk);
            }
            let who = desk.who(globals).unwrap_or(Who::Anybody);
            let sees_all = |version| desk.sees_all(&who, version);
            let sees = |key| desk.sees_key(&who, key);
            let running = register::running(desk.engine.store(), &sees_all, &sees)
                .map_err(|error| store_failure(&error))?;
            let now = desk.engine.now().timestamp_millis();
            let due = desk
                .engine
                .store()
                .timers_due(now, None, 1_000)
                .map_err(|error| store_failure(&error))?;
            let due = due.iter().filter(|(_, key)| sees(*key)).count();
            (running, Some(due))
        }
    };
    let broken = on_disk.iter().any(|file| file.version.is_err() || !file.refused.is_empty());
    if for_programs(console) {
        console.document(&as_json(&on_disk, &running, due))?;
    } else {
        let text = in_words(&on_disk, &running, due, console.language);
        console.fact(text.trim_end())?;
    }
    Ok(if broken { Exit::Findings } else { Exit::Done })
}

/// Whether there is a store: where a server answers, always.
fn there_is_store(globals: &Globals, console: &mut Console) -> Result<bool, super::failure::Stop> {
    if console.asker.house().is_some() {
        return Ok(true);
    }
    let path = match &globals.store {
        Some(path) => Some(path.clone()),
        None => super::desk::store_path(globals, &super::desk::workspace(globals, console)?).ok(),
    };
    Ok(path.is_some_and(|path| file::at(&path).exists()))
}

impl OnDisk {
    fn is_active(&self, number: u32) -> bool {
        self.active.iter().any(|active| active.number == number)
    }

    /// Reads what stands on disk.
    fn read(name: String, path: PathBuf, almanac: &Almanac) -> Self {
        let compiled = match Bundle::read(&path) {
            Ok(bundle) => Adopted::new(&bundle, almanac).map_err(|found| lines(&found, &[])),
            Err(BundleError::Findings(findings)) => Err(lines(&findings, &[])),
            Err(BundleError::File(error)) => Err(vec![error.to_string()]),
        };
        let version = compiled.map(|adopted| adopted.procedure.version.to_string());
        Self { name, path, version, refused: Vec::new(), number: None, active: Vec::new() }
    }

    /// Puts it beside what is on record.
    fn beside(&mut self, record: &Publications, desk: &Desk) {
        let own: Option<Version> = self.version.as_ref().ok().and_then(|own| own.parse().ok());
        self.number = own.and_then(|own| record.of_version(own)).map(|own| own.number);
        let since = |number: u32| {
            let published = record.numbered(number)?;
            Some(Active { number, since: super::publish::on(desk, published.activated?) })
        };
        self.active = record.active().into_iter().filter_map(since).collect();
        if let Some(CatalogFact::OfferRefused { version, findings, .. }) =
            record.refused().map(|act| &act.fact)
            && version.is_some()
            && *version == own
        {
            self.refused.clone_from(findings);
        }
    }
}

fn cases(running: &Running, language: Language) -> String {
    let words = running.by_status.iter().map(|(status, count)| {
        let word = match (status.as_str(), language) {
            ("open", Language::Nl) => "open",
            ("open", Language::En) => "open",
            ("ended", Language::Nl) => "geëindigd",
            ("ended", Language::En) => "ended",
            (_, Language::Nl) => "gearchiveerd",
            (_, Language::En) => "archived",
        };
        format!("{count} {word}")
    });
    words.collect::<Vec<_>>().join(", ")
}

fn in_words(
    on_disk: &[OnDisk],
    running: &[Running],
    due: Option<usize>,
    language: Language,
) -> String {
    let nl = language == Language::Nl;
    let mut text = String::new();
    for file in on_disk {
        let _ = writeln!(text, "{}  {}", shown(&file.name), shown(&file::shown(&file.path)));
        let _ = match (&file.version, nl) {
            (Ok(version), _) => {
                let word = if nl { "op schijf" } else { "on disk" };
                writeln!(text, "  {word:<11} {}  {}", short(version), stands(file, language))
            }
            (Err(wrong), true) if wrong.len() == 1 => writeln!(
                text,
                "  op schijf   1 fout: zie `verloop check`; wat actief was, blijft dat"
            ),
            (Err(wrong), false) if wrong.len() == 1 => writeln!(
                text,
                "  on disk     1 error: see `verloop check`; what was active stays so"
            ),
            (Err(wrong), true) => writeln!(
                text,
                "  op schijf   {} fouten: zie `verloop check`; wat actief was, blijft dat",
                wrong.len()
            ),
            (Err(wrong), false) => writeln!(
                text,
                "  on disk     {} errors: see `verloop check`; what was active stays so",
                wrong.len()
            ),
        };
        if !file.refused.is_empty() {
            let said = language
                .pick("geweigerd; wat actief was, blijft dat", "refused; what was active stays so");
            let _ = writeln!(text, "  {:<11} {said}", "");
        }
        for line in file.version.as_ref().err().unwrap_or(&file.refused) {
            let _ = writeln!(text, "  {:<11}   {}", "", shown(line));
        }
        for active in &file.active {
            let word = language.pick("actief", "active");
            let since = language.pick("sinds", "since");
            let _ = writeln!(text, "  {word:<11} v{} {since} {}", active.number, active.since);
        }
        let of_file = running.iter().filter(|running| running.procedure == file.name);
        for version in of_file {
            let word = if nl { "zaken op" } else { "cases on" };
            let _ = writeln!(
                text,
                "  {word:<11} {}  {}",
                short(&version.version),
                cases(version, language)
            );
        }
    }
    let gone =
        running.iter().filter(|running| !on_disk.iter().any(|file| file.name == running.procedure));
    for version in gone {
        let _ = writeln!(text, "{}", shown(&version.procedure));
        let said = language.pick(
            "niet op schijf; lopende zaken gaan door op hun eigen versie",
            "not on disk; running cases go on on their own version",
        );
        let _ = writeln!(text, "  {said}");
        let word = if nl { "zaken op" } else { "cases on" };
        let _ = writeln!(
            text,
            "  {word:<11} {}  {}",
            short(&version.version),
            cases(version, language)
        );
    }
    let _ = match (due, nl) {
        (None, true) => writeln!(text, "nog geen zaken"),
        (None, false) => writeln!(text, "no cases yet"),
        (Some(0), true) => writeln!(text, "niets is verstreken dat nog moet worden verwerkt"),
        (Some(0), false) => writeln!(text, "nothing has fallen due that is not taken in"),
        (Some(due), true) => {
            writeln!(text, "{due} zaken waarin iets is verstreken: `verloop tick` verwerkt het")
        }
        (Some(due), false) => {
            writeln!(text, "{due} cases in which something fell due: `verloop tick` takes it in")
        }
    };
    text
}

/// Says how a sound text on disk stands to those that new cases get.
fn stands(file: &OnDisk, language: Language) -> String {
    let active: Vec<String> =
        file.active.iter().map(|active| format!("v{}", active.number)).collect();
    let active = active.join(", ");
    let nl = language == Language::Nl;
    match (file.number, file.active.is_empty()) {
        (Some(number), false) if file.is_active(number) && nl => {
            format!("v{number}; nieuwe zaken volgen deze")
        }
        (Some(number), false) if file.is_active(number) => {
            format!("v{number}; new cases follow it")
        }
        (Some(number), false) if nl => format!("v{number}; nieuwe zaken volgen {active}"),
        (Some(number), false) => format!("v{number}; new cases follow {active}"),
        (Some(number), true) if nl => format!("v{number}; geen versie is actief"),
        (Some(number), true) => format!("v{number}; no version is active"),
        (None, true) if nl => "in orde, nog niet gepubliceerd".to_owned(),
        (None, true) => "sound, not published yet".to_owned(),
        (None, false) if nl => {
            format!("in orde, nog niet gepubliceerd; nieuwe zaken volgen {active}")
        }
        (None, false) => format!("sound, not published yet; new cases follow {active}"),
    }
}

fn short(version: &str) -> String {
    version.chars().take(8).collect()
}

fn as_json(on_disk: &[OnDisk], running: &[Running], due: Option<usize>) -> Value {
    let files: Vec<Value> = on_disk
        .iter()
        .map(|file| {
            json!({
                "procedure": file.name, "file": shown(&file::shown(&file.path)).to_string(),
                "version": file.version.as_ref().ok(), "errors": file.version.as_ref().err(),
                "refused": file.refused, "number": file.number,
                "active": file.active.iter().map(|active| json!({
                    "version": active.number, "since": active.since,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    let versions: Vec<Value> = running
        .iter()
        .map(|version| {
            json!({ "procedure": version.procedure, "version": version.version, "cases": version.by_status })
        })
        .collect();
    json!({ "schema": "verloop.status/1", "on-disk": files, "running": versions, "due": due })
}
