//! How findings are listed: one a line, as JSON, and counted.

use super::files::Kind;
use super::{Checked, Counts};
use crate::diagnostic::{Diagnostic, as_json as finding_as_json, shown};
use serde_json::{Value, json};

/// Returns a finding on one line: `file:line:column: error[code]: message; help: …`.
pub(super) fn line(finding: &Diagnostic) -> String {
    let help = finding.help.as_ref().map(|help| format!("; help: {}", shown(help)));
    let (severity, code) = (finding.severity.name(), finding.code);
    let message = shown(&finding.message);
    format!("{}: {severity}[{code}]: {message}{}", finding.place, help.unwrap_or_default())
}

/// Returns all findings as one document.
pub(super) fn as_json(checked: &[Checked], counts: Counts) -> Value {
    let files = checked.iter().map(|file| {
        let Counts { errors, warnings } = Counts::of(&file.findings);
        let kind = file.kind.map(Kind::name);
        json!({ "file": file.name, "kind": kind, "errors": errors, "warnings": warnings })
    });
    let findings = checked.iter().flat_map(|file| &file.findings).map(finding_as_json);
    json!({
        "schema": "verloop.check/1",
        "files": files.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "counts": {
            "files": checked.len(), "procedures": of_kind(checked, Some(Kind::Procedure)),
            "errors": counts.errors, "warnings": counts.warnings,
        },
    })
}

/// Returns what was checked and how much was found, on one line.
pub(super) fn summary(checked: &[Checked], counts: Counts) -> String {
    let kinds = Kind::ALL.into_iter().map(|kind| (of_kind(checked, Some(kind)), kind.words()));
    let others = (of_kind(checked, None), ("other file", "other files"));
    let files = kinds.chain([others]).filter_map(|(count, words)| counted(count, words));
    let found = [
        counted(counts.errors, ("error", "errors")),
        counted(counts.warnings, ("warning", "warnings")),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    format!("{}: {found}", files.collect::<Vec<_>>().join(", "))
}

fn of_kind(checked: &[Checked], kind: Option<Kind>) -> usize {
    checked.iter().filter(|file| file.kind == kind).count()
}

fn counted(count: usize, (one, several): (&str, &str)) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {several}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Place, Source, Span};

    fn file(kind: Option<Kind>) -> Checked {
        Checked { name: "a.yaml".into(), kind, findings: Vec::new() }
    }

    #[test]
    fn the_summary_counts_what_there_is() {
        let procedures = [file(Some(Kind::Procedure)), file(Some(Kind::Procedure))];
        assert_eq!(summary(&procedures, Counts::default()), "2 procedures: no findings");
        let mixed = [file(Some(Kind::Workspace)), file(Some(Kind::Procedure)), file(None)];
        let counts = Counts { errors: 1, warnings: 2 };
        assert_eq!(
            summary(&mixed, counts),
            "1 procedure, 1 settings file, 1 other file: 1 error, 2 warnings"
        );
    }

    #[test]
    fn a_line_holds_one_finding_whatever_is_in_it() {
        let place = Place::new(&Source::new("a\n.yaml", "x"), Span::new(0, 1));
        let finding = Diagnostic::error("some-code", &place).message("a\nb").help("c\u{1b}[2J\nd");
        assert_eq!(line(&finding), "a␊.yaml:1:1: error[some-code]: a␊b; help: c␛[2J␊d");
    }
}
