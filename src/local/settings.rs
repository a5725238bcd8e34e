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
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { lag_s: 0, latency_ms: 0, in_flight_status: 409 }
    }
}
