//! Checking data against a form, in words that give nothing of the data away.

use super::{Field, FieldKind, FormFinding, FormSchema, names};
use crate::diagnostic::did_you_mean;
use crate::schema::MOST_FINDINGS;
use crate::schema::words::{called, expectation, format_name, listed, type_names, types};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as K;
use serde_json::{Number, Value};
use std::collections::HashSet;

/// The most values in the data of one form.
const MOST_VALUES: usize = 20_000;

/// The most values within each other; a form is never that deep.
const DEEPEST_DATA: usize = 64;

/// The most options that a message lists.
const MOST_NAMES: usize = 20;

pub(super) fn findings(form: &FormSchema, data: &Value) -> Vec<FormFinding> {
    if !is_bounded(data) {
        let message = format!(
            "has more than {MOST_VALUES} values, or more than {DEEPEST_DATA} within each other"
        );
        return vec![FormFinding { field: field(""), message }];
    }
    let Some(validator) = form.validator() else {
        return vec![FormFinding {
            field: field(""),
            message: "can't be checked: its schema is broken".to_owned(),
        }];
    };
    let mut found = Vec::new();
    let mut wrong: HashSet<String> = HashSet::new();
    for error in validator.iter_errors(data).take(MOST_FINDINGS) {
        let pointer = error.instance_path().as_str();
        let below =
            std::iter::successors(Some(pointer), |at| at.rsplit_once('/').map(|(upper, _)| upper));
        if below.skip(1).any(|upper| wrong.contains(upper)) {
            continue;
        }
        // Of several things that are wrong with one value, the first is told; what is within it is told beside it.
        let within = matches!(
            error.kind(),
            K::Required { .. }
                | K::AdditionalProperties { .. }
                | K::MinItems { .. }
                | K::MaxItems { .. }
                | K::UniqueItems
        );
        if !within && !wrong.insert(pointer.to_owned()) {
            continue;
        }
        found.extend(told(form, &error));
    }
    for one in record(&form.fields, data, "") {
        if !found.iter().any(|known: &FormFinding| known.field == one.field) {
            found.push(one);
        }
    }
    found.truncate(MOST_FINDINGS);
    found
}

/// Says whether there are few enough values to look at each; without recursion, however deep they stand.
fn is_bounded(data: &Value) -> bool {
    let mut waiting = vec![(data, 0)];
    let mut count = 0;
    while let Some((value, depth)) = waiting.pop() {
        count += 1;
        if count + waiting.len() > MOST_VALUES || depth > DEEPEST_DATA {
            return false;
        }
        let below = |value| (value, depth + 1);
        match value {
            Value::Array(items) => waiting.extend(items.iter().take(MOST_VALUES).map(below)),
            Value::Object(fields) => waiting.extend(fields.values().take(MOST_VALUES).map(below)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    true
}

fn field(pointer: &str) -> String {
    called(pointer, "the form").replace('`', "")
}

fn told(form: &FormSchema, error: &ValidationError<'_>) -> Vec<FormFinding> {
    let pointer = error.instance_path().as_str();
    let rule = error.schema_path().as_str().rsplit_once('/').map_or("", |(rule, _)| rule);
    let rule = form.resolved.pointer(rule).unwrap_or(&Value::Null);
    let one = |message: String| vec![FormFinding { field: field(pointer), message }];
    let expected = || expectation(rule, &form.resolved);
    match error.kind() {
        K::AdditionalProperties { unexpected } | K::UnevaluatedProperties { unexpected } => {
            unexpected
                .iter()
                .take(MOST_FINDINGS)
                .map(|key| undeclared(pointer, key, rule))
                .collect()
        }
        K::Required { property } => {
            let name = property.as_str().unwrap_or("");
            vec![FormFinding {
                field: field(&format!("{pointer}/{name}")),
                message: "is missing".to_owned(),
            }]
        }
        K::Type { kind } => one(format!("must be {}", type_names(&types(kind)))),
        K::Enum { options } => {
            let options = options.as_array().map_or(&[][..], Vec::as_slice);
            let names: Vec<String> = (options.iter())
                .map(|option| option.as_str().map_or_else(|| option.to_string(), ToOwned::to_owned))
                .collect();
            one(format!("must be one of {}", listed(names.iter().map(String::as_str), MOST_NAMES)))
        }
        K::Constant { .. } => one("is not the value that must stand here".to_owned()),
        K::MaxLength { limit } => one(format!("is longer than {limit} characters")),
        K::MinLength { limit: 1 } => one("is empty".to_owned()),
        K::MinLength { limit } => one(format!("is shorter than {limit} characters")),
        K::Minimum { limit } => one(format!("must be at least {limit}")),
        K::Maximum { limit } => one(format!("must be at most {limit}")),
        K::ExclusiveMinimum { limit } => one(format!("must be more than {limit}")),
        K::ExclusiveMaximum { limit } => one(format!("must be less than {limit}")),
        K::MultipleOf { multiple_of } => one(format!("must be a multiple of {multiple_of}")),
        K::MinItems { limit } | K::MinProperties { limit } => {
            one(format!("must have at least {limit} items"))
        }
        K::MaxItems { limit } | K::MaxProperties { limit } => {
            one(format!("must have at most {limit} items"))
        }
        K::UniqueItems => one("names the same item twice".to_owned()),
        K::Format { format } => match format_name(format) {
            Some(expected) => one(format!("must be {expected}")),
            None => one("is not written as it must be".to_owned()),
        },
        K::Pattern { .. } => match expected() {
            Some(expected) => one(format!("is not written as it must be: {expected}")),
            None => one("is not written as it must be".to_owned()),
        },
        K::AdditionalItems { .. }
        | K::AnyOf { .. }
        | K::BacktrackLimitExceeded { .. }
        | K::RegexEngineFailure { .. }
        | K::Contains
        | K::ContentEncoding { .. }
        | K::ContentMediaType { .. }
        | K::Custom { .. }
        | K::FalseSchema
        | K::FromUtf8 { .. }
        | K::Not { .. }
        | K::OneOfMultipleValid { .. }
        | K::OneOfNotValid { .. }
        | K::PropertyNames { .. }
        | K::UnevaluatedItems { .. }
        | K::Referencing(_) => one("is not what can stand here".to_owned()),
    }
}

/// Tells of a field that the form doesn't have. A name that no field could have may itself be data, so it's left out.
fn undeclared(pointer: &str, key: &str, rule: &Value) -> FormFinding {
    if !names::is_plain(key) {
        return FormFinding {
            field: field(pointer),
            message: "has a field that the form does not know".to_owned(),
        };
    }
    let declared = rule.get("properties").and_then(Value::as_object);
    let declared = declared.into_iter().flat_map(|fields| fields.keys()).map(String::as_str);
    let message = match did_you_mean(key, declared) {
        Some(near) => format!("is no field of this form; did you mean `{near}`?"),
        None => "is no field of this form".to_owned(),
    };
    FormFinding { field: field(&format!("{pointer}/{key}")), message }
}

/// Finds in the declared fields what no schema can say: characters that people can't see, and unwieldy numbers.
fn record(fields: &[Field], data: &Value, pointer: &str) -> Vec<FormFinding> {
    let present = fields.iter().filter_map(|field| Some((field, data.get(&field.name)?)));
    present
        .flat_map(|(field, value)| {
            let pointer = format!("{pointer}/{}", field.name);
            value_findings(&field.kind, value, &pointer)
        })
        .collect()
}

fn value_findings(kind: &FieldKind, value: &Value, pointer: &str) -> Vec<FormFinding> {
    let wrong = match (kind, value) {
        (FieldKind::Record(fields), Value::Object(_)) => return record(fields, value, pointer),
        (FieldKind::List(kind), Value::Array(items)) => {
            let items = items.iter().enumerate();
            return items
                .flat_map(|(at, item)| value_findings(kind, item, &format!("{pointer}/{at}")))
                .collect();
        }
        (_, Value::String(text)) if text.chars().any(is_unseen) => {
            Some("has a control character that cannot be seen")
        }
        (FieldKind::Integer, Value::Number(number)) if number.as_i64().is_none() => {
            Some("must be a whole number of at most 18 digits, written plainly")
        }
        (_, Value::Number(number)) if !is_plain_number(number) => {
            Some("must be a number of at most 28 digits, written plainly")
        }
        _ => None,
    };
    let finding =
        |message: &str| FormFinding { field: field(pointer), message: message.to_owned() };
    wrong.map(finding).into_iter().collect()
}

/// Says whether a character can't stand in a text that is recorded: it commands a terminal or turns the words around.
fn is_unseen(character: char) -> bool {
    (character.is_control() && character != '\n' && character != '\t')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_plain_number(number: &Number) -> bool {
    let text = number.to_string();
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'.');
    plain && text.bytes().filter(u8::is_ascii_digit).count() <= 28
}
