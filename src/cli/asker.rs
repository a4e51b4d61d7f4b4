//! Who asked a command: where he reads what it prints, and whose files it takes and gives.
//!
//! Usually he sits at this process. A server answers for askers at other processes: then what he brings in is read by his
//! own process, with his own rights, and what he gets is written by it.

use crate::catalog::file::{self, FileError};
use crate::engine::{DocumentError, make_document, open_document};
use crate::service::House;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// What fills a file that is given out.
pub(super) type Fill<'f> = dyn FnMut(&mut dyn Write) -> Result<(), DocumentError> + 'f;

/// Who asked a command.
pub(super) trait Asker {
    /// Returns where he reads facts.
    fn out(&self) -> Box<dyn Write>;

    /// Returns where he reads talk.
    fn err(&self) -> Box<dyn Write>;

    /// Returns what comes from his standard input, up to so many bytes.
    ///
    /// # Errors
    /// What the system says.
    fn input(&self, most: u64) -> io::Result<Vec<u8>>;

    /// Returns the bytes of a text of his.
    ///
    /// # Errors
    /// [`FileError`].
    fn text(&self, path: &Path) -> Result<Vec<u8>, FileError>;

    /// Returns the bytes of a document that he brings in.
    ///
    /// # Errors
    /// [`DocumentError`].
    fn document(&self, path: &Path) -> Result<Box<dyn Read>, DocumentError>;

    /// Makes a file for him, which must not be there yet.
    ///
    /// # Errors
    /// [`DocumentError`]; no file is left then.
    fn make(&self, path: &Path, fill: &mut Fill<'_>) -> Result<(), DocumentError>;

    /// Returns the account under which he works.
    fn account(&self) -> Option<String>;

    /// Returns the workspace that is served, where a server answers.
    fn house(&self) -> Option<Arc<House>>;
}

/// Somebody who sits at this process.
pub(super) struct Here;

impl Asker for Here {
    fn out(&self) -> Box<dyn Write> {
        Box::new(io::stdout())
    }

    fn err(&self) -> Box<dyn Write> {
        Box::new(io::stderr())
    }

    fn input(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn text(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        file::read(path)
    }

    fn document(&self, path: &Path) -> Result<Box<dyn Read>, DocumentError> {
        Ok(Box::new(open_document(path)?))
    }

    fn make(&self, path: &Path, fill: &mut Fill<'_>) -> Result<(), DocumentError> {
        make_document(path, fill)
    }

    fn account(&self) -> Option<String> {
        whoami::username().ok()
    }

    fn house(&self) -> Option<Arc<House>> {
        None
    }
}
