//! The files of a workspace as they stand: told apart by what the file system says of them, and read when that changed.
//!
//! A watcher's events are hints and no more: they come before a file is whole, or not at all (a folder that is made with
//! its files in one go, a link's content, a root that was moved away). So the tree is looked through, which costs a
//! question to the file system for each file, and nothing is opened that is no plain file.
#![expect(clippy::disallowed_methods, reason = "looks through folders")]

use crate::catalog::file::{self, FileError};
use crate::catalog::{BASES, SETTINGS, Workspace, layout};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The most files of a workspace.
pub const MOST_FILES: usize = 10_000;
/// The most bytes of all files of a workspace together.
pub const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// How far down files are sought.
pub const DEEPEST: usize = 8;

/// The endings of files that a procedure can rest on.
const OURS: [&str; 5] = ["yaml", "yml", "json", "txt", "html"];

/// What the file system says of a file; another content gives another stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// When anything about it changed (also by a rename or a link), and which file it is, where the system says so.
    identity: [i64; 4],
}

impl Stamp {
    fn of(about: &Metadata) -> Self {
        Self { size: about.len(), modified: about.modified().ok(), identity: identity(about) }
    }
}

#[cfg(unix)]
fn identity(about: &Metadata) -> [i64; 4] {
    use std::os::unix::fs::MetadataExt;
    [about.ctime(), about.ctime_nsec(), about.ino().cast_signed(), about.dev().cast_signed()]
}

#[cfg(not(unix))]
fn identity(_about: &Metadata) -> [i64; 4] {
    [0; 4]
}

/// The files of a workspace, by their path from where the asker stands.
pub(super) type Stamps = BTreeMap<PathBuf, Stamp>;

/// Returns the files on which the procedures of a workspace can rest.
///
/// # Errors
/// [`FileError`] when the folder can't be read, or holds more than a workspace should.
pub(super) fn stamps(workspace: &Workspace, leave_out: &[PathBuf]) -> Result<Stamps, FileError> {
    let mut roots: BTreeSet<PathBuf> = workspace.procedures.iter().cloned().collect();
    roots.extend(workspace.calendars.iter().cloned());
    roots.extend(workspace.organisation.clone());
    roots.extend(workspace.bases.iter().cloned());
    roots.extend([SETTINGS, BASES].map(|name| workspace.folder.join(name)));
    let mut walk = Walk { found: Stamps::new(), bytes: 0, leave_out };
    for root in &roots {
        walk.go(root, 0)?;
    }
    Ok(walk.found)
}

/// Whether these files are as they were.
pub(super) fn are_still(before: &Stamps, paths: &BTreeSet<PathBuf>) -> bool {
    paths.iter().all(|path| before.get(path) == about(path).map(|about| Stamp::of(&about)).as_ref())
}

/// Makes the stamp of a file the one that it had before, so that it is looked at again.
pub(super) fn put_back(stamps: &mut Stamps, before: &Stamps, path: &Path) {
    match before.get(path) {
        Some(stamp) => stamps.insert(path.to_owned(), stamp.clone()),
        None => stamps.remove(path),
    };
}

/// Returns what tells a folder from another under the same path.
pub(super) fn folder_identity(folder: &Path) -> Option<[i64; 2]> {
    let about = fs::metadata(folder).ok()?;
    let [_, _, file, device] = identity(&about);
    Some([file, device])
}

fn about(path: &Path) -> Option<Metadata> {
    fs::symlink_metadata(file::at(path)).ok().filter(Metadata::is_file)
}

/// Whether a path is of a kind on which procedures can rest, or could be a folder of such.
pub(super) fn may_matter(path: &Path) -> bool {
    let hidden = path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with('.'));
    !hidden && path.extension().is_none_or(|ending| is_ours(Some(ending)))
}

fn is_ours(ending: Option<&OsStr>) -> bool {
    ending.and_then(OsStr::to_str).is_some_and(|ending| OURS.contains(&ending))
}

/// A walk through folders.
struct Walk<'w> {
    found: Stamps,
    bytes: u64,
    leave_out: &'w [PathBuf],
}

impl Walk<'_> {
    fn go(&mut self, path: &Path, depth: usize) -> Result<(), FileError> {
        let Ok(about) = fs::symlink_metadata(file::at(path)) else { return Ok(()) };
        if about.is_file() {
            self.bytes += about.len();
            self.found.insert(path.to_owned(), Stamp::of(&about));
            let too_many = self.found.len() > MOST_FILES || self.bytes > MOST_BYTES;
            return if too_many { Err(FileError::TooMany(path.to_owned())) } else { Ok(()) };
        }
        // A link is not followed: what it leads to may lie anywhere.
        if !about.is_dir() || self.leave_out.contains(&file::at(path)) {
            return Ok(());
        }
        let failed = |source| FileError::Io { path: path.to_owned(), source };
        for entry in fs::read_dir(file::at(path)).map_err(failed)? {
            let Ok(entry) = entry else { continue };
            let name = entry.file_name();
            let Ok(kind) = entry.file_type() else { continue };
            let hidden = name.as_encoded_bytes().starts_with(b".");
            let below = path.join(&name);
            let ours = if kind.is_dir() {
                !hidden && depth < DEEPEST && !layout::is_of_tools(&name)
            } else {
                kind.is_file() && !hidden && is_ours(below.extension())
            };
            if ours {
                self.go(&below, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// Returns the paths that are in one of two lists only, or of which the stamps differ.
pub(super) fn changed(before: &Stamps, now: &Stamps) -> BTreeSet<PathBuf> {
    let there = now.iter().filter(|(path, stamp)| before.get(*path) != Some(stamp));
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    there.map(|(path, _)| path).chain(gone).cloned().collect()
}
