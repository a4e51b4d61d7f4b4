//! `verloop relate`, `join`, `split`, `transfer` and `reopen`: what is done with a case as a whole, and between cases.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Acting, Desk};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::handle::perform;
use super::values::Given;
use super::{Answer, acted};
use crate::case::{Act, Split, address};
use crate::engine::{Accepted, CaseFile, EngineError, Request};
use crate::procedure::Name;
use crate::store::CaseKey;

pub(super) const RELATE_EXAMPLES: &str = "\
Examples:
  verloop relate K-2026-0017 K-2026-0021 --because 'Zelfde voorval' --as klachten-1";

pub(super) const JOIN_EXAMPLES: &str = "\
Examples:
  verloop join K-2026-0021 K-2026-0017 --because 'Zelfde voorval' --as klachten-1
                                       K-2026-0021 ends, and K-2026-0017 goes on with both";

pub(super) const SPLIT_EXAMPLES: &str = "\
Examples:
  verloop split K-2026-0017 --because 'Twee voorvallen' --as klachten-1
  verloop split K-2026-0017 --party 'Dhr. Vos' --field onderwerp --because 'Eigen belang'
  verloop split K-2026-0017 --set onderwerp='De parkeerboete' --because 'Twee voorvallen'";

pub(super) const TRANSFER_EXAMPLES: &str = "\
Examples:
  verloop transfer K-2026-0017 'Gemeente Delft' --because 'Niet over ons' --as klachten-1";

pub(super) const REOPEN_EXAMPLES: &str = "\
Examples:
  verloop reopen K-2026-0017 --ground nieuwe-feiten --because 'De opname is gevonden' --as leiding-1";

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

/// What stands after `join`.
#[derive(Debug, clap::Args)]
pub(super) struct Join {
    /// Number of the case that ends
    #[arg(value_name = "CASE")]
    case: String,

    /// Number of the case that goes on with both
    #[arg(value_name = "INTO")]
    into: String,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `split`.
#[derive(Debug, clap::Args)]
pub(super) struct SplitArgs {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Party that goes along: a role, a name, or an id such as `klager#2` [default: all]
    #[arg(long = "party", value_name = "PARTY")]
    parties: Vec<String>,

    /// Field of the data that goes along [default: all]
    #[arg(long = "field", value_name = "FIELD")]
    fields: Vec<String>,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `transfer`.
#[derive(Debug, clap::Args)]
pub(super) struct Transfer {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// The other body
    #[arg(value_name = "BODY")]
    body: String,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `reopen`.
#[derive(Debug, clap::Args)]
pub(super) struct Reopen {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// On which ground of the procedure
    #[arg(long, value_name = "GROUND")]
    ground: String,

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

pub(super) fn join(args: &Join, globals: &Globals, console: &mut Console) -> Answer {
    let because = args.because.as_str();
    with_other(&args.case, &args.into, &args.acting, globals, console, |desk, [key, into], by| {
        desk.engine.join(key, into, because, by)
    })
}

pub(super) fn split(args: &SplitArgs, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::writing(globals, console, false)?;
    let file = desk.find(globals, &args.case, true)?;
    let request = desk.request(globals, &args.acting, &file)?;
    let mut parties = Vec::new();
    for name in &args.parties {
        parties.extend(chosen(&desk, &file, name)?);
    }
    let data = args.given.values(file.procedure.intake.schema.fields(), console)?;
    let split = Split { parties, fields: args.fields.clone(), data };
    let key = file.key.unwrap_or_default();
    match desk.engine.split(key, &split, &args.because, &request) {
        Ok(accepted) => acted::print(&desk, accepted, globals, console),
        Err(error) => Err(desk.engine_failure(error, &args.case, Some(console))),
    }
}

pub(super) fn transfer(args: &Transfer, globals: &Globals, console: &mut Console) -> Answer {
    let act = Act::Transfer { to: args.body.clone(), reason: args.because.clone() };
    perform(&args.case, &args.acting, globals, console, |_, _, _| Ok(act))
}

pub(super) fn reopen(args: &Reopen, globals: &Globals, console: &mut Console) -> Answer {
    let ground = Name::from(args.ground.as_str());
    let act = Act::Reopen { ground, reason: args.because.clone() };
    perform(&args.case, &args.acting, globals, console, |_, _, _| Ok(act))
}

/// Returns the parties that a name means.
fn chosen(
    desk: &Desk,
    file: &CaseFile,
    name: &str,
) -> Result<Vec<(Name, crate::case::PersonId)>, Stop> {
    let staff = |id: &str| desk.organisation.person(id);
    let found = address::parties(&file.procedure, &file.case, name, staff);
    if found.is_empty() {
        let message = format!("{} has no party `{name}`", file.reference());
        let failure = Failure::new(Exit::NotFound, "no-such-party", message);
        return Err(failure.attempt(format!("verloop show {}", file.reference())).into());
    }
    Ok(found)
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
