//! `/v1/subscription_items` (Stripe: docs /api/subscription_items).

use serde_json::{Value, json};

use super::change::{self, Change};
use super::subscription::{Item, Status, Subscription};
use super::subscription_create::{item_unbuilt, quantity};
use super::subscription_update::{End, plan};
use super::{planned_end, threshold};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{MetadataChange, Params};
use crate::local::model::Model;
use crate::local::{list, price};

/// An item as Stripe sends it, with its price and the older `plan` beside it.
pub fn render(model: &Model, subscription: &str, item: &Item) -> Value {
    let price = model.prices.get(&item.price).map(price::render).unwrap_or(Value::Null);
    let mut shown = json!({
        "id": item.id,
        "object": "subscription_item",
        "billing_thresholds": threshold::render_item(item.usage_gte),
        "created": item.created,
        "current_period_end": item.period_end,
        "current_period_start": item.period_start,
        "current_trial": null,
        "discounts": [],
        "metadata": item.metadata,
        "plan": old_plan(&price),
        "price": price,
        "subscription": subscription,
        "tax_rates": [],
    });
    // Metered items have no quantity at all.
    if let Some(quantity) = item.quantity {
        shown["quantity"] = json!(quantity);
    }
    shown
}

/// The `plan` that stands for a recurring price.
fn old_plan(price: &Value) -> Value {
    let of = |name: &str| price.get(name).cloned().unwrap_or(Value::Null);
    let recurring = |name: &str| price["recurring"].get(name).cloned().unwrap_or(Value::Null);
    json!({
        "id": of("id"),
        "object": "plan",
        "active": of("active"),
        "amount": of("unit_amount"),
        "amount_decimal": of("unit_amount_decimal"),
        "billing_scheme": of("billing_scheme"),
        "created": of("created"),
        "currency": of("currency"),
        "interval": recurring("interval"),
        "interval_count": recurring("interval_count"),
        "livemode": false,
        "metadata": of("metadata"),
        "meter": recurring("meter"),
        "nickname": of("nickname"),
        "product": of("product"),
        "tiers_mode": of("tiers_mode"),
        "transform_usage": of("transform_quantity"),
        "trial_period_days": recurring("trial_period_days"),
        "usage_type": recurring("usage_type"),
    })
}

/// The subscription that holds an item.
fn holder(call: &Call, id: &str) -> Result<Subscription, ApiError> {
    let mut all = call.model.biller.subscriptions.iter().rev();
    let found = all.find(|it| it.items.iter().any(|item| item.id == id));
    // Recorded: this one 404 has neither code nor param.
    found.cloned().ok_or_else(|| ApiError::invalid(format!("Invalid subscription_item id: {id}")).status(404))
}

/// `GET /v1/subscription_items/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    let subscription = holder(call, id)?;
    let item = subscription.items.iter().find(|it| it.id == id);
    Ok(item.map_or(Value::Null, |it| render(call.model, &subscription.id, it)))
}

/// `GET /v1/subscription_items`, oldest first.
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let id = p.required("subscription")?;
    p.finish()?;
    let found = call.model.biller.subscriptions.get(&id);
    let found = found.ok_or_else(|| ApiError::no_such("subscription", &id, "subscription"))?;
    let rows: Vec<&Item> = found.items.iter().collect();
    let url = format!("/v1/subscription_items?subscription={id}");
    page.cut(&rows, |it| it.id.as_str(), "subscription_item", &url, |it| render(call.model, &id, it))
}

/// Applies one change to one subscription and gives the item as it then is.
fn one_change(
    call: &mut Call,
    mut subscription: Subscription,
    change: Change,
    plan: change::Plan,
) -> Result<Value, ApiError> {
    if subscription.status == Status::Incomplete {
        let text = "The local Stripe does not change items while the first payment is missing.";
        return Err(ApiError::invalid(text));
    }
    let wanted = change.id.clone();
    let mut bill = change::apply(call, &mut subscription, vec![change], plan)?;
    planned_end::set(call.now, &mut subscription, None, End::Keep)?;
    planned_end::cut(call, &mut subscription, plan.behaviour(), &mut bill);
    change::check_payable(call, &subscription, &bill, plan)?;
    let item = match &wanted {
        Some(id) => subscription.items.iter().find(|it| it.id == *id).cloned(),
        None => subscription.items.last().cloned(),
    };
    let id = subscription.id.clone();
    change::settle(call, subscription, bill, plan);
    Ok(item.map_or(Value::Null, |it| render(call.model, &id, &it)))
}

/// `POST /v1/subscription_items`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    item_unbuilt(p)?;
    let id = p.required("subscription")?;
    let change = Change {
        param: "price".to_owned(),
        id: None,
        price: Some(p.required("price")?),
        quantity: quantity(p)?,
        deleted: false,
        metadata: p.metadata()?,
        threshold: threshold::read_item(p)?,
    };
    let plan = plan(call, p)?;
    p.finish()?;
    let found = call.model.biller.subscriptions.get(&id).filter(|it| !it.status.ended());
    let found = found.ok_or_else(|| ApiError::not_found("subscription", &id, "subscription"))?.clone();
    one_change(call, found, change, plan)
}

/// `POST /v1/subscription_items/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let subscription = holder(call, id)?;
    item_unbuilt(p)?;
    p.bool("off_session")?;
    let change = Change {
        param: "price".to_owned(),
        id: Some(id.to_owned()),
        price: p.string("price")?,
        quantity: quantity(p)?,
        deleted: false,
        metadata: p.metadata()?,
        threshold: threshold::read_item(p)?,
    };
    let plan = plan(call, p)?;
    p.finish()?;
    check_live(&subscription)?;
    one_change(call, subscription, change, plan)
}

/// `DELETE /v1/subscription_items/:id`
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let subscription = holder(call, id)?;
    p.bool("clear_usage")?;
    let plan = plan(call, p)?;
    p.finish()?;
    check_live(&subscription)?;
    let change = Change {
        param: "price".to_owned(),
        id: Some(id.to_owned()),
        price: None,
        quantity: None,
        deleted: true,
        metadata: MetadataChange::default(),
        threshold: crate::local::form::Change::Keep,
    };
    one_change(call, subscription, change, plan)?;
    Ok(json!({ "id": id, "object": "subscription_item", "deleted": true }))
}

fn check_live(subscription: &Subscription) -> Result<(), ApiError> {
    if subscription.status.ended() {
        return Err(ApiError::not_found("subscription", &subscription.id, "subscription"));
    }
    Ok(())
}
