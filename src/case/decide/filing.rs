//! The filing of an appeal: in time, late with an excuse, posted in time, sent to the wrong body, or too early.

use super::authority::stand_together;
use super::steps::Doing;
use super::{Deciding, bounded};
use crate::case::clock;
use crate::case::command::{Command, Do};
use crate::case::event::{Clock, CloseCause, Fact, Instance};
use crate::case::filing::{EarlyFiling, Filing, FilingRecord};
use crate::case::person::Party;
use crate::case::refusal::{Refusal, Remedy, Why};
use crate::case::standing::{Marking, Standing};
use crate::case::state::{ClockEnd, End};
use crate::case::words::fact_as_written;
use crate::procedure::{Appeal, Early, Late, Name, StepIndex, StepKind};
use crate::time::{self, Date, Instant};

/// The longest name of a body, in characters.
const LONGEST_BODY: usize = 200;

impl Deciding<'_> {
    /// Returns the record of what is said with a filing, or refuses what can't be.
    pub(super) fn check_filing(
        &self,
        command: &Command,
        act: &Do,
        appeal: &Appeal,
    ) -> Result<FilingRecord, Refusal> {
        let asked = act.step.as_str();
        let rule = self.procedure.find_step(asked).map(|index| &self.procedure.step(index).rule);
        let refuse = |why| {
            let refusal = Refusal::new(asked, why);
            rule.map_or(refusal.clone(), |rule| refusal.under(rule))
        };
        let said = &act.filing;
        let parts = || appeal.parts.iter().map(|part| Name::from(part.as_str()));
        if let Some(part) = said.parts.iter().find(|part| !appeal.parts.contains(part)) {
            let parts: Vec<Name> = parts().collect();
            let refusal = refuse(Why::NoSuchPart { said: part.clone(), parts: parts.clone() });
            return Err(if parts.is_empty() {
                refusal
            } else {
                refusal.unless(Remedy::OneOf { names: parts })
            });
        }
        if said.posted_on.is_some() && appeal.post.is_none() {
            return Err(refuse(Why::NoPostRule));
        }
        if let Some(elsewhere) = &said.elsewhere
            && elsewhere.body.chars().count() > LONGEST_BODY
        {
            return Err(refuse(Why::TooLarge { what: "name of a body", most: LONGEST_BODY }));
        }
        let today = self.procedure.zone.local_date(command.at);
        let received_on = received_on(said, today);
        if received_on > today || said.posted_on.is_some_and(|posted| posted > received_on) {
            return Err(refuse(Why::DatesOutOfOrder));
        }
        let mut filed = FilingRecord::of(said);
        filed.parts.sort();
        filed.parts.dedup();
        Ok(filed)
    }

    /// Returns who may file an appeal, where a party role has several people: each has his own window. A role of the
    /// staff that may file it as well has one together.
    pub(super) fn appellants(&self, index: StepIndex) -> Option<Vec<String>> {
        let step = self.procedure.step(index);
        if !matches!(step.kind, StepKind::Appeal(_)) {
            return None;
        }
        let roles = step.who.iter().map(|role| self.procedure.role(*role));
        let (parties, staff): (Vec<_>, Vec<_>) = roles.partition(|role| role.party);
        let mut items: Vec<String> = Vec::new();
        for party in parties.iter().flat_map(|role| self.case.parties_in(&role.name)) {
            let item = party.person.to_string();
            if !items.contains(&item) {
                items.push(item);
            }
        }
        (items.len() > 1).then(|| {
            items.into_iter().chain(staff.iter().map(|role| role.name.to_string())).collect()
        })
    }

    /// Returns the doing of a filing with the instance that is the actor's own, where there are several.
    pub(super) fn own_instance(&self, command: &Command, act: &Do, index: StepIndex) -> Do {
        let step = self.procedure.step(index);
        let opened = self.case.step(&step.name).and_then(|record| record.opened.as_ref());
        let items = opened.into_iter().flat_map(|opened| &opened.instances);
        let mut items = items.filter_map(|instance| instance.item.as_deref());
        let item = act
            .item
            .clone()
            .or_else(|| items.find(|item| self.is_own_item(command, item)).map(str::to_owned));
        Do { item, ..act.clone() }
    }

    fn is_own_item(&self, command: &Command, item: &str) -> bool {
        let whose = self.whose(command);
        let as_party = self.case.parties().iter().any(|party| {
            party.person.as_str() == item && stand_together(&self.case, &whose, &party.person)
        });
        let role = Name::from(item);
        as_party || command.actor.enters_for.is_none() && command.actor.person.roles.contains(&role)
    }

    /// Refuses to file what is another's right, and to file late while an appeal on a higher level is pending.
    pub(super) fn check_own_filing(
        &self,
        command: &Command,
        index: StepIndex,
        instance: &Instance,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let refuse = |why| Err(Refusal::new(step.name.as_str(), why).under(&step.rule));
        let item = instance.item.as_deref();
        if item.is_some_and(|item| !self.is_own_item(command, item)) {
            return refuse(Why::NotYourAppeal);
        }
        let marking = Marking::of(self.procedure, &self.case);
        let above = self.procedure.from_there_on(index);
        let higher = above.into_iter().find(|of| *of != index && marking.is_pending(*of));
        match higher.map(|higher| self.procedure.step(higher).name.clone()) {
            Some(appeal) => refuse(Why::Suspended { appeal }),
            None => Ok(()),
        }
    }

    /// Whether an appeal is filed before there is anything to appeal against, and the procedure admits that.
    pub(super) fn files_early(&self, index: StepIndex, act: &Do) -> Result<bool, Refusal> {
        let marking = Marking::of(self.procedure, &self.case);
        let Some(appeal) = marking.appeal(index) else { return Ok(false) };
        // A case is opened when the appeal is filed, and there is none yet that it could be about.
        let opens = self.procedure.step(index).opens.is_some();
        let admits = appeal.early == Early::Admit && !opens;
        match marking.standing(index) {
            Standing::Idle => Ok(admits),
            Standing::Ready | Standing::Due if !self.may_be_filed(index) => {
                if admits {
                    return Ok(true);
                }
                let refusal = Refusal::new(&act.step, Why::AppealEarly);
                Err(refusal.under(&self.procedure.step(index).rule))
            }
            Standing::Ready
            | Standing::Due
            | Standing::Done
            | Standing::Skipped
            | Standing::Closed
            | Standing::RuledOut => Ok(false),
        }
    }

    /// Whether there is inaction or a decision that was sent: the window of an appeal has begun for somebody.
    fn may_be_filed(&self, index: StepIndex) -> bool {
        let marking = Marking::of(self.procedure, &self.case);
        let lies = marking.lies_against(index);
        let decisions = lies.iter().any(|against| against.decision().is_some());
        let Some(window) = marking.appeal(index).and_then(|appeal| appeal.window) else {
            return true;
        };
        let name = &self.procedure.deadline(window).name;
        !decisions || self.case.clocks.keys().any(|clock| clock.deadline == *name)
    }

    pub(super) fn file_early(
        &mut self,
        command: &Command,
        act: &Do,
        index: StepIndex,
        filing: FilingRecord,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let role = self.may_do(&command.actor, index)?;
        let by = self.acted_by(command, Some(role));
        let so_far = self.case.step(&step.name).map(|record| record.early.as_slice());
        let mut so_far = so_far.unwrap_or_default().iter();
        if let Some(early) = so_far.find(|early| early.by.person == by.person) {
            let refusal = Refusal::new(&act.step, Why::AlreadyDone { at: early.at });
            return Err(refusal.under(&step.rule));
        }
        if let Some(note) = &act.note {
            bounded(&act.step, note)?;
        }
        self.check_supplied(index, &act.data)?;
        if !act.data.is_empty() {
            let data = act.data.clone();
            self.happen(command.at, Some(by.clone()), Fact::DataGiven { data })?;
        }
        self.check_form(index, &act.form)?;
        let (appeal, form, note) = (step.name.clone(), act.form.clone(), act.note.clone());
        let fact = Fact::AppealFiledEarly { appeal, form, note, filing };
        self.happen(command.at, Some(by), fact)
    }

    /// What was filed too early takes effect when there is something to appeal against.
    pub(super) fn take_in_early_filings(&mut self, at: Instant) -> Result<(), Refusal> {
        for (index, step) in self.procedure.steps() {
            let record = self.case.step(&step.name);
            let Some(early) = record.and_then(|record| record.early.first()).cloned() else {
                continue;
            };
            let marking = Marking::of(self.procedure, &self.case);
            if !marking.standing(index).is_open() || !self.may_be_filed(index) {
                continue;
            }
            let EarlyFiling { at: filed_at, by, form, note, filing } = early;
            let items = self.open_items(index);
            let is_own = |item: &str| {
                let of = |party: &&Party| party.person.as_str() == item;
                let party = self.case.parties().iter().find(of);
                let stands = |party: &Party| stand_together(&self.case, &by.person, &party.person);
                party.is_some_and(stands) || by.role.as_ref().is_some_and(|role| *role == *item)
            };
            let mut items = items.into_iter();
            let own = items.find(|item| item.as_deref().is_none_or(is_own));
            let Some(item) = own else { continue };
            let instance = Instance { step: step.name.clone(), item };
            let filing = Some(FilingRecord {
                against: self.lies_against(index),
                early: Some(filed_at),
                ..filing
            });
            let by_itself = Doing::by_itself(index, instance, None);
            let doing = Doing { form, note, filing, ..by_itself };
            self.finish_instance(at, Some(by), doing)?;
            self.follow_up(at, index, None)?;
        }
        Ok(())
    }

    /// A window that passed has not for an appeal that was posted or arrived elsewhere in time.
    pub(super) fn undo_lapse(
        &mut self,
        command: &Command,
        act: &Do,
        index: StepIndex,
    ) -> Result<(), Refusal> {
        let step = self.procedure.step(index);
        let marking = Marking::of(self.procedure, &self.case);
        let Some(appeal) = marking.appeal(index) else { return Ok(()) };
        let Some(window) = appeal.window else { return Ok(()) };
        let instance = Instance { step: step.name.clone(), item: act.item.clone() };
        let end = self.case.instance(&instance).map(|record| record.end.clone());
        let deadline = self.procedure.deadline(window).name.clone();
        let closed = match &end {
            Some(Some(End::Closed { because: CloseCause::Lapsed { deadline: of }, .. })) => {
                *of == deadline
            }
            Some(Some(End::Closed { .. } | End::Done(_))) | None => return Ok(()),
            Some(None) => false,
        };
        let clock = Clock { deadline, item: act.item.clone() };
        let Some(record) = self.case.clocks.get(&clock).cloned() else { return Ok(()) };
        let Some((_, last_day)) = record.lapsed else { return Ok(()) };
        let today = self.procedure.zone.local_date(command.at);
        if !self.is_in_time(appeal, &act.filing, last_day, today) {
            return Ok(());
        }
        let at = command.at;
        self.happen(at, None, Fact::DeadlineRevived { clock: clock.clone(), last_day })?;
        if closed {
            let round = self.case.step(&step.name).map_or(0, |record| record.round);
            let step = step.name.clone();
            let fact = match &act.item {
                Some(item) => Fact::ItemsAdded { step, items: vec![item.clone()] },
                None => Fact::StepOpened {
                    step,
                    round: round.saturating_add(1),
                    items: None,
                    duty: false,
                    because: None,
                    owed_by: None,
                    against: Some(self.lies_against(index)),
                },
            };
            self.happen(at, None, fact)?;
        }
        if matches!(record.end, Some(ClockEnd::Cancelled { .. }))
            && let Some((_, rule)) = clock::rule(self.procedure, &clock)
        {
            self.start(at, rule, &clock, record.starts_at, record.period)?;
        }
        Ok(())
    }

    /// Whether a filing counts as in time: it arrived within the window, here or elsewhere, or was posted within it and
    /// arrived within the term after it.
    fn is_in_time(&self, appeal: &Appeal, said: &Filing, last_day: Date, today: Date) -> bool {
        let received_on = received_on(said, today);
        let latest =
            appeal.post.and_then(|post| time::add(last_day, post, &self.procedure.calendar).ok());
        let posted = said.posted_on.is_some_and(|posted| posted <= last_day);
        received_on <= last_day || posted && latest.is_some_and(|latest| received_on <= latest)
    }

    /// Returns the remark and the record of a filing. One that is late needs an excuse.
    pub(super) fn excused(
        &self,
        index: StepIndex,
        instance: &Instance,
        act: &Do,
        filed: FilingRecord,
    ) -> Result<(Option<String>, Option<FilingRecord>), Refusal> {
        let against = self.lies_against(index);
        let filed = FilingRecord { against, ..filed };
        let marking = Marking::of(self.procedure, &self.case);
        let late = marking.is_late(index, instance.item.as_deref());
        if !late || marking.appeal(index).is_none_or(|appeal| appeal.late != Late::Admit) {
            return Ok((act.note.clone(), Some(filed)));
        }
        let excuse = act.note.as_deref().map(str::trim).filter(|excuse| !excuse.is_empty());
        if let Some(excuse) = excuse {
            let excuse = Some(excuse.to_owned());
            return Ok((None, Some(FilingRecord { excuse, ..filed })));
        }
        let step = self.procedure.step(index);
        let deadline = step.deadline.map(|window| self.procedure.deadline(window).name.clone());
        let clock = deadline.map(|deadline| Clock { deadline, item: instance.item.clone() });
        let record = clock.and_then(|clock| self.case.clocks.get(&clock));
        let last_day = record.and_then(|record| record.lapsed).map(|(_, last_day)| last_day);
        let why = match last_day {
            Some(last_day) => Why::ExcuseRequired { last_day },
            None => Why::ReasonRequired,
        };
        Err(Refusal::new(&act.step, why).under(&step.rule).unless(Remedy::GiveReason))
    }

    /// Returns what an appeal lies against now, as the author writes it.
    pub(super) fn lies_against(&self, index: StepIndex) -> Vec<String> {
        let lies = Marking::of(self.procedure, &self.case).lies_against(index).into_iter();
        lies.map(|against| fact_as_written(self.procedure, against.fact())).collect()
    }
}

/// Returns the day of receipt that counts for whether a filing is in time.
fn received_on(said: &Filing, today: Date) -> Date {
    said.elsewhere.as_ref().map_or(today, |elsewhere| elsewhere.arrived_on)
}
