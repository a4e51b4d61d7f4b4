//! Findings for code scanners: SARIF 2.1.0.

use crate::diagnostic::{Diagnostic, Place, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Returns one log with one run.
///
/// # Source
/// OASIS, Static Analysis Results Interchange Format (SARIF) 2.1.0.
pub(super) fn log(findings: &[&Diagnostic]) -> Value {
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &codes)).collect();
    let rules: Vec<Value> = codes.iter().map(|code| json!({ "id": code })).collect();
    let version = env!("CARGO_PKG_VERSION");
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "verloop", "semanticVersion": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(finding: &Diagnostic, codes: &[&str]) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let help = finding.help.iter().map(|help| format!("; {help}"));
    let text: String = std::iter::once(finding.message.clone()).chain(help).collect();
    let related: Vec<Value> = (finding.related.iter())
        .map(|(place, label)| {
            let mut location = location(place);
            location["message"] = json!({ "text": label });
            location
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.code,
        "ruleIndex": codes.iter().position(|code| *code == finding.code),
        "level": level,
        "message": { "text": text },
        "locations": [location(&finding.place)],
        "relatedLocations": related,
    });
    if let Some(suggestion) = &finding.suggestion {
        result["fixes"] = json!([{
            "description": { "text": finding.help.as_deref().unwrap_or("write it like this") },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(&finding.place.source.name) },
                "replacements": [{
                    "deletedRegion": region(&finding.place.with_span(suggestion.span)),
                    "insertedContent": { "text": suggestion.replacement },
                }],
            }],
        }]);
    }
    result
}

fn location(place: &Place) -> Value {
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.source.name) },
            "region": region(place),
        },
    })
}

fn region(place: &Place) -> Value {
    let ((line, column), (end_line, end_column)) = (place.line_column(), place.end_line_column());
    json!({
        "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column,
    })
}

/// Returns a path as a reference by RFC 3986: relative to where the command ran, unless it is absolute.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::{log, uri};
    use crate::diagnostic::{Diagnostic, Place, Source, Span};

    #[test]
    fn a_path_is_a_reference() {
        for (path, expected) in [
            ("procedures/a.yaml", "procedures/a.yaml"),
            ("../a b%.yaml", "../a%20b%25.yaml"),
            ("/tmp/é.yaml", "file:///tmp/%C3%A9.yaml"),
            ("a:b.yaml", "a%3Ab.yaml"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }

    #[test]
    fn a_log_has_rules_results_and_fixes() {
        let source = Source::new("a.yaml", "after: hering\n");
        let place = Place::new(&source, Span::new(7, 13));
        let fixed = Diagnostic::error("unknown-step", &place)
            .message("no step")
            .related(&place, "here")
            .suggest(Span::new(7, 13), "hearing");
        let other = Diagnostic::warning("unused-role", &place);
        let log = log(&[&fixed, &other, &fixed]);
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "unused-role");
        let results = run["results"].as_array().map(Vec::as_slice).unwrap_or_default();
        let rules: Vec<_> = results.iter().map(|result| result["ruleIndex"].as_u64()).collect();
        assert_eq!(rules, [Some(0), Some(1), Some(0)]);
        let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
        assert_eq!((&region["startColumn"], &region["endColumn"]), (&8.into(), &14.into()));
        let change = &run["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0];
        assert_eq!(change["insertedContent"]["text"], "hearing");
        assert!(run["results"][1].get("fixes").is_none());
    }
}
