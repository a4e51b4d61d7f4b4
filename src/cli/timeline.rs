//! `verloop timeline`: the record of one case.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, for_programs};
use super::story::{self, Story};
use super::{Answer, Exit};
use crate::case::{Case, PersonId};
use serde_json::json;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop timeline K-2026-0017
  verloop timeline 0017 -o jsonl          one event a line";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json, Output::Jsonl];

/// What stands after `timeline`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the case, or the end of it
    #[arg(value_name = "CASE")]
    case: String,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let (desk, seen) = desk.look(globals, console, &args.case)?;
    let events = desk.history(&seen)?;
    let file = seen.file;
    if console.output == Output::Jsonl {
        for event in &events {
            console.json_line(&json!(event))?;
        }
        return Ok(Exit::Done);
    }
    if for_programs(console) {
        let document =
            json!({ "schema": "verloop.timeline/1", "case": file.reference(), "events": events });
        console.document(&document)?;
        return Ok(Exit::Done);
    }
    let name_of = |id: &PersonId| desk.name_of(id);
    let mut story = Story::new(&file.procedure, console.language, &name_of);
    let lines = story.lines(&mut Case::default(), &events);
    story::print(console, &lines)?;
    Ok(Exit::Done)
}
