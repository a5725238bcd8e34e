//! Invoices by hand: made, sent, given up, thrown away (Stripe: docs /api/invoices).

use serde_json::{Value, json};

use super::discount::{self, Place};
use super::invoice::{Invoice, InvoiceStatus};
use super::subscription_create::collection;
use super::{invoicing, payer, prorate, save_invoice, unbuilt};
use crate::local::Call;
use crate::local::calendar::DAY_S;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};

/// Parameters of Stripe that are not built.
const UNBUILT: &[&str] = &[
    "account_tax_ids",
    "application_fee_amount",
    "automatic_tax",
    "automatically_finalizes_at",
    "custom_fields",
    "customer_account",
    "default_payment_method",
    "default_source",
    "default_tax_rates",
    "effective_at",
    "footer",
    "from_invoice",
    "issuer",
    "number",
    "on_behalf_of",
    "payment_settings",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "subscription",
    "transfer_data",
];

/// `POST /v1/invoices`: a draft that nobody advances, without what waits for the customer (recorded defaults).
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    unbuilt(p, UNBUILT)?;
    let customer = p.required("customer")?;
    let currency = p.string("currency")?.map(|it| it.to_ascii_lowercase());
    let auto_advance = p.bool("auto_advance")?.unwrap_or(false);
    let (send, days) = collection(p, false)?;
    let due_date = p.timestamp("due_date")?;
    let description = p.text("description", 1_500)?.value();
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    let asked = discount::read(p)?.unwrap_or_default();
    let pending = p.one_of("pending_invoice_items_behavior", &["exclude", "include"])?;
    p.finish()?;
    let owner = payer(call.model, &customer)?;
    let currency = currency.or_else(|| owner.currency.clone()).unwrap_or_else(|| "usd".to_owned());
    let send = send.unwrap_or(false);
    if send && days.is_none() && due_date.is_none() {
        return Err(ApiError::invalid(
            "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
        ));
    }
    let found: Result<Vec<_>, _> =
        asked.iter().map(|one| discount::check(call, one, Some(&customer), &currency)).collect();
    let found = found?;
    let id = call.model.mint("in_1", 23);
    let mut invoice = Invoice::manual(id.clone(), &customer, &currency, call.now);
    invoice.auto_advance = auto_advance;
    invoice.send_invoice = send;
    invoice.due_date = due_date.or_else(|| days.map(|days| call.now + days * DAY_S)).filter(|_| send);
    invoice.description = description;
    invoice.metadata = metadata;
    let place = Place { customer: Some(customer.clone()), invoice: Some(id.clone()), ..Place::default() };
    for (one, found) in asked.iter().zip(found) {
        let id = discount::begin(call, one, found, &place);
        invoice.discounts.push(id);
    }
    if pending == Some("include") {
        invoice.lines = prorate::sweep(call, &customer, &currency, None, &id);
    }
    invoicing::weigh(call, &mut invoice);
    Ok(save_invoice(call, invoice, &["invoice.created"]))
}

fn found(call: &Call, id: &str) -> Result<Invoice, ApiError> {
    let invoice = call.model.biller.invoices.get(id);
    invoice.cloned().ok_or_else(|| ApiError::not_found("invoice", id, "id"))
}

/// `DELETE /v1/invoices/:id`: drafts that no subscription made. What was swept onto it is gone (recorded).
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let invoice = found(call, id)?;
    if invoice.status != InvoiceStatus::Draft {
        return Err(ApiError::invalid("You can only delete draft invoices."));
    }
    if invoice.subscription.is_some() {
        return Err(ApiError::invalid("You can't delete invoices created by subscriptions."));
    }
    let shown = super::render_invoice(call.model, &invoice);
    call.model.biller.invoices.remove(id);
    call.model.biller.agenda.set(id, super::RANK_INVOICE, None);
    call.emit("invoice.deleted", &shown);
    Ok(json!({ "id": id, "object": "invoice", "deleted": true }))
}

/// `POST /v1/invoices/:id/send`
pub fn send(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let invoice = found(call, id)?;
    if !invoice.send_invoice {
        let text = "You can only manually send an invoice if its collection method is 'send_invoice'.";
        return Err(ApiError::invalid(text));
    }
    if !matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Open) {
        let text = "You can only pass in open invoices. This invoice isn't open.";
        return Err(ApiError::invalid(text));
    }
    invoicing::finalize(call, id);
    let invoice = found(call, id)?;
    Ok(save_invoice(call, invoice, &["invoice.sent"]))
}

/// `POST /v1/invoices/:id/mark_uncollectible`
pub fn give_up(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let mut invoice = found(call, id)?;
    if invoice.status != InvoiceStatus::Open {
        let text = "You can only pass in open invoices. This invoice isn't open.";
        return Err(ApiError::invalid(text));
    }
    invoice.status = InvoiceStatus::Uncollectible;
    invoice.uncollectible_at = Some(call.now);
    invoice.auto_advance = false;
    invoice.next_payment_attempt = None;
    Ok(save_invoice(call, invoice, &["invoice.marked_uncollectible"]))
}

/// `POST /v1/invoices/:id/add_lines`: only its refusal is built.
pub fn add_lines(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let invoice = found(call, id)?;
    if invoice.status != InvoiceStatus::Draft {
        let text = "This invoice is no longer editable.";
        return Err(ApiError::invalid(text).code("invoice_not_editable"));
    }
    unbuilt(p, &["lines", "invoice_metadata"])?;
    p.finish()?;
    Err(ApiError::missing("lines"))
}
