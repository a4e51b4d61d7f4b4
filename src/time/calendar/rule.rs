//! When a day off comes: by a date, by a day of the week, by Easter, or as it was listed.

use crate::language::Text;
use crate::time::{Date, For};
use chrono::{Datelike, Days, TimeDelta, Weekday};
use std::collections::BTreeSet;

/// A day off, as the law gives it.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub name: Text,
    pub source: String,
    pub when: When,
    pub shift: Shift,
    pub years: (i32, i32),
    pub except: BTreeSet<i32>,
    pub counts_for: CountsFor,
}

/// When a day off comes. A new kind of rule is a new variant here and a new key in the calendar's schema.
#[derive(Debug, Clone)]
pub(super) enum When {
    /// The same day of the same month each year.
    Fixed { month: u32, day: u32 },
    /// The first, second, … day of the week in a month.
    Nth { nth: u8, day: Weekday, month: u32 },
    /// The last day of the week in a month.
    Last { day: Weekday, month: u32 },
    /// The last such day of the week before a date.
    Before { day: Weekday, month: u32, of: u32 },
    /// The first such day of the week on or after a date.
    From { day: Weekday, month: u32, of: u32 },
    /// So many days after Easter Sunday of the western churches.
    Easter { days_after: i64 },
    /// Single days.
    Listed(BTreeSet<Date>),
}

/// What happens to a day off that falls on a day on which it would be lost.
#[derive(Debug, Clone, Default)]
pub(super) enum Shift {
    /// Nothing.
    #[default]
    None,
    /// It is kept on another day instead: by so many days, by the day of the week from Monday.
    Moved([i64; 7]),
    /// Another day is off as well.
    Substitute {
        /// In which direction, by the day of the week from Monday.
        weekdays: [Option<Towards>; 7],
        /// In which direction when it falls on another day off.
        holiday: Option<Towards>,
    },
}

/// Where the day that stands in is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Towards {
    Before,
    After,
}

/// What a day off counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CountsFor {
    /// No work is done, and no term ends.
    All,
    /// Worked like any day, but no statutory term ends.
    Terms,
    /// No work is done, but terms do end: an organisation's own closing days.
    Work,
}

impl CountsFor {
    pub(super) fn reaches(self, what: For) -> bool {
        match self {
            Self::All => true,
            Self::Terms => what == For::Terms,
            Self::Work => what == For::Working,
        }
    }
}

impl Rule {
    /// Whether it lists single days, rather than giving one for every year.
    pub(super) fn is_listed(&self) -> bool {
        matches!(self.when, When::Listed(_))
    }

    /// Returns the days that the rule gives for a year, before any substitute; one that is moved may lie in the year
    /// beside it.
    pub(super) fn days_of(&self, year: i32) -> impl Iterator<Item = Date> + '_ {
        let (first, last) = self.years;
        let holds = first <= year && year <= last && !self.except.contains(&year);
        let by_rule = holds.then(|| self.date(year)).flatten();
        let listed = match &self.when {
            When::Listed(dates) => Some(dates),
            When::Fixed { .. }
            | When::Nth { .. }
            | When::Last { .. }
            | When::Before { .. }
            | When::From { .. }
            | When::Easter { .. } => None,
        };
        let listed = listed.filter(|_| holds).into_iter().flatten().copied();
        by_rule.into_iter().chain(listed.filter(move |date| date.year() == year))
    }

    fn date(&self, year: i32) -> Option<Date> {
        let date = match self.when {
            When::Fixed { month, day } => Date::from_ymd_opt(year, month, day),
            When::Nth { nth, day, month } => Date::from_weekday_of_month_opt(year, month, day, nth),
            When::Last { day, month } => {
                let fifth = Date::from_weekday_of_month_opt(year, month, day, 5);
                fifth.or_else(|| Date::from_weekday_of_month_opt(year, month, day, 4))
            }
            When::Before { day, month, of } => {
                let last = Date::from_ymd_opt(year, month, of)?.pred_opt()?;
                let back = days_between_weekdays(day, last.weekday());
                last.checked_sub_days(Days::new(back))
            }
            When::From { day, month, of } => {
                let first = Date::from_ymd_opt(year, month, of)?;
                let on = days_between_weekdays(first.weekday(), day);
                first.checked_add_days(Days::new(on))
            }
            When::Easter { days_after } => {
                easter(year).and_then(|date| date.checked_add_signed(TimeDelta::days(days_after)))
            }
            When::Listed(_) => None,
        }?;
        match &self.shift {
            Shift::Moved(by) => {
                let days = by.get(weekday_index(date)).copied().unwrap_or(0);
                date.checked_add_signed(TimeDelta::days(days))
            }
            Shift::None | Shift::Substitute { .. } => Some(date),
        }
    }

    /// Returns where a day of this rule has a substitute; `on_holiday` says whether it falls on another day off.
    pub(super) fn substitute(&self, date: Date, on_holiday: bool) -> Option<Towards> {
        match &self.shift {
            Shift::Substitute { weekdays, holiday } => {
                let by_weekday = weekdays.get(weekday_index(date)).copied().flatten();
                by_weekday.or(holiday.filter(|_| on_holiday))
            }
            Shift::None | Shift::Moved(_) => None,
        }
    }
}

/// Returns the day of the week as an index from Monday, 0.
pub(super) fn weekday_index(date: Date) -> usize {
    usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0)
}

/// Returns how many days lie from one day of the week to the next `to`; 0 when they are the same.
fn days_between_weekdays(from: Weekday, to: Weekday) -> u64 {
    u64::from((7 + to.num_days_from_monday() - from.num_days_from_monday()) % 7)
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

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::time::parse_date;

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
            assert_eq!(easter(year), parse_date(day).ok());
        }
    }

    #[test]
    fn a_day_of_the_week_is_found_by_month_or_by_date() {
        use Weekday::{Mon, Thu, Wed};
        let of = |when| Rule {
            name: Text::plain("a day"),
            source: "a law".to_owned(),
            when,
            shift: Shift::None,
            years: (1, 9999),
            except: BTreeSet::new(),
            counts_for: CountsFor::All,
        };
        for (when, year, day) in [
            (When::Nth { nth: 1, day: Mon, month: 5 }, 2026, Some("2026-05-04")),
            (When::Nth { nth: 4, day: Thu, month: 11 }, 2026, Some("2026-11-26")), // Thanksgiving
            (When::Nth { nth: 5, day: Mon, month: 2 }, 2026, None),
            (When::Last { day: Mon, month: 5 }, 2026, Some("2026-05-25")),
            (When::Last { day: Mon, month: 8 }, 2026, Some("2026-08-31")),
            (When::Before { day: Wed, month: 11, of: 23 }, 2026, Some("2026-11-18")), // Buß- und Bettag
            (When::Before { day: Wed, month: 11, of: 23 }, 2022, Some("2022-11-16")), // the 23rd is a Wednesday
            (When::From { day: Mon, month: 8, of: 1 }, 2022, Some("2022-08-01")),
            (When::From { day: Mon, month: 8, of: 1 }, 2026, Some("2026-08-03")),
        ] {
            let day = day.map(|day| parse_date(day).expect(day));
            assert_eq!(of(when.clone()).days_of(year).next(), day, "{when:?} {year}");
        }
    }
}
