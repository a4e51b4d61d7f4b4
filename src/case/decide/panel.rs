//! Steps that a panel does: each member votes, and the step is done when the votes decide.

use super::Deciding;
use super::steps::Doing;
use crate::case::command::{Command, Do};
use crate::case::event::{Fact, Instance};
use crate::case::person::ActedBy;
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::state::Vote;
use crate::procedure::{Name, Panel, RoleIndex, StepIndex};
use serde_json::{Map, Value};

/// What the votes come to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tally {
    /// More votes are needed.
    Open,
    /// They decide, with this outcome.
    Decided(Option<Name>),
    /// They can't decide any more: the panel votes anew.
    Divided,
}

impl Deciding<'_> {
    /// Returns the votes that stand.
    fn votes(&self, instance: &Instance) -> &[Vote] {
        self.case.instance(instance).map(|record| record.votes.as_slice()).unwrap_or_default()
    }

    /// Returns the form of a vote: who says nothing else agrees with what the first of the same outcome proposed.
    ///
    /// # Errors
    /// A [`Refusal`] of another text for the same outcome: that would be another proposal.
    pub(super) fn form_of_vote(
        &self,
        index: StepIndex,
        instance: &Instance,
        act: &Do,
    ) -> Result<Map<String, Value>, Refusal> {
        let step = self.procedure.step(index);
        let first = self.votes(instance).iter().find(|vote| vote.outcome == act.outcome);
        match first.filter(|_| step.panel.is_some()) {
            None => Ok(act.form.clone()),
            Some(first) if act.form.is_empty() || act.form == first.form => Ok(first.form.clone()),
            Some(_) => Err(Refusal::new(step.name.as_str(), Why::OtherProposal).under(&step.rule)),
        }
    }

    /// Records the vote of a member, and what the votes then come to.
    pub(super) fn vote(
        &mut self,
        command: &Command,
        panel: &Panel,
        role: RoleIndex,
        doing: Doing,
    ) -> Result<(), Refusal> {
        let Doing { index, instance, outcome, form, note, opens, .. } = doing;
        let asked = self.procedure.step(index).name.as_str();
        let role = self.seat(command, index, &instance, panel, role)?;
        let by = self.acted_by(command, Some(role));
        let votes = self.votes(&instance);
        let note = note.filter(|note| !note.trim().is_empty());
        let dissents = votes.iter().any(|vote| vote.outcome != outcome);
        if dissents && note.is_none() {
            let refusal = Refusal::new(asked, Why::ReasonRequired).under(&panel.rule);
            return Err(refusal.unless(Remedy::GiveReason));
        }
        let round = self.case.step(&instance.step).map_or(0, |record| record.round);
        let fact = Fact::VoteCast { instance: instance.clone(), round, outcome, form, note };
        self.happen(command.at, Some(by.clone()), fact)?;
        let chair = panel.chair.map(|chair| &self.procedure.role(chair).name);
        match tally(panel, chair, self.votes(&instance)) {
            Tally::Open => Ok(()),
            Tally::Divided => self.happen(command.at, None, Fact::VotesSetAside { instance }),
            Tally::Decided(outcome) => {
                let first = self.votes(&instance).iter().find(|vote| vote.outcome == outcome);
                let form = first.map(|vote| vote.form.clone()).unwrap_or_default();
                let (note, filing) = (None, None);
                let deemed = false;
                let done = Doing { index, instance, outcome, form, note, filing, deemed, opens };
                self.finish(command.at, &by, done)
            }
        }
    }

    /// Returns the role in which the member votes: as the chair, if the panel has none yet. One person has one vote, and so
    /// have two of whom one stands in for the other; the last seat is kept for the chair.
    fn seat(
        &self,
        command: &Command,
        index: StepIndex,
        instance: &Instance,
        panel: &Panel,
        role: RoleIndex,
    ) -> Result<RoleIndex, Refusal> {
        let asked = self.procedure.step(index).name.as_str();
        let votes = self.votes(instance);
        let chair = panel.chair.filter(|chair| {
            let name = &self.procedure.role(*chair).name;
            !votes.iter().any(|vote| vote.by.role.as_ref() == Some(name))
        });
        let as_chair =
            chair.filter(|chair| self.may_do_as(&command.actor, index, &[*chair]).is_ok());
        let role = as_chair.unwrap_or(role);
        let by = self.acted_by(command, Some(role));
        if votes.iter().any(|vote| is_same(&vote.by, &by)) {
            return Err(Refusal::new(asked, Why::VotedAlready).under(&panel.rule));
        }
        if let Some(chair) = chair.filter(|chair| *chair != role && votes.len() + 1 >= panel.of) {
            let roles = vec![self.procedure.role(chair).name.clone()];
            let refusal = Refusal::new(asked, Why::SeatOfTheChair { roles: roles.clone() });
            return Err(refusal.under(&panel.rule).unless(Remedy::ActAs { roles }));
        }
        Ok(role)
    }
}

/// Whether two votes would be those of one person, or of somebody and of who stands in for him.
fn is_same(one: &ActedBy, other: &ActedBy) -> bool {
    let people = |by: &ActedBy| [Some(by.person.clone()), by.in_place_of.clone()];
    let theirs = people(other);
    people(one).iter().flatten().any(|person| theirs.iter().flatten().any(|known| known == person))
}

fn tally(panel: &Panel, chair: Option<&Name>, votes: &[Vote]) -> Tally {
    let mut counts: Vec<(&Option<Name>, usize)> = Vec::new();
    for vote in votes {
        match counts.iter_mut().find(|(outcome, _)| **outcome == vote.outcome) {
            Some((_, count)) => *count += 1,
            None => counts.push((&vote.outcome, 1)),
        }
    }
    let enough = votes.len() >= panel.quorum;
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let mut leading = counts.iter().filter(|(_, count)| *count == most);
    if panel.unanimous {
        return match (counts.len(), enough) {
            (0 | 1, false) => Tally::Open,
            (1, true) => Tally::Decided(counts.first().and_then(|(outcome, _)| (*outcome).clone())),
            (_, _) => Tally::Divided,
        };
    }
    if enough && most * 2 > votes.len() {
        return Tally::Decided(leading.next().and_then(|(outcome, _)| (*outcome).clone()));
    }
    if votes.len() < panel.of {
        return Tally::Open;
    }
    let of_chair = votes.iter().find(|vote| chair.is_some() && vote.by.role.as_ref() == chair);
    match of_chair.filter(|vote| leading.any(|(outcome, _)| **outcome == vote.outcome)) {
        Some(vote) => Tally::Decided(vote.outcome.clone()),
        None => Tally::Divided,
    }
}
