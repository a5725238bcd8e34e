//! Credits: a double-entry ledger of lots.
//!
//! A lot is credits that came together, with one kind and one expiry. Every movement takes credits of one lot from one
//! account to another; a customer's own accounts are *available* and *held*, all others are counter accounts. What
//! holds, here and again by trigger in the store: a customer's accounts are never below zero; what is left of a lot is
//! the sum of its entries; granted = consumed + expired + revoked + what is left; nothing is changed, only answered.
//!
//! [`Book`] is one customer's ledger as far as a decision needs it. Its methods decide and post; a refusal posts nothing.

mod ask;
mod book;
mod lost;

pub use ask::{Ask, BadExpiry, BadKey, Expiry, KEY_LENGTH_MAX, Key, Scope, taken_back};
pub use book::{Book, LedgerError, NotHeld, Shortfall, Standing, TooMuch};
pub use lost::comes_back;

use super::money::Credits;
use super::time::Timestamp;

/// Most credits that one customer may have, available and held together. Below 2^53, so that every reader of JSON
/// holds it exactly.
pub const BALANCE_MAX: i64 = 1_000_000_000_000_000;

/// Where a lot came from. The order is the burn order: the first kind is spent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LotKind {
    /// Given once, at the first assignment of a tier that has a trial.
    Trial,
    /// Came with a month of a tier.
    SubscriptionAllocation,
    /// Given by a person.
    Bonus,
    /// Gives back what was used.
    Refund,
    /// Carried in from another system.
    Opening,
    /// Bought.
    Purchase,
}

impl LotKind {
    /// All kinds, in burn order.
    pub const ALL: [LotKind; 6] = [
        LotKind::Trial,
        LotKind::SubscriptionAllocation,
        LotKind::Bonus,
        LotKind::Refund,
        LotKind::Opening,
        LotKind::Purchase,
    ];
    /// The word on the command line, in reports and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            LotKind::Trial => "trial",
            LotKind::SubscriptionAllocation => "subscription_allocation",
            LotKind::Bonus => "bonus",
            LotKind::Refund => "refund",
            LotKind::Opening => "opening",
            LotKind::Purchase => "purchase",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<LotKind> {
        LotKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// What happened to credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Movement {
    /// A lot came in.
    Grant,
    /// Spent.
    Usage,
    /// Reserved.
    Hold,
    /// Reserved credits were spent.
    Settle,
    /// Reserved credits are available again.
    Release,
    /// The lot's time was over.
    Expire,
    /// Taken back.
    Revoke,
}

impl Movement {
    /// All movements.
    pub const ALL: [Movement; 7] = [
        Movement::Grant,
        Movement::Usage,
        Movement::Hold,
        Movement::Settle,
        Movement::Release,
        Movement::Expire,
        Movement::Revoke,
    ];
    /// The word in reports and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Movement::Grant => "grant",
            Movement::Usage => "usage",
            Movement::Hold => "hold",
            Movement::Settle => "settle",
            Movement::Release => "release",
            Movement::Expire => "expire",
            Movement::Revoke => "revoke",
        }
    }
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Movement> {
        Movement::ALL.into_iter().find(|movement| movement.as_str() == text)
    }
    /// The two legs: credits leave the first account and enter the second.
    pub fn accounts(self) -> (Account, Account) {
        match self {
            Movement::Grant => (Account::Granted, Account::Available),
            Movement::Usage => (Account::Available, Account::Consumed),
            Movement::Hold => (Account::Available, Account::Held),
            Movement::Settle => (Account::Held, Account::Consumed),
            Movement::Release => (Account::Held, Account::Available),
            Movement::Expire => (Account::Available, Account::Expired),
            Movement::Revoke => (Account::Available, Account::Revoked),
        }
    }
    /// What one credit of this movement does to an account: -1, 0 or 1.
    pub fn sign(self, account: Account) -> i64 {
        let (from, to) = self.accounts();
        i64::from(to == account) - i64::from(from == account)
    }
}

/// An account. The first two are a customer's own and never below zero; the others count against them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Can be spent.
    Available,
    /// Reserved by a hold.
    Held,
    /// Where lots come from; the ledger's legs name the lot's kind with it.
    Granted,
    /// Spent.
    Consumed,
    /// Ran out of time.
    Expired,
    /// Taken back.
    Revoked,
}

impl Account {
    /// The word in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Account::Available => "available",
            Account::Held => "held",
            Account::Granted => "granted",
            Account::Consumed => "consumed",
            Account::Expired => "expired",
            Account::Revoked => "revoked",
        }
    }
}

/// The number of a lot: lots are numbered in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotId(pub i64);

/// A lot and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lot {
    /// Its number.
    pub id: LotId,
    /// Where it came from.
    pub kind: LotKind,
    /// What came.
    pub granted: Credits,
    /// What can be spent of it while it lives.
    pub available: Credits,
    /// What holds have reserved of it.
    pub held: Credits,
    /// From this instant on it cannot be spent; `None`: never.
    pub expires_at: Option<Timestamp>,
}

impl Lot {
    /// Whether its available credits can be spent at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
    /// Its place in the burn order: kind, then earliest expiry (never is last), then oldest. No two lots share one.
    pub fn burn_place(&self) -> (LotKind, Timestamp, LotId) {
        (self.kind, self.expires_at.unwrap_or(Timestamp(i64::MAX)), self.id)
    }
}

/// Credits of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The lot.
    pub lot: LotId,
    /// How many; above zero.
    pub credits: Credits,
}

/// One movement of one lot, with the customer's accounts after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The lot.
    pub lot: LotId,
    /// How many credits moved; above zero, the movement gives the sign.
    pub credits: Credits,
    /// The customer's available credits after it.
    pub balance_after: Credits,
    /// The customer's held credits after it.
    pub held_after: Credits,
}

/// One thing that happened: a movement of one or more lots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// What happened.
    pub movement: Movement,
    /// The sum of its entries.
    pub credits: Credits,
    /// Lot by lot, in burn order.
    pub entries: Vec<Entry>,
}

#[cfg(test)]
mod tests;
