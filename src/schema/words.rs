//! How findings of a schema speak: of places, of what was expected, and of lists of names.

use crate::yaml::Kind;
use jsonschema::JsonType;
use jsonschema::error::TypeKind;
use serde_json::Value;

/// Returns how to call the value at a JSON pointer: its keys in words, never the pointer.
///
/// `/steps/hearing/within` is `` `steps.hearing.within` ``, `/warn/1` is `` item 2 of `warn` ``. The root has the name
/// `root`.
pub(super) fn called(pointer: &str, root: &str) -> String {
    let tokens: Vec<String> = pointer
        .split('/')
        .skip(1)
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect();
    called_by(&tokens, root)
}

fn called_by(tokens: &[String], root: &str) -> String {
    let item = tokens.iter().rposition(|token| token.parse::<usize>().is_ok());
    let keys = |keys: &[String]| format!("`{}`", keys.join("."));
    let Some((head, rest)) = item.map(|at| tokens.split_at(at)) else {
        return if tokens.is_empty() { root.to_owned() } else { keys(tokens) };
    };
    let Some((number, tail)) = rest.split_first() else { return keys(head) };
    let number = number.parse::<usize>().unwrap_or_default().saturating_add(1);
    let item = if head.is_empty() {
        format!("item {number}")
    } else {
        format!("item {number} of {}", called_by(head, root))
    };
    if tail.is_empty() { item } else { format!("{} in {item}", keys(tail)) }
}

/// Returns `names` as a list in prose, each in backticks; at most `most` of them.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let quoted: Vec<String> = names.iter().take(most).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(most);
    if more > 0 { format!("{} and {more} more", quoted.join(", ")) } else { quoted.join(", ") }
}

/// Returns how messages call a type of JSON Schema.
pub(super) fn type_name(json: JsonType) -> &'static str {
    let kind = match json {
        JsonType::Array => Kind::List,
        JsonType::Boolean => Kind::Boolean,
        JsonType::Integer => Kind::Integer,
        JsonType::Null => Kind::Null,
        JsonType::Number => Kind::Decimal,
        JsonType::Object => Kind::Mapping,
        JsonType::String => Kind::Text,
    };
    kind.name()
}

/// Returns the types that were expected.
pub(super) fn types(kind: &TypeKind) -> Vec<JsonType> {
    match kind {
        TypeKind::Single(json) => vec![*json],
        TypeKind::Multiple(set) => set.iter().collect(),
    }
}

/// Returns the types in words: `a text or a list`.
pub(super) fn type_names(types: &[JsonType]) -> String {
    let names: Vec<&str> = types.iter().map(|json| type_name(*json)).collect();
    names.join(" or ")
}

/// Returns the key that an author meant who wrote it in Dutch, or in another word for it.
pub(super) fn in_other_words(key: &str) -> &'static [&'static str] {
    match key.to_lowercase().as_str() {
        "rollen" | "actors" => &["roles"],
        "stappen" | "activities" | "tasks" => &["steps"],
        "termijnen" | "timers" => &["deadlines"],
        "zaak" | "intake" => &["case"],
        "beroepen" | "beroep" => &["appeals"],
        "titel" | "naam" | "name" | "label" => &["title"],
        "omschrijving" | "toelichting" => &["description"],
        "wie" | "role" | "rol" | "by" => &["who"],
        "na" => &["after"],
        "als" | "wanneer" | "if" | "condition" => &["when", "allowed"],
        "mag-als" => &["allowed"],
        "termijn" | "term" | "binnen" | "duration" => &["within"],
        "uitkomsten" | "uitkomst" | "results" => &["outcomes"],
        "besluit" | "beslissing" => &["decision"],
        "formulier" => &["form"],
        "brief" => &["letter"],
        "einde" | "eindigt" | "end" => &["ends"],
        "partij" => &["party"],
        "kanalen" => &["channels"],
        "verplicht" => &["required"],
        "velden" | "fields" => &["properties"],
        "bron" | "grondslag" | "source" => &["cite"],
        "kalender" => &["calendar"],
        "tijdzone" | "timezone" => &["time-zone"],
        "terug-naar" => &["return-to"],
        "tegen" => &["against"],
        "bewaren" | "bewaartermijn" => &["keep"],
        _ => &[],
    }
}

/// Returns what a schema says that a value is for, with its examples: `how long it may take, such as 6 weeks`.
///
/// `root` is the schema to which references in `schema` belong.
pub(super) fn expectation(schema: &Value, root: &Value) -> Option<String> {
    let description = annotation(schema, root, "description").and_then(Value::as_str).map(gist);
    let examples = annotation(schema, root, "examples").and_then(Value::as_array);
    let examples = examples.map(|examples| {
        let shown: Vec<String> =
            examples.iter().take(3).map(|one| format!("`{}`", as_written(one))).collect();
        shown.join(" or ")
    });
    match (description, examples.filter(|examples| !examples.is_empty())) {
        (Some(text), Some(examples)) => Some(format!("{text}, such as {examples}")),
        (Some(text), None) => Some(text),
        (None, Some(examples)) => Some(format!("a value such as {examples}")),
        (None, None) => format_words(schema).map(ToOwned::to_owned),
    }
}

/// Returns the first sentence of a description, as part of another sentence.
fn gist(description: &str) -> String {
    let text = description.trim();
    let first = text.split(". ").next().unwrap_or(text).trim_end_matches('.');
    let mut letters = first.chars();
    match letters.next() {
        // A word in capitals stays as it is.
        Some(letter) if !letters.as_str().starts_with(char::is_uppercase) => {
            letter.to_lowercase().chain(letters).collect()
        }
        Some(_) | None => first.to_owned(),
    }
}

/// Returns a keyword of a schema, or of the definition to which it refers.
fn annotation<'a>(schema: &'a Value, root: &'a Value, keyword: &str) -> Option<&'a Value> {
    const LONGEST_CHAIN: usize = 8;
    let mut schema = schema;
    for _ in 0..LONGEST_CHAIN {
        if let Some(value) = schema.get(keyword) {
            return Some(value);
        }
        schema = root.pointer(schema.get("$ref")?.as_str()?.strip_prefix('#')?)?;
    }
    None
}

fn format_words(schema: &Value) -> Option<&'static str> {
    format_name(schema.get("format")?.as_str()?)
}

/// Returns a format in words, with an example.
pub(super) fn format_name(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "a date such as 2026-01-31",
        "date-time" => "a moment such as 2026-01-31T09:00:00Z",
        "time" => "a time such as 09:00:00Z",
        "email" => "an e-mail address",
        "uri" => "a web address such as https://example.org",
        "uuid" => "a UUID",
        "duration" => "a duration such as P6W",
        _ => return None,
    })
}

/// Writes a value as an author writes it in YAML, on one line.
fn as_written(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(fields) => {
            let pair = |(key, value): (&String, &Value)| format!("{key}: {}", as_written(value));
            format!("{{ {} }}", fields.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(as_written).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// Returns `text` as a message may quote it: on one line and not too long.
pub(super) fn brief(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or("");
    let mut brief: String = line.chars().take(LONGEST).collect();
    if brief.len() < text.trim_end().len() {
        brief.push('…');
    }
    brief
}

#[cfg(test)]
mod tests {
    use super::{brief, called, expectation, listed};
    use serde_json::json;

    #[test]
    fn places_are_called_by_their_keys() {
        for (pointer, expected) in [
            ("", "the file"),
            ("/steps/hearing/within", "`steps.hearing.within`"),
            ("/warn/1", "item 2 of `warn`"),
            ("/1", "item 2"),
            ("/acts/0/at", "`at` in item 1 of `acts`"),
            ("/a/0/2/b/c", "`b.c` in item 3 of item 1 of `a`"),
            ("/a~1b", "`a/b`"),
        ] {
            assert_eq!(called(pointer, "the file"), expected, "{pointer}");
        }
        assert_eq!(listed(["a", "b", "c"], 2), "`a`, `b` and 1 more");
        assert_eq!(brief("een\ntwee"), "een…");
        assert_eq!(brief(&"x".repeat(70)).chars().count(), 61);
    }

    #[test]
    fn an_expectation_comes_from_the_schema() {
        let root = json!({ "$defs": {
            "term": { "description": "A term.", "examples": ["6 weeks", "P6W"] },
            "loop": { "$ref": "#/$defs/loop" },
        }});
        for (schema, expected) in [
            (json!({ "$ref": "#/$defs/term" }), Some("a term, such as `6 weeks` or `P6W`")),
            (
                json!({ "$ref": "#/$defs/term", "description": "how long" }),
                Some("how long, such as `6 weeks` or `P6W`"),
            ),
            (
                json!({ "description": "JSON. Or not.", "examples": [{ "a": ["b"] }] }),
                Some("JSON, such as `{ a: [b] }`"),
            ),
            (json!({ "examples": [3] }), Some("a value such as `3`")),
            (json!({ "format": "date" }), Some("a date such as 2026-01-31")),
            (json!({ "$ref": "#/$defs/loop" }), None),
            (json!(true), None),
        ] {
            assert_eq!(expectation(&schema, &root).as_deref(), expected, "{schema}");
        }
    }
}
