//! The shape of what a template can put in: which names there are, and what each holds.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a name holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A day.
    Date,
    /// A list.
    List(Box<Shape>),
    /// Named fields.
    Group(BTreeMap<String, Field>),
    /// Not known, since something about it was reported already.
    Anything,
}

/// One of the fields of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it holds.
    pub shape: Shape,
    /// Whether it can be absent, so that a template asks `{% if … %}` before it puts it in.
    pub may_be_absent: bool,
    /// What it means, in a few words.
    pub meaning: String,
}

impl Field {
    /// Returns a field that is always there.
    pub fn always(shape: Shape, meaning: impl Into<String>) -> Self {
        Self { shape, may_be_absent: false, meaning: meaning.into() }
    }

    /// Returns a field that can be absent.
    pub fn perhaps(shape: Shape, meaning: impl Into<String>) -> Self {
        Self { may_be_absent: true, ..Self::always(shape, meaning) }
    }
}

impl Shape {
    /// Returns a group of these fields.
    pub fn group<S: Into<String>>(fields: impl IntoIterator<Item = (S, Field)>) -> Self {
        Self::Group(fields.into_iter().map(|(name, field)| (name.into(), field)).collect())
    }

    /// Returns a list of these.
    pub fn list(items: Shape) -> Self {
        Self::List(Box::new(items))
    }

    /// Returns what messages call it, with its article.
    pub fn words(&self) -> &'static str {
        match self {
            Shape::Text => "a text",
            Shape::Number => "a number",
            Shape::Flag => "true or false",
            Shape::Date => "a date",
            Shape::List(_) => "a list",
            Shape::Group(_) => "a group of fields",
            Shape::Anything => "anything",
        }
    }

    /// Returns a value with a place for every field of the shape: what is absent is null, so that a template can ask for
    /// it.
    #[must_use]
    pub fn completed(&self, value: Value) -> Value {
        match (self, value) {
            (Shape::Group(fields), Value::Object(mut given)) => {
                let mut whole: Map<String, Value> = fields
                    .iter()
                    .map(|(name, field)| {
                        let value = given.remove(name).unwrap_or(Value::Null);
                        (name.clone(), field.shape.completed(value))
                    })
                    .collect();
                whole.append(&mut given);
                Value::Object(whole)
            }
            (Shape::List(items), Value::Array(values)) => {
                Value::Array(values.into_iter().map(|value| items.completed(value)).collect())
            }
            (
                Shape::Text
                | Shape::Number
                | Shape::Flag
                | Shape::Date
                | Shape::List(_)
                | Shape::Group(_)
                | Shape::Anything,
                value,
            ) => value,
        }
    }
}
