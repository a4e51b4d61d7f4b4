//! `check`: all findings in procedures and the files that belong to them, at once.

mod draw;
mod files;
mod github;
mod judge;
mod sarif;

use super::args::{Globals, Output};
use super::console::Console;
use super::exit::Exit;
use super::failure::Failure;
use super::{Answer, folder};
use crate::diagnostic::{Diagnostic, Severity, render, shown};
use files::Kind;
use std::path::PathBuf;

pub(super) const OUTPUTS: &[Output] =
    &[Output::Human, Output::Plain, Output::Json, Output::Sarif, Output::Github];

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop check                              everything in this folder
  verloop check procedures/ examples/        everything in these folders
  verloop check complaint.yaml               one file, with the files that it names
  verloop check --deny-warnings -o github    in continuous integration";

/// What stands after `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Files, and folders whose `*.yaml` files are checked [default: the folder of the procedures]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// End with 1 for warnings too
    #[arg(long)]
    deny_warnings: bool,
}

/// A file that was checked, and what was found.
#[derive(Debug)]
struct Checked {
    /// The file, as messages name it.
    name: String,
    /// What it is; nothing where that can't be told.
    kind: Option<Kind>,
    /// What is wrong with it, in the order of the text.
    findings: Vec<Diagnostic>,
}

/// How much was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    errors: usize,
    warnings: usize,
}

impl Counts {
    fn of<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        findings.into_iter().fold(Self::default(), |counts, finding| match finding.severity {
            Severity::Error => Self { errors: counts.errors + 1, ..counts },
            Severity::Warning => Self { warnings: counts.warnings + 1, ..counts },
        })
    }
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let paths = match args.paths.as_slice() {
        [] => vec![folder::find(globals)?],
        paths => paths.to_vec(),
    };
    let found = files::gather(&paths)?;
    for path in &found.passed_over {
        let name = path.display().to_string();
        console.detail(&format!("{}: none of ours, passed over", shown(&name)));
    }
    if found.files.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
        return Err(Failure::new(Exit::NotFound, "nothing-to-check", "there is nothing to check")
            .why(format!(
                "no `*.yaml` file in {} is a procedure or belongs to one",
                names.join(", ")
            ))
            .attempt("verloop check PATH")
            .into());
    }
    let checked = judge::all(found.files);
    let findings: Vec<&Diagnostic> = checked.iter().flat_map(|file| &file.findings).collect();
    let counts = Counts::of(findings.iter().copied());
    match console.output {
        Output::Json => console.document(&draw::as_json(&checked, counts))?,
        Output::Sarif => console.document(&sarif::log(&findings))?,
        Output::Github => {
            for finding in &findings {
                console.fact(&github::annotation(finding))?;
            }
        }
        Output::Plain => {
            for finding in &findings {
                console.fact(&draw::line(finding))?;
            }
        }
        Output::Human | Output::Jsonl | Output::Csv | Output::Html | Output::Junit => {
            for finding in &findings {
                let drawn = render(std::slice::from_ref(finding), console.style());
                console.fact(&format!("{drawn}\n"))?;
            }
        }
    }
    console.talk(&draw::summary(&checked, counts));
    let fails = counts.errors > 0 || (args.deny_warnings && counts.warnings > 0);
    Ok(if fails { Exit::Findings } else { Exit::Done })
}
