//! What a command and a server say to each other over a socket.
//!
//! The command sends what was asked of it, as it was typed, and what surrounds it; the server sends what is to be printed,
//! asks for files that were named, and says at last how the command ends. A message is a letter that says what it is, the
//! length of its body in four bytes, and the body.

use super::environment::Environment;
use crate::catalog::file::FileError;
use crate::engine::DocumentError;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The longest message, in bytes. What is longer goes in parts.
pub(super) const LONGEST: usize = 1024 * 1024;

/// What is asked of a server.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ask {
    /// The version of verloop that asks.
    pub version: String,
    /// What was typed.
    pub args: Vec<OsString>,
    /// The folder in which it was typed.
    pub folder: OsString,
    /// What surrounds the command.
    pub environment: Environment,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Message {
    /// To the server: what is asked, as JSON.
    Ask(Vec<u8>),
    /// Facts to print.
    Out(Vec<u8>),
    /// Talk to print.
    Err(Vec<u8>),
    /// To the command: open standard input, up to so many bytes.
    Input(u64),
    /// To the command: open this text.
    Text(PathBuf),
    /// To the command: open this document.
    Document(PathBuf),
    /// To the command: send the next part of what was opened last.
    More,
    /// To the command: make this file.
    Make(PathBuf),
    /// A part of what is sent.
    Part(Vec<u8>),
    /// That was all.
    End,
    /// That could not be done, or shall not be.
    No(Trouble),
    /// To the command: it is done, and ends so.
    Exit(u8),
}

/// Why a file can't be sent or made, so that the other side can say it as if it had met it itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Trouble {
    /// There is none.
    Missing,
    /// It is no plain file.
    NotAFile,
    /// It is too large.
    TooLarge,
    /// What the system says, by its number if it has one.
    Io(Option<i32>, String),
}

impl Trouble {
    pub(super) fn of_io(error: &io::Error) -> Self {
        Self::Io(error.raw_os_error(), error.to_string())
    }

    pub(super) fn of_file(error: &FileError) -> Self {
        match error {
            FileError::Missing(_) => Self::Missing,
            FileError::NotAFile(_) => Self::NotAFile,
            FileError::TooLarge(_) => Self::TooLarge,
            FileError::Io { source, .. } => Self::of_io(source),
            FileError::Outside(_) | FileError::TooMany(_) => Self::Io(None, error.to_string()),
        }
    }

    pub(super) fn of_document(error: &DocumentError) -> Self {
        match error {
            DocumentError::NoFile(_) => Self::Missing,
            DocumentError::NotAFile(_) => Self::NotAFile,
            DocumentError::Io { source, .. } => Self::of_io(source),
            DocumentError::TooLarge { .. }
            | DocumentError::TypeNotTaken { .. }
            | DocumentError::TooMany { .. }
            | DocumentError::Damaged { .. }
            | DocumentError::Missing { .. } => Self::Io(None, error.to_string()),
        }
    }

    pub(super) fn into_io(self) -> io::Error {
        match self {
            Self::Missing => io::ErrorKind::NotFound.into(),
            Self::NotAFile => io::ErrorKind::InvalidInput.into(),
            Self::TooLarge => io::ErrorKind::FileTooLarge.into(),
            Self::Io(Some(number), _) => io::Error::from_raw_os_error(number),
            Self::Io(None, why) => io::Error::other(why),
        }
    }

    pub(super) fn into_file(self, path: &Path) -> FileError {
        let path = path.to_owned();
        match self {
            Self::Missing => FileError::Missing(path),
            Self::NotAFile => FileError::NotAFile(path),
            Self::TooLarge => FileError::TooLarge(path),
            other @ Self::Io(..) => FileError::Io { path, source: other.into_io() },
        }
    }

    pub(super) fn into_document(self, path: &Path) -> DocumentError {
        let path = path.to_owned();
        match self {
            Self::Missing => DocumentError::NoFile(path),
            Self::NotAFile => DocumentError::NotAFile(path),
            other @ (Self::TooLarge | Self::Io(..)) => {
                DocumentError::Io { path, source: other.into_io() }
            }
        }
    }
}

impl Message {
    /// Sends it.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn send(&self, mut to: impl Write) -> io::Result<()> {
        let (letter, body) = match self {
            Self::Ask(body) => (b'a', body.clone()),
            Self::Out(body) => (b'o', body.clone()),
            Self::Err(body) => (b'e', body.clone()),
            Self::Input(most) => (b'i', most.to_be_bytes().to_vec()),
            Self::Text(path) => (b't', bytes_of(path)),
            Self::Document(path) => (b'd', bytes_of(path)),
            Self::Make(path) => (b'm', bytes_of(path)),
            Self::Part(body) => (b'p', body.clone()),
            Self::More => (b'+', Vec::new()),
            Self::End => (b'z', Vec::new()),
            Self::No(trouble) => (b'n', serde_json::to_vec(trouble)?),
            Self::Exit(code) => (b'x', vec![*code]),
        };
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        let mut message = vec![letter];
        message.extend(length.to_be_bytes());
        message.extend(body);
        to.write_all(&message)
    }

    /// Returns whether what was asked is done, or what stood in the way.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] where it says neither.
    pub(super) fn done(self) -> io::Result<Result<(), Trouble>> {
        match self {
            Self::End => Ok(Ok(())),
            Self::No(trouble) => Ok(Err(trouble)),
            Self::Ask(_)
            | Self::Out(_)
            | Self::Err(_)
            | Self::Input(_)
            | Self::Text(_)
            | Self::Document(_)
            | Self::More
            | Self::Make(_)
            | Self::Part(_)
            | Self::Exit(_) => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Receives the next one.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidData`] for what is no message, and
    /// [`io::ErrorKind::UnexpectedEof`] when the other side is gone.
    pub(super) fn receive(mut from: impl Read) -> io::Result<Self> {
        let wrong = || io::Error::from(io::ErrorKind::InvalidData);
        let mut head = [0; 5];
        from.read_exact(&mut head)?;
        let [letter, length @ ..] = head;
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST {
            return Err(wrong());
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body)?;
        Ok(match letter {
            b'a' => Self::Ask(body),
            b'o' => Self::Out(body),
            b'e' => Self::Err(body),
            b'i' => Self::Input(u64::from_be_bytes(body.try_into().map_err(|_| wrong())?)),
            b't' => Self::Text(path_of(body)),
            b'd' => Self::Document(path_of(body)),
            b'm' => Self::Make(path_of(body)),
            b'p' => Self::Part(body),
            b'+' => Self::More,
            b'z' => Self::End,
            b'n' => Self::No(serde_json::from_slice(&body)?),
            b'x' => Self::Exit(*body.first().ok_or_else(wrong)?),
            _ => return Err(wrong()),
        })
    }
}

/// Returns the next part of what is read: a part, that it was all, or why it can't be read on.
pub(super) fn next_part(from: &mut dyn Read) -> Message {
    let mut part = vec![0; 256 * 1024];
    loop {
        match from.read(&mut part) {
            Ok(0) => return Message::End,
            Ok(read) => {
                part.truncate(read);
                return Message::Part(part);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Message::No(Trouble::of_io(&error)),
        }
    }
}

#[cfg(unix)]
fn bytes_of(path: &Path) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    path.as_os_str().as_bytes().to_vec()
}

#[cfg(unix)]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn bytes_of(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

#[cfg(not(unix))]
fn path_of(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_message_comes_as_it_was_sent() {
        for message in [
            Message::Ask(b"{}".to_vec()),
            Message::Out(b"K-2026-0001\n".to_vec()),
            Message::Err(Vec::new()),
            Message::Input(7),
            Message::Text("x/y.yaml".into()),
            Message::Document("a b.pdf".into()),
            Message::Make("uit.pdf".into()),
            Message::Part(vec![0; 70_000]),
            Message::More,
            Message::End,
            Message::No(Trouble::Io(Some(13), "no".to_owned())),
            Message::Exit(3),
        ] {
            let mut sent = Vec::new();
            message.send(&mut sent).unwrap();
            assert_eq!(Message::receive(sent.as_slice()).unwrap(), message);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            // Whoever can reach the socket can send anything: it must neither panic nor ask for much memory.
            let _ = Message::receive(bytes.as_slice());
        }
    }

    #[test]
    fn a_message_of_four_gigabytes_is_refused_before_it_is_read() {
        let error = Message::receive([b'p', 255, 255, 255, 255].as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
