//! Documents: kept once, before the case says that they are there, and given out only as they came in.

#![expect(clippy::disallowed_methods, reason = "looks at the files that were kept")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use verloop::case::{Act, Actor, Do, Document, Fact, Party, Person, PersonId, ever};
use verloop::catalog::Bundle;
use verloop::engine::{
    Adopted, Brought, Clock, DocumentError, DocumentFolder, DocumentLimits, Engine, EngineError,
    Intake, LetterFolder, Request, SetClock,
};
use verloop::procedure::Name;
use verloop::store::memory::MemoryStore;
use verloop::store::{CaseKey, Store};
use verloop::time::{Almanac, Instant};

struct Desk {
    engine: Engine,
    clock: Arc<SetClock>,
    folder: Arc<DocumentFolder>,
    at: TempDir,
    key: CaseKey,
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn handler() -> Actor {
    let roles = BTreeSet::from([Name::from("behandelaar")]);
    Actor::new(Person::new(PersonId::staff("anna"), roles))
}

fn desk() -> Desk {
    desk_with(DocumentLimits { largest: 100_000, most: 4, types: Vec::new() })
}

fn desk_with(limits: DocumentLimits) -> Desk {
    let place = tempfile::tempdir().unwrap();
    let folder = Arc::new(DocumentFolder::at(place.path().join("documents"), limits));
    let clock = Arc::new(SetClock::at(at("2026-03-02T09:00:00Z")));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let engine = Engine::new(store, clock.clone()).keeping_documents_in(folder.clone());
    let bundle = Bundle::read(Path::new("tests/procedures/klacht-met-brieven.yaml"));
    let bundle = bundle.unwrap_or_else(|_| panic!("it is there"));
    let adopted = Adopted::new(&bundle, &Almanac::shipped()).unwrap_or_else(|_| panic!("sound"));
    let role = Name::from("klager");
    let party = Party::new(role.clone(), PersonId::outside(&role, 1)).called("Anna");
    let data = serde_json::json!({ "onderwerp": "Te laat" });
    let serde_json::Value::Object(data) = data else { panic!("an object") };
    let intake = Intake { parties: vec![party], data, ..Intake::default() };
    let by = Request::by(handler().entering_for("klager"));
    let key = engine.open(&adopted, &intake, &by).unwrap().file.key.unwrap();
    Desk { engine, clock, folder, at: place, key }
}

impl Desk {
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.at.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn brought(&self, name: &str, bytes: &[u8]) -> Brought {
        self.folder.read_in(&self.file(name, bytes), false).unwrap()
    }

    fn attach(&self, brought: Vec<Brought>) -> Result<Vec<Document>, EngineError> {
        let request = Request::by(handler()).with(brought);
        let done = self.engine.act(self.key, &Act::Attach, &request)?;
        Ok(done.file.case.documents.into_iter().map(|known| known.document).collect())
    }

    /// The files in the folder of documents.
    fn kept(&self) -> Vec<PathBuf> {
        let mut kept = Vec::new();
        let Ok(folders) = std::fs::read_dir(self.folder.path()) else { return kept };
        for entry in folders {
            let path = entry.unwrap().path();
            if path.is_dir() {
                kept.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else {
                kept.push(path);
            }
        }
        kept
    }

    fn bytes(&self, document: &Document) -> Result<Vec<u8>, DocumentError> {
        let mut bytes = Vec::new();
        self.folder.copy(document, &mut bytes).map(|()| bytes)
    }
}

#[test]
fn the_same_bytes_are_kept_once_under_as_many_names_as_they_have() {
    let desk = desk();
    let first = desk.attach(vec![desk.brought("klacht.txt", b"Geachte heer")]).unwrap();
    let two = vec![desk.brought("klacht.txt", b"Geachte heer"), desk.brought("b.txt", b"Anders")];
    let all = desk.attach(two).unwrap();
    let names: Vec<&str> = all.iter().map(|document| document.name.as_str()).collect();
    assert_eq!(names, ["klacht.txt", "klacht (2).txt", "b.txt"]);
    assert_eq!(first[0].sha256, all[1].sha256);
    assert_eq!(desk.kept().len(), 2, "{:?}", desk.kept());
    assert_eq!(desk.bytes(&all[1]).unwrap(), b"Geachte heer");
    assert_eq!(desk.bytes(&all[2]).unwrap(), b"Anders");
    let place = desk.folder.place_of(&all[0].sha256);
    let digits = place.strip_prefix(desk.folder.path()).unwrap().display().to_string();
    assert_eq!(digits.replace('/', ""), all[0].sha256, "it lies under its digest: {digits}");
}

#[test]
fn what_is_not_what_came_in_is_not_given_out_and_not_written_over() {
    let desk = desk();
    let known = desk.attach(vec![desk.brought("klacht.txt", b"Geachte heer")]).unwrap();
    let place = desk.folder.place_of(&known[0].sha256);
    for damage in [&b"Geachte meer"[..], b"", b"Geachte heer, en meer"] {
        std::fs::write(&place, damage).unwrap();
        let mut out = Vec::new();
        let given = desk.folder.copy(&known[0], &mut out);
        assert!(matches!(given, Err(DocumentError::Damaged { .. })), "{given:?}");
        assert!(out.is_empty(), "not one byte of it");
        let path = desk.at.path().join("copy.txt");
        assert!(desk.folder.copy_to(&known[0], &path).is_err() && !path.exists());
        let again = desk.attach(vec![desk.brought("klacht.txt", b"Geachte heer")]);
        let refused = matches!(again, Err(EngineError::Document(DocumentError::Damaged { .. })));
        assert!(refused, "{again:?}");
        assert_eq!(std::fs::read(&place).unwrap(), damage);
    }
    std::fs::remove_file(&place).unwrap();
    let given = desk.bytes(&known[0]);
    assert!(matches!(given, Err(DocumentError::Missing { .. })), "{given:?}");
    let case = desk.engine.case(desk.key).unwrap().case;
    assert_eq!(case.documents.len(), 1, "what could not be kept is not on record");
    desk.attach(vec![desk.brought("klacht.txt", b"Geachte heer")]).unwrap();
    assert_eq!(desk.bytes(&known[0]).unwrap(), b"Geachte heer", "the same bytes are back");
}

#[test]
fn only_plain_files_are_taken_in_and_never_more_than_may_be() {
    let desk = desk_with(DocumentLimits {
        largest: 70_000,
        most: 2,
        types: vec!["application/pdf".to_owned(), "text/*".to_owned()],
    });
    let whole = desk.file("whole.txt", &vec![b'a'; 70_000]);
    let larger = desk.file("larger.txt", &vec![b'a'; 70_001]);
    let image = desk.file("klacht.pdf", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    let link = desk.at.path().join("link.txt");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&whole, &link).unwrap();
    let pipe = desk.at.path().join("pipe.txt");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let nameless = desk.file("\u{202e}\u{200b}", b"x");
    let folder = desk.at.path().to_owned();
    for (path, expected) in [
        (&larger, "is larger than 70 kB"),
        (&image, "`klacht.pdf` is image/png, which is not taken in here"),
        (&link, "is not a plain file"),
        (&pipe, "is not a plain file"),
        (&folder, "is not a plain file"),
        (&folder.join("nothing"), "there is no file"),
        (&PathBuf::new(), "is not a plain file"),
        (&folder.join(".."), "is not a plain file"),
        (&nameless, "is not a plain file"),
    ] {
        let error = desk.folder.read_in(path, false).unwrap_err().to_string();
        assert!(error.contains(expected), "{}: {error}", path.display());
    }
    let endless = desk.folder.take("endless.txt", std::io::repeat(b'a'), false);
    assert!(matches!(endless, Err(DocumentError::TooLarge { .. })), "{endless:?}");
    assert_eq!(desk.kept(), Vec::<PathBuf>::new(), "nothing is left of what was not taken in");
    let whole = desk.folder.read_in(&whole, false).unwrap();
    assert_eq!(whole.document.size, 70_000);
    desk.attach(vec![whole.clone()]).unwrap();
    let two = vec![desk.brought("a.txt", b"a"), desk.brought("b.txt", b"b")];
    let third = desk.attach(two);
    let too_many = matches!(third, Err(EngineError::Document(DocumentError::TooMany { most: 2 })));
    assert!(too_many, "{third:?}");
    desk.attach(vec![desk.brought("a.txt", b"a")]).unwrap();
    let digest = &whole.document.sha256;
    assert_eq!(*digest, verloop::case::digest_of(&vec![b'a'; 70_000]), "read in parts");
}

#[test]
fn bytes_are_there_before_the_case_says_so_and_go_when_it_never_does() {
    let desk = desk();
    let stranger = Actor::new(Person::new(PersonId::staff("bart"), BTreeSet::new()));
    let brought = desk.brought("klacht.txt", b"Geachte heer");
    let refused = Request::by(stranger).with(vec![brought]);
    assert!(desk.engine.act(desk.key, &Act::Attach, &refused).is_err());
    drop(refused);
    assert_eq!(desk.kept(), Vec::<PathBuf>::new(), "a refused act leaves nothing behind");
    let brought = desk.folder.read_in(&desk.file("klacht.txt", b"Geachte heer"), true).unwrap();
    let tried = Request { dry_run: true, ..Request::by(handler()) }.with(vec![brought]);
    let tried = desk.engine.act(desk.key, &Act::Attach, &tried).unwrap();
    assert_eq!(tried.file.case.documents.len(), 1);
    assert_eq!(desk.kept(), Vec::<PathBuf>::new(), "nor does one that was only tried");
    // The process dies when the bytes are kept and the event is not: they lie there, and no case knows of them.
    let crashed = desk.brought("klacht.txt", b"Geachte heer");
    desk.folder.keep(&crashed).unwrap();
    drop(crashed);
    assert_eq!(desk.kept().len(), 1);
    assert_eq!(desk.engine.case(desk.key).unwrap().case.documents, []);
    let known = desk.attach(vec![desk.brought("klacht.txt", b"Geachte heer")]).unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!((desk.kept().len(), desk.bytes(&known[0]).unwrap()), (1, b"Geachte heer".to_vec()));
    // What is only described, and lies nowhere, does not come on record.
    let described = Brought::only_described("nergens.txt", None, b"nergens");
    let missing = desk.attach(vec![described]);
    assert!(matches!(missing, Err(EngineError::Document(DocumentError::Missing { .. }))));
    // Where bytes can't be kept, nothing is done.
    let blocked = desk.brought("anders.txt", b"Anders");
    let place = desk.folder.place_of(&blocked.document.sha256);
    std::fs::write(place.parent().unwrap(), "in the way").unwrap();
    let request = Request::by(handler()).with(vec![blocked]);
    let act = Act::Do(Do::step("ontvangstbevestiging"));
    assert!(matches!(
        desk.engine.act(desk.key, &act, &request),
        Err(EngineError::Document(DocumentError::Io { .. }))
    ));
    assert_eq!(desk.engine.case(desk.key).unwrap().case.letters, [], "the act was not done");
}

#[test]
fn a_document_comes_with_its_act_once_and_also_when_that_is_told_late() {
    let desk = desk();
    let mut with_id = Request::by(handler());
    with_id.id = Some(verloop::store::CommandId::new("een").unwrap());
    let step = Act::Do(Do::step("ontvangstbevestiging"));
    let request = with_id.clone().with(vec![desk.brought("bewijs.txt", b"post")]);
    let done = desk.engine.act(desk.key, &step, &request).unwrap();
    let facts: Vec<&Fact> = done.events.iter().map(|event| &event.fact).collect();
    let Fact::DocumentAdded { number: 1, document, with: Some(with) } = facts[0] else {
        panic!("the document first: {facts:?}")
    };
    assert_eq!((document.name.as_str(), with.as_str()), ("bewijs.txt", "ontvangstbevestiging"));
    let again = with_id.clone().with(vec![desk.brought("bewijs.txt", b"post")]);
    let again = desk.engine.act(desk.key, &step, &again).unwrap();
    assert!(again.repeated && again.file.case.documents.len() == 1);
    let other = with_id.with(vec![desk.brought("bewijs.txt", b"een andere")]);
    let other = desk.engine.act(desk.key, &step, &other);
    assert!(matches!(other, Err(EngineError::IdTaken { .. })), "{other:?}");
    // Told a week later: it happened between the opening and the receipt.
    desk.clock.set(at("2026-03-09T09:00:00Z"));
    let answer = Do::step("antwoord").ending_as("gegrond").with("bevindingen", "Te laat.");
    let empty: Vec<String> = Vec::new();
    let answer = Act::Do(answer.with("maatregelen", empty));
    let request = Request::by(handler()).with(vec![desk.brought("antwoord.txt", b"Ja.")]);
    desk.engine.act(desk.key, &answer, &request).unwrap();
    desk.clock.set(at("2026-03-10T09:00:00Z"));
    let contact = verloop::case::Contact { address: Some("Dorp 1".into()), ..Default::default() };
    let (role, person) = (Name::from("klager"), PersonId::outside(&"klager".into(), 1));
    let change = Act::Party(verloop::case::PartyAct::Change { role, person, contact });
    let by = handler().entering_for("klager");
    let late = Request { at: Some(at("2026-03-05T09:00:00Z")), ..Request::by(by) };
    let late = late.with(vec![desk.brought("bewijs.txt", b"verhuisd")]);
    let told = desk.engine.act(desk.key, &change, &late).unwrap();
    let documents = &told.file.case.documents;
    let names: Vec<_> =
        documents.iter().map(|known| (known.number, known.document.name.as_str())).collect();
    assert_eq!(names, [(1, "bewijs.txt"), (3, "bewijs (2).txt"), (2, "antwoord.txt")]);
    let history = desk.engine.history(desk.key).unwrap();
    let added = ever(&history).into_iter().filter(|e| matches!(e.fact, Fact::DocumentAdded { .. }));
    assert_eq!(added.count(), 3, "each came on record once");
    assert!(desk.clock.now() >= told.file.case.latest.unwrap());
}

/// A complaint of which a copy goes out with what came with it.
const WITH_A_COPY: &str = "\
procedure: klacht
jurisdiction: nl
reference: \"K-{year}-{number:04}\"
roles:
  klager: { party: true }
  beklaagde: { party: true }
  behandelaar: { acts-for: [klager] }
case: { who: [klager, behandelaar] }
steps:
  afschrift: { who: behandelaar, letter: afschrift }
  horen: { after: afschrift, who: behandelaar }
  sluiten: { after: horen, ends: gesloten }
letters:
  afschrift: { to: beklaagde, enclose: [open, afschrift] }
";

#[test]
fn what_goes_with_a_letter_lies_beside_it_once_and_only_as_it_came_in() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("klacht.yaml");
    std::fs::write(&path, WITH_A_COPY).unwrap();
    let bundle = Bundle::read(&path).unwrap_or_else(|_| panic!("it is there"));
    let adopted = Adopted::new(&bundle, &Almanac::shipped()).unwrap_or_else(|_| panic!("sound"));
    let limits = DocumentLimits::default();
    let folder = Arc::new(DocumentFolder::at(place.path().join("documents"), limits));
    let letters = LetterFolder::at(place.path().join("outbox"));
    let clock = Arc::new(SetClock::at(at("2026-03-02T09:00:00Z")));
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let engine = Engine::new(store, clock)
        .keeping_documents_in(folder.clone())
        .delivering_to(Arc::new(letters.clone()));
    let party = |role: &str| Party::new(role, PersonId::outside(&Name::from(role), 1));
    let parties = vec![party("klager"), party("beklaagde").called("Jansen")];
    let intake = Intake { parties, ..Intake::default() };
    let take = |name: &str, bytes: &[u8]| folder.take(name, bytes, false).unwrap();
    let by = Request::by(handler().entering_for("klager"));
    let by = by.with(vec![take("Klacht van De Boer.PDF", b"%PDF-1.7 klacht")]);
    let key = engine.open(&adopted, &intake, &by).unwrap().file.key.unwrap();
    let alone = Request::by(handler()).with(vec![take("later.txt", b"later")]);
    let opened = engine.act(key, &Act::Attach, &alone).unwrap();
    let first = opened.file.case.documents[0].document.clone();
    let kept = folder.place_of(&first.sha256);
    std::fs::write(&kept, "%PDF-1.7 xlacht").unwrap();
    let request = Request::by(handler()).with(vec![take("toelichting.txt", b"toelichting")]);
    let done = engine.act(key, &Act::Do(Do::step("afschrift")), &request).unwrap();
    let sent = &done.file.case.letters[0];
    let numbers: Vec<u32> = sent.enclosures.iter().map(|enclosure| enclosure.number).collect();
    assert_eq!(numbers, [1, 3], "what came with the opening and with the step, no more");
    assert_eq!(sent.enclosures[0].sha256, first.sha256);
    let names = || {
        let mut names: Vec<String> = std::fs::read_dir(letters.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let digest = |text: &[u8]| verloop::case::digest_of(text)[..12].to_owned();
    let second = format!("K-2026-0001-afschrift-beklaagde-1-3-{}.txt", digest(b"toelichting"));
    assert_eq!(names(), [second.as_str()], "what is damaged does not go out");
    let waits = engine.deliver().unwrap();
    assert_eq!(waits.failed.len(), 1, "and it is told: {waits:?}");
    std::fs::write(&kept, "%PDF-1.7 klacht").unwrap();
    assert!(engine.deliver().unwrap().failed.is_empty());
    let first = format!("K-2026-0001-afschrift-beklaagde-1-1-{}.pdf", digest(b"%PDF-1.7 klacht"));
    assert_eq!(names(), [first.as_str(), second.as_str()], "its name says nobody's name");
    assert_eq!(std::fs::read(letters.path().join(&first)).unwrap(), b"%PDF-1.7 klacht");
    assert_eq!(engine.deliver().unwrap().files.len(), 0, "nothing waits any longer");
}
