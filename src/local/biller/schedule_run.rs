//! What schedules do by themselves: enter phases, end, let their subscriptions go.
//!
//! A schedule that manages a subscription acts at that subscription's place in the agenda and before it, so that
//! a new phase and a new period at the same second make one invoice. Not confirmed of Stripe, and decided here:
//! after a last phase with `end_behavior=release` the status is `released`; items keep their ids over a change of
//! phase while they keep their price.

use super::change::{self, Bill, Plan};
use super::invoice::{Line, Usage};
use super::invoicing::{self, Order};
use super::prorate::{self, Behaviour, Side};
use super::schedule::{Next, Phase, PhaseItem, Schedule, Standing};
use super::subscription::{Item, Status, Subscription};
use super::terms::Terms;
use super::{RANK_SUBSCRIPTION, cancel, due, lines, planned_end, save_subscription};
use crate::local::Call;
use crate::local::calendar::{self, Cadence, Period};
use crate::local::decimal::Decimal;
use crate::local::form::Metadata;
use crate::local::model::Model;
use serde_json::Value;

/// The schedule that manages a subscription.
pub(super) fn manager<'a>(model: &'a Model, subscription: &Subscription) -> Option<&'a Schedule> {
    let found = model.biller.schedules.get(subscription.schedule.as_deref()?);
    found.filter(|it| it.standing == Standing::Active)
}

/// Stores a schedule, announces it (as `kind`, or as created or updated) and plans what comes next.
pub(super) fn save(call: &mut Call, schedule: Schedule, kind: Option<&str>) -> Value {
    let shown = schedule.render();
    let before = call.model.biller.schedules.get(&schedule.id).map(Schedule::render);
    let own = schedule.due().filter(|_| schedule.standing == Standing::NotStarted).map(|(at, _)| at);
    call.model.biller.agenda.set(&schedule.id, RANK_SUBSCRIPTION, own);
    let managed = schedule.subscription.clone();
    call.model.biller.schedules.insert(schedule);
    if let Some(subscription) = managed {
        due::plan(call.model, &subscription);
    }
    match (kind, before) {
        (Some(kind), _) => call.emit(kind, &shown),
        (None, None) => call.emit("subscription_schedule.created", &shown),
        (None, Some(before)) => {
            call.emit_update("subscription_schedule.updated", &before, &shown);
        }
    }
    shown
}

/// Does what is due of a schedule.
pub(super) fn act(call: &mut Call, mut schedule: Schedule) {
    match schedule.due() {
        Some((_, Next::Notice)) => {
            schedule.notice_at = None;
            save(call, schedule, Some("subscription_schedule.expiring"));
        }
        Some((_, Next::Leave)) if schedule.current + 1 < schedule.phases.len() => enter(call, schedule),
        Some((_, Next::Leave)) => finish(call, schedule),
        Some((_, Next::Start)) | None => {}
    }
}

/// The last phase is over.
fn finish(call: &mut Call, mut schedule: Schedule) {
    if !schedule.cancels {
        let_go(call, schedule, true);
        return;
    }
    let subscription = schedule.subscription.clone();
    let subscription = subscription.and_then(|it| call.model.biller.subscriptions.get(&it).cloned());
    schedule.standing = Standing::Completed;
    schedule.completed_at = Some(call.now);
    save(call, schedule, Some("subscription_schedule.completed"));
    if let Some(subscription) = subscription {
        cancel::end_as_planned(call, subscription);
    }
}

/// Lets the subscription go on by itself; an end that the schedule planned stays only if `keep_end`.
pub(super) fn let_go(call: &mut Call, mut schedule: Schedule, keep_end: bool) -> Value {
    let managed = schedule.subscription.take();
    schedule.standing = Standing::Released;
    schedule.released_at = Some(call.now);
    schedule.released_subscription.clone_from(&managed);
    schedule.notice_at = None;
    let shown = save(call, schedule, Some("subscription_schedule.released"));
    let managed = managed.and_then(|it| call.model.biller.subscriptions.get(&it).cloned());
    if let Some(mut subscription) = managed {
        subscription.schedule = None;
        if keep_end {
            save_subscription(call, subscription, None);
            return shown;
        }
        let restored = planned_end::restore(call, &mut subscription, None);
        subscription.cancel_at = None;
        planned_end::forget(call, &restored.gone);
        let bill = Bill { debits: restored.debits, ..Bill::default() };
        let plan = Plan::new(Behaviour::Create, call.now);
        change::settle(call, subscription, bill, plan);
    }
    shown
}

/// A subscription that ends takes its schedule with it.
pub(super) fn ended(call: &mut Call, subscription: &Subscription) {
    let Some(mut schedule) = manager(call.model, subscription).cloned() else { return };
    schedule.standing = Standing::Canceled;
    schedule.canceled_at = Some(call.now);
    schedule.notice_at = None;
    save(call, schedule, Some("subscription_schedule.canceled"));
}

/// A change made directly on the subscription rewrites the current phase
/// (Stripe: docs …/billing/subscriptions/subscription-schedules).
pub(super) fn follow(call: &mut Call, subscription: &Subscription) {
    let Some(mut schedule) = manager(call.model, subscription).cloned() else { return };
    let now = PhaseItem::all_of(subscription);
    let Some(phase) = schedule.phases.get_mut(schedule.current) else { return };
    let plain = |items: &[PhaseItem]| {
        let mut plain: Vec<_> = items.iter().map(|it| (it.price.clone(), it.quantity)).collect();
        plain.sort();
        plain
    };
    if plain(&phase.items) != plain(&now) {
        phase.items = now;
        save(call, schedule, None);
    }
}

/// A phase's metadata goes into the subscription's; an empty value takes its key out.
pub(super) fn merge(metadata: &mut Metadata, phase: &Metadata) {
    for (key, value) in phase {
        if value.is_empty() {
            metadata.remove(key);
        } else {
            metadata.insert(key.clone(), value.clone());
        }
    }
}

/// What entering a phase makes of a subscription.
struct Turn {
    behaviour: Behaviour,
    /// For the rest of periods that run.
    bill: Bill,
    /// For periods that end and begin now.
    cycle: Vec<Line>,
    /// Start of the earliest period that ended.
    ended: Option<i64>,
    items: Vec<Item>,
}

fn enter(call: &mut Call, mut schedule: Schedule) {
    schedule.current += 1;
    let managed = schedule.subscription.as_ref();
    let managed = managed.and_then(|it| call.model.biller.subscriptions.get(it).cloned());
    let phase = schedule.phases.get(schedule.current).cloned();
    save(call, schedule, None);
    let (Some(before), Some(phase)) = (managed, phase) else { return };
    let mut after = before.clone();
    merge(&mut after.metadata, &phase.metadata);
    if phase.anchors && before.status != Status::Trialing {
        after.anchor = call.now;
    }
    let bill = Bill::default();
    let mut turn =
        Turn { behaviour: phase.proration, bill, cycle: Vec::new(), ended: None, items: Vec::new() };
    for old in &before.items {
        let kept = phase.items.iter().find(|it| it.price == old.price);
        turn.old_item(call, &before, &after, old, kept);
    }
    for new in phase.items.iter().filter(|it| before.items.iter().all(|old| old.price != it.price)) {
        turn.new_item(call, &before, &after, new);
    }
    after.items = std::mem::take(&mut turn.items);
    turn.settle(call, &before, after);
}

impl Turn {
    fn plan(&self, now: i64) -> Plan {
        Plan::new(self.behaviour, now)
    }

    /// An item that was there: its period is over, or goes on, or starts anew, or it goes.
    fn old_item(
        &mut self,
        call: &mut Call,
        before: &Subscription,
        after: &Subscription,
        old: &Item,
        kept: Option<&PhaseItem>,
    ) {
        let now = call.now;
        let Some(terms) = Terms::of(call.model, &old.price) else { return };
        let over = old.period_end <= now && before.status.renews();
        let fresh = over || after.anchor != before.anchor;
        if over {
            self.ended = Some(self.ended.map_or(old.period_start, |it| it.min(old.period_start)));
            if let Some(meter) = terms.meter.clone() {
                let usage = Usage::of(old, meter, old.period_end);
                let period = Period { start: old.usage_from, end: old.period_end };
                self.cycle.extend(lines::metered(call, before, &old.id, &terms, usage, period));
            }
        }
        let Some(kept) = kept else {
            if !over {
                change::leave(call, before, old, self.plan(now), &mut self.bill);
            }
            return;
        };
        let mut item = Item { quantity: kept.quantity, ..old.clone() };
        item.metadata.extend(kept.metadata.clone());
        let changed = item.quantity != old.quantity;
        if !over && (fresh || changed) {
            change::leave(call, before, old, self.plan(now), &mut self.bill);
        }
        match terms.cadence.filter(|_| fresh) {
            Some(cadence) => self.begin(call, after, &mut item, &terms, cadence),
            None if changed && terms.meter.is_none() => {
                let line = prorate::line(call, before, &item, &terms, Side::Debit, now);
                self.bill.debits.extend(line);
            }
            None => {}
        }
        self.items.push(item);
    }

    /// Begins a new period of an item, in advance for a licensed one.
    fn begin(
        &mut self,
        call: &mut Call,
        after: &Subscription,
        item: &mut Item,
        terms: &Terms,
        cadence: Cadence,
    ) {
        let next = Period { start: call.now, ..calendar::period_at(after.anchor, cadence, call.now) };
        self.cycle.extend(planned_end::begin(call, after, item, terms, next));
    }

    /// An item that the phase brings: a whole period when one begins now, else the rest of one.
    fn new_item(&mut self, call: &mut Call, before: &Subscription, after: &Subscription, new: &PhaseItem) {
        let now = call.now;
        let Some(terms) = Terms::of(call.model, &new.price) else { return };
        let Some(cadence) = terms.cadence else { return };
        let whole = calendar::period_at(after.anchor, cadence, now);
        let trial = after.trial_end.filter(|_| after.status == Status::Trialing);
        let mut item = Item {
            id: call.model.mint("si_", 14),
            price: new.price.clone(),
            quantity: new.quantity,
            metadata: new.metadata.clone(),
            created: now,
            period_start: now,
            period_end: trial.unwrap_or(whole.end),
            usage_from: now,
            billed: Decimal::ZERO,
            usage_less: lines::this_second(call, &before.customer, &terms),
            usage_gte: None,
            cut: None,
        };
        let cycle = self.ended.is_some() || after.anchor != before.anchor;
        if cycle && whole.start == now && trial.is_none() {
            self.begin(call, after, &mut item, &terms, cadence);
        } else if terms.meter.is_none() {
            let line = prorate::line(call, after, &item, &terms, Side::Debit, now);
            self.bill.debits.extend(line);
            let known = before.items.iter().filter_map(|it| Terms::of(call.model, &it.price)?.cadence);
            let new_rhythm = !known.collect::<Vec<_>>().contains(&cadence);
            self.bill.at_once |= new_rhythm;
        }
        self.items.push(item);
    }

    /// Stores the subscription in its new phase and bills the turn: on one invoice with the periods that
    /// ended, or as a change in the middle of a period.
    fn settle(mut self, call: &mut Call, before: &Subscription, mut after: Subscription) {
        // A trial costs nothing, and what never was active was never billed.
        if !before.status.renews() {
            self.bill = Bill::default();
            self.cycle.clear();
        }
        let plan = self.plan(call.now);
        if self.ended.is_none() && self.cycle.is_empty() {
            change::settle(call, after, self.bill, plan);
            return;
        }
        let waiting = self.bill.waiting(self.behaviour);
        let id = call.model.mint("in_1", 23);
        after.latest_invoice = Some(id.clone());
        save_subscription(call, after.clone(), None);
        prorate::pend(call, &after.customer, &after.currency, waiting);
        let mut billed = self.cycle;
        billed.extend(prorate::sweep(call, &after.customer, &after.currency, Some(&after.id), &id));
        let period = Period { start: self.ended.unwrap_or(call.now), end: call.now };
        let order = Order { id, reason: "subscription_cycle", lines: billed, period, proration_date: None };
        invoicing::draft(call, &after, order);
    }
}

/// The current phase after a change of it: what its items make of the subscription's.
pub(super) fn changes(subscription: &Subscription, phase: &Phase) -> Vec<change::Change> {
    let item = |id: Option<String>, wanted: Option<&PhaseItem>| change::Change {
        param: "phases[0][items][0][price]".to_owned(),
        id,
        price: wanted.map(|it| it.price.clone()),
        quantity: wanted.and_then(|it| it.quantity),
        deleted: wanted.is_none(),
        metadata: crate::local::form::MetadataChange::default(),
        threshold: crate::local::form::Change::Keep,
    };
    let mut changes = Vec::new();
    for old in &subscription.items {
        match phase.items.iter().find(|it| it.price == old.price) {
            Some(kept) if kept.quantity == old.quantity => {}
            kept => changes.push(item(Some(old.id.clone()), kept)),
        }
    }
    for new in phase.items.iter().filter(|it| subscription.items.iter().all(|old| old.price != it.price)) {
        changes.push(item(None, Some(new)));
    }
    changes
}
