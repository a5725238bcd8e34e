//! What the store and Stripe say of a customer, before anything is decided.

use super::Wish;
use super::body::{COUPON_METADATA_KEY, OPERATION_METADATA_KEY};
use super::refusal::{first_payment_open, foreign_schedule};
use crate::billing::assign::{Coming, Has, Held, HeldItem, Pending, Pinned};
use crate::billing::catalog::{Catalog, Interval};
use crate::billing::id::{CustomerId, Revision};
use crate::billing::period::{Cycle, Period};
use crate::billing::proration::Stands;
use crate::billing::terms;
use crate::billing::time::{DAY_S, Timestamp};
use crate::error::{Error, Kind};
use crate::flow::Desk;
use crate::flow::coupon::redeemable;
use crate::flow::refresh::{CUSTOMER_METADATA_KEY, interval_and_seats, is_ours, role, terms_in};
use crate::store::Reader;
use crate::store::customer::Customer;
use crate::store::intent::{Intent, IntentKind};
use crate::store::tier::Assignment;
use crate::stripe::{Collection, ItemFound, Redeem, ScheduleFound, SubscriptionFound};

/// What the store and Stripe say.
pub(super) struct Gathered {
    pub(super) customer: Customer,
    pub(super) catalog: Catalog,
    pub(super) has: Has,
    pub(super) found: Vec<SubscriptionFound>,
    /// A change that waits at Stripe and the store does not know: the operation that made it.
    unknown_op: Option<String>,
    /// What `--coupon` means, where it was given.
    pub(super) redeem: Option<Redeem>,
    /// Intents that there were before Stripe was asked: one more, and what was gathered is old.
    pub(super) count: i64,
}

/// The current period of a subscription: of what is charged in advance, else of its usage.
fn period_of(found: &SubscriptionFound) -> Option<Period> {
    let item = found.items.iter().find(|item| item.meter.is_none()).or(found.items.first())?;
    Some(Period { start: item.period_start, end: whole_end(found, item) })
}

/// Where a subscription stands: its periods, without its money.
pub(super) fn stands(found: &SubscriptionFound) -> Stands {
    let period = period_of(found);
    let item = found.items.iter().find(|item| item.meter.is_none());
    let interval = item.and_then(|item| Interval::parse(item.interval.as_deref()?));
    let next = period.zip(interval).and_then(|(period, interval)| {
        Cycle { anchor: found.billing_cycle_anchor, interval }.period_at(period.end)
    });
    let billed_at = found.items.iter().map(|item| whole_end(found, item)).min();
    let trialing = found.status == "trialing";
    Stands { period, next, billed_at, trialing, part: false, usage: None }
}

pub(super) fn linked(desk: &Desk<'_>, id: &CustomerId) -> Result<(Customer, String), Error> {
    let customer = desk.store.read(|r| crate::flow::customer::customer_required(r, id))?;
    match customer.cus.clone() {
        Some(cus) => Ok((customer, cus)),
        None => Err(Error::new(Kind::Refused, "not_linked", format!("customer {id} is not at Stripe yet"))
            .hint(format!("finish it: paygrade customer add {id}"))),
    }
}

/// The catalog that `seed` applied last.
pub fn catalog_required(r: &Reader<'_>) -> Result<Catalog, Error> {
    r.catalog_in_force()?.ok_or_else(|| {
        Error::new(Kind::Config, "not_seeded", "no catalog was seeded into this store yet")
            .hint("put it at Stripe first: paygrade seed")
    })
}

/// The open intent, and how many there were.
pub(super) fn intents(desk: &Desk<'_>, customer: &Customer) -> Result<(Option<Intent>, i64), Error> {
    desk.store.read(|r| {
        let open = r.intent_open(customer.row, IntentKind::Tier)?;
        Ok((open, r.intent_count(customer.row, IntentKind::Tier)?))
    })
}

pub(super) async fn gather(
    desk: &Desk<'_>,
    customer: Customer,
    found: Vec<SubscriptionFound>,
    count: i64,
    wish: &Wish<'_>,
) -> Result<Gathered, Error> {
    let ended = |it: &SubscriptionFound| matches!(it.status.as_str(), "canceled" | "incomplete_expired");
    let ours: Vec<&SubscriptionFound> =
        found.iter().filter(|it| is_ours(it, desk.namespace, &customer.id)).collect();
    let live: Vec<&SubscriptionFound> = ours.iter().copied().filter(|it| !ended(it)).collect();
    if let [first, second, ..] = live[..] {
        let what =
            format!("customer {} has two live subscriptions, {} and {}", customer.id, first.id, second.id);
        return Err(Error::new(Kind::Refused, "two_subscriptions", what)
            .hint("cancel one of them in the Dashboard, then run this again"));
    }
    if let Some(unpaid) = live.iter().find(|it| it.status == "incomplete") {
        return Err(first_payment_open(&customer, unpaid));
    }
    let (catalog, pinned) = desk.store.read(|r| {
        let pinned = match r.assignment_open(customer.row)? {
            Some(open) => pinned(r, &open)?,
            None => None,
        };
        Ok::<_, Error>((catalog_required(r)?, pinned))
    })?;
    let (pending, unknown_op) = match live.first() {
        Some(it) => pending(desk, &customer, it, wish).await?,
        None => (None, None),
    };
    let pinned = pinned.or_else(|| live.first().and_then(|it| pinned_there(desk, it)));
    let currencies = found.iter().filter(|it| !ended(it)).map(|it| it.currency.clone()).collect();
    let has = Has {
        pinned,
        subscription: live.first().map(|it| held(it, desk)),
        had_subscription: !ours.is_empty(),
        had_trial: found.iter().any(|it| it.trial_end.is_some()),
        currencies,
        pending,
    };
    let redeem = match wish.coupon() {
        Some(text) => {
            let held = has.subscription.as_ref().and_then(|held| held.coupon.as_deref());
            Some(redeemable(desk, &customer, text, catalog.currency, held).await?)
        }
        None => None,
    };
    Ok(Gathered { customer, catalog, has, found, unknown_op, redeem, count })
}

/// Stores a change that waits at Stripe, and that another machine made.
pub(super) fn learn(desk: &Desk<'_>, gathered: &Gathered) -> Result<(), Error> {
    let (Some(op), Some(change)) = (&gathered.unknown_op, &gathered.has.pending) else { return Ok(()) };
    let Some(held) = &gathered.has.subscription else { return Ok(()) };
    desk.store.write(desk.now, |w| {
        let row = gathered.customer.row;
        if w.reader().pending_waiting(row)?.is_none() {
            w.pending_put(row, &held.sub, op, change)?;
        }
        Ok(())
    })
}

fn pinned(r: &Reader<'_>, open: &Assignment) -> Result<Option<Pinned>, Error> {
    let Some((terms, _)) = r.revision_terms(&open.revision)? else { return Ok(None) };
    Ok(Some(Pinned { revision: open.revision.clone(), terms, interval: open.interval, seats: open.seats }))
}

/// What a subscription says of itself, for a store that lost it.
fn pinned_there(desk: &Desk<'_>, found: &SubscriptionFound) -> Option<Pinned> {
    let (revision, _, terms) = terms_in(found)?;
    let (interval, seats) = interval_and_seats(found, &terms, desk.namespace);
    Some(Pinned { revision, terms, interval, seats })
}

fn held(found: &SubscriptionFound, desk: &Desk<'_>) -> Held {
    let ours = found.items.iter().filter(|item| role(item, desk.namespace) != "other");
    let items = ours.map(|item| HeldItem {
        item: item.id.clone(),
        price: item.price.clone(),
        quantity: if item.meter.is_some() { None } else { Some(item.quantity.unwrap_or(1)) },
    });
    Held {
        sub: found.id.clone(),
        items: items.collect(),
        send_invoice_days: match found.collection {
            Collection::SendInvoice { days_until_due } => Some(days_until_due),
            Collection::Charge => None,
        },
        trial_days: found
            .trial_start
            .zip(found.trial_end)
            .and_then(|(start, end)| u32::try_from(end.since(start) / DAY_S).ok()),
        on_trial: found.status == "trialing",
        period_end: paid_until(found),
        cancel_at: found.cancel_at,
        schedule: found.schedule.clone(),
        coupon: found.metadata.get(COUPON_METADATA_KEY).cloned(),
    }
}

/// The end of the longest period: of what is charged in advance where there is such, as Stripe counts the end of a
/// subscription.
fn paid_until(found: &SubscriptionFound) -> Timestamp {
    let whole = found.items.iter().map(|item| whole_end(found, item));
    whole.max().unwrap_or(found.billing_cycle_anchor)
}

/// Where an item's period ends, also where an end that is planned inside it has cut it short.
fn whole_end(found: &SubscriptionFound, item: &ItemFound) -> Timestamp {
    let interval = item.interval.as_deref().and_then(Interval::parse);
    let is_cut = found.cancel_at == Some(item.period_end) && found.status != "trialing";
    let Some(interval) = interval.filter(|_| is_cut) else { return item.period_end };
    let cycle = Cycle { anchor: found.billing_cycle_anchor, interval };
    cycle.period_at(item.period_end.plus(-1)).map_or(item.period_end, |period| period.end)
}

/// The change that waits: as the store knows it while Stripe still carries it out, else as the schedule says, and then
/// the operation that made it.
async fn pending(
    desk: &Desk<'_>,
    customer: &Customer,
    found: &SubscriptionFound,
    wish: &Wish<'_>,
) -> Result<(Option<Pending>, Option<String>), Error> {
    let stored = desk.store.read(|r| r.pending_waiting(customer.row))?.filter(|it| it.sub == found.id);
    match (stored, &found.schedule) {
        (Some(it), schedule @ Some(_)) if it.change.schedule == *schedule => Ok((Some(it.change), None)),
        (Some(it), None) if it.change.schedule.is_none() && found.cancel_at.is_some() => {
            Ok((Some(it.change), None))
        }
        (_, None) => Ok((found.cancel_at.map(|at| Pending { to: None, at, schedule: None }), None)),
        (_, Some(schedule)) if desk.store.read(|r| r.schedule_is_ours(schedule))? => Ok((None, None)),
        (_, Some(schedule)) => {
            let there = desk.api.schedule_retrieve(schedule).await?.value;
            // One phase is what a crash between the two calls leaves: it changes nothing.
            let is_ours = there.phases.len() <= 1 || there.metadata.contains_key(CUSTOMER_METADATA_KEY);
            if !is_ours && !matches!(wish, Wish::Resume) {
                return Err(foreign_schedule(customer, schedule));
            }
            let op = there.metadata.get(OPERATION_METADATA_KEY).cloned();
            let waits = desk.store.read(|r| scheduled(r, &there))?;
            let op = op.filter(|_| waits.is_some());
            Ok((waits, op))
        }
    }
}

/// What a schedule of another machine leads to; `None` where the terms that come are not known here.
pub(in crate::flow) fn scheduled(r: &Reader<'_>, there: &ScheduleFound) -> Result<Option<Pending>, Error> {
    let Some(phase) = there.next_phase() else { return Ok(None) };
    let named = phase.metadata.get(terms::REVISION_METADATA_KEY);
    let Some(revision) = named.and_then(|text| text.parse::<Revision>().ok()) else { return Ok(None) };
    let Some((known, _)) = r.revision_terms(&revision)? else { return Ok(None) };
    let prices = r.revision_prices(&revision)?;
    let charged = known.prices.iter().find_map(|price| {
        let role = price.interval.as_str();
        let item = phase.items.iter().find(|item| prices.get(role) == Some(&item.price))?;
        Some((price, item.quantity))
    });
    // The prices of a deal are known to the store alone that made them: with one charge there is no doubt which it is.
    let charged = charged.or_else(|| match &known.prices[..] {
        [only] => {
            let item = phase.items.iter().find(|item| item.quantity.is_some())?;
            Some((only, item.quantity))
        }
        _ => None,
    });
    let interval: Option<Interval> = charged.map(|(price, _)| price.interval);
    let quantity = charged.filter(|(price, _)| price.per_seat).and_then(|(_, quantity)| quantity);
    let seats = quantity.and_then(|quantity| u32::try_from(quantity).ok());
    let to = Coming { revision, interval, seats };
    Ok(Some(Pending { to: Some(to), at: phase.start, schedule: Some(there.id.clone()) }))
}
