//! How long a clock runs, where that hangs on the case.
//!
//! The length is asked when a clock starts and as long as it runs, and what it came to is on record: a history says how long
//! a clock was without asking again. Where no term can be read, none is guessed.

use super::decide::seen;
use super::event::{Clock, NoTerm, NoTermCause};
use super::standing::Marking;
use super::state::{Case, ClockRecord, StepRecord};
use crate::procedure::guard::Values;
use crate::procedure::{Deadline, Length, Name, Procedure, TermRule};
use crate::time::{Instant, Term, Unit};
use serde_json::Value;
use std::str::FromStr;

/// How long a clock runs, and by which source of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) term: Term,
    pub(super) under: Option<String>,
}

/// Returns how long a clock of this deadline runs as the case stands: by the first of its rules that applies.
pub(super) fn find(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    at: Instant,
) -> Result<Found, NoTerm> {
    if let Some(term) = rule.within.fixed() {
        return Ok(Found { term, under: None });
    }
    let mut values = None;
    for candidate in &rule.within.rules {
        let applies = match &candidate.when {
            None => true,
            Some(guard) => {
                let values = values.get_or_insert_with(|| {
                    let seen = Value::Object(seen(procedure, case, at));
                    Values::new(&procedure.scope, &seen, procedure.calendar.clone())
                });
                let fault = |_| no_term(candidate, guard.source().to_owned(), NoTermCause::Fault);
                guard.holds(values).map_err(fault)?
            }
        };
        if applies {
            let term = read(procedure, case, rule, candidate)?;
            return Ok(Found { term, under: candidate.rule.cite.clone() });
        }
    }
    // The last rule always applies, which was seen to when the text was checked.
    let (asks, place) = (rule.name.to_string(), placed(&rule.rule.place));
    Err(NoTerm { asks, place, because: NoTermCause::Fault })
}

fn read(
    procedure: &Procedure,
    case: &Case,
    rule: &Deadline,
    candidate: &TermRule,
) -> Result<Term, NoTerm> {
    let (value, unit) = match &candidate.length {
        Length::Fixed(term) => return Ok(*term),
        Length::Data(field, unit) => (case.data.get(field), *unit),
        Length::Form(step, field, unit) => {
            let record = case.step(&procedure.step(*step).name);
            let done = record.and_then(StepRecord::last_done);
            (done.and_then(|done| done.form.get(field)), *unit)
        }
    };
    let asks = length_as_written(procedure, &candidate.length);
    let refuse = |because| no_term(candidate, asks.clone(), because);
    let value =
        value.filter(|value| !value.is_null()).ok_or_else(|| refuse(NoTermCause::Absent))?;
    let term = match unit {
        Some(unit) => {
            let amount = value.as_u64().and_then(|amount| u32::try_from(amount).ok());
            amount.and_then(|amount| Term::new(amount, unit).ok())
        }
        None => value.as_str().and_then(|text| Term::from_str(text).ok()),
    };
    let fits = |term: &Term| (term.unit() == Unit::Hours) == rule.within.is_in_hours();
    term.filter(fits).ok_or_else(|| refuse(NoTermCause::NotATerm))
}

fn no_term(candidate: &TermRule, asks: String, because: NoTermCause) -> NoTerm {
    NoTerm { asks, place: placed(&candidate.rule.place), because }
}

fn placed(place: &crate::diagnostic::Place) -> String {
    let (line, _) = place.line_column();
    format!("{}:{line}", place.source.name)
}

/// Returns the deadlines that should run, or keep the length that they had, since no term can be read for them.
pub fn without_term<'c>(
    procedure: &'c Procedure,
    case: &'c Case,
) -> impl Iterator<Item = (&'c Name, &'c NoTerm)> {
    let marking = Marking::of(procedure, case);
    case.without_term.iter().filter(move |(name, _)| {
        let Some(index) = procedure.find_deadline(name.as_str()) else { return false };
        let rule = procedure.deadline(index);
        if let Some(step) = rule.of_step {
            return marking.standing(step).is_open();
        }
        let over = |(clock, record): (&Clock, &ClockRecord)| {
            clock.deadline == **name && !record.is_running()
        };
        let met = rule.recurs.is_none() && marking.holds(&rule.met_by);
        case.is_open() && !met && !case.clocks.iter().any(over)
    })
}

/// Returns a length as its author writes it: `6 weeks`, `data.termijn`, `beoordeling.weken weeks`.
pub fn length_as_written(procedure: &Procedure, length: &Length) -> String {
    let with = |field: String, unit: &Option<Unit>| match unit {
        None => field,
        Some(unit) => format!("{field} {}", unit.plural()),
    };
    match length {
        Length::Fixed(term) => term.to_string(),
        Length::Data(field, unit) => with(format!("data.{field}"), unit),
        Length::Form(step, field, unit) => {
            with(format!("{}.{field}", procedure.step(*step).name), unit)
        }
    }
}
