//! A penalty that accrues for every day of delay, in tiers, up to a cap.

use super::{CountStep, Date, StepKind, days_between};
use crate::language::Language;
use serde::{Deserialize, Serialize};

/// So many days at so much a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// How many days.
    pub days: u32,
    /// How much for each, in hundredths of the currency.
    pub cents_a_day: u32,
}

/// A penalty for delay. The days after the last tier cost nothing: the tiers are the cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Penalty {
    /// The tiers, in order.
    pub tiers: Vec<Tier>,
    /// The currency, such as `EUR`.
    pub currency: String,
}

/// What is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Owed {
    /// For how many days.
    pub days: u32,
    /// How much, in hundredths of the currency.
    pub cents: u64,
    /// Whether no more will be owed, however long it lasts.
    pub capped: bool,
}

impl Penalty {
    /// Returns for how many days it can be owed: calendar days, days off included.
    pub fn most_days(&self) -> u32 {
        self.tiers.iter().map(|tier| tier.days).fold(0, u32::saturating_add)
    }

    /// Returns what is owed when the last day was `last_day` and the delay lasted up to and with `until`.
    ///
    /// The day after the last day is the first for which it is owed. `until` is the last day of delay: the day before
    /// the decision was made, or today.
    ///
    /// # Source
    /// Awb art. 4:17(2): 23 euros a day for the first fourteen days, 35 for the next fourteen, 45 for the rest, at most
    /// 42 days.
    /// # Examples
    /// ```
    /// use verloop::time::{Penalty, Tier, parse_date};
    /// let tiers = [2_300, 3_500, 4_500].map(|cents_a_day| Tier { days: 14, cents_a_day }).to_vec();
    /// let awb = Penalty { tiers, currency: "EUR".to_owned() };
    /// let owed = awb.owed(parse_date("2026-03-02")?, parse_date("2026-12-31")?);
    /// assert_eq!((owed.days, owed.cents, owed.capped), (42, 144_200, true)); // 1,442 euros
    /// # Ok::<(), verloop::time::TimeError>(())
    /// ```
    pub fn owed(&self, last_day: Date, until: Date) -> Owed {
        let late = u32::try_from(days_between(last_day, until).max(0)).unwrap_or(u32::MAX);
        let (mut left, mut days, mut cents) = (late, 0_u32, 0_u64);
        for tier in &self.tiers {
            let of_tier = left.min(tier.days);
            left -= of_tier;
            days = days.saturating_add(of_tier);
            cents = cents.saturating_add(u64::from(of_tier) * u64::from(tier.cents_a_day));
        }
        Owed { days, cents, capped: days == self.most_days() }
    }

    /// Returns the steps by which [`Penalty::owed`] comes to its amount: one for each tier that is reached.
    pub fn steps(&self, last_day: Date, until: Date) -> Vec<CountStep> {
        let late = days_between(last_day, until).max(0);
        let mut before = 0;
        let mut steps = Vec::new();
        for tier in &self.tiers {
            let days = (late - before).clamp(0, i64::from(tier.days));
            let on = |days: i64| last_day.checked_add_signed(chrono::TimeDelta::days(days));
            let (Some(from), Some(date)) = (on(before + 1), on(before + days)) else { break };
            if days == 0 {
                break;
            }
            let (cents_a_day, currency) = (tier.cents_a_day, self.currency.clone());
            let kind = StepKind::Penalty { from, days, cents_a_day, currency };
            steps.push(CountStep { kind, date, source: None });
            before += days;
        }
        steps
    }

    /// Returns an amount as people read it: `EUR 1,442.00`, `€ 1.442,00` in Dutch.
    pub fn amount(&self, cents: u64, language: Language) -> String {
        money(&self.currency, cents, language)
    }
}

/// Returns an amount of a currency as people read it.
pub(super) fn money(currency: &str, cents: u64, language: Language) -> String {
    let (thousands, decimal) = language.pick((".", ","), (",", "."));
    let whole = (cents / 100).to_string();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push_str(thousands);
        }
        grouped.push(digit);
    }
    let currency = match (currency, language) {
        ("EUR", Language::Nl) => "€",
        (other, _) => other,
    };
    format!("{currency} {grouped}{decimal}{:02}", cents % 100)
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::time::parse_date;
    use proptest::prelude::*;

    fn awb() -> Penalty {
        let tiers = [2_300, 3_500, 4_500].map(|cents_a_day| Tier { days: 14, cents_a_day });
        Penalty { tiers: tiers.to_vec(), currency: "EUR".to_owned() }
    }

    #[test]
    fn a_penalty_grows_by_the_day_to_its_cap() {
        let last_day = parse_date("2026-03-02").expect("a date");
        for (until, days, cents) in [
            ("2026-03-01", 0, 0),
            ("2026-03-02", 0, 0),
            ("2026-03-03", 1, 2_300),
            ("2026-03-16", 14, 32_200),
            ("2026-03-17", 15, 35_700),
            ("2026-03-30", 28, 81_200),
            ("2026-03-31", 29, 85_700),
            ("2026-04-13", 42, 144_200), // Awb 4:17(2): 1,442 euros
            ("2026-04-14", 42, 144_200),
        ] {
            let owed = awb().owed(last_day, parse_date(until).expect(until));
            assert_eq!((owed.days, owed.cents), (days, cents), "{until}");
            assert_eq!(owed.capped, days == 42);
        }
        assert_eq!(awb().amount(144_200, Language::Nl), "€ 1.442,00");
        assert_eq!(awb().amount(144_205, Language::En), "EUR 1,442.05");
    }

    proptest! {
        #[test]
        fn a_longer_delay_never_costs_less(days in -100i64..200) {
            let last_day = parse_date("2026-03-02").expect("a date");
            let on = |days| last_day.checked_add_signed(chrono::TimeDelta::days(days)).expect("a date");
            let (shorter, longer) = (awb().owed(last_day, on(days)), awb().owed(last_day, on(days + 1)));
            prop_assert!(shorter.cents <= longer.cents && longer.days - shorter.days <= 1);
        }
    }
}
