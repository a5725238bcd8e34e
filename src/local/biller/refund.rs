//! `/v1/refunds`: money that goes back, whole or in parts (Stripe: docs /api/refunds).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::lines::money;
use super::payment::{self, Charge, Outcome};
use super::unbuilt;
use crate::local::Call;
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};
use crate::local::list;

/// One refund. Of a card it is done at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// `re_…`
    pub id: String,
    /// Creation, unix seconds.
    pub created: i64,
    /// The charge it gives back.
    pub charge: String,
    /// That charge's payment intent.
    pub intent: String,
    /// Minor units.
    pub amount: i64,
    /// Lower-case currency.
    pub currency: String,
    /// Who gets it.
    pub customer: Option<String>,
    /// Where it goes.
    pub payment_method: Option<String>,
    /// Stripe's reason word.
    pub reason: Option<String>,
    /// The caller's own data.
    pub metadata: Metadata,
}

impl Refund {
    /// Stripe's object.
    pub fn render(&self) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "customer_account": null,
            "destination_details": {
                "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": self.metadata,
            "payment_intent": self.intent,
            "payment_method": self.payment_method,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }
}

/// The charge that a request wants to give back.
fn charge_of(call: &Call, charge: Option<&str>, intent: Option<&str>) -> Result<Charge, ApiError> {
    let id = match (charge, intent) {
        (Some(_), Some(_)) => {
            let text = "You may only specify one of these parameters: charge, payment_intent.";
            return Err(ApiError::invalid(text));
        }
        (Some(charge), None) => charge.to_owned(),
        (None, Some(id)) => {
            let intent = call.model.biller.money.intents.get(id);
            let intent = intent.ok_or_else(|| ApiError::no_such("payment_intent", id, "payment_intent"))?;
            let charged = intent.latest_charge.clone();
            charged.ok_or_else(|| {
                ApiError::invalid(format!(
                    "This PaymentIntent ({id}) does not have a successful charge to refund."
                ))
                .param("payment_intent")
            })?
        }
        (None, None) => {
            return Err(ApiError::invalid(
                "One of the following params should be provided for this request: payment_intent or charge.",
            ));
        }
    };
    let charge = call.model.biller.money.charges.get(&id).cloned();
    let charge = charge.ok_or_else(|| ApiError::no_such("charge", &id, "charge"))?;
    if charge.outcome == Outcome::Succeeded {
        return Ok(charge);
    }
    let text = format!("Charge {id} has not succeeded, and cannot be refunded.");
    Err(ApiError::invalid(text).param("charge"))
}

/// What goes back: all that is left, or the asked part of it.
fn amount_of(charge: &Charge, asked: Option<i64>) -> Result<i64, ApiError> {
    let left = charge.amount - charge.refunded;
    if left <= 0 {
        let text = format!("Charge {} has already been refunded.", charge.id);
        return Err(ApiError::invalid(text).code("charge_already_refunded"));
    }
    let Some(asked) = asked.filter(|it| *it > left) else { return Ok(asked.unwrap_or(left)) };
    let words = |minor: i64| money(&charge.currency, Decimal::whole(minor));
    let beyond = if charge.refunded == 0 {
        format!("charge amount ({})", words(charge.amount))
    } else {
        format!("unrefunded amount on charge ({})", words(left))
    };
    Err(ApiError::invalid(format!("Refund amount ({}) is greater than {beyond}", words(asked)))
        .param("amount"))
}

/// `POST /v1/refunds`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let (charge, intent) = (p.string("charge")?, p.string("payment_intent")?);
    let amount = p.int_in("amount", 1, 999_999_999_999)?;
    let reason = p.one_of("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    unbuilt(
        p,
        &[
            "currency",
            "customer",
            "instructions_email",
            "origin",
            "refund_application_fee",
            "reverse_transfer",
        ],
    )?;
    p.finish()?;
    let charge = charge_of(call, charge.as_deref(), intent.as_deref())?;
    let amount = amount_of(&charge, amount)?;
    Ok(make(call, charge, amount, reason, metadata))
}

/// Gives so much of a charge back; the id of the refund.
pub(super) fn give_back(call: &mut Call, charge: &str, amount: i64) -> Result<String, ApiError> {
    let charge = charge_of(call, Some(charge), None)?;
    let amount = amount_of(&charge, Some(amount))?;
    let shown = make(call, charge, amount, None, Metadata::new());
    Ok(shown["id"].as_str().unwrap_or_default().to_owned())
}

fn make(
    call: &mut Call,
    mut charge: Charge,
    amount: i64,
    reason: Option<&'static str>,
    metadata: Metadata,
) -> Value {
    let before = payment::show_charge(call.model, &charge);
    charge.refunded += amount;
    let refund = Refund {
        id: call.model.mint("re_3", 23),
        created: call.now,
        charge: charge.id.clone(),
        intent: charge.intent.clone(),
        amount,
        currency: charge.currency.clone(),
        customer: charge.customer.clone(),
        payment_method: charge.payment_method.clone(),
        reason: reason.map(str::to_owned),
        metadata,
    };
    let (shown, after) = (refund.render(), payment::show_charge(call.model, &charge));
    call.model.biller.money.refunds.insert(refund);
    call.model.biller.money.charges.insert(charge);
    call.emit_update("charge.refunded", &before, &after);
    call.emit("refund.created", &shown);
    shown
}

fn found(call: &Call, id: &str) -> Result<Refund, ApiError> {
    let refund = call.model.biller.money.refunds.get(id);
    refund.cloned().ok_or_else(|| ApiError::not_found("refund", id, "refund"))
}

/// `GET /v1/refunds/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(|it| it.render())
}

/// `POST /v1/refunds/:id`: metadata only.
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut refund = found(call, id)?;
    let metadata = p.metadata()?;
    p.finish()?;
    let before = refund.render();
    refund.metadata = metadata.merged(&refund.metadata)?;
    let shown = refund.render();
    call.model.biller.money.refunds.insert(refund);
    call.emit_update("refund.updated", &before, &shown);
    Ok(shown)
}

/// `GET /v1/refunds`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let (charge, intent) = (p.string("charge")?, p.string("payment_intent")?);
    let created = list::range(p, "created")?;
    p.finish()?;
    let wanted = |it: &Refund| {
        charge.as_ref().is_none_or(|charge| it.charge == *charge)
            && intent.as_ref().is_none_or(|intent| it.intent == *intent)
            && created.holds(it.created)
    };
    list::table(&page, &call.model.biller.money.refunds, "refund", "/v1/refunds", wanted, Refund::render)
}
