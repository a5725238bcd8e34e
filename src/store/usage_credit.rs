//! What a tier allows per period: who is over it, and the credits that usage beyond it costs.

mod void;

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
    /// Credits that were taken; the rest is uncovered, and no later usage or grant makes it up.
    pub posted: i64,
    /// What was due when the present terms came, less what the usage until then would cost by them.
    pub carried: i64,
}

/// A row as stored, with the terms that it was charged by last.
#[derive(Debug, Clone, Default)]
struct Charged {
    credit: UsageCredit,
    terms: Option<String>,
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
    /// Credits that are due for what was counted so far, covered or not.
    charged: i64,
    /// What the part that was used under other terms costs more (or less) than it would by these.
    carried: i64,
    /// The package that was begun last could not be paid whole: what else falls into it is over too.
    short: bool,
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
                let due = allowance.carried.saturating_add(due_of(terms, after)?.1);
                let need = due.saturating_sub(allowance.charged).max(0);
                let (begun, short) = (due > 0, allowance.short);
                need > self.left(w, event.customer)? || (need == 0 && short && begun)
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
        let due = allowance.carried.saturating_add(due_of(&allowance.terms, allowance.used)?.1);
        let need = due.saturating_sub(allowance.charged).max(0);
        let spent = need.min(left);
        if need > 0 {
            allowance.short = need > left;
        }
        allowance.charged = allowance.charged.saturating_add(need);
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
                if allowance.terms != *terms {
                    allowance.carried = allowance.charged.saturating_sub(due_of(terms, allowance.used)?.1);
                    allowance.terms = terms.clone();
                }
                allowance
            }
            Entry::Vacant(empty) => {
                let r = w.reader();
                let used = allowance_used(&r, event.customer, event.meter, period, Counting::Limited)?;
                let before = r.usage_charged(event.customer, event.meter, period.start)?;
                let (charged, same) = (before.credit.due, before.terms == Some(word_of(terms)));
                let carried = match same {
                    true => before.credit.carried,
                    // Nothing was charged by any terms: nothing stays at what it cost.
                    false if before.terms.is_none() && charged == 0 => 0,
                    false => charged.saturating_sub(due_of(terms, used)?.1),
                };
                {
                    let short = before.credit.due > before.credit.posted;
                    let terms = terms.clone();
                    empty.insert(Allowance { period, terms, used, charged, carried, short, has_new: false })
                }
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
                let credit = UsageCredit { beyond, due, posted: 0, carried: allowance.carried };
                settle(w, *customer, *meter, allowance.period, credit, &word_of(&allowance.terms))?;
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

/// The terms in one word, to see whether they changed.
fn word_of(terms: &UsageTerms) -> String {
    match terms {
        UsageTerms::Counted { included, beyond: Beyond::Credits { units, credits }, .. } => {
            format!("{included}/{units}/{credits}")
        }
        _ => String::new(),
    }
}

pub(super) const PUT: &str = "INSERT INTO usage_credit (customer, meter, period_start, beyond, due, posted, terms, carried) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    ON CONFLICT (customer, meter, period_start) DO UPDATE SET beyond = excluded.beyond, due = excluded.due, \
    posted = excluded.posted, terms = excluded.terms, carried = excluded.carried";

/// Reads what an event of a limited pair will ask, so that it is prepared before the event is recorded.
pub(super) fn read_ahead(
    r: &Reader<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    period: Period,
    now: Timestamp,
) -> Result<()> {
    allowance_used(r, customer, meter, period, Counting::Limited)?;
    r.usage_charged(customer, meter, period.start)?;
    r.ledger_balance(customer, now)?;
    Ok(())
}

/// Brings what is due up to date, and takes what it grew by as far as there are credits. What they cannot pay stays
/// uncovered: it is not taken from later grants.
fn settle(
    w: &Writer<'_>,
    customer: CustomerRow,
    meter: MeterRow,
    period: Period,
    now: UsageCredit,
    terms: &str,
) -> Result<()> {
    let r = w.reader();
    let before = r.usage_credit(customer, meter, period.start)?.unwrap_or_default();
    // What was taken under other terms stays taken: a correction is a refund by a person.
    let due = now.carried.saturating_add(now.due).max(before.posted);
    let available = r.ledger_balance(customer, w.now)?.available.0;
    let take = (due - before.due).min(available).min(CREDITS_MAX);
    if take > 0 {
        let meter_key = r.meter_key(meter)?;
        let reason = format!("usage of {meter_key} beyond what is included");
        let source = source_id(meter_key.as_str(), period.start);
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
    w.conn.prepare_cached(PUT)?.execute(params![
        customer.0,
        meter.0,
        period.start.0,
        now.beyond,
        due,
        before.posted + take.max(0),
        terms,
        now.carried
    ])?;
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
        let found = self.usage_charged(customer, meter, period_start)?;
        Ok(found.terms.is_some().then_some(found.credit))
    }

    fn usage_charged(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        period_start: Timestamp,
    ) -> Result<Charged> {
        let mut find = self.conn.prepare_cached(
            "SELECT beyond, due, posted, carried, COALESCE(terms, '') FROM usage_credit \
             WHERE customer = ?1 AND meter = ?2 AND period_start = ?3",
        )?;
        let found = find.query_row(params![customer.0, meter.0, period_start.0], |row| {
            let credit = UsageCredit {
                beyond: row.get(0)?,
                due: row.get(1)?,
                posted: row.get(2)?,
                carried: row.get(3)?,
            };
            Ok(Charged { credit, terms: Some(row.get(4)?) })
        });
        Ok(found.optional()?.unwrap_or_default())
    }

    /// What nobody paid: (customer, meter key, start of the period, due, posted).
    #[allow(clippy::type_complexity)] // Five plain columns.
    pub fn usage_credits_uncovered(&self) -> Result<Vec<(CustomerRow, String, Timestamp, i64, i64)>> {
        let sql = "SELECT u.customer, m.key, u.period_start, u.due, u.posted FROM usage_credit u \
                   JOIN meter m USING (meter) WHERE u.due > u.posted ORDER BY u.customer, m.key, u.period_start";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            Ok((CustomerRow(row.get(0)?), row.get(1)?, Timestamp(row.get(2)?), row.get(3)?, row.get(4)?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// What must hold for them; each query returns a row where it does not.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I13",
        says: "credits of usage are due only beyond the allowance",
        sql: "SELECT customer || ' ' || meter || ' ' || period_start FROM usage_credit \
              WHERE posted > due OR (beyond = 0 AND carried = 0 AND due > posted)",
    },
    Check {
        number: "I13",
        says: "credits taken for usage are those that the ledger posted for it",
        sql: "SELECT customer || ' ' || source FROM (\
              SELECT u.customer, 'usage:' || m.key || ':' || u.period_start AS source, u.posted AS credits \
              FROM usage_credit u JOIN meter m USING (meter) UNION ALL \
              SELECT customer, source_id, CASE movement WHEN 'usage' THEN -credits ELSE credits END FROM ledger_posting \
              WHERE movement IN ('usage', 'grant') AND source_id GLOB 'usage:*') \
              GROUP BY customer, source HAVING SUM(credits) <> 0",
    },
];
