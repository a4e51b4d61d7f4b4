//! Tables of bytes in which every value carries a digest, and a fence around redb.
//!
//! Only an integrity check of the whole file finds all damage, and a short reading can't afford one. So each value
//! carries a digest of its table, its key and itself, and whatever redb makes of a damaged file (an error, a panic)
//! comes out as a [`Fault`].

use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata, TableDefinition};
use redb::{Table, WriteTransaction};
use sha2::{Digest, Sha256};
use std::any::Any;
use std::cell::Cell;
use std::ops::Bound;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// The bytes of digest behind each value.
const SEAL: usize = 8;

/// The definition of a table; its name is part of every digest in it.
pub(super) type Name = &'static str;

/// What went wrong below.
#[derive(Debug)]
pub(super) enum Fault {
    /// redb reports it.
    Redb(Box<redb::Error>),
    /// redb stumbled over the file.
    Panicked(String),
    /// What was read is not what was written.
    Damaged(String),
    /// The file has this format, which is newer than ours.
    Newer(u32),
}

pub(super) type Inner<T> = Result<T, Fault>;

impl Fault {
    /// Returns whether redb refuses because of an earlier error, not one of its own.
    pub(super) fn is_of_before(&self) -> bool {
        matches!(self, Fault::Redb(error) if matches!(**error, redb::Error::PreviousIo))
    }

    /// Returns whether the handle is of no more use.
    pub(super) fn closes(&self) -> bool {
        match self {
            Fault::Redb(error) => matches!(
                **error,
                redb::Error::Io(_) | redb::Error::PreviousIo | redb::Error::LockPoisoned(_)
            ),
            Fault::Panicked(_) => true,
            Fault::Damaged(_) | Fault::Newer(_) => false,
        }
    }
}

impl<E: Into<redb::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Fault::Redb(Box::new(error.into()))
    }
}

pub(super) fn damaged(table: Name, what: &str) -> Fault {
    Fault::Damaged(format!("{what} in table `{table}`"))
}

thread_local! {
    static FENCED: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` with redb; a panic in it becomes a [`Fault`] and prints nothing.
pub(super) fn fenced<T>(work: impl FnOnce() -> Inner<T>) -> Inner<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !FENCED.get() {
                before(info);
            }
        }));
    });
    let outer = FENCED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    FENCED.set(outer);
    result.unwrap_or_else(|panic| Err(Fault::Panicked(words_of(&*panic))))
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|words| (*words).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    let first = words.as_deref().and_then(|words| words.lines().next()).unwrap_or("no message");
    first.to_owned()
}

fn definition(name: Name) -> TableDefinition<'static, &'static [u8], &'static [u8]> {
    TableDefinition::new(name)
}

fn seal(table: Name, key: &[u8], value: &[u8]) -> [u8; SEAL] {
    let mut hash = Sha256::new();
    hash.update(table.as_bytes());
    hash.update([0]);
    hash.update((key.len() as u64).to_be_bytes());
    hash.update(key);
    hash.update(value);
    let digest = hash.finalize();
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or(0))
}

fn unsealed<'a>(table: Name, key: &[u8], sealed: &'a [u8]) -> Inner<&'a [u8]> {
    let split = sealed.split_last_chunk::<SEAL>();
    let intact = split.filter(|(value, digest)| **digest == seal(table, key, value));
    intact.map(|(value, _)| value).ok_or_else(|| damaged(table, "a row is not as it was written"))
}

/// A table whose rows are checked as they are read.
pub(super) struct Sealed<T> {
    name: Name,
    rows: T,
}

/// A table in a write transaction.
pub(super) type Writable<'t> = Sealed<Table<'t, &'static [u8], &'static [u8]>>;
/// A table in a read transaction.
pub(super) type Readable = Sealed<redb::ReadOnlyTable<&'static [u8], &'static [u8]>>;

/// Opens a table to write; it comes into being if it is not there.
pub(super) fn writable(txn: &WriteTransaction, name: Name) -> Inner<Writable<'_>> {
    Ok(Sealed { name, rows: txn.open_table(definition(name))? })
}

/// Opens a table to read.
pub(super) fn readable(txn: &ReadTransaction, name: Name) -> Inner<Readable> {
    Ok(Sealed { name, rows: txn.open_table(definition(name))? })
}

impl<T: ReadableTable<&'static [u8], &'static [u8]>> Sealed<T> {
    pub(super) fn name(&self) -> Name {
        self.name
    }

    pub(super) fn get(&self, key: &[u8]) -> Inner<Option<Vec<u8>>> {
        let Some(row) = self.rows.get(key)? else { return Ok(None) };
        unsealed(self.name, key, row.value()).map(|value| Some(value.to_vec()))
    }

    /// Returns the key of the last row.
    pub(super) fn last_key(&self) -> Inner<Option<Vec<u8>>> {
        let Some((key, value)) = self.rows.last()? else { return Ok(None) };
        unsealed(self.name, key.value(), value.value())?;
        Ok(Some(key.value().to_vec()))
    }

    /// Shows the rows from `from` on, in the order of their keys, until `visit` breaks off.
    pub(super) fn scan(
        &self,
        from: Bound<&[u8]>,
        mut visit: impl FnMut(&[u8], &[u8]) -> Inner<ControlFlow<()>>,
    ) -> Inner<()> {
        self.starts_here(from)?;
        let mut before: Option<Vec<u8>> = None;
        for row in self.rows.range::<&[u8]>((from, Bound::Unbounded))? {
            let (key, value) = row?;
            let key = key.value();
            let in_range = match (&before, from) {
                (Some(before), _) => key > before.as_slice(),
                (None, Bound::Included(from)) => key >= from,
                (None, Bound::Excluded(from)) => key > from,
                (None, Bound::Unbounded) => true,
            };
            if !in_range {
                return Err(damaged(self.name, "rows are out of order"));
            }
            if visit(key, unsealed(self.name, key, value.value())?)?.is_break() {
                break;
            }
            before = Some(key.to_vec());
        }
        Ok(())
    }

    /// Makes sure that the row before a scan is before its start: a damaged branch may lead behind it, and rows would
    /// be passed over.
    fn starts_here(&self, from: Bound<&[u8]>) -> Inner<()> {
        let end = match from {
            Bound::Unbounded => return Ok(()),
            Bound::Included(from) => Bound::Excluded(from),
            Bound::Excluded(from) => Bound::Included(from),
        };
        let Some(row) = self.rows.range::<&[u8]>((Bound::Unbounded, end))?.next_back() else {
            return Ok(());
        };
        let (key, value) = row?;
        let key = key.value();
        unsealed(self.name, key, value.value())?;
        let before = match end {
            Bound::Excluded(end) => key < end,
            Bound::Included(end) => key <= end,
            Bound::Unbounded => true,
        };
        if before { Ok(()) } else { Err(damaged(self.name, "rows are out of order")) }
    }

    /// Reads the whole table to make sure that no row of it is `wanted`, and that none has gone astray.
    ///
    /// A lost row looks like one that never was. Only this tells them apart where the file was not checked whole.
    pub(super) fn surely_none(&self, wanted: impl Fn(&[u8]) -> bool) -> Inner<()>
    where
        T: ReadableTableMetadata,
    {
        let mut count = 0_u64;
        let mut astray = false;
        self.scan(Bound::Unbounded, |key, _| {
            count = count.saturating_add(1);
            astray |= wanted(key);
            Ok(ControlFlow::Continue(()))
        })?;
        if !astray && count == self.rows.len()? {
            return Ok(());
        }
        Err(damaged(self.name, "a row is missing"))
    }
}

impl Writable<'_> {
    pub(super) fn put(&mut self, key: &[u8], value: &[u8]) -> Inner<()> {
        let sealed = [value, &seal(self.name, key, value)].concat();
        self.rows.insert(key, sealed.as_slice())?;
        Ok(())
    }

    /// Removes a row; returns whether it was there.
    pub(super) fn remove(&mut self, key: &[u8]) -> Inner<bool> {
        Ok(self.rows.remove(key)?.is_some())
    }

    /// Removes a row that must be there.
    pub(super) fn remove_surely(&mut self, key: &[u8]) -> Inner<()> {
        if self.remove(key)? {
            return Ok(());
        }
        Err(damaged(self.name, "an index row is missing"))
    }
}
