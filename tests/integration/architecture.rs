//! The order of the modules is true, and the core is pure.

#![expect(clippy::disallowed_methods, reason = "reads the sources")]

use std::path::{Path, PathBuf};

/// The modules of the core, which knows no world.
const PURE: [&str; 8] =
    ["diagnostic", "language", "yaml", "schema", "time", "letter", "procedure", "case"];

/// What the core doesn't name, with the reason.
const WORLDLY: [&str; 11] = [
    "redb",
    "notify",
    "clap",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "SystemTime::now",
    "Instant::now",
    "Utc::now",
    "rand::",
];

/// The files that touch the world: they say so at their head, so that one search lists them.
const AT_THE_WORLD: [&str; 6] = [
    "catalog/file.rs",
    "engine/clock.rs",
    "engine/documents.rs",
    "engine/folder.rs",
    "service/tree.rs",
    "store/redb/file.rs",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Returns the modules in the order of `lib.rs`.
fn order() -> Vec<String> {
    let lib = std::fs::read_to_string("src/lib.rs").unwrap();
    let named = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    named.map(str::to_owned).collect()
}

/// Returns the code of a file: no comments, and nothing from its tests on.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the modules of this crate that a text names: `crate::x::…`, and `use crate::{x, y::z}`.
fn names(code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut named = Vec::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => named.push(word(rest)),
            Some(list) => named.extend(
                list.split('}').next().unwrap_or_default().split(',').map(|part| word(part.trim())),
            ),
        }
    }
    named
}

/// Returns what is wrong with a file of `module`.
fn faults(order: &[String], module: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let place = |name: &str| order.iter().position(|known| known == name);
    let mut faults = Vec::new();
    for named in names(&code) {
        if let (Some(named_at), Some(own)) = (place(&named), place(module))
            && named_at > own
        {
            faults.push(format!("{module} uses {named}, which comes after it"));
        }
    }
    if PURE.contains(&module) {
        let worldly = WORLDLY.iter().filter(|word| code.contains(**word));
        faults.extend(worldly.map(|word| format!("{module} is pure, and names {word}")));
    }
    if module != "cli"
        && ["println!", "eprintln!", "print!", "dbg!"].iter().any(|word| code.contains(word))
    {
        faults.push(format!("{module} prints"));
    }
    faults
}

fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix("src").unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn a_module_uses_only_those_above_it_and_the_core_is_pure() {
    let order = order();
    assert!(PURE.iter().all(|pure| order.iter().any(|known| known == pure)), "{order:?}");
    let mut wrong = Vec::new();
    for path in sources(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let found = faults(&order, &module_of(&path), &text);
        wrong.extend(found.into_iter().map(|fault| format!("{}: {fault}", path.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let order: Vec<String> = ["time", "case", "store", "cli"].map(str::to_owned).into();
    for (module, line, wrong) in [
        ("time", "use crate::case::Case;", true),
        ("time", "use crate::{store, time};", true),
        ("time", "fn f() -> crate::store::X { x }", true),
        ("case", "use crate::time::Date;", false),
        ("case", "// use crate::store::Store;", false),
        ("case", "use std::fs;", true),
        ("case", "let now = SystemTime::now();", true),
        ("store", "println!(\"x\");", true),
        ("cli", "use crate::store::Store;", false),
        ("store", "#[cfg(test)]\nmod tests { use crate::cli::run; }", false),
    ] {
        assert_eq!(!faults(&order, module, line).is_empty(), wrong, "{module}: {line}");
    }
}

#[test]
fn only_named_places_touch_the_world() {
    for path in sources(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let touches = code(&text).contains("disallowed_methods");
        let inside = path.strip_prefix("src").unwrap().to_str().unwrap().to_owned();
        let may = AT_THE_WORLD.iter().any(|place| inside.starts_with(place));
        assert!(!touches || may, "{} touches the world", path.display());
    }
}

#[test]
fn every_module_opens_with_why_it_is_there() {
    for path in sources(Path::new("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} has no opening sentence", path.display());
    }
}
