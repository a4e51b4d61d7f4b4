//! The functions that a guard may call: their names, what they take and what they give. Nothing else can be called.

use super::types::Type;

/// What a function takes in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Something that the case may or may not have, by its name.
    Path,
    /// A date.
    Date,
    /// A date as a literal text, checked when the procedure is loaded.
    DateLiteral,
    /// A text.
    Text,
    /// A list or a text.
    ListOrText,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Boolean,
    Integer,
    Date,
}

/// A function that a guard may call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) takes: &'static [Takes],
    pub(super) gives: Gives,
    /// How it is written, for messages.
    pub(super) usage: &'static str,
    /// What it gives, in a few words.
    pub(super) does: &'static str,
}

impl Function {
    pub(super) fn result(&self) -> Type {
        match self.gives {
            Gives::Boolean => Type::Boolean,
            Gives::Integer => Type::Integer,
            Gives::Date => Type::Date,
        }
    }
}

/// All of them, in the order of the alphabet.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "contains",
        takes: &[Takes::Text, Takes::Text],
        gives: Gives::Boolean,
        usage: "contains(text, part)",
        does: "whether a text has a part",
    },
    Function {
        name: "date",
        takes: &[Takes::DateLiteral],
        gives: Gives::Date,
        usage: "date(\"2026-01-31\")",
        does: "a day, written out",
    },
    Function {
        name: "days_between",
        takes: &[Takes::Date, Takes::Date],
        gives: Gives::Integer,
        usage: "days_between(from, to)",
        does: "the number of days from one day to another",
    },
    Function {
        name: "is_empty",
        takes: &[Takes::ListOrText],
        gives: Gives::Boolean,
        usage: "is_empty(list)",
        does: "whether a list or a text has nothing in it",
    },
    Function {
        name: "known",
        takes: &[Takes::Path],
        gives: Gives::Boolean,
        usage: "known(data.field)",
        does: "whether a value is there; what may be absent is read only behind this",
    },
    Function {
        name: "len",
        takes: &[Takes::ListOrText],
        gives: Gives::Integer,
        usage: "len(list)",
        does: "the number of items of a list, or of characters of a text",
    },
    Function {
        name: "months_between",
        takes: &[Takes::Date, Takes::Date],
        gives: Gives::Integer,
        usage: "months_between(from, to)",
        does: "the number of whole months from one day to another",
    },
    Function {
        name: super::token::WORKING_DAYS,
        takes: &[Takes::Date, Takes::Date],
        gives: Gives::Integer,
        usage: "working_days_between(from, to)",
        does: "the number of working days from one day to another, by the calendar of the procedure",
    },
];

/// Returns the function of this name.
pub(super) fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// Returns the names of all functions.
pub(super) fn names() -> Vec<&'static str> {
    FUNCTIONS.iter().map(|function| function.name).collect()
}

/// Returns how each function is written and what it gives, in the order of the alphabet.
pub fn documented() -> impl Iterator<Item = (&'static str, &'static str)> {
    FUNCTIONS.iter().map(|function| (function.usage, function.does))
}
