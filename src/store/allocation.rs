//! Allocations: gathers what `billing::allocation` decides on, posts what is due, ends what is over. All inside the
//! transaction of whoever changed something; whoever sees it first does it, and the key lets it happen once.

use rusqlite::params;

use super::checks::Check;
use super::ledger::{Grant, Note, Outcome};
use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::allocation::{Assigned, Before, Bill, Due, PostedMonth, due, may_be_given, waits};
use crate::billing::id::{Revision, TierKey};
use crate::billing::ledger::{Expiry, Key, LotId, LotKind, Scope};
use crate::billing::money::Credits;
use crate::billing::period::Period;
use crate::billing::time::Timestamp;

/// What must hold of allocations.
pub const CHECKS: &[Check] = &[
    Check {
        number: "I31",
        says: "an allocation's lot is its customer's, and of its kind",
        sql: "SELECT a.customer || ' ' || a.tier || ' ' || a.month_start FROM allocation a JOIN ledger_lot l USING (lot)
              WHERE l.customer <> a.customer OR l.kind <> 'subscription_allocation'",
    },
    Check {
        number: "I31",
        says: "a lot ends when its newest row says so",
        sql: "SELECT 'lot ' || e.lot FROM allocation_end e JOIN ledger_lot l USING (lot)
              WHERE e.allocation_end = (SELECT MAX(allocation_end) FROM allocation_end WHERE lot = e.lot)
                AND e.ends_at IS NOT l.expires_at",
    },
    Check {
        number: "I31",
        says: "an allocation waited for an invoice of its own customer that was paid",
        sql: "SELECT a.customer || ' ' || a.tier || ' ' || a.month_start FROM allocation a JOIN invoice i USING (invoice)
              WHERE i.customer <> a.customer OR i.paid_at IS NULL AND i.status <> 'paid'",
    },
];

/// A month's credits, posted now (or that would be).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocated {
    /// Whose.
    pub customer: CustomerRow,
    /// The tier.
    pub tier: TierKey,
    /// The month.
    pub month: Period,
    /// Its credits.
    pub credits: Credits,
    /// The lot.
    pub lot: LotId,
    /// When it ends if no later month comes.
    pub ends_at: Timestamp,
    /// The invoice that it waited for.
    pub invoice: Option<String>,
    /// What was left of earlier allocations and stays.
    pub carried: Credits,
    /// What was left of earlier allocations and ended with it.
    pub ended: Credits,
}

/// An open allocation lot.
struct OpenLot {
    lot: LotId,
    left: Credits,
}

impl Writer<'_> {
    /// Posts every month's credits that are due by what the store knows (assignments, paid invoices), each once; ends
    /// the allocation lots of subscriptions that have ended. The same again does nothing. What a ledger that was lost may
    /// have given already is left to a person.
    pub fn allocate_due(&self, customer: CustomerRow) -> Result<Vec<Allocated>> {
        self.allocate(customer, false)
    }

    /// The same with what is in doubt: a person says that it was not given.
    pub fn allocate_in_doubt(&self, customer: CustomerRow) -> Result<Vec<Allocated>> {
        self.allocate(customer, true)
    }

    fn allocate(&self, customer: CustomerRow, in_doubt: bool) -> Result<Vec<Allocated>> {
        self.allocations_end(customer)?;
        let r = self.reader();
        let id = r.customer_get(customer)?.id;
        let (history, revisions) = history(&r, customer)?;
        if history.iter().all(|it| it.per_month.is_none()) {
            return Ok(Vec::new());
        }
        let due = r.allocations_due_in(customer, &history, self.now)?;
        let mut done = Vec::with_capacity(due.len());
        for (it, _) in due.iter().filter(|(_, doubtful)| in_doubt || !doubtful) {
            let revision = revisions
                .get(it.assigned)
                .ok_or_else(|| StoreError::Broken("an allocation of no assignment".to_owned()))?;
            let sub = history.get(it.assigned).and_then(|assigned| assigned.sub.clone());
            if let Some(allocated) = self.allocation_post(customer, id.as_str(), it, revision, sub)? {
                done.push(allocated);
            }
        }
        // A month that comes after the end of its subscription ends with it, as it would have in time.
        if !done.is_empty() {
            self.allocations_end(customer)?;
        }
        Ok(done)
    }

    /// Posts one month; `None` where the customer has too many credits for it: it stays due.
    fn allocation_post(
        &self,
        customer: CustomerRow,
        id: &str,
        it: &Due,
        revision: &Revision,
        sub: Option<String>,
    ) -> Result<Option<Allocated>> {
        let tier = &revision.tier;
        let key = Key::own(Scope::Allocation, &format!("{id}/{tier}/{}", it.month.start.0));
        let reason = format!("{tier}, month from {}", it.month.start);
        let (carried, ended) = self.allocations_before(customer, it)?;
        let note = Note { key: Some(&key), reason: Some(&reason), source_id: it.invoice.as_deref() };
        let grant = Grant {
            customer,
            kind: LotKind::SubscriptionAllocation,
            credits: it.credits,
            expires: Expiry::At(it.ends_at),
            note,
        };
        let posted = match self.ledger_grant(&grant)? {
            Outcome::Posted(posted) => posted,
            Outcome::TooMuch(_) => return Ok(None),
            other => return Err(StoreError::Broken(format!("allocation {}: {other:?}", key.as_str()))),
        };
        let lot = posted
            .entries
            .first()
            .map(|entry| entry.lot)
            .ok_or_else(|| StoreError::Broken(format!("allocation {} has no lot", key.as_str())))?;
        self.conn.execute(
            "INSERT INTO allocation (customer, tier, month_start, month_end, digest, sub, invoice, lot, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                customer.0,
                tier.as_str(),
                it.month.start.0,
                it.month.end.0,
                revision.digest,
                sub,
                it.invoice,
                lot.0,
                posted.at.0
            ],
        )?;
        let (tier, month, credits, ends_at) = (tier.clone(), it.month, it.credits, it.ends_at);
        let invoice = it.invoice.clone();
        Ok(Some(Allocated { customer, tier, month, credits, lot, ends_at, invoice, carried, ended }))
    }

    /// What posting a month does to the lots before it: (carried, ended).
    fn allocations_before(&self, customer: CustomerRow, it: &Due) -> Result<(Credits, Credits)> {
        // Written off first: what is over is not carried.
        self.ledger_expire(customer)?;
        let open = self.reader().allocation_lots_open(customer)?;
        let left: i64 = open.iter().map(|lot| lot.left.0).sum();
        let (why, ends_at, keep) = match it.before {
            Before::Ends => ("next", None, 0),
            Before::EndsByUpgrade => ("upgrade", None, 0),
            Before::Carried => ("carried", Some(it.ends_at), left),
            Before::CarriedUpTo(cap) => ("carried", Some(it.ends_at), left.min(cap.0)),
        };
        let mut over = left - keep;
        for lot in &open {
            match ends_at {
                None => self.allocation_lot_end(customer, lot.lot, why, None)?,
                Some(end) => {
                    // The oldest go first.
                    let cut = over.min(lot.left.0);
                    over -= cut;
                    if cut > 0 {
                        self.ledger_trim(customer, lot.lot, Credits(cut), "more than what is carried")?;
                    }
                    self.allocation_lot_end(customer, lot.lot, why, Some(end))?;
                }
            }
        }
        if ends_at.is_none() {
            self.ledger_expire(customer)?;
        }
        Ok((Credits(keep), Credits(left - keep)))
    }

    /// Ends the allocation lots of subscriptions that have ended or that the customer has left.
    fn allocations_end(&self, customer: CustomerRow) -> Result<()> {
        let lots = self.reader().allocations_over(customer, self.now)?;
        for lot in &lots {
            self.allocation_lot_end(customer, *lot, "ended", None)?;
        }
        if !lots.is_empty() {
            self.ledger_expire(customer)?;
        }
        Ok(())
    }

    /// Moves the end of an allocation lot; `None`: it ends now. A hold keeps what it reserves.
    fn allocation_lot_end(
        &self,
        customer: CustomerRow,
        lot: LotId,
        why: &str,
        ends_at: Option<Timestamp>,
    ) -> Result<()> {
        let (_, now) = self.reader().ledger_book(customer, self.now)?;
        let ends_at = ends_at.unwrap_or(now);
        self.conn.execute(
            "INSERT INTO allocation_end (lot, ends_at, why, at, run) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![lot.0, ends_at.0, why, now.0, self.run],
        )?;
        self.conn
            .execute("UPDATE ledger_lot SET expires_at = ?2 WHERE lot = ?1", params![lot.0, ends_at.0])?;
        Ok(())
    }
}

/// A customer's history as the rules take it, with the revision of each assignment.
fn history(r: &Reader<'_>, customer: CustomerRow) -> Result<(Vec<Assigned>, Vec<Revision>)> {
    let (mut history, mut revisions) = (Vec::new(), Vec::new());
    let assignments = r.assignments_of(customer)?;
    // Ranks matter only between tiers.
    let catalog = if assignments.len() > 1 { r.catalog_in_force()? } else { None };
    for it in assignments {
        let Some((terms, _)) = r.revision_terms(&it.revision)? else {
            return Err(StoreError::Broken(format!("revision {} has no terms", it.revision)));
        };
        let sub = match &it.sub {
            Some(sub) => r.subscription_get(sub)?,
            None => None,
        };
        let latest = sub.as_ref().and_then(|sub| sub.latest_invoice.as_deref());
        let invoices_known = match latest {
            Some(invoice) => r.invoice_get(invoice)?.is_some(),
            None => true,
        };
        let ended_at = sub.as_ref().and_then(|sub| sub.ended_at);
        let tier = &it.revision.tier;
        let rank = catalog.as_ref().and_then(|catalog| catalog.tiers.get(tier)).map(|tier| tier.rank);
        history.push(Assigned {
            tier: tier.clone(),
            rank,
            per_month: terms.credits.as_ref().and_then(|credits| credits.per_month),
            policy: terms.credits.as_ref().map(|credits| credits.policy).unwrap_or_default(),
            grace_days: terms.grace_days.unwrap_or(0),
            is_charged: it.interval.is_some(),
            sub: it.sub.clone(),
            invoices_known,
            from: it.from_at,
            to: it.to_at.into_iter().chain(ended_at).min(),
            anchor: it.anchor_at,
        });
        revisions.push(it.revision);
    }
    Ok((history, revisions))
}

impl Reader<'_> {
    /// The months whose credits are due by what the store knows and were not posted: (tier, month, credits).
    pub fn allocations_due(
        &self,
        customer: CustomerRow,
        now: Timestamp,
    ) -> Result<Vec<(TierKey, Period, Credits)>> {
        self.allocations_left(customer, now, false)
    }

    /// The months that are due and that a ledger which was lost may have given.
    pub fn allocations_in_doubt(
        &self,
        customer: CustomerRow,
        now: Timestamp,
    ) -> Result<Vec<(TierKey, Period, Credits)>> {
        self.allocations_left(customer, now, true)
    }

    fn allocations_left(
        &self,
        customer: CustomerRow,
        now: Timestamp,
        in_doubt: bool,
    ) -> Result<Vec<(TierKey, Period, Credits)>> {
        let (history, revisions) = history(self, customer)?;
        let due = self.allocations_due_in(customer, &history, now)?;
        let tier = |it: &Due| revisions.get(it.assigned).map(|revision| revision.tier.clone());
        let due = due.iter().filter(|(_, doubtful)| *doubtful == in_doubt);
        Ok(due.filter_map(|(it, _)| Some((tier(it)?, it.month, it.credits))).collect())
    }

    /// Until when a ledger was written that this store has not: for ever, where it is fenced and nobody has looked yet.
    fn ledger_lost_upto(&self) -> Result<Option<Timestamp>> {
        let sql =
            "SELECT CASE WHEN ledger_rebuilt = 1 THEN NULL WHEN fenced IS NOT NULL AND taken_over_at IS NULL
                   THEN 9223372036854775807 ELSE taken_over_at END FROM store";
        let upto: Option<i64> = self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(upto.map(Timestamp))
    }

    /// Whether a customer's newest month waits for a payment that the store does not know.
    pub fn allocation_waits(&self, customer: CustomerRow, now: Timestamp) -> Result<bool> {
        let (history, _) = history(self, customer)?;
        Ok(waits(&history, &self.bills(customer)?, &self.allocations_of(customer)?, now))
    }

    fn allocations_due_in(
        &self,
        customer: CustomerRow,
        history: &[Assigned],
        now: Timestamp,
    ) -> Result<Vec<(Due, bool)>> {
        let due = due(history, &self.bills(customer)?, &self.allocations_of(customer)?, now);
        let lost = if due.is_empty() { None } else { self.ledger_lost_upto()? };
        let doubtful = |it: &Due| {
            let Some(lost) = lost else { return Ok::<_, StoreError>(false) };
            let paid_at = match &it.invoice {
                Some(invoice) => self.invoice_get(invoice)?.and_then(|invoice| invoice.paid_at),
                None => None,
            };
            Ok(may_be_given(it, paid_at, lost))
        };
        due.into_iter().map(|it| Ok((it.clone(), doubtful(&it)?))).collect()
    }

    fn bills(&self, customer: CustomerRow) -> Result<Vec<Bill>> {
        let invoices = self.invoices_of(customer)?.into_iter();
        Ok(invoices
            .filter_map(|it| {
                Some(Bill {
                    sub: it.sub.clone()?,
                    is_change: Bill::reason_is_change(it.reason.as_deref()),
                    is_paid: it.is_paid(),
                    created_at: it.created_at,
                    covers: it.covers,
                    invoice: it.invoice,
                })
            })
            .collect())
    }

    /// Whether posting what is due, and is not in doubt, would do anything for a customer.
    pub fn allocations_pending(&self, customer: CustomerRow, now: Timestamp) -> Result<bool> {
        if !self.allocations_over(customer, now)?.is_empty() {
            return Ok(true);
        }
        Ok(!self.allocations_due(customer, now)?.is_empty())
    }

    /// Open allocation lots of subscriptions that have ended or that the customer has left.
    fn allocations_over(&self, customer: CustomerRow, now: Timestamp) -> Result<Vec<LotId>> {
        let sql = "SELECT a.lot FROM allocation a JOIN ledger_lot l USING (lot) JOIN subscription s USING (sub)
                   WHERE a.customer = ?1 AND l.available + l.held > 0 AND (l.expires_at IS NULL OR l.expires_at > ?2)
                     AND (s.status IN ('canceled', 'incomplete_expired')
                          OR NOT EXISTS (SELECT 1 FROM tier_assignment t WHERE t.sub = a.sub AND t.to_at IS NULL))";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![customer.0, now.0], |row| Ok(LotId(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Everybody who is on a tier, or has something left of one.
    pub fn customers_assigned(&self) -> Result<Vec<CustomerRow>> {
        let sql = "SELECT customer FROM tier_assignment WHERE to_at IS NULL
                   UNION SELECT a.customer FROM allocation a JOIN ledger_lot l USING (lot)
                   WHERE l.available + l.held > 0 ORDER BY 1";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok(CustomerRow(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The months that were posted, oldest first.
    pub fn allocations_of(&self, customer: CustomerRow) -> Result<Vec<PostedMonth>> {
        let sql =
            "SELECT tier, month_start, month_end FROM allocation WHERE customer = ?1 ORDER BY month_start";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement
            .query_map([customer.0], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
        rows.map(|row| {
            let (tier, start, end) = row?;
            let tier = TierKey::parse(&tier).map_err(|bad| StoreError::Broken(bad.to_string()))?;
            Ok(PostedMonth { tier, month: Period { start: Timestamp(start), end: Timestamp(end) } })
        })
        .collect()
    }

    /// Open allocation lots, oldest first.
    fn allocation_lots_open(&self, customer: CustomerRow) -> Result<Vec<OpenLot>> {
        let sql = "SELECT l.lot, l.available FROM allocation a JOIN ledger_lot l USING (lot)
                   WHERE a.customer = ?1 AND l.available + l.held > 0 ORDER BY l.lot";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map([customer.0], |row| {
            Ok(OpenLot { lot: LotId(row.get(0)?), left: Credits(row.get(1)?) })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
