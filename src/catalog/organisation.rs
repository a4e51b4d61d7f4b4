//! An organisation's people: who holds which role, who may act for whom at the command line.

use crate::case::{Person, PersonId, StandIn};
use crate::diagnostic::{Diagnostic, Source};
use crate::procedure::{Name, fault_of};
use crate::schema::Schema;
use crate::time::{Date, parse_date};
use crate::yaml::{self, Entry, Limits, Node, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The description of an organisation's file, compiled in.
pub const ORGANISATION_SCHEMA: &str = include_str!("../../schemas/organisation.schema.json");

static SCHEMA: LazyLock<Option<Schema>> =
    LazyLock::new(|| Schema::compile(ORGANISATION_SCHEMA).ok());

/// The people of an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    members: BTreeMap<String, Member>,
}

/// Somebody of the organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// The name or function by which others know this person.
    pub name: String,
    /// The roles that this person holds.
    pub roles: BTreeSet<Name>,
    /// The unit to which this person belongs.
    pub unit: Option<Name>,
    /// When this person is absent, and who stands in.
    pub absent: Vec<Absence>,
    /// The accounts of this person.
    pub logins: Vec<String>,
    /// The people as whom this person may act.
    pub acts_as: Vec<String>,
}

/// A time in which somebody is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absence {
    /// The first day; from of old if nothing is said.
    pub from: Option<Date>,
    /// The last day; until further notice if nothing is said.
    pub until: Option<Date>,
    /// Who stands in.
    pub stand_in: String,
}

impl Absence {
    fn covers(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl Member {
    fn person(&self, id: &str) -> Person {
        Person { unit: self.unit.clone(), ..Person::new(PersonId::staff(id), self.roles.clone()) }
    }
}

impl Organisation {
    /// Reads an organisation's file.
    ///
    /// # Errors
    /// All findings, in the order of the text.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let root = yaml::read_bytes(name, bytes, &Limits::default())?;
        let mut findings =
            if is_plainly_sound(&root) { Vec::new() } else { schema_findings(&root) };
        let people = root.get("people").map(Node::entries).unwrap_or_default();
        let mut members = BTreeMap::new();
        for entry in people {
            members.insert(entry.name().to_owned(), member(&entry.value));
        }
        for entry in people {
            for named in list(&entry.value, "acts-as") {
                if !members.contains_key(named.0) {
                    let finding = Diagnostic::error("unknown-person", &named.1.place)
                        .message(format!("no person `{}`", named.0))
                        .label("person not declared");
                    findings.push(finding.help("name somebody under `people`"));
                }
            }
        }
        for entry in people {
            for time in entry.value.get("absent").map(Node::items).unwrap_or_default() {
                findings.extend(of_absence(entry.name(), time, &members));
            }
        }
        if findings.is_empty() { Ok(Self { members }) } else { Err(findings) }
    }

    /// Reads an organisation's file from a text, for tests and examples.
    ///
    /// # Errors
    /// All findings, in the order of the text.
    pub fn from_text(text: &str) -> Result<Self, Vec<Diagnostic>> {
        Self::read(&Source::new("organisation", text).name, text.as_bytes())
    }

    /// Returns the person called `id`, with the roles held.
    pub fn person(&self, id: &str) -> Option<Person> {
        let member = self.members.get(id)?;
        Some(member.person(id))
    }

    /// Returns the person called `id` as on a day: with those for whom this person stands in then.
    pub fn person_on(&self, id: &str, day: Date) -> Option<Person> {
        let person = self.person(id)?;
        Some(Person { stands_in: self.stood_in_for(id, day), ..person })
    }

    /// Returns those for whom the person called `id` stands in on a day.
    pub fn stood_in_for(&self, id: &str, day: Date) -> Vec<StandIn> {
        let absent = self.members.iter().filter(|(other, member)| {
            let mut absent = member.absent.iter();
            other.as_str() != id && absent.any(|time| time.stand_in == id && time.covers(day))
        });
        let stands_in = absent.map(|(other, member)| StandIn {
            person: PersonId::staff(other.as_str()),
            roles: member.roles.clone(),
            unit: member.unit.clone(),
        });
        stands_in.collect()
    }

    /// Returns everybody.
    pub fn people(&self) -> impl Iterator<Item = Person> {
        self.members.iter().map(|(id, member)| member.person(id))
    }

    /// Returns what is known of the person called `id`.
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.get(id)
    }

    /// Returns the ids of all people, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// Returns the id of the person with this account.
    pub fn with_login(&self, account: &str) -> Option<&str> {
        let wanted = account.trim().to_lowercase();
        let found = self.members.iter().find(|(_, member)| {
            member.logins.iter().any(|login| login.trim().to_lowercase() == wanted)
        });
        found.map(|(id, _)| id.as_str())
    }
}

fn schema_findings(root: &Node) -> Vec<Diagnostic> {
    SCHEMA.as_ref().map(|schema| schema.validate(root)).unwrap_or_default()
}

/// Whether a file is sound at first sight, so that the schema need not be asked: compiling it takes longer than all else
/// that a reading command does. Whatever looks out of the ordinary is left to the schema.
fn is_plainly_sound(root: &Node) -> bool {
    let is_text =
        |node: &Node| node.as_str().is_some_and(|text| (1..=200).contains(&text.chars().count()));
    let is_id = |text: &str| {
        let rest =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        let first = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        first && text.len() <= 64 && text.chars().all(rest)
    };
    let is_list = |node: &Node, is: &dyn Fn(&str) -> bool| {
        let texts: Vec<&str> = node.items().iter().filter_map(Node::as_str).collect();
        let distinct: BTreeSet<&str> = texts.iter().copied().collect();
        let all = texts.len() == node.items().len() && distinct.len() == texts.len();
        matches!(node.value, Value::Sequence(_)) && all && texts.into_iter().all(is)
    };
    let is_person = |node: &Node| {
        let sound = |entry: &Entry| match entry.name() {
            "name" => is_text(&entry.value),
            "roles" => is_list(&entry.value, &|role| fault_of(role).is_none()),
            "unit" => entry.value.as_str().is_some_and(|unit| fault_of(unit).is_none()),
            "acts-as" => is_list(&entry.value, &is_id),
            _ => false,
        };
        node.get("name").is_some() && node.entries().iter().all(sound)
    };
    let sound = |entry: &Entry| match entry.name() {
        "organisation" => is_text(&entry.value),
        "people" => {
            let people = entry.value.entries();
            !people.is_empty()
                && people.iter().all(|one| is_id(one.name()) && is_person(&one.value))
        }
        _ => false,
    };
    root.get("organisation").is_some() && root.entries().iter().all(sound)
}

fn member(node: &Node) -> Member {
    let texts = |key: &str| list(node, key).into_iter().map(|(text, _)| text.to_owned());
    Member {
        name: node.get("name").map(|name| name.written().to_owned()).unwrap_or_default(),
        roles: texts("roles").map(Name::from).collect(),
        unit: node.get("unit").map(|unit| Name::from(unit.written())),
        absent: node
            .get("absent")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(absence)
            .collect(),
        logins: texts("login").collect(),
        acts_as: texts("acts-as").collect(),
    }
}

fn absence(node: &Node) -> Option<Absence> {
    let day = |key: &str| node.get(key).and_then(|day| parse_date(day.written()).ok());
    let stand_in = node.get("stand-in")?.written().to_owned();
    Some(Absence { from: day("from"), until: day("until"), stand_in })
}

/// Returns what is wrong with a time of absence.
fn of_absence(id: &str, node: &Node, members: &BTreeMap<String, Member>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    if let Some(stand_in) = node.get("stand-in") {
        let wrong = if stand_in.written() == id {
            Some(("nobody stands in for himself".to_owned(), "the same person"))
        } else if members.contains_key(stand_in.written()) {
            None
        } else {
            Some((format!("no person `{}`", stand_in.written()), "person not declared"))
        };
        if let Some((message, label)) = wrong {
            let finding = Diagnostic::error("unknown-person", &stand_in.place).message(message);
            findings.push(finding.label(label).help("name somebody else under `people`"));
        }
    }
    let day = |key: &str| {
        let written = node.get(key)?;
        Some((written, parse_date(written.written()).ok()))
    };
    for (written, read) in [day("from"), day("until")].into_iter().flatten() {
        if read.is_none() {
            let finding = Diagnostic::error("not-a-date", &written.place)
                .message(format!("`{}` is no day", written.written()))
                .label("expected a day");
            findings.push(finding.help("write it as `2026-07-13`"));
        }
    }
    if let (Some((_, Some(from))), Some((written, Some(until)))) = (day("from"), day("until"))
        && until < from
    {
        let finding = Diagnostic::error("span-ends-before-it-begins", &written.place)
            .message("this absence ends before it begins")
            .label("before `from`");
        findings.push(finding.help("`until` is the last day of the absence"));
    }
    findings
}

/// Returns the texts of a list, or the one text that stands in its place.
fn list<'a>(node: &'a Node, key: &str) -> Vec<(&'a str, &'a Node)> {
    let Some(value) = node.get(key) else { return Vec::new() };
    let one = value.scalar().map(|_| value);
    value.items().iter().chain(one).map(|item| (item.written(), item)).collect()
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn read(absent: &str) -> Result<Organisation, Vec<Diagnostic>> {
        Organisation::from_text(&format!(
            "organisation: Voorbeeld\npeople:\n  anna: {{ name: Anna, roles: [behandelaar], absent: [{absent}] }}\n  bart: {{ name: Bart }}\n"
        ))
    }

    #[test]
    fn a_stand_in_stands_in_on_the_days_of_the_absence_only() {
        let people = read("{ from: 2026-07-13, until: 2026-07-31, stand-in: bart }");
        let people = people.expect("it is read");
        for (day, stands_in) in
            [("2026-07-12", 0), ("2026-07-13", 1), ("2026-07-31", 1), ("2026-08-01", 0)]
        {
            let day = parse_date(day).expect("a day");
            let bart = people.person_on("bart", day).expect("he is there");
            assert_eq!(bart.stands_in.len(), stands_in, "{day}");
            assert!(bart.roles.is_empty(), "the roles stay those of the other");
        }
    }

    #[test]
    fn a_wrong_absence_is_said_to_be_wrong() {
        let wrong = [
            ("{ stand-in: anna }", "unknown-person"),
            ("{ stand-in: bert }", "unknown-person"),
            ("{ from: 2026-13-01, stand-in: bart }", "not-a-date"),
            (
                "{ from: 2026-07-31, until: 2026-07-13, stand-in: bart }",
                "span-ends-before-it-begins",
            ),
            ("{ from: 2026-07-31 }", "missing-key"),
        ];
        for (absent, code) in wrong {
            let found = read(absent).expect_err("it is wrong");
            let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
            assert_eq!(codes, [code], "{absent}");
        }
    }
}
