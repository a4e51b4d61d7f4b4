//! The only place that prints: facts to standard output, talk to standard error.
//!
//! Whatever a verb hands over, a terminal gets no orders from it but our own colours. That is a net: what comes from a
//! file or a case goes through [`crate::diagnostic::shown`] where a line is put together, since a line feed in it would
//! otherwise begin a line of its own.

use super::args::{Globals, Output};
use super::asker::Asker;
use super::environment::Environment;
use super::failure::{Failure, Stop};
use crate::diagnostic::{Style, misleads, shown};
use crate::language::Language;
use anstream::StripStream;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{BufWriter, LineWriter, Write};
use std::rc::Rc;

/// Whether something could be written.
pub(super) type Written = Result<(), Stop>;

/// Where a command speaks, and how.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Console {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    /// The form of the facts.
    pub output: Output,
    /// The language of messages about cases.
    pub language: Language,
    /// Whether the command line says which language.
    language_was_said: bool,
    /// Whether facts are drawn in colours.
    colours: bool,
    talk: Talk,
    /// Whether input comes from a terminal.
    pub in_is_terminal: bool,
    /// Whether facts go to a terminal.
    pub out_is_terminal: bool,
    /// Who sits before it.
    pub asker: Rc<dyn Asker>,
}

/// How much is said beside the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Talk {
    None,
    Usual,
    More,
}

impl Console {
    /// Returns the console before which `asker` sits.
    pub(super) fn new(
        globals: &Globals,
        output: Output,
        environment: &Environment,
        asker: Rc<dyn Asker>,
    ) -> Self {
        let in_colour = output == Output::Human;
        let colours = in_colour && environment.colours(globals.color, environment.out_is_terminal);
        let err_colours =
            in_colour && environment.colours(globals.color, environment.err_is_terminal);
        let said = globals.lang.map(Language::from);
        Self {
            out: out(&*asker, colours),
            err: err(&*asker, err_colours),
            output,
            language: said.unwrap_or_else(|| environment.language()),
            language_was_said: said.is_some(),
            colours,
            talk: match (globals.quiet, globals.verbose) {
                (true, _) => Talk::None,
                (false, false) => Talk::Usual,
                (false, true) => Talk::More,
            },
            in_is_terminal: environment.in_is_terminal,
            out_is_terminal: environment.out_is_terminal,
            asker,
        }
    }

    /// Takes the language of the workspace, unless the command line says another one.
    pub(super) fn speak(&mut self, language: Language) {
        if !self.language_was_said {
            self.language = language;
        }
    }

    /// Returns the language, if the command line says which.
    pub(super) fn language_said(&self) -> Option<Language> {
        self.language_was_said.then_some(self.language)
    }

    /// Returns how findings are drawn.
    pub(super) fn style(&self) -> Style {
        if self.colours { Style::Colour } else { Style::Plain }
    }

    /// Prints lines of facts.
    pub(super) fn fact(&mut self, text: &str) -> Written {
        let safe = safe(text);
        self.out.write_all(safe.as_bytes())?;
        if !safe.ends_with('\n') {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Prints the one JSON document of a command.
    pub(super) fn document(&mut self, document: &Value) -> Written {
        let text = format!("{document:#}");
        Ok(writeln!(self.out, "{}", escaped(&text))?)
    }

    /// Prints one line of JSON Lines, and sends it off.
    pub(super) fn json_line(&mut self, value: &Value) -> Written {
        let text = value.to_string();
        writeln!(self.out, "{}", escaped(&text))?;
        self.flush()
    }

    /// Prints a script of ours, byte for byte.
    pub(super) fn script(&mut self, script: &[u8]) -> Written {
        Ok(self.out.write_all(script)?)
    }

    /// Returns where the bytes of a document go, as they are; whoever asks sees to it that this is no terminal.
    pub(super) fn bytes(&mut self) -> Result<Box<dyn Write>, Stop> {
        self.flush()?;
        Ok(self.asker.out())
    }

    /// Sends off what was printed.
    pub(super) fn flush(&mut self) -> Written {
        Ok(self.out.flush()?)
    }

    /// Says something beside the facts, unless the user wants quiet. Nobody has to hear it.
    pub(super) fn talk(&mut self, text: &str) {
        if self.talk >= Talk::Usual {
            self.tell(text);
        }
    }

    /// Says something for who wants to know more.
    pub(super) fn detail(&mut self, text: &str) {
        if self.talk >= Talk::More {
            self.tell(text);
        }
    }

    /// Says why the command does not do what was asked.
    pub(super) fn failure(&mut self, failure: &Failure) {
        match self.output {
            Output::Json | Output::Jsonl => {
                let text = failure.as_json().to_string();
                self.tell(&escaped(&text));
            }
            Output::Human
            | Output::Plain
            | Output::Csv
            | Output::Html
            | Output::Sarif
            | Output::Github
            | Output::Junit => {
                self.tell(&failure.in_words());
            }
        }
    }

    fn tell(&mut self, text: &str) {
        // Facts come first where both go to one terminal; an error in that is met when the facts are flushed at last.
        let _ = self.out.flush();
        let _ = writeln!(self.err, "{}", safe(text).trim_end_matches('\n'));
    }
}

// Neither stream is held: a thread that panics must be able to say so.

/// Returns a table for people, without lines and as wide as it needs.
pub(super) fn table<const N: usize>(head: [&str; N]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    let as_it_is = comfy_table::ContentArrangement::Disabled;
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(as_it_is);
    table.set_header(head);
    table
}

/// Returns standard output, which drops colours unless they are wanted.
pub(super) fn out(asker: &dyn Asker, colours: bool) -> Box<dyn Write> {
    if colours {
        Box::new(BufWriter::new(asker.out()))
    } else {
        Box::new(BufWriter::new(StripStream::new(asker.out())))
    }
}

/// Returns standard error, which drops colours unless they are wanted.
pub(super) fn err(asker: &dyn Asker, colours: bool) -> Box<dyn Write> {
    if colours {
        Box::new(LineWriter::new(asker.err()))
    } else {
        Box::new(LineWriter::new(StripStream::new(asker.err())))
    }
}

/// Returns `text` with everything that would give a terminal orders made visible, save line feeds and colours.
fn safe(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|character| character != '\n' && misleads(character)) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let length = colour_length(rest).unwrap_or_else(|| character.len_utf8());
        let (taken, after) = rest.split_at(length);
        match character {
            '\n' => visible.push('\n'),
            _ if length > 1 && character == '\u{1b}' => visible.push_str(taken),
            _ => visible.push_str(&shown(taken)),
        }
        rest = after;
    }
    Cow::Owned(visible)
}

/// Returns how long the colour sequence is with which `text` starts: `ESC [`, digits and semicolons, `m`.
fn colour_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    parameters.get(end..)?.starts_with('m').then_some(end + 3)
}

/// Returns a JSON text in which every character that a terminal would obey, or hide, is written as `\u….`.
///
/// Such characters stand only inside strings of a JSON text, but for its own line feeds: its meaning stays the same.
fn escaped(json: &str) -> Cow<'_, str> {
    let obeyed = |character: char| character != '\n' && misleads(character);
    if !json.chars().any(obeyed) {
        return Cow::Borrowed(json);
    }
    let mut text = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if obeyed(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(character);
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_colours_pass_the_net() {
        for (text, expected) in [
            ("plain\nlines\n", "plain\nlines\n"),
            ("\u{1b}[1;31mred\u{1b}[0m", "\u{1b}[1;31mred\u{1b}[0m"),
            ("\u{1b}[m", "\u{1b}[m"),
            ("\u{1b}[2J", "␛[2J"),
            ("\u{1b}]52;c;aGk=\u{7}", "␛]52;c;aGk=␇"),
            ("\u{1b}", "␛"),
            ("\u{1b}[31", "␛[31"),
            ("a\rb\u{202e}", "a␍b\\u{202e}"),
            ("é\u{1b}é", "é␛é"),
        ] {
            assert_eq!(safe(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn json_keeps_its_meaning_and_gives_no_orders(text in "(.|[\u{1b}\n\u{9b}\u{202e}\u{e0041}é]){0,20}") {
            let value = serde_json::json!({ "x": text });
            for json in [value.to_string(), format!("{value:#}")] {
                let safe = escaped(&json);
                prop_assert!(!safe.chars().any(|c| c != '\n' && misleads(c)));
                let read: Value = serde_json::from_str(&safe).expect("JSON");
                prop_assert_eq!(&read, &value);
            }
        }

        #[test]
        fn any_text_passes_the_net(text in "(.|[\u{1b}\\[m;0-9]){0,20}") {
            let stripped = anstream::adapter::strip_str(&safe(&text)).to_string();
            prop_assert!(!stripped.chars().any(|c| c != '\n' && misleads(c)));
        }
    }
}
