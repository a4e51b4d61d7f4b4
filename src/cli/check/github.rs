//! Findings as annotations in GitHub Actions: one workflow command a line.

use crate::diagnostic::{Diagnostic, shown};

/// Returns the workflow command that puts a finding beside its line.
///
/// # Source
/// <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>
pub(super) fn annotation(finding: &Diagnostic) -> String {
    let ((line, column), (end_line, end_column)) =
        (finding.place.line_column(), finding.place.end_line_column());
    let name = property(&finding.place.source.name);
    let title = property(finding.code);
    // Columns can be marked within one line only; the end is the last character, not the one after it.
    let columns = if line == end_line {
        format!(",col={column},endColumn={}", end_column.saturating_sub(1).max(column))
    } else {
        String::new()
    };
    let help = finding.help.iter().map(|help| format!("\nhelp: {help}"));
    let cite = finding.citation.iter().map(|cite| format!("\nsource: {cite}"));
    let words: String = std::iter::once(finding.message.clone()).chain(help).chain(cite).collect();
    let severity = finding.severity.name();
    format!(
        "::{severity} file={name},line={line},endLine={end_line}{columns},title={title}::{}",
        data(&words)
    )
}

/// Returns a text as the message of a workflow command: its line feeds stay, in another form.
fn data(text: &str) -> String {
    let lines = text.split('\n').map(|line| shown(line).replace('%', "%25"));
    let lines: Vec<String> = lines.collect();
    lines.join("%0A")
}

/// Returns a text as a property of a workflow command.
fn property(text: &str) -> String {
    shown(text).replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::annotation;
    use crate::diagnostic::{Diagnostic, Place, Source, Span};

    #[test]
    fn a_finding_is_one_command_whatever_is_in_it() {
        let source = Source::new("a,b:c.yaml", "x: 1\ny: hering\n");
        let place = Place::new(&source, Span::new(8, 14));
        let finding = Diagnostic::error("unknown-step", &place)
            .message("no step `100%`\n::error::forged\r")
            .help("so\u{1b}[2J");
        assert_eq!(
            annotation(&finding),
            "::error file=a%2Cb%3Ac.yaml,line=2,endLine=2,col=4,endColumn=9,title=unknown-step\
             ::no step `100%25`%0A::error::forged␍%0Ahelp: so␛[2J"
        );
        let whole = Place::new(&source, Span::new(0, 14));
        assert!(
            annotation(&Diagnostic::warning("w", &whole))
                .starts_with("::warning file=a%2Cb%3Ac.yaml,line=1,endLine=2,title=w::")
        );
    }
}
