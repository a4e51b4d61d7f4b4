//! From a text to a procedure: the only way from one to the other.
//!
//! Everything that is wrong is reported at once, in the order of the text, one finding for one mistake. Behind it no
//! name is looked up in vain.

mod access;
mod anchors;
mod appeals;
mod between;
mod deadlines;
mod flow;
mod functions;
mod letters;
mod meant;
mod names;
mod opens;
mod people;
mod transition;
mod scope;
mod steps;
mod within;

pub use letters::template_files;
pub use scope::{in_guard, list_scope, outcome_scope};

use super::access::Access;
use super::between::Between;
use super::check;
use super::definition::{
    Breach, Disposal, InForce, Intake, Procedure, Records, RecordsFrom, ReferencePart,
    ReferencePattern, Role, RoleIndex, Rule, SelectedBy,
};
use super::document::{ProcedureDocument, Written};
use super::name::Name;
use super::overlay;
use super::version::Version;
use crate::diagnostic::{Diagnostic, Place, Severity, did_you_mean, in_order};
use crate::language::Text;
use crate::schema::FormSchema;
use crate::schema::Schema;
use crate::time::{Almanac, Calendar, Counting, Date, Term, TermError, TimeZone, parse_date};
use crate::yaml::Node;
use names::Names;
use scope::Shape;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

/// The description of the language, compiled in.
pub const SCHEMA: &str = include_str!("../../../schemas/procedure.schema.json");

static COMPILED_SCHEMA: LazyLock<Option<Schema>> =
    LazyLock::new(|| of_whole_texts().and_then(|text| Schema::compile(&text).ok()));

/// Returns the schema of a text that stands alone. As it is published it lets a text with a `base` lack roles and steps, so that
/// an editor accepts it; what is compiled has its base under it, and lacks nothing.
fn of_whole_texts() -> Option<String> {
    let mut schema: serde_json::Value = serde_json::from_str(SCHEMA).ok()?;
    let object = schema.as_object_mut()?;
    object.remove("if");
    let whole = object.remove("else")?;
    let mut required = object.get("required")?.as_array()?.clone();
    required.extend(whole.get("required")?.as_array()?.iter().cloned());
    object.insert("required".to_owned(), required.into());
    Some(schema.to_string())
}

/// A procedure and what is worth a second look.
#[derive(Debug)]
pub struct Compiled {
    /// The procedure.
    pub procedure: Arc<Procedure>,
    /// Warnings, in the order of the text.
    pub warnings: Vec<Diagnostic>,
}

/// Checks a procedure's text against the language and its own names, and compiles it.
///
/// `files` are the other files that it may name, by their path in the workspace: schemas of forms.
///
/// # Errors
/// All findings, in the order of the text; at least one of them is an error.
pub fn compile(
    root: &Node,
    files: &BTreeMap<String, Node>,
    almanac: &Almanac,
) -> Result<Compiled, Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let meant = COMPILED_SCHEMA.as_ref().map(|schema| meant::read(schema, root));
    let procedure = match meant {
        Some(meant) => {
            findings.found_by_schema(meant.findings);
            findings.misread = meant.misread;
            build(&meant.root, files, almanac, &mut findings)
        }
        None => build(root, files, almanac, &mut findings),
    };
    findings.extend(overlay::check(root));
    findings.extend(check::of_what_is_there(&procedure));
    if !findings.misread {
        findings.extend(check::of_what_is_missing(&procedure));
    }
    if !findings.misread && !findings.has_errors() {
        findings.extend(check::of_what_is_sound(&procedure));
    }
    let (all, has_errors) = findings.done();
    if has_errors {
        Err(all)
    } else {
        Ok(Compiled { procedure: Arc::new(procedure), warnings: all })
    }
}

/// Compiles a text that was checked when it was published: no schema, no rules, only the names.
///
/// # Errors
/// What keeps it from running, which means that the stored text was not the one that was checked.
pub fn compile_published(
    root: &Node,
    files: &BTreeMap<String, Node>,
    almanac: &Almanac,
) -> Result<Arc<Procedure>, Vec<Diagnostic>> {
    let mut findings = Findings { published: true, ..Findings::default() };
    let procedure = build(root, files, almanac, &mut findings);
    let (all, has_errors) = findings.done();
    if has_errors { Err(all) } else { Ok(Arc::new(procedure)) }
}

/// Findings so far; those whose cause was reported already are passed over.
#[derive(Default)]
pub(super) struct Findings {
    found: Vec<Diagnostic>,
    by_schema: usize,
    /// Whether the text was checked before, when it was published.
    published: bool,
    /// Whether something could not be read, so that more seems to be missing than is.
    misread: bool,
}

impl Findings {
    fn found_by_schema(&mut self, found: Vec<Diagnostic>) {
        self.by_schema = found.len();
        self.found = found;
    }

    pub(super) fn add(&mut self, finding: Diagnostic) {
        let by_schema = self.by_schema.min(self.found.len());
        let (schema, _) = self.found.split_at_mut(by_schema);
        let spans = |earlier: &Diagnostic| {
            let Place { source, span } = &earlier.place;
            let same_text = *source == finding.place.source;
            let around = span.start != span.end && span.contains(finding.place.span);
            same_text && (*span == finding.place.span || around)
        };
        match schema.iter_mut().find(|earlier| spans(earlier)) {
            None => self.found.push(finding),
            // The schema knows only that the text has another shape; what is meant by it is known here.
            Some(earlier) if earlier.place == finding.place && knows_more(&finding, earlier) => {
                *earlier = finding;
            }
            Some(_) => {}
        }
    }

    /// Notes that something could not be read: what seems to be missing may only be misspelt.
    pub(super) fn misread(&mut self) {
        self.misread = true;
    }

    /// Compiles a form, or reports what is wrong with it.
    fn form(&mut self, node: &Node, files: &BTreeMap<String, Node>) -> Option<FormSchema> {
        let compiled = if self.published {
            FormSchema::compile_published(node, files)
        } else {
            FormSchema::compile(node, files)
        };
        compiled.map_err(|found| self.extend(found)).ok()
    }

    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Diagnostic>) {
        for finding in findings {
            self.add(finding);
        }
    }

    fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    fn done(self) -> (Vec<Diagnostic>, bool) {
        let has_errors = self.has_errors();
        (in_order(self.found), has_errors)
    }
}

/// Says whether a finding says more than the one of the schema at the same place.
fn knows_more(finding: &Diagnostic, of_schema: &Diagnostic) -> bool {
    match of_schema.code {
        "wrong-text" => true,
        "wrong-type" => finding.code == "not-a-term",
        _ => false,
    }
}

/// The calendar, zone and counting rule that hold unless a deadline says otherwise.
struct Law<'a> {
    almanac: &'a Almanac,
    zone: TimeZone,
    calendar: Arc<Calendar>,
    counting: Arc<Counting>,
}

fn build(
    root: &Node,
    files: &BTreeMap<String, Node>,
    almanac: &Almanac,
    findings: &mut Findings,
) -> Procedure {
    let document = ProcedureDocument::read(root);
    let names = Names::declared(&document, findings);
    let law = law(&document, almanac, findings);
    let roles = roles(&document, &names, findings);
    let data = data(&document, files, findings);
    let intake = intake(&document, &names, &data, findings);
    let access = match &document.case {
        Some(case) => access::access(
            &document,
            case,
            &names,
            &staff_of(&document, &intake.who),
            &intake.rule,
            findings,
        ),
        None => Access::usual(&intake.rule),
    };
    let shapes = steps::forms(&document, files, findings);
    let all_steps = document.steps.iter().chain(&document.acts);
    let all_steps = all_steps.chain(document.appeals.iter().map(|appeal| &appeal.filing));
    let in_scope: Vec<_> = all_steps
        .zip(&shapes)
        .enumerate()
        .map(|(place, (step, shape))| {
            let outcomes: Vec<String> = step.outcomes.iter().map(|o| o.name.text.clone()).collect();
            let appeal = place >= document.steps.len() + document.acts.len();
            (in_guard(&step.name.text), scope::step_type(&step.name.text, &outcomes, shape, appeal))
        })
        .collect();
    let channels: Vec<String> = intake.channels.iter().map(Name::to_string).collect();
    let scope = scope::scope(&data, &channels, &in_scope);
    let scope = functions::with_functions(&document, scope, findings);
    let context = steps::Context {
        names: &names,
        scope: &scope,
        data: &data,
        shapes: &shapes,
        document: &document,
    };
    let people = people::people(&context, findings);
    let mut steps = steps::steps(&context, findings);
    let phases = flow::phases(&document, &names, findings);
    flow::cancel_all_but_the_first(&phases, &mut steps);
    flow::wait_to_be_owed(&document, &names, &mut steps);
    let deadlines = deadlines::deadlines(&context, &law, &steps, findings);
    let letters = letters::letters(&context, files, findings);
    let records = records(&context, findings);
    let transition = transition::transition(&context, findings);
    for (step, shape) in steps.iter_mut().zip(shapes) {
        step.form = shape.into_form();
    }
    let intake = Intake { schema: data.into_form().unwrap_or_else(FormSchema::empty), ..intake };
    let mut procedure = Procedure {
        name: Name::from(document.name.text.as_str()),
        title: title(document.title.as_ref(), &document.name),
        description: document.description.clone(),
        cite: document.cite.clone(),
        sources: document.sources.iter().map(|source| source.text.clone()).collect(),
        version: Version::of(root, files),
        in_force: in_force(&document, findings),
        zone: law.zone,
        calendar: law.calendar,
        counting: law.counting,
        reference: reference(&document, findings),
        roles,
        apart: Vec::new(),
        same: Vec::new(),
        intake,
        access,
        steps,
        phases,
        deadlines,
        letters,
        records,
        transition,
        scope,
    };
    people.put_into(&mut procedure);
    procedure
}

fn title(title: Option<&Text>, name: &Written) -> Text {
    title.cloned().unwrap_or_else(|| Text::plain(name.text.clone()))
}

/// Returns what becomes of an act that a rule forbids; the schema has seen that it is one of these words.
fn breach(written: Option<&Written>) -> Breach {
    match written.map(|written| written.text.as_str()) {
        Some("flag") => Breach::Flag,
        Some("flag-without-reason") => Breach::FlagWithoutReason,
        Some(_) | None => Breach::Refuse,
    }
}

/// Reports that there is nothing that could be flagged, unless there is.
fn check_breach(written: Option<&Written>, there: bool, lacks: &str, findings: &mut Findings) {
    let Some(written) = written.filter(|written| !there && written.text != "refuse") else {
        return;
    };
    let finding = Diagnostic::error("nothing-to-flag", &written.place)
        .message("no rule stands here that could be broken")
        .label(format!("there is no {lacks} beside it"));
    findings.add(finding.help(format!("write it beside {lacks}, or leave it out")));
}

fn rule(place: &Place, cite: Option<&String>) -> Rule {
    Rule { place: place.clone(), cite: cite.cloned() }
}

fn law<'a>(document: &ProcedureDocument, almanac: &'a Almanac, findings: &mut Findings) -> Law<'a> {
    let named = document.jurisdiction.as_ref();
    let found = named.and_then(|written| {
        let found = almanac.jurisdiction(&written.text).ok();
        if found.is_none() {
            let names: Vec<&str> = almanac.jurisdiction_names().collect();
            findings.add(unknown("unknown-jurisdiction", "jurisdiction", written, &names));
        }
        found
    });
    let base = found.unwrap_or_default();
    let zone = document.time_zone.as_ref().and_then(|written| {
        let zone = TimeZone::named(&written.text).ok();
        if zone.is_none() {
            let names: Vec<String> = TimeZone::known_names().collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            findings.add(unknown("unknown-time-zone", "time zone", written, &names));
        }
        zone
    });
    Law {
        almanac,
        zone: zone.unwrap_or(base.time_zone),
        calendar: calendar(document.calendar.as_ref(), almanac, findings).unwrap_or(base.calendar),
        counting: counting(document.counting.as_ref(), almanac, findings).unwrap_or(base.counting),
    }
}

fn calendar(
    written: Option<&Written>,
    almanac: &Almanac,
    findings: &mut Findings,
) -> Option<Arc<Calendar>> {
    let written = written?;
    let found = almanac.calendar(&written.text).ok();
    if found.is_none() {
        let names: Vec<&str> = almanac.calendar_names().collect();
        findings.add(unknown("unknown-calendar", "calendar", written, &names));
    }
    found
}

fn counting(
    written: Option<&Written>,
    almanac: &Almanac,
    findings: &mut Findings,
) -> Option<Arc<Counting>> {
    let written = written?;
    let found = almanac.counting(&written.text).ok();
    if found.is_none() {
        let names: Vec<&str> = almanac.counting_names().collect();
        findings.add(unknown("unknown-counting", "counting rule", written, &names));
    }
    found
}

fn unknown(code: &'static str, what: &str, written: &Written, names: &[&str]) -> Diagnostic {
    let finding = Diagnostic::error(code, &written.place)
        .message(format!("no {what} `{}`", written.text))
        .label(format!("{what} not known"));
    match did_you_mean(&written.text, names.iter().copied()) {
        Some(near) => finding
            .help(format!("a {what} with a similar name exists: `{near}`"))
            .suggest(written.place.span, near),
        None if names.is_empty() => finding.help(format!("this file declares no {what}")),
        None if names.len() <= 20 => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            finding.help(format!("there are {}", names.join(", ")))
        }
        None if code == "unknown-time-zone" => {
            finding.help("write it as in the tz database: `Europe/Amsterdam`")
        }
        None => finding.help("`verloop calendar list` names all that there are"),
    }
}

/// Returns the term that is written, or reports what is wrong with it.
fn term(written: Option<&Written>, findings: &mut Findings) -> Option<Term> {
    let written = written?;
    match Term::from_str(&written.text) {
        Ok(term) => Some(term),
        Err(error) => {
            let finding = Diagnostic::error("not-a-term", &written.place)
                .message(error.to_string())
                .help(error.help());
            findings.add(match near_unit(written, &error) {
                Some((place, unit)) => finding.suggest(place.span, unit),
                None => finding.label("expected a term"),
            });
            findings.misread();
            None
        }
    }
}

/// Returns the unit that was most likely meant, and where it stands.
fn near_unit<'a>(written: &Written, error: &'a TermError) -> Option<(Place, &'a str)> {
    let TermError::UnknownUnit { unit, like } = error else { return None };
    let start = written.text.find(unit.as_str())?;
    let place = names::part(&written.place, &written.text, start, start + unit.len());
    (place.text() == unit).then_some((place, like.as_deref()?))
}

fn roles(document: &ProcedureDocument, names: &Names, findings: &mut Findings) -> Vec<Role> {
    let role = |role: &super::document::RoleDocument| {
        check_breach(role.breach.as_ref(), !role.not.is_empty(), "`not`", findings);
        let mut acts_for = Vec::new();
        for written in &role.acts_for {
            let Some(index) = names.role(written, findings) else { continue };
            acts_for.push(index);
            if !document.roles.get(index.0).is_some_and(|other| other.party) {
                let finding = Diagnostic::error("not-a-party", &written.place)
                    .message(format!("`{}` is no party, so nobody acts for it", written.text))
                    .label("a staff role");
                findings.add(finding.help("`acts-for` names roles that have `party: true`"));
            }
        }
        Role {
            name: Name::from(role.name.text.as_str()),
            title: title(role.title.as_ref(), &role.name),
            description: role.description.clone(),
            party: role.party,
            acts_for,
            several: role.several.as_ref().is_none_or(|several| several.text != "false"),
            represents: represents(document, role, names, findings),
            not: Vec::new(),
            may_assign: role.may_assign,
            rule: rule(&role.name.place, role.cite.as_ref()),
        }
    };
    document.roles.iter().map(role).collect()
}

/// Compiles what is recorded when a case is opened.
fn data(
    document: &ProcedureDocument,
    files: &BTreeMap<String, Node>,
    findings: &mut Findings,
) -> Shape {
    match &document.case {
        None => Shape::Nothing,
        Some(case) => findings.form(&case.schema, files).map_or(Shape::Broken, Shape::Form),
    }
}

fn intake(
    document: &ProcedureDocument,
    names: &Names,
    data: &Shape,
    findings: &mut Findings,
) -> Intake {
    let place = document.case.as_ref().map_or(&document.name.place, |case| &case.place);
    let nothing = Intake {
        who: Vec::new(),
        correct: Vec::new(),
        between: Between::default(),
        channels: Vec::new(),
        schema: FormSchema::empty(),
        required: Vec::new(),
        asked: Vec::new(),
        rule: rule(place, None),
    };
    let Some(case) = &document.case else { return nothing };
    for asked in &case.asked {
        if data.lacks(&asked.text) {
            findings.add(unknown_field(asked, data));
        } else if case.required.iter().any(|required| required.text == asked.text) {
            let finding = Diagnostic::error("asked-and-required", &asked.place)
                .message(format!("`{}` is required and asked for", asked.text))
                .label("without it there is no case, so it need not be asked for");
            findings.add(finding.help("keep it in one of the two lists"));
        }
    }
    let who = names.roles(&case.who, findings);
    let correct = if case.has_correct {
        names.roles(&case.correct, findings)
    } else {
        staff_of(document, &who)
    };
    Intake {
        who,
        correct,
        between: between::between(document, &case.between, names, findings),
        channels: case.channels.iter().map(|channel| Name::from(channel.text.as_str())).collect(),
        required: case.required.iter().map(|field| field.text.clone()).collect(),
        asked: case.asked.iter().map(|field| field.text.clone()).collect(),
        ..nothing
    }
}

/// Returns those of `roles` that staff hold.
fn staff_of(document: &ProcedureDocument, roles: &[RoleIndex]) -> Vec<RoleIndex> {
    let is_party = |role: &RoleIndex| document.roles.get(role.get()).is_some_and(|role| role.party);
    roles.iter().copied().filter(|role| !is_party(role)).collect()
}

/// Returns the party roles that a party role represents.
fn represents(
    document: &ProcedureDocument,
    role: &super::document::RoleDocument,
    names: &Names,
    findings: &mut Findings,
) -> Vec<RoleIndex> {
    let mut represents = Vec::new();
    for written in &role.represents {
        let Some(index) = names.role(written, findings) else { continue };
        let party = |index: RoleIndex| document.roles.get(index.get()).is_some_and(|r| r.party);
        let wrong = if !party(index) {
            Some(format!("`{}` is no party, so nobody represents it", written.text))
        } else if !role.party {
            Some(format!("`{}` is no party, so it represents nobody", role.name.text))
        } else {
            None
        };
        match wrong {
            Some(message) => {
                let finding = Diagnostic::error("not-a-party", &written.place)
                    .message(message)
                    .label("both must be parties");
                let help = "`represents` stands in a role with `party: true` and names such roles; staff have `acts-for`";
                findings.add(finding.help(help));
            }
            None => represents.push(index),
        }
    }
    represents
}

fn unknown_field(written: &Written, data: &Shape) -> Diagnostic {
    let finding = Diagnostic::error("unknown-field", &written.place)
        .message(format!("the case data has no field `{}`", written.text))
        .label("field not declared");
    match did_you_mean(&written.text, data.fields().iter().map(|field| field.name.as_str())) {
        Some(near) => finding
            .help(format!("a field with a similar name exists: `{near}`"))
            .suggest(written.place.span, near),
        None => finding.help("declare it in `case`, under `properties`"),
    }
}

fn in_force(document: &ProcedureDocument, findings: &mut Findings) -> InForce {
    let Some(written) = &document.in_force else { return InForce::default() };
    let from = date(written.from.as_ref(), findings);
    let until = date(written.until.as_ref(), findings);
    if let (Some(from), Some(until), Some(place)) = (from, until, &written.until)
        && until < from
    {
        let finding = Diagnostic::error("span-ends-before-it-begins", &place.place)
            .message("this version ends before it begins")
            .label(format!("before {from}"));
        findings.add(finding.help("`until` is the last day on which it is picked"));
    }
    let selected_by = match written.selected_by.as_ref().map(|by| by.text.as_str()) {
        Some("opened") => SelectedBy::Opened,
        Some("decided") => SelectedBy::Decided,
        Some("appealed") => SelectedBy::Appealed,
        Some(_) | None => SelectedBy::Received,
    };
    InForce { from, until, selected_by }
}

fn date(written: Option<&Written>, findings: &mut Findings) -> Option<Date> {
    let written = written?;
    let read = parse_date(&written.text).ok();
    if read.is_none() {
        let finding = Diagnostic::error("not-a-date", &written.place)
            .message(format!("`{}` is no date", written.text))
            .label("expected a day of the calendar");
        findings.add(finding.help("write it as `2026-01-31`"));
    }
    read
}

/// The widest number in a reference: more digits would be noise.
const WIDEST_NUMBER: usize = 12;

fn reference(document: &ProcedureDocument, findings: &mut Findings) -> ReferencePattern {
    let usual = || ReferencePattern {
        parts: vec![
            ReferencePart::Year,
            ReferencePart::Literal("-".to_owned()),
            ReferencePart::Number { width: 4 },
        ],
    };
    let Some(written) = &document.reference else { return usual() };
    match parse_reference(&written.text) {
        Ok(pattern) => pattern,
        Err(why) => {
            let finding = Diagnostic::error("bad-reference", &written.place)
                .message(format!("`{}` can't number cases", written.text))
                .label(why);
            findings.add(finding.help("write it as `K-{year}-{number:04}`"));
            usual()
        }
    }
}

fn parse_reference(text: &str) -> Result<ReferencePattern, &'static str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (literal, after) = rest.split_at(open);
        let close = after.find('}').ok_or("a `{` is never closed")?;
        let hole = after.get(1..close).unwrap_or_default();
        if !literal.is_empty() {
            parts.push(ReferencePart::Literal(literal.to_owned()));
        }
        parts.push(match hole.split_once(':') {
            None if hole == "year" => ReferencePart::Year,
            None if hole == "number" => ReferencePart::Number { width: 1 },
            Some(("number", width)) => {
                let width = width.trim_start_matches('0').parse().ok();
                let width = width.filter(|width| (1..=WIDEST_NUMBER).contains(width));
                ReferencePart::Number { width: width.ok_or("a number has 1 to 12 digits")? }
            }
            None | Some(_) => return Err("a hole is `{year}`, `{number}` or `{number:04}`"),
        });
        rest = after.get(close + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(ReferencePart::Literal(rest.to_owned()));
    }
    let literal = |part: &ReferencePart| match part {
        ReferencePart::Literal(text) => {
            text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/'))
        }
        ReferencePart::Year | ReferencePart::Number { .. } => true,
    };
    let numbers = parts.iter().filter(|part| matches!(part, ReferencePart::Number { .. })).count();
    if numbers != 1 {
        return Err("it needs `{number}` exactly once");
    }
    if !parts.iter().all(literal) || text.len() > 40 {
        return Err("besides its holes it has letters, digits, `-`, `.` and `/`, 40 at most");
    }
    Ok(ReferencePattern { parts })
}

fn records(context: &steps::Context<'_>, findings: &mut Findings) -> Option<Records> {
    let written = context.document.records.as_ref()?;
    for field in &written.evaluate {
        steps::field(context, field, findings);
    }
    let keep = term(written.keep.as_ref(), findings)?;
    Some(Records {
        keep,
        after: match written.after.as_ref().map(|after| after.text.as_str()) {
            Some("closed") => RecordsFrom::Closed,
            Some(_) | None => RecordsFrom::Archived,
        },
        then: match written.then.as_ref().map(|then| then.text.as_str()) {
            Some("destroy") => Disposal::Destroy,
            Some(_) | None => Disposal::Anonymise,
        },
        evaluate: written.evaluate.iter().map(|field| field.text.clone()).collect(),
        rule: rule(&written.place, written.cite.as_ref()),
    })
}
