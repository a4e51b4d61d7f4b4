//! The server: follows a workspace, lets happen what falls due, and answers who comes to its socket.

use super::args::{Globals, Output};
use super::console::Console;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::served::socket_of;
use super::{Answer, desk, folder, news, session};
use crate::catalog::{Activation, Premises, SignIn};
use crate::diagnostic::shown;
use crate::service::{House, Keep, News, Watch};
use serde_json::{Value, json};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The most commands that are answered at once; more wait.
const MOST_AT_ONCE: usize = 64;
/// How often it is looked whether something fell due.
const TICK: Duration = Duration::from_secs(1);
/// How long running commands may take when the server is told to end.
const LAST_WORDS: Duration = Duration::from_secs(30);
/// How often it is tried to open a store that is in use, a tenth of a second apart.
const MOST_TRIES: usize = 30;

/// An opened store, and on what its procedures rest.
type Opened = Result<(Keep, Premises, Vec<String>), Stop>;

/// Something of which the server speaks, or to which it must answer.
enum Happening {
    News(News),
    Passed { cases: usize, events: usize },
    Undelivered { letters: usize, why: String },
    Failed { why: String },
    Signal(i32),
}

pub(super) fn serve(globals: &Globals, console: &mut Console) -> Answer {
    let found = folder::find(globals)?;
    let (keep, _, wrong) = patiently(globals, console, &found)?;
    let socket = socket_of(&keep.path);
    let path = keep.path.canonicalize().unwrap_or_else(|_| keep.path.clone());
    let keep = Keep { path, ..keep };
    let by = console.asker.account().unwrap_or_default();
    let house = House::open(&found, keep, by).map_err(desk::no_premises)?;
    let house = Arc::new(house);
    let listener = listen(&socket, &house).map_err(|error| cannot_listen(&socket, &error))?;
    let (send, happenings) = channel();
    let signals = Signals::new([SIGTERM, SIGINT, SIGHUP]);
    let mut signals = signals.map_err(|error| cannot_listen(&socket, &error))?;
    let told = send.clone();
    let handle = signals.handle();
    thread::spawn(move || {
        for signal in &mut signals {
            let _ended = told.send(Happening::Signal(signal));
        }
    });
    let (news, told) = (house.news(), send.clone());
    thread::spawn(move || {
        for news in news {
            let _ended = told.send(Happening::News(news));
        }
    });
    let gate = Arc::new(Gate::default());
    let stopping = Arc::new(AtomicBool::new(false));
    let door = accept(listener, Arc::clone(&house), Arc::clone(&gate), Arc::clone(&stopping));
    let watch = Watch::start(Arc::clone(&house));
    let ticks = tick(Arc::clone(&house), send, Arc::clone(&stopping));
    begin(&house, &socket, &wrong, console)?;
    speak(&house, &watch, &happenings, console)?;
    // Nobody is let in any more; who is in may finish.
    stopping.store(true, Ordering::SeqCst);
    let _wakes = UnixStream::connect(&socket);
    let _ = std::fs::remove_file(&socket);
    handle.close();
    drop(watch);
    let all_done = gate.closed(LAST_WORDS);
    if all_done {
        let _ = door.join();
    }
    ticks.thread().unpark();
    let _ = ticks.join();
    console.talk(if all_done { "ended" } else { "ended; some commands were not answered" });
    Ok(Exit::Done)
}

/// Opens the store, for which a command that is running may have to end first.
fn patiently(globals: &Globals, console: &mut Console, folder: &Path) -> Opened {
    let what = desk::For::Writing { create: true };
    for _ in 0..MOST_TRIES {
        match desk::keep(globals, console, folder, what) {
            Err(Stop::Failed(failure)) if failure.code == "store-in-use" => {
                thread::sleep(Duration::from_millis(100));
            }
            other => return other,
        }
    }
    desk::keep(globals, console, folder, what)
}

/// Listens beside the store, which this process alone has open: a socket that lies there is one of a process that fell.
fn listen(socket: &Path, house: &House) -> io::Result<UnixListener> {
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(socket)?;
    // Where the system says who somebody is, he may ask; where people say it themselves, only this account.
    let may = match house.current().workspace.sign_in {
        SignIn::Login => 0o666,
        SignIn::Open => 0o600,
    };
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(may))?;
    Ok(listener)
}

fn cannot_listen(socket: &Path, error: &io::Error) -> Stop {
    let message = format!("nobody can be answered at `{}`", socket.display());
    let failure = Failure::new(Exit::Unreachable, "no-socket", message).why(error.to_string());
    let is_too_long = error.kind() == io::ErrorKind::InvalidInput;
    let tries = if is_too_long {
        "a store with a shorter path: a socket's may have 107 bytes"
    } else {
        "see to the permissions of the folder"
    };
    failure.attempt(tries).into()
}

/// Counts who is being answered.
#[derive(Default)]
struct Gate {
    inside: Mutex<usize>,
    moved: Condvar,
}

/// Somebody who is being answered.
struct Inside(Arc<Gate>);

impl Gate {
    /// Waits until there is room.
    fn enter(self: &Arc<Self>) -> Inside {
        let inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |inside: &mut usize| *inside >= MOST_AT_ONCE;
        let waited = self.moved.wait_while(inside, full);
        *waited.unwrap_or_else(PoisonError::into_inner) += 1;
        Inside(Arc::clone(self))
    }

    /// Waits until nobody is inside. Returns whether it came to that.
    fn closed(&self, at_most: Duration) -> bool {
        let inside = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.moved.wait_timeout_while(inside, at_most, |inside| *inside > 0);
        *waited.unwrap_or_else(PoisonError::into_inner).0 == 0
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        *self.0.inside.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.moved.notify_all();
    }
}

/// Lets in who comes, each on a thread of his own.
fn accept(
    listener: UnixListener,
    house: Arc<House>,
    gate: Arc<Gate>,
    stopping: Arc<AtomicBool>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        for stream in listener.incoming() {
            if stopping.load(Ordering::SeqCst) {
                break;
            }
            // No more can be opened at the moment, or who came is gone again.
            let Ok(stream) = stream else {
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            let (inside, house) = (gate.enter(), Arc::clone(&house));
            thread::spawn(move || {
                let _inside = inside;
                // Who is gone hears nothing any more; what he asked has happened or not, as his own words say.
                let _ = session::answer(stream, &house);
            });
        }
    })
}

/// Lets happen what falls due.
fn tick(
    house: Arc<House>,
    send: Sender<Happening>,
    stopping: Arc<AtomicBool>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut failing = None;
        while !stopping.load(Ordering::SeqCst) {
            let engine = Arc::clone(&house.current().engine);
            let done = engine.tick().map_err(|error| error.to_string());
            let delivered = engine.deliver().map_err(|error| error.to_string());
            let now = done.as_ref().err().or(delivered.as_ref().err()).cloned();
            if let Some(why) = now.clone().filter(|_| now != failing) {
                let _ended = send.send(Happening::Failed { why });
            }
            failing = now;
            if let Ok(ticked) = done {
                let events = ticked.passed.iter().map(|passed| passed.events.len()).sum();
                let cases = ticked.passed.len();
                if cases > 0 {
                    let _ended = send.send(Happening::Passed { cases, events });
                }
                for (key, error) in ticked.failed {
                    let why = format!("case {key}: {error}");
                    let _ended = send.send(Happening::Failed { why });
                }
            }
            if let Ok(delivered) = delivered
                && let Some((_, error)) = delivered.failed.first()
            {
                let (letters, why) = (delivered.failed.len(), error.to_string());
                let _ended = send.send(Happening::Undelivered { letters, why });
            }
            thread::park_timeout(TICK);
        }
    })
}

/// Says that the server is there.
fn begin(
    house: &House,
    socket: &Path,
    wrong: &[String],
    console: &mut Console,
) -> Result<(), Stop> {
    let current = house.current();
    let activation = match current.workspace.activate {
        Activation::Auto => "what is sound becomes current",
        Activation::Manual => "what is sound waits for `verloop publish`",
    };
    if console.output == Output::Jsonl {
        console.json_line(&json!({
            "schema": "verloop.serve/1", "what": "serving",
            "at": current.engine.now(), "socket": socket.display().to_string(),
            "folder": house.folder().display().to_string(), "refused": wrong,
        }))?;
        return Ok(());
    }
    console.fact(&format!("store   {}", shown(&house.keep().path.display().to_string())))?;
    console.fact(&format!(
        "socket  {}   (other commands use it by themselves)",
        shown(&socket.display().to_string())
    ))?;
    let watched = house.folder().display().to_string();
    console.fact(&format!("watch   {}; {activation}", shown(&watched)))?;
    for line in wrong {
        console.fact(&format!("refused {}", shown(line)))?;
    }
    console.flush()
}

/// Says what happens, until the server is told to end.
fn speak(
    house: &House,
    watch: &Watch,
    happenings: &Receiver<Happening>,
    console: &mut Console,
) -> Result<(), Stop> {
    for happening in happenings {
        if let Happening::Signal(signal) = happening {
            if signal != SIGHUP {
                return Ok(());
            }
            watch.look();
            continue;
        }
        let at = house.current().engine.now();
        if console.output == Output::Jsonl {
            console.json_line(&as_json(&happening, &at.to_string()))?;
        } else {
            for line in in_words(&happening) {
                console.fact(&format!("{at} {}", shown(&line)))?;
            }
            console.flush()?;
        }
    }
    Ok(())
}

fn in_words(happening: &Happening) -> Vec<String> {
    match happening {
        Happening::News(item) => news::in_words(item),
        Happening::Passed { cases, events } => {
            vec![format!("time passed: {events} events in {cases} cases")]
        }
        Happening::Undelivered { letters, why } => {
            vec![format!("{letters} letters are not yet written: {why}")]
        }
        Happening::Failed { why } => vec![format!("time: {why}")],
        Happening::Signal(_) => Vec::new(),
    }
}

fn as_json(happening: &Happening, at: &str) -> Value {
    let mut value = match happening {
        Happening::News(item) => news::as_json(item),
        Happening::Passed { cases, events } => {
            json!({ "what": "passed", "cases": cases, "events": events })
        }
        Happening::Undelivered { letters, why } => {
            json!({ "what": "undelivered", "letters": letters, "why": why })
        }
        Happening::Failed { why } => {
            json!({ "what": "failed", "of": "time", "why": why })
        }
        Happening::Signal(signal) => json!({ "what": "signal", "signal": signal }),
    };
    if let Value::Object(fields) = &mut value {
        fields.insert("schema".to_owned(), "verloop.serve/1".into());
        fields.insert("at".to_owned(), at.into());
    }
    value
}
