//! Subscriptions that began before they were made (Stripe: docs …/billing/subscriptions/backdating): the first invoice
//! bills the time since then.

use super::invoice::{Line, Usage};
use super::subscription::Subscription;
use super::terms::Terms;
use super::{lines, prorate};
use crate::local::Call;
use crate::local::calendar::{self, Period};
use crate::local::error::ApiError;
use crate::local::form::Params;

/// Reads `backdate_start_date`.
pub(super) fn read(p: &mut Params, now: i64, trial_end: Option<i64>) -> Result<Option<i64>, ApiError> {
    let Some(at) = p.timestamp("backdate_start_date")? else { return Ok(None) };
    let wrong = |text: &str| Err(ApiError::invalid(text).param("backdate_start_date"));
    if at > now {
        return wrong("`backdate_start_date` must be in the past.");
    }
    if trial_end.is_some() {
        return wrong("The local Stripe does not build a trial together with a start in the past.");
    }
    Ok(Some(at).filter(|at| *at < now))
}

/// Lines of the time from a start in the past on, one a period counted from that start: whole ones, and the part of one
/// up to now, or for licensed items up to an anchor that is still to come (Stripe: docs …/subscriptions/backdating, flexible
/// billing mode).
pub(super) fn elapsed(
    call: &mut Call,
    subscription: &Subscription,
    terms: &[Terms],
    from: i64,
) -> Result<Vec<Line>, ApiError> {
    let now = call.now;
    let mut made = Vec::new();
    for (item, terms) in subscription.items.iter().zip(terms) {
        let Some(cadence) = terms.cadence else { continue };
        let until = if terms.meter.is_none() { now.max(subscription.anchor) } else { now };
        let mut at = from;
        while at < until && made.len() <= prorate::ITEMS_MAX {
            let whole = calendar::period_at(from, cadence, at);
            let period = Period { start: at, end: whole.end.min(until) };
            at = whole.end;
            match &terms.meter {
                Some(meter) => {
                    let mut item = item.clone();
                    item.count_from(period.start);
                    let usage = Usage::of(&item, meter.clone(), period.end);
                    // Nothing used makes no line on a first invoice (Stripe: docs …/billing-mode/compare).
                    let used = lines::metered(call, subscription, &item.id, terms, usage, period);
                    made.extend(used.into_iter().filter(|it| it.amount != 0 || !it.quantity.is_zero()));
                }
                None if period.end == whole.end => {
                    made.extend(lines::licensed(call, subscription, item, terms, period));
                }
                None => made.push(prorate::part(call, subscription, item, terms, period, whole)),
            }
        }
    }
    if made.len() > prorate::ITEMS_MAX {
        let text = "An invoice takes at most 250 lines; this start is too far in the past.";
        return Err(ApiError::invalid(text).param("backdate_start_date"));
    }
    Ok(made)
}
