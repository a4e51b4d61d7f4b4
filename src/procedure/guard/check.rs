//! The types of a guard: whether every name, field, function and comparison in it can mean something.
//!
//! Rhai would let a comparison of a number with a text be false and a misspelt field be empty; a legal question must not
//! be decided that way. So the tree that Rhai made is walked before any case runs, and whatever is not on the list of
//! what we understand is refused. What a guard has asked with `known(…)` is remembered along `&&` and `||`, so that a
//! value which may be absent is only read where it is there.

use super::finding::{listed, nearest};
use super::functions::{self, Function, Takes};
use super::helper::Helper;
use super::token::{Kind, NOT_SUPPORTED, SYNTAX, Tokens, WORKING_DAYS};
use super::types::{Record, Scope, Type};
use super::values::day;
use crate::diagnostic::Finding;
use rhai::{Expr, ParseErrorType, Position, Stmt};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

const NOT_BOOLEAN: &str = "guard-not-boolean";
const TYPE_MISMATCH: &str = "guard-type-mismatch";
const UNKNOWN_NAME: &str = "guard-unknown-name";
const UNKNOWN_FIELD: &str = "guard-unknown-field";
const UNKNOWN_FUNCTION: &str = "guard-unknown-function";
const UNKNOWN_VALUE: &str = "guard-unknown-value";
const WRONG_ARGUMENT: &str = "guard-wrong-argument";
const MAY_BE_ABSENT: &str = "guard-may-be-absent";
const TOO_DEEP: &str = "guard-too-deep";

/// What is known to be there, as dotted names.
type Known = BTreeSet<String>;

/// What the walk over a guard gave.
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    /// The dotted names it reads, in the order of the text.
    pub(super) reads: Vec<String>,
}

/// Checks the tree that Rhai made of `tokens`.
pub(super) fn check(
    ast: &rhai::AST,
    source: &str,
    tokens: &Tokens,
    scope: &Scope,
    wanted: &Type,
) -> Checked {
    let mut walk = Walk { source, tokens, scope, findings: Vec::new(), reads: Vec::new() };
    match ast.statements() {
        [Stmt::Expr(expression)] => {
            let ty = walk.infer(expression, &Known::new());
            walk.need(&ty, wanted, expression);
        }
        _ => walk.findings.push(not_supported(0..source.len())),
    }
    let Walk { findings, reads, .. } = walk;
    Checked { findings, reads }
}

/// Says in our words why Rhai could not make a tree of the tokens.
pub(super) fn parse_failure(error: &rhai::ParseError, source: &str, tokens: &Tokens) -> Finding {
    let last = tokens.all.len().saturating_sub(1);
    let place = token_at(error.position()).filter(|index| *index <= last);
    let range = tokens.span(place.unwrap_or(last), place.unwrap_or(last));
    let written = source.get(range.clone()).unwrap_or_default();
    #[expect(clippy::wildcard_enum_match_arm, reason = "the list is Rhai's, and may grow")]
    match error.err_type() {
        ParseErrorType::ExprTooDeep => {
            Finding::new(TOO_DEEP, range, "the guard is nested too deep")
                .help("take brackets away, or split the rule over several steps")
        }
        ParseErrorType::MismatchedType(..) => {
            Finding::new(NOT_BOOLEAN, range, format!("`{written}` is neither true nor false"))
        }
        ParseErrorType::VariableUndefined(_) => {
            Finding::new(UNKNOWN_NAME, range, format!("there is no name `{written}`"))
        }
        ParseErrorType::LiteralTooLarge(..) => {
            Finding::new(NOT_SUPPORTED, range, "this list or text is too long for a guard")
        }
        _ => match place {
            None => Finding::new(SYNTAX, range, "the guard ends too early")
                .label("something must follow"),
            Some(index) if two_operands(tokens, index) => {
                let message = format!("an operator is missing before `{written}`");
                Finding::new(SYNTAX, range, message).help("for example `&&`, `||` or `==`")
            }
            Some(_) => Finding::new(SYNTAX, range, format!("`{written}` is not expected here")),
        },
    }
}

/// Returns which token stands at a position: Rhai got one token a line.
pub(super) fn token_at(position: Position) -> Option<usize> {
    position.line().and_then(|line| line.checked_sub(1))
}

fn two_operands(tokens: &Tokens, index: usize) -> bool {
    let is_word = |sign: &str| matches!(sign, "true" | "false");
    let ends = |kind: &Kind| match kind {
        Kind::Word(_) | Kind::Whole(_) | Kind::Fraction(_) | Kind::Text(_) => true,
        Kind::Sign(sign) => matches!(*sign, ")" | "]") || is_word(sign),
    };
    let starts = |kind: &Kind| match kind {
        Kind::Word(_) | Kind::Whole(_) | Kind::Fraction(_) | Kind::Text(_) => true,
        Kind::Sign(sign) => matches!(*sign, "(" | "[" | "!") || is_word(sign),
    };
    let before = index.checked_sub(1).and_then(|before| tokens.kind(before));
    before.is_some_and(ends) && tokens.kind(index).is_some_and(starts)
}

fn not_supported(range: Range<usize>) -> Finding {
    Finding::new(NOT_SUPPORTED, range, "this is not possible in a guard")
        .help("a guard is one condition, made with `&&`, `||`, `!` and comparisons")
}

struct Walk<'a> {
    source: &'a str,
    tokens: &'a Tokens,
    scope: &'a Scope,
    findings: Vec<Finding>,
    reads: Vec<String>,
}

impl Walk<'_> {
    fn infer(&mut self, expression: &Expr, known: &Known) -> Type {
        #[expect(clippy::wildcard_enum_match_arm, reason = "a list of what is allowed")]
        match expression {
            Expr::BoolConstant(..) => Type::Boolean,
            Expr::IntegerConstant(..) => Type::Integer,
            Expr::StringConstant(..) => Type::text(),
            Expr::DynamicConstant(value, _) if value.is_decimal() => Type::Decimal,
            Expr::Array(items, _) => self.list(items, known),
            Expr::Variable(..) | Expr::Dot(..) | Expr::Index(..) => self.path(expression, known),
            Expr::And(operands, _) => self.connected(operands, true, known),
            Expr::Or(operands, _) => self.connected(operands, false, known),
            Expr::FnCall(call, position) => self.call(expression, call, *position, known),
            _ => {
                self.findings.push(not_supported(self.span(expression)));
                Type::Anything
            }
        }
    }

    /// Infers `a && b && c` or `a || b || c`: each part may rely on what those before it have settled.
    fn connected(&mut self, operands: &[Expr], all: bool, known: &Known) -> Type {
        let mut known = known.clone();
        for operand in operands {
            let ty = self.infer(operand, &known);
            self.need_boolean(&ty, operand);
            known.extend(self.settled(operand, all));
        }
        Type::Boolean
    }

    /// Returns what is certainly there once this expression turned out to be `truth`.
    fn settled(&self, expression: &Expr, truth: bool) -> Known {
        #[expect(clippy::wildcard_enum_match_arm, reason = "only these settle anything")]
        match expression {
            Expr::And(operands, _) => self.settled_by(operands, true, truth),
            Expr::Or(operands, _) => self.settled_by(operands, false, truth),
            Expr::FnCall(call, position) => {
                let token = token_at(*position).unwrap_or_default();
                match (self.tokens.kind(token), call.args.as_slice()) {
                    (Some(Kind::Sign("!")), [operand]) => self.settled(operand, !truth),
                    (Some(Kind::Word(word)), [argument]) if truth && word == "known" => {
                        self.prefixes(argument)
                    }
                    _ => Known::new(),
                }
            }
            _ => Known::new(),
        }
    }

    /// `a && b` is true when all are, and false when one is while those before it were true; `||` the other way round.
    fn settled_by(&self, operands: &[Expr], all: bool, truth: bool) -> Known {
        let mut so_far = Known::new();
        let mut in_every_way: Option<Known> = None;
        for operand in operands {
            let mut ends_here = self.settled(operand, !all);
            ends_here.extend(so_far.iter().cloned());
            in_every_way = Some(match in_every_way {
                None => ends_here,
                Some(others) => others.intersection(&ends_here).cloned().collect(),
            });
            so_far.extend(self.settled(operand, all));
        }
        if truth == all { so_far } else { in_every_way.unwrap_or_default() }
    }

    /// Returns the path and all that it goes through: when `data.adres.straat` is there, `data.adres` is as well.
    fn prefixes(&self, expression: &Expr) -> Known {
        let segments = self.segments(expression).unwrap_or_default();
        let mut name = String::new();
        let mut prefixes = Known::new();
        for segment in &segments {
            segment.append_to(&mut name);
            prefixes.insert(name.clone());
        }
        prefixes
    }

    fn need_boolean(&mut self, ty: &Type, expression: &Expr) {
        if matches!(ty, Type::Boolean | Type::Anything) {
            return;
        }
        let range = self.span(expression);
        let message = format!("this is {}, not true or false", ty.words());
        let finding = Finding::new(NOT_BOOLEAN, range, message).label("a condition is needed");
        self.findings.push(match ty {
            Type::List(_) => finding.help("for example `!is_empty(…)`"),
            Type::Boolean
            | Type::Integer
            | Type::Decimal
            | Type::Text { .. }
            | Type::Date
            | Type::Record(_)
            | Type::Anything => finding.help("compare it with something"),
        });
    }

    /// Reports a whole that is not what is wanted of it.
    fn need(&mut self, ty: &Type, wanted: &Type, expression: &Expr) {
        if *wanted == Type::Boolean {
            self.need_boolean(ty, expression);
        } else if !may_stand_for(ty, wanted) {
            let message = format!("this is {}, not {}", ty.words(), wanted.words());
            let range = self.span(expression);
            let finding = Finding::new(TYPE_MISMATCH, range, message);
            self.findings.push(finding.label("the function says that it gives something else"));
        }
    }

    fn list(&mut self, items: &[Expr], known: &Known) -> Type {
        let mut of: Option<Type> = None;
        for item in items {
            let ty = self.infer(item, known);
            match &of {
                Some(first) if !may_be_equal(first, &ty) => {
                    let message = format!("the items of a list are alike: this is {}", ty.words());
                    let label = format!("the first is {}", first.words());
                    let range = self.span(item);
                    self.findings.push(Finding::new(TYPE_MISMATCH, range, message).label(label));
                    of = Some(Type::Anything);
                }
                Some(_) => {}
                None => of = Some(ty),
            }
        }
        Type::list(of.unwrap_or(Type::Anything))
    }

    fn call(
        &mut self,
        whole: &Expr,
        call: &rhai::FnCallExpr,
        position: Position,
        known: &Known,
    ) -> Type {
        let token = token_at(position).unwrap_or_default();
        match (self.tokens.kind(token).cloned(), call.args.as_slice()) {
            (Some(Kind::Sign("!")), [operand]) => {
                let ty = self.infer(operand, known);
                self.need_boolean(&ty, operand);
                Type::Boolean
            }
            // `a !in b` is the negation of a call, both at the place of the operator.
            (Some(Kind::Sign("!in")), [inner]) => self.infer(inner, known),
            (Some(Kind::Sign("in" | "!in")), [list, item]) => {
                self.member(whole, list, item, known);
                Type::Boolean
            }
            (Some(Kind::Sign("-")), [operand]) => self.negative(operand, known),
            (Some(Kind::Sign(sign @ ("==" | "!="))), [left, right]) => {
                self.equality(whole, sign, left, right, known);
                Type::Boolean
            }
            (Some(Kind::Sign(sign @ ("<" | "<=" | ">" | ">="))), [left, right]) => {
                self.order(whole, sign, left, right, known);
                Type::Boolean
            }
            (Some(Kind::Sign(sign @ ("+" | "-" | "*"))), [left, right]) => {
                self.arithmetic(whole, sign, left, right, known)
            }
            (Some(Kind::Word(name)), arguments) => {
                self.function(whole, token, &name, arguments, known)
            }
            _ => {
                self.findings.push(not_supported(self.span(whole)));
                Type::Anything
            }
        }
    }

    fn negative(&mut self, operand: &Expr, known: &Known) -> Type {
        let ty = self.infer(operand, known);
        if ty.is_number() || ty == Type::Anything {
            return ty;
        }
        let message = format!("`-` needs a number, and this is {}", ty.words());
        self.findings.push(Finding::new(TYPE_MISMATCH, self.span(operand), message));
        Type::Anything
    }

    fn arithmetic(
        &mut self,
        whole: &Expr,
        sign: &str,
        left: &Expr,
        right: &Expr,
        known: &Known,
    ) -> Type {
        let (first, second) = (self.infer(left, known), self.infer(right, known));
        match (&first, &second) {
            (Type::Anything, other) | (other, Type::Anything)
                if other.is_number() || *other == Type::Anything =>
            {
                Type::Anything
            }
            (Type::Integer, Type::Integer) => Type::Integer,
            (first, second) if first.is_number() && second.is_number() => Type::Decimal,
            (first, second) => {
                let message = format!(
                    "`{sign}` needs two numbers, and this is {} and {}",
                    first.words(),
                    second.words()
                );
                let finding = Finding::new(TYPE_MISMATCH, self.span(whole), message);
                let dates = *first == Type::Date || *second == Type::Date;
                self.findings.push(if dates {
                    finding.help("count with `days_between(from, to)` and compare the number")
                } else {
                    finding
                });
                Type::Anything
            }
        }
    }

    fn equality(&mut self, whole: &Expr, sign: &str, left: &Expr, right: &Expr, known: &Known) {
        let (first, second) = (self.infer(left, known), self.infer(right, known));
        if !may_be_equal(&first, &second) {
            self.mismatch(whole, sign, (left, &first), (right, &second));
            return;
        }
        let group =
            [&first, &second].into_iter().find(|ty| matches!(ty, Type::List(_) | Type::Record(_)));
        if let Some(group) = group {
            let message = format!("`{sign}` can't compare {}", group.words());
            let finding = Finding::new(TYPE_MISMATCH, self.span(whole), message);
            self.findings.push(finding.help("compare one field, or ask `… in …`"));
            return;
        }
        self.possible_value(left, &second);
        self.possible_value(right, &first);
    }

    /// Reports a text that `ty` can never have.
    fn possible_value(&mut self, literal: &Expr, ty: &Type) {
        let (Expr::StringConstant(value, _), Type::Text { one_of }) = (literal, ty) else {
            return;
        };
        if one_of.is_empty() || one_of.iter().any(|possible| possible == value.as_str()) {
            return;
        }
        let message = format!("it is never `{value}`");
        let finding = Finding::new(UNKNOWN_VALUE, self.span(literal), message)
            .label(format!("it is one of {}", listed(one_of.iter().map(String::as_str))));
        let near = nearest(value, one_of.iter().map(String::as_str));
        self.findings.push(finding.did_you_mean(near.map(|value| format!("\"{value}\""))));
    }

    fn order(&mut self, whole: &Expr, sign: &str, left: &Expr, right: &Expr, known: &Known) {
        let (first, second) = (self.infer(left, known), self.infer(right, known));
        let ordered = |ty: &Type| ty.is_number() || matches!(ty, Type::Date | Type::Anything);
        if !may_be_equal(&first, &second) {
            self.mismatch(whole, sign, (left, &first), (right, &second));
        } else if let Some(ty) = [&first, &second].into_iter().find(|ty| !ordered(ty)) {
            let message = format!("`{sign}` needs two numbers or two dates, not {}", ty.words());
            self.findings.push(Finding::new(TYPE_MISMATCH, self.span(whole), message));
        }
    }

    fn mismatch(
        &mut self,
        whole: &Expr,
        sign: &str,
        (left, first): (&Expr, &Type),
        (right, second): (&Expr, &Type),
    ) {
        let message = format!("`{sign}` compares {} with {}", first.words(), second.words());
        let finding = Finding::new(TYPE_MISMATCH, self.span(whole), message)
            .label("these can never be compared");
        let chained = [left, right].into_iter().any(|side| self.is_comparison(side));
        let cure = self.cure(left, second).or_else(|| self.cure(right, first));
        self.findings.push(match cure {
            Some((range, right)) => finding.help(format!("write `{right}`")).suggest(range, right),
            None if chained => finding.help("compare two at a time: `a < b && b < c`"),
            None if [first, second].contains(&&Type::Date) => {
                finding.help("a date is written `date(\"2026-01-31\")`")
            }
            None => finding,
        });
    }

    fn is_comparison(&self, expression: &Expr) -> bool {
        let Expr::FnCall(_, position) = expression else { return false };
        let kind = token_at(*position).and_then(|index| self.tokens.kind(index));
        matches!(kind, Some(Kind::Sign("<" | "<=" | ">" | ">=" | "==" | "!=")))
    }

    /// Returns how a literal would be written to be of this type.
    fn cure(&self, literal: &Expr, wanted: &Type) -> Option<(Range<usize>, String)> {
        let range = self.span(literal);
        let written = self.source.get(range.clone())?;
        let right = match (literal, wanted) {
            (Expr::StringConstant(text, _), Type::Date) => {
                day(text).map(|_| format!("date({written})"))
            }
            (Expr::StringConstant(text, _), Type::Integer) => {
                text.parse::<i64>().ok().map(|number| number.to_string())
            }
            (Expr::StringConstant(text, _), Type::Boolean) => {
                matches!(text.as_str(), "true" | "false").then(|| text.to_string())
            }
            (Expr::IntegerConstant(..), Type::Text { .. }) => Some(format!("\"{written}\"")),
            _ => None,
        };
        right.map(|right| (range, right))
    }

    /// `item in list`: Rhai turns it into a call with the list first.
    fn member(&mut self, whole: &Expr, list: &Expr, item: &Expr, known: &Known) {
        let (item_type, list_type) = (self.infer(item, known), self.infer(list, known));
        match &list_type {
            Type::Anything => {}
            Type::List(of) if may_be_equal(&item_type, of) => {
                self.possible_value(item, of);
                if let Expr::Array(values, _) = list {
                    for value in values {
                        self.possible_value(value, &item_type);
                    }
                }
                if matches!(item_type, Type::List(_) | Type::Record(_)) {
                    let message = format!("`in` can't look for {}", item_type.words());
                    self.findings.push(Finding::new(TYPE_MISMATCH, self.span(whole), message));
                }
            }
            Type::List(of) => {
                let message =
                    format!("`in` looks for {} in a list of {}", item_type.words(), plural(of));
                let finding = Finding::new(TYPE_MISMATCH, self.span(whole), message);
                let cure = self.cure(item, of);
                self.findings.push(match cure {
                    Some((range, right)) => {
                        finding.help(format!("write `{right}`")).suggest(range, right)
                    }
                    None => finding,
                });
            }
            Type::Text { .. } => {
                let range = self.span(whole);
                let finding =
                    Finding::new(TYPE_MISMATCH, range.clone(), "`in` needs a list, not a text");
                let written = |expression: &Expr| {
                    self.source.get(self.span(expression)).unwrap_or_default().to_owned()
                };
                let negated = self.is_negated_member(whole);
                let not = if negated { "!" } else { "" };
                let right = format!("{not}contains({}, {})", written(list), written(item));
                let finding = finding.help(format!("write `{right}`")).suggest(range, right);
                self.findings.push(finding);
            }
            Type::Boolean | Type::Integer | Type::Decimal | Type::Date | Type::Record(_) => {
                let message = format!("`in` needs a list, not {}", list_type.words());
                self.findings.push(Finding::new(TYPE_MISMATCH, self.span(whole), message));
            }
        }
    }

    fn is_negated_member(&self, expression: &Expr) -> bool {
        let token = token_at(expression.position()).unwrap_or_default();
        self.tokens.is(token, "!in")
    }

    fn function(
        &mut self,
        whole: &Expr,
        token: usize,
        name: &str,
        arguments: &[Expr],
        known: &Known,
    ) -> Type {
        if let Some(helper) = self.scope.helpers.get(name) {
            return self.helper(whole, name, helper, arguments, known);
        }
        let Some(function) = functions::function(name) else {
            self.unknown_function(token, name);
            for argument in arguments {
                self.infer(argument, known);
            }
            return Type::Anything;
        };
        // The calendar stands in front of what the author wrote.
        let hidden = usize::from(function.name == WORKING_DAYS);
        let arguments = arguments.get(hidden..).unwrap_or_default();
        if arguments.len() != function.takes.len() {
            let wanted = function.takes.len();
            let message = format!(
                "`{name}` takes {wanted} {}, and this gives {}",
                if wanted == 1 { "value" } else { "values" },
                arguments.len()
            );
            let finding = Finding::new(WRONG_ARGUMENT, self.span(whole), message);
            self.findings.push(finding.help(format!("write `{}`", function.usage)));
            return function.result();
        }
        for (argument, takes) in arguments.iter().zip(function.takes) {
            self.argument(function, argument, *takes, known);
        }
        function.result()
    }

    /// A call of a function that the author declares.
    fn helper(
        &mut self,
        whole: &Expr,
        name: &str,
        helper: &Helper,
        arguments: &[Expr],
        known: &Known,
    ) -> Type {
        self.reads.extend(helper.reads().iter().cloned());
        let parameters = helper.parameters();
        let usage = helper.usage(name);
        if arguments.len() != parameters.len() {
            let values = if parameters.len() == 1 { "value" } else { "values" };
            let message = format!(
                "`{name}` takes {} {values}, and this gives {}",
                parameters.len(),
                arguments.len()
            );
            let finding = Finding::new(WRONG_ARGUMENT, self.span(whole), message);
            self.findings.push(finding.help(format!("write `{usage}`")));
            return helper.gives().clone();
        }
        for (argument, (_, wanted)) in arguments.iter().zip(parameters) {
            let ty = self.infer(argument, known);
            if may_stand_for(&ty, wanted) {
                continue;
            }
            let message = format!("`{name}` needs {}, and this is {}", wanted.words(), ty.words());
            let finding = Finding::new(WRONG_ARGUMENT, self.span(argument), message);
            self.findings.push(match self.cure(argument, wanted) {
                Some((range, right)) => {
                    finding.help(format!("write `{right}`")).suggest(range, right)
                }
                None => finding.help(format!("write `{usage}`")),
            });
        }
        helper.gives().clone()
    }

    fn unknown_function(&mut self, token: usize, name: &str) {
        let range = self.tokens.span(token, token);
        let finding =
            Finding::new(UNKNOWN_FUNCTION, range, format!("there is no function `{name}`"));
        let own = self.scope.helpers.keys().map(String::as_str);
        let names: Vec<&str> = functions::names().into_iter().chain(own).collect();
        let near = nearest(name, names.iter().copied());
        self.findings.push(match near {
            Some(near) => finding.did_you_mean(Some(near.to_owned())),
            None if self.scope.names.contains_key(name) => {
                finding.help(format!("`{name}` is a value: write it without brackets"))
            }
            None => finding.help(format!("there are {}", listed(names.iter().copied()))),
        });
    }

    fn argument(&mut self, function: &Function, argument: &Expr, takes: Takes, known: &Known) {
        match takes {
            Takes::Path => self.path_argument(function, argument),
            Takes::DateLiteral => self.date_literal(argument, known),
            Takes::Date => {
                let ty = self.infer(argument, known);
                self.expect(function, argument, &ty, ty == Type::Date, "a date", &Type::Date);
            }
            Takes::Text => {
                let ty = self.infer(argument, known);
                let fits = matches!(ty, Type::Text { .. });
                self.expect(function, argument, &ty, fits, "a text", &Type::text());
            }
            Takes::ListOrText => {
                let ty = self.infer(argument, known);
                let fits = matches!(ty, Type::Text { .. } | Type::List(_));
                self.expect(function, argument, &ty, fits, "a list or a text", &Type::Anything);
            }
        }
    }

    fn expect(
        &mut self,
        function: &Function,
        argument: &Expr,
        ty: &Type,
        fits: bool,
        wanted: &str,
        cured: &Type,
    ) {
        if fits || *ty == Type::Anything {
            return;
        }
        let message = format!("`{}` needs {wanted}, and this is {}", function.name, ty.words());
        let finding = Finding::new(WRONG_ARGUMENT, self.span(argument), message);
        self.findings.push(match self.cure(argument, cured) {
            Some((range, right)) => finding.help(format!("write `{right}`")).suggest(range, right),
            None if matches!(ty, Type::List(_)) && function.name == "contains" => {
                finding.help("ask `… in …` for a list")
            }
            None => finding.help(format!("write `{}`", function.usage)),
        });
    }

    fn path_argument(&mut self, function: &Function, argument: &Expr) {
        if let Some(segments) = self.segments(argument) {
            self.resolve(&segments, None);
            return;
        }
        let range = self.span(argument);
        let message = format!("`{}` asks after a name, and this is none", function.name);
        let finding = Finding::new(WRONG_ARGUMENT, range, message);
        self.findings.push(finding.help(format!("write `{}`", function.usage)));
    }

    fn date_literal(&mut self, argument: &Expr, known: &Known) {
        let range = self.span(argument);
        if let Expr::StringConstant(text, _) = argument {
            if day(text).is_none() {
                let finding = Finding::new(WRONG_ARGUMENT, range, "there is no such date");
                let help = "a date is written as year, month, day: `date(\"2026-01-31\")`";
                self.findings.push(finding.help(help));
            }
            return;
        }
        let ty = self.infer(argument, known);
        if ty != Type::Anything {
            let finding =
                Finding::new(WRONG_ARGUMENT, range, "`date` takes a date that is written out");
            let help = if ty == Type::Date {
                "this is a date already: leave `date(…)` out"
            } else {
                "write `date(\"2026-01-31\")`"
            };
            self.findings.push(finding.help(help));
        }
    }

    fn path(&mut self, expression: &Expr, known: &Known) -> Type {
        if let Some(segments) = self.segments(expression) {
            return self.resolve(&segments, Some(known));
        }
        self.findings.push(not_supported(self.span(expression)));
        Type::Anything
    }

    /// Returns the names and indexes of a path, read off the tokens from its first name on.
    fn segments(&self, expression: &Expr) -> Option<Vec<Segment>> {
        let root = root(expression);
        let Expr::Variable(_, _, position) = root else { return None };
        let first = token_at(*position)?;
        let mut segments =
            vec![Segment { part: Part::Name(self.tokens.word(first)?.to_owned()), token: first }];
        let last = self.tokens.path_end(first);
        for token in first..=last {
            let part = match self.tokens.kind(token)? {
                Kind::Word(word) if token > first => Part::Name(word.clone()),
                Kind::Whole(digits) => Part::Item(digits.parse().ok()?),
                Kind::Word(_) | Kind::Fraction(_) | Kind::Text(_) | Kind::Sign(_) => continue,
            };
            segments.push(Segment { part, token });
        }
        Some(segments)
    }

    /// Returns the type at the end of a path. `known` is what is there for certain; `None` where only that is asked.
    fn resolve(&mut self, segments: &[Segment], known: Option<&Known>) -> Type {
        let Some((Segment { part: Part::Name(root), token }, rest)) = segments.split_first() else {
            return Type::Anything;
        };
        let Some((mut ty, _)) = self.scope.names.get(root).map(|(ty, doc)| (ty, doc)) else {
            self.unknown_name(*token, root);
            return Type::Anything;
        };
        let mut name = root.clone();
        let mut uncertain: Option<String> = None;
        for segment in rest {
            let container = name.clone();
            segment.append_to(&mut name);
            let may_be_absent = match (ty, &segment.part) {
                // INVARIANT: the type stays `Anything` to the end of the path, and the path counts as read.
                (Type::Anything, _) => false,
                (Type::Record(record), Part::Name(field)) => {
                    let Some(field) = record.fields.get(field) else {
                        self.unknown_field(segment, record, field);
                        return Type::Anything;
                    };
                    ty = &field.ty;
                    field.may_be_absent
                }
                (Type::List(items), Part::Item(_)) => {
                    ty = items;
                    true
                }
                (other, Part::Name(field)) => {
                    let message = format!("`{container}` is {}: it has no fields", other.words());
                    let finding = Finding::new(UNKNOWN_FIELD, self.range(segment), message);
                    let is_length = matches!(field.as_str(), "len" | "length" | "size" | "count")
                        && matches!(other, Type::List(_) | Type::Text { .. });
                    self.findings.push(if is_length {
                        finding.help(format!("write `len({container})`"))
                    } else {
                        finding
                    });
                    return Type::Anything;
                }
                (other, Part::Item(_)) => {
                    let message = format!("`{container}` is {}: it has no items", other.words());
                    self.findings.push(Finding::new(TYPE_MISMATCH, self.range(segment), message));
                    return Type::Anything;
                }
            };
            let is_certain = known.is_none_or(|known| known.contains(&name));
            if may_be_absent && !is_certain {
                uncertain = Some(name.clone());
            }
        }
        let ty = ty.clone();
        if !self.reads.contains(&name) {
            self.reads.push(name);
        }
        if let Some(name) = uncertain {
            let first = segments.first().map_or(0, |segment| segment.token);
            let range = self.tokens.span(first, self.tokens.path_end(first));
            let finding = Finding::new(MAY_BE_ABSENT, range, format!("`{name}` may be absent"));
            self.findings.push(finding.help(format!("ask first: `known({name}) && …`")));
        }
        ty
    }

    fn unknown_field(&mut self, segment: &Segment, record: &Record, field: &str) {
        let fields = record.fields.keys().map(String::as_str);
        let message = format!("{} has no field `{field}`", record.what);
        let finding = Finding::new(UNKNOWN_FIELD, self.range(segment), message);
        let near = nearest(field, fields.clone()).map(str::to_owned);
        self.findings.push(match near {
            Some(_) => finding.did_you_mean(near),
            None if record.fields.is_empty() => finding.help("it has none"),
            None => finding.help(format!("there are {}", listed(fields))),
        });
    }

    fn unknown_name(&mut self, token: usize, name: &str) {
        let range = self.tokens.span(token, token);
        let finding = Finding::new(UNKNOWN_NAME, range, format!("there is no name `{name}`"));
        let names = self.scope.names.keys().map(String::as_str);
        self.findings.push(match nearest(name, names.clone()) {
            Some(near) => finding.did_you_mean(Some(near.to_owned())),
            None if functions::function(name).is_some() => {
                finding.help(format!("`{name}` is a function: it is followed by `(`"))
            }
            None if matches!(name, "null" | "nil" | "None" | "none" | "empty" | "leeg") => {
                finding.help("ask `known(…)`, or `!known(…)`")
            }
            None => finding.help(format!("there are {}", listed(names))),
        });
    }

    fn range(&self, segment: &Segment) -> Range<usize> {
        self.tokens.span(segment.token, segment.token)
    }

    /// Returns the bytes of an expression, without brackets around it.
    fn span(&self, expression: &Expr) -> Range<usize> {
        let (first, last) = self.extent(expression);
        self.tokens.span(first, last)
    }

    fn extent(&self, expression: &Expr) -> (usize, usize) {
        let token = token_at(expression.position()).unwrap_or_default();
        #[expect(clippy::wildcard_enum_match_arm, reason = "the rest is one token long")]
        match expression {
            Expr::And(operands, _) | Expr::Or(operands, _) => {
                let first = operands.first().map_or(token, |operand| self.extent(operand).0);
                let last = operands.last().map_or(token, |operand| self.extent(operand).1);
                (first, last)
            }
            Expr::Array(..) => (token, self.tokens.partner(token).unwrap_or(token)),
            Expr::Variable(..) | Expr::Dot(..) | Expr::Index(..) => {
                let first = token_at(root(expression).position()).unwrap_or(token);
                (first, self.tokens.path_end(first))
            }
            Expr::IntegerConstant(..) => {
                let is_number =
                    |index: &usize| matches!(self.tokens.kind(*index), Some(Kind::Whole(_)));
                let last = (token..self.tokens.all.len()).find(is_number);
                (token, last.unwrap_or(token))
            }
            Expr::FnCall(call, _) => self.extent_of_call(token, &call.args),
            _ => (token, token),
        }
    }

    fn extent_of_call(&self, token: usize, arguments: &[Expr]) -> (usize, usize) {
        match (self.tokens.kind(token), arguments) {
            (Some(Kind::Word(_)), _) => (token, self.tokens.partner(token + 1).unwrap_or(token)),
            (Some(Kind::Sign("!in")), [inner]) => self.extent(inner),
            (Some(Kind::Sign("in" | "!in")), [list, item]) => {
                (self.extent(item).0, self.extent(list).1)
            }
            (_, [operand]) => (token, self.extent(operand).1),
            (_, [left, right]) => (self.extent(left).0, self.extent(right).1),
            _ => (token, token),
        }
    }
}

/// Returns what a chain of dots and indexes starts with.
fn root(expression: &Expr) -> &Expr {
    let mut root = expression;
    while let Expr::Dot(pair, ..) | Expr::Index(pair, ..) = root {
        root = &pair.lhs;
    }
    root
}

/// One part of a path, and the token it stands at.
#[derive(Debug, Clone)]
struct Segment {
    part: Part,
    token: usize,
}

#[derive(Debug, Clone)]
enum Part {
    Name(String),
    Item(usize),
}

impl Segment {
    fn append_to(&self, path: &mut String) {
        match &self.part {
            Part::Name(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Part::Item(index) => {
                // Writing into a `String` can't fail.
                let _ = write!(path, "[{index}]");
            }
        }
    }
}

/// Whether values of these two types can be taken together in a comparison.
fn may_be_equal(first: &Type, second: &Type) -> bool {
    match (first, second) {
        (Type::Anything, _)
        | (_, Type::Anything)
        | (Type::Text { .. }, Type::Text { .. })
        | (Type::Boolean, Type::Boolean)
        | (Type::Date, Type::Date)
        | (Type::List(_), Type::List(_))
        | (Type::Record(_), Type::Record(_)) => true,
        (first, second) => first.is_number() && second.is_number(),
    }
}

/// Whether a value of type `ty` may be given where `wanted` is.
fn may_stand_for(ty: &Type, wanted: &Type) -> bool {
    match (ty, wanted) {
        (Type::Decimal, Type::Integer) => false,
        (Type::List(of), Type::List(wanted)) => may_stand_for(of, wanted),
        (ty, wanted) => may_be_equal(ty, wanted),
    }
}

fn plural(ty: &Type) -> &'static str {
    match ty {
        Type::Boolean => "conditions",
        Type::Integer => "whole numbers",
        Type::Decimal => "numbers",
        Type::Text { .. } => "texts",
        Type::Date => "dates",
        Type::List(_) => "lists",
        Type::Record(_) => "groups of fields",
        Type::Anything => "things",
    }
}
