//! Languages and texts that people read.
//!
//! Every user-facing text in a file is one string or a map of languages; what the engine itself says about a case it
//! says in Dutch or in English.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A language in which the engine itself speaks about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Dutch.
    Nl,
    /// English.
    #[default]
    En,
}

impl Language {
    /// Returns the ISO 639-1 code, as used in the `title: { nl: …, en: … }` of a file.
    pub fn code(self) -> &'static str {
        match self {
            Language::Nl => "nl",
            Language::En => "en",
        }
    }

    /// Returns the Dutch or the English wording.
    pub fn pick<T>(self, dutch: T, english: T) -> T {
        match self {
            Language::Nl => dutch,
            Language::En => english,
        }
    }
}

/// A text for people: one wording for all languages (under the key `""`), or one for each.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Text(BTreeMap<String, String>);

impl Text {
    /// Returns a text with one wording for every language.
    pub fn plain(wording: impl Into<String>) -> Self {
        Self(BTreeMap::from([(String::new(), wording.into())]))
    }

    /// Returns a text from pairs of language code and wording.
    pub fn of(wordings: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(wordings.into_iter().collect())
    }

    /// Returns the text with each wording changed; the code of its language comes first.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str, &str) -> String) -> Self {
        let changed = self.0.iter().map(|(code, wording)| (code.clone(), change(code, wording)));
        Self(changed.collect())
    }

    /// Returns the wording in `language`; failing that the one without a language, or else the first there is.
    pub fn in_language(&self, language: Language) -> &str {
        let wording = self.0.get(language.code()).or_else(|| self.0.get(""));
        wording.or_else(|| self.0.values().next()).map_or("", String::as_str)
    }
}
