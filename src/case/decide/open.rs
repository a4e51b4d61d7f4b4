//! Opening a case: what is recorded, who has rights in it.

use super::Deciding;
use super::authority::{capacity, keeps_apart, speaks_for};
use crate::case::command::{Command, Open};
use crate::case::event::Fact;
use crate::case::person::{ActedBy, Party};
use crate::case::refusal::{Refusal, Remedy, RuleCited, Why};
use crate::procedure::{Name, RoleIndex};

/// The most parties in one case.
pub(super) const MOST_PARTIES: usize = 1_000;
/// The longest name of a party, in characters.
pub(super) const LONGEST_NAME: usize = 200;
/// The longest reference, in characters.
const LONGEST_REFERENCE: usize = 64;

impl Deciding<'_> {
    pub(super) fn open(&mut self, command: &Command, open: &Open) -> Result<(), Refusal> {
        if open.received_at > command.at {
            return Err(Refusal::new("open", Why::ReceivedLater));
        }
        if open.reference.chars().count() > LONGEST_REFERENCE {
            return Err(Refusal::new(
                "open",
                Why::TooLarge { what: "reference", most: LONGEST_REFERENCE },
            ));
        }
        if open.origin.is_none() {
            self.check_channel(open)?;
        }
        let forwarded_by = open.forwarded_by.as_deref();
        let forwarded_by = forwarded_by.map(|body| Self::body("open", body)).transpose()?;
        self.check_confidence(command, open)?;
        let parties = self.check_parties(&open.parties)?;
        let open = &Open { forwarded_by, parties, ..open.clone() };
        let role = self.opener(command, open)?;
        self.check_data(open)?;
        let role = role.map(|role| self.procedure.role(role).name.clone());
        let by = by_whom(command, open, role);
        let fact = Fact::CaseOpened {
            procedure: self.procedure.name.clone(),
            version: self.procedure.version,
            reference: open.reference.clone(),
            channel: open.channel.clone(),
            received_at: open.received_at,
            forwarded_by: open.forwarded_by.clone(),
            parties: open.parties.clone(),
            confidential: open.confidential,
            data: open.data.clone(),
            origin: open.origin.clone().map(Box::new),
        };
        self.happen(command.at, Some(by), fact)
    }

    /// Refuses a case that can't be confidential, and one of a party who may not keep back who he is, or does not.
    fn check_confidence(&self, command: &Command, open: &Open) -> Result<(), Refusal> {
        let access = &self.procedure.access;
        let on_request = access.confidential.as_ref().is_some_and(|rule| rule.when_asked);
        if open.confidential && !on_request {
            let refusal = Refusal::new("open", Why::NotConfidential);
            return Err(match &access.confidential {
                Some(rule) => refusal.under(&rule.rule),
                None => refusal.under(&self.procedure.intake.rule),
            });
        }
        // Who did not say who he is in the first case does not in the one that is split off it.
        let first = open.origin.is_none();
        for party in open.parties.iter().filter(|party| first && party.code.is_some()) {
            let named = party.name.is_some() || !party.person.is_outside();
            let by_himself = command.actor.person.id == party.person;
            if !access.anonymous || named || !party.contact.is_empty() || !by_himself {
                let refusal = Refusal::new("open", Why::NotAnonymous);
                return Err(refusal.under(&self.procedure.intake.rule));
            }
        }
        Ok(())
    }

    fn check_channel(&self, open: &Open) -> Result<(), Refusal> {
        let channels = &self.procedure.intake.channels;
        let known = match &open.channel {
            Some(channel) => channels.contains(channel),
            None => channels.is_empty(),
        };
        if known {
            return Ok(());
        }
        let why = Why::NoSuchChannel { channels: channels.clone() };
        let refusal = Refusal::new("open", why).under(&self.procedure.intake.rule);
        Err(if channels.is_empty() {
            refusal
        } else {
            refusal.unless(Remedy::OneOf { names: channels.clone() })
        })
    }

    /// Returns the parties, each representative with whom it represents.
    fn check_parties(&self, parties: &[Party]) -> Result<Vec<Party>, Refusal> {
        let of_opening = |refusal: Refusal| Refusal { asked: "open".to_owned(), ..refusal };
        let mut all = Vec::new();
        for party in parties.iter().take(MOST_PARTIES.saturating_add(1)) {
            self.party_role(&party.role).map_err(of_opening)?;
            Self::check_party(party).map_err(of_opening)?;
            self.check_how_many(parties, &party.role).map_err(of_opening)?;
            all.push(self.with_whom_it_represents(party.clone(), parties).map_err(of_opening)?);
        }
        self.check_parties_apart(&all, "open")?;
        Ok(all)
    }

    /// Refuses a case in which one person would be two parties that are kept apart.
    pub(super) fn check_parties_apart(
        &self,
        parties: &[Party],
        asked: &str,
    ) -> Result<(), Refusal> {
        let in_role = |party: &Party, role: RoleIndex| self.procedure.role(role).name == party.role;
        for apart in &self.procedure.apart {
            for party in parties {
                let Some(role) = apart.roles.iter().find(|role| in_role(party, **role)) else {
                    continue;
                };
                let other = parties.iter().filter(|other| other.person == party.person);
                let other = other.filter(|other| other.role != party.role);
                let mut others = other.flat_map(|other| {
                    apart.roles.iter().filter(move |role| in_role(other, **role))
                });
                if let Some(other) = others.next() {
                    let (role, other) = (self.procedure.role(*role), self.procedure.role(*other));
                    let why = Why::Apart { role: role.name.clone(), other: other.name.clone() };
                    return Err(Refusal::new(asked, why).under(RuleCited::from(&apart.rule)));
                }
            }
        }
        Ok(())
    }

    /// Returns the role in which the actor opens the case: the parties of the case-to-be count already.
    fn opener(&self, command: &Command, open: &Open) -> Result<Option<RoleIndex>, Refusal> {
        // The other case opens it, by what was done there; whoever did that needs no role here.
        if open.origin.is_some() {
            return Ok(None);
        }
        let intake = &self.procedure.intake;
        let mut as_if_open = self.case.clone();
        as_if_open.opening = Some(crate::case::state::Opening {
            procedure: self.procedure.name.clone(),
            version: self.procedure.version,
            reference: open.reference.clone(),
            channel: open.channel.clone(),
            received_at: open.received_at,
            forwarded_by: open.forwarded_by.clone(),
            opened_at: command.at,
            parties: open.parties.clone(),
            origin: open.origin.clone().map(Box::new),
            confidential: open.confidential,
        });
        if intake.who.is_empty() {
            if let Some(party) = &command.actor.enters_for {
                speaks_for(self.procedure, &as_if_open, &command.actor, party, "open")?;
            }
            return Ok(None);
        }
        let role = capacity(
            self.procedure,
            &as_if_open,
            &command.actor,
            &intake.who,
            &intake.rule,
            "open",
        )?;
        keeps_apart(self.procedure, &as_if_open, &command.actor.person, role, "open")?;
        Ok(Some(role))
    }

    fn check_data(&self, open: &Open) -> Result<(), Refusal> {
        let intake = &self.procedure.intake;
        let findings = intake.schema.validate(&serde_json::Value::Object(open.data.clone()));
        if findings.is_empty() {
            return Ok(());
        }
        let missing = intake.required.iter().filter(|field| !open.data.contains_key(*field));
        let remedies: Vec<Remedy> =
            missing.map(|field| Remedy::Give { field: field.clone() }).collect();
        let refusal = Refusal::new("open", Why::FormInvalid { findings }).under(&intake.rule);
        Err(Refusal { remedies, ..refusal })
    }
}

fn by_whom(command: &Command, open: &Open, role: Option<Name>) -> ActedBy {
    let actor = &command.actor;
    let nameless = open.parties.iter().any(|p| p.person == actor.person.id && p.code.is_some());
    let account = actor.account.clone().filter(|_| !nameless);
    let party =
        actor.enters_for.as_ref().and_then(|role| open.parties.iter().find(|p| p.role == *role));
    match party {
        Some(party) => ActedBy {
            person: party.person.clone(),
            role,
            unit: party.unit.clone(),
            in_place_of: None,
            entered_by: Some(actor.person.id.clone()),
            account,
        },
        None => ActedBy {
            person: actor.person.id.clone(),
            role,
            unit: actor.person.unit.clone(),
            in_place_of: None,
            entered_by: None,
            account,
        },
    }
}
