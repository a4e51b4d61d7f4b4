//! A template: read once, checked against a shape, and filled in again and again.

use super::check;
use super::filters;
use super::shape::Shape;
use crate::diagnostic::Finding;
use crate::diagnostic::Source;
use crate::language::Language;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, machinery};
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, LazyLock};

/// The longest template, in bytes.
const LONGEST: usize = 60_000;
/// The longest letter, in bytes.
const LONGEST_LETTER: usize = 1024 * 1024;
/// How many instructions one letter may take.
const FUEL: u64 = 200_000;

/// What a letter is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Plain text.
    Text,
    /// HTML: what is put in is escaped.
    Html,
}

impl Format {
    /// Returns the ending of files of this format.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Text => "txt",
            Format::Html => "html",
        }
    }
}

/// A template in one format, in one language or for all.
#[derive(Debug, Clone)]
pub struct Template {
    /// What it makes.
    pub format: Format,
    /// The language in which it is written; nothing where it is the only one.
    pub language: Option<Language>,
    source: Arc<Source>,
    reads: BTreeSet<String>,
}

/// Why a letter could not be made of a template that was sound: a value was not what its shape said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct Fault {
    /// The file of the template.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What went wrong; never a person's data.
    pub what: &'static str,
}

impl Template {
    /// Reads a template and checks what it names.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn read(
        source: &Arc<Source>,
        format: Format,
        language: Option<Language>,
        shape: &Shape,
    ) -> Result<Self, Vec<Finding>> {
        let text = source.text.as_str();
        if text.len() > LONGEST {
            let end = text.floor_char_boundary(LONGEST);
            let message =
                format!("the template has {} bytes, and {LONGEST} are allowed", text.len());
            let finding = Finding::new("letter-syntax", end..text.len(), message);
            return Err(vec![finding.help("a letter is a page or two; leave fixed texts out")]);
        }
        let tree = machinery::parse(text, "letter", syntax())
            .map_err(|error| vec![check::of_syntax(&error, text)])?;
        let checked = check::check(&tree, text, shape);
        if checked.findings.is_empty() {
            let source = Arc::clone(source);
            Ok(Self { format, language, source, reads: checked.reads })
        } else {
            Err(checked.findings)
        }
    }

    /// Whether the template puts in or asks for what stands under this name, or under a part of it: `form.bevindingen`.
    pub fn reads(&self, path: &str) -> bool {
        let of_part = |read: &String| {
            read.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.reads.iter().any(of_part)
    }

    /// Returns the letter that this makes of a value, in a language.
    ///
    /// # Errors
    /// A [`Fault`] when the value is not what the shape said, or the letter would be too long.
    pub fn fill(&self, content: &serde_json::Value, language: Language) -> Result<String, Fault> {
        let mut letter = Bounded(Vec::new());
        let environment = environment(language);
        let name = self.format.ending();
        let filled =
            environment.template_from_named_str(name, &self.source.text).and_then(|template| {
                template.render_captured_to(Value::from(Serde(content)), &mut letter).map(drop)
            });
        match filled {
            Ok(()) => Ok(String::from_utf8_lossy(&letter.0).into_owned()),
            Err(error) => Err(Fault {
                file: self.source.name.clone(),
                line: error.line().unwrap_or(1),
                what: in_words(&error),
            }),
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds are minijinja's, and more may come")]
/// Returns what went wrong, without the values at which it did.
fn in_words(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::UndefinedError => "a value is not there",
        ErrorKind::OutOfFuel => "the letter takes too long to make",
        ErrorKind::WriteFailure => "the letter would be too long",
        ErrorKind::InvalidOperation | ErrorKind::BadSerialization => {
            "a value is of another kind than the template takes"
        }
        _ => "the template can't be filled in",
    }
}

/// Lines that hold nothing but `{% … %}` leave no line in the letter.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .keep_trailing_newline(true)
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()
        .unwrap_or_default()
}

fn environment(language: Language) -> &'static Environment<'static> {
    static DUTCH: LazyLock<Environment<'static>> = LazyLock::new(|| made(Language::Nl));
    static ENGLISH: LazyLock<Environment<'static>> = LazyLock::new(|| made(Language::En));
    match language {
        Language::Nl => &DUTCH,
        Language::En => &ENGLISH,
    }
}

fn made(language: Language) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_syntax(syntax());
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|name| match name {
        "html" => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    // What is absent is null, so that it can be asked for; it is never written.
    environment.set_formatter(|out, state, value| {
        if value.is_none() {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        minijinja::escape_formatter(out, state, value)
    });
    filters::put_into(&mut environment, language);
    environment
}

/// Takes a letter in up to its greatest length.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST_LETTER {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
