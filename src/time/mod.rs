//! Time as the law counts it: terms, calendars, counting rules, and the explanation of every date.
//!
//! The module is pure: it reads no clock and no file of the host, and knows no cases. A deadline is a civil date in a
//! time zone; the instant at which it is too late is derived from that date. Dates lie in the years 1 to 9999.
//!
//! A count goes in one order, always: the term from the day of the event ([`Counting`] says whether that day counts),
//! then the time that the clock stood still, then the extensions, each from the end so far, then the working days
//! that a term must hold at least, and at the very end one roll over days on which no term may end. [`reckon`] gives
//! the date, [`explain`] the same date with every step.

mod arithmetic;
mod calendar;
mod counting;
mod error;
mod explain;
mod jurisdiction;
mod read;
mod reckon;
pub mod request;
mod shipped;
mod term;
mod zone;

pub use arithmetic::{add, days_between, months_between, subtract, working_days_between};
pub use calendar::{Calendar, DayOff, DayOffKind, For};
pub use counting::{Counting, FirstDay, MinimumDays, Roll, RollScope, SuspensionDays};
pub use error::TimeError;
pub use explain::{CountStep, StepKind, WhyIgnored};
pub use jurisdiction::Jurisdiction;
pub use read::{format_date, parse_date, parse_instant};
pub use reckon::{Reckoned, Reckoning, Suspension, explain, reckon};
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
