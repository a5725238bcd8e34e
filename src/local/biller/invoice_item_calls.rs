//! `/v1/invoiceitems` (Stripe: docs /api/invoiceitems).

use serde_json::{Value, json};

use super::invoice::{Invoice, InvoiceItem, InvoiceStatus, Line};
use super::terms::Terms;
use super::{invoicing, lines, payer, save_customer, save_invoice, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Change, Metadata, Params};
use crate::local::list;
use crate::local::rating;

/// Largest amount of an invoice item, minor units (Stripe: docs /api/invoiceitems: 12 digits).
const AMOUNT_MAX: i64 = 999_999_999_999;

/// Most invoice items on one invoice (Stripe: docs /api/invoiceitems).
const ITEMS_MAX: usize = 250;

/// Everything a request asks for.
struct Asked {
    customer: String,
    amount: Option<i64>,
    currency: Option<String>,
    price: Option<String>,
    quantity: u64,
    description: Option<String>,
    subscription: Option<String>,
    invoice: Option<String>,
    period: Option<(i64, i64)>,
    metadata: Metadata,
}

fn read(p: &mut Params) -> Result<Asked, ApiError> {
    unbuilt(p, &["customer_account", "discounts", "price_data", "tax_behavior", "tax_code", "tax_rates"])?;
    let asked = Asked {
        customer: p.required("customer")?,
        amount: p.int_in("amount", -AMOUNT_MAX, AMOUNT_MAX)?,
        currency: p.string("currency")?.map(|it| it.to_ascii_lowercase()),
        price: p.group("pricing", |inner| inner.required("price"))?,
        quantity: p.int_in("quantity", 0, 999_999_999)?.and_then(|it| u64::try_from(it).ok()).unwrap_or(1),
        description: p.text("description", 5_000)?.value(),
        subscription: p.string("subscription")?,
        invoice: p.string("invoice")?,
        period: p.group("period", |inner| {
            let start = inner.timestamp("start")?.ok_or_else(|| ApiError::missing("period[start]"))?;
            let end = inner.timestamp("end")?.ok_or_else(|| ApiError::missing("period[end]"))?;
            Ok((start, end))
        })?,
        metadata: {
            p.bool("discountable")?;
            p.metadata()?.merged(&Metadata::new())?
        },
    };
    p.finish()?;
    Ok(asked)
}

/// The one-time price that a request names.
fn terms(call: &Call, price: Option<&str>) -> Result<Option<Terms>, ApiError> {
    let Some(id) = price else { return Ok(None) };
    let terms = Terms::of(call.model, id).ok_or_else(|| ApiError::no_such("price", id, "pricing[price]"))?;
    if terms.cadence.is_some() {
        let text = "The price specified is set to `type=recurring` but this field only accepts prices with \
                    `type=one_time`.";
        return Err(ApiError::invalid(text).param("pricing[price]"));
    }
    Ok(Some(terms))
}

/// `POST /v1/invoiceitems`: waits for the customer's next invoice.
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let asked = read(p)?;
    let mut payer = payer(call.model, &asked.customer)?.clone();
    if let Some(id) = &asked.subscription {
        let known = call.model.biller.subscriptions.get(id).filter(|it| it.customer == asked.customer);
        if known.is_none() {
            return Err(ApiError::no_such("subscription", id, "subscription"));
        }
    }
    let terms = terms(call, asked.price.as_deref())?;
    let quantity = lines::whole(asked.quantity);
    let (amount, currency) = match (&terms, asked.amount) {
        (Some(_), Some(_)) => {
            let text = "You may only specify one of these parameters: amount, pricing.";
            return Err(ApiError::invalid(text));
        }
        (Some(terms), None) => (rating::total(&terms.tariff, quantity), terms.currency.clone()),
        (None, Some(amount)) => (amount, asked.currency.ok_or_else(|| ApiError::missing("currency"))?),
        (None, None) => return Err(ApiError::missing("amount")),
    };
    let onto = match &asked.invoice {
        Some(id) => Some(editable(call, id, &asked.customer, &currency)?),
        None => None,
    };
    let name = terms.as_ref().map(|it| it.product_name.clone());
    let id = call.model.mint("ii_1", 23);
    let line = Line {
        id: call.model.mint("il_1", 23),
        amount,
        description: asked.description.or(name).unwrap_or_default(),
        period_start: asked.period.map_or(call.now, |it| it.0),
        period_end: asked.period.map_or(call.now, |it| it.1),
        quantity,
        price: asked.price,
        product: terms.map(|it| it.product),
        unit: None,
        subscription: asked.subscription,
        item: None,
        invoice_item: Some(id.clone()),
        proration: false,
        opening: false,
        credited: None,
        usage: None,
        off: Vec::new(),
        credits: Vec::new(),
        metadata: asked.metadata,
    };
    let (customer, created) = (asked.customer, call.now);
    let item =
        InvoiceItem { id, created, customer, currency: currency.clone(), invoice: asked.invoice, line };
    let shown = item.render();
    call.model.biller.invoice_items.insert(item);
    call.emit("invoiceitem.created", &shown);
    if let Some(invoice) = onto {
        collect(call, invoice);
    }
    if payer.currency.is_none() {
        payer.currency = Some(currency);
        save_customer(call, payer);
    }
    Ok(shown)
}

/// A draft of the customer that a request puts an item onto.
fn editable(call: &Call, id: &str, customer: &str, currency: &str) -> Result<Invoice, ApiError> {
    let invoice = call.model.biller.invoices.get(id).filter(|it| it.customer == customer);
    let invoice = invoice.ok_or_else(|| ApiError::no_such("invoice", id, "invoice"))?;
    if invoice.status != InvoiceStatus::Draft {
        let text = format!("The invoice {id} is no longer editable.");
        return Err(ApiError::invalid(text).code("invoice_not_editable").param("invoice"));
    }
    if invoice.currency != currency {
        let text = format!(
            "The currency of the invoice item (`{currency}`) must match that of the invoice (`{}`).",
            invoice.currency
        );
        return Err(ApiError::invalid(text).param("currency"));
    }
    if call.model.biller.invoice_items.iter().filter(|it| it.invoice.as_deref() == Some(id)).count()
        >= ITEMS_MAX
    {
        let text = format!("An invoice takes at most {ITEMS_MAX} invoice items.");
        return Err(ApiError::invalid(text).param("invoice"));
    }
    Ok(invoice.clone())
}

/// Brings the lines of a draft up to date with its invoice items, and its amounts with them.
fn collect(call: &mut Call, mut invoice: Invoice) {
    let all = call.model.biller.invoice_items.iter();
    let own: Vec<Line> =
        all.filter(|it| it.invoice.as_ref() == Some(&invoice.id)).map(|it| it.line.clone()).collect();
    invoice.lines.retain(|it| it.invoice_item.is_none());
    invoice.lines.extend(own);
    invoicing::weigh(call, &mut invoice);
    save_invoice(call, invoice, &[]);
}

/// An item that can still change: it waits, or its invoice is a draft.
fn changeable(call: &Call, id: &str) -> Result<(InvoiceItem, Option<Invoice>), ApiError> {
    let item = call.model.biller.invoice_items.get(id).cloned().ok_or_else(|| missing(id))?;
    let invoice = item.invoice.as_deref().and_then(|id| call.model.biller.invoices.get(id)).cloned();
    if item.invoice.is_some() && invoice.as_ref().is_none_or(|it| it.status != InvoiceStatus::Draft) {
        let text = "Invoice items that are on a finalized invoice cannot be changed.";
        return Err(ApiError::invalid(text).code("invoice_not_editable"));
    }
    Ok((item, invoice))
}

/// `POST /v1/invoiceitems/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let (mut item, invoice) = changeable(call, id)?;
    let before = item.render();
    let amount = p.int_in("amount", -AMOUNT_MAX, AMOUNT_MAX)?;
    let description = p.text("description", 5_000)?;
    let metadata = p.metadata()?;
    unbuilt(p, &["discountable", "discounts", "period", "price_data", "pricing", "quantity", "tax_rates"])?;
    p.finish()?;
    if item.line.proration && amount.is_some() {
        return Err(ApiError::invalid("You can't change the amount of a proration.").param("amount"));
    }
    item.line.amount = amount.unwrap_or(item.line.amount);
    if let Change::Set(text) = description {
        item.line.description = text;
    }
    item.line.metadata = metadata.merged(&item.line.metadata)?;
    let shown = item.render();
    call.model.biller.invoice_items.insert(item);
    call.emit_update("invoiceitem.updated", &before, &shown);
    if let Some(invoice) = invoice {
        collect(call, invoice);
    }
    Ok(shown)
}

/// `DELETE /v1/invoiceitems/:id`
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let (item, invoice) = changeable(call, id)?;
    call.model.biller.invoice_items.remove(id);
    call.emit("invoiceitem.deleted", &item.render());
    if let Some(invoice) = invoice {
        collect(call, invoice);
    }
    Ok(json!({ "id": id, "object": "invoiceitem", "deleted": true }))
}

/// Recorded wording.
fn missing(id: &str) -> ApiError {
    ApiError::invalid(format!("No such Invoice Item: '{id}'(livemode=false)"))
        .status(404)
        .code("resource_missing")
        .param("id")
}

/// `GET /v1/invoiceitems`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    let invoice = p.string("invoice")?;
    let pending = p.bool("pending")?;
    let created = list::range(p, "created")?;
    p.finish()?;
    let wanted = |it: &InvoiceItem| {
        customer.as_ref().is_none_or(|customer| it.customer == *customer)
            && (invoice.is_none() || it.invoice == invoice)
            && pending.is_none_or(|pending| it.invoice.is_none() == pending)
            && created.holds(it.created)
    };
    let items = &call.model.biller.invoice_items;
    list::table(&page, items, "invoiceitem", "/v1/invoiceitems", wanted, InvoiceItem::render)
}

/// `GET /v1/invoiceitems/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let item = call.model.biller.invoice_items.get(id);
    item.map(InvoiceItem::render).ok_or_else(|| missing(id))
}
