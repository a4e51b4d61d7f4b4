//! Letters: templates that turn what is known of a case into the text that a person gets.
//!
//! A template is a file beside the procedure, in the language of minijinja: `{{ form.bevindingen }}` puts a value in,
//! `{% if … %}` and `{% for … %}` choose and repeat. No more than that: no template calls, includes or computes. What it
//! names is checked against the shape of the case when the procedure is loaded (`check.rs`), and what a person wrote is
//! put in once, escaped in HTML, and never read as a template.
//!
//! Nothing here knows a case: a template and a value give a text, the same at all times.

mod check;
mod filters;
mod lookup;
mod shape;
mod template;

pub use crate::diagnostic::Finding;
pub use filters::{Documented, documented};
pub use shape::{Field, Shape};
pub use template::{Fault, Format, Template};

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests;
