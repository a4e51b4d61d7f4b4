//! The default store: one file, by redb.
//!
//! What a commit costs is the number of leaves that it touches at random. So events stand in one log by their global
//! sequence, each with the sequence of the one before it in its case; a case's record holds state and rows together;
//! and an index key moves only when its value changed:
//!
//! | table | key | value |
//! | --- | --- | --- |
//! | `log` | sequence | case, revision, sequence of the case's event before it, payload |
//! | `cases` | case | revision, sequence of the last event, rows, snapshot |
//! | `references` | the reference read backwards | case |
//! | `groups` | procedure, version, status, case | – |
//! | `counts` | procedure, version, status | number of cases |
//! | `work by role` | role, due, case, step, item, person | – |
//! | `work by person` | person, due, case, step, item, role | – |
//! | `timers` | instant, case | – |
//! | `commands` | command id | digest, cases, answer |
//! | `texts` | version | text |
//! | `numbers` | series | the number last taken |
//! | `outbox` | letter id | case, name, payload |
//! | `meta` | name | value |
//! | `last` | `case` or `letter` | the key last given |
//!
//! Every commit is two-phase and synced. One process writes; any number may read beside it.

mod file;
mod tables;
mod write;

use super::bytes::{Reader, Writer};
use super::{
    Answered, CaseFilter, CaseKey, CaseRow, CommandId, Commit, Committed, EventRecord, Group,
    Letter, MAX_PAGE, OutboxLetter, Revision, Rows, Store, StoreError, StoredCase, VersionHash,
    WorkEntry, WorkKey, WorkRow, backwards, case_row, check,
};
use redb::{Builder, StorageBackend};
use redb::{Database, DatabaseError, ReadOnlyDatabase, ReadTransaction, ReadableDatabase};
use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::ops::Bound;
use std::ops::ControlFlow::{self, Break, Continue};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use tables::{Fault, Inner, Name, Readable, damaged, fenced, readable};

const LOG: Name = "log";
const CASES: Name = "cases";
const REFERENCES: Name = "references";
const GROUPS: Name = "groups";
const COUNTS: Name = "counts";
const BY_ROLE: Name = "work by role";
const BY_PERSON: Name = "work by person";
const TIMERS: Name = "timers";
const COMMANDS: Name = "commands";
const TEXTS: Name = "texts";
const NUMBERS: Name = "numbers";
const OUTBOX: Name = "outbox";
const META: Name = "meta";
const LAST: Name = "last";
const ALL_TABLES: [Name; 14] = [
    LOG, CASES, REFERENCES, GROUPS, COUNTS, BY_ROLE, BY_PERSON, TIMERS, COMMANDS, TEXTS, NUMBERS,
    OUTBOX, META, LAST,
];
const LAST_CASE: &[u8] = b"case";
const LAST_LETTER: &[u8] = b"letter";

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The memory that redb may keep pages in, in bytes.
    pub cache_bytes: usize,
    /// The largest file, in bytes, that is checked whole when it is opened for writing; about a second for each half
    /// GiB. Beyond it only the rows that are read are checked.
    pub check_up_to: u64,
    /// Whether each commit also writes down which pages are free: some milliseconds more for each, and no repair
    /// after a crash.
    pub quick_repair: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { cache_bytes: 16 * 1024 * 1024, check_up_to: 1024 * 1024 * 1024, quick_repair: false }
    }
}

type OpenBackend = Box<dyn Fn(&Builder) -> Result<Database, DatabaseError> + Send + Sync>;

enum Source {
    File,
    Backend(OpenBackend),
}

enum Handle {
    Writing(Database),
    Reading(ReadOnlyDatabase),
    /// An error closed it; it is opened again when it is next needed.
    Lost,
}

/// A store in one file.
pub struct RedbStore {
    path: PathBuf,
    settings: Settings,
    source: Source,
    handle: RwLock<Handle>,
    reading_only: bool,
    /// Whether the file was checked whole on opening.
    checked_whole: bool,
    repaired: AtomicBool,
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl RedbStore {
    /// Makes a store at `path` and opens it for writing. Only its owner may read the file.
    ///
    /// The file appears under its name when it is whole and on the disk, never before.
    /// # Errors
    /// [`StoreError::Exists`] when something has this name, and whatever the operating system says.
    pub fn create(path: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        file::create(path.as_ref(), &settings, file::FORMAT)?;
        Self::open(path, settings)
    }

    /// Opens the store at `path` for writing, and checks the whole file if it is not larger than
    /// [`Settings::check_up_to`].
    /// # Errors
    /// Each way in which a file can be no store of ours has its own: see [`StoreError`]. Another process that writes
    /// is [`StoreError::InUse`]; those that read are no hindrance.
    pub fn open(path: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let (database, glance) = file::open_writing(&path, &settings)?;
        let checked_whole = glance.length <= settings.check_up_to;
        Ok(Self {
            path,
            settings,
            source: Source::File,
            handle: RwLock::new(Handle::Writing(database)),
            reading_only: false,
            checked_whole,
            repaired: AtomicBool::new(glance.unclean),
        })
    }

    /// Opens the store at `path` for reading only, within about a millisecond, also while another process writes; it
    /// then follows what that process commits.
    ///
    /// The file is not checked whole, so every row is checked when it is read; only a name that is not found (a
    /// reference, a command …) makes it read all names of that kind, to be sure that none was lost. A store that a crash left is opened for
    /// writing once, which repairs it.
    /// # Errors
    /// As [`Self::open`]; [`StoreError::Denied`] also where a repair is needed and the file may not be written.
    pub fn open_reading(path: impl AsRef<Path>, settings: Settings) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let mut database = file::open_reading(&path, &settings)?;
        let mut repaired = false;
        if database.is_none() {
            match file::open_writing(&path, &settings) {
                Ok((written, _)) => {
                    fenced(|| Ok(written.close()?))
                        .map_err(|fault| file::explain(&path, "repaired", fault))?;
                    repaired = true;
                }
                // Somebody else came to write, and repaired it doing so.
                Err(StoreError::InUse { .. }) => {}
                Err(error) => return Err(error),
            }
            database = file::open_reading(&path, &settings)?;
        }
        let in_use = || StoreError::InUse { path: path.clone(), holder: None };
        let database = database.ok_or_else(in_use)?;
        Ok(Self {
            path,
            settings,
            source: Source::File,
            handle: RwLock::new(Handle::Reading(database)),
            reading_only: true,
            checked_whole: false,
            repaired: AtomicBool::new(repaired),
        })
    }

    /// Opens a store on something else than a file, and makes it first if `backend` gives something empty. `backend`
    /// is asked again after an error. `label` stands for the path in messages.
    ///
    /// This is how a test cuts the power or fills the disk.
    pub fn on_backend<B: StorageBackend>(
        label: &str,
        settings: Settings,
        backend: impl Fn() -> io::Result<B> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let path = PathBuf::from(label);
        let open: OpenBackend =
            Box::new(move |builder| builder.create_with_backend(backend().map_err(into_redb)?));
        let database = fenced(|| {
            let database = open(&file::private_builder(&settings))?;
            file::make_or_check(&database)?;
            Ok(database)
        });
        let database = database.map_err(|fault| file::explain(&path, "opened", fault))?;
        Ok(Self {
            path,
            settings,
            source: Source::Backend(open),
            handle: RwLock::new(Handle::Writing(database)),
            reading_only: false,
            checked_whole: true,
            repaired: AtomicBool::new(false),
        })
    }

    /// Returns whether a crash had left the store, and it was repaired on opening. Nothing that was acknowledged is
    /// lost by that.
    pub fn repaired(&self) -> bool {
        self.repaired.load(Ordering::Relaxed)
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the store again if an error closed it.
    fn open_again(&self) -> Result<(), StoreError> {
        if !matches!(*self.held(), Handle::Lost) {
            return Ok(());
        }
        let mut handle = self.handle.write().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*handle, Handle::Lost) {
            return Ok(());
        }
        if self.reading_only {
            let in_use = || StoreError::InUse { path: self.path.clone(), holder: None };
            let database = file::open_reading(&self.path, &self.settings)?;
            *handle = Handle::Reading(database.ok_or_else(in_use)?);
            return Ok(());
        }
        let database = match &self.source {
            Source::File => file::open_writing(&self.path, &self.settings)?.0,
            Source::Backend(open) => fenced(|| {
                let database = open(&file::private_builder(&self.settings))?;
                file::make_or_check(&database)?;
                Ok(database)
            })
            .map_err(|fault| self.explain("opened again", fault))?,
        };
        *handle = Handle::Writing(database);
        Ok(())
    }

    /// Closes the handle after an error that redb does not go on from.
    fn lose(&self) {
        let mut handle = self.handle.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *handle, Handle::Lost);
        // Closing may fail as well, and has nothing more to tell.
        let _ = fenced(|| {
            drop(old);
            Ok(())
        });
    }

    fn held(&self) -> RwLockReadGuard<'_, Handle> {
        self.handle.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn explain(&self, doing: &'static str, fault: Fault) -> StoreError {
        file::explain(&self.path, doing, fault)
    }

    fn read<T>(&self, ask: impl Fn(&ReadTransaction) -> Inner<T>) -> Result<T, StoreError> {
        let mut answer = self.read_once(&ask)?;
        if let Err(fault) = &answer
            && fault.is_of_before()
        {
            // Another thread met the error and has told it; this one gets a fresh handle.
            self.lose();
            answer = self.read_once(&ask)?;
        }
        answer.map_err(|fault| {
            if fault.closes() {
                self.lose();
            }
            self.explain("read", fault)
        })
    }

    fn read_once<T>(
        &self,
        ask: impl Fn(&ReadTransaction) -> Inner<T>,
    ) -> Result<Inner<T>, StoreError> {
        self.open_again()?;
        let handle = self.held();
        Ok(fenced(|| match &*handle {
            Handle::Writing(database) => ask(&database.begin_read()?),
            Handle::Reading(database) => ask(&database.begin_read()?),
            Handle::Lost => Err(redb::Error::PreviousIo.into()),
        }))
    }
}

fn into_redb(error: io::Error) -> DatabaseError {
    DatabaseError::Storage(redb::StorageError::Io(error))
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        self.lose();
    }
}

/// The record of a case.
struct Record {
    stored: StoredCase,
    last_sequence: u64,
}

fn case_id(case: CaseKey) -> [u8; 8] {
    case.0.to_be_bytes()
}

fn number_of(table: Name, value: &[u8]) -> Inner<u64> {
    let bytes = value.try_into().map_err(|_| damaged(table, "a number can't be read"))?;
    Ok(u64::from_be_bytes(bytes))
}

/// Makes something unreadable out of `None`.
fn known<T>(table: Name, read: Option<T>) -> Inner<T> {
    read.ok_or_else(|| damaged(table, "a row can't be read"))
}

fn text(bytes: &[u8]) -> Option<String> {
    String::from_utf8(bytes.to_vec()).ok()
}

fn write_record(record: &Record) -> Vec<u8> {
    let StoredCase { revision, snapshot, rows } = &record.stored;
    let Rows { reference, procedure, version, status, opened_on, work, timers } = rows;
    let start = Writer::new().number(revision.0).number(record.last_sequence);
    let texts = start.block(reference.as_bytes()).block(procedure.as_bytes()).raw(&version.0);
    let dated = texts.block(status.as_bytes()).date(*opened_on);
    let work = dated.list(work, |writer, row| {
        let named = writer.name(&row.role).optional_name(row.person.as_deref()).name(&row.step);
        named.optional_name(row.item.as_deref()).due(row.due)
    });
    work.list(timers, |writer, at| writer.instant(*at)).raw(snapshot).done()
}

fn read_record(value: &[u8]) -> Option<Record> {
    let mut from = Reader::new(value);
    let revision = Revision(from.number()?);
    let last_sequence = from.number()?;
    let rows = Rows {
        reference: text(from.block()?)?,
        procedure: text(from.block()?)?,
        version: VersionHash(from.array()?),
        status: text(from.block()?)?,
        opened_on: from.date()?,
        work: from.list(|from| {
            Some(WorkRow {
                role: from.name()?,
                person: from.optional_name()?,
                step: from.name()?,
                item: from.optional_name()?,
                due: from.due()?,
            })
        })?,
        timers: from.list(Reader::instant)?,
    };
    let stored = StoredCase { revision, snapshot: from.rest().to_vec(), rows };
    Some(Record { stored, last_sequence })
}

/// An event with the sequence of the one before it in its case (0 for the first).
fn write_event(event: &EventRecord, before: u64) -> Vec<u8> {
    let head = Writer::new().number(event.case.0).number(event.revision.0).number(before);
    head.raw(&event.payload).done()
}

fn read_event(sequence: u64, value: &[u8]) -> Option<(EventRecord, u64)> {
    let mut from = Reader::new(value);
    let case = CaseKey(from.number()?);
    let revision = Revision(from.number()?);
    let before = from.number()?;
    Some((EventRecord { sequence, case, revision, payload: from.rest().to_vec() }, before))
}

fn group_key(group: &Group) -> Vec<u8> {
    Writer::new().name(&group.procedure).raw(&group.version.0).name(&group.status).done()
}

fn read_group(from: &mut Reader<'_>) -> Option<Group> {
    let procedure = from.name()?;
    let version = VersionHash(from.array()?);
    Some(Group { procedure, version, status: from.name()? })
}

fn timer_key(at: i64, case: CaseKey) -> Vec<u8> {
    Writer::new().instant(at).number(case.0).done()
}

fn role_key(case: CaseKey, row: &WorkRow) -> Vec<u8> {
    let key = Writer::new().name(&row.role).due(row.due).number(case.0).name(&row.step);
    key.optional_name(row.item.as_deref()).optional_name(row.person.as_deref()).done()
}

fn read_role_key(key: &[u8]) -> Option<WorkKey> {
    let mut from = Reader::new(key);
    let role = from.name()?;
    let due = from.due()?;
    let case = CaseKey(from.number()?);
    let step = from.name()?;
    let item = from.optional_name()?;
    let person = from.optional_name()?;
    from.end()?;
    Some(WorkKey::new(case, &WorkRow { role, person, step, item, due }))
}

fn person_key(person: &str, case: CaseKey, row: &WorkRow) -> Vec<u8> {
    let key = Writer::new().name(person).due(row.due).number(case.0).name(&row.step);
    key.optional_name(row.item.as_deref()).name(&row.role).done()
}

fn read_person_key(key: &[u8]) -> Option<WorkKey> {
    let mut from = Reader::new(key);
    let person = Some(from.name()?);
    let due = from.due()?;
    let case = CaseKey(from.number()?);
    let step = from.name()?;
    let item = from.optional_name()?;
    let role = from.name()?;
    from.end()?;
    Some(WorkKey::new(case, &WorkRow { role, person, step, item, due }))
}

fn read_answered(value: &[u8]) -> Option<Answered> {
    let mut from = Reader::new(value);
    let digest = from.array()?;
    let cases = from.list(|from| from.number().map(CaseKey))?;
    Some(Answered { digest, cases, answer: from.rest().to_vec() })
}

fn write_answered(answered: &Answered) -> Vec<u8> {
    let head = Writer::new().raw(&answered.digest);
    head.list(&answered.cases, |w, case| w.number(case.0)).raw(&answered.answer).done()
}

/// Collects the rows from `from` on that `read` takes, until it breaks off or there are `limit` of them.
fn collect<T>(
    table: &Readable,
    from: Bound<&[u8]>,
    limit: usize,
    mut read: impl FnMut(&[u8], &[u8]) -> Inner<Option<T>>,
) -> Inner<Vec<T>> {
    let limit = limit.min(MAX_PAGE);
    let mut rows = Vec::new();
    if limit == 0 {
        return Ok(rows);
    }
    table.scan(from, |key, value| {
        let Some(row) = read(key, value)? else { return Ok(Break(())) };
        rows.push(row);
        Ok(if rows.len() == limit { Break(()) } else { Continue(()) })
    })?;
    Ok(rows)
}

fn after_key(after: Option<&Vec<u8>>) -> Bound<&[u8]> {
    after.map_or(Bound::Unbounded, |key| Bound::Excluded(key.as_slice()))
}

fn record(txn: &ReadTransaction, case: CaseKey) -> Inner<Option<Record>> {
    let table = readable(txn, CASES)?;
    if let Some(value) = table.get(&case_id(case))? {
        return known(CASES, read_record(&value)).map(Some);
    }
    // Keys are dense, so a key that was given and is not there is a row gone astray.
    if case.0 != 0 && case.0 <= last_case(txn)? {
        return Err(damaged(CASES, "a case is missing"));
    }
    Ok(None)
}

fn last_case(txn: &ReadTransaction) -> Inner<u64> {
    let last = readable(txn, LAST)?.get(LAST_CASE)?;
    last.map_or(Ok(0), |value| number_of(LAST, &value))
}

impl RedbStore {
    /// Returns the value under `key`; makes sure that one not found was not lost, where the file was not checked whole.
    fn find(&self, table: &Readable, key: &[u8]) -> Inner<Option<Vec<u8>>> {
        let found = table.get(key)?;
        if found.is_none() && !self.checked_whole {
            table.surely_none(|other| other == key)?;
        }
        Ok(found)
    }

    fn page_of_work(
        &self,
        table: Name,
        name: &str,
        after: Option<&[u8]>,
        limit: usize,
        read: fn(&[u8]) -> Option<WorkKey>,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        // A name that no row can have would not be a prefix of its own.
        if check::name("name", name, usize::MAX).is_err() {
            return Ok(Vec::new());
        }
        let prefix = Writer::new().name(name).done();
        self.read(|txn| {
            let start = Bound::Included(prefix.as_slice());
            let from = after.map_or(start, Bound::Excluded);
            collect(&readable(txn, table)?, from, limit, |key, _| {
                if !key.starts_with(&prefix) {
                    return Ok(None);
                }
                known(table, read(key)).map(|key| Some(key.into_entry()))
            })
        })
    }
}

/// Keeps `row` if it is among the first `limit`; breaks off once it is not.
fn keep_first<T: Ord>(first: &mut BTreeSet<T>, row: T, limit: usize) -> ControlFlow<()> {
    if first.len() >= limit && first.last().is_none_or(|last| row >= *last) {
        return Break(());
    }
    first.insert(row);
    if first.len() > limit {
        first.pop_last();
    }
    Continue(())
}

impl Store for RedbStore {
    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        check::commit(&commit)?;
        if self.reading_only {
            return Err(StoreError::ReadingOnly);
        }
        self.write(commit)
    }

    fn case(&self, case: CaseKey) -> Result<Option<StoredCase>, StoreError> {
        self.read(|txn| Ok(record(txn, case)?.map(|record| record.stored)))
    }

    fn history(&self, case: CaseKey, after: Revision) -> Result<Vec<EventRecord>, StoreError> {
        self.read(|txn| {
            let Some(record) = record(txn, case)? else { return Ok(Vec::new()) };
            let log = readable(txn, LOG)?;
            let mut sequence = record.last_sequence;
            let mut revision = record.stored.revision;
            let mut events = Vec::new();
            while revision > after {
                let value = log.get(&sequence.to_be_bytes())?;
                let value = value.ok_or_else(|| damaged(LOG, "an event is missing"))?;
                let (event, before) = known(LOG, read_event(sequence, &value))?;
                if event.case != case || event.revision != revision || before >= sequence {
                    return Err(damaged(LOG, "an event is at a wrong place"));
                }
                events.push(event);
                sequence = before;
                revision = Revision(revision.0.saturating_sub(1));
            }
            events.reverse();
            Ok(events)
        })
    }

    fn log(&self, after: u64, limit: usize) -> Result<Vec<EventRecord>, StoreError> {
        self.read(|txn| {
            let mut next = after;
            let from = after.to_be_bytes();
            collect(&readable(txn, LOG)?, Bound::Excluded(&from), limit, |key, value| {
                next = next.saturating_add(1);
                let sequence = number_of(LOG, key)?;
                if sequence != next {
                    return Err(damaged(LOG, "an event is missing"));
                }
                known(LOG, read_event(sequence, value)).map(|(event, _)| Some(event))
            })
        })
    }

    fn find_reference(&self, reference: &str) -> Result<Option<CaseKey>, StoreError> {
        self.read(|txn| {
            let value = self.find(&readable(txn, REFERENCES)?, &backwards(reference))?;
            value.map(|value| number_of(REFERENCES, &value).map(CaseKey)).transpose()
        })
    }

    fn references_ending(
        &self,
        end: &str,
        limit: usize,
    ) -> Result<Vec<(String, CaseKey)>, StoreError> {
        let prefix = backwards(end);
        self.read(|txn| {
            let references = readable(txn, REFERENCES)?;
            let from = Bound::Included(prefix.as_slice());
            let found = collect(&references, from, limit, |key, value| {
                if !key.starts_with(&prefix) {
                    return Ok(None);
                }
                let forwards: Vec<u8> = key.iter().rev().copied().collect();
                let reference = known(REFERENCES, String::from_utf8(forwards).ok())?;
                Ok(Some((reference, CaseKey(number_of(REFERENCES, value)?))))
            })?;
            if found.is_empty() && limit > 0 && !self.checked_whole {
                references.surely_none(|key| key.starts_with(&prefix))?;
            }
            Ok(found)
        })
    }

    fn answer(&self, command: &CommandId) -> Result<Option<Answered>, StoreError> {
        self.read(|txn| {
            let value = self.find(&readable(txn, COMMANDS)?, command.as_str().as_bytes())?;
            value.map(|value| known(COMMANDS, read_answered(&value))).transpose()
        })
    }

    fn text(&self, version: &VersionHash) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|txn| self.find(&readable(txn, TEXTS)?, &version.0))
    }

    fn texts(
        &self,
        after: Option<VersionHash>,
        limit: usize,
    ) -> Result<Vec<VersionHash>, StoreError> {
        let after = after.map(|version| version.0.to_vec());
        self.read(|txn| {
            collect(&readable(txn, TEXTS)?, after_key(after.as_ref()), limit, |key, _| {
                known(TEXTS, key.try_into().ok()).map(|hash| Some(VersionHash(hash)))
            })
        })
    }

    fn work_of_role(
        &self,
        role: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        let after = after.map(|entry| {
            role_key(entry.case, &WorkRow { role: role.to_owned(), ..entry.row.clone() })
        });
        self.page_of_work(BY_ROLE, role, after.as_deref(), limit, read_role_key)
    }

    fn work_of_person(
        &self,
        person: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        let after = after.map(|entry| person_key(person, entry.case, &entry.row));
        self.page_of_work(BY_PERSON, person, after.as_deref(), limit, read_person_key)
    }

    fn all_work(
        &self,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        let limit = limit.min(MAX_PAGE);
        let after = after.map(|entry| WorkKey::new(entry.case, &entry.row));
        self.read(|txn| {
            let table = readable(txn, BY_ROLE)?;
            let mut first = BTreeSet::new();
            // The index is by role, so the first rows of each role are merged.
            let mut role_from: Option<Vec<u8>> = None;
            loop {
                let from = role_from.as_deref().map_or(Bound::Unbounded, Bound::Included);
                let next = collect(&table, from, 1, |key, _| {
                    known(BY_ROLE, read_role_key(key)).map(|key| Some(key.role))
                })?;
                let Some(role) = next.into_iter().next() else { break };
                let prefix = Writer::new().name(&role).done();
                let start = after.as_ref().map(|after| {
                    Writer::new().name(&role).due(after.due_instant()).number(after.case.0).done()
                });
                let start = start.as_ref().unwrap_or(&prefix);
                table.scan(Bound::Included(start), |key, _| {
                    if limit == 0 || !key.starts_with(&prefix) {
                        return Ok(Break(()));
                    }
                    let row = known(BY_ROLE, read_role_key(key))?;
                    if after.as_ref().is_some_and(|after| row <= *after) {
                        return Ok(Continue(()));
                    }
                    Ok(keep_first(&mut first, row, limit))
                })?;
                // Names hold no control characters, so this comes after every row of the role.
                role_from = Some(Writer::new().raw(role.as_bytes()).raw(&[1]).done());
            }
            Ok(first.into_iter().map(WorkKey::into_entry).collect())
        })
    }

    fn timers_due(
        &self,
        until: i64,
        after: Option<(i64, CaseKey)>,
        limit: usize,
    ) -> Result<Vec<(i64, CaseKey)>, StoreError> {
        let after = after.map(|(at, case)| timer_key(at, case));
        self.read(|txn| {
            collect(&readable(txn, TIMERS)?, after_key(after.as_ref()), limit, |key, _| {
                let timer = known(TIMERS, read_timer_key(key))?;
                Ok((timer.0 <= until).then_some(timer))
            })
        })
    }

    fn next_timer(&self) -> Result<Option<(i64, CaseKey)>, StoreError> {
        Ok(self.timers_due(i64::MAX, None, 1)?.into_iter().next())
    }

    fn cases(
        &self,
        filter: &CaseFilter<'_>,
        after: Option<CaseKey>,
        limit: usize,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let limit = limit.min(MAX_PAGE);
        let after = after.unwrap_or_default();
        self.read(|txn| {
            let mut first = BTreeSet::new();
            let groups = readable(txn, GROUPS)?;
            for (group, _) in counts(txn)?.into_iter().filter(|(group, _)| filter.takes(group)) {
                let prefix = group_key(&group);
                let from = Writer::new().raw(&prefix).number(after.0).done();
                groups.scan(Bound::Excluded(&from), |key, _| {
                    let Some(case) = key.strip_prefix(prefix.as_slice()) else {
                        return Ok(Break(()));
                    };
                    if limit == 0 {
                        return Ok(Break(()));
                    }
                    Ok(keep_first(&mut first, CaseKey(number_of(GROUPS, case)?), limit))
                })?;
            }
            let row = |case| {
                let record =
                    record(txn, case)?.ok_or_else(|| damaged(CASES, "a case is missing"))?;
                Ok(case_row(case, record.stored))
            };
            first.into_iter().map(row).collect()
        })
    }

    fn counts(&self) -> Result<Vec<(Group, u64)>, StoreError> {
        self.read(counts)
    }

    fn next_number(&self, series: &str) -> Result<u64, StoreError> {
        self.read(|txn| {
            let last = self.find(&readable(txn, NUMBERS)?, series.as_bytes())?;
            let last = last.map_or(Ok(0), |value| number_of(NUMBERS, &value))?;
            Ok(last.saturating_add(1))
        })
    }

    fn outbox(&self, after: u64, limit: usize) -> Result<Vec<OutboxLetter>, StoreError> {
        self.read(|txn| {
            let from = after.to_be_bytes();
            collect(&readable(txn, OUTBOX)?, Bound::Excluded(&from), limit, |key, value| {
                known(OUTBOX, read_letter(number_of(OUTBOX, key)?, value)).map(Some)
            })
        })
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|txn| self.find(&readable(txn, META)?, name.as_bytes()))
    }
}

fn counts(txn: &ReadTransaction) -> Inner<Vec<(Group, u64)>> {
    let mut counts = Vec::new();
    readable(txn, COUNTS)?.scan(Bound::Unbounded, |key, value| {
        let mut from = Reader::new(key);
        counts.push((known(COUNTS, read_group(&mut from))?, number_of(COUNTS, value)?));
        Ok(Continue(()))
    })?;
    Ok(counts)
}

fn read_timer_key(key: &[u8]) -> Option<(i64, CaseKey)> {
    let mut from = Reader::new(key);
    let timer = (from.instant()?, CaseKey(from.number()?));
    from.end()?;
    Some(timer)
}

fn read_letter(id: u64, value: &[u8]) -> Option<OutboxLetter> {
    let mut from = Reader::new(value);
    let case = CaseKey(from.number()?);
    let name = from.name()?;
    Some(OutboxLetter { id, case, letter: Letter { name, payload: from.rest().to_vec() } })
}

fn write_letter(case: CaseKey, letter: &Letter) -> Vec<u8> {
    Writer::new().number(case.0).name(&letter.name).raw(&letter.payload).done()
}
