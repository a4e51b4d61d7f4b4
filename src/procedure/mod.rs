//! (to come)

pub mod guard;
