//! `field-name`: a field must be one that a guard can name.

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::yaml::Node;

/// The most characters of a name.
const LONGEST: usize = 64;

/// What Rhai keeps for itself, as a variable or behind a dot.
const RESERVED: [&str; 67] = [
    "as",
    "async",
    "await",
    "break",
    "call",
    "case",
    "catch",
    "const",
    "continue",
    "curry",
    "debug",
    "default",
    "do",
    "else",
    "eval",
    "exit",
    "export",
    "false",
    "fn",
    "for",
    "global",
    "go",
    "goto",
    "if",
    "import",
    "in",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "let",
    "loop",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "package",
    "print",
    "private",
    "protected",
    "public",
    "return",
    "shared",
    "spawn",
    "static",
    "step",
    "super",
    "switch",
    "sync",
    "this",
    "thread",
    "throw",
    "timestamp",
    "true",
    "try",
    "type_of",
    "until",
    "use",
    "using",
    "var",
    "void",
    "when",
    "where",
    "while",
    "with",
    "yield",
];

/// Says whether `name` has the form of a field's name.
pub(super) fn is_plain(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_lowercase())
        && characters.all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '_')
        && name.len() <= LONGEST
}

/// Says what is wrong with the name of a field, if anything is.
pub(super) fn check(key: &Node) -> Option<Diagnostic> {
    let name = key.written();
    let found = |message: String| Diagnostic::error("field-name", &key.place).message(message);
    if RESERVED.contains(&name) {
        return Some(
            found(format!(
                "`{name}` means something else in guards, so no field can be called that"
            ))
            .help("choose another name")
            .suggest(key.place.span, format!("{name}_")),
        );
    }
    if is_plain(name) {
        return None;
    }
    let found = found(format!("`{}` cannot be the name of a field", super::super::words::brief(name)))
        .help("a name has small letters, digits and `_`, begins with a letter, and has at most 64 of them; what people read is the `title`");
    let plain = plain(name);
    Some(if is_plain(&plain) && !RESERVED.contains(&plain.as_str()) {
        found.suggest(key.place.span, plain)
    } else {
        found
    })
}

/// Says that `required` and the like speak of a field that isn't declared.
pub(super) fn unknown<'a>(item: &Node, declared: impl Iterator<Item = &'a str>) -> Diagnostic {
    let name = item.written();
    let found = Diagnostic::error("unknown-field", &item.place)
        .message(format!("no field `{}` is declared here", super::super::words::brief(name)));
    match did_you_mean(name, declared) {
        Some(near) => found
            .help(format!("a field with a similar name exists: `{near}`"))
            .suggest(item.place.span, near),
        None => found.help("declare it under `properties`"),
    }
}

/// Returns the nearest plain name: `E-mailadres` is `e_mailadres`.
fn plain(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let letters = name.to_lowercase();
    let letters =
        letters.nfd().filter(|letter| !unicode_normalization::char::is_combining_mark(*letter));
    letters
        .map(|letter| if letter == '-' || letter == ' ' { '_' } else { letter })
        .take(LONGEST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, is_plain, plain};
    use rhai::Engine;

    #[test]
    fn names_are_made_plain() {
        for (name, expected) in
            [("E-mail adres", "e_mail_adres"), ("Één", "een"), ("betrokkenen", "betrokkenen")]
        {
            assert_eq!(plain(name), expected);
        }
        for (name, good) in
            [("a1_b", true), ("", false), ("1a", false), ("_a", false), ("A", false), ("é", false)]
        {
            assert_eq!(is_plain(name), good, "{name}");
        }
    }

    #[test]
    fn the_list_is_in_order_and_holds_what_rhai_refuses() {
        assert!(RESERVED.is_sorted());
        let engine = Engine::new_raw();
        for name in [
            "case", "match", "default", "goto", "this", "in", "if", "fn", "eval", "type_of", "new",
            "is",
        ] {
            assert!(
                engine.compile_expression(format!("data.{name} == 1")).is_err()
                    || RESERVED.contains(&name)
            );
            assert!(RESERVED.contains(&name), "{name}");
        }
        for name in
            ["onderwerp", "datum", "end", "begin", "name", "type", "date", "or", "and", "not"]
        {
            assert!(!RESERVED.contains(&name), "{name}");
            assert!(engine.compile_expression(format!("data.{name} == 1")).is_ok(), "{name}");
        }
    }
}
