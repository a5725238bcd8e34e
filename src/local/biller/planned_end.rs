//! Ends that are planned (Stripe: docs /api/subscriptions/update#update_subscription-cancel_at and
//! …/billing/subscriptions/cancel).
//!
//! An end inside a period cuts it short. What was paid for in advance beyond it is credited by `proration_behavior`
//! (`none`: nothing is); a period that begins later is always billed for its part alone. Usage is never prorated: the
//! last invoice bills it. Taking the end back, or moving it, gives the items their whole periods again; a credit that
//! still waits goes, and a rest that was never paid for, or was paid back, is debited. Not confirmed of Stripe, and
//! decided here: what taking an end back bills.

use super::change::Bill;
use super::invoice::Line;
use super::lines;
use super::prorate::{self, Behaviour, Side};
use super::subscription::{Cut, Item, Subscription};
use super::subscription_update::End;
use super::terms::Terms;
use crate::local::Call;
use crate::local::calendar::Period;
use crate::local::error::ApiError;

/// What giving items their whole periods again comes to.
#[derive(Debug, Default)]
pub(super) struct Restored {
    /// Money for the rest of the periods, where the cut had left it unpaid.
    pub debits: Vec<Line>,
    /// Invoice items that gave the rest back and still wait.
    pub gone: Vec<String>,
}

/// The instant that a request wants a subscription to end at, by the periods as they are: `None` for never.
fn wanted(
    now: i64,
    subscription: &Subscription,
    at_period_end: Option<bool>,
    end: End,
) -> Result<Option<i64>, ApiError> {
    if at_period_end == Some(true) && end != End::Keep {
        let text = "You may only specify one of these parameters: cancel_at, cancel_at_period_end.";
        return Err(ApiError::invalid(text));
    }
    match (at_period_end, end) {
        // With mixed intervals the end of what was paid for: the longest period.
        (Some(true), _) | (_, End::Latest) => Ok(subscription.last_period_end()),
        (_, End::Earliest) => Ok(subscription.next_period_end()),
        (_, End::At(at)) if at <= now => {
            let text = "`cancel_at` must be in the future.";
            Err(ApiError::invalid(text).param("cancel_at"))
        }
        (_, End::At(at)) => Ok(Some(at)),
        (Some(false), _) | (_, End::Never) => Ok(None),
        // A change of items moves the end of the period, and a planned end with it.
        (None, End::Keep) if subscription.cancel_at_period_end => Ok(subscription.last_period_end()),
        (None, End::Keep) => Ok(subscription.cancel_at),
    }
}

/// Sets or takes back a planned end. The periods are whole.
pub(super) fn set(
    now: i64,
    subscription: &mut Subscription,
    at_period_end: Option<bool>,
    end: End,
) -> Result<(), ApiError> {
    let at = wanted(now, subscription, at_period_end, end)?;
    subscription.cancel_at = at;
    if at_period_end.is_none() && end == End::Keep {
        return Ok(());
    }
    subscription.cancel_at_period_end = at_period_end == Some(true);
    subscription.canceled_at = at.map(|_| subscription.canceled_at.unwrap_or(now));
    subscription.cancel_reason = at.map(|_| "cancellation_requested".to_owned());
    Ok(())
}

/// Gives items that a planned end has cut their whole periods again, unless it stays where it is.
pub(super) fn restore(call: &mut Call, subscription: &mut Subscription, keeps: Option<i64>) -> Restored {
    let mut restored = Restored::default();
    if subscription.cancel_at.is_some() && subscription.cancel_at == keeps {
        return restored;
    }
    let whole = subscription.clone();
    for item in &mut subscription.items {
        let Some(cut) = item.cut.take() else { continue };
        let from = item.period_end;
        item.period_end = cut.whole_end;
        let Some(terms) = Terms::of(call.model, &item.price).filter(|it| it.meter.is_none()) else {
            continue;
        };
        match waiting_credit(call, item, from) {
            Some(id) => restored.gone.push(id),
            None if cut.unpaid => {
                let line = prorate::line(call, &whole, item, &terms, Side::Debit, from);
                restored.debits.extend(line);
            }
            None => {}
        }
    }
    restored
}

/// The invoice item that gives back what a cut at an instant left of an item's period, while it waits.
fn waiting_credit(call: &Call, item: &Item, from: i64) -> Option<String> {
    let of_cut = |line: &Line| {
        line.item.as_deref() == Some(&item.id)
            && line.proration
            && line.amount <= 0
            && (line.period_start, line.period_end) == (from, item.period_end)
    };
    let mut waiting = call.model.biller.invoice_items.iter().filter(|it| it.invoice.is_none());
    waiting.find(|it| of_cut(&it.line)).map(|it| it.id.clone())
}

/// Forgets credits that still waited.
pub(super) fn forget(call: &mut Call, gone: &[String]) {
    for id in gone {
        if let Some(gone) = call.model.biller.invoice_items.remove(id) {
            let shown = gone.render();
            call.emit("invoiceitem.deleted", &shown);
        }
    }
}

/// Cuts the periods that a planned end lies in, and credits what was paid for beyond it. A trial is not cut: nothing
/// was paid for it.
pub(super) fn cut(call: &mut Call, subscription: &mut Subscription, behaviour: Behaviour, bill: &mut Bill) {
    let Some(at) = subscription.cancel_at.filter(|_| subscription.status.renews()) else { return };
    let whole = subscription.clone();
    for item in subscription.items.iter_mut().filter(|it| it.period_end > at) {
        if let Some(terms) = Terms::of(call.model, &item.price).filter(|it| it.meter.is_none()) {
            bill.credits.extend(prorate::line(call, &whole, item, &terms, Side::Credit, at));
        }
        item.cut = Some(Cut { whole_end: item.period_end, unpaid: behaviour != Behaviour::None });
        item.period_end = at;
    }
}

/// Sets the planned end of a new subscription, and cuts its first period: billed for its part, or whole where nothing is
/// prorated.
pub(super) fn set_first(
    now: i64,
    subscription: &mut Subscription,
    end: (Option<bool>, End),
    behaviour: Behaviour,
) -> Result<(), ApiError> {
    set(now, subscription, end.0, end.1)?;
    let at = subscription.cancel_at.filter(|_| subscription.trial_end.is_none()).unwrap_or(i64::MAX);
    for item in subscription.items.iter_mut().filter(|it| it.period_end > at) {
        item.cut = Some(Cut { whole_end: item.period_end, unpaid: behaviour != Behaviour::None });
        item.period_end = at;
    }
    Ok(())
}

/// Begins a period of an item and bills a licensed one in advance: for its part alone where a planned end cuts it,
/// whatever the proration behaviour.
pub(super) fn begin(
    call: &mut Call,
    subscription: &Subscription,
    item: &mut Item,
    terms: &Terms,
    next: Period,
) -> Vec<Line> {
    (item.period_start, item.period_end, item.cut) = (next.start, next.end, None);
    item.count_from(next.start);
    let cut = subscription.cancel_at.filter(|at| next.start < *at && *at < next.end);
    if let Some(at) = cut {
        item.cut = Some(Cut { whole_end: next.end, unpaid: true });
        item.period_end = at;
    }
    match (&terms.meter, cut) {
        (Some(_), _) => Vec::new(),
        (None, None) => lines::licensed(call, subscription, item, terms, next),
        (None, Some(_)) => {
            prorate::line(call, subscription, item, terms, Side::Debit, next.start).into_iter().collect()
        }
    }
}
