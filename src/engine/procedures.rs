//! Where the engine finds the procedure of a case that another case opens.

use super::Adopted;
use crate::catalog::{Activation, Workspace};
use crate::time::Almanac;

/// Finds procedures by name, as they are now. The text is kept in the store with the case that is opened on it.
pub trait Procedures: Send + Sync {
    /// Returns the procedure called `name`; nothing where there is none, or it has errors.
    fn adopt(&self, name: &str, almanac: &Almanac) -> Option<Adopted>;
}

impl Procedures for Workspace {
    fn adopt(&self, name: &str, almanac: &Almanac) -> Option<Adopted> {
        // Where texts become current by hand, one that nobody published is none.
        if self.activate == Activation::Manual {
            return None;
        }
        Adopted::new(&self.bundle(name).ok()?, almanac).ok()
    }
}
