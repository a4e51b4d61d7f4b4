//! A workspace: a folder with an organisation's procedures, people and settings.

use super::file::{self, FileError};
use super::layout::{self, procedure_in};
use super::{Bundle, BundleError, Organisation, almanac};
use crate::diagnostic::Diagnostic;
use crate::language::Language;
use crate::schema::Schema;
use crate::time::Almanac;
use crate::yaml::{self, Limits, Node};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The description of a workspace's settings, compiled in.
pub const WORKSPACE_SCHEMA: &str = include_str!("../../schemas/workspace.schema.json");

/// The name of the file with the settings, which makes a folder a workspace.
pub const SETTINGS: &str = "verloop.yaml";

static SCHEMA: LazyLock<Option<Schema>> = LazyLock::new(|| Schema::compile(WORKSPACE_SCHEMA).ok());

/// A folder with procedures, and its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The folder.
    pub folder: PathBuf,
    /// The organisation's file.
    pub organisation: Option<PathBuf>,
    /// The store.
    pub store: Option<PathBuf>,
    /// The folder into which letters are written.
    pub letters: Option<PathBuf>,
    /// What the workspace says of documents.
    pub documents: DocumentSettings,
    /// The language in which the engine speaks.
    pub language: Option<Language>,
    /// How it is known who gives a command.
    pub sign_in: SignIn,
    /// How a text that was saved becomes the one that new cases get.
    pub activate: Activation,
    /// Whether somebody else than the publisher must activate a text.
    pub four_eyes: bool,
    /// The roles that may publish; anybody of the organisation where none is named.
    pub publishers: Vec<String>,
    /// Files and folders with procedures.
    pub procedures: Vec<PathBuf>,
    /// Files and folders with calendars and counting rules of its own.
    pub calendars: Vec<PathBuf>,
    /// Files and folders with bases that its procedures build on, besides the folder `bases`.
    pub bases: Vec<PathBuf>,
}

/// What a workspace says of documents; nothing where the usual holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DocumentSettings {
    /// The folder in which they are kept.
    pub folder: Option<PathBuf>,
    /// The most bytes of one.
    pub largest: Option<u64>,
    /// The most of one case.
    pub most: Option<usize>,
    /// The kinds of files that are taken in; all if there are none.
    pub types: Vec<String>,
}

impl DocumentSettings {
    /// Reads what stands under `documents`, which the schema has checked.
    fn read(folder: &Path, node: &Node) -> Self {
        let written = |key: &str| node.get(key).map(Node::written);
        let types = node.get("types").map(Node::items).unwrap_or_default();
        Self {
            folder: written("folder").map(|path| folder.join(path)),
            largest: written("largest").and_then(bytes),
            most: written("most").and_then(|most| most.parse().ok()),
            types: types.iter().map(|item| item.written().to_owned()).collect(),
        }
    }
}

/// Returns a number of bytes as it is written: `25 MB`.
fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let unit = match unit {
        "kB" => 1_000,
        "MB" => 1_000_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// How it is known who gives a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SignIn {
    /// People say who they are: for trying out, and for a machine with one user.
    #[default]
    Open,
    /// The account of the operating system says it.
    Login,
}

/// How a text that was saved becomes the one that new cases get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activation {
    /// By being saved, if it is sound and its scenarios go as expected.
    #[default]
    Auto,
    /// By somebody who publishes it.
    Manual,
}

/// Why a workspace can't be used.
#[derive(Debug)]
pub enum WorkspaceError {
    /// A file can't be read.
    File(FileError),
    /// A file is wrong.
    Findings(Vec<Diagnostic>),
    /// No file of the workspace has the procedure.
    NoProcedure {
        /// What was asked for.
        wanted: String,
        /// A name that is near.
        near: Option<String>,
    },
}

impl From<BundleError> for WorkspaceError {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::File(error) => Self::File(error),
            BundleError::Findings(findings) => Self::Findings(findings),
        }
    }
}

impl Workspace {
    /// Returns the workspace that `from` lies in: the nearest folder upwards with settings.
    pub fn nearest(from: &Path) -> Option<PathBuf> {
        let real = file::real(from).ok()?;
        real.ancestors().find(|folder| folder.join(SETTINGS).is_file()).map(Path::to_owned)
    }

    /// Reads the settings of a folder; a folder without is a workspace with the usual ones.
    ///
    /// # Errors
    /// [`WorkspaceError`] when the settings can't be read or are wrong.
    pub fn open(folder: &Path) -> Result<Self, WorkspaceError> {
        Self::with(folder, Self::settings(folder)?.as_deref())
    }

    /// Reads the settings of a folder; nothing for a folder that has none.
    pub(super) fn settings(folder: &Path) -> Result<Option<Vec<u8>>, WorkspaceError> {
        match file::read(&folder.join(SETTINGS)) {
            Ok(settings) => Ok(Some(settings)),
            Err(FileError::Missing(_)) => Ok(None),
            Err(error) => Err(WorkspaceError::File(error)),
        }
    }

    /// Returns the workspace with these settings in a folder.
    ///
    /// # Errors
    /// [`WorkspaceError`] when the settings are wrong.
    pub(super) fn with(folder: &Path, settings: Option<&[u8]>) -> Result<Self, WorkspaceError> {
        let path = folder.join(SETTINGS);
        let usual = Self {
            folder: folder.to_owned(),
            organisation: None,
            store: None,
            letters: None,
            documents: DocumentSettings::default(),
            language: None,
            sign_in: SignIn::Open,
            activate: Activation::Auto,
            four_eyes: false,
            publishers: Vec::new(),
            procedures: vec![folder.to_owned()],
            calendars: Vec::new(),
            bases: Vec::new(),
        };
        let Some(settings) = settings else { return Ok(usual) };
        let name = file::shown(&path);
        let root = yaml::read_bytes(&name, settings, &Limits::default())
            .map_err(WorkspaceError::Findings)?;
        let ask = || SCHEMA.as_ref().map(|schema| schema.validate(&root)).unwrap_or_default();
        let findings = if is_plainly_sound(&root) { Vec::new() } else { ask() };
        if !findings.is_empty() {
            return Err(WorkspaceError::Findings(findings));
        }
        let path_of = |key: &str| root.get(key).map(|node| folder.join(node.written()));
        let listed = |key: &str| -> Vec<PathBuf> {
            let items = root.get(key).map(Node::items).unwrap_or_default();
            items.iter().map(|item| folder.join(item.written())).collect()
        };
        let lists = ["calendars", "bases"].iter().filter_map(|key| root.get(key));
        for item in lists.flat_map(Node::items) {
            if let Err(error @ FileError::Outside(_)) = file::inside(folder, item.written()) {
                let finding = Diagnostic::error("outside-the-workspace", &item.place);
                let finding = finding.message(error.to_string());
                let help = "move the file into the folder in which this file stands";
                return Err(WorkspaceError::Findings(vec![finding.help(help)]));
            }
        }
        let procedures = listed("procedures");
        Ok(Self {
            organisation: path_of("organisation"),
            store: path_of("store"),
            letters: path_of("letters"),
            documents: root
                .get("documents")
                .map(|node| DocumentSettings::read(folder, node))
                .unwrap_or_default(),
            language: match root.get("language").map(Node::written) {
                Some("nl") => Some(Language::Nl),
                Some("en") => Some(Language::En),
                Some(_) | None => None,
            },
            sign_in: match root.get("sign-in").map(Node::written) {
                Some("login") => SignIn::Login,
                Some(_) | None => SignIn::Open,
            },
            activate: match root.get("activate").map(Node::written) {
                Some("manual") => Activation::Manual,
                Some(_) | None => Activation::Auto,
            },
            four_eyes: root.get("four-eyes").map(Node::written) == Some("true"),
            publishers: texts(&root, "publishers"),
            procedures: if procedures.is_empty() { usual.procedures.clone() } else { procedures },
            calendars: listed("calendars"),
            bases: listed("bases"),
            ..usual
        })
    }

    /// Returns the workspace as somebody calls it who stands elsewhere: the same, under another path of its folder.
    #[must_use]
    pub fn called(&self, folder: &Path) -> Self {
        let there = |path: &PathBuf| {
            path.strip_prefix(&self.folder).map_or_else(|_| path.clone(), |path| folder.join(path))
        };
        let all = |paths: &[PathBuf]| paths.iter().map(there).collect();
        Self {
            folder: folder.to_owned(),
            organisation: self.organisation.as_ref().map(there),
            store: self.store.as_ref().map(there),
            letters: self.letters.as_ref().map(there),
            documents: DocumentSettings {
                folder: self.documents.folder.as_ref().map(there),
                ..self.documents.clone()
            },
            procedures: all(&self.procedures),
            bases: all(&self.bases),
            calendars: all(&self.calendars),
            ..self.clone()
        }
    }

    /// Returns the folder into which letters are written: the one of the settings, or else one beside the store.
    pub fn letters_beside(&self, store: &Path) -> PathBuf {
        let usual = match self.language {
            Some(Language::Nl) => "brieven-uit",
            Some(Language::En) | None => "outbox",
        };
        self.letters.clone().unwrap_or_else(|| store.with_file_name(usual))
    }

    /// Returns the folder in which documents are kept: the one of the settings, or else one beside the store.
    pub fn documents_beside(&self, store: &Path) -> PathBuf {
        self.documents.folder.clone().unwrap_or_else(|| store.with_file_name("documents"))
    }

    /// Reads the organisation's file; without one there are no people.
    ///
    /// # Errors
    /// [`WorkspaceError`] when it can't be read or is wrong.
    pub fn organisation(&self) -> Result<Organisation, WorkspaceError> {
        let Some(path) = &self.organisation else { return Ok(Organisation::default()) };
        let bytes = file::read(path).map_err(WorkspaceError::File)?;
        Organisation::read(&file::shown(path), &bytes).map_err(WorkspaceError::Findings)
    }

    /// Returns the calendars and counting rules that are shipped, with those of the workspace.
    ///
    /// # Errors
    /// [`WorkspaceError`] when a file can't be read or is wrong.
    pub fn almanac(&self) -> Result<Almanac, WorkspaceError> {
        almanac_of(&self.calendar_texts()?)
    }

    /// Reads the files with calendars and counting rules of its own.
    pub(super) fn calendar_texts(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, WorkspaceError> {
        let read = |path: PathBuf| {
            let bytes = file::read(&path).map_err(WorkspaceError::File)?;
            Ok((path, bytes))
        };
        self.calendar_files()?.into_iter().map(read).collect()
    }

    /// Returns the files with calendars and counting rules of its own, in order.
    ///
    /// # Errors
    /// [`WorkspaceError`] when a folder can't be read.
    pub fn calendar_files(&self) -> Result<Vec<PathBuf>, WorkspaceError> {
        listed(&self.calendars)
    }

    /// Returns the files that may hold procedures, in order.
    ///
    /// # Errors
    /// [`WorkspaceError`] when a folder can't be read.
    pub fn files(&self) -> Result<Vec<PathBuf>, WorkspaceError> {
        listed(&self.procedures)
    }

    /// Returns each procedure's name and file.
    ///
    /// # Errors
    /// [`WorkspaceError`] when a folder can't be read; a file that can't be read is passed over.
    pub fn procedures(&self) -> Result<Vec<(String, PathBuf)>, WorkspaceError> {
        let named = |path: PathBuf| Some((procedure_in(&file::read(&path).ok()?)?, path));
        Ok(self.files()?.into_iter().filter_map(named).collect())
    }

    /// Reads the procedure called `name`.
    ///
    /// # Errors
    /// [`WorkspaceError`], with a name that is near where there is none of that name.
    pub fn bundle(&self, name: &str) -> Result<Bundle, WorkspaceError> {
        let folders = self.procedures.iter().filter(|path| file::is_folder(path));
        let usual = [format!("{name}.yaml"), format!("{name}/{name}.yaml")];
        for (folder, usual) in folders.flat_map(|folder| usual.iter().map(move |u| (folder, u))) {
            let Ok(path) = file::inside(folder, usual) else { continue };
            if file::read(&path).ok().and_then(|bytes| procedure_in(&bytes)).as_deref()
                == Some(name)
            {
                return Ok(Bundle::read(&path)?);
            }
        }
        let procedures = self.procedures()?;
        if let Some((_, path)) = procedures.iter().find(|(known, _)| known == name) {
            return Ok(Bundle::read(path)?);
        }
        let names = procedures.iter().map(|(known, _)| known.as_str());
        let near = crate::diagnostic::did_you_mean(name, names).map(str::to_owned);
        Err(WorkspaceError::NoProcedure { wanted: name.to_owned(), near })
    }
}

/// Returns what is shipped, with the calendars and counting rules of these files.
pub(super) fn almanac_of(texts: &[(PathBuf, Vec<u8>)]) -> Result<Almanac, WorkspaceError> {
    let root = |(path, bytes): &(PathBuf, Vec<u8>)| {
        yaml::read_bytes(&file::shown(path), bytes, &Limits::default())
    };
    let roots: Result<Vec<Node>, _> = texts.iter().map(root).collect();
    roots.and_then(|roots| almanac::of(&roots)).map_err(WorkspaceError::Findings)
}

/// Returns the texts of a list, or the only one.
fn texts(root: &Node, key: &str) -> Vec<String> {
    let Some(node) = root.get(key) else { return Vec::new() };
    let one = node.as_str().map(str::to_owned);
    one.into_iter().chain(node.items().iter().map(|item| item.written().to_owned())).collect()
}

/// Returns files as they are, and what stands in folders.
fn listed(paths: &[PathBuf]) -> Result<Vec<PathBuf>, WorkspaceError> {
    let mut files = Vec::new();
    for path in paths {
        if file::is_folder(path) {
            files.extend(layout::texts_in(path).map_err(WorkspaceError::File)?);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// Whether settings are sound at first sight, so that the schema need not be compiled and asked.
fn is_plainly_sound(root: &Node) -> bool {
    !root.entries().is_empty()
        && root.entries().iter().all(|entry| match (entry.name(), entry.value.as_str()) {
            ("organisation" | "store" | "letters", Some(path)) => {
                (1..=255).contains(&path.chars().count())
            }
            ("language", Some(language)) => matches!(language, "nl" | "en"),
            ("sign-in", Some(sign_in)) => matches!(sign_in, "open" | "login"),
            _ => false,
        })
}
