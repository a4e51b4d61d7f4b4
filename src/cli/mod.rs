//! The command line: one file a verb; doing apart from drawing.
//!
//! A command goes one way: [`args`] says what was asked, a verb answers with an [`Exit`] or stops with a failure, and
//! what it prints on the way goes through the [`console`], the only place that prints. To add a verb: a file with
//! `EXAMPLES`, `OUTPUTS`, `Args` and `run`, its variant in [`args::Verb`], and its word in [`overview`].

mod act;
mod acted;
mod appeals;
mod args;
mod asker;
mod between;
mod calendar;
mod check;
mod completions;
mod console;
mod deadline;
mod desk;
mod diff;
mod documents;
mod effective;
mod environment;
mod exit;
mod failure;
mod folder;
mod handle;
mod impact;
mod letters;
mod moment;
mod names;
mod news;
mod open;
mod overview;
mod party;
mod publish;
mod refused;
mod replay;
mod replayed;
mod run;
mod serve;
#[cfg(unix)]
mod served;
#[cfg(unix)]
mod server;
#[cfg(unix)]
mod session;
mod show;
mod status;
mod story;
mod test;
mod tick;
mod timeline;
mod values;
mod viewer;
mod why;
#[cfg(unix)]
mod wire;
mod work;

pub use exit::Exit;

use crate::diagnostic::{misleads, shown};
use args::{CommandLine, Globals, Output, Verb};
use asker::{Asker, Here};
use clap::FromArgMatches;
use console::Console;
use environment::Environment;
use failure::{Failure, Stop};
use std::ffi::OsString;
use std::io::{self, Write};
use std::panic;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Mutex;

/// How a verb ends.
type Answer = Result<Exit, Stop>;

/// Runs the command that the arguments of this process ask for, and returns its exit code.
///
/// A panic ends here, with a message and [`Exit::Fault`].
pub fn main() -> ExitCode {
    keep_panics_quiet();
    let environment = Environment::read();
    let args: Vec<OsString> = std::env::args_os().collect();
    let here: Rc<dyn Asker> = Rc::new(Here);
    guarded(|| run(&args, &environment, &here), &mut console::err(&Here, false)).into()
}

/// Runs one command.
fn run(args: &[OsString], environment: &Environment, asker: &Rc<dyn Asker>) -> Exit {
    let parsed = args::command()
        .try_get_matches_from(args)
        .and_then(|matches| CommandLine::from_arg_matches(&matches));
    match parsed {
        Ok(CommandLine { mut globals, verb }) => {
            environment.complete(&mut globals);
            let asked = form(&globals, verb.as_ref(), environment);
            let output = asked.as_ref().copied().unwrap_or(Output::Human);
            let mut console = Console::new(&globals, output, environment, Rc::clone(asker));
            let answer = asked.and_then(|_| {
                let served = elsewhere(args, verb.as_ref(), &globals, environment, &console);
                served.unwrap_or_else(|| perform(verb.as_ref(), &globals, &mut console))
            });
            let answer = answer.and_then(|exit| console.flush().map(|()| exit));
            match answer {
                Ok(exit) => exit,
                Err(Stop::PipeClosed) => Exit::Done,
                Err(Stop::Failed(failure)) => {
                    console.failure(&failure);
                    failure.exit
                }
            }
        }
        Err(answer) => explain(&answer, args, environment, &**asker),
    }
}

/// Has the server answer, where one runs; nothing where this process has to.
#[cfg(unix)]
fn elsewhere(
    args: &[OsString],
    verb: Option<&Verb>,
    globals: &Globals,
    environment: &Environment,
    console: &Console,
) -> Option<Answer> {
    let needs_store = verb.is_some_and(Verb::needs_store);
    match (console.asker.house(), needs_store) {
        (None, true) => served::ask(args, globals, environment),
        (Some(_), false) => {
            let message = "this is nothing that a server answers";
            Some(Err(Failure::new(Exit::Usage, "not-for-a-server", message).into()))
        }
        (None, false) | (Some(_), true) => None,
    }
}

/// There are no servers on other systems.
#[cfg(not(unix))]
fn elsewhere(
    _args: &[OsString],
    _verb: Option<&Verb>,
    _globals: &Globals,
    _environment: &Environment,
    _console: &Console,
) -> Option<Answer> {
    None
}

/// Does what the verb says.
fn perform(verb: Option<&Verb>, globals: &Globals, console: &mut Console) -> Answer {
    match verb {
        None => overview::run(console),
        Some(Verb::Check(args)) => check::run(args, globals, console),
        Some(Verb::Run(args)) => run::run(args, globals, console),
        Some(Verb::Test(args)) => test::run(args, globals, console),
        Some(Verb::Open(args)) => open::run(args, globals, console),
        Some(Verb::Work(args)) => work::run(args, globals, console),
        Some(Verb::Show(args)) => show::run(args, globals, console),
        Some(Verb::Do(args)) => act::run(args, globals, console),
        Some(Verb::Assign(args)) => handle::assign(args, globals, console),
        Some(Verb::Claim(args)) => handle::claim(args, globals, console),
        Some(Verb::Release(args)) => handle::release(args, globals, console),
        Some(Verb::Extend(args)) => handle::extend(args, globals, console),
        Some(Verb::Revoke(args)) => handle::revoke(args, globals, console),
        Some(Verb::Correct(args)) => handle::correct(args, globals, console),
        Some(Verb::Pause(args)) => handle::pause(args, globals, console),
        Some(Verb::Resume(args)) => handle::resume(args, globals, console),
        Some(Verb::Party(args)) => party::run(args, globals, console),
        Some(Verb::Withdraw(args)) => act::withdraw(args, globals, console),
        Some(Verb::Appeal(args)) => act::appeal(args, globals, console),
        Some(Verb::Send(args)) => letters::send(args, globals, console),
        Some(Verb::Letters(args)) => letters::run(args, globals, console),
        Some(Verb::Publish(args)) => publish::publish(args, globals, console),
        Some(Verb::Versions(args)) => publish::versions(args, globals, console),
        Some(Verb::Diff(args)) => diff::run(args, globals, console),
        Some(Verb::Impact(args)) => impact::impact(args, globals, console),
        Some(Verb::Migrate(args)) => impact::migrate(args, globals, console),
        Some(Verb::Activate(args)) => publish::activate(args, globals, console),
        Some(Verb::Retire(args)) => publish::retire(args, globals, console),
        Some(Verb::Attach(args)) => documents::attach(args, globals, console),
        Some(Verb::Documents(args)) => documents::list(args, globals, console),
        Some(Verb::Document(args)) => documents::give(args, globals, console),
        Some(Verb::Relate(args)) => between::relate(args, globals, console),
        Some(Verb::Join(args)) => between::join(args, globals, console),
        Some(Verb::Split(args)) => between::split(args, globals, console),
        Some(Verb::Transfer(args)) => between::transfer(args, globals, console),
        Some(Verb::Reopen(args)) => between::reopen(args, globals, console),
        Some(Verb::Timeline(args)) => timeline::run(args, globals, console),
        Some(Verb::Why(args)) => why::run(args, globals, console),
        Some(Verb::Explain(args)) => names::run(args, globals, console),
        Some(Verb::Tick(args)) => tick::run(args, globals, console),
        Some(Verb::Status(args)) => status::run(args, globals, console),
        Some(Verb::Serve(args)) => serve::run(args, globals, console),
        Some(Verb::Deadline(args)) => deadline::run(args, globals, console),
        Some(Verb::Calendar(args)) => calendar::run(args, globals, console),
        Some(Verb::Completions(args)) => completions::run(args, console),
    }
}

/// Returns the form of the output: as the flag says, or else the environment, or else for people.
///
/// # Errors
/// The flag names a form that the verb doesn't have. The environment speaks to all verbs at once, so there it is no
/// error.
fn form(globals: &Globals, verb: Option<&Verb>, environment: &Environment) -> Result<Output, Stop> {
    let known = verb.map_or(&[Output::Human, Output::Plain][..], Verb::outputs);
    match globals.output {
        Some(output) if known.contains(&output) => Ok(output),
        Some(output) => {
            let names: Vec<String> =
                known.iter().map(|known| format!("`{}`", known.name())).collect();
            let message = format!("there is no `-o {}` here", output.name());
            Err(Failure::new(Exit::Usage, "no-such-output", message)
                .why(format!("this command has {}", names.join(", ")))
                .into())
        }
        None => Ok(environment
            .output()
            .filter(|output| known.contains(output))
            .unwrap_or(Output::Human)),
    }
}

/// Prints help, the version, or what is wrong with the command line.
fn explain(
    answer: &clap::Error,
    args: &[OsString],
    environment: &Environment,
    asker: &dyn Asker,
) -> Exit {
    let colour = args::colour_of(args);
    let rendered = answer.render();
    if answer.exit_code() == 0 {
        let colours = environment.colours(colour, environment.out_is_terminal);
        let mut out = console::out(asker, colours);
        // Nobody may be reading; there is nothing else to say then.
        let _ = write!(out, "{}", rendered.ansi()).and_then(|()| out.flush());
        return Exit::Done;
    }
    let colours = environment.colours(colour, environment.err_is_terminal);
    let mut err = console::err(asker, colours);
    // What was typed is quoted in the message: it may come from a script, or from the name of a file.
    let typed = |arg: &OsString| arg.to_string_lossy().chars().any(misleads);
    let text = if args.iter().any(typed) {
        let plain = rendered.to_string();
        plain.lines().flat_map(|line| [shown(line), "\n".into()]).collect()
    } else {
        rendered.ansi().to_string()
    };
    let _ = err.write_all(text.as_bytes());
    Exit::Usage
}

/// Where the last panic came from.
static FAULT: Mutex<Option<String>> = Mutex::new(None);

/// Keeps Rust's own message about a panic back, unless `RUST_BACKTRACE` asks for it: it may quote what nobody should
/// read in a log. Its place in our text is remembered.
fn keep_panics_quiet() {
    let wants_trace = std::env::var_os("RUST_BACKTRACE").is_some_and(|wish| wish != "0");
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |fault| {
        if let Ok(mut last) = FAULT.lock() {
            *last = fault.location().map(ToString::to_string);
        }
        if wants_trace {
            usual(fault);
        }
    }));
}

/// Runs `act`; a panic in it becomes a message on `err` and [`Exit::Fault`].
fn guarded(act: impl FnOnce() -> Exit, err: &mut dyn Write) -> Exit {
    panic::catch_unwind(panic::AssertUnwindSafe(act)).unwrap_or_else(|_| {
        let place = FAULT.lock().ok().and_then(|mut last| last.take());
        let place = place.map(|place| format!(", at {place}")).unwrap_or_default();
        let message = format!("this is a fault in verloop {}", env!("CARGO_PKG_VERSION"));
        let failure = Failure::new(Exit::Fault, "fault", message)
            .why(format!("it met what it should never meet{place}"))
            .now("what earlier commands answered has happened; this one may not have")
            .attempt("the same with RUST_BACKTRACE=1, and report what it prints");
        let _ = err.write_all(failure.in_words().as_bytes()).and_then(|()| err.flush());
        Exit::Fault
    })
}

/// Returns the bytes of standard input as they come.
fn input() -> Box<dyn io::BufRead> {
    Box::new(io::stdin().lock())
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::{Exit, guarded};

    #[test]
    fn a_panic_becomes_a_message() {
        let mut err = Vec::new();
        let exit = guarded(|| panic!("the complainant is called Jansen"), &mut err);
        let said = String::from_utf8(err).expect("text");
        assert_eq!(exit, Exit::Fault);
        assert!(said.contains("this is a fault in verloop 0.1.0"));
        assert!(!said.contains("Jansen"), "{said}");
        assert_eq!(guarded(|| Exit::Refused, &mut Vec::new()), Exit::Refused);
    }
}
