//! One deadline of a request: the same keys as in a procedure file, and what happened to it.

use super::Wrong;
use super::value::{
    Object, flag, instant_at, list, missing, number, object, one_or_list, only, present, term,
    term_at, text,
};
use crate::time::counting::StandstillDays;
use crate::time::error::shown;
use crate::time::{
    Almanac, Anchor, Calendar, Counting, Extension, From, Instant, Jurisdiction, Penalty, Roll,
    Standstill, Suspension, Term, Tier, TimeZone,
};
use chrono::TimeDelta;
use serde_json::Value;
use std::sync::Arc;

/// The keys of a deadline that say something about its date.
const KEYS: [&str; 18] = [
    "starts",
    "before",
    "within",
    "no-earlier-than",
    "no-later-than",
    "jurisdiction",
    "time-zone",
    "calendar",
    "counting",
    "roll",
    "stops",
    "recurs",
    "periods",
    "penalty",
    "paused",
    "extended",
    "met",
    "as-of",
];

/// The keys of a deadline in a procedure file that say other things.
const OTHER_KEYS: [&str; 9] =
    ["title", "description", "cite", "met-by", "who", "soft", "until", "extend", "warn"];

/// The key of what follows a lapse, which says nothing about the date either.
const LAPSE: &str = "lapse";

const MOST_PAUSES: usize = 1_000;
const MOST_EXTENSIONS: usize = 100;
/// The deepest that anchors may stand in each other.
const DEEPEST: usize = 8;

/// An anchor whose events and deadlines are names.
pub(super) type Named = Anchor<String, String>;

/// An end that another may not pass, or not come before.
#[derive(Debug, Clone)]
pub(super) struct BoundAsked {
    pub within: Term,
    /// From which event; nothing for the start of the deadline itself.
    pub starts: Option<Named>,
}

/// One deadline as it was asked for.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub starts: Option<Named>,
    pub backwards: bool,
    pub within: Term,
    pub no_earlier_than: Option<BoundAsked>,
    pub no_later_than: Option<BoundAsked>,
    pub zone: TimeZone,
    pub calendar: Arc<Calendar>,
    pub counting: Arc<Counting>,
    pub roll: Option<Roll>,
    pub standstills: Vec<Standstill>,
    pub suspensions: Vec<Suspension>,
    pub extensions: Vec<Extension>,
    pub recurs: bool,
    pub periods: Option<u32>,
    pub penalty: Option<Penalty>,
    pub met: Option<Instant>,
    pub as_of: Option<Instant>,
}

/// Where a deadline is read: its path, what holds around it, and all names of deadlines.
pub(super) struct Around<'a> {
    pub path: &'a str,
    pub almanac: &'a Almanac,
    pub jurisdiction: Option<&'a str>,
    pub time_zone: Option<&'a str>,
    pub deadlines: &'a [&'a str],
}

impl Around<'_> {
    fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }
}

impl Asked {
    /// Reads a deadline; `happened` is the object in which its pauses, extensions and the like stand.
    pub(super) fn read(
        deadline: &Object,
        happened: &Object,
        happened_path: &str,
        around: &Around<'_>,
    ) -> Result<Self, Wrong> {
        let others: Vec<&str> = OTHER_KEYS.into_iter().chain([LAPSE]).collect();
        only(deadline, &format!("{}.", around.path), &KEYS, &others)?;
        let within = term_at(deadline, "within", &around.at("within"))?;
        let within = within.ok_or_else(|| missing(&around.at("within")))?;
        let Law { zone, calendar, counting } = law(deadline, around)?;
        let roll = text(deadline, "roll", &around.at("roll"))?;
        let roll = roll.map(|roll| {
            roll.parse::<Roll>().map_err(|error| Wrong::at(&around.at("roll"), &error))
        });
        let starts = anchor(deadline, "starts", around)?;
        let before = anchor(deadline, "before", around)?;
        if starts.is_some() && before.is_some() {
            let message = format!("`{0}.starts` and `{0}.before` stand together", around.path);
            let help =
                "a term runs from an event (`starts`) or is counted back from one (`before`)";
            return Err(Wrong::new("two-anchors", message, help));
        }
        let (standstills, causes) = standstills(deadline, around)?;
        let at = |key: &str| format!("{happened_path}{key}");
        let suspensions = paused(happened, &at("paused"), &zone, &causes)?;
        let extensions = extended(happened, &at("extended"))?;
        Ok(Self {
            backwards: before.is_some(),
            starts: starts.or(before),
            within,
            no_earlier_than: bound(deadline, "no-earlier-than", around)?,
            no_later_than: bound(deadline, "no-later-than", around)?,
            roll: roll.transpose()?,
            standstills,
            suspensions,
            extensions,
            recurs: flag(deadline, "recurs", &around.at("recurs"))?,
            periods: number(happened, "periods", &at("periods"), 100)?,
            penalty: penalty(deadline, around)?,
            met: instant_at(happened, "met", &at("met"), &zone)?,
            as_of: instant_at(happened, "as-of", &at("as-of"), &zone)?,
            zone,
            calendar,
            counting,
        })
    }
}

struct Law {
    zone: TimeZone,
    calendar: Arc<Calendar>,
    counting: Arc<Counting>,
}

fn law(deadline: &Object, around: &Around<'_>) -> Result<Law, Wrong> {
    let almanac = around.almanac;
    let inner = text(deadline, "jurisdiction", &around.at("jurisdiction"))?;
    let (key, name) = match inner {
        Some(name) => (around.at("jurisdiction"), Some(name)),
        None => ("jurisdiction".to_owned(), around.jurisdiction),
    };
    let given = match name {
        Some(name) => almanac.jurisdiction(name).map_err(|error| Wrong::at(&key, &error))?,
        None => Jurisdiction::default(),
    };
    let own = text(deadline, "time-zone", &around.at("time-zone"))?;
    let zone = match (own, around.time_zone) {
        (Some(name), _) => {
            TimeZone::named(name).map_err(|error| Wrong::at(&around.at("time-zone"), &error))?
        }
        (None, Some(name)) => {
            TimeZone::named(name).map_err(|error| Wrong::at("time-zone", &error))?
        }
        (None, None) => given.time_zone,
    };
    let unsaid = own.is_none() && around.time_zone.is_none() && name.is_none();
    let calendar = match text(deadline, "calendar", &around.at("calendar"))? {
        Some(name) => {
            almanac.calendar(name).map_err(|error| Wrong::at(&around.at("calendar"), &error))?
        }
        None => given.calendar,
    };
    let counting = match text(deadline, "counting", &around.at("counting"))? {
        Some(name) => {
            almanac.counting(name).map_err(|error| Wrong::at(&around.at("counting"), &error))?
        }
        None => given.counting,
    };
    // Where nothing says whose midnight, it is that of the calendar.
    let of_calendar = calendar.usual().filter(|_| unsaid);
    let zone = match of_calendar {
        Some((zone, _)) => TimeZone::named(zone)?,
        None => zone,
    };
    Ok(Law { zone, calendar, counting })
}

fn anchor(deadline: &Object, key: &str, around: &Around<'_>) -> Result<Option<Named>, Wrong> {
    let Some(value) = present(deadline, key) else { return Ok(None) };
    named(value, &around.at(key), around, 0).map(Some)
}

fn named(value: &Value, path: &str, around: &Around<'_>, depth: usize) -> Result<Named, Wrong> {
    let kinds = "a name, or one of `{\"earliest\": […]}`, `{\"latest\": […]}` and `{\"of\": …, \"otherwise\": …}`";
    if depth > DEEPEST {
        let message = format!("`{path}` is too deep");
        return Err(Wrong::new("too-deep", message, "let fewer anchors stand in each other"));
    }
    let all = |items: &[Value]| -> Result<Vec<Named>, Wrong> {
        let items = items.iter().enumerate();
        items
            .map(|(index, item)| named(item, &format!("{path}[{index}]"), around, depth + 1))
            .collect()
    };
    match value {
        Value::String(name) => Ok(match name.strip_suffix(".end") {
            Some(deadline) if around.deadlines.contains(&deadline) => {
                Anchor::End(deadline.to_owned())
            }
            Some(deadline) => {
                let message = format!("`{path}`: there is no deadline `{}`", shown(deadline));
                let help = format!("known here are {}", around.deadlines.join(", "));
                return Err(Wrong::new("unknown-deadline", message, help));
            }
            None => match name.strip_suffix(".lapsed") {
                Some(deadline) if around.deadlines.contains(&deadline) => {
                    Anchor::End(deadline.to_owned())
                }
                _ => Anchor::Event(name.clone()),
            },
        }),
        Value::Object(map) => {
            only(map, &format!("{path}."), &["earliest", "latest", "of", "otherwise"], &[])?;
            let parts = |key: &str| list(map, key, &format!("{path}.{key}"), 20);
            match (parts("earliest")?, parts("latest")?, map.get("of"), map.get("otherwise")) {
                (earliest, [], None, None) if !earliest.is_empty() => {
                    all(earliest).map(Anchor::Earliest)
                }
                ([], latest, None, None) if !latest.is_empty() => all(latest).map(Anchor::Latest),
                ([], [], Some(of), Some(otherwise)) => Ok(Anchor::OrElse(
                    Box::new(named(of, &format!("{path}.of"), around, depth + 1)?),
                    Box::new(named(otherwise, &format!("{path}.otherwise"), around, depth + 1)?),
                )),
                _ => Err(Wrong::kind(path, kinds)),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err(Wrong::kind(path, kinds))
        }
    }
}

fn bound(deadline: &Object, key: &str, around: &Around<'_>) -> Result<Option<BoundAsked>, Wrong> {
    let path = around.at(key);
    match present(deadline, key) {
        None => Ok(None),
        Some(Value::String(within)) => {
            Ok(Some(BoundAsked { within: term(&path, within)?, starts: None }))
        }
        Some(Value::Object(map)) => {
            only(map, &format!("{path}."), &["within", "starts"], &["cite"])?;
            let within = term_at(map, "within", &format!("{path}.within"))?;
            let within = within.ok_or_else(|| missing(&format!("{path}.within")))?;
            let starts = present(map, "starts");
            let starts = starts.map(|starts| named(starts, &format!("{path}.starts"), around, 0));
            Ok(Some(BoundAsked { within, starts: starts.transpose()? }))
        }
        Some(_) => {
            let example = "{\"within\": \"360 days\", \"starts\": \"filed\"}";
            Err(Wrong::kind(&path, &format!("a term, or an object, such as `{example}`")))
        }
    }
}

/// Returns the causes for which the clock may stand still, and their names.
fn standstills(
    deadline: &Object,
    around: &Around<'_>,
) -> Result<(Vec<Standstill>, Vec<String>), Wrong> {
    let example = "{\"at-most\": \"4 weeks\"}";
    let (mut standstills, mut names) = (Vec::new(), Vec::new());
    for (path, cause) in one_or_list(deadline, "stops", &around.at("stops"), example)? {
        let known = ["at-most", "first-day", "last-day", "then", "while"];
        only(cause, &format!("{path}."), &known, &["who", "cite"])?;
        let at = |key: &str| format!("{path}.{key}");
        let at_most = term_at(cause, "at-most", &at("at-most"))?;
        let word = |key: &str, first: &str, second: &str| -> Result<Option<bool>, Wrong> {
            match text(cause, key, &at(key))? {
                None => Ok(None),
                Some(word) if word == first => Ok(Some(false)),
                Some(word) if word == second => Ok(Some(true)),
                Some(_) => Err(Wrong::kind(&at(key), &format!("`{first}` or `{second}`"))),
            }
        };
        let first = word("first-day", "runs", "stands")?;
        let last = word("last-day", "runs", "stands")?;
        let restarts = word("then", "resume", "restart")?.unwrap_or(false);
        if restarts && at_most.is_some() {
            let message = format!("`{}` stands beside a restart", at("at-most"));
            let help = "a term that begins anew has no time left to limit: leave `at-most` out";
            return Err(Wrong::new("restart-at-most", message, help));
        }
        let usual = StandstillDays::default();
        let days = (first.is_some() || last.is_some()).then(|| StandstillDays {
            first: first.unwrap_or(usual.first),
            last: last.unwrap_or(usual.last),
            source: None,
        });
        names.push(match present(cause, "while") {
            Some(Value::String(name)) => name.clone(),
            Some(Value::Array(all)) => {
                all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("|")
            }
            _ => String::new(),
        });
        standstills.push(Standstill { at_most, days, restarts });
    }
    Ok((standstills, names))
}

fn paused(
    happened: &Object,
    path: &str,
    zone: &TimeZone,
    causes: &[String],
) -> Result<Vec<Suspension>, Wrong> {
    let mut pauses: Vec<(usize, Suspension)> = Vec::new();
    for (index, pause) in list(happened, "paused", path, MOST_PAUSES)?.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(pause) = pause.as_object() else {
            return Err(Wrong::kind(&path, "an object with `from` and `to`"));
        };
        only(pause, &format!("{path}."), &["from", "to", "while"], &[])?;
        let from = instant_at(pause, "from", &format!("{path}.from"), zone)?;
        let from = from.ok_or_else(|| missing(&format!("{path}.from")))?;
        let to = instant_at(pause, "to", &format!("{path}.to"), zone)?;
        // Two bare dates are days: what begins and ends on one day takes some time of it.
        let is_day = |key: &str| pause.get(key).and_then(Value::as_str).is_some_and(is_date);
        let same_day = to == Some(from) && is_day("from") && is_day("to");
        let to = if same_day { to.map(|to| to + TimeDelta::seconds(1)) } else { to };
        if to.is_some_and(|to| to < from) {
            let message = format!("`{path}` ends before it starts");
            return Err(Wrong::new("pause-ends-first", message, "let `to` come after `from`"));
        }
        let cause = match text(pause, "while", &format!("{path}.while"))? {
            None => 0,
            Some(name) => {
                let known = causes.iter().position(|cause| cause.split('|').any(|of| of == name));
                known.ok_or_else(|| {
                    let message = format!("`{path}.while`: nothing stops for `{}`", shown(name));
                    let help = format!("known in `stops` are {}", causes.join(", "));
                    Wrong::new("unknown-cause", message, help)
                })?
            }
        };
        pauses.push((index, Suspension { from, to, cause }));
    }
    pauses.sort_by_key(|(_, pause)| (pause.from, pause.to.is_none(), pause.to));
    for (earlier, later) in pauses.iter().zip(pauses.iter().skip(1)) {
        if earlier.1.to.is_none_or(|to| later.1.from < to) {
            let message = format!("`{path}[{}]` and `{path}[{}]` overlap", earlier.0, later.0);
            let help = "a clock that stands still can't stop again: make one pause of them";
            return Err(Wrong::new("pauses-overlap", message, help));
        }
    }
    Ok(pauses.into_iter().map(|(_, pause)| pause).collect())
}

fn is_date(text: &str) -> bool {
    crate::time::parse_date(text).is_ok()
}

fn extended(happened: &Object, path: &str) -> Result<Vec<Extension>, Wrong> {
    let items = list(happened, "extended", path, MOST_EXTENSIONS)?.iter().enumerate();
    let items = items.map(|(index, item)| {
        let path = format!("{path}[{index}]");
        match item {
            Value::String(by) => Ok(Extension::by(term(&path, by)?)),
            Value::Object(map) => {
                only(map, &format!("{path}."), &["by", "from"], &[])?;
                let by = term_at(map, "by", &format!("{path}.by"))?;
                let by = by.ok_or_else(|| missing(&format!("{path}.by")))?;
                let from = match text(map, "from", &format!("{path}.from"))? {
                    None | Some("end") => From::End,
                    Some("start") => From::Start,
                    Some("rolled-end") => From::RolledEnd,
                    Some(_) => {
                        let path = format!("{path}.from");
                        return Err(Wrong::kind(&path, "`end`, `start` or `rolled-end`"));
                    }
                };
                Ok(Extension { by, from })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                Err(Wrong::kind(&path, "a text, such as `4 weeks`"))
            }
        }
    });
    items.collect()
}

fn penalty(deadline: &Object, around: &Around<'_>) -> Result<Option<Penalty>, Wrong> {
    let path = around.at("penalty");
    let example = "{\"tiers\": [{\"days\": 14, \"a-day\": 23}], \"currency\": \"EUR\"}";
    let Some(map) = object(deadline, "penalty", &path, example)? else { return Ok(None) };
    only(map, &format!("{path}."), &["tiers", "currency"], &["unless", "cite"])?;
    let mut tiers = Vec::new();
    for (index, tier) in list(map, "tiers", &format!("{path}.tiers"), 20)?.iter().enumerate() {
        let path = format!("{path}.tiers[{index}]");
        let Some(tier) = tier.as_object() else {
            return Err(Wrong::kind(&path, "an object with `days` and `a-day`"));
        };
        only(tier, &format!("{path}."), &["days", "a-day"], &[])?;
        let days = number(tier, "days", &format!("{path}.days"), 36_525)?;
        let days = days.ok_or_else(|| missing(&format!("{path}.days")))?;
        let amount = format!("{path}.a-day");
        let cents = present(tier, "a-day").ok_or_else(|| missing(&amount))?;
        let cents = cents_of(cents).ok_or_else(|| {
            Wrong::kind(&amount, "an amount with at most two decimals, such as `23` or `22.50`")
        })?;
        tiers.push(Tier { days, cents_a_day: cents });
    }
    if tiers.is_empty() {
        return Err(missing(&format!("{path}.tiers")));
    }
    let currency = text(map, "currency", &format!("{path}.currency"))?.unwrap_or("EUR").to_owned();
    if currency.len() != 3 || !currency.bytes().all(|letter| letter.is_ascii_uppercase()) {
        let path = format!("{path}.currency");
        return Err(Wrong::kind(&path, "a currency of three capitals, such as `EUR`"));
    }
    if let Some(nothing) = tiers.iter().position(|tier| tier.days == 0) {
        return Err(Wrong::kind(&format!("{path}.tiers[{nothing}].days"), "one or more"));
    }
    Ok(Some(Penalty { tiers, currency }))
}

/// Returns an amount in hundredths, from `23` or `22.5`.
fn cents_of(value: &Value) -> Option<u32> {
    let written = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let cents: u32 = format!("{fraction:0<2}").parse().ok()?;
    whole.checked_mul(100)?.checked_add(cents)
}
