//! Where something stands in a text, as `verloop diff` writes it too (`deadlines.afdoening.extend[1].by`), and the patterns
//! by which marks name it (`deadlines.*.within`).

use std::fmt;

/// One step down in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Under a key.
    Key(String),
    /// In a list, counted from 1.
    Item(usize),
}

/// Where something stands, from the top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Path(pub Vec<Part>);

impl Path {
    pub(super) fn key(&self, name: &str) -> Self {
        self.with(Part::Key(name.to_owned()))
    }

    pub(super) fn item(&self, number: usize) -> Self {
        self.with(Part::Item(number))
    }

    fn with(&self, part: Part) -> Self {
        let mut parts = self.0.clone();
        parts.push(part);
        Self(parts)
    }

    /// Returns the key at its end, that of the list for an item.
    pub(super) fn last_key(&self) -> &str {
        self.0.iter().rev().find_map(key_of).unwrap_or_default()
    }

    /// Returns the keys from the top, without places in lists.
    pub(super) fn keys(&self) -> Vec<&str> {
        self.0.iter().filter_map(key_of).collect()
    }
}

fn key_of(part: &Part) -> Option<&str> {
    match part {
        Part::Key(name) => Some(name),
        Part::Item(_) => None,
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.0.iter().enumerate() {
            match part {
                Part::Key(name) if place == 0 => f.write_str(name)?,
                Part::Key(name) => write!(f, ".{name}")?,
                Part::Item(number) => write!(f, "[{number}]")?,
            }
        }
        Ok(())
    }
}

/// One step of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Key(String),
    AnyKey,
    Item(usize),
}

/// A path in which `*` stands for any key; on the way down, a list that is not numbered stands for each of its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Wanted>);

impl Pattern {
    /// Reads a pattern; nothing where it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut wanted = Vec::new();
        for step in text.split('.') {
            let (name, numbers) = step.find('[').map_or((step, ""), |open| step.split_at(open));
            wanted.push(match name {
                "" => return None,
                "*" => Wanted::AnyKey,
                name => Wanted::Key(name.to_owned()),
            });
            let mut rest = numbers;
            while !rest.is_empty() {
                let (number, after) = rest.strip_prefix('[')?.split_once(']')?;
                wanted.push(Wanted::Item(number.parse().ok().filter(|number| *number > 0)?));
                rest = after;
            }
        }
        Some(Self(wanted))
    }

    /// Says whether a path is one of those meant.
    pub(super) fn is(&self, path: &Path) -> bool {
        rest(&self.0, &path.0) == Some(&[])
    }

    /// Says whether a path is one of those meant, or lies below one.
    pub(super) fn covers(&self, path: &Path) -> bool {
        rest(&self.0, &path.0).is_some()
    }

    /// Returns the pattern of what this stands in, and the key at its end; nothing for a place in a list.
    pub(super) fn split(&self) -> Option<(Self, Option<&str>)> {
        let (last, before) = self.0.split_last()?;
        match last {
            Wanted::Key(name) => Some((Self(before.to_vec()), Some(name))),
            Wanted::AnyKey => Some((Self(before.to_vec()), None)),
            Wanted::Item(_) => None,
        }
    }
}

/// Returns what of a path is left behind a pattern; nothing where they differ before that.
fn rest<'p>(pattern: &[Wanted], path: &'p [Part]) -> Option<&'p [Part]> {
    match (pattern.split_first(), path.split_first()) {
        (Some((Wanted::Item(wanted), pattern)), Some((Part::Item(number), path))) => {
            (wanted == number).then(|| rest(pattern, path)).flatten()
        }
        (None, _) => Some(path),
        // A list that is not numbered, and something in it: each of its items.
        (_, Some((Part::Item(_), path))) => rest(pattern, path),
        (Some((Wanted::Key(wanted), pattern)), Some((Part::Key(name), path))) => {
            (wanted == name).then(|| rest(pattern, path)).flatten()
        }
        (Some((Wanted::AnyKey, pattern)), Some((Part::Key(_), path))) => rest(pattern, path),
        (Some(_), _) => None,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        let mut path = Path::default();
        for wanted in Pattern::read(text).unwrap().0 {
            path = match wanted {
                Wanted::Key(name) => path.key(&name),
                Wanted::Item(number) => path.item(number),
                Wanted::AnyKey => path.key("*"),
            };
        }
        path
    }

    #[test]
    fn a_pattern_means_these_paths() {
        for (pattern, at, is, covers) in [
            ("title", "title", true, true),
            ("title", "steps", false, false),
            ("deadlines.*.within", "deadlines.afdoening.within", true, true),
            ("deadlines.*.within", "deadlines.afdoening", false, false),
            ("deadlines.*", "deadlines.afdoening.within", false, true),
            ("deadlines.a.extend.by", "deadlines.a.extend.by", true, true),
            ("deadlines.a.extend.by", "deadlines.a.extend[2].by", true, true),
            ("deadlines.a.extend[1].by", "deadlines.a.extend[1].by", true, true),
            ("deadlines.a.extend[1].by", "deadlines.a.extend[2].by", false, false),
            ("apart", "apart[1]", false, true),
            ("steps", "steps.horen", false, true),
        ] {
            let wanted = Pattern::read(pattern).unwrap();
            assert_eq!(wanted.is(&path(at)), is, "{pattern} is {at}");
            assert_eq!(wanted.covers(&path(at)), covers, "{pattern} covers {at}");
        }
        assert_eq!(path("a.b[1].c").to_string(), "a.b[1].c");
    }

    #[test]
    fn what_is_no_pattern_is_not_read() {
        for text in ["", ".", "a..b", "a.", "a[", "a[0]", "a[x]", "a[1]b"] {
            assert_eq!(Pattern::read(text), None, "{text}");
        }
    }
}
