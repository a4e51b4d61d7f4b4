//! What the README shows is true.

#![expect(clippy::disallowed_methods, reason = "reads the papers")]

use verloop::catalog::Bundle;
use verloop::diagnostic::{Style, render};
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
