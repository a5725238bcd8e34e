//! What Stripe says of a customer's subscription, brought into the store: rows, ends, anchors, and what follows.
//!
//! A subscription is ours when its metadata names our customer. One that the store does not know is taken over with the
//! terms that its metadata carries: so a lost store is recovered.

use super::Desk;
use super::adopt::{history_put, history_told};
use super::assign::{OPERATION_METADATA_KEY, trial_credits};
use crate::billing::catalog::{Interval, Terms};
use crate::billing::id::{CustomerId, Namespace, Revision};
use crate::billing::period::Period;
use crate::billing::terms;
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::store::customer::Customer;
use crate::store::intent::IntentKind;
use crate::store::pending::{PendingChange, PendingEnd};
use crate::store::subscription::{Item, Subscription};
use crate::store::tier::{Assignment, AssignmentNew};
use crate::store::{CustomerRow, Writer};
use crate::stripe::{Collection, ItemFound, SubscriptionFound};

/// Metadata key of a subscription: our customer, as `<namespace>/customer/<own id>`.
pub const CUSTOMER_METADATA_KEY: &str = "paygrade_customer";

/// Looks at Stripe while others keep storing what they saw.
const LOOKS_MAX: u32 = 5;

/// Whether a subscription is ours and this customer's.
pub fn is_ours(found: &SubscriptionFound, namespace: &Namespace, id: &CustomerId) -> bool {
    found.metadata.get(CUSTOMER_METADATA_KEY) == Some(&super::customer::mark(namespace, id))
}

/// Which part an item's price plays: `month`, `year`, `usage.<meter>`, or `other` for what is not ours.
pub fn role(item: &ItemFound, namespace: &Namespace) -> String {
    let ours = item.price_metadata.get(super::customer::METADATA_KEY).map(String::as_str).unwrap_or_default();
    let mut parts = ours.splitn(4, '/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(ns), Some("tier" | "deal"), Some(_), Some(key)) if ns == namespace.as_str() => key.to_owned(),
        _ => "other".to_owned(),
    }
}

/// The subscription as the store keeps it.
pub fn as_stored(found: &SubscriptionFound, customer: CustomerRow, namespace: &Namespace) -> Subscription {
    let item = |item: &ItemFound| Item {
        item: item.id.clone(),
        price: item.price.clone(),
        role: role(item, namespace),
        quantity: if item.meter.is_some() { None } else { item.quantity },
        period: Period { start: item.period_start, end: item.period_end },
    };
    let mut items: Vec<Item> = found.items.iter().map(item).collect();
    items.sort_by(|a, b| (&a.role, &a.item).cmp(&(&b.role, &b.item)));
    Subscription {
        sub: found.id.clone(),
        customer,
        status: found.status.clone(),
        collection: match found.collection {
            Collection::Charge => "charge_automatically".to_owned(),
            Collection::SendInvoice { .. } => "send_invoice".to_owned(),
        },
        currency: found.currency.clone(),
        start_at: found.start_date,
        anchor_at: found.billing_cycle_anchor,
        trial_end: found.trial_end,
        cancel_at: found.cancel_at,
        ended_at: found.ended_at,
        latest_invoice: found.latest_invoice.clone(),
        schedule: found.schedule.clone(),
        items,
    }
}

/// Reads a customer's subscriptions and brings the store up to date, in one transaction and only if something is new.
/// Gives all that Stripe has, also those that are not ours.
pub async fn subscription_refresh(
    desk: &Desk<'_>,
    customer: &Customer,
) -> Result<Vec<SubscriptionFound>, Error> {
    let Some(cus) = &customer.cus else { return Ok(Vec::new()) };
    for _ in 0..LOOKS_MAX {
        let before = desk.store.read(|r| r.subscriptions_of(customer.row))?;
        let found = desk.api.subscription_list(cus).await?.value;
        // What another process stored meanwhile may be newer: then this look is not the newest any more.
        if desk.store.read(|r| r.subscriptions_of(customer.row))? == before {
            seen(desk, customer, &found)?;
            return Ok(found);
        }
    }
    let what = format!("others keep changing the subscription of {}", customer.id);
    Err(Error::new(Kind::Busy, "customer_busy", what).hint("run the same command again"))
}

/// Brings the store up to date with what was found.
pub fn seen(desk: &Desk<'_>, customer: &Customer, found: &[SubscriptionFound]) -> Result<bool, Error> {
    let ours: Vec<&SubscriptionFound> =
        found.iter().filter(|it| is_ours(it, desk.namespace, &customer.id)).collect();
    let new = desk.store.read(|r| {
        for it in &ours {
            if r.subscription_get(&it.id)?.as_ref() != Some(&as_stored(it, customer.row, desk.namespace)) {
                return Ok(true);
            }
        }
        let pending = r.intent_open(customer.row, IntentKind::Tier)?.is_some();
        let unpinned = r.assignment_open(customer.row)?.is_none() && !pending;
        Ok::<_, Error>(unpinned && ours.iter().any(|it| is_live(it)))
    })?;
    if !new {
        return Ok(false);
    }
    desk.store.write(desk.now, |w| {
        seen_within(w, desk.namespace, customer, found)?;
        // Another tier, or the end of one, may have come by itself.
        w.allocate_due(customer.row)?;
        Ok(true)
    })
}

/// The same inside a transaction: rows, ends, anchors, and what follows.
pub fn seen_within(
    w: &Writer<'_>,
    namespace: &Namespace,
    customer: &Customer,
    found: &[SubscriptionFound],
) -> Result<(), Error> {
    let ours: Vec<&SubscriptionFound> =
        found.iter().filter(|it| is_ours(it, namespace, &customer.id)).collect();
    let mut since: Option<Timestamp> = None;
    for it in &ours {
        w.subscription_put(&as_stored(it, customer.row, namespace))?;
        let moved = follow(w, namespace, customer.row, it)?;
        since = since.into_iter().chain(moved).min();
    }
    let landed = super::tier_checkout::landed(w, customer.row, &ours)?;
    since = since.into_iter().chain(landed).min();
    let pending = w.reader().intent_open(customer.row, IntentKind::Tier)?.is_some();
    if w.reader().assignment_open(customer.row)?.is_none() && !pending {
        let known = w.reader().assignments_of(customer.row)?;
        let told = history_told(&w.reader(), namespace, &known, None, &ours)?;
        let adopted = history_put(w, customer.row, &told)?;
        since = since.into_iter().chain(adopted).min();
    }
    match since {
        Some(since) => super::history_changed(w, customer.row, since),
        None => Ok(()),
    }
}

fn is_live(found: &SubscriptionFound) -> bool {
    crate::store::subscription::LIVE.contains(&found.status.as_str())
}

/// Lets the open assignment follow its subscription: closed at its end, changed where what waited has come, split or
/// moved where its anchor moved. Gives the earliest instant whose terms are different now.
pub(super) fn follow(
    w: &Writer<'_>,
    namespace: &Namespace,
    customer: CustomerRow,
    found: &SubscriptionFound,
) -> Result<Option<Timestamp>, Error> {
    let open = w.reader().assignment_open(customer)?;
    let Some(open) = open.filter(|open| open.sub.as_deref() == Some(&found.id)) else { return Ok(None) };
    let waits = w.reader().pending_waiting(customer)?.filter(|it| it.sub == found.id);
    if let Some(ended) = found.ended_at {
        w.assignment_close(open.assignment, ended)?;
        if let Some(waits) = waits {
            end_came(w, &open, &waits, ended)?;
        }
        return Ok(Some(ended));
    }
    if let Some(waits) = waits.filter(|it| has_come(it, found)) {
        return scheduled_came(w, namespace, &open, &waits, found).map(Some);
    }
    follow_pending(w, customer, found)?;
    let anchor = found.billing_cycle_anchor;
    if anchor == open.anchor_at {
        return Ok(None);
    }
    // A trial that was cut short or made longer changes where its one period ends; a period that was begun anew
    // leaves the periods before it as they were.
    if open.anchor_at > anchor || anchor > w.now || anchor <= open.from_at {
        w.assignment_anchor(open.assignment, anchor)?;
        return Ok(Some(open.from_at));
    }
    w.assignment_close(open.assignment, anchor)?;
    w.assignment_insert(&AssignmentNew { from_at: anchor, anchor_at: anchor, ..again(&open) })?;
    Ok(Some(anchor))
}

/// Whether the phase of a schedule has begun: its metadata is the subscription's then.
fn has_come(waits: &PendingChange, found: &SubscriptionFound) -> bool {
    waits.change.schedule.is_some()
        && waits.change.to.is_some()
        && found.metadata.get(OPERATION_METADATA_KEY) == Some(&waits.op)
}

/// The phase of a schedule has begun: what went before ends exactly where it did.
fn scheduled_came(
    w: &Writer<'_>,
    namespace: &Namespace,
    open: &Assignment,
    waits: &PendingChange,
    found: &SubscriptionFound,
) -> Result<Timestamp, Error> {
    w.pending_end(waits.pending, PendingEnd::Done)?;
    let at = waits.change.at.max(open.from_at);
    if let Some(to) = &waits.change.to {
        let (interval, seats) = match (to.interval, w.reader().revision_terms(&to.revision)?) {
            // A store that was recovered knows no prices of a deal: the item says what it is.
            (None, Some((terms, _))) => interval_and_seats(found, &terms, namespace),
            _ => (to.interval, to.seats),
        };
        w.assignment_close(open.assignment, at)?;
        w.assignment_insert(&AssignmentNew {
            customer: open.customer,
            revision: to.revision.clone(),
            interval,
            seats,
            sub: open.sub.clone(),
            from_at: at,
            anchor_at: found.billing_cycle_anchor,
        })?;
        trial_credits(w, open.customer, &to.revision)?;
    }
    Ok(at)
}

/// A subscription has ended that something waited for: a tier without one begins. What needed it is not to come.
fn end_came(w: &Writer<'_>, open: &Assignment, waits: &PendingChange, ended: Timestamp) -> Result<(), Error> {
    if waits.change.schedule.is_some() {
        w.pending_end(waits.pending, PendingEnd::Undone)?;
        return Ok(());
    }
    w.pending_end(waits.pending, PendingEnd::Done)?;
    if let Some(to) = &waits.change.to {
        let at = ended.max(open.from_at);
        w.assignment_insert(&AssignmentNew {
            customer: open.customer,
            revision: to.revision.clone(),
            interval: None,
            seats: None,
            sub: None,
            from_at: at,
            anchor_at: at,
        })?;
        trial_credits(w, open.customer, &to.revision)?;
    }
    Ok(())
}

/// What waits is what Stripe still carries out: else it was taken back there.
pub(super) fn follow_pending(
    w: &Writer<'_>,
    customer: CustomerRow,
    found: &SubscriptionFound,
) -> Result<(), Error> {
    let Some(waits) = w.reader().pending_waiting(customer)?.filter(|it| it.sub == found.id) else {
        return Ok(());
    };
    let goes_on = match &waits.change.schedule {
        Some(_) => found.schedule == waits.change.schedule,
        None => found.cancel_at.is_some(),
    };
    if !goes_on {
        w.pending_end(waits.pending, PendingEnd::Undone)?;
    } else if let (None, Some(at)) = (&waits.change.schedule, found.cancel_at) {
        w.pending_move(waits.pending, at)?;
    }
    Ok(())
}

fn again(open: &Assignment) -> AssignmentNew {
    AssignmentNew {
        customer: open.customer,
        revision: open.revision.clone(),
        interval: open.interval,
        seats: open.seats,
        sub: open.sub.clone(),
        from_at: open.from_at,
        anchor_at: open.anchor_at,
    }
}

/// The revision and the terms in a subscription's metadata, where they are whole.
pub(crate) fn terms_in(found: &SubscriptionFound) -> Option<(Revision, String, Terms)> {
    let get = |key: &str| found.metadata.get(key).map(String::as_str);
    let revision: Revision = get(terms::REVISION_METADATA_KEY)?.parse().ok()?;
    let json = terms::join(get)?;
    let (terms, _) = Terms::from_json(&json).ok()?;
    (terms::digest(&json) == revision.digest).then_some((revision, json, terms))
}

/// How a subscription of ours is sold: by which interval, for how many seats.
pub(crate) fn interval_and_seats(
    found: &SubscriptionFound,
    terms: &Terms,
    namespace: &Namespace,
) -> (Option<Interval>, Option<u32>) {
    let licensed = found.items.iter().find_map(|item| {
        let interval = Interval::parse(&role(item, namespace))?;
        Some((interval, item.quantity))
    });
    let Some((interval, quantity)) = licensed else { return (None, None) };
    let per_seat = terms.recurring(interval).is_some_and(|price| price.per_seat);
    let seats = quantity.filter(|_| per_seat).and_then(|quantity| u32::try_from(quantity).ok());
    (Some(interval), seats.filter(|seats| *seats > 0))
}
