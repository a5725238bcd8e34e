//! Received events: kept as they came, claimed before they are handled, done in the transaction of their effect.
//!
//! What holds: one row for each event id; what came is never changed; a claim is committed before anything is handled, so
//! that an event that kills its process is counted; and one process at a time handles the events of a store, by its
//! lock, so that a claim seen under it is a dead process's.

mod read;
mod report;
#[cfg(test)]
mod tests;

pub use read::{InboxCounts, InboxFilter};
pub use report::{MeterErrors, MeterReport};

use rusqlite::{OptionalExtension, Row, params};

use super::checks::Check;
use super::{CustomerRow, Result, StoreError, Writer};
use crate::billing::inbox::{ATTEMPTS_MAX, BODY_KEPT_S, LEASE_S, State, after_failure, error_line};
use crate::billing::time::Timestamp;

/// What must hold of received events.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I29",
        says: "an event that was handled has one effect, and one that was not has none",
        sql: "SELECT event FROM inbox WHERE (state IN ('done', 'ignored')) <> (effect IS NOT NULL)",
    },
    Check {
        number: "I29",
        says: "a delivery is marked by a report that was handled",
        sql: "SELECT d.delivery FROM delivery d LEFT JOIN inbox i ON i.event = d.report_event
              WHERE d.report_code IS NOT NULL AND (i.state IS NULL OR i.state <> 'done')",
    },
    Check {
        number: "I32",
        says: "every event ends done or dead within its attempts",
        sql: "SELECT event FROM inbox WHERE attempts > 12 AND state NOT IN ('done', 'dead', 'ignored')",
    },
    Check {
        number: "I28",
        says: "events of another account or mode are kept without their bodies and never handled",
        sql: "SELECT event FROM inbox WHERE state = 'ignored' AND (body IS NOT NULL OR handled_at IS NOT NULL)",
    },
];

/// How an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Posted to us, with a signature that fits.
    Endpoint,
    /// From a file, with a signature that fits.
    File,
    /// Read from Stripe by its id.
    Stripe,
    /// Read from Stripe's list.
    Backfill,
}

impl Source {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Endpoint => "endpoint",
            Source::File => "file",
            Source::Stripe => "stripe",
            Source::Backfill => "backfill",
        }
    }
}

/// An event to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// `evt_…`.
    pub event: String,
    /// Whether it is a thin one.
    pub thin: bool,
    /// Stripe's type.
    pub kind: String,
    /// When it happened.
    pub created: Timestamp,
    /// How it came.
    pub source: Source,
    /// Id of the object concerned.
    pub object: Option<String>,
    /// `cus_…` of the object.
    pub cus: Option<String>,
    /// As it came.
    pub body: Vec<u8>,
    /// Why it is never handled: of another account or mode. Then its body is not kept.
    pub ignored: Option<&'static str>,
    /// Nothing is done about its type: it is done at once.
    pub unhandled: bool,
}

/// A received event as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEvent {
    /// Order of arrival.
    pub seq: i64,
    /// `evt_…`.
    pub event: String,
    /// Whether it is a thin one.
    pub thin: bool,
    /// Stripe's type.
    pub kind: String,
    /// When it happened.
    pub created: Timestamp,
    /// When it came.
    pub received: Timestamp,
    /// How it came, for people.
    pub source: String,
    /// Id of the object concerned.
    pub object: Option<String>,
    /// `cus_…` of the object.
    pub cus: Option<String>,
    /// Own id of the customer, once it was handled.
    pub customer: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Attempts so far.
    pub attempts: u32,
    /// When it is tried again.
    pub next_attempt: Option<Timestamp>,
    /// What it did.
    pub effect: Option<String>,
    /// What the last attempt that failed said.
    pub last_error: Option<String>,
    /// When it was done or given up.
    pub handled_at: Option<Timestamp>,
}

const COLUMNS: &str = "i.seq, i.event, i.thin, i.type, i.created_at, i.received_at, i.source, i.object, i.cus, c.id, i.state, \
     i.attempts, i.next_attempt, i.effect, i.last_error, i.handled_at";
const TABLES: &str = "inbox i LEFT JOIN customer c ON c.customer = COALESCE(i.customer, (SELECT customer FROM customer WHERE cus = i.cus))";

fn from_row(row: &Row<'_>) -> rusqlite::Result<InboxEvent> {
    let at = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(Timestamp));
    let state: String = row.get(10)?;
    let state = State::parse(&state).ok_or_else(|| {
        let why = format!("`{state}` is no state of an event");
        rusqlite::Error::FromSqlConversionFailure(10, rusqlite::types::Type::Text, why.into())
    })?;
    Ok(InboxEvent {
        seq: row.get(0)?,
        event: row.get(1)?,
        thin: row.get(2)?,
        kind: row.get(3)?,
        created: Timestamp(row.get(4)?),
        received: Timestamp(row.get(5)?),
        source: row.get(6)?,
        object: row.get(7)?,
        cus: row.get(8)?,
        customer: row.get(9)?,
        state,
        attempts: row.get(11)?,
        next_attempt: at(12)?,
        effect: row.get(13)?,
        last_error: row.get(14)?,
        handled_at: at(15)?,
    })
}

/// What became of an event that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrived {
    /// It is stored and will be handled.
    New,
    /// It was there already.
    Known,
    /// It is stored, and nothing is done about its type.
    Unhandled,
    /// It is noted, and never handled.
    Ignored,
}

impl Writer<'_> {
    /// Stores an event that came, once for each id.
    pub fn inbox_put(&self, it: &Arrival) -> Result<Arrived> {
        let effect = it.ignored.map(str::to_owned).or_else(|| it.unhandled.then(|| "not handled".to_owned()));
        let (state, arrived) = match (it.ignored, it.unhandled) {
            (Some(_), _) => (State::Ignored, Arrived::Ignored),
            (None, true) => (State::Done, Arrived::Unhandled),
            (None, false) => (State::New, Arrived::New),
        };
        let body = (state != State::Ignored).then_some(&it.body);
        let (handled_at, handled_run) = match state {
            State::Done => (Some(self.now.0), Some(self.run)),
            _ => (None, None),
        };
        let written = self.conn.execute(
            "INSERT INTO inbox (event, thin, type, created_at, received_at, source, object, cus, body, state, effect,
                                handled_at, handled_run, run)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (event) DO NOTHING",
            params![
                it.event,
                it.thin,
                it.kind,
                it.created.0,
                self.now.0,
                it.source.as_str(),
                it.object,
                it.cus,
                body,
                state.as_str(),
                effect,
                handled_at,
                handled_run,
                self.run
            ],
        )?;
        Ok(if written == 1 { arrived } else { Arrived::Known })
    }

    /// Counts what was refused at the door.
    pub fn inbox_refused(&self, reason: &str, count: i64) -> Result<()> {
        self.conn.execute(
            "INSERT INTO inbox_refused (reason, count, last_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)",
            params![reason, count, self.now.0],
        )?;
        Ok(())
    }

    /// Claims the next event that can be handled now; under the lock. Of `only`, if given, whatever their wait. Oldest
    /// first by Stripe's clock: order does not matter, but people read it so.
    pub fn inbox_claim(&self, only: Option<&[i64]>) -> Result<Option<InboxEvent>> {
        // What has ended its process at every attempt would end this one too.
        self.conn.execute(
            "UPDATE inbox SET state = 'dead', lease_until = NULL, last_error = 'every attempt ended its process',
             handled_at = ?2, handled_run = ?3 WHERE state = 'handling' AND attempts >= ?1",
            params![ATTEMPTS_MAX, self.now.0, self.run],
        )?;
        let seq: Option<i64> = match only {
            None => {
                let sql = "SELECT seq FROM inbox WHERE state IN ('new', 'handling', 'failed')
                           AND (next_attempt IS NULL OR next_attempt <= ?1) ORDER BY created_at, seq LIMIT 1";
                self.conn.prepare_cached(sql)?.query_row([self.now.0], |row| row.get(0)).optional()?
            }
            Some(only) => {
                let sql = "SELECT seq FROM inbox WHERE seq = ?1 AND state IN ('new', 'handling', 'failed')";
                let mut find = self.conn.prepare_cached(sql)?;
                let mut found = None;
                for seq in only {
                    found = find.query_row([seq], |row| row.get(0)).optional()?;
                    if found.is_some() {
                        break;
                    }
                }
                found
            }
        };
        let Some(seq) = seq else { return Ok(None) };
        self.conn
            .prepare_cached(
                "UPDATE inbox SET state = 'handling', attempts = attempts + 1, lease_until = ?2, next_attempt = NULL
                 WHERE seq = ?1",
            )?
            .execute(params![seq, self.now.plus(LEASE_S).0])?;
        self.reader().inbox_get(seq).map(Some)
    }

    /// Gives back a claim that came to nothing through no fault of the event: Stripe could not be asked.
    pub fn inbox_release(&self, seq: i64) -> Result<()> {
        let sql = "UPDATE inbox SET state = 'new', attempts = max(attempts - 1, 0), lease_until = NULL
                   WHERE seq = ?1 AND state = 'handling'";
        self.conn.execute(sql, [seq])?;
        Ok(())
    }

    /// Ends a claim: this is what the event did. In the transaction that did it.
    pub fn inbox_done(&self, seq: i64, customer: Option<CustomerRow>, effect: &str) -> Result<()> {
        let changed = self.conn.execute(
            "UPDATE inbox SET state = 'done', lease_until = NULL, customer = ?2, effect = ?3, handled_at = ?4, handled_run = ?5
             WHERE seq = ?1 AND state = 'handling'",
            params![seq, customer.map(|row| row.0), effect, self.now.0, self.run],
        )?;
        if changed == 1 {
            return Ok(());
        }
        // Another process took it over: its effect must not be committed twice.
        Err(StoreError::Broken(format!("event number {seq} was handled but is not claimed")))
    }

    /// Notes an attempt that failed: it is tried again, or given up.
    pub fn inbox_failed(&self, seq: i64, attempts: u32, error: &str) -> Result<State> {
        let (state, next_attempt) = after_failure(attempts, self.now);
        let dead = state == State::Dead;
        self.conn.execute(
            "UPDATE inbox SET state = ?2, lease_until = NULL, next_attempt = ?3, last_error = ?4, handled_at = ?5,
             handled_run = ?6 WHERE seq = ?1 AND state = 'handling'",
            params![
                seq,
                state.as_str(),
                next_attempt.map(|at| at.0),
                error_line(error),
                dead.then_some(self.now.0),
                dead.then_some(self.run)
            ],
        )?;
        Ok(state)
    }

    /// Puts events back into the queue, as if they had just come. What was ignored stays so.
    pub fn inbox_replay(&self, seqs: &[i64]) -> Result<i64> {
        let mut put = self.conn.prepare_cached(
            "UPDATE inbox SET state = 'new', attempts = 0, lease_until = NULL, next_attempt = NULL, effect = NULL,
             handled_at = NULL, handled_run = NULL, last_error = NULL WHERE seq = ?1 AND state <> 'ignored'",
        )?;
        let mut changed = 0;
        for seq in seqs {
            changed += i64::try_from(put.execute([seq])?).unwrap_or(i64::MAX);
        }
        Ok(changed)
    }

    /// Drops the bodies of events that were handled and came longer ago than bodies are kept.
    pub fn inbox_bodies_drop(&self) -> Result<i64> {
        let before = self.now.plus(-BODY_KEPT_S);
        let sql =
            "UPDATE inbox SET body = NULL WHERE body IS NOT NULL AND state = 'done' AND received_at < ?1";
        Ok(i64::try_from(self.conn.execute(sql, [before.0])?).unwrap_or(i64::MAX))
    }

    /// Notes up to when Stripe's lists were read without a gap.
    pub fn inbox_backfilled(&self, upto: Timestamp) -> Result<()> {
        self.conn.execute(
            "INSERT INTO inbox_backfill (one, upto, run) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET upto = max(upto, excluded.upto), run = excluded.run",
            params![upto.0, self.run],
        )?;
        Ok(())
    }
}
