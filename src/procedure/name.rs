//! Names of procedures, roles, steps, outcomes and deadlines.
//!
//! A name is what an author typed and what people type after him; two names that look the same must not be two
//! names. Names are never joined to a path.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;
use unicode_normalization::is_nfc;
use unicode_security::{MixedScript, confusable_detection::skeleton};

/// The longest name, in characters.
const LONGEST: usize = 64;

/// Device names that some file systems reserve; a name is never a path, yet exports may make files of it.
const DEVICES: [&str; 8] = ["con", "prn", "aux", "nul", "com1", "com2", "lpt1", "lpt2"];

/// A name as it stands in a procedure, cheap to copy.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Arc<str>);

impl Name {
    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

/// Returns what is wrong with `text` as a name, or nothing.
///
/// A name is letters and digits, joined by single hyphens, begins with a letter, has at most 64 characters of one
/// script in composed form (NFC), and is not a device name of an operating system.
pub fn fault_of(text: &str) -> Option<&'static str> {
    if text.chars().count() > LONGEST {
        return Some("a name has at most 64 characters");
    }
    let well_formed = text.split('-').enumerate().all(|(place, part)| {
        let mut letters = part.chars();
        let first = letters.next();
        let starts_well =
            first.is_some_and(|c| c.is_alphabetic() || (place > 0 && c.is_alphanumeric()));
        starts_well && letters.all(char::is_alphanumeric)
    });
    if !well_formed {
        return Some(
            "a name is letters and digits joined by single hyphens, and begins with a letter",
        );
    }
    if !is_nfc(text) {
        return Some("its accents are written as separate characters");
    }
    if !text.is_single_script() {
        return Some("it mixes letters of several scripts, which look alike");
    }
    if DEVICES.contains(&text.to_lowercase().as_str()) {
        return Some("operating systems keep this word for a device");
    }
    None
}

/// Returns the shape of a name as the eye sees it: equal for names that differ in case or look-alike letters only.
pub(super) fn look(text: &str) -> String {
    skeleton(&text.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_well_formed() {
        for name in ["antwoord", "deels-gegrond", "fase-2", "één-loket", "Widerspruch", "жалоба"]
        {
            assert_eq!(fault_of(name), None, "{name}");
        }
    }

    #[test]
    fn names_that_deceive_or_break_are_refused() {
        let long = "a".repeat(65);
        for name in
            ["", "-a", "a-", "a--b", "2-fase", "a b", "a.b", "a/b", "nul", "j\u{430}nsen", &long]
        {
            assert!(fault_of(name).is_some(), "{name}");
        }
        assert!(fault_of("cafe\u{301}").is_some(), "decomposed accents");
    }

    #[test]
    fn names_that_look_alike_have_one_look() {
        assert_eq!(look("Paypal"), look("paypa1"));
        assert_ne!(look("gegrond"), look("ongegrond"));
    }
}
