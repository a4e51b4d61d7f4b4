//! Telling a case: each event as a sentence that a policy officer, a handler and a complainant understand.
//!
//! A sentence is derived from the event, the case as it was just after it, and the procedure; nothing of it is stored.

mod appeals;
mod clocks;
mod documents;
mod letters;
mod links;
mod parties;

use super::clock;
use super::event::{
    Addressee, CancelCause, Clock, CloseCause, Event, Fact, Instance, LinkKind, PauseCause,
    ResumeCause,
};
use super::person::{ActedBy, PersonId};
use super::state::Case;
use crate::language::Language;
use crate::procedure::{Name, Procedure};
use crate::time::{Date, Instant, format_date};

/// How an event weighs in the telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Somebody did something.
    Act,
    /// Time brought it about.
    Time,
    /// It follows from what came before.
    Consequence,
    /// Something that should not be: a lapse, a refusal, an incident.
    Alarm,
}

/// An event as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// How it weighs.
    pub weight: Weight,
    /// The sentence, without a full stop.
    pub text: String,
}

/// Tells events in one language.
pub struct Teller<'a> {
    /// The procedure.
    pub procedure: &'a Procedure,
    /// The language.
    pub language: Language,
    /// Returns what to call a person of the organisation.
    pub name_of: &'a dyn Fn(&PersonId) -> Option<String>,
}

impl Teller<'_> {
    /// Returns `event` as a sentence; `case` is the case just after it.
    pub fn tell(&self, case: &Case, event: &Event) -> Sentence {
        let (weight, text) = self.words(case, event);
        Sentence { weight, text }
    }

    /// Returns the title of a step.
    pub fn step(&self, name: &Name) -> String {
        let index = self.procedure.find_step(name.as_str());
        let title = index.map(|index| self.procedure.step(index).title.in_language(self.language));
        title.map_or_else(|| name.to_string(), str::to_owned)
    }

    /// Returns the title of a deadline.
    pub fn deadline(&self, name: &Name) -> String {
        let index = self.procedure.find_deadline(name.as_str());
        let title =
            index.map(|index| self.procedure.deadline(index).title.in_language(self.language));
        title.map_or_else(|| name.to_string(), str::to_owned)
    }

    /// Returns the title of a role.
    pub fn role(&self, name: &Name) -> String {
        let index = self.procedure.find_role(name.as_str());
        let title = index.map(|index| self.procedure.role(index).title.in_language(self.language));
        title.map_or_else(|| name.to_string(), str::to_owned)
    }

    /// Returns the titles of roles, in a row; nothing for none.
    fn roles(&self, names: &[Name]) -> String {
        let titles: Vec<String> = names.iter().map(|name| self.role(name)).collect();
        titles.join(", ")
    }

    /// Returns the title of an outcome of a step.
    pub fn outcome(&self, step: &Name, outcome: &Name) -> String {
        let index = self.procedure.find_step(step.as_str());
        let known = index.and_then(|index| self.procedure.step(index).outcome(outcome.as_str()));
        known.map_or_else(
            || outcome.to_string(),
            |known| known.title.in_language(self.language).to_owned(),
        )
    }

    /// Returns what to call a person: by name, or by role where the person comes from outside.
    pub fn person(&self, case: &Case, id: &PersonId) -> String {
        if let Some(name) = (self.name_of)(id) {
            return name;
        }
        let party = case.all_parties().find(|party| party.person == *id);
        match party {
            Some(party) => match &party.name {
                Some(name) => name.clone(),
                None => self.role(&party.role),
            },
            None => id.to_string(),
        }
    }

    /// Returns a day in words.
    pub fn day(&self, date: Date) -> String {
        format_date(date, self.language)
    }

    /// Returns the day of an instant in words.
    pub fn day_of(&self, at: Instant) -> String {
        self.day(self.procedure.zone.local_date(at))
    }

    fn instance(&self, case: &Case, instance: &Instance) -> String {
        let step = self.step(&instance.step);
        match &instance.item {
            Some(item) => format!("{step} ({})", self.item(case, item)),
            None => step,
        }
    }

    /// Returns an item of a list for people: a party by name.
    fn item(&self, case: &Case, item: &str) -> String {
        let parties = case.opening.iter().flat_map(|opening| &opening.parties);
        let party = parties.into_iter().find(|party| *party.person.to_string() == *item);
        party.map_or_else(|| item.to_owned(), |party| self.person(case, &party.person))
    }

    fn items(&self, case: &Case, items: &[String]) -> Vec<String> {
        items.iter().map(|item| self.item(case, item)).collect()
    }

    fn owed(&self, by: Option<&Name>) -> String {
        match (by, self.language) {
            (None, _) => String::new(),
            (Some(by), Language::Nl) => format!(", vanwege «{}»", self.step(by)),
            (Some(by), Language::En) => format!(", because of “{}”", self.step(by)),
        }
    }

    fn clock(&self, clock: &Clock) -> String {
        let deadline = self.deadline(&clock.deadline);
        clock.item.as_ref().map_or(deadline.clone(), |item| format!("{deadline} ({item})"))
    }

    fn by(&self, case: &Case, by: Option<&ActedBy>) -> String {
        let Some(by) = by else { return String::new() };
        let nl = self.language == Language::Nl;
        let who = self.person(case, &by.person);
        let role = by.role.as_ref().map(|role| self.role(role));
        let role =
            role.filter(|role| *role != who).map(|role| format!(" ({role})")).unwrap_or_default();
        let entered = by.entered_by.as_ref().map(|id| {
            let who = self.person(case, id);
            if nl { format!(", vastgelegd door {who}") } else { format!(", entered by {who}") }
        });
        let word = if nl { "door" } else { "by" };
        let absent = by.in_place_of.as_ref().map(|id| {
            let who = self.person(case, id);
            if nl { format!(", als vervanger van {who}") } else { format!(", in place of {who}") }
        });
        let absent = absent.unwrap_or_default();
        let behalf = self.on_behalf(case, &by.person);
        format!(" {word} {who}{role}{absent}{behalf}{}", entered.unwrap_or_default())
    }

    /// Returns where a clock ends as things stand.
    fn end(&self, case: &Case, clock: &Clock, at: Instant) -> Option<String> {
        let (_, rule) = clock::rule(self.procedure, clock)?;
        let record = case.clocks.get(clock)?;
        let end = clock::reckon(self.procedure, case, rule, record, Some(at)).ok()?;
        let provisional =
            if end.provisional { self.language.pick(" (voorlopig)", " (provisional)") } else { "" };
        Some(format!("{}{provisional}", self.day(end.last_day)))
    }

    #[expect(clippy::too_many_lines, reason = "a table: each fact in two languages")]
    fn words(&self, case: &Case, event: &Event) -> (Weight, String) {
        use Weight::{Act, Alarm, Consequence, Time};
        let nl = self.language == Language::Nl;
        let by = self.by(case, event.by.as_ref());
        let of_whom = if event.by.is_some() { Act } else { Consequence };
        match &event.fact {
            Fact::CaseOpened { reference, channel, received_at, forwarded_by, .. } => {
                let received = self.day_of(*received_at);
                let sent_on = forwarded_by.as_ref().map(|body| match self.language {
                    Language::Nl => format!(", doorgestuurd door {body}"),
                    Language::En => format!(", forwarded by {body}"),
                });
                let received = format!("{received}{}", sent_on.unwrap_or_default());
                let channel = channel.as_ref().map(|channel| {
                    if nl { format!(" per {channel}") } else { format!(" by {channel}") }
                });
                let channel = channel.unwrap_or_default();
                let text = if nl {
                    format!("Zaak {reference} geopend{by}; ontvangen{channel} op {received}")
                } else {
                    format!("Case {reference} opened{by}; received{channel} on {received}")
                };
                (Act, text)
            }
            Fact::Retold { act, of, .. } => {
                let day = self.day_of(*of);
                let known = self.procedure.find_step(act.as_str()).map(|_| self.step(act));
                let text = match (known, nl) {
                    (Some(act), true) => format!("Alsnog vastgelegd{by}: {act}, van {day}"),
                    (Some(act), false) => format!("Recorded late{by}: {act}, of {day}"),
                    (None, true) => format!("Alsnog vastgelegd{by}: wat er op {day} gebeurde"),
                    (None, false) => format!("Recorded late{by}: what happened on {day}"),
                };
                let rest = self.language.pick(
                    "wat daarna kwam, is opnieuw nagegaan",
                    "what came after it was worked out anew",
                );
                (Act, format!("{text}; {rest}"))
            }
            Fact::PartyJoined { party } => (Act, self.joined(case, party, &by)),
            Fact::PartyChanged { role, person, contact: _ } => {
                let (who, role) = (self.person(case, person), self.role(role));
                let text = if nl {
                    format!("{who} ({role}): andere gegevens{by}")
                } else {
                    format!("{who} ({role}): details changed{by}")
                };
                (Act, text)
            }
            Fact::PartyLeft { role, person, cause, reason } => {
                (of_whom, self.left(case, (role, person), *cause, reason.as_deref(), &by))
            }
            Fact::DocumentAdded { number: _, document, with } => {
                let weight = if with.is_some() { Consequence } else { Act };
                (weight, self.added(document, &by))
            }
            Fact::DataGiven { data } => {
                let fields =
                    data.keys().map(|field| self.field(field)).collect::<Vec<_>>().join(", ");
                let text = if nl {
                    format!("Gegevens aangevuld{by}: {fields}")
                } else {
                    format!("Facts given{by}: {fields}")
                };
                (Act, text)
            }
            Fact::StepOpened { step, items, duty, because, round, owed_by, against: _ } => {
                let items = items.as_ref().map(|items| self.items(case, items));
                let opened = self.opened(step, items.as_deref(), *duty, because.as_ref(), *round);
                (Consequence, format!("{opened}{}", self.owed(owed_by.as_ref())))
            }
            Fact::ItemsAdded { step, items } => {
                let (step, items) = (self.step(step), self.items(case, items).join(", "));
                let text = if nl {
                    format!("{step}: erbij gekomen {items}")
                } else {
                    format!("{step}: added {items}")
                };
                (Consequence, text)
            }
            Fact::EnoughDone { step, done, total } => {
                let step = self.step(step);
                let text = if nl {
                    format!("{step}: genoeg gedaan, {done} van {total}")
                } else {
                    format!("{step}: enough was done, {done} of {total}")
                };
                (Consequence, text)
            }
            Fact::StepsCancelled { steps, because } => {
                let steps: Vec<String> = steps.iter().map(|step| self.step(step)).collect();
                let (steps, by) = (steps.join(", "), self.step(because));
                let text = if nl {
                    format!("Vervalt door «{by}»: {steps}")
                } else {
                    format!("Ruled out by “{by}”: {steps}")
                };
                (Consequence, text)
            }
            Fact::StepSkipped { step, .. } => {
                let step = self.step(step);
                let text =
                    if nl { format!("{step}: niet nodig") } else { format!("{step}: not needed") };
                (Consequence, text)
            }
            Fact::StepClosed { instance, cause } => {
                (Consequence, self.closed(case, instance, cause))
            }
            Fact::StepAssigned { instance, to } => {
                let step = self.instance(case, instance);
                let text = match (to, nl) {
                    (Some(to), true) => {
                        format!("{step}: toegewezen aan {}{by}", self.person(case, to))
                    }
                    (Some(to), false) => format!("{step}: given to {}{by}", self.person(case, to)),
                    (None, true) => format!("{step}: teruggelegd{by}"),
                    (None, false) => format!("{step}: put back{by}"),
                };
                (Act, text)
            }
            Fact::VoteCast { instance, outcome, note, .. } => {
                let step = self.instance(case, instance);
                let outcome = outcome.as_ref().map(|o| self.outcome(&instance.step, o));
                let text = match (outcome, nl) {
                    (Some(outcome), true) => format!("{step}: stem voor {outcome}{by}"),
                    (Some(outcome), false) => format!("{step}: a vote for {outcome}{by}"),
                    (None, true) => format!("{step}: instemming{by}"),
                    (None, false) => format!("{step}: agreement{by}"),
                };
                let note = note.as_ref().map(|note| format!(": «{note}»")).unwrap_or_default();
                (Act, format!("{text}{note}"))
            }
            Fact::VotesSetAside { instance } => {
                let step = self.instance(case, instance);
                let text = if nl {
                    format!("{step}: de stemmen beslissen niet; er wordt opnieuw gestemd")
                } else {
                    format!("{step}: the votes do not decide; there is a new vote")
                };
                (Consequence, text)
            }
            Fact::StepDone { instance, outcome, late, deemed, note, filing, .. } => {
                let step = self.instance(case, instance);
                let ended =
                    outcome.as_ref().map(|o| format!(" — {}", self.outcome(&instance.step, o)));
                let how = match (late, deemed, nl) {
                    (_, true, true) => " (van rechtswege)",
                    (_, true, false) => " (by operation of law)",
                    (true, false, true) => " (te laat)",
                    (true, false, false) => " (late)",
                    (false, false, _) => "",
                };
                let note = note.as_ref().map(|note| format!("; «{note}»")).unwrap_or_default();
                let filed = filing.as_ref().map(|f| self.filed(&instance.step, f));
                let (ended, filed) = (ended.unwrap_or_default(), filed.unwrap_or_default());
                (of_whom, format!("{step}{ended}{how}{by}{filed}{note}"))
            }
            Fact::AppealFiledEarly { appeal, note, filing, .. } => {
                let note = note.as_ref().map(|note| format!("; «{note}»")).unwrap_or_default();
                (Act, format!("{}{note}", self.filed_early(appeal, &by, filing)))
            }
            Fact::Returned { to, .. } => {
                let to = self.step(to);
                let text = if nl { format!("Terug naar: {to}") } else { format!("Back to: {to}") };
                (Consequence, text)
            }
            Fact::AppealWithdrawn { instance, reason, .. } => {
                let note = reason.as_ref().map(|why| format!("; «{why}»")).unwrap_or_default();
                let appeal = self.instance(case, instance);
                let word = self.language.pick("ingetrokken", "withdrawn");
                (Act, format!("{appeal}: {word}{by}{note}"))
            }
            Fact::DecisionJoined { step, appeal } => {
                (Consequence, self.decision_joined(step, appeal))
            }
            Fact::AppealRenewed { appeal, because, .. } => {
                (Consequence, self.appeal_renewed(appeal, because))
            }
            Fact::DecisionFinal { step, replaced_by } => {
                let step = self.step(step);
                let text = match (replaced_by, nl) {
                    (None, true) => format!("{step}: staat vast"),
                    (None, false) => format!("{step}: is final"),
                    (Some(by), true) => format!("{step}: vervangen door {}", self.step(by)),
                    (Some(by), false) => format!("{step}: replaced by {}", self.step(by)),
                };
                (Consequence, text)
            }
            Fact::FinalityLifted { was_open: true, because, .. } => {
                let appeal = self.step(because);
                let text = if nl {
                    format!("{appeal}: wat ervan afhangt, komt opnieuw")
                } else {
                    format!("{appeal}: what depends on it comes again")
                };
                (Consequence, text)
            }
            Fact::FinalityLifted { step, .. } => {
                let step = self.step(step);
                let text = if nl {
                    format!("{step}: staat niet meer vast")
                } else {
                    format!("{step}: is no longer final")
                };
                (Consequence, text)
            }
            Fact::CaseReopened { because, reason: Some(reason), .. } => {
                (Act, self.reopened(because, &by, reason))
            }
            Fact::CaseReopened { .. } => (
                Consequence,
                self.language.pick("De zaak is weer open", "The case is open again").to_owned(),
            ),
            Fact::CaseLinked { kind, case, procedure, through: _, reason } => {
                let reason =
                    reason.as_ref().map(|reason| format!("; «{reason}»")).unwrap_or_default();
                let text = self.link(*kind, case, procedure);
                (of_whom, format!("{text}{by}{reason}"))
            }
            Fact::CaseTakenIn { case: other, procedure, .. } => {
                let text = self.link(LinkKind::Joined, other, procedure);
                (Act, format!("{text}{by}{}", self.taken_in(case, &event.fact)))
            }
            Fact::CaseTransferred { to, reason } => {
                (Act, self.transferred(to, &by, reason.as_deref()))
            }
            Fact::LinkedCaseDecided { case, verdict } => {
                let (word, verdict) =
                    (self.language.pick("Uit zaak", "From case"), self.verdict(verdict));
                (Consequence, format!("{word} {case}: {verdict}"))
            }
            Fact::DeadlineStarted { clock, .. } => {
                let (name, count) = (self.called(clock), self.count(case, clock));
                let end = self.end(case, clock, event.at).unwrap_or_default();
                let text = if nl {
                    format!("{name}: uiterlijk {end} ({count})")
                } else {
                    format!("{name}: {end} at the latest ({count})")
                };
                (Consequence, text)
            }
            Fact::Migrated { from, to, reason, .. } => {
                let (from, to) = (from.short(), to.short());
                let because = because(reason.as_ref());
                let text = if nl {
                    format!(
                        "De zaak gaat verder onder versie {to} van de procedure{by}, in plaats van {from}{because}"
                    )
                } else {
                    format!(
                        "The case goes on under version {to} of the procedure{by}, instead of {from}{because}"
                    )
                };
                (Act, text)
            }
            Fact::MigrationUndone { undone, back_to, reason, .. } => {
                let (undone, back_to) = (undone.short(), back_to.short());
                let because = because(reason.as_ref());
                let text = if nl {
                    format!(
                        "De overgang naar versie {undone} is teruggedraaid{by}: de zaak loopt weer onder {back_to}{because}"
                    )
                } else {
                    format!(
                        "The move to version {undone} was taken back{by}: the case runs under {back_to} again{because}"
                    )
                };
                (Act, text)
            }
            Fact::DeadlineTermKept { clock, term, under } => {
                let (deadline, under) = (self.clock(clock), under.short());
                let text = if nl {
                    format!("Termijn {deadline}: blijft {term}, zoals onder versie {under}")
                } else {
                    format!("Deadline {deadline}: stays {term}, as under version {under}")
                };
                (Consequence, text)
            }
            Fact::DeadlineTermChanged { clock, term, term_under, was } => {
                (Consequence, self.term_changed(clock, *term, term_under.as_ref(), *was))
            }
            Fact::DeadlineWithoutTerm { deadline, why } => {
                (Alarm, self.without_term(case, deadline, why))
            }
            Fact::DeadlineReanchored { clock, starts_at, was } => {
                (Consequence, self.reanchored(clock, *starts_at, *was))
            }
            Fact::DeadlineMoved { clock, counted, was, because } => {
                (Consequence, self.moved(clock, counted, *was, *because))
            }
            Fact::DeadlineExtensionRevoked { clock, by_term, reason, counted: _ } => {
                let end = self.end(case, clock, event.at).unwrap_or_default();
                (Act, self.revoked(clock, *by_term, &by, &end, reason))
            }
            Fact::DeadlineRevived { clock, last_day } => {
                (Consequence, self.revived(clock, *last_day))
            }
            Fact::DeadlineReminded { clock, time, told } => {
                (Alarm, self.reminded(clock, *time, told))
            }
            Fact::PenaltyBegan { clock, last_day } => (Alarm, self.penalty_began(clock, *last_day)),
            Fact::PenaltyWithheld { clock, guard, place } => {
                (Consequence, self.penalty_withheld(clock, guard, place))
            }
            Fact::PenaltyEnded { clock, days, cents, currency, capped } => {
                let weight = if *days > 0 { Alarm } else { Consequence };
                (weight, self.penalty_ended(clock, *days, *cents, currency, *capped))
            }
            Fact::ReceiptCorrected { received_at, was, reason } => {
                (Act, self.corrected(*received_at, *was, &by, reason))
            }
            Fact::DeadlinePaused { clock, cause } => (of_whom, self.paused(clock, cause, &by)),
            Fact::DeadlineResumed { clock, cause, counted: _ } => {
                let name = self.clock(clock);
                let end = self.end(case, clock, event.at).unwrap_or_default();
                let limit = match (cause, nl) {
                    (ResumeCause::Limit, true) => " (langer stilstaan mag niet)",
                    (ResumeCause::Limit, false) => " (it may not stand still any longer)",
                    (ResumeCause::StepOver | ResumeCause::Hand, _) => "",
                };
                let text = if nl {
                    format!("Termijn «{name}» loopt weer{by}: nu uiterlijk {end}{limit}")
                } else {
                    format!("Deadline “{name}” runs again{by}: now {end} at the latest{limit}")
                };
                (of_whom, text)
            }
            Fact::DeadlineExtended { clock, by_term, reason, consent, .. } => {
                let consent = self.consented(consent);
                let (name, term) = (self.clock(clock), by_term.in_words(self.language));
                let end = self.end(case, clock, event.at).unwrap_or_default();
                let reason =
                    reason.as_ref().map(|reason| format!("; «{reason}»")).unwrap_or_default();
                let text = if nl {
                    format!(
                        "Termijn «{name}» verlengd met {term}{by}{consent}: nu uiterlijk {end}{reason}"
                    )
                } else {
                    format!(
                        "Deadline “{name}” extended by {term}{by}{consent}: now {end} at the latest{reason}"
                    )
                };
                (Act, text)
            }
            Fact::DeadlineWarned { clock, before, last_day } => {
                let (name, before) = (self.clock(clock), before.in_words(self.language));
                let end = self.day(*last_day);
                let text = if nl {
                    format!("Waarschuwing: «{name}» eindigt over {before}, op {end}")
                } else {
                    format!("Warning: “{name}” ends in {before}, on {end}")
                };
                (Time, text)
            }
            Fact::DeadlineMet { clock, last_day, late } => {
                let (name, end) = (self.called(clock), self.day(*last_day));
                match (late, nl) {
                    (false, true) => (Consequence, format!("{name} gehaald (uiterlijk {end})")),
                    (false, false) => (Consequence, format!("{name} met ({end} at the latest)")),
                    (true, true) => (Alarm, format!("{name}: te laat gedaan (uiterlijk {end})")),
                    (true, false) => {
                        (Alarm, format!("{name}: done too late ({end} at the latest)"))
                    }
                }
            }
            Fact::DeadlineLapsed { clock, last_day, told, soft } => {
                let (name, end) = (self.called(clock), self.day(*last_day));
                let told = self.roles(told);
                let told = match (told.is_empty(), nl) {
                    (true, _) => String::new(),
                    (false, true) => format!("; bericht aan {told}"),
                    (false, false) => format!("; told: {told}"),
                };
                let text = match (soft, nl) {
                    (false, true) => format!("{name} is verstreken op {end}{told}"),
                    (false, false) => format!("{name} lapsed on {end}{told}"),
                    (true, true) => format!("{name} is voorbij sinds {end}{told}"),
                    (true, false) => format!("{name} has passed, on {end}{told}"),
                };
                (if *soft { Time } else { Alarm }, text)
            }
            Fact::DeadlineCancelled { clock, cause } => {
                let name = self.clock(clock);
                let why = match (cause, nl) {
                    (CancelCause::StepOver, true) => "de stap is van de baan",
                    (CancelCause::StepOver, false) => "its step is over",
                    (CancelCause::UntilThen, true) => "wat hem deed terugkomen, is voorbij",
                    (CancelCause::UntilThen, false) => "what made it come back is over",
                    (CancelCause::CaseEnded, true) => "de zaak is geëindigd",
                    (CancelCause::CaseEnded, false) => "the case has ended",
                };
                let text = if nl {
                    format!("Termijn «{name}» gestopt: {why}")
                } else {
                    format!("Deadline “{name}” stopped: {why}")
                };
                (Consequence, text)
            }
            Fact::LetterMade { letter, addressees, enclosures, .. } => {
                let enclosed = self.enclosed(case, enclosures);
                let to = self.roles(&Addressee::roles(addressees));
                let letter = self.letter(letter);
                let text = if nl {
                    format!("Brief «{letter}» gemaakt voor {to}; nog te verzenden{enclosed}")
                } else {
                    format!("Letter “{letter}” made for {to}; still to be sent{enclosed}")
                };
                (Consequence, text)
            }
            Fact::LetterSent { letter, to, addressees, .. } if event.by.is_some() => {
                (Act, self.sent_by_hand(case, event, letter, to, addressees))
            }
            Fact::LetterSent { letter, to, .. }
                if to.is_empty() && self.procedure.find_letter(letter.as_str()).is_some() =>
            {
                let letter = self.letter(letter);
                let text = if nl {
                    format!(
                        "Brief «{letter}» gaat naar niemand: die partij is er niet in deze zaak"
                    )
                } else {
                    format!("Letter “{letter}” goes to nobody: the case has no such party")
                };
                (Consequence, text)
            }
            Fact::LetterSent { letter, to, enclosures, .. } => {
                let enclosed = self.enclosed(case, enclosures);
                let (to, letter) = (self.roles(to), self.letter(letter));
                let text = match (to.is_empty(), nl) {
                    (true, true) => format!("Brief «{letter}» verzonden{enclosed}"),
                    (true, false) => format!("Letter “{letter}” sent{enclosed}"),
                    (false, true) => format!("Brief «{letter}» verzonden aan {to}{enclosed}"),
                    (false, false) => format!("Letter “{letter}” sent to {to}{enclosed}"),
                };
                (Consequence, text)
            }
            Fact::CaseEnded { status, .. } => {
                let status = self.status(status);
                let text = if nl {
                    format!("De zaak eindigt: {status}")
                } else {
                    format!("The case ends: {status}")
                };
                (Consequence, text)
            }
            Fact::CaseArchived { keep_until } => {
                let kept = keep_until.map(|last| self.day(last));
                let text = match (kept, nl) {
                    (None, true) => "Naar het archief".to_owned(),
                    (None, false) => "Into the archive".to_owned(),
                    (Some(last), true) => format!("Naar het archief; bewaren tot en met {last}"),
                    (Some(last), false) => format!("Into the archive; kept until {last}"),
                };
                (Consequence, text)
            }
            Fact::RecordsDue { disposal } => {
                let what = match (disposal.as_str(), nl) {
                    ("destroy", true) => "vernietigen",
                    ("destroy", false) => "to be destroyed",
                    (_, true) => "anonimiseren",
                    (_, false) => "to be anonymised",
                };
                let text = if nl {
                    format!("De bewaartermijn is voorbij: {what}")
                } else {
                    format!("The term of keeping is over: {what}")
                };
                (Time, text)
            }
            Fact::Looked => {
                let text = self.language.pick("Ingezien", "Looked into");
                (Consequence, format!("{text}{by}"))
            }
            Fact::Noted { text } => {
                let text = if nl {
                    format!("Aantekening{by}: {text}")
                } else {
                    format!("Note{by}: {text}")
                };
                (Act, text)
            }
            Fact::AttemptRefused { asked, code } => {
                let text = if nl {
                    format!("Geweigerd{by}: {asked} ({code})")
                } else {
                    format!("Refused{by}: {asked} ({code})")
                };
                (Alarm, text)
            }
            Fact::Flagged { flag } => (Alarm, self.flagged(flag)),
            Fact::Incident { step, place, message } => {
                let step = self.step(step);
                let text = if nl {
                    format!("Incident bij {step}: {message} ({place})")
                } else {
                    format!("Incident at {step}: {message} ({place})")
                };
                (Alarm, text)
            }
        }
    }

    fn opened(
        &self,
        step: &Name,
        items: Option<&[String]>,
        duty: bool,
        because: Option<&Name>,
        round: u32,
    ) -> String {
        let nl = self.language == Language::Nl;
        let index = self.procedure.find_step(step.as_str()).map(|index| self.procedure.step(index));
        let who: Vec<String> = index
            .iter()
            .flat_map(|step| &step.who)
            .map(|role| self.procedure.role(*role).title.in_language(self.language).to_owned())
            .collect();
        let name = self.step(step);
        let again = match (round > 1, nl) {
            (false, _) => "",
            (true, true) => ", opnieuw",
            (true, false) => ", again",
        };
        let who = if who.is_empty() {
            String::new()
        } else if nl {
            format!(", door {}", who.join(" of "))
        } else {
            format!(", by {}", who.join(" or "))
        };
        let items = match items {
            None => String::new(),
            Some([]) => {
                let word = self.language.pick("Niets te doen", "Nothing to do");
                let list = self.language.pick("de lijst is leeg", "the list is empty");
                return format!("{word}: {name}{again} ({list})");
            }
            Some(items) => format!(" ({})", items.join("; ")),
        };
        let because = because.map(|deadline| {
            let deadline = self.deadline(deadline);
            if nl {
                format!(", nu «{deadline}» is verstreken")
            } else {
                format!(", since “{deadline}” lapsed")
            }
        });
        if index.is_some_and(|step| step.awaits.is_some()) {
            let word = self.language.pick("In afwachting van", "Waiting for");
            return format!("{word}: {name}{again}");
        }
        let word = match (duty, nl) {
            (true, true) => "Te doen",
            (true, false) => "To do",
            (false, true) => "Mogelijk",
            (false, false) => "Possible",
        };
        format!("{word}: {name}{items}{again}{who}{}", because.unwrap_or_default())
    }

    fn closed(&self, case: &Case, instance: &Instance, cause: &CloseCause) -> String {
        let nl = self.language == Language::Nl;
        let step = self.instance(case, instance);
        let why = match (cause, nl) {
            (CloseCause::Overtaken, true) => "wacht weer op wat eraan voorafgaat".to_owned(),
            (CloseCause::Overtaken, false) => "waits again for what comes before".to_owned(),
            (CloseCause::Returned, true) => "vervalt, de zaak gaat terug".to_owned(),
            (CloseCause::Returned, false) => "dropped, the case goes back".to_owned(),
            (CloseCause::Withdrawn, true) => "vervalt, het is ingetrokken".to_owned(),
            (CloseCause::Withdrawn, false) => "dropped, it was withdrawn".to_owned(),
            (CloseCause::Renewed, true) => "vervalt, er is een later besluit".to_owned(),
            (CloseCause::Renewed, false) => "dropped, there is a later decision".to_owned(),
            (CloseCause::Lapsed { deadline }, true) => {
                format!("kan niet meer, «{}» is verstreken", self.deadline(deadline))
            }
            (CloseCause::Lapsed { deadline }, false) => {
                format!("no longer possible, “{}” lapsed", self.deadline(deadline))
            }
            (CloseCause::CaseEnded, true) => "vervalt, de zaak is geëindigd".to_owned(),
            (CloseCause::CaseEnded, false) => "dropped, the case has ended".to_owned(),
            (CloseCause::NotDecided { case }, true) => {
                format!("komt niet, zaak {case} is geëindigd zonder beslissing")
            }
            (CloseCause::NotDecided { case }, false) => {
                format!("will not come, case {case} ended undecided")
            }
            (CloseCause::ItemGone, true) => "vervalt, staat niet meer in de lijst".to_owned(),
            (CloseCause::ItemGone, false) => "dropped, no longer in the list".to_owned(),
            (CloseCause::Cancelled { because }, true) => {
                format!("vervalt door «{}»", self.step(because))
            }
            (CloseCause::Cancelled { because }, false) => {
                format!("ruled out by “{}”", self.step(because))
            }
            (CloseCause::Enough, true) => "niet meer nodig, er is genoeg gedaan".to_owned(),
            (CloseCause::Enough, false) => "not needed any more, enough was done".to_owned(),
        };
        format!("{step}: {why}")
    }

    fn paused(&self, clock: &Clock, cause: &PauseCause, by: &str) -> String {
        let nl = self.language == Language::Nl;
        let name = self.clock(clock);
        match (cause, nl) {
            (PauseCause::Step { step }, true) => {
                format!("Termijn «{name}» staat stil, in afwachting van: {}", self.step(step))
            }
            (PauseCause::Step { step }, false) => {
                format!("Deadline “{name}” stands still, waiting for: {}", self.step(step))
            }
            (PauseCause::Hand { reason, .. }, true) => {
                format!("Termijn «{name}» stilgezet{by}; «{reason}»")
            }
            (PauseCause::Hand { reason, .. }, false) => {
                format!("Deadline “{name}” made to stand still{by}; “{reason}”")
            }
        }
    }

    /// Returns the title of a field of the case data.
    pub fn field(&self, name: &str) -> String {
        let fields = self.procedure.intake.schema.fields();
        let title =
            fields.iter().find(|field| field.name == name).and_then(|field| field.title.as_ref());
        title.map_or_else(|| name.to_owned(), |title| title.in_language(self.language).to_owned())
    }
}

/// Returns a reason as it stands behind what was done.
fn because(reason: Option<&String>) -> String {
    reason.map(|reason| format!(": {reason}")).unwrap_or_default()
}
