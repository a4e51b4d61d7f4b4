//! `verloop tick`: takes what was saved and lets happen what has fallen due, once; for cron where no server runs.

use super::args::{Globals, Output};
use super::console::Console;
use super::desk::{Desk, for_programs};
use super::story::{self, Story};
use super::viewer::Who;
use super::{Answer, Exit, news};
use crate::case::PersonId;
use crate::diagnostic::shown;
use crate::language::Language;
use crate::service::News;
use crate::time::Instant;
use serde_json::{Value, json};

pub(super) const EXAMPLES: &str = "\
Examples:
  verloop tick
  */10 * * * *  verloop tick -q -C /srv/klachten        in a crontab: every ten minutes";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `tick`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::writing(globals, console, false)?;
    // What was saved is taken first: what falls due in a new case, falls due by it.
    let house = desk.house()?;
    let taken = house.news();
    let looked = house.rescan();
    let taken: Vec<News> = taken.try_iter().filter(is_told).collect();
    let mut ticked =
        desk.engine.tick().map_err(|error| desk.engine_failure(error, "", Some(console)))?;
    desk.deliver(console);
    // What happened in a case that the user may not see has happened, and is not told here.
    let who = desk.who(globals).unwrap_or(Who::Anybody);
    ticked.passed.retain(|passed| desk.sees(&who, &passed.file));
    ticked.passed = ticked.passed.into_iter().map(|passed| desk.as_seen(globals, passed)).collect();
    let next = desk.next_timer(&who)?;
    let next = next.and_then(|(at, key)| Some((Instant::from_timestamp_millis(at)?, key)));
    let events: usize = ticked.passed.iter().map(|passed| passed.events.len()).sum();
    if for_programs(console) {
        let passed: Vec<Value> = ticked
            .passed
            .iter()
            .map(|passed| json!({ "case": passed.file.reference(), "events": passed.events }))
            .collect();
        let failed: Vec<Value> = ticked
            .failed
            .iter()
            .map(|(key, error)| json!({ "case": key, "error": error.to_string() }))
            .collect();
        let next = next.map(|(at, _)| at);
        let document = json!({
            "schema": "verloop.tick/1", "passed": passed, "failed": failed, "next": next,
            "taken": taken.iter().map(news::as_json).collect::<Vec<_>>(),
        });
        console.document(&document)?;
    } else {
        for item in &taken {
            for line in news::in_words(item) {
                console.fact(&shown(&line))?;
            }
        }
        for passed in &ticked.passed {
            let name_of = |id: &PersonId| desk.name_of(id);
            let mut story = Story::new(&passed.file.procedure, console.language, &name_of);
            let mut case = passed.before.clone();
            console.fact(passed.file.reference())?;
            let lines = story.lines(&mut case, &passed.events);
            story::print(console, &lines)?;
        }
        let nl = console.language == Language::Nl;
        let cases = ticked.passed.len();
        console.talk(&match (cases, nl) {
            (0, true) => "er was niets verstreken".to_owned(),
            (0, false) => "nothing had fallen due".to_owned(),
            (cases, true) => format!("{events} gebeurtenissen in {cases} zaken"),
            (cases, false) => format!("{events} events in {cases} cases"),
        });
        if let Some((at, key)) = next
            && let Ok(file) = desk.engine.case(key)
        {
            let local = file.procedure.zone.local(at);
            let reference = file.reference();
            let word = console.language.pick("volgende", "next");
            console.talk(&format!("{word}: {local} ({reference})"));
        }
    }
    for (key, error) in &ticked.failed {
        console.talk(&format!("case {key}: {error}"));
    }
    if let Err(error) = &looked {
        console.talk(&format!("the folder could not be looked at: {error}"));
    }
    let done = ticked.failed.is_empty() && looked.is_ok();
    Ok(if done { Exit::Done } else { Exit::Findings })
}

/// Whether news is told: what stays as it was, is said by `status`.
fn is_told(news: &News) -> bool {
    match news {
        News::Published { .. }
        | News::Refused { .. }
        | News::Premises
        | News::PremisesRefused { .. }
        | News::Trouble { .. } => true,
        News::PremisesMended | News::Ready { .. } | News::Same { .. } | News::Gone { .. } => false,
    }
}
