//! Changes of a subscription's items, and what they do to the bill (recorded in flexible billing mode).
//!
//! Licensed items are prorated: the old configuration credited, the new one debited, each as a whole.
//! Usage is never prorated: what was used at the old price is billed at it, what comes at the new one.

use super::charge::{self, CHARGE_MIN};
use super::invoice::{InvoiceStatus, Line, Usage};
use super::invoicing::{self, Order};
use super::prorate::{self, Behaviour, Side};
use super::subscription::{Item, Status, Subscription};
use super::subscription_create::{ITEMS_MAX, Wanted, check_quantity, same_price, sellable};
use super::terms::Terms;
use super::{lines, pending, planned_end, save_subscription, threshold};
use crate::local::Call;
use crate::local::calendar::{self, Period};
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::{Change as FieldChange, Metadata, MetadataChange};

/// One entry of `items[]`: without an id it adds an item, with one it changes or removes it.
pub(super) struct Change {
    /// Name of the price parameter, for messages.
    pub param: String,
    /// The item; `None` for a new one.
    pub id: Option<String>,
    /// Its new price.
    pub price: Option<String>,
    /// Its new quantity.
    pub quantity: Option<u64>,
    /// It goes.
    pub deleted: bool,
    /// Its own data.
    pub metadata: MetadataChange,
    /// Units that make a threshold invoice.
    pub threshold: FieldChange<i64>,
}

/// What becomes of a change that has to be paid now and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unpaid {
    /// It is made, and the subscription is past due.
    Allow,
    /// It is not made.
    Refuse,
    /// It is made, and nobody charges the card before the customer says so: past due until then.
    Await,
    /// It waits until its invoice is paid.
    Pend,
}

/// How a change is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    behaviour: Behaviour,
    at: i64,
    unpaid: Unpaid,
    /// New periods begin now.
    anchors: bool,
}

impl Plan {
    /// What the change does to the bill.
    pub(super) fn behaviour(self) -> Behaviour {
        self.behaviour
    }

    /// `at` is the moment of the change, unix seconds.
    pub(super) fn new(behaviour: Behaviour, at: i64) -> Plan {
        Plan { behaviour, at, unpaid: Unpaid::Allow, anchors: false }
    }

    /// The same change, with this if it is not paid.
    pub(super) fn unpaid(self, unpaid: Unpaid) -> Plan {
        Plan { unpaid, ..self }
    }

    /// The same change, with new periods from now on (`billing_cycle_anchor[type]=now`).
    pub(super) fn anchoring(self) -> Plan {
        Plan { anchors: true, ..self }
    }
}

/// What changes bill, in the order in which it stands on an invoice.
#[derive(Debug, Default)]
pub(super) struct Bill {
    /// Money back for licensed items.
    pub credits: Vec<Line>,
    /// Usage up to the change.
    pub usage: Vec<Line>,
    /// Money for licensed items.
    pub debits: Vec<Line>,
    /// Periods that end and begin with the change: no prorations, billed whatever the behaviour.
    pub cycle: Vec<Line>,
    /// An interval changed: billed at once (Stripe: docs …/billing/subscriptions/prorations).
    pub at_once: bool,
}

impl Bill {
    /// What waits for an invoice: credits, usage, debits; nothing when the change is not prorated.
    pub(super) fn waiting(&mut self, behaviour: Behaviour) -> Vec<Line> {
        let parts = [&mut self.credits, &mut self.usage, &mut self.debits].map(std::mem::take);
        if behaviour == Behaviour::None { Vec::new() } else { parts.into_iter().flatten().collect() }
    }

    pub(super) fn total(&self, behaviour: Behaviour) -> i64 {
        let prorated = [&self.credits, &self.usage, &self.debits].into_iter().flatten();
        let prorated = prorated.filter(|_| behaviour != Behaviour::None);
        prorated.chain(&self.cycle).map(|it| it.amount).sum()
    }
}

/// Changes the items of a subscription that is not stored yet, and says what that bills.
pub(super) fn apply(
    call: &mut Call,
    subscription: &mut Subscription,
    changes: Vec<Change>,
    plan: Plan,
) -> Result<Bill, ApiError> {
    let mut bill = Bill::default();
    if changes.is_empty() && !plan.anchors {
        return Ok(bill);
    }
    let whole = subscription.clone();
    for change in changes {
        match change.id.clone() {
            None => add(call, &whole, subscription, change, plan, &mut bill)?,
            Some(id) => {
                let unknown =
                    || ApiError::no_such("subscription_item", &id, &change.param.replace("[price]", "[id]"));
                let place = subscription.items.iter().position(|it| it.id == id).ok_or_else(unknown)?;
                if change.deleted {
                    let item = subscription.items.remove(place);
                    leave(call, &whole, &item, plan, &mut bill);
                } else {
                    let old = subscription.items[place].clone();
                    subscription.items[place] = alter(call, &whole, old, change, plan, &mut bill)?;
                }
            }
        }
    }
    check(subscription)?;
    if plan.anchors {
        begin_anew(call, &whole, subscription, plan, &mut bill);
    }
    // A trial costs nothing, and what never was active was never billed.
    if !whole.status.renews() {
        bill = Bill::default();
    }
    Ok(bill)
}

/// Begins new periods of a subscription that is not stored yet, and gives what that bills.
pub(super) fn begin_period(call: &mut Call, subscription: &mut Subscription) -> Vec<Line> {
    let (mut bill, whole) = (Bill::default(), subscription.clone());
    let plan = Plan::new(Behaviour::Create, call.now);
    begin_anew(call, &whole, subscription, plan, &mut bill);
    let mut lines = bill.waiting(Behaviour::Create);
    lines.append(&mut bill.cycle);
    lines
}

/// Starts the periods of all items now: what ran is given back or billed, what begins is billed whole
/// (Stripe: docs …/billing/subscriptions/billing-cycle).
fn begin_anew(
    call: &mut Call,
    whole: &Subscription,
    subscription: &mut Subscription,
    plan: Plan,
    bill: &mut Bill,
) {
    let now = call.now;
    bill.at_once = true;
    bill.debits.clear();
    subscription.anchor = now;
    let after = subscription.clone();
    for item in &mut subscription.items {
        let Some(terms) = Terms::of(call.model, &item.price) else { continue };
        let Some(cadence) = terms.cadence else { continue };
        let old = whole.items.iter().find(|it| it.id == item.id);
        // What a change touched was settled with it.
        if let Some(old) = old.filter(|it| it.price == item.price && it.quantity == item.quantity) {
            match &terms.meter {
                None => leave(call, whole, old, plan, bill),
                Some(meter) => {
                    let usage = Usage::of(old, meter.clone(), now + 1);
                    let period = Period { start: old.usage_from, end: now };
                    bill.cycle.extend(lines::metered(call, whole, &old.id, &terms, usage, period));
                }
            }
        }
        let next = Period { start: now, ..calendar::period_at(now, cadence, now) };
        bill.cycle.extend(planned_end::begin(call, &after, item, &terms, next));
        item.usage_less = lines::this_second(call, &whole.customer, &terms);
    }
}

fn check(subscription: &Subscription) -> Result<(), ApiError> {
    if subscription.items.is_empty() {
        return Err(ApiError::invalid("A subscription must have at least one active plan.").param("items"));
    }
    if subscription.items.len() > ITEMS_MAX {
        let text = format!("A subscription may have at most {ITEMS_MAX} items.");
        return Err(ApiError::invalid(text).param("items"));
    }
    for (index, item) in subscription.items.iter().enumerate() {
        if subscription.items.iter().take(index).any(|it| it.price == item.price) {
            return Err(same_price(&item.price));
        }
    }
    Ok(())
}

/// The end of the period that a new or changed item is in now.
fn period_end(subscription: &Subscription, terms: &Terms, now: i64) -> i64 {
    match (subscription.status, subscription.trial_end, terms.cadence) {
        (Status::Trialing, Some(end), _) => end,
        (_, _, Some(cadence)) => calendar::period_at(subscription.anchor, cadence, now).end,
        (_, _, None) => now,
    }
}

fn add(
    call: &mut Call,
    whole: &Subscription,
    subscription: &mut Subscription,
    change: Change,
    plan: Plan,
    bill: &mut Bill,
) -> Result<(), ApiError> {
    let price = change.price.ok_or_else(|| ApiError::missing(&change.param))?;
    let metadata = change.metadata.merged(&Metadata::new())?;
    let want = Wanted {
        param: change.param,
        price,
        quantity: change.quantity,
        metadata,
        threshold: change.threshold,
    };
    let terms = sellable(call.model, &want, Some(&whole.currency))?;
    let item = Item {
        id: call.model.mint("si_", 14),
        price: want.price,
        quantity: if terms.meter.is_none() { Some(want.quantity.unwrap_or(1)) } else { None },
        metadata: want.metadata,
        created: call.now,
        period_start: call.now,
        period_end: period_end(whole, &terms, call.now),
        usage_from: call.now,
        billed: Decimal::ZERO,
        usage_less: lines::this_second(call, &whole.customer, &terms),
        usage_gte: want.threshold.value(),
        cut: None,
    };
    if terms.meter.is_none() {
        bill.debits.extend(prorate::line(call, whole, &item, &terms, Side::Debit, plan.at));
    }
    subscription.items.push(item);
    Ok(())
}

/// What an item that goes, or changes its price, still bills or gives back.
pub(super) fn leave(call: &mut Call, whole: &Subscription, item: &Item, plan: Plan, bill: &mut Bill) {
    let Some(terms) = Terms::of(call.model, &item.price) else { return };
    match &terms.meter {
        None => bill.credits.extend(prorate::line(call, whole, item, &terms, Side::Credit, plan.at)),
        Some(meter) => {
            // What came in this very second came before.
            let usage = Usage::of(item, meter.clone(), call.now + 1);
            let period = Period { start: item.usage_from, end: call.now };
            bill.usage.extend(lines::metered(call, whole, &item.id, &terms, usage, period));
        }
    }
}

fn alter(
    call: &mut Call,
    whole: &Subscription,
    old: Item,
    change: Change,
    plan: Plan,
    bill: &mut Bill,
) -> Result<Item, ApiError> {
    let mut item = old.clone();
    item.metadata = change.metadata.merged(&old.metadata)?;
    let threshold = change.threshold.clone();
    let param = change.param.clone();
    let swapped = change.price.as_ref().is_some_and(|price| *price != old.price);
    let price = change.price.unwrap_or_else(|| old.price.clone());
    let terms = if swapped {
        let metadata = Metadata::new();
        let threshold = FieldChange::Keep;
        let want = Wanted { param: change.param, price, quantity: change.quantity, metadata, threshold };
        sellable(call.model, &want, Some(&whole.currency))?
    } else {
        let terms = Terms::of(call.model, &price);
        let terms = terms.ok_or_else(|| ApiError::no_such("price", &price, &change.param))?;
        check_quantity(&terms, change.quantity, &change.param)?;
        terms
    };
    item.price.clone_from(&terms.price);
    threshold::check_item(&terms, &threshold, &param)?;
    threshold.apply(&mut item.usage_gte);
    item.usage_gte = item.usage_gte.filter(|_| terms.meter.is_some());
    // A new price without a quantity begins with one unit again (Stripe: docs /api/subscriptions/update).
    let kept = if swapped { Some(1) } else { old.quantity };
    item.quantity = if terms.meter.is_none() { change.quantity.or(kept) } else { None };
    if !swapped && item.quantity == old.quantity {
        return Ok(item);
    }
    leave(call, whole, &old, plan, bill);
    if swapped {
        let cadence = Terms::of(call.model, &old.price).and_then(|it| it.cadence);
        if cadence != terms.cadence {
            bill.at_once = true;
            item.period_start = call.now;
            (item.period_end, item.cut) = (period_end(whole, &terms, call.now), None);
        }
        item.count_from(call.now);
        item.usage_less = lines::this_second(call, &whole.customer, &terms);
    }
    if terms.meter.is_none() {
        bill.debits.extend(prorate::line(call, whole, &item, &terms, Side::Debit, plan.at));
    }
    Ok(item)
}

fn bills_now(bill: &Bill, plan: Plan) -> bool {
    match plan.behaviour {
        Behaviour::None => !bill.cycle.is_empty(),
        Behaviour::Invoice => true,
        Behaviour::Create => bill.at_once,
    }
}

/// Refuses a change that has to be paid now and cannot be, where Stripe refuses it.
pub(super) fn check_payable(
    call: &Call,
    subscription: &Subscription,
    bill: &Bill,
    plan: Plan,
) -> Result<(), ApiError> {
    if !bills_now(bill, plan) || subscription.send_invoice {
        return Ok(());
    }
    let balance = call.model.biller.customers.get(&subscription.customer).map_or(0, |it| it.balance);
    let due = bill.total(plan.behaviour) + balance;
    let method = charge::method_of(call.model, Some(subscription), &subscription.customer);
    if due >= CHARGE_MIN && method.is_none() && plan.unpaid != Unpaid::Await {
        return Err(charge::no_method());
    }
    let answer = charge::ask(call.model, due, method.as_deref());
    match charge::failed(answer).filter(|_| plan.unpaid == Unpaid::Refuse) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Stores the changed subscription and bills the change: now, with the next invoice, or not at all.
pub(super) fn settle(call: &mut Call, mut subscription: Subscription, mut bill: Bill, plan: Plan) {
    let now_billed = bills_now(&bill, plan);
    let stored = call.model.biller.subscriptions.get(&subscription.id);
    if stored.is_some_and(|it| it.items != subscription.items) {
        pending::drop(call, &mut subscription);
    }
    let due = pending::due(call, &subscription, &bill, plan);
    let pends = now_billed && plan.unpaid == Unpaid::Pend && pending::waits(call, &subscription, due);
    let lines = bill.waiting(plan.behaviour);
    if (lines.is_empty() && bill.cycle.is_empty()) || !now_billed {
        let (customer, currency) = (subscription.customer.clone(), subscription.currency.clone());
        save_subscription(call, subscription, None);
        prorate::pend(call, &customer, &currency, lines);
        return;
    }
    let id = call.model.mint("in_1", 23);
    if pends {
        let Some(kept) = pending::keep(call, subscription, &id) else { return };
        subscription = kept;
    } else {
        subscription.latest_invoice = Some(id.clone());
        save_subscription(call, subscription.clone(), None);
    }
    prorate::pend(call, &subscription.customer, &subscription.currency, lines);
    let mut billed = bill.cycle;
    billed.extend(prorate::sweep(
        call,
        &subscription.customer,
        &subscription.currency,
        Some(&subscription.id),
        &id,
    ));
    let start = subscription.items.iter().map(|it| it.period_start).min().unwrap_or(call.now);
    let period = Period { start, end: call.now };
    let order = Order {
        id: id.clone(),
        reason: "subscription_update",
        lines: billed,
        period,
        proration_date: Some(plan.at),
    };
    invoicing::draft(call, &subscription, order);
    match plan.unpaid {
        Unpaid::Await if !subscription.send_invoice => awaited(call, &id),
        _ if !subscription.send_invoice => {
            invoicing::advance(call, &id);
        }
        _ => {}
    }
}

/// Finalizes an invoice that the customer pays by an own step: the subscription is past due until then.
fn awaited(call: &mut Call, id: &str) {
    invoicing::finalize(call, id);
    let open = call.model.biller.invoices.get(id).filter(|it| it.status == InvoiceStatus::Open);
    let Some(invoice) = open.filter(|it| it.amount_due >= CHARGE_MIN) else {
        return invoicing::advance(call, id);
    };
    let owner = invoice.subscription.as_ref().and_then(|it| call.model.biller.subscriptions.get(it).cloned());
    if let Some(mut subscription) = owner.filter(|it| it.status == Status::Active) {
        subscription.status = Status::PastDue;
        save_subscription(call, subscription, None);
    }
}
