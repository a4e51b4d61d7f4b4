//! Counting rules: how a law makes a date of a term, as named data.

use super::error::shown;
use super::{For, Term, TimeError, Unit};
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

/// Whether the day of the event belongs to the term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstDay {
    /// The term starts the day after: one day from Monday ends on Tuesday.
    DayAfter,
    /// The day of the event is day 1: one day from Monday ends on Monday.
    SameDay,
}

/// What happens when the last day is one on which no term may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roll {
    /// Nothing: the term ends on that day.
    None,
    /// It runs on to the next day on which a term may end.
    Forward,
    /// It ends on the last such day before.
    Back,
}

impl FromStr for Roll {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        match text {
            "none" => Ok(Self::None),
            "forward" => Ok(Self::Forward),
            "back" => Ok(Self::Back),
            _ => Err(TimeError::BadRoll { text: shown(text) }),
        }
    }
}

/// The longest terms, unit by unit, that a law's rules on days off reach. `None` is a unit that they reach whatever the
/// amount; 0 is one that they never reach. Hours are never reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollScope {
    /// Days, working days included.
    pub days: Option<u32>,
    /// Weeks.
    pub weeks: Option<u32>,
    /// Months.
    pub months: Option<u32>,
    /// Years.
    pub years: Option<u32>,
}

impl RollScope {
    const ALL: RollScope = RollScope { days: None, weeks: None, months: None, years: None };

    /// Says whether the law's rules on days off reach a term, as the term is written: 90 days are not three months.
    pub fn reaches(&self, term: Term) -> bool {
        let most = match term.unit() {
            Unit::Hours => return false,
            Unit::Days | Unit::WorkingDays => self.days,
            Unit::Weeks => self.weeks,
            Unit::Months => self.months,
            Unit::Years => self.years,
        };
        most.is_none_or(|most| term.amount() <= most)
    }
}

/// How many days on which a term may end a term must hold at least, if it is long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinimumDays {
    /// The shortest term for which it holds, in days.
    pub from_days: u32,
    /// The number of such days.
    pub at_least: u32,
    /// The article that says so.
    pub source: &'static str,
}

impl MinimumDays {
    /// Says whether a term is long enough; a week, month or year always is.
    pub fn reaches(&self, term: Term) -> bool {
        match term.unit() {
            Unit::Hours => false,
            Unit::Days | Unit::WorkingDays => term.amount() >= self.from_days,
            Unit::Weeks | Unit::Months | Unit::Years => true,
        }
    }
}

/// Which of its own first and last day a standstill takes out of the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspensionDays {
    /// The day on which it begins is taken out.
    pub first: bool,
    /// The day on which it ends is taken out.
    pub last: bool,
    /// The article that says so, if a law does.
    pub source: Option<&'static str>,
}

/// A named counting rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    pub(super) name: &'static str,
    pub(super) first_day: FirstDay,
    pub(super) first_day_source: Option<&'static str>,
    pub(super) roll: Roll,
    pub(super) roll_source: Option<&'static str>,
    pub(super) ends_on: For,
    pub(super) scope: RollScope,
    pub(super) scope_source: Option<&'static str>,
    pub(super) minimum: Option<MinimumDays>,
    pub(super) suspension: SuspensionDays,
}

/// The day after, and nothing else: what people mean when no law says more.
const PLAIN: Counting = Counting {
    name: "plain",
    first_day: FirstDay::DayAfter,
    first_day_source: None,
    roll: Roll::None,
    roll_source: None,
    ends_on: For::Terms,
    scope: RollScope::ALL,
    scope_source: None,
    minimum: None,
    suspension: SuspensionDays { first: true, last: false, source: None },
};

/// Dutch administrative law: the Awb with the Algemene termijnenwet (Atw).
///
/// The Atw does not reach terms in hours, in years, in more than 90 days, twelve weeks or three months (art. 4(a)). A
/// clock stands still from the day after a request up to, and without, the day of the repair (Awb 4:15, 7:10(2)).
const NL_AWB: Counting = Counting {
    name: "nl-awb",
    first_day_source: Some("Awb art. 6:8(1)"),
    roll: Roll::Forward,
    roll_source: Some("Atw art. 1(1)"),
    scope: RollScope { days: Some(90), weeks: Some(12), months: Some(3), years: Some(0) },
    scope_source: Some("Atw art. 4(a)"),
    minimum: Some(MinimumDays { from_days: 3, at_least: 2, source: "Atw art. 2" }),
    suspension: SuspensionDays {
        first: false,
        last: false,
        source: Some("Awb art. 4:15, 7:10(2)"),
    },
    ..PLAIN
};

/// The Dutch Open Government Act (Woo): as the Awb, but the last day of a standstill is taken out as well.
const NL_WOO: Counting = Counting {
    name: "nl-woo",
    first_day_source: Some("Woo art. 4.4(1)"),
    suspension: SuspensionDays { first: false, last: true, source: Some("Woo art. 4.4(3)") },
    ..NL_AWB
};

/// European law: Regulation (EEC, Euratom) 1182/71. All terms move, but those in hours.
const EU_1182_71: Counting = Counting {
    name: "eu-1182-71",
    first_day_source: Some("Regulation 1182/71 art. 3(1)"),
    roll: Roll::Forward,
    roll_source: Some("Regulation 1182/71 art. 3(4)"),
    minimum: Some(MinimumDays {
        from_days: 2,
        at_least: 2,
        source: "Regulation 1182/71 art. 3(5)",
    }),
    ..PLAIN
};

/// The day of the event is day 1: "30 days beginning when it is received".
const SAME_DAY: Counting = Counting { name: "same-day", first_day: FirstDay::SameDay, ..PLAIN };

static SHIPPED: LazyLock<[Arc<Counting>; 5]> =
    LazyLock::new(|| [PLAIN, SAME_DAY, NL_AWB, NL_WOO, EU_1182_71].map(Arc::new));

impl Default for Counting {
    /// The day after, and nothing else.
    fn default() -> Self {
        PLAIN
    }
}

impl Counting {
    /// Returns the shipped counting rule with this name.
    pub fn built_in(name: &str) -> Option<Arc<Counting>> {
        SHIPPED.iter().find(|counting| counting.name == name).map(Arc::clone)
    }

    /// Returns the names of the shipped counting rules.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|counting| counting.name)
    }

    /// Returns the name that procedures use.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Returns whether the day of the event belongs to the term.
    pub fn first_day(&self) -> FirstDay {
        self.first_day
    }

    /// Returns what happens to a term that ends on a day off.
    pub fn roll(&self) -> Roll {
        self.roll
    }

    /// Returns which days off move an end.
    pub fn ends_on(&self) -> For {
        self.ends_on
    }

    /// Returns the terms to which the rules on days off apply.
    pub fn scope(&self) -> RollScope {
        self.scope
    }

    /// Returns how many days on which a term may end a term must hold.
    pub fn minimum(&self) -> Option<MinimumDays> {
        self.minimum
    }

    /// Returns which days of a standstill are taken out of the count.
    pub fn suspension(&self) -> SuspensionDays {
        self.suspension
    }
}
