//! `verloop do`, `withdraw` and `appeal`: the doing of a step.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Acting, Desk};
use super::documents::{Attached, brought};
use super::exit::Exit;
use super::failure::Failure;
use super::values::Given;
use super::{Answer, acted};
use crate::case::{Act, Do, Elsewhere, Filing};
use crate::engine::CaseFile;
use crate::procedure::{Name, Procedure, Step, StepKind};
use crate::schema::Field;
use crate::time::{Date, parse_date};
use serde_json::Map;

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop do K-2026-0017 ontvangstbevestiging --as klachten-1
  verloop do K-2026-0017 gesprek --item 'Medewerker balie 3' --set verslag='Betreurt het.' --as klachten-1
  verloop do K-2026-0017 antwoord --outcome gegrond --data antwoord.yaml --as klachten-1
  verloop do K-2026-0017 antwoord … --dry-run       what would happen, and nothing is recorded";

pub(super) const WITHDRAW_EXAMPLES: &str = "\
Examples:
  verloop withdraw K-2026-0017 --as klachten-1 --for klager --because 'Excuses aanvaard'
  verloop withdraw K-2026-0017 beroep --as klager          an appeal; the case goes on";

pub(super) const APPEAL_EXAMPLES: &str = "\
Examples:
  verloop appeal K-2026-0017 --as klager --set gronden='De brief is niet gelezen.'
  verloop appeal K-2026-0017 --as klachten-1 --for klager --at 2026-05-04 --set gronden='…'
  verloop appeal K-2026-0017 --as klager --because 'Ik lag in het ziekenhuis.'       when it is late
  verloop appeal B-2026-0003 bezwaar --posted 2026-05-04 --part maatregelen …
  verloop appeal B-2026-0003 bezwaar --arrived-elsewhere 2026-05-04 --forwarded-by 'Gemeente Delft' …";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `do`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Name of the step
    #[arg(value_name = "STEP")]
    step: String,

    /// How it ends
    #[arg(long, value_name = "OUTCOME")]
    outcome: Option<String>,

    /// For whom or what, where it is done for each of a list
    #[arg(long, value_name = "ITEM")]
    item: Option<String>,

    /// A remark for the record
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    attached: Attached,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `withdraw` and `appeal`.
#[derive(Debug, clap::Args)]
pub(super) struct OfKind {
    /// Number of the case
    #[arg(value_name = "CASE")]
    case: String,

    /// Which one, where the procedure has several
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Why
    #[arg(long, value_name = "TEXT")]
    because: Option<String>,

    #[command(flatten)]
    given: Given,

    #[command(flatten)]
    attached: Attached,

    #[command(flatten)]
    acting: Acting,
}

/// What stands after `appeal`.
#[derive(Debug, clap::Args)]
pub(super) struct Appeal {
    #[command(flatten)]
    of: OfKind,

    /// A part of the decision that it is about; may be given more than once
    #[arg(long = "part", value_name = "FIELD")]
    parts: Vec<String>,

    /// The day on which it was posted
    #[arg(long, value_name = "DATE")]
    posted: Option<String>,

    /// The day on which it arrived at a wrong body, which counts for whether it is in time
    #[arg(long, value_name = "DATE", requires = "forwarded_by")]
    arrived_elsewhere: Option<String>,

    /// The wrong body, which sent it on
    #[arg(long, value_name = "BODY", requires = "arrived_elsewhere")]
    forwarded_by: Option<String>,
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::writing(globals, console, false)?;
    let (key, file) = known(&desk, &args.case, globals)?;
    let act = Do {
        item: args.item.clone(),
        outcome: args.outcome.as_deref().map(Name::from),
        note: args.note.clone(),
        ..fill(&file.procedure, &args.step, &args.given, console)?
    };
    ask(&desk, key, &file, &Act::Do(act), (&args.acting, &args.attached), globals, console)
}

pub(super) fn withdraw(args: &OfKind, globals: &Globals, console: &mut Console) -> Answer {
    let ends = |step: &&Step| step.kind == StepKind::AtAnyTime && step.ends.is_some();
    if let Some(name) = &args.name {
        let desk = Desk::writing(globals, console, false)?;
        let (key, file) = known(&desk, &args.case, globals)?;
        let step = file.procedure.find_step(name).map(|index| file.procedure.step(index));
        if let Some(step) = step.filter(|step| matches!(step.kind, StepKind::Appeal(_))) {
            let (appeal, reason) = (step.name.clone(), args.because.clone());
            let act = Act::WithdrawAppeal { appeal, item: None, reason };
            let how = (&args.acting, &args.attached);
            return ask(&desk, key, &file, &act, how, globals, console);
        }
    }
    of_kind(args, Filing::default(), "way to withdraw", ends, globals, console)
}

pub(super) fn appeal(args: &Appeal, globals: &Globals, console: &mut Console) -> Answer {
    let files = |step: &&Step| matches!(step.kind, StepKind::Appeal(_));
    let day = |text: &Option<String>, flag: &str| -> Result<Option<Date>, super::failure::Stop> {
        let read = |text: &String| {
            parse_date(text).map_err(|error| {
                let message = format!("`{text}` after `{flag}` is no day");
                let failure = Failure::new(Exit::Usage, "not-a-date", message);
                failure.why(error.to_string()).attempt(format!("{flag} 2026-03-02")).into()
            })
        };
        text.as_ref().map(read).transpose()
    };
    let elsewhere = day(&args.arrived_elsewhere, "--arrived-elsewhere")?.map(|arrived_on| {
        Elsewhere { arrived_on, body: args.forwarded_by.clone().unwrap_or_default() }
    });
    let posted_on = day(&args.posted, "--posted")?;
    let filing = Filing { parts: args.parts.clone(), posted_on, elsewhere };
    of_kind(&args.of, filing, "appeal", files, globals, console)
}

fn of_kind(
    args: &OfKind,
    filing: Filing,
    what: &str,
    is: impl Fn(&&Step) -> bool,
    globals: &Globals,
    console: &mut Console,
) -> Answer {
    let desk = Desk::writing(globals, console, false)?;
    let (key, file) = known(&desk, &args.case, globals)?;
    let names: Vec<&Name> = file.procedure.steps.iter().filter(is).map(|step| &step.name).collect();
    let step = match (&args.name, names.as_slice()) {
        (Some(name), _) if names.iter().any(|known| *known == name.as_str()) => name.clone(),
        (None, [only]) => only.to_string(),
        (None | Some(_), []) => {
            let message = format!("`{}` has no {what}", file.procedure.name);
            return Err(Failure::new(Exit::NotFound, "no-such-step", message).into());
        }
        (None | Some(_), several) => {
            let several: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            let message = format!("which {what}?");
            let failure = Failure::new(Exit::NotFound, "no-such-step", message);
            return Err(failure.attempt(format!("one of {}", several.join(", "))).into());
        }
    };
    let note = args.because.clone();
    let act = Do { note, filing, ..fill(&file.procedure, &step, &args.given, console)? };
    ask(&desk, key, &file, &Act::Do(act), (&args.acting, &args.attached), globals, console)
}

fn known(
    desk: &Desk,
    reference: &str,
    globals: &Globals,
) -> Result<(crate::store::CaseKey, CaseFile), super::failure::Stop> {
    let file = desk.find(globals, reference, true)?;
    Ok((file.key.unwrap_or_default(), file))
}

/// Returns the doing of a step with what was typed: fields of its form, and of the case data that it supplies.
fn fill(
    procedure: &Procedure,
    name: &str,
    given: &Given,
    console: &Console,
) -> Result<Do, super::failure::Stop> {
    let step = procedure.find_step(name).map(|index| procedure.step(index));
    let form: &[Field] = step.and_then(|step| step.form.as_ref()).map_or(&[], |form| form.fields());
    let of_case = procedure.intake.schema.fields();
    let supplies = step.map(|step| step.supplies.as_slice()).unwrap_or_default();
    let of_case = of_case.iter().filter(|field| supplies.contains(&field.name));
    let all: Vec<Field> = form.iter().chain(of_case).cloned().collect();
    let values = given.values(&all, console)?;
    let in_form = |name: &String| form.iter().any(|field| field.name == *name);
    let is_data = |name: &String| {
        !in_form(name) && (supplies.contains(name) || form.is_empty() && !supplies.is_empty())
    };
    let (data, form): (Map<_, _>, Map<_, _>) =
        values.into_iter().partition(|(name, _)| is_data(name));
    Ok(Do { form, data, ..Do::step(name) })
}

fn ask(
    desk: &Desk,
    key: crate::store::CaseKey,
    file: &CaseFile,
    act: &Act,
    (acting, attached): (&Acting, &Attached),
    globals: &Globals,
    console: &mut Console,
) -> Answer {
    let request = desk.request(globals, acting, file)?;
    let request = request.with(brought(desk, &attached.files, globals, console)?);
    match desk.engine.act(key, act, &request) {
        Ok(accepted) => acted::print(desk, accepted, globals, console),
        Err(error) => Err(desk.engine_failure(error, file.reference(), Some(console))),
    }
}
