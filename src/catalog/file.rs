//! Reading the files of a workspace: regular files only, up to a size, and never out of the folder.
#![expect(clippy::disallowed_methods, reason = "reads files")]

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// The largest file, in bytes.
pub const LARGEST: u64 = 1024 * 1024;

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is not there. Handling: check the path.
    #[error("there is no file `{0}`")]
    Missing(PathBuf),
    /// It is a folder, a pipe, a link or a device. Handling: put a plain file there.
    #[error("`{0}` is not a plain file")]
    NotAFile(PathBuf),
    /// It is too large. Handling: no file of a workspace needs to be that long.
    #[error("`{0}` is larger than 1 MiB")]
    TooLarge(PathBuf),
    /// It lies outside the workspace. Handling: move it in.
    #[error("`{0}` leads out of the workspace")]
    Outside(PathBuf),
    /// There is more below it than one look takes in. Handling: look in a folder further down.
    #[error("there are too many files and folders below `{0}`")]
    TooMany(PathBuf),
    /// The system refuses. Handling: see its reason.
    #[error("`{path}` can't be read: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

/// Returns the bytes of a plain file of at most 1 MiB.
///
/// # Errors
/// [`FileError`]; a pipe, a device or a link is never opened.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::NotFound {
            FileError::Missing(path.to_owned())
        } else {
            FileError::Io { path: path.to_owned(), source }
        }
    };
    let about = fs::metadata(path).map_err(failed)?;
    if !about.is_file() {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    if about.len() > LARGEST {
        return Err(FileError::TooLarge(path.to_owned()));
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read: one byte beyond the limit is enough to know.
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(FileError::TooLarge(path.to_owned()));
    }
    Ok(bytes)
}

/// Returns a path as people read it: without `./`, and without a folder that is left again at once.
pub fn shown(path: &Path) -> String {
    let mut plain = PathBuf::new();
    for part in path.components() {
        let leaves = part == Component::ParentDir
            && matches!(plain.components().next_back(), Some(Component::Normal(_)));
        if leaves {
            plain.pop();
        } else if part != Component::CurDir {
            plain.push(part);
        }
    }
    plain.display().to_string()
}

/// Returns where a path that stands in a file of `folder` leads, which must be inside the folder.
///
/// # Errors
/// [`FileError::Outside`] for an absolute path, one with `..`, and one that a link leads out.
pub fn inside(folder: &Path, path: &str) -> Result<PathBuf, FileError> {
    let wanted = Path::new(path);
    let plain =
        wanted.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if !plain || path.contains("://") || path.contains('\\') {
        return Err(FileError::Outside(wanted.to_owned()));
    }
    let whole = folder.join(wanted);
    let (Ok(real), Ok(root)) = (whole.canonicalize(), folder.canonicalize()) else {
        return Err(FileError::Missing(whole));
    };
    if real.starts_with(&root) { Ok(whole) } else { Err(FileError::Outside(wanted.to_owned())) }
}

/// Returns the names of the plain files in a folder that end so, in order, at most 2,000.
///
/// # Errors
/// [`FileError::Io`] when the folder can't be read.
pub fn list(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, FileError> {
    const MOST: usize = 2_000;
    let failed = |source: io::Error| FileError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let files = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let is_file = entry.file_type().ok()?.is_file();
        let path = entry.path();
        let named = path.file_name()?.to_str()?.ends_with(ending);
        (is_file && named).then_some(path)
    });
    let mut files: Vec<PathBuf> = files.take(MOST).collect();
    files.sort();
    Ok(files)
}

/// Returns the folders in a folder, in order, at most 2,000: no links, and none whose name begins with a dot.
///
/// # Errors
/// [`FileError::Io`] when the folder can't be read, [`FileError::TooMany`] when there are more.
pub fn folders(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    const MOST: usize = 2_000;
    let failed = |source: io::Error| FileError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let folders = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let is_folder = entry.file_type().ok()?.is_dir();
        let path = entry.path();
        let is_hidden = path.file_name()?.to_str()?.starts_with('.');
        (is_folder && !is_hidden).then_some(path)
    });
    let mut folders: Vec<PathBuf> = folders.take(MOST + 1).collect();
    if folders.len() > MOST {
        return Err(FileError::TooMany(folder.to_owned()));
    }
    folders.sort();
    Ok(folders)
}
