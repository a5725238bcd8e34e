//! Reading payments: `/v1/payment_intents`, `/v1/charges`, `/v1/invoice_payments`.

use serde_json::Value;

use super::payment::{self, Charge, InvoicePayment, PaymentIntent};
use super::unbuilt;
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::list;

/// `GET /v1/payment_intents/:id`
pub fn intent(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    unbuilt(p, &["client_secret"])?;
    p.finish()?;
    let found = call.model.biller.money.intents.get(id);
    let found = found.ok_or_else(|| ApiError::not_found("payment_intent", id, "intent"))?;
    Ok(payment::show_intent(call.model, found))
}

/// `GET /v1/payment_intents`
pub fn intents(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    let created = list::range(p, "created")?;
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    let wanted =
        |it: &PaymentIntent| (customer.is_none() || it.customer == customer) && created.holds(it.created);
    let (model, rows) = (&*call.model, &call.model.biller.money.intents);
    list::table(&page, rows, "payment_intent", "/v1/payment_intents", wanted, |it| {
        payment::show_intent(model, it)
    })
}

/// `POST /v1/payment_intents/:id`: words about a payment.
pub fn update_intent(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let found = call.model.biller.money.intents.get(id).cloned();
    let mut intent = found.ok_or_else(|| ApiError::not_found("payment_intent", id, "intent"))?;
    let description = p.text("description", 1_000)?;
    let metadata = p.metadata()?;
    p.finish()?;
    description.apply(&mut intent.description);
    intent.metadata = metadata.merged(&intent.metadata)?;
    let shown = payment::show_intent(call.model, &intent);
    call.model.biller.money.intents.insert(intent);
    Ok(shown)
}

/// `GET /v1/charges/:id`
pub fn charge(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let found = call.model.biller.money.charges.get(id);
    let found = found.ok_or_else(|| ApiError::not_found("charge", id, "id"))?;
    Ok(payment::show_charge(call.model, found))
}

/// `GET /v1/charges`
pub fn charges(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    let intent = p.string("payment_intent")?;
    let created = list::range(p, "created")?;
    unbuilt(p, &["transfer_group"])?;
    p.finish()?;
    let wanted = |it: &Charge| {
        (customer.is_none() || it.customer == customer)
            && intent.as_ref().is_none_or(|intent| it.intent == *intent)
            && created.holds(it.created)
    };
    let (model, rows) = (&*call.model, &call.model.biller.money.charges);
    list::table(&page, rows, "charge", "/v1/charges", wanted, |it| payment::show_charge(model, it))
}

/// `GET /v1/invoice_payments/:id`
pub fn invoice_payment(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let found = call.model.biller.money.invoice_payments.get(id);
    found.map(InvoicePayment::render).ok_or_else(|| ApiError::not_found("invoice_payment", id, "id"))
}

/// `GET /v1/invoice_payments`: those of an invoice, or of a payment intent.
pub fn invoice_payments(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let invoice = p.string("invoice")?;
    let status = p.one_of("status", &["canceled", "open", "paid"])?;
    let created = list::range(p, "created")?;
    let intent = p.group("payment", |inner| {
        unbuilt(inner, &["payment_record"])?;
        inner.one_of("type", &["payment_intent"])?.ok_or_else(|| ApiError::missing("payment[type]"))?;
        inner.string("payment_intent")
    })?;
    p.finish()?;
    let intent = intent.flatten();
    let wanted = |it: &InvoicePayment| {
        invoice.as_ref().is_none_or(|invoice| it.invoice == *invoice)
            && intent.as_ref().is_none_or(|intent| it.intent == *intent)
            && status.is_none_or(|status| it.render()["status"] == status)
            && created.holds(it.created)
    };
    let rows = &call.model.biller.money.invoice_payments;
    list::table(&page, rows, "invoice_payment", "/v1/invoice_payments", wanted, InvoicePayment::render)
}
