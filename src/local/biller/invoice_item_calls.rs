//! `/v1/invoiceitems` (Stripe: docs /api/invoiceitems).

use serde_json::Value;

use super::invoice::{InvoiceItem, Line};
use super::terms::Terms;
use super::{lines, payer, save_customer, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, Params};
use crate::local::list;
use crate::local::rating;

/// Largest amount of an invoice item, minor units (Stripe: docs /api/invoiceitems: 12 digits).
const AMOUNT_MAX: i64 = 999_999_999_999;

/// Everything a request asks for.
struct Asked {
    customer: String,
    amount: Option<i64>,
    currency: Option<String>,
    price: Option<String>,
    quantity: u64,
    description: Option<String>,
    subscription: Option<String>,
    period: Option<(i64, i64)>,
    metadata: Metadata,
}

fn read(p: &mut Params) -> Result<Asked, ApiError> {
    unbuilt(
        p,
        &["customer_account", "discounts", "invoice", "price_data", "tax_behavior", "tax_code", "tax_rates"],
    )?;
    let asked = Asked {
        customer: p.required("customer")?,
        amount: p.int_in("amount", -AMOUNT_MAX, AMOUNT_MAX)?,
        currency: p.string("currency")?.map(|it| it.to_ascii_lowercase()),
        price: p.group("pricing", |inner| inner.required("price"))?,
        quantity: p.int_in("quantity", 0, 999_999_999)?.and_then(|it| u64::try_from(it).ok()).unwrap_or(1),
        description: p.text("description", 5_000)?.value(),
        subscription: p.string("subscription")?,
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
        credited: None,
        usage: None,
        off: Vec::new(),
        metadata: asked.metadata,
    };
    let (customer, created) = (asked.customer, call.now);
    let item = InvoiceItem { id, created, customer, currency: currency.clone(), invoice: None, line };
    let shown = item.render();
    call.model.biller.invoice_items.insert(item);
    call.emit("invoiceitem.created", &shown);
    if payer.currency.is_none() {
        payer.currency = Some(currency);
        save_customer(call, payer);
    }
    Ok(shown)
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
    // Recorded wording.
    let missing = || {
        ApiError::invalid(format!("No such Invoice Item: '{id}'(livemode=false)"))
            .status(404)
            .code("resource_missing")
            .param("id")
    };
    item.map(InvoiceItem::render).ok_or_else(missing)
}
