//! How other cases are told.

use super::Teller;
use crate::case::event::LinkKind;
use crate::procedure::Name;

impl Teller<'_> {
    /// Returns what another case is to this one, in words.
    pub fn link(&self, kind: LinkKind, case: &str, procedure: &Name) -> String {
        let words = match kind {
            LinkKind::Related => ("Hangt samen met", "Related to"),
        };
        let words = self.language.pick(words.0, words.1);
        format!("{words} {case} ({procedure})")
    }
}
