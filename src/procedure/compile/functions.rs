//! Functions of the author's own, for guards.

use super::Findings;
use super::scope::in_guard;
use super::steps::guard_findings;
use crate::diagnostic::Diagnostic;
use crate::procedure::document::{FunctionDocument, ProcedureDocument, Written};
use crate::procedure::guard::{Helper, Scope, Type};

/// Returns the scope with all functions, each checked against what it can see: the case, and the functions before it.
pub(super) fn with_functions(
    document: &ProcedureDocument,
    scope: Scope,
    findings: &mut Findings,
) -> Scope {
    document.functions.iter().fold(scope, |scope, written| {
        let name = in_guard(&written.name.text);
        if scope.has(&name) {
            findings.add(taken(&written.name, "guards know something else by this name"));
            return scope;
        }
        let helper = helper(written, &scope, findings);
        scope.with_function(name, helper)
    })
}

fn helper(written: &FunctionDocument, scope: &Scope, findings: &mut Findings) -> Helper {
    let mut parameters = Vec::new();
    for (name, ty) in &written.with {
        if scope.has(&name.text) {
            findings.add(taken(name, "guards know something else by this name"));
        }
        parameters.push((name.text.clone(), type_named(ty.as_ref())));
    }
    let gives = type_named(written.gives.as_ref());
    let Some(is) = &written.is else { return Helper::standing_in(parameters, gives) };
    Helper::compile(&is.text, parameters.clone(), gives.clone(), scope).unwrap_or_else(|found| {
        guard_findings(is, found, findings);
        // What calls it is right or wrong all the same.
        Helper::standing_in(parameters, gives)
    })
}

fn taken(name: &Written, label: &str) -> Diagnostic {
    Diagnostic::error("same-name", &name.place)
        .message(format!("`{}` can't be a name here", name.text))
        .label(label)
        .help("choose another name")
}

/// Returns the type that a word stands for; the schema has seen that it is one of these.
fn type_named(word: Option<&Written>) -> Type {
    match word.map(|word| word.text.as_str()) {
        Some("boolean") => Type::Boolean,
        Some("integer") => Type::Integer,
        Some("number") => Type::Decimal,
        Some("text") => Type::text(),
        Some("date") => Type::Date,
        Some("list") => Type::list(Type::text()),
        Some(_) | None => Type::Anything,
    }
}
