//! `cap-in-another-unit`: lengthenings whose sum is limited in a unit in which they can't be added up.

use crate::diagnostic::{Diagnostic, Place};
use crate::time::Term;

/// Finds a limit that can't be held against what it limits; asked while the place is at hand.
pub(in crate::procedure) fn check(by: Term, at_most: Term, place: &Place) -> Option<Diagnostic> {
    if by.unit() == at_most.unit() {
        return None;
    }
    let finding = Diagnostic::error("cap-in-another-unit", place)
        .message(format!("{by} each time can't be held against {at_most} in all"))
        .label(format!("a lengthening is {by}"));
    Some(finding.help("write both in the same unit"))
}
