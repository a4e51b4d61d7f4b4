//! Guards: conditions that a procedure puts before a step or an outcome, written as expressions of Rhai.
//!
//! ```text
//! known(data.datum) && days_between(data.datum, received) > 365
//! ```
//!
//! A guard decides a legal question, so it must not be forgiving. What an author types is first cut into tokens
//! (`token.rs`), and only what is on their list goes on to Rhai; the tree that Rhai makes of it is checked (`check.rs`)
//! against the types that the procedure declares, before any case runs; and what runs then (`engine.rs`) knows our
//! operators and functions only, for which a number beside a text, or a value that is absent, is a fault and never
//! `false`. A value that may be absent is read only where `known(…)` was asked before it.
//!
//! This folder is the only place that names Rhai. Compiling and running take at most 512 KiB of stack in a debug build:
//! do both on threads with 2 MiB or more, as Rust's own threads have.

mod check;
mod engine;
mod fault;
mod finding;
mod functions;
mod helper;
mod token;
mod types;
mod values;

pub use crate::diagnostic::Finding;
pub use fault::{Fault, FaultKind};
pub use functions::documented;
pub use helper::Helper;
pub use types::{Field, Record, Scope, Type};
pub use values::{DayCounter, Values};

use std::sync::Arc;

/// A condition that was checked and compiled. Immutable, cheap to clone, shared between threads.
#[derive(Clone)]
pub struct Guard {
    compiled: Arc<Compiled>,
}

struct Compiled {
    source: String,
    tokens: token::Tokens,
    ast: rhai::AST,
    reads: Vec<String>,
    roots: Vec<String>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Guard").field(&self.compiled.source).finish()
    }
}

impl PartialEq for Guard {
    /// Two guards are equal when their texts are.
    fn eq(&self, other: &Self) -> bool {
        self.compiled.source == other.compiled.source
    }
}

impl Eq for Guard {}

impl Guard {
    /// Checks a guard against what it can see, and compiles it.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text. One mistake gives one finding.
    ///
    /// # Examples
    /// ```
    /// use verloop::procedure::guard::{Guard, Record, Scope, Type};
    ///
    /// let data = Record::new("the case data").with("soort", Type::one_of(["klacht", "bezwaar"]));
    /// let scope = Scope::new().with("data", Type::Record(data), "what was recorded");
    /// assert!(Guard::compile(r#"data.soort == "klacht""#, &scope).is_ok());
    ///
    /// let findings = Guard::compile(r#"data.soort == "klagt""#, &scope).unwrap_err();
    /// assert_eq!(findings[0].code, "guard-unknown-value");
    /// assert_eq!(findings[0].suggestion, Some((14..21, "\"klacht\"".to_owned())));
    /// ```
    pub fn compile(source: &str, scope: &Scope) -> Result<Self, Vec<Finding>> {
        let Read { tokens, reads, tree } = read_as(source, scope, &Type::Boolean)?;
        let roots = roots(&reads);
        let whole = helper::put_in(&tokens, scope)?;
        let ast = match whole {
            None => tree,
            Some(text) => engine::compile_whole(&tokens, &roots, text)
                .map_err(|error| vec![check::parse_failure(&error, source, &tokens)])?,
        };
        let source = source.to_owned();
        let compiled = Compiled { source, tokens, ast, reads, roots };
        Ok(Self { compiled: Arc::new(compiled) })
    }

    /// Returns whether the condition holds for these values.
    ///
    /// # Errors
    /// A [`Fault`] when the values are not what the scope said. It is an incident, and never counts as `false`.
    pub fn holds(&self, values: &Values) -> Result<bool, Fault> {
        let Compiled { source, tokens, ast, roots, .. } = &*self.compiled;
        engine::run(ast, source, tokens, roots, values)
    }

    /// Returns the text of the guard, as its author wrote it.
    pub fn source(&self) -> &str {
        &self.compiled.source
    }

    /// Returns the dotted names that the guard reads, in the order of its text: `data.datum`, `data.soorten[0]`.
    pub fn reads(&self) -> &[String] {
        &self.compiled.reads
    }

    /// Returns each name that the guard reads with its present value in words, or `absent`: for `why`.
    ///
    /// The values are those of a case. The caller leaves out what the reader may not see.
    pub fn explain(&self, values: &Values) -> Vec<(String, String)> {
        let reads = self.compiled.reads.iter();
        reads.map(|path| (path.clone(), values.in_words(path))).collect()
    }
}

/// An expression that was read and checked.
struct Read {
    tokens: token::Tokens,
    /// The dotted names that it reads, in the order of the text.
    reads: Vec<String>,
    /// The tree that was checked, in which functions of the author's are calls.
    tree: rhai::AST,
}

/// Reads an expression, and checks it against what it can see and what it should give.
fn read_as(source: &str, scope: &Scope, wanted: &Type) -> Result<Read, Vec<Finding>> {
    if source.len() > token::LONGEST {
        let end = source.floor_char_boundary(token::LONGEST);
        let message =
            format!("the guard has {} bytes, and {} are allowed", source.len(), token::LONGEST);
        let finding = Finding::new("guard-too-long", end..source.len(), message);
        return Err(vec![finding.help("split the rule over several steps or outcomes")]);
    }
    let own = scope.helpers.keys().map(String::as_str);
    let functions: Vec<&str> = functions::names().into_iter().chain(own).collect();
    let token::Reading { tokens, mut findings, is_whole } = token::read(source, scope, &functions);
    let compiled = if is_whole { Some(engine::compile(&tokens)) } else { None };
    let checked = match compiled {
        None => None,
        Some(Err(error)) => {
            findings.push(check::parse_failure(&error, source, &tokens));
            None
        }
        Some(Ok(tree)) => {
            let check::Checked { findings: more, reads } =
                check::check(&tree, source, &tokens, scope, wanted);
            findings.extend(more);
            Some((tree, reads))
        }
    };
    findings.sort_by_key(|finding| (finding.range.start, finding.range.end));
    match checked {
        Some((tree, reads)) if findings.is_empty() => Ok(Read { tokens, reads, tree }),
        _ => Err(findings),
    }
}

/// Returns the names with which these dotted names begin, each once.
fn roots(reads: &[String]) -> Vec<String> {
    let root = |path: &String| path.split(['.', '[']).next().map(str::to_owned);
    let mut roots: Vec<String> = reads.iter().filter_map(root).collect();
    roots.sort();
    roots.dedup();
    roots
}

#[cfg(test)]
#[expect(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]
mod tests;
