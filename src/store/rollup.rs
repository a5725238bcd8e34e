//! Rollups: sums per customer x meter x UTC day x span, kept in the transaction that writes the events. What an hour
//! holds is read from its events.

use std::collections::BTreeMap;

use rusqlite::params;

use super::checks::Check;
use super::span::{SpanCache, SpanRow};
use super::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};
use crate::billing::period::Period;
use crate::billing::span::Span;
use crate::billing::time::{Micros, Timestamp};

/// Key of a rollup in the order of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollupKey {
    /// The customer.
    pub customer: CustomerRow,
    /// The meter.
    pub meter: MeterRow,
    /// Whole UTC days since 1970.
    pub day: i64,
    /// The span.
    pub span: SpanRow,
}

/// What a rollup says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollup {
    /// Units.
    pub sum: i64,
    /// Events.
    pub events: i64,
    /// The last event recorded.
    pub last_seq: i64,
}

impl Rollup {
    /// One event.
    pub fn of(quantity: i64, seq: i64) -> Rollup {
        Rollup { sum: quantity, events: 1, last_seq: seq }
    }
    /// Both together; `None` when the sum leaves 64 bits.
    pub fn and(self, other: Rollup) -> Option<Rollup> {
        Some(Rollup {
            sum: self.sum.checked_add(other.sum)?,
            events: self.events.checked_add(other.events)?,
            last_seq: self.last_seq.max(other.last_seq),
        })
    }
}

/// Adds a sum to a stored rollup.
pub(super) const ADD: &str = "INSERT INTO rollup (customer, meter, day, span, sum, events, last_seq) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (customer, meter, day, span) DO UPDATE SET \
    sum = sum + excluded.sum, events = events + excluded.events, last_seq = max(last_seq, excluded.last_seq)";

/// Adds sums to the stored rollups, in the order of their key.
pub(super) fn add(w: &Writer<'_>, sums: &BTreeMap<RollupKey, Rollup>) -> Result<()> {
    let mut put = w.conn.prepare_cached(ADD)?;
    for (key, it) in sums {
        put.execute(params![
            key.customer.0,
            key.meter.0,
            key.day,
            key.span.0,
            it.sum,
            it.events,
            it.last_seq
        ])?;
    }
    Ok(())
}

/// Makes the rollups of a pair anew from its events at or after `since`, none of which has one now.
pub(super) fn rebuild(
    w: &Writer<'_>,
    cache: &mut SpanCache,
    customer: CustomerRow,
    meter: MeterRow,
    since: Timestamp,
) -> Result<usize> {
    let mut events = w.conn.prepare_cached(
        "SELECT seq, quantity, at FROM usage_of_pair WHERE customer = ?1 AND meter = ?2 AND block_to >= ?3 \
         AND at >= ?3",
    )?;
    let mut events = events.query(params![customer.0, meter.0, since.micros().0])?;
    let mut sums: BTreeMap<RollupKey, Rollup> = BTreeMap::new();
    while let Some(row) = events.next()? {
        let (seq, quantity, at): (i64, i64, Micros) = (row.get(0)?, row.get(1)?, Micros(row.get(2)?));
        let span = cache.find_or_make(w, customer, meter, at.second())?.row;
        let key = RollupKey { customer, meter, day: at.day(), span };
        merge(&mut sums, key, Rollup::of(quantity, seq))?;
    }
    add(w, &sums)?;
    Ok(sums.len())
}

/// Adds an event to sums in memory.
pub(super) fn merge(sums: &mut BTreeMap<RollupKey, Rollup>, key: RollupKey, one: Rollup) -> Result<()> {
    let sum = match sums.get(&key) {
        Some(sum) => sum.and(one).ok_or_else(too_large)?,
        None => one,
    };
    sums.insert(key, sum);
    Ok(())
}

pub(super) fn too_large() -> StoreError {
    StoreError::Broken("a sum of usage leaves 64 bits".to_owned())
}

/// Which usage of a period counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// All that is not billed.
    Unbilled,
    /// What happened under terms that end in a refusal or in credits. What was unlimited, or not the tier's at all, is
    /// not charged by a tier that comes after it.
    Limited,
}

/// Whether the terms of an assignment limit a meter: `?` names the assignment and the meter's number.
const IS_LIMITED: &str = "SELECT 1 FROM tier_assignment a JOIN revision v USING (tier, digest) JOIN meter m \
     WHERE a.assignment = ?assignment AND m.meter = ?meter \
     AND json_extract(v.terms, '$.usage.\"' || m.key || '\".beyond') IN ('block', 'credits')";

fn is_limited_sql(assignment: &str, meter: &str) -> String {
    format!("EXISTS ({})", IS_LIMITED.replace("?assignment", assignment).replace("?meter", meter))
}

/// Units of a pair that count against what a tier allows in a period.
pub(super) fn allowance_used(
    r: &Reader<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    allowance: Period,
    counting: Counting,
) -> Result<i64> {
    let which = match counting {
        Counting::Unbilled => "s.exempt <> 'no_tier'".to_owned(),
        Counting::Limited => is_limited_sql("s.assignment", "s.meter"),
    };
    let mut sum = r.conn.prepare_cached(&format!(
        "SELECT COALESCE(SUM(r.sum), 0) FROM span s CROSS JOIN rollup r \
         ON r.customer = s.customer AND r.meter = s.meter AND r.day BETWEEN s.from_at / 86400 AND s.to_at / 86400 \
         AND r.span = s.span WHERE s.customer = ?1 AND s.meter = ?2 AND s.from_at >= ?3 AND s.period_end = ?4 \
         AND s.price IS NULL AND {which}"
    ))?;
    Ok(sum.query_row(params![customer.0, meter.0, allowance.start.0, allowance.end.0], |row| row.get(0))?)
}

impl Reader<'_> {
    /// Units of a pair that count against what is included in the span's period: where it is billed those under the
    /// same price; where it is limited those under limits; else all that is not billed.
    pub fn usage_used(&self, customer: CustomerRow, meter: MeterRow, span: &Span) -> Result<i64> {
        let Some(price) = span.treatment.price() else {
            let sql = format!("SELECT {}", is_limited_sql("?1", "?2"));
            let mut ask = self.conn.prepare_cached(&sql)?;
            let limited = ask.query_row(params![span.assignment, meter.0], |row| row.get(0))?;
            let counting = if limited { Counting::Limited } else { Counting::Unbilled };
            return allowance_used(self, customer, meter, span.allowance, counting);
        };
        let mut sum = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(r.sum), 0) FROM span s CROSS JOIN rollup r \
             ON r.customer = s.customer AND r.meter = s.meter \
             AND r.day BETWEEN s.from_at / 86400 AND s.to_at / 86400 AND r.span = s.span \
             WHERE s.customer = ?1 AND s.meter = ?2 AND s.period_start = ?3 AND s.period_end = ?4 AND s.price = ?5",
        )?;
        let (start, end) = (span.period.start.0, span.period.end.0);
        Ok(sum.query_row(params![customer.0, meter.0, start, end, price], |row| row.get(0))?)
    }
}

/// What must hold for rollups; each query returns a row where it does not.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I13",
        says: "rollups equal their events, by sum and count",
        sql: "SELECT customer, meter, day, SUM(sum), SUM(events) FROM (\
         SELECT customer, meter, day, sum, events FROM rollup UNION ALL \
         SELECT customer, meter, at_s / 86400, -quantity, -1 FROM usage_event) \
         GROUP BY customer, meter, day HAVING SUM(sum) <> 0 OR SUM(events) <> 0",
    },
    Check {
        number: "I13",
        says: "a rollup's day touches its span",
        sql: "SELECT r.customer, r.meter, r.day, r.span FROM rollup r JOIN span s USING (span) \
         WHERE r.customer <> s.customer OR r.meter <> s.meter OR r.day < s.from_at / 86400 OR r.day * 86400 >= s.to_at",
    },
    Check {
        number: "I13",
        says: "each event is in the rollup of the span that holds it",
        sql: "SELECT r.customer, r.meter, r.day, r.span FROM rollup r JOIN span s USING (span) WHERE r.sum <> (\
         SELECT COALESCE(SUM(e.quantity), 0) FROM usage_of_pair e WHERE e.customer = r.customer AND e.meter = r.meter \
         AND e.block_to >= max(r.day * 86400, s.from_at) * 1000000 \
         AND e.block_from < min(r.day * 86400 + 86400, s.to_at) * 1000000 \
         AND e.at >= max(r.day * 86400, s.from_at) * 1000000 AND e.at < min(r.day * 86400 + 86400, s.to_at) * 1000000)",
    },
];
