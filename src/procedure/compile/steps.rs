//! Steps, acts at any time, and the filing of appeals.

use super::flow;
use super::names::{Names, part};
use super::scope::Shape;
use super::{Findings, appeals, breach, check_breach, rule, scope, title};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};
use crate::procedure::definition::{
    Condition, Each, Outcome, Rest, ReturnTo, Step, StepKind, Until,
};
use crate::procedure::document::{
    ConditionDocument, EachDocument, FormDocument, OutcomeDocument, ProcedureDocument,
    ReturnDocument, StepDocument, Written,
};
use crate::procedure::guard::{Finding, Guard, Scope};
use crate::procedure::name::Name;
use crate::schema::FieldKind;
use crate::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

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
        let Some((filing, appeal)) = appeals::filing(context, written, &steps, findings) else {
            findings.misread();
            steps.push(step(context, &written.filing, StepKind::AtAnyTime, shape, findings));
            continue;
        };
        let kind = StepKind::Appeal(Box::new(appeal.clone()));
        let mut compiled = step(context, &written.filing, kind, shape, findings);
        compiled.after = appeals::after(&appeal);
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
    let kind_of = kind.clone();
    let names = context.names;
    let outcome_names: Vec<String> = written.outcomes.iter().map(|o| o.name.text.clone()).collect();
    let roles: Vec<String> =
        context.document.roles.iter().map(|role| role.name.text.clone()).collect();
    let inner = scope::with_outcome(context.scope, shape, &outcome_names, &roles);
    let outcomes = written.outcomes.iter().map(|o| outcome(context, o, &inner, findings)).collect();
    let after = match (&written.after, &kind) {
        (Some(after), StepKind::InCourse) => condition(names, after, findings),
        (Some(_) | None, _) => Condition::Always,
    };
    check_supplies(context.data, &written.supplies, findings);
    check_until(written, findings);
    check_automatic(written, findings);
    check_order_can_break(written, &kind, findings);
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
        not: Vec::new(),
        breach: breach(written.breach.as_ref()),
        panel: None,
        after,
        before: written.before.as_ref().map(|before| condition(names, before, findings)),
        when: written.when.as_ref().and_then(|when| guard(when, context.scope, findings)),
        optional: written.optional,
        decision: written.decision,
        replaces: written.replaces.as_ref().and_then(|of| appeals::replaced(context, of, findings)),
        follow_up: written.follow_up,
        each: written.each.as_ref().and_then(|each| flow::each(context, each, findings)),
        until: written
            .until
            .as_ref()
            .map_or(Until::All, |until| flow::until(context, until, findings)),
        rest: match written.rest.as_ref().map(|rest| rest.text.as_str()) {
            Some("finish") => Rest::Finish,
            Some(_) | None => Rest::Cancel,
        },
        relations: flow::relations(context, &written.cancels, &written.owes, findings),
        blocks: flow::steps_and_phases(names, &written.blocks, findings),
        form: None,
        letter: written.letter.as_ref().map(|letter| Name::from(letter.text.as_str())),
        supplies: written.supplies.iter().map(|field| field.text.clone()).collect(),
        outcomes,
        then: written.then.as_ref().and_then(|then| return_to(names, then, findings)),
        ends: written.ends.as_ref().map(|ends| Name::from(ends.text.as_str())),
        deadline,
        suspended_by: Vec::new(),
        opens: super::opens::opens(context, written, &kind_of, findings),
        awaits: written.awaits.as_ref().and_then(|opener| names.exact_step(&opener.text)),
        rule: rule(&written.name.place, written.cite.as_ref()),
    }
}

fn outcome(
    context: &Context<'_>,
    written: &OutcomeDocument,
    scope: &Scope,
    findings: &mut Findings,
) -> Outcome {
    let names = context.names;
    check_breach(written.breach.as_ref(), written.allowed.is_some(), "`allowed`", findings);
    Outcome {
        breach: breach(written.breach.as_ref()),
        name: Name::from(written.name.text.as_str()),
        title: title(written.title.as_ref(), &written.name),
        description: written.description.clone(),
        allowed: written.allowed.as_ref().and_then(|allowed| guard(allowed, scope, findings)),
        allowed_place: written.allowed.as_ref().map(|allowed| allowed.place.clone()),
        letter: written.letter.as_ref().map(|letter| Name::from(letter.text.as_str())),
        then: written.then.as_ref().and_then(|then| return_to(names, then, findings)),
        ends: written.ends.as_ref().map(|ends| Name::from(ends.text.as_str())),
        relations: flow::relations(context, &written.cancels, &written.owes, findings),
        rule: rule(&written.name.place, written.cite.as_ref()),
    }
}

pub(super) fn return_to(
    names: &Names,
    written: &ReturnDocument,
    findings: &mut Findings,
) -> Option<ReturnTo> {
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
            guard_findings(written, found, findings);
            None
        }
    }
}

/// Reports what is wrong with a guard, each at its place in the file.
pub(super) fn guard_findings(written: &Written, found: Vec<Finding>, findings: &mut Findings) {
    for finding in found {
        let place = part(&written.place, &written.text, finding.range.start, finding.range.end);
        let exact = place.span != written.place.span || finding.range == (0..written.text.len());
        let mut diagnostic =
            Diagnostic::error(finding.code, &place).message(finding.message).label(finding.label);
        if let Some(help) = finding.help {
            diagnostic = diagnostic.help(help);
        }
        if let Some((range, replacement)) = finding.suggestion
            && exact
        {
            let within = part(&written.place, &written.text, range.start, range.end);
            diagnostic =
                diagnostic.suggest(Span::new(within.span.start, within.span.end), replacement);
        }
        findings.add(diagnostic);
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

/// What is done by several, or for each of a list, is not taken in before its turn: it is not known for whom.
fn check_order_can_break(written: &StepDocument, kind: &StepKind, findings: &mut Findings) {
    let flagged = written.breach.as_ref().filter(|breach| breach.text != "refuse");
    let Some(flagged) = flagged.filter(|_| *kind == StepKind::InCourse) else { return };
    let what = if written.panel.is_some() {
        "done by a panel"
    } else if written.each.is_some() {
        "done for each of a list"
    } else if !written.has_who {
        "nobody's"
    } else {
        return;
    };
    let finding = Diagnostic::error("flag-of-many", &flagged.place)
        .message(format!(
            "step `{}` is {what}, so it can't be done out of its order",
            written.name.text
        ))
        .label("only a step that one person does once can");
    findings
        .add(finding.help("leave it out; put the rule about people into `apart`, and flag that"));
}

/// Of items that the file itself gives, no more can be done than there are.
fn check_until(written: &StepDocument, findings: &mut Findings) {
    let Some(EachDocument::Listed(items)) = &written.each else { return };
    let items: BTreeSet<&str> = items.iter().map(|item| item.text.as_str()).collect();
    let Some(until) = &written.until else { return };
    let wanted = until.text.strip_prefix("at least ").and_then(|n| n.trim().parse::<usize>().ok());
    let Some(wanted) = wanted.filter(|wanted| *wanted > items.len()) else { return };
    let finding = Diagnostic::error("too-many-wanted", &until.place)
        .message(format!("{wanted} of {} can never be done", items.len()))
        .label(format!("the list has {}", items.len()));
    findings.add(finding.help("ask for fewer, or add to the list"));
}

/// What the engine does by itself has no form, and no list of people who do it.
fn check_automatic(written: &StepDocument, findings: &mut Findings) {
    if written.has_who {
        return;
    }
    let wrong = if written.awaits.is_some() {
        None
    } else if written.opens.is_some() {
        Some("`opens`")
    } else if written.form.is_some() {
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
