//! `calendar check`: the open deadlines whose dates rest on years for which their calendar is not known.

use crate::case::clock;
use crate::cli::args::{Globals, Output};
use crate::cli::console::Console;
use crate::cli::desk::{Desk, store_failure};
use crate::cli::{Answer, Exit};
use crate::diagnostic::shown;
use crate::language::Language;
use crate::store::{CaseFilter, CaseKey};
use crate::time::{Date, format_date};
use serde_json::{Value, json};

/// How many cases are looked at together.
const PAGE: usize = 500;

/// A deadline that is not certain.
struct Unsure {
    reference: String,
    deadline: String,
    item: Option<String>,
    last_day: Date,
    calendar: String,
    known_to: Option<Date>,
}

pub(super) fn run(globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let mut unsure: Vec<Unsure> = Vec::new();
    let mut looked_at = 0_usize;
    for status in ["open", "ended"] {
        let filter = CaseFilter { status: Some(status), ..CaseFilter::default() };
        let mut after = None;
        loop {
            let page = desk.engine.store().cases(&filter, after, PAGE);
            let page = page.map_err(|error| store_failure(&error))?;
            let Some(last) = page.last().map(|row| row.case) else { break };
            for row in &page {
                looked_at += 1;
                unsure.extend(in_case(&desk, row.case)?);
            }
            after = Some(last);
        }
    }
    unsure.sort_by(|a, b| (a.last_day, &a.reference).cmp(&(b.last_day, &b.reference)));
    match console.output {
        Output::Json => {
            let rows: Vec<Value> = unsure.iter().map(Unsure::in_json).collect();
            let document = json!({ "schema": "verloop.calendar-check/1", "cases": looked_at, "provisional": rows });
            console.document(&document)?;
        }
        Output::Csv => {
            console.fact("case,deadline,item,last-day,calendar,known-to")?;
            for row in &unsure {
                let known_to = row.known_to.map(|day| day.to_string()).unwrap_or_default();
                let cells = [
                    row.reference.as_str(),
                    &row.deadline,
                    row.item.as_deref().unwrap_or_default(),
                    &row.last_day.to_string(),
                    &row.calendar,
                    &known_to,
                ];
                console.fact(&cells.map(super::show::csv_cell).join(","))?;
            }
        }
        Output::Human
        | Output::Plain
        | Output::Jsonl
        | Output::Html
        | Output::Sarif
        | Output::Github
        | Output::Junit => {
            for row in &unsure {
                console.fact(&row.in_words(console.language))?;
            }
            console.talk(&match (unsure.len(), console.language) {
                (0, Language::Nl) => {
                    format!("{looked_at} zaken: elke lopende termijn ligt binnen de bekende jaren")
                }
                (0, Language::En) => {
                    format!("{looked_at} cases: every open deadline lies within the known years")
                }
                (number, Language::Nl) => {
                    format!("{number} termijnen zijn voorlopig: werk de kalender bij")
                }
                (number, Language::En) => {
                    format!("{number} deadlines are provisional: bring the calendar up to date")
                }
            });
        }
    }
    Ok(if unsure.is_empty() { Exit::Done } else { Exit::Findings })
}

fn in_case(desk: &Desk, key: CaseKey) -> Result<Vec<Unsure>, crate::cli::failure::Stop> {
    let file = desk.engine.case(key).map_err(|error| desk.engine_failure(error, "", None))?;
    let now = desk.engine.now();
    let clocks = file.case.clocks.iter().filter(|(_, record)| record.is_running());
    let unsure = clocks.filter_map(|(clock, record)| {
        let (_, rule) = clock::rule(&file.procedure, clock)?;
        let end = clock::reckon(&file.procedure, &file.case, rule, record, Some(now)).ok()?;
        end.provisional.then(|| Unsure {
            reference: file.reference().to_owned(),
            deadline: clock.deadline.to_string(),
            item: clock.item.clone(),
            last_day: end.last_day,
            calendar: rule.calendar.name().to_owned(),
            known_to: rule.calendar.known().map(|(_, to)| to),
        })
    });
    Ok(unsure.collect())
}

impl Unsure {
    fn in_words(&self, language: Language) -> String {
        let last_day = format_date(self.last_day, language);
        let item = self.item.as_ref().map(|item| format!(" ({})", shown(item))).unwrap_or_default();
        let known = self.known_to.map(|to| format_date(to, language)).unwrap_or_default();
        let Self { reference, deadline, calendar, .. } = self;
        language.pick(
            format!("{reference}  {deadline}{item}: {last_day} is voorlopig; kalender {calendar} is zeker tot en met {known}"),
            format!("{reference}  {deadline}{item}: {last_day} is provisional; calendar {calendar} is known to {known}"),
        )
    }

    fn in_json(&self) -> Value {
        json!({
            "case": self.reference, "deadline": self.deadline, "item": self.item, "last-day": self.last_day,
            "calendar": self.calendar, "known-to": self.known_to,
        })
    }
}
