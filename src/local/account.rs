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
        "business_profile": {
            "mcc": null,
            "minority_owned_business_designation": null,
            "name": "paygrade local Stripe",
            "specified_commercial_transactions_act_url": null,
            "support_address": null,
            "support_email": null,
            "support_phone": null,
            "support_url": null,
            "url": null,
        },
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
        "settings": {
            "branding": { "icon": null, "logo": null, "primary_color": null, "secondary_color": null },
            "card_payments": {
                "statement_descriptor_prefix": null,
                "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
            "dashboard": { "display_name": "paygrade local Stripe", "timezone": "Etc/UTC" },
            "payments": {
                "statement_descriptor": null,
                "statement_descriptor_kana": null,
                "statement_descriptor_kanji": null,
                "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
        },
        "type": "standard",
    }))
}
