//! Charges: read only, for what was paid back of them.

use serde::Deserialize;

use super::Api;
use super::answer::Answer;

/// A charge as found in Stripe. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChargeFound {
    /// `ch_…`.
    pub id: String,
    /// What was charged.
    pub amount: i64,
    /// What was paid back so far.
    pub amount_refunded: i64,
    /// Currency in lower case.
    pub currency: String,
    /// `cus_…`.
    pub customer: Option<String>,
    /// `pi_…` that it belongs to.
    pub payment_intent: Option<String>,
}

impl Api {
    /// One charge.
    pub async fn charge_retrieve(&self, charge: &str) -> Answer<ChargeFound> {
        let found = self.read_raw::<ChargeFound>(&format!("/charges/{charge}")).await?;
        if found.value.id != charge {
            return Err(found.contradiction("another charge than was asked for".to_owned()));
        }
        Ok(found)
    }
}
