//! The store as a file: made whole or not at all, known by its mark, and never opened by mistake.

#![expect(clippy::disallowed_methods, reason = "opens and makes the file of the store")]

use super::tables::{Fault, Inner, damaged, fenced, readable, writable};
use super::{ALL_TABLES, Settings};
use crate::store::{Holder, StoreError};
use redb::{Builder, ConcurrencyMode, Database, ReadOnlyDatabase, ReadTransaction};
use redb::{ReadableDatabase, WriteTransaction};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The format that this release writes. Bound to change when a table, a key or a record changes its shape.
pub(super) const FORMAT: u32 = 1;

/// This table and its two rows keep their shape in every format.
const ABOUT: &str = "about verloop";
const MARK: &[u8] = b"mark";
const MARK_IS: &[u8] = b"verloop";
const FORMAT_ROW: &[u8] = b"format";

const REDB_STARTS: [u8; 9] = *b"redb\x1A\x0A\xA9\x0D\x0A";
/// The byte behind it says in its second bit that the last writer did not close the file.
const UNCLEAN: u8 = 2;

/// Counts the temporary names of this process.
static UNFINISHED: AtomicU64 = AtomicU64::new(0);

/// What the first look at a file tells.
pub(super) struct Glance {
    pub(super) length: u64,
    pub(super) unclean: bool,
}

/// Looks at the file without redb.
pub(super) fn glance(path: &Path) -> Result<Glance, StoreError> {
    let opening = |error| io_error(path, "opened", error);
    let found = fs::metadata(path).map_err(opening)?;
    if !found.is_file() {
        return Err(StoreError::NotAFile { path: path.to_owned() });
    }
    if found.len() == 0 {
        return Err(StoreError::Empty { path: path.to_owned() });
    }
    let mut start = Vec::with_capacity(10);
    let file = File::open(path).map_err(opening)?;
    file.take(10).read_to_end(&mut start).map_err(|error| io_error(path, "read", error))?;
    let flags = start.strip_prefix(REDB_STARTS.as_slice());
    let Some(flags) = flags.and_then(<[u8]>::first) else {
        return Err(StoreError::Foreign { path: path.to_owned() });
    };
    Ok(Glance { length: found.len(), unclean: flags & UNCLEAN != 0 })
}

pub(super) fn builder(settings: &Settings, check: bool) -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(settings.cache_bytes);
    builder.set_concurrency_mode(ConcurrencyMode::SingleWriter);
    builder.set_check_integrity_on_open(check);
    builder
}

/// The builder for what is no file: nobody else can have it open.
pub(super) fn private_builder(settings: &Settings) -> Builder {
    let mut builder = builder(settings, true);
    builder.set_concurrency_mode(ConcurrencyMode::ExclusiveWriter);
    builder
}

/// Opens the file to write. Nothing is changed in it before it is known to be ours, unless a crash left it.
pub(super) fn open_writing(
    path: &Path,
    settings: &Settings,
) -> Result<(Database, Glance), StoreError> {
    let glance = glance(path)?;
    if !glance.unclean {
        drop(open_read_only(path, settings)?);
    }
    let check = glance.length <= settings.check_up_to;
    let opened = fenced(|| {
        let database = builder(settings, check).open(path)?;
        check_mark(&database.begin_read()?)?;
        Ok(database)
    });
    match opened {
        Ok(database) => Ok((database, glance)),
        Err(fault) => Err(not_opened(path, fault)),
    }
}

/// Opens the file to read; `None` if a crash left it and it must be opened for writing once.
pub(super) fn open_reading(
    path: &Path,
    settings: &Settings,
) -> Result<Option<ReadOnlyDatabase>, StoreError> {
    glance(path)?;
    open_read_only(path, settings)
}

fn open_read_only(
    path: &Path,
    settings: &Settings,
) -> Result<Option<ReadOnlyDatabase>, StoreError> {
    let opened = fenced(|| {
        let database = builder(settings, false).open_read_only(path)?;
        check_mark(&database.begin_read()?)?;
        Ok(database)
    });
    match opened {
        Ok(database) => Ok(Some(database)),
        Err(Fault::Redb(error)) if matches!(*error, redb::Error::RepairAborted) => Ok(None),
        Err(fault) => Err(not_opened(path, fault)),
    }
}

/// What the mark says where it is not the one we look for.
fn check_mark(txn: &ReadTransaction) -> Inner<()> {
    let about = readable(txn, ABOUT)?;
    if about.get(MARK)?.as_deref() != Some(MARK_IS) {
        return Err(damaged(ABOUT, "the mark is missing"));
    }
    let format = about.get(FORMAT_ROW)?.and_then(|row| row.as_slice().try_into().ok());
    match format.map(u32::from_be_bytes) {
        Some(FORMAT) => Ok(()),
        Some(found) if found > FORMAT => Err(Fault::Newer(found)),
        Some(_) | None => Err(damaged(ABOUT, "the format is unknown")),
    }
}

/// Writes mark, format and empty tables.
pub(super) fn write_mark(txn: &WriteTransaction, format: u32) -> Inner<()> {
    let mut about = writable(txn, ABOUT)?;
    about.put(MARK, MARK_IS)?;
    about.put(FORMAT_ROW, &format.to_be_bytes())?;
    ALL_TABLES.iter().try_for_each(|table| writable(txn, table).map(drop))
}

/// Makes a store out of an empty database, or makes sure that it is one.
pub(super) fn make_or_check(database: &Database) -> Inner<()> {
    if database.begin_read()?.list_tables()?.next().is_some() {
        return check_mark(&database.begin_read()?);
    }
    let mut txn = database.begin_write()?;
    txn.set_two_phase_commit(true);
    write_mark(&txn, FORMAT)?;
    Ok(txn.commit()?)
}

/// Makes a store that is opened by nobody yet. It appears under its name only when it is whole and on the disk.
pub(super) fn create(path: &Path, settings: &Settings, format: u32) -> Result<(), StoreError> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(StoreError::Exists { path: path.to_owned() });
    }
    let name = path.file_name().ok_or_else(|| StoreError::NotAFile { path: path.to_owned() })?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    let unique = UNFINISHED.fetch_add(1, Ordering::Relaxed);
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}-{unique}.redb.new", std::process::id()));
    let unfinished = Unfinished(folder.join(hidden));
    let writing = |error| io_error(path, "created", error);

    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&unfinished.0).map_err(writing)?;
    fenced(|| {
        let mut database = builder(settings, false).create(&unfinished.0)?;
        let mut txn = database.begin_write()?;
        txn.set_two_phase_commit(true);
        write_mark(&txn, format)?;
        txn.commit()?;
        // A fresh file holds a megabyte of room; a store of one case need not.
        database.compact()?;
        Ok(database.close()?)
    })
    .map_err(|fault| explain(path, "created", fault))?;
    file.sync_all().map_err(writing)?;
    drop(file);
    // A link, other than a renaming, fails if the name was taken meanwhile.
    match fs::hard_link(&unfinished.0, path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Err(writing(error)),
        Err(_) if fs::symlink_metadata(path).is_err() => {
            fs::rename(&unfinished.0, path).map_err(writing)?;
        }
        Err(_) => return Err(StoreError::Exists { path: path.to_owned() }),
    }
    drop(unfinished);
    #[cfg(unix)]
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(writing)?;
    Ok(())
}

/// The file under its temporary name; removed when it is dropped.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It may be gone already, by renaming; there is nobody to tell about anything else.
        let _ = fs::remove_file(&self.0);
    }
}

fn not_opened(path: &Path, fault: Fault) -> StoreError {
    if let Fault::Redb(error) = &fault
        && matches!(
            **error,
            redb::Error::TableDoesNotExist(_)
                | redb::Error::TableTypeMismatch { .. }
                | redb::Error::TableIsMultimap(_)
                | redb::Error::UpgradeRequired(_)
        )
    {
        return StoreError::Foreign { path: path.to_owned() };
    }
    explain(path, "opened", fault)
}

/// Says what a fault means to the operator.
#[expect(clippy::wildcard_enum_match_arm, reason = "redb may add errors; they mean a bad file")]
pub(super) fn explain(path: &Path, doing: &'static str, fault: Fault) -> StoreError {
    let path_of = || path.to_owned();
    match fault {
        Fault::Damaged(what) => StoreError::Damaged { path: path_of(), what },
        Fault::Panicked(what) => {
            StoreError::Damaged { path: path_of(), what: format!("it can't be read ({what})") }
        }
        Fault::Newer(found) => StoreError::NewerFormat { path: path_of(), found, known: FORMAT },
        Fault::Redb(error) => match *error {
            redb::Error::DatabaseAlreadyOpen | redb::Error::LockProtocolMismatch => {
                StoreError::InUse { path: path_of(), holder: holder(path) }
            }
            redb::Error::Io(error) => io_error(path, doing, error),
            redb::Error::Unsupported => io_error(path, doing, ErrorKind::Unsupported.into()),
            redb::Error::PreviousIo => {
                let source = io::Error::other("an earlier error closed the store");
                StoreError::Io { path: path_of(), doing, source }
            }
            redb::Error::Corrupted(what) => StoreError::Damaged { path: path_of(), what },
            other => StoreError::Damaged { path: path_of(), what: other.to_string() },
        },
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds of errors have no end")]
fn io_error(path: &Path, doing: &'static str, source: io::Error) -> StoreError {
    let path = path.to_owned();
    match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => StoreError::Missing { path },
        ErrorKind::AlreadyExists => StoreError::Exists { path },
        ErrorKind::IsADirectory => StoreError::NotAFile { path },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::Denied { path },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full { path },
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => {
            StoreError::Damaged { path, what: source.to_string() }
        }
        _ => StoreError::Io { path, doing, source },
    }
}

/// Finds the process that has the file open for writing, where the system lets us see it.
#[cfg(target_os = "linux")]
fn holder(path: &Path) -> Option<Holder> {
    use std::os::unix::fs::MetadataExt;
    let wanted = fs::metadata(path).ok()?;
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let writes = |pid: &u32| {
        let open = fs::read_dir(format!("/proc/{pid}/fd"));
        open.into_iter().flatten().flatten().any(|entry| {
            let same = fs::metadata(entry.path())
                .is_ok_and(|file| file.dev() == wanted.dev() && file.ino() == wanted.ino());
            same && opened_to_write(*pid, &entry.file_name().to_string_lossy())
        })
    };
    let pid = pids.into_iter().find(writes)?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok();
    let name = name.map(|name| name.chars().filter(|c| !c.is_control()).collect::<String>());
    Some(Holder { pid, name: name.filter(|name| !name.is_empty()) })
}

#[cfg(target_os = "linux")]
fn opened_to_write(pid: u32, descriptor: &str) -> bool {
    let Ok(about) = fs::read_to_string(format!("/proc/{pid}/fdinfo/{descriptor}")) else {
        return false;
    };
    let flags = about.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_some_and(|flags| flags & 0o3 != 0)
}

/// Finds nobody, on systems where nothing tells.
#[cfg(not(target_os = "linux"))]
fn holder(_path: &Path) -> Option<Holder> {
    None
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_is_refused_by_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("newer.redb");
        let settings = Settings::default();
        create(&path, &settings, FORMAT + 1).unwrap();
        let before = fs::read(&path).unwrap();
        let refused =
            [open_writing(&path, &settings).map(drop), open_reading(&path, &settings).map(drop)];
        for error in refused {
            let error = error.unwrap_err();
            let StoreError::NewerFormat { found: 2, known: 1, .. } = error else {
                panic!("{error:?}");
            };
        }
        assert!(fs::read(&path).unwrap() == before, "it is left as it is");
    }

    #[test]
    fn an_unknown_format_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("zero.redb");
        create(&path, &Settings::default(), 0).unwrap();
        let error = open_reading(&path, &Settings::default()).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    }
}
