//! Reading the ledger.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{KeyUsed, Posted, PostedEntry};
use crate::billing::ledger::{Account, Book, Lot, LotId, LotKind, Movement, Standing};
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;
use crate::store::{CustomerRow, Reader, Result, StoreError};

/// Which entries are meant; the default is all of them.
#[derive(Debug, Clone, Copy, Default)]
pub struct LedgerRange {
    /// Of this customer only.
    pub customer: Option<CustomerRow>,
    /// Not before this instant.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub to: Option<Timestamp>,
}

/// One entry as reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// When.
    pub at: Timestamp,
    /// The entry's number.
    pub entry: i64,
    /// The customer's own id.
    pub customer: String,
    /// The kind of the lot for a grant, else the movement.
    pub kind: &'static str,
    /// The change of the available balance: these add up to `balance_after`.
    pub credits: i64,
    /// How many credits moved; above zero.
    pub moved: Credits,
    /// The accounts that they left and entered.
    pub accounts: (Account, Account),
    /// The kind of the lot.
    pub lot_kind: LotKind,
    /// The customer's available credits after it.
    pub balance_after: Credits,
    /// The lot.
    pub lot: LotId,
    /// What caused it.
    pub source_id: Option<String>,
    /// The action whose price it was.
    pub action: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Ticket.
    pub reference: Option<String>,
    /// Who.
    pub actor: String,
    /// Where.
    pub host: String,
    /// The key.
    pub key: Option<String>,
    /// The run.
    pub run: i64,
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a word of the ledger")]
struct BadWord(String);

pub(super) fn word<T>(
    row: &Row<'_>,
    column: usize,
    parse: impl Fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    parse(&text)
        .ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(BadWord(text))))
}

fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp))
}

impl Reader<'_> {
    /// A customer's book, and the instant that counts for it: the larger of `now` and its last posting's.
    pub fn ledger_book(&self, customer: CustomerRow, now: Timestamp) -> Result<(Book, Timestamp)> {
        let last = self
            .conn
            .prepare_cached(
                "SELECT e.balance_after, e.held_after, p.at FROM ledger_entry e JOIN ledger_posting p USING (posting)
                 WHERE e.customer = ?1 ORDER BY e.entry DESC LIMIT 1",
            )?
            .query_row([customer.0], |row| Ok((Credits(row.get(0)?), Credits(row.get(1)?), Timestamp(row.get(2)?))))
            .optional()?;
        let (available, held, at) = last.unwrap_or((Credits(0), Credits(0), now));
        let mut statement = self.conn.prepare_cached(
            "SELECT lot, kind, granted, available, held, expires_at FROM ledger_lot
             WHERE customer = ?1 AND available + held > 0",
        )?;
        let lots = statement.query_map([customer.0], |row| {
            Ok(Lot {
                id: LotId(row.get(0)?),
                kind: word(row, 1, LotKind::parse)?,
                granted: Credits(row.get(2)?),
                available: Credits(row.get(3)?),
                held: Credits(row.get(4)?),
                expires_at: instant(row, 5)?,
            })
        })?;
        let lots: Vec<Lot> = lots.collect::<rusqlite::Result<_>>()?;
        let book = Book::new(lots, available, held)
            .map_err(|error| StoreError::Broken(format!("credits of customer {}: {error}", customer.0)))?;
        Ok((book, at.max(now)))
    }

    /// A customer's credits at `now`: expired lots do not count, and holds whose time is over hold nothing.
    pub fn ledger_balance(&self, customer: CustomerRow, now: Timestamp) -> Result<Standing> {
        let (mut book, at) = self.ledger_book(customer, now)?;
        if book.held().0 > 0 {
            for hold in self.holds_over(customer, at)? {
                let left = self.hold_left(hold)?;
                book.release(&left).map_err(|error| StoreError::Broken(format!("hold {hold}: {error}")))?;
            }
        }
        Ok(book.standing(at))
    }

    /// The credits at `now` of every customer who ever had some, in order of their own ids.
    pub fn ledger_balances<E: From<StoreError>>(
        &self,
        now: Timestamp,
        mut each: impl FnMut(&str, Standing) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let sql = "SELECT customer, id FROM customer c
                   WHERE EXISTS (SELECT 1 FROM ledger_entry e WHERE e.customer = c.customer) ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql).map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let number: i64 = row.get(0).map_err(StoreError::from)?;
            let id: String = row.get(1).map_err(StoreError::from)?;
            each(&id, self.ledger_balance(CustomerRow(number), now)?)?;
        }
        Ok(())
    }

    /// Entries in the order in which they were written, one at a time.
    pub fn ledger_each<E: From<StoreError>>(
        &self,
        range: &LedgerRange,
        mut each: impl FnMut(LedgerRow) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        // Two statements, so that one customer's history walks its index.
        let whose = if range.customer.is_some() { "e.customer = ?1" } else { "?1 IS NULL" };
        let sql = format!(
            "SELECT p.at, e.entry, c.id, p.movement, l.kind, e.credits, e.balance_after, e.lot, p.source_id,
                    p.action, p.reason, p.ref, p.actor, p.host, p.key, p.run
             FROM ledger_entry e JOIN ledger_posting p ON p.posting = e.posting
             JOIN ledger_lot l ON l.lot = e.lot JOIN customer c ON c.customer = e.customer
             WHERE {whose} AND p.at >= ?2 AND p.at < ?3 ORDER BY e.entry"
        );
        let from = range.from.map_or(i64::MIN, |at| at.0);
        let to = range.to.map_or(i64::MAX, |at| at.0);
        let mut statement = self.conn.prepare(&sql).map_err(StoreError::from)?;
        let mut rows =
            statement.query(params![range.customer.map(|row| row.0), from, to]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            each(from_row(row).map_err(StoreError::from)?)?;
        }
        Ok(())
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<LedgerRow> {
    let movement = word(row, 3, Movement::parse)?;
    let lot_kind = word(row, 4, LotKind::parse)?;
    let credits: i64 = row.get(5)?;
    Ok(LedgerRow {
        at: Timestamp(row.get(0)?),
        entry: row.get(1)?,
        customer: row.get(2)?,
        kind: if movement == Movement::Grant { lot_kind.as_str() } else { movement.as_str() },
        credits: movement.sign(Account::Available) * credits,
        moved: Credits(credits),
        accounts: movement.accounts(),
        lot_kind,
        balance_after: Credits(row.get(6)?),
        lot: LotId(row.get(7)?),
        source_id: row.get(8)?,
        action: row.get(9)?,
        reason: row.get(10)?,
        reference: row.get(11)?,
        actor: row.get(12)?,
        host: row.get(13)?,
        key: row.get(14)?,
        run: row.get(15)?,
    })
}

/// The posting that has a key, with the digest of what it stood for.
pub(super) fn key_used(conn: &Connection, key: &str) -> Result<Option<(KeyUsed, String)>> {
    let sql = "SELECT p.posting, p.movement, p.credits, c.id, p.at, p.digest
               FROM ledger_posting p JOIN customer c USING (customer) WHERE p.key = ?1";
    let found = conn.prepare_cached(sql)?.query_row([key], |row| {
        let used = KeyUsed {
            key: key.to_owned(),
            posting: row.get(0)?,
            movement: word(row, 1, Movement::parse)?,
            credits: Credits(row.get(2)?),
            customer: row.get(3)?,
            at: Timestamp(row.get(4)?),
        };
        Ok((used, row.get(5)?))
    });
    Ok(found.optional()?)
}

/// A posting as it is in the store.
pub(super) fn posted(conn: &Connection, posting: i64) -> Result<Posted> {
    let sql =
        "SELECT e.entry, e.lot, l.kind, e.credits, l.expires_at, e.balance_after, p.movement, p.credits, p.at, p.action
               FROM ledger_entry e JOIN ledger_posting p USING (posting) JOIN ledger_lot l USING (lot)
               WHERE e.posting = ?1 ORDER BY e.entry";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([posting])?;
    let mut found: Option<Posted> = None;
    while let Some(row) = rows.next()? {
        let balance_after = Credits(row.get(5)?);
        let entry = PostedEntry {
            entry: row.get(0)?,
            lot: LotId(row.get(1)?),
            kind: word(row, 2, LotKind::parse)?,
            credits: Credits(row.get(3)?),
            balance_after,
            expires_at: instant(row, 4)?,
        };
        let mut whole = match found.take() {
            Some(whole) => whole,
            None => Posted {
                posting,
                movement: word(row, 6, Movement::parse)?,
                credits: Credits(row.get(7)?),
                at: Timestamp(row.get(8)?),
                action: row.get(9)?,
                balance_after,
                entries: Vec::new(),
            },
        };
        whole.balance_after = balance_after;
        whole.entries.push(entry);
        found = Some(whole);
    }
    found.ok_or_else(|| StoreError::Broken(format!("posting {posting} has no entries")))
}
