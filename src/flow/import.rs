//! `usage import`: files of usage into the store, in bounded memory and short transactions. Importing a file twice
//! adds nothing.
//!
//! With `stop` a regular file is written while it is read, in one transaction that is taken back should anything in it be
//! wrong. Where others wait for the store, and to name all that is wrong, it is validated wholly, against the store too,
//! before the first row is written; a long one waits beside the store meanwhile, so that what is written is what was checked. What can be read only once stops after
//! the last whole chunk. With `skip` bad rows are told and passed over.

mod at_once;
mod chunk;
mod event;
mod json;
mod mapping;
mod rows;
mod run;
mod scan;
mod source;
mod spill;
mod tally;

pub use mapping::Mapping;
pub(in crate::flow) use rows::{Rows, Unreadable};
pub use run::{Hooks, Progress, import};
pub use source::{Format, From, Opened, Stamp};
pub(in crate::flow) use spill::unnamed;
pub use tally::{Reject, Shown, Sum, Summary};

use super::instant::Zone;

/// What to do with rows that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// Write nothing.
    Stop,
    /// Pass them over.
    Skip,
}

/// What an import is told.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the rows are.
    pub from: From,
    /// Which column is what.
    pub mapping: Mapping,
    /// Zone of times without one.
    pub zone: Zone,
    /// Between fields; a comma (of `.tsv` files a tab) where it is not said.
    pub delimiter: Option<u8>,
    /// What derived ids name as their source.
    pub source: Option<String>,
    /// What to do with rows that cannot be read.
    pub on_error: OnError,
    /// Only look.
    pub dry_run: bool,
}
