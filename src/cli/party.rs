//! `verloop party`: parties come into a case and leave it, and those who represent them.

use super::Answer;
use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Acting, Desk};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::handle::perform_with;
use crate::case::{Act, Contact, NewParty, PartyAct, PersonId, address};
use crate::engine::CaseFile;
use crate::procedure::Name;
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop party K-2026-0017 add klager 'De heer Bakker' --as balie
  verloop party K-2026-0017 add gemachtigde 'Mr. Smit' --represents klager --as balie
  verloop party K-2026-0017 add gemachtigde 'Mr. Smit' --proof-file volmacht.pdf --as balie
  verloop party K-2026-0017 change klager --address 'Dorpsstraat 1, Ons Dorp' --as balie
  verloop party K-2026-0017 leave klager 'De heer Bakker' --because 'Verhuisd' --as balie
  verloop party K-2026-0017 refuse gemachtigde --because 'Ernstige bezwaren' --as hoofd";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What happens to a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum What {
    /// Comes into the case
    Add,
    /// Something else is known of it
    Change,
    /// Leaves the case, which goes on
    Leave,
    /// May not represent anybody in this case
    Refuse,
}

/// What stands after `party`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// What happens
    #[arg(value_name = "WHAT")]
    what: What,

    /// The party role
    #[arg(value_name = "ROLE")]
    role: String,

    /// Who: a short name in the organisation, a name from outside, or `klager#2` [default: the only one]
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Whom the representative represents [default: the only one who can be meant]
    #[arg(long, value_name = "PARTY")]
    represents: Option<String>,

    /// What proves it, such as the name of a document
    #[arg(long, value_name = "TEXT", conflicts_with = "proof_file")]
    proof: Option<String>,

    /// A file that proves it; it becomes a document of the case, and its digest is recorded
    #[arg(long, value_name = "FILE")]
    proof_file: Option<PathBuf>,

    /// How the party is reached, such as `post` or `e-mail`
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,

    /// Where the party is reached
    #[arg(long, value_name = "ADDRESS")]
    address: Option<String>,

    /// Language of what is sent to the party: `nl`
    #[arg(long, value_name = "LANG")]
    language: Option<String>,

    /// Why
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,

    #[command(flatten)]
    acting: Acting,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let files: Vec<PathBuf> = args.proof_file.iter().cloned().collect();
    perform_with(&args.case, &args.acting, &files, globals, console, |desk, file, request| {
        let of_file = request.documents.first();
        let of_file = of_file.map(|one| format!("sha256:{}", one.document.sha256));
        let role = Name::from(args.role.as_str());
        let contact = Contact {
            channel: args.channel.as_deref().map(Name::from),
            address: args.address.clone(),
            language: args.language.clone(),
        };
        Ok(Act::Party(match args.what {
            What::Add => {
                let new = newcomer(args, desk, file, role, contact)?;
                PartyAct::Add(NewParty { proof: new.proof.or(of_file), ..new })
            }
            What::Change => PartyAct::Change { person: known(args, file, &role)?, role, contact },
            What::Leave => {
                let reason = args.because.clone();
                PartyAct::Leave { person: known(args, file, &role)?, role, reason }
            }
            What::Refuse => {
                let reason = args.because.clone().unwrap_or_default();
                PartyAct::Refuse { person: known(args, file, &role)?, role, reason }
            }
        }))
    })
}

fn newcomer(
    args: &Args,
    desk: &Desk,
    file: &CaseFile,
    role: Name,
    contact: Contact,
) -> Result<NewParty, Stop> {
    let Some(name) = args.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) else {
        let failure = Failure::new(Exit::Usage, "no-name", "who comes into the case?");
        return Err(failure.attempt(format!("verloop party … add {role} 'De heer Bakker'")).into());
    };
    let represents = match &args.represents {
        Some(whom) => Some(party(file, whom)?),
        None => None,
    };
    let staff = desk.organisation.person(name);
    let named = staff.is_none().then(|| name.to_owned());
    let unit = staff.as_ref().and_then(|person| person.unit.clone());
    let staff = staff.map(|person| person.id);
    let proof = args.proof.clone();
    Ok(NewParty { role, staff, unit, name: named, represents, proof, contact })
}

/// Returns a party of the case by role, id or name.
fn party(file: &CaseFile, name: &str) -> Result<PersonId, Stop> {
    let found = address::party(&file.procedure, &file.case, name);
    found.map(|party| party.person.clone()).ok_or_else(|| no_party(file, name))
}

/// Returns the party that leaves, or of whom something else is known.
fn known(args: &Args, file: &CaseFile, role: &Name) -> Result<PersonId, Stop> {
    let name = args.name.as_deref().map(str::trim);
    if let Some(party) = address::party_in(&file.case, role, name) {
        return Ok(party.person.clone());
    }
    if name.is_none() && file.case.parties_in(role).next().is_some() {
        let ids = file.case.parties_in(role).map(|party| format!("'{}'", party.person));
        let failure = Failure::new(Exit::Usage, "which-party", format!("which `{role}`?"));
        return Err(failure
            .attempt(format!("one of {}", ids.collect::<Vec<_>>().join(", ")))
            .into());
    }
    Err(no_party(file, name.unwrap_or(role.as_str())))
}

fn no_party(file: &CaseFile, name: &str) -> Stop {
    let message = format!("{} has no party `{name}`", file.reference());
    let failure = Failure::new(Exit::NotFound, "no-such-party", message);
    failure.attempt(format!("verloop show {}", file.reference())).into()
}
