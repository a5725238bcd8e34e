//! Credits for usage that was voided: what they cost beyond what is due now is given back.

use rusqlite::params;

use super::{due_of, source_id, word_of};
use crate::billing::catalog::{Beyond, UsageTerms};
use crate::billing::ledger::{Expiry, LotKind};
use crate::billing::money::Credits;
use crate::billing::period::Period;
use crate::billing::quota::credits_back;
use crate::billing::time::Timestamp;
use crate::store::ledger::{Grant, Note, Outcome};
use crate::store::rollup::{Counting, allowance_used};
use crate::store::{CustomerRow, MeterRow, Reader, Result, StoreError, Writer};

/// What a customer, meter and period owe once units were voided.
struct Owed {
    beyond: i64,
    due: i64,
    back: i64,
    posted: i64,
    source: String,
    spent: Vec<Spent>,
}

/// Credits that one entry took and that are not given back yet, newest first.
struct Spent {
    credits: i64,
    ends: Option<Timestamp>,
}

impl Reader<'_> {
    /// Credits that are given back when so many units of a period, counted so far, are voided.
    pub fn usage_credit_back(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        period: Period,
        units: i64,
    ) -> Result<i64> {
        Ok(self.owed(customer, meter, period, units)?.map_or(0, |it| it.back))
    }

    fn owed(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        period: Period,
        units: i64,
    ) -> Result<Option<Owed>> {
        let charged = self.usage_charged(customer, meter, period.start)?;
        let Some(terms) = charged.terms.as_deref().and_then(terms_of) else { return Ok(None) };
        debug_assert_eq!(Some(word_of(&terms)), charged.terms, "the word of terms reads back");
        let used = allowance_used(self, customer, meter, period, Counting::Limited)?.saturating_sub(units);
        let (beyond, due) = due_of(&terms, used)?;
        let due = charged.credit.carried.saturating_add(due).max(0);
        let key: String =
            self.conn.query_row("SELECT key FROM meter WHERE meter = ?1", [meter.0], |row| row.get(0))?;
        let source = source_id(&key, period.start);
        let spent = self.usage_credits_spent(customer, &source)?;
        let returnable = spent.iter().map(|it| it.credits).sum();
        let posted = charged.credit.posted;
        let back = credits_back(due, posted, returnable);
        Ok(Some(Owed { beyond, due, back, posted, source, spent }))
    }

    /// What entries for this usage took and nobody gave back, newest first.
    fn usage_credits_spent(&self, customer: CustomerRow, source: &str) -> Result<Vec<Spent>> {
        let mut given: i64 = self.conn.query_row(
            "SELECT COALESCE(SUM(credits), 0) FROM ledger_posting WHERE source_id = ?2 AND customer = ?1 AND movement = 'grant'",
            params![customer.0, source],
            |row| row.get(0),
        )?;
        let mut find = self.conn.prepare_cached(
            "SELECT e.credits, l.expires_at FROM ledger_posting p JOIN ledger_entry e USING (posting)
             JOIN ledger_lot l USING (lot) WHERE p.source_id = ?2 AND p.customer = ?1 AND p.movement = 'usage'
             AND NOT EXISTS (SELECT 1 FROM ledger_posting g WHERE g.refunds = e.entry) ORDER BY e.entry DESC",
        )?;
        let rows = find.query_map(params![customer.0, source], |row| {
            Ok(Spent { credits: row.get(0)?, ends: row.get::<_, Option<i64>>(1)?.map(Timestamp) })
        })?;
        let mut left = Vec::new();
        for row in rows {
            let mut it = row?;
            let before = given.min(it.credits);
            given -= before;
            it.credits -= before;
            left.push(it);
        }
        left.retain(|it| it.credits > 0);
        Ok(left)
    }
}

impl Writer<'_> {
    /// Brings what is due down to what is used now, and gives back what was taken beyond it, as lots with the ends of
    /// those that were spent. After the rollups. Returns the credits.
    pub(in crate::store) fn usage_credit_void(
        &self,
        customer: CustomerRow,
        meter: MeterRow,
        period: Period,
    ) -> Result<i64> {
        let Some(owed) = self.reader().owed(customer, meter, period, 0)? else { return Ok(0) };
        let posted = owed.posted - owed.back;
        self.conn.execute(
            "UPDATE usage_credit SET beyond = ?4, due = ?5, posted = ?6 WHERE customer = ?1 AND meter = ?2 AND period_start = ?3",
            params![customer.0, meter.0, period.start.0, owed.beyond, owed.due.max(posted), posted],
        )?;
        let (_, at) = self.reader().ledger_book(customer, self.now)?;
        let mut left = owed.back;
        for it in &owed.spent {
            let part = it.credits.min(left);
            if part == 0 {
                break;
            }
            left -= part;
            let expires = it.ends.filter(|end| *end > at).map_or(Expiry::Never, Expiry::At);
            let note = Note { key: None, reason: None, source_id: Some(&owed.source) };
            let kind = LotKind::Refund;
            match self.ledger_grant(&Grant { customer, kind, credits: Credits(part), expires, note })? {
                Outcome::Posted(_) => (),
                other => {
                    return Err(StoreError::Broken(format!("credits cannot be given back: {other:?}")));
                }
            }
        }
        Ok(owed.back)
    }
}

/// The terms behind their word.
fn terms_of(word: &str) -> Option<UsageTerms> {
    let mut parts = word.split('/');
    let (included, units) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let credits = Credits(parts.next()?.parse().ok()?);
    Some(UsageTerms::Counted { included, beyond: Beyond::Credits { units, credits }, spend_cap: None })
}
