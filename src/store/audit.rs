//! The audit chain: what was done and what was posted, row by row, each sealed with a hash over all rows before it.
//!
//! Triggers write its rows, in the transaction of what they tell of; [`seal`] closes them at the end of that
//! transaction. A changed or missing row breaks every hash after it. Whoever can write the whole file can write the
//! whole chain anew: only a head that was noted elsewhere finds that.

use rusqlite::{Connection, OptionalExtension, Row, params};
use sha2::{Digest, Sha256};

use super::checks::Check;
use super::{Reader, Result, StoreError};
use crate::billing::time::Timestamp;

/// A hash of the chain.
pub type Hash = [u8; 32];

/// Rows that are sealed at once.
const SEALED_AT_ONCE: i64 = 10_000;

/// One row of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number: 1, 2, 3 …
    pub audit: i64,
    /// When it was sealed.
    pub at: Option<Timestamp>,
    /// The run that did it.
    pub run: Option<i64>,
    /// The kind of row that it tells of: run, assignment, posting, lot, entry, finding, store.
    pub kind: String,
    /// The number of that row.
    pub row: i64,
    /// What that row said then, as JSON.
    pub content: String,
    /// Over all rows up to this one; `None` until it is sealed.
    pub hash: Option<Hash>,
}

/// What a look at the whole chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Rows that follow from those before them.
    pub rows: i64,
    /// The hash of the last of them.
    pub head: Option<Hash>,
    /// Rows after them that the next command that writes will seal.
    pub not_sealed: i64,
    /// The first thing that is wrong.
    pub broken: Option<String>,
    /// Whether the hash that was asked for is one of the chain's; `None` when none was asked for.
    pub has_pinned: Option<bool>,
}

/// Which rows are listed; the default is all.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this run only.
    pub run: Option<i64>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// Sealed not before this instant.
    pub from: Option<Timestamp>,
    /// Sealed before this instant.
    pub to: Option<Timestamp>,
    /// Only so many, and those the newest.
    pub newest: Option<u32>,
}

const ROW: &str = "SELECT audit, at, run, kind, row, content, hash FROM audit";

const HASH_OF: &str = "SELECT hash FROM audit WHERE audit = ?1";
const FIRST_NOT_SEALED: &str = "SELECT MIN(audit) FROM audit WHERE hash IS NULL";
const NOT_SEALED: &str =
    "SELECT audit, at, run, kind, row, content, hash FROM audit WHERE audit >= ?1 ORDER BY audit LIMIT ?2";
const SEAL: &str = "UPDATE audit SET at = ?2, run = ?3, hash = ?4 WHERE audit = ?1";
/// What closes the rows of a transaction.
pub(super) const SEALING: [&str; 4] = [FIRST_NOT_SEALED, HASH_OF, NOT_SEALED, SEAL];

/// What comes before the first row: the chain of one store is not that of another.
fn origin(conn: &Connection) -> Result<Hash> {
    let store: String = conn.query_row("SELECT store_id FROM store", [], |row| row.get(0))?;
    let mut hash = Sha256::new();
    hash.update(b"paygrade audit 1");
    hash.update(store.as_bytes());
    Ok(hash.finalize().into())
}

/// The hash of a row after the one before it: numbers as 8 bytes, big end first, texts after their length.
fn link(before: &Hash, it: &AuditRow) -> Hash {
    let mut hash = Sha256::new();
    hash.update(before);
    for number in [it.audit, it.at.map_or(0, |at| at.0), it.run.unwrap_or(0), it.row] {
        hash.update(number.to_be_bytes());
    }
    for text in [&it.kind, &it.content] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().into()
}

/// Closes the rows that this transaction has written.
pub(super) fn seal(conn: &Connection, run: i64, now: Timestamp) -> Result<()> {
    while let Some(first) = first_not_sealed(conn)? {
        let mut before = match conn
            .prepare_cached(HASH_OF)?
            .query_row([first - 1], |row| row.get::<_, Option<Hash>>(0))
            .optional()?
        {
            Some(Some(hash)) => hash,
            Some(None) => return Err(StoreError::Broken("the audit chain has an open row".to_owned())),
            None => origin(conn)?,
        };
        let mut find = conn.prepare_cached(NOT_SEALED)?;
        let rows =
            find.query_map([first, SEALED_AT_ONCE], from_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut close = conn.prepare_cached(SEAL)?;
        for row in rows {
            let row = AuditRow { at: Some(now), run: Some(run), ..row };
            before = link(&before, &row);
            close.execute(params![row.audit, now.0, run, before])?;
        }
    }
    Ok(())
}

fn first_not_sealed(conn: &Connection) -> Result<Option<i64>> {
    let mut find = conn.prepare_cached(FIRST_NOT_SEALED)?;
    Ok(find.query_row([], |row| row.get(0))?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AuditRow> {
    Ok(AuditRow {
        audit: row.get(0)?,
        at: row.get::<_, Option<i64>>(1)?.map(Timestamp),
        run: row.get(2)?,
        kind: row.get(3)?,
        row: row.get(4)?,
        content: row.get(5)?,
        hash: row.get(6)?,
    })
}

impl Reader<'_> {
    /// The last sealed row's number and hash.
    pub fn audit_head(&self) -> Result<Option<(i64, Hash)>> {
        let sql = "SELECT audit, hash FROM audit WHERE hash IS NOT NULL ORDER BY audit DESC LIMIT 1";
        Ok(self.conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }

    /// Hands rows of the chain one by one to `take`, oldest first, until it fails.
    pub fn audit_each<E: From<StoreError>>(
        &self,
        filter: &AuditFilter,
        mut take: impl FnMut(AuditRow) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let failed = StoreError::from;
        let which = "(?1 IS NULL OR run = ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR at >= ?3) \
                     AND (?4 IS NULL OR at < ?4)";
        let sql = match filter.newest {
            None => format!("{ROW} WHERE {which} AND ?5 IS NULL ORDER BY audit"),
            Some(_) => {
                format!("SELECT * FROM ({ROW} WHERE {which} ORDER BY audit DESC LIMIT ?5) ORDER BY audit")
            }
        };
        let mut find = self.conn.prepare(&sql).map_err(failed)?;
        let (from, to) = (filter.from.map(|at| at.0), filter.to.map(|at| at.0));
        let which = params![filter.run, filter.kind, from, to, filter.newest];
        let mut rows = find.query(which).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            take(from_row(row).map_err(failed)?)?;
        }
        Ok(())
    }

    /// Reads the whole chain: whether each row follows from the one before, and whether what the rows tell of still
    /// says what they say. `pinned`: a hash that must be among them.
    pub fn audit_verify(&self, pinned: Option<Hash>) -> Result<Verified> {
        let mut before = origin(self.conn)?;
        let mut it =
            Verified { rows: 0, head: None, not_sealed: 0, broken: None, has_pinned: pinned.map(|_| false) };
        let mut find = self.conn.prepare(&format!("{ROW} ORDER BY audit"))?;
        let mut rows = find.query([])?;
        while let Some(row) = rows.next()? {
            let row = from_row(row)?;
            if row.audit != it.rows + it.not_sealed + 1 {
                it.broken = Some(format!("row {} is missing", it.rows + it.not_sealed + 1));
                return Ok(it);
            }
            let place = format!("row {} ({} {})", row.audit, row.kind, row.row);
            let Some(hash) = row.hash else {
                it.not_sealed += 1;
                continue;
            };
            before = link(&before, &row);
            if it.not_sealed > 0 || hash != before {
                it.broken = Some(format!("{place} does not follow from the rows before it"));
                return Ok(it);
            }
            it.rows += 1;
            it.head = Some(hash);
            if pinned == Some(hash) {
                it.has_pinned = Some(true);
            }
        }
        it.broken = self.audit_source_differs()?;
        Ok(it)
    }

    /// The first row of the store that says something else than the chain.
    fn audit_source_differs(&self) -> Result<Option<String>> {
        for check in CHECKS {
            let found: Option<String> = self.conn.query_row(check.sql, [], |row| row.get(0)).optional()?;
            if let Some(place) = found {
                return Ok(Some(format!("{place} breaks: {}", check.says)));
            }
        }
        Ok(None)
    }
}

/// What must hold for the chain, beside its hashes; each query returns a row where it does not.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I45",
        says: "the audit chain has no gaps",
        sql: "SELECT 'row ' || audit FROM audit a WHERE audit <> 1 \
              AND NOT EXISTS (SELECT 1 FROM audit b WHERE b.audit = a.audit - 1) ORDER BY audit",
    },
    Check {
        number: "I45",
        says: "what the audit chain tells of still says what it says",
        sql: "SELECT 'row ' || a.audit || ' (' || a.kind || ' ' || a.row || ')' FROM audit a \
              LEFT JOIN audit_source s ON s.kind = a.kind AND s.row = a.row WHERE a.kind <> 'finding' \
              AND a.audit = (SELECT MAX(b.audit) FROM audit b WHERE b.kind = a.kind AND b.row = a.row) \
              AND s.content IS NOT a.content ORDER BY a.audit",
    },
    Check {
        number: "I45",
        says: "the audit chain tells of every run, assignment and posting",
        sql: "SELECT s.kind || ' ' || s.row FROM audit_source s WHERE s.kind <> 'finding' \
              AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.kind = s.kind AND a.row = s.row) ORDER BY s.kind, s.row",
    },
];

#[cfg(test)]
mod tests;
