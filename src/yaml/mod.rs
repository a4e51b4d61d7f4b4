//! Reading YAML: one document, as YAML 1.2 has it, with the place of every key and value, and bounded in every way.
//!
//! Nothing in a file is read as something else than it looks: `no` is a text, `012` keeps its zero, an integer never
//! becomes a float, a key that stands twice is a finding, and so are anchors, merge keys and tags. What a file can cost
//! is bounded before its content is looked at.

mod hidden;
mod node;
mod read;
mod syntax;

pub use node::{Entry, Kind, Node, Scalar, Value};
pub use read::{Limits, read, read_bytes};
