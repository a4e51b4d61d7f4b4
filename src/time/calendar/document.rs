//! A calendar as it is written: `schemas/calendar.schema.json`, as the JSON of its YAML.

use super::rule::{CountsFor, Rule, Shift, Towards, When};
use super::{Calendar, YEARS};
use crate::language::Text;
use crate::time::error::shown;
use crate::time::{Date, TimeError, TimeZone, parse_date};
use chrono::{Datelike, Weekday};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The most calendars that one is made of, each as often as it comes.
const MOST_PARTS: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CalendarDocument {
    calendar: String,
    title: Value,
    version: String,
    time_zone: Option<String>,
    counting: Option<String>,
    weekend: Option<Vec<String>>,
    #[serde(default)]
    includes: Vec<String>,
    #[serde(default)]
    excludes: Vec<String>,
    known: Option<KnownDocument>,
    #[serde(default)]
    days: Vec<DayDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownDocument {
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct DayDocument {
    title: Value,
    on: Option<String>,
    weekday: Option<WeekdayDocument>,
    easter: Option<i64>,
    dates: Option<Vec<String>>,
    #[serde(default)]
    moved: BTreeMap<String, i64>,
    #[serde(default)]
    substitute: BTreeMap<String, String>,
    #[serde(default)]
    except: Vec<i32>,
    first_year: Option<i32>,
    last_year: Option<i32>,
    counts_for: Option<String>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeekdayDocument {
    day: String,
    nth: Option<String>,
    month: Option<u32>,
    before: Option<String>,
    from: Option<String>,
}

impl Calendar {
    /// Returns the calendar that a document describes; `named` gives the calendars that it is made of.
    /// # Errors
    /// [`TimeError::BadCalendar`] with the path of the keys and what is wrong there.
    pub fn from_document(
        document: &Value,
        named: &dyn Fn(&str) -> Result<Arc<Calendar>, TimeError>,
    ) -> Result<Calendar, TimeError> {
        let read = CalendarDocument::deserialize(document);
        let document = read.map_err(|error| bad("the file", &error.to_string()))?;
        if !is_name(&document.calendar) {
            return Err(bad("calendar", "a name is of lower case letters, digits and hyphens"));
        }
        let of = |key: &str, names: &[String]| {
            let parts = names.iter().map(|name| {
                named(name).map_err(|error| bad(key, &format!("{error} ({})", error.help())))
            });
            parts.collect::<Result<Vec<_>, _>>()
        };
        let includes = of("includes", &document.includes)?;
        let excludes = of("excludes", &document.excludes)?;
        let parts = includes.iter().chain(&excludes).map(|part| part.parts);
        let parts = parts.fold(1, usize::saturating_add);
        if parts > MOST_PARTS {
            let what = format!("made of more than {MOST_PARTS} calendars, one within the other");
            return Err(bad("includes", &what));
        }
        let mut weekend = [false; 7];
        if document.weekend.is_none() && includes.is_empty() {
            return Err(bad("weekend", "say which days of the week are off, `[]` if none is"));
        }
        for included in &includes {
            for (own, also) in weekend.iter_mut().zip(included.weekend) {
                *own |= also;
            }
        }
        for day in document.weekend.iter().flatten() {
            let day = weekday(day)
                .ok_or_else(|| bad("weekend", &format!("`{}` is no day", shown(day))))?;
            if let Some(off) = weekend.get_mut(index_of(day)) {
                *off = true;
            }
        }
        if weekend == [true; 7] {
            return Err(bad("weekend", "no day of the week is left on which work is done"));
        }
        let own = document.known.as_ref().map(known).transpose()?;
        let known = includes.iter().filter_map(|of| of.known).chain(own).reduce(|a, b| {
            let from = a.0.max(b.0);
            (from, a.1.min(b.1).max(from))
        });
        let usual = match (&document.time_zone, document.counting) {
            (Some(zone), Some(counting)) => {
                let zone = TimeZone::named(zone)
                    .map_err(|error| bad("time-zone", &format!("{error} ({})", error.help())))?;
                Some((zone.name().to_owned(), counting))
            }
            (None, None) => includes.first().and_then(|first| first.usual.clone()),
            _ => {
                return Err(bad(
                    "counting",
                    "`time-zone` and `counting` stand together or not at all",
                ));
            }
        };
        let rules = document.days.iter().enumerate();
        let rules = rules.map(|(index, day)| rule_of(&format!("days[{index}]"), day));
        Ok(Calendar {
            title: text_of("title", &document.title)?,
            name: document.calendar,
            version: document.version,
            weekend,
            known,
            parts,
            includes,
            excludes,
            rules: rules.collect::<Result<_, _>>()?,
            usual,
            years: std::iter::repeat_with(OnceLock::new).take(YEARS).collect(),
        })
    }
}

/// Whether a text may name a calendar or a counting rule.
pub(in crate::time) fn is_name(text: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 64 && text.chars().all(letter)
}

fn known(known: &KnownDocument) -> Result<(Date, Date), TimeError> {
    let (from, to) = (date_at("known.from", &known.from)?, date_at("known.to", &known.to)?);
    if to < from { Err(bad("known", "`to` comes before `from`")) } else { Ok((from, to)) }
}

fn rule_of(place: &str, day: &DayDocument) -> Result<Rule, TimeError> {
    let when = match (&day.on, &day.weekday, day.easter, &day.dates) {
        (Some(on), None, None, None) => {
            let (month, day) = month_day(&format!("{place}.on"), on)?;
            When::Fixed { month, day }
        }
        (None, Some(weekday), None, None) => day_of_week(&format!("{place}.weekday"), weekday)?,
        (None, None, Some(days_after), None) if (-100..=200).contains(&days_after) => {
            When::Easter { days_after }
        }
        (None, None, Some(_), None) => {
            return Err(bad(place, "`easter` is from -100 to 200 days"));
        }
        (None, None, None, Some(dates)) => {
            let dates = dates.iter().map(|date| date_at(&format!("{place}.dates"), date));
            When::Listed(dates.collect::<Result<_, _>>()?)
        }
        _ => {
            return Err(bad(
                place,
                "exactly one of `on`, `weekday`, `easter` and `dates` says when it is",
            ));
        }
    };
    let shift = match (day.moved.is_empty(), day.substitute.is_empty()) {
        (true, true) => Shift::None,
        (false, true) => moved(&format!("{place}.moved"), &day.moved)?,
        (true, false) => substitute(&format!("{place}.substitute"), &day.substitute)?,
        (false, false) => {
            return Err(bad(place, "`moved` and `substitute` do not stand together"));
        }
    };
    let counts_for = match day.counts_for.as_deref() {
        None | Some("all") => CountsFor::All,
        Some("terms") => CountsFor::Terms,
        Some("work") => CountsFor::Work,
        Some(other) => {
            let what = format!("`{}` is none of `all`, `terms` and `work`", shown(other));
            return Err(bad(&format!("{place}.counts-for"), &what));
        }
    };
    let years = (day.first_year.unwrap_or(1), day.last_year.unwrap_or(9999));
    if years.1 < years.0 {
        return Err(bad(place, "`last-year` comes before `first-year`"));
    }
    Ok(Rule {
        name: text_of(&format!("{place}.title"), &day.title)?,
        source: day.source.clone(),
        when,
        shift,
        years,
        except: day.except.iter().copied().collect(),
        counts_for,
    })
}

fn day_of_week(place: &str, written: &WeekdayDocument) -> Result<When, TimeError> {
    let day = weekday(&written.day)
        .ok_or_else(|| bad(place, &format!("`{}` is no day", shown(&written.day))))?;
    match (written.nth.as_deref(), written.month, &written.before, &written.from) {
        (Some(nth), Some(month), None, None) if (1..=12).contains(&month) => {
            let nth = match nth {
                "first" => 1,
                "second" => 2,
                "third" => 3,
                "fourth" => 4,
                "fifth" => 5,
                "last" => return Ok(When::Last { day, month }),
                other => {
                    let what =
                        format!("`{}` is none of `first` to `fifth` and `last`", shown(other));
                    return Err(bad(place, &what));
                }
            };
            Ok(When::Nth { nth, day, month })
        }
        (None, None, Some(before), None) => {
            let (month, of) = month_day(place, before)?;
            Ok(When::Before { day, month, of })
        }
        (None, None, None, Some(from)) => {
            let (month, of) = month_day(place, from)?;
            Ok(When::From { day, month, of })
        }
        _ => Err(bad(place, "a `day` with `nth` and `month`, or with `before` or `from` a date")),
    }
}

fn moved(place: &str, written: &BTreeMap<String, i64>) -> Result<Shift, TimeError> {
    let mut by = [0; 7];
    for (name, days) in written {
        let day =
            weekday(name).ok_or_else(|| bad(place, &format!("`{}` is no day", shown(name))))?;
        if !(-7..=7).contains(days) {
            return Err(bad(place, "a day is moved by at most 7 days"));
        }
        if let Some(entry) = by.get_mut(index_of(day)) {
            *entry = *days;
        }
    }
    Ok(Shift::Moved(by))
}

fn substitute(place: &str, written: &BTreeMap<String, String>) -> Result<Shift, TimeError> {
    let (mut weekdays, mut holiday) = ([None; 7], None);
    for (name, towards) in written {
        let towards = match towards.as_str() {
            "after" => Towards::After,
            "before" => Towards::Before,
            other => {
                let what = format!("`{}` is neither `after` nor `before`", shown(other));
                return Err(bad(place, &what));
            }
        };
        match (name.as_str(), weekday(name)) {
            ("holiday", _) => holiday = Some(towards),
            (_, Some(day)) => {
                if let Some(entry) = weekdays.get_mut(index_of(day)) {
                    *entry = Some(towards);
                }
            }
            (other, None) => {
                return Err(bad(place, &format!("`{}` is no day", shown(other))));
            }
        }
    }
    Ok(Shift::Substitute { weekdays, holiday })
}

fn month_day(place: &str, text: &str) -> Result<(u32, u32), TimeError> {
    // 2000 is a leap year, so 29 February is a date like any other.
    let date = parse_date(&format!("2000-{text}"));
    let date = date
        .map_err(|_| bad(place, &format!("`{}` is no month and day, as `12-25`", shown(text))))?;
    Ok((date.month(), date.day()))
}

pub(in crate::time) fn date_at(place: &str, text: &str) -> Result<Date, TimeError> {
    parse_date(text).map_err(|error| bad(place, &error.to_string()))
}

pub(in crate::time) fn text_of(place: &str, value: &Value) -> Result<Text, TimeError> {
    let wording = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let text = match value {
        Value::String(_) => wording(value).map(Text::plain),
        Value::Object(languages) if !languages.is_empty() => {
            let pairs =
                languages.iter().map(|(language, text)| Some((language.clone(), wording(text)?)));
            pairs.collect::<Option<Vec<_>>>().map(Text::of)
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            None
        }
    };
    text.ok_or_else(|| bad(place, "a text, or a text for each language"))
}

fn bad(place: &str, what: &str) -> TimeError {
    TimeError::BadCalendar { place: place.to_owned(), what: what.to_owned() }
}

fn index_of(day: Weekday) -> usize {
    usize::try_from(day.num_days_from_monday()).unwrap_or(0)
}

fn weekday(name: &str) -> Option<Weekday> {
    match name {
        "monday" => Some(Weekday::Mon),
        "tuesday" => Some(Weekday::Tue),
        "wednesday" => Some(Weekday::Wed),
        "thursday" => Some(Weekday::Thu),
        "friday" => Some(Weekday::Fri),
        "saturday" => Some(Weekday::Sat),
        "sunday" => Some(Weekday::Sun),
        _ => None,
    }
}
