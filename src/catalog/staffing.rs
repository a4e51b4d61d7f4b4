//! Whether an organisation has the people that a procedure needs.

use super::Organisation;
use crate::case::Person;
use crate::diagnostic::Diagnostic;
use crate::procedure::{Acts, Apart, Procedure, RoleIndex, Step, StepIndex};
use std::collections::BTreeMap;

/// Returns the steps that nobody of `organisation` could do in any case: since nobody has the role, since there are too
/// few for a panel, or since those who could are needed for what is kept apart from it.
///
/// Parties are known in a case only, so that what a party may do can always be done. An organisation without people
/// says nothing about staff.
pub fn check(procedure: &Procedure, organisation: &Organisation) -> Vec<Diagnostic> {
    let people: Vec<Person> = organisation.people().collect();
    if people.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut reported: Vec<StepIndex> = Vec::new();
    for (index, step) in procedure.steps() {
        if step.is_automatic() || is_for_a_party(procedure, step) {
            continue;
        }
        let able = able(procedure, step, &people).len();
        let needed = needed(step);
        if able < needed {
            reported.push(index);
            findings.push(too_few(procedure, step, able, needed));
        }
    }
    for apart in &procedure.apart {
        let staffed = |acts: &&Acts| !acts.steps.iter().any(|step| reported.contains(step));
        if let Some(acts) = unfilled(procedure, apart, &people, &staffed) {
            findings.push(all_needed(procedure, apart, acts));
        }
    }
    findings
}

fn is_for_a_party(procedure: &Procedure, step: &Step) -> bool {
    step.who.iter().any(|role| procedure.role(*role).party)
}

/// Returns the places of the people who have one of the roles of a step.
fn able(procedure: &Procedure, step: &Step, people: &[Person]) -> Vec<usize> {
    let has =
        |person: &Person, role: &RoleIndex| person.roles.contains(&procedure.role(*role).name);
    let able = people.iter().enumerate();
    let able = able.filter(|(_, person)| step.who.iter().any(|role| has(person, role)));
    able.map(|(place, _)| place).collect()
}

/// Returns how many people a step needs.
fn needed(step: &Step) -> usize {
    step.panel.as_ref().map_or(1, |panel| panel.quorum)
}

/// Returns the first of several acts kept apart for which nobody is left when the others have been done, if there is one.
///
/// Each act takes as many people as it needs, and no person is taken twice; who was taken may make room for another.
fn unfilled<'p>(
    procedure: &Procedure,
    apart: &'p Apart,
    people: &[Person],
    staffed: &dyn Fn(&&Acts) -> bool,
) -> Option<&'p Acts> {
    let by_staff = |acts: &&Acts| {
        acts.steps.iter().any(|step| {
            let step = procedure.step(*step);
            !step.is_automatic() && !is_for_a_party(procedure, step)
        })
    };
    // A seat is one person that an act takes: of several steps under one name, the one that needs most.
    let mut seats: Vec<(&Acts, Vec<usize>)> = Vec::new();
    for acts in apart.steps.iter().filter(by_staff).filter(staffed) {
        let steps = acts.steps.iter().map(|step| procedure.step(*step));
        let steps = steps.filter(|step| !step.is_automatic() && !is_for_a_party(procedure, step));
        let Some(step) = steps.max_by_key(|step| needed(step)) else { continue };
        let able = able(procedure, step, people);
        seats.extend((0..needed(step)).map(|_| (acts, able.clone())));
    }
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for seat in 0..seats.len() {
        if !takes(seat, &seats, &mut taken, &mut vec![false; people.len()]) {
            return seats.get(seat).map(|(acts, _)| *acts);
        }
    }
    None
}

/// Gives a seat to somebody, if need be by giving another seat to somebody else. Returns whether that is possible.
fn takes(
    seat: usize,
    seats: &[(&Acts, Vec<usize>)],
    taken: &mut BTreeMap<usize, usize>,
    asked: &mut [bool],
) -> bool {
    let able = seats.get(seat).map(|(_, able)| able.as_slice()).unwrap_or_default();
    for person in able {
        let Some(asked_before) = asked.get_mut(*person) else { continue };
        if std::mem::replace(asked_before, true) {
            continue;
        }
        let free = match taken.get(person).copied() {
            None => true,
            Some(other) => takes(other, seats, taken, asked),
        };
        if free {
            taken.insert(*person, seat);
            return true;
        }
    }
    false
}

fn too_few(procedure: &Procedure, step: &Step, able: usize, needed: usize) -> Diagnostic {
    let roles: Vec<String> =
        step.who.iter().map(|role| format!("`{}`", procedure.role(*role).name)).collect();
    let roles = roles.join(" or ");
    let (message, label) = if able == 0 {
        (format!("nobody in the organisation can do `{}`", step.name), format!("nobody is {roles}"))
    } else {
        let message = format!("`{}` takes {needed} people, and only {able} can do it", step.name);
        (message, format!("{able} in the organisation: {roles}"))
    };
    Diagnostic::warning("nobody-for-step", &step.rule.place)
        .message(message)
        .label(label)
        .help("give the role to people in the organisation's file, or let another role do the step")
}

fn all_needed(procedure: &Procedure, apart: &Apart, acts: &Acts) -> Diagnostic {
    let step = acts.steps.first().map(|step| procedure.step(*step));
    let place = step.map_or(&apart.rule.place, |step| &step.rule.place);
    Diagnostic::warning("nobody-for-step", place)
        .message(format!("nobody is left for `{}` when the rest has been done", acts.name))
        .label("too few people for what is kept apart")
        .related(&apart.rule.place, "kept apart here")
        .help("give one of the roles to more people in the organisation's file")
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::time::Almanac;
    use crate::yaml::{Limits, read};

    fn found(people: &str, panel: &str) -> Vec<String> {
        let text = format!(
            "procedure: p\nroles: {{ klager: {{ party: true }}, lid: {{}}, jurist: {{}} }}\n\
             apart:\n  - {{ steps: [advies, besluit] }}\nsteps:\n  \
             klacht: {{ who: klager }}\n  advies: {{ after: klacht, who: lid{panel} }}\n  \
             besluit: {{ after: advies, who: [lid, jurist], ends: klaar }}\n"
        );
        let root = read(&Source::new("p", text), &Limits::default()).expect("it is YAML");
        let almanac = Almanac::shipped();
        let compiled = crate::procedure::compile(&root, &BTreeMap::new(), &almanac);
        let procedure = compiled.expect("it compiles").procedure;
        let text = format!("organisation: o\npeople:\n{people}");
        let organisation = Organisation::from_text(&text).expect("it is read");
        check(&procedure, &organisation).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_step_that_nobody_can_do_is_found() {
        let lid = "  a: { name: A, roles: [lid] }\n";
        let jurist = "  b: { name: B, roles: [jurist] }\n";
        let other_lid = "  c: { name: C, roles: [lid] }\n";
        let enough: Vec<String> = Vec::new();
        assert_eq!(found(jurist, ""), ["nobody in the organisation can do `advies`"]);
        let left = "nobody is left for `besluit` when the rest has been done";
        assert_eq!(found(lid, ""), [left]);
        assert_eq!(found(&[lid, jurist].concat(), ""), enough);
        assert_eq!(found(&[lid, other_lid].concat(), ""), enough);
        let panel = ", panel: { of: 3, quorum: 2, decides: majority }";
        assert_eq!(
            found(&[lid, jurist].concat(), panel),
            ["`advies` takes 2 people, and only 1 can do it"]
        );
        assert_eq!(found(&[lid, other_lid].concat(), panel), [left]);
        assert_eq!(found(&[lid, other_lid, jurist].concat(), panel), enough);
    }
}
