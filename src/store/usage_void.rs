//! Counter-entries: usage is append-only, so that an event is voided by another one of minus its quantity at its time.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, Row, params};

use super::rollup::{self, Rollup, RollupKey};
use super::span::SpanCache;
use super::usage::ids;
use super::{CustomerRow, MeterRow, Reader, Result, Writer};
use crate::billing::period::Period;
use crate::billing::span::Exempt;
use crate::billing::time::{Micros, Timestamp};
use crate::billing::usage::EventId;

/// A recorded event, as far as voiding it needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub seq: i64,
    /// Its id.
    pub id: EventId,
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// Units.
    pub quantity: i64,
    /// When it happened.
    pub at: Micros,
    /// It is a counter-entry itself.
    pub counters: bool,
    /// It is voided already.
    pub voided: bool,
}

const RECORDED: &str = "SELECT e.seq, e.id, e.customer, e.meter, e.quantity, e.at, e.voids IS NOT NULL, \
     EXISTS (SELECT 1 FROM usage_event v WHERE v.voids = e.seq) FROM usage_event e";

fn recorded(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    Ok(Recorded {
        seq: row.get(0)?,
        id: EventId(row.get(1)?),
        customer: CustomerRow(row.get(2)?),
        meter: MeterRow(row.get(3)?),
        quantity: row.get(4)?,
        at: Micros(row.get(5)?),
        counters: row.get(6)?,
        voided: row.get(7)?,
    })
}

/// What bills usage at an instant, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// The billing period; of usage that is not billed the one of its allowance.
    pub period: Period,
    /// Why it is not billed, where it is not.
    pub exempt: Option<Exempt>,
    /// After this what is sent is not billed any more.
    pub must_arrive_by: Timestamp,
}

/// What voiding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Voided {
    /// Counter-entries written.
    pub events: i64,
    /// Units that they take back.
    pub units: i64,
    /// Credits given back.
    pub credits: i64,
}

impl Reader<'_> {
    /// Events that a run recorded after a number, in order, at most `limit`.
    pub fn usage_of_run(&self, run: i64, after: i64, limit: usize) -> Result<Vec<Recorded>> {
        let batches = RECORDED.replace("FROM usage_event e", "FROM usage_batch b CROSS JOIN usage_event e");
        let sql = format!(
            "{batches} WHERE b.run = ?1 AND b.last_seq > ?2 AND e.seq BETWEEN b.first_seq AND b.last_seq AND e.seq > ?2 \
             ORDER BY b.first_seq, e.seq LIMIT ?3"
        );
        let mut find = self.conn.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = find.query_map(params![run, after, limit], recorded)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// One event, as it stands now.
    pub fn usage_recorded(&self, seq: i64) -> Result<Option<Recorded>> {
        let sql = format!("{RECORDED} WHERE e.seq = ?1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([seq], recorded).optional()?)
    }

    /// How many events that a delivery covers are neither voided nor counter-entries.
    pub fn delivery_live_events(&self, delivery: i64) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM delivery d CROSS JOIN usage_of_pair u ON u.customer = d.customer
             AND u.meter = d.meter AND u.block_to >= d.from_at * 1000000 AND u.block_from < d.to_at * 1000000
             AND u.at >= d.from_at * 1000000 AND u.at < d.to_at * 1000000
             AND u.seq > d.after_seq AND u.seq <= d.upto_seq WHERE d.delivery = ?1 AND u.voids IS NULL
             AND NOT EXISTS (SELECT 1 FROM usage_event v WHERE v.voids = u.seq)";
        Ok(self.conn.query_row(sql, [delivery], |row| row.get(0))?)
    }

    /// Whether no delivery covers later events of this one's window: then its events and their counter-entries are formed
    /// together.
    pub fn delivery_is_last(&self, delivery: i64) -> Result<bool> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM delivery d JOIN delivery l ON l.customer = d.customer
             AND l.meter = d.meter AND l.from_at > d.from_at - 86400 AND l.from_at < d.to_at AND d.from_at < l.to_at
             AND l.after_seq >= d.upto_seq AND l.state NOT IN ('lost', 'cancelled', 'replaced') WHERE d.delivery = ?1)";
        Ok(self.conn.query_row(sql, [delivery], |row| row.get(0))?)
    }

    /// Events with this id: one for each meter at most.
    pub fn usage_with_id(&self, id: EventId) -> Result<Vec<Recorded>> {
        let mut meters = self.conn.prepare_cached("SELECT meter FROM meter ORDER BY meter")?;
        let meters = meters.query_map([], |row| row.get(0).map(MeterRow))?;
        let mut all = Vec::new();
        for meter in meters {
            if let Some(seq) = ids::seq_of(self.conn, id, meter?)? {
                all.extend(self.usage_recorded(seq)?);
            }
        }
        Ok(all)
    }

    /// What bills a customer's usage of a meter at an instant.
    pub fn usage_billed(
        &self,
        cache: &mut SpanCache,
        customer: CustomerRow,
        meter: MeterRow,
        at: Timestamp,
        grace_s: i64,
    ) -> Result<Billed> {
        let (span, _) = cache.derive(self, customer, meter, at)?;
        let Some(price) = span.treatment.price() else {
            let exempt = span.treatment.exempt();
            return Ok(Billed { period: span.allowance, exempt, must_arrive_by: span.period.end });
        };
        let must_arrive_by =
            super::delivery::deadline(self, customer, meter, span.to, span.period.end, price, grace_s)?;
        Ok(Billed { period: span.period, exempt: None, must_arrive_by })
    }
}

impl Writer<'_> {
    /// Voids events by counter-entries, with their sums and the credits that they cost. None of them may be voided already.
    pub fn usage_void(&self, cache: &mut SpanCache, events: &[Recorded]) -> Result<Voided> {
        let mut seq: i64 =
            self.conn.query_row("SELECT COALESCE(max(seq), 0) FROM usage_event", [], |row| row.get(0))?;
        let first = seq + 1;
        let mut put = self.conn.prepare_cached(
            "INSERT INTO usage_event (seq, meter, customer, id, quantity, at_s, at_us, action, end_user, voids)
             SELECT ?1, meter, customer, ?2, -quantity, at_s, at_us, action, end_user, seq FROM usage_event WHERE seq = ?3",
        )?;
        let mut sums = BTreeMap::new();
        let mut limited: BTreeSet<(CustomerRow, MeterRow, Timestamp, Timestamp)> = BTreeSet::new();
        let mut done = Voided::default();
        for it in events {
            seq += 1;
            let id = EventId::voiding(it.id);
            put.execute(params![seq, &id.0[..], it.seq])?;
            self.usage_place(seq, id, it.customer, it.meter, it.at)?;
            let span = cache.find_or_make(self, it.customer, it.meter, it.at.second())?;
            let key = RollupKey { customer: it.customer, meter: it.meter, day: it.at.day(), span: span.row };
            rollup::merge(&mut sums, key, Rollup::of(-it.quantity, seq))?;
            if span.is_limited() {
                let allowance = span.span.allowance;
                limited.insert((it.customer, it.meter, allowance.start, allowance.end));
            }
            done.events += 1;
            done.units += it.quantity;
        }
        if seq >= first {
            self.usage_batch(first, seq)?;
        }
        rollup::add(self, &sums)?;
        for (customer, meter, start, end) in limited {
            done.credits += self.usage_credit_void(customer, meter, Period { start, end })?;
        }
        Ok(done)
    }

    /// Takes back a delivery that is not at Stripe for certain, so that what is left of its events is formed anew.
    /// Whether it did: what may be at Stripe stays.
    pub fn delivery_unsend(&self, delivery: i64, evidence: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM delivery WHERE delivery = ?1 AND indefinite_at IS NULL
             AND state IN ('due', 'late', 'too_late', 'rejected'))";
        let unsent = self.conn.prepare_cached(sql)?.query_row([delivery], |row| row.get(0))?;
        if unsent {
            self.delivery_take_back(delivery, evidence)?;
        }
        Ok(unsent)
    }
}
