//! Opening, reading and writing the file.

mod about;
mod backup;
mod copy;
mod create;
mod restore;
mod twin;
mod upgrade;
mod writing;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};

use super::lock::{WriteLock, beside};
use super::run::Ending;
use super::{Result, StoreError, audit, migrate};
use crate::billing::time::Timestamp;

pub use about::{About, LastRun, OwnerSeen, about_older};
pub use backup::{BackupMade, Shelf};
pub use restore::{BackupFound, Present, Putting, Restore, Rows, backup_look, present_look, restore};
pub use twin::Twin;
pub use upgrade::{SchemaFound, Upgraded, schema_look, upgrade};
use writing::{empty_wal, open_migrated, open_writing, prepare_writing, shorten_wal};

/// "PAYG" as SQLite's application_id: says whose file it is.
const APPLICATION_ID: i64 = 0x5041_5947;
/// SQLite before this could corrupt a WAL that two connections checkpoint at once.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// Readers wait so long for a checkpoint or recovery; writers wait at the lock file.
const BUSY_WAIT: Duration = Duration::from_secs(30);

/// What a writing connection holds to. FULL is what "recorded" costs: with NORMAL a power cut can take acknowledged
/// commits with it.
const DURABLE: &str = "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;";

/// Pages of the WAL after which a process that writes one transaction after another copies it back.
const STREAM_WAL_PAGES: i64 = 4_096;
/// Memory for pages during an import.
const IMPORT_CACHE_KIB: i64 = 256 << 10;

const SCHEMA: &str = "PRAGMA user_version";
const NEW_RUN: &str =
    "INSERT INTO run (command, actor, host, reason, ref, started_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
/// What every transaction that writes begins with.
const FRAME: [&str; 3] = [SCHEMA, restore::GENERATION, NEW_RUN];

/// Who runs the command, where and why: on every row of ledger, tiers and runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The command, such as `credits grant`.
    pub command: String,
    /// Who runs paygrade (`--as`).
    pub actor: String,
    /// The machine.
    pub host: String,
    /// Why (`--reason`).
    pub reason: Option<String>,
    /// A ticket (`--ref`).
    pub reference: Option<String>,
}

/// What a new store is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `local`, `test` or `live`.
    pub target: String,
    /// A fresh id for a store that is made now.
    pub fresh_id: String,
}

/// What the store says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// The store's id, 32 hexadecimal digits.
    pub store_id: String,
    /// Rises with each takeover and restore.
    pub epoch: i64,
    /// `local`, `test` or `live`.
    pub target: String,
    /// The Stripe account, once it was seen.
    pub account: Option<String>,
    /// Namespace of the catalog that was applied last.
    pub namespace: Option<String>,
    /// Why sending is forbidden until `store recover`.
    pub fenced: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The open store.
#[derive(Debug)]
pub struct Store {
    conn: Connection,
    path: PathBuf,
    lock: Option<WriteLock>,
    origin: RefCell<Arc<Origin>>,
    run: Cell<Option<i64>>,
    /// How the run ended, as it is noted.
    ended: RefCell<Option<(i64, Ending)>>,
    /// The first transaction copies all of the WAL back before it begins.
    has_long_wal: Cell<bool>,
    /// Another number in the file says that a restore has replaced the store since it was opened.
    generation: i64,
}

/// Reads a snapshot: one read transaction.
#[derive(Debug)]
pub struct Reader<'a> {
    /// The connection, inside the transaction.
    pub(super) conn: &'a Connection,
}

/// Writes: one transaction, with its frozen instant and its run.
#[derive(Debug)]
pub struct Writer<'a> {
    /// The connection, inside the transaction.
    pub(super) conn: &'a Connection,
    /// The instant of the whole transaction.
    pub now: Timestamp,
    /// The row of `run` that this command's rows refer to.
    pub run: i64,
    /// Who, where and why.
    pub origin: &'a Origin,
    /// How the run ends, where this transaction notes it.
    pub(super) ended: &'a RefCell<Option<Ending>>,
}

/// While it lives, writes belong to a run of their own; then to the command's again.
#[derive(Debug)]
pub struct StepRun<'a> {
    store: &'a Store,
    origin: Arc<Origin>,
    run: Option<i64>,
}

impl Drop for StepRun<'_> {
    fn drop(&mut self) {
        self.store.origin.replace(Arc::clone(&self.origin));
        self.store.run.set(self.run);
    }
}

impl Writer<'_> {
    /// The same transaction, for reading.
    pub fn reader(&self) -> Reader<'_> {
        Reader { conn: self.conn }
    }
}

impl Store {
    /// Opens a store for reading; [`StoreError::Missing`] when there is none.
    pub fn open_reading(path: &Path, target: &str, origin: Origin) -> Result<Store> {
        if !path.exists() {
            return Err(StoreError::Missing { path: path.to_owned() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
        let origin = RefCell::new(Arc::new(origin));
        let (run, ended) = (Cell::new(None), RefCell::new(None));
        let path = path.to_owned();
        let has_long_wal = Cell::new(false);
        let store = Store { conn, path, lock: None, origin, run, ended, has_long_wal, generation: 0 };
        match store.prepare_reading() {
            Err(StoreError::Sql(error))
                if matches!(
                    error.sqlite_error_code(),
                    Some(rusqlite::ErrorCode::CannotOpen | rusqlite::ErrorCode::ReadOnly)
                ) =>
            {
                store.reopened_immutable(target)
            }
            Err(error) => Err(error),
            Ok(()) => {
                store.check_target(target)?;
                Ok(store)
            }
        }
    }

    /// On a read-only file system the WAL's index cannot be made; without a WAL the file itself is all there is.
    fn reopened_immutable(self, target: &str) -> Result<Store> {
        let wal = beside(&self.path, "wal");
        if wal.metadata().is_ok_and(|meta| meta.len() > 0) {
            let source = std::io::Error::new(
                std::io::ErrorKind::ReadOnlyFilesystem,
                "its -wal file cannot be read here",
            );
            return Err(StoreError::Io { path: self.path, source });
        }
        let text = self.path.to_string_lossy();
        let escaped: String = text
            .chars()
            .map(|c| match c {
                '%' | '?' | '#' => format!("%{:02X}", u32::from(c)),
                c => c.to_string(),
            })
            .collect();
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let uri = format!("file:{escaped}?immutable=1");
        let conn = Connection::open_with_flags(uri, flags).map_err(|error| cannot_open(&self.path, error))?;
        let store = Store { conn, ..self };
        store.prepare_reading()?;
        store.check_target(target)?;
        Ok(store)
    }

    /// Runs one read transaction: everything in it sees the same snapshot.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let tx = self.conn.unchecked_transaction().map_err(StoreError::from)?;
        self.check_schema(&tx)?;
        work(&Reader { conn: &tx })
    }

    /// Runs one write transaction with `now` frozen. Nothing in it can be awaited: it is a plain closure.
    /// An error rolls everything back.
    pub fn write<T, E: From<StoreError>>(
        &self,
        now: Timestamp,
        work: impl FnOnce(&Writer<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let Some(lock) = &self.lock else {
            return Err(
                StoreError::Broken("a write on a store that was opened for reading".to_owned()).into()
            );
        };
        // As much as can be is done before others have to wait.
        self.ready(FRAME.into_iter().chain(audit::SEALING));
        let guard = lock.take()?;
        if self.has_long_wal.take() {
            shorten_wal(&self.conn, &self.path)?;
        }
        let tx = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        self.check_schema(&tx)?;
        self.check_generation(&tx)?;
        let (run, begun) = self.run_row(&tx, now)?;
        let origin = self.origin();
        let ended = RefCell::new(None);
        let done = work(&Writer { conn: &tx, now, run, origin: &origin, ended: &ended })?;
        audit::seal(&tx, run, now)?;
        if let Err(error) = tx.commit() {
            return Err(self.commit_failed(error, now).into());
        }
        drop(guard);
        if begun {
            self.run.set(Some(run));
        }
        if let Some(ending) = ended.into_inner() {
            self.ended.replace(Some((run, ending)));
        }
        Ok(done)
    }

    /// Prepares statements that the next transaction will ask, while others may still write.
    pub(super) fn ready<'s>(&self, statements: impl IntoIterator<Item = &'s str>) {
        for sql in statements {
            // Where the store was migrated meanwhile this may fail; the transaction looks first, and says it better.
            let _ = self.conn.prepare_cached(sql);
        }
    }

    /// Ends without closing, for a command that reads, answers and is over: to take SQLite's memory apart first would be
    /// a good part of its time, and the end of the process closes the file.
    pub fn leave(self) {
        std::mem::forget(self);
    }

    /// The connection, for a query of somebody's own.
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.conn
    }

    /// Makes this connection ready for an import: many pages are kept in memory, because the table of ids is written all
    /// over; the WAL is not copied back while the lock is held ([`Store::checkpoint`] does that); and what events refer
    /// to is not looked up again, for the import has just read it, and none of it is ever deleted.
    pub fn prepare_import(&self) -> Result<()> {
        let kib = IMPORT_CACHE_KIB;
        Ok(self.conn.execute_batch(&format!(
            "PRAGMA cache_size=-{kib}; PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=OFF;"
        ))?)
    }

    /// Makes this connection ready for many transactions after each other: the WAL is copied back seldom.
    pub fn prepare_stream(&self) -> Result<()> {
        Ok(self.conn.pragma_update(None, "wal_autocheckpoint", STREAM_WAL_PAGES)?)
    }

    /// Copies the WAL back into the file as far as no reader needs it, without keeping others from writing.
    pub fn checkpoint(&self) -> Result<()> {
        Ok(self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
    }

    /// After many transactions: copies the WAL back and empties it, for whoever opens the store next would read all of
    /// it first. Does nothing where somebody reads or writes just now.
    pub fn checkpoint_at_end(&self) -> Result<()> {
        let _guard = self.lock.as_ref().map(WriteLock::take).transpose()?;
        empty_wal(&self.conn)
    }

    /// Whether another process waits to write.
    pub fn others_wait(&self) -> Result<bool> {
        self.lock.as_ref().map_or(Ok(false), WriteLock::others_wait)
    }

    /// A commit whose sync failed lies whole in the WAL: SQLite has taken it back here, but the next process that reads
    /// the WAL from its start would find it and hold it for done. Another commit, of the run alone, goes over it in the
    /// same place. When that fails as well, nobody can say. The caller holds the write lock.
    fn commit_failed(&self, error: rusqlite::Error, now: Timestamp) -> StoreError {
        let over = || -> Result<()> {
            let tx = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?;
            let run = self.new_run(&tx, now)?;
            let verdict = format!("taken back: {error}");
            tx.execute(
                "UPDATE run SET seconds = 0, exit = 10, verdict = ?2 WHERE run = ?1",
                params![run, verdict],
            )?;
            audit::seal(&tx, run, now)?;
            Ok(tx.commit()?)
        };
        match over() {
            Ok(()) => StoreError::from(error),
            Err(_) => StoreError::Unsure(error),
        }
    }

    /// Takes a lock for a whole command, such as `push`; `None` when another process has it.
    pub fn named_lock(&self, name: &str) -> Result<Option<super::NamedLock>> {
        super::NamedLock::try_take(&self.path, name)
    }

    /// Whether it is noted that a run ended so.
    pub(super) fn has_noted(&self, run: i64, ending: &Ending) -> bool {
        let ended = self.ended.borrow();
        let same = |it: &Ending| it.exit == ending.exit && it.verdict == ending.verdict;
        ended.as_ref().is_some_and(|(of, it)| *of == run && same(it))
    }

    /// The row of `run` of this command, if it has written anything.
    pub fn run(&self) -> Option<i64> {
        self.run.get()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that the file is in.
    pub fn folder(&self) -> PathBuf {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// Who, where and why.
    pub fn origin(&self) -> Arc<Origin> {
        Arc::clone(&self.origin.borrow())
    }

    /// A part of a command that has a row of `run` of its own: what is written until the guard goes belongs to it.
    pub fn step(&self, command: &str) -> StepRun<'_> {
        let origin = Origin { command: command.to_owned(), ..(*self.origin()).clone() };
        let origin = self.origin.replace(Arc::new(origin));
        StepRun { store: self, origin, run: self.run.replace(None) }
    }

    /// What the store says of itself.
    pub fn info(&self) -> Result<Info> {
        info(&self.conn)
    }

    fn run_row(&self, tx: &Transaction<'_>, now: Timestamp) -> Result<(i64, bool)> {
        if let Some(run) = self.run.get() {
            return Ok((run, false));
        }
        Ok((self.new_run(tx, now)?, true))
    }

    fn new_run(&self, tx: &Transaction<'_>, now: Timestamp) -> Result<i64> {
        let by = self.origin();
        let who = params![by.command, by.actor, by.host, by.reason, by.reference, now.0];
        tx.prepare_cached(NEW_RUN)?.execute(who)?;
        Ok(tx.last_insert_rowid())
    }

    fn prepare_reading(&self) -> Result<()> {
        self.conn.busy_timeout(BUSY_WAIT)?;
        harden(&self.conn)?;
        let application: i64 = self.conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        if application != APPLICATION_ID {
            return Err(StoreError::NotOurs { path: self.path.clone() });
        }
        refuse_older(&self.path, migrate::refuse_newer(&self.conn, &self.path)?)
    }

    /// Refuses when a newer version has brought the store to a schema of its own since it was opened: what this one
    /// would write there, or read, may mean something else by now. Inside each transaction, for until then it may happen.
    fn check_schema(&self, conn: &Connection) -> Result<()> {
        let found: i64 = conn.prepare_cached(SCHEMA)?.query_row([], |row| row.get(0))?;
        if found == migrate::SCHEMA_VERSION {
            return Ok(());
        }
        Err(StoreError::Migrated { path: self.path.clone(), found })
    }

    fn check_target(&self, target: &str) -> Result<()> {
        check_target(&self.path, &self.info()?, target)
    }
}

fn refuse_older(path: &Path, found: i64) -> Result<()> {
    if found == migrate::SCHEMA_VERSION {
        return Ok(());
    }
    Err(StoreError::Older { path: path.to_owned(), found, known: migrate::SCHEMA_VERSION })
}

fn check_target(path: &Path, info: &Info, target: &str) -> Result<()> {
    if info.target == target {
        return Ok(());
    }
    let (bound, asked) = (format!("target {}", info.target), format!("target {target}"));
    Err(StoreError::OtherTarget { path: path.to_owned(), bound, asked })
}

pub(super) fn info(conn: &Connection) -> Result<Info> {
    let sql = "SELECT store_id, epoch, target, account, namespace, fenced, created_at FROM store";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| {
        Ok(Info {
            store_id: row.get(0)?,
            epoch: row.get(1)?,
            target: row.get(2)?,
            account: row.get(3)?,
            namespace: row.get(4)?,
            fenced: row.get(5)?,
            created_at: Timestamp(row.get(6)?),
        })
    })?)
}

impl Info {
    /// What ids and keys that Stripe keeps begin with: another one after each takeover and restore, for rows are counted
    /// anew then and must not meet what the same numbers stood for before.
    pub fn scope(&self) -> String {
        match self.epoch {
            1 => self.store_id.clone(),
            epoch => format!("{}e{epoch}", self.store_id),
        }
    }
}

impl Reader<'_> {
    /// What the store says of itself.
    pub fn info(&self) -> Result<Info> {
        info(self.conn)
    }
}

fn cannot_open(path: &Path, error: rusqlite::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), source: std::io::Error::other(error) }
}

/// Settings that guard against a hostile or damaged file.
fn harden(conn: &Connection) -> Result<()> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(StoreError::Broken(format!("SQLite {} is too old", rusqlite::version())));
    }
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // Else a statement that joins is planned anew for each value that is bound to it, which takes longer than its work.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // A temporary B-tree of a big sort belongs in memory, not in a second file with the same secrets.
    conn.execute_batch("PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0;")?;
    Ok(())
}

#[cfg(test)]
mod tests;
