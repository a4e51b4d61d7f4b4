//! Reading the files of a workspace: regular files only, up to a size, and never out of the folder.
//!
//! A path that is not absolute starts in the folder where the asker stands. For a command that is the folder of its
//! process; a server answers many askers at once, and stands for each, by [`standing_in`], where he stands. What is shown
//! is the path as the asker wrote it.
#![expect(clippy::disallowed_methods, reason = "reads files")]

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
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

/// Where somebody stands for whom files are read.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The folder in which paths start that are not absolute.
    pub folder: PathBuf,
    /// The folder out of which nothing is read, where the asker has not the rights of this process.
    pub within: Option<PathBuf>,
}

thread_local! {
    static STANDING: RefCell<Option<Standing>> = const { RefCell::new(None) };
}

/// Returns where the asker stands; nothing where he stands as this process does. A thread that works for him stands there
/// too.
pub fn standing() -> Option<Standing> {
    STANDING.with(|now| now.borrow().clone())
}

/// Reads files, as long as `act` runs on this thread, for somebody who stands elsewhere.
pub fn standing_in<T>(standing: Option<Standing>, act: impl FnOnce() -> T) -> T {
    /// Stands back, also when `act` panics.
    struct Back(Option<Standing>);
    impl Drop for Back {
        fn drop(&mut self) {
            let before = self.0.take();
            STANDING.with(|now| *now.borrow_mut() = before);
        }
    }
    let _back = Back(STANDING.with(|now| now.replace(standing)));
    act()
}

/// Returns where a path is, for the asker.
pub fn at(path: &Path) -> PathBuf {
    STANDING.with(|now| match &*now.borrow() {
        Some(standing) => standing.folder.join(path),
        None => path.to_owned(),
    })
}

/// Returns the folder in which the asker stands; the empty path if it is gone.
pub fn here() -> PathBuf {
    let standing = STANDING.with(|now| now.borrow().as_ref().map(|now| now.folder.clone()));
    standing.unwrap_or_else(|| std::env::current_dir().unwrap_or_default())
}

/// Whether a path leads to a folder.
pub fn is_folder(path: &Path) -> bool {
    at(path).is_dir()
}

/// Whether a path leads to a plain file.
pub fn is_file(path: &Path) -> bool {
    at(path).is_file()
}

/// Returns the one path under which the system knows what a path leads to.
///
/// # Errors
/// What the system says.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    at(path).canonicalize()
}

/// Returns where a path is, if the asker may read there.
fn readable(path: &Path) -> Result<PathBuf, FileError> {
    let place = at(path);
    let within = STANDING.with(|now| now.borrow().as_ref().and_then(|now| now.within.clone()));
    let Some(within) = within else { return Ok(place) };
    // What is not there is said to be so by whoever reads it.
    let Ok(real) = place.canonicalize() else { return Ok(place) };
    if real.starts_with(&within) { Ok(real) } else { Err(FileError::Outside(path.to_owned())) }
}

/// Opens a file to read. A pipe never keeps the reader waiting.
fn opened(place: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(nix::fcntl::OFlag::O_NONBLOCK.bits());
    }
    options.open(place)
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
    let place = readable(path)?;
    let about = fs::metadata(&place).map_err(failed)?;
    if !about.is_file() {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    if about.len() > LARGEST {
        return Err(FileError::TooLarge(path.to_owned()));
    }
    let file = opened(&place).map_err(failed)?;
    // Another thing may stand there by now.
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(FileError::NotAFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    // The file may grow while it is read: one byte beyond the limit is enough to know.
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
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
    let (Ok(leads_to), Ok(root)) = (real(&whole), real(folder)) else {
        return Err(FileError::Missing(whole));
    };
    if leads_to.starts_with(&root) { Ok(whole) } else { Err(FileError::Outside(wanted.to_owned())) }
}

/// Returns the names of the plain files in a folder that end so, in order, at most 2,000.
///
/// # Errors
/// [`FileError::Io`] when the folder can't be read.
pub fn list(folder: &Path, ending: &str) -> Result<Vec<PathBuf>, FileError> {
    const MOST: usize = 2_000;
    let failed = |source: io::Error| FileError::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(readable(folder)?).map_err(failed)?;
    let files = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let is_file = entry.file_type().ok()?.is_file();
        let path = folder.join(entry.file_name());
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
    let entries = fs::read_dir(readable(folder)?).map_err(failed)?;
    let folders = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let is_folder = entry.file_type().ok()?.is_dir();
        let path = folder.join(entry.file_name());
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
