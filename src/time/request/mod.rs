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
//! | `starts` | the event: a date, a local time, or an instant with its offset | `deadline.starts` names one of `events` |
//! | `time-zone` | whose midnight ends a day | that of the jurisdiction, or else of the calendar, or else `UTC` |
//! | `jurisdiction` | time zone, calendar and counting rule in one word; also inside `deadline` | none |
//! | `deadline` | the keys of a deadline in a procedure file; those that say no date are left aside | `deadlines`, or an error |
//! | `deadline.within` | the term | an error |
//! | `deadline.starts` | an event, `NAME.end`, `{"earliest": […]}`, `{"latest": […]}`, `{"of": …, "otherwise": …}` | `starts` |
//! | `deadline.before` | the same: the term is counted back from it; `true` counts back from `starts` | it runs on |
//! | `deadline.calendar` | the days off | that of the jurisdiction, or else `none` |
//! | `deadline.counting` | the counting rule | that of the jurisdiction, or else `plain` |
//! | `deadline.roll` | `forward`, `back` or `none`, whatever the counting rule says | the counting rule decides |
//! | `deadline.stops` | one cause or a list: `while` (its name), `at-most`, `first-day` and `last-day` (`runs`, `stands`), `then: restart` | no limit; the counting rule says which days |
//! | `deadline.no-later-than`, `deadline.no-earlier-than` | a term from the start, or `{"within": …, "starts": …}` | no bound |
//! | `deadline.penalty` | `{"tiers": [{"days": 14, "a-day": 23}], "currency": "EUR"}` | nothing accrues |
//! | `deadline.recurs` | with `periods`: how many last days to give, each from the one before | once |
//! | `paused` | when it stood still: `from`, `to` unless it still does, `while` | never |
//! | `extended` | the terms by which it was lengthened, in order; or `{"by": …, "from": "start"}` (`end`, `rolled-end`) | not |
//! | `met` | when it was met: until then a penalty accrues | `as-of` |
//! | `as-of` | up to when an open pause is counted, and a penalty accrues | as long as it may last |
//! | `events` | the dated events that `starts` names, an object of name and date | none |
//! | `deadlines` | several deadlines by name, which may follow each other's ends; each may have its own `paused`, `extended`, `met` | only `deadline` |
//! | `lang` | `en` or `nl`: the language of the explanation | `en` |
//!
//! The answer is `{"id", "last-day", "instant", "explanation": […]}`: the last day that is in time, the first instant
//! that is too late (RFC 3339, in UTC), and each step of the count as an object with its `kind`, its `date`, its
//! values, and a `text` in words; `counted-by` names calendar, counting rule and time zone database with their versions.
//! `"provisional": true` is added when the calendar is not certain for those days, `"standing-still": true` while the
//! clock stands still, `"owed"` where a penalty accrues, `"periods"` where it recurs. With `deadlines` the answer has
//! `deadlines`, an answer for each; one whose start has not come has `"waiting-for"`. A wrong request gets
//! `{"id", "error": {"code", "message", "help"}}`, and never a date.

mod deadline;
mod value;

use super::{
    Almanac, Bound, Came, CountStep, Instant, Reckoned, Reckoning, TimeError, explain, reckon,
    tzdb_version,
};
use crate::language::Language;
use crate::time::error::shown;
use chrono::SecondsFormat;
use deadline::{Around, Asked, BoundAsked, Named};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use value::{Object, instant, missing, object, only, present, text};

const KEYS: [&str; 13] = [
    "id",
    "starts",
    "time-zone",
    "jurisdiction",
    "deadline",
    "deadlines",
    "events",
    "paused",
    "extended",
    "met",
    "periods",
    "as-of",
    "lang",
];

/// The most deadlines and events of one request.
const MOST: usize = 200;

/// Returns the answer to a request; a wrong request gets an answer too, with an `error`. Never panics.
///
/// # Examples
/// ```
/// use verloop::time::{Almanac, request};
/// let asked = serde_json::json!({"id": 7, "starts": "2026-03-02", "deadline": {"within": "6 weeks"}});
/// let answer = request::answer(&asked, &Almanac::shipped());
/// assert_eq!(answer["last-day"], "2026-04-13");
/// assert_eq!(answer["instant"], "2026-04-14T00:00:00Z");
/// ```
pub fn answer(request: &Value, almanac: &Almanac) -> Value {
    let mut answer = Map::new();
    if let Some(id) = request.get("id") {
        answer.insert("id".to_owned(), id.clone());
    }
    match answered(request, almanac) {
        Ok(answered) => answer.extend(answered),
        Err(wrong) => {
            answer.insert("error".to_owned(), wrong.to_json());
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

    fn to_json(&self) -> Value {
        json!({ "code": self.code, "message": self.message, "help": self.help })
    }
}

impl From<TimeError> for Wrong {
    fn from(error: TimeError) -> Self {
        Self::new(error.code(), error.to_string(), error.help())
    }
}

fn answered(request: &Value, almanac: &Almanac) -> Result<Object, Wrong> {
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
    let example = "{\"within\": \"6 weeks\"}";
    let one = object(request, "deadline", "deadline", example)?;
    let several = object(request, "deadlines", "deadlines", &format!("{{\"reply\": {example}}}"))?;
    match (one, several) {
        (Some(one), None) => {
            let mut timetable = Timetable::read(request, almanac, language)?;
            let starts = text(request, "starts", "starts")?;
            let asked = timetable.one(request, one, starts)?;
            timetable.asked.insert(ONE.to_owned(), Ok(asked));
            timetable.answer(ONE)
        }
        (None, Some(several)) => {
            if let Some(key) = ["starts", "paused", "extended", "met", "periods"]
                .iter()
                .find(|key| request.contains_key(**key))
            {
                let message = format!("`{key}` stands beside `deadlines`");
                let help = format!(
                    "let it stand in the deadline that it is about: `deadlines.NAME.{key}`"
                );
                return Err(Wrong::new("whose", message, help));
            }
            let mut timetable = Timetable::read(request, almanac, language)?;
            timetable.several(request, several)?;
            let names: Vec<String> = several.keys().cloned().collect();
            let answers = names.into_iter().map(|name| {
                let answer = timetable.answer(&name).unwrap_or_else(|wrong| {
                    Object::from_iter([("error".to_owned(), wrong.to_json())])
                });
                (name, Value::Object(answer))
            });
            Ok(Object::from_iter([("deadlines".to_owned(), Value::Object(answers.collect()))]))
        }
        (Some(_), Some(_)) => {
            let message = "`deadline` and `deadlines` stand together".to_owned();
            Err(Wrong::new("two-requests", message, "one deadline, or several by name"))
        }
        (None, None) => Err(missing("deadline")),
    }
}

/// The name of the only deadline of a request.
const ONE: &str = "deadline";

/// The keys that say what happened to a deadline: beside it, or in it where there are several.
const HAPPENED: [&str; 5] = ["paused", "extended", "met", "periods", "as-of"];

/// The event that `starts` gives.
const STARTS: &str = "starts";

/// The deadlines of a request, and the events that they count from.
struct Timetable<'a> {
    almanac: &'a Almanac,
    language: Language,
    events: Vec<(String, String)>,
    asked: BTreeMap<String, Result<Asked, Wrong>>,
    /// The ends that are known, and those that are being worked out.
    ends: std::cell::RefCell<BTreeMap<String, Option<Came>>>,
}

impl<'a> Timetable<'a> {
    fn read(request: &Object, almanac: &'a Almanac, language: Language) -> Result<Self, Wrong> {
        let events = object(request, "events", "events", "{\"received\": \"2026-03-02\"}")?;
        let mut known = Vec::new();
        if events.is_some_and(|events| events.len() > MOST) {
            let message = format!("`events` has more than {MOST} items");
            return Err(Wrong::new("too-many-items", message, format!("at most {MOST} are read")));
        }
        for (name, when) in events.into_iter().flatten() {
            match when {
                Value::String(when) => known.push((name.clone(), when.clone())),
                // An event that has not come.
                Value::Null => {}
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    return Err(Wrong::kind(&format!("events.{}", shown(name)), "a date"));
                }
            }
        }
        let ends = std::cell::RefCell::default();
        Ok(Self { almanac, language, events: known, asked: BTreeMap::new(), ends })
    }

    fn one(
        &mut self,
        request: &Object,
        deadline: &Object,
        starts: Option<&str>,
    ) -> Result<Asked, Wrong> {
        let mut deadline = deadline.clone();
        // What happened may stand in the deadline as well, but not in both places.
        let mut happened = request.clone();
        for key in HAPPENED {
            let Some(value) = deadline.remove(key) else { continue };
            if happened.insert(key.to_owned(), value).is_some() {
                let message = format!("`{key}` and `deadline.{key}` stand together");
                return Err(Wrong::new("said-twice", message, format!("keep one `{key}`")));
            }
        }
        // `before: true` counts back from `starts`.
        let back = match deadline.get("before") {
            Some(Value::Bool(back)) => {
                let back = *back;
                deadline.remove("before");
                back
            }
            _ => false,
        };
        for key in ["starts", "before"] {
            let is_anchor =
                |value: &Value| value.is_string() || value.is_object() || value.is_null();
            if deadline.get(key).is_some_and(|value| !is_anchor(value)) {
                let wanted = if key == "before" { "`true`, or a name" } else { "a name" };
                return Err(Wrong::kind(&format!("deadline.{key}"), wanted));
            }
        }
        let around = Around {
            path: "deadline",
            almanac: self.almanac,
            jurisdiction: text(request, "jurisdiction", "jurisdiction")?,
            time_zone: text(request, "time-zone", "time-zone")?,
            deadlines: &[],
        };
        if starts.is_some() {
            // The event itself is given: what the procedure file calls it makes no difference.
            let back_from = deadline.remove("before").is_some_and(|before| !before.is_null());
            deadline.remove("starts");
            let mut asked = Asked::read(&deadline, &happened, "", &around)?;
            asked.starts = Some(Named::Event(STARTS.to_owned()));
            asked.backwards = back || back_from;
            let starts = starts.unwrap_or_default();
            instant("starts", starts, &asked.zone)?;
            self.events.push((STARTS.to_owned(), starts.to_owned()));
            return Ok(asked);
        }
        let mut asked = Asked::read(&deadline, &happened, "", &around)?;
        asked.backwards |= back;
        if asked.starts.is_none() {
            return Err(missing("starts"));
        }
        Ok(asked)
    }

    fn several(&mut self, request: &Object, several: &Object) -> Result<(), Wrong> {
        if several.len() > MOST {
            let message = format!("`deadlines` has more than {MOST} items");
            return Err(Wrong::new(
                "too-many-items",
                message,
                format!("at most {MOST} are counted"),
            ));
        }
        let names: Vec<&str> = several.keys().map(String::as_str).collect();
        let as_of = present(request, "as-of");
        for (name, deadline) in several {
            let path = format!("deadlines.{}", shown(name));
            let Some(deadline) = deadline.as_object() else {
                let kind = Wrong::kind(&path, "an object, such as `{\"within\": \"6 weeks\"}`");
                self.asked.insert(name.clone(), Err(kind));
                continue;
            };
            let mut happened = deadline.clone();
            if let Some(as_of) = as_of {
                happened.entry("as-of").or_insert_with(|| as_of.clone());
            }
            let around = Around {
                path: &path,
                almanac: self.almanac,
                jurisdiction: text(request, "jurisdiction", "jurisdiction")?,
                time_zone: text(request, "time-zone", "time-zone")?,
                deadlines: &names,
            };
            let read = Asked::read(deadline, &happened, &format!("{path}."), &around);
            let read = read.map(|mut asked| {
                asked.starts.get_or_insert_with(|| Named::Event("received".to_owned()));
                asked
            });
            self.asked.insert(name.clone(), read);
        }
        Ok(())
    }

    fn event(&self, name: &str, asked: &Asked) -> Option<Came> {
        let (_, when) = self.events.iter().find(|(known, _)| known == name)?;
        let at = super::parse_instant(when, &asked.zone).ok()?;
        Some(Came { at, on: asked.zone.local_date(at) })
    }

    /// Returns the end of a deadline, once it has begun. What waits for itself never begins.
    fn end(&self, name: &str) -> Option<Came> {
        if let Some(known) = self.ends.borrow().get(name) {
            return *known;
        }
        self.ends.borrow_mut().insert(name.to_owned(), None);
        let end = self.asked.get(name).and_then(|asked| asked.as_ref().ok()).and_then(|asked| {
            let starts = self.came(asked.starts.as_ref()?, asked)?;
            let end = reckon(&self.reckoning(asked, starts)).ok()?;
            Some(Came { at: end.ends_at, on: end.last_day })
        });
        self.ends.borrow_mut().insert(name.to_owned(), end);
        end
    }

    fn came(&self, anchor: &Named, asked: &Asked) -> Option<Came> {
        anchor.came(&|name: &String| self.event(name, asked), &|name: &String| self.end(name))
    }

    fn reckoning<'b>(&self, asked: &'b Asked, starts: Came) -> Reckoning<'b> {
        let from = |came: Came| came.counted_from(asked.within.unit(), &asked.zone);
        let starts = from(starts);
        let bound = |bound: Option<&BoundAsked>| -> Option<Bound> {
            let BoundAsked { within, starts: own } = bound?;
            let own = own.as_ref().map(|anchor| self.came(anchor, asked).map(from));
            // A bound from an event that has not come does not bind.
            own.unwrap_or(Some(starts)).map(|starts| Bound { starts, within: *within })
        };
        Reckoning {
            backwards: asked.backwards,
            roll: asked.roll,
            suspensions: &asked.suspensions,
            standstills: &asked.standstills,
            extensions: &asked.extensions,
            no_earlier_than: bound(asked.no_earlier_than.as_ref()),
            no_later_than: bound(asked.no_later_than.as_ref()),
            as_of: asked.as_of,
            ..Reckoning::new(starts, &asked.zone, asked.within, &asked.calendar, &asked.counting)
        }
    }

    /// Returns the way from a deadline, over the ends that it needs, back to itself; `None` if there is no such way.
    fn circle_through(&self, name: &str, asked: &Asked) -> Option<String> {
        let ends_of = |asked: &Asked| -> Vec<String> {
            let limits = asked.no_earlier_than.iter().chain(&asked.no_later_than);
            let anchors = limits.filter_map(|limit| limit.starts.as_ref()).chain(&asked.starts);
            anchors
                .flat_map(|anchor| anchor.ends().into_iter().cloned().collect::<Vec<_>>())
                .collect()
        };
        let mut seen: Vec<String> = Vec::new();
        let mut ways: Vec<(String, Vec<String>)> = vec![(name.to_owned(), ends_of(asked))];
        while let Some((way, ends)) = ways.pop() {
            for end in ends {
                let way = format!("{way} \u{2192} {end}");
                if end == name {
                    return Some(way);
                }
                if !seen.contains(&end) {
                    let next = self.asked.get(&end).and_then(|asked| asked.as_ref().ok());
                    ways.extend(next.map(|asked| (way, ends_of(asked))));
                    seen.push(end);
                }
            }
        }
        None
    }

    fn answer(&mut self, name: &str) -> Result<Object, Wrong> {
        let asked = match self.asked.remove(name) {
            None => return Err(missing(name)),
            Some(Err(wrong)) => return Err(wrong),
            Some(Ok(asked)) => asked,
        };
        let answer = self.answer_to(name, &asked);
        self.asked.insert(name.to_owned(), Ok(asked));
        answer
    }

    fn answer_to(&self, name: &str, asked: &Asked) -> Result<Object, Wrong> {
        let Some(anchor) = &asked.starts else { return Err(missing("starts")) };
        if let Some(circle) = self.circle_through(name, asked) {
            let message = format!("`{name}` counts from its own end: {circle}");
            let help = "let one of them start with an event";
            return Err(Wrong::new("circular-deadlines", message, help));
        }
        for (event, when) in &self.events {
            if anchor.events().contains(&event) {
                instant(&format!("events.{}", shown(event)), when, &asked.zone)?;
            }
        }
        self.ends.borrow_mut().insert(name.to_owned(), None);
        let came = self.came(anchor, asked);
        self.ends.borrow_mut().remove(name);
        let Some(starts) = came else {
            let events = anchor.events().into_iter().filter(|of| self.event(of, asked).is_none());
            let ends = anchor.ends().into_iter().map(|of| format!("{of}.end"));
            let waiting: Vec<String> = events.cloned().chain(ends).collect();
            return Ok(Object::from_iter([("waiting-for".to_owned(), json!(waiting))]));
        };
        let reckoning = self.reckoning(asked, starts);
        let (end, steps) = explain(&reckoning)?;
        let mut answer = in_json(&end, &steps, asked, self.language);
        if let Some(penalty) = &asked.penalty {
            let until = match asked.met {
                Some(met) => asked.zone.local_date(met).pred_opt(),
                None => asked.as_of.map(|as_of| asked.zone.local_date(as_of)),
            };
            if let Some(until) = until {
                let owed = penalty.owed(end.last_day, until);
                let steps = penalty.steps(end.last_day, until);
                let steps = steps.iter().map(|step| step_with_text(step, self.language));
                if let Some(Value::Array(explanation)) = answer.get_mut("explanation") {
                    explanation.extend(steps);
                }
                answer.insert(
                    "owed".to_owned(),
                    json!({
                        "days": owed.days, "cents": owed.cents, "currency": penalty.currency,
                        "amount": penalty.amount(owed.cents, self.language), "capped": owed.capped,
                    }),
                );
            }
        }
        if let (true, Some(periods)) = (asked.recurs, asked.periods) {
            let mut last_days = vec![end.last_day];
            let mut starts = Came { at: end.ends_at, on: end.last_day };
            for _ in 1..periods {
                let next = Reckoning {
                    suspensions: &[],
                    extensions: &[],
                    ..self.reckoning(asked, starts)
                };
                let next = reckon(&next)?;
                if next.ends_at <= starts.at {
                    break;
                }
                last_days.push(next.last_day);
                starts = Came { at: next.ends_at, on: next.last_day };
            }
            answer.insert("periods".to_owned(), json!(last_days));
        }
        Ok(answer)
    }
}

fn in_json(end: &Reckoned, steps: &[CountStep], asked: &Asked, language: Language) -> Object {
    let mut answer = Object::new();
    answer.insert("last-day".to_owned(), Value::from(end.last_day.to_string()));
    answer.insert("instant".to_owned(), Value::from(utc(end.ends_at)));
    if end.provisional {
        answer.insert("provisional".to_owned(), Value::from(true));
    }
    if end.standing_still {
        answer.insert("standing-still".to_owned(), Value::from(true));
    }
    let steps = steps.iter().map(|step| step_with_text(step, language)).collect();
    answer.insert("explanation".to_owned(), Value::Array(steps));
    let named = |name: &str, version: &str| format!("{name}@{version}");
    answer.insert(
        "counted-by".to_owned(),
        json!({
            "calendar": named(asked.calendar.name(), asked.calendar.version()),
            "counting": named(asked.counting.name(), asked.counting.version()),
            "time-zone": asked.zone.name(), "tzdb": tzdb_version(),
        }),
    );
    answer
}

fn utc(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
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

    fn answer(request: &Value) -> Value {
        super::answer(request, &Almanac::shipped())
    }

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
            "begint op vr 26 mei 2023; die dag telt niet mee (cf. Awb art. 6:8(1))"
        );
        assert_eq!(steps[1]["text"], "+ 6 weken: vr 7 jul 2023");
        assert_eq!(
            steps[2]["text"],
            "laatste dag vr 7 jul 2023, tot het einde van die dag (2023-07-07T22:00:00Z)"
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
            (with("/deadline/before", json!([])), "wrong-type"),
            (with("/deadline/before", json!(0)), "wrong-type"),
            (with("/deadline/starts", json!(1.5)), "wrong-type"),
            (with("/events", json!(vec![("e", "2026-03-02")])), "wrong-type"),
            (with("/deadline/penalty", json!({"tiers": [{"days": 0, "a-day": 1}]})), "wrong-type"),
            (
                with(
                    "/deadline/penalty",
                    json!({"tiers": [{"days": 1, "a-day": 1}], "currency": ""}),
                ),
                "wrong-type",
            ),
            (
                with("/paused", json!([{"from": "2026-03-04", "to": "9999-01-01"}])),
                "pause-too-long",
            ),
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

    /// What an opposing lawyer found: each request, and the last instant or day that it must get.
    #[test]
    fn what_was_once_counted_wrongly_is_right() {
        let last_day = |request: Value| answer(&request)["last-day"].clone();
        // Fed. R. Civ. P. 6(a)(5): hours that are counted back end on the day before a day off.
        let back = |name: &str, starts: &str| {
            answer(
                &json!({"starts": starts, "jurisdiction": name, "deadline": {"within": "48 hours", "before": true}}),
            )
        };
        assert_eq!(
            back("us-federal", "2026-11-30T14:20:00-05:00")["instant"],
            "2026-11-27T19:20:00Z"
        );
        // Regulation 1182/71 art. 3(1): the hour of the event is left out on its other side.
        assert_eq!(
            back("eu-institutions", "2025-11-26T14:20:00+01:00")["instant"],
            "2025-11-24T13:00:00Z"
        );
        // FOIA s.10(2): notice and payment on one day take that day out.
        assert_eq!(
            last_day(
                json!({"starts": "2025-02-03", "jurisdiction": "uk-any", "deadline": {"within": "20 working days"},
                "paused": [{"from": "2025-02-18", "to": "2025-02-18"}]})
            ),
            "2025-03-04"
        );
        // RSC Order 122 r.2 leaves out no public holiday; by r.3 no term ends on Good Friday.
        let courts = |starts: &str, within: &str| {
            last_day(
                json!({"starts": starts, "jurisdiction": "ie-courts", "deadline": {"within": within}}),
            )
        };
        assert_eq!(courts("2026-05-01", "3 days"), "2026-05-06");
        assert_eq!(courts("2026-03-20", "14 days"), "2026-04-07");
        // Atw art. 4(a): a bound of thirteen weeks is not moved, whatever the term was.
        let bounded = json!({"starts": "2026-04-12", "jurisdiction": "nl", "extended": ["10 weeks"],
            "deadline": {"within": "6 weeks", "no-later-than": "13 weeks"}});
        assert_eq!(last_day(bounded), "2026-07-12");
        // A pause that began when the term was over needs no end.
        let late = json!({"starts": "2026-03-02", "jurisdiction": "nl", "deadline": {"within": "6 weeks"},
            "paused": [{"from": "2026-05-10"}]});
        assert_eq!(last_day(late), "2026-04-13");
        // What happened may stand in the deadline, but not twice.
        let inside = json!({"starts": "2026-03-02", "jurisdiction": "nl", "deadline": {"within": "6 weeks", "extended": ["4 weeks"]}});
        assert_eq!(last_day(inside), "2026-05-11");
        // A clock that has stood still for as long as it may runs on.
        let capped = json!({"starts": "2026-03-02", "jurisdiction": "nl", "as-of": "2026-06-01",
            "deadline": {"within": "6 weeks", "stops": {"at-most": "1 week"}}, "paused": [{"from": "2026-03-10"}]});
        assert_eq!(answer(&capped).get("standing-still"), None);
        // Midnight is that of the calendar, where nothing else is said.
        let zone =
            json!({"starts": "2026-03-02", "deadline": {"within": "6 weeks", "calendar": "nl"}});
        assert_eq!(answer(&zone)["instant"], "2026-04-13T22:00:00Z");
    }

    #[test]
    fn a_penalty_is_told_tier_by_tier() {
        let request = json!({"starts": "2026-03-02", "jurisdiction": "nl", "met": "2026-04-07", "lang": "nl", "deadline": {
            "within": "2 weeks", "penalty": {"tiers": [{"days": 14, "a-day": 23}, {"days": 14, "a-day": "35.00"}]}}});
        let answer = answer(&request);
        assert_eq!(answer["owed"]["amount"], "€ 567,00");
        let steps = answer["explanation"].as_array().expect("steps");
        let said: Vec<&str> = steps.iter().filter_map(|step| step["text"].as_str()).collect();
        assert_eq!(
            said[said.len() - 2..],
            [
                "dwangsom van di 17 mrt 2026 tot en met ma 30 mrt 2026: 14 dagen van € 23,00",
                "dwangsom van di 31 mrt 2026 tot en met ma 6 apr 2026: 7 dagen van € 35,00",
            ]
        );
    }

    #[test]
    fn deadlines_that_wait_for_themselves_are_an_error() {
        let request = json!({"events": {"e": "2026-03-02"}, "deadlines": {
            "a": {"starts": "b.end", "within": "1 week"}, "b": {"starts": "a.end", "within": "1 week"},
            "c": {"starts": "e", "within": "1 week", "no-later-than": {"within": "1 week", "starts": "c.end"}},
            "d": {"starts": "e", "within": "1 week"}}});
        let answer = answer(&request);
        for name in ["a", "b", "c"] {
            assert_eq!(answer["deadlines"][name]["error"]["code"], "circular-deadlines", "{name}");
        }
        assert_eq!(answer["deadlines"]["d"]["last-day"], "2026-03-09");
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
