//! A scenario as its author wrote it.

use crate::diagnostic::{Diagnostic, Place};
use crate::language::Language;
use crate::schema::Schema;
use crate::yaml::{self, Limits, Node};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// The description of scenarios, compiled in.
pub const SCENARIO_SCHEMA: &str = include_str!("../../schemas/scenario.schema.json");

static SCHEMA: LazyLock<Option<Schema>> = LazyLock::new(|| Schema::compile(SCENARIO_SCHEMA).ok());

/// A scripted case.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// What it shows, at length.
    pub description: Option<String>,
    /// The path of the procedure, from the scenario's folder.
    pub procedure: String,
    /// Where that stands.
    pub procedure_place: Place,
    /// The path of the organisation's file.
    pub organisation: Option<String>,
    /// The language in which it is told.
    pub language: Option<Language>,
    /// What happens, in order.
    pub acts: Vec<Line>,
}

/// One line of a scenario: an act, an expectation, or both.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it stands.
    pub place: Place,
    /// When it happens.
    pub at: String,
    /// Where that stands.
    pub at_place: Place,
    /// When it is recorded.
    pub recorded: Option<String>,
    /// Who.
    pub by: Option<(String, Place)>,
    /// For which party it is entered.
    pub enters_for: Option<String>,
    /// The case that it is about, by the name that an earlier line gave it; the first case if nothing is said.
    pub of_case: Option<(String, Place)>,
    /// What later lines call the case that this line opens.
    pub names_case: Option<(String, Place)>,
    /// What is done.
    pub verb: Option<Verb>,
    /// The item that it is about.
    pub item: Option<String>,
    /// How it ends.
    pub outcome: Option<String>,
    /// What is recorded with it.
    pub form: Map<String, Value>,
    /// Case data given with it.
    pub data: Map<String, Value>,
    /// Why.
    pub because: Option<String>,
    /// The documents that come with it.
    pub attach: Vec<Attached>,
    /// The parts of the decision that an appeal is about.
    pub parts: Vec<String>,
    /// When an appeal was posted.
    pub posted: Option<(String, Place)>,
    /// When an appeal arrived at the wrong body.
    pub arrived_elsewhere: Option<(String, Place)>,
    /// The wrong body.
    pub forwarded_by: Option<String>,
    /// To whom.
    pub to: Option<String>,
    /// That it is refused, and why.
    pub refused: Option<(String, Place)>,
    /// What must be so afterwards: the key, and what stands under it.
    pub expect: Option<Node>,
}

/// A document that comes with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// What its file is called.
    pub name: String,
    /// What it is, in words.
    pub title: Option<String>,
    /// What it says; its name if nothing is said.
    pub text: Option<String>,
}

/// What a line does.
#[derive(Debug, Clone)]
pub enum Verb {
    /// `open`.
    Open(Node),
    /// `do` or `appeal`: each does a step.
    Do(String),
    /// `withdraw`: an act that ends the case, or an appeal that is taken back.
    Withdraw(String),
    /// `assign`.
    Assign(String),
    /// `claim`.
    Claim(String),
    /// `release`.
    Release(String),
    /// `extend`: which deadline, and perhaps by how much and with whose consent.
    Extend {
        /// Which.
        deadline: String,
        /// By how much.
        by: Option<(String, Place)>,
        /// The party roles that consent.
        consent: Vec<String>,
    },
    /// `revoke`.
    Revoke(String),
    /// `correct`: when the matter was received.
    Correct(String, Place),
    /// `pause`; nothing for `all`.
    Pause(Option<String>),
    /// `resume`; nothing for `all`.
    Resume(Option<String>),
    /// `send`: which letter, and how it went.
    Send(Node),
    /// `relate`: the other case, by the name that an earlier line gave it.
    Relate(String, Place),
    /// `join`: the other case, into which the case of the line is joined.
    Join(String, Place),
    /// `split`: what goes along to the second case.
    Split(Node),
    /// `transfer`: the other body.
    Transfer(String),
    /// `reopen`: the ground.
    Reopen(String),
    /// `party`: what happens to which party.
    Party(Node),
    /// `attach`, where nothing else is done.
    Attach,
    /// `look`.
    Look,
    /// `note`.
    Note(String),
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// All findings, in the order of the text.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let root = yaml::read_bytes(name, bytes, &Limits::default())?;
        if root.get("acts").is_none()
            && let Some(steps) = root.entry("steps")
        {
            let finding = Diagnostic::error("not-a-scenario", &steps.key.place)
                .message("this is a procedure, not a scenario")
                .label("a procedure has steps");
            let help = "play a scenario: a file with `title`, `procedure` and `acts`; `verloop check` reads procedures";
            return Err(vec![finding.help(help)]);
        }
        let mut findings = SCHEMA.as_ref().map(|schema| schema.validate(&root)).unwrap_or_default();
        let lines = root.get("acts").map(Node::items).unwrap_or_default();
        let acts = lines.iter().map(|node| line(node, &mut findings)).collect();
        let text = |key: &str| root.get(key).map(|node| node.written().to_owned());
        let scenario = Self {
            title: text("title").unwrap_or_default(),
            description: text("description"),
            procedure: text("procedure").unwrap_or_default(),
            procedure_place: root
                .get("procedure")
                .map_or_else(|| root.place.clone(), |node| node.place.clone()),
            organisation: text("organisation"),
            language: match text("language").as_deref() {
                Some("nl") => Some(Language::Nl),
                Some("en") => Some(Language::En),
                Some(_) | None => None,
            },
            acts,
        };
        if findings.is_empty() { Ok(scenario) } else { Err(crate::diagnostic::in_order(findings)) }
    }
}

/// The verbs of a line.
const VERBS: [&str; 21] = [
    "open", "do", "assign", "claim", "release", "extend", "revoke", "correct", "pause", "resume",
    "withdraw", "appeal", "send", "party", "relate", "join", "split", "transfer", "reopen", "look",
    "note",
];

/// Reads `extend`: the name of a deadline, or a mapping that says more.
fn extend(node: &Node) -> Verb {
    let deadline = node.get("deadline").unwrap_or(node).written().to_owned();
    let consent = node.get("consent");
    let one = consent.filter(|consent| consent.scalar().is_some());
    let several = consent.map(Node::items).unwrap_or_default();
    Verb::Extend {
        deadline,
        by: node.get("by").map(|by| (by.written().to_owned(), by.place.clone())),
        consent: one.into_iter().chain(several).map(|role| role.written().to_owned()).collect(),
    }
}

/// Reads a document: its name, or a mapping that says more.
fn attached(node: &Node) -> Attached {
    let of = |key: &str| node.get(key).map(|value| value.written().to_owned());
    let name = of("name").unwrap_or_else(|| node.written().to_owned());
    Attached { name, title: of("title"), text: of("text") }
}

fn line(node: &Node, findings: &mut Vec<Diagnostic>) -> Line {
    let text = |key: &str| node.get(key).map(|value| value.written().to_owned());
    let placed = |key: &str| node.get(key).map(|v| (v.written().to_owned(), v.place.clone()));
    let object = |key: &str| match node.get(key).map(Node::to_json) {
        Some(Value::Object(map)) => map,
        Some(_) | None => Map::new(),
    };
    let mut verbs = node.entries().iter().filter(|entry| VERBS.contains(&entry.name()));
    let first = verbs.next();
    if let (Some(first), Some(second)) = (first, verbs.next()) {
        let finding = Diagnostic::error("two-acts", &second.key.place)
            .message(format!("`{}` and `{}` stand in one line", first.name(), second.name()))
            .label("a second act")
            .related(&first.key.place, "the first");
        findings.push(finding.help("give each act a line of its own, with its own `at`"));
    }
    let all = |value: &Node| Some(value.written().to_owned()).filter(|name| name != "all");
    let verb = first.and_then(|entry| {
        let said = entry.value.written().to_owned();
        match entry.name() {
            "open" => Some(Verb::Open(entry.value.clone())),
            "do" | "appeal" => Some(Verb::Do(said)),
            "withdraw" => Some(Verb::Withdraw(said)),
            "assign" => Some(Verb::Assign(said)),
            "claim" => Some(Verb::Claim(said)),
            "release" => Some(Verb::Release(said)),
            "extend" => Some(extend(&entry.value)),
            "revoke" => Some(Verb::Revoke(said)),
            "correct" => {
                let received = entry.value.get("received").unwrap_or(&entry.value);
                Some(Verb::Correct(received.written().to_owned(), received.place.clone()))
            }
            "pause" => Some(Verb::Pause(all(&entry.value))),
            "resume" => Some(Verb::Resume(all(&entry.value))),
            "send" => Some(Verb::Send(entry.value.clone())),
            "relate" => Some(Verb::Relate(said, entry.value.place.clone())),
            "join" => Some(Verb::Join(said, entry.value.place.clone())),
            "split" => Some(Verb::Split(entry.value.clone())),
            "transfer" => Some(Verb::Transfer(said)),
            "reopen" => Some(Verb::Reopen(said)),
            "party" => Some(Verb::Party(entry.value.clone())),
            "look" => Some(Verb::Look),
            "note" => Some(Verb::Note(said)),
            _ => None,
        }
    });
    let attaches = node.entry("attach");
    let verb = verb.or_else(|| attaches.map(|_| Verb::Attach));
    if let (Some(entry), None) = (first.or(attaches), node.entry("by")) {
        let finding = Diagnostic::error("nobody-acts", &entry.key.place)
            .message(format!("nobody does `{}`", entry.name()))
            .label("who?");
        findings.push(finding.help("add `by: …`: a person of the organisation, or a party role"));
    }
    Line {
        place: node.place.clone(),
        at: text("at").unwrap_or_default(),
        at_place: node.get("at").map_or_else(|| node.place.clone(), |at| at.place.clone()),
        recorded: text("recorded"),
        by: placed("by"),
        enters_for: text("for"),
        of_case: placed("in"),
        names_case: placed("as"),
        verb,
        item: text("item"),
        outcome: text("outcome"),
        form: object("form"),
        data: object("data"),
        because: text("because"),
        attach: node
            .get("attach")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .map(attached)
            .collect(),
        parts: node
            .get("parts")
            .map(Node::items)
            .unwrap_or_default()
            .iter()
            .map(|part| part.written().to_owned())
            .collect(),
        posted: placed("posted"),
        arrived_elsewhere: placed("arrived-elsewhere"),
        forwarded_by: text("forwarded-by"),
        to: text("to"),
        refused: placed("refused"),
        expect: node.get("expect").cloned(),
    }
}
