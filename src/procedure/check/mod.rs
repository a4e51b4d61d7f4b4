//! Rules about a procedure as a whole: what no case could ever do, and what is likely a slip.
//!
//! Each rule is a file, named after the code that its findings carry. They are asked of the compiled form; a name that
//! could not be resolved counts there as something that may still come, so that one slip gives one finding.

mod circular_after;
mod decides_nothing;
mod each_not_a_list;
mod never_ends;
mod never_met;
mod no_default_outcome;
mod nobody_may_extend;
mod unreachable_step;
mod unused_role;
mod warning_before_start;

use super::definition::Procedure;
use crate::diagnostic::Diagnostic;

/// Returns everything that the rules find.
pub(super) fn all(procedure: &Procedure) -> Vec<Diagnostic> {
    let rules: [fn(&Procedure) -> Vec<Diagnostic>; 10] = [
        circular_after::check,
        decides_nothing::check,
        each_not_a_list::check,
        never_ends::check,
        never_met::check,
        no_default_outcome::check,
        nobody_may_extend::check,
        unreachable_step::check,
        unused_role::check,
        warning_before_start::check,
    ];
    rules.into_iter().flat_map(|rule| rule(procedure)).collect()
}
