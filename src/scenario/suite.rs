//! Many scenarios at once: each procedure compiled once, the scenarios played beside each other.
//!
//! A scenario has a store and a clock of its own, so that neither the order nor the number of threads can change what
//! comes out; the answers stand in the order of the paths.

use super::coverage::Coverage;
use super::{Played, Scenario, ScenarioError, Script};
use crate::catalog::file;
use crate::engine::Adopted;
use crate::procedure::{Name, Version};
use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What became of one scenario.
#[derive(Debug)]
pub struct Tested {
    /// Its file.
    pub path: PathBuf,
    /// What it shows, where it could be read that far.
    pub title: Option<String>,
    /// The name of its procedure, where that could be read.
    pub procedure: Option<Name>,
    /// What was played, or why it could not be.
    pub played: Result<Played, ScenarioError>,
}

impl Tested {
    /// Whether everything went as its author expected.
    pub fn is_passed(&self) -> bool {
        self.played.as_ref().is_ok_and(|played| played.failures.is_empty())
    }
}

/// What became of all of them.
#[derive(Debug, Default)]
pub struct Suite {
    /// Each, in the order of the paths.
    pub tested: Vec<Tested>,
    /// What the scenarios of each procedure reached in it. Two texts may have one name: an example beside the real one.
    pub coverage: BTreeMap<(Name, Version), Coverage>,
}

impl Suite {
    /// Plays the scenarios whose title or path has `filter` in it, on as many threads as the machine has.
    pub fn play(paths: &[PathBuf], filter: Option<&str>) -> Self {
        let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::play_on(threads, paths, filter)
    }

    /// Plays the scenarios on so many threads.
    pub fn play_on(threads: usize, paths: &[PathBuf], filter: Option<&str>) -> Self {
        let library = Library::default();
        let next = AtomicUsize::new(0);
        let tested: Mutex<Vec<(usize, Tested, Option<Reached>)>> = Mutex::default();
        let standing = file::standing();
        let work = || {
            file::standing_in(standing.clone(), || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = paths.get(place) else { break };
                    let Some((one, coverage)) = test(&library, path, filter) else { continue };
                    let mut tested = tested.lock().unwrap_or_else(PoisonError::into_inner);
                    tested.push((place, one, coverage));
                }
            });
        };
        thread::scope(|scope| {
            for _ in 1..threads.clamp(1, paths.len().max(1)) {
                scope.spawn(work);
            }
            work();
        });
        let mut tested = tested.into_inner().unwrap_or_else(PoisonError::into_inner);
        tested.sort_by_key(|(place, ..)| *place);
        let mut suite = Self::default();
        for (_, one, coverage) in tested {
            if let (Some(name), Some((version, coverage))) = (&one.procedure, coverage) {
                suite.coverage.entry((name.clone(), version)).or_default().add(coverage);
            }
            suite.tested.push(one);
        }
        suite
    }

    /// Returns what the scenarios of each procedure reached, with a name that no other has: two texts with one name are told
    /// apart by the beginning of their hashes.
    pub fn coverage_by_name(&self) -> impl Iterator<Item = (String, &Coverage)> {
        self.coverage.iter().map(|((name, version), coverage)| {
            let is_shared = self.coverage.keys().filter(|(other, _)| other == name).count() > 1;
            let label =
                if is_shared { format!("{name}@{}", version.short()) } else { name.to_string() };
            (label, coverage)
        })
    }

    /// Returns how many went otherwise than their authors expected.
    pub fn failed(&self) -> usize {
        self.tested.iter().filter(|one| !one.is_passed()).count()
    }
}

/// What a scenario reached, in which text.
type Reached = (Version, Coverage);

/// Plays one scenario; nothing if the filter leaves it out.
fn test(library: &Library, path: &Path, filter: Option<&str>) -> Option<(Tested, Option<Reached>)> {
    let named = file::shown(path);
    let read = file::read(path)
        .map_err(ScenarioError::File)
        .and_then(|bytes| Scenario::read(&named, &bytes).map_err(ScenarioError::Findings));
    let title = read.as_ref().ok().map(|scenario| scenario.title.clone());
    if let Some(filter) = filter.map(str::to_lowercase) {
        let has = |text: &str| text.to_lowercase().contains(&filter);
        if !has(&named) && !title.as_deref().is_some_and(has) {
            return None;
        }
    }
    let script = read.and_then(|scenario| library.script(path, scenario));
    let procedure = script.as_ref().ok().map(|script| script.adopted.procedure.name.clone());
    let (played, coverage) = match script {
        Err(error) => (Err(error), None),
        Ok(script) => {
            let played = script.play();
            let procedure = &script.adopted.procedure;
            let reached = |played: &Played| (procedure.version, Coverage::of(procedure, played));
            let coverage = played.as_ref().ok().map(reached);
            (played, coverage)
        }
    };
    Some((Tested { path: path.to_owned(), title, procedure, played }, coverage))
}

/// Procedures that were compiled before.
#[derive(Default)]
struct Library {
    adopted: Mutex<HashMap<PathBuf, Adopted>>,
}

impl Library {
    fn script(&self, path: &Path, scenario: Scenario) -> Result<Script, ScenarioError> {
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let procedure = folder.join(&scenario.procedure);
        let key = crate::catalog::file::real(&procedure).unwrap_or(procedure);
        let known = {
            let adopted = self.adopted.lock().unwrap_or_else(PoisonError::into_inner);
            adopted.get(&key).cloned()
        };
        let script = Script::with(path, scenario, known)?;
        let mut adopted = self.adopted.lock().unwrap_or_else(PoisonError::into_inner);
        adopted.entry(key).or_insert_with(|| script.adopted.clone());
        Ok(script)
    }
}
