//! What the README shows is true.

#![expect(clippy::disallowed_methods, reason = "reads the papers")]

use verloop::catalog::{Bundle, almanac};
use verloop::diagnostic::{Source, Style, render};
use verloop::time::Almanac;

fn blocks(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string("README.md").unwrap();
    let opening = format!("```{language}\n");
    let after = readme.split(opening.as_str()).skip(1);
    after.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn every_procedure_in_the_readme_compiles() {
    let procedures: Vec<String> =
        blocks("yaml").into_iter().filter(|block| block.contains("procedure:")).collect();
    assert!(!procedures.is_empty());
    for text in procedures {
        if let Err(findings) = Bundle::of_text("README.md", text).compile(&Almanac::shipped()) {
            panic!("{}", render(&findings, Style::Plain));
        }
    }
}

#[test]
fn every_calendar_in_the_readme_is_sound() {
    let calendars: Vec<String> =
        blocks("yaml").into_iter().filter(|block| block.starts_with("calendar:")).collect();
    assert!(!calendars.is_empty());
    for text in calendars {
        let source = Source::new("README.md", text.as_str());
        let root = verloop::yaml::read(&source, &verloop::yaml::Limits::default()).unwrap();
        if let Err(findings) = almanac::of(&[root]) {
            panic!("{}", render(&findings, Style::Plain));
        }
    }
}

#[test]
fn the_date_that_the_readme_explains_is_explained_so() {
    let shown = blocks("text").into_iter().find(|block| block.starts_with("$ verloop deadline"));
    let shown = shown.unwrap();
    let (command, expected) = shown.split_once('\n').unwrap();
    let args = command.trim_start_matches("$ verloop ").replace("'6 weeks'", "6_weeks");
    let args = args.split(' ').map(|arg| arg.replace('_', " "));
    let mut verloop = std::process::Command::new(env!("CARGO_BIN_EXE_verloop"));
    let output = verloop.args(args).env("LC_ALL", "C").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), expected.trim_end());
}

#[test]
fn the_readme_and_ci_run_the_same_tests() {
    let commands = blocks("sh").concat();
    assert!(commands.contains("cargo run --release -- run examples/op-tijd-beantwoord.yaml"));
    assert!(commands.lines().any(|line| line.starts_with("cargo test ")));
    let ci = std::fs::read_to_string(".ci/run").unwrap();
    assert!(ci.lines().any(|line| line == "cargo test"));
}

#[test]
fn no_paper_speaks_of_where_it_was_written() {
    for path in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "src/lib.rs"] {
        let text = std::fs::read_to_string(path).unwrap();
        for word in ["/home/", "/root/", "/tmp/"] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}
