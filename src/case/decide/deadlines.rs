//! Lengthening deadlines and taking that back, and having them stand still by hand.

use super::authority::capacity;
use super::letters::About;
use super::{Deciding, bounded};
use crate::case::clock;
use crate::case::command::{Command, Extend};
use crate::case::event::{Clock, Counted, Fact, PauseCause, ResumeCause};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::standing::Marking;
use crate::case::state::{ClockRecord, Lengthening, Status};
use crate::case::words::fact_as_written;
use crate::diagnostic::did_you_mean;
use crate::procedure::{self, Breach, Deadline, Name, RoleIndex};
use crate::time::{Term, Unit};

/// A lengthening that is allowed: by how much, by whom, and why.
struct Allowed<'p> {
    rule: &'p procedure::Extend,
    by: Term,
    role: RoleIndex,
    reason: Option<String>,
}

impl<'a> Deciding<'a> {
    /// Lengthens a deadline by the first of its rules that allows it. Where none does, the refusal is that of the last
    /// one that is not used up.
    pub(super) fn extend(&mut self, command: &Command, asked: &Extend) -> Result<(), Refusal> {
        let rule = self.find_deadline(&asked.deadline)?;
        let name = asked.deadline.as_str();
        if rule.extend.is_empty() {
            return Err(Refusal::new(name, Why::NoExtension).under(&rule.rule));
        }
        let clock = Clock { deadline: asked.deadline.clone(), item: None };
        let (mut refused, mut used_up, mut allowed) = (None, None, None);
        // What one of the rules allows is no breach, whatever another says.
        let strictly = rule.extend.iter().map(|extend| (extend, Breach::Refuse));
        let flagged = rule.extend.iter().filter(|extend| extend.breach.is_flagged());
        let flagged = flagged.map(|extend| (extend, extend.breach));
        for (extend, breach) in strictly.chain(flagged) {
            let by_rule = self.allows(command, asked, rule, extend, &clock, breach);
            match by_rule {
                Ok((by_rule, breaches)) => {
                    for refusal in breaches {
                        self.pass(breach, refusal)?;
                    }
                    allowed = Some(by_rule);
                    break;
                }
                Err(refusal) if is_used_up(&refusal) => used_up = Some(refusal),
                Err(refusal) if breach == Breach::Refuse => refused = Some(refusal),
                Err(_) => {}
            }
        }
        let Some(Allowed { rule: extend, by, role, reason }) = allowed else {
            let nothing = || Refusal::new(name, Why::NoExtension).under(&rule.rule);
            return Err(refused.or(used_up).unwrap_or_else(nothing));
        };
        let under = Some(extend.label());
        let counted = self.counted_with(rule, &clock, command, |record| {
            let under = under.clone();
            record.extensions.push(Lengthening { by, from: extend.from, under });
        })?;
        let fact = Fact::DeadlineExtended {
            clock: clock.clone(),
            by_term: by,
            from: extend.from,
            under,
            consent: asked.consent.clone(),
            reason: reason.clone(),
            counted,
        };
        let by = self.acted_by(command, Some(role));
        self.happen(command.at, Some(by), fact)?;
        if let Some(letter) = &extend.letter {
            let (letter, of) = (letter.clone(), rule.name.clone());
            let about = About { letter, of, item: None, reason: reason.clone(), by_itself: false };
            self.send(command.at, about)?;
        }
        self.revive(command.at, &clock, rule)
    }

    /// Asks one rule whether it allows a lengthening.
    fn allows(
        &self,
        command: &Command,
        asked: &Extend,
        rule: &Deadline,
        extend: &'a procedure::Extend,
        clock: &Clock,
        breach: Breach,
    ) -> Result<(Allowed<'a>, Vec<Refusal>), Refusal> {
        let mut breaches = Vec::new();
        let mut limit = |refusal: Refusal| {
            if breach.is_flagged() {
                breaches.push(refusal);
                Ok(())
            } else {
                Err(refusal)
            }
        };
        let name = asked.deadline.as_str();
        let refuse = |why| Refusal::new(name, why).under(&extend.rule);
        let role =
            capacity(self.procedure, &self.case, &command.actor, &extend.who, &extend.rule, name)?;
        let record = self.case.clocks.get(clock);
        let after_lapse = extend.after_lapse && self.case.status == Status::Open;
        let record = record
            .filter(|record| record.is_running() || after_lapse && record.is_overdue())
            .ok_or_else(|| Refusal::new(name, Why::NotRunning).under(&rule.rule))?;
        let label = extend.label();
        let by_rule = |lengthening: &&Lengthening| match &lengthening.under {
            Some(under) => *under == label,
            // In earlier days there was one rule.
            None => rule.extend.first().is_some_and(|first| first.label() == label),
        };
        let used: Vec<&Lengthening> = record.extensions.iter().filter(by_rule).collect();
        if used.len() >= usize::try_from(extend.times).unwrap_or(usize::MAX) {
            limit(refuse(Why::ExtensionsUsedUp { times: extend.times }))?;
        }
        let by = match how_much(name, asked.by, extend, &used) {
            Ok(by) => by,
            Err(refusal) => {
                limit(refusal)?;
                asked.by.unwrap_or(extend.by)
            }
        };
        let reason = asked.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        if extend.reason_required && reason.is_none() {
            return Err(refuse(Why::ReasonRequired).unless(Remedy::GiveReason));
        }
        bounded(name, reason.unwrap_or_default())?;
        let consents =
            |role: &&RoleIndex| asked.consent.contains(&self.procedure.role(**role).name);
        let missing: Vec<Name> = extend
            .consent
            .iter()
            .filter(|role| !consents(role))
            .map(|role| self.procedure.role(*role).name.clone())
            .collect();
        if !missing.is_empty() {
            let refusal = refuse(Why::ConsentMissing { roles: missing.clone() });
            limit(refusal.unless(Remedy::Consent { roles: missing }))?;
        }
        self.check_consenting(asked)?;
        let marking = Marking::of(self.procedure, &self.case);
        if !marking.holds(&extend.after) {
            let waits = marking.waits_for(&extend.after);
            let waits_for =
                waits.iter().map(|fact| fact_as_written(self.procedure, *fact)).collect();
            limit(refuse(Why::ExtensionNotYet { waits_for }))?;
        }
        let reason = reason.map(str::to_owned);
        Ok((Allowed { rule: extend, by, role, reason }, breaches))
    }

    /// Refuses the consent of somebody who is no party in the case.
    fn check_consenting(&self, asked: &Extend) -> Result<(), Refusal> {
        let stranger =
            asked.consent.iter().find(|role| self.case.parties_in(role).next().is_none());
        let Some(stranger) = stranger else { return Ok(()) };
        let parties = self.procedure.roles.iter().filter(|role| role.party);
        let roles = parties.map(|role| role.name.clone()).collect();
        let why = Why::NoSuchParty { said: stranger.to_string(), roles };
        Err(Refusal::new(asked.deadline.as_str(), why))
    }

    /// Returns the last day that a clock would have; nothing while it stands still.
    fn counted_with(
        &self,
        rule: &Deadline,
        clock: &Clock,
        command: &Command,
        change: impl FnOnce(&mut ClockRecord),
    ) -> Result<Option<Counted>, Refusal> {
        let Some(mut record) = self.case.clocks.get(clock).cloned() else { return Ok(None) };
        change(&mut record);
        let counted = self.counted(rule, &record, command.at)?;
        Ok(Some(counted).filter(|_| !record.is_paused()))
    }

    /// Takes back the latest lengthening that stands; whoever may lengthen by that rule may. If the date is past then,
    /// the deadline lapses at once.
    pub(super) fn revoke(
        &mut self,
        command: &Command,
        deadline: &Name,
        reason: &str,
    ) -> Result<(), Refusal> {
        let rule = self.find_deadline(deadline)?;
        let asked = deadline.as_str();
        let clock = Clock { deadline: deadline.clone(), item: None };
        let record = self.case.clocks.get(&clock).filter(|record| record.is_running());
        let Some(record) = record else {
            return Err(Refusal::new(asked, Why::NotRunning).under(&rule.rule));
        };
        let latest = record.extensions.last();
        let by_rule = latest.and_then(|latest| {
            let under = latest.under.as_ref();
            let known = rule.extend.iter().find(|extend| under == Some(&extend.label()));
            known.or(rule.extend.first())
        });
        let (Some(latest), Some(extend)) = (latest, by_rule) else {
            return Err(Refusal::new(asked, Why::NothingToRevoke).under(&rule.rule));
        };
        let role =
            capacity(self.procedure, &self.case, &command.actor, &extend.who, &extend.rule, asked)?;
        let by_term = latest.by;
        let reason = Self::reason(asked, reason)?;
        let counted = self.counted_with(rule, &clock, command, |record| {
            record.extensions.pop();
        })?;
        let by = self.acted_by(command, Some(role));
        let fact = Fact::DeadlineExtensionRevoked { clock, by_term, reason, counted };
        self.happen(command.at, Some(by), fact)
    }

    fn find_deadline(&self, name: &Name) -> Result<&'a Deadline, Refusal> {
        let found = self.procedure.find_deadline(name.as_str());
        found.map(|index| self.procedure.deadline(index)).ok_or_else(|| {
            let names = self.procedure.deadlines.iter().map(|rule| rule.name.as_str());
            let near = did_you_mean(name.as_str(), names).map(Name::from);
            let refusal = Refusal::new(name.as_str(), Why::NoSuchDeadline { near: near.clone() });
            match near {
                Some(name) => refusal.unless(Remedy::Use { name }),
                None => refusal,
            }
        })
    }

    pub(super) fn pause(
        &mut self,
        command: &Command,
        deadline: Option<&Name>,
        reason: &str,
    ) -> Result<(), Refusal> {
        if let Some(name) = deadline {
            self.find_deadline(name)?;
        }
        let reason = Self::reason("pause", reason)?;
        let mut refused = None;
        let mut paused = 0;
        for clock in self.by_hand(deadline) {
            match self.pausing(command, &clock, &reason) {
                Ok((role, cause)) => {
                    let by = self.acted_by(command, Some(role));
                    self.happen(command.at, Some(by), Fact::DeadlinePaused { clock, cause })?;
                    paused += 1;
                }
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        if paused == 0 {
            return Err(refused.unwrap_or_else(|| Refusal::new("pause", Why::NotPausable)));
        }
        Ok(())
    }

    /// Asks the causes of a deadline, in order, whether it may be made to stand still; returns in which role, and why.
    fn pausing(
        &self,
        command: &Command,
        clock: &Clock,
        reason: &str,
    ) -> Result<(RoleIndex, PauseCause), Refusal> {
        let not_running = || Refusal::new(clock.deadline.as_str(), Why::NotRunning);
        let (_, rule) = clock::rule(self.procedure, clock).ok_or_else(not_running)?;
        let record = self.case.clocks.get(clock).ok_or_else(not_running)?;
        let asked = rule.name.as_str();
        let mut refused = None;
        for stops in rule.stops.iter().filter(|stops| !stops.who.is_empty()) {
            let refuse = |why| Refusal::new(asked, why).under(&stops.rule);
            if record.is_paused() {
                return Err(refuse(Why::AlreadyPaused));
            }
            let (actor, who) = (&command.actor, &stops.who);
            let role = match capacity(self.procedure, &self.case, actor, who, &stops.rule, asked) {
                Ok(role) => role,
                Err(refusal) => {
                    refused = Some(refusal);
                    continue;
                }
            };
            let named = Some(self.procedure.role(role).name.clone());
            let cause = PauseCause::Hand { reason: reason.to_owned(), role: named };
            let (procedure, at) = (self.procedure, command.at);
            if !clock::pause_is_used_up(procedure, &self.case, rule, record, at, &cause) {
                return Ok((role, cause));
            }
            refused = Some(refuse(Why::PauseUsedUp));
        }
        Err(refused.unwrap_or_else(|| Refusal::new("pause", Why::NotPausable)))
    }

    pub(super) fn resume(
        &mut self,
        command: &Command,
        deadline: Option<&Name>,
    ) -> Result<(), Refusal> {
        if let Some(name) = deadline {
            self.find_deadline(name)?;
        }
        let mut refused = None;
        let mut resumed = 0;
        for clock in self.by_hand(deadline) {
            let Some((_, rule)) = clock::rule(self.procedure, &clock) else { continue };
            let cause = self.case.clocks.get(&clock).and_then(|record| record.paused_for.as_ref());
            let Some(cause @ PauseCause::Hand { .. }) = cause else { continue };
            let cause = clock::cause_of(self.procedure, rule, Some(cause));
            let Some(stops) = rule.stops.get(cause) else { continue };
            let asked = rule.name.as_str();
            let (actor, who) = (&command.actor, &stops.who);
            match capacity(self.procedure, &self.case, actor, who, &stops.rule, asked) {
                Ok(role) => {
                    let by = self.acted_by(command, Some(role));
                    let fact = self.resumed(command.at, clock, ResumeCause::Hand);
                    self.happen(command.at, Some(by), fact)?;
                    resumed += 1;
                }
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        if resumed == 0 {
            return Err(refused.unwrap_or_else(|| Refusal::new("resume", Why::NotPaused)));
        }
        Ok(())
    }

    /// Returns the running clocks that may stand still by hand, all or those of one deadline.
    fn by_hand(&self, deadline: Option<&Name>) -> Vec<Clock> {
        let wanted = |clock: &Clock| deadline.is_none_or(|name| clock.deadline == *name);
        let by_hand = |clock: &Clock| {
            let rule = clock::rule(self.procedure, clock);
            rule.is_some_and(|(_, rule)| rule.stops.iter().any(|stops| !stops.who.is_empty()))
        };
        let clocks = self.case.clocks.iter().filter(|(_, record)| record.is_running());
        let clocks = clocks.filter(|(clock, _)| wanted(clock) && by_hand(clock));
        clocks.map(|(clock, _)| clock.clone()).collect()
    }
}

fn is_used_up(refusal: &Refusal) -> bool {
    matches!(refusal.why, Why::ExtensionsUsedUp { .. } | Why::ExtensionCap { left: None, .. })
}

/// Returns by how much a deadline is lengthened: as much as was asked, or else as much as the rule still allows.
fn how_much(
    name: &str,
    asked: Option<Term>,
    extend: &procedure::Extend,
    used: &[&Lengthening],
) -> Result<Term, Refusal> {
    let refuse = |why| Refusal::new(name, why).under(&extend.rule);
    let most = extend.by;
    let left = match extend.at_most {
        None => most,
        Some(at_most) => {
            let so_far: u64 = used.iter().map(|lengthening| measure(lengthening.by).1).sum();
            let left = measure(at_most).1.saturating_sub(so_far);
            let left = term_of(left, at_most.unit());
            let cap = || refuse(Why::ExtensionCap { at_most, left: None });
            let left = left.ok_or_else(cap)?;
            if measure(left).1 < measure(most).1 { left } else { most }
        }
    };
    let Some(by) = asked else { return Ok(left) };
    let (unit, amount) = measure(by);
    let (of_rule, longest) = measure(most);
    if unit != of_rule || amount > longest {
        let refusal = refuse(Why::ExtensionTooLong { most });
        return Err(refusal.unless(Remedy::ExtendBy { by: left }));
    }
    match extend.at_most {
        Some(at_most) if amount > measure(left).1 => {
            let refusal = refuse(Why::ExtensionCap { at_most, left: Some(left) });
            Err(refusal.unless(Remedy::ExtendBy { by: left }))
        }
        Some(_) | None => Ok(by),
    }
}

/// Returns a term in the smallest unit in which it can be held against others: a week is seven days, a year twelve
/// months, and a month is no number of days.
fn measure(term: Term) -> (Unit, u64) {
    let amount = u64::from(term.amount());
    match term.unit() {
        Unit::Weeks => (Unit::Days, amount * 7),
        Unit::Years => (Unit::Months, amount * 12),
        unit @ (Unit::Days | Unit::Months | Unit::WorkingDays | Unit::Hours) => (unit, amount),
    }
}

/// Returns a measured amount as a term, in `unit` if it comes out even; nothing if it is none.
fn term_of(amount: u64, unit: Unit) -> Option<Term> {
    let (smallest, each) = match unit {
        Unit::Weeks => (Unit::Days, 7),
        Unit::Years => (Unit::Months, 12),
        unit @ (Unit::Days | Unit::Months | Unit::WorkingDays | Unit::Hours) => (unit, 1),
    };
    let (amount, unit) =
        if amount.is_multiple_of(each) { (amount / each, unit) } else { (amount, smallest) };
    Term::new(u32::try_from(amount).ok().filter(|amount| *amount > 0)?, unit).ok()
}
