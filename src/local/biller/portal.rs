//! `/v1/billing_portal/sessions`: a link to the hosted page on which customers help themselves
//! (Stripe: docs /api/customer_portal/sessions).
//!
//! Nothing is hosted here, so nothing comes of a session but its link: what a customer would do there, a test does with
//! the calls of subscriptions and payment methods.

use serde_json::{Map, Value, json};

use super::payer;
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::model::letters;

/// What a link may lead to at once.
const FLOWS: &[&str] = &[
    "customer_update",
    "payment_method_update",
    "subscription_cancel",
    "subscription_update",
    "subscription_update_confirm",
];

/// Where a flow leads when it is done.
fn after_completion(p: &mut Params) -> Result<Value, ApiError> {
    let read = p.group("after_completion", |it| {
        let kind = it.one_of("type", &["hosted_confirmation", "portal_homepage", "redirect"])?;
        let kind = kind.ok_or_else(|| ApiError::missing(&it.name("type")))?;
        let message = it.group("hosted_confirmation", |inner| inner.string("custom_message"))?;
        let redirect = it.group("redirect", |inner| inner.required("return_url"))?;
        if (kind == "redirect") != redirect.is_some() {
            return Err(ApiError::missing(&it.name("redirect")));
        }
        Ok(json!({
            "hosted_confirmation": message.map(|it| json!({ "custom_message": it })),
            "redirect": redirect.map(|url| json!({ "return_url": url })),
            "type": kind,
        }))
    })?;
    let usual = json!({ "hosted_confirmation": null, "redirect": null, "type": "portal_homepage" });
    Ok(read.unwrap_or(usual))
}

/// A live subscription of the customer.
fn subscription(call: &Call, p: &mut Params, customer: &str) -> Result<String, ApiError> {
    let id = p.required("subscription")?;
    let found = call.model.biller.subscriptions.get(&id);
    let own = found.filter(|it| it.customer == customer && !it.status.ended());
    own.map(|it| it.id.clone()).ok_or_else(|| ApiError::no_such("subscription", &id, &p.name("subscription")))
}

fn confirmed_item(p: &mut Params) -> Result<Value, ApiError> {
    let (id, price, quantity) = (p.required("id")?, p.string("price")?, p.int_in("quantity", 0, i64::MAX)?);
    let mut item = json!({ "id": id, "price": price });
    if let Some(quantity) = quantity {
        item["quantity"] = json!(quantity);
    }
    Ok(item)
}

fn flow(call: &Call, p: &mut Params, customer: &str) -> Result<Value, ApiError> {
    let kind = p.one_of("type", FLOWS)?.ok_or_else(|| ApiError::missing(&p.name("type")))?;
    let mut shown = Map::new();
    shown.insert("after_completion".to_owned(), after_completion(p)?);
    shown.insert("customer_update".to_owned(), if kind == FLOWS[0] { json!({}) } else { Value::Null });
    let cancel = p.group("subscription_cancel", |it| {
        let retention = it.group("retention", |inner| {
            inner.one_of("type", &["coupon_offer"])?;
            let coupon = inner.group("coupon_offer", |offer| offer.required("coupon"))?;
            Ok(json!({ "coupon_offer": coupon.map(|id| json!({ "coupon": id })), "type": "coupon_offer" }))
        })?;
        Ok(json!({ "retention": retention, "subscription": subscription(call, it, customer)? }))
    })?;
    let update = p.group("subscription_update", |it| {
        Ok(json!({ "subscription": subscription(call, it, customer)? }))
    })?;
    let confirm = p.group("subscription_update_confirm", |it| {
        let discounts = it.list("discounts", |one| {
            Ok(json!({ "coupon": one.string("coupon")?, "promotion_code": one.string("promotion_code")? }))
        })?;
        let items = it.list("items", confirmed_item)?.ok_or_else(|| ApiError::missing(&it.name("items")))?;
        let subscription = subscription(call, it, customer)?;
        Ok(json!({ "discounts": discounts, "items": items, "subscription": subscription }))
    })?;
    for (name, given) in FLOWS[2..].iter().zip([cancel, update, confirm]) {
        match (*name == kind, &given) {
            (true, None) => return Err(ApiError::missing(&p.name(name))),
            (false, Some(_)) => {
                let text = format!("`{name}` goes only with `type={name}`.");
                return Err(ApiError::invalid(text).param(p.name(name)));
            }
            _ => {}
        }
        shown.insert((*name).to_owned(), given.unwrap_or(Value::Null));
    }
    shown.insert("type".to_owned(), json!(kind));
    Ok(Value::Object(shown))
}

/// `POST /v1/billing_portal/sessions`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let customer = p.required("customer")?;
    let return_url = p.text("return_url", 5_000)?.value();
    let locale = p.string("locale")?;
    super::unbuilt(p, &["configuration", "customer_account", "on_behalf_of"])?;
    payer(call.model, &customer)?;
    let flow = p.group("flow_data", |it| flow(call, it, &customer))?;
    p.finish()?;
    let id = call.model.mint("bps_1", 23);
    let shown = json!({
        "id": id,
        "object": "billing_portal.session",
        // Every account has one configuration that it did not choose.
        "configuration": letters("bpc_1", call.model.seed, 0, 23),
        "created": call.now,
        "customer": customer,
        "customer_account": null,
        "flow": flow,
        "livemode": false,
        "locale": locale,
        "on_behalf_of": null,
        "return_url": return_url,
        "url": format!("https://billing.stripe.com/p/session/local_{id}"),
    });
    call.emit("billing_portal.session.created", &shown);
    Ok(shown)
}
