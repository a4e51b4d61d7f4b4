//! `yaml-syntax`: what is wrong with the writing itself, in words for people who don't know what a parser is.
//!
//! The parser stops at its first mistake and says where it noticed it. That is seldom where the mistake is, and its
//! words are those of the standard, so each mistake that people make is recognised here by its traces in the text.

use super::node::Node;
use crate::diagnostic::{Diagnostic, Place, Source, Span, line_around};
use serde_yaml::ErrorKind;
use std::sync::Arc;

/// What is known where the parser stopped.
pub(super) struct Situation<'a> {
    pub(super) source: &'a Arc<Source>,
    /// The offset at which it stopped.
    pub(super) at: usize,
    /// The innermost `[` or `{` that is open.
    pub(super) flow: Option<Span>,
    /// The last single value that was read.
    pub(super) last_scalar: Option<Span>,
}

impl Situation<'_> {
    /// Returns the place where the parser stopped.
    pub(super) fn here(&self) -> Place {
        self.place(self.at, self.at)
    }

    fn place(&self, start: usize, end: usize) -> Place {
        Place::new(self.source, Span::new(start, end))
    }

    fn text(&self) -> &str {
        &self.source.text
    }

    fn line(&self, offset: usize) -> Line<'_> {
        Line::around(self.text(), offset)
    }
}

/// A line of the text.
#[derive(Clone, Copy)]
struct Line<'a> {
    start: usize,
    end: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn around(text: &'a str, offset: usize) -> Self {
        let (start, end) = line_around(text, offset);
        Self { start, end: end.max(start), text: text.get(start..end).unwrap_or("") }
    }

    /// Returns the line after this one.
    fn next(self, text: &'a str) -> Option<Self> {
        let feed = text.get(self.end..)?.find('\n')?;
        Some(Self::around(text, self.end + feed + 1))
    }

    /// Returns the line before this one.
    fn previous(self, text: &'a str) -> Option<Self> {
        Some(Self::around(text, self.start.checked_sub(1)?))
    }

    fn content(self) -> &'a str {
        self.text.trim_start_matches([' ', '\t'])
    }

    fn content_start(self) -> usize {
        self.end - self.content().len()
    }

    fn indent(self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    fn is_blank(self) -> bool {
        let content = self.content().trim_end();
        content.is_empty() || content.starts_with('#')
    }

    /// Returns the content without a comment behind it.
    fn uncommented(self) -> &'a str {
        let content = self.content();
        content.split(" #").next().unwrap_or(content).trim_end()
    }

    /// Returns the key with which the line begins.
    fn key(self) -> Option<&'a str> {
        let content = self.uncommented();
        let content = content.strip_prefix("- ").map_or(content, str::trim_start);
        let (key, rest) = content.split_once(':')?;
        let plain = !key.is_empty() && !key.contains(['"', '\'', '{', '[', ',']);
        (plain && (rest.is_empty() || rest.starts_with(' '))).then_some(key)
    }

    /// Returns the offset of a colon that lacks the space behind it, as in `within:6 weeks`.
    fn tight_colon(self) -> Option<usize> {
        let content = self.uncommented();
        let content = content.strip_prefix("- ").map_or(content, str::trim_start);
        let colon = content.find(':')?;
        let (key, rest) = content.split_at(colon);
        let name =
            |character: char| character.is_alphanumeric() || character == '-' || character == '_';
        let tight = rest.chars().nth(1).is_some_and(|next| next != ' ' && next != '/');
        let start = self.content_start() + (self.uncommented().len() - content.len());
        (tight && !key.is_empty() && key.chars().all(name)).then_some(start + colon)
    }
}

/// Translates the mistake at which the parser stopped.
pub(super) fn finding(situation: &Situation<'_>, kind: &ErrorKind) -> Diagnostic {
    tab(situation, kind).or_else(|| by_kind(situation, kind)).unwrap_or_else(|| unknown(situation))
}

fn error(place: &Place) -> Diagnostic {
    Diagnostic::error("yaml-syntax", place)
}

fn unknown(situation: &Situation<'_>) -> Diagnostic {
    error(&situation.here()).message("this cannot be read").help(
        "write `key: value`, put texts with special characters in quotes, and indent by spaces",
    )
}

/// A tab where a line begins: the parser often notices it a line too early.
fn tab(situation: &Situation<'_>, kind: &ErrorKind) -> Option<Diagnostic> {
    let speaks_of_tabs = matches!(
        kind,
        ErrorKind::TabInIndentation
            | ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    );
    let text = situation.text();
    let first = situation.line(situation.at);
    let lines = std::iter::successors(Some(first), |line| line.next(text));
    let mut lines = lines.take(if speaks_of_tabs { 50 } else { 1 });
    let tab = lines.find_map(|line| {
        let indentation = line.text.len() - line.content().len();
        let tab = line.text.get(..indentation)?.find('\t')?;
        (!line.is_blank()).then_some((line, line.start + tab))
    });
    if let Some((line, at)) = tab {
        let indentation = Span::new(line.start, line.content_start());
        let spaces = situation.place(indentation.start, indentation.end).text().replace('\t', "  ");
        return Some(
            error(&situation.place(at, at + 1))
                .message("a tab stands where the line should be indented by spaces")
                .help("write spaces instead; most editors can do that for the whole file")
                .suggest(indentation, spaces),
        );
    }
    speaks_of_tabs.then(|| {
        let line = situation.line(situation.at);
        let rest = text.get(situation.at..line.end).unwrap_or("");
        let at = rest.find('\t').map_or(situation.at, |tab| situation.at + tab);
        error(&situation.place(at, at + 1))
            .message("a tab cannot stand here")
            .help("write spaces instead")
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum of the parser is open")]
fn by_kind(situation: &Situation<'_>, kind: &ErrorKind) -> Option<Diagnostic> {
    use ErrorKind as E;
    Some(match kind {
        E::MappingValueNotAllowed | E::InvalidColonPlacement | E::InvalidMappingValueWhitespace => {
            return colon(situation);
        }
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar | E::InvalidQuotedScalarIndent => {
            unclosed_quote(&situation.here())
        }
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => {
            return after_quote(situation);
        }
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => escape(situation),
        E::UnclosedFlowCollection { open } => unclosed_bracket(&situation.here(), *open),
        E::MismatchedFlowCollectionEnd { open, close } => mismatched(situation, *open, *close),
        E::MisplacedFlowCollectionEnd => {
            let at = situation.at;
            let place = situation.place(at, at + 1);
            error(&place)
                .message(format!("`{}` closes nothing", place.text()))
                .help("remove it; if it belongs to a text, put the text in quotes")
        }
        E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator
        | E::UnexpectedEofFlowSequence
        | E::UnexpectedEofFlowMapping
        | E::UnexpectedEofImplicitFlowMapping
        | E::FlowMappingValueAdjacentCollection
        | E::InvalidFlowScalarIndent
        | E::BlockEntryInFlowCollection => in_brackets(situation),
        E::SimpleKeyExpected | E::InvalidSimpleKey => return no_colon(situation),
        E::ExpectedBlockMappingKey
        | E::ExpectedBlockSequenceEntry
        | E::InvalidIndentation
        | E::InvalidBlockScalarIndent
        | E::MappingKeyNotAllowed
        | E::UnexpectedEofBlockMapping
        | E::UnexpectedEofBlockSequence => return indentation(situation),
        E::BlockSequenceEntryNotAllowed => error(&situation.place(situation.at, situation.at + 1))
            .message("a list cannot begin on the line of its key")
            .help("write its entries on the lines below, or all of them here as `[one, two]`"),
        E::UnexpectedCharacter { .. }
        | E::MissingAnchorOrAliasName
        | E::ExpectedTagBang
        | E::InvalidTagTerminator
        | E::UndeclaredTagHandle
        | E::MissingTagUri
        | E::UnclosedVerbatimTag
        | E::InvalidTagEscape
        | E::InvalidGlobalTagCharacter
        | E::PlainScalarStartsWithDashFlowIndicator => needs_quotes(situation),
        E::DirectiveDisallowed => error(&situation.place(situation.at, situation.line(situation.at).end))
            .message("directives such as `%YAML` are not used here")
            .help("remove this line"),
        E::CommentNotSeparated | E::CommentInterceptedScalar => error(&situation.here())
            .message("this `#` stands where a comment cannot begin")
            .help("put a space before it; if it belongs to the text, put the text in quotes"),
        E::InvalidBlockScalarHeader | E::ZeroBlockScalarIndent => error(&situation.here())
            .message("after `|` or `>` the text begins on the next line")
            .help("move the text to the next line, indented by spaces; if the sign belongs to the text, put it in quotes"),
        E::InvalidDocumentEnd => error(&situation.here())
            .message("something stands behind the end of the document")
            .help("remove the line `...`"),
        // The enum is open; what authors rarely meet gets general words.
        _ => return None,
    })
}

/// A colon where no key can be: a text with a colon, a value and keys below it, or a key without its colon.
fn colon(situation: &Situation<'_>) -> Option<Diagnostic> {
    let text = situation.text();
    if let Some(found) = situation.flow.and_then(|open| on_later_line(situation, open)) {
        return Some(found);
    }
    let value = situation.last_scalar.filter(|scalar| scalar.end <= situation.at)?;
    let (first, last) = (situation.line(value.start), situation.line(situation.at));
    if first.start == last.start {
        return Some(colon_in_text(situation, value));
    }
    let lines = std::iter::successors(Some(first), |line| line.next(text));
    let mut lines = lines.take_while(|line| line.start <= last.start);
    if let Some(found) = lines.find_map(|line| tight_colon(situation, line)) {
        return Some(found);
    }
    let key = text.get(last.content_start()..situation.at).unwrap_or("");
    if first.content_start() == value.start {
        return Some(lacks_colon(situation, first));
    }
    let above = first.key().unwrap_or("the line above");
    Some(
        error(&situation.place(last.content_start(), situation.at))
            .message(format!(
                "`{key}` is indented as if it belonged to `{above}`, which has a value already"
            ))
            .related(&situation.place(value.start, first.end), "the value")
            .help("indent it as the line to which it belongs"),
    )
}

/// A text that holds `: `, which starts a value.
fn colon_in_text(situation: &Situation<'_>, value: Span) -> Diagnostic {
    let found = error(&situation.place(situation.at, situation.at + 1))
        .message("a text that contains `: ` must stand in quotes");
    let line = situation.line(situation.at);
    let end = line.content_start() + line.uncommented().len();
    let rest = situation.text().get(value.start..end).unwrap_or("");
    // A key has no quotes of its own to care for.
    if situation.flow.is_some() || rest.is_empty() || value.start == line.content_start() {
        return found.help("put the text between quotes");
    }
    found.help("put the text between quotes").suggest(Span::new(value.start, end), quoted(rest))
}

/// Returns `text` in quotes, so that it stays what it is.
fn quoted(text: &str) -> String {
    if text.contains('\'') && !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

fn tight_colon(situation: &Situation<'_>, line: Line<'_>) -> Option<Diagnostic> {
    let colon = line.tight_colon()?;
    Some(
        error(&situation.place(colon, colon + 1))
            .message("a space is missing behind this `:`")
            .help("write `key: value`")
            .suggest(Span::new(colon + 1, colon + 1), " "),
    )
}

fn lacks_colon(situation: &Situation<'_>, line: Line<'_>) -> Diagnostic {
    let content = line.uncommented();
    let (start, end) = (line.content_start(), line.content_start() + content.len());
    let found = error(&situation.place(start, end)).message("this line is no `key: value`");
    if content.contains([' ', ':', '"', '\'']) {
        return found.help("write a key and a colon before it, or put it in the quotes of the text to which it belongs");
    }
    found.help("a colon may be missing").suggest(Span::new(end, end), ":")
}

fn no_colon(situation: &Situation<'_>) -> Option<Diagnostic> {
    if let Some(found) = situation.flow.and_then(|open| on_later_line(situation, open)) {
        return Some(found);
    }
    let line = situation.line(situation.at);
    if line.content().is_empty() {
        return None;
    }
    Some(tight_colon(situation, line).unwrap_or_else(|| lacks_colon(situation, line)))
}

fn unclosed_quote(opening: &Place) -> Diagnostic {
    let quote = opening.with_span(Span::new(opening.span.start, opening.span.start + 1));
    let found = error(&quote).message("this quote is never closed");
    match quote.text() {
        "'" => found
            .help("write the closing `'` behind the text; an apostrophe inside is written `''`"),
        _ => found.help("write the closing `\"` behind the text"),
    }
}

/// Something behind a closing quote: a quote inside the text, or the next quote that an unclosed one ran into.
fn after_quote(situation: &Situation<'_>) -> Option<Diagnostic> {
    let text = situation.text();
    let before = text.get(..situation.at)?.trim_end();
    let quote = before.chars().next_back().filter(|quote| matches!(quote, '"' | '\''))?;
    let opening = before.get(..before.len() - 1)?.rfind(quote)?;
    let line = situation.line(situation.at);
    if opening < line.start {
        return Some(unclosed_quote(&situation.place(opening, opening)));
    }
    let end = line.content_start() + line.uncommented().len();
    let found = error(&situation.place(situation.at, end.max(situation.at + 1)))
        .message("the text goes on behind its closing quote");
    if situation.flow.is_some() {
        return Some(found.help("close the quote at the end of the text, or write a comma"));
    }
    let whole = text.get(opening..end).unwrap_or("");
    Some(found.help("put the whole text in quotes").suggest(Span::new(opening, end), quoted(whole)))
}

fn escape(situation: &Situation<'_>) -> Diagnostic {
    let text = situation.text();
    let rest = text.get(situation.at..).unwrap_or("");
    let known = |next: char| "0abtnvfre \"/\\N_LPxuU\n\r\t".contains(next);
    let mut characters = rest.char_indices();
    let mut slash = None;
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            match characters.next() {
                Some((_, next)) if known(next) && !"xuU".contains(next) => {}
                next => {
                    let end = next.map_or(at + 1, |(at, next)| at + next.len_utf8());
                    slash = Some((situation.at + at, situation.at + end));
                    break;
                }
            }
        }
    }
    let (start, end) = slash.unwrap_or((situation.at, situation.at + 1));
    let place = situation.place(start, end);
    error(&place)
        .message(format!("`{}` means nothing between double quotes", place.text()))
        .help("write the text between single quotes, or write the backslash twice")
}

fn unclosed_bracket(opening: &Place, open: char) -> Diagnostic {
    let close = if open == '[' { ']' } else { '}' };
    let place = opening.with_span(Span::new(opening.span.start, opening.span.start + 1));
    error(&place).message(format!("this `{open}` is never closed")).help(format!(
        "write the closing `{close}`; if `{open}` belongs to a text, put the text in quotes"
    ))
}

fn mismatched(situation: &Situation<'_>, open: char, close: char) -> Diagnostic {
    let expected = if open == '[' { ']' } else { '}' };
    let place = situation.place(situation.at, situation.at + 1);
    error(&place)
        .message(format!("this `{open}` is closed by `{close}`"))
        .help(format!("close it by `{expected}`"))
}

/// A `[` or `{` that was opened on an earlier line, when what stands here looks like the next key.
fn on_later_line(situation: &Situation<'_>, open: Span) -> Option<Diagnostic> {
    let (first, here) = (situation.line(open.start), situation.line(situation.at));
    if here.start <= first.start || here.key().is_none() || here.indent() > first.indent() {
        return None;
    }
    let open = situation.place(open.start, open.start + 1);
    Some(unclosed_bracket(&open, open.text().chars().next().unwrap_or('[')))
}

fn in_brackets(situation: &Situation<'_>) -> Diagnostic {
    if let Some(found) = situation.flow.and_then(|open| on_later_line(situation, open)) {
        return found;
    }
    error(&situation.here())
        .message("a comma or a closing bracket is missing before this")
        .help("write `[one, two]` or `{ key: value, key: value }`; put texts with `:`, `,` or brackets in quotes")
}

/// A line that is indented as none of those to which it could belong.
fn indentation(situation: &Situation<'_>) -> Option<Diagnostic> {
    let text = situation.text();
    let line = situation.line(situation.at);
    let before = text.get(line.content_start()..situation.at).unwrap_or("");
    if !before.is_empty() && before.trim_end() != "-" {
        return Some(needs_quotes(situation));
    }
    let content = line.uncommented();
    let place = situation.place(line.content_start(), line.content_start() + content.len());
    let name = line.key().unwrap_or(content);
    let above = || {
        let lines = std::iter::successors(line.previous(text), |line| line.previous(text));
        lines.filter(|line| !line.is_blank()).take(1_000)
    };
    let mine = line.indent();
    if above().any(|line| line.indent() == mine) || above().next().is_none() {
        let list = content.starts_with("- ") || content == "-";
        let found = error(&place);
        return Some(if list {
            found
                .message("an entry of a list stands among keys")
                .help("write the list below a key, indented")
        } else {
            found
                .message(format!("`{name}` stands where an entry of the list above was expected"))
                .help("begin an entry by `- `, or indent the line as the key to which it belongs")
        });
    }
    let deeper = above().next().filter(|line| line.indent() > mine);
    let shallower = above().find(|line| line.indent() < mine);
    let spaces =
        |count: usize| if count == 1 { "1 space".to_owned() } else { format!("{count} spaces") };
    let (wanted, others) = match (deeper, shallower) {
        (Some(deeper), Some(other)) => {
            let deeper = nearest(above(), mine).unwrap_or(deeper.indent());
            // A key that opens a group of its own more often stands beside the other groups.
            let outer = mine - other.indent() < deeper - mine || content.ends_with(':');
            let wanted = if outer { other.indent() } else { deeper };
            (wanted, format!("{deeper} or {}", other.indent()))
        }
        (Some(other), None) | (None, Some(other)) => (other.indent(), other.indent().to_string()),
        (None, None) => return None,
    };
    Some(
        error(&place)
            .message(format!(
                "`{name}` is indented by {}, the lines above it by {others}",
                spaces(mine)
            ))
            .help("indent it as the lines beside which it belongs")
            .suggest(Span::new(line.start, line.content_start()), " ".repeat(wanted)),
    )
}

/// Returns the smallest indentation above `mine` of the lines that follow the nearest line with a smaller one.
fn nearest<'a>(above: impl Iterator<Item = Line<'a>>, mine: usize) -> Option<usize> {
    above.map(Line::indent).take_while(|indent| *indent > mine).min()
}

/// A text that begins with a sign that means something else.
fn needs_quotes(situation: &Situation<'_>) -> Diagnostic {
    let text = situation.text();
    let sign = text.get(situation.at..).and_then(|rest| rest.chars().next()).unwrap_or(' ');
    let place = situation.place(situation.at, situation.at + sign.len_utf8());
    if sign.is_whitespace() {
        return unknown(situation);
    }
    let line = situation.line(situation.at);
    let found = error(&place)
        .message(format!("`{sign}` cannot stand here without quotes"))
        .help("put the text between quotes");
    let end = line.content_start() + line.uncommented().len();
    let rest = text.get(situation.at..end).unwrap_or("");
    let alone = situation.flow.is_none() && situation.at > line.content_start() && !rest.is_empty();
    let value = text
        .get(line.start..situation.at)
        .is_some_and(|before| before.trim_end().ends_with([':', '-']));
    if !alone || !value {
        return found;
    }
    let rest_quoted = quoted(rest);
    found.suggest(Span::new(situation.at, end), rest_quoted)
}

/// Finds a text between `[` and `]` or `{` and `}` that a comma within its own round brackets has cut in two.
///
/// `items` are the values of a list, or the keys and values of a mapping, in the order of the text.
pub(super) fn cut_by_comma<'a>(items: impl Iterator<Item = &'a Node>) -> Option<Diagnostic> {
    let mut opened: Option<(Place, usize)> = None;
    for item in items {
        let Some(scalar) = item.scalar().filter(|scalar| !scalar.quoted) else {
            opened = None;
            continue;
        };
        let (begin, close) = (scalar.text.matches('(').count(), scalar.text.matches(')').count());
        opened = match opened {
            None => {
                begin.checked_sub(close).filter(|open| *open > 0).map(|n| (item.place.clone(), n))
            }
            Some((first, open)) if close >= open + begin => {
                let span = Span::new(first.span.start, item.place.span.end);
                let whole = first.with_span(span);
                return Some(
                    error(&whole)
                        .message("the comma ends this text, since it stands between brackets")
                        .help("put the text in quotes")
                        .suggest(span, quoted(whole.text())),
                );
            }
            // What is between commas may be empty of brackets: `f(a, b, c)`.
            Some((first, open)) => Some((first, open + begin - close)),
        };
    }
    None
}

/// Finds a text over several lines that has taken in what was meant to be a key or an entry of a list.
pub(super) fn swallowed(place: &Place, plain: bool) -> Option<Diagnostic> {
    let written = place.text();
    if !written.contains('\n') {
        return None;
    }
    let text = &place.source.text;
    let first = Line::around(text, place.span.start);
    let lines = std::iter::successors(first.next(text), |line| line.next(text));
    let mut lines = lines.take_while(|line| line.start < place.span.end);
    if plain {
        let entry = lines.find(|line| line.content().starts_with("- "))?;
        let (start, end) = (entry.content_start(), entry.end);
        return Some(
            error(&place.with_span(Span::new(start, end)))
                .message("this entry of a list is read as part of the text above it")
                .related(&place.with_span(Span::new(place.span.start, first.end)), "the text")
                .help("indent it as the entries beside which it belongs"),
        );
    }
    let quote = written.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let key = lines.find(|line| line.indent() <= first.indent() && line.key().is_some());
    key.map(|_| {
        unclosed_quote(
            &place.with_span(Span::new(place.span.start, place.span.start + quote.len_utf8())),
        )
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::expect_used, reason = "a test may panic")]
    use crate::diagnostic::{Source, Style, render};
    use crate::yaml::{Limits, read};
    use insta::assert_snapshot;

    #[test]
    fn each_slip_is_named_at_its_cause() {
        for (text, place, message, mended) in [
            ("é:\n\tb: 1\n", "2:1", "a tab stands", "é:\n  b: 1\n"),
            ("a: x\n\tb: 1\n", "2:1", "a tab stands", "a: x\n  b: 1\n"),
            ("a:\n  b: 1\n\n\tc: 2\n", "4:1", "a tab stands", "a:\n  b: 1\n\n  c: 2\n"),
            ("a: |\n\tx\n", "2:1", "a tab stands", "a: |\n  x\n"),
            ("é: \"ü\nb: 1\n", "1:4", "this quote is never closed", ""),
            ("a: \"x\nb: \"y\"\n", "1:4", "this quote is never closed", ""),
            ("a: \"x\nb: \"\n", "1:4", "this quote is never closed", ""),
            ("a: 'x\nb: 'y'\n", "1:4", "this quote is never closed", ""),
            ("a: '\n", "1:4", "this quote is never closed", ""),
            ("a: \"b\" c\n", "1:8", "the text goes on", "a: '\"b\" c'\n"),
            ("a: \"\\d\"\n", "1:5", "`\\d` means nothing", ""),
            ("é: b: c # d\n", "1:5", "a text that contains `: `", "é: 'b: c' # d\n"),
            ("a: 1\r\nb: c: d\r\n", "2:5", "a text that contains `: `", "a: 1\r\nb: 'c: d'\r\n"),
            ("w: x == \"a: b\"\n", "1:11", "a text that contains `: `", "w: 'x == \"a: b\"'\n"),
            ("a: It's: b\n", "1:8", "a text that contains `: `", "a: \"It's: b\"\n"),
            ("a: x\n  b: y\n", "2:3", "`b` is indented as if it belonged to `a`", ""),
            ("a: 1\nb:2\nc: 3\n", "2:2", "a space is missing", "a: 1\nb: 2\nc: 3\n"),
            ("a:\n  b:2\n  c: 3\n", "2:4", "a space is missing", "a:\n  b: 2\n  c: 3\n"),
            ("a: b\nc\n", "2:1", "this line is no `key: value`", "a: b\nc:\n"),
            ("a:\n  b\n  c:\n    x: 1\n", "2:3", "this line is no", "a:\n  b:\n  c:\n    x: 1\n"),
            ("a: b\nc d\ne: f\n", "2:1", "this line is no `key: value`", ""),
            ("a: [x, y\nb: 1\n", "1:4", "this `[` is never closed", ""),
            ("a: {x: 1\nb: 2\n", "1:4", "this `{` is never closed", ""),
            ("a: [1, 2\n", "1:4", "this `[` is never closed", ""),
            ("a: [x}\n", "1:4", "this `[` is closed by `}`", ""),
            ("a: ]\n", "1:4", "`]` closes nothing", ""),
            ("{w: f(a, b) > 1}\n", "1:5", "the comma ends this text", "{w: 'f(a, b) > 1'}\n"),
            ("[f(a, b, g(c, d)), e]\n", "1:2", "the comma", "['f(a, b, g(c, d))', e]\n"),
            ("a: {x: 1 y: 2}\n", "1:11", "a comma or a closing bracket", ""),
            ("a: [b, - c]\n", "1:8", "a comma or a closing bracket", ""),
            (
                "a:\n  b: 1\n c: 2\n",
                "3:2",
                "`c` is indented by 1 space, the lines above it by 2 or 0",
                "a:\n  b: 1\n  c: 2\n",
            ),
            (
                "s:\n  a:\n    w: x\n   d:\n    w: y\n",
                "4:4",
                "`d` is indented by 3 spaces, the lines above it by 4 or 2",
                "s:\n  a:\n    w: x\n  d:\n    w: y\n",
            ),
            ("- a\nb: 1\n", "2:1", "`b` stands where an entry of the list", ""),
            ("a: 1\n- b\n", "2:1", "an entry of a list stands among keys", ""),
            ("a: - b\n", "1:4", "a list cannot begin on the line of its key", ""),
            ("- a\n b\n - c\n", "3:2", "this entry of a list is read as part", ""),
            ("a: @x\n", "1:4", "`@` cannot stand here without quotes", "a: '@x'\n"),
            ("a: 50\nb: %x # y\n", "2:4", "`%` cannot stand here", "a: 50\nb: '%x' # y\n"),
            ("a: & b\n", "1:4", "`&` cannot stand here", "a: '& b'\n"),
            ("a: , b\n", "1:4", "`,` cannot stand here", "a: ', b'\n"),
            ("%YAML 1.2\n---\na: 1\n", "1:1", "directives such as `%YAML`", ""),
            ("a: \"b\"#c\n", "1:7", "this `#` stands where", ""),
            ("a: |x\n  c\n", "1:4", "after `|` or `>`", ""),
        ] {
            let found = read(&Source::new("x", text), &Limits::default()).expect_err(text);
            assert_eq!(found.len(), 1, "{text:?}: {found:?}");
            let one = found.first().expect("there is one");
            assert_eq!(
                (one.code, one.place.to_string()),
                ("yaml-syntax", format!("x:{place}")),
                "{text:?}"
            );
            assert!(one.message.starts_with(message), "{text:?}: {}", one.message);
            assert!(one.help.is_some(), "{text:?}");
            let edited = one.suggestion.as_ref().map(|edit| {
                let mut edited = text.to_owned();
                edited.replace_range(edit.span.start..edit.span.end, &edit.replacement);
                edited
            });
            assert_eq!(edited.as_deref().unwrap_or(""), mended, "{text:?}");
            let again = edited.map(|text| read(&Source::new("x", text), &Limits::default()));
            if let Some(Err(again)) = again {
                assert!(!again.iter().any(|other| other.message == one.message), "{text:?}");
            }
        }
    }

    #[test]
    fn a_tab_is_made_visible() {
        let found =
            read(&Source::new("klacht.yaml", "stappen:\n\tbesluit: 1\n"), &Limits::default());
        assert_snapshot!(render(&found.expect_err("a tab"), Style::Plain), @r#"
        error[yaml-syntax]: a tab stands where the line should be indented by spaces
         --> klacht.yaml:2:1
          |
        2 | ␉besluit: 1
          | ^
          |
        help: write spaces instead; most editors can do that for the whole file
          |
        2 - ␉besluit: 1
        2 +   besluit: 1
          |
        "#);
    }
}
