//! Procedures: the file as written, its checks, guards, and the compiled form that cases run on.
//!
//! A text has two shapes. A [`document`] holds names as an author typed them, each with its place; a [`Procedure`] holds
//! indices that only [`compile()`] can make, so that code behind it never looks up a name in vain. Every rule about texts
//! is a file of its own, named after the code that its finding carries.

pub mod access;
pub mod between;
mod check;
mod compile;
mod definition;
pub mod document;
pub mod guard;
mod name;
pub mod overlay;
pub mod people;
mod transition;
mod version;

pub use access::{Access, Confidential, Hide};
pub use between::{Between, Reopen};
pub use compile::{
    Compiled, SCHEMA, compile, compile_published, in_guard, list_scope, outcome_scope,
    template_files,
};
pub use definition::{
    Against, Anchor, Appeal, AppealEffect, Bound, Breach, Condition, Content, Deadline,
    DeadlineIndex, Deemed, Disposal, Each, Early, Enclose, Extend, Fact, InForce, Intake, Lapse,
    Late, Length, Letter, LetterIndex, Outcome, OutcomeIndex, PenaltyRule, Phase, Procedure,
    Records, RecordsFrom, Recurs, ReferencePattern, Relations, Remind, Rest, ReturnTo, Role,
    RoleIndex, Rule, Run, SelectedBy, StartEvent, Step, StepIndex, StepKind, Stops, TermRule,
    Until, Within,
};
pub use definition::{DecidedBy, Opens};
pub use name::{Name, fault_of};
pub use people::{Acts, Apart, Bar, Barred, Panel, Same};
pub use transition::{Mapping, Pending, Transition, TransitionDocument};
pub use version::{NotAVersion, Version};
