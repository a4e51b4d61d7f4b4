//! A case as it stands: nothing but what its events say.
//!
//! The state knows names and facts, no rules. What may be done, and which date a clock ends on, is derived from the
//! state and the procedure together: see `standing` and `clock`.

use super::documents::{DocumentRecord, Enclosure};
use super::event::{
    Addressee, CancelCause, Clock, CloseCause, Counted, Event, Fact, Flag, Instance, LeaveCause,
    NoTerm, PauseCause,
};
use super::event::{LinkKind, Origin, Through, Verdict};
use super::filing::{EarlyFiling, FilingRecord};
use super::person::{ActedBy, Party, PersonId};
use crate::procedure::{Name, Version};
use crate::time::{Date, Extension, From, Instant, Term, TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A case: one run of a procedure.
///
/// Before its first event it is [`Case::default`], which is nobody's case.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Case {
    /// How many events it has had.
    pub revision: u64,
    /// How it was opened; nothing before its first event.
    pub opening: Option<Opening>,
    /// Whether it runs.
    pub status: Status,
    /// The case data.
    pub data: Map<String, Value>,
    /// The steps that have been open at least once.
    pub steps: BTreeMap<Name, StepRecord>,
    /// The clocks that have started.
    #[serde(with = "clocks")]
    pub clocks: BTreeMap<Clock, ClockRecord>,
    /// The clocks of earlier rounds, in the order in which they were over.
    pub earlier_clocks: Vec<(Clock, ClockRecord)>,
    /// The deadlines whose start came and whose length is not known, each with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub without_term: BTreeMap<Name, NoTerm>,
    /// The rules that were broken, with the instant of each act.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<(Instant, Flag)>,
    /// The roles in which each person has acted.
    pub acted: BTreeMap<PersonId, BTreeSet<Name>>,
    /// The unit of the organisation to which each person belonged when he last acted or became a party.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub units: BTreeMap<PersonId, Name>,
    /// The documents that came in, in the order in which that was recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRecord>,
    /// The letters that went out, in order.
    pub letters: Vec<LetterRecord>,
    /// The letters that were made and wait for somebody to send them.
    #[serde(default)]
    pub to_send: Vec<LetterRecord>,
    /// The cases that have to do with this one, in the order in which they were linked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The parties that left, with the reason of their leaving.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_parties: Vec<(Party, LeaveCause)>,
    /// Who looked into it, where that is kept.
    #[serde(default, skip_serializing_if = "Looks::is_empty")]
    pub looks: Looks,
    /// The latest instant at which something happened that later acts build upon.
    pub latest: Option<Instant>,
    /// Since when it runs, where it had ended and was reopened on a ground.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<Instant>,
    /// To which other body it was handed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed: Option<Handed>,
    /// What made it run again after its end; nothing once it has ended anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened: Option<Reopened>,
    /// How many attempts were refused.
    pub refusals: u32,
    /// How many guards failed.
    pub incidents: u32,
}

/// Who looked into a case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Looks {
    /// How often that was kept.
    pub count: u32,
    /// When each person looked last.
    pub last: BTreeMap<PersonId, Instant>,
}

impl Looks {
    /// Whether nobody did.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// The handing of a case to another body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handed {
    /// To which.
    pub to: String,
    /// When.
    pub at: Instant,
}

/// How a case was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The procedure.
    pub procedure: Name,
    /// The version that it runs on.
    pub version: Version,
    /// What people call it.
    pub reference: String,
    /// How it came in.
    pub channel: Option<Name>,
    /// When it was received.
    pub received_at: Instant,
    /// The body to which it came first, and which sent it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_by: Option<String>,
    /// When it was opened.
    pub opened_at: Instant,
    /// Who has rights in it.
    pub parties: Vec<Party>,
    /// The case that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
    /// Whether it was asked that the case be confidential.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
}

/// Whether a case runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Status {
    /// It runs.
    #[default]
    Open,
    /// It has ended; what is followed up goes on.
    Ended {
        /// With which status.
        status: Name,
        /// When.
        at: Instant,
    },
    /// Nothing is to be done any more.
    Archived {
        /// With which status it ended.
        status: Name,
        /// When it ended.
        at: Instant,
        /// When nothing was left to do.
        archived_at: Instant,
        /// The last day on which the record is kept.
        keep_until: Option<Date>,
        /// Whether that day has passed.
        records_due: bool,
    },
}

impl Status {
    /// Returns a word that indexes and exports use: `open`, `ended` or `archived`.
    pub fn word(&self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Ended { .. } => "ended",
            Status::Archived { .. } => "archived",
        }
    }

    /// Returns the status that the procedure gave the case when it ended.
    pub fn ended_as(&self) -> Option<&Name> {
        match self {
            Status::Open => None,
            Status::Ended { status, .. } | Status::Archived { status, .. } => Some(status),
        }
    }
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StepRecord {
    /// Which time, from 1; the rounds before are in `earlier`.
    pub round: u32,
    /// Whether it is open or over in this round; nothing when it waits for its turn.
    pub opened: Option<Opened>,
    /// Whether it was passed over in this round.
    pub skipped: bool,
    /// The step whose doing ruled it out in this round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_by: Option<Name>,
    /// Whether enough of its list was done in this round.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub enough: bool,
    /// When the decision became final, and what took its place.
    pub became_final: Option<Finality>,
    /// How often another step sent the case back to this one, by the sending step.
    pub returns: BTreeMap<Name, u32>,
    /// The rounds before.
    pub earlier: Vec<Opened>,
    /// The acts that were done at any time, if it is such a step.
    pub acts: Vec<Done>,
    /// Filings that came before there was anything to appeal against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub early: Vec<EarlyFiling>,
}

/// The finality of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finality {
    /// Since when.
    pub at: Instant,
    /// The decision on appeal that took its place.
    pub replaced_by: Option<Name>,
}

/// A step in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Since when it may or must be done.
    pub at: Instant,
    /// Whether it is a duty.
    pub duty: bool,
    /// The deadline whose lapse opened it.
    pub because: Option<Name>,
    /// The step whose doing made it a duty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed_by: Option<Name>,
    /// What it lies against, where it files an appeal; not known of a round of earlier days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Vec<String>>,
    /// Whether it is done for each item of a list.
    pub each: bool,
    /// Its instances, in order: one without an item, or one for each.
    pub instances: Vec<InstanceRecord>,
}

/// One instance of a step in one round.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstanceRecord {
    /// The item that it is about.
    pub item: Option<String>,
    /// Since when it may or must be done.
    pub at: Instant,
    /// To whom it was given.
    pub assigned_to: Option<PersonId>,
    /// The votes that stand, in order, where a panel does it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<Vote>,
    /// Votes that could not decide, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<Vote>,
    /// What became of it.
    pub end: Option<End>,
}

/// The vote of a member of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// When.
    pub at: Instant,
    /// By whom.
    pub by: ActedBy,
    /// For which outcome, where the step has any.
    pub outcome: Option<Name>,
    /// What was recorded with it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub form: Map<String, Value>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What became of an instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
#[expect(clippy::large_enum_variant, reason = "in the end nearly every instance is done")]
pub enum End {
    /// It was done.
    Done(Done),
    /// It is no longer possible.
    Closed {
        /// Since when.
        at: Instant,
        /// Why.
        because: CloseCause,
    },
}

/// How a step was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// When.
    pub at: Instant,
    /// By whom; nobody where the engine did it.
    pub by: Option<PersonId>,
    /// The item of the list, of an act that is possible at any time for each of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// How it ended.
    pub outcome: Option<Name>,
    /// What was recorded with it.
    pub form: Map<String, Value>,
    /// Whether it filed an appeal after its window.
    pub late: bool,
    /// Whether nobody did it: the law holds it done.
    #[serde(default)]
    pub deemed: bool,
    /// What is on record of it, where it filed an appeal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<FilingRecord>,
    /// When the appeal that it filed was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Instant>,
}

/// A case that had ended and runs again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopened {
    /// What reopened it.
    pub because: Name,
    /// The status with which it had ended.
    pub status: Name,
}

/// A time in which a clock stands still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// The instant at which it stopped.
    pub from: Instant,
    /// The instant at which it ran again; nothing while it stands still.
    pub to: Option<Instant>,
    /// Why. A snapshot of earlier days doesn't say.
    #[serde(default)]
    pub because: Option<PauseCause>,
}

/// A lengthening that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "lengthenings::Written")]
pub struct Lengthening {
    /// By how much.
    pub by: Term,
    /// From where it is counted.
    pub from: From,
    /// The rule that allowed it: the source that it cites, or else its term.
    pub under: Option<String>,
}

impl Lengthening {
    /// Returns it as a count takes it.
    pub fn counted(&self) -> Extension {
        Extension { by: self.by, from: self.from }
    }
}

/// What becomes of the penalty for a delay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltyRecord {
    /// The last day that was in time; the day after is the first for which it is owed.
    pub last_day: Date,
    /// How it ended.
    pub ended: Option<PenaltyEnd>,
}

/// How much of a penalty is owed in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltyEnd {
    /// When.
    pub at: Instant,
    /// For how many days.
    pub days: u32,
    /// How much, in hundredths.
    pub cents: u64,
    /// Whether that is the most that can be owed.
    pub capped: bool,
}

/// What became of a clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClockRecord {
    /// The event that it counts from.
    pub starts_at: Instant,
    /// When it was started.
    pub started_at: Instant,
    /// How long it is, where that hangs on the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// The source of the rule that gives the term, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_under: Option<String>,
    /// The term of an earlier text that it keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Term>,
    /// Times that it stood still, in order, the last one perhaps without an end.
    pub pauses: Vec<Pause>,
    /// Why it stands still now.
    pub paused_for: Option<PauseCause>,
    /// The terms by which it was lengthened.
    pub extensions: Vec<Lengthening>,
    /// Which time it came back, from 1; 0 for the first period, and for a clock that does not recur.
    #[serde(default)]
    pub period: u32,
    /// The last day that was told, and by what it was counted.
    #[serde(default)]
    pub counted: Option<Counted>,
    /// The warnings that were given.
    pub warned: Vec<Term>,
    /// When it lapsed, and its last day.
    pub lapsed: Option<(Instant, Date)>,
    /// How often people were told again after the lapse.
    #[serde(default)]
    pub reminded: u32,
    /// The penalty for the delay, once it has begun.
    #[serde(default)]
    pub penalty: Option<PenaltyRecord>,
    /// How it ended.
    pub end: Option<ClockEnd>,
}

/// How a clock ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ClockEnd {
    /// What it asks was done.
    Met {
        /// When.
        at: Instant,
        /// The last day, as it was then.
        last_day: Date,
        /// Whether that was too late.
        late: bool,
    },
    /// It was stopped.
    Cancelled {
        /// When.
        at: Instant,
        /// Why.
        because: CancelCause,
    },
}

impl ClockRecord {
    /// Returns a clock that starts at an instant, and of which no more is known.
    pub(super) fn starting(at: Instant) -> Self {
        Self {
            starts_at: at,
            started_at: at,
            term: None,
            term_under: None,
            kept: None,
            pauses: Vec::new(),
            paused_for: None,
            extensions: Vec::new(),
            period: 0,
            counted: None,
            warned: Vec::new(),
            lapsed: None,
            reminded: 0,
            penalty: None,
            end: None,
        }
    }

    /// Whether it still counts towards its end: neither met, nor stopped, nor lapsed.
    pub fn is_running(&self) -> bool {
        self.end.is_none() && self.lapsed.is_none()
    }

    /// Whether it stands still.
    pub fn is_paused(&self) -> bool {
        self.paused_for.is_some()
    }

    /// Whether it has lapsed, and what it asks was not done since.
    pub fn is_overdue(&self) -> bool {
        self.end.is_none() && self.lapsed.is_some()
    }

    /// Whether a penalty is owed for every day that passes.
    pub fn accrues(&self) -> bool {
        self.penalty.as_ref().is_some_and(|penalty| penalty.ended.is_none())
    }
}

/// Another case that has to do with this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is to this one.
    pub kind: LinkKind,
    /// What people call it.
    pub case: String,
    /// Its procedure.
    pub procedure: Name,
    /// The step of this case that opened it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<Through>,
    /// Since when.
    pub at: Instant,
    /// What came of it, where this case waited for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
}

/// A letter that went out, or was made and waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterRecord {
    /// Which.
    pub letter: Name,
    /// The step or deadline that it belongs to.
    pub of: Name,
    /// The item of the list, where the step is done for each.
    #[serde(default)]
    pub item: Option<String>,
    /// The reason given with what it belongs to.
    #[serde(default)]
    pub reason: Option<String>,
    /// The party roles that it went to.
    pub to: Vec<Name>,
    /// Each person that it went to. A snapshot of earlier days has only the roles.
    #[serde(default)]
    pub addressees: Vec<Addressee>,
    /// The documents of the case that went with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enclosures: Vec<Enclosure>,
    /// When.
    pub at: Instant,
}

impl LetterRecord {
    /// Returns that it was made and waits for somebody to send it. What it says is added when it is written.
    pub(super) fn into_made(self) -> Fact {
        let Self { letter, of, item, reason, addressees, enclosures, .. } = self;
        let written_after = None;
        Fact::LetterMade { letter, of, item, reason, addressees, enclosures, written_after }
    }

    /// Returns that it was sent.
    pub(super) fn into_sent(self) -> Fact {
        let Self { letter, of, item, reason, to, addressees, enclosures, .. } = self;
        let written_after = None;
        Fact::LetterSent { letter, of, item, reason, to, addressees, enclosures, written_after }
    }

    /// Returns the letter that an event makes or sends, if it does.
    pub fn of_event(event: &Event) -> Option<Self> {
        let (Fact::LetterMade { letter, of, item, reason, addressees, enclosures, .. }
        | Fact::LetterSent { letter, of, item, reason, addressees, enclosures, .. }) = &event.fact
        else {
            return None;
        };
        // In earlier days the sending named the roles alone.
        let to =
            if let Fact::LetterSent { to, .. } = &event.fact { Some(to.clone()) } else { None };
        Some(Self {
            letter: letter.clone(),
            of: of.clone(),
            item: item.clone(),
            reason: reason.clone(),
            to: to.unwrap_or_else(|| Addressee::roles(addressees)),
            addressees: addressees.clone(),
            enclosures: enclosures.clone(),
            at: event.at,
        })
    }

    /// Returns the civil day on which it went to an addressee.
    pub fn sent_on(&self, to: &Addressee, zone: &TimeZone) -> Date {
        to.sent_on.unwrap_or_else(|| zone.local_date(self.at))
    }
}

impl StepRecord {
    /// Whether every instance of this round is over and at least the step was opened.
    pub fn is_done(&self) -> bool {
        let over = || self.opened.as_ref().is_some_and(Opened::is_done);
        self.cancelled_by.is_none() && (self.enough || over())
    }

    /// Whether an instance of this round is still to be done.
    pub fn is_open(&self) -> bool {
        self.opened.as_ref().is_some_and(|opened| opened.instances.iter().any(|i| i.end.is_none()))
    }

    /// Returns how the step was last done in this round.
    pub fn last_done(&self) -> Option<&Done> {
        let done = self.opened.as_ref().and_then(|opened| opened.done().last());
        done.or_else(|| self.acts.last())
    }
}

impl Opened {
    /// Whether the step is done in this round: every instance is over and, unless the list is empty, one was done.
    pub fn is_done(&self) -> bool {
        let over = self.instances.iter().all(|instance| instance.end.is_some());
        over && (self.each && self.instances.is_empty() || self.done().next().is_some())
    }

    /// Returns how each instance that was done was done, in the order of the list.
    pub fn done(&self) -> impl Iterator<Item = &Done> {
        self.instances.iter().filter_map(|instance| match &instance.end {
            Some(End::Done(done)) => Some(done),
            Some(End::Closed { .. }) | None => None,
        })
    }

    /// Returns when the last instance was done, or the step was opened with nothing to do.
    pub fn done_at(&self) -> Option<Instant> {
        self.is_done().then(|| self.done().map(|done| done.at).max().unwrap_or(self.at))
    }
}

impl Case {
    /// Whether it has been opened and has not ended.
    pub fn is_open(&self) -> bool {
        self.opening.is_some() && self.status == Status::Open
    }

    /// Returns the case that a step opened in its present round, if it did.
    pub fn opened_through(&self, step: &Name) -> Option<&Link> {
        let round = self.steps.get(step)?.round;
        self.links.iter().find(|link| {
            let through = link.through.as_ref();
            through.is_some_and(|of| of.instance.step == *step && of.round == round)
        })
    }

    /// Returns the link of a kind to the case that people call `reference`.
    pub fn link(&self, kind: LinkKind, reference: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.kind == kind && link.case == reference)
    }

    /// Returns the record of a step.
    pub fn step(&self, name: &Name) -> Option<&StepRecord> {
        self.steps.get(name)
    }

    /// Returns the record of one instance of a step in this round.
    pub fn instance(&self, instance: &Instance) -> Option<&InstanceRecord> {
        let opened = self.steps.get(&instance.step)?.opened.as_ref()?;
        opened.instances.iter().find(|record| record.item == instance.item)
    }

    /// Returns the parties that the case has.
    pub fn parties(&self) -> &[Party] {
        self.opening.as_ref().map(|opening| opening.parties.as_slice()).unwrap_or_default()
    }

    /// Returns the party that a person is in a role.
    pub fn party(&self, role: &Name, person: &PersonId) -> Option<&Party> {
        self.parties().iter().find(|party| party.role == *role && party.person == *person)
    }

    /// Returns all parties that the case has or had.
    pub fn all_parties(&self) -> impl Iterator<Item = &Party> {
        self.parties().iter().chain(self.former_parties.iter().map(|(party, _)| party))
    }

    /// Whether the person is a party in the role, or represents one.
    pub fn stands_as(&self, person: &PersonId, role: &Name) -> bool {
        self.parties_in(role).any(|party| self.stands_for(person, &party.person))
    }

    /// Whether the person is `party`, or represents it.
    pub fn stands_for(&self, person: &PersonId, party: &PersonId) -> bool {
        let mut own = self.parties().iter().filter(|own| own.person == *person);
        person == party || own.any(|own| own.represents.as_ref() == Some(party))
    }

    /// Whether the person is or was a party in the role, or represents or represented one.
    pub fn has_stood_as(&self, person: &PersonId, role: &Name) -> bool {
        let in_role = |id: &PersonId| {
            self.all_parties().any(|party| party.person == *id && party.role == *role)
        };
        let mut own = self.all_parties().filter(|own| own.person == *person);
        in_role(person) || own.any(|own| own.represents.as_ref().is_some_and(in_role))
    }

    /// Returns the parties in a role.
    pub fn parties_in<'a>(&'a self, role: &'a Name) -> impl Iterator<Item = &'a Party> {
        let parties = self.opening.iter().flat_map(|opening| &opening.parties);
        parties.filter(move |party| party.role == *role)
    }

    /// Whether the person is a party in the role.
    pub fn is_party(&self, person: &PersonId, role: &Name) -> bool {
        self.parties_in(role).any(|party| party.person == *person)
    }

    /// Returns the latest letter about a step or deadline that went to a person, copies left aside.
    pub fn letter_to(&self, of: &Name, person: &PersonId) -> Option<(&LetterRecord, &Addressee)> {
        let about = self.letters.iter().rev().filter(|letter| letter.of == *of);
        about
            .flat_map(|letter| letter.addressees.iter().map(move |to| (letter, to)))
            .find(|(_, to)| !to.copy && to.person == *person)
    }

    /// Whether the person did the step or voted on it, in whatever round.
    pub fn has_done(&self, person: &PersonId, step: &Name) -> bool {
        let Some(record) = self.steps.get(step) else { return false };
        let rounds = || record.opened.iter().chain(&record.earlier);
        let mut votes = rounds()
            .flat_map(|round| &round.instances)
            .flat_map(|instance| instance.votes.iter().chain(&instance.set_aside));
        if votes.any(|vote| vote.by.person == *person) {
            return true;
        }
        let rounds = rounds();
        let mut done = rounds.flat_map(Opened::done).chain(&record.acts);
        done.any(|done| done.by.as_ref() == Some(person))
    }

    /// Returns who did one of these steps last, in whatever round; of two at one instant, the later in this order.
    pub fn last_doer_of<'n>(&self, steps: impl IntoIterator<Item = &'n Name>) -> Option<PersonId> {
        let records = steps.into_iter().filter_map(|step| self.steps.get(step));
        let done = records.flat_map(|record| {
            let rounds = record.earlier.iter().chain(&record.opened);
            rounds.flat_map(Opened::done).chain(&record.acts)
        });
        let done = done.filter_map(|done| Some((done.at, done.by.as_ref()?)));
        done.max_by_key(|(at, _)| *at).map(|(_, person)| person.clone())
    }

    /// Whether the person has acted in the role.
    pub fn has_acted(&self, person: &PersonId, role: &Name) -> bool {
        self.acted.get(person).is_some_and(|roles| roles.contains(role))
    }
}

/// Clocks as a list of pairs: JSON has no keys but texts.
mod clocks {
    use super::{BTreeMap, Clock, ClockRecord, Deserialize, Serialize};
    use serde::{Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        clocks: &BTreeMap<Clock, ClockRecord>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        clocks.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Clock, ClockRecord>, D::Error> {
        Vec::<(Clock, ClockRecord)>::deserialize(deserializer)
            .map(|pairs| pairs.into_iter().collect())
    }
}

/// Lengthenings as they were written: a term alone, in earlier days.
mod lengthenings {
    use super::{Deserialize, From, Lengthening, Term};

    #[derive(Deserialize)]
    #[serde(untagged)]
    pub(super) enum Written {
        Term(Term),
        Whole {
            by: Term,
            #[serde(default)]
            from: From,
            #[serde(default)]
            under: Option<String>,
        },
    }

    impl core::convert::From<Written> for Lengthening {
        fn from(written: Written) -> Self {
            match written {
                Written::Term(by) => Self { by, from: From::End, under: None },
                Written::Whole { by, from, under } => Self { by, from, under },
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_letter_of_an_earlier_history_is_read_and_a_copy_is_not_the_letter() {
        let written = json!({
            "revision": 1, "at": "2026-03-02T09:00:00Z", "recorded_at": "2026-03-02T09:00:00Z",
            "event": "letter-sent", "letter": "besluit", "of": "beslissen", "to": ["aanvrager"],
        });
        let event: crate::case::Event = serde_json::from_value(written).expect("it is read");
        let case = Case::default().apply(&event);
        let of = Name::from("beslissen");
        let (anna, bart) = (PersonId::staff("anna"), PersonId::staff("bart"));
        assert_eq!(case.letters.first().map(|letter| letter.addressees.len()), Some(0));
        assert_eq!(case.letter_to(&of, &anna), None);
        let record =
            json!({"letter": "besluit", "of": "beslissen", "to": [], "at": "2026-03-02T23:30:00Z"});
        let mut record: LetterRecord = serde_json::from_value(record).expect("it is read");
        let copy = Addressee { copy: true, ..Addressee::new(of.clone(), bart.clone()) };
        record.addressees = vec![Addressee::new(of.clone(), anna.clone()), copy];
        let case = Case { letters: vec![record], ..Case::default() };
        assert_eq!(case.letter_to(&of, &bart), None);
        let (letter, to) = case.letter_to(&of, &anna).expect("it went to her");
        let zone = TimeZone::named("Europe/Amsterdam").expect("a zone");
        assert_eq!(letter.sent_on(to, &zone).to_string(), "2026-03-03");
    }

    #[test]
    fn a_clock_of_an_earlier_snapshot_is_read() {
        let written = json!({
            "starts_at": "2026-03-02T09:00:00Z", "started_at": "2026-03-02T09:00:00Z",
            "pauses": [{"from": "2026-03-04T09:00:00Z", "to": "2026-03-06T09:00:00Z"}],
            "paused_for": {"cause": "hand", "reason": "wacht"}, "extensions": ["4 weeks"],
            "warned": ["1 week"], "lapsed": null, "end": null,
        });
        let record: ClockRecord = serde_json::from_value(written).expect("it is read");
        let by = "4 weeks".parse().expect("a term");
        assert_eq!(record.extensions, [Lengthening { by, from: From::End, under: None }]);
        assert_eq!((record.period, record.counted, record.penalty), (0, None, None));
        assert_eq!(record.pauses.first().map(|pause| &pause.because), Some(&None));
    }
}
