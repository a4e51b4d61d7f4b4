//! `deadline`: the last day of a term, from flags for one, or as JSON Lines for many.

mod json;
mod one;
mod stream;

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::workspace_failure;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::{Answer, folder, input};
use crate::catalog::{SETTINGS, Workspace};
use crate::time::Almanac;

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json, Output::Jsonl];

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop deadline --starts 2026-11-02 --within '6 weeks' --jurisdiction nl
  verloop deadline --starts 2026-11-02 --within '6 weeks' --jurisdiction nl \\
      --paused 2026-11-09..2026-11-30 --at-most '2 weeks' --extended '4 weeks'
  verloop deadline --starts '2026-03-02 09:00' --within '48 hours' --time-zone Europe/Amsterdam
  verloop deadline --starts 2026-05-20 --before --within '10 days' --jurisdiction nl
  verloop deadline --starts 2026-01-31 --within '1 month' --extended '2 months' --extended-from start --jurisdiction eu-institutions
  verloop deadline --starts 2026-03-02 --within '2 weeks' --jurisdiction nl --penalty 14x23,14x35,14x45 --met 2026-05-01
  verloop deadline < requests.jsonl > answers.jsonl

A request on standard input is one line of JSON; each gets one line as answer:
  {\"id\": 1, \"starts\": \"2026-11-02\", \"time-zone\": \"Europe/Amsterdam\",
   \"deadline\": {\"within\": \"6 weeks\", \"calendar\": \"nl\", \"counting\": \"nl-awb\"},
   \"paused\": [{\"from\": \"2026-11-09\", \"to\": \"2026-11-30\"}], \"extended\": [\"4 weeks\"]}
Several that follow each other:
  {\"id\": 2, \"jurisdiction\": \"nl\", \"events\": {\"made-known\": \"2023-04-14\"}, \"deadlines\": {
   \"objection\": {\"starts\": \"made-known\", \"within\": \"6 weeks\"},
   \"decision\": {\"starts\": \"objection.end\", \"within\": \"6 weeks\", \"extended\": [\"6 weeks\"]}}}
`verloop calendar list` names the calendars and counting rules.";

/// What stands after `deadline`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Read requests from standard input, one line of JSON each
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true)]
    from_input: Option<String>,

    #[command(flatten)]
    request: Request,
}

/// One request, in flags.
#[derive(Debug, Default, clap::Args)]
struct Request {
    /// The event: a date, a local time, or an instant with its offset
    #[arg(long, value_name = "WHEN")]
    starts: Option<String>,

    /// The term: `6 weeks`, `10 working days`, `48 hours`, `P6W`
    #[arg(long, value_name = "TERM", allow_hyphen_values = true)]
    within: Option<String>,

    /// Time zone, calendar and counting rule in one word: `nl`
    #[arg(long, value_name = "NAME")]
    jurisdiction: Option<String>,

    /// The days off [default: those of the jurisdiction, or else none]
    #[arg(long, value_name = "NAME")]
    calendar: Option<String>,

    /// The counting rule [default: that of the jurisdiction, or else `plain`]
    #[arg(long, value_name = "NAME")]
    counting: Option<String>,

    /// What if the last day is a day off: `forward`, `back` or `none` [default: as the counting rule says]
    #[arg(long, value_name = "HOW")]
    roll: Option<String>,

    /// Count the term back from the event: the last day lies before it
    #[arg(long)]
    before: bool,

    /// The end comes no later than this term from the start, whatever lengthens it
    #[arg(long, value_name = "TERM", allow_hyphen_values = true)]
    no_later_than: Option<String>,

    /// The end comes no earlier than this term from the start
    #[arg(long, value_name = "TERM", allow_hyphen_values = true)]
    no_earlier_than: Option<String>,

    /// Whose midnight ends a day [default: that of the jurisdiction, or else `UTC`]
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,

    /// When the clock stood still; without TO it still does (may be given more than once)
    #[arg(long, value_name = "FROM..TO", value_parser = pause)]
    paused: Vec<Pause>,

    /// How long the clock may stand still in all
    #[arg(long, value_name = "TERM", allow_hyphen_values = true)]
    at_most: Option<String>,

    /// Whether the term begins anew after each pause, rather than go on with what was left
    #[arg(long)]
    restart: bool,

    /// Whether the first day of a pause `runs` or `stands` [default: as the counting rule says]
    #[arg(long, value_name = "HOW")]
    first_day: Option<String>,

    /// Whether the last day of a pause `runs` or `stands` [default: as the counting rule says]
    #[arg(long, value_name = "HOW")]
    last_day: Option<String>,

    /// By how much the term was lengthened (may be given more than once)
    #[arg(long, value_name = "TERM", allow_hyphen_values = true)]
    extended: Vec<String>,

    /// From where the lengthening is counted: `end`, `start` or `rolled-end` [default: end]
    #[arg(long, value_name = "WHERE")]
    extended_from: Option<String>,

    /// A penalty for every day of delay, in tiers of so many days at so much: `14x23,14x35,14x45`
    #[arg(long, value_name = "TIERS", value_delimiter = ',')]
    penalty: Vec<String>,

    /// When it was met: until then a penalty accrues
    #[arg(long, value_name = "WHEN")]
    met: Option<String>,

    /// How many last days to give of a term that recurs, each from the one before
    #[arg(long, value_name = "NUMBER")]
    periods: Option<u32>,

    /// Up to when a pause without an end is counted, and a penalty accrues
    #[arg(long, value_name = "WHEN")]
    as_of: Option<String>,
}

/// A standstill of the clock, as typed.
#[derive(Debug, Clone, PartialEq)]
struct Pause {
    from: String,
    to: Option<String>,
}

fn pause(text: &str) -> Result<Pause, String> {
    let (from, to) = text
        .split_once("..")
        .ok_or("write it as FROM..TO, such as 2026-11-09..2026-11-30; without an end: FROM..")?;
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() {
        return Err("it has no beginning: write FROM..TO".to_owned());
    }
    Ok(Pause { from: from.to_owned(), to: (!to.is_empty()).then(|| to.to_owned()) })
}

impl Request {
    /// Returns the first flag that was given.
    fn first_flag(&self) -> Option<&'static str> {
        let given = [
            (self.starts.is_some(), "--starts"),
            (self.within.is_some(), "--within"),
            (self.jurisdiction.is_some(), "--jurisdiction"),
            (self.calendar.is_some(), "--calendar"),
            (self.counting.is_some(), "--counting"),
            (self.roll.is_some(), "--roll"),
            (self.before, "--before"),
            (self.no_later_than.is_some(), "--no-later-than"),
            (self.no_earlier_than.is_some(), "--no-earlier-than"),
            (self.restart, "--restart"),
            (self.first_day.is_some(), "--first-day"),
            (self.last_day.is_some(), "--last-day"),
            (self.extended_from.is_some(), "--extended-from"),
            (!self.penalty.is_empty(), "--penalty"),
            (self.met.is_some(), "--met"),
            (self.periods.is_some(), "--periods"),
            (self.time_zone.is_some(), "--time-zone"),
            (!self.paused.is_empty(), "--paused"),
            (self.at_most.is_some(), "--at-most"),
            (!self.extended.is_empty(), "--extended"),
            (self.as_of.is_some(), "--as-of"),
        ];
        given.into_iter().find_map(|(given, flag)| given.then_some(flag))
    }
}

pub(super) fn run(args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    match (args.request.first_flag(), &args.from_input) {
        (Some(flag), Some(_)) => {
            let message = format!("`{flag}` does not go with `-`");
            Err(Failure::new(Exit::Usage, "flag-beside-input", message)
                .why("every line on standard input is a whole request of its own")
                .attempt("the flag without `-`, or the same key in each request")
                .into())
        }
        (Some(_), None) => {
            if let Ok(folder) = folder::find(globals)
                && let Some(language) = folder::language(&folder)
            {
                console.speak(language);
            }
            one::run(&args.request, &almanac(globals)?, console)
        }
        (None, None) if console.in_is_terminal => {
            Err(Failure::new(Exit::Usage, "nothing-asked", "there is nothing to compute")
                .why("neither `--starts` and `--within` were given, nor requests on standard input")
                .attempt(
                    "verloop deadline --starts 2026-11-02 --within '6 weeks' --jurisdiction nl",
                )
                .into())
        }
        (None, _) => stream::run(input(), &almanac(globals)?, console.language_said(), console),
    }
}

/// Returns the calendars and counting rules that are shipped, with those of the workspace if there is one.
pub(super) fn almanac(globals: &Globals) -> Result<Almanac, Stop> {
    let folder = folder::find(globals)?;
    if !folder.join(SETTINGS).is_file() {
        return Ok(Almanac::shipped());
    }
    let workspace = Workspace::open(&folder).map_err(workspace_failure)?;
    workspace.almanac().map_err(workspace_failure)
}

#[cfg(test)]
mod tests {
    use super::{Exit, Pause, pause};

    #[test]
    fn a_pause_is_typed_as_two_ends() {
        let of = |from: &str, to: Option<&str>| Pause {
            from: from.to_owned(),
            to: to.map(str::to_owned),
        };
        assert_eq!(pause("2026-11-09..2026-11-30"), Ok(of("2026-11-09", Some("2026-11-30"))));
        assert_eq!(pause("2026-11-09 .. "), Ok(of("2026-11-09", None)));
        assert!(pause("2026-11-09").is_err() && pause("..2026-11-09").is_err());
        assert_eq!(Exit::Usage.code(), 2);
    }
}
