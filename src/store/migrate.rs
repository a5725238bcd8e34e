//! Numbered migrations: embedded, one transaction each, forward only, never edited once released.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::{Result, StoreError};

const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_store.sql"),
    include_str!("../../migrations/0002_catalog.sql"),
    include_str!("../../migrations/0003_customers.sql"),
    include_str!("../../migrations/0004_ledger.sql"),
    include_str!("../../migrations/0005_usage.sql"),
    include_str!("../../migrations/0006_deliveries.sql"),
    include_str!("../../migrations/0007_reconcile.sql"),
    include_str!("../../migrations/0008_invoices.sql"),
    include_str!("../../migrations/0009_inbox.sql"),
    include_str!("../../migrations/0010_credits.sql"),
    include_str!("../../migrations/0011_tiers.sql"),
    include_str!("../../migrations/0012_notices.sql"),
    include_str!("../../migrations/0013_compare.sql"),
    include_str!("../../migrations/0014_undo.sql"),
    include_str!("../../migrations/0015_backup.sql"),
    include_str!("../../migrations/0016_corrections.sql"),
    include_str!("../../migrations/0017_pending.sql"),
    include_str!("../../migrations/0018_overrides.sql"),
    include_str!("../../migrations/0019_checkouts.sql"),
    include_str!("../../migrations/0020_views.sql"),
    include_str!("../../migrations/0021_audit.sql"),
    include_str!("../../migrations/0022_locate.sql"),
    include_str!("../../migrations/0023_usage_blocks.sql"),
    include_str!("../../migrations/0024_totals.sql"),
];

/// The schema that this version writes: the number of its migrations.
#[allow(clippy::cast_possible_wrap)] // A handful of files.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// The schema version of a file.
pub(super) fn version(conn: &Connection) -> Result<i64> {
    Ok(conn.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Refuses a store that a newer version wrote, before a byte is written.
pub(super) fn refuse_newer(conn: &Connection, path: &Path) -> Result<i64> {
    let found = version(conn)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: SCHEMA_VERSION });
    }
    Ok(found)
}

/// Brings the schema up to date. The version is read again inside each transaction: another process may have been first.
pub(super) fn run(conn: &mut Connection, path: &Path) -> Result<()> {
    while refuse_newer(conn, path)? < SCHEMA_VERSION {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let at = refuse_newer(&tx, path)?;
        let next = usize::try_from(at).ok().and_then(|at| MIGRATIONS.get(at));
        if let Some(sql) = next {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "user_version", at + 1)?;
        }
        tx.commit()?;
    }
    Ok(())
}
