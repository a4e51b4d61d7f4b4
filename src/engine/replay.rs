//! Finished cases again, on a text that nobody published yet: in memory, and nothing of it is kept.

use super::{CaseFile, Engine, EngineError, PAGE};
use crate::case::{CantReplay, Person, Replay, Replayed, Status, replay};
use crate::procedure::Procedure;
use crate::store::{CaseFilter, CaseKey};
use crate::time::Date;

impl Engine {
    /// Shows `visit` every case of a procedure that ended on a day from `since` on, in pages: however many there are, only
    /// a page of rows and one case are held at a time.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails, and whatever `visit` gives.
    pub fn each_finished(
        &self,
        procedure: &Procedure,
        since: Date,
        visit: &mut dyn FnMut(CaseKey, &CaseFile) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        for status in ["ended", "archived"] {
            let filter = CaseFilter {
                procedure: Some(procedure.name.as_str()),
                status: Some(status),
                ..CaseFilter::default()
            };
            let mut after = None;
            loop {
                let page = self.store.cases(&filter, after, PAGE)?;
                let Some(last) = page.last().map(|row| row.case) else { break };
                for row in page {
                    let file = self.case(row.case)?;
                    let at = match &file.case.status {
                        Status::Open => continue,
                        Status::Ended { at, .. } | Status::Archived { at, .. } => *at,
                    };
                    if file.procedure.zone.local_date(at) >= since {
                        visit(row.case, &file)?;
                    }
                }
                after = Some(last);
            }
        }
        Ok(())
    }

    /// Plays a case again on another text, as `viewer` may know what comes of it; nothing is written, and nothing sent.
    ///
    /// # Errors
    /// [`EngineError`] when the case can't be read.
    pub fn replay(
        &self,
        key: CaseKey,
        to: &Procedure,
        viewer: &Person,
    ) -> Result<Result<Replayed, CantReplay>, EngineError> {
        let file = self.stored(key)?;
        let history = self.history(key)?;
        let until = self.not_before(&file.case);
        let again = Replay { from: &file.procedure, to, viewer, until };
        Ok(replay(&again, &history))
    }
}
