//! A case that is joined into another, split in two, or handed to another body.

use super::{Deciding, bounded};
use crate::case::command::{Command, Other, TakeIn};
use crate::case::event::{Fact, LinkKind};
use crate::case::person::{Party, PersonId};
use crate::case::refusal::{Refusal, Why};
use crate::case::state::Status;
use crate::procedure::Name;
use crate::time::Instant;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// With which status a case ends that is joined into another.
const JOINED: &str = "joined";
/// With which status a case ends that is handed to another body.
const TRANSFERRED: &str = "transferred";
/// The longest name of a body, in characters.
pub(super) const LONGEST_BODY: usize = 200;

impl Deciding<'_> {
    /// Ends this case, which goes on in another. The same is asked of the other one, in the same commit.
    pub(super) fn join_into(
        &mut self,
        command: &Command,
        other: &Other,
        reason: &str,
    ) -> Result<(), Refusal> {
        let asked = "join";
        let role = self.may_join(command, other)?;
        let origin = self.case.opening.as_ref().and_then(|opening| opening.origin.as_ref());
        if let Some(origin) = origin.filter(|origin| origin.decides.is_some()) {
            let refusal = Refusal::new(asked, Why::AwaitedElsewhere { case: origin.case.clone() });
            return Err(refusal.under(&self.procedure.intake.rule));
        }
        let reason = Some(Self::reason(asked, reason)?);
        let by = self.acted_by(command, Some(role));
        let (case, procedure) = (other.reference.clone(), other.procedure.clone());
        let (kind, through) = (LinkKind::JoinedInto, None);
        let fact = Fact::CaseLinked { kind, case, procedure, through, reason };
        self.happen(command.at, Some(by), fact)?;
        self.end_with(command.at, JOINED, asked)
    }

    /// Takes another case in: the earliest date of receipt leads, parties and data come together.
    pub(super) fn take_in_case(
        &mut self,
        command: &Command,
        joined: &TakeIn,
    ) -> Result<(), Refusal> {
        let asked = "join";
        let role = self.may_join(command, &joined.other)?;
        let Some(opening) = &self.case.opening else {
            return Err(Refusal::new(asked, Why::WrongMoment));
        };
        if opening.confidential != joined.confidential {
            let refusal = Refusal::new(asked, Why::NotEquallyConfidential);
            return Err(refusal.under(&self.procedure.intake.rule));
        }
        let received_at = joined.received_at.filter(|at| *at < opening.received_at);
        let reason = Self::reason(asked, &joined.reason)?;
        let parties = self.parties_taken_in(&joined.parties)?;
        let data = self.data_taken_in(&joined.data);
        let by = self.acted_by(command, Some(role));
        let fact = Fact::CaseTakenIn {
            case: joined.other.reference.clone(),
            procedure: joined.other.procedure.clone(),
            received_at,
            parties,
            data,
            reason,
        };
        self.happen(command.at, Some(by), fact)
    }

    /// Puts on record that a second case was split off. The engine opens it in the same commit.
    pub(super) fn split_off(
        &mut self,
        command: &Command,
        other: &Other,
        reason: &str,
    ) -> Result<(), Refusal> {
        let asked = "split";
        let role = self.may_link(command, asked, &self.procedure.intake.between.split)?;
        self.check_other(asked, other)?;
        self.must_run(asked)?;
        let reason = Some(Self::reason(asked, reason)?);
        let by = self.acted_by(command, Some(role));
        let (case, procedure) = (other.reference.clone(), other.procedure.clone());
        let (kind, through) = (LinkKind::SplitInto, None);
        let fact = Fact::CaseLinked { kind, case, procedure, through, reason };
        self.happen(command.at, Some(by), fact)
    }

    /// Ends this case, which another body goes on with.
    pub(super) fn transfer(
        &mut self,
        command: &Command,
        to: &str,
        reason: &str,
    ) -> Result<(), Refusal> {
        let asked = "transfer";
        let role = self.may_link(command, asked, &self.procedure.intake.between.transfer)?;
        self.must_run(asked)?;
        let to = Self::body(asked, to)?;
        let reason = reason.trim();
        bounded(asked, reason)?;
        let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
        let by = self.acted_by(command, Some(role));
        self.happen(command.at, Some(by), Fact::CaseTransferred { to, reason })?;
        self.end_with(command.at, TRANSFERRED, asked)
    }

    /// Returns the name of another body.
    pub(super) fn body(asked: &str, name: &str) -> Result<String, Refusal> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Refusal::new(asked, Why::WhichBody));
        }
        if name.chars().count() > LONGEST_BODY {
            let why = Why::TooLarge { what: "name of a body", most: LONGEST_BODY };
            return Err(Refusal::new(asked, why));
        }
        Ok(name.to_owned())
    }

    fn may_join(
        &self,
        command: &Command,
        other: &Other,
    ) -> Result<crate::procedure::RoleIndex, Refusal> {
        let asked = "join";
        let role = self.may_link(command, asked, &self.procedure.intake.between.join)?;
        self.check_other(asked, other)?;
        self.must_run(asked)?;
        if other.procedure != self.procedure.name {
            let refusal = Refusal::new(asked, Why::AnotherProcedure);
            return Err(refusal.under(&self.procedure.intake.rule));
        }
        Ok(role)
    }

    fn must_run(&self, asked: &str) -> Result<(), Refusal> {
        if self.case.status == Status::Open {
            return Ok(());
        }
        let status = Box::new(self.case.status.clone());
        Err(Refusal::new(asked, Why::CaseNotOpen { status }))
    }

    fn end_with(&mut self, at: Instant, status: &str, step: &str) -> Result<(), Refusal> {
        let (status, step) = (Name::from(status), Name::from(step));
        self.happen(at, None, Fact::CaseEnded { status, step })?;
        self.close_all(at)
    }

    /// Returns the parties that come from another case, under the numbers that they have here. Whoever is in this case in
    /// the same role already is not added again: the same person of the organisation, or somebody of the same name who is
    /// reached in the same way.
    fn parties_taken_in(&self, parties: &[Party]) -> Result<Vec<Party>, Refusal> {
        let asked = "join";
        let of_join = |refusal: Refusal| Refusal { asked: asked.to_owned(), ..refusal };
        let mut all = self.case.parties().to_vec();
        let mut called: BTreeMap<PersonId, PersonId> = BTreeMap::new();
        let mut new: Vec<Party> = Vec::new();
        for party in parties {
            let known = self.procedure.find_role(party.role.as_str());
            if !known.is_some_and(|role| self.procedure.role(role).party) {
                continue;
            }
            let outside = party.person.is_outside();
            let twin = self.case.parties().iter().find(|own| {
                own.role == party.role
                    && if outside {
                        let named = party.name.is_some() && own.name == party.name;
                        named && own.contact == party.contact && own.code == party.code
                    } else {
                        own.person == party.person
                    }
            });
            if let Some(twin) = twin {
                called.insert(party.person.clone(), twin.person.clone());
                continue;
            }
            let person = if outside {
                let numbers = all.iter().chain(self.case.all_parties());
                let numbers = numbers.filter(|other| other.role == party.role);
                let highest = numbers.filter_map(|party| party.person.outside_number()).max();
                PersonId::outside(&party.role, highest.unwrap_or(0).saturating_add(1))
            } else {
                party.person.clone()
            };
            let person = called.entry(party.person.clone()).or_insert(person).clone();
            let party = Party { person, ..party.clone() };
            all.push(party.clone());
            new.push(party);
        }
        for party in &mut new {
            if let Some(whom) = &party.represents {
                party.represents = called.get(whom).or(Some(whom)).cloned();
            }
        }
        // Who comes to represent others has nothing to do in a case in which they are not.
        let own = self.case.parties().to_vec();
        let there: BTreeSet<PersonId> =
            own.iter().chain(&new).map(|party| party.person.clone()).collect();
        new.retain(|party| {
            let role = self.procedure.find_role(party.role.as_str());
            let stands_for =
                role.is_some_and(|role| !self.procedure.role(role).represents.is_empty());
            let whom = party.represents.as_ref();
            stands_for == whom.is_some() && whom.is_none_or(|whom| there.contains(whom))
        });
        let all: Vec<Party> = own.into_iter().chain(new.iter().cloned()).collect();
        for party in &new {
            self.check_how_many(&all, &party.role).map_err(of_join)?;
        }
        self.check_parties_apart(&all, asked)?;
        Ok(new)
    }

    /// Returns the data that another case adds: fields that are not known here, and further items of lists. What this case
    /// says of a field stands.
    fn data_taken_in(&self, data: &Map<String, Value>) -> Map<String, Value> {
        let schema = &self.procedure.intake.schema;
        let usual = schema.validate(&Value::Object(self.case.data.clone()));
        let mut added = Map::new();
        for (field, value) in data {
            let new = match (self.case.data.get(field), value) {
                (None, value) => value.clone(),
                (Some(Value::Array(own)), Value::Array(more)) => {
                    let more = more.iter().filter(|item| !own.contains(item));
                    Value::Array(own.iter().chain(more).cloned().collect())
                }
                (Some(_), _) => continue,
            };
            if self.case.data.get(field) == Some(&new) {
                continue;
            }
            // What does not fit beside the rest stays where it is.
            let mut with = self.case.data.clone();
            with.extend(added.clone());
            with.insert(field.clone(), new.clone());
            let found = schema.validate(&Value::Object(with));
            if found.iter().all(|finding| usual.contains(finding)) {
                added.insert(field.clone(), new);
            }
        }
        added
    }
}
