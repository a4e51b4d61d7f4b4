//! What guards see: the one place that lists the names in scope and their types.
//!
//! | name | what it is |
//! | --- | --- |
//! | `data` | the case data, a field each |
//! | `received`, `opened`, `today` | days: of receipt, of opening, of the act |
//! | `channel` | how the matter came in |
//! | `steps` | each step: `done`, `outcome`, `by`, `form`, and for an appeal `late` |
//! | `form`, `outcome`, `actor` | in `allowed` only: what is recorded now, the outcome chosen, who acts |
//!
//! Names that have a hyphen in the file have an underscore in guards, where a hyphen subtracts.

use crate::procedure::definition::{Procedure, Step, StepIndex};
use crate::procedure::guard::{Record, Scope, Type};
use crate::schema::{Field, FieldKind, FormSchema};

/// Returns how a name is written in a guard: with underscores for hyphens.
pub fn in_guard(name: &str) -> String {
    name.replace('-', "_")
}

/// Returns what a step's `when` sees.
pub(super) fn scope(data: &FormSchema, channels: &[String], steps: &[(String, Type)]) -> Scope {
    let data = record("the case data", &data.fields(), false);
    let steps = steps
        .iter()
        .fold(Record::new("the steps"), |record, (name, ty)| record.with(name.clone(), ty.clone()));
    let scope = Scope::new()
        .with("data", Type::Record(data), "what is recorded of the case")
        .with("received", Type::Date, "the day of receipt")
        .with("opened", Type::Date, "the day on which the case was opened")
        .with("today", Type::Date, "the day of the act")
        .with("steps", Type::Record(steps), "what has been done so far");
    if channels.is_empty() {
        return scope;
    }
    scope.with("channel", Type::one_of(channels.iter().cloned()), "how the matter came in")
}

/// Returns the type of a step in scope.
pub(super) fn step_type(
    name: &str,
    outcomes: &[String],
    form: Option<&FormSchema>,
    appeal: bool,
) -> Type {
    let form = match form {
        Some(form) => record(&format!("the form of `{name}`"), &form.fields(), true),
        None => Record::new(format!("the form of `{name}`")),
    };
    let record = Record::new(format!("step `{name}`"))
        .with("done", Type::Boolean)
        .with_optional("by", Type::text())
        .with("form", Type::Record(form));
    let record = if outcomes.is_empty() {
        record
    } else {
        record.with_optional("outcome", Type::one_of(outcomes.iter().cloned()))
    };
    Type::Record(if appeal { record.with("late", Type::Boolean) } else { record })
}

/// Returns what an outcome's `allowed` sees: besides all else the form, the outcome and the actor.
pub(super) fn with_outcome(
    scope: &Scope,
    form: Option<&FormSchema>,
    outcomes: &[String],
    roles: &[String],
) -> Scope {
    let form = match form {
        Some(form) => record("the form", &form.fields(), false),
        None => Record::new("the form"),
    };
    let actor = Record::new("the actor")
        .with_optional("person", Type::text())
        .with_optional("role", Type::one_of(roles.iter().cloned()));
    scope
        .clone()
        .with("form", Type::Record(form), "what is recorded with the step now")
        .with("outcome", Type::one_of(outcomes.iter().cloned()), "the outcome chosen")
        .with("actor", Type::Record(actor), "who acts, and in which role")
}

/// Returns what an `allowed` of `step` sees.
pub fn outcome_scope(procedure: &Procedure, step: StepIndex) -> Scope {
    let step: &Step = procedure.step(step);
    let outcomes: Vec<String> =
        step.outcomes.iter().map(|outcome| outcome.name.to_string()).collect();
    let roles: Vec<String> = procedure.roles.iter().map(|role| role.name.to_string()).collect();
    with_outcome(&procedure.scope, step.form.as_ref(), &outcomes, &roles)
}

fn record(what: &str, fields: &[Field], all_may_be_absent: bool) -> Record {
    fields.iter().fold(Record::new(what), |record, field| {
        let ty = type_of(&field.name, &field.kind);
        if field.required && !all_may_be_absent {
            record.with(field.name.clone(), ty)
        } else {
            record.with_optional(field.name.clone(), ty)
        }
    })
}

fn type_of(name: &str, kind: &FieldKind) -> Type {
    match kind {
        FieldKind::Boolean => Type::Boolean,
        FieldKind::Integer => Type::Integer,
        FieldKind::Number => Type::Decimal,
        FieldKind::Text { one_of } => Type::one_of(one_of.iter().cloned()),
        FieldKind::Date => Type::Date,
        FieldKind::Moment => Type::text(),
        FieldKind::List(items) => Type::list(type_of(name, items)),
        FieldKind::Record(fields) => Type::Record(record(&format!("`{name}`"), fields, false)),
        FieldKind::Unknown => Type::Anything,
    }
}
