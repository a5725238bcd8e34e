//! Invoices, as last seen at Stripe.

use rusqlite::{OptionalExtension, Row, params};

use super::{CustomerRow, Reader, Result, Writer};
use crate::billing::period::Period;
use crate::billing::time::Timestamp;

/// What a price sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceSold {
    /// The tier; `None` of a pack.
    pub tier: Option<String>,
    /// month, year, `usage.<meter>` or `pack.<pack>`.
    pub key: String,
}

/// An invoice as last seen. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// `in_…`.
    pub invoice: String,
    /// Whose.
    pub customer: CustomerRow,
    /// `sub_…` of ours that it bills.
    pub sub: Option<String>,
    /// Number for people, once finalized.
    pub number: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible`, `void`; `deleted` for a draft that is gone.
    pub status: String,
    /// Stripe's `billing_reason`.
    pub reason: Option<String>,
    /// Currency code, lower case.
    pub currency: String,
    /// Sum of all lines after discounts and taxes.
    pub total: i64,
    /// What is to be paid.
    pub amount_due: i64,
    /// What was paid.
    pub amount_paid: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// The stretch whose usage it bills.
    pub usage: Period,
    /// What it charges in advance, prorations left aside.
    pub covers: Option<Period>,
    /// When it became final.
    pub finalized_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it is due.
    pub due_at: Option<Timestamp>,
    /// When Stripe tries the payment again.
    pub next_attempt_at: Option<Timestamp>,
    /// The first payment that failed. Kept from the first sight on: a later sight never moves or clears it.
    pub first_failed_at: Option<Timestamp>,
}

impl Invoice {
    /// Whether Stripe adds nothing to it any more.
    pub fn is_final(&self) -> bool {
        self.finalized_at.is_some() || !matches!(self.status.as_str(), "draft")
    }
    /// Whether it was paid, or came to nothing.
    pub fn is_paid(&self) -> bool {
        self.status == "paid"
    }
}

const COLUMNS: &str = "invoice, customer, sub, number, status, reason, currency, total, amount_due, amount_paid, created_at, usage_from, usage_to, covers_from, covers_to, finalized_at, paid_at, due_at, next_attempt_at, first_failed_at";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Invoice> {
    let at = |index: usize| row.get::<_, Option<i64>>(index).map(|at| at.map(Timestamp));
    Ok(Invoice {
        invoice: row.get(0)?,
        customer: CustomerRow(row.get(1)?),
        sub: row.get(2)?,
        number: row.get(3)?,
        status: row.get(4)?,
        reason: row.get(5)?,
        currency: row.get(6)?,
        total: row.get(7)?,
        amount_due: row.get(8)?,
        amount_paid: row.get(9)?,
        created_at: Timestamp(row.get(10)?),
        usage: Period { start: Timestamp(row.get(11)?), end: Timestamp(row.get(12)?) },
        covers: at(13)?.zip(at(14)?).map(|(start, end)| Period { start, end }),
        finalized_at: at(15)?,
        paid_at: at(16)?,
        due_at: at(17)?,
        next_attempt_at: at(18)?,
        first_failed_at: at(19)?,
    })
}

impl Reader<'_> {
    /// One invoice.
    pub fn invoice_get(&self, invoice: &str) -> Result<Option<Invoice>> {
        let sql = format!("SELECT {COLUMNS} FROM invoice WHERE invoice = ?1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([invoice], from_row).optional()?)
    }
    /// All invoices of a customer, oldest first.
    pub fn invoices_of(&self, customer: CustomerRow) -> Result<Vec<Invoice>> {
        let sql = format!("SELECT {COLUMNS} FROM invoice WHERE customer = ?1 ORDER BY created_at, invoice");
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map([customer.0], from_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// Whether a price is charged in advance: the monthly or yearly one of a tier that was sold.
    pub fn price_is_in_advance(&self, price: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM revision_price WHERE price = ?1 AND role IN ('month', 'year'))
                   OR EXISTS (SELECT 1 FROM subscription_item WHERE price = ?1 AND role IN ('month', 'year'))";
        Ok(self.conn.prepare_cached(sql)?.query_row([price], |row| row.get(0))?)
    }
    /// What a price of ours sells; `None` where it is not ours.
    pub fn price_sold(&self, price: &str) -> Result<Option<PriceSold>> {
        let sql = "SELECT tier, role FROM revision_price WHERE price = ?1
                   UNION ALL SELECT NULL, 'pack.' || pack FROM pack_price WHERE price = ?1
                   UNION ALL SELECT NULL, role FROM subscription_item WHERE price = ?1 AND role <> 'other' LIMIT 1";
        let mut find = self.conn.prepare_cached(sql)?;
        let sold = find.query_row([price], |row| Ok(PriceSold { tier: row.get(0)?, key: row.get(1)? }));
        Ok(sold.optional()?)
    }
    /// Units of a meter that were recorded under a price within a period.
    pub fn usage_recorded_at(
        &self,
        customer: CustomerRow,
        meter: &str,
        price: &str,
        period: Period,
    ) -> Result<i64> {
        let mut sum = self.conn.prepare_cached(
            "SELECT COALESCE(SUM(r.sum), 0) FROM meter m JOIN span s ON s.customer = ?1 AND s.meter = m.meter
             JOIN rollup r ON r.customer = s.customer AND r.meter = s.meter
             AND r.day BETWEEN s.from_at / 86400 AND s.to_at / 86400 AND r.span = s.span
             WHERE m.key = ?2 AND s.price = ?3 AND s.from_at >= ?4 AND s.to_at <= ?5",
        )?;
        let which = params![customer.0, meter, price, period.start.0, period.end.0];
        Ok(sum.query_row(which, |row| row.get(0))?)
    }
    /// Whether usage of a customer at this instant is billed no more: the renewal invoice of its period is final. Other
    /// invoices say nothing of it: Stripe rates usage when a period is over.
    pub fn usage_is_invoiced(&self, customer: CustomerRow, at: Timestamp) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM invoice WHERE customer = ?1 AND sub IS NOT NULL
                   AND reason = 'subscription_cycle' AND usage_from <= ?2 AND ?2 < usage_to AND created_at >= ?2
                   AND (status <> 'draft' OR finalized_at IS NOT NULL))";
        Ok(self.conn.prepare_cached(sql)?.query_row(params![customer.0, at.0], |row| row.get(0))?)
    }
}

impl Writer<'_> {
    /// Stores an invoice as Stripe shows it now. What cannot be undone there (final, paid) is not undone here by an
    /// older sight; the first failed payment is kept.
    pub fn invoice_put(&self, it: &Invoice) -> Result<()> {
        let at = |at: Option<Timestamp>| at.map(|at| at.0);
        self.conn.execute(
            "INSERT INTO invoice (invoice, customer, sub, number, status, reason, currency, total, amount_due, amount_paid,
                                  created_at, usage_from, usage_to, covers_from, covers_to, finalized_at, paid_at, due_at,
                                  next_attempt_at, first_failed_at, seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
             ON CONFLICT (invoice) DO UPDATE SET
               sub = COALESCE(excluded.sub, sub), number = COALESCE(excluded.number, number),
               status = CASE WHEN excluded.status = 'draft' AND status <> 'draft' THEN status
                             WHEN excluded.status = 'open' AND status IN ('paid', 'void') THEN status
                             ELSE excluded.status END,
               reason = COALESCE(excluded.reason, reason), total = excluded.total, amount_due = excluded.amount_due,
               amount_paid = max(excluded.amount_paid, amount_paid),
               usage_from = excluded.usage_from, usage_to = excluded.usage_to,
               covers_from = excluded.covers_from, covers_to = excluded.covers_to,
               finalized_at = COALESCE(excluded.finalized_at, finalized_at), paid_at = COALESCE(excluded.paid_at, paid_at),
               due_at = COALESCE(excluded.due_at, due_at), next_attempt_at = excluded.next_attempt_at,
               first_failed_at = COALESCE(min(first_failed_at, excluded.first_failed_at), first_failed_at, excluded.first_failed_at),
               seen_at = excluded.seen_at",
            params![
                it.invoice, it.customer.0, it.sub, it.number, it.status, it.reason, it.currency, it.total,
                it.amount_due, it.amount_paid, it.created_at.0, it.usage.start.0, it.usage.end.0,
                at(it.covers.map(|covers| covers.start)), at(it.covers.map(|covers| covers.end)),
                at(it.finalized_at), at(it.paid_at), at(it.due_at), at(it.next_attempt_at),
                at(it.first_failed_at), self.now.0
            ],
        )?;
        Ok(())
    }
    /// Notes that a payment of an invoice failed at this instant; the first failure stays.
    pub fn invoice_failed(&self, invoice: &str, at: Timestamp) -> Result<()> {
        let sql =
            "UPDATE invoice SET first_failed_at = min(COALESCE(first_failed_at, ?2), ?2) WHERE invoice = ?1";
        self.conn.execute(sql, params![invoice, at.0])?;
        Ok(())
    }
    /// Notes that a draft is gone at Stripe. Nothing else can go.
    pub fn invoice_gone(&self, invoice: &str) -> Result<bool> {
        let sql = "UPDATE invoice SET status = 'deleted' WHERE invoice = ?1 AND status = 'draft'";
        Ok(self.conn.execute(sql, [invoice])? == 1)
    }
}
