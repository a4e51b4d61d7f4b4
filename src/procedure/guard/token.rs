//! From the text of a guard to words and signs, and from those to the text that Rhai gets.
//!
//! Rhai never sees what an author typed. It gets a text made of the tokens that are listed here and of nothing else, so
//! that statements, loops, closures and the rest of its language can't reach it; each token stands on a line of its own,
//! so that the line of a position says which token it is; and names are written in letters that Rhai knows and that it
//! has not reserved, so that `case`, `new` and `beëindigd` are names like any other.

use super::finding::nearest;
use super::types::Scope;
use crate::diagnostic::Finding;
use std::fmt::Write as _;
use std::ops::Range;

/// How long a guard may be, in bytes: parsing takes more than linear time, so this comes first.
pub(super) const LONGEST: usize = 2048;

/// The variable that carries the calendar into `working_days_between`: no name of an author is written like this.
pub(super) const CALENDAR: &str = "calendar";
/// The function that gets the calendar as its first argument.
pub(super) const WORKING_DAYS: &str = "working_days_between";

/// A word or a sign of a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name of something.
    Word(String),
    /// A whole number, as digits.
    Whole(String),
    /// A number with a fraction, as digits.
    Fraction(String),
    /// A text, without its quotes and escapes.
    Text(String),
    /// An operator, a bracket, or one of `true`, `false`, `in`, `!in`.
    Sign(&'static str),
}

/// A word or a sign, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

/// The tokens of one guard.
#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    pub(super) all: Vec<Token>,
    /// For every bracket, the index of the other one of its pair.
    partner: Vec<Option<usize>>,
}

impl Tokens {
    pub(super) fn get(&self, index: usize) -> Option<&Token> {
        self.all.get(index)
    }

    pub(super) fn kind(&self, index: usize) -> Option<&Kind> {
        self.all.get(index).map(|token| &token.kind)
    }

    pub(super) fn is(&self, index: usize, sign: &str) -> bool {
        matches!(self.kind(index), Some(Kind::Sign(found)) if *found == sign)
    }

    pub(super) fn word(&self, index: usize) -> Option<&str> {
        match self.kind(index) {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Returns the closing bracket for an opening one.
    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.partner.get(index).copied().flatten()
    }

    /// Returns the bytes from the first to the last token, both included.
    pub(super) fn span(&self, first: usize, last: usize) -> Range<usize> {
        let start = self.get(first).map_or(0, |token| token.range.start);
        let end = self.get(last).map_or(start, |token| token.range.end);
        start..end.max(start)
    }

    /// Returns the last token of the path that starts with the word at `first`: `data.soorten[0].naam`.
    pub(super) fn path_end(&self, first: usize) -> usize {
        let mut last = first;
        loop {
            if self.is(last + 1, ".") && self.word(last + 2).is_some() {
                last += 2;
            } else if self.is(last + 1, "[")
                && matches!(self.kind(last + 2), Some(Kind::Whole(_)))
                && self.is(last + 3, "]")
            {
                last += 3;
            } else {
                return last;
            }
        }
    }

    /// Returns the text that Rhai compiles: one token a line, in the order of the tokens.
    pub(super) fn for_rhai(&self, is_function: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        for index in 0..self.all.len() {
            text.push_str(&self.one_for_rhai(index, &is_function));
            text.push('\n');
        }
        text
    }

    /// Returns what Rhai gets for one token.
    pub(super) fn one_for_rhai(&self, index: usize, is_function: impl Fn(&str) -> bool) -> String {
        match self.kind(index) {
            None => String::new(),
            Some(Kind::Word(word)) if self.is(index + 1, "(") && is_function(word) => word.clone(),
            Some(Kind::Word(word)) => rhai_name(word),
            Some(Kind::Whole(digits) | Kind::Fraction(digits)) => digits.clone(),
            Some(Kind::Text(wording)) => rhai_text(wording),
            Some(Kind::Sign("(")) if self.takes_calendar(index) => format!("({CALENDAR},"),
            Some(Kind::Sign(sign)) => (*sign).to_owned(),
        }
    }

    fn takes_calendar(&self, bracket: usize) -> bool {
        bracket.checked_sub(1).and_then(|before| self.word(before)) == Some(WORKING_DAYS)
    }

    fn pair_brackets(&mut self, source: &str) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut open: Vec<(usize, &'static str)> = Vec::new();
        self.partner = vec![None; self.all.len()];
        for (index, token) in self.all.iter().enumerate() {
            let Kind::Sign(sign) = token.kind else { continue };
            match sign {
                "(" => open.push((index, ")")),
                "[" => open.push((index, "]")),
                ")" | "]" => match open.pop() {
                    Some((opening, wanted)) if wanted == sign => {
                        if let Some(place) = self.partner.get_mut(opening) {
                            *place = Some(index);
                        }
                        if let Some(place) = self.partner.get_mut(index) {
                            *place = Some(opening);
                        }
                    }
                    Some((_, wanted)) => {
                        let message = format!("`{sign}` stands where `{wanted}` is needed");
                        findings.push(Finding::new(SYNTAX, token.range.clone(), message));
                        return findings;
                    }
                    None => {
                        let message = format!("`{sign}` closes nothing");
                        findings.push(Finding::new(SYNTAX, token.range.clone(), message));
                    }
                },
                _ => {}
            }
        }
        for (index, wanted) in open {
            let range = self.span(index, index);
            let bracket = source.get(range.clone()).unwrap_or_default();
            let message = format!("`{bracket}` is never closed");
            findings.push(Finding::new(SYNTAX, range, message).help(format!("add `{wanted}`")));
        }
        findings
    }
}

pub(super) const SYNTAX: &str = "guard-syntax";
pub(super) const NOT_SUPPORTED: &str = "guard-not-supported";

/// What reading a guard gave.
pub(super) struct Reading {
    pub(super) tokens: Tokens,
    pub(super) findings: Vec<Finding>,
    /// Whether the tokens stand for something that can be looked at further.
    pub(super) is_whole: bool,
}

/// Reads the tokens of a guard and says what no guard may contain.
///
/// A slip with a sure cure (`and` for `&&`) is reported and read as what was meant, so that the rest can be checked.
pub(super) fn read(source: &str, scope: &Scope, functions: &[&str]) -> Reading {
    let mut lexer = Lexer { source, at: 0, tokens: Vec::new(), findings: Vec::new(), whole: true };
    lexer.run();
    let Lexer { tokens, mut findings, mut whole, .. } = lexer;
    let mut tokens = Tokens { all: tokens, partner: Vec::new() };
    if tokens.all.is_empty() && findings.is_empty() {
        let finding = Finding::new(SYNTAX, 0..source.len(), "the guard is empty");
        findings.push(finding.help("write a condition, or leave the guard out"));
    }
    whole &= !tokens.all.is_empty();
    words_for_signs(&mut tokens.all, scope, &mut findings);
    let hyphens = hyphened_names(source, &tokens, scope);
    let brackets = tokens.pair_brackets(source);
    let shapes = shapes(&tokens, source, scope, functions);
    whole &= hyphens.is_empty() && brackets.is_empty() && shapes.is_empty();
    findings.extend(hyphens);
    findings.extend(brackets);
    findings.extend(shapes);
    keep_first_statement(source, &mut findings);
    Reading { tokens, findings, is_whole: whole }
}

/// From the first word or sign of a statement on nothing is a condition, and nothing else need be said about it.
fn keep_first_statement(source: &str, findings: &mut Vec<Finding>) {
    let opens = |finding: &&Finding| {
        let written = source.get(finding.range.clone()).unwrap_or_default();
        finding.code == NOT_SUPPORTED
            && (STATEMENTS.contains(&written) || matches!(written, "{" | "}" | ";" | "#{"))
    };
    let first = findings.iter().filter(opens).map(|finding| finding.range.start).min();
    if let Some(first) = first {
        findings.retain(|finding| finding.range.start <= first);
    }
}

/// The signs that a guard may hold, longer ones before those they start with.
const SIGNS: &[&str] = &[
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "(", ")", "[", "]", ",", ".",
];

/// Signs of other languages, with the sign that is meant.
const MEANT: &[(&str, &str)] = &[
    ("===", "=="),
    ("!==", "!="),
    ("<>", "!="),
    ("=<", "<="),
    ("=>", ">="),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "!="),
    ("∧", "&&"),
    ("∨", "||"),
    ("¬", "!"),
    ("=", "=="),
    ("&", "&&"),
    ("|", "||"),
];

/// Signs of Rhai that a guard does without, with what they are for. Longer ones come first.
const REFUSED: &[(&str, &str)] = &[
    ("//", "a comment"),
    ("/*", "a comment"),
    ("<<=", "assigning"),
    (">>=", "assigning"),
    ("**=", "assigning"),
    ("..=", "a range"),
    ("...", "a range"),
    ("+=", "assigning"),
    ("-=", "assigning"),
    ("*=", "assigning"),
    ("/=", "assigning"),
    ("%=", "assigning"),
    ("&=", "assigning"),
    ("|=", "assigning"),
    ("^=", "assigning"),
    (":=", "assigning"),
    ("++", "counting up"),
    ("--", "counting down"),
    ("**", "raising to a power"),
    ("<<", "shifting bits"),
    (">>", "shifting bits"),
    ("->", "an arrow"),
    ("..", "a range"),
    ("??", "a value for what is absent"),
    ("?.", "a value for what is absent"),
    ("?[", "a value for what is absent"),
    ("::", "a module"),
    ("#{", "an object"),
    ("/", "dividing"),
    ("%", "dividing"),
    ("^", "an operation on bits"),
    ("{", "a block"),
    ("}", "a block"),
    (";", "a statement"),
    ("`", "a text with values in it"),
    ("?", "a choice"),
    (":", "a label"),
    ("#", "an object"),
    ("$", "this sign"),
    ("@", "this sign"),
    ("~", "this sign"),
    ("\\", "this sign"),
];

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    tokens: Vec<Token>,
    findings: Vec<Finding>,
    whole: bool,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(next) = self.rest().chars().next() {
            if next.is_whitespace() {
                self.at += next.len_utf8();
            } else if next.is_alphabetic() || next == '_' {
                self.word();
            } else if next.is_ascii_digit() {
                self.number();
            } else if next == '"' {
                self.text();
            } else if matches!(next, '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '»') {
                self.other_quotes(next);
            } else {
                self.sign(next);
            }
        }
    }

    fn rest(&self) -> &str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let range = self.at..self.at + length;
        self.at = range.end;
        self.tokens.push(Token { kind, range });
    }

    fn refuse(&mut self, finding: Finding) {
        self.whole = false;
        self.findings.push(finding);
    }

    fn word(&mut self) {
        let word: String = self.rest().chars().take_while(|&c| is_part_of_word(c)).collect();
        let length = word.len();
        let after_dot = matches!(self.tokens.last(), Some(Token { kind: Kind::Sign("."), .. }));
        let kind = match word.as_str() {
            "true" if !after_dot => Kind::Sign("true"),
            "false" if !after_dot => Kind::Sign("false"),
            "in" if !after_dot => Kind::Sign("in"),
            _ => Kind::Word(word),
        };
        self.push(kind, length);
    }

    fn number(&mut self) {
        let rest = self.rest();
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let whole = digits(rest);
        let fraction = rest.get(whole..).and_then(|rest| rest.strip_prefix('.')).map_or(0, digits);
        let length = if fraction > 0 { whole + 1 + fraction } else { whole };
        let number = rest.get(..length).unwrap_or_default().to_owned();
        let runs_on = rest.get(length..).and_then(|rest| rest.chars().next());
        if runs_on.is_some_and(is_part_of_word) {
            let tail = rest.get(length..).unwrap_or_default();
            let all = length + tail.find(|c| !is_part_of_word(c)).unwrap_or(tail.len());
            let range = self.at..self.at + all;
            let written = rest.get(..all).unwrap_or_default().to_owned();
            self.at = range.end;
            let message = format!("`{written}` is neither a number nor a name");
            self.refuse(Finding::new(SYNTAX, range, message));
            return;
        }
        let fits =
            if fraction > 0 { whole + fraction <= 28 } else { number.parse::<i64>().is_ok() };
        if !fits {
            let range = self.at..self.at + length;
            self.at = range.end;
            self.refuse(Finding::new(SYNTAX, range, "this number has too many digits"));
            return;
        }
        self.push(if fraction > 0 { Kind::Fraction(number) } else { Kind::Whole(number) }, length);
    }

    fn text(&mut self) {
        let mut wording = String::new();
        let mut unknown_escape = None;
        let mut end = None;
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    end = Some(offset + 1);
                    break;
                }
                '\\' => match chars.next() {
                    Some((_, '"')) => wording.push('"'),
                    Some((_, '\\')) => wording.push('\\'),
                    Some((_, 'n')) => wording.push('\n'),
                    Some((_, 't')) => wording.push('\t'),
                    Some((next, other)) => {
                        let range = self.at + offset..self.at + next + other.len_utf8();
                        unknown_escape.get_or_insert(range);
                    }
                    None => {}
                },
                _ => wording.push(c),
            }
        }
        let Some(length) = end else {
            let range = self.at..self.source.trim_end().len().max(self.at + 1);
            self.at = self.source.len();
            let finding = Finding::new(SYNTAX, range, "this text is never closed");
            self.refuse(finding.help("end it with `\"`"));
            return;
        };
        if let Some(range) = unknown_escape {
            let finding = Finding::new(SYNTAX, range, "this is no escape of a text");
            self.refuse(finding.help("after `\\` comes one of `\"`, `\\`, `n`, `t`"));
        }
        self.push(Kind::Text(wording), length);
    }

    /// Reads `'brief'` and “brief” as the text that is meant.
    fn other_quotes(&mut self, quote: char) {
        let rest = self.rest();
        let is_end = |c: char| match quote {
            '\'' => c == '\'',
            _ => matches!(c, '“' | '”' | '‘' | '’' | '«' | '»' | '"'),
        };
        let inside = rest.get(quote.len_utf8()..).unwrap_or_default();
        let end = inside.char_indices().find(|&(_, c)| is_end(c));
        let Some((length, last)) = end else {
            let range = self.at..self.at + quote.len_utf8();
            self.at = self.source.len();
            let finding = Finding::new(SYNTAX, range, format!("`{quote}` can't stand in a guard"));
            self.refuse(finding.help("a text stands between `\"` and `\"`"));
            return;
        };
        let wording = inside.get(..length).unwrap_or_default().to_owned();
        let all = quote.len_utf8() + length + last.len_utf8();
        let range = self.at..self.at + all;
        let right = format!("\"{}\"", wording.replace('\\', "\\\\").replace('"', "\\\""));
        let finding =
            Finding::new(SYNTAX, range.clone(), "a text stands in straight double quotes");
        self.findings.push(finding.help(format!("write `{right}`")).suggest(range, right));
        self.push(Kind::Text(wording), all);
    }

    fn sign(&mut self, first: char) {
        let rest = self.rest();
        let is_not_in = rest
            .strip_prefix("!in")
            .is_some_and(|rest| !rest.chars().next().is_some_and(is_part_of_word));
        if is_not_in {
            self.push(Kind::Sign("!in"), 3);
            return;
        }
        let sign = SIGNS.iter().copied().find(|sign| rest.starts_with(sign));
        let meant = MEANT.iter().copied().find(|(sign, _)| rest.starts_with(sign));
        let refused = REFUSED.iter().copied().find(|(sign, _)| rest.starts_with(sign));
        let known = sign.map_or(0, str::len);
        let slip = meant.map_or(0, |(sign, _)| sign.len());
        let refused_length = refused.map_or(0, |(sign, _)| sign.len());
        let range = |length: usize| self.at..self.at + length;
        if let Some((sign, what)) = refused.filter(|_| refused_length > known.max(slip)) {
            let range = range(sign.len());
            let message = format!("`{sign}` ({what}) is not possible in a guard");
            let finding = Finding::new(NOT_SUPPORTED, range.clone(), message).help(match sign {
                "/" | "%" => "multiply the other side instead",
                "??" | "?." | "?[" => "ask `known(…)` first",
                "//" | "/*" => "write the comment beside the guard, with `#` before it",
                _ => "a guard is one condition, made with `&&`, `||`, `!` and comparisons",
            });
            // What follows a comment or the opening of a text with values is no code: it would give knock-on findings.
            self.at = if matches!(sign, "//" | "/*" | "`") { self.source.len() } else { range.end };
            self.refuse(finding);
        } else if let Some((sign, right)) = meant.filter(|_| slip > known) {
            let range = range(sign.len());
            let finding = Finding::new(SYNTAX, range, format!("`{sign}` is no operator here"));
            self.findings.push(finding.did_you_mean(Some(right.to_owned())));
            self.push(Kind::Sign(right), sign.len());
        } else if let Some(sign) = sign {
            self.push(Kind::Sign(sign), sign.len());
        } else {
            let range = range(first.len_utf8());
            // A control character is the start of something that no author typed.
            self.at = if first.is_control() { self.source.len() } else { range.end };
            let message = format!("`{}` can't stand in a guard", first.escape_debug());
            self.refuse(Finding::new(SYNTAX, range, message));
        }
    }
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Words for operators, in English and in Dutch.
const WORDS: &[(&str, &str)] = &[
    ("and", "&&"),
    ("en", "&&"),
    ("or", "||"),
    ("of", "||"),
    ("not", "!"),
    ("niet", "!"),
    ("is", "=="),
    ("eq", "=="),
];

/// Reads `and`, `is not` and the like as the operator that is meant, unless it is a name.
fn words_for_signs(tokens: &mut Vec<Token>, scope: &Scope, findings: &mut Vec<Finding>) {
    let mut index = 0;
    while index < tokens.len() {
        let lower = |at: usize| match tokens.get(at) {
            Some(Token { kind: Kind::Word(word), .. }) => Some(word.to_lowercase()),
            Some(Token { kind: Kind::Sign("in"), .. }) => Some("in".to_owned()),
            _ => None,
        };
        let is_field = index.checked_sub(1).is_some_and(|before| {
            matches!(tokens.get(before), Some(Token { kind: Kind::Sign("."), .. }))
        });
        let (first, second) = (lower(index), lower(index + 1));
        let is_word = matches!(tokens.get(index), Some(Token { kind: Kind::Word(word), .. })
            if !scope.names.contains_key(word));
        let followed_by_dot =
            matches!(tokens.get(index + 1), Some(Token { kind: Kind::Sign("."), .. }));
        let meant = first.as_deref().and_then(|first| {
            if is_field || !is_word || followed_by_dot {
                return None;
            }
            match (first, second.as_deref()) {
                ("is", Some("not" | "niet")) => Some(("!=", 2)),
                ("not" | "niet", Some("in")) => Some(("!in", 2)),
                _ => WORDS.iter().find(|(word, _)| *word == first).map(|(_, sign)| (*sign, 1)),
            }
        });
        if let Some((sign, count)) = meant {
            let words = [first, second].into_iter().flatten().take(count);
            let written = words.collect::<Vec<_>>().join(" ");
            let start = tokens.get(index).map_or(0, |token| token.range.start);
            let end = tokens.get(index + count - 1).map_or(start, |token| token.range.end);
            let finding =
                Finding::new(SYNTAX, start..end, format!("`{written}` is no operator here"));
            findings.push(finding.did_you_mean(Some(sign.to_owned())));
            let replaced = Token { kind: Kind::Sign(sign), range: start..end };
            tokens.splice(index..index + count, [replaced]);
        }
        index += 1;
    }
}

/// Finds names that were written with their hyphen, which subtracts in a guard: `steps.eerste-gesprek`.
fn hyphened_names(source: &str, tokens: &Tokens, scope: &Scope) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut index = 0;
    while index < tokens.all.len() {
        let mut last = index;
        while tokens.word(last).is_some()
            && tokens.is(last + 1, "-")
            && tokens.word(last + 2).is_some()
            && touch(tokens, last, last + 2)
        {
            last += 2;
        }
        let range = tokens.span(index, last);
        let written = source.get(range.clone()).unwrap_or_default();
        let joined = written.replace('-', "_");
        let whole_is_name = last > index && is_name_somewhere(&joined, scope);
        if whole_is_name {
            let message =
                format!("`{written}` subtracts: a guard writes the hyphen of a name as `_`");
            let code = "guard-unknown-name";
            findings.push(Finding::new(code, range, message).did_you_mean(Some(joined)));
        }
        index = last + 1;
    }
    findings
}

fn touch(tokens: &Tokens, first: usize, last: usize) -> bool {
    tokens.all.get(first..=last).is_some_and(|run| {
        run.windows(2).all(|pair| match pair {
            [left, right] => left.range.end == right.range.start,
            _ => true,
        })
    })
}

fn is_name_somewhere(name: &str, scope: &Scope) -> bool {
    fn within(name: &str, ty: &super::types::Type) -> bool {
        match ty {
            super::types::Type::Record(record) => {
                record.fields.iter().any(|(field, held)| field == name || within(name, &held.ty))
            }
            super::types::Type::List(items) => within(name, items),
            super::types::Type::Boolean
            | super::types::Type::Integer
            | super::types::Type::Decimal
            | super::types::Type::Text { .. }
            | super::types::Type::Date
            | super::types::Type::Anything => false,
        }
    }
    scope.names.iter().any(|(known, (ty, _))| known == name || within(name, ty))
}

/// Words that open a statement or an expression of Rhai that a guard does without.
const STATEMENTS: &[&str] = &[
    "if",
    "else",
    "switch",
    "match",
    "let",
    "const",
    "var",
    "fn",
    "while",
    "until",
    "loop",
    "do",
    "for",
    "return",
    "throw",
    "try",
    "catch",
    "break",
    "continue",
    "import",
    "export",
    "private",
    "as",
    "this",
    "global",
    "call",
    "Fn",
    "eval",
    "print",
    "debug",
    "type_of",
    "is_def_var",
    "is_def_fn",
    "is_shared",
    "curry",
];

/// Says what is wrong with the shape of paths, calls and indexes, and which words open a statement.
fn shapes(tokens: &Tokens, source: &str, scope: &Scope, functions: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for index in 0..tokens.all.len() {
        let before = index.checked_sub(1);
        let after_dot = before.is_some_and(|before| tokens.is(before, "."));
        let finding = if tokens.word(index).is_some() && after_dot && tokens.is(index + 1, "(") {
            Some(method(tokens, source, index, functions))
        } else if let Some(word) = tokens.word(index).filter(|_| !after_dot) {
            statement(tokens, index, word, scope)
        } else if tokens.is(index, ".") {
            dot(tokens, index)
        } else if tokens.is(index, "[") {
            index_of_list(tokens, index)
        } else if tokens.is(index, "(") && tokens.is(index + 1, ")") {
            empty_value(tokens, index)
        } else {
            None
        };
        findings.extend(finding);
    }
    findings
}

/// `data.list.len()`: we write `len(data.list)`.
fn method(tokens: &Tokens, source: &str, index: usize, functions: &[&str]) -> Finding {
    let word = tokens.word(index).unwrap_or_default();
    let message = format!("`{word}` can't be called with a dot");
    let finding = Finding::new(NOT_SUPPORTED, tokens.span(index, index), message);
    let known = nearest(word, functions.iter().copied()).unwrap_or(word);
    // The path before the dot: names, dots and indexes in front of this word.
    let mut first = index;
    while let Some(before) = first.checked_sub(1) {
        let goes_on = tokens.word(before).is_some()
            || [".", "[", "]"].iter().any(|sign| tokens.is(before, sign))
            || matches!(tokens.kind(before), Some(Kind::Whole(_)));
        if !goes_on {
            break;
        }
        first = before;
    }
    let path = index.checked_sub(2).map(|last| tokens.span(first, last));
    let path = path.and_then(|range| source.get(range)).unwrap_or_default();
    if tokens.is(index + 2, ")") && !path.is_empty() {
        let right = format!("{known}({path})");
        return finding
            .help(format!("write `{right}`"))
            .suggest(tokens.span(first, index + 2), right);
    }
    finding.help(format!("write `{known}({path}, …)`"))
}

fn statement(tokens: &Tokens, index: usize, word: &str, scope: &Scope) -> Option<Finding> {
    let is_known = scope.names.contains_key(word);
    if is_known || !STATEMENTS.contains(&word) {
        return None;
    }
    let message = format!("`{word}` is not possible in a guard");
    let help = match word {
        "if" | "else" | "switch" | "match" => {
            "a guard is one condition: instead of a choice write `a && b || !a && c`"
        }
        _ => "a guard is one condition, made with `&&`, `||`, `!` and comparisons",
    };
    Some(Finding::new(NOT_SUPPORTED, tokens.span(index, index), message).help(help))
}

/// `()`: what is absent has no value that it could be compared with.
fn empty_value(tokens: &Tokens, index: usize) -> Option<Finding> {
    if index.checked_sub(1).is_some_and(|before| tokens.word(before).is_some()) {
        return None;
    }
    let range = tokens.span(index, index + 1);
    let finding = Finding::new(NOT_SUPPORTED, range, "there is no empty value in a guard");
    Some(finding.help("ask `known(…)`, or `!known(…)`"))
}

fn dot(tokens: &Tokens, index: usize) -> Option<Finding> {
    let before = index.checked_sub(1);
    let after_path = before.is_some_and(|before| {
        tokens.word(before).is_some() || tokens.is(before, "]") && closes_index(tokens, before)
    });
    if !after_path {
        let finding = Finding::new(NOT_SUPPORTED, tokens.span(index, index), "`.` follows no name");
        return Some(finding.help("write a field after the name it belongs to: `data.datum`"));
    }
    if tokens.word(index + 1).is_none() {
        let finding =
            Finding::new(SYNTAX, tokens.span(index, index), "a name must follow this dot");
        return Some(finding);
    }
    None
}

fn closes_index(tokens: &Tokens, closing: usize) -> bool {
    tokens.partner(closing).is_some_and(|opening| is_index(tokens, opening))
}

/// Whether this bracket follows something, so that it picks an item rather than opens a list.
fn is_index(tokens: &Tokens, opening: usize) -> bool {
    opening.checked_sub(1).is_some_and(|before| match tokens.kind(before) {
        Some(Kind::Word(_) | Kind::Whole(_) | Kind::Fraction(_) | Kind::Text(_)) => true,
        Some(Kind::Sign(sign)) => matches!(*sign, "]" | ")" | "true" | "false"),
        None => false,
    })
}

fn index_of_list(tokens: &Tokens, index: usize) -> Option<Finding> {
    if !is_index(tokens, index) {
        return None;
    }
    let before = index.checked_sub(1);
    let after_path = before.is_some_and(|before| {
        tokens.word(before).is_some() || tokens.is(before, "]") && closes_index(tokens, before)
    });
    let by_number =
        matches!(tokens.kind(index + 1), Some(Kind::Whole(_))) && tokens.is(index + 2, "]");
    if after_path && by_number {
        return None;
    }
    let last = tokens.partner(index).unwrap_or(index);
    let message = "an item is picked from a list of the case, by a whole number";
    let finding = Finding::new(NOT_SUPPORTED, tokens.span(index, last), message);
    Some(finding.help("write `data.list[0]` for the first, or ask `\"…\" in data.list`"))
}

/// Returns how Rhai gets a name: in ASCII, never reserved, and different for different names.
pub(super) fn rhai_name(name: &str) -> String {
    if name.is_ascii() {
        return format!("n_{name}");
    }
    let mut written = String::from("u_");
    for byte in name.bytes() {
        // Writing into a `String` can't fail.
        let _ = write!(written, "{byte:02x}");
    }
    written
}

/// Returns how Rhai gets a text: in ASCII, with escapes for all else.
fn rhai_text(wording: &str) -> String {
    let mut written = String::from("\"");
    for c in wording.chars() {
        if c.is_ascii_alphanumeric() || " .,:;!?-_/()[]<>=+*&|@#%'".contains(c) {
            written.push(c);
        } else {
            let _ = write!(written, "\\U{:08x}", u32::from(c));
        }
    }
    written.push('"');
    written
}
