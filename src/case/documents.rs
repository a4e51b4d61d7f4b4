//! Documents of a case, as the record knows them: what they are called, what they are, and what tells whether bytes are
//! the ones. The bytes themselves are kept elsewhere.

use super::person::ActedBy;
use crate::diagnostic::misleads;
use crate::procedure::Name;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The longest name of a document, in characters.
const LONGEST_NAME: usize = 120;
/// The longest ending of a name that is kept when the name is cut, in characters.
const LONGEST_ENDING: usize = 16;

/// The description of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What its file is called: `klacht.pdf`.
    pub name: String,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What kind of file it is: `application/pdf`.
    pub media_type: String,
    /// How many bytes it has.
    pub size: u64,
    /// The SHA-256 digest of its bytes, in hexadecimal digits.
    pub sha256: String,
}

impl Document {
    /// Whether the description is whole: a name that is left when it is made safe, a kind, and a digest.
    pub(super) fn is_whole(&self) -> bool {
        let digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        let plain = |c: char| c.is_ascii_graphic();
        !safe_name(&self.name).is_empty()
            && self.media_type.len() <= LONGEST_NAME
            && self.media_type.contains('/')
            && self.media_type.chars().all(plain)
            && self.sha256.len() == 64
            && self.sha256.chars().all(digit)
    }
}

/// A document of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRecord {
    /// Its number in the case, from 1.
    pub number: u32,
    /// What it is.
    pub document: Document,
    /// Who brought it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ActedBy>,
    /// The act with which it came: a step, a letter, or a verb; nothing where it came by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Name>,
    /// When.
    pub at: Instant,
}

/// A document that goes with a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Its number in the case.
    pub number: u32,
    /// The SHA-256 digest of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Returns a name as it is kept: its last part where it is a path, without what a terminal would obey or hide, and
/// without what makes it a hidden file or a flag. Empty where nothing is left.
pub fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.nfc().filter(|c| c.is_whitespace() || !misleads(*c)).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let plain = words.join(" ");
    let plain = plain.trim_start_matches(['.', '-', '~', ' ']).trim_end_matches(['.', ' ']);
    if plain.chars().count() <= LONGEST_NAME {
        return plain.to_owned();
    }
    let (stem, ending) = with_ending(plain);
    let room = LONGEST_NAME.saturating_sub(ending.chars().count());
    let stem: String = stem.chars().take(room).collect();
    format!("{stem}{ending}")
}

/// Returns a safe name that none of `taken` is: with a number where it is taken.
pub(super) fn free_name(name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let name = safe_name(name);
    if !taken(&name) {
        return name;
    }
    let (stem, ending) = with_ending(&name);
    let numbered = (2_u32..).map(|number| format!("{stem} ({number}){ending}"));
    numbered.into_iter().find(|name| !taken(name)).unwrap_or_else(|| name.clone())
}

/// Returns how the name of a document ends, as a name of a file may end anywhere: `pdf`.
pub(super) fn plain_ending(name: &str) -> Option<String> {
    let ending = with_ending(name).1.strip_prefix('.')?;
    let plain = ending.chars().all(|c| c.is_ascii_alphanumeric());
    (plain && !ending.is_empty()).then(|| ending.to_ascii_lowercase())
}

/// Returns a name in two: what stands before its ending, and the ending with its full stop.
fn with_ending(name: &str) -> (&str, &str) {
    let dot = name.rfind('.').filter(|dot| *dot > 0);
    let parts = dot.and_then(|dot| name.split_at_checked(dot));
    parts.filter(|(_, ending)| ending.chars().count() <= LONGEST_ENDING).unwrap_or((name, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_name_and_nothing_else() {
        for (name, expected) in [
            ("klacht.pdf", "klacht.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\Jansen\\klacht.pdf", "klacht.pdf"),
            ("fact\u{202e}fdp.exe", "factfdp.exe"),
            ("a\u{1b}[2Jb\n.txt", "a[2Jb .txt"),
            (" two  words\t.txt ", "two words .txt"),
            (".hidden", "hidden"),
            ("--help", "help"),
            ("e\u{301}.txt", "é.txt"),
            ("..", ""),
            ("\u{202e}\u{200b}", ""),
            ("map/", ""),
        ] {
            assert_eq!(safe_name(name), expected, "{name:?}");
        }
        let long = format!("{}.pdf", "é".repeat(300));
        let kept = safe_name(&long);
        assert_eq!(kept.chars().count(), LONGEST_NAME);
        assert!(kept.ends_with("é.pdf"), "{kept}");
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let taken = ["klacht.pdf", "klacht (2).pdf", "brief"];
        let taken = |name: &str| taken.contains(&name);
        assert_eq!(free_name("x/klacht.pdf", &taken), "klacht (3).pdf");
        assert_eq!(free_name("brief", &taken), "brief (2)");
        assert_eq!(free_name("foto.png", &taken), "foto.png");
    }
}
