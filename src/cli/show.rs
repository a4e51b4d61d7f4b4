//! `verloop show`: how a case stands, what is possible now, and what is not and why.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, for_programs, status_json};
use super::moment::{At, View};
use super::{Answer, Exit};
use crate::case::{
    ClockEnd, Instance, Marking, PersonId, Standing, StepRecord, Teller, clock, fact_as_written,
    why_not_now, without_term,
};
use crate::diagnostic::shown;
use crate::engine::CaseFile;
use crate::language::{Language, Text};
use crate::procedure::{Name, Phase, StepKind};
use crate::time::{Date, Instant, days_between};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop show K-2026-0017
  verloop show 0017                 the end of a number will do to read
  verloop show 0017 -o json
  verloop show 0017 --as-known 2026-03-01     as it was known on that day
  verloop show 0017 --as-of 2026-03-01        as it was on that day, by what is known now
";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the case, or the end of it
    #[arg(value_name = "CASE")]
    pub case: String,

    #[command(flatten)]
    at: At,
}

/// Something that is to be done in a case, or may be.
#[derive(Debug, Clone)]
pub(super) struct Duty {
    pub step: Name,
    pub item: Option<String>,
    pub must: bool,
    pub roles: Vec<Name>,
    pub person: Option<PersonId>,
    pub last_day: Option<Date>,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (desk, seen) = desk.look(globals, console, &args.case)?;
    let (mut file, now) = if args.at.is_now() {
        (seen.file, desk.engine.now())
    } else {
        let View { file, history: _, now } = args.at.view(&desk, seen)?;
        (file, now)
    };
    // A case that somebody may not see does not exist for him, whatever is linked to it.
    let who = desk.who(globals)?;
    file.case
        .links
        .retain(|link| desk.engine.find(&link.case).is_ok_and(|other| desk.sees_key(&who, other)));
    if for_programs(console) {
        let mut document = as_json(&file, now);
        args.at.note_in(&mut document, now);
        console.document(&document)?;
        return Ok(Exit::Done);
    }
    let text = in_words(&desk, &file, console, now);
    console.fact(&text)?;
    Ok(Exit::Done)
}

/// Returns the titles of the phases that the case is in: those of which a step is open.
fn phases(file: &CaseFile) -> Vec<&Text> {
    let marking = Marking::of(&file.procedure, &file.case);
    let open = |phase: &&Phase| phase.steps.iter().any(|step| marking.standing(*step).is_open());
    file.procedure.phases.iter().filter(open).map(|phase| &phase.title).collect()
}

/// Returns what may or must be done now, duties first, the most urgent first.
pub(super) fn open_steps(file: &CaseFile) -> Vec<Duty> {
    let CaseFile { procedure, case, .. } = file;
    let marking = Marking::of(procedure, case);
    let mut open = Vec::new();
    for (index, step) in procedure.steps() {
        if step.kind == StepKind::AtAnyTime
            || step.awaits.is_some()
            || !marking.standing(index).is_open()
        {
            continue;
        }
        let roles: Vec<Name> =
            step.who.iter().map(|role| procedure.role(*role).name.clone()).collect();
        let record = case.step(&step.name).and_then(|record| record.opened.as_ref());
        let instances = record.into_iter().flat_map(|opened| &opened.instances);
        for instance in instances.filter(|instance| instance.end.is_none()) {
            let mut ends = case.clocks.iter().filter_map(|(clock, record)| {
                let (_, rule) = clock::rule(procedure, clock)?;
                let own = rule.of_step == Some(index) && clock.item == instance.item;
                let met = rule.of_step.is_none()
                    && rule.met_by.facts().iter().any(|fact| matches!(fact,
                        crate::procedure::Fact::Done(of) | crate::procedure::Fact::First(of) | crate::procedure::Fact::EndedAs(of, _) if *of == index));
                let counts = (own || met) && record.is_running() && !record.is_paused();
                let end = counts.then(|| clock::reckon(procedure, case, rule, record, None).ok()).flatten()?;
                Some((!own, end.last_day))
            }).collect::<Vec<_>>();
            ends.sort_unstable();
            open.push(Duty {
                step: step.name.clone(),
                item: instance.item.clone(),
                must: record.is_some_and(|opened| opened.duty),
                roles: roles.clone(),
                person: instance.assigned_to.clone(),
                last_day: ends.first().map(|(_, last)| *last),
            });
        }
    }
    open.sort_by_key(|duty| (!duty.must, duty.last_day.is_none(), duty.last_day));
    open
}

/// Returns the acts that are not tied to the course of the case and are possible now: where one has a `when`, it holds.
fn at_any_time(file: &CaseFile, now: Instant) -> Vec<&Name> {
    let CaseFile { procedure, case, .. } = file;
    let marking = Marking::of(procedure, case);
    let acts = procedure.steps().filter(|(index, step)| {
        step.kind == StepKind::AtAnyTime
            && marking.standing(*index).is_open()
            && why_not_now(procedure, case, *index, now).is_ok()
    });
    acts.map(|(_, step)| &step.name).collect()
}

/// Returns what must be done now.
pub(super) fn duties(file: &CaseFile) -> Vec<Duty> {
    open_steps(file).into_iter().filter(|duty| duty.must).collect()
}

/// Returns the items of a step that are to be done.
pub(super) fn open_items(file: &CaseFile, step: &Name) -> Vec<String> {
    let open = open_steps(file).into_iter().filter(|duty| duty.step == *step);
    open.filter_map(|duty| duty.item).collect()
}

/// Returns how many votes were cast on what a panel does, and how many there are.
fn votes(file: &CaseFile, duty: &Duty) -> Option<(usize, usize)> {
    let index = file.procedure.find_step(duty.step.as_str())?;
    let panel = file.procedure.step(index).panel.as_ref()?;
    let instance = Instance { step: duty.step.clone(), item: duty.item.clone() };
    Some((file.case.instance(&instance)?.votes.len(), panel.of))
}

#[expect(clippy::too_many_lines, reason = "one block of the page after another")]
fn in_words(desk: &Desk, file: &CaseFile, console: &Console, now: crate::time::Instant) -> String {
    let CaseFile { procedure, case, .. } = file;
    let language = console.language;
    let nl = language == Language::Nl;
    let name_of = |id: &PersonId| desk.name_of(id);
    let teller = Teller { procedure, language, name_of: &name_of };
    // A step is done by its name, and read by its title.
    let titled = |name: &Name| {
        let title = teller.step(name);
        if *name == title.as_str() { title } else { format!("{title} [{name}]") }
    };
    let today = procedure.zone.local_date(now);
    let mut text = String::new();
    let mut line = |heading: &str, line: String| {
        text.push_str(format!("{heading:<10}{}", shown(&line)).trim_end());
        text.push('\n');
    };
    let title = procedure.title.in_language(language);
    let status = match (case.status.ended_as().map(|status| teller.status(status)), nl) {
        (None, true) => "open".to_owned(),
        (None, false) => "open".to_owned(),
        (Some(ended), true) => format!("geëindigd: {ended} ({})", case.status.word()),
        (Some(ended), false) => format!("ended: {ended} ({})", case.status.word()),
    };
    let version = procedure.version.short();
    line(file.reference(), String::new());
    line("", format!("{title} ({} {version}), {status}", procedure.name));
    if let Some(opening) = &case.opening {
        let channel = opening.channel.as_ref().map(|c| format!(", {c}")).unwrap_or_default();
        let word = language.pick("ontvangen", "received");
        let from = opening.forwarded_by.as_ref();
        let sent_on = language.pick("doorgestuurd door", "forwarded by");
        let from = from.map(|body| format!(", {sent_on} {body}")).unwrap_or_default();
        line("", format!("{word} {}{channel}{from}", teller.day_of(opening.received_at)));
        if let Some(handed) = &case.handed {
            let word = language.pick("overgedragen aan", "transferred to");
            line("", format!("{word} {}, {}", handed.to, teller.day_of(handed.at)));
        }
        for party in &opening.parties {
            let who = teller.person(case, &party.person);
            let whom = party.represents.as_ref().map(|whom| teller.person(case, whom));
            let whom = whom.map(|whom| format!("{}{whom}", language.pick(", namens ", ", for ")));
            line("", format!("{}: {who}{}", teller.role(&party.role), whom.unwrap_or_default()));
        }
    }
    let left = |last: Date| {
        let days = days_between(today, last);
        match (days, nl) {
            (0, true) => "vandaag".to_owned(),
            (0, false) => "today".to_owned(),
            (1.., true) => format!("nog {days} {}", if days == 1 { "dag" } else { "dagen" }),
            (1.., false) => format!("{days} {} left", if days == 1 { "day" } else { "days" }),
            (_, true) => format!("{} {} te laat", -days, if days == -1 { "dag" } else { "dagen" }),
            (_, false) => format!("{} {} late", -days, if days == -1 { "day" } else { "days" }),
        }
    };
    let open = open_steps(file);
    let duty_word = language.pick("NU", "NOW");
    let right_word = language.pick("MOGELIJK", "POSSIBLE");
    for (place, phase) in phases(file).iter().enumerate() {
        let heading = if place == 0 { language.pick("FASE", "PHASE") } else { "" };
        line(heading, phase.in_language(language).to_owned());
    }
    for (wanted, heading) in [(true, duty_word), (false, right_word)] {
        let of_kind: Vec<&Duty> = open.iter().filter(|duty| duty.must == wanted).collect();
        for (place, duty) in of_kind.iter().enumerate() {
            let heading = if place == 0 { heading } else { "" };
            let item = duty.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
            let who = match &duty.person {
                Some(person) => teller.person(case, person),
                None => duty.roles.iter().map(Name::as_str).collect::<Vec<_>>().join("|"),
            };
            let who = match votes(file, duty) {
                Some((cast, of)) if nl => format!("{who}, {cast} van de {of} stemmen"),
                Some((cast, of)) => format!("{who}, {cast} of {of} votes"),
                None => who,
            };
            let due = duty.last_day.map(|last| {
                format!(
                    ", {} {}, {}",
                    language.pick("uiterlijk", "due"),
                    teller.day(last),
                    left(last)
                )
            });
            line(
                heading,
                format!("{}{item} — {who}{}", titled(&duty.step), due.unwrap_or_default()),
            );
        }
    }
    for (place, made) in case.to_send.iter().enumerate() {
        let heading = if place == 0 { language.pick("VERZENDEN", "TO SEND") } else { "" };
        let to: Vec<String> =
            made.addressees.iter().map(|to| teller.person(case, &to.person)).collect();
        let title = teller.letter(&made.letter);
        line(heading, format!("{title} [{}] → {}", made.letter, to.join(", ")));
    }
    for (place, step) in at_any_time(file, now).into_iter().enumerate() {
        let heading = if place == 0 { language.pick("ALTIJD", "ANY TIME") } else { "" };
        line(heading, titled(step));
    }
    for (place, filed) in super::appeals::in_words(file, &teller).into_iter().enumerate() {
        let heading = if place == 0 { language.pick("BEROEPEN", "APPEALS") } else { "" };
        line(heading, filed);
    }
    let clocks = case.clocks.iter().map(|(clock, record)| {
        let item = clock.item.as_ref().map(|item| format!(" ({item})")).unwrap_or_default();
        let stands = clock_in_words(file, clock, record, language, &left, now);
        format!("{}{item}: {stands}", clock.deadline)
    });
    let without = without_term(procedure, case);
    let without = without.map(|(deadline, why)| teller.without_term(case, deadline, why));
    for (place, said) in clocks.chain(without).enumerate() {
        let heading = if place == 0 { language.pick("TERMIJNEN", "DATES") } else { "" };
        line(heading, said);
    }
    for (place, (at, flag)) in case.flags.iter().enumerate() {
        let heading = if place == 0 { language.pick("AFWIJKING", "BREACHES") } else { "" };
        line(heading, format!("{}: {}", teller.day_of(*at), teller.flagged(flag)));
    }
    for (place, (field, value)) in case.data.iter().enumerate() {
        let heading = if place == 0 { language.pick("GEGEVENS", "DATA") } else { "" };
        line(heading, format!("{}: {}", teller.field(field), value_in_words(value)));
    }
    for (place, known) in case.documents.iter().enumerate() {
        let heading = if place == 0 { language.pick("STUKKEN", "DOCUMENTS") } else { "" };
        line(heading, format!("{}: {}", known.number, Teller::document(&known.document)));
    }
    for (place, link) in case.links.iter().enumerate() {
        let heading = if place == 0 { language.pick("ZAKEN", "CASES") } else { "" };
        let through = link.through.as_ref().map(|through| {
            let word = language.pick("door", "by");
            format!(", {word} {}", titled(&through.instance.step))
        });
        let verdict = link.verdict.as_ref().map(|verdict| format!(": {}", teller.verdict(verdict)));
        let words = teller.link(link.kind, &link.case, &link.procedure);
        line(
            heading,
            format!("{words}{}{}", through.unwrap_or_default(), verdict.unwrap_or_default()),
        );
    }
    let missing: Vec<String> = procedure
        .intake
        .asked
        .iter()
        .filter(|field| case.is_open() && !case.data.contains_key(*field))
        .map(|field| teller.field(field))
        .collect();
    if !missing.is_empty() {
        line(language.pick("GEVRAAGD", "ASKED"), missing.join(", "));
    }
    for (place, (step, why)) in not_yet(file, language).into_iter().enumerate() {
        let heading = if place == 0 { language.pick("NOG NIET", "NOT YET") } else { "" };
        line(heading, format!("{step}: {why}"));
    }
    text
}

fn clock_in_words(
    file: &CaseFile,
    clock: &crate::case::Clock,
    record: &crate::case::ClockRecord,
    language: Language,
    left: &dyn Fn(Date) -> String,
    now: crate::time::Instant,
) -> String {
    let day = |date: Date| crate::time::format_date(date, language);
    let on = |at| day(file.procedure.zone.local_date(at));
    match (&record.end, record.lapsed) {
        (Some(ClockEnd::Met { at, last_day, late: false }), _) => {
            format!("{}  {} {}", day(*last_day), language.pick("gehaald op", "met on"), on(*at))
        }
        (Some(ClockEnd::Met { at, last_day, late: true }), _) => {
            let word = language.pick("te laat gedaan op", "done late on");
            let owed = owed_in_words(file, clock, record, language, now);
            format!("{}  {word} {}{owed}", day(*last_day), on(*at))
        }
        (Some(ClockEnd::Cancelled { at, .. }), _) => {
            format!("{} {}", language.pick("gestopt op", "stopped on"), on(*at))
        }
        (None, Some((_, last_day))) => {
            let rule = clock::rule(&file.procedure, clock).map(|(_, rule)| rule);
            let word = if rule.is_some_and(|rule| rule.soft) {
                language.pick("voorbij", "passed")
            } else {
                language.pick("verstreken", "lapsed")
            };
            format!(
                "{}  {word}{}",
                day(last_day),
                owed_in_words(file, clock, record, language, now)
            )
        }
        (None, None) => {
            let Some((_, rule)) = clock::rule(&file.procedure, clock) else { return String::new() };
            let Ok(end) = clock::reckon(&file.procedure, &file.case, rule, record, Some(now))
            else {
                return String::new();
            };
            let state = if record.is_paused() {
                language.pick("staat stil", "stands still").to_owned()
            } else {
                left(end.last_day)
            };
            let mut said = vec![format!("{}  {state}", day(end.last_day))];
            if !rule.extend.is_empty() {
                let used = record.extensions.len();
                let times: u32 = rule.extend.iter().map(|extend| extend.times).sum();
                said.push(format!("{} {used}/{times}", language.pick("verlengd", "extended")));
            }
            if rule.soft {
                said.push(language.pick("richttermijn", "a target, no breach").to_owned());
            }
            if rule.recurs.is_some() {
                let time = record.period + 1;
                said.push(match language {
                    Language::Nl => format!("de {time}e keer"),
                    Language::En => format!("period {time}"),
                });
            }
            said.join("; ")
        }
    }
}

/// Returns what is owed for a delay so far, or in the end.
fn owed_in_words(
    file: &CaseFile,
    clock: &crate::case::Clock,
    record: &crate::case::ClockRecord,
    language: Language,
    now: crate::time::Instant,
) -> String {
    let rule = clock::rule(&file.procedure, clock).map(|(_, rule)| rule);
    let penalty = rule.and_then(|rule| Some((rule, rule.penalty.as_ref()?)));
    let Some((rule, penalty)) = penalty else { return String::new() };
    let Some(owed) = clock::owed(&file.procedure, rule, record, now) else { return String::new() };
    let amount = penalty.penalty.amount(owed.cents, language);
    match (language, record.accrues()) {
        (Language::Nl, true) => format!("; dwangsom tot nu toe {amount} ({} dagen)", owed.days),
        (Language::Nl, false) => format!("; dwangsom {amount} ({} dagen)", owed.days),
        (Language::En, true) => format!("; owed so far {amount} ({} days)", owed.days),
        (Language::En, false) => format!("; owed {amount} ({} days)", owed.days),
    }
}

/// Returns a value in words: a list as its items.
pub(super) fn value_in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(value_in_words).collect::<Vec<_>>().join(", "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// Returns the steps that wait, each with what it waits for.
fn not_yet(file: &CaseFile, language: Language) -> Vec<(String, String)> {
    let CaseFile { procedure, case, .. } = file;
    let marking = Marking::of(procedure, case);
    let idle = procedure.steps().filter(|(index, _)| marking.standing(*index) == Standing::Idle);
    idle.map(|(index, step)| {
        let facts = marking.step_waits_for(index);
        let facts: Vec<String> =
            facts.iter().map(|fact| format!("`{}`", fact_as_written(procedure, *fact))).collect();
        let (line, _) = step.rule.place.line_column();
        let place = format!("{}:{line}", step.rule.place.source.name);
        let word = language.pick("wacht op", "waits for");
        (step.name.to_string(), format!("{word} {} ({place})", facts.join(", ")))
    })
    .collect()
}

/// Returns a case for programs.
pub(super) fn as_json(file: &CaseFile, now: Instant) -> Value {
    let CaseFile { procedure, case, .. } = file;
    let marking = Marking::of(procedure, case);
    let steps: Vec<Value> = procedure
        .steps()
        .filter(|(_, step)| step.kind != StepKind::AtAnyTime)
        .map(|(index, step)| {
            let record = case.step(&step.name);
            let last = record.and_then(StepRecord::last_done);
            let facts = marking.step_waits_for(index);
            let waits: Vec<String> = facts.iter().map(|fact| fact_as_written(procedure, *fact)).collect();
            let standing = marking.standing(index);
            json!({
                "step": step.name, "standing": standing.word(), "round": record.map(|record| record.round),
                "outcome": last.and_then(|done| done.outcome.as_ref()), "done-at": last.map(|done| done.at),
                "waits-for": if standing == Standing::Idle { waits } else { Vec::new() },
            })
        })
        .collect();
    let open: Vec<Value> = open_steps(file)
        .into_iter()
        .map(|duty| {
            json!({
                "step": duty.step, "item": duty.item, "duty": duty.must, "roles": duty.roles,
                "person": duty.person, "votes": votes(file, &duty).map(|(cast, of)| json!({ "cast": cast, "of": of })), "last-day": duty.last_day,
            })
        })
        .collect();
    json!({
        "schema": "verloop.case/1",
        "case": file.reference(),
        "revision": case.revision,
        "procedure": procedure.name,
        "version": procedure.version,
        "status": status_json(case),
        "opening": case.opening,
        "transferred": case.handed,
        "data": case.data,
        "open": open,
        "at-any-time": at_any_time(file, now),
        "steps": steps,
        "appeals": super::appeals::as_json(file),
        "deadlines": deadlines_json(file),
        "documents": case.documents.iter().map(super::documents::as_json).collect::<Vec<_>>(),
        "without-term": without_term(procedure, case).collect::<BTreeMap<_, _>>(),
        "flags": case.flags.iter().map(|(at, flag)| json!({ "at": at, "flag": flag })).collect::<Vec<_>>(),
        "letters": case.letters,
        "to-send": case.to_send,
        "links": case.links,
    })
}

/// Returns the clocks of a case for programs.
pub(super) fn deadlines_json(file: &CaseFile) -> Vec<Value> {
    let CaseFile { procedure, case, .. } = file;
    let clocks = case.clocks.iter();
    clocks
        .map(|(clock, record)| {
            let rule = clock::rule(procedure, clock).map(|(_, rule)| rule);
            let now = case.latest;
            let end = rule.and_then(|rule| clock::reckon(procedure, case, rule, record, now).ok());
            let last_day = match (&record.end, record.lapsed) {
                (Some(ClockEnd::Met { last_day, .. }), _) => Some(*last_day),
                (_, Some((_, last_day))) => Some(last_day),
                (_, None) => end.map(|end| end.last_day),
            };
            json!({
                "deadline": clock.deadline, "item": clock.item, "starts-at": record.starts_at,
                "last-day": last_day, "paused": record.is_paused(), "lapsed": record.lapsed.is_some(),
                "term": rule.and_then(|rule| clock::term(rule, record)),
                "end": record.end, "extended": record.extensions, "period": record.period,
                "soft": rule.is_some_and(|rule| rule.soft), "counted": record.counted, "penalty": record.penalty,
                "provisional": end.is_some_and(|end| end.provisional),
            })
        })
        .collect()
}
