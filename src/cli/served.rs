//! A command that a server answers: it finds the socket beside the store, sends what was typed, prints what comes, and
//! reads and writes the files that are named, with its own rights.

use super::args::Globals;
use super::asker::{Asker, Here};
use super::desk::store_path;
use super::environment::Environment;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::wire::{Ask, Message, Trouble, next_part};
use super::{Answer, folder};
use crate::catalog::{Workspace, file};
use crate::engine::DocumentError;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::ops::Deref;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// Returns where a server of this store listens.
pub(super) fn socket_of(store: &Path) -> PathBuf {
    store.with_extension("sock")
}

/// Asks the server of the store that is meant, if there is one.
pub(super) fn ask(
    args: &[OsString],
    globals: &Globals,
    environment: &Environment,
) -> Option<Answer> {
    let path = match &globals.store {
        Some(path) => path.clone(),
        None => store_path(globals, &Workspace::open(&folder::find(globals).ok()?).ok()?).ok()?,
    };
    let server = UnixStream::connect(socket_of(&path)).ok()?;
    let ask = Ask {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        args: args.to_vec(),
        folder: file::here().into_os_string(),
        environment: environment.clone(),
    };
    Some(talk(&ask, &server).unwrap_or_else(|error| Err(lost(&error))))
}

/// Returns what it means that the server is gone in the middle.
fn lost(error: &io::Error) -> Stop {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Stop::PipeClosed;
    }
    let message = "the server ended before it had answered";
    let failure = Failure::new(Exit::Unreachable, "server-lost", message);
    let why = if error.kind() == io::ErrorKind::UnexpectedEof {
        "it was stopped, or fell".to_owned()
    } else {
        error.to_string()
    };
    failure
        .why(why)
        .now("it is not known whether the act was kept")
        .attempt("verloop timeline CASE      to see; with `--id` the same act can be asked again")
        .into()
}

/// Asks, and does what the server says until it is done.
fn talk(ask: &Ask, server: &UnixStream) -> io::Result<Answer> {
    let (mut out, mut err) = (Here.out(), Here.err());
    let mut opened: Option<Box<dyn Read>> = None;
    Message::Ask(serde_json::to_vec(ask)?).send(server)?;
    loop {
        let opening = match Message::receive(server)? {
            Message::Out(bytes) => {
                out.write_all(&bytes).and_then(|()| out.flush())?;
                continue;
            }
            // Nobody has to hear talk.
            Message::Err(bytes) => {
                let _ = err.write_all(&bytes).and_then(|()| err.flush());
                continue;
            }
            Message::More => {
                let part = opened.as_mut().map_or(Message::End, |from| next_part(from));
                part.send(server)?;
                continue;
            }
            Message::Make(path) => {
                make(&path, server)?;
                continue;
            }
            Message::Exit(code) => {
                return Ok(Exit::of_code(code).map_or_else(|| Err(strange()), Ok));
            }
            Message::Input(most) => Ok(Box::new(io::stdin().take(most)) as Box<dyn Read>),
            Message::Text(path) => {
                let bytes = Here.text(&path).map_err(|error| Trouble::of_file(&error));
                bytes.map(|bytes| Box::new(io::Cursor::new(bytes)) as _)
            }
            Message::Document(path) => {
                Here.document(&path).map_err(|error| Trouble::of_document(&error))
            }
            Message::Ask(_) | Message::Part(_) | Message::End | Message::No(_) => {
                return Err(io::ErrorKind::InvalidData.into());
            }
        };
        match opening {
            Ok(from) => {
                opened = Some(from);
                Message::End.send(server)?;
            }
            Err(trouble) => Message::No(trouble).send(server)?,
        }
    }
}

fn strange() -> Stop {
    let message = "the server ends in a way that this verloop does not know";
    Failure::new(Exit::Unreachable, "server-lost", message).into()
}

/// Makes a file of the parts that the server sends.
fn make(path: &Path, server: &UnixStream) -> io::Result<()> {
    let failed = |source| DocumentError::Io { path: path.to_owned(), source };
    let mut fill = |file: &mut dyn Write| {
        // That it could be made is said first: until then nothing is sent.
        let parts = Message::End.send(server).map(|()| Parts::sent_by(server));
        parts.and_then(|mut parts| io::copy(&mut parts, file)).map(|_| ()).map_err(failed)
    };
    match Here.make(path, &mut fill) {
        Ok(()) => Message::End.send(server),
        Err(error) => Message::No(Trouble::of_document(&error)).send(server),
    }
}

/// What comes in parts, as one.
pub(super) struct Parts<S> {
    from: S,
    /// Whether each part is asked for.
    asks: bool,
    part: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl<S> Parts<S> {
    /// Returns what comes from a side that sends all of it.
    pub(super) fn sent_by(from: S) -> Self {
        Self { from, asks: false, part: io::Cursor::default(), ended: false }
    }

    /// Returns what comes from a side that sends each part when it is asked to.
    pub(super) fn asked_of(from: S) -> Self {
        Self { asks: true, ..Self::sent_by(from) }
    }
}

impl<S: Deref<Target = UnixStream>> Read for Parts<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.part.read(into)?;
            if read > 0 || self.ended || into.is_empty() {
                return Ok(read);
            }
            let stream = &*self.from;
            if self.asks {
                Message::More.send(stream)?;
            }
            let message = Message::receive(stream)?;
            if let Message::Part(bytes) = message {
                self.part = io::Cursor::new(bytes);
            } else {
                self.ended = true;
                message.done()?.map_err(Trouble::into_io)?;
            }
        }
    }
}
