//! Wrong texts, and the words that their authors get.
//!
//! `tests/rejects/<finding-code>/<how>.yaml` is a procedure with one mistake, and `<how>.snap` beside it what `check`
//! says of it. A new file is a new test.

#![expect(clippy::disallowed_methods, reason = "reads the cases")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use verloop::catalog::{Bundle, BundleError};
use verloop::diagnostic::{Diagnostic, Style, render};
use verloop::time::Almanac;

const CASES: &str = "tests/rejects";

/// Codes that only a text too large for this folder can get; their own modules test them.
const TOO_LARGE_FOR_A_CASE: [&str; 4] =
    ["too-large", "too-many-nodes", "too-many-findings", "too-many-schemas"];

/// Codes that no procedure gets: of our own schemas, when one of them is broken.
const NEVER_OF_A_PROCEDURE: [&str; 1] = ["schema-invalid"];

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Returns every wrong text, with the code under which it is filed.
fn cases() -> Vec<(String, PathBuf)> {
    let mut cases = Vec::new();
    for folder in files_in(Path::new(CASES)) {
        let code = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files_in(&folder).into_iter();
        let texts = files.filter(|file| file.extension().is_some_and(|ending| ending == "yaml"));
        cases.extend(texts.map(|text| (code.clone(), text)));
    }
    cases
}

fn findings(path: &Path) -> Vec<Diagnostic> {
    match Bundle::read(path) {
        Err(BundleError::Findings(found)) => found,
        Err(BundleError::File(error)) => panic!("{error}"),
        Ok(bundle) => match bundle.compile(&Almanac::shipped()) {
            Ok(compiled) => compiled.warnings,
            Err(found) => found,
        },
    }
}

#[test]
fn each_wrong_text_gets_the_words_beside_it() {
    let now = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rejects");
    let mut different = Vec::new();
    for (code, text) in cases() {
        let found = findings(&text);
        let said = render(&found, Style::Plain);
        if !found.iter().any(|one| one.code == code) {
            different.push(format!("no {code} in {}\n{said}", text.display()));
            continue;
        }
        let words = text.with_extension("snap");
        if fs::read_to_string(&words).ok().as_ref() != Some(&said) {
            let new = now.join(words.strip_prefix(CASES).unwrap());
            fs::create_dir_all(new.parent().unwrap()).unwrap();
            fs::write(&new, &said).unwrap();
            different.push(format!("{}\n{said}", words.display()));
        }
    }
    assert!(
        different.is_empty(),
        "{}\n{} texts get other words than those beside them. The new words are in {}: where they are right, copy them \
         to {CASES}.",
        different.join("\n"),
        different.len(),
        now.display()
    );
}

#[test]
fn each_wrong_text_has_one_mistake_and_one_finding() {
    let mut others = Vec::new();
    for (_, text) in cases() {
        let found = findings(&text);
        if found.len() != 1 {
            others.push(format!("{}\n{}", text.display(), render(&found, Style::Plain)));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

/// Returns the codes of findings that stand in the sources of what reads procedures.
fn codes() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    let mut folders: Vec<PathBuf> = ["src/letter", "src/procedure", "src/schema", "src/yaml"]
        .iter()
        .map(PathBuf::from)
        .collect();
    while let Some(folder) = folders.pop() {
        for path in files_in(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap();
                codes.extend(codes_in(text));
            }
        }
    }
    codes
}

/// Returns what stands where a code does: behind one of the openings below.
fn codes_in(text: &str) -> Vec<String> {
    let openings = [
        "Diagnostic::error(",
        "Diagnostic::warning(",
        ".wrong(",
        ".count(",
        "unknown(",
        "Table::new(\"role\",",
        "Table::new(\"step\",",
        "Table::new(\"outcome\",",
        "Table::new(\"deadline\",",
        "Finding::new(",
        ": &str = ",
    ];
    let mut found = Vec::new();
    for opening in openings {
        for behind in text.split(opening).skip(1) {
            let Some(rest) = behind.trim_start().strip_prefix('"') else { continue };
            let code = rest.split('"').next().unwrap();
            let fits = match opening {
                ": &str = " => code.starts_with("guard-"),
                "Finding::new(" => code.starts_with("letter-"),
                _ => true,
            };
            if fits && code.chars().all(|c| c.is_ascii_lowercase() || c == '-' || c == '8') {
                found.push(code.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_code_has_a_case() {
    let codes = codes();
    let cases = cases();
    let shown: BTreeSet<&str> = cases.iter().map(|(code, _)| code.as_str()).collect();
    let exempt: Vec<&str> = TOO_LARGE_FOR_A_CASE.into_iter().chain(NEVER_OF_A_PROCEDURE).collect();
    let without: Vec<&String> = codes
        .iter()
        .filter(|code| !shown.contains(code.as_str()) && !exempt.contains(&code.as_str()))
        .collect();
    assert!(without.is_empty(), "codes without a case in {CASES}: {without:?}");
    let unknown: Vec<&&str> = shown.iter().filter(|code| !codes.contains(**code)).collect();
    assert!(unknown.is_empty(), "folders that are no code of the sources: {unknown:?}");
}
