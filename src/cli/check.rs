//! `check`: all findings in procedures and the files that belong to them, at once.
use super::args::{Globals, Output};
use super::console::Console;
use super::{Answer, Exit};
pub(super) const OUTPUTS: &[Output] = &[Output::Human];
pub(super) const EXAMPLES: &str = "";
/// What stands after `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}
pub(super) fn run(_args: &Args, _globals: &Globals, console: &mut Console) -> Answer {
    console.detail("");
    let _ = console.style();
    Ok(Exit::Done)
}
