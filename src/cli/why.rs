//! `verloop why`: why this date, and why a step can or can't be done.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, for_programs};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::moment::{At, View};
use super::{Answer, show};
use crate::case::{
    Case, Clock, ClockEnd, Event, Fact, Marking, PersonId, StepRecord, anchor_as_written, clock,
    fact_as_written, length_as_written, told, why_not_open, without_term,
};
use crate::diagnostic::{did_you_mean, shown};
use crate::engine::CaseFile;
use crate::language::Language;
use crate::procedure::{Deadline, DeadlineIndex, Length, Name, StepIndex};
use crate::time::{Date, Instant, tzdb_version};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop why K-2026-0017                  every deadline that runs
  verloop why K-2026-0017 afdoening        why this date
  verloop why K-2026-0017 antwoord         why it can, or can't, be done now
  verloop why K-2026-0017 afdoening --as-known 2026-03-01       what was known on that day
  verloop why K-2026-0017 antwoord --as-of 2026-03-01           what was so on that day";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `why`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the case, or the end of it
    #[arg(value_name = "CASE")]
    case: String,

    /// Name of a deadline or step [default: all deadlines that run]
    #[arg(value_name = "DEADLINE|STEP")]
    what: Option<String>,

    #[command(flatten)]
    at: At,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (desk, seen) = desk.look(globals, console, &args.case)?;
    let View { file, history, now } = args.at.view(&desk, seen)?;
    let language = console.language;
    let why = Why { desk: &desk, file: &file, history: &history, language, now };
    let (mut texts, mut documents) = (Vec::new(), Vec::new());
    match &args.what {
        None => {
            for (clock, record) in &file.case.clocks {
                if record.is_running() {
                    let (text, document) = why.clock(clock)?;
                    texts.push(text);
                    documents.push(document);
                }
            }
        }
        Some(name) => {
            let deadline = file.procedure.find_deadline(name);
            let step = file.procedure.find_step(name);
            if deadline.is_none() && step.is_none() {
                return Err(unknown(&file, name));
            }
            if let Some(step) = step {
                let (text, document) = why.step(step);
                texts.push(text);
                documents.push(document);
            }
            for clock in deadline.map(|deadline| why.clocks(deadline)).unwrap_or_default() {
                let (text, document) = why.clock(&clock)?;
                texts.push(text);
                documents.push(document);
            }
            if let (Some(deadline), true) = (deadline, texts.is_empty()) {
                let (text, document) = why.not_started(deadline);
                texts.push(text);
                documents.push(document);
            }
        }
    }
    if for_programs(console) {
        let mut document =
            json!({ "schema": "verloop.why/1", "case": file.reference(), "why": documents });
        args.at.note_in(&mut document, now);
        console.document(&document)?;
        return Ok(Exit::Done);
    }
    if texts.is_empty() {
        let nothing = console.language.pick("er loopt geen termijn", "no deadline runs").to_owned();
        console.talk(&nothing);
    }
    console.fact(texts.join("\n\n").trim_end())?;
    Ok(Exit::Done)
}

fn unknown(file: &CaseFile, name: &str) -> Stop {
    let procedure = &file.procedure;
    let steps = procedure.steps.iter().map(|step| step.name.as_str());
    let names: Vec<&str> =
        steps.chain(procedure.deadlines.iter().map(|rule| rule.name.as_str())).collect();
    let message = format!("`{}` has no step or deadline `{name}`", procedure.name);
    let failure = Failure::new(Exit::NotFound, "no-such-step", message);
    match did_you_mean(name, names.iter().copied()) {
        Some(near) => failure.attempt(format!("verloop why {} {near}", file.reference())).into(),
        None => failure.attempt(format!("verloop show {}", file.reference())).into(),
    }
}

fn place(place: &crate::diagnostic::Place, cite: Option<&String>) -> String {
    let (line, _) = place.line_column();
    let cite = cite.map(|cite| format!("; {cite}")).unwrap_or_default();
    format!("{}:{line}{cite}", place.source.name)
}

/// A last day as it was told.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told {
    recorded_at: Instant,
    last_day: Date,
    calendar: String,
    tzdb: String,
}

struct Why<'a> {
    desk: &'a Desk,
    file: &'a CaseFile,
    history: &'a [Event],
    language: Language,
    now: Instant,
}

impl Why<'_> {
    fn nl(&self) -> bool {
        self.language == Language::Nl
    }

    fn clocks(&self, deadline: DeadlineIndex) -> Vec<Clock> {
        let name = &self.file.procedure.deadline(deadline).name;
        self.file.case.clocks.keys().filter(|clock| clock.deadline == *name).cloned().collect()
    }

    /// Why a clock ends on its day: every step of the count, and who changed it.
    fn clock(&self, clock: &Clock) -> Result<(String, Value), Stop> {
        let procedure = &self.file.procedure;
        let case = &self.file.case;
        let (Some((_, rule)), Some(record)) =
            (clock::rule(procedure, clock), case.clocks.get(clock))
        else {
            return Err(unknown(self.file, clock.deadline.as_str()));
        };
        let counted = clock::explain(procedure, case, rule, record, Some(self.now));
        let (end, steps) = counted
            .map_err(|error| Failure::new(Exit::Fault, "date-out-of-range", error.to_string()))?;
        let name_of = |id: &PersonId| self.desk.name_of(id);
        let teller = crate::case::Teller { procedure, language: self.language, name_of: &name_of };
        let title = teller.deadline(&clock.deadline);
        let item = clock.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
        let day = teller.day(end.last_day);
        let state = self.state(record, &teller);
        let mut lines = vec![if self.nl() {
            format!("{title}{item}: uiterlijk {day}{state}")
        } else {
            format!("{title}{item}: {day} at the latest{state}")
        }];
        lines.push(format!("  {}", place(&rule.rule.place, rule.rule.cite.as_ref())));
        let anchor = anchor_as_written(procedure, &rule.starts);
        let back = rule.backwards;
        lines.push(match (self.nl(), back) {
            (true, false) => format!("  telt vanaf {anchor}"),
            (true, true) => format!("  telt terug vanaf {anchor}"),
            (false, false) => format!("  counts from {anchor}"),
            (false, true) => format!("  counts back from {anchor}"),
        });
        lines.extend(self.lengths(rule).into_iter().map(|said| format!("  {said}")));
        for step in &steps {
            lines.push(format!("  {:<17} {}", teller.day(step.date), step.in_words(self.language)));
        }
        let calendar = format!("{} ({})", rule.calendar.name(), rule.calendar.version());
        let counting = rule.counting.name();
        lines.push(if self.nl() {
            format!(
                "  kalender {calendar}, telregel {counting}, tijdzone {} ({})",
                procedure.zone.name(),
                tzdb_version()
            )
        } else {
            format!(
                "  calendar {calendar}, counting rule {counting}, time zone {} ({})",
                procedure.zone.name(),
                tzdb_version()
            )
        });
        let changes = self.changes(clock, &teller);
        lines.extend(changes.iter().map(|change| format!("  {change}")));
        let told = self.told(clock);
        if let [.., last] = told.as_slice()
            && last.last_day != end.last_day
            && record.end.is_none()
            && !record.is_paused()
        {
            let day = teller.day(last.last_day);
            lines.push(if self.nl() {
                format!("  toen gezegd: {day} (kalender {})", last.calendar)
            } else {
                format!("  said then: {day} (calendar {})", last.calendar)
            });
        }
        for extend in &rule.extend {
            let by = extend.by.in_words(self.language);
            let label = extend.label();
            let by_rule = record.extensions.iter().filter(|lengthening| {
                lengthening.under.as_ref().is_none_or(|under| *under == label)
            });
            let used = by_rule.count();
            let place = place(&extend.rule.place, extend.rule.cite.as_ref());
            lines.push(if self.nl() {
                format!(
                    "  verlengen: {used} van {} keer gebruikt, telkens {by} ({place})",
                    extend.times
                )
            } else {
                format!("  extension: {used} of {} used, {by} each ({place})", extend.times)
            });
        }
        let explanation: Vec<Value> = steps
            .iter()
            .map(|step| json!({ "date": step.date, "text": step.in_words(self.language), "step": step }))
            .collect();
        let document = json!({
            "deadline": clock.deadline, "item": clock.item, "last-day": end.last_day, "ends-at": end.ends_at,
            "provisional": end.provisional, "starts-at": record.starts_at, "pauses": record.pauses,
            "extended": record.extensions, "calendar": calendar, "counting": counting,
            "time-zone": procedure.zone.name(), "tzdb": tzdb_version(), "cite": rule.rule.cite,
            "anchor": anchor, "explanation": explanation, "changes": changes, "told": told,
        });
        let text: Vec<String> = lines.iter().map(|line| shown(line).into_owned()).collect();
        Ok((text.join("\n"), document))
    }

    fn state(&self, record: &crate::case::ClockRecord, teller: &crate::case::Teller<'_>) -> String {
        let said = match (&record.end, record.lapsed) {
            (Some(ClockEnd::Met { at, late: false, .. }), _) => {
                let day = teller.day_of(*at);
                if self.nl() { format!("gehaald op {day}") } else { format!("met on {day}") }
            }
            (Some(ClockEnd::Met { at, late: true, .. }), _) => {
                let day = teller.day_of(*at);
                if self.nl() {
                    format!("te laat gedaan op {day}")
                } else {
                    format!("done late on {day}")
                }
            }
            (Some(ClockEnd::Cancelled { .. }), _) => {
                self.language.pick("gestopt", "stopped").to_owned()
            }
            (None, Some(_)) => self.language.pick("verstreken", "lapsed").to_owned(),
            (None, None) if record.is_paused() => {
                self.language.pick("staat nu stil", "stands still now").to_owned()
            }
            (None, None) => return String::new(),
        };
        format!(", {said}")
    }

    /// Returns the last days that were told of a clock, each with when it was recorded and by which data it was counted.
    fn told(&self, clock: &Clock) -> Vec<Told> {
        let mut case = Case::default();
        let mut told: Vec<Told> = Vec::new();
        for event in self.history {
            case.take(event);
            let counted = case.clocks.get(clock).and_then(|record| record.counted.as_ref());
            let Some(counted) = counted else { continue };
            let (last_day, calendar) = (counted.last_day, counted.calendar.clone());
            let tzdb = counted.tzdb.clone();
            let recorded_at = event.recorded_at;
            let next = Told { recorded_at, last_day, calendar, tzdb };
            let same = |before: &Told| {
                (before.last_day, &before.calendar) == (next.last_day, &next.calendar)
            };
            if !told.last().is_some_and(same) {
                told.push(next);
            }
        }
        told
    }

    /// Returns what happened to a clock, in words.
    fn changes(&self, clock: &Clock, teller: &crate::case::Teller<'_>) -> Vec<String> {
        let mut case = Case::default();
        let mut changes = Vec::new();
        for event in &told(self.history) {
            case.take(event);
            let (Fact::DeadlinePaused { clock: about, .. }
            | Fact::DeadlineResumed { clock: about, .. }
            | Fact::DeadlineExtended { clock: about, .. }
            | Fact::DeadlineExtensionRevoked { clock: about, .. }
            | Fact::DeadlineTermChanged { clock: about, .. }
            | Fact::DeadlineReanchored { clock: about, .. }
            | Fact::DeadlineMoved { clock: about, .. }
            | Fact::DeadlineRevived { clock: about, .. }
            | Fact::DeadlineLapsed { clock: about, .. }) = &event.fact
            else {
                continue;
            };
            if about == clock {
                changes.push(format!(
                    "{}: {}",
                    teller.day_of(event.at),
                    teller.tell(&case, event).text
                ));
            }
        }
        changes
    }

    fn not_started(&self, deadline: DeadlineIndex) -> (String, Value) {
        let rule = self.file.procedure.deadline(deadline);
        let place = place(&rule.rule.place, rule.rule.cite.as_ref());
        let said = self.language.pick("is nog niet begonnen", "has not begun");
        let mut text = format!("`{}` {said}\n  {place}", rule.name);
        let CaseFile { procedure, case, .. } = self.file;
        let waits = Marking::of(procedure, case).waits_for(&rule.once);
        let waits: Vec<String> =
            waits.into_iter().map(|fact| fact_as_written(procedure, fact)).collect();
        if !waits.is_empty() {
            let word = self.language.pick("wacht op", "waits for");
            let _ = write!(text, "\n  {word} {}", waits.join(", "));
        }
        let without = without_term(procedure, case).find(|(name, _)| **name == rule.name);
        let without = without.map(|(_, why)| why);
        if let Some(why) = without {
            let name_of = |id: &PersonId| self.desk.name_of(id);
            let teller =
                crate::case::Teller { procedure, language: self.language, name_of: &name_of };
            let said = teller.without_term(case, &rule.name, why);
            let _ = write!(text, "\n  {}", shown(&said));
        }
        for said in self.lengths(rule) {
            let _ = write!(text, "\n  {said}");
        }
        let document = json!({
            "deadline": rule.name, "started": false, "waits-for": waits, "without-term": without,
        });
        (text, document)
    }

    /// Returns the rules by which a clock is as long as it is, where that hangs on the case.
    fn lengths(&self, rule: &Deadline) -> Vec<String> {
        if rule.within.fixed().is_some() {
            return Vec::new();
        }
        let rules = rule.within.rules.iter().map(|of| {
            let length = match &of.length {
                Length::Fixed(term) => term.in_words(self.language),
                other @ (Length::Data(..) | Length::Form(..)) => {
                    length_as_written(&self.file.procedure, other)
                }
            };
            let when = match &of.when {
                None => String::new(),
                Some(when) => format!(" {} {}", self.language.pick("als", "if"), when.source()),
            };
            let place = place(&of.rule.place, of.rule.cite.as_ref());
            format!("{} {length}{when} ({place})", self.language.pick("duurt", "runs for"))
        });
        rules.collect()
    }

    /// Why a step can, or can't, be done.
    fn step(&self, index: StepIndex) -> (String, Value) {
        let CaseFile { procedure, case, .. } = self.file;
        let step = procedure.step(index);
        let marking = Marking::of(procedure, case);
        let standing = marking.standing(index);
        let roles: Vec<&str> =
            step.who.iter().map(|role| procedure.role(*role).name.as_str()).collect();
        let mut lines = Vec::new();
        let refusal = why_not_open(procedure, case, index, None).err();
        let refusal = refusal.filter(|refusal| refusal.code() != "which-item");
        let open = standing.is_open() && refusal.is_none();
        lines.push(match (open, self.nl()) {
            (true, true) => format!("`{}` kan nu", step.name),
            (true, false) => format!("`{}` is possible now", step.name),
            (false, true) => format!("`{}` kan nu niet", step.name),
            (false, false) => format!("`{}` is not possible now", step.name),
        });
        if let Some(refusal) = &refusal {
            lines.push(format!("  {}", refusal.in_words(&procedure.zone, self.language)));
        }
        lines.push(format!("  {}", place(&step.rule.place, step.rule.cite.as_ref())));
        let facts: Vec<Value> = step
            .after
            .facts()
            .iter()
            .map(|fact| {
                let written = fact_as_written(procedure, *fact);
                let at = marking.came_at(*fact);
                let said = match (at, marking.truth_of(*fact), self.nl()) {
                    (Some(at), _, _) => {
                        crate::time::format_date(procedure.zone.local_date(at), self.language)
                    }
                    (None, crate::case::Truth::Impossible, true) => "komt niet meer".to_owned(),
                    (None, crate::case::Truth::Impossible, false) => "will not come".to_owned(),
                    (None, _, true) => "nog niet".to_owned(),
                    (None, _, false) => "not yet".to_owned(),
                };
                lines.push(format!("  {} {written:<40} {said}", self.language.pick("na", "after")));
                json!({ "fact": written, "came-at": at })
            })
            .collect();
        for outcome in step.outcomes.iter().filter(|outcome| outcome.allowed.is_some()) {
            if let (Some(guard), Some(stands)) = (&outcome.allowed, &outcome.allowed_place) {
                let place = place(stands, outcome.rule.cite.as_ref());
                let word = self.language.pick("alleen als", "only if");
                lines.push(format!("  {} {word} {} ({place})", outcome.name, guard.source()));
            }
        }
        if !roles.is_empty() {
            lines.push(format!("  {} {}", self.language.pick("door", "by"), roles.join("|")));
        }
        if let Some(last) = case.step(&step.name).and_then(StepRecord::last_done) {
            let by = last.by.as_ref().map(ToString::to_string).unwrap_or_default();
            let day = crate::time::format_date(procedure.zone.local_date(last.at), self.language);
            let outcome = last.outcome.as_ref().map(Name::to_string).unwrap_or_default();
            lines.push(format!(
                "  {} {day} {outcome} {by}",
                self.language.pick("gedaan op", "done on")
            ));
        }
        let items = show::open_items(self.file, &step.name);
        let document = json!({
            "step": step.name, "standing": standing.word(), "open": open, "roles": roles, "after": facts,
            "items": items, "refusal": refusal.map(|refusal| refusal.code()),
        });
        let text: Vec<String> =
            lines.iter().map(|line| shown(line).trim_end().to_owned()).collect();
        (text.join("\n"), document)
    }
}
