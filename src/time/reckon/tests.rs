//! What counts come to, with the source of each.

use super::*;
use crate::language::Language;
use crate::time::{Almanac, For, Jurisdiction, days_between, parse_date, parse_instant};
use proptest::prelude::*;
use std::sync::Arc;

/// Counting rules of every kind.
const COUNTINGS: [&str; 9] = [
    "plain",
    "same-day",
    "nl-awb",
    "nl-woo",
    "eu-1182-71",
    "de-bgb",
    "be-judicial-code",
    "fr-franc",
    "us-frcp-6",
];

/// A count with owned parts, to change one thing at a time.
#[derive(Clone)]
struct Case {
    starts: &'static str,
    zone: TimeZone,
    within: Term,
    calendar: Arc<Calendar>,
    counting: Arc<Counting>,
    roll: Option<Roll>,
    suspensions: Vec<Suspension>,
    suspended_at_most: Option<Term>,
    extensions: Vec<Extension>,
    as_of: Option<Instant>,
}

fn jurisdiction(name: &str) -> Jurisdiction {
    Almanac::shipped().jurisdiction(name).expect(name)
}

fn term(text: &str) -> Term {
    text.parse().expect(text)
}

fn date(text: &str) -> Date {
    parse_date(text).expect(text)
}

impl Case {
    fn nl(starts: &'static str, within: &str) -> Self {
        let nl = jurisdiction("nl");
        Self {
            starts,
            zone: nl.time_zone,
            within: term(within),
            calendar: nl.calendar,
            counting: nl.counting,
            roll: None,
            suspensions: Vec::new(),
            suspended_at_most: None,
            extensions: Vec::new(),
            as_of: None,
        }
    }

    fn by(mut self, counting: &str) -> Self {
        self.counting = Almanac::shipped().counting(counting).expect(counting);
        self
    }

    fn at(&self, text: &str) -> Instant {
        parse_instant(text, &self.zone).expect(text)
    }

    fn paused(mut self, from: &str, to: &str) -> Self {
        let to = (!to.is_empty()).then(|| self.at(to));
        self.suspensions.push(Suspension { from: self.at(from), to, cause: 0 });
        self
    }

    fn at_most(mut self, most: &str) -> Self {
        self.suspended_at_most = Some(term(most));
        self
    }

    fn extended(mut self, by: &str) -> Self {
        self.extensions.push(Extension::by(term(by)));
        self
    }

    fn seen_on(mut self, text: &str) -> Self {
        self.as_of = Some(self.at(text));
        self
    }

    fn rolled(mut self, roll: Roll) -> Self {
        self.roll = Some(roll);
        self
    }

    fn reckoning(&self) -> Reckoning<'_> {
        let starts = self.at(self.starts);
        Reckoning {
            roll: self.roll,
            suspensions: &self.suspensions,
            suspended_at_most: self.suspended_at_most,
            extensions: &self.extensions,
            as_of: self.as_of,
            ..Reckoning::new(starts, &self.zone, self.within, &self.calendar, &self.counting)
        }
    }

    fn end(&self) -> Reckoned {
        let end = reckon(&self.reckoning()).expect("a date");
        assert_eq!(explain(&self.reckoning()).expect("a date").0, end);
        end
    }

    fn last_day(&self) -> String {
        self.end().last_day.to_string()
    }

    fn words(&self) -> Vec<String> {
        let steps = explain(&self.reckoning()).expect("a date").1;
        steps.iter().map(|step| step.in_words(Language::En)).collect()
    }
}

#[test]
fn dutch_terms_end_where_the_law_says() {
    for (starts, within, last_day, source) in [
        ("2023-04-14", "6 weeks", "2023-05-26", "ECLI:NL:RBMNE:2024:6245, the objection"),
        ("2023-05-26", "6 weeks", "2023-07-07", "ECLI:NL:RBMNE:2024:6245, the decision"),
        ("2026-02-27", "6 weeks", "2026-04-10", "Awb 6:8(1): six weeks from Friday is a Friday"),
        ("2026-03-07", "6 weeks", "2026-04-20", "Atw 1(1): Saturday to Monday"),
        ("2026-03-08", "6 weeks", "2026-04-20", "Atw 1(1): Sunday to Monday"),
        (
            "2026-02-20",
            "6 weeks",
            "2026-04-07",
            "Atw 3(2): Good Friday to the Tuesday after Easter",
        ),
        ("2025-11-20", "6 weeks", "2026-01-05", "Atw 3(3): 1 and 2 January, then a weekend"),
        ("2027-03-24", "6 weeks", "2027-05-10", "Atw 3: 5 May, Ascension, a decree day, a weekend"),
        (
            "2018-11-10",
            "6 weeks",
            "2018-12-27",
            "Atw 3(3): from Saturday over 24 December and Christmas",
        ),
        ("2024-11-13", "6 weeks", "2024-12-30", "Atw 3(3): Christmas, 27 December, a weekend"),
        ("2025-03-15", "6 weeks", "2025-04-28", "Atw 3(1): King's Day on Saturday"),
        ("2026-03-24", "6 weeks", "2026-05-06", "Atw 3(1): 5 May, every year"),
        (
            "2026-03-01",
            "12 weeks",
            "2026-05-26",
            "Atw 4(a): twelve weeks still move, over Whit Monday",
        ),
        ("2026-03-01", "13 weeks", "2026-05-31", "Atw 4(a): thirteen do not"),
        ("2025-03-01", "1 year", "2026-03-01", "Atw 4(a): a year does not (Awb 9:24)"),
        (
            "2026-01-31",
            "3 months",
            "2026-04-30",
            "Atw 4(a): three months could move, but end on a Thursday",
        ),
        ("2026-02-02", "3 months", "2026-05-04", "Atw 4(a): three months do"),
        ("2026-02-02", "4 months", "2026-06-02", "Awb 6:8(1): months by date"),
        ("2026-01-03", "4 months", "2026-05-03", "Atw 4(a): four months do not"),
        ("2026-03-09", "90 days", "2026-06-08", "Atw 4(a): ninety days do"),
        ("2026-03-09", "91 days", "2026-06-08", "Atw 4(a): ninety-one need not here"),
        ("2026-03-08", "91 days", "2026-06-07", "Atw 4(a): ninety-one do not"),
        ("2026-03-06", "3 days", "2026-03-10", "Atw 2: two working days, Monday and Tuesday"),
        ("2026-03-06", "2 days", "2026-03-09", "Atw 2 does not reach two days; Atw 1(1) does"),
        ("2026-04-02", "1 week", "2026-04-09", "Atw 2: holds two already"),
        (
            "2026-12-23",
            "5 days",
            "2026-12-28",
            "Atw 2: the 24th, then Christmas and a weekend, the 28th",
        ),
        ("2026-12-24", "4 days", "2026-12-29", "Atw 2: holds the 28th only, so the 29th as well"),
        ("2024-01-31", "1 month", "2024-02-29", "Awb 6:8(1): the end of the month"),
        (
            "2026-04-30",
            "3 working days",
            "2026-05-06",
            "5 May is worked in an office, but no term ends on it",
        ),
        (
            "2026-04-01",
            "2 working days",
            "2026-04-07",
            "Good Friday is the second working day; no term ends on it",
        ),
    ] {
        assert_eq!(Case::nl(starts, within).last_day(), last_day, "{starts} + {within}: {source}");
    }
}

#[test]
fn other_laws_count_otherwise() {
    for (counting, starts, within, last_day, source) in [
        (
            "eu-1182-71",
            "2025-03-01",
            "1 year",
            "2026-03-02",
            "Regulation 1182/71 3(4): years move as well",
        ),
        ("eu-1182-71", "2026-03-06", "2 days", "2026-03-10", "Regulation 1182/71 3(5)"),
        (
            "eu-1182-71",
            "2026-01-31",
            "1 month",
            "2026-03-02",
            "Regulation 1182/71 3(2)(c), then 3(4)",
        ),
        ("plain", "2026-09-03", "1 month", "2026-10-03", "ICO: 3 September to 3 October"),
        ("plain", "2026-03-31", "1 month", "2026-04-30", "ICO: 31 March to 30 April"),
        ("plain", "2015-12-30", "2 months", "2016-02-29", "BGH AnwZ (Brfg) 5/16"),
        (
            "plain",
            "2026-07-01",
            "28 days",
            "2026-07-29",
            "SI 2014/2936 reg. 16(3): beginning on the day after",
        ),
        (
            "same-day",
            "2026-07-01",
            "30 days",
            "2026-07-30",
            "DPA 2018 s.164A: beginning when received",
        ),
        (
            "same-day",
            "2026-01-15",
            "6 months",
            "2026-07-14",
            "SI 2009/309 reg. 14: commencing on the day",
        ),
        (
            "same-day",
            "2025-08-31",
            "6 months",
            "2026-02-28",
            "a month without the day ends on its last",
        ),
        ("same-day", "2026-03-07", "1 working day", "2026-03-09", "day 1 is the next working day"),
        ("same-day", "2026-03-06", "1 working day", "2026-03-06", "day 1 is the day itself"),
    ] {
        let case = Case::nl(starts, within).by(counting);
        assert_eq!(case.last_day(), last_day, "{counting} {starts} + {within}: {source}");
    }
}

#[test]
fn an_extension_runs_from_the_end_so_far_and_only_the_last_end_rolls() {
    for (case, last_day) in [
        // Regulation 2016/679 art. 12(3): one month and two more are not three.
        (Case::nl("2026-01-31", "1 month").by("plain").extended("2 months"), "2026-04-28"),
        (Case::nl("2026-01-31", "3 months").by("plain"), "2026-04-30"),
        // Six weeks end on Saturday 18 April; four weeks on is 16 May, a Saturday too.
        (Case::nl("2026-03-07", "6 weeks").extended("4 weeks"), "2026-05-18"),
        (Case::nl("2026-03-02", "6 weeks").extended("6 weeks").extended("2 weeks"), "2026-06-08"),
        (
            Case::nl("2026-03-02", "10 working days").by("plain").extended("10 working days"),
            "2026-03-30",
        ),
    ] {
        assert_eq!(case.last_day(), last_day);
    }
}

#[test]
fn a_standstill_keeps_what_remains() {
    let case = |counting| Case::nl("2026-03-02", "6 weeks").by(counting);
    for (case, last_day, why) in [
        (
            case("nl-awb").paused("2026-03-09", "2026-03-19"),
            "2026-04-22",
            "Awb 7:10(2): neither end, nine days",
        ),
        (
            case("nl-woo").paused("2026-03-09", "2026-03-19"),
            "2026-04-23",
            "Woo 4.4(3): the last day too, ten",
        ),
        (
            case("plain").paused("2026-03-09", "2026-03-19"),
            "2026-04-23",
            "from the day itself, ten",
        ),
        (
            case("plain").paused("2026-03-09 09:00", "2026-03-09 17:00"),
            "2026-04-13",
            "no whole day",
        ),
        (case("plain").paused("2026-02-01", "2026-02-20"), "2026-04-13", "before the term"),
        (
            case("plain").paused("2026-02-01", "2026-03-05"),
            "2026-04-15",
            "only the days inside the term: 3 and 4",
        ),
        (
            case("plain").paused("2026-04-13", "2026-04-20"),
            "2026-04-20",
            "on its last day one day is left",
        ),
        (
            case("plain").paused("2026-04-14", "2026-04-20"),
            "2026-04-13",
            "the day after it is over",
        ),
        (
            case("nl-awb").paused("2026-04-13", "2026-04-20"),
            "2026-04-13",
            "from the day after the last day",
        ),
        (
            case("plain").paused("2026-03-09", "2026-03-19").paused("2026-03-12", "2026-03-22"),
            "2026-04-26",
            "once",
        ),
        (
            case("plain").paused("2026-03-20", "2026-03-22").paused("2026-03-09", "2026-03-19"),
            "2026-04-25",
            "any order",
        ),
        (
            case("plain").paused("2026-04-12", "2026-04-20").paused("2026-04-21", "2026-04-23"),
            "2026-04-23",
            "moved end",
        ),
        (
            case("plain").paused("2026-03-09", "2026-03-19").at_most("1 week"),
            "2026-04-20",
            "no more than a week",
        ),
        (
            case("plain").paused("2026-03-09", "2026-04-19").at_most("1 month"),
            "2026-05-14",
            "31 days in March",
        ),
        (
            case("plain").paused("2026-03-09", "").at_most("1 week"),
            "2026-04-20",
            "open, but limited",
        ),
        (
            case("plain").paused("2026-03-09", "").seen_on("2026-03-12"),
            "2026-04-16",
            "open, counted so far",
        ),
        (
            case("plain").paused("2026-03-09", "").seen_on("2026-03-01"),
            "2026-04-13",
            "open, not yet begun",
        ),
        (
            case("plain").extended("1 week").paused("2026-04-15", "2026-04-17"),
            "2026-04-22",
            "in the extension",
        ),
    ] {
        assert_eq!(case.last_day(), last_day, "{why}");
    }
    let days = Case::nl("2026-03-02", "10 working days").by("plain");
    let weekend = days.clone().paused("2026-03-07", "2026-03-09");
    assert_eq!(weekend.last_day(), days.last_day(), "a weekend takes no working day");
    let week = days.clone().paused("2026-03-05", "2026-03-12");
    assert_eq!(week.last_day(), "2026-03-23", "a week takes five");
    let week = week.at_most("2 working days");
    assert_eq!(week.last_day(), "2026-03-18", "of which two may");
}

#[test]
fn a_term_never_ends_while_the_clock_stands_still() {
    // The raw end is Saturday 18 April and rolls to Monday; the clock stops on that Monday.
    let case = Case::nl("2026-03-07", "6 weeks").paused("2026-04-19", "2026-04-24");
    assert_eq!(case.last_day(), "2026-04-24");
    let open = Case::nl("2026-03-07", "6 weeks")
        .by("plain")
        .rolled(Roll::Forward)
        .paused("2026-04-20 10:00", "");
    for now in ["2026-04-20 11:00", "2026-04-21 00:00", "2026-05-01 23:59", "2027-01-01 12:00"] {
        let end = open.clone().seen_on(now).end();
        assert!(end.standing_still && end.ends_at > open.at(now), "{now}");
    }
    assert_eq!(reckon(&open.reckoning()).map_err(|error| error.code()), Err("stands-still"));
}

#[test]
fn hours_pass_on_any_clock() {
    for (case, ends_at) in [
        (Case::nl("2026-03-27 17:00", "48 hours"), "2026-03-29T16:00:00Z"), // 18:00: the clocks went forward
        (Case::nl("2026-10-24 12:00", "24 hours"), "2026-10-25T10:00:00Z"), // 11:00: they went back
        (Case::nl("2026-04-03 09:00", "24 hours").rolled(Roll::Forward), "2026-04-04T07:00:00Z"),
        (
            Case::nl("2026-03-02 09:00", "48 hours").paused("2026-03-02 12:00", "2026-03-02 15:30"),
            "2026-03-04T11:30:00Z",
        ),
        (
            Case::nl("2026-03-02 09:00", "48 hours")
                .paused("2026-03-02 12:00", "2026-03-09 15:30")
                .at_most("2 hours"),
            "2026-03-04T10:00:00Z",
        ),
        (
            Case::nl("2026-03-02 09:00", "48 hours").paused("2026-03-05 12:00", "2026-03-06"),
            "2026-03-04T08:00:00Z",
        ),
        (Case::nl("2026-03-26 09:00", "48 hours").extended("1 day"), "2026-03-29T07:00:00Z"), // still 09:00
    ] {
        let end = case.end();
        assert_eq!(end.ends_at, case.at(ends_at));
    }
    // At midnight the day before is the last one that is in time.
    assert_eq!(Case::nl("2026-03-02", "48 hours").last_day(), "2026-03-03");
}

#[test]
fn a_last_day_ends_at_the_end_of_the_local_day() {
    for (zone, starts, last_day, ends_at) in [
        ("Europe/Amsterdam", "2026-03-27 23:30", "2026-03-28", "2026-03-28T23:00:00Z"),
        ("Europe/Amsterdam", "2026-03-28T22:30:00Z", "2026-03-29", "2026-03-29T22:00:00Z"), // 23 hours long
        ("Europe/Amsterdam", "2026-03-28T23:30:00Z", "2026-03-30", "2026-03-30T22:00:00Z"), // there it is the 29th
        ("Europe/Amsterdam", "2026-10-24 08:00", "2026-10-25", "2026-10-25T23:00:00Z"), // 25 hours long
        ("America/Santiago", "2026-09-04 08:00", "2026-09-05", "2026-09-06T04:00:00Z"), // the next day starts at 01:00
        ("Africa/Cairo", "2026-04-22 08:00", "2026-04-23", "2026-04-23T22:00:00Z"),     // and here
        ("UTC", "2026-03-27 08:00", "2026-03-28", "2026-03-29T00:00:00Z"),
    ] {
        let mut case = Case::nl(starts, "1 day").by("plain");
        case.zone = TimeZone::named(zone).expect(zone);
        let end = case.end();
        assert_eq!(
            (end.last_day, end.ends_at),
            (date(last_day), case.at(ends_at)),
            "{zone} {starts}"
        );
    }
}

#[test]
fn beyond_the_known_years_a_date_is_provisional() {
    for (case, provisional) in [
        (Case::nl("2028-11-01", "6 weeks"), false),
        (Case::nl("2028-12-01", "6 weeks"), true),
        (Case::nl("2028-12-01", "2 years"), false), // moved by no day off
        (Case::nl("2028-12-01", "30 working days").by("plain"), true),
        (Case::nl("2028-12-01", "6 weeks").by("plain"), false),
        (Case::nl("2013-12-20", "10 working days"), true),
        (Case::nl("2013-12-20", "6 weeks"), false),
    ] {
        assert_eq!(case.end().provisional, provisional, "{:?}", case.words());
    }
    let words = Case::nl("2028-12-01", "6 weeks").words();
    assert!(
        words.iter().any(|step| step.starts_with("provisional: calendar nl (version 2026-11-24)"))
    );
}

#[test]
fn an_override_of_the_roll_reaches_every_term() {
    assert_eq!(Case::nl("2025-03-01", "1 year").rolled(Roll::Forward).last_day(), "2026-03-02");
    assert_eq!(Case::nl("2026-03-07", "6 weeks").rolled(Roll::None).last_day(), "2026-04-18");
    assert_eq!(Case::nl("2026-03-07", "6 weeks").rolled(Roll::Back).last_day(), "2026-04-17");
}

#[test]
fn what_can_not_be_counted_is_an_error() {
    let days: Vec<serde_json::Value> = (1..=366)
        .filter_map(|day| Date::from_yo_opt(2000, day))
        .map(|day| serde_json::json!({"title": "D", "on": day.format("%m-%d").to_string(), "source": "S"}))
        .collect();
    let never = serde_json::json!({"calendar": "never", "title": "Never", "version": "1", "weekend": [], "days": days});
    let mut closed = Case::nl("2026-03-02", "6 weeks");
    closed.calendar = Arc::new(
        Calendar::from_document(&never, &|name| Almanac::shipped().calendar(name))
            .expect("a calendar"),
    );
    for (case, code) in [
        (closed, "no-working-day"),
        (Case::nl("9999-12-01", "6 weeks"), "date-out-of-range"),
        (Case::nl("9950-12-01", "100 years"), "date-out-of-range"),
        (Case::nl("2026-03-02", "6 weeks").extended("2 hours"), "mixed-units"),
        (
            Case::nl("2026-03-02", "6 hours")
                .paused("2026-03-02 01:00", "2026-03-03")
                .at_most("2 working days"),
            "mixed-units",
        ),
        (Case::nl("2026-03-02", "6 weeks").paused("2026-03-05", "2026-03-04"), "pause-ends-first"),
        (Case::nl("2026-03-02", "6 weeks").paused("2026-03-05", ""), "stands-still"),
    ] {
        let found = reckon(&case.reckoning()).map_err(|error| error.code());
        assert_eq!(found, Err(code));
    }
}

#[test]
fn every_step_is_told() {
    let case = Case::nl("2026-03-06 10:00", "6 weeks")
        .paused("2026-03-09", "2026-03-12")
        .extended("6 weeks");
    assert_eq!(
        case.words(),
        [
            "starts on Fri 6 Mar 2026; that day is not counted (cf. Awb art. 6:8(1))",
            "+ 6 weeks: Fri 17 Apr 2026",
            "stood still from Tue 10 Mar 2026 to Wed 11 Mar 2026 inclusive, + 2 days: Sun 19 Apr 2026 (Awb art. 4:15(1), 7:10(2))",
            "extended by 6 weeks: Sun 31 May 2026",
            "no term ends on Sun 31 May 2026: Sunday",
            "the end moves from Sun 31 May 2026 on to Mon 1 Jun 2026 (Atw art. 1(1))",
            "last day Mon 1 Jun 2026, to the end of that day (2026-06-01T22:00:00Z)",
        ]
    );
    let year = Case::nl("2025-03-01", "1 year").words();
    assert_eq!(
        year[2],
        "stays on Sun 1 Mar 2026 (Sunday): the rule does not reach a term of 1 year (Atw art. 4(a))"
    );
    let short = Case::nl("2026-03-06", "3 days").words();
    assert!(short.contains(
        &"must hold at least 2 days that are no days off, and held 1: Tue 10 Mar 2026 (Atw art. 2)".to_owned()
    ));
    let (_, steps) = explain(&case.reckoning()).expect("a date");
    let data = serde_json::to_value(&steps).expect("data");
    assert_eq!(
        data[1],
        serde_json::json!({"kind": "term", "term": "6 weeks", "date": "2026-04-17"})
    );
    assert_eq!(data[5]["kind"], "rolled");
    assert_eq!(data[5]["roll"], "forward");
}

#[test]
fn a_long_term_is_explained_in_bounded_space() {
    let (end, steps) =
        explain(&Case::nl("2026-03-06", "20000 working days").by("plain").reckoning())
            .expect("a date");
    assert!(end.provisional && steps.len() < 500);
}

/// Counts as a child would: one day after the other, on a paper calendar.
fn naive(
    first: Date,
    mut left: u32,
    working: bool,
    stands_still: impl Fn(Date) -> bool,
    calendar: &Calendar,
) -> Date {
    let mut day = first;
    loop {
        let counts = !working || calendar.day_off(day, For::Working).is_none();
        if counts && !stands_still(day) {
            left -= 1;
        }
        if left == 0 {
            return day;
        }
        day = day.succ_opt().expect("in range");
    }
}

fn start() -> impl Strategy<Value = Date> {
    (735_000i32..745_000).prop_map(|days| Date::from_num_days_from_ce_opt(days).expect("a date"))
}

fn later(date: Date, days: i64) -> Date {
    date.checked_add_signed(TimeDelta::days(days)).expect("in range")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_naive_count_agrees(
        day in start(), amount in 1u32..120, working: bool, woo: bool,
        pauses in proptest::collection::vec((-20i64..150, 0i64..40), 0..4),
    ) {
        let mut case = Case::nl("2026-03-02", "1 day").by(if woo { "nl-woo" } else { "plain" });
        case.roll = Some(Roll::None);
        // Terms that hold two working days anyhow: the minimum is counted elsewhere.
        let amount = if woo && !working { amount.max(14) } else { amount.max(3) };
        case.within = Term::new(amount, if working { Unit::WorkingDays } else { Unit::Days }).expect("a term");
        let starts = case.zone.start_of_day(day).expect("an instant");
        let noon = |days| case.zone.instant(later(day, days), 12, 0, 0).expect("an instant");
        let pauses: Vec<(i64, i64)> = pauses.into_iter().map(|(from, length)| (from, from + length)).collect();
        case.suspensions = pauses.iter().map(|(from, to)| Suspension { from: noon(*from), to: Some(noon(*to)), cause: 0 }).collect();
        let stands_still = |date: Date| pauses.iter().filter(|(from, to)| from < to).any(|(from, to)| {
            let (from, to) = (later(day, *from), later(day, *to));
            if woo { from < date && date <= to } else { from <= date && date < to }
        });
        let end = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date");
        let counted = naive(later(day, 1), amount, working, stands_still, &case.calendar);
        prop_assert_eq!(end.last_day, counted);
        prop_assert_eq!(explain(&Reckoning { starts, ..case.reckoning() }).expect("a date").0, end);
    }

    #[test]
    fn a_longer_term_never_ends_earlier(
        day in start(), amount in 1u32..89, unit in 0usize..4, from in 0i64..60, length in 0i64..20, rule in 0usize..COUNTINGS.len(),
    ) {
        // Within the reach of the law: at its limit, thirteen weeks can end before twelve.
        let (unit, most) = [(Unit::Days, 89), (Unit::WorkingDays, 89), (Unit::Weeks, 11), (Unit::Months, 2)][unit];
        let amount = amount.min(most);
        let counting = COUNTINGS[rule];
        let mut case = Case::nl("2026-03-02", "1 day").by(counting);
        let starts = case.zone.start_of_day(day).expect("an instant");
        let noon = |days| case.zone.instant(later(day, days), 12, 0, 0).expect("an instant");
        case.suspensions = vec![Suspension { from: noon(from), to: Some(noon(from + length)), cause: 0 }];
        case.within = Term::new(amount, unit).expect("a term");
        let shorter = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date");
        case.within = Term::new(amount + 1, unit).expect("a term");
        let longer = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date");
        prop_assert!(longer.last_day >= shorter.last_day, "{} then {}", shorter.last_day, longer.last_day);
    }

    #[test]
    fn a_standstill_moves_the_end_by_at_least_its_length(
        day in start(), amount in 3u32..80, working: bool, from in 1i64..80, length in 0i64..40,
    ) {
        let mut case = Case::nl("2026-03-02", "1 day").by("plain");
        case.within = Term::new(amount, if working { Unit::WorkingDays } else { Unit::Days }).expect("a term");
        let starts = case.zone.start_of_day(day).expect("an instant");
        let before = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date").last_day;
        let (from, to) = (later(day, from), later(day, from + length));
        let noon = |date| case.zone.instant(date, 12, 0, 0).expect("an instant");
        case.suspensions = vec![Suspension { from: noon(from), to: Some(noon(to)), cause: 0 }];
        let after = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date").last_day;
        let lost = if working {
            let eve = |date: Date| date.pred_opt().expect("a date");
            case.calendar.count(eve(from), eve(to), For::Working)
        } else {
            length
        };
        let moved = if working { case.calendar.count(before, after, For::Working) } else { days_between(before, after) };
        prop_assert_eq!(moved, if from <= before { lost } else { 0 });
    }

    #[test]
    fn stopped_and_gone_on_at_the_same_instant_changes_nothing(
        day in start(), amount in 1u32..80, unit in 0usize..5, rule in 0usize..COUNTINGS.len(), at in 0i64..100_000_000,
    ) {
        let unit = [Unit::Days, Unit::WorkingDays, Unit::Weeks, Unit::Months, Unit::Hours][unit];
        let mut case = Case::nl("2026-03-02", "1 day").by(COUNTINGS[rule]);
        case.within = Term::new(amount, unit).expect("a term");
        let starts = case.zone.start_of_day(day).expect("an instant");
        let before = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date");
        let at = starts.checked_add_signed(TimeDelta::milliseconds(at * 100)).expect("an instant");
        case.suspensions = vec![Suspension { from: at, to: Some(at), cause: 0 }];
        prop_assert_eq!(reckon(&Reckoning { starts, ..case.reckoning() }), Ok(before));
    }

    #[test]
    fn rolling_is_done_once_and_for_all(day in start(), amount in 1u32..12, rule in 0usize..COUNTINGS.len()) {
        let counting = COUNTINGS[rule];
        let mut case = Case::nl("2026-03-02", "1 day").by(counting);
        case.within = Term::new(amount, Unit::Weeks).expect("a term");
        let starts = case.zone.start_of_day(day).expect("an instant");
        let end = reckon(&Reckoning { starts, ..case.reckoning() }).expect("a date").last_day;
        if case.counting.on(day).0.days_off.roll != Roll::None {
            prop_assert!(case.calendar.works(end, For::Terms));
            prop_assert_eq!(case.calendar.on_or_after(end, For::Terms), Ok(end));
        }
    }
}

#[test]
fn a_term_that_began_anew_forgets_what_was_before() {
    let foi = Standstill { restarts: true, ..Standstill::default() };
    let fees = Standstill::default();
    let uk = jurisdiction("uk-any");
    let at = |text: &str| parse_instant(text, &uk.time_zone).expect(text);
    let reckoning = |suspensions: &[Suspension], standstills: &[Standstill]| {
        let starts = at("2026-03-02 10:00");
        let within = term("20 working days");
        let end = reckon(&Reckoning {
            suspensions,
            standstills,
            ..Reckoning::new(starts, &uk.time_zone, within, &uk.calendar, &uk.counting)
        });
        end.map(|end| end.last_day.to_string())
    };
    let paused = |from: &str, to: &str, cause| Suspension {
        from: at(from),
        to: (!to.is_empty()).then(|| at(to)),
        cause,
    };
    let causes = [foi, fees];
    // St Patrick's Day in Northern Ireland is no working day anywhere in the Kingdom (FOIA s.10(6)).
    assert_eq!(reckoning(&[], &[]).as_deref(), Ok("2026-03-31"));
    let clarified = paused("2026-03-04 09:00", "2026-03-16 09:00", 0);
    assert_eq!(reckoning(&[clarified], &causes).as_deref(), Ok("2026-04-16"), "from 16 March");
    let fees = paused("2026-03-18 09:00", "2026-03-20 09:00", 1);
    assert_eq!(reckoning(&[clarified, fees], &causes).as_deref(), Ok("2026-04-21"), "three more");
    let before = paused("2026-03-02 12:00", "2026-03-03 09:00", 1);
    assert_eq!(reckoning(&[before, clarified], &causes).as_deref(), Ok("2026-04-16"), "forgotten");
    let late = paused("2026-04-02 09:00", "2026-04-08 09:00", 0);
    assert_eq!(reckoning(&[late], &causes).as_deref(), Ok("2026-03-31"), "after the term");
    assert_eq!(
        reckoning(&[paused("2026-03-04 09:00", "", 0)], &causes),
        Err(TimeError::StandsStill { since: date("2026-03-04") })
    );
}

#[test]
fn a_bound_holds_however_long_the_clock_stood_still() {
    let case = Case::nl("2026-03-02", "6 weeks").paused("2026-03-09", "2026-09-17");
    let starts = case.at(case.starts);
    let bound = Bound { starts, within: term("20 weeks") };
    let reckoning = Reckoning { no_later_than: Some(bound), ..case.reckoning() };
    assert_eq!(reckon(&reckoning).expect("a date").last_day, date("2026-07-20"));
}

#[test]
fn an_end_has_its_bounds() {
    let us = jurisdiction("us-federal");
    let at = |text: &str| parse_instant(text, &us.time_zone).expect(text);
    // 29 CFR 1614.108(f): 180 days after the last amendment, no later than 360 days after the filing.
    let end = |amended: &str| {
        let starts = at(amended);
        let bound = Bound { starts: at("2026-01-05"), within: term("360 days") };
        let within = term("180 days");
        let reckoning = Reckoning {
            no_later_than: Some(bound),
            ..Reckoning::new(starts, &us.time_zone, within, &us.calendar, &us.counting)
        };
        let (end, steps) = explain(&reckoning).expect("a date");
        assert_eq!(reckon(&reckoning), Ok(end));
        let bounded = steps.iter().any(|step| matches!(step.kind, StepKind::NoLater { .. }));
        (end.last_day.to_string(), bounded)
    };
    assert_eq!(end("2026-03-02"), ("2026-08-31".to_owned(), false)); // 29 August is a Saturday
    assert_eq!(end("2026-09-01"), ("2026-12-31".to_owned(), true));
    let nl = jurisdiction("nl");
    let starts = parse_instant("2026-03-02", &nl.time_zone).expect("an instant");
    let capped = Reckoning {
        extensions: &[Extension::by(term("20 working days"))],
        no_later_than: Some(Bound { starts, within: term("35 working days") }),
        ..Reckoning::new(starts, &nl.time_zone, term("20 working days"), &nl.calendar, &nl.counting)
    };
    let whole =
        Reckoning::new(starts, &nl.time_zone, term("35 working days"), &nl.calendar, &nl.counting);
    assert_eq!(reckon(&capped).map(|end| end.last_day), reckon(&whole).map(|end| end.last_day));
}

#[test]
fn an_extension_is_counted_from_the_end_from_the_start_or_after_the_roll() {
    let nl = jurisdiction("nl");
    let us = jurisdiction("us-federal");
    let end = |law: &Jurisdiction, starts: &str, within: &str, by: &str, from: From| {
        let starts = parse_instant(starts, &law.time_zone).expect(starts);
        let end = reckon(&Reckoning {
            extensions: &[Extension { by: term(by), from }],
            ..Reckoning::new(starts, &law.time_zone, term(within), &law.calendar, &law.counting)
        });
        end.map(|end| end.last_day.to_string())
    };
    assert_eq!(
        end(&nl, "2026-01-31", "1 month", "2 months", From::End).as_deref(),
        Ok("2026-04-28")
    );
    assert_eq!(
        end(&nl, "2026-01-31", "1 month", "2 months", From::Start).as_deref(),
        Ok("2026-04-30")
    );
    assert_eq!(
        end(&nl, "2026-03-02", "2 weeks", "3 days", From::Start).as_deref(),
        Ok("2026-03-19")
    );
    // Fed. R. Civ. P. 6(d): fourteen days end on Saturday, so on Monday; three more days are Thursday, not Tuesday.
    assert_eq!(
        end(&us, "2026-03-07", "14 days", "3 days", From::RolledEnd).as_deref(),
        Ok("2026-03-26")
    );
    assert_eq!(end(&us, "2026-03-07", "14 days", "3 days", From::End).as_deref(), Ok("2026-03-24"));
    let apart = end(&nl, "2026-03-02", "2 weeks", "1 month", From::Start);
    assert_eq!(apart.map_err(|error| error.code()), Err("not-one-term"));
}

#[test]
fn a_term_that_is_counted_back_ends_before_the_event() {
    let back = |name: &str, event: &str, within: &str| {
        let law = jurisdiction(name);
        let starts = parse_instant(event, &law.time_zone).expect(event);
        let reckoning = Reckoning {
            backwards: true,
            ..Reckoning::new(starts, &law.time_zone, term(within), &law.calendar, &law.counting)
        };
        let end = reckon(&reckoning).map(|end| end.last_day.to_string());
        let refused = [
            Reckoning {
                extensions: &[Extension { by: term("1 day"), from: From::End }],
                ..reckoning
            },
            Reckoning {
                suspensions: &[Suspension { from: starts, to: None, cause: 0 }],
                ..reckoning
            },
        ];
        for refused in refused {
            assert_eq!(reckon(&refused).map_err(|error| error.code()), Err("counted-backwards"));
        }
        end
    };
    for (name, event, within, last_day) in [
        ("nl", "2026-05-20", "10 days", "2026-05-09"), // ECLI:NL:RVS:2006:AX4384: the eleventh day before; Atw 1(2): no roll
        ("us-federal", "2026-07-13", "10 days", "2026-07-02"), // Rule 6(a)(5): over 4 July as it is kept on the 3rd
        ("us-federal", "2026-03-20", "14 days", "2026-03-06"),
        ("fr", "2026-07-31", "8 days", "2026-07-22"), // Cass. com. 16-26.996
        ("de", "2026-05-20", "2 weeks", "2026-05-06"),
        ("eu-institutions", "2026-05-20", "3 working days", "2026-05-13"), // over Ascension and the day after
    ] {
        assert_eq!(back(name, event, within).as_deref(), Ok(last_day), "{name} {event} {within}");
    }
}
