//! JSON Schema: our own, which say what a procedure file looks like, and those that authors write for their forms.
//!
//! What a schema finds is told in the words of the file: which key, where it stands, what was expected there, and what
//! is near. Nothing is ever fetched, and no pattern can take long: only the engine without backtracking is used.

mod document;
mod form;
mod words;

pub use document::{Schema, SchemaError};
pub use form::{Field, FieldKind, FormFinding, FormSchema};

use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// The most findings that one validation gives.
const MOST_FINDINGS: usize = 50;

/// The most memory that a compiled pattern may take, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// Compiles a schema without any access to the world, with formats checked and patterns of the linear engine only.
fn validator(schema: &Value) -> Result<Validator, Box<ValidationError<'static>>> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES));
    options.build(schema).map_err(Box::new)
}
