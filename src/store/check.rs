//! The limits of a commit, the same for every store.

use super::{Change, Commit, MAX_LIST, MAX_NAME, MAX_PAYLOAD, Rows, StoreError, Target};
use std::collections::BTreeSet;

/// Refuses what no store takes, before anything is touched.
pub(super) fn commit(commit: &Commit) -> Result<(), StoreError> {
    let Commit { command, changes, texts, sent, rests_on, meta } = commit;
    if let Some(command) = command {
        payload("answer", &command.answer)?;
    }
    list("list of changes", changes)?;
    list("list of texts", texts)?;
    list("list of sent letters", sent)?;
    list("list of named values", meta)?;
    list("list of named values that it rests on", rests_on)?;
    let mut seen = BTreeSet::new();
    let mut references = BTreeSet::new();
    for one in changes {
        if let Target::Existing { case, .. } = &one.target
            && !seen.insert(*case)
        {
            return Err(StoreError::Invalid {
                what: "case",
                why: "is changed twice in one commit",
            });
        }
        if !references.insert(one.rows.reference.as_str()) {
            let why = "is given to two cases in one commit";
            return Err(StoreError::Invalid { what: "reference", why });
        }
        change(one)?;
    }
    texts.iter().try_for_each(|(_, text)| payload("procedure text", text))?;
    for (key, value) in meta.iter().chain(rests_on) {
        name("name of a value", key, MAX_NAME)?;
        payload("named value", value.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

fn change(change: &Change) -> Result<(), StoreError> {
    let Change { target, events, snapshot, rows: found_by, outbox } = change;
    if let Target::New { number } = target {
        if events.is_empty() {
            return Err(StoreError::Invalid { what: "new case", why: "has no event" });
        }
        if let Some(number) = number {
            name("series", &number.series, MAX_NAME)?;
            if number.number == 0 || number.number == u64::MAX {
                return Err(StoreError::Invalid { what: "number", why: "is out of range" });
            }
        }
    }
    list("list of events", events)?;
    events.iter().try_for_each(|event| payload("event", event))?;
    payload("snapshot", snapshot)?;
    rows(found_by)?;
    list("outbox", outbox)?;
    for letter in outbox {
        name("name of a letter", &letter.name, MAX_NAME)?;
        payload("letter", &letter.payload)?;
    }
    Ok(())
}

fn rows(rows: &Rows) -> Result<(), StoreError> {
    let Rows { reference, procedure, version: _, status, opened_on: _, work, timers } = rows;
    name("reference", reference, MAX_NAME)?;
    name("procedure", procedure, MAX_NAME)?;
    name("status", status, MAX_NAME)?;
    list("list of work", work)?;
    list("list of timers", timers)?;
    for row in work {
        name("role", &row.role, MAX_NAME)?;
        name("step", &row.step, MAX_NAME)?;
        row.person.as_deref().map_or(Ok(()), |person| name("person", person, MAX_NAME))?;
        row.item.as_deref().map_or(Ok(()), |item| name("item", item, MAX_NAME))?;
    }
    Ok(())
}

/// Refuses a name that is empty, too long, or holds control characters (index keys end names with one).
pub(super) fn name(what: &'static str, name: &str, longest: usize) -> Result<(), StoreError> {
    let why = if name.is_empty() {
        "is empty"
    } else if name.len() > longest {
        "is too long"
    } else if name.chars().any(char::is_control) {
        "holds control characters"
    } else {
        return Ok(());
    };
    Err(StoreError::Invalid { what, why })
}

fn payload(what: &'static str, payload: &[u8]) -> Result<(), StoreError> {
    if payload.len() > MAX_PAYLOAD {
        return Err(StoreError::Invalid { what, why: "is too large" });
    }
    Ok(())
}

fn list<T>(what: &'static str, list: &[T]) -> Result<(), StoreError> {
    if list.len() > MAX_LIST {
        return Err(StoreError::Invalid { what, why: "is too long" });
    }
    Ok(())
}
