//! What a guard can see: the names in scope and the type of each, as the caller knows them from a procedure.

use super::helper::Helper;
use std::collections::BTreeMap;

/// The type of a value that a guard reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`.
    Boolean,
    /// A whole number, 64 bits with a sign.
    Integer,
    /// A number with a fraction, exact to 28 digits.
    Decimal,
    /// A text.
    Text {
        /// All values that it can have; empty when every text is possible.
        one_of: Vec<String>,
    },
    /// A civil date.
    Date,
    /// A list whose items have one type.
    List(Box<Type>),
    /// A group of named fields.
    Record(Record),
    /// Not known, since a finding about it was reported already: nothing more is said about it.
    Anything,
}

impl Type {
    /// Returns the type of a text that can have any value.
    pub fn text() -> Self {
        Self::Text { one_of: Vec::new() }
    }

    /// Returns the type of a text that has one of these values.
    pub fn one_of<S: Into<String>>(values: impl IntoIterator<Item = S>) -> Self {
        Self::Text { one_of: values.into_iter().map(Into::into).collect() }
    }

    /// Returns the type of a list of `items`.
    pub fn list(items: Self) -> Self {
        Self::List(Box::new(items))
    }

    /// Returns what messages call a value of this type, with its article.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Decimal => "a number",
            Self::Text { .. } => "a text",
            Self::Date => "a date",
            Self::List(_) => "a list",
            Self::Record(_) => "a group of fields",
            Self::Anything => "anything",
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }
}

/// A group of named fields: the case data, one step, the form of a step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    pub(super) fields: BTreeMap<String, Field>,
    pub(super) what: String,
}

impl Record {
    /// Returns a group without fields; `what` is its name in messages: "the case data", "step `gesprek`".
    pub fn new(what: impl Into<String>) -> Self {
        Self { fields: BTreeMap::new(), what: what.into() }
    }

    /// Returns each field, in the order of the alphabet.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.fields.iter().map(|(name, field)| (name.as_str(), field))
    }

    /// Adds a field that is always there.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, ty: Type) -> Self {
        self.fields.insert(name.into(), Field { ty, may_be_absent: false });
        self
    }

    /// Adds a field that may be absent: a guard must ask `known(…)` before it reads it.
    #[must_use]
    pub fn with_optional(mut self, name: impl Into<String>, ty: Type) -> Self {
        self.fields.insert(name.into(), Field { ty, may_be_absent: true });
        self
    }
}

/// One field of a [`Record`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it holds.
    pub ty: Type,
    /// Whether a case can be without it.
    pub may_be_absent: bool,
}

/// The names that a guard can see.
///
/// Names are written as guards write them: letters, digits and underscores. A hyphen of a procedure's identifier is an
/// underscore here, since a hyphen in a guard subtracts; the caller translates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    pub(super) names: BTreeMap<String, (Type, String)>,
    /// The functions that the author declares.
    pub(super) helpers: BTreeMap<String, Helper>,
}

impl Scope {
    /// Returns a scope in which nothing can be seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name, what it holds, and what it means in a few words ("the day the complaint came in").
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, ty: Type, meaning: impl Into<String>) -> Self {
        self.names.insert(name.into(), (ty, meaning.into()));
        self
    }

    /// Adds a function that the author declares.
    #[must_use]
    pub fn with_function(mut self, name: impl Into<String>, helper: Helper) -> Self {
        self.helpers.insert(name.into(), helper);
        self
    }

    /// Whether a guard can see or call something of this name.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
            || self.helpers.contains_key(name)
            || super::functions::function(name).is_some()
    }

    /// Returns each name with what it holds and what it means, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = (&str, &Type, &str)> {
        self.names.iter().map(|(name, (ty, meaning))| (name.as_str(), ty, meaning.as_str()))
    }
}
