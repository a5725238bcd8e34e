//! Whose an id is, and which runs touched a customer.

use rusqlite::{OptionalExtension, params};

use super::run::Run;
use super::{CustomerRow, Reader, Result};

/// What an id stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefFound {
    /// What it is: `customer`, `subscription`, `invoice`, `event`, `payment`, `request`, `delivery`, `lot`, `entry`,
    /// `run`, `finding`.
    pub kind: &'static str,
    /// Whose; `None` where it is nobody's, or of several.
    pub customer: Option<CustomerRow>,
    /// What is known of it, in words.
    pub says: Option<String>,
}

/// Kinds with their queries: the customer and some words. One parameter: the id.
const BY_ID: &[(&str, &str)] = &[
    ("subscription", "SELECT customer, status FROM subscription WHERE sub = ?1"),
    ("invoice", "SELECT customer, status || ' ' || COALESCE(number, '') FROM invoice WHERE invoice = ?1"),
    (
        "event",
        "SELECT COALESCE(customer, (SELECT c.customer FROM customer c WHERE c.cus = inbox.cus)),
         type || ' ' || state || COALESCE(': ' || effect, '') || COALESCE(': ' || last_error, '') FROM inbox WHERE event = ?1",
    ),
    (
        "sale",
        "SELECT customer, pack || ' ' || state FROM sale WHERE session = ?1 OR payment = ?1 OR invoice = ?1",
    ),
    ("checkout", "SELECT customer, tier || ' ' || state FROM tier_checkout WHERE session = ?1"),
    ("schedule", "SELECT customer, state || ' ' || COALESCE(tier, 'end') FROM pending_change WHERE schedule = ?1 ORDER BY pending DESC"),
    (
        "grant",
        "SELECT customer, category || ' ' || amount || ' ' || currency || ' ' || state FROM stripe_grant WHERE grant_id = ?1",
    ),
    (
        "delivery",
        "SELECT customer, 'delivery ' || delivery || ' ' || state || ': ' || value || ' units' FROM delivery WHERE identifier = ?1",
    ),
    (
        "payment",
        "SELECT customer, movement || ' of ' || credits || ' credits' FROM ledger_posting WHERE source_id = ?1 ORDER BY posting DESC",
    ),
    (
        "request",
        "SELECT customer, 'delivery ' || delivery || ' ' || state || COALESCE(': ' || last_error, '') FROM delivery WHERE request_id = ?1",
    ),
    (
        "object",
        "SELECT COALESCE(customer, (SELECT c.customer FROM customer c WHERE c.cus = inbox.cus)), 'of the event ' || event || ' ' || type
         FROM inbox WHERE object = ?1 ORDER BY seq DESC",
    ),
];

/// Kinds that are numbers of ours: `delivery:12`.
const BY_NUMBER: &[(&str, &str)] = &[
    ("delivery", "SELECT customer, state || ': ' || value || ' units' FROM delivery WHERE delivery = ?1"),
    // What a grant made is a lot.
    ("grant", "SELECT customer, kind || ' of ' || granted FROM ledger_lot WHERE lot = ?1"),
    ("hold", "SELECT customer, left || ' credits held' FROM ledger_hold WHERE hold = ?1"),
    ("sale", "SELECT customer, pack || ' ' || state FROM sale WHERE sale = ?1"),
    ("lot", "SELECT customer, kind || ' of ' || granted FROM ledger_lot WHERE lot = ?1"),
    ("entry", "SELECT customer, 'lot ' || lot FROM ledger_entry WHERE entry = ?1"),
    (
        "finding",
        "SELECT customer, class || ' ' || cause FROM finding WHERE finding = ?1
         UNION ALL SELECT customer, class || ' ' || cause FROM state_finding WHERE finding = ?1",
    ),
];

/// Runs that wrote something of a customer, newest first.
const RUNS: &str = "SELECT run FROM tier_assignment WHERE customer = ?1 UNION SELECT run FROM intent WHERE customer = ?1
     UNION SELECT run FROM ledger_posting WHERE customer = ?1 UNION SELECT run FROM delivery WHERE customer = ?1
     UNION SELECT run FROM customer WHERE customer = ?1 UNION SELECT run FROM sale WHERE customer = ?1
     UNION SELECT run FROM stripe_grant WHERE customer = ?1 UNION SELECT run FROM pending_change WHERE customer = ?1
     UNION SELECT run FROM tier_override WHERE customer = ?1 UNION SELECT run FROM tier_checkout WHERE customer = ?1
     UNION SELECT h.run FROM invoice_hold h JOIN invoice i USING (invoice) WHERE i.customer = ?1 ORDER BY 1 DESC LIMIT ?2";
/// Customers that a run wrote something of.
const CUSTOMERS_OF_RUN: &str = "SELECT customer FROM tier_assignment WHERE run = ?1 UNION SELECT customer FROM intent WHERE run = ?1
     UNION SELECT customer FROM ledger_posting WHERE run = ?1 UNION SELECT customer FROM delivery WHERE run = ?1
     UNION SELECT customer FROM customer WHERE run = ?1 UNION SELECT customer FROM sale WHERE run = ?1
     UNION SELECT customer FROM stripe_grant WHERE run = ?1 UNION SELECT customer FROM pending_change WHERE run = ?1
     UNION SELECT customer FROM tier_override WHERE run = ?1 UNION SELECT customer FROM tier_checkout WHERE run = ?1
     UNION SELECT i.customer FROM invoice_hold h JOIN invoice i USING (invoice) WHERE h.run = ?1 LIMIT 2";

impl Reader<'_> {
    /// What an id of Stripe's, or `delivery:12`, `lot:12`, `grant:12`, `hold:12`, `sale:12`, `entry:12`, `finding:12`, `run:12`, stands for.
    pub fn ref_find(&self, text: &str) -> Result<Option<RefFound>> {
        if let Some((kind, number)) = text.split_once(':')
            && let Ok(number) = number.parse::<i64>()
        {
            if kind == "run" {
                return self.ref_run(number);
            }
            let Some((kind, sql)) = BY_NUMBER.iter().find(|(known, _)| *known == kind) else {
                return Ok(None);
            };
            let found = self.conn.query_row(sql, [number], |row| Ok((row.get(0)?, row.get(1)?)));
            return Ok(found.optional()?.map(|(customer, says)| found_of(kind, customer, says)));
        }
        if let Some(customer) = self.customer_by_cus(text)? {
            return Ok(Some(found_of("customer", Some(customer.row.0), None)));
        }
        for (kind, sql) in BY_ID {
            let found = self.conn.query_row(sql, [text], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            if let Some((customer, says)) = found {
                return Ok(Some(found_of(kind, customer, says)));
            }
        }
        Ok(None)
    }

    fn ref_run(&self, number: i64) -> Result<Option<RefFound>> {
        let Some(run) = self.run_get(number)? else { return Ok(None) };
        let mut statement = self.conn.prepare(CUSTOMERS_OF_RUN)?;
        let customers: Vec<i64> =
            statement.query_map([number], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let one = match customers[..] {
            [one] => Some(one),
            _ => None,
        };
        let says = format!("{}: {}", run.command, run.verdict.unwrap_or_default());
        Ok(Some(found_of("run", one, Some(says))))
    }

    /// Customers with this e-mail address: the first two.
    pub fn customers_by_email(&self, email: &str) -> Result<Vec<super::customer::Customer>> {
        let sql = "SELECT customer FROM customer WHERE email = ?1 COLLATE NOCASE ORDER BY id LIMIT 2";
        let mut statement = self.conn.prepare(sql)?;
        let rows: Vec<i64> =
            statement.query_map([email], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        rows.into_iter().map(|row| self.customer_get(CustomerRow(row))).collect()
    }

    /// The newest runs that wrote something of a customer.
    pub fn runs_of_customer(&self, customer: CustomerRow, limit: u32) -> Result<Vec<Run>> {
        let mut statement = self.conn.prepare(RUNS)?;
        let numbers: Vec<i64> = statement
            .query_map(params![customer.0, limit], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut runs = Vec::new();
        for number in numbers {
            runs.extend(self.run_get(number)?);
        }
        Ok(runs)
    }
}

fn found_of(kind: &'static str, customer: Option<i64>, says: Option<String>) -> RefFound {
    RefFound { kind, customer: customer.map(CustomerRow), says: says.filter(|it| !it.trim().is_empty()) }
}

impl Reader<'_> {
    /// Credits that holds reserve for a customer: number of the hold, credits, until when.
    pub fn credit_holds_of(
        &self,
        customer: CustomerRow,
        now: crate::billing::time::Timestamp,
    ) -> Result<Vec<(i64, i64, crate::billing::time::Timestamp)>> {
        let sql = "SELECT hold, left, until_at FROM ledger_hold WHERE customer = ?1 AND left > 0 AND until_at > ?2 ORDER BY hold";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map(params![customer.0, now.0], |row| {
            Ok((row.get(0)?, row.get(1)?, crate::billing::time::Timestamp(row.get(2)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
