//! One command that a server answers for somebody at another process.
//!
//! It runs as it would run there: the same verb, the same words, the same exit code. What differs is where things are. What
//! is printed goes to the other process, what is brought in comes from it, paths start in its folder, and who acts is the
//! account that the system says it is, whatever it says itself.

use super::asker::{Asker, Fill};
use super::exit::Exit;
use super::failure::Failure;
use super::served::Parts;
use super::wire::{Ask, LONGEST, Message, Trouble};
use super::{console, guarded, run};
use crate::catalog::SignIn;
use crate::catalog::file::{self, FileError, LARGEST, Standing};
use crate::engine::DocumentError;
use crate::service::House;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// How long a command may take to say what it asks.
const TO_ASK: Duration = Duration::from_secs(10);
/// How long a command may take to read what is printed for it, or to send what it was asked for. Somebody may be typing.
const TO_ANSWER: Duration = Duration::from_mins(5);

/// Answers one command.
///
/// # Errors
/// What the system says when the other side is gone, or says what is no command.
pub(super) fn answer(stream: UnixStream, house: &Arc<House>) -> io::Result<()> {
    stream.set_read_timeout(Some(TO_ASK))?;
    stream.set_write_timeout(Some(TO_ANSWER))?;
    let Message::Ask(ask) = Message::receive(&stream)? else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let ask: Ask = serde_json::from_slice(&ask)?;
    stream.set_read_timeout(Some(TO_ANSWER))?;
    let peer = Peer::of(&stream)?;
    let far = Rc::new(Far {
        stream: Rc::new(stream),
        account: peer.account.clone(),
        house: Arc::clone(house),
    });
    let standing = Standing {
        folder: PathBuf::from(&ask.folder),
        within: (!peer.has_our_rights).then(|| house.folder().to_owned()),
    };
    let asker: Rc<dyn Asker> = Rc::clone(&far) as _;
    let exit = match refusal(&ask, &peer, house) {
        Some(failure) => {
            let mut err = console::err(&*asker, false);
            err.write_all(failure.in_words().as_bytes()).and_then(|()| err.flush())?;
            failure.exit
        }
        None => file::standing_in(Some(standing), || {
            guarded(|| run(&ask.args, &ask.environment, &asker), &mut console::err(&*asker, false))
        }),
    };
    Message::Exit(exit.code()).send(&*far.stream)
}

/// Returns why a command is not answered at all, if it is not.
fn refusal(ask: &Ask, peer: &Peer, house: &House) -> Option<Failure> {
    let ours = env!("CARGO_PKG_VERSION");
    if ask.version != ours {
        let message = format!("the server is verloop {ours}, and this is {}", ask.version);
        let failure = Failure::new(Exit::Unreachable, "other-version", message);
        return Some(failure.attempt("to start the server anew, with this version"));
    }
    let open = house.current().workspace.sign_in == SignIn::Open;
    (open && !peer.has_our_rights).then(|| {
        let message = "the server answers its own account only";
        let failure = Failure::new(Exit::NotAllowed, "other-account", message);
        let failure = failure.why("people here say themselves who they are (`sign-in: open`)");
        failure.attempt("`sign-in: login` in verloop.yaml")
    })
}

/// Who is at the other side, as the system says.
struct Peer {
    account: Option<String>,
    /// Whether he may read what this process may.
    has_our_rights: bool,
}

impl Peer {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn of(stream: &UnixStream) -> io::Result<Self> {
        use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
        let credentials = getsockopt(stream, PeerCredentials)?;
        Self::with(nix::unistd::Uid::from_raw(credentials.uid()))
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn of(stream: &UnixStream) -> io::Result<Self> {
        use nix::sys::socket::{getsockopt, sockopt::LocalPeerCred};
        let credentials = getsockopt(stream, LocalPeerCred)?;
        Self::with(nix::unistd::Uid::from_raw(credentials.uid()))
    }

    fn with(uid: nix::unistd::Uid) -> io::Result<Self> {
        let own = nix::unistd::Uid::effective();
        // Who starts both is called the same by both.
        let account = if uid == own {
            whoami::username().ok()
        } else {
            nix::unistd::User::from_uid(uid)?.map(|user| user.name)
        };
        Ok(Self { account, has_our_rights: uid == own || uid.is_root() })
    }
}

/// Somebody at another process.
struct Far {
    stream: Rc<UnixStream>,
    account: Option<String>,
    house: Arc<House>,
}

impl Far {
    /// Has the other process open something.
    fn open(&self, what: &Message) -> io::Result<Result<(), Trouble>> {
        what.send(&*self.stream)?;
        Message::receive(&*self.stream)?.done()
    }

    fn all(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        Parts::asked_of(Rc::clone(&self.stream)).take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Asker for Far {
    fn out(&self) -> Box<dyn Write> {
        Box::new(Printer { stream: Rc::clone(&self.stream), message: Message::Out })
    }

    fn err(&self) -> Box<dyn Write> {
        Box::new(Printer { stream: Rc::clone(&self.stream), message: Message::Err })
    }

    fn input(&self, most: u64) -> io::Result<Vec<u8>> {
        self.open(&Message::Input(most))?.map_err(Trouble::into_io)?;
        self.all(most)
    }

    fn text(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let failed = |source| FileError::Io { path: path.to_owned(), source };
        let opened = self.open(&Message::Text(path.to_owned())).map_err(failed)?;
        opened.map_err(|trouble| trouble.into_file(path))?;
        self.all(LARGEST).map_err(failed)
    }

    fn document(&self, path: &Path) -> Result<Box<dyn Read>, DocumentError> {
        let failed = |source| DocumentError::Io { path: path.to_owned(), source };
        let opened = self.open(&Message::Document(path.to_owned())).map_err(failed)?;
        opened.map_err(|trouble| trouble.into_document(path))?;
        Ok(Box::new(Parts::asked_of(Rc::clone(&self.stream))))
    }

    fn make(&self, path: &Path, fill: &mut Fill<'_>) -> Result<(), DocumentError> {
        let failed = |source| DocumentError::Io { path: path.to_owned(), source };
        let trouble = |trouble: Trouble| trouble.into_document(path);
        self.open(&Message::Make(path.to_owned())).map_err(failed)?.map_err(trouble)?;
        let mut printer = Printer { stream: Rc::clone(&self.stream), message: Message::Part };
        if let Err(error) = fill(&mut printer) {
            // Half a document is none: the other process takes it away, and says that it could not be made.
            let why = Trouble::of_document(&error);
            let _ = self.open(&Message::No(why)).map_err(failed)?;
            return Err(error);
        }
        self.open(&Message::End).map_err(failed)?.map_err(trouble)
    }

    fn account(&self) -> Option<String> {
        self.account.clone()
    }

    fn house(&self) -> Option<Arc<House>> {
        Some(Arc::clone(&self.house))
    }
}

/// Sends what is printed.
struct Printer {
    stream: Rc<UnixStream>,
    message: fn(Vec<u8>) -> Message,
}

impl Write for Printer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = bytes.get(..bytes.len().min(LONGEST)).unwrap_or(bytes);
        (self.message)(part.to_vec()).send(&*self.stream)?;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
