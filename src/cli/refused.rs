//! Refusals for people: what, why, on which rule, how things stand, what to try.

use super::desk::Desk;
use super::exit::Exit;
use super::failure::Failure;
use crate::case::{Actor, Refusal, Remedy, Why, may_do};
use crate::engine::CaseFile;
use crate::language::Language;
use crate::procedure::{Name, StepKind};
use crate::time::format_date;

/// Returns a refusal as what a command says.
pub(super) fn failure(
    desk: &Desk,
    refusal: &Refusal,
    file: Option<&CaseFile>,
    language: Language,
) -> Failure {
    let reference = file.map(CaseFile::reference).unwrap_or_default();
    let utc = crate::time::TimeZone::utc();
    let zone = file.map_or(&utc, |file| &file.procedure.zone);
    let exit = if matches!(refusal.why, Why::NoSuchStep { .. } | Why::NoSuchDeadline { .. }) {
        Exit::NotFound
    } else if matches!(refusal.why, Why::Stale { .. }) {
        Exit::Changed
    } else {
        Exit::Refused
    };
    let asked = &refusal.asked;
    let message = match (reference.is_empty(), language) {
        (true, Language::Nl) => format!("`{asked}` kan niet"),
        (true, Language::En) => format!("`{asked}` is not possible"),
        (false, Language::Nl) => format!("`{asked}` kan niet bij {reference}"),
        (false, Language::En) => format!("`{asked}` is not possible on {reference}"),
    };
    let failure = Failure::new(exit, refusal.code(), message)
        .why(refusal.in_words(zone, language))
        .rule(refusal.rule.as_deref().cloned());
    let failure = match file.and_then(|file| now(file, language)) {
        Some(now) => failure.now(now),
        None => failure,
    };
    let tries =
        refusal.remedies.iter().filter_map(|remedy| attempt(desk, remedy, refusal, file, language));
    tries.take(1).fold(failure, Failure::attempt)
}

/// Returns how the case stands: what is to be done.
fn now(file: &CaseFile, language: Language) -> Option<String> {
    let due = super::show::duties(file);
    if due.is_empty() {
        let ended = file.case.status.ended_as()?;
        return Some(match language {
            Language::Nl => format!("de zaak is geëindigd: {ended}"),
            Language::En => format!("the case has ended: {ended}"),
        });
    }
    let told = due.iter().take(3).map(|duty| match duty.last_day {
        Some(last) => {
            let day = format_date(last, language);
            let word = language.pick("uiterlijk", "due");
            format!("{} ({word} {day})", duty.step)
        }
        None => duty.step.to_string(),
    });
    Some(told.collect::<Vec<_>>().join(", "))
}

/// Returns something to try.
fn attempt(
    desk: &Desk,
    remedy: &Remedy,
    refusal: &Refusal,
    file: Option<&CaseFile>,
    language: Language,
) -> Option<String> {
    let reference = file.map_or("CASE", CaseFile::reference);
    let list = |names: &[Name]| names.iter().map(Name::as_str).collect::<Vec<_>>().join("|");
    Some(match remedy {
        Remedy::Do { step, outcome } => {
            let outcome = outcome.as_ref().map(|outcome| format!(" --outcome {outcome}"));
            let verb = verb_for(file, step);
            format!("verloop {verb} {reference} {step}{}", outcome.unwrap_or_default())
        }
        Remedy::Wait { deadline, last_day } => match last_day {
            Some(day) => {
                let day = format_date(*day, language);
                match language {
                    Language::Nl => {
                        format!("wacht tot `{deadline}` is verstreken: uiterlijk {day}")
                    }
                    Language::En => {
                        format!("wait until `{deadline}` has lapsed: its last day is {day}")
                    }
                }
            }
            None => language
                .pick("wacht tot de termijn is verstreken", "wait until the deadline has lapsed")
                .to_owned(),
        },
        Remedy::ActAs { roles } => {
            let people = people(desk, refusal, roles, file);
            match (people.is_empty(), language) {
                (true, Language::Nl) => format!("iemand die {} is", list(roles)),
                (true, Language::En) => format!("somebody who is {}", list(roles)),
                (false, _) => format!("--as {}", people.join("|")),
            }
        }
        Remedy::Assign { step } => format!("verloop assign {reference} --step {step}"),
        Remedy::SayOutcome { outcomes, .. } => format!("--outcome {}", list(outcomes)),
        Remedy::Give { field } => format!("--set {field}=…"),
        Remedy::NameItem { step } => {
            let items = file.map(|file| super::show::open_items(file, step)).unwrap_or_default();
            match items.first() {
                Some(item) => format!("--item '{item}'"),
                None => "--item …".to_owned(),
            }
        }
        Remedy::GiveReason => "--because \"…\"".to_owned(),
        Remedy::Consent { roles } => {
            roles.iter().map(|role| format!("--consent {role}")).collect::<Vec<_>>().join(" ")
        }
        Remedy::ExtendBy { by } => format!("--by '{by}'"),
        Remedy::Use { name } => format!("`{name}`"),
        Remedy::OneOf { names } => list(names),
        Remedy::DateFrom { at } => {
            let zone = file.map(|file| &file.procedure.zone);
            let local = zone.map(|zone| zone.local(*at).to_string()).unwrap_or_default();
            if local.is_empty() {
                return None;
            }
            match language {
                Language::Nl => format!("zonder `--at`, of met een tijd vanaf {local}"),
                Language::En => format!("without `--at`, or with a time from {local} on"),
            }
        }
        Remedy::ReadAgain => format!("verloop show {reference}"),
    })
}

fn verb_for(file: Option<&CaseFile>, step: &Name) -> &'static str {
    let kind = file.and_then(|file| {
        let index = file.procedure.find_step(step.as_str())?;
        Some(&file.procedure.step(index).kind)
    });
    match kind {
        Some(StepKind::Appeal(_)) => "appeal",
        Some(StepKind::InCourse | StepKind::AtAnyTime) | None => "do",
    }
}

/// Returns the people who may do what was refused, or else who hold one of the roles.
fn people(desk: &Desk, refusal: &Refusal, roles: &[Name], file: Option<&CaseFile>) -> Vec<String> {
    let holds = desk
        .organisation
        .people()
        .filter(|person| roles.iter().any(|role| person.roles.contains(role)));
    let may = holds.filter(|person| {
        let Some(file) = file else { return true };
        let Some(step) = file.procedure.find_step(&refusal.asked) else { return true };
        may_do(&file.procedure, &file.case, &Actor::new(person.clone()), step).is_ok()
            || matches!(refusal.why, Why::MayNotEnterFor { .. })
    });
    may.take(6).map(|person| person.id.to_string()).collect()
}
