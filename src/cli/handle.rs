//! `verloop assign`, `claim`, `release`, `extend`, `revoke`, `correct`, `pause` and `resume`: what is done about a case beside its steps.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Acting, Desk, instant};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::show::duties;
use super::{Answer, acted};
use crate::case::{self, Act, Instance};
use crate::engine::CaseFile;
use crate::procedure::Name;
use crate::time::Term;

pub(super) const ASSIGN_EXAMPLES: &str = "\
Examples:
  verloop claim K-2026-0017 --as klachten-1             take it up yourself
  verloop release K-2026-0017 --as klachten-1           put it back
  verloop assign K-2026-0017 klachten-2 --as klachten-1
  verloop assign K-2026-0017 klachten-2 --step gesprek --item 'Medewerker balie 3'
  verloop assign K-2026-0017 --nobody --step gesprek    put it back for another";

pub(super) const EXTEND_EXAMPLES: &str = "\
Examples:
  verloop extend K-2026-0017 afdoening --because 'De medewerker is ziek' --as klachten-1
  verloop extend K-2026-0017 afdoening --by '2 weeks' --consent klager --because 'In overleg'
  verloop revoke K-2026-0017 afdoening --because 'De medewerker is weer beter' --as klachten-1";

pub(super) const CORRECT_EXAMPLES: &str = "\
Examples:
  verloop correct K-2026-0017 --received 2026-02-25 --because 'De envelop is van woensdag'";

pub(super) const PAUSE_EXAMPLES: &str = "\
Examples:
  verloop pause K-2026-0017 --because 'Wacht op een handtekening' --as klachten-1
  verloop resume K-2026-0017 --as klachten-1";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `assign`.
#[derive(Debug, clap::Args)]
pub(super) struct Assign {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// To whom [default: you]
    #[arg(value_name = "PERSON")]
    person: Option<String>,

    /// Which step [default: the only one that is to be done]
    #[arg(long, value_name = "STEP")]
    step: Option<String>,

    /// For whom or what, where the step is done for each of a list
    #[arg(long, value_name = "ITEM")]
    item: Option<String>,

    /// Put it back, for nobody in particular
    #[arg(long, conflicts_with = "person")]
    nobody: bool,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `claim` and `release`.
#[derive(Debug, clap::Args)]
pub(super) struct Take {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Which step [default: the only one that is to be done]
    #[arg(value_name = "STEP")]
    step: Option<String>,

    /// For whom or what, where the step is done for each of a list
    #[arg(long, value_name = "ITEM")]
    item: Option<String>,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `extend`.
#[derive(Debug, clap::Args)]
pub(super) struct Extend {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Name of the deadline
    #[arg(value_name = "DEADLINE")]
    deadline: String,

    /// By how much [default: as much as the rule allows]
    #[arg(long, value_name = "TERM")]
    by: Option<Term>,

    /// Party who consents; may be given more than once
    #[arg(long, value_name = "ROLE")]
    consent: Vec<String>,

    /// Why
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `revoke`.
#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Name of the deadline
    #[arg(value_name = "DEADLINE")]
    deadline: String,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `correct`.
#[derive(Debug, clap::Args)]
pub(super) struct Correct {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// When the matter was received
    #[arg(long, value_name = "TIME")]
    received: String,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `pause`.
#[derive(Debug, clap::Args)]
pub(super) struct Pause {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Name of the deadline [default: every one that may stand still by hand]
    #[arg(value_name = "DEADLINE")]
    deadline: Option<String>,

    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    because: String,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `resume`.
#[derive(Debug, clap::Args)]
pub(super) struct Resume {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Name of the deadline [default: every one that stands still by hand]
    #[arg(value_name = "DEADLINE")]
    deadline: Option<String>,

    #[command(flatten)]
    acting: Acting,
}

pub(super) fn assign(args: &Assign, globals: &Globals, console: &mut Console) -> Answer {
    perform(&args.case, &args.acting, globals, console, |desk, file, request| {
        let to = match (&args.person, args.nobody) {
            (_, true) => None,
            (Some(name), false) => Some(desk.person(file, name)?),
            (None, false) => Some(request.actor.person.clone()),
        };
        let instance = match &args.step {
            Some(step) => Instance { step: Name::from(step.as_str()), item: args.item.clone() },
            None => only_duty(file, args.item.as_ref())?,
        };
        Ok(Act::Assign { instance, to })
    })
}

pub(super) fn claim(args: &Take, globals: &Globals, console: &mut Console) -> Answer {
    take(args, globals, console, |instance| Act::Claim { instance })
}

pub(super) fn release(args: &Take, globals: &Globals, console: &mut Console) -> Answer {
    take(args, globals, console, |instance| Act::Release { instance })
}

fn take(
    args: &Take,
    globals: &Globals,
    console: &mut Console,
    act: impl FnOnce(Instance) -> Act,
) -> Answer {
    perform(&args.case, &args.acting, globals, console, |_, file, _| {
        Ok(act(match &args.step {
            Some(step) => Instance { step: Name::from(step.as_str()), item: args.item.clone() },
            None => only_duty(file, args.item.as_ref())?,
        }))
    })
}

/// Returns the one thing that is to be done.
fn only_duty(file: &CaseFile, item: Option<&String>) -> Result<Instance, Stop> {
    let due = duties(file);
    let fits = due.iter().filter(|duty| item.is_none() || duty.item.as_ref() == item);
    let fits: Vec<_> = fits.collect();
    match fits.as_slice() {
        [only] => Ok(Instance { step: only.step.clone(), item: only.item.clone() }),
        [] => {
            let message = format!("nothing is to be done in {}", file.reference());
            Err(Failure::new(Exit::NotFound, "nothing-to-do", message).into())
        }
        several => {
            let named = several.iter().map(|duty| match &duty.item {
                Some(item) => format!("--step {} --item '{item}'", duty.step),
                None => format!("--step {}", duty.step),
            });
            let failure = Failure::new(Exit::Usage, "which-step", "which step?");
            let named: Vec<String> = named.collect();
            Err(named.into_iter().fold(failure, Failure::attempt).into())
        }
    }
}

pub(super) fn extend(args: &Extend, globals: &Globals, console: &mut Console) -> Answer {
    let act = Act::Extend(case::Extend {
        deadline: Name::from(args.deadline.as_str()),
        by: args.by,
        consent: args.consent.iter().map(|role| Name::from(role.as_str())).collect(),
        reason: args.because.clone(),
    });
    perform(&args.case, &args.acting, globals, console, |_, _, _| Ok(act))
}

pub(super) fn revoke(args: &Revoke, globals: &Globals, console: &mut Console) -> Answer {
    let deadline = Name::from(args.deadline.as_str());
    let act = Act::Revoke { deadline, reason: args.because.clone() };
    perform(&args.case, &args.acting, globals, console, |_, _, _| Ok(act))
}

pub(super) fn correct(args: &Correct, globals: &Globals, console: &mut Console) -> Answer {
    perform(&args.case, &args.acting, globals, console, |_, file, _| {
        let received_at = instant(&args.received, "--received", &file.procedure.zone)?;
        Ok(Act::Correct { received_at, reason: args.because.clone() })
    })
}

pub(super) fn pause(args: &Pause, globals: &Globals, console: &mut Console) -> Answer {
    let deadline = args.deadline.as_deref().map(Name::from);
    let act = Act::Pause { deadline, reason: args.because.clone() };
    perform(&args.case, &args.acting, globals, console, |_, _, _| Ok(act))
}

pub(super) fn resume(args: &Resume, globals: &Globals, console: &mut Console) -> Answer {
    let act = Act::Resume { deadline: args.deadline.as_deref().map(Name::from) };
    perform(&args.case, &args.acting, globals, console, |_, _, _| Ok(act))
}

pub(super) fn perform(
    reference: &str,
    acting: &Acting,
    globals: &Globals,
    console: &mut Console,
    act: impl FnOnce(&Desk, &CaseFile, &crate::engine::Request) -> Result<Act, Stop>,
) -> Answer {
    perform_with(reference, acting, &[], globals, console, act)
}

/// The same, with files that come with the act.
pub(super) fn perform_with(
    reference: &str,
    acting: &Acting,
    files: &[std::path::PathBuf],
    globals: &Globals,
    console: &mut Console,
    act: impl FnOnce(&Desk, &CaseFile, &crate::engine::Request) -> Result<Act, Stop>,
) -> Answer {
    let desk = Desk::writing(globals, console, false)?;
    let file = desk.find(globals, reference, true)?;
    let key = file.key.unwrap_or_default();
    let request = desk.request(globals, acting, &file)?;
    let request = request.with(super::documents::brought(&desk, files, globals, console)?);
    let act = act(&desk, &file, &request)?;
    match desk.engine.act(key, &act, &request) {
        Ok(accepted) => acted::print(&desk, accepted, globals, console),
        Err(error) => Err(desk.engine_failure(error, reference, Some(console))),
    }
}
