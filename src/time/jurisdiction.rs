//! Jurisdictions: a time zone, a calendar and a counting rule in one word.

use super::error::{nearest, shown};
use super::{Calendar, Counting, TimeError, TimeZone};
use std::sync::Arc;

/// A time zone, a calendar and a counting rule that belong together.
#[derive(Debug, Clone)]
pub struct Jurisdiction {
    /// Whose midnight ends a day.
    pub time_zone: TimeZone,
    /// The days off.
    pub calendar: Arc<Calendar>,
    /// How a term becomes a date.
    pub counting: Arc<Counting>,
}

/// Name, time zone, calendar, counting rule.
const SHIPPED: [(&str, &str, &str, &str); 2] =
    [("nl", "Europe/Amsterdam", "nl", "nl-awb"), ("none", "UTC", "none", "plain")];

impl Default for Jurisdiction {
    /// No days off, no rolling, in UTC: what holds where nothing is said.
    fn default() -> Self {
        Self {
            time_zone: TimeZone::utc(),
            calendar: Arc::new(Calendar::without_days_off()),
            counting: Arc::default(),
        }
    }
}

impl Jurisdiction {
    /// Returns the shipped jurisdiction with this name.
    /// # Errors
    /// [`TimeError::UnknownJurisdiction`], with the nearest name there is.
    pub fn named(name: &str) -> Result<Self, TimeError> {
        let found = SHIPPED.iter().find(|(known, ..)| *known == name);
        let (_, zone, calendar, counting) = found.ok_or_else(|| {
            let like = nearest(name, Self::names().map(str::to_owned));
            TimeError::UnknownJurisdiction { name: shown(name), like }
        })?;
        Ok(Self {
            time_zone: TimeZone::named(zone)?,
            calendar: calendar_named(calendar)?,
            counting: counting_named(counting)?,
        })
    }

    /// Returns the names of the shipped jurisdictions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(name, ..)| *name)
    }
}

/// Returns the shipped calendar, or an error that names the nearest one.
pub(super) fn calendar_named(name: &str) -> Result<Arc<Calendar>, TimeError> {
    Calendar::built_in(name).ok_or_else(|| {
        let like = nearest(name, Calendar::names().map(str::to_owned));
        TimeError::UnknownCalendar { name: shown(name), like }
    })
}

/// Returns the shipped counting rule, or an error that names the nearest one.
pub(super) fn counting_named(name: &str) -> Result<Arc<Counting>, TimeError> {
    Counting::built_in(name).ok_or_else(|| {
        let like = nearest(name, Counting::names().map(str::to_owned));
        TimeError::UnknownCounting { name: shown(name), like }
    })
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_jurisdiction_is_whole() {
        for name in Jurisdiction::names() {
            Jurisdiction::named(name).expect(name);
        }
        assert!(Jurisdiction::named("nll").is_err());
    }
}
