//! Payments: the intent, its charges, and what they settle of an invoice
//! (Stripe: docs /api/payment_intents, /api/charges, /api/invoice-payment).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::card::{Decline, PaymentMethod};
use super::charge::Answer;
use super::invoice::{Invoice, InvoiceStatus};
use crate::local::Call;
use crate::local::form::Metadata;
use crate::local::model::Model;

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// Another payment method is wanted: the last one said no.
    RequiresPaymentMethod,
    /// The customer has to authenticate.
    RequiresAction,
    /// The bank answers later.
    Processing,
    /// The money is there.
    Succeeded,
}

impl Progress {
    fn word(self) -> &'static str {
        match self {
            Progress::RequiresPaymentMethod => "requires_payment_method",
            Progress::RequiresAction => "requires_action",
            Progress::Processing => "processing",
            Progress::Succeeded => "succeeded",
        }
    }
}

/// One payment, whatever the number of tries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentIntent {
    /// `pi_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Minor units.
    pub amount: i64,
    /// Lower-case currency.
    pub currency: String,
    /// Who pays.
    pub customer: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Address for the receipt.
    pub receipt_email: Option<String>,
    /// What was charged last, or is to be.
    pub payment_method: Option<String>,
    /// The newest charge.
    pub latest_charge: Option<String>,
    /// `off_session` or `on_session`.
    pub setup_future_usage: Option<String>,
    /// Why the last try failed.
    pub failure: Option<Decline>,
    /// Where it stands.
    pub progress: Progress,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl PaymentIntent {
    /// With which a page may have it paid.
    pub fn client_secret(&self) -> String {
        format!("{}_secret_local", self.id)
    }

    fn error(&self, method: Option<&PaymentMethod>) -> Value {
        let Some(decline) = self.failure else { return Value::Null };
        let (code, decline_code) = decline.codes();
        json!({
            "charge": self.latest_charge,
            "code": code,
            "decline_code": decline_code,
            "message": decline.message(),
            "payment_method": method.map(PaymentMethod::render),
            "type": "card_error",
        })
    }

    /// Stripe's object; `method` is the payment method, for the error it caused.
    pub fn render(&self, method: Option<&PaymentMethod>) -> Value {
        let received = if self.progress == Progress::Succeeded { self.amount } else { 0 };
        let action = (self.progress == Progress::RequiresAction)
            .then(|| json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} }));
        // A failed try takes its method off the intent.
        let shown_method =
            self.payment_method.as_ref().filter(|_| self.progress != Progress::RequiresPaymentMethod);
        let mut shown = json!({
            "id": self.id,
            "object": "payment_intent",
            "allowed_payment_method_types": null,
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_received": received,
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": null,
            "canceled_at": null,
            "cancellation_reason": null,
            "capture_method": "automatic_async",
            "client_secret": self.client_secret(),
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "description": self.description,
            "excluded_payment_method_types": null,
            "last_payment_error": self.error(method),
            "latest_charge": self.latest_charge,
            "livemode": false,
        });
        let rest = json!({
            "managed_payments": { "enabled": false },
            "metadata": self.metadata,
            "next_action": action,
            "on_behalf_of": null,
            "payment_method": shown_method,
            "payment_method_configuration_details": null,
            "payment_method_options": { "card": {
                "installments": null,
                "mandate_options": null,
                "network": null,
                "request_three_d_secure": "automatic",
            } },
            "payment_method_types": ["card"],
            "payment_record": null,
            "processing": null,
            "receipt_email": self.receipt_email,
            "review": null,
            "setup_future_usage": self.setup_future_usage,
            "shipping": null,
            "source": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": self.progress.word(),
            "transfer_data": null,
            "transfer_group": null,
        });
        if let (Value::Object(all), Value::Object(rest)) = (&mut shown, rest) {
            all.extend(rest);
        }
        shown
    }
}

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The bank answers later.
    Pending,
    /// Paid.
    Succeeded,
    /// Declined.
    Failed,
}

/// One try to move money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Charge {
    /// `ch_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// Its payment intent.
    pub intent: String,
    /// Minor units.
    pub amount: i64,
    /// Minor units that went back.
    pub refunded: i64,
    /// Lower-case currency.
    pub currency: String,
    /// Who pays.
    pub customer: Option<String>,
    /// What was charged.
    pub payment_method: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Address for the receipt.
    pub receipt_email: Option<String>,
    /// How it went.
    pub outcome: Outcome,
    /// Why it failed.
    pub failure: Option<Decline>,
    /// The caller's own data, of the intent.
    pub metadata: Metadata,
}

impl Charge {
    /// Stripe's object; `method` is what was charged.
    pub fn render(&self, method: Option<&PaymentMethod>) -> Value {
        let paid = self.outcome != Outcome::Failed;
        let shown = method.map(PaymentMethod::render).unwrap_or(Value::Null);
        let of = |name: &str| shown["card"].get(name).cloned().unwrap_or(Value::Null);
        let empty = json!({
            "address": { "city": null, "country": null, "line1": null, "line2": null, "postal_code": null,
                "state": null },
            "email": null, "name": null, "phone": null, "tax_id": null,
        });
        let details = json!({
            "card": {
                "amount_authorized": if paid { json!(self.amount) } else { Value::Null },
                "authorization_code": null,
                "brand": of("brand"),
                "checks": of("checks"),
                "country": of("country"),
                "electronic_commerce_indicator": null,
                "exp_month": of("exp_month"),
                "exp_year": of("exp_year"),
                "fingerprint": of("fingerprint"),
                "funding": of("funding"),
                "installments": null,
                "last4": of("last4"),
                "mandate": null,
                "network": of("brand"),
                "network_transaction_id": null,
                "regulated_status": "unregulated",
                "three_d_secure": null,
                "transaction_link_id": null,
                "wallet": null,
            },
            "type": "card",
        });
        let mut charge = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if self.outcome == Outcome::Succeeded { self.amount } else { 0 },
            "amount_refunded": self.refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": null,
            "billing_details": shown.get("billing_details").cloned().unwrap_or(empty),
            "calculated_statement_descriptor": "PAYGRADE LOCAL",
            "captured": self.outcome == Outcome::Succeeded,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "disputed": false,
            "failure_balance_transaction": null,
            "failure_code": self.failure.map(|it| it.codes().0),
            "failure_message": self.failure.map(Decline::message),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "on_behalf_of": null,
            "outcome": self.verdict(),
        });
        if let (Value::Object(all), Value::Object(rest)) = (&mut charge, self.render_rest(details)) {
            all.extend(rest);
        }
        charge
    }

    fn verdict(&self) -> Value {
        let no = self.outcome == Outcome::Failed;
        json!({
            "advice_code": if no { json!("try_again_later") } else { Value::Null },
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": if no { "declined_by_network" } else { "approved_by_network" },
            "reason": self.failure.map(|it| it.codes().1),
            "risk_level": "normal",
            "risk_score": 0,
            "seller_message": if no { "The bank did not return any further details with this decline." }
                else { "Payment complete." },
            "type": if no { "issuer_declined" } else { "authorized" },
        })
    }

    fn render_rest(&self, details: Value) -> Value {
        let succeeded = self.outcome == Outcome::Succeeded;
        json!({
            "paid": succeeded,
            "payment_intent": self.intent,
            "payment_method": self.payment_method,
            "payment_method_details": details,
            "radar_options": {},
            "receipt_email": self.receipt_email,
            "receipt_number": null,
            "receipt_url": succeeded.then(|| format!("https://pay.stripe.com/receipts/local/{}", self.id)),
            "refunded": succeeded && self.refunded == self.amount,
            "review": null,
            "shipping": null,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": match self.outcome {
                Outcome::Pending => "pending",
                Outcome::Succeeded => "succeeded",
                Outcome::Failed => "failed",
            },
            "transfer_data": null,
            "transfer_group": null,
        })
    }
}

/// A payment towards an invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoicePayment {
    /// `inpay_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// The invoice.
    pub invoice: String,
    /// The payment intent.
    pub intent: String,
    /// Minor units asked for.
    pub amount: i64,
    /// Lower-case currency.
    pub currency: String,
    /// Paid at, unix seconds.
    pub paid_at: Option<i64>,
    /// Given up at, unix seconds.
    pub canceled_at: Option<i64>,
}

impl InvoicePayment {
    /// Stripe's object.
    pub fn render(&self) -> Value {
        let status = match (self.paid_at, self.canceled_at) {
            (Some(_), _) => "paid",
            (None, Some(_)) => "canceled",
            (None, None) => "open",
        };
        json!({
            "id": self.id,
            "object": "invoice_payment",
            "amount_paid": self.paid_at.map(|_| self.amount),
            "amount_requested": self.amount,
            "created": self.created,
            "currency": self.currency,
            "invoice": self.invoice,
            "is_default": true,
            "livemode": false,
            "payment": { "payment_intent": self.intent, "type": "payment_intent" },
            "status": status,
            "status_transitions": { "canceled_at": self.canceled_at, "paid_at": self.paid_at },
        })
    }
}

/// A payment intent as Stripe sends it.
pub fn show_intent(model: &Model, intent: &PaymentIntent) -> Value {
    let method = intent.payment_method.as_deref().and_then(|id| model.biller.payment_methods.get(id));
    intent.render(method)
}

/// A charge as Stripe sends it.
pub fn show_charge(model: &Model, charge: &Charge) -> Value {
    let method = charge.payment_method.as_deref().and_then(|id| model.biller.payment_methods.get(id));
    charge.render(method)
}

/// Stores an intent and announces it as `kind`.
fn save_intent(call: &mut Call, intent: PaymentIntent, kind: Option<&str>) {
    let shown = show_intent(call.model, &intent);
    call.model.biller.money.intents.insert(intent);
    if let Some(kind) = kind {
        call.emit(kind, &shown);
    }
}

/// What a new payment is for.
pub(super) struct Order {
    pub amount: i64,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub receipt_email: Option<String>,
    pub setup_future_usage: Option<String>,
    pub metadata: Metadata,
}

/// Begins a payment; nothing is charged yet. Gives its id.
pub(super) fn begin(call: &mut Call, order: Order, method: Option<&str>) -> String {
    let id = call.model.mint("pi_3", 23);
    let intent = PaymentIntent {
        id: id.clone(),
        created: call.now,
        amount: order.amount,
        currency: order.currency,
        customer: order.customer,
        description: order.description,
        receipt_email: order.receipt_email,
        payment_method: method.map(str::to_owned),
        latest_charge: None,
        setup_future_usage: order.setup_future_usage,
        failure: None,
        progress: Progress::RequiresPaymentMethod,
        metadata: order.metadata,
    };
    save_intent(call, intent, Some("payment_intent.created"));
    id
}

/// How a try went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Try {
    Paid,
    Declined(Decline),
    NeedsAction,
    Later,
}

/// Writes down how charging a method went.
pub(super) fn tried(call: &mut Call, intent: &str, method: &str, how: Try) {
    let Some(mut intent) = call.model.biller.money.intents.get(intent).cloned() else { return };
    intent.payment_method = Some(method.to_owned());
    let (progress, outcome, failure, kind) = match how {
        Try::Paid => (Progress::Succeeded, Some(Outcome::Succeeded), None, "payment_intent.succeeded"),
        Try::Later => (Progress::Processing, Some(Outcome::Pending), None, "payment_intent.processing"),
        Try::NeedsAction => (Progress::RequiresAction, None, None, "payment_intent.requires_action"),
        Try::Declined(decline) => (
            Progress::RequiresPaymentMethod,
            Some(Outcome::Failed),
            Some(decline),
            "payment_intent.payment_failed",
        ),
    };
    intent.progress = progress;
    intent.failure = failure;
    if let Some(outcome) = outcome {
        let charge = charge_of(call, &intent, outcome, failure);
        intent.latest_charge = Some(charge.id.clone());
        let shown = show_charge(call.model, &charge);
        call.model.biller.money.charges.insert(charge);
        let word = match outcome {
            Outcome::Pending => "charge.pending",
            Outcome::Succeeded => "charge.succeeded",
            Outcome::Failed => "charge.failed",
        };
        call.emit(word, &shown);
    }
    save_intent(call, intent, Some(kind));
}

fn charge_of(call: &mut Call, intent: &PaymentIntent, outcome: Outcome, failure: Option<Decline>) -> Charge {
    // A pending charge becomes the one that went through or not.
    let pending = intent.latest_charge.as_deref().and_then(|id| call.model.biller.money.charges.get(id));
    if let Some(pending) = pending.filter(|it| it.outcome == Outcome::Pending) {
        return Charge { outcome, failure, ..pending.clone() };
    }
    Charge {
        id: call.model.mint("ch_3", 23),
        created: call.now,
        intent: intent.id.clone(),
        amount: intent.amount,
        refunded: 0,
        currency: intent.currency.clone(),
        customer: intent.customer.clone(),
        payment_method: intent.payment_method.clone(),
        description: intent.description.clone(),
        receipt_email: intent.receipt_email.clone(),
        outcome,
        failure,
        metadata: intent.metadata.clone(),
    }
}

/// The payment of an invoice that is not canceled.
fn towards<'a>(model: &'a Model, invoice: &str) -> Option<&'a InvoicePayment> {
    let mut all = model.biller.money.invoice_payments.iter().rev();
    all.find(|it| it.invoice == invoice && it.canceled_at.is_none())
}

/// Writes down how charging an invoice went: its payment intent, the charge, and what they settle.
pub(super) fn of_invoice(call: &mut Call, invoice: &Invoice, method: Option<&str>, answer: Answer) {
    let how = match answer {
        Answer::Paid => Try::Paid,
        Answer::Declined(decline) => Try::Declined(decline),
        Answer::NeedsAction => Try::NeedsAction,
        Answer::NoMethod => return,
    };
    let Some(method) = method else { return };
    try_invoice(call, invoice, method, how);
}

/// As [`of_invoice`], also for a bank that answers later.
pub(super) fn try_invoice(call: &mut Call, invoice: &Invoice, method: &str, how: Try) {
    let known = towards(call.model, &invoice.id).cloned();
    let mut payment = match known {
        Some(known) => known,
        None => {
            let order = Order {
                amount: invoice.amount_due,
                currency: invoice.currency.clone(),
                customer: Some(invoice.customer.clone()),
                description: Some(wording(invoice)),
                receipt_email: None,
                setup_future_usage: None,
                metadata: Metadata::new(),
            };
            let intent = begin(call, order, Some(method));
            InvoicePayment {
                id: call.model.mint("inpay_1", 23),
                created: call.now,
                invoice: invoice.id.clone(),
                intent,
                amount: invoice.amount_due,
                currency: invoice.currency.clone(),
                paid_at: None,
                canceled_at: None,
            }
        }
    };
    let intent = payment.intent.clone();
    if how == Try::Paid {
        payment.paid_at = Some(call.now);
    }
    let shown = payment.render();
    call.model.biller.money.invoice_payments.insert(payment);
    tried(call, &intent, method, how);
    if how == Try::Paid {
        call.emit("invoice_payment.paid", &shown);
    }
}

/// Lets a payment that began elsewhere pay an invoice.
pub(super) fn link(call: &mut Call, invoice: &str, intent: &str, amount: i64, currency: &str) {
    let payment = InvoicePayment {
        id: call.model.mint("inpay_1", 23),
        created: call.now,
        invoice: invoice.to_owned(),
        intent: intent.to_owned(),
        amount,
        currency: currency.to_owned(),
        paid_at: None,
        canceled_at: None,
    };
    call.model.biller.money.invoice_payments.insert(payment);
}

/// What an invoice was charged to last.
pub(super) fn method_of(model: &Model, invoice: &str) -> Option<String> {
    let payment = towards(model, invoice)?;
    model.biller.money.intents.get(&payment.intent)?.payment_method.clone()
}

fn wording(invoice: &Invoice) -> String {
    match invoice.billing_reason.as_str() {
        "subscription_create" => "Subscription creation".to_owned(),
        reason if reason.starts_with("subscription") => "Subscription update".to_owned(),
        _ => format!("Payment for Invoice {}", invoice.number.as_deref().unwrap_or_default()),
    }
}

/// The payments of an invoice, as its expanded `payments`.
pub fn payments_of(model: &Model, invoice: &str) -> Value {
    let all = model.biller.money.invoice_payments.iter().rev();
    let data: Vec<Value> = all.filter(|it| it.invoice == invoice).map(InvoicePayment::render).collect();
    let url = format!("/v1/invoice_payments?invoice={invoice}");
    json!({ "object": "list", "data": data, "has_more": false, "url": url })
}

/// What a page needs to have an open invoice paid; null where nothing is to be paid.
pub fn secret_of(model: &Model, invoice: &str) -> Value {
    let is_open = model.biller.invoices.get(invoice).is_some_and(|it| it.status == InvoiceStatus::Open);
    let paid_by = model.biller.money.invoice_payments.iter().rev().find(|it| it.invoice == invoice);
    match paid_by.and_then(|it| model.biller.money.intents.get(&it.intent)).filter(|_| is_open) {
        Some(intent) => json!({ "client_secret": intent.client_secret(), "type": "payment_intent" }),
        None => Value::Null,
    }
}
