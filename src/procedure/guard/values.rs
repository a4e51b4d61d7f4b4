//! What a guard reads while a case runs: the data of the case, in the types that the procedure declares.

use super::token::rhai_name;
use super::types::{Scope, Type};
use chrono::NaiveDate;
use rhai::{Dynamic, ImmutableString};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Counts working days, by the calendar of the procedure.
pub trait DayCounter: Send + Sync {
    /// Returns the number of working days after `from`, up to and including `to`; negative when `to` comes first.
    fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64;
}

impl DayCounter for crate::time::Calendar {
    fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        crate::time::working_days_between(from, to, self)
    }
}

/// The values that guards read, immutable and cheap to clone.
#[derive(Clone)]
pub struct Values {
    roots: Arc<BTreeMap<String, Datum>>,
    calendar: Arc<dyn DayCounter>,
}

impl std::fmt::Debug for Values {
    /// Shows nothing of a case: what is debugged ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values").finish_non_exhaustive()
    }
}

impl Values {
    /// Takes the values of a case from a JSON object with the names of `scope`.
    ///
    /// A date is a text `YYYY-MM-DD` where the scope says so; `null` and a missing key mean absent; names that the scope
    /// doesn't have are left out. A value that is not of its declared type is no error here: only the guard that
    /// reads it fails, with [`FaultKind::WrongType`](super::FaultKind::WrongType).
    pub fn new(scope: &Scope, json: &Json, calendar: Arc<dyn DayCounter>) -> Self {
        let roots = scope.names.iter().map(|(name, (ty, _))| {
            (name.clone(), json.get(name).map_or(Datum::Absent, |value| Datum::new(ty, value)))
        });
        Self { roots: Arc::new(roots.collect()), calendar }
    }

    /// Returns the variables that Rhai sees: those among `names` that there are, and the calendar.
    pub(super) fn variables<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> rhai::Scope<'static> {
        let mut variables = rhai::Scope::new();
        let calendar = Dynamic::from(Counter(Arc::clone(&self.calendar)));
        variables.push_constant_dynamic(super::token::CALENDAR, calendar);
        for name in names {
            if let Some(datum) = self.roots.get(name) {
                variables.push_constant_dynamic(rhai_name(name), datum.to_rhai());
            }
        }
        variables
    }

    /// Returns the value of a dotted name in words: `"brief"`, `2026-01-31`, `12`, `["a", "b"]`, or `absent`.
    pub(super) fn in_words(&self, path: &str) -> String {
        let mut datum: Option<&Datum> = None;
        for (depth, part) in path.split(['.', '[']).enumerate() {
            let next = match (depth, datum, part.strip_suffix(']')) {
                (0, ..) => self.roots.get(part),
                (_, Some(Datum::Fields(fields)), None) => fields.0.get(&rhai_name(part)),
                (_, Some(Datum::Items(items)), Some(index)) => {
                    index.parse::<usize>().ok().and_then(|index| items.0.get(index))
                }
                _ => None,
            };
            datum = next;
        }
        let mut words = String::new();
        datum.unwrap_or(&Datum::Absent).describe(&mut words);
        words
    }
}

/// Returns the date of a text `YYYY-MM-DD`.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let is_shaped = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    is_shaped.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

/// One value of a case. Long ones are shared, not copied.
#[derive(Debug, Clone)]
pub(super) enum Datum {
    Absent,
    WrongType,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(Words),
    Date(Day),
    Items(Items),
    Fields(Fields),
}

/// A value that is not there. It can be asked after, and nothing else can be done with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absent;
/// A value that is not of the declared type. Nothing can be done with it, save asking whether it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrongType;
/// A civil date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day(pub(super) NaiveDate);
/// A text of a case. Not a text of Rhai, whose size limit would let a long letter make a guard fail.
#[derive(Debug, Clone)]
pub(super) struct Words(pub(super) ImmutableString);
/// The items of a list.
#[derive(Debug, Clone)]
pub(super) struct Items(pub(super) Arc<Vec<Datum>>);
/// The fields of a record, by the name that Rhai has for them.
#[derive(Debug, Clone)]
pub(super) struct Fields(pub(super) Arc<BTreeMap<String, Datum>>);
/// The calendar of the procedure.
#[derive(Clone)]
pub(super) struct Counter(pub(super) Arc<dyn DayCounter>);

impl Datum {
    fn new(ty: &Type, json: &Json) -> Self {
        match (ty, json) {
            (_, Json::Null) => Self::Absent,
            (Type::Boolean | Type::Anything, Json::Bool(truth)) => Self::Boolean(*truth),
            (Type::Integer, Json::Number(number)) => {
                integer(number).map_or(Self::WrongType, Self::Integer)
            }
            (Type::Decimal, Json::Number(number)) => {
                decimal(number).map_or(Self::WrongType, Self::Decimal)
            }
            (Type::Text { .. } | Type::Anything, Json::String(text)) => {
                Self::Text(Words(text.as_str().into()))
            }
            (Type::Date, Json::String(text)) => {
                day(text).map_or(Self::WrongType, |date| Self::Date(Day(date)))
            }
            (Type::List(of), Json::Array(items)) => {
                Self::Items(Items(Arc::new(items.iter().map(|item| Self::new(of, item)).collect())))
            }
            (Type::Record(record), Json::Object(object)) => {
                let fields = record.fields.iter().map(|(name, field)| {
                    let value = object.get(name);
                    let datum = value.map_or(Self::Absent, |value| Self::new(&field.ty, value));
                    (rhai_name(name), datum)
                });
                Self::Fields(Fields(Arc::new(fields.collect())))
            }
            (Type::Anything, Json::Number(number)) => match (integer(number), decimal(number)) {
                (Some(whole), _) => Self::Integer(whole),
                (None, Some(number)) => Self::Decimal(number),
                (None, None) => Self::WrongType,
            },
            (Type::Anything, Json::Array(items)) => {
                let items = items.iter().map(|item| Self::new(&Type::Anything, item));
                Self::Items(Items(Arc::new(items.collect())))
            }
            (Type::Anything, Json::Object(object)) => {
                let fields = object
                    .iter()
                    .map(|(name, value)| (rhai_name(name), Self::new(&Type::Anything, value)));
                Self::Fields(Fields(Arc::new(fields.collect())))
            }
            (
                Type::Boolean
                | Type::Integer
                | Type::Decimal
                | Type::Text { .. }
                | Type::Date
                | Type::List(_)
                | Type::Record(_),
                _,
            ) => Self::WrongType,
        }
    }

    pub(super) fn to_rhai(&self) -> Dynamic {
        match self {
            Self::Absent => Dynamic::from(Absent),
            Self::WrongType => Dynamic::from(WrongType),
            Self::Boolean(truth) => Dynamic::from(*truth),
            Self::Integer(number) => Dynamic::from(*number),
            Self::Decimal(number) => Dynamic::from(*number),
            Self::Text(words) => Dynamic::from(words.clone()),
            Self::Date(day) => Dynamic::from(*day),
            Self::Items(items) => Dynamic::from(items.clone()),
            Self::Fields(fields) => Dynamic::from(fields.clone()),
        }
    }

    fn describe(&self, words: &mut String) {
        const SHOWN: usize = 8;
        const LONGEST: usize = 60;
        // Writing into a `String` can't fail.
        let _ = match self {
            Self::Absent => write!(words, "absent"),
            Self::WrongType => write!(words, "not of the declared type"),
            Self::Boolean(truth) => write!(words, "{truth}"),
            Self::Integer(number) => write!(words, "{number}"),
            Self::Decimal(number) => write!(words, "{number}"),
            Self::Text(Words(text)) if text.chars().count() > LONGEST => {
                let start: String = text.chars().take(LONGEST).collect();
                write!(words, "{start:?}…")
            }
            Self::Text(Words(text)) => write!(words, "{:?}", text.as_str()),
            Self::Date(Day(date)) => write!(words, "{date}"),
            Self::Fields(_) => write!(words, "there"),
            Self::Items(Items(items)) => {
                words.push('[');
                for (index, item) in items.iter().take(SHOWN).enumerate() {
                    if index > 0 {
                        words.push_str(", ");
                    }
                    item.describe(words);
                }
                let more = items.len().saturating_sub(SHOWN);
                if more > 0 { write!(words, " and {more} more]") } else { write!(words, "]") }
            }
        };
    }
}

/// JSON Schema counts `5.0` among the integers, and so do we.
fn integer(number: &serde_json::Number) -> Option<i64> {
    let as_decimal = || {
        let number = decimal(number)?;
        if number.fract().is_zero() { number.to_i64() } else { None }
    };
    number.as_i64().or_else(as_decimal)
}

fn decimal(number: &serde_json::Number) -> Option<Decimal> {
    let digits = number.to_string();
    // A number with more digits than can be held exactly is refused: a rounded one could decide a legal question.
    Decimal::from_str_exact(&digits).ok().or_else(|| {
        digits.contains(['e', 'E']).then(|| Decimal::from_scientific(&digits).ok()).flatten()
    })
}
