//! `apply`: takes an event into a case. It never fails: what is written has happened.

use super::documents::DocumentRecord;
use super::event::LinkKind;
use super::event::{Addressee, Clock, Counted, Event, Fact, Instance};
use super::filing::EarlyFiling;
use super::person::Party;
use super::state::{
    Case, ClockEnd, ClockRecord, Done, End, Finality, Handed, InstanceRecord, Lengthening,
    LetterRecord, Link, Opened, Opening, Pause, PenaltyEnd, PenaltyRecord, Reopened, Status,
    StepRecord, Vote,
};
use crate::procedure::Name;
use crate::time::Instant;
use std::collections::BTreeMap;

impl Case {
    /// Returns the case that these events make.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        events.into_iter().fold(Self::default(), Self::apply)
    }

    /// Returns the case after `event`. Never fails: what is written has happened.
    #[must_use]
    pub fn apply(mut self, event: &Event) -> Self {
        self.take(event);
        self
    }

    fn keep_unit(&mut self, party: &Party) {
        if let Some(unit) = &party.unit {
            self.units.insert(party.person.clone(), unit.clone());
        }
    }

    /// Takes `event` in, in place.
    #[expect(clippy::too_many_lines, reason = "a table: each fact by name")]
    pub fn take(&mut self, event: &Event) {
        self.revision = event.revision;
        if event.fact.others_build_on_it() {
            self.latest = self.latest.max(Some(event.at));
        }
        if let Some(by) = &event.by
            && let Some(role) = &by.role
            && event.fact.others_build_on_it()
        {
            self.acted.entry(by.person.clone()).or_default().insert(role.clone());
        }
        if let Some(by) = &event.by
            && let Some(unit) = &by.unit
        {
            self.units.insert(by.person.clone(), unit.clone());
        }
        let at = event.at;
        match &event.fact {
            Fact::CaseOpened {
                procedure,
                version,
                reference,
                channel,
                received_at,
                forwarded_by,
                parties,
                confidential,
                data,
                origin,
            } => {
                self.opening = Some(Opening {
                    procedure: procedure.clone(),
                    version: *version,
                    reference: reference.clone(),
                    channel: channel.clone(),
                    received_at: *received_at,
                    forwarded_by: forwarded_by.clone(),
                    opened_at: at,
                    parties: parties.clone(),
                    origin: origin.clone(),
                    confidential: *confidential,
                });
                for party in parties {
                    self.keep_unit(party);
                }
                self.data.clone_from(data);
                if let Some(origin) = origin {
                    let (case, procedure) = (origin.case.clone(), origin.procedure.clone());
                    let (through, verdict) = (None, None);
                    let link = Link { kind: origin.kind, case, procedure, through, at, verdict };
                    self.links.push(link);
                }
            }
            Fact::Retold { history, .. } => {
                *self = Self::replay(history);
                self.revision = event.revision;
            }
            Fact::PartyJoined { party } => {
                self.keep_unit(party);
                if let Some(opening) = &mut self.opening {
                    opening.parties.push(party.clone());
                }
            }
            Fact::PartyChanged { role, person, contact } => {
                let parties = self.opening.iter_mut().flat_map(|opening| &mut opening.parties);
                for party in parties.filter(|p| p.role == *role && p.person == *person) {
                    party.contact = contact.clone();
                }
            }
            Fact::PartyLeft { role, person, cause, reason: _ } => {
                if let Some(opening) = &mut self.opening {
                    let is = |party: &Party| party.role == *role && party.person == *person;
                    let left = opening.parties.iter().filter(|party| is(party)).cloned();
                    self.former_parties.extend(left.map(|party| (party, *cause)));
                    opening.parties.retain(|party| !is(party));
                }
            }
            Fact::DocumentAdded { number, document, with } => {
                self.documents.push(DocumentRecord {
                    number: *number,
                    document: document.clone(),
                    by: event.by.clone(),
                    with: with.clone(),
                    at,
                });
            }
            Fact::DataGiven { data } => self.data.extend(data.clone()),
            Fact::StepOpened { step, round, items, duty, because, owed_by, against } => {
                let record = self.steps.entry(step.clone()).or_default();
                record.round = *round;
                let one = vec![None];
                let list = items.as_ref().map(|items| items.iter().cloned().map(Some).collect());
                record.set_opened(Opened {
                    at,
                    duty: *duty,
                    because: because.clone(),
                    owed_by: owed_by.clone(),
                    against: against.clone(),
                    each: items.is_some(),
                    instances: list
                        .unwrap_or(one)
                        .into_iter()
                        .map(|item| new_instance(item, at))
                        .collect(),
                });
            }
            Fact::ItemsAdded { step, items } => {
                if let Some(opened) =
                    self.steps.get_mut(step).and_then(|record| record.opened.as_mut())
                {
                    // What was gone and is there again takes its old place.
                    for item in items {
                        let fresh = new_instance(Some(item.clone()), at);
                        let old = opened.instances.iter_mut().find(|old| old.item == fresh.item);
                        match old {
                            Some(old) => *old = fresh,
                            None => opened.instances.push(fresh),
                        }
                    }
                }
            }
            Fact::EnoughDone { step, done: _, total: _ } => {
                self.steps.entry(step.clone()).or_default().enough = true;
            }
            Fact::StepsCancelled { steps, because } => {
                for step in steps {
                    self.steps.entry(step.clone()).or_default().cancelled_by =
                        Some(because.clone());
                }
            }
            Fact::StepSkipped { step, round } => {
                let record = self.steps.entry(step.clone()).or_default();
                record.round = *round;
                record.skipped = true;
            }
            Fact::StepClosed { instance, cause } => {
                self.end(instance, End::Closed { at, because: cause.clone() });
            }
            Fact::StepAssigned { instance, to } => {
                if let Some(record) = self.instance_mut(instance) {
                    record.assigned_to.clone_from(to);
                }
            }
            Fact::VoteCast { instance, round: _, outcome, form, note } => {
                if let (Some(by), Some(record)) = (&event.by, self.instance_mut(instance)) {
                    let (by, outcome) = (by.clone(), outcome.clone());
                    let (form, note) = (form.clone(), note.clone());
                    record.votes.push(Vote { at, by, outcome, form, note });
                }
            }
            Fact::VotesSetAside { instance } => {
                if let Some(record) = self.instance_mut(instance) {
                    let votes = std::mem::take(&mut record.votes);
                    record.set_aside.extend(votes);
                }
            }
            Fact::StepDone {
                instance,
                round,
                outcome,
                form,
                note: _,
                at_any_time,
                late,
                deemed,
                filing,
            } => {
                let by = event.by.as_ref().map(|by| by.person.clone());
                let (outcome, form) = (outcome.clone(), form.clone());
                if let Some(early) = filing.as_ref().and_then(|filing| filing.early)
                    && let Some(record) = self.steps.get_mut(&instance.step)
                {
                    record
                        .early
                        .retain(|known| known.at != early || event.by.as_ref() != Some(&known.by));
                }
                let (late, deemed, filing) = (*late, *deemed, filing.clone());
                let withdrawn = None;
                let item = instance.item.clone().filter(|_| *at_any_time);
                let done = Done { at, by, item, outcome, form, late, deemed, filing, withdrawn };
                if *at_any_time {
                    let record = self.steps.entry(instance.step.clone()).or_default();
                    record.round = *round;
                    record.acts.push(done);
                } else {
                    self.end(instance, End::Done(done));
                }
            }
            Fact::AppealFiledEarly { appeal, form, note, filing } => {
                if let Some(by) = &event.by {
                    let record = self.steps.entry(appeal.clone()).or_default();
                    record.early.push(EarlyFiling {
                        at,
                        by: by.clone(),
                        form: form.clone(),
                        note: note.clone(),
                        filing: filing.clone(),
                    });
                }
            }
            Fact::Returned { to, from, steps, deadlines } => {
                self.reset(steps, deadlines);
                let returns = &mut self.steps.entry(to.clone()).or_default().returns;
                *returns.entry(from.clone()).or_default() += 1;
            }
            Fact::AppealWithdrawn { instance, filed_by, reason: _, steps, deadlines } => {
                if let Some(record) = self.steps.get_mut(&instance.step) {
                    record.early.retain(|early| early.by.person != *filed_by);
                }
                if let Some(InstanceRecord { end: Some(End::Done(done)), .. }) =
                    self.instance_mut(instance)
                {
                    done.withdrawn = Some(at);
                }
                self.reset(steps, deadlines);
            }
            Fact::DecisionJoined { step, appeal } => {
                let opened = self.steps.get_mut(appeal).and_then(|record| record.opened.as_mut());
                let against = opened.and_then(|opened| opened.against.as_mut());
                if let Some(against) = against {
                    against.push(step.to_string());
                }
            }
            Fact::AppealRenewed { appeal: _, because: _, steps, deadlines } => {
                self.reset(steps, deadlines);
            }
            Fact::DecisionFinal { step, replaced_by } => {
                let record = self.steps.entry(step.clone()).or_default();
                record.became_final = Some(Finality { at, replaced_by: replaced_by.clone() });
            }
            Fact::FinalityLifted { step, was_open: _, because: _, steps, deadlines } => {
                self.reset(steps, deadlines);
                self.reset_finality(step);
            }
            Fact::CaseReopened { because, reason: None, .. } => {
                let (because, ended_as) = (because.clone(), self.status.ended_as().cloned());
                self.reopened = ended_as.map(|status| Reopened { because, status });
                self.status = Status::Open;
            }
            Fact::CaseReopened { because: _, reason: Some(_), steps, deadlines } => {
                self.reset(steps, deadlines);
                self.status = Status::Open;
                self.reopened_at = Some(at);
            }
            Fact::CaseTakenIn { case, procedure, received_at, parties, data, reason: _ } => {
                for party in parties {
                    self.keep_unit(party);
                }
                if let Some(opening) = &mut self.opening {
                    opening.parties.extend(parties.iter().cloned());
                    opening.received_at = received_at.unwrap_or(opening.received_at);
                }
                self.data.extend(data.clone());
                let (case, procedure) = (case.clone(), procedure.clone());
                let (kind, through, verdict) = (LinkKind::Joined, None, None);
                self.links.push(Link { kind, case, procedure, through, at, verdict });
            }
            Fact::CaseTransferred { to, reason: _ } => {
                self.handed = Some(Handed { to: to.clone(), at });
            }
            Fact::CaseLinked { kind, case, procedure, through, reason: _ } => {
                let (case, procedure) = (case.clone(), procedure.clone());
                let (kind, through, verdict) = (*kind, through.clone(), None);
                self.links.push(Link { kind, case, procedure, through, at, verdict });
            }
            Fact::LinkedCaseDecided { case, verdict } => {
                let mut links = self.links.iter_mut();
                let link = links.find(|l| l.kind == LinkKind::Opened && l.case == *case);
                if let Some(link) = link {
                    link.verdict = Some(verdict.clone());
                }
            }
            Fact::DeadlineStarted { clock, starts_at, period, term, term_under, counted } => {
                self.start(clock, *starts_at, at, *period, counted.as_ref());
                if let Some(record) = self.clocks.get_mut(clock) {
                    (record.term, record.term_under) = (*term, term_under.clone());
                }
                self.without_term.remove(&clock.deadline);
            }
            Fact::Migrated { to, map, .. } => {
                *self = std::mem::take(self).renamed(map);
                if let Some(opening) = &mut self.opening {
                    opening.version = *to;
                }
            }
            Fact::MigrationUndone { case, .. } => {
                let revision = self.revision;
                *self = Case { revision, ..(**case).clone() };
            }
            Fact::DeadlineTermKept { clock, term, under: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.kept = Some(*term);
                }
            }
            Fact::DeadlineTermChanged { clock, term, term_under, was: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    (record.term, record.term_under) = (Some(*term), term_under.clone());
                }
                self.without_term.remove(&clock.deadline);
            }
            Fact::DeadlineWithoutTerm { deadline, why } => {
                self.without_term.insert(deadline.clone(), why.clone());
                self.incidents += 1;
            }
            Fact::DeadlineReanchored { clock, starts_at, was: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.starts_at = *starts_at;
                }
            }
            Fact::DeadlineMoved { clock, counted, was: _, because: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.tell(Some(counted));
                }
            }
            Fact::DeadlinePaused { clock, cause } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.pauses.push(Pause { from: at, to: None, because: Some(cause.clone()) });
                    record.paused_for = Some(cause.clone());
                }
            }
            Fact::DeadlineResumed { clock, cause: _, counted } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.resume(at);
                    record.tell(counted.as_ref());
                }
            }
            Fact::DeadlineExtended {
                clock,
                by_term,
                from,
                under,
                consent: _,
                reason: _,
                counted,
            } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    let under = under.clone();
                    record.extensions.push(Lengthening { by: *by_term, from: *from, under });
                    record.tell(counted.as_ref());
                }
            }
            Fact::DeadlineExtensionRevoked { clock, by_term: _, reason: _, counted } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.extensions.pop();
                    record.tell(counted.as_ref());
                }
            }
            Fact::DeadlineRevived { clock, last_day: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.lapsed = None;
                    record.reminded = 0;
                    record.penalty = None;
                }
            }
            Fact::DeadlineWarned { clock, before, last_day: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.warned.push(*before);
                }
            }
            Fact::DeadlineMet { clock, last_day, late } => {
                self.end_clock(clock, ClockEnd::Met { at, last_day: *last_day, late: *late });
            }
            Fact::DeadlineLapsed { clock, last_day, told: _, soft: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.lapsed = Some((at, *last_day));
                }
            }
            Fact::DeadlineReminded { clock, time, told: _ } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.reminded = *time;
                }
            }
            Fact::PenaltyBegan { clock, last_day } => {
                if let Some(record) = self.clocks.get_mut(clock) {
                    record.penalty = Some(PenaltyRecord { last_day: *last_day, ended: None });
                }
            }
            Fact::PenaltyWithheld { .. } => {}
            Fact::PenaltyEnded { clock, days, cents, currency: _, capped } => {
                let penalty = self.clocks.get_mut(clock).and_then(|r| r.penalty.as_mut());
                if let Some(penalty) = penalty {
                    let (days, cents, capped) = (*days, *cents, *capped);
                    penalty.ended = Some(PenaltyEnd { at, days, cents, capped });
                }
            }
            Fact::ReceiptCorrected { received_at, was: _, reason: _ } => {
                if let Some(opening) = &mut self.opening {
                    opening.received_at = *received_at;
                }
            }
            Fact::DeadlineCancelled { clock, cause } => {
                self.end_clock(clock, ClockEnd::Cancelled { at, because: *cause });
            }
            Fact::LetterMade { .. } => self.to_send.extend(LetterRecord::of_event(event)),
            Fact::LetterSent { letter, of, item, addressees, .. } => {
                self.no_longer_to_send(letter, of, item.as_ref(), addressees);
                self.letters.extend(LetterRecord::of_event(event));
            }
            Fact::CaseEnded { status, step: _ } => {
                self.reopened = None;
                self.status = Status::Ended { status: status.clone(), at };
            }
            Fact::CaseArchived { keep_until } => {
                if let Status::Ended { status, at: ended_at } = &self.status {
                    self.status = Status::Archived {
                        status: status.clone(),
                        at: *ended_at,
                        archived_at: at,
                        keep_until: *keep_until,
                        records_due: false,
                    };
                }
            }
            Fact::RecordsDue { .. } => {
                if let Status::Archived { records_due, .. } = &mut self.status {
                    *records_due = true;
                }
            }
            Fact::Looked => {
                if let Some(by) = &event.by {
                    self.looks.count = self.looks.count.saturating_add(1);
                    self.looks.last.insert(by.person.clone(), at);
                }
            }
            Fact::Noted { .. } => {}
            Fact::AttemptRefused { .. } => self.refusals += 1,
            Fact::Flagged { flag } => self.flags.push((at, flag.clone())),
            Fact::Incident { .. } => self.incidents += 1,
        }
    }

    fn instance_mut(&mut self, instance: &Instance) -> Option<&mut InstanceRecord> {
        let opened = self.steps.get_mut(&instance.step)?.opened.as_mut()?;
        opened.instances.iter_mut().find(|record| record.item == instance.item)
    }

    fn end(&mut self, instance: &Instance, end: End) {
        if let Some(record) = self.instance_mut(instance) {
            record.end = Some(end);
        }
    }

    fn reset(&mut self, steps: &[Name], deadlines: &[Name]) {
        for step in steps {
            if let Some(record) = self.steps.get_mut(step) {
                record.earlier.extend(record.opened.take());
                record.skipped = false;
                record.cancelled_by = None;
                record.enough = false;
                record.became_final = None;
            }
        }
        // What was not sent yet tells what is no longer so.
        self.to_send.retain(|made| !steps.contains(&made.of));
        let over = |clock: &Clock| deadlines.contains(&clock.deadline);
        let (ended, going_on): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.clocks).into_iter().partition(|(clock, _)| over(clock));
        self.clocks = going_on;
        self.without_term.retain(|deadline, _| !deadlines.contains(deadline));
        self.earlier_clocks.extend(ended);
    }

    fn reset_finality(&mut self, step: &Name) {
        if let Some(record) = self.steps.get_mut(step) {
            record.became_final = None;
        }
    }

    fn start(
        &mut self,
        clock: &Clock,
        starts_at: Instant,
        started_at: Instant,
        period: u32,
        counted: Option<&Counted>,
    ) {
        // A clock that was stopped and counts from the same event goes on: its pauses and extensions stand.
        if let Some(record) = self.clocks.get_mut(clock)
            && record.starts_at == starts_at
            && matches!(record.end, Some(ClockEnd::Cancelled { .. }))
        {
            record.end = None;
            record.tell(counted);
            return;
        }
        let counted = counted.cloned();
        let record =
            ClockRecord { starts_at, period, counted, ..ClockRecord::starting(started_at) };
        let earlier = self.clocks.insert(clock.clone(), record);
        self.earlier_clocks.extend(earlier.map(|record| (clock.clone(), record)));
    }

    /// A letter went to these: it waits for the others only.
    fn no_longer_to_send(
        &mut self,
        letter: &Name,
        of: &Name,
        item: Option<&String>,
        sent: &[Addressee],
    ) {
        let is = |made: &&mut LetterRecord| {
            made.letter == *letter && made.of == *of && made.item.as_ref() == item
        };
        for made in self.to_send.iter_mut().filter(is) {
            made.addressees.retain(|to| {
                !sent.iter().any(|sent| sent.role == to.role && sent.person == to.person)
            });
        }
        self.to_send.retain(|made| !made.addressees.is_empty());
    }

    fn end_clock(&mut self, clock: &Clock, end: ClockEnd) {
        if let Some(record) = self.clocks.get_mut(clock) {
            let (ClockEnd::Met { at, .. } | ClockEnd::Cancelled { at, .. }) = &end;
            record.resume(*at);
            record.end = Some(end);
        }
    }
}

impl StepRecord {
    fn set_opened(&mut self, opened: Opened) {
        self.earlier.extend(self.opened.replace(opened));
        self.skipped = false;
        self.cancelled_by = None;
        self.enough = false;
    }
}

impl ClockRecord {
    /// Takes in the last day that was told. Where the clock has lapsed, it had that last day, and a penalty that is not
    /// fixed is owed from the day after it.
    fn tell(&mut self, counted: Option<&Counted>) {
        let Some(counted) = counted else { return };
        self.counted = Some(counted.clone());
        if let Some((_, last_day)) = &mut self.lapsed {
            *last_day = counted.last_day;
        }
        if let Some(penalty) = self.penalty.as_mut().filter(|penalty| penalty.ended.is_none()) {
            penalty.last_day = counted.last_day;
        }
    }

    /// Lets it run again, as an event does.
    pub(super) fn resume(&mut self, at: Instant) {
        if let Some(pause) = self.pauses.last_mut().filter(|pause| pause.to.is_none()) {
            pause.to = Some(at);
        }
        self.paused_for = None;
    }
}

impl Fact {
    /// Whether later acts build on it, so that none may be dated before it.
    ///
    /// Warnings, remarks and refused attempts bind nobody, nor does a date that moves by itself.
    pub fn others_build_on_it(&self) -> bool {
        match self {
            Fact::DeadlineReanchored { .. }
            | Fact::Migrated { .. }
            | Fact::MigrationUndone { .. }
            | Fact::DeadlineTermKept { .. }
            | Fact::DeadlineTermChanged { .. }
            | Fact::DeadlineWithoutTerm { .. }
            | Fact::DeadlineMoved { .. }
            | Fact::DeadlineWarned { .. }
            | Fact::DeadlineReminded { .. }
            | Fact::PenaltyWithheld { .. }
            | Fact::Retold { .. }
            | Fact::DocumentAdded { .. }
            | Fact::Looked
            | Fact::Noted { .. }
            | Fact::AttemptRefused { .. }
            | Fact::Incident { .. } => false,
            Fact::CaseOpened { .. }
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
            | Fact::Flagged { .. }
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
            | Fact::LinkedCaseDecided { .. }
            | Fact::DeadlineStarted { .. }
            | Fact::DeadlinePaused { .. }
            | Fact::DeadlineResumed { .. }
            | Fact::DeadlineExtended { .. }
            | Fact::DeadlineExtensionRevoked { .. }
            | Fact::DeadlineRevived { .. }
            | Fact::PenaltyBegan { .. }
            | Fact::PenaltyEnded { .. }
            | Fact::ReceiptCorrected { .. }
            | Fact::DeadlineMet { .. }
            | Fact::DeadlineLapsed { .. }
            | Fact::DeadlineCancelled { .. }
            | Fact::LetterMade { .. }
            | Fact::LetterSent { .. }
            | Fact::CaseEnded { .. }
            | Fact::CaseArchived { .. }
            | Fact::RecordsDue { .. } => true,
        }
    }
}

fn new_instance(item: Option<String>, at: Instant) -> InstanceRecord {
    let (votes, set_aside) = (Vec::new(), Vec::new());
    InstanceRecord { item, at, assigned_to: None, votes, set_aside, end: None }
}
