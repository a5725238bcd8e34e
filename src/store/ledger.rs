//! Credits: postings, their entries, and the lots that follow from them. Append-only; `billing::ledger` decides, this
//! room writes, triggers check again.
//!
//! Every write first expires the lots whose time is over, so that the balance after an entry is what could be spent.
//! A customer's instants never fall: an entry carries the larger of now and the customer's last one.

mod after;
mod checks;
mod hold;
mod read;
mod write;

pub use after::PostingAfter;
pub use checks::CHECKS;
pub use hold::{Hold, HoldOutcome, RefundOutcome};
pub use read::{LedgerRange, LedgerRow};

use super::CustomerRow;
use crate::billing::id::ActionKey;
use crate::billing::ledger::{BadExpiry, Expiry, Key, LotId, LotKind, Movement, Shortfall, TooMuch};
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;

/// What goes on a posting beside its credits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Note<'a> {
    /// One effect for each key; `None`: each call is a new effect.
    pub key: Option<&'a Key>,
    /// Why; the command's reason where none is given.
    pub reason: Option<&'a str>,
    /// What caused it: a payment, an invoice, a usage event.
    pub source_id: Option<&'a str>,
}

/// A lot that is to come in.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'a> {
    /// Whose.
    pub customer: CustomerRow,
    /// Where it comes from.
    pub kind: LotKind,
    /// How many credits; above zero.
    pub credits: Credits,
    /// When it ends.
    pub expires: Expiry,
    /// Key, reason, source.
    pub note: Note<'a>,
}

/// Credits that are to be spent.
#[derive(Debug, Clone, Copy)]
pub struct Consume<'a> {
    /// Whose.
    pub customer: CustomerRow,
    /// How many; above zero. With an action it is the price, which is not part of what a key stands for.
    pub credits: Credits,
    /// The action whose price this is.
    pub action: Option<&'a ActionKey>,
    /// Key, reason, source.
    pub note: Note<'a>,
}

/// What came of it. Only [`Outcome::Posted`] has written anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Written now.
    Posted(Posted),
    /// The key was used for the same before: its first answer.
    Known(Posted),
    /// The key was used for something else.
    Conflict(KeyUsed),
    /// Too few credits.
    Short(Shortfall),
    /// Too many credits.
    TooMuch(TooMuch),
    /// It would not expire after now.
    Expiry(BadExpiry),
}

/// A posting as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Its number.
    pub posting: i64,
    /// What happened.
    pub movement: Movement,
    /// How many credits moved.
    pub credits: Credits,
    /// When.
    pub at: Timestamp,
    /// The price of this action.
    pub action: Option<String>,
    /// The customer's available credits after it.
    pub balance_after: Credits,
    /// Lot by lot.
    pub entries: Vec<PostedEntry>,
}

/// One entry as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostedEntry {
    /// Its number.
    pub entry: i64,
    /// The lot.
    pub lot: LotId,
    /// The lot's kind.
    pub kind: LotKind,
    /// How many credits moved.
    pub credits: Credits,
    /// The customer's available credits after it.
    pub balance_after: Credits,
    /// When the lot ends.
    pub expires_at: Option<Timestamp>,
}

/// What a key was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUsed {
    /// The key.
    pub key: String,
    /// The posting that has it.
    pub posting: i64,
    /// What happened.
    pub movement: Movement,
    /// How many credits.
    pub credits: Credits,
    /// To whom.
    pub customer: String,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests;
