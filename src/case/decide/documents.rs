//! Documents that are brought into a case, by themselves or with another act.

use super::authority::may_attach;
use super::{Deciding, asked};
use crate::case::command::{Act, Command};
use crate::case::documents::{Document, free_name};
use crate::case::event::Fact;
use crate::case::person::ActedBy;
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::state::Status;
use crate::procedure::Name;
use crate::time::Instant;

/// The most documents that one act brings in.
const MOST_AT_ONCE: usize = 100;
/// The most documents of one case.
const MOST_DOCUMENTS: usize = 10_000;
/// The longest title, in characters.
const LONGEST_TITLE: usize = 200;

/// Documents that an act brings in and that are not on record yet.
#[derive(Debug, Default)]
pub(super) struct Brought {
    documents: Vec<Document>,
    /// The act, where it is another than to bring them in.
    with: Option<Name>,
}

impl Brought {
    /// Whether everything that came is on record.
    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }
}

impl Deciding<'_> {
    /// Takes in which documents a command brings. They come on record with the first thing that the act does.
    pub(super) fn bring(&mut self, command: &Command) -> Result<(), Refusal> {
        let act = asked(&command.act);
        if command.documents.len() > MOST_AT_ONCE {
            let why = Why::TooLarge { what: "documents at once", most: MOST_AT_ONCE };
            return Err(Refusal::new(act, why));
        }
        if self.case.documents.len().saturating_add(command.documents.len()) > MOST_DOCUMENTS {
            let why = Why::TooLarge { what: "documents", most: MOST_DOCUMENTS };
            return Err(Refusal::new(act, why));
        }
        for document in &command.documents {
            if !document.is_whole() {
                return Err(Refusal::new(act, Why::NotADocument));
            }
            let title = document.title.as_deref().unwrap_or_default();
            if title.chars().count() > LONGEST_TITLE {
                let why = Why::TooLarge { what: "title", most: LONGEST_TITLE };
                return Err(Refusal::new(act, why));
            }
        }
        let with = (!matches!(command.act, Act::Attach)).then(|| Name::from(act));
        self.brought = Brought { documents: command.documents.clone(), with };
        Ok(())
    }

    /// Puts on record what an act brings in.
    pub(super) fn take_in_documents(
        &mut self,
        at: Instant,
        by: Option<&ActedBy>,
    ) -> Result<(), Refusal> {
        let Brought { documents, with } = std::mem::take(&mut self.brought);
        for document in documents {
            let later = self.telling.iter().flat_map(|telling| &telling.documents);
            let known: Vec<_> = self.case.documents.iter().chain(later).collect();
            let number = known.iter().map(|known| known.number).max().unwrap_or(0);
            let number = number.saturating_add(1);
            let taken = |name: &str| known.iter().any(|known| known.document.name == name);
            let name = free_name(&document.name, &taken);
            let title = document.title.map(|title| title.trim().to_owned());
            let title = title.filter(|title| !title.is_empty());
            let document = Document { name, title, ..document };
            let fact = Fact::DocumentAdded { number, document, with: with.clone() };
            self.happen(at, by.cloned(), fact)?;
        }
        Ok(())
    }

    /// Brings documents into the case, and does nothing else.
    pub(super) fn attach(&mut self, command: &Command) -> Result<(), Refusal> {
        let act = asked(&command.act);
        if matches!(self.case.status, Status::Archived { .. }) {
            let status = Box::new(self.case.status.clone());
            return Err(Refusal::new(act, Why::CaseNotOpen { status }));
        }
        if command.documents.is_empty() {
            return Err(Refusal::new(act, Why::NothingAttached));
        }
        let opened_at = self.case.opening.as_ref().map(|opening| opening.opened_at);
        if let Some(opened_at) = opened_at.filter(|opened_at| command.at < *opened_at) {
            let refusal = Refusal::new(act, Why::BeforeWhatHappened { latest: opened_at });
            return Err(refusal.unless(Remedy::DateFrom { at: opened_at }));
        }
        let role = may_attach(self.procedure, &self.case, &command.actor)?;
        let by = self.acted_by(command, Some(role));
        self.take_in_documents(command.at, Some(&by))
    }
}
