//! `completions`: what a shell needs to complete verbs and flags.

use super::args::{self, Output};
use super::console::Console;
use super::{Answer, Exit};
use clap_complete::Shell;

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain];

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop completions bash > ~/.local/share/bash-completion/completions/verloop
  verloop completions zsh  > \"${fpath[1]}/_verloop\"
  verloop completions fish > ~/.config/fish/completions/verloop.fish";

/// What stands after `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, console: &mut Console) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "verloop", &mut script);
    console.script(&script)?;
    Ok(Exit::Done)
}
