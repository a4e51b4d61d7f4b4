//! `verloop attach`, `documents` and `document`: documents come into a case, are listed, and are given out.

use super::args::{Globals, Output};
use super::console::{self, Console};
use super::desk::{Acting, Desk, for_programs};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::{Answer, acted};
use crate::case::{Act, DocumentRecord, PersonId, Teller, safe_name};
use crate::diagnostic::shown;
use crate::engine::{Brought, CaseFile, DocumentError};
use crate::language::Language;
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;

pub(super) const ATTACH_EXAMPLES: &str = "\
Examples:
  verloop attach K-2026-0017 klacht.pdf foto.jpg --as balie --for klager
  verloop attach K-2026-0017 verslag.pdf --title 'Verslag van het gesprek' --as klachten-1";

pub(super) const LIST_EXAMPLES: &str = "\
Examples:
  verloop documents K-2026-0017
  verloop documents K-2026-0017 --check       whether what is kept is what came in";

pub(super) const GIVE_EXAMPLES: &str = "\
Examples:
  verloop document K-2026-0017 klacht.pdf             into a file of this name
  verloop document K-2026-0017 2 -O kopie.pdf         by its number
  verloop document K-2026-0017 9f86d081884c -O -      by its digest, to standard output";

pub(super) const ATTACH_OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];
pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// The fewest digits of a digest that name a document.
const SHORTEST_DIGEST: usize = 6;

/// Files that come with an act.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Attached {
    /// A file that comes with it; may be given more than once
    #[arg(long = "attach", value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What stands after `attach`.
#[derive(Debug, clap::Args)]
pub(super) struct Attach {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// The files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// What it is, in words; of one file
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `documents`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Number of the case, or the end of it
    #[arg(value_name = "CASE")]
    case: String,

    /// Also read each, and say whether it is what came in
    #[arg(long)]
    check: bool,
}

/// What stands after `document`.
#[derive(Debug, clap::Args)]
pub(super) struct Give {
    /// Number of the case, or the end of it
    #[arg(value_name = "CASE")]
    case: String,

    /// Its name, its number, or the beginning of its digest
    #[arg(value_name = "DOCUMENT")]
    document: String,

    /// Into which file, or `-` for standard output [default: a file of its name, here]
    #[arg(short = 'O', long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Returns files as documents that come with an act, and says where a name says something else than the content.
pub(super) fn brought(
    desk: &Desk,
    files: &[PathBuf],
    globals: &Globals,
    console: &mut Console,
) -> Result<Vec<Brought>, Stop> {
    let mut all = Vec::new();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = console.asker.document(path);
        let brought = bytes.and_then(|bytes| desk.documents.take(&name, bytes, globals.dry_run));
        let brought = brought.map_err(|error| failure(&error))?;
        if let Some(named_as) = &brought.named_as {
            let (name, is) = (shown(&brought.document.name), &brought.document.media_type);
            console.talk(&match console.language {
                Language::Nl => format!("{name} is naar zijn inhoud {is}, niet {named_as}"),
                Language::En => format!("{name} is {is} by its content, not {named_as}"),
            });
        }
        all.push(brought);
    }
    Ok(all)
}

pub(super) fn attach(args: &Attach, globals: &Globals, console: &mut Console) -> Answer {
    if args.title.is_some() && args.files.len() > 1 {
        let message = "a title is that of one document";
        let failure = Failure::new(Exit::Usage, "title-of-several", message);
        return Err(failure.attempt("verloop attach once for each file").into());
    }
    let desk = Desk::writing(globals, console, false)?;
    let file = desk.find(globals, &args.case, true)?;
    let request = desk.request(globals, &args.acting, &file)?;
    let documents = brought(&desk, &args.files, globals, console)?;
    let documents = documents.into_iter().map(|one| one.titled(args.title.clone())).collect();
    let key = file.key.unwrap_or_default();
    match desk.engine.act(key, &Act::Attach, &request.with(documents)) {
        Ok(accepted) => acted::print(&desk, accepted, globals, console),
        Err(error) => Err(desk.engine_failure(error, &args.case, Some(console))),
    }
}

pub(super) fn list(args: &List, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (desk, seen) = desk.look(globals, console, &args.case)?;
    let file = seen.file;
    let mut sound = true;
    let mut rows = Vec::new();
    for known in &file.case.documents {
        let state = args.check.then(|| state(&desk, known));
        sound &= state.is_none_or(|state| state == State::Sound);
        rows.push((known, state));
    }
    if for_programs(console) {
        let listed: Vec<Value> = rows
            .iter()
            .map(|(known, state)| {
                let mut listed = as_json(known);
                if let (Some(state), Some(fields)) = (state, listed.as_object_mut()) {
                    fields.insert("state".to_owned(), json!(state.word()));
                }
                listed
            })
            .collect();
        console.document(&json!({
            "schema": "verloop.documents/1", "case": file.reference(), "documents": listed,
        }))?;
    } else if rows.is_empty() {
        console.talk(console.language.pick("geen stukken", "no documents"));
    } else {
        let text = drawn(&desk, &file, &rows, console);
        console.fact(&text)?;
    }
    Ok(if sound { Exit::Done } else { Exit::Findings })
}

/// Returns a document for programs.
pub(super) fn as_json(known: &DocumentRecord) -> Value {
    json!({
        "number": known.number, "name": known.document.name, "title": known.document.title,
        "media-type": known.document.media_type, "size": known.document.size,
        "sha256": known.document.sha256, "by": known.by, "with": known.with, "at": known.at,
    })
}

/// Returns the documents as a table for people, or a line for each.
fn drawn(
    desk: &Desk,
    file: &CaseFile,
    rows: &[(&DocumentRecord, Option<State>)],
    console: &Console,
) -> String {
    let language = console.language;
    let name_of = |id: &PersonId| desk.name_of(id);
    let teller = Teller { procedure: &file.procedure, language, name_of: &name_of };
    let cells = rows.iter().map(|(known, state)| {
        let document = &known.document;
        let who = known.by.as_ref().map(|by| teller.person(&file.case, &by.person));
        let with = known.with.as_ref().map(|with| match (with.as_str(), language) {
            ("open", Language::Nl) => "de opening".to_owned(),
            ("open", Language::En) => "the opening".to_owned(),
            (name, _) if file.procedure.find_step(name).is_some() => teller.step(with),
            (name, _) if file.procedure.find_letter(name).is_some() => teller.letter(with),
            (name, _) => name.to_owned(),
        });
        [
            known.number.to_string(),
            document.name.clone(),
            document.title.clone().unwrap_or_default(),
            document.media_type.clone(),
            size_in_words(document.size, language),
            document.sha256.chars().take(12).collect(),
            who.unwrap_or_default(),
            teller.day_of(known.at),
            with.unwrap_or_default(),
            state.map(|state| state.in_words(language).to_owned()).unwrap_or_default(),
        ]
        .map(|cell: String| shown(&cell).into_owned())
    });
    if console.output == Output::Plain {
        let lines: Vec<String> = cells
            .map(|cells| {
                let said: Vec<String> = cells.into_iter().filter(|cell| !cell.is_empty()).collect();
                said.join("; ")
            })
            .collect();
        return lines.join("\n");
    }
    let mut table = console::table(match language {
        Language::Nl => {
            ["", "NAAM", "TITEL", "SOORT", "GROOTTE", "SHA-256", "VAN", "OP", "BIJ", ""]
        }
        Language::En => ["", "NAME", "TITLE", "KIND", "SIZE", "SHA-256", "BY", "ON", "WITH", ""],
    });
    for cells in cells {
        table.add_row(cells);
    }
    table.trim_fmt()
}

/// Returns a number of bytes in words.
fn size_in_words(bytes: u64, language: Language) -> String {
    let point = language.pick(",", ".");
    let tenths = |unit: u64| (bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => {
            let (whole, tenth) = tenths(1_000);
            format!("{whole}{point}{tenth} kB")
        }
        1_000_000.. => {
            let (whole, tenth) = tenths(1_000_000);
            format!("{whole}{point}{tenth} MB")
        }
    }
}

/// How what is kept of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Sound,
    Damaged,
    Missing,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Sound => "sound",
            State::Damaged => "damaged",
            State::Missing => "missing",
        }
    }

    fn in_words(self, language: Language) -> &'static str {
        match self {
            State::Sound => language.pick("zoals ingebracht", "as it came in"),
            State::Damaged => language.pick("beschadigd", "damaged"),
            State::Missing => language.pick("ontbreekt", "missing"),
        }
    }
}

fn state(desk: &Desk, known: &DocumentRecord) -> State {
    match desk.documents.verify(&known.document) {
        Ok(()) => State::Sound,
        Err(DocumentError::Missing { .. }) => State::Missing,
        Err(_) => State::Damaged,
    }
}

pub(super) fn give(args: &Give, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (desk, seen) = desk.look(globals, console, &args.case)?;
    let file = seen.file;
    let known = found(&file, &args.document)?;
    let document = &known.document;
    let to_stdout = args.out.as_ref().is_some_and(|out| out.as_os_str() == "-");
    if to_stdout {
        if console.out_is_terminal {
            let message = "a document is not for a terminal";
            let failure = Failure::new(Exit::Usage, "to-a-terminal", message);
            return Err(failure.attempt("-O FILE, or send it on with `|`").into());
        }
        desk.documents.copy(document, &mut console.bytes()?).map_err(|error| failure(&error))?;
        return Ok(Exit::Done);
    }
    let path = args.out.clone().unwrap_or_else(|| PathBuf::from(safe_name(&document.name)));
    // Before a file is made it is sure that there is something to put into it.
    let mut fill = |out: &mut dyn io::Write| desk.documents.copy(document, out);
    let given = desk.documents.verify(document).and_then(|()| console.asker.make(&path, &mut fill));
    if let Err(error) = given {
        if let DocumentError::Io { path, source } = &error
            && source.kind() == io::ErrorKind::AlreadyExists
        {
            let message = format!("there is a file `{}`, and none is written over", path.display());
            let failure = Failure::new(Exit::Usage, "file-exists", message);
            return Err(failure.attempt("-O with another file").into());
        }
        return Err(failure(&error));
    }
    if for_programs(console) {
        let file_name = path.display().to_string();
        console.document(&json!({
            "schema": "verloop.document/1", "case": file.reference(), "file": file_name,
            "document": as_json(known),
        }))?;
    } else {
        console.fact(&shown(&path.display().to_string()))?;
    }
    Ok(Exit::Done)
}

/// Returns the document that is meant: by its name, its number, or the beginning of its digest.
fn found<'c>(file: &'c CaseFile, said: &str) -> Result<&'c DocumentRecord, Stop> {
    let all = &file.case.documents;
    if let Some(known) = all.iter().find(|known| known.document.name == said) {
        return Ok(known);
    }
    let number = said.parse::<u32>().ok().filter(|_| said.len() < SHORTEST_DIGEST);
    if let Some(known) = all.iter().find(|known| Some(known.number) == number) {
        return Ok(known);
    }
    let digest = said.strip_prefix("sha256:").unwrap_or(said).to_ascii_lowercase();
    let long_enough = digest.len() >= SHORTEST_DIGEST;
    let mut fits =
        all.iter().filter(|known| long_enough && known.document.sha256.starts_with(&digest));
    // The same bytes under two names are the same bytes.
    if let Some(first) = fits.next()
        && fits.all(|other| other.document.sha256 == first.document.sha256)
    {
        return Ok(first);
    }
    let message = format!("{} has no document `{said}`", file.reference());
    let failure = Failure::new(Exit::NotFound, "no-such-document", message);
    Err(failure.attempt(format!("verloop documents {}", file.reference())).into())
}

/// Returns what it means to the user that a document can't be taken in, or given out.
pub(super) fn failure(error: &DocumentError) -> Stop {
    if let DocumentError::Io { source, .. } = error
        && source.kind() == io::ErrorKind::BrokenPipe
    {
        return Stop::PipeClosed;
    }
    let (exit, code, tries) = match error {
        DocumentError::NoFile(_) => (Exit::NotFound, "no-such-file", "another file"),
        DocumentError::NotAFile(_) => {
            (Exit::Usage, "not-a-file", "a plain file, not a folder, a link or a pipe")
        }
        DocumentError::TooLarge { .. } => (
            Exit::Refused,
            "document-too-large",
            "a smaller file, or `documents: { largest: … }` in verloop.yaml",
        ),
        DocumentError::TypeNotTaken { .. } => (
            Exit::Refused,
            "type-not-taken",
            "another kind of file, or `documents: { types: […] }` in verloop.yaml",
        ),
        DocumentError::TooMany { .. } => {
            (Exit::Refused, "too-many-documents", "`documents: { most: … }` in verloop.yaml")
        }
        DocumentError::Damaged { .. } => {
            (Exit::Unreachable, "document-damaged", "a backup of the folder of documents")
        }
        DocumentError::Missing { .. } => {
            (Exit::Unreachable, "document-missing", "a backup of the folder of documents")
        }
        DocumentError::Io { .. } => (Exit::Unreachable, "document", "see to its permissions"),
    };
    Failure::new(exit, code, error.to_string()).attempt(tries).into()
}
