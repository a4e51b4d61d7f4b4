//! Follows the folder of a workspace.
//!
//! Events of the file system are hints: they say that it is time to look, never what is there. They come before a file is
//! whole, they don't come for a folder that was made with its files at once or for one that was moved away and made anew,
//! and a storm of them must cost no more than one. So a callback sets a flag and nothing else, the folder is looked
//! through when the flag is set, and once in a while without.

use super::House;
use super::house::News;
use super::tree;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the folder is looked through without a hint.
const WITHOUT_HINT: Duration = Duration::from_secs(10);

/// A thread that follows the folder of a workspace until it is stopped or dropped.
pub struct Watch {
    bell: Arc<Bell>,
    thread: Option<JoinHandle<()>>,
}

/// What wakes the thread.
#[derive(Default)]
struct Bell {
    state: Mutex<Wish>,
    rung: Condvar,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wish {
    look: bool,
    stop: bool,
}

impl Bell {
    fn ring(&self, wish: Wish) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.look |= wish.look;
        state.stop |= wish.stop;
        self.rung.notify_all();
    }

    /// Waits until somebody wishes something, or a while has passed.
    fn wait(&self) -> Wish {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = |wish: &mut Wish| *wish == Wish::default();
        let waited = self.rung.wait_timeout_while(state, WITHOUT_HINT, nothing);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *state)
    }
}

impl Watch {
    /// Follows the folder of a workspace; the first look comes at once.
    pub fn start(house: Arc<House>) -> Self {
        let bell = Arc::new(Bell::default());
        bell.ring(Wish { look: true, stop: false });
        let rung = Arc::clone(&bell);
        let thread = std::thread::spawn(move || follow(&house, &rung));
        Self { bell, thread: Some(thread) }
    }

    /// Looks at the folder now.
    pub fn look(&self) {
        self.bell.ring(Wish { look: true, stop: false });
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.bell.ring(Wish { look: false, stop: true });
        if let Some(thread) = self.thread.take() {
            // A look that failed has said so.
            let _ = thread.join();
        }
    }
}

fn follow(house: &House, bell: &Arc<Bell>) {
    let mut watched = None;
    let mut complained = false;
    while !bell.wait().stop {
        // Under the same path another folder may stand by now, from which no hint would ever come.
        let identity = tree::folder_identity(house.folder());
        let is_same = watched.as_ref().is_some_and(|(known, _)| *known == identity);
        if !is_same && identity.is_some() {
            match watcher(house, bell) {
                Ok(watcher) => watched = Some((identity, watcher)),
                Err(error) => {
                    watched = None;
                    if !std::mem::replace(&mut complained, true) {
                        let why = format!(
                            "the folder is looked at every {} seconds only: {error}",
                            WITHOUT_HINT.as_secs()
                        );
                        house.tell(&News::Trouble { why });
                    }
                }
            }
        }
        // What fails is told on the stream, and tried again.
        let _ = house.rescan();
    }
}

/// Returns a watcher that rings for what can matter.
fn watcher(house: &House, bell: &Arc<Bell>) -> notify::Result<RecommendedWatcher> {
    let bell = Arc::clone(bell);
    let current = house.current();
    let ours = [current.letters.path().to_owned(), current.documents.path().to_owned()];
    let folder = house.folder().to_owned();
    let matters = move |path: &Path| {
        let inside = path.starts_with(&folder) && tree::may_matter(path);
        path == folder || inside && !ours.iter().any(|folder| path.starts_with(folder))
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let rings = match event {
            Ok(event) => {
                let is_access = matches!(event.kind, EventKind::Access(_));
                event.need_rescan() || !is_access && event.paths.iter().any(|path| matters(path))
            }
            Err(_) => true,
        };
        if rings {
            bell.ring(Wish { look: true, stop: false });
        }
    })?;
    watcher.watch(house.folder(), RecursiveMode::Recursive)?;
    // A folder that is renamed away and made anew is seen from the one above it.
    if let Some(above) = house.folder().parent() {
        let _may_be_forbidden = watcher.watch(above, RecursiveMode::NonRecursive);
    }
    Ok(watcher)
}
