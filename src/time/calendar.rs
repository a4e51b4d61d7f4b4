//! Calendars: on which days no work is done, and on which days no statutory term ends.
//!
//! The two are not the same: on Good Friday and 5 May Dutch offices may be open, yet no term ends. So each day off says
//! what it counts for, and whoever asks says for what: [`For::Working`] or [`For::Terms`].
//!
//! A calendar is data, made of rules. For the years around ours the rules are worked out once, as a bit for each day,
//! so that counting is quick; other years are worked out when somebody asks.

use super::error::shown;
use super::{Date, TimeError, parse_date, shipped};
use crate::language::Text;
use chrono::{Datelike, Days, TimeDelta, Weekday};
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// What a day is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum For {
    /// Is work done on it?
    Working,
    /// May a statutory term end on it?
    Terms,
}

/// Why a day is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DayOffKind {
    /// A day of the week on which no work is done.
    Weekend,
    /// A day that a rule gives for every year.
    Holiday,
    /// A single day that was listed, by a decree for instance.
    Listed,
}

/// A day off, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayOff {
    /// What people call the day.
    pub name: Text,
    /// The law or decision behind it.
    pub source: Option<String>,
    /// What kind of day off it is.
    pub kind: DayOffKind,
}

/// A calendar: a name, a version, and the days off.
#[derive(Debug, Clone)]
pub struct Calendar {
    name: String,
    title: Text,
    version: String,
    weekend: Vec<Weekday>,
    known: Option<(Date, Date)>,
    rules: Vec<Rule>,
    /// The years from [`FIRST_YEAR`] on, worked out.
    years: Vec<Year>,
}

#[derive(Debug, Clone)]
struct Rule {
    name: Text,
    source: Option<String>,
    when: When,
    moved: BTreeMap<u8, i64>,
    years: (i32, i32),
    terms_only: bool,
}

/// When a day off comes. A new kind of rule is a new variant here and a new key in the calendar's schema.
#[derive(Debug, Clone)]
enum When {
    Fixed { month: u32, day: u32 },
    Easter { days_after: i64 },
    Listed(Vec<Date>),
}

const FIRST_YEAR: i32 = 2000;
const LAST_YEAR: i32 = 2060;

/// So many years without one working day, and the search for one is given up.
const PATIENCE: i32 = 20;

static SHIPPED: LazyLock<Vec<Arc<Calendar>>> = LazyLock::new(|| {
    let documents = shipped::CALENDARS.iter().filter_map(|text| shipped::read(text));
    // INVARIANT: each shipped text is a calendar; a test reads them all.
    documents.filter_map(|document| Calendar::from_document(&document).ok()).map(Arc::new).collect()
});

impl Calendar {
    /// Returns the shipped calendar with this name.
    pub fn built_in(name: &str) -> Option<Arc<Calendar>> {
        SHIPPED.iter().find(|calendar| calendar.name == name).map(Arc::clone)
    }

    /// Returns the names of the shipped calendars.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|calendar| calendar.name.as_str())
    }

    /// Returns a calendar on which every day is a working day.
    pub(super) fn without_days_off() -> Self {
        Self {
            name: "none".to_owned(),
            title: Text::plain("none"),
            version: "1".to_owned(),
            weekend: Vec::new(),
            known: None,
            rules: Vec::new(),
            years: Vec::new(),
        }
    }

    /// Returns the name that procedures use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what people call the calendar.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// Returns the version of the data.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the first and the last date for which the days off are certain; `None` if that is every date.
    pub fn known(&self) -> Option<(Date, Date)> {
        self.known
    }

    /// Says whether the days off are certain at this date.
    pub fn is_known(&self, date: Date) -> bool {
        self.known.is_none_or(|(from, to)| from <= date && date <= to)
    }

    /// Says whether work is done on the day, or a term may end on it.
    pub fn works(&self, date: Date, what: For) -> bool {
        self.year(date.year()).days(what).has(date.ordinal0())
    }

    /// Returns why the day is off; `None` if it is not.
    ///
    /// A holiday in a weekend is named as the holiday.
    pub fn day_off(&self, date: Date, what: For) -> Option<DayOff> {
        let holiday = self.rules.iter().find(|rule| {
            (what == For::Terms || !rule.terms_only)
                && rule.dates(date.year()).any(|day| day == date)
        });
        if let Some(rule) = holiday {
            let kind = match rule.when {
                When::Listed(_) => DayOffKind::Listed,
                When::Fixed { .. } | When::Easter { .. } => DayOffKind::Holiday,
            };
            return Some(DayOff { name: rule.name.clone(), source: rule.source.clone(), kind });
        }
        let weekend = self.weekend.contains(&date.weekday());
        weekend.then(|| DayOff {
            name: weekday_name(date.weekday()),
            source: None,
            kind: DayOffKind::Weekend,
        })
    }

    /// Returns how many days of work, or on which terms may end, lie after `from` up to and with `to`.
    ///
    /// `from` itself is left out, `to` is counted. It is 0 when `to` is not after `from`.
    pub fn count(&self, from: Date, to: Date, what: For) -> i64 {
        if to <= from {
            return 0;
        }
        let upto = |date: Date| i64::from(self.year(date.year()).days(what).before(date.ordinal()));
        let between: i64 =
            (from.year()..to.year()).map(|year| i64::from(self.year(year).days(what).all())).sum();
        between + upto(to) - upto(from)
    }

    /// Returns the `nth` such day after `date`; the first is 1, and 0 is `date` itself.
    /// # Errors
    /// [`TimeError::OutOfRange`] after the year 9999, [`TimeError::NoWorkingDay`] when none comes.
    pub fn nth_after(&self, date: Date, nth: u32, what: For) -> Result<Date, TimeError> {
        if nth == 0 {
            return Ok(date);
        }
        let first = date.year();
        let passed = self.year(first).days(what).before(date.ordinal());
        let (mut left, mut empty) = (u64::from(nth) + u64::from(passed), 0);
        for number in first..=9999 {
            let year = self.year(number);
            let all = u64::from(year.days(what).all());
            if left <= all {
                let ordinal0 = u32::try_from(left).ok().and_then(|nth| year.days(what).nth(nth));
                let day = ordinal0.and_then(|ordinal0| Date::from_yo_opt(number, ordinal0 + 1));
                return day.ok_or(TimeError::OutOfRange);
            }
            left -= all;
            empty = if all == 0 { empty + 1 } else { 0 };
            if empty > PATIENCE {
                return Err(self.no_working_day(date));
            }
        }
        Err(TimeError::OutOfRange)
    }

    /// Returns the `nth` such day before `date`; the first is 1, and 0 is `date` itself.
    /// # Errors
    /// [`TimeError::OutOfRange`] before the year 1, [`TimeError::NoWorkingDay`] when there is none.
    pub fn nth_before(&self, date: Date, nth: u32, what: For) -> Result<Date, TimeError> {
        if nth == 0 {
            return Ok(date);
        }
        let (mut left, mut empty) = (u64::from(nth), 0);
        let mut available = self.year(date.year()).days(what).before(date.ordinal0());
        for number in (1..=date.year()).rev() {
            let year = self.year(number);
            if number != date.year() {
                available = year.days(what).all();
            }
            if left <= u64::from(available) {
                let nth = u32::try_from(u64::from(available) - left + 1).ok();
                let ordinal0 = nth.and_then(|nth| year.days(what).nth(nth));
                let day = ordinal0.and_then(|ordinal0| Date::from_yo_opt(number, ordinal0 + 1));
                return day.ok_or(TimeError::OutOfRange);
            }
            left -= u64::from(available);
            empty = if year.days(what).all() == 0 { empty + 1 } else { 0 };
            if empty > PATIENCE {
                return Err(self.no_working_day(date));
            }
        }
        Err(TimeError::OutOfRange)
    }

    /// Returns `date` itself if it is such a day, or else the first one after it.
    /// # Errors
    /// As [`Calendar::nth_after`].
    pub fn on_or_after(&self, date: Date, what: For) -> Result<Date, TimeError> {
        if self.works(date, what) { Ok(date) } else { self.nth_after(date, 1, what) }
    }

    /// Returns `date` itself if it is such a day, or else the last one before it.
    /// # Errors
    /// As [`Calendar::nth_before`].
    pub fn on_or_before(&self, date: Date, what: For) -> Result<Date, TimeError> {
        if self.works(date, what) { Ok(date) } else { self.nth_before(date, 1, what) }
    }

    /// Returns the calendar that a document describes (`schemas/calendar.schema.json`), as the JSON of its YAML.
    /// # Errors
    /// [`TimeError::BadCalendar`] with the path of the keys and what is wrong there.
    pub fn from_document(document: &Value) -> Result<Calendar, TimeError> {
        let read = CalendarDocument::deserialize(document);
        let document = read.map_err(|error| bad("the file", &error.to_string()))?;
        let well_named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if document.calendar.is_empty() || !document.calendar.chars().all(well_named) {
            return Err(bad("calendar", "a name is of lower case letters, digits and hyphens"));
        }
        let weekend = document.weekend.iter().map(|day| {
            weekday(day).ok_or_else(|| bad("weekend", &format!("`{}` is no day", shown(day))))
        });
        let known = match document.known {
            None => None,
            Some(known) => {
                let (from, to) =
                    (date_at("known.from", &known.from)?, date_at("known.to", &known.to)?);
                if to < from {
                    return Err(bad("known", "`to` comes before `from`"));
                }
                Some((from, to))
            }
        };
        let rules = document.days.iter().enumerate();
        let rules = rules.map(|(index, day)| rule_of(&format!("days[{index}]"), day));
        let mut calendar = Calendar {
            title: text_of("title", &document.title)?,
            name: document.calendar,
            version: document.version,
            weekend: weekend.collect::<Result<_, _>>()?,
            known,
            rules: rules.collect::<Result<_, _>>()?,
            years: Vec::new(),
        };
        calendar.years = (FIRST_YEAR..=LAST_YEAR).map(|year| calendar.work_out(year)).collect();
        Ok(calendar)
    }

    fn year(&self, number: i32) -> Cow<'_, Year> {
        let index = usize::try_from(i64::from(number) - i64::from(FIRST_YEAR));
        match index.ok().and_then(|index| self.years.get(index)) {
            Some(year) => Cow::Borrowed(year),
            None => Cow::Owned(self.work_out(number)),
        }
    }

    fn work_out(&self, number: i32) -> Year {
        let mut week = DayBits::default();
        let first = Date::from_yo_opt(number, 1);
        let length = if first.is_some_and(|first| first.leap_year()) { 366 } else { 365 };
        let monday = first.map_or(0, |first| first.weekday().num_days_from_monday());
        for ordinal0 in 0..length {
            let today = (monday + ordinal0) % 7;
            if !self.weekend.iter().any(|day| day.num_days_from_monday() == today) {
                week.set(ordinal0);
            }
        }
        let mut year = Year { working: week, terms: week };
        for rule in &self.rules {
            for date in rule.dates(number) {
                year.terms.clear(date.ordinal0());
                if !rule.terms_only {
                    year.working.clear(date.ordinal0());
                }
            }
        }
        year
    }

    fn no_working_day(&self, near: Date) -> TimeError {
        TimeError::NoWorkingDay { calendar: self.name.clone(), near }
    }
}

impl Rule {
    /// Returns the days off in a year, after moving; a day may have moved into it from the year beside it.
    fn dates(&self, year: i32) -> impl Iterator<Item = Date> + '_ {
        let beside = i32::from(!self.moved.is_empty());
        let by_rule = (year - beside..=year + beside).filter_map(|year| self.date(year));
        let listed: &[Date] = match &self.when {
            When::Listed(dates) => dates,
            When::Fixed { .. } | When::Easter { .. } => &[],
        };
        by_rule.chain(listed.iter().copied()).filter(move |date| date.year() == year)
    }

    fn date(&self, year: i32) -> Option<Date> {
        let (first, last) = self.years;
        if year < first || last < year {
            return None;
        }
        let date = match self.when {
            When::Fixed { month, day } => Date::from_ymd_opt(year, month, day),
            When::Easter { days_after } => {
                easter(year).and_then(|date| date.checked_add_signed(TimeDelta::days(days_after)))
            }
            When::Listed(_) => None,
        }?;
        let weekday = u8::try_from(date.weekday().num_days_from_monday()).ok()?;
        match self.moved.get(&weekday) {
            Some(days) => date.checked_add_signed(TimeDelta::days(*days)),
            None => Some(date),
        }
    }
}

/// Returns Easter Sunday of the western churches.
///
/// # Source
/// The Gregorian computus, in the form that needs no tables (*Nature*, 20 April 1876).
fn easter(year: i32) -> Option<Date> {
    let golden = year % 19;
    let (century, in_century) = (year / 100, year % 100);
    let leap_shift = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - leap_shift + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days = epact + to_sunday - 7 * late + 114;
    Date::from_ymd_opt(year, u32::try_from(days / 31).ok()?, u32::try_from(days % 31 + 1).ok()?)
}

#[derive(Debug, Clone, Copy)]
struct Year {
    working: DayBits,
    terms: DayBits,
}

impl Year {
    fn days(&self, what: For) -> &DayBits {
        match what {
            For::Working => &self.working,
            For::Terms => &self.terms,
        }
    }
}

/// One bit for each day of a year, by its ordinal from 0; a set bit is a day on which work is done.
#[derive(Debug, Clone, Copy, Default)]
struct DayBits([u64; 6]);

impl DayBits {
    fn place(ordinal0: u32) -> (usize, u64) {
        (usize::try_from(ordinal0 / 64).unwrap_or(usize::MAX), 1 << (ordinal0 % 64))
    }

    fn set(&mut self, ordinal0: u32) {
        let (word, bit) = Self::place(ordinal0);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn clear(&mut self, ordinal0: u32) {
        let (word, bit) = Self::place(ordinal0);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    fn has(&self, ordinal0: u32) -> bool {
        let (word, bit) = Self::place(ordinal0);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    fn all(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Returns how many bits are set before the day `ordinal0`.
    fn before(&self, ordinal0: u32) -> u32 {
        let (last, bit) = Self::place(ordinal0);
        let words = self.0.iter().enumerate().take(last.saturating_add(1));
        let counts = words.map(|(index, word)| {
            if index == last { (word & (bit - 1)).count_ones() } else { word.count_ones() }
        });
        counts.sum()
    }

    /// Returns the ordinal from 0 of the `nth` set bit; the first is 1.
    fn nth(&self, nth: u32) -> Option<u32> {
        let mut left = nth.checked_sub(1)?;
        for (index, word) in (0u32..).zip(&self.0) {
            let ones = word.count_ones();
            if left >= ones {
                left -= ones;
                continue;
            }
            let mut rest = *word;
            for _ in 0..left {
                rest &= rest.wrapping_sub(1);
            }
            return Some(index * 64 + rest.trailing_zeros());
        }
        None
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarDocument {
    calendar: String,
    title: Value,
    version: String,
    weekend: Vec<String>,
    known: Option<KnownDocument>,
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
    easter: Option<i64>,
    dates: Option<Vec<String>>,
    #[serde(default)]
    moved: BTreeMap<String, i64>,
    first_year: Option<i32>,
    last_year: Option<i32>,
    counts_for: Option<String>,
    source: Option<String>,
}

fn rule_of(place: &str, day: &DayDocument) -> Result<Rule, TimeError> {
    let when = match (&day.on, day.easter, &day.dates) {
        (Some(on), None, None) => fixed(place, on)?,
        (None, Some(days_after), None) if (-100..=200).contains(&days_after) => {
            When::Easter { days_after }
        }
        (None, Some(_), None) => return Err(bad(place, "`easter` is from -100 to 200 days")),
        (None, None, Some(dates)) => {
            let dates = dates.iter().map(|date| date_at(&format!("{place}.dates"), date));
            When::Listed(dates.collect::<Result<_, _>>()?)
        }
        _ => return Err(bad(place, "exactly one of `on`, `easter` and `dates` says when it is")),
    };
    let moved = day.moved.iter().map(|(name, days)| {
        let weekday = weekday(name).and_then(|day| u8::try_from(day.num_days_from_monday()).ok());
        match weekday {
            Some(weekday) if (-7..=7).contains(days) => Ok((weekday, *days)),
            Some(_) => Err(bad(&format!("{place}.moved"), "a day is moved by at most 7 days")),
            None => Err(bad(&format!("{place}.moved"), &format!("`{}` is no day", shown(name)))),
        }
    });
    let terms_only = match day.counts_for.as_deref() {
        None | Some("all") => false,
        Some("terms") => true,
        Some(other) => {
            let what = format!("`{}` is neither `all` nor `terms`", shown(other));
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
        moved: moved.collect::<Result<_, _>>()?,
        years,
        terms_only,
    })
}

fn fixed(place: &str, on: &str) -> Result<When, TimeError> {
    // 2000 is a leap year, so 29 February is a date like any other.
    let date = date_at(&format!("{place}.on"), &format!("2000-{on}"));
    let date = date.map_err(|_| {
        bad(&format!("{place}.on"), &format!("`{}` is no month and day, as `12-25`", shown(on)))
    })?;
    Ok(When::Fixed { month: date.month(), day: date.day() })
}

fn date_at(place: &str, text: &str) -> Result<Date, TimeError> {
    parse_date(text).map_err(|error| bad(place, &error.to_string()))
}

fn text_of(place: &str, value: &Value) -> Result<Text, TimeError> {
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

fn weekday_name(day: Weekday) -> Text {
    let (english, dutch) = match day {
        Weekday::Mon => ("Monday", "maandag"),
        Weekday::Tue => ("Tuesday", "dinsdag"),
        Weekday::Wed => ("Wednesday", "woensdag"),
        Weekday::Thu => ("Thursday", "donderdag"),
        Weekday::Fri => ("Friday", "vrijdag"),
        Weekday::Sat => ("Saturday", "zaterdag"),
        Weekday::Sun => ("Sunday", "zondag"),
    };
    Text::of([("en".to_owned(), english.to_owned()), ("nl".to_owned(), dutch.to_owned())])
}

/// Returns the day after, within the years 1 to 9999.
pub(super) fn day_after(date: Date) -> Result<Date, TimeError> {
    date.checked_add_days(Days::new(1)).ok_or(TimeError::OutOfRange).and_then(super::civil)
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::language::Language;
    use serde_json::json;

    fn date(text: &str) -> Date {
        parse_date(text).expect(text)
    }

    fn nl() -> Arc<Calendar> {
        Calendar::built_in("nl").expect("shipped")
    }

    #[test]
    fn every_shipped_text_is_a_calendar_by_its_schema() {
        let schema =
            serde_json::from_str(include_str!("../../schemas/calendar.schema.json")).expect("JSON");
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        assert_eq!(Calendar::names().collect::<Vec<_>>(), ["nl", "none"]);
        for text in shipped::CALENDARS {
            let document = shipped::read(text).expect("YAML");
            let errors: Vec<String> =
                schema.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
            Calendar::from_document(&document).expect("a calendar");
        }
    }

    #[test]
    fn easter_is_right() {
        for (year, day) in [
            (1818, "1818-03-22"), // the earliest
            (1943, "1943-04-25"), // the latest
            (2000, "2000-04-23"),
            (2010, "2010-04-04"),
            (2016, "2016-03-27"),
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2027, "2027-03-28"),
            (2028, "2028-04-16"),
            (2035, "2035-03-25"),
            (2038, "2038-04-25"),
        ] {
            assert_eq!(easter(year), Some(date(day)));
        }
    }

    /// The weekdays off of some years, as the Atw and its decrees give them.
    #[test]
    fn the_dutch_days_off_are_right() {
        for (year, what, expected) in [
            (2026, For::Working, "01-01 04-06 04-27 05-14 05-25 12-25"),
            (2026, For::Terms, "01-01 01-02 04-03 04-06 04-27 05-05 05-14 05-15 05-25 12-25"),
            (2027, For::Working, "01-01 03-29 04-27 05-06 05-17"),
            (2027, For::Terms, "01-01 03-26 03-29 04-27 05-05 05-06 05-07 05-17"),
            (2028, For::Terms, "04-14 04-17 04-27 04-28 05-05 05-25 05-26 06-05 12-25 12-26"),
            (2025, For::Terms, "01-01 04-18 04-21 05-05 05-29 05-30 06-09 12-25 12-26"), // King's Day on Saturday the 26th
            (2024, For::Working, "01-01 04-01 05-09 05-20 12-25 12-26"),
            (2022, For::Terms, "04-15 04-18 04-27 05-05 05-26 05-27 06-06 12-26"),
            (2018, For::Terms, "01-01 03-30 04-02 04-27 05-10 05-11 05-21 12-24 12-25 12-26 12-31"),
            (2013, For::Working, "01-01 04-01 04-30 05-09 05-20 12-25 12-26"), // the last Queen's Day
            (2016, For::Terms, "01-01 03-25 03-28 04-27 05-05 05-06 05-16 12-26"), // Ascension on 5 May
        ] {
            let days =
                date(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
            let off = days
                .filter(|day| !nl().works(*day, what) && day.weekday().num_days_from_monday() < 5);
            let off: Vec<String> = off.map(|day| day.format("%m-%d").to_string()).collect();
            assert_eq!(off.join(" "), expected, "{year} {what:?}");
        }
    }

    #[test]
    fn a_birthday_on_a_sunday_is_kept_the_day_before() {
        for (day, name) in [
            ("2014-04-26", Some("King's Day")),
            ("2014-04-27", Some("Sunday")),
            ("2025-04-26", Some("King's Day")),
            ("2031-04-26", Some("King's Day")),
            ("2006-04-29", Some("Queen's Day")),
            ("2026-04-27", Some("King's Day")),
            ("2014-04-30", None),
        ] {
            let off = nl().day_off(date(day), For::Working);
            assert_eq!(off.as_ref().map(|off| off.name.in_language(Language::En)), name, "{day}");
        }
    }

    #[test]
    fn a_day_off_gives_its_reason() {
        let off = nl().day_off(date("2026-05-15"), For::Terms).expect("off");
        assert_eq!(off.kind, DayOffKind::Listed);
        assert_eq!(off.source.as_deref(), Some("Atw art. 3(3), royal decree for 2026-2028"));
        assert_eq!(nl().day_off(date("2026-05-15"), For::Working), None);
        let saturday = nl().day_off(date("2026-05-16"), For::Terms).expect("off");
        assert_eq!(
            (saturday.kind, saturday.name.in_language(Language::Nl)),
            (DayOffKind::Weekend, "zaterdag")
        );
    }

    #[test]
    fn beyond_its_years_a_calendar_is_not_certain() {
        assert!(nl().is_known(date("2014-01-01")) && nl().is_known(date("2028-12-31")));
        assert!(!nl().is_known(date("2013-12-31")) && !nl().is_known(date("2029-01-01")));
        assert!(Calendar::built_in("none").is_some_and(|none| none.is_known(date("9999-12-31"))));
    }

    #[test]
    fn a_calendar_in_which_no_day_works_is_an_error_and_no_endless_search() {
        let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let document = json!({"calendar": "never", "title": "Never", "version": "1", "weekend": week, "days": []});
        let never = Calendar::from_document(&document).expect("a calendar");
        for found in [
            never.nth_after(date("2026-01-01"), 1, For::Working),
            never.nth_before(date("2026-01-01"), 1, For::Terms),
            never.on_or_after(date("2026-01-01"), For::Terms),
        ] {
            assert_eq!(found.map_err(|error| error.code()), Err("no-working-day"));
        }
    }

    #[test]
    fn a_wrong_calendar_says_where() {
        let with = |key: &str, value: Value| {
            let mut document =
                json!({"calendar": "x", "title": "X", "version": "1", "weekend": [], "days": []});
            document[key] = value;
            document
        };
        for (document, words) in [
            (with("name", json!("x")), "unknown field `name`"),
            (with("calendar", json!("A b")), "calendar: calendar: a name is of lower case letters"),
            (with("weekend", json!(["zondag"])), "weekend: `zondag` is no day"),
            (with("title", json!({})), "title: a text"),
            (
                with("known", json!({"from": "2026-01-01", "to": "2025-01-01"})),
                "`to` comes before `from`",
            ),
            (with("days", json!([{"title": "D"}])), "days[0]: exactly one of"),
            (
                with("days", json!([{"title": "D", "on": "12-25", "easter": 1}])),
                "days[0]: exactly one of",
            ),
            (
                with("days", json!([{"title": "D", "on": "13-01"}])),
                "days[0].on: `13-01` is no month and day",
            ),
            (
                with("days", json!([{"title": "D", "dates": ["2026-02-30"]}])),
                "days[0].dates: `2026-02-30` is no date",
            ),
            (
                with("days", json!([{"title": "D", "on": "12-25", "moved": {"zo": 1}}])),
                "days[0].moved: `zo` is no day",
            ),
            (
                with("days", json!([{"title": "D", "on": "12-25", "moved": {"sunday": 8}}])),
                "at most 7 days",
            ),
            (
                with("days", json!([{"title": "D", "on": "12-25", "counts-for": "none"}])),
                "neither `all` nor `terms`",
            ),
            (
                with(
                    "days",
                    json!([{"title": "D", "on": "12-25", "first-year": 9, "last-year": 8}]),
                ),
                "`last-year`",
            ),
        ] {
            let error = Calendar::from_document(&document).expect_err(words);
            assert_eq!(error.code(), "bad-calendar");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
