//! What a guard sees of a case.
//!
//! The names here and their types in `procedure/compile/scope.rs` are two sides of one list.

use super::Deciding;
use crate::case::person::ActedBy;
use crate::case::standing::Marking;
use crate::case::state::{Case, StepRecord};
use crate::procedure::guard::Values;
use crate::procedure::{
    Outcome, Procedure, StepIndex, StepKind, in_guard, list_scope, outcome_scope,
};
use crate::time::Instant;
use serde_json::{Map, Value, json};

impl Deciding<'_> {
    /// Returns what a step's `when` sees at `at`.
    pub(super) fn values(&self, at: Instant) -> Values {
        values_of(self.procedure, &self.case, at)
    }

    /// Returns what every guard sees at `at`, and one thing more.
    pub(super) fn values_with(&self, at: Instant, name: &str, value: Value) -> Values {
        let mut seen = seen(self.procedure, &self.case, at);
        seen.insert(name.to_owned(), value);
        let scope = list_scope(&self.procedure.scope);
        Values::new(&scope, &Value::Object(seen), self.procedure.calendar.clone())
    }

    /// Returns what an outcome's `allowed` sees: besides all else the form, the outcome and the actor.
    pub(super) fn values_for_outcome(
        &self,
        index: StepIndex,
        outcome: &Outcome,
        form: &Map<String, Value>,
        by: Option<&ActedBy>,
        at: Instant,
    ) -> Values {
        let mut seen = seen(self.procedure, &self.case, at);
        seen.insert("form".to_owned(), Value::Object(form.clone()));
        seen.insert("outcome".to_owned(), json!(outcome.name));
        let actor = by.map(|by| json!({ "person": by.person, "role": by.role }));
        seen.insert("actor".to_owned(), actor.unwrap_or_else(|| json!({})));
        let scope = outcome_scope(self.procedure, index);
        Values::new(&scope, &Value::Object(seen), self.procedure.calendar.clone())
    }
}

/// Adds what is seen of an appeal: whether it is late, and why; which parts of the decision it is about.
fn filed(marking: &Marking<'_>, index: StepIndex, what: &mut Map<String, Value>) {
    // Who was in time is not shut out with who is late.
    let late = if marking.has_filing(index) {
        marking.filings(index).all(|done| done.late)
    } else {
        marking.is_late(index, None)
    };
    what.insert("late".to_owned(), json!(late));
    let records = || marking.filings(index).filter_map(|done| done.filing.as_ref());
    if let Some(excuse) = records().find_map(|filing| filing.excuse.as_ref()) {
        what.insert("excuse".to_owned(), json!(excuse));
    }
    let mut parts: Vec<&String> = records().flat_map(|filing| &filing.parts).collect();
    parts.sort();
    parts.dedup();
    what.insert("parts".to_owned(), json!(parts));
}

/// Returns what a step's `when` sees of a case at `at`.
pub(super) fn values_of(procedure: &Procedure, case: &Case, at: Instant) -> Values {
    let seen = seen(procedure, case, at);
    Values::new(&procedure.scope, &Value::Object(seen), procedure.calendar.clone())
}

/// Returns what every guard and every letter sees.
pub(in crate::case) fn seen(procedure: &Procedure, case: &Case, at: Instant) -> Map<String, Value> {
    let mut seen = Map::new();
    let day = |at: Instant| json!(procedure.zone.local_date(at).to_string());
    seen.insert("data".to_owned(), Value::Object(case.data.clone()));
    seen.insert("today".to_owned(), day(at));
    if let Some(opening) = &case.opening {
        seen.insert("received".to_owned(), day(opening.received_at));
        seen.insert("opened".to_owned(), day(opening.opened_at));
        if let Some(channel) = &opening.channel {
            seen.insert("channel".to_owned(), json!(channel));
        }
    }
    let steps = procedure.steps().map(|(index, step)| {
        let record = case.step(&step.name);
        let mut what = Map::new();
        let done = record.is_some_and(|record| record.is_done() || !record.acts.is_empty());
        let files = matches!(step.kind, StepKind::Appeal(_));
        let done = done && (!files || Marking::of(procedure, case).has_filing(index));
        what.insert("done".to_owned(), json!(done));
        if let Some(last) = record.and_then(StepRecord::last_done) {
            if let Some(outcome) = &last.outcome {
                what.insert("outcome".to_owned(), json!(outcome));
            }
            if let Some(by) = &last.by {
                what.insert("by".to_owned(), json!(by));
            }
            what.insert("form".to_owned(), Value::Object(last.form.clone()));
        }
        what.entry("form").or_insert_with(|| json!({}));
        if matches!(step.kind, StepKind::Appeal(_)) {
            filed(&Marking::of(procedure, case), index, &mut what);
        }
        (in_guard(step.name.as_str()), Value::Object(what))
    });
    let steps: Map<String, Value> = steps.collect();
    seen.insert("steps".to_owned(), Value::Object(steps));
    seen
}
