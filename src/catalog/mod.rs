//! The texts of an organisation: the files of its workspace, its people, and what is stored of procedures.

mod bundle;
pub mod file;

pub use bundle::{Bundle, BundleError};
