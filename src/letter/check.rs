//! What a template may say, and what its names must be: checked before any letter is made.
//!
//! A template has values (`{{ … }}`), choices (`{% if … %}`) and repetitions (`{% for … in … %}`). A name that the shape
//! does not have, a value that may be absent and was not asked for, a list where a text is wanted: each is a finding
//! with its place in the file of the template.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the tree is minijinja's: what is not named here is not allowed, or proves nothing"
)]

use super::filters::{FILTERS, Takes};
use super::shape::{Field, Shape};
use crate::diagnostic::Finding;
use crate::diagnostic::did_you_mean;
use minijinja::machinery::Span;
use minijinja::machinery::ast::{
    BinOp, BinOpKind, CallArg, Expr, Filter, ForLoop, IfCond, IfExpr, Spanned, Stmt, UnaryOpKind,
};
use minijinja::value::ValueKind;
use std::collections::BTreeSet;
use std::ops::Range;

/// Returns the finding for a text that is no template.
pub(super) fn of_syntax(error: &minijinja::Error, text: &str) -> Finding {
    let line = error.line().unwrap_or(1);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let end = text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |n| start + n);
    let range = error.range().filter(|range| range.end <= text.len()).unwrap_or(start..end);
    let said = error.detail().unwrap_or("this can't be read").replace('\n', " ");
    Finding::new("letter-syntax", range, format!("the template can't be read: {said}"))
        .label("here")
        .help("write `{{ name }}`, `{% if name %} … {% endif %}` or `{% for item in list %} … {% endfor %}`")
}

/// What the check found.
pub(super) struct Checked {
    pub(super) findings: Vec<Finding>,
    /// The dotted names that the template puts in or asks for.
    pub(super) reads: BTreeSet<String>,
}

/// Checks a template against the shape of what it is filled with.
pub(super) fn check(tree: &Stmt<'_>, text: &str, shape: &Shape) -> Checked {
    let mut check = Check {
        text,
        names: vec![(None, shape.clone())],
        present: Vec::new(),
        findings: Vec::new(),
        reads: BTreeSet::new(),
    };
    if let Stmt::Template(template) = tree {
        check.all(&template.children);
    }
    check.findings.sort_by_key(|finding| (finding.range.start, finding.range.end));
    Checked { findings: check.findings, reads: check.reads }
}

fn is_comparison(op: BinOpKind) -> bool {
    match op {
        BinOpKind::Eq
        | BinOpKind::Ne
        | BinOpKind::Lt
        | BinOpKind::Lte
        | BinOpKind::Gt
        | BinOpKind::Gte
        | BinOpKind::In => true,
        BinOpKind::ScAnd
        | BinOpKind::ScOr
        | BinOpKind::Add
        | BinOpKind::Sub
        | BinOpKind::Mul
        | BinOpKind::Div
        | BinOpKind::FloorDiv
        | BinOpKind::Rem
        | BinOpKind::Pow
        | BinOpKind::Concat => false,
    }
}

pub(super) struct Check<'a> {
    text: &'a str,
    /// What can be named: the whole, and then each item of a list that is repeated over, with the path of the list.
    pub(super) names: Vec<(Option<(String, String)>, Shape)>,
    /// The paths that were asked for, so that they are there.
    pub(super) present: Vec<String>,
    findings: Vec<Finding>,
    pub(super) reads: BTreeSet<String>,
}

impl Check<'_> {
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX).min(self.text.len());
        at(span.start_offset)..at(span.end_offset)
    }

    pub(super) fn add(&mut self, finding: Finding) {
        if !self.findings.iter().any(|known| known.range == finding.range) {
            self.findings.push(finding);
        }
    }

    fn unsupported(&mut self, span: Span, what: &str) {
        let range = self.range(span);
        let finding =
            Finding::new("letter-not-supported", range, format!("a letter can't have {what}"));
        self.add(finding.label("not possible here").help(
            "a letter has values `{{ … }}`, choices `{% if … %}` and repetitions `{% for … in … %}`, and nothing else",
        ));
    }

    fn all(&mut self, statements: &[Stmt<'_>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt<'_>) {
        match statement {
            Stmt::Template(template) => self.all(&template.children),
            Stmt::EmitRaw(_) => {}
            Stmt::EmitExpr(emit) => self.put_in(&emit.expr),
            Stmt::IfCond(choice) => self.choice(choice),
            Stmt::ForLoop(repeat) => self.repeat(repeat),
            Stmt::WithBlock(it) => self.unsupported(it.span(), "`with`"),
            Stmt::Set(it) => self.unsupported(it.span(), "`set`"),
            Stmt::SetBlock(it) => self.unsupported(it.span(), "`set`"),
            Stmt::AutoEscape(it) => self.unsupported(it.span(), "`autoescape`"),
            Stmt::FilterBlock(it) => self.unsupported(it.span(), "`filter`"),
            Stmt::Do(it) => self.unsupported(it.span(), "`do`"),
        }
    }

    /// A value that is written into the letter.
    fn put_in(&mut self, expr: &Expr<'_>) {
        let shape = self.value(expr);
        let range = self.range(expr.span());
        match shape {
            Some(Shape::List(_)) => {
                let finding = Finding::new(
                    "letter-not-a-text",
                    range,
                    "a list can't be put into a letter as it is",
                );
                self.add(finding.label("a list").help(
                    "repeat over it: `{% for item in … %}`, or write it in one sentence: `| listed`",
                ));
            }
            Some(Shape::Group(fields)) => {
                let names: Vec<String> =
                    fields.keys().take(8).map(|name| format!("`{name}`")).collect();
                let finding = Finding::new(
                    "letter-not-a-text",
                    range,
                    "a group of fields can't be put into a letter",
                );
                self.add(
                    finding
                        .label("a group")
                        .help(format!("name one of its fields: {}", names.join(", "))),
                );
            }
            Some(Shape::Flag) => {
                let finding =
                    Finding::new("letter-not-a-text", range, "`true` is no word for a letter");
                self.add(
                    finding
                        .label("true or false")
                        .help("choose the words: `{% if … %}wel{% else %}niet{% endif %}`"),
                );
            }
            Some(Shape::Text | Shape::Number | Shape::Date | Shape::Anything) | None => {}
        }
    }

    fn choice(&mut self, choice: &Spanned<IfCond<'_>>) {
        self.condition(&choice.expr);
        let (when_true, when_false) = self.proved(&choice.expr);
        let known = self.present.len();
        self.present.extend(when_true);
        self.all(&choice.true_body);
        self.present.truncate(known);
        self.present.extend(when_false);
        self.all(&choice.false_body);
        self.present.truncate(known);
    }

    /// Returns the paths that are there when a condition is true, and those when it is false.
    fn proved(&mut self, expr: &Expr<'_>) -> (Vec<String>, Vec<String>) {
        match expr {
            Expr::UnaryOp(not) if matches!(not.op, UnaryOpKind::Not) => {
                let (when_true, when_false) = self.proved(&not.expr);
                (when_false, when_true)
            }
            Expr::BinOp(both) if matches!(both.op, BinOpKind::ScAnd) => {
                let mut when_true = self.proved(&both.left).0;
                when_true.extend(self.proved(&both.right).0);
                (when_true, Vec::new())
            }
            Expr::BinOp(either) if matches!(either.op, BinOpKind::ScOr) => {
                let mut when_false = self.proved(&either.left).1;
                when_false.extend(self.proved(&either.right).1);
                (Vec::new(), when_false)
            }
            // What equals a text is there.
            Expr::BinOp(same)
                if matches!(same.op, BinOpKind::Eq) && matches!(same.right, Expr::Const(_)) =>
            {
                (self.path_of(&same.left), Vec::new())
            }
            Expr::Var(_) | Expr::GetAttr(_) => (self.path_of(expr), Vec::new()),
            _ => (Vec::new(), Vec::new()),
        }
    }

    fn path_of(&mut self, expr: &Expr<'_>) -> Vec<String> {
        match expr {
            Expr::Var(_) | Expr::GetAttr(_) => {
                self.find(expr, false).map(|found| found.path).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// A condition: what may be absent can be asked for.
    fn condition(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Var(_) | Expr::GetAttr(_) => {
                self.find(expr, true);
            }
            Expr::UnaryOp(not) if matches!(not.op, UnaryOpKind::Not) => self.condition(&not.expr),
            Expr::BinOp(both) if matches!(both.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                self.condition(&both.left);
                let known = self.present.len();
                let (when_true, when_false) = self.proved(&both.left);
                let and = matches!(both.op, BinOpKind::ScAnd);
                self.present.extend(if and { when_true } else { when_false });
                self.condition(&both.right);
                self.present.truncate(known);
            }
            _ => {
                self.value(expr);
            }
        }
    }

    /// Two things are compared: what may be absent can be held against a value, and is no equal of it.
    fn compare(&mut self, it: &Spanned<BinOp<'_>>) {
        let asks = matches!(it.op, BinOpKind::Eq | BinOpKind::Ne);
        let left = if asks { self.shape_of(&it.left) } else { self.value(&it.left) };
        let right = if asks { self.shape_of(&it.right) } else { self.value(&it.right) };
        let (Some(left), Some(right)) = (left, right) else { return };
        let within = matches!(it.op, BinOpKind::In);
        let alike = match (&left, &right) {
            (Shape::Anything, _) | (_, Shape::Anything) => true,
            (_, Shape::List(items)) if within => **items == left || **items == Shape::Anything,
            (Shape::Text, Shape::Text) => true,
            // A date is written as a text in quotes.
            (Shape::Date, Shape::Text) | (Shape::Text, Shape::Date) => !within,
            (one, other) => one == other && !within,
        };
        if !alike {
            let range = self.range(it.left.span()).start..self.range(it.right.span()).end;
            let message = format!("{} can't be compared with {}", left.words(), right.words());
            let finding = Finding::new("letter-wrong-argument", range, message);
            self.add(finding.label("compared here").help("compare things of one kind"));
        }
    }

    /// Returns what an expression gives that may be absent as well.
    fn shape_of(&mut self, expr: &Expr<'_>) -> Option<Shape> {
        match expr {
            Expr::Var(_) | Expr::GetAttr(_) => self.find(expr, true).map(|found| found.shape),
            _ => self.value(expr),
        }
    }

    /// Returns what an expression gives; nothing where that was reported.
    pub(super) fn value(&mut self, expr: &Expr<'_>) -> Option<Shape> {
        match expr {
            Expr::Var(_) | Expr::GetAttr(_) => {
                let found = self.find(expr, true)?;
                if found.may_be_absent && !self.is_present(&found.path) {
                    let range = self.range(expr.span());
                    let name = self.text.get(range.clone()).unwrap_or_default().trim().to_owned();
                    let finding = Finding::new(
                        "letter-may-be-absent",
                        range,
                        format!("`{name}` may be absent"),
                    );
                    self.add(
                        finding
                            .label("not in every case")
                            .help(format!("ask for it first: `{{% if {name} %}} … {{% endif %}}`")),
                    );
                }
                Some(found.shape)
            }
            Expr::Const(constant) => Some(match constant.value.kind() {
                ValueKind::String => Shape::Text,
                ValueKind::Number => Shape::Number,
                ValueKind::Bool => Shape::Flag,
                _ => Shape::Anything,
            }),
            Expr::Filter(filter) => self.filter(filter),
            Expr::IfExpr(choice) => self.if_expr(choice),
            Expr::Compare(it) => self.not_supported(it.span(), "several comparisons in a row"),
            Expr::UnaryOp(not) if matches!(not.op, UnaryOpKind::Not) => {
                self.condition(&not.expr);
                Some(Shape::Flag)
            }
            Expr::BinOp(it) if matches!(it.op, BinOpKind::ScAnd | BinOpKind::ScOr) => {
                self.condition(expr);
                Some(Shape::Flag)
            }
            Expr::BinOp(it) if is_comparison(it.op) => {
                self.compare(it);
                Some(Shape::Flag)
            }
            Expr::BinOp(it) => self.joined(it),
            Expr::UnaryOp(it) => self.not_supported(it.span(), "sums"),
            Expr::Slice(it) => self.not_supported(it.span(), "parts of a list by number"),
            Expr::GetItem(it) => self.not_supported(it.span(), "`[…]`; name a field with a dot"),
            Expr::Test(it) => self.not_supported(it.span(), "`is …`; ask for a value by its name"),
            Expr::Call(it) => self.not_supported(it.span(), "functions"),
            Expr::List(it) => self.not_supported(it.span(), "lists of its own"),
            Expr::Tuple(it) => self.not_supported(it.span(), "lists of its own"),
            Expr::Map(it) => self.not_supported(it.span(), "groups of its own"),
        }
    }

    fn not_supported(&mut self, span: Span, what: &str) -> Option<Shape> {
        self.unsupported(span, what);
        None
    }

    /// Only texts are joined, with `~`.
    fn joined(&mut self, it: &Spanned<BinOp<'_>>) -> Option<Shape> {
        if !matches!(it.op, BinOpKind::Concat) {
            return self.not_supported(it.span(), "sums");
        }
        self.put_in(&it.left);
        self.put_in(&it.right);
        Some(Shape::Text)
    }

    fn if_expr(&mut self, choice: &Spanned<IfExpr<'_>>) -> Option<Shape> {
        self.condition(&choice.test_expr);
        let (when_true, when_false) = self.proved(&choice.test_expr);
        let known = self.present.len();
        self.present.extend(when_true);
        let shape = self.value(&choice.true_expr);
        self.present.truncate(known);
        let Some(otherwise) = &choice.false_expr else {
            return self.not_supported(choice.span(), "`if` inside a value without an `else`");
        };
        self.present.extend(when_false);
        self.value(otherwise);
        self.present.truncate(known);
        shape
    }

    fn filter(&mut self, filter: &Spanned<Filter<'_>>) -> Option<Shape> {
        let range = self.range(filter.span());
        let taken = filter.expr.as_ref().and_then(|expr| self.value(expr));
        let Some(known) = FILTERS.iter().find(|known| known.name == filter.name) else {
            let names = FILTERS.iter().map(|known| known.name);
            let near = did_you_mean(filter.name, names.clone());
            let finding = Finding::new(
                "letter-unknown-filter",
                range,
                format!("no filter `{}`", filter.name),
            );
            let finding = finding.label("not known");
            let finding = if let Some(near) = near {
                finding.help(format!("a filter with a similar name exists: `{near}`"))
            } else {
                let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
                finding.help(format!("there are {}", names.join(", ")))
            };
            self.add(finding);
            return None;
        };
        if let Some(argument) = filter.args.first() {
            let span = match argument {
                CallArg::Pos(expr)
                | CallArg::Kwarg(_, expr)
                | CallArg::PosSplat(expr)
                | CallArg::KwargSplat(expr) => expr.span(),
            };
            let range = self.range(span);
            let finding = Finding::new(
                "letter-wrong-argument",
                range,
                format!("`{}` takes nothing besides its value", known.name),
            );
            self.add(finding.label("leave it out").help(format!("write `| {}`", known.name)));
        }
        if let Some(taken) = taken
            && !known.takes.takes(&taken)
        {
            let message = format!(
                "`{}` takes {}, and this is {}",
                known.name,
                known.takes.words(),
                taken.words()
            );
            let finding = Finding::new("letter-wrong-argument", range, message).label("here");
            self.add(match (known.takes, &taken) {
                (Takes::Date, Shape::Text) => {
                    finding.help("declare the field with `type: string, format: date`")
                }
                _ => finding.help("leave the filter out, or give it what it takes"),
            });
        }
        Some(known.gives.clone())
    }

    fn repeat(&mut self, repeat: &Spanned<ForLoop<'_>>) {
        let Expr::Var(item) = &repeat.target else {
            return self.unsupported(repeat.target.span(), "two names in a repetition");
        };
        if let Some(filter) = &repeat.filter_expr {
            self.unsupported(filter.span(), "a condition in a repetition; put an `if` inside it");
        }
        if repeat.recursive {
            self.unsupported(repeat.span(), "a repetition that calls itself");
        }
        let path = match &repeat.iter {
            Expr::Var(_) | Expr::GetAttr(_) => {
                self.find(&repeat.iter, false).map(|found| found.path)
            }
            _ => None,
        };
        let items = match self.value(&repeat.iter) {
            Some(Shape::List(items)) => *items,
            Some(Shape::Anything) | None => Shape::Anything,
            Some(other) => {
                let range = self.range(repeat.iter.span());
                let finding = Finding::new(
                    "letter-wrong-argument",
                    range,
                    format!("this is {}, and no list", other.words()),
                );
                self.add(finding.label("repeated over").help("name a list"));
                Shape::Anything
            }
        };
        let place = Shape::group([
            ("index", Field::always(Shape::Number, "which time, from 1")),
            ("first", Field::always(Shape::Flag, "whether it is the first time")),
            ("last", Field::always(Shape::Flag, "whether it is the last time")),
            ("length", Field::always(Shape::Number, "how many times")),
        ]);
        let path = path.unwrap_or_default();
        self.names.push((Some((item.id.to_owned(), format!("{path}[]"))), items));
        self.names.push((Some(("loop".to_owned(), format!("{path}[].loop"))), place));
        self.all(&repeat.body);
        self.names.truncate(self.names.len() - 2);
        self.all(&repeat.else_body);
    }
}
