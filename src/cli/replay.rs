//! `verloop test --replay`: last year's cases on the text that stands on disk, in memory, and what would have been different.

use super::Answer;
use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, findings_failure, for_programs, workspace_failure};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::impact::{bundle, file};
use super::replayed::{Drawing, Told};
use super::viewer::Who;
use crate::case::Person;
use crate::catalog::Bundle;
use crate::diagnostic::shown;
use crate::engine::{Adopted, EngineError};
use crate::language::Language;
use crate::procedure::Name;
use crate::time::{Date, parse_date};
use chrono::Days;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How far back cases are taken if nothing is said, in days.
const LAST_YEAR: u64 = 365;

/// What is asked.
pub(super) struct Asked<'a> {
    /// What stands after `--replay`: a first day of ending, or a text.
    pub from: Option<&'a str>,
    /// The texts; all procedures of the workspace if none is named.
    pub texts: &'a [PathBuf],
    /// Whether differences end with 1.
    pub exit_code: bool,
}

/// What came of one text.
struct Report {
    /// The file, and its number.
    label: String,
    procedure: Name,
    since: Date,
    same: usize,
    /// Of those that went the same, how many have another last day.
    dates_only: usize,
    different: Vec<Told>,
    cant: Vec<(String, String)>,
    /// Cases that the user may not see.
    unseen: usize,
}

pub(super) fn run(asked: &Asked<'_>, globals: &Globals, console: &mut Console) -> Answer {
    if console.output == Output::Junit {
        let message = "a replay has no form `junit`: a difference is no failure";
        return Err(Failure::new(Exit::Usage, "no-such-output", message).attempt("-o json").into());
    }
    let desk = Desk::reading(globals, console)?;
    let day = asked.from.map(parse_date).and_then(Result::ok);
    let named = asked.from.filter(|_| day.is_none()).map(str::to_owned);
    let texts = asked.texts.iter().map(|path| path.to_string_lossy().into_owned());
    let named: Vec<String> = named.into_iter().chain(texts).collect();
    let named = if named.is_empty() {
        let all = desk.workspace.procedures().map_err(workspace_failure)?;
        all.into_iter().map(|(name, _)| name).collect()
    } else {
        named
    };
    let mut reports = Vec::new();
    for text in &named {
        let report = one_text(&desk, globals, text, day, console.language)?;
        // Of all there are, those of which nothing has ended say nothing.
        if named.len() == 1 || report.all() > 0 {
            reports.push(report);
        }
    }
    if for_programs(console) {
        let reports: Vec<Value> = reports.iter().map(Report::as_json).collect();
        console.document(&json!({ "schema": "verloop.replay/1", "replays": reports }))?;
    } else if reports.is_empty() {
        let none = console.language.pick(
            "er zijn geen geëindigde zaken om over te doen",
            "there are no finished cases to replay",
        );
        console.fact(none)?;
    } else {
        for report in &reports {
            report.tell(console)?;
        }
    }
    let differs = reports.iter().any(|report| !report.different.is_empty());
    Ok(if asked.exit_code && differs { Exit::Findings } else { Exit::Done })
}

/// Plays all cases that ended since a day on one text.
fn one_text(
    desk: &Desk,
    globals: &Globals,
    named: &str,
    day: Option<Date>,
    language: Language,
) -> Result<Report, Stop> {
    let read: Bundle = match file(named)? {
        Some(read) => read,
        None => bundle(desk, named)?,
    };
    let adopted = Adopted::new(&read, desk.engine.almanac()).map_err(|findings| {
        findings_failure(&findings, format!("`{}` has errors", shown(&read.path)))
    })?;
    let to = adopted.procedure;
    let failed = |error: EngineError| desk.engine_failure(error, named, None);
    let record = desk.engine.publications(to.name.as_str()).map_err(failed)?;
    let numbers: BTreeMap<_, _> =
        record.versions().iter().map(|known| (known.version, known.number)).collect();
    let number = if let Some(number) = numbers.get(&to.version) {
        format!("v{number}")
    } else {
        let not = language.pick("niet gepubliceerd", "not published");
        format!("v{}, {not}", record.next_number())
    };
    let path = std::path::Path::new(&read.path);
    let file_name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let today = to.zone.local_date(desk.engine.now());
    let since = day.or_else(|| today.checked_sub_days(Days::new(LAST_YEAR))).unwrap_or(today);
    let mut report = Report {
        label: format!("{file_name} ({number})"),
        procedure: to.name.clone(),
        since,
        same: 0,
        dates_only: 0,
        different: Vec::new(),
        cant: Vec::new(),
        unseen: 0,
    };
    let who = desk.who(globals).unwrap_or(Who::Anybody);
    desk.engine
        .each_finished(&to, since, &mut |key, file| {
            if !desk.sees(&who, file) {
                report.unseen += 1;
                return Ok(());
            }
            let person = desk.person_in(&who, file).ok().flatten();
            let viewer = person.clone().unwrap_or_else(Person::nobody);
            let veil = desk.veil(person.as_ref(), file);
            let version = file.procedure.version;
            let version = numbers
                .get(&version)
                .map_or_else(|| version.short(), |number| format!("v{number}"));
            let drawing = Drawing { desk, to: &to, veil: &veil, language };
            match desk.engine.replay(key, &to, &viewer)? {
                Ok(replayed) if replayed.is_same() => {
                    report.same += 1;
                    report.dates_only += usize::from(!replayed.dates.is_empty());
                }
                Ok(replayed) => report.different.push(drawing.told(file, &version, replayed)),
                Err(why) => {
                    report.cant.push((file.reference().to_owned(), drawing.cant(&why)));
                }
            }
            Ok(())
        })
        .map_err(failed)?;
    Ok(report)
}

impl Report {
    fn all(&self) -> usize {
        self.same + self.different.len() + self.cant.len() + self.unseen
    }

    fn tell(&self, console: &mut Console) -> Result<(), Stop> {
        let nl = console.language == Language::Nl;
        let (same, different) = (self.same, self.different.len());
        let all = same + different;
        let (label, since) = (shown(&self.label), self.since);
        console.fact(&match (nl, all) {
            (true, 1) => format!("1 geëindigde zaak over gedaan op {label}, sinds {since}: {same} hetzelfde, {different} anders"),
            (true, _) => format!("{all} geëindigde zaken over gedaan op {label}, sinds {since}: {same} hetzelfde, {different} anders"),
            (false, 1) => format!("1 finished case replayed on {label}, since {since}: {same} the same, {different} different"),
            (false, _) => format!("{all} finished cases replayed on {label}, since {since}: {same} the same, {different} different"),
        })?;
        let more = [
            (
                self.dates_only,
                "waarin alleen een laatste dag anders valt",
                "of the same, with another last day and nothing else",
            ),
            (self.cant.len(), "die niet over te doen zijn", "that can't be replayed"),
            (self.unseen, "die u niet mag zien", "that you may not see"),
        ];
        for (count, dutch, english) in more.into_iter().filter(|(count, ..)| *count > 0) {
            console.fact(&format!("  {count:>5}  {}", console.language.pick(dutch, english)))?;
        }
        let plain = console.output == Output::Plain;
        for told in &self.different {
            if !plain {
                console.fact(&format!("{}  {}", shown(&told.reference), shown(&told.version)))?;
            }
            for line in &told.lines {
                let front = if plain { shown(&told.reference) } else { "  ".into() };
                console.fact(&format!("{front}  {}", shown(line)))?;
            }
        }
        for (reference, why) in &self.cant {
            console.fact(&format!("{}  {}", shown(reference), shown(why)))?;
        }
        console.talk(console.language.pick(
            "er is niets geschreven, en niets verstuurd",
            "nothing was written, and nothing was sent",
        ));
        Ok(())
    }

    fn as_json(&self) -> Value {
        let cant = self.cant.iter().map(|(case, why)| json!({ "case": case, "why": why }));
        json!({
            "text": self.label, "procedure": self.procedure, "since": self.since,
            "same": self.same, "dates-only": self.dates_only,
            "different": self.different.iter().map(|told| &told.json).collect::<Vec<_>>(),
            "not-replayed": cant.collect::<Vec<_>>(), "unseen": self.unseen,
        })
    }
}
