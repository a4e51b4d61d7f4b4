//! `verloop letters` and `send`: the letters of a case, what they say, and that they went out.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Acting, Desk, for_programs};
use super::documents::brought;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::{Answer, acted};
use crate::case::{
    Act, Addressee, Event, Fact, LetterFile, LetterRecord, PersonId, Send, Teller, digest_of, ever,
    letter_case, letter_file_name, make_letter,
};
use crate::engine::CaseFile;
use crate::language::Language;
use crate::procedure::Name;
use crate::time::parse_date;
use serde_json::{Value, json};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop letters K-2026-0017                        what was made and sent, and whether the files are as they were
  verloop letters K-2026-0017 afdoening              what it says
  verloop letters K-2026-0017 afdoening --to klager";

pub(super) const SEND_EXAMPLES: &str = "\
Examples:
  verloop send K-2026-0017 afdoening --to klager --channel post --on 2026-03-02 --as post-1
  verloop send K-2026-0017 afdoening --channel aangetekend --proof 3SRPKS123456789 --as post-1
  verloop send K-2026-0017 afdoening --proof-file bewijs.pdf --as post-1";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `letters`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the case, or the end of it
    #[arg(value_name = "CASE")]
    case: String,

    /// Which letter to print [default: list all]
    #[arg(value_name = "LETTER")]
    letter: Option<String>,

    /// Only what went to this party role or person
    #[arg(long, value_name = "ROLE")]
    to: Option<String>,
}

/// What stands after `send`.
#[derive(Debug, clap::Args)]
pub(super) struct SendArgs {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Name of the letter
    #[arg(value_name = "LETTER")]
    letter: String,

    /// To which party role or person [default: everybody for whom it waits]
    #[arg(long, value_name = "ROLE")]
    to: Option<String>,

    /// By which way
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,

    /// To which address
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,

    /// On which day, if that was earlier: `2026-03-02` [default: today]
    #[arg(long, value_name = "DATE")]
    on: Option<String>,

    /// What proves it, such as the number of a registered letter
    #[arg(long, value_name = "TEXT", conflicts_with = "proof_file")]
    proof: Option<String>,

    /// A file that proves it; it becomes a document of the case, and its digest is recorded
    #[arg(long, value_name = "FILE")]
    proof_file: Option<PathBuf>,

    #[command(flatten)]
    acting: Acting,
}

pub(super) fn send(args: &SendArgs, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::writing(globals, console, false)?;
    let file = desk.find(globals, &args.case, true)?;
    let key = file.key.unwrap_or_default();
    let request = desk.request(globals, &args.acting, &file)?;
    let proof_file: Vec<PathBuf> = args.proof_file.iter().cloned().collect();
    let documents = brought(&desk, &proof_file, globals, console)?;
    let of_file = documents.first().map(|one| format!("sha256:{}", one.document.sha256));
    let request = request.with(documents);
    let on = args.on.as_deref().map(|text| parse_date(text).map_err(|_| bad_day(text)));
    let act = Act::Send(Send {
        letter: Name::from(args.letter.as_str()),
        to: args.to.clone(),
        channel: args.channel.as_deref().map(Name::from),
        address: args.address.clone(),
        on: on.transpose()?,
        proof: args.proof.clone().or(of_file),
    });
    match desk.engine.act(key, &act, &request) {
        Ok(accepted) => acted::print(&desk, accepted, globals, console),
        Err(error) => Err(desk.engine_failure(error, &args.case, Some(console))),
    }
}

fn bad_day(text: &str) -> Stop {
    let failure = Failure::new(Exit::Usage, "bad-date", format!("`{text}` is no day"));
    failure.attempt("--on 2026-03-02").into()
}

/// A letter for one addressee.
struct One {
    record: LetterRecord,
    to: Addressee,
    sent: bool,
    /// Whether it was made here, so that it can be made again.
    made: Option<Event>,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (desk, seen) = desk.look(globals, console, &args.case)?;
    let events = desk.history(&seen)?;
    let file = seen.file;
    let wanted = |one: &One| {
        let to = args.to.as_deref();
        let letter = args.letter.as_deref();
        letter.is_none_or(|name| one.record.letter == *name)
            && to.is_none_or(|to| one.to.role == *to || one.to.person.as_str() == to)
    };
    let letters: Vec<One> = letters(&ever(&events)).into_iter().filter(wanted).collect();
    if let (Some(name), true) = (&args.letter, letters.is_empty()) {
        let message = format!("{} has no letter `{name}`", file.reference());
        let failure = Failure::new(Exit::NotFound, "no-such-letter", message);
        return Err(failure.attempt(format!("verloop letters {}", file.reference())).into());
    }
    if args.letter.is_some() && !for_programs(console) {
        for one in &letters {
            for text in texts(&desk, &events, one) {
                console.fact(&text)?;
            }
        }
        return Ok(Exit::Done);
    }
    let mut sound = true;
    let mut shown = Vec::new();
    for one in &letters {
        let mut files = Vec::new();
        for kept in &one.to.files {
            let name = letter_file_name(file.reference(), &one.record.letter, &one.to, kept);
            let state = state(&desk, &name, kept);
            sound &= state != FileState::Altered && state != FileState::Missing;
            files.push((name, state, kept));
        }
        if for_programs(console) {
            let files: Vec<Value> = files
                .iter()
                .map(|(name, state, kept)| {
                    json!({ "file": name, "state": state.word(), "sha256": kept.digest })
                })
                .collect();
            shown.push(json!({
                "letter": one.record.letter, "of": one.record.of, "sent": one.sent,
                "at": one.record.at, "to": one.to, "files": files,
                "enclosures": one.record.enclosures,
                "texts": args.letter.as_ref().map(|_| texts(&desk, &events, one)),
            }));
        } else {
            console.fact(&line(&desk, &file, one, console.language))?;
            for (name, state, _) in &files {
                console.fact(&format!("  {name}  {}", state.in_words(console.language)))?;
            }
            for enclosure in &one.record.enclosures {
                let mut documents = file.case.documents.iter();
                if let Some(known) = documents.find(|known| known.number == enclosure.number) {
                    let word = console.language.pick("bijgevoegd", "enclosed");
                    let named = Teller::document(&known.document);
                    console.fact(&format!("  {word}: {}", crate::diagnostic::shown(&named)))?;
                }
            }
        }
    }
    if for_programs(console) {
        console.document(&json!({
            "schema": "verloop.letters/1", "case": file.reference(), "letters": shown,
        }))?;
    }
    Ok(if sound { Exit::Done } else { Exit::Findings })
}

/// Returns every letter for every addressee, in the order in which it was made or sent. One that was made and sent later
/// stands there once.
fn letters(events: &[Event]) -> Vec<One> {
    let mut letters: Vec<One> = Vec::new();
    for event in events {
        let Some(record) = LetterRecord::of_event(event) else { continue };
        let sent = matches!(event.fact, Fact::LetterSent { .. });
        let by_hand = sent && event.by.is_some();
        for to in record.addressees.clone() {
            let waits = |one: &&mut One| {
                !one.sent
                    && one.record.letter == record.letter
                    && one.record.of == record.of
                    && one.to.role == to.role
                    && one.to.person == to.person
            };
            match letters.iter_mut().rev().find(waits) {
                Some(one) if by_hand => {
                    one.sent = true;
                    one.record.at = record.at;
                    one.to = to;
                }
                Some(_) | None => {
                    let made = Some(event.clone()).filter(|_| !to.files.is_empty());
                    letters.push(One { record: record.clone(), to, sent, made });
                }
            }
        }
    }
    letters
}

/// Returns what a letter says, made again of the case as it was then.
fn texts(desk: &Desk, events: &[Event], one: &One) -> Vec<String> {
    let Some(made) = &one.made else { return Vec::new() };
    let of_case = letter_case(events, made);
    let Some(record) = LetterRecord::of_event(made) else { return Vec::new() };
    let is_it = |to: &&Addressee| to.role == one.to.role && to.person == one.to.person;
    let Some(to) = record.addressees.iter().find(is_it) else { return Vec::new() };
    let Ok(procedure) = desk.engine.text_of(&of_case.acted) else { return Vec::new() };
    let made = make_letter(&procedure, &of_case, &record, to).unwrap_or_default();
    made.into_iter().map(|made| made.text).collect()
}

/// How the file of a letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileState {
    /// As it was made.
    Sound,
    /// Not as it was made.
    Altered,
    /// Not there, though it was written.
    Missing,
    /// Still to be written.
    Waits,
}

impl FileState {
    fn word(self) -> &'static str {
        match self {
            FileState::Sound => "sound",
            FileState::Altered => "altered",
            FileState::Missing => "missing",
            FileState::Waits => "waits",
        }
    }

    fn in_words(self, language: Language) -> &'static str {
        match self {
            FileState::Sound => language.pick("zoals gemaakt", "as it was made"),
            FileState::Altered => language.pick("gewijzigd", "altered"),
            FileState::Missing => language.pick("ontbreekt", "missing"),
            FileState::Waits => language.pick("wordt nog geschreven", "still to be written"),
        }
    }
}

fn state(desk: &Desk, name: &str, kept: &LetterFile) -> FileState {
    match desk.letters.read(name) {
        Ok(Some(bytes)) if digest_of(&bytes) == kept.digest => FileState::Sound,
        Ok(Some(_)) | Err(_) => FileState::Altered,
        Ok(None) => {
            let waiting = desk.engine.store().outbox(0, 10_000).unwrap_or_default();
            let names = |payload: &[u8]| String::from_utf8_lossy(payload).contains(name);
            if waiting.iter().any(|letter| names(&letter.letter.payload)) {
                FileState::Waits
            } else {
                FileState::Missing
            }
        }
    }
}

fn line(desk: &Desk, file: &CaseFile, one: &One, language: Language) -> String {
    let name_of = |id: &PersonId| desk.name_of(id);
    let teller = Teller { procedure: &file.procedure, language, name_of: &name_of };
    let letter = &one.record.letter;
    let title = teller.letter(letter);
    let title = if *letter == title.as_str() { title } else { format!("{title} [{letter}]") };
    let who = teller.person(&file.case, &one.to.person);
    let copy = if one.to.copy { language.pick(" (afschrift)", " (copy)") } else { "" };
    let channel = one.to.channel.as_ref().filter(|_| one.sent);
    let channel = channel.map(|way| format!(", {way}")).unwrap_or_default();
    if one.sent {
        let day = teller.day(one.record.sent_on(&one.to, &file.procedure.zone));
        let word = language.pick("verzonden aan", "sent to");
        format!("{title} {word} {who}{copy}, {day}{channel}")
    } else {
        let word = language.pick("wacht op verzending aan", "waits to be sent to");
        format!("{title} {word} {who}{copy}")
    }
}
