//! Functions of an author's own: a condition or a sum that several guards need, written once and named.
//!
//! A helper is checked by itself, with its parameters as names that are certainly there. What runs is not a call: the
//! helper's expression is put into the guard, each parameter replaced by what the guard gives for it, so that the
//! engine has nothing more to call, and all that bounds a guard bounds this as well. A helper knows only those before it,
//! so that none can call itself.

use super::functions;
use super::token::{CALENDAR, Kind, Tokens};
use super::types::{Scope, Type};
use crate::diagnostic::Finding;
use std::ops::Range;
use std::sync::Arc;

/// How long a guard may be after its helpers were put in, in bytes.
const LONGEST_WHOLE: usize = 32 * 1024;

/// A function that an author declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    inner: Arc<Inner>,
}

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    parameters: Vec<(String, Type)>,
    gives: Type,
    body: Vec<Piece>,
    reads: Vec<String>,
}

/// A part of what Rhai gets.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter(usize),
}

impl Helper {
    /// Checks a helper against what it can see, and compiles it.
    ///
    /// # Errors
    /// Everything that is wrong with its expression, in the order of the text.
    pub fn compile(
        source: &str,
        parameters: Vec<(String, Type)>,
        gives: Type,
        scope: &Scope,
    ) -> Result<Self, Vec<Finding>> {
        let inside = parameters.iter().fold(scope.clone(), |scope, (name, ty)| {
            scope.with(name.clone(), ty.clone(), "what the function is given")
        });
        let super::Read { tokens, reads, .. } = super::read_as(source, &inside, &gives)?;
        let own = |path: &String| {
            let root = path.split(['.', '[']).next().unwrap_or_default();
            !parameters.iter().any(|(name, _)| name == root)
        };
        let reads = reads.into_iter().filter(own).collect();
        let names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        let body = pieces(&tokens, 0..tokens.all.len(), &names, scope);
        let length = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Parameter(_) => 1,
        };
        if body.iter().map(length).sum::<usize>() > LONGEST_WHOLE {
            return Err(vec![too_long(0..source.len())]);
        }
        let inner = Inner { parameters, gives, body, reads };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns a helper that is never run: it stands in for one whose expression is wrong, so that its calls are checked.
    pub fn standing_in(parameters: Vec<(String, Type)>, gives: Type) -> Self {
        let body = vec![Piece::Text(CALENDAR.to_owned())];
        let inner = Inner { parameters, gives, body, reads: Vec::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Returns what it takes, in order.
    pub(super) fn parameters(&self) -> &[(String, Type)] {
        &self.inner.parameters
    }

    /// Returns what it gives.
    pub(super) fn gives(&self) -> &Type {
        &self.inner.gives
    }

    /// Returns the dotted names of the case that it reads.
    pub(super) fn reads(&self) -> &[String] {
        &self.inner.reads
    }

    /// Returns how it is written, for messages.
    pub(super) fn usage(&self, name: &str) -> String {
        let names: Vec<&str> =
            self.inner.parameters.iter().map(|(name, _)| name.as_str()).collect();
        format!("{name}({})", names.join(", "))
    }
}

/// Returns the text that Rhai runs for a guard: as `Tokens::for_rhai`, with what helpers stand for in their place.
///
/// All of a call stands on the line of its name, so that a fault within it is reported there.
///
/// # Errors
/// What is wrong if the whole becomes too long.
pub(super) fn put_in(tokens: &Tokens, scope: &Scope) -> Result<Option<String>, Vec<Finding>> {
    let is_call = |index: usize| {
        let word = tokens.word(index)?;
        scope.helpers.get(word).filter(|_| tokens.is(index + 1, "("))
    };
    if !(0..tokens.all.len()).any(|index| is_call(index).is_some()) {
        return Ok(None);
    }
    let mut text = String::new();
    let mut index = 0;
    while index < tokens.all.len() {
        let end = is_call(index).map_or(index, |_| tokens.partner(index + 1).unwrap_or(index));
        for piece in pieces(tokens, index..end + 1, &[], scope) {
            if let Piece::Text(part) = piece {
                text.push_str(&part);
            }
        }
        for _ in index..=end {
            text.push('\n');
        }
        if text.len() > LONGEST_WHOLE {
            return Err(vec![too_long(tokens.span(index, end))]);
        }
        index = end + 1;
    }
    Ok(Some(text))
}

fn too_long(range: Range<usize>) -> Finding {
    let message = "with what its functions stand for, this is too long";
    let finding = Finding::new("guard-too-long", range, message);
    finding.help("let the functions do less, or call fewer of them")
}

/// Returns what Rhai gets for some of the tokens, with `parameters` left open and helpers put in.
fn pieces(tokens: &Tokens, range: Range<usize>, parameters: &[&str], scope: &Scope) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut index = range.start;
    while index < range.end {
        let word = tokens.word(index);
        let is_field = index.checked_sub(1).is_some_and(|before| tokens.is(before, "."));
        let helper = word.and_then(|word| scope.helpers.get(word));
        let parameter = word.and_then(|word| parameters.iter().position(|name| *name == word));
        if let (Some(helper), Some(end)) = (helper, tokens.partner(index + 1))
            && tokens.is(index + 1, "(")
        {
            let given: Vec<Vec<Piece>> = arguments(tokens, index + 2..end)
                .into_iter()
                .map(|argument| pieces(tokens, argument, parameters, scope))
                .collect();
            all.push(Piece::Text("( ".to_owned()));
            for part in &helper.inner.body {
                match part {
                    Piece::Text(text) => all.push(Piece::Text(text.clone())),
                    Piece::Parameter(place) => {
                        all.push(Piece::Text("( ".to_owned()));
                        all.extend(given.get(*place).cloned().unwrap_or_default());
                        all.push(Piece::Text(") ".to_owned()));
                    }
                }
            }
            all.push(Piece::Text(") ".to_owned()));
            index = end + 1;
            continue;
        }
        match parameter {
            Some(place) if !is_field => all.push(Piece::Parameter(place)),
            Some(_) | None => {
                let text = tokens.one_for_rhai(index, |name| functions::function(name).is_some());
                all.push(Piece::Text(format!("{text} ")));
            }
        }
        index += 1;
    }
    joined(all)
}

/// Puts neighbouring texts together, so that a helper is a few pieces.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (all.last_mut(), piece) {
            (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
            (_, piece) => all.push(piece),
        }
    }
    all
}

/// Returns the tokens of each argument.
fn arguments(tokens: &Tokens, inside: Range<usize>) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let (mut start, mut index) = (inside.start, inside.start);
    while index < inside.end {
        if matches!(tokens.kind(index), Some(Kind::Sign("(" | "["))) {
            index = tokens.partner(index).unwrap_or(index);
        } else if tokens.is(index, ",") {
            all.push(start..index);
            start = index + 1;
        }
        index += 1;
    }
    if start < inside.end {
        all.push(start..inside.end);
    }
    all
}
