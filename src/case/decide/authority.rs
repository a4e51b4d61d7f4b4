//! Who may do what: roles, parties, duties kept apart.
//!
//! The only place that answers this question; every act passes here, whatever the way in.

mod access;
mod apart;
mod appeals;
mod documents;
mod parties;
mod recorded;

pub(super) use access::{called, check_seen};
pub use access::{looks_are_kept, may_see, sees_identity_of};
pub(super) use appeals::{check_filer, stand_together};
pub(super) use documents::may_attach;
pub(super) use parties::{may_arrange, may_refuse};
pub(super) use recorded::as_recorded;

use super::Deciding;
use super::late::Recorded;
use crate::case::command::{Act, Command};
use crate::case::person::{ActedBy, Actor, Person, PersonId, StandIn};
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::state::Case;
use crate::procedure::{Breach, Name, Procedure, RoleIndex, Rule, Step, StepIndex, StepKind};

/// Returns the role in which `actor` may do `step` in `case`, apart from whether the step is open.
///
/// # Errors
/// A [`Refusal`] when the actor has none of its roles, or may not combine it with another in this case.
pub fn may_do(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    step: StepIndex,
) -> Result<RoleIndex, Refusal> {
    let rule = procedure.step(step);
    may_do_as(procedure, case, actor, step, &rule.who)
}

/// The same, in one of `roles` only.
fn may_do_as(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    step: StepIndex,
    roles: &[RoleIndex],
) -> Result<RoleIndex, Refusal> {
    let rule = procedure.step(step);
    let asked = rule.name.as_str();
    // Whoever may not see the case has no role in it.
    if case.opening.is_some() && !may_see(procedure, case, Some(&actor.person)) {
        let roles = rule.who.iter().map(|role| procedure.role(*role).name.clone()).collect();
        return Err(Refusal::new(asked, Why::NotYourRole { roles }).under(&rule.rule));
    }
    may_still_do(procedure, case, actor, step, roles)
}

/// The same of whoever is on record with the act, apart from whether he may see the case.
fn may_still_do(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    step: StepIndex,
    roles: &[RoleIndex],
) -> Result<RoleIndex, Refusal> {
    let rule = procedure.step(step);
    let asked = rule.name.as_str();
    let acts = acts_as(procedure, case, actor, roles, &rule.rule, asked, Some(step))?;
    if actor.enters_for.is_some() {
        appeals::is_independent(procedure, case, &actor.person.id, step, Breach::Refuse)?;
        let whose = whose_act(case, actor);
        apart::may_take_part(procedure, case, &whose, acts.role, step, Breach::Refuse)?;
    }
    Ok(acts.role)
}

/// Returns those of `people` who may do `step` in `case`.
pub fn who_may<'p>(
    procedure: &Procedure,
    case: &Case,
    step: StepIndex,
    people: impl IntoIterator<Item = &'p Person>,
) -> Vec<&'p Person> {
    let may =
        |person: &&Person| may_do(procedure, case, &Actor::new((*person).clone()), step).is_ok();
    people.into_iter().filter(may).collect()
}

/// Returns the role, one of `roles`, in which the actor acts.
pub(super) fn capacity(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    roles: &[RoleIndex],
    rule: &Rule,
    asked: &str,
) -> Result<RoleIndex, Refusal> {
    acts_as(procedure, case, actor, roles, rule, asked, None).map(|acts| acts.role)
}

/// In which role somebody acts, and in whose place.
struct ActsAs {
    role: RoleIndex,
    /// Who is absent, where the role is not the actor's own.
    in_place_of: Option<PersonId>,
}

/// Returns in which role, one of `roles`, the actor acts: one of his own, or else of somebody for whom he stands in. What
/// bars either of the two bars the stand-in. `step` is what he does in it, where that is known.
fn acts_as(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    roles: &[RoleIndex],
    rule: &Rule,
    asked: &str,
    step: Option<StepIndex>,
) -> Result<ActsAs, Refusal> {
    if let Some(party) = &actor.enters_for {
        let role = enters_for(procedure, case, actor, party, roles, rule, asked)?;
        return Ok(ActsAs { role, in_place_of: None });
    }
    let person = &actor.person;
    let own = roles.iter().filter(|role| holds_itself(procedure, case, person, **role));
    let own = own.map(|role| (*role, None));
    let others = person.stands_in.iter().flat_map(|absent| {
        let held = roles.iter().filter(|role| stands_in_as(procedure, absent, **role));
        held.map(move |role| (*role, Some(absent)))
    });
    let able = |person: &Person, role: RoleIndex| {
        apart::may_be(procedure, case, person, role, step, asked, Breach::Refuse)?;
        let Some(step) = step else { return Ok(()) };
        appeals::is_independent(procedure, case, &person.id, step, Breach::Refuse)?;
        apart::may_take_part(procedure, case, person, role, step, Breach::Refuse)
    };
    let mut refused = None;
    for (role, absent) in own.chain(others) {
        let both = able(person, role)
            .and_then(|()| absent.map_or(Ok(()), |absent| able(&absent.absent(), role)));
        match both {
            Ok(()) => {
                let in_place_of = absent.map(|absent| absent.person.clone());
                return Ok(ActsAs { role, in_place_of });
            }
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    let names: Vec<Name> = roles.iter().map(|role| procedure.role(*role).name.clone()).collect();
    Err(refused.unwrap_or_else(|| {
        Refusal::new(asked, Why::NotYourRole { roles: names.clone() })
            .under(rule)
            .unless(Remedy::ActAs { roles: names })
    }))
}

/// Whether the person has the role: by the organisation, as a party in the case, or as a stand-in.
fn holds(procedure: &Procedure, case: &Case, person: &Person, role: RoleIndex) -> bool {
    let mut absent = person.stands_in.iter();
    holds_itself(procedure, case, person, role)
        || absent.any(|absent| stands_in_as(procedure, absent, role))
}

/// Whether the role is the person's own.
fn holds_itself(procedure: &Procedure, case: &Case, person: &Person, role: RoleIndex) -> bool {
    let role = procedure.role(role);
    if role.party {
        case.stands_as(&person.id, &role.name)
    } else {
        person.roles.contains(&role.name)
    }
}

/// Whether whoever stands in has the role thereby: what somebody is as a party is his own affair.
fn stands_in_as(procedure: &Procedure, absent: &StandIn, role: RoleIndex) -> bool {
    let role = procedure.role(role);
    !role.party && absent.roles.contains(&role.name)
}

/// The actor enters what a party said: he needs a role that acts for the party, and the party must be in the case.
fn enters_for(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    party: &Name,
    roles: &[RoleIndex],
    rule: &Rule,
    asked: &str,
) -> Result<RoleIndex, Refusal> {
    let Some(index) = procedure.find_role(party.as_str()) else {
        return Err(Refusal::new(asked, Why::MayNotEnterFor { role: party.clone() }));
    };
    if !roles.contains(&index) {
        let names: Vec<Name> =
            roles.iter().map(|role| procedure.role(*role).name.clone()).collect();
        let refusal = Refusal::new(asked, Why::NotYourRole { roles: names.clone() }).under(rule);
        return Err(refusal.unless(Remedy::ActAs { roles: names }));
    }
    speaks_for(procedure, case, actor, party, asked)
}

/// Returns the party role for which the actor enters something: he holds a role that acts for it, which he may have in
/// this case, and the case has such a party.
pub(super) fn speaks_for(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    party: &Name,
    asked: &str,
) -> Result<RoleIndex, Refusal> {
    let refuse = |role: &Name| Refusal::new(asked, Why::MayNotEnterFor { role: role.clone() });
    let Some(index) = procedure.find_role(party.as_str()) else { return Err(refuse(party)) };
    let mut apart = None;
    let mut may = false;
    for role in procedure.roles.iter().filter(|role| role.acts_for.contains(&index)) {
        let held = procedure.find_role(role.name.as_str());
        let held = held.filter(|held| holds(procedure, case, &actor.person, *held));
        match held.map(|held| keeps_apart(procedure, case, &actor.person, held, asked)) {
            Some(Ok(())) => may = true,
            Some(Err(refusal)) => apart = apart.or(Some(refusal)),
            None => {}
        }
    }
    let wanted = actor.for_person.as_ref();
    let there = case.parties_in(party).any(|one| wanted.is_none_or(|wanted| one.person == *wanted));
    if may && there {
        return Ok(index);
    }
    if let Some(refusal) = apart.filter(|_| !may) {
        return Err(refusal);
    }
    let able: Vec<Name> = procedure
        .roles
        .iter()
        .filter(|role| role.acts_for.contains(&index))
        .map(|role| role.name.clone())
        .collect();
    let refusal = refuse(party).under(&procedure.role(index).rule);
    Err(if able.is_empty() { refusal } else { refusal.unless(Remedy::ActAs { roles: able }) })
}

/// Refuses a role that the person may not have in this case.
pub(super) fn keeps_apart(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    role: RoleIndex,
    asked: &str,
) -> Result<(), Refusal> {
    apart::may_be(procedure, case, person, role, None, asked, Breach::Refuse)
}

/// Returns the rules about people that an act broke and that say that it is taken in all the same.
pub(super) fn broken(
    procedure: &Procedure,
    case: &Case,
    by: &ActedBy,
    step: Option<StepIndex>,
    asked: &str,
) -> Vec<(Breach, Refusal)> {
    let role = by.role.as_ref().and_then(|role| procedure.find_role(role.as_str()));
    let Some(role) = role else { return Vec::new() };
    let person = Person { id: by.person.clone(), unit: by.unit.clone(), ..Person::nobody() };
    let mut all = Vec::new();
    for of in [Breach::Flag, Breach::FlagWithoutReason] {
        all.extend(
            apart::may_be(procedure, case, &person, role, step, asked, of).err().map(|no| (of, no)),
        );
        let Some(step) = step else { continue };
        let independent = appeals::is_independent(procedure, case, &person.id, step, of);
        let part = apart::may_take_part(procedure, case, &person, role, step, of);
        all.extend([independent, part].into_iter().filter_map(Result::err).map(|no| (of, no)));
    }
    // One rule may be told from both of its sides.
    all.dedup_by(|one, other| one.1.rule == other.1.rule);
    all
}

/// Whether the procedure has a rule about people of which a breach is flagged.
pub(super) fn flags_people(procedure: &Procedure) -> bool {
    let bars = procedure.roles.iter().flat_map(|role| &role.not);
    let mut bars = bars.chain(procedure.steps.iter().flat_map(|step| &step.not));
    let appeals =
        |step: &Step| matches!(step.kind, StepKind::Appeal(_)) && step.breach.is_flagged();
    procedure.apart.iter().any(|apart| apart.breach.is_flagged())
        || bars.any(|bar| bar.breach.is_flagged())
        || procedure.steps.iter().any(appeals)
}

/// Returns the person whose act it is: the actor, or the party for whom he enters it.
fn whose_act(case: &Case, actor: &Actor) -> Person {
    let Some(party) = &actor.enters_for else { return actor.person.clone() };
    let first = || case.parties_in(party).next().map(|party| party.person.clone());
    let id = actor.for_person.clone().or_else(first).unwrap_or_else(|| actor.person.id.clone());
    Person { id, ..Person::nobody() }
}

/// Whether the person has one of the roles in this case, whatever else he has been in it.
pub(super) fn has_one_of(
    procedure: &Procedure,
    case: &Case,
    person: &Person,
    roles: &[RoleIndex],
) -> bool {
    roles.iter().any(|role| holds(procedure, case, person, *role))
}

impl Deciding<'_> {
    /// Returns the role in which `actor` may do a step; of an act that is told again, in which he might.
    pub(super) fn may_do(&self, actor: &Actor, step: StepIndex) -> Result<RoleIndex, Refusal> {
        self.may_do_as(actor, step, &self.procedure.step(step).who)
    }

    /// The same, in one of `roles` only.
    pub(super) fn may_do_as(
        &self,
        actor: &Actor,
        step: StepIndex,
        roles: &[RoleIndex],
    ) -> Result<RoleIndex, Refusal> {
        match self.again() {
            Some(_) => may_still_do(self.procedure, &self.case, actor, step, roles),
            None => may_do_as(self.procedure, &self.case, actor, step, roles),
        }
    }

    /// Returns the act on record that is told again, if that is what happens.
    fn again(&self) -> Option<&Recorded> {
        self.telling.as_ref().and_then(|telling| telling.again.as_ref())
    }

    /// Returns who gets the answer: the actor, or who tells something late.
    pub(super) fn viewer<'c>(&'c self, command: &'c Command) -> &'c Person {
        self.telling.as_ref().map_or(&command.actor.person, |telling| &telling.viewer)
    }

    /// Refuses an act that is entered for a party by somebody who may not, where no role is asked for.
    pub(super) fn check_entry(&self, command: &Command, asked: &str) -> Result<(), Refusal> {
        match &command.actor.enters_for {
            Some(party) => {
                speaks_for(self.procedure, &self.case, &command.actor, party, asked).map(|_| ())
            }
            None => Ok(()),
        }
    }

    /// Returns whose act it is: the actor's, or that of the party for whom he enters it.
    pub(super) fn whose(&self, command: &Command) -> PersonId {
        self.acted_by(command, None).person
    }

    /// Returns the record of who acts, in `role`.
    pub(super) fn acted_by(&self, command: &Command, role: Option<RoleIndex>) -> ActedBy {
        // What is told again was done by whoever is on record.
        if let Some(again) = self.again() {
            return again.by.clone();
        }
        let actor = &command.actor;
        let in_place_of = role.and_then(|role| self.in_place_of(command, role));
        let role = role.map(|role| self.procedure.role(role));
        // What is done in a role of the staff is the actor's own, for whomever else he enters things.
        let own = role.is_some_and(|role| !role.party);
        let role = role.map(|role| role.name.clone());
        // Nothing of whoever did not say who he is, not even through which account he came.
        let nameless = self
            .case
            .parties()
            .iter()
            .any(|party| party.person == actor.person.id && party.code.is_some());
        let account = actor.account.clone().filter(|_| !nameless);
        let entered_by = actor.enters_for.as_ref().filter(|_| !own);
        let entered_by = entered_by.map(|_| actor.person.id.clone());
        let Person { id: person, unit, .. } =
            if own { actor.person.clone() } else { whose_act(&self.case, actor) };
        let unit = unit.filter(|_| !nameless);
        ActedBy { person, role, unit, in_place_of, entered_by, account }
    }

    /// Returns in whose place the actor acts in a role that is not his own.
    fn in_place_of(&self, command: &Command, role: RoleIndex) -> Option<PersonId> {
        let step = if let Act::Do(act) = &command.act {
            self.procedure.find_step(&act.step)
        } else if let Act::Claim { instance } = &command.act {
            self.procedure.find_step(instance.step.as_str())
        } else {
            None
        };
        let rule = &self.procedure.role(role).rule;
        let acts =
            acts_as(self.procedure, &self.case, &command.actor, &[role], rule, "", step).ok()?;
        acts.in_place_of
    }
}

/// Refuses to give work to somebody, or to take it from him: that is for the roles that may, or else for those who do the
/// step. What somebody may not do himself he may still give away.
pub(super) fn may_give(
    procedure: &Procedure,
    case: &Case,
    actor: &Actor,
    step: &Step,
) -> Result<(), Refusal> {
    let indices = (0..procedure.roles.len()).filter_map(|place| {
        let name = &procedure.roles.get(place)?.name;
        procedure.find_role(name.as_str())
    });
    let may: Vec<RoleIndex> = indices.filter(|role| procedure.role(*role).may_assign).collect();
    let roles = if may.is_empty() { &step.who } else { &may };
    if has_one_of(procedure, case, &actor.person, roles) {
        return Ok(());
    }
    let names: Vec<Name> = roles.iter().map(|role| procedure.role(*role).name.clone()).collect();
    let refusal = Refusal::new(step.name.as_str(), Why::NotYourRole { roles: names.clone() });
    Err(refusal.under(&step.rule).unless(Remedy::ActAs { roles: names }))
}
