//! `verloop explain effective` and `base`: the text that holds, its base put under it, and for each line where it stands; and the
//! base itself.

use super::Answer;
use super::console::Console;
use super::desk::{findings_failure, for_programs};
use super::exit::Exit;
use super::failure::Failure;
use crate::catalog::{Bundle, base_named, known_bases};
use crate::diagnostic::{Place, shown};
use crate::procedure::Procedure;
use crate::procedure::overlay::print::Line;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;

/// The column at which it is said where a line stands, unless the line is longer.
const COLUMN: usize = 76;

pub(super) fn print(bundle: &Bundle, procedure: &Procedure, console: &mut Console) -> Answer {
    let failed = |findings: Vec<_>| findings_failure(&findings, "the text can't be read");
    let lines = bundle.printed().map_err(failed)?;
    if for_programs(console) {
        let (root, _) = bundle.nodes().map_err(failed)?;
        let bases = bundle.bases.iter();
        let bases: Vec<Value> =
            bases.map(|base| json!({ "base": base.name, "file": base.path })).collect();
        let lines: Vec<Value> = lines.iter().map(|line| as_json(bundle, line)).collect();
        console.document(&json!({
            "schema": "verloop.effective/1", "procedure": procedure.name, "file": bundle.path,
            "hash": procedure.version.to_string(), "bases": bases, "text": root.to_json(),
            "lines": lines,
        }))?;
        return Ok(Exit::Done);
    }
    let mut head = format!("# {}: what holds; own: {}", procedure.name, bundle.path);
    for base in &bundle.bases {
        let file = base.path.as_deref().unwrap_or("shipped");
        let _ = write!(head, "; {}: {file}", base.name);
    }
    console.fact(&shown(&head))?;
    for line in &lines {
        let Line { text, place, was } = line;
        let mut from = at(bundle, place);
        if let Some((was, place)) = was {
            let was = was.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = write!(from, ", for {was} at {}", at(bundle, place));
        }
        console.fact(&shown(&format!("{text:COLUMN$} # {from}")))?;
    }
    Ok(Exit::Done)
}

/// Prints the text of a base, as its author wrote it.
pub(super) fn base(name: &str, folder: &Path, console: &mut Console) -> Answer {
    let Some(base) = base_named(name, Some(folder)) else {
        let message = format!("there is no base `{name}`");
        let known = known_bases(Some(folder)).join(", ");
        return Err(Failure::new(Exit::NotFound, "no-such-base", message).attempt(known).into());
    };
    if for_programs(console) {
        console.document(&json!({
            "schema": "verloop.base/1", "base": base.name, "file": base.path, "text": base.text,
        }))?;
    } else {
        for line in base.text.lines() {
            console.fact(&shown(line))?;
        }
    }
    Ok(Exit::Done)
}

/// Returns in which text something stands, and on which line: `own:12`, `awb-9@2026:64`.
fn at(bundle: &Bundle, place: &Place) -> String {
    let text = bundle.base_at(place).map_or("own", |base| base.name.as_str());
    format!("{text}:{}", place.line_column().0)
}

fn as_json(bundle: &Bundle, line: &Line) -> Value {
    let from = |place: &Place| {
        let text = bundle.base_at(place).map(|base| base.name.as_str());
        json!({ "base": text, "file": place.source.name, "line": place.line_column().0 })
    };
    let was = line.was.as_ref().map(|(was, place)| json!({ "value": was, "from": from(place) }));
    json!({ "line": line.text, "from": from(&line.place), "was": was })
}
