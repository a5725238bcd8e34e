//! Hosted pages on which customers subscribe: at most one open page for a customer.

use rusqlite::{OptionalExtension, Row, params};

use super::tier::tier_key;
use super::{CustomerRow, Reader, Result, Writer};
use crate::billing::catalog::Interval;
use crate::billing::id::Revision;

/// A page to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierCheckoutNew {
    /// Whose.
    pub customer: CustomerRow,
    /// In the metadata of the session and of what it makes.
    pub op: String,
    /// The revision that is pinned once it is paid.
    pub revision: Revision,
    /// How often the recurring price is charged.
    pub interval: Option<Interval>,
    /// Seats.
    pub seats: Option<u32>,
    /// What the session is made with, as JSON.
    pub body: String,
}

/// A page as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierCheckout {
    /// Its number.
    pub number: i64,
    /// What it is for.
    pub new: TierCheckoutNew,
    /// Somebody can pay there, or could as far as is known.
    pub is_open: bool,
    /// `cs_…`; `None` until Stripe has answered.
    pub session: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// `sub_…` that it made.
    pub sub: Option<String>,
}

const COLUMNS: &str =
    "tier_checkout, customer, op, tier, digest, interval, seats, body, state, session, url, sub";

fn from_row(row: &Row<'_>) -> rusqlite::Result<TierCheckout> {
    let (interval, state): (Option<String>, String) = (row.get(5)?, row.get(8)?);
    let new = TierCheckoutNew {
        customer: CustomerRow(row.get(1)?),
        op: row.get(2)?,
        revision: Revision { tier: tier_key(&row.get::<_, String>(3)?)?, digest: row.get(4)? },
        interval: interval.as_deref().and_then(Interval::parse),
        seats: row.get(6)?,
        body: row.get(7)?,
    };
    Ok(TierCheckout {
        number: row.get(0)?,
        new,
        is_open: matches!(state.as_str(), "begun" | "open"),
        session: row.get(9)?,
        url: row.get(10)?,
        sub: row.get(11)?,
    })
}

impl Reader<'_> {
    /// One page.
    pub fn tier_checkout_get(&self, number: i64) -> Result<TierCheckout> {
        let sql = format!("SELECT {COLUMNS} FROM tier_checkout WHERE tier_checkout = ?1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([number], from_row)?)
    }
    /// The page that is open for a customer.
    pub fn tier_checkout_open(&self, customer: CustomerRow) -> Result<Option<TierCheckout>> {
        let sql =
            format!("SELECT {COLUMNS} FROM tier_checkout WHERE customer = ?1 AND state IN ('begun', 'open')");
        Ok(self.conn.prepare_cached(&sql)?.query_row([customer.0], from_row).optional()?)
    }
    /// Pages of a customer whose subscription was not seen yet, also those that are over: money may have come late.
    pub fn tier_checkouts_unpaid(&self, customer: CustomerRow) -> Result<Vec<TierCheckout>> {
        let sql = format!("SELECT {COLUMNS} FROM tier_checkout WHERE customer = ?1 AND state <> 'complete'");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map([customer.0], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// How many pages there were for a customer.
    pub fn tier_checkout_count(&self, customer: CustomerRow) -> Result<i64> {
        let sql = "SELECT count(*) FROM tier_checkout WHERE customer = ?1";
        Ok(self.conn.query_row(sql, [customer.0], |row| row.get(0))?)
    }
}

impl Writer<'_> {
    /// Stores a page before Stripe is asked.
    pub fn tier_checkout_begin(&self, new: &TierCheckoutNew) -> Result<TierCheckout> {
        let by = self.origin;
        self.conn.execute(
            "INSERT INTO tier_checkout (customer, op, tier, digest, interval, seats, body, state, created_at, run, actor,
                                        host, reason, ref)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'begun', ?8, ?9, ?10, ?11, ?12, ?13)",
            params![
                new.customer.0,
                new.op,
                new.revision.tier.as_str(),
                new.revision.digest,
                new.interval.map(Interval::as_str),
                new.seats,
                new.body,
                self.now.0,
                self.run,
                by.actor,
                by.host,
                by.reason,
                by.reference
            ],
        )?;
        self.reader().tier_checkout_get(self.conn.last_insert_rowid())
    }
    /// Notes where a page is.
    pub fn tier_checkout_seen(&self, number: i64, session: &str, url: Option<&str>) -> Result<()> {
        self.conn.execute(
            "UPDATE tier_checkout SET state = 'open', session = ?2, url = COALESCE(?3, url)
             WHERE tier_checkout = ?1 AND state IN ('begun', 'open')",
            params![number, session, url],
        )?;
        Ok(())
    }
    /// Nobody can pay there any more.
    pub fn tier_checkout_over(&self, number: i64) -> Result<()> {
        self.conn.execute(
            "UPDATE tier_checkout SET state = 'over', ended_at = ?2
             WHERE tier_checkout = ?1 AND state IN ('begun', 'open')",
            params![number, self.now.0],
        )?;
        Ok(())
    }
    /// It made a subscription. `false`: that was known already.
    pub fn tier_checkout_complete(&self, number: i64, sub: Option<&str>) -> Result<bool> {
        let changed = self.conn.execute(
            "UPDATE tier_checkout SET state = 'complete', sub = ?3, ended_at = ?2
             WHERE tier_checkout = ?1 AND state <> 'complete'",
            params![number, self.now.0, sub],
        )?;
        Ok(changed == 1)
    }
}
