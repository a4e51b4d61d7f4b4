//! Documents in words.

use super::Teller;
use crate::case::documents::{Document, Enclosure};
use crate::case::state::Case;
use crate::language::Language;

impl Teller<'_> {
    /// Tells that a document came into the case.
    pub(super) fn added(&self, document: &Document, by: &str) -> String {
        let named = Self::document(document);
        match self.language {
            Language::Nl => format!("Stuk ingebracht{by}: {named}"),
            Language::En => format!("Document added{by}: {named}"),
        }
    }

    /// Tells which documents go with a letter; nothing for none.
    pub(super) fn enclosed(&self, case: &Case, enclosures: &[Enclosure]) -> String {
        let names = enclosures.iter().filter_map(|enclosure| {
            let mut documents = case.documents.iter();
            let known = documents.find(|known| known.number == enclosure.number)?;
            Some(Self::document(&known.document))
        });
        let names: Vec<String> = names.collect();
        match (names.is_empty(), self.language) {
            (true, _) => String::new(),
            (false, Language::Nl) => format!("; bijgevoegd: {}", names.join(", ")),
            (false, Language::En) => format!("; enclosed: {}", names.join(", ")),
        }
    }

    /// Returns what to call a document: its title with the name of its file, or the name alone.
    pub fn document(document: &Document) -> String {
        match &document.title {
            Some(title) => format!("{title} ({})", document.name),
            None => document.name.clone(),
        }
    }
}
