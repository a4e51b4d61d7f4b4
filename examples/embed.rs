//! The library in another program: an accepted act, a refused one, and a deadline that explains itself.
//!
//! Run it with `cargo run --example embed`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use verloop::case::{Act, Actor, Do, Party, PersonId};
use verloop::catalog::{Bundle, Organisation};
use verloop::diagnostic::{Style, render};
use verloop::engine::{Adopted, Engine, EngineError, Intake, Request, SetClock};
use verloop::language::Language;
use verloop::store::memory::MemoryStore;
use verloop::time::Almanac;

fn main() -> Result<(), Box<dyn Error>> {
    let bundle = Bundle::read(Path::new("procedures/klachtenprocedure/klachtenprocedure.yaml"))
        .map_err(|error| format!("{error:?}"))?;
    let adopted = Adopted::new(&bundle, &Almanac::shipped())
        .map_err(|findings| render(&findings, Style::Plain))?;
    let people = "organisation: Voorbeeld\npeople:\n  anna: { name: Anna, roles: [behandelaar] }\n";
    let people = Organisation::from_text(people).map_err(|found| render(&found, Style::Plain))?;
    let anna = people.person("anna").ok_or("Anna is in the file")?;

    let clock = SetClock::at("2026-11-02T09:00:00Z".parse()?);
    let engine = Engine::new(Arc::new(MemoryStore::new()), Arc::new(clock));
    let klager = PersonId::outside(&"klager".into(), 1);
    let intake = Intake {
        channel: Some("e-mail".into()),
        parties: vec![Party::new("klager", klager).called("P. Bakker")],
        data: serde_json::from_str(r#"{ "onderwerp": "Wachttijd", "omschrijving": "Twee uur." }"#)?,
        ..Intake::default()
    };
    let opened = engine.open(&adopted, &intake, &Request::by(Actor::new(anna.clone())))?;
    println!("opened {}", opened.file.reference());
    let key = opened.file.key.ok_or("an opened case has a key")?;

    let acknowledge = Act::Do(Do::step("ontvangstbevestiging"));
    let done = engine.act(key, &acknowledge, &Request::by(Actor::new(anna.clone())))?;
    println!("accepted: {} events", done.events.len());

    let answer = Act::Do(Do::step("antwoord").ending_as("gegrond"));
    match engine.act(key, &answer, &Request::by(Actor::new(anna))) {
        Err(EngineError::Refused { refusal, .. }) => {
            let zone = &adopted.procedure.zone;
            println!("refused ({}): {}", refusal.code(), refusal.in_words(zone, Language::En));
        }
        other => return Err(format!("expected a refusal: {other:?}").into()),
    }
    Ok(())
}
