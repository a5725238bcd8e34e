//! `tier assign`: one tier, one subscription, whatever dies in between.
//!
//! Gather what the store and Stripe say, let `billing::assign` decide, store the decision as an intent with its
//! operation id, do it, commit. The operation id goes into the subscription's metadata: after an outcome that is not
//! known, the next run finds what happened by it and never makes a second subscription.
//!
//! Usage that a change would leave behind is named, and the change refused unless that is wanted.
//!
//! Not here yet: draining such usage by itself (it belongs between `begin` and `finish`), downgrades at period end,
//! custom terms.

mod body;
mod commit;
mod finish;
mod unsent;

use super::Desk;
use super::refresh::{interval_and_seats, is_ours, role, subscription_refresh, terms_in};
use crate::billing::assign::{
    Asked, Decision, Has, Held, HeldItem, NotSeeded, Pinned, Refused, Wanted, decide, wanted,
};
use crate::billing::catalog::{Catalog, Interval};
use crate::billing::id::CustomerId;
use crate::billing::period::Period;
use crate::billing::proration::{Charge, charge};
use crate::billing::terms::TermsTooLong;
use crate::billing::time::DAY_S;
use crate::error::{Changed, Error, Kind};
use crate::store::Reader;
use crate::store::customer::Customer;
use crate::store::intent::{Begun, Intent, IntentKind};
use crate::store::tier::Assignment;
use crate::stripe::{Collection, SubscriptionFound};

use body::Body;
pub use unsent::Unsent;
use unsent::unsent;

/// Open intents of others that are finished before our own is begun.
const ROUNDS_MAX: u32 = 5;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The customer's own id.
    pub customer: CustomerId,
    /// Tier, interval, seats, trial, invoices.
    pub asked: Asked,
    /// A payment method to charge from now on.
    pub payment_method: Option<String>,
    /// Change the tier even where usage is left behind that will be late.
    pub leave_unsent: bool,
}

/// What it takes, before anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The customer.
    pub customer: Customer,
    /// What it is to have.
    pub wanted: Wanted,
    /// What that takes.
    pub decision: Decision,
    /// What it has.
    pub has: Has,
    /// Our estimate of what it charges, usage left aside.
    pub charge: Option<Charge>,
    /// An earlier assignment was begun and not finished: it comes first.
    pub unfinished: bool,
    /// Usage that must be sent first, or is late afterwards.
    pub unsent: Option<Unsent>,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The customer.
    pub customer: Customer,
    /// What it is on now.
    pub assignment: Assignment,
    /// Status of its subscription, in Stripe's word.
    pub status: Option<String>,
    /// Whether anything was changed.
    pub changed: bool,
    /// Trial credits that were granted now.
    pub trial_credits: Option<i64>,
}

/// What the store and Stripe say.
struct Gathered {
    customer: Customer,
    catalog: Catalog,
    has: Has,
    found: Vec<SubscriptionFound>,
    /// Intents that there were before Stripe was asked: one more, and what was gathered is old.
    count: i64,
}

/// What assigning would take. Reads only.
pub async fn assign_plan(desk: &Desk<'_>, ask: &Ask) -> Result<Plan, Error> {
    let (customer, cus) = linked(desk, &ask.customer)?;
    let (unfinished, count) = intents(desk, &customer)?;
    let found = desk.api.subscription_list(&cus).await?.value;
    let unfinished = unfinished.is_some();
    let gathered = gather(desk, customer, found, count)?;
    let (wanted, decision) = decided(desk, ask, &gathered)?;
    let held = gathered.has.subscription.as_ref();
    let there = held.and_then(|held| gathered.found.iter().find(|it| it.id == held.sub));
    let (period, trialing) = (there.and_then(period_of), there.is_some_and(|it| it.status == "trialing"));
    let charge = charge(&decision, &wanted, &gathered.has, period, trialing, desk.now);
    let unsent = desk.store.read(|r| unsent(r, &gathered.customer, held, &decision, desk.now))?;
    Ok(Plan { customer: gathered.customer, wanted, decision, has: gathered.has, charge, unfinished, unsent })
}

/// The current period of a subscription: of what is charged in advance, else of its usage.
fn period_of(found: &SubscriptionFound) -> Option<Period> {
    let item = found.items.iter().find(|item| item.meter.is_none()).or(found.items.first())?;
    Some(Period { start: item.period_start, end: item.period_end })
}

/// Puts the customer on the tier. The same again changes nothing.
pub async fn assign(desk: &Desk<'_>, ask: &Ask) -> Result<Outcome, Error> {
    let mut credits = None;
    let mut changed = false;
    for _ in 0..ROUNDS_MAX {
        let (customer, _) = linked(desk, &ask.customer)?;
        let (open, count) = intents(desk, &customer)?;
        if let Some(intent) = open {
            let done = finish::finish(desk, &customer, &intent, None).await?;
            (credits, changed) = (credits.or(done.trial_credits), true);
            continue;
        }
        let found = subscription_refresh(desk, &customer).await?;
        let gathered = gather(desk, customer, found, count)?;
        let (wanted, decision) = decided(desk, ask, &gathered)?;
        if decision == Decision::Nothing {
            return outcome(desk, gathered.customer, changed, credits);
        }
        if !ask.leave_unsent {
            let held = gathered.has.subscription.as_ref();
            let left = desk.store.read(|r| unsent(r, &gathered.customer, held, &decision, desk.now))?;
            left.map_or(Ok(()), |left| Err(left.refusal(&gathered.customer)))?;
        }
        let intent = match begin(desk, ask, &gathered, &wanted, &decision)? {
            Some(Begun::New(intent)) => intent,
            // Another process was here since Stripe was asked.
            Some(Begun::Other(_)) | None => continue,
        };
        let done = finish::finish(desk, &gathered.customer, &intent, Some(&gathered.found)).await?;
        return outcome(desk, gathered.customer, true, credits.or(done.trial_credits));
    }
    Err(Error::new(Kind::Busy, "customer_busy", format!("others keep changing the tier of {}", ask.customer))
        .changed(Changed::Recorded)
        .hint("run the same command again"))
}

fn outcome(
    desk: &Desk<'_>,
    customer: Customer,
    changed: bool,
    trial_credits: Option<i64>,
) -> Result<Outcome, Error> {
    desk.store.read(|r| {
        let assignment = r.assignment_open(customer.row)?.ok_or_else(|| {
            let what = format!("the subscription of {} ended before it was stored", customer.id);
            Error::new(Kind::Stripe, "subscription_ended", what)
                .changed(Changed::Recorded)
                .hint(format!("see `paygrade customer show {}`, then assign the tier again", customer.id))
        })?;
        let status = match &assignment.sub {
            Some(sub) => r.subscription_get(sub)?.map(|it| it.status),
            None => None,
        };
        Ok(Outcome { customer, assignment, status, changed, trial_credits })
    })
}

fn linked(desk: &Desk<'_>, id: &CustomerId) -> Result<(Customer, String), Error> {
    let customer = desk.store.read(|r| super::customer::customer_required(r, id))?;
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
fn intents(desk: &Desk<'_>, customer: &Customer) -> Result<(Option<Intent>, i64), Error> {
    desk.store.read(|r| {
        let open = r.intent_open(customer.row, IntentKind::Tier)?;
        Ok((open, r.intent_count(customer.row, IntentKind::Tier)?))
    })
}

fn gather(
    desk: &Desk<'_>,
    customer: Customer,
    found: Vec<SubscriptionFound>,
    count: i64,
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
    let pinned = pinned.or_else(|| live.first().and_then(|it| pinned_there(desk, it)));
    let currencies = found.iter().filter(|it| !ended(it)).map(|it| it.currency.clone()).collect();
    let has = Has {
        pinned,
        subscription: live.first().map(|it| held(it, desk)),
        had_subscription: !ours.is_empty(),
        had_trial: found.iter().any(|it| it.trial_end.is_some()),
        currencies,
    };
    Ok(Gathered { customer, catalog, has, found, count })
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
    }
}

fn decided(desk: &Desk<'_>, ask: &Ask, gathered: &Gathered) -> Result<(Wanted, Decision), Error> {
    let wanted = wanted(&gathered.catalog, &ask.asked, &gathered.has)
        .map_err(|refused| refusal(&refused, ask, &gathered.catalog))?;
    if ask.payment_method.is_some() && !wanted.needs_subscription() {
        let refused = Refused::NotPaid { tier: ask.asked.tier.clone(), option: "--payment-method" };
        return Err(refusal(&refused, ask, &gathered.catalog));
    }
    let prices = desk.store.read(|r| r.revision_prices(&wanted.revision))?;
    let decision = decide(&wanted, &prices, &gathered.has).map_err(|missing| not_seeded(&missing))?;
    Ok((wanted, decision))
}

/// Stores the intent under its operation id; `None` when another one was begun since Stripe was asked, for then what
/// was decided may have been done already.
fn begin(
    desk: &Desk<'_>,
    ask: &Ask,
    gathered: &Gathered,
    wanted: &Wanted,
    decision: &Decision,
) -> Result<Option<Begun>, Error> {
    desk.store.write(desk.now, |w| {
        let customer = &gathered.customer;
        if w.reader().intent_count(customer.row, IntentKind::Tier)? != gathered.count {
            return Ok(None);
        }
        let open = w.reader().assignment_open(customer.row)?;
        let body = Body::new(desk, ask, gathered, wanted, decision, open.as_ref()).map_err(too_long)?;
        w.revision_put(&wanted.revision, &wanted.terms.to_json(wanted.currency))?;
        let key = format!("paygrade:{}:tier:{}", desk.namespace, body.op);
        Ok(Some(w.intent_begin(customer.row, IntentKind::Tier, &key, &body.to_json()?)?))
    })
}

fn too_long(error: TermsTooLong) -> Error {
    Error::new(Kind::Refused, "terms_too_long", error.to_string())
        .hint("`paygrade catalog check` names the tier")
}

fn not_seeded(missing: &NotSeeded) -> Error {
    Error::new(Kind::Config, "not_seeded", missing.to_string()).hint("put it at Stripe first: paygrade seed")
}

fn first_payment_open(customer: &Customer, found: &SubscriptionFound) -> Error {
    let invoice = found.latest_invoice.as_deref().unwrap_or("its invoice");
    let what =
        format!("the first payment of {} ({}) has not been made: it is incomplete", customer.id, found.id);
    Error::new(Kind::Stripe, "first_payment_open", what).hint(format!(
        "have {invoice} paid, or cancel {} in the Dashboard; within 23 hours Stripe ends it by itself",
        found.id
    ))
}

/// A refusal with its exit code and what to do instead.
fn refusal(refused: &Refused, ask: &Ask, catalog: &Catalog) -> Error {
    let (customer, tier) = (&ask.customer, &ask.asked.tier);
    let text = refused.to_string();
    let no = |code: &'static str| Error::new(Kind::Refused, code, text.clone());
    match refused {
        Refused::UnknownTier { near, .. } => {
            let keys: Vec<String> = catalog.tiers_by_rank().iter().map(|(key, _)| key.to_string()).collect();
            let hint = near.as_ref().map_or_else(
                || format!("there are: {}", keys.join(", ")),
                |near| format!("did you mean `{near}`? There are: {}", keys.join(", ")),
            );
            Error::new(Kind::BadInput, "unknown_tier", text).hint(hint)
        }
        Refused::Retired { .. } => no("tier_retired").hint("`paygrade tier list` shows the others"),
        Refused::Custom { .. } => no("tier_custom")
            .hint("custom terms will be given with --deal FILE, which this version does not have yet"),
        Refused::Interval { offered, .. } => {
            let offered: Vec<&str> = offered.iter().copied().map(Interval::as_str).collect();
            no("interval_not_offered").hint(match offered[..] {
                [] => "it has no recurring price: leave --interval away".to_owned(),
                _ => format!("paygrade tier assign {customer} {tier} --interval {}", offered.join("|")),
            })
        }
        Refused::NoSeats { .. } => no("no_seats").hint("leave --seats away"),
        Refused::Seats { seats, min, max, .. } => {
            let nearest = max.filter(|max| seats > max).unwrap_or(*min);
            no("seats").hint(format!("paygrade tier assign {customer} {tier} --seats {nearest}"))
        }
        Refused::Currency { .. } => {
            no("currency").hint("a Stripe customer is charged in one currency: add another customer")
        }
        Refused::SecondTrial => no("second_trial").hint("leave --trial away"),
        Refused::TrialTooLate => no("trial_too_late").hint("leave --trial away"),
        Refused::NotPaid { option, .. } => no("not_paid").hint(format!("leave {option} away")),
    }
}
