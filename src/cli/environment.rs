//! What the command line takes from its surroundings, read once: variables, and whether a terminal is there.

use super::args::{Colour, Globals, Output};
use crate::language::Language;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::IsTerminal;

/// The surroundings of a command.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Environment {
    /// `NO_COLOR` says something.
    no_colour: bool,
    /// `CLICOLOR_FORCE` says something other than `0`.
    force_colour: bool,
    /// `TERM` is `dumb`.
    dumb: bool,
    /// The first of `LC_ALL`, `LC_MESSAGES` and `LANG` that says something.
    locale: String,
    /// `VERLOOP_OUTPUT`.
    output: String,
    /// `VERLOOP_STORE`.
    store: Option<OsString>,
    /// `VERLOOP_CODE`.
    code: Option<String>,
    /// Whether facts go to a terminal.
    pub out_is_terminal: bool,
    /// Whether talk goes to a terminal.
    pub err_is_terminal: bool,
    /// Whether input comes from a terminal.
    pub in_is_terminal: bool,
}

impl Environment {
    /// Reads the surroundings of this process.
    pub(super) fn read() -> Self {
        Self {
            out_is_terminal: std::io::stdout().is_terminal(),
            err_is_terminal: std::io::stderr().is_terminal(),
            in_is_terminal: std::io::stdin().is_terminal(),
            ..Self::of(|name| std::env::var_os(name))
        }
    }

    /// Returns the surroundings that the variables describe, without any terminal.
    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let text = |name: &str| {
            variable(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let locales = ["LC_ALL", "LC_MESSAGES", "LANG"].map(text);
        Self {
            no_colour: !text("NO_COLOR").is_empty(),
            force_colour: !["", "0"].contains(&text("CLICOLOR_FORCE").as_str()),
            dumb: text("TERM") == "dumb",
            locale: locales.into_iter().find(|locale| !locale.is_empty()).unwrap_or_default(),
            output: text("VERLOOP_OUTPUT"),
            store: variable("VERLOOP_STORE").filter(|store| !store.is_empty()),
            code: Some(text("VERLOOP_CODE")).filter(|code| !code.is_empty()),
            ..Self::default()
        }
    }

    /// Says whether a stream gets colours: the flag decides, then `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, and at
    /// last whether the stream is a terminal.
    pub(super) fn colours(&self, flag: Colour, is_terminal: bool) -> bool {
        match flag {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto if self.no_colour => false,
            Colour::Auto if self.force_colour => true,
            Colour::Auto => is_terminal && !self.dumb,
        }
    }

    /// Returns the language of the locale: Dutch if it starts with `nl`, or else English.
    pub(super) fn language(&self) -> Language {
        if self.locale.to_lowercase().starts_with("nl") { Language::Nl } else { Language::En }
    }

    /// Says the flags that a variable speaks for, where the command line does not.
    pub(super) fn complete(&self, globals: &mut Globals) {
        if globals.store.is_none() {
            globals.store = self.store.clone().map(Into::into);
        }
        if globals.code.is_none() && globals.acting_as.is_none() {
            globals.code.clone_from(&self.code);
        }
    }

    /// Returns the form of output that `VERLOOP_OUTPUT` asks for, if it names one.
    pub(super) fn output(&self) -> Option<Output> {
        Output::from_str(&self.output, true).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment::of(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn colours_follow_the_flag_then_the_variables_then_the_terminal() {
        let (auto, always, never) = (Colour::Auto, Colour::Always, Colour::Never);
        for (variables, flag, terminal, expected) in [
            (&[][..], auto, true, true),
            (&[], auto, false, false),
            (&[], always, false, true),
            (&[], never, true, false),
            (&[("NO_COLOR", "1")], auto, true, false),
            (&[("NO_COLOR", "")], auto, true, true),
            (&[("NO_COLOR", "1")], always, false, true),
            (&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], auto, true, false),
            (&[("CLICOLOR_FORCE", "1")], auto, false, true),
            (&[("CLICOLOR_FORCE", "0")], auto, false, false),
            (&[("CLICOLOR_FORCE", "1")], never, true, false),
            (&[("TERM", "dumb")], auto, true, false),
            (&[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], auto, false, true),
            (&[("TERM", "xterm")], auto, true, true),
        ] {
            let given = environment(variables).colours(flag, terminal);
            assert_eq!(given, expected, "{variables:?} {flag:?} {terminal}");
        }
    }

    #[test]
    fn the_first_locale_that_says_something_decides() {
        for (variables, expected) in [
            (&[][..], Language::En),
            (&[("LANG", "nl_NL.UTF-8")], Language::Nl),
            (&[("LANG", "nl_NL.UTF-8"), ("LC_ALL", "")], Language::Nl),
            (&[("LANG", "nl_NL.UTF-8"), ("LC_ALL", "C")], Language::En),
            (&[("LANG", "C"), ("LC_MESSAGES", "nl_BE")], Language::Nl),
            (&[("LANG", "de_DE")], Language::En),
        ] {
            assert_eq!(environment(variables).language(), expected, "{variables:?}");
        }
    }

    #[test]
    fn a_form_of_output_that_does_not_exist_is_passed_over() {
        assert_eq!(environment(&[("VERLOOP_OUTPUT", "plain")]).output(), Some(Output::Plain));
        assert_eq!(environment(&[("VERLOOP_OUTPUT", "gold")]).output(), None);
        assert_eq!(environment(&[]).output(), None);
    }
}
