//! What a name in a template leads to, and what is said of one that leads nowhere.

use super::check::Check;
use super::shape::Shape;
use crate::diagnostic::Finding;
use crate::diagnostic::did_you_mean;
use minijinja::machinery::ast::{Expr, GetAttr, Spanned, Var};
use std::ops::Range;

/// What a name or a chain of names leads to.
pub(super) struct Found {
    /// The path from the whole, with loop variables resolved: `form.maatregelen`.
    pub(super) path: String,
    pub(super) shape: Shape,
    pub(super) may_be_absent: bool,
}

impl Check<'_> {
    pub(super) fn is_present(&self, path: &str) -> bool {
        self.present.iter().any(|known| known == path || known.starts_with(&format!("{path}.")))
    }

    /// Returns what a chain of names leads to; `says` reports what is wrong with it.
    pub(super) fn find(&mut self, expr: &Expr<'_>, says: bool) -> Option<Found> {
        let found = if let Expr::Var(var) = expr {
            self.first(var, says)?
        } else if let Expr::GetAttr(get) = expr {
            self.part(get, says)?
        } else {
            let shape = self.value(expr)?;
            return Some(Found { path: String::new(), shape, may_be_absent: false });
        };
        self.reads.insert(found.path.clone());
        Some(found)
    }

    fn first(&mut self, var: &Spanned<Var<'_>>, says: bool) -> Option<Found> {
        for (item, shape) in self.names.iter().rev() {
            match (item, shape) {
                (Some((name, path)), _) if name == var.id => {
                    return Some(Found {
                        path: path.clone(),
                        shape: shape.clone(),
                        may_be_absent: false,
                    });
                }
                (None, Shape::Anything) => {
                    let path = var.id.to_owned();
                    return Some(Found { path, shape: Shape::Anything, may_be_absent: false });
                }
                (None, Shape::Group(fields)) => {
                    if let Some(field) = fields.get(var.id) {
                        let (shape, may_be_absent) = (field.shape.clone(), field.may_be_absent);
                        return Some(Found { path: var.id.to_owned(), shape, may_be_absent });
                    }
                }
                (Some(_) | None, _) => {}
            }
        }
        if says {
            let names: Vec<String> = self
                .names
                .iter()
                .flat_map(|(item, shape)| match (item, shape) {
                    (Some((name, _)), _) => vec![name.clone()],
                    (None, Shape::Group(fields)) => fields.keys().cloned().collect(),
                    (None, _) => Vec::new(),
                })
                .collect();
            let range = self.range(var.span());
            self.unknown("letter-unknown-name", range, var.id, "letters", &names);
        }
        None
    }

    fn part(&mut self, get: &Spanned<GetAttr<'_>>, says: bool) -> Option<Found> {
        let of = self.find(&get.expr, says)?;
        let whole = self.range(get.span());
        // The name stands at the end of the whole.
        let range = whole.end.saturating_sub(get.name.len())..whole.end;
        let path = format!("{}.{}", of.path, get.name);
        let fields = match &of.shape {
            Shape::Anything => {
                return Some(Found { path, shape: Shape::Anything, may_be_absent: false });
            }
            Shape::Group(fields) => fields,
            Shape::Text | Shape::Number | Shape::Flag | Shape::Date | Shape::List(_) => {
                if says {
                    let message =
                        format!("`{}` is {}, and has no fields", of.path, of.shape.words());
                    let finding = Finding::new("letter-unknown-field", range, message);
                    self.add(
                        finding.label("no such field").help("leave this part of the name out"),
                    );
                }
                return None;
            }
        };
        let Some(field) = fields.get(get.name) else {
            if says {
                let names: Vec<String> = fields.keys().cloned().collect();
                let of = format!("`{}`", of.path);
                self.unknown("letter-unknown-field", range, get.name, &of, &names);
            }
            return None;
        };
        if of.may_be_absent && !self.is_present(&of.path) && says {
            let message = format!("`{}` may be absent", of.path);
            let finding = Finding::new("letter-may-be-absent", whole, message);
            let help = format!("ask for it first: `{{% if {} %}} … {{% endif %}}`", of.path);
            self.add(finding.label("not in every case").help(help));
        }
        let (shape, may_be_absent) = (field.shape.clone(), field.may_be_absent);
        Some(Found { path, shape, may_be_absent })
    }

    fn unknown(
        &mut self,
        code: &'static str,
        range: Range<usize>,
        name: &str,
        of: &str,
        names: &[String],
    ) {
        let message = if of == "letters" {
            format!("letters know no `{name}`")
        } else {
            format!("{of} has no field `{name}`")
        };
        let finding = Finding::new(code, range.clone(), message).label("not known");
        let mut finding = match did_you_mean(name, names.iter().map(String::as_str)) {
            Some(near) => Finding {
                suggestion: Some((range, near.to_owned())),
                ..finding.help(format!("a similar name exists: `{near}`"))
            },
            None if names.is_empty() => finding.help("nothing is recorded there"),
            None => {
                let some: Vec<String> =
                    names.iter().take(12).map(|name| format!("`{name}`")).collect();
                finding.help(format!("there are {}", some.join(", ")))
            }
        };
        if name.contains('-') {
            finding = finding.help("write `_` where the file has `-`");
        }
        self.add(finding);
    }
}
