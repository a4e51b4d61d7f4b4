//! Reading an author's schema: which keywords there are, what they may say, and to what references lead.

use super::{Field, FieldKind, names};
use crate::diagnostic::{Diagnostic, Place, did_you_mean, in_order};
use crate::language::Text;
use crate::schema::validator;
use crate::schema::words::{brief, listed};
use crate::yaml::{Kind, Node, Value as Tree};
use jsonschema::PatternOptions;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The most schemas within each other, references included.
const DEEPEST: usize = 24;

/// The most schemas in one form, each counted wherever a reference leads to it.
const MOST_SCHEMAS: usize = 1_000;

/// The most characters of a text whose schema doesn't say.
const TEXT_LENGTH: u64 = 20_000;

/// The most characters of a text that a schema can allow.
const LONGEST_TEXT: u64 = 100_000;

/// The most items of a list whose schema doesn't say.
const LIST_LENGTH: u64 = 1_000;

/// The most items that a schema can allow.
const LONGEST_LIST: u64 = 10_000;

/// The keywords, and what kind of value each takes.
const KEYWORDS: [(&str, &[Kind]); 28] = [
    ("$comment", &[Kind::Text]),
    ("$defs", &[Kind::Mapping]),
    ("$id", &[Kind::Text]),
    ("$ref", &[Kind::Text]),
    ("$schema", &[Kind::Text]),
    ("additionalProperties", &[Kind::Boolean]),
    ("const", &[Kind::Text, Kind::Integer, Kind::Decimal, Kind::Boolean]),
    ("description", &[Kind::Text, Kind::Mapping]),
    ("enum", &[Kind::List]),
    ("examples", &[Kind::List]),
    ("exclusiveMaximum", &[Kind::Integer, Kind::Decimal]),
    ("exclusiveMinimum", &[Kind::Integer, Kind::Decimal]),
    ("format", &[Kind::Text]),
    ("items", &[Kind::Mapping]),
    ("maxItems", &[Kind::Integer]),
    ("maxLength", &[Kind::Integer]),
    ("maximum", &[Kind::Integer, Kind::Decimal]),
    ("minItems", &[Kind::Integer]),
    ("minLength", &[Kind::Integer]),
    ("minimum", &[Kind::Integer, Kind::Decimal]),
    ("multipleOf", &[Kind::Integer, Kind::Decimal]),
    ("pattern", &[Kind::Text]),
    ("personal", &[Kind::Boolean]),
    ("properties", &[Kind::Mapping]),
    ("required", &[Kind::List]),
    ("title", &[Kind::Text, Kind::Mapping]),
    ("type", &[Kind::Text]),
    ("uniqueItems", &[Kind::Boolean]),
];

/// The keywords of JSON Schema that a form can't use.
const UNSUPPORTED: [&str; 29] = [
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveRef",
    "$vocabulary",
    "allOf",
    "anyOf",
    "contains",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "default",
    "definitions",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "maxProperties",
    "minContains",
    "minProperties",
    "not",
    "oneOf",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedProperties",
];

/// The keywords that can stand beside a reference: they say what this place is for, not what can stand there.
const BESIDE_REF: [&str; 7] =
    ["$comment", "$defs", "$ref", "description", "examples", "personal", "title"];

const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

const FORMATS: [&str; 7] = ["date", "date-time", "time", "email", "uri", "uuid", "duration"];

/// Reads a form: its fields, and the schema with every reference resolved.
pub(super) fn form(
    node: &Node,
    beside: &[&str],
    files: &BTreeMap<String, Node>,
) -> Result<(Vec<Field>, Value), Vec<Diagnostic>> {
    let mut reader = Reader { files, found: Vec::new(), schemas: 0, full: false };
    let frame = Frame { root: node, beside, depth: 0, refs: Vec::new(), personal: false };
    let read = if reader.is_form(node) { reader.schema(node, &frame) } else { None };
    for (_, definition) in definitions(node) {
        // A definition that nobody uses is checked all the same.
        let frame = Frame { beside: &[], depth: 1, refs: vec![&definition.place], ..frame.clone() };
        reader.schema(definition, &frame);
    }
    match read {
        Some(Read { kind: FieldKind::Record(fields), resolved, .. }) if reader.found.is_empty() => {
            Ok((fields, resolved))
        }
        _ => {
            if reader.found.is_empty() {
                reader.found.push(not_a_form(node));
            }
            Err(in_order(reader.found))
        }
    }
}

fn not_a_form(node: &Node) -> Diagnostic {
    Diagnostic::error("wrong-type", &node.place)
        .message("a form is made of fields: `type: object` with `properties`")
        .help("write the fields under `properties`")
}

fn definitions(node: &Node) -> impl Iterator<Item = (&str, &Node)> {
    let entries = node.get("$defs").map_or(&[][..], Node::entries);
    entries.iter().map(|entry| (entry.name(), &entry.value))
}

/// What one schema comes to.
struct Read {
    kind: FieldKind,
    resolved: Value,
    title: Option<Text>,
    personal: bool,
}

/// Where in the schema the reader is.
#[derive(Clone)]
struct Frame<'a> {
    /// The file to which `#/…` refers.
    root: &'a Node,
    /// Keys that belong to somebody else.
    beside: &'a [&'a str],
    depth: usize,
    /// The definitions that are being read, to find those that lead to themselves.
    refs: Vec<&'a Place>,
    personal: bool,
}

impl Frame<'_> {
    fn below(&self) -> Self {
        Self { beside: &[], depth: self.depth + 1, ..self.clone() }
    }
}

struct Reader<'a> {
    files: &'a BTreeMap<String, Node>,
    found: Vec<Diagnostic>,
    schemas: usize,
    /// Whether there were too many schemas, so that reading ends.
    full: bool,
}

impl<'a> Reader<'a> {
    fn refuse(&mut self, found: Diagnostic) {
        self.found.push(found);
    }

    /// Says whether the top of a form is one, as far as its type goes.
    fn is_form(&mut self, node: &Node) -> bool {
        let typed = node.get("type").and_then(Node::as_str);
        let form = typed.is_none_or(|name| name == "object" || !TYPES.contains(&name));
        if !form {
            let place = node.get("type").map_or(&node.place, |typed| &typed.place);
            let found = not_a_form(node);
            self.refuse(Diagnostic { place: place.clone(), ..found });
        }
        form
    }

    /// Reads one schema. Returns nothing when it can't be used; the findings say why.
    fn schema(&mut self, node: &'a Node, frame: &Frame<'a>) -> Option<Read> {
        self.schemas += 1;
        if self.full {
            return None;
        }
        if self.schemas > MOST_SCHEMAS {
            self.full = true;
            self.refuse(
                Diagnostic::error("too-many-schemas", &node.place)
                    .message(format!(
                        "the form has more than {MOST_SCHEMAS} parts, counted with all references"
                    ))
                    .help("split the form over several steps"),
            );
            return None;
        }
        if frame.depth > DEEPEST {
            // Whatever else leads as deep is no other mistake.
            if !self.found.iter().any(|found| found.code == "too-deep") {
                self.refuse(
                    Diagnostic::error("too-deep", &node.place)
                        .message(format!("more than {DEEPEST} schemas stand within each other"))
                        .help("write it flatter"),
                );
            }
            return None;
        }
        if node.kind() != Kind::Mapping {
            self.refuse(
                Diagnostic::error("wrong-type", &node.place)
                    .message(format!("a schema is a group of keys, here is {}", node.kind().name()))
                    .help("write for example `{ type: string }`"),
            );
            return None;
        }
        let before = self.found.len();
        self.keywords(node, frame);
        let title = node.get("title").map(|title| self.text(title));
        let personal =
            frame.personal || node.get("personal").and_then(Node::as_bool).unwrap_or(false);
        let frame = Frame { personal, ..frame.clone() };
        let read = if let Some(reference) = node.get("$ref") {
            self.reference(reference, &frame)
        } else {
            let (kind, resolved) = self.typed(node, &frame)?;
            Some(Read { kind, resolved, title: None, personal })
        };
        let read = read?;
        let good = self.found.len() == before;
        good.then_some(Read {
            title: title.or(read.title),
            personal: personal || read.personal,
            ..read
        })
    }

    /// Checks that there are only known keywords, each with a value of its kind.
    fn keywords(&mut self, node: &Node, frame: &Frame<'_>) {
        let reference = node.get("$ref").is_some();
        for entry in node.entries() {
            let name = entry.name();
            let place = &entry.key.place;
            let top = frame.depth == 0 && frame.beside.contains(&name);
            let known = KEYWORDS.iter().find(|(keyword, _)| *keyword == name);
            match known {
                _ if top => {}
                Some(_) if reference && !BESIDE_REF.contains(&name) => self.refuse(
                    Diagnostic::error("keyword-not-supported", place)
                        .message(format!("`{name}` cannot stand beside `$ref`"))
                        .help("write it in the schema to which `$ref` leads"),
                ),
                Some((_, kinds)) => self.keyword_kind(&entry.value, place, name, kinds),
                None if UNSUPPORTED.contains(&name) => self.refuse(
                    Diagnostic::error("keyword-not-supported", place)
                        .message(format!("`{name}` is not used in forms"))
                        .help(instead_of(name)),
                ),
                None => self.unknown_keyword(node, place, name, frame),
            }
        }
    }

    fn unknown_keyword(&mut self, node: &Node, place: &Place, name: &str, frame: &Frame<'_>) {
        let keywords = KEYWORDS.iter().map(|(keyword, _)| *keyword);
        let beside = frame.beside.iter().copied().filter(|_| frame.depth == 0);
        let free = keywords.chain(beside).filter(|keyword| node.get(keyword).is_none());
        let found = Diagnostic::error("unknown-keyword", place)
            .message(format!("unknown keyword `{}`", brief(name)))
            .label("this is no keyword of a schema");
        self.refuse(match did_you_mean(name, free) {
            Some(near) => found
                .help(format!("a keyword with a similar name exists: `{near}`"))
                .suggest(place.span, near),
            None => found.help("if it is meant as a field, write it under `properties`"),
        });
    }

    fn keyword_kind(&mut self, value: &Node, key: &Place, name: &str, kinds: &[Kind]) {
        if kinds.contains(&value.kind()) {
            return;
        }
        let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let place = if value.is_null() { key } else { &value.place };
        self.refuse(
            Diagnostic::error("wrong-type", place)
                .message(format!("`{name}` must be {}", names.join(" or ")))
                .label(format!("this is {}", value.kind().name())),
        );
    }

    /// Reads a text for people: one wording, or one for each language.
    fn text(&mut self, node: &Node) -> Text {
        if let Tree::Scalar(scalar) = &node.value {
            return Text::plain(scalar.text.as_str());
        }
        let mut wordings = Vec::new();
        for entry in node.entries() {
            let language = entry.name();
            let code =
                language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase());
            if !code {
                self.refuse(
                    Diagnostic::error("wrong-text", &entry.key.place)
                        .message(format!("`{}` is no code of a language", brief(language)))
                        .help("write for example `{ nl: …, en: … }`"),
                );
            }
            match entry.value.as_str() {
                Some(wording) => wordings.push((language.to_owned(), wording.to_owned())),
                None => self.keyword_kind(&entry.value, &entry.key.place, language, &[Kind::Text]),
            }
        }
        Text::of(wordings)
    }

    /// Follows a reference, within its file or to one of the workspace.
    fn reference(&mut self, node: &'a Node, frame: &Frame<'a>) -> Option<Read> {
        let written = node.as_str()?;
        let (file, pointer) = written.split_once('#').unwrap_or((written, ""));
        let outside = file.contains([':', '\\', '%', '?'])
            || file.starts_with('/')
            || file.split('/').any(|part| part == "..");
        if outside
            || (file.is_empty() && pointer.is_empty())
            || !(pointer.is_empty() || pointer.starts_with("/$defs/"))
        {
            self.refuse(
                Diagnostic::error("ref-outside", &node.place)
                    .message(format!("`{}` leads to where a schema cannot refer", brief(written)))
                    .help("write `#/$defs/name`, or the path of a schema file in this workspace"),
            );
            return None;
        }
        let root = if file.is_empty() {
            Some(frame.root)
        } else {
            self.files.get(file.trim_start_matches("./"))
        };
        let Some(root) = root else {
            let found = Diagnostic::error("ref-unknown", &node.place)
                .message(format!("there is no schema file `{}`", brief(file)));
            self.refuse(match did_you_mean(file, self.files.keys().map(String::as_str)) {
                Some(near) => found.help(format!("a file with a similar name exists: `{near}`")),
                None => found.help("the path is the one from the folder of the workspace"),
            });
            return None;
        };
        let Some(target) = root.at(pointer) else {
            let name = pointer.trim_start_matches("/$defs/");
            let found = Diagnostic::error("ref-unknown", &node.place)
                .message(format!("`$defs` has no `{}`", brief(name)));
            self.refuse(match did_you_mean(name, definitions(root).map(|(name, _)| name)) {
                Some(near) => found
                    .help(format!("a definition with a similar name exists: `{near}`"))
                    .suggest(node.place.span, format!("\"{file}#/$defs/{near}\"")),
                None => found.help("define it under `$defs`"),
            });
            return None;
        };
        if frame.refs.contains(&&target.place) || target.place == frame.root.place {
            self.refuse(
                Diagnostic::error("ref-loop", &node.place)
                    .message(format!("`{}` leads back to itself", brief(written)))
                    .related(&target.place, "from here")
                    .help("a form must end somewhere: write the inner fields out"),
            );
            return None;
        }
        let mut frame = Frame { root, ..frame.below() };
        frame.refs.push(&target.place);
        self.schema(target, &frame)
    }

    /// Reads a schema by its type, which may be left out where it is plain.
    fn typed(&mut self, node: &'a Node, frame: &Frame<'a>) -> Option<(FieldKind, Value)> {
        let has = |keys: &[&str]| keys.iter().any(|key| node.get(key).is_some());
        let written = node.get("type").filter(|typed| typed.kind() == Kind::Text);
        let name = match written.and_then(Node::as_str) {
            Some(name) if TYPES.contains(&name) => name,
            Some(name) => {
                let place = written.map_or(&node.place, |typed| &typed.place);
                self.refuse(wrong_word(place, name, "type", &TYPES));
                return None;
            }
            None if frame.depth == 0
                || has(&["properties", "required", "additionalProperties"]) =>
            {
                "object"
            }
            None if has(&["items", "minItems", "maxItems", "uniqueItems"]) => "array",
            None if has(&["format", "pattern", "minLength", "maxLength"]) => "string",
            None if has(&[
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "multipleOf",
            ]) =>
            {
                "number"
            }
            None => type_of_options(node),
        };
        self.without_effect(node, name);
        match name {
            "object" => Some(self.record(node, frame)),
            "array" => self.list(node, frame),
            "string" => Some(self.string(node)),
            "integer" => Some((FieldKind::Integer, self.number(node, "integer"))),
            "number" => Some((FieldKind::Number, self.number(node, "number"))),
            "boolean" => Some((FieldKind::Boolean, json!({ "type": "boolean" }))),
            _ => Some((
                FieldKind::Unknown,
                json!({ "type": ["string", "number", "boolean"], "maxLength": TEXT_LENGTH }),
            )),
        }
    }

    /// Finds keywords that say nothing about a value of this type.
    fn without_effect(&mut self, node: &Node, name: &str) {
        for entry in node.entries() {
            let keyword = entry.name();
            let meant = match keyword {
                "properties" | "required" | "additionalProperties" => &["object"][..],
                "items" | "minItems" | "maxItems" | "uniqueItems" => &["array"],
                "format" | "pattern" | "minLength" | "maxLength" => &["string"],
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
                    &["integer", "number"]
                }
                "enum" | "const" => &["string", "integer", "number"],
                _ => continue,
            };
            if !meant.contains(&name) {
                let types = listed(meant.iter().copied(), meant.len());
                self.refuse(
                    Diagnostic::error("keyword-without-effect", &entry.key.place)
                        .message(format!("`{keyword}` says nothing about a value of this type"))
                        .help(format!("it belongs to `type` {types}")),
                );
            }
        }
    }

    fn record(&mut self, node: &'a Node, frame: &Frame<'a>) -> (FieldKind, Value) {
        if let Some(open) =
            node.get("additionalProperties").filter(|open| open.as_bool() == Some(true))
        {
            self.refuse(
                Diagnostic::error("keyword-not-supported", &open.place)
                    .message("a form has no fields but those that it declares")
                    .help("declare each field under `properties`")
                    .suggest(open.place.span, "false"),
            );
        }
        let properties = node.get("properties").map_or(&[][..], Node::entries);
        let declared = || properties.iter().map(crate::yaml::Entry::name);
        let mut required: Vec<&str> = Vec::new();
        for item in node.get("required").map_or(&[][..], Node::items) {
            match item.as_str() {
                None => self.keyword_kind(item, &item.place, "required", &[Kind::Text]),
                Some(name) if !declared().any(|known| known == name) => {
                    self.refuse(names::unknown(item, declared()));
                }
                Some(name) if required.contains(&name) => self.refuse(
                    Diagnostic::error("not-unique", &item.place)
                        .message(format!("`required` names `{name}` twice"))
                        .help("remove one of them"),
                ),
                Some(name) => required.push(name),
            }
        }
        let mut fields = Vec::new();
        let mut resolved = Map::new();
        for entry in properties {
            let name = entry.name();
            let named = names::check(&entry.key);
            let good = named.is_none();
            self.found.extend(named);
            let read = self.schema(&entry.value, &frame.below());
            let Some(read) = read.filter(|_| good) else { continue };
            resolved.insert(name.to_owned(), read.resolved);
            fields.push(Field {
                name: name.to_owned(),
                kind: read.kind,
                required: required.contains(&name),
                title: read.title,
                personal: read.personal,
                place: entry.key.place.clone(),
            });
        }
        let resolved = json!({
            "type": "object", "properties": resolved, "required": required, "additionalProperties": false,
        });
        (FieldKind::Record(fields), resolved)
    }

    fn list(&mut self, node: &'a Node, frame: &Frame<'a>) -> Option<(FieldKind, Value)> {
        let (kind, items) = match node.get("items") {
            Some(items) => {
                let read = self.schema(items, &frame.below())?;
                (read.kind, read.resolved)
            }
            None => (
                FieldKind::Unknown,
                json!({ "type": ["string", "number", "boolean"], "maxLength": TEXT_LENGTH }),
            ),
        };
        let (least, most) = self.bounds(node, "minItems", "maxItems", LONGEST_LIST);
        let resolved = json!({
            "type": "array",
            "items": items,
            "minItems": least,
            "maxItems": most.unwrap_or(LIST_LENGTH.max(least)),
            "uniqueItems": node.get("uniqueItems").and_then(Node::as_bool).unwrap_or(false),
        });
        Some((FieldKind::List(Box::new(kind)), resolved))
    }

    fn string(&mut self, node: &Node) -> (FieldKind, Value) {
        let (least, most) = self.bounds(node, "minLength", "maxLength", LONGEST_TEXT);
        let mut resolved = Map::new();
        resolved.insert("type".to_owned(), json!("string"));
        resolved.insert("minLength".to_owned(), json!(least));
        resolved.insert("maxLength".to_owned(), json!(most.unwrap_or(TEXT_LENGTH.max(least))));
        let options = self.options(node, &[Kind::Text]);
        if !options.is_empty() {
            resolved.insert("enum".to_owned(), json!(options));
        }
        let one_of = options.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect();
        if let Some(pattern) = node.get("pattern").filter(|pattern| pattern.kind() == Kind::Text) {
            self.found.extend(pattern_finding(pattern));
            resolved.insert("pattern".to_owned(), json!(pattern.written()));
        }
        let mut kind = FieldKind::Text { one_of };
        if let Some(format) = node.get("format").filter(|format| format.kind() == Kind::Text) {
            let name = format.written();
            if !FORMATS.contains(&name) {
                self.refuse(wrong_word(&format.place, name, "format", &FORMATS));
            }
            resolved.insert("format".to_owned(), json!(name));
            kind = match name {
                "date" => FieldKind::Date,
                "date-time" => FieldKind::Moment,
                _ => kind,
            };
        }
        if let Some(description) = node.get("description").and_then(Node::as_str) {
            resolved.insert("description".to_owned(), json!(description));
        }
        if let Some(examples) =
            node.get("examples").filter(|examples| examples.kind() == Kind::List)
        {
            resolved.insert("examples".to_owned(), examples.to_json());
        }
        (kind, Value::Object(resolved))
    }

    fn number(&mut self, node: &Node, name: &str) -> Value {
        let kinds: &[Kind] =
            if name == "integer" { &[Kind::Integer] } else { &[Kind::Integer, Kind::Decimal] };
        let mut resolved = Map::new();
        resolved.insert("type".to_owned(), json!(name));
        for keyword in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]
        {
            let Some(limit) = node.get(keyword).filter(|limit| limit.to_json().is_number()) else {
                continue;
            };
            if keyword == "multipleOf" && limit.to_json().as_f64().is_none_or(|step| step <= 0.0) {
                self.refuse(
                    Diagnostic::error("out-of-range", &limit.place)
                        .message("`multipleOf` must be more than 0"),
                );
            }
            resolved.insert(keyword.to_owned(), limit.to_json());
        }
        for (low, high) in [("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum")] {
            let limit = |keyword: &str| resolved.get(keyword).and_then(Value::as_f64);
            let crossed = limit(low).zip(limit(high)).is_some_and(|(least, most)| least > most);
            if let Some(stated) = node.get(high).filter(|_| crossed) {
                self.refuse(
                    Diagnostic::error("out-of-range", &stated.place)
                        .message(format!("`{high}` is less than `{low}`, so no number will do")),
                );
            }
        }
        let options = self.options(node, kinds);
        if !options.is_empty() {
            resolved.insert("enum".to_owned(), json!(options));
        }
        Value::Object(resolved)
    }

    /// Returns the values of `enum` or `const`, all of one of `kinds`.
    fn options(&mut self, node: &Node, kinds: &[Kind]) -> Vec<Value> {
        let mut values = Vec::new();
        for option in options(node) {
            let value = option.to_json();
            if !kinds.contains(&option.kind()) {
                let found = Diagnostic::error("wrong-type", &option.place)
                    .message(format!(
                        "this value must be {}, as its `type` says",
                        kinds.first().map_or("", |kind| kind.name())
                    ))
                    .label(format!("this is {}", option.kind().name()));
                let quotable =
                    kinds.contains(&Kind::Text) && option.scalar().is_some() && !option.is_null();
                self.refuse(if quotable {
                    found
                        .help("put it in quotes")
                        .suggest(option.place.span, format!("\"{}\"", option.written()))
                } else {
                    found
                });
            } else if values.contains(&value) {
                self.refuse(
                    Diagnostic::error("not-unique", &option.place)
                        .message(format!("`{}` is given twice", brief(option.written())))
                        .help("remove one of them"),
                );
            } else {
                values.push(value);
            }
        }
        if let Some(list) =
            node.get("enum").filter(|list| list.kind() == Kind::List && list.items().is_empty())
        {
            self.refuse(
                Diagnostic::error("too-few", &list.place)
                    .message("`enum` names no value, so nothing will do")
                    .help("name the values between which people choose"),
            );
        }
        values
    }

    /// Returns the smallest and the largest size that a schema states.
    fn bounds(&mut self, node: &Node, low: &str, high: &str, longest: u64) -> (u64, Option<u64>) {
        let mut limit = |keyword: &str| {
            let stated = node.get(keyword)?;
            let limit = stated.as_i64()?;
            let size = u64::try_from(limit).ok().filter(|size| *size <= longest);
            if size.is_none() {
                self.found.push(
                    Diagnostic::error("out-of-range", &stated.place)
                        .message(format!("`{keyword}` must be from 0 to {longest}")),
                );
            }
            size
        };
        let (least, most) = (limit(low).unwrap_or(0), limit(high));
        if let (Some(most), Some(stated)) = (most.filter(|most| *most < least), node.get(high)) {
            self.refuse(
                Diagnostic::error("out-of-range", &stated.place)
                    .message(format!("`{high}` is {most}, less than `{low}`, so nothing will do")),
            );
        }
        (least, most)
    }
}

/// Returns the values between which a schema lets choose.
fn options(node: &Node) -> Vec<&Node> {
    let listed = node.get("enum").map_or(&[][..], Node::items).iter();
    listed.chain(node.get("const")).collect()
}

/// Returns the type that all of the values in `enum` or `const` have, or nothing's.
fn type_of_options(node: &Node) -> &'static str {
    match options(node).first().map(|option| option.kind()) {
        Some(Kind::Text) => "string",
        Some(Kind::Integer) => "integer",
        Some(Kind::Decimal) => "number",
        Some(Kind::Boolean) => "boolean",
        Some(Kind::Null | Kind::List | Kind::Mapping) | None => "",
    }
}

fn wrong_word(place: &Place, word: &str, keyword: &str, words: &[&str]) -> Diagnostic {
    let found = Diagnostic::error("wrong-value", place)
        .message(format!("`{}` cannot be the `{keyword}` of a field", brief(word)));
    match did_you_mean(word, words.iter().copied()).or_else(|| known_elsewhere(word)) {
        Some(near) => found.help(format!("write `{near}`")).suggest(place.span, near),
        None => found.help(format!(
            "values that can stand here: {}",
            listed(words.iter().copied(), words.len())
        )),
    }
}

/// Returns what JSON Schema calls a type that people know by another name.
fn known_elsewhere(word: &str) -> Option<&'static str> {
    Some(match word {
        "text" | "str" => "string",
        "int" | "long" => "integer",
        "float" | "double" | "decimal" => "number",
        "bool" => "boolean",
        "list" => "array",
        "record" | "map" => "object",
        "datetime" | "timestamp" => "date-time",
        "url" => "uri",
        _ => return None,
    })
}

fn instead_of(keyword: &str) -> &'static str {
    match keyword {
        "oneOf" | "anyOf" | "not" | "if" | "then" | "else" | "allOf" => {
            "a field has one shape; write what depends on another field as a guard"
        }
        "default" => "nothing is filled in for people; say it in the `description`",
        "definitions" => "write `$defs`",
        _ => "write it as a guard, or leave it out",
    }
}

/// `pattern-backtracks` and `pattern-invalid`: patterns must be ones that take time in proportion to the text.
fn pattern_finding(pattern: &Node) -> Option<Diagnostic> {
    let schema = json!({ "pattern": pattern.written() });
    if validator(&schema).is_ok() {
        return None;
    }
    let backtracking = PatternOptions::fancy_regex().size_limit(super::super::PATTERN_BYTES);
    let backtracks =
        jsonschema::options().offline().with_pattern_options(backtracking).build(&schema).is_ok();
    let shown = brief(pattern.written());
    Some(if backtracks {
        Diagnostic::error("pattern-backtracks", &pattern.place)
            .message(format!("the pattern `{shown}` looks ahead, or back at what it has matched"))
            .help("leave out `(?=`, `(?!`, `(?<` and `\\1`: they can take for ever on some texts")
    } else {
        Diagnostic::error("pattern-invalid", &pattern.place)
            .message(format!("`{shown}` is no pattern, or one that takes too much memory"))
            .help("it must be a regular expression such as `^[0-9]{4} ?[A-Z]{2}$`")
    })
}
