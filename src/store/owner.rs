//! Who sends: the owner mark as last seen, taking over, and what Stripe held before this store sent anything.

use rusqlite::{OptionalExtension, params};

use super::{CustomerRow, MeterRow, Reader, Result, Writer};
use crate::billing::time::{HOUR_S, Timestamp};

/// A customer that Stripe knows and a meter that it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedPair {
    /// The customer.
    pub customer: CustomerRow,
    /// Its own id.
    pub customer_id: String,
    /// `cus_…`.
    pub cus: String,
    /// The meter.
    pub meter: MeterRow,
    /// Its key.
    pub meter_key: String,
    /// `mtr_…`.
    pub meter_id: String,
}

/// What Stripe held of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// The UTC hour, in hours since 1970.
    pub hour: i64,
    /// Units by Stripe's summary.
    pub sum: i64,
}

impl Reader<'_> {
    /// Event names of the meters that some tier prices, in order.
    pub fn meter_events_priced(&self) -> Result<Vec<String>> {
        let mut find = self.conn.prepare("SELECT event FROM meter WHERE priced = 1 ORDER BY event")?;
        let rows = find.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Every meter with its key, in order of keys.
    pub fn meter_keys(&self) -> Result<Vec<(MeterRow, String)>> {
        let mut find = self.conn.prepare("SELECT meter, key FROM meter ORDER BY key")?;
        let rows = find.query_map([], |row| Ok((MeterRow(row.get(0)?), row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Store id and epoch of the owner mark as last seen.
    pub fn owner_seen(&self) -> Result<Option<(String, i64)>> {
        let found = self
            .conn
            .query_row("SELECT store_id, epoch FROM owner", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found)
    }

    /// Units that Stripe held of a customer, meter and stretch of time before this store sent any, and that no delivery has
    /// left out of its value since.
    pub fn opening_left(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<i64> {
        let sql = "SELECT COALESCE(SUM(amount - used), 0) FROM opening
             WHERE customer = ?1 AND meter = ?2 AND hour * 3600 >= ?3 - 3599 AND hour * 3600 < ?4";
        Ok(self.conn.query_row(sql, params![customer.0, meter.0, from.0, to.0], |row| row.get(0))?)
    }

    /// When this store finished taking over; `None` when it did not, or was interrupted.
    pub fn taken_over_at(&self) -> Result<Option<Timestamp>> {
        Ok(self.conn.query_row("SELECT taken_over_at FROM store", [], |row| {
            Ok(row.get::<_, Option<i64>>(0)?.map(Timestamp))
        })?)
    }

    /// Every linked customer with every meter that Stripe counts, in order.
    pub fn pair_linked(
        &self,
        customer: Option<CustomerRow>,
        meter: Option<MeterRow>,
    ) -> Result<Vec<LinkedPair>> {
        let mut find = self.conn.prepare(
            "SELECT c.customer, c.id, c.cus, m.meter, m.key, m.stripe_id FROM customer c JOIN meter m
             WHERE c.cus IS NOT NULL AND m.stripe_id IS NOT NULL
             AND (?1 IS NULL OR c.customer = ?1) AND (?2 IS NULL OR m.meter = ?2) ORDER BY c.id, m.key",
        )?;
        let rows = find.query_map(params![customer.map(|it| it.0), meter.map(|it| it.0)], |row| {
            Ok(LinkedPair {
                customer: CustomerRow(row.get(0)?),
                customer_id: row.get(1)?,
                cus: row.get(2)?,
                meter: MeterRow(row.get(3)?),
                meter_key: row.get(4)?,
                meter_id: row.get(5)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Notes the owner mark as it is at Stripe.
    pub fn owner_note(
        &self,
        product: &str,
        store_id: &str,
        epoch: i64,
        host: &str,
        events: &str,
    ) -> Result<()> {
        self.conn.execute(
            "INSERT INTO owner (one, product, store_id, epoch, host, events, seen_at) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET product = excluded.product, store_id = excluded.store_id, epoch = excluded.epoch,
             host = excluded.host, events = excluded.events, seen_at = excluded.seen_at",
            params![product, store_id, epoch, host, events, self.now.0],
        )?;
        Ok(())
    }

    /// Raises the epoch above `above` and forbids sending until `store recover`. Returns the new epoch.
    pub fn store_fence(&self, why: &str, above: i64) -> Result<i64> {
        self.conn.execute(
            "UPDATE store SET epoch = MAX(epoch, ?2) + 1, fenced = ?1, taken_over_at = NULL, ledger_rebuilt = 0",
            params![why, above],
        )?;
        Ok(self.conn.query_row("SELECT epoch FROM store", [], |row| row.get(0))?)
    }

    /// Notes that the owner before has stopped by now.
    pub fn store_taken_over(&self) -> Result<()> {
        self.conn.execute("UPDATE store SET taken_over_at = ?1", [self.now.0])?;
        Ok(())
    }

    /// Notes whether what the ledger lacks is known posting by posting.
    pub fn ledger_rebuilt(&self, is_known: bool) -> Result<()> {
        self.conn.execute("UPDATE store SET ledger_rebuilt = ?1", [is_known])?;
        Ok(())
    }

    /// Notes what Stripe holds less what this store's accepted deliveries sent, takes back every other delivery, and allows
    /// sending again. Returns the hours with an opening amount, and their units.
    pub fn store_recover(&self, held: &[Held]) -> Result<(i64, i64)> {
        self.delivery_forget("whether Stripe had it was read from its sums by store recover")?;
        let mut ours = self.conn.prepare(
            "SELECT COALESCE(SUM(value), 0) FROM delivery
             WHERE customer = ?1 AND meter = ?2 AND timestamp >= ?3 AND timestamp < ?4 AND state = 'accepted'",
        )?;
        let mut put = self.conn.prepare(
            "INSERT INTO opening (customer, meter, hour, amount, run) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET amount = MAX(amount, excluded.amount)",
        )?;
        for it in held {
            let start = it.hour * HOUR_S;
            let sent: i64 =
                ours.query_row(params![it.customer.0, it.meter.0, start, start + HOUR_S], |row| row.get(0))?;
            let amount = it.sum - sent;
            if amount > 0 {
                put.execute(params![it.customer.0, it.meter.0, it.hour, amount, self.run])?;
            }
        }
        self.restore_recovered()?;
        self.conn.execute("UPDATE store SET fenced = NULL", [])?;
        let sql = "SELECT COUNT(*), COALESCE(SUM(amount - used), 0) FROM opening WHERE used < amount";
        Ok(self.conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }
}
