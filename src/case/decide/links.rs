//! Other cases that have to do with this one.

use super::Deciding;
use super::authority::capacity;
use super::steps::Doing;
use crate::case::command::{Command, Other};
use crate::case::event::{CloseCause, Fact, Instance, LinkKind, Through, Verdict};
use crate::case::person::Person;
use crate::case::refusal::{Refusal, Why};
use crate::case::state::{Case, StepRecord};
use crate::procedure::{Procedure, RoleIndex, StepIndex};
use crate::time::Instant;

/// The most other cases that one case is linked to.
const MOST_LINKS: usize = 1_000;

impl Deciding<'_> {
    /// Puts on record that another case has to do with this one. The same is asked of the other case, in the same commit,
    /// so that each needs somebody who may.
    pub(super) fn relate(
        &mut self,
        command: &Command,
        other: &Other,
        reason: &str,
    ) -> Result<(), Refusal> {
        let asked = "relate";
        let role = self.may_link(command, asked, &self.procedure.intake.between.relate)?;
        self.check_other(asked, other)?;
        if self.case.link(LinkKind::Related, &other.reference).is_some() {
            let case = other.reference.clone();
            return Err(Refusal::new(asked, Why::LinkedAlready { case }));
        }
        let reason = Self::reason(asked, reason)?;
        let by = self.acted_by(command, Some(role));
        let fact = Fact::CaseLinked {
            kind: LinkKind::Related,
            case: other.reference.clone(),
            procedure: other.procedure.clone(),
            through: None,
            reason: Some(reason),
        };
        self.happen(command.at, Some(by), fact)
    }

    /// A step was done that opens a case: that is on record here, and the engine opens the case in the same commit.
    ///
    /// Where the case of this round is there already, since another party filed the same appeal, none is opened.
    pub(super) fn open_case(
        &mut self,
        at: Instant,
        index: StepIndex,
        instance: &Instance,
        other: Option<&Other>,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let Some(opens) = &step.opens else { return Ok(()) };
        let round = self.case.step(&step.name).map_or(1, |record| record.round);
        let of_step = |through: &Through| {
            through.instance.step == step.name
                && through.round == round
                && (step.each.is_none() || through.instance == *instance)
        };
        let mut links = self.case.links.iter();
        if links.any(|link| link.through.as_ref().is_some_and(of_step)) {
            return Ok(());
        }
        let asked = step.name.as_str();
        let Some(other) = other.filter(|other| other.procedure == opens.procedure) else {
            let why = Why::NoLinkedProcedure { procedure: opens.procedure.clone() };
            return Err(Refusal::new(asked, why).under(&opens.rule));
        };
        self.check_other(asked, other)?;
        let fact = Fact::CaseLinked {
            kind: LinkKind::Opened,
            case: other.reference.clone(),
            procedure: other.procedure.clone(),
            through: Some(Through { instance: instance.clone(), round }),
            reason: None,
        };
        self.happen(at, None, fact)
    }

    /// Takes in what came of a case that this one opened.
    pub(super) fn hear(
        &mut self,
        command: &Command,
        case: &str,
        verdict: &Verdict,
    ) -> Result<(), Refusal> {
        // Only the engine asks this, for nobody.
        let by_nobody = command.actor.person == Person::nobody();
        if !by_nobody || self.case.link(LinkKind::Opened, case).is_none() {
            return Err(Refusal::new("hear", Why::WrongMoment));
        }
        let (case, verdict) = (case.to_owned(), verdict.clone());
        self.happen(command.at, None, Fact::LinkedCaseDecided { case, verdict })
    }

    /// What was decided in another case is done here, as soon as its turn has come.
    pub(super) fn take_in_decisions(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            let Some(opener) = step.awaits else { continue };
            if !self.case.step(&step.name).is_some_and(StepRecord::is_open) {
                continue;
            }
            let Some((case, verdict)) = self.verdict_on(opener) else { continue };
            let outcome = match verdict {
                Verdict::Decided(outcome) => outcome,
                Verdict::Ended(status) if step.outcome(status.as_str()).is_some() => Some(status),
                Verdict::Ended(_) => {
                    self.close_step(at, index, &CloseCause::NotDecided { case })?;
                    continue;
                }
            };
            let known = outcome.as_ref().and_then(|name| step.outcome(name.as_str()));
            if outcome.is_some() && known.is_none() {
                // The procedures were checked together; the other one has changed since.
                let (line, column) = step.rule.place.line_column();
                let fact = Fact::Incident {
                    step: step.name.clone(),
                    place: format!("{}:{line}:{column}", step.rule.place.source.name),
                    message: "the other case ended with an outcome that is not known here"
                        .to_owned(),
                };
                self.happen(at, None, fact)?;
            }
            let instance = Instance::only(&step.name);
            let doing = Doing::by_itself(index, instance, outcome.clone());
            self.finish_instance(at, None, doing)?;
            self.follow_up(at, index, outcome.as_ref())?;
        }
        Ok(())
    }

    /// Returns what came of the case that a step opened in this round, with what people call it.
    fn verdict_on(&self, opener: StepIndex) -> Option<(String, Verdict)> {
        let link = self.case.opened_through(&self.procedure.step(opener).name)?;
        Some((link.case.clone(), link.verdict.clone()?))
    }

    /// Returns the role in which the actor does something between cases; the procedure must say who may.
    pub(super) fn may_link(
        &self,
        command: &Command,
        asked: &str,
        who: &[RoleIndex],
    ) -> Result<RoleIndex, Refusal> {
        let rule = &self.procedure.intake.rule;
        if who.is_empty() {
            return Err(Refusal::new(asked, Why::NotForeseen).under(rule));
        }
        capacity(self.procedure, &self.case, &command.actor, who, rule, asked)
    }

    pub(super) fn check_other(&self, asked: &str, other: &Other) -> Result<(), Refusal> {
        let own = self.case.opening.as_ref().map(|opening| opening.reference.as_str());
        if own == Some(other.reference.as_str()) {
            return Err(Refusal::new(asked, Why::SameCase));
        }
        if self.case.links.len() >= MOST_LINKS {
            return Err(Refusal::new(asked, Why::TooLarge { what: "links", most: MOST_LINKS }));
        }
        Ok(())
    }
}

/// Returns why nobody does a step here that is decided in the case which `opener` opens.
pub(super) fn decided_elsewhere(procedure: &Procedure, case: &Case, opener: StepIndex) -> Why {
    let opener = procedure.step(opener);
    let case = case.opened_through(&opener.name).map(|link| link.case.clone());
    let procedure = opener.opens.as_ref().map_or(&opener.name, |opens| &opens.procedure).clone();
    Why::DecidedElsewhere { case, procedure }
}
