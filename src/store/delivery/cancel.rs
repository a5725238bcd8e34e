//! Taking back at Stripe what it accepted: the wish is stored before the call, and moves the delivery once it is decided.

use rusqlite::{OptionalExtension, Row, params};

use super::Delivery;
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};

/// A wish to take a delivery back that is not decided yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// Its number.
    pub cancellation: i64,
    /// The delivery.
    pub delivery: i64,
    /// When it was stored: before the first call.
    pub at: Timestamp,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Cancellation> {
    Ok(Cancellation { cancellation: row.get(0)?, delivery: row.get(1)?, at: Timestamp(row.get(2)?) })
}

impl Cancellation {
    /// The Idempotency-Key of its call.
    pub fn key(&self, delivery: &Delivery) -> String {
        format!("{}-cancel-{}", delivery.identifier, self.cancellation)
    }
}

impl Reader<'_> {
    /// The wish to take a delivery back, as long as nobody knows whether it happened.
    pub fn cancellation_open(&self, delivery: i64) -> Result<Option<Cancellation>> {
        let sql =
            "SELECT cancellation, delivery, at FROM cancellation WHERE delivery = ?1 AND state = 'begun'";
        Ok(self.conn.prepare_cached(sql)?.query_row([delivery], from_row).optional()?)
    }

    /// Whether Stripe has taken a delivery back.
    pub fn cancellation_done(&self, delivery: i64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM cancellation WHERE delivery = ?1 AND state = 'done')";
        Ok(self.conn.prepare_cached(sql)?.query_row([delivery], |row| row.get(0))?)
    }

    /// All such wishes, oldest first.
    pub fn cancellations_open(&self) -> Result<Vec<Cancellation>> {
        let sql =
            "SELECT cancellation, delivery, at FROM cancellation WHERE state = 'begun' ORDER BY cancellation";
        let mut find = self.conn.prepare_cached(sql)?;
        let rows = find.query_map([], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The number of the delivery that covers an event.
    pub fn delivery_covering(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        seq: i64,
        second: Timestamp,
    ) -> Result<Option<i64>> {
        let mut find = self.conn.prepare_cached(
            "SELECT delivery FROM delivery WHERE customer = ?1 AND meter = ?2 AND from_at > ?4 - 86400 AND from_at <= ?4
             AND ?4 < to_at AND after_seq < ?3 AND ?3 <= upto_seq AND state NOT IN ('lost', 'cancelled', 'replaced')",
        )?;
        Ok(find.query_row(params![customer.0, meter.0, seq, second.0], |row| row.get(0)).optional()?)
    }
}

impl Writer<'_> {
    /// Stores that a delivery is to be taken back, before Stripe is called; gives the wish that is there already.
    pub fn cancellation_begin(&self, delivery: i64) -> Result<Cancellation> {
        if let Some(open) = self.reader().cancellation_open(delivery)? {
            return Ok(open);
        }
        let by = self.origin;
        let sql = "INSERT INTO cancellation (delivery, state, at, run, actor, host, reason, ref)
             VALUES (?1, 'begun', ?2, ?3, ?4, ?5, ?6, ?7)";
        self.conn.execute(
            sql,
            params![delivery, self.now.0, self.run, by.actor, by.host, by.reason, by.reference],
        )?;
        Ok(Cancellation { cancellation: self.conn.last_insert_rowid(), delivery, at: self.now })
    }

    /// Notes whether a delivery was taken back, and what decided it. One that was covers its events no more: what is left
    /// of them is formed anew. One that covered nothing any more (its successor does) stays what it was.
    pub fn cancellation_end(
        &self,
        it: &Cancellation,
        done: bool,
        answer: &str,
        request_id: Option<&str>,
    ) -> Result<()> {
        let word = if done { "done" } else { "refused" };
        let changed = self.conn.execute(
            "UPDATE cancellation SET state = ?2, answer = ?3, request_id = ?4, ended_at = ?5
             WHERE cancellation = ?1 AND state = 'begun'",
            params![it.cancellation, word, answer, request_id, self.now.0],
        )?;
        if changed != 1 {
            return Err(StoreError::Broken(format!("cancellation {} is decided already", it.cancellation)));
        }
        let covers = "SELECT EXISTS (SELECT 1 FROM delivery WHERE delivery = ?1 AND state = 'accepted')";
        if done && self.conn.query_row(covers, [it.delivery], |row| row.get(0))? {
            self.delivery_take_back(it.delivery, answer)?;
        }
        Ok(())
    }
}
