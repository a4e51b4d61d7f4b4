//! What becomes of appeals, in words.

use super::Teller;
use crate::case::filing::FilingRecord;
use crate::language::Language;
use crate::procedure::{Name, StepKind};

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

    /// Returns what is on record of a filing, to stand behind the words for the filing itself.
    pub fn filed(&self, appeal: &Name, filing: &FilingRecord) -> String {
        let nl = self.language == Language::Nl;
        let mut said = String::new();
        let mut add = |dutch: String, english: String| {
            said.push_str(if nl { &dutch } else { &english });
        };
        let rule = self.procedure.find_step(appeal.as_str()).map(|of| self.procedure.step(of));
        let several = match rule.map(|step| &step.kind) {
            Some(StepKind::Appeal(appeal)) => appeal.against.len() > 1,
            Some(StepKind::InCourse | StepKind::AtAnyTime) | None => false,
        };
        if several && !filing.against.is_empty() {
            let against = filing.against.iter().map(|against| self.against(against));
            let against = against.collect::<Vec<_>>().join(", ");
            add(format!("; tegen {against}"), format!("; against {against}"));
        }
        if !filing.parts.is_empty() {
            let parts = filing.parts.join(", ");
            add(format!("; alleen over {parts}"), format!("; only about {parts}"));
        }
        if let Some(day) = filing.posted_on.map(|posted| self.day(posted)) {
            add(format!("; ter post bezorgd op {day}"), format!("; posted on {day}"));
        }
        if let Some(elsewhere) = &filing.elsewhere {
            let (day, body) = (self.day(elsewhere.arrived_on), &elsewhere.body);
            add(
                format!("; doorgezonden door {body}, daar binnengekomen op {day}"),
                format!("; forwarded by {body}, where it arrived on {day}"),
            );
        }
        if let Some(day) = filing.early.map(|at| self.day_of(at)) {
            add(format!("; al ingediend op {day}"), format!("; filed already on {day}"));
        }
        if let Some(excuse) = &filing.excuse {
            add(format!("; te laat omdat: «{excuse}»"), format!("; late because: “{excuse}”"));
        }
        said
    }

    pub(super) fn filed_early(&self, appeal: &Name, by: &str, filing: &FilingRecord) -> String {
        let (title, filed) = (self.step(appeal), self.filed(appeal, filing));
        match self.language {
            Language::Nl => format!("{title}: te vroeg ingediend{by}, en bewaard{filed}"),
            Language::En => format!("{title}: filed too early{by}, and kept{filed}"),
        }
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
