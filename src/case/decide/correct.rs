//! Correcting a fact that the record has wrong: the date of receipt.

use super::Deciding;
use super::authority::capacity;
use crate::case::command::Command;
use crate::case::event::Fact;
use crate::case::refusal::{Refusal, Why};
use crate::case::state::Status;
use crate::time::Instant;

impl Deciding<'_> {
    /// Corrects the date of receipt. Whatever counts from it follows when the case settles; what was sent or warned of
    /// stays on record.
    ///
    /// A matter can't be received after its case was opened; who learns that it was has another case.
    pub(super) fn correct(
        &mut self,
        command: &Command,
        received_at: Instant,
        reason: &str,
    ) -> Result<(), Refusal> {
        let asked = "correct";
        let intake = &self.procedure.intake;
        if intake.correct.is_empty() {
            return Err(Refusal::new(asked, Why::NotCorrectable).under(&intake.rule));
        }
        let role = capacity(
            self.procedure,
            &self.case,
            &command.actor,
            &intake.correct,
            &intake.rule,
            asked,
        )?;
        if matches!(self.case.status, Status::Archived { .. }) {
            let status = Box::new(self.case.status.clone());
            return Err(Refusal::new(asked, Why::CaseNotOpen { status }));
        }
        let Some(opening) = &self.case.opening else {
            return Err(Refusal::new(asked, Why::WrongMoment));
        };
        if received_at > opening.opened_at {
            return Err(Refusal::new(asked, Why::ReceivedLater));
        }
        let was = opening.received_at;
        if received_at == was {
            return Err(Refusal::new(asked, Why::NothingToCorrect));
        }
        let reason = Self::reason(asked, reason)?;
        let by = self.acted_by(command, Some(role));
        self.happen(command.at, Some(by), Fact::ReceiptCorrected { received_at, was, reason })
    }
}
