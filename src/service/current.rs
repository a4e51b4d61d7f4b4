//! What commands rest on at one moment: settings, people, calendars, and the engine that counts by them.

use super::words;
use crate::catalog::{Organisation, Premises, PremisesText, Workspace, WorkspaceError, file};
use crate::engine::{
    Clock, DocumentFolder, DocumentLimits, Engine, EngineError, LetterFolder, Procedures,
};
use crate::store::Store;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a command rests on from its beginning to its end, whatever is saved meanwhile.
#[derive(Clone)]
pub struct Current {
    /// The settings.
    pub workspace: Arc<Workspace>,
    /// The people.
    pub organisation: Arc<Organisation>,
    /// The engine, which counts by the calendars of the workspace.
    pub engine: Arc<Engine>,
    /// The folder into which letters are written.
    pub letters: LetterFolder,
    /// The folder in which documents lie.
    pub documents: Arc<DocumentFolder>,
    /// The texts of settings, people and calendars.
    pub premises: Arc<PremisesText>,
}

/// Where cases are kept, and how.
#[derive(Clone)]
pub struct Keep {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Its file: folders lie beside it.
    pub path: PathBuf,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Whether letters are written as soon as they are sent.
    pub delivers: bool,
}

/// Why there is nothing to rest on.
#[derive(Debug)]
pub enum NoPremises {
    /// The folder is wrong, and nothing sound was ever kept of it.
    Workspace(WorkspaceError),
    /// The store fails.
    Engine(EngineError),
}

impl<E: Into<EngineError>> From<E> for NoPremises {
    fn from(error: E) -> Self {
        Self::Engine(error.into())
    }
}

impl Current {
    /// Returns what commands rest on by these premises. Procedures that cases open are found in the workspace, or where
    /// `procedures` says.
    pub fn of(premises: Premises, keep: &Keep, procedures: Option<Arc<dyn Procedures>>) -> Self {
        let Premises { workspace, organisation, almanac, text } = premises;
        let workspace = Arc::new(workspace);
        let letters = LetterFolder::at(file::at(&workspace.letters_beside(&keep.path)));
        let limits = limits(&workspace);
        let documents = file::at(&workspace.documents_beside(&keep.path));
        let documents = Arc::new(DocumentFolder::at(documents, limits));
        let engine = Engine::counting_by(Arc::clone(&keep.store), Arc::clone(&keep.clock), almanac);
        let engine = engine.keeping_documents_in(Arc::clone(&documents));
        let engine = engine.finding(procedures.unwrap_or_else(|| Arc::clone(&workspace) as _));
        let engine =
            if keep.delivers { engine.delivering_to(Arc::new(letters.clone())) } else { engine };
        let (organisation, engine) = (Arc::new(organisation), Arc::new(engine));
        Self { workspace, organisation, engine, letters, documents, premises: Arc::new(text) }
    }
}

/// Returns what was read of a folder, or the last that was sound where it is wrong, with what is wrong then.
///
/// # Errors
/// [`NoPremises`] when nothing was ever kept, or the store fails.
pub fn sound(
    read: Result<Premises, WorkspaceError>,
    folder: &Path,
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
) -> Result<(Premises, Vec<String>), NoPremises> {
    let error = match read {
        Ok(premises) => return Ok((premises, Vec::new())),
        Err(error) => error,
    };
    let kept = Engine::new(Arc::clone(store), Arc::clone(clock)).premises()?;
    match kept.map(|kept| Premises::of(folder, kept)) {
        Some(Ok(premises)) => Ok((premises, words::of_workspace(&error))),
        // What was kept is of another version of verloop, or there is none.
        Some(Err(_)) | None => Err(NoPremises::Workspace(error)),
    }
}

/// Returns what is taken in as a document.
fn limits(workspace: &Workspace) -> DocumentLimits {
    let (said, usual) = (&workspace.documents, DocumentLimits::default());
    DocumentLimits {
        largest: said.largest.unwrap_or(usual.largest),
        most: said.most.unwrap_or(usual.most),
        types: said.types.clone(),
    }
}
