//! What changed in what is current, in words and for programs: the same for a server and for `tick`.

use crate::service::News;
use serde_json::{Value, json};

/// Returns it in words, the first line first.
pub(super) fn in_words(news: &News) -> Vec<String> {
    let all = |first: String, lines: &[String]| {
        std::iter::once(first).chain(lines.iter().map(|line| format!("  {line}"))).collect()
    };
    match news {
        News::Published { procedure, file, done } if done.active => {
            vec![format!("{procedure} v{} is active from now on ({file})", done.number)]
        }
        News::Published { procedure, file, done } => vec![format!(
            "{procedure} v{} is on record and waits for a second person ({file})",
            done.number
        )],
        News::Ready { procedure, file } => {
            vec![format!("{procedure} can be published: {file} is sound")]
        }
        News::Refused { procedure, file, lines } => {
            all(format!("{procedure}: {file} is refused; what was active stays so"), lines)
        }
        News::Same { procedure, number } => {
            vec![format!("{procedure}: the file is v{number} again")]
        }
        News::Gone { procedure } => {
            vec![format!("{procedure}: the file is gone; that retires nothing")]
        }
        News::PremisesMended => {
            vec!["settings, people and calendars are sound again, and the same as before".into()]
        }
        News::Premises => vec!["settings, people or calendars are others from now on".into()],
        News::PremisesRefused { lines } => {
            all("settings, people or calendars are refused; what was sound goes on".into(), lines)
        }
        News::Trouble { why } => vec![format!("the folder can't be followed: {why}")],
    }
}

/// Returns it for programs.
pub(super) fn as_json(news: &News) -> Value {
    match news {
        News::Published { procedure, file, done } => json!({
            "what": "published", "procedure": procedure, "file": file,
            "version": done.number, "active": done.active,
        }),
        News::Ready { procedure, file } => {
            json!({ "what": "ready", "procedure": procedure, "file": file })
        }
        News::Refused { procedure, file, lines } => json!({
            "what": "refused", "procedure": procedure, "file": file, "findings": lines,
        }),
        News::Same { procedure, number } => {
            json!({ "what": "same", "procedure": procedure, "version": number })
        }
        News::Gone { procedure } => json!({ "what": "gone", "procedure": procedure }),
        News::PremisesMended => json!({ "what": "premises-mended" }),
        News::Premises => json!({ "what": "premises" }),
        News::PremisesRefused { lines } => {
            json!({ "what": "premises-refused", "findings": lines })
        }
        News::Trouble { why } => json!({ "what": "trouble", "why": why }),
    }
}
