//! Why a guard failed while a case ran. Our own words, without any value: a fault ends in logs that must not hold the
//! data of a case.

/// A guard that failed. It has no answer then, and never counts as false: the step waits, and an incident is recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the guard failed at line {line}, column {column}: {kind}")]
pub struct Fault {
    /// The line inside the guard, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
    /// What went wrong.
    pub kind: FaultKind,
}

/// What went wrong in a guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The case was opened without it. Handling: record the value, or let the guard ask `known(…)` first.
    #[error("a value was read that is absent")]
    Absent,
    /// The case holds something else than the procedure declares. Handling: correct the value, or migrate the case.
    #[error("a value is not of the declared type")]
    WrongType,
    /// Values that can't be compared or counted with. Handling: as for `WrongType`.
    #[error("values of different kinds were taken together")]
    Mismatch,
    /// A condition that is neither true nor false. Handling: as for `WrongType`.
    #[error("a condition is neither true nor false")]
    NotBoolean,
    /// A name that the case doesn't have. Handling: the guard belongs to another version of the procedure.
    #[error("a name is not there in this case")]
    UnknownName,
    /// A number too large to be held.
    #[error("a number grew too large")]
    Overflow,
    /// More work than a guard may do.
    #[error("the guard takes more work than is allowed")]
    TooMuchWork,
    /// A fault of ours. Handling: report it.
    #[error("the guard could not be carried out")]
    Broken,
}
