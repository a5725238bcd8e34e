//! Reading sessions and ending them early.

use serde_json::Value;

use super::{Item, Session, Status, save, show_item};
use crate::local::Call;
use crate::local::biller::unbuilt;
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::list;

pub(super) fn found(call: &Call, id: &str) -> Result<Session, ApiError> {
    let session = call.model.biller.money.sessions.get(id).cloned();
    session.ok_or_else(|| {
        ApiError::invalid(format!("No such checkout.session: {id}"))
            .status(404)
            .code("resource_missing")
            .param("session")
    })
}

/// `GET /v1/checkout/sessions/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(|it| it.render())
}

/// `GET /v1/checkout/sessions/:id/line_items`
pub fn line_items(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    p.finish()?;
    let session = found(call, id)?;
    let rows: Vec<&Item> = session.items.iter().collect();
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    let model = &*call.model;
    page.cut(&rows, |it| it.id.as_str(), "item", &url, |it| show_item(model, &session, it))
}

/// `GET /v1/checkout/sessions`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    let intent = p.string("payment_intent")?;
    let subscription = p.string("subscription")?;
    let status = p.one_of("status", &["complete", "expired", "open"])?;
    let email = p.group("customer_details", |inner| inner.string("email"))?.flatten();
    let created = list::range(p, "created")?;
    unbuilt(p, &["customer_account", "payment_link"])?;
    p.finish()?;
    let wanted = |it: &Session| {
        (customer.is_none() || it.customer == customer)
            && (intent.is_none() || it.intent == intent)
            && (subscription.is_none() || it.subscription == subscription)
            && status.is_none_or(|status| it.render()["status"] == status)
            && (email.is_none() || it.payer.as_ref().is_some_and(|payer| payer.0 == email))
            && created.holds(it.created)
    };
    let sessions = &call.model.biller.money.sessions;
    list::table(&page, sessions, "checkout.session", "/v1/checkout/sessions", wanted, Session::render)
}

/// `POST /v1/checkout/sessions/:id/expire`
pub fn expire(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let mut session = found(call, id)?;
    if session.status != Status::Open {
        let word = if session.status == Status::Complete { "complete" } else { "expired" };
        return Err(ApiError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a \
             status of {word}."
        )));
    }
    session.status = Status::Expired;
    Ok(save(call, session, Some("checkout.session.expired")))
}

/// `POST /v1/checkout/sessions/:id`: metadata.
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut session = found(call, id)?;
    let metadata = p.metadata()?;
    unbuilt(p, &["collected_information", "line_items", "shipping_options"])?;
    p.finish()?;
    session.metadata = metadata.merged(&session.metadata)?;
    Ok(save(call, session, None))
}
