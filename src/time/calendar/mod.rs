//! Calendars: on which days no work is done, and on which days no statutory term ends.
//!
//! The two are not the same: on Good Friday and 5 May Dutch offices may be open, yet no term ends; on an organisation's
//! own closing day nobody works, yet terms do end. So each day off says what it counts for, and whoever asks says for
//! what: [`For::Working`] or [`For::Terms`].
//!
//! A calendar is data, made of rules (`rule`), read from a file (`document`), and may be made of other calendars: their
//! union, less others. For the years around ours the days are worked out once, as a bit for each day, so that counting
//! is quick; other years are worked out when somebody asks.

mod bits;
mod document;
mod rule;
#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests;

pub(in crate::time) use document::{date_at, is_name, text_of};

use super::{Date, TimeError};
use crate::language::Text;
use bits::{DayBits, Year};
use chrono::{Datelike, Days, Weekday};
use rule::{Rule, Towards, weekday_index};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

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
    /// A day that stands in for a holiday which falls on a weekend or on another day off.
    Substitute,
    /// A single day that was listed, by a decree for instance.
    Listed,
}

/// A day off, with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayOff {
    /// What people call the day.
    pub name: Text,
    /// The law or decision behind it; a weekend needs none.
    pub source: Option<String>,
    /// What kind of day off it is.
    pub kind: DayOffKind,
    /// Whether no work is done on it.
    pub no_work: bool,
    /// Whether no statutory term ends on it.
    pub no_term_ends: bool,
}

/// A calendar: a name, a version, and the days off.
#[derive(Debug, Clone)]
pub struct Calendar {
    name: String,
    title: Text,
    version: String,
    /// The days of the week without work, from Monday; those of the calendars that it includes too.
    weekend: [bool; 7],
    known: Option<(Date, Date)>,
    /// How many calendars it is made of, itself included, each as often as it comes.
    parts: usize,
    includes: Vec<Arc<Calendar>>,
    excludes: Vec<Arc<Calendar>>,
    rules: Vec<Rule>,
    /// The time zone and the counting rule that usually go with it.
    usual: Option<(String, String)>,
    /// The years from [`FIRST_YEAR`] on, each worked out when it is first asked for.
    years: Box<[OnceLock<Year>]>,
}

/// A day that one of the calendar's own rules gives.
#[derive(Debug, Clone, Copy)]
struct OwnDay<'a> {
    date: Date,
    rule: &'a Rule,
    is_substitute: bool,
}

const FIRST_YEAR: i32 = 1990;
const YEARS: usize = 80;

/// So many years without one working day, and the search for one is given up.
const PATIENCE: i32 = 20;

impl Calendar {
    /// Returns a calendar on which every day is a working day.
    pub(super) fn without_days_off() -> Self {
        Self {
            name: "none".to_owned(),
            title: Text::plain("none"),
            version: "1".to_owned(),
            weekend: [false; 7],
            known: None,
            parts: 1,
            includes: Vec::new(),
            excludes: Vec::new(),
            rules: Vec::new(),
            usual: None,
            years: Box::default(),
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

    /// Returns the names of the time zone and the counting rule that make a jurisdiction of it.
    pub(in crate::time) fn usual(&self) -> Option<(&str, &str)> {
        self.usual.as_ref().map(|(zone, counting)| (zone.as_str(), counting.as_str()))
    }

    /// Says whether work is done on the day, or a term may end on it.
    pub fn works(&self, date: Date, what: For) -> bool {
        self.year(date.year()).days(what).has(date.ordinal0())
    }

    /// Returns why the day is off; `None` if it is not.
    ///
    /// A holiday in a weekend is named as the holiday.
    pub fn day_off(&self, date: Date, what: For) -> Option<DayOff> {
        if self.works(date, what) {
            return None;
        }
        self.holiday(date, what).or_else(|| {
            self.is_weekend(date).then(|| DayOff {
                name: weekday_name(date.weekday()),
                source: None,
                kind: DayOffKind::Weekend,
                no_work: true,
                no_term_ends: true,
            })
        })
    }

    /// Returns every holiday of a year in order, those that fall in a weekend included; a day may have several.
    pub fn holidays_in(&self, year: i32) -> Vec<(Date, DayOff)> {
        let excluded = self.excluded_in(year);
        let mut days: Vec<(Date, DayOff)> = Vec::new();
        for included in &self.includes {
            days.extend(included.holidays_in(year));
        }
        days.retain_mut(|(date, off)| {
            let (no_work, no_term) = excluded.get(date).copied().unwrap_or_default();
            off.no_work &= !no_work;
            off.no_term_ends &= !no_term;
            off.no_work || off.no_term_ends
        });
        days.extend(self.own_days(year).into_iter().map(|day| (day.date, day.as_day_off())));
        days.sort_by_key(|(date, _)| *date);
        days.dedup();
        days
    }

    fn holiday(&self, date: Date, what: For) -> Option<DayOff> {
        let reaches = |off: &DayOff| match what {
            For::Working => off.no_work,
            For::Terms => off.no_term_ends,
        };
        let mut own = self.own_days(date.year()).into_iter();
        let own = own.find(|day| day.date == date && day.rule.counts_for.reaches(what));
        own.map(OwnDay::as_day_off).or_else(|| {
            let included = self.includes.iter().filter_map(|of| of.holiday(date, what));
            let mut included = included.filter(|off| {
                let excluded = self.excluded_in(date.year());
                let (no_work, no_term) = excluded.get(&date).copied().unwrap_or_default();
                reaches(off) && !(if what == For::Working { no_work } else { no_term })
            });
            included.next()
        })
    }

    /// Returns the holidays of the calendars that are left out: whether as a day without work, and for terms.
    fn excluded_in(&self, year: i32) -> BTreeMap<Date, (bool, bool)> {
        let mut excluded: BTreeMap<Date, (bool, bool)> = BTreeMap::new();
        for (date, off) in self.excludes.iter().flat_map(|of| of.holidays_in(year)) {
            let entry = excluded.entry(date).or_default();
            entry.0 |= off.no_work;
            entry.1 |= off.no_term_ends;
        }
        excluded
    }

    /// Says whether the day is off as a day of the week.
    pub fn is_weekend(&self, date: Date) -> bool {
        self.weekend.get(weekday_index(date)).copied().unwrap_or(false)
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

    fn year(&self, number: i32) -> Cow<'_, Year> {
        let index = usize::try_from(i64::from(number) - i64::from(FIRST_YEAR));
        match index.ok().and_then(|index| self.years.get(index)) {
            Some(year) => Cow::Borrowed(year.get_or_init(|| self.work_out(number))),
            None => Cow::Owned(self.work_out(number)),
        }
    }

    fn work_out(&self, number: i32) -> Year {
        let in_week = |day: u32| {
            let index = usize::try_from(day).unwrap_or(0);
            !self.weekend.get(index).copied().unwrap_or(false)
        };
        let week = DayBits::of_weekdays(number, in_week);
        let mut year = Year { working: week, terms: week };
        for included in &self.includes {
            let included = included.year(number);
            year.working.keep(&included.working);
            year.terms.keep(&included.terms);
        }
        for (date, (no_work, no_term)) in self.excluded_in(number) {
            let day = date.ordinal0();
            for (what, excluded) in [(For::Working, no_work), (For::Terms, no_term)] {
                if excluded && week.has(day) {
                    year.days_mut(what).set(day);
                }
            }
        }
        for day in self.own_days(number) {
            for what in [For::Working, For::Terms] {
                if day.rule.counts_for.reaches(what) {
                    year.days_mut(what).clear(day.date.ordinal0());
                }
            }
        }
        year
    }

    /// Returns the days of a year that the calendar's own rules give, with their substitutes, in order.
    ///
    /// A day may be moved into the year from the one beside it, and so may a substitute.
    fn own_days(&self, year: i32) -> Vec<OwnDay<'_>> {
        let of_rule = |rule| {
            let years = year - 1..=year + 1;
            let days = years.flat_map(move |year| Rule::days_of(rule, year));
            days.map(move |date| OwnDay { date, rule, is_substitute: false })
        };
        let mut days: Vec<OwnDay<'_>> = self.rules.iter().flat_map(of_rule).collect();
        days.sort_by_key(|day| day.date);
        let substitutes = self.substitutes(&days);
        days.extend(substitutes);
        days.retain(|day| day.date.year() == year);
        days.sort_by_key(|day| day.date);
        days
    }

    /// Returns the days that stand in for those that fall on a weekend or on another day off.
    fn substitutes<'a>(&self, days: &[OwnDay<'a>]) -> Vec<OwnDay<'a>> {
        let mut taken: BTreeSet<Date> = days.iter().map(|day| day.date).collect();
        let mut found = Vec::new();
        let mut before = None;
        for day in days {
            let included = || self.includes.iter().any(|of| of.is_holiday(day.date));
            let on_holiday = before.replace(day.date) == Some(day.date) || included();
            let Some(towards) = day.rule.substitute(day.date, on_holiday) else { continue };
            let mut date = day.date;
            // INVARIANT: no more than three weeks on there is a free day, or there is none at all.
            for _ in 0..21 {
                let next = match towards {
                    Towards::After => date.succ_opt(),
                    Towards::Before => date.pred_opt(),
                };
                let Some(next) = next else { break };
                date = next;
                let is_off = self.is_weekend(date)
                    || taken.contains(&date)
                    || self.includes.iter().any(|of| of.is_holiday(date));
                if !is_off {
                    taken.insert(date);
                    found.push(OwnDay { date, rule: day.rule, is_substitute: true });
                    break;
                }
            }
        }
        found
    }

    fn is_holiday(&self, date: Date) -> bool {
        [For::Working, For::Terms].into_iter().any(|what| self.holiday(date, what).is_some())
    }

    fn no_working_day(&self, near: Date) -> TimeError {
        TimeError::NoWorkingDay { calendar: self.name.clone(), near }
    }
}

impl OwnDay<'_> {
    fn as_day_off(self) -> DayOff {
        let kind = if self.is_substitute {
            DayOffKind::Substitute
        } else if self.rule.is_listed() {
            DayOffKind::Listed
        } else {
            DayOffKind::Holiday
        };
        let name = match kind {
            DayOffKind::Substitute => self.rule.name.map(|language, name| match language {
                "nl" => format!("{name}, vervangende dag"),
                _ => format!("{name}, substitute day"),
            }),
            DayOffKind::Weekend | DayOffKind::Holiday | DayOffKind::Listed => {
                self.rule.name.clone()
            }
        };
        DayOff {
            name,
            source: Some(self.rule.source.clone()),
            kind,
            no_work: self.rule.counts_for.reaches(For::Working),
            no_term_ends: self.rule.counts_for.reaches(For::Terms),
        }
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

/// Returns the day before, within the years 1 to 9999.
pub(super) fn day_before(date: Date) -> Result<Date, TimeError> {
    date.checked_sub_days(Days::new(1)).ok_or(TimeError::OutOfRange).and_then(super::civil)
}
