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
    let role =
        procedure.find_role(name).map(|role| procedure.role(role)).filter(|role| role.party)?;
    let party = case.parties_in(&role.name).next()?;
    let known = staff(party.person.as_str());
    Some(known.unwrap_or_else(|| Person { id: party.person.clone(), ..Person::nobody() }))
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
            parties.push(match staff(name) {
                Some(person) => Party { role: role.clone(), person: person.id, name: None },
                None => Party {
                    role: role.clone(),
                    person: PersonId::outside(role, place + 1),
                    name: Some(name.clone()),
                },
            });
        }
    }
    let by_role =
        procedure.find_role(by).map(|role| procedure.role(role)).filter(|role| role.party);
    let by_role = by_role.map(|role| &role.name).filter(|_| staff(by).is_none());
    for role in enters_for.into_iter().chain(by_role) {
        if !parties.iter().any(|party| party.role == *role) {
            let person = PersonId::outside(role, 1);
            parties.push(Party { role: role.clone(), person, name: None });
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
