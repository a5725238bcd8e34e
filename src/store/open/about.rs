//! What an operator wants to know of the file: how big, how far, how it is written, how much of what it holds.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::restore::open_any;
use super::{BackupMade, DURABLE, Info, Store, beside, check_target, info};
use crate::billing::time::Timestamp;
use crate::store::checks::journal_mode;
use crate::store::{Result, migrate};

/// The owner mark at Stripe, as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerSeen {
    /// The store that sends.
    pub store_id: String,
    /// Its epoch.
    pub epoch: i64,
    /// Where it is.
    pub host: String,
    /// When the mark was read.
    pub seen_at: Timestamp,
}

/// The last run of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// Its number.
    pub run: i64,
    /// The command.
    pub command: String,
    /// The machine.
    pub host: String,
    /// When it began.
    pub at: Timestamp,
}

/// Everything about a store but its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The file.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: i64,
    /// Bytes of what was written and is not copied into the file yet.
    pub wal_bytes: i64,
    /// Its schema.
    pub schema: i64,
    /// Its identity.
    pub info: Info,
    /// Who sends.
    pub owner: Option<OwnerSeen>,
    /// The newest backup.
    pub backup: Option<BackupMade>,
    /// The last run.
    pub run: Option<LastRun>,
    /// Bytes of a page.
    pub page_size: i64,
    /// `wal` when right.
    pub journal: String,
    /// How commits are made durable by commands that write: 2 is FULL.
    pub synchronous: i64,
    /// Rows of each group of tables that is there.
    pub rows: Vec<(&'static str, i64)>,
    /// SQLite's quick check, where it was asked for; `ok` when right.
    pub integrity: Option<String>,
}

/// What is counted of each group: events by their sums, for there may be many millions of them.
const GROUPS: &[(&str, &str, &str)] = &[
    ("customers", "customer", "COUNT(*)"),
    ("tier assignments", "tier_assignment", "COUNT(*)"),
    ("subscriptions", "subscription", "COUNT(*)"),
    ("revisions of tiers", "revision", "COUNT(*)"),
    ("meters", "meter", "COUNT(*)"),
    ("usage events", "rollup", "COALESCE(SUM(events), 0)"),
    ("deliveries", "delivery", "COUNT(*)"),
    ("credits postings", "ledger_posting", "COUNT(*)"),
    ("credits lots", "ledger_lot", "COUNT(*)"),
    ("invoices", "invoice", "COUNT(*)"),
    ("webhooks", "inbox", "COUNT(*)"),
    ("findings about usage", "finding", "COUNT(*)"),
    ("other findings", "state_finding", "COUNT(*)"),
    ("notices", "notice", "COUNT(*)"),
    ("runs", "run", "COUNT(*)"),
    ("audit rows", "audit", "COUNT(*)"),
];

impl Store {
    /// Everything about this store but its content. `is_checked`: the whole file is read.
    pub fn about(&self, is_checked: bool) -> Result<About> {
        about(&self.conn, &self.path, is_checked)
    }
}

/// The same of a store of an older schema, which is read as far as it has what is asked for.
pub fn about_older(path: &Path, target: &str, is_checked: bool) -> Result<About> {
    let conn = open_any(path)?;
    migrate::refuse_newer(&conn, path)?;
    check_target(path, &info(&conn)?, target)?;
    about(&conn, path, is_checked)
}

fn about(conn: &Connection, path: &Path, is_checked: bool) -> Result<About> {
    let length = |path: &Path| path.metadata().map_or(0, |it| i64::try_from(it.len()).unwrap_or(i64::MAX));
    let number = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0));
    // As every writing connection does it.
    conn.execute_batch(DURABLE)?;
    let tx = conn.unchecked_transaction()?;
    let has = |table: &str| -> Result<bool> {
        let sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1";
        Ok(tx.query_row(sql, [table], |row| row.get::<_, i64>(0))? > 0)
    };
    let mut rows = Vec::new();
    for (group, table, count) in GROUPS {
        if has(table)? {
            rows.push((*group, number(&format!("SELECT {count} FROM {table}"))?));
        }
    }
    let owner = if has("owner")? { owner(&tx)? } else { None };
    let backup = if has("backup")? { super::Reader { conn: &tx }.backup_last()? } else { None };
    Ok(About {
        path: path.to_owned(),
        bytes: length(path),
        wal_bytes: length(&beside(path, "wal")),
        schema: migrate::version(&tx)?,
        info: info(&tx)?,
        owner,
        backup,
        run: last_run(&tx)?,
        page_size: number("PRAGMA page_size")?,
        journal: journal_mode(&tx)?,
        synchronous: number("PRAGMA synchronous")?,
        rows,
        integrity: match is_checked {
            true => Some(tx.query_row("PRAGMA quick_check(3)", [], |row| row.get(0))?),
            false => None,
        },
    })
}

fn owner(conn: &Connection) -> Result<Option<OwnerSeen>> {
    let found = conn.query_row("SELECT store_id, epoch, host, seen_at FROM owner", [], |row| {
        let seen_at = Timestamp(row.get(3)?);
        Ok(OwnerSeen { store_id: row.get(0)?, epoch: row.get(1)?, host: row.get(2)?, seen_at })
    });
    Ok(found.optional()?)
}

fn last_run(conn: &Connection) -> Result<Option<LastRun>> {
    let sql = "SELECT run, command, host, started_at FROM run ORDER BY run DESC LIMIT 1";
    let found = conn.query_row(sql, [], |row| {
        Ok(LastRun { run: row.get(0)?, command: row.get(1)?, host: row.get(2)?, at: Timestamp(row.get(3)?) })
    });
    Ok(found.optional()?)
}
