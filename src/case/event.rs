//! Events: the immutable facts of a case's history.
//!
//! An event says what happened, when it happened in the world and when the engine was told. Events carry names, never
//! positions, so that a history can be read in twenty years without the text of the procedure.

use super::documents::{Document, Enclosure};
use super::filing::FilingRecord;
use super::person::{ActedBy, Contact, Party, PersonId};
use super::state::Case;
use crate::procedure::DecidedBy;
use crate::procedure::{Mapping, Name, Version};
use crate::time::{Date, From, Instant, Term};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A fact in a case's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its place in the history of the case, from 1.
    pub revision: u64,
    /// When it happened in the world.
    pub at: Instant,
    /// When the engine was told.
    pub recorded_at: Instant,
    /// By whom; nobody where the engine did it or time passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<ActedBy>,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// One instance of a step: the step, and the item that it is about where it is done for each of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instance {
    /// The name of the step.
    pub step: Name,
    /// The item of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

impl Instance {
    /// Returns the only instance of a step that is done once.
    pub fn only(step: &Name) -> Self {
        Self { step: step.clone(), item: None }
    }
}

/// One clock: the deadline, and the item where it belongs to one instance of a step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Clock {
    /// The name of the deadline.
    pub deadline: Name,
    /// The item of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

/// Somebody to whom a letter went, how, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addressee {
    /// The party role.
    pub role: Name,
    /// Who.
    pub person: PersonId,
    /// Whether this is a copy, so that the date of sending to this person starts no window.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copy: bool,
    /// The way by which it went, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Name>,
    /// The address to which it went, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The day on which it was sent, where that is not the day of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_on: Option<Date>,
    /// What proves the sending: the digest of a document, or a text such as the number of a registered letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// What was made for this person, in each format.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<LetterFile>,
}

/// One file of a letter, as the record keeps it: not the text, and what tells whether a text is the one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterFile {
    /// Language and format, as the file's name ends: `nl.txt`.
    pub ending: String,
    /// The SHA-256 digest of its bytes, in hexadecimal digits.
    pub digest: String,
}

impl Addressee {
    /// Returns the roles of these, each once.
    pub(super) fn roles(addressees: &[Addressee]) -> Vec<Name> {
        let mut roles: Vec<Name> = Vec::new();
        for to in addressees {
            if !roles.contains(&to.role) {
                roles.push(to.role.clone());
            }
        }
        roles
    }

    /// Returns an addressee of whom no more is known than who it is.
    pub fn new(role: Name, person: PersonId) -> Self {
        Self {
            role,
            person,
            copy: false,
            channel: None,
            address: None,
            sent_on: None,
            proof: None,
            files: Vec::new(),
        }
    }
}

/// Why a clock stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum PauseCause {
    /// A step is open that it waits for.
    Step {
        /// The name of the step.
        step: Name,
    },
    /// Somebody had it stand still.
    Hand {
        /// Why.
        reason: String,
        /// In which role, which tells the rule that allowed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<Name>,
    },
}

/// The last day of a clock as it was counted at a moment, and by what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The last day.
    pub last_day: Date,
    /// The calendar, with its version: `nl@2026-1`.
    pub calendar: String,
    /// The release of the time zone database.
    pub tzdb: String,
}

/// A rule that was broken, where the procedure takes in what practice does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// The act: the step, the deadline, or the verb.
    pub act: Name,
    /// The code of the refusal that it would have been.
    pub code: String,
    /// Where the rule stands.
    pub place: String,
    /// The law, regulation or policy that the rule rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cite: Option<String>,
    /// What was wrong, in Dutch.
    pub nl: String,
    /// What was wrong, in English.
    pub en: String,
    /// Why it was done all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why it is not known how long a clock runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoTerm {
    /// What the procedure asks: a field, or a condition.
    pub asks: String,
    /// Where it asks that.
    pub place: String,
    /// What is wrong with the answer.
    pub because: NoTermCause,
}

/// What is wrong with that from which the length of a clock is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoTermCause {
    /// It is not on record.
    Absent,
    /// It is on record and is no term.
    NotATerm,
    /// The condition could not be answered.
    Fault,
}

/// Why the last day of a clock moved, though nobody stopped or lengthened it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MoveCause {
    /// It counts from another event, or that event counts from another day.
    Start,
    /// It is longer or shorter, since what its length hangs on has changed.
    Term,
    /// A date that it may not pass, or not come before, came or moved.
    Bound,
    /// The days off changed.
    Calendar,
    /// The rules of the time zone changed.
    TimeZones,
    /// The counting rule changed.
    Counting,
    /// The case was moved to another text of its procedure.
    Rules,
}

/// Why a clock goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResumeCause {
    /// The step that it waited for is no longer open.
    StepOver,
    /// Somebody let it go on.
    Hand,
    /// It had stood still for as long as the rule allows.
    Limit,
}

/// Why a clock was stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CancelCause {
    /// The step that it belongs to is no longer open.
    StepOver,
    /// It came back until something had happened, and that has.
    UntilThen,
    /// The case ended.
    CaseEnded,
}

/// Why a party left a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaveCause {
    /// It withdrew what it had filed; others had filed the same.
    Withdrew,
    /// It left, or was taken off.
    Left,
    /// It was refused as a representative.
    Refused,
    /// The party that it represented left.
    WithItsParty,
}

/// Why an open step is no longer possible.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum CloseCause {
    /// What it comes after is no longer true.
    Overtaken,
    /// The case returned to an earlier step.
    Returned,
    /// Appeal lies against a later decision instead.
    Renewed,
    /// The appeal that it is about was withdrawn.
    Withdrawn,
    /// A deadline lapsed that closes it.
    Lapsed {
        /// The name of the deadline.
        deadline: Name,
    },
    /// The case ended.
    CaseEnded,
    /// What it was about is no longer in the list.
    ItemGone,
    /// The case that was to decide ended without a decision.
    NotDecided {
        /// What people call it.
        case: String,
    },
    /// Another step was done that rules it out.
    Cancelled {
        /// The name of that step.
        because: Name,
    },
    /// Enough of the list was done.
    Enough,
}

/// What another case is to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// A step of this case opened it.
    Opened,
    /// A step of it opened this case.
    OpenedBy,
    /// This case was joined into it.
    JoinedInto,
    /// It was joined into this case.
    Joined,
    /// It was split off this case.
    SplitInto,
    /// This case was split off it.
    SplitFrom,
    /// The two have to do with each other.
    Related,
}

impl LinkKind {
    /// Returns what this case is to the other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            LinkKind::Opened => LinkKind::OpenedBy,
            LinkKind::OpenedBy => LinkKind::Opened,
            LinkKind::JoinedInto => LinkKind::Joined,
            LinkKind::Joined => LinkKind::JoinedInto,
            LinkKind::SplitInto => LinkKind::SplitFrom,
            LinkKind::SplitFrom => LinkKind::SplitInto,
            LinkKind::Related => LinkKind::Related,
        }
    }

    /// Returns the word that scenarios and exports use.
    pub fn word(self) -> &'static str {
        match self {
            LinkKind::Opened => "opened",
            LinkKind::OpenedBy => "opened-by",
            LinkKind::JoinedInto => "joined-into",
            LinkKind::Joined => "joined",
            LinkKind::SplitInto => "split-into",
            LinkKind::SplitFrom => "split-from",
            LinkKind::Related => "related",
        }
    }
}

/// By what a case opened another: the step, and which time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Through {
    /// The step.
    #[serde(flatten)]
    pub instance: Instance,
    /// Which time it was done, from 1.
    pub round: u32,
}

/// How a case comes from another one. The record keeps it with the opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What the other case is to this one.
    pub kind: LinkKind,
    /// What people call the other case.
    pub case: String,
    /// Its procedure.
    pub procedure: Name,
    /// The step of it that opened this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
    /// What in this case decides, where the other case waits for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decides: Option<DecidedBy>,
    /// Who can have no staff role in this case, each with the role in which he acted in the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub barred: Vec<(PersonId, Name)>,
}

/// What came of a case that another one waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It decided, with this outcome if its step has any.
    Decided(Option<Name>),
    /// It ended without a decision, with this status.
    Ended(Name),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Fact {
    /// The case was opened, under one version of a procedure.
    CaseOpened {
        /// The procedure.
        procedure: Name,
        /// The version, by content hash.
        version: Version,
        /// What people call the case.
        reference: String,
        /// How the matter came in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Name>,
        /// When it was received.
        received_at: Instant,
        /// The body to which it came first, and which sent it on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forwarded_by: Option<String>,
        /// Who has rights in it.
        parties: Vec<Party>,
        /// Whether it was asked that the case be confidential.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        confidential: bool,
        /// What was recorded.
        data: Map<String, Value>,
        /// The case that it comes from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Box<Origin>>,
    },
    /// Something was told late: it belongs before others that were on record, and the case is told anew.
    Retold {
        /// What was told: the step, the deadline, or the verb.
        act: Name,
        /// When it happened.
        of: Instant,
        /// What was on record and has not happened, as it is told now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        undone: Vec<Event>,
        /// Everything that happened up to now. What is new has the revision of this event.
        history: Vec<Event>,
    },
    /// A party came into the case.
    PartyJoined {
        /// Who, and in which role.
        party: Party,
    },
    /// Something else is known of a party.
    PartyChanged {
        /// In which role.
        role: Name,
        /// Who.
        person: PersonId,
        /// Where the party can be reached now.
        contact: Contact,
    },
    /// A party left the case, which goes on.
    PartyLeft {
        /// In which role.
        role: Name,
        /// Who.
        person: PersonId,
        /// Why it left.
        cause: LeaveCause,
        /// The reason given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A document came into the case.
    DocumentAdded {
        /// Its number in the case, from 1.
        number: u32,
        /// What it is.
        document: Document,
        /// The act with which it came: a step, a letter, or a verb; nothing where it came by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<Name>,
    },
    /// Case data were given.
    DataGiven {
        /// The fields and their values.
        data: Map<String, Value>,
    },
    /// A step may or must be done now.
    StepOpened {
        /// The step.
        step: Name,
        /// Which time, from 1.
        round: u32,
        /// The items of the list, where it is done for each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        items: Option<Vec<String>>,
        /// Whether it is a duty rather than a right.
        duty: bool,
        /// The deadline whose lapse opened it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<Name>,
        /// The step whose doing made it a duty.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owed_by: Option<Name>,
        /// What it lies against, where it files an appeal: `antwoord`, `afdoening.lapsed`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        against: Option<Vec<String>>,
    },
    /// The list that a step is done for has grown.
    ItemsAdded {
        /// The step.
        step: Name,
        /// The new items.
        items: Vec<String>,
    },
    /// Of a step that is done for each of a list, enough was done.
    EnoughDone {
        /// The step.
        step: Name,
        /// How many were done.
        done: usize,
        /// How many the list has.
        total: usize,
    },
    /// Steps can't come any more in this round, since another was done.
    StepsCancelled {
        /// The steps.
        steps: Vec<Name>,
        /// The step that was done.
        because: Name,
    },
    /// A step was passed over, since its `when` was not true.
    StepSkipped {
        /// The step.
        step: Name,
        /// Which time, from 1.
        round: u32,
    },
    /// A step is no longer possible.
    StepClosed {
        /// The step.
        #[serde(flatten)]
        instance: Instance,
        /// Why.
        #[serde(flatten)]
        cause: CloseCause,
    },
    /// A step was given to somebody.
    StepAssigned {
        /// The step.
        #[serde(flatten)]
        instance: Instance,
        /// To whom; nobody where it was put back.
        to: Option<PersonId>,
    },
    /// A member of a panel voted on a step.
    VoteCast {
        /// The step.
        #[serde(flatten)]
        instance: Instance,
        /// Which time, from 1.
        round: u32,
        /// For which outcome, where the step has any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<Name>,
        /// What was recorded with it.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        form: Map<String, Value>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The votes on a step could not decide any more; the panel votes anew.
    VotesSetAside {
        /// The step.
        #[serde(flatten)]
        instance: Instance,
    },
    /// A step was done.
    StepDone {
        /// The step.
        #[serde(flatten)]
        instance: Instance,
        /// Which time, from 1.
        round: u32,
        /// How it ended.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<Name>,
        /// What was recorded with it.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        form: Map<String, Value>,
        /// A remark.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Whether it is not tied to the course of the case: an act that is possible at any time.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        at_any_time: bool,
        /// Whether it files an appeal after its window.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
        /// Whether nobody did it: the law holds it done, since a deadline lapsed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        deemed: bool,
        /// What is on record of it, where it files an appeal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        filing: Option<FilingRecord>,
    },
    /// An appeal was filed before there was anything to appeal against; it takes effect when there is.
    AppealFiledEarly {
        /// The appeal.
        appeal: Name,
        /// What was recorded with it.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        form: Map<String, Value>,
        /// A remark.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// What else was said.
        filing: FilingRecord,
    },
    /// The case went back to an earlier step; the steps named get a new round.
    Returned {
        /// The step that is to be done again.
        to: Name,
        /// The step that sent it back.
        from: Name,
        /// All steps that get a new round.
        steps: Vec<Name>,
        /// The deadlines that belong to them, whose clocks begin anew.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deadlines: Vec<Name>,
    },
    /// An appeal was taken back by whoever filed it.
    AppealWithdrawn {
        /// The appeal.
        #[serde(flatten)]
        instance: Instance,
        /// Who had filed it.
        filed_by: PersonId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What was to be done about it, which is no longer so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        steps: Vec<Name>,
        /// The deadlines that belong to that.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deadlines: Vec<Name>,
    },
    /// A further decision came while an appeal was pending, which is about that decision as well from then on.
    DecisionJoined {
        /// The decision.
        step: Name,
        /// The appeal.
        appeal: Name,
    },
    /// A further decision came: appeal lies anew.
    AppealRenewed {
        /// The appeal.
        appeal: Name,
        /// The decision.
        because: Name,
        /// The filing and what comes after it, which get a new round.
        steps: Vec<Name>,
        /// The deadlines that belong to them, whose clocks begin anew.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deadlines: Vec<Name>,
    },
    /// A decision can't be appealed any more.
    DecisionFinal {
        /// The decision.
        step: Name,
        /// The decision on appeal that takes its place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaced_by: Option<Name>,
    },
    /// An appeal was admitted against a decision that was final, or after other appeals against it were decided; what
    /// rested on that gets a new round.
    FinalityLifted {
        /// The decision.
        step: Name,
        /// Whether it had not been final: only what came of the appeals, or was held by them, gets a new round.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        was_open: bool,
        /// The appeal.
        because: Name,
        /// The steps that rested on it.
        steps: Vec<Name>,
        /// The deadlines that belong to them, whose clocks begin anew.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deadlines: Vec<Name>,
    },
    /// The case had ended and runs again.
    CaseReopened {
        /// The step that reopened it, or the ground on which somebody did.
        because: Name,
        /// Why, where somebody reopened it on a ground.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The steps that get a new round.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        steps: Vec<Name>,
        /// The deadlines whose clocks begin anew.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        deadlines: Vec<Name>,
    },
    /// Another case has to do with this one; it has the same event, seen from there.
    CaseLinked {
        /// What the other case is to this one.
        kind: LinkKind,
        /// What people call the other case.
        case: String,
        /// Its procedure.
        procedure: Name,
        /// The step of this case that opened it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        through: Option<Through>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Another case was joined into this one. The other one has [`Fact::CaseLinked`].
    CaseTakenIn {
        /// What people call the other case.
        case: String,
        /// Its procedure.
        procedure: Name,
        /// Its date of receipt, where that is the earlier one and leads from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        received_at: Option<Instant>,
        /// The parties that came with it, as they are called here.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parties: Vec<Party>,
        /// What it added to the data.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        data: Map<String, Value>,
        /// Why.
        reason: String,
    },
    /// The case was handed to another body.
    CaseTransferred {
        /// Which.
        to: String,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A case that this one opened has decided, or ended without a decision.
    LinkedCaseDecided {
        /// What people call it.
        case: String,
        /// What came of it.
        verdict: Verdict,
    },
    /// A clock began.
    DeadlineStarted {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The event that it counts from, which may lie before the case.
        starts_at: Instant,
        /// Which time it came back, from 1; 0 for the first period, and for a clock that does not recur.
        #[serde(default, skip_serializing_if = "is_zero")]
        period: u32,
        /// How long it is, where that hangs on the case.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        term: Option<Term>,
        /// The source of the rule that gives the term, where it has one of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        term_under: Option<String>,
        /// The last day, as counted then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
    },
    /// A clock is as long as this from now on: what its length hangs on has changed.
    DeadlineTermChanged {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// How long it is.
        term: Term,
        /// The source of the rule that gives the term, where it has one of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        term_under: Option<String>,
        /// How long it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<Term>,
    },
    /// A clock should run, and it is not known how long: somebody has to look at it.
    DeadlineWithoutTerm {
        /// The deadline.
        deadline: Name,
        /// Why.
        #[serde(flatten)]
        why: NoTerm,
    },
    /// The case was moved to another text of its procedure.
    Migrated {
        /// The text on which it ran.
        from: Version,
        /// The text on which it runs from now on.
        to: Version,
        /// What the old names are called now.
        #[serde(default, skip_serializing_if = "Mapping::is_empty")]
        map: Mapping,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A clock keeps the term of the text on which the case ran, since that is better for a party.
    DeadlineTermKept {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The term.
        term: Term,
        /// The text that gives it.
        under: Version,
    },
    /// The move to another text was taken back.
    MigrationUndone {
        /// The text to which it had been moved.
        undone: Version,
        /// The text on which it runs again.
        back_to: Version,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The case as it was before the move.
        case: Box<Case>,
    },
    /// A clock counts from another instant than it did.
    DeadlineReanchored {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The event that it counts from now.
        starts_at: Instant,
        /// What it counted from until then.
        was: Instant,
    },
    /// The last day of a clock is another one than was told before.
    DeadlineMoved {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The last day, as counted now.
        counted: Counted,
        /// The last day that was told before.
        was: Option<Date>,
        /// Why it moved.
        because: MoveCause,
    },
    /// A clock stands still.
    DeadlinePaused {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// Why.
        #[serde(flatten)]
        cause: PauseCause,
    },
    /// A clock goes on.
    DeadlineResumed {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// Why.
        cause: ResumeCause,
        /// The last day, as counted then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
    },
    /// A clock was lengthened.
    DeadlineExtended {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// By how much.
        by_term: Term,
        /// From where that is counted.
        #[serde(default)]
        from: From,
        /// The rule that allowed it: the source that it cites, or else its term.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        under: Option<String>,
        /// The party roles that consented.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        consent: Vec<Name>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The last day, as counted then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
    },
    /// The latest lengthening of a clock was taken back.
    DeadlineExtensionRevoked {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// By how much it had been lengthened.
        by_term: Term,
        /// Why.
        reason: String,
        /// The last day, as counted then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        counted: Option<Counted>,
    },
    /// A deadline that had lapsed has not: its last day lies in the future again.
    DeadlineRevived {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The last day, as counted now.
        last_day: Date,
    },
    /// People were warned that a deadline comes near.
    DeadlineWarned {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// How long before the last day.
        before: Term,
        /// The last day, as it was then.
        last_day: Date,
    },
    /// A deadline was met, or what it asks was done after it had lapsed.
    DeadlineMet {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The last day, as it was then.
        last_day: Date,
        /// Whether it had lapsed.
        late: bool,
    },
    /// A deadline lapsed.
    DeadlineLapsed {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The last day.
        last_day: Date,
        /// The roles that are told.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        told: Vec<Name>,
        /// Whether that is no breach.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        soft: bool,
    },
    /// People were told again that a deadline had lapsed and what it asks was not done.
    DeadlineReminded {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// Which time, from 1.
        time: u32,
        /// The roles that were told.
        told: Vec<Name>,
    },
    /// A penalty is owed for every day after the last day of a deadline.
    PenaltyBegan {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The last day that was in time.
        last_day: Date,
    },
    /// No penalty is owed although a deadline lapsed.
    PenaltyWithheld {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// The guard that was true.
        guard: String,
        /// Where it stands.
        place: String,
    },
    /// No more penalty is owed than this.
    PenaltyEnded {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// For how many days it is owed.
        days: u32,
        /// How much, in hundredths.
        cents: u64,
        /// The currency.
        currency: String,
        /// Whether that is the most that can be owed.
        capped: bool,
    },
    /// The date of receipt was wrong.
    ReceiptCorrected {
        /// When it was received.
        received_at: Instant,
        /// When it was said to be received until then.
        was: Instant,
        /// Why.
        reason: String,
    },
    /// A clock was stopped: what it was for is over.
    DeadlineCancelled {
        /// Which.
        #[serde(flatten)]
        clock: Clock,
        /// Why.
        cause: CancelCause,
    },
    /// A letter was made, and waits for somebody who sends it.
    LetterMade {
        /// Which letter.
        letter: Name,
        /// The step or deadline that it belongs to.
        of: Name,
        /// The item of the list, where the step is done for each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        /// The reason given with what it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// Each person that it is for.
        addressees: Vec<Addressee>,
        /// The documents of the case that go with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        enclosures: Vec<Enclosure>,
        /// How many further events the case had taken in when it was written; nothing where it was not, and in a history
        /// of earlier days, where it was written of the case before this event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        written_after: Option<u32>,
    },
    /// A letter went out.
    LetterSent {
        /// Which letter.
        letter: Name,
        /// The step or deadline that it belongs to.
        of: Name,
        /// The item of the list, where the step is done for each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<String>,
        /// The reason given with what it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The party roles that it goes to.
        to: Vec<Name>,
        /// Each person that it goes to. A history of earlier days has only the roles.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        addressees: Vec<Addressee>,
        /// The documents of the case that go with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        enclosures: Vec<Enclosure>,
        /// How many further events the case had taken in when it was written; nothing where it was not, and in a history
        /// of earlier days, where it was written of the case before this event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        written_after: Option<u32>,
    },
    /// The case ended; what is followed up goes on.
    CaseEnded {
        /// With which status.
        status: Name,
        /// The step that ended it, or the verb: `join`, `transfer`.
        step: Name,
    },
    /// Nothing is to be done any more; the record is kept.
    CaseArchived {
        /// The last day on which the record is kept, where the procedure says so.
        keep_until: Option<Date>,
    },
    /// The term of keeping is over.
    RecordsDue {
        /// What is to be done with the record.
        disposal: Name,
    },
    /// An act broke a rule, and was taken in all the same.
    Flagged {
        /// Which rule, and what was wrong.
        #[serde(flatten)]
        flag: Flag,
    },
    /// Somebody looked into a confidential case.
    Looked,
    /// Somebody added a remark.
    Noted {
        /// The remark.
        text: String,
    },
    /// Somebody asked for what the procedure doesn't allow.
    AttemptRefused {
        /// What was asked.
        asked: String,
        /// The code of the refusal.
        code: String,
    },
    /// A guard failed while the case ran: somebody has to look at it.
    Incident {
        /// The step.
        step: Name,
        /// Where the guard stands.
        place: String,
        /// What went wrong, without a person's data.
        message: String,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over like this")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
