//! A counting rule as it is written: `schemas/counting.schema.json`, as the JSON of its YAML.

use super::{
    AtLeast, Clear, Counting, DaysOff, Deemed, EventDay, HoursRule, MonthsRule, Reach, Receipt,
    Roll, Rules, ShortTerms, StandstillDays,
};
use crate::time::calendar::{date_at, is_name, text_of};
use crate::time::error::shown;
use crate::time::{For, Term, TimeError, Unit};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::str::FromStr;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RulesDocument {
    event_day: Option<EventDayDocument>,
    clear: Option<ClearDocument>,
    days_off: Option<DaysOffDocument>,
    reach: Option<ReachDocument>,
    at_least: Option<AtLeastDocument>,
    months: Option<MonthsDocument>,
    short_terms: Option<ShortTermsDocument>,
    hours: Option<HoursDocument>,
    receipt: Option<ReceiptDocument>,
    deemed: Option<DeemedDocument>,
    standstill: Option<StandstillDocument>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EventDayDocument {
    counts: bool,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ClearDocument {
    #[serde(default)]
    forwards: bool,
    #[serde(default)]
    backwards: bool,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct DaysOffDocument {
    roll: Option<String>,
    backwards: Option<String>,
    days: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ReachDocument {
    days: Option<u32>,
    weeks: Option<u32>,
    months: Option<u32>,
    years: Option<u32>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AtLeastDocument {
    days: u32,
    in_terms_of: String,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct MonthsDocument {
    from: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ShortTermsDocument {
    up_to: String,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct HoursDocument {
    starts: Option<String>,
    roll: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ReceiptDocument {
    until: Option<String>,
    day_off: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct DeemedDocument {
    after: String,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct StandstillDocument {
    first_day: Option<String>,
    last_day: Option<String>,
    source: Option<String>,
}

impl Counting {
    /// Returns the counting rule that a document describes.
    /// # Errors
    /// [`TimeError::BadCounting`] with the path of the keys and what is wrong there.
    pub fn from_document(document: &Value) -> Result<Counting, TimeError> {
        let Some(document) = document.as_object() else {
            return Err(bad("the file", "a counting rule is a mapping of keys"));
        };
        let mut rules = document.clone();
        let name = match rules.remove("counting") {
            Some(Value::String(name)) if is_name(&name) => name,
            _ => {
                return Err(bad("counting", "a name is of lower case letters, digits and hyphens"));
            }
        };
        let title = text_of("title", &rules.remove("title").unwrap_or(Value::Null))
            .map_err(|_| bad("title", "a text, or a text for each language"))?;
        let version = match rules.remove("version") {
            Some(Value::String(version)) if !version.is_empty() => version,
            _ => return Err(bad("version", "the day on which the rule was last checked")),
        };
        let changes = match rules.remove("changes") {
            None => Vec::new(),
            Some(Value::Array(changes)) => changes,
            Some(_) => return Err(bad("changes", "a list, each item with `from`")),
        };
        let mut texts = vec![(None, read("", &Rules::default(), rules)?)];
        for (index, change) in changes.into_iter().enumerate() {
            let place = format!("changes[{index}].");
            let Value::Object(mut change) = change else {
                return Err(bad(&place, "a mapping with `from` and what changed"));
            };
            let from = match change.remove("from") {
                Some(Value::String(from)) => date_at(&format!("{place}from"), &from)
                    .map_err(|error| bad(&format!("{place}from"), &error.to_string()))?,
                _ => return Err(bad(&place, "`from` says since when")),
            };
            let last = texts.last().map(|(since, rules)| (*since, rules.clone()));
            let (since, before) = last.unwrap_or_default();
            if since.is_some_and(|since| from <= since) {
                return Err(bad(&format!("{place}from"), "changes stand in order of their dates"));
            }
            texts.push((Some(from), read(&place, &before, change)?));
        }
        Ok(Counting { name, title, version, texts })
    }
}

/// Returns the rules as they read with the keys of `written` in place of those `before`.
fn read(place: &str, before: &Rules, written: Map<String, Value>) -> Result<Rules, TimeError> {
    let at = |key: &str| format!("{place}{key}");
    let written: RulesDocument = serde_json::from_value(Value::Object(written))
        .map_err(|error| bad(place.trim_end_matches('.'), &error.to_string()))?;
    let mut rules = before.clone();
    if let Some(EventDayDocument { counts, source }) = written.event_day {
        rules.event_day = EventDay { counts, source };
    }
    if let Some(ClearDocument { forwards, backwards, source }) = written.clear {
        rules.clear = Some(Clear { forwards, backwards, source });
    }
    if let Some(MonthsDocument { from, source }) = written.months {
        let from_first_day = one_of(&at("months"), from.as_deref(), "event-day", "first-day")?;
        rules.months = MonthsRule { from_first_day, source };
    }
    if let Some(written) = written.days_off {
        let place = at("days-off");
        let days = match written.days.as_deref() {
            None | Some("terms") => For::Terms,
            Some("working") => For::Working,
            Some(other) => {
                let what = format!("`{}` is neither `terms` nor `working`", shown(other));
                return Err(bad(&place, &what));
            }
        };
        rules.days_off = DaysOff {
            roll: roll(&place, written.roll.as_deref())?,
            backwards: roll(&place, written.backwards.as_deref())?,
            days,
            source: written.source,
        };
    }
    if let Some(ReachDocument { days, weeks, months, years, source }) = written.reach {
        rules.reach = Reach { days, weeks, months, years, source };
    }
    if let Some(AtLeastDocument { days, in_terms_of, source }) = written.at_least {
        let in_terms_of = days_in(&at("at-least"), &in_terms_of)?;
        if days > in_terms_of.max(7) {
            return Err(bad(&at("at-least"), "more days than the shortest such term has"));
        }
        rules.at_least = Some(AtLeast { days, in_terms_of, source });
    }
    if let Some(ShortTermsDocument { up_to, source }) = written.short_terms {
        rules.short_terms =
            Some(ShortTerms { up_to: days_in(&at("short-terms"), &up_to)?, source });
    }
    if let Some(HoursDocument { starts, roll: rolls, source }) = written.hours {
        let place = at("hours");
        let from_next_hour = one_of(&place, starts.as_deref(), "at-once", "next-hour")?;
        let roll = roll(&place, rolls.as_deref())?;
        if roll == Roll::Back {
            return Err(bad(&place, "hours roll `forward` or not (`none`)"));
        }
        rules.hours = HoursRule { from_next_hour, roll, source };
    }
    if let Some(ReceiptDocument { until, day_off, source }) = written.receipt {
        let place = at("receipt");
        let until_minute = until.map(|until| minute(&place, &until)).transpose()?;
        let not_on_days_off = one_of(&place, day_off.as_deref(), "same", "next")?;
        rules.receipt = Some(Receipt { until_minute, not_on_days_off, source });
    }
    if let Some(DeemedDocument { after, source }) = written.deemed {
        let term = Term::from_str(&after);
        let term =
            term.map_err(|error| bad(&at("deemed"), &format!("{error} ({})", error.help())))?;
        if !matches!(term.unit(), Unit::Days | Unit::WorkingDays) {
            return Err(bad(&at("deemed"), "days or working days"));
        }
        rules.deemed = Some(Deemed { after: term, source });
    }
    if let Some(StandstillDocument { first_day, last_day, source }) = written.standstill {
        let place = at("standstill");
        rules.standstill = StandstillDays {
            first: !one_of(&place, first_day.as_deref().or(Some("stands")), "stands", "runs")?,
            last: one_of(&place, last_day.as_deref(), "runs", "stands")?,
            source,
        };
    }
    Ok(rules)
}

/// Returns whether the second of two words is written; nothing is the first one.
fn one_of(
    place: &str,
    written: Option<&str>,
    first: &str,
    second: &str,
) -> Result<bool, TimeError> {
    match written {
        None => Ok(false),
        Some(word) if word == first => Ok(false),
        Some(word) if word == second => Ok(true),
        Some(other) => {
            let what = format!("`{}` is neither `{first}` nor `{second}`", shown(other));
            Err(bad(place, &what))
        }
    }
}

fn roll(place: &str, written: Option<&str>) -> Result<Roll, TimeError> {
    let Some(written) = written else { return Ok(Roll::None) };
    written.parse().map_err(|error: TimeError| bad(place, &format!("{error} ({})", error.help())))
}

fn days_in(place: &str, written: &str) -> Result<u32, TimeError> {
    let term = Term::from_str(written);
    let term = term.map_err(|error| bad(place, &format!("{error} ({})", error.help())))?;
    match term.unit() {
        Unit::Days => Ok(term.amount()),
        Unit::Hours | Unit::WorkingDays | Unit::Weeks | Unit::Months | Unit::Years => {
            Err(bad(place, "a number of days, such as `5 days`"))
        }
    }
}

/// Returns the minute of the day that is written as `17:00`.
fn minute(place: &str, written: &str) -> Result<u32, TimeError> {
    let wrong = || bad(place, &format!("`{}` is no time of day, as `17:00`", shown(written)));
    let (hour, minute) = written.split_once(':').ok_or_else(wrong)?;
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|_| digits.len() == 2);
    match (number(hour), number(minute)) {
        (Some(hour @ 0..=23), Some(minute @ 0..=59)) => Ok(hour * 60 + minute),
        _ => Err(wrong()),
    }
}

fn bad(place: &str, what: &str) -> TimeError {
    let place = if place.is_empty() { "the file" } else { place };
    TimeError::BadCounting { place: place.to_owned(), what: what.to_owned() }
}
