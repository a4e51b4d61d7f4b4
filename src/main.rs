//! The binary: one call into the command line.
fn main() {}
