//! One commit: everything is looked at before anything is written, and an error is followed until it is known what it
//! left.

use super::tables::{Fault, Inner, Writable, damaged, fenced, writable};
use super::{
    BY_PERSON, BY_ROLE, CASES, COMMANDS, COUNTS, GROUPS, Handle, LAST, LAST_CASE, LAST_LETTER, LOG,
    META, NUMBERS, OUTBOX, REFERENCES, Record, RedbStore, TEXTS, TIMERS, case_id, group_key, known,
    number_of, person_key, read_answered, read_record, role_key, timer_key, write_answered,
    write_event, write_letter, write_record,
};
use crate::store::{
    Answered, CaseKey, Change, CommandRecord, Commit, Committed, Conflict, EventRecord, Group,
    Revision, Rows, Store, StoreError, StoredCase, Target, backwards,
};
use redb::WriteTransaction;
use std::collections::{BTreeMap, BTreeSet};

/// How far an attempt came.
enum Attempt {
    /// There was nothing to write.
    Answered(Committed),
    /// It is on the disk.
    Written(Vec<CaseKey>),
    /// It failed before anything could reach the disk for good.
    NotWritten(Fault),
    /// It failed, and only the file can tell.
    Unclear(Fault),
}

impl RedbStore {
    pub(super) fn write(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.open_again()?;
        let command = commit.command.clone();
        match self.attempt(commit) {
            Attempt::Answered(answer) => Ok(answer),
            Attempt::Written(cases) => Ok(Committed::Done(cases)),
            Attempt::NotWritten(fault) => {
                self.lose();
                Err(self.explain("written", fault))
            }
            Attempt::Unclear(fault) => {
                self.lose();
                self.look_up(command.as_ref(), self.explain("written", fault))
            }
        }
    }

    /// Says what became of a commit whose writing ended in `error`.
    fn look_up(
        &self,
        command: Option<&CommandRecord>,
        error: StoreError,
    ) -> Result<Committed, StoreError> {
        let Some(command) = command else { return Ok(Committed::Unknown(error)) };
        // Asking opens the file again, which settles what is in it. The id was not there before, so what stands under
        // it now is this command.
        match self.answer(&command.id) {
            Ok(Some(answered)) if answered.digest == command.digest => {
                Ok(Committed::Done(answered.cases))
            }
            Ok(Some(first)) => Ok(Committed::Repeated { first, same_content: false }),
            Ok(None) => Err(error),
            Err(_) => Ok(Committed::Unknown(error)),
        }
    }

    fn attempt(&self, commit: Commit) -> Attempt {
        let handle = self.held();
        let Handle::Writing(database) = &*handle else {
            return Attempt::NotWritten(redb::Error::PreviousIo.into());
        };
        let prepared = fenced(|| {
            let mut txn = database.begin_write()?;
            txn.set_two_phase_commit(true);
            txn.set_quick_repair(self.settings.quick_repair);
            let written = Tables::open(&txn)?.write(commit)?;
            match written {
                Ok(cases) => Ok(Ok((txn, cases))),
                Err(answer) => {
                    txn.abort()?;
                    Ok(Err(answer))
                }
            }
        });
        match prepared {
            Err(fault) => Attempt::NotWritten(fault),
            Ok(Err(answer)) => Attempt::Answered(answer),
            Ok(Ok((txn, cases))) => match fenced(|| Ok(txn.commit()?)) {
                Ok(()) => Attempt::Written(cases),
                Err(fault) => Attempt::Unclear(fault),
            },
        }
    }
}

struct Tables<'t> {
    log: Writable<'t>,
    cases: Writable<'t>,
    references: Writable<'t>,
    groups: Writable<'t>,
    counts: Writable<'t>,
    by_role: Writable<'t>,
    by_person: Writable<'t>,
    timers: Writable<'t>,
    commands: Writable<'t>,
    texts: Writable<'t>,
    numbers: Writable<'t>,
    outbox: Writable<'t>,
    meta: Writable<'t>,
    last: Writable<'t>,
}

impl<'t> Tables<'t> {
    fn open(txn: &'t WriteTransaction) -> Inner<Self> {
        Ok(Self {
            log: writable(txn, LOG)?,
            cases: writable(txn, CASES)?,
            references: writable(txn, REFERENCES)?,
            groups: writable(txn, GROUPS)?,
            counts: writable(txn, COUNTS)?,
            by_role: writable(txn, BY_ROLE)?,
            by_person: writable(txn, BY_PERSON)?,
            timers: writable(txn, TIMERS)?,
            commands: writable(txn, COMMANDS)?,
            texts: writable(txn, TEXTS)?,
            numbers: writable(txn, NUMBERS)?,
            outbox: writable(txn, OUTBOX)?,
            meta: writable(txn, META)?,
            last: writable(txn, LAST)?,
        })
    }

    /// Writes everything, or says why there is nothing to write.
    fn write(mut self, commit: Commit) -> Inner<Result<Vec<CaseKey>, Committed>> {
        let Commit { command, changes, texts, sent, rests_on, meta } = commit;
        if let Some(command) = &command
            && let Some(value) = self.commands.get(command.id.as_str().as_bytes())?
        {
            let first = known(COMMANDS, read_answered(&value))?;
            let same_content = first.digest == command.digest;
            return Ok(Err(Committed::Repeated { first, same_content }));
        }
        for (name, value) in rests_on {
            if self.meta.get(name.as_bytes())? != value {
                return Ok(Err(Committed::Stale(Conflict::Value { name })));
            }
        }
        let before = match self.records_before(&changes)? {
            Ok(before) => before,
            Err(conflict) => return Ok(Err(Committed::Stale(conflict))),
        };
        let mut cases = Vec::with_capacity(changes.len());
        for (change, before) in changes.into_iter().zip(before) {
            cases.push(self.change(change, before.as_ref())?);
        }
        for (version, text) in texts {
            if self.texts.get(&version.0)?.is_none() {
                self.texts.put(&version.0, &text)?;
            }
        }
        for id in sent {
            self.outbox.remove(&id.to_be_bytes())?;
        }
        for (name, value) in meta {
            match value {
                Some(value) => self.meta.put(name.as_bytes(), &value)?,
                None => self.meta.remove(name.as_bytes()).map(drop)?,
            }
        }
        if let Some(CommandRecord { id, digest, answer }) = command {
            let answered = Answered { digest, answer, cases: cases.clone() };
            self.commands.put(id.as_str().as_bytes(), &write_answered(&answered))?;
        }
        Ok(Ok(cases))
    }

    /// Reads what the changes start from, or finds what came in between.
    fn records_before(&self, changes: &[Change]) -> Inner<Result<Vec<Option<Record>>, Conflict>> {
        let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
        let mut records = Vec::with_capacity(changes.len());
        for change in changes {
            let mut own = None;
            match &change.target {
                Target::Existing { case, expected } => {
                    let value = self.cases.get(&case_id(*case))?;
                    let record =
                        value.map(|value| known(CASES, read_record(&value))).transpose()?;
                    let actual =
                        record.as_ref().map_or(Revision(0), |record| record.stored.revision);
                    if record.is_none() || actual != *expected {
                        return Ok(Err(Conflict::Case { case: *case, actual }));
                    }
                    own = Some(*case);
                    records.push(record);
                }
                Target::New { number } => {
                    if let Some(number) = number {
                        let series = number.series.as_str();
                        let last = match taken.get(series) {
                            Some(last) => *last,
                            None => number_in(&self.numbers, series.as_bytes())?,
                        };
                        let next = last.saturating_add(1);
                        if number.number != next {
                            let series = series.to_owned();
                            return Ok(Err(Conflict::Number { series, next }));
                        }
                        taken.insert(series, next);
                    }
                    records.push(None);
                }
            }
            let reference = &change.rows.reference;
            if let Some(value) = self.references.get(&backwards(reference))? {
                let case = CaseKey(number_of(REFERENCES, &value)?);
                if Some(case) != own {
                    return Ok(Err(Conflict::Reference { reference: reference.clone(), case }));
                }
            }
        }
        Ok(Ok(records))
    }

    fn change(&mut self, change: Change, before: Option<&Record>) -> Inner<CaseKey> {
        let Change { target, events, snapshot, rows, outbox } = change;
        let rows = rows.sorted();
        let case = match target {
            Target::Existing { case, .. } => case,
            Target::New { number } => {
                if let Some(number) = number {
                    self.numbers.put(number.series.as_bytes(), &number.number.to_be_bytes())?;
                }
                CaseKey(next_key(&mut self.last, LAST_CASE)?)
            }
        };
        let start = before
            .as_ref()
            .map_or((Revision(0), 0), |record| (record.stored.revision, record.last_sequence));
        let (revision, last_sequence) = self.append(case, start, events)?;
        self.index(case, before.map(|record| &record.stored.rows), &rows)?;
        let record = Record { stored: StoredCase { revision, snapshot, rows }, last_sequence };
        self.cases.put(&case_id(case), &write_record(&record))?;
        for letter in &outbox {
            let id = next_key(&mut self.last, LAST_LETTER)?;
            self.outbox.put(&id.to_be_bytes(), &write_letter(case, letter))?;
        }
        Ok(case)
    }

    /// Adds events behind those of the case; returns its revision and the sequence of its last event.
    fn append(
        &mut self,
        case: CaseKey,
        (mut revision, mut before): (Revision, u64),
        events: Vec<Vec<u8>>,
    ) -> Inner<(Revision, u64)> {
        let last = self.log.last_key()?;
        let mut sequence = last.map_or(Ok(0), |key| number_of(LOG, &key))?;
        for payload in events {
            sequence = sequence.checked_add(1).ok_or_else(|| damaged(LOG, "no key is left"))?;
            revision = Revision(revision.0.saturating_add(1));
            let event = EventRecord { sequence, case, revision, payload };
            self.log.put(&sequence.to_be_bytes(), &write_event(&event, before))?;
            before = sequence;
        }
        Ok((revision, before))
    }

    /// Moves the index keys that changed.
    fn index(&mut self, case: CaseKey, before: Option<&Rows>, after: &Rows) -> Inner<()> {
        if before.map(|rows| &rows.reference) != Some(&after.reference) {
            if let Some(rows) = before {
                self.references.remove_surely(&backwards(&rows.reference))?;
            }
            self.references.put(&backwards(&after.reference), &case_id(case))?;
        }
        let group = after.group();
        let group_before = before.map(Rows::group);
        if group_before.as_ref() != Some(&group) {
            if let Some(old) = &group_before {
                self.groups.remove_surely(&in_group(old, case))?;
                self.count(old, |count| count.checked_sub(1))?;
            }
            self.groups.put(&in_group(&group, case), &[])?;
            self.count(&group, |count| count.checked_add(1))?;
        }

        let old: BTreeSet<_> = before.into_iter().flat_map(|rows| &rows.work).collect();
        let new: BTreeSet<_> = after.work.iter().collect();
        for row in old.difference(&new) {
            self.by_role.remove_surely(&role_key(case, row))?;
            if let Some(person) = &row.person {
                self.by_person.remove_surely(&person_key(person, case, row))?;
            }
        }
        for row in new.difference(&old) {
            self.by_role.put(&role_key(case, row), &[])?;
            if let Some(person) = &row.person {
                self.by_person.put(&person_key(person, case, row), &[])?;
            }
        }

        let old: BTreeSet<_> = before.into_iter().flat_map(|rows| &rows.timers).collect();
        let new: BTreeSet<_> = after.timers.iter().collect();
        for at in old.difference(&new) {
            self.timers.remove_surely(&timer_key(**at, case))?;
        }
        for at in new.difference(&old) {
            self.timers.put(&timer_key(**at, case), &[])?;
        }
        Ok(())
    }

    fn count(&mut self, group: &Group, change: fn(u64) -> Option<u64>) -> Inner<()> {
        let key = group_key(group);
        let count = change(number_in(&self.counts, &key)?);
        match count.ok_or_else(|| damaged(COUNTS, "a count is wrong"))? {
            0 => self.counts.remove_surely(&key),
            count => self.counts.put(&key, &count.to_be_bytes()),
        }
    }
}

fn in_group(group: &Group, case: CaseKey) -> Vec<u8> {
    [group_key(group).as_slice(), &case_id(case)].concat()
}

/// Returns the number under `key`, 0 if there is none.
fn number_in(table: &Writable<'_>, key: &[u8]) -> Inner<u64> {
    table.get(key)?.map_or(Ok(0), |value| number_of(table.name(), &value))
}

/// Gives the next key of a kind.
fn next_key(last: &mut Writable<'_>, kind: &[u8]) -> Inner<u64> {
    let next = number_in(last, kind)?.checked_add(1);
    let next = next.ok_or_else(|| damaged(LAST, "no key is left"))?;
    last.put(kind, &next.to_be_bytes())?;
    Ok(next)
}
