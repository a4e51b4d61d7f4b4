//! The texts of an organisation: the files of its workspace, its people, and what is stored of procedures.

pub mod almanac;
mod bundle;
pub mod file;
pub mod layout;
mod organisation;
pub mod staffing;
mod workspace;

pub use bundle::{Bundle, BundleError};
pub use organisation::{Absence, Member, ORGANISATION_SCHEMA, Organisation};
pub use workspace::{
    DocumentSettings, SETTINGS, SignIn, WORKSPACE_SCHEMA, Workspace, WorkspaceError,
};
