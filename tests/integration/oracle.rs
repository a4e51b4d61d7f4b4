//! The deadlines of many synthetic cases, held against a count that shares nothing with the engine: fines of which the log
//! has days only, told out of order, with acts that came too late and were taken in.
//!
//! `VERLOOP_ORACLE_CASES=100000 cargo test --test integration oracle` looks longer.

#![expect(clippy::disallowed_methods, reason = "a longer run is asked for by a variable")]

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use serde_json::{Map, json};
use std::sync::Arc;
use verloop::case::{
    Act, Actor, Case, Command, Do, Event, Fact, Open, Person, PersonId, Refusal, Why, decide,
    decide_late, pass_time, told,
};
use verloop::catalog::Bundle;
use verloop::procedure::Procedure;
use verloop::time::{Almanac, Instant};

/// Cases in a normal run: some twenty thousand events.
const CASES: u64 = 1_500;

/// A fine must be paid within sixty days of its notification, or a penalty is added. Who objects later is heard all the same.
const FINES: &str = "\
procedure: fines
time-zone: Europe/Rome
calendar: none
counting: plain
roles: { officer: {} }
case: { who: officer }
deadlines:
  sixty-days: { starts: notify, within: 60 days, met-by: pay, lapse: { opens: add-penalty } }
steps:
  send: { who: officer }
  notify: { after: send, who: officer, breach: flag-without-reason }
  object: { after: notify, before: sixty-days.lapsed, who: officer, optional: true, breach: flag-without-reason }
  pay: { after: notify, who: officer, optional: true }
  add-penalty: { who: officer, optional: true }
  write-off: { after: notify, who: officer, optional: true, ends: written-off }
at-any-time:
  remark: { who: officer, form: { properties: { number: { type: integer } } } }
";

/// A small generator of numbers.
struct Chance(u64);

impl Chance {
    fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            let other = self.below(place as u64 + 1);
            items.swap(place, usize::try_from(other).unwrap());
        }
    }
}

/// A day of the calendar, turned leaf by leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Leaf {
    year: i64,
    month: i64,
    day: i64,
}

impl Leaf {
    fn days_of_month(self) -> i64 {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    fn next(self) -> Self {
        if self.day < self.days_of_month() {
            return Self { day: self.day + 1, ..self };
        }
        match self.month {
            12 => Self { year: self.year + 1, month: 1, day: 1 },
            month => Self { month: month + 1, day: 1, ..self },
        }
    }

    fn on(self, days: u64) -> Self {
        (0..days).fold(self, |day, _| day.next())
    }

    /// The day of the week, by Zeller's congruence: 0 is a Sunday.
    fn weekday(self) -> i64 {
        let (year, month) =
            if self.month < 3 { (self.year - 1, self.month + 12) } else { (self.year, self.month) };
        let (of_century, century) = (year % 100, year / 100);
        let sum = self.day + 13 * (month + 1) / 5 + of_century + of_century / 4 + century / 4;
        (sum + 5 * century + 6) % 7
    }

    /// The last Sunday of a month with 31 days.
    fn last_sunday(year: i64, month: i64) -> Self {
        let last = Self { year, month, day: 31 };
        Self { day: 31 - last.weekday(), ..last }
    }

    /// The instant at which the day begins in Rome: an hour before that of Greenwich, two in summer. The clocks turn in the
    /// small hours of a Sunday, so that day begins by the time of before.
    fn midnight(self) -> Instant {
        let (spring, autumn) = (Self::last_sunday(self.year, 3), Self::last_sunday(self.year, 10));
        let ahead = if self > spring && self <= autumn { 2 } else { 1 };
        let local = NaiveDateTime::new(self.date(), NaiveTime::MIN);
        DateTime::<Utc>::from_naive_utc_and_offset(local - TimeDelta::hours(ahead), Utc)
    }

    fn date(self) -> NaiveDate {
        let part = |part: i64| u32::try_from(part).unwrap();
        let year = i32::try_from(self.year).unwrap();
        NaiveDate::from_ymd_opt(year, part(self.month), part(self.day)).unwrap()
    }
}

fn procedure() -> Arc<Procedure> {
    let compiled = Bundle::of_text("fines.yaml", FINES).compile(&Almanac::shipped());
    compiled.map_or_else(|found| panic!("{found:?}"), |compiled| compiled.procedure)
}

fn officer() -> Actor {
    Actor::new(Person::new(PersonId::staff("rossi"), ["officer".into()].into()))
}

/// A case as its log tells it.
struct Told<'p> {
    procedure: &'p Procedure,
    history: Vec<Event>,
}

impl<'p> Told<'p> {
    fn open(procedure: &'p Procedure, at: Instant) -> Self {
        let open = Open {
            reference: "F-1".to_owned(),
            channel: None,
            received_at: at,
            confidential: false,
            parties: Vec::new(),
            data: Map::new(),
            origin: None,
            forwarded_by: None,
        };
        let mut case = Self { procedure, history: Vec::new() };
        case.ask(Act::Open(open), at, at).expect("opened");
        case
    }

    fn case(&self) -> Case {
        Case::replay(&self.history)
    }

    fn pass(&mut self, now: Instant) {
        let passed = pass_time(self.procedure, &self.case(), now).expect("time passes");
        self.history.extend(passed);
    }

    /// Asks as the engine does: what belongs before other things on record is told late.
    fn ask(&mut self, act: Act, at: Instant, now: Instant) -> Result<(), Refusal> {
        self.pass(now);
        let command = Command { at, now, actor: officer(), seen: None, act, documents: Vec::new() };
        let events = match decide(self.procedure, &self.case(), &command) {
            Err(refusal) if matches!(refusal.why, Why::BeforeWhatHappened { .. }) => {
                decide_late(self.procedure, &self.history, &command)
            }
            decided => decided,
        };
        self.history.extend(events?);
        Ok(())
    }

    fn flags(&self) -> Vec<String> {
        let flags = self.case().flags;
        flags.iter().map(|(_, flag)| format!("{} {}", flag.act, flag.code)).collect()
    }
}

fn cases() -> u64 {
    let wanted = std::env::var("VERLOOP_ORACLE_CASES").ok();
    wanted.and_then(|wanted| wanted.parse().ok()).unwrap_or(CASES)
}

#[test]
fn deadlines_are_those_of_a_count_by_hand() {
    let procedure = procedure();
    let (mut lapsed, mut late, mut turned) = (0, 0, 0);
    for seed in 1..=cases() {
        let mut chance = Chance::of(seed);
        let year = 2000 + i64::try_from(chance.below(13)).unwrap();
        let opened = Leaf { year, month: 1, day: 1 }.on(chance.below(365));
        let sent = opened.on(chance.below(120));
        let notified = sent.on(chance.below(30));
        let mut log = vec![("send", sent)];
        // Every fourth notification is told before the sending is.
        let place = usize::from(chance.below(4) != 0);
        log.insert(place, ("notify", notified));
        let mut rest = Vec::new();
        let objected = (chance.below(2) == 0).then(|| notified.on(chance.below(90)));
        rest.extend(objected.map(|day| ("object", day)));
        let paid = (chance.below(3) == 0).then(|| notified.on(chance.below(90)));
        rest.extend(paid.map(|day| ("pay", day)));
        chance.shuffle(&mut rest);
        log.extend(rest);

        let mut told_so_far = Told::open(&procedure, opened.midnight());
        let mut now = opened.midnight();
        for (step, day) in log {
            // Nobody tells what has not happened yet; some tell it weeks later.
            now = now.max(day.midnight())
                + TimeDelta::days(i64::try_from(chance.below(3)).unwrap() * 20);
            let act = Act::Do(Do::step(step));
            let asked = told_so_far.ask(act, day.midnight(), now);
            assert!(asked.is_ok(), "seed {seed}: {step} on {day:?}: {asked:?}");
        }
        told_so_far.pass(now.max(notified.on(200).midnight()));

        // By hand: sixty days after the day of notification is the last; it has lapsed when the day after begins.
        let last_day = notified.on(60);
        let end = last_day.next().midnight();
        let in_time = paid.is_some_and(|paid| paid <= last_day);
        let case = told_so_far.case();
        let record = case.clocks.values().next().expect("the clock ran");
        let found = record.lapsed;
        let expected = (!in_time).then_some((end, last_day.date()));
        assert_eq!(found, expected, "seed {seed}: notified {notified:?}, paid {paid:?}");
        let turns = (notified.midnight() - end).num_hours() % 24 != 0;
        let too_late = !in_time && objected.is_some_and(|day| day > last_day);
        let flags = told_so_far.flags();
        // Told before the sending of the same day, it stays out of order: of one instant the order of telling holds.
        let out_of_order = place == 0 && sent == notified;
        let expected: Vec<&str> =
            [(out_of_order, "notify step-not-due"), (too_late, "object past-its-time")]
                .into_iter()
                .filter_map(|(is_so, flag)| is_so.then_some(flag))
                .collect();
        assert_eq!(
            flags, expected,
            "seed {seed}: sent {sent:?}, notified {notified:?}, objected {objected:?}"
        );
        (lapsed, late) = (lapsed + u64::from(!in_time), late + u64::from(too_late));
        turned += u64::from(turns);
    }
    // Each kind of case was among them.
    let some = cases() / 20;
    assert!(lapsed > some && late > some && turned > some, "{lapsed}, {late}, {turned}");
}

#[test]
fn acts_at_one_instant_keep_the_order_in_which_they_were_told() {
    let procedure = procedure();
    for seed in 1..=cases() / 10 {
        let mut chance = Chance::of(seed);
        let opened = Leaf { year: 2010, month: 3, day: 1 };
        let mut told_so_far = Told::open(&procedure, opened.midnight());
        let now = opened.on(10).midnight();
        let mut expected: Vec<(Instant, u64)> = Vec::new();
        for number in 0..12 {
            let at = opened.on(chance.below(3)).midnight();
            let act = Do {
                form: Map::from_iter([("number".to_owned(), json!(number))]),
                ..Do::step("remark")
            };
            told_so_far.ask(Act::Do(act), at, now).expect("possible at any time");
            expected.push((at, number));
        }
        // By their instants, and at one instant as they were told.
        expected.sort_by_key(|(at, _)| *at);
        let in_history: Vec<(Instant, u64)> = told(&told_so_far.history)
            .iter()
            .filter_map(|event| {
                let Fact::StepDone { form, .. } = &event.fact else { return None };
                Some((event.at, form.get("number")?.as_u64()?))
            })
            .collect();
        assert_eq!(in_history, expected, "seed {seed}");
        let case = told_so_far.case();
        let acts = &case.step(&"remark".into()).expect("done").acts;
        let in_state: Vec<(Instant, u64)> = acts
            .iter()
            .map(|act| {
                (
                    act.at,
                    act.form.get("number").and_then(serde_json::Value::as_u64).expect("a number"),
                )
            })
            .collect();
        assert_eq!(in_state, expected, "seed {seed}");
        let written = serde_json::to_string(&told_so_far.history).expect("JSON");
        let read: Vec<Event> = serde_json::from_str(&written).expect("and back");
        assert_eq!(Case::replay(&read), case, "seed {seed}");
    }
}
