//! Deadlines: the named ones, the `within` of steps, the windows of appeals.

use super::names::part;
use super::steps::{Context, condition};
use super::{Findings, Law, calendar, counting, rule, term, title};
use crate::procedure::check::warning_before_start;
use crate::procedure::definition::{
    Anchor, Condition, Deadline, Extend, Fact, Lapse, RoleIndex, Step, StepIndex, Stops,
};
use crate::procedure::document::{DeadlineDocument, LapseDocument, StepDocument, Written};
use crate::procedure::name::Name;
use crate::time::{Roll, Term};
use std::sync::Arc;

/// Compiles all deadlines in the order in which names are resolved.
pub(super) fn deadlines(
    context: &Context<'_>,
    law: &Law<'_>,
    steps: &[Step],
    findings: &mut Findings,
) -> Vec<Deadline> {
    let document = context.document;
    let mut deadlines = Vec::new();
    for written in &document.deadlines {
        deadlines.push(named(context, law, steps, written, findings));
    }
    for step in document.steps.iter().filter(|step| step.within.is_some()) {
        deadlines.push(of_step(context, law, step, None, findings));
    }
    for appeal in &document.appeals {
        if appeal.filing.within.is_some() {
            let refuses = appeal.late.as_ref().is_some_and(|late| late.text == "refuse");
            let closes = context.names.exact_step(&appeal.filing.name.text).filter(|_| refuses);
            deadlines.push(of_step(context, law, &appeal.filing, closes, findings));
        }
    }
    deadlines
}

/// A term that stands in for one that can't be read, which was reported.
fn unreadable() -> Term {
    Term::ONE_DAY
}

fn named(
    context: &Context<'_>,
    law: &Law<'_>,
    steps: &[Step],
    written: &DeadlineDocument,
    findings: &mut Findings,
) -> Deadline {
    let names = context.names;
    let within = term(written.within.as_ref(), findings);
    let met_by = written.met_by.as_ref().map(|met_by| condition(names, met_by, findings));
    let extend = written.extend.as_ref().map(|extend| Extend {
        by: term(extend.by.as_ref(), findings).unwrap_or_else(unreadable),
        times: extend.times.unwrap_or(1),
        who: names.roles(&extend.who, findings),
        reason_required: extend.reason.as_ref().is_none_or(|reason| reason.text != "optional"),
        letter: extend.letter.as_ref().map(|letter| Name::from(letter.text.as_str())),
        rule: rule(&extend.place, extend.cite.as_ref()),
    });
    let stops = written.stops.as_ref().map(|stops| Stops {
        while_open: names.steps(&stops.while_open, findings),
        who: names.roles(&stops.who, findings),
        at_most: term(stops.at_most.as_ref(), findings),
        rule: rule(&stops.place, stops.cite.as_ref()),
    });
    let mut who = names.roles(&written.who, findings);
    if let Some(met_by) = met_by.as_ref().filter(|_| written.who.is_empty()) {
        who = answerable(met_by, steps);
    }
    let mut extend = extend;
    let unsaid = written.extend.as_ref().is_some_and(|extend| extend.who.is_empty());
    if let Some(extend) = extend.as_mut().filter(|_| unsaid) {
        extend.who.clone_from(&who);
    }
    Deadline {
        name: Name::from(written.name.text.as_str()),
        title: title(written.title.as_ref(), &written.name),
        starts: anchor(context, written.starts.as_ref(), findings),
        within: within.unwrap_or_else(unreadable),
        calendar: calendar(written.calendar.as_ref(), law.almanac, findings)
            .unwrap_or_else(|| Arc::clone(&law.calendar)),
        counting: counting(written.counting.as_ref(), law.almanac, findings)
            .unwrap_or_else(|| Arc::clone(&law.counting)),
        roll: match written.roll.as_ref().map(|roll| roll.text.as_str()) {
            Some("forward") => Some(Roll::Forward),
            Some("back") => Some(Roll::Back),
            Some("none") => Some(Roll::None),
            Some(_) | None => None,
        },
        // Nothing meets a deadline that says nothing of it: an empty `any`.
        met_by: met_by.unwrap_or(Condition::Any(Vec::new())),
        who,
        extend,
        stops,
        warn: warnings(within, &written.warn, findings),
        lapse: lapse(context, &written.lapse, findings),
        of_step: None,
        rule: rule(&written.name.place, written.cite.as_ref()),
    }
}

/// Returns the roles that may do what meets a deadline: it is their duty, unless the author names others.
fn answerable(met_by: &Condition, steps: &[Step]) -> Vec<RoleIndex> {
    let facts = met_by.facts().into_iter();
    let done = facts.filter_map(|fact| match fact {
        Fact::Done(step) | Fact::EndedAs(step, _) | Fact::Final(step) => steps.get(step.0),
        Fact::Lapsed(_) => None,
    });
    let mut roles: Vec<RoleIndex> = Vec::new();
    for role in done.flat_map(|step| &step.who) {
        if !roles.contains(role) {
            roles.push(*role);
        }
    }
    roles
}

fn of_step(
    context: &Context<'_>,
    law: &Law<'_>,
    step: &StepDocument,
    closes: Option<StepIndex>,
    findings: &mut Findings,
) -> Deadline {
    let index = context.names.exact_step(&step.name.text).unwrap_or(StepIndex(0));
    let within = term(step.within.as_ref(), findings);
    let mut lapse = lapse(context, &step.lapse, findings);
    lapse.closes.extend(closes);
    // The roles were resolved, and reported if unknown, where the step was compiled.
    let who = context.names.roles(&step.who, &mut Findings::default());
    Deadline {
        name: Name::from(step.name.text.as_str()),
        title: title(step.title.as_ref(), &step.name),
        starts: Anchor::Due(index),
        within: within.unwrap_or_else(unreadable),
        calendar: calendar(step.calendar.as_ref(), law.almanac, findings)
            .unwrap_or_else(|| Arc::clone(&law.calendar)),
        counting: Arc::clone(&law.counting),
        roll: None,
        met_by: Condition::Fact(Fact::Done(index)),
        who,
        extend: None,
        stops: None,
        warn: warnings(within, &step.warn, findings),
        lapse,
        of_step: Some(index),
        rule: rule(&step.name.place, step.cite.as_ref()),
    }
}

fn warnings(within: Option<Term>, written: &[Written], findings: &mut Findings) -> Vec<Term> {
    let mut terms = Vec::new();
    for written in written {
        let Some(warn) = term(Some(written), findings) else { continue };
        findings.extend(
            within.and_then(|within| warning_before_start::check(within, warn, &written.place)),
        );
        terms.push(warn);
    }
    terms
}

fn lapse(context: &Context<'_>, written: &LapseDocument, findings: &mut Findings) -> Lapse {
    Lapse {
        tell: context.names.roles(&written.tell, findings),
        opens: context.names.steps(&written.opens, findings),
        closes: context.names.steps(&written.closes, findings),
        cite: written.cite.clone(),
    }
}

fn anchor(context: &Context<'_>, written: Option<&Written>, findings: &mut Findings) -> Anchor {
    let Some(written) = written else { return Anchor::Received };
    match written.text.as_str() {
        "received" => Anchor::Received,
        "opened" => Anchor::Opened,
        text => match text.strip_suffix(".due") {
            Some(step) => {
                let place = part(&written.place, text, 0, step.len());
                let step = Written { text: step.to_owned(), place };
                context.names.step(&step, findings).map_or(Anchor::Received, Anchor::Due)
            }
            None => match context.names.fact(written, findings) {
                Some(fact) => Anchor::Came(fact),
                None => Anchor::Received,
            },
        },
    }
}
