//! Deadlines: the named ones, the `within` of steps, the windows of appeals.

use super::anchors::{RECEIVED, anchor, bound};
use super::flow;
use super::steps::{Context, condition, guard};
use super::{Findings, Law, breach, calendar, counting, rule, term, title, within};
use crate::diagnostic::Diagnostic;
use crate::procedure::check::{
    cap_in_another_unit, consent_of_staff, counted_back, warning_before_start,
};
use crate::procedure::definition::{
    Anchor, Condition, Deadline, Deemed, Extend, Fact, Lapse, PenaltyRule, Recurs, Remind,
    RoleIndex, StartEvent, Step, StepIndex, Stops, Within,
};
use crate::procedure::document::{
    DeadlineDocument, ExtendDocument, LapseDocument, PenaltyDocument, StepDocument, StopsDocument,
    Written,
};
use crate::procedure::name::Name;
use crate::time::{From, Penalty, Roll, Term, Tier};
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
            let refuses = appeal.late.as_ref().is_some_and(|late| late.text == "refuse")
                && !breach(appeal.filing.breach.as_ref()).is_flagged();
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
    let within = within::within(context, written.within.as_ref(), None, findings);
    let met_by = written.met_by.as_ref().map(|met_by| condition(names, met_by, findings));
    let mut who = names.roles(&written.who, findings);
    if let Some(met_by) = met_by.as_ref().filter(|_| written.who.is_empty()) {
        who = answerable(met_by, steps);
    }
    let extend =
        written.extend.iter().map(|rule| extension(context, rule, &who, findings)).collect();
    let until = written.until.as_ref().map(|until| condition(names, until, findings));
    let backwards = written.before.is_some();
    findings.extend(counted_back::check(written));
    let starts = written.before.as_ref().or(written.starts.as_ref());
    Deadline {
        name: Name::from(written.name.text.as_str()),
        title: title(written.title.as_ref(), &written.name),
        starts: starts.map_or(RECEIVED, |starts| anchor(context, starts, findings)),
        backwards,
        once: written
            .once
            .as_ref()
            .map_or(Condition::Always, |once| condition(names, once, findings)),
        warn: warnings(within.as_ref(), &written.warn, findings),
        within: within.unwrap_or_else(|| within::unreadable(&written.name.place)),
        no_earlier_than: bound(context, written.no_earlier_than.as_ref(), findings),
        no_later_than: bound(context, written.no_later_than.as_ref(), findings),
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
        soft: written.soft,
        recurs: written.recurs.then_some(Recurs { until }),
        who,
        extend,
        stops: written.stops.iter().map(|cause| standstill(context, cause, findings)).collect(),
        penalty: written.penalty.as_ref().map(|written| penalty(context, written, findings)),
        lapse: lapse(context, &written.lapse, findings),
        of_step: None,
        rule: rule(&written.name.place, written.cite.as_ref()),
    }
}

/// Compiles one way of lengthening; those who are answerable may use it unless the author names others.
fn extension(
    context: &Context<'_>,
    written: &ExtendDocument,
    answerable: &[RoleIndex],
    findings: &mut Findings,
) -> Extend {
    let names = context.names;
    let mut who = names.roles(&written.who, findings);
    if written.who.is_empty() {
        who.extend(answerable);
    }
    let by = term(written.by.as_ref(), findings);
    let at_most = term(written.at_most.as_ref(), findings);
    if let (Some(by), Some(at_most), Some(place)) = (by, at_most, &written.at_most) {
        findings.extend(cap_in_another_unit::check(by, at_most, &place.place));
    }
    for role in &written.consent {
        findings.extend(consent_of_staff::check(&context.document.roles, role));
    }
    Extend {
        by: by.unwrap_or_else(unreadable),
        from: match written.from.as_ref().map(|from| from.text.as_str()) {
            Some("start") => From::Start,
            Some("rolled-end") => From::RolledEnd,
            Some(_) | None => From::End,
        },
        times: written.times.unwrap_or(1),
        at_most,
        who,
        consent: names.roles(&written.consent, findings),
        after: written
            .after
            .as_ref()
            .map_or(Condition::Always, |after| condition(names, after, findings)),
        after_lapse: written.after_lapse,
        breach: breach(written.breach.as_ref()),
        reason_required: written.reason.as_ref().is_none_or(|reason| reason.text != "optional"),
        letter: written.letter.as_ref().map(|letter| Name::from(letter.text.as_str())),
        rule: rule(&written.place, written.cite.as_ref()),
    }
}

fn standstill(context: &Context<'_>, written: &StopsDocument, findings: &mut Findings) -> Stops {
    let stands = |day: Option<&Written>| day.map(|day| day.text == "stands");
    Stops {
        while_open: flow::steps_and_phases(context.names, &written.while_open, findings),
        who: context.names.roles(&written.who, findings),
        at_most: term(written.at_most.as_ref(), findings),
        first_day_stands: stands(written.first_day.as_ref()),
        last_day_stands: stands(written.last_day.as_ref()),
        restarts: written.then.as_ref().is_some_and(|then| then.text == "restart"),
        rule: rule(&written.place, written.cite.as_ref()),
    }
}

fn penalty(
    context: &Context<'_>,
    written: &PenaltyDocument,
    findings: &mut Findings,
) -> PenaltyRule {
    let tiers = written.tiers.iter().filter_map(|tier| {
        Some(Tier { days: tier.days?, cents_a_day: cents(tier.a_day.as_ref()?, findings)? })
    });
    let tiers = tiers.collect();
    let unless = written.unless.as_ref().and_then(|unless| guard(unless, context.scope, findings));
    let currency = written.currency.as_ref().map_or("EUR", |currency| currency.text.as_str());
    PenaltyRule {
        penalty: Penalty { tiers, currency: currency.to_owned() },
        unless,
        unless_place: written
            .unless
            .as_ref()
            .map_or_else(|| written.place.clone(), |unless| unless.place.clone()),
        rule: rule(&written.place, written.cite.as_ref()),
    }
}

/// Returns an amount in hundredths: `23` or `23.50`.
fn cents(written: &Written, findings: &mut Findings) -> Option<u32> {
    let (whole, part) = written.text.split_once('.').unwrap_or((&written.text, ""));
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let sound = !whole.is_empty() && digits(whole) && digits(part) && part.len() <= 2;
    let cents = sound.then(|| format!("{whole}{part:0<2}").parse().ok()).flatten();
    if cents.is_none() {
        let finding = Diagnostic::error("not-an-amount", &written.place)
            .message(format!("`{}` is no amount of money", written.text))
            .label("expected whole units, or units and hundredths");
        findings.add(finding.help("write it as `23` or `23.50`"));
    }
    cents
}

/// Returns the roles that may do what meets a deadline: it is their duty, unless the author names others.
fn answerable(met_by: &Condition, steps: &[Step]) -> Vec<RoleIndex> {
    let facts = met_by.facts().into_iter();
    let done = facts.filter_map(|fact| match fact {
        Fact::Done(step) | Fact::First(step) | Fact::EndedAs(step, _) | Fact::Final(step) => {
            steps.get(step.0)
        }
        Fact::Lapsed(_) | Fact::PenaltyEnded(_) => None,
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
    let within = within::within(context, step.within.as_ref(), Some(index), findings);
    let mut lapse = lapse(context, &step.lapse, findings);
    lapse.closes.extend(closes);
    // The roles were resolved, and reported if unknown, where the step was compiled.
    let who = context.names.roles(&step.who, &mut Findings::default());
    Deadline {
        name: Name::from(step.name.text.as_str()),
        title: title(step.title.as_ref(), &step.name),
        starts: Anchor::Event(StartEvent::Due(index)),
        backwards: false,
        once: Condition::Always,
        warn: warnings(within.as_ref(), &step.warn, findings),
        within: within.unwrap_or_else(|| within::unreadable(&step.name.place)),
        no_earlier_than: None,
        no_later_than: None,
        calendar: calendar(step.calendar.as_ref(), law.almanac, findings)
            .unwrap_or_else(|| Arc::clone(&law.calendar)),
        counting: Arc::clone(&law.counting),
        roll: None,
        met_by: Condition::Fact(Fact::Done(index)),
        soft: false,
        recurs: None,
        who,
        extend: Vec::new(),
        stops: Vec::new(),
        penalty: None,
        lapse,
        of_step: Some(index),
        rule: rule(&step.name.place, step.cite.as_ref()),
    }
}

fn warnings(within: Option<&Within>, written: &[Written], findings: &mut Findings) -> Vec<Term> {
    let mut terms = Vec::new();
    let (known, all) = within.map(Within::written).unwrap_or_default();
    for written in written {
        let Some(warn) = term(Some(written), findings) else { continue };
        // A warning that has a place in one of the terms is meant for that one.
        let check = |within: &Term| warning_before_start::check(*within, warn, &written.place);
        let never: Option<Vec<Diagnostic>> = known.iter().map(check).collect();
        findings.extend(never.filter(|_| all).and_then(|mut never| never.pop()));
        terms.push(warn);
    }
    terms
}

fn lapse(context: &Context<'_>, written: &LapseDocument, findings: &mut Findings) -> Lapse {
    Lapse {
        tell: context.names.roles(&written.tell, findings),
        opens: context.names.steps(&written.opens, findings),
        closes: context.names.steps(&written.closes, findings),
        deems: written.deems.as_ref().and_then(|deems| deemed(context, deems, findings)),
        remind: written.remind.as_ref().map(|remind| Remind {
            every: term(remind.every.as_ref(), findings).unwrap_or_else(unreadable),
            tell: context.names.roles(&remind.tell, findings),
            at_most: remind.at_most.unwrap_or(1),
        }),
        cite: written.cite.clone(),
    }
}

/// Compiles what the law holds done: a step, with its outcome if it has outcomes.
fn deemed(context: &Context<'_>, written: &Written, findings: &mut Findings) -> Option<Deemed> {
    let fact = context.names.fact(written, findings)?;
    match fact {
        Fact::Done(step) => Some(Deemed { step, outcome: None }),
        Fact::EndedAs(step, outcome) => Some(Deemed { step, outcome: Some(outcome) }),
        Fact::First(_) | Fact::Final(_) | Fact::Lapsed(_) | Fact::PenaltyEnded(_) => {
            let finding = Diagnostic::error("cannot-be-deemed", &written.place)
                .message(format!("`{}` is no act that could be held done", written.text))
                .label("neither a step nor an outcome of one");
            findings.add(finding.help("name a step, or one of its outcomes: `besluit.toegekend`"));
            None
        }
    }
}
