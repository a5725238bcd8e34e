//! What alerts look at that nobody else needs: the allocation that is being used, refills, and what needs an operator.

use rusqlite::{OptionalExtension, params};

use super::{CustomerRow, MeterRow, Reader, Result};
use crate::billing::money::{Currency, Money};
use crate::billing::time::Timestamp;

/// The allocation of credits that a customer uses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocationUse {
    /// When it was granted.
    pub at: Timestamp,
    /// Credits granted.
    pub granted: i64,
    /// Credits that are left, held ones included.
    pub left: i64,
}

/// An open difference at Stripe that nobody has acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    /// Its number.
    pub finding: i64,
    /// The customer.
    pub customer: CustomerRow,
    /// Its own id.
    pub customer_id: String,
    /// The meter.
    pub meter: MeterRow,
    /// Its key.
    pub meter_key: String,
    /// Where it begins.
    pub from: Timestamp,
    /// Its class.
    pub class: String,
    /// Units too many or too few.
    pub difference: i64,
    /// What it costs.
    pub amount: Option<Money>,
    /// It is about the bill, not about what Stripe's meter counts.
    pub is_of_bill: bool,
    /// Stripe was asked: its place is a whole minute.
    pub is_at_stripe: bool,
}

/// Deliveries in a state that needs somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// The state.
    pub state: String,
    /// How many.
    pub deliveries: i64,
    /// Units.
    pub units: i64,
    /// The newest of them.
    pub newest: i64,
}

impl Reader<'_> {
    /// The newest live allocation of a customer, with what is left of it.
    pub fn allocation_use(&self, customer: CustomerRow, now: Timestamp) -> Result<Option<AllocationUse>> {
        // What was taken back counts neither as used nor as allocated.
        let sql = "SELECT p.at, l.granted - COALESCE((
                 SELECT sum(e.credits) FROM ledger_entry e CROSS JOIN ledger_posting r ON r.posting = e.posting
                 WHERE e.customer = l.customer AND e.lot = l.lot AND r.movement = 'revoke'
                 AND e.entry > (SELECT min(entry) FROM ledger_entry WHERE posting = l.posting)), 0),
             l.available + l.held FROM ledger_lot l JOIN ledger_posting p USING (posting)
             WHERE l.customer = ?1 AND l.kind = 'subscription_allocation'
             AND (l.expires_at IS NULL OR l.expires_at > ?2) ORDER BY l.lot DESC LIMIT 1";
        let found = self.conn.prepare_cached(sql)?.query_row(params![customer.0, now.0], |row| {
            Ok(AllocationUse { at: Timestamp(row.get(0)?), granted: row.get(1)?, left: row.get(2)? })
        });
        Ok(found.optional()?)
    }

    /// The posting that brought a customer credits last; `None` when it never had any.
    pub fn credits_refilled(&self, customer: CustomerRow) -> Result<Option<i64>> {
        let sql = "SELECT posting FROM ledger_lot WHERE customer = ?1 ORDER BY lot DESC LIMIT 1";
        Ok(self.conn.prepare_cached(sql)?.query_row([customer.0], |row| row.get(0)).optional()?)
    }

    /// Differences that Stripe's own count shows, open and not acknowledged.
    pub fn finding_open(&self) -> Result<Vec<OpenFinding>> {
        let of_bill = super::finding::bill_causes();
        let mut find = self.conn.prepare(&format!(
            "SELECT f.finding, f.customer, c.id, f.meter, m.key, f.from_at, f.class, f.difference,
             f.minor, f.currency, f.cause IN ({of_bill}), f.stripe IS NOT NULL FROM finding f
             JOIN customer c USING (customer) JOIN meter m USING (meter)
             WHERE f.gone_run IS NULL AND f.ack_run IS NULL ORDER BY f.finding"
        ))?;
        let rows = find.query_map([], |row| {
            Ok(OpenFinding {
                finding: row.get(0)?,
                customer: CustomerRow(row.get(1)?),
                customer_id: row.get(2)?,
                meter: MeterRow(row.get(3)?),
                meter_key: row.get(4)?,
                from: Timestamp(row.get(5)?),
                class: row.get(6)?,
                difference: row.get(7)?,
                amount: row
                    .get::<_, Option<i64>>(8)?
                    .zip(row.get::<_, Option<String>>(9)?.and_then(|it| Currency::parse(&it)))
                    .map(|(minor, currency)| Money { minor, currency }),
                is_of_bill: row.get(10)?,
                is_at_stripe: row.get(11)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The event that was given up last, with how many were in all.
    pub fn inbox_dead(&self) -> Result<Option<(i64, i64)>> {
        let sql = "SELECT max(seq), count(*) FROM inbox WHERE state = 'dead'";
        Ok(self.conn.query_row(sql, [], |row| {
            let newest: Option<i64> = row.get(0)?;
            Ok(newest.zip(row.get(1)?))
        })?)
    }

    /// Deliveries that are late, too late, unknown or rejected, by state.
    pub fn delivery_stuck(&self) -> Result<Vec<Stuck>> {
        let sql = "SELECT state, count(*), sum(value), max(delivery) FROM delivery
             WHERE state IN ('late', 'too_late', 'unknown', 'rejected') GROUP BY state ORDER BY state";
        let mut find = self.conn.prepare(sql)?;
        let rows = find.query_map([], |row| {
            Ok(Stuck { state: row.get(0)?, deliveries: row.get(1)?, units: row.get(2)?, newest: row.get(3)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
