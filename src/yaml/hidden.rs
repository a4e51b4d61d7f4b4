//! `control-character`: a character that people can't see, or that changes what they see.
//!
//! A mark that reverses the reading direction can make a rule look like its opposite; a mark without width makes two
//! names that look alike differ.

use crate::diagnostic::{Diagnostic, Place, Source, Span, misleads};
use std::sync::Arc;

/// The most findings of this kind for one text.
const MOST: usize = 20;

/// Finds the characters of a text that people can't see, each run of them once.
pub(super) fn check(source: &Arc<Source>) -> Vec<Diagnostic> {
    let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
    let offset = source.text.len() - text.len();
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut previous = '\n';
    let mut indentation = true;
    for (at, character) in text.char_indices() {
        indentation = previous == '\n' || (indentation && previous == ' ');
        let next = || text.get(at + 1..).and_then(|rest| rest.chars().next());
        let hidden = match character {
            '\n' | '\t' => false,
            '\r' => next() != Some('\n'),
            _ => {
                is_hidden(character, previous)
                    || (indentation && character != ' ' && character.is_whitespace())
            }
        };
        previous = character;
        if !hidden {
            continue;
        }
        let span = Span::new(offset + at, offset + at + character.len_utf8());
        if let Some(last) = found.last_mut().filter(|last| last.place.span.end == span.start) {
            last.place.span.end = span.end;
        } else if found.len() == MOST {
            break;
        } else {
            found.push(finding(&Place::new(source, span), character));
        }
    }
    found.into_iter().map(suggest_without).collect()
}

/// Finds a hidden character that an escape in double quotes brings into a text.
pub(super) fn check_escaped(place: &Place, text: &str) -> Option<Diagnostic> {
    let mut previous = ' ';
    let hidden = text.chars().find(|character| {
        let hidden = !matches!(character, '\n' | '\t') && is_hidden(*character, previous);
        previous = *character;
        hidden
    })?;
    Some(finding(place, hidden).label("an escape in this text stands for it"))
}

fn finding(place: &Place, character: char) -> Diagnostic {
    let code = u32::from(character);
    Diagnostic::error("control-character", place)
        .message(format!(
            "a character that cannot be seen stands here: U+{code:04X}, {}",
            name(character)
        ))
        .help("remove it; it often comes along when text is pasted")
}

fn suggest_without(finding: Diagnostic) -> Diagnostic {
    let span = finding.place.span;
    finding.suggest(span, "")
}

/// Says whether people can't see `character`, or not what it does. `previous` is the character before it: in many
/// scripts and in emoji a joiner belongs to the word.
fn is_hidden(character: char, previous: char) -> bool {
    let joiner = matches!(character, '\u{200c}' | '\u{200d}');
    misleads(character) && !(joiner && is_joined(previous))
}

fn is_joined(previous: char) -> bool {
    matches!(
        previous,
        '\u{600}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}'
    )
}

fn name(character: char) -> &'static str {
    match character {
        '\r' => "a carriage return without a line feed",
        '\u{a0}' | '\u{202f}' => "a no-break space",
        '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => "a mark without width",
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a mark that changes the reading direction"
        }
        '\u{2028}' | '\u{2029}' => "a line separator",
        _ if character.is_control() => "a control character",
        _ if character.is_whitespace() => "a space that is not a space",
        _ => "an invisible mark",
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::diagnostic::Source;

    #[test]
    fn what_cannot_be_seen_is_found_where_it_stands() {
        for (text, places) in [
            ("a: b\r\n\tc é 🙂 👨\u{200d}👩 می\u{200c}خواهم\n", &[] as &[&str]),
            ("\u{feff}a: 1\n", &[]),
            ("a: é\u{202e}x\u{202c}\n", &["x:1:5", "x:1:7"]),
            ("a: x\u{200b}\u{200b}y", &["x:1:5"]),
            ("a: x\u{200d}y", &["x:1:5"]),
            ("a: x\n\u{feff}b: y", &["x:2:1"]),
            ("a: 1\rb: 2", &["x:1:5"]),
            ("a: \u{7}\0\u{85}\u{2028}", &["x:1:4"]),
            ("a:\n \u{a0}b: 1\u{a0}000", &["x:2:2"]),
        ] {
            let found = check(&Source::new("x", text));
            let found: Vec<String> = found.iter().map(|one| one.place.to_string()).collect();
            assert_eq!(found, places, "{text:?}");
        }
        assert_eq!(check(&Source::new("x", "a\u{7}".repeat(100_000))).len(), 20);
    }
}
