//! The texts of an organisation: the files of its workspace, its people, and what is stored of procedures.

pub mod almanac;
mod bases;
mod bundle;
mod diff;
pub mod file;
pub mod layout;
mod organisation;
mod premises;
mod publications;
pub mod staffing;
mod workspace;

pub use bases::{BASES, BaseText, known as known_bases, named as base_named};
pub use bundle::{Bundle, BundleError};
pub use diff::{Difference, Meaning, diff};
pub use organisation::{Absence, Member, ORGANISATION_SCHEMA, Organisation};
pub use premises::{Premises, PremisesText};
pub use publications::{
    CaseDays, CatalogAct, CatalogFact, Publications, Published, SpanFinding, numbered_name,
};
pub use workspace::{
    Activation, DocumentSettings, SETTINGS, SignIn, WORKSPACE_SCHEMA, Workspace, WorkspaceError,
};
