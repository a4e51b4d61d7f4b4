//! The account of all cases: work lists, and what runs on which version.
//!
//! It reads the store's indexes and never scans all cases.

use crate::store::{CaseFilter, Store, StoreError, WorkEntry};
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
    /// What was given to the person, and what nobody was given yet in one of the roles.
    Person {
        /// The person.
        person: String,
        /// The roles that the person holds.
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
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn work(store: &dyn Store, whose: &Whose, limit: usize) -> Result<Vec<Work>, StoreError> {
    let mut entries = match whose {
        Whose::All => store.all_work(None, limit)?,
        Whose::Role(role) => store.work_of_role(role, None, limit)?,
        Whose::Person { person, roles } => {
            let mut entries = store.work_of_person(person, None, limit)?;
            for role in roles {
                let of_role = store.work_of_role(role, None, limit)?;
                entries.extend(of_role.into_iter().filter(|entry| entry.row.person.is_none()));
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
/// # Errors
/// [`StoreError`] when the store can't be read.
pub fn running(store: &dyn Store) -> Result<Vec<Running>, StoreError> {
    let mut running: BTreeMap<(String, String), Running> = BTreeMap::new();
    for (group, count) in store.counts()? {
        let key = (group.procedure.clone(), group.version.to_string());
        if !running.contains_key(&key) {
            let filter = CaseFilter {
                procedure: Some(&group.procedure),
                version: Some(group.version),
                status: None,
            };
            let example = store.cases(&filter, None, 1)?.pop().map(|row| row.reference);
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
