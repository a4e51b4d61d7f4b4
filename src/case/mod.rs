//! A case: one run of a procedure. Commands are asked of it, events are what has happened in it.
//!
//! The core is two pure functions: [`decide`] says which events an act brings about, or refuses it and says why;
//! [`Case::apply`] takes an event in and can't fail. No clock, no files, no chance: the same events give the same case,
//! on every machine and in every time zone.

pub mod address;
mod apply;
pub mod code;
pub mod clock;
mod command;
mod decide;
mod documents;
mod event;
mod linked;
mod migration;
mod filing;
mod moments;
mod letters;
mod lists;
mod person;
mod refusal;
mod replay;
mod standing;
mod starts;
mod state;
mod telling;
mod terms;
mod veil;
mod words;

pub use command::{Act, Command, Do, Extend, NewParty, Open, PartyAct, Send};
pub use command::{Other, Split, TakeIn};
pub use decide::{
    Move, Obstacle, Replay, asked, decide, decide_late, decide_late_moving, decide_moving,
    looks_are_kept, may_do, may_see, migrate, pass_time, recount, replay, sees_identity_of,
    undo_migration, who_may, why_not_now, why_not_open,
};
pub use documents::{Document, DocumentRecord, Enclosure, safe_name};
pub use event::{
    Addressee, CancelCause, Clock, CloseCause, Counted, Event, Fact, Flag, Instance, LeaveCause,
    LetterFile, MoveCause, NoTerm, NoTermCause, PauseCause, ResumeCause,
};
pub use event::{LinkKind, Origin, Through, Verdict};
pub use filing::{EarlyFiling, Elsewhere, Filing, FilingRecord};
pub use letters::{
    LetterCase, MadeLetter, digest_of, enclosure_file_name, in_hex, letter_file_name, make_letter,
};
pub use linked::{linked_opening, split_opening, verdict};
pub(crate) use moments::events_read;
pub use moments::{as_known, as_of, ever, letter_case, told};
pub use person::{ActedBy, Actor, Contact, Party, Person, PersonId, StandIn};
pub use refusal::{Refusal, Remedy, RuleCited, Taken, Why};
pub use replay::{CantReplay, Difference, Due, DueDifference, How, Replayed};
pub use standing::{Marking, Standing, Truth};
pub use state::{
    Case, ClockEnd, ClockRecord, Done, End, Finality, Handed, InstanceRecord, Lengthening,
    LetterRecord, Link, Looks, Opened, Opening, Pause, PenaltyEnd, PenaltyRecord, Reopened, Status,
    StepRecord, Vote,
};
pub use telling::{Sentence, Teller, Weight};
pub use terms::{length_as_written, without_term};
pub use veil::Veil;
pub use words::{anchor_as_written, fact_as_written};
