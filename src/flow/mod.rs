//! VERBS. Gather (await), let `billing` decide, commit (write). One file a verb; nothing here prints.
//!
//! What holds: whatever is to be done at Stripe is stored as an intent, with its idempotency key, before the call; an
//! open intent is finished before anything else is begun; an outcome that is not known is looked up, never guessed.

pub mod account;
pub mod adopt;
pub mod alert;
pub mod allow;
pub mod assign;
pub mod backup;
pub mod cancel;
pub mod compare;
pub mod cost;
pub mod coupon;
pub mod credits;
pub mod customer;
pub mod deal;
pub mod doctor;
pub mod drain;
pub mod explain;
pub mod fallback;
pub mod grace;
pub mod import;
pub mod inbox;
pub mod instant;
pub mod invoice;
pub mod invoice_hold;
pub mod invoice_lines;
pub mod lines;
pub mod meter;
pub mod metrics;
pub mod migrate;
pub mod names;
pub mod notify;
pub mod overrides;
pub mod pull;
pub mod push;
pub mod reconcile;
pub mod record;
pub mod recover;
pub mod refresh;
pub mod repair;
pub mod report;
pub mod reprice;
pub mod restore;
pub mod seed;
pub mod takeover;
pub mod tick;
pub mod tier;
pub mod tier_checkout;
pub mod totals;
pub mod upgrade;
pub mod usage_grouped;
pub mod usage_show;
pub mod void;

use std::time::Duration;

use crate::billing::id::Namespace;
use crate::billing::time::Timestamp;
use crate::env::Clock;
use crate::error::{Changed, Error};
use crate::store::{CustomerRow, Store, Writer};
use crate::stripe::{Answer, Api, Failure};

/// What a verb that talks to Stripe works with.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The store, open for writing.
    pub store: &'a Store,
    /// Stripe.
    pub api: &'a Api,
    /// The instant of the command.
    pub now: Timestamp,
    /// Marks what is ours.
    pub namespace: &'a Namespace,
    /// The business clock: what waits for Stripe may outlast the instant of the command.
    pub clock: &'a Clock,
    /// Any random number, for the waits between attempts.
    pub random: u64,
    /// What the settings say.
    pub manner: Manner,
}

/// What the settings say to the verbs.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How long Stripe keeps a renewal invoice open for usage, in seconds.
    pub grace_s: i64,
    /// How long to wait until Stripe shows usage that was just sent.
    pub drain_max: Duration,
    /// When grace is over, the invoice that was not paid is voided; else it is left open.
    pub void_unpaid: bool,
}

impl Default for Manner {
    fn default() -> Manner {
        Manner {
            grace_s: crate::billing::delivery::GRACE_DEFAULT_S,
            drain_max: drain::DRAIN_MAX_DEFAULT,
            void_unpaid: false,
        }
    }
}

/// A failure whose intent stays open. Where Stripe answered 5xx to a write it keeps that answer under the key for a
/// day; since nothing else guards against a second object, the key stays the same and the next run looks first.
pub(crate) fn stored_answer_hint(failure: Failure) -> Error {
    let stored = matches!(&failure, Failure::Indefinite(it) if it.stored);
    let error = Error::from(failure).changed(Changed::Recorded);
    if stored {
        error.hint(
            "run the same command again: it looks at Stripe first and repeats under the same key; Stripe may keep \
             answering so for 24 hours, and a second object is never made",
        )
    } else {
        error
    }
}

/// What follows from a changed history of tiers, in the transaction that changed it. `since` is the earliest instant
/// whose terms are different now.
pub(crate) fn history_changed(w: &Writer<'_>, customer: CustomerRow, since: Timestamp) -> Result<(), Error> {
    crate::store::span::spans_rebuild(w, customer, since)?;
    Ok(())
}

/// A write that sets what can be seen and set again: doing it twice is doing it once. Where Stripe keeps an answer of
/// 5xx under its key, a later run (`look`) repeats it under another, lest it be blocked for a day.
pub(crate) async fn set<T>(
    desk: &Desk<'_>,
    key: String,
    look: bool,
    call: impl AsyncFn(String) -> Answer<T>,
) -> Answer<T> {
    match call(key.clone()).await {
        Err(Failure::Indefinite(kept)) if look && kept.stored => call(format!("{key}:{}", desk.now.0)).await,
        answer => answer,
    }
}
