//! A whole copy of a store in one file, and the proof that a file holds a sound store.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, params};

use super::{Origin, Reader, Store, StoreError, beside, cannot_open, harden};
use crate::billing::time::Timestamp;
use crate::store::Result;
use crate::store::checks::header_says_wal;

/// How long a copy waits for a checkpoint of another process.
const BUSY_WAIT: Duration = Duration::from_secs(30);
/// What SQLite may have left beside a file that was not finished.
const COMPANIONS: [&str; 3] = ["journal", "wal", "shm"];

/// Copies everything into a new file of its owner alone, as it stands at one instant while others write. `stamp` says
/// when the copy was made; without one it is to be a store again. Not synced yet, and no WAL beside it.
pub(super) fn copy_whole(from: &Connection, to: &Path, stamp: Option<Timestamp>) -> Result<()> {
    let io = |source| StoreError::Io { path: to.to_owned(), source };
    remove_unfinished(to)?;
    create_private_file(to).map_err(io)?;
    let mut conn = open_unsynced(to)?;
    // One step: one read transaction, so that one instant is copied.
    match Backup::new(from, &mut conn)?.step(-1)? {
        StepResult::Done => {}
        _ => return Err(StoreError::Busy { path: to.to_owned(), waited_s: BUSY_WAIT.as_secs() }),
    }
    drop(conn);
    // The copy says of itself that it has a WAL, as the store does. Alone in its file it must not need one.
    let conn = open_unsynced(to)?;
    let mode: String = conn.query_row("PRAGMA journal_mode=DELETE", [], |row| row.get(0))?;
    if mode != "delete" {
        return Err(StoreError::Broken(format!("the journal mode of a copy is {mode}, not delete")));
    }
    // A store of an old schema has no such column, and no stamp.
    let has_column = "SELECT COUNT(*) FROM pragma_table_info('store') WHERE name = 'backed_up_at'";
    if conn.query_row(has_column, [], |row| row.get(0))? {
        conn.execute("UPDATE store SET backed_up_at = ?1", params![stamp.map(|at| at.0)])?;
    }
    conn.close().map_err(|(_, error)| error)?;
    // SQLite says `delete` also where the disk kept it from writing so.
    if header_says_wal(to) != Some(false) {
        return Err(io(std::io::Error::other("the copy still asks for a WAL")));
    }
    Ok(())
}

/// A connection to a file that is synced as a whole when it is finished, or thrown away.
fn open_unsynced(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
    conn.busy_timeout(BUSY_WAIT)?;
    harden(&conn)?;
    conn.execute_batch("PRAGMA synchronous=OFF;")?;
    Ok(conn)
}

/// Opens a file as a store for reading and proves it: SQLite's own check, and every invariant of `doctor`.
pub(in crate::store) fn open_proved(path: &Path, target: &str, origin: Origin) -> Result<Store> {
    let store = Store::open_reading(path, target, origin)?;
    prove(&store.conn, path)?;
    Ok(store)
}

/// Every check of `doctor` that is about the file; the first that fails is the error.
pub(super) fn prove(conn: &Connection, path: &Path) -> Result<()> {
    let damaged = |what: String| StoreError::Corrupt { what: format!("{}: {what}", path.display()) };
    let r = Reader { conn };
    let health = r.health()?;
    if health.integrity != "ok" {
        return Err(damaged(health.integrity));
    }
    match r.checks_run()?.into_iter().find(|it| !it.breaches.is_empty()) {
        None => Ok(()),
        Some(it) => Err(damaged(format!(
            "invariant {}, {}: broken at {}",
            it.number,
            it.says,
            it.breaches.join(", ")
        ))),
    }
}

/// Makes a finished file durable and gives it its name; whoever looks finds what was there before, or all of it.
pub(super) fn put_in_place(unfinished: &Path, path: &Path) -> Result<()> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    File::open(unfinished).and_then(|file| file.sync_all()).map_err(io)?;
    std::fs::rename(unfinished, path).map_err(io)?;
    sync_name(path)
}

/// Makes durable that a file has got its name; where that fails, it has it all the same.
pub(super) fn sync_name(path: &Path) -> Result<()> {
    sync_folder(path).map_err(|error| match error {
        StoreError::Io { path, source } => StoreError::NameUnsure { path, source },
        error => error,
    })
}

/// Makes the names of a file's folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StoreError::Io { path: path.to_owned(), source })
}

/// Removes what a process left that died while it made this file.
pub(super) fn remove_unfinished(path: &Path) -> Result<()> {
    COMPANIONS
        .iter()
        .map(|suffix| beside(path, suffix))
        .chain([path.to_owned()])
        .try_for_each(|it| remove(&it).map_err(|source| StoreError::Io { path: it, source }))
}

/// A WAL whose store is gone or cannot be read would be played into whatever gets the name: it is kept as `aside`.
pub(super) fn orphans_aside(path: &Path, aside: &Path) -> Result<()> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    let wal = beside(path, "wal");
    if wal.exists() {
        std::fs::rename(&wal, aside).map_err(io)?;
    }
    remove(&beside(path, "shm")).map_err(io)
}

pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) fn create_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
