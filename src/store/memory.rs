//! The contract in its plainest form: ordered maps in memory. It serves tests, scenarios, and as the yardstick for the
//! other stores.

use super::{
    Answered, CaseFilter, CaseKey, CaseRow, Change, CommandId, Commit, Committed, Conflict,
    EventRecord, Group, Letter, MAX_PAGE, OutboxLetter, Revision, Rows, Store, StoreError,
    StoredCase, Target, VersionHash, WorkEntry, WorkKey, backwards, case_row, check,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A store that is gone when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The event with sequence n stands at n - 1.
    log: Vec<EventRecord>,
    cases: BTreeMap<CaseKey, Held>,
    references: BTreeMap<Vec<u8>, CaseKey>,
    by_role: BTreeMap<String, BTreeSet<WorkKey>>,
    by_person: BTreeMap<String, BTreeSet<WorkKey>>,
    all_work: BTreeSet<WorkKey>,
    timers: BTreeSet<(i64, CaseKey)>,
    groups: BTreeMap<Group, BTreeSet<CaseKey>>,
    commands: BTreeMap<CommandId, Answered>,
    texts: BTreeMap<VersionHash, Vec<u8>>,
    /// The number last taken.
    numbers: BTreeMap<String, u64>,
    outbox: BTreeMap<u64, (CaseKey, Letter)>,
    last_letter: u64,
    meta: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug)]
struct Held {
    stored: StoredCase,
    /// Sequences of its events.
    events: Vec<u64>,
}

impl MemoryStore {
    /// Returns an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A commit is checked whole before it changes anything, so what a panicking thread left is still consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Finds what came in between, without changing anything.
    fn conflict(&self, changes: &[Change]) -> Option<Conflict> {
        let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
        for change in changes {
            let own = match &change.target {
                Target::Existing { case, expected } => {
                    let held = self.cases.get(case);
                    let actual = held.map_or(Revision(0), |held| held.stored.revision);
                    if held.is_none() || actual != *expected {
                        return Some(Conflict::Case { case: *case, actual });
                    }
                    Some(*case)
                }
                Target::New { number: Some(number) } => {
                    let series = number.series.as_str();
                    let stored = self.numbers.get(series).copied().unwrap_or(0);
                    let last = taken.entry(series).or_insert(stored);
                    let next = last.saturating_add(1);
                    if number.number != next {
                        return Some(Conflict::Number { series: series.to_owned(), next });
                    }
                    *last = next;
                    None
                }
                Target::New { number: None } => None,
            };
            let reference = &change.rows.reference;
            if let Some(case) = self.references.get(&backwards(reference))
                && Some(*case) != own
            {
                return Some(Conflict::Reference { reference: reference.clone(), case: *case });
            }
        }
        None
    }

    /// Takes in a change that has no conflict; returns its case.
    fn take_in(&mut self, change: Change) -> CaseKey {
        let Change { target, events, snapshot, rows, outbox } = change;
        let rows = rows.sorted();
        let case = match target {
            Target::Existing { case, .. } => case,
            Target::New { number } => {
                if let Some(number) = number {
                    self.numbers.insert(number.series, number.number);
                }
                CaseKey(self.cases.last_key_value().map_or(1, |(last, _)| last.0.saturating_add(1)))
            }
        };
        let held = self.cases.remove(&case);
        if let Some(held) = &held {
            self.forget(case, &held.stored.rows);
        }
        self.index(case, &rows);
        let mut sequences = held.map(|held| held.events).unwrap_or_default();
        for payload in events {
            let sequence = self.log.len() as u64 + 1;
            let revision = Revision(sequences.len() as u64 + 1);
            self.log.push(EventRecord { sequence, case, revision, payload });
            sequences.push(sequence);
        }
        let stored = StoredCase { revision: Revision(sequences.len() as u64), snapshot, rows };
        self.cases.insert(case, Held { stored, events: sequences });
        for letter in outbox {
            self.last_letter = self.last_letter.saturating_add(1);
            self.outbox.insert(self.last_letter, (case, letter));
        }
        case
    }

    fn forget(&mut self, case: CaseKey, rows: &Rows) {
        self.references.remove(&backwards(&rows.reference));
        for row in &rows.work {
            let key = WorkKey::new(case, row);
            remove_under(&mut self.by_role, &row.role, &key);
            if let Some(person) = &row.person {
                remove_under(&mut self.by_person, person, &key);
            }
            self.all_work.remove(&key);
        }
        for at in &rows.timers {
            self.timers.remove(&(*at, case));
        }
        remove_under(&mut self.groups, &rows.group(), &case);
    }

    fn index(&mut self, case: CaseKey, rows: &Rows) {
        self.references.insert(backwards(&rows.reference), case);
        for row in &rows.work {
            let key = WorkKey::new(case, row);
            self.by_role.entry(row.role.clone()).or_default().insert(key.clone());
            if let Some(person) = &row.person {
                self.by_person.entry(person.clone()).or_default().insert(key.clone());
            }
            self.all_work.insert(key);
        }
        self.timers.extend(rows.timers.iter().map(|at| (*at, case)));
        self.groups.entry(rows.group()).or_default().insert(case);
    }
}

fn remove_under<K: Ord, V: Ord>(map: &mut BTreeMap<K, BTreeSet<V>>, key: &K, value: &V) {
    if let Some(set) = map.get_mut(key) {
        set.remove(value);
        if set.is_empty() {
            map.remove(key);
        }
    }
}

fn page(
    set: Option<&BTreeSet<WorkKey>>,
    after: Option<&WorkEntry>,
    limit: usize,
) -> Vec<WorkEntry> {
    let after = after.map(|entry| WorkKey::new(entry.case, &entry.row));
    let from = after.map_or(Unbounded, Excluded);
    let rows = set.into_iter().flat_map(|set| set.range((from.clone(), Unbounded)));
    rows.take(limit.min(MAX_PAGE)).cloned().map(WorkKey::into_entry).collect()
}

impl Store for MemoryStore {
    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        check::commit(&commit)?;
        let mut state = self.state();
        let Commit { command, changes, texts, sent, rests_on, meta } = commit;
        if let Some(command) = &command
            && let Some(first) = state.commands.get(&command.id)
        {
            let same_content = first.digest == command.digest;
            return Ok(Committed::Repeated { first: first.clone(), same_content });
        }
        for (name, value) in rests_on {
            if state.meta.get(&name) != value.as_ref() {
                return Ok(Committed::Stale(Conflict::Value { name }));
            }
        }
        if let Some(conflict) = state.conflict(&changes) {
            return Ok(Committed::Stale(conflict));
        }
        let cases: Vec<CaseKey> = changes.into_iter().map(|change| state.take_in(change)).collect();
        for (hash, text) in texts {
            state.texts.entry(hash).or_insert(text);
        }
        for id in sent {
            state.outbox.remove(&id);
        }
        for (name, value) in meta {
            match value {
                Some(value) => state.meta.insert(name, value),
                None => state.meta.remove(&name),
            };
        }
        if let Some(command) = command {
            let answered =
                Answered { digest: command.digest, answer: command.answer, cases: cases.clone() };
            state.commands.insert(command.id, answered);
        }
        Ok(Committed::Done(cases))
    }

    fn case(&self, case: CaseKey) -> Result<Option<StoredCase>, StoreError> {
        Ok(self.state().cases.get(&case).map(|held| held.stored.clone()))
    }

    fn history(&self, case: CaseKey, after: Revision) -> Result<Vec<EventRecord>, StoreError> {
        let state = self.state();
        let sequences = state.cases.get(&case).map(|held| held.events.as_slice());
        let skipped = usize::try_from(after.0).unwrap_or(usize::MAX);
        let wanted = sequences.unwrap_or_default().iter().skip(skipped);
        let place = |sequence: &u64| usize::try_from(sequence.saturating_sub(1)).ok();
        Ok(wanted.filter_map(|seq| state.log.get(place(seq)?).cloned()).collect())
    }

    fn log(&self, after: u64, limit: usize) -> Result<Vec<EventRecord>, StoreError> {
        let skipped = usize::try_from(after).unwrap_or(usize::MAX);
        let state = self.state();
        Ok(state.log.iter().skip(skipped).take(limit.min(MAX_PAGE)).cloned().collect())
    }

    fn find_reference(&self, reference: &str) -> Result<Option<CaseKey>, StoreError> {
        Ok(self.state().references.get(&backwards(reference)).copied())
    }

    fn references_ending(
        &self,
        end: &str,
        limit: usize,
    ) -> Result<Vec<(String, CaseKey)>, StoreError> {
        let prefix = backwards(end);
        let state = self.state();
        let from = state.references.range(prefix.clone()..);
        let found = from.take_while(|(key, _)| key.starts_with(&prefix)).take(limit.min(MAX_PAGE));
        let read = |(key, case): (&Vec<u8>, &CaseKey)| {
            let reference: Vec<u8> = key.iter().rev().copied().collect();
            (String::from_utf8_lossy(&reference).into_owned(), *case)
        };
        Ok(found.map(read).collect())
    }

    fn answer(&self, command: &CommandId) -> Result<Option<Answered>, StoreError> {
        Ok(self.state().commands.get(command).cloned())
    }

    fn text(&self, version: &VersionHash) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state().texts.get(version).cloned())
    }

    fn texts(
        &self,
        after: Option<VersionHash>,
        limit: usize,
    ) -> Result<Vec<VersionHash>, StoreError> {
        let from = after.map_or(Unbounded, Excluded);
        let state = self.state();
        let hashes = state.texts.range((from, Unbounded)).map(|(hash, _)| *hash);
        Ok(hashes.take(limit.min(MAX_PAGE)).collect())
    }

    fn work_of_role(
        &self,
        role: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        Ok(page(self.state().by_role.get(role), after, limit))
    }

    fn work_of_person(
        &self,
        person: &str,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        Ok(page(self.state().by_person.get(person), after, limit))
    }

    fn all_work(
        &self,
        after: Option<&WorkEntry>,
        limit: usize,
    ) -> Result<Vec<WorkEntry>, StoreError> {
        Ok(page(Some(&self.state().all_work), after, limit))
    }

    fn timers_due(
        &self,
        until: i64,
        after: Option<(i64, CaseKey)>,
        limit: usize,
    ) -> Result<Vec<(i64, CaseKey)>, StoreError> {
        let from = after.map_or(Unbounded, Excluded);
        let last = (until, CaseKey(u64::MAX));
        // A range that ends before it starts is a panic, not an empty range.
        if after.is_some_and(|after| after >= last) {
            return Ok(Vec::new());
        }
        let state = self.state();
        let due = state.timers.range((from, Included(last))).copied();
        Ok(due.take(limit.min(MAX_PAGE)).collect())
    }

    fn next_timer(&self) -> Result<Option<(i64, CaseKey)>, StoreError> {
        Ok(self.state().timers.first().copied())
    }

    fn cases(
        &self,
        filter: &CaseFilter<'_>,
        after: Option<CaseKey>,
        limit: usize,
    ) -> Result<Vec<CaseRow>, StoreError> {
        let state = self.state();
        let limit = limit.min(MAX_PAGE);
        let from = after.map_or(Unbounded, Excluded);
        let groups = state.groups.iter().filter(|(group, _)| filter.takes(group));
        let first = groups.flat_map(|(_, cases)| cases.range((from, Unbounded)).take(limit));
        let keys: BTreeSet<CaseKey> = first.copied().collect();
        let held = keys.into_iter().take(limit);
        let row = |case| Some(case_row(case, state.cases.get(&case)?.stored.clone()));
        Ok(held.filter_map(row).collect())
    }

    fn counts(&self) -> Result<Vec<(Group, u64)>, StoreError> {
        let state = self.state();
        Ok(state.groups.iter().map(|(group, set)| (group.clone(), set.len() as u64)).collect())
    }

    fn next_number(&self, series: &str) -> Result<u64, StoreError> {
        Ok(self.state().numbers.get(series).map_or(1, |last| last.saturating_add(1)))
    }

    fn outbox(&self, after: u64, limit: usize) -> Result<Vec<OutboxLetter>, StoreError> {
        let state = self.state();
        let waiting = state.outbox.range((Excluded(after), Unbounded)).take(limit.min(MAX_PAGE));
        let row = |(id, (case, letter)): (&u64, &(CaseKey, Letter))| OutboxLetter {
            id: *id,
            case: *case,
            letter: letter.clone(),
        };
        Ok(waiting.map(row).collect())
    }

    fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.state().meta.get(name).cloned())
    }
}
