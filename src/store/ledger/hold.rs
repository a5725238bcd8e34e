//! Holds: credits reserved for a while, then settled or released. And what is given or taken back.

use rusqlite::{OptionalExtension, params};

use super::read::posted;
use super::write::{Draft, broken};
use super::{Consume, Grant, Note, Outcome, Posted};
use crate::billing::ledger::{Ask, Expiry, LedgerError, LotId, LotKind, Movement, NotHeld, Part, Shortfall};
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, Reader, Result, Writer};

/// A hold as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Its number: that of its posting.
    pub hold: i64,
    /// Whose.
    pub customer: CustomerRow,
    /// What it reserved.
    pub credits: Credits,
    /// What it still reserves, by its postings: one that is over is released when somebody writes next.
    pub left: Credits,
    /// When it ends by itself.
    pub until: Timestamp,
}

/// What became of settling or releasing a hold. Only `Ended` has written anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldOutcome {
    /// Settled, released, or both.
    Ended {
        /// What was spent.
        settled: Option<Posted>,
        /// What is available again.
        released: Option<Posted>,
    },
    /// The same was done before: what was spent then.
    Known(Posted),
    /// There is no such hold.
    Unknown,
    /// It ended before, otherwise: it was settled, released, or its time was over.
    Over(Hold),
    /// More than it reserves.
    NotHeld(NotHeld),
}

/// What became of giving a usage entry back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOutcome {
    /// There is no such entry.
    Unknown,
    /// The entry is not one that spent credits.
    NotSpent(Movement),
    /// As any grant.
    Granted(Outcome),
}

impl Reader<'_> {
    /// Holds of a customer that still reserve something and whose time is over, oldest first.
    pub(super) fn holds_over(&self, customer: CustomerRow, at: Timestamp) -> Result<Vec<i64>> {
        let sql =
            "SELECT hold FROM ledger_hold WHERE customer = ?1 AND until_at <= ?2 AND left > 0 ORDER BY hold";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![customer.0, at.0], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// What a hold still reserves, lot by lot in the order in which it was taken.
    pub(super) fn hold_left(&self, hold: i64) -> Result<Vec<Part>> {
        let sql = "SELECT e.lot, e.credits - COALESCE((SELECT SUM(o.credits) FROM ledger_posting p
                     JOIN ledger_entry o USING (posting) WHERE p.hold = e.posting AND o.lot = e.lot), 0) AS left
                   FROM ledger_entry e WHERE e.posting = ?1 AND left > 0 ORDER BY e.entry";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement
            .query_map([hold], |row| Ok(Part { lot: LotId(row.get(0)?), credits: Credits(row.get(1)?) }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// One hold.
    pub fn hold_get(&self, hold: i64) -> Result<Option<Hold>> {
        let sql = "SELECT h.customer, p.credits, h.left, h.until_at FROM ledger_hold h
                   JOIN ledger_posting p ON p.posting = h.hold WHERE h.hold = ?1";
        let found = self.conn.prepare_cached(sql)?.query_row([hold], |row| {
            let (customer, credits) = (CustomerRow(row.get(0)?), Credits(row.get(1)?));
            Ok(Hold { hold, customer, credits, left: Credits(row.get(2)?), until: Timestamp(row.get(3)?) })
        });
        Ok(found.optional()?)
    }
    /// Customers with something that is over at an instant: a hold, or a lot.
    pub fn customers_to_expire(&self, at: Timestamp) -> Result<Vec<CustomerRow>> {
        let sql = "SELECT customer FROM ledger_lot WHERE available > 0 AND expires_at <= ?1
                   UNION SELECT customer FROM ledger_hold WHERE left > 0 AND until_at <= ?1 ORDER BY customer";
        let mut statement = self.conn.prepare(sql)?;
        let rows = statement.query_map([at.0], |row| Ok(CustomerRow(row.get(0)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
    /// Whose lot it is; `None` where there is no such lot.
    pub fn lot_customer(&self, lot: LotId) -> Result<Option<CustomerRow>> {
        let sql = "SELECT customer FROM ledger_lot WHERE lot = ?1";
        Ok(self.conn.query_row(sql, [lot.0], |row| row.get(0)).optional()?.map(CustomerRow))
    }
    /// What is left of a lot and not held, whether or not its time is over.
    pub fn lot_available(&self, lot: LotId) -> Result<Credits> {
        let sql = "SELECT available FROM ledger_lot WHERE lot = ?1";
        Ok(Credits(self.conn.query_row(sql, [lot.0], |row| row.get(0)).optional()?.unwrap_or(0)))
    }
    /// Whose entry it is; `None` where there is no such entry.
    pub fn entry_customer(&self, entry: i64) -> Result<Option<CustomerRow>> {
        let sql = "SELECT customer FROM ledger_entry WHERE entry = ?1";
        Ok(self.conn.query_row(sql, [entry], |row| row.get(0)).optional()?.map(CustomerRow))
    }
    /// The settlement of a hold, if there was one.
    fn settlement(&self, hold: i64, movement: Movement) -> Result<Option<Posted>> {
        let sql =
            "SELECT posting FROM ledger_posting WHERE hold = ?1 AND movement = ?2 ORDER BY posting LIMIT 1";
        let found: Option<i64> =
            self.conn.query_row(sql, params![hold, movement.as_str()], |row| row.get(0)).optional()?;
        found.map(|posting| posted(self.conn, posting)).transpose()
    }
}

impl Writer<'_> {
    /// Reserves credits in burn order until an instant, once for each key, or says how many are missing.
    pub fn ledger_hold(&self, ask: &Consume<'_>, until: Timestamp, lasting: &str) -> Result<Outcome> {
        let digest = self.digest(&ask.note, ask.customer, |customer| {
            let credits = ask.action.is_none().then_some(ask.credits);
            // How long it lasts is part of what the caller decides; the instant is worked out.
            let (action, source_id) = (ask.action, ask.note.source_id);
            let (kind, expires, reason) = (None, None, Some(lasting));
            Ask { movement: Movement::Hold, customer, credits, action, kind, expires, reason, source_id }
                .digest()
        })?;
        if let Some(known) = self.known(&ask.note, digest.as_deref())? {
            return Ok(known);
        }
        let mut opened = self.open_book(ask.customer)?;
        let posting = match opened.book.hold(ask.credits, opened.at) {
            Ok(posting) => posting,
            Err(LedgerError::Short(it)) => return Ok(Outcome::Short(it)),
            Err(other) => return Err(broken(other)),
        };
        self.post_opened(ask.customer, &opened)?;
        let until = Some(until.max(opened.at.plus(1)));
        let draft = Draft {
            digest,
            until,
            action: ask.action,
            ..Draft::new(ask.customer, opened.at, posting, ask.note)
        };
        self.post(&draft).map(Outcome::Posted)
    }

    /// Spends what a hold reserved, or `credits` of it, and releases the rest. The same again gets the first answer.
    pub fn ledger_settle(&self, hold: i64, credits: Option<Credits>, note: Note<'_>) -> Result<HoldOutcome> {
        let r = self.reader();
        let Some(found) = r.hold_get(hold)? else { return Ok(HoldOutcome::Unknown) };
        if let Some(first) = r.settlement(hold, Movement::Settle)? {
            let same = credits.unwrap_or(found.credits) == first.credits;
            return Ok(if same { HoldOutcome::Known(first) } else { HoldOutcome::Over(found) });
        }
        let mut opened = self.open_book(found.customer)?;
        if found.left.0 == 0 || found.until <= opened.at {
            return Ok(HoldOutcome::Over(found));
        }
        let left = r.hold_left(hold)?;
        let settled = match opened.book.settle(&left, credits.unwrap_or(found.left)) {
            Ok(posting) => posting,
            Err(LedgerError::NotHeld(it)) => return Ok(HoldOutcome::NotHeld(it)),
            Err(other) => return Err(broken(other)),
        };
        self.post_opened(found.customer, &opened)?;
        let hold_of =
            |posting| Draft { hold: Some(hold), ..Draft::new(found.customer, opened.at, posting, note) };
        let settled = self.post(&hold_of(settled))?;
        let rest = r.hold_left(hold)?;
        let released = match rest.is_empty() {
            true => None,
            false => Some(self.post(&hold_of(opened.book.release(&rest).map_err(broken)?))?),
        };
        self.lots_over(found.customer)?;
        Ok(HoldOutcome::Ended { settled: Some(settled), released })
    }

    /// Makes what a hold reserves available again. The same again gets the first answer, also when its time was over.
    pub fn ledger_release(&self, hold: i64, note: Note<'_>) -> Result<HoldOutcome> {
        let r = self.reader();
        let Some(found) = r.hold_get(hold)? else { return Ok(HoldOutcome::Unknown) };
        if r.settlement(hold, Movement::Settle)?.is_some() {
            return Ok(HoldOutcome::Over(found));
        }
        if let Some(first) = r.settlement(hold, Movement::Release)? {
            return Ok(HoldOutcome::Known(first));
        }
        let mut opened = self.open_book(found.customer)?;
        if found.until <= opened.at {
            let written = self.post_opened(found.customer, &opened)?;
            let released = written.into_iter().find(|it| it.movement == Movement::Release);
            return Ok(HoldOutcome::Ended { settled: None, released });
        }
        let posting = opened.book.release(&r.hold_left(hold)?).map_err(broken)?;
        self.post_opened(found.customer, &opened)?;
        let draft = Draft { hold: Some(hold), ..Draft::new(found.customer, opened.at, posting, note) };
        let released = self.post(&draft)?;
        self.lots_over(found.customer)?;
        Ok(HoldOutcome::Ended { settled: None, released: Some(released) })
    }

    /// What came back into lots whose time is over ends with them.
    fn lots_over(&self, customer: CustomerRow) -> Result<()> {
        self.ledger_expire(customer).map(|_| ())
    }

    /// Takes at most `most` credits back from a lot, never more than is left of it; `None` when nothing is.
    pub fn ledger_revoke(&self, lot: LotId, most: Credits, note: Note<'_>) -> Result<Option<Posted>> {
        let Some(customer) = self.reader().lot_customer(lot)? else { return Ok(None) };
        let mut opened = self.open_book(customer)?;
        let Some(posting) = opened.book.revoke(lot, most).map_err(broken)? else { return Ok(None) };
        self.post_opened(customer, &opened)?;
        self.post(&Draft::new(customer, opened.at, posting, note)).map(Some)
    }

    /// Takes exactly so many credits back from a lot, once for each key, or says how many it has.
    pub fn ledger_revoke_lot(&self, lot: LotId, credits: Credits, note: Note<'_>) -> Result<Outcome> {
        let none = Shortfall { required: credits, available: Credits(0) };
        let Some(customer) = self.reader().lot_customer(lot)? else { return Ok(Outcome::Short(none)) };
        let of_lot = format!("lot:{}", lot.0);
        let digest = self.digest(&note, customer, |customer| {
            let (movement, credits, source_id) = (Movement::Revoke, Some(credits), Some(of_lot.as_str()));
            let reason = self.origin.reason.as_deref();
            Ask { movement, customer, credits, action: None, kind: None, expires: None, reason, source_id }
                .digest()
        })?;
        if let Some(known) = self.known(&note, digest.as_deref())? {
            return Ok(known);
        }
        let mut opened = self.open_book(customer)?;
        let taken = opened.book.revoke(lot, credits).map_err(broken)?;
        let posting = match taken {
            Some(posting) if posting.credits == credits => posting,
            less => {
                let available = less.map_or(Credits(0), |it| it.credits);
                return Ok(Outcome::Short(Shortfall { available, ..none }));
            }
        };
        self.post_opened(customer, &opened)?;
        self.post(&Draft { digest, ..Draft::new(customer, opened.at, posting, note) }).map(Outcome::Posted)
    }

    /// Takes credits back from a customer's lots, those first that would be spent last, or says how many are missing.
    pub fn ledger_revoke_any(&self, ask: &Consume<'_>) -> Result<Outcome> {
        let digest = self.digest(&ask.note, ask.customer, |customer| {
            let (movement, credits) = (Movement::Revoke, Some(ask.credits));
            let (reason, source_id) = (self.origin.reason.as_deref(), ask.note.source_id);
            Ask { movement, customer, credits, action: None, kind: None, expires: None, reason, source_id }
                .digest()
        })?;
        if let Some(known) = self.known(&ask.note, digest.as_deref())? {
            return Ok(known);
        }
        let mut opened = self.open_book(ask.customer)?;
        let posting = match opened.book.revoke_any(ask.credits, opened.at) {
            Ok(posting) => posting,
            Err(LedgerError::Short(it)) => return Ok(Outcome::Short(it)),
            Err(other) => return Err(broken(other)),
        };
        self.post_opened(ask.customer, &opened)?;
        let draft = Draft { digest, ..Draft::new(ask.customer, opened.at, posting, ask.note) };
        self.post(&draft).map(Outcome::Posted)
    }

    /// Writes off at most `most` credits of a lot before its time.
    pub(in crate::store) fn ledger_trim(
        &self,
        customer: CustomerRow,
        lot: LotId,
        most: Credits,
        reason: &str,
    ) -> Result<()> {
        let mut opened = self.open_book(customer)?;
        let Some(posting) = opened.book.trim(lot, most).map_err(broken)? else { return Ok(()) };
        self.post_opened(customer, &opened)?;
        let note = Note { reason: Some(reason), ..Note::default() };
        self.post(&Draft::new(customer, opened.at, posting, note)).map(|_| ())
    }

    /// Gives back what an entry spent, as a lot of its own: with the end of the lot that was spent where that is still
    /// to come, else without one. Once for each entry.
    pub fn ledger_refund(&self, entry: i64, expires: Option<Expiry>) -> Result<RefundOutcome> {
        let sql = "SELECT e.customer, e.credits, p.movement, l.expires_at, p.action,
                          (SELECT posting FROM ledger_posting WHERE refunds = e.entry)
                   FROM ledger_entry e JOIN ledger_posting p USING (posting) JOIN ledger_lot l USING (lot)
                   WHERE e.entry = ?1";
        let found = self.conn.query_row(sql, [entry], |row| {
            let (customer, credits) = (CustomerRow(row.get(0)?), Credits(row.get(1)?));
            let (movement, end): (String, Option<i64>) = (row.get(2)?, row.get(3)?);
            Ok((customer, credits, movement, end.map(Timestamp), row.get::<_, Option<i64>>(5)?))
        });
        let Some((customer, credits, movement, end, refunded)) = found.optional()? else {
            return Ok(RefundOutcome::Unknown);
        };
        if let Some(posting) = refunded {
            return Ok(RefundOutcome::Granted(Outcome::Known(posted(self.conn, posting)?)));
        }
        match Movement::parse(&movement) {
            Some(Movement::Usage | Movement::Settle) => (),
            other => return Ok(RefundOutcome::NotSpent(other.unwrap_or(Movement::Grant))),
        }
        let (_, at) = self.reader().ledger_book(customer, self.now)?;
        let same = end.filter(|end| *end > at).map_or(Expiry::Never, Expiry::At);
        let source = format!("entry:{entry}");
        let note = Note { source_id: Some(&source), ..Note::default() };
        let expires = expires.unwrap_or(same);
        let grant = Grant { customer, kind: LotKind::Refund, credits, expires, note };
        self.ledger_grant_for(&grant, Some(entry)).map(RefundOutcome::Granted)
    }
}
