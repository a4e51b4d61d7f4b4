//! How many deadlines one core reckons in a second, beside the least that any count must do: add the days to the date,
//! and find the instant at which the day after begins. Run it with `cargo bench --bench deadlines`.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may panic, prints, and reads the clock"
)]

use std::hint::black_box;
use std::time::{Duration, Instant as Clock};
use verloop::time::{Almanac, Date, Instant, Jurisdiction, Reckoning, Term, parse_date, reckon};

const DEADLINES: usize = 200_000;
const RUNS: usize = 9;

fn main() {
    // `cargo test --benches` and the like only want to know that it builds.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let almanac = Almanac::shipped();
    let of = |name: &str| almanac.jurisdiction(name).expect(name);
    let (nl, uk, us) = (of("nl"), of("uk-any"), of("us-federal"));
    let days = days();
    println!("{DEADLINES} deadlines, each from another day of 2017 to 2028; median of {RUNS} runs");
    let floor = floor(&nl, &days);
    tell("floor: add 42 days, start of the day after", floor, floor);
    for (name, law, within) in [
        ("nl: 6 weeks, rolled over days off", &nl, "6 weeks"),
        ("nl: 3 months, rolled over days off", &nl, "3 months"),
        ("uk-any: 20 working days", &uk, "20 working days"),
        ("us-federal: 30 days, rolled over days off", &us, "30 days"),
    ] {
        let within: Term = within.parse().expect("a term");
        let starts: Vec<Instant> = days
            .iter()
            .map(|day| law.time_zone.instant(*day, 14, 30, 0).expect("an instant"))
            .collect();
        let took = median(|| {
            for starts in &starts {
                let reckoning =
                    Reckoning::new(*starts, &law.time_zone, within, &law.calendar, &law.counting);
                black_box(reckon(black_box(&reckoning)).expect("a date"));
            }
        });
        tell(name, took, floor);
    }
}

fn days() -> Vec<Date> {
    let first = parse_date("2017-01-01").expect("a date");
    let days: Vec<Date> = first.iter_days().take(4_380).collect();
    // 2,969 has no divisor in common with 4,380: the days come in no order that a cache could use.
    (0..DEADLINES).filter_map(|nth| days.get(nth * 2_969 % days.len()).copied()).collect()
}

fn floor(law: &Jurisdiction, days: &[Date]) -> Duration {
    median(|| {
        for day in days {
            let after = black_box(*day).checked_add_days(chrono::Days::new(43)).expect("a date");
            black_box(law.time_zone.start_of_day(after).expect("an instant"));
        }
    })
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Clock::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn tell(name: &str, took: Duration, floor: Duration) {
    let per_second = f64::from(u32::try_from(DEADLINES).expect("few")) / took.as_secs_f64();
    let ratio = took.as_secs_f64() / floor.as_secs_f64();
    println!("{name:<45} {:>6.2} million a second, {ratio:.1} x the floor", per_second / 1e6);
}
