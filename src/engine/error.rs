//! Why the engine did not do what it was asked.

use super::{CaseFile, DocumentError};
use crate::case::Refusal;
use crate::diagnostic::Diagnostic;
use crate::store::StoreError;

/// Why the engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The procedure doesn't allow it. Handling: show it to the actor.
    #[error("refused: {}", refusal.code())]
    Refused {
        /// Why not, and what would help.
        refusal: Box<Refusal>,
        /// The case as it stands.
        file: Option<Box<CaseFile>>,
    },
    /// The case changed since the actor saw it. Handling: read again, and ask again.
    #[error("the case changed meanwhile")]
    Stale {
        /// What the actor saw, and what is.
        refusal: Box<Refusal>,
        /// The case as it stands.
        file: Box<CaseFile>,
    },
    /// There is no such case. Handling: check the number.
    #[error("there is no case `{reference}`")]
    NoSuchCase {
        /// What was asked for.
        reference: String,
        /// The cases that it could mean.
        several: Vec<String>,
    },
    /// Another command has the same id. Handling: give each command an id of its own.
    #[error("the command id `{id}` was used for something else")]
    IdTaken {
        /// The id.
        id: String,
    },
    /// Others were first, time and again. Handling: try again.
    #[error("others were first, time and again")]
    Busy,
    /// Nobody knows whether it was written. Handling: ask again with the same command id.
    #[error("the store failed while writing, and it is not known whether the act was kept")]
    Unknown(#[source] StoreError),
    /// The store fails. Handling: see its reason.
    #[error(transparent)]
    Store(StoreError),
    /// A document can't be kept. Handling: see its reason; nothing was recorded.
    #[error(transparent)]
    Document(DocumentError),
    /// What is stored can't be read. Handling: restore a backup.
    #[error("the {0} that is stored can't be read")]
    Unreadable(&'static str),
    /// A stored text does not compile. Handling: it was altered, or written by a newer release.
    #[error("the stored text of a procedure does not compile")]
    Findings(Vec<Diagnostic>),
}
