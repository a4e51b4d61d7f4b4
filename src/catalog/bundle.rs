//! A procedure's text with the files that it names: what is checked, hashed and stored as one.

use super::file::{self, FileError};
use crate::diagnostic::{Diagnostic, Source};
use crate::procedure::{self, Compiled, Procedure};
use crate::time::{Almanac, Kind};
use crate::yaml::{self, Limits, Node};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The most files that one procedure may name.
const MOST_FILES: usize = 400;

/// A procedure's text and the files that it names, as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// How the procedure's file was named when it was read; messages use it.
    pub path: String,
    /// The text.
    pub text: String,
    /// The files that it names, by their path from its folder.
    pub files: BTreeMap<String, String>,
    /// The organisation's own calendars and counting rules when it was adopted. Dates are counted by those of today; what
    /// has gone since is taken from here, so that a running case never loses its clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendars: Vec<(Kind, Value)>,
}

/// Why a procedure can't be taken from its file.
#[derive(Debug)]
pub enum BundleError {
    /// The file can't be read.
    File(FileError),
    /// The text is wrong.
    Findings(Vec<Diagnostic>),
}

impl Bundle {
    /// Reads a procedure's file and the files that it names. What is named and can't be read is left out: the check of
    /// the text says so, with its place.
    ///
    /// # Errors
    /// [`BundleError`] when the file itself can't be read, or is no YAML.
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        let name = file::shown(path);
        let bytes = file::read(path).map_err(BundleError::File)?;
        let root =
            yaml::read_bytes(&name, &bytes, &Limits::default()).map_err(BundleError::Findings)?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let mut files = BTreeMap::new();
        let mut wanted = named_files(&root);
        while let Some(named) = wanted.pop() {
            if files.contains_key(&named) || files.len() >= MOST_FILES {
                continue;
            }
            let read = file::inside(folder, &named).and_then(|path| file::read(&path));
            let Some(text) = read.ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
                continue;
            };
            if !is_template(&named)
                && let Ok(node) =
                    yaml::read(&Source::new(named.as_str(), text.as_str()), &Limits::default())
            {
                wanted.extend(named_files(&node));
            }
            files.insert(named, text);
        }
        let text = root.place.source.text.clone();
        Ok(Self { path: name, text, files, calendars: Vec::new() })
    }

    /// Returns a bundle of one text that names no files.
    pub fn of_text(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), files: BTreeMap::new(), calendars: Vec::new() }
    }

    /// Checks and compiles it.
    ///
    /// # Errors
    /// All findings, in the order of the text.
    pub fn compile(&self, almanac: &Almanac) -> Result<Compiled, Vec<Diagnostic>> {
        let (root, files) = self.nodes()?;
        procedure::compile(&root, &files, almanac)
    }

    /// Compiles a bundle that was checked before it was stored.
    ///
    /// # Errors
    /// Findings, which mean that the stored text is not the one that was checked.
    pub fn compile_published(&self, almanac: &Almanac) -> Result<Arc<Procedure>, Vec<Diagnostic>> {
        let (root, files) = self.nodes()?;
        if self.calendars.is_empty() {
            return procedure::compile_published(&root, &files, almanac);
        }
        // INVARIANT: what was adopted was sound; if not, today's calendars are all there is.
        let almanac = almanac.with_missing(&self.calendars).unwrap_or_else(|_| almanac.clone());
        procedure::compile_published(&root, &files, &almanac)
    }

    /// Returns the bytes under which it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Returns the bundle that was stored as `bytes`.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn nodes(&self) -> Result<(Node, BTreeMap<String, Node>), Vec<Diagnostic>> {
        let limits = Limits::default();
        let root = yaml::read(&Source::new(self.path.as_str(), self.text.as_str()), &limits)?;
        let folder = Path::new(&self.path).parent().map(Path::to_owned).unwrap_or_default();
        let mut files = BTreeMap::new();
        for (named, text) in &self.files {
            let shown = folder.join(named).display().to_string();
            let source = Source::new(shown, text.as_str());
            let node = if is_template(named) {
                Node::of_text(&source)
            } else {
                yaml::read(&source, &limits)?
            };
            files.insert(named.clone(), node);
        }
        Ok((root, files))
    }
}

/// Whether a file is a template of letters, which is one text and no YAML.
fn is_template(path: &str) -> bool {
    [".txt", ".html"].iter().any(|ending| path.ends_with(ending))
}

/// Returns the paths that stand after `form:` and `$ref:` anywhere in a text, and those of the templates of letters.
fn named_files(node: &Node) -> Vec<String> {
    let mut found = Vec::new();
    let mut nodes = vec![node];
    while let Some(node) = nodes.pop() {
        for entry in node.entries() {
            if matches!(entry.name(), "form" | "$ref")
                && let Some(path) = entry.value.as_str()
            {
                let path = path.split('#').next().unwrap_or_default();
                if !path.is_empty() {
                    found.push(path.to_owned());
                }
            }
            if let ("template", Some(template)) = (entry.name(), entry.value.as_str()) {
                found.extend(procedure::template_files(template));
            }
            nodes.push(&entry.value);
        }
        nodes.extend(node.items());
    }
    found
}
