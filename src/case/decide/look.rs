//! Looking into a confidential case: the record keeps who did, and when.

use super::Deciding;
use super::authority::looks_are_kept;
use crate::case::command::Command;
use crate::case::event::Fact;
use crate::case::refusal::Refusal;

/// Looks of one person within this time are one look.
const ONE_LOOK: chrono::TimeDelta = chrono::TimeDelta::hours(1);
/// The most looks that are kept one by one; of each person after that, one a day.
const MOST_LOOKS: u32 = 10_000;
const ONE_DAY: chrono::TimeDelta = chrono::TimeDelta::hours(24);

impl Deciding<'_> {
    pub(super) fn look(&mut self, command: &Command) -> Result<(), Refusal> {
        self.check_entry(command, "look")?;
        if !looks_are_kept(self.procedure, &self.case) {
            return Ok(());
        }
        let person = &command.actor.person.id;
        let apart = if self.case.looks.count >= MOST_LOOKS { ONE_DAY } else { ONE_LOOK };
        let last = self.case.looks.last.get(person);
        if last.is_some_and(|last| command.at.signed_duration_since(*last) < apart) {
            return Ok(());
        }
        let by = self.acted_by(command, None);
        self.happen(command.at, Some(by), Fact::Looked)
    }
}
