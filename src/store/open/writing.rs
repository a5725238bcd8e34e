//! Opening a store to write. Others write meanwhile: the lock is taken only for what two must not do at once.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::copy::sync_folder;
use super::{
    APPLICATION_ID, BUSY_WAIT, Binding, DURABLE, Origin, Store, StoreError, beside, cannot_open,
    check_target, create, harden, info, refuse_older, restore,
};
use crate::billing::time::Timestamp;
use crate::store::lock::{WriteLock, make_private_folder};
use crate::store::{Result, migrate};

/// Pages of the WAL that were not copied back after which whoever opens the store to write does that. Who opens a store
/// that nobody else has open reads all of the WAL first, and knows no more what of it was copied back: without this a WAL
/// that only commands of one transaction write would never begin anew, and each of them would read and copy all of it.
pub(super) const WAL_PAGES: i64 = 256;
/// Pages of the WAL after which a transaction waits until all of it is copied back: many that write at once leave no moment
/// in which that comes about by itself.
const WAL_PAGES_MAX: i64 = 4 * WAL_PAGES;
/// Pages of the WAL's file after which it is made short again. Below that it is written over: a disk is quicker to take
/// what has its place already.
const WAL_FILE_PAGES: u64 = 4_096;
/// Pages of the WAL after which a process that goes on writing copies it back.
const OPEN_WAL_PAGES: i64 = 1_000;
/// Bytes of a page.
const PAGE_BYTES: u32 = 8_192;
/// Prepared statements that a writing connection keeps: more than any one command uses.
const STATEMENTS_KEPT: usize = 64;

impl Store {
    /// Opens a store for reading and writing; makes it, bound to `binding`, when there is none. One that an earlier
    /// version wrote is [`StoreError::Older`]: [`super::upgrade`] makes a backup before it brings that up to date.
    ///
    /// What is found here may be otherwise by the first write: each looks again, inside its transaction, whether the store
    /// was migrated or replaced since.
    pub fn open(path: &Path, binding: &Binding, origin: Origin, now: Timestamp) -> Result<Store> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            make_private_folder(folder)?;
        }
        let lock = WriteLock::open(path)?;
        if !is_there(path)? {
            let _guard = lock.take()?;
            // Another process may have been first.
            if !is_there(path)? {
                create::create(path, binding, now)?;
            }
        }
        let conn = connect(path)?;
        prepare_writing(&conn, path, Some(&lock))?;
        let generation = {
            // Of one moment, and with one look at the file.
            let tx = conn.unchecked_transaction()?;
            let found = migrate::refuse_newer(&tx, path)?;
            check_target(path, &info(&tx)?, &binding.target)?;
            refuse_older(path, found)?;
            restore::generation_now(&tx)?
        };
        let store = Store::of_connection(conn, path, lock, origin, generation);
        store.has_long_wal.set(keep_wal_short(&store.conn, path)?);
        Ok(store)
    }

    pub(super) fn of_writing(
        conn: Connection,
        path: &Path,
        lock: WriteLock,
        origin: Origin,
    ) -> Result<Store> {
        let generation = restore::generation_now(&conn)?;
        Ok(Store::of_connection(conn, path, lock, origin, generation))
    }

    fn of_connection(
        conn: Connection,
        path: &Path,
        lock: WriteLock,
        origin: Origin,
        generation: i64,
    ) -> Store {
        let origin = RefCell::new(Arc::new(origin));
        let (path, run, ended) = (path.to_owned(), Cell::new(None), RefCell::new(None));
        let has_long_wal = Cell::new(false);
        Store { conn, path, lock: Some(lock), origin, run, ended, has_long_wal, generation }
    }
}

/// Whether there is a file. A store is made whole: an empty one is a store that something has emptied, or never ours.
fn is_there(path: &Path) -> Result<bool> {
    match path.metadata() {
        Ok(meta) if meta.len() == 0 => Err(StoreError::NotOurs { path: path.to_owned() }),
        Ok(_) => Ok(true),
        Err(_) => Ok(false),
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))
}

/// A writing connection to a file that exists, whatever its schema. The caller holds the write lock.
pub(super) fn open_writing(path: &Path) -> Result<Connection> {
    let conn = connect(path)?;
    prepare_writing(&conn, path, None)?;
    Ok(conn)
}

/// The same, its schema brought up to date: for a file that is new, or of which there is another copy.
pub(super) fn open_migrated(path: &Path) -> Result<Connection> {
    let mut conn = open_writing(path)?;
    migrate::run(&mut conn, path)?;
    Ok(conn)
}

/// Pragmas of a writing connection. `lock` is the write lock, where the caller does not hold it.
pub(super) fn prepare_writing(conn: &Connection, path: &Path, lock: Option<&WriteLock>) -> Result<()> {
    conn.busy_timeout(BUSY_WAIT)?;
    harden(conn)?;
    let application: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if application == 0 && conn.query_row("PRAGMA page_count", [], |row| Ok(row.get::<_, i64>(0)? == 0))? {
        // Before the first page is written: 8 KiB pages were measured best for imports.
        conn.pragma_update(None, "page_size", PAGE_BYTES)?;
        conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    } else if application != APPLICATION_ID {
        return Err(StoreError::NotOurs { path: path.to_owned() });
    }
    migrate::refuse_newer(conn, path)?;
    let mode = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, String>(0));
    if mode("PRAGMA journal_mode")? != "wal" {
        // Two must not change it at once.
        let _guard = lock.map(WriteLock::take).transpose()?;
        let mode = mode("PRAGMA journal_mode=WAL")?;
        if mode != "wal" {
            return Err(StoreError::Broken(format!("journal mode is {mode}, not wal")));
        }
    }
    if beside(path, "wal").metadata().map_or(0, |wal| wal.len()) == 0 {
        // The WAL's name is there for good before anything is promised that is in it. Whoever finds it with content need not
        // see to that: this was done before it was written.
        sync_folder(path)?;
    }
    conn.execute_batch(DURABLE)?;
    conn.pragma_update(None, "wal_autocheckpoint", OPEN_WAL_PAGES)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // The last close would checkpoint and delete the WAL: five syncs instead of one for a one-event command.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(())
}

/// Copies a long WAL back while others write, so that a transaction that comes when all of it is copied begins it anew.
/// Whether it is so long that this has to be brought about: [`shorten_wal`].
fn keep_wal_short(conn: &Connection, path: &Path) -> Result<bool> {
    if file_pages(path) <= WAL_PAGES.unsigned_abs() {
        return Ok(false);
    }
    let (pages, left) = wal_pages(conn, "NOOP")?;
    let is_long = pages > WAL_PAGES_MAX || file_pages(path) > WAL_FILE_PAGES;
    if left <= WAL_PAGES && !is_long {
        return Ok(false);
    }
    let (_, left) = wal_pages(conn, "PASSIVE")?;
    Ok(is_long && (left > 0 || file_pages(path) > WAL_FILE_PAGES))
}

/// Copies all of a WAL back, as far as nobody reads it. The caller holds the write lock.
pub(super) fn shorten_wal(conn: &Connection, path: &Path) -> Result<()> {
    if file_pages(path) > WAL_FILE_PAGES {
        return empty_wal(conn);
    }
    wal_pages(conn, "PASSIVE").map(drop)
}

/// Pages that the WAL's file has room for.
fn file_pages(path: &Path) -> u64 {
    beside(path, "wal").metadata().map_or(0, |wal| wal.len()) / u64::from(PAGE_BYTES)
}

/// Pages of the WAL, and those of them that were not copied back, after a checkpoint of that kind.
fn wal_pages(conn: &Connection, kind: &str) -> Result<(i64, i64)> {
    let sql = format!("PRAGMA wal_checkpoint({kind})");
    Ok(conn.query_row(&sql, [], |row| {
        let (pages, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok((pages, pages - copied))
    })?)
}

/// Copies the WAL back and empties it; as far as it goes where somebody reads just now. The caller holds the write lock.
pub(super) fn empty_wal(conn: &Connection) -> Result<()> {
    conn.busy_timeout(Duration::ZERO)?;
    let done = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    conn.busy_timeout(BUSY_WAIT)?;
    Ok(done?)
}
