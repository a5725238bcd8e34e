//! What of a ledger comes back by itself after a restore, and what does not.

use super::Movement;
use super::ask::OWN_PREFIX;

/// Whether a posting that a restored store lacks is made again by what Stripe knows or by usage that is imported again:
/// packs and months that were paid, what they expire to, credits for usage beyond an allowance. All else was only in
/// the store: credits that were spent, reserved, given or taken by hand.
pub fn comes_back(movement: Movement, key: Option<&str>, source_id: Option<&str>) -> bool {
    let from = |prefix: &str| source_id.is_some_and(|it| it.starts_with(prefix));
    match movement {
        Movement::Grant => key.is_some_and(|key| key.starts_with(OWN_PREFIX)),
        Movement::Usage => from("usage:"),
        Movement::Revoke => from("refund:"),
        Movement::Expire => true,
        Movement::Hold | Movement::Settle | Movement::Release => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_store_knew_does_not_come_back() {
        use Movement::{Expire, Grant, Hold, Release, Revoke, Settle, Usage};
        for (movement, key, source_id, want) in [
            (Grant, Some("paygrade/payment/sale:7"), None, true),
            (Grant, Some("paygrade/allocation/acme/pro/1"), None, true),
            (Grant, Some("welcome"), None, false),
            (Grant, None, None, false),
            (Usage, None, Some("usage:tokens:1795248000"), true),
            (Usage, Some("job-1"), None, false),
            (Usage, None, Some("order-7"), false),
            (Revoke, None, Some("refund:sale:7"), true),
            (Revoke, Some("oops"), None, false),
            (Expire, None, None, true),
            (Hold, None, None, false),
            (Settle, None, None, false),
            (Release, None, None, false),
        ] {
            assert_eq!(comes_back(movement, key, source_id), want, "{movement:?} {key:?} {source_id:?}");
        }
    }
}
