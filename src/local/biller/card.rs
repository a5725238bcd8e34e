//! Payment methods: the test cards, and how each of them behaves.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::local::calendar;
use crate::local::form::Metadata;

/// What a test card does when it is attached or charged (Stripe: docs …/testing).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Every charge succeeds.
    Pays,
    /// Attaches; then every charge is declined.
    FailsLater,
    /// Cannot be attached: declined at once with this decline code.
    Declines(Decline),
    /// A charge waits for the customer's authentication.
    NeedsAction,
}

/// Why a card is declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    /// No reason given.
    Generic,
    /// Not enough money.
    InsufficientFunds,
    /// Out of date.
    Expired,
}

impl Decline {
    /// The error code and the decline code.
    pub fn codes(self) -> (&'static str, &'static str) {
        match self {
            Decline::Generic => ("card_declined", "generic_decline"),
            Decline::InsufficientFunds => ("card_declined", "insufficient_funds"),
            Decline::Expired => ("expired_card", "expired_card"),
        }
    }

    /// What a person reads.
    pub fn message(self) -> &'static str {
        match self {
            Decline::Generic => "Your card was declined.",
            Decline::InsufficientFunds => "Your card has insufficient funds.",
            Decline::Expired => "Your card has expired.",
        }
    }
}

/// One entry of Stripe's list of test cards.
#[derive(Debug, Clone, Copy)]
pub struct TestCard {
    /// Name after `pm_card_` or `tok_`.
    pub name: &'static str,
    /// Brand.
    pub brand: &'static str,
    /// Last four digits.
    pub last4: &'static str,
    /// Country of issue.
    pub country: &'static str,
    /// What it does.
    pub behaviour: Behaviour,
}

const fn card(name: &'static str, last4: &'static str, behaviour: Behaviour) -> TestCard {
    TestCard { name, brand: "visa", last4, country: "US", behaviour }
}

/// The test cards that are built.
pub const TEST_CARDS: &[TestCard] = &[
    card("visa", "4242", Behaviour::Pays),
    TestCard { brand: "mastercard", ..card("mastercard", "4444", Behaviour::Pays) },
    TestCard { brand: "amex", ..card("amex", "8431", Behaviour::Pays) },
    card("chargeCustomerFail", "0341", Behaviour::FailsLater),
    card("visa_chargeDeclined", "0002", Behaviour::Declines(Decline::Generic)),
    card("chargeDeclined", "0002", Behaviour::Declines(Decline::Generic)),
    card("visa_chargeDeclinedInsufficientFunds", "9995", Behaviour::Declines(Decline::InsufficientFunds)),
    card("chargeDeclinedExpiredCard", "0069", Behaviour::Declines(Decline::Expired)),
    TestCard { country: "IE", ..card("threeDSecure2Required", "3220", Behaviour::NeedsAction) },
    card("authenticationRequired", "3184", Behaviour::NeedsAction),
];

/// The test card that a token such as `pm_card_visa` or `tok_visa` names.
pub fn test_card(token: &str) -> Option<&'static TestCard> {
    let name = token.strip_prefix("pm_card_").or_else(|| token.strip_prefix("tok_"))?;
    TEST_CARDS.iter().find(|it| it.name == name)
}

/// One payment method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentMethod {
    /// `pm_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Whom it is attached to.
    pub customer: Option<String>,
    /// Was attached once; detached for good.
    pub detached: bool,
    /// Brand of the card.
    pub brand: String,
    /// Last four digits.
    pub last4: String,
    /// Country of issue.
    pub country: String,
    /// What it does.
    pub behaviour: Behaviour,
    /// E-mail, name, phone, address.
    pub billing_details: Map<String, Value>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl PaymentMethod {
    /// A fresh payment method for a test card.
    pub fn from_test(id: String, card: &TestCard, now: i64) -> PaymentMethod {
        PaymentMethod {
            id,
            created: now,
            customer: None,
            detached: false,
            brand: card.brand.to_owned(),
            last4: card.last4.to_owned(),
            country: card.country.to_owned(),
            behaviour: card.behaviour,
            billing_details: Map::new(),
            metadata: Metadata::new(),
        }
    }

    /// Stripe's object.
    pub fn render(&self) -> Value {
        let detail = |name: &str| self.billing_details.get(name).cloned().unwrap_or(Value::Null);
        let empty = json!({ "city": null, "country": null, "line1": null, "line2": null,
            "postal_code": null, "state": null });
        let address = self.billing_details.get("address").cloned().unwrap_or(empty);
        let made = calendar::date(self.created);
        let checked = if self.customer.is_some() || self.detached { "pass" } else { "unchecked" };
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {
                "address": address,
                "email": detail("email"),
                "name": detail("name"),
                "phone": detail("phone"),
                "tax_id": null,
            },
            "card": {
                "brand": self.brand,
                "checks": {
                    "address_line1_check": null,
                    "address_postal_code_check": null,
                    "cvc_check": checked,
                },
                "country": self.country,
                "display_brand": self.brand,
                "exp_month": made.month,
                "exp_year": made.year + 1,
                "fingerprint": format!("local{}{}", self.brand, self.last4),
                "funding": "credit",
                "generated_from": null,
                "last4": self.last4,
                "networks": { "available": [self.brand], "preferred": null },
                "regulated_status": "unregulated",
                "three_d_secure_usage": { "supported": true },
                "wallet": null,
            },
            "created": self.created,
            "customer": self.customer,
            "customer_account": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": "card",
        })
    }
}
