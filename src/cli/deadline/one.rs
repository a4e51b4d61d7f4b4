//! One request by flags: the answer in words, or as JSON.

use super::{Exit, Failure, Output, Request};
use crate::cli::Answer;
use crate::cli::console::Console;
use crate::diagnostic::shown;
use crate::language::Language;
use crate::time::{Almanac, TimeZone, format_date, parse_date, parse_instant, request};
use anstyle::Style;
use serde_json::{Map, Value, json};

pub(super) fn run(flags: &Request, console: &mut Console) -> Answer {
    let asked = as_json(flags, console.language);
    let mut answer = request::answer(&asked, &Almanac::shipped());
    if let Some(error) = answer.get("error") {
        return Err(wrong(error).into());
    }
    match console.output {
        Output::Json => {
            if let Some(answer) = answer.as_object_mut() {
                answer.insert("schema".to_owned(), json!("verloop.deadline/1"));
            }
            console.document(&answer)?;
        }
        Output::Jsonl => console.json_line(&answer)?,
        Output::Plain => console.fact(&plain(&answer))?,
        Output::Human | Output::Csv | Output::Sarif | Output::Github => {
            console.fact(&in_words(&answer, &zone(flags), console.language))?;
        }
    }
    Ok(Exit::Done)
}

/// Returns the request that the flags make.
fn as_json(flags: &Request, language: Language) -> Value {
    let mut request = Map::from_iter([("lang".to_owned(), json!(language.code()))]);
    let mut deadline = Map::new();
    let put = |map: &mut Map<String, Value>, key: &str, value: Option<&String>| {
        if let Some(value) = value {
            map.insert(key.to_owned(), json!(value));
        }
    };
    put(&mut request, "starts", flags.starts.as_ref());
    put(&mut request, "time-zone", flags.time_zone.as_ref());
    put(&mut request, "jurisdiction", flags.jurisdiction.as_ref());
    put(&mut request, "as-of", flags.as_of.as_ref());
    put(&mut deadline, "within", flags.within.as_ref());
    put(&mut deadline, "calendar", flags.calendar.as_ref());
    put(&mut deadline, "counting", flags.counting.as_ref());
    put(&mut deadline, "roll", flags.roll.as_ref());
    if let Some(most) = &flags.at_most {
        deadline.insert("stops".to_owned(), json!({ "at-most": most }));
    }
    let pauses = flags.paused.iter().map(|pause| json!({ "from": pause.from, "to": pause.to }));
    request.insert("paused".to_owned(), pauses.collect());
    request.insert("extended".to_owned(), json!(flags.extended));
    request.insert("deadline".to_owned(), Value::Object(deadline));
    Value::Object(request)
}

/// Returns the time zone in which the answer is given; the request has been answered, so its names are known.
fn zone(flags: &Request) -> TimeZone {
    let named = flags.time_zone.as_ref().and_then(|name| TimeZone::named(name).ok());
    let of = |name: &String| Almanac::shipped().jurisdiction(name).ok().map(|found| found.time_zone);
    named.or_else(|| flags.jurisdiction.as_ref().and_then(of)).unwrap_or_else(TimeZone::utc)
}

fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn is_true(answer: &Value, key: &str) -> bool {
    answer.get(key).and_then(Value::as_bool) == Some(true)
}

fn steps(answer: &Value) -> impl Iterator<Item = &str> {
    let steps = answer.get("explanation").and_then(Value::as_array);
    steps.into_iter().flatten().map(|step| text(step, "text"))
}

/// Returns one fact a line: a name, a space, and the value.
fn plain(answer: &Value) -> String {
    let mut lines = vec![
        format!("last-day {}", text(answer, "last-day")),
        format!("instant {}", text(answer, "instant")),
    ];
    for key in ["provisional", "standing-still"] {
        if is_true(answer, key) {
            lines.push(format!("{key} true"));
        }
    }
    lines.extend(steps(answer).map(|step| format!("step {}", shown(step))));
    lines.join("\n")
}

/// Returns the answer for people: the last day, the instant, and every step of the count.
fn in_words(answer: &Value, zone: &TimeZone, language: Language) -> String {
    let strong = Style::new().bold();
    let last_day = parse_date(text(answer, "last-day")).map(|day| format_date(day, language));
    let last_day = last_day.unwrap_or_else(|_| text(answer, "last-day").to_owned());
    let label = language.pick("laatste dag", "last day");
    let mut lines = vec![format!("{label:<13}  {strong}{last_day}{strong:#}")];

    let instant = text(answer, "instant");
    let label = language.pick("te laat vanaf", "too late from");
    lines.push(match parse_instant(instant, zone).map(|at| zone.local(at)) {
        Ok(local) => {
            let day = format_date(local.date, language);
            let (hour, minute) = (local.hour, local.minute);
            format!("{label:<13}  {day} {hour:02}:{minute:02} {} ({instant})", zone.name())
        }
        Err(_) => format!("{label:<13}  {instant}"),
    });
    if is_true(answer, "provisional") {
        let dutch = "de kalender is voor deze dagen niet zeker: de datum is voorlopig";
        let english = "the calendar is not certain for these days: the date is provisional";
        lines.push(format!(
            "{:<13}  {}",
            language.pick("let op", "note"),
            language.pick(dutch, english)
        ));
    }
    if is_true(answer, "standing-still") {
        let dutch = "de klok staat nu stil: de datum schuift met elke dag op";
        let english = "the clock stands still now: the date moves on with every day";
        lines.push(format!(
            "{:<13}  {}",
            language.pick("let op", "note"),
            language.pick(dutch, english)
        ));
    }
    lines.push(String::new());
    lines.extend(steps(answer).map(|step| format!("  {}", shown(step))));
    lines.join("\n")
}

/// The keys of a request and the flags that stand for them, the longer ones first.
const FLAGS: &[(&str, &str)] = &[
    ("`deadline.stops.at-most`", "`--at-most`"),
    ("`deadline.calendar`", "`--calendar`"),
    ("`deadline.counting`", "`--counting`"),
    ("`deadline.within`", "`--within`"),
    ("`deadline.roll`", "`--roll`"),
    ("`jurisdiction`", "`--jurisdiction`"),
    ("`time-zone`", "`--time-zone`"),
    ("`starts`", "`--starts`"),
    ("`as-of`", "`--as-of`"),
    ("`at-most`", "`--at-most`"),
    ("`paused[", "`--paused` [`"),
    ("`extended[", "`--extended` [`"),
];

/// Returns what is wrong with the flags, with their own names.
fn wrong(error: &Value) -> Failure {
    let named = |key: &str| {
        let words = text(error, key).to_owned();
        FLAGS.iter().fold(words, |words, (key, flag)| words.replace(key, flag))
    };
    let message = named("message");
    Failure::new(Exit::Usage, "wrong-request", message).attempt(named("help"))
}
