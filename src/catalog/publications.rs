//! What was published of a procedure: every text, who made it current and why, and which of them a case gets.
//!
//! The record only grows, and a published text never changes: its hash is its identity, its number is what people call
//! it. Which text a case gets follows from the record and one date of the case, so that it can be answered for any day,
//! also long afterwards. A text that is taken back or replaced stays published: the cases that run on it go on.

use crate::procedure::{InForce, Name, SelectedBy, Version};
use crate::time::{Date, Instant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The most refused offers that are kept: a file that is saved wrongly all day must not fill the store.
const MOST_REFUSED: usize = 200;

/// The record of one procedure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publications {
    /// What was done, in its order.
    pub acts: Vec<CatalogAct>,
}

/// Something that was done about the texts of a procedure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogAct {
    /// When.
    pub at: Instant,
    /// By whom: a person of the organisation by short name, or an account.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What.
    #[serde(flatten)]
    pub fact: CatalogFact,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum CatalogFact {
    /// A text was put on record under a number. New cases don't get it before it is activated.
    Published {
        /// Its number: from 1, without gaps.
        number: u32,
        /// Its hash.
        version: Version,
        /// The days for which it is picked.
        in_force: InForce,
        /// The file that it came from.
        file: String,
        /// How many scenarios beside it went as expected.
        scenarios: usize,
    },
    /// It is the one that new cases get, on the days for which it is in force.
    Activated {
        /// Its number.
        number: u32,
    },
    /// New cases don't get it any more.
    Retired {
        /// Its number.
        number: u32,
    },
    /// A text that was offered was refused: what was active stays so.
    OfferRefused {
        /// Its hash; nothing if it could not be read that far.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<Version>,
        /// The file that it came from.
        file: String,
        /// What is wrong with it, a line for each finding.
        findings: Vec<String>,
    },
}

/// A published text, as the record tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published<'p> {
    /// Its number.
    pub number: u32,
    /// Its hash.
    pub version: Version,
    /// The days for which it is picked.
    pub in_force: &'p InForce,
    /// The act by which it was published.
    pub act: &'p CatalogAct,
    /// The latest act by which it became current, if new cases still get it.
    pub activated: Option<&'p CatalogAct>,
    /// The act by which it was retired, if it was not activated again.
    pub retired: Option<&'p CatalogAct>,
}

/// The days of a case by which a text may be picked, as far as they have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseDays {
    /// When the matter was received.
    pub received: Date,
    /// When the case was opened.
    pub opened: Date,
    /// When it was decided last.
    pub decided: Option<Date>,
    /// When an appeal was filed last.
    pub appealed: Option<Date>,
    /// The day that is asked about, which stands for what has not come: it comes on that day or later.
    pub on: Date,
}

impl CaseDays {
    /// Returns the days of a case that is opened on one of them.
    pub fn of_new(received: Date, opened: Date) -> Self {
        Self { received, opened, decided: None, appealed: None, on: opened }
    }

    /// Returns the day by which a text is picked.
    pub fn by(&self, selected_by: SelectedBy) -> Date {
        match selected_by {
            SelectedBy::Received => self.received,
            SelectedBy::Opened => self.opened,
            SelectedBy::Decided => self.decided.unwrap_or(self.on),
            SelectedBy::Appealed => self.appealed.unwrap_or(self.on),
        }
    }
}

/// Why a text can't stand in the line of those in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpanFinding {
    /// On some days two texts would hold.
    Overlap {
        /// The number of the other.
        number: u32,
        /// The first of these days.
        from: Date,
    },
    /// On some days none would hold.
    Gap {
        /// The first of them.
        from: Date,
        /// The last of them.
        until: Date,
    },
    /// A text goes by one day of a case and the next text by an earlier one, so that some cases would get none: those
    /// of which the earlier day lies before the change, and the later one after it.
    Between {
        /// The day by which cases get the text that ends.
        ends_by: SelectedBy,
        /// Its last day.
        until: Date,
        /// The day by which cases get the text that begins.
        begins_by: SelectedBy,
        /// Its first day.
        from: Date,
    },
}

impl fmt::Display for SpanFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlap { number, from } => {
                write!(f, "overlapping-spans: from {from} version {number} is in force too")
            }
            Self::Gap { from, until } => {
                write!(f, "gap-between-spans: from {from} until {until} no version is in force")
            }
            Self::Between { ends_by, until, begins_by, from } => {
                let (ends_by, begins_by) = (ends_by.happened(), begins_by.happened());
                write!(
                    f,
                    "gap-between-spans: no version is in force for what was {begins_by} before {from} and is {ends_by} after {until}"
                )
            }
        }
    }
}

impl Publications {
    /// Returns whether nothing was ever published.
    pub fn is_empty(&self) -> bool {
        self.published().next().is_none()
    }

    /// Returns the published texts in the order of their numbers.
    pub fn versions(&self) -> Vec<Published<'_>> {
        let line = self.line();
        self.published()
            .map(|mut published| {
                published.activated = line
                    .iter()
                    .find(|(number, _)| *number == published.number)
                    .map(|(_, act)| *act);
                let is_retiring = |act: &&CatalogAct| {
                    act.fact == CatalogFact::Retired { number: published.number }
                };
                published.retired = self
                    .acts
                    .iter()
                    .rev()
                    .find(is_retiring)
                    .filter(|_| published.activated.is_none());
                published
            })
            .collect()
    }

    /// Returns the text with this number.
    pub fn numbered(&self, number: u32) -> Option<Published<'_>> {
        self.versions().into_iter().find(|published| published.number == number)
    }

    /// Returns the text with this hash.
    pub fn of_version(&self, version: Version) -> Option<Published<'_>> {
        self.versions().into_iter().find(|published| published.version == version)
    }

    /// Returns the number that the next text takes.
    pub fn next_number(&self) -> u32 {
        self.published().map(|published| published.number).max().unwrap_or(0).saturating_add(1)
    }

    /// Returns the text that a case gets which was received and opened on these days: what is still to come, comes on the
    /// day of opening or later, and is asked about again when it does.
    pub fn current(&self, received: Date, opened: Date) -> Option<Published<'_>> {
        self.picked(&CaseDays::of_new(received, opened))
    }

    /// Returns the text that is in force for a case with these days: of those that were activated and are in force on the
    /// day that each goes by, the one that was activated last.
    pub fn picked(&self, days: &CaseDays) -> Option<Published<'_>> {
        let line = self.line();
        let versions = self.versions();
        let of = |number: u32| versions.iter().find(|published| published.number == number);
        let mut in_line = line.iter().rev().filter_map(|(number, _)| of(*number));
        let holds = |span: &InForce| span.contains(days.by(span.selected_by));
        in_line.find(|published| holds(published.in_force)).cloned()
    }

    /// Returns the numbers of the texts that are current on some day, in the order of their activation.
    pub fn active(&self) -> Vec<u32> {
        self.line().into_iter().map(|(number, _)| number).collect()
    }

    /// Returns the latest refused offer, if no text was published or activated since.
    pub fn refused(&self) -> Option<&CatalogAct> {
        self.acts.last().filter(|act| matches!(act.fact, CatalogFact::OfferRefused { .. }))
    }

    /// Returns what stands against a text that is in force on these days, beside those that are active. Texts that go by
    /// the same day of a case must follow one another; where they go by different ones, the one that was activated last
    /// holds where both do, and no case may fall between the two.
    pub fn spans(&self, offered: &InForce) -> Vec<SpanFinding> {
        let others: Vec<(u32, InForce)> = self
            .active()
            .into_iter()
            .filter_map(|number| Some((number, self.numbered(number)?.in_force.clone())))
            .filter(|(_, other)| !takes_its_place(offered, other))
            .collect();
        let mut findings = Vec::new();
        let alike = |other: &&(u32, InForce)| other.1.selected_by == offered.selected_by;
        for (number, other) in others.iter().filter(alike) {
            let (first, second) =
                if other.from < offered.from { (other, offered) } else { (offered, other) };
            let Some(from) = second.from else { continue };
            // A text without an end gives way to one that begins later, if that one is the newer.
            let gives_way = first.until.is_none() && std::ptr::eq(second, offered);
            if !gives_way && first.until.is_none_or(|until| until >= from) {
                findings.push(SpanFinding::Overlap { number: *number, from });
            }
        }
        let all: Vec<&InForce> = others.iter().map(|(_, other)| other).chain([offered]).collect();
        let alike = all.iter().filter(|span| span.selected_by == offered.selected_by);
        findings.extend(gaps(alike.copied().collect()));
        findings.extend(between(&all));
        findings
    }

    /// Takes in an act. What an offer was refused for is kept up to a number of times.
    pub fn push(&mut self, act: CatalogAct) {
        let is_refused = |act: &CatalogAct| matches!(act.fact, CatalogFact::OfferRefused { .. });
        if is_refused(&act) {
            let refused = self.acts.iter().filter(|act| is_refused(act)).count();
            if refused >= MOST_REFUSED
                && let Some(first) = self.acts.iter().position(is_refused)
            {
                self.acts.remove(first);
            }
        }
        self.acts.push(act);
    }

    /// Returns the bytes under which the record is kept.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Returns the record that was kept as `bytes`.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    fn published(&self) -> impl Iterator<Item = Published<'_>> {
        self.acts.iter().filter_map(|act| match &act.fact {
            CatalogFact::Published { number, version, in_force, .. } => Some(Published {
                number: *number,
                version: *version,
                in_force,
                act,
                activated: None,
                retired: None,
            }),
            CatalogFact::Activated { .. }
            | CatalogFact::Retired { .. }
            | CatalogFact::OfferRefused { .. } => None,
        })
    }

    /// Returns the texts that are current on some day, each with the act that made it so. A text takes the place of one
    /// that is in force from the same day.
    fn line(&self) -> Vec<(u32, &CatalogAct)> {
        let in_force = |number: u32| {
            let mut published = self.published();
            let found = published.find(|published| published.number == number);
            found.map(|found| found.in_force.clone()).unwrap_or_default()
        };
        let mut line: Vec<(u32, &CatalogAct)> = Vec::new();
        for act in &self.acts {
            match &act.fact {
                CatalogFact::Activated { number } => {
                    let span = in_force(*number);
                    line.retain(|(other, _)| {
                        other != number && !takes_its_place(&span, &in_force(*other))
                    });
                    line.push((*number, act));
                }
                CatalogFact::Retired { number } => line.retain(|(other, _)| other != number),
                CatalogFact::Published { .. } | CatalogFact::OfferRefused { .. } => {}
            }
        }
        line
    }
}

/// Whether a text takes the place of another: both go by the same day of a case, and are in force from the same day.
fn takes_its_place(new: &InForce, old: &InForce) -> bool {
    (new.from, new.selected_by) == (old.from, old.selected_by)
}

/// The days of a case in the order in which they come.
const IN_ORDER: [SelectedBy; 4] =
    [SelectedBy::Received, SelectedBy::Opened, SelectedBy::Decided, SelectedBy::Appealed];

/// Returns where a case would fall between texts that go by different days of it.
fn between(spans: &[&InForce]) -> Vec<SpanFinding> {
    let place = |by: SelectedBy| IN_ORDER.iter().position(|known| *known == by);
    let of = |by: SelectedBy| spans.iter().filter(move |span| span.selected_by == by);
    let mut found = Vec::new();
    for ends_by in IN_ORDER {
        // The last day on which a text holds that goes by this day; nothing where one has no end.
        let last =
            of(ends_by).map(|span| span.until).try_fold(None, |last: Option<Date>, until| {
                until.map(|until| Some(last.map_or(until, |last| last.max(until))))
            });
        let Some(Some(until)) = last else { continue };
        for begins_by in IN_ORDER.into_iter().filter(|by| *by != ends_by) {
            let first =
                of(begins_by).map(|span| span.from).try_fold(None, |first: Option<Date>, from| {
                    from.map(|from| Some(first.map_or(from, |first| first.min(from))))
                });
            let Some(Some(from)) = first else { continue };
            let is_next = until.succ_opt() == Some(from);
            // What comes first by the earlier day, and then by the later one, leaves nobody out if the one begins when
            // the other ends; the other way round it always does.
            let later = place(begins_by) > place(ends_by);
            let follows = from > until;
            if follows && !(later && is_next) {
                found.push(SpanFinding::Between { ends_by, until, begins_by, from });
            }
        }
    }
    found
}

/// Returns the days between the first and the last span on which none holds.
fn gaps(mut spans: Vec<&InForce>) -> Vec<SpanFinding> {
    spans.sort_by_key(|span| span.from);
    let mut found = BTreeSet::new();
    // The last day up to which there is no gap; nothing once a span has no end.
    let mut covered: Option<Date> = None;
    for (place, span) in spans.iter().enumerate() {
        if place > 0 {
            let Some(last) = covered else { break };
            let first_free = last.succ_opt();
            if let (Some(first_free), Some(from)) = (first_free, span.from)
                && let Some(until) = from.pred_opt()
                && first_free <= until
            {
                found.insert((first_free, until));
            }
        }
        let Some(until) = span.until else { break };
        covered = Some(covered.map_or(until, |covered| covered.max(until)));
    }
    found.into_iter().map(|(from, until)| SpanFinding::Gap { from, until }).collect()
}

/// Returns a procedure's name and the number that stands behind it, as in `klachtenprocedure@3`.
pub fn numbered_name(text: &str) -> Option<(Name, u32)> {
    let (name, number) = text.rsplit_once('@')?;
    let number = number.strip_prefix('v').unwrap_or(number).parse().ok()?;
    (!name.is_empty()).then(|| (Name::from(name), number))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn span(from: &str, until: &str) -> InForce {
        let read = |text: &str| (!text.is_empty()).then(|| day(text));
        InForce { from: read(from), until: read(until), ..InForce::default() }
    }

    fn act(fact: CatalogFact) -> CatalogAct {
        CatalogAct { at: Instant::default(), by: "joost".to_owned(), because: None, fact }
    }

    /// Publishes and activates a text for each span.
    fn record(spans: &[InForce]) -> Publications {
        let mut record = Publications::default();
        for (place, in_force) in spans.iter().enumerate() {
            let number = record.next_number();
            let version = Version::from_bytes([u8::try_from(place).unwrap(); 32]);
            let (file, in_force) = ("a.yaml".to_owned(), in_force.clone());
            record.push(act(CatalogFact::Published {
                number,
                version,
                in_force,
                file,
                scenarios: 0,
            }));
            record.push(act(CatalogFact::Activated { number }));
        }
        record
    }

    fn current(record: &Publications, on: &str) -> Option<u32> {
        record.current(day(on), day(on)).map(|published| published.number)
    }

    #[test]
    fn without_dates_the_text_activated_last_is_current_and_an_earlier_one_can_come_back() {
        let mut record = record(&[span("", ""), span("", ""), span("", "")]);
        assert_eq!(current(&record, "2026-03-01"), Some(3));
        record.push(act(CatalogFact::Activated { number: 2 }));
        assert_eq!(current(&record, "2026-03-01"), Some(2));
        assert_eq!(record.active(), [2]);
        record.push(act(CatalogFact::Retired { number: 2 }));
        assert_eq!(current(&record, "2026-03-01"), None, "nothing comes back by itself");
        assert!(record.numbered(2).unwrap().retired.is_some());
        let read = Publications::from_bytes(&record.to_bytes()).unwrap();
        assert_eq!(read, record);
    }

    #[test]
    fn two_texts_are_in_force_for_different_cases_at_the_same_moment() {
        let record = record(&[span("2026-01-01", ""), span("2027-01-01", "")]);
        assert_eq!(current(&record, "2026-12-31"), Some(1));
        assert_eq!(current(&record, "2027-01-01"), Some(2));
        assert_eq!(current(&record, "2025-12-31"), None);
        assert_eq!(record.active(), [1, 2]);
    }

    #[test]
    fn a_text_takes_the_place_of_the_one_from_the_same_day() {
        let record = record(&[
            span("2026-01-01", ""),
            span("2027-01-01", ""),
            span("2026-01-01", "2026-12-31"),
        ]);
        assert_eq!(record.active(), [2, 3]);
        assert_eq!(current(&record, "2026-06-01"), Some(3));
        assert_eq!(current(&record, "2027-06-01"), Some(2));
    }

    #[test]
    fn days_with_two_texts_or_none_are_found() {
        let one = record(&[span("2026-01-01", "2026-12-31")]);
        assert_eq!(one.spans(&span("2027-01-01", "")), []);
        let overlap = SpanFinding::Overlap { number: 1, from: day("2026-07-01") };
        assert_eq!(one.spans(&span("2026-07-01", "")), [overlap]);
        let gap = SpanFinding::Gap { from: day("2027-01-01"), until: day("2027-01-31") };
        assert_eq!(one.spans(&span("2027-02-01", "")), [gap]);
        let open = record(&[span("2026-01-01", ""), span("2027-01-01", "")]);
        assert_eq!(open.spans(&span("2028-01-01", "")), [], "it gives way to the newer one");
        let hides = SpanFinding::Overlap { number: 2, from: day("2027-01-01") };
        assert_eq!(open.spans(&span("2026-06-01", "")), [hides]);
        assert_eq!(open.spans(&span("2026-01-01", "2026-12-31")), []);
        assert_eq!(record(&[span("", "")]).spans(&span("", "")), []);
        assert_eq!(record(&[span("", "")]).spans(&span("2027-01-01", "")), []);
    }

    fn by(selected_by: SelectedBy, from: &str, until: &str) -> InForce {
        InForce { selected_by, ..span(from, until) }
    }

    #[test]
    fn a_law_that_changes_for_decisions_holds_when_the_decision_comes() {
        let decided = |from, until| by(SelectedBy::Decided, from, until);
        let record = record(&[span("", ""), decided("2026-07-01", "")]);
        assert_eq!(record.active(), [1, 2]);
        let days = CaseDays::of_new(day("2026-05-01"), day("2026-05-04"));
        let number = |days: &CaseDays| record.picked(days).map(|published| published.number);
        assert_eq!(number(&days), Some(1), "as it is opened");
        assert_eq!(number(&CaseDays { on: day("2026-06-30"), ..days }), Some(1));
        assert_eq!(number(&CaseDays { on: day("2026-07-01"), ..days }), Some(2));
        let decided = CaseDays { decided: Some(day("2026-06-30")), on: day("2026-08-01"), ..days };
        assert_eq!(number(&decided), Some(1), "an appeal in August is against a decision of June");
        assert_eq!(current(&record, "2026-07-02"), Some(2), "a new case can't be decided earlier");
    }

    #[test]
    fn texts_that_go_by_different_days_leave_no_case_between_them() {
        let decided = |from, until| by(SelectedBy::Decided, from, until);
        let until_july = record(&[span("2026-01-01", "2026-06-30")]);
        assert_eq!(until_july.spans(&decided("2026-07-01", "")), [], "received in June: the first");
        let gap = |ends_by, until, begins_by, from| SpanFinding::Between {
            ends_by,
            until: day(until),
            begins_by,
            from: day(from),
        };
        let (received, decision) = (SelectedBy::Received, SelectedBy::Decided);
        assert_eq!(
            until_july.spans(&decided("2026-08-01", "")),
            [gap(received, "2026-06-30", decision, "2026-08-01")],
            "received and decided in July"
        );
        let decisions = record(&[decided("2026-01-01", "2026-06-30")]);
        assert_eq!(
            decisions.spans(&span("2026-07-01", "")),
            [gap(decision, "2026-06-30", received, "2026-07-01")],
            "received in June, decided in July"
        );
        assert_eq!(decisions.spans(&decided("2026-07-01", "")), []);
        let overlap = SpanFinding::Overlap { number: 1, from: day("2026-06-01") };
        assert_eq!(decisions.spans(&decided("2026-06-01", "")), [overlap]);
        // Two days of a case may change at once: from then on the one that was activated last holds.
        let both = record(&[span("", ""), decided("2026-07-01", "")]);
        assert_eq!(both.spans(&by(SelectedBy::Appealed, "2026-07-01", "")), []);
        let words = decisions.spans(&span("2026-07-01", ""))[0].to_string();
        assert!(words.contains("received before 2026-07-01 and is decided after 2026-06-30"));
    }

    #[test]
    fn refused_offers_are_kept_up_to_a_number() {
        let mut record = record(&[span("", "")]);
        for _ in 0..MOST_REFUSED + 50 {
            let file = "a.yaml".to_owned();
            record.push(act(CatalogFact::OfferRefused { version: None, file, findings: vec![] }));
        }
        assert_eq!(record.acts.len(), MOST_REFUSED + 2);
        assert!(record.refused().is_some());
        record.push(act(CatalogFact::Activated { number: 1 }));
        assert!(record.refused().is_none());
    }

    #[test]
    fn a_version_is_named_by_its_number() {
        assert_eq!(numbered_name("klacht@3"), Some((Name::from("klacht"), 3)));
        assert_eq!(numbered_name("klacht@v12"), Some((Name::from("klacht"), 12)));
        for wrong in ["klacht", "@3", "klacht@", "klacht@x", "klacht@-1"] {
            assert_eq!(numbered_name(wrong), None, "{wrong}");
        }
    }
}
