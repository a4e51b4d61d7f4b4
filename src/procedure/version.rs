//! The version of a procedure: the hash of what its text means, so that comments and layout make no new version.

use crate::yaml::Node;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A content hash: SHA-256 over the canonical form of a procedure and the files that it names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version([u8; 32]);

impl Version {
    /// Returns the version of a text and the files that belong to it.
    ///
    /// The canonical form is JSON with sorted keys: two texts that differ in comments, quotes or order of keys only
    /// are one version.
    pub fn of(root: &Node, files: &BTreeMap<String, Node>) -> Self {
        let files: BTreeMap<&String, serde_json::Value> =
            files.iter().map(|(path, node)| (path, node.to_json())).collect();
        let canonical = serde_json::json!({ "procedure": root.to_json(), "files": files });
        Self(Sha256::digest(canonical.to_string().as_bytes()).into())
    }

    /// Returns the hash.
    pub fn bytes(self) -> [u8; 32] {
        self.0
    }

    /// Returns the version with this hash.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the first digits, by which people tell versions apart.
    pub fn short(self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A text that is no content hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version is 64 hexadecimal digits")]
pub struct NotAVersion;

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let digits: Vec<u32> = text
            .chars()
            .map(|digit| digit.to_digit(16).ok_or(NotAVersion))
            .collect::<Result<_, _>>()?;
        let bytes: Vec<u8> = digits
            .chunks_exact(2)
            .filter_map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok())
            .collect();
        if digits.len() % 2 == 1 {
            return Err(NotAVersion);
        }
        bytes.try_into().map(Self).map_err(|_| NotAVersion)
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
