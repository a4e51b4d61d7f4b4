//! The text that holds, written out: a procedure that needs no base, and for each line where it comes from.

use super::path::Path;
use crate::diagnostic::Place;
use crate::yaml::{Entry, Kind, Node, Scalar};

/// The widest group that is written on one line, in characters.
const WIDEST: usize = 76;

/// Words that other readers of YAML take for something else than a text.
const NOT_PLAIN: [&str; 10] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"];

/// A line of the text that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line, without its end.
    pub text: String,
    /// Where it stands as its author wrote it.
    pub place: Place,
    /// What the base says instead, and where.
    pub was: Option<(String, Place)>,
}

/// Returns the lines of a text that holds; `base` is the one under it, whole.
pub fn lines(root: &Node, base: Option<&Node>) -> Vec<Line> {
    let mut printer = Printer { base, lines: Vec::new() };
    printer.mapping(&Path::default(), root, "", "");
    printer.lines
}

struct Printer<'a> {
    base: Option<&'a Node>,
    lines: Vec<Line>,
}

impl Printer<'_> {
    /// Writes the keys of a mapping; `first` stands before the first of them, `indent` before the others.
    fn mapping(&mut self, path: &Path, node: &Node, first: &str, indent: &str) {
        for (place, entry) in node.entries().iter().enumerate() {
            let lead = if place == 0 { first } else { indent };
            let key = scalar(entry.name(), true);
            self.value(&path.key(entry.name()), &format!("{lead}{key}:"), &entry.value, indent);
        }
    }

    /// Writes a value behind its key, or behind the dash of a list.
    fn value(&mut self, path: &Path, lead: &str, node: &Node, indent: &str) {
        if let Some(inline) = inline(node) {
            let is_short = lead.chars().count() + inline.chars().count() < WIDEST;
            if node.scalar().is_some() || is_short || is_empty(node) {
                self.line(path, format!("{lead} {inline}"), node);
                return;
            }
        }
        let inner = format!("{indent}  ");
        if node.kind() == Kind::Mapping {
            self.line(path, lead.to_owned(), node);
            self.mapping(path, node, &inner, &inner);
            return;
        }
        self.line(path, lead.to_owned(), node);
        for (place, item) in node.items().iter().enumerate() {
            let path = path.item(place.saturating_add(1));
            match inline(item) {
                Some(inline) => self.line(&path, format!("{inner}- {inline}"), item),
                None if item.kind() == Kind::Mapping => {
                    let deeper = format!("{inner}  ");
                    self.mapping(&path, item, &format!("{inner}- "), &deeper);
                }
                // A list in a list: of one file each, or on one line whatever its length.
                None => self.line(&path, format!("{inner}- {}", flow(item)), item),
            }
        }
    }

    fn line(&mut self, path: &Path, text: String, node: &Node) {
        let known = self.base.and_then(|base| at(base, path));
        let was = known.filter(|known| {
            let differs = known.place.source != node.place.source;
            differs && known.scalar().is_some() && node.scalar().is_some()
        });
        let was = was.map(|known| (known.written().to_owned(), known.place.clone()));
        self.lines.push(Line { text, place: node.place.clone(), was });
    }
}

/// Returns what stands at a path.
fn at<'n>(root: &'n Node, path: &Path) -> Option<&'n Node> {
    path.0.iter().try_fold(root, |node, part| match part {
        super::path::Part::Key(name) => node.get(name),
        super::path::Part::Item(number) => node.items().get(number.checked_sub(1)?),
    })
}

fn is_empty(node: &Node) -> bool {
    node.entries().is_empty() && node.items().is_empty()
}

/// Returns a value on one line, if all of it is of one file and it holds no groups within groups.
fn inline(node: &Node) -> Option<String> {
    let flat = |inner: &Node| inner.scalar().is_some() || is_texts(inner);
    let inner = || node.entries().iter().map(|entry| &entry.value).chain(node.items());
    let of_one = inner().all(|inner| inner.place.source == node.place.source && flat(inner));
    of_one.then(|| flow(node))
}

/// Says whether a value is one text in several languages, or a list of single values.
fn is_texts(node: &Node) -> bool {
    let inner = || node.entries().iter().map(|entry| &entry.value).chain(node.items());
    inner().all(|inner| inner.scalar().is_some() && inner.place.source == node.place.source)
}

fn flow(node: &Node) -> String {
    match node.kind() {
        Kind::Mapping => {
            let entry =
                |entry: &Entry| format!("{}: {}", scalar(entry.name(), true), flow(&entry.value));
            let entries: Vec<String> = node.entries().iter().map(entry).collect();
            if entries.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", entries.join(", "))
            }
        }
        Kind::List => {
            let items: Vec<String> = node.items().iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Kind::Null => "null".to_owned(),
        Kind::Boolean | Kind::Integer | Kind::Decimal => node.written().to_owned(),
        Kind::Text => scalar(node.written(), false),
    }
}

/// Returns a text as it is written: plainly where nobody can take it for something else, or in quotes.
fn scalar(text: &str, is_key: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '@');
    let is_text = is_key || Scalar { text: text.to_owned(), quoted: false }.kind() == Kind::Text;
    let is_plain = is_text
        && text.starts_with(char::is_alphanumeric)
        && text.ends_with(|c: char| c != ' ')
        && text.chars().all(plain)
        && !NOT_PLAIN.contains(&text.to_lowercase().as_str());
    // JSON is YAML: what stands in its quotes is read back as it is.
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}
