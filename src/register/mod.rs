//! The account of all cases: work lists, and what runs on which version.
//!
//! It reads the store's indexes and never scans all cases.

use crate::store::{CaseFilter, CaseKey, Group, Store, StoreError, VersionHash, WorkEntry};
use std::collections::BTreeMap;

/// A row of the work list, with the case that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// The row.
    pub entry: WorkEntry,
    /// What people call the case.
    pub reference: String,
}

/// Whose work is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// What was given to one of the people, and what nobody was given yet in one of the roles.
    Person {
        /// The person, and those for whom the person stands in.
        people: Vec<String>,
        /// The roles that they hold.
        roles: Vec<String>,
    },
    /// Everything for one role.
    Role(String),
    /// Everything.
    All,
}

/// Returns what is to be done, the most urgent first, at most `limit` rows.
///
/// What several roles may do is one row for each of them in the index, and is one row here.
///
/// `sees` says which cases there are for whoever asks; the others take nobody's place in the list.
///
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn work(
    store: &dyn Store,
    whose: &Whose,
    limit: usize,
    sees: &dyn Fn(CaseKey) -> bool,
) -> Result<Vec<Work>, StoreError> {
    let mut known: BTreeMap<CaseKey, bool> = BTreeMap::new();
    let mut seen = |entry: &WorkEntry| *known.entry(entry.case).or_insert_with(|| sees(entry.case));
    let all = |after: Option<&WorkEntry>, most| store.all_work(after, most);
    let mut entries = match whose {
        Whose::All => collect(limit, &mut seen, &all)?,
        Whose::Role(role) => {
            collect(limit, &mut seen, &|after, most| store.work_of_role(role, after, most))?
        }
        Whose::Person { people, roles } => {
            let mut entries = Vec::new();
            for person in people {
                let own =
                    |after: Option<&WorkEntry>, most| store.work_of_person(person, after, most);
                entries.extend(collect(limit, &mut seen, &own)?);
            }
            for role in roles {
                let mut free = |entry: &WorkEntry| entry.row.person.is_none() && seen(entry);
                entries.extend(collect(limit, &mut free, &|after, most| {
                    store.work_of_role(role, after, most)
                })?);
            }
            entries
        }
    };
    entries.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
    entries
        .dedup_by(|a, b| a.case == b.case && a.row.step == b.row.step && a.row.item == b.row.item);
    entries.truncate(limit);
    let mut references = BTreeMap::new();
    let mut work = Vec::new();
    for entry in entries {
        let reference = if let Some(known) = references.get(&entry.case) {
            String::clone(known)
        } else {
            let found = store.case(entry.case)?;
            let reference = found.map(|case| case.rows.reference).unwrap_or_default();
            references.insert(entry.case, reference.clone());
            reference
        };
        work.push(Work { entry, reference });
    }
    Ok(work)
}

/// Returns a page of work after an entry.
type Page<'a> = &'a dyn Fn(Option<&WorkEntry>, usize) -> Result<Vec<WorkEntry>, StoreError>;

/// Returns the first `limit` entries that are wanted, page after page.
fn collect(
    limit: usize,
    wanted: &mut dyn FnMut(&WorkEntry) -> bool,
    page: Page<'_>,
) -> Result<Vec<WorkEntry>, StoreError> {
    let mut found = Vec::new();
    let mut after: Option<WorkEntry> = None;
    loop {
        let entries = page(after.as_ref(), limit)?;
        let full = entries.len() >= limit;
        after = entries.last().cloned();
        found.extend(entries.into_iter().filter(|entry| wanted(entry)));
        if !full || found.len() >= limit || after.is_none() {
            found.truncate(limit);
            return Ok(found);
        }
    }
}

fn urgency(entry: &WorkEntry) -> (bool, Option<i64>, u64, &str, Option<&str>) {
    let row = &entry.row;
    (row.due.is_none(), row.due, entry.case.0, row.step.as_str(), row.item.as_deref())
}

/// How many cases of a procedure run on a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The procedure.
    pub procedure: String,
    /// The version, as hexadecimal digits.
    pub version: String,
    /// How many cases there are with each status.
    pub by_status: BTreeMap<String, u64>,
    /// The reference of the newest case on it.
    pub example: Option<String>,
}

/// Returns how many cases there are on each version of each procedure.
///
/// `sees_all` says of which versions whoever asks sees every case, so that the counts of the index hold; of the others
/// the cases are looked at one by one, as `sees` says.
///
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn running(
    store: &dyn Store,
    sees_all: &dyn Fn(VersionHash) -> bool,
    sees: &dyn Fn(CaseKey) -> bool,
) -> Result<Vec<Running>, StoreError> {
    let mut running: BTreeMap<(String, String), Running> = BTreeMap::new();
    for (group, count) in store.counts()? {
        let all = sees_all(group.version);
        let count = if all { count } else { seen_of(store, &group, sees)? };
        if count == 0 {
            continue;
        }
        let key = (group.procedure.clone(), group.version.to_string());
        if !running.contains_key(&key) {
            let filter = CaseFilter {
                procedure: Some(&group.procedure),
                version: Some(group.version),
                status: None,
            };
            let example = store.cases(&filter, None, 1)?.pop();
            let example = example.filter(|row| sees_all(group.version) || sees(row.case));
            let example = example.map(|row| row.reference);
            let entry = Running {
                procedure: key.0.clone(),
                version: key.1.clone(),
                by_status: BTreeMap::new(),
                example,
            };
            running.insert(key.clone(), entry);
        }
        if let Some(entry) = running.get_mut(&key) {
            *entry.by_status.entry(group.status).or_default() += count;
        }
    }
    Ok(running.into_values().collect())
}

/// Returns how many cases of a group are seen.
fn seen_of(
    store: &dyn Store,
    group: &Group,
    sees: &dyn Fn(CaseKey) -> bool,
) -> Result<u64, StoreError> {
    const PAGE: usize = 500;
    let filter = CaseFilter {
        procedure: Some(&group.procedure),
        version: Some(group.version),
        status: Some(&group.status),
    };
    let mut seen = 0;
    let mut after = None;
    loop {
        let page = store.cases(&filter, after, PAGE)?;
        seen += page.iter().filter(|row| sees(row.case)).map(|_| 1).sum::<u64>();
        match page.last() {
            Some(last) if page.len() >= PAGE => after = Some(last.case),
            Some(_) | None => return Ok(seen),
        }
    }
}
