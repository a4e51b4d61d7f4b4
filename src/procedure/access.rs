//! Who comes into a case and leaves it, who may see it, and whose identity is hidden: as written, and as run.

use super::definition::{RoleIndex, Rule};
use super::document::{Written, each_rule, flag, names, written};
use crate::diagnostic::Place;
use crate::yaml::Node;

/// The keys of `case` about parties and confidentiality, as written.
#[derive(Debug, Clone, Default)]
pub struct AccessDocument {
    /// `parties`.
    pub parties: Option<PartiesDocument>,
    /// `anonymous`.
    pub anonymous: Option<Written>,
    /// `visible-to`.
    pub visible_to: Vec<Written>,
    /// `hidden-from`.
    pub hidden_from: Vec<Written>,
    /// `confidential`.
    pub confidential: Option<ConfidentialDocument>,
}

/// `parties`.
#[derive(Debug, Clone)]
pub struct PartiesDocument {
    /// The key.
    pub place: Place,
    /// `who`.
    pub who: Vec<Written>,
    /// Whether `who` is there.
    pub has_who: bool,
    /// `refuse`.
    pub refuse: Vec<Written>,
    /// `cite`.
    pub cite: Option<String>,
}

/// `confidential`.
#[derive(Debug, Clone)]
pub struct ConfidentialDocument {
    /// The key.
    pub place: Place,
    /// `cases`.
    pub cases: Option<Written>,
    /// `visible-to`.
    pub visible_to: Vec<Written>,
    /// `hide`: one rule or several.
    pub hide: Vec<HideDocument>,
    /// `log-views`.
    pub log_views: bool,
    /// `cite`.
    pub cite: Option<String>,
}

/// One rule of `hide`.
#[derive(Debug, Clone)]
pub struct HideDocument {
    /// `role`.
    pub role: Option<Written>,
    /// `from`.
    pub from: Vec<Written>,
}

impl AccessDocument {
    /// Reads them from the node of `case`.
    pub(super) fn read(node: &Node) -> Self {
        let cite = |node: &Node| node.get("cite").and_then(written).map(|cite| cite.text);
        Self {
            parties: node.entry("parties").map(|entry| PartiesDocument {
                place: entry.key.place.clone(),
                who: names(&entry.value, "who"),
                has_who: entry.value.get("who").is_some(),
                refuse: names(&entry.value, "refuse"),
                cite: cite(&entry.value),
            }),
            anonymous: node.get("anonymous").and_then(written),
            visible_to: names(node, "visible-to"),
            hidden_from: names(node, "hidden-from"),
            confidential: node.entry("confidential").map(|entry| ConfidentialDocument {
                place: entry.key.place.clone(),
                cases: entry.value.get("cases").and_then(written),
                visible_to: names(&entry.value, "visible-to"),
                hide: each_rule(&entry.value, "hide", |_, node| HideDocument {
                    role: node.get("role").and_then(written),
                    from: names(node, "from"),
                }),
                log_views: flag(&entry.value, "log-views"),
                cite: cite(&entry.value),
            }),
        }
    }
}

/// Who comes into a case and leaves it, who may see it, and whose identity is hidden.
#[derive(Debug, Clone)]
pub struct Access {
    /// The roles that may add a party, change one, or take one off.
    pub add: Vec<RoleIndex>,
    /// The roles that may refuse a representative.
    pub refuse: Vec<RoleIndex>,
    /// Where that is declared.
    pub parties_rule: Rule,
    /// Whether a party may open a case without saying who he is.
    pub anonymous: bool,
    /// The roles that may see a case; nothing means all staff and the parties.
    pub visible_to: Option<Vec<RoleIndex>>,
    /// The roles that may not see it, whatever else they are in it.
    pub hidden_from: Vec<RoleIndex>,
    /// What holds for a confidential case.
    pub confidential: Option<Confidential>,
}

/// What holds for a confidential case.
#[derive(Debug, Clone)]
pub struct Confidential {
    /// Whether only those cases are confidential for which it was asked.
    pub when_asked: bool,
    /// The roles that may see one; nothing means that the case's own rule holds.
    pub visible_to: Option<Vec<RoleIndex>>,
    /// Whose identity is hidden, and from whom.
    pub hide: Vec<Hide>,
    /// Whether the record keeps who looked.
    pub log_views: bool,
    /// Where it is declared.
    pub rule: Rule,
}

/// A party role whose holders' identity is hidden.
#[derive(Debug, Clone)]
pub struct Hide {
    /// The party role.
    pub role: RoleIndex,
    /// From whom.
    pub from: Vec<RoleIndex>,
}

impl Access {
    /// Returns what holds where nothing is said.
    pub(super) fn usual(rule: &Rule) -> Self {
        Self {
            add: Vec::new(),
            refuse: Vec::new(),
            parties_rule: rule.clone(),
            anonymous: false,
            visible_to: None,
            hidden_from: Vec::new(),
            confidential: None,
        }
    }

    /// Whether some cases are not for everybody who works with them.
    pub fn restricts(&self) -> bool {
        let confidential = self.confidential.as_ref();
        self.visible_to.is_some()
            || !self.hidden_from.is_empty()
            || confidential.is_some_and(|rule| {
                rule.visible_to.is_some() || !rule.hide.is_empty() || rule.log_views
            })
    }
}
