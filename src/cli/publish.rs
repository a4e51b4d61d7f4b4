//! `verloop publish`, `versions`, `activate` and `retire`: which texts there are, and which of them new cases get.

use super::args::{Globals, Output};
use super::console::{self, Console};
use super::desk::{Desk, findings_failure, for_programs, workspace_failure};
use super::failure::{Failure, Stop};
use super::impact::file;
use super::viewer::Who;
use super::{Answer, Exit};
use crate::case::PersonId;
use crate::catalog::{CatalogAct, Publications, SpanFinding, numbered_name};
use crate::diagnostic::{Diagnostic, shown};
use crate::engine::{Adopted, CatalogError, PublishedNow, Publisher, Publishing};
use crate::register;
use crate::service::{self, Against, Offer};
use crate::store::VersionHash;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

pub(super) const PUBLISH_EXAMPLES: &str = "\
Examples:
  verloop publish klachtenprocedure --because 'Beleidsnota 2026-14: kortere hoortermijn' --as joost
  verloop publish klachtenprocedure.yaml --because '…' --no-activate      put it on record only
  verloop publish klachtenprocedure --because '…' --dry-run               what stands against it";

pub(super) const VERSIONS_EXAMPLES: &str = "\
Examples:
  verloop versions
  verloop versions klachtenprocedure -o json";

pub(super) const ACTIVATE_EXAMPLES: &str = "\
Examples:
  verloop activate klachtenprocedure@3 --because 'v4 verstuurt een verkeerde brief' --as ann
  verloop retire klachtenprocedure@3 --because 'De regeling is ingetrokken' --as ann";

pub(super) const OUTPUTS: &[Output] = &[Output::Human, Output::Plain, Output::Json];

/// What stands after `publish`.
#[derive(Debug, clap::Args)]
pub(super) struct Publish {
    /// Name of the procedure, or its file
    #[arg(value_name = "PROCEDURE")]
    procedure: String,

    /// Why: it is put on record
    #[arg(long, value_name = "TEXT")]
    because: String,

    /// Put it on record, and leave the one active that is
    #[arg(long)]
    no_activate: bool,
}

/// What stands after `versions`.
#[derive(Debug, clap::Args)]
pub(super) struct Versions {
    /// Name of the procedure [default: all]
    #[arg(value_name = "PROCEDURE")]
    procedure: Option<String>,
}

/// What stands after `activate` and `retire`.
#[derive(Debug, clap::Args)]
pub(super) struct Choose {
    /// Which text, as `klachtenprocedure@3`
    #[arg(value_name = "PROCEDURE@N")]
    version: String,

    /// Why: it is put on record
    #[arg(long, value_name = "TEXT")]
    because: String,
}

pub(super) fn publish(args: &Publish, globals: &Globals, console: &mut Console) -> Answer {
    // Read first: a name that is typed wrongly must not leave a store behind.
    let bundle = match (file(&args.procedure)?, console.asker.house()) {
        (Some(bundle), _) => Some(bundle),
        (None, Some(_)) => None,
        (None, None) => {
            let workspace = super::desk::workspace(globals, console)?;
            Some(workspace.bundle(&args.procedure).map_err(workspace_failure)?)
        }
    };
    let desk = Desk::writing(globals, console, !globals.dry_run)?;
    let by = desk.publisher(globals, Some(&args.because))?;
    let bundle = match bundle {
        Some(bundle) => bundle,
        None => desk.workspace.bundle(&args.procedure).map_err(workspace_failure)?,
    };
    let offer = service::judge(&desk.engine, &bundle)
        .map_err(|error| desk.engine_failure(error, &args.procedure, Some(console)))?;
    let (adopted, scenarios) = match offer {
        Offer::Refused { findings, against, .. } => {
            return Err(refused(&findings, &against, &bundle.path));
        }
        Offer::Ready { adopted, scenarios } => (adopted, scenarios),
        Offer::Same { .. } | Offer::Waiting { .. } | Offer::Published(_) => {
            let adopted = Adopted::new(&bundle, desk.engine.almanac());
            let adopted = adopted.map_err(|findings| refused(&findings, &[], &bundle.path))?;
            (Box::new(adopted), 0)
        }
    };
    let name = adopted.procedure.name.clone();
    let four_eyes = desk.workspace.four_eyes;
    let activate = !args.no_activate;
    if globals.dry_run {
        console.fact(&format!("{name} can be published; nothing is written"))?;
        return Ok(Exit::Done);
    }
    let file = bundle.path.clone();
    let publishing = Publishing { adopted: &adopted, file, scenarios, activate, four_eyes };
    let done = desk
        .engine
        .publish(&publishing, &by)
        .map_err(|error| catalog_failure(&desk, error, name.as_str(), console))?;
    let version = adopted.procedure.version;
    if for_programs(console) {
        console.document(&json!({
            "schema": "verloop.publish/1", "procedure": name, "version": done.number,
            "hash": version.to_string(), "active": done.active, "was-there": done.was_there,
            "scenarios": scenarios,
        }))?;
        return Ok(Exit::Done);
    }
    let number = done.number;
    let what = match (done.is_new, done.active) {
        (false, true) => format!("{name} v{number} is on record and active; nothing was changed"),
        (false, false) => format!("{name} v{number} is on record already, and is not active"),
        (true, true) => format!("{name} v{number} is active from now on ({})", version.short()),
        (true, false) => format!("{name} v{number} is on record ({})", version.short()),
    };
    console.fact(&what)?;
    if scenarios > 0 {
        console.talk(&format!("{scenarios} scenarios beside it went as expected"));
    }
    let others = desk.engine.open_on_others(name.as_str(), version).unwrap_or_default();
    if done.active && others > 0 {
        console.talk(&format!(
            "{others} open cases run on earlier texts; see `verloop impact {name}`"
        ));
    }
    if !done.active && four_eyes {
        let somebody = format!("somebody else than {} activates it", by.person);
        console.talk(&format!("{somebody}: verloop activate {name}@{number} --because …"));
    } else if !done.active {
        console.talk(&format!("next: verloop activate {name}@{number} --because …"));
    }
    Ok(Exit::Done)
}

pub(super) fn activate(args: &Choose, globals: &Globals, console: &mut Console) -> Answer {
    choose(args, globals, console, true)
}

pub(super) fn retire(args: &Choose, globals: &Globals, console: &mut Console) -> Answer {
    choose(args, globals, console, false)
}

fn choose(args: &Choose, globals: &Globals, console: &mut Console, active: bool) -> Answer {
    let Some((name, number)) = numbered_name(&args.version) else {
        let message = format!("`{}` names no version", args.version);
        let failure = Failure::new(Exit::Usage, "bad-version", message);
        return Err(failure.attempt("verloop versions      to see what there is").into());
    };
    let desk = Desk::writing(globals, console, false)?;
    let by = desk.publisher(globals, Some(&args.because))?;
    if globals.dry_run {
        console.fact("nothing is written")?;
        return Ok(Exit::Done);
    }
    let done: Result<PublishedNow, CatalogError> = if active {
        desk.engine.activate(name.as_str(), number, &by, desk.workspace.four_eyes)
    } else {
        desk.engine.retire(name.as_str(), number, &by)
    };
    let done = done.map_err(|error| catalog_failure(&desk, error, name.as_str(), console))?;
    if for_programs(console) {
        console.document(&json!({
            "schema": "verloop.publish/1", "procedure": name, "version": number,
            "active": done.active, "was-there": true,
        }))?;
        return Ok(Exit::Done);
    }
    let record = desk.engine.publications(name.as_str()).unwrap_or_default();
    console.fact(&if active {
        format!("{name} v{number} is active for new cases")
    } else {
        format!("{name} v{number} is retired: new cases don't get it; those that run on it go on")
    })?;
    if record.active().is_empty() {
        console.talk("no version is active now: no case can be opened before one is");
    }
    Ok(Exit::Done)
}

/// Returns why a text is not published, with what would help.
fn refused(findings: &[Diagnostic], against: &[Against], file: &str) -> Stop {
    let message = format!("`{}` can't be published", shown(file));
    if !findings.is_empty() {
        return findings_failure(findings, message);
    }
    let mut failure = Failure::new(Exit::Findings, "not-published", message);
    for one in against {
        failure = failure.why(shown(&one.to_string()).to_string());
    }
    let helps = against.iter().filter_map(|one| match one {
        Against::Scenario(_) => Some("verloop test      to see where it goes otherwise"),
        Against::Record(CatalogError::NoTransition { .. }) => Some(
            "transition: { pending: old } in the text: they finish under the rules they began with; or `new`: they move",
        ),
        Against::Record(CatalogError::Spans(_)) => {
            Some("`in-force` with other days, or `activate: manual`")
        }
        Against::Unreadable(_)
        | Against::Elsewhere(_)
        | Against::Record(
            CatalogError::Engine(_)
            | CatalogError::SecondPerson { .. }
            | CatalogError::NoSuchVersion { .. }
            | CatalogError::NothingToDo { .. },
        ) => None,
    });
    let helps: BTreeSet<&str> = helps.collect();
    helps.into_iter().fold(failure, Failure::attempt).into()
}

/// Returns what an error about the texts means to the user.
fn catalog_failure(desk: &Desk, error: CatalogError, name: &str, console: &Console) -> Stop {
    match error {
        CatalogError::Engine(error) => desk.engine_failure(error, name, Some(console)),
        CatalogError::NoTransition { open } => {
            let message = format!("{open} open cases run on earlier texts of `{name}`");
            Failure::new(Exit::Refused, "no-transition", message)
                .why("the text does not say what becomes of them")
                .attempt("transition: { pending: old }      or `new`, in the text")
                .into()
        }
        CatalogError::Spans(findings) => {
            let message = format!("the days of `{name}` don't fit those of the active texts");
            let mut failure = Failure::new(Exit::Refused, "spans", message);
            for finding in findings {
                failure = failure.why(match finding {
                    SpanFinding::Overlap { number, from } => {
                        format!("from {from} on v{number} is in force as well")
                    }
                    SpanFinding::Gap { from, until } => {
                        format!("from {from} until {until} none would be in force")
                    }
                    SpanFinding::Between { ends_by, until, begins_by, from } => format!(
                        "none would be in force for what was {} before {from} and is {} after {until}",
                        begins_by.happened(),
                        ends_by.happened()
                    ),
                });
            }
            failure.attempt("`in-force` with other days").into()
        }
        CatalogError::SecondPerson { publisher } => {
            let message = format!("{publisher} published it, so somebody else must activate it");
            let failure = Failure::new(Exit::NotAllowed, "second-person", message);
            failure
                .why("`four-eyes: true` in verloop.yaml")
                .attempt("--as with another name")
                .into()
        }
        CatalogError::NoSuchVersion { number, known } => {
            let message = format!("`{name}` has no version {number}");
            let failure = Failure::new(Exit::NotFound, "no-such-version", message);
            let known: Vec<String> = known.iter().map(|known| format!("{name}@{known}")).collect();
            failure
                .attempt(if known.is_empty() {
                    format!("verloop publish {name} --because …")
                } else {
                    known.join(", ")
                })
                .into()
        }
        CatalogError::NothingToDo { active } => {
            let message = if active { "it is active already" } else { "it is retired already" };
            Failure::new(Exit::Refused, "nothing-to-do", message).into()
        }
    }
}

pub(super) fn versions(args: &Versions, globals: &Globals, console: &mut Console) -> Answer {
    let desk = Desk::reading(globals, console)?;
    let failed = |error| desk.engine_failure(error, "", None);
    let names = match &args.procedure {
        Some(name) => vec![name.clone()],
        None => desk.engine.published_procedures().map_err(failed)?,
    };
    let mut documents = Vec::new();
    let mut found = false;
    for name in names {
        let record = desk.engine.publications(&name).map_err(failed)?;
        if record.acts.is_empty() {
            continue;
        }
        found = true;
        let running = running(&desk, globals, &name)?;
        if for_programs(console) {
            documents.push(as_json(&name, &record, &running));
        } else {
            let text = in_words(&desk, &name, &record, &running);
            console.fact(text.trim_end())?;
        }
    }
    if for_programs(console) {
        console.document(&json!({ "schema": "verloop.versions/1", "procedures": documents }))?;
    } else if !found {
        let of = args.procedure.as_deref().unwrap_or("any procedure");
        let message = format!("nothing of {of} was published yet");
        return Err(Failure::new(Exit::NotFound, "nothing-published", message)
            .attempt("verloop publish PROCEDURE --because …, or the first `verloop open`")
            .into());
    }
    Ok(Exit::Done)
}

/// Returns how many open cases run on each version, of those that the user may see.
fn running(desk: &Desk, globals: &Globals, name: &str) -> Result<Vec<(String, u64)>, Stop> {
    let who = desk.who(globals).unwrap_or(Who::Anybody);
    let sees_all = |version| desk.sees_all(&who, version);
    let sees = |key| desk.sees_key(&who, key);
    let running = register::running(desk.engine.store(), &sees_all, &sees)
        .map_err(|error| super::desk::store_failure(&error))?;
    let of_name = running.into_iter().filter(|running| running.procedure == name);
    let open = of_name.map(|running| {
        let open = running.by_status.get("open").copied().unwrap_or_default();
        (running.version, open)
    });
    Ok(open.collect())
}

pub(super) fn on(desk: &Desk, act: &CatalogAct) -> String {
    let zone = crate::time::TimeZone::utc();
    let name = desk.name_of(&PersonId::staff(&act.by)).unwrap_or_else(|| act.by.clone());
    let at = zone.local(act.at).to_string().replace('T', " ");
    format!("{at} UTC by {}", shown(&name))
}

fn in_words(desk: &Desk, name: &str, record: &Publications, running: &[(String, u64)]) -> String {
    let mut table =
        console::table(["VERSION", "ACTIVE", "IN FORCE", "PUBLISHED", "OPEN CASES", "BECAUSE"]);
    for published in record.versions().iter().rev() {
        let hash = published.version.to_string();
        let open = running.iter().find(|(version, _)| *version == hash).map_or(0, |(_, n)| *n);
        let active = match (published.activated, published.retired) {
            (Some(act), _) => format!("since {}", on(desk, act)),
            (None, Some(act)) => format!("retired {}", on(desk, act)),
            (None, None) => String::new(),
        };
        let span = published.in_force;
        let day = |day: Option<crate::time::Date>| day.map(|day| day.to_string());
        let in_force = match (day(span.from), day(span.until)) {
            (None, None) => "always".to_owned(),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("until {until}"),
            (Some(from), Some(until)) => format!("{from} – {until}"),
        };
        let because = published.act.because.clone().unwrap_or_default();
        table.add_row([
            format!("v{}  {}", published.number, published.version.short()),
            active,
            in_force,
            on(desk, published.act),
            open.to_string(),
            shown(&because).to_string(),
        ]);
    }
    let mut text = format!("{}\n{}\n", shown(name), table.trim_fmt());
    if let Some(refused) = record.refused() {
        text.push_str("refused ");
        text.push_str(&on(desk, refused));
        text.push('\n');
    }
    text.push_str(&on_disk(desk, name));
    text.push('\n');
    text
}

/// Says how the file stands to what is on record.
fn on_disk(desk: &Desk, name: &str) -> String {
    let looked = service::look(&desk.workspace, &desk.engine, name);
    let Ok(Ok(offered)) = looked else { return "on disk: no file of this procedure\n".to_owned() };
    let file = PathBuf::from(&offered.file);
    let file = crate::catalog::file::shown(&file);
    let said = match &offered.offer {
        Offer::Same { number } => format!("the same as v{number}"),
        Offer::Waiting { number } => format!("the same as v{number}, which is not active"),
        Offer::Ready { .. } => "a new text, sound: it can be published".to_owned(),
        Offer::Published(done) => format!("published as v{}", done.number),
        Offer::Refused { findings, against, .. } => {
            let count = findings.len() + against.len();
            let first = service::lines(findings, against).into_iter().next().unwrap_or_default();
            format!("refused, {count} findings: {}", shown(&first))
        }
    };
    format!("on disk: {} is {said}\n", shown(&file))
}

fn as_json(name: &str, record: &Publications, running: &[(String, u64)]) -> Value {
    let versions = record.versions();
    let versions = versions.iter().map(|published| {
        let hash = VersionHash(published.version.bytes()).to_string();
        let open = running.iter().find(|(version, _)| *version == hash).map_or(0, |(_, n)| *n);
        json!({
            "version": published.number, "hash": hash, "in-force": published.in_force,
            "published": published.act, "activated": published.activated,
            "retired": published.retired, "open-cases": open,
        })
    });
    let versions: Vec<Value> = versions.collect();
    json!({ "procedure": name, "versions": versions, "acts": record.acts })
}

impl Desk {
    /// Returns who publishes, if he may.
    pub(super) fn publisher(
        &self,
        globals: &Globals,
        because: Option<&str>,
    ) -> Result<Publisher, Stop> {
        let me = self.me(globals)?;
        let because = because.map(str::trim).map(str::to_owned);
        if because.as_deref() == Some("") {
            let failure = Failure::new(Exit::Usage, "reason-required", "a reason must be given");
            return Err(failure.attempt("--because TEXT").into());
        }
        let publishers = &self.workspace.publishers;
        let may = publishers.is_empty()
            || publishers.iter().any(|role| me.roles.iter().any(|own| *own == **role));
        if !may {
            let message = format!("`{}` may not publish", me.id.as_str());
            let failure = Failure::new(Exit::NotAllowed, "may-not-publish", message);
            let roles = publishers.join(", ");
            return Err(failure
                .why(format!("`publishers` in verloop.yaml names {roles}"))
                .attempt("--as with somebody who has such a role")
                .into());
        }
        Ok(Publisher { person: me.id.as_str().to_owned(), because })
    }
}
