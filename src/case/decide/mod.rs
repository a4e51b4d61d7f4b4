//! `decide`: whether an act may be done, and everything that follows from it.
//!
//! One place for every way in: the command line, the library, a batch, a timer. It asks nothing of the world; what an
//! organisation says of its people and what time it is come with the command. The answer is the act's own events and
//! all that follows from them, in order, or a refusal and nothing.

mod appeals;
mod assign;
mod authority;
mod clocks;
mod correct;
mod deadlines;
mod documents;
mod flags;
mod flow;
mod filing;
mod join;
mod late;
mod letters;
mod links;
mod migrate;
mod look;
mod open;
mod panel;
mod parties;
mod penalty;
mod reopen;
mod replay;
mod settle;
mod steps;
mod time;
mod values;

pub use authority::{looks_are_kept, may_do, may_see, sees_identity_of, who_may};
pub use late::{decide_late, decide_late_moving};
pub use migrate::{Move, Obstacle, decide_moving, migrate, undo_migration};
pub use replay::{Replay, replay};
pub use steps::{why_not_now, why_not_open};
pub(super) use values::seen;

use super::command::{Act, Command};
use super::event::{Event, Fact};
use super::person::ActedBy;
use super::refusal::{Refusal, Remedy, Why};
use super::state::Case;
use crate::procedure::{Breach, Procedure};
use crate::time::Instant;

/// The most events that one command may bring about; more would be a loop that the procedure fails to bound.
const MOST_EVENTS: usize = 20_000;

/// The longest remark or reason, in characters.
const LONGEST_NOTE: usize = 10_000;

/// Returns the events that `command` brings about in `case`, in order.
///
/// Everything that fell due up to `command.now` must have been taken in before: [`pass_time`] gives it. After the act,
/// what its consequences make due up to the present is taken in as well, so that the answer is complete.
///
/// # Errors
/// A [`Refusal`] that names the rule and what would make the act possible. Nothing has changed then.
pub fn decide(
    procedure: &Procedure,
    case: &Case,
    command: &Command,
) -> Result<Vec<Event>, Refusal> {
    let mut deciding = Deciding::new(procedure, case.clone(), command.now);
    authority::check_seen(procedure, case, command, &asked(&command.act))?;
    deciding.check_known(command)?;
    deciding.check_order(command)?;
    deciding.act(command)?;
    // A remark may be dated before what others build upon; nothing follows from it.
    let at = deciding.case.latest.map_or(command.at, |latest| latest.max(command.at));
    deciding.settle(at)?;
    deciding.pass_time()?;
    Ok(deciding.events)
}

/// Returns the events that the passing of time brings about in `case` up to `now`, in the order in which they fall
/// due, each effective at its due instant: the same whether the engine looks every second or once a week.
///
/// # Errors
/// A [`Refusal`] when a consequence fails; what fell due before it is lost with it, so the case waits for its keeper.
pub fn pass_time(procedure: &Procedure, case: &Case, now: Instant) -> Result<Vec<Event>, Refusal> {
    let mut deciding = Deciding::new(procedure, case.clone(), now);
    if case.opening.is_some() {
        deciding.pass_time()?;
    }
    Ok(deciding.events)
}

/// Returns the events that a change of the calendars brings about in `case`: dates that move, and what follows from that.
/// Empty where no open deadline is touched.
///
/// # Errors
/// A [`Refusal`] when a consequence fails.
pub fn recount(procedure: &Procedure, case: &Case, now: Instant) -> Result<Vec<Event>, Refusal> {
    let mut deciding = Deciding::new(procedure, case.clone(), now);
    if case.opening.is_some() {
        let at = case.latest.map_or(now, |latest| latest.max(now));
        deciding.settle(at)?;
        deciding.pass_time()?;
    }
    Ok(deciding.events)
}

/// A decision in the making: the case as it would be, and the events so far.
struct Deciding<'a> {
    procedure: &'a Procedure,
    case: Case,
    events: Vec<Event>,
    now: Instant,
    /// What is known while the case is told anew.
    telling: Option<late::Telling>,
    /// What an act brings in that is not on record yet.
    brought: documents::Brought,
    /// The rules that the act breaks and that let it pass.
    breaches: Vec<(Breach, Refusal)>,
    /// The letters that are written when all has followed.
    unwritten: Vec<letters::Unwritten>,
}

impl<'a> Deciding<'a> {
    fn new(procedure: &'a Procedure, case: Case, now: Instant) -> Self {
        Self {
            procedure,
            case,
            events: Vec::new(),
            now,
            telling: None,
            brought: documents::Brought::default(),
            breaches: Vec::new(),
            unwritten: Vec::new(),
        }
    }

    /// Takes in what a command asks, with the documents that come with it, apart from what follows by itself.
    fn do_act(&mut self, command: &Command) -> Result<(), Refusal> {
        self.bring(command)?;
        self.act_alone(command)?;
        // What leaves no trace of its own brings documents in all the same.
        if self.brought.is_empty() {
            return Ok(());
        }
        let by = self.acted_by(command, None);
        self.take_in_documents(command.at, Some(&by))
    }

    fn act_alone(&mut self, command: &Command) -> Result<(), Refusal> {
        match &command.act {
            Act::Open(open) => self.open(command, open),
            Act::Do(act) => self.do_step(command, act),
            Act::WithdrawAppeal { appeal, item, reason } => {
                self.withdraw_appeal(command, appeal, item.as_deref(), reason.as_deref())
            }
            Act::Assign { instance, to } => self.assign(command, instance, to.as_ref()),
            Act::Claim { instance } => self.claim(command, instance),
            Act::Release { instance } => self.release(command, instance),
            Act::Extend(extend) => self.extend(command, extend),
            Act::Revoke { deadline, reason } => self.revoke(command, deadline, reason),
            Act::Correct { received_at, reason } => self.correct(command, *received_at, reason),
            Act::Pause { deadline, reason } => self.pause(command, deadline.as_ref(), reason),
            Act::Resume { deadline } => self.resume(command, deadline.as_ref()),
            Act::Hear { case, verdict } => self.hear(command, case, verdict),
            Act::Send(send) => self.send_by_hand(command, send),
            Act::Relate { other, reason } => self.relate(command, other, reason),
            Act::JoinInto { other, reason } => self.join_into(command, other, reason),
            Act::TakeIn(joined) => self.take_in_case(command, joined),
            Act::SplitOff { other, reason } => self.split_off(command, other, reason),
            Act::Transfer { to, reason } => self.transfer(command, to, reason),
            Act::Reopen { ground, reason } => self.reopen(command, ground, reason),
            Act::Party(act) => self.party(command, act),
            Act::Attach => self.attach(command),
            Act::Look => self.look(command),
            Act::Note { text } => self.note(command, text),
        }
    }

    /// Takes a fact in: appends its event, and brings the case up to date.
    fn happen(&mut self, at: Instant, by: Option<ActedBy>, fact: Fact) -> Result<(), Refusal> {
        if self.events.len() >= MOST_EVENTS {
            return Err(Refusal::new("", Why::Endless));
        }
        // What an act brings in stands before it, so that a letter that it sends can name it; only a case opens first.
        let opens = matches!(fact, Fact::CaseOpened { .. });
        if by.is_some() && !opens {
            self.take_in_documents(at, by.as_ref())?;
        }
        let event = self.event(at, by, fact);
        self.case.take(&event);
        let by = event.by.clone();
        self.events.push(event);
        if opens { self.take_in_documents(at, by.as_ref()) } else { Ok(()) }
    }

    /// Returns a fact as the next event.
    fn event(&self, at: Instant, by: Option<ActedBy>, fact: Fact) -> Event {
        let (revision, recorded_at) = match &self.telling {
            None => (self.case.revision + 1, self.now),
            Some(telling) => match telling.again.as_ref().filter(|_| by.is_some()) {
                Some(again) => (again.revision, again.told_at),
                None => (telling.revision, telling.recorded_at),
            },
        };
        Event { revision, at, recorded_at, by, fact }
    }

    /// Returns a reason that was given.
    fn reason(asked: &str, reason: &str) -> Result<String, Refusal> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Refusal::new(asked, Why::ReasonRequired).unless(Remedy::GiveReason));
        }
        bounded(asked, reason)?;
        Ok(reason.to_owned())
    }

    /// Refuses what is dated in the future, or rests on an old view.
    fn check_known(&self, command: &Command) -> Result<(), Refusal> {
        let asked = asked(&command.act);
        if let Some(seen) = command.seen
            && seen != self.case.revision
        {
            let why = Why::Stale { seen, actual: self.case.revision };
            return Err(Refusal::new(asked, why).unless(Remedy::ReadAgain));
        }
        if command.at > command.now {
            let refusal = Refusal::new(asked, Why::InFuture);
            return Err(refusal.unless(Remedy::DateFrom { at: command.now }));
        }
        let opens = matches!(command.act, Act::Open(_));
        if opens != self.case.opening.is_none() {
            return Err(Refusal::new(asked, Why::WrongMoment));
        }
        Ok(())
    }

    /// Refuses what is dated before something that later acts build upon.
    fn check_order(&self, command: &Command) -> Result<(), Refusal> {
        let asked = asked(&command.act);
        match self.case.latest {
            Some(latest)
                if command.at < latest
                    && !matches!(command.act, Act::Note { .. } | Act::Attach) =>
            {
                let refusal = Refusal::new(asked, Why::BeforeWhatHappened { latest });
                Err(refusal.unless(Remedy::DateFrom { at: latest }))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn note(&mut self, command: &Command, text: &str) -> Result<(), Refusal> {
        bounded("note", text)?;
        self.check_entry(command, "note")?;
        let by = self.acted_by(command, None);
        self.happen(command.at, Some(by), Fact::Noted { text: text.to_owned() })
    }
}

/// Returns what a command asks, in a word: the step, the deadline, or the verb.
pub fn asked(act: &Act) -> String {
    match act {
        Act::Open(_) => "open".to_owned(),
        Act::Do(act) => act.step.clone(),
        Act::WithdrawAppeal { appeal, .. } => appeal.to_string(),
        Act::Assign { instance, .. } | Act::Claim { instance } | Act::Release { instance } => {
            instance.step.to_string()
        }
        Act::Extend(extend) => extend.deadline.to_string(),
        Act::Revoke { deadline, .. } => deadline.to_string(),
        Act::Correct { .. } => "correct".to_owned(),
        Act::Pause { .. } => "pause".to_owned(),
        Act::Resume { .. } => "resume".to_owned(),
        Act::Hear { .. } => "hear".to_owned(),
        Act::Send(send) => send.letter.to_string(),
        Act::Relate { .. } => "relate".to_owned(),
        Act::JoinInto { .. } | Act::TakeIn(_) => "join".to_owned(),
        Act::SplitOff { .. } => "split".to_owned(),
        Act::Transfer { .. } => "transfer".to_owned(),
        Act::Reopen { .. } => "reopen".to_owned(),
        Act::Party(_) => "party".to_owned(),
        Act::Attach => "attach".to_owned(),
        Act::Look => "look".to_owned(),
        Act::Note { .. } => "note".to_owned(),
    }
}

fn bounded(asked: &str, text: &str) -> Result<(), Refusal> {
    if text.chars().count() > LONGEST_NOTE {
        let why = Why::TooLarge { what: "characters", most: LONGEST_NOTE };
        return Err(Refusal::new(asked, why));
    }
    Ok(())
}
