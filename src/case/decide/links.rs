//! Other cases that have to do with this one.

use super::Deciding;
use super::authority::capacity;
use crate::case::command::{Command, Other};
use crate::case::event::{Fact, LinkKind};
use crate::case::refusal::{Refusal, Why};
use crate::procedure::RoleIndex;

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
        let role = self.may_link(command, asked, &self.procedure.intake.relate)?;
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
            reason: Some(reason),
        };
        self.happen(command.at, Some(by), fact)
    }

    /// Returns the role in which the actor does something between cases; the procedure must say who may.
    fn may_link(
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

    fn check_other(&self, asked: &str, other: &Other) -> Result<(), Refusal> {
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
