//! What a command says when it does not do what was asked: what, why, how things stand, and one thing to try.

use super::exit::Exit;
use crate::case::RuleCited;
use crate::diagnostic::shown;
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io;

/// Why a command does not do what was asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    /// How the command ends.
    pub exit: Exit,
    /// A name for programs, stable for ever.
    pub code: &'static str,
    /// What is not possible: one line, lower case, without a full stop.
    pub message: String,
    /// Why: one line each.
    pub why: Vec<String>,
    /// The rule on which it rests.
    pub rule: Option<RuleCited>,
    /// How things stand now.
    pub now: Option<String>,
    /// What to try, the best first.
    pub tries: Vec<String>,
}

/// What ends a command early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody reads on: the command ends quietly.
    PipeClosed,
    /// Something is not possible.
    Failed(Box<Failure>),
}

impl Failure {
    pub(super) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            message: message.into(),
            why: Vec::new(),
            rule: None,
            now: None,
            tries: Vec::new(),
        }
    }

    /// Adds a line that says why.
    pub(super) fn why(mut self, why: impl Into<String>) -> Self {
        self.why.push(why.into());
        self
    }

    /// Adds the rule on which it rests.
    pub(super) fn rule(mut self, rule: Option<RuleCited>) -> Self {
        self.rule = rule;
        self
    }

    /// Says how things stand.
    pub(super) fn now(mut self, now: impl Into<String>) -> Self {
        self.now = Some(now.into());
        self
    }

    /// Adds something to try.
    pub(super) fn attempt(mut self, attempt: impl Into<String>) -> Self {
        self.tries.push(attempt.into());
        self
    }

    /// Returns it for people: `error: …`, and under it the lines that there are, aligned.
    ///
    /// Nothing in it can give a terminal orders, except for our own colours.
    pub(super) fn in_words(&self) -> String {
        let red = Style::new().bold().fg_color(Some(AnsiColor::BrightRed.into()));
        let strong = Style::new().bold();
        let mut text = format!("{red}error{red:#}{strong}: {}{strong:#}\n", shown(&self.message));
        let mut add = |word: &str, lines: &[String]| {
            for (index, line) in lines.iter().flat_map(|line| line.lines()).enumerate() {
                let word = if index == 0 { word } else { "" };
                let _ = writeln!(text, "  {strong}{word:<5}{strong:#}  {}", shown(line));
            }
        };
        add("why", &self.why);
        add("rule", &self.rule.as_ref().map(rule_in_words).into_iter().collect::<Vec<_>>());
        add("now", self.now.as_slice());
        add("try", &self.tries);
        text
    }

    /// Returns it for programs.
    pub(super) fn as_json(&self) -> Value {
        let rule = self.rule.as_ref().map(|rule| {
            json!({
                "file": rule.file, "line": rule.line, "column": rule.column,
                "text": rule.text, "cite": rule.cite,
            })
        });
        json!({
            "schema": "verloop.error/1",
            "error": {
                "code": self.code, "exit": self.exit.code(), "message": self.message,
                "why": self.why, "rule": rule, "now": self.now, "try": self.tries,
            },
        })
    }
}

fn rule_in_words(rule: &RuleCited) -> String {
    let cite = rule.cite.as_ref().map(|cite| format!("; {cite}")).unwrap_or_default();
    format!("{}:{}{cite}", rule.file, rule.line)
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Stop::Failed(Box::new(failure))
    }
}

/// An answer could not be written: nobody reads it, or there is no room for it.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Stop::PipeClosed;
        }
        Failure::new(Exit::Unreachable, "output-failed", "the answer can't be written")
            .why(error.to_string())
            .now("what was asked may have been done; only the answer is not complete")
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Failure {
        let rule = RuleCited {
            file: "klacht.yaml".into(),
            line: 27,
            column: 5,
            text: "when: heard".into(),
            cite: Some("Awb 9:10".into()),
        };
        Failure::new(Exit::Refused, "step-not-due", "`decide` is not possible on K-2026-0017 yet")
            .why("the hearing has no result")
            .why("guard `heard \u{1b}[2J`")
            .rule(Some(rule))
            .now("hearing, due Fri 27 Nov 2026")
            .attempt("verloop do K-2026-0017 hearing")
    }

    #[test]
    fn an_error_says_what_why_now_and_what_to_try() {
        let drawn = anstream::adapter::strip_str(&refused().in_words()).to_string();
        insta::assert_snapshot!(drawn, @"
        error: `decide` is not possible on K-2026-0017 yet
          why    the hearing has no result
                 guard `heard ␛[2J`
          rule   klacht.yaml:27; Awb 9:10
          now    hearing, due Fri 27 Nov 2026
          try    verloop do K-2026-0017 hearing
        ");
    }

    #[test]
    fn programs_get_the_same() {
        let json = refused().as_json();
        assert_eq!(json["schema"], "verloop.error/1");
        assert_eq!(json["error"]["exit"], 3);
        assert_eq!(json["error"]["rule"]["line"], 27);
        assert_eq!(json["error"]["try"][0], "verloop do K-2026-0017 hearing");
        let bare = Failure::new(Exit::NotFound, "no-such-case", "there is no case").as_json();
        assert!(bare["error"]["rule"].is_null() && bare["error"]["now"].is_null());
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        let stop = Stop::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(matches!(stop, Stop::PipeClosed));
        let stop = Stop::from(io::Error::from(io::ErrorKind::StorageFull));
        assert!(matches!(stop, Stop::Failed(failure) if failure.exit == Exit::Unreachable));
    }
}
