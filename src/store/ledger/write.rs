//! Writing the ledger.

use rusqlite::params;

use super::read::{key_used, posted};
use super::{Consume, Grant, Note, Outcome, Posted};
use crate::billing::id::{ActionKey, CustomerId};
use crate::billing::ledger::{Ask, Book, LedgerError, LotId, Movement, Posting};
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, Result, StoreError, Writer};

/// Why a lot whose time is over is written off.
const EXPIRED: &str = "expired";
/// Why a hold whose time is over is released.
const HOLD_OVER: &str = "the hold's time was over";

/// A posting that was decided, with all that its row carries.
pub(super) struct Draft<'a> {
    pub(super) customer: CustomerRow,
    pub(super) at: Timestamp,
    pub(super) posting: Posting,
    pub(super) digest: Option<String>,
    pub(super) action: Option<&'a ActionKey>,
    pub(super) note: Note<'a>,
    /// The hold that it settles or releases.
    pub(super) hold: Option<i64>,
    /// When the hold that it is ends by itself.
    pub(super) until: Option<Timestamp>,
    /// The usage entry that it gives back.
    pub(super) refunds: Option<i64>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(customer: CustomerRow, at: Timestamp, posting: Posting, note: Note<'a>) -> Draft<'a> {
        Draft {
            customer,
            at,
            posting,
            digest: None,
            action: None,
            note,
            hold: None,
            until: None,
            refunds: None,
        }
    }
}

/// A customer's book as it is at an instant: holds whose time is over are released in it, lots whose time is over
/// expired. What that takes is written only together with what the book was opened for.
pub(super) struct Opened {
    pub(super) book: Book,
    pub(super) at: Timestamp,
    released: Vec<(i64, Posting)>,
    expired: Option<Posting>,
}

impl Writer<'_> {
    /// Takes a lot in, once for each key.
    pub fn ledger_grant(&self, grant: &Grant<'_>) -> Result<Outcome> {
        self.ledger_grant_for(grant, None)
    }

    /// Takes a lot in; `refunds` is the usage entry that it gives back.
    pub(super) fn ledger_grant_for(&self, grant: &Grant<'_>, refunds: Option<i64>) -> Result<Outcome> {
        let digest = self.digest(&grant.note, grant.customer, |customer| {
            let (movement, reason) = (Movement::Grant, grant.note.reason.or(self.origin.reason.as_deref()));
            let (credits, kind, expires) = (Some(grant.credits), Some(grant.kind), Some(grant.expires));
            let source_id = grant.note.source_id;
            Ask { movement, customer, credits, action: None, kind, expires, reason, source_id }.digest()
        })?;
        if let Some(known) = self.known(&grant.note, digest.as_deref())? {
            return Ok(known);
        }
        let mut opened = self.open_book(grant.customer)?;
        let expires_at = match grant.expires.resolve(opened.at) {
            Ok(expires_at) => expires_at,
            Err(bad) => return Ok(Outcome::Expiry(bad)),
        };
        let lot = self.next_lot()?;
        // Decided before anything is written, so that a refusal leaves nothing behind.
        let posting = match opened.book.grant(lot, grant.kind, grant.credits, expires_at) {
            Ok(posting) => posting,
            Err(LedgerError::TooMuch(it)) => return Ok(Outcome::TooMuch(it)),
            Err(other) => return Err(broken(other)),
        };
        self.post_opened(grant.customer, &opened)?;
        let draft = Draft { digest, refunds, ..Draft::new(grant.customer, opened.at, posting, grant.note) };
        let row = self.posting_insert(&draft)?;
        self.conn.execute(
            "INSERT INTO ledger_lot (lot, posting, customer, kind, granted, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![lot.0, row, grant.customer.0, grant.kind.as_str(), grant.credits.0, expires_at.map(|at| at.0)],
        )?;
        self.entries_insert(row, &draft).map(Outcome::Posted)
    }

    /// Spends credits in burn order, once for each key, or says how many are missing.
    pub fn ledger_consume(&self, consume: &Consume<'_>) -> Result<Outcome> {
        let digest = self.digest(&consume.note, consume.customer, |customer| {
            let (movement, action) = (Movement::Usage, consume.action);
            let credits = action.is_none().then_some(consume.credits);
            let source_id = consume.note.source_id;
            Ask { movement, customer, credits, action, kind: None, expires: None, reason: None, source_id }
                .digest()
        })?;
        if let Some(known) = self.known(&consume.note, digest.as_deref())? {
            return Ok(known);
        }
        let mut opened = self.open_book(consume.customer)?;
        let posting = match opened.book.consume(consume.credits, opened.at) {
            Ok(posting) => posting,
            Err(LedgerError::Short(it)) => return Ok(Outcome::Short(it)),
            Err(other) => return Err(broken(other)),
        };
        self.post_opened(consume.customer, &opened)?;
        let draft = Draft {
            digest,
            action: consume.action,
            ..Draft::new(consume.customer, opened.at, posting, consume.note)
        };
        self.post(&draft).map(Outcome::Posted)
    }

    /// Releases a customer's holds whose time is over and writes off what is left of its lots whose time is over.
    /// What was written, oldest first.
    pub fn ledger_expire(&self, customer: CustomerRow) -> Result<Vec<Posted>> {
        let opened = self.open_book(customer)?;
        self.post_opened(customer, &opened)
    }

    /// A customer's book now, with what has to be written before anything else.
    pub(super) fn open_book(&self, customer: CustomerRow) -> Result<Opened> {
        let r = self.reader();
        let (mut book, at) = r.ledger_book(customer, self.now)?;
        let mut released = Vec::new();
        if book.held().0 > 0 {
            for hold in r.holds_over(customer, at)? {
                let left = r.hold_left(hold)?;
                released.push((hold, book.release(&left).map_err(broken)?));
            }
        }
        let expired = book.expire(at).map_err(broken)?;
        Ok(Opened { book, at, released, expired })
    }

    /// Writes what opening a book took.
    pub(super) fn post_opened(&self, customer: CustomerRow, opened: &Opened) -> Result<Vec<Posted>> {
        let mut written = Vec::new();
        for (hold, posting) in &opened.released {
            let note = Note { reason: Some(HOLD_OVER), ..Note::default() };
            let draft = Draft { hold: Some(*hold), ..Draft::new(customer, opened.at, posting.clone(), note) };
            written.push(self.post(&draft)?);
        }
        if let Some(posting) = &opened.expired {
            let note = Note { reason: Some(EXPIRED), ..Note::default() };
            written.push(self.post(&Draft::new(customer, opened.at, posting.clone(), note))?);
        }
        Ok(written)
    }

    /// What a key stands for, where there is a key.
    pub(super) fn digest(
        &self,
        note: &Note<'_>,
        customer: CustomerRow,
        digest_of: impl FnOnce(&CustomerId) -> String,
    ) -> Result<Option<String>> {
        match note.key {
            None => Ok(None),
            Some(_) => Ok(Some(digest_of(&self.reader().customer_get(customer)?.id))),
        }
    }

    /// The answer that a key has already had.
    pub(super) fn known(&self, note: &Note<'_>, digest: Option<&str>) -> Result<Option<Outcome>> {
        let (Some(key), Some(digest)) = (note.key, digest) else { return Ok(None) };
        let Some((used, first)) = key_used(self.conn, key.as_str())? else { return Ok(None) };
        if first != digest {
            return Ok(Some(Outcome::Conflict(used)));
        }
        Ok(Some(Outcome::Known(posted(self.conn, used.posting)?)))
    }

    /// The number that the next lot will have: within this transaction nobody else can take it.
    fn next_lot(&self) -> Result<LotId> {
        let sql = "SELECT COALESCE(MAX(lot), 0) + 1 FROM ledger_lot";
        Ok(LotId(self.conn.query_row(sql, [], |row| row.get(0))?))
    }

    /// Writes a posting with its entries.
    pub(super) fn post(&self, draft: &Draft<'_>) -> Result<Posted> {
        let row = self.posting_insert(draft)?;
        self.entries_insert(row, draft)
    }

    fn posting_insert(&self, draft: &Draft<'_>) -> Result<i64> {
        let (by, note) = (self.origin, &draft.note);
        self.conn
            .prepare_cached(
                "INSERT INTO ledger_posting (customer, movement, credits, at, key, digest, action, source_id, hold,
                 until_at, refunds, run, actor, host, reason, ref)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                draft.customer.0,
                draft.posting.movement.as_str(),
                draft.posting.credits.0,
                draft.at.0,
                note.key.map(|key| key.as_str()),
                draft.digest,
                draft.action.map(ActionKey::as_str),
                note.source_id,
                draft.hold,
                draft.until.map(|at| at.0),
                draft.refunds,
                self.run,
                by.actor,
                by.host,
                note.reason.or(by.reason.as_deref()),
                by.reference,
            ])?;
        Ok(self.conn.last_insert_rowid())
    }

    fn entries_insert(&self, row: i64, draft: &Draft<'_>) -> Result<Posted> {
        let mut insert = self.conn.prepare_cached(
            "INSERT INTO ledger_entry (posting, customer, lot, credits, balance_after, held_after)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let mut balance_after = Credits(0);
        for entry in &draft.posting.entries {
            let (balance, held) = (entry.balance_after, entry.held_after);
            insert.execute(params![
                row,
                draft.customer.0,
                entry.lot.0,
                entry.credits.0,
                balance.0,
                held.0
            ])?;
            balance_after = balance;
        }
        let written = posted(self.conn, row)?;
        if written.balance_after != balance_after || written.entries.len() != draft.posting.entries.len() {
            return Err(StoreError::Broken(format!("posting {row} reads back differently")));
        }
        Ok(written)
    }
}

pub(super) fn broken(error: LedgerError) -> StoreError {
    StoreError::Broken(error.to_string())
}
