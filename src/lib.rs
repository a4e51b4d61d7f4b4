//! An engine for procedures that people have rights in: complaints, objections, appeals, requests.
//!
//! An organisation writes its procedure once, as a YAML file with steps, deadlines, roles and appeal rules. The engine
//! runs every case through it: it keeps the legal clocks, lets nobody act who may not, says why not and on which line
//! that rests, and records every act so that it can be told again.
//!
//! # The way through
//!
//! A text becomes a [`procedure::Procedure`] by [`procedure::compile()`], which reports everything that is wrong with
//! it, each with its place. A [`case::Command`] is decided by [`case::decide()`], a pure function, into
//! [`case::Event`]s or a [`case::Refusal`]; [`case::Case::apply`] takes an event in and can't fail. The
//! [`engine::Engine`] does the rest: it lets time pass, commits events with all that is derived from them to a
//! [`store::Store`], and answers when they are safe.
//!
//! `examples/embed.rs` shows all of it in fifty lines.
//!
//! # The map
//!
//! The modules stand in reading order; a module uses only those above it, and a test keeps it so. Down to [`case`] they
//! are pure values: no files, no clock, no chance. Below it is the world.

pub mod diagnostic;
pub mod language;
pub mod yaml;
pub mod schema;
pub mod time;
pub mod letter;
pub mod procedure;
pub mod case;
// ---- above: pure values; below: the world
pub mod store;
pub mod catalog;
pub mod engine;
pub mod register;
pub mod scenario;
pub mod service;
pub mod cli;
