//! The clock: the only place that reads what time it is.
#![expect(clippy::disallowed_methods, reason = "reads the clock")]

use crate::time::Instant;
use std::sync::{Mutex, PoisonError};

/// Says what time it is.
pub trait Clock: Send + Sync {
    /// Returns the present instant.
    fn now(&self) -> Instant;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        // Seconds are fine enough for people and law; what is shown is then what is kept.
        let now = Instant::from(std::time::SystemTime::now());
        Instant::from_timestamp(now.timestamp(), 0).unwrap_or(now)
    }
}

/// A clock that stands where it was set: for tests, scenarios and trying out.
#[derive(Debug)]
pub struct SetClock(Mutex<Instant>);

impl SetClock {
    /// Returns a clock that stands at `at`.
    pub fn at(at: Instant) -> Self {
        Self(Mutex::new(at))
    }

    /// Sets the clock.
    pub fn set(&self, at: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
