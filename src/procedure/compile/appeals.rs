//! Appeals: what they are against, what they hold, and what each outcome does to the decision.

use super::names::Names;
use super::steps::{Context, condition, return_to};
use super::{Findings, breach, check_breach, term};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::procedure::definition::{
    Against, Appeal, AppealEffect, Condition, Early, Fact, Late, Step, StepIndex,
};
use crate::procedure::document::{AppealDocument, EffectDocument, Written};
use crate::procedure::name::Name;

/// Returns what the filing of an appeal comes after.
pub(super) fn after(appeal: &Appeal) -> Condition {
    let mut facts = appeal.against.iter().map(|against| Condition::Fact(against.fact()));
    match (facts.next(), facts.len()) {
        (Some(only), 0) => only,
        (first, _) => Condition::Any(first.into_iter().chain(facts).collect()),
    }
}

/// Compiles an appeal; `steps` are those of the course, the acts at any time, and the filings before this one.
pub(super) fn filing(
    context: &Context<'_>,
    written: &AppealDocument,
    steps: &[Step],
    findings: &mut Findings,
) -> Option<(StepIndex, Appeal)> {
    let names = context.names;
    let filing = names.exact_step(&written.filing.name.text)?;
    let mut against: Vec<Against> = Vec::new();
    for what in &written.against {
        against.push(self::against(context, what, findings)?);
    }
    let decided_by = names.step(written.decided_by.as_ref()?, findings)?;
    check_window(written, &against, findings);
    for (index, replacement) in context.document.steps.iter().enumerate() {
        let replaced = replacement.replaces.as_ref().and_then(|of| names.exact_step(&of.text));
        let lies = |against: &Against| replaced.is_some() && against.decision() == replaced;
        let replacement = Against::Decision(StepIndex(index));
        if against.iter().any(lies) && !against.contains(&replacement) {
            against.push(replacement);
        }
    }
    let late = match written.late.as_ref().map(|late| late.text.as_str()) {
        Some("refuse") if breach(written.filing.breach.as_ref()).is_flagged() => Late::Flag,
        Some("refuse") => Late::Refuse,
        Some(_) | None => Late::Admit,
    };
    if let (Some(early), Some(_)) = (&written.early, &written.filing.opens)
        && early.text == "admit"
    {
        let finding = Diagnostic::error("early-opens", &early.place)
            .message("an appeal that opens a case can't be filed too early")
            .label("there is no decision yet that the case could be about");
        findings.add(finding.help("write `early: refuse`, or handle the appeal in this procedure"));
    }
    let refuses = late == Late::Flag || !written.not.is_empty();
    check_breach(written.filing.breach.as_ref(), refuses, "`late: refuse` or `not`", findings);
    let early = match written.early.as_ref().map(|early| early.text.as_str()) {
        Some("admit") => Early::Admit,
        Some(_) | None => Early::Refuse,
    };
    check_parts(context, written, &against, findings);
    let below = below(context, &against);
    let suspends_while = written.suspends_while.as_ref();
    let appeal = Appeal {
        decided_by,
        parts: written.parts.iter().map(|part| part.text.clone()).collect(),
        late,
        early,
        post: term(written.post.as_ref(), findings),
        window: names.exact_deadline(&written.filing.name.text),
        suspends_while: suspends_while
            .map_or(Condition::Always, |when| condition(names, when, findings)),
        not: names.roles(&written.not, findings),
        effects: effects(context, written, decided_by, &below, steps, findings),
        against,
    };
    Some((filing, appeal))
}

/// Returns what `step`, `step.outcome` or `deadline.lapsed` stands for; what it names must be a decision or a lapse.
fn against(context: &Context<'_>, written: &Written, findings: &mut Findings) -> Option<Against> {
    let fact = context.names.fact(written, findings)?;
    let document = context.document;
    let is_decision =
        |step: StepIndex| document.steps.get(step.0).is_some_and(|step| step.decision);
    let (against, step) = match fact {
        Fact::Done(step) => (Against::Decision(step), step),
        Fact::EndedAs(step, outcome) => (Against::Outcome(step, outcome), step),
        Fact::Lapsed(deadline) => return Some(Against::Lapse(deadline)),
        Fact::First(_) | Fact::Final(_) | Fact::PenaltyEnded(_) => {
            let finding = Diagnostic::error("not-appealable", &written.place)
                .message(format!("no appeal lies against `{}`", written.text))
                .label("neither a decision nor a lapse");
            let help = "name a decision, one of its outcomes, or the lapse of a deadline";
            findings.add(finding.help(help));
            return None;
        }
    };
    if !is_decision(step) {
        let of = written.text.split_once('.').map_or(written.text.as_str(), |(of, _)| of);
        let finding = Diagnostic::error("no-decision", &written.place)
            .message(format!("`{of}` is no decision, so no appeal lies against it"))
            .label("not a decision");
        findings.add(finding.help(format!("add `decision: true` to `{of}`")));
    }
    Some(against)
}

/// Against a decision a window runs; only inaction can be appealed against for as long as it lasts.
fn check_window(written: &AppealDocument, against: &[Against], findings: &mut Findings) {
    let inaction = against.iter().all(|against| against.decision().is_none());
    if inaction || written.filing.within.is_some() {
        return;
    }
    let name = &written.filing.name;
    let finding = Diagnostic::error("no-window", &name.place)
        .message(format!("`{}` is against a decision, and nothing says until when", name.text))
        .label("it has no `within`");
    findings.add(
        finding.help("add `within: 6 weeks`; only an appeal against a lapse alone can do without"),
    );
}

/// A part of a decision is a field of its form.
fn check_parts(
    context: &Context<'_>,
    written: &AppealDocument,
    against: &[Against],
    findings: &mut Findings,
) {
    let decisions = || against.iter().filter_map(|against| against.decision());
    let shapes: Vec<_> = decisions().filter_map(|step| context.shapes.get(step.0)).collect();
    for part in &written.parts {
        if !shapes.iter().all(|shape| shape.lacks(&part.text)) {
            continue;
        }
        let finding = Diagnostic::error("unknown-part", &part.place)
            .message(format!("no decision that the appeal is against has a part `{}`", part.text))
            .label("field not declared");
        let fields = || shapes.iter().flat_map(|shape| shape.fields()).map(|f| f.name.as_str());
        findings.add(match did_you_mean(&part.text, fields()) {
            Some(near) => finding
                .help(format!("a field with a similar name exists: `{near}`"))
                .suggest(part.place.span, near),
            None => finding.help("name fields of the form of the decision"),
        });
    }
}

/// Returns the decision that a step with `replaces` takes the place of.
pub(super) fn replaced(
    context: &Context<'_>,
    written: &Written,
    findings: &mut Findings,
) -> Option<StepIndex> {
    let step = context.names.step(written, findings)?;
    let document = context.document;
    if !document.steps.get(step.0).is_some_and(|step| step.decision) {
        let finding = Diagnostic::error("no-decision", &written.place)
            .message(format!("`{}` is no decision, so nothing takes its place", written.text))
            .label("not a decision");
        findings.add(finding.help(format!("add `decision: true` to `{}`", written.text)));
    }
    Some(step)
}

/// Returns the decisions that an appeal can say something about: those that it is against, and those that were decided
/// upon below them, down the whole chain.
fn below(context: &Context<'_>, against: &[Against]) -> Vec<StepIndex> {
    let mut below: Vec<StepIndex> = against.iter().filter_map(|of| of.decision()).collect();
    let mut place = 0;
    while let Some(step) = below.get(place).copied() {
        place += 1;
        let decided = context.document.appeals.iter().filter(|appeal| {
            let decided_by = appeal.decided_by.as_ref();
            decided_by.and_then(|name| context.names.exact_step(&name.text)) == Some(step)
        });
        for what in decided.flat_map(|appeal| &appeal.against) {
            let of = what.text.split_once('.').map_or(what.text.as_str(), |(of, _)| of);
            let found = context.names.exact_step(of);
            below.extend(found.filter(|found| !below.contains(found)));
        }
    }
    below
}

/// Compiles what each outcome of the deciding step does.
fn effects(
    context: &Context<'_>,
    written: &AppealDocument,
    decider: StepIndex,
    below: &[StepIndex],
    steps: &[Step],
    findings: &mut Findings,
) -> Vec<(Name, AppealEffect)> {
    let names = context.names;
    let decided_by = written.decided_by.as_ref().map_or("", |name| name.text.as_str());
    let known: Vec<Name> = steps
        .get(decider.0)
        .map(|step| step.outcomes.iter().map(|outcome| outcome.name.clone()).collect())
        .unwrap_or_default();
    let mut effects = Vec::new();
    for (outcome, effect) in &written.outcomes {
        let compiled = effect
            .as_ref()
            .and_then(|effect| self::effect(names, effect, below, outcome, findings));
        if known.iter().any(|name| *name == outcome.text.as_str()) {
            effects.extend(compiled.map(|effect| (Name::from(outcome.text.as_str()), effect)));
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
    effects
}

fn effect(
    names: &Names,
    written: &EffectDocument,
    below: &[StepIndex],
    outcome: &Written,
    findings: &mut Findings,
) -> Option<AppealEffect> {
    let mut the_decision = |name: &Written| {
        let step = names.step(name, findings)?;
        // An appeal against inaction may be about the decision that is still to come.
        if !below.is_empty() && !below.contains(&step) {
            let finding = Diagnostic::error("not-the-decision", &name.place)
                .message(format!("the appeal is not against `{}`", name.text))
                .label("another step");
            findings.add(finding.help("name the step that the appeal is `against`"));
        }
        Some(step)
    };
    match written {
        EffectDocument::Confirms(name) => Some(AppealEffect::Confirms(the_decision(name)?)),
        EffectDocument::Inadmissible(name) => Some(AppealEffect::Inadmissible(the_decision(name)?)),
        EffectDocument::Replaces(name) => Some(AppealEffect::Replaces(the_decision(name)?)),
        EffectDocument::Returns(back) => {
            Some(AppealEffect::Returns(return_to(names, back, findings)?))
        }
        EffectDocument::Unclear => {
            let finding = Diagnostic::error("unclear-effect", &outcome.place)
                .message(format!("`{}` must do one thing to the decision", outcome.text))
                .label("what becomes of the decision?");
            let help =
                "write one of `return-to: …`, `confirms: …`, `replaces: …`, `inadmissible: …`";
            findings.add(finding.help(help));
            None
        }
    }
}
