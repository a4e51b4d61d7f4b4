//! `nobody-may-extend`: an extension that nobody may use.

use crate::diagnostic::Diagnostic;
use crate::procedure::definition::Procedure;

pub(super) fn check(procedure: &Procedure) -> Vec<Diagnostic> {
    let extensions =
        procedure.deadlines.iter().flat_map(|rule| rule.extend.iter().map(move |e| (rule, e)));
    extensions
        .filter(|(_, extend)| extend.who.is_empty() && !procedure.roles.is_empty())
        .map(|(rule, extend)| {
            Diagnostic::error("nobody-may-extend", &extend.rule.place)
                .message(format!("nobody may extend `{}`", rule.name))
                .label("it has no `who`")
                .help("say who may: `extend: { by: 4 weeks, who: … }`")
        })
        .collect()
}
