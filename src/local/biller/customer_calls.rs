//! `/v1/customers` (Stripe: docs /api/customers).

use serde_json::{Map, Value, json};

use super::balance::{self, About, Kind};
use super::card_calls;
use super::customer::Customer;
use super::{cancel, save_customer, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Change, MetadataChange, Params};
use crate::local::list;
use crate::local::test_clock;

/// Longest text field, in characters (Stripe: docs /api/customers/create).
const TEXT_MAX: usize = 5_000;
/// Parameters of Stripe that are not built.
const UNBUILT: &[&str] = &[
    "business_name",
    "cash_balance",
    "customer_account",
    "individual_name",
    "source",
    "tax",
    "tax_id_data",
    "test_clock",
];

/// What a request asks of a customer.
struct Fields {
    email: Change<String>,
    name: Change<String>,
    description: Change<String>,
    phone: Change<String>,
    address: Change<Map<String, Value>>,
    shipping: Change<Value>,
    preferred_locales: Option<Vec<String>>,
    tax_exempt: Option<&'static str>,
    balance: Option<i64>,
    invoice_prefix: Option<String>,
    next_invoice_sequence: Option<i64>,
    default_payment_method: Change<String>,
    footer: Change<String>,
    metadata: MetadataChange,
}

impl Fields {
    fn read(p: &mut Params) -> Result<Fields, ApiError> {
        unbuilt(p, UNBUILT)?;
        let invoice = p.group("invoice_settings", |inner| {
            unbuilt(inner, &["custom_fields", "rendering_options"])?;
            Ok((inner.text("default_payment_method", TEXT_MAX)?, inner.text("footer", TEXT_MAX)?))
        })?;
        let (default_payment_method, footer) = invoice.unwrap_or((Change::Keep, Change::Keep));
        Ok(Fields {
            email: p.text("email", 512)?,
            name: p.text("name", 256)?,
            description: p.text("description", TEXT_MAX)?,
            phone: p.text("phone", 20)?,
            address: address(p, "address")?,
            shipping: shipping(p)?,
            preferred_locales: p.strings("preferred_locales")?,
            tax_exempt: p.one_of("tax_exempt", &["exempt", "none", "reverse"])?,
            balance: p.int("balance")?,
            invoice_prefix: p.string("invoice_prefix")?,
            next_invoice_sequence: p.int_in("next_invoice_sequence", 1, 1_000_000_000)?,
            default_payment_method,
            footer,
            metadata: p.metadata()?,
        })
    }

    fn apply(self, customer: &mut Customer) -> Result<(), ApiError> {
        self.email.apply(&mut customer.email);
        self.name.apply(&mut customer.name);
        self.description.apply(&mut customer.description);
        self.phone.apply(&mut customer.phone);
        self.address.apply(&mut customer.address);
        self.shipping.apply(&mut customer.shipping);
        self.footer.apply(&mut customer.invoice_footer);
        self.default_payment_method.apply(&mut customer.default_payment_method);
        if let Some(locales) = self.preferred_locales {
            customer.preferred_locales = locales;
        }
        if let Some(word) = self.tax_exempt {
            word.clone_into(&mut customer.tax_exempt);
        }
        customer.invoice_prefix = self.invoice_prefix.unwrap_or_else(|| customer.invoice_prefix.clone());
        let next = self.next_invoice_sequence.and_then(|it| u32::try_from(it).ok());
        customer.next_invoice_sequence = next.unwrap_or(customer.next_invoice_sequence);
        customer.metadata = self.metadata.merged(&customer.metadata)?;
        Ok(())
    }
}

/// Reads an address: its six parts, the absent ones null.
pub(super) fn address(p: &mut Params, name: &str) -> Result<Change<Map<String, Value>>, ApiError> {
    let read = |inner: &mut Params| {
        let mut parts = Map::new();
        for part in ["city", "country", "line1", "line2", "postal_code", "state"] {
            parts.insert(part.to_owned(), json!(inner.text(part, TEXT_MAX)?.value()));
        }
        Ok(parts)
    };
    match p.group_or_leaf(name, read)? {
        Some(parts) => Ok(Change::Set(parts)),
        // Only an empty value may stand in place of the object.
        None => match p.text(name, 0)? {
            Change::Clear => Ok(Change::Clear),
            _ => Ok(Change::Keep),
        },
    }
}

fn shipping(p: &mut Params) -> Result<Change<Value>, ApiError> {
    let read = |inner: &mut Params| {
        let name = inner.required("name")?;
        let phone = inner.text("phone", TEXT_MAX)?.value();
        let address = address(inner, "address")?.value();
        Ok(json!({ "address": address, "name": name, "phone": phone }))
    };
    match p.group_or_leaf("shipping", read)? {
        Some(value) => Ok(Change::Set(value)),
        None => match p.text("shipping", 0)? {
            Change::Clear => Ok(Change::Clear),
            _ => Ok(Change::Keep),
        },
    }
}

/// `POST /v1/customers`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let clock = p.string("test_clock")?;
    let mut fields = Fields::read(p)?;
    let method = p.string("payment_method")?;
    p.finish()?;
    if let Some(token) = &method {
        card_calls::check_attachable(call.model, token, None)?;
    }
    // The token that is attached here may also be named as the default of invoices.
    let default = std::mem::replace(&mut fields.default_payment_method, Change::Keep).value();
    if default.is_some() && default != method {
        return Err(not_attached(default.as_deref().unwrap_or_default()));
    }
    let now = call.now;
    let mut customer = Customer::blank(String::new(), now);
    let initial = fields.balance.unwrap_or(0);
    fields.apply(&mut customer)?;
    customer.id = call.model.mint("cus_", 14);
    if let Some(clock) = &clock {
        test_clock::attach(call, clock, &customer.id)?;
        customer.created = call.now;
    }
    if customer.invoice_prefix.is_empty() {
        customer.invoice_prefix = call.model.mint("", 8).to_ascii_uppercase();
    }
    let id = customer.id.clone();
    balance::post(call, &mut customer, initial, Kind::Initial, &About::default());
    let shown = save_customer(call, customer);
    let Some(token) = method else { return Ok(shown) };
    let attached = card_calls::attach_to(call, &token, &id)?;
    if default.is_none() {
        return Ok(shown);
    }
    let mut customer = found(call, &id)?;
    customer.default_payment_method = Some(attached);
    Ok(save_customer(call, customer))
}

fn not_attached(method: &str) -> ApiError {
    ApiError::invalid(format!(
        "The customer does not have a payment method with the ID {method}. The payment method must be attached to \
         the customer."
    ))
    .code("resource_missing")
    .param("invoice_settings[default_payment_method]")
}

/// The customer of a path; deleted ones are found by `retrieve` alone.
fn found(call: &Call, id: &str) -> Result<Customer, ApiError> {
    let customer = call.model.biller.customers.get(id).filter(|it| !it.deleted);
    customer.cloned().ok_or_else(|| ApiError::not_found("customer", id, "id"))
}

/// `GET /v1/customers/:id`: a deleted customer is still shown, with `deleted`.
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let customer = call.model.biller.customers.get(id);
    customer.map(Customer::render).ok_or_else(|| ApiError::not_found("customer", id, "id"))
}

/// `POST /v1/customers/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut customer = found(call, id)?;
    let fields = Fields::read(p)?;
    p.finish()?;
    if let Change::Set(method) = &fields.default_payment_method {
        let known = call.model.biller.payment_methods.get(method);
        if known.is_none_or(|it| it.customer.as_deref() != Some(id)) {
            return Err(not_attached(method));
        }
    }
    let moved = fields.balance.map_or(0, |wanted| wanted.saturating_sub(customer.balance));
    fields.apply(&mut customer)?;
    balance::post(call, &mut customer, moved, Kind::Adjustment, &About::default());
    Ok(save_customer(call, customer))
}

/// `GET /v1/customers`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let email = p.string("email")?;
    let created = list::range(p, "created")?;
    unbuilt(p, &["test_clock"])?;
    p.finish()?;
    // Stripe: docs /api/customers/list: the e-mail filter is case-sensitive.
    let wanted = |it: &Customer| {
        !it.deleted
            && created.holds(it.created)
            && email.as_ref().is_none_or(|email| it.email.as_ref() == Some(email))
    };
    let customers = &call.model.biller.customers;
    list::table(&page, customers, "customer", "/v1/customers", wanted, Customer::render)
}

/// `DELETE /v1/customers/:id`: ends the subscriptions at once and lets the payment methods go.
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let mut customer = found(call, id)?;
    let all = call.model.biller.subscriptions.iter();
    let live: Vec<String> =
        all.filter(|it| it.customer == id && !it.status.ended()).map(|it| it.id.clone()).collect();
    for subscription in live {
        cancel::end_now(call, &subscription)?;
    }
    card_calls::detach_all(call, id);
    let shown = customer.render();
    customer.deleted = true;
    let stub = customer.render();
    call.model.biller.customers.insert(customer);
    call.emit("customer.deleted", &shown);
    Ok(stub)
}
