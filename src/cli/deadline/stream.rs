//! Many requests: JSON Lines in, JSON Lines out, one answer for each, and none of them stops the rest.

use super::Exit;
use super::json::Unrepeated;
use crate::cli::Answer;
use crate::cli::console::Console;
use crate::language::Language;
use crate::time::{Almanac, request};
use serde_json::{Value, json};
use std::io::{self, BufRead};

/// The longest line, in bytes, its line feed not counted.
const LONGEST: usize = 1024 * 1024;

/// A line of input.
#[derive(Debug, PartialEq)]
enum Line {
    /// Its bytes, without the line feed.
    Whole(Vec<u8>),
    /// It is too long; it was read past and not kept.
    TooLong,
}

/// Answers every line of `input`. `language` is added to the requests that say none.
pub(super) fn run(
    mut input: impl BufRead,
    almanac: &Almanac,
    language: Option<Language>,
    console: &mut Console,
) -> Answer {
    let (mut number, mut asked, mut wrong) = (0_usize, 0_usize, 0_usize);
    while let Some(line) = next_line(&mut input)? {
        number += 1;
        let Some(answer) = answer(&line, number, almanac, language) else { continue };
        asked += 1;
        wrong += usize::from(is_wrong(&answer));
        console.json_line(&answer)?;
    }
    if wrong == 0 {
        return Ok(Exit::Done);
    }
    console.talk(&format!("{asked} requests: {wrong} wrong"));
    Ok(Exit::Findings)
}

/// Whether an answer is an error, or holds one about one of its deadlines.
fn is_wrong(answer: &Value) -> bool {
    let several = answer.get("deadlines").and_then(Value::as_object);
    let mut several = several.into_iter().flat_map(|several| several.values());
    answer.get("error").is_some() || several.any(|of| of.get("error").is_some())
}

/// Returns the answer to a line; a line with nothing on it gets none.
fn answer(
    line: &Line,
    number: usize,
    almanac: &Almanac,
    language: Option<Language>,
) -> Option<Value> {
    let error = |code: &str, message: String, help: &str| json!({ "error": { "code": code, "message": message, "help": help, "line": number } });
    let Line::Whole(bytes) = line else {
        let message = format!("line {number} is longer than 1 MiB");
        return Some(error("line-too-long", message, "write one request a line"));
    };
    // A byte order mark may stand before the first line.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    if bytes.is_empty() {
        return None;
    }
    let mut request = match serde_json::from_slice(bytes) {
        Ok(Unrepeated(request)) => request,
        Err(fault) if fault.is_data() => {
            let (column, said) = (fault.column(), fault.to_string());
            let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
            let message = format!("line {number}: {said}, at column {column}");
            return Some(error("repeated-key", message, "keep one of the two"));
        }
        Err(fault) => {
            let message = format!("line {number} is not JSON, at column {}", fault.column());
            let help = "write each request as one JSON object on a line of its own";
            return Some(error("not-json", message, help));
        }
    };
    if let (Some(language), Some(request)) = (language, request.as_object_mut()) {
        request.entry("lang").or_insert_with(|| json!(language.code()));
    }
    let mut answer = request::answer(&request, almanac);
    if answer.get("id").is_none()
        && let Some(error) = answer.get_mut("error").and_then(Value::as_object_mut)
    {
        error.insert("line".to_owned(), json!(number));
    }
    Some(answer)
}

/// Returns the next line, of which never more than [`LONGEST`] bytes and a buffer are kept; nothing at the end.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let (mut line, mut too_long, mut any) = (Vec::new(), false, false);
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            break;
        }
        any = true;
        let feed = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer.get(..feed.unwrap_or(buffer.len())).unwrap_or_default();
        too_long |= line.len() + part.len() > LONGEST;
        if too_long {
            line = Vec::new();
        } else {
            line.extend_from_slice(part);
        }
        let taken = part.len() + usize::from(feed.is_some());
        input.consume(taken);
        if feed.is_some() {
            break;
        }
    }
    let read = if too_long { Line::TooLong } else { Line::Whole(line) };
    Ok(any.then_some(read))
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    fn lines(input: &[u8], buffer: usize) -> Vec<Line> {
        let mut input = BufReader::with_capacity(buffer, input);
        std::iter::from_fn(|| next_line(&mut input).expect("memory can be read")).collect()
    }

    #[test]
    fn a_line_that_is_too_long_is_read_past() {
        let just = "x".repeat(LONGEST);
        let input = format!("{just}\n{just}x\nshort\n{just}{just}");
        let read = lines(input.as_bytes(), 8192);
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        assert_eq!(read, [whole(&just), Line::TooLong, whole("short"), Line::TooLong]);
    }

    #[test]
    fn every_line_gets_its_answer() {
        let of = |line: &[u8]| answer(&Line::Whole(line.to_vec()), 7, &Almanac::shipped(), None);
        assert_eq!(of(b""), None);
        assert_eq!(of(b" \r"), None);
        let code = |line: &[u8]| of(line).expect("an answer")["error"]["code"].clone();
        assert_eq!(code(b"{"), "not-json");
        assert_eq!(code(b"\xff"), "not-json");
        assert_eq!(code(b"[]"), "wrong-type");
        assert_eq!(code("[".repeat(10_000).as_bytes()), "not-json");
        assert_eq!(of(b"{").expect("an answer")["error"]["line"], 7);
        let twice = of(br#"{"deadline": {"within": "6 weeks", "within": "8 weeks"}}"#);
        let twice = &twice.expect("an answer")["error"];
        assert_eq!(twice["code"], "repeated-key");
        assert_eq!(twice["message"], "line 7: `within` stands twice, at column 43");
        let good =
            b"\xef\xbb\xbf{\"starts\": \"2026-03-02\", \"deadline\": {\"within\": \"6 weeks\"}}\r";
        assert_eq!(of(good).expect("an answer")["last-day"], "2026-04-13");
        let dutch = answer(&Line::Whole(good.to_vec()), 1, &Almanac::shipped(), Some(Language::Nl))
            .expect("an answer");
        assert!(
            dutch["explanation"][0]["text"].as_str().is_some_and(|text| text.starts_with("begint"))
        );
    }

    proptest! {
        #[test]
        fn lines_are_those_of_the_text_whatever_the_buffer(text in "[ab\n]{0,40}", buffer in 1_usize..9) {
            let expected: Vec<Line> =
                text.lines().map(|line| Line::Whole(line.as_bytes().to_vec())).collect();
            prop_assert_eq!(lines(text.as_bytes(), buffer), expected);
        }
    }
}
