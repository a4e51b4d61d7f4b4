//! Our own schemas, and what they find in a file, told at the place where it stands.

use super::words::{
    brief, called, expectation, format_name, in_other_words, listed, type_names, types,
};
use super::{MOST_FINDINGS, validator};
use crate::diagnostic::{Diagnostic, Place, Span, did_you_mean, in_order};
use crate::yaml::{Entry, Kind, Node, Value as Tree};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value;
use std::collections::HashSet;

/// Why one of our own schemas can't be used: a fault of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// It isn't JSON. Handling: mend the schema.
    #[error("the schema is not JSON: {0}")]
    NotJson(String),
    /// It isn't a JSON Schema, or refers to what it doesn't have. Handling: mend the schema.
    #[error("the schema cannot be compiled: {0}")]
    NotSchema(String),
}

/// One of our own schemas, compiled.
#[derive(Debug, Clone)]
pub struct Schema {
    text: Value,
    validator: Validator,
}

/// The most errors that are looked at: several of them may come down to one finding.
const MOST_ERRORS: usize = 1_000;

/// The most names that a help lists.
const MOST_NAMES: usize = 20;

impl Schema {
    /// Compiles a schema: JSON Schema 2020-12 without references to other files.
    ///
    /// # Errors
    /// [`SchemaError`] when the text is no such schema.
    pub fn compile(schema_text: &str) -> Result<Self, SchemaError> {
        let text: Value = serde_json::from_str(schema_text)
            .map_err(|error| SchemaError::NotJson(error.to_string()))?;
        let validator =
            validator(&text).map_err(|error| SchemaError::NotSchema(error.to_string()))?;
        Ok(Self { text, validator })
    }

    /// Returns the schema as it is written.
    pub fn text(&self) -> &Value {
        &self.text
    }

    /// Finds what in a file isn't as the schema has it; in the order of the text, each cause once.
    pub fn validate(&self, node: &Node) -> Vec<Diagnostic> {
        let instance = node.to_json();
        if self.validator.is_valid(&instance) {
            return Vec::new();
        }
        let errors: Vec<_> = self.validator.iter_errors(&instance).take(MOST_ERRORS).collect();
        let report = Report { schema: &self.text, file: node };
        bounded(report.findings(&errors))
    }
}

/// Cuts the findings off where nobody reads on.
fn bounded(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut found = in_order(found);
    if found.len() <= MOST_FINDINGS {
        return found;
    }
    let more = found.len() - MOST_FINDINGS;
    let cut = found.get(MOST_FINDINGS).map(|first| first.place.clone());
    found.truncate(MOST_FINDINGS);
    found.extend(cut.map(|place| {
        Diagnostic::error("too-many-findings", &place)
            .message(format!("{more} more findings are not shown"))
            .help("mend those above first")
    }));
    found
}

/// The weight of an error: of those at one value, the lightest is told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// The value is of another kind, so that nothing else about it matters.
    Kind,
    /// It is none of the values that can stand here.
    Choice,
    /// It breaks a rule about its text or amount.
    Rule,
    /// It concerns a key or an item within the value; the value itself is fine.
    Within,
}

fn weight(kind: &ValidationErrorKind) -> Weight {
    use ValidationErrorKind as K;
    match kind {
        K::Type { .. } | K::FalseSchema => Weight::Kind,
        K::Enum { .. }
        | K::Constant { .. }
        | K::AnyOf { .. }
        | K::OneOfMultipleValid { .. }
        | K::OneOfNotValid { .. }
        | K::Not { .. } => Weight::Choice,
        K::AdditionalProperties { .. }
        | K::UnevaluatedProperties { .. }
        | K::Required { .. }
        | K::PropertyNames { .. }
        | K::AdditionalItems { .. }
        | K::UnevaluatedItems { .. }
        | K::MinItems { .. }
        | K::MaxItems { .. }
        | K::MinProperties { .. }
        | K::MaxProperties { .. }
        | K::UniqueItems
        | K::Contains => Weight::Within,
        K::BacktrackLimitExceeded { .. }
        | K::RegexEngineFailure { .. }
        | K::ContentEncoding { .. }
        | K::ContentMediaType { .. }
        | K::Custom { .. }
        | K::ExclusiveMaximum { .. }
        | K::ExclusiveMinimum { .. }
        | K::Format { .. }
        | K::FromUtf8 { .. }
        | K::MaxLength { .. }
        | K::Maximum { .. }
        | K::MinLength { .. }
        | K::Minimum { .. }
        | K::MultipleOf { .. }
        | K::Pattern { .. }
        | K::Referencing(_) => Weight::Rule,
    }
}

/// Turns the errors of one validation into findings.
struct Report<'a> {
    schema: &'a Value,
    file: &'a Node,
}

impl Report<'_> {
    fn findings(&self, errors: &[ValidationError<'_>]) -> Vec<Diagnostic> {
        let wrong: HashSet<&str> = errors
            .iter()
            .filter(|error| weight(error.kind()) < Weight::Within)
            .map(|error| error.instance_path().as_str())
            .collect();
        let mut told: Vec<(&str, Weight)> = Vec::new();
        let mut sorted: Vec<&ValidationError<'_>> = errors.iter().collect();
        sorted.sort_by_key(|error| weight(error.kind()));
        let mut found = Vec::new();
        let mut meant: HashSet<(String, String)> = HashSet::new();
        let mut missing = Vec::new();
        for error in sorted {
            let pointer = error.instance_path().as_str();
            let weight = weight(error.kind());
            let below = |pointer: &str| above(pointer).any(|upper| wrong.contains(upper));
            let again = weight < Weight::Within
                && told.iter().any(|(at, other)| *at == pointer && *other < Weight::Within);
            let hidden = weight == Weight::Within && wrong.contains(pointer);
            if below(pointer) || again || hidden {
                continue;
            }
            told.push((pointer, weight));
            if let ValidationErrorKind::Required { property } = error.kind() {
                missing.push((pointer, property.as_str().unwrap_or(""), error));
                continue;
            }
            found.extend(self.finding(error, &mut meant));
        }
        // A key that is only misspelt is not missing as well.
        let missing = missing.into_iter().filter(|(pointer, key, _)| {
            !meant.contains(&((*pointer).to_owned(), (*key).to_owned()))
        });
        found.extend(missing.map(|(pointer, key, error)| self.missing(pointer, key, error)));
        found
    }

    fn finding(
        &self,
        error: &ValidationError<'_>,
        meant: &mut HashSet<(String, String)>,
    ) -> Vec<Diagnostic> {
        use ValidationErrorKind as K;
        let spot = self.spot(error);
        let one = match error.kind() {
            K::AdditionalProperties { unexpected } | K::UnevaluatedProperties { unexpected } => {
                return unexpected.iter().map(|key| spot.unknown_key(key, meant)).collect();
            }
            K::FalseSchema => match spot.pointer.rsplit_once('/') {
                Some((_, key)) => {
                    spot.wrong("unknown-key").message(format!("`{key}` cannot stand here"))
                }
                None => spot.wrong("wrong-value").message("nothing can stand here"),
            },
            K::PropertyNames { error: inner } => spot.wrong_name(inner, self),
            K::Type { kind } => spot.wrong_type(&types(kind)),
            K::Enum { options } => spot.wrong_value(options.as_array().map_or(&[], Vec::as_slice)),
            K::Constant { expected_value } => {
                spot.wrong_value(std::slice::from_ref(expected_value.as_ref()))
            }
            K::Required { property } => {
                self.missing(&spot.pointer, property.as_str().unwrap_or(""), error)
            }
            K::Minimum { limit } => spot.range(&format!("at least {limit}")),
            K::Maximum { limit } => spot.range(&format!("at most {limit}")),
            K::ExclusiveMinimum { limit } => spot.range(&format!("more than {limit}")),
            K::ExclusiveMaximum { limit } => spot.range(&format!("less than {limit}")),
            K::MultipleOf { multiple_of } => spot.range(&format!("a multiple of {multiple_of}")),
            K::MinItems { limit } | K::MinProperties { limit } => {
                spot.count("too-few", "at least", *limit)
            }
            K::MaxItems { limit } | K::MaxProperties { limit } => {
                spot.count("too-many", "at most", *limit)
            }
            K::AdditionalItems { limit } => {
                spot.count("too-many", "at most", u64::try_from(*limit).unwrap_or(u64::MAX))
            }
            K::UnevaluatedItems { .. } => {
                spot.wrong("too-many").message(format!("{} has too many items", spot.name))
            }
            K::Contains => {
                spot.wrong("too-few").message(format!("an item is missing in {}", spot.name))
            }
            K::UniqueItems => spot.not_unique(),
            K::MaxLength { limit } => spot.text(&format!("longer than {limit} characters")),
            K::MinLength { limit } => spot.text(&format!("shorter than {limit} characters")),
            K::Format { format } => match format_name(format) {
                Some(expected) => spot.text(&format!("not {expected}")),
                None => spot.text("not written as it must be"),
            },
            K::Pattern { .. } | K::RegexEngineFailure { .. } | K::BacktrackLimitExceeded { .. } => {
                spot.text("not written as it must be")
            }
            K::AnyOf { .. }
            | K::OneOfMultipleValid { .. }
            | K::OneOfNotValid { .. }
            | K::Not { .. }
            | K::ContentEncoding { .. }
            | K::ContentMediaType { .. }
            | K::FromUtf8 { .. }
            | K::Custom { .. }
            | K::Referencing(_) => spot
                .wrong("wrong-value")
                .message(format!("{} is not what can stand here", spot.name)),
        };
        vec![spot.with_expectation(one)]
    }

    /// Looks up where an error stands and which part of the schema it comes from.
    fn spot<'a>(&'a self, error: &ValidationError<'_>) -> Spot<'a> {
        let pointer = error.instance_path().as_str().to_owned();
        let node = self.file.at(&pointer).unwrap_or(self.file);
        let rule = error.schema_path().as_str();
        let rule = rule.rsplit_once('/').map_or("", |(rule, _)| rule);
        let rule = self.schema.pointer(rule).unwrap_or(&Value::Null);
        let site = self.site(error.evaluation_path().as_str());
        let name = called(&pointer, "the file");
        let key = self.file.entry_at(&pointer).map(|entry| &entry.key.place);
        Spot { node, key, rule, site, schema: self.schema, name, pointer }
    }

    /// Returns the part of the schema that speaks of the value: it may refer to the rule, and say better what the value
    /// is for. `path` leads there through the references.
    fn site(&self, path: &str) -> &Value {
        let mut site = None;
        let mut here = self.schema;
        for token in path.split('/').skip(1) {
            let Some(next) = here.get(token.replace("~1", "/").replace("~0", "~")) else { break };
            match next.as_str().filter(|_| token == "$ref").and_then(|to| to.strip_prefix('#')) {
                Some(to) => {
                    site = site.or(Some(here));
                    here = self.schema.pointer(to).unwrap_or(&Value::Null);
                }
                // The last token is the keyword that found the error: no part of the schema of its own.
                None if next.is_object() => (site, here) = (None, next),
                None => break,
            }
        }
        site.unwrap_or(here)
    }

    fn missing(&self, pointer: &str, key: &str, error: &ValidationError<'_>) -> Diagnostic {
        let spot = self.spot(error);
        let mut path = error.schema_path().as_str().split('/');
        let needs_it = path.find(|token| *token == "dependentRequired").and_then(|_| path.next());
        if let Some(entry) = needs_it.and_then(|other| spot.node.entry(other)) {
            return Diagnostic::error("missing-key", &entry.key.place)
                .message(format!("`{}` needs `{key}` beside it", entry.name()))
                .label(format!("there is no `{key}`"))
                .help(format!("add `{key}:`, or remove `{}`", entry.name()));
        }
        let first = spot.node.entries().first().map(|entry| &entry.key.place);
        let whole = spot
            .node
            .place
            .with_span(Span::new(spot.node.place.span.start, spot.node.place.span.start));
        let place = spot.key.or(first).unwrap_or(&whole);
        let found = Diagnostic::error("missing-key", place).message(if pointer.is_empty() {
            format!("the key `{key}` is missing")
        } else {
            format!("the key `{key}` is missing in {}", spot.name)
        });
        let schema = spot.rule.get("properties").and_then(|properties| properties.get(key));
        match schema.and_then(|schema| expectation(schema, self.schema)) {
            Some(expected) => found.help(format!("`{key}`: {expected}")),
            None => found.help(format!("add `{key}:`")),
        }
    }
}

/// Returns the pointers of the values within which the value at `pointer` stands.
fn above(pointer: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(pointer), |pointer| pointer.rsplit_once('/').map(|(upper, _)| upper))
        .skip(1)
}

/// Where an error stands.
struct Spot<'a> {
    node: &'a Node,
    /// The key of the value, if it has one.
    key: Option<&'a Place>,
    /// The part of the schema whose keyword found it.
    rule: &'a Value,
    /// The part of the schema that says what the value is for.
    site: &'a Value,
    schema: &'a Value,
    /// How messages call the value.
    name: String,
    pointer: String,
}

impl Spot<'_> {
    /// Returns a finding at the value; where nothing is written, at its key.
    fn wrong(&self, code: &'static str) -> Diagnostic {
        let nothing = self.node.place.span.start == self.node.place.span.end;
        let place = self.key.filter(|_| nothing).unwrap_or(&self.node.place);
        Diagnostic::error(code, place)
    }

    fn with_expectation(&self, found: Diagnostic) -> Diagnostic {
        if found.help.is_some() {
            return found;
        }
        match expectation(self.site, self.schema) {
            Some(expected) => found.help(format!("expected: {expected}")),
            None => found,
        }
    }

    fn unknown_key(&self, key: &str, meant: &mut HashSet<(String, String)>) -> Diagnostic {
        let place = self.node.entry(key).map_or(&self.node.place, |entry| &entry.key.place);
        let properties = self.rule.get("properties").and_then(Value::as_object);
        let allowed: Vec<&str> =
            properties.into_iter().flat_map(|keys| keys.keys()).map(String::as_str).collect();
        let free = allowed.iter().copied().filter(|name| self.node.entry(name).is_none());
        let found = Diagnostic::error("unknown-key", place).label("this key is not known here");
        let found = found.message(if self.pointer.is_empty() {
            format!("unknown key `{}`", brief(key))
        } else {
            format!("unknown key `{}` in {}", brief(key), self.name)
        });
        if let Some(near) = did_you_mean(key, free.clone()) {
            meant.insert((self.pointer.clone(), near.to_owned()));
            return found
                .help(format!("a key with a similar name exists: `{near}`"))
                .suggest(place.span, near);
        }
        if let Some(other) = free.clone().find(|name| in_other_words(key).contains(name)) {
            meant.insert((self.pointer.clone(), other.to_owned()));
            return found
                .help(format!("the key for this is called `{other}`"))
                .suggest(place.span, other);
        }
        if let Some(missing) = self.only_missing() {
            meant.insert((self.pointer.clone(), missing.to_owned()));
            return found
                .help(format!("the key `{missing}` is missing: is this the one?"))
                .suggest(place.span, missing);
        }
        if allowed.is_empty() {
            return found.help("remove it");
        }
        if let Some(near) = did_you_mean(key, allowed.iter().copied()) {
            return found.help(format!("remove it; `{near}` is given already"));
        }
        found.help(format!("keys that can stand here: {}", listed(free, MOST_NAMES)))
    }

    /// Returns the key that must be here and is not, if that is one, and if one key is here that must not.
    fn only_missing(&self) -> Option<&str> {
        let properties = self.rule.get("properties")?;
        let unknown = |entry: &&Entry| properties.get(entry.name()).is_none();
        let mut required = self.rule.get("required")?.as_array()?.iter().filter_map(Value::as_str);
        let missing = required.find(|key| self.node.entry(key).is_none())?;
        let more = required.any(|key| self.node.entry(key).is_none());
        let one = self.node.entries().iter().filter(unknown).count() == 1;
        (one && !more).then_some(missing)
    }

    fn wrong_name(&self, inner: &ValidationError<'_>, report: &Report<'_>) -> Diagnostic {
        let key = inner.instance().as_str().unwrap_or("").to_owned();
        let place = self.node.entry(&key).map_or(&self.node.place, |entry| &entry.key.place);
        let rule = inner.schema_path().as_str();
        let rule = rule.rsplit_once('/').and_then(|(rule, _)| report.schema.pointer(rule));
        let found = Diagnostic::error("wrong-text", place).message(format!(
            "`{}` cannot be a name in {}",
            brief(&key),
            self.name
        ));
        match rule.and_then(|rule| expectation(rule, report.schema)) {
            Some(expected) => found.help(format!("expected: {expected}")),
            None => found,
        }
    }

    fn wrong_type(&self, expected: &[JsonType]) -> Diagnostic {
        let found = self.wrong("wrong-type");
        let kind = self.node.kind();
        if kind == Kind::Null && self.node.written().is_empty() {
            return found
                .message(format!("{} has no value", self.name))
                .label(format!("expected {}", type_names(expected)));
        }
        let found = found.message(format!("{} must be {}", self.name, type_names(expected)));
        let label = format!("this is {}", kind.name());
        let Some(scalar) = self.node.scalar() else { return found.label(label) };
        let (text, span) = (scalar.text.as_str(), self.node.place.span);
        let wants = |json: JsonType| expected.contains(&json);
        let as_plain = crate::yaml::Scalar { text: text.to_owned(), quoted: false }.kind();
        let number = (as_plain == Kind::Integer
            && (wants(JsonType::Integer) || wants(JsonType::Number)))
            || (as_plain == Kind::Decimal && wants(JsonType::Number));
        if scalar.quoted && (number || (as_plain == Kind::Boolean && wants(JsonType::Boolean))) {
            return found
                .label("the quotes make this a text")
                .help("write it without quotes")
                .suggest(span, text);
        }
        let boolean = wants(JsonType::Boolean) && kind == Kind::Text;
        if let Some(meant) = boolean_meant(text).filter(|_| boolean) {
            return found
                .label("this is read as a text, not as true or false")
                .help(format!("write `{meant}`"))
                .suggest(span, meant);
        }
        if wants(JsonType::String) && matches!(kind, Kind::Boolean | Kind::Integer | Kind::Decimal)
        {
            return found
                .label(format!("without quotes this is {}", kind.name()))
                .help("put it in quotes")
                .suggest(span, format!("\"{text}\""));
        }
        if wants(JsonType::Array)
            && kind == Kind::Text
            && !text.contains([',', '[', ']', '{', '}', '\n'])
        {
            let written = self.node.place.text();
            return found
                .label(label)
                .help("write a list, even of one item")
                .suggest(span, format!("[{written}]"));
        }
        found.label(label)
    }

    fn wrong_value(&self, options: &[Value]) -> Diagnostic {
        let names: Vec<String> = options
            .iter()
            .map(|option| option.as_str().map_or_else(|| option.to_string(), ToOwned::to_owned))
            .collect();
        let names = || names.iter().map(String::as_str);
        let found = self.wrong("wrong-value");
        let span = found.place.span;
        let label = if names().count() == 1 {
            "only one value can stand here"
        } else {
            "not one of the values that can stand here"
        };
        let found = match self.node.scalar() {
            Some(scalar) => found
                .message(format!("`{}` cannot be the value of {}", brief(&scalar.text), self.name))
                .label(label),
            None => found.message(format!(
                "{} must be one of {}",
                self.name,
                listed(names(), MOST_NAMES)
            )),
        };
        match did_you_mean(self.node.written(), names()) {
            Some(near) if !self.node.written().is_empty() => {
                found.help(format!("a similar value exists: `{near}`")).suggest(span, near)
            }
            _ => found.help(format!("values that can stand here: {}", listed(names(), MOST_NAMES))),
        }
    }

    fn range(&self, rule: &str) -> Diagnostic {
        self.wrong("out-of-range")
            .message(format!("{} must be {rule}", self.name))
            .label(format!("this is `{}`", brief(self.node.written())))
    }

    fn count(&self, code: &'static str, rule: &str, limit: u64) -> Diagnostic {
        let (count, noun) = match &self.node.value {
            Tree::Sequence(items) => (items.len(), if limit == 1 { "item" } else { "items" }),
            Tree::Mapping(entries) => (entries.len(), if limit == 1 { "key" } else { "keys" }),
            Tree::Scalar(_) => (0, "items"),
        };
        let place = self.key.unwrap_or(&self.node.place);
        Diagnostic::error(code, place)
            .message(format!("{} must have {rule} {limit} {noun}", self.name))
            .label(format!("it has {count}"))
    }

    fn not_unique(&self) -> Diagnostic {
        let items = self.node.items();
        let values: Vec<Value> = items.iter().map(Node::to_json).collect();
        let again = values.iter().enumerate().find_map(|(at, value)| {
            let first = values.iter().take(at).position(|earlier| earlier == value)?;
            Some((items.get(first)?, items.get(at)?))
        });
        let message = format!("{} names the same item twice", self.name);
        match again {
            Some((first, second)) => Diagnostic::error("not-unique", &second.place)
                .message(message)
                .related(&first.place, "first given here")
                .help("remove one of them"),
            None => self.wrong("not-unique").message(message).help("remove one of them"),
        }
    }

    /// Returns a finding about how a text is written; `rule` continues "the text is …".
    fn text(&self, rule: &str) -> Diagnostic {
        let found = self.wrong("wrong-text");
        match self.node.written() {
            "" => found.message(format!("{} is empty", self.name)),
            text => found
                .message(format!("`{}` cannot be the value of {}", brief(text), self.name))
                .label(format!("this is {rule}")),
        }
    }
}

fn boolean_meant(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "y" | "on" | "true" | "ja" => Some("true"),
        "no" | "n" | "off" | "false" | "nee" => Some("false"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::expect_used, reason = "a test may panic")]
    use super::{Schema, SchemaError};
    use crate::diagnostic::{Diagnostic, Source, Style, render};
    use crate::yaml::{Limits, read};
    use insta::assert_snapshot;

    const SCHEMA: &str = r##"{
      "type": "object", "additionalProperties": false, "required": ["procedure", "steps"],
      "properties": {
        "procedure": { "$ref": "#/$defs/name", "description": "the name of the procedure", "examples": ["klacht"] },
        "version": { "type": "integer", "minimum": 1, "maximum": 99 },
        "final": { "type": "boolean" },
        "share": { "type": "number", "exclusiveMaximum": 1 },
        "title": { "type": "string", "minLength": 1, "maxLength": 10 },
        "on": { "type": "string", "format": "date" },
        "roles": { "type": "array", "minItems": 1, "maxItems": 3, "uniqueItems": true, "items": { "$ref": "#/$defs/name" } },
        "kind": { "enum": ["objection", "complaint", "appeal"] },
        "format": { "const": 1 },
        "steps": {
          "type": "object", "minProperties": 1, "propertyNames": { "$ref": "#/$defs/name" },
          "additionalProperties": { "$ref": "#/$defs/step" }
        }
      },
      "$defs": {
        "name": { "type": "string", "pattern": "^[a-z]+$", "description": "a name of small letters" },
        "term": { "type": "string", "pattern": "^[0-9]+ (days|weeks)$", "description": "A term.", "examples": ["6 weeks", "10 days"] },
        "step": {
          "type": "object", "additionalProperties": false, "required": ["within"],
          "properties": {
            "who": { "type": "string" },
            "within": { "$ref": "#/$defs/term", "description": "how long the step may take" }
          }
        }
      }
    }"##;

    fn found(text: &str) -> Vec<Diagnostic> {
        let schema = Schema::compile(SCHEMA).expect("the schema is good");
        let node = read(&Source::new("x", text), &Limits::default()).expect("the text is YAML");
        schema.validate(&node)
    }

    #[test]
    fn each_mistake_is_told_once_and_where_it_stands() {
        for (line, expected) in [
            ("", ""),
            ("vershion: 3", "unknown-key x:3:1 unknown key `vershion`"),
            ("ünknown: 3", "unknown-key x:3:1 unknown key `ünknown`"),
            ("version: \"3\"", "wrong-type x:3:10 `version` must be a whole number"),
            ("version: drie", "wrong-type x:3:10 `version` must be a whole number"),
            ("version:", "wrong-type x:3:1 `version` has no value"),
            ("version: 99999999999999999999", "wrong-type x:3:10 `version` must be a whole number"),
            ("version: 0", "out-of-range x:3:10 `version` must be at least 1"),
            ("version: 100", "out-of-range x:3:10 `version` must be at most 99"),
            ("share: 1.00", "out-of-range x:3:8 `share` must be less than 1"),
            ("final: yes", "wrong-type x:3:8 `final` must be true or false"),
            ("title: 12", "wrong-type x:3:8 `title` must be a text"),
            ("title: ''", "wrong-text x:3:8 `title` is empty"),
            (
                "title: meer dan tien",
                "wrong-text x:3:8 `meer dan tien` cannot be the value of `title`",
            ),
            ("on: 2026-02-30", "wrong-text x:3:5 `2026-02-30` cannot be the value of `on`"),
            ("roles: []", "too-few x:3:1 `roles` must have at least 1 item"),
            ("roles: [a, b, c, d]", "too-many x:3:1 `roles` must have at most 3 items"),
            ("roles: [a, b, a]", "not-unique x:3:15 `roles` names the same item twice"),
            ("roles: [a, B]", "wrong-text x:3:12 `B` cannot be the value of item 2 of `roles`"),
            ("roles: a", "wrong-type x:3:8 `roles` must be a list"),
            ("roles: { a: 1 }", "wrong-type x:3:8 `roles` must be a list"),
            ("kind: apeal", "wrong-value x:3:7 `apeal` cannot be the value of `kind`"),
            (
                "kind: [appeal]",
                "wrong-value x:3:7 `kind` must be one of `objection`, `complaint`, `appeal`",
            ),
            ("format: 2", "wrong-value x:3:9 `2` cannot be the value of `format`"),
        ] {
            let text =
                format!("procedure: klacht\nsteps: {{ intake: {{ within: 6 weeks }} }}\n{line}\n");
            let found = found(&text);
            let told: Vec<String> = found
                .iter()
                .map(|one| format!("{} {} {}", one.code, one.place, one.message))
                .collect();
            assert_eq!(told.join("; "), expected, "{line}");
            assert!(!told.join("").contains("/properties"), "{line}");
        }
    }

    #[test]
    fn a_cause_hides_what_follows_from_it() {
        for (text, expected) in [
            // Within what is of the wrong kind nothing else is told.
            ("procedure: a\nsteps: [{ within: x }]\n", vec!["wrong-type x:2:8"]),
            // A misspelt key isn't missing as well, and its value is not looked at.
            ("procedure: a\nsteps:\n  b: { witihn: 3 }\n", vec!["unknown-key x:3:8"]),
            // Nor is the only key that is missing where one key is too many.
            ("procedure: a\nsteps:\n  b: { waarom: 3 }\n", vec!["unknown-key x:3:8"]),
            (
                "procedure: a\nsteps:\n  b: { waarom: 3, hoezo: 4 }\n",
                vec!["missing-key x:3:3", "unknown-key x:3:8", "unknown-key x:3:19"],
            ),
            ("procedur: a\nstep:\n  b: {}\n", vec!["unknown-key x:1:1", "unknown-key x:2:1"]),
            ("version: 1\n", vec!["missing-key x:1:1", "missing-key x:1:1"]),
            ("procedure: a\nsteps:\n  B: { within: 6 weeks }\n", vec!["wrong-text x:3:3"]),
            ("procedure: a\nsteps: {}\n", vec!["too-few x:2:1"]),
            ("[1]\n", vec!["wrong-type x:1:1"]),
            ("procedure: a\nsteps:\n  b:\n", vec!["wrong-type x:3:3"]),
        ] {
            let found = found(text);
            let told: Vec<_> =
                found.iter().map(|one| format!("{} {}", one.code, one.place)).collect();
            assert_eq!(told, expected, "{text}");
        }
    }

    #[test]
    fn what_is_suggested_mends_it() {
        for (line, mended) in [
            ("vershion: 3", "version: 3"),
            ("version: '3'", "version: 3"),
            ("final: yes", "final: true"),
            ("final: Off", "final: false"),
            ("final: \"true\"", "final: true"),
            ("title: 12", "title: \"12\""),
            ("title: true", "title: \"true\""),
            ("roles: a", "roles: [a]"),
            ("kind: apeal", "kind: appeal"),
        ] {
            let start = "procedure: é\n".len();
            let text =
                format!("procedure: é\n{line}\nsteps: {{ intake: {{ within: 6 weeks }} }}\n");
            let found = found(&text);
            let edit = found.iter().find_map(|one| one.suggestion.clone()).expect("there is one");
            let mut edited = text.clone();
            edited.replace_range(edit.span.start..edit.span.end, &edit.replacement);
            assert_eq!(edited.get(start..start + mended.len()), Some(mended), "{line}");
        }
    }

    #[test]
    fn the_words_come_from_the_schema() {
        let text = "procedure: klacht\nsteps:\n  intake:\n    within: six weeks\n  hearing:\n    who: ann\n    whithin: 3\n";
        assert_snapshot!(render(&found(text), Style::Plain), @r#"
        error[wrong-text]: `six weeks` cannot be the value of `steps.intake.within`
         --> x:4:13
          |
        4 |     within: six weeks
          |             ^^^^^^^^^ this is not written as it must be
          |
          = help: expected: how long the step may take, such as `6 weeks` or `10 days`

        error[unknown-key]: unknown key `whithin` in `steps.hearing`
         --> x:7:5
          |
        7 |     whithin: 3
          |     ^^^^^^^ this key is not known here
          |
        help: a key with a similar name exists: `within`
          |
        7 -     whithin: 3
        7 +     within: 3
          |
        "#);
    }

    #[test]
    fn what_a_key_may_be_is_listed() {
        let text = "steps: { intake: { within: 6 weeks } }\nversion: \"3\"\nprocedure: a\nabc: 1\n";
        assert_snapshot!(render(&found(text), Style::Plain), @r#"
        error[wrong-type]: `version` must be a whole number
         --> x:2:10
          |
        2 | version: "3"
          |          ^^^ the quotes make this a text
          |
        help: write it without quotes
          |
        2 - version: "3"
        2 + version: 3
          |

        error[unknown-key]: unknown key `abc`
         --> x:4:1
          |
        4 | abc: 1
          | ^^^ this key is not known here
          |
          = help: keys that can stand here: `final`, `format`, `kind`, `on`, `roles`, `share`, `title`
        "#);
    }

    #[test]
    fn nobody_reads_a_thousand_findings() {
        let line = |number: usize| format!("x{number}: 1\n");
        let lines: String = (0..1_000).map(line).collect();
        let found = found(&format!("procedure: a\nsteps: {{ b: {{ within: 1 days }} }}\n{lines}"));
        assert_eq!(found.len(), 51);
        let last = found.last().expect("there is one");
        assert_eq!(
            (last.code, last.message.as_str()),
            ("too-many-findings", "950 more findings are not shown")
        );
    }

    #[test]
    fn a_schema_of_ours_must_be_one() {
        assert!(matches!(Schema::compile("{"), Err(SchemaError::NotJson(_))));
        for schema in [
            r#"{ "type": "text" }"#,
            r##"{ "$ref": "#/$defs/none" }"##,
            r#"{ "$ref": "https://example.org/x.json" }"#,
            r#"{ "$ref": "file:///etc/passwd" }"#,
            r#"{ "pattern": "(?=a)" }"#,
            r#"{ "format": "dat" }"#,
        ] {
            assert!(matches!(Schema::compile(schema), Err(SchemaError::NotSchema(_))), "{schema}");
        }
    }
}
