//! From which event a term runs: one event, the first or the last of several, another one where it never came, or the
//! end of another term.
//!
//! The algebra knows no cases: what an event is, and what a deadline is called, is the caller's. An anchor has come when
//! the events it needs have come; asked again later it may give another answer, for the end of a deadline moves, and an
//! event that stood in for another gives way when that comes after all.

use super::{Date, Instant, TimeZone, Unit};

/// From which event a term runs. `E` names events, `D` deadlines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor<E, D> {
    /// An event.
    Event(E),
    /// The end of another deadline, met or not: it is known as soon as that deadline runs, and moves with it.
    End(D),
    /// The first of several that comes.
    Earliest(Vec<Anchor<E, D>>),
    /// The last of several: it has come when all have.
    Latest(Vec<Anchor<E, D>>),
    /// The first one, or the second as long as the first has not come.
    OrElse(Box<Anchor<E, D>>, Box<Anchor<E, D>>),
}

/// When an anchor came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Came {
    /// The instant; for the end of a deadline, the first one that is too late.
    pub at: Instant,
    /// The day; for the end of a deadline, its last day, although the instant lies on the day after.
    pub on: Date,
}

impl Came {
    /// Returns the instant from which a term in `unit` is counted, so that the day of the count is the right one: the
    /// end of a deadline is its last day.
    pub fn counted_from(self, unit: Unit, zone: &TimeZone) -> Instant {
        if unit == Unit::Hours || zone.local_date(self.at) == self.on {
            return self.at;
        }
        zone.start_of_day(self.on).unwrap_or(self.at)
    }
}

impl<E, D> Anchor<E, D> {
    /// Returns when the anchor came, if it has; `event` and `end` say when the events and ends did.
    pub fn came(
        &self,
        event: &impl Fn(&E) -> Option<Came>,
        end: &impl Fn(&D) -> Option<Came>,
    ) -> Option<Came> {
        let all =
            |parts: &[Self]| parts.iter().map(|part| part.came(event, end)).collect::<Vec<_>>();
        match self {
            Self::Event(name) => event(name),
            Self::End(name) => end(name),
            Self::Earliest(parts) => all(parts).into_iter().flatten().min(),
            Self::Latest(parts) => {
                all(parts).into_iter().collect::<Option<Vec<_>>>()?.into_iter().max()
            }
            Self::OrElse(first, second) => {
                first.came(event, end).or_else(|| second.came(event, end))
            }
        }
    }

    /// Returns every event that it names, in order.
    pub fn events(&self) -> Vec<&E> {
        match self {
            Self::Event(name) => vec![name],
            Self::End(_) => Vec::new(),
            Self::Earliest(parts) | Self::Latest(parts) => {
                parts.iter().flat_map(Self::events).collect()
            }
            Self::OrElse(first, second) => {
                first.events().into_iter().chain(second.events()).collect()
            }
        }
    }

    /// Returns every deadline whose end it names, in order.
    pub fn ends(&self) -> Vec<&D> {
        match self {
            Self::Event(_) => Vec::new(),
            Self::End(name) => vec![name],
            Self::Earliest(parts) | Self::Latest(parts) => {
                parts.iter().flat_map(Self::ends).collect()
            }
            Self::OrElse(first, second) => first.ends().into_iter().chain(second.ends()).collect(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::time::parse_date;

    fn on(day: &str) -> Came {
        let on = parse_date(day).expect(day);
        Came { at: TimeZone::utc().start_of_day(on).expect("an instant"), on }
    }

    fn came(anchor: &Anchor<&str, &str>, events: &[(&str, &str)]) -> Option<String> {
        let event =
            |name: &&str| events.iter().find(|(known, _)| known == name).map(|(_, day)| on(day));
        anchor.came(&event, &event).map(|came| came.on.to_string())
    }

    #[test]
    fn an_anchor_is_the_first_the_last_or_what_stands_in() {
        use Anchor::{Earliest, End, Event, Latest, OrElse};
        let both = || vec![Event("a"), End("b")];
        let (first, last) = (Earliest(both()), Latest(both()));
        let one = [("a", "2026-03-05")];
        let two = [("a", "2026-03-05"), ("b", "2026-03-02")];
        assert_eq!(came(&first, &one).as_deref(), Some("2026-03-05"));
        assert_eq!(came(&first, &two).as_deref(), Some("2026-03-02"));
        assert_eq!(came(&last, &one), None);
        assert_eq!(came(&last, &two).as_deref(), Some("2026-03-05"));
        // Directive 2019/1937 art. 9(1)(f): the acknowledgement or, if none was sent, the end of the seven days.
        let feedback = OrElse(Box::new(Event("acknowledged")), Box::new(End("seven-days")));
        assert_eq!(came(&feedback, &[("seven-days", "2026-03-09")]).as_deref(), Some("2026-03-09"));
        let later = [("seven-days", "2026-03-09"), ("acknowledged", "2026-03-11")];
        assert_eq!(came(&feedback, &later).as_deref(), Some("2026-03-11"));
        assert_eq!(
            (feedback.events(), feedback.ends()),
            (vec![&"acknowledged"], vec![&"seven-days"])
        );
    }

    #[test]
    fn the_end_of_a_deadline_is_its_last_day() {
        let zone = TimeZone::named("Europe/Amsterdam").expect("a zone");
        let last_day = parse_date("2023-05-26").expect("a date");
        let at = zone.start_of_day(parse_date("2023-05-27").expect("a date")).expect("an instant");
        let end = Came { at, on: last_day };
        assert_eq!(zone.local_date(end.counted_from(Unit::Weeks, &zone)), last_day);
        assert_eq!(end.counted_from(Unit::Hours, &zone), at);
    }
}
