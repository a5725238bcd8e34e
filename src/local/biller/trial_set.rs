//! The end of a trial, set or moved on a subscription that runs already (Stripe: docs …/billing/subscriptions/trials).
//!
//! A trial that begins on a paid subscription gives back what was paid for beyond now and bills the usage so far, as
//! `proration_behavior` says, on an invoice at once; its periods end with the trial, and from there on they are counted.
//! Usage in the trial is never billed.

use super::change::{self, Bill, Plan};
use super::subscription::{MissingMethod, Status, Subscription};
use super::terms::Terms;
use super::{charge, lines};
use crate::local::Call;
use crate::local::calendar::Period;
use crate::local::error::ApiError;

/// What a request does to the trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trial {
    /// Nothing, or nothing that bills.
    Kept,
    /// It ends now.
    Ends,
    /// It begins now, on a subscription that was paid for.
    Begins(i64),
}

/// Moves the end of a trial that runs; says what else is to be done.
pub(super) fn set(
    call: &Call,
    subscription: &mut Subscription,
    end: Option<i64>,
    changes_items: bool,
) -> Result<Trial, ApiError> {
    let Some(end) = end else { return Ok(Trial::Kept) };
    let trialing = subscription.status == Status::Trialing;
    if end == call.now {
        if !trialing {
            return Ok(Trial::Kept);
        }
        let method = charge::method_of(call.model, Some(subscription), &subscription.customer);
        let payable = subscription.send_invoice || method.is_some();
        if !payable && subscription.trial_missing == MissingMethod::CreateInvoice {
            return Err(charge::no_method());
        }
        return Ok(Trial::Ends);
    }
    if !trialing {
        if !subscription.status.renews() {
            let text = format!(
                "The local Stripe begins a trial on active and past_due subscriptions only; this one is {}.",
                subscription.status.word()
            );
            return Err(ApiError::invalid(text).param("trial_end"));
        }
        if changes_items {
            let text = "The local Stripe begins a trial without a change of items in the same call only.";
            return Err(ApiError::invalid(text).param("trial_end"));
        }
        return Ok(Trial::Begins(end));
    }
    subscription.trial_end = Some(end);
    subscription.trial_noticed = false;
    subscription.anchor = end;
    for item in &mut subscription.items {
        item.period_end = end;
    }
    Ok(Trial::Kept)
}

/// Begins a trial on a subscription that is not stored yet.
pub(super) fn begin(call: &mut Call, subscription: &mut Subscription, end: i64, plan: Plan, bill: &mut Bill) {
    let (now, whole) = (call.now, subscription.clone());
    for item in &whole.items {
        change::leave(call, &whole, item, plan, bill);
    }
    subscription.status = Status::Trialing;
    (subscription.trial_start, subscription.trial_end) = (Some(now), Some(end));
    subscription.trial_noticed = false;
    subscription.anchor = end;
    let after = subscription.clone();
    for item in &mut subscription.items {
        (item.period_start, item.period_end, item.cut) = (now, end, None);
        item.count_from(now);
        let Some(terms) = Terms::of(call.model, &item.price) else { continue };
        item.usage_less = lines::this_second(call, &whole.customer, &terms);
        if terms.meter.is_none() {
            let period = Period { start: now, end };
            bill.cycle.push(lines::trial(call, &after, item, &terms, period));
        }
    }
    bill.at_once = true;
}
