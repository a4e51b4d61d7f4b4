//! Parties that come into a case and leave it, and those who represent them.

use super::authority::{may_arrange, may_refuse};
use super::open::{LONGEST_NAME, MOST_PARTIES};
use super::{Deciding, bounded};
use crate::case::command::{Command, NewParty, PartyAct};
use crate::case::event::{Fact, LeaveCause};
use crate::case::person::{ActedBy, Contact, Party, PersonId};
use crate::case::refusal::{Refusal, Remedy, RuleCited, Why};
use crate::case::state::Status;
use crate::procedure::{Name, RoleIndex, StepIndex, StepKind};
use crate::time::Instant;

const ASKED: &str = "party";
/// The longest address, in characters.
const LONGEST_ADDRESS: usize = 500;
/// The longest name of a channel, in characters.
const LONGEST_CHANNEL: usize = 64;

impl Deciding<'_> {
    pub(super) fn party(&mut self, command: &Command, act: &PartyAct) -> Result<(), Refusal> {
        if matches!(self.case.status, Status::Archived { .. }) {
            let status = Box::new(self.case.status.clone());
            return Err(Refusal::new(ASKED, Why::CaseNotOpen { status }));
        }
        match act {
            PartyAct::Add(new) => self.add_party(command, new),
            PartyAct::Change { role, person, contact } => {
                self.change_party(command, role, person, contact)
            }
            PartyAct::Leave { role, person, reason } => {
                self.leave(command, role, person, reason.as_deref())
            }
            PartyAct::Refuse { role, person, reason } => {
                self.refuse_party(command, role, person, reason)
            }
        }
    }

    fn add_party(&mut self, command: &Command, new: &NewParty) -> Result<(), Refusal> {
        self.party_role(&new.role)?;
        let numbers = self.case.all_parties().filter(|party| party.role == new.role);
        let highest = numbers.filter_map(|party| party.person.outside_number()).max().unwrap_or(0);
        let outside = || PersonId::outside(&new.role, highest.saturating_add(1));
        let person = new.staff.clone().unwrap_or_else(outside);
        let party = Party {
            name: new.name.clone().filter(|_| new.staff.is_none()),
            represents: new.represents.clone(),
            proof: new.proof.clone(),
            unit: new.unit.clone(),
            contact: new.contact.clone(),
            ..Party::new(new.role.clone(), person)
        };
        let party = self.with_whom_it_represents(party, self.case.parties())?;
        let concerned = self.represented(&party);
        let by = may_arrange(self.procedure, &self.case, &command.actor, &concerned)?;
        Self::check_party(&party)?;
        let twin = |other: &Party| {
            let named = party.name.is_some() && other.name == party.name;
            let both = other.represents.is_some() && other.represents == party.represents;
            other.role == party.role && (other.person == party.person || named && both)
        };
        if self.case.parties().iter().any(twin) {
            return Err(Refusal::new(ASKED, Why::AlreadyParty { role: party.role }));
        }
        // Who was refused comes back under no other number.
        let same = |former: &Party| {
            former.role == party.role
                && (former.person == party.person
                    || former.name.is_some() && former.name == party.name)
        };
        let refused = self
            .case
            .former_parties
            .iter()
            .any(|(former, cause)| same(former) && *cause == LeaveCause::Refused);
        if refused {
            let refusal = Refusal::new(ASKED, Why::WasRefused);
            return Err(refusal.under(&self.procedure.access.parties_rule));
        }
        let mut all = self.case.parties().to_vec();
        all.push(party.clone());
        self.check_how_many(&all, &party.role)?;
        self.check_parties_apart(&all, ASKED)?;
        let by = self.acted_by(command, Some(by));
        self.happen(command.at, Some(by), Fact::PartyJoined { party })
    }

    fn change_party(
        &mut self,
        command: &Command,
        role: &Name,
        person: &PersonId,
        contact: &Contact,
    ) -> Result<(), Refusal> {
        let party = self.known_party(role, person)?.clone();
        let concerned = self.concerned(&party);
        let by = may_arrange(self.procedure, &self.case, &command.actor, &concerned)?;
        let contact = party.contact.clone().updated(contact);
        Self::check_party(&Party { contact: contact.clone(), ..party })?;
        let by = self.acted_by(command, Some(by));
        let fact = Fact::PartyChanged { role: role.clone(), person: person.clone(), contact };
        self.happen(command.at, Some(by), fact)
    }

    fn leave(
        &mut self,
        command: &Command,
        role: &Name,
        person: &PersonId,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let party = self.known_party(role, person)?.clone();
        let concerned = self.concerned(&party);
        let by = may_arrange(self.procedure, &self.case, &command.actor, &concerned)?;
        if let Some(reason) = reason {
            bounded(ASKED, reason)?;
        }
        let last = self.case.parties_in(role).count() == 1;
        if let Some(step) = self.withdrawal_of(role).filter(|_| last && self.case.is_open()) {
            let step = self.procedure.step(step);
            let refusal = Refusal::new(ASKED, Why::LastParty { role: role.clone() });
            let remedy = Remedy::Do { step: step.name.clone(), outcome: None };
            return Err(refusal.under(&step.rule).unless(remedy));
        }
        let by = self.acted_by(command, Some(by));
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        self.leaves(command.at, Some(by), &party, LeaveCause::Left, reason)
    }

    fn refuse_party(
        &mut self,
        command: &Command,
        role: &Name,
        person: &PersonId,
        reason: &str,
    ) -> Result<(), Refusal> {
        let by = may_refuse(self.procedure, &self.case, &command.actor)?;
        let party = self.known_party(role, person)?.clone();
        if party.represents.is_none() {
            return Err(Refusal::new(ASKED, Why::NoRepresentative));
        }
        let reason = Self::reason(ASKED, reason)?;
        let by = self.acted_by(command, Some(by));
        self.leaves(command.at, Some(by), &party, LeaveCause::Refused, Some(&reason))
    }

    /// A party leaves, and those go with it who are there for nobody else.
    fn leaves(
        &mut self,
        at: Instant,
        by: Option<ActedBy>,
        party: &Party,
        cause: LeaveCause,
        reason: Option<&str>,
    ) -> Result<(), Refusal> {
        let left = |party: &Party, cause, reason: Option<&str>| Fact::PartyLeft {
            role: party.role.clone(),
            person: party.person.clone(),
            cause,
            reason: reason.map(str::to_owned),
        };
        self.happen(at, by, left(party, cause, reason))?;
        if self.case.parties().iter().any(|other| other.person == party.person) {
            return Ok(());
        }
        let of_it = |other: &&Party| other.represents.as_ref() == Some(&party.person);
        let theirs: Vec<Party> = self.case.parties().iter().filter(of_it).cloned().collect();
        for other in theirs {
            self.happen(at, None, left(&other, LeaveCause::WithItsParty, None))?;
        }
        Ok(())
    }

    /// Where one of several parties withdraws what all of them had filed, he leaves and the case goes on. Returns whether
    /// that is so.
    pub(super) fn withdraws_alone(
        &mut self,
        at: Instant,
        index: StepIndex,
        outcome: Option<&Name>,
        by: &ActedBy,
    ) -> Result<bool, Refusal> {
        let step = self.procedure.step(index);
        let named = outcome.and_then(|name| step.outcome(name.as_str()));
        let ends = named.and_then(|outcome| outcome.ends.as_ref()).or(step.ends.as_ref());
        if step.kind != StepKind::AtAnyTime || ends.is_none() {
            return Ok(false);
        }
        let Some(role) = &by.role else { return Ok(false) };
        let in_role: Vec<&Party> = self.case.parties_in(role).collect();
        let own = |party: &&&Party| self.case.stands_for(&by.person, &party.person);
        let party = in_role.iter().find(own).map(|party| (**party).clone());
        let Some(party) = party.filter(|_| in_role.len() > 1) else {
            return Ok(false);
        };
        self.leaves(at, None, &party, LeaveCause::Withdrew, None)?;
        Ok(true)
    }

    /// Returns the act with which the holder of a party role withdraws the case.
    fn withdrawal_of(&self, role: &Name) -> Option<StepIndex> {
        let role = self.procedure.find_role(role.as_str())?;
        let mut steps = self.procedure.steps();
        let found = steps.find(|(_, step)| {
            step.kind == StepKind::AtAnyTime && step.ends.is_some() && step.who.contains(&role)
        });
        found.map(|(index, _)| index)
    }

    /// Returns the party role of that name.
    pub(super) fn party_role(&self, name: &Name) -> Result<RoleIndex, Refusal> {
        let found = self.procedure.find_role(name.as_str());
        found.filter(|role| self.procedure.role(*role).party).ok_or_else(|| {
            let parties = self.procedure.roles.iter().filter(|role| role.party);
            let roles: Vec<Name> = parties.map(|role| role.name.clone()).collect();
            let why = Why::NoSuchParty { said: name.to_string(), roles: roles.clone() };
            Refusal::new(ASKED, why).unless(Remedy::OneOf { names: roles })
        })
    }

    fn known_party(&self, role: &Name, person: &PersonId) -> Result<&Party, Refusal> {
        self.party_role(role)?;
        let found = self.case.party(role, person);
        found.ok_or_else(|| Refusal::new(ASKED, Why::NotInTheCase { role: role.clone() }))
    }

    /// Returns the parties whose affair it is what becomes of `party`: itself, and whom it represents.
    fn concerned(&self, party: &Party) -> Vec<(RoleIndex, PersonId)> {
        let own = self.procedure.find_role(party.role.as_str());
        let own = own.map(|role| (role, party.person.clone()));
        own.into_iter().chain(self.represented(party)).collect()
    }

    /// Returns the party that `party` represents, in each of its roles.
    fn represented(&self, party: &Party) -> Vec<(RoleIndex, PersonId)> {
        let Some(person) = &party.represents else { return Vec::new() };
        let theirs = self.case.parties().iter().filter(|other| other.person == *person);
        let roles = theirs.filter_map(|other| self.procedure.find_role(other.role.as_str()));
        roles.map(|role| (role, person.clone())).collect()
    }

    /// Returns a representative with the party that it represents: the one that was named, or the only one there is.
    pub(super) fn with_whom_it_represents(
        &self,
        party: Party,
        all: &[Party],
    ) -> Result<Party, Refusal> {
        let Some(role) = self.procedure.find_role(party.role.as_str()) else { return Ok(party) };
        let role = self.procedure.role(role);
        let names: Vec<&Name> =
            role.represents.iter().map(|role| &self.procedure.role(*role).name).collect();
        let mut able: Vec<&PersonId> =
            all.iter().filter(|one| names.contains(&&one.role)).map(|one| &one.person).collect();
        able.dedup();
        match (&party.represents, able.as_slice()) {
            (None, _) if names.is_empty() => Ok(party),
            (None, [only]) if **only != party.person => {
                Ok(Party { represents: Some((*only).clone()), ..party })
            }
            (Some(said), able) if able.contains(&said) && *said != party.person => Ok(party),
            (None | Some(_), _) => {
                let why = Why::WhomItRepresents { roles: names.into_iter().cloned().collect() };
                Err(Refusal::new(ASKED, why).under(&role.rule))
            }
        }
    }

    /// Refuses what can't be recorded of a party.
    pub(super) fn check_party(party: &Party) -> Result<(), Refusal> {
        let Contact { channel, address, language } = &party.contact;
        let too_long = |text: Option<&str>, most: usize, what| {
            let long = text.is_some_and(|text| text.chars().count() > most);
            long.then(|| Refusal::new(ASKED, Why::TooLarge { what, most }))
        };
        let faults = [
            too_long(Some(party.person.as_str()), LONGEST_NAME, "name of a party"),
            too_long(party.name.as_deref(), LONGEST_NAME, "name of a party"),
            too_long(address.as_deref(), LONGEST_ADDRESS, "address of a party"),
            too_long(channel.as_ref().map(Name::as_str), LONGEST_CHANNEL, "channel of a party"),
            too_long(party.proof.as_deref(), LONGEST_NAME, "proof"),
        ];
        if let Some(refusal) = faults.into_iter().flatten().next() {
            return Err(refusal);
        }
        let code = |code: &String| code.len() == 2 && code.chars().all(|c| c.is_ascii_lowercase());
        if language.as_ref().is_some_and(|language| !code(language)) {
            return Err(Refusal::new(ASKED, Why::NoLanguage));
        }
        Ok(())
    }

    /// Refuses more parties than a case or a role may have.
    pub(super) fn check_how_many(&self, all: &[Party], role: &Name) -> Result<(), Refusal> {
        if all.len() > MOST_PARTIES {
            return Err(Refusal::new(ASKED, Why::TooLarge { what: "parties", most: MOST_PARTIES }));
        }
        let rule = self.procedure.find_role(role.as_str()).map(|role| self.procedure.role(role));
        match rule {
            Some(rule)
                if !rule.several && all.iter().filter(|party| party.role == *role).count() > 1 =>
            {
                let refusal = Refusal::new(ASKED, Why::OnlyOne { role: role.clone() });
                Err(refusal.under(RuleCited::from(&rule.rule)))
            }
            Some(_) | None => Ok(()),
        }
    }
}
