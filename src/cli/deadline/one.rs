//! One request by flags: the answer in words, or as JSON.

use super::{Exit, Failure, Output, Request};
use crate::cli::Answer;
use crate::cli::console::Console;
use crate::diagnostic::shown;
use crate::language::Language;
use crate::time::{Almanac, TimeZone, format_date, parse_date, parse_instant, request};
use anstyle::Style;
use serde_json::{Map, Value, json};

pub(super) fn run(flags: &Request, almanac: &Almanac, console: &mut Console) -> Answer {
    let asked = as_json(flags, console.language);
    let mut answer = request::answer(&asked, almanac);
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
        Output::Human
        | Output::Csv
        | Output::Html
        | Output::Sarif
        | Output::Github
        | Output::Junit => {
            console.fact(&in_words(&answer, &zone(&answer), console.language))?;
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
    put(&mut deadline, "no-later-than", flags.no_later_than.as_ref());
    put(&mut deadline, "no-earlier-than", flags.no_earlier_than.as_ref());
    put(&mut request, "met", flags.met.as_ref());
    if flags.before {
        deadline.insert("before".to_owned(), json!(true));
    }
    let mut stops = Map::new();
    put(&mut stops, "at-most", flags.at_most.as_ref());
    put(&mut stops, "first-day", flags.first_day.as_ref());
    put(&mut stops, "last-day", flags.last_day.as_ref());
    if flags.restart {
        stops.insert("then".to_owned(), json!("restart"));
    }
    if !stops.is_empty() {
        deadline.insert("stops".to_owned(), Value::Object(stops));
    }
    if !flags.penalty.is_empty() {
        let tiers = flags.penalty.iter().map(|tier| match tier.split_once('x') {
            Some((days, amount)) => {
                let days =
                    days.trim().parse::<u32>().map_or_else(|_| json!(days), |days| json!(days));
                json!({ "days": days, "a-day": amount.trim() })
            }
            None => json!(tier),
        });
        let tiers: Vec<Value> = tiers.collect();
        deadline.insert("penalty".to_owned(), json!({ "tiers": tiers }));
    }
    if let Some(periods) = flags.periods {
        deadline.insert("recurs".to_owned(), json!(true));
        request.insert("periods".to_owned(), json!(periods));
    }
    let pauses = flags.paused.iter().map(|pause| json!({ "from": pause.from, "to": pause.to }));
    request.insert("paused".to_owned(), pauses.collect());
    let extended = flags.extended.iter().map(|by| match &flags.extended_from {
        None => json!(by),
        Some(from) => json!({ "by": by, "from": from }),
    });
    request.insert("extended".to_owned(), extended.collect());
    request.insert("deadline".to_owned(), Value::Object(deadline));
    Value::Object(request)
}

/// Returns the time zone in which the answer is given.
fn zone(answer: &Value) -> TimeZone {
    let name = answer.pointer("/counted-by/time-zone").and_then(Value::as_str);
    name.and_then(|name| TimeZone::named(name).ok()).unwrap_or_else(TimeZone::utc)
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
    if let Some(amount) = answer.pointer("/owed/amount").and_then(Value::as_str) {
        lines.push(format!("owed {}", shown(amount)));
    }
    lines.extend(periods(answer).skip(1).map(|day| format!("period {day}")));
    lines.extend(steps(answer).map(|step| format!("step {}", shown(step))));
    lines.join("\n")
}

fn periods(answer: &Value) -> impl Iterator<Item = &str> {
    let periods = answer.get("periods").and_then(Value::as_array);
    periods.into_iter().flatten().filter_map(Value::as_str)
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
    if let Some(owed) = answer.get("owed") {
        let days = owed.get("days").and_then(Value::as_u64).unwrap_or(0);
        let amount = shown(text(owed, "amount")).into_owned();
        let capped = is_true(owed, "capped");
        let most = if capped { language.pick(", het hoogste", ", the most") } else { "" };
        let days = language.pick(format!("over {days} dagen"), format!("over {days} days"));
        lines.push(format!("{:<13}  {amount} {days}{most}", language.pick("verschuldigd", "owed")));
    }
    for day in periods(answer).skip(1) {
        let day = parse_date(day).map(|day| format_date(day, language)).unwrap_or_default();
        lines.push(format!("{:<13}  {day}", language.pick("en daarna", "and then")));
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
    ("`deadline.stops.first-day`", "`--first-day`"),
    ("`deadline.stops.last-day`", "`--last-day`"),
    ("`deadline.no-later-than`", "`--no-later-than`"),
    ("`deadline.no-earlier-than`", "`--no-earlier-than`"),
    ("`met`", "`--met`"),
    ("`periods`", "`--periods`"),
    ("`jurisdiction`", "`--jurisdiction`"),
    ("`time-zone`", "`--time-zone`"),
    ("`starts`", "`--starts`"),
    ("`as-of`", "`--as-of`"),
    ("`at-most`", "`--at-most`"),
];

/// The keys of lists, whose items are given by a flag each.
const LISTED: &[(&str, &str)] = &[
    ("`deadline.penalty.tiers[", "`--penalty`"),
    ("`paused[", "`--paused`"),
    ("`extended[", "`--extended`"),
];

/// Returns words in which every item of a list is called by its flag.
fn of_list(words: &str, key: &str, flag: &str) -> String {
    let mut parts = words.split(key);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |words, part| {
        let (_, rest) = part.split_once('`').unwrap_or(("", part));
        format!("{words}{flag}{rest}")
    })
}

/// Returns what is wrong with the flags, with their own names.
fn wrong(error: &Value) -> Failure {
    let named = |key: &str| {
        let words = text(error, key).to_owned();
        let words = FLAGS.iter().fold(words, |words, (key, flag)| words.replace(key, flag));
        LISTED.iter().fold(words, |words, (key, flag)| of_list(&words, key, flag))
    };
    let message = named("message");
    Failure::new(Exit::Usage, "wrong-request", message).attempt(named("help"))
}
