//! `POST /v1/subscriptions/:id/pause`: no periods and no invoices until it is resumed
//! (Stripe: docs /api/subscriptions/pause, …/billing/subscriptions/pausing).
//!
//! What was paid for beyond now is given back and what was used is billed, unless the request says otherwise; both wait for
//! the next invoice, or are invoiced at once. What is used while it rests is never billed. Not confirmed of Stripe, and
//! decided here: a `past_due` subscription may be paused too.

use serde_json::{Value, json};

use super::invoice::Line;
use super::invoicing::{self, Order};
use super::prorate::{self, Side};
use super::subscription::{Paused, Status, Subscription};
use super::terms::Terms;
use super::{cancel, pending, render_subscription, save_subscription};
use crate::local::Call;
use crate::local::calendar::Period;
use crate::local::error::ApiError;
use crate::local::form::Params;

/// From when on unused time is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unused {
    Never,
    Now,
    PeriodStart,
}

/// Pauses a subscription.
pub fn pause(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let subscription = cancel::live(call, id)?;
    p.one_of("type", &["subscription"])?;
    let bills = p.group("bill_for", |inner| {
        let used = inner.group("outstanding_usage_through", |it| it.one_of("type", &["none", "now"]))?;
        let words = &["item_current_period_start", "none", "now"];
        let unused = inner.group("unused_time_from", |it| it.one_of("type", words))?;
        Ok((used.flatten() != Some("none"), unused.flatten()))
    })?;
    let at_once = p.one_of("invoicing_behavior", &["invoice", "pending_invoice_item"])? == Some("invoice");
    p.finish()?;
    check(&subscription)?;
    let (bills_usage, unused) = bills.unwrap_or((true, None));
    let unused = match unused {
        Some("none") => Unused::Never,
        Some("item_current_period_start") => Unused::PeriodStart,
        _ => Unused::Now,
    };
    let mut lines = credits(call, &subscription, unused);
    if bills_usage {
        lines.extend(cancel::open_usage(call, &subscription));
    }
    let mut subscription = settle(call, subscription, lines, at_once);
    pending::drop(call, &mut subscription);
    subscription.status = Status::Paused;
    subscription.paused = Some(Paused { at: call.now, requested: true });
    let shown = save_subscription(call, subscription, None);
    call.emit("customer.subscription.paused", &shown);
    let shown = call.model.biller.subscriptions.get(id);
    Ok(shown.map_or(Value::Null, |it| render_subscription(call.model, it)))
}

fn check(subscription: &Subscription) -> Result<(), ApiError> {
    let why = match subscription {
        it if !matches!(it.status, Status::Active | Status::PastDue) => {
            format!("it is `{}`", it.status.word())
        }
        it if it.schedule.is_some() => "it has a subscription schedule attached".to_owned(),
        it if it.send_invoice => "its `collection_method` is `send_invoice`".to_owned(),
        _ => return Ok(()),
    };
    Err(ApiError::invalid(format!("This subscription cannot be paused because {why}.")))
}

fn credits(call: &mut Call, subscription: &Subscription, unused: Unused) -> Vec<Line> {
    let mut credits = Vec::new();
    for item in subscription.items.iter().filter(|_| unused != Unused::Never) {
        let Some(terms) = Terms::of(call.model, &item.price).filter(|it| it.meter.is_none()) else {
            continue;
        };
        let from = if unused == Unused::Now { call.now } else { item.period_start };
        credits.extend(prorate::line(call, subscription, item, &terms, Side::Credit, from));
    }
    credits
}

/// Lets the lines wait, or invoices and charges them; gives the subscription as it is stored then.
fn settle(call: &mut Call, mut subscription: Subscription, lines: Vec<Line>, at_once: bool) -> Subscription {
    let (id, customer, currency) =
        (subscription.id.clone(), subscription.customer.clone(), subscription.currency.clone());
    let nothing = lines.is_empty();
    prorate::pend(call, &customer, &currency, lines);
    if nothing || !at_once {
        return subscription;
    }
    let invoice = call.model.mint("in_1", 23);
    let swept = prorate::sweep(call, &customer, &currency, Some(&id), &invoice);
    subscription.latest_invoice = Some(invoice.clone());
    save_subscription(call, subscription.clone(), None);
    let start = subscription.items.iter().map(|it| it.period_start).min().unwrap_or(call.now);
    let period = Period { start, end: call.now };
    let order = Order {
        id: invoice.clone(),
        reason: "subscription_update",
        lines: swept,
        period,
        proration_date: Some(call.now),
    };
    invoicing::draft(call, &subscription, order);
    invoicing::advance(call, &invoice);
    call.model.biller.subscriptions.get(&id).cloned().unwrap_or(subscription)
}

/// `status_details` of a paused subscription.
pub fn details(subscription: &Subscription) -> Option<Value> {
    let it = subscription.paused.filter(|_| subscription.status == Status::Paused)?;
    let why = if it.requested { "pause_requested" } else { "trial_end_without_payment_method" };
    Some(json!({
        "paused": { "subscription": { "type": why }, "transitioned_at": it.at, "type": "subscription" },
    }))
}
