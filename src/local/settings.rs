//! What can be set about the local Stripe while it runs.

use serde::{Deserialize, Serialize};

/// Settings of one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seconds between accepting a meter event and counting it. Stripe publishes no figure.
    pub lag_s: i64,
    /// Pause before every answer, in milliseconds.
    pub latency_ms: u64,
    /// Status for a second call in flight for one customer and meter: 409 or 429, both are reported of Stripe.
    pub in_flight_status: u16,
    /// Seconds from a draft's creation to its charge: an hour, or with a grace period at most 72
    /// (Stripe: docs …/usage-based/configure-grace-period).
    pub draft_s: i64,
    /// What becomes of a subscription whose invoice was tried in vain.
    pub dunning_end: DunningEnd,
}

/// The end of a row of failed charges (Stripe: docs …/billing/revenue-recovery/smart-retries).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DunningEnd {
    /// The subscription ends.
    Cancel,
    /// It goes on unpaid: its invoices stay drafts.
    Unpaid,
    /// It stays past due.
    PastDue,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            lag_s: 0,
            latency_ms: 0,
            in_flight_status: 409,
            draft_s: 3_600,
            dunning_end: DunningEnd::Cancel,
        }
    }
}
