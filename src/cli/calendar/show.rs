//! `calendar show`: the days off of one year, each with what it counts for and its source.

use crate::cli::args::Output;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::{Answer, Exit};
use crate::diagnostic::shown;
use crate::language::Language;
use crate::time::{Almanac, Calendar, Date, DayOff, For, format_date};
use serde_json::{Value, json};

/// What stands after `calendar show`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the calendar, such as `nl`
    #[arg(value_name = "CALENDAR")]
    name: String,

    /// The year, 1 to 9999
    #[arg(value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1..=9999))]
    year: i32,
}

pub(super) fn run(args: &Args, almanac: &Almanac, console: &mut Console) -> Answer {
    let calendar = almanac.calendar(&args.name).map_err(|error| {
        Failure::new(Exit::NotFound, error.code(), error.to_string()).attempt(error.help())
    })?;
    let year = Year::of(&calendar, args.year);
    match console.output {
        Output::Json => console.document(&year.in_json(console.language))?,
        Output::Csv => {
            console.fact("date,name,kind,no-work,no-term-ends,source")?;
            for (day, off) in &year.days {
                let cells = [
                    day.to_string(),
                    off.name.in_language(console.language).to_owned(),
                    kind(off),
                    off.no_work.to_string(),
                    off.no_term_ends.to_string(),
                    off.source.clone().unwrap_or_default(),
                ];
                console.fact(&cells.map(|cell| csv_cell(&cell)).join(","))?;
            }
        }
        Output::Plain => {
            for (day, off) in &year.days {
                let name = shown(off.name.in_language(console.language));
                console.fact(&format!("{day} {} {name}", counts_for(off, Language::En)))?;
            }
            console.fact(&format!("working-days {}", year.working))?;
            console.fact(&format!("term-days {}", year.terms))?;
        }
        Output::Human
        | Output::Jsonl
        | Output::Html
        | Output::Sarif
        | Output::Github
        | Output::Junit => {
            console.fact(&year.in_words(console.language))?;
        }
    }
    Ok(Exit::Done)
}

/// A year of a calendar.
struct Year<'a> {
    calendar: &'a Calendar,
    number: i32,
    days: Vec<(Date, DayOff)>,
    working: i64,
    terms: i64,
}

impl<'a> Year<'a> {
    fn of(calendar: &'a Calendar, number: i32) -> Self {
        let of_year = |what: For| {
            let first = Date::from_ymd_opt(number, 1, 1);
            let last = Date::from_ymd_opt(number, 12, 31);
            match (first, last) {
                (Some(first), Some(last)) => {
                    calendar.count(first, last, what) + i64::from(calendar.works(first, what))
                }
                _ => 0,
            }
        };
        Self {
            calendar,
            number,
            days: calendar.holidays_in(number),
            working: of_year(For::Working),
            terms: of_year(For::Terms),
        }
    }

    /// Says whether every day of the year is known.
    fn is_known(&self) -> bool {
        let end = |month, day| Date::from_ymd_opt(self.number, month, day);
        [end(1, 1), end(12, 31)].into_iter().flatten().all(|day| self.calendar.is_known(day))
    }

    fn in_words(&self, language: Language) -> String {
        let Calendar { .. } = self.calendar;
        let title = shown(self.calendar.title().in_language(language)).into_owned();
        let (name, version) = (self.calendar.name(), self.calendar.version());
        let mut lines = vec![language.pick(
            format!("{title}, {} (kalender {name}, versie {version})", self.number),
            format!("{title}, {} (calendar {name}, version {version})", self.number),
        )];
        if let (false, Some((from, to))) = (self.is_known(), self.calendar.known()) {
            let (from, to) = (format_date(from, language), format_date(to, language));
            lines.push(language.pick(
                format!("voorlopig: zeker van {from} tot en met {to}"),
                format!("provisional: certain from {from} to {to}"),
            ));
        }
        lines.push(String::new());
        for (day, off) in &self.days {
            let date = format_date(*day, language);
            let name = shown(off.name.in_language(language)).into_owned();
            let source = off.source.as_deref().map(shown).unwrap_or_default();
            lines.push(format!("{date:<16} {name:<40} {:<24} {source}", counts_for(off, language)));
        }
        lines.push(String::new());
        lines.push(language.pick(
            format!("{} werkdagen; op {} dagen kan een termijn eindigen", self.working, self.terms),
            format!("{} working days; a term may end on {} days", self.working, self.terms),
        ));
        lines.join("\n")
    }

    fn in_json(&self, language: Language) -> Value {
        let known = self.calendar.known().map(|(from, to)| json!({ "from": from, "to": to }));
        let days: Vec<Value> = self
            .days
            .iter()
            .map(|(day, off)| {
                json!({
                    "date": day, "name": off.name.in_language(language), "kind": off.kind, "no-work": off.no_work,
                    "no-term-ends": off.no_term_ends, "source": off.source,
                })
            })
            .collect();
        json!({
            "schema": "verloop.calendar/1", "calendar": self.calendar.name(), "version": self.calendar.version(),
            "year": self.number, "known": known, "provisional": !self.is_known(), "days": days,
            "working-days": self.working, "term-days": self.terms,
        })
    }
}

fn counts_for(off: &DayOff, language: Language) -> &'static str {
    match (off.no_work, off.no_term_ends) {
        (true, true) => language.pick("vrij, geen termijneinde", "off, no term ends"),
        (true, false) => language.pick("vrij", "off, terms may end"),
        (false, _) => language.pick("geen termijneinde", "worked, no term ends"),
    }
}

fn kind(off: &DayOff) -> String {
    let kind = serde_json::to_value(off.kind).unwrap_or_default();
    kind.as_str().unwrap_or_default().to_owned()
}

/// Returns a cell of a table with commas (RFC 4180); one that a spreadsheet would take for a formula is quoted.
pub(super) fn csv_cell(text: &str) -> String {
    let text = shown(text);
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into_owned()
    }
}
