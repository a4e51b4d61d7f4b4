//! Keeps cases: the trait that every store fulfils, and what it promises.
//!
//! A store holds opaque payloads (events, snapshots, letters, answers) that are encoded above it, and beside them the
//! few things it must understand to find them again: keys, revisions and index rows. Nothing here assumes one process,
//! a local file or a scan of a table, so the same contract serves one redb file, the memory of a test, and a database
//! server.
//!
//! There is one way in, [`Store::commit`], and it is all or nothing. [`memory::MemoryStore`] is the contract in its
//! plainest form.

mod bytes;
mod check;
pub mod memory;
pub mod redb;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

/// The longest name that a store takes (reference, role, person, step, series …), in bytes of UTF-8.
pub const MAX_NAME: usize = 256;
/// The longest command id, in bytes of UTF-8.
pub const MAX_COMMAND_ID: usize = 128;
/// The largest payload (an event, a snapshot, a letter, an answer, a text), in bytes.
pub const MAX_PAYLOAD: usize = 16 * 1024 * 1024;
/// The most entries in any one list of a commit (changes, events, work rows, timers, letters, texts …).
pub const MAX_LIST: usize = 10_000;
/// The most rows that one question answers, whatever its `limit`.
pub const MAX_PAGE: usize = 10_000;

/// The key of a case inside its store: dense, from 1 upwards, given by the store when the case is opened.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct CaseKey(pub u64);

impl fmt::Display for CaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of events in a case's history. Revision 0 means that the case does not exist yet.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id of a command, chosen by whoever gives it, so that the same command sent twice is done once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommandId(String);

impl CommandId {
    /// Returns the id with this text.
    /// # Errors
    /// [`StoreError::Invalid`] when it is empty, longer than [`MAX_COMMAND_ID`] bytes, or holds control characters.
    pub fn new(id: impl Into<String>) -> Result<Self, StoreError> {
        let id = id.into();
        check::name("command id", &id, MAX_COMMAND_ID)?;
        Ok(Self(id))
    }

    /// Returns the text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CommandId {
    type Error = StoreError;
    fn try_from(id: String) -> Result<Self, StoreError> {
        Self::new(id)
    }
}

impl From<CommandId> for String {
    fn from(id: CommandId) -> Self {
        id.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The content hash of a procedure's text; reads and writes as 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionHash(pub [u8; 32]);

impl fmt::Display for VersionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for VersionHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VersionHash({self})")
    }
}

impl FromStr for VersionHash {
    type Err = StoreError;
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let wrong =
            || StoreError::Invalid { what: "version hash", why: "is not 64 hexadecimal digits" };
        let mut hash = [0_u8; 32];
        if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong());
        }
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(hash))
    }
}

impl TryFrom<String> for VersionHash {
    type Error = StoreError;
    fn try_from(text: String) -> Result<Self, StoreError> {
        text.parse()
    }
}

impl From<VersionHash> for String {
    fn from(hash: VersionHash) -> Self {
        hash.to_string()
    }
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Its place among all events of the store: from 1, without gaps, in the order of the commits.
    pub sequence: u64,
    /// The case it belongs to.
    pub case: CaseKey,
    /// Its place in the case's history; the first event has 1.
    pub revision: Revision,
    /// What the layer above wrote.
    pub payload: Vec<u8>,
}

/// One thing to be done, as it stands in a work list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkRow {
    /// The role that may do it.
    pub role: String,
    /// The person it was given to, if it was.
    pub person: Option<String>,
    /// The name of the step.
    pub step: String,
    /// Which one, of a step that is done once for each of several.
    pub item: Option<String>,
    /// The instant by which it is due, in Unix seconds.
    pub due: Option<i64>,
}

/// Everything that is derived from a case's state and searched by, as it must stand after the commit.
///
/// The store compares it with what it holds and moves only the index keys that changed. `work` and `timers` are sets:
/// the store keeps them sorted and each entry once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The number people know the case by; unique in the store.
    pub reference: String,
    /// The name of the procedure.
    pub procedure: String,
    /// The version of the procedure that the case is pinned to.
    pub version: VersionHash,
    /// `open`, `closed` … as the layer above names it.
    pub status: String,
    /// The civil date on which the case was opened.
    pub opened_on: NaiveDate,
    /// What there is to do now.
    pub work: Vec<WorkRow>,
    /// The instants at which something falls due by itself, in Unix milliseconds.
    pub timers: Vec<i64>,
}

/// A letter to be sent once the commit is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The letter's name in the procedure.
    pub name: String,
    /// What the layer above wrote.
    pub payload: Vec<u8>,
}

/// Which case a [`Change`] is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A case that exists, at the revision that the decision was made on.
    Existing {
        /// Its key.
        case: CaseKey,
        /// The revision that must still be the current one.
        expected: Revision,
    },
    /// A case to be opened.
    New {
        /// The number it takes from a series, as [`Store::next_number`] told, or none.
        number: Option<Number>,
    },
}

/// A number out of a series, taken when a case is opened.
///
/// A number is first asked for ([`Store::next_number`]), then written into events and reference, and then taken by the
/// commit, which refuses with [`Conflict::Number`] if another commit took it meanwhile. So two openings never share a
/// number, and one that is refused or fails leaves no gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The name of the series, say `klacht/2026`.
    pub series: String,
    /// The number, from 1.
    pub number: u64,
}

/// What happens to one case in a [`Commit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which case.
    pub target: Target,
    /// The events to add, in order. An opening needs at least one; another change may have none, and then leaves the
    /// revision as it is.
    pub events: Vec<Vec<u8>>,
    /// The state of the case after these events.
    pub snapshot: Vec<u8>,
    /// What it is found by after these events.
    pub rows: Rows,
    /// Letters to send.
    pub outbox: Vec<Letter>,
}

/// The command that a commit carries out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRecord {
    /// Its id.
    pub id: CommandId,
    /// A digest of its content, so that another command under the same id is told apart.
    pub digest: [u8; 32],
    /// The answer that its giver gets, now and whenever it is sent again.
    pub answer: Vec<u8>,
}

/// A command that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The digest of its content.
    pub digest: [u8; 32],
    /// The answer that its giver got.
    pub answer: Vec<u8>,
    /// The cases it changed, in the order of the changes.
    pub cases: Vec<CaseKey>,
}

/// What is written at once: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commit {
    /// The command, if one stands behind it.
    pub command: Option<CommandRecord>,
    /// What happens to which case; each existing case at most once.
    pub changes: Vec<Change>,
    /// Procedure texts to keep. A text that is already there stays as it is.
    pub texts: Vec<(VersionHash, Vec<u8>)>,
    /// Letters that were sent and leave the outbox; ids that are not there are passed over.
    pub sent: Vec<u64>,
    /// Small named values that the commit rests on: it counts only if each is still this, or still absent.
    pub rests_on: Vec<(String, Option<Vec<u8>>)>,
    /// Small named values to keep (`Some`) or to forget (`None`).
    pub meta: Vec<(String, Option<Vec<u8>>)>,
}

/// What became of a commit.
#[derive(Debug)]
pub enum Committed {
    /// It is written and will survive a power cut. Holds the key of each change's case, in the order of the changes.
    Done(Vec<CaseKey>),
    /// Nothing was written, since somebody else was first. Handling: load and decide again.
    Stale(Conflict),
    /// Nothing was written, since a command with this id was carried out before.
    Repeated {
        /// What became of it then. Handling: if the content is the same, give this answer again.
        first: Answered,
        /// Whether the content is the same. Handling: if it is not, refuse; the id was used for two different things.
        same_content: bool,
    },
    /// Nobody knows whether it is written. Handling: say so; send the same command, with the same id, again later.
    Unknown(StoreError),
}

/// What came in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// The case is at another revision than the decision was made on.
    Case {
        /// The case.
        case: CaseKey,
        /// Where it is now; 0 if there is no such case.
        actual: Revision,
    },
    /// The number is not the next one of its series.
    Number {
        /// The series.
        series: String,
        /// The next number of it.
        next: u64,
    },
    /// The reference belongs to another case (also where that case gives it up in the same commit).
    Reference {
        /// The reference.
        reference: String,
        /// Whose it is.
        case: CaseKey,
    },
    /// A named value that the commit rests on is another one by now.
    Value {
        /// Its name.
        name: String,
    },
}

/// A case as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCase {
    /// The number of its events.
    pub revision: Revision,
    /// Its state, as the layer above wrote it.
    pub snapshot: Vec<u8>,
    /// What it is found by; `work` and `timers` sorted.
    pub rows: Rows,
}

/// A row of a work list.
///
/// Work lists are sorted by due instant (what has none comes last), then case, step, item, person and role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkEntry {
    /// The case.
    pub case: CaseKey,
    /// What is to be done.
    pub row: WorkRow,
}

/// A row of a list of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// The case.
    pub case: CaseKey,
    /// The number of its events.
    pub revision: Revision,
    /// The number people know it by.
    pub reference: String,
    /// The name of its procedure.
    pub procedure: String,
    /// The version that it is pinned to.
    pub version: VersionHash,
    /// Its status.
    pub status: String,
    /// The civil date on which it was opened.
    pub opened_on: NaiveDate,
}

/// Which cases are meant; what is `None` does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaseFilter<'a> {
    /// The name of the procedure.
    pub procedure: Option<&'a str>,
    /// The version.
    pub version: Option<VersionHash>,
    /// The status.
    pub status: Option<&'a str>,
}

impl CaseFilter<'_> {
    /// Returns whether cases of this group are meant.
    pub fn takes(&self, group: &Group) -> bool {
        self.procedure.is_none_or(|procedure| procedure == group.procedure)
            && self.version.is_none_or(|version| version == group.version)
            && self.status.is_none_or(|status| status == group.status)
    }
}

/// The cases of one version of one procedure that have one status.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// The name of the procedure.
    pub procedure: String,
    /// The version.
    pub version: VersionHash,
    /// The status.
    pub status: String,
}

/// A letter that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxLetter {
    /// Its id: from 1, rising, never used twice.
    pub id: u64,
    /// The case it belongs to.
    pub case: CaseKey,
    /// The letter.
    pub letter: Letter,
}

/// The process that has a store open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// Its name, without control characters, if it can be known.
    pub name: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "process {} ({name})", self.pid),
            None => write!(f, "process {}", self.pid),
        }
    }
}

fn held_by(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), Holder::to_string)
}

/// Why a store cannot do what it was asked. The operator mends it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such file. Handling: create the store, or name another file.
    #[error("there is no store at `{}`", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file to be created is there already. Handling: open it.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A folder, a device or the like. Handling: name a file.
    #[error("`{}` is not a file", path.display())]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// The operating system does not let us. Handling: mend the rights.
    #[error("no permission to use `{}`", path.display())]
    Denied {
        /// The file.
        path: PathBuf,
    },
    /// A file of zero bytes. Handling: restore a backup, or remove it and create the store.
    #[error("`{}` is empty, not a store", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A file that we did not make. Handling: name another file.
    #[error("`{}` is not a verloop store", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Made by a newer release. Handling: use that release.
    #[error("`{}` has format {found}; this release reads up to format {known}", path.display())]
    NewerFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// The newest format that we know.
        known: u32,
    },
    /// What is in the file is not what was written. Handling: restore a backup.
    #[error("`{}` is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found, for the operator.
        what: String,
    },
    /// Another process writes to it. Handling: wait, or stop that process.
    #[error("`{}` is in use by {}", path.display(), held_by(holder.as_ref()))]
    InUse {
        /// The file.
        path: PathBuf,
        /// Who, if it can be known.
        holder: Option<Holder>,
    },
    /// It was opened for reading only.
    #[error("the store was opened for reading only")]
    ReadingOnly,
    /// Something in the request is outside the limits of a store; a fault of the caller. Nothing was written.
    #[error("{what} {why}")]
    Invalid {
        /// What is wrong.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The disk is full. Handling: make room; the store goes on by itself.
    #[error("no space is left for `{}`", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The operating system reports an error. Handling: see its cause.
    #[error("`{}` cannot be {doing}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done, as a participle: `opened`, `written`.
        doing: &'static str,
        /// The cause.
        source: io::Error,
    },
}

/// A store of cases.
///
/// # The contract
///
/// - **All or nothing.** After [`commit`](Self::commit) answers [`Committed::Done`], every question sees all of it, also
///   after a power cut; after [`Committed::Stale`], [`Committed::Repeated`] or an `Err`, nothing of it is ever seen.
/// - **One line of history.** A change to an existing case counts only at the revision it expects. Revisions rise by
///   one for each event, the sequence of all events by one for each event of the store; neither has gaps.
/// - **The order of refusals.** First what is outside the limits (`Err`), then [`Committed::Repeated`], then
///   [`Committed::Stale`], so that a command sent again gets its first answer even though the case has moved on.
/// - **Index rows are the rows given.** After a commit the case is found by exactly its [`Rows`], and no more by the
///   rows before them. References are unique.
/// - **No question scans the store.** What a question costs grows with the rows it returns (and with the number of
///   [`Group`]s or roles where the docs say so), not with the number of cases.
/// - **Bounded answers.** A list holds at most `limit` rows and never more than [`MAX_PAGE`]; the last row is the cursor
///   for the next page, and a page shorter than that is the last one.
/// - **Commits are one after another**, whoever makes them; each question sees the state after some commit, and a
///   question asked after `Done` sees it.
pub trait Store: Send + Sync {
    /// Writes all of `commit` or nothing, durably.
    /// # Errors
    /// Only where it is certain that nothing was written and nothing will be: [`StoreError::Invalid`],
    /// [`StoreError::ReadingOnly`], [`StoreError::Full`] and the like. Where that is not certain, the answer is
    /// [`Committed::Unknown`].
    fn commit(&self, commit: Commit) -> Result<Committed, StoreError>;

    /// Returns the case with this key.
    fn case(&self, case: CaseKey) -> Result<Option<StoredCase>, StoreError>;

    /// Returns the events of a case with a revision greater than `after`, in order: all of them after revision 0, and
    /// what is new after the revision last seen. Empty if there is no such case.
    fn history(&self, case: CaseKey, after: Revision) -> Result<Vec<EventRecord>, StoreError>;

    /// Returns the events of all cases with a sequence greater than `after`, in order.
    fn log(&self, after: u64, limit: usize) -> Result<Vec<EventRecord>, StoreError>;

    /// Returns the case with exactly this reference.
    fn find_reference(&self, reference: &str) -> Result<Option<CaseKey>, StoreError>;

    /// Returns references that end in `end`, with their cases, sorted by the reference read backwards.
    fn references_ending(
        &self,
        end: &str,
        limit: usize,
    ) -> Result<Vec<(String, CaseKey)>, StoreError>;

    /// Returns what became of the command with this id.
    fn answer(&self, command: &CommandId) -> Result<Option<Answered>, StoreError>;

    /// Returns the procedure text with this hash.
    fn text(&self, version: &VersionHash) -> Result<Option<Vec<u8>>, StoreError>;

    /// Returns the hashes of the procedure texts that come after `after`, sorted.
    fn texts(
        &self,
        after: Option<VersionHash>,
        limit: usize,
    ) -> Result<Vec<VersionHash>, StoreError>;

    /// Returns the work of a role, whether or not it was given to a person, in the order of [`WorkEntry`]. `after` is a
    /// row of the same list, or was one.
    fn work_of_role(
        &self,
        role: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError>;

    /// Returns the work that was given to a person, in the order of [`WorkEntry`].
    fn work_of_person(
        &self,
        person: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError>;

    /// Returns all work, in the order of [`WorkEntry`]. Its cost grows with the number of roles that have work.
    fn all_work(
        &self,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError>;

    /// Returns the timers that are due at or before `until` (Unix milliseconds) and come after `after`, sorted by
    /// instant, then case.
    fn timers_due(
        &self,
        until: i64,
        after: Option<(i64, CaseKey)>,
        limit: usize,
    ) -> Result<Vec<(i64, CaseKey)>, StoreError>;

    /// Returns the earliest timer.
    fn next_timer(&self) -> Result<Option<(i64, CaseKey)>, StoreError>;

    /// Returns the cases that `filter` takes with a key greater than `after`, sorted by key. Its cost grows with the
    /// number of [`Group`]s that the filter takes.
    fn cases(
        &self,
        filter: &CaseFilter<'_>,
        after: Option<CaseKey>,
        limit: usize,
    ) -> Result<Vec<CaseRow>, StoreError>;

    /// Returns how many cases each group has; groups without cases are left out.
    fn counts(&self) -> Result<Vec<(Group, u64)>, StoreError>;

    /// Returns the next number of a series; the first is 1. Asking takes nothing: see [`Number`].
    fn next_number(&self, series: &str) -> Result<u64, StoreError>;

    /// Returns the letters that wait, with an id greater than `after`, sorted by id.
    fn outbox(&self, after: u64, limit: usize) -> Result<Vec<OutboxLetter>, StoreError>;

    /// Returns a small named value.
    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Takes letters out of the outbox once they were sent. Sent twice is sent once.
    fn outbox_done(&self, letters: &[u64]) -> Result<Committed, StoreError> {
        self.commit(Commit { sent: letters.to_vec(), ..Commit::default() })
    }

    /// Keeps a small named value.
    fn put_meta(&self, name: &str, value: &[u8]) -> Result<Committed, StoreError> {
        let meta = vec![(name.to_owned(), Some(value.to_vec()))];
        self.commit(Commit { meta, ..Commit::default() })
    }
}

/// A work row in the order of the work lists: the derived order is the promised one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct WorkKey {
    /// No due instant comes last.
    due: (bool, i64),
    case: CaseKey,
    step: String,
    item: Option<String>,
    person: Option<String>,
    role: String,
}

impl WorkKey {
    fn new(case: CaseKey, row: &WorkRow) -> Self {
        Self {
            due: (row.due.is_none(), row.due.unwrap_or(0)),
            case,
            step: row.step.clone(),
            item: row.item.clone(),
            person: row.person.clone(),
            role: row.role.clone(),
        }
    }

    fn due_instant(&self) -> Option<i64> {
        let (no_due, due) = self.due;
        (!no_due).then_some(due)
    }

    fn into_entry(self) -> WorkEntry {
        let due = self.due_instant();
        let row =
            WorkRow { role: self.role, person: self.person, step: self.step, item: self.item, due };
        WorkEntry { case: self.case, row }
    }
}

impl Rows {
    fn group(&self) -> Group {
        Group {
            procedure: self.procedure.clone(),
            version: self.version,
            status: self.status.clone(),
        }
    }

    /// Puts `work` and `timers` into the order in which they are kept.
    fn sorted(mut self) -> Self {
        self.work.sort();
        self.work.dedup();
        self.timers.sort_unstable();
        self.timers.dedup();
        self
    }
}

/// Returns the bytes of a reference read backwards, so that its end becomes a prefix.
fn backwards(reference: &str) -> Vec<u8> {
    reference.bytes().rev().collect()
}

/// Returns the row of a list of cases.
fn case_row(case: CaseKey, stored: StoredCase) -> CaseRow {
    let StoredCase { revision, snapshot: _, rows } = stored;
    CaseRow {
        case,
        revision,
        reference: rows.reference,
        procedure: rows.procedure,
        version: rows.version,
        status: rows.status,
        opened_on: rows.opened_on,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_version_hash_reads_what_it_writes() {
        let hash = VersionHash(std::array::from_fn(|i| u8::try_from(i * 8).unwrap()));
        assert_eq!(hash.to_string().parse::<VersionHash>().unwrap(), hash);
        let upper = hash.to_string().to_uppercase();
        let short = "0".repeat(63);
        let wide = "é".repeat(32);
        for wrong in [upper.as_str(), short.as_str(), "", wide.as_str(), "+1"] {
            assert!(wrong.parse::<VersionHash>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_command_id_has_limits() {
        assert!(CommandId::new("a".repeat(MAX_COMMAND_ID)).is_ok());
        for wrong in [String::new(), "a".repeat(MAX_COMMAND_ID + 1), "a\nb".into(), "\0".into()] {
            assert!(CommandId::new(wrong.clone()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_error_is_one_line_and_names_the_file() {
        let holder = Some(Holder { pid: 7, name: Some("verloop".into()) });
        let error = StoreError::InUse { path: "a.redb".into(), holder };
        assert_eq!(error.to_string(), "`a.redb` is in use by process 7 (verloop)");
    }
}
