//! What a terminal may get of a text that somebody else wrote.
//!
//! A file or a case can hold escape sequences, marks that reverse the reading direction, and marks that take no room.
//! None of them may reach a terminal: what people read on it must be what stands in the file.

use std::borrow::Cow;

/// Returns `text` with every character that a terminal would obey, or hide, replaced by a visible mark.
///
/// Control characters become their picture (`␛`, `␊`, `␉`); C1 controls, marks of direction, marks without width, and
/// separators of lines become `\u{202e}`. The text is changed character by character: `shown` of two texts in a row is
/// `shown` of the first followed by `shown` of the second.
///
/// # Examples
/// ```
/// assert_eq!(verloop::diagnostic::shown("plain"), "plain");
/// assert_eq!(verloop::diagnostic::shown("\u{1b}[2J\u{202e}"), "␛[2J\\u{202e}");
/// ```
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.chars().any(misleads) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len().saturating_add(16));
    for character in text.chars() {
        match u32::from(character) {
            code @ 0..=0x1F => visible.extend(char::from_u32(code | 0x2400)),
            0x7F => visible.push('␡'),
            _ if misleads(character) => visible.extend(character.escape_unicode()),
            _ => visible.push(character),
        }
    }
    Cow::Owned(visible)
}

/// Returns [`shown`] of every line of `text`; the line feeds between them stay.
pub(crate) fn shown_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(shown).collect();
    lines.join("\n")
}

/// Says whether a terminal would obey or hide `character` rather than show it.
///
/// These are the controls (C0, DEL, C1), the marks of direction, the separators U+2028 and U+2029, the marks without
/// width, and the tags of plane 14. A line feed and a tab are among them.
pub(crate) fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::{misleads, shown, shown_lines};
    use proptest::prelude::*;

    #[test]
    fn a_terminal_is_never_given_orders() {
        for (text, expected) in [
            ("een klacht", "een klacht"),
            ("é ü 漢 🙂", "é ü 漢 🙂"),
            ("\u{1b}]52;c;aGk=\u{7}", "␛]52;c;aGk=␇"),
            ("a\r\nb\tc\0", "a␍␊b␉c␀"),
            ("\u{7f}\u{9b}2J", "␡\\u{9b}2J"),
            ("\u{202e}gpj", "\\u{202e}gpj"),
            ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
            ("x\u{2028}y", "x\\u{2028}y"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
        assert_eq!(shown_lines("a\u{7}\nb"), "a␇\nb");
    }

    proptest! {
        #[test]
        fn nothing_misleading_is_left_and_texts_can_be_joined(one: String, other: String) {
            let whole = shown(&format!("{one}{other}")).into_owned();
            prop_assert!(!whole.chars().any(misleads));
            prop_assert_eq!(whole, format!("{}{}", shown(&one), shown(&other)));
        }
    }
}
