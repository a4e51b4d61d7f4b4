//! A year as bits, so that counting is quick whatever the rules are.

use crate::time::{Date, For};
use chrono::Datelike;

/// The days of one year on which work is done, on which terms may end, and which are off as holidays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Year {
    pub working: DayBits,
    pub terms: DayBits,
}

impl Year {
    pub(super) fn days(&self, what: For) -> &DayBits {
        match what {
            For::Working => &self.working,
            For::Terms => &self.terms,
        }
    }

    pub(super) fn days_mut(&mut self, what: For) -> &mut DayBits {
        match what {
            For::Working => &mut self.working,
            For::Terms => &mut self.terms,
        }
    }
}

/// One bit for each day of a year, by its ordinal from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DayBits([u64; 6]);

impl DayBits {
    /// Returns the days of a year whose weekday, counted from Monday, is wanted.
    pub(super) fn of_weekdays(year: i32, wanted: impl Fn(u32) -> bool) -> Self {
        let mut days = Self::default();
        let first = Date::from_yo_opt(year, 1);
        let length = if first.is_some_and(|first| first.leap_year()) { 366 } else { 365 };
        let monday = first.map_or(0, |first| first.weekday().num_days_from_monday());
        for ordinal0 in 0..length {
            if wanted((monday + ordinal0) % 7) {
                days.set(ordinal0);
            }
        }
        days
    }

    fn place(ordinal0: u32) -> (usize, u64) {
        (usize::try_from(ordinal0 / 64).unwrap_or(usize::MAX), 1 << (ordinal0 % 64))
    }

    pub(super) fn set(&mut self, ordinal0: u32) {
        let (word, bit) = Self::place(ordinal0);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    pub(super) fn clear(&mut self, ordinal0: u32) {
        let (word, bit) = Self::place(ordinal0);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(super) fn has(&self, ordinal0: u32) -> bool {
        let (word, bit) = Self::place(ordinal0);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Keeps the days that are set in both.
    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(other.0) {
            *word &= other;
        }
    }

    pub(super) fn all(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Returns how many bits are set before the day `ordinal0`.
    pub(super) fn before(&self, ordinal0: u32) -> u32 {
        let (last, bit) = Self::place(ordinal0);
        let words = self.0.iter().enumerate().take(last.saturating_add(1));
        let counts = words.map(|(index, word)| {
            if index == last { (word & (bit - 1)).count_ones() } else { word.count_ones() }
        });
        counts.sum()
    }

    /// Returns the ordinal from 0 of the `nth` set bit; the first is 1.
    pub(super) fn nth(&self, nth: u32) -> Option<u32> {
        let mut left = nth.checked_sub(1)?;
        for (index, word) in (0u32..).zip(&self.0) {
            let ones = word.count_ones();
            if left >= ones {
                left -= ones;
                continue;
            }
            let mut rest = *word;
            for _ in 0..left {
                rest &= rest.wrapping_sub(1);
            }
            return Some(index * 64 + rest.trailing_zeros());
        }
        None
    }
}
