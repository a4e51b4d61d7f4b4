//! `not-a-list`, `unknown-field`: `each: step.field` names a list in the form of another step.

use crate::diagnostic::Diagnostic;
use crate::procedure::compile::{Findings, check_list};
use crate::procedure::definition::{Each, Procedure};

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let mut findings = Findings::default();
    for step in &procedure.steps {
        let Some(Each::Form(of, field)) = &step.each else { continue };
        let of = procedure.step(*of);
        let place = &step.rule.place;
        let fields = of.form.as_ref().map(|form| form.fields().to_vec()).unwrap_or_default();
        let whose =
            format!("`{}` is done for each of `{}.{field}`; that form has", step.name, of.name);
        check_list(field, place, &fields, &whose, &mut findings);
    }
    findings.into_found()
}
