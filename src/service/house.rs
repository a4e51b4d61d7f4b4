//! A workspace that is kept current while commands run.
//!
//! What runs comes from the store, and each command rests on what was current when it began. A look at the folder
//! ([`House::rescan`]) judges what changed since the last one, beside the commands and not on their way, and takes all
//! that is sound in one commit. What is wrong hinders nothing else, and is told on the stream of [`News`].

use super::current::{Current, Keep, NoPremises, sound};
use super::offer::{look_at, scenarios_of};
use super::tree::{self, Stamps};
use super::words;
use super::{Against, Offer, Offered, Rules, lines};
use crate::catalog::file::{self, Standing};
use crate::catalog::layout::{self, procedure_in};
use crate::catalog::{Premises, Workspace};
use crate::engine::{
    Adopted, Engine, EngineError, Procedures, PublishedNow, Publisher, Publishing,
};
use crate::time::Almanac;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};
use std::time::Duration;

/// How long a file must have been left alone before it is read.
pub const QUIET: Duration = Duration::from_millis(60);
/// How often it is looked whether files are left alone, before those that still change are left for the next time.
const MOST_LOOKS: usize = 16;
/// How much news is kept for a listener who does not listen.
const MOST_NEWS: usize = 10_000;

/// Something that changed in what is current, or could not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum News {
    /// A text was put on record.
    Published {
        /// The procedure.
        procedure: String,
        /// Its file.
        file: String,
        /// What that did.
        done: PublishedNow,
    },
    /// A sound text waits for somebody to publish it.
    Ready {
        /// The procedure.
        procedure: String,
        /// Its file.
        file: String,
    },
    /// A text was refused; what was active stays so.
    Refused {
        /// The procedure.
        procedure: String,
        /// Its file.
        file: String,
        /// All that is wrong.
        lines: Vec<String>,
    },
    /// A text on disk is one that is on record again.
    Same {
        /// The procedure.
        procedure: String,
        /// Its number.
        number: u32,
    },
    /// A file is gone; that changes nothing, and retires nothing.
    Gone {
        /// The procedure.
        procedure: String,
    },
    /// Settings, people or calendars are others from now on.
    Premises,
    /// Settings, people and calendars are sound again, and the same as before.
    PremisesMended,
    /// Settings, people or calendars are wrong; the last sound ones go on.
    PremisesRefused {
        /// All that is wrong.
        lines: Vec<String>,
    },
    /// The folder can't be looked through, or the store fails; what is current stays so.
    Trouble {
        /// Why.
        why: String,
    },
}

/// A workspace that is kept current.
pub struct House {
    folder: PathBuf,
    keep: Keep,
    by: String,
    current: RwLock<Arc<Current>>,
    scan: Mutex<Scan>,
    listeners: Mutex<Vec<SyncSender<News>>>,
}

/// What is known of the folder.
#[derive(Default)]
struct Scan {
    /// The files as they were when they were judged.
    stamps: Stamps,
    known: BTreeMap<PathBuf, Known>,
    /// What was wrong with the premises, if anything was.
    premises: Vec<String>,
    /// Why the folder could not be looked through.
    trouble: Option<String>,
}

/// A procedure's file, as it was judged.
struct Known {
    /// The files on which the judgement rests.
    rests_on: BTreeSet<PathBuf>,
    offered: Arc<Offered>,
}

/// What was judged of a file, and not yet taken.
struct Judged {
    path: PathBuf,
    rests_on: BTreeSet<PathBuf>,
    offered: Offered,
}

impl House {
    /// Opens the workspace in a folder, in which `by` is named as the publisher of what is saved. Nothing is judged yet:
    /// what is current comes from the store.
    ///
    /// # Errors
    /// [`NoPremises`] when settings, people or calendars are wrong and none were ever kept; a folder in which procedures
    /// are wrong hinders nothing.
    pub fn open(folder: &Path, keep: Keep, by: impl Into<String>) -> Result<Self, NoPremises> {
        let real = file::real(folder).unwrap_or_else(|_| file::at(folder));
        let standing = Standing { folder: real.clone(), within: None };
        let (premises, refused) = file::standing_in(Some(standing), || {
            sound(Premises::read(Path::new(".")), Path::new("."), &keep.store, &keep.clock)
        })?;
        let current = Arc::new(current_at(&real, premises, &keep));
        let scan = Scan { premises: refused, ..Scan::default() };
        Ok(Self {
            folder: real,
            keep,
            by: by.into(),
            current: RwLock::new(current),
            scan: Mutex::new(scan),
            listeners: Mutex::default(),
        })
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns where cases are kept.
    pub fn keep(&self) -> &Keep {
        &self.keep
    }

    /// Returns what is current. Whoever holds it goes on with it, whatever becomes current meanwhile.
    pub fn current(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns a stream of what changes from now on. A listener who falls far behind is left.
    pub fn news(&self) -> Receiver<News> {
        let (send, receive) = sync_channel(MOST_NEWS);
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(send);
        receive
    }

    pub(super) fn tell(&self, news: &News) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.try_send(news.clone()).is_ok());
    }

    /// Returns what became of the text on disk of a procedure, as it stands there now; nothing where there is no file, or the
    /// folder is being looked at, for which nobody has to wait.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn offer(&self, procedure: &str) -> Result<Option<Arc<Offered>>, EngineError> {
        let mut scan = match self.scan.try_lock() {
            Ok(scan) => scan,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Ok(None),
        };
        let is_as_judged = file::standing_in(Some(self.standing()), || {
            let known = scan.of_name(procedure);
            known.is_some_and(|known| tree::are_still(&scan.stamps, &known.rests_on))
        });
        if !is_as_judged {
            self.rescan_in(&mut scan)?;
        }
        Ok(scan.of_name(procedure).map(|known| Arc::clone(&known.offered)))
    }

    /// Looks at the folder: judges what changed since the last look, and takes what is sound.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails; the same is then looked at again the next time.
    pub fn rescan(&self) -> Result<(), EngineError> {
        let mut scan = self.scan.lock().unwrap_or_else(PoisonError::into_inner);
        self.rescan_in(&mut scan)
    }

    fn standing(&self) -> Standing {
        Standing { folder: self.folder.clone(), within: None }
    }

    fn rescan_in(&self, scan: &mut Scan) -> Result<(), EngineError> {
        let looked = file::standing_in(Some(self.standing()), || self.look(scan));
        let trouble = match &looked {
            Ok(None) => None,
            Ok(Some(why)) => Some(why.clone()),
            Err(error) => Some(error.to_string()),
        };
        if scan.trouble != trouble {
            scan.trouble.clone_from(&trouble);
            if let Some(why) = trouble {
                self.tell(&News::Trouble { why });
            }
        }
        looked.map(|_| ())
    }

    /// Looks at the folder. Returns why it can't be looked through, if it can't.
    fn look(&self, scan: &mut Scan) -> Result<Option<String>, EngineError> {
        let current = self.current();
        let now = match Self::settled(scan, &current) {
            Ok(now) => now,
            Err(why) => return Ok(Some(why)),
        };
        let changed = tree::changed(&scan.stamps, &now);
        if changed.is_empty() {
            return Ok(None);
        }
        let premises = self.read_premises(scan, &current);
        // What is judged now counts by the new calendars, which become current with what is sound by them.
        let judging = match &premises {
            Some(premises) => Arc::new(current_at(&self.folder, premises.clone(), &self.keep)),
            None => Arc::clone(&current),
        };
        let again = !judging.premises.counts_as(&current.premises);
        let gone = changed.iter().filter(|path| !now.contains_key(*path));
        let mut gone: BTreeSet<PathBuf> = gone.cloned().collect();
        let mut judged = Vec::new();
        for path in scan.to_judge(&judging.workspace, &now, &changed, again) {
            match file::read(&path).ok().and_then(|bytes| procedure_in(&bytes)) {
                Some(name) => judged.push(Judged::of(&judging.engine, path, &name)?),
                None => _ = gone.insert(path),
            }
        }
        self.take(scan, &judging, judged, &gone, now)?;
        Ok(None)
    }

    /// Returns the files as they are when nobody writes to them; one that is still written to, as it was when it was judged.
    fn settled(scan: &Scan, current: &Current) -> Result<Stamps, String> {
        let leave_out = [current.letters.path().to_owned(), current.documents.path().to_owned()];
        // The settings say where to look, and may have changed.
        let workspace = Workspace::open(Path::new(".")).map(Arc::new);
        let workspace = workspace.unwrap_or_else(|_| Arc::clone(&current.workspace));
        let look = || tree::stamps(&workspace, &leave_out).map_err(|error| error.to_string());
        let mut now = look()?;
        for _ in 0..MOST_LOOKS {
            if tree::changed(&scan.stamps, &now).is_empty() {
                return Ok(now);
            }
            std::thread::sleep(QUIET);
            let next = look()?;
            let moving = tree::changed(&now, &next);
            now = next;
            if moving.is_empty() {
                return Ok(now);
            }
        }
        std::thread::sleep(QUIET);
        let last = look()?;
        for path in tree::changed(&now, &last) {
            tree::put_back(&mut now, &scan.stamps, &path);
        }
        Ok(now)
    }

    /// Reads what the procedures rest on. Returns it if it is sound and another than what is current.
    fn read_premises(&self, scan: &mut Scan, current: &Current) -> Option<Premises> {
        let read = Premises::read(Path::new("."));
        let (premises, wrong) = match read {
            Ok(premises) if premises.text.counts_as(&current.premises) => (Some(premises), vec![]),
            // A calendar by which a scenario goes otherwise is wrong, or the scenario is: until one of them is mended,
            // nothing is counted otherwise.
            Ok(premises) => {
                let is_first = scan.stamps.is_empty();
                let files = scan.known.iter().filter(|(_, known)| known.is_active());
                let failed: Vec<String> =
                    files.flat_map(|(path, _)| scenarios_of(path).1).collect();
                if failed.is_empty() || is_first {
                    (Some(premises), vec![])
                } else {
                    (None, failed)
                }
            }
            Err(error) => (None, words::of_workspace(&error)),
        };
        if scan.premises != wrong {
            scan.premises.clone_from(&wrong);
            let is_same = premises.as_ref().is_some_and(|now| now.text == *current.premises);
            if !wrong.is_empty() {
                self.tell(&News::PremisesRefused { lines: wrong });
            } else if is_same {
                self.tell(&News::PremisesMended);
            }
        }
        premises.filter(|premises| premises.text != *current.premises)
    }

    /// Takes what is sound of what was judged, in one commit, and makes it current.
    fn take(
        &self,
        scan: &mut Scan,
        judging: &Arc<Current>,
        judged: Vec<Judged>,
        gone: &BTreeSet<PathBuf>,
        now: Stamps,
    ) -> Result<(), EngineError> {
        let rules = Rules::of(&judging.workspace);
        let by = Publisher { person: self.by.clone(), because: Some("saved".to_owned()) };
        // What was written to while it was judged is judged the next time. What it names by now, nobody may have known.
        let (fresh, moved): (Vec<Judged>, Vec<Judged>) =
            judged.into_iter().partition(|judged| tree::are_still(&now, &judged.rests_on));
        let fresh = scan.without_doubles(fresh, gone);
        let publishing: Vec<Publishing<'_>> =
            fresh.iter().filter_map(|judged| judged.offered.publishing(rules)).collect();
        let done = judging.engine.publish_together(&publishing, Some(&judging.premises), &by)?;
        drop(publishing);
        let mut told = Vec::new();
        if !Arc::ptr_eq(judging, &self.current()) {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(judging);
            told.push(News::Premises);
        }
        let mut done = done.into_iter();
        for Judged { path, rests_on, offered } in fresh {
            let is_published = offered.publishing(rules).is_some();
            let offered = match is_published.then(|| done.next()).flatten() {
                Some(done) => offered.published(done),
                None => offered,
            };
            offered.keep_refusal(&judging.engine, &by)?;
            let known = Known { rests_on, offered: Arc::new(offered) };
            let before = scan.known.get(&path);
            let news = known.in_news();
            // That a text is the one on record is news only where another stood there.
            let stays = known.is_as_it_was()
                && before.is_none_or(|before| before.number() == known.number());
            if !stays && before.map(Known::in_news).as_ref() != Some(&news) {
                told.push(news);
            }
            scan.known.insert(path, known);
        }
        // A file that is gone takes nothing with it.
        for gone in gone.iter().filter_map(|path| scan.known.remove(path)) {
            told.push(News::Gone { procedure: gone.offered.procedure.clone() });
        }
        let before = std::mem::replace(&mut scan.stamps, now);
        for path in moved.iter().flat_map(|judged| &judged.rests_on) {
            tree::put_back(&mut scan.stamps, &before, path);
        }
        for news in &told {
            self.tell(news);
        }
        Ok(())
    }
}

impl Scan {
    /// Returns the file that counts for a procedure, with what was judged of it.
    fn of_name(&self, procedure: &str) -> Option<&Known> {
        let files = self.known.iter().map(|(path, known)| (known.name(), path));
        let first = firsts(files.filter(|(name, _)| *name == procedure));
        self.known.get(*first.get(procedure)?)
    }

    /// Refuses what stands in a second file under the name of another one.
    fn without_doubles(&self, fresh: Vec<Judged>, gone: &BTreeSet<PathBuf>) -> Vec<Judged> {
        let there = self.known.iter().filter(|(path, _)| !gone.contains(*path));
        let there = there.map(|(path, known)| (known.name(), path));
        let new = fresh.iter().map(|judged| (judged.offered.procedure.as_str(), &judged.path));
        let of_name = firsts(there.chain(new));
        let first = |judged: &Judged| {
            let first = of_name.get(judged.offered.procedure.as_str()).copied();
            first.filter(|first| **first != judged.path).map(|first| file::shown(first))
        };
        let firsts: Vec<Option<String>> = fresh.iter().map(first).collect();
        let aside = |(judged, first): (Judged, Option<String>)| match first {
            Some(first) => {
                let offered = judged.offered.refused(Against::Elsewhere(first));
                Judged { offered, ..judged }
            }
            None => judged,
        };
        fresh.into_iter().zip(firsts).map(aside).collect()
    }

    /// Returns the files of procedures on which something that changed bears.
    fn to_judge(
        &self,
        workspace: &Workspace,
        now: &Stamps,
        changed: &BTreeSet<PathBuf>,
        all: bool,
    ) -> BTreeSet<PathBuf> {
        let can_be = |path: &PathBuf| {
            workspace
                .procedures
                .iter()
                .any(|root| root == path || layout::can_be_procedure(root, path))
        };
        let there = changed.iter().filter(|path| now.contains_key(*path));
        let is_base =
            |path: &PathBuf| file::read(path).is_ok_and(|bytes| layout::has_key(&bytes, "edition"));
        let has_base = there.clone().any(is_base);
        let mut files: BTreeSet<PathBuf> =
            there.clone().filter(|path| can_be(path)).cloned().collect();
        for (path, known) in &self.known {
            let beside = path.parent();
            let bears = |changed: &PathBuf| {
                known.rests_on.contains(changed)
                    // What it names may have been missing.
                    || known.is_refused()
                        && (has_base
                            || beside.is_some_and(|beside| changed.starts_with(beside))
                            || self
                                .known
                                .get(changed)
                                .is_some_and(|other| other.name() == known.name()))
            };
            if now.contains_key(path) && (all || changed.iter().any(bears)) {
                files.insert(path.clone());
            }
        }
        // A scenario that is new bears on the procedure that it names.
        let named: BTreeSet<PathBuf> = there.filter_map(|path| layout::named_by(path)).collect();
        let reals = self.known.keys().filter(|path| {
            !named.is_empty() && file::real(path).is_ok_and(|real| named.contains(&real))
        });
        files.extend(reals.filter(|path| now.contains_key(*path)).cloned());
        files
    }
}

impl Judged {
    /// Judges the text in a file.
    fn of(engine: &Engine, path: PathBuf, procedure: &str) -> Result<Self, EngineError> {
        let (offered, mut rests_on) = look_at(engine, &path, procedure)?;
        rests_on.insert(path.clone());
        Ok(Self { path, rests_on, offered })
    }
}

impl Known {
    fn name(&self) -> &str {
        &self.offered.procedure
    }

    fn is_active(&self) -> bool {
        matches!(self.offered.offer, Offer::Same { .. } | Offer::Published(_))
    }

    fn is_refused(&self) -> bool {
        matches!(self.offered.offer, Offer::Refused { .. })
    }

    /// Returns the number of the text, if it is on record.
    fn number(&self) -> Option<u32> {
        match &self.offered.offer {
            Offer::Same { number } | Offer::Waiting { number } => Some(*number),
            Offer::Published(done) => Some(done.number),
            Offer::Ready { .. } | Offer::Refused { .. } => None,
        }
    }

    /// Whether it is what was on record before.
    fn is_as_it_was(&self) -> bool {
        matches!(self.offered.offer, Offer::Same { .. } | Offer::Waiting { .. })
    }

    fn in_news(&self) -> News {
        let Offered { procedure, file, offer } = &*self.offered;
        let (procedure, file) = (procedure.clone(), file.clone());
        match offer {
            Offer::Same { number } | Offer::Waiting { number } => {
                News::Same { procedure, number: *number }
            }
            Offer::Ready { .. } => News::Ready { procedure, file },
            Offer::Published(done) => News::Published { procedure, file, done: done.clone() },
            Offer::Refused { findings, against, .. } => {
                News::Refused { procedure, file, lines: lines(findings, against) }
            }
        }
    }
}

/// Returns the file that counts for each name: the one that is called so, or else the first.
fn firsts<'k>(
    files: impl Iterator<Item = (&'k str, &'k PathBuf)>,
) -> BTreeMap<&'k str, &'k PathBuf> {
    let mut firsts = BTreeMap::new();
    for (name, path) in files {
        let rank = |path: &'k PathBuf| (path.file_stem().is_none_or(|stem| stem != name), path);
        let first = firsts.entry(name).or_insert(path);
        *first = std::cmp::min_by_key(*first, path, |path| rank(path));
    }
    firsts
}

/// Returns what commands rest on in a folder by these premises.
fn current_at(folder: &Path, premises: Premises, keep: &Keep) -> Current {
    let finder = Housed { folder: folder.to_owned(), workspace: premises.workspace.clone() };
    let standing = Standing { folder: folder.to_owned(), within: None };
    file::standing_in(Some(standing), || Current::of(premises, keep, Some(Arc::new(finder))))
}

/// Finds procedures in a folder, wherever the asker stands.
struct Housed {
    folder: PathBuf,
    workspace: Workspace,
}

impl Procedures for Housed {
    fn adopt(&self, name: &str, almanac: &Almanac) -> Option<Adopted> {
        let standing = Standing { folder: self.folder.clone(), within: None };
        file::standing_in(Some(standing), || self.workspace.adopt(name, almanac))
    }
}
