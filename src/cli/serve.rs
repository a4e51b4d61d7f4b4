//! `verloop serve`: keeps a workspace current, lets happen what falls due, and answers the other commands.

use super::Answer;
use super::args::{Globals, Output};
use super::console::Console;
use super::exit::Exit;
use super::failure::Failure;
#[cfg(unix)]
use super::server::serve;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop serve --no-web                    in the folder with `verloop.yaml`
  verloop serve --no-web -C /srv/klachten   for a service manager; SIGTERM ends it, SIGHUP has it look at the folder
  verloop serve --no-web -o jsonl           what happens, as JSON Lines";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Jsonl];

/// What stands after `serve`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Open no web pages; there are none yet, so it must be said
    #[arg(long)]
    no_web: bool,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    if !args.no_web {
        let failure = Failure::new(Exit::Usage, "no-web", "there are no web pages yet");
        return Err(failure.attempt("verloop serve --no-web").into());
    }
    serve(globals, console)
}

/// Other systems have no sockets that say who is at the other end.
#[cfg(not(unix))]
fn serve(_globals: &Globals, _console: &mut Console) -> Answer {
    let failure = Failure::new(Exit::Unreachable, "no-server", "no server runs on this system");
    Err(failure.attempt("verloop tick      every few minutes").into())
}
