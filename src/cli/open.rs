//! `verloop open`: a case begins.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Acting, Desk, instant};
use super::documents::{Attached, brought};
use super::exit::Exit;
use super::failure::Failure;
use super::values::Given;
use super::{Answer, acted};
use crate::engine::{Intake, new_code};
use crate::procedure::Name;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop open klachtenprocedure --as balie --for klager --channel telefoon \\
      --party klager='Mevrouw De Boer' --set onderwerp='Bejegening' --set omschrijving='Weggestuurd'
  verloop open klachtenprocedure --as klager --channel formulier --data klacht.yaml --received 2026-11-02
  verloop open klachtenprocedure --as balie --for klager --channel brief --data klacht.yaml \\
      --received 2026-11-02 --forwarded-by 'Gemeente Delft'
  verloop open klachtenprocedure … --dry-run        what would happen, and nothing is recorded";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `open`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name of the procedure
    #[arg(value_name = "PROCEDURE")]
    procedure: String,

    /// How the matter came in, such as `brief` or `e-mail`
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,

    /// When it was received, if that was earlier: `2026-11-02`, `2026-11-02T16:40`
    #[arg(long, value_name = "TIME")]
    received: Option<String>,

    /// The body to which it came first, on the day of `--received`, and which sent it on
    #[arg(long, value_name = "BODY", requires = "received")]
    forwarded_by: Option<String>,

    /// Who has rights in the case: somebody of the organisation by short name, or a name from outside
    #[arg(long = "party", value_name = "ROLE=NAME")]
    parties: Vec<String>,

    /// Do not say who you are; you get a code, once, with which you can come back
    #[arg(long)]
    anonymous: bool,

    /// Ask that the case be confidential
    #[arg(long)]
    confidential: bool,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    attached: Attached,

    #[command(flatten)]
    acting: Acting,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::writing(globals, console, !globals.dry_run)?;
    let (received, at) = (args.received.as_deref(), args.acting.at.as_deref());
    let adopted = desk.adopt_for(&args.procedure, received, at, globals, console)?;
    let procedure = &adopted.procedure;
    let mut named: Vec<(Name, Vec<String>)> = Vec::new();
    for party in &args.parties {
        let Some((role, name)) = party.split_once('=').filter(|(_, name)| !name.trim().is_empty())
        else {
            let failure =
                Failure::new(Exit::Usage, "bad-party", format!("`{party}` is no ROLE=NAME"));
            return Err(failure.attempt("--party klager='Mevrouw De Boer'").into());
        };
        match named.iter_mut().find(|(known, _)| *known == role) {
            Some((_, names)) => names.push(name.trim().to_owned()),
            None => named.push((Name::from(role), vec![name.trim().to_owned()])),
        }
    }
    let received = args.received.as_deref();
    let received_at =
        received.map(|text| instant(text, "--received", &procedure.zone)).transpose()?;
    let (code, kept) = args.anonymous.then(new_code).transpose().map_err(no_chance)?.unzip();
    let (parties, request) =
        desk.opening_request(globals, &args.acting, procedure, &named, kept.as_ref())?;
    let data = args.given.values(procedure.intake.schema.fields(), console)?;
    let intake = Intake {
        channel: args.channel.as_deref().map(Name::from),
        received_at,
        forwarded_by: args.forwarded_by.clone(),
        parties,
        confidential: args.confidential,
        data,
    };
    let request = request.with(brought(&desk, &args.attached.files, globals, console)?);
    match desk.engine.open(&adopted, &intake, &request) {
        Ok(accepted) => {
            // The first answer had another code, which was kept nowhere.
            let code = code.filter(|_| !accepted.repeated && !globals.dry_run);
            acted::print_with(&desk, accepted, globals, console, code.as_deref())
        }
        Err(error) => Err(desk.engine_failure(error, "", Some(console))),
    }
}

fn no_chance(error: impl std::fmt::Display) -> super::failure::Stop {
    let failure = Failure::new(Exit::Unreachable, "no-chance", "no code can be made");
    failure.why(error.to_string()).into()
}
