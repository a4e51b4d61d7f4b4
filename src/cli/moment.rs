//! `--as-known` and `--as-of`: a case at another moment than now.

use super::desk::Desk;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::viewer::Seen;
use crate::case::{Case, Event, as_known, as_of};
use crate::engine::CaseFile;
use crate::time::{Instant, TimeZone, parse_date, parse_instant};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// The flags that name another moment.
#[derive(Debug, clap::Args)]
pub(super) struct At {
    /// As it was known at that moment: a day, to its end, or `2026-03-01T09:00`
    #[arg(long, value_name = "WHEN", conflicts_with = "as_of")]
    as_known: Option<String>,

    /// As it was at that moment, by what is known now
    #[arg(long, value_name = "WHEN")]
    as_of: Option<String>,
}

/// A case at the moment that was asked for.
pub(super) struct View {
    pub(super) file: CaseFile,
    pub(super) history: Vec<Event>,
    pub(super) now: Instant,
}

impl At {
    /// Whether no other moment than now was asked for.
    pub(super) fn is_now(&self) -> bool {
        self.as_known.is_none() && self.as_of.is_none()
    }

    /// Returns a case, its history and the present as they were at the moment that was asked for; now if none was. What
    /// is kept from the user stays so.
    ///
    /// # Errors
    /// No such moment, or the case was not there then.
    pub(super) fn view(&self, desk: &Desk, seen: Seen) -> Result<View, Stop> {
        let history = desk.history(&seen)?;
        let Seen { file, veil, .. } = seen;
        let now = desk.engine.now();
        let zone = &file.procedure.zone;
        let (asked, found, code, why) = match (&self.as_known, &self.as_of) {
            (Some(when), _) => {
                let at = moment(when, "--as-known", zone, now)?;
                let known = history.iter().filter(|event| event.recorded_at <= at);
                let text = desk.engine.text_of(&Case::replay(known)).ok();
                let found = text.and_then(|text| as_known(&text, &history, at));
                (at, found, "not-known-then", "was not known then")
            }
            (None, Some(when)) => {
                let at = moment(when, "--as-of", zone, now)?;
                (at, as_of(&history, at), "not-open-then", "was not open yet")
            }
            (None, None) => return Ok(View { file, history, now }),
        };
        let Some((case, history)) = found else {
            let reference = file.reference();
            let failure = Failure::new(Exit::NotFound, code, format!("{reference} {why}"));
            return Err(failure.attempt(format!("verloop timeline {reference}")).into());
        };
        let procedure = desk.engine.text_of(&case);
        let procedure =
            procedure.map_err(|error| desk.engine_failure(error, file.reference(), None))?;
        let file = CaseFile { procedure, case: veil.case(case), ..file };
        Ok(View { file, history, now: asked })
    }

    /// Adds the moment that was asked for to a document for programs.
    pub(super) fn note_in(&self, document: &mut Value, now: Instant) {
        let Value::Object(document) = document else { return };
        if self.as_known.is_some() {
            document.insert("as-known".to_owned(), json!(now));
        } else if self.as_of.is_some() {
            document.insert("as-of".to_owned(), json!(now));
        }
    }
}

/// Returns the moment that was typed. A day stands for its end, and today for the present.
fn moment(when: &str, flag: &str, zone: &TimeZone, now: Instant) -> Result<Instant, Stop> {
    let day = parse_date(when).ok();
    let at = match day.and_then(|day| day.succ_opt()) {
        Some(next) => zone.start_of_day(next).map(|end| end - TimeDelta::microseconds(1)),
        None => parse_instant(when, zone),
    };
    let at = at.map_err(|error| {
        let failure = Failure::new(Exit::Usage, error.code(), format!("`{flag}`: {error}"));
        failure.attempt(error.help())
    })?;
    if day == Some(zone.local_date(now)) {
        return Ok(at.min(now));
    }
    if at > now {
        let message = format!("`{when}` after `{flag}` has not come yet");
        let failure = Failure::new(Exit::Usage, "in-future", message);
        return Err(failure.attempt("a moment in the past".to_owned()).into());
    }
    Ok(at)
}
