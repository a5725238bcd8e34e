//! What selling and granting at Stripe share: keys, and what a failed call leaves.

use sha2::{Digest, Sha256};

use crate::billing::id::CustomerId;
use crate::billing::ledger::Key;
use crate::error::{Changed, Error, Kind};
use crate::flow::Desk;
use crate::flow::customer::customer_required;
use crate::store::StoreError;
use crate::store::customer::Customer;
use crate::stripe::Failure;

/// Digits of a hash in a key: enough that two never meet, few enough for Stripe's limits.
const HASH_BYTES: usize = 16;

fn hex(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(HASH_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// The idempotency key of a call: from the caller's own key where there is one, else from a number of this store.
pub(super) fn call_key(
    desk: &Desk<'_>,
    what: &str,
    own: Option<&Key>,
    number: usize,
    customer: &CustomerId,
) -> Result<String, Error> {
    let namespace = desk.namespace;
    Ok(match own {
        Some(key) => format!("paygrade:{namespace}:{what}:k{}", hex(key.as_str())),
        None => {
            let store = desk.store.info()?.scope();
            format!("paygrade:{namespace}:{what}:{}", hex(&format!("{store}/{customer}/{number}")))
        }
    })
}

/// What a caller's own key stands for.
pub(super) fn ask_digest(own: Option<&Key>, parts: &[&str]) -> Option<String> {
    own.map(|_| hex(&parts.join("\u{1f}")))
}

/// The key was used for something else.
pub(super) fn key_conflict(own: Option<&Key>) -> Error {
    let key = own.map(Key::as_str).unwrap_or_default();
    Error::new(Kind::Refused, "key_conflict", format!("the key `{key}` belongs to something else already"))
        .hint("a new effect needs a new key")
}

/// The customer and its `cus_…`.
pub(super) fn linked(desk: &Desk<'_>, id: &CustomerId) -> Result<(Customer, String), Error> {
    let customer = desk.store.read(|r| customer_required(r, id))?;
    match customer.cus.clone() {
        Some(cus) => Ok((customer, cus)),
        None => Err(Error::new(Kind::Refused, "not_linked", format!("customer {id} is not at Stripe yet"))
            .hint(format!("finish it: paygrade customer add {id}"))),
    }
}

/// What a failed call leaves: a definite no is noted by `drop`, anything else keeps what was begun for the next run.
pub(super) fn stopped(failure: Failure, drop: impl FnOnce() -> Result<(), StoreError>) -> Error {
    let Some(refusal) = failure.refusal() else { return crate::flow::stored_answer_hint(failure) };
    if refusal.kind.is_before_the_request() {
        return Error::from(failure).changed(Changed::Recorded).hint("run the same command again");
    }
    if let Err(error) = drop() {
        return error.into();
    }
    Error::from(failure)
        .changed(Changed::Recorded)
        .hint("nothing was made; see what Stripe says, then run it again")
}
