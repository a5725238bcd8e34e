//! `/v1/subscriptions`: reading (Stripe: docs /api/subscriptions). Creating, changing and ending them have
//! files of their own.

use serde_json::Value;

use super::subscription::{Status, Subscription};
pub use super::{cancel::delete, subscription_create::create, subscription_update::update};
use super::{render_subscription, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::list;

/// `GET /v1/subscriptions/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let found = call.model.biller.subscriptions.get(id);
    let found = found.ok_or_else(|| ApiError::not_found("subscription", id, "id"))?;
    Ok(render_subscription(call.model, found))
}

/// The `status` filter: one status, everything, what ended, or (by default) what was not canceled.
fn fits(filter: Option<&str>, status: Status) -> bool {
    match filter {
        None => status != Status::Canceled,
        Some("all") => true,
        Some("ended") => status.ended(),
        Some(word) => status.word() == word,
    }
}

/// `GET /v1/subscriptions`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    let price = p.string("price")?;
    let status = p.one_of(
        "status",
        &[
            "active",
            "past_due",
            "unpaid",
            "canceled",
            "incomplete",
            "incomplete_expired",
            "trialing",
            "paused",
            "ended",
            "all",
        ],
    )?;
    let method = p.one_of("collection_method", &["charge_automatically", "send_invoice"])?;
    let created = list::range(p, "created")?;
    let starts = list::range(p, "current_period_start")?;
    let ends = list::range(p, "current_period_end")?;
    unbuilt(p, &["automatic_tax", "customer_account", "plan", "test_clock"])?;
    p.finish()?;
    let wanted = |it: &Subscription| {
        fits(status, it.status)
            && customer.as_ref().is_none_or(|customer| it.customer == *customer)
            && price.as_ref().is_none_or(|price| it.items.iter().any(|item| item.price == *price))
            && method.is_none_or(|method| (method == "send_invoice") == it.send_invoice)
            && created.holds(it.created)
            && it.items.iter().any(|item| starts.holds(item.period_start) && ends.holds(item.period_end))
    };
    let (model, subscriptions) = (&*call.model, &call.model.biller.subscriptions);
    list::table(&page, subscriptions, "subscription", "/v1/subscriptions", wanted, |it| {
        render_subscription(model, it)
    })
}
