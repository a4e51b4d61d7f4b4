//! Rules about a procedure as a whole: what no case could ever do, and what is likely a slip.
//!
//! Each rule is a file, named after the code that its findings carry. They are asked of the compiled form; a name that
//! could not be resolved counts there as something that may still come, so that one slip gives one finding.

mod acts_unseen;
mod always_stopped;
mod cannot_be_deemed;
pub(super) mod cap_in_another_unit;
mod circular_after;
mod circular_blocks;
mod circular_deadlines;
mod circular_owes;
pub(super) mod consent_of_staff;
pub(super) mod counted_back;
mod decides_nothing;
mod follow_up_ends;
mod never_ends;
mod never_met;
mod no_default_outcome;
mod no_penalty;
mod no_way_to_an_end;
mod no_remedy;
mod nobody_can;
mod nobody_may_extend;
mod recurs_once;
mod recurs_too_often;
mod reopened_never_ends;
mod restart_with_a_cap;
mod returns_and_ends;
mod returns_forward;
mod same_and_apart;
mod same_extension;
mod soft_deadline_binds;
mod suspends_its_decision;
mod unreachable_step;
mod unused_role;
pub(super) mod warning_before_start;

use super::definition::Procedure;
use crate::diagnostic::Diagnostic;

/// Returns what is wrong with what is there, however much of the text could not be read.
pub(super) fn of_what_is_there(procedure: &Procedure) -> Vec<Diagnostic> {
    let rules: [fn(&Procedure) -> Vec<Diagnostic>; 21] = [
        acts_unseen::check,
        always_stopped::check,
        cannot_be_deemed::check,
        circular_after::check,
        circular_blocks::check,
        circular_deadlines::check,
        circular_owes::check,
        follow_up_ends::check,
        no_default_outcome::check,
        no_penalty::check,
        nobody_can::check,
        recurs_once::check,
        recurs_too_often::check,
        restart_with_a_cap::check,
        returns_and_ends::check,
        returns_forward::check,
        same_and_apart::check,
        same_extension::check,
        soft_deadline_binds::check,
        suspends_its_decision::check,
        unreachable_step::check,
    ];
    rules.into_iter().flat_map(|rule| rule(procedure)).collect()
}

/// Returns what is missing. These rules are asked only of a text that could be read as a whole: else
/// what is missing may stand in the part that could not.
pub(super) fn of_what_is_missing(procedure: &Procedure) -> Vec<Diagnostic> {
    let rules: [fn(&Procedure) -> Vec<Diagnostic>; 7] = [
        decides_nothing::check,
        never_ends::check,
        never_met::check,
        no_remedy::check,
        nobody_may_extend::check,
        reopened_never_ends::check,
        unused_role::check,
    ];
    rules.into_iter().flat_map(|rule| rule(procedure)).collect()
}

/// Returns what is unwise in a text in which nothing is wrong: what a mistake brings about is not told beside it.
pub(super) fn of_what_is_sound(procedure: &Procedure) -> Vec<Diagnostic> {
    no_way_to_an_end::check(procedure)
}
