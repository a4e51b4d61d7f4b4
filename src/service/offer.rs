//! One offer: the text that stands on disk, beside those on record.

use super::house::QUIET;
use super::words::lines;
use crate::catalog::{Activation, Bundle, BundleError, Workspace, WorkspaceError, file, layout};
use crate::diagnostic::Diagnostic;
use crate::engine::{
    Adopted, CatalogError, Engine, EngineError, PublishedNow, Publisher, Publishing,
};
use crate::procedure::Version;
use crate::scenario::{ScenarioError, Suite};
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// How often a text is looked at that is written to all the time.
const MOST_LOOKS: usize = 16;

/// How texts become current in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Whether a sound text becomes current by being saved.
    pub activation: Activation,
    /// Whether somebody else than the publisher activates it.
    pub four_eyes: bool,
}

impl Rules {
    /// Returns those of a workspace.
    pub fn of(workspace: &Workspace) -> Self {
        Self { activation: workspace.activate, four_eyes: workspace.four_eyes }
    }
}

/// What stands on disk under the name of a procedure, beside what is on record.
#[derive(Debug)]
pub struct Offered {
    /// The name of the procedure.
    pub procedure: String,
    /// Its file.
    pub file: String,
    /// What became of the offer.
    pub offer: Offer,
}

/// What became of an offer.
#[derive(Debug)]
pub enum Offer {
    /// The text is on record and active.
    Same {
        /// Its number.
        number: u32,
    },
    /// The text is on record, and another one is active: it was taken back, or never activated.
    Waiting {
        /// Its number.
        number: u32,
    },
    /// The text is sound, and waits for somebody to publish it.
    Ready {
        /// The text.
        adopted: Box<Adopted>,
        /// How many scenarios beside it went as expected.
        scenarios: usize,
    },
    /// The text was published.
    Published(PublishedNow),
    /// The text is wrong, and what was active stays so.
    Refused {
        /// Its hash, if it could be read that far.
        version: Option<Version>,
        /// What is wrong with it.
        findings: Vec<Diagnostic>,
        /// What else stands against it.
        against: Vec<Against>,
    },
}

/// What stands against a text in which nothing is wrong by itself.
#[derive(Debug)]
pub enum Against {
    /// A scenario beside it goes otherwise; where, and how.
    Scenario(String),
    /// Its file can't be read.
    Unreadable(String),
    /// Another file holds the procedure of this name; which.
    Elsewhere(String),
    /// It has no place among those on record.
    Record(CatalogError),
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scenario(line) | Self::Unreadable(line) => f.write_str(line),
            Self::Elsewhere(file) => {
                write!(f, "two-files: {file} holds a procedure of this name too")
            }
            Self::Record(error) => error.fmt(f),
        }
    }
}

/// Looks at the text in a file, and writes nothing. Returns also on which other files that rests.
pub(super) fn look_at(
    engine: &Engine,
    path: &Path,
    procedure: &str,
) -> Result<(Offered, BTreeSet<PathBuf>), EngineError> {
    let (file, mut rests_on) = (file::shown(path), BTreeSet::new());
    let offered = |offer| Offered { procedure: procedure.to_owned(), file, offer };
    let refused = |findings| Offer::Refused { version: None, findings, against: Vec::new() };
    let bundle = match Bundle::read(path) {
        Ok(bundle) => bundle,
        Err(BundleError::Findings(findings)) => return Ok((offered(refused(findings)), rests_on)),
        Err(BundleError::File(error)) => {
            let against = vec![Against::Unreadable(error.to_string())];
            let offer = Offer::Refused { version: None, findings: Vec::new(), against };
            return Ok((offered(offer), rests_on));
        }
    };
    let beside = path.parent().unwrap_or_else(|| Path::new("."));
    rests_on.extend(bundle.files.keys().map(|named| beside.join(named)));
    // Paths in messages are written without the folder in which whoever reads them stands.
    let of_bases = bundle.bases.iter().filter_map(|base| base.path.as_deref());
    rests_on.extend(of_bases.map(|path| Path::new(".").join(path)));
    rests_on.extend(layout::scenarios_of(path));
    let offer = judge(engine, &bundle)?;
    Ok((offered(offer), rests_on))
}

/// Looks at the text of a procedure on disk, and writes nothing.
///
/// # Errors
/// [`WorkspaceError`] when there is no such file; [`EngineError`] when the store fails.
pub fn look(
    workspace: &Workspace,
    engine: &Engine,
    name: &str,
) -> Result<Result<Offered, WorkspaceError>, EngineError> {
    let bundle = match workspace.bundle(name) {
        Ok(bundle) => bundle,
        Err(WorkspaceError::Findings(findings)) => {
            let file = findings.first().map(|finding| finding.place.source.name.clone());
            let file = file.unwrap_or_default();
            let offer = Offer::Refused { version: None, findings, against: Vec::new() };
            return Ok(Ok(Offered { procedure: name.to_owned(), file, offer }));
        }
        Err(error) => return Ok(Err(error)),
    };
    let offer = judge(engine, &bundle)?;
    Ok(Ok(Offered { procedure: name.to_owned(), file: bundle.path, offer }))
}

/// Looks at a text until nobody writes to it any more, where it would become current by that.
fn settled(
    workspace: &Workspace,
    engine: &Engine,
    name: &str,
    rules: Rules,
) -> Result<Result<Offered, WorkspaceError>, EngineError> {
    let mut offered = look(workspace, engine, name)?;
    for _ in 0..MOST_LOOKS {
        let Ok(Offered { offer: Offer::Ready { adopted, .. }, .. }) = &offered else { break };
        if rules.activation == Activation::Manual {
            break;
        }
        std::thread::sleep(QUIET);
        let now = workspace.bundle(name).ok();
        if now.is_some_and(|now| adopted.is_of(&now)) {
            break;
        }
        offered = look(workspace, engine, name)?;
    }
    Ok(offered)
}

/// Takes the text of a procedure on disk as an offer: where the workspace activates by saving, a sound text that is new
/// becomes current, and a wrong one is put on record as refused, once.
///
/// # Errors
/// As [`look`].
pub fn take(
    workspace: &Workspace,
    engine: &Engine,
    name: &str,
    by: &Publisher,
) -> Result<Result<Offered, WorkspaceError>, EngineError> {
    let rules = Rules::of(workspace);
    let offered = match settled(workspace, engine, name, rules)? {
        Ok(offered) => offered,
        Err(error) => return Ok(Err(error)),
    };
    let done = offered.publishing(rules).map(|publishing| engine.publish(&publishing, by));
    let offered = match done {
        Some(Err(CatalogError::Engine(error))) => return Err(error),
        Some(done) => offered.published(done),
        None => offered,
    };
    offered.keep_refusal(engine, by)?;
    Ok(Ok(offered))
}

impl Offered {
    /// Returns what is to be published of it, where texts become current by being saved.
    pub(super) fn publishing(&self, rules: Rules) -> Option<Publishing<'_>> {
        let Offer::Ready { adopted, scenarios } = &self.offer else { return None };
        (rules.activation == Activation::Auto).then(|| Publishing {
            adopted,
            file: self.file.clone(),
            scenarios: *scenarios,
            activate: true,
            four_eyes: rules.four_eyes,
        })
    }

    /// Returns it with what became of publishing it.
    pub(super) fn published(self, done: Result<PublishedNow, CatalogError>) -> Self {
        match done {
            Ok(done) => Self { offer: Offer::Published(done), ..self },
            Err(error) => self.refused(Against::Record(error)),
        }
    }

    /// Returns it as refused for a reason outside its text.
    pub(super) fn refused(self, against: Against) -> Self {
        let version = match &self.offer {
            Offer::Ready { adopted, .. } => Some(adopted.procedure.version),
            Offer::Refused { version, .. } => *version,
            Offer::Same { .. } | Offer::Waiting { .. } | Offer::Published(_) => None,
        };
        let offer = Offer::Refused { version, findings: Vec::new(), against: vec![against] };
        Self { offer, ..self }
    }

    /// Puts on record that it was refused, once.
    pub(super) fn keep_refusal(&self, engine: &Engine, by: &Publisher) -> Result<(), EngineError> {
        if let Offer::Refused { version, findings, against } = &self.offer {
            let lines = lines(findings, against);
            engine.refuse_offer(&self.procedure, *version, &self.file, &lines, by)?;
        }
        Ok(())
    }
}

fn refused(adopted: &Adopted, against: Vec<Against>) -> Offer {
    let version = Some(adopted.procedure.version);
    Offer::Refused { version, findings: Vec::new(), against }
}

/// Judges a text, and writes nothing: it is on record already, wrong, or sound.
///
/// # Errors
/// [`EngineError`] when the store fails.
pub fn judge(engine: &Engine, bundle: &Bundle) -> Result<Offer, EngineError> {
    let adopted = match Adopted::new(bundle, engine.almanac()) {
        Ok(adopted) => adopted,
        Err(findings) => {
            return Ok(Offer::Refused { version: None, findings, against: Vec::new() });
        }
    };
    let procedure = &adopted.procedure;
    let record = engine.publications(procedure.name.as_str())?;
    if let Some(known) = record.of_version(procedure.version) {
        let number = known.number;
        let is_active = known.activated.is_some();
        return Ok(if is_active { Offer::Same { number } } else { Offer::Waiting { number } });
    }
    let (played, failed) = scenarios_of(Path::new(&bundle.path));
    if !failed.is_empty() {
        return Ok(refused(&adopted, failed.into_iter().map(Against::Scenario).collect()));
    }
    if let Err(error) = engine.may_publish(&adopted.procedure) {
        return match error {
            CatalogError::Engine(error) => Err(error),
            CatalogError::NoTransition { .. }
            | CatalogError::Spans(_)
            | CatalogError::SecondPerson { .. }
            | CatalogError::NoSuchVersion { .. }
            | CatalogError::NothingToDo { .. } => {
                Ok(refused(&adopted, vec![Against::Record(error)]))
            }
        };
    }
    Ok(Offer::Ready { adopted: Box::new(adopted), scenarios: played })
}

/// Plays the scenarios of a procedure. Returns how many went as expected, and what of each of the others.
pub(super) fn scenarios_of(file: &Path) -> (usize, Vec<String>) {
    let paths = layout::scenarios_of(file);
    if paths.is_empty() {
        return (0, Vec::new());
    }
    let suite = Suite::play(&paths, None);
    let failed = suite.tested.iter().filter(|one| !one.is_passed());
    let failed: Vec<String> = failed
        .map(|one| {
            let title = one.title.as_deref().unwrap_or_default();
            let (line, why) = match &one.played {
                Ok(played) => played.failures.first().map_or((1, String::new()), |failure| {
                    let (line, _) = failure.place.line_column();
                    (line, format!("expected {}, but {}", failure.expected, failure.but))
                }),
                Err(ScenarioError::File(error)) => (1, error.to_string()),
                Err(ScenarioError::Findings(findings)) => {
                    (1, lines(findings, &[]).into_iter().next().unwrap_or_default())
                }
                Err(ScenarioError::Engine(error)) => (1, error.to_string()),
            };
            format!("{}:{line} scenario «{title}» goes otherwise: {why}", file::shown(&one.path))
        })
        .collect();
    (suite.tested.len() - failed.len(), failed)
}
