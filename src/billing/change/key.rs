//! Idempotency keys of changes, and fingerprints: the same on every machine that sees the same.

use std::fmt::Debug;

use sha2::{Digest, Sha256};

use super::{Change, ChangeSet, Snapshot};
use crate::billing::id::Namespace;

/// Hexadecimal digits of a key's digest: 128 bits.
const KEY_DIGITS: usize = 32;

fn hex(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length before each part keeps two lists of parts from running into one text.
        hash.update(part.len().to_string().as_bytes());
        hash.update(b":");
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The idempotency key of a change: from the namespace, what it is about, the request as it is sent, and what it
/// follows on. `again` counts the answers that Stripe keeps for a day and that are of no use: a stored 5xx, or a
/// replay that names what is no longer so.
pub fn idempotency_key(namespace: &Namespace, change: &Change, request: &dyn Debug, again: u32) -> String {
    let about = [change.op.sign(), change.kind.as_str(), &change.key].join(" ");
    let request = format!("{request:?}");
    let mut digest = hex(&[namespace.as_str(), &about, &request, &change.after, &again.to_string()]);
    digest.truncate(KEY_DIGITS);
    format!("paygrade-seed-{digest}")
}

impl Snapshot {
    /// The same snapshot in one order, whatever order Stripe listed it in.
    pub fn sorted(mut self) -> Snapshot {
        self.products.sort_by(|a, b| a.id.cmp(&b.id));
        self.prices.sort_by(|a, b| a.id.cmp(&b.id));
        self.prices.dedup_by(|a, b| a.id == b.id);
        self.meters.sort_by(|a, b| a.id.cmp(&b.id));
        self.features.sort_by(|a, b| a.id.cmp(&b.id));
        self.attachments.sort_by(|a, b| a.id.cmp(&b.id));
        self
    }
    /// A digest of all of it: two looks with the same one saw the same.
    pub fn fingerprint(&self) -> String {
        hex(&[&format!("{self:?}")])
    }
    /// How many objects it holds.
    pub fn count(&self) -> usize {
        self.products.len()
            + self.prices.len()
            + self.meters.len()
            + self.features.len()
            + self.attachments.len()
    }
}

impl ChangeSet {
    /// A digest of all changes with everything that they do.
    pub fn fingerprint(&self) -> String {
        hex(&[&format!("{:?}", self.changes)])
    }
}
