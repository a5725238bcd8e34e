//! `POST /v1/subscriptions/:id/resume` (Stripe: docs /api/subscriptions/resume).

use serde_json::Value;

use super::charge;
use super::invoicing::{self, Order};
use super::prorate::{self, Behaviour};
use super::subscription::Status;
use super::terms::Terms;
use super::{cancel, planned_end, render_subscription, save_subscription};
use crate::local::Call;
use crate::local::calendar::{self, Period};
use crate::local::error::ApiError;
use crate::local::form::Params;

/// Ends a pause: new periods begin now, and their invoice is charged at once.
pub fn resume(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut subscription = cancel::live(call, id)?;
    let anchor = p.group("billing_cycle_anchor", |inner| inner.one_of("type", &["now", "unchanged"]))?;
    Behaviour::read(p)?;
    p.timestamp("proration_date")?;
    let behaviours = ["resume_on_payment_attempt", "resume_on_payment_success"];
    let waits = p.one_of("payment_behavior", &behaviours)? == Some("resume_on_payment_success");
    p.finish()?;
    if subscription.status != Status::Paused {
        return Err(ApiError::invalid("You can only resume a subscription if it is `paused`."));
    }
    if anchor.flatten() == Some("unchanged") {
        let text = "The local Stripe resumes with a new billing cycle anchor only.";
        return Err(ApiError::invalid(text).param("billing_cycle_anchor[type]"));
    }
    if charge::method_of(call.model, Some(&subscription), &subscription.customer).is_none() {
        return Err(charge::no_method());
    }
    let now = call.now;
    subscription.anchor = now;
    let mut billed = Vec::new();
    let whole = subscription.clone();
    for item in &mut subscription.items {
        let Some(terms) = Terms::of(call.model, &item.price) else { continue };
        let Some(cadence) = terms.cadence else { continue };
        // What was used while it was paused is never billed (Stripe: docs …/billing/subscriptions/pause).
        billed.extend(planned_end::begin(call, &whole, item, &terms, calendar::period_at(now, cadence, now)));
    }
    let invoice = call.model.mint("in_1", 23);
    billed.extend(prorate::sweep(call, &whole.customer, &whole.currency, Some(id), &invoice));
    subscription.latest_invoice = Some(invoice.clone());
    if !waits {
        subscription.status = Status::Active;
    }
    let shown = save_subscription(call, subscription.clone(), None);
    if !waits {
        call.emit("customer.subscription.resumed", &shown);
    }
    let period = Period { start: now, end: now };
    let order = Order {
        id: invoice.clone(),
        reason: "subscription_update",
        lines: billed,
        period,
        proration_date: None,
    };
    invoicing::draft(call, &subscription, order);
    invoicing::advance(call, &invoice);
    let shown = call.model.biller.subscriptions.get(id);
    Ok(shown.map_or(Value::Null, |it| render_subscription(call.model, it)))
}
