//! Subscriptions and their items, as last seen at Stripe.

use rusqlite::{OptionalExtension, Row, params};

use super::checks::Check;
use super::{CustomerRow, Reader, Result, Writer};
use crate::billing::period::Period;
use crate::billing::time::Timestamp;

/// Statuses in which a subscription gives what it sells (Stripe: API reference, subscription status).
pub const LIVE: &[&str] = &["trialing", "active", "past_due"];

/// What must hold of subscriptions: each query names an invariant and returns no row.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I26",
        says: "a customer has at most one live subscription of ours",
        sql: "SELECT customer FROM subscription WHERE status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused')
         GROUP BY customer HAVING count(*) > 1",
    },
    Check {
        number: "I26",
        says: "a subscription that has ended has an end",
        sql: "SELECT sub FROM subscription WHERE status IN ('canceled', 'incomplete_expired') AND ended_at IS NULL",
    },
    Check {
        number: "I26",
        says: "an item belongs to its subscription once per price",
        sql: "SELECT sub, price FROM subscription_item GROUP BY sub, price HAVING count(*) > 1",
    },
];

/// A subscription with its items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// `sub_…`.
    pub sub: String,
    /// Whose.
    pub customer: CustomerRow,
    /// Stripe's word.
    pub status: String,
    /// `charge_automatically` or `send_invoice`.
    pub collection: String,
    /// Currency code, lower case.
    pub currency: String,
    /// Stripe's `start_date`.
    pub start_at: Timestamp,
    /// Stripe's `billing_cycle_anchor`.
    pub anchor_at: Timestamp,
    /// End of the trial, if it has or had one.
    pub trial_end: Option<Timestamp>,
    /// When it will be canceled.
    pub cancel_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// `in_…`.
    pub latest_invoice: Option<String>,
    /// `sub_sched_…` that manages it.
    pub schedule: Option<String>,
    /// Its items.
    pub items: Vec<Item>,
}

/// An item of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `si_…`.
    pub item: String,
    /// `price_…`.
    pub price: String,
    /// `month`, `year`, `usage.<meter>` or `other`.
    pub role: String,
    /// `None` on metered items.
    pub quantity: Option<u64>,
    /// The current period, by Stripe's whole seconds.
    pub period: Period,
}

impl Subscription {
    /// Whether it gives what it sells.
    pub fn is_live(&self) -> bool {
        LIVE.contains(&self.status.as_str())
    }
    /// Whether it has ended for good.
    pub fn has_ended(&self) -> bool {
        matches!(self.status.as_str(), "canceled" | "incomplete_expired")
    }
}

const COLUMNS: &str = "sub, customer, status, collection, currency, start_at, anchor_at, trial_end, cancel_at, ended_at, latest_invoice, schedule";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let at = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(Timestamp));
    Ok(Subscription {
        sub: row.get(0)?,
        customer: CustomerRow(row.get(1)?),
        status: row.get(2)?,
        collection: row.get(3)?,
        currency: row.get(4)?,
        start_at: Timestamp(row.get(5)?),
        anchor_at: Timestamp(row.get(6)?),
        trial_end: at(7)?,
        cancel_at: at(8)?,
        ended_at: at(9)?,
        latest_invoice: row.get(10)?,
        schedule: row.get(11)?,
        items: Vec::new(),
    })
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    let quantity: Option<i64> = row.get(3)?;
    Ok(Item {
        item: row.get(0)?,
        price: row.get(1)?,
        role: row.get(2)?,
        quantity: quantity.and_then(|quantity| u64::try_from(quantity).ok()),
        period: Period { start: Timestamp(row.get(4)?), end: Timestamp(row.get(5)?) },
    })
}

impl Reader<'_> {
    /// One subscription.
    pub fn subscription_get(&self, sub: &str) -> Result<Option<Subscription>> {
        let sql = format!("SELECT {COLUMNS} FROM subscription WHERE sub = ?1");
        let found = self.conn.prepare_cached(&sql)?.query_row([sub], from_row).optional()?;
        found.map(|it| self.with_items(it)).transpose()
    }
    /// Whether a subscription was on trial at an instant: usage is counted then and not billed (Stripe: docs, free trials).
    pub fn is_on_trial(&self, sub: &str, at: Timestamp) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM subscription WHERE sub = ?1 AND trial_end > ?2)";
        Ok(self.conn.prepare_cached(sql)?.query_row((sub, at.0), |row| row.get(0))?)
    }
    /// All subscriptions of a customer, also ended ones, oldest first.
    pub fn subscriptions_of(&self, customer: CustomerRow) -> Result<Vec<Subscription>> {
        let sql = format!("SELECT {COLUMNS} FROM subscription WHERE customer = ?1 ORDER BY start_at, sub");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([customer.0], from_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(|it| self.with_items(it)).collect()
    }

    /// Customers whose tier's subscription owes money by Stripe's word.
    pub fn customers_owing(&self) -> Result<Vec<CustomerRow>> {
        let sql = "SELECT a.customer FROM tier_assignment a JOIN subscription s USING (sub)
                   WHERE a.to_at IS NULL AND s.status IN ('past_due', 'unpaid') ORDER BY a.customer";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok(CustomerRow(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn with_items(&self, mut subscription: Subscription) -> Result<Subscription> {
        let sql = "SELECT item, price, role, quantity, period_start, period_end FROM subscription_item WHERE sub = ?1 ORDER BY role, item";
        let mut statement = self.conn.prepare(sql)?;
        subscription.items =
            statement.query_map([&subscription.sub], item)?.collect::<rusqlite::Result<Vec<_>>>()?;
        Ok(subscription)
    }
}

impl Writer<'_> {
    /// Stores a subscription as Stripe shows it now, its items with it. Items that are gone there go here too.
    pub fn subscription_put(&self, it: &Subscription) -> Result<()> {
        let at = |at: Option<Timestamp>| at.map(|at| at.0);
        self.conn.execute(
            "INSERT INTO subscription (sub, customer, status, collection, currency, start_at, anchor_at, trial_end,
                                       cancel_at, ended_at, latest_invoice, seen_at, schedule)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (sub) DO UPDATE SET status = excluded.status, collection = excluded.collection,
               anchor_at = excluded.anchor_at, trial_end = excluded.trial_end, cancel_at = excluded.cancel_at,
               ended_at = excluded.ended_at, latest_invoice = excluded.latest_invoice, seen_at = excluded.seen_at,
               schedule = excluded.schedule",
            params![
                it.sub, it.customer.0, it.status, it.collection, it.currency, it.start_at.0, it.anchor_at.0,
                at(it.trial_end), at(it.cancel_at), at(it.ended_at), it.latest_invoice, self.now.0, it.schedule
            ],
        )?;
        self.conn.execute("DELETE FROM subscription_item WHERE sub = ?1", [&it.sub])?;
        for item in &it.items {
            let quantity = item.quantity.map(i64::try_from).transpose().ok().flatten();
            self.conn.execute(
                "INSERT INTO subscription_item (item, sub, price, role, quantity, period_start, period_end)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    item.item,
                    it.sub,
                    item.price,
                    item.role,
                    quantity,
                    item.period.start.0,
                    item.period.end.0
                ],
            )?;
        }
        Ok(())
    }
}
