//! The calculator: one request as JSON in, one answer as JSON out.
//!
//! It is what `verloop deadline` reads and writes, one line each:
//!
//! ```json
//! {"id": 1, "starts": "2023-05-27", "time-zone": "Europe/Amsterdam",
//!  "deadline": {"within": "6 weeks", "calendar": "nl", "counting": "nl-awb", "stops": {"at-most": "4 weeks"}},
//!  "paused": [{"from": "2023-06-01", "to": "2023-06-08"}], "extended": ["4 weeks"]}
//! ```
//!
//! | key | what it says | without it |
//! | --- | --- | --- |
//! | `id` | anything; it comes back in the answer | the answer has none |
//! | `starts` | the event: a date, a local time, or an instant with its offset | an error |
//! | `time-zone` | whose midnight ends a day | that of the jurisdiction, or else `UTC` |
//! | `jurisdiction` | time zone, calendar and counting rule in one word; also inside `deadline` | none |
//! | `deadline` | the keys of a deadline in a procedure file; those that say no date are left aside | an error |
//! | `deadline.within` | the term | an error |
//! | `deadline.calendar` | the days off | that of the jurisdiction, or else `none` |
//! | `deadline.counting` | the counting rule | that of the jurisdiction, or else `plain` |
//! | `deadline.roll` | `forward`, `back` or `none`, whatever the counting rule says | the counting rule decides |
//! | `deadline.stops.at-most` | how long the clock may stand still in all | without limit |
//! | `paused` | when it stood still: `from`, and `to` unless it still does | never |
//! | `extended` | the terms by which it was lengthened, in order | not |
//! | `as-of` | up to when an open pause is counted | as long as it may last |
//! | `lang` | `en` or `nl`: the language of the explanation | `en` |
//!
//! The answer is `{"id", "last-day", "instant", "explanation": […]}`: the last day that is in time, the first instant
//! that is too late (RFC 3339, in UTC), and each step of the count as an object with its `kind`, its `date`, its
//! values, and a `text` in words. `"provisional": true` is added when the calendar is not certain for those days, and
//! `"standing-still": true` while the clock stands still. A wrong request gets
//! `{"id", "error": {"code", "message", "help"}}`, and never a date.

use super::error::{nearest, shown};
use super::{
    Almanac, Calendar, CountStep, Counting, Extension, Instant, Reckoned, Reckoning, Roll, Suspension,
    Term, TimeError, TimeZone, explain, parse_instant,
};
use crate::language::Language;
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use std::sync::Arc;

const KEYS: [&str; 9] = [
    "id",
    "starts",
    "time-zone",
    "jurisdiction",
    "deadline",
    "paused",
    "extended",
    "as-of",
    "lang",
];

/// The keys of a deadline that say something about its date.
const DEADLINE_KEYS: [&str; 6] =
    ["within", "calendar", "counting", "roll", "stops", "jurisdiction"];

/// The keys of a deadline that say other things.
const OTHER_DEADLINE_KEYS: [&str; 7] =
    ["title", "cite", "starts", "met-by", "extend", "warn", "lapse"];

const MOST_PAUSES: usize = 1_000;
const MOST_EXTENSIONS: usize = 100;

/// Returns the answer to a request; a wrong request gets an answer too, with an `error`. Never panics.
///
/// # Examples
/// ```
/// let request = serde_json::json!({"id": 7, "starts": "2026-03-02", "deadline": {"within": "6 weeks"}});
/// let answer = verloop::time::request::answer(&request);
/// assert_eq!(answer["last-day"], "2026-04-13");
/// assert_eq!(answer["instant"], "2026-04-14T00:00:00Z");
/// ```
pub fn answer(request: &Value, almanac: &Almanac) -> Value {
    let mut answer = Map::new();
    if let Some(id) = request.get("id") {
        answer.insert("id".to_owned(), id.clone());
    }
    match reckoned(request, almanac) {
        Ok((end, steps, language)) => {
            let instant = end.ends_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            answer.insert("last-day".to_owned(), Value::from(end.last_day.to_string()));
            answer.insert("instant".to_owned(), Value::from(instant));
            if end.provisional {
                answer.insert("provisional".to_owned(), Value::from(true));
            }
            if end.standing_still {
                answer.insert("standing-still".to_owned(), Value::from(true));
            }
            let steps = steps.iter().map(|step| step_with_text(step, language)).collect();
            answer.insert("explanation".to_owned(), Value::Array(steps));
        }
        Err(Wrong { code, message, help }) => {
            let error = json!({ "code": code, "message": message, "help": help });
            answer.insert("error".to_owned(), error);
        }
    }
    Value::Object(answer)
}

/// What is wrong with a request.
struct Wrong {
    code: &'static str,
    message: String,
    help: String,
}

impl Wrong {
    fn new(code: &'static str, message: String, help: impl Into<String>) -> Self {
        Self { code, message, help: help.into() }
    }

    fn kind(key: &str, wanted: &str) -> Self {
        Self::new(
            "wrong-type",
            format!("`{key}` is not {wanted}"),
            format!("let `{key}` be {wanted}"),
        )
    }

    /// Returns the error about the value of a key.
    fn at(key: &str, error: &TimeError) -> Self {
        Self::new(error.code(), format!("`{key}`: {error}"), error.help())
    }
}

impl From<TimeError> for Wrong {
    fn from(error: TimeError) -> Self {
        Self::new(error.code(), error.to_string(), error.help())
    }
}

type Answered = (Reckoned, Vec<CountStep>, Language);

fn reckoned(request: &Value, almanac: &Almanac) -> Result<Answered, Wrong> {
    let Some(request) = request.as_object() else {
        return Err(Wrong::kind("request", "an object"));
    };
    only(request, "", &KEYS, &[])?;
    let language = match text(request, "lang", "lang")? {
        None | Some("en") => Language::En,
        Some("nl") => Language::Nl,
        Some(other) => {
            let message = format!("`lang`: unknown language `{}`", shown(other));
            return Err(Wrong::new("unknown-language", message, "write `en` or `nl`"));
        }
    };
    let deadline = match present(request, "deadline") {
        Some(Value::Object(deadline)) => deadline,
        Some(_) => {
            return Err(Wrong::kind("deadline", "an object, such as `{\"within\": \"6 weeks\"}`"));
        }
        None => return Err(missing("deadline")),
    };
    only(deadline, "deadline.", &DEADLINE_KEYS, &OTHER_DEADLINE_KEYS)?;
    let within = text(deadline, "within", "deadline.within")?;
    let within = term("deadline.within", within.ok_or_else(|| missing("deadline.within"))?)?;
    let Setting { zone, calendar, counting } = setting(request, deadline, almanac)?;
    let roll = text(deadline, "roll", "deadline.roll")?;
    let roll =
        roll.map(|roll| roll.parse::<Roll>().map_err(|error| Wrong::at("deadline.roll", &error)));
    let starts = text(request, "starts", "starts")?.ok_or_else(|| missing("starts"))?;
    let as_of = text(request, "as-of", "as-of")?;
    let suspensions = paused(request, &zone)?;
    let extensions: Vec<Extension> = extended(request)?.into_iter().map(Extension::by).collect();
    let (end, steps) = explain(&Reckoning {
        roll: roll.transpose()?,
        suspensions: &suspensions,
        suspended_at_most: at_most(deadline)?,
        extensions: &extensions,
        as_of: as_of.map(|as_of| instant("as-of", as_of, &zone)).transpose()?,
        ..Reckoning::new(instant("starts", starts, &zone)?, &zone, within, &calendar, &counting)
    })?;
    Ok((end, steps, language))
}

/// Where and how is counted.
struct Setting {
    zone: TimeZone,
    calendar: Arc<Calendar>,
    counting: Arc<Counting>,
}

fn setting(
    request: &Map<String, Value>,
    deadline: &Map<String, Value>,
    almanac: &Almanac,
) -> Result<Setting, Wrong> {
    let inner = text(deadline, "jurisdiction", "deadline.jurisdiction")?;
    let (key, name) = match inner {
        Some(name) => ("deadline.jurisdiction", name),
        None => ("jurisdiction", text(request, "jurisdiction", "jurisdiction")?.unwrap_or("none")),
    };
    let given = almanac.jurisdiction(name).map_err(|error| Wrong::at(key, &error))?;
    let zone = match text(request, "time-zone", "time-zone")? {
        Some(name) => TimeZone::named(name).map_err(|error| Wrong::at("time-zone", &error))?,
        None => given.time_zone,
    };
    let calendar = match text(deadline, "calendar", "deadline.calendar")? {
        Some(name) => {
            almanac.calendar(name).map_err(|error| Wrong::at("deadline.calendar", &error))?
        }
        None => given.calendar,
    };
    let counting = match text(deadline, "counting", "deadline.counting")? {
        Some(name) => {
            almanac.counting(name).map_err(|error| Wrong::at("deadline.counting", &error))?
        }
        None => given.counting,
    };
    Ok(Setting { zone, calendar, counting })
}

fn at_most(deadline: &Map<String, Value>) -> Result<Option<Term>, Wrong> {
    let stops = match present(deadline, "stops") {
        None => return Ok(None),
        Some(Value::Object(stops)) => stops,
        Some(_) => {
            return Err(Wrong::kind(
                "deadline.stops",
                "an object, such as `{\"at-most\": \"4 weeks\"}`",
            ));
        }
    };
    only(stops, "deadline.stops.", &["at-most"], &["while"])?;
    let most = text(stops, "at-most", "deadline.stops.at-most")?;
    most.map(|most| term("deadline.stops.at-most", most)).transpose()
}

fn paused(request: &Map<String, Value>, zone: &TimeZone) -> Result<Vec<Suspension>, Wrong> {
    let mut pauses: Vec<(usize, Suspension)> = Vec::new();
    for (index, pause) in list(request, "paused", MOST_PAUSES)?.iter().enumerate() {
        let key = format!("paused[{index}]");
        let Some(pause) = pause.as_object() else {
            return Err(Wrong::kind(&key, "an object with `from` and `to`"));
        };
        only(pause, &format!("{key}."), &["from", "to"], &[])?;
        let (from_key, to_key) = (format!("{key}.from"), format!("{key}.to"));
        let from = text(pause, "from", &from_key)?.ok_or_else(|| missing(&from_key))?;
        let from = instant(&from_key, from, zone)?;
        let to = text(pause, "to", &to_key)?;
        let to = to.map(|to| instant(&to_key, to, zone)).transpose()?;
        if to.is_some_and(|to| to < from) {
            let message = format!("`{key}` ends before it starts");
            return Err(Wrong::new("pause-ends-first", message, "let `to` come after `from`"));
        }
        pauses.push((index, Suspension { from, to, cause: 0 }));
    }
    pauses.sort_by_key(|(_, pause)| (pause.from, pause.to.is_none(), pause.to));
    for (earlier, later) in pauses.iter().zip(pauses.iter().skip(1)) {
        if earlier.1.to.is_none_or(|to| later.1.from < to) {
            let message = format!("`paused[{}]` and `paused[{}]` overlap", earlier.0, later.0);
            let help = "a clock that stands still can't stop again: make one pause of them";
            return Err(Wrong::new("pauses-overlap", message, help));
        }
    }
    Ok(pauses.into_iter().map(|(_, pause)| pause).collect())
}

fn extended(request: &Map<String, Value>) -> Result<Vec<Term>, Wrong> {
    let terms = list(request, "extended", MOST_EXTENSIONS)?.iter().enumerate();
    let terms = terms.map(|(index, by)| {
        let key = format!("extended[{index}]");
        by.as_str()
            .ok_or_else(|| Wrong::kind(&key, "a text, such as `4 weeks`"))
            .and_then(|by| term(&key, by))
    });
    terms.collect()
}

/// Refuses a key that is neither among `known` nor among `others`; did-you-mean looks at both.
fn only(
    map: &Map<String, Value>,
    path: &str,
    known: &[&str],
    others: &[&str],
) -> Result<(), Wrong> {
    let all = || known.iter().chain(others);
    let unknown = map.keys().find(|key| !all().any(|known| known == key));
    let Some(unknown) = unknown else { return Ok(()) };
    let help = match nearest(unknown, all().map(|&known| known.to_owned())) {
        Some(like) => format!("did you mean `{like}`?"),
        None => format!("known here are {}", known.join(", ")),
    };
    Err(Wrong::new("unknown-key", format!("unknown key `{path}{}`", shown(unknown)), help))
}

fn missing(key: &str) -> Wrong {
    Wrong::new("missing-key", format!("`{key}` is missing"), format!("add `{key}`"))
}

/// Returns the value of a key; `null` is as good as absent.
fn present<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

fn text<'a>(map: &'a Map<String, Value>, key: &str, path: &str) -> Result<Option<&'a str>, Wrong> {
    match present(map, key) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| Wrong::kind(path, "a text")),
    }
}

fn list<'a>(map: &'a Map<String, Value>, key: &str, most: usize) -> Result<&'a [Value], Wrong> {
    match present(map, key) {
        None => Ok(&[]),
        Some(Value::Array(items)) if items.len() <= most => Ok(items),
        Some(Value::Array(_)) => {
            let message = format!("`{key}` has more than {most} items");
            Err(Wrong::new("too-many-items", message, format!("at most {most} are counted")))
        }
        Some(_) => Err(Wrong::kind(key, "a list")),
    }
}

fn term(key: &str, text: &str) -> Result<Term, Wrong> {
    text.parse().map_err(|error| Wrong::at(key, &TimeError::Term(error)))
}

fn instant(key: &str, text: &str, zone: &TimeZone) -> Result<Instant, Wrong> {
    parse_instant(text, zone).map_err(|error| Wrong::at(key, &error))
}

fn step_with_text(step: &CountStep, language: Language) -> Value {
    let mut value = serde_json::to_value(step).unwrap_or_else(|_| json!({}));
    if let Some(step_values) = value.as_object_mut() {
        step_values.insert("text".to_owned(), Value::from(step.in_words(language)));
    }
    value
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_right_request_gets_a_date_and_its_reasons() {
        let request = json!({
            "id": "a", "starts": "2023-05-26", "time-zone": "Europe/Amsterdam", "lang": "nl",
            "deadline": {"within": "6 weeks", "calendar": "nl", "counting": "nl-awb", "cite": "Awb 7:10"},
        });
        let answer = answer(&request);
        assert_eq!(answer["id"], "a");
        assert_eq!(answer["last-day"], "2023-07-07");
        assert_eq!(answer["instant"], "2023-07-07T22:00:00Z");
        let steps = answer["explanation"].as_array().expect("steps");
        assert_eq!(steps[0]["kind"], "start");
        assert_eq!(
            steps[0]["text"],
            "begint op vr 26 mei 2023; die dag telt niet mee (Awb art. 6:8(1))"
        );
        assert_eq!(steps[1]["text"], "+ 6 weken: vr 7 jul 2023");
        assert_eq!(
            steps[2]["text"],
            "laatste dag vr 7 jul 2023; te laat vanaf 2023-07-07T22:00:00Z"
        );
        assert!(answer.get("provisional").is_none());
    }

    #[test]
    fn a_jurisdiction_is_three_things_in_one_word() {
        for request in [
            json!({"starts": "2026-03-27 10:00", "jurisdiction": "nl", "deadline": {"within": "1 week"}}),
            json!({"starts": "2026-03-27 10:00", "deadline": {"within": "1 week", "jurisdiction": "nl"}}),
        ] {
            // A week from the Friday is Good Friday; after Easter comes Tuesday.
            let answer = answer(&request);
            assert_eq!(answer["last-day"], "2026-04-07", "{answer}");
            assert_eq!(answer["instant"], "2026-04-07T22:00:00Z");
        }
    }

    #[test]
    fn without_a_calendar_every_day_is_a_day() {
        let request =
            json!({"starts": "2026-12-24T23:30:00+02:00", "deadline": {"within": "1 working day"}});
        assert_eq!(answer(&request)["last-day"], "2026-12-25");
    }

    #[test]
    fn a_pause_and_an_extension_move_the_date() {
        let request = json!({
            "starts": "2026-11-02", "time-zone": "Europe/Amsterdam",
            "deadline": {"within": "6 weeks", "jurisdiction": "nl", "stops": {"while": "aanvulling", "at-most": "1 week"}},
            "paused": [{"from": "2026-11-09", "to": "2026-11-30"}], "extended": ["4 weeks"],
        });
        let answer = answer(&request);
        // Six weeks end on 14 December, a week of standstill later on the 21st, four weeks later on 18 January.
        assert_eq!(answer["last-day"], "2027-01-18", "{answer}");
        let kinds = answer["explanation"]
            .as_array()
            .expect("steps")
            .iter()
            .map(|step| step["kind"].as_str());
        let kinds: Vec<_> = kinds.flatten().collect();
        assert_eq!(kinds, ["start", "term", "suspended", "suspension-capped", "extended", "end"]);
    }

    #[test]
    fn an_open_pause_says_that_the_clock_stands_still() {
        let mut request = json!({
            "starts": "2026-03-02", "deadline": {"within": "10 days"}, "paused": [{"from": "2026-03-04"}],
        });
        assert_eq!(answer(&request)["error"]["code"], "stands-still");
        request["as-of"] = json!("2026-03-06");
        let counted = answer(&request);
        assert_eq!(counted["last-day"], "2026-03-14");
        assert_eq!(counted["standing-still"], true);
    }

    #[test]
    fn beyond_the_known_years_a_date_is_provisional() {
        let request = json!({"starts": "2029-03-02", "jurisdiction": "nl", "deadline": {"within": "6 weeks"}});
        assert_eq!(answer(&request)["provisional"], true);
    }

    #[test]
    fn a_wrong_request_is_told_what_is_wrong() {
        let base = || json!({"id": 1, "starts": "2026-03-02", "deadline": {"within": "6 weeks"}});
        let with = |pointer: &str, value: Value| {
            let mut request = base();
            let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
            request.pointer_mut(parent).expect("there")[key] = value;
            request
        };
        for (request, code) in [
            (json!([]), "wrong-type"),
            (json!({}), "missing-key"),
            (json!({"deadline": {"within": "6 weeks"}}), "missing-key"),
            (with("/deadline", json!("6 weeks")), "wrong-type"),
            (with("/deadline", json!({})), "missing-key"),
            (with("/start", json!("2026-03-02")), "unknown-key"),
            (with("/deadline/withn", json!("6 weeks")), "unknown-key"),
            (with("/deadline/stops", json!({"at_most": "1 week"})), "unknown-key"),
            (with("/deadline/stops", json!("1 week")), "wrong-type"),
            (with("/starts", json!("yesterday")), "bad-instant"),
            (with("/starts", json!(20_260_302)), "wrong-type"),
            (with("/time-zone", json!("Mars/Olympus")), "unknown-time-zone"),
            (with("/deadline/within", json!(6)), "wrong-type"),
            (with("/deadline/within", json!("0 weeks")), "term-zero"),
            (with("/deadline/within", json!("-1 weeks")), "term-negative"),
            (with("/deadline/within", json!("10000 years")), "term-too-long"),
            (with("/deadline/calendar", json!("atlantis")), "unknown-calendar"),
            (with("/deadline/counting", json!("by-moon")), "unknown-counting"),
            (with("/deadline/jurisdiction", json!("nll")), "unknown-jurisdiction"),
            (with("/deadline/roll", json!("sideways")), "bad-roll"),
            (with("/lang", json!("la")), "unknown-language"),
            (with("/extended", json!("4 weeks")), "wrong-type"),
            (with("/extended", json!([4])), "wrong-type"),
            (with("/extended", json!(["4 hours"])), "mixed-units"),
            (with("/extended", json!(vec!["1 day"; 101])), "too-many-items"),
            (with("/paused", json!(["2026-03-04"])), "wrong-type"),
            (with("/paused", json!([{"to": "2026-03-04"}])), "missing-key"),
            (
                with("/paused", json!([{"from": "2026-03-04", "until": "2026-03-05"}])),
                "unknown-key",
            ),
            (
                with("/paused", json!([{"from": "2026-03-04", "to": "2026-03-03"}])),
                "pause-ends-first",
            ),
            (
                with(
                    "/paused",
                    json!([
                    {"from": "2026-03-08", "to": "2026-03-12"}, {"from": "2026-03-04", "to": "2026-03-09"}]),
                ),
                "pauses-overlap",
            ),
            (
                with("/paused", json!([{"from": "2026-03-04"}, {"from": "2026-03-08"}])),
                "pauses-overlap",
            ),
            (with("/starts", json!("9999-12-01")), "date-out-of-range"),
        ] {
            let answer = answer(&request);
            assert_eq!(answer["error"]["code"], code, "{request} -> {answer}");
            assert_eq!(answer.get("id"), request.get("id"));
            assert!(answer.get("last-day").is_none());
            assert!(answer["error"]["help"].as_str().is_some_and(|help| !help.is_empty()));
        }
    }

    #[test]
    fn pauses_that_touch_do_not_overlap() {
        let request = json!({
            "starts": "2026-03-02", "deadline": {"within": "10 days"},
            "paused": [{"from": "2026-03-05", "to": "2026-03-06"}, {"from": "2026-03-04", "to": "2026-03-05"}],
        });
        assert_eq!(answer(&request)["last-day"], "2026-03-14");
    }

    proptest! {
        #[test]
        fn no_request_makes_it_panic(
            starts in "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:]{0,8})?",
            within in "[0-9]{1,6} (days|working days|weeks|months|years|hours)",
            calendar in "nl|none|x", counting in "nl-awb|nl-woo|eu-1182-71|plain|same-day",
            from in "20[0-9]{2}-0[1-9]-[0-2][0-9]", to in "20[0-9]{2}-0[1-9]-[0-2][0-9]",
            most in "[0-9]{1,3} (days|working days|weeks|months|years|hours)", by in "[1-9] (weeks|hours|months)",
        ) {
            let answer = answer(&json!({
                "id": 1, "starts": starts, "time-zone": "Europe/Amsterdam",
                "deadline": {"within": within, "calendar": calendar, "counting": counting, "stops": {"at-most": most}},
                "paused": [{"from": from, "to": to}], "extended": [by],
            }));
            prop_assert!(answer.get("last-day").is_some() != answer.get("error").is_some());
        }
    }
}
