//! Values that were typed: from `field=value` and files to what a form asks.

use super::console::Console;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use crate::catalog::file;
use crate::schema::{Field, FieldKind};
use crate::yaml::{self, Limits};
use serde_json::{Map, Number, Value};
use std::path::Path;
use std::str::FromStr;

/// What the verbs that record something have in common.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Given {
    /// Record a value; a list gets one `--set` for each item, or JSON; `field=` alone is an empty list or text
    #[arg(long = "set", value_name = "FIELD=VALUE")]
    pub set: Vec<String>,

    /// Record the values of a file, YAML or JSON; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub data: Option<String>,
}

impl Given {
    /// Returns the values, each in the kind that its field has.
    pub(super) fn values(
        &self,
        fields: &[Field],
        console: &Console,
    ) -> Result<Map<String, Value>, Stop> {
        let mut values = match &self.data {
            Some(path) => of_file(path, console)?,
            None => Map::new(),
        };
        for set in &self.set {
            let Some((field, typed)) = set.split_once('=') else {
                let message = format!("`{set}` after `--set` is no FIELD=VALUE");
                let failure = Failure::new(Exit::Usage, "bad-set", message);
                return Err(failure.attempt("--set plaats='Stadskantoor'").into());
            };
            let kind = fields.iter().find(|known| known.name == field).map(|known| &known.kind);
            let value = typed_value(kind, typed);
            match (values.get_mut(field), kind) {
                (Some(Value::Array(items)), Some(FieldKind::List(_))) => match value {
                    Value::Array(more) => items.extend(more),
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Object(_) => {
                        items.push(value);
                    }
                },
                _ => {
                    values.insert(field.to_owned(), value);
                }
            }
        }
        Ok(values)
    }
}

fn typed_value(kind: Option<&FieldKind>, typed: &str) -> Value {
    let text = || Value::String(typed.replace("\r\n", "\n"));
    match kind {
        Some(FieldKind::Boolean) => match typed.to_lowercase().as_str() {
            "true" | "yes" | "ja" => Value::Bool(true),
            "false" | "no" | "nee" => Value::Bool(false),
            _ => text(),
        },
        Some(FieldKind::Integer) => typed.parse::<i64>().map_or_else(|_| text(), Value::from),
        Some(FieldKind::Number) => Number::from_str(typed).map_or_else(|_| text(), Value::Number),
        Some(FieldKind::List(_)) if typed.is_empty() => Value::Array(Vec::new()),
        Some(FieldKind::List(items)) => match serde_json::from_str::<Value>(typed) {
            Ok(list @ Value::Array(_)) => list,
            Ok(_) | Err(_) => Value::Array(vec![typed_value(Some(items), typed)]),
        },
        Some(FieldKind::Record(_)) => serde_json::from_str(typed).unwrap_or_else(|_| text()),
        Some(FieldKind::Text { .. } | FieldKind::Date | FieldKind::Moment | FieldKind::Unknown)
        | None => text(),
    }
}

/// Reads values from a file or standard input; YAML, of which JSON is a part.
fn of_file(path: &str, console: &Console) -> Result<Map<String, Value>, Stop> {
    let bytes = if path == "-" {
        console.asker.input(file::LARGEST + 1)?
    } else {
        console.asker.text(Path::new(path)).map_err(|error| {
            Failure::new(Exit::NotFound, "no-such-file", error.to_string())
                .attempt("--data with another file")
        })?
    };
    let name = if path == "-" { "standard input" } else { path };
    let root = yaml::read_bytes(name, &bytes, &Limits::default()).map_err(|findings| {
        super::desk::findings_failure(&findings, format!("{name} has errors"))
    })?;
    match root.to_json() {
        Value::Object(values) => Ok(values),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            let failure =
                Failure::new(Exit::Findings, "not-values", format!("{name} holds no fields"));
            Err(failure.attempt("lines such as `plaats: Stadskantoor`").into())
        }
    }
}
