//! `verloop diff`: what changed between two texts of a procedure, in meaning.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, findings_failure, for_programs};
use super::impact::{bundle, file};
use super::{Answer, Exit};
use crate::catalog::{Bundle, Difference, Meaning, diff};
use crate::diagnostic::shown;
use serde_json::{Value, json};

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop diff klachtenprocedure@3                        v3, and the file on disk
  verloop diff klachtenprocedure@3 klachtenprocedure@4
  verloop diff oud.yaml nieuw.yaml --exit-code";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The earlier text: a published version, a procedure of the workspace, or a file
    #[arg(value_name = "A")]
    before: String,

    /// The later text [default: what stands on disk]
    #[arg(value_name = "B")]
    after: Option<String>,

    /// End with 1 if they differ
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let usual = || args.before.rsplit_once('@').map_or(args.before.as_str(), |(name, _)| name);
    let after = args.after.as_deref().unwrap_or_else(usual);
    let (before, after) = match (file(&args.before)?, file(after)?) {
        (Some(before), Some(after)) => (before, after),
        (before, after_file) => {
            let desk = Desk::reading(globals, console)?;
            let of =
                |read: Option<Bundle>, named: &str| read.map_or_else(|| bundle(&desk, named), Ok);
            (of(before, &args.before)?, of(after_file, after)?)
        }
    };
    let found = diff(&before, &after)
        .map_err(|findings| findings_failure(&findings, "one of the texts can't be read"))?;
    if for_programs(console) {
        let one = |one: &Difference| {
            let (line, column) = one.place.line_column();
            let means: Vec<String> = one.means.iter().map(ToString::to_string).collect();
            json!({
                "what": one.word(), "path": one.path, "before": one.before, "after": one.after,
                "file": one.place.source.name, "line": line, "column": column, "means": means,
            })
        };
        let differences: Vec<Value> = found.iter().map(one).collect();
        console.document(&json!({ "schema": "verloop.diff/1", "differences": differences }))?;
    } else {
        for one in &found {
            console.fact(&shown(&line(one)))?;
        }
        let count =
            |meaning: &Meaning| found.iter().filter(|one| one.means.contains(meaning)).count();
        let (shorter, longer) = (count(&Meaning::Shorter), count(&Meaning::Longer));
        console.talk(&match found.len() {
            0 => "no difference in meaning".to_owned(),
            all => format!("{all} differences: {shorter} terms shorter, {longer} longer"),
        });
    }
    Ok(if args.exit_code && !found.is_empty() { Exit::Findings } else { Exit::Done })
}

fn line(one: &Difference) -> String {
    let (number, _) = one.place.line_column();
    let what = match (&one.before, &one.after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (Some(only), None) | (None, Some(only)) => only.clone(),
        (None, None) => String::new(),
    };
    let means: Vec<String> = one.means.iter().map(ToString::to_string).collect();
    let means = if means.is_empty() { String::new() } else { format!("   ({})", means.join(", ")) };
    let (word, path, file) = (one.word(), &one.path, &one.place.source.name);
    format!("{word:<8} {path:<32} {what}{means}   {file}:{number}")
}
