//! The appeals of a case: what was filed, against what, and how it stands.

use crate::case::{Done, Marking, Teller};
use crate::engine::CaseFile;
use crate::language::Language;
use crate::procedure::{StepIndex, StepKind};
use serde_json::{Value, json};

/// Returns the filings of this round, with how each stands.
fn filed(file: &CaseFile) -> Vec<(StepIndex, &Done, bool)> {
    let marking = Marking::of(&file.procedure, &file.case);
    let appeals = file.procedure.steps();
    let appeals = appeals.filter(|(_, step)| matches!(step.kind, StepKind::Appeal(_)));
    let filed = appeals.flat_map(|(index, _)| {
        let pending = marking.is_pending(index);
        marking.filings(index).map(move |done| (index, done, pending)).collect::<Vec<_>>()
    });
    filed.collect()
}

/// Returns a line for each filing, those that wait for a decision to appeal against included.
pub(super) fn in_words(file: &CaseFile, teller: &Teller<'_>) -> Vec<String> {
    let nl = teller.language == Language::Nl;
    let mut lines = Vec::new();
    for (index, done, pending) in filed(file) {
        let name = &file.procedure.step(index).name;
        let record = done.filing.as_ref();
        let said = record.map(|filing| teller.filed(name, filing)).unwrap_or_default();
        let who = done.by.as_ref().map(|by| teller.person(&file.case, by)).unwrap_or_default();
        let late = if done.late { teller.language.pick(", te laat", ", late") } else { "" };
        let stands = match (pending, nl) {
            (true, true) => "loopt",
            (true, false) => "pending",
            (false, true) => "afgedaan",
            (false, false) => "over",
        };
        let (title, day) = (teller.step(name), teller.day_of(done.at));
        lines.push(format!("{title}: {who}, {day}{late}{said} — {stands}"));
    }
    for (name, record) in &file.case.steps {
        for early in &record.early {
            let title = teller.step(name);
            let (who, day) = (teller.person(&file.case, &early.by.person), teller.day_of(early.at));
            let stands = teller.language.pick("wacht op het besluit", "waits for the decision");
            let said = teller.filed(name, &early.filing);
            lines.push(format!("{title}: {who}, {day}{said} — {stands}"));
        }
    }
    lines
}

/// Returns the filings of this round for programs.
pub(super) fn as_json(file: &CaseFile) -> Vec<Value> {
    let filed = filed(file).into_iter();
    let filed = filed.map(|(index, done, pending)| {
        json!({
            "appeal": file.procedure.step(index).name, "by": done.by, "at": done.at, "late": done.late,
            "filing": done.filing, "pending": pending,
        })
    });
    filed.collect()
}
