//! What is done with a case as a whole: related to another, joined, split, transferred, reopened; as written, and as run.

use super::definition::{RoleIndex, Rule, StepIndex};
use super::document::{Written, names, written};
use super::name::Name;
use crate::diagnostic::Place;
use crate::time::Term;
use crate::yaml::Node;

/// The keys of `case` about a case as a whole, as written.
#[derive(Debug, Clone, Default)]
pub struct BetweenDocument {
    /// `relate`.
    pub relate: Vec<Written>,
    /// `join`.
    pub join: Vec<Written>,
    /// `split`.
    pub split: Vec<Written>,
    /// `transfer`.
    pub transfer: Vec<Written>,
    /// `reopen`.
    pub reopen: Option<ReopenDocument>,
}

/// `reopen`.
#[derive(Debug, Clone)]
pub struct ReopenDocument {
    /// The key.
    pub place: Place,
    /// `who`.
    pub who: Vec<Written>,
    /// `grounds`.
    pub grounds: Vec<Written>,
    /// `return-to`.
    pub return_to: Option<Written>,
    /// `within`.
    pub within: Option<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

impl BetweenDocument {
    /// Reads them from the node of `case`.
    pub(super) fn read(node: &Node) -> Self {
        Self {
            relate: names(node, "relate"),
            join: names(node, "join"),
            split: names(node, "split"),
            transfer: names(node, "transfer"),
            reopen: node.entry("reopen").map(|entry| ReopenDocument {
                place: entry.key.place.clone(),
                who: names(&entry.value, "who"),
                grounds: names(&entry.value, "grounds"),
                return_to: entry.value.get("return-to").and_then(written),
                within: entry.value.get("within").and_then(written),
                cite: entry.value.get("cite").and_then(written).map(|cite| cite.text),
            }),
        }
    }
}

/// Who may do something with a case as a whole. An empty list means that nobody may.
#[derive(Debug, Clone, Default)]
pub struct Between {
    /// The roles that may say that another case has to do with a case.
    pub relate: Vec<RoleIndex>,
    /// The roles that may join a case into another, or take another in.
    pub join: Vec<RoleIndex>,
    /// The roles that may split a case off another.
    pub split: Vec<RoleIndex>,
    /// The roles that may hand a case to another body.
    pub transfer: Vec<RoleIndex>,
    /// On which grounds a case that has ended runs again.
    pub reopen: Option<Reopen>,
}

/// On which grounds a case that has ended runs again.
#[derive(Debug, Clone)]
pub struct Reopen {
    /// The roles that may reopen it.
    pub who: Vec<RoleIndex>,
    /// The grounds.
    pub grounds: Vec<Name>,
    /// The step at which it goes on; what comes after it gets a new round.
    pub return_to: StepIndex,
    /// How long after its end; nothing for ever.
    pub within: Option<Term>,
    /// Where it is declared.
    pub rule: Rule,
}

impl Between {
    /// Returns every role that may do something.
    pub fn roles(&self) -> impl Iterator<Item = &RoleIndex> {
        let reopen = self.reopen.iter().flat_map(|reopen| &reopen.who);
        let lists = [&self.relate, &self.join, &self.split, &self.transfer];
        lists.into_iter().flatten().chain(reopen)
    }
}
