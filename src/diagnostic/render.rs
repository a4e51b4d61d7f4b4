//! How a finding is drawn: for people, with the line and a caret under the cause; for programs, as JSON.

use super::shown::{shown, shown_lines};
use super::{Diagnostic, Place, Severity, Source, Span, floor, line_around};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Whether a terminal gets colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// With escape sequences for colours: ours, never those of a file.
    Colour,
    /// Text only.
    #[default]
    Plain,
}

/// Lines longer than this are cut when they are quoted, in bytes.
const LONGEST_LINE: usize = 400;

/// Returns the findings as text for people, a blank line between them; an empty text when there are none.
///
/// Whatever a file holds, the answer has no control characters but line feeds and, with [`Style::Colour`], the escape
/// sequences of our own colours.
pub fn render(diagnostics: &[Diagnostic], style: Style) -> String {
    let renderer = match style {
        Style::Colour => Renderer::styled().hyperlink(false),
        Style::Plain => Renderer::plain(),
    };
    let drawn = diagnostics.iter();
    let drawn = drawn.map(|found| with_column(&renderer.render(&report(found)), &found.place));
    let drawn: Vec<String> = drawn.collect();
    let mut text = drawn.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Returns `drawn` with the column as it is in the file: in the excerpt a hidden mark takes more room.
fn with_column(drawn: &str, place: &Place) -> String {
    let (line, _) = place.line_column();
    let start = format!("{}:{line}:", shown(&place.source.name));
    let title_end = drawn.find('\n').unwrap_or(0);
    let (title, rest) = drawn.split_at(title_end);
    match rest.split_once(&start) {
        Some((before, after)) => {
            let after = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
            format!("{title}{before}{place}{after}")
        }
        None => drawn.to_owned(),
    }
}

/// Returns the finding as JSON.
///
/// Lines and columns count from 1, columns in characters; `end-column` is the one after the last character. `source` is
/// the norm from which the rule comes. What a finding lacks is `null`.
pub fn as_json(diagnostic: &Diagnostic) -> Value {
    let positions = |place: &Place| {
        let ((line, column), (end_line, end_column)) =
            (place.line_column(), place.end_line_column());
        json!({ "line": line, "column": column, "end-line": end_line, "end-column": end_column })
    };
    let mut json = json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.name(),
        "file": diagnostic.place.source.name,
        "message": diagnostic.message,
        "label": diagnostic.label,
        "help": diagnostic.help,
        "suggestion": null,
        "related": [],
        "source": diagnostic.citation,
    });
    merge(&mut json, positions(&diagnostic.place));
    if let Some(suggestion) = &diagnostic.suggestion {
        let mut edit = json!({ "replacement": suggestion.replacement });
        merge(&mut edit, positions(&diagnostic.place.with_span(suggestion.span)));
        merge(&mut json, json!({ "suggestion": edit }));
    }
    let related: Vec<Value> = (diagnostic.related.iter())
        .map(|(place, label)| {
            let mut other = json!({ "file": place.source.name, "label": label });
            merge(&mut other, positions(place));
            other
        })
        .collect();
    merge(&mut json, json!({ "related": related }));
    json
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// Lays a finding out: its title, the lines it speaks of, and what would help.
fn report(diagnostic: &Diagnostic) -> Vec<Group<'static>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(shown(&diagnostic.message).into_owned()).id(diagnostic.code);
    let mut group = Group::with_title(title);
    for snippet in quoted(diagnostic) {
        group = group.element(snippet);
    }
    if let Some(citation) = &diagnostic.citation {
        group = group.element(Level::NOTE.message(format!("source: {}", shown(citation))));
    }
    let help = diagnostic.help.as_deref().map(shown_lines);
    let Some(suggestion) = &diagnostic.suggestion else {
        if let Some(help) = help {
            group = group.element(Level::HELP.message(help));
        }
        return vec![group];
    };
    let source = &diagnostic.place.source;
    let excerpt = Excerpt::of(source, &[suggestion.span]);
    let patch = Patch::new(excerpt.range(suggestion.span), shown_lines(&suggestion.replacement));
    let snippet = Snippet::source(excerpt.text.clone()).line_start(excerpt.first_line).patch(patch);
    let title = help.unwrap_or_else(|| "write it like this".to_owned());
    vec![group, Group::with_title(Level::HELP.secondary_title(title)).element(snippet)]
}

/// A stretch of a line, the words beside it, and whether it is the cause.
type Mark<'a> = (Span, &'a str, AnnotationKind);

/// Returns the lines that a finding speaks of, a snippet for each text, that of the cause first.
fn quoted(diagnostic: &Diagnostic) -> Vec<Snippet<'static, Annotation<'static>>> {
    let primary = (&diagnostic.place, diagnostic.label.as_str(), AnnotationKind::Primary);
    let context = diagnostic.related.iter();
    let context = context.map(|(place, label)| (place, label.as_str(), AnnotationKind::Context));
    let mut by_source: Vec<(&Place, Vec<Mark<'_>>)> = Vec::new();
    for (place, label, kind) in std::iter::once(primary).chain(context) {
        let mark = (on_one_line(place), label, kind);
        let same = |first: &Place| Arc::ptr_eq(&first.source, &place.source);
        match by_source.iter_mut().find(|(first, _)| same(first)) {
            Some((_, marks)) => marks.push(mark),
            None => by_source.push((place, vec![mark])),
        }
    }
    let snippets = by_source.into_iter().map(|(first, marks)| {
        let spans: Vec<Span> = marks.iter().map(|(span, ..)| *span).collect();
        let excerpt = Excerpt::of(&first.source, &spans);
        let annotations = marks.into_iter().map(|(span, label, kind)| {
            let annotation = kind.span(excerpt.range(span));
            if label.is_empty() { annotation } else { annotation.label(shown(label).into_owned()) }
        });
        let annotations: Vec<_> = annotations.collect();
        Snippet::source(excerpt.text)
            .line_start(excerpt.first_line)
            .path(shown(&first.source.name).into_owned())
            .annotations(annotations)
    });
    snippets.collect()
}

/// Returns the part of the place that stands on its first line, at least one character wide where there is one.
fn on_one_line(place: &Place) -> Span {
    let text = &place.source.text;
    let start = floor(text, place.span.start);
    let (_, line_end) = line_around(text, start);
    let line_end = line_end.max(start);
    let rest = text.get(start..floor(text, place.span.end).clamp(start, line_end)).unwrap_or("");
    let end = start + rest.trim_end().len();
    let one_character = || text.get(start..line_end).and_then(|rest| rest.chars().next());
    let end = if end == start { start + one_character().map_or(0, char::len_utf8) } else { end };
    Span::new(start, end)
}

/// The lines that some spans of a text touch, made safe to show, and where those spans are in them.
struct Excerpt {
    /// The lines from the first one touched to the last; those far from any span are empty.
    text: String,
    /// The number of the first line.
    first_line: usize,
    /// Where each offset of interest has come to stand.
    moved: BTreeMap<usize, usize>,
}

impl Excerpt {
    /// Lines this near to a span keep their text, so that a small gap between two spans can be shown.
    const NEAR: usize = 2;

    fn of(source: &Source, spans: &[Span]) -> Self {
        let text = source.text.as_str();
        let offsets: Vec<usize> = spans
            .iter()
            .flat_map(|span| [span.start, span.end])
            .map(|at| floor(text, at))
            .collect();
        let lowest = offsets.iter().copied().min().unwrap_or(0);
        let highest = offsets.iter().copied().max().unwrap_or(0);
        let ((start, _), (_, end)) = (line_around(text, lowest), line_around(text, highest));
        let first_line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();

        let window = text.get(start..end).unwrap_or("");
        let touched =
            |range: &Range<usize>| offsets.iter().any(|at| range.start <= *at && *at <= range.end);
        let mut ranges: Vec<Range<usize>> = Vec::new();
        let mut at = start;
        for line in window.split_inclusive('\n') {
            let bare = line.strip_suffix('\n').unwrap_or(line);
            ranges.push(at..at + bare.strip_suffix('\r').unwrap_or(bare).len());
            at += line.len();
        }
        if ranges.is_empty() || window.ends_with('\n') {
            ranges.push(at..at);
        }
        let marked: Vec<bool> = ranges.iter().map(touched).collect();
        let near = |index: usize| {
            let (from, to) = (index.saturating_sub(Self::NEAR), index + Self::NEAR + 1);
            marked.iter().skip(from).take(to - from).any(|marked| *marked)
        };

        let mut excerpt = Self { text: String::new(), first_line, moved: BTreeMap::new() };
        for (index, range) in ranges.iter().enumerate() {
            if index > 0 {
                excerpt.text.push('\n');
            }
            let inside =
                offsets.iter().copied().filter(|at| range.start <= *at && *at <= range.end);
            let inside: Vec<usize> = inside.collect();
            if near(index) {
                excerpt.quote(text, range, inside);
            }
        }
        excerpt
    }

    /// Takes a line in, and remembers where the offsets inside it have come to stand.
    fn quote(&mut self, text: &str, line: &Range<usize>, mut inside: Vec<usize>) {
        inside.sort_unstable();
        let (mut from, mut to) = (line.start, line.end);
        if to - from > LONGEST_LINE {
            let first = inside.first().copied().unwrap_or(from);
            from = floor(text, first.saturating_sub(LONGEST_LINE / 4)).max(from);
            to = floor(text, from + LONGEST_LINE).clamp(from, to);
        }
        if from > line.start {
            self.text.push('…');
        }
        let mut at = from;
        for offset in inside {
            let next = offset.clamp(at, to);
            self.text.push_str(&shown(text.get(at..next).unwrap_or("")));
            self.moved.insert(offset, self.text.len());
            at = next;
        }
        self.text.push_str(&shown(text.get(at..to).unwrap_or("")));
        if to < line.end {
            self.text.push('…');
        }
    }

    /// Returns where `span` of the source stands in this excerpt.
    fn range(&self, span: Span) -> Range<usize> {
        // An offset between a carriage return and its line feed counts as the end of that line.
        let moved = |at: usize| self.moved.range(..=at).next_back().map_or(0, |(_, moved)| *moved);
        let start = moved(span.start);
        start..moved(span.end).max(start)
    }
}

#[cfg(test)]
mod tests {
    use super::{Style, as_json, render};
    use crate::diagnostic::{Diagnostic, Place, Source, Span, misleads};
    use insta::assert_snapshot;
    use proptest::prelude::*;

    fn finding(text: &str, wrong: &str) -> Diagnostic {
        let start = text.find(wrong).unwrap_or(0);
        let source = Source::new("klacht.yaml", text);
        Diagnostic::error(
            "unknown-step",
            &Place::new(&source, Span::new(start, start + wrong.len())),
        )
        .message(format!("no step `{wrong}`"))
    }

    #[test]
    fn a_finding_shows_the_line_the_cause_and_the_corrected_line() {
        let text = "procedure: klacht\nsteps:\n  intake: {}\n  besluit:\n    after: hering\n";
        let finding = finding(text, "hering").label("not a step of this procedure");
        let span = finding.place.span;
        let finding = finding
            .help("a step with a similar name exists: `hearing`")
            .suggest(span, "hearing")
            .cite("Awb 9:10");
        assert_snapshot!(render(&[finding], Style::Plain), @r#"
        error[unknown-step]: no step `hering`
         --> klacht.yaml:5:12
          |
        5 |     after: hering
          |            ^^^^^^ not a step of this procedure
          |
          = note: source: Awb 9:10
        help: a step with a similar name exists: `hearing`
          |
        5 |     after: hearing
          |              +
        "#);
    }

    #[test]
    fn other_places_are_shown_beside_it() {
        let text = "version: 3\na: 1\nb: 2\nc: 3\nd: 4\nversion: 4\n";
        let finding = finding(text, "version: 4");
        let first = finding.place.with_span(Span::new(0, 7));
        let finding = finding.related(&first, "first given here").help("remove one of them");
        assert_snapshot!(render(&[finding], Style::Plain), @r#"
        error[unknown-step]: no step `version: 4`
         --> klacht.yaml:6:1
          |
        1 | version: 3
          | ------- first given here
        ...
        6 | version: 4
          | ^^^^^^^^^^
          |
          = help: remove one of them
        "#);
    }

    #[test]
    fn what_a_file_hides_is_shown_and_the_caret_stays_under_the_cause() {
        let text = "titel: \u{1b}[2Jé\u{202e}漢\u{200b}\u{2028} na: fout\n";
        let finding = finding(text, "fout").label("\u{7}hier");
        assert_snapshot!(render(&[finding], Style::Plain), @r#"
        error[unknown-step]: no step `fout`
         --> klacht.yaml:1:22
          |
        1 | titel: ␛[2Jé\u{202e}漢\u{200b}\u{2028} na: fout
          |                                            ^^^^ ␇hier
        "#);
    }

    #[test]
    fn the_end_of_a_text_can_be_shown() {
        let mut finding = finding("a: [1,\n", "");
        finding.place.span = Span::new(7, 7);
        assert_snapshot!(render(&[finding], Style::Plain), @r#"
        error[unknown-step]: no step ``
         --> klacht.yaml:2:1
          |
        2 |
          | ^
        "#);
    }

    #[test]
    fn a_long_line_is_cut_around_the_cause() {
        let text = format!("{}fout{}", "a".repeat(100_000), "b".repeat(100_000));
        let drawn = render(&[finding(&text, "fout")], Style::Plain);
        assert!(drawn.len() < 4_000, "{}", drawn.len());
        assert!(drawn.contains("fout"));
    }

    #[test]
    fn colours_are_ours_only() {
        let drawn = render(&[finding("x: \u{1b}[31mfout", "fout")], Style::Colour);
        assert!(
            drawn.contains("\u{1b}[") && drawn.contains("␛[31m") && !drawn.contains("\u{1b}[31mf")
        );
        assert_eq!(render(&[], Style::Plain), "");
    }

    #[test]
    fn programs_get_the_same() {
        let text = "één: twee\n";
        let finding =
            finding(text, "twee").help("zo").suggest(Span::new(7, 11), "drie").cite("Awb");
        let first = finding.place.with_span(Span::new(0, 5));
        let json = as_json(&finding.related(&first, "hier"));
        let expected = serde_json::json!({
            "code": "unknown-step", "severity": "error", "file": "klacht.yaml",
            "line": 1, "column": 6, "end-line": 1, "end-column": 10,
            "message": "no step `twee`", "label": "", "help": "zo", "source": "Awb",
            "suggestion": { "line": 1, "column": 6, "end-line": 1, "end-column": 10, "replacement": "drie" },
            "related": [{
                "file": "klacht.yaml", "label": "hier",
                "line": 1, "column": 1, "end-line": 1, "end-column": 4,
            }],
        });
        assert_eq!(json, expected);
    }

    proptest! {
        #[test]
        fn any_text_and_any_span_can_be_drawn(
            text in "(.|[é漢\r\n\t\u{1b}\u{202e}\u{feff}🙂]){0,40}",
            spans in proptest::collection::vec((0_usize..120, 0_usize..120), 3),
            words in "(.|[\n\r\u{1b}]){0,8}",
        ) {
            let source = Source::new("x.yaml", text);
            let span = |index: usize| spans.get(index).map_or(Span::default(), |(a, b)| Span::new(*a, *b));
            let place = Place::new(&source, span(0));
            let finding = Diagnostic::warning("some-code", &place)
                .message(words.clone()).label(words.clone()).help(words.clone()).cite(words.clone())
                .related(&place.with_span(span(1)), words.clone())
                .suggest(span(2), words);
            let drawn = render(std::slice::from_ref(&finding), Style::Plain);
            prop_assert!(!drawn.chars().any(|c| c != '\n' && misleads(c)), "{:?}", drawn);
            prop_assert!(as_json(&finding).is_object());
        }
    }
}
