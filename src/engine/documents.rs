//! The folder in which the bytes of documents lie: each under the digest of its content, written once, never over
//! another, and before the case says that it is there.
//!
//! A file is read once, up to a limit, into a file without a name of its own; it gets its name just before the commit of
//! the act that brings it in. What a crash leaves behind is such a file, or bytes that no case names: neither does harm.
#![expect(clippy::disallowed_methods, reason = "reads and writes documents")]

use super::folder::{for_its_owner, make_folder};
use super::media;
use crate::case::{Document, digest_of, in_hex, safe_name};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

/// What is taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLimits {
    /// The most bytes of one document.
    pub largest: u64,
    /// The most documents of one case.
    pub most: usize,
    /// The kinds of files: `application/pdf`, `image/*`; all if there are none.
    pub types: Vec<String>,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { largest: 25_000_000, most: 200, types: Vec::new() }
    }
}

/// Why a document can't be taken in, or given out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// There is no such file. Handling: check the path.
    #[error("there is no file `{0}`")]
    NoFile(PathBuf),
    /// It is a folder, a pipe, a link or a device, or has no name. Handling: name a plain file.
    #[error("`{0}` is not a plain file with a name")]
    NotAFile(PathBuf),
    /// It is too large. Handling: make it smaller, or see to the settings.
    #[error("`{name}` is larger than {}", in_words(*largest))]
    TooLarge {
        /// The file.
        name: String,
        /// The most bytes.
        largest: u64,
    },
    /// Files of this kind are not taken in. Handling: make it another kind, or see to the settings.
    #[error("`{name}` is {media_type}, which is not taken in here")]
    TypeNotTaken {
        /// The file.
        name: String,
        /// What it is.
        media_type: String,
    },
    /// The case has as many as it may. Handling: see to the settings.
    #[error("a case has at most {most} documents")]
    TooMany {
        /// How many.
        most: usize,
    },
    /// What is kept is not what came in. Handling: restore a backup of the folder.
    #[error("the document with digest {sha256} is damaged: what lies there is not what came in")]
    Damaged {
        /// The digest.
        sha256: String,
    },
    /// The bytes are not there. Handling: restore a backup of the folder.
    #[error("the document with digest {sha256} is missing from {}", folder.display())]
    Missing {
        /// The digest.
        sha256: String,
        /// The folder.
        folder: PathBuf,
    },
    /// The system refuses. Handling: see its reason.
    #[error("`{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

fn in_words(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
    }
}

/// A document on its way into a case.
#[derive(Debug, Clone)]
pub struct Brought {
    /// What it is.
    pub document: Document,
    /// The kind of file that its name says it is, where its content is something else.
    pub named_as: Option<String>,
    staged: Option<Arc<Staged>>,
}

impl Brought {
    /// Returns a document of these bytes, which are kept nowhere: for a case in a store that is only tried out.
    pub fn only_described(name: &str, title: Option<String>, bytes: &[u8]) -> Self {
        let head = bytes.get(..media::HEAD).unwrap_or(bytes);
        let kind = media::kind(name, head);
        let document = Document {
            name: name.to_owned(),
            title,
            media_type: kind.is.to_owned(),
            size: bytes.len() as u64,
            sha256: digest_of(bytes),
        };
        Self { document, named_as: kind.named.map(str::to_owned), staged: None }
    }

    /// Returns it with a title.
    #[must_use]
    pub fn titled(mut self, title: Option<String>) -> Self {
        self.document.title = title;
        self
    }
}

/// Bytes that were read and have no name yet; they go when nobody needs them.
#[derive(Debug)]
struct Staged(PathBuf);

impl Drop for Staged {
    fn drop(&mut self) {
        // It may have got its name. One that can't be taken away does no harm.
        let _ = fs::remove_file(&self.0);
    }
}

/// Opens a file that somebody wants to bring in.
///
/// # Errors
/// [`DocumentError`]; a link, a pipe, a folder or a device is never opened.
pub fn open_document(path: &Path) -> Result<File, DocumentError> {
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::NotFound {
            DocumentError::NoFile(path.to_owned())
        } else {
            at(path, source)
        }
    };
    let not_a_file = || DocumentError::NotAFile(path.to_owned());
    let name = path.file_name().ok_or_else(not_a_file)?.to_string_lossy();
    if safe_name(&name).is_empty() {
        return Err(not_a_file());
    }
    if !fs::symlink_metadata(path).map_err(failed)?.is_file() {
        return Err(not_a_file());
    }
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_file() { Ok(file) } else { Err(not_a_file()) }
}

/// Makes a file of what `fill` writes, which must not be there yet.
///
/// # Errors
/// [`DocumentError`]; no file is left then.
pub fn make_document(
    path: &Path,
    fill: &mut dyn FnMut(&mut dyn Write) -> Result<(), DocumentError>,
) -> Result<(), DocumentError> {
    let mut file = File::create_new(path).map_err(|source| at(path, source))?;
    // Half a document is none.
    fill(&mut file).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

/// A folder for documents.
#[derive(Debug, Clone)]
pub struct DocumentFolder {
    path: PathBuf,
    limits: DocumentLimits,
}

impl DocumentFolder {
    /// Returns the folder at this path; it is made with the first document.
    pub fn at(path: impl Into<PathBuf>, limits: DocumentLimits) -> Self {
        Self { path: path.into(), limits }
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns what is taken in.
    pub fn limits(&self) -> &DocumentLimits {
        &self.limits
    }

    /// Returns where the bytes with a digest lie.
    pub fn place_of(&self, sha256: &str) -> PathBuf {
        let (first, rest) = sha256.split_at_checked(2).unwrap_or((sha256, ""));
        self.path.join(first).join(rest)
    }

    /// Reads a file to bring it into a case, as [`DocumentFolder::take`] reads bytes.
    ///
    /// # Errors
    /// [`DocumentError`]; a link, a pipe, a folder or a device is never opened.
    pub fn read_in(&self, path: &Path, only_look: bool) -> Result<Brought, DocumentError> {
        let file = open_document(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.take(&name, file, only_look)
    }

    /// Reads bytes to bring them into a case, as a document of this name. They are kept when the act is done that brings
    /// them in; with `only_look` nothing is written.
    ///
    /// # Errors
    /// [`DocumentError`] when they are too many, or of a kind that is not taken in.
    pub fn take(
        &self,
        name: &str,
        mut bytes: impl Read,
        only_look: bool,
    ) -> Result<Brought, DocumentError> {
        let reading = |source| DocumentError::Io { path: PathBuf::from(name), source };
        let mut head = Vec::new();
        bytes.by_ref().take(media::HEAD as u64).read_to_end(&mut head).map_err(reading)?;
        let kind = media::kind(name, &head);
        if !self.takes(kind.is) {
            let (name, media_type) = (name.to_owned(), kind.is.to_owned());
            return Err(DocumentError::TypeNotTaken { name, media_type });
        }
        let mut staged = if only_look { None } else { Some(self.stage()?) };
        let mut digest = Sha256::new();
        let mut size = 0_u64;
        let mut chunk = vec![0; CHUNK];
        let mut part: &[u8] = &head;
        while !part.is_empty() {
            size = size.saturating_add(part.len() as u64);
            if size > self.limits.largest {
                let (name, largest) = (name.to_owned(), self.limits.largest);
                return Err(DocumentError::TooLarge { name, largest });
            }
            digest.update(part);
            if let Some((staged, file)) = &mut staged {
                file.write_all(part).map_err(|source| at(&staged.0, source))?;
            }
            let read = loop {
                match bytes.read(&mut chunk) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other.map_err(reading)?,
                }
            };
            part = chunk.get(..read).unwrap_or_default();
        }
        let staged = match staged {
            Some((staged, file)) => {
                file.sync_all().map_err(|source| at(&staged.0, source))?;
                Some(Arc::new(staged))
            }
            None => None,
        };
        let document = Document {
            name: name.to_owned(),
            title: None,
            media_type: kind.is.to_owned(),
            size,
            sha256: in_hex(digest.finalize().into()),
        };
        Ok(Brought { document, named_as: kind.named.map(str::to_owned), staged })
    }

    fn takes(&self, media_type: &str) -> bool {
        let fits = |wanted: &String| match wanted.strip_suffix("/*") {
            Some(family) => media_type.split('/').next() == Some(family),
            None => wanted == media_type,
        };
        self.limits.types.is_empty() || self.limits.types.iter().any(fits)
    }

    /// Returns a new file for bytes whose digest is not known yet.
    fn stage(&self) -> Result<(Staged, File), DocumentError> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        make_folder(&self.path).map_err(|source| at(&self.path, source))?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(format!(".{}-{number}.part", std::process::id()));
        let file = for_its_owner(&path).map_err(|source| at(&path, source))?;
        Ok((Staged(path), file))
    }

    /// Keeps the bytes of a document under their digest, so that they are there whatever happens after this. The same
    /// bytes are kept once.
    ///
    /// # Errors
    /// [`DocumentError::Damaged`] when other bytes lie under this digest, which are never written over;
    /// [`DocumentError::Missing`] for a document that was only described and is not there.
    pub fn keep(&self, brought: &Brought) -> Result<(), DocumentError> {
        let sha256 = &brought.document.sha256;
        let place = self.place_of(sha256);
        match fs::symlink_metadata(&place) {
            Ok(_) => return self.verify(&brought.document),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(at(&place, source)),
        }
        let Some(staged) = &brought.staged else { return Err(self.missing(sha256)) };
        let folder = place.parent().unwrap_or(&self.path);
        make_folder(folder).map_err(|source| at(folder, source))?;
        fs::rename(&staged.0, &place).map_err(|source| at(&place, source))?;
        let above = self.path.parent().filter(|above| !above.as_os_str().is_empty());
        for folder in [folder, &self.path].into_iter().chain(above) {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|source| at(folder, source))?;
        }
        Ok(())
    }

    /// Whether the bytes of a document are there and are the ones that came in.
    ///
    /// # Errors
    /// [`DocumentError::Missing`] and [`DocumentError::Damaged`].
    pub fn verify(&self, document: &Document) -> Result<(), DocumentError> {
        self.verified(document).map(|_| ())
    }

    /// Gives out the bytes of a document, once it is sure that they are the ones that came in.
    ///
    /// # Errors
    /// [`DocumentError::Missing`] and [`DocumentError::Damaged`], before the first byte.
    pub fn copy(&self, document: &Document, out: &mut dyn Write) -> Result<(), DocumentError> {
        let mut file = self.verified(document)?;
        let place = self.place_of(&document.sha256);
        let copied = file.rewind().and_then(|()| io::copy(&mut file.take(document.size), out));
        copied.map(|_| ()).map_err(|source| at(&place, source))
    }

    /// Gives out a document as a file, which must not be there yet.
    ///
    /// # Errors
    /// [`DocumentError`]; no file is left then.
    pub fn copy_to(&self, document: &Document, path: &Path) -> Result<(), DocumentError> {
        self.verify(document)?;
        make_document(path, &mut |out| self.copy(document, out))
    }

    /// Returns the bytes of a document as a file that was read through.
    fn verified(&self, document: &Document) -> Result<File, DocumentError> {
        let place = self.place_of(&document.sha256);
        let damaged = || DocumentError::Damaged { sha256: document.sha256.clone() };
        let about = match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.missing(&document.sha256));
            }
            other => other.map_err(|source| at(&place, source))?,
        };
        if !about.is_file() || about.len() != document.size {
            return Err(damaged());
        }
        let mut file = File::open(&place).map_err(|source| at(&place, source))?;
        let mut digest = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(at(&place, source)),
            };
            digest.update(chunk.get(..read).unwrap_or_default());
        }
        let found = in_hex(digest.finalize().into());
        if found == document.sha256 { Ok(file) } else { Err(damaged()) }
    }

    fn missing(&self, sha256: &str) -> DocumentError {
        DocumentError::Missing { sha256: sha256.to_owned(), folder: self.path.clone() }
    }
}

fn at(path: &Path, source: io::Error) -> DocumentError {
    DocumentError::Io { path: path.to_owned(), source }
}
