//! What happens by itself: trials end, periods roll over, drafts become final, first payments run out.
//!
//! Strictly in the order of time, each at its own instant, so that one long jump of the clock ends in the
//! same state as many short ones.

use super::charge;
use super::invoice::{Invoice, InvoiceStatus, Line, Usage};
use super::invoicing::{self, Order};
use super::subscription::{Item, MissingMethod, Paused, Status, Subscription};
use super::terms::Terms;
use super::{
    RANK_SUBSCRIPTION, cancel, checkout, credit_grant, dunning, invoice_calls, lines, pending, planned_end,
    prorate, render_subscription, save_invoice, save_subscription, schedule_run, threshold,
};
use crate::local::Call;
use crate::local::calendar::{self, DAY_S, Period};
use crate::local::model::Model;
use crate::local::test_clock;

/// How long a first payment may be missing, in seconds (Stripe: docs …/billing/subscriptions/overview).
const INCOMPLETE_S: i64 = 23 * 3_600;
/// How long before its end a trial is announced, in seconds (Stripe: docs …/trials/free-trials).
const NOTICE_S: i64 = 3 * DAY_S;
/// Most things that happen before one request: more would be a loop that does not move on.
const STEPS_MAX: usize = 1_000_000;

/// What a subscription will do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Announce the end of the trial.
    Notice,
    /// End as planned.
    Cancel,
    /// End the trial.
    TrialEnd,
    /// Begin the next period.
    Renew,
    /// Give up waiting for the first payment.
    Expire,
    /// Collect again.
    Collect,
    /// Drop a change that was not paid.
    Discard,
}

/// What a subscription will do next, and when.
pub(super) fn subscription_due(it: &Subscription) -> Option<(i64, Next)> {
    if it.status == Status::Incomplete {
        return Some((it.created + INCOMPLETE_S, Next::Expire));
    }
    if it.status.ended() {
        return None;
    }
    let trialing = it.status == Status::Trialing;
    let notice = it.trial_end.filter(|_| trialing && !it.trial_noticed);
    let options = [
        it.pending.as_ref().map(|it| (it.expires_at, Next::Discard)),
        it.pause.and_then(|pause| pause.resumes_at).map(|at| (at, Next::Collect)),
        notice.map(|end| ((end - NOTICE_S).max(it.created), Next::Notice)),
        it.cancel_at.map(|at| (at, Next::Cancel)),
        it.trial_end.filter(|_| trialing).map(|at| (at, Next::TrialEnd)),
        it.next_period_end().filter(|_| it.status.renews()).map(|at| (at, Next::Renew)),
    ];
    // Of what is due at the same second the first listed goes first: an end comes before a new period.
    options.into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// When an invoice will do something by itself, and whether that is its finalization.
pub(super) fn invoice_due(it: &Invoice) -> Option<(i64, bool)> {
    match it.status {
        InvoiceStatus::Draft => it.finalizes_at().map(|at| (at, true)),
        InvoiceStatus::Open if it.send_invoice => it.due_date.filter(|_| !it.overdue).map(|at| (at, false)),
        InvoiceStatus::Open => it.next_payment_attempt.filter(|_| it.auto_advance).map(|at| (at, false)),
        _ => None,
    }
}

/// Lets everything happen that was due until `now`.
pub fn run_due(model: &mut Model, now: i64) {
    for _ in 0..STEPS_MAX {
        let next = if model.clocks.is_empty() {
            model.biller.agenda.first_due(now)
        } else {
            model.biller.agenda.first_ready(|id| test_clock::instant_of(model, id).unwrap_or(now))
        };
        let Some((at, id)) = next else { return };
        let mut call = Call { model, now: at, request_id: None, key: None, lose: false };
        step(&mut call, &id);
    }
}

/// Enters into the agenda when a subscription, or the schedule that manages it, does something next.
pub(super) fn plan(model: &mut Model, id: &str) {
    let Some(subscription) = model.biller.subscriptions.get(id) else { return };
    let own = subscription_due(subscription).map(|(at, _)| at);
    let schedule = schedule_run::manager(model, subscription).and_then(|it| it.due()).map(|(at, _)| at);
    let next = [own, schedule].into_iter().flatten().min();
    model.biller.agenda.set(id, RANK_SUBSCRIPTION, next);
}

/// Lets the next thing happen to a subscription, or to an invoice of its customer, whenever that is; says whether
/// anything was still to come of the subscription.
pub(super) fn step_for(model: &mut Model, subscription: &str, customer: &str) -> bool {
    let biller = &model.biller;
    if biller.agenda.at(subscription).is_none() {
        return false;
    }
    let own =
        |id: &str| id == subscription || biller.invoices.get(id).is_some_and(|it| it.customer == customer);
    let Some((at, id)) = biller.agenda.first_of(own) else { return false };
    let mut call = Call { model, now: at, request_id: None, key: None, lose: false };
    step(&mut call, &id);
    true
}

fn step(call: &mut Call, id: &str) {
    if let Some(id) = threshold::watched(id) {
        return threshold::look(call, id);
    }
    if let Some(subscription) = call.model.biller.subscriptions.get(id).cloned() {
        let schedule = schedule_run::manager(call.model, &subscription);
        if let Some(due) = schedule.filter(|it| it.due().is_some_and(|(at, _)| at <= call.now)).cloned() {
            schedule_run::act(call, due);
            return;
        }
        match subscription_due(&subscription).map(|(_, next)| next) {
            Some(Next::Notice) => notice(call, subscription),
            Some(Next::Cancel) => cancel::end_as_planned(call, subscription),
            Some(Next::TrialEnd) => end_trial(call, subscription, false),
            Some(Next::Renew) => renew(call, subscription),
            Some(Next::Expire) => expire(call, subscription),
            Some(Next::Discard) => pending::expire(call, subscription),
            Some(Next::Collect) => {
                let resumed = Subscription { pause: None, ..subscription };
                save_subscription(call, resumed, None);
            }
            None => {}
        }
        return;
    }
    if let Some(session) = call.model.biller.money.sessions.get(id).cloned() {
        return checkout::complete::advance(call, session);
    }
    if call.model.biller.money.credit_grants.get(id).is_some() {
        return credit_grant::expire(call, id);
    }
    let Some(mut invoice) = call.model.biller.invoices.get(id).cloned() else { return };
    match (invoice_due(&invoice), invoice.send_invoice) {
        (Some((_, true)), _) => invoicing::advance(call, id),
        (Some((_, false)), true) => {
            invoice.overdue = true;
            let owner = invoice.subscription.clone();
            save_invoice(call, invoice, &["invoice.overdue"]);
            let owner = owner.and_then(|it| call.model.biller.subscriptions.get(&it).cloned());
            if let Some(mut subscription) = owner.filter(|it| it.status == Status::Active) {
                subscription.status = Status::PastDue;
                save_subscription(call, subscription, None);
            }
        }
        (Some((_, false)), false) => {
            dunning::due(call, invoice);
        }
        (None, _) => {}
    }
}

fn notice(call: &mut Call, mut subscription: Subscription) {
    subscription.trial_noticed = true;
    let shown = render_subscription(call.model, &subscription);
    save_subscription(call, subscription, None);
    call.emit("customer.subscription.trial_will_end", &shown);
}

/// Usage of a period that ended.
fn used_lines(call: &mut Call, subscription: &Subscription, ended: &Item, terms: &Terms) -> Vec<Line> {
    let Some(meter) = &terms.meter else { return Vec::new() };
    let usage = Usage::of(ended, meter.clone(), ended.period_end);
    let period = Period { start: ended.usage_from, end: ended.period_end };
    lines::metered(call, subscription, &ended.id, terms, usage, period)
}

fn renew(call: &mut Call, mut subscription: Subscription) {
    let now = call.now;
    let before = subscription.clone();
    let mut billed = Vec::new();
    let mut start = now;
    for item in subscription.items.iter_mut().filter(|it| it.period_end <= now) {
        let terms = Terms::of(call.model, &item.price);
        let Some((terms, cadence)) = terms.and_then(|it| it.cadence.map(|cadence| (it, cadence))) else {
            // A price without a rhythm cannot stand here; parking it far away keeps time moving.
            item.period_end = i64::MAX;
            continue;
        };
        start = start.min(item.period_start);
        billed.extend(used_lines(call, &before, item, &terms));
        let next = Period { start: now, ..calendar::period_at(before.anchor, cadence, now) };
        billed.extend(planned_end::begin(call, &before, item, &terms, next));
    }
    let id = call.model.mint("in_1", 23);
    billed.extend(prorate::sweep(call, &before.customer, &before.currency, Some(&before.id), &id));
    subscription.latest_invoice = Some(id.clone());
    save_subscription(call, subscription, None);
    let period = Period { start, end: now };
    let order = Order { id, reason: "subscription_cycle", lines: billed, period, proration_date: None };
    invoicing::draft(call, &before, order);
}

/// Ends a trial now: the first paid period begins. With `at_once` its invoice is collected immediately.
pub(super) fn end_trial(call: &mut Call, mut subscription: Subscription, at_once: bool) {
    let now = call.now;
    let method = charge::method_of(call.model, Some(&subscription), &subscription.customer);
    let chargeable = subscription.send_invoice || method.is_some();
    if !chargeable && subscription.trial_missing == MissingMethod::Cancel {
        cancel::end(call, subscription, Some("cancellation_requested"));
        return;
    }
    if !chargeable && subscription.trial_missing == MissingMethod::Pause {
        subscription.status = Status::Paused;
        subscription.paused = Some(Paused { at: now, requested: false });
        subscription.trial_end = Some(now);
        let shown = save_subscription(call, subscription, None);
        call.emit("customer.subscription.paused", &shown);
        return;
    }
    let started = subscription.trial_start.unwrap_or(now);
    subscription.status = Status::Active;
    subscription.trial_end = Some(now);
    subscription.anchor = now;
    let mut billed = Vec::new();
    let whole = subscription.clone();
    for item in &mut subscription.items {
        let Some(terms) = Terms::of(call.model, &item.price) else { continue };
        let Some(cadence) = terms.cadence else { continue };
        // What was used in the trial is never billed (Stripe: docs …/trials/free-trials).
        billed.extend(planned_end::begin(call, &whole, item, &terms, calendar::period_at(now, cadence, now)));
    }
    let id = call.model.mint("in_1", 23);
    billed.extend(prorate::sweep(call, &whole.customer, &whole.currency, Some(&whole.id), &id));
    subscription.latest_invoice = Some(id.clone());
    save_subscription(call, subscription.clone(), None);
    let period = Period { start: started, end: now };
    let order =
        Order { id: id.clone(), reason: "subscription_cycle", lines: billed, period, proration_date: None };
    invoicing::draft(call, &subscription, order);
    if at_once && !subscription.send_invoice {
        invoicing::advance(call, &id);
    }
}

fn expire(call: &mut Call, mut subscription: Subscription) {
    if let Some(invoice) = subscription.latest_invoice.clone() {
        invoice_calls::void_open(call, &invoice);
    }
    schedule_run::ended(call, &subscription);
    subscription.schedule = None;
    subscription.status = Status::IncompleteExpired;
    subscription.ended_at = Some(call.now);
    save_subscription(call, subscription, None);
}
