//! Money given at Stripe for metered bills: stored with the key of its call before Stripe is asked.

use rusqlite::{OptionalExtension, Row, params};

use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::time::Timestamp;

/// A grant as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeGrant {
    /// Its number.
    pub stripe_grant: i64,
    /// What it is.
    pub new: StripeGrantNew,
    /// `begun` (Stripe may not know it yet), `done`, `dropped`.
    pub state: String,
    /// `credgr_…`.
    pub grant_id: Option<String>,
}

/// A grant to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripeGrantNew {
    /// Whose.
    pub customer: CustomerRow,
    /// Minor units.
    pub amount: i64,
    /// Currency code, lower case.
    pub currency: String,
    /// It was paid for; else it is promotional.
    pub is_paid: bool,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// What it is called in the Dashboard.
    pub name: Option<String>,
    /// The idempotency key of its call.
    pub key: String,
    /// What the caller's own key stands for.
    pub digest: Option<String>,
}

const COLUMNS: &str =
    "stripe_grant, customer, amount, currency, category, expires_at, name, key, digest, state, grant_id";

fn from_row(row: &Row<'_>) -> rusqlite::Result<StripeGrant> {
    let category: String = row.get(4)?;
    Ok(StripeGrant {
        stripe_grant: row.get(0)?,
        new: StripeGrantNew {
            customer: CustomerRow(row.get(1)?),
            amount: row.get(2)?,
            currency: row.get(3)?,
            is_paid: category == "paid",
            expires_at: row.get::<_, Option<i64>>(5)?.map(Timestamp),
            name: row.get(6)?,
            key: row.get(7)?,
            digest: row.get(8)?,
        },
        state: row.get(9)?,
        grant_id: row.get(10)?,
    })
}

impl Reader<'_> {
    /// All grants of a customer, oldest first.
    pub fn stripe_grants_of(&self, customer: CustomerRow) -> Result<Vec<StripeGrant>> {
        let sql = format!("SELECT {COLUMNS} FROM stripe_grant WHERE customer = ?1 ORDER BY stripe_grant");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([customer.0], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// The grant with this key.
    pub fn stripe_grant_by_key(&self, key: &str) -> Result<Option<StripeGrant>> {
        let sql = format!("SELECT {COLUMNS} FROM stripe_grant WHERE key = ?1");
        Ok(self.conn.query_row(&sql, [key], from_row).optional()?)
    }
}

impl Writer<'_> {
    /// Stores a grant before Stripe is asked.
    pub fn stripe_grant_begin(&self, new: &StripeGrantNew) -> Result<StripeGrant> {
        let by = self.origin;
        self.conn.execute(
            "INSERT INTO stripe_grant (customer, amount, currency, category, expires_at, name, key, digest, state,
                                       created_at, run, actor, host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'begun', ?9, ?10, ?11, ?12, ?13, ?14)",
            params![
                new.customer.0,
                new.amount,
                new.currency,
                if new.is_paid { "paid" } else { "promotional" },
                new.expires_at.map(|at| at.0),
                new.name,
                new.key,
                new.digest,
                self.now.0,
                self.run,
                by.actor,
                by.host,
                by.reason,
                by.reference
            ],
        )?;
        let found = self.reader().stripe_grant_by_key(&new.key)?;
        found.ok_or_else(|| StoreError::Broken("a grant is gone".to_owned()))
    }
    /// Ends a grant that was begun: `Some`: Stripe made it; `None`: Stripe refused it.
    pub fn stripe_grant_end(&self, grant: i64, grant_id: Option<&str>) -> Result<()> {
        self.conn.execute(
            "UPDATE stripe_grant SET state = ?2, grant_id = ?3 WHERE stripe_grant = ?1 AND state = 'begun'",
            params![grant, if grant_id.is_some() { "done" } else { "dropped" }, grant_id],
        )?;
        Ok(())
    }
}
