//! How other cases are told.

use super::Teller;
use crate::case::event::{Fact, LinkKind, Verdict};
use crate::case::state::Case;
use crate::language::Language;
use crate::procedure::Name;

impl Teller<'_> {
    /// Returns what another case is to this one, in words.
    pub fn link(&self, kind: LinkKind, case: &str, procedure: &Name) -> String {
        let words = match kind {
            LinkKind::Opened => ("Opent zaak", "Opens case"),
            LinkKind::OpenedBy => ("Komt uit zaak", "Comes from case"),
            LinkKind::JoinedInto => ("Gevoegd bij zaak", "Joined into case"),
            LinkKind::Joined => ("Hierbij gevoegd: zaak", "Joined into this one: case"),
            LinkKind::SplitInto => ("Hiervan afgesplitst: zaak", "Split off this one: case"),
            LinkKind::SplitFrom => ("Afgesplitst van zaak", "Split off case"),
            LinkKind::Related => ("Hangt samen met", "Related to"),
        };
        let words = self.language.pick(words.0, words.1);
        format!("{words} {case} ({procedure})")
    }

    /// Returns the status with which a case ended, in words: those that the program itself gives have Dutch ones too.
    pub fn status<'s>(&self, status: &'s Name) -> &'s str {
        match (status.as_str(), self.language) {
            ("joined", Language::Nl) => "gevoegd",
            ("transferred", Language::Nl) => "overgedragen",
            (status, _) => status,
        }
    }

    /// Returns what came with a case that was joined into this one.
    pub(super) fn taken_in(&self, case: &Case, taken: &Fact) -> String {
        let Fact::CaseTakenIn { received_at, parties, data, reason, .. } = taken else {
            return String::new();
        };
        let nl = self.language == Language::Nl;
        let mut with: Vec<String> = Vec::new();
        if let Some(received_at) = received_at {
            let day = self.day_of(*received_at);
            with.push(if nl {
                format!("ontvangen op {day}")
            } else {
                format!("received on {day}")
            });
        }
        with.extend(parties.iter().map(|party| {
            let (who, role) = (self.person(case, &party.person), self.role(&party.role));
            if who == role { who } else { format!("{who} ({role})") }
        }));
        with.extend(data.keys().map(|field| self.field(field)));
        let word = self.language.pick("met", "with");
        let with =
            if with.is_empty() { String::new() } else { format!(", {word} {}", with.join(", ")) };
        format!("{with}; «{reason}»")
    }

    /// Returns how a case was handed to another body.
    pub(super) fn transferred(&self, to: &str, by: &str, reason: Option<&str>) -> String {
        let words = self.language.pick("Overgedragen aan", "Transferred to");
        let reason = reason.map(|reason| format!("; «{reason}»")).unwrap_or_default();
        format!("{words} {to}{by}{reason}")
    }

    /// Returns on which ground a case was reopened.
    pub(super) fn reopened(&self, ground: &Name, by: &str, reason: &str) -> String {
        match self.language {
            Language::Nl => format!("De zaak is heropend{by} op grond van {ground}; «{reason}»"),
            Language::En => {
                format!("The case was reopened{by} on the ground of {ground}; “{reason}”")
            }
        }
    }

    /// Returns what came of another case, in words.
    pub fn verdict(&self, verdict: &Verdict) -> String {
        match verdict {
            Verdict::Decided(Some(outcome)) => outcome.to_string(),
            Verdict::Decided(None) => self.language.pick("beslist", "decided").to_owned(),
            Verdict::Ended(status) => {
                let words = self.language.pick("geëindigd zonder beslissing", "ended undecided");
                format!("{words} ({status})")
            }
        }
    }
}
