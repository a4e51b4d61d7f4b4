//! What may stand after `|` in a template: small functions, each bounded by what it is given.

use super::shape::Shape;
use crate::language::Language;
use crate::time::{Term, format_date_in_full, parse_date};
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

/// What a filter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    Date,
    Number,
    List,
    ListOrText,
}

impl Takes {
    /// Whether it takes this.
    pub(super) fn takes(self, shape: &Shape) -> bool {
        match shape {
            Shape::Anything => true,
            Shape::Text => matches!(self, Takes::Text | Takes::ListOrText),
            Shape::Date => self == Takes::Date,
            Shape::Number => self == Takes::Number,
            Shape::List(_) => matches!(self, Takes::List | Takes::ListOrText),
            Shape::Flag | Shape::Group(_) => false,
        }
    }

    /// Returns what messages call it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Takes::Text => "a text",
            Takes::Date => "a date",
            Takes::Number => "a number",
            Takes::List => "a list",
            Takes::ListOrText => "a list or a text",
        }
    }
}

/// A filter.
pub(super) struct Filter {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) gives: Shape,
    documented: Documented,
}

/// A name that templates know, with what it does and an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Documented {
    /// The name.
    pub name: &'static str,
    /// What it does.
    pub does: &'static str,
    /// How it is written.
    pub example: &'static str,
}

const fn filter(
    name: &'static str,
    takes: Takes,
    gives: Shape,
    does: &'static str,
    example: &'static str,
) -> Filter {
    Filter { name, takes, gives, documented: Documented { name, does, example } }
}

/// All filters, in the order of the alphabet.
pub(super) const FILTERS: &[Filter] = &[
    filter(
        "amount",
        Takes::Number,
        Shape::Text,
        "writes a number with two decimals, as money is written in the language of the letter",
        "€ {{ form.vergoeding | amount }}",
    ),
    filter(
        "date",
        Takes::Date,
        Shape::Text,
        "writes a day in full, in the language of the letter: `2 november 2026`",
        "{{ received | date }}",
    ),
    filter(
        "length",
        Takes::ListOrText,
        Shape::Number,
        "counts the items of a list, or the characters of a text",
        "{{ form.maatregelen | length }}",
    ),
    filter(
        "listed",
        Takes::List,
        Shape::Text,
        "writes a list in one sentence: `a, b en c`",
        "{{ form.maatregelen | listed }}",
    ),
    filter(
        "lower",
        Takes::Text,
        Shape::Text,
        "writes a text in small letters",
        "{{ step.title | lower }}",
    ),
    filter(
        "term",
        Takes::Text,
        Shape::Text,
        "writes a term in the language of the letter: `6 weken`",
        "{{ way.within | term }}",
    ),
    filter(
        "upper",
        Takes::Text,
        Shape::Text,
        "writes a text in capitals",
        "{{ letter.title | upper }}",
    ),
];

/// Returns what may stand after `|`, each with what it does and an example, in the order of the alphabet.
pub fn documented() -> impl Iterator<Item = Documented> {
    FILTERS.iter().map(|filter| filter.documented)
}

/// Gives an environment all filters, in a language.
pub(super) fn put_into(environment: &mut Environment<'static>, language: Language) {
    environment.add_filter("amount", move |value: &Value| amount(value, language));
    environment.add_filter("date", move |value: &Value| date(value, language));
    environment.add_filter("length", |value: &Value| {
        value.len().ok_or_else(|| unfit("length", "a list or a text"))
    });
    environment.add_filter("listed", move |value: &Value| listed(value, language));
    environment
        .add_filter("lower", |value: &Value| Ok::<_, Error>(text("lower", value)?.to_lowercase()));
    environment.add_filter("term", move |value: &Value| term(value, language));
    environment
        .add_filter("upper", |value: &Value| Ok::<_, Error>(text("upper", value)?.to_uppercase()));
}

fn unfit(filter: &str, wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("`{filter}` takes {wanted}"))
}

fn text<'a>(filter: &str, value: &'a Value) -> Result<&'a str, Error> {
    value.as_str().ok_or_else(|| unfit(filter, "a text"))
}

fn date(value: &Value, language: Language) -> Result<String, Error> {
    let date = value.as_str().and_then(|text| parse_date(text).ok());
    date.map(|date| format_date_in_full(date, language)).ok_or_else(|| unfit("date", "a date"))
}

fn term(value: &Value, language: Language) -> Result<String, Error> {
    let term = value.as_str().and_then(|text| text.parse::<Term>().ok());
    term.map(|term| term.in_words(language)).ok_or_else(|| unfit("term", "a term"))
}

fn listed(value: &Value, language: Language) -> Result<String, Error> {
    if value.kind() != ValueKind::Seq {
        return Err(unfit("listed", "a list"));
    }
    let items: Vec<String> = value.try_iter()?.map(|item| item.to_string()).collect();
    Ok(match items.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {} {last}", first.join(", "), language.pick("en", "and")),
    })
}

/// Writes `1234.5` as `1.234,50` or `1,234.50`.
fn amount(value: &Value, language: Language) -> Result<String, Error> {
    let number: rust_decimal::Decimal =
        value.to_string().parse().map_err(|_| unfit("amount", "a number"))?;
    let written = format!("{:.2}", number.abs());
    let (whole, cents) = written.split_once('.').unwrap_or((&written, "00"));
    let (thousands, comma) = language.pick(('.', ','), (',', '.'));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(thousands);
        }
        grouped.push(digit);
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    Ok(format!("{sign}{grouped}{comma}{cents}"))
}
