//! What can go wrong with the store.

use std::path::PathBuf;

/// A failure of the store. Rules that say no are values of their own, not errors of this kind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process held the lock for longer than we wait.
    #[error("the store {path} is busy: another process has held its lock for {waited_s} s")]
    Busy {
        /// The store's file.
        path: PathBuf,
        /// Seconds that were waited.
        waited_s: u64,
    },
    /// Written by a newer version.
    #[error("the store {path} has schema {found}, newer than {known}, which is all that this version knows")]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Written by an earlier version, and the command only reads.
    #[error("the store {path} has schema {found}, and this version reads {known}")]
    Older {
        /// The store's file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A migration did not get to its end.
    #[error("the store {path} could not be brought from schema {at} to {}", at + 1)]
    Migration {
        /// The store's file.
        path: PathBuf,
        /// The schema at which it began.
        before: i64,
        /// The schema that it has now; the next one, where its commit failed after all was written.
        at: i64,
        /// Whether the disk failed while the step was made durable.
        is_at_commit: bool,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The backup that comes before a migration could not be made, so that nothing was migrated.
    #[error("the store {path} keeps schema {schema}: the backup that comes first cannot be made at {place}")]
    NoBackup {
        /// The store's file.
        path: PathBuf,
        /// Its schema version.
        schema: i64,
        /// Where the backup would stand.
        place: PathBuf,
        /// Why.
        #[source]
        source: Box<StoreError>,
    },
    /// What a migration would do was done to a copy first and failed there, so that nothing was migrated.
    #[error("the store {path} keeps schema {schema}: its migration fails on a copy of it")]
    NoTrial {
        /// The store's file.
        path: PathBuf,
        /// Its schema version.
        schema: i64,
        /// Why.
        #[source]
        source: Box<StoreError>,
    },
    /// A newer version has migrated it while it was open.
    #[error("a newer paygrade has brought the store {path} to schema {found} while this command ran")]
    Migrated {
        /// The store's file.
        path: PathBuf,
        /// Its schema version now.
        found: i64,
    },
    /// A SQLite file of another program, or no SQLite file.
    #[error("{path} is not a paygrade store")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// There is none yet, and the command only reads.
    #[error("there is no store at {path} yet")]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// Damaged.
    #[error("the store is damaged: {what}")]
    Corrupt {
        /// What was found.
        what: String,
    },
    /// The file system said no.
    #[error("{path} cannot be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// SQLite said no.
    #[error("the store cannot be read or written")]
    Sql(#[source] rusqlite::Error),
    /// The disk failed while a commit was made durable, and again while it was taken back.
    #[error("the disk failed at the last moment: what was to be written may be recorded or not")]
    Unsure(#[source] rusqlite::Error),
    /// A file has got its name, and the disk failed while the name was made durable.
    #[error("{path} is there, and whether it still is after a power cut is not known")]
    NameUnsure {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Something that must always hold does not.
    #[error("broken invariant: {0}")]
    Broken(String),
    /// A restore has put another store in its place while it was open.
    #[error("the store {path} was restored from a backup while this command ran")]
    Replaced {
        /// The store's file.
        path: PathBuf,
    },
    /// Bound to another target or account.
    #[error("the store {path} belongs to {bound}, not to {asked}")]
    OtherTarget {
        /// The store's file.
        path: PathBuf,
        /// What it is bound to.
        bound: String,
        /// What was asked for.
        asked: String,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => {
                StoreError::Corrupt { what: error.to_string() }
            }
            _ => StoreError::Sql(error),
        }
    }
}
