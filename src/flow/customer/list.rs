//! `customer list` and `customer show`: what the store knows of customers.

use crate::billing::assign::{Pending, monthly_amount};
use crate::billing::catalog::Interval;
use crate::billing::id::{CustomerId, TierKey};
use crate::billing::money::{Credits, Money};
use crate::billing::period::{Cycle, Period};
use crate::billing::time::{Micros, Timestamp};
use crate::error::Error;
use crate::store::Reader;
use crate::store::customer::Customer;
use crate::store::intent::IntentKind;
use crate::store::subscription::Subscription;
use crate::store::tier::Assignment;

/// Customers that are read at a time.
const PAGE: u32 = 500;

/// A customer with what it is on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerView {
    /// The customer.
    pub customer: Customer,
    /// What it is on.
    pub assignment: Option<Assignment>,
    /// Its subscription, as last seen.
    pub subscription: Option<Subscription>,
    /// The billing period that holds the instant asked for.
    pub period: Option<Period>,
    /// Recurring revenue per month: nothing during a trial, and none of usage.
    pub mrr: Option<Money>,
    /// Credits that can be spent.
    pub credits: Credits,
    /// When the newest usage happened.
    pub last_usage: Option<Micros>,
    /// A change of tier was begun and not finished.
    pub unfinished: bool,
    /// The change that waits for its day.
    pub pending: Option<Pending>,
}

impl CustomerView {
    /// Stripe's word for the subscription; `no_subscription` on a tier without one.
    pub fn status(&self) -> Option<&str> {
        match (&self.subscription, &self.assignment) {
            (Some(subscription), _) => Some(&subscription.status),
            (None, Some(_)) => Some("no_subscription"),
            (None, None) => None,
        }
    }
    /// `basic at 2026-12-21T08:00:00Z`, `ends at …`, or `unfinished`.
    pub fn pending_words(&self) -> Option<String> {
        if self.unfinished {
            return Some("unfinished".to_owned());
        }
        let waits = self.pending.as_ref()?;
        let to = waits.to.as_ref().map_or("ends", |to| to.revision.tier.as_str());
        Some(format!("{to} at {}", waits.at))
    }
}

/// The period of an assignment that holds an instant: by Stripe's own seconds where they are known, else by the anchor.
pub fn period_at(
    assignment: &Assignment,
    subscription: Option<&Subscription>,
    now: Timestamp,
) -> Option<Period> {
    let interval = assignment.interval.unwrap_or(Interval::Month);
    let items = subscription.map_or(&[][..], |subscription| &subscription.items);
    let seen = items.iter().find(|item| item.role == interval.as_str()).or_else(|| items.first());
    if let Some(item) = seen.filter(|item| item.period.holds(now)) {
        return Some(item.period);
    }
    if now < assignment.anchor_at {
        return Some(Period { start: assignment.from_at.min(now), end: assignment.anchor_at });
    }
    Cycle { anchor: assignment.anchor_at, interval }.period_at(now)
}

/// One customer with what it is on at `now`.
pub fn customer_view(r: &Reader<'_>, customer: Customer, now: Timestamp) -> Result<CustomerView, Error> {
    let assignment = r.assignment_open(customer.row)?;
    let sub = assignment.as_ref().and_then(|assignment| assignment.sub.as_deref());
    let subscription = match sub {
        Some(sub) => r.subscription_get(sub)?,
        None => None,
    };
    let period = assignment.as_ref().and_then(|it| period_at(it, subscription.as_ref(), now));
    let mrr = match &assignment {
        Some(assignment) => mrr(r, assignment, subscription.as_ref())?,
        None => None,
    };
    let credits = r.ledger_balance(customer.row, now)?.available;
    let last_usage = r.usage_newest(customer.row)?;
    let unfinished = r.intent_open(customer.row, IntentKind::Tier)?.is_some();
    // An end that was planned elsewhere waits too.
    let ends = subscription.as_ref().filter(|it| !it.has_ended()).and_then(|it| it.cancel_at);
    let pending = r.pending_waiting(customer.row)?.map(|it| it.change);
    let pending = pending.or_else(|| ends.map(|at| Pending { to: None, at, schedule: None }));
    Ok(CustomerView {
        customer,
        assignment,
        subscription,
        period,
        mrr,
        credits,
        last_usage,
        unfinished,
        pending,
    })
}

fn mrr(
    r: &Reader<'_>,
    assignment: &Assignment,
    subscription: Option<&Subscription>,
) -> Result<Option<Money>, Error> {
    let Some((terms, currency)) = r.revision_terms(&assignment.revision)? else { return Ok(None) };
    let pays = subscription.is_some_and(|it| matches!(it.status.as_str(), "active" | "past_due"));
    if !pays {
        return Ok(Some(Money { minor: 0, currency }));
    }
    Ok(monthly_amount(&terms, assignment.interval, assignment.seats, currency))
}

/// All customers in order of their ids, or those on one tier.
pub fn customer_list(
    r: &Reader<'_>,
    tier: Option<&TierKey>,
    now: Timestamp,
) -> Result<Vec<CustomerView>, Error> {
    let mut views = Vec::new();
    customer_each(r, now, |view| {
        let on = view.assignment.as_ref().map(|assignment| &assignment.revision.tier);
        if tier.is_none() || tier == on {
            views.push(view);
        }
        Ok::<(), Error>(())
    })?;
    Ok(views)
}

/// Hands all customers one by one to `take`, in order of their ids, until it fails.
pub fn customer_each<E: From<Error>>(
    r: &Reader<'_>,
    now: Timestamp,
    mut take: impl FnMut(CustomerView) -> Result<(), E>,
) -> Result<(), E> {
    let mut after: Option<CustomerId> = None;
    loop {
        let page = r.customer_list(after.as_ref(), PAGE).map_err(Error::from)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        for customer in page {
            take(customer_view(r, customer, now)?)?;
        }
    }
}
