//! Refusals: why an act may not be done, on which rule that rests, and what would make it possible.
//!
//! A refusal is an answer, not a fault. It quotes the procedure and never a person's data.

use super::decide::Obstacle;
use super::state::Status;
use crate::diagnostic::Place;
use crate::language::Language;
use crate::procedure::{Name, Rule};
use crate::schema::FormFinding;
use crate::time::{Date, Instant, Term, TimeZone, format_date};

/// An act that may not be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// What was asked, in a word: the step, deadline or verb.
    pub asked: String,
    /// Why not.
    pub why: Why,
    /// The rule that it rests on.
    pub rule: Option<Box<RuleCited>>,
    /// What would make it possible, the likeliest first.
    pub remedies: Vec<Remedy>,
}

/// The rule that a refusal rests on: file, line, column and source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCited {
    /// The file, as it was named when the procedure was read.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The text of the line.
    pub text: String,
    /// The law or policy cited.
    pub cite: Option<String>,
}

impl RuleCited {
    /// Returns the citation of a place and its source.
    pub fn new(place: &Place, cite: Option<&String>) -> Self {
        let (line, column) = place.line_column();
        let text = place.line_text().trim().to_owned();
        Self { file: place.source.name.clone(), line, column, text, cite: cite.cloned() }
    }
}

impl From<&Rule> for RuleCited {
    fn from(rule: &Rule) -> Self {
        Self::new(&rule.place, rule.cite.as_ref())
    }
}

/// What a person is or does in a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// A role.
    Role(Name),
    /// A step, or all that is done to decide an appeal.
    Acts(Name),
}

/// Why an act may not be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// The case has ended.
    CaseNotOpen {
        /// How it stands.
        status: Box<Status>,
    },
    /// There is no such step.
    NoSuchStep {
        /// A name that is near.
        near: Option<Name>,
    },
    /// There is no such deadline.
    NoSuchDeadline {
        /// A name that is near.
        near: Option<Name>,
    },
    /// What the step comes after has not come.
    NotYet {
        /// What it waits for, as written: `antwoord`, `afdoening.lapsed`.
        waits_for: Vec<String>,
    },
    /// An appeal was filed, and the step waits for those who may still file it in time.
    OthersMayAppeal {
        /// The appeal.
        appeal: Name,
        /// Whose windows run: their names, or the role of whoever's identity is hidden.
        who: Vec<String>,
        /// The last day of the last of these windows, where it is known.
        until: Option<Date>,
    },
    /// The step can't come any more.
    RuledOut {
        /// What can't come any more, as written.
        missed: Vec<String>,
    },
    /// The step was passed over.
    Skipped {
        /// The guard.
        guard: String,
    },
    /// An act that is possible at any time, but not as things are now.
    NotNow {
        /// The guard.
        guard: String,
    },
    /// The step was done already.
    AlreadyDone {
        /// When.
        at: Instant,
    },
    /// The engine does the step, nobody else.
    Automatic,
    /// The step is done for each item of a list, and the item was not named or is not in it.
    WhichItem {
        /// The items that are open.
        open: usize,
    },
    /// Another step was done that rules it out.
    Cancelled {
        /// That step.
        by: Name,
    },
    /// What it had to come before has come.
    Past {
        /// What has come, as written.
        came: Vec<String>,
    },
    /// Another step, which is a duty now, holds it back.
    Blocked {
        /// That step.
        by: Name,
    },
    /// Somebody works at another step of the phase, and these are done one at a time.
    OneAtATime {
        /// The other step.
        other: Name,
        /// The phase.
        phase: Name,
    },
    /// It is another party's to do.
    AnothersOwn {
        /// The party role.
        role: Name,
    },
    /// An appeal is pending that holds the step.
    Suspended {
        /// The appeal.
        appeal: Name,
    },
    /// The step is possible at any time, so it is nobody's in particular.
    NotAssignable,
    /// The actor has none of the roles that it takes.
    NotYourRole {
        /// The roles that may.
        roles: Vec<Name>,
    },
    /// The actor may not enter acts for that party.
    MayNotEnterFor {
        /// The party role.
        role: Name,
    },
    /// The same person may not be both in one case.
    Apart {
        /// The role that it takes.
        role: Name,
        /// The role that the person has or had in the case.
        other: Name,
    },
    /// The same person may not do or be both in one case, and one of the two is an act.
    ApartActs {
        /// What was asked.
        wanted: Taken,
        /// What the person did, is or was in the case.
        other: Taken,
    },
    /// Somebody may not do it because of what he is in the case.
    Barred {
        /// Who, as written: `parties.beklaagde`, `steps.besluit`.
        whom: String,
    },
    /// The step was given to somebody else.
    AssignedToAnother {
        /// To whom.
        to: String,
    },
    /// The actor did not take the step up, so he does not put it back.
    NotClaimed,
    /// One person does these steps of a case; another may be given the step, but it is not put back.
    KeepsTheCase {
        /// The steps.
        steps: Vec<Name>,
    },
    /// A panel does the step, so it is given to nobody in particular.
    OfAPanel,
    /// The actor, or somebody for whom he stands in or who stands in for him, has voted.
    VotedAlready,
    /// The last seat of the panel is kept for the chair.
    SeatOfTheChair {
        /// The role of the chair.
        roles: Vec<Name>,
    },
    /// Another text for the same outcome: that would be another proposal.
    OtherProposal,
    /// The step ends with an outcome, and none was said.
    OutcomeMissing {
        /// The outcomes there are.
        outcomes: Vec<Name>,
    },
    /// The step has no such outcome.
    NoSuchOutcome {
        /// What was said.
        said: String,
        /// The outcomes there are.
        outcomes: Vec<Name>,
    },
    /// The outcome is not allowed as things stand.
    OutcomeNotAllowed {
        /// The outcome.
        outcome: Name,
        /// The guard.
        guard: String,
    },
    /// What is recorded doesn't fit the form or the case data.
    FormInvalid {
        /// What is wrong.
        findings: Vec<FormFinding>,
    },
    /// The step has no form.
    NoForm,
    /// The case has returned as often as the rule allows.
    ReturnLimit {
        /// The step that it would return to.
        to: Name,
        /// How often.
        limit: u32,
    },
    /// The appeal comes after its window.
    AppealLate {
        /// The last day of the window.
        last_day: Date,
    },
    /// The letter that would go out lacks what it must contain.
    LetterLacks {
        /// The letter.
        letter: Name,
        /// What is missing, as written.
        missing: Vec<String>,
    },
    /// No such letter waits to be sent, or not to that addressee.
    NothingToSend {
        /// The letters that wait.
        waiting: Vec<Name>,
    },
    /// The letter can't have been sent before it was made.
    SentBeforeMade {
        /// The day on which it was made.
        made_on: Date,
    },
    /// The appeal comes after its window, and nothing is said of why.
    ExcuseRequired {
        /// The last day of the window.
        last_day: Date,
    },
    /// The appeal comes before the decision was sent.
    AppealEarly,
    /// Nothing was filed that could be withdrawn, or it was decided.
    NotPending,
    /// The appeal was withdrawn; it can't be filed again, nor withdrawn again.
    Withdrawn {
        /// When.
        at: Instant,
    },
    /// Somebody else filed it.
    NotYourAppeal,
    /// Who acted in this role in the case may not take part in what is done about the appeal.
    NotIndependent {
        /// The appeal.
        appeal: Name,
        /// The role in which the person acted.
        role: Name,
    },
    /// What is said of the filing has no place with an act that files no appeal.
    NotAnAppeal,
    /// The procedure gives the day of posting no weight.
    NoPostRule,
    /// The days of posting and of arrival are not in their order.
    DatesOutOfOrder,
    /// The decision has no such part that an appeal may be about.
    NoSuchPart {
        /// What was said.
        said: String,
        /// The parts there are.
        parts: Vec<Name>,
    },
    /// The deadline doesn't run.
    NotRunning,
    /// The deadline can't be lengthened.
    NoExtension,
    /// The deadline was lengthened as often as the rule allows.
    ExtensionsUsedUp {
        /// How often.
        times: u32,
    },
    /// A lengthening may not be so long.
    ExtensionTooLong {
        /// How long it may be at most.
        most: Term,
    },
    /// All lengthenings together may not be so long.
    ExtensionCap {
        /// How long they may be together.
        at_most: Term,
        /// How much is left; nothing when it is used up.
        left: Option<Term>,
    },
    /// Parties must consent to the lengthening, and did not.
    ConsentMissing {
        /// The roles whose consent is missing.
        roles: Vec<Name>,
    },
    /// What must come before a lengthening has not come.
    ExtensionNotYet {
        /// What it waits for, as written.
        waits_for: Vec<String>,
    },
    /// The deadline was not lengthened, or that was taken back.
    NothingToRevoke,
    /// Nobody may correct the date of receipt.
    NotCorrectable,
    /// The date of receipt is on record as it is said to be.
    NothingToCorrect,
    /// The procedure does not say who may do this.
    NotForeseen,
    /// Somebody who acted in the case from which this one comes can have no such role in it.
    KeptOut {
        /// The role that it takes.
        role: Name,
        /// The role in which the person acted there.
        other: Name,
        /// What people call that case.
        case: String,
    },
    /// The step opens a case of a procedure that can't be found.
    NoLinkedProcedure {
        /// The procedure.
        procedure: Name,
    },
    /// The step is decided in another case.
    DecidedElsewhere {
        /// What people call that case, where it is there.
        case: Option<String>,
        /// Its procedure.
        procedure: Name,
    },
    /// The two cases are one.
    SameCase,
    /// The other case is linked to this one already.
    LinkedAlready {
        /// What people call it.
        case: String,
    },
    /// The case has not ended, so it need not be reopened.
    NotEnded,
    /// The case was joined into another, or handed to another body.
    GoesOnElsewhere {
        /// What people call the other case, or the body.
        to: String,
    },
    /// The procedure knows no such ground for reopening.
    NoSuchGround {
        /// The grounds there are.
        grounds: Vec<Name>,
    },
    /// The time for reopening has passed.
    TooLateToReopen {
        /// The last day on which it could be done.
        last_day: Date,
    },
    /// Only cases of one procedure are joined.
    AnotherProcedure,
    /// One of two cases that are to be joined is confidential, and the other is not.
    NotEquallyConfidential,
    /// Another case waits for the decision in this one.
    AwaitedElsewhere {
        /// What people call that case.
        case: String,
    },
    /// The case has no data of that name.
    NotRecorded {
        /// The field.
        field: String,
    },
    /// It is not said which other body is meant.
    WhichBody,
    /// A reason is required.
    ReasonRequired,
    /// The act breaks a rule, and is taken in only where a reason is given.
    BreachWithoutReason {
        /// What is wrong with it.
        because: Box<Refusal>,
    },
    /// Nothing here may stand still by hand.
    NotPausable,
    /// It has stood still for as long as the rule allows.
    PauseUsedUp,
    /// It stands still already.
    AlreadyPaused,
    /// Nothing stands still by hand.
    NotPaused,
    /// The act is dated after the present.
    InFuture,
    /// The act is dated before something that later acts build upon.
    BeforeWhatHappened {
        /// When that was.
        latest: Instant,
    },
    /// Something was done after it that would not have been possible then.
    StandsInTheWay {
        /// What was done: the step, the deadline, or the verb.
        act: String,
        /// When.
        at: Instant,
        /// Why it would not have been possible.
        because: Box<Refusal>,
    },
    /// What was done can't be told again as it is on record.
    CantBeRetold,
    /// The case was never moved to another text, or that was taken back already.
    NothingToUndo,
    /// Something was done or sent since, which rests on it.
    ActedSince {
        /// When.
        at: Instant,
    },
    /// Another text is in force for it by its date, and the case can't move to that one.
    CantMove {
        /// What stands in the way.
        obstacles: Vec<Obstacle>,
    },
    /// The matter would be received after the case is opened.
    ReceivedLater,
    /// The procedure knows no such way of coming in.
    NoSuchChannel {
        /// The ways there are.
        channels: Vec<Name>,
    },
    /// The procedure has no such party role.
    NoSuchParty {
        /// What was said.
        said: String,
        /// The party roles there are.
        roles: Vec<Name>,
    },
    /// There is no such case, or none that the actor may see: he can't tell the two apart.
    NoSuchCase,
    /// The procedure knows no confidential cases that are asked for.
    NotConfidential,
    /// The procedure does not allow it that a party does not say who he is; or more is said of him.
    NotAnonymous,
    /// The procedure does not say who may do this.
    NobodyMay,
    /// A case has no more than one person in that role.
    OnlyOne {
        /// The party role.
        role: Name,
    },
    /// That person is a party in that role already.
    AlreadyParty {
        /// The party role.
        role: Name,
    },
    /// There is nothing to attach.
    NothingAttached,
    /// The description of a document lacks a name, a kind or a digest.
    NotADocument,
    /// The case has no such party.
    NotInTheCase {
        /// The party role.
        role: Name,
    },
    /// Without that party there would be no case: it is withdrawn instead.
    LastParty {
        /// The party role.
        role: Name,
    },
    /// It is not clear whom the representative represents.
    WhomItRepresents {
        /// The party roles that may be represented.
        roles: Vec<Name>,
    },
    /// The person represents nobody.
    NoRepresentative,
    /// The person was refused as a representative in this case.
    WasRefused,
    /// A language is two small letters.
    NoLanguage,
    /// A value is too long or there are too many.
    TooLarge {
        /// What.
        what: &'static str,
        /// The most there may be.
        most: usize,
    },
    /// The case exists already, or doesn't exist yet.
    WrongMoment,
    /// The case changed since the actor saw it.
    Stale {
        /// The revision that the actor saw.
        seen: u64,
        /// The revision now.
        actual: u64,
    },
    /// A guard failed: somebody has to look at the procedure.
    Incident {
        /// What went wrong.
        message: String,
    },
    /// The consequences would not end.
    Endless,
    /// A date left the range of dates.
    DateOutOfRange {
        /// The deadline.
        deadline: Name,
    },
}

/// What would make an act possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Do a step first.
    Do {
        /// The step.
        step: Name,
        /// The outcome, where it takes one.
        outcome: Option<Name>,
    },
    /// Let a deadline lapse: wait until the day after its last day.
    Wait {
        /// The deadline.
        deadline: Name,
        /// Its last day, where it runs.
        last_day: Option<Date>,
    },
    /// Have somebody with one of these roles do it.
    ActAs {
        /// The roles.
        roles: Vec<Name>,
    },
    /// Give the step to the actor.
    Assign {
        /// The step.
        step: Name,
    },
    /// Say an outcome.
    SayOutcome {
        /// The step.
        step: Name,
        /// The outcomes there are.
        outcomes: Vec<Name>,
    },
    /// Give a field.
    Give {
        /// The field.
        field: String,
    },
    /// Name the item.
    NameItem {
        /// The step.
        step: Name,
    },
    /// Give a reason.
    GiveReason,
    /// Have these parties consent.
    Consent {
        /// The party roles.
        roles: Vec<Name>,
    },
    /// Lengthen by no more than this.
    ExtendBy {
        /// The term.
        by: Term,
    },
    /// Use the nearest name.
    Use {
        /// The name.
        name: Name,
    },
    /// Use one of these.
    OneOf {
        /// The names.
        names: Vec<Name>,
    },
    /// Date it on this instant or later.
    DateFrom {
        /// The instant.
        at: Instant,
    },
    /// Read the case again.
    ReadAgain,
}

impl Refusal {
    /// Returns a refusal of what was asked.
    pub fn new(asked: impl Into<String>, why: Why) -> Self {
        Self { asked: asked.into(), why, rule: None, remedies: Vec::new() }
    }

    /// Returns it with the rule that it rests on.
    #[must_use]
    pub fn under(mut self, rule: impl Into<RuleCited>) -> Self {
        self.rule = Some(Box::new(rule.into()));
        self
    }

    /// Returns it with what would make the act possible.
    #[must_use]
    pub fn unless(mut self, remedy: Remedy) -> Self {
        self.remedies.push(remedy);
        self
    }

    /// Returns the code of the refusal: a name that is stable for ever.
    #[expect(clippy::too_many_lines, reason = "a table: each by name")]
    pub fn code(&self) -> &'static str {
        match self.why {
            Why::CaseNotOpen { .. } => "case-not-open",
            Why::NoSuchStep { .. } => "no-such-step",
            Why::NoSuchDeadline { .. } => "no-such-deadline",
            Why::NotYet { .. } | Why::OthersMayAppeal { .. } => "step-not-due",
            Why::RuledOut { .. } => "step-ruled-out",
            Why::Skipped { .. } => "step-skipped",
            Why::NotNow { .. } => "not-now",
            Why::AlreadyDone { .. } => "already-done",
            Why::Automatic => "automatic",
            Why::WhichItem { .. } => "which-item",
            Why::Cancelled { .. } => "cancelled",
            Why::Past { .. } => "past-its-time",
            Why::Blocked { .. } => "blocked",
            Why::OneAtATime { .. } => "one-at-a-time",
            Why::AnothersOwn { .. } => "another-party",
            Why::Suspended { .. } => "suspended-by-appeal",
            Why::NotAssignable => "not-assignable",
            Why::NotYourRole { .. } => "not-your-role",
            Why::MayNotEnterFor { .. } => "may-not-enter-for",
            Why::Apart { .. } | Why::ApartActs { .. } => "apart",
            Why::Barred { .. } => "barred",
            Why::AssignedToAnother { .. } => "assigned-to-another",
            Why::NotClaimed => "not-claimed",
            Why::KeepsTheCase { .. } => "keeps-the-case",
            Why::OfAPanel => "of-a-panel",
            Why::VotedAlready => "voted-already",
            Why::SeatOfTheChair { .. } => "seat-of-the-chair",
            Why::OtherProposal => "other-proposal",
            Why::OutcomeMissing { .. } => "outcome-missing",
            Why::NoSuchOutcome { .. } => "no-such-outcome",
            Why::OutcomeNotAllowed { .. } => "outcome-not-allowed",
            Why::FormInvalid { .. } => "form-invalid",
            Why::NoForm => "no-form",
            Why::ReturnLimit { .. } => "return-limit",
            Why::AppealLate { .. } => "appeal-late",
            Why::LetterLacks { .. } => "letter-lacks",
            Why::NothingToSend { .. } => "nothing-to-send",
            Why::SentBeforeMade { .. } => "sent-before-made",
            Why::ExcuseRequired { .. } => "excuse-required",
            Why::AppealEarly => "appeal-early",
            Why::NotPending => "not-pending",
            Why::Withdrawn { .. } => "withdrawn",
            Why::NotYourAppeal => "not-your-appeal",
            Why::NotIndependent { .. } => "not-independent",
            Why::NotAnAppeal => "not-an-appeal",
            Why::NoPostRule => "no-post-rule",
            Why::DatesOutOfOrder => "dates-out-of-order",
            Why::NoSuchPart { .. } => "no-such-part",
            Why::NotRunning => "deadline-not-running",
            Why::NoExtension => "no-extension",
            Why::ExtensionsUsedUp { .. } => "extensions-used-up",
            Why::ExtensionTooLong { .. } => "extension-too-long",
            Why::ExtensionCap { .. } => "extension-cap",
            Why::ConsentMissing { .. } => "consent-missing",
            Why::ExtensionNotYet { .. } => "extension-not-yet",
            Why::NothingToRevoke => "nothing-to-revoke",
            Why::NotCorrectable => "not-correctable",
            Why::NothingToCorrect => "nothing-to-correct",
            Why::NotForeseen => "not-foreseen",
            Why::KeptOut { .. } => "kept-out",
            Why::NoLinkedProcedure { .. } => "no-linked-procedure",
            Why::DecidedElsewhere { .. } => "decided-elsewhere",
            Why::SameCase => "same-case",
            Why::LinkedAlready { .. } => "linked-already",
            Why::NotEnded => "not-ended",
            Why::GoesOnElsewhere { .. } => "goes-on-elsewhere",
            Why::NoSuchGround { .. } => "no-such-ground",
            Why::TooLateToReopen { .. } => "too-late-to-reopen",
            Why::AnotherProcedure => "another-procedure",
            Why::NotEquallyConfidential => "not-equally-confidential",
            Why::AwaitedElsewhere { .. } => "awaited-elsewhere",
            Why::NotRecorded { .. } => "not-recorded",
            Why::WhichBody => "which-body",
            Why::ReasonRequired => "reason-required",
            Why::BreachWithoutReason { .. } => "breach-without-reason",
            Why::NotPausable => "not-pausable",
            Why::PauseUsedUp => "pause-used-up",
            Why::AlreadyPaused => "already-paused",
            Why::NotPaused => "not-paused",
            Why::InFuture => "in-future",
            Why::BeforeWhatHappened { .. } => "before-what-happened",
            Why::CantMove { .. } => "cant-move",
            Why::StandsInTheWay { .. } => "stands-in-the-way",
            Why::CantBeRetold => "cant-be-retold",
            Why::NothingToUndo => "nothing-to-undo",
            Why::ActedSince { .. } => "acted-since",
            Why::ReceivedLater => "received-later",
            Why::NoSuchChannel { .. } => "no-such-channel",
            Why::NoSuchParty { .. } => "no-such-party",
            Why::NoSuchCase => "no-such-case",
            Why::NotConfidential => "not-confidential",
            Why::NotAnonymous => "not-anonymous",
            Why::NobodyMay => "nobody-may",
            Why::OnlyOne { .. } => "only-one",
            Why::AlreadyParty { .. } => "already-a-party",
            Why::NothingAttached => "nothing-attached",
            Why::NotADocument => "not-a-document",
            Why::NotInTheCase { .. } => "not-in-the-case",
            Why::LastParty { .. } => "last-party",
            Why::WhomItRepresents { .. } => "whom-it-represents",
            Why::NoRepresentative => "no-representative",
            Why::WasRefused => "was-refused",
            Why::NoLanguage => "no-language",
            Why::TooLarge { .. } => "too-large",
            Why::WrongMoment => "wrong-moment",
            Why::Stale { .. } => "stale",
            Why::Incident { .. } => "incident",
            Why::Endless => "endless",
            Why::DateOutOfRange { .. } => "date-out-of-range",
        }
    }

    /// Returns why, in one sentence without a full stop.
    #[expect(clippy::too_many_lines, reason = "a table: each reason in two languages")]
    pub fn in_words(&self, zone: &TimeZone, language: Language) -> String {
        let nl = language == Language::Nl;
        let day = |at: &Instant| format_date(zone.local_date(*at), language);
        let quoted = |names: &[Name]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        let texts = |names: &[String]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        match &self.why {
            Why::BreachWithoutReason { because } => {
                let why = because.in_words(zone, language);
                if nl {
                    format!("{why}; wie het toch doet, zegt waarom")
                } else {
                    format!("{why}; whoever does it all the same says why")
                }
            }
            Why::CaseNotOpen { status } => match status.ended_as() {
                Some(ended) if nl => format!("de zaak is geëindigd: {ended}"),
                Some(ended) => format!("the case has ended: {ended}"),
                None => language.pick("de zaak is niet open", "the case is not open").to_owned(),
            },
            Why::NoSuchStep { .. } if nl => "de procedure kent deze stap niet".into(),
            Why::NoSuchStep { .. } => "the procedure has no such step".into(),
            Why::NoSuchDeadline { .. } if nl => "de procedure kent deze termijn niet".into(),
            Why::NoSuchDeadline { .. } => "the procedure has no such deadline".into(),
            Why::NotYet { waits_for } if waits_for.is_empty() => {
                language.pick("de stap is nog niet aan de beurt", "its turn has not come").into()
            }
            Why::NotYet { waits_for } if nl => format!("de stap wacht nog op {}", texts(waits_for)),
            Why::NotYet { waits_for } => format!("it still waits for {}", texts(waits_for)),
            Why::OthersMayAppeal { appeal, who, until } => {
                let day = until.map(|until| format_date(until, language));
                let who = who.join(", ");
                match (day, nl) {
                    (Some(day), true) => format!(
                        "de stap wacht nog op {who}: `{appeal}` kan nog worden ingediend tot en met {day}"
                    ),
                    (Some(day), false) => {
                        format!("it still waits for {who}, who may file `{appeal}` until {day}")
                    }
                    (None, true) => {
                        format!("de stap wacht nog op {who}: `{appeal}` kan nog worden ingediend")
                    }
                    (None, false) => format!("it still waits for {who}, who may file `{appeal}`"),
                }
            }
            Why::RuledOut { missed } if missed.is_empty() => {
                language.pick("de stap kan niet meer komen", "it can't come any more").into()
            }
            Why::RuledOut { missed } if nl => {
                format!("de stap kan niet meer komen: {} komt niet meer", texts(missed))
            }
            Why::RuledOut { missed } => {
                format!("it can't come any more: {} will not come", texts(missed))
            }
            Why::Skipped { guard } if nl => {
                format!(
                    "de stap is overgeslagen: `{guard}` was niet waar toen hij aan de beurt kwam"
                )
            }
            Why::Skipped { guard } => {
                format!("it was passed over: `{guard}` was not true when its turn came")
            }
            Why::NotNow { guard } if nl => {
                format!("dit kan alleen zolang `{guard}` waar is, en dat is het nu niet")
            }
            Why::NotNow { guard } => {
                format!("this is possible only while `{guard}` is true, and now it is not")
            }
            Why::AlreadyDone { at } if nl => format!("de stap is al gedaan, op {}", day(at)),
            Why::AlreadyDone { at } => format!("it was done already, on {}", day(at)),
            Why::Automatic if nl => {
                "niemand doet deze stap: hij gebeurt vanzelf zodra het kan".into()
            }
            Why::Automatic => {
                "nobody does this step: it happens by itself as soon as it can".into()
            }
            Why::WhichItem { open } if nl => {
                format!("de stap wordt voor ieder apart gedaan ({open} open); zeg voor wie of wat")
            }
            Why::WhichItem { open } => {
                format!("it is done for each of a list ({open} open); say for whom or what")
            }
            Why::Cancelled { by } if nl => {
                format!("`{by}` is gedaan, en daarmee vervalt deze stap")
            }
            Why::Cancelled { by } => format!("`{by}` was done, which rules this step out"),
            Why::Past { came } if nl => {
                format!("dit kon tot {}, en dat is geweest", texts(came))
            }
            Why::Past { came } => {
                format!("this was possible until {}, which has come", texts(came))
            }
            Why::Blocked { by } if nl => format!("eerst moet `{by}` gedaan zijn"),
            Why::Blocked { by } => format!("`{by}` has to be done first"),
            Why::OneAtATime { other, phase } if nl => {
                format!("iemand is bezig met `{other}`; in `{phase}` gebeurt één ding tegelijk")
            }
            Why::OneAtATime { other, phase } => {
                format!(
                    "somebody is at work on `{other}`; in `{phase}` one thing is done at a time"
                )
            }
            Why::AnothersOwn { role } if nl => {
                format!("dit is aan een andere `{role}`; ieder doet het voor zichzelf")
            }
            Why::AnothersOwn { role } => {
                format!("this is another `{role}`'s; each does it for themselves")
            }
            Why::Suspended { appeal } if nl => {
                format!("`{appeal}` loopt nog en houdt de stap tegen")
            }
            Why::Suspended { appeal } => format!("`{appeal}` is pending and holds it"),
            Why::NotAssignable if nl => {
                "dit kan altijd, dus het wordt aan niemand toegewezen".into()
            }
            Why::NotAssignable => {
                "this is possible at any time, so it is given to nobody in particular".into()
            }
            Why::NotYourRole { roles } if nl => {
                format!("dit is aan {}; die rol heeft u in deze zaak niet", quoted(roles))
            }
            Why::NotYourRole { roles } => {
                format!("this is for {}; you don't have that role in this case", quoted(roles))
            }
            Why::MayNotEnterFor { role } if nl => {
                format!("u mag niets vastleggen namens `{role}`, of die is er niet in deze zaak")
            }
            Why::MayNotEnterFor { role } => {
                format!("you may not enter acts for `{role}`, or the case has none")
            }
            Why::Apart { role, other } if nl => format!(
                "wie in deze zaak `{other}` is of was, kan in dezelfde zaak geen `{role}` zijn"
            ),
            Why::Apart { role, other } => {
                format!("who is or was `{other}` in this case can't be `{role}` in it")
            }
            Why::ApartActs { wanted, other } => {
                let wanted = match (wanted, nl) {
                    (Taken::Role(role), true) => format!("geen `{role}` zijn"),
                    (Taken::Role(role), false) => format!("be `{role}` in it"),
                    (Taken::Acts(acts), true) => format!("niet ook `{acts}` doen"),
                    (Taken::Acts(acts), false) => format!("do `{acts}` as well"),
                };
                match (other, nl) {
                    (Taken::Role(role), true) => {
                        format!("wie in deze zaak `{role}` is of was, kan daarin {wanted}")
                    }
                    (Taken::Acts(acts), true) => {
                        format!("wie in deze zaak `{acts}` deed, kan daarin {wanted}")
                    }
                    (Taken::Role(role), false) => {
                        format!("who is or was `{role}` in this case can't {wanted}")
                    }
                    (Taken::Acts(acts), false) => {
                        format!("who did `{acts}` in this case can't {wanted}")
                    }
                }
            }
            Why::Barred { whom } => barred_in_words(whom, nl),
            Why::AssignedToAnother { to } if nl => format!("de stap is toegewezen aan {to}"),
            Why::AssignedToAnother { to } => format!("the step was given to {to}"),
            Why::NotClaimed if nl => "u hebt de stap niet op u genomen".into(),
            Why::NotClaimed => "you have not taken the step up".into(),
            Why::KeepsTheCase { steps } if nl => {
                format!("dezelfde persoon doet {}; geef de stap aan een ander", quoted(steps))
            }
            Why::KeepsTheCase { steps } => {
                format!("one person does {}; give the step to somebody else", quoted(steps))
            }
            Why::OfAPanel if nl => {
                "meer mensen doen deze stap samen, dus hij is van niemand in het bijzonder".into()
            }
            Why::OfAPanel => "several people do this step together, so it is nobody's".into(),
            Why::VotedAlready if nl => "u hebt al gestemd, of degene die u vervangt".into(),
            Why::VotedAlready => "you have voted, or the person for whom you stand in".into(),
            Why::SeatOfTheChair { roles } if nl => {
                format!("de laatste stem is aan {}, die voorzit", quoted(roles))
            }
            Why::SeatOfTheChair { roles } => {
                format!("the last vote is for {}, who chairs", quoted(roles))
            }
            Why::OtherProposal if nl => {
                "voor deze uitkomst ligt al een andere tekst voor; stem zonder tekst in".into()
            }
            Why::OtherProposal => {
                "another text for this outcome is before the panel; agree without a text".into()
            }
            Why::OutcomeMissing { outcomes } if nl => {
                format!("zeg hoe de stap eindigt: {}", quoted(outcomes))
            }
            Why::OutcomeMissing { outcomes } => {
                format!("say how the step ends: {}", quoted(outcomes))
            }
            Why::NoSuchOutcome { outcomes, .. } if outcomes.is_empty() => {
                language.pick("de stap heeft geen uitkomsten", "the step has no outcomes").into()
            }
            Why::NoSuchOutcome { said, outcomes } if nl => {
                format!("de stap heeft geen uitkomst `{said}`, wel {}", quoted(outcomes))
            }
            Why::NoSuchOutcome { said, outcomes } => {
                format!("the step has no outcome `{said}`; it has {}", quoted(outcomes))
            }
            Why::OutcomeNotAllowed { outcome, guard } if nl => {
                format!("`{outcome}` mag nu niet: `{guard}` is niet waar")
            }
            Why::OutcomeNotAllowed { outcome, guard } => {
                format!("`{outcome}` is not allowed as things stand: `{guard}` is not true")
            }
            Why::FormInvalid { findings } => {
                let said = findings
                    .iter()
                    .map(|finding| format!("`{}` {}", finding.field, finding.message));
                let said = said.collect::<Vec<_>>().join("; ");
                let opening =
                    language.pick("de gegevens kloppen niet", "what is recorded is not right");
                format!("{opening}: {said}")
            }
            Why::NoForm if nl => "bij deze stap worden geen gegevens vastgelegd".into(),
            Why::NoForm => "nothing is recorded with this step".into(),
            Why::ReturnLimit { to, limit } if nl => {
                format!("de zaak is al {limit} keer teruggegaan naar `{to}`, en vaker mag niet")
            }
            Why::ReturnLimit { to, limit } => {
                format!("the case has returned to `{to}` {limit} times, and may not more often")
            }
            Why::AppealLate { last_day } if nl => {
                format!("de termijn eindigde op {}", format_date(*last_day, language))
            }
            Why::AppealLate { last_day } => {
                format!("its window ended on {}", format_date(*last_day, language))
            }
            Why::LetterLacks { letter, missing } if nl => {
                format!("de brief «{letter}» kan niet weg: {} ontbreekt", texts(missing))
            }
            Why::LetterLacks { letter, missing } => {
                format!("the letter “{letter}” can't go out: {} is missing", texts(missing))
            }
            Why::NothingToSend { waiting } if waiting.is_empty() => {
                language.pick("er ligt geen brief te wachten", "no letter waits to be sent").into()
            }
            Why::NothingToSend { waiting } if nl => {
                format!("deze brief wacht niet, of niet voor deze partij; wel {}", quoted(waiting))
            }
            Why::NothingToSend { waiting } => {
                format!("this letter does not wait, or not for that party; {} do", quoted(waiting))
            }
            Why::SentBeforeMade { made_on } if nl => {
                format!("de brief is pas gemaakt op {}", format_date(*made_on, language))
            }
            Why::SentBeforeMade { made_on } => {
                format!("the letter was made on {}", format_date(*made_on, language))
            }
            Why::ExcuseRequired { last_day } if nl => format!(
                "de termijn eindigde op {}; zeg waarom het te laat is",
                format_date(*last_day, language)
            ),
            Why::ExcuseRequired { last_day } => format!(
                "its window ended on {}; say why it is late",
                format_date(*last_day, language)
            ),
            Why::AppealEarly if nl => "het besluit is nog niet verzonden".into(),
            Why::AppealEarly => "the decision has not been sent yet".into(),
            Why::NotPending if nl => "er loopt niets dat kan worden ingetrokken".into(),
            Why::NotPending => "nothing is pending that could be withdrawn".into(),
            Why::Withdrawn { at } if nl => format!("het is ingetrokken, op {}", day(at)),
            Why::Withdrawn { at } => format!("it was withdrawn, on {}", day(at)),
            Why::NotYourAppeal if nl => "alleen wie het heeft ingediend, kan het intrekken".into(),
            Why::NotYourAppeal => "only whoever filed it can withdraw it".into(),
            Why::NotIndependent { appeal, role } if nl => {
                format!("wie in deze zaak als `{role}` heeft gehandeld, doet niets aan `{appeal}`")
            }
            Why::NotIndependent { appeal, role } => {
                format!("who acted as `{role}` in this case does nothing about `{appeal}`")
            }
            Why::NotAnAppeal if nl => "dit is geen beroep".into(),
            Why::NotAnAppeal => "this is no appeal".into(),
            Why::NoPostRule if nl => {
                "voor de tijdigheid telt hier de dag van ontvangst, niet die van verzending".into()
            }
            Why::NoPostRule => "here the day of receipt counts, not the day of posting".into(),
            Why::DatesOutOfOrder if nl => {
                "wat gepost is, komt later aan, en niet na vandaag".into()
            }
            Why::DatesOutOfOrder => "what is posted arrives later, and not after today".into(),
            Why::NoSuchPart { parts, .. } if parts.is_empty() => language
                .pick("het beroep is altijd tegen het geheel", "the appeal is about the whole")
                .into(),
            Why::NoSuchPart { said, parts } if nl => {
                format!("`{said}` is geen onderdeel van het besluit; wel {}", quoted(parts))
            }
            Why::NoSuchPart { said, parts } => {
                format!("`{said}` is no part of the decision; {} are", quoted(parts))
            }
            Why::NotRunning if nl => "deze termijn loopt niet".into(),
            Why::NotRunning => "this deadline does not run".into(),
            Why::NoExtension if nl => "deze termijn kan niet worden verlengd".into(),
            Why::NoExtension => "this deadline can't be extended".into(),
            Why::ExtensionsUsedUp { times } if nl => {
                format!("de termijn is al {times} keer verlengd")
            }
            Why::ExtensionsUsedUp { times } => {
                format!("the deadline was extended {times} times already")
            }
            Why::ExtensionTooLong { most } if nl => {
                format!("verlengen mag telkens met ten hoogste {}", most.in_words(language))
            }
            Why::ExtensionTooLong { most } => {
                format!("it may be extended by at most {} at a time", most.in_words(language))
            }
            Why::ExtensionCap { at_most, left } => {
                let all = at_most.in_words(language);
                match (left.map(|left| left.in_words(language)), nl) {
                    (None, true) => {
                        format!("verlengen mag samen met ten hoogste {all}, en dat is op")
                    }
                    (None, false) => {
                        format!("it may be extended by at most {all} in all, and that is used up")
                    }
                    (Some(left), true) => {
                        format!("verlengen mag samen met ten hoogste {all}; er is nog {left} over")
                    }
                    (Some(left), false) => {
                        format!("it may be extended by at most {all} in all; {left} is left")
                    }
                }
            }
            Why::ConsentMissing { roles } if nl => {
                format!("daarvoor moet {} instemmen", quoted(roles))
            }
            Why::ConsentMissing { roles } => {
                format!("that takes the consent of {}", quoted(roles))
            }
            Why::ExtensionNotYet { waits_for } if waits_for.is_empty() => {
                language.pick("verlengen kan niet meer", "it can't be extended any more").into()
            }
            Why::ExtensionNotYet { waits_for } if nl => {
                format!("voor het verlengen moet eerst {} er zijn", texts(waits_for))
            }
            Why::ExtensionNotYet { waits_for } => {
                format!("before it is extended, {} must have come", texts(waits_for))
            }
            Why::NothingToRevoke if nl => "er is geen verlenging om in te trekken".into(),
            Why::NothingToRevoke => "there is no extension to take back".into(),
            Why::NotCorrectable if nl => {
                "de procedure zegt niet wie de datum van ontvangst mag verbeteren".into()
            }
            Why::NotCorrectable => {
                "the procedure does not say who may correct the date of receipt".into()
            }
            Why::NothingToCorrect if nl => "zo staat het al vast".into(),
            Why::NothingToCorrect => "that is what the record says already".into(),
            Why::NotForeseen if nl => "de procedure zegt niet wie dit mag doen".into(),
            Why::NotForeseen => "the procedure does not say who may do this".into(),
            Why::KeptOut { role, other, case } if nl => {
                format!("wie in zaak {case} `{other}` was, kan hier geen `{role}` zijn")
            }
            Why::KeptOut { role, other, case } => {
                format!("who was `{other}` in case {case} can't be `{role}` here")
            }
            Why::NoLinkedProcedure { procedure } if nl => format!(
                "dit opent een zaak volgens `{procedure}`; die procedure is er niet, of heeft fouten"
            ),
            Why::NoLinkedProcedure { procedure } => format!(
                "this opens a case of `{procedure}`; that procedure is not there, or has errors"
            ),
            Why::DecidedElsewhere { case: Some(case), .. } if nl => {
                format!("daarover wordt beslist in zaak {case}")
            }
            Why::DecidedElsewhere { case: Some(case), .. } => {
                format!("that is decided in case {case}")
            }
            Why::DecidedElsewhere { case: None, procedure } if nl => {
                format!("daarover wordt beslist in een zaak volgens `{procedure}`")
            }
            Why::DecidedElsewhere { case: None, procedure } => {
                format!("that is decided in a case of `{procedure}`")
            }
            Why::SameCase if nl => "het is een en dezelfde zaak".into(),
            Why::SameCase => "it is one and the same case".into(),
            Why::LinkedAlready { case } if nl => format!("de zaak hangt al samen met {case}"),
            Why::LinkedAlready { case } => format!("the case is linked to {case} already"),
            Why::NotEnded if nl => "de zaak loopt nog".into(),
            Why::NotEnded => "the case has not ended".into(),
            Why::GoesOnElsewhere { to } if nl => format!("de zaak is verder gegaan bij {to}"),
            Why::GoesOnElsewhere { to } => format!("the case has gone on at {to}"),
            Why::NoSuchGround { grounds } if nl => {
                format!("een zaak wordt alleen heropend op grond van {}", quoted(grounds))
            }
            Why::NoSuchGround { grounds } => {
                format!("a case is reopened on no other ground than {}", quoted(grounds))
            }
            Why::TooLateToReopen { last_day } if nl => {
                format!("heropenen kon tot en met {}", format_date(*last_day, language))
            }
            Why::TooLateToReopen { last_day } => {
                format!("it could be reopened until {}", format_date(*last_day, language))
            }
            Why::AnotherProcedure if nl => {
                "alleen zaken van dezelfde procedure worden gevoegd".into()
            }
            Why::AnotherProcedure => "only cases of one procedure are joined".into(),
            Why::NotEquallyConfidential if nl => {
                "de ene zaak is vertrouwelijk en de andere niet".into()
            }
            Why::NotEquallyConfidential => {
                "one of the two cases is confidential and the other is not".into()
            }
            Why::AwaitedElsewhere { case } if nl => {
                format!("zaak {case} wacht op de beslissing in deze zaak")
            }
            Why::AwaitedElsewhere { case } => {
                format!("case {case} waits for the decision in this one")
            }
            Why::NotRecorded { field } if nl => format!("`{field}` is in de zaak niet vastgelegd"),
            Why::NotRecorded { field } => format!("`{field}` is not recorded in the case"),
            Why::WhichBody if nl => "zeg om welk orgaan het gaat".into(),
            Why::WhichBody => "say which body is meant".into(),
            Why::ReasonRequired if nl => "er moet een reden bij".into(),
            Why::ReasonRequired => "a reason is required".into(),
            Why::NotPausable if nl => "er loopt geen termijn die met de hand stil kan staan".into(),
            Why::NotPausable => "no deadline runs that may stand still by hand".into(),
            Why::PauseUsedUp if nl => "de termijn heeft al zo lang stilgestaan als mag".into(),
            Why::PauseUsedUp => "it has stood still for as long as the rule allows".into(),
            Why::AlreadyPaused if nl => "de termijn staat al stil".into(),
            Why::AlreadyPaused => "the deadline stands still already".into(),
            Why::NotPaused if nl => "er staat niets met de hand stil".into(),
            Why::NotPaused => "nothing stands still by hand".into(),
            Why::InFuture if nl => "wat nog moet gebeuren, kan niet worden vastgelegd".into(),
            Why::InFuture => "what has not happened yet can't be recorded".into(),
            Why::CantMove { obstacles } => {
                let all: Vec<String> =
                    obstacles.iter().map(|one| obstacle(one, zone, language)).collect();
                let front = language.pick(
                    "voor wat op deze dag gebeurt geldt een andere tekst, en de zaak kan daar niet naar over",
                    "another text is in force for what happens on this day, and the case can't move to it",
                );
                format!("{front}: {}", all.join("; "))
            }
            Why::BeforeWhatHappened { latest } if nl => {
                format!("er is daarna al iets gebeurd, op {}", day(latest))
            }
            Why::BeforeWhatHappened { latest } => {
                format!("something has happened after that, on {}", day(latest))
            }
            Why::StandsInTheWay { act, at, because } if nl => {
                let because = because.in_words(zone, language);
                format!(
                    "daarna, op {}, is «{act}» gedaan, en dat had dan niet gekund: {because}",
                    day(at)
                )
            }
            Why::StandsInTheWay { act, at, because } => {
                let because = because.in_words(zone, language);
                format!(
                    "“{act}” was done after that, on {}, and would not have been possible then: {because}",
                    day(at)
                )
            }
            Why::CantBeRetold if nl => {
                "wat daarna is gedaan, kan niet opnieuw zo worden vastgelegd".into()
            }
            Why::CantBeRetold => {
                "what was done after that can't be recorded again as it was".into()
            }
            Why::NothingToUndo => language
                .pick(
                    "de zaak is niet naar een andere versie overgegaan, of dat is al teruggedraaid",
                    "the case was not moved to another version, or that was taken back already",
                )
                .into(),
            Why::ActedSince { at } => format!(
                "{} {}",
                language.pick(
                    "sindsdien is er gehandeld of verzonden, op",
                    "something was done or sent since, on",
                ),
                at.format("%Y-%m-%d")
            ),
            Why::ReceivedLater if nl => "de ontvangst ligt na het openen van de zaak".into(),
            Why::ReceivedLater => "the receipt lies after the opening of the case".into(),
            Why::NoSuchChannel { channels } if channels.is_empty() => language
                .pick("de procedure kent geen kanalen", "the procedure knows no channels")
                .into(),
            Why::NoSuchChannel { channels } if nl => {
                format!("zeg hoe het is binnengekomen: {}", quoted(channels))
            }
            Why::NoSuchChannel { channels } => format!("say how it came in: {}", quoted(channels)),
            Why::NoSuchParty { said, roles } if nl => {
                format!("`{said}` is geen partij in deze procedure; wel {}", quoted(roles))
            }
            Why::NoSuchParty { said, roles } => {
                format!("`{said}` is no party of this procedure; {} are", quoted(roles))
            }
            Why::NoSuchCase if nl => "die zaak is er niet".into(),
            Why::NoSuchCase => "there is no such case".into(),
            Why::NotConfidential if nl => {
                "vertrouwelijk behandelen kan in deze procedure niet op verzoek".into()
            }
            Why::NotConfidential => {
                "no case of this procedure is made confidential on request".into()
            }
            Why::NotAnonymous if nl => "wie in deze procedure iets indient, zegt wie hij is".into(),
            Why::NotAnonymous => "whoever files something in this procedure says who he is".into(),
            Why::NobodyMay if nl => "de procedure zegt niet wie dit mag".into(),
            Why::NobodyMay => "the procedure does not say who may do this".into(),
            Why::OnlyOne { role } if nl => format!("een zaak heeft niet meer dan één `{role}`"),
            Why::OnlyOne { role } => format!("a case has no more than one `{role}`"),
            Why::AlreadyParty { role } if nl => format!("die is al `{role}` in deze zaak"),
            Why::AlreadyParty { role } => format!("that person is `{role}` in this case already"),
            Why::NothingAttached if nl => "er is geen stuk bij".into(),
            Why::NothingAttached => "no document comes with it".into(),
            Why::NotADocument if nl => "een stuk heeft een naam, een soort en een digest".into(),
            Why::NotADocument => "a document has a name, a kind and a digest".into(),
            Why::NotInTheCase { role } if nl => format!("de zaak heeft geen `{role}` met die naam"),
            Why::NotInTheCase { role } => format!("the case has no `{role}` of that name"),
            Why::LastParty { role } if nl => {
                format!("er is geen andere `{role}`; zonder wordt de zaak ingetrokken")
            }
            Why::LastParty { role } => {
                format!("there is no other `{role}`; without one the case is withdrawn")
            }
            Why::WhomItRepresents { roles } if roles.is_empty() => language
                .pick("die rol vertegenwoordigt niemand", "that role represents nobody")
                .into(),
            Why::WhomItRepresents { roles } if nl => {
                format!(
                    "zeg wie er wordt vertegenwoordigd: een van de {} in deze zaak",
                    quoted(roles)
                )
            }
            Why::WhomItRepresents { roles } => {
                format!("say who is represented: one of the {} of this case", quoted(roles))
            }
            Why::NoRepresentative if nl => "die vertegenwoordigt niemand".into(),
            Why::NoRepresentative => "that person represents nobody".into(),
            Why::WasRefused if nl => "die is in deze zaak als gemachtigde geweigerd".into(),
            Why::WasRefused => "that person was refused as a representative in this case".into(),
            Why::NoLanguage if nl => "schrijf een taal als twee kleine letters: `nl`".into(),
            Why::NoLanguage => "write a language as two small letters: `nl`".into(),
            Why::TooLarge { what, most } if nl => format!("{what}: ten hoogste {most}"),
            Why::TooLarge { what, most } => format!("{what}: at most {most}"),
            Why::WrongMoment if nl => "dit kan alleen bij een zaak die al geopend is".into(),
            Why::WrongMoment => "this takes a case that has been opened".into(),
            Why::Stale { seen, actual } if nl => {
                format!("de zaak is intussen veranderd: u zag stand {seen}, het is nu {actual}")
            }
            Why::Stale { seen, actual } => {
                format!("the case changed meanwhile: you saw revision {seen}, it is now {actual}")
            }
            Why::Incident { message } if nl => {
                format!(
                    "een voorwaarde in de procedure faalt: {message}; de zaak wacht op de beheerder"
                )
            }
            Why::Incident { message } => {
                format!("a guard of the procedure fails: {message}; the case waits for its keeper")
            }
            Why::Endless if nl => "de gevolgen zouden nooit ophouden".into(),
            Why::Endless => "the consequences would never end".into(),
            Why::DateOutOfRange { deadline } if nl => {
                format!("de termijn `{deadline}` valt buiten de kalender")
            }
            Why::DateOutOfRange { deadline } => {
                format!("the deadline `{deadline}` leaves the calendar")
            }
        }
    }
}

/// Returns why somebody is barred, by what the rule names: `parties.beklaagde`.
fn barred_in_words(whom: &str, nl: bool) -> String {
    let (kind, of) = whom.split_once('.').unwrap_or(("", whom));
    match (kind, nl) {
        ("parties", true) => format!("wie in deze zaak `{of}` is of was, mag dit niet doen"),
        ("parties", false) => format!("who is or was `{of}` in this case may not do this"),
        ("roles", true) => format!("wie in deze zaak als `{of}` optrad, mag dit niet doen"),
        ("roles", false) => format!("who acted as `{of}` in this case may not do this"),
        ("data", true) => format!("wie onder `{of}` in de zaak staat, mag dit niet doen"),
        ("data", false) => format!("who is named under `{of}` in the case may not do this"),
        ("unit", true) => {
            format!("wie uit dezelfde afdeling komt als `{of}`, mag dit niet doen")
        }
        ("unit", false) => format!("who is of the same unit as `{of}` may not do this"),
        (_, true) => format!("wie in deze zaak `{of}` deed, mag dit niet doen"),
        (_, false) => format!("who did `{of}` in this case may not do this"),
    }
}

/// Returns why a case can't move to another text, and what that text would have to say.
fn obstacle(one: &Obstacle, zone: &TimeZone, language: Language) -> String {
    let nl = language == Language::Nl;
    let gone = |what: &str, key: &str| {
        if nl {
            format!("`{what}` kent die tekst niet: noem onder `transition: {key}` hoe het nu heet")
        } else {
            format!(
                "that text has no `{what}`: say under `transition: {key}` what it is called now"
            )
        }
    };
    match one {
        Obstacle::Ended => language.pick("de zaak is geëindigd", "the case has ended").to_owned(),
        Obstacle::Stays { .. } => language
            .pick(
                "zaken die al lopen, blijven waar zij zijn",
                "cases under way stay where they are",
            )
            .to_owned(),
        Obstacle::StepGone { step } => gone(step.as_str(), "steps"),
        Obstacle::OutcomeGone { step, outcome } => gone(&format!("{step}.{outcome}"), "outcomes"),
        Obstacle::DeadlineGone { deadline } => gone(deadline.as_str(), "deadlines"),
        Obstacle::RoleGone { role } => gone(role.as_str(), "roles"),
        Obstacle::DataDiffers { step: _, finding } => {
            let front =
                language.pick("wat is vastgelegd, past niet", "what is on record doesn't fit");
            format!("{front}: {finding}")
        }
        Obstacle::Refused(refusal) => refusal.in_words(zone, language),
    }
}
