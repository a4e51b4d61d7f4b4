//! The values with which a guard is asked.

use super::Deciding;
use crate::case::person::ActedBy;
use crate::case::seen::seen;
use crate::procedure::guard::Values;
use crate::procedure::{Outcome, StepIndex, outcome_scope};
use crate::time::Instant;
use serde_json::{Map, Value, json};

impl Deciding<'_> {
    /// Returns what a step's `when` sees at `at`.
    pub(super) fn values(&self, at: Instant) -> Values {
        let seen = seen(self.procedure, &self.case, at);
        Values::new(&self.procedure.scope, &Value::Object(seen), self.procedure.calendar.clone())
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
