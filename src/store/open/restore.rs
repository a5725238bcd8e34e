//! A backup in the place of the store: proved, fenced and whole before anything that is there is touched, and then
//! there in one commit. Whoever dies in between leaves the old store or the new one.

use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use super::copy::{copy_whole, orphans_aside, prove, put_in_place, remove_unfinished, sync_folder};
use super::create::close_whole;
use super::{
    APPLICATION_ID, BUSY_WAIT, Info, Origin, Reader, Store, StoreError, Writer, beside, cannot_open, harden,
    info, open_migrated, prepare_writing,
};
use crate::billing::time::Timestamp;
use crate::store::lock::{WriteLock, make_private_folder};
use crate::store::{Result, audit, migrate};

/// What a backup says of itself, once it is proved as far as it can be without changing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFound {
    /// Its identity.
    pub info: Info,
    /// When it was made; for a plain copy, when its last command began.
    pub at: Timestamp,
    /// Its schema.
    pub schema: i64,
    /// Whether every invariant was checked: not where the schema is older, which is proved when it has been brought
    /// up to date.
    pub is_proved: bool,
    /// Rows of what counts.
    pub rows: Rows,
}

/// How much a store holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rows {
    /// Customers.
    pub customers: i64,
    /// Usage events.
    pub usage_events: i64,
    /// Deliveries.
    pub deliveries: i64,
    /// Postings of the ledger.
    pub postings: i64,
    /// Webhooks.
    pub webhooks: i64,
}

/// What stands where the backup is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Present {
    /// Nothing.
    Nothing,
    /// A store.
    Store(Info, Rows),
    /// A file that was one, perhaps, and cannot be read: why.
    Unreadable(String),
}

/// A restore as it is noted in the store that came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restore {
    /// Its number.
    pub restore: i64,
    /// When.
    pub at: Timestamp,
    /// The backup.
    pub file: PathBuf,
    /// What was recorded later is not in it.
    pub backed_up_at: Timestamp,
    /// The last posting of the ledger that the backup had; 0 for none.
    pub postings: i64,
    /// Where the store stands that was here.
    pub replaced: Option<PathBuf>,
}

/// How often the store was restored.
pub(super) const GENERATION: &str = "SELECT generation FROM store";

/// Opens a file of whatever schema for reading, as far as it is a store.
pub(super) fn open_any(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
    conn.busy_timeout(BUSY_WAIT)?;
    harden(&conn)?;
    let application = conn.query_row("PRAGMA application_id", [], |row| row.get(0));
    match application.map_err(StoreError::from) {
        Ok(APPLICATION_ID) => Ok(conn),
        Ok(_) => Err(StoreError::NotOurs { path: path.to_owned() }),
        Err(StoreError::Corrupt { what }) => {
            Err(StoreError::Corrupt { what: format!("{}: {what}", path.display()) })
        }
        Err(error) => Err(error),
    }
}

fn rows(conn: &Connection) -> Result<Rows> {
    let count = |table: &str| -> Result<i64> {
        let there = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        if conn.query_row(there, [table], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(0);
        }
        Ok(conn.query_row(&format!("SELECT COUNT(*) FROM {table}"), [], |row| row.get(0))?)
    };
    Ok(Rows {
        customers: count("customer")?,
        usage_events: count("usage_event")?,
        deliveries: count("delivery")?,
        postings: count("ledger_posting")?,
        webhooks: count("inbox")?,
    })
}

fn has_column(conn: &Connection, table: &str, column: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM pragma_table_info(?1) WHERE name = ?2";
    Ok(conn.query_row(sql, [table, column], |row| row.get::<_, i64>(0))? > 0)
}

/// Looks at a backup, and proves it, without changing a byte of it.
pub fn backup_look(path: &Path) -> Result<BackupFound> {
    if !path.is_file() {
        let source = std::io::Error::new(std::io::ErrorKind::NotFound, "there is no such file");
        return Err(StoreError::Io { path: path.to_owned(), source });
    }
    let conn = open_any(path)?;
    let schema = migrate::refuse_newer(&conn, path)?;
    let is_proved = schema == migrate::SCHEMA_VERSION;
    if is_proved {
        prove(&conn, path)?;
    } else {
        let integrity: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if integrity != "ok" {
            return Err(StoreError::Corrupt { what: format!("{}: {integrity}", path.display()) });
        }
    }
    let stamp: Option<i64> = if has_column(&conn, "store", "backed_up_at")? {
        conn.query_row("SELECT backed_up_at FROM store", [], |row| row.get(0))?
    } else {
        None
    };
    let at = match stamp {
        Some(at) => at,
        None => conn.query_row(
            "SELECT COALESCE(MAX(started_at), (SELECT created_at FROM store)) FROM run",
            [],
            |row| row.get(0),
        )?,
    };
    Ok(BackupFound { info: info(&conn)?, at: Timestamp(at), schema, is_proved, rows: rows(&conn)? })
}

/// Looks at what stands where a backup is to go.
pub fn present_look(path: &Path) -> Result<Present> {
    if !path.exists() {
        return Ok(Present::Nothing);
    }
    let looked = open_any(path).and_then(|conn| {
        migrate::refuse_newer(&conn, path)?;
        Ok(Present::Store(info(&conn)?, rows(&conn)?))
    });
    match looked {
        Ok(present) => Ok(present),
        Err(StoreError::Corrupt { what }) => Ok(Present::Unreadable(what)),
        Err(StoreError::NotOurs { .. }) if path.metadata().is_ok_and(|meta| meta.len() == 0) => {
            Ok(Present::Unreadable("it is empty".to_owned()))
        }
        Err(error) => Err(error),
    }
}

/// What is put in place.
#[derive(Debug, Clone)]
pub struct Putting<'a> {
    /// The backup.
    pub file: &'a Path,
    /// What it says of itself.
    pub found: &'a BackupFound,
    /// Who does it, and why.
    pub origin: &'a Origin,
    /// When.
    pub now: Timestamp,
}

/// Puts a backup where the store is. The caller holds the locks of everything that sends. Gives where the store before
/// is kept, and the new epoch.
pub fn restore(path: &Path, it: &Putting<'_>) -> Result<(Option<PathBuf>, i64)> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder)?;
    }
    let staged = beside(path, "restoring");
    let done = restore_staged(path, &staged, it);
    // What stays here is removed by the next restore; whether this one is done it does not decide.
    let _ = remove_unfinished(&staged);
    done
}

fn restore_staged(path: &Path, staged: &Path, it: &Putting<'_>) -> Result<(Option<PathBuf>, i64)> {
    let aside = free_name(path, it.now);
    let lock = WriteLock::open(path)?;
    copy_whole(&open_any(it.file)?, staged, None)?;
    // Others may write until here; from here on nobody does.
    let _guard = lock.take()?;
    let present = present_look(path)?;
    let replaced = (present != Present::Nothing).then_some(aside.as_path());
    let epoch = make_store(staged, path, it, &present, replaced)?;
    match &present {
        Present::Nothing => {
            orphans_aside(path, &beside(&aside, "wal"))?;
            put_in_place(staged, path)?;
        }
        Present::Store(..) => {
            keep_aside(path, &aside)?;
            overwrite(path, staged)?;
        }
        Present::Unreadable(_) => {
            link_aside(path, &aside)?;
            put_in_place(staged, path)?;
        }
    }
    Ok((replaced.map(Path::to_owned), epoch))
}

/// `local.db.replaced-20261121T080000Z`: a name that is free.
fn free_name(path: &Path, now: Timestamp) -> PathBuf {
    let stamp: String = now.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let name = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".replaced-{stamp}"));
        if number > 1 {
            name.push(format!("-{number}"));
        }
        PathBuf::from(name)
    };
    (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(1))
}

/// Makes of a copied backup the store that it is to be: schema, epoch, fence, the note of the restore; proved, and all
/// of it in one file.
fn make_store(
    staged: &Path,
    path: &Path,
    it: &Putting<'_>,
    present: &Present,
    replaced: Option<&Path>,
) -> Result<i64> {
    let mut conn = open_migrated(staged)?;
    let (epoch_there, generation_there) = match present {
        Present::Store(there, _) => (there.epoch, generation_of(&open_any(path)?)?),
        _ => (0, 0),
    };
    let by = it.origin;
    let tx = conn.transaction()?;
    tx.execute(
        "INSERT INTO run (command, actor, host, reason, ref, started_at, seconds, exit, wrote, verdict)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 1, ?7)",
        params![
            by.command,
            by.actor,
            by.host,
            by.reason,
            by.reference,
            it.now.0,
            format!("restored {}", it.file.display())
        ],
    )?;
    let run = tx.last_insert_rowid();
    tx.execute(
        "UPDATE store SET epoch = MAX(epoch, ?1) + 1, generation = MAX(generation, ?2) + 1, fenced = ?3,
         taken_over_at = NULL, backed_up_at = NULL, ledger_rebuilt = 0",
        params![epoch_there, generation_there, format!("it was restored from a backup of {}", it.found.at)],
    )?;
    tx.execute(
        "INSERT INTO restore (at, file, backed_up_at, postings, replaced, run)
         VALUES (?1, ?2, ?3, (SELECT COALESCE(MAX(posting), 0) FROM ledger_posting), ?4, ?5)",
        params![
            it.now.0,
            it.file.to_string_lossy(),
            it.found.at.0,
            replaced.map(|path| path.to_string_lossy().into_owned()),
            run
        ],
    )?;
    audit::seal(&tx, run, it.now)?;
    tx.commit()?;
    prove(&conn, staged)?;
    let epoch = info(&conn)?.epoch;
    close_whole(conn)?;
    Ok(epoch)
}

/// How often the store of a connection was restored; of an old schema, 0.
fn generation_of(conn: &Connection) -> Result<i64> {
    if has_column(conn, "store", "generation")? { generation_now(conn) } else { Ok(0) }
}

/// The same of a store of this schema.
pub(super) fn generation_now(conn: &Connection) -> Result<i64> {
    Ok(conn.prepare_cached(GENERATION)?.query_row([], |row| row.get(0))?)
}

/// Keeps what a store holds now, in one file under another name.
fn keep_aside(path: &Path, aside: &Path) -> Result<()> {
    let unfinished = beside(path, "replacing");
    let kept =
        copy_whole(&open_any(path)?, &unfinished, None).and_then(|()| put_in_place(&unfinished, aside));
    if kept.is_err() {
        let _ = remove_unfinished(&unfinished);
    }
    kept
}

/// What cannot be read as a store is kept as it is, byte by byte, with its WAL.
fn link_aside(path: &Path, aside: &Path) -> Result<()> {
    let io = |source| StoreError::Io { path: path.to_owned(), source };
    orphans_aside(path, &beside(aside, "wal"))?;
    std::fs::hard_link(path, aside).map_err(io)?;
    sync_folder(aside)
}

/// Writes every page of one store over another, as one transaction of it: who reads meanwhile sees the old one to the
/// end of his transaction, who dies meanwhile leaves it.
fn overwrite(path: &Path, staged: &Path) -> Result<()> {
    let from = open_any(staged)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut to = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
    prepare_writing(&to, path, None)?;
    // A commit whose sync failed may be found whole by whoever opens the store next.
    let unsure = |error| StoreError::Unsure(error);
    match Backup::new(&from, &mut to)?.step(-1).map_err(unsure)? {
        StepResult::Done => {}
        _ => return Err(StoreError::Busy { path: path.to_owned(), waited_s: BUSY_WAIT.as_secs() }),
    }
    // Not needed for what was promised; it only spares the next command a long WAL.
    let _ = to.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    Ok(())
}

impl Store {
    /// Refuses when the store that this process opened has been replaced since.
    pub(super) fn check_generation(&self, conn: &Connection) -> Result<()> {
        if generation_now(conn)? == self.generation {
            return Ok(());
        }
        Err(StoreError::Replaced { path: self.path.clone() })
    }
}

impl Reader<'_> {
    /// The restore that this store came of and that was not recovered from yet.
    pub fn restore_open(&self) -> Result<Option<Restore>> {
        let sql = "SELECT restore, at, file, backed_up_at, postings, replaced FROM restore
                   WHERE recovered_run IS NULL ORDER BY restore DESC LIMIT 1";
        let found = self.conn.query_row(sql, [], |row| {
            let (file, replaced): (String, Option<String>) = (row.get(2)?, row.get(5)?);
            Ok(Restore {
                restore: row.get(0)?,
                at: Timestamp(row.get(1)?),
                file: file.into(),
                backed_up_at: Timestamp(row.get(3)?),
                postings: row.get(4)?,
                replaced: replaced.map(PathBuf::from),
            })
        });
        Ok(found.optional()?)
    }
}

impl Writer<'_> {
    /// Notes that the store was recovered after every restore before now.
    pub(in crate::store) fn restore_recovered(&self) -> Result<()> {
        self.conn.execute("UPDATE restore SET recovered_run = ?1 WHERE recovered_run IS NULL", [self.run])?;
        Ok(())
    }
}
