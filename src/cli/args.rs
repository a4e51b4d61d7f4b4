//! What may stand on the command line: the verbs, and the flags that all of them take.

use super::{
    act, between, calendar, check, completions, deadline, diff, documents, handle, impact, letters,
    names, open, party, publish, run, serve, show, status, test, tick, timeline, why, work,
};
use crate::language::Language;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "verloop",
    version,
    about = "Procedures with deadlines, roles and appeals, from YAML files",
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    help_template = "{about}\n\n{usage-heading} {usage}\n\n{all-args}",
    max_term_width = 100
)]
pub(super) struct CommandLine {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// One verb; each has a file of its own.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Check procedures, and the files that belong to them
    #[command(before_long_help = check::EXAMPLES)]
    Check(check::Args),
    /// Play a scripted case with a simulated clock, and tell it
    #[command(before_long_help = run::EXAMPLES)]
    Run(run::Args),
    /// Play the scenarios beside the procedures, and say which went otherwise
    #[command(before_long_help = test::EXAMPLES)]
    Test(test::Args),
    /// Open a case
    #[command(before_long_help = open::EXAMPLES)]
    Open(open::Args),
    /// Show what is to be done, the most urgent first
    #[command(before_long_help = work::EXAMPLES)]
    Work(work::Args),
    /// Show how a case stands, what is possible now, and what is not and why
    #[command(before_long_help = show::EXAMPLES)]
    Show(show::Args),
    /// Do a step
    #[command(before_long_help = act::EXAMPLES)]
    Do(act::Args),
    /// Give a step to somebody, or take it up
    #[command(before_long_help = handle::ASSIGN_EXAMPLES)]
    Assign(handle::Assign),
    /// Take up a step that nobody has
    #[command(before_long_help = handle::ASSIGN_EXAMPLES)]
    Claim(handle::Take),
    /// Put back a step that you took up or were given
    #[command(before_long_help = handle::ASSIGN_EXAMPLES)]
    Release(handle::Take),
    /// Lengthen a deadline
    #[command(before_long_help = handle::EXTEND_EXAMPLES)]
    Extend(handle::Extend),
    /// Take back the latest lengthening of a deadline
    #[command(before_long_help = handle::EXTEND_EXAMPLES)]
    Revoke(handle::Revoke),
    /// Correct the date of receipt
    #[command(before_long_help = handle::CORRECT_EXAMPLES)]
    Correct(handle::Correct),
    /// Have deadlines stand still
    #[command(before_long_help = handle::PAUSE_EXAMPLES)]
    Pause(handle::Pause),
    /// Let deadlines go on
    #[command(before_long_help = handle::PAUSE_EXAMPLES)]
    Resume(handle::Resume),
    /// Let a party come into a case or leave it, and represent another
    #[command(before_long_help = party::EXAMPLES)]
    Party(party::Args),
    /// Withdraw a case, or an appeal
    #[command(before_long_help = act::WITHDRAW_EXAMPLES)]
    Withdraw(act::OfKind),
    /// File an appeal
    #[command(before_long_help = act::APPEAL_EXAMPLES)]
    Appeal(act::Appeal),
    /// Put on record that two cases have to do with each other
    #[command(before_long_help = between::RELATE_EXAMPLES)]
    Relate(between::Relate),
    /// Join a case into another, which goes on with both
    #[command(before_long_help = between::JOIN_EXAMPLES)]
    Join(between::Join),
    /// Split a second case off
    #[command(before_long_help = between::SPLIT_EXAMPLES)]
    Split(between::SplitArgs),
    /// Hand a case to another body
    #[command(before_long_help = between::TRANSFER_EXAMPLES)]
    Transfer(between::Transfer),
    /// Let a case run again that has ended
    #[command(before_long_help = between::REOPEN_EXAMPLES)]
    Reopen(between::Reopen),
    /// Bring documents into a case
    #[command(before_long_help = documents::ATTACH_EXAMPLES)]
    Attach(documents::Attach),
    /// List the documents of a case
    #[command(before_long_help = documents::LIST_EXAMPLES)]
    Documents(documents::List),
    /// Give out a document of a case
    #[command(before_long_help = documents::GIVE_EXAMPLES)]
    Document(documents::Give),
    /// Record that a letter was sent
    #[command(before_long_help = letters::SEND_EXAMPLES)]
    Send(letters::SendArgs),
    /// List, show and check the letters of a case
    #[command(before_long_help = letters::EXAMPLES)]
    Letters(letters::Args),
    /// Tell the record of a case
    #[command(before_long_help = timeline::EXAMPLES)]
    Timeline(timeline::Args),
    /// Explain a date, or why a step can or can't be done
    #[command(before_long_help = why::EXAMPLES)]
    Why(why::Args),
    /// List what guards and letters of a procedure can name, or print the text that holds
    #[command(before_long_help = names::EXAMPLES)]
    Explain(names::Args),
    /// Put a procedure's text on record, and make it the one that new cases get
    #[command(before_long_help = publish::PUBLISH_EXAMPLES)]
    Publish(publish::Publish),
    /// List the texts of a procedure that were published
    #[command(before_long_help = publish::VERSIONS_EXAMPLES)]
    Versions(publish::Versions),
    /// Show what changed between two texts of a procedure, in meaning
    #[command(before_long_help = diff::EXAMPLES)]
    Diff(diff::Args),
    /// Show what a text means for the cases under way, and change nothing
    #[command(before_long_help = impact::IMPACT_EXAMPLES)]
    Impact(impact::Impact),
    /// Move the cases under way to a published text, or take that back
    #[command(before_long_help = impact::MIGRATE_EXAMPLES)]
    Migrate(impact::Migrate),
    /// Make a published text the one that new cases get, also one of before
    #[command(before_long_help = publish::ACTIVATE_EXAMPLES)]
    Activate(publish::Choose),
    /// Take a published text back: new cases don't get it any more
    #[command(before_long_help = publish::ACTIVATE_EXAMPLES)]
    Retire(publish::Choose),
    /// Let happen what has fallen due, once
    #[command(before_long_help = tick::EXAMPLES)]
    Tick(tick::Args),
    /// Show the procedures on disk, and the cases on each version
    #[command(before_long_help = status::EXAMPLES)]
    Status(status::Args),
    /// Keep the workspace current, let happen what falls due, and answer other commands
    #[command(before_long_help = serve::EXAMPLES)]
    Serve(serve::Args),
    /// Compute the last day of a term, and explain it
    #[command(before_long_help = deadline::EXAMPLES)]
    Deadline(Box<deadline::Args>),
    /// Show the days off of a year, and whether they are known far enough
    #[command(before_long_help = calendar::EXAMPLES)]
    Calendar(calendar::Args),
    /// Print what a shell needs to complete verbs and flags
    #[command(before_long_help = completions::EXAMPLES)]
    Completions(completions::Args),
}

impl Verb {
    /// Whether it has to do with a store, so that the server answers it where one runs.
    pub(super) fn needs_store(&self) -> bool {
        match self {
            Verb::Calendar(args) => args.needs_store(),
            Verb::Test(args) => args.needs_store(),
            Verb::Explain(args) => args.needs_store(),
            Verb::Check(_)
            | Verb::Run(_)
            | Verb::Deadline(_)
            | Verb::Completions(_)
            | Verb::Serve(_) => false,
            Verb::Open(_)
            | Verb::Work(_)
            | Verb::Show(_)
            | Verb::Do(_)
            | Verb::Assign(_)
            | Verb::Claim(_)
            | Verb::Release(_)
            | Verb::Extend(_)
            | Verb::Revoke(_)
            | Verb::Correct(_)
            | Verb::Pause(_)
            | Verb::Resume(_)
            | Verb::Party(_)
            | Verb::Withdraw(_)
            | Verb::Appeal(_)
            | Verb::Relate(_)
            | Verb::Join(_)
            | Verb::Split(_)
            | Verb::Transfer(_)
            | Verb::Reopen(_)
            | Verb::Attach(_)
            | Verb::Documents(_)
            | Verb::Document(_)
            | Verb::Send(_)
            | Verb::Letters(_)
            | Verb::Timeline(_)
            | Verb::Why(_)
            | Verb::Publish(_)
            | Verb::Versions(_)
            | Verb::Diff(_)
            | Verb::Impact(_)
            | Verb::Migrate(_)
            | Verb::Activate(_)
            | Verb::Retire(_)
            | Verb::Tick(_)
            | Verb::Status(_) => true,
        }
    }

    /// Returns the forms of output that the verb has.
    pub(super) fn outputs(&self) -> &'static [Output] {
        match self {
            Verb::Check(_) => check::OUTPUTS,
            Verb::Run(_) => run::OUTPUTS,
            Verb::Test(_) => test::OUTPUTS,
            Verb::Open(_) => open::OUTPUTS,
            Verb::Work(_) => work::OUTPUTS,
            Verb::Show(_) => show::OUTPUTS,
            Verb::Do(_) => act::OUTPUTS,
            Verb::Assign(_) => handle::OUTPUTS,
            Verb::Claim(_) => handle::OUTPUTS,
            Verb::Release(_) => handle::OUTPUTS,
            Verb::Extend(_) => handle::OUTPUTS,
            Verb::Revoke(_) => handle::OUTPUTS,
            Verb::Correct(_) => handle::OUTPUTS,
            Verb::Pause(_) => handle::OUTPUTS,
            Verb::Resume(_) => handle::OUTPUTS,
            Verb::Party(_) => party::OUTPUTS,
            Verb::Withdraw(_) => act::OUTPUTS,
            Verb::Appeal(_) => act::OUTPUTS,
            Verb::Diff(_) => diff::OUTPUTS,
            Verb::Impact(_) => impact::OUTPUTS,
            Verb::Migrate(_) => impact::MIGRATE_OUTPUTS,
            Verb::Publish(_) | Verb::Versions(_) | Verb::Activate(_) | Verb::Retire(_) => {
                publish::OUTPUTS
            }
            Verb::Attach(_) => documents::ATTACH_OUTPUTS,
            Verb::Documents(_) | Verb::Document(_) => documents::OUTPUTS,
            Verb::Relate(_) | Verb::Join(_) | Verb::Split(_) => between::OUTPUTS,
            Verb::Transfer(_) | Verb::Reopen(_) => between::OUTPUTS,
            Verb::Send(_) | Verb::Letters(_) => letters::OUTPUTS,
            Verb::Timeline(_) => timeline::OUTPUTS,
            Verb::Why(_) => why::OUTPUTS,
            Verb::Explain(_) => names::OUTPUTS,
            Verb::Tick(_) => tick::OUTPUTS,
            Verb::Status(_) => status::OUTPUTS,
            Verb::Serve(_) => serve::OUTPUTS,
            Verb::Deadline(_) => deadline::OUTPUTS,
            Verb::Calendar(_) => calendar::OUTPUTS,
            Verb::Completions(_) => completions::OUTPUTS,
        }
    }
}

/// The flags that every verb takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global flags")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Globals {
    /// Folder of the procedures [default: the nearest folder upwards with `verloop.yaml`]
    #[arg(short = 'C', long = "dir", value_name = "DIR", global = true)]
    pub dir: Option<PathBuf>,

    /// File of the store [env: `VERLOOP_STORE`] [default: as `verloop.yaml` says]
    #[arg(long, value_name = "FILE", global = true)]
    pub store: Option<PathBuf>,

    /// Act for somebody else; it needs the right to, and is recorded as such
    #[arg(long = "as", value_name = "NAME", global = true)]
    pub acting_as: Option<String>,

    /// Come back with the code of a case in which you did not say who you are [env: `VERLOOP_CODE`]
    #[arg(long, value_name = "CODE", conflicts_with = "acting_as", global = true)]
    pub code: Option<String>,

    /// Form of the output; not every verb has every one
    #[arg(short, long, value_name = "FORM", global = true)]
    pub output: Option<Output>,

    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub color: Colour,

    /// Language of messages about cases [default: that of the workspace, or else of the locale]
    #[arg(long, value_name = "LANG", global = true)]
    pub lang: Option<Tongue>,

    /// Never ask anything
    #[arg(long, global = true)]
    pub no_input: bool,

    /// Answer every question with yes
    #[arg(long, global = true)]
    pub yes: bool,

    /// Say what would happen, and change nothing
    #[arg(long, global = true)]
    pub dry_run: bool,

    /// Print facts and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,

    /// Say more
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// The forms of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    Human,
    /// One fact a line, no boxes, no colour
    Plain,
    /// One JSON document
    Json,
    /// JSON Lines
    Jsonl,
    /// A table with separators
    Csv,
    /// A page to read and pass on
    Html,
    /// Findings for code scanners
    Sarif,
    /// Findings as annotations in GitHub Actions
    Github,
    /// Test results for continuous integration
    Junit,
}

impl Output {
    /// Returns the word for it, as it is typed.
    pub(super) fn name(self) -> &'static str {
        match self {
            Output::Human => "human",
            Output::Plain => "plain",
            Output::Json => "json",
            Output::Jsonl => "jsonl",
            Output::Csv => "csv",
            Output::Html => "html",
            Output::Junit => "junit",
            Output::Sarif => "sarif",
            Output::Github => "github",
        }
    }
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// A language on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Tongue {
    /// Dutch
    Nl,
    /// English
    En,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Nl => Language::Nl,
            Tongue::En => Language::En,
        }
    }
}

/// How the help of a verb is laid out: examples first.
const VERB_HELP: &str = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}";

/// Returns the grammar of the command line.
pub(super) fn command() -> clap::Command {
    use clap::CommandFactory;
    CommandLine::command().mut_subcommands(|verb| verb.help_template(VERB_HELP))
}

/// Returns when colours are to be used according to a command line that may be wrong.
pub(super) fn colour_of(args: &[std::ffi::OsString]) -> Colour {
    let mut args = args.iter().map(|arg| arg.to_string_lossy());
    let mut said = None;
    while let Some(arg) = args.next() {
        match arg.as_ref() {
            "--" => break,
            "--color" => said = args.next().map(std::borrow::Cow::into_owned),
            arg => said = arg.strip_prefix("--color=").map(str::to_owned).or(said),
        }
    }
    said.and_then(|said| Colour::from_str(&said, false).ok()).unwrap_or(Colour::Auto)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    #[test]
    fn the_grammar_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn colours_are_heard_on_a_wrong_command_line_too() {
        for (args, expected) in [
            (&["chek"][..], Colour::Auto),
            (&["chek", "--color", "never"], Colour::Never),
            (&["--color=always", "chek"], Colour::Always),
            (&["--color=always", "--color", "never"], Colour::Never),
            (&["--color", "green"], Colour::Auto),
            (&["chek", "--", "--color=always"], Colour::Auto),
            (&["--color"], Colour::Auto),
        ] {
            let args: Vec<OsString> = args.iter().map(OsString::from).collect();
            assert_eq!(colour_of(&args), expected, "{args:?}");
        }
    }
}
