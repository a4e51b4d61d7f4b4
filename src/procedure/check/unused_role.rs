//! `unused-role`: a role in which nobody can do anything.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Procedure, RoleIndex};
use crate::procedure::people::{Bar, Barred};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let in_steps = procedure.steps.iter().flat_map(|step| &step.who);
    let in_deadlines = procedure.deadlines.iter().flat_map(|rule| {
        let extend = rule.extend.iter().flat_map(|extend| extend.who.iter().chain(&extend.consent));
        let stops = rule.stops.iter().flat_map(|stops| &stops.who);
        let remind = rule.lapse.remind.iter().flat_map(|remind| &remind.tell);
        rule.who.iter().chain(&rule.lapse.tell).chain(remind).chain(extend).chain(stops)
    });
    let letters = procedure.letters.iter();
    let letters =
        letters.flat_map(|letter| letter.to.iter().chain(&letter.copy_to).chain(&letter.who));
    let intake = procedure.intake.who.iter().chain(&procedure.intake.correct);
    let intake = intake.chain(procedure.intake.between.roles());
    let access = &procedure.access;
    let confidential = access.confidential.iter().flat_map(|rule| {
        let hide = rule.hide.iter().flat_map(|hide| std::iter::once(&hide.role).chain(&hide.from));
        rule.visible_to.iter().flatten().chain(hide)
    });
    let access = access.refuse.iter().chain(access.visible_to.iter().flatten());
    let access = access.chain(&procedure.access.hidden_from).chain(confidential);
    let represented = procedure.roles.iter().flat_map(|role| &role.represents);
    let elsewhere =
        intake.chain(letters).chain(procedure.apart.iter().flat_map(|apart| &apart.roles));
    let elsewhere = elsewhere.chain(&procedure.access.add).chain(access).chain(represented);
    let bars = procedure.roles.iter().flat_map(|role| &role.not);
    let bars = bars.chain(procedure.steps.iter().flat_map(|step| &step.not)).filter_map(of_bar);
    let used: Vec<RoleIndex> =
        in_steps.chain(in_deadlines).chain(elsewhere).chain(bars).copied().collect();
    let unused = procedure.roles.iter().enumerate().filter(|(place, role)| {
        !used.iter().any(|role| role.get() == *place)
            && role.acts_for.is_empty()
            && !role.may_assign
            && role.represents.is_empty()
    });
    unused
        .map(|(_, role)| {
            Diagnostic::warning("unused-role", &role.rule.place)
                .message(format!("role `{}` is used nowhere", role.name))
                .label("no step, deadline or rule names it")
                .help("remove it, or name it in a `who`")
        })
        .collect()
}

/// Returns the role that a bar names.
fn of_bar(bar: &Bar) -> Option<&RoleIndex> {
    match &bar.whom {
        Barred::Party(role) | Barred::Role(role) | Barred::UnitOfRole(role) => Some(role),
        Barred::Data(_) | Barred::Step(_) | Barred::UnitOfStep(_) => None,
    }
}
