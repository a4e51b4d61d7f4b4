//! The calendars that come with the program, and a reader for just these texts.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is no map, list or scalar is no part of these texts"
)]

use serde_json::{Map, Value};
use serde_yaml::{Event, Parser, ScalarStyle};

/// The texts of the shipped calendars.
pub(super) const CALENDARS: [&str; 2] = [
    include_str!("../../procedures/calendars/nl.yaml"),
    include_str!("../../procedures/calendars/none.yaml"),
];

/// Returns the JSON of a shipped text: maps, lists, texts and whole numbers.
pub(super) fn read(text: &str) -> Option<Value> {
    let events: Vec<Event<'_>> = Parser::new_from_str(text)
        .map(|next| next.map(|(event, _)| event))
        .collect::<Result<_, _>>()
        .ok()?;
    let mut nodes = events.into_iter();
    nodes.find(|event| matches!(event, Event::DocumentStart(..)))?;
    let first = nodes.next()?;
    node(first, &mut nodes, 0)
}

fn node<'a>(
    event: Event<'a>,
    rest: &mut impl Iterator<Item = Event<'a>>,
    depth: u8,
) -> Option<Value> {
    if depth > 16 {
        return None;
    }
    match event {
        Event::Scalar(text, style, ..) => {
            let number = if style == ScalarStyle::Plain { text.parse::<i64>().ok() } else { None };
            Some(number.map_or_else(|| Value::String(text.into_owned()), Value::from))
        }
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            loop {
                match rest.next()? {
                    Event::SequenceEnd => return Some(Value::Array(items)),
                    item => items.push(node(item, rest, depth + 1)?),
                }
            }
        }
        Event::MappingStart(..) => {
            let mut entries = Map::new();
            loop {
                let key = match rest.next()? {
                    Event::MappingEnd => return Some(Value::Object(entries)),
                    Event::Scalar(key, ..) => key.into_owned(),
                    _ => return None,
                };
                let value = rest.next()?;
                entries.insert(key, node(value, rest, depth + 1)?);
            }
        }
        _ => None,
    }
}
