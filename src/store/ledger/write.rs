//! Writing the ledger.

use rusqlite::params;

use super::read::{key_used, posted};
use super::{Consume, Grant, Note, Outcome, Posted};
use crate::billing::id::{ActionKey, CustomerId};
use crate::billing::ledger::{Ask, LedgerError, LotId, Movement, Posting};
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, Result, StoreError, Writer};

/// Why a lot whose time is over is written off.
const EXPIRED: &str = "expired";

/// A posting that was decided, with all that its row carries.
struct Draft<'a> {
    customer: CustomerRow,
    at: Timestamp,
    posting: Posting,
    digest: Option<String>,
    action: Option<&'a ActionKey>,
    note: Note<'a>,
}

impl Writer<'_> {
    /// Takes a lot in, once for each key.
    pub fn ledger_grant(&self, grant: &Grant<'_>) -> Result<Outcome> {
        let digest = self.digest(&grant.note, grant.customer, |customer| {
            let (movement, reason) = (Movement::Grant, grant.note.reason.or(self.origin.reason.as_deref()));
            let (credits, kind, expires) = (Some(grant.credits), Some(grant.kind), Some(grant.expires));
            let source_id = grant.note.source_id;
            Ask { movement, customer, credits, action: None, kind, expires, reason, source_id }.digest()
        })?;
        if let Some(known) = self.known(&grant.note, digest.as_deref())? {
            return Ok(known);
        }
        let (mut book, at) = self.reader().ledger_book(grant.customer, self.now)?;
        let expires_at = match grant.expires.resolve(at) {
            Ok(expires_at) => expires_at,
            Err(bad) => return Ok(Outcome::Expiry(bad)),
        };
        let lot = self.next_lot()?;
        // Decided before anything is written, so that a refusal leaves nothing behind.
        let expired = book.expire(at).map_err(broken)?;
        let posting = match book.grant(lot, grant.kind, grant.credits, expires_at) {
            Ok(posting) => posting,
            Err(LedgerError::TooMuch(it)) => return Ok(Outcome::TooMuch(it)),
            Err(other) => return Err(broken(other)),
        };
        self.post_expired(grant.customer, at, expired)?;
        let draft = Draft { customer: grant.customer, at, posting, digest, action: None, note: grant.note };
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
        let (mut book, at) = self.reader().ledger_book(consume.customer, self.now)?;
        let expired = book.expire(at).map_err(broken)?;
        let posting = match book.consume(consume.credits, at) {
            Ok(posting) => posting,
            Err(LedgerError::Short(it)) => return Ok(Outcome::Short(it)),
            Err(other) => return Err(broken(other)),
        };
        self.post_expired(consume.customer, at, expired)?;
        let (customer, action, note) = (consume.customer, consume.action, consume.note);
        let draft = Draft { customer, at, posting, digest, action, note };
        let row = self.posting_insert(&draft)?;
        self.entries_insert(row, &draft).map(Outcome::Posted)
    }

    /// Writes off what is left of a customer's lots whose time is over; `None` when there is none.
    pub fn ledger_expire(&self, customer: CustomerRow) -> Result<Option<Posted>> {
        let (mut book, at) = self.reader().ledger_book(customer, self.now)?;
        let expired = book.expire(at).map_err(broken)?;
        self.post_expired(customer, at, expired)
    }

    /// What a key stands for, where there is a key.
    fn digest(
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
    fn known(&self, note: &Note<'_>, digest: Option<&str>) -> Result<Option<Outcome>> {
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

    fn post_expired(
        &self,
        customer: CustomerRow,
        at: Timestamp,
        expired: Option<Posting>,
    ) -> Result<Option<Posted>> {
        let Some(posting) = expired else { return Ok(None) };
        let note = Note { reason: Some(EXPIRED), ..Note::default() };
        let draft = Draft { customer, at, posting, digest: None, action: None, note };
        let row = self.posting_insert(&draft)?;
        self.entries_insert(row, &draft).map(Some)
    }

    fn posting_insert(&self, draft: &Draft<'_>) -> Result<i64> {
        let (by, note) = (self.origin, &draft.note);
        self.conn
            .prepare_cached(
                "INSERT INTO ledger_posting (customer, movement, credits, at, key, digest, action, source_id,
                 run, actor, host, reason, ref) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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

fn broken(error: LedgerError) -> StoreError {
    StoreError::Broken(error.to_string())
}
