//! A procedure as it is run: immutable, every name resolved.
//!
//! Only [`super::compile`] makes these values, so that code behind it never looks up a name in vain: an index is a
//! promise that the thing is there. Places in the text stay at hand, since a refusal names the line it stands on.

use super::access::Access;
use super::between::Between;
use super::guard::{Guard, Scope};
use super::name::Name;
use super::people::{Apart, Bar, Panel, Same};
use super::transition::Transition;
use crate::diagnostic::Place;
use crate::language::Text;
use crate::letter::{Shape, Template};
use crate::schema::FormSchema;
use crate::time::{self, Calendar, Counting, Date, From, Penalty, Roll, Term, TimeZone, Unit};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(super) usize);
        impl $name {
            /// Returns the position in the order of the text.
            pub fn get(self) -> usize { self.0 }
        }
    };
}
index!(
    /// A role of the procedure.
    RoleIndex
);
index!(
    /// A step, an act that is possible at any time, or the filing of an appeal.
    StepIndex
);
index!(
    /// An outcome of the step that it is used with.
    OutcomeIndex
);
index!(
    /// A letter that is declared.
    LetterIndex
);
index!(
    /// A deadline: one of the `deadlines`, a step's own `within`, or the window of an appeal.
    DeadlineIndex
);

/// The place where a rule stands and the source that it cites.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where the rule stands in the text.
    pub place: Place,
    /// The law, regulation or policy that it rests on, as the author wrote it.
    pub cite: Option<String>,
}

/// A procedure, ready to run.
#[derive(Debug)]
pub struct Procedure {
    /// Its name, by which people open cases.
    pub name: Name,
    /// Its title for people.
    pub title: Text,
    /// A short explanation for those who work with it.
    pub description: Option<Text>,
    /// The law, regulation or policy that it rests on as a whole.
    pub cite: Option<String>,
    /// The laws, regulations and policies that it was written from.
    pub sources: Vec<String>,
    /// The content hash that cases are pinned to.
    pub version: super::Version,
    /// The dates between which this text is picked for new cases.
    pub in_force: InForce,
    /// The time zone in which its days begin and end.
    pub zone: TimeZone,
    /// The calendar that deadlines use unless they name another.
    pub calendar: Arc<Calendar>,
    /// The counting rule that deadlines use unless they name another.
    pub counting: Arc<Counting>,
    /// How a case is numbered.
    pub reference: ReferencePattern,
    /// The capacities in which people act.
    pub roles: Vec<Role>,
    /// What one person may not combine in one case.
    pub apart: Vec<Apart>,
    /// Steps that one person does in a case.
    pub same: Vec<Same>,
    /// What is recorded when a case is opened.
    pub intake: Intake,
    /// Who comes into a case and leaves it, and who may see it.
    pub access: Access,
    /// Steps in the order of the text, then acts at any time, then the filing of appeals.
    pub steps: Vec<Step>,
    /// Steps that belong together, in the order of the text.
    pub phases: Vec<Phase>,
    /// Deadlines in the order of the text: the named ones, those of steps, those of appeals.
    pub deadlines: Vec<Deadline>,
    /// The letters that are declared, in the order of the text; a letter may be sent without.
    pub letters: Vec<Letter>,
    /// How long the record is kept.
    pub records: Option<Records>,
    /// What becomes of running cases when another version comes.
    pub transition: Transition,
    /// What guards see.
    pub scope: Scope,
}

/// The dates between which a version is picked for a case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// First day, inclusive.
    pub from: Option<Date>,
    /// Last day, inclusive.
    pub until: Option<Date>,
    /// Which date of a case decides.
    pub selected_by: SelectedBy,
}

impl InForce {
    /// Returns whether a text is picked for a case whose date this is.
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

/// The date of a case by which its version is picked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SelectedBy {
    /// The day of receipt.
    #[default]
    Received,
    /// The day on which the case was opened.
    Opened,
    /// The day of the decision.
    Decided,
    /// The day on which an appeal was filed.
    Appealed,
}

impl SelectedBy {
    /// Returns what has happened to a case on that day: `received`, `decided`.
    pub fn happened(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Opened => "opened",
            Self::Decided => "decided",
            Self::Appealed => "appealed",
        }
    }
}

/// A capacity in which people act.
#[derive(Debug, Clone)]
pub struct Role {
    /// Its name.
    pub name: Name,
    /// Its title for people.
    pub title: Text,
    /// A short explanation for those who work with it.
    pub description: Option<Text>,
    /// Whether it is bound to a party in the case, rather than held by staff.
    pub party: bool,
    /// The party roles for whom a holder may enter acts, for instance what was said by telephone.
    pub acts_for: Vec<RoleIndex>,
    /// Whether a case may have more than one person in it.
    pub several: bool,
    /// The party roles whose holders a person in this role represents.
    pub represents: Vec<RoleIndex>,
    /// Who may not act in it.
    pub not: Vec<Bar>,
    /// Whether a holder may take work from somebody and give it to another. Where no role may, whoever does a step may.
    pub may_assign: bool,
    /// Where it is declared.
    pub rule: Rule,
}

/// How a case is opened.
#[derive(Debug)]
pub struct Intake {
    /// The roles that may open a case; empty means every known person.
    pub who: Vec<RoleIndex>,
    /// The roles that may correct the date of receipt; empty means nobody.
    pub correct: Vec<RoleIndex>,
    /// Who may do something with a case as a whole.
    pub between: Between,
    /// The ways in which it may come in; empty means that it need not be said.
    pub channels: Vec<Name>,
    /// The shape of the case data.
    pub schema: FormSchema,
    /// Fields without which there is no case.
    pub required: Vec<String>,
    /// Fields that are asked for until they are given, and are never a ground to refuse.
    pub asked: Vec<String>,
    /// Where it is declared.
    pub rule: Rule,
}

/// What becomes of an act that a rule forbids.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Breach {
    /// It is refused.
    #[default]
    Refuse,
    /// It is taken in where a reason is given, and the breach is on record.
    Flag,
    /// It is taken in, and the breach is on record.
    FlagWithoutReason,
}

impl Breach {
    /// Whether the act is taken in.
    pub fn is_flagged(self) -> bool {
        self != Breach::Refuse
    }
}

/// How the step comes to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// It is due when what it comes `after` is true.
    InCourse,
    /// It is possible as long as the case is open.
    AtAnyTime,
    /// It files an appeal.
    Appeal(Box<Appeal>),
}

/// An act that somebody must or may do in a case.
#[derive(Debug)]
pub struct Step {
    /// Its name.
    pub name: Name,
    /// Its title for people.
    pub title: Text,
    /// A short explanation for those who work with it.
    pub description: Option<Text>,
    /// How it comes to be there.
    pub kind: StepKind,
    /// The roles that may do it; empty means that the engine does it as soon as it is due.
    pub who: Vec<RoleIndex>,
    /// Who may not do it, whatever his roles.
    pub not: Vec<Bar>,
    /// What becomes of it when it is done out of its order, or by who may not.
    pub breach: Breach,
    /// How several people do it together.
    pub panel: Option<Panel>,
    /// What comes first.
    pub after: Condition,
    /// Once this has come, the step is no longer possible.
    pub before: Option<Condition>,
    /// A condition that is asked once, when what comes first has come.
    pub when: Option<Guard>,
    /// A right rather than a duty.
    pub optional: bool,
    /// Whether it decides about a person's rights, so that appeal may lie and finality follows.
    pub decision: bool,
    /// The decision whose place it takes.
    pub replaces: Option<StepIndex>,
    /// Whether it goes on after the case has ended.
    pub follow_up: bool,
    /// The list that gives one instance for each item.
    pub each: Option<Each>,
    /// How many of its instances are enough.
    pub until: Until,
    /// What becomes of the instances that are left when enough were done.
    pub rest: Rest,
    /// What its doing brings about and rules out.
    pub relations: Relations,
    /// The steps that may not be done while this one is a duty that is open.
    pub blocks: Vec<StepIndex>,
    /// The shape of what is recorded with it.
    pub form: Option<FormSchema>,
    /// The letter that goes out when it is done, unless the outcome has its own.
    pub letter: Option<Name>,
    /// Case data that may be given with it.
    pub supplies: Vec<String>,
    /// How it can end; empty means that it has no outcomes.
    pub outcomes: Vec<Outcome>,
    /// Where the case returns to afterwards, unless the outcome says otherwise.
    pub then: Option<ReturnTo>,
    /// The status with which the case ends afterwards, unless the outcome says otherwise.
    pub ends: Option<Name>,
    /// Its own deadline, from `within`.
    pub deadline: Option<DeadlineIndex>,
    /// The appeals whose pendency holds it.
    pub suspended_by: Vec<StepIndex>,
    /// The case that doing it opens.
    pub opens: Option<Box<Opens>>,
    /// The step that opened the case in which this one is decided; it is done when that decision comes.
    pub awaits: Option<StepIndex>,
    /// Where it stands.
    pub rule: Rule,
}

/// A case of another procedure, or of this one, that a step opens.
#[derive(Debug, Clone)]
pub struct Opens {
    /// The procedure.
    pub procedure: Name,
    /// What in that case decides, where its decision comes back.
    pub decided_by: Option<DecidedBy>,
    /// The fields whose values go with it, each under its own name.
    pub carries: Vec<Each>,
    /// What our party roles are called there; a role that is not named keeps its name.
    pub parties: Vec<(RoleIndex, Name)>,
    /// Whoever has acted in one of these roles has no staff role there.
    pub not: Vec<RoleIndex>,
    /// Where it stands.
    pub rule: Rule,
}

/// The step of another case by which it decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedBy {
    /// The name of the step.
    pub step: Name,
    /// Whether the decision counts only when it can't be appealed any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub when_final: bool,
}

impl Step {
    /// Whether nobody does it: the engine does, as soon as it is due.
    pub fn is_automatic(&self) -> bool {
        self.who.is_empty() && self.awaits.is_none()
    }

    /// Whether it goes on after the case has ended: what is followed up, and a right of appeal, which the end of the
    /// case does not take away.
    pub fn outlives_the_case(&self) -> bool {
        self.follow_up || matches!(self.kind, StepKind::Appeal(_))
    }

    /// Returns the outcome called `name`.
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.name == *name)
    }
}

/// How a step ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its name.
    pub name: Name,
    /// Its title for people.
    pub title: Text,
    /// A short explanation for those who work with it.
    pub description: Option<Text>,
    /// When it may be chosen.
    pub allowed: Option<Guard>,
    /// Where `allowed` stands.
    pub allowed_place: Option<Place>,
    /// What becomes of it where it may not be chosen.
    pub breach: Breach,
    /// The letter that goes out with it.
    pub letter: Option<Name>,
    /// Where the case returns to.
    pub then: Option<ReturnTo>,
    /// The status with which the case ends.
    pub ends: Option<Name>,
    /// What it brings about and rules out.
    pub relations: Relations,
    /// Where it stands.
    pub rule: Rule,
}

/// A loop back to an earlier step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnTo {
    /// The step that is to be done again, and all that comes after it.
    pub step: StepIndex,
    /// How often in one case.
    pub limit: u32,
    /// Where it stands.
    pub place: Place,
}

/// What the doing of a step brings about and rules out, besides what comes after it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations {
    /// Steps that are closed, and do not come any more in this round.
    pub cancels: Vec<StepIndex>,
    /// Steps that become a duty.
    pub owes: Vec<StepIndex>,
}

/// How many instances of a step that is done for each item of a list are enough.
#[derive(Debug, Clone, Default)]
pub enum Until {
    /// Every one.
    #[default]
    All,
    /// So many.
    AtLeast(usize),
    /// As many as make this true.
    Guard(Guard),
}

/// What becomes of the instances that are left when enough were done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rest {
    /// They are closed.
    #[default]
    Cancel,
    /// They may still be done, beside what comes next.
    Finish,
}

/// Steps that belong together, under one name.
#[derive(Debug)]
pub struct Phase {
    /// Its name.
    pub name: Name,
    /// Its title for people.
    pub title: Text,
    /// The steps, in the order of the text.
    pub steps: Vec<StepIndex>,
    /// How they are done beside each other.
    pub run: Run,
    /// Where it stands.
    pub rule: Rule,
}

/// How the steps of a phase are done beside each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Run {
    /// In any order, also at the same time.
    #[default]
    Together,
    /// In any order, and while somebody has claimed one of them no other is claimed or done.
    OneAtATime,
    /// Only one of them: the first that is done closes the others.
    FirstOnly,
}

/// The list over which a step is done, one instance for each item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Each {
    /// A list in the case data.
    Data(String),
    /// A list in the form of another step.
    Form(StepIndex, String),
    /// A list that the procedure itself gives.
    Listed(Vec<String>),
    /// Every party in a role; the item is the person's id.
    Parties(RoleIndex),
}

/// A right of appeal: against decisions, refusals to handle, or inaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appeal {
    /// What it is against, one at least, in the order of the text; decisions that replace one of them come last.
    pub against: Vec<Against>,
    /// The step of the same file that decides the appeal.
    pub decided_by: StepIndex,
    /// The fields of the decision's form that it may be about one by one.
    pub parts: Vec<String>,
    /// What happens to an appeal after the window.
    pub late: Late,
    /// What happens to an appeal before there is anything to appeal against.
    pub early: Early,
    /// How long after the window what was posted within it may still arrive.
    pub post: Option<Term>,
    /// The window, from the sending of the decision; there may be none against inaction.
    pub window: Option<DeadlineIndex>,
    /// What is held only while this is true, as long as the appeal is pending.
    pub suspends_while: Condition,
    /// Who acted in one of these roles may not take part in what is done about it.
    pub not: Vec<RoleIndex>,
    /// What each outcome of the step that decides it does, by the name of the outcome.
    pub effects: Vec<(Name, AppealEffect)>,
}

impl Appeal {
    /// Returns what an outcome of the deciding step does to the decision appealed against.
    pub fn effect(&self, outcome: &str) -> Option<&AppealEffect> {
        self.effects.iter().find(|(name, _)| *name == *outcome).map(|(_, effect)| effect)
    }

    /// Whether it is against this decision, however that ended.
    pub fn is_against(&self, decision: StepIndex) -> bool {
        self.against.iter().any(|against| against.decision() == Some(decision))
    }
}

/// What an appeal is against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// A decision, however it ended.
    Decision(StepIndex),
    /// A decision that ended so, for instance the refusal to handle.
    Outcome(StepIndex, OutcomeIndex),
    /// The lapse of a deadline: inaction.
    Lapse(DeadlineIndex),
}

impl Against {
    /// Returns the fact by which the right comes to be there.
    pub fn fact(self) -> Fact {
        match self {
            Against::Decision(step) => Fact::Done(step),
            Against::Outcome(step, outcome) => Fact::EndedAs(step, outcome),
            Against::Lapse(deadline) => Fact::Lapsed(deadline),
        }
    }

    /// Returns the decision, where it is against one.
    pub fn decision(self) -> Option<StepIndex> {
        match self {
            Against::Decision(step) | Against::Outcome(step, _) => Some(step),
            Against::Lapse(_) => None,
        }
    }
}

/// What happens to an appeal that is filed after its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It is refused.
    Refuse,
    /// It is taken in, and whoever decides it sees that it is late.
    Admit,
    /// It is taken in although it should be refused, and that is on record.
    Flag,
}

/// What happens to an appeal that is filed before there is anything to appeal against, or before that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Early {
    /// It is refused.
    Refuse,
    /// It is taken in, and takes effect when there is something to appeal against.
    Admit,
}

/// What the decision on an appeal does to a decision below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppealEffect {
    /// The decision stands.
    Confirms(StepIndex),
    /// The appeal is not considered, so the decision stands.
    Inadmissible(StepIndex),
    /// The decision on the appeal takes its place.
    Replaces(StepIndex),
    /// The decision is to be taken again.
    Returns(ReturnTo),
}

/// What must have come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    Always,
    /// It does not come by itself: another step owes it, or the lapse of a deadline opens it.
    Never,
    /// One fact.
    Fact(Fact),
    /// Every one.
    All(Vec<Condition>),
    /// The first.
    Any(Vec<Condition>),
    /// Every one that is not ruled out, at least one.
    Applicable(Vec<Condition>),
    /// So many of them.
    AtLeast(usize, Vec<Condition>),
}

impl Condition {
    /// Returns every fact that it names, in the order of the text.
    pub fn facts(&self) -> Vec<Fact> {
        match self {
            Condition::Always | Condition::Never => Vec::new(),
            Condition::Fact(fact) => vec![*fact],
            Condition::All(parts)
            | Condition::Any(parts)
            | Condition::Applicable(parts)
            | Condition::AtLeast(_, parts) => parts.iter().flat_map(Condition::facts).collect(),
        }
    }
}

/// A fact that a condition may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// The step is done.
    Done(StepIndex),
    /// The first of several has done it: somebody filed the appeal, one item of the list was done.
    First(StepIndex),
    /// The step ended so.
    EndedAs(StepIndex, OutcomeIndex),
    /// The decision can't be appealed any more.
    Final(StepIndex),
    /// The deadline has lapsed.
    Lapsed(DeadlineIndex),
    /// A penalty was owed for the delay, and no more will be.
    PenaltyEnded(DeadlineIndex),
}

/// From which event a clock runs.
pub type Anchor = time::Anchor<StartEvent, DeadlineIndex>;

/// An event that starts a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartEvent {
    /// The receipt of the matter.
    Received,
    /// The opening of the case.
    Opened,
    /// The step became due.
    Due(StepIndex),
    /// Something came about.
    Came(Fact),
    /// A date in the case data.
    Data(String),
    /// A date in the form of a step.
    Form(StepIndex, String),
    /// The letter was sent, to the last of those that it is addressed to.
    Sent(LetterIndex),
}

/// A clock with a legal term.
#[derive(Debug)]
pub struct Deadline {
    /// Its name.
    pub name: Name,
    /// Its title for people.
    pub title: Text,
    /// What starts it; where the term is counted back, the event that it must come before.
    pub starts: Anchor,
    /// Whether the term is counted back from its event.
    pub backwards: bool,
    /// What must have come besides: until then it does not run, wherever it counts from.
    pub once: Condition,
    /// Its length.
    pub within: Within,
    /// The end comes no earlier than this.
    pub no_earlier_than: Option<Bound>,
    /// The end comes no later than this, whatever stops or lengthens it.
    pub no_later_than: Option<Bound>,
    /// The days off that it knows.
    pub calendar: Arc<Calendar>,
    /// How the term becomes a date.
    pub counting: Arc<Counting>,
    /// Rolling over days off, where the author overrides the counting rule.
    pub roll: Option<Roll>,
    /// What meets it.
    pub met_by: Condition,
    /// Whether its lapse is no breach.
    pub soft: bool,
    /// Until when it comes back each time that it was met or lapsed, if it does.
    pub recurs: Option<Recurs>,
    /// Whose duty it is.
    pub who: Vec<RoleIndex>,
    /// How it may be lengthened; the first that allows it is used.
    pub extend: Vec<Extend>,
    /// For what causes it stands still.
    pub stops: Vec<Stops>,
    /// How long before the last day to warn.
    pub warn: Vec<Term>,
    /// What is owed for every day of delay.
    pub penalty: Option<PenaltyRule>,
    /// What follows when it lapses.
    pub lapse: Lapse,
    /// The step that it belongs to, where it comes from a step's `within`.
    pub of_step: Option<StepIndex>,
    /// Where it stands.
    pub rule: Rule,
}

impl Deadline {
    /// Returns every anchor that its date rests on: its own, and those of its bounds.
    pub fn anchors(&self) -> impl Iterator<Item = &Anchor> {
        let bounds = self.no_earlier_than.iter().chain(&self.no_later_than);
        std::iter::once(&self.starts).chain(bounds.filter_map(|bound| bound.starts.as_ref()))
    }
}

/// How long a clock runs.
#[derive(Debug, Clone)]
pub struct Within {
    /// Rules that are read from the top, one at least; the first that applies gives the term.
    pub rules: Vec<TermRule>,
}

/// One rule of how long a clock runs.
#[derive(Debug, Clone)]
pub struct TermRule {
    /// How long.
    pub length: Length,
    /// When it applies; always if nothing is said.
    pub when: Option<Guard>,
    /// Where it stands.
    pub rule: Rule,
}

/// A term, or where it is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Length {
    /// The term itself.
    Fixed(Term),
    /// A field of the case data: a text that is a term, or a number of units.
    Data(String, Option<Unit>),
    /// A field of the form of a step.
    Form(StepIndex, String, Option<Unit>),
}

impl Within {
    /// Returns the term where it is the same in every case.
    pub fn fixed(&self) -> Option<Term> {
        match self.rules.as_slice() {
            [TermRule { length: Length::Fixed(term), when: None, .. }] => Some(*term),
            [..] => None,
        }
    }

    /// Returns the terms that are written, and whether there are no others.
    pub fn written(&self) -> (Vec<Term>, bool) {
        let fixed = |rule: &TermRule| match rule.length {
            Length::Fixed(term) => Some(term),
            Length::Data(..) | Length::Form(..) => None,
        };
        let terms: Vec<Term> = self.rules.iter().filter_map(fixed).collect();
        let all = terms.len() == self.rules.len();
        (terms, all)
    }

    /// Whether it is counted in hours, from the instant of its event; all its rules are, or none is.
    pub fn is_in_hours(&self) -> bool {
        self.rules.iter().any(|rule| rule.length.unit() == Some(Unit::Hours))
    }

    /// Returns a unit in which it is counted: hours, or else days, for all that is counted in days or longer.
    pub fn unit(&self) -> Unit {
        if self.is_in_hours() { Unit::Hours } else { Unit::Days }
    }
}

impl Length {
    /// Returns the unit, as far as it is written.
    pub fn unit(&self) -> Option<Unit> {
        match self {
            Length::Fixed(term) => Some(term.unit()),
            Length::Data(_, unit) | Length::Form(_, _, unit) => *unit,
        }
    }
}

/// A date that the end of a clock may not pass, or not come before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The term.
    pub within: Term,
    /// From which event it is counted; the start of the clock itself if nothing is said.
    pub starts: Option<Anchor>,
}

/// How a clock comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurs {
    /// It does not come back any more once this is true.
    pub until: Option<Condition>,
}

/// How a deadline may be lengthened.
#[derive(Debug, Clone)]
pub struct Extend {
    /// By how much at a time, at most.
    pub by: Term,
    /// From where the lengthening is counted.
    pub from: From,
    /// How often.
    pub times: u32,
    /// How much all lengthenings by this rule may be together.
    pub at_most: Option<Term>,
    /// By whom.
    pub who: Vec<RoleIndex>,
    /// The parties who must consent.
    pub consent: Vec<RoleIndex>,
    /// What must have come first.
    pub after: Condition,
    /// Whether it may still come after the lapse.
    pub after_lapse: bool,
    /// What becomes of a lengthening that goes beyond this rule.
    pub breach: Breach,
    /// Whether a reason must be given.
    pub reason_required: bool,
    /// The letter that tells it.
    pub letter: Option<Name>,
    /// Where it stands.
    pub rule: Rule,
}

impl Extend {
    /// Returns what the record calls this rule: the source that it cites, or else its term.
    ///
    /// A history names things and never counts them, so that it can be read without the text.
    pub fn label(&self) -> String {
        self.rule.cite.clone().unwrap_or_else(|| self.by.to_string())
    }
}

/// A cause for which a deadline stands still.
#[derive(Debug, Clone)]
pub struct Stops {
    /// While one of these steps is open.
    pub while_open: Vec<StepIndex>,
    /// Who may have it stand still by hand.
    pub who: Vec<RoleIndex>,
    /// How long for this cause, all times together.
    pub at_most: Option<Term>,
    /// Whether the day on which it begins is taken out, where the author overrides the counting rule.
    pub first_day_stands: Option<bool>,
    /// Whether the day on which it ends is taken out, where the author overrides the counting rule.
    pub last_day_stands: Option<bool>,
    /// Whether the term begins anew when it is over.
    pub restarts: bool,
    /// Where it stands.
    pub rule: Rule,
}

/// A penalty for every day of delay.
#[derive(Debug)]
pub struct PenaltyRule {
    /// How much.
    pub penalty: Penalty,
    /// Nothing is owed if this is true when the deadline lapses.
    pub unless: Option<Guard>,
    /// Where `unless` stands, or else the whole.
    pub unless_place: Place,
    /// Where it stands.
    pub rule: Rule,
}

/// A step that the law holds done when a deadline lapses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deemed {
    /// The step.
    pub step: StepIndex,
    /// How it ends.
    pub outcome: Option<OutcomeIndex>,
}

/// Telling again, after a lapse, that something is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remind {
    /// How long after the lapse, and after each time.
    pub every: Term,
    /// The roles that are told.
    pub tell: Vec<RoleIndex>,
    /// How many times.
    pub at_most: u32,
}

/// What follows when a deadline lapses.
#[derive(Debug, Clone, Default)]
pub struct Lapse {
    /// The roles that are told.
    pub tell: Vec<RoleIndex>,
    /// Steps that become possible.
    pub opens: Vec<StepIndex>,
    /// Steps that are no longer possible.
    pub closes: Vec<StepIndex>,
    /// A step that the law then holds done.
    pub deems: Option<Deemed>,
    /// Who is told again, and again, until it is met.
    pub remind: Option<Remind>,
    /// The law, regulation or policy that this rests on.
    pub cite: Option<String>,
}

/// A letter: who gets it, what it must contain, and of what it is made.
#[derive(Debug)]
pub struct Letter {
    /// Its name.
    pub name: Name,
    /// Its title for people.
    pub title: Text,
    /// Its templates, in the order of format and language; none where it is made elsewhere.
    pub templates: Vec<Template>,
    /// The shape of what its templates are filled with.
    pub shape: Shape,
    /// The party roles that it is addressed to.
    pub to: Vec<RoleIndex>,
    /// The party roles that get a copy.
    pub copy_to: Vec<RoleIndex>,
    /// Which documents of the case go with it.
    pub enclose: Vec<Enclose>,
    /// What may not be missing.
    pub must_contain: Vec<Content>,
    /// Whether somebody sends it and records that, rather than that it goes out as soon as it is made.
    pub by_hand: bool,
    /// The roles that may record its sending; empty means those that may do what it belongs to.
    pub who: Vec<RoleIndex>,
    /// Where it stands.
    pub rule: Rule,
}

/// Documents that go with a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enclose {
    /// Those that came when the case was opened.
    Opening,
    /// Those that came with a step.
    With(StepIndex),
}

/// Something that a letter must contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// As its author wrote it: `bevindingen`.
    pub written: String,
    /// Where templates find it: `form.bevindingen`.
    pub path: String,
    /// Where it is asked for.
    pub place: Place,
}

/// How long the record of a case is kept.
#[derive(Debug, Clone)]
pub struct Records {
    /// The term.
    pub keep: Term,
    /// What starts it.
    pub after: RecordsFrom,
    /// What is done afterwards.
    pub then: Disposal,
    /// What the organisation learns from: fields of forms or of the case data.
    pub evaluate: Vec<String>,
    /// Where it stands.
    pub rule: Rule,
}

/// What starts the term of keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordsFrom {
    /// The end of the case.
    Closed,
    /// The end of the case and of all that is followed up.
    Archived,
}

/// What is done with a record after the term of keeping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposal {
    /// Personal data are removed, the rest is kept.
    Anonymise,
    /// The whole record is destroyed.
    Destroy,
}

/// How a case is numbered: literal text, the year, and a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferencePattern {
    pub(super) parts: Vec<ReferencePart>,
}

/// A part of a case's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ReferencePart {
    Literal(String),
    Year,
    Number { width: usize },
}

impl ReferencePattern {
    /// Returns the number of the case that is the `number`-th of `year`.
    pub fn format(&self, year: i32, number: u64) -> String {
        let part = |part: &ReferencePart| match part {
            ReferencePart::Literal(text) => text.clone(),
            ReferencePart::Year => year.to_string(),
            ReferencePart::Number { width } => format!("{number:0width$}"),
        };
        self.parts.iter().map(part).collect()
    }

    /// Returns the name of the series that numbers are taken from: all but the number.
    pub fn series(&self, year: i32) -> String {
        let part = |part: &ReferencePart| match part {
            ReferencePart::Literal(text) => text.clone(),
            ReferencePart::Year => year.to_string(),
            ReferencePart::Number { .. } => "#".to_owned(),
        };
        self.parts.iter().map(part).collect()
    }
}

impl Procedure {
    /// Returns the step.
    pub fn step(&self, index: StepIndex) -> &Step {
        &self.steps[index.0]
    }

    /// Returns the deadline.
    pub fn deadline(&self, index: DeadlineIndex) -> &Deadline {
        &self.deadlines[index.0]
    }

    /// Returns the role.
    pub fn role(&self, index: RoleIndex) -> &Role {
        &self.roles[index.0]
    }

    /// Returns the step called `name`, acts at any time and the filing of appeals included.
    pub fn find_step(&self, name: &str) -> Option<StepIndex> {
        self.steps.iter().position(|step| step.name == *name).map(StepIndex)
    }

    /// Returns the deadline called `name`.
    pub fn find_deadline(&self, name: &str) -> Option<DeadlineIndex> {
        self.deadlines.iter().position(|deadline| deadline.name == *name).map(DeadlineIndex)
    }

    /// Returns the letter.
    pub fn letter(&self, index: LetterIndex) -> &Letter {
        &self.letters[index.0]
    }

    /// Returns the letter called `name`, if it is declared.
    pub fn find_letter(&self, name: &str) -> Option<&Letter> {
        self.letters.iter().find(|letter| letter.name == *name)
    }

    /// Returns the role called `name`.
    pub fn find_role(&self, name: &str) -> Option<RoleIndex> {
        self.roles.iter().position(|role| role.name == *name).map(RoleIndex)
    }

    /// Returns every step with its index.
    pub fn steps(&self) -> impl Iterator<Item = (StepIndex, &Step)> {
        self.steps.iter().enumerate().map(|(index, step)| (StepIndex(index), step))
    }

    /// Returns every deadline with its index.
    pub fn deadlines(&self) -> impl Iterator<Item = (DeadlineIndex, &Deadline)> {
        self.deadlines.iter().enumerate().map(|(index, deadline)| (DeadlineIndex(index), deadline))
    }

    /// Returns the phases that the step belongs to.
    pub fn phases_of(&self, step: StepIndex) -> impl Iterator<Item = &Phase> {
        self.phases.iter().filter(move |phase| phase.steps.contains(&step))
    }

    /// Returns the steps whose doing makes `step` a duty.
    pub fn owing(&self, step: StepIndex) -> impl Iterator<Item = StepIndex> {
        let owes = move |candidate: &Step| {
            let outcomes = candidate.outcomes.iter().map(|outcome| &outcome.relations);
            std::iter::once(&candidate.relations).chain(outcomes).any(|r| r.owes.contains(&step))
        };
        self.steps().filter(move |(_, candidate)| owes(candidate)).map(|(index, _)| index)
    }

    /// Returns the appeals that lie against the decision `step`.
    pub fn appeals_against(&self, step: StepIndex) -> impl Iterator<Item = (StepIndex, &Appeal)> {
        self.steps().filter_map(move |(index, candidate)| match &candidate.kind {
            StepKind::Appeal(appeal) if appeal.is_against(step) => Some((index, &**appeal)),
            StepKind::Appeal(_) | StepKind::InCourse | StepKind::AtAnyTime => None,
        })
    }

    /// Returns every way back to an earlier step that a step has: its own, those of its outcomes, and those of the appeals
    /// that it decides.
    pub fn ways_back(&self, index: StepIndex) -> Vec<&ReturnTo> {
        let step = self.step(index);
        let of_outcomes = step.outcomes.iter().filter_map(|outcome| outcome.then.as_ref());
        let of_appeals = self.appeals_decided_by(index).flat_map(|(_, appeal)| &appeal.effects);
        let of_appeals = of_appeals.filter_map(|(_, effect)| match effect {
            AppealEffect::Returns(back) => Some(back),
            AppealEffect::Confirms(_)
            | AppealEffect::Inadmissible(_)
            | AppealEffect::Replaces(_) => None,
        });
        step.then.iter().chain(of_outcomes).chain(of_appeals).collect()
    }

    /// Returns the appeals that `step` decides.
    pub fn appeals_decided_by(
        &self,
        step: StepIndex,
    ) -> impl Iterator<Item = (StepIndex, &Appeal)> {
        self.steps().filter_map(move |(index, candidate)| match &candidate.kind {
            StepKind::Appeal(appeal) if appeal.decided_by == step => Some((index, &**appeal)),
            StepKind::Appeal(_) | StepKind::InCourse | StepKind::AtAnyTime => None,
        })
    }

    /// Returns the steps by which an appeal is decided: those that come after its filing and lead to its decision, and
    /// that decision.
    pub fn steps_of_appeal(&self, filing: StepIndex) -> Vec<StepIndex> {
        let StepKind::Appeal(appeal) = &self.step(filing).kind else { return Vec::new() };
        let mut steps = self.from_there_on(filing);
        steps.retain(|step| {
            *step != filing && self.from_there_on(*step).contains(&appeal.decided_by)
        });
        steps
    }

    /// Returns the steps that replace the decision `step`.
    pub fn replacements_of(&self, step: StepIndex) -> impl Iterator<Item = (StepIndex, &Step)> {
        self.steps().filter(move |(_, candidate)| candidate.replaces == Some(step))
    }

    /// Returns the steps that come after `step`, directly or through others, `step` itself first.
    ///
    /// These are the steps that get a new round when the case returns to `step`. The filing of an appeal comes after
    /// the decision that it is against.
    pub fn from_there_on(&self, step: StepIndex) -> Vec<StepIndex> {
        self.all_after(vec![step], None).0
    }

    /// Returns what begins anew when the case returns to `step`: the steps from there on, and the deadlines that count
    /// from any of them.
    pub fn returned_with(&self, step: StepIndex) -> (Vec<StepIndex>, Vec<DeadlineIndex>) {
        self.all_after(vec![step], None)
    }

    /// Returns what rests on the finality of the decision `step`: the steps that come after it, and the deadlines that
    /// count from it or from any of them.
    pub fn resting_on_final(&self, step: StepIndex) -> (Vec<StepIndex>, Vec<DeadlineIndex>) {
        self.all_after(Vec::new(), Some(step))
    }

    /// Follows steps and deadlines until nothing new is found: a step follows what it comes `after` and the lapse that
    /// opens it, a deadline follows what it counts from.
    fn all_after(
        &self,
        mut steps: Vec<StepIndex>,
        made_final: Option<StepIndex>,
    ) -> (Vec<StepIndex>, Vec<DeadlineIndex>) {
        let mut deadlines: Vec<DeadlineIndex> = Vec::new();
        loop {
            let before = (steps.len(), deadlines.len());
            for (index, rule) in self.deadlines() {
                let mut events = rule.starts.events().into_iter();
                let follows = events.any(|event| match event {
                    StartEvent::Due(step) | StartEvent::Form(step, _) => steps.contains(step),
                    StartEvent::Came(fact) => follows(*fact, &steps, &deadlines, made_final),
                    StartEvent::Sent(letter) => {
                        steps.iter().any(|step| self.sends(*step, &self.letter(*letter).name))
                    }
                    StartEvent::Received | StartEvent::Opened | StartEvent::Data(_) => false,
                }) || rule.starts.ends().into_iter().any(|of| deadlines.contains(of));
                if follows && !deadlines.contains(&index) {
                    deadlines.push(index);
                }
            }
            for (index, step) in self.steps() {
                if steps.contains(&index) || step.kind == StepKind::AtAnyTime {
                    continue;
                }
                let mut facts = step.after.facts().into_iter();
                let opened =
                    deadlines.iter().any(|of| self.deadline(*of).lapse.opens.contains(&index));
                let owed = self.owing(index).any(|of| steps.contains(&of));
                if opened || owed || facts.any(|fact| follows(fact, &steps, &deadlines, made_final))
                {
                    steps.push(index);
                }
            }
            if before == (steps.len(), deadlines.len()) {
                return (steps, deadlines);
            }
        }
    }

    /// Whether a step sends a letter, by itself or by one of its outcomes.
    pub fn sends(&self, step: StepIndex, letter: &Name) -> bool {
        let step = self.step(step);
        let mut sent = step.outcomes.iter().map(|outcome| &outcome.letter).chain([&step.letter]);
        sent.any(|sent| sent.as_ref() == Some(letter))
    }

    /// Returns a map from the name of each field of the case data to whether it is asked for.
    pub fn asked_fields(&self) -> BTreeMap<&str, bool> {
        let asked = self.intake.asked.iter().map(|field| (field.as_str(), true));
        self.intake.required.iter().map(|field| (field.as_str(), false)).chain(asked).collect()
    }
}

/// Whether a fact comes about through one of these.
fn follows(
    fact: Fact,
    steps: &[StepIndex],
    deadlines: &[DeadlineIndex],
    made_final: Option<StepIndex>,
) -> bool {
    match fact {
        Fact::Done(of) | Fact::First(of) | Fact::EndedAs(of, _) => steps.contains(&of),
        Fact::Final(of) => steps.contains(&of) || made_final == Some(of),
        Fact::Lapsed(of) | Fact::PenaltyEnded(of) => deadlines.contains(&of),
    }
}
