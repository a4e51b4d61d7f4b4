//! Which files are checked, and what each of them is.

use crate::catalog::{BASES, SETTINGS, file, layout};
use crate::cli::exit::Exit;
use crate::cli::failure::{Failure, Stop};
use crate::yaml::{self, Limits, Node};
use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

/// What a file of a workspace can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A procedure: it has the key `procedure`.
    Procedure,
    /// A scripted case: it has the key `acts`.
    Scenario,
    /// The people: it has the key `organisation`.
    Organisation,
    /// The settings: it is called `verloop.yaml`.
    Workspace,
    /// Days off: it has the key `calendar`, and none of the above.
    Calendar,
    /// How terms are counted: it has the key `counting`, and none of the above.
    Counting,
}

impl Kind {
    /// All kinds, in the order in which they are counted.
    pub(super) const ALL: [Kind; 6] = [
        Kind::Procedure,
        Kind::Scenario,
        Kind::Organisation,
        Kind::Workspace,
        Kind::Calendar,
        Kind::Counting,
    ];

    /// Returns the word for programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Procedure => "procedure",
            Kind::Scenario => "scenario",
            Kind::Organisation => "organisation",
            Kind::Workspace => "workspace",
            Kind::Calendar => "calendar",
            Kind::Counting => "counting",
        }
    }

    /// Returns the words for one of it, and for several.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Kind::Procedure => ("procedure", "procedures"),
            Kind::Scenario => ("scenario", "scenarios"),
            Kind::Organisation => ("organisation file", "organisation files"),
            Kind::Workspace => ("settings file", "settings files"),
            Kind::Calendar => ("calendar", "calendars"),
            Kind::Counting => ("counting rule", "counting rules"),
        }
    }

    /// Returns what a file is by its name and the keys at its top: a scenario also names a procedure, and the settings
    /// an organisation, so the order counts.
    fn of(path: &Path, has: impl Fn(&str) -> bool) -> Option<Self> {
        if has("acts") {
            return Some(Kind::Scenario);
        }
        if path.file_name().is_some_and(|name| name == SETTINGS) {
            return Some(Kind::Workspace);
        }
        let by_key = [
            ("procedure", Kind::Procedure),
            ("organisation", Kind::Organisation),
            ("calendar", Kind::Calendar),
            ("counting", Kind::Counting),
        ];
        by_key.into_iter().find_map(|(key, kind)| has(key).then_some(kind))
    }
}

/// The keys by which files are told apart.
pub(super) const KEYS: [&str; 5] = ["procedure", "acts", "organisation", "calendar", "counting"];

/// A file to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The path, as short as messages want it.
    pub path: PathBuf,
    /// What it is; nothing for a file that was named and is none of ours.
    pub kind: Option<Kind>,
}

/// The files of some paths.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// Those to be checked, in order, each once.
    pub files: Vec<Found>,
    /// Those of a folder that are none of ours.
    pub passed_over: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
}

/// Returns the files that `paths` stand for: a file for itself, a folder for what in it is ours.
///
/// # Errors
/// A path is not there, or a folder can't be read.
pub(super) fn gather(paths: &[PathBuf]) -> Result<Gathered, Stop> {
    let mut gathered = Gathered::default();
    for path in paths {
        if path.is_dir() {
            gathered.folder(path)?;
        } else if path.symlink_metadata().is_ok() {
            gathered.add(path, true);
        } else {
            let message = format!("there is no file or folder `{}`", path.display());
            return Err(Failure::new(Exit::NotFound, "no-such-file", message).into());
        }
    }
    Ok(gathered)
}

impl Gathered {
    /// Takes in what in a folder is ours, and what its settings name elsewhere.
    fn folder(&mut self, folder: &Path) -> Result<(), Stop> {
        for path in list(folder)? {
            self.add(&path, false);
        }
        let bases = folder.join(BASES);
        if bases.is_dir() {
            for path in list(&bases)? {
                self.add(&path, false);
            }
        }
        let Some(settings) = read(&folder.join(SETTINGS)) else { return Ok(()) };
        for node in named(&settings) {
            // What leads out of the folder, or nowhere, is a finding in the settings.
            let Ok(path) = file::inside(folder, node.written()) else { continue };
            if path.is_dir() {
                for path in list(&path)? {
                    self.add(&path, false);
                }
            } else {
                self.add(&path, true);
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &Path, was_named: bool) {
        let path = short(path);
        let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
        if !self.seen.insert(identity) {
            return;
        }
        let kind = kind_of(&path);
        if kind.is_some() || was_named {
            self.files.push(Found { path, kind });
        } else {
            self.passed_over.push(path);
        }
    }
}

/// Returns the paths that a workspace's settings name: the organisation, and files or folders with procedures, calendars and
/// bases.
pub(super) fn named(settings: &Node) -> impl Iterator<Item = &Node> {
    let procedures = settings.get("procedures").map(Node::items).unwrap_or_default();
    let calendars = settings.get("calendars").map(Node::items).unwrap_or_default();
    let bases = settings.get("bases").map(Node::items).unwrap_or_default();
    let organisation = settings.get("organisation").into_iter();
    let paths = organisation.chain(procedures).chain(calendars).chain(bases);
    paths.filter(|node| node.as_str().is_some())
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    layout::texts_in(folder).map_err(|error| {
        let message = format!("the folder `{}` can't be read", folder.display());
        Failure::new(Exit::NotFound, "unreadable-folder", message).why(error.to_string()).into()
    })
}

fn read(path: &Path) -> Option<Node> {
    let bytes = file::read(path).ok()?;
    yaml::read_bytes(&path.display().to_string(), &bytes, &Limits::default()).ok()
}

/// Returns what a file is; a small look is enough, so that a broken file is told apart too.
fn kind_of(path: &Path) -> Option<Kind> {
    let Ok(bytes) = file::read(path) else { return Kind::of(path, |_| false) };
    let name = path.display().to_string();
    if let Ok(root) = yaml::read_bytes(&name, &bytes, &Limits::default()) {
        return Kind::of(path, |key| root.get(key).is_some());
    }
    Kind::of(path, |key| layout::has_key(&bytes, key))
}

/// Returns the path without a `.` at its start.
fn short(path: &Path) -> PathBuf {
    let parts = path.components().skip_while(|part| *part == Component::CurDir);
    let short: PathBuf = parts.collect();
    if short.as_os_str().is_empty() { path.to_owned() } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_keys() {
        for (name, keys, kind) in [
            ("a.yaml", &["procedure", "title"][..], Some(Kind::Procedure)),
            ("a.yaml", &["title", "procedure", "organisation", "acts"], Some(Kind::Scenario)),
            ("verloop.yaml", &["organisation", "store"], Some(Kind::Workspace)),
            ("x/verloop.yaml", &[], Some(Kind::Workspace)),
            ("people.yaml", &["organisation"], Some(Kind::Organisation)),
            ("nl.yaml", &["calendar"], Some(Kind::Calendar)),
            ("docker-compose.yaml", &["services"], None),
        ] {
            assert_eq!(Kind::of(Path::new(name), |key| keys.contains(&key)), kind, "{name}");
        }
    }

    #[test]
    fn paths_are_short() {
        for (path, expected) in [
            ("./a.yaml", "a.yaml"),
            ("../a.yaml", "../a.yaml"),
            ("a/./b.yaml", "a/b.yaml"),
            (".", "."),
        ] {
            assert_eq!(short(Path::new(path)), Path::new(expected));
        }
    }
}
