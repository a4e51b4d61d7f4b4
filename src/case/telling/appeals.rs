//! What becomes of appeals, in words.

use super::Teller;
use crate::language::Language;
use crate::procedure::Name;

impl Teller<'_> {
    /// Returns the title of what an appeal is against: a decision, its outcome, or inaction.
    pub fn against(&self, written: &str) -> String {
        let nl = self.language == Language::Nl;
        let Some((of, what)) = written.split_once('.') else {
            return self.step(&Name::from(written));
        };
        let name = Name::from(of);
        if what == "lapsed" {
            let deadline = self.deadline(&name);
            return if nl {
                format!("het uitblijven van «{deadline}»")
            } else {
                format!("the inaction on “{deadline}”")
            };
        }
        format!("{}: {}", self.step(&name), self.outcome(&name, &Name::from(what)))
    }

    pub(super) fn decision_joined(&self, decision: &Name, appeal: &Name) -> String {
        let (decision, appeal) = (self.against(decision.as_str()), self.step(appeal));
        match self.language {
            Language::Nl => format!("{appeal}: betreft nu ook {decision}"),
            Language::En => format!("{appeal}: is about {decision} as well from now on"),
        }
    }

    pub(super) fn appeal_renewed(&self, appeal: &Name, because: &Name) -> String {
        let (decision, appeal) = (self.against(because.as_str()), self.step(appeal));
        match self.language {
            Language::Nl => format!("{appeal}: staat opnieuw open, tegen {decision}"),
            Language::En => format!("{appeal}: lies anew, against {decision}"),
        }
    }
}
