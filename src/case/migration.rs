//! A case under other names: what an earlier text called this, and a later one calls that.
//!
//! The state of a case knows names and facts, no rules. Moving it to another text is therefore a renaming, after which the
//! new rules are asked what follows. Nothing that was done is done again, and no time that has run is lost.

use super::event::{Clock, CloseCause, Event, Fact, Instance, PauseCause};
use super::filing::FilingRecord;
use super::person::Party;
use super::state::{
    Case, ClockRecord, Done, End, LetterRecord, Link, Looks, Opened, Opening, Reopened, StepRecord,
};
use crate::procedure::{Mapping, Name};
use std::collections::BTreeMap;

impl Case {
    /// Returns the case with all its names as `map` says.
    #[must_use]
    pub(super) fn renamed(self, map: &Mapping) -> Self {
        if map.is_empty() {
            return self;
        }
        // All fields are named here, so that a new one can't be forgotten.
        let Self {
            revision,
            opening,
            status,
            data,
            steps,
            clocks,
            earlier_clocks,
            without_term,
            acted,
            units,
            letters,
            to_send,
            links,
            former_parties,
            looks,
            latest,
            reopened,
            refusals,
            incidents,
            flags,
            documents,
            reopened_at,
            handed,
        } = self;
        let looks: Looks = looks;
        let of_role = |role: Name| map.role(&role);
        let clock = |(clock, record): (Clock, ClockRecord)| {
            let deadline = map.deadline(&clock.deadline)?;
            Some((Clock { deadline, ..clock }, clock_record(record, map)))
        };
        Self {
            revision,
            opening: opening.map(|opening| Opening {
                parties: opening
                    .parties
                    .into_iter()
                    .map(|mut party| {
                        party.role = of_role(party.role);
                        party
                    })
                    .collect(),
                ..opening
            }),
            status,
            data: data
                .into_iter()
                .filter_map(|(field, value)| Some((map.field(&field)?, value)))
                .collect(),
            steps: renamed_steps(steps, map),
            clocks: clocks.into_iter().filter_map(clock).collect(),
            earlier_clocks: earlier_clocks.into_iter().filter_map(clock).collect(),
            without_term: without_term
                .into_iter()
                .filter_map(|(deadline, why)| Some((map.deadline(&deadline)?, why)))
                .collect(),
            acted: acted
                .into_iter()
                .map(|(person, roles)| (person, roles.into_iter().map(of_role).collect()))
                .collect(),
            units,
            letters: letters.into_iter().map(|letter| letter_record(letter, map)).collect(),
            to_send: to_send.into_iter().map(|letter| letter_record(letter, map)).collect(),
            links: links.into_iter().map(|link| link_record(link, map)).collect(),
            former_parties: former_parties
                .into_iter()
                .map(|(mut party, cause)| {
                    party.role = of_role(party.role);
                    (party, cause)
                })
                .collect(),
            looks,
            latest,
            reopened: reopened
                .map(|reopened| Reopened { because: map.step(&reopened.because), ..reopened }),
            refusals,
            incidents,
            flags,
            documents: documents
                .into_iter()
                .map(|mut record| {
                    record.with = record.with.map(|act| map.step(&act));
                    record
                })
                .collect(),
            reopened_at,
            handed,
        }
    }
}

/// A step that was split is done in all its parts if it was done; if not, its first part stands for it.
fn renamed_steps(steps: BTreeMap<Name, StepRecord>, map: &Mapping) -> BTreeMap<Name, StepRecord> {
    let mut renamed = BTreeMap::new();
    for (step, record) in steps {
        let now = map.steps(&step);
        let is_done = record.is_done();
        let record = step_record(&step, record, map);
        for (place, name) in now.into_iter().enumerate() {
            if place == 0 || is_done {
                renamed.insert(name, record.clone());
            }
        }
    }
    renamed
}

fn step_record(step: &Name, record: StepRecord, map: &Mapping) -> StepRecord {
    StepRecord {
        opened: record.opened.map(|round| opened(step, round, map)),
        cancelled_by: record.cancelled_by.map(|by| map.step(&by)),
        became_final: record.became_final.map(|mut finality| {
            finality.replaced_by = finality.replaced_by.map(|by| map.step(&by));
            finality
        }),
        returns: record.returns.into_iter().map(|(by, times)| (map.step(&by), times)).collect(),
        earlier: record.earlier.into_iter().map(|round| opened(step, round, map)).collect(),
        acts: record.acts.into_iter().map(|act| done(step, act, map)).collect(),
        early: record
            .early
            .into_iter()
            .map(|mut early| {
                early.filing = filing(early.filing, map);
                early
            })
            .collect(),
        ..record
    }
}

fn opened(step: &Name, round: Opened, map: &Mapping) -> Opened {
    let instances = round.instances.into_iter().map(|mut instance| {
        for vote in instance.votes.iter_mut().chain(&mut instance.set_aside) {
            vote.outcome = vote.outcome.as_ref().map(|outcome| map.outcome(step, outcome));
            vote.by.role = vote.by.role.as_ref().map(|role| map.role(role));
        }
        instance.end = instance.end.map(|end| match end {
            End::Done(act) => End::Done(done(step, act, map)),
            End::Closed { at, because } => End::Closed { at, because: cause(because, map) },
        });
        instance
    });
    Opened {
        because: round.because.and_then(|deadline| map.deadline(&deadline)),
        owed_by: round.owed_by.map(|by| map.step(&by)),
        against: round
            .against
            .map(|against| against.iter().map(|fact| fact_now(fact, map)).collect()),
        instances: instances.collect(),
        ..round
    }
}

fn done(step: &Name, done: Done, map: &Mapping) -> Done {
    Done {
        outcome: done.outcome.map(|outcome| map.outcome(step, &outcome)),
        filing: done.filing.map(|record| filing(record, map)),
        ..done
    }
}

fn filing(record: FilingRecord, map: &Mapping) -> FilingRecord {
    let against = record.against.iter().map(|fact| fact_now(fact, map)).collect();
    FilingRecord { against, ..record }
}

/// Returns a fact such as `besluit`, `besluit.geweigerd`, `afdoening.lapsed` in the names of now.
fn fact_now(fact: &str, map: &Mapping) -> String {
    match fact.split_once('.') {
        None => map.step(&Name::from(fact)).to_string(),
        Some((deadline, "lapsed")) => {
            let now = map.deadline(&Name::from(deadline));
            now.map_or_else(|| fact.to_owned(), |now| format!("{now}.lapsed"))
        }
        Some((step, outcome)) => {
            let (step, outcome) = (Name::from(step), Name::from(outcome));
            format!("{}.{}", map.step(&step), map.outcome(&step, &outcome))
        }
    }
}

fn cause(cause: CloseCause, map: &Mapping) -> CloseCause {
    match cause {
        CloseCause::Lapsed { deadline } => {
            CloseCause::Lapsed { deadline: map.deadline(&deadline).unwrap_or(deadline) }
        }
        CloseCause::Cancelled { because } => CloseCause::Cancelled { because: map.step(&because) },
        CloseCause::Overtaken
        | CloseCause::Returned
        | CloseCause::Renewed
        | CloseCause::Withdrawn
        | CloseCause::CaseEnded
        | CloseCause::ItemGone
        | CloseCause::NotDecided { .. }
        | CloseCause::Enough => cause,
    }
}

fn clock_record(record: ClockRecord, map: &Mapping) -> ClockRecord {
    let because = |cause: PauseCause| match cause {
        PauseCause::Step { step } => PauseCause::Step { step: map.step(&step) },
        PauseCause::Hand { reason, role } => {
            PauseCause::Hand { reason, role: role.map(|role| map.role(&role)) }
        }
    };
    let mut record = record;
    for pause in &mut record.pauses {
        pause.because = pause.because.take().map(because);
    }
    record.paused_for = record.paused_for.take().map(because);
    record
}

fn letter_record(letter: LetterRecord, map: &Mapping) -> LetterRecord {
    let is_step = map.steps.contains_key(&letter.of);
    let of =
        if is_step { map.step(&letter.of) } else { map.deadline(&letter.of).unwrap_or(letter.of) };
    let to = letter.to.iter().map(|role| map.role(role)).collect();
    let addressees = letter.addressees.into_iter().map(|mut addressee| {
        addressee.role = map.role(&addressee.role);
        addressee
    });
    LetterRecord { of, to, addressees: addressees.collect(), ..letter }
}

fn link_record(link: Link, map: &Mapping) -> Link {
    let through = link.through.map(|mut through| {
        let Instance { step, item } = through.instance;
        through.instance = Instance { step: map.step(&step), item };
        through
    });
    Link { through, ..link }
}

/// Returns what somebody did, with his role, as [`act_now`] gives the fact.
pub(super) fn event_now(event: &Event, map: &Mapping) -> Vec<Event> {
    let by = event.by.clone().map(|mut by| {
        by.role = by.role.map(|role| map.role(&role));
        by
    });
    let facts = act_now(event.fact.clone(), map).into_iter();
    facts.map(|fact| Event { by: by.clone(), fact, ..event.clone() }).collect()
}

/// Returns what somebody did, in the names of now: nothing where what it was about was dropped, and more than one where a
/// step was split. What follows from acts is told as it is: nobody does it again.
#[expect(clippy::too_many_lines, reason = "a table: each fact by name")]
fn act_now(fact: Fact, map: &Mapping) -> Vec<Fact> {
    let data = |data: serde_json::Map<String, serde_json::Value>| {
        let now = data.into_iter().filter_map(|(field, value)| Some((map.field(&field)?, value)));
        now.collect()
    };
    let parties = |parties: Vec<Party>| parties.into_iter().map(|party| party_now(party, map));
    let each = |instance: &Instance| -> Vec<Instance> {
        let item = &instance.item;
        map.steps(&instance.step)
            .into_iter()
            .map(|step| Instance { step, item: item.clone() })
            .collect()
    };
    let clock = |clock: Clock| {
        Some(Clock { deadline: map.deadline(&clock.deadline)?, item: clock.item.clone() })
    };
    let one = match fact {
        Fact::StepDone { ref instance, ref outcome, .. } => {
            let now = outcome.as_ref().map(|outcome| map.outcome(&instance.step, outcome));
            let mut all = Vec::new();
            for part in each(instance) {
                let mut fact = fact.clone();
                if let Fact::StepDone { instance, outcome, filing: told, .. } = &mut fact {
                    *instance = part;
                    outcome.clone_from(&now);
                    *told = told.take().map(|record| filing(record, map));
                }
                all.push(fact);
            }
            return all;
        }
        Fact::VoteCast { ref instance, ref outcome, .. } => {
            let now = outcome.as_ref().map(|outcome| map.outcome(&instance.step, outcome));
            let mut all = Vec::new();
            for part in each(instance) {
                let mut fact = fact.clone();
                if let Fact::VoteCast { instance, outcome, .. } = &mut fact {
                    *instance = part;
                    outcome.clone_from(&now);
                }
                all.push(fact);
            }
            return all;
        }
        Fact::StepAssigned { instance, to } => {
            let now = each(&instance).into_iter();
            return now.map(|instance| Fact::StepAssigned { instance, to: to.clone() }).collect();
        }
        Fact::CaseOpened {
            procedure,
            version,
            reference,
            channel,
            received_at,
            forwarded_by,
            parties: there,
            confidential,
            data: given,
            origin,
        } => Some(Fact::CaseOpened {
            procedure,
            version,
            reference,
            channel,
            received_at,
            forwarded_by,
            parties: parties(there).collect(),
            confidential,
            data: data(given),
            origin,
        }),
        Fact::PartyJoined { party } => Some(Fact::PartyJoined { party: party_now(party, map) }),
        Fact::PartyChanged { role, person, contact } => {
            Some(Fact::PartyChanged { role: map.role(&role), person, contact })
        }
        Fact::PartyLeft { role, person, cause, reason } => {
            Some(Fact::PartyLeft { role: map.role(&role), person, cause, reason })
        }
        Fact::DataGiven { data: given } => Some(Fact::DataGiven { data: data(given) }),
        Fact::DocumentAdded { number, document, with } => {
            let with = with.map(|act| map.step(&act));
            Some(Fact::DocumentAdded { number, document, with })
        }
        Fact::AppealFiledEarly { appeal, form, note, filing: told } => {
            Some(Fact::AppealFiledEarly {
                appeal: map.step(&appeal),
                form,
                note,
                filing: filing(told, map),
            })
        }
        Fact::AppealWithdrawn { instance, filed_by, reason, steps, deadlines } => {
            let instance = Instance { step: map.step(&instance.step), item: instance.item };
            Some(Fact::AppealWithdrawn { instance, filed_by, reason, steps, deadlines })
        }
        Fact::DeadlinePaused { clock: of, cause } => {
            clock(of).map(|clock| Fact::DeadlinePaused { clock, cause })
        }
        Fact::DeadlineResumed { clock: of, cause, counted } => {
            clock(of).map(|clock| Fact::DeadlineResumed { clock, cause, counted })
        }
        Fact::DeadlineExtended { clock: of, by_term, from, under, consent, reason, counted } => {
            let consent = consent.iter().map(|role| map.role(role)).collect();
            clock(of).map(|clock| Fact::DeadlineExtended {
                clock,
                by_term,
                from,
                under,
                consent,
                reason,
                counted,
            })
        }
        Fact::DeadlineExtensionRevoked { clock: of, by_term, reason, counted } => clock(of)
            .map(|clock| Fact::DeadlineExtensionRevoked { clock, by_term, reason, counted }),
        Fact::LetterSent {
            letter,
            of,
            item,
            reason,
            to,
            addressees,
            enclosures,
            written_after,
        } => Some(Fact::LetterSent {
            letter,
            of: map.step(&of),
            item,
            reason,
            to: to.iter().map(|role| map.role(role)).collect(),
            addressees: addressees
                .into_iter()
                .map(|mut to| {
                    to.role = map.role(&to.role);
                    to
                })
                .collect(),
            enclosures,
            written_after,
        }),
        Fact::CaseTakenIn { case, procedure, received_at, parties: there, data: given, reason } => {
            let (parties, data) = (parties(there).collect(), data(given));
            Some(Fact::CaseTakenIn { case, procedure, received_at, parties, data, reason })
        }
        Fact::CaseReopened { because, reason, steps, deadlines } => {
            let because = if reason.is_some() { because } else { map.step(&because) };
            Some(Fact::CaseReopened { because, reason, steps, deadlines })
        }
        Fact::CaseLinked { kind, case, procedure, through, reason } => {
            let through = through.map(|mut through| {
                through.instance.step = map.step(&through.instance.step);
                through
            });
            Some(Fact::CaseLinked { kind, case, procedure, through, reason })
        }
        Fact::Retold { .. }
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
        | Fact::CaseTransferred { .. }
        | Fact::LinkedCaseDecided { .. }
        | Fact::DeadlineStarted { .. }
        | Fact::DeadlineTermChanged { .. }
        | Fact::DeadlineWithoutTerm { .. }
        | Fact::Migrated { .. }
        | Fact::DeadlineTermKept { .. }
        | Fact::MigrationUndone { .. }
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
        | Fact::ReceiptCorrected { .. }
        | Fact::DeadlineCancelled { .. }
        | Fact::LetterMade { .. }
        | Fact::CaseEnded { .. }
        | Fact::CaseArchived { .. }
        | Fact::RecordsDue { .. }
        | Fact::Flagged { .. }
        | Fact::Looked
        | Fact::Noted { .. }
        | Fact::AttemptRefused { .. }
        | Fact::Incident { .. } => Some(fact),
    };
    one.into_iter().collect()
}

fn party_now(party: Party, map: &Mapping) -> Party {
    Party { role: map.role(&party.role), ..party }
}
