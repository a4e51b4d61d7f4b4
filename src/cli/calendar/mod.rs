//! `verloop calendar`: the days off, as data that can be looked at, and whether they are known far enough.

mod check;
mod list;
mod show;

use super::args::{Globals, Output};
use super::console::Console;
use super::{Answer, deadline};
use clap::Subcommand;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop calendar list                   all calendars and counting rules
  verloop calendar show nl 2027           the days off of a year, each with its source
  verloop calendar check                  open deadlines that lie beyond the known years";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json, Output::Csv];

/// What stands after `calendar`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

/// What is asked of the calendars.
#[derive(Debug, Subcommand)]
enum What {
    /// Print the names of all calendars and counting rules
    List,
    /// Print the days off of a year
    Show(show::Args),
    /// Name the open deadlines that lie beyond the years for which their calendar is known
    Check,
}

impl Args {
    /// Whether it has to do with a store.
    pub(super) fn needs_store(&self) -> bool {
        matches!(self.what, What::Check)
    }
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    match &args.what {
        What::List => list::run(&deadline::almanac(globals)?, console),
        What::Show(args) => show::run(args, &deadline::almanac(globals)?, console),
        What::Check => check::run(globals, console),
    }
}
