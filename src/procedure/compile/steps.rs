//! Steps, acts at any time, and the filing of appeals.

use super::flow;
use super::names::{Names, part};
use super::scope::Shape;
use super::{Findings, rule, scope, title};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::procedure::definition::{
    Appeal, AppealEffect, Condition, DeadlineIndex, Each, Fact, Late, Outcome, ReturnTo, Step,
    StepIndex, StepKind, Until,
};
use crate::procedure::document::{
    AppealDocument, ConditionDocument, EffectDocument, FormDocument, OutcomeDocument,
    ProcedureDocument, ReturnDocument, StepDocument, Written,
};
use crate::procedure::guard::{Guard, Scope};
use crate::procedure::name::Name;
use crate::schema::FieldKind;
use crate::yaml::Node;
use std::collections::BTreeMap;

/// How often a case returns to a step unless the author says otherwise.
const USUAL_LIMIT: u32 = 1;

/// What the parts of a file are compiled against.
pub(super) struct Context<'a> {
    pub(super) names: &'a Names,
    pub(super) scope: &'a Scope,
    /// The case data.
    pub(super) data: &'a Shape,
    /// The forms of all steps, acts and filings, in this order.
    pub(super) shapes: &'a [Shape],
    pub(super) document: &'a ProcedureDocument,
}

/// Compiles the forms of all steps, acts and filings, in this order.
pub(super) fn forms(
    document: &ProcedureDocument,
    files: &BTreeMap<String, Node>,
    findings: &mut Findings,
) -> Vec<Shape> {
    let filings = document.appeals.iter().map(|appeal| &appeal.filing);
    let steps = document.steps.iter().chain(&document.acts).chain(filings);
    steps.map(|step| form(step, files, findings)).collect()
}

fn form(step: &StepDocument, files: &BTreeMap<String, Node>, findings: &mut Findings) -> Shape {
    let node = match &step.form {
        None => return Shape::Nothing,
        Some(FormDocument::Inline(node)) => node,
        Some(FormDocument::File(path)) => {
            if let Some(node) = files.get(&path.text) {
                node
            } else {
                findings.add(no_such_form(path, files));
                return Shape::Broken;
            }
        }
    };
    findings.form(node, files).map_or(Shape::Broken, Shape::Form)
}

fn no_such_form(path: &Written, files: &BTreeMap<String, Node>) -> Diagnostic {
    let leaves = path.text.contains("://")
        || path.text.starts_with('/')
        || path.text.split('/').any(|part| part == "..");
    if leaves {
        return Diagnostic::error("ref-outside", &path.place)
            .message("a form is a file of the workspace")
            .label("this leads out of it")
            .help("write the path from the procedure's folder: `forms/hearing.schema.json`");
    }
    let finding = Diagnostic::error("no-such-form", &path.place)
        .message(format!("no form `{}`", path.text))
        .label("the file is not there, or can't be read");
    match did_you_mean(&path.text, files.keys().map(String::as_str)) {
        Some(near) => finding
            .help(format!("there is a file with a similar name: `{near}`"))
            .suggest(path.place.span, near),
        None => {
            finding.help("write the path from the procedure's folder: `forms/hearing.schema.json`")
        }
    }
}

/// Compiles all steps, acts and filings, in this order; their forms are put in by the caller.
pub(super) fn steps(context: &Context<'_>, findings: &mut Findings) -> Vec<Step> {
    let document = context.document;
    let mut shapes = context.shapes.iter();
    let mut steps = Vec::new();
    for (written, shape) in document.steps.iter().zip(&mut shapes) {
        steps.push(step(context, written, StepKind::InCourse, shape, findings));
    }
    for (written, shape) in document.acts.iter().zip(&mut shapes) {
        steps.push(step(context, written, StepKind::AtAnyTime, shape, findings));
    }
    for (written, shape) in document.appeals.iter().zip(&mut shapes) {
        let Some((filing, appeal)) = filing(context, written, findings) else {
            findings.misread();
            steps.push(step(context, &written.filing, StepKind::AtAnyTime, shape, findings));
            continue;
        };
        let kind = StepKind::Appeal(appeal.clone());
        let mut compiled = step(context, &written.filing, kind, shape, findings);
        compiled.after = Condition::Fact(Fact::Done(appeal.against));
        effects(context, written, &appeal, &mut steps, findings);
        for held in context.names.steps(&written.suspends, findings) {
            if let Some(step) = steps.get_mut(held.0) {
                step.suspended_by.push(filing);
            }
        }
        steps.push(compiled);
    }
    steps
}

fn step(
    context: &Context<'_>,
    written: &StepDocument,
    kind: StepKind,
    shape: &Shape,
    findings: &mut Findings,
) -> Step {
    let names = context.names;
    let outcome_names: Vec<String> = written.outcomes.iter().map(|o| o.name.text.clone()).collect();
    let roles: Vec<String> =
        context.document.roles.iter().map(|role| role.name.text.clone()).collect();
    let inner = scope::with_outcome(context.scope, shape, &outcome_names, &roles);
    let outcomes = written.outcomes.iter().map(|o| outcome(names, o, &inner, findings)).collect();
    let after = match (&written.after, &kind) {
        (Some(after), StepKind::InCourse) => condition(names, after, findings),
        (Some(_) | None, _) => Condition::Always,
    };
    check_supplies(context.data, &written.supplies, findings);
    check_automatic(written, findings);
    let mut who = names.roles(&written.who, findings);
    if who.is_empty() && written.has_who {
        // A role that is not known was reported; the step must not become the engine's.
        who.push(crate::procedure::definition::RoleIndex(0));
    }
    let in_course = matches!(kind, StepKind::InCourse);
    let deadline = if in_course || matches!(kind, StepKind::Appeal(_)) {
        written.within.as_ref().and_then(|_| names.exact_deadline(&written.name.text))
    } else {
        None
    };
    Step {
        name: Name::from(written.name.text.as_str()),
        title: title(written.title.as_ref(), &written.name),
        description: written.description.clone(),
        kind,
        who,
        after,
        before: written.before.as_ref().map(|before| condition(names, before, findings)),
        when: written.when.as_ref().and_then(|when| guard(when, context.scope, findings)),
        optional: written.optional,
        decision: written.decision,
        follow_up: written.follow_up,
        each: written.each.as_ref().and_then(|each| flow::each(context, each, findings)),
        until: written
            .until
            .as_ref()
            .map_or(Until::All, |until| flow::until(context, until, findings)),
        rest_may_finish: written.rest.as_ref().is_some_and(|rest| rest.text == "finish"),
        relations: flow::relations_of_step(names, written, findings),
        blocks: flow::steps_and_phases(names, &written.blocks, findings),
        form: None,
        letter: written.letter.as_ref().map(|letter| Name::from(letter.text.as_str())),
        supplies: written.supplies.iter().map(|field| field.text.clone()).collect(),
        outcomes,
        then: written.then.as_ref().and_then(|then| return_to(names, then, findings)),
        ends: written.ends.as_ref().map(|ends| Name::from(ends.text.as_str())),
        deadline,
        suspended_by: Vec::new(),
        rule: rule(&written.name.place, written.cite.as_ref()),
    }
}

fn outcome(
    names: &Names,
    written: &OutcomeDocument,
    scope: &Scope,
    findings: &mut Findings,
) -> Outcome {
    Outcome {
        name: Name::from(written.name.text.as_str()),
        title: title(written.title.as_ref(), &written.name),
        description: written.description.clone(),
        allowed: written.allowed.as_ref().and_then(|allowed| guard(allowed, scope, findings)),
        allowed_place: written.allowed.as_ref().map(|allowed| allowed.place.clone()),
        letter: written.letter.as_ref().map(|letter| Name::from(letter.text.as_str())),
        then: written.then.as_ref().and_then(|then| return_to(names, then, findings)),
        ends: written.ends.as_ref().map(|ends| Name::from(ends.text.as_str())),
        relations: flow::relations_of_outcome(names, written, findings),
        appeal: None,
        rule: rule(&written.name.place, written.cite.as_ref()),
    }
}

fn return_to(names: &Names, written: &ReturnDocument, findings: &mut Findings) -> Option<ReturnTo> {
    let step = names.step(&written.to, findings)?;
    let limit = written.limit.unwrap_or(USUAL_LIMIT);
    Some(ReturnTo { step, limit, place: written.to.place.clone() })
}

/// Returns the condition that is written; facts that are not known count as what may still come.
pub(super) fn condition(
    names: &Names,
    written: &ConditionDocument,
    findings: &mut Findings,
) -> Condition {
    let mut all = |parts: &[ConditionDocument]| -> Vec<Condition> {
        parts.iter().map(|part| condition(names, part, findings)).collect()
    };
    match written {
        ConditionDocument::Fact(fact) => {
            if let Some(phase) = names.phase(&fact.text) {
                return flow::phase_over(names, phase);
            }
            names.fact(fact, findings).map_or(Condition::Always, Condition::Fact)
        }
        ConditionDocument::All(parts) => Condition::All(all(parts)),
        ConditionDocument::Any(parts) => Condition::Any(all(parts)),
        ConditionDocument::Applicable(parts) => Condition::Applicable(all(parts)),
        ConditionDocument::AtLeast(wanted, parts) => {
            let of = all(parts);
            let n = wanted.text.parse().unwrap_or(1);
            if n > of.len() {
                let finding = Diagnostic::error("too-many-wanted", &wanted.place)
                    .message(format!("{n} of {} can never come true", of.len()))
                    .label(format!("the list has {}", of.len()));
                findings.add(finding.help("ask for fewer, or add to the list"));
            }
            Condition::AtLeast(n, of)
        }
    }
}

/// Compiles a guard; places inside it become places in the file.
pub(super) fn guard(written: &Written, scope: &Scope, findings: &mut Findings) -> Option<Guard> {
    match Guard::compile(&written.text, scope) {
        Ok(guard) => Some(guard),
        Err(found) => {
            for finding in found {
                let place =
                    part(&written.place, &written.text, finding.range.start, finding.range.end);
                let exact =
                    place.span != written.place.span || finding.range == (0..written.text.len());
                let mut diagnostic = Diagnostic::error(finding.code, &place)
                    .message(finding.message)
                    .label(finding.label);
                if let Some(help) = finding.help {
                    diagnostic = diagnostic.help(help);
                }
                if let Some((range, replacement)) = finding.suggestion
                    && exact
                {
                    let within = part(&written.place, &written.text, range.start, range.end);
                    diagnostic = diagnostic
                        .suggest(Span::new(within.span.start, within.span.end), replacement);
                }
                findings.add(diagnostic);
            }
            None
        }
    }
}

/// Returns the field that `data.field` or `step.field` stands for, with its kind, or reports that there is none.
pub(super) fn field(
    context: &Context<'_>,
    written: &Written,
    findings: &mut Findings,
) -> Option<(Each, FieldKind)> {
    let Written { text, place } = written;
    let (of, name) = text.split_once('.')?;
    let of_place = part(place, text, 0, of.len());
    let (shape, each, whose) = if of == "data" {
        let whose = "the case data has".to_owned();
        (context.data, Each::Data(name.to_owned()), whose)
    } else {
        let step = Written { text: of.to_owned(), place: of_place };
        let step = context.names.step(&step, findings)?;
        let whose = format!("the form of `{of}` has");
        (context.shapes.get(step.0)?, Each::Form(step, name.to_owned()), whose)
    };
    if let Some(field) = shape.fields().iter().find(|field| field.name == name) {
        return Some((each, field.kind.clone()));
    }
    if !shape.lacks(name) {
        return None;
    }
    let field_place = part(place, text, of.len() + 1, text.len());
    let finding = Diagnostic::error("unknown-field", &field_place)
        .message(format!("{whose} no field `{name}`"))
        .label("field not declared");
    let names = || shape.fields().iter().map(|field| field.name.as_str());
    findings.add(match did_you_mean(name, names()) {
        Some(near) => finding
            .help(format!("a field with a similar name exists: `{near}`"))
            .suggest(field_place.span, near),
        None if names().next().is_none() => finding.help("no field is declared there"),
        None => {
            let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            finding.help(format!("there are {}", names.join(", ")))
        }
    });
    None
}

fn check_supplies(data: &Shape, supplies: &[Written], findings: &mut Findings) {
    for supplied in supplies.iter().filter(|supplied| data.lacks(&supplied.text)) {
        findings.add(super::unknown_field(supplied, data));
    }
}

/// What the engine does by itself has no form, and no list of people who do it.
fn check_automatic(written: &StepDocument, findings: &mut Findings) {
    if written.has_who {
        return;
    }
    let wrong = if written.form.is_some() {
        Some("a form")
    } else if !written.supplies.is_empty() {
        Some("`supplies`")
    } else if written.optional {
        Some("`optional`")
    } else if written.within.is_some() {
        Some("a term")
    } else {
        None
    };
    if let Some(what) = wrong {
        let name = &written.name;
        let finding = Diagnostic::error("nobody-does-it", &name.place)
            .message(format!("step `{}` has {what}, but nobody who does it", name.text))
            .label("it has no `who`");
        findings
            .add(finding.help("say who does it: `who: …`; without it the engine does it at once"));
    }
}

fn filing(
    context: &Context<'_>,
    written: &AppealDocument,
    findings: &mut Findings,
) -> Option<(StepIndex, Appeal)> {
    let names = context.names;
    let filing = names.exact_step(&written.filing.name.text)?;
    let against = names.step(written.against.as_ref()?, findings)?;
    let decided_by = names.step(written.decided_by.as_ref()?, findings)?;
    let document = context.document;
    if let Some(place) = &written.against
        && !document.steps.get(against.0).is_some_and(|step| step.decision)
    {
        let finding = Diagnostic::error("no-decision", &place.place)
            .message(format!("`{}` is no decision, so no appeal lies against it", place.text))
            .label("not a decision");
        findings.add(finding.help(format!("add `decision: true` to `{}`", place.text)));
    }
    let window = names.exact_deadline(&written.filing.name.text).unwrap_or(DeadlineIndex(0));
    let late = match written.late.as_ref().map(|late| late.text.as_str()) {
        Some("refuse") => Late::Refuse,
        Some(_) | None => Late::Admit,
    };
    Some((filing, Appeal { against, decided_by, late, window }))
}

/// Gives each outcome of the deciding step its effect on the decision appealed against.
fn effects(
    context: &Context<'_>,
    written: &AppealDocument,
    appeal: &Appeal,
    steps: &mut [Step],
    findings: &mut Findings,
) {
    let names = context.names;
    let decided_by = written.decided_by.as_ref().map_or("", |name| name.text.as_str());
    let known: Vec<Name> = steps
        .get(appeal.decided_by.0)
        .map(|step| step.outcomes.iter().map(|outcome| outcome.name.clone()).collect())
        .unwrap_or_default();
    for (outcome, effect) in &written.outcomes {
        let compiled = effect
            .as_ref()
            .and_then(|effect| self::effect(names, effect, appeal, outcome, findings));
        if known.iter().any(|name| *name == outcome.text.as_str()) {
            let step = steps.get_mut(appeal.decided_by.0);
            let of_step =
                step.and_then(|s| s.outcomes.iter_mut().find(|o| o.name == outcome.text.as_str()));
            if let Some(of_step) = of_step {
                of_step.appeal = compiled;
            }
            continue;
        }
        let finding = Diagnostic::error("unknown-outcome", &outcome.place)
            .message(format!("`{decided_by}` has no outcome `{}`", outcome.text))
            .label("outcome not declared");
        findings.add(match did_you_mean(&outcome.text, known.iter().map(Name::as_str)) {
            Some(near) => finding
                .help(format!("an outcome with a similar name exists: `{near}`"))
                .suggest(outcome.place.span, near),
            None => finding.help(format!(
                "name an outcome of `{decided_by}`, the step that decides the appeal"
            )),
        });
    }
    let place = written.decided_by.as_ref().map(|name| &name.place);
    let said =
        |name: &Name| written.outcomes.iter().any(|(outcome, _)| *name == outcome.text.as_str());
    for name in known.iter().filter(|name| !said(name)) {
        if let Some(place) = place {
            let finding = Diagnostic::error("outcome-without-effect", place)
                .message(format!(
                    "the appeal does not say what `{decided_by}.{name}` does to the decision"
                ))
                .label(format!("it can end as `{name}`"));
            findings
                .add(finding.help(format!("add `{name}: {{ confirms: … }}` to its `outcomes`")));
        }
    }
}

fn effect(
    names: &Names,
    written: &EffectDocument,
    appeal: &Appeal,
    outcome: &Written,
    findings: &mut Findings,
) -> Option<AppealEffect> {
    let mut must_be_the_decision = |name: &Written| {
        let step = names.step(name, findings)?;
        if step != appeal.against {
            let finding = Diagnostic::error("not-the-decision", &name.place)
                .message(format!("the appeal is not against `{}`", name.text))
                .label("another step");
            findings.add(finding.help("name the step that the appeal is `against`"));
        }
        Some(())
    };
    match written {
        EffectDocument::Confirms(name) => {
            must_be_the_decision(name)?;
            Some(AppealEffect::Confirms)
        }
        EffectDocument::Replaces(name) => {
            must_be_the_decision(name)?;
            Some(AppealEffect::Replaces)
        }
        EffectDocument::Returns(back) => {
            Some(AppealEffect::Returns(return_to(names, back, findings)?))
        }
        EffectDocument::Unclear => {
            let finding = Diagnostic::error("unclear-effect", &outcome.place)
                .message(format!("`{}` must do one thing to the decision", outcome.text))
                .label("what becomes of the decision?");
            findings.add(finding.help("write one of `return-to: …`, `confirms: …`, `replaces: …`"));
            None
        }
    }
}
