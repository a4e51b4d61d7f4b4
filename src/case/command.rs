//! Commands: what an actor asks of a case.

use super::documents::Document;
use super::event::{Instance, Origin, Verdict};
use super::filing::Filing;
use super::person::{Actor, Contact, Party, Person, PersonId};
use crate::procedure::Name;
use crate::time::{Date, Instant, Term};
use serde_json::{Map, Value};

/// Something that an actor asks, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// When it happened in the world, or is said to have.
    pub at: Instant,
    /// The present: when the engine is told. Nothing may be effective after it.
    pub now: Instant,
    /// Who asks.
    pub actor: Actor,
    /// The revision of the case that the actor saw; a later one is refused.
    pub seen: Option<u64>,
    /// What is asked.
    pub act: Act,
    /// The documents that come with it.
    pub documents: Vec<Document>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Open a case.
    Open(Open),
    /// Do a step, file an appeal, or use an act that is possible at any time.
    Do(Do),
    /// Take an appeal back that was filed.
    WithdrawAppeal {
        /// Which.
        appeal: Name,
        /// Whose, where several may file it; the actor's own if nothing is said.
        item: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// Give a step to somebody, or put it back.
    Assign {
        /// Which.
        instance: Instance,
        /// To whom.
        to: Option<Person>,
    },
    /// Take up a step that nobody has.
    Claim {
        /// Which.
        instance: Instance,
    },
    /// Put back a step that one took up, or was given.
    Release {
        /// Which.
        instance: Instance,
    },
    /// Lengthen a deadline.
    Extend(Extend),
    /// Take back the latest lengthening of a deadline.
    Revoke {
        /// Which.
        deadline: Name,
        /// Why.
        reason: String,
    },
    /// Correct the date of receipt.
    Correct {
        /// When it was received.
        received_at: Instant,
        /// Why.
        reason: String,
    },
    /// Have deadlines stand still.
    Pause {
        /// Which; all that may stand still by hand if none is named.
        deadline: Option<Name>,
        /// Why.
        reason: String,
    },
    /// Let deadlines go on.
    Resume {
        /// Which; all that stand still by hand if none is named.
        deadline: Option<Name>,
    },
    /// Take in what came of a case that this one opened. It is asked by the engine, in the commit of that case.
    Hear {
        /// What people call that case.
        case: String,
        /// What came of it.
        verdict: Verdict,
    },
    /// Record that a letter was sent which waits for that.
    Send(Send),
    /// Say that another case has to do with this one. It is asked of both cases, each with the other.
    Relate {
        /// The other case.
        other: Other,
        /// Why.
        reason: String,
    },
    /// End this case, which goes on in another. It is asked with [`Act::TakeIn`] of that one.
    JoinInto {
        /// The other case.
        other: Other,
        /// Why.
        reason: String,
    },
    /// Take another case in, which ends.
    TakeIn(Box<TakeIn>),
    /// Say that a second case was split off this one. The engine asks it, in the commit that opens the second case.
    SplitOff {
        /// The second case.
        other: Other,
        /// Why.
        reason: String,
    },
    /// Hand the case to another body.
    Transfer {
        /// Which.
        to: String,
        /// Why; may be empty.
        reason: String,
    },
    /// Let the case run again, which has ended.
    Reopen {
        /// On which ground.
        ground: Name,
        /// Why.
        reason: String,
    },
    /// Let a party come into the case, leave it, or change what is known of one.
    Party(PartyAct),
    /// Bring the documents of the command into the case, and nothing else.
    Attach,
    /// Look into the case, which is kept where it is confidential.
    Look,
    /// Add a remark.
    Note {
        /// The remark.
        text: String,
    },
}

/// Another case, as one case knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// What people call it.
    pub reference: String,
    /// Its procedure.
    pub procedure: Name,
}

/// A case that is taken into another one.
#[derive(Debug, Clone, PartialEq)]
pub struct TakeIn {
    /// Which.
    pub other: Other,
    /// When it was received; nothing where that changes nothing.
    pub received_at: Option<Instant>,
    /// Its parties.
    pub parties: Vec<Party>,
    /// Its data.
    pub data: Map<String, Value>,
    /// Whether it was asked that it be confidential.
    pub confidential: bool,
    /// Why.
    pub reason: String,
}

/// What goes along to a case that is split off another.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Split {
    /// The parties; all if none is named. Whoever represents one goes along.
    pub parties: Vec<(Name, PersonId)>,
    /// The fields of the data; all if none is named.
    pub fields: Vec<String>,
    /// What is recorded otherwise than in the first case.
    pub data: Map<String, Value>,
}

/// What is asked about a party.
#[derive(Debug, Clone, PartialEq)]
pub enum PartyAct {
    /// It comes into the case.
    Add(NewParty),
    /// Something else is known of it.
    Change {
        /// In which role.
        role: Name,
        /// Who.
        person: PersonId,
        /// What is known now; what is left out stays.
        contact: Contact,
    },
    /// It leaves the case.
    Leave {
        /// In which role.
        role: Name,
        /// Who.
        person: PersonId,
        /// Why.
        reason: Option<String>,
    },
    /// It may not represent anybody in this case.
    Refuse {
        /// In which role.
        role: Name,
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
    },
}

/// A party that comes into a case.
#[derive(Debug, Clone, PartialEq)]
pub struct NewParty {
    /// In which role.
    pub role: Name,
    /// Somebody of the organisation; nothing for a person from outside.
    pub staff: Option<PersonId>,
    /// The unit of the organisation to which that person belongs.
    pub unit: Option<Name>,
    /// The name of a person from outside.
    pub name: Option<String>,
    /// The party that is represented, where there are several.
    pub represents: Option<PersonId>,
    /// What proves it, such as the name of a document.
    pub proof: Option<String>,
    /// Where the party can be reached.
    pub contact: Contact,
}

/// The opening of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// What people will call it.
    pub reference: String,
    /// How the matter came in.
    pub channel: Option<Name>,
    /// When it was received.
    pub received_at: Instant,
    /// The body to which it came first, and which sent it on.
    pub forwarded_by: Option<String>,
    /// Who has rights in it.
    pub parties: Vec<Party>,
    /// Whether it is asked that the case be confidential.
    pub confidential: bool,
    /// What is recorded.
    pub data: Map<String, Value>,
    /// The case that it comes from; only the engine says so.
    pub origin: Option<Origin>,
}

/// The lengthening of a deadline.
#[derive(Debug, Clone, PartialEq)]
pub struct Extend {
    /// Which.
    pub deadline: Name,
    /// By how much; as much as the rule allows if nothing is said.
    pub by: Option<Term>,
    /// The party roles that consent.
    pub consent: Vec<Name>,
    /// Why.
    pub reason: Option<String>,
}

impl Extend {
    /// Returns the lengthening of `deadline` by as much as the rule allows.
    pub fn deadline(deadline: impl Into<Name>) -> Self {
        Self { deadline: deadline.into(), by: None, consent: Vec::new(), reason: None }
    }

    /// Returns it with a reason.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

/// The sending of a letter that was made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Which.
    pub letter: Name,
    /// To whom: a party role or a person; everybody for whom it waits if nothing is said.
    pub to: Option<String>,
    /// By which way.
    pub channel: Option<Name>,
    /// To which address.
    pub address: Option<String>,
    /// On which day; on that of the act if nothing is said.
    pub on: Option<Date>,
    /// What proves it: the digest of a document, or a text such as the number of a registered letter.
    pub proof: Option<String>,
}

impl Send {
    /// Returns the sending of `letter` to everybody for whom it waits.
    pub fn letter(letter: impl Into<Name>) -> Self {
        let letter = letter.into();
        Self { letter, to: None, channel: None, address: None, on: None, proof: None }
    }
}

/// The doing of a step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Do {
    /// The name of the step.
    pub step: String,
    /// The item, where it is done for each of a list.
    pub item: Option<String>,
    /// How it ends.
    pub outcome: Option<Name>,
    /// What is recorded with it.
    pub form: Map<String, Value>,
    /// Case data given with it.
    pub data: Map<String, Value>,
    /// A remark; the excuse, where it files an appeal too late.
    pub note: Option<String>,
    /// The case that is opened by it, where the step opens one; the engine says which.
    pub opens: Option<Other>,
    /// What else is said, where it files an appeal.
    pub filing: Filing,
}

impl Do {
    /// Returns the doing of `step`, with nothing else.
    pub fn step(step: impl Into<String>) -> Self {
        Self { step: step.into(), ..Self::default() }
    }

    /// Returns it with an outcome.
    #[must_use]
    pub fn ending_as(mut self, outcome: impl Into<Name>) -> Self {
        self.outcome = Some(outcome.into());
        self
    }

    /// Returns it with a value in its form.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.form.insert(field.into(), value.into());
        self
    }
}
