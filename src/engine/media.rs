//! What kind of file something is: by its first bytes, and else by how its name ends.

/// How many of the first bytes tell what a file is.
pub(super) const HEAD: usize = 8 * 1024;

/// What is not known to be anything else.
const UNKNOWN: &str = "application/octet-stream";

/// The beginning of files of older office programs, and of mail that was saved by one.
const COMPOUND: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Kinds by the ending of a name. What is text has no first bytes of its own, and is told apart by its name alone.
const ENDINGS: [(&str, &str); 36] = [
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("eml", "message/rfc822"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("heic", "image/heif"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("m4a", "audio/m4a"),
    ("md", "text/markdown"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("msg", "application/vnd.ms-outlook"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("rtf", "application/rtf"),
    ("svg", "image/svg+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "text/xml"),
    ("yaml", "application/yaml"),
    ("zip", "application/zip"),
];

/// What kind of file something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// By its content as far as that tells, and else by its name.
    pub(super) is: &'static str,
    /// What the name says, where the content is something else.
    pub(super) named: Option<&'static str>,
}

/// Returns what kind of file has this name and begins with these bytes.
pub(super) fn kind(name: &str, head: &[u8]) -> Kind {
    let named = by_name(name);
    let is = by_content(name, head);
    Kind { is, named: named.filter(|named| *named != is) }
}

fn by_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    let known = ENDINGS.iter().find(|(known, _)| known.eq_ignore_ascii_case(ending));
    known.map(|(_, kind)| *kind)
}

fn by_content(name: &str, head: &[u8]) -> &'static str {
    let named = by_name(name);
    // Several kinds share one container, and only the name tells which.
    if head.starts_with(&COMPOUND) {
        let of_office = named.filter(|kind| {
            ["application/msword", "application/vnd.ms-", "application/vnd.ms-outlook"]
                .iter()
                .any(|start| kind.starts_with(start))
        });
        return of_office.unwrap_or("application/x-ole-storage");
    }
    if is_text(head) {
        let as_text = named.filter(|kind| can_be_text(kind));
        return as_text.unwrap_or("text/plain");
    }
    let found = infer::get(head).map(|found| found.mime_type());
    match found {
        Some("application/zip") => {
            let packed = named.filter(|kind| {
                kind.contains("openxmlformats") || kind.contains("oasis.opendocument")
            });
            packed.unwrap_or("application/zip")
        }
        Some(found) => found,
        None => UNKNOWN,
    }
}

fn can_be_text(kind: &str) -> bool {
    kind.starts_with("text/")
        || ["message/rfc822", "application/json", "application/yaml", "image/svg+xml"]
            .contains(&kind)
}

/// Whether bytes are text: UTF-8 without control characters, but perhaps cut in the middle of a character. What begins as
/// another kind of file does is not, though it be legible.
fn is_text(head: &[u8]) -> bool {
    if [&b"%PDF-"[..], b"{\\rtf"].iter().any(|start| head.starts_with(start)) {
        return false;
    }
    let whole = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            let until = head.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(until).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !whole.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_before_the_name_does() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (name, head, is, named) in [
            ("klacht.pdf", &b"%PDF-1.7\n%\xe2\xe3"[..], "application/pdf", None),
            ("klacht.pdf", png, "image/png", Some("application/pdf")),
            ("foto.PNG", png, "image/png", None),
            ("foto", png, "image/png", None),
            ("a.txt", b"Geachte heer", "text/plain", None),
            ("a.csv", b"a;b\n1;2\n", "text/csv", None),
            ("a.eml", b"From: Jansen\n\n", "message/rfc822", None),
            ("a.pdf", b"Geachte heer", "text/plain", Some("application/pdf")),
            ("a.pdf", b"\0\x01\x02", UNKNOWN, Some("application/pdf")),
            ("a.doc", &COMPOUND, "application/msword", None),
            ("a.exe", &COMPOUND, "application/x-ole-storage", None),
            ("a.txt", "abc\u{e9}".as_bytes().split_at(4).0, "text/plain", None),
            ("a.rtf", b"{\\rtf1", "application/rtf", None),
            ("a.txt", b"\x1b[2J", UNKNOWN, Some("text/plain")),
        ] {
            assert_eq!(kind(name, head), Kind { is, named }, "{name} {head:?}");
        }
    }

    #[test]
    fn the_endings_stand_in_order() {
        assert!(ENDINGS.is_sorted_by_key(|(ending, _)| *ending));
    }
}
