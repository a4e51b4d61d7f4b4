//! Acts that break a rule of which the procedure says that practice breaks it: they are taken in, and the breach is on record.

use super::authority::{broken, flags_people};
use super::{Deciding, asked};
use crate::case::command::{Act, Command};
use crate::case::event::{Fact, Flag};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::state::Case;
use crate::language::Language;
use crate::procedure::{Breach, Name};

impl Deciding<'_> {
    /// Takes in what a command asks, apart from what follows by itself, and puts on record what rules it breaks.
    pub(super) fn act(&mut self, command: &Command) -> Result<(), Refusal> {
        let before = flags_people(self.procedure).then(|| self.case.clone());
        let so_far = self.events.len();
        self.do_act(command)?;
        if let Some(before) = before {
            self.note_broken(command, &before, so_far)?;
        }
        self.flag(command, so_far)
    }

    /// Lets a refusal pass where its rule says that the act is taken in: the only place that does.
    pub(super) fn pass(&mut self, breach: Breach, refusal: Refusal) -> Result<(), Refusal> {
        if !breach.is_flagged() || matches!(refusal.why, Why::Incident { .. }) {
            return Err(refusal);
        }
        self.breaches.push((breach, refusal));
        Ok(())
    }

    /// Notes which rules about people the act broke, as the case stood before it.
    fn note_broken(
        &mut self,
        command: &Command,
        before: &Case,
        so_far: usize,
    ) -> Result<(), Refusal> {
        let step = match &command.act {
            Act::Do(act) => self.procedure.find_step(&act.step),
            Act::WithdrawAppeal { appeal, .. } => self.procedure.find_step(appeal.as_str()),
            Act::Assign { instance, .. } | Act::Claim { instance } | Act::Release { instance } => {
                self.procedure.find_step(instance.step.as_str())
            }
            Act::Extend(_)
            | Act::Revoke { .. }
            | Act::Correct { .. }
            | Act::Pause { .. }
            | Act::Resume { .. }
            | Act::Send(_)
            | Act::Relate { .. }
            | Act::JoinInto { .. }
            | Act::TakeIn(_)
            | Act::SplitOff { .. }
            | Act::Transfer { .. }
            | Act::Reopen { .. }
            | Act::Party(_) => None,
            Act::Open(_) | Act::Hear { .. } | Act::Attach | Act::Look | Act::Note { .. } => {
                return Ok(());
            }
        };
        let new = self.events.get(so_far..).unwrap_or_default();
        let Some(by) = new.iter().find_map(|event| event.by.clone()) else { return Ok(()) };
        for (breach, refusal) in broken(self.procedure, before, &by, step, &asked(&command.act)) {
            self.pass(breach, refusal)?;
        }
        Ok(())
    }

    /// Puts the breaches of an act on record.
    fn flag(&mut self, command: &Command, so_far: usize) -> Result<(), Refusal> {
        let reason = reason_of(&command.act);
        // What is told again was done: nobody is asked why any more.
        let told_again = self.telling.as_ref().is_some_and(|telling| telling.again.is_some());
        let new = self.events.get(so_far..).unwrap_or_default();
        let by = new.iter().find_map(|event| event.by.clone());
        for (breach, refusal) in std::mem::take(&mut self.breaches) {
            if breach == Breach::Flag && reason.is_none() && !told_again {
                let rule = refusal.rule.clone();
                let why = Why::BreachWithoutReason { because: Box::new(refusal) };
                let refusal = Refusal { rule, ..Refusal::new(asked(&command.act), why) };
                return Err(refusal.unless(Remedy::GiveReason));
            }
            let words = |language| refusal.in_words(&self.procedure.zone, language);
            let (nl, en) = (words(Language::Nl), words(Language::En));
            let rule = refusal.rule.as_ref();
            let flag = Flag {
                act: Name::from(asked(&command.act)),
                code: refusal.code().to_owned(),
                place: rule.map(|rule| format!("{}:{}", rule.file, rule.line)).unwrap_or_default(),
                cite: rule.and_then(|rule| rule.cite.clone()),
                nl,
                en,
                reason: reason.clone(),
            };
            self.happen(command.at, by.clone(), Fact::Flagged { flag })?;
        }
        Ok(())
    }
}

/// Returns the reason that is given with an act.
fn reason_of(act: &Act) -> Option<String> {
    let reason = match act {
        Act::Do(act) => act.note.as_ref(),
        Act::Extend(extend) => extend.reason.as_ref(),
        Act::WithdrawAppeal { reason, .. } => reason.as_ref(),
        Act::Revoke { reason, .. }
        | Act::Correct { reason, .. }
        | Act::Pause { reason, .. }
        | Act::Relate { reason, .. }
        | Act::JoinInto { reason, .. }
        | Act::SplitOff { reason, .. }
        | Act::Transfer { reason, .. }
        | Act::Reopen { reason, .. } => Some(reason),
        Act::TakeIn(joined) => Some(&joined.reason),
        Act::Open(_)
        | Act::Assign { .. }
        | Act::Claim { .. }
        | Act::Release { .. }
        | Act::Resume { .. }
        | Act::Hear { .. }
        | Act::Send(_)
        | Act::Party(_)
        | Act::Attach
        | Act::Look
        | Act::Note { .. } => None,
    };
    reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty())
}
