//! Drafts that a person keeps open, and why.

use rusqlite::{OptionalExtension, Row, params};

use super::{CustomerRow, Reader, Result, StoreError, Writer};
use crate::billing::time::Timestamp;

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldState {
    /// Stored; Stripe may not know it yet.
    Holding,
    /// Stripe keeps the draft open.
    Held,
    /// To be released; Stripe may not know it yet.
    Releasing,
    /// Stripe goes on with the invoice.
    Released,
    /// Nothing was held: the invoice had become final.
    Dropped,
}

impl HoldState {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            HoldState::Holding => "holding",
            HoldState::Held => "held",
            HoldState::Releasing => "releasing",
            HoldState::Released => "released",
            HoldState::Dropped => "dropped",
        }
    }
    fn parse(text: &str) -> Result<HoldState> {
        use HoldState::{Dropped, Held, Holding, Released, Releasing};
        let all = [Holding, Held, Releasing, Released, Dropped];
        all.into_iter()
            .find(|it| it.as_str() == text)
            .ok_or_else(|| StoreError::Broken(format!("a hold in the state `{text}`")))
    }
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceHold {
    /// Its number.
    pub hold: i64,
    /// `in_…`.
    pub invoice: String,
    /// Whose.
    pub customer: CustomerRow,
    /// The customer's own id.
    pub customer_id: String,
    /// Why.
    pub why: String,
    /// Where it stands.
    pub state: HoldState,
    /// Since when.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
}

const SELECT: &str =
    "SELECT h.hold, h.invoice, i.customer, c.id, h.why, h.state, h.at, h.actor FROM invoice_hold h
     JOIN invoice i USING (invoice) JOIN customer c USING (customer)";

fn from_row(row: &Row<'_>) -> rusqlite::Result<(InvoiceHold, String)> {
    let hold = InvoiceHold {
        hold: row.get(0)?,
        invoice: row.get(1)?,
        customer: CustomerRow(row.get(2)?),
        customer_id: row.get(3)?,
        why: row.get(4)?,
        state: HoldState::Holding,
        at: Timestamp(row.get(6)?),
        actor: row.get(7)?,
    };
    Ok((hold, row.get(5)?))
}

fn read((hold, state): (InvoiceHold, String)) -> Result<InvoiceHold> {
    Ok(InvoiceHold { state: HoldState::parse(&state)?, ..hold })
}

impl Reader<'_> {
    /// The hold of an invoice that has not ended.
    pub fn invoice_hold_open(&self, invoice: &str) -> Result<Option<InvoiceHold>> {
        let sql = format!("{SELECT} WHERE h.invoice = ?1 AND h.ended_at IS NULL");
        self.conn.query_row(&sql, [invoice], from_row).optional()?.map(read).transpose()
    }
    /// All holds that have not ended, oldest first.
    pub fn invoice_holds_open(&self) -> Result<Vec<InvoiceHold>> {
        let sql = format!("{SELECT} WHERE h.ended_at IS NULL ORDER BY h.hold");
        let mut statement = self.conn.prepare(&sql)?;
        let rows = statement.query_map([], from_row)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(read).collect()
    }
    /// Whether usage of a customer at this instant belongs to a draft that is kept open: it is not late, however long ago
    /// its period ended.
    pub fn usage_is_held(&self, customer: CustomerRow, at: Timestamp) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM invoice_hold h JOIN invoice i USING (invoice)
                   WHERE h.state = 'held' AND i.customer = ?1 AND i.status = 'draft'
                   AND i.usage_from <= ?2 AND ?2 < i.usage_to)";
        Ok(self.conn.prepare_cached(sql)?.query_row(params![customer.0, at.0], |row| row.get(0))?)
    }
}

impl Writer<'_> {
    /// Stores that a draft is to be kept open, or gives the hold that is there. The invoice must be stored.
    pub fn invoice_hold_begin(&self, invoice: &str, why: &str) -> Result<InvoiceHold> {
        if let Some(open) = self.reader().invoice_hold_open(invoice)? {
            return Ok(open);
        }
        let by = self.origin;
        self.conn.execute(
            "INSERT INTO invoice_hold (invoice, why, state, at, run, actor, host, ref)
             VALUES (?1, ?2, 'holding', ?3, ?4, ?5, ?6, ?7)",
            params![invoice, why, self.now.0, self.run, by.actor, by.host, by.reference],
        )?;
        let open = self.reader().invoice_hold_open(invoice)?;
        open.ok_or_else(|| StoreError::Broken(format!("the hold of {invoice} is not there")))
    }
    /// Moves a hold that has not ended.
    pub fn invoice_hold_move(&self, hold: i64, state: HoldState, why: Option<&str>) -> Result<()> {
        let ends = matches!(state, HoldState::Released | HoldState::Dropped);
        self.conn.execute(
            "UPDATE invoice_hold SET state = ?2, ended_at = ?3, ended_run = ?4, ended_why = ?5
             WHERE hold = ?1 AND ended_at IS NULL",
            params![hold, state.as_str(), ends.then_some(self.now.0), ends.then_some(self.run), why],
        )?;
        Ok(())
    }
}
