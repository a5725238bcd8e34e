//! Figures over everybody, for reports.

use rusqlite::params;

use super::{Reader, Result};
use crate::billing::time::Timestamp;

/// Counts of the store at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Figures {
    /// Customers.
    pub customers: i64,
    /// Subscriptions by Stripe's word: trialing, active, past_due, unpaid.
    pub statuses: Vec<(String, i64)>,
    /// Subscriptions that ended since then.
    pub ended: i64,
    /// Subscriptions that began since then.
    pub begun: i64,
    /// Invoices that are open after a payment failed.
    pub payments_failed: i64,
    /// Deliveries that Stripe refused, that were too late, or of which nobody knows.
    pub deliveries_wrong: i64,
    /// Deliveries that wait.
    pub deliveries_waiting: i64,
    /// Events that were given up.
    pub webhooks_dead: i64,
    /// Events that wait, or are tried again.
    pub webhooks_waiting: i64,
}

/// What was invoiced since then, in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoiced {
    /// Currency code, lower case.
    pub currency: String,
    /// Stripe's word.
    pub status: String,
    /// How many.
    pub invoices: i64,
    /// Their sum in minor units.
    pub total: i64,
    /// What was paid of it.
    pub paid: i64,
}

impl Reader<'_> {
    /// Counts, those of the past since `since`.
    pub fn report_figures(&self, since: Timestamp) -> Result<Figures> {
        let count = |sql: &str| -> Result<i64> { Ok(self.conn.query_row(sql, [], |row| row.get(0))?) };
        let after = |sql: &str| -> Result<i64> { Ok(self.conn.query_row(sql, [since.0], |row| row.get(0))?) };
        let mut statement = self.conn.prepare(
            "SELECT status, count(*) FROM subscription WHERE status NOT IN ('canceled', 'incomplete_expired')
             GROUP BY status ORDER BY status",
        )?;
        let statuses = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Figures {
            customers: count("SELECT count(*) FROM customer")?,
            statuses: statuses.collect::<rusqlite::Result<_>>()?,
            ended: after("SELECT count(*) FROM subscription WHERE status = 'canceled' AND ended_at >= ?1")?,
            begun: after(
                "SELECT count(*) FROM subscription WHERE start_at >= ?1 AND status NOT IN ('incomplete', 'incomplete_expired')",
            )?,
            payments_failed: count(
                "SELECT count(*) FROM invoice WHERE status IN ('open', 'uncollectible') AND first_failed_at IS NOT NULL",
            )?,
            deliveries_wrong: count(
                "SELECT count(*) FROM delivery WHERE state IN ('rejected', 'unknown', 'late', 'too_late')",
            )?,
            deliveries_waiting: count("SELECT count(*) FROM delivery WHERE state IN ('due', 'sending')")?,
            webhooks_dead: count("SELECT count(*) FROM inbox WHERE state = 'dead'")?,
            webhooks_waiting: count(
                "SELECT count(*) FROM inbox WHERE state IN ('new', 'handling', 'failed')",
            )?,
        })
    }

    /// Units recorded in [from, to), both at midnight, by meter and day: in order of key, then day.
    pub fn report_daily(&self, from: Timestamp, to: Timestamp) -> Result<Vec<(String, Timestamp, i64)>> {
        let mut statement = self.conn.prepare(
            "SELECT m.key, r.day * 86400, SUM(r.sum) FROM rollup r JOIN meter m USING (meter)
             WHERE r.day >= ?1 AND r.day < ?2 GROUP BY 1, 2 ORDER BY 1, 2",
        )?;
        let days = params![from.0.div_euclid(86_400), to.0.div_euclid(86_400)];
        let rows = statement.query_map(days, |row| Ok((row.get(0)?, Timestamp(row.get(1)?), row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Invoices that were made in [from, to), by currency and status. Drafts are not invoiced yet.
    pub fn report_invoiced(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Invoiced>> {
        let mut statement = self.conn.prepare(
            "SELECT currency, status, count(*), sum(total), sum(amount_paid) FROM invoice
             WHERE created_at >= ?1 AND created_at < ?2 AND status NOT IN ('draft', 'deleted')
             GROUP BY currency, status ORDER BY currency, status",
        )?;
        let rows = statement.query_map(params![from.0, to.0], |row| {
            Ok(Invoiced {
                currency: row.get(0)?,
                status: row.get(1)?,
                invoices: row.get(2)?,
                total: row.get(3)?,
                paid: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
