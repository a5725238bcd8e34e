//! `doctor`: looks at everything that must hold, and changes nothing.

use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::Store;
use crate::store::checks::{Finding, Health};
use crate::stripe::{Api, Failure};

/// A clock that differs from Stripe's by more than this stamps usage wrongly: Stripe refuses what lies more than five
/// minutes ahead (Stripe: docs, recording usage).
pub const CLOCK_SKEW_MAX_S: i64 = 300;

/// What the store says.
#[derive(Debug)]
pub struct StoreState {
    /// The file and its engine.
    pub health: Health,
    /// Every invariant.
    pub invariants: Vec<Finding>,
    /// Its id and epoch, the account it is bound to, and whether it may send.
    pub info: crate::store::Info,
    /// Store id and epoch of the owner mark at Stripe, as last seen.
    pub owner: Option<(String, i64)>,
}

/// What Stripe says.
#[derive(Debug)]
pub struct StripeState {
    /// The account.
    pub account: String,
    /// `test` or `live`.
    pub mode: &'static str,
    /// Our clock less Stripe's, in seconds, where Stripe said the time.
    pub skew_s: Option<i64>,
}

/// Reads the store in one transaction and runs every invariant.
pub fn store_state(store: &Store) -> Result<StoreState, Error> {
    store.read(|r| {
        let (health, invariants) = (r.health()?, r.checks_run()?);
        Ok(StoreState { health, invariants, info: r.info()?, owner: r.owner_seen()? })
    })
}

/// Asks Stripe who it is and what time it is there.
pub async fn stripe_state(api: &Api, now: Timestamp) -> Result<StripeState, Failure> {
    let answer = api.account().await?;
    let skew_s = answer.meta.date.map(|date| now.since(date));
    Ok(StripeState { account: answer.value.id, mode: answer.value.mode.as_str(), skew_s })
}
