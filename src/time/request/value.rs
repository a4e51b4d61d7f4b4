//! Reading the values of a request, with errors that name the key.

use super::Wrong;
use crate::time::error::{nearest, shown};
use crate::time::{Instant, Term, TimeError, TimeZone, parse_instant};
use serde_json::{Map, Value};

pub(super) type Object = Map<String, Value>;

/// Refuses a key that is neither among `known` nor among `others`; did-you-mean looks at both.
pub(super) fn only(map: &Object, path: &str, known: &[&str], others: &[&str]) -> Result<(), Wrong> {
    let all = || known.iter().chain(others);
    let unknown = map.keys().find(|key| !all().any(|known| known == key));
    let Some(unknown) = unknown else { return Ok(()) };
    let help = match nearest(unknown, all().map(|&known| known.to_owned())) {
        Some(like) => format!("did you mean `{like}`?"),
        None => format!("known here are {}", known.join(", ")),
    };
    Err(Wrong::new("unknown-key", format!("unknown key `{path}{}`", shown(unknown)), help))
}

pub(super) fn missing(key: &str) -> Wrong {
    Wrong::new("missing-key", format!("`{key}` is missing"), format!("add `{key}`"))
}

/// Returns the value of a key; `null` is as good as absent.
pub(super) fn present<'a>(map: &'a Object, key: &str) -> Option<&'a Value> {
    map.get(key).filter(|value| !value.is_null())
}

pub(super) fn text<'a>(map: &'a Object, key: &str, path: &str) -> Result<Option<&'a str>, Wrong> {
    match present(map, key) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or_else(|| Wrong::kind(path, "a text")),
    }
}

pub(super) fn object<'a>(
    map: &'a Object,
    key: &str,
    path: &str,
    example: &str,
) -> Result<Option<&'a Object>, Wrong> {
    match present(map, key) {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Wrong::kind(path, &format!("an object, such as `{example}`"))),
    }
}

pub(super) fn flag(map: &Object, key: &str, path: &str) -> Result<bool, Wrong> {
    match present(map, key) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(Wrong::kind(path, "`true` or `false`")),
    }
}

/// Returns a whole number from 0 to `most`.
pub(super) fn number(map: &Object, key: &str, path: &str, most: u32) -> Result<Option<u32>, Wrong> {
    let Some(value) = present(map, key) else { return Ok(None) };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| *number <= most);
    number.map(Some).ok_or_else(|| Wrong::kind(path, &format!("a whole number from 0 to {most}")))
}

pub(super) fn list<'a>(
    map: &'a Object,
    key: &str,
    path: &str,
    most: usize,
) -> Result<&'a [Value], Wrong> {
    match present(map, key) {
        None => Ok(&[]),
        Some(Value::Array(items)) if items.len() <= most => Ok(items),
        Some(Value::Array(_)) => {
            let message = format!("`{path}` has more than {most} items");
            Err(Wrong::new("too-many-items", message, format!("at most {most} are counted")))
        }
        Some(_) => Err(Wrong::kind(path, "a list")),
    }
}

/// Returns one object, or each of a list of them, with its path.
pub(super) fn one_or_list<'a>(
    map: &'a Object,
    key: &str,
    path: &str,
    example: &str,
) -> Result<Vec<(String, &'a Object)>, Wrong> {
    let wrong = |path: &str| Wrong::kind(path, &format!("an object, such as `{example}`"));
    match present(map, key) {
        None => Ok(Vec::new()),
        Some(Value::Object(one)) => Ok(vec![(path.to_owned(), one)]),
        Some(Value::Array(_)) => {
            let items = list(map, key, path, 100)?.iter().enumerate();
            let items = items.map(|(index, item)| {
                let path = format!("{path}[{index}]");
                item.as_object().map(|item| (path.clone(), item)).ok_or_else(|| wrong(&path))
            });
            items.collect()
        }
        Some(_) => Err(wrong(path)),
    }
}

pub(super) fn term(path: &str, text: &str) -> Result<Term, Wrong> {
    text.parse().map_err(|error| Wrong::at(path, &TimeError::Term(error)))
}

pub(super) fn term_at(map: &Object, key: &str, path: &str) -> Result<Option<Term>, Wrong> {
    text(map, key, path)?.map(|text| term(path, text)).transpose()
}

pub(super) fn instant(path: &str, text: &str, zone: &TimeZone) -> Result<Instant, Wrong> {
    parse_instant(text, zone).map_err(|error| Wrong::at(path, &error))
}

pub(super) fn instant_at(
    map: &Object,
    key: &str,
    path: &str,
    zone: &TimeZone,
) -> Result<Option<Instant>, Wrong> {
    text(map, key, path)?.map(|text| instant(path, text, zone)).transpose()
}
