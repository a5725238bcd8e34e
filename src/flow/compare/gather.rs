//! Both sides of a customer: what the store says, what Stripe says.

use std::collections::{BTreeMap, BTreeSet};

use crate::billing::assign::{Direction, Wanted};
use crate::billing::compare::{Here, ItemSide, OnTier, Paid, PendingSide, SubSide, There};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::adopt::lasts;
use crate::flow::assign::{OPERATION_METADATA_KEY, unfinished};
use crate::flow::refresh::{CUSTOMER_METADATA_KEY, interval_and_seats, is_ours, role, terms_in};
use crate::store::Reader;
use crate::store::customer::Customer;
use crate::store::intent::IntentKind;
use crate::store::pending::PendingChange;
use crate::store::subscription::Subscription;
use crate::store::tier::Assignment;
use crate::stripe::SubscriptionFound;

/// Customers that are read at a time.
const PAGE: u32 = 500;

/// A customer with both sides.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The customer.
    pub customer: Customer,
    /// What the store says.
    pub here: Here,
    /// What Stripe says.
    pub there: There,
    /// Its subscriptions as found, ours and others'.
    pub found: Vec<SubscriptionFound>,
}

/// Everybody, by one pass over Stripe's lists.
#[derive(Debug)]
pub struct Customers {
    /// Linked customers with both sides, in order of their ids. `There::paid` is not known yet.
    pub looked: Vec<Looked>,
    /// Live subscriptions of ours whose customer the store does not know: own id and subscription.
    pub strangers: Vec<(String, SubscriptionFound)>,
    /// Subscriptions of ours at Stripe that have not ended.
    pub live: usize,
}

/// Reads all customers here and at Stripe.
pub async fn customers_all(desk: &Desk<'_>) -> Result<Customers, Error> {
    let subscriptions = desk.api.subscription_list_all().await?.value;
    let there: BTreeSet<String> = desk.api.customer_list().await?.value.into_iter().map(|it| it.id).collect();
    let prefix = format!("{}/customer/", desk.namespace);
    let mut by_cus: BTreeMap<String, Vec<SubscriptionFound>> = BTreeMap::new();
    let (mut strangers, mut live) = (Vec::new(), 0);
    let customers = desk.store.read(linked)?;
    let ids: BTreeSet<&str> = customers.iter().map(|it| it.id.as_str()).collect();
    for it in subscriptions {
        let own = it.metadata.get(CUSTOMER_METADATA_KEY).and_then(|mark| mark.strip_prefix(&prefix));
        if let Some(own) = own.map(str::to_owned)
            && lasts(&it)
        {
            live += 1;
            if !ids.contains(own.as_str()) {
                strangers.push((own, it.clone()));
            }
        }
        by_cus.entry(it.customer.clone()).or_default().push(it);
    }
    let mut looked = Vec::new();
    for customer in customers {
        let cus = customer.cus.clone().unwrap_or_default();
        let found = by_cus.remove(&cus).unwrap_or_default();
        let is_gone = !there.contains(&cus);
        looked.push(sides(desk, customer, found, is_gone)?);
    }
    Ok(Customers { looked, strangers, live })
}

fn linked(r: &Reader<'_>) -> Result<Vec<Customer>, Error> {
    let mut all: Vec<Customer> = Vec::new();
    loop {
        let page = r.customer_list(all.last().map(|last| &last.id), PAGE)?;
        if page.is_empty() {
            all.retain(|it| it.cus.is_some());
            return Ok(all);
        }
        all.extend(page);
    }
}

/// One customer, both sides asked now; of duplicates also whether they are paid.
pub async fn look_again(desk: &Desk<'_>, customer: Customer) -> Result<Looked, Error> {
    let cus = customer.cus.clone().unwrap_or_default();
    let found = desk.api.subscription_list(&cus).await?.value;
    let is_gone = match desk.api.customer_retrieve(&cus).await {
        Ok(found) => found.value.deleted,
        Err(failure) if failure.is_missing() => true,
        Err(failure) => return Err(failure.into()),
    };
    let mut looked = sides(desk, customer, found, is_gone)?;
    let live: Vec<String> =
        looked.there.subs.iter().filter(|it| it.lasts()).map(|it| it.sub.clone()).collect();
    if live.len() > 1 {
        for sub in live {
            let newest = looked.found.iter().find(|it| it.id == sub).and_then(|it| it.latest_invoice.clone());
            looked.there.paid.insert(sub, paid(desk, newest).await?);
        }
    }
    Ok(looked)
}

async fn paid(desk: &Desk<'_>, invoice: Option<String>) -> Result<Paid, Error> {
    let Some(invoice) = invoice else { return Ok(Paid::Unclear) };
    let found = desk.api.invoice_retrieve(&invoice).await?.value;
    Ok(match found.status.as_deref() {
        Some("paid") => Paid::Yes,
        Some("open" | "void" | "uncollectible") => Paid::No,
        _ => Paid::Unclear,
    })
}

fn sides(
    desk: &Desk<'_>,
    customer: Customer,
    found: Vec<SubscriptionFound>,
    is_gone: bool,
) -> Result<Looked, Error> {
    let here = desk.store.read(|r| here(r, &customer, desk.now))?;
    let ours = found.iter().filter(|it| is_ours(it, desk.namespace, &customer.id));
    let subs = ours.map(|it| side_there(desk, it)).collect();
    Ok(Looked { customer, here, there: There { is_gone, subs, paid: BTreeMap::new() }, found })
}

fn here(r: &Reader<'_>, customer: &Customer, now: Timestamp) -> Result<Here, Error> {
    let on = match r.assignment_open(customer.row)? {
        Some(open) => Some(on_tier(r, open)?),
        None => None,
    };
    let unfinished = r.intent_open(customer.row, IntentKind::Tier)?.map(|it| unfinished(&customer.id, &it));
    let waits = r.pending_waiting(customer.row)?;
    let stored = r.subscriptions_of(customer.row)?;
    let subs = stored.iter().filter(|it| !it.has_ended() && it.status != "incomplete").map(side_here);
    let due = r.allocations_due(customer.row, now)?;
    let subs: Vec<SubSide> = subs.collect();
    let mut past_schedule = None;
    for schedule in stored.iter().filter_map(|it| it.schedule.clone()) {
        if r.schedule_is_ours(&schedule)? {
            past_schedule = Some(schedule);
        }
    }
    Ok(Here {
        customer: customer.id.to_string(),
        cus: customer.cus.clone().unwrap_or_default(),
        unfinished,
        pending: waits.map(pending_side),
        past_schedule,
        on,
        subs,
        allocations_missing: due.iter().map(|(tier, month, _)| format!("{tier} {}", month.start)).collect(),
    })
}

fn pending_side(waits: PendingChange) -> PendingSide {
    let to = waits.change.to.as_ref().map(|to| to.revision.to_string());
    let to = to.unwrap_or_else(|| "the end".to_owned());
    let says = format!("{to} at {}", waits.change.at);
    PendingSide { schedule: waits.change.schedule, op: waits.op, says }
}

fn on_tier(r: &Reader<'_>, open: Assignment) -> Result<OnTier, Error> {
    let terms = r.revision_terms(&open.revision)?;
    let prices = r.revision_prices(&open.revision)?;
    let expected = terms.and_then(|(terms, currency)| {
        let wanted = Wanted {
            revision: open.revision.clone(),
            terms,
            currency,
            interval: open.interval,
            seats: open.seats,
            trial_days: None,
            send_invoice_days: None,
            coupon: None,
            direction: Direction::Level,
        };
        let item = |it: crate::billing::assign::WantedItem| {
            let price = prices.get(&it.role)?.clone();
            Some(ItemSide { role: it.role, price, quantity: it.quantity })
        };
        wanted.items().into_iter().map(item).collect::<Option<Vec<_>>>()
    });
    Ok(OnTier { revision: open.revision.to_string(), sub: open.sub, seats: open.seats, expected })
}

fn side_here(it: &Subscription) -> SubSide {
    let items = it.items.iter();
    let items = items.map(|item| ItemSide {
        role: item.role.clone(),
        price: item.price.clone(),
        quantity: item.quantity,
    });
    SubSide {
        sub: it.sub.clone(),
        status: it.status.clone(),
        revision: None,
        is_whole: true,
        created: it.start_at,
        anchor: it.anchor_at,
        period: it.items.first().map(|item| item.period),
        cancel_at: it.cancel_at,
        schedule: it.schedule.clone(),
        op: None,
        items: items.collect(),
    }
}

fn side_there(desk: &Desk<'_>, it: &SubscriptionFound) -> SubSide {
    let mut items: Vec<(&crate::stripe::ItemFound, ItemSide)> = it
        .items
        .iter()
        .map(|item| {
            let quantity = if item.meter.is_some() { None } else { Some(item.quantity.unwrap_or(1)) };
            (item, ItemSide { role: role(item, desk.namespace), price: item.price.clone(), quantity })
        })
        .collect();
    // As the store has them, so that the first item is the same one.
    items.sort_by(|(a, ours), (b, other)| (&ours.role, &a.id).cmp(&(&other.role, &b.id)));
    let terms = terms_in(it);
    let is_whole = terms.as_ref().is_some_and(|(_, _, terms)| {
        let (interval, _) = interval_and_seats(it, terms, desk.namespace);
        let priced =
            crate::billing::price::tier_prices(terms).into_iter().filter(|price| match price.charged {
                crate::billing::price::Charged::InAdvance { interval: every, .. } => Some(every) == interval,
                crate::billing::price::Charged::Metered { .. } => true,
                crate::billing::price::Charged::Once => false,
            });
        let roles: BTreeSet<String> = priced.map(|price| price.key).collect();
        let has: BTreeSet<String> = items.iter().map(|(_, item)| item.role.clone()).collect();
        roles == has
    });
    SubSide {
        sub: it.id.clone(),
        status: it.status.clone(),
        revision: terms.map(|(revision, _, _)| revision.to_string()),
        is_whole,
        created: it.created,
        anchor: it.billing_cycle_anchor,
        period: items.first().map(|(item, _)| crate::billing::period::Period {
            start: item.period_start,
            end: item.period_end,
        }),
        cancel_at: it.cancel_at,
        schedule: it.schedule.clone(),
        op: it.metadata.get(OPERATION_METADATA_KEY).cloned(),
        items: items.into_iter().map(|(_, item)| item).collect(),
    }
}
