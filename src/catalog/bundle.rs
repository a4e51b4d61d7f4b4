//! A procedure's text with the files that it names: what is checked, hashed and stored as one.

use super::bases::{self, BaseText};
use super::file::{self, FileError};
use crate::diagnostic::{Diagnostic, Place, Source};
use crate::procedure::overlay::print::{self, Line};
use crate::procedure::overlay::{self, Effective};
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
    /// The bases under it, the nearest first: a case that runs on it never needs their files again. Their own files stand
    /// among the others, under the name of the base.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<BaseText>,
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
        let bases = bases::under(&root, Some(folder)).map_err(BundleError::Findings)?;
        let text = root.place.source.text.clone();
        let bundle = Self { bases, ..Self::of_one(name, text) };
        bundle.with_files(&root, Some(folder)).map_err(BundleError::Findings)
    }

    /// Returns a bundle of one text that names no files; of bases it finds those that come with the program.
    pub fn of_text(path: impl Into<String>, text: impl Into<String>) -> Self {
        let alone = Self::of_one(path.into(), text.into());
        let source = Source::new(alone.path.as_str(), alone.text.as_str());
        let Ok(root) = yaml::read(&source, &Limits::default()) else { return alone };
        // What is wrong with its base is found again when it is read.
        let bases = bases::under(&root, None).unwrap_or_default();
        let bundle = Self { bases, ..alone.clone() };
        bundle.with_files(&root, None).unwrap_or(alone)
    }

    fn of_one(path: String, text: String) -> Self {
        Self { path, text, files: BTreeMap::new(), bases: Vec::new(), calendars: Vec::new() }
    }

    /// Takes in the files that the text and its bases name: its own lie in its folder, those of a base where the base lies.
    fn with_files(mut self, root: &Node, folder: Option<&Path>) -> Result<Self, Vec<Diagnostic>> {
        let Effective { root, .. } = overlay::effective(root, &self.base_nodes()?, None);
        let mut wanted = named_files(&root);
        while let Some(named) = wanted.pop() {
            if self.files.contains_key(&named) || self.files.len() >= MOST_FILES {
                continue;
            }
            let Some(text) = self.file_at(&named, folder) else { continue };
            if !is_template(&named)
                && let Ok(node) =
                    yaml::read(&Source::new(named.as_str(), text.as_str()), &Limits::default())
            {
                wanted.extend(named_files(&named_from_its_base(&named, node)));
            }
            self.files.insert(named, text);
        }
        Ok(self)
    }

    fn file_at(&self, named: &str, folder: Option<&Path>) -> Option<String> {
        if let Some((base, path)) = overlay::in_base(named) {
            let known = self.bases.iter().find(|known| known.name == base).cloned();
            return known.or_else(|| bases::named(base, folder))?.file(path);
        }
        let path = file::inside(folder?, named).ok()?;
        String::from_utf8(file::read(&path).ok()?).ok()
    }

    fn base_nodes(&self) -> Result<Vec<Node>, Vec<Diagnostic>> {
        self.bases.iter().map(BaseText::node).collect()
    }

    /// Checks and compiles it.
    ///
    /// # Errors
    /// All findings, in the order of the text.
    pub fn compile(&self, almanac: &Almanac) -> Result<Compiled, Vec<Diagnostic>> {
        let (Effective { root, refused }, files) = self.effective(Some(almanac))?;
        let compiled = procedure::compile(&root, &files, almanac);
        if refused.is_empty() {
            return compiled;
        }
        let others = compiled.map_or_else(|found| found, |compiled| compiled.warnings);
        Err(overlay::with_others(refused, others))
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

    /// Returns the text that holds, its bases put under it, and the files that it names.
    ///
    /// # Errors
    /// Findings where one of them is no YAML, or a base is missing.
    pub fn nodes(&self) -> Result<(Node, BTreeMap<String, Node>), Vec<Diagnostic>> {
        let (effective, files) = self.effective(None)?;
        Ok((effective.root, files))
    }

    /// Returns the text that holds, written out: each line with the place at which its author wrote it.
    ///
    /// # Errors
    /// As [`Bundle::nodes`].
    pub fn printed(&self) -> Result<Vec<Line>, Vec<Diagnostic>> {
        let bases = self.base_nodes()?;
        let base = bases
            .split_first()
            .map(|(nearest, below)| overlay::effective(nearest, below, None).root);
        Ok(print::lines(&self.nodes()?.0, base.as_ref()))
    }

    /// Returns the base in whose text something stands; nothing for the text itself.
    pub fn base_at(&self, place: &Place) -> Option<&BaseText> {
        self.bases.iter().find(|base| base.shown() == place.source.name)
    }

    fn effective(
        &self,
        almanac: Option<&Almanac>,
    ) -> Result<(Effective, BTreeMap<String, Node>), Vec<Diagnostic>> {
        let limits = Limits::default();
        let own = yaml::read(&Source::new(self.path.as_str(), self.text.as_str()), &limits)?;
        let bases = self.base_nodes()?;
        let lowest = bases.last().unwrap_or(&own);
        if let Some(missing) = overlay::base_of(lowest) {
            // Why it is not there is found where it is looked for.
            bases::under(&own, None)?;
            return Err(vec![overlay::no_such_base(missing, &[])]);
        }
        let folder = Path::new(&self.path).parent().map(Path::to_owned).unwrap_or_default();
        let mut files = BTreeMap::new();
        for (named, text) in &self.files {
            let of_base = overlay::in_base(named).and_then(|(name, path)| {
                self.bases.iter().find(|base| base.name == name)?.shown_file(path)
            });
            let shown = match (of_base, overlay::in_base(named)) {
                (Some(shown), _) => shown,
                (None, Some(_)) => named.clone(),
                (None, None) => folder.join(named).display().to_string(),
            };
            let source = Source::new(shown, text.as_str());
            let node = if is_template(named) {
                Node::of_text(&source)
            } else {
                named_from_its_base(named, yaml::read(&source, &limits)?)
            };
            files.insert(named.clone(), node);
        }
        Ok((overlay::effective(&own, &bases, almanac), files))
    }
}

/// Returns a file with the paths in it as they are in a bundle: a file of a base names other files of that base.
fn named_from_its_base(named: &str, node: Node) -> Node {
    match overlay::in_base(named) {
        Some((base, _)) => overlay::with_files_of(&node, base),
        None => node,
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
