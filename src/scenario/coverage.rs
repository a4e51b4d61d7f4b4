//! What scenarios reach in a procedure: which steps and outcomes came, which guards were both true and false, which
//! deadlines were both met and missed, which appeals were filed.

use super::Played;
use crate::case::{Event, Fact, Why};
use crate::procedure::{Procedure, StepKind};
use std::collections::BTreeMap;

/// A kind of thing that scenarios can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A step that is done.
    Step,
    /// An outcome that is chosen.
    Outcome,
    /// A guard that is true.
    GuardTrue,
    /// A guard that is false.
    GuardFalse,
    /// A deadline that is met.
    Met,
    /// A deadline that is missed.
    Missed,
    /// An appeal that is filed.
    Appeal,
}

impl Target {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Step,
        Self::Outcome,
        Self::GuardTrue,
        Self::GuardFalse,
        Self::Met,
        Self::Missed,
        Self::Appeal,
    ];

    /// Returns the word for things of this kind.
    pub fn word(self) -> &'static str {
        match self {
            Target::Step => "steps",
            Target::Outcome => "outcomes",
            Target::GuardTrue => "guards true",
            Target::GuardFalse => "guards false",
            Target::Met => "deadlines met",
            Target::Missed => "deadlines missed",
            Target::Appeal => "appeals",
        }
    }
}

/// How often each thing of a procedure was reached, and where it stands: `file:line`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    reached: BTreeMap<(Target, String), (String, usize)>,
}

impl Coverage {
    /// Returns what one scenario reached.
    pub(super) fn of(procedure: &Procedure, played: &Played) -> Self {
        let mut coverage = Self::nothing(procedure);
        for scene in played.scenes.iter().filter(|scene| scene.procedure.name == procedure.name) {
            for event in &scene.events {
                coverage.take(procedure, event);
            }
            let refusal = scene.refusal.as_ref().map(|refused| &refused.refusal);
            if let Some((refusal, Why::OutcomeNotAllowed { outcome, .. })) =
                refusal.map(|refusal| (refusal, &refusal.why))
            {
                coverage.reach(Target::GuardFalse, &format!("{}.{outcome}", refusal.asked));
            }
        }
        coverage
    }

    /// Returns all that there is to reach, and none of it reached.
    fn nothing(procedure: &Procedure) -> Self {
        let mut coverage = Self::default();
        let mut there_is = |target, name: String, place: &crate::diagnostic::Place| {
            let (line, _) = place.line_column();
            let place = format!("{}:{line}", place.source.name);
            coverage.reached.insert((target, name), (place, 0));
        };
        for (_, step) in procedure.steps() {
            let name = step.name.to_string();
            match step.kind {
                StepKind::Appeal(_) => there_is(Target::Appeal, name.clone(), &step.rule.place),
                StepKind::InCourse | StepKind::AtAnyTime => {
                    there_is(Target::Step, name.clone(), &step.rule.place);
                }
            }
            if step.when.is_some() {
                there_is(Target::GuardTrue, name.clone(), &step.rule.place);
                there_is(Target::GuardFalse, name.clone(), &step.rule.place);
            }
            for outcome in &step.outcomes {
                let name = format!("{name}.{}", outcome.name);
                if outcome.allowed.is_some() {
                    there_is(Target::GuardTrue, name.clone(), &outcome.rule.place);
                    there_is(Target::GuardFalse, name.clone(), &outcome.rule.place);
                }
                there_is(Target::Outcome, name, &outcome.rule.place);
            }
        }
        for (_, deadline) in procedure.deadlines() {
            there_is(Target::Met, deadline.name.to_string(), &deadline.rule.place);
            there_is(Target::Missed, deadline.name.to_string(), &deadline.rule.place);
        }
        coverage
    }

    fn reach(&mut self, target: Target, name: &str) {
        if let Some((_, times)) = self.reached.get_mut(&(target, name.to_owned())) {
            *times += 1;
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of all that happens, this tells what was reached"
    )]
    fn take(&mut self, procedure: &Procedure, event: &Event) {
        match &event.fact {
            Fact::StepDone { instance, outcome, .. } => {
                let step = instance.step.as_str();
                self.reach(Target::Step, step);
                self.reach(Target::Appeal, step);
                if let Some(outcome) = outcome {
                    let name = format!("{step}.{outcome}");
                    self.reach(Target::Outcome, &name);
                    self.reach(Target::GuardTrue, &name);
                }
                // What the engine does by itself takes the first outcome that is allowed: those before it were not.
                let index = procedure.find_step(step).filter(|_| event.by.is_none());
                for other in index.into_iter().flat_map(|index| &procedure.step(index).outcomes) {
                    if outcome.as_ref() == Some(&other.name) {
                        break;
                    }
                    self.reach(Target::GuardFalse, &format!("{step}.{}", other.name));
                }
            }
            Fact::StepOpened { step, because: None, owed_by: None, .. } => {
                self.reach(Target::GuardTrue, step.as_str());
            }
            Fact::StepSkipped { step, .. } => self.reach(Target::GuardFalse, step.as_str()),
            Fact::DeadlineMet { clock, late: false, .. } => {
                self.reach(Target::Met, clock.deadline.as_str());
            }
            Fact::DeadlineLapsed { clock, .. } => {
                self.reach(Target::Missed, clock.deadline.as_str());
            }
            _ => {}
        }
    }

    /// Adds what another scenario of the same procedure reached.
    pub(super) fn add(&mut self, other: Self) {
        for (what, (place, times)) in other.reached {
            let slot = self.reached.entry(what).or_insert_with(|| (place.clone(), 0));
            slot.1 += times;
            // Two texts of one name, as in two workspaces: whichever is read first, the same place is told.
            slot.0 = place.min(std::mem::take(&mut slot.0));
        }
    }

    /// Returns how many things of a kind were reached, and how many there are.
    pub fn count(&self, target: Target) -> (usize, usize) {
        let of_kind = self.reached.iter().filter(|((kind, _), _)| *kind == target);
        of_kind.fold((0, 0), |(reached, all), (_, (_, times))| {
            (reached + usize::from(*times > 0), all + 1)
        })
    }

    /// Returns what was never reached: its kind, its name, and where it stands.
    pub fn missed(&self) -> impl Iterator<Item = (Target, &str, &str)> {
        let never = self.reached.iter().filter(|(_, (_, times))| *times == 0);
        never.map(|((kind, name), (place, _))| (*kind, name.as_str(), place.as_str()))
    }

    /// Returns how much was reached, in whole per cent of all things, rounded down.
    pub fn percent(&self) -> usize {
        let (reached, all) = Target::ALL.iter().fold((0, 0), |(reached, all), target| {
            let (some, of) = self.count(*target);
            (reached + some, all + of)
        });
        (reached * 100).checked_div(all).unwrap_or(100)
    }
}
