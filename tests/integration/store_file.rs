//! What the file of the default store does when it is treated badly: never a panic, never silently wrong data.

#![expect(clippy::disallowed_methods, reason = "damages files and starts a process")]

use redb::{StorageBackend, TableDefinition, backends::InMemoryBackend};
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use tempfile::TempDir;
use verloop::store::memory::MemoryStore;
use verloop::store::redb::{RedbStore, Settings};
use verloop::store::{
    CaseFilter, CaseKey, Change, CommandId, CommandRecord, Commit, Committed, Letter, Number,
    Revision, Rows, Store, StoreError, Target, VersionHash, WorkRow,
};

const THE_CHILD: &str = "store_file::a_child_that_writes_until_it_is_killed";
const STORE_OF_THE_CHILD: &str = "VERLOOP_TEST_STORE";

fn opening(n: u64) -> Commit {
    let work = |step: &str| WorkRow {
        role: "handler".into(),
        person: Some("clerk".into()),
        step: step.into(),
        item: None,
        due: Some(i64::try_from(n).unwrap()),
    };
    let rows = Rows {
        reference: format!("K-2026-{n:04}"),
        procedure: "complaint".into(),
        version: VersionHash([1; 32]),
        status: "open".into(),
        opened_on: "2026-03-02".parse().unwrap(),
        work: vec![work("a"), work("b")],
        timers: vec![i64::try_from(n).unwrap()],
    };
    let number = Some(Number { series: "K".into(), number: n });
    let change = Change {
        target: Target::New { number },
        events: vec![vec![b'e'; 300]],
        snapshot: vec![b's'; 600],
        rows,
        outbox: vec![Letter { name: "receipt".into(), payload: vec![b'l'; 50] }],
    };
    let id = CommandId::new(format!("command {n}")).unwrap();
    let texts = vec![(VersionHash([1; 32]), b"text".to_vec())];
    let meta = vec![("m".to_owned(), Some(b"value".to_vec()))];
    let command = Some(CommandRecord { id, digest: [7; 32], answer: b"answer".to_vec() });
    Commit { command, changes: vec![change], texts, meta, ..Commit::default() }
}

fn open_cases(store: &dyn Store, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        assert!(matches!(store.commit(opening(n)), Ok(Committed::Done(_))));
    }
}

/// Each question, with its answer.
fn answers(store: &dyn Store, cases: u64) -> Vec<Result<String, StoreError>> {
    fn told<T: std::fmt::Debug>(answer: Result<T, StoreError>) -> Result<String, StoreError> {
        answer.map(|answer| format!("{answer:?}"))
    }
    let mut answers = vec![
        told(store.log(0, 1000)),
        told(store.references_ending("", 1000)),
        told(store.references_ending("1", 1000)),
        told(store.work_of_role("handler", None, 1000)),
        told(store.work_of_person("clerk", None, 1000)),
        told(store.all_work(None, 1000)),
        told(store.timers_due(i64::MAX, None, 1000)),
        told(store.next_timer()),
        told(store.counts()),
        told(store.cases(&CaseFilter::default(), None, 1000)),
        told(store.next_number("K")),
        told(store.outbox(0, 1000)),
        told(store.texts(None, 1000)),
        told(store.text(&VersionHash([1; 32]))),
        told(store.meta("m")),
    ];
    for n in 1..=cases {
        answers.push(told(store.case(CaseKey(n))));
        answers.push(told(store.history(CaseKey(n), Revision(0))));
        answers.push(told(store.find_reference(&format!("K-2026-{n:04}"))));
        answers.push(told(store.references_ending(&format!("-{n:04}"), 2)));
        answers.push(told(store.answer(&CommandId::new(format!("command {n}")).unwrap())));
    }
    answers
}

fn all_answers(store: &dyn Store, cases: u64) -> Vec<String> {
    answers(store, cases).into_iter().map(Result::unwrap).collect()
}

/// A closed store of so many cases.
fn closed_store(cases: u64) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.redb");
    open_cases(&RedbStore::create(&path, Settings::default()).unwrap(), 1..=cases);
    (folder, path)
}

fn open(path: &Path) -> Result<RedbStore, StoreError> {
    RedbStore::open(path, Settings::default())
}

fn open_reading(path: &Path) -> Result<RedbStore, StoreError> {
    RedbStore::open_reading(path, Settings::default())
}

/// Without the check of the whole file, as for a very large one.
fn open_unchecked(path: &Path) -> Result<RedbStore, StoreError> {
    RedbStore::open(path, Settings { check_up_to: 0, ..Settings::default() })
}

#[test]
fn opening_again_finds_everything() {
    let (_folder, path) = closed_store(3);
    let first = open(&path).unwrap();
    assert!(!first.repaired());
    let before = all_answers(&first, 4);
    drop(first);
    for open in [open, open_reading, open_unchecked] {
        let store = open(&path).unwrap();
        assert!(!store.repaired());
        assert_eq!(all_answers(&store, 4), before);
    }
    open_cases(&open(&path).unwrap(), 4..=4);
}

#[test]
fn a_store_appears_whole_and_for_its_owner() {
    let (folder, path) = closed_store(0);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(names, std::slice::from_ref(&path), "nothing is left beside it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = fs::read(&path).unwrap();
    let again = RedbStore::create(&path, Settings::default());
    assert!(matches!(again, Err(StoreError::Exists { .. })), "{again:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
    let nowhere = RedbStore::create(folder.path().join("no/a.redb"), Settings::default());
    assert!(matches!(nowhere, Err(StoreError::Missing { .. })), "{nowhere:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_store_is_called_by_its_name() {
    let (folder, path) = closed_store(2);
    let right = all_answers(&open(&path).unwrap(), 2);
    let whole = fs::read(&path).unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let foreign = folder.path().join("foreign.redb");
    {
        let database = redb::Database::create(&foreign).unwrap();
        let txn = database.begin_write().unwrap();
        txn.open_table(TableDefinition::<u64, u64>::new("theirs")).unwrap().insert(1, 2).unwrap();
        txn.commit().unwrap();
    }
    let foreign_before = fs::read(&foreign).unwrap();
    let bare = folder.path().join("bare.redb");
    drop(redb::Database::create(&bare).unwrap());

    for open in [open, open_reading, open_unchecked] {
        let missing = open(&folder.path().join("missing")).unwrap_err();
        assert!(matches!(missing, StoreError::Missing { .. }), "{missing:?}");
        let folder = open(folder.path()).unwrap_err();
        assert!(matches!(folder, StoreError::NotAFile { .. }), "{folder:?}");
        let empty = open(&file("empty", b"")).unwrap_err();
        assert!(matches!(empty, StoreError::Empty { .. }), "{empty:?}");
        for junk in
            [&b"x"[..], b"redb", b"redb\x1A\x0A\xA9\x0D\x0A", b"title: complaint\n", &[0; 9000]]
        {
            let junk = open(&file("junk", junk)).unwrap_err();
            assert!(matches!(junk, StoreError::Foreign { .. }), "{junk:?}");
        }
        for path in [&foreign, &bare] {
            let foreign = open(path).unwrap_err();
            assert!(matches!(foreign, StoreError::Foreign { .. }), "{foreign:?}");
        }
        for length in (10..whole.len()).step_by(whole.len() / 61).chain([64, 512, 4096]) {
            match open(&file("cut", &whole[..length])) {
                Err(cut) => assert!(matches!(cut, StoreError::Damaged { .. }), "{length}: {cut:?}"),
                // What is cut off may be free room, or a page that nobody has asked for yet.
                Ok(store) => drop(right_or_damaged(&store, &right, length)),
            }
        }
    }
    assert!(fs::read(&foreign).unwrap() == foreign_before, "a foreign file is left as it is");
    #[cfg(unix)]
    {
        let device = open(Path::new("/dev/null")).unwrap_err();
        assert!(matches!(device, StoreError::NotAFile { .. }), "{device:?}");
    }
}

#[test]
#[cfg(unix)]
fn a_file_without_permission_is_called_so() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = closed_store(1);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        return; // root may do everything
    }
    assert!(matches!(open(&path), Err(StoreError::Denied { .. })));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(matches!(open(&path), Err(StoreError::Denied { .. })));
    assert!(open_reading(&path).is_ok());
}

#[test]
fn a_second_writer_is_told_who_has_it_and_readers_follow() {
    let (_folder, path) = closed_store(1);
    let writer = open(&path).unwrap();
    let second = open(&path).unwrap_err();
    let StoreError::InUse { holder, .. } = &second else { panic!("{second:?}") };
    if cfg!(target_os = "linux") {
        assert_eq!(holder.as_ref().unwrap().pid, std::process::id());
    }
    let reader = open_reading(&path).unwrap();
    let late = reader.commit(opening(2));
    assert!(matches!(late, Err(StoreError::ReadingOnly)), "{late:?}");
    open_cases(&writer, 2..=2);
    assert_eq!(all_answers(&reader, 3), all_answers(&writer, 3));
    assert!(!reader.repaired());
    drop(writer);
    drop(open(&path).expect("a reader is no hindrance"));
    assert_eq!(reader.find_reference("K-2026-0002").unwrap(), Some(CaseKey(2)));
}

/// Not a test: the other process of the test below.
#[test]
#[ignore = "started by another test"]
fn a_child_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(STORE_OF_THE_CHILD) else { return };
    let store = open(Path::new(&path)).unwrap();
    for n in 1.. {
        open_cases(&store, [n]);
        let mut out = io::stderr().lock();
        writeln!(out, "{n}").unwrap();
    }
}

#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    for reading in [true, false] {
        let (_folder, path) = closed_store(0);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", THE_CHILD, "--nocapture"])
            .env(STORE_OF_THE_CHILD, &path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged = 0;
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
        while acknowledged < 20 {
            acknowledged = told.next().unwrap().unwrap().parse().unwrap_or(acknowledged);
        }
        let second = open(&path).unwrap_err();
        let StoreError::InUse { holder, .. } = &second else { panic!("{second:?}") };
        if cfg!(target_os = "linux") {
            assert_eq!(holder.as_ref().unwrap().pid, child.id(), "{second}");
        }
        let beside = open_reading(&path).unwrap();
        assert!(beside.find_reference("K-2026-0020").unwrap().is_some());
        drop(beside);
        child.kill().unwrap();
        child.wait().unwrap();
        let acknowledged = told.map_while(Result::ok).filter_map(|n| n.parse().ok()).last();
        let acknowledged: u64 = acknowledged.unwrap_or(20);

        let store = if reading { open_reading(&path) } else { open(&path) }.unwrap();
        assert!(store.repaired());
        for n in 1..=acknowledged {
            let case = store.find_reference(&format!("K-2026-{n:04}")).unwrap().unwrap();
            assert_eq!(store.history(case, Revision(0)).unwrap().len(), 1);
        }
        let opened = store.cases(&CaseFilter::default(), None, 10_000).unwrap().len() as u64;
        assert!((acknowledged..=acknowledged + 1).contains(&opened), "{acknowledged} {opened}");
    }
}

/// Makes sure that each answer is the right one or says that the file is damaged; returns whether none said so.
fn right_or_damaged(store: &dyn Store, right: &[String], at: usize) -> bool {
    let cases = (right.len() - all_answers(&MemoryStore::new(), 0).len()) as u64 / 5;
    let mut intact = true;
    for (answer, right) in answers(store, cases).into_iter().zip(right) {
        match answer {
            Ok(answer) => assert_eq!(&answer, right, "damaged at byte {at}"),
            Err(StoreError::Damaged { .. }) => intact = false,
            Err(error) => panic!("damaged at byte {at}: {error:?}"),
        }
    }
    intact
}

/// Whatever byte is damaged: each answer is an error or the right one.
#[test]
fn damage_is_never_served_as_data() {
    let cases = 20;
    let (folder, path) = closed_store(cases);
    let whole = fs::read(&path).unwrap();
    let right = all_answers(&open(&path).unwrap(), cases);
    let copy = folder.path().join("copy.redb");
    let flips = (0..whole.len()).step_by(200).zip([0xFF, 0x01, 0x80, 0x10].into_iter().cycle());
    // The header decides most, so each of its bytes has its turn.
    let header = (0..400).zip([0x01, 0x02, 0x04, 0xFF].into_iter().cycle());
    // The byte behind redb's mark says which of two roots is the newer.
    let roots = (0..24).map(|turn| (9, 1 << (turn / 3)));
    let mut refused = [0; 3];
    for (turn, (at, mask)) in roots.chain(flips).chain(header).enumerate() {
        let mut damaged = whole.clone();
        damaged[at] ^= mask;
        for (how, open) in [open_reading, open_unchecked, open].into_iter().enumerate() {
            // Reading is the least guarded; the others take the damages in turns.
            if how > 0 && turn % 3 != how {
                continue;
            }
            fs::write(&copy, &damaged).unwrap();
            let Ok(store) = open(&copy) else {
                refused[how] += 1;
                continue;
            };
            refused[how] += usize::from(!right_or_damaged(&store, &right, at));
        }
    }
    assert!(refused.iter().all(|refused| *refused > 40), "{refused:?}");
}

/// Memory that fails from its n-th write, sync or growth on: once, or until it is mended.
#[derive(Debug, Clone)]
struct Failing {
    bytes: Arc<InMemoryBackend>,
    left: Arc<AtomicU64>,
    for_ever: bool,
    mended: Arc<AtomicBool>,
}

impl Failing {
    fn step(&self) -> io::Result<()> {
        let count_down = |left: u64| left.checked_sub(1);
        let relaxed = Ordering::Relaxed;
        let Err(_) = self.left.fetch_update(relaxed, relaxed, count_down) else { return Ok(()) };
        if self.mended.load(relaxed) {
            return Ok(());
        }
        self.mended.store(!self.for_ever, relaxed);
        Err(ErrorKind::StorageFull.into())
    }
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        self.bytes.len()
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.bytes.read(offset, out)
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.step()?;
        self.bytes.set_len(len)
    }
    fn sync_data(&self) -> io::Result<()> {
        self.step()
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.step()?;
        self.bytes.write(offset, data)
    }
}

/// At each operation in turn the disk fails. Whatever the commits answered, sending them again leaves each done once.
#[test]
fn after_an_error_the_store_knows_or_says_that_it_does_not() {
    let right = {
        let backend = || Ok(InMemoryBackend::new());
        let store = RedbStore::on_backend("memory", plain(), backend);
        let store = store.unwrap();
        open_cases(&store, 1..=3);
        all_answers(&store, 3)
    };
    let mut told = [0; 4];
    for for_ever in [false, true] {
        for fails_at in 0.. {
            let failing = Failing {
                bytes: Arc::new(InMemoryBackend::new()),
                left: Arc::new(AtomicU64::new(u64::MAX)),
                for_ever,
                mended: Arc::default(),
            };
            let backend = failing.clone();
            let open = move || Ok(backend.clone());
            let store = RedbStore::on_backend("memory", plain(), open).unwrap();
            open_cases(&store, [1]);
            failing.left.store(fails_at, Ordering::Relaxed);
            for n in 2..=3 {
                let written = match store.commit(opening(n)) {
                    Ok(Committed::Done(_)) => {
                        told[0] += 1;
                        true
                    }
                    Ok(Committed::Unknown(_)) => {
                        told[1] += 1;
                        continue;
                    }
                    Err(StoreError::Full { .. } | StoreError::Io { .. }) => {
                        told[2] += 1;
                        false
                    }
                    Ok(Committed::Stale(_)) => {
                        told[3] += 1;
                        false
                    }
                    other => panic!("{fails_at}: {other:?}"),
                };
                if let Ok(answer) = store.answer(&CommandId::new(format!("command {n}")).unwrap()) {
                    assert_eq!(answer.is_some(), written, "{fails_at} {n}");
                }
            }
            let untouched = failing.left.load(Ordering::Relaxed) > 0;
            failing.mended.store(true, Ordering::Relaxed);
            for n in 2..=3 {
                let again = store.commit(opening(n));
                let fine = matches!(again, Ok(Committed::Done(_) | Committed::Repeated { .. }));
                assert!(fine, "{fails_at} {n}: {again:?}");
            }
            assert_eq!(all_answers(&store, 3), right, "{fails_at}");
            if untouched {
                break;
            }
        }
    }
    assert!(told.iter().all(|count| *count > 0), "each answer is met: {told:?}");
}

fn plain() -> Settings {
    Settings::default()
}
