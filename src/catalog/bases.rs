//! Bases that texts build on: where they are found, and what of them goes into a bundle.
//!
//! A base lies in a folder `bases` beside the procedure or further up in its workspace, in a folder that `verloop.yaml` names,
//! or among the procedures; it is known by its key `edition`, whatever the file is called. If it is in none of these, it is
//! one that comes with the program.

use super::file;
use super::layout;
use super::workspace::Workspace;
use crate::diagnostic::{Diagnostic, Source};
use crate::procedure::overlay::{self, MOST_BASES};
use crate::yaml::{self, Limits, Node};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The name of the folder in which bases lie.
pub const BASES: &str = "bases";

/// A base that a text builds on, as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseText {
    /// Its name and edition: `awb-9@2026`.
    pub name: String,
    /// The file; nothing for one that comes with the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The text.
    pub text: String,
}

impl BaseText {
    /// Returns how messages name it.
    pub fn shown(&self) -> &str {
        self.path.as_deref().unwrap_or(&self.name)
    }

    /// Returns it as a tree, with the paths of its files as they are in a bundle.
    ///
    /// # Errors
    /// Findings where it is no YAML.
    pub(super) fn node(&self) -> Result<Node, Vec<Diagnostic>> {
        let source = Source::new(self.shown(), self.text.as_str());
        Ok(overlay::with_files_of(&yaml::read(&source, &Limits::default())?, &self.name))
    }

    /// Returns how messages name a file of it.
    pub(super) fn shown_file(&self, path: &str) -> Option<String> {
        let folder = Path::new(self.path.as_deref()?).parent()?;
        Some(folder.join(path).display().to_string())
    }

    /// Returns the text of a file that it names.
    pub(super) fn file(&self, path: &str) -> Option<String> {
        let Some(own) = &self.path else {
            let files = overlay::shipped(&self.name)?.files;
            let (_, text) = files.iter().find(|(name, _)| *name == path)?;
            return Some((*text).to_owned());
        };
        let folder = Path::new(own).parent().filter(|folder| !folder.as_os_str().is_empty());
        let path = file::inside(folder.unwrap_or_else(|| Path::new(".")), path).ok()?;
        String::from_utf8(file::read(&path).ok()?).ok()
    }
}

/// Returns the bases under a text of `folder`, the nearest first; without a folder, of those that come with the program.
///
/// # Errors
/// Findings: one is nowhere, or is no YAML, or lies under itself.
pub(super) fn under(root: &Node, folder: Option<&Path>) -> Result<Vec<BaseText>, Vec<Diagnostic>> {
    let mut found: Vec<BaseText> = Vec::new();
    let mut wanted = overlay::base_of(root).cloned();
    while let Some(written) = wanted {
        let name = written.written();
        if found.iter().any(|known| known.name == name) || overlay::edition_of(root) == Some(name) {
            return Err(vec![overlay::circular_base(&written)]);
        }
        if found.len() >= MOST_BASES {
            return Err(vec![overlay::too_many_bases(&written)]);
        }
        let Some(base) = named(name, folder) else {
            return Err(vec![overlay::no_such_base(&written, &known(folder))]);
        };
        let node = base.node()?;
        if let (Some(shipped), Some(_)) = (overlay::shipped(name), &base.path) {
            let source = Source::new(name, shipped.text);
            let shipped = yaml::read(&source, &Limits::default())?;
            if overlay::with_files_of(&shipped, name).to_json() != node.to_json() {
                return Err(vec![overlay::base_differs(&written, &node)]);
            }
        }
        found.push(base);
        wanted = overlay::base_of(&node).cloned();
    }
    Ok(found)
}

/// Returns the base of this name and edition that is at hand for the texts of a folder.
pub fn named(name: &str, folder: Option<&Path>) -> Option<BaseText> {
    let is_it = |path: &&PathBuf| {
        file::read(path)
            .is_ok_and(|bytes| layout::value_of(&bytes, "edition").as_deref() == Some(name))
    };
    if let Some(path) = folder.map(texts).unwrap_or_default().iter().find(is_it) {
        let text = String::from_utf8(file::read(path).ok()?).ok()?;
        return Some(BaseText { name: name.to_owned(), path: Some(file::shown(path)), text });
    }
    let shipped = overlay::shipped(name)?;
    Some(BaseText { name: name.to_owned(), path: None, text: shipped.text.to_owned() })
}

/// Returns the names of all bases at hand for the texts of a folder.
pub fn known(folder: Option<&Path>) -> Vec<String> {
    let read = |path: &PathBuf| layout::value_of(&file::read(path).ok()?, "edition");
    let own = folder.map(texts).unwrap_or_default();
    let shipped = overlay::SHIPPED.iter().map(|base| base.name.to_owned());
    let mut names: Vec<String> = own.iter().filter_map(read).chain(shipped).collect();
    names.sort();
    names.dedup();
    names
}

/// Returns the files that can be bases for the texts of a folder, the nearest first.
fn texts(folder: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let workspace = Workspace::nearest(folder);
    let mut around = Some(folder.to_owned());
    while let Some(here) = around {
        folders.extend([here.join(BASES), here.clone()]);
        // A folder that is called as its procedure belongs to the one above it.
        let is_of_one = workspace.is_some() || layout::procedure_of(&here).is_some();
        let real = file::real(&here).ok();
        let is_top = real.is_none() || real == workspace || !is_of_one;
        around = if is_top { None } else { Some(above(&here)) };
        if folders.len() > 40 {
            break;
        }
    }
    if let Some(settings) = workspace.and_then(|folder| Workspace::open(&folder).ok()) {
        let named = settings.bases.iter().cloned();
        let (in_folders, files): (Vec<PathBuf>, Vec<PathBuf>) =
            named.partition(|path| file::is_folder(path));
        folders.extend(in_folders);
        return below(&folders).into_iter().chain(files).collect();
    }
    below(&folders)
}

fn below(folders: &[PathBuf]) -> Vec<PathBuf> {
    folders.iter().flat_map(|folder| layout::texts_in(folder).unwrap_or_default()).collect()
}

/// Returns the folder above one that may be written without it.
fn above(folder: &Path) -> PathBuf {
    match folder.parent().filter(|_| folder.file_name().is_some()) {
        Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
        Some(parent) => parent.to_owned(),
        None => folder.join(".."),
    }
}
