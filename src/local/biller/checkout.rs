//! Checkout sessions: what is sold, to whom, and how far it got (Stripe: docs /api/checkout/sessions).
//!
//! Nobody sees a hosted page here: `POST /_local/checkout/{id}/complete` stands for the person who fills it in.
//! Not confirmed of Stripe, and decided here: a session with nothing to pay is `paid`, unless a trial delays it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::discount::Asked;
use super::terms::Terms;
use crate::local::Call;
use crate::local::form::Metadata;
use crate::local::model::Model;
use crate::local::{price, rating};

pub mod calls;
pub mod complete;
mod create;

pub use create::create;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for the customer.
    Open,
    /// The customer is through; the money may still be on its way.
    Complete,
    /// Its time ran out.
    Expired,
}

/// Where its money stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// Nothing is due now.
    NotRequired,
    /// Paid.
    Paid,
    /// Not paid, or not yet.
    Unpaid,
}

/// One thing that is sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// `li_…`
    pub id: String,
    /// The price.
    pub price: String,
    /// Units; `None` on metered prices.
    pub quantity: Option<u64>,
    /// What it costs now, minor units, before discounts.
    pub subtotal: i64,
    /// What is taken off.
    #[serde(default)]
    pub discount: i64,
    /// The caller's own data.
    pub metadata: Metadata,
}

/// What the bank will say later about a payment that takes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Later {
    /// When, unix seconds.
    pub at: i64,
    /// The money arrives.
    pub succeeds: bool,
}

/// What the subscription will be made with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SubscriptionData {
    /// Free text.
    pub description: Option<String>,
    /// Days of trial, from the completion on.
    pub trial_days: Option<i64>,
    /// End of the trial, unix seconds.
    pub trial_end: Option<i64>,
    /// `cancel` or `create_invoice`, when the trial ends without a payment method.
    pub trial_missing: Option<String>,
    /// Its metadata.
    pub metadata: Metadata,
}

/// What the payment intent will be made with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct IntentData {
    /// Free text.
    pub description: Option<String>,
    /// Address for the receipt.
    pub receipt_email: Option<String>,
    /// `off_session` or `on_session`.
    pub setup_future_usage: Option<String>,
    /// Its metadata.
    pub metadata: Metadata,
}

/// The invoice that a one-time payment leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InvoiceData {
    /// Free text.
    pub description: Option<String>,
    /// Its metadata.
    pub metadata: Metadata,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// `cs_test_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// It makes a subscription; else it takes one payment.
    pub subscribes: bool,
    /// Where it stands.
    pub status: Status,
    /// Where its money stands.
    pub payment: Payment,
    /// When it runs out, unix seconds.
    pub expires_at: i64,
    /// Who buys; a new customer may come with the completion.
    pub customer: Option<String>,
    /// The address that the page begins with.
    pub customer_email: Option<String>,
    /// Makes a customer of a guest who pays once.
    pub customer_always: bool,
    /// The caller's reference.
    pub client_reference_id: Option<String>,
    /// The caller's own data.
    pub metadata: Metadata,
    /// Where the page leads.
    pub success_url: Option<String>,
    /// Where its way back leads.
    pub cancel_url: Option<String>,
    /// Lower-case currency.
    pub currency: String,
    /// What is sold.
    pub items: Vec<Item>,
    /// What the subscription will be made with.
    pub subscription_data: SubscriptionData,
    /// What the payment intent will be made with.
    pub intent_data: IntentData,
    /// Leaves an invoice of a one-time payment.
    pub invoice_creation: Option<InvoiceData>,
    /// The page takes promotion codes.
    pub allow_promotion_codes: Option<bool>,
    /// The discount that is given.
    #[serde(default)]
    pub discounts: Vec<Asked>,
    /// Without anything due the page asks for no card.
    pub card_if_required: bool,
    /// Who paid, as the page was filled in: e-mail and name.
    pub payer: Option<(Option<String>, Option<String>)>,
    /// The subscription it made.
    pub subscription: Option<String>,
    /// The payment intent it made.
    pub intent: Option<String>,
    /// The invoice it made.
    pub invoice: Option<String>,
    /// What is still to be heard of the bank.
    pub later: Option<Later>,
}

impl Session {
    /// What is sold, before discounts, minor units.
    pub fn subtotal(&self) -> i64 {
        self.items.iter().fold(0, |sum, it| sum.saturating_add(it.subtotal))
    }

    /// What is taken off, minor units.
    pub fn discount(&self) -> i64 {
        self.items.iter().fold(0, |sum, it| sum.saturating_add(it.discount))
    }

    /// When something happens to it by itself.
    pub fn due(&self) -> Option<i64> {
        match self.status {
            Status::Open => Some(self.expires_at),
            Status::Complete => self.later.map(|it| it.at),
            Status::Expired => None,
        }
    }

    fn trials(&self) -> bool {
        self.subscription_data.trial_days.is_some() || self.subscription_data.trial_end.is_some()
    }

    /// Stripe's object.
    pub fn render(&self) -> Value {
        let mut shown = self.render_sale();
        if let (Value::Object(all), Value::Object(rest)) = (&mut shown, self.render_rest()) {
            all.extend(rest);
        }
        shown
    }

    fn render_sale(&self) -> Value {
        let (subtotal, discount) = (self.subtotal(), self.discount());
        let details = self.payer.as_ref().map(|(email, name)| {
            json!({
                "address": null, "business_name": null, "email": email, "individual_name": null, "name": name,
                "phone": null, "tax_exempt": "none", "tax_ids": [],
            })
        });
        let details = details.or_else(|| {
            self.customer_email.as_ref().map(|email| {
                json!({
                    "address": null, "business_name": null, "email": email, "individual_name": null,
                    "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null,
                })
            })
        });
        let invoice = self.invoice_creation.as_ref();
        let payment = match self.payment {
            Payment::NotRequired => "no_payment_required",
            Payment::Paid => "paid",
            Payment::Unpaid => "unpaid",
        };
        let creation = if self.subscribes || self.customer_always { "always" } else { "if_required" };
        json!({
            "id": self.id,
            "object": "checkout.session",
            "amount_subtotal": subtotal,
            "amount_total": subtotal - discount,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "customer_creation": if self.customer.is_some() { Value::Null } else { json!(creation) },
            "customer_details": details,
            "customer_email": self.customer_email,
            "discounts": self.discounts.iter().map(|it| json!({
                "coupon": it.coupon, "promotion_code": it.code,
            })).collect::<Vec<_>>(),
            "invoice": self.invoice,
            "invoice_creation": (!self.subscribes).then(|| json!({
                "enabled": invoice.is_some(),
                "invoice_data": {
                    "account_tax_ids": null,
                    "custom_fields": null,
                    "description": invoice.and_then(|it| it.description.as_ref()),
                    "footer": null,
                    "issuer": null,
                    "metadata": invoice.map(|it| &it.metadata).unwrap_or(&Metadata::new()),
                    "rendering_options": null,
                },
            })),
            "mode": if self.subscribes { "subscription" } else { "payment" },
            "payment_intent": self.intent,
            "payment_status": payment,
            "status": match self.status {
                Status::Open => "open",
                Status::Complete => "complete",
                Status::Expired => "expired",
            },
            "subscription": self.subscription,
            "total_details": { "amount_discount": discount, "amount_shipping": 0, "amount_tax": 0 },
        })
    }

    fn render_rest(&self) -> Value {
        let open = self.status == Status::Open;
        json!({
            "adaptive_pricing": { "enabled": false },
            "after_expiration": null,
            "allow_promotion_codes": self.allow_promotion_codes,
            "allowed_payment_method_types": null,
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "billing_address_collection": null,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "client_secret": null,
            "collected_information": null,
            "consent": null,
            "consent_collection": null,
            "currency_conversion": null,
            "custom_fields": [],
            "custom_text": {
                "after_submit": null, "shipping_address": null, "submit": null,
                "terms_of_service_acceptance": null,
            },
            "expires_at": self.expires_at,
            "integration_identifier": null,
            "livemode": false,
            "locale": null,
            "managed_payments": null,
            "metadata": self.metadata,
            "origin_context": null,
            "payment_link": null,
            "payment_method_collection":
                if self.card_if_required || !self.subscribes { "if_required" } else { "always" },
            "payment_method_configuration_details": null,
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": ["card"],
            "permissions": null,
            "phone_number_collection": { "enabled": false },
            "recovered_from": null,
            "saved_payment_method_options": null,
            "setup_intent": null,
            "shipping_address_collection": null,
            "shipping_cost": null,
            "shipping_options": [],
            "submit_type": null,
            "success_url": self.success_url,
            "ui_mode": "hosted_page",
            "url": open.then(|| format!("https://checkout.stripe.com/c/pay/{}", self.id)),
            "wallet_options": null,
        })
    }
}

/// A line item as Stripe sends it.
pub fn show_item(model: &Model, session: &Session, item: &Item) -> Value {
    let terms = Terms::of(model, &item.price);
    json!({
        "id": item.id,
        "object": "item",
        "adjustable_quantity": null,
        "amount_discount": item.discount,
        "amount_subtotal": item.subtotal,
        "amount_tax": 0,
        "amount_total": item.subtotal - item.discount,
        "currency": session.currency,
        "description": terms.map(|it| it.product_name),
        "metadata": item.metadata,
        "price": model.prices.get(&item.price).map(price::render),
        "quantity": item.quantity,
    })
}

/// The line items, as the hidden field of a session.
pub fn items_of(model: &Model, id: &str) -> Option<Value> {
    let session = model.biller.money.sessions.get(id)?;
    let data: Vec<Value> = session.items.iter().map(|it| show_item(model, session, it)).collect();
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    Some(json!({ "object": "list", "data": data, "has_more": false, "url": url }))
}

/// Stores a session, announces it as `kind`, and plans what comes next. An update of a session has no event.
pub(super) fn save(call: &mut Call, session: Session, kind: Option<&str>) -> Value {
    let shown = session.render();
    call.model.biller.agenda.set(&session.id, super::RANK_SESSION, session.due());
    call.model.biller.money.sessions.insert(session);
    if let Some(kind) = kind {
        call.emit(kind, &shown);
    }
    shown
}

/// What a line item costs at once: nothing when a meter counts it later, or a trial comes first.
fn due_now(terms: &Terms, quantity: Option<u64>, trials: bool) -> i64 {
    match (terms.meter.is_some(), terms.cadence.is_some() && trials) {
        (false, false) => rating::total(&terms.tariff, super::lines::whole(quantity.unwrap_or(1))),
        _ => 0,
    }
}
