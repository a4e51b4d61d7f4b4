//! What is wrong with a text that stands inside another, with its place in it: a guard of a procedure, the template of a letter.
//! Whoever knows where the inner text stands makes a [`super::Diagnostic`] of it.

use std::ops::Range;

/// A finding about a text inside another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule it is: `guard-syntax`, `guard-unknown-name` and so on.
    pub code: &'static str,
    /// The bytes of the inner text that it is about. Both ends lie on characters, inside the text.
    pub range: Range<usize>,
    /// What is wrong, in one line.
    pub message: String,
    /// A few words to stand under the marked place; may be empty.
    pub label: String,
    /// What the author can do.
    pub help: Option<String>,
    /// Bytes of the inner text, and what would be right in their place.
    pub suggestion: Option<(Range<usize>, String)>,
}

impl Finding {
    pub(crate) fn new(code: &'static str, range: Range<usize>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, range, message, label: String::new(), help: None, suggestion: None }
    }

    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn suggest(mut self, range: Range<usize>, instead: impl Into<String>) -> Self {
        self.suggestion = Some((range, instead.into()));
        self
    }

    /// Proposes `nearest` in place of the marked bytes, if there is one.
    pub(crate) fn did_you_mean(self, nearest: Option<String>) -> Self {
        match nearest {
            Some(name) => {
                let range = self.range.clone();
                self.help(format!("did you mean `{name}`?")).suggest(range, name)
            }
            None => self,
        }
    }
}
