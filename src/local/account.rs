//! The account (Stripe: docs /api/accounts).

use serde_json::{Value, json};

use super::Call;
use super::error::ApiError;
use super::form::Params;

/// `GET /v1/account`
pub fn retrieve(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    p.finish()?;
    let model = &call.model;
    Ok(json!({
        "id": model.account_id,
        "object": "account",
        "business_profile": { "name": "paygrade local Stripe", "url": null },
        "business_type": null,
        "capabilities": {},
        "charges_enabled": true,
        "country": "US",
        "created": model.created,
        "default_currency": "usd",
        "details_submitted": true,
        "email": "local@example.com",
        "metadata": {},
        "payouts_enabled": true,
        "settings": { "dashboard": { "display_name": "paygrade local Stripe", "timezone": "Etc/UTC" } },
        "type": "standard",
    }))
}
