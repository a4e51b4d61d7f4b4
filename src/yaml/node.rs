//! A YAML text as a tree of values, each with its place.

use crate::diagnostic::{Place, Source, Span};
use serde_json::Number;
use std::str::FromStr;
use std::sync::Arc;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// From its first to its last character; for an absent value the empty stretch after its key.
    pub place: Place,
    /// What stands there.
    pub value: Value,
}

/// What a YAML text is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys with their values, in the order of the text; no key stands twice.
    Mapping(Vec<Entry>),
}

/// A single value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes and with escapes resolved.
    pub text: String,
    /// Whether it is a text by the way it's written: in quotes, or as a block after `|` or `>`.
    pub quoted: bool,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key; always a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// The kinds of value that a file can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing: no value, `null`, or `~`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A whole number within 64 bits.
    Integer,
    /// A number with a decimal point.
    Decimal,
    /// A text: all else.
    Text,
    /// A list.
    List,
    /// Keys with values.
    Mapping,
}

impl Kind {
    /// Returns how messages call it, with its article: `a list`, `a text`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Null => "nothing",
            Kind::Boolean => "true or false",
            Kind::Integer => "a whole number",
            Kind::Decimal => "a number",
            Kind::Text => "a text",
            Kind::List => "a list",
            Kind::Mapping => "a group of keys",
        }
    }
}

/// The most characters of a decimal number; a longer one is a text.
const LONGEST_DECIMAL: usize = 30;

impl Scalar {
    /// Returns what the scalar is by the core schema of YAML 1.2, made narrower on purpose.
    ///
    /// Only `true` and `false` are booleans, only digits without a leading zero are numbers: `no`, `012`, `1:30`,
    /// `1_000`, `0x1F`, `1e3` and `.inf` are texts, and so is an integer beyond 64 bits, which a float would change.
    /// # Source
    /// YAML 1.2.2, 10.3.
    pub fn kind(&self) -> Kind {
        if self.quoted {
            return Kind::Text;
        }
        match self.text.as_str() {
            "" | "null" | "~" => Kind::Null,
            "true" | "false" => Kind::Boolean,
            text => number_kind(text).unwrap_or(Kind::Text),
        }
    }

    fn to_json(&self) -> serde_json::Value {
        let number = || Number::from_str(&self.text).ok().map(serde_json::Value::Number);
        let read = match self.kind() {
            Kind::Null => Some(serde_json::Value::Null),
            Kind::Boolean => Some(serde_json::Value::Bool(self.text == "true")),
            Kind::Integer | Kind::Decimal => number(),
            Kind::Text | Kind::List | Kind::Mapping => None,
        };
        read.unwrap_or_else(|| serde_json::Value::String(self.text.clone()))
    }
}

fn number_kind(text: &str) -> Option<Kind> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    match fraction {
        None => text.parse::<i64>().is_ok().then_some(Kind::Integer),
        Some(fraction) => {
            (digits(fraction) && text.len() <= LONGEST_DECIMAL).then_some(Kind::Decimal)
        }
    }
}

impl Node {
    /// Returns a whole text as one value: a file that is no YAML.
    pub fn of_text(source: &Arc<Source>) -> Self {
        let place = Place::new(source, Span::new(0, source.text.len()));
        let value = Value::Scalar(Scalar { text: source.text.clone(), quoted: true });
        Self { place, value }
    }

    /// Returns the value under `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Returns `key` and its value, if this is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.name() == key)
    }

    /// Returns the keys and values; none if this isn't a mapping.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            Value::Scalar(_) | Value::Sequence(_) => &[],
        }
    }

    /// Returns the items; none if this isn't a list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(items) => items,
            Value::Scalar(_) | Value::Mapping(_) => &[],
        }
    }

    /// Returns the scalar, if this is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// Returns the text, if this is a text: not for a number, `true`, `false` or nothing.
    pub fn as_str(&self) -> Option<&str> {
        (self.kind() == Kind::Text).then(|| self.written())
    }

    /// Returns the boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind() == Kind::Boolean).then(|| self.written() == "true")
    }

    /// Returns the whole number, if this is one.
    pub fn as_i64(&self) -> Option<i64> {
        if self.kind() == Kind::Integer { self.written().parse().ok() } else { None }
    }

    /// Returns the text of a scalar of whatever kind, as written but for quotes; empty for a list or a mapping.
    pub fn written(&self) -> &str {
        self.scalar().map_or("", |scalar| &scalar.text)
    }

    /// Says whether nothing stands here: no value, `null` or `~`.
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// Returns what kind of value stands here.
    pub fn kind(&self) -> Kind {
        match &self.value {
            Value::Scalar(scalar) => scalar.kind(),
            Value::Sequence(_) => Kind::List,
            Value::Mapping(_) => Kind::Mapping,
        }
    }

    /// Returns the value at a JSON pointer (RFC 6901) from here; the empty pointer is this value.
    pub fn at(&self, pointer: &str) -> Option<&Node> {
        let Some(path) = pointer.strip_prefix('/') else {
            return pointer.is_empty().then_some(self);
        };
        path.split('/').try_fold(self, |node, token| node.child(token))
    }

    /// Returns the key and value at a JSON pointer whose last token is a key.
    pub fn entry_at(&self, pointer: &str) -> Option<&Entry> {
        let (parent, token) = pointer.rsplit_once('/')?;
        self.at(parent)?.entry(&unescaped(token))
    }

    fn child(&self, token: &str) -> Option<&Node> {
        match &self.value {
            Value::Mapping(_) => self.get(&unescaped(token)),
            Value::Sequence(items) => items.get(token.parse::<usize>().ok()?),
            Value::Scalar(_) => None,
        }
    }

    /// Returns the value as JSON; whole numbers keep every digit, other numbers their value as a double.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar(scalar) => scalar.to_json(),
            Value::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Value::Mapping(entries) => {
                let pairs = entries.iter();
                pairs.map(|entry| (entry.name().to_owned(), entry.value.to_json())).collect()
            }
        }
    }
}

impl Entry {
    /// Returns the text of the key.
    pub fn name(&self) -> &str {
        self.key.written()
    }
}

fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::expect_used, reason = "a test may panic")]
    use super::{Kind, Node, Scalar};
    use crate::diagnostic::Source;
    use crate::yaml::{Limits, read};
    use proptest::prelude::*;
    use serde_json::json;

    fn node(text: &str) -> Node {
        read(&Source::new("x.yaml", text), &Limits::default()).expect("the text is good")
    }

    #[test]
    fn a_plain_scalar_is_what_it_looks_like() {
        for (text, kind) in [
            ("", Kind::Null),
            ("null", Kind::Null),
            ("~", Kind::Null),
            ("Null", Kind::Text),
            ("true", Kind::Boolean),
            ("false", Kind::Boolean),
            ("True", Kind::Text),
            ("yes", Kind::Text),
            ("no", Kind::Text),
            ("NO", Kind::Text),
            ("on", Kind::Text),
            ("0", Kind::Integer),
            ("-0", Kind::Integer),
            ("-12", Kind::Integer),
            ("+12", Kind::Text),
            ("012", Kind::Text),
            ("9223372036854775807", Kind::Integer),
            ("9223372036854775808", Kind::Text),
            ("99999999999999999999", Kind::Text),
            ("0x1F", Kind::Text),
            ("0o17", Kind::Text),
            ("1_000", Kind::Text),
            ("1:30", Kind::Text),
            ("1.50", Kind::Decimal),
            ("-0.5", Kind::Decimal),
            ("1.", Kind::Text),
            (".5", Kind::Text),
            ("01.5", Kind::Text),
            ("1.2.3", Kind::Text),
            ("1e3", Kind::Text),
            (".inf", Kind::Text),
            (".nan", Kind::Text),
            ("-", Kind::Text),
            ("2026-01-01", Kind::Text),
            ("0.1234567890123456789012345678901", Kind::Text),
        ] {
            let scalar = Scalar { text: text.to_owned(), quoted: false };
            assert_eq!(scalar.kind(), kind, "{text}");
            assert_eq!(Scalar { quoted: true, ..scalar }.kind(), Kind::Text, "'{text}'");
        }
    }

    #[test]
    fn a_tree_is_walked_by_key_and_by_pointer() {
        let node = node("a/b: [1, {c~d: \"2\"}]\nno: yes\nt: true\nn:\n");
        assert_eq!(node.at("").map(Node::kind), Some(Kind::Mapping));
        assert_eq!(node.at("/a~1b/1/c~0d").and_then(Node::as_str), Some("2"));
        assert_eq!(node.at("/a~1b/0").and_then(Node::as_i64), Some(1));
        assert_eq!(node.get("no").and_then(Node::as_str), Some("yes"));
        assert_eq!(node.get("t").and_then(Node::as_bool), Some(true));
        assert!(node.get("n").is_some_and(Node::is_null));
        let entry = node.entry_at("/a~1b/1/c~0d").expect("it is there");
        assert_eq!((entry.name(), entry.key.place.to_string()), ("c~d", "x.yaml:1:11".to_owned()));
        for missing in ["/x", "/a~1b/2", "/a~1b/-1", "/no/x", "a", "/a~1b/01x"] {
            assert_eq!(node.at(missing), None, "{missing}");
        }
    }

    #[test]
    fn json_keeps_every_digit_of_a_whole_number() {
        let node =
            node("a: 9007199254740993\nb: 0.10\nc: 99999999999999999999\nd: [~, true, no]\n");
        let json = node.to_json();
        assert_eq!(
            json.to_string(),
            r#"{"a":9007199254740993,"b":0.1,"c":"99999999999999999999","d":[null,true,"no"]}"#
        );
        assert_eq!(json["d"], json!([null, true, "no"]));
    }

    proptest! {
        #[test]
        fn what_json_writes_is_read_back(
            value in proptest::collection::btree_map("[a-z]{1,8}", prop_oneof![
                any::<i64>().prop_map(|number| json!(number)),
                any::<bool>().prop_map(|yes| json!(yes)),
                "[ -~éü漢\n]{0,20}".prop_map(|text| json!(text)),
                proptest::collection::vec(any::<i32>(), 0..4).prop_map(|list| json!(list)),
            ], 1..6)
        ) {
            let json = json!(value);
            prop_assert_eq!(node(&json.to_string()).to_json(), json);
        }
    }
}
