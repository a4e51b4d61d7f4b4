//! Where something stands in a text.

use std::fmt;
use std::sync::Arc;

/// A text and the name under which its author knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as the user typed it, or another name for where the text comes from.
    pub name: String,
    /// The text itself.
    pub text: String,
}

impl Source {
    /// Returns a source that places can share.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.name, self.text.len())
    }
}

/// A stretch of a text, as byte offsets; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The offset of the first byte.
    pub start: usize,
    /// The offset after the last byte.
    pub end: usize,
}

impl Span {
    /// Returns the span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Says whether `other` lies wholly within this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A stretch of a certain text.
#[derive(Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The stretch of it.
    pub span: Span,
}

impl Place {
    /// Returns the place of `span` in `source`.
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// Returns another stretch of the same text.
    #[must_use]
    pub fn with_span(&self, span: Span) -> Self {
        Self::new(&self.source, span)
    }

    /// Returns the text that stands here; empty if the span isn't one of this source.
    pub fn text(&self) -> &str {
        self.source.text.get(self.span.start..self.span.end).unwrap_or("")
    }

    /// Returns line and column of the start, both counted from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        line_column(&self.source.text, self.span.start)
    }

    /// Returns line and column of the end, both counted from 1; the column is the one after the last character.
    pub fn end_line_column(&self) -> (usize, usize) {
        line_column(&self.source.text, self.span.end.max(self.span.start))
    }

    /// Returns the whole line in which this place starts, without its line end.
    pub fn line_text(&self) -> &str {
        let text = &self.source.text;
        let (start, end) = line_around(text, self.span.start);
        text.get(start..end).unwrap_or("")
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.span == other.span
            && (Arc::ptr_eq(&self.source, &other.source) || self.source == other.source)
    }
}

impl Eq for Place {}

/// Shows `file:line:column`, as editors understand it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", super::shown(&self.source.name))
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({self}, {}..{})", self.span.start, self.span.end)
    }
}

/// Returns the nearest offset at or before `offset` that starts a character of `text`.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

/// Returns where the line around `offset` starts and ends; its line end is left out.
pub(crate) fn line_around(text: &str, offset: usize) -> (usize, usize) {
    let offset = floor(text, offset);
    let (before, after) = text.split_at(offset);
    let start = before.rfind('\n').map_or(0, |feed| feed + 1);
    let end = after.find('\n').map_or(text.len(), |feed| offset + feed);
    let line = text.get(start..end).unwrap_or("");
    (start, end - usize::from(line.ends_with('\r')))
}

fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let (before, _) = text.split_at(floor(text, offset));
    let feeds = before.bytes().filter(|byte| *byte == b'\n').count();
    let line = before.rsplit('\n').next().unwrap_or("");
    // A byte order mark takes no column: no editor shows it.
    let line = if feeds == 0 { line.trim_start_matches('\u{feff}') } else { line };
    (feeds + 1, line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::{Place, Source, Span};
    use proptest::prelude::*;

    #[test]
    fn columns_count_characters_and_lines_end_anyhow() {
        let source = Source::new("k.yaml", "één: ü\r\ntwee: 漢字\n");
        for (offset, line_column, line) in [
            (0, (1, 1), "één: ü"),
            (2, (1, 2), "één: ü"),
            (1, (1, 1), "één: ü"),
            (7, (1, 6), "één: ü"),
            (11, (2, 1), "twee: 漢字"),
            (17, (2, 7), "twee: 漢字"),
            (20, (2, 8), "twee: 漢字"),
            (24, (3, 1), ""),
            (9999, (3, 1), ""),
        ] {
            let place = Place::new(&source, Span::new(offset, offset));
            assert_eq!(place.line_column(), line_column, "at {offset}");
            assert_eq!(place.line_text(), line, "at {offset}");
        }
        let place = Place::new(&source, Span::new(17, 20));
        assert_eq!((place.to_string(), place.text()), ("k.yaml:2:7".to_owned(), "漢"));
        assert_eq!(place.end_line_column(), (2, 8));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let source = Source::new("k.yaml", "\u{feff}a: 1\n");
        assert_eq!(Place::new(&source, Span::new(3, 4)).line_column(), (1, 1));
    }

    proptest! {
        #[test]
        fn any_offset_has_a_line(text in "[aé\r\n\u{feff}]{0,20}", start in 0_usize..60, end in 0_usize..60) {
            let place = Place::new(&Source::new("x", text.clone()), Span::new(start, end));
            let (line, column) = place.line_column();
            prop_assert!(line >= 1 && column >= 1 && line <= text.matches('\n').count() + 1);
            prop_assert!(!place.line_text().contains('\n'));
        }
    }
}
