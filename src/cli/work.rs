//! `verloop work`: what is to be done, the most urgent first.

use super::args::{Globals, Output};
use super::console::{self, Console};
use super::desk::Desk;
use super::viewer::Who;
use super::{Answer, Exit};
use crate::diagnostic::shown;
use crate::language::Language;
use crate::procedure::Name;
use crate::register::{self, Whose, Work};
use crate::time::{Date, Instant, days_between, format_date};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop work --as klachten-1            yours, and what nobody has taken up
  verloop work --role behandelaar
  verloop work --all --overdue";

pub(super) const OUTPUTS: &[Output] =
    &[Output::Human, Output::Plain, Output::Json, Output::Jsonl, Output::Csv];

/// The most rows.
const MOST: usize = 1_000;

/// What stands after `work`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Yours, and what nobody has taken up in your roles; this is the default
    #[arg(long, conflicts_with_all = ["role", "all"])]
    mine: bool,

    /// Everything for one role
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,

    /// Everything
    #[arg(long, conflicts_with = "role")]
    all: bool,

    /// Only what is too late
    #[arg(long)]
    overdue: bool,

    /// Only what is due up to this day, or within so many days: `2026-11-30`, `7d`
    #[arg(long, value_name = "DAY")]
    due: Option<String>,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let now = desk.engine.now();
    let whose = whose(args, globals, &desk)?;
    let until = args.due.as_deref().map(|due| until(due, now)).transpose()?;
    let who = desk.who(globals)?;
    let sees = |key| desk.sees_key(&who, key);
    let found = register::work(desk.engine.store(), &whose, MOST, &sees)
        .map_err(|error| super::desk::store_failure(&error))?;
    let rows = found.iter().filter_map(|work| row(&desk, &who, work, now));
    let rows = rows.filter(|row| !args.overdue || row.late());
    let rows =
        rows.filter(|row| until.is_none_or(|until| row.last_day.is_some_and(|last| last <= until)));
    let rows: Vec<Row> = rows.collect();
    match console.output {
        Output::Json => {
            let rows: Vec<Value> = rows.iter().map(Row::as_json).collect();
            console.document(&json!({ "schema": "verloop.work/1", "work": rows }))?;
        }
        Output::Jsonl => {
            for row in &rows {
                console.json_line(&row.as_json())?;
            }
        }
        Output::Csv => {
            console.fact("case,step,item,role,person,last_day,days_left")?;
            for row in &rows {
                console.fact(&row.as_csv())?;
            }
        }
        Output::Plain => {
            for row in &rows {
                console.fact(&row.plain(console.language))?;
            }
        }
        Output::Human | Output::Html | Output::Sarif | Output::Github | Output::Junit => {
            draw(&rows, console)?;
        }
    }
    Ok(Exit::Done)
}

fn whose(args: &Args, globals: &Globals, desk: &Desk) -> Result<Whose, super::failure::Stop> {
    if let Some(role) = &args.role {
        return Ok(Whose::Role(role.clone()));
    }
    if args.all {
        return Ok(Whose::All);
    }
    let person = desk.me(globals)?;
    let absent = || person.stands_in.iter();
    let roles: BTreeSet<&Name> =
        person.roles.iter().chain(absent().flat_map(|absent| &absent.roles)).collect();
    Ok(Whose::Person {
        people: std::iter::once(&person.id)
            .chain(absent().map(|absent| &absent.person))
            .map(ToString::to_string)
            .collect(),
        roles: roles.into_iter().map(ToString::to_string).collect(),
    })
}

fn until(text: &str, now: Instant) -> Result<Date, super::failure::Stop> {
    let today = crate::time::TimeZone::utc().local_date(now);
    let days = text.strip_suffix('d').and_then(|days| days.parse::<u64>().ok());
    let day = match days {
        Some(days) => today.checked_add_days(chrono::Days::new(days)),
        None => crate::time::parse_date(text).ok(),
    };
    day.ok_or_else(|| {
        let message = format!("`{text}` after `--due` is no day");
        let failure = super::failure::Failure::new(Exit::Usage, "not-a-day", message);
        failure.attempt("--due 2026-11-30, or --due 7d").into()
    })
}

/// A row of the list.
struct Row {
    case: String,
    step: String,
    item: Option<String>,
    role: String,
    person: Option<String>,
    last_day: Option<Date>,
    days_left: Option<i64>,
}

fn row(desk: &Desk, who: &Who, work: &Work, now: Instant) -> Option<Row> {
    let row = &work.entry.row;
    // The last day is the day before the first instant that is too late, in the time zone of the procedure.
    let file = desk.engine.case(work.entry.case).ok()?;
    let veil = desk.veil(desk.person_in(who, &file).ok()?.as_ref(), &file);
    let zone = &file.procedure.zone;
    let last_day = row.due.and_then(|due| {
        let too_late = Instant::from_timestamp(due.checked_sub(1)?, 0)?;
        Some(zone.local_date(too_late))
    });
    let today = zone.local_date(now);
    Some(Row {
        case: work.reference.clone(),
        step: row.step.clone(),
        item: row.item.clone(),
        role: row.role.clone(),
        person: row.person.as_deref().map(|person| veil.id(person)),
        last_day,
        days_left: last_day.map(|last| days_between(today, last)),
    })
}

impl Row {
    fn late(&self) -> bool {
        self.days_left.is_some_and(|left| left < 0)
    }

    fn as_json(&self) -> Value {
        json!({
            "case": self.case, "step": self.step, "item": self.item, "role": self.role,
            "person": self.person, "last-day": self.last_day, "days-left": self.days_left,
        })
    }

    fn as_csv(&self) -> String {
        let day = self.last_day.map(|day| day.to_string());
        let left = self.days_left.map(|left| left.to_string());
        let texts = [
            Some(&self.case),
            Some(&self.step),
            self.item.as_ref(),
            Some(&self.role),
            self.person.as_ref(),
        ];
        let texts = texts.map(|text| text.map(|text| csv_cell(text)).unwrap_or_default());
        format!("{},{},{}", texts.join(","), day.unwrap_or_default(), left.unwrap_or_default())
    }

    fn plain(&self, language: Language) -> String {
        let item = self.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
        let due = self.last_day.map(|day| format!(" {} {day}", language.pick("uiterlijk", "due")));
        let who = self.person.as_ref().unwrap_or(&self.role);
        let late = if self.late() { language.pick(" te laat", " late") } else { "" };
        shown(&format!("{} {}{item} {who}{}{late}", self.case, self.step, due.unwrap_or_default()))
            .into_owned()
    }
}

/// Returns a cell of a CSV table: quoted, and never the beginning of a formula.
pub(super) fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = text.replace('"', "\"\"");
    if formula { format!("\"'{text}\"") } else { format!("\"{text}\"") }
}

fn draw(rows: &[Row], console: &mut Console) -> Result<(), super::failure::Stop> {
    let language = console.language;
    if rows.is_empty() {
        console.talk(language.pick("niets te doen", "nothing to do"));
        return Ok(());
    }
    let head = match language {
        Language::Nl => ["", "ZAAK", "STAP", "UITERLIJK", "NOG", "WIE"],
        Language::En => ["", "CASE", "STEP", "DUE", "LEFT", "WHO"],
    };
    let mut table = console::table(head);
    for row in rows {
        let item = row.item.as_ref().map(|item| format!(" ({})", shown(item))).unwrap_or_default();
        let left = row.days_left.map(|left| match (left < 0, language) {
            (true, Language::Nl) => format!("{} te laat", -left),
            (true, Language::En) => format!("{} late", -left),
            (false, Language::Nl) => format!("{left} {}", if left == 1 { "dag" } else { "dagen" }),
            (false, Language::En) => format!("{left} {}", if left == 1 { "day" } else { "days" }),
        });
        table.add_row([
            if row.late() { "!".to_owned() } else { String::new() },
            row.case.clone(),
            format!("{}{item}", row.step),
            row.last_day.map(|day| format_date(day, language)).unwrap_or_default(),
            left.unwrap_or_default(),
            row.person.clone().unwrap_or_else(|| format!("– ({})", row.role)),
        ]);
    }
    let text = table.trim_fmt();
    console.fact(&text)?;
    let late = rows.iter().filter(|row| row.late()).count();
    let said = match language {
        Language::Nl => format!("{} te doen, {late} te laat", rows.len()),
        Language::En => format!("{} to do, {late} overdue", rows.len()),
    };
    console.talk(&said);
    Ok(())
}
