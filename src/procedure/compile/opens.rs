//! `opens`: the case of another procedure that a step or an appeal opens.
//!
//! The other procedure is known by name alone. Whether it is there, and has what is said of it, is asked where the files of
//! a workspace are read together.

use super::steps::{self, Context};
use super::{Findings, rule};
use crate::diagnostic::Diagnostic;
use crate::procedure::definition::{DecidedBy, Opens, StepKind};
use crate::procedure::document::{StepDocument, Written};
use crate::procedure::name::Name;

pub(super) fn opens(
    context: &Context<'_>,
    written: &StepDocument,
    kind: &StepKind,
    findings: &mut Findings,
) -> Option<Box<Opens>> {
    let opens = written.opens.as_ref()?;
    let procedure = opens.procedure.as_ref()?;
    let several = if *kind == StepKind::AtAnyTime {
        Some("it is possible at any time")
    } else if written.each.is_some() {
        Some("it is done for each of a list")
    } else {
        None
    };
    if let (Some(why), Some(decided_by)) = (several, &written.decided_by) {
        let finding = Diagnostic::error("awaits-several", &decided_by.place)
            .message(format!(
                "`{}` may open several cases, and one decision is awaited",
                written.name.text
            ))
            .label(why);
        findings.add(
            finding.help("leave out `decided-by`, or let a step that is done once open the case"),
        );
    }
    let decided_by = written.decided_by.as_ref().map(decided_by);
    let carries = opens.carries.iter();
    let carries = carries.filter_map(|field| Some(steps::field(context, field, findings)?.0));
    let carries = carries.collect();
    let mut parties = Vec::new();
    for (ours, theirs) in &opens.parties {
        let Some(index) = context.names.role(ours, findings) else { continue };
        if !context.document.roles.get(index.get()).is_some_and(|role| role.party) {
            let finding = Diagnostic::error("not-a-party", &ours.place)
                .message(format!("`{}` is no party, so it does not become one there", ours.text))
                .label("a staff role");
            findings.add(finding.help("`parties` names roles that have `party: true`"));
        }
        parties.push((index, Name::from(theirs.text.as_str())));
    }
    Some(Box::new(Opens {
        procedure: Name::from(procedure.text.as_str()),
        decided_by,
        carries,
        parties,
        not: context.names.roles(&opens.not, findings),
        rule: rule(&procedure.place, written.cite.as_ref()),
    }))
}

/// Reads `uitspraak` or `uitspraak.final`.
fn decided_by(written: &Written) -> DecidedBy {
    match written.text.split_once('.') {
        Some((step, what)) => DecidedBy { step: Name::from(step), when_final: what == "final" },
        None => DecidedBy { step: Name::from(written.text.as_str()), when_final: false },
    }
}
