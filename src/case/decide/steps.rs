//! Doing a step: whether it is open to the actor, what is recorded with it, and what it brings about by itself.

use super::authority::{called, sees_identity_of};
use super::flow::{check_blocked, ruled_out_by};
use super::letters::About;
use super::values::values_of;
use super::{Deciding, bounded};
use crate::case::command::{Command, Do, Other};
use crate::case::event::{CancelCause, Clock, CloseCause, Fact, Instance};
use crate::case::filing::{Filing, FilingRecord};
use crate::case::lists;
use crate::case::person::{ActedBy, Actor, PersonId};
use crate::case::refusal::{Refusal, Remedy, RuleCited, Why};
use crate::case::standing::{Marking, Standing};
use crate::case::state::{Case, Done, End, Status};
use crate::case::words::fact_as_written;
use crate::diagnostic::did_you_mean;
use crate::procedure::{
    Appeal, AppealEffect, DeadlineIndex, Each, Fact as Wanted, Late, Name, Outcome, Procedure,
    ReturnTo, RoleIndex, StepIndex, StepKind,
};
use crate::time::Instant;
use serde_json::{Map, Value};

impl Deciding<'_> {
    pub(super) fn do_step(&mut self, command: &Command, act: &Do) -> Result<(), Refusal> {
        let index = self.find_step(&act.step)?;
        let step = self.procedure.step(index);
        let filed = match &step.kind {
            StepKind::Appeal(appeal) => Some(self.check_filing(command, act, appeal)?),
            StepKind::InCourse | StepKind::AtAnyTime => {
                if act.filing != Filing::default() {
                    return Err(Refusal::new(&act.step, Why::NotAnAppeal));
                }
                None
            }
        };
        if let Some(filed) = &filed
            && self.files_early(index, act)?
        {
            return self.file_early(command, act, index, filed.clone());
        }
        let own = filed.as_ref().map(|_| self.own_instance(command, act, index));
        let act = own.as_ref().unwrap_or(act);
        self.undo_lapse(command, act, index)?;
        let item = self.whose_item(index, command, act);
        let instance = match self.open_instance(index, item.as_deref()) {
            Ok(instance) => instance,
            Err(refusal) => self.out_of_order(command.at, index, item.as_deref(), refusal)?,
        };
        if filed.is_some() {
            self.check_own_filing(command, index, &instance)?;
            self.flag_if_late(index, &instance)?;
        }
        let role = self.may_do(&command.actor, index)?;
        self.check_own(index, &instance, command, role)?;
        self.check_assignment(&instance, command)?;
        if let Err(refusal) = why_not_now(self.procedure, &self.case, index, command.at) {
            self.pass(step.breach, refusal)?;
        }
        if let Err(refusal) = self.check_one_at_a_time(index, &instance) {
            self.pass(step.breach, refusal)?;
        }
        if let Some(note) = &act.note {
            bounded(&act.step, note)?;
        }
        self.check_supplied(index, &act.data)?;
        if !act.data.is_empty() {
            let by = self.acted_by(command, Some(role));
            self.happen(command.at, Some(by), Fact::DataGiven { data: act.data.clone() })?;
        }
        let act = &Do { form: self.form_of_vote(index, &instance, act)?, ..act.clone() };
        self.check_form(index, &act.form)?;
        let outcome = self.check_outcome(index, act, command, role)?;
        let (note, filing) = match filed {
            Some(filed) => self.excused(index, &instance, act, filed)?,
            None => (act.note.clone(), None),
        };
        let by = self.acted_by(command, Some(role));
        let by = self.for_the_holder(command, &instance, by);
        let form = act.form.clone();
        let opens = act.opens.clone();
        let done = Doing { index, instance, outcome, form, note, filing, deemed: false, opens };
        if let Some(panel) = &step.panel {
            return self.vote(command, panel, role, done);
        }
        self.finish(command.at, &by, done)
    }

    /// Returns the instance of a step that is done out of its order, where the procedure takes that in: before its turn or
    /// after its time, while another holds it back, or while an appeal does.
    fn out_of_order(
        &mut self,
        at: Instant,
        index: StepIndex,
        item: Option<&str>,
        refusal: Refusal,
    ) -> Result<Instance, Refusal> {
        let step = self.procedure.step(index);
        let unopened = matches!(refusal.why, Why::NotYet { .. } | Why::Past { .. });
        let held = matches!(refusal.why, Why::Suspended { .. } | Why::Blocked { .. });
        let can_be = step.each.is_none() && step.panel.is_none();
        if !can_be || matches!(step.kind, StepKind::Appeal(_)) || !(unopened || held) {
            return Err(refusal);
        }
        let suspended = matches!(refusal.why, Why::Suspended { .. });
        self.pass(step.breach, refusal)?;
        if (suspended || unopened)
            && let Err(refusal) = check_blocked(self.procedure, &self.case, index)
        {
            self.pass(step.breach, refusal)?;
        }
        if step.kind == StepKind::AtAnyTime {
            return instance_at_any_time(self.procedure, &self.case, index, item);
        }
        if unopened {
            let record = self.case.step(&step.name);
            let round = record.map_or(0, |record| record.round).saturating_add(1);
            let fact = Fact::StepOpened {
                step: step.name.clone(),
                round,
                items: None,
                duty: !step.optional,
                because: None,
                owed_by: None,
                against: None,
            };
            self.happen(at, None, fact)?;
        }
        Ok(Instance::only(&step.name))
    }

    /// Flags an appeal that is late, where it should be refused and is taken in.
    fn flag_if_late(&mut self, index: StepIndex, instance: &Instance) -> Result<(), Refusal> {
        let marking = Marking::of(self.procedure, &self.case);
        let flags = marking.appeal(index).is_some_and(|appeal| appeal.late == Late::Flag);
        if !flags || !marking.is_late(index, instance.item.as_deref()) {
            return Ok(());
        }
        let refusal = late_appeal(self.procedure, &self.case, index);
        self.pass(self.procedure.step(index).breach, refusal)
    }

    pub(super) fn find_step(&self, name: &str) -> Result<StepIndex, Refusal> {
        self.procedure.find_step(name).ok_or_else(|| {
            let names = self.procedure.steps.iter().map(|step| step.name.as_str());
            let near = did_you_mean(name, names).map(Name::from);
            let refusal = Refusal::new(name, Why::NoSuchStep { near: near.clone() });
            match near {
                Some(name) => refusal.unless(Remedy::Use { name }),
                None => refusal,
            }
        })
    }

    /// Returns the instance of the step that `item` names, if it may be done now.
    pub(super) fn open_instance(
        &self,
        index: StepIndex,
        item: Option<&str>,
    ) -> Result<Instance, Refusal> {
        why_not_open(self.procedure, &self.case, index, item)
    }

    /// Returns the item that an act is about: of a step that is done for each of the parties, a party's own.
    fn whose_item(&self, index: StepIndex, command: &Command, act: &Do) -> Option<String> {
        let role = match &self.procedure.step(index).each {
            Some(Each::Parties(role)) => &self.procedure.role(*role).name,
            Some(Each::Data(_) | Each::Form(..) | Each::Listed(_)) | None => {
                return act.item.clone();
            }
        };
        let Some(item) = &act.item else {
            let whose = self.whose(command);
            return self.case.is_party(&whose, role).then(|| whose.to_string());
        };
        // People say a party's name.
        let mut named =
            self.case.parties_in(role).filter(|party| party.name.as_ref() == Some(item));
        match (named.next(), named.next()) {
            (Some(party), None) => Some(party.person.to_string()),
            (Some(_) | None, _) => Some(item.clone()),
        }
    }

    /// Refuses a party who would do what is another party's.
    fn check_own(
        &self,
        index: StepIndex,
        instance: &Instance,
        command: &Command,
        role: RoleIndex,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let own = step.each == Some(Each::Parties(role)) && command.actor.enters_for.is_none();
        if own && instance.item.as_deref() != Some(&*self.whose(command).to_string()) {
            let why = Why::AnothersOwn { role: self.procedure.role(role).name.clone() };
            return Err(Refusal::new(step.name.as_str(), why).under(&step.rule));
        }
        Ok(())
    }

    fn check_assignment(&self, instance: &Instance, command: &Command) -> Result<(), Refusal> {
        let assigned = self.case.instance(instance).and_then(|record| record.assigned_to.as_ref());
        match assigned {
            Some(to) if !self.is_theirs(command, to) => {
                let to = called(self.procedure, &self.case, self.viewer(command), to);
                let why = Why::AssignedToAnother { to };
                let refusal = Refusal::new(instance.step.as_str(), why);
                Err(refusal.unless(Remedy::Assign { step: instance.step.clone() }))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether what was given to somebody may be done by the actor: it was given to him, to whom he represents or enters it
    /// for, or to somebody for whom he stands in.
    fn is_theirs(&self, command: &Command, to: &PersonId) -> bool {
        self.case.stands_for(&self.whose(command), to) || self.stands_in_for(command, to)
    }

    /// Whether the actor stands in for whoever the step was given to, who could do it himself.
    fn stands_in_for(&self, command: &Command, to: &PersonId) -> bool {
        let mut absent = command.actor.person.stands_in.iter();
        let step = self.procedure.find_step(&super::asked(&command.act));
        absent
            .find(|absent| absent.person == *to)
            .zip(step)
            .is_some_and(|(absent, step)| self.may_do(&Actor::new(absent.absent()), step).is_ok())
    }

    /// Returns `by` in the place of whoever the step was given to, where the actor stands in for him.
    fn for_the_holder(&self, command: &Command, instance: &Instance, by: ActedBy) -> ActedBy {
        let to = self.case.instance(instance).and_then(|record| record.assigned_to.clone());
        match to.filter(|to| *to != by.person && self.stands_in_for(command, to)) {
            Some(to) => ActedBy { in_place_of: Some(to), ..by },
            None => by,
        }
    }

    pub(super) fn check_supplied(
        &self,
        index: StepIndex,
        data: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        if data.is_empty() {
            return Ok(());
        }
        let step = self.procedure.step(index);
        let asked = step.name.as_str();
        if let Some(stranger) = data.keys().find(|field| !step.supplies.contains(field)) {
            let near = did_you_mean(stranger, step.supplies.iter().map(String::as_str));
            let finding = crate::schema::FormFinding {
                field: stranger.clone(),
                message: "is no fact that can be given with this step".to_owned(),
            };
            let refusal =
                Refusal::new(asked, Why::FormInvalid { findings: vec![finding] }).under(&step.rule);
            return Err(match near {
                Some(near) => refusal.unless(Remedy::Give { field: near.to_owned() }),
                None => refusal,
            });
        }
        let mut merged = self.case.data.clone();
        merged.extend(data.clone());
        let findings = self.procedure.intake.schema.validate(&Value::Object(merged));
        if findings.is_empty() {
            return Ok(());
        }
        let why = Why::FormInvalid { findings };
        Err(Refusal::new(asked, why).under(&self.procedure.intake.rule))
    }

    pub(super) fn check_form(
        &self,
        index: StepIndex,
        form: &Map<String, Value>,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let Some(schema) = &step.form else {
            if form.is_empty() {
                return Ok(());
            }
            return Err(Refusal::new(step.name.as_str(), Why::NoForm).under(&step.rule));
        };
        let findings = schema.validate(&Value::Object(form.clone()));
        if findings.is_empty() {
            return Ok(());
        }
        let missing = schema.fields().iter().filter(|f| f.required && !form.contains_key(&f.name));
        let remedies = missing.map(|field| Remedy::Give { field: field.name.clone() }).collect();
        let refusal =
            Refusal::new(step.name.as_str(), Why::FormInvalid { findings }).under(&step.rule);
        Err(Refusal { remedies, ..refusal })
    }

    fn check_outcome(
        &mut self,
        index: StepIndex,
        act: &Do,
        command: &Command,
        role: RoleIndex,
    ) -> Result<Option<Name>, Refusal> {
        let step = self.procedure.step(index);
        let asked = step.name.as_str();
        let names: Vec<Name> = step.outcomes.iter().map(|outcome| outcome.name.clone()).collect();
        let say = Remedy::SayOutcome { step: step.name.clone(), outcomes: names.clone() };
        let Some(said) = &act.outcome else {
            if names.is_empty() {
                self.check_return(index, None)?;
                return Ok(None);
            }
            let refusal = Refusal::new(asked, Why::OutcomeMissing { outcomes: names });
            return Err(refusal.under(&step.rule).unless(say));
        };
        let Some(outcome) = step.outcome(said.as_str()) else {
            let why = Why::NoSuchOutcome { said: said.to_string(), outcomes: names.clone() };
            let refusal = Refusal::new(asked, why).under(&step.rule);
            return Err(if names.is_empty() { refusal } else { refusal.unless(say) });
        };
        let actor = Some((self.acted_by(command, Some(role)), command.at));
        let by = actor.as_ref().map(|(by, _)| by);
        if let Err(refusal) = self.check_allowed(index, outcome, &act.form, by, command.at) {
            self.pass(outcome.breach, refusal)?;
        }
        self.check_return(index, Some(outcome))?;
        Ok(Some(outcome.name.clone()))
    }

    /// Refuses an outcome whose guard is not true.
    fn check_allowed(
        &self,
        index: StepIndex,
        outcome: &Outcome,
        form: &Map<String, Value>,
        by: Option<&ActedBy>,
        at: Instant,
    ) -> Result<(), Refusal> {
        let Some(guard) = &outcome.allowed else { return Ok(()) };
        let asked = self.procedure.step(index).name.as_str();
        let place = outcome.allowed_place.as_ref().unwrap_or(&outcome.rule.place);
        let rule = RuleCited::new(place, outcome.rule.cite.as_ref());
        let values = self.values_for_outcome(index, outcome, form, by, at);
        match guard.holds(&values) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let (outcome, guard) = (outcome.name.clone(), guard.source().to_owned());
                let why = Why::OutcomeNotAllowed { outcome: outcome.clone(), guard };
                let step = self.procedure.step(index);
                let others = step.outcomes.iter().map(|other| other.name.clone());
                let others: Vec<Name> = others.filter(|other| *other != outcome).collect();
                let refusal = Refusal::new(asked, why).under(rule);
                Err(if others.is_empty() {
                    refusal
                } else {
                    refusal.unless(Remedy::SayOutcome { step: step.name.clone(), outcomes: others })
                })
            }
            Err(fault) => {
                let why = Why::Incident { message: fault.to_string() };
                Err(Refusal::new(asked, why).under(rule))
            }
        }
    }

    /// Refuses to end so that the case would return more often than the rule allows.
    fn check_return(&self, index: StepIndex, outcome: Option<&Outcome>) -> Result<(), Refusal> {
        match self.return_of(index, outcome) {
            Some(back) if !self.may_return(index, back) => {
                let to = self.procedure.step(back.step).name.clone();
                let why = Why::ReturnLimit { to, limit: back.limit };
                let step = self.procedure.step(index);
                let refusal = Refusal::new(step.name.as_str(), why);
                Err(refusal.under(RuleCited::new(&back.place, step.rule.cite.as_ref())))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn return_of<'s>(
        &'s self,
        index: StepIndex,
        outcome: Option<&'s Outcome>,
    ) -> Option<&'s ReturnTo> {
        let marking = Marking::of(self.procedure, &self.case);
        let effect = outcome.and_then(|outcome| marking.effect_of(index, outcome.name.as_str()));
        let by_appeal = effect.and_then(|(_, effect)| match effect {
            AppealEffect::Returns(back) => Some(back),
            AppealEffect::Confirms(_)
            | AppealEffect::Inadmissible(_)
            | AppealEffect::Replaces(_) => None,
        });
        let by_outcome = outcome.and_then(|outcome| outcome.then.as_ref());
        by_appeal.or(by_outcome).or(self.procedure.step(index).then.as_ref())
    }

    fn may_return(&self, from: StepIndex, back: &ReturnTo) -> bool {
        let from = &self.procedure.step(from).name;
        let record = self.case.step(&self.procedure.step(back.step).name);
        let so_far = record.and_then(|record| record.returns.get(from)).copied().unwrap_or(0);
        so_far < back.limit
    }

    /// The engine does a step that is nobody's, with the first outcome that is allowed. Returns whether it could.
    pub(super) fn do_by_itself(&mut self, index: StepIndex, at: Instant) -> Result<bool, Refusal> {
        let step = self.procedure.step(index);
        let mut chosen = None;
        for outcome in &step.outcomes {
            match self.check_allowed(index, outcome, &Map::new(), None, at) {
                Ok(()) => {
                    chosen = Some(outcome);
                    break;
                }
                Err(refusal) if matches!(refusal.why, Why::Incident { .. }) => return Err(refusal),
                Err(_) => {}
            }
        }
        if chosen.is_none() && !step.outcomes.is_empty()
            || self.check_return(index, chosen).is_err()
        {
            return Ok(false);
        }
        let outcome = chosen.map(|outcome| outcome.name.clone());
        for item in self.open_items(index) {
            let instance = Instance { step: step.name.clone(), item };
            let doing = Doing::by_itself(index, instance, outcome.clone());
            self.finish_instance(at, None, doing)?;
        }
        self.follow_up(at, index, outcome.as_ref())?;
        Ok(true)
    }

    /// Records that a step was done, and what that brings about by itself.
    pub(super) fn finish(
        &mut self,
        at: Instant,
        by: &ActedBy,
        doing: Doing,
    ) -> Result<(), Refusal> {
        let (index, outcome) = (doing.index, doing.outcome.clone());
        let (instance, opens) = (doing.instance.clone(), doing.opens.clone());
        self.finish_instance(at, Some(by.clone()), doing)?;
        self.open_case(at, index, &instance, opens.as_ref())?;
        if self.withdraws_alone(at, index, outcome.as_ref(), by)? {
            return Ok(());
        }
        self.follow_up(at, index, outcome.as_ref())
    }

    pub(super) fn finish_instance(
        &mut self,
        at: Instant,
        by: Option<ActedBy>,
        doing: Doing,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(doing.index);
        let marking = Marking::of(self.procedure, &self.case);
        let late = marking.is_late(doing.index, doing.instance.item.as_deref());
        let files = marking.appeal(doing.index).is_some();
        let at_any_time = step.kind == StepKind::AtAnyTime;
        let record = self.case.step(&step.name);
        let round = record.map_or(0, |record| record.round) + u32::from(at_any_time);
        let named = doing.outcome.as_ref().and_then(|name| step.outcome(name.as_str()));
        let letter =
            named.and_then(|outcome| outcome.letter.clone()).or_else(|| step.letter.clone());
        let letter = letter.filter(|_| !doing.deemed);
        let (item, note) = (doing.instance.item.clone(), doing.note.clone());
        let fact = Fact::StepDone {
            instance: doing.instance,
            round,
            outcome: doing.outcome,
            form: doing.form,
            note: doing.note,
            at_any_time,
            late,
            deemed: doing.deemed,
            filing: doing.filing,
        };
        let by_itself = by.is_none();
        self.happen(at, by, fact)?;
        if let Some(letter) = letter {
            let about = About { letter, of: step.name.clone(), item, reason: note, by_itself };
            self.send(at, about)?;
        }
        if files { self.lift_finality(at, doing.index) } else { Ok(()) }
    }

    /// Closes what is open of these steps, stops the clocks of these deadlines, and returns their names.
    pub(super) fn over(
        &mut self,
        at: Instant,
        mut steps: Vec<StepIndex>,
        mut deadlines: Vec<DeadlineIndex>,
        cause: &CloseCause,
    ) -> Result<(Vec<Name>, Vec<Name>), Refusal> {
        steps.sort_unstable();
        steps.dedup();
        deadlines.sort_unstable();
        deadlines.dedup();
        for index in &steps {
            self.close_step(at, *index, cause)?;
        }
        let of = |index: &DeadlineIndex| self.procedure.deadline(*index).name.clone();
        let deadlines: Vec<Name> = deadlines.iter().map(of).collect();
        let clocks: Vec<Clock> = self.case.clocks.keys().cloned().collect();
        for clock in clocks.into_iter().filter(|clock| deadlines.contains(&clock.deadline)) {
            self.cancel(at, clock, CancelCause::StepOver)?;
        }
        let steps = steps.iter().map(|index| self.procedure.step(*index).name.clone()).collect();
        Ok((steps, deadlines))
    }

    /// What a step brings about by itself: the case returns, ends, or an appeal is decided.
    pub(super) fn follow_up(
        &mut self,
        at: Instant,
        index: StepIndex,
        outcome: Option<&Name>,
    ) -> Result<(), Refusal> {
        // What was done meets its deadlines, before the case goes back or ends and stops their clocks.
        self.meet_deadlines(at)?;
        let step = self.procedure.step(index);
        if step.kind == StepKind::AtAnyTime {
            // What is done by each of several is done when enough of them have.
            return if step.each.is_none() { self.go_on(at, index, outcome) } else { Ok(()) };
        }
        let gone_on = self.case.step(&step.name).is_some_and(|record| record.enough);
        let marking = Marking::of(self.procedure, &self.case);
        if gone_on || marking.standing(index) != Standing::Done {
            return Ok(());
        }
        self.go_on(at, index, outcome)
    }

    /// A step is done: what follows from that and is not left to the steps that come after it.
    pub(super) fn go_on(
        &mut self,
        at: Instant,
        index: StepIndex,
        outcome: Option<&Name>,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let outcome = self.telling_outcome(index, outcome);
        let ends = outcome.and_then(|outcome| outcome.ends.clone()).or_else(|| step.ends.clone());
        let back = self.return_of(index, outcome).cloned();
        // Over an empty list nobody did anything for which the case would go back.
        let back = back.filter(|_| self.was_done_by_somebody(index));
        let mut relations = step.relations.clone();
        if let Some(outcome) = outcome {
            relations.cancels.extend(&outcome.relations.cancels);
            relations.owes.extend(&outcome.relations.owes);
        }
        // What was recorded now gives the lists of what is owed, also where the case goes back behind it.
        let lists = self.owed_lists(&relations);
        // What is ruled out is so in this round; where the case goes back, the next one begins afterwards.
        self.cancel_steps(at, index, &relations.cancels)?;
        if let Some(back) = back.filter(|back| self.may_return(index, back)) {
            self.go_back(at, index, &back)?;
        }
        self.owe(at, index, &relations.owes, lists)?;
        match ends {
            Some(status) if self.case.status == Status::Open => {
                let fact = Fact::CaseEnded { status, step: step.name.clone() };
                self.happen(at, None, fact)?;
                self.close_all(at)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Returns the outcome by which a step tells how the case goes on. Of a step that is done for each of a list it is
    /// the first, in the order of the list, by which the case returns or ends.
    fn telling_outcome(&self, index: StepIndex, last: Option<&Name>) -> Option<&Outcome> {
        let step = self.procedure.step(index);
        let found = |name: &Name| step.outcome(name.as_str());
        if step.each.is_none() {
            return last.and_then(found);
        }
        let record = self.case.step(&step.name);
        let opened = record.and_then(|record| record.opened.as_ref());
        let done = opened.into_iter().flat_map(super::super::state::Opened::done);
        let acts = record.into_iter().flat_map(|record| &record.acts);
        let outcomes: Vec<&Outcome> =
            done.chain(acts).filter_map(|done| done.outcome.as_ref().and_then(found)).collect();
        let tells = |outcome: &&&Outcome| outcome.then.is_some() || outcome.ends.is_some();
        outcomes.iter().find(tells).or(outcomes.last()).copied()
    }

    fn was_done_by_somebody(&self, index: StepIndex) -> bool {
        let record = self.case.step(&self.procedure.step(index).name);
        record.is_some_and(|record| record.last_done().is_some())
    }

    fn go_back(&mut self, at: Instant, from: StepIndex, back: &ReturnTo) -> Result<(), Refusal> {
        let (steps, deadlines) = self.procedure.returned_with(back.step);
        let to = self.procedure.step(back.step).name.clone();
        let from = self.procedure.step(from).name.clone();
        if self.case.status != Status::Open && !self.procedure.step(back.step).outlives_the_case() {
            self.runs_again(at, &from)?;
        }
        let (steps, deadlines) = self.over(at, steps, deadlines, &CloseCause::Returned)?;
        self.happen(at, None, Fact::Returned { to, from, steps, deadlines })
    }
}

/// A step that is about to be recorded as done.
pub(super) struct Doing {
    pub(super) index: StepIndex,
    pub(super) instance: Instance,
    pub(super) outcome: Option<Name>,
    pub(super) form: Map<String, Value>,
    pub(super) note: Option<String>,
    /// What is on record of it, where it files an appeal.
    pub(super) filing: Option<FilingRecord>,
    /// Whether nobody does it: the law holds it done, and no letter goes out.
    pub(super) deemed: bool,
    /// The case that is opened by it.
    pub(super) opens: Option<Other>,
}

impl Doing {
    /// Returns the doing of a step by nobody.
    pub(super) fn by_itself(index: StepIndex, instance: Instance, outcome: Option<Name>) -> Self {
        let (form, note, filing) = (Map::new(), None, None);
        Self { index, instance, outcome, form, note, filing, deemed: false, opens: None }
    }
}

/// Refuses an act at any time whose `when` does not hold at this moment.
///
/// # Errors
/// A [`Refusal`] that names the guard.
pub fn why_not_now(
    procedure: &Procedure,
    case: &Case,
    index: StepIndex,
    at: Instant,
) -> Result<(), Refusal> {
    let step = procedure.step(index);
    let Some(guard) = step.when.as_ref().filter(|_| step.kind == StepKind::AtAnyTime) else {
        return Ok(());
    };
    let refuse = |why| Refusal::new(step.name.as_str(), why).under(RuleCited::from(&step.rule));
    match guard.holds(&values_of(procedure, case, at)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(refuse(Why::NotNow { guard: guard.source().to_owned() })),
        Err(fault) => Err(refuse(Why::Incident { message: fault.to_string() })),
    }
}

/// Returns the instance of a step that may be done now, apart from who does it.
///
/// # Errors
/// A [`Refusal`] that says what the step waits for, or why it can't come.
pub fn why_not_open(
    procedure: &Procedure,
    case: &Case,
    index: StepIndex,
    item: Option<&str>,
) -> Result<Instance, Refusal> {
    let step = procedure.step(index);
    let asked = step.name.as_str();
    let marking = Marking::of(procedure, case);
    let standing = marking.standing(index);
    let refuse = |why| Err(Refusal::new(asked, why).under(&step.rule));
    if step.is_automatic() {
        return refuse(Why::Automatic);
    }
    if let Some(opener) = step.awaits {
        return refuse(super::links::decided_elsewhere(procedure, case, opener));
    }
    let withdrawn = marking.withdrawn_at(index, item);
    if case.status != Status::Open && !standing.is_open() && withdrawn.is_none() {
        return refuse(Why::CaseNotOpen { status: Box::new(case.status.clone()) });
    }
    // Of several who may appeal, each has his own window.
    if let Some(appeal) = marking.appeal(index)
        && appeal.late == Late::Refuse
        && item.is_some()
        && marking.closed_late(index, item)
    {
        return Err(late_appeal(procedure, case, index));
    }
    match standing {
        Standing::Ready | Standing::Due => {}
        Standing::Done => return refuse(done_already(procedure, case, &marking, index, item)),
        Standing::Skipped => {
            let guard = step.when.as_ref().map(|guard| guard.source().to_owned());
            return refuse(Why::Skipped { guard: guard.unwrap_or_default() });
        }
        Standing::Closed | Standing::RuledOut => {
            if let Some(why) = ruled_out_by(procedure, case, index) {
                return refuse(why);
            }
            if let Some(at) = withdrawn {
                return refuse(Why::Withdrawn { at });
            }
            if let Some(appeal) = marking.appeal(index)
                && appeal.late == Late::Refuse
                && marking.is_late(index, item)
            {
                return Err(late_appeal(procedure, case, index));
            }
            let missed = marking.missed(&step.after);
            let missed = missed.iter().map(|fact| fact_as_written(procedure, *fact)).collect();
            return refuse(Why::RuledOut { missed });
        }
        Standing::Idle => {
            let waits = marking.step_waits_for(index);
            let written = waits.iter().map(|fact| fact_as_written(procedure, *fact)).collect();
            let others = match waits.as_slice() {
                [Wanted::Done(appeal)] => others_may_appeal(procedure, case, &marking, *appeal),
                [_, ..] | [] => None,
            };
            let why = others.unwrap_or(Why::NotYet { waits_for: written });
            let refusal = Refusal::new(asked, why).under(&step.rule);
            let remedies =
                waits.iter().map(|fact| remedy_for(procedure, case, &marking, *fact)).collect();
            return Err(Refusal { remedies, ..refusal });
        }
    }
    if let Some(appeal) = marking.is_suspended(index) {
        let rule = procedure.step(appeal);
        let refusal = Refusal::new(asked, Why::Suspended { appeal: rule.name.clone() });
        return Err(refusal.under(&rule.rule));
    }
    check_blocked(procedure, case, index)?;
    if step.kind == StepKind::AtAnyTime {
        return instance_at_any_time(procedure, case, index, item);
    }
    let open = marking.open_items(index);
    let done = item.and_then(|item| {
        let instance = Instance { step: step.name.clone(), item: Some(item.to_owned()) };
        match &case.instance(&instance)?.end {
            Some(End::Done(done)) => Some(done.at),
            Some(End::Closed { .. }) | None => None,
        }
    });
    if let Some(at) = done {
        return refuse(Why::AlreadyDone { at });
    }
    let found = match item {
        Some(item) => open.iter().find(|open| **open == Some(item)),
        None if open.len() == 1 => open.first(),
        None => open.iter().find(|open| open.is_none()),
    };
    if let Some(item) = found {
        Ok(Instance { step: step.name.clone(), item: item.map(str::to_owned) })
    } else {
        let refusal = Refusal::new(asked, Why::WhichItem { open: open.len() }).under(&step.rule);
        Err(refusal.unless(Remedy::NameItem { step: step.name.clone() }))
    }
}

/// Returns the instance of an act that is possible at any time.
fn instance_at_any_time(
    procedure: &Procedure,
    case: &Case,
    index: StepIndex,
    item: Option<&str>,
) -> Result<Instance, Refusal> {
    let step = procedure.step(index);
    let Some(each) = &step.each else { return Ok(Instance::only(&step.name)) };
    let acts = case.step(&step.name).map(|record| record.acts.as_slice()).unwrap_or_default();
    let acted = |item: &str| acts.iter().find(|act| act.item.as_deref() == Some(item));
    let items = lists::items(procedure, case, each);
    let left: Vec<&String> = items.iter().filter(|item| acted(item).is_none()).collect();
    let only = || left.first().filter(|_| left.len() == 1).map(|item| item.as_str());
    let refuse = |why| Err(Refusal::new(step.name.as_str(), why).under(&step.rule));
    match item.or_else(only) {
        Some(item) if left.iter().any(|left| *left == item) => {
            Ok(Instance { step: step.name.clone(), item: Some(item.to_owned()) })
        }
        Some(item) if acted(item).is_some() => {
            let at = acted(item).map(|act| act.at).unwrap_or_default();
            refuse(Why::AlreadyDone { at })
        }
        Some(_) | None => {
            let refusal = Refusal::new(step.name.as_str(), Why::WhichItem { open: left.len() });
            let remedy = Remedy::NameItem { step: step.name.clone() };
            Err(refusal.under(&step.rule).unless(remedy))
        }
    }
}

/// Returns why what is done can't be done: it was done already, or others did it in time and this one did not.
fn done_already(
    procedure: &Procedure,
    case: &Case,
    marking: &Marking<'_>,
    index: StepIndex,
    item: Option<&str>,
) -> Why {
    let step = &procedure.step(index).name;
    let own = Instance { step: step.clone(), item: item.map(str::to_owned) };
    let end = case.instance(&own).and_then(|record| record.end.as_ref());
    if let Some(End::Closed { .. }) = end
        && let Some(why) = super::flow::has_passed(procedure, marking, index)
    {
        return why;
    }
    let done = case.step(step).and_then(|record| record.last_done()).map(|done: &Done| done.at);
    Why::AlreadyDone { at: done.or(case.latest).unwrap_or_default() }
}

fn late_appeal(procedure: &Procedure, case: &Case, index: StepIndex) -> Refusal {
    let step = procedure.step(index);
    let window = step.deadline.map(|window| &procedure.deadline(window).name);
    let mut clocks = case.clocks.iter().filter(|(clock, _)| Some(&clock.deadline) == window);
    let last_day = clocks.find_map(|(_, record)| record.lapsed.map(|(_, last_day)| last_day));
    let why = match last_day {
        Some(last_day) => Why::AppealLate { last_day },
        None => Why::RuledOut { missed: Vec::new() },
    };
    Refusal::new(step.name.as_str(), why).under(&step.rule)
}

/// Returns that a filed appeal waits for others whose windows run, and until when, if it does.
fn others_may_appeal(
    procedure: &Procedure,
    case: &Case,
    marking: &Marking<'_>,
    appeal: StepIndex,
) -> Option<Why> {
    let others = marking.may_still_file(appeal);
    if others.is_empty() || !marking.has_filing(appeal) {
        return None;
    }
    let called = |item: &str| {
        let party = case.parties().iter().find(|party| party.person.as_str() == item)?;
        let name = party.name.clone().filter(|_| sees_identity_of(procedure, case, None, party));
        Some(name.unwrap_or_else(|| party.role.to_string()))
    };
    let who =
        others.iter().flatten().map(|item| called(item).unwrap_or_else(|| (*item).to_owned()));
    let who: Vec<String> = who.collect();
    let rule = procedure.step(appeal).deadline.map(|window| procedure.deadline(window));
    let until = rule.into_iter().flat_map(|rule| {
        let of =
            |clock: &Clock| clock.deadline == rule.name && others.contains(&clock.item.as_deref());
        let clocks =
            case.clocks.iter().filter(move |(clock, record)| of(clock) && record.is_running());
        clocks.filter_map(|(_, record)| {
            crate::case::clock::reckon(procedure, case, rule, record, None).ok()
        })
    });
    let until = until.map(|end| end.last_day).max();
    Some(Why::OthersMayAppeal { appeal: procedure.step(appeal).name.clone(), who, until })
}

/// What would bring a fact about.
fn remedy_for(procedure: &Procedure, case: &Case, marking: &Marking<'_>, fact: Wanted) -> Remedy {
    match fact {
        // Whoever else may appeal decides that himself.
        Wanted::Done(appeal)
            if marking.has_filing(appeal) && !marking.may_still_file(appeal).is_empty() =>
        {
            match procedure.step(appeal).deadline {
                Some(window) => wait_for(procedure, case, window),
                None => Remedy::ReadAgain,
            }
        }
        Wanted::Done(step) | Wanted::First(step) | Wanted::EndedAs(step, _) => {
            let rule = procedure.step(step);
            if rule.awaits.is_some() && marking.standing(step) != Standing::Idle {
                return Remedy::ReadAgain;
            }
            // What waits itself, or is nobody's, comes when what it waits for has come.
            if rule.is_automatic() || marking.standing(step) == Standing::Idle {
                let mut next = marking.waits_for(&rule.after);
                next.extend(procedure.owing(step).map(Wanted::Done).filter(|of| *of != fact));
                return match next.first() {
                    Some(next) if *next != fact => remedy_for(procedure, case, marking, *next),
                    Some(_) | None => Remedy::ReadAgain,
                };
            }
            let outcome = match fact {
                Wanted::EndedAs(_, outcome) => Some(rule.outcomes[outcome.get()].name.clone()),
                Wanted::Done(_)
                | Wanted::First(_)
                | Wanted::Final(_)
                | Wanted::Lapsed(_)
                | Wanted::PenaltyEnded(_) => None,
            };
            Remedy::Do { step: rule.name.clone(), outcome }
        }
        Wanted::Final(step) => match procedure.appeals_against(step).next() {
            Some((_, Appeal { window: Some(window), .. }))
                if marking.standing(step) == Standing::Done =>
            {
                wait_for(procedure, case, *window)
            }
            Some(_) | None => Remedy::Do { step: procedure.step(step).name.clone(), outcome: None },
        },
        Wanted::Lapsed(deadline) => wait_for(procedure, case, deadline),
        Wanted::PenaltyEnded(_) => Remedy::ReadAgain,
    }
}

fn wait_for(procedure: &Procedure, case: &Case, index: crate::procedure::DeadlineIndex) -> Remedy {
    let rule = procedure.deadline(index);
    let clocks = case.clocks.iter().filter(|(clock, _)| clock.deadline == rule.name);
    // Of several windows the last one ends the wait.
    let running = clocks.filter(|(_, record)| record.is_running());
    let ends = running.filter_map(|(_, record)| {
        crate::case::clock::reckon(procedure, case, rule, record, None).ok()
    });
    let last_day = ends.map(|end| end.last_day).max();
    Remedy::Wait { deadline: rule.name.clone(), last_day }
}
