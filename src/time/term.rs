//! Terms: how long something may take, as people write it.

use super::error::{nearest, shown};
use crate::language::Language;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What a term is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Hours that pass on any clock, days off included.
    Hours,
    /// Calendar days.
    Days,
    /// Days on which work is done, by a calendar.
    WorkingDays,
    /// Weeks: they end on the same day of the week.
    Weeks,
    /// Months: they end on the same day of the month, or on its last day where there is no such day.
    Months,
    /// Years: as months.
    Years,
}

impl Unit {
    const ALL: [Unit; 6] =
        [Unit::Hours, Unit::Days, Unit::WorkingDays, Unit::Weeks, Unit::Months, Unit::Years];

    /// Returns the largest amount that a term may have: a hundred years.
    pub fn most(self) -> u32 {
        match self {
            Unit::Hours => 876_600,
            Unit::Days | Unit::WorkingDays => 36_525,
            Unit::Weeks => 5_218,
            Unit::Months => 1_200,
            Unit::Years => 100,
        }
    }

    /// Returns the word for several of it, as terms are written.
    pub fn plural(self) -> &'static str {
        self.words(Language::En).1
    }

    /// Returns the word for one and for several, in a language.
    fn words(self, language: Language) -> (&'static str, &'static str) {
        match (self, language) {
            (Unit::Hours, Language::En) => ("hour", "hours"),
            (Unit::Hours, Language::Nl) => ("uur", "uur"),
            (Unit::Days, Language::En) => ("day", "days"),
            (Unit::Days, Language::Nl) => ("dag", "dagen"),
            (Unit::WorkingDays, Language::En) => ("working day", "working days"),
            (Unit::WorkingDays, Language::Nl) => ("werkdag", "werkdagen"),
            (Unit::Weeks, Language::En) => ("week", "weeks"),
            (Unit::Weeks, Language::Nl) => ("week", "weken"),
            (Unit::Months, Language::En) => ("month", "months"),
            (Unit::Months, Language::Nl) => ("maand", "maanden"),
            (Unit::Years, Language::En) => ("year", "years"),
            (Unit::Years, Language::Nl) => ("jaar", "jaar"),
        }
    }

    /// Returns an amount of this unit in words: `6 weeks`, `1 werkdag`.
    pub(crate) fn in_words(self, amount: i64, language: Language) -> String {
        let (one, several) = self.words(language);
        format!("{amount} {}", if amount == 1 { one } else { several })
    }

    fn from_word(word: &str) -> Option<Unit> {
        let spoken = |unit: &Unit| {
            let (one, several) = unit.words(Language::En);
            let (een, meer) = unit.words(Language::Nl);
            [one, several, een, meer].contains(&word)
        };
        let unit = Unit::ALL.into_iter().find(spoken);
        unit.or(match word {
            "uren" => Some(Unit::Hours),
            "jaren" => Some(Unit::Years),
            "calendar day" | "calendar days" | "kalenderdag" | "kalenderdagen" => Some(Unit::Days),
            _ => None,
        })
    }
}

/// How long something may take: a whole, positive amount of one unit, at most a hundred years.
///
/// # Examples
/// ```
/// use verloop::time::{Term, Unit};
/// let term: Term = "10 werkdagen".parse()?;
/// assert_eq!((term.amount(), term.unit()), (10, Unit::WorkingDays));
/// assert_eq!("P6W".parse::<Term>()?.to_string(), "6 weeks");
/// # Ok::<(), verloop::time::TermError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Term {
    amount: u32,
    unit: Unit,
}

/// Why a text is no term. Handling: show it to who wrote it, with [`TermError::help`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`text` and `unit` are what was typed, `like` is the nearest word")]
pub enum TermError {
    /// No amount and unit can be seen in it.
    #[error("`{text}` is no term")]
    Unreadable { text: String },
    /// An amount of nothing.
    #[error("`{text}` names no unit")]
    NoUnit { text: String },
    /// The amount is zero.
    #[error("a term of nothing: `{text}`")]
    Zero { text: String },
    /// The amount is less than zero.
    #[error("a negative term: `{text}`")]
    Negative { text: String },
    /// The amount is not whole.
    #[error("a fraction of a unit: `{text}`")]
    Fraction { text: String },
    /// A unit that is not known, with the nearest one that is.
    #[error("unknown unit `{unit}`")]
    UnknownUnit { unit: String, like: Option<String> },
    /// More than one amount.
    #[error("several amounts in one term: `{text}`")]
    Several { text: String },
    /// More than a hundred years.
    #[error("a term of more than 100 years: `{text}`")]
    TooLong { text: String },
}

impl TermError {
    /// Returns the stable code of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "bad-term",
            Self::NoUnit { .. } => "term-without-unit",
            Self::Zero { .. } => "term-zero",
            Self::Negative { .. } => "term-negative",
            Self::Fraction { .. } => "term-fraction",
            Self::UnknownUnit { .. } => "term-unknown-unit",
            Self::Several { .. } => "term-several-amounts",
            Self::TooLong { .. } => "term-too-long",
        }
    }

    /// Returns a sentence that says what to write instead.
    pub fn help(&self) -> String {
        match self {
            Self::Unreadable { .. } | Self::UnknownUnit { like: None, .. } => {
                "write it as `6 weeks`, `10 working days` or `P6W`".to_owned()
            }
            Self::NoUnit { .. } => "say of what: `6 weeks`, `6 working days`".to_owned(),
            Self::Zero { .. } => {
                "a term is at least `1 hour`; leave it out if there is none".to_owned()
            }
            Self::Negative { .. } => "write the amount without a sign: `6 weeks`".to_owned(),
            Self::Fraction { .. } => {
                "take a smaller unit: `10 days` rather than `1.5 weeks`".to_owned()
            }
            Self::UnknownUnit { like: Some(like), .. } => format!("did you mean `{like}`?"),
            Self::Several { .. } => {
                "one amount of one unit: `18 months` rather than `1 year 6 months`".to_owned()
            }
            Self::TooLong { .. } => "a term is at most `100 years`".to_owned(),
        }
    }
}

impl Term {
    /// One calendar day.
    pub const ONE_DAY: Self = Self { amount: 1, unit: Unit::Days };

    /// Returns a term of `amount` times `unit`.
    /// # Errors
    /// [`TermError::Zero`], and [`TermError::TooLong`] over a hundred years.
    pub fn new(amount: u32, unit: Unit) -> Result<Self, TermError> {
        let text = || unit.in_words(i64::from(amount), Language::En);
        if amount == 0 {
            return Err(TermError::Zero { text: text() });
        }
        if amount > unit.most() {
            return Err(TermError::TooLong { text: text() });
        }
        Ok(Self { amount, unit })
    }

    /// Returns the amount: one or more.
    pub fn amount(self) -> u32 {
        self.amount
    }

    /// Returns the unit.
    pub fn unit(self) -> Unit {
        self.unit
    }

    /// Returns the term as people say it: `6 weeks`, `1 werkdag`.
    pub fn in_words(self, language: Language) -> String {
        self.unit.in_words(i64::from(self.amount), language)
    }

    /// Reads digits and makes a term of them; `whole` is what was typed.
    fn from_digits(digits: &str, unit: Unit, whole: &str) -> Result<Self, TermError> {
        let text = || shown(whole);
        let digits = digits.trim_start_matches('0');
        if digits.is_empty() {
            return Err(TermError::Zero { text: text() });
        }
        // More digits than fit are simply more than a hundred years.
        let amount: u32 = digits.parse().map_err(|_| TermError::TooLong { text: text() })?;
        if amount > unit.most() {
            return Err(TermError::TooLong { text: text() });
        }
        Ok(Self { amount, unit })
    }
}

impl FromStr for Term {
    type Err = TermError;

    /// Reads `6 weeks`, `1 werkdag`, `P6W`, `PT48H`, or `P10BD` (ten working days, our addition to ISO 8601).
    fn from_str(text: &str) -> Result<Self, TermError> {
        let typed = text.trim();
        let bare = typed.trim_start_matches(['-', '\u{2212}']);
        let negative = bare.len() < typed.len();
        let bare = bare.trim_start_matches('+').trim_start();
        let (iso, bare) = match bare.strip_prefix(['P', 'p']) {
            Some(rest) => (true, rest),
            None => (false, bare),
        };
        let (clock, bare) = match bare.strip_prefix(['T', 't']) {
            Some(rest) if iso => (true, rest),
            _ => (false, bare),
        };
        let negative = negative || (iso && bare.starts_with('-'));
        let bare = if iso { bare.trim_start_matches('-') } else { bare };
        let (digits, rest) = bare.split_at(bare.bytes().take_while(u8::is_ascii_digit).count());
        if digits.is_empty() {
            return Err(TermError::Unreadable { text: shown(text) });
        }
        if negative {
            return Err(TermError::Negative { text: shown(text) });
        }
        if rest.starts_with(['.', ',', '/']) || rest.contains(['½', '¼', '¾']) {
            return Err(TermError::Fraction { text: shown(text) });
        }
        if rest.trim().is_empty() {
            return Err(TermError::NoUnit { text: shown(text) });
        }
        if rest.contains(|c: char| c.is_ascii_digit()) {
            return Err(TermError::Several { text: shown(text) });
        }
        let unit = if iso { iso_unit(rest, clock) } else { spoken_unit(rest) }?;
        Self::from_digits(digits, unit, text)
    }
}

fn iso_unit(letters: &str, clock: bool) -> Result<Unit, TermError> {
    match (clock, letters.to_ascii_uppercase().as_str()) {
        (true, "H") => Ok(Unit::Hours),
        (false, "D") => Ok(Unit::Days),
        (false, "BD") => Ok(Unit::WorkingDays),
        (false, "W") => Ok(Unit::Weeks),
        (false, "M") => Ok(Unit::Months),
        (false, "Y") => Ok(Unit::Years),
        _ => {
            let like = (!clock && letters.eq_ignore_ascii_case("H")).then(|| "PT…H".to_owned());
            Err(TermError::UnknownUnit { unit: shown(letters), like })
        }
    }
}

fn spoken_unit(words: &str) -> Result<Unit, TermError> {
    let word = words.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    Unit::from_word(&word).ok_or_else(|| {
        let like = match word.as_str() {
            "business day" | "business days" | "workday" | "workdays" => {
                Some("working days".to_owned())
            }
            _ => {
                let pairs = Unit::ALL
                    .into_iter()
                    .flat_map(|unit| [unit.words(Language::En), unit.words(Language::Nl)]);
                nearest(
                    &word,
                    pairs.flat_map(|(one, several)| [one.to_owned(), several.to_owned()]),
                )
            }
        };
        TermError::UnknownUnit { unit: shown(&word), like }
    })
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_words(Language::En))
    }
}

impl TryFrom<String> for Term {
    type Error = TermError;

    fn try_from(text: String) -> Result<Self, TermError> {
        text.parse()
    }
}

impl From<Term> for String {
    fn from(term: Term) -> Self {
        term.to_string()
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_term_is_read_as_people_write_it() {
        for (text, amount, unit) in [
            ("6 weeks", 6, Unit::Weeks),
            ("1 week", 1, Unit::Weeks),
            ("10 working days", 10, Unit::WorkingDays),
            ("10  Working   Days", 10, Unit::WorkingDays),
            ("P6W", 6, Unit::Weeks),
            ("P10D", 10, Unit::Days),
            ("P3M", 3, Unit::Months),
            ("P1Y", 1, Unit::Years),
            ("PT48H", 48, Unit::Hours),
            ("P10BD", 10, Unit::WorkingDays),
            ("6 weken", 6, Unit::Weeks),
            ("10 werkdagen", 10, Unit::WorkingDays),
            ("1 dag", 1, Unit::Days),
            ("48 uur", 48, Unit::Hours),
            ("3 maanden", 3, Unit::Months),
            ("1 jaar", 1, Unit::Years),
            ("2 jaren", 2, Unit::Years),
            ("30 calendar days", 30, Unit::Days),
            ("  007 days ", 7, Unit::Days),
            ("100 years", 100, Unit::Years),
        ] {
            let term: Term = text.parse().expect(text);
            assert_eq!((term.amount(), term.unit()), (amount, unit), "{text}");
        }
    }

    #[test]
    fn a_wrong_term_says_what_is_wrong() {
        for (text, code) in [
            ("", "bad-term"),
            ("weeks", "bad-term"),
            ("six weeks", "bad-term"),
            ("P", "bad-term"),
            ("no", "bad-term"),
            ("6", "term-without-unit"),
            ("0 days", "term-zero"),
            ("P0D", "term-zero"),
            ("-3 days", "term-negative"),
            ("\u{2212}3 days", "term-negative"),
            ("-P3D", "term-negative"),
            ("P-3D", "term-negative"),
            ("1.5 weeks", "term-fraction"),
            ("1,5 weken", "term-fraction"),
            ("1/2 week", "term-fraction"),
            ("2½ weeks", "term-fraction"),
            ("P1.5D", "term-fraction"),
            ("6 wekes", "term-unknown-unit"),
            ("6 fortnights", "term-unknown-unit"),
            ("P48H", "term-unknown-unit"),
            ("PT30M", "term-unknown-unit"),
            ("P1Y6M", "term-several-amounts"),
            ("6 weeks and 2 days", "term-several-amounts"),
            ("10000 years", "term-too-long"),
            ("101 years", "term-too-long"),
            ("1000000000000000000 days", "term-too-long"),
            ("10000000 days", "term-too-long"),
        ] {
            let error = text.parse::<Term>().expect_err(text);
            assert_eq!(error.code(), code, "{text}");
            assert!(!error.help().is_empty());
        }
        let error = "10 business days".parse::<Term>().expect_err("no unit of ours");
        assert_eq!(error.help(), "did you mean `working days`?");
        let error = "6 weks".parse::<Term>().expect_err("misspelt");
        assert_eq!(error.help(), "did you mean `weeks`?");
    }

    #[test]
    fn a_term_is_said_in_both_languages() {
        for (text, english, dutch) in [
            ("P6W", "6 weeks", "6 weken"),
            ("P1W", "1 week", "1 week"),
            ("P1BD", "1 working day", "1 werkdag"),
            ("PT48H", "48 hours", "48 uur"),
            ("P3Y", "3 years", "3 jaar"),
            ("P3M", "3 months", "3 maanden"),
        ] {
            let term: Term = text.parse().expect(text);
            assert_eq!(term.in_words(Language::En), english);
            assert_eq!(term.in_words(Language::Nl), dutch);
        }
    }

    proptest! {
        #[test]
        fn what_is_said_can_be_read_again(amount in 1u32..100, unit in 0usize..6, dutch: bool) {
            let term = Term::new(amount, Unit::ALL[unit]).expect("in range");
            let language = if dutch { Language::Nl } else { Language::En };
            prop_assert_eq!(term.in_words(language).parse::<Term>(), Ok(term));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}|P?[-0-9TYMWDHB. ]{0,12}") {
            let _ = text.parse::<Term>();
        }
    }
}
