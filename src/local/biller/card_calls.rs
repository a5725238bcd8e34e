//! `/v1/payment_methods` (Stripe: docs /api/payment_methods).

use serde_json::{Map, Value, json};

use super::card::{Behaviour, Decline, PaymentMethod, test_card};
use super::{customer_calls, payer, save_customer, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::list;
use crate::local::model::Model;

/// What Stripe answers when a card says no.
pub(super) fn declined(decline: Decline) -> ApiError {
    let (code, decline_code) = decline.codes();
    let mut error = ApiError::invalid(decline.message()).status(402).kind("card_error").code(code);
    error = error.field("decline_code", json!(decline_code));
    error
}

/// Reads `billing_details`.
fn billing_details(p: &mut Params) -> Result<Option<Map<String, Value>>, ApiError> {
    p.group("billing_details", |inner| {
        let mut details = Map::new();
        for name in ["email", "name", "phone"] {
            if let Some(text) = inner.text(name, 5_000)?.value() {
                details.insert(name.to_owned(), json!(text));
            }
        }
        if let Some(address) = customer_calls::address(inner, "address")?.value() {
            details.insert("address".to_owned(), Value::Object(address));
        }
        Ok(details)
    })
}

/// `POST /v1/payment_methods`: a card from a test token.
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let kind = p.required("type")?;
    if kind != "card" {
        return Err(
            ApiError::invalid(format!("The local Stripe builds cards only, not `{kind}`.")).param("type")
        );
    }
    let token = p.group("card", |inner| {
        // Stripe refuses raw numbers too, unless the account asks for them.
        unbuilt(inner, &["number", "exp_month", "exp_year", "cvc"])?;
        inner.required("token")
    })?;
    let token = token.ok_or_else(|| ApiError::missing("card"))?;
    let details = billing_details(p)?.unwrap_or_default();
    let metadata = p.metadata()?;
    p.finish()?;
    let card = test_card(&token).ok_or_else(|| ApiError::no_such("token", &token, "card[token]"))?;
    let id = call.model.mint("pm_1", 23);
    let mut method = PaymentMethod::from_test(id, card, call.now);
    method.billing_details = details;
    method.metadata = metadata.merged(&method.metadata)?;
    let shown = method.render();
    call.model.biller.payment_methods.insert(method);
    Ok(shown)
}

fn found(model: &Model, id: &str) -> Result<PaymentMethod, ApiError> {
    let method = model.biller.payment_methods.get(id);
    method.cloned().ok_or_else(|| ApiError::not_found("PaymentMethod", id, "payment_method"))
}

/// `GET /v1/payment_methods/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call.model, id).map(|it| it.render())
}

/// `POST /v1/payment_methods/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut method = found(call.model, id)?;
    let before = method.render();
    unbuilt(p, &["allow_redisplay", "card"])?;
    let details = billing_details(p)?;
    method.metadata = p.metadata()?.merged(&method.metadata)?;
    p.finish()?;
    method.billing_details.extend(details.unwrap_or_default());
    let shown = method.render();
    call.model.biller.payment_methods.insert(method);
    call.emit_update("payment_method.updated", &before, &shown);
    Ok(shown)
}

/// Whether a payment method or a test token can be attached to a customer, or to a new one.
pub(super) fn check_attachable(model: &Model, id: &str, customer: Option<&str>) -> Result<(), ApiError> {
    let behaviour = match model.biller.payment_methods.get(id) {
        Some(known) if known.detached => {
            return Err(ApiError::invalid(
                "This PaymentMethod was previously used without being attached to a Customer or was detached from a \
                 Customer, and may not be used again.",
            ));
        }
        Some(known) if known.customer.is_some() && known.customer.as_deref() != customer => {
            return Err(ApiError::invalid(
                "The payment method you provided has already been attached to a customer.",
            ));
        }
        Some(known) => known.behaviour,
        None => match test_card(id).filter(|_| id.starts_with("pm_card_")) {
            Some(card) => card.behaviour,
            None => return Err(ApiError::not_found("PaymentMethod", id, "payment_method")),
        },
    };
    if let Behaviour::Declines(decline) = behaviour { Err(declined(decline)) } else { Ok(()) }
}

/// Attaches a payment method, or a fresh one for a test token; gives its id.
pub(super) fn attach_to(call: &mut Call, id: &str, customer: &str) -> Result<String, ApiError> {
    check_attachable(call.model, id, Some(customer))?;
    let mut method = match call.model.biller.payment_methods.get(id) {
        Some(known) => known.clone(),
        None => {
            let card =
                test_card(id).ok_or_else(|| ApiError::not_found("PaymentMethod", id, "payment_method"))?;
            PaymentMethod::from_test(call.model.mint("pm_1", 23), card, call.now)
        }
    };
    if method.customer.is_some() {
        // Attaching once more to the same customer is answered as the first time.
        return Ok(method.id);
    }
    method.customer = Some(customer.to_owned());
    let (id, shown) = (method.id.clone(), method.render());
    call.model.biller.payment_methods.insert(method);
    call.emit("payment_method.attached", &shown);
    Ok(id)
}

/// A payment method for one payment: a known one, or a fresh one of a test token that stays with nobody.
pub(super) fn passing(call: &mut Call, id: &str) -> Result<String, ApiError> {
    if call.model.biller.payment_methods.contains(id) {
        return Ok(id.to_owned());
    }
    let card = test_card(id).ok_or_else(|| ApiError::not_found("PaymentMethod", id, "payment_method"))?;
    let method = PaymentMethod::from_test(call.model.mint("pm_1", 23), card, call.now);
    let id = method.id.clone();
    call.model.biller.payment_methods.insert(method);
    Ok(id)
}

/// `POST /v1/payment_methods/:id/attach`
pub fn attach(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let customer = p.required("customer")?;
    p.finish()?;
    payer(call.model, &customer)?;
    let id = attach_to(call, id, &customer)?;
    found(call.model, &id).map(|it| it.render())
}

/// `POST /v1/payment_methods/:id/detach`: for good; it cannot be attached again.
pub fn detach(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let method = found(call.model, id)?;
    if method.customer.is_none() {
        return Err(ApiError::invalid(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
        ));
    }
    Ok(let_go(call, method))
}

fn let_go(call: &mut Call, mut method: PaymentMethod) -> Value {
    let before = method.render();
    let owner = method.customer.take();
    method.detached = true;
    let shown = method.render();
    let id = method.id.clone();
    call.model.biller.payment_methods.insert(method);
    call.emit_update("payment_method.detached", &before, &shown);
    let owner = owner.and_then(|owner| call.model.biller.customers.get(&owner).cloned());
    if let Some(mut customer) = owner.filter(|it| it.default_payment_method.as_ref() == Some(&id)) {
        customer.default_payment_method = None;
        save_customer(call, customer);
    }
    shown
}

/// Detaches everything of a customer that is being deleted.
pub(super) fn detach_all(call: &mut Call, customer: &str) {
    let all = call.model.biller.payment_methods.iter();
    let owned: Vec<PaymentMethod> =
        all.filter(|it| it.customer.as_deref() == Some(customer)).cloned().collect();
    for method in owned {
        let_go(call, method);
    }
}

/// `GET /v1/payment_methods`: those of one customer; without a customer Stripe shows none.
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let customer = p.string("customer")?;
    if let Some(id) = &customer {
        payer(call.model, id)?;
    }
    page_of(call, p, customer, "/v1/payment_methods")
}

/// `GET /v1/customers/:id/payment_methods`
pub fn list_of_customer(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    payer(call.model, id).map_err(|error| error.status(404))?;
    page_of(call, p, Some(id.to_owned()), &format!("/v1/customers/{id}/payment_methods"))
}

fn page_of(call: &mut Call, p: &mut Params, customer: Option<String>, url: &str) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let kind = p.string("type")?;
    unbuilt(p, &["allow_redisplay"])?;
    p.finish()?;
    let wanted = |it: &PaymentMethod| {
        customer.is_some() && it.customer == customer && kind.as_deref().is_none_or(|kind| kind == "card")
    };
    let methods = &call.model.biller.payment_methods;
    list::table(&page, methods, "PaymentMethod", url, wanted, PaymentMethod::render)
}
