//! Sums with dates: what guards and warnings ask for.

use super::{Calendar, Date, For, Term, TimeError, Unit, civil};
use chrono::{Datelike, Days, Months};

/// Returns `to` minus `from` in calendar days: 1 from today to tomorrow, negative when `to` comes first.
pub fn days_between(from: Date, to: Date) -> i64 {
    to.signed_duration_since(from).num_days()
}

/// Returns how many working days lie after `from` up to and with `to`.
///
/// `from` is not counted and `to` is, as in a term that starts the day after: the answer for the day of an event and
/// the last day of `n working days` is `n`. When `to` comes first it is minus the number from `to` to `from`.
pub fn working_days_between(from: Date, to: Date, calendar: &Calendar) -> i64 {
    if to < from {
        -calendar.count(to, from, For::Working)
    } else {
        calendar.count(from, to, For::Working)
    }
}

/// Returns how many whole months have passed from `from` to `to`.
///
/// It is the largest number of months that, added to `from`, does not pass `to`; 31 January to 28 February is one.
/// When `to` comes first it is minus the number from `to` to `from`.
pub fn months_between(from: Date, to: Date) -> i64 {
    if to < from {
        return -months_between(to, from);
    }
    let index = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month0());
    let months = index(to) - index(from);
    let reached = u32::try_from(months).ok().and_then(|n| from.checked_add_months(Months::new(n)));
    if reached.is_some_and(|date| date <= to) { months } else { months - 1 }
}

/// Returns the date that lies a term after `date`.
///
/// Weeks end on the same weekday; months and years on the same day of the month, or on its last day if it has no such
/// day. Of working days, `date` itself is not one of those counted.
/// # Errors
/// [`TimeError::OutOfRange`] after the year 9999, [`TimeError::NoWorkingDay`], [`TimeError::MixedUnits`] for hours,
/// which need an instant.
pub fn add(date: Date, term: Term, calendar: &Calendar) -> Result<Date, TimeError> {
    let amount = term.amount();
    let date = match term.unit() {
        Unit::Hours => return Err(hours(term)),
        Unit::WorkingDays => return calendar.nth_after(date, amount, For::Working),
        Unit::Days => date.checked_add_days(Days::new(amount.into())),
        Unit::Weeks => date.checked_add_days(Days::new(u64::from(amount) * 7)),
        Unit::Months => date.checked_add_months(Months::new(amount)),
        Unit::Years => amount.checked_mul(12).and_then(|n| date.checked_add_months(Months::new(n))),
    };
    date.ok_or(TimeError::OutOfRange).and_then(civil)
}

/// Returns the date that lies a term before `date`: the day of a warning before a last day.
///
/// As [`add`], backwards: one working day before a Monday is the Friday.
/// # Errors
/// As [`add`], and [`TimeError::OutOfRange`] before the year 1.
pub fn subtract(date: Date, term: Term, calendar: &Calendar) -> Result<Date, TimeError> {
    let amount = term.amount();
    let date = match term.unit() {
        Unit::Hours => return Err(hours(term)),
        Unit::WorkingDays => return calendar.nth_before(date, amount, For::Working),
        Unit::Days => date.checked_sub_days(Days::new(amount.into())),
        Unit::Weeks => date.checked_sub_days(Days::new(u64::from(amount) * 7)),
        Unit::Months => date.checked_sub_months(Months::new(amount)),
        Unit::Years => amount.checked_mul(12).and_then(|n| date.checked_sub_months(Months::new(n))),
    };
    date.ok_or(TimeError::OutOfRange).and_then(civil)
}

fn hours(term: Term) -> TimeError {
    TimeError::MixedUnits { outer: "a date".to_owned(), inner: term.to_string() }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::time::parse_date;
    use proptest::prelude::*;

    fn nl() -> std::sync::Arc<Calendar> {
        crate::time::Almanac::shipped().calendar("nl").expect("shipped")
    }

    fn date(text: &str) -> Date {
        parse_date(text).expect(text)
    }

    #[test]
    fn dates_are_added_and_taken_away() {
        let nl = nl();
        for (from, term, after, before) in [
            ("2026-01-31", "1 month", "2026-02-28", "2025-12-31"),
            ("2024-02-29", "1 year", "2025-02-28", "2023-02-28"),
            ("2026-03-02", "6 weeks", "2026-04-13", "2026-01-19"),
            ("2026-03-02", "1 working day", "2026-03-03", "2026-02-27"),
            ("2026-04-02", "2 working days", "2026-04-07", "2026-03-31"), // Good Friday is worked, Easter Monday is not
            ("2026-12-31", "1 working day", "2027-01-04", "2026-12-30"),
        ] {
            let term: Term = term.parse().expect(term);
            assert_eq!(add(date(from), term, &nl), Ok(date(after)), "{from} + {term}");
            assert_eq!(subtract(date(from), term, &nl), Ok(date(before)), "{from} - {term}");
        }
        let hours: Term = "48 hours".parse().expect("a term");
        assert_eq!(add(date("2026-01-01"), hours, &nl).map_err(|e| e.code()), Err("mixed-units"));
        let years: Term = "100 years".parse().expect("a term");
        assert_eq!(add(date("9950-01-01"), years, &nl), Err(TimeError::OutOfRange));
        assert_eq!(subtract(date("0050-01-01"), years, &nl), Err(TimeError::OutOfRange));
    }

    #[test]
    fn months_are_whole() {
        for (from, to, months) in [
            ("2026-01-31", "2026-02-28", 1),
            ("2026-01-31", "2026-02-27", 0),
            ("2026-01-31", "2026-03-30", 1),
            ("2026-03-02", "2026-03-01", 0),
            ("2026-03-02", "2026-02-01", -1),
            ("2026-03-02", "2027-03-02", 12),
            ("0001-01-01", "9999-12-31", 119_987),
        ] {
            assert_eq!(months_between(date(from), date(to)), months, "{from} to {to}");
        }
    }

    #[test]
    fn ten_million_days_answer_at_once() {
        let nl = nl();
        let all = working_days_between(date("0001-01-01"), date("9999-12-31"), &nl);
        assert!((2_500_000..2_600_000).contains(&all), "{all}");
        assert_eq!(
            nl.nth_after(date("2026-01-01"), 10_000_000, For::Working),
            Err(TimeError::OutOfRange)
        );
        assert_eq!(
            nl.nth_before(date("2026-01-01"), 10_000_000, For::Terms),
            Err(TimeError::OutOfRange)
        );
    }

    proptest! {
        #[test]
        fn counting_working_days_agrees_with_walking(start in 700_000i32..760_000, length in 0i64..900) {
            let nl = nl();
            let from = Date::from_num_days_from_ce_opt(start).expect("a date");
            let to = from.checked_add_days(Days::new(length.unsigned_abs())).expect("a date");
            for what in [For::Working, For::Terms] {
                let days = from.iter_days().skip(1).take_while(|day| *day <= to);
                let walked: Vec<Date> = days.filter(|day| nl.day_off(*day, what).is_none()).collect();
                prop_assert_eq!(nl.count(from, to, what), i64::try_from(walked.len()).expect("few"));
                if let (Some(last), Ok(nth)) = (walked.last(), u32::try_from(walked.len())) {
                    prop_assert_eq!(nl.nth_after(from, nth, what), Ok(*last));
                    let next = to.succ_opt().expect("a date");
                    prop_assert_eq!(nl.nth_before(next, nth, what).ok(), walked.first().copied());
                }
            }
            prop_assert_eq!(working_days_between(to, from, &nl), -working_days_between(from, to, &nl));
        }
    }
}
