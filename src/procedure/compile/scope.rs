//! What guards see: the one place that lists the names in scope and their types.
//!
//! | name | what it is |
//! | --- | --- |
//! | `data` | the case data, a field each |
//! | `received`, `opened`, `today` | days: of receipt, of opening, of the act |
//! | `channel` | how the matter came in |
//! | `steps` | each step: `done`, `outcome`, `by`, `form`, and for an appeal `late`, `excuse`, `parts` |
//! | `items` | in `until` only: `done` and `total` of the step's list |
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

/// The shape of what is recorded, as far as it could be read.
#[derive(Debug)]
pub(super) enum Shape {
    /// Nothing is recorded.
    Nothing,
    /// What is recorded could not be read, which was reported: nothing more is said about its fields.
    Broken,
    /// What is recorded.
    Form(FormSchema),
}

impl Shape {
    /// Returns the fields, as far as they are known.
    pub(super) fn fields(&self) -> &[Field] {
        match self {
            Shape::Nothing | Shape::Broken => &[],
            Shape::Form(form) => form.fields(),
        }
    }

    /// Says whether there is certainly no field of this name.
    pub(super) fn lacks(&self, name: &str) -> bool {
        !matches!(self, Shape::Broken) && !self.fields().iter().any(|field| field.name == name)
    }

    /// Returns the form, if there is one that could be read.
    pub(super) fn into_form(self) -> Option<FormSchema> {
        match self {
            Shape::Nothing | Shape::Broken => None,
            Shape::Form(form) => Some(form),
        }
    }

    /// Returns its type in guards; `what` is how messages call it.
    fn seen(&self, what: &str, all_may_be_absent: bool) -> Type {
        match self {
            Shape::Broken => Type::Anything,
            Shape::Nothing | Shape::Form(_) => {
                Type::Record(record(what, self.fields(), all_may_be_absent))
            }
        }
    }
}

/// Returns what a step's `when` sees.
pub(super) fn scope(data: &Shape, channels: &[String], steps: &[(String, Type)]) -> Scope {
    let steps = steps
        .iter()
        .fold(Record::new("`steps`"), |record, (name, ty)| record.with(name.clone(), ty.clone()));
    let scope = Scope::new()
        .with("data", data.seen("the case data", false), "what is recorded of the case")
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
pub(super) fn step_type(name: &str, outcomes: &[String], form: &Shape, appeal: bool) -> Type {
    let form = form.seen(&format!("the form of `{name}`"), true);
    let record = Record::new(format!("step `{name}`"))
        .with("done", Type::Boolean)
        .with_optional("by", Type::text())
        .with("form", form);
    let record = if outcomes.is_empty() {
        record
    } else {
        record.with_optional("outcome", Type::one_of(outcomes.iter().cloned()))
    };
    if !appeal {
        return Type::Record(record);
    }
    let record = record.with("late", Type::Boolean).with_optional("excuse", Type::text());
    Type::Record(record.with("parts", Type::list(Type::text())))
}

/// Returns the type of what is recorded with a step, at the moment at which it is.
pub(super) fn form_type(form: &Shape) -> Type {
    form.seen("the form", false)
}

/// Returns what the `until` of a step sees that is done for each of a list: besides all else, how many were done.
pub fn list_scope(scope: &Scope) -> Scope {
    let items = Record::new("`items`").with("done", Type::Integer).with("total", Type::Integer);
    scope.clone().with(
        "items",
        Type::Record(items),
        "how many of the list were done, and how many it has",
    )
}

/// Returns what an outcome's `allowed` sees: besides all else the form, the outcome and the actor.
pub(super) fn with_outcome(
    scope: &Scope,
    form: &Shape,
    outcomes: &[String],
    roles: &[String],
) -> Scope {
    with_form(scope, form.seen("the form", false), outcomes, roles)
}

fn with_form(scope: &Scope, form: Type, outcomes: &[String], roles: &[String]) -> Scope {
    let actor = Record::new("the actor")
        .with_optional("person", Type::text())
        .with_optional("role", Type::one_of(roles.iter().cloned()));
    scope
        .clone()
        .with("form", form, "what is recorded with the step now")
        .with("outcome", Type::one_of(outcomes.iter().cloned()), "the outcome chosen")
        .with("actor", Type::Record(actor), "who acts, and in which role")
}

/// Returns what an `allowed` of `step` sees.
pub fn outcome_scope(procedure: &Procedure, step: StepIndex) -> Scope {
    let step: &Step = procedure.step(step);
    let outcomes: Vec<String> =
        step.outcomes.iter().map(|outcome| outcome.name.to_string()).collect();
    let roles: Vec<String> = procedure.roles.iter().map(|role| role.name.to_string()).collect();
    let fields = step.form.as_ref().map(FormSchema::fields).unwrap_or_default();
    let form = Type::Record(record("the form", fields, false));
    with_form(&procedure.scope, form, &outcomes, &roles)
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
