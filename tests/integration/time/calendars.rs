//! Every shipped calendar, day by day, against an independent library; and every shipped file against its schema.

use super::yaml;
use std::collections::{BTreeMap, BTreeSet};
use verloop::catalog::almanac::{CALENDAR_SCHEMA, COUNTING_SCHEMA};
use verloop::schema::Schema;
use verloop::time::{Almanac, Date, For, parse_date};

const YEARS: std::ops::RangeInclusive<i32> = 2017..=2031;

fn weekdays() -> impl Iterator<Item = Date> {
    let first = parse_date(&format!("{}-01-01", YEARS.start())).expect("a date");
    let last = parse_date(&format!("{}-12-31", YEARS.end())).expect("a date");
    let days = first.iter_days().take_while(move |day| *day <= last);
    days.filter(|day| chrono::Datelike::weekday(day).num_days_from_monday() < 5)
}

/// The library's days: `holidays.csv`, made by `generate.py`.
fn of_the_library() -> BTreeMap<String, BTreeSet<Date>> {
    let text = std::fs::read_to_string("tests/calendars/holidays.csv").expect("the fixture");
    let mut days: BTreeMap<String, BTreeSet<Date>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let mut parts = line.splitn(3, ',');
        let (calendar, date) = (parts.next().expect("a calendar"), parts.next().expect("a date"));
        days.entry(calendar.to_owned()).or_default().insert(parse_date(date).expect(date));
    }
    days
}

/// The reasoned differences: the calendar and the day, and whether it is off with us.
fn differences() -> BTreeMap<(String, Date), bool> {
    let mut found = BTreeMap::new();
    for entry in yaml("tests/calendars/differences.yaml").as_array().expect("a list") {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        assert!(!text("because").is_empty() && !text("source").is_empty(), "{entry}");
        let dates = entry["dates"].as_array().cloned().unwrap_or_default();
        for date in dates.iter().chain(entry.get("date")) {
            let date = parse_date(date.as_str().expect("a date")).expect("a date");
            let off = text("ours") == "off";
            assert!(found.insert((text("calendar"), date), off).is_none(), "{date} twice");
        }
    }
    found
}

/// Both views are compared with the library: the days without work, and the days on which no term ends.
#[test]
fn the_calendars_agree_with_an_independent_library_but_for_reasoned_differences() {
    let almanac = Almanac::shipped();
    let (library, mut differences) = (of_the_library(), differences());
    let known: Vec<&str> = library.keys().map(String::as_str).collect();
    let shipped: Vec<&str> = almanac.calendar_names().collect();
    let without: Vec<&&str> = shipped.iter().filter(|name| !known.contains(name)).collect();
    assert_eq!(without, [&"eu-institutions", &"ie-courts", &"none"], "which no library has");
    let mut compared = 0;
    for (name, theirs) in &library {
        let calendar = almanac.calendar(name).expect(name);
        for day in weekdays() {
            for (what, off_is) in [(For::Working, false), (For::Terms, true)] {
                compared += 1;
                let (off, theirs) = (!calendar.works(day, what), theirs.contains(&day));
                if off == theirs {
                    continue;
                }
                // In the view of work we may be open where they are off, in that of terms the other way round.
                let reasoned = differences.get(&(name.clone(), day)).copied();
                assert_eq!((reasoned, off), (Some(off_is), off_is), "{name} {day} {what:?}");
            }
        }
        differences.retain(|(calendar, day), off| {
            let what = if *off { For::Terms } else { For::Working };
            let real = calendar == name
                && almanac.calendar(name).expect(name).works(*day, what) != *off
                && *off != theirs.contains(day);
            assert!(calendar != name || real, "{calendar} {day} is no difference any more");
            calendar != name
        });
    }
    assert!(differences.is_empty(), "{differences:?}");
    assert!(compared > 240_000);
}

#[test]
fn every_shipped_file_is_right_by_its_schema_and_names_its_sources() {
    for (folder, schema) in [("calendars", CALENDAR_SCHEMA), ("counting", COUNTING_SCHEMA)] {
        let schema = Schema::compile(schema).expect("a schema");
        let almanac = Almanac::shipped();
        let mut files = 0;
        for entry in std::fs::read_dir(format!("procedures/{folder}")).expect("a folder") {
            let path = entry.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let source =
                verloop::diagnostic::Source::new(path.display().to_string(), text.as_str());
            let root = verloop::yaml::read(&source, &verloop::yaml::Limits::default());
            let root = root.expect("YAML");
            let findings: Vec<String> =
                schema.validate(&root).iter().map(|finding| finding.message.clone()).collect();
            assert!(findings.is_empty(), "{}: {findings:?}", path.display());
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
            let known = match folder {
                "calendars" => almanac.calendar(&name).map(|found| found.name().to_owned()),
                _ => almanac.counting(&name).map(|found| found.name().to_owned()),
            };
            assert_eq!(known.as_deref(), Ok(name.as_str()), "a file is named after what it holds");
            files += 1;
        }
        let names = match folder {
            "calendars" => almanac.calendar_names().count(),
            _ => almanac.counting_names().count(),
        };
        assert_eq!(files, names, "{folder}: what stands in the folder is shipped");
    }
}

#[test]
fn a_calendar_is_known_where_it_says_so() {
    let almanac = Almanac::shipped();
    for name in almanac.calendar_names() {
        let calendar = almanac.calendar(name).expect(name);
        let day = parse_date("2017-01-01").expect("a date");
        assert!(calendar.is_known(day), "{name}");
    }
}
