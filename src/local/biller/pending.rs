//! Updates that wait for their payment: `payment_behavior=pending_if_incomplete`
//! (Stripe: docs …/billing/subscriptions/pending-updates).
//!
//! The subscription stays as it is; an open invoice holds what the change bills. Paid, the change is applied; not paid
//! within 23 hours, or until the period (or the trial) ends, it is dropped and the invoice is voided. Another change of the
//! items drops it too. Not built: what waits beside items and the anchor.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::change::{Bill, Plan};
use super::subscription::{Item, Status, Subscription};
use super::{charge, invoice_calls, item_calls, save_subscription};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::model::Model;

/// How long an update waits, in seconds.
const WAITS_S: i64 = 23 * 3_600;
/// Parameters that an update may have that waits.
const ALLOWED: &[&str] = &[
    "billing_cycle_anchor",
    "id",
    "items",
    "off_session",
    "payment_behavior",
    "price",
    "proration_behavior",
    "proration_date",
    "quantity",
    "subscription",
];

/// An update that waits for the payment of its invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PendingUpdate {
    /// The invoice.
    pub invoice: String,
    /// From when on it is dropped, unix seconds.
    pub expires_at: i64,
    /// The items as they are to be.
    pub items: Vec<Item>,
    /// Where periods are counted from then, if that changes.
    pub anchor: Option<i64>,
}

/// Only what can wait may be asked for together.
pub(super) fn check(p: &Params) -> Result<(), ApiError> {
    match p.names().into_iter().find(|name| !ALLOWED.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(ApiError::invalid(format!(
            "When `payment_behavior` is set to `pending_if_incomplete`, you can only pass supported params: `{name}` is \
             none of them."
        ))
        .param(name)),
    }
}

/// `pending_update` of a subscription.
pub fn render(model: &Model, subscription: &Subscription) -> Value {
    let Some(it) = &subscription.pending else { return Value::Null };
    let items: Vec<Value> =
        it.items.iter().map(|item| item_calls::render(model, &subscription.id, item)).collect();
    json!({
        "billing_cycle_anchor": it.anchor,
        "cancel_at_period_end": null,
        "discount": null,
        "discounts": null,
        "expires_at": it.expires_at,
        "metadata": null,
        "subscription_items": items,
        "trial_end": null,
        "trial_from_plan": null,
    })
}

/// Whether a change has to be paid now and is not: then it waits.
pub(super) fn waits(call: &Call, changed: &Subscription, due: i64) -> bool {
    let method = charge::method_of(call.model, Some(changed), &changed.customer);
    !changed.send_invoice && charge::failed(charge::ask(call.model, due, method.as_deref())).is_some()
}

/// Keeps the subscription as it is stored, and lets the changed one wait for the payment of `invoice`.
pub(super) fn keep(call: &mut Call, changed: Subscription, invoice: &str) -> Option<Subscription> {
    let mut kept = call.model.biller.subscriptions.get(&changed.id).cloned()?;
    let trial = kept.trial_end.filter(|_| kept.status == Status::Trialing);
    let ends = [Some(call.now + WAITS_S), kept.next_period_end(), trial];
    kept.latest_invoice = Some(invoice.to_owned());
    kept.pending = Some(PendingUpdate {
        invoice: invoice.to_owned(),
        expires_at: ends.into_iter().flatten().min().unwrap_or(call.now),
        anchor: Some(changed.anchor).filter(|anchor| *anchor != kept.anchor),
        items: changed.items,
    });
    save_subscription(call, kept.clone(), None);
    Some(kept)
}

/// What a bill comes to with the customer's balance, before it is an invoice.
pub(super) fn due(call: &Call, subscription: &Subscription, bill: &Bill, plan: Plan) -> i64 {
    let balance = call.model.biller.customers.get(&subscription.customer).map_or(0, |it| it.balance);
    bill.total(plan.behaviour()) + balance
}

/// The invoice of an update that waits was paid: it is applied.
pub(super) fn apply(call: &mut Call, mut subscription: Subscription) {
    let Some(pending) = subscription.pending.take() else { return };
    subscription.items = pending.items;
    subscription.anchor = pending.anchor.unwrap_or(subscription.anchor);
    let shown = save_subscription(call, subscription, None);
    call.emit("customer.subscription.pending_update_applied", &shown);
}

/// It was not paid in time.
pub(super) fn expire(call: &mut Call, mut subscription: Subscription) {
    let Some(pending) = subscription.pending.take() else { return };
    let shown = save_subscription(call, subscription, None);
    invoice_calls::void_open(call, &pending.invoice);
    call.emit("customer.subscription.pending_update_expired", &shown);
}

/// Another change, or the end, came before it was paid. `subscription` is not stored yet.
pub(super) fn drop(call: &mut Call, subscription: &mut Subscription) {
    if let Some(pending) = subscription.pending.take() {
        invoice_calls::void_open(call, &pending.invoice);
    }
}
