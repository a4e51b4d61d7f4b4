//! What calendars say, holiday by holiday.

use super::*;
use crate::language::Language;
use crate::time::{Almanac, parse_date};
use serde_json::{Value, json};

fn date(text: &str) -> Date {
    parse_date(text).expect(text)
}

fn named(name: &str) -> Result<Arc<Calendar>, TimeError> {
    Almanac::shipped().calendar(name)
}

fn of(document: &Value) -> Result<Calendar, TimeError> {
    Calendar::from_document(document, &named)
}

fn nl() -> Arc<Calendar> {
    named("nl").expect("shipped")
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
        let days = date(&format!("{year}-01-01")).iter_days().take_while(|day| day.year() == year);
        let off =
            days.filter(|day| !nl().works(*day, what) && day.weekday().num_days_from_monday() < 5);
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
    assert!(named("none").is_ok_and(|none| none.is_known(date("9999-12-31"))));
}

#[test]
fn a_calendar_in_which_no_day_works_is_an_error_and_no_endless_search() {
    let half = |name: &str, weekend: &[&str]| {
        let document = json!({"calendar": name, "title": name, "version": "1", "weekend": weekend, "days": []});
        (crate::time::Kind::Calendar, document)
    };
    let halves = [
        half("first", &["monday", "tuesday", "wednesday"]),
        half("second", &["thursday", "friday", "saturday", "sunday"]),
    ];
    let halves = Almanac::shipped().with(&halves).expect("sound");
    let both = json!({"calendar": "never", "title": "Never", "version": "1", "includes": ["first", "second"]});
    let never = Calendar::from_document(&both, &|name| halves.calendar(name));
    assert!(never.is_err_and(|error| error.to_string().contains("no day of the week is left")));
    // Every day of the year, one by one.
    let days: Vec<Value> = (1..=366)
        .filter_map(|day| Date::from_yo_opt(2000, day))
        .map(|day| json!({"title": "D", "on": day.format("%m-%d").to_string(), "source": "S"}))
        .collect();
    let never =
        json!({"calendar": "never", "title": "Never", "version": "1", "weekend": [], "days": days});
    let never = of(&never).expect("a calendar");
    for found in [
        never.nth_after(date("2026-01-01"), 1, For::Working),
        never.nth_before(date("2026-01-01"), 1, For::Terms),
        never.on_or_after(date("2026-01-01"), For::Terms),
    ] {
        assert_eq!(found.map_err(|error| error.code()), Err("no-working-day"));
    }
}

/// What substitutes do where two days come together, and over New Year.
#[test]
fn a_substitute_is_the_next_free_day() {
    for (calendar, year, expected) in [
        ("uk-england-wales", 2021, "12-27 12-28"), // Saturday and Sunday
        ("uk-england-wales", 2022, "12-26 12-27"), // Sunday and Monday
        ("uk-england-wales", 2026, "12-25 12-28"), // Friday and Saturday
        ("uk-scotland", 2023, "12-25 12-26"),
    ] {
        let calendar = named(calendar).expect(calendar);
        let days = date(&format!("{year}-12-25")).iter_days().take_while(|day| day.year() == year);
        let off = days.filter(|day| day.weekday().num_days_from_monday() < 5);
        let off = off.filter(|day| !calendar.works(*day, For::Working));
        let off: Vec<String> = off.map(|day| day.format("%m-%d").to_string()).collect();
        assert_eq!(off.join(" "), expected, "{} {year}", calendar.name());
    }
    let scotland = named("uk-scotland").expect("shipped");
    for day in ["2022-01-03", "2022-01-04", "2023-01-02", "2023-01-03", "2028-01-03", "2028-01-04"]
    {
        assert!(!scotland.works(date(day), For::Terms), "{day}");
    }
    let us = named("us-federal").expect("shipped");
    let eve =
        us.day_off(date("2021-12-31"), For::Terms).expect("New Year's Day 2022 is a Saturday");
    assert_eq!(eve.kind, DayOffKind::Substitute);
    assert_eq!(eve.name.in_language(Language::En), "New Year's Day, substitute day");
}

#[test]
fn a_calendar_is_made_of_others() {
    let any = named("uk-any").expect("shipped");
    for (day, off) in [
        ("2026-01-02", true), // Scotland alone
        ("2026-03-17", true), // Northern Ireland alone
        ("2026-04-06", true), // Easter Monday, not in Scotland
        ("2026-08-03", true), // Scotland's summer holiday
        ("2026-08-31", true), // and that of the others
        ("2026-08-04", false),
    ] {
        assert_eq!(!any.works(date(day), For::Working), off, "{day}");
    }
    let document = json!({"calendar": "office", "title": "Office", "version": "1", "includes": ["nl"], "excludes": ["be"],
        "known": {"from": "2020-01-01", "to": "2030-12-31"},
        "days": [{"title": "Moving house", "dates": ["2026-06-01"], "counts-for": "work", "source": "own"}]});
    let office = of(&document).expect("a calendar");
    assert!(
        office.works(date("2026-05-25"), For::Terms),
        "Whit Monday is a holiday in Belgium too"
    );
    assert!(!office.works(date("2026-04-27"), For::Terms), "King's Day is not");
    assert!(!office.works(date("2026-05-23"), For::Working), "a Saturday stays one");
    assert!(
        !office.works(date("2026-06-01"), For::Working)
            && office.works(date("2026-06-01"), For::Terms)
    );
    assert_eq!(office.known(), Some((date("2020-01-01"), date("2028-12-31"))), "what both know");
    assert_eq!(office.day_off(date("2026-05-25"), For::Working), None);
    let year = office.holidays_in(2026);
    assert!(year.iter().any(|(day, off)| *day == date("2026-06-01") && !off.no_term_ends));
    assert!(!year.iter().any(|(day, _)| *day == date("2026-05-25")));
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
        (with("days", json!([{"title": "D", "source": "S"}])), "days[0]: exactly one of"),
        (
            with("days", json!([{"title": "D", "source": "S", "on": "12-25", "easter": 1}])),
            "days[0]: exactly one of",
        ),
        (
            with("days", json!([{"title": "D", "source": "S", "on": "13-01"}])),
            "days[0].on: `13-01` is no month and day",
        ),
        (
            with("days", json!([{"title": "D", "source": "S", "dates": ["2026-02-30"]}])),
            "days[0].dates: `2026-02-30` is no date",
        ),
        (
            with("days", json!([{"title": "D", "source": "S", "on": "12-25", "moved": {"zo": 1}}])),
            "days[0].moved: `zo` is no day",
        ),
        (
            with(
                "days",
                json!([{"title": "D", "source": "S", "on": "12-25", "moved": {"sunday": 8}}]),
            ),
            "at most 7 days",
        ),
        (
            with(
                "days",
                json!([{"title": "D", "source": "S", "on": "12-25", "counts-for": "none"}]),
            ),
            "none of `all`, `terms` and `work`",
        ),
        (
            with(
                "days",
                json!([{"title": "D", "source": "S", "on": "12-25", "first-year": 9, "last-year": 8}]),
            ),
            "`last-year`",
        ),
    ] {
        let error = of(&document).expect_err(words);
        assert_eq!(error.code(), "bad-calendar");
        assert!(error.to_string().contains(words), "{error}");
    }
}
