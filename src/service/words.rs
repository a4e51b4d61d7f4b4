//! What is wrong with a text or a folder, a line for each finding: the same in a log, in a record and on a screen.

use super::Against;
use crate::catalog::WorkspaceError;
use crate::diagnostic::Diagnostic;

/// Returns what is wrong with a text, a line for each finding.
pub fn lines(findings: &[Diagnostic], against: &[Against]) -> Vec<String> {
    let of_finding = |finding: &Diagnostic| {
        let (line, column) = finding.place.line_column();
        let (name, message) = (&finding.place.source.name, &finding.message);
        format!("{name}:{line}:{column} {}: {message}", finding.code)
    };
    findings.iter().map(of_finding).chain(against.iter().map(Against::to_string)).collect()
}

/// Returns what is wrong with a workspace.
pub(super) fn of_workspace(error: &WorkspaceError) -> Vec<String> {
    match error {
        WorkspaceError::File(error) => vec![error.to_string()],
        WorkspaceError::Findings(findings) => lines(findings, &[]),
        WorkspaceError::NoProcedure { wanted, .. } => {
            vec![format!("there is no procedure `{wanted}` in this workspace")]
        }
    }
}
