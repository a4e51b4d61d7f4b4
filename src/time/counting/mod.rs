//! Counting rules: how a law makes a date of a term, as named data.
//!
//! A rule is read from a file (`document`) in which each part names its source. Where the law changed, the rule says
//! from when: the day of the event from which is counted decides which text holds ([`Counting::on`]).

mod document;

use super::{Date, For, Term, TimeError, Unit};
use crate::language::Text;
use crate::time::error::shown;
use std::str::FromStr;

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

/// The article that a part of a rule rests on, if a law says it.
pub(super) type Source = Option<String>;

/// Whether the day of the event belongs to the term.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventDay {
    /// The day of the event is day 1; otherwise the term starts the day after.
    pub counts: bool,
    /// The article.
    pub source: Source,
}

/// The day on which a term would end is left out as well: *délai franc*, clear days. It ends a day later, or a day
/// earlier where it is counted back from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clear {
    /// In a term that runs from an event.
    pub forwards: bool,
    /// In a term that is counted back from an event.
    pub backwards: bool,
    /// The article.
    pub source: Source,
}

/// What happens to an end on a day off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaysOff {
    /// To the end of a term that runs from an event.
    pub roll: Roll,
    /// To the end of a term that is counted back from an event.
    pub backwards: Roll,
    /// Which days off move an end.
    pub days: For,
    /// The article.
    pub source: Source,
}

impl Default for DaysOff {
    fn default() -> Self {
        Self { roll: Roll::None, backwards: Roll::None, days: For::Terms, source: None }
    }
}

/// The longest terms, unit by unit, that a law's rules on days off reach. `None` is a unit that they reach whatever the
/// amount; 0 is one that they never reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reach {
    /// Days, working days included.
    pub days: Option<u32>,
    /// Weeks.
    pub weeks: Option<u32>,
    /// Months.
    pub months: Option<u32>,
    /// Years.
    pub years: Option<u32>,
    /// The article.
    pub source: Source,
}

impl Reach {
    /// Says whether the law's rules on days off reach a term, as the term is written: 90 days are not three months.
    ///
    /// Hours have a rule of their own ([`HoursRule`]).
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

/// How months and years are counted. They end on the day with the same number as the day of the event, or on the last of
/// a month that has no such day, unless they are counted from the first day of the term to the eve of the same number:
/// a month from 30 June then runs from 1 July to 31 July.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MonthsRule {
    /// They are counted from the first day of the term.
    pub from_first_day: bool,
    /// The article.
    pub source: Source,
}

/// How many days on which a term may end a term must hold at least, if it is long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtLeast {
    /// The number of such days.
    pub days: u32,
    /// The shortest term for which it holds, in days; a week, month or year always is long enough.
    pub in_terms_of: u32,
    /// The article.
    pub source: Source,
}

impl AtLeast {
    /// Says whether a term is long enough.
    pub fn reaches(&self, term: Term) -> bool {
        match term.unit() {
            Unit::Hours => false,
            Unit::Days | Unit::WorkingDays => term.amount() >= self.in_terms_of,
            Unit::Weeks | Unit::Months | Unit::Years => true,
        }
    }
}

/// Terms so short that only working days count in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortTerms {
    /// The longest of them, in days.
    pub up_to: u32,
    /// The article.
    pub source: Source,
}

/// How hours are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursRule {
    /// The hour of the event is not counted: the term starts with the next whole hour.
    pub from_next_hour: bool,
    /// [`Roll::Forward`]: an end on a day off moves to the same hour of the next day that is none.
    pub roll: Roll,
    /// The article.
    pub source: Source,
}

impl Default for HoursRule {
    fn default() -> Self {
        Self { from_next_hour: false, roll: Roll::None, source: None }
    }
}

/// When an event counts as if it had happened on the next working day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// After so many minutes of the day.
    pub until_minute: Option<u32>,
    /// On a day off.
    pub not_on_days_off: bool,
    /// The article.
    pub source: Source,
}

/// So long after the posting the law holds a letter to be received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deemed {
    /// How long after.
    pub after: Term,
    /// The article.
    pub source: Source,
}

/// Which of its own first and last day a standstill takes out of the count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandstillDays {
    /// The day on which it begins is taken out.
    pub first: bool,
    /// The day on which it ends is taken out.
    pub last: bool,
    /// The article.
    pub source: Source,
}

impl Default for StandstillDays {
    fn default() -> Self {
        Self { first: true, last: false, source: None }
    }
}

/// What a counting rule says from some day on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// Whether the day of the event counts.
    pub event_day: EventDay,
    /// Whether the last day is left out as well.
    pub clear: Option<Clear>,
    /// What happens to an end on a day off.
    pub days_off: DaysOff,
    /// Which terms that reaches, and `at_least`.
    pub reach: Reach,
    /// How many days on which a term may end it must hold.
    pub at_least: Option<AtLeast>,
    /// How months and years are counted.
    pub months: MonthsRule,
    /// Terms in which only working days count.
    pub short_terms: Option<ShortTerms>,
    /// How hours are counted.
    pub hours: HoursRule,
    /// When an event counts as of the next working day.
    pub receipt: Option<Receipt>,
    /// When a letter counts as received.
    pub deemed: Option<Deemed>,
    /// Which days of a standstill are taken out.
    pub standstill: StandstillDays,
}

/// A named counting rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    name: String,
    title: Text,
    version: String,
    /// What it says, in order of the first day of the event for which it holds; the first one has no such day.
    texts: Vec<(Option<Date>, Rules)>,
}

impl Default for Counting {
    /// The day after, and nothing else: what people mean when no law says more.
    fn default() -> Self {
        Self {
            name: "plain".to_owned(),
            title: Text::plain("plain"),
            version: "1".to_owned(),
            texts: vec![(None, Rules::default())],
        }
    }
}

static NOTHING: Rules = Rules {
    event_day: EventDay { counts: false, source: None },
    clear: None,
    days_off: DaysOff { roll: Roll::None, backwards: Roll::None, days: For::Terms, source: None },
    reach: Reach { days: None, weeks: None, months: None, years: None, source: None },
    at_least: None,
    months: MonthsRule { from_first_day: false, source: None },
    short_terms: None,
    hours: HoursRule { from_next_hour: false, roll: Roll::None, source: None },
    receipt: None,
    deemed: None,
    standstill: StandstillDays { first: true, last: false, source: None },
};

impl Counting {
    /// Returns the name that procedures use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what people call the rule.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// Returns the version of the data.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns what the rule says for an event on a day, and since when, where the law changed.
    pub fn on(&self, day: Date) -> (&Rules, Option<Date>) {
        let holds = |(from, _): &&(Option<Date>, Rules)| from.is_none_or(|from| from <= day);
        let text = self.texts.iter().rfind(holds);
        text.map_or((&NOTHING, None), |(from, rules)| (rules, *from))
    }
}
