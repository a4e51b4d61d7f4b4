//! The story of a case: its events as lines, with dates in front and consequences under what brought them about.

use super::console::Console;
use crate::case::{Case, Event, Fact, PersonId, Sentence, Teller, Weight};
use crate::diagnostic::shown;
use crate::language::Language;
use crate::procedure::Procedure;
use crate::time::{Instant, format_date};
use anstyle::{AnsiColor, Style};

/// Draws stories in one language.
pub(super) struct Story<'a> {
    teller: Teller<'a>,
    last: Option<Instant>,
}

impl<'a> Story<'a> {
    pub(super) fn new(
        procedure: &'a Procedure,
        language: Language,
        name_of: &'a dyn Fn(&PersonId) -> Option<String>,
    ) -> Self {
        Self { teller: Teller { procedure, language, name_of }, last: None }
    }

    /// Returns the lines of `events`, and takes them into `case`.
    pub(super) fn lines(&mut self, case: &mut Case, events: &[Event]) -> Vec<String> {
        let mut lines = Vec::new();
        for event in events {
            let as_told_before = matches!(event.fact, Fact::Retold { .. }).then(|| case.clone());
            case.take(event);
            if self.goes_without_saying(event) {
                continue;
            }
            let Sentence { weight, text } = self.teller.tell(case, event);
            let heads =
                weight == Weight::Act || weight == Weight::Time || self.last != Some(event.at);
            let when = if self.last == Some(event.at) && weight != Weight::Act {
                String::new()
            } else {
                self.moment(event.at)
            };
            self.last = Some(event.at);
            lines.push(line(&when, heads, weight, &text));
            if let Some(before) = as_told_before {
                lines.extend(self.told_anew(&before, event));
            }
        }
        lines
    }

    /// Returns what is different since something was told late: what has happened as well, and what has not.
    fn told_anew(&self, before: &Case, event: &Event) -> Vec<String> {
        let Fact::Retold { undone, history, .. } = &event.fact else { return Vec::new() };
        let mut lines = Vec::new();
        let mut case = Case::default();
        for now in history {
            case.take(now);
            if now.revision == event.revision && !self.goes_without_saying(now) {
                let Sentence { weight, text } = self.teller.tell(&case, now);
                lines.push(line(&self.moment(now.at), true, weight, &text));
            }
        }
        // What somebody did stays done; of a panel, the votes may come to something else.
        let stands = |gone: &Event| {
            // A breach is no act of its own: an act may have been in order after all.
            if matches!(gone.fact, Fact::Flagged { .. }) {
                return false;
            }
            let Fact::StepDone { instance, .. } = &gone.fact else { return gone.by.is_some() };
            let same = |now: &&Event| matches!(&now.fact, Fact::StepDone { instance: done, .. } if done == instance);
            history.iter().filter(same).any(|now| now.at == gone.at)
        };
        for gone in undone.iter().filter(|gone| !stands(gone)) {
            if !self.goes_without_saying(gone) {
                let text = self.teller.tell(before, gone).text;
                let word = self.teller.language.pick("vervalt", "no longer");
                let text = format!("{word}: {text}");
                lines.push(line(&self.moment(gone.at), false, Weight::Consequence, &text));
            }
        }
        lines
    }

    /// Whether an event is told by another line: a refused attempt by its refusal, a step that the engine does at once by
    /// its doing.
    fn goes_without_saying(&self, event: &Event) -> bool {
        let procedure = self.teller.procedure;
        if let Fact::StepOpened { step, .. } = &event.fact {
            let step = procedure.find_step(step.as_str());
            return step.is_some_and(|step| procedure.step(step).is_automatic());
        }
        matches!(event.fact, Fact::AttemptRefused { .. })
    }

    /// Returns the line for something that is not an event.
    pub(super) fn aside(&mut self, at: Instant, text: &str) -> String {
        self.last = None;
        line(&self.moment(at), true, Weight::Alarm, text)
    }

    /// Returns a line under the last one.
    pub(super) fn under(text: &str) -> String {
        line("", false, Weight::Consequence, text)
    }

    fn moment(&self, at: Instant) -> String {
        let local = self.teller.procedure.zone.local(at);
        let date = format_date(local.date, self.teller.language);
        format!("{date:>15} {:02}:{:02}", local.hour, local.minute)
    }
}

fn line(when: &str, heads: bool, weight: Weight, text: &str) -> String {
    let text = shown(text);
    let dim = Style::new().dimmed();
    let style = match weight {
        Weight::Act => Style::new().bold(),
        Weight::Time => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
        Weight::Alarm => Style::new().fg_color(Some(AnsiColor::Red.into())),
        Weight::Consequence => Style::new(),
    };
    let indent = if heads { "" } else { "  · " };
    format!("{dim}{when:<21}{dim:#}  {indent}{style}{text}{style:#}")
}

/// Prints lines of facts.
pub(super) fn print(console: &mut Console, lines: &[String]) -> super::console::Written {
    for line in lines {
        console.fact(line)?;
    }
    Ok(())
}
