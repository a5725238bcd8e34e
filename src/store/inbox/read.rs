//! Looking at received events.

use rusqlite::{OptionalExtension, params};

use super::{COLUMNS, InboxEvent, TABLES, from_row};
use crate::billing::inbox::{BODY_KEPT_S, State};
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, Reader, Result};

/// Which events are meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxFilter {
    /// Of this type; `invoice.*` is all of a kind.
    pub kind: Option<String>,
    /// That happened at this instant or later.
    pub since: Option<Timestamp>,
    /// Of this customer.
    pub customer: Option<CustomerRow>,
    /// In this state.
    pub state: Option<State>,
}

/// How many events stand where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxCounts {
    /// Events that came.
    pub all: i64,
    /// To be handled, or in the hands of a process.
    pub waiting: i64,
    /// Failed, and tried again.
    pub failed: i64,
    /// Given up.
    pub dead: i64,
    /// Of another account or mode.
    pub ignored: i64,
    /// Refused at the door, by reason.
    pub refused: Vec<(String, i64)>,
}

impl Reader<'_> {
    /// One event by its number.
    pub fn inbox_get(&self, seq: i64) -> Result<InboxEvent> {
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE i.seq = ?1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([seq], from_row)?)
    }
    /// One event by Stripe's id.
    pub fn inbox_find(&self, event: &str) -> Result<Option<InboxEvent>> {
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE i.event = ?1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([event], from_row).optional()?)
    }
    /// The body of an event as it came; `None` once it was dropped.
    pub fn inbox_body(&self, seq: i64) -> Result<Option<Vec<u8>>> {
        Ok(self.conn.query_row("SELECT body FROM inbox WHERE seq = ?1", [seq], |row| row.get(0))?)
    }
    /// Events, newest first, at most `limit`; and how many there are in all.
    pub fn inbox_list(&self, filter: &InboxFilter, limit: u32) -> Result<(Vec<InboxEvent>, i64)> {
        let condition = "(?1 IS NULL OR i.type GLOB ?1) AND (?2 IS NULL OR i.created_at >= ?2)
             AND (?3 IS NULL OR i.customer = ?3 OR i.cus = (SELECT cus FROM customer WHERE customer = ?3))
             AND (?4 IS NULL OR i.state = ?4)";
        let of = params![
            filter.kind,
            filter.since.map(|at| at.0),
            filter.customer.map(|row| row.0),
            filter.state.map(State::as_str),
        ];
        let sql = format!("SELECT count(*) FROM inbox i WHERE {condition}");
        let all = self.conn.query_row(&sql, of, |row| row.get(0))?;
        let sql = format!(
            "SELECT {COLUMNS} FROM {TABLES} WHERE {condition} ORDER BY i.created_at DESC, i.seq DESC LIMIT {limit}"
        );
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map(of, from_row)?;
        Ok((rows.collect::<rusqlite::Result<_>>()?, all))
    }
    /// How many events stand where.
    pub fn inbox_counts(&self) -> Result<InboxCounts> {
        let mut counts = InboxCounts::default();
        let mut statement = self.conn.prepare("SELECT state, count(*) FROM inbox GROUP BY state")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (state, count): (String, i64) = (row.get(0)?, row.get(1)?);
            counts.all += count;
            match State::parse(&state) {
                Some(State::New | State::Handling) => counts.waiting += count,
                Some(State::Failed) => counts.failed += count,
                Some(State::Dead) => counts.dead += count,
                Some(State::Ignored) => counts.ignored += count,
                Some(State::Done) | None => {}
            }
        }
        let mut statement = self.conn.prepare("SELECT reason, count FROM inbox_refused ORDER BY reason")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        counts.refused = rows.collect::<rusqlite::Result<_>>()?;
        Ok(counts)
    }
    /// How many events can be handled now.
    pub fn inbox_ready(&self, now: Timestamp) -> Result<i64> {
        let sql = "SELECT count(*) FROM inbox WHERE state IN ('new', 'handling', 'failed')
                   AND (next_attempt IS NULL OR next_attempt <= ?1)";
        Ok(self.conn.query_row(sql, [now.0], |row| row.get(0))?)
    }
    /// When the next event that failed is tried again.
    pub fn inbox_next_attempt(&self) -> Result<Option<Timestamp>> {
        let sql = "SELECT min(next_attempt) FROM inbox WHERE state = 'failed'";
        let at: Option<i64> = self.conn.query_row(sql, [], |row| row.get(0))?;
        Ok(at.map(Timestamp))
    }
    /// Up to when Stripe's lists were read without a gap.
    pub fn inbox_backfilled_upto(&self) -> Result<Option<Timestamp>> {
        let upto: Option<i64> =
            self.conn.query_row("SELECT upto FROM inbox_backfill", [], |row| row.get(0)).optional()?;
        Ok(upto.map(Timestamp))
    }
    /// The number of the newest event; 0 before the first.
    pub fn inbox_newest(&self) -> Result<i64> {
        Ok(self.conn.query_row("SELECT COALESCE(max(seq), 0) FROM inbox", [], |row| row.get(0))?)
    }
    /// Whether bodies are kept that have outlived their time.
    pub fn inbox_bodies_old(&self, now: Timestamp) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM inbox WHERE body IS NOT NULL AND state = 'done' AND received_at < ?1)";
        Ok(self.conn.query_row(sql, [now.plus(-BODY_KEPT_S).0], |row| row.get(0))?)
    }
}
