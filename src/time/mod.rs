//! Time as the law counts it: terms, calendars, counting rules, and the explanation of every date.
//!
//! The module is pure: it reads no clock and no file of the host, and knows no cases. A deadline is a civil date in a
//! time zone; the instant at which it is too late is derived from that date. Dates lie in the years 1 to 9999.
//!
//! What a law says of time is data: [`Calendar`] and [`Counting`] are read from files with their sources, and the
//! [`Almanac`] has them by name. A count goes in one order, always: the event and the day on which it counts, the term,
//! the time that the clock stood still, the extensions, the bounds, the working days that a term must hold at least, and
//! at the very end one roll over days on which no term may end. [`reckon`] gives the date, [`explain`] the same date with
//! every step. From which event a term runs, the first or the last of several for instance, is an [`Anchor`].

mod almanac;
mod anchor;
mod arithmetic;
mod calendar;
mod counting;
mod error;
mod explain;
mod penalty;
mod read;
mod reckon;
pub mod request;
mod shipped;
mod term;
mod zone;

pub use almanac::{Almanac, Jurisdiction, Kind};
pub use anchor::{Anchor, Came};
pub use arithmetic::{add, days_between, months_between, subtract, working_days_between};
pub use calendar::{Calendar, DayOff, DayOffKind, For};
pub use counting::{
    AtLeast, Clear, Counting, DaysOff, Deemed, EventDay, HoursRule, MonthsRule, Reach, Receipt,
    Roll, Rules, ShortTerms, StandstillDays,
};
pub use error::TimeError;
pub use explain::{CountStep, StepKind, WhyIgnored};
pub use penalty::{Owed, Penalty, Tier};
pub use read::{format_date, format_date_in_full, parse_date, parse_instant};
pub use reckon::{
    Bound, Extension, From, Reckoned, Reckoning, Standstill, Suspension, explain, reckon,
};
pub use term::{Term, TermError, Unit};
pub use zone::{LocalMoment, TimeZone, tzdb_version};

/// An instant, the same everywhere on earth.
pub type Instant = chrono::DateTime<chrono::Utc>;

/// A civil date: a day on the calendar on the wall, wherever that hangs.
pub type Date = chrono::NaiveDate;

/// Returns the date if it lies in the years 1 to 9999.
fn civil(date: Date) -> Result<Date, TimeError> {
    use chrono::Datelike;
    if (1..=9999).contains(&date.year()) { Ok(date) } else { Err(TimeError::OutOfRange) }
}
