//! The lists over which steps are done, one instance for each item.

use super::state::{Case, StepRecord};
use crate::procedure::{Each, Procedure};
use serde_json::Value;

/// The most instances of one step.
const MOST_ITEMS: usize = 1_000;

/// Returns the items of a list, as texts, each once and in order.
pub(super) fn items(procedure: &Procedure, case: &Case, each: &Each) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for item in written(procedure, case, each).into_iter().take(MOST_ITEMS) {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

fn written(procedure: &Procedure, case: &Case, each: &Each) -> Vec<String> {
    let list = match each {
        Each::Data(field) => case.data.get(field),
        Each::Form(step, field) => {
            let record = case.step(&procedure.step(*step).name);
            record.and_then(StepRecord::last_done).and_then(|done| done.form.get(field))
        }
        Each::Listed(items) => return items.clone(),
        Each::Parties(role) => {
            let parties = case.parties_in(&procedure.role(*role).name);
            return parties.map(|party| party.person.to_string()).collect();
        }
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    list.and_then(Value::as_array).into_iter().flatten().map(text).collect()
}
