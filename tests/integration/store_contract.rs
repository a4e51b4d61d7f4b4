//! What every store promises, asked of each of them; and what the file of the default store does under bad treatment.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;
use verloop::store::memory::MemoryStore;
use verloop::store::redb::{RedbStore, Settings};
use verloop::store::{
    CaseFilter, CaseKey, Change, CommandId, CommandRecord, Commit, Committed, Conflict, Group,
    Letter, Number, Revision, Rows, Store, StoreError, Target, VersionHash, WorkEntry, WorkRow,
};

/// A new store, and the folder it is in, if it is in one.
struct Fresh<S>(S, #[expect(dead_code, reason = "keeps the folder")] Option<TempDir>);

fn memory() -> Fresh<MemoryStore> {
    Fresh(MemoryStore::new(), None)
}

fn one_file() -> Fresh<RedbStore> {
    let folder = tempfile::tempdir().unwrap();
    let store = RedbStore::create(folder.path().join("a.redb"), Settings::default()).unwrap();
    Fresh(store, Some(folder))
}

/// Asks one store for every promise.
macro_rules! keeps_the_contract {
    ($name:ident, $fresh:expr) => {
        mod $name {
            use super::*;
            keeps_the_contract!(@each $fresh,
                an_empty_store_answers_nothing,
                a_new_case_is_found_by_everything_that_was_given,
                events_are_numbered_without_gaps,
                a_stale_commit_leaves_nothing_behind,
                several_cases_change_together_or_not_at_all,
                the_same_command_is_done_once,
                a_repeated_command_is_answered_before_a_stale_one,
                numbers_have_no_gaps_and_no_twins,
                references_are_unique_and_found_by_their_end,
                lists_come_in_pages_in_the_promised_order,
                the_outbox_keeps_what_is_not_sent,
                what_is_outside_the_limits_is_refused_whole,
                texts_and_named_values_are_kept,
                one_of_many_threads_wins_each_revision,
            );
        }
    };
    (@each $fresh:expr, $($promise:ident,)*) => {
        $(#[test]
        fn $promise() {
            let fresh = $fresh();
            super::$promise(&fresh.0);
        })*
    };
}

keeps_the_contract!(in_memory, memory);
keeps_the_contract!(in_one_file, one_file);

fn version(n: u8) -> VersionHash {
    VersionHash([n; 32])
}

fn rows(reference: &str) -> Rows {
    Rows {
        reference: reference.into(),
        procedure: "complaint".into(),
        version: version(1),
        status: "open".into(),
        opened_on: "2026-03-02".parse().unwrap(),
        work: Vec::new(),
        timers: Vec::new(),
    }
}

fn work(role: &str, person: Option<&str>, step: &str, due: Option<i64>) -> WorkRow {
    let person = person.map(str::to_owned);
    WorkRow { role: role.into(), person, step: step.into(), item: None, due }
}

fn change(target: Target, rows: Rows, events: &[&str]) -> Change {
    let events = events.iter().map(|event| event.as_bytes().to_vec()).collect();
    let snapshot = format!("state of {}", rows.reference).into_bytes();
    Change { target, events, snapshot, rows, outbox: Vec::new() }
}

fn opening(rows: Rows) -> Change {
    change(Target::New { number: None }, rows, &["opened"])
}

fn existing(case: CaseKey, expected: u64) -> Target {
    Target::Existing { case, expected: Revision(expected) }
}

fn commit(changes: impl IntoIterator<Item = Change>) -> Commit {
    Commit { changes: changes.into_iter().collect(), ..Commit::default() }
}

fn done(answer: Result<Committed, StoreError>) -> Vec<CaseKey> {
    let answer = answer.unwrap();
    let Committed::Done(cases) = answer else { panic!("not done: {answer:?}") };
    cases
}

fn stale(answer: Result<Committed, StoreError>) -> Conflict {
    let answer = answer.unwrap();
    let Committed::Stale(conflict) = answer else { panic!("not stale: {answer:?}") };
    conflict
}

fn open_one(store: &dyn Store, rows: Rows) -> CaseKey {
    done(store.commit(commit([opening(rows)])))[0]
}

/// Everything that a store tells, in lines, so that two stores or two moments can be compared.
fn picture(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let mut lines = Vec::new();
    let mut all = BTreeMap::new();
    for row in store.cases(&CaseFilter::default(), None, 1000)? {
        let stored = store.case(row.case)?.expect("a listed case is there");
        lines.push(format!("{row:?}\n{stored:?}\n{:?}", store.history(row.case, Revision(0))?));
        assert_eq!(store.find_reference(&row.reference)?, Some(row.case));
        all.insert(row.case, stored.rows);
    }
    for name in ["handler", "judge", "clerk"] {
        lines.push(format!("{name} {:?}", store.work_of_role(name, None, 1000)?));
        lines.push(format!("{name} {:?}", store.work_of_person(name, None, 1000)?));
    }
    lines.push(format!("{:?}", store.all_work(None, 1000)?));
    lines.push(format!("{:?}", store.timers_due(i64::MAX, None, 1000)?));
    lines.push(format!("{:?}", store.next_timer()?));
    lines.push(format!("{:?}", store.counts()?));
    for status in ["open", "closed"] {
        let filter = CaseFilter { status: Some(status), ..CaseFilter::default() };
        lines.push(format!("{:?}", store.cases(&filter, None, 1000)?));
    }
    lines.push(format!("{:?}", store.log(0, 1000)?));
    lines.push(format!("{:?}", store.references_ending("", 1000)?));
    lines.push(format!("{:?}", store.outbox(0, 1000)?));
    lines.push(format!("{:?}", store.texts(None, 1000)?));
    lines.push(format!("{:?} {:?}", store.text(&version(1))?, store.meta("m")?));
    lines.push(format!("{:?}", store.next_number("s")?));
    for n in 0..4 {
        lines.push(format!("{:?}", store.answer(&command_id(n))?));
    }
    check_indexes(store, &all)?;
    Ok(lines)
}

/// The index rows are those of the cases: no more, no less.
fn check_indexes(store: &dyn Store, all: &BTreeMap<CaseKey, Rows>) -> Result<(), StoreError> {
    let mut due_first: Vec<WorkEntry> = Vec::new();
    let mut timers = BTreeSet::new();
    let mut groups: BTreeMap<Group, u64> = BTreeMap::new();
    for (case, rows) in all {
        let entry = |row: &WorkRow| WorkEntry { case: *case, row: row.clone() };
        due_first.extend(rows.work.iter().map(entry));
        timers.extend(rows.timers.iter().map(|at| (*at, *case)));
        let Rows { procedure, version, status, .. } = rows.clone();
        *groups.entry(Group { procedure, version, status }).or_default() += 1;
    }
    let order = |e: &WorkEntry| {
        let WorkRow { role, person, step, item, due } = e.row.clone();
        (due.is_none(), due, e.case, step, item, person, role)
    };
    due_first.sort_by_key(order);
    let of_role = |role: &str| due_first.iter().filter(|e| e.row.role == role).cloned().collect();
    let of_person = |person: &str| {
        due_first.iter().filter(|e| e.row.person.as_deref() == Some(person)).cloned().collect()
    };
    for name in ["handler", "judge", "clerk"] {
        let (role, person): (Vec<_>, Vec<_>) = (of_role(name), of_person(name));
        assert_eq!(store.work_of_role(name, None, 1000)?, role);
        assert_eq!(store.work_of_person(name, None, 1000)?, person);
    }
    assert_eq!(store.all_work(None, 1000)?, due_first);
    assert_eq!(store.timers_due(i64::MAX, None, 1000)?, Vec::from_iter(timers));
    assert_eq!(store.counts()?, Vec::from_iter(groups));
    Ok(())
}

fn command_id(n: u8) -> CommandId {
    CommandId::new(format!("command {n}")).unwrap()
}

fn command(n: u8, digest: u8) -> CommandRecord {
    CommandRecord { id: command_id(n), digest: [digest; 32], answer: vec![n, digest] }
}

fn an_empty_store_answers_nothing(store: &dyn Store) {
    assert_eq!(store.case(CaseKey(0)).unwrap(), None);
    assert_eq!(store.case(CaseKey(1)).unwrap(), None);
    assert_eq!(store.case(CaseKey(u64::MAX)).unwrap(), None);
    assert_eq!(store.history(CaseKey(1), Revision(0)).unwrap(), []);
    assert_eq!(store.find_reference("").unwrap(), None);
    assert_eq!(store.work_of_role("", None, 9).unwrap(), []);
    assert_eq!(store.work_of_person("a\0b", None, 9).unwrap(), []);
    assert_eq!(store.next_timer().unwrap(), None);
    assert_eq!(store.next_number("s").unwrap(), 1);
    assert_eq!(store.counts().unwrap(), []);
}

fn a_new_case_is_found_by_everything_that_was_given(store: &dyn Store) {
    let mut given = rows("K-2026-0001");
    given.work = vec![work("judge", Some("bo"), "b", None), work("handler", None, "a", Some(-5))];
    given.timers = vec![7, -3, 7];
    let case = open_one(store, given.clone());
    assert_eq!(case, CaseKey(1));
    let stored = store.case(case).unwrap().unwrap();
    assert_eq!(stored.revision, Revision(1));
    assert_eq!(stored.snapshot, b"state of K-2026-0001");
    let sorted: Vec<WorkRow> = given.work.iter().rev().cloned().collect();
    let held = Rows { work: sorted, timers: vec![-3, 7], ..given.clone() };
    assert_eq!(stored.rows, held);
    let all = BTreeMap::from([(case, held)]);
    check_indexes(store, &all).unwrap();
    assert_eq!(store.work_of_person("bo", None, 9).unwrap().len(), 1);
    assert_eq!(store.next_timer().unwrap(), Some((-3, case)));

    // The next commit takes back all of it.
    let after = Rows { status: "closed".into(), ..rows("K-2026-0001") };
    done(store.commit(commit([change(existing(case, 1), after.clone(), &[])])));
    assert_eq!(store.case(case).unwrap().unwrap().revision, Revision(1));
    check_indexes(store, &BTreeMap::from([(case, after)])).unwrap();
    assert_eq!(store.work_of_person("bo", None, 9).unwrap(), []);
}

fn events_are_numbered_without_gaps(store: &dyn Store) {
    let a = open_one(store, rows("a"));
    let b = open_one(store, rows("b"));
    done(store.commit(commit([
        change(existing(a, 1), rows("a"), &["a2", "a3"]),
        change(existing(b, 1), rows("b"), &["b2"]),
    ])));
    done(store.commit(commit([change(existing(a, 3), rows("a"), &["a4"])])));
    let history = store.history(a, Revision(1)).unwrap();
    let told: Vec<_> = history.iter().map(|e| (e.sequence, e.revision.0, &*e.payload)).collect();
    assert_eq!(told, [(3, 2, &b"a2"[..]), (4, 3, b"a3"), (6, 4, b"a4")]);
    assert_eq!(store.history(a, Revision(4)).unwrap(), []);
    assert_eq!(store.history(a, Revision(9)).unwrap(), []);
    let log = store.log(1, 4).unwrap();
    let told: Vec<_> = log.iter().map(|e| (e.sequence, e.case.0)).collect();
    assert_eq!(told, [(2, 2), (3, 1), (4, 1), (5, 2)]);
}

fn a_stale_commit_leaves_nothing_behind(store: &dyn Store) {
    let a = open_one(store, rows("a"));
    let before = picture(store).unwrap();
    for (target, conflict) in [
        (existing(a, 0), Conflict::Case { case: a, actual: Revision(1) }),
        (existing(a, 2), Conflict::Case { case: a, actual: Revision(1) }),
        (existing(CaseKey(9), 0), Conflict::Case { case: CaseKey(9), actual: Revision(0) }),
        (existing(CaseKey(9), 1), Conflict::Case { case: CaseKey(9), actual: Revision(0) }),
    ] {
        let mut late = change(target, rows("late"), &["late"]);
        late.rows.work = vec![work("judge", None, "x", None)];
        late.outbox = vec![Letter { name: "l".into(), payload: vec![1] }];
        let mut whole = commit([opening(rows("before")), late]);
        whole.command = Some(command(1, 1));
        whole.texts = vec![(version(1), vec![1])];
        whole.meta = vec![("m".into(), Some(vec![1]))];
        assert_eq!(stale(store.commit(whole)), conflict);
        assert_eq!(picture(store).unwrap(), before);
    }
    assert_eq!(open_one(store, rows("b")), CaseKey(2));
}

fn several_cases_change_together_or_not_at_all(store: &dyn Store) {
    let complaint = open_one(store, rows("complaint"));
    let appeal = |expected| {
        let done = Rows { status: "appealed".into(), ..rows("complaint") };
        commit([
            opening(rows("appeal")),
            change(existing(complaint, expected), done, &["appealed"]),
        ])
    };
    let before = picture(store).unwrap();
    stale(store.commit(appeal(2)));
    assert_eq!(picture(store).unwrap(), before);
    assert_eq!(done(store.commit(appeal(1))), [CaseKey(2), complaint]);
    assert_eq!(store.case(complaint).unwrap().unwrap().rows.status, "appealed");
    assert_eq!(store.find_reference("appeal").unwrap(), Some(CaseKey(2)));
    assert_eq!(store.counts().unwrap().len(), 2);
}

fn the_same_command_is_done_once(store: &dyn Store) {
    let whole = || Commit { command: Some(command(1, 1)), ..commit([opening(rows("a"))]) };
    let cases = done(store.commit(whole()));
    let before = picture(store).unwrap();
    for (digest, same) in [(1, true), (2, false)] {
        let again = Commit { command: Some(command(1, digest)), ..commit([opening(rows("b"))]) };
        let Committed::Repeated { first, same_content } = store.commit(again).unwrap() else {
            panic!("not repeated");
        };
        assert_eq!(same_content, same);
        assert_eq!((first.answer, &first.cases), (vec![1, 1], &cases));
    }
    assert_eq!(picture(store).unwrap(), before);
    assert_eq!(store.answer(&command_id(1)).unwrap().unwrap().digest, [1; 32]);
    assert_eq!(store.answer(&command_id(2)).unwrap(), None);
}

fn a_repeated_command_is_answered_before_a_stale_one(store: &dyn Store) {
    let a = open_one(store, rows("a"));
    let act = || Commit {
        command: Some(command(1, 1)),
        ..commit([change(existing(a, 1), rows("a"), &["act"])])
    };
    done(store.commit(act()));
    assert!(matches!(store.commit(act()).unwrap(), Committed::Repeated { .. }));
}

fn numbers_have_no_gaps_and_no_twins(store: &dyn Store) {
    let take = |number, reference: &str| {
        let number = Some(Number { series: "klacht/2026".into(), number });
        Change { target: Target::New { number }, ..opening(rows(reference)) }
    };
    let taken = |next| Conflict::Number { series: "klacht/2026".into(), next };
    assert_eq!(stale(store.commit(commit([take(2, "x")]))), taken(1));
    done(store.commit(commit([take(1, "1")])));
    assert_eq!(stale(store.commit(commit([take(1, "x")]))), taken(2));
    assert_eq!(stale(store.commit(commit([take(2, "2"), take(2, "3")]))), taken(3));
    assert_eq!(store.next_number("klacht/2026").unwrap(), 2);
    done(store.commit(commit([take(2, "2"), take(3, "3")])));
    assert_eq!(store.next_number("klacht/2026").unwrap(), 4);
    assert_eq!(store.next_number("bezwaar/2026").unwrap(), 1);
}

fn references_are_unique_and_found_by_their_end(store: &dyn Store) {
    let a = open_one(store, rows("K-2026-0017"));
    let b = open_one(store, rows("B-2026-0017"));
    let c = open_one(store, rows("K-2026-0117é"));
    let taken = |case| Conflict::Reference { reference: "K-2026-0017".into(), case };
    assert_eq!(stale(store.commit(commit([opening(rows("K-2026-0017"))]))), taken(a));
    let renamed = change(existing(b, 1), rows("K-2026-0017"), &["renamed"]);
    assert_eq!(stale(store.commit(commit([renamed]))), taken(a));
    let ending = |end: &str, limit| store.references_ending(end, limit).unwrap();
    assert_eq!(ending("17", 9), [("B-2026-0017".into(), b), ("K-2026-0017".into(), a)]);
    assert_eq!(ending("17", 1), [("B-2026-0017".into(), b)]);
    assert_eq!(ending("7é", 9), [("K-2026-0117é".into(), c)]);
    assert_eq!(ending("K-2026-0017", 9), [("K-2026-0017".into(), a)]);
    assert_eq!(ending("xK-2026-0017", 9), []);
    // A case may change its reference; the old one is free then.
    done(store.commit(commit([change(existing(a, 1), rows("new"), &["renamed"])])));
    assert_eq!(store.find_reference("K-2026-0017").unwrap(), None);
    assert_eq!(store.find_reference("new").unwrap(), Some(a));
    open_one(store, rows("K-2026-0017"));
}

fn lists_come_in_pages_in_the_promised_order(store: &dyn Store) {
    let mut all = BTreeMap::new();
    for n in 0..23_i64 {
        let mut given = rows(&format!("case {n}"));
        given.procedure = format!("procedure {}", n % 2);
        given.status = ["open", "closed"][usize::from(n % 3 == 0)].into();
        let due = (n % 5 != 0).then_some((n * 7) % 11 - 4);
        let role = ["handler", "judge"][usize::from(n % 4 == 0)];
        let person = (n % 2 == 0).then_some("clerk");
        given.work = vec![work("handler", None, "also", due), work(role, person, "step", due)];
        given.work.sort();
        given.timers = vec![n % 6 - 3];
        all.insert(open_one(store, given.clone()), given);
    }
    check_indexes(store, &all).unwrap();

    let paged = |ask: &dyn Fn(Option<&WorkEntry>, usize) -> Vec<WorkEntry>, size| {
        let mut told: Vec<WorkEntry> = Vec::new();
        loop {
            let page = ask(told.last(), size);
            assert!(page.len() <= size);
            let end = page.len() < size;
            told.extend(page);
            if end {
                return told;
            }
        }
    };
    let everyone = |after: Option<&WorkEntry>, size| store.all_work(after, size).unwrap();
    let role =
        |after: Option<&WorkEntry>, size| store.work_of_role("handler", after, size).unwrap();
    let person =
        |after: Option<&WorkEntry>, size| store.work_of_person("clerk", after, size).unwrap();
    for size in [1, 2, 7, 100] {
        assert_eq!(paged(&everyone, size), everyone(None, 1000));
        assert_eq!(paged(&role, size), role(None, 1000));
        assert_eq!(paged(&person, size), person(None, 1000));
    }
    assert_eq!(everyone(None, 0), []);

    let mut after = None;
    let mut timers = Vec::new();
    while let page @ [.., last] = &*store.timers_due(1, after, 4).unwrap() {
        timers.extend_from_slice(page);
        after = Some(*last);
    }
    let due = store.timers_due(1, None, 1000).unwrap();
    assert_eq!(timers, due);
    assert!(due.iter().all(|(at, _)| *at <= 1) && due.is_sorted());
    assert_eq!(store.timers_due(1, Some((1, CaseKey(u64::MAX))), 9).unwrap(), []);
    assert_eq!(store.timers_due(1, Some((5, CaseKey(1))), 9).unwrap(), []);

    let filter = CaseFilter { procedure: Some("procedure 1"), ..CaseFilter::default() };
    for filter in [
        CaseFilter::default(),
        filter,
        CaseFilter { status: Some("closed"), ..filter },
        CaseFilter { version: Some(version(1)), ..filter },
        CaseFilter { version: Some(version(2)), ..filter },
    ] {
        let whole = store.cases(&filter, None, 1000).unwrap();
        let wanted = all.iter().filter(|(_, rows)| {
            let Rows { procedure, version, status, .. } = (*rows).clone();
            filter.takes(&Group { procedure, version, status })
        });
        assert!(whole.iter().map(|row| row.case).eq(wanted.map(|(case, _)| *case)));
        let mut told = Vec::new();
        let mut after = None;
        while let page @ [.., last] = &*store.cases(&filter, after, 3).unwrap() {
            told.extend_from_slice(page);
            after = Some(last.case);
        }
        assert_eq!(told, whole);
        assert_eq!(store.cases(&filter, None, 0).unwrap(), []);
    }
}

fn the_outbox_keeps_what_is_not_sent(store: &dyn Store) {
    let letter = |n: u8| Letter { name: "receipt".into(), payload: vec![n] };
    let with = |reference: &str, outbox| Change { outbox, ..opening(rows(reference)) };
    done(store.commit(commit([with("a", vec![letter(1), letter(2)]), with("b", vec![letter(3)])])));
    let told = |after, limit| {
        let letters = store.outbox(after, limit).unwrap();
        letters.into_iter().map(|l| (l.id, l.case.0, l.letter.payload)).collect::<Vec<_>>()
    };
    assert_eq!(told(0, 2), [(1, 1, vec![1]), (2, 1, vec![2])]);
    assert_eq!(told(2, 2), [(3, 2, vec![3])]);
    for _ in 0..2 {
        done(store.outbox_done(&[3, 1, 99]));
        assert_eq!(told(0, 9), [(2, 1, vec![2])]);
    }
    done(store.commit(commit([with("c", vec![letter(4)])])));
    assert_eq!(told(2, 9), [(4, 3, vec![4])], "an id is never used twice");
}

fn what_is_outside_the_limits_is_refused_whole(store: &dyn Store) {
    let a = open_one(store, rows("a"));
    let before = picture(store).unwrap();
    let with_work = |row| Rows { work: vec![row], ..rows("x") };
    let status = Rows { status: "b\nc".into(), ..rows("x") };
    let number = Some(Number { series: "s".into(), number: 0 });
    for wrong in [
        opening(rows("")),
        opening(rows("a\0")),
        opening(rows(&"a".repeat(257))),
        opening(status),
        opening(with_work(work("", None, "step", None))),
        opening(with_work(work("role", Some("\u{1}"), "step", None))),
        opening(Rows { timers: vec![1; 10_001], ..rows("x") }),
        change(Target::New { number: None }, rows("x"), &[]),
        Change { target: Target::New { number }, ..opening(rows("x")) },
        Change { snapshot: vec![0; 16 * 1024 * 1024 + 1], ..opening(rows("x")) },
    ] {
        let answer = store.commit(commit([opening(rows("before")), wrong]));
        assert!(matches!(answer, Err(StoreError::Invalid { .. })), "{answer:?}");
    }
    let twice = || change(existing(a, 1), rows("a"), &["twice"]);
    let one = Change { rows: rows("b"), ..twice() };
    for wrong in [[twice(), one], [opening(rows("b")), opening(rows("b"))]] {
        let answer = store.commit(commit(wrong));
        assert!(matches!(answer, Err(StoreError::Invalid { .. })), "{answer:?}");
    }
    assert_eq!(picture(store).unwrap(), before);
}

fn texts_and_named_values_are_kept(store: &dyn Store) {
    let keep = |n, text: &[u8]| Commit { texts: vec![(version(n), text.to_vec())], ..commit([]) };
    for n in [3, 1, 2] {
        done(store.commit(keep(n, b"text")));
    }
    done(store.commit(keep(1, b"other")));
    assert_eq!(store.text(&version(1)).unwrap().unwrap(), b"text");
    assert_eq!(store.text(&version(9)).unwrap(), None);
    assert_eq!(store.texts(Some(version(1)), 9).unwrap(), [version(2), version(3)]);
    assert_eq!(store.texts(None, 2).unwrap(), [version(1), version(2)]);
    done(store.put_meta("m", b"1"));
    done(store.put_meta("m", b"2"));
    assert_eq!(store.meta("m").unwrap().unwrap(), b"2");
    done(store.commit(Commit { meta: vec![("m".into(), None)], ..commit([]) }));
    assert_eq!(store.meta("m").unwrap(), None);
    let from_to = |from: Option<&[u8]>, to: &[u8]| Commit {
        rests_on: vec![("m".into(), from.map(<[u8]>::to_vec))],
        meta: vec![("m".into(), Some(to.to_vec()))],
        ..commit([])
    };
    done(store.commit(from_to(None, b"1")));
    done(store.commit(from_to(Some(b"1"), b"2")));
    for stale in [None, Some(&b"1"[..]), Some(&b""[..])] {
        let answer = store.commit(from_to(stale, b"3")).unwrap();
        let name = "m".to_owned();
        assert!(matches!(answer, Committed::Stale(Conflict::Value { name: of }) if of == name));
    }
    assert_eq!(store.meta("m").unwrap().unwrap(), b"2");
}

fn one_of_many_threads_wins_each_revision(store: &dyn Store) {
    let case = open_one(store, rows("a"));
    let won: usize = std::thread::scope(|scope| {
        let act = move || {
            let mut won = 0;
            for expected in 1..=10 {
                let act = change(existing(case, expected), rows("a"), &["act"]);
                match store.commit(commit([act])).unwrap() {
                    Committed::Done(_) => won += 1,
                    Committed::Stale(_) => {}
                    Committed::Repeated { .. } | Committed::Unknown(_) => panic!("{expected}"),
                }
            }
            won
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(act)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let history = store.history(case, Revision(0)).unwrap();
    assert_eq!(history.len(), won + 1);
    assert!(history.iter().zip(1..).all(|(event, place)| event.revision == Revision(place)));
}

#[derive(Debug, Clone)]
struct RandomChange {
    /// 0 opens a case.
    case: u64,
    late: bool,
    number: Option<u64>,
    reference: u8,
    status: bool,
    version: u8,
    events: usize,
    work: Vec<(u8, Option<u8>, u8, Option<i64>)>,
    timers: Vec<i64>,
    letters: usize,
}

const NAMES: [&str; 3] = ["handler", "judge", "clerk"];

fn random_change() -> impl Strategy<Value = RandomChange> {
    let work = (0..3_u8, proptest::option::of(0..3_u8), 0..2_u8, proptest::option::of(-2..3_i64));
    let lists =
        (prop::collection::vec(work, 0..4), prop::collection::vec(-3..4_i64, 0..4), 0..2_usize);
    let numbers = (0..5_u64, prop::bool::weighted(0.1), proptest::option::of(1..4_u64), 0..9_u8);
    (numbers, any::<bool>(), 1..3_u8, 0..4_usize, lists).prop_map(
        |((case, late, number, reference), status, version, events, (work, timers, letters))| {
            RandomChange {
                case,
                late,
                number,
                reference,
                status,
                version,
                events,
                work,
                timers,
                letters,
            }
        },
    )
}

fn random_commit() -> impl Strategy<Value = (Vec<RandomChange>, Option<(u8, u8)>, Vec<u64>)> {
    let command = proptest::option::of((0..4_u8, 0..2_u8));
    let changes = prop::collection::vec(random_change(), 1..3);
    (changes, command, prop::collection::vec(0..5_u64, 0..2))
}

/// Makes a commit that mostly fits what the store holds.
fn fitting(
    store: &dyn Store,
    (changes, with, sent): (Vec<RandomChange>, Option<(u8, u8)>, Vec<u64>),
) -> Commit {
    let target = |one: &RandomChange| {
        let held = store.case(CaseKey(one.case)).unwrap();
        match held {
            Some(held) => existing(CaseKey(one.case), held.revision.0 + u64::from(one.late)),
            None => Target::New {
                number: one.number.map(|number| Number { series: "s".into(), number }),
            },
        }
    };
    let rows = |one: &RandomChange| Rows {
        status: if one.status { "open" } else { "closed" }.into(),
        version: version(one.version),
        work: (one.work.iter())
            .map(|(role, person, step, due)| WorkRow {
                item: (*step == 1).then(|| "item".into()),
                ..work(
                    NAMES[usize::from(*role)],
                    person.map(|person| NAMES[usize::from(person)]),
                    NAMES[usize::from(*step)],
                    *due,
                )
            })
            .collect(),
        timers: one.timers.clone(),
        ..rows(&format!("K-{}", one.reference))
    };
    let changes = changes.iter().map(|one| {
        let events = ["one", "two", "three", "four"];
        let letter = |n| Letter { name: "l".into(), payload: vec![n] };
        let outbox = (0..one.letters).map(|_| letter(one.reference)).collect();
        Change { outbox, ..change(target(one), rows(one), &events[..one.events]) }
    });
    let command = with.map(|(id, digest)| command(id, digest));
    let texts = vec![(version(1), b"text".to_vec())];
    Commit { changes: changes.collect(), command, texts, sent, ..Commit::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_file_and_the_memory_say_the_same(commits in prop::collection::vec(random_commit(), 1..12)) {
        let (memory, file) = (memory(), one_file());
        for random in commits {
            let whole = fitting(&memory.0, random);
            let (a, b) = (memory.0.commit(whole.clone()), file.0.commit(whole));
            prop_assert_eq!(format!("{:?}", a), format!("{:?}", b));
            prop_assert_eq!(picture(&memory.0).unwrap(), picture(&file.0).unwrap());
        }
    }
}
