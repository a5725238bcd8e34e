//! Sums of usage and of what was sent, for one customer and meter and a stretch of time.

use rusqlite::{OptionalExtension, params};

use super::{CustomerRow, MeterRow, Reader, Result};
use crate::billing::period::Period;

/// What was recorded and what Stripe has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageSums {
    /// Units recorded.
    pub recorded: i64,
    /// Events.
    pub events: i64,
    /// Units that Stripe has accepted, or held before this store.
    pub sent: i64,
}

impl Reader<'_> {
    /// The sums of a stretch of time.
    pub fn usage_sums(&self, customer: CustomerRow, meter: MeterRow, within: Period) -> Result<UsageSums> {
        let mut find = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(quantity), 0), COUNT(*) FROM usage_of_pair \
             WHERE customer = ?1 AND meter = ?2 AND block_to >= ?3 AND block_from < ?4 AND at >= ?3 AND at < ?4",
        )?;
        let of = params![customer.0, meter.0, within.start.micros().0, within.end.micros().0];
        let (recorded, events) = find.query_row(of, |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut find = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(CASE state WHEN 'accepted' THEN value + opening ELSE opening END), 0) FROM delivery \
             WHERE customer = ?1 AND meter = ?2 AND timestamp >= ?3 AND timestamp < ?4 AND state IN ('accepted', 'closed')",
        )?;
        let of = params![customer.0, meter.0, within.start.0, within.end.0];
        Ok(UsageSums { recorded, events, sent: find.query_row(of, |row| row.get(0))? })
    }

    /// What Stripe had counted of a billing period when reconcile last asked.
    pub fn usage_confirmed(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        period: Period,
    ) -> Result<Option<i64>> {
        let mut find = self.conn.prepare_cached(
            "SELECT stripe FROM pair_period WHERE customer = ?1 AND meter = ?2 AND period_start = ?3 AND period_end = ?4",
        )?;
        let of = params![customer.0, meter.0, period.start.0, period.end.0];
        Ok(find.query_row(of, |row| row.get(0)).optional()?.flatten())
    }

    /// Meters of which a customer has usage at all.
    pub fn usage_meters_of(&self, customer: CustomerRow) -> Result<Vec<MeterRow>> {
        // One step of the index for each meter, however many events there are.
        let mut find = self.conn.prepare_cached(
            "SELECT meter FROM meter m WHERE EXISTS \
             (SELECT 1 FROM usage_block e WHERE e.customer = ?1 AND e.meter = m.meter)",
        )?;
        let rows = find.query_map([customer.0], |row| row.get(0).map(MeterRow))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
