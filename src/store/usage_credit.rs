//! What a tier allows per period: who is over it, and the credits that usage beyond it costs.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::checks::Check;
use super::ledger::{Consume, Note, Outcome};
use super::rollup::{Counting, allowance_used};
use super::span::StoredSpan;
use super::usage::NewEvent;
use super::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};
use crate::billing::catalog::{Beyond, UsageTerms};
use crate::billing::money::{CREDITS_MAX, Credits};
use crate::billing::period::Period;
use crate::billing::quota::{credits_due, units_beyond};
use crate::billing::time::Timestamp;

/// What usage beyond the allowance has cost a customer in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageCredit {
    /// Units beyond the included ones.
    pub beyond: i64,
    /// Credits that they cost.
    pub due: i64,
    /// Credits that were taken; the rest is uncovered.
    pub posted: i64,
}

/// The allowances that one transaction touches.
#[derive(Debug, Default)]
pub(super) struct Allowances {
    touched: BTreeMap<(CustomerRow, MeterRow, Timestamp), Allowance>,
    /// Credits that are left of a customer's once this transaction has posted.
    left: BTreeMap<CustomerRow, i64>,
}

#[derive(Debug)]
struct Allowance {
    period: Period,
    terms: UsageTerms,
    used: i64,
    /// Credits that will be posted when this transaction ends.
    posted: i64,
    /// Something new counts against it: events that were known already cost nothing.
    has_new: bool,
}

impl Allowances {
    /// Whether an event goes beyond what its tier allows: past the included units of a `block` meter, or past the
    /// credits that there are for a `credits` meter.
    pub(super) fn is_over(
        &mut self,
        w: &Writer<'_>,
        span: &StoredSpan,
        event: &NewEvent<'_>,
    ) -> Result<bool> {
        let Some(terms) = span.usage.as_ref() else { return Ok(false) };
        let allowance = self.allowance(w, span, terms, event)?;
        let after = allowance.used.saturating_add(event.content.quantity);
        Ok(match terms {
            UsageTerms::Counted { included, beyond: Beyond::Block, .. } => units_beyond(*included, after) > 0,
            UsageTerms::Counted { beyond: Beyond::Credits { .. }, .. } => {
                let need = due_of(terms, after)?.1.saturating_sub(allowance.posted).max(0);
                need > self.left(w, event.customer)?
            }
            _ => false,
        })
    }

    /// Counts an event that was written, and the credits that it costs as far as there are some.
    pub(super) fn count(&mut self, w: &Writer<'_>, span: &StoredSpan, event: &NewEvent<'_>) -> Result<()> {
        let left = self.left(w, event.customer)?;
        let Some(allowance) = self.touched.get_mut(&key(span, event)) else { return Ok(()) };
        allowance.used = allowance.used.saturating_add(event.content.quantity);
        allowance.has_new = true;
        let need = due_of(&allowance.terms, allowance.used)?.1.saturating_sub(allowance.posted);
        let spent = need.clamp(0, left);
        allowance.posted = allowance.posted.saturating_add(spent);
        self.left.insert(event.customer, left - spent);
        Ok(())
    }

    fn left(&mut self, w: &Writer<'_>, customer: CustomerRow) -> Result<i64> {
        if let Some(left) = self.left.get(&customer) {
            return Ok(*left);
        }
        let left = w.reader().ledger_balance(customer, w.now)?.available.0;
        self.left.insert(customer, left);
        Ok(left)
    }

    fn allowance(
        &mut self,
        w: &Writer<'_>,
        span: &StoredSpan,
        terms: &UsageTerms,
        event: &NewEvent<'_>,
    ) -> Result<&mut Allowance> {
        use std::collections::btree_map::Entry;
        let period = span.span.allowance;
        Ok(match self.touched.entry(key(span, event)) {
            Entry::Occupied(found) => {
                let allowance = found.into_mut();
                allowance.terms = terms.clone();
                allowance
            }
            Entry::Vacant(empty) => {
                let r = w.reader();
                let used = allowance_used(&r, event.customer, event.meter, period, Counting::Limited)?;
                let posted =
                    r.usage_credit(event.customer, event.meter, period.start)?.unwrap_or_default().posted;
                empty.insert(Allowance { period, terms: terms.clone(), used, posted, has_new: false })
            }
        })
    }

    /// Posts the credits that are due now. The rollups hold this transaction's events already.
    pub(super) fn post(self, w: &Writer<'_>) -> Result<()> {
        for ((customer, meter, _), allowance) in self.touched.iter().filter(|(_, it)| it.has_new) {
            if matches!(allowance.terms, UsageTerms::Counted { beyond: Beyond::Credits { .. }, .. }) {
                let used =
                    allowance_used(&w.reader(), *customer, *meter, allowance.period, Counting::Limited)?;
                let (beyond, due) = due_of(&allowance.terms, used)?;
                settle(w, *customer, *meter, allowance.period, beyond, due)?;
            }
        }
        Ok(())
    }
}

/// Units beyond the included ones and the credits that they cost; nothing where they cost none.
fn due_of(terms: &UsageTerms, used: i64) -> Result<(i64, i64)> {
    let UsageTerms::Counted { included, beyond: Beyond::Credits { units, credits }, .. } = terms else {
        return Ok((0, 0));
    };
    let beyond = units_beyond(*included, used);
    let due = credits_due(beyond, *units, *credits);
    Ok((beyond, due.ok_or_else(|| StoreError::Broken("credits due leave 64 bits".to_owned()))?))
}

fn key(span: &StoredSpan, event: &NewEvent<'_>) -> (CustomerRow, MeterRow, Timestamp) {
    (event.customer, event.meter, span.span.allowance.end)
}

/// Brings what is due up to date, and takes what is missing of it as far as there are credits.
fn settle(
    w: &Writer<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    period: Period,
    beyond: i64,
    due: i64,
) -> Result<()> {
    let r = w.reader();
    let before = r.usage_credit(customer, meter, period.start)?.unwrap_or_default();
    // What was taken under other terms stays taken: a correction is a refund by a person.
    let due = due.max(before.posted);
    let available = r.ledger_balance(customer, w.now)?.available.0;
    let take = (due - before.posted).min(available).min(CREDITS_MAX);
    if take > 0 {
        let meter_key: String =
            w.conn.query_row("SELECT key FROM meter WHERE meter = ?1", [meter.0], |row| row.get(0))?;
        let reason = format!("usage of {meter_key} beyond what is included");
        let source = source_id(&meter_key, period.start);
        let note = Note { key: None, reason: Some(&reason), source_id: Some(&source) };
        match w.ledger_consume(&Consume { customer, credits: Credits(take), action: None, note })? {
            Outcome::Posted(_) => (),
            other => {
                return Err(StoreError::Broken(format!(
                    "credits that were there cannot be spent: {other:?}"
                )));
            }
        }
    }
    w.conn.execute(
        "INSERT INTO usage_credit (customer, meter, period_start, beyond, due, posted) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (customer, meter, period_start) DO UPDATE SET beyond = excluded.beyond, due = excluded.due, \
         posted = excluded.posted",
        params![customer.0, meter.0, period.start.0, beyond, due, before.posted + take.max(0)],
    )?;
    Ok(())
}

/// What a posting for usage names as its cause: the meter and the start of the period.
fn source_id(meter: &str, period_start: Timestamp) -> String {
    format!("usage:{meter}:{}", period_start.0)
}

impl Reader<'_> {
    /// What usage beyond the allowance has cost in the period that starts then; `None` where it has cost nothing yet.
    pub fn usage_credit(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        period_start: Timestamp,
    ) -> Result<Option<UsageCredit>> {
        let mut find = self.conn.prepare_cached(
            "SELECT beyond, due, posted FROM usage_credit WHERE customer = ?1 AND meter = ?2 AND period_start = ?3",
        )?;
        let found = find.query_row(params![customer.0, meter.0, period_start.0], |row| {
            Ok(UsageCredit { beyond: row.get(0)?, due: row.get(1)?, posted: row.get(2)? })
        });
        Ok(found.optional()?)
    }
}

/// What must hold for them; each query returns a row where it does not.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I13",
        says: "credits of usage are due only beyond the allowance",
        sql: "SELECT customer || ' ' || meter || ' ' || period_start FROM usage_credit \
              WHERE posted > due OR (beyond = 0 AND due > posted)",
    },
    Check {
        number: "I13",
        says: "credits taken for usage are those that the ledger posted for it",
        sql: "SELECT customer || ' ' || source FROM (\
              SELECT u.customer, 'usage:' || m.key || ':' || u.period_start AS source, u.posted AS credits \
              FROM usage_credit u JOIN meter m USING (meter) UNION ALL \
              SELECT customer, source_id, -credits FROM ledger_posting \
              WHERE movement = 'usage' AND source_id GLOB 'usage:*') \
              GROUP BY customer, source HAVING SUM(credits) <> 0",
    },
];
