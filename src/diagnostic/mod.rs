//! Findings about a text that somebody wrote: what is wrong, exactly where, and what to do.
//!
//! A finding is made by a rule, carried as a value, and drawn at the very end: for people by [`render`], for programs by
//! [`as_json`]. Codes are names and stay for ever; messages quote the file, never a person's data.

mod finding;
mod place;
mod render;
mod shown;

pub use finding::Finding;
pub use place::{Place, Source, Span};
pub use render::{Style, as_json, render};
pub use shown::shown;

pub(crate) use place::{floor, line_around};
pub(crate) use shown::misleads;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text can't be used as it is.
    Error,
    /// The text can be used, but its author will want to know.
    Warning,
}

impl Severity {
    /// Returns the word for it, as in `error[unknown-step]`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// An edit that would mend a finding, in the text in which the finding stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The stretch to be replaced; empty to insert.
    pub span: Span,
    /// What to write there.
    pub replacement: String,
}

/// A finding about a text.
///
/// # Examples
/// ```
/// use verloop::diagnostic::{Diagnostic, Place, Source, Span, Style, render};
///
/// let source = Source::new("objection.yaml", "after: hering\n");
/// let finding = Diagnostic::error("unknown-step", &Place::new(&source, Span::new(7, 13)))
///     .message("no step `hering`")
///     .help("a step with a similar name exists: `hearing`")
///     .suggest(Span::new(7, 13), "hearing");
/// assert!(render(&[finding], Style::Plain).contains("error[unknown-step]: no step `hering`"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The name of the rule, such as `unknown-step`; stable for ever.
    pub code: &'static str,
    /// Whether the text can be used.
    pub severity: Severity,
    /// Where the cause stands.
    pub place: Place,
    /// A few words beside the caret, possibly none.
    pub label: String,
    /// What is wrong: one line, lower case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The edit that would mend it.
    pub suggestion: Option<Suggestion>,
    /// Other places that matter, each with a few words.
    pub related: Vec<(Place, String)>,
    /// The norm from which the rule comes.
    pub citation: Option<String>,
}

impl Diagnostic {
    /// Returns a finding for which the text can't be used.
    pub fn error(code: &'static str, place: &Place) -> Self {
        Self {
            code,
            severity: Severity::Error,
            place: place.clone(),
            label: String::new(),
            message: String::new(),
            help: None,
            suggestion: None,
            related: Vec::new(),
            citation: None,
        }
    }

    /// Returns a finding that leaves the text usable.
    pub fn warning(code: &'static str, place: &Place) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place) }
    }

    /// Says what is wrong.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// Puts a few words beside the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Proposes to write `replacement` instead of what stands at `span` in the same text.
    #[must_use]
    pub fn suggest(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.suggestion = Some(Suggestion { span, replacement: replacement.into() });
        self
    }

    /// Shows another place that matters.
    #[must_use]
    pub fn related(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.related.push((place.clone(), label.into()));
        self
    }

    /// Names the norm from which the rule comes.
    #[must_use]
    pub fn cite(mut self, citation: impl Into<String>) -> Self {
        self.citation = Some(citation.into());
        self
    }
}

/// Returns the findings in the order of the text, each once; the texts follow each other by name.
pub fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.sort_by(|one, other| {
        let by_file = one.place.source.name.cmp(&other.place.source.name);
        let by_place = || one.place.span.cmp(&other.place.span);
        by_file.then_with(by_place).then_with(|| one.severity.cmp(&other.severity))
    });
    let mut ordered: Vec<Diagnostic> = Vec::with_capacity(diagnostics.len());
    for diagnostic in diagnostics {
        let place = &diagnostic.place;
        let same_place = ordered.iter().rev().take_while(|earlier| earlier.place == *place);
        let known = |earlier: &Diagnostic| {
            earlier.code == diagnostic.code && earlier.message == diagnostic.message
        };
        if !same_place.into_iter().any(known) {
            ordered.push(diagnostic);
        }
    }
    ordered
}

/// Returns the one of `names` that its author most likely meant by `wrong`, if one is near enough to be worth saying.
///
/// Case and the kind of dash don't count; otherwise one slip in every three characters is near. Of equally near names
/// the first is taken.
///
/// # Examples
/// ```
/// use verloop::diagnostic::did_you_mean;
/// assert_eq!(did_you_mean("hering", ["intake", "hearing"].into_iter()), Some("hearing"));
/// assert_eq!(did_you_mean("xyz", ["intake", "hearing"].into_iter()), None);
/// ```
pub fn did_you_mean<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    let plain = |name: &str| name.to_lowercase().replace(['_', ' '], "-");
    let length = wrong.chars().count();
    if length > LONGEST {
        return None;
    }
    let wanted = plain(wrong);
    let near =
        names.filter(|name| *name != wrong && name.len() <= 4 * LONGEST).filter_map(|name| {
            let slips = strsim::osa_distance(&wanted, &plain(name));
            (slips <= length.max(name.chars().count()) / 3).then_some((slips, name))
        });
    near.min_by_key(|(slips, _)| *slips).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Place, Source, Span, did_you_mean, in_order};

    #[test]
    fn only_a_near_name_is_proposed() {
        let names = ["intake", "hearing", "decide", "of", "complaints-officer", "e_mail"];
        for (wrong, meant) in [
            ("hering", Some("hearing")),
            ("Hearing", Some("hearing")),
            ("dedice", Some("decide")),
            ("complaint-officer", Some("complaints-officer")),
            ("complaints_officer", Some("complaints-officer")),
            ("e-mail", Some("e_mail")),
            ("if", None),
            ("OF", Some("of")),
            ("hearing", None),
            ("unrelated", None),
            ("", None),
        ] {
            assert_eq!(did_you_mean(wrong, names.into_iter()), meant, "{wrong}");
        }
        assert_eq!(did_you_mean(&"h".repeat(1_000_000), names.into_iter()), None);
    }

    #[test]
    fn findings_come_in_the_order_of_the_text_and_once() {
        let (b, a) = (Source::new("b.yaml", "xyz"), Source::new("a.yaml", "xyz"));
        let at = |source, start| {
            Diagnostic::error("some-code", &Place::new(source, Span::new(start, start + 1)))
        };
        let twice = at(&b, 2).message("same");
        let found = vec![twice.clone(), at(&b, 0), at(&a, 1), twice.message("same"), at(&b, 2)];
        let ordered = in_order(found);
        let places: Vec<_> = ordered.iter().map(|found| found.place.to_string()).collect();
        assert_eq!(places, ["a.yaml:1:2", "b.yaml:1:1", "b.yaml:1:3", "b.yaml:1:3"]);
    }
}
