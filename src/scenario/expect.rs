//! Expectations: what an author says of a case at a moment, held against how it stands.

use crate::case::{
    Case, ClockEnd, Event, Fact, LetterRecord, Marking, Party, Person, Standing, StepRecord,
    address, clock, ever, letter_case, make_letter, may_see, sees_identity_of, without_term,
};
use crate::diagnostic::Place;
use crate::language::Language;
use crate::procedure::{Name, Procedure, StepKind};
use crate::time::Instant;
use crate::yaml::Node;

/// Something that is not as the author expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surprise {
    /// Where the expectation stands.
    pub place: Place,
    /// What it is about: `steps.antwoord`, `status`.
    pub about: String,
    /// What was expected.
    pub expected: String,
    /// What is.
    pub found: String,
}

/// A case at a moment.
pub(super) struct Moment<'a> {
    pub(super) procedure: &'a Procedure,
    pub(super) case: &'a Case,
    pub(super) history: &'a [Event],
    pub(super) at: Instant,
    /// Looks up the organisation.
    pub(super) staff: &'a dyn Fn(&str) -> Option<Person>,
    /// Returns what the scenario calls a case, by its number.
    pub(super) called: &'a dyn Fn(&str) -> String,
}

impl Moment<'_> {
    /// Returns what is not as expected, in the order of the text.
    pub(super) fn surprises(&self, expect: &Node) -> Vec<Surprise> {
        let mut surprises = Vec::new();
        for entry in expect.entries() {
            let node = &entry.value;
            match entry.name() {
                "status" => self.status(node, &mut surprises),
                "steps" => each(node, "steps", &mut surprises, |name| self.standing(name)),
                "outcomes" => {
                    each(node, "outcomes", &mut surprises, |name| self.outcome(name));
                }
                "deadlines" => {
                    each(node, "deadlines", &mut surprises, |name| self.last_day(name));
                }
                "owed" => each(node, "owed", &mut surprises, |name| self.owed(name)),
                "flagged" => {
                    let flags = self.case.flags.iter();
                    let flags = flags.map(|(_, flag)| format!("{} {}", flag.act, flag.code));
                    compare(node, "flagged", flags.collect(), false, &mut surprises);
                }
                "without-term" => {
                    let without = without_term(self.procedure, self.case);
                    let without = without.map(|(deadline, _)| deadline.to_string()).collect();
                    compare(node, "without-term", without, true, &mut surprises);
                }
                "moved" => compare(node, "moved", self.moved(), true, &mut surprises),
                "letters" => {
                    let letters = self.case.letters.iter().map(|letter| letter.letter.to_string());
                    compare(node, "letters", letters.collect(), false, &mut surprises);
                }
                "documents" => {
                    let documents = self.case.documents.iter();
                    let names = documents.map(|known| known.document.name.clone());
                    compare(node, "documents", names.collect(), false, &mut surprises);
                }
                "enclosed" => {
                    for letter in node.entries() {
                        let about = format!("enclosed.{}", letter.name());
                        let found = self.enclosed(letter.name());
                        compare(&letter.value, &about, found, false, &mut surprises);
                    }
                }
                "to-send" => {
                    let waiting = self.case.to_send.iter().map(|letter| letter.letter.to_string());
                    compare(node, "to-send", waiting.collect(), true, &mut surprises);
                }
                "letters-say" => {
                    for letter in node.entries() {
                        self.says(&letter.value, letter.name(), &mut surprises);
                    }
                }
                "data" => self.data(node, &mut surprises),
                "links" => compare(node, "links", self.links(), true, &mut surprises),
                "parties" => {
                    for role in node.entries() {
                        let about = format!("parties.{}", role.name());
                        compare(
                            &role.value,
                            &about,
                            self.parties(role.name()),
                            true,
                            &mut surprises,
                        );
                    }
                }
                "sees" => each(node, "sees", &mut surprises, |name| {
                    let viewer = self.viewer(name);
                    let sees = viewer
                        .is_some_and(|viewer| may_see(self.procedure, self.case, Some(&viewer)));
                    Ok(sees.to_string())
                }),
                "knows" => {
                    for person in node.entries() {
                        let about = format!("knows.{}", person.name());
                        compare(
                            &person.value,
                            &about,
                            self.knows(person.name()),
                            true,
                            &mut surprises,
                        );
                    }
                }
                "looked" => compare(node, "looked", self.looked(), true, &mut surprises),
                "told" => compare(node, "told", self.told(), true, &mut surprises),
                "work" => {
                    for role in node.entries() {
                        let about = format!("work.{}", role.name());
                        compare(&role.value, &about, self.work(role.name()), true, &mut surprises);
                    }
                }
                about => compare(node, about, self.clocks(about), true, &mut surprises),
            }
        }
        surprises
    }

    /// Holds what is recorded in a field against what is expected.
    fn data(&self, node: &Node, surprises: &mut Vec<Surprise>) {
        for field in node.entries() {
            let (wanted, found) = (field.value.to_json(), self.case.data.get(field.name()));
            if found != Some(&wanted) {
                let found = found.map_or_else(|| "nothing".to_owned(), ToString::to_string);
                let about = format!("data.{}", field.name());
                surprises.push(surprise(&field.value, &about, &wanted.to_string(), &found));
            }
        }
    }

    fn status(&self, node: &Node, surprises: &mut Vec<Surprise>) {
        let word = self.case.status.word();
        let ended = self.case.status.ended_as().map(ToString::to_string);
        let wanted = node.written();
        if wanted != word && ended.as_deref() != Some(wanted) {
            let found = ended.unwrap_or_else(|| word.to_owned());
            surprises.push(surprise(node, "status", wanted, &found));
        }
    }

    /// Returns the names of the documents that went with a letter, as it was last made or sent.
    fn enclosed(&self, letter: &str) -> Vec<String> {
        let all = self.case.letters.iter().chain(&self.case.to_send);
        let last = all.filter(|known| known.letter == *letter).max_by_key(|known| known.at);
        let goes = |number: u32| {
            last.is_some_and(|last| last.enclosures.iter().any(|one| one.number == number))
        };
        let documents = self.case.documents.iter().filter(|known| goes(known.number));
        documents.map(|known| known.document.name.clone()).collect()
    }

    /// Holds texts against what a letter says, as it was last made for any of its addressees.
    fn says(&self, node: &Node, letter: &str, surprises: &mut Vec<Surprise>) {
        let about = format!("letters-say.{letter}");
        // What was sent by hand had been made before.
        let is_it = |event: &&Event| {
            matches!(&event.fact, Fact::LetterMade { letter: name, .. }
                | Fact::LetterSent { letter: name, .. } if *name == letter)
                && event.by.is_none()
        };
        let ever = ever(self.history);
        let made = ever.iter().rev().find(is_it);
        let record = made.and_then(LetterRecord::of_event);
        let (Some(event), Some(record)) = (made, record) else {
            surprises.push(surprise(node, &about, "a letter", "it was not made"));
            return;
        };
        let of_case = letter_case(self.history, event);
        let texts: Vec<String> = record
            .addressees
            .iter()
            .filter_map(|to| make_letter(self.procedure, &of_case, &record, to).ok())
            .flatten()
            .map(|made| made.text)
            .collect();
        let one = node.scalar().map(|_| node);
        for wanted in node.items().iter().chain(one) {
            if !texts.iter().any(|text| text.contains(wanted.written())) {
                let found = texts.first().map_or("it has no template", String::as_str);
                surprises.push(surprise(wanted, &about, wanted.written(), found));
            }
        }
    }

    fn standing(&self, name: &str) -> Result<String, String> {
        let index = self.procedure.find_step(name).ok_or("no such step")?;
        let standing = Marking::of(self.procedure, self.case).standing(index);
        let record = self.case.step(&self.procedure.step(index).name);
        let opened = record.and_then(|record| record.opened.as_ref());
        let claimed = opened.is_some_and(|opened| {
            let mut open =
                opened.instances.iter().filter(|instance| instance.end.is_none()).peekable();
            open.peek().is_some() && open.all(|instance| instance.assigned_to.is_some())
        });
        let word = if standing == Standing::Due && claimed { "claimed" } else { standing.word() };
        Ok(word.to_owned())
    }

    fn outcome(&self, name: &str) -> Result<String, String> {
        let index = self.procedure.find_step(name).ok_or("no such step")?;
        let record = self.case.step(&self.procedure.step(index).name);
        let last = record.and_then(StepRecord::last_done).ok_or("not done")?;
        last.outcome
            .as_ref()
            .map(ToString::to_string)
            .ok_or_else(|| "done, without an outcome".to_owned())
    }

    fn last_day(&self, name: &str) -> Result<String, String> {
        let index = self.procedure.find_deadline(name).ok_or("no such deadline")?;
        let rule = self.procedure.deadline(index);
        let clocks = self.case.clocks.iter().filter(|(clock, _)| clock.deadline == rule.name);
        let clocks: Vec<_> = clocks.map(|(_, record)| record).collect();
        let record = clocks.first().ok_or("it has not started")?;
        let last_day = match (&record.end, &record.lapsed) {
            (Some(ClockEnd::Met { last_day, .. }), _) | (None, Some((_, last_day))) => *last_day,
            (Some(ClockEnd::Cancelled { .. }), _) => return Err("it was stopped".to_owned()),
            (None, None) => {
                let end = clock::reckon(self.procedure, self.case, rule, record, Some(self.at));
                end.map_err(|error| error.to_string())?.last_day
            }
        };
        Ok(last_day.to_string())
    }

    /// Returns what is owed for a delay, so far or in the end.
    fn owed(&self, name: &str) -> Result<String, String> {
        let index = self.procedure.find_deadline(name).ok_or("no such deadline")?;
        let rule = self.procedure.deadline(index);
        let penalty = rule.penalty.as_ref().ok_or("it costs nothing")?;
        let mut clocks = self.case.clocks.iter().filter(|(clock, _)| clock.deadline == rule.name);
        let owed =
            clocks.find_map(|(_, record)| clock::owed(self.procedure, rule, record, self.at));
        Ok(penalty.penalty.amount(owed.map_or(0, |owed| owed.cents), Language::En))
    }

    /// Returns the deadlines whose last day moved, though nobody stopped or lengthened them.
    fn moved(&self) -> Vec<String> {
        let moved = ever(self.history).into_iter().filter_map(|event| {
            let Fact::DeadlineMoved { clock, .. } = &event.fact else { return None };
            Some(clock.deadline.to_string())
        });
        moved.collect()
    }

    fn clocks(&self, state: &str) -> Vec<String> {
        let now = self.case.clocks.iter();
        let earlier = self.case.earlier_clocks.iter().map(|(clock, record)| (clock, record));
        let mut names: Vec<String> = now
            .chain(earlier)
            .filter(|(_, record)| match state {
                "lapsed" => record.lapsed.is_some(),
                "met" => matches!(record.end, Some(ClockEnd::Met { .. })),
                "running" => record.is_running() && !record.is_paused(),
                _ => record.is_running() && record.is_paused(),
            })
            .map(|(clock, _)| clock.deadline.to_string())
            .collect();
        names.dedup();
        names
    }

    fn links(&self) -> Vec<String> {
        let links = self.case.links.iter();
        links.map(|link| format!("{} {}", link.kind.word(), (self.called)(&link.case))).collect()
    }

    fn told(&self) -> Vec<String> {
        let told = ever(self.history).into_iter().flat_map(|event| {
            if let Fact::DeadlineLapsed { told, .. } | Fact::DeadlineReminded { told, .. } =
                &event.fact
            {
                told.clone()
            } else {
                Vec::new()
            }
        });
        told.map(|role| role.to_string()).collect()
    }

    /// Returns the parties in a role: each by name, or by id where it has none.
    fn parties(&self, role: &str) -> Vec<String> {
        let role = Name::from(role);
        let called = |party: &Party| party.name.clone().unwrap_or_else(|| party.person.to_string());
        self.case.parties_in(&role).map(called).collect()
    }

    fn viewer(&self, name: &str) -> Option<Person> {
        address::person(self.procedure, self.case, name, self.staff)
    }

    /// Returns the party roles of whose holders somebody sees who they are.
    fn knows(&self, name: &str) -> Vec<String> {
        let Some(viewer) = self.viewer(name) else { return vec!["nobody of that name".to_owned()] };
        if !may_see(self.procedure, self.case, Some(&viewer)) {
            return Vec::new();
        }
        let known = self.case.parties().iter().filter(|party| {
            party.code.is_none()
                && sees_identity_of(self.procedure, self.case, Some(&viewer), party)
        });
        known.map(|party| party.role.to_string()).collect()
    }

    /// Returns who looked into the case, as the record keeps it.
    fn looked(&self) -> Vec<String> {
        self.case.looks.last.keys().map(ToString::to_string).collect()
    }

    fn work(&self, role: &str) -> Vec<String> {
        let Some(role) = self.procedure.find_role(role) else {
            return vec!["no such role".to_owned()];
        };
        let marking = Marking::of(self.procedure, self.case);
        let open = self.procedure.steps().filter(|(index, step)| {
            step.kind != StepKind::AtAnyTime
                && step.who.contains(&role)
                && marking.standing(*index).is_open()
        });
        open.map(|(_, step)| step.name.to_string()).collect()
    }
}

/// Compares what stands under each name.
fn each(
    node: &Node,
    of: &str,
    surprises: &mut Vec<Surprise>,
    found: impl Fn(&str) -> Result<String, String>,
) {
    for entry in node.entries() {
        let wanted = entry.value.written();
        let about = format!("{of}.{}", entry.name());
        match found(entry.name()) {
            Ok(found) if found == wanted => {}
            Ok(found) | Err(found) => {
                surprises.push(surprise(&entry.value, &about, wanted, &found));
            }
        }
    }
}

fn compare(
    node: &Node,
    about: &str,
    mut found: Vec<String>,
    as_set: bool,
    surprises: &mut Vec<Surprise>,
) {
    let mut wanted: Vec<String> =
        node.items().iter().map(|item| item.written().to_owned()).collect();
    if as_set {
        for list in [&mut found, &mut wanted] {
            list.sort();
            list.dedup();
        }
    }
    if found != wanted {
        let listed =
            |list: &[String]| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        surprises.push(surprise(node, about, &listed(&wanted), &listed(&found)));
    }
}

fn surprise(node: &Node, about: &str, expected: &str, found: &str) -> Surprise {
    Surprise {
        place: node.place.clone(),
        about: about.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}
