//! Acts from the record: what an event says that somebody did, as a command again.

use super::super::letters::waits_for;
use crate::case::command::{Act, Do, Extend, NewParty, Other, PartyAct, Send, TakeIn};
use crate::case::event::{
    Addressee, Clock, Event, Fact, LeaveCause, LinkKind, PauseCause, ResumeCause,
};
use crate::case::filing::{Filing, FilingRecord};
use crate::case::person::{Party, Person, PersonId};
use crate::case::state::Case;
use crate::procedure::{Name, Procedure, RoleIndex};
use serde_json::{Map, Value};

/// What becomes of an event when the case is told anew.
pub(in crate::case::decide) enum Redo<'e> {
    /// Somebody did this: it is done again.
    Act,
    /// Data that were given with the act that comes next.
    Data(&'e Map<String, Value>),
    /// Nothing rests on it: it stays as it is.
    Keep,
    /// It follows from what happened, and comes by itself.
    Anew,
}

/// Returns what becomes of an event.
pub(in crate::case::decide) fn redo(event: &Event) -> Redo<'_> {
    let by_somebody = if event.by.is_some() { Redo::Act } else { Redo::Anew };
    match &event.fact {
        Fact::DocumentAdded { .. }
        | Fact::Looked
        | Fact::Noted { .. }
        | Fact::AttemptRefused { .. } => Redo::Keep,
        Fact::Incident { .. } if event.by.is_some() => Redo::Keep,
        // The act breaks the rule again, or does not any more.
        Fact::Flagged { .. } => Redo::Anew,
        Fact::DataGiven { data } if event.by.is_some() => Redo::Data(data),
        // What was filed too early takes effect by itself.
        Fact::StepDone { filing: Some(FilingRecord { early: Some(_), .. }), .. } => Redo::Anew,
        // What was done under another text is not asked again of this one.
        Fact::Migrated { .. } | Fact::MigrationUndone { .. } => Redo::Act,
        // What another case decided is done again with that case, or not at all.
        Fact::LinkedCaseDecided { .. } => Redo::Act,
        Fact::CaseOpened { .. }
        | Fact::Retold { .. }
        | Fact::PartyJoined { .. }
        | Fact::PartyChanged { .. }
        | Fact::PartyLeft { .. }
        | Fact::DataGiven { .. }
        | Fact::StepOpened { .. }
        | Fact::ItemsAdded { .. }
        | Fact::EnoughDone { .. }
        | Fact::StepsCancelled { .. }
        | Fact::StepSkipped { .. }
        | Fact::StepClosed { .. }
        | Fact::StepAssigned { .. }
        | Fact::VoteCast { .. }
        | Fact::VotesSetAside { .. }
        | Fact::StepDone { .. }
        | Fact::AppealFiledEarly { .. }
        | Fact::Returned { .. }
        | Fact::AppealWithdrawn { .. }
        | Fact::DecisionJoined { .. }
        | Fact::AppealRenewed { .. }
        | Fact::DecisionFinal { .. }
        | Fact::FinalityLifted { .. }
        | Fact::CaseReopened { .. }
        | Fact::CaseLinked { .. }
        | Fact::CaseTakenIn { .. }
        | Fact::CaseTransferred { .. }
        | Fact::DeadlineStarted { .. }
        | Fact::DeadlineTermKept { .. }
        | Fact::DeadlineTermChanged { .. }
        | Fact::DeadlineWithoutTerm { .. }
        | Fact::DeadlineReanchored { .. }
        | Fact::DeadlineMoved { .. }
        | Fact::DeadlinePaused { .. }
        | Fact::DeadlineResumed { .. }
        | Fact::DeadlineExtended { .. }
        | Fact::DeadlineExtensionRevoked { .. }
        | Fact::DeadlineRevived { .. }
        | Fact::DeadlineWarned { .. }
        | Fact::DeadlineMet { .. }
        | Fact::DeadlineLapsed { .. }
        | Fact::DeadlineReminded { .. }
        | Fact::PenaltyBegan { .. }
        | Fact::PenaltyWithheld { .. }
        | Fact::PenaltyEnded { .. }
        | Fact::ReceiptCorrected { .. }
        | Fact::DeadlineCancelled { .. }
        | Fact::LetterMade { .. }
        | Fact::LetterSent { .. }
        | Fact::CaseEnded { .. }
        | Fact::CaseArchived { .. }
        | Fact::RecordsDue { .. }
        | Fact::Incident { .. } => by_somebody,
    }
}

/// Returns the act that an event records, with the roles of whoever may do it; nothing if it can't be done again.
#[expect(clippy::too_many_lines, reason = "a table: each fact by name")]
pub(in crate::case::decide) fn act(
    procedure: &Procedure,
    case: &Case,
    event: &Event,
    data: Option<&Map<String, Value>>,
) -> Option<(Act, Vec<RoleIndex>)> {
    let given = data.cloned().unwrap_or_default();
    let act = match &event.fact {
        Fact::StepDone { instance, outcome, form, note, filing, .. } => Act::Do(Do {
            step: instance.step.to_string(),
            item: instance.item.clone(),
            outcome: outcome.clone(),
            form: form.clone(),
            data: given,
            note: note.clone().or_else(|| filing.as_ref()?.excuse.clone()),
            filing: filing.as_ref().map(said_with).unwrap_or_default(),
            opens: None,
        }),
        Fact::VoteCast { instance, round: _, outcome, form, note } => Act::Do(Do {
            step: instance.step.to_string(),
            item: instance.item.clone(),
            outcome: outcome.clone(),
            form: form.clone(),
            data: given,
            note: note.clone(),
            filing: Filing::default(),
            opens: None,
        }),
        Fact::AppealFiledEarly { appeal, form, note, filing } => Act::Do(Do {
            step: appeal.to_string(),
            form: form.clone(),
            data: given,
            note: note.clone(),
            filing: said_with(filing),
            ..Do::default()
        }),
        Fact::AppealWithdrawn { instance, reason, .. } => Act::WithdrawAppeal {
            appeal: instance.step.clone(),
            item: instance.item.clone(),
            reason: reason.clone(),
        },
        Fact::StepAssigned { instance, to } => {
            let index = procedure.find_step(instance.step.as_str())?;
            let step = procedure.step(index);
            let roles = step.who.iter().map(|role| procedure.role(*role).name.clone()).collect();
            let by = event.by.as_ref()?;
            let holder = case.instance(instance).and_then(|record| record.assigned_to.as_ref());
            let own = to.as_ref() == Some(&by.person) && by.role.is_some();
            if own && holder.is_none_or(|holder| *holder == by.person) {
                return Some((Act::Claim { instance: instance.clone() }, Vec::new()));
            }
            let giving = procedure.roles.iter().filter(|role| role.may_assign);
            let giving = giving.filter_map(|role| procedure.find_role(role.name.as_str()));
            let who = step.who.iter().copied().chain(giving).collect();
            let to = to.as_ref().map(|to| Person::new(to.clone(), roles));
            return Some((Act::Assign { instance: instance.clone(), to }, who));
        }
        Fact::DeadlineExtended { clock, by_term, consent, reason, .. } => Act::Extend(Extend {
            deadline: clock.deadline.clone(),
            by: Some(*by_term),
            consent: consent.clone(),
            reason: reason.clone(),
        }),
        Fact::DeadlineExtensionRevoked { clock, reason, .. } => {
            Act::Revoke { deadline: clock.deadline.clone(), reason: reason.clone() }
        }
        Fact::DeadlinePaused { clock, cause: PauseCause::Hand { reason, .. } } => {
            Act::Pause { deadline: Some(clock.deadline.clone()), reason: reason.clone() }
        }
        Fact::DeadlineResumed { clock, cause: ResumeCause::Hand, .. } => {
            Act::Resume { deadline: Some(clock.deadline.clone()) }
        }
        Fact::ReceiptCorrected { received_at, reason, .. } => {
            Act::Correct { received_at: *received_at, reason: reason.clone() }
        }
        Fact::LetterSent { letter, addressees, .. } => {
            let act = Act::Send(sending(case, letter, addressees)?);
            return Some((act, Vec::new()));
        }
        Fact::CaseLinked { kind, case, procedure, reason, through: _ } => {
            let other = Other { reference: case.clone(), procedure: procedure.clone() };
            let reason = reason.clone().unwrap_or_default();
            match kind {
                LinkKind::Related => Act::Relate { other, reason },
                LinkKind::JoinedInto => Act::JoinInto { other, reason },
                LinkKind::SplitInto => Act::SplitOff { other, reason },
                LinkKind::Opened | LinkKind::OpenedBy | LinkKind::Joined | LinkKind::SplitFrom => {
                    return None;
                }
            }
        }
        Fact::CaseTakenIn { case: other, procedure, received_at, parties, data, reason } => {
            let other = Other { reference: other.clone(), procedure: procedure.clone() };
            Act::TakeIn(Box::new(TakeIn {
                other,
                received_at: *received_at,
                parties: parties.clone(),
                data: data.clone(),
                confidential: case.opening.as_ref().is_some_and(|opening| opening.confidential),
                reason: reason.clone(),
            }))
        }
        Fact::CaseTransferred { to, reason } => {
            Act::Transfer { to: to.clone(), reason: reason.clone().unwrap_or_default() }
        }
        Fact::CaseReopened { because, reason: Some(reason), .. } => {
            Act::Reopen { ground: because.clone(), reason: reason.clone() }
        }
        Fact::PartyJoined { party } => Act::Party(PartyAct::Add(joining(party))),
        Fact::PartyChanged { role, person, contact } => Act::Party(PartyAct::Change {
            role: role.clone(),
            person: person.clone(),
            contact: contact.clone(),
        }),
        Fact::PartyLeft { role, person, cause, reason } => {
            let (role, person) = (role.clone(), person.clone());
            Act::Party(match cause {
                LeaveCause::Left => PartyAct::Leave { role, person, reason: reason.clone() },
                LeaveCause::Refused => {
                    PartyAct::Refuse { role, person, reason: reason.clone().unwrap_or_default() }
                }
                LeaveCause::Withdrew | LeaveCause::WithItsParty => return None,
            })
        }
        Fact::DeadlinePaused { cause: PauseCause::Step { .. }, .. }
        | Fact::DeadlineResumed { cause: ResumeCause::StepOver | ResumeCause::Limit, .. }
        | Fact::LinkedCaseDecided { .. }
        | Fact::CaseOpened { .. }
        | Fact::Retold { .. }
        | Fact::DataGiven { .. }
        | Fact::StepOpened { .. }
        | Fact::ItemsAdded { .. }
        | Fact::EnoughDone { .. }
        | Fact::StepsCancelled { .. }
        | Fact::StepSkipped { .. }
        | Fact::StepClosed { .. }
        | Fact::VotesSetAside { .. }
        | Fact::Returned { .. }
        | Fact::DecisionJoined { .. }
        | Fact::AppealRenewed { .. }
        | Fact::DecisionFinal { .. }
        | Fact::FinalityLifted { .. }
        | Fact::CaseReopened { reason: None, .. }
        | Fact::DeadlineStarted { .. }
        | Fact::Migrated { .. }
        | Fact::MigrationUndone { .. }
        | Fact::DeadlineTermKept { .. }
        | Fact::DeadlineTermChanged { .. }
        | Fact::DeadlineWithoutTerm { .. }
        | Fact::DeadlineReanchored { .. }
        | Fact::DeadlineMoved { .. }
        | Fact::DeadlineRevived { .. }
        | Fact::DeadlineWarned { .. }
        | Fact::DeadlineMet { .. }
        | Fact::DeadlineLapsed { .. }
        | Fact::DeadlineReminded { .. }
        | Fact::PenaltyBegan { .. }
        | Fact::PenaltyWithheld { .. }
        | Fact::PenaltyEnded { .. }
        | Fact::DeadlineCancelled { .. }
        | Fact::LetterMade { .. }
        | Fact::CaseEnded { .. }
        | Fact::CaseArchived { .. }
        | Fact::RecordsDue { .. }
        | Fact::DocumentAdded { .. }
        | Fact::Flagged { .. }
        | Fact::Looked
        | Fact::Noted { .. }
        | Fact::AttemptRefused { .. }
        | Fact::Incident { .. } => return None,
    };
    Some((act, Vec::new()))
}

/// Returns what was said with a filing.
fn said_with(filing: &FilingRecord) -> Filing {
    Filing {
        parts: filing.parts.clone(),
        posted_on: filing.posted_on,
        elsewhere: filing.elsewhere.clone(),
    }
}

fn joining(party: &Party) -> NewParty {
    let staff = Some(party.person.clone()).filter(|person| !person.is_outside());
    NewParty {
        role: party.role.clone(),
        staff,
        unit: party.unit.clone(),
        name: party.name.clone(),
        represents: party.represents.clone(),
        proof: party.proof.clone(),
        contact: party.contact.clone(),
    }
}

/// Returns the sending of a letter to just these, of all for whom it waits.
fn sending(case: &Case, letter: &Name, addressees: &[Addressee]) -> Option<Send> {
    let first = addressees.first()?;
    let person = |to: &Addressee| (to.role.clone(), to.person.clone());
    let wanted: Vec<(Name, PersonId)> = addressees.iter().map(person).collect();
    let words = [None, Some(first.role.to_string()), Some(first.person.to_string())];
    let to = words.into_iter().find(|word| {
        let waiting = waits_for(case, letter, word.as_deref());
        waiting.is_some_and(|waiting| waiting.into_iter().map(person).eq(wanted.iter().cloned()))
    })?;
    let one = |of: fn(&Addressee) -> Option<String>| {
        let value = of(first);
        value.filter(|value| addressees.iter().all(|to| of(to).as_ref() == Some(value)))
    };
    Some(Send {
        to,
        channel: one(|to| to.channel.as_ref().map(ToString::to_string)).map(Name::from),
        address: one(|to| to.address.clone()),
        on: first.sent_on,
        proof: first.proof.clone(),
        ..Send::letter(letter.clone())
    })
}

fn clock_of(event: &Event) -> Option<&Clock> {
    if let Fact::DeadlineExtended { clock, .. }
    | Fact::DeadlineExtensionRevoked { clock, .. }
    | Fact::DeadlinePaused { clock, .. }
    | Fact::DeadlineResumed { clock, .. } = &event.fact
    {
        Some(clock)
    } else {
        None
    }
}

/// Whether two events tell of one act: all clocks of a deadline that somebody had stand still, or let go on; the vote that
/// decided, and the doing of the step.
pub(in crate::case::decide) fn the_same_act(one: &Event, other: &Event) -> bool {
    if (one.at, one.recorded_at, &one.by) != (other.at, other.recorded_at, &other.by) {
        return false;
    }
    if let (Fact::VoteCast { instance, .. }, Fact::StepDone { instance: done, .. }) =
        (&one.fact, &other.fact)
    {
        return instance == done;
    }
    let by_hand = matches!(one.fact, Fact::DeadlinePaused { .. } | Fact::DeadlineResumed { .. });
    let same_kind = std::mem::discriminant(&one.fact) == std::mem::discriminant(&other.fact);
    let clock = |event| clock_of(event).map(|clock| &clock.deadline);
    by_hand && same_kind && clock(one) == clock(other)
}

/// Whether an event is what was recorded: the same act. What the case makes of it may be another: a round, a last day,
/// whether it is late.
pub(super) fn is_as_recorded(new: &Event, old: &Event) -> bool {
    if let (Fact::PartyJoined { party: new }, Fact::PartyJoined { party: old }) =
        (&new.fact, &old.fact)
    {
        return new == old;
    }
    // Whoever came with another case is called as he was.
    if let (Fact::CaseTakenIn { parties: new, .. }, Fact::CaseTakenIn { parties: old, .. }) =
        (&new.fact, &old.fact)
    {
        return new == old;
    }
    // What was filed too early may be in time now.
    let filed = |event: &Event| {
        matches!(event.fact, Fact::AppealFiledEarly { .. } | Fact::StepDone { filing: Some(_), .. })
    };
    let same_kind = std::mem::discriminant(&new.fact) == std::mem::discriminant(&old.fact);
    new.by == old.by && (same_kind || filed(new) && filed(old))
}

/// Whether the same happens again as is on record, so that the record stands. A letter that went out went out, whatever
/// it said.
pub(super) fn is_the_same(old: &Event, new: &Event, was_sent: bool) -> bool {
    if old.at != new.at || old.by != new.by {
        return false;
    }
    let same_kind = std::mem::discriminant(&old.fact) == std::mem::discriminant(&new.fact);
    match (letter_of(old), letter_of(new)) {
        (Some(known), Some((letter, of, item, addressees))) if same_kind && was_sent => {
            let person = |to: &Addressee| (to.role.clone(), to.person.clone(), to.copy);
            let same = (known.0, known.1, known.2) == (letter, of, item);
            same && known.3.iter().map(person).eq(addressees.iter().map(person))
        }
        (Some(_) | None, Some(_) | None) => old.fact == new.fact,
    }
}

/// Whether an event is about a letter that went out: at once, or by one of these events.
pub(super) fn was_sent(event: &Event, events: &[Event]) -> bool {
    let Some((letter, of, item, _)) = letter_of(event) else { return false };
    let sends = |event: &Event| matches!(event.fact, Fact::LetterSent { .. });
    let same = |other: &Event| {
        letter_of(other).is_some_and(|other| (other.0, other.1, other.2) == (letter, of, item))
    };
    sends(event) || events.iter().any(|other| sends(other) && same(other))
}

type LetterOf<'e> = (&'e Name, &'e Name, Option<&'e String>, &'e [Addressee]);

/// Returns which letter an event makes or sends: its name, what it belongs to, the item, and to whom it goes.
fn letter_of(event: &Event) -> Option<LetterOf<'_>> {
    if let Fact::LetterMade { letter, of, item, addressees, .. }
    | Fact::LetterSent { letter, of, item, addressees, .. } = &event.fact
    {
        Some((letter, of, item.as_ref(), addressees))
    } else {
        None
    }
}
