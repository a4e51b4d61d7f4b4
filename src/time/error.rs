//! What can be wrong with a request for a date.

use super::{Date, TermError};
use thiserror::Error;

/// Why a text could not be read as a time, or a date could not be computed.
///
/// Handling: all of these stand in what somebody wrote (a procedure, a calendar, a request), so they are shown to its
/// author with [`TimeError::help`]. None of them is a fault of the machine.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the sentence above each variant names its values")]
pub enum TimeError {
    /// A time zone that the bundled database does not have, with the nearest name that it has.
    #[error("unknown time zone `{name}`")]
    UnknownZone { name: String, like: Option<String> },
    /// A calendar that is not shipped and was not given.
    #[error("unknown calendar `{name}`")]
    UnknownCalendar { name: String, like: Option<String> },
    /// A counting rule that is not shipped and was not given.
    #[error("unknown counting rule `{name}`")]
    UnknownCounting { name: String, like: Option<String> },
    /// A jurisdiction that is not shipped.
    #[error("unknown jurisdiction `{name}`")]
    UnknownJurisdiction { name: String, like: Option<String> },
    /// A text that is no direction to roll in.
    #[error("`{text}` is no way to roll")]
    BadRoll { text: String },
    /// A text that is no date.
    #[error("`{text}` is no date")]
    BadDate { text: String },
    /// A text that is no date and time.
    #[error("`{text}` is no date and time")]
    BadInstant { text: String },
    /// A text that is no term.
    #[error(transparent)]
    Term(#[from] TermError),
    /// The answer lies before the year 1 or after the year 9999.
    #[error("the date lies outside the years 1 to 9999")]
    OutOfRange,
    /// In this calendar no day comes on which work is done or a term may end.
    #[error("calendar `{calendar}` has no working day near {near}")]
    NoWorkingDay { calendar: String, near: Date },
    /// A term in days was to be lengthened or limited by hours, or hours by working days.
    #[error("{outer} can't be combined with {inner}")]
    MixedUnits { outer: String, inner: String },
    /// A pause that ends before it starts.
    #[error("the pause that starts on {from} ends before that, on {to}")]
    PauseEndsFirst { from: Date, to: Date },
    /// A pause of more than a hundred years.
    #[error("the pause from {from} to {to} is longer than 100 years")]
    PauseTooLong { from: Date, to: Date },
    /// A pause that has no end, no limit and no moment up to which to count: no date can be given.
    #[error("the clock stands still since {since} and has no end yet")]
    StandsStill { since: Date },
    /// A calendar's data are wrong; `place` is the path of keys.
    #[error("calendar: {place}: {what}")]
    BadCalendar { place: String, what: String },
    /// A counting rule's data are wrong; `place` is the path of keys.
    #[error("counting rule: {place}: {what}")]
    BadCounting { place: String, what: String },
    /// Two calendars that are made of each other.
    #[error("calendar `{name}` is made of itself")]
    CalendarOfItself { name: String },
    /// A term that is counted back from an event was to be suspended, lengthened or begun anew.
    #[error("a term that is counted back from an event can't {what}")]
    Backwards { what: &'static str },
    /// A term that hangs on the case, and can't be read from it.
    #[error("how long the term is is not known")]
    TermNotKnown,
    /// Two terms that can't be counted as one from the same start.
    #[error("{term} and {by} can't be counted as one term from the start")]
    NotOneTerm { term: String, by: String },
}

impl TimeError {
    /// Returns the stable code of the error, in lower case with hyphens.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownZone { .. } => "unknown-time-zone",
            Self::UnknownCalendar { .. } => "unknown-calendar",
            Self::UnknownCounting { .. } => "unknown-counting",
            Self::UnknownJurisdiction { .. } => "unknown-jurisdiction",
            Self::BadRoll { .. } => "bad-roll",
            Self::BadDate { .. } => "bad-date",
            Self::BadInstant { .. } => "bad-instant",
            Self::Term(error) => error.code(),
            Self::OutOfRange => "date-out-of-range",
            Self::NoWorkingDay { .. } => "no-working-day",
            Self::MixedUnits { .. } => "mixed-units",
            Self::PauseEndsFirst { .. } => "pause-ends-first",
            Self::PauseTooLong { .. } => "pause-too-long",
            Self::StandsStill { .. } => "stands-still",
            Self::BadCalendar { .. } => "bad-calendar",
            Self::BadCounting { .. } => "bad-counting",
            Self::CalendarOfItself { .. } => "calendar-of-itself",
            Self::Backwards { .. } => "counted-backwards",
            Self::TermNotKnown => "term-not-known",
            Self::NotOneTerm { .. } => "not-one-term",
        }
    }

    /// Returns the path of keys at which a calendar or a counting rule is wrong, and what is wrong there.
    pub(crate) fn place(&self) -> Option<(&str, String)> {
        if let Self::BadCalendar { place, what } | Self::BadCounting { place, what } = self {
            return Some((place, what.clone()));
        }
        None
    }

    /// Returns a sentence that says what to do.
    pub fn help(&self) -> String {
        let known = |like: &Option<String>, otherwise: &str| match like {
            Some(like) => format!("did you mean `{like}`?"),
            None => otherwise.to_owned(),
        };
        match self {
            Self::UnknownZone { like, .. } => {
                known(like, "write a name of the IANA database, such as `Europe/Amsterdam`")
            }
            Self::UnknownCalendar { like, .. } => {
                known(like, "`verloop calendar list` names them; `none` has no days off")
            }
            Self::UnknownCounting { like, .. } => {
                known(like, "`verloop calendar list` names them; `plain` counts from the day after")
            }
            Self::UnknownJurisdiction { like, .. } => {
                known(like, "`verloop calendar list` names them; `none` has no days off")
            }
            Self::BadRoll { .. } => "write `forward`, `back` or `none`".to_owned(),
            Self::BadDate { .. } => "write it as `2026-03-02`".to_owned(),
            Self::BadInstant { .. } => {
                "write it as `2026-03-02T09:00+01:00`, as a local time `2026-03-02 09:00`, or as a date".to_owned()
            }
            Self::Term(error) => error.help(),
            Self::OutOfRange => "take a shorter term or an earlier start".to_owned(),
            Self::NoWorkingDay { .. } => "let the calendar have a working day".to_owned(),
            Self::MixedUnits { .. } => {
                "hours go with hours: write both in hours, or both in days or longer".to_owned()
            }
            Self::PauseEndsFirst { .. } => "let `to` come after `from`".to_owned(),
            Self::PauseTooLong { .. } => "a clock stands still for at most `100 years`".to_owned(),
            Self::StandsStill { .. } => {
                "say when it ended (`to`), how long it may last (`at-most`), or up to when to count (`as-of`)".to_owned()
            }
            Self::BadCalendar { .. } => {
                "see schemas/calendar.schema.json for what a calendar may say".to_owned()
            }
            Self::BadCounting { .. } => {
                "see schemas/counting.schema.json for what a counting rule may say".to_owned()
            }
            Self::CalendarOfItself { .. } => {
                "leave it out of `includes` and `excludes`, there or here".to_owned()
            }
            Self::Backwards { .. } => "leave that out: its end is fixed by the event".to_owned(),
            Self::TermNotKnown => "record what the term hangs on".to_owned(),
            Self::NotOneTerm { .. } => {
                "lengthen days by days or weeks, and months by months or years, or count from the end".to_owned()
            }
        }
    }
}

/// Returns what somebody typed in a form that is safe to show: short, and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    let safe: String = short.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    safe + dots
}

/// Returns the name among `names` that is nearest to `wanted`, if one is near.
pub(crate) fn nearest(wanted: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let wanted: String = wanted.chars().take(60).collect::<String>().to_lowercase();
    let near = names.map(|name| (strsim::jaro_winkler(&wanted, &name.to_lowercase()), name));
    let best = near.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(likeness, _)| *likeness > 0.85).map(|(_, name)| name)
}
