//! Corrections in money: items on invoices for differences that cannot be mended at the meter.

use rusqlite::{OptionalExtension, params};

use super::{CustomerRow, MeterRow, Reader, Result, Writer};
use crate::billing::money::{Currency, Money};
use crate::billing::time::Timestamp;

/// A correction as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its number.
    pub correction: i64,
    /// What the item is worth; below zero gives back.
    pub amount: Money,
    /// What the customer reads.
    pub description: String,
    /// `ii_…`, once it is there.
    pub item: Option<String>,
}

/// Where a finding about usage is, as its repair needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingPlace {
    /// Whose.
    pub customer: CustomerRow,
    /// Of what.
    pub meter: MeterRow,
    /// `mtr_…`.
    pub meter_id: String,
    /// When Stripe was last read for it.
    pub read_at: Timestamp,
    /// Whether a later run looked and did not see it any more.
    pub is_gone: bool,
}

impl Reader<'_> {
    /// The correction of a finding, if one was begun.
    pub fn correction_of(&self, finding: i64) -> Result<Option<Correction>> {
        let sql = "SELECT correction, minor, currency, description, item FROM correction WHERE finding = ?1";
        let found = self
            .conn
            .query_row(sql, [finding], |row| {
                let currency: String = row.get(2)?;
                Ok((row.get(0)?, row.get(1)?, currency, row.get(3)?, row.get(4)?))
            })
            .optional()?;
        Ok(found.and_then(|(correction, minor, currency, description, item)| {
            let amount = Money { minor, currency: Currency::parse(&currency)? };
            Some(Correction { correction, amount, description, item })
        }))
    }

    /// Whether an item at Stripe is that of a correction of this store.
    pub fn correction_item_known(&self, item: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM correction WHERE item = ?1)";
        Ok(self.conn.query_row(sql, [item], |row| row.get(0))?)
    }

    /// Where a finding about usage is, and since when every reading of Stripe has said the same of it.
    pub fn finding_place(&self, finding: i64) -> Result<Option<FindingPlace>> {
        let sql = "SELECT f.customer, f.meter, COALESCE(m.stripe_id, ''),
             (SELECT MIN(r.at) FROM finding_seen s JOIN reconcile_run r USING (run) WHERE s.finding = f.finding
              AND s.run > (SELECT COALESCE(MAX(o.run), 0) FROM finding_seen o WHERE o.finding = f.finding
                AND (o.stripe IS NOT f.stripe OR o.sent <> f.sent))),
             f.gone_run IS NOT NULL
             FROM finding f JOIN meter m USING (meter) WHERE f.finding = ?1";
        let found = self.conn.query_row(sql, [finding], |row| {
            Ok(FindingPlace {
                customer: CustomerRow(row.get(0)?),
                meter: MeterRow(row.get(1)?),
                meter_id: row.get(2)?,
                read_at: Timestamp(row.get(3)?),
                is_gone: row.get(4)?,
            })
        });
        Ok(found.optional()?)
    }

    /// Open findings about usage that nobody has acknowledged, of one customer if given, oldest first.
    pub fn findings_open(&self, customer: Option<CustomerRow>) -> Result<Vec<i64>> {
        let sql = "SELECT finding FROM finding WHERE gone_run IS NULL AND ack_run IS NULL
             AND (?1 IS NULL OR customer = ?1) ORDER BY finding";
        let mut find = self.conn.prepare(sql)?;
        let rows = find.query_map([customer.map(|it| it.0)], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl Writer<'_> {
    /// Stores a correction before Stripe is called; gives the one that is there already.
    pub fn correction_begin(
        &self,
        finding: i64,
        customer: CustomerRow,
        amount: Money,
        description: &str,
    ) -> Result<Correction> {
        if let Some(known) = self.reader().correction_of(finding)? {
            return Ok(known);
        }
        let by = self.origin;
        self.conn.execute(
            "INSERT INTO correction (finding, customer, minor, currency, description, state, at, run, actor, host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, ?5, 'begun', ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                finding,
                customer.0,
                amount.minor,
                amount.currency.code(),
                description,
                self.now.0,
                self.run,
                by.actor,
                by.host,
                by.reason,
                by.reference
            ],
        )?;
        let correction = self.conn.last_insert_rowid();
        Ok(Correction { correction, amount, description: description.to_owned(), item: None })
    }

    /// Notes the item at Stripe.
    pub fn correction_done(&self, correction: i64, item: &str) -> Result<()> {
        let sql = "UPDATE correction SET state = 'done', item = ?2 WHERE correction = ?1 AND state = 'begun'";
        self.conn.execute(sql, params![correction, item])?;
        Ok(())
    }

    /// Notes that Stripe does not count a delivery that it took: its usage is uncovered from here on.
    pub fn delivery_absent(&self, delivery: i64, evidence: &str) -> Result<bool> {
        let open = "SELECT EXISTS (SELECT 1 FROM delivery WHERE delivery = ?1 AND state = 'accepted')";
        if !self.conn.query_row(open, [delivery], |row| row.get(0))? {
            return Ok(false);
        }
        self.opening_give_back(delivery)?;
        let sql = "UPDATE delivery SET state = 'lost', evidence = ?2 WHERE delivery = ?1";
        self.conn.execute(sql, params![delivery, evidence])?;
        Ok(true)
    }
}
