//! An engine for procedures that people have rights in.
//!
//! The modules below are listed in reading order; a module uses only those above it.

pub mod diagnostic;
pub mod language;
pub mod yaml;
pub mod schema;
pub mod time;
pub mod procedure;
pub mod case;
// ---- above: pure values; below: the world
pub mod store;
pub mod catalog;
pub mod engine;
pub mod register;
pub mod scenario;
pub mod cli;
