//! The examples of `docs/language.md` are procedures that can be read.

#![expect(clippy::disallowed_methods, reason = "reads the page")]

use std::collections::BTreeMap;
use verloop::diagnostic::{Severity, Source, Style, render};
use verloop::procedure::compile;
use verloop::time::Almanac;
use verloop::yaml::{Limits, read};

#[test]
fn the_examples_of_the_language_are_right() {
    let page = std::fs::read_to_string("docs/language.md").expect("the page");
    let mut examples = page.split("```yaml\n").skip(1).map(|rest| {
        let (example, _) = rest.split_once("```").expect("the example ends");
        example
    });
    let before = examples.next().expect("the lines that stand before each example");
    let mut count = 0;
    for example in examples {
        count += 1;
        // An example that says what `case` is takes the place of what stands there before each.
        let before = match before.split_once("case:") {
            Some((before, _)) if example.starts_with("case:") => before,
            Some(_) | None => before,
        };
        let root =
            read(&Source::new("example.yaml", format!("{before}{example}")), &Limits::default());
        let root = root.unwrap_or_else(|found| panic!("{}", render(&found, Style::Plain)));
        if let Err(found) = compile(&root, &BTreeMap::new(), &Almanac::shipped()) {
            let errors: Vec<_> =
                found.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
            panic!("{example}\n{}", render(&errors, Style::Plain));
        }
    }
    assert!(count >= 7, "there are examples");
}
