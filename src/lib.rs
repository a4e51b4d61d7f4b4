//! An engine for procedures that people have rights in.
//!
//! The modules below are listed in reading order; a module uses only those above it.

pub mod case;
pub mod diagnostic;
pub mod language;
pub mod procedure;
pub mod schema;
pub mod time;
pub mod yaml;
// ---- above: pure values; below: the world
pub mod catalog;
pub mod cli;
pub mod engine;
pub mod register;
pub mod scenario;
pub mod store;
