//! What is wrong with a file of each kind.

use super::Checked;
use super::files::{Found, KEYS, Kind, named};
use crate::catalog::{
    Bundle, BundleError, Organisation, WORKSPACE_SCHEMA, Workspace, almanac, file, staffing,
};
use crate::diagnostic::{Diagnostic, Place, Source, Span, did_you_mean, in_order};
use crate::scenario::Scenario;
use crate::schema::Schema;
use crate::time::Almanac;
use crate::yaml::{self, Limits, Node};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static WORKSPACE: LazyLock<Option<Schema>> =
    LazyLock::new(|| Schema::compile(WORKSPACE_SCHEMA).ok());

/// Checks the files in their order. A form that several procedures use is judged once.
pub(super) fn all(files: Vec<Found>) -> Vec<Checked> {
    let mut laws = Laws::among(&files);
    let mut checked: Vec<Checked> = Vec::with_capacity(files.len());
    for Found { path, kind } in files {
        let mut findings = in_order(findings(&path, kind, &mut laws));
        let known =
            |finding: &Diagnostic| checked.iter().any(|earlier| earlier.findings.contains(finding));
        findings.retain(|finding| !known(finding));
        checked.push(Checked { name: path.display().to_string(), kind, findings });
    }
    checked
}

fn findings(path: &Path, kind: Option<Kind>, laws: &mut Laws) -> Vec<Diagnostic> {
    let found =
        match kind {
            Some(Kind::Procedure) => procedure(path, laws.around(path)),
            Some(Kind::Scenario) => read(path).and_then(|bytes| scenario(path, &bytes)),
            Some(Kind::Organisation) => read(path)
                .and_then(|bytes| Organisation::read(&name(path), &bytes).map(|_| Vec::new())),
            Some(Kind::Workspace) => tree(path).map(|root| workspace(path, &root)),
            Some(Kind::Calendar | Kind::Counting) => tree(path)
                .map(|_| laws.around(path).findings.remove(&whole(path)).unwrap_or_default()),
            None => tree(path).map(|root| vec![none_of_ours(&root)]),
        };
    // A text that is right can still have warnings.
    found.unwrap_or_else(|findings| findings)
}

/// The calendars and counting rules of each workspace among the files, read once.
struct Laws {
    /// The files with calendars and counting rules that are checked, by the workspace that they lie in.
    named: BTreeMap<Option<PathBuf>, Vec<PathBuf>>,
    read: BTreeMap<Option<PathBuf>, Law>,
}

/// The calendars, counting rules and people of one workspace, and what is wrong with the files of the first two, by their
/// whole path.
struct Law {
    almanac: Almanac,
    /// The people of the workspace, where it names a file of them that is sound.
    organisation: Organisation,
    findings: BTreeMap<PathBuf, Vec<Diagnostic>>,
}

impl Laws {
    fn among(files: &[Found]) -> Self {
        let mut named: BTreeMap<Option<PathBuf>, Vec<PathBuf>> = BTreeMap::new();
        for Found { path, kind } in files {
            if matches!(kind, Some(Kind::Calendar | Kind::Counting)) {
                named.entry(workspace_of(path)).or_default().push(path.clone());
            }
        }
        Self { named, read: BTreeMap::new() }
    }

    /// Returns the calendars and counting rules that hold where a file stands.
    fn around(&mut self, path: &Path) -> &mut Law {
        let workspace = workspace_of(path);
        let named = self.named.get(&workspace);
        self.read.entry(workspace.clone()).or_insert_with(|| {
            let mut files = named.cloned().unwrap_or_default();
            let settings = workspace.as_deref().and_then(|folder| Workspace::open(folder).ok());
            let organisation = settings.as_ref().and_then(|settings| settings.organisation().ok());
            let organisation = organisation.unwrap_or_default();
            let own = settings.and_then(|settings| settings.calendar_files().ok());
            for file in own.unwrap_or_default() {
                if !files.iter().any(|known| whole(known) == whole(&file)) {
                    files.push(file);
                }
            }
            let (paths, roots): (Vec<PathBuf>, Vec<Node>) = files
                .into_iter()
                .filter_map(|file| tree(&file).ok().map(|root| (whole(&file), root)))
                .unzip();
            let checked = almanac::check(&roots);
            let findings = paths.into_iter().zip(checked.findings).collect();
            Law { almanac: checked.almanac, organisation, findings }
        })
    }
}

fn workspace_of(path: &Path) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    Workspace::nearest(folder.unwrap_or_else(|| Path::new(".")))
}

fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

type Judged = Result<Vec<Diagnostic>, Vec<Diagnostic>>;

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn read(path: &Path) -> Result<Vec<u8>, Vec<Diagnostic>> {
    file::read(path).map_err(|error| vec![unreadable(path, &error)])
}

fn tree(path: &Path) -> Result<Node, Vec<Diagnostic>> {
    yaml::read_bytes(&name(path), &read(path)?, &Limits::default())
}

/// Returns the finding about a file of which no text can be shown.
fn unreadable(path: &Path, error: &file::FileError) -> Diagnostic {
    let place = Place::new(&Source::new(name(path), ""), Span::default());
    Diagnostic::error("unreadable-file", &place)
        .message(error.to_string())
        .help("put a plain file of at most 1 MiB there, and let it be readable")
}

fn procedure(path: &Path, law: &Law) -> Judged {
    let bundle = Bundle::read(path).map_err(|error| match error {
        BundleError::File(error) => vec![unreadable(path, &error)],
        BundleError::Findings(findings) => findings,
    })?;
    let mut compiled = bundle.compile(&law.almanac)?;
    compiled.warnings.extend(staffing::check(&compiled.procedure, &law.organisation));
    Ok(compiled.warnings)
}

fn scenario(path: &Path, bytes: &[u8]) -> Judged {
    let scenario = Scenario::read(&name(path), bytes)?;
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    if folder.join(&scenario.procedure).is_file() {
        return Ok(Vec::new());
    }
    Ok(vec![
        no_such_file(&scenario.procedure_place, &scenario.procedure)
            .help("the path counts from the folder of this scenario"),
    ])
}

fn workspace(path: &Path, root: &Node) -> Vec<Diagnostic> {
    let findings = WORKSPACE.as_ref().map(|schema| schema.validate(root)).unwrap_or_default();
    if !findings.is_empty() {
        return findings;
    }
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let missing = named(root).filter_map(|node| match file::inside(folder, node.written()) {
        Ok(_) => None,
        Err(file::FileError::Outside(_)) => {
            let message = format!("`{}` leads out of the workspace", node.written());
            let finding = Diagnostic::error("outside-the-workspace", &node.place).message(message);
            Some(finding.help("move the file into the folder in which this file stands"))
        }
        Err(_) => Some(
            no_such_file(&node.place, node.written())
                .help("the path counts from the folder in which this file stands"),
        ),
    });
    missing.collect()
}

fn no_such_file(place: &Place, path: &str) -> Diagnostic {
    Diagnostic::error("no-such-file", place).message(format!("there is no file `{path}`"))
}

/// Returns the finding about a file that was named and is none of ours.
fn none_of_ours(root: &Node) -> Diagnostic {
    let start = root.place.with_span(Span::new(root.place.span.start, root.place.span.start));
    let near = root.entries().iter().find_map(|entry| {
        let meant = did_you_mean(entry.name(), KEYS.into_iter())?;
        Some((&entry.key.place, meant))
    });
    let place = near.map_or(&start, |(place, _)| place);
    let finding = Diagnostic::error("none-of-ours", place).message(
        "this is no procedure, scenario, organisation, calendar, counting rule or settings of a workspace",
    );
    match near {
        Some((place, meant)) => finding
            .help(format!("a key with a similar name exists: `{meant}`"))
            .suggest(place.span, meant),
        None => finding.help("a procedure has the key `procedure` at its top, with its name"),
    }
}
