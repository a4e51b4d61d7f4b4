//! What an accepted act did: what changed, the dates that changed, and one next command.

use super::args::Globals;
use super::console::Console;
use super::desk::{Desk, for_programs};
use super::show::{deadlines_json, duties};
use super::story::{self, Story};
use super::{Answer, Exit};
use crate::case::PersonId;
use crate::engine::Accepted;
use crate::language::Language;
use serde_json::json;

/// Prints what an act did.
pub(super) fn print(
    desk: &Desk,
    accepted: Accepted,
    globals: &Globals,
    console: &mut Console,
) -> Answer {
    print_with(desk, accepted, globals, console, None)
}

/// Prints what an act did, and the code with which somebody can come back who did not say who he is.
pub(super) fn print_with(
    desk: &Desk,
    accepted: Accepted,
    globals: &Globals,
    console: &mut Console,
    code: Option<&str>,
) -> Answer {
    let dry_run = globals.dry_run;
    if !dry_run {
        desk.deliver(console);
    }
    let Accepted { before, file, events, elsewhere, repeated } = &desk.as_seen(globals, accepted);
    if for_programs(console) {
        console.document(&json!({
            "schema": "verloop.act/1",
            "case": file.reference(),
            "revision": file.case.revision,
            "dry-run": dry_run,
            "repeated": repeated,
            "status": super::desk::status_json(&file.case),
            "events": events,
            "deadlines": deadlines_json(file),
            "code": code,
            "elsewhere": elsewhere.iter().map(|other| json!({
                "case": other.file.reference(),
                "revision": other.file.case.revision,
                "events": other.events,
            })).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Done);
    }
    let nl = console.language == Language::Nl;
    if dry_run {
        console.talk(if nl {
            "op proef; er is niets vastgelegd"
        } else {
            "tried out; nothing was recorded"
        });
    }
    if *repeated {
        console.talk(if nl {
            "dit was al gedaan; dit is het eerste antwoord"
        } else {
            "this was done before; this is the first answer"
        });
    }
    let name_of = |id: &PersonId| desk.name_of(id);
    let mut case = before.clone();
    let mut story = Story::new(&file.procedure, console.language, &name_of);
    let lines = story.lines(&mut case, events);
    console.fact(file.reference())?;
    story::print(console, &lines)?;
    if let Some(code) = code {
        console.fact(&format!("code {code}"))?;
        console.talk(console.language.pick(
            "bewaar deze code: alleen hiermee kunt u terugkomen, en hij wordt niet nog eens getoond",
            "keep this code: only with it can you come back, and it is not shown again",
        ));
    }
    for other in elsewhere.iter().filter(|other| !other.events.is_empty()) {
        let mut case = other.before.clone();
        let mut story = Story::new(&other.file.procedure, console.language, &name_of);
        console.fact(other.file.reference())?;
        story::print(console, &story.lines(&mut case, &other.events))?;
    }
    if let Some(next) = duties(file).first().filter(|_| !dry_run) {
        let word = if nl { "verder" } else { "next" };
        let item = next.item.as_ref().map(|item| format!(" --item '{item}'")).unwrap_or_default();
        console.talk(&format!("{word}: verloop do {} {}{item}", file.reference(), next.step));
    }
    Ok(Exit::Done)
}
