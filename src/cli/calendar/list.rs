//! `calendar list`: every name that a procedure may give as `calendar`, `counting` or `jurisdiction`.

use crate::cli::args::Output;
use crate::cli::console::Console;
use crate::cli::{Answer, Exit};
use crate::diagnostic::shown;
use crate::time::{Almanac, Date, format_date};
use serde_json::{Value, json};

/// One row of the list.
struct Row {
    kind: &'static str,
    name: String,
    title: String,
    version: String,
    known: Option<(Date, Date)>,
    /// The time zone and counting rule of a jurisdiction.
    law: Option<(String, String)>,
}

pub(super) fn run(almanac: &Almanac, console: &mut Console) -> Answer {
    let language = console.language;
    let calendars = almanac.calendar_names().filter_map(|name| almanac.calendar(name).ok());
    let calendars = calendars.map(|calendar| Row {
        kind: "calendar",
        name: calendar.name().to_owned(),
        title: calendar.title().in_language(language).to_owned(),
        version: calendar.version().to_owned(),
        known: calendar.known(),
        law: almanac
            .jurisdiction(calendar.name())
            .ok()
            .map(|law| (law.time_zone.name().to_owned(), law.counting.name().to_owned())),
    });
    let countings = almanac.counting_names().filter_map(|name| almanac.counting(name).ok());
    let countings = countings.map(|counting| Row {
        kind: "counting",
        name: counting.name().to_owned(),
        title: counting.title().in_language(language).to_owned(),
        version: counting.version().to_owned(),
        known: None,
        law: None,
    });
    let rows: Vec<Row> = calendars.chain(countings).collect();
    match console.output {
        Output::Json => {
            let rows: Vec<Value> = rows.iter().map(Row::in_json).collect();
            console.document(&json!({ "schema": "verloop.calendars/1", "entries": rows }))?;
        }
        Output::Csv => {
            console.fact("kind,name,title,version,known-from,known-to,time-zone,counting")?;
            for row in &rows {
                console.fact(&row.in_csv())?;
            }
        }
        Output::Plain
        | Output::Human
        | Output::Jsonl
        | Output::Html
        | Output::Sarif
        | Output::Github
        | Output::Junit => {
            let (calendars, countings): (Vec<&Row>, Vec<&Row>) =
                rows.iter().partition(|row| row.kind == "calendar");
            let width = |name: fn(&Row) -> &str| {
                rows.iter().map(|row| name(row).chars().count()).max().unwrap_or(0)
            };
            let (names, titles) = (width(|row| &row.name), width(|row| &row.title));
            console.fact(
                language.pick("Kalenders (ook als jurisdictie)", "Calendars (jurisdictions, too)"),
            )?;
            for row in calendars {
                let (zone, counting) = row.law.clone().unwrap_or_default();
                let known = row.known.map(|(_, to)| {
                    let to = format_date(to, language);
                    language.pick(format!("zeker tot en met {to}"), format!("known to {to}"))
                });
                let known = known.unwrap_or_default();
                let title = shown(&row.title).into_owned();
                let line = format!(
                    "  {:<names$}  {title:<titles$}  {zone:<16}  {counting:<21}  {known}",
                    row.name
                );
                console.fact(line.trim_end())?;
            }
            console.fact("")?;
            console.fact(language.pick("Telregels", "Counting rules"))?;
            for row in countings {
                console.fact(&format!("  {:<names$}  {}", row.name, shown(&row.title)))?;
            }
        }
    }
    Ok(Exit::Done)
}

impl Row {
    fn in_json(&self) -> Value {
        let known = self.known.map(|(from, to)| json!({ "from": from, "to": to }));
        let law = self.law.as_ref();
        json!({
            "kind": self.kind, "name": self.name, "title": self.title, "version": self.version, "known": known,
            "time-zone": law.map(|(zone, _)| zone), "counting": law.map(|(_, counting)| counting),
        })
    }

    fn in_csv(&self) -> String {
        let (from, to) = match self.known {
            Some((from, to)) => (from.to_string(), to.to_string()),
            None => Default::default(),
        };
        let (zone, counting) = self.law.clone().unwrap_or_default();
        let cells =
            [self.kind, &self.name, &self.title, &self.version, &from, &to, &zone, &counting];
        cells.map(super::show::csv_cell).join(",")
    }
}
