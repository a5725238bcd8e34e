//! The invariants as SQL: each query must return no row. `doctor` runs them all.

use super::{Reader, Result};

/// One invariant: its number in the list of invariants, what it says, and SQL that returns a row for each breach.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Such as `I2`.
    pub number: &'static str,
    /// What must hold, in words.
    pub says: &'static str,
    /// Returns no row when it holds; else the first column names what breaks it.
    pub sql: &'static str,
}

/// How one invariant was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Such as `I2`.
    pub number: &'static str,
    /// What must hold, in words.
    pub says: &'static str,
    /// What breaks it, at most [`BREACHES_MAX`]; empty when it holds.
    pub breaches: Vec<String>,
}

/// Most breaches that are named for one invariant.
pub const BREACHES_MAX: usize = 10;

const OWN: &[Check] = &[
    Check {
        number: "I41",
        says: "no row refers to one that is not there",
        sql: "SELECT \"table\" || ' row ' || rowid FROM pragma_foreign_key_check",
    },
    Check {
        number: "I19",
        says: "the store is bound to one target",
        sql: "SELECT 'rows: ' || COUNT(*) FROM store HAVING COUNT(*) <> 1",
    },
];

/// Every invariant of every table group.
pub fn all() -> impl Iterator<Item = &'static Check> {
    let groups = [
        OWN,
        super::customer::CHECKS,
        super::subscription::CHECKS,
        super::tier::CHECKS,
        super::pending::CHECKS,
        super::span::CHECKS,
        super::usage::CHECKS,
        super::rollup::CHECKS,
        super::usage_credit::CHECKS,
        super::ledger::CHECKS,
        super::allocation::CHECKS,
        super::sale::CHECKS,
        super::delivery::CHECKS,
        super::reconcile::CHECKS,
        super::notice::CHECKS,
        super::inbox::CHECKS,
        super::audit::CHECKS,
    ];
    groups.into_iter().flatten()
}

/// What the file and its engine say of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Version of the SQLite that is built in.
    pub sqlite: String,
    /// `wal` when right.
    pub journal: String,
    /// Bytes of the file.
    pub bytes: i64,
    /// Schema version.
    pub schema: i64,
    /// First lines of `integrity_check`; `ok` when right.
    pub integrity: String,
}

impl Reader<'_> {
    /// Runs every invariant: those that are SQL, the schema, which guards most of them, and the hashes of the audit chain.
    pub fn checks_run(&self) -> Result<Vec<Finding>> {
        super::usage::ids::teach(self.conn)?;
        let mut breaches = super::migrate::schema_differences(self.conn)?;
        breaches.truncate(BREACHES_MAX);
        let says = "tables, triggers, indexes and views are those of this version";
        let schema = Finding { number: "I43", says, breaches };
        let verified = self.audit_verify(None)?;
        let says = "each row of the audit chain follows from the one before";
        let audit = Finding { number: "I45", says, breaches: verified.broken.into_iter().collect() };
        let sql = all().map(|check| self.check_run(check));
        [schema, audit].into_iter().map(Ok).chain(sql).collect()
    }

    fn check_run(&self, check: &Check) -> Result<Finding> {
        let mut statement = self.conn.prepare(check.sql)?;
        let mut rows = statement.query([])?;
        let mut breaches = Vec::new();
        while breaches.len() < BREACHES_MAX
            && let Some(row) = rows.next()?
        {
            let value: rusqlite::types::Value = row.get(0)?;
            breaches.push(match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            });
        }
        Ok(Finding { number: check.number, says: check.says, breaches })
    }

    /// Bytes of the store, with what is still in its WAL.
    pub fn store_bytes(&self) -> Result<i64> {
        let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        Ok(self.conn.query_row(sql, [], |row| row.get(0))?)
    }

    /// What the file and its engine say of themselves. Reads the whole file.
    pub fn health(&self) -> Result<Health> {
        let text = |sql: &str| self.conn.query_row(sql, [], |row| row.get::<_, String>(0));
        let number = |sql: &str| self.conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        Ok(Health {
            sqlite: rusqlite::version().to_owned(),
            journal: journal_mode(self.conn)?,
            bytes: self.store_bytes()?,
            schema: number("PRAGMA user_version")?,
            integrity: text("PRAGMA integrity_check(3)")?,
        })
    }
}

/// How the file is written: `wal` when right.
pub(super) fn journal_mode(conn: &rusqlite::Connection) -> Result<String> {
    Ok(match conn.path().map(std::path::Path::new).and_then(header_says_wal) {
        // Opened as unchangeable, where no index of a WAL can be made, SQLite calls the mode `delete`.
        Some(true) => "wal".to_owned(),
        _ => conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))?,
    })
}

/// Byte 18 of the file is its write version: 2 is WAL (SQLite: fileformat2, "file format version numbers").
pub(super) fn header_says_wal(path: &std::path::Path) -> Option<bool> {
    use std::io::Read as _;
    let mut header = [0; 20];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut header)).ok()?;
    Some(header[18] == 2)
}
