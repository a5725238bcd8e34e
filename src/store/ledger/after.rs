//! What of the ledger is in one store and not in another: for a store that was restored from a backup.

use rusqlite::{OptionalExtension, params};

use super::read::word;
use crate::billing::ledger::Movement;
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;
use crate::store::{Reader, Result};

/// A posting, as far as it takes to do it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingAfter {
    /// The customer's own id.
    pub customer: String,
    /// What moved.
    pub movement: Movement,
    /// Of a grant: the kind of its lot.
    pub kind: Option<String>,
    /// How many credits.
    pub credits: Credits,
    /// When.
    pub at: Timestamp,
    /// The key.
    pub key: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What caused it.
    pub source_id: Option<String>,
}

impl Reader<'_> {
    /// Postings after this one, in order.
    pub fn postings_after(&self, posting: i64) -> Result<Vec<PostingAfter>> {
        let mut find = self.conn.prepare(
            "SELECT c.id, p.movement, l.kind, p.credits, p.at, p.key, p.reason, p.source_id
             FROM ledger_posting p JOIN customer c USING (customer) LEFT JOIN ledger_lot l USING (posting)
             WHERE p.posting > ?1 ORDER BY p.posting",
        )?;
        let rows = find.query_map(params![posting], |row| {
            Ok(PostingAfter {
                customer: row.get(0)?,
                movement: word(row, 1, Movement::parse)?,
                kind: row.get(2)?,
                credits: Credits(row.get(3)?),
                at: Timestamp(row.get(4)?),
                key: row.get(5)?,
                reason: row.get(6)?,
                source_id: row.get(7)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether something was posted under this key.
    pub fn posting_key_known(&self, key: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM ledger_posting WHERE key = ?1";
        Ok(self.conn.query_row(sql, [key], |_| Ok(())).optional()?.is_some())
    }

    /// Own ids of everybody who has or had credits, with what is available or held of them.
    pub fn credits_left(&self) -> Result<Vec<(String, Credits)>> {
        let mut find = self.conn.prepare(
            "SELECT c.id, SUM(l.available + l.held) FROM ledger_lot l JOIN customer c USING (customer)
             GROUP BY c.id ORDER BY c.id",
        )?;
        let rows = find.query_map([], |row| Ok((row.get(0)?, Credits(row.get(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
