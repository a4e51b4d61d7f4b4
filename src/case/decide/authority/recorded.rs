//! Acts that are on record and are told again: whoever did them had the role in which he did. Whether he may have had it
//! beside what else he is in the case is asked again, since something came before it.

use crate::case::person::{ActedBy, Actor, Person, PersonId, StandIn};
use crate::case::state::Case;
use crate::procedure::{Name, Procedure, RoleIndex};
use std::collections::BTreeSet;

/// Returns the actor of an act that is on record, with the role in which it was done, and those in `who` besides: of some
/// acts the record does not say which it was.
pub(in crate::case::decide) fn as_recorded(
    procedure: &Procedure,
    case: &Case,
    by: &ActedBy,
    who: &[RoleIndex],
) -> Actor {
    let staff = |role: &Name| {
        procedure.find_role(role.as_str()).is_some_and(|role| !procedure.role(role).party)
    };
    let who = who.iter().map(|role| procedure.role(*role).name.clone());
    let named: BTreeSet<Name> = by.role.iter().cloned().chain(who).filter(staff).collect();
    let unit = |person: &PersonId| case.units.get(person).cloned();
    if let Some(absent) = &by.in_place_of {
        let of = StandIn { person: absent.clone(), roles: named, unit: unit(absent) };
        let person = Person::new(by.person.clone(), BTreeSet::new());
        return Actor::new(Person { unit: by.unit.clone(), stands_in: vec![of], ..person });
    }
    let Some(entered_by) = &by.entered_by else {
        let person = Person::new(by.person.clone(), named);
        return Actor::new(Person { unit: by.unit.clone(), ..person });
    };
    // Whoever entered it has some role that acts for the party.
    let of_person = || case.parties().iter().find(|party| party.person == by.person);
    let party = by.role.clone().or_else(|| of_person().map(|party| party.role.clone()));
    let index = party.as_ref().and_then(|party| procedure.find_role(party.as_str()));
    let acting = procedure
        .roles
        .iter()
        .filter(|role| index.is_some_and(|index| role.acts_for.contains(&index)))
        .map(|role| role.name.clone());
    let roles = acting.chain(named).collect();
    let person = Person { unit: unit(entered_by), ..Person::new(entered_by.clone(), roles) };
    Actor { enters_for: party, for_person: Some(by.person.clone()), ..Actor::new(person) }
}
