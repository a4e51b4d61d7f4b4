//! `verloop timeline`: the record of one case.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, for_programs};
use super::moment::{At, View};
use super::story::{self, Story};
use super::{Answer, Exit};
use crate::case::{Case, Event, Fact, PersonId};
use crate::procedure::Version;
use serde_json::json;
use std::sync::Arc;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop timeline K-2026-0017
  verloop timeline 0017 -o jsonl          one event a line
  verloop timeline 0017 --as-known 2026-03-01       what was on record then";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json, Output::Jsonl];

/// What stands after `timeline`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the case, or the end of it
    #[arg(value_name = "CASE")]
    case: String,

    #[command(flatten)]
    at: At,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (desk, seen) = desk.look(globals, console, &args.case)?;
    let View { file, history: events, now } = args.at.view(&desk, seen)?;
    if console.output == Output::Jsonl {
        for event in &events {
            console.json_line(&json!(event))?;
        }
        return Ok(Exit::Done);
    }
    if for_programs(console) {
        let mut document =
            json!({ "schema": "verloop.timeline/1", "case": file.reference(), "events": events });
        args.at.note_in(&mut document, now);
        console.document(&document)?;
        return Ok(Exit::Done);
    }
    let name_of = |id: &PersonId| desk.name_of(id);
    // What happened under an earlier text is told by that one: its names, its terms.
    let mut case = Case::default();
    let mut lines = Vec::new();
    for part in events.chunk_by(|_, next| text_from(next).is_none()) {
        let version = part.first().and_then(text_from);
        let procedure = version.and_then(|version| desk.engine.procedure(version).ok());
        let procedure = procedure.unwrap_or_else(|| Arc::clone(&file.procedure));
        let mut story = Story::new(&procedure, console.language, &name_of);
        lines.extend(story.lines(&mut case, part));
    }
    story::print(console, &lines)?;
    Ok(Exit::Done)
}

/// Returns the text under which a case runs from this event on, if it changes with it.
fn text_from(event: &Event) -> Option<Version> {
    if let Fact::Retold { history, .. } = &event.fact {
        return history.iter().rev().find_map(text_from);
    }
    let (Fact::CaseOpened { version, .. }
    | Fact::Migrated { to: version, .. }
    | Fact::MigrationUndone { back_to: version, .. }) = &event.fact
    else {
        return None;
    };
    Some(*version)
}
