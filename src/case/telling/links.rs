//! How other cases are told.

use super::Teller;
use crate::case::event::{LinkKind, Verdict};
use crate::procedure::Name;

impl Teller<'_> {
    /// Returns what another case is to this one, in words.
    pub fn link(&self, kind: LinkKind, case: &str, procedure: &Name) -> String {
        let words = match kind {
            LinkKind::Opened => ("Opent zaak", "Opens case"),
            LinkKind::OpenedBy => ("Komt uit zaak", "Comes from case"),
            LinkKind::Related => ("Hangt samen met", "Related to"),
        };
        let words = self.language.pick(words.0, words.1);
        format!("{words} {case} ({procedure})")
    }

    /// Returns what came of another case, in words.
    pub fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Decided(Some(outcome)) => outcome.to_string(),
            Verdict::Decided(None) => self.language.pick("beslist", "decided").to_owned(),
            Verdict::Ended(status) => {
                let words = self.language.pick("geëindigd zonder beslissing", "ended undecided");
                format!("{words} ({status})")
            }
        }
    }
}
