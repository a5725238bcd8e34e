//! What is asked of the ledger: expiries and keys as people give them, and the canonical body that a key stands for.

use std::fmt;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Credits, LotKind, Movement, Timestamp};
use crate::billing::catalog::Lasting;
use crate::billing::id::{ActionKey, CustomerId, is_invisible};
use crate::billing::time::LATEST;

/// Longest key that a caller may give.
pub const KEY_LENGTH_MAX: usize = 200;
/// Keys of our own effects start with this; a caller's may not.
pub(super) const OWN_PREFIX: &str = "paygrade/";

/// When a lot ends, as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// It stays until it is spent.
    Never,
    /// At an instant.
    At(Timestamp),
    /// So long after the grant.
    After(Lasting),
}

/// Why an expiry was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadExpiry {
    /// Neither a date, an instant nor a length of time.
    #[error("`{0}` is neither a date, an instant nor a length of time")]
    Unreadable(String),
    /// Not after the grant.
    #[error("it would expire at {0}, which is not after now")]
    Past(Timestamp),
    /// Beyond the calendar.
    #[error("it would expire after 2100")]
    TooFar,
}

impl Expiry {
    /// Reads `never`, `2026-12-31`, `2026-12-31T12:00:00Z` or `30 days`.
    pub fn parse(text: &str) -> Result<Expiry, BadExpiry> {
        if text == "never" {
            return Ok(Expiry::Never);
        }
        let at = Timestamp::parse(text).map(Expiry::At);
        at.or_else(|| Lasting::parse(text).map(Expiry::After)).ok_or_else(|| {
            BadExpiry::Unreadable(text.chars().take(60).flat_map(char::escape_debug).collect())
        })
    }
    /// The instant for a grant made at `now`; `None` for never.
    pub fn resolve(self, now: Timestamp) -> Result<Option<Timestamp>, BadExpiry> {
        let end = match self {
            Expiry::Never => return Ok(None),
            Expiry::At(end) => end,
            Expiry::After(lasting) => lasting.after(now).ok_or(BadExpiry::TooFar)?,
        };
        if end <= now {
            return Err(BadExpiry::Past(end));
        }
        if end >= LATEST { Err(BadExpiry::TooFar) } else { Ok(Some(end)) }
    }
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expiry::Never => f.write_str("never"),
            Expiry::At(at) => at.fmt(f),
            Expiry::After(lasting) => lasting.fmt(f),
        }
    }
}

/// A key under which an effect happens only once, in the whole store and for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

/// Why a key was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key has 1 to {KEY_LENGTH_MAX} visible characters and does not start with `{OWN_PREFIX}`")]
pub struct BadKey;

/// What an effect of our own is keyed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// A month's credits of a tier: customer, tier, month start.
    Allocation,
    /// Trial credits of a customer.
    Trial,
    /// A payment of a pack.
    Payment,
    /// A usage event that is paid with credits.
    UsageEvent,
}

impl Key {
    /// A caller's own key.
    pub fn parse(text: &str) -> Result<Key, BadKey> {
        let legal = (1..=KEY_LENGTH_MAX).contains(&text.len())
            && !text.starts_with(OWN_PREFIX)
            && !text.chars().any(|c| c.is_control() || is_invisible(c))
            && text.trim() == text;
        if legal { Ok(Key(text.to_owned())) } else { Err(BadKey) }
    }
    /// The key of an effect of our own; it never meets a caller's.
    pub fn own(scope: Scope, name: &str) -> Key {
        let scope = match scope {
            Scope::Allocation => "allocation",
            Scope::Trial => "trial",
            Scope::Payment => "payment",
            Scope::UsageEvent => "usage",
        };
        Key(format!("{OWN_PREFIX}{scope}/{name}"))
    }
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a key stands for: asking for the same again gets the first answer, asking for something else is a conflict.
/// Only what the caller decides is in it; a price that was looked up or an instant that was worked out is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask<'a> {
    /// What is to happen.
    pub movement: Movement,
    /// To whom.
    pub customer: &'a CustomerId,
    /// How many; `None` where an action's price decides.
    pub credits: Option<Credits>,
    /// The action.
    pub action: Option<&'a ActionKey>,
    /// The kind of the lot, of a grant.
    pub kind: Option<LotKind>,
    /// When the lot ends, of a grant.
    pub expires: Option<Expiry>,
    /// Why.
    pub reason: Option<&'a str>,
    /// What caused it.
    pub source_id: Option<&'a str>,
}

impl Ask<'_> {
    /// SHA-256 of the canonical JSON, in hexadecimal.
    pub fn digest(&self) -> String {
        let mut body = Map::new();
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                body.insert(key.to_owned(), Value::String(value));
            }
        };
        put("action", self.action.map(ToString::to_string));
        put("credits", self.credits.map(|credits| credits.to_string()));
        put("customer", Some(self.customer.to_string()));
        put("expires", self.expires.map(|expires| expires.to_string()));
        put("kind", self.kind.map(|kind| kind.as_str().to_owned()));
        put("movement", Some(self.movement.as_str().to_owned()));
        put("reason", self.reason.map(ToOwned::to_owned));
        put("source_id", self.source_id.map(ToOwned::to_owned));
        let hash = Sha256::digest(Value::Object(body).to_string().as_bytes());
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Credits that are due back when `refunded` of `paid` minor units were: the same part, rounded down, in the
/// customer's favour. All of them once everything was given back.
pub fn taken_back(credits: Credits, paid: i64, refunded: i64) -> Credits {
    if paid <= 0 || refunded <= 0 {
        return Credits(0);
    }
    let part = i128::from(credits.0) * i128::from(refunded.min(paid)) / i128::from(paid);
    Credits(i64::try_from(part).unwrap_or(credits.0))
}
