//! Billing thresholds: an invoice before the period ends, once usage comes to an amount or a number of units
//! (Stripe: docs …/usage-based/thresholds).
//!
//! The period and the bands of its prices go on: what a threshold invoice billed is left out of the next one. Looked at
//! when usage is counted, not in trials and not on the last day of a period. With `reset_billing_cycle_anchor` new periods
//! begin instead: licensed items are given back and billed anew, and bands begin again.

use serde_json::{Value, json};

use super::invoice::{Line, Usage};
use super::invoicing::{self, Order};
use super::subscription::{Item, Status, Subscription};
use super::terms::Terms;
use super::{RANK_THRESHOLD, change, lines, save_subscription};
use crate::local::Call;
use crate::local::calendar::{DAY_S, Period};
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::{Change, Params};
use crate::local::model::Model;
use crate::local::rating;

/// Least amount of a threshold, minor units.
const AMOUNT_MIN: i64 = 50;
/// Largest numbers that are taken.
const MOST: i64 = 999_999_999_999;
/// How the agenda names a look at a subscription's thresholds.
const MARK: &str = "#threshold";

/// The subscription whose thresholds an entry of the agenda is about.
pub fn watched(entry: &str) -> Option<&str> {
    entry.strip_suffix(MARK)
}

/// Reads a subscription's `billing_thresholds`; an empty value takes it away.
pub(super) fn read(p: &mut Params) -> Result<Change<(i64, bool)>, ApiError> {
    let given = p.group_or_leaf("billing_thresholds", |it| {
        let resets = it.bool("reset_billing_cycle_anchor")?.unwrap_or(false);
        let amount = it.int_in("amount_gte", AMOUNT_MIN, MOST)?;
        amount.map(|amount| (amount, resets)).ok_or_else(|| ApiError::missing(&it.name("amount_gte")))
    })?;
    changed(p, given)
}

/// Reads an item's `billing_thresholds`; an empty value takes it away.
pub(super) fn read_item(p: &mut Params) -> Result<Change<i64>, ApiError> {
    let given = p.group_or_leaf("billing_thresholds", |it| {
        let units = it.int_in("usage_gte", 1, MOST)?;
        units.ok_or_else(|| ApiError::missing(&it.name("usage_gte")))
    })?;
    changed(p, given)
}

/// Puts a subscription's threshold, as read.
pub(super) fn put(change: Change<(i64, bool)>, subscription: &mut Subscription) {
    match change {
        Change::Keep => {}
        Change::Clear => (subscription.threshold, subscription.threshold_resets) = (None, false),
        Change::Set((amount, resets)) => {
            (subscription.threshold, subscription.threshold_resets) = (Some(amount), resets);
        }
    }
}

fn changed<T>(p: &mut Params, given: Option<T>) -> Result<Change<T>, ApiError> {
    match given {
        Some(value) => Ok(Change::Set(value)),
        None => match p.text("billing_thresholds", 0)? {
            Change::Clear => Ok(Change::Clear),
            _ => Ok(Change::Keep),
        },
    }
}

/// Units are counted on metered prices only.
pub(super) fn check_item(terms: &Terms, threshold: &Change<i64>, param: &str) -> Result<(), ApiError> {
    if terms.meter.is_some() || !matches!(threshold, Change::Set(_)) {
        return Ok(());
    }
    let text = "`billing_thresholds` of an item needs a price with `usage_type` metered.";
    Err(ApiError::invalid(text).param(param.replace("[price]", "[billing_thresholds]")))
}

/// `billing_thresholds` of a subscription.
pub fn render(amount: Option<i64>, resets: bool) -> Value {
    amount.map_or(Value::Null, |it| json!({ "amount_gte": it, "reset_billing_cycle_anchor": resets }))
}

/// `billing_thresholds` of an item.
pub fn render_item(units: Option<i64>) -> Value {
    units.map_or(Value::Null, |it| json!({ "usage_gte": it }))
}

/// Plans a look at the thresholds of whoever used something that is counted from `due` on.
pub fn watch(model: &mut Model, customer: &str, due: i64) {
    let has = |it: &&Subscription| {
        it.customer == customer
            && !it.status.ended()
            && (it.threshold.is_some() || it.items.iter().any(|item| item.usage_gte.is_some()))
    };
    let ids: Vec<String> =
        model.biller.subscriptions.iter().filter(has).map(|it| format!("{}{MARK}", it.id)).collect();
    for id in ids {
        let at = model.biller.agenda.at(&id).map_or(due, |planned| planned.min(due));
        model.biller.agenda.set(&id, RANK_THRESHOLD, Some(at));
    }
}

/// Usage of one item that no invoice holds yet.
struct Open {
    place: usize,
    terms: Terms,
    usage: Usage,
    used: Decimal,
    amount: i64,
}

fn open(call: &Call, subscription: &Subscription) -> Vec<Open> {
    let mut all = Vec::new();
    for (place, item) in subscription.items.iter().enumerate() {
        let Some(terms) = Terms::of(call.model, &item.price) else { continue };
        let Some(meter) = terms.meter.clone() else { continue };
        let usage = Usage::of(item, meter, call.now);
        let used = lines::used(call, &subscription.customer, &usage);
        let shares = rating::beyond(&terms.tariff, item.billed, used);
        let amount = shares.iter().fold(0_i64, |sum, it| sum.saturating_add(it.amount));
        all.push(Open { place, terms, usage, used, amount });
    }
    all
}

/// Makes the invoice when a threshold is reached.
pub(super) fn look(call: &mut Call, id: &str) {
    call.model.biller.agenda.set(&format!("{id}{MARK}"), RANK_THRESHOLD, None);
    let Some(mut subscription) = call.model.biller.subscriptions.get(id).cloned() else { return };
    let watched = matches!(subscription.status, Status::Active | Status::PastDue)
        && subscription.next_period_end().is_some_and(|end| end - call.now > DAY_S);
    if !watched {
        return;
    }
    let open = open(call, &subscription);
    let amount = open.iter().fold(0_i64, |sum, it| sum.saturating_add(it.amount));
    let by_amount = subscription.threshold.filter(|least| amount >= *least);
    let reached = |it: &Open, item: &Item| {
        let fresh = it.used.minus(item.billed).unwrap_or_default();
        item.usage_gte.is_some_and(|least| fresh >= Decimal::whole(least))
    };
    let by_units: Vec<usize> =
        open.iter().filter(|it| reached(it, &subscription.items[it.place])).map(|it| it.place).collect();
    if by_amount.is_none() && by_units.is_empty() {
        return;
    }
    let (invoice, whole) = (call.model.mint("in_1", 23), subscription.clone());
    if subscription.threshold_resets {
        return anew(call, subscription, invoice, by_amount, &by_units);
    }
    let mut billed: Vec<Line> = Vec::new();
    let mut reasons = Vec::new();
    let mut start = call.now;
    for it in open {
        let item = &mut subscription.items[it.place];
        let period = Period { start: it.usage.from, end: call.now };
        start = start.min(period.start);
        let mut made = lines::metered(call, &whole, &item.id, &it.terms, it.usage, period);
        // What comes in later is on the next invoice (Stripe: docs …/configure-grace-period).
        made.iter_mut().for_each(|line| line.usage = None);
        if let Some(units) = item.usage_gte.filter(|_| by_units.contains(&it.place)) {
            let ids: Vec<&String> = made.iter().map(|line| &line.id).collect();
            reasons.push(json!({ "line_item_ids": ids, "usage_gte": units }));
        }
        item.billed = it.used;
        billed.extend(made);
    }
    subscription.latest_invoice = Some(invoice.clone());
    save_subscription(call, subscription, None);
    let period = Period { start, end: call.now };
    let order =
        Order { id: invoice, reason: "subscription_threshold", lines: billed, period, proration_date: None };
    let reason = json!({ "amount_gte": by_amount, "item_reasons": reasons });
    invoicing::draft_because(call, &whole, order, Some(reason.to_string()));
}

/// Begins new periods with the invoice of a threshold.
fn anew(
    call: &mut Call,
    mut subscription: Subscription,
    invoice: String,
    by_amount: Option<i64>,
    by_units: &[usize],
) {
    let (now, whole) = (call.now, subscription.clone());
    let start = whole.items.iter().map(|it| it.usage_from).min().unwrap_or(now);
    let mut billed = change::begin_period(call, &mut subscription);
    // What comes in later is on the next invoice.
    billed.iter_mut().for_each(|line| line.usage = None);
    let reasons: Vec<Value> = by_units
        .iter()
        .filter_map(|place| whole.items.get(*place))
        .map(|item| {
            let lines = billed.iter().filter(|line| line.item.as_ref() == Some(&item.id));
            let ids: Vec<&String> = lines.map(|line| &line.id).collect();
            json!({ "line_item_ids": ids, "usage_gte": item.usage_gte })
        })
        .collect();
    subscription.latest_invoice = Some(invoice.clone());
    save_subscription(call, subscription, None);
    let period = Period { start, end: now };
    let order =
        Order { id: invoice, reason: "subscription_threshold", lines: billed, period, proration_date: None };
    let reason = json!({ "amount_gte": by_amount, "item_reasons": reasons });
    invoicing::draft_because(call, &whole, order, Some(reason.to_string()));
}
