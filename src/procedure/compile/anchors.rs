//! Anchors: from which event a term runs.

use super::names::part;
use super::steps::{Context, field};
use super::{Findings, term};
use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{Anchor, Bound, Each, StartEvent};
use crate::procedure::document::{AnchorDocument, BoundDocument, Written};
use crate::schema::FieldKind;
use crate::time::Term;

/// What a clock counts from where nothing is said, or what is said can't be read, which was reported.
pub(super) const RECEIVED: Anchor = Anchor::Event(StartEvent::Received);

/// Compiles an anchor.
pub(super) fn anchor(
    context: &Context<'_>,
    written: &AnchorDocument,
    findings: &mut Findings,
) -> Anchor {
    let mut all = |parts: &[AnchorDocument]| -> Vec<Anchor> {
        parts.iter().map(|part| anchor(context, part, findings)).collect()
    };
    match written {
        AnchorDocument::Event(event) => of_event(context, event, findings).unwrap_or(RECEIVED),
        AnchorDocument::Earliest(parts) => Anchor::Earliest(all(parts)),
        AnchorDocument::Latest(parts) => Anchor::Latest(all(parts)),
        AnchorDocument::OrElse(of, otherwise) => Anchor::OrElse(
            Box::new(anchor(context, of, findings)),
            Box::new(anchor(context, otherwise, findings)),
        ),
    }
}

/// Compiles a bound.
pub(super) fn bound(
    context: &Context<'_>,
    written: Option<&BoundDocument>,
    findings: &mut Findings,
) -> Option<Bound> {
    let written = written?;
    let within = term(written.within.as_ref(), findings).unwrap_or(Term::ONE_DAY);
    let starts = written.starts.as_ref().map(|starts| anchor(context, starts, findings));
    Some(Bound { within, starts })
}

fn of_event(context: &Context<'_>, written: &Written, findings: &mut Findings) -> Option<Anchor> {
    let names = context.names;
    let Written { text, place } = written;
    let Some((of, what)) = text.split_once('.') else {
        return Some(Anchor::Event(match text.as_str() {
            "received" => StartEvent::Received,
            "opened" => StartEvent::Opened,
            _ => StartEvent::Came(names.fact(written, findings)?),
        }));
    };
    let of_place = part(place, text, 0, of.len());
    let named = Written { text: of.to_owned(), place: of_place.clone() };
    match what {
        "due" => names.step(&named, findings).map(StartEvent::Due).map(Anchor::Event),
        "sent" => names.letter(of, &of_place, findings).map(StartEvent::Sent).map(Anchor::Event),
        "end" => names.deadline(of, &of_place, findings).map(Anchor::End),
        _ if of == "data" || is_field(context, of, what) => date_field(context, written, findings),
        _ => names.fact(written, findings).map(StartEvent::Came).map(Anchor::Event),
    }
}

/// Whether `what` is no outcome of the step `of`, and a field of its form.
fn is_field(context: &Context<'_>, of: &str, what: &str) -> bool {
    let Some(step) = context.names.exact_step(of) else { return false };
    let shape = context.shapes.get(step.get());
    let is_field = shape.is_some_and(|shape| shape.fields().iter().any(|f| f.name == what));
    is_field && !context.names.has_outcome(step, what)
}

fn date_field(context: &Context<'_>, written: &Written, findings: &mut Findings) -> Option<Anchor> {
    let (of, kind) = field(context, written, findings)?;
    if !matches!(kind, FieldKind::Date | FieldKind::Unknown) {
        let finding = Diagnostic::error("not-a-date-field", &written.place)
            .message(format!("`{}` is no date", written.text))
            .label("a clock counts from a day");
        findings.add(finding.help("declare the field with `type: string, format: date`"));
        return None;
    }
    Some(Anchor::Event(match of {
        Each::Data(field) => StartEvent::Data(field),
        Each::Form(step, field) => StartEvent::Form(step, field),
        Each::Listed(_) | Each::Parties(_) => return None,
    }))
}
