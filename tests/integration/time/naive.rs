//! A second count, by hand: it reads the explanation of a date and walks it on a paper calendar, one day after the other.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use verloop::time::{Almanac, Date, For, parse_date, request};

/// How many requests are walked.
const REQUESTS: u32 = 100_000;

/// A calendar on paper: the days off between 2010 and 2045, crossed out.
struct Paper {
    work: BTreeSet<Date>,
    terms: BTreeSet<Date>,
}

impl Paper {
    fn of(almanac: &Almanac, name: &str) -> Self {
        let calendar = almanac.calendar(name).expect(name);
        let weekend = name != "none";
        let (mut work, mut terms) = (BTreeSet::new(), BTreeSet::new());
        for year in 2010..=2045 {
            for (day, off) in calendar.holidays_in(year) {
                if off.no_work {
                    work.insert(day);
                }
                if off.no_term_ends {
                    terms.insert(day);
                }
            }
            let first = Date::from_ymd_opt(year, 1, 1).expect("a date");
            let days = first.iter_days().take_while(|day| chrono::Datelike::year(day) == year);
            let off = days.filter(|day| chrono::Datelike::weekday(day).num_days_from_monday() >= 5);
            for day in off.filter(|_| weekend) {
                work.insert(day);
                terms.insert(day);
            }
        }
        Self { work, terms }
    }

    fn is_off(&self, day: Date, what: For) -> bool {
        match what {
            For::Working => self.work.contains(&day),
            For::Terms => self.terms.contains(&day),
        }
    }
}

fn date(value: &Value) -> Date {
    parse_date(value.as_str().expect("a text")).expect("a date")
}

fn next(day: Date, back: bool) -> Date {
    if back { day.pred_opt().expect("a date") } else { day.succ_opt().expect("a date") }
}

/// Returns the same day of the month so many months on, or the last of a month without it: by turning the leaves.
fn months_on(day: Date, months: u32, back: bool) -> Date {
    use chrono::Datelike;
    let (mut year, mut month) = (day.year(), day.month());
    for _ in 0..months {
        (year, month) = match (month, back) {
            (12, false) => (year + 1, 1),
            (1, true) => (year - 1, 12),
            (month, false) => (year, month + 1),
            (month, true) => (year, month - 1),
        };
    }
    let mut number = day.day();
    loop {
        if let Some(found) = Date::from_ymd_opt(year, month, number) {
            return found;
        }
        number -= 1;
    }
}

/// Walks a term from the day before its first day.
fn walk(from: Date, term: &str, back: bool, paper: &Paper) -> Date {
    let (amount, unit) = term.split_once(' ').expect("a term");
    let amount: u32 = amount.parse().expect("a number");
    let mut day = from;
    match unit.trim_end_matches('s') {
        "day" => (0..amount).for_each(|_| day = next(day, back)),
        "week" => (0..amount * 7).for_each(|_| day = next(day, back)),
        "working day" => {
            let mut left = amount;
            while left > 0 {
                day = next(day, back);
                left -= u32::from(!paper.is_off(day, For::Working));
            }
        }
        "month" => day = months_on(day, amount, back),
        "year" => day = months_on(day, amount * 12, back),
        other => panic!("{other}"),
    }
    day
}

/// Follows the steps of an explanation, each from the one before, and returns the day at which it comes out.
fn follow(steps: &[Value], asked: &Asked, paper: &Paper) -> Date {
    let law = asked.law();
    let mut event = date(&steps[0]["date"]);
    let mut day = event;
    for (step_index, step) in steps.iter().enumerate() {
        let told = date(&step["date"]);
        match step["kind"].as_str().expect("a kind") {
            "start" => {
                // What counts on another day says so before.
                assert!(step_index == 0 || event == told, "{step}");
                event = told;
            }
            "happened" => event = told,
            "no-term-ends" => assert!(paper.is_off(told, law.ends_on), "{step}"),
            "received-next" => {
                event = next(date(&step["happened"]), false);
                while paper.is_off(event, For::Working) {
                    event = next(event, false);
                }
                day = event;
            }
            "deemed" => {
                event = walk(event, step["after"].as_str().expect("a term"), false, paper);
                day = event;
            }
            "term" => {
                let term = step["term"].as_str().expect("a term");
                let back = step["backwards"] == json!(true);
                day = if law.first_counts || law.months_from_first {
                    from_first_day(event, term, back, &law, paper)
                } else {
                    walk(event, term, back, paper)
                };
            }
            "extended" => {
                let by = step["by"].as_str().expect("a term");
                day = match step["from"].as_str() {
                    Some("start") => told,
                    _ => walk(day, by, false, paper),
                };
            }
            "suspended" => {
                let working = step["unit"] == json!("working-days");
                let (mut stood, last) = (date(&step["from"]), date(&step["to"]));
                while stood <= last {
                    if !working || !paper.is_off(stood, For::Working) {
                        day = next(day, false);
                        while working && paper.is_off(day, For::Working) {
                            day = next(day, false);
                        }
                    }
                    stood = next(stood, false);
                }
            }
            "resumed" => day = told.max(day),
            "clear" => {
                let working = asked.within.contains("working") || law.is_short(&asked.within);
                day = next(day, asked.backwards);
                while working && paper.is_off(day, For::Working) {
                    day = next(day, asked.backwards);
                }
            }
            "minimum-days" => {
                let held = step["held"].as_i64().expect("a number");
                let mut lacking = step["at-least"].as_i64().expect("a number") - held;
                while lacking > 0 {
                    day = next(day, false);
                    lacking -= i64::from(!paper.is_off(day, law.ends_on));
                }
            }
            "rolled" => {
                let back = step["roll"] == json!("back");
                assert!(paper.is_off(day, law.ends_on), "rolls from a day on which terms end");
                while paper.is_off(day, law.ends_on) {
                    day = next(day, back);
                }
            }
            "day-skipped" => {
                let off = paper.is_off(told, For::Working) || paper.is_off(told, For::Terms);
                assert!(off, "{told} is skipped and is no day off");
            }
            "not-rolled" => assert!(paper.is_off(day, law.ends_on)),
            "end" => {}
            "suspension-capped" | "suspension-ignored" | "provisional" | "law-changed"
            | "more-days-skipped" | "standing-still" => continue,
            other => panic!("{other}"),
        }
        if ![
            "start",
            "law-changed",
            "day-skipped",
            "received-next",
            "deemed",
            "happened",
            "no-term-ends",
        ]
        .contains(&step["kind"].as_str().expect("a kind"))
        {
            assert_eq!(day, told, "{step}");
        }
    }
    day
}

/// What the paper counter knows of a counting rule: as little as it can do with.
struct Law {
    first_counts: bool,
    months_from_first: bool,
    short: u32,
    ends_on: For,
}

impl Law {
    fn is_short(&self, term: &str) -> bool {
        let (amount, unit) = term.split_once(' ').expect("a term");
        unit.starts_with("day") && amount.parse::<u32>().expect("a number") <= self.short
    }
}

fn from_first_day(event: Date, term: &str, back: bool, law: &Law, paper: &Paper) -> Date {
    use chrono::Datelike;
    let by_months = term.contains("month") || term.contains("year");
    if back {
        if !law.first_counts {
            return walk(event, term, true, paper);
        }
        // Day 1 is the event itself.
        let end = walk(event, term, true, paper);
        return if term.contains("working") {
            walk(next(event, false), term, true, paper)
        } else {
            next(end, false)
        };
    }
    let first = if law.first_counts { event } else { next(event, false) };
    if !by_months {
        return walk(next(first, true), term, false, paper);
    }
    let same = walk(first, term, false, paper);
    if same.day() == first.day() { next(same, true) } else { same }
}

#[derive(Debug, Clone)]
struct Asked {
    calendar: &'static str,
    counting: &'static str,
    starts: Date,
    within: String,
    backwards: bool,
    roll: Option<&'static str>,
    pauses: Vec<(i64, i64)>,
    at_most: Option<String>,
    extended: Vec<(String, Option<&'static str>)>,
}

impl Asked {
    fn law(&self) -> Law {
        let name = self.counting;
        Law {
            first_counts: [
                "same-day",
                "uk-commencing-on",
                "uk-spso",
                "ie-interpretation-act",
                "de-bgb-187-2",
                "be-judicial-code-post",
            ]
            .contains(&name),
            months_from_first: name == "be-judicial-code",
            short: if ["uk-cpr", "uk-cpr-clear", "ie-rsc"].contains(&name) { 5 } else { 0 },
            ends_on: if ["uk-foi", "uk-spso", "uk-working-days"].contains(&name) {
                For::Working
            } else {
                For::Terms
            },
        }
    }

    fn to_json(&self) -> Value {
        let on = |days: i64| {
            let day = self.starts.checked_add_signed(chrono::TimeDelta::days(days));
            format!("{}T12:00", day.expect("a date"))
        };
        let mut deadline = json!({
            "within": self.within, "calendar": self.calendar, "counting": self.counting,
        });
        if let Some(roll) = self.roll {
            deadline["roll"] = json!(roll);
        }
        if let Some(most) = &self.at_most {
            deadline["stops"] = json!({ "at-most": most });
        }
        let mut asked =
            json!({ "starts": format!("{}T10:30", self.starts), "time-zone": "Europe/Brussels" });
        if self.backwards {
            deadline["before"] = json!(true);
        } else {
            let mut so_far = i64::MIN;
            let mut pauses = self.pauses.clone();
            pauses.sort_unstable();
            pauses.retain(|(from, length)| {
                let free = *from > so_far;
                if free {
                    so_far = from + length;
                }
                free
            });
            let pauses = pauses
                .iter()
                .map(|(from, length)| json!({"from": on(*from), "to": on(from + length)}));
            asked["paused"] = pauses.collect();
            let extended = self.extended.iter().map(|(by, from)| match from {
                None => json!(by),
                Some(from) => json!({"by": by, "from": from}),
            });
            asked["extended"] = extended.collect();
        }
        asked["deadline"] = deadline;
        asked
    }
}

const CALENDARS: [&str; 12] = [
    "nl",
    "uk-england-wales",
    "uk-scotland",
    "uk-northern-ireland",
    "uk-any",
    "ie",
    "be",
    "de-by",
    "fr-alsace-moselle",
    "eu-institutions",
    "us-federal",
    "none",
];

const COUNTINGS: [&str; 22] = [
    "plain",
    "same-day",
    "nl-awb",
    "nl-woo",
    "eu-1182-71",
    "uk-working-days",
    "uk-foi",
    "uk-gdpr",
    "uk-commencing-on",
    "uk-spso",
    "uk-cpr",
    "uk-cpr-clear",
    "ie-interpretation-act",
    "ie-rsc",
    "be-judicial-code",
    "be-judicial-code-post",
    "de-bgb",
    "de-bgb-187-2",
    "de-vwvfg-post",
    "fr-cpc",
    "fr-franc",
    "us-frcp-6",
];

fn term(most: u32) -> impl Strategy<Value = String> {
    let unit = prop_oneof!["days", "working days", "weeks", "months", "years"];
    (1..=most, unit).prop_map(move |(amount, unit)| {
        let most = match unit.as_str() {
            "weeks" => 14,
            "months" => 13,
            "years" => 2,
            _ => most,
        };
        format!("{} {unit}", amount.min(most))
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    let law = (
        proptest::sample::select(CALENDARS.to_vec()),
        proptest::sample::select(COUNTINGS.to_vec()),
        proptest::option::weighted(0.1, proptest::sample::select(vec!["forward", "back", "none"])),
        proptest::bool::weighted(0.15),
    );
    let pauses = proptest::collection::vec((-10i64..100, 0i64..30), 0..3);
    let extended = proptest::collection::vec(term(30), 0..2);
    let at_most = proptest::option::weighted(0.3, term(20));
    (law, 736_330i32..741_800, term(60), pauses, at_most, extended).prop_map(
        |((calendar, counting, roll, backwards), starts, within, pauses, at_most, extended)| {
            Asked {
                calendar,
                counting,
                starts: Date::from_num_days_from_ce_opt(starts).expect("a date"),
                within,
                backwards,
                roll,
                pauses,
                at_most,
                extended: extended.into_iter().map(|by| (by, None)).collect(),
            }
        },
    )
}

#[test]
fn an_explanation_followed_by_hand_gives_the_same_date() {
    let almanac = Almanac::shipped();
    let papers: BTreeMap<&str, Paper> =
        CALENDARS.iter().map(|name| (*name, Paper::of(&almanac, name))).collect();
    let config = Config {
        cases: REQUESTS,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let outcome = runner.run(&asked(), |asked| {
        let answer = request::answer(&asked.to_json(), &almanac);
        let steps = answer["explanation"].as_array();
        let Some(steps) = steps else { panic!("{} -> {answer}", asked.to_json()) };
        let day = follow(steps, &asked, &papers[asked.calendar]);
        prop_assert_eq!(day, date(&answer["last-day"]), "{}", answer);
        Ok(())
    });
    outcome.expect("both counts agree");
}
