//! Where the workspace is: the folder that was said, or the nearest one upwards with `verloop.yaml`.

use super::args::Globals;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use crate::catalog::{SETTINGS, file};
use crate::language::Language;
use crate::yaml::{self, Limits};
use std::path::{Path, PathBuf};

/// Returns the folder of the workspace: that of `-C`, or the nearest one upwards with `verloop.yaml`, or the current one.
///
/// The path is as short as it can be, since messages show it: `.`, or `..` for one folder up.
///
/// # Errors
/// The folder that was said is not there.
pub(super) fn find(globals: &Globals) -> Result<PathBuf, Stop> {
    if let Some(dir) = &globals.dir {
        if file::is_folder(dir) {
            return Ok(dir.clone());
        }
        let message = format!("there is no folder `{}`", dir.display());
        return Err(Failure::new(Exit::NotFound, "no-such-folder", message)
            .attempt("another folder after `-C`, or none in a folder with `verloop.yaml`")
            .into());
    }
    // The current folder can be gone; then it is as good as empty.
    let here = file::here();
    let mut path = PathBuf::new();
    for folder in here.ancestors() {
        if folder.join(SETTINGS).is_file() {
            return Ok(if path.as_os_str().is_empty() { PathBuf::from(".") } else { path });
        }
        path.push("..");
    }
    Ok(PathBuf::from("."))
}

/// Returns the language that the workspace in a folder says, if it says one that we speak.
///
/// A file that is wrong says nothing here: `check` is there to say so.
pub(super) fn language(folder: &Path) -> Option<Language> {
    let path = folder.join(SETTINGS);
    let bytes = file::read(&path).ok()?;
    let root = yaml::read_bytes(&path.display().to_string(), &bytes, &Limits::default()).ok()?;
    match root.get("language")?.as_str()? {
        "nl" => Some(Language::Nl),
        "en" => Some(Language::En),
        _ => None,
    }
}
