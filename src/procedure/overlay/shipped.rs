//! The bases that come with the program, each with the files that it names.

/// A base, as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippedBase {
    /// Its name and edition.
    pub name: &'static str,
    /// The text.
    pub text: &'static str,
    /// The files that it names, by their path from it.
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! base {
    ($name:literal, $folder:literal, $text:literal: $($file:literal)*) => {
        ShippedBase {
            name: $name,
            text: include_str!(concat!("../../../procedures/", $folder, "/", $text)),
            files: &[$((
                $file,
                include_str!(concat!("../../../procedures/", $folder, "/", $file)),
            )),*],
        }
    };
}

/// The shipped bases. Each is a procedure too, which can be used as it stands.
pub const SHIPPED: [ShippedBase; 1] = [base! { "awb-9@2026", "klacht-awb", "klacht-awb.yaml":
    "brieven/afschrift.nl.txt" "brieven/kennisgeving.nl.txt" "brieven/niet-in-behandeling.nl.txt"
    "brieven/ontvangst.nl.txt" "brieven/tevreden.nl.txt" "brieven/uitstel.nl.txt"
}];

/// Returns the shipped base of this name and edition.
pub fn shipped(name: &str) -> Option<&'static ShippedBase> {
    SHIPPED.iter().find(|base| base.name == name)
}
