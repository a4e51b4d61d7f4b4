//! Telling parties that come and leave.

use super::Teller;
use crate::case::event::LeaveCause;
use crate::case::person::{Party, PersonId};
use crate::case::state::Case;
use crate::language::Language;
use crate::procedure::Name;

impl Teller<'_> {
    /// Returns for whom a representative acts; nothing for anybody else.
    pub(super) fn on_behalf(&self, case: &Case, id: &PersonId) -> String {
        let mut parties = case.all_parties().filter(|party| party.person == *id);
        let Some(party) = parties.find_map(|party| party.represents.as_ref()) else {
            return String::new();
        };
        let whom = self.person(case, party);
        format!("{}{whom}", self.language.pick(", namens ", ", on behalf of "))
    }

    pub(super) fn joined(&self, case: &Case, party: &Party, by: &str) -> String {
        let (who, role) = (self.person(case, &party.person), self.role(&party.role));
        let role = if role == who { String::new() } else { format!(" ({role})") };
        let of = party.represents.as_ref().map(|whom| self.person(case, whom));
        match (of, self.language) {
            (None, Language::Nl) => format!("{who}{role} komt erbij{by}"),
            (None, Language::En) => format!("{who}{role} joins{by}"),
            (Some(of), Language::Nl) => format!("{who}{role} treedt op namens {of}{by}"),
            (Some(of), Language::En) => format!("{who}{role} represents {of}{by}"),
        }
    }

    pub(super) fn left(
        &self,
        case: &Case,
        (role, person): (&Name, &PersonId),
        cause: LeaveCause,
        reason: Option<&str>,
        by: &str,
    ) -> String {
        let (who, title) = (self.person(case, person), self.role(role));
        let role = if title == who { String::new() } else { format!(" ({title})") };
        let reason = reason.map(|reason| format!("; «{reason}»")).unwrap_or_default();
        let text = match (cause, self.language) {
            (LeaveCause::Withdrew, Language::Nl) => "trekt zich terug; de zaak gaat verder",
            (LeaveCause::Withdrew, Language::En) => "withdraws; the case goes on",
            (LeaveCause::Left, Language::Nl) => "is geen partij meer",
            (LeaveCause::Left, Language::En) => "is no longer a party",
            (LeaveCause::Refused, Language::Nl) => "is als gemachtigde geweigerd",
            (LeaveCause::Refused, Language::En) => "is refused as a representative",
            (LeaveCause::WithItsParty, Language::Nl) => "treedt niet meer op",
            (LeaveCause::WithItsParty, Language::En) => "no longer represents anybody",
        };
        format!("{who}{role} {text}{by}{reason}")
    }
}
