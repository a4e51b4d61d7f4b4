//! The filing of an appeal: what is said with it, and what is on record of it.

use super::person::ActedBy;
use crate::time::{Date, Instant};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is said when an appeal is filed, besides the form and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filing {
    /// The parts of the decision that it is about; all of it where none is named.
    pub parts: Vec<String>,
    /// The day on which it was posted.
    pub posted_on: Option<Date>,
    /// Where it arrived first, if it was sent to the wrong body.
    pub elsewhere: Option<Elsewhere>,
}

/// The wrong body, which sent a filing on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The day on which it arrived there, which counts for whether it is in time.
    pub arrived_on: Date,
    /// The body.
    pub body: String,
}

/// What is on record of a filing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FilingRecord {
    /// What the appeal lay against then: `antwoord`, `afdoening.lapsed`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<String>,
    /// The parts of the decision that it is about; all of it where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Why it is late, in the words of who files it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excuse: Option<String>,
    /// The day on which it was posted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posted_on: Option<Date>,
    /// Where it arrived first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// When it was filed, where that was before there was anything to appeal against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early: Option<Instant>,
}

impl FilingRecord {
    /// Returns the record of what is said with a filing.
    pub fn of(said: &Filing) -> Self {
        Self {
            parts: said.parts.clone(),
            posted_on: said.posted_on,
            elsewhere: said.elsewhere.clone(),
            ..Self::default()
        }
    }
}

/// A filing that came before there was anything to appeal against, and waits for that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EarlyFiling {
    /// When it came.
    pub at: Instant,
    /// Whose it is.
    pub by: ActedBy,
    /// What was recorded with it.
    pub form: Map<String, Value>,
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What else was said.
    pub filing: FilingRecord,
}
