//! What one person may not combine in one case, and who is barred from what.

use crate::case::person::{Person, PersonId};
use crate::case::refusal::{Refusal, Remedy, RuleCited, Taken, Why};
use crate::case::state::Case;
use crate::procedure::{Acts, Apart, Bar, Barred, Breach, Name, Procedure, RoleIndex, StepIndex};
use serde_json::Value;

/// Refuses a role that the person may not have in this case: since he has or had another, did something from which it is
/// kept apart, or is barred from it. `step` is what he does in it, as far as it is known; only the rules are asked of which
/// a breach is `of` that kind.
pub(super) fn may_be(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    role: RoleIndex,
    step: Option<StepIndex>,
    asked: &str,
    of: Breach,
) -> Result<(), Refusal> {
    let rule = procedure.role(role);
    if of == Breach::Refuse {
        check_origin(procedure, case, person, role, asked)?;
    }
    let apart = procedure.apart.iter().filter(|apart| apart.breach == of);
    for apart in apart.filter(|apart| apart.roles.contains(&role)) {
        let mut others = apart.roles.iter().copied().filter(|other| *other != role);
        if let Some(other) = others.find(|other| has_been(procedure, case, &person.id, *other)) {
            let other = procedure.role(other).name.clone();
            let why = Why::Apart { role: rule.name.clone(), other };
            let refusal = Refusal::new(asked, why).under(RuleCited::from(&apart.rule));
            return Err(refusal.unless(Remedy::ActAs { roles: vec![rule.name.clone()] }));
        }
        let mut done = apart.steps.iter().filter(|acts| !is_one_of(acts, step));
        if let Some(acts) = done.find(|acts| has_done(procedure, case, &person.id, acts)) {
            return Err(refused(apart, Taken::Role(rule.name.clone()), acts.name.clone(), asked));
        }
    }
    check_bars(procedure, case, person, &rule.not, asked, of)
}

/// Refuses a staff role to whoever acted in the case from which this one comes, in a role that is kept out of this one.
fn check_origin(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    role: RoleIndex,
    asked: &str,
) -> Result<(), Refusal> {
    let rule = procedure.role(role);
    let origin = case.opening.as_ref().and_then(|opening| opening.origin.as_ref());
    let Some(origin) = origin.filter(|_| !rule.party) else { return Ok(()) };
    let Some((_, other)) = origin.barred.iter().find(|(barred, _)| *barred == person.id) else {
        return Ok(());
    };
    let (role, other, case) = (rule.name.clone(), other.clone(), origin.case.clone());
    let refusal = Refusal::new(asked, Why::KeptOut { role: role.clone(), other, case });
    Err(refusal.under(&rule.rule).unless(Remedy::ActAs { roles: vec![role] }))
}

/// Refuses a step that the person may not do in this case, whatever his role.
pub(super) fn may_take_part(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    role: RoleIndex,
    step: StepIndex,
    of: Breach,
) -> Result<(), Refusal> {
    let rule = procedure.step(step);
    let asked = rule.name.as_str();
    for apart in procedure.apart.iter().filter(|apart| apart.breach == of) {
        let Some(own) = apart.steps.iter().find(|acts| is_one_of(acts, Some(step))) else {
            continue;
        };
        let mut others = apart.steps.iter().filter(|acts| !is_one_of(acts, Some(step)));
        if let Some(acts) = others.find(|acts| has_done(procedure, case, &person.id, acts)) {
            return Err(refused(apart, Taken::Acts(own.name.clone()), acts.name.clone(), asked));
        }
        let mut roles = apart.roles.iter().copied().filter(|other| *other != role);
        if let Some(other) = roles.find(|other| has_been(procedure, case, &person.id, *other)) {
            let other = Taken::Role(procedure.role(other).name.clone());
            let why = Why::ApartActs { wanted: Taken::Acts(own.name.clone()), other };
            return Err(Refusal::new(asked, why).under(RuleCited::from(&apart.rule)));
        }
    }
    check_bars(procedure, case, person, &rule.not, asked, of)
}

fn refused(apart: &Apart, wanted: Taken, did: Name, asked: &str) -> Refusal {
    let why = Why::ApartActs { wanted, other: Taken::Acts(did) };
    Refusal::new(asked, why).under(RuleCited::from(&apart.rule))
}

fn is_one_of(acts: &Acts, step: Option<StepIndex>) -> bool {
    step.is_some_and(|step| acts.steps.contains(&step))
}

/// Whether the person is or was a party in the role, or has acted in it.
fn has_been(procedure: &Procedure, case: &Case, person: &PersonId, role: RoleIndex) -> bool {
    let name = &procedure.role(role).name;
    case.has_stood_as(person, name) || case.has_acted(person, name)
}

/// Whether the person did one of these steps, in whatever round.
fn has_done(procedure: &Procedure, case: &Case, person: &PersonId, acts: &Acts) -> bool {
    acts.steps.iter().any(|step| case.has_done(person, &procedure.step(*step).name))
}

/// Refuses whoever is barred.
fn check_bars(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    bars: &[Bar],
    asked: &str,
    of: Breach,
) -> Result<(), Refusal> {
    let mut bars = bars.iter().filter(|bar| bar.breach == of);
    match bars.find(|bar| is_barred(procedure, case, person, &bar.whom)) {
        None => Ok(()),
        Some(bar) => {
            let why = Why::Barred { whom: as_written(procedure, &bar.whom) };
            Err(Refusal::new(asked, why).under(RuleCited::from(&bar.rule)))
        }
    }
}

fn is_barred(procedure: &Procedure, case: &Case, person: &Person, whom: &Barred) -> bool {
    let colleague = |other: &PersonId| {
        let theirs = case.units.get(other);
        theirs.is_some() && (theirs == person.unit.as_ref() || theirs == case.units.get(&person.id))
    };
    match whom {
        Barred::Party(role) => case.has_stood_as(&person.id, &procedure.role(*role).name),
        Barred::Role(role) => has_been(procedure, case, &person.id, *role),
        Barred::Step(acts) => has_done(procedure, case, &person.id, acts),
        Barred::Data(field) => {
            let is_named = |value: &Value| value.as_str() == Some(person.id.as_str());
            case.data.get(field).is_some_and(|value| {
                is_named(value) || value.as_array().is_some_and(|all| all.iter().any(is_named))
            })
        }
        Barred::UnitOfRole(role) => {
            let mut people = case.units.keys();
            people.any(|other| has_been(procedure, case, other, *role) && colleague(other))
        }
        Barred::UnitOfStep(acts) => {
            let mut people = case.units.keys();
            people.any(|other| has_done(procedure, case, other, acts) && colleague(other))
        }
    }
}

/// Returns who is barred, as the author wrote it: `parties.beklaagde`.
fn as_written(procedure: &Procedure, whom: &Barred) -> String {
    let role = |role: &RoleIndex| &procedure.role(*role).name;
    match whom {
        Barred::Party(of) => format!("parties.{}", role(of)),
        Barred::Role(of) => format!("roles.{}", role(of)),
        Barred::Data(field) => format!("data.{field}"),
        Barred::Step(acts) => format!("steps.{}", acts.name),
        Barred::UnitOfRole(of) => format!("unit.{}", role(of)),
        Barred::UnitOfStep(acts) => format!("unit.{}", acts.name),
    }
}
