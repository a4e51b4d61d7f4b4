//! The almanac: all calendars and counting rules that are at hand, by name.
//!
//! Those that come with the program are data like any other (`procedures/calendars`, `procedures/counting`); they are
//! read when first asked for. A workspace may add its own and put its own in the place of one that is shipped: a
//! calendar may be made of the shipped one of the same name.

use super::error::{nearest, shown};
use super::shipped;
use super::{Calendar, Counting, TimeError, TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, OnceLock};

/// A time zone, a calendar and a counting rule that belong together: a jurisdiction, in one word.
#[derive(Debug, Clone)]
pub struct Jurisdiction {
    /// Whose midnight ends a day.
    pub time_zone: TimeZone,
    /// The days off.
    pub calendar: Arc<Calendar>,
    /// How a term becomes a date.
    pub counting: Arc<Counting>,
}

impl Default for Jurisdiction {
    /// No days off, no rolling, in UTC: what holds where nothing is said.
    fn default() -> Self {
        Self {
            time_zone: TimeZone::utc(),
            calendar: Arc::new(Calendar::without_days_off()),
            counting: Arc::default(),
        }
    }
}

/// Calendars and counting rules by name.
#[derive(Debug, Clone, Default)]
pub struct Almanac {
    calendars: BTreeMap<String, Arc<Calendar>>,
    countings: BTreeMap<String, Arc<Counting>>,
    /// The documents that were added.
    added: Vec<(Kind, Value)>,
}

type Shipped<T> = BTreeMap<&'static str, (&'static str, OnceLock<Result<Arc<T>, TimeError>>)>;

static CALENDARS: LazyLock<Shipped<Calendar>> = LazyLock::new(|| unread(&shipped::CALENDARS));
static COUNTINGS: LazyLock<Shipped<Counting>> = LazyLock::new(|| unread(&shipped::COUNTINGS));

fn unread<T>(texts: &[(&'static str, &'static str)]) -> Shipped<T> {
    texts.iter().map(|(name, text)| (*name, (*text, OnceLock::new()))).collect()
}

/// A document of a workspace that is added to an almanac.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A calendar.
    Calendar,
    /// A counting rule.
    Counting,
}

impl Almanac {
    /// Returns the almanac with nothing but what is shipped.
    pub fn shipped() -> Self {
        Self::default()
    }

    /// Returns the almanac with documents added, in any order; one takes the place of what had its name. What is wrong
    /// comes with the index of the document.
    /// # Errors
    /// [`TimeError::BadCalendar`], [`TimeError::BadCounting`], [`TimeError::CalendarOfItself`].
    pub fn with(mut self, documents: &[(Kind, Value)]) -> Result<Self, (usize, TimeError)> {
        let mut calendars: BTreeMap<String, (usize, &Value)> = BTreeMap::new();
        let mut countings: BTreeSet<String> = BTreeSet::new();
        for (index, (kind, document)) in documents.iter().enumerate() {
            match kind {
                Kind::Counting => {
                    let counting =
                        Counting::from_document(document).map_err(|error| (index, error))?;
                    let name = counting.name().to_owned();
                    if !countings.insert(name.clone()) {
                        let what = format!("another file defines `{}` as well", shown(&name));
                        let place = "counting".to_owned();
                        return Err((index, TimeError::BadCounting { place, what }));
                    }
                    self.countings.insert(name, Arc::new(counting));
                }
                Kind::Calendar => {
                    let name = document.get("calendar").and_then(Value::as_str);
                    let name = name.unwrap_or_default();
                    if calendars.insert(name.to_owned(), (index, document)).is_some() {
                        let what = format!("another file defines `{}` as well", shown(name));
                        let place = "calendar".to_owned();
                        return Err((index, TimeError::BadCalendar { place, what }));
                    }
                }
            }
        }
        self.added.extend_from_slice(documents);
        let before = self.clone();
        let built = RefCell::default();
        let added = Added { before: &before, documents: &calendars, built };
        for (name, (index, _)) in &calendars {
            let calendar = added.calendar(name, &[]).map_err(|error| (*index, error))?;
            self.calendars.insert(name.clone(), calendar);
        }
        for (name, (index, _)) in &calendars {
            // A jurisdiction must be whole.
            if self.calendars.get(name).is_some_and(|calendar| calendar.usual().is_some()) {
                self.jurisdiction(name).map_err(|error| {
                    let what = format!("{error} ({})", error.help());
                    (*index, TimeError::BadCalendar { place: "counting".to_owned(), what })
                })?;
            }
        }
        Ok(self)
    }

    /// Returns the documents that were added to what is shipped.
    pub fn added(&self) -> &[(Kind, Value)] {
        &self.added
    }

    /// Returns the almanac with those of the documents whose names it does not have: what a procedure was published with
    /// serves where it has gone since.
    /// # Errors
    /// As [`Almanac::with`].
    pub fn with_missing(&self, documents: &[(Kind, Value)]) -> Result<Self, (usize, TimeError)> {
        let is_missing = |(kind, document): &&(Kind, Value)| {
            let name = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default();
            match kind {
                Kind::Calendar => self.calendar(name("calendar")).is_err(),
                Kind::Counting => self.counting(name("counting")).is_err(),
            }
        };
        let missing: Vec<(Kind, Value)> = documents.iter().filter(is_missing).cloned().collect();
        let mut whole = self.clone().with(&missing)?;
        // They are no part of what the organisation counts by today.
        whole.added.clone_from(&self.added);
        Ok(whole)
    }

    /// Returns the calendar with a name.
    /// # Errors
    /// [`TimeError::UnknownCalendar`], with the nearest name there is.
    pub fn calendar(&self, name: &str) -> Result<Arc<Calendar>, TimeError> {
        if let Some(calendar) = self.calendars.get(name) {
            return Ok(Arc::clone(calendar));
        }
        let Some((text, read)) = CALENDARS.get(name) else {
            let like = nearest(name, self.calendar_names().map(str::to_owned));
            return Err(TimeError::UnknownCalendar { name: shown(name), like });
        };
        let shipped = Self::default();
        let of = |part: &str| {
            if part == name {
                return Err(TimeError::CalendarOfItself { name: shown(name) });
            }
            shipped.calendar(part)
        };
        let read = read.get_or_init(|| {
            // INVARIANT: each shipped text is a calendar; a test reads them all.
            Calendar::from_document(&shipped::read(text).unwrap_or_default(), &of).map(Arc::new)
        });
        read.clone()
    }

    /// Returns the counting rule with a name.
    /// # Errors
    /// [`TimeError::UnknownCounting`], with the nearest name there is.
    pub fn counting(&self, name: &str) -> Result<Arc<Counting>, TimeError> {
        if let Some(counting) = self.countings.get(name) {
            return Ok(Arc::clone(counting));
        }
        let Some((text, read)) = COUNTINGS.get(name) else {
            let like = nearest(name, self.counting_names().map(str::to_owned));
            return Err(TimeError::UnknownCounting { name: shown(name), like });
        };
        let read = read.get_or_init(|| {
            // INVARIANT: each shipped text is a counting rule; a test reads them all.
            Counting::from_document(&shipped::read(text).unwrap_or_default()).map(Arc::new)
        });
        read.clone()
    }

    /// Returns the jurisdiction with a name: the calendar of that name, with its time zone and counting rule.
    /// # Errors
    /// [`TimeError::UnknownJurisdiction`], with the nearest name there is, and what is wrong with its parts.
    pub fn jurisdiction(&self, name: &str) -> Result<Jurisdiction, TimeError> {
        let unknown = || {
            let like = nearest(name, self.calendar_names().map(str::to_owned));
            TimeError::UnknownJurisdiction { name: shown(name), like }
        };
        let calendar = match self.calendar(name) {
            Err(TimeError::UnknownCalendar { .. }) => return Err(unknown()),
            found => found?,
        };
        let (time_zone, counting) = calendar.usual().ok_or_else(unknown)?;
        Ok(Jurisdiction {
            time_zone: TimeZone::named(time_zone)?,
            counting: self.counting(counting)?,
            calendar,
        })
    }

    /// Returns the names of all calendars, in order.
    pub fn calendar_names(&self) -> impl Iterator<Item = &str> {
        names(&self.calendars, &CALENDARS)
    }

    /// Returns the names of all counting rules, in order.
    pub fn counting_names(&self) -> impl Iterator<Item = &str> {
        names(&self.countings, &COUNTINGS)
    }

    /// Returns the names of all jurisdictions, in order: the calendars that name a time zone and a counting rule.
    pub fn jurisdiction_names(&self) -> impl Iterator<Item = &str> {
        self.calendar_names()
            .filter(|name| self.calendar(name).is_ok_and(|calendar| calendar.usual().is_some()))
    }

    /// Returns a digest of all that dates are computed from here: the texts of calendars and counting rules, and the
    /// release of the time zone database. With another one, a date may have changed.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(super::tzdb_version());
        for (_, text) in shipped::CALENDARS.iter().chain(&shipped::COUNTINGS) {
            digest.update(text);
        }
        let mut added: Vec<String> =
            self.added.iter().map(|(_, document)| document.to_string()).collect();
        added.sort_unstable();
        for document in added {
            digest.update(document);
        }
        digest.finalize().into()
    }
}

fn names<'a, T>(
    added: &'a BTreeMap<String, Arc<T>>,
    shipped: &'static Shipped<T>,
) -> impl Iterator<Item = &'a str> {
    let mut names: Vec<&str> =
        added.keys().map(String::as_str).chain(shipped.keys().copied()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter()
}

/// How many calendars may lie one within the other.
const DEEPEST: usize = 50;

/// Calendars that are being added, which may be made of each other.
struct Added<'a> {
    before: &'a Almanac,
    documents: &'a BTreeMap<String, (usize, &'a Value)>,
    /// Those that were made: each once, however many are made of it.
    built: RefCell<BTreeMap<String, Arc<Calendar>>>,
}

impl Added<'_> {
    /// Returns the calendar with a name; `above` are those that are made of it. The calendar that is made of one of its
    /// own name means the one that was there before.
    fn calendar(&self, name: &str, above: &[&str]) -> Result<Arc<Calendar>, TimeError> {
        let Some((_, document)) = self.documents.get(name) else {
            return self.before.calendar(name);
        };
        if above.last() == Some(&name) {
            return self.before.calendar(name);
        }
        if above.contains(&name) {
            return Err(TimeError::CalendarOfItself { name: shown(name) });
        }
        if let Some(built) = self.built.borrow().get(name) {
            return Ok(Arc::clone(built));
        }
        if above.len() >= DEEPEST {
            let what = format!("more than {DEEPEST} calendars lie one within the other");
            return Err(TimeError::BadCalendar { place: "includes".to_owned(), what });
        }
        let above: Vec<&str> = above.iter().copied().chain([name]).collect();
        let of = |part: &str| self.calendar(part, &above);
        let calendar = Arc::new(Calendar::from_document(document, &of)?);
        self.built.borrow_mut().insert(name.to_owned(), Arc::clone(&calendar));
        Ok(calendar)
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::time::{For, parse_date};
    use serde_json::json;

    #[test]
    fn every_shipped_jurisdiction_is_whole() {
        let almanac = Almanac::shipped();
        for name in almanac.calendar_names() {
            almanac.calendar(name).expect(name);
            almanac.jurisdiction(name).expect(name);
        }
        for name in almanac.counting_names() {
            almanac.counting(name).expect(name);
        }
        assert!(almanac.jurisdiction("nll").is_err());
    }

    #[test]
    fn a_workspace_extends_what_is_shipped() {
        let document = json!({"calendar": "nl", "title": "Ons bestuur", "version": "1", "includes": ["nl"], "days": [
            {"title": "Brugdag", "dates": ["2026-05-15"], "counts-for": "work", "source": "besluit"}]});
        let almanac = Almanac::shipped().with(&[(Kind::Calendar, document)]).expect("sound");
        let nl = almanac.calendar("nl").expect("there");
        let day = parse_date("2026-05-15").expect("a date");
        assert!(!nl.works(day, For::Working));
        assert!(Almanac::shipped().calendar("nl").expect("there").works(day, For::Working));
        assert_ne!(almanac.fingerprint(), Almanac::shipped().fingerprint());
    }

    #[test]
    fn calendars_that_are_made_of_each_other_are_refused() {
        let of = |name: &str, part: &str| {
            (
                Kind::Calendar,
                json!({"calendar": name, "title": name, "version": "1", "includes": [part], "days": []}),
            )
        };
        let (_, error) =
            Almanac::shipped().with(&[of("a", "b"), of("b", "a")]).expect_err("a loop");
        assert!(error.to_string().contains("made of itself"), "{error}");
        assert!(Almanac::shipped().with(&[of("b", "a"), of("a", "none")]).is_ok());
    }

    #[test]
    fn a_calendar_is_made_of_so_many_and_no_more() {
        let of = |name: String, parts: Vec<String>| {
            let document = json!({"calendar": name, "title": "T", "version": "1", "weekend": [], "includes": parts});
            (Kind::Calendar, document)
        };
        let mut documents: Vec<(Kind, Value)> = Vec::new();
        for level in 0..19 {
            for side in ["a", "b"] {
                let below = |side: &str| format!("{side}{}", level - 1);
                let parts =
                    if level == 0 { vec!["none".to_owned()] } else { vec![below("a"), below("b")] };
                documents.push(of(format!("{side}{level}"), parts));
            }
        }
        assert!(Almanac::shipped().with(&documents[..10]).is_ok());
        let (_, error) = Almanac::shipped().with(&documents).expect_err("half a million");
        assert!(error.to_string().contains("made of more than 100 calendars"), "{error}");
        let twice = [
            of("x".to_owned(), vec!["none".to_owned()]),
            of("x".to_owned(), vec!["none".to_owned()]),
        ];
        let (index, error) = Almanac::shipped().with(&twice).expect_err("two of one name");
        assert!(index == 1 && error.to_string().contains("another file defines `x`"), "{error}");
    }
}
