//! Letters on their way out: kept with the events that made them, delivered after the commit, and again after a crash.
//!
//! A letter waits in the store until it was delivered. Whoever delivers it twice delivers it once, since its name tells
//! its content.

use super::{Engine, EngineError};
use crate::case::{
    Case, Event, Fact, LetterCase, LetterRecord, events_read, letter_file_name, make_letter,
};
use crate::procedure::{Name, Procedure};
use crate::store::Letter;
use serde::{Deserialize, Serialize};
use std::io;

/// How many letters are looked at together.
const PAGE: usize = 200;

/// Where letters are delivered.
pub trait Delivery: Send + Sync {
    /// Takes a letter as a file of this name; the same name again is the same letter.
    ///
    /// # Errors
    /// What the system says; the letter waits then, and is tried again.
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
}

/// What became of the letters that waited.
#[derive(Debug, Default)]
pub struct Delivered {
    /// The files that were written.
    pub files: Vec<String>,
    /// The files that could not be written, and why; they wait.
    pub failed: Vec<(String, io::Error)>,
}

/// What the outbox keeps of a letter.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    case: String,
    revision: u64,
    letter: Name,
    of: Name,
    files: Vec<KeptFile>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptFile {
    name: String,
    text: String,
}

impl Engine {
    /// Delivers the letters that wait, in order. Those of procedures without templates are made elsewhere, and wait for
    /// nobody. Without a place to deliver to, all wait.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the store fails.
    pub fn deliver(&self) -> Result<Delivered, EngineError> {
        let mut delivered = Delivered::default();
        let Some(delivery) = self.delivery() else { return Ok(delivered) };
        let mut after = 0;
        loop {
            let waiting = self.store().outbox(after, PAGE)?;
            let Some(last) = waiting.last().map(|letter| letter.id) else { return Ok(delivered) };
            let mut done = Vec::new();
            for letter in waiting {
                // A letter of earlier days has no files: it was made elsewhere.
                let kept: Option<Kept> = serde_json::from_slice(&letter.letter.payload).ok();
                let files = kept.map(|kept| kept.files).unwrap_or_default();
                let mut whole = true;
                for file in files {
                    match delivery.put(&file.name, file.text.as_bytes()) {
                        Ok(()) => delivered.files.push(file.name),
                        Err(error) => {
                            whole = false;
                            delivered.failed.push((file.name, error));
                        }
                    }
                }
                if whole {
                    done.push(letter.id);
                }
            }
            if !done.is_empty() {
                self.store().outbox_done(&done)?;
            }
            after = last;
        }
    }
}

/// Returns the letters that these events make or send, for the outbox. `before` is the case before the first of them.
pub(super) fn letters(procedure: &Procedure, before: &Case, events: &[Event]) -> Vec<Letter> {
    let mut letters = new_letters(procedure, before, events, &|_| true);
    for event in events {
        if let Fact::Retold { history, .. } = &event.fact {
            let is_new = |one: &Event| one.revision == event.revision;
            letters.extend(new_letters(procedure, &Case::default(), history, &is_new));
        }
    }
    letters
}

/// Returns the letters of those of these events that are new.
fn new_letters(
    procedure: &Procedure,
    before: &Case,
    events: &[Event],
    is_new: &dyn Fn(&Event) -> bool,
) -> Vec<Letter> {
    let mut letters = Vec::new();
    let mut case: Option<(Case, usize)> = None;
    for (place, event) in events.iter().enumerate() {
        if !is_new(event) {
            continue;
        }
        let Some(record) = LetterRecord::of_event(event) else { continue };
        // A letter that was sent by hand was made before, and lies there.
        if matches!(event.fact, Fact::LetterSent { .. }) && event.by.is_some() {
            continue;
        }
        let (known, applied) = case.take().unwrap_or_else(|| (before.clone(), 0));
        let until = events.get(applied..place).unwrap_or_default();
        let acted = until.iter().fold(known, Case::apply);
        let follows = events.iter().skip(place).take(events_read(Some(event)));
        let settled = follows.fold(acted.clone(), Case::apply);
        let of_case = LetterCase { acted, settled };
        let opening = of_case.acted.opening.as_ref();
        let reference = opening.map(|opening| opening.reference.clone()).unwrap_or_default();
        let files = record.addressees.iter().flat_map(|to| {
            // INVARIANT: it was made when it was decided, of the same case.
            let made = make_letter(procedure, &of_case, &record, to).unwrap_or_default();
            let name = |made: &crate::case::MadeLetter| KeptFile {
                name: letter_file_name(&reference, &record.letter, to, &made.file()),
                text: made.text.clone(),
            };
            made.iter().map(name).collect::<Vec<_>>()
        });
        let kept = Kept {
            files: files.collect(),
            case: reference.clone(),
            revision: event.revision,
            letter: record.letter.clone(),
            of: record.of.clone(),
        };
        letters.push(Letter {
            name: record.letter.to_string(),
            payload: serde_json::to_vec(&kept).unwrap_or_default(),
        });
        case = Some((of_case.acted, place));
    }
    letters
}
