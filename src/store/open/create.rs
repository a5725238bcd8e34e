//! Making a new store.

use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};

use super::copy::{create_private_file, orphans_aside, put_in_place, remove_unfinished};
use super::{Binding, Result, StoreError, beside, open_migrated};
use crate::billing::time::Timestamp;

/// Makes a store whole under another name first: whoever looks meanwhile, or after this process was killed, finds none
/// or all of it. Made in place, a kill could leave a rollback journal that no reading connection may play back.
/// The caller holds the write lock.
pub(super) fn create(path: &Path, binding: &Binding, now: Timestamp) -> Result<()> {
    let unfinished = beside(path, "new");
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    remove_unfinished(&unfinished)?;
    create_private_file(&unfinished).map_err(io)?;
    let conn = open_migrated(&unfinished)?;
    conn.execute(
        "INSERT INTO store (one, store_id, target, created_at) VALUES (1, ?1, ?2, ?3)",
        params![binding.fresh_id, binding.target, now.0],
    )?;
    close_whole(conn)?;
    orphans_aside(path, &beside(path, "wal.orphaned"))?;
    put_in_place(&unfinished, path)
}

/// Closes so that everything is in the one file that gets the name. The close itself would not say that it failed.
pub(super) fn close_whole(conn: Connection) -> Result<()> {
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        return Err(StoreError::Broken("another process reads a store that is not finished".to_owned()));
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    conn.close().map_err(|(_, error)| error)?;
    Ok(())
}
