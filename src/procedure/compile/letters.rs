//! Letters: who gets them, what they must contain, and the templates that they are made of.

use super::scope::{self, in_guard};
use super::steps::{Context, field};
use super::{Findings, rule, title};
use crate::diagnostic::{Diagnostic, Place, Span, did_you_mean};
use crate::language::Language;
use crate::letter::{self, Field, Format, Shape, Template};
use crate::procedure::definition::{Content, Each, Letter, RoleIndex};
use crate::procedure::document::{LetterDocument, ProcedureDocument, StepDocument, Written};
use crate::procedure::guard::{Record, Type};
use crate::procedure::name::Name;
use crate::yaml::Node;
use std::collections::{BTreeMap, BTreeSet};

/// The formats and languages in which a letter can be made, with the ending of each file.
const FILES: [(Format, Option<Language>, &str); 6] = [
    (Format::Text, Some(Language::Nl), ".nl.txt"),
    (Format::Text, Some(Language::En), ".en.txt"),
    (Format::Text, None, ".txt"),
    (Format::Html, Some(Language::Nl), ".nl.html"),
    (Format::Html, Some(Language::En), ".en.html"),
    (Format::Html, None, ".html"),
];

/// Returns the paths of the files that a `template` may stand for.
pub fn template_files(template: &str) -> impl Iterator<Item = String> {
    FILES.iter().map(move |(_, _, ending)| format!("{template}{ending}"))
}

/// Compiles the letters of a file.
pub(super) fn letters(
    context: &Context<'_>,
    files: &BTreeMap<String, Node>,
    findings: &mut Findings,
) -> Vec<Letter> {
    let document = context.document;
    let mut senders = senders(document);
    if !document.letters.is_empty() {
        for sender in &mut senders {
            sender.name = declared(sender.letter, document, findings);
        }
    }
    let mut letters = Vec::new();
    for written in &document.letters {
        let of = |sender: &&Sender<'_>| sender.name == Some(written.name.text.as_str());
        let senders: Vec<&Sender<'_>> = senders.iter().filter(of).collect();
        if senders.is_empty() {
            let name = &written.name;
            let finding = Diagnostic::warning("unused-letter", &name.place)
                .message(format!("letter `{}` is never sent", name.text))
                .label("no step, outcome or extension names it");
            findings.add(finding.help("remove it, or name it in a `letter`"));
        }
        letters.push(letter(context, written, &senders, files, findings));
    }
    letters
}

/// Something that sends a letter.
struct Sender<'a> {
    letter: &'a Written,
    /// The letter that is declared by this name, or by the one that it is a slip of.
    name: Option<&'a str>,
    /// The step, with its place among all, where it is a step.
    step: Option<(usize, &'a StepDocument)>,
}

fn senders(document: &ProcedureDocument) -> Vec<Sender<'_>> {
    let filings = document.appeals.iter().map(|appeal| &appeal.filing);
    let steps = document.steps.iter().chain(&document.acts).chain(filings).enumerate();
    let mut senders = Vec::new();
    for (place, step) in steps {
        let of = |letter| Sender { letter, name: None, step: Some((place, step)) };
        senders.extend(step.letter.iter().map(of));
        let outcomes = step.outcomes.iter().filter_map(|outcome| outcome.letter.as_ref());
        senders.extend(outcomes.map(of));
    }
    let extensions = document.deadlines.iter().flat_map(|deadline| &deadline.extend);
    let of_extensions = extensions.filter_map(|extend| extend.letter.as_ref());
    senders.extend(of_extensions.map(|letter| Sender { letter, name: None, step: None }));
    senders
}

/// Returns the name of the letter that is sent, or reports that there is none.
fn declared<'a>(
    letter: &Written,
    document: &'a ProcedureDocument,
    findings: &mut Findings,
) -> Option<&'a str> {
    let mut names = document.letters.iter().map(|letter| letter.name.text.as_str());
    if let Some(name) = names.clone().find(|name| *name == letter.text) {
        return Some(name);
    }
    let finding = Diagnostic::error("unknown-letter", &letter.place)
        .message(format!("no letter `{}`", letter.text))
        .label("letter not declared");
    let near = did_you_mean(&letter.text, names.clone());
    findings.add(match near {
        Some(near) => finding
            .help(format!("a letter with a similar name exists: `{near}`"))
            .suggest(letter.place.span, near),
        None => finding.help(format!("declare it: `letters: {{ {}: {{}} }}`", letter.text)),
    });
    names.find(|name| Some(*name) == near)
}

fn letter(
    context: &Context<'_>,
    written: &LetterDocument,
    senders: &[&Sender<'_>],
    files: &BTreeMap<String, Node>,
    findings: &mut Findings,
) -> Letter {
    let shape = shape(context, senders);
    let must_contain: Vec<Content> = written
        .must_contain
        .iter()
        .filter_map(|wanted| content(context, wanted, senders, findings))
        .collect();
    let templates = written
        .template
        .as_ref()
        .map(|path| templates(path, files, &shape, &must_contain, findings))
        .unwrap_or_default();
    let to = addressed(context, &written.to, findings);
    let copy_to = addressed(context, &written.copy_to, findings);
    for role in copy_to.iter().filter(|role| to.contains(role) || to.is_empty()) {
        let name = context.document.roles.get(role.0).map_or("", |role| role.name.text.as_str());
        if let Some(place) = written.copy_to.iter().find(|copy| copy.text == name) {
            let finding = Diagnostic::error("copy-to-addressee", &place.place)
                .message(format!("`{name}` gets the letter already"))
                .label("a copy besides it");
            findings.add(finding.help(if to.is_empty() {
                "say to whom the letter goes: `to: …`; without it every party gets it"
            } else {
                "name it under `to` or under `copy-to`"
            }));
        }
    }
    let by_hand = written.sent.as_ref().is_some_and(|sent| sent.text == "by-hand");
    if let Some(place) = written.who_place.as_ref().filter(|_| !by_hand) {
        let finding = Diagnostic::error("sent-by-itself", place)
            .message(format!("nobody sends `{}`: it goes out by itself", written.name.text))
            .label("who would send it");
        findings.add(finding.help("add `sent: by-hand`, or leave `who` out"));
    }
    let automatic = senders.iter().any(|sender| sender.step.is_some_and(|(_, step)| !step.has_who));
    if by_hand && written.who.is_empty() && automatic {
        let name = &written.name;
        let finding = Diagnostic::error("nobody-sends-it", &name.place)
            .message(format!("nobody may send letter `{}`", name.text))
            .label("it belongs to a step that nobody does");
        findings.add(finding.help("say who sends it: `who: …`"));
    }
    Letter {
        name: Name::from(written.name.text.as_str()),
        title: title(written.title.as_ref(), &written.name),
        templates,
        shape,
        to,
        copy_to,
        must_contain,
        by_hand,
        who: context.names.roles(&written.who, findings),
        rule: rule(&written.name.place, written.cite.as_ref()),
    }
}

/// Returns the roles that a letter goes to, which are those of parties.
fn addressed(
    context: &Context<'_>,
    written: &[Written],
    findings: &mut Findings,
) -> Vec<RoleIndex> {
    let mut roles = Vec::new();
    for name in written {
        let Some(role) = context.names.role(name, findings) else { continue };
        if context.document.roles.get(role.0).is_some_and(|role| !role.party) {
            let finding = Diagnostic::error("not-a-party", &name.place)
                .message(format!("`{}` is no party, so no letter is addressed to it", name.text))
                .label("a staff role");
            findings.add(finding.help("a letter goes to roles that have `party: true`"));
        }
        roles.push(role);
    }
    roles
}

/// Returns where templates find something that a letter must contain.
fn content(
    context: &Context<'_>,
    wanted: &Written,
    senders: &[&Sender<'_>],
    findings: &mut Findings,
) -> Option<Content> {
    let of = |path: String| {
        Some(Content { written: wanted.text.clone(), path, place: wanted.place.clone() })
    };
    let text = wanted.text.as_str();
    if matches!(text, "remedy" | "reason") {
        return of(text.to_owned());
    }
    if text.contains('.') {
        return match field(context, wanted, findings)?.0 {
            Each::Data(name) => of(format!("data.{name}")),
            Each::Form(step, name) => {
                let all = all_steps(context.document);
                let step = all.get(step.0).map(|step| in_guard(&step.name.text))?;
                of(format!("steps.{step}.form.{name}"))
            }
            Each::Listed(_) | Each::Parties(_) => None,
        };
    }
    let shapes = senders.iter().filter_map(|sender| context.shapes.get(sender.step?.0));
    let shapes: Vec<_> = shapes.collect();
    if shapes.iter().any(|shape| !shape.lacks(text)) {
        return of(format!("form.{text}"));
    }
    let fields: BTreeSet<&str> =
        shapes.iter().flat_map(|shape| shape.fields()).map(|field| field.name.as_str()).collect();
    let finding = Diagnostic::error("unknown-field", &wanted.place)
        .message(format!("the letter knows no `{text}`"))
        .label("not recorded with what sends it");
    let names = fields.iter().copied().chain(["remedy", "reason"]);
    let finding = if let Some(near) = did_you_mean(text, names.clone()) {
        let finding = finding.help(format!("a similar name exists: `{near}`"));
        finding.suggest(wanted.place.span, near)
    } else {
        let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
        finding.help(format!("there are {}; or name a field as `data.…`", names.join(", ")))
    };
    findings.add(finding);
    None
}

fn all_steps(document: &ProcedureDocument) -> Vec<&StepDocument> {
    let filings = document.appeals.iter().map(|appeal| &appeal.filing);
    document.steps.iter().chain(&document.acts).chain(filings).collect()
}

/// Reads the templates that a path stands for.
fn templates(
    path: &Written,
    files: &BTreeMap<String, Node>,
    shape: &Shape,
    must_contain: &[Content],
    findings: &mut Findings,
) -> Vec<Template> {
    let mut read = Vec::new();
    let mut there = false;
    for (format, language, ending) in FILES {
        let Some(node) = files.get(&format!("{}{ending}", path.text)) else { continue };
        there = true;
        // What was checked when it was published is not checked again.
        let whole = if findings.published { &Shape::Anything } else { shape };
        match Template::read(&node.place.source, format, language, whole) {
            Ok(template) => {
                check_content(&template, node, must_contain, findings);
                read.push(template);
            }
            Err(found) => findings.extend(found.into_iter().map(|one| in_file(one, &node.place))),
        }
    }
    if !there {
        findings.add(no_such_template(path, files));
    }
    read
}

fn no_such_template(path: &Written, files: &BTreeMap<String, Node>) -> Diagnostic {
    let leaves = path.text.contains("://")
        || path.text.starts_with('/')
        || path.text.split('/').any(|part| part == "..");
    if leaves {
        return Diagnostic::error("ref-outside", &path.place)
            .message("a template is a file of the workspace")
            .label("this leads out of it")
            .help("write the path from the procedure's folder: `brieven/afdoening`");
    }
    let finding = Diagnostic::error("no-such-template", &path.place)
        .message(format!("no template `{}`", path.text))
        .label("no file of this name is there");
    let stem = |file: &String| {
        let ending = FILES.iter().find(|(_, _, ending)| file.ends_with(ending))?.2;
        file.strip_suffix(ending).map(str::to_owned)
    };
    let stems: BTreeSet<String> = files.keys().filter_map(stem).collect();
    if let Some(near) = did_you_mean(&path.text, stems.iter().map(String::as_str)) {
        return finding
            .help(format!("there is a template `{near}`"))
            .suggest(path.place.span, near);
    }
    finding.help(format!(
        "write the path without language and format: `{0}` stands for `{0}.nl.txt`, `{0}.en.html` and so on",
        path.text
    ))
}

/// A template that leaves out what the letter must contain would never do.
fn check_content(
    template: &Template,
    node: &Node,
    must_contain: &[Content],
    findings: &mut Findings,
) {
    for wanted in must_contain.iter().filter(|wanted| !template.reads(&wanted.path)) {
        let name = &node.place.source.name;
        let finding = Diagnostic::error("letter-lacks", &wanted.place)
            .message(format!("the letter must contain `{}`, and `{name}` doesn't", wanted.written))
            .label("asked for here");
        let path = &wanted.path;
        findings.add(finding.help(if path == "remedy" {
            "put it in: `{% for way in remedy %}{{ way.title }} …{% endfor %}`".to_owned()
        } else {
            format!("put it in: `{{{{ {path} }}}}`")
        }));
    }
}

/// Returns a finding about a template with its place in the file.
fn in_file(found: letter::Finding, whole: &Place) -> Diagnostic {
    let place = whole.with_span(Span::new(found.range.start, found.range.end));
    let mut finding =
        Diagnostic::error(found.code, &place).message(found.message).label(found.label);
    if let Some(help) = found.help {
        finding = finding.help(help);
    }
    match found.suggestion {
        Some((range, text)) => finding.suggest(Span::new(range.start, range.end), text),
        None => finding,
    }
}

/// Returns what a template of a letter can put in: the one place that lists it.
fn shape(context: &Context<'_>, senders: &[&Sender<'_>]) -> Shape {
    let mut fields: BTreeMap<String, Field> = context
        .scope
        .names()
        .map(|(name, ty, meaning)| {
            let shape = of_type(ty);
            (
                name.to_owned(),
                Field { may_be_absent: name == "channel", ..Field::always(shape, meaning) },
            )
        })
        .collect();
    let text = |meaning: &str| Field::always(Shape::Text, meaning);
    let perhaps = |meaning: &str| Field::perhaps(Shape::Text, meaning);
    let always_ends = !senders.is_empty()
        && senders
            .iter()
            .all(|sender| sender.step.is_some_and(|(_, step)| !step.outcomes.is_empty()));
    let reference = Shape::group([
        ("reference", text("the number of the case")),
        ("title", text("the title of the procedure")),
    ]);
    let letter = Shape::group([
        ("title", text("the title of the letter")),
        ("date", Field::always(Shape::Date, "the day on which it is made")),
    ]);
    let step = Shape::group([
        ("title", text("the title of the step or deadline that the letter belongs to")),
        ("item", perhaps("the item that it is about, where it is done for each of a list")),
        ("outcome", Field { may_be_absent: !always_ends, ..text("the title of the outcome") }),
    ]);
    let addressee = Shape::group([
        ("name", text("the name of the addressee")),
        ("role", text("the title of the addressee's role")),
        ("address", perhaps("the address")),
        ("channel", perhaps("the way by which the letter goes")),
        ("copy", Field::always(Shape::Flag, "whether this is a copy")),
    ]);
    let party = Shape::group([
        ("name", text("the name of a party")),
        ("role", text("the title of the party's role")),
    ]);
    let way = Shape::group([
        ("title", text("the title of the appeal")),
        ("by", text("the titles of the roles that may appeal, in one sentence")),
        ("to", text("the titles of the roles that decide it, in one sentence")),
        ("within", perhaps("the term, for `| term`; there may be none")),
        (
            "last_day",
            Field::perhaps(Shape::Date, "the last day, where it is known when the letter is made"),
        ),
        ("cite", perhaps("the source of the right")),
    ]);
    let named = context.document.deadlines.iter().map(|deadline| &deadline.name);
    let steps = all_steps(context.document);
    let of_steps = steps.iter().filter(|step| step.within.is_some()).map(|step| &step.name);
    let deadlines = named.chain(of_steps).map(|name| {
        let field = Field::perhaps(Shape::Date, "the last day of the deadline, while it runs");
        (in_guard(&name.text), field)
    });
    fields.extend([
        ("case".to_owned(), Field::always(reference, "the case")),
        ("letter".to_owned(), Field::always(letter, "the letter itself")),
        ("step".to_owned(), Field::always(step, "what the letter belongs to")),
        ("to".to_owned(), Field::always(addressee, "who gets it")),
        (
            "parties".to_owned(),
            Field::always(Shape::list(party), "everybody with rights in the case"),
        ),
        (
            "remedy".to_owned(),
            Field::always(Shape::list(way), "the ways to appeal against the decision"),
        ),
        ("deadlines".to_owned(), Field::always(Shape::group(deadlines), "the deadlines that run")),
        ("reason".to_owned(), perhaps("the reason given, as with an extension")),
        (
            "form".to_owned(),
            Field::always(form(context, senders), "what was recorded with the step"),
        ),
    ]);
    Shape::Group(fields)
}

/// Returns the fields of the forms of all that send a letter: a field is always there when it is in each of them.
fn form(context: &Context<'_>, senders: &[&Sender<'_>]) -> Shape {
    let mut fields: BTreeMap<String, (Field, usize)> = BTreeMap::new();
    for sender in senders {
        let Some(shape) = sender.step.and_then(|(place, _)| context.shapes.get(place)) else {
            continue;
        };
        let Shape::Group(of_form) = of_type(&scope::form_type(shape)) else {
            return Shape::Anything;
        };
        for (name, field) in of_form {
            let known = fields.entry(name).or_insert((field.clone(), 0));
            known.0.may_be_absent |= field.may_be_absent;
            known.1 += 1;
            if known.0.shape != field.shape {
                known.0.shape = Shape::Anything;
            }
        }
    }
    Shape::group(fields.into_iter().map(|(name, (field, count))| {
        let may_be_absent = field.may_be_absent || count < senders.len();
        (name, Field { may_be_absent, ..field })
    }))
}

fn of_type(ty: &Type) -> Shape {
    match ty {
        Type::Boolean => Shape::Flag,
        Type::Integer | Type::Decimal => Shape::Number,
        Type::Text { .. } => Shape::Text,
        Type::Date => Shape::Date,
        Type::List(items) => Shape::list(of_type(items)),
        Type::Record(record) => of_record(record),
        Type::Anything => Shape::Anything,
    }
}

fn of_record(record: &Record) -> Shape {
    Shape::group(record.fields().map(|(name, field)| {
        let shape = of_type(&field.ty);
        (name, Field { may_be_absent: field.may_be_absent, ..Field::always(shape, "") })
    }))
}
