//! Lengthening deadlines, and having them stand still by hand.

use super::authority::capacity;
use super::{Deciding, bounded};
use crate::case::clock;
use crate::case::command::Command;
use crate::case::event::{Clock, Fact, PauseCause, ResumeCause};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::diagnostic::did_you_mean;
use crate::procedure::{Deadline, Name};
use crate::time::Extension;

impl<'a> Deciding<'a> {
    pub(super) fn extend(
        &mut self,
        command: &Command,
        deadline: &Name,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let rule = self.find_deadline(deadline)?;
        let asked = deadline.as_str();
        let Some(extend) = &rule.extend else {
            return Err(Refusal::new(asked, Why::NoExtension).under(&rule.rule));
        };
        let role =
            capacity(self.procedure, &self.case, &command.actor, &extend.who, &extend.rule, asked)?;
        let clock = Clock { deadline: deadline.clone(), item: None };
        let Some(record) = self.case.clocks.get(&clock).filter(|record| record.is_running()) else {
            return Err(Refusal::new(asked, Why::NotRunning).under(&rule.rule));
        };
        let used = u32::try_from(record.extensions.len()).unwrap_or(u32::MAX);
        if used >= extend.times {
            let why = Why::ExtensionsUsedUp { times: extend.times };
            return Err(Refusal::new(asked, why).under(&extend.rule));
        }
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if extend.reason_required && reason.is_none() {
            let refusal = Refusal::new(asked, Why::ReasonRequired).under(&extend.rule);
            return Err(refusal.unless(Remedy::GiveReason));
        }
        bounded(asked, reason.unwrap_or_default())?;
        let mut lengthened = record.clone();
        lengthened.extensions.push(Extension::by(extend.by));
        self.last_day(rule, &lengthened, command.at)?;
        let by = self.acted_by(command, Some(role));
        let reason = reason.map(str::to_owned);
        let fact = Fact::DeadlineExtended { clock, by_term: extend.by, reason };
        self.happen(command.at, Some(by), fact)?;
        match &extend.letter {
            Some(letter) => self.send(command.at, letter.clone(), &rule.name),
            None => Ok(()),
        }
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
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Refusal::new("pause", Why::ReasonRequired).unless(Remedy::GiveReason));
        }
        bounded("pause", reason)?;
        let mut refused = None;
        let mut paused = 0;
        for clock in self.by_hand(deadline) {
            let Some((_, rule)) = clock::rule(self.procedure, &clock) else { continue };
            let (Some(stops), Some(record)) = (&rule.stops, self.case.clocks.get(&clock)) else {
                continue;
            };
            let asked = rule.name.as_str();
            if record.is_paused() {
                refused =
                    refused.or(Some(Refusal::new(asked, Why::AlreadyPaused).under(&stops.rule)));
                continue;
            }
            if clock::pause_is_used_up(self.procedure, rule, record, command.at) {
                refused =
                    refused.or(Some(Refusal::new(asked, Why::PauseUsedUp).under(&stops.rule)));
                continue;
            }
            let role = match capacity(
                self.procedure,
                &self.case,
                &command.actor,
                &stops.who,
                &stops.rule,
                asked,
            ) {
                Ok(role) => role,
                Err(refusal) => {
                    refused = refused.or(Some(refusal));
                    continue;
                }
            };
            let by = self.acted_by(command, Some(role));
            let cause = PauseCause::Hand { reason: reason.to_owned() };
            self.happen(command.at, Some(by), Fact::DeadlinePaused { clock, cause })?;
            paused += 1;
        }
        if paused == 0 {
            return Err(refused.unwrap_or_else(|| Refusal::new("pause", Why::NotPausable)));
        }
        Ok(())
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
            let (Some(stops), Some(record)) = (&rule.stops, self.case.clocks.get(&clock)) else {
                continue;
            };
            if !matches!(record.paused_for, Some(PauseCause::Hand { .. })) {
                continue;
            }
            let asked = rule.name.as_str();
            let role = match capacity(
                self.procedure,
                &self.case,
                &command.actor,
                &stops.who,
                &stops.rule,
                asked,
            ) {
                Ok(role) => role,
                Err(refusal) => {
                    refused = refused.or(Some(refusal));
                    continue;
                }
            };
            let by = self.acted_by(command, Some(role));
            let cause = ResumeCause::Hand;
            self.happen(command.at, Some(by), Fact::DeadlineResumed { clock, cause })?;
            resumed += 1;
        }
        if resumed == 0 {
            return Err(refused.unwrap_or_else(|| Refusal::new("resume", Why::NotPaused)));
        }
        Ok(())
    }

    /// Returns the running clocks that may stand still by hand, all or those of one deadline.
    fn by_hand(&self, deadline: Option<&Name>) -> Vec<Clock> {
        let wanted = |clock: &&Clock| deadline.is_none_or(|name| clock.deadline == *name);
        let may = |clock: &&Clock| {
            let rule = clock::rule(self.procedure, clock).map(|(_, rule)| rule);
            let by_hand =
                rule.and_then(|rule| rule.stops.as_ref()).is_some_and(|s| !s.who.is_empty());
            by_hand
                && self
                    .case
                    .clocks
                    .get(*clock)
                    .is_some_and(super::super::state::ClockRecord::is_running)
        };
        self.case.clocks.keys().filter(wanted).filter(may).cloned().collect()
    }
}
