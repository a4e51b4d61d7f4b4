//! Cases that open others: what goes along, and what comes back.
//!
//! Both halves are pure. The engine asks them of two cases and commits what they say at once, so that there is never one
//! half without the other.

use super::command::{Open, Split};
use super::event::{Event, Fact, LinkKind, Origin, Through, Verdict};
use super::person::{Party, PersonId};
use super::refusal::{Refusal, Why};
use super::state::{Case, StepRecord};
use crate::procedure::{Each, Name, Procedure};
use crate::time::Instant;
use serde_json::Map;
use std::collections::BTreeMap;

/// Returns the opening of the case that `through` opens, and what its parties are called in it.
///
/// Parties go along in the role of the same name, or the one that the procedure says; the fields that it names go along
/// under their own names. Whoever has acted here in a role that it keeps away can have no staff role there.
pub fn linked_opening(
    procedure: &Procedure,
    case: &Case,
    through: &Through,
    other: &Procedure,
    reference: String,
    at: Instant,
) -> Option<(Open, BTreeMap<PersonId, PersonId>)> {
    let step = procedure.step(procedure.find_step(through.instance.step.as_str())?);
    let opens = step.opens.as_ref()?;
    let opening = case.opening.as_ref()?;
    let role_there = |role: &Name| {
        let named = opens.parties.iter().find(|(ours, _)| procedure.role(*ours).name == *role);
        let name = named.map_or(role, |(_, theirs)| theirs);
        let known = other.find_role(name.as_str())?;
        Some(name.clone()).filter(|_| other.role(known).party)
    };
    let (parties, called) = carried(&opening.parties, role_there);
    let mut data = Map::new();
    for field in &opens.carries {
        let (name, value) = match field {
            Each::Data(name) => (name, case.data.get(name)),
            // The language names fields here, nothing else.
            Each::Listed(_) | Each::Parties(_) => continue,
            Each::Form(of, name) => {
                let record = case.step(&procedure.step(*of).name);
                let done = record.and_then(StepRecord::last_done);
                (name, done.and_then(|done| done.form.get(name)))
            }
        };
        if let Some(value) = value {
            data.insert(name.clone(), value.clone());
        }
    }
    let mut barred: Vec<(PersonId, Name)> =
        opening.origin.iter().flat_map(|origin| origin.barred.clone()).collect();
    for role in &opens.not {
        let name = &procedure.role(*role).name;
        let acted = case.acted.iter().filter(|(_, roles)| roles.contains(name));
        let stood = case.parties_in(name).map(|party| &party.person);
        for person in acted.map(|(person, _)| person).chain(stood) {
            let person = called.get(person).unwrap_or(person).clone();
            if !barred.iter().any(|(known, _)| *known == person) {
                barred.push((person, name.clone()));
            }
        }
    }
    let origin = Origin {
        kind: LinkKind::OpenedBy,
        case: opening.reference.clone(),
        procedure: opening.procedure.clone(),
        through: Some(through.clone()),
        decides: opens.decided_by.clone(),
        barred,
    };
    let channel = opening.channel.clone().filter(|name| other.intake.channels.contains(name));
    let origin = Some(origin);
    let received_at = at;
    let asked = other.access.confidential.as_ref().is_some_and(|rule| rule.when_asked);
    let confidential = opening.confidential && asked;
    let open = Open {
        reference,
        channel,
        received_at,
        forwarded_by: None,
        parties,
        confidential,
        data,
        origin,
    };
    Some((open, called))
}

/// Returns the opening of a case that is split off: with the parties and data that go along, and the date of receipt of
/// the first.
///
/// # Errors
/// A [`Refusal`] when the first case has no such party, or no such data.
pub fn split_opening(case: &Case, split: &Split, reference: String) -> Result<Open, Refusal> {
    let asked = "split";
    let Some(opening) = &case.opening else { return Err(Refusal::new(asked, Why::WrongMoment)) };
    for (role, person) in &split.parties {
        if case.party(role, person).is_none() {
            return Err(Refusal::new(asked, Why::NotInTheCase { role: role.clone() }));
        }
    }
    let chosen = |role: &Name, person: &PersonId| {
        let mut named = split.parties.iter();
        split.parties.is_empty() || named.any(|(r, p)| r == role && p == person)
    };
    let along = |party: &&Party| {
        let whom = party.represents.as_ref();
        let theirs = whom.is_some_and(|whom| split.parties.iter().any(|(_, p)| p == whom));
        chosen(&party.role, &party.person) || theirs
    };
    let parties = opening.parties.iter().filter(along).cloned().collect();
    if let Some(field) = split.fields.iter().find(|field| !case.data.contains_key(*field)) {
        return Err(Refusal::new(asked, Why::NotRecorded { field: field.clone() }));
    }
    let goes = |field: &String| split.fields.is_empty() || split.fields.contains(field);
    let data = case.data.iter().filter(|(field, _)| goes(field));
    let data = data.map(|(field, value)| (field.clone(), value.clone()));
    let origin = opening.origin.as_ref();
    Ok(Open {
        reference,
        channel: opening.channel.clone(),
        received_at: opening.received_at,
        forwarded_by: opening.forwarded_by.clone(),
        parties,
        confidential: opening.confidential,
        data: data.chain(split.data.clone()).collect(),
        origin: Some(Origin {
            kind: LinkKind::SplitFrom,
            case: opening.reference.clone(),
            procedure: opening.procedure.clone(),
            through: None,
            decides: None,
            barred: origin.map(|origin| origin.barred.clone()).unwrap_or_default(),
        }),
    })
}

/// Returns the parties as another case has them, each in the role that `role_there` says, and what it calls those from
/// outside: their ids hold in one case only.
pub(super) fn carried(
    parties: &[Party],
    role_there: impl Fn(&Name) -> Option<Name>,
) -> (Vec<Party>, BTreeMap<PersonId, PersonId>) {
    let mut called: BTreeMap<PersonId, PersonId> = BTreeMap::new();
    let mut numbers: BTreeMap<Name, usize> = BTreeMap::new();
    let mut there: Vec<Party> = Vec::new();
    for party in parties {
        let Some(role) = role_there(&party.role) else { continue };
        let person = if party.person.is_outside() {
            let known = called.entry(party.person.clone());
            known
                .or_insert_with(|| {
                    let number = numbers.entry(role.clone()).or_default();
                    *number += 1;
                    PersonId::outside(&role, *number)
                })
                .clone()
        } else {
            party.person.clone()
        };
        // A code to come back with was given for that case.
        there.push(Party { role, person, code: None, ..party.clone() });
    }
    for party in &mut there {
        if let Some(person) = &party.represents {
            party.represents = called.get(person).or(Some(person)).cloned();
        }
    }
    (there, called)
}

/// Returns what the case that this one comes from waits for, if these events bring it: a decision, or the end of this
/// case without one.
pub fn verdict(case: &Case, events: &[Event]) -> Option<(String, Verdict)> {
    let origin = case.opening.as_ref()?.origin.as_ref()?;
    let decides = origin.decides.as_ref()?;
    let record = case.step(&decides.step);
    let outcome = || record.and_then(StepRecord::last_done).and_then(|done| done.outcome.clone());
    let is_decision = |event: &Event| {
        if let Fact::StepDone { instance, .. } = &event.fact {
            !decides.when_final && instance.step == decides.step
        } else if let Fact::DecisionFinal { step, .. } = &event.fact {
            decides.when_final && *step == decides.step
        } else {
            false
        }
    };
    if events.iter().any(is_decision) {
        // A step that is done for each of a list decides when all of it is done.
        let done = record.is_some_and(|record| record.is_done() || !record.acts.is_empty());
        return done.then(|| (origin.case.clone(), Verdict::Decided(outcome())));
    }
    let decided = record.is_some_and(|record| {
        if decides.when_final {
            record.became_final.is_some()
        } else {
            record.last_done().is_some() || !record.earlier.is_empty()
        }
    });
    events.iter().find_map(|event| {
        let Fact::CaseEnded { status, .. } = &event.fact else { return None };
        let ended = (origin.case.clone(), Verdict::Ended(status.clone()));
        // An appeal may still lie against a decision that waits to become final.
        let waits = decides.when_final && record.is_some_and(|record| record.last_done().is_some());
        Some(ended).filter(|_| !decided && !waits)
    })
}
