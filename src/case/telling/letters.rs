//! Letters in words.

use super::Teller;
use crate::case::event::{Addressee, Event};
use crate::case::state::Case;
use crate::language::Language;
use crate::procedure::Name;

impl Teller<'_> {
    /// Returns the title of a letter.
    pub fn letter(&self, name: &Name) -> String {
        let declared = self.procedure.find_letter(name.as_str());
        let title = declared.map(|letter| letter.title.in_language(self.language));
        title.unwrap_or(name.as_str()).to_owned()
    }

    /// Tells that somebody sent a letter: to whom, how and when.
    pub(super) fn sent_by_hand(
        &self,
        case: &Case,
        event: &Event,
        letter: &Name,
        to: &[Name],
        addressees: &[Addressee],
    ) -> String {
        let (letter, to) = (self.letter(letter), self.roles(to));
        let by = self.by(case, event.by.as_ref());
        let first = addressees.first();
        let on = first.and_then(|to| to.sent_on).map(|on| self.day(on));
        let channel = first.and_then(|to| to.channel.as_ref());
        let proof = first.and_then(|to| to.proof.as_ref());
        match self.language {
            Language::Nl => {
                let on = on.map(|on| format!(" op {on}")).unwrap_or_default();
                let way = channel.map(|way| format!(" per {way}")).unwrap_or_default();
                let proof = proof.map(|_| ", met bewijs").unwrap_or_default();
                format!("Brief «{letter}» verzonden aan {to}{way}{on}{by}{proof}")
            }
            Language::En => {
                let on = on.map(|on| format!(" on {on}")).unwrap_or_default();
                let way = channel.map(|way| format!(" by {way}")).unwrap_or_default();
                let proof = proof.map(|_| ", with proof").unwrap_or_default();
                format!("Letter “{letter}” sent to {to}{way}{on}{by}{proof}")
            }
        }
    }
}
