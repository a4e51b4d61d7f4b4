//! Chance, at one place: codes that nobody can guess.

use crate::case::code::ReturnCode;

/// The characters of a code: none that is easily taken for another.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Characters in a code: five bits of chance each, a hundred in all.
const LONG: usize = 20;

/// Returns a new code with which somebody can come back, and what is kept of it. The code itself is kept nowhere.
///
/// # Errors
/// The operating system has no chance to give.
pub fn new_code() -> Result<(String, ReturnCode), getrandom::Error> {
    let mut bytes = [0_u8; LONG + 16];
    getrandom::fill(&mut bytes)?;
    let (of_code, of_salt) = bytes.split_at(LONG);
    let mut code = String::new();
    for (place, byte) in of_code.iter().enumerate() {
        if place > 0 && place % 5 == 0 {
            code.push('-');
        }
        code.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    let salt: Vec<String> = of_salt.iter().map(|byte| format!("{byte:02x}")).collect();
    let kept = ReturnCode::of(&code, salt.concat());
    Ok((code, kept))
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::new_code;

    #[test]
    fn codes_differ_and_are_known_again() {
        let (code, kept) = new_code().expect("a code");
        let (other, _) = new_code().expect("another");
        assert_eq!(code.len(), 23, "{code}");
        assert!(kept.fits(&code) && !kept.fits(&other));
        assert_ne!(code, other);
    }
}
