//! The Rhai engine that carries guards out: bare, with our own operators and functions and not one of Rhai's.
//!
//! All operators are registered for every pair of types, so that taking a number and a text together is a fault and
//! never `false`; reading what is absent is a fault as well. Nothing here can loop, wait, write, or read a clock.

use super::check::token_at;
use super::fault::{Fault, FaultKind};
use super::token::{CALENDAR, Kind, LONGEST, Tokens, WORKING_DAYS, rhai_name};
use super::values::{Absent, Counter, Datum, Day, Fields, Items, Values, Words, WrongType, day};
use chrono::{Months, NaiveDate};
use rhai::{
    AST, Dynamic, Engine, EvalAltResult, ImmutableString, OptimizationLevel, ParseError, Position,
};
use rust_decimal::Decimal;
use std::any::type_name;
use std::cmp::Ordering;
use std::sync::OnceLock;

/// How deep a guard may be nested. A debug build needs about 512 KiB of stack for this.
const DEPTH: usize = 32;
/// How many operations a guard may take; 2 KiB of guard can't need more than one for every byte.
const OPERATIONS: u64 = 10_000;

/// Words and signs that no token of ours can become, refused by Rhai as well: its own operators on bits and truth values
/// would answer without being registered.
const DISABLED: &[&str] = &[
    "eval", "Fn", "call", "curry", "print", "debug", "type_of", "switch", "this", "if", "while",
    "loop", "for", "do", "let", "const", "throw", "return", "/", "%", "**", "&", "|", "^", "<<",
    ">>", "..", "..=", "??", "?.", "?[",
];

type Answer<T> = Result<T, Box<EvalAltResult>>;

/// Returns the engine, the same one for all guards.
pub(super) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(build)
}

fn build() -> Engine {
    let mut engine = Engine::new_raw();
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .set_fast_operators(false)
        .set_allow_looping(false)
        .set_allow_shadowing(false)
        .set_allow_if_expression(false)
        .set_allow_switch_expression(false)
        .set_allow_loop_expressions(false)
        .set_allow_statement_expression(false)
        .set_max_operations(OPERATIONS)
        .set_max_expr_depths(DEPTH)
        .set_max_string_size(4096)
        .set_max_array_size(1000)
        .set_max_map_size(200)
        .set_max_variables(50);
    for symbol in DISABLED {
        engine.disable_symbol(*symbol);
    }
    register_reading(&mut engine);
    register_operators(&mut engine);
    register_functions(&mut engine);
    engine
}

fn register_reading(engine: &mut Engine) {
    engine
        .register_indexer_get(|fields: &mut Fields, name: ImmutableString| {
            match fields.0.get(name.as_str()) {
                Some(datum) => Ok(datum.to_rhai()),
                None => fail(FaultKind::UnknownName),
            }
        })
        .register_indexer_get(|items: &mut Items, index: i64| {
            let index = usize::try_from(index).ok();
            index.and_then(|index| items.0.get(index)).unwrap_or(&Datum::Absent).to_rhai()
        })
        // What lies within something absent is absent as well, so that `known(data.adres.straat)` can be asked.
        .register_indexer_get(|absent: &mut Absent, _: ImmutableString| *absent)
        .register_indexer_get(|absent: &mut Absent, _: i64| *absent)
        .register_indexer_get(|wrong: &mut WrongType, _: ImmutableString| *wrong)
        .register_indexer_get(|wrong: &mut WrongType, _: i64| *wrong);
}

fn register_operators(engine: &mut Engine) {
    engine
        .register_fn("==", |a: Dynamic, b: Dynamic| equal(&a, &b))
        .register_fn("!=", |a: Dynamic, b: Dynamic| equal(&a, &b).map(|same| !same))
        .register_fn("<", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_lt))
        .register_fn("<=", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_le))
        .register_fn(">", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_gt))
        .register_fn(">=", |a: Dynamic, b: Dynamic| order(&a, &b).map(Ordering::is_ge))
        .register_fn("+", |a: Dynamic, b: Dynamic| {
            calculate(&a, &b, i64::checked_add, Decimal::checked_add)
        })
        .register_fn("-", |a: Dynamic, b: Dynamic| {
            calculate(&a, &b, i64::checked_sub, Decimal::checked_sub)
        })
        .register_fn("*", |a: Dynamic, b: Dynamic| {
            calculate(&a, &b, i64::checked_mul, Decimal::checked_mul)
        })
        .register_fn("-", |a: Dynamic| {
            calculate(&Dynamic::from(0_i64), &a, i64::checked_sub, Decimal::checked_sub)
        })
        .register_fn("!", |a: Dynamic| match view(&a)? {
            View::Boolean(truth) => Ok(!truth),
            View::Integer(_)
            | View::Decimal(_)
            | View::Text(_)
            | View::Date(_)
            | View::Items(_)
            | View::Literals(_)
            | View::Fields => fail(FaultKind::NotBoolean),
        });
}

fn register_functions(engine: &mut Engine) {
    engine
        .register_fn("known", |a: Dynamic| !a.is::<Absent>())
        .register_fn("date", |a: Dynamic| match view(&a)? {
            View::Text(text) => day(&text).map(Day).map_or_else(|| fail(FaultKind::Mismatch), Ok),
            View::Boolean(_)
            | View::Integer(_)
            | View::Decimal(_)
            | View::Date(_)
            | View::Items(_)
            | View::Literals(_)
            | View::Fields => fail(FaultKind::Mismatch),
        })
        .register_fn("days_between", |a: Dynamic, b: Dynamic| {
            let (from, to) = (date(&a)?, date(&b)?);
            Ok::<_, Box<EvalAltResult>>(to.signed_duration_since(from).num_days())
        })
        .register_fn("months_between", |a: Dynamic, b: Dynamic| {
            Ok::<_, Box<EvalAltResult>>(months_between(date(&a)?, date(&b)?))
        })
        .register_fn(WORKING_DAYS, |calendar: Counter, a: Dynamic, b: Dynamic| {
            Ok::<_, Box<EvalAltResult>>(calendar.0.working_days_between(date(&a)?, date(&b)?))
        })
        .register_fn("len", |a: Dynamic| length(&a))
        .register_fn("is_empty", |a: Dynamic| length(&a).map(|length| length == 0))
        // `part in whole` is this call as well.
        .register_fn("contains", |whole: Dynamic, part: Dynamic| contains(&whole, &part));
}

/// What an operator or a function can do something with. Long values are shared with the case, not copied.
enum View {
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(ImmutableString),
    Date(NaiveDate),
    Items(Items),
    /// A list that is written in the guard.
    Literals(Vec<Dynamic>),
    Fields,
}

fn fail<T>(kind: FaultKind) -> Answer<T> {
    Err(Box::new(EvalAltResult::ErrorRuntime(Dynamic::from(kind), Position::NONE)))
}

/// Looks at a value. What is absent or not of its declared type is a fault here, and so wherever it is used.
fn view(value: &Dynamic) -> Answer<View> {
    if value.is::<Absent>() {
        return fail(FaultKind::Absent);
    }
    if value.is::<WrongType>() {
        return fail(FaultKind::WrongType);
    }
    if let Ok(truth) = value.as_bool() {
        return Ok(View::Boolean(truth));
    }
    if let Ok(number) = value.as_int() {
        return Ok(View::Integer(number));
    }
    if let Ok(number) = value.as_decimal() {
        return Ok(View::Decimal(number));
    }
    text_or_group(value)
}

fn text_or_group(value: &Dynamic) -> Answer<View> {
    if let Some(text) = value.read_lock::<ImmutableString>() {
        Ok(View::Text(text.clone()))
    } else if let Some(words) = value.read_lock::<Words>() {
        Ok(View::Text(words.0.clone()))
    } else if let Some(day) = value.read_lock::<Day>() {
        Ok(View::Date(day.0))
    } else if let Some(items) = value.read_lock::<Items>() {
        Ok(View::Items(items.clone()))
    } else if let Some(items) = value.read_lock::<rhai::Array>() {
        Ok(View::Literals(items.clone()))
    } else if value.is::<Fields>() {
        Ok(View::Fields)
    } else {
        fail(FaultKind::Mismatch)
    }
}

fn equal(a: &Dynamic, b: &Dynamic) -> Answer<bool> {
    match (view(a)?, view(b)?) {
        (View::Boolean(a), View::Boolean(b)) => Ok(a == b),
        (View::Text(a), View::Text(b)) => Ok(a == b),
        (a, b) => ordered(&a, &b).map(Ordering::is_eq),
    }
}

fn order(a: &Dynamic, b: &Dynamic) -> Answer<Ordering> {
    ordered(&view(a)?, &view(b)?)
}

/// Compares two numbers or two dates.
fn ordered(a: &View, b: &View) -> Answer<Ordering> {
    match (a, b) {
        (View::Integer(a), View::Integer(b)) => Ok(a.cmp(b)),
        (View::Date(a), View::Date(b)) => Ok(a.cmp(b)),
        (a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => Ok(a.cmp(&b)),
            _ => fail(FaultKind::Mismatch),
        },
    }
}

fn number(view: &View) -> Option<Decimal> {
    match view {
        View::Integer(number) => Some(Decimal::from(*number)),
        View::Decimal(number) => Some(*number),
        View::Boolean(_)
        | View::Text(_)
        | View::Date(_)
        | View::Items(_)
        | View::Literals(_)
        | View::Fields => None,
    }
}

fn calculate(
    a: &Dynamic,
    b: &Dynamic,
    whole: fn(i64, i64) -> Option<i64>,
    exact: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Answer<Dynamic> {
    let (a, b) = (view(a)?, view(b)?);
    let result = match (&a, &b) {
        (View::Integer(a), View::Integer(b)) => whole(*a, *b).map(Dynamic::from),
        (a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => exact(a, b).map(Dynamic::from),
            _ => return fail(FaultKind::Mismatch),
        },
    };
    result.map_or_else(|| fail(FaultKind::Overflow), Ok)
}

fn date(value: &Dynamic) -> Answer<NaiveDate> {
    match view(value)? {
        View::Date(date) => Ok(date),
        View::Boolean(_)
        | View::Integer(_)
        | View::Decimal(_)
        | View::Text(_)
        | View::Items(_)
        | View::Literals(_)
        | View::Fields => fail(FaultKind::Mismatch),
    }
}

/// Returns the whole months from `from` to `to`: the most that can be added to `from` without passing `to`, where a
/// month ends on its last day if it has no such day. Negative when `to` comes first.
fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    use chrono::Datelike as _;
    if to < from {
        return -months_between(to, from);
    }
    let month_of = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    let months = month_of(to) - month_of(from);
    let reached =
        u32::try_from(months).ok().and_then(|months| from.checked_add_months(Months::new(months)));
    if reached.is_some_and(|reached| reached <= to) { months } else { (months - 1).max(0) }
}

/// Returns the number of items of a list, or of characters of a text.
fn length(value: &Dynamic) -> Answer<i64> {
    let length = match view(value)? {
        View::Text(text) => text.chars().count(),
        View::Items(items) => items.0.len(),
        View::Literals(items) => items.len(),
        View::Boolean(_) | View::Integer(_) | View::Decimal(_) | View::Date(_) | View::Fields => {
            return fail(FaultKind::Mismatch);
        }
    };
    i64::try_from(length).or_else(|_| fail(FaultKind::Overflow))
}

fn contains(whole: &Dynamic, part: &Dynamic) -> Answer<bool> {
    match view(whole)? {
        View::Text(text) => match view(part)? {
            View::Text(part) => Ok(text.contains(part.as_str())),
            View::Boolean(_)
            | View::Integer(_)
            | View::Decimal(_)
            | View::Date(_)
            | View::Items(_)
            | View::Literals(_)
            | View::Fields => fail(FaultKind::Mismatch),
        },
        View::Items(items) => any_equal(items.0.iter().map(Datum::to_rhai), part),
        View::Literals(items) => any_equal(items.into_iter(), part),
        View::Boolean(_) | View::Integer(_) | View::Decimal(_) | View::Date(_) | View::Fields => {
            fail(FaultKind::Mismatch)
        }
    }
}

fn any_equal(mut items: impl Iterator<Item = Dynamic>, part: &Dynamic) -> Answer<bool> {
    // The part is looked at even if there is no item: an absent one is a fault either way.
    view(part)?;
    items.try_fold(false, |found, item| Ok(found || equal(&item, part)?))
}

/// Makes the tree of a guard, to be checked. Every name that it mentions is a variable here: the check says which there
/// are, and which functions of the author's.
pub(super) fn compile(tokens: &Tokens) -> Result<AST, ParseError> {
    let text = tokens.for_rhai(|name| super::functions::function(name).is_some());
    parse(tokens, &[], text)
}

/// Makes the tree that runs, of a text into which helpers were put that read `roots`.
pub(super) fn compile_whole(
    tokens: &Tokens,
    roots: &[String],
    text: String,
) -> Result<AST, ParseError> {
    parse(tokens, roots, text)
}

fn parse(tokens: &Tokens, roots: &[String], text: String) -> Result<AST, ParseError> {
    let mut variables = rhai::Scope::new();
    variables.push(CALENDAR, ());
    for root in roots {
        variables.push(rhai_name(root), ());
    }
    for token in &tokens.all {
        if let Kind::Word(word) = &token.kind
            && variables.len() < 40
            && !variables.contains(&rhai_name(word))
        {
            variables.push(rhai_name(word), ());
        }
    }
    engine().compile_expression_with_scope(&variables, text)
}

/// Carries a guard out over the values of a case.
pub(super) fn run(
    ast: &AST,
    source: &str,
    tokens: &Tokens,
    roots: &[String],
    values: &Values,
) -> Result<bool, Fault> {
    let mut variables = values.variables(roots.iter().map(String::as_str));
    let place = |position: Position| place(position, source, tokens);
    match engine().eval_ast_with_scope::<Dynamic>(&mut variables, ast) {
        Ok(answer) => answer.as_bool().map_err(|_| {
            let (line, column) = place(Position::NONE);
            let kind = view(&answer).err().map_or(FaultKind::NotBoolean, |error| kind(&error));
            Fault { line, column, kind }
        }),
        Err(error) => {
            let (line, column) = place(error.position());
            Err(Fault { line, column, kind: kind(&error) })
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the list is Rhai's, and may grow")]
fn kind(error: &EvalAltResult) -> FaultKind {
    match error {
        EvalAltResult::ErrorRuntime(cause, _) => {
            cause.clone().try_cast::<FaultKind>().unwrap_or(FaultKind::Broken)
        }
        // An operand of `&&` or `||`: Rhai names the type that it met.
        EvalAltResult::ErrorMismatchDataType(_, found, _) => {
            if found == type_name::<Absent>() {
                FaultKind::Absent
            } else if found == type_name::<WrongType>() {
                FaultKind::WrongType
            } else {
                FaultKind::NotBoolean
            }
        }
        EvalAltResult::ErrorVariableNotFound(..) | EvalAltResult::ErrorPropertyNotFound(..) => {
            FaultKind::UnknownName
        }
        EvalAltResult::ErrorDotExpr(..) | EvalAltResult::ErrorIndexingType(..) => {
            FaultKind::Mismatch
        }
        EvalAltResult::ErrorTooManyOperations(_) | EvalAltResult::ErrorDataTooLarge(..) => {
            FaultKind::TooMuchWork
        }
        _ => FaultKind::Broken,
    }
}

/// Returns line and column inside the guard, both from 1, for a position in the text that Rhai got.
fn place(position: Position, source: &str, tokens: &Tokens) -> (usize, usize) {
    let index = token_at(position).unwrap_or_default();
    let index = if tokens.is(index, ".") { index + 1 } else { index };
    let start = tokens.get(index).map_or(0, |token| token.range.start);
    let before = source.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    (line, column)
}

// INVARIANT: no text literal exceeds the limit that Rhai has for texts.
const _: () = assert!(LONGEST <= 4096);

#[cfg(test)]
pub(super) mod listing {
    /// Returns every function that a guard can reach, with the number of values it takes.
    pub(in super::super) fn functions() -> Vec<String> {
        let mut all = super::engine().collect_fn_metadata(
            None,
            |info| Some(format!("{}/{}", info.metadata.name, info.metadata.num_params)),
            true,
        );
        all.sort();
        all
    }
}
