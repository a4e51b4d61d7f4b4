//! How a command ends, as one number that scripts can rely on.

use std::process::ExitCode;

/// The exit codes of `verloop`; their numbers never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to report.
    Done = 0,
    /// There are findings: errors of `check`, a failed scenario, wrong requests.
    Findings = 1,
    /// The command line is wrong.
    Usage = 2,
    /// The procedure refuses the act.
    Refused = 3,
    /// There is no such file, case, procedure or step.
    NotFound = 4,
    /// Somebody else changed it first.
    Changed = 5,
    /// The store, or what is written to, can't be reached, is locked, or is damaged.
    Unreachable = 6,
    /// The actor may not do this.
    NotAllowed = 7,
    /// A fault in verloop.
    Fault = 70,
}

impl Exit {
    /// Returns the way to end that has this number.
    pub fn of_code(code: u8) -> Option<Self> {
        let all = [
            Self::Done,
            Self::Findings,
            Self::Usage,
            Self::Refused,
            Self::NotFound,
            Self::Changed,
            Self::Unreachable,
            Self::NotAllowed,
            Self::Fault,
        ];
        all.into_iter().find(|exit| exit.code() == code)
    }

    /// Returns the number.
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
