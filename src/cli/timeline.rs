//! `verloop timeline`: the record of one case.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, for_programs};
use super::moment::{At, View};
use super::story::{self, Story};
use super::{Answer, Exit};
use crate::case::{Case, PersonId};
use serde_json::json;

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
    let mut story = Story::new(&file.procedure, console.language, &name_of);
    let lines = story.lines(&mut Case::default(), &events);
    story::print(console, &lines)?;
    Ok(Exit::Done)
}
