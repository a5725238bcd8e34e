//! Changes of tier that wait for their day: one at a time for a customer, kept once they came or were undone.

use rusqlite::{OptionalExtension, Row, params};

use super::checks::Check;
use super::tier::{interval_from, revision_from};
use super::{CustomerRow, Reader, Result, Writer};
use crate::billing::assign::{Coming, Pending};
use crate::billing::catalog::Interval;
use crate::billing::time::Timestamp;

/// What must hold of changes that wait: each query names an invariant and returns no row.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I26",
        says: "a change waits for the subscription that its customer is on",
        sql: "SELECT p.pending FROM pending_change p WHERE p.state = 'waiting' AND NOT EXISTS
         (SELECT 1 FROM tier_assignment a WHERE a.customer = p.customer AND a.sub = p.sub AND a.to_at IS NULL)",
    },
    Check {
        number: "I26",
        says: "what waits is carried out by the schedule or the end that its subscription has",
        sql: "SELECT p.pending FROM pending_change p JOIN subscription s USING (sub) WHERE p.state = 'waiting'
         AND CASE WHEN p.schedule IS NULL THEN s.cancel_at IS NOT p.at ELSE s.schedule IS NOT p.schedule END",
    },
];

/// A change that waits, or waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    /// Its number.
    pub pending: i64,
    /// The subscription that it changes, or ends.
    pub sub: String,
    /// Its operation: the subscription's metadata names it once it has come.
    pub op: String,
    /// What it is.
    pub change: Pending,
}

/// How a change stopped waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingEnd {
    /// It came.
    Done,
    /// It was taken back, here or at Stripe.
    Undone,
}

const COLUMNS: &str = "pending, sub, op, schedule, at, tier, digest, interval, seats";

fn from_row(row: &Row<'_>) -> rusqlite::Result<PendingChange> {
    let tier: Option<String> = row.get(5)?;
    let to = match tier {
        Some(tier) => Some(Coming {
            revision: revision_from(&tier, row.get(6)?)?,
            interval: interval_from(row.get(7)?)?,
            seats: row.get(8)?,
        }),
        None => None,
    };
    Ok(PendingChange {
        pending: row.get(0)?,
        sub: row.get(1)?,
        op: row.get(2)?,
        change: Pending { to, at: Timestamp(row.get(4)?), schedule: row.get(3)? },
    })
}

impl Reader<'_> {
    /// The change of a customer that waits.
    pub fn pending_waiting(&self, customer: CustomerRow) -> Result<Option<PendingChange>> {
        let sql = format!("SELECT {COLUMNS} FROM pending_change WHERE customer = ?1 AND state = 'waiting'");
        Ok(self.conn.query_row(&sql, [customer.0], from_row).optional()?)
    }
    /// Whether a run made a change that waits.
    pub fn pending_is_of_run(&self, pending: i64, run: i64) -> Result<bool> {
        let sql = "SELECT count(*) FROM pending_change WHERE pending = ?1 AND run = ?2";
        Ok(self.conn.query_row(sql, [pending, run], |row| row.get::<_, i64>(0))? > 0)
    }
    /// Whether a schedule is ours: a change that was not undone waits for it, or came by it.
    pub fn schedule_is_ours(&self, schedule: &str) -> Result<bool> {
        let sql = "SELECT count(*) FROM pending_change WHERE schedule = ?1 AND state <> 'undone'";
        Ok(self.conn.query_row(sql, [schedule], |row| row.get::<_, i64>(0))? > 0)
    }
}

impl Writer<'_> {
    /// Stores a change that waits; one that waited before is undone by it.
    pub fn pending_put(&self, customer: CustomerRow, sub: &str, op: &str, change: &Pending) -> Result<()> {
        if let Some(before) = self.reader().pending_waiting(customer)? {
            self.pending_end(before.pending, PendingEnd::Undone)?;
        }
        let (by, to) = (self.origin, change.to.as_ref());
        self.conn.execute(
            "INSERT INTO pending_change (customer, sub, schedule, op, tier, digest, interval, seats, at, state,
                                         made_at, run, actor, host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', ?10, ?11, ?12, ?13, ?14, ?15)",
            params![
                customer.0,
                sub,
                change.schedule,
                op,
                to.map(|to| to.revision.tier.as_str()),
                to.map(|to| &to.revision.digest),
                to.and_then(|to| to.interval).map(Interval::as_str),
                to.and_then(|to| to.seats),
                change.at.0,
                self.now.0,
                self.run,
                by.actor,
                by.host,
                by.reason,
                by.reference
            ],
        )?;
        Ok(())
    }
    /// Notes that Stripe has moved the day of a change that waits.
    pub fn pending_move(&self, pending: i64, at: Timestamp) -> Result<()> {
        let sql = "UPDATE pending_change SET at = ?2 WHERE pending = ?1 AND at <> ?2";
        self.conn.execute(sql, params![pending, at.0])?;
        Ok(())
    }
    /// Ends the waiting.
    pub fn pending_end(&self, pending: i64, how: PendingEnd) -> Result<()> {
        let state = match how {
            PendingEnd::Done => "done",
            PendingEnd::Undone => "undone",
        };
        self.conn.execute(
            "UPDATE pending_change SET state = ?2, ended_at = ?3, ended_run = ?4 WHERE pending = ?1",
            params![pending, state, self.now.0, self.run],
        )?;
        Ok(())
    }
}
