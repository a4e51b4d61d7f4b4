//! What is told of clocks that move, and of what a delay costs.

use super::Teller;
use crate::case::clock;
use crate::case::event::{Clock, Counted, Flag, MoveCause, NoTerm, NoTermCause};
use crate::case::state::Case;
use crate::language::Language;
use crate::procedure::{Anchor, Fact, Name, StartEvent};
use crate::time::{Date, Instant, Penalty, Term};

impl Teller<'_> {
    /// Returns what a deadline is called: a term without breach is only a target.
    pub(super) fn called(&self, clock: &Clock) -> String {
        let soft = clock::rule(self.procedure, clock).is_some_and(|(_, rule)| rule.soft);
        let name = self.clock(clock);
        match (self.language, soft) {
            (Language::Nl, false) => format!("Termijn «{name}»"),
            (Language::Nl, true) => format!("Richttermijn «{name}»"),
            (Language::En, false) => format!("Deadline “{name}”"),
            (Language::En, true) => format!("Target “{name}”"),
        }
    }

    /// Returns the words for the term of a clock and what it counts from.
    pub(super) fn count(&self, case: &Case, clock: &Clock) -> String {
        let Some((_, rule)) = clock::rule(self.procedure, clock) else { return String::new() };
        let Some(record) = case.clocks.get(clock) else { return String::new() };
        let nl = self.language == Language::Nl;
        let Some(term) = clock::term(rule, record) else { return String::new() };
        let term = term.in_words(self.language);
        let under = record.term_under.as_ref();
        let under = under.map(|under| format!("; {under}")).unwrap_or_default();
        let from = self.day_of(record.starts_at);
        let end_of = |deadline: crate::procedure::DeadlineIndex| {
            let name = self.deadline(&self.procedure.deadline(deadline).name);
            if nl {
                format!("na het einde van «{name}» op")
            } else {
                format!("after the end of “{name}” on")
            }
        };
        let what = match &rule.starts {
            _ if rule.backwards => self.language.pick("vóór", "before").to_owned(),
            _ if record.period > 0 => self.language.pick("na", "after").to_owned(),
            Anchor::Event(StartEvent::Received) => {
                self.language.pick("na de ontvangst op", "after the receipt on").to_owned()
            }
            Anchor::End(of) | Anchor::Event(StartEvent::Came(Fact::Lapsed(of))) => end_of(*of),
            Anchor::Event(_) | Anchor::Earliest(_) | Anchor::Latest(_) | Anchor::OrElse(..) => {
                self.language.pick("na", "after").to_owned()
            }
        };
        format!("{term} {what} {from}{under}")
    }

    pub(super) fn term_changed(
        &self,
        clock: &Clock,
        term: Term,
        under: Option<&String>,
        was: Option<Term>,
    ) -> String {
        let (name, term) = (self.called(clock), term.in_words(self.language));
        let under = under.map(|under| format!(", {under}")).unwrap_or_default();
        let was = was.map(|was| format!(" (was {})", was.in_words(self.language)));
        let was = was.unwrap_or_default();
        match self.language {
            Language::Nl => format!("{name} duurt {term}{was}{under}"),
            Language::En => format!("{name} is {term} long{was}{under}"),
        }
    }

    /// Returns the words for a rule that was broken.
    pub fn flagged(&self, flag: &Flag) -> String {
        let cite = flag.cite.as_ref().map(|cite| format!("; {cite}")).unwrap_or_default();
        let place = &flag.place;
        let reason = flag.reason.as_ref();
        match self.language {
            Language::Nl => {
                let reason = reason.map(|reason| format!("; «{reason}»")).unwrap_or_default();
                format!("Afwijking bij `{}`: {} ({place}{cite}){reason}", flag.act, flag.nl)
            }
            Language::En => {
                let reason = reason.map(|reason| format!("; “{reason}”")).unwrap_or_default();
                format!("Breach at `{}`: {} ({place}{cite}){reason}", flag.act, flag.en)
            }
        }
    }

    /// Returns why a clock does not run, or keeps the length that it has.
    pub fn without_term(&self, case: &Case, deadline: &Name, why: &NoTerm) -> String {
        let mut clocks = case.clocks.iter();
        let runs = clocks.any(|(clock, record)| clock.deadline == *deadline && record.is_running());
        let clock = Clock { deadline: deadline.clone(), item: None };
        let (name, NoTerm { asks, place, because }) = (self.called(&clock), why);
        let wrong = match (because, self.language) {
            (NoTermCause::Absent, Language::Nl) => "is niet vastgelegd",
            (NoTermCause::Absent, Language::En) => "is not on record",
            (NoTermCause::NotATerm, Language::Nl) => "is geen termijn",
            (NoTermCause::NotATerm, Language::En) => "is no term",
            (NoTermCause::Fault, Language::Nl) => "is niet te beantwoorden",
            (NoTermCause::Fault, Language::En) => "can't be answered",
        };
        match (self.language, runs) {
            (Language::Nl, false) => {
                format!(
                    "{name} loopt niet: hoelang zij duurt, is niet bekend; `{asks}` {wrong} ({place})"
                )
            }
            (Language::Nl, true) => {
                format!("{name} blijft even lang: `{asks}` {wrong} ({place})")
            }
            (Language::En, false) => {
                format!(
                    "{name} does not run: how long it is is not known; `{asks}` {wrong} ({place})"
                )
            }
            (Language::En, true) => {
                format!("{name} stays as long as it is: `{asks}` {wrong} ({place})")
            }
        }
    }

    pub(super) fn reanchored(&self, clock: &Clock, starts_at: Instant, was: Instant) -> String {
        let (name, now, was) = (self.called(clock), self.day_of(starts_at), self.day_of(was));
        match self.language {
            Language::Nl => format!("{name} telt vanaf {now} (was {was})"),
            Language::En => format!("{name} counts from {now} (was {was})"),
        }
    }

    pub(super) fn moved(
        &self,
        clock: &Clock,
        counted: &Counted,
        was: Option<Date>,
        because: MoveCause,
    ) -> String {
        let nl = self.language == Language::Nl;
        let (name, end) = (self.called(clock), self.day(counted.last_day));
        let was = was.map(|was| format!("was {}; ", self.day(was))).unwrap_or_default();
        let why = match because {
            MoveCause::Start => self
                .language
                .pick("de termijn begint op een andere dag", "it starts on another day"),
            MoveCause::Term => {
                self.language.pick("de termijn is langer of korter", "it is longer or shorter")
            }
            MoveCause::Bound => {
                self.language.pick("een uiterste datum is verschoven", "a bound of it moved")
            }
            MoveCause::Rules => self.language.pick(
                "de zaak valt nu onder een andere versie van de procedure",
                "the case falls under another version of the procedure now",
            ),
            MoveCause::Calendar => {
                self.language.pick("de kalender is veranderd", "the calendar changed")
            }
            MoveCause::TimeZones => {
                self.language.pick("de tijdzone is veranderd", "the time zone changed")
            }
            MoveCause::Counting => {
                self.language.pick("de telregel is veranderd", "the counting rule changed")
            }
        };
        if nl {
            format!("{name}: nu uiterlijk {end} ({was}{why})")
        } else {
            format!("{name}: now {end} at the latest ({was}{why})")
        }
    }

    pub(super) fn consented(&self, consent: &[Name]) -> String {
        let roles = self.roles(consent);
        match (roles.is_empty(), self.language) {
            (true, _) => String::new(),
            (false, Language::Nl) => format!(", met instemming van {roles}"),
            (false, Language::En) => format!(", with the consent of {roles}"),
        }
    }

    pub(super) fn revoked(
        &self,
        clock: &Clock,
        by_term: Term,
        by: &str,
        end: &str,
        reason: &str,
    ) -> String {
        let (name, term) = (self.clock(clock), by_term.in_words(self.language));
        match self.language {
            Language::Nl => format!(
                "Verlenging van «{name}» met {term} ingetrokken{by}: nu uiterlijk {end}; «{reason}»"
            ),
            Language::En => format!(
                "Extension of “{name}” by {term} taken back{by}: now {end} at the latest; “{reason}”"
            ),
        }
    }

    pub(super) fn revived(&self, clock: &Clock, last_day: Date) -> String {
        let (name, end) = (self.called(clock), self.day(last_day));
        match self.language {
            Language::Nl => format!("{name} is toch niet verstreken: uiterlijk {end}"),
            Language::En => format!("{name} has not lapsed after all: {end} at the latest"),
        }
    }

    pub(super) fn reminded(&self, clock: &Clock, time: u32, told: &[Name]) -> String {
        let (name, told) = (self.called(clock), self.roles(told));
        match self.language {
            Language::Nl => {
                format!("{name}: nog steeds niet gedaan; {time}e herinnering aan {told}")
            }
            Language::En => format!("{name}: still not done; reminder {time} to {told}"),
        }
    }

    pub(super) fn penalty_began(&self, clock: &Clock, last_day: Date) -> String {
        let first = last_day.succ_opt().unwrap_or(last_day);
        let (name, first) = (self.clock(clock), self.day(first));
        match self.language {
            Language::Nl => format!("Dwangsom wegens «{name}»: verschuldigd vanaf {first}"),
            Language::En => format!("Penalty for “{name}”: owed from {first}"),
        }
    }

    pub(super) fn penalty_withheld(&self, clock: &Clock, guard: &str, place: &str) -> String {
        let name = self.clock(clock);
        match self.language {
            Language::Nl => format!("Geen dwangsom wegens «{name}»: `{guard}` ({place})"),
            Language::En => format!("No penalty for “{name}”: `{guard}` ({place})"),
        }
    }

    pub(super) fn penalty_ended(
        &self,
        clock: &Clock,
        days: u32,
        cents: u64,
        currency: &str,
        capped: bool,
    ) -> String {
        let name = self.clock(clock);
        let penalty = Penalty { tiers: Vec::new(), currency: currency.to_owned() };
        let amount = penalty.amount(cents, self.language);
        match (self.language, days, capped) {
            (Language::Nl, 0, _) => format!("Geen dwangsom wegens «{name}» verschuldigd"),
            (Language::En, 0, _) => format!("No penalty is owed for “{name}”"),
            (Language::Nl, _, true) => {
                format!("Dwangsom wegens «{name}»: {amount} over {days} dagen, het hoogste bedrag")
            }
            (Language::Nl, _, false) => {
                format!("Dwangsom wegens «{name}»: {amount} over {days} dagen")
            }
            (Language::En, _, true) => {
                format!("Penalty for “{name}”: {amount} for {days} days, which is the most")
            }
            (Language::En, _, false) => format!("Penalty for “{name}”: {amount} for {days} days"),
        }
    }

    pub(super) fn corrected(
        &self,
        received_at: Instant,
        was: Instant,
        by: &str,
        reason: &str,
    ) -> String {
        let (now, was) = (self.day_of(received_at), self.day_of(was));
        match self.language {
            Language::Nl => {
                format!("Datum van ontvangst verbeterd{by}: {now} (was {was}); «{reason}»")
            }
            Language::En => {
                format!("Date of receipt corrected{by}: {now} (was {was}); “{reason}”")
            }
        }
    }
}
