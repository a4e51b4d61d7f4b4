//! From a text to a tree: what stands twice, what refers elsewhere, and what is too much is refused here.

use super::hidden;
use super::node::{Entry, Node, Scalar, Value};
use super::syntax::{self, Situation};
use crate::diagnostic::{Diagnostic, Place, Source, Span, in_order, line_around};
use serde_yaml::{ErrorKind, Event, Parser, ScalarStyle, StructureStyle, options};
use std::collections::HashMap;
use std::sync::Arc;

/// What one file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a file.
    pub bytes: usize,
    /// The most lists and groups of keys within each other.
    pub depth: usize,
    /// The most values, keys included.
    pub nodes: usize,
    /// The most findings; reading stops there.
    pub findings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 20, depth: 24, nodes: 20_000, findings: 50 }
    }
}

/// Reads the bytes of a file called `name`.
///
/// # Errors
/// As [`read`], and `not-utf-8`, which points at the first byte that is none.
pub fn read_bytes(name: &str, bytes: &[u8], limits: &Limits) -> Result<Node, Vec<Diagnostic>> {
    if bytes.len() > limits.bytes {
        return Err(vec![too_large(&Source::new(name, ""), bytes.len(), limits)]);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => read(&Source::new(name, text), limits),
        Err(error) => Err(vec![not_utf_8(name, bytes, error.valid_up_to())]),
    }
}

/// Reads a text that holds exactly one document.
///
/// # Errors
/// Everything that is wrong in the text, in its order: all duplicate keys, anchors, aliases, merge keys and tags, and
/// the first mistake of syntax, after which nothing can be read.
///
/// # Examples
/// ```
/// use verloop::diagnostic::Source;
/// use verloop::yaml::{Limits, Node, read};
///
/// let node = read(&Source::new("x.yaml", "steps: { hearing: no }"), &Limits::default())?;
/// assert_eq!(node.at("/steps/hearing").and_then(Node::as_str), Some("no"));
/// # Ok::<(), Vec<verloop::diagnostic::Diagnostic>>(())
/// ```
pub fn read(source: &Arc<Source>, limits: &Limits) -> Result<Node, Vec<Diagnostic>> {
    if source.text.len() > limits.bytes {
        return Err(vec![too_large(source, source.text.len(), limits)]);
    }
    let mut composer = Composer {
        source,
        limits,
        open: Vec::new(),
        root: None,
        documents: 0,
        nodes: 0,
        last_scalar: None,
        found: hidden::check(source),
    };
    composer.compose();
    let Composer { root, mut found, .. } = composer;
    match root {
        Some(node) if found.is_empty() => Ok(node),
        _ => {
            if found.is_empty() {
                found.push(empty_file(source));
            }
            Err(in_order(found))
        }
    }
}

fn too_large(source: &Arc<Source>, bytes: usize, limits: &Limits) -> Diagnostic {
    let kib = |bytes: usize| bytes.div_ceil(1024);
    Diagnostic::error("too-large", &Place::new(source, Span::default()))
        .message(format!("the file is larger than {} KiB: {} KiB", kib(limits.bytes), kib(bytes)))
        .help("split it, or move lists of data out of it")
}

fn empty_file(source: &Arc<Source>) -> Diagnostic {
    Diagnostic::error("empty-file", &Place::new(source, Span::default()))
        .message("the file is empty")
        .help("write at least one key with a value")
}

fn not_utf_8(name: &str, bytes: &[u8], valid: usize) -> Diagnostic {
    let utf_16 = bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]);
    let message = if utf_16 {
        "the file is written as UTF-16, not as UTF-8".to_owned()
    } else {
        let byte = bytes.get(valid).copied().unwrap_or_default();
        format!("the byte {byte:#04x} is not UTF-8 here")
    };
    let readable = String::from_utf8_lossy(bytes);
    let place =
        Place::new(&Source::new(name, readable), Span::new(valid, valid + '\u{fffd}'.len_utf8()));
    Diagnostic::error("not-utf-8", &place)
        .message(message)
        .help("save the file again with the encoding UTF-8")
}

/// Builds the tree from the events of the parser. It keeps a stack of its own, so no text can exhaust the thread's.
struct Composer<'a> {
    source: &'a Arc<Source>,
    limits: &'a Limits,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    last_scalar: Option<Span>,
    found: Vec<Diagnostic>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    span: Span,
    flow: bool,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Mapping { entries: Vec<Entry>, places: HashMap<String, Span>, key: Key },
}

/// The key whose value comes next.
enum Key {
    /// The next value is a key.
    Awaited,
    Given(Node),
    /// A key that is already reported: its value is read and left out.
    Dropped,
}

/// Whether reading goes on after an event.
enum Next {
    More,
    Stop,
}

impl Composer<'_> {
    fn compose(&mut self) {
        let source = self.source;
        let depth = self.limits.depth;
        let options = options! {
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            disallow_directives: true,
            flow_nesting_limit: depth,
            block_nesting_limit: depth,
        };
        for parsed in Parser::new_from_str_with_options(&source.text, options) {
            let next = match parsed {
                Ok((event, span)) => self.take(event, &span),
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(source.text.len());
                    self.take_error(error.kind(), at);
                    Next::Stop
                }
            };
            if matches!(next, Next::Stop) || self.found.len() >= self.limits.findings {
                return;
            }
        }
    }

    fn take(&mut self, event: Event<'_>, span: &serde_yaml::Span) -> Next {
        let bytes = span.byte_range().unwrap_or(0..0);
        let place = Place::new(self.source, Span::new(bytes.start, bytes.end));
        let tag = span.tag_span().and_then(|tag| tag.byte_range());
        if let Some(tag) = tag.filter(|_| event.is_node()) {
            self.found.push(tag_finding(&place.with_span(Span::new(tag.start, tag.end))));
        }
        if event.is_node() {
            self.nodes += 1;
            if self.nodes > self.limits.nodes {
                self.found.push(
                    Diagnostic::error("too-many-nodes", &place)
                        .message(format!("the file has more than {} values", self.limits.nodes))
                        .help("split it, or move lists of data out of it"),
                );
                return Next::Stop;
            }
        }
        #[expect(clippy::wildcard_enum_match_arm, reason = "the enum of the parser is open")]
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.found.push(
                        Diagnostic::error("several-documents", &place)
                            .message("a second document begins here")
                            .help("write each in a file of its own"),
                    );
                    return Next::Stop;
                }
            }
            Event::Scalar(text, style, ..) => self.scalar(&place, &text, style),
            Event::SequenceStart(style, ..) => {
                return self.open(&place, style, Content::List(Vec::new()));
            }
            Event::MappingStart(style, ..) => {
                let (entries, places) = (Vec::new(), HashMap::new());
                let content = Content::Mapping { entries, places, key: Key::Awaited };
                return self.open(&place, style, content);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place.span),
            Event::Anchor(..) => self.found.push(
                Diagnostic::error("anchor", &place)
                    .message(format!("anchors such as `{}` are not used here", place.text()))
                    .help("write the value out at each place; if `&` belongs to a text, put the text in quotes"),
            ),
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.alias(&place),
            // The enum is open: events of presentation, of the stream's ends, and those still to come.
            _ => {}
        }
        Next::More
    }

    fn take_error(&mut self, kind: &ErrorKind, at: usize) {
        let (line_start, line_end) = line_around(&self.source.text, at);
        // A mark that is reported already explains why the rest of its line can't be read.
        let line = Span::new(line_start, line_end + 1);
        if self.found.iter().any(|found| line.contains(found.place.span)) {
            return;
        }
        let flow = self.open.iter().rev().find(|open| open.flow).map(|open| open.span);
        let situation = Situation { source: self.source, at, flow, last_scalar: self.last_scalar };
        let limit = self.limits.depth;
        self.found.push(if *kind == ErrorKind::RecursionLimitExceeded {
            too_deep(&situation.here(), limit)
        } else {
            syntax::finding(&situation, kind)
        });
    }

    fn scalar(&mut self, place: &Place, text: &str, style: ScalarStyle) {
        self.last_scalar = Some(place.span);
        let plain = style == ScalarStyle::Plain;
        if plain && place.span.start == place.span.end {
            self.absent(place);
            return;
        }
        if let Some(finding) = syntax::swallowed(place, plain) {
            self.found.push(finding);
        } else if style == ScalarStyle::DoubleQuoted && place.text().contains('\\') {
            self.found.extend(hidden::check_escaped(place, text));
        }
        let value = Value::Scalar(Scalar { text: text.to_owned(), quoted: !plain });
        self.add(Node { place: place.clone(), value });
    }

    /// Takes a value that isn't written: it stands right behind the colon of its key.
    fn absent(&mut self, place: &Place) {
        let at = place.span.start;
        let key_follows = matches!(
            self.open.last(),
            Some(Open { content: Content::Mapping { key: Key::Awaited, .. }, .. })
        );
        let colon = self.source.text.get(at..).is_some_and(|rest| rest.starts_with(':'));
        let at = if colon && !key_follows { at + 1 } else { at };
        let value = Value::Scalar(Scalar { text: String::new(), quoted: false });
        self.add(Node { place: place.with_span(Span::new(at, at)), value });
    }

    fn alias(&mut self, place: &Place) {
        let merged = self.open.iter().any(|open| match &open.content {
            Content::Mapping { key: Key::Dropped, .. } => true,
            Content::Mapping { .. } | Content::List(_) => false,
        });
        if !merged {
            self.found.push(
                Diagnostic::error("alias", place)
                    .message(format!("references such as `{}` are not used here", place.text()))
                    .help("write the value out; if `*` belongs to a text, put the text in quotes"),
            );
        }
        let value = Value::Scalar(Scalar { text: String::new(), quoted: false });
        self.add(Node { place: place.clone(), value });
    }

    fn open(&mut self, place: &Place, style: StructureStyle, content: Content) -> Next {
        if self.open.len() >= self.limits.depth {
            self.found.push(too_deep(place, self.limits.depth));
            return Next::Stop;
        }
        let flow = style == StructureStyle::Flow;
        self.open.push(Open { span: place.span, flow, content });
        Next::More
    }

    fn close(&mut self, end: Span) {
        let Some(open) = self.open.pop() else { return };
        if open.flow {
            self.found.extend(match &open.content {
                Content::List(items) => syntax::cut_by_comma(items.iter()),
                Content::Mapping { entries, .. } => {
                    let parts = entries.iter().flat_map(|entry| [&entry.key, &entry.value]);
                    syntax::cut_by_comma(parts.filter(|part| !part.place.text().is_empty()))
                }
            });
        }
        let (value, last) = match open.content {
            Content::List(items) => {
                let last = items.last().map(|item| item.place.span.end);
                (Value::Sequence(items), last)
            }
            Content::Mapping { entries, .. } => {
                let last = entries.last().map(|entry| entry.value.place.span.end);
                (Value::Mapping(entries), last)
            }
        };
        // The parser sees the end of a block only at what follows it; ours is that of its last value.
        let block_end = last.unwrap_or(open.span.end);
        let end = if open.flow { end.end.max(block_end) } else { block_end };
        let span = Span::new(open.span.start, end.max(open.span.start));
        self.add(Node { place: Place::new(self.source, span), value });
    }

    /// Puts a finished value where it belongs: into the list or mapping that is open, or at the root.
    fn add(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            // A document with nothing in it is an empty file.
            let absent = node.is_null() && node.place.span.start == node.place.span.end;
            self.root = (!absent).then_some(node);
            return;
        };
        let (entries, places, key) = match &mut open.content {
            Content::List(items) => return items.push(node),
            Content::Mapping { entries, places, key } => (entries, places, key),
        };
        match std::mem::replace(key, Key::Awaited) {
            Key::Given(key) => entries.push(Entry { key, value: node }),
            Key::Dropped => {}
            Key::Awaited => match key_finding(&node, places) {
                None => {
                    places.insert(node.written().to_owned(), node.place.span);
                    *key = Key::Given(node);
                }
                Some(finding) => {
                    *key = Key::Dropped;
                    self.found.push(finding);
                }
            },
        }
    }
}

/// Says what is wrong with a key, if anything is.
fn key_finding(key: &Node, places: &HashMap<String, Span>) -> Option<Diagnostic> {
    let place = &key.place;
    let Some(scalar) = key.scalar() else {
        return Some(
            Diagnostic::error("key-not-text", place)
                .message(format!("a key must be a text, here it is {}", key.kind().name()))
                .help(
                    "write `key: value`; if `[` or `{` belongs to a text, put the text in quotes",
                ),
        );
    };
    if scalar.text.is_empty() {
        return Some(
            Diagnostic::error("key-not-text", place)
                .message("there is no key before this `:`")
                .help("write `key: value`"),
        );
    }
    if scalar.text == "<<" && !scalar.quoted {
        return Some(
            Diagnostic::error("merge-key", place)
                .message("merge keys (`<<`) are not used here")
                .help("write the keys out at each place"),
        );
    }
    let first = places.get(&scalar.text)?;
    Some(
        Diagnostic::error("duplicate-key", place)
            .message(format!("the key `{}` is given twice", scalar.text))
            .related(&place.with_span(*first), "first given here")
            .help("remove or rename one of them"),
    )
}

fn tag_finding(place: &Place) -> Diagnostic {
    Diagnostic::error("tag", place)
        .message(format!("tags such as `{}` are not used here", place.text()))
        .help("remove it; if `!` belongs to a text, put the text in quotes")
}

fn too_deep(place: &Place, limit: usize) -> Diagnostic {
    Diagnostic::error("too-deep", place)
        .message(format!("more than {limit} lists and groups of keys stand within each other"))
        .help("write it flatter")
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "a test may panic, and watches the clock"
    )]
    use super::{Limits, read, read_bytes};
    use crate::diagnostic::{Diagnostic, Source, Style, render};
    use crate::yaml::{Node, Value};
    use insta::assert_snapshot;
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn wrong(text: &str) -> Vec<Diagnostic> {
        read(&Source::new("x", text), &Limits::default()).expect_err("the text is wrong")
    }

    /// Returns code and place of every finding.
    fn found(text: &str) -> Vec<String> {
        wrong(text).iter().map(|found| format!("{} {}", found.code, found.place)).collect()
    }

    #[test]
    fn each_mistake_gives_one_finding_where_it_stands() {
        for (text, expected) in [
            ("", "empty-file x:1:1"),
            ("# only a remark\n", "empty-file x:1:1"),
            ("---\n", "empty-file x:1:1"),
            ("a: 1\n---\nb: 2\n", "several-documents x:2:1"),
            ("a: 1\n...\nb: 2\n", "several-documents x:3:1"),
            ("é: 1\né: 2\n", "duplicate-key x:2:1"),
            ("{a: 1, \"a\": 2}", "duplicate-key x:1:8"),
            ("a: &x foo\n", "anchor x:1:4"),
            ("a:\n  &x b: 1\n", "anchor x:2:3"),
            ("a: *x\n", "alias x:1:4"),
            ("a: *x important\n", "alias x:1:4"),
            ("a:\n  <<: *x\n", "merge-key x:2:3"),
            ("a:\n  <<: [*x, *y]\n", "merge-key x:2:3"),
            ("a: !!str 1\n", "tag x:1:4"),
            ("a: !important\n", "tag x:1:4"),
            ("!x\na: 1\n", "tag x:1:1"),
            ("? [a]\n: b\n", "key-not-text x:1:3"),
            (": v\n", "key-not-text x:1:1"),
            ("a: {{ naam }}\n", "key-not-text x:1:5"),
            ("a: \u{202e}b\n", "control-character x:1:4"),
            ("a: \"\\u202e\"\n", "control-character x:1:4"),
            ("a: \"\\e[2J\"\n", "control-character x:1:4"),
            ("k\0: [x", "control-character x:1:2"),
        ] {
            assert_eq!(found(text), [expected], "{text:?}");
        }
        assert_eq!(
            found("a: &x 1\nb: !y 2\na: *x\nc: [1\n"),
            ["anchor x:1:4", "tag x:2:4", "duplicate-key x:3:1", "yaml-syntax x:4:4"]
        );
    }

    #[test]
    fn the_second_of_two_keys_shows_the_first() {
        assert_snapshot!(render(&wrong("version: 3\nvërsion: 4\nversion: 4\n"), Style::Plain), @r#"
        error[duplicate-key]: the key `version` is given twice
         --> x:3:1
          |
        1 | version: 3
          | ------- first given here
        2 | vërsion: 4
        3 | version: 4
          | ^^^^^^^
          |
          = help: remove or rename one of them
        "#);
    }

    #[test]
    fn values_have_the_places_of_their_text() {
        let text = "# een\nü:\n  b: \"x y\"  # twee\n  c:\n# drie\nd: [1, {x: y}]\n\ne:\n- |\n tt\n- z: 1\n\n# eind\n";
        let node = read(&Source::new("x", text), &Limits::default()).expect("the text is good");
        for (pointer, written) in [
            ("", text.trim_end().trim_end_matches("\n\n# eind").trim_start_matches("# een\n")),
            ("/ü", "b: \"x y\"  # twee\n  c:"),
            ("/ü/b", "\"x y\""),
            ("/ü/c", ""),
            ("/d", "[1, {x: y}]"),
            ("/d/1", "{x: y}"),
            ("/e/1", "z: 1"),
        ] {
            let node = node.at(pointer).expect("it is there");
            assert_eq!(node.place.text(), written, "{pointer}");
        }
        let absent = node.at("/ü/c").expect("it is there");
        assert_eq!((absent.is_null(), absent.place.to_string()), (true, "x:4:5".to_owned()));
    }

    #[test]
    fn bytes_that_are_no_text_are_named() {
        let limits = Limits::default();
        for (bytes, expected) in [
            (b"a: caf\xe9\n".as_slice(), "x:1:7"),
            (b"\xff\xfea\0:\0".as_slice(), "x:1:1"),
            (b"b: \xc3\xa9\nc: \xf0\x9f\n".as_slice(), "x:2:4"),
        ] {
            let found = read_bytes("x", bytes, &limits).expect_err("it is no text");
            let found: Vec<_> = found.iter().map(|one| (one.code, one.place.to_string())).collect();
            assert_eq!(found, [("not-utf-8", expected.to_owned())]);
        }
        assert!(read_bytes("x", "\u{feff}a: é\r\n".as_bytes(), &limits).is_ok());
    }

    #[test]
    fn a_hostile_file_is_refused_at_once() {
        let kib = 1024;
        let key = |number: usize| format!("k{number}: 1\n");
        for (name, code, text) in [
            ("brackets", "too-deep", "[".repeat(1_000_000)),
            ("braces", "too-deep", "{a: ".repeat(25 * kib)),
            (
                "blocks",
                "too-deep",
                (0..1000)
                    .fold(String::new(), |text, depth| format!("{text}{}a:\n", " ".repeat(depth))),
            ),
            ("dashes", "too-deep", "- ".repeat(500_000)),
            ("behind good text", "too-deep", format!("a: b\nc: {}", "[".repeat(900_000))),
            ("a large text", "too-large", "a".repeat(50 << 20)),
            ("many keys", "too-many-nodes", (0..80_000).map(key).collect()),
            ("many items", "too-many-nodes", format!("[{}]", "1,".repeat(500_000))),
            ("the same key", "duplicate-key", "a: 1\n".repeat(200_000)),
            ("anchors", "anchor", "- &a x\n".repeat(100_000)),
            (
                "aliases",
                "alias",
                format!("- {}\n{}", "x".repeat(100_000), "- *a\n".repeat(100_000)),
            ),
            ("tags", "tag", "- !a x\n".repeat(100_000)),
            ("controls", "control-character", "a\u{200b}".repeat(200_000)),
            (
                "a long key",
                "yaml-syntax",
                format!("{}: {}", "k".repeat(500_000), "v: ".repeat(100_000)),
            ),
            ("an open quote", "yaml-syntax", format!("a: \"{}", "x\n ".repeat(300_000))),
            ("tabs", "yaml-syntax", format!("a: b\n{}\tc: d", "\t\n".repeat(400_000))),
            ("indentation", "yaml-syntax", format!("a:\n{} b: 1\n", "  - 1\n".repeat(9_000))),
        ] {
            let start = Instant::now();
            let found = wrong(&text);
            assert!(start.elapsed() < Duration::from_secs(2), "{name} took {:?}", start.elapsed());
            assert_eq!(found.first().map(|one| one.code), Some(code), "{name}");
            assert!(found.len() <= 50, "{name}: {}", found.len());
            let drawn = render(&found, Style::Plain);
            assert!(drawn.len() < 100_000 && start.elapsed() < Duration::from_secs(10), "{name}");
        }
    }

    #[test]
    fn a_bomb_of_aliases_stays_small() {
        let level = |level: usize| format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1);
        let text: String = (1..30).map(level).collect();
        assert_eq!(wrong(&text).len(), 50);
    }

    fn within(node: &Node, text: &str) -> bool {
        let span = node.place.span;
        let inside = |inner: &Node| span.contains(inner.place.span) && within(inner, text);
        text.get(span.start..span.end).is_some()
            && match &node.value {
                Value::Scalar(_) => true,
                Value::Sequence(items) => items.iter().all(inside),
                Value::Mapping(entries) => {
                    entries.iter().all(|entry| inside(&entry.key) && inside(&entry.value))
                }
            }
    }

    const SAMPLE: &str = "a: [1, 'x y', {b: \"c\"}]\né:\n  - d: |\n      tekst\n    e: >-\n      meer\n  - 2026-01-01\nf: {g: h: i}\n";

    proptest! {
        #[test]
        fn any_text_gives_a_tree_within_it_or_findings(
            cuts in proptest::collection::vec((0_usize..120, 0_usize..3, "[-:#\\[\\]{}'\"&*!|>%@`, \n\t\r\\\\~é?a0<.]{0,3}"), 0..6)
        ) {
            let mut text = SAMPLE.to_owned();
            for (at, length, with) in cuts {
                let at = text.floor_char_boundary(at);
                let end = text.floor_char_boundary(at + length).max(at);
                text.replace_range(at..end, &with);
            }
            match read(&Source::new("x", text.clone()), &Limits::default()) {
                Ok(node) => prop_assert!(within(&node, &text), "{:?}", text),
                Err(found) => {
                    prop_assert!(!found.is_empty());
                    for one in &found {
                        prop_assert!(!one.message.is_empty() && !one.message.contains('\n'));
                        prop_assert!(one.place.span.start <= text.len(), "{:?} {:?}", text, one);
                    }
                    prop_assert!(!render(&found, Style::Plain).is_empty());
                }
            }
        }

        #[test]
        fn what_is_suggested_mends_a_text_with_a_colon(words in "[a-z][a-z ']{0,6}: [a-z\"][a-z\" ]{0,6}[a-z\"]") {
            let text = format!("titel: {words}\n");
            let found = wrong(&text);
            let suggestion = found.first().and_then(|one| one.suggestion.clone()).expect("it has one");
            let mut mended = text;
            mended.replace_range(suggestion.span.start..suggestion.span.end, &suggestion.replacement);
            let node = read(&Source::new("x", mended), &Limits::default()).expect("it is mended");
            prop_assert_eq!(node.get("titel").and_then(Node::as_str), Some(words.as_str()));
        }
    }
}
