//! The identifier by which Stripe refuses a second effect, and the key by which it replays an answer.

use sha2::{Digest, Sha256};

use crate::billing::time::Timestamp;

/// Longest identifier that Stripe takes (Stripe: API reference, meter event create).
pub const IDENTIFIER_LENGTH_MAX: usize = 100;
/// Hexadecimal digits of the content's digest in an identifier.
const CONTENT_DIGITS: usize = 16;

/// What Stripe is sent: frozen when the delivery is formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Name of the meter event.
    pub event_name: String,
    /// The Stripe customer, `cus_…`.
    pub cus: String,
    /// Units.
    pub value: i64,
    /// When they were used.
    pub timestamp: Timestamp,
}

/// The identifier of a delivery: from the store (its id, and its epoch after the first) and the delivery's row, bound to the content, so that "already
/// exists" can only mean this very usage. Holds nothing that names a person.
pub fn identifier(scope: &str, row: i64, payload: &Payload) -> String {
    let Payload { event_name, cus, value, timestamp } = payload;
    let content = format!("{event_name}\n{cus}\n{value}\n{}", timestamp.0);
    let digest = Sha256::digest(content.as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).take(CONTENT_DIGITS / 2).collect();
    format!("pg_{scope}_{row}_{digits}")
}

/// The Idempotency-Key of an attempt. A 5xx answer is stored by Stripe and replayed under its key for ever (Stripe:
/// docs, idempotent requests), so each one counts the key up; the identifier still guards against a second effect.
pub fn idempotency_key(identifier: &str, server_errors: u32) -> String {
    format!("{identifier}-{server_errors}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_binds_store_row_and_content() {
        let payload = |value| Payload {
            event_name: "tokens".to_owned(),
            cus: "cus_1".to_owned(),
            value,
            timestamp: Timestamp(1_700_000_000),
        };
        let store = "0123456789abcdef0123456789abcdef";
        let first = identifier(store, 7, &payload(5));
        assert_eq!(first, identifier(store, 7, &payload(5)));
        assert_ne!(first, identifier(store, 7, &payload(6)), "other content");
        assert_ne!(first, identifier(store, 8, &payload(5)), "other row");
        assert_ne!(first, identifier(&"f".repeat(32), 7, &payload(5)), "other store");
        let long = format!("{store}e{}", i64::MAX);
        assert!(identifier(&long, i64::MAX, &payload(5)).len() <= IDENTIFIER_LENGTH_MAX);
        assert_ne!(
            first,
            identifier(&format!("{store}e2"), 7, &payload(5)),
            "another epoch counts rows anew"
        );
        assert!(!first.contains("cus_1") && !first.contains("tokens"));
        assert_eq!(idempotency_key("pg_a", 2), "pg_a-2");
    }
}
