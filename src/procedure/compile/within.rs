//! How long a clock runs: a term, a field that it stands in, or rules of which the first that applies gives it.

use super::names::part;
use super::steps::{Context, field, guard};
use super::{Findings, rule, term};
use crate::diagnostic::{Diagnostic, Place};
use crate::procedure::definition::{Each, Length, StepIndex, TermRule, Within};
use crate::procedure::document::{TermDocument, WithinDocument, Written};
use crate::procedure::guard::Guard;
use crate::schema::FieldKind;
use crate::time::{Term, TermError, Unit};
use std::str::FromStr;

/// What stands in for a length that can't be read, which was reported.
pub(super) fn unreadable(place: &Place) -> Within {
    let rule = rule(place, None);
    Within { rules: vec![TermRule { length: Length::Fixed(Term::ONE_DAY), when: None, rule }] }
}

/// Compiles `within`; `of` is the step that it belongs to. Nothing if some of it can't be read.
pub(super) fn within(
    context: &Context<'_>,
    written: Option<&WithinDocument>,
    of: Option<StepIndex>,
    findings: &mut Findings,
) -> Option<Within> {
    let written = written?;
    let mut rules = Vec::new();
    for document in &written.rules {
        let length = document.term.as_ref().and_then(|term| length(context, term, of, findings));
        let when = document.when.as_ref().map(|when| condition(context, when, findings));
        let rule = rule(&document.place, document.cite.as_ref());
        rules.push((length, when, rule));
    }
    check_order(&written.rules, written, findings);
    let rules = rules.into_iter().map(|(length, when, rule)| {
        let when = match when {
            None => None,
            Some(when) => Some(when?),
        };
        Some(TermRule { length: length?, when, rule })
    });
    let within = Within { rules: rules.collect::<Option<Vec<_>>>()? };
    check_units(&within, findings);
    Some(within).filter(|within| !within.rules.is_empty())
}

/// A term can't hang on the day on which somebody asks: it would change by itself.
fn condition(context: &Context<'_>, written: &Written, findings: &mut Findings) -> Option<Guard> {
    let guard = guard(written, context.scope, findings)?;
    let asks_the_day = guard.reads().iter().any(|path| path == "today");
    if asks_the_day {
        let finding = Diagnostic::error("term-of-today", &written.place)
            .message("how long a clock runs can't depend on the day of today")
            .label("this reads `today`");
        findings.add(finding.help("ask for a date of the case, such as `received`"));
        return None;
    }
    Some(guard)
}

/// Rules are read from the top: only the last one can be without a condition, and it must be.
fn check_order(rules: &[TermDocument], written: &WithinDocument, findings: &mut Findings) {
    let Some((last, before)) = rules.split_last() else { return };
    if let Some(usual) = before.iter().find(|rule| rule.when.is_none()) {
        let finding = Diagnostic::error("term-never-read", &usual.place)
            .message("the rules after this one never give the term")
            .label("it has no `when`, so it always applies");
        findings.add(finding.help("let it come last, or give it a `when`"));
    } else if last.when.is_some() {
        let finding = Diagnostic::error("no-usual-term", &written.place)
            .message("there is no term where none of these conditions is true")
            .label("the last rule has a `when` as well");
        findings.add(finding.help("end with a rule without `when`: `{ term: 6 weeks }`"));
    }
}

fn check_units(within: &Within, findings: &mut Findings) {
    let in_hours = |rule: &&TermRule| rule.length.unit() == Some(Unit::Hours);
    let hours = within.rules.iter().find(in_hours);
    let days = within.rules.iter().find(|rule| !in_hours(rule));
    if let (Some(hours), Some(days)) = (hours, days) {
        let finding = Diagnostic::error("hours-and-days", &hours.rule.place)
            .message("one clock can't count in hours and in days")
            .label("counted in hours, from the minute of its event")
            .related(&days.rule.place, "counted in days or longer, from the day after");
        findings.add(finding.help("write every rule in hours, or none: `2 days` for `48 hours`"));
    }
}

/// Reads a term, or the field that it stands in: `6 weeks`, `data.termijn`, `beoordeling.weken weeks`.
fn length(
    context: &Context<'_>,
    written: &Written,
    of: Option<StepIndex>,
    findings: &mut Findings,
) -> Option<Length> {
    let text = written.text.trim();
    let (name, unit) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let is_field = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.contains('.');
    if !is_field {
        return term(Some(written), findings).map(Length::Fixed);
    }
    let unit = match unit.trim() {
        "" => None,
        unit => Some(read_unit(written, unit, findings)?),
    };
    let start = written.text.find(name).unwrap_or_default();
    let place = part(&written.place, &written.text, start, start + name.len());
    let named = Written { text: name.to_owned(), place };
    let Some((each, kind)) = field(context, &named, findings) else {
        findings.misread();
        return None;
    };
    if !can_be_a_term(&named, &kind, unit, findings) {
        return None;
    }
    match each {
        Each::Data(field) => Some(Length::Data(field, unit)),
        Each::Form(step, _) if Some(step) == of => {
            let finding = Diagnostic::error("term-of-its-own-form", &named.place)
                .message("the term of a step can't stand in its own form")
                .label("this is filled in when the step is done");
            findings.add(finding.help("name a field of the case data, or of an earlier step"));
            None
        }
        Each::Form(step, field) => Some(Length::Form(step, field, unit)),
        Each::Listed(_) | Each::Parties(_) => None,
    }
}

fn read_unit(written: &Written, unit: &str, findings: &mut Findings) -> Option<Unit> {
    match Term::from_str(&format!("1 {unit}")) {
        Ok(term) => Some(term.unit()),
        Err(error) => {
            let start = written.text.rfind(unit).unwrap_or_default();
            let place = part(&written.place, &written.text, start, start + unit.len());
            let finding = Diagnostic::error("not-a-term", &place)
                .message(format!("`{unit}` is no unit of time"))
                .label("expected the unit of the number before it");
            let near = matches!(&error, TermError::UnknownUnit { like: Some(_), .. });
            let words = "write `days`, `working days`, `weeks`, `months`, `years` or `hours`";
            findings.add(finding.help(if near { error.help() } else { words.to_owned() }));
            findings.misread();
            None
        }
    }
}

/// A text can be a term, and a whole number so many units; where a text is one of several, each must be a term.
fn can_be_a_term(
    named: &Written,
    kind: &FieldKind,
    unit: Option<Unit>,
    findings: &mut Findings,
) -> bool {
    let not = |label: &str, help: &str| {
        Diagnostic::error("not-a-term-field", &named.place)
            .message(format!("no term can be read from `{}`", named.text))
            .label(label)
            .help(help)
    };
    let finding = match (kind, unit) {
        (FieldKind::Unknown, _) | (FieldKind::Integer, Some(_)) => return true,
        (FieldKind::Text { one_of }, None) => {
            let wrong = |text: &&String| {
                Term::from_str(text).map_or(true, |term| term.unit() == Unit::Hours)
            };
            let Some(wrong) = one_of.iter().find(wrong) else { return true };
            not(
                &format!("it may be `{wrong}`, which is no term in days or longer"),
                "let each text of its `enum` be a term: `6 weeks`",
            )
        }
        (FieldKind::Integer, None) => {
            not("a number without a unit", &format!("say of what: `{} weeks`", named.text))
        }
        (FieldKind::Text { .. }, Some(_)) => not(
            "a text, so its unit stands in it",
            "leave the unit out, or declare the field with `type: integer`",
        ),
        (
            FieldKind::Boolean
            | FieldKind::Number
            | FieldKind::Date
            | FieldKind::Moment
            | FieldKind::List(_)
            | FieldKind::Record(_),
            _,
        ) => not(
            "neither a text nor a whole number",
            "name a field with `type: string`, or one with `type: integer` and a unit after it",
        ),
    };
    findings.add(finding);
    false
}
