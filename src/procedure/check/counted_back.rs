//! `counted-back`: a term that is counted back from an event can't be stopped, lengthened or bounded, nor start elsewhere.

use crate::diagnostic::Diagnostic;
use crate::procedure::document::DeadlineDocument;

/// Finds what does not go together with `before`; asked of the text, where each key has its place.
pub(in crate::procedure) fn check(written: &DeadlineDocument) -> Vec<Diagnostic> {
    let Some(before) = &written.before_place else { return Vec::new() };
    let bounds = [&written.no_earlier_than, &written.no_later_than];
    let bounds = bounds.into_iter().flatten().map(|bound| (&bound.place, "be bounded"));
    let beside = written
        .starts_place
        .iter()
        .map(|place| (place, "start with another event"))
        .chain(written.extend.iter().map(|rule| (&rule.place, "be lengthened")))
        .chain(written.stops.iter().map(|cause| (&cause.place, "stand still")))
        .chain(bounds);
    beside
        .map(|(place, what)| {
            Diagnostic::error("counted-back", place)
                .message(format!(
                    "`{}` is counted back from an event, so it can't {what}",
                    written.name.text
                ))
                .label("not beside `before`")
                .related(before, "counted back here")
                .help("remove one of the two")
        })
        .collect()
}
