//! A server answers the other commands as they would answer themselves: the same words, the same exit codes.

#![expect(clippy::disallowed_methods, reason = "a test makes its own files")]
#![cfg(unix)]

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// A workspace with a procedure that uses most of what commands can do.
pub(crate) fn workspace(folder: &Path) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("verloop.yaml", "organisation: mensen.yaml\nstore: zaken.redb\nlanguage: nl\n");
    write(
        "mensen.yaml",
        "organisation: O\npeople:\n  anna: { name: Anna, roles: [behandelaar] }\n  \
         joost: { name: Joost, roles: [beleid] }\n",
    );
    write("klacht.yaml", &klacht("6 weeks"));
    write("sub/leeg.txt", "");
}

pub(crate) fn klacht(within: &str) -> String {
    format!(
        "procedure: klacht\njurisdiction: nl\ntransition: {{ pending: new }}\nroles:\n  \
         klager: {{ party: true }}\n  behandelaar: {{ acts-for: [klager] }}\n\
         case: {{ who: [klager, behandelaar], properties: {{ onderwerp: {{ type: string }} }} }}\n\
         steps:\n  horen: {{ who: behandelaar }}\n  antwoord: {{ after: horen, who: behandelaar }}\n  \
         sluiten: {{ after: antwoord, ends: klaar }}\ndeadlines:\n  \
         afdoening: {{ starts: received, within: {within}, met-by: antwoord }}\n"
    )
}

pub(crate) fn verloop(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_verloop"));
    command.current_dir(folder).env_remove("VERLOOP_STORE").env_remove("VERLOOP_OUTPUT");
    command.env_remove("VERLOOP_CODE").env("LC_ALL", "C").stdin(Stdio::null()).args(args);
    command
}

/// A server, which is ended with the test.
pub(crate) struct Server {
    process: Child,
    socket: PathBuf,
}

impl Server {
    pub(crate) fn start(folder: &Path) -> Self {
        let log = std::fs::File::create(folder.join("server.log")).unwrap();
        let mut command = verloop(folder, &["serve", "--no-web"]);
        let process = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let server = Self { process, socket: folder.join("zaken.sock") };
        for _ in 0..600 {
            if std::os::unix::net::UnixStream::connect(&server.socket).is_ok() {
                return server;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("no server: {}", std::fs::read_to_string(folder.join("server.log")).unwrap());
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        Command::new("kill").args([signal, &id]).status().unwrap();
    }

    /// Ends it as a service manager does. Returns its exit code.
    fn end(mut self) -> Option<i32> {
        self.signal("-TERM");
        self.process.wait().unwrap().code()
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns what a command said, without the time of the day: it runs a moment earlier or later.
fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let text = format!("{:?}\n{}\n---\n{}", output.status.code(), text[0], text[1]);
    let mut plain = String::new();
    let mut parts = text.split(':').peekable();
    let ends =
        |part: &str| part.len() >= 2 && part.bytes().rev().take(2).all(|b| b.is_ascii_digit());
    let begins = |part: &str| part.len() >= 2 && part.bytes().take(2).all(|b| b.is_ascii_digit());
    let mut in_time = false;
    while let Some(part) = parts.next() {
        let part = if in_time { &part[2..] } else { part };
        let next_in_time = parts.peek().is_some_and(|next| begins(next));
        in_time = next_in_time && (ends(part) || in_time && part.is_empty());
        plain.push_str(if in_time {
            part.get(..part.len().saturating_sub(2)).unwrap_or(part)
        } else {
            part
        });
        if parts.peek().is_some() && !in_time {
            plain.push(':');
        }
    }
    plain
}

/// One thing that a user does: a folder to stand in, what is typed, and what comes in on standard input.
type Deed<'d> = (&'d str, &'d [&'d str], &'d str);

/// Acts are told with their times: what happens within one second is told under one time, and that may differ.
const DEEDS: &[Deed<'static>] = &[
    ("", &["work", "--as", "anna"], ""),
    (
        "",
        &[
            "open",
            "klacht",
            "--as",
            "anna",
            "--at",
            "2026-11-02T09:00",
            "--for",
            "klager",
            "--party",
            "klager=Mevrouw De Boer",
        ],
        "",
    ),
    (
        "",
        &[
            "open",
            "klacht",
            "--as",
            "anna",
            "--at",
            "2026-11-02T09:00",
            "--for",
            "klager",
            "--data",
            "-",
        ],
        "onderwerp: Bejegening\n",
    ),
    (
        "",
        &[
            "open",
            "klacht",
            "--as",
            "anna",
            "--at",
            "2026-11-02T09:00",
            "--for",
            "klager",
            "--data",
            "waarden.yaml",
        ],
        "",
    ),
    (
        "",
        &[
            "open",
            "klacht",
            "--as",
            "anna",
            "--at",
            "2026-11-02T09:00",
            "--for",
            "klager",
            "--data",
            "weg.yaml",
        ],
        "",
    ),
    (
        "",
        &[
            "open",
            "klacht",
            "--as",
            "anna",
            "--at",
            "2026-11-02T09:00",
            "--for",
            "klager",
            "--dry-run",
        ],
        "",
    ),
    ("", &["open", "klachtt", "--as", "anna"], ""),
    ("", &["open", "klacht", "--as", "niemand"], ""),
    ("", &["show", "2026-0001"], ""),
    ("sub", &["show", "1"], ""),
    ("sub", &["-C", "..", "show", "2", "-o", "json"], ""),
    ("", &["show", "99"], ""),
    ("", &["do", "2026-0001", "antwoord", "--as", "anna"], ""),
    ("", &["do", "2026-0001", "horen", "--as", "joost"], ""),
    (
        "",
        &[
            "do",
            "2026-0001",
            "horen",
            "--as",
            "anna",
            "--at",
            "2026-11-03T09:00",
            "--id",
            "een",
            "--attach",
            "bijlage.txt",
        ],
        "",
    ),
    (
        "",
        &[
            "do",
            "2026-0001",
            "horen",
            "--as",
            "anna",
            "--at",
            "2026-11-03T09:00",
            "--id",
            "een",
            "--attach",
            "bijlage.txt",
        ],
        "",
    ),
    ("", &["do", "2026-0001", "antwoord", "--as", "anna", "--seen", "1"], ""),
    (
        "sub",
        &[
            "attach",
            "2026-0001",
            "leeg.txt",
            "../bijlage.txt",
            "--as",
            "anna",
            "--at",
            "2026-11-04T09:00",
        ],
        "",
    ),
    ("", &["attach", "2026-0001", "sub", "--as", "anna"], ""),
    ("", &["attach", "2026-0001", "weg.txt", "--as", "anna"], ""),
    ("", &["documents", "1", "--check"], ""),
    ("sub", &["document", "1", "bijlage.txt", "-O", "uit.txt"], ""),
    ("sub", &["document", "1", "bijlage.txt", "-O", "uit.txt"], ""),
    ("sub", &["document", "1", "bijlage.txt", "-O", "-"], ""),
    ("", &["document", "1", "bijlage.txt", "-O", "weg/uit.txt"], ""),
    ("", &["timeline", "1"], ""),
    ("", &["timeline", "1", "--color", "always"], ""),
    ("", &["why", "1", "afdoening"], ""),
    ("", &["work", "--all", "-o", "jsonl"], ""),
    ("", &["versions"], ""),
    ("", &["status"], ""),
    ("sub", &["status", "-o", "json"], ""),
    ("", &["diff", "klacht@1", "nieuw.yaml"], ""),
    ("", &["impact", "nieuw.yaml"], ""),
    ("", &["impact", "klacht.yaml"], ""),
    ("", &["publish", "klacht", "--because", "zo maar", "--as", "joost"], ""),
    ("", &["publish", "klagt", "--because", "zo maar", "--as", "joost"], ""),
    ("", &["publish", "kapot.yaml", "--because", "zo maar", "--as", "joost"], ""),
    ("", &["migrate", "klacht@1", "--plan", "--as", "joost"], ""),
    ("", &["migrate", "klacht@7", "--apply", "--as", "joost"], ""),
    ("", &["retire", "klacht@1", "--because", "weg ermee", "--as", "joost"], ""),
    ("", &["activate", "klacht@1", "--because", "toch niet", "--as", "joost"], ""),
    ("", &["tick"], ""),
    ("", &["tick", "-o", "json"], ""),
    ("", &["--store", "anders.redb", "show", "1"], ""),
    ("", &["show", "1", "-o", "sarif"], ""),
    ("", &["letters", "1"], ""),
    ("", &["test", "--replay", "nieuw.yaml"], ""),
    ("", &["check"], ""),
];

/// Does all deeds in a folder. Returns what each said.
fn all(folder: &Path) -> Vec<String> {
    let run = |(below, args, input): &Deed<'_>| {
        let mut command = verloop(&folder.join(below), args);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        // Who reads no input may be gone before it is written.
        let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
        said(&process.wait_with_output().unwrap())
    };
    DEEDS.iter().map(run).collect()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    workspace(folder.path());
    for (name, text) in [
        ("waarden.yaml", "onderwerp: Wachttijd\n"),
        ("bijlage.txt", "de brief\n"),
        ("kapot.yaml", "procedure: kapot\nsteps: [\n"),
        ("nieuw/nieuw.txt", ""),
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    // A draft stands outside the folder of procedures: its name is that of the active one.
    let settings =
        "organisation: mensen.yaml\nstore: zaken.redb\nlanguage: nl\nprocedures: [klacht.yaml]\n";
    std::fs::write(folder.path().join("verloop.yaml"), settings).unwrap();
    std::fs::write(folder.path().join("nieuw.yaml"), klacht("4 weeks")).unwrap();
    folder
}

#[test]
fn the_same_is_said_with_and_without_a_server() {
    let (alone, served) = (folder(), folder());
    // What was there before is the same: the first text is published, by nobody's case.
    for here in [alone.path(), served.path()] {
        let done = verloop(here, &["publish", "klacht", "--because", "eerste", "--as", "joost"]);
        assert!({ done }.output().unwrap().status.success());
    }
    let server = Server::start(served.path());
    let (by_itself, by_server) = (all(alone.path()), all(served.path()));
    for ((deed, by_itself), by_server) in DEEDS.iter().zip(&by_itself).zip(&by_server) {
        assert_eq!(by_itself, by_server, "{deed:?}");
    }
    let done = by_itself.iter().filter(|said| said.starts_with("Some(0)")).count();
    assert!(done > DEEDS.len() / 2, "{by_itself:#?}");
    let written = |folder: &Path| std::fs::read_to_string(folder.join("sub/uit.txt")).unwrap();
    assert_eq!(written(alone.path()), written(served.path()));
    assert_eq!(server.end(), Some(0));
    // It leaves a store that was closed, and no socket.
    assert!(!served.path().join("zaken.sock").exists());
    let after = verloop(served.path(), &["show", "1"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&after.stderr).matches("unclean").count(), 0);
}

#[test]
fn a_second_server_is_refused_and_a_fallen_one_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    workspace(folder.path());
    let mut server = Server::start(folder.path());
    let second = verloop(folder.path(), &["serve", "--no-web"]).output().unwrap();
    assert_eq!(second.status.code(), Some(6), "{}", said(&second));
    server.kill();
    assert!(folder.path().join("zaken.sock").exists());
    // Without a server, with a socket that nobody listens at: the command answers itself.
    let opened = ["open", "klacht", "--as", "anna", "--for", "klager"];
    assert!(verloop(folder.path(), &opened).output().unwrap().status.success());
    assert_eq!(Server::start(folder.path()).end(), Some(0));
}

#[test]
fn only_its_own_account_is_answered_where_people_say_who_they_are() {
    let folder = tempfile::tempdir().unwrap();
    workspace(folder.path());
    let server = Server::start(folder.path());
    let mode = std::fs::metadata(folder.path().join("zaken.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(server.end(), Some(0));
    let settings = "organisation: mensen.yaml\nstore: zaken.redb\nsign-in: login\n";
    std::fs::write(folder.path().join("verloop.yaml"), settings).unwrap();
    let server = Server::start(folder.path());
    let mode = std::fs::metadata(folder.path().join("zaken.sock")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o666);
    // The account that the system tells has no person here, whatever name is said.
    let asked = verloop(folder.path(), &["open", "klacht", "--as", "anna"]).output().unwrap();
    assert_eq!(asked.status.code(), Some(7), "{}", said(&asked));
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_broken_folder_does_not_stop_the_server() {
    let folder = tempfile::tempdir().unwrap();
    workspace(folder.path());
    let here = folder.path();
    let opens = ["open", "klacht", "--as", "anna", "--for", "klager"];
    assert!(verloop(here, &opens).output().unwrap().status.success());
    for (name, text) in
        [("klacht.yaml", "procedure: klacht\nsteps: ["), ("mensen.yaml", "people: [")]
    {
        std::fs::write(here.join(name), text).unwrap();
    }
    let server = Server::start(here);
    let opened = verloop(here, &opens).output().unwrap();
    assert!(opened.status.success(), "{}", said(&opened));
    let status = verloop(here, &["status"]).output().unwrap();
    assert_eq!(status.status.code(), Some(1));
    assert!(said(&status).contains("klacht.yaml:2:"), "{}", said(&status));
    std::fs::write(here.join("verloop.yaml"), "store: [\n").unwrap();
    std::thread::sleep(Duration::from_millis(400));
    let asked = ["--store", "zaken.redb", "show", "1"];
    let shown = verloop(here, &asked).output().unwrap();
    assert!(shown.status.success(), "{}", said(&shown));
    assert_eq!(server.end(), Some(0));
    // At a new start, settings that are wrong can't name the store: it is named.
    let log = std::fs::File::create(here.join("server.log")).unwrap();
    let mut command = verloop(here, &["serve", "--no-web", "--store", "zaken.redb"]);
    let mut process = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let mut answered = None;
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(50));
        if here.join("zaken.sock").exists() {
            answered = Some(verloop(here, &asked).output().unwrap());
            break;
        }
    }
    let _ = process.kill();
    let _ = process.wait();
    let answered = answered.unwrap();
    assert!(answered.status.success(), "{}", said(&answered));
}
