//! People: who acts, in which capacity, for whom.

use super::code::ReturnCode;
use crate::procedure::Name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A person, whatever the capacity: somebody of the organisation by the id in its file, or a party from outside.
///
/// Persons from outside have an id that no file can hold (`klager#1`), so that the two never meet.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(String);

impl PersonId {
    /// Returns the id of somebody of the organisation.
    pub fn staff(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the id of the `number`-th party from outside in `role`, in one case.
    pub fn outside(role: &Name, number: usize) -> Self {
        Self(format!("{role}#{number}"))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number of a party from outside in its role.
    pub fn outside_number(&self) -> Option<usize> {
        self.0.split_once('#')?.1.parse().ok()
    }

    /// Whether this is a party from outside.
    pub fn is_outside(&self) -> bool {
        self.0.contains('#')
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// A person and the staff roles that he holds at the moment of the act, as the organisation says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// The names of the staff roles that the person holds.
    pub roles: BTreeSet<Name>,
    /// The unit of the organisation to which the person belongs, where it is known.
    pub unit: Option<Name>,
    /// The people for whom this one stands in at the moment of the act, since they are absent.
    pub stands_in: Vec<StandIn>,
}

/// Somebody who is absent, whose roles another holds meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandIn {
    /// Who is absent.
    pub person: PersonId,
    /// The names of the staff roles of that person.
    pub roles: BTreeSet<Name>,
    /// The unit of the organisation to which that person belongs, where it is known.
    pub unit: Option<Name>,
}

impl StandIn {
    /// Returns who is absent, as a person.
    pub fn absent(&self) -> Person {
        Person { unit: self.unit.clone(), ..Person::new(self.person.clone(), self.roles.clone()) }
    }
}

impl Person {
    /// Returns a person with these staff roles, of whom no more is known.
    pub fn new(id: PersonId, roles: BTreeSet<Name>) -> Self {
        Self { id, roles, unit: None, stands_in: Vec::new() }
    }

    /// Returns nobody, for what time brings about.
    pub fn nobody() -> Self {
        Self::new(PersonId::staff(""), BTreeSet::new())
    }
}

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Whose act it is in the first place: who speaks, types or signs.
    pub person: Person,
    /// The party role for whom the act is entered, where somebody writes down what a party said.
    pub enters_for: Option<Name>,
    /// Which of the holders of that role, where the case has several; the first if nothing is said.
    pub for_person: Option<PersonId>,
    /// The account through which the command came, where it is known.
    pub account: Option<String>,
}

impl Actor {
    /// Returns an actor who acts in person.
    pub fn new(person: Person) -> Self {
        Self { person, enters_for: None, for_person: None, account: None }
    }

    /// Returns the actor, entering an act of a party.
    #[must_use]
    pub fn entering_for(mut self, role: impl Into<Name>) -> Self {
        self.enters_for = Some(role.into());
        self
    }
}

/// By whom an act was done, as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActedBy {
    /// Whose act it is.
    pub person: PersonId,
    /// In which capacity.
    pub role: Option<Name>,
    /// The unit of the organisation to which the person belonged then, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Name>,
    /// Who was absent, where somebody stood in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place_of: Option<PersonId>,
    /// Who entered it, where that is somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_by: Option<PersonId>,
    /// The account through which it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// Where a party can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contact {
    /// How: `post`, `e-mail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Name>,
    /// Where: an address, of a house or for mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The language of what is sent there: `nl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Contact {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns it with what `newer` says instead.
    #[must_use]
    pub fn updated(self, newer: &Contact) -> Self {
        let newer = newer.clone();
        Self {
            channel: newer.channel.or(self.channel),
            address: newer.address.or(self.address),
            language: newer.language.or(self.language),
        }
    }
}

/// Somebody with rights in one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The party role.
    pub role: Name,
    /// Who.
    pub person: PersonId,
    /// The name of a person from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The unit of the organisation to which somebody of it belonged when he became a party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Name>,
    /// The party that this one represents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub represents: Option<PersonId>,
    /// What proves it, such as the name of a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Where the party can be reached.
    #[serde(default, skip_serializing_if = "Contact::is_empty")]
    pub contact: Contact,
    /// How a party that did not say who he is can come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ReturnCode>,
}

impl Party {
    /// Returns a party of which nothing more is known.
    pub fn new(role: impl Into<Name>, person: PersonId) -> Self {
        Self {
            role: role.into(),
            person,
            name: None,
            unit: None,
            represents: None,
            proof: None,
            contact: Contact::default(),
            code: None,
        }
    }

    /// Returns it as somebody of a unit of the organisation.
    #[must_use]
    pub fn of_unit(self, unit: Option<Name>) -> Self {
        Self { unit, ..self }
    }

    /// Returns it with a name.
    #[must_use]
    pub fn called(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }
}
