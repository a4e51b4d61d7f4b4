//! Compiling what is done with a case as a whole.

use super::flow::not_in_course;
use super::names::Names;
use super::{Findings, rule, term};
use crate::procedure::between::{Between, BetweenDocument, Reopen, ReopenDocument};
use crate::procedure::document::ProcedureDocument;
use crate::procedure::name::Name;

pub(super) fn between(
    document: &ProcedureDocument,
    written: &BetweenDocument,
    names: &Names,
    findings: &mut Findings,
) -> Between {
    Between {
        relate: names.roles(&written.relate, findings),
        join: names.roles(&written.join, findings),
        split: names.roles(&written.split, findings),
        transfer: names.roles(&written.transfer, findings),
        reopen: written.reopen.as_ref().and_then(|said| reopen(document, said, names, findings)),
    }
}

fn reopen(
    document: &ProcedureDocument,
    written: &ReopenDocument,
    names: &Names,
    findings: &mut Findings,
) -> Option<Reopen> {
    let who = names.roles(&written.who, findings);
    let within = term(written.within.as_ref(), findings);
    let to = written.return_to.as_ref()?;
    let return_to = names.step(to, findings)?;
    if return_to.get() >= document.steps.len() {
        findings.add(not_in_course(to, "be where a case goes on"));
    }
    let grounds = written.grounds.iter().map(|ground| Name::from(ground.text.as_str()));
    let rule = rule(&to.place, written.cite.as_ref());
    Some(Reopen { who, grounds: grounds.collect(), return_to, within, rule })
}
