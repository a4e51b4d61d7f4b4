//! The folder into which letters are written: each as a whole, once, and never over another.
#![expect(clippy::disallowed_methods, reason = "writes letters")]

use super::outbox::Delivery;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A folder for letters.
#[derive(Debug, Clone)]
pub struct LetterFolder(PathBuf);

impl LetterFolder {
    /// Returns the folder at this path; it is made when the first letter is written.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the bytes of a letter; nothing where it is not there.
    ///
    /// # Errors
    /// What the system says, and [`io::ErrorKind::FileTooLarge`] for a file that is no letter of ours.
    pub fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        const LARGEST: u64 = 1024 * 1024;
        let path = self.0.join(name);
        let about = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        if !about.is_file() || about.len() > LARGEST {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let mut bytes = Vec::new();
        File::open(&path)?.take(LARGEST).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

impl Delivery for LetterFolder {
    /// Writes a letter, unless one of this name is there: the name tells its content.
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.0.join(name);
        if fs::symlink_metadata(&path).is_ok() {
            return Ok(());
        }
        make_folder(&self.0)?;
        let unfinished = self.0.join(format!(".{name}.part"));
        let mut file = for_its_owner(&unfinished)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, &path)?;
        File::open(&self.0)?.sync_all()
    }
}

#[cfg(unix)]
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(not(unix))]
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

#[cfg(unix)]
pub(super) fn for_its_owner(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
pub(super) fn for_its_owner(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}
