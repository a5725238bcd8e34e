//! Making a new store.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::params;

use super::{Binding, Result, StoreError, beside, open_writing};
use crate::billing::time::Timestamp;

/// Makes a store whole under another name first: whoever looks meanwhile, or after this process was killed, finds none
/// or all of it. Made in place, a kill could leave a rollback journal that no reading connection may play back.
/// The caller holds the write lock.
pub(super) fn create(path: &Path, binding: &Binding, now: Timestamp) -> Result<()> {
    let unfinished = beside(path, "new");
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    // What a process left that died here.
    for leftover in ["journal", "wal", "shm"].map(|suffix| beside(&unfinished, suffix)) {
        remove(&leftover).map_err(io)?;
    }
    remove(&unfinished).map_err(io)?;
    create_private_file(&unfinished).map_err(io)?;
    let conn = open_writing(&unfinished)?;
    conn.execute(
        "INSERT INTO store (one, store_id, target, created_at) VALUES (1, ?1, ?2, ?3)",
        params![binding.fresh_id, binding.target, now.0],
    )?;
    // Everything must be in the one file that gets the name. The close itself would not say that it failed.
    let busy: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if busy {
        return Err(StoreError::Broken("another process reads a store that is not finished".to_owned()));
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    conn.close().map_err(|(_, error)| error)?;
    std::fs::rename(&unfinished, path).map_err(io)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all()).map_err(io)
}

fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn create_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
