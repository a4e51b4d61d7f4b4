//! `verloop explain`: what guards and letters of a procedure can name, and what may stand around it; and the text that holds.

use super::Answer;
use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{self, Desk, findings_failure, for_programs, workspace_failure};
use super::effective;
use super::exit::Exit;
use super::failure::Stop;
use super::impact::{bundle, file};
use crate::catalog::{Bundle, numbered_name};
use crate::diagnostic::Diagnostic;
use crate::letter::{self, Shape};
use crate::procedure::guard::{self, Type};
use crate::procedure::{Procedure, outcome_scope};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop explain guards klachtenprocedure     names and functions behind `when`, `allowed` and `unless`
  verloop explain letters klachtenprocedure    names and filters in the templates of its letters
  verloop explain effective klacht-gemeente    the text that holds, its base put under it
  verloop explain effective klacht-gemeente@3  the same, of a text that was published
  verloop explain base awb-9@2026              the base itself, with what it lets others change";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum About {
    /// Conditions
    Guards,
    /// Templates
    Letters,
    /// The whole text that holds, with its base put under it, and where each line stands
    Effective,
    /// The text of a base that is at hand, as its author wrote it
    Base,
}

/// What stands after `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Conditions, templates, the text that holds, or a base
    #[arg(value_name = "WHAT")]
    about: About,

    /// Name of the procedure, a published version of it, or its file; or the name and edition of a base
    #[arg(value_name = "PROCEDURE")]
    procedure: String,
}

impl Args {
    /// Whether it has to do with a store.
    pub(super) fn needs_store(&self) -> bool {
        !matches!(self.about, About::Base) && numbered_name(&self.procedure).is_some()
    }
}

/// A name with what it holds and means.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Known {
    name: String,
    holds: String,
    may_be_absent: bool,
    means: String,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    if matches!(args.about, About::Base) {
        let workspace = desk::workspace(globals, console)?;
        return effective::base(&args.procedure, &workspace.folder, console);
    }
    let (bundle, procedure) = text(&args.procedure, globals, console)?;
    let (known, around): (BTreeSet<Known>, Vec<(String, String)>) = match args.about {
        About::Guards => (of_guards(&procedure), guard::documented().map(owned).collect()),
        About::Letters => {
            let filters = letter::documented();
            let filters = filters.map(|f| (f.example.to_owned(), f.does.to_owned()));
            (of_letters(&procedure), filters.collect())
        }
        About::Effective | About::Base => return effective::print(&bundle, &procedure, console),
    };
    if for_programs(console) {
        let names: Vec<Value> = known
            .iter()
            .map(|known| {
                json!({
                    "name": known.name, "holds": known.holds,
                    "may-be-absent": known.may_be_absent, "means": known.means,
                })
            })
            .collect();
        let around: Vec<Value> =
            around.iter().map(|(usage, does)| json!({ "usage": usage, "does": does })).collect();
        console.document(&json!({
            "schema": "verloop.names/1", "names": names, "functions": around,
        }))?;
        return Ok(Exit::Done);
    }
    let width = known.iter().map(|known| known.name.chars().count()).max().unwrap_or(0);
    for Known { name, holds, may_be_absent, means } in &known {
        let perhaps = if *may_be_absent { ", may be absent" } else { "" };
        let means = if means.is_empty() { String::new() } else { format!(": {means}") };
        console.fact(&format!("{name:width$}  {holds}{perhaps}{means}"))?;
    }
    console.fact("")?;
    let width = around.iter().map(|(usage, _)| usage.chars().count()).max().unwrap_or(0);
    for (usage, does) in &around {
        console.fact(&format!("{usage:width$}  {does}"))?;
    }
    Ok(Exit::Done)
}

/// Returns a text and its procedure: a published version as it stands there, or what stands on disk if it is sound.
fn text(
    named: &str,
    globals: &Globals,
    console: &mut Console,
) -> Result<(Bundle, Arc<Procedure>), Stop> {
    let failed = |findings: Vec<Diagnostic>| {
        findings_failure(&findings, format!("the procedure `{named}` has errors"))
    };
    if numbered_name(named).is_some() {
        let desk = Desk::reading(globals, console)?;
        let bundle = bundle(&desk, named)?;
        let procedure = bundle.compile_published(desk.engine.almanac()).map_err(failed)?;
        return Ok((bundle, procedure));
    }
    let workspace = desk::workspace(globals, console)?;
    let almanac = workspace.almanac().map_err(workspace_failure)?;
    let bundle = match file(named)? {
        Some(bundle) => bundle,
        None => workspace.bundle(named).map_err(workspace_failure)?,
    };
    let procedure = bundle.compile(&almanac).map_err(failed)?.procedure;
    Ok((bundle, procedure))
}

fn owned((usage, does): (&str, &str)) -> (String, String) {
    (usage.to_owned(), does.to_owned())
}

/// Returns what the guards of a procedure can name; what only an outcome's `allowed` sees included.
fn of_guards(procedure: &Procedure) -> BTreeSet<Known> {
    let mut known = BTreeSet::new();
    let scopes = procedure.steps().map(|(index, _)| outcome_scope(procedure, index));
    for scope in std::iter::once(procedure.scope.clone()).chain(scopes) {
        for (name, ty, meaning) in scope.names() {
            of_type(name, ty, false, meaning, &mut known);
        }
    }
    known
}

fn of_type(name: &str, ty: &Type, may_be_absent: bool, means: &str, known: &mut BTreeSet<Known>) {
    if let Type::Record(record) = ty {
        for (field, of_field) in record.fields() {
            let absent = may_be_absent || of_field.may_be_absent;
            of_type(&format!("{name}.{field}"), &of_field.ty, absent, "", known);
        }
        return;
    }
    let holds = match ty {
        Type::Text { one_of } if !one_of.is_empty() => format!("one of {}", one_of.join(", ")),
        Type::Boolean
        | Type::Integer
        | Type::Decimal
        | Type::Text { .. }
        | Type::Date
        | Type::List(_)
        | Type::Record(_)
        | Type::Anything => ty.words().to_owned(),
    };
    known.insert(Known { name: name.to_owned(), holds, may_be_absent, means: means.to_owned() });
}

/// Returns what the templates of a procedure can name; what is not there for every letter may be absent.
fn of_letters(procedure: &Procedure) -> BTreeSet<Known> {
    let mut known = BTreeSet::new();
    for letter in &procedure.letters {
        of_shape("", &letter.shape, false, "", &mut known);
    }
    known
}

fn of_shape(name: &str, shape: &Shape, absent: bool, means: &str, known: &mut BTreeSet<Known>) {
    match shape {
        Shape::Group(fields) => {
            for (field, of_field) in fields {
                let path = if name.is_empty() { field.clone() } else { format!("{name}.{field}") };
                let absent = absent || of_field.may_be_absent;
                of_shape(&path, &of_field.shape, absent, &of_field.meaning, known);
            }
        }
        Shape::List(items) if matches!(**items, Shape::Group(_)) => {
            of_shape(&format!("{name}[]"), items, absent, "", known);
        }
        Shape::Text
        | Shape::Number
        | Shape::Flag
        | Shape::Date
        | Shape::List(_)
        | Shape::Anything => {
            let (name, holds) = (name.to_owned(), shape.words().to_owned());
            known.insert(Known { name, holds, may_be_absent: absent, means: means.to_owned() });
        }
    }
}
