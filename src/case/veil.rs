//! What somebody sees of a case in which identities are hidden from him: the same case, without them.
//!
//! Works on the written form, so that a fact that is added to cases and events later is covered as well: an id, a name
//! or an address of somebody hidden is taken out wherever it stands. It can't know of a person who is only described.

use super::decide::sees_identity_of;
use super::event::Event;
use super::person::{Party, Person, PersonId};
use super::state::Case;
use crate::procedure::Procedure;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The shortest text that is searched for inside others.
const SHORTEST: usize = 3;
/// Numbers of people whose own id is hidden: beyond those that parties from outside have.
const FIRST_NUMBER: usize = 10_001;

/// The identities that somebody does not see in a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Veil {
    hidden: Vec<Hidden>,
    /// Whether somebody has a code to come back with, which nobody sees.
    codes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Hidden {
    id: PersonId,
    shown_as: PersonId,
    role: String,
    texts: Vec<String>,
}

impl Veil {
    /// Returns what `viewer` does not see of `case`. `name_of` tells what a person of the organisation is called.
    pub fn over(
        procedure: &Procedure,
        case: &Case,
        viewer: Option<&Person>,
        name_of: &dyn Fn(&PersonId) -> Option<String>,
    ) -> Self {
        let mut hidden: Vec<Hidden> = Vec::new();
        for party in case.all_parties() {
            if sees_identity_of(procedure, case, viewer, party) {
                continue;
            }
            let texts = [party.name.clone(), party.contact.address.clone(), name_of(&party.person)];
            let texts: Vec<String> = texts.into_iter().flatten().collect();
            match hidden.iter_mut().find(|known| known.id == party.person) {
                Some(known) => known.texts.extend(texts),
                None => hidden.push(Hidden {
                    id: party.person.clone(),
                    shown_as: shown_as(party, hidden.len()),
                    role: party.role.to_string(),
                    texts,
                }),
            }
        }
        // A longer text goes first, so that nothing is left of it.
        for one in &mut hidden {
            one.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        }
        Self { hidden, codes: case.all_parties().any(|party| party.code.is_some()) }
    }

    /// Whether nothing is hidden.
    pub fn is_empty(&self) -> bool {
        self.hidden.is_empty() && !self.codes
    }

    /// Returns the case as it is seen; nothing of it where that can't be made.
    pub fn case(&self, case: Case) -> Case {
        self.seen(case).unwrap_or_default()
    }

    /// Returns events as they are seen; without those that can't be made.
    pub fn events(&self, events: Vec<Event>) -> Vec<Event> {
        events.into_iter().filter_map(|event| self.seen(event)).collect()
    }

    /// Returns what to show for a person's id.
    pub fn id(&self, id: &str) -> String {
        let hidden = self.hidden.iter().find(|hidden| hidden.id.as_str() == id);
        hidden.map_or_else(|| id.to_owned(), |hidden| hidden.shown_as.to_string())
    }

    fn seen<T: Serialize + DeserializeOwned>(&self, whole: T) -> Option<T> {
        if self.is_empty() {
            return Some(whole);
        }
        let mut written = serde_json::to_value(&whole).ok()?;
        self.draw(&mut written);
        serde_json::from_value(written).ok()
    }

    /// Takes out of a value what is hidden.
    fn draw(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.draw(item)),
            Value::Object(entries) => {
                let person = entries.get("person").and_then(Value::as_str).map(str::to_owned);
                let is = |one: &Hidden| person.as_deref() == Some(one.id.as_str());
                if self.hidden.iter().any(is) {
                    for key in ["name", "contact", "address", "channel", "proof", "account"] {
                        entries.remove(key);
                    }
                }
                if let Some(number) = self.of_somebody_hidden(entries)
                    && let Some(Value::Object(document)) = entries.get_mut("document")
                {
                    document.insert("name".to_owned(), Value::String(format!("document-{number}")));
                }
                if person.is_some() {
                    entries.remove("code");
                }
                let drawn = std::mem::take(entries).into_iter().map(|(key, mut value)| {
                    self.draw(&mut value);
                    (self.id(&key), value)
                });
                *entries = drawn.collect::<Map<String, Value>>();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Returns the number of a document that somebody hidden brought in: what its file is called may tell who he is.
    fn of_somebody_hidden(&self, entries: &Map<String, Value>) -> Option<u64> {
        entries.get("document")?;
        let person = entries.get("by")?.get("person")?.as_str()?;
        let hidden = self.hidden.iter().any(|hidden| hidden.id.as_str() == person);
        entries.get("number")?.as_u64().filter(|_| hidden)
    }

    /// Returns a text in which the names of whoever is hidden are the roles.
    pub fn text(&self, text: &str) -> String {
        if let Some(hidden) = self.hidden.iter().find(|hidden| hidden.id.as_str() == text) {
            return hidden.shown_as.to_string();
        }
        self.hidden.iter().fold(text.to_owned(), |text, hidden| {
            let long = hidden.texts.iter().filter(|known| known.chars().count() >= SHORTEST);
            long.fold(text, |text, known| text.replace(known.as_str(), &hidden.role))
        })
    }
}

/// Returns the id under which somebody hidden is shown: that of a party from outside says nothing.
fn shown_as(party: &Party, place: usize) -> PersonId {
    if party.person.is_outside() {
        party.person.clone()
    } else {
        PersonId::outside(&party.role, FIRST_NUMBER.saturating_add(place))
    }
}
