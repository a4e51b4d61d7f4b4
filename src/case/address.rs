//! Who is meant: from a name that somebody typed to a person in a case.

use super::person::{Actor, Party, Person, PersonId};
use super::state::Case;
use crate::procedure::{Name, Procedure};

/// Returns the person that a name stands for: somebody of the organisation, or else the first party in the role of
/// that name in this case.
///
/// `staff` looks up the organisation. Nobody is made up: a name that is neither gives nothing.
pub fn person(
    procedure: &Procedure,
    case: &Case,
    name: &str,
    staff: impl Fn(&str) -> Option<Person>,
) -> Option<Person> {
    if let Some(person) = staff(name) {
        return Some(person);
    }
    let party = party(procedure, case, name)?;
    let known = staff(party.person.as_str());
    Some(known.unwrap_or_else(|| Person { id: party.person.clone(), ..Person::nobody() }))
}

/// Returns the party of a case that a name stands for: the id of a person from outside (`klager#2`), a party role for
/// the first in it, or what a party is called, if only one is.
pub fn party<'c>(procedure: &Procedure, case: &'c Case, name: &str) -> Option<&'c Party> {
    let by_id = case.parties().iter().find(|party| party.person.as_str() == name);
    let role = procedure.find_role(name).map(|role| procedure.role(role)).filter(|role| role.party);
    let in_role = |party: &&Party| role.is_some_and(|role| role.name == party.role);
    let by_role = || case.parties().iter().find(in_role);
    let by_name = || {
        let called = |party: &&Party| party.name.as_deref().is_some_and(|known| known == name);
        let mut found = case.parties().iter().filter(called);
        found.next().filter(|first| found.all(|other| other.person == first.person))
    };
    by_id.or_else(by_role).or_else(by_name)
}

/// Returns all parties of a case that a name stands for: everybody in a party role, somebody of the organisation in each
/// role that he has, or the one whom [`party`] finds.
pub fn parties(
    procedure: &Procedure,
    case: &Case,
    name: &str,
    staff: impl Fn(&str) -> Option<Person>,
) -> Vec<(Name, PersonId)> {
    let one = staff(name).map(|person| person.id);
    let one = one.or_else(|| Some(party(procedure, case, name)?.person.clone()));
    let meant = |party: &&Party| party.role == *name || one.as_ref() == Some(&party.person);
    let in_role = case.parties().iter().any(|party| party.role == *name);
    let fits = |party: &&Party| if in_role { party.role == *name } else { meant(party) };
    let found = case.parties().iter().filter(fits);
    found.map(|party| (party.role.clone(), party.person.clone())).collect()
}

/// Returns the party of a case that holds `role` and is meant by `name`: by id or by what it is called; the only one
/// there is where nothing is said.
pub fn party_in<'c>(case: &'c Case, role: &Name, name: Option<&str>) -> Option<&'c Party> {
    let is = |party: &&Party| {
        party.role == *role
            && name.is_none_or(|name| {
                party.person.as_str() == name || party.name.as_deref() == Some(name)
            })
    };
    let mut found = case.parties().iter().filter(is);
    found.next().filter(|_| found.next().is_none())
}

/// Returns `actor`, entering an act of the party that `name` stands for: a party role, or one of its holders.
#[must_use]
pub fn entering_for(procedure: &Procedure, case: &Case, actor: Actor, name: &str) -> Actor {
    let is_role = procedure.find_role(name).is_some();
    match party(procedure, case, name).filter(|_| !is_role) {
        Some(party) => Actor {
            for_person: Some(party.person.clone()),
            ..actor.entering_for(party.role.clone())
        },
        None => actor.entering_for(name),
    }
}

/// Returns the parties of a case that is to be opened, from the names that were typed for each role, and its actor.
///
/// A name is that of somebody in the organisation, or else of a person from outside. Whoever opens the case in a party
/// role, or has it opened, is a party without being named.
pub fn opening(
    procedure: &Procedure,
    named: &[(Name, Vec<String>)],
    by: &str,
    enters_for: Option<&Name>,
    staff: impl Fn(&str) -> Option<Person>,
) -> (Vec<Party>, Option<Actor>) {
    let mut parties = Vec::new();
    for (role, names) in named {
        for (place, name) in names.iter().enumerate() {
            let party = if let Some(person) = staff(name) {
                Party::new(role.clone(), person.id).of_unit(person.unit)
            } else {
                let person = PersonId::outside(role, place + 1);
                Party::new(role.clone(), person).called(name.clone())
            };
            parties.push(party);
        }
    }
    let by_role =
        procedure.find_role(by).map(|role| procedure.role(role)).filter(|role| role.party);
    let by_role = by_role.map(|role| &role.name).filter(|_| staff(by).is_none());
    for role in enters_for.into_iter().chain(by_role) {
        if !parties.iter().any(|party| party.role == *role) {
            let person = PersonId::outside(role, 1);
            parties.push(Party::new(role.clone(), person));
        }
    }
    let person = staff(by).or_else(|| {
        let party = parties.iter().find(|party| Some(&party.role) == by_role)?;
        let known = staff(party.person.as_str());
        Some(known.unwrap_or_else(|| Person { id: party.person.clone(), ..Person::nobody() }))
    });
    let actor = person.map(Actor::new).map(|actor| match enters_for {
        Some(role) => actor.entering_for(role.clone()),
        None => actor,
    });
    (parties, actor)
}
