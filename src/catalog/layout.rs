//! Where things lie in a workspace: procedures, and the scenarios beside them.
//!
//! A procedure is a file, or a folder that holds a file of the same name (`bezwaar/bezwaar.yaml`) with all that belongs to
//! it. Its scenarios stand in the folder `scenarios` beside it, each in a file of its own, in folders below it if there are
//! many. A scenario is told by its key `acts`, wherever it stands.

use super::file::{self, FileError};
use std::path::{Path, PathBuf};

/// The name of the folder in which scenarios stand.
pub const SCENARIOS: &str = "scenarios";

/// How far down scenarios are sought.
const DEEPEST: usize = 8;

/// The most folders in which scenarios are sought at once.
const MOST_FOLDERS: usize = 10_000;

/// Folders that tools fill with copies.
const NOT_OURS: [&str; 2] = ["target", "node_modules"];

/// Returns the texts of a folder that can be procedures: its own `*.yaml` files, and in each folder in it the one that is
/// called as the folder is.
///
/// # Errors
/// [`FileError`] when a folder can't be read.
pub fn texts_in(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut texts = file::list(folder, ".yaml")?;
    texts.extend(file::folders(folder)?.iter().filter_map(|folder| procedure_of(folder)));
    Ok(texts)
}

/// Returns the procedure of which a folder is the folder, if it is one.
pub fn procedure_of(folder: &Path) -> Option<PathBuf> {
    let name = folder.file_name()?.to_str()?;
    let path = folder.join(format!("{name}.yaml"));
    let is_plain = file::at(&path).symlink_metadata().is_ok_and(|about| about.is_file());
    let is_procedure = || file::read(&path).ok().and_then(|bytes| procedure_in(&bytes)).is_some();
    (is_plain && is_procedure()).then_some(path)
}

/// Returns the scenarios of a folder and of all folders below it, in the order of their paths.
///
/// # Errors
/// [`FileError`] when a folder can't be read, or too much lies below it.
pub fn scenarios_below(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder_now, depth)) = waiting.pop() {
        seen += 1;
        if seen > MOST_FOLDERS {
            return Err(FileError::TooMany(folder.to_owned()));
        }
        let texts = file::list(&folder_now, ".yaml")?;
        found.extend(
            texts.into_iter().filter(|path| file::read(path).is_ok_and(|b| is_scenario(&b))),
        );
        if depth < DEEPEST {
            let ours = |path: &PathBuf| !NOT_OURS.iter().any(|name| path.ends_with(name));
            let below = file::folders(&folder_now)?.into_iter().filter(ours);
            waiting.extend(below.map(|folder| (folder, depth + 1)));
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the scenarios of a procedure's file: those in the folder `scenarios` beside it that name it.
pub fn scenarios_of(procedure: &Path) -> Vec<PathBuf> {
    let folder = procedure.parent().map(|folder| folder.join(SCENARIOS)).unwrap_or_default();
    let Ok(own) = file::real(procedure) else { return Vec::new() };
    let names_it = |path: &PathBuf| named_by(path).is_some_and(|named| named == own);
    let below = scenarios_below(&folder).unwrap_or_default();
    below.into_iter().filter(names_it).collect()
}

/// Returns the procedure that a scenario names, by the path under which the system knows it.
pub fn named_by(scenario: &Path) -> Option<PathBuf> {
    let bytes = file::read(scenario).ok().filter(|bytes| is_scenario(bytes))?;
    let text = std::str::from_utf8(&bytes).ok()?;
    let named = text.lines().find_map(|line| line.strip_prefix("procedure:"))?;
    let named = named.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    file::real(&scenario.parent()?.join(named)).ok()
}

/// Whether a folder of this name is filled with copies by a tool.
pub fn is_of_tools(name: &std::ffi::OsStr) -> bool {
    NOT_OURS.iter().any(|tools| name == *tools)
}

/// Whether a file in a folder of procedures can be one by its place: one of its own files, or the one in a folder of the
/// same name.
pub fn can_be_procedure(folder: &Path, path: &Path) -> bool {
    let (Some(parent), Some(name)) = (path.parent(), path.file_stem()) else { return false };
    let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
    let in_its_own = parent.parent() == Some(folder) && parent.file_name() == Some(name);
    is_yaml && (parent == folder || in_its_own)
}

/// Whether a text is a scenario, without reading all of it: it may be broken.
pub fn is_scenario(bytes: &[u8]) -> bool {
    has_key(bytes, "acts")
}

/// Returns the name of the procedure that a text holds, without reading the rest: a folder may hold hundreds of files, and
/// some may be broken. A scenario names a procedure too, and is none.
pub fn procedure_in(bytes: &[u8]) -> Option<String> {
    if is_scenario(bytes) {
        return None;
    }
    value_of(bytes, "procedure")
}

/// Returns the value of a key at the start of a line, without reading the rest.
pub fn value_of(bytes: &[u8], key: &str) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let after = |line: &'_ str| line.strip_prefix(key)?.strip_prefix(':').map(str::to_owned);
    let line = text.lines().find_map(after)?;
    let value = line.split(" #").next().unwrap_or_default().trim();
    let value = value.trim_matches(|quote| quote == '"' || quote == '\'');
    (!value.is_empty()).then(|| value.to_owned())
}

/// Whether a key stands at the start of a line of a text that may be broken.
pub fn has_key(bytes: &[u8], key: &str) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.lines().any(|line| begins_with_key(line, key))
}

fn begins_with_key(line: &str, key: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}');
    let after = [key.to_owned(), format!("\"{key}\""), format!("'{key}'")]
        .iter()
        .find_map(|key| line.strip_prefix(key.as_str()).map(str::trim_start));
    let value = after.and_then(|after| after.strip_prefix(':'));
    value.is_some_and(|value| value.is_empty() || value.starts_with([' ', '\t', '\r']))
}

#[cfg(test)]
#[expect(clippy::expect_used, clippy::disallowed_methods, reason = "a test makes its own files")]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_key_is_found_in_a_text_that_is_broken() {
        for (line, expected) in [
            ("procedure: x", true),
            ("procedure:", true),
            ("\"procedure\": x", true),
            ("'procedure' : x\r", true),
            ("\u{feff}procedure: x", true),
            ("  procedure: x", false),
            ("procedures: x", false),
            ("procedure:x", false),
            ("# procedure: x", false),
        ] {
            assert_eq!(begins_with_key(line, "procedure"), expected, "{line}");
        }
    }

    #[test]
    fn a_scenario_is_no_procedure() {
        assert_eq!(procedure_in(b"procedure: bezwaar\n"), Some("bezwaar".to_owned()));
        assert_eq!(procedure_in(b"procedure: bezwaar # ours\n"), Some("bezwaar".to_owned()));
        assert_eq!(procedure_in(b"title: x\nprocedure: ../bezwaar.yaml\nacts:\n  - {}\n"), None);
        assert_eq!(procedure_in(b"title: x\n"), None);
    }

    #[test]
    fn a_procedure_may_have_a_folder_and_scenarios_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("klacht.yaml", "procedure: klacht"),
            ("scenarios/op-tijd.yaml", "procedure: ../klacht.yaml\nacts: []"),
            ("bezwaar/bezwaar.yaml", "procedure: bezwaar"),
            ("bezwaar/mensen.yaml", "organisation: x"),
            ("bezwaar/scenarios/te-laat/een.yaml", "procedure: ../../bezwaar.yaml\nacts: []"),
            ("formulieren/formulieren.yaml", "title: a form"),
            (".git/scenario.yaml", "acts: []"),
            ("target/scenario.yaml", "acts: []"),
        ] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        }
        let short = |paths: Vec<PathBuf>| -> Vec<String> {
            let short = |path: &PathBuf| path.strip_prefix(folder.path()).ok().map(Path::to_owned);
            paths.iter().filter_map(short).map(|path| path.display().to_string()).collect()
        };
        let texts = texts_in(folder.path()).expect("read");
        assert_eq!(short(texts), ["klacht.yaml", "bezwaar/bezwaar.yaml"]);
        let scenarios = scenarios_below(folder.path()).expect("read");
        let expected = ["bezwaar/scenarios/te-laat/een.yaml", "scenarios/op-tijd.yaml"];
        assert_eq!(short(scenarios), expected);
    }
}
