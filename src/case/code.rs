//! Codes with which somebody comes back who did not say who he is.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What is kept of a code: enough to know it again, too little to find it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnCode {
    /// Random text, so that equal codes don't look alike.
    pub salt: String,
    /// The SHA-256 of salt and code, in hexadecimal digits.
    pub hash: String,
}

impl ReturnCode {
    /// Returns what is kept of `code`.
    pub fn of(code: &str, salt: impl Into<String>) -> Self {
        let salt = salt.into();
        let hash = digest(&salt, code);
        Self { salt, hash }
    }

    /// Whether `code` is the one; capitals, spaces and hyphens make no difference. It takes as long for a code that is
    /// nearly right as for any other.
    pub fn fits(&self, code: &str) -> bool {
        let asked = digest(&self.salt, code);
        let differing = asked.bytes().zip(self.hash.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        asked.len() == self.hash.len() && differing == 0
    }
}

fn digest(salt: &str, code: &str) -> String {
    let plain = code.chars().filter(char::is_ascii_alphanumeric).take(256);
    let plain: String = plain.map(|c| c.to_ascii_uppercase()).collect();
    let hash = Sha256::digest(format!("{salt}\n{plain}").as_bytes());
    hash.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::ReturnCode;

    #[test]
    fn a_code_is_known_again_however_it_is_typed() {
        let kept = ReturnCode::of("AB3D-9XYZ", "salt");
        assert!(kept.fits("AB3D-9XYZ") && kept.fits("ab3d 9xyz"));
        assert!(!kept.fits("AB3D-9XYA") && !kept.fits("") && !kept.fits("AB3D"));
        assert!(!kept.hash.contains("AB3D") && kept.hash.len() == 64);
        assert_ne!(kept.hash, ReturnCode::of("AB3D-9XYZ", "other").hash);
    }
}
