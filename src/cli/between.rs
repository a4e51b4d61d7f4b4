//! `verloop relate`: what is done between cases.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Acting, Desk};
use super::{Answer, acted};
use crate::engine::{Accepted, EngineError, Request};
use crate::store::CaseKey;

pub(super) const RELATE_EXAMPLES: &str = "\
Examples:
  verloop relate K-2026-0017 K-2026-0021 --because 'Zelfde voorval' --as klachten-1";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `relate`.
#[derive(Debug, clap::Args)]
pub(super) struct Relate {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Number of the other case
    #[arg(value_name = "OTHER")]
    other: String,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,

    #[command(flatten)]
    acting: Acting,
}

pub(super) fn relate(args: &Relate, globals: &Globals, console: &mut Console) -> Answer {
    let because = args.because.as_str();
    with_other(&args.case, &args.other, &args.acting, globals, console, |desk, [key, other], by| {
        desk.engine.relate(key, other, because, by)
    })
}

fn with_other(
    reference: &str,
    other: &str,
    acting: &Acting,
    globals: &Globals,
    console: &mut Console,
    act: impl FnOnce(&Desk, [CaseKey; 2], &Request) -> Result<Accepted, EngineError>,
) -> Answer {
    let desk = Desk::writing(globals, console, false)?;
    let key = desk.find(globals, reference, true)?.key.unwrap_or_default();
    let other = desk.find(globals, other, true)?.key.unwrap_or_default();
    let file =
        desk.engine.case(key).map_err(|error| desk.engine_failure(error, reference, None))?;
    let request = desk.request(globals, acting, &file)?;
    match act(&desk, [key, other], &request) {
        Ok(accepted) => acted::print(&desk, accepted, globals, console),
        Err(error) => Err(desk.engine_failure(error, reference, Some(console))),
    }
}
