//! What a letter says: from the case as it stands, the same text whenever it is made of the same case.

use super::clock;
use super::decide::{seen, sees_identity_of};
use super::documents::{self, Document, DocumentRecord, Enclosure};
use super::event::{Addressee, Clock, Instance, LetterFile};
use super::person::{Party, Person};
use super::state::{Case, Done, End, LetterRecord};
use super::terms;
use crate::language::Language;
use crate::letter::{Fault, Format, Template};
use crate::procedure::{
    Against, Content, Deadline, Letter, Name, Procedure, RoleIndex, Version, in_guard,
};
use crate::time::{Date, Instant};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// One file of a letter, as it was made for one addressee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeLetter {
    /// What it is made of.
    pub format: Format,
    /// The language in which it is written.
    pub language: Language,
    /// The text.
    pub text: String,
}

impl MadeLetter {
    /// Returns what the record keeps of it: language, format and digest.
    pub fn file(&self) -> LetterFile {
        let ending = format!("{}.{}", self.language.code(), self.format.ending());
        LetterFile { ending, digest: digest_of(self.text.as_bytes()) }
    }
}

/// The case of which a letter is written.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterCase {
    /// As it stood with the act that the letter belongs to: what the act is about was recorded then.
    pub acted: Case,
    /// As it stands after the act, with all that follows from it at that instant: its dates are what people are told.
    pub settled: Case,
}

/// Returns the SHA-256 digest of bytes, in hexadecimal digits.
pub fn digest_of(bytes: &[u8]) -> String {
    in_hex(Sha256::digest(bytes).into())
}

/// Returns a SHA-256 digest in hexadecimal digits, as letters and documents are known by it.
pub fn in_hex(digest: [u8; 32]) -> String {
    Version::from_bytes(digest).to_string()
}

/// Returns a letter as it is made for one of its addressees, in every format that it has, in the addressee's language.
///
/// Nothing comes of a letter that has no templates.
///
/// # Errors
/// A [`Fault`] when a value is not what the procedure says it is.
pub fn make_letter(
    procedure: &Procedure,
    case: &LetterCase,
    record: &LetterRecord,
    to: &Addressee,
) -> Result<Vec<MadeLetter>, Fault> {
    let Some(letter) = procedure.find_letter(record.letter.as_str()) else {
        return Ok(Vec::new());
    };
    let wanted = party(&case.settled, to).and_then(language_of);
    let mut made = Vec::new();
    for format in [Format::Text, Format::Html] {
        let of_format = letter.templates.iter().filter(|template| template.format == format);
        let of_format: Vec<&Template> = of_format.collect();
        let Some(template) = in_language(&of_format, wanted) else { continue };
        let language = template.language.or(wanted).unwrap_or_default();
        let content = content(procedure, case, letter, record, to, language);
        made.push(MadeLetter { format, language, text: template.fill(&content, language)? });
    }
    Ok(made)
}

/// Returns the name of the file of a letter: case, letter, addressee, and the beginning of its digest, so that another
/// content has another name.
pub fn letter_file_name(
    reference: &str,
    letter: &Name,
    to: &Addressee,
    file: &LetterFile,
) -> String {
    let digest: String = file.digest.chars().take(12).collect();
    let parts = [reference, letter.as_str(), to.person.as_str(), &digest];
    let parts: Vec<String> = parts.iter().map(|part| plain(part)).collect();
    format!("{}.{}", parts.join("-"), plain_ending(&file.ending))
}

/// Returns the name of the file of a document that goes with a letter: case, letter, addressee, its number and the
/// beginning of its digest. What it is called in the case may tell who brought it in.
pub fn enclosure_file_name(
    reference: &str,
    letter: &Name,
    to: &Addressee,
    enclosure: &Enclosure,
    document: &Document,
) -> String {
    let digest: String = enclosure.sha256.chars().take(12).collect();
    let number = enclosure.number.to_string();
    let parts = [reference, letter.as_str(), to.person.as_str(), &number, &digest];
    let parts: Vec<String> = parts.iter().map(|part| plain(part)).collect();
    let ending = documents::plain_ending(&document.name);
    format!("{}.{}", parts.join("-"), ending.as_deref().unwrap_or("bin"))
}

/// Whether a reader does not see who brought a document in.
fn is_hidden(procedure: &Procedure, case: &Case, reader: &Person, known: &DocumentRecord) -> bool {
    let by = known.by.as_ref().map(|by| &by.person);
    let mut own = case.all_parties().filter(|party| Some(&party.person) == by);
    own.any(|party| !sees_identity_of(procedure, case, Some(reader), party))
}

/// Returns a part of a file's name: no character that a file system or a shell could take for something else.
fn plain(part: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    part.chars().take(64).map(plain).collect()
}

fn plain_ending(ending: &str) -> String {
    let parts: Vec<String> = ending.split('.').map(plain).collect();
    parts.join(".")
}

/// Returns what is missing from a letter that must contain it.
pub(super) fn missing<'l>(
    procedure: &Procedure,
    case: &LetterCase,
    letter: &'l Letter,
    record: &LetterRecord,
    to: &Addressee,
) -> Vec<&'l Content> {
    if letter.must_contain.is_empty() {
        return Vec::new();
    }
    let content = content(procedure, case, letter, record, to, Language::default());
    let lacks = |wanted: &&Content| {
        let value = wanted.path.split('.').try_fold(&content, |value, name| value.get(name));
        match value {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            // An empty list says that there is nothing of the kind. Of ways to appeal there must be one, unless appeal
            // lies against other outcomes only.
            Some(Value::Array(items)) => {
                items.is_empty() && wanted.path == "remedy" && !is_beyond_appeal(procedure, record)
            }
            Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => false,
        }
    };
    letter.must_contain.iter().filter(lacks).collect()
}

/// Returns the template in the wanted language, or else the one for all languages, or else the first.
fn in_language<'t>(templates: &[&'t Template], wanted: Option<Language>) -> Option<&'t Template> {
    let own = templates.iter().find(|template| template.language == wanted);
    let plain = templates.iter().find(|template| template.language.is_none());
    own.or(plain).or(templates.first()).copied()
}

fn party<'c>(case: &'c Case, to: &Addressee) -> Option<&'c Party> {
    let mut parties = case.opening.iter().flat_map(|opening| &opening.parties);
    parties.find(|party| party.role == to.role && party.person == to.person)
}

/// Returns the language of a party, where it is known.
fn language_of(party: &Party) -> Option<Language> {
    match party.contact.language.as_deref() {
        Some("nl") => Some(Language::Nl),
        Some("en") => Some(Language::En),
        Some(_) | None => None,
    }
}

/// Returns what a template is filled with; `compile/letters.rs` in the procedure lists the same names with their shapes.
fn content(
    procedure: &Procedure,
    case: &LetterCase,
    letter: &Letter,
    record: &LetterRecord,
    to: &Addressee,
    language: Language,
) -> Value {
    let day = |at: Instant| json!(procedure.zone.local_date(at).to_string());
    let role_title = |name: &Name| {
        let role = procedure.find_role(name.as_str()).map(|role| procedure.role(role));
        role.map_or(name.as_str(), |role| role.title.in_language(language)).to_owned()
    };
    let name_of = |party: &Party| party.name.clone().unwrap_or_else(|| party.person.to_string());
    let LetterCase { acted, settled } = case;
    let mut content = facts(procedure, case, record.at);
    let opening = settled.opening.as_ref();
    content.insert(
        "case".to_owned(),
        json!({
            "reference": opening.map(|opening| opening.reference.as_str()).unwrap_or_default(),
            "title": procedure.title.in_language(language),
        }),
    );
    content.insert(
        "letter".to_owned(),
        json!({ "title": letter.title.in_language(language), "date": day(record.at) }),
    );
    let done = done(acted, record);
    let step = procedure.find_step(record.of.as_str()).map(|step| procedure.step(step));
    let deadline = procedure.find_deadline(record.of.as_str()).map(|of| procedure.deadline(of));
    let about = step.map(|step| &step.title).or(deadline.map(|deadline| &deadline.title));
    let outcome = step.and_then(|step| step.outcome(done?.outcome.as_ref()?.as_str()));
    content.insert(
        "step".to_owned(),
        json!({
            "title": about.map_or(record.of.as_str(), |title| title.in_language(language)),
            "item": record.item,
            "outcome": outcome.map(|outcome| outcome.title.in_language(language)),
        }),
    );
    let addressed = party(settled, to);
    content.insert(
        "to".to_owned(),
        json!({
            "name": addressed.map_or_else(|| to.person.to_string(), name_of),
            "role": role_title(&to.role),
            "address": to.address,
            "channel": to.channel,
            "copy": to.copy,
        }),
    );
    let parties = opening.iter().flat_map(|opening| &opening.parties);
    let parties: Vec<Value> = parties
        .map(|party| json!({ "name": name_of(party), "role": role_title(&party.role) }))
        .collect();
    content.insert("parties".to_owned(), Value::Array(parties));
    content.insert("remedy".to_owned(), remedy(procedure, case, record, to, language));
    content.insert("deadlines".to_owned(), deadlines(procedure, settled, record, to));
    let reader = Person { id: to.person.clone(), ..Person::nobody() };
    let listed = |known: &DocumentRecord| {
        let hidden = is_hidden(procedure, settled, &reader, known);
        let name = if hidden { known.number.to_string() } else { known.document.name.clone() };
        let title = known.document.title.clone().unwrap_or_else(|| name.clone());
        json!({ "number": known.number, "name": name, "title": title, "date": day(known.at) })
    };
    let enclosed = |known: &&DocumentRecord| {
        record.enclosures.iter().any(|enclosure| enclosure.number == known.number)
    };
    let documents: Vec<Value> = settled.documents.iter().map(listed).collect();
    let enclosures: Vec<Value> = settled.documents.iter().filter(enclosed).map(listed).collect();
    content.insert("documents".to_owned(), Value::Array(documents));
    content.insert("enclosures".to_owned(), Value::Array(enclosures));
    content.insert("reason".to_owned(), json!(record.reason));
    let form = done.map(|done| done.form.clone()).unwrap_or_default();
    content.insert("form".to_owned(), Value::Object(form));
    letter.shape.completed(Value::Object(content))
}

/// Returns how the step was done that a letter belongs to.
fn done<'c>(case: &'c Case, record: &LetterRecord) -> Option<&'c Done> {
    let instance = Instance { step: record.of.clone(), item: record.item.clone() };
    match case.instance(&instance).map(|instance| &instance.end) {
        Some(Some(End::Done(done))) => Some(done),
        Some(Some(End::Closed { .. }) | None) | None => case.step(&record.of)?.last_done(),
    }
}

/// Returns what every guard sees, as a letter tells it: as the case stands, and of a step that the act gave a new round
/// what was recorded in the round before. A letter that sends a decision back can say what that decision was.
fn facts(procedure: &Procedure, case: &LetterCase, at: Instant) -> Map<String, Value> {
    let LetterCase { acted, settled } = case;
    let mut facts = seen(procedure, settled, at);
    let was_done =
        |case: &Case, name: &Name| case.step(name).is_some_and(|s| s.last_done().is_some());
    let mut renewed = procedure
        .steps()
        .map(|(_, step)| &step.name)
        .filter(|name| was_done(acted, name) && !was_done(settled, name))
        .map(|name| in_guard(name.as_str()))
        .peekable();
    if renewed.peek().is_none() {
        return facts;
    }
    let mut before = seen(procedure, acted, at);
    if let (Some(Value::Object(steps)), Some(Value::Object(of_before))) =
        (facts.get_mut("steps"), before.get_mut("steps"))
    {
        steps.extend(renewed.filter_map(|name| of_before.remove_entry(&name)));
    }
    facts
}

/// Whether appeals lie against other outcomes of what a letter tells: against this one there are none to tell of.
fn is_beyond_appeal(procedure: &Procedure, record: &LetterRecord) -> bool {
    let step = procedure.find_step(record.of.as_str());
    step.is_some_and(|step| procedure.appeals_against(step).next().is_some())
}

/// Returns the ways to appeal against what a letter tells, to one of its addressees.
fn remedy(
    procedure: &Procedure,
    case: &LetterCase,
    record: &LetterRecord,
    to: &Addressee,
    language: Language,
) -> Value {
    let Some(step) = procedure.find_step(record.of.as_str()) else { return json!([]) };
    let titles = |roles: &[RoleIndex]| {
        let titles: Vec<&str> =
            roles.iter().map(|role| procedure.role(*role).title.in_language(language)).collect();
        match titles.as_slice() {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first @ .., last] => {
                format!("{} {} {last}", first.join(", "), language.pick("of", "or"))
            }
        }
    };
    // An appeal may lie against one outcome and not against another.
    let outcome = done(&case.acted, record).and_then(|done| done.outcome.as_ref());
    let lies = |against: &Against| match against {
        Against::Decision(decision) => *decision == step,
        Against::Outcome(decision, of) => {
            let of = procedure.step(*decision).outcomes.get(of.get()).map(|of| &of.name);
            *decision == step && of == outcome
        }
        Against::Lapse(_) => false,
    };
    let ways =
        procedure.appeals_against(step).filter(|(_, appeal)| appeal.against.iter().any(lies));
    let ways = ways.map(|(index, appeal)| {
        let filing = procedure.step(index);
        let window = appeal.window.map(|window| procedure.deadline(window));
        let last_day = window.and_then(|window| last_day(procedure, &case.settled, window, to));
        let term =
            window.and_then(|window| terms::find(procedure, &case.settled, window, record.at).ok());
        let term = term.map(|found| found.term);
        json!({
            "title": filing.title.in_language(language),
            "by": titles(&filing.who),
            "to": titles(&procedure.step(appeal.decided_by).who),
            "within": term.map(|term| term.to_string()),
            "last_day": last_day.map(|day| day.to_string()),
            "cite": filing.rule.cite,
        })
    });
    ways.collect()
}

/// Returns the last day of the window of an appeal for an addressee: his own or, where several may appeal and he may not,
/// theirs, if it is the same for all. A window that has not begun has none: it waits for the sending by hand, or for
/// others of whom a decision is still to be taken.
fn last_day(procedure: &Procedure, case: &Case, window: &Deadline, to: &Addressee) -> Option<Date> {
    let running = case.clocks.iter().filter(|(clock, record)| {
        clock.deadline == window.name && record.is_running() && !record.is_paused()
    });
    let is_own = |clock: &Clock| clock.item.as_deref() == Some(to.person.as_str());
    let own = running.clone().any(|(clock, _)| is_own(clock));
    let mut days = running
        .filter(|(clock, _)| !own || is_own(clock))
        .filter_map(|(_, record)| clock::reckon(procedure, case, window, record, None).ok())
        .map(|end| end.last_day);
    let first = days.next()?;
    days.all(|day| day == first).then_some(first)
}

/// Returns the last day of each deadline that runs: of one that runs for each of several, that of the addressee, or of the
/// item that the letter is about.
fn deadlines(procedure: &Procedure, case: &Case, record: &LetterRecord, to: &Addressee) -> Value {
    let mut days = Map::new();
    for (clock, running) in case.clocks.iter().filter(|(_, record)| record.is_running()) {
        let Some((_, rule)) = clock::rule(procedure, clock) else { continue };
        let of_addressee = |item: &String| *item == to.person.as_str();
        let of_letter = |item: &String| {
            let step = rule.of_step.map(|step| &procedure.step(step).name);
            step == Some(&record.of) && record.item.as_ref() == Some(item)
        };
        let others = |item: &String| !of_addressee(item) && !of_letter(item);
        if clock.item.as_ref().is_some_and(others) || running.is_paused() {
            continue;
        }
        if let Ok(end) = clock::reckon(procedure, case, rule, running, None) {
            days.insert(in_guard(rule.name.as_str()), json!(end.last_day.to_string()));
        }
    }
    Value::Object(days)
}

/// Returns the roles that may record the sending of a letter: those that it names, or else those that may do what it
/// belongs to.
pub(super) fn senders(procedure: &Procedure, letter: &Letter, of: &Name) -> Vec<RoleIndex> {
    if !letter.who.is_empty() {
        return letter.who.clone();
    }
    if let Some(step) = procedure.find_step(of.as_str()) {
        return procedure.step(step).who.clone();
    }
    let deadline = procedure.find_deadline(of.as_str()).map(|of| procedure.deadline(of));
    deadline
        .map(|rule| rule.extend.iter().flat_map(|extend| extend.who.clone()).collect())
        .unwrap_or_default()
}
