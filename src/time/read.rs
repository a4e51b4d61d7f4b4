//! Dates and instants, as people and machines write them.

use super::error::shown;
use super::{Date, Instant, TimeError, TimeZone, civil};
use crate::language::Language;
use chrono::{Datelike, TimeDelta, Weekday};

/// Returns the civil date that is written as `2026-03-02`.
/// # Errors
/// [`TimeError::BadDate`] for anything else, the year 0 and 30 February included.
pub fn parse_date(text: &str) -> Result<Date, TimeError> {
    let bad = || TimeError::BadDate { text: shown(text) };
    let text = text.trim();
    let (year, rest) = text.split_once('-').ok_or_else(bad)?;
    let (month, day) = rest.split_once('-').ok_or_else(bad)?;
    let part = |digits: &str, length| number(digits, length).ok_or_else(bad);
    let year = i32::try_from(part(year, 4)?).map_err(|_| bad())?;
    let date = Date::from_ymd_opt(year, part(month, 2)?, part(day, 2)?).ok_or_else(bad)?;
    civil(date).map_err(|_| bad())
}

/// Returns the instant that is written with its offset (`2026-03-02T09:00:00+01:00`, RFC 3339; the seconds may be left
/// out), as a local time in `zone` (`2026-03-02T09:00`, `2026-03-02 09:00:30`), or as a date, whose first instant
/// in `zone` it is.
///
/// Parts of a second are kept to the microsecond. A local time that the clocks skip is moved forward; of a
/// local time that they show twice it is the first.
/// # Errors
/// [`TimeError::BadInstant`] for anything else.
pub fn parse_instant(text: &str, zone: &TimeZone) -> Result<Instant, TimeError> {
    let bad = || TimeError::BadInstant { text: shown(text) };
    let text = text.trim();
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
        let date = parse_date(text).map_err(|_| bad())?;
        return zone.start_of_day(date);
    };
    let date = parse_date(date).map_err(|_| bad())?;
    let (clock, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => {
            let (clock, offset) = time.split_at(at);
            (clock, Some(seconds_east(offset).ok_or_else(bad)?))
        }
        None => (time, None),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, digits)) if clock.len() == 8 => (clock, micros(digits).ok_or_else(bad)?),
        Some(_) => return Err(bad()),
        None => (clock, 0),
    };
    let mut parts = clock.split(':').map(|part| number(part, 2));
    let mut next = || parts.next().flatten();
    let (hour, minute) = (next().ok_or_else(bad)?, next().ok_or_else(bad)?);
    let second = match clock.len() {
        5 => 0,
        8 => next().ok_or_else(bad)?,
        _ => return Err(bad()),
    };
    let whole = match offset {
        None => zone.instant(date, hour, minute, second).map_err(|_| bad())?,
        Some(offset) => {
            let utc = TimeZone::utc().instant(date, hour, minute, second).map_err(|_| bad())?;
            utc.checked_sub_signed(TimeDelta::seconds(offset)).ok_or_else(bad)?
        }
    };
    whole.checked_add_signed(TimeDelta::microseconds(fraction)).ok_or_else(bad)
}

/// Returns the number that is written in exactly `length` digits.
fn number(digits: &str, length: usize) -> Option<u32> {
    let right = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| digits.parse().ok()).flatten()
}

fn micros(digits: &str) -> Option<i64> {
    let right = (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let padded: String = digits.chars().chain("000000".chars()).take(6).collect();
    right.then(|| padded.parse().ok()).flatten()
}

/// Returns by how many seconds an offset as `Z`, `+01:00` or `-0930` lies east of Greenwich.
fn seconds_east(offset: &str) -> Option<i64> {
    if offset.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (sign, rest) = match offset.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':').or_else(|| rest.split_at_checked(2))?;
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    let right = hours < 24 && minutes < 60;
    right.then(|| sign * i64::from(hours * 3600 + minutes * 60))
}

const DUTCH: [&str; 12] =
    ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"];
const ENGLISH: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Returns a date as people read it: `Mon 2 Nov 2026`, `ma 2 nov 2026`.
pub fn format_date(date: Date, language: Language) -> String {
    let weekday = language.pick(
        match date.weekday() {
            Weekday::Mon => "ma",
            Weekday::Tue => "di",
            Weekday::Wed => "wo",
            Weekday::Thu => "do",
            Weekday::Fri => "vr",
            Weekday::Sat => "za",
            Weekday::Sun => "zo",
        },
        match date.weekday() {
            Weekday::Mon => "Mon",
            Weekday::Tue => "Tue",
            Weekday::Wed => "Wed",
            Weekday::Thu => "Thu",
            Weekday::Fri => "Fri",
            Weekday::Sat => "Sat",
            Weekday::Sun => "Sun",
        },
    );
    let names = match language {
        Language::Nl => DUTCH,
        Language::En => ENGLISH,
    };
    let month = usize::try_from(date.month0()).ok().and_then(|month| names.get(month));
    format!("{weekday} {} {} {}", date.day(), month.unwrap_or(&""), date.year())
}

/// Returns a date as a letter writes it: `2 November 2026`, `2 november 2026`.
pub fn format_date_in_full(date: Date, language: Language) -> String {
    const DUTCH: [&str; 12] = [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ];
    const ENGLISH: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = usize::try_from(date.month0()).ok();
    let month = month.and_then(|month| language.pick(DUTCH, ENGLISH).get(month).copied());
    format!("{} {} {}", date.day(), month.unwrap_or_default(), date.year())
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_instant_is_read_in_all_its_forms() {
        let zone = TimeZone::named("Europe/Amsterdam").expect("a zone");
        for (text, instant) in [
            ("2026-03-02T09:00:00+01:00", "2026-03-02T08:00:00Z"),
            ("2026-03-02T09:00+01:00", "2026-03-02T08:00:00Z"),
            ("2026-03-02t09:00z", "2026-03-02T09:00:00Z"),
            ("2026-03-02T09:00:30.5-09:30", "2026-03-02T18:30:30.5Z"),
            ("2026-03-02T09:00", "2026-03-02T08:00:00Z"),
            ("2026-03-02 09:00", "2026-03-02T08:00:00Z"),
            ("2026-07-02 09:00:30", "2026-07-02T07:00:30Z"),
            ("2026-03-02", "2026-03-01T23:00:00Z"),
        ] {
            let found = parse_instant(text, &zone).expect(text);
            assert_eq!(found, instant.parse::<Instant>().expect(instant), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let zone = TimeZone::utc();
        for text in [
            "",
            "now",
            "2026",
            "2026-3-2",
            "2026-02-30",
            "0000-01-01",
            "02-03-2026",
            "2026-03-02T",
            "2026-03-02T9:00",
            "2026-03-02T24:00",
            "2026-03-02T09",
            "2026-03-02T09:60",
            "2026-03-02T09:00:60Z",
            "2026-03-02T09:00+25:00",
            "2026-03-02T09:00:00.Z",
            "2026-03-02T09:00.5",
            "2026-03-02T09:00+1",
            "12026-03-02",
            "+026-03-02",
            "2026-03-02T09:00Zulu",
            "2026-03-02T09:00:00:00",
        ] {
            let error = parse_instant(text, &zone).expect_err(text);
            assert_eq!(error.code(), "bad-instant", "{text}");
        }
        assert!(parse_date("2026-03-02T09:00").is_err());
    }

    #[test]
    fn a_date_is_written_as_people_read_it() {
        let date = parse_date("2026-11-02").expect("a date");
        assert_eq!(format_date(date, Language::En), "Mon 2 Nov 2026");
        assert_eq!(format_date(date, Language::Nl), "ma 2 nov 2026");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,30}|[-0-9TZ:+. ]{0,30}") {
            let _ = parse_instant(&text, &TimeZone::utc());
        }
    }
}
