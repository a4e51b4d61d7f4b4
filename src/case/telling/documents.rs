//! Documents in words.

use super::Teller;
use crate::case::documents::Document;
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

    /// Returns what to call a document: its title with the name of its file, or the name alone.
    pub fn document(document: &Document) -> String {
        match &document.title {
            Some(title) => format!("{title} ({})", document.name),
            None => document.name.clone(),
        }
    }
}
