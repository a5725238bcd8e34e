//! SQL. The only room with rusqlite; one file per table group; rows become `billing` types here.
//!
//! What holds: every write is one `BEGIN IMMEDIATE` transaction behind a lock file, with `now` frozen for its length;
//! work inside it is a plain closure, so nothing can be awaited there. Exit 0 means durable: WAL with
//! `synchronous=FULL`. Reading opens the file read-only. To add a table: a migration, a file here, its SQL tests.

pub mod allocation;
pub mod audit;
pub mod billed;
mod binding;
pub mod catalog;
pub mod checks;
pub mod correction;
pub mod customer;
pub mod delivery;
mod error;
pub mod explain;
pub mod finding;
pub mod finding_export;
#[cfg(test)]
pub(crate) mod fresh;
pub mod inbox;
pub mod intent;
pub mod invoice;
pub mod invoice_hold;
pub mod ledger;
mod lock;
mod migrate;
pub mod notice;
pub mod notice_send;
mod open;
pub mod overrides;
pub mod owner;
pub mod pending;
pub mod query;
pub mod reconcile;
pub mod report;
pub mod revision;
pub mod rollup;
pub mod run;
pub mod sale;
pub mod span;
pub mod state_finding;
pub mod stripe_grant;
pub mod subscription;
pub mod tick;
pub mod tier;
pub mod tier_checkout;
pub mod usage;
pub mod usage_credit;
pub mod usage_export;
pub mod usage_group;
pub mod usage_show;
pub mod usage_totals;
pub mod usage_void;
pub mod watch;

pub use catalog::AppliedMeter;
pub use error::StoreError;
pub use lock::{LOCK_WAIT_MAX, NamedLock};
pub use migrate::{SCHEMA_VERSION, Step, steps_from};
pub use open::{
    About, BackupFound, BackupMade, Binding, Info, LastRun, Origin, OwnerSeen, Present, Putting, Reader,
    Restore, Rows, SchemaFound, Shelf, StepRun, Store, Twin, Upgraded, Writer, about_older, backup_look,
    present_look, restore, schema_look, upgrade,
};

/// Shorthand of this room.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The number of a row of `customer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerRow(pub i64);

/// The number of a row of `meter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeterRow(pub i64);
