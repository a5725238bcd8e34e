//! Ends of subscriptions (Stripe: docs /api/subscriptions/cancel, …/billing/subscriptions/cancel).

use serde_json::Value;

use super::invoice::{InvoiceStatus, Line, Usage};
use super::invoicing::{self, Order};
use super::prorate::{self, Side};
use super::subscription::{Status, Subscription};
use super::terms::Terms;
use super::{lines, pending, planned_end, save_invoice, save_subscription, schedule_run};
use crate::local::Call;
use crate::local::calendar::Period;
use crate::local::error::ApiError;
use crate::local::form::{Change, Params};

/// The customer's words about an end.
pub(super) struct Details {
    comment: Change<String>,
    feedback: Option<&'static str>,
}

impl Details {
    /// Reads `cancellation_details`.
    pub(super) fn read(p: &mut Params) -> Result<Option<Details>, ApiError> {
        p.group("cancellation_details", |inner| {
            Ok(Details {
                comment: inner.text("comment", 5_000)?,
                feedback: inner.one_of(
                    "feedback",
                    &[
                        "customer_service",
                        "low_quality",
                        "missing_features",
                        "other",
                        "switched_service",
                        "too_complex",
                        "too_expensive",
                        "unused",
                    ],
                )?,
            })
        })
    }

    /// Puts them into a subscription.
    pub(super) fn apply(self, subscription: &mut Subscription) {
        self.comment.apply(&mut subscription.cancel_comment);
        if let Some(word) = self.feedback {
            subscription.cancel_feedback = Some(word.to_owned());
        }
    }
}

/// A subscription that can still change, or Stripe's 404 (also for one that ended; recorded).
pub(super) fn live(call: &Call, id: &str) -> Result<Subscription, ApiError> {
    let found = call.model.biller.subscriptions.get(id).filter(|it| !it.status.ended());
    found.cloned().ok_or_else(|| ApiError::not_found("subscription", id, "id"))
}

/// `DELETE /v1/subscriptions/:id`. With the defaults unbilled usage and pending prorations are dropped.
pub fn delete(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let mut subscription = live(call, id)?;
    let invoice_now = p.bool("invoice_now")?.unwrap_or(false);
    let prorated = p.bool("prorate")?.unwrap_or(false);
    let details = Details::read(p)?;
    p.finish()?;
    if let Some(details) = details {
        details.apply(&mut subscription);
    }
    let id = subscription.id.clone();
    end_at_once(call, subscription, invoice_now, prorated);
    let ended = call.model.biller.subscriptions.get(&id);
    Ok(ended.map_or(Value::Null, |it| super::render_subscription(call.model, it)))
}

/// Ends a subscription now; bills what is open, and credits what was paid in advance, as asked.
pub(super) fn end_at_once(
    call: &mut Call,
    mut subscription: Subscription,
    invoice_now: bool,
    prorated: bool,
) {
    let trialing = subscription.status == Status::Trialing;
    let billable = subscription.status.renews();
    if !prorated && !invoice_now {
        prorate::forget(call, &subscription.id);
    }
    if prorated && !trialing {
        // The end comes before the one that was planned: what that had cut off is settled with the rest.
        let restored = planned_end::restore(call, &mut subscription, None);
        planned_end::forget(call, &restored.gone);
        let mut settled = credits(call, &subscription);
        settled.extend(restored.debits);
        prorate::pend(call, &subscription.customer, &subscription.currency, settled);
    }
    let invoice = invoice_now.then(|| call.model.mint("in_1", 23));
    if let Some(invoice) = &invoice {
        final_invoice(call, &mut subscription, invoice, billable);
    }
    stop_collection(call, &subscription.customer);
    end(call, subscription, Some("cancellation_requested"));
    if let Some(invoice) = invoice {
        collect_final(call, &invoice);
    }
}

/// Credits for what was paid in advance and is not used any more.
fn credits(call: &mut Call, subscription: &Subscription) -> Vec<Line> {
    let now = call.now;
    let mut credits = Vec::new();
    for item in &subscription.items {
        let Some(terms) = Terms::of(call.model, &item.price).filter(|it| it.meter.is_none()) else {
            continue;
        };
        credits.extend(prorate::line(call, subscription, item, &terms, Side::Credit, now));
    }
    credits
}

/// Usage that is not on an invoice yet, up to now.
pub(super) fn open_usage(call: &mut Call, subscription: &Subscription) -> Vec<Line> {
    let now = call.now;
    let mut open = Vec::new();
    for item in &subscription.items {
        let Some(terms) = Terms::of(call.model, &item.price) else { continue };
        let Some(meter) = terms.meter.clone() else { continue };
        let to = now.min(item.period_end);
        let usage = Usage::of(item, meter, (now + 1).min(item.period_end));
        let period = Period { start: item.usage_from, end: to };
        open.extend(lines::metered(call, subscription, &item.id, &terms, usage, period));
    }
    open
}

/// Makes the draft of a last invoice when there is anything to put on it.
fn final_invoice(call: &mut Call, subscription: &mut Subscription, id: &str, billable: bool) {
    let mut billed = if billable { open_usage(call, subscription) } else { Vec::new() };
    let (customer, currency) = (subscription.customer.clone(), subscription.currency.clone());
    billed.extend(prorate::sweep(call, &customer, &currency, Some(&subscription.id), id));
    if billed.is_empty() {
        return;
    }
    let start = subscription.items.iter().map(|it| it.period_start).min().unwrap_or(call.now);
    let period = Period { start, end: call.now };
    subscription.latest_invoice = Some(id.to_owned());
    let id = id.to_owned();
    let order = Order { id, reason: "subscription_cycle", lines: billed, period, proration_date: None };
    invoicing::draft(call, subscription, order);
}

/// Finalizes and charges the last invoice; one that would pay out is given up (recorded: unnumbered,
/// uncollectible, the credit is lost).
fn collect_final(call: &mut Call, id: &str) {
    let Some(mut invoice) = call.model.biller.invoices.get(id).cloned() else { return };
    if invoice.total() < 0 {
        invoice.status = InvoiceStatus::Uncollectible;
        invoice.uncollectible_at = Some(call.now);
        invoice.auto_advance = false;
        invoice.next_payment_attempt = None;
        save_invoice(call, invoice, &["invoice.marked_uncollectible"]);
        return;
    }
    invoicing::advance(call, id);
}

/// A cancellation stops the automatic collection of all the customer's final invoices
/// (Stripe: docs /api/subscriptions/cancel).
pub(super) fn stop_collection(call: &mut Call, customer: &str) {
    let all = call.model.biller.invoices.iter();
    let open =
        all.filter(|it| it.customer == customer && it.status == InvoiceStatus::Open && it.auto_advance);
    let open: Vec<_> = open.cloned().collect();
    for mut invoice in open {
        invoice.auto_advance = false;
        invoice.next_payment_attempt = None;
        save_invoice(call, invoice, &[]);
    }
}

/// Ends a subscription at once, as its customer's deletion does.
pub(super) fn end_now(call: &mut Call, id: &str) -> Result<(), ApiError> {
    let subscription = live(call, id)?;
    prorate::forget(call, id);
    end(call, subscription, Some("cancellation_requested"));
    Ok(())
}

/// Ends a subscription at the instant that was set for it; a last draft bills the usage so far.
pub(super) fn end_as_planned(call: &mut Call, mut subscription: Subscription) {
    let billable = subscription.status.renews();
    let invoice = call.model.mint("in_1", 23);
    final_invoice(call, &mut subscription, &invoice, billable);
    let reason = subscription.cancel_reason.clone().unwrap_or_else(|| "cancellation_requested".to_owned());
    end(call, subscription, Some(&reason));
}

/// Marks a subscription as canceled and announces it.
pub(super) fn end(call: &mut Call, mut subscription: Subscription, reason: Option<&str>) {
    schedule_run::ended(call, &subscription);
    pending::drop(call, &mut subscription);
    subscription.schedule = None;
    subscription.status = Status::Canceled;
    subscription.canceled_at = subscription.canceled_at.or(Some(call.now));
    subscription.ended_at = Some(call.now);
    subscription.cancel_reason = reason.map(str::to_owned);
    save_subscription(call, subscription, Some("customer.subscription.deleted"));
}
