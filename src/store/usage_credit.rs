//! What a tier allows per period: who is over it, and the credits that usage beyond it costs.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::checks::Check;
use super::rollup::allowance_used;
use super::span::StoredSpan;
use super::usage::NewEvent;
use super::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};
use crate::billing::catalog::{Beyond, UsageTerms};
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
}

#[derive(Debug)]
struct Allowance {
    period: Period,
    terms: UsageTerms,
    used: i64,
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
        let used = self.allowance(w, span, terms, event)?.used;
        let after = used.saturating_add(event.content.quantity);
        Ok(match terms {
            UsageTerms::Counted { included, beyond: Beyond::Block, .. } => units_beyond(*included, after) > 0,
            _ => false,
        })
    }

    /// Counts an event that was written.
    pub(super) fn count(&mut self, span: &StoredSpan, event: &NewEvent<'_>) {
        if let Some(allowance) = self.touched.get_mut(&key(span, event)) {
            allowance.used = allowance.used.saturating_add(event.content.quantity);
        }
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
            Entry::Occupied(found) => found.into_mut(),
            Entry::Vacant(empty) => {
                let used = allowance_used(&w.reader(), event.customer, event.meter, period)?;
                empty.insert(Allowance { period, terms: terms.clone(), used })
            }
        })
    }

    /// Posts the credits that are due now. The rollups hold this transaction's events already.
    pub(super) fn post(self, w: &Writer<'_>) -> Result<()> {
        for ((customer, meter, _), allowance) in &self.touched {
            if let UsageTerms::Counted { included, beyond: Beyond::Credits { units, credits }, .. } =
                &allowance.terms
            {
                let used = allowance_used(&w.reader(), *customer, *meter, allowance.period)?;
                let beyond = units_beyond(*included, used);
                let due = credits_due(beyond, *units, *credits)
                    .ok_or_else(|| StoreError::Broken("credits due leave 64 bits".to_owned()))?;
                settle(w, *customer, *meter, allowance.period, beyond, due)?;
            }
        }
        Ok(())
    }
}

fn key(span: &StoredSpan, event: &NewEvent<'_>) -> (CustomerRow, MeterRow, Timestamp) {
    (event.customer, event.meter, span.span.allowance.end)
}

/// Brings what is due up to date.
fn settle(
    w: &Writer<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    period: Period,
    beyond: i64,
    due: i64,
) -> Result<()> {
    let before = w.reader().usage_credit(customer, meter, period.start)?.unwrap_or_default();
    // What was taken under other terms stays taken: a correction is a refund by a person.
    let due = due.max(before.posted);
    w.conn.execute(
        "INSERT INTO usage_credit (customer, meter, period_start, beyond, due, posted) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (customer, meter, period_start) DO UPDATE SET beyond = excluded.beyond, due = excluded.due, \
         posted = excluded.posted",
        params![customer.0, meter.0, period.start.0, beyond, due, before.posted],
    )?;
    Ok(())
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
pub const CHECKS: &[Check] = &[Check {
    number: "I13",
    says: "credits of usage are due only beyond the allowance",
    sql: "SELECT customer || ' ' || meter || ' ' || period_start FROM usage_credit \
          WHERE posted > due OR (beyond = 0 AND due > posted)",
}];
