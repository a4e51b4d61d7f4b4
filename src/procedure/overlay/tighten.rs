//! Which of two terms ends sooner: told by counting, not by the words.
//!
//! Ten working days end before two weeks from a Saturday and after them at Christmas; thirty days end before a month in
//! January and after it in February; and under some rules a term of five days ends later than one of six. So two terms
//! are compared by the calendar and the counting rule of the base, from every day of some years. What ends later from
//! one of these days only is not sooner.

use crate::time::{
    Almanac, Calendar, Counting, Date, Jurisdiction, Reckoning, Term, TimeZone, Unit, parse_date,
    reckon,
};
use crate::yaml::Node;
use std::sync::Arc;

/// The first and the last day that are tried: in 28 years every date falls on every day of the week, leap days too.
const TRIED: [&str; 2] = ["2024-01-01", "2051-12-31"];

/// How a base counts what stands at a place.
pub(super) struct Law {
    zone: TimeZone,
    calendar: Arc<Calendar>,
    counting: Arc<Counting>,
    /// Whether terms are counted back, so that a longer one ends sooner.
    pub(super) backwards: bool,
}

impl Law {
    /// Returns how a text counts, with what a deadline of it says otherwise. A name that is not known is reported where it
    /// stands.
    pub(super) fn of(root: &Node, deadline: Option<&Node>, almanac: &Almanac) -> Self {
        let said = |key: &str| root.get(key).and_then(Node::as_str);
        let jurisdiction = said("jurisdiction").and_then(|name| almanac.jurisdiction(name).ok());
        let Jurisdiction { time_zone, calendar, counting } = jurisdiction.unwrap_or_default();
        let nearest = |key: &str| {
            deadline.and_then(|deadline| deadline.get(key)).and_then(Node::as_str).or(said(key))
        };
        Self {
            zone: said("time-zone")
                .and_then(|name| TimeZone::named(name).ok())
                .unwrap_or(time_zone),
            calendar: nearest("calendar")
                .and_then(|name| almanac.calendar(name).ok())
                .unwrap_or(calendar),
            counting: nearest("counting")
                .and_then(|name| almanac.counting(name).ok())
                .unwrap_or(counting),
            backwards: false,
        }
    }

    /// Says whether no rule of the law reaches only one of two terms of the same unit: then the larger amount ends no sooner.
    fn counts_alike(&self, one: Term, other: Term, day: Date) -> bool {
        let (rules, _) = self.counting.on(day);
        let at_least = rules.at_least.as_ref();
        rules.short_terms.is_none()
            && rules.reach.reaches(one) == rules.reach.reaches(other)
            && at_least.is_none_or(|rule| rule.reaches(one) == rule.reaches(other))
    }

    pub(super) fn end(&self, term: Term, from: Date) -> Option<Date> {
        let starts = from.and_hms_opt(12, 0, 0)?.and_utc();
        let mut count = Reckoning::new(starts, &self.zone, term, &self.calendar, &self.counting);
        count.backwards = self.backwards;
        reckon(&count).ok().map(|end| end.last_day)
    }
}

/// How two terms stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// They never end on the wrong side of each other.
    Within,
    /// It is too much, and from no day less.
    Beyond,
    /// From some days it is too much, and from others not.
    Sometimes {
        /// Such a day.
        from: Date,
        /// The end by the base.
        base: Date,
        /// The end by the overlay.
        own: Date,
    },
    /// They can't be counted against each other: hours and days.
    Incomparable,
}

/// Which way a term may go; of one that is counted back, the other end of it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It is no longer.
    Sooner,
    /// It is no shorter.
    Later,
}

/// Says how a term stands to that of the base, if it may only go one way.
pub(super) fn compare(base: Term, own: Term, way: Way, law: &Law) -> Compared {
    if base == own {
        return Compared::Within;
    }
    let hours = |term: Term| term.unit() == Unit::Hours;
    if hours(base) && hours(own) {
        let within = match way {
            Way::Sooner => own.amount() <= base.amount(),
            Way::Later => own.amount() >= base.amount(),
        };
        return if within { Compared::Within } else { Compared::Beyond };
    }
    if hours(base) || hours(own) {
        return Compared::Incomparable;
    }
    let [first, last] = TRIED.map(|day| parse_date(day).ok());
    if base.unit() == own.unit()
        && [first, last].iter().flatten().all(|day| law.counts_alike(base, own, *day))
    {
        return if beyond(base, own, way) { Compared::Beyond } else { Compared::Within };
    }
    let (mut first_beyond, mut always, mut day) = (None, true, first);
    while let Some(from) = day.filter(|day| Some(*day) <= last) {
        let (Some(base), Some(own)) = (law.end(base, from), law.end(own, from)) else {
            return Compared::Incomparable;
        };
        let is_beyond = match (way, law.backwards) {
            (Way::Sooner, false) | (Way::Later, true) => own > base,
            (Way::Later, false) | (Way::Sooner, true) => own < base,
        };
        if is_beyond {
            first_beyond = first_beyond.or(Some((from, base, own)));
        } else if own != base {
            always = false;
        }
        if let (Some((from, base, own)), false) = (first_beyond, always) {
            return Compared::Sometimes { from, base, own };
        }
        day = from.succ_opt();
    }
    // Too much from some days, and the same from all others.
    if first_beyond.is_some() { Compared::Beyond } else { Compared::Within }
}

/// Says whether an amount of the same unit is too much by itself.
fn beyond(base: Term, own: Term, way: Way) -> bool {
    match way {
        Way::Sooner => own.amount() > base.amount(),
        Way::Later => own.amount() < base.amount(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::yaml::{Limits, read};

    fn law(text: &str) -> Law {
        let root = read(&Source::new("base.yaml", text), &Limits::default()).unwrap();
        Law::of(&root, None, &Almanac::shipped())
    }

    fn word(base: &str, own: &str, way: Way, law: &Law) -> &'static str {
        match compare(base.parse().unwrap(), own.parse().unwrap(), way, law) {
            Compared::Within => "within",
            Compared::Beyond => "beyond",
            Compared::Sometimes { .. } => "sometimes",
            Compared::Incomparable => "incomparable",
        }
    }

    #[test]
    fn a_term_of_the_organisation_gets_shorter_only() {
        let nl = law("jurisdiction: nl");
        for (base, own, expected) in [
            ("6 weeks", "6 weeks", "within"),
            ("6 weeks", "4 weeks", "within"),
            ("6 weeks", "7 weeks", "beyond"),
            ("6 weeks", "42 days", "within"),
            ("6 weeks", "43 days", "beyond"),
            ("6 weeks", "1 month", "within"),
            ("6 weeks", "2 months", "beyond"),
            ("1 month", "30 days", "sometimes"),
            ("1 month", "28 days", "within"),
            ("1 month", "4 weeks", "within"),
            ("12 months", "1 year", "within"),
            ("1 year", "365 days", "within"),
            ("1 year", "366 days", "beyond"),
            ("2 weeks", "10 working days", "sometimes"),
            ("2 weeks", "5 working days", "within"),
            // From a Saturday ten working days end on a Friday, and two weeks on a Monday.
            ("10 working days", "2 weeks", "sometimes"),
            ("10 working days", "1 week", "within"),
            ("5 working days", "1 week", "sometimes"),
            ("1 week", "5 working days", "sometimes"),
            ("2 days", "48 hours", "incomparable"),
            ("48 hours", "24 hours", "within"),
            ("24 hours", "48 hours", "beyond"),
        ] {
            assert_eq!(word(base, own, Way::Sooner, &nl), expected, "{base} → {own}");
        }
    }

    #[test]
    fn a_term_in_which_somebody_may_act_gets_longer_only() {
        let nl = law("jurisdiction: nl");
        for (base, own, expected) in [
            ("6 weeks", "8 weeks", "within"),
            ("6 weeks", "5 weeks", "beyond"),
            ("6 weeks", "2 months", "within"),
            ("1 month", "30 days", "sometimes"),
            ("1 month", "31 days", "within"),
            ("2 weeks", "10 working days", "sometimes"),
            ("2 weeks", "15 working days", "within"),
            ("1 day", "24 hours", "incomparable"),
        ] {
            assert_eq!(word(base, own, Way::Later, &nl), expected, "{base} → {own}");
        }
    }

    #[test]
    fn a_term_that_is_counted_back_is_longer_where_it_ends_sooner() {
        let mut nl = law("jurisdiction: nl");
        nl.backwards = true;
        for (base, own, way, expected) in [
            ("10 days", "2 weeks", Way::Later, "within"),
            ("10 days", "1 week", Way::Later, "beyond"),
            ("10 days", "1 week", Way::Sooner, "within"),
            ("10 days", "2 weeks", Way::Sooner, "beyond"),
        ] {
            assert_eq!(word(base, own, way, &nl), expected, "{base} → {own}");
        }
    }

    /// CPR 2.8(4): a term of five days or less leaves out weekends, so that six days may end sooner.
    #[test]
    fn the_counting_rule_decides_and_not_the_number() {
        let cpr = law("jurisdiction: uk-england-wales\ncounting: uk-cpr");
        assert_eq!(word("6 days", "5 days", Way::Sooner, &cpr), "sometimes");
        assert_eq!(word("14 days", "7 days", Way::Sooner, &cpr), "within");
        let plain = law("counting: plain");
        assert_eq!(word("6 days", "5 days", Way::Sooner, &plain), "within");
        // Atw 4: a term of more than ninety days is not moved from a day off, and one of ninety is.
        let nl = law("jurisdiction: nl");
        assert_eq!(word("91 days", "90 days", Way::Sooner, &nl), "sometimes");
        assert_eq!(word("90 days", "89 days", Way::Sooner, &nl), "within");
    }
}
