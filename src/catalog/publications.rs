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

    /// Returns the text that a case gets which was received and opened on these days: of those that were activated and
    /// are in force on the day that each goes by, the one that was activated last.
    pub fn current(&self, received: Date, opened: Date) -> Option<Published<'_>> {
        let line = self.line();
        let versions = self.versions();
        let of = |number: u32| versions.iter().find(|published| published.number == number);
        let in_line = line.iter().rev().filter_map(|(number, _)| of(*number));
        let holds = |span: &InForce| match span.selected_by {
            SelectedBy::Received => span.contains(received),
            // A case that is opened now has no decision yet; a later text takes it over by its transition.
            SelectedBy::Opened | SelectedBy::Decided | SelectedBy::Appealed => {
                span.contains(opened)
            }
        };
        in_line.into_iter().find(|published| holds(published.in_force)).cloned()
    }

    /// Returns the numbers of the texts that are current on some day, in the order of their activation.
    pub fn active(&self) -> Vec<u32> {
        self.line().into_iter().map(|(number, _)| number).collect()
    }

    /// Returns the latest refused offer, if no text was published or activated since.
    pub fn refused(&self) -> Option<&CatalogAct> {
        self.acts.last().filter(|act| matches!(act.fact, CatalogFact::OfferRefused { .. }))
    }

    /// Returns what stands against a text that is in force on these days, beside those that are active.
    pub fn spans(&self, offered: &InForce) -> Vec<SpanFinding> {
        let others: Vec<(u32, InForce)> = self
            .active()
            .into_iter()
            .filter_map(|number| Some((number, self.numbered(number)?.in_force.clone())))
            .filter(|(_, other)| other.from != offered.from)
            .collect();
        let mut findings = Vec::new();
        for (number, other) in &others {
            let (first, second) =
                if other.from < offered.from { (other, offered) } else { (offered, other) };
            let Some(from) = second.from else { continue };
            // A text without an end gives way to one that begins later, if that one is the newer.
            let gives_way = first.until.is_none() && std::ptr::eq(second, offered);
            if !gives_way && first.until.is_none_or(|until| until >= from) {
                findings.push(SpanFinding::Overlap { number: *number, from });
            }
        }
        let spans = others.iter().map(|(_, other)| other).chain([offered]);
        findings.extend(gaps(spans.collect()));
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
            published.find(|published| published.number == number).map(|found| found.in_force)
        };
        let mut line: Vec<(u32, &CatalogAct)> = Vec::new();
        for act in &self.acts {
            match &act.fact {
                CatalogFact::Activated { number } => {
                    let from = in_force(*number).and_then(|span| span.from);
                    line.retain(|(other, _)| {
                        other != number && in_force(*other).and_then(|span| span.from) != from
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
