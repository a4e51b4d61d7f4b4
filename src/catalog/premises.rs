//! What the procedures of a workspace rest on: its settings, the people of the organisation, and its own calendars.
//!
//! They are read at one moment and taken as a whole, or not at all: a file that is half written, wrong or gone must not
//! change who may do what. The last sound ones are kept in the store, so that a broken folder stops nothing.

use super::file;
use super::workspace::almanac_of;
use super::{Organisation, Workspace, WorkspaceError};
use crate::time::Almanac;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The texts on which the procedures of a workspace rest, as they stood at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PremisesText {
    /// The settings; nothing for a folder that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    settings: Option<String>,
    /// The organisation's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
    /// Each file with calendars or counting rules, with its path from the folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    calendars: Vec<(PathBuf, String)>,
}

/// What the procedures of a workspace rest on, checked.
#[derive(Debug, Clone)]
pub struct Premises {
    /// The settings.
    pub workspace: Workspace,
    /// The people.
    pub organisation: Organisation,
    /// The calendars and counting rules, those that are shipped included.
    pub almanac: Almanac,
    /// The texts.
    pub text: PremisesText,
}

impl PremisesText {
    /// Whether calendars and counting rules are the same.
    pub fn counts_as(&self, other: &Self) -> bool {
        self.calendars == other.calendars
    }
}

impl Premises {
    /// Reads what stands in a folder.
    ///
    /// # Errors
    /// [`WorkspaceError`] when a file can't be read or is wrong.
    pub fn read(folder: &Path) -> Result<Self, WorkspaceError> {
        let settings = Workspace::settings(folder)?;
        let workspace = Workspace::with(folder, settings.as_deref())?;
        let organisation = workspace.organisation.as_deref().map(file::read).transpose();
        let organisation = organisation.map_err(WorkspaceError::File)?;
        let calendars = workspace.calendar_texts()?;
        Self::from_bytes(workspace, settings, organisation, calendars)
    }

    /// Returns what these texts say of a folder.
    ///
    /// # Errors
    /// [`WorkspaceError`] when a text is wrong.
    pub fn of(folder: &Path, text: PremisesText) -> Result<Self, WorkspaceError> {
        let PremisesText { settings, organisation, calendars } = text;
        let settings = settings.map(String::into_bytes);
        let workspace = Workspace::with(folder, settings.as_deref())?;
        let calendars = calendars.into_iter().map(|(path, text)| (folder.join(path), text.into()));
        let organisation = organisation.map(String::into_bytes);
        Self::from_bytes(workspace, settings, organisation, calendars.collect())
    }

    fn from_bytes(
        workspace: Workspace,
        settings: Option<Vec<u8>>,
        organisation: Option<Vec<u8>>,
        calendars: Vec<(PathBuf, Vec<u8>)>,
    ) -> Result<Self, WorkspaceError> {
        let staff = match (&workspace.organisation, &organisation) {
            (Some(path), Some(bytes)) => {
                Organisation::read(&file::shown(path), bytes).map_err(WorkspaceError::Findings)?
            }
            (Some(_) | None, _) => Organisation::default(),
        };
        let almanac = almanac_of(&calendars)?;
        // INVARIANT: what was read as YAML above is UTF-8.
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let from_the_folder = |path: PathBuf| {
            path.strip_prefix(&workspace.folder).map(Path::to_owned).unwrap_or(path)
        };
        let text = PremisesText {
            settings: settings.map(text),
            organisation: organisation.map(text),
            calendars: calendars
                .into_iter()
                .map(|(path, bytes)| (from_the_folder(path), text(bytes)))
                .collect(),
        };
        Ok(Self { workspace, organisation: staff, almanac, text })
    }
}
