//! Draining: one customer's usage is sent, and Stripe shows it, before its price goes.
//!
//! A metered item that goes takes what it has counted with it. What Stripe does not have by then is never billed there.

use std::time::Duration;

use tokio::time::Instant;

use super::Desk;
use super::push::{self, Courier, MARK_EVERY};
use crate::billing::delivery::State;
use crate::env::Clock;
use crate::error::{Changed, Error, Kind};
use crate::store::customer::Customer;
use crate::store::delivery::Which;
use crate::store::reconcile::Scope;
use crate::stripe::Grouping;

/// How long to wait until Stripe shows what was sent, unless said otherwise.
pub const DRAIN_MAX_DEFAULT: Duration = Duration::from_secs(120);
/// Between two looks at Stripe's sums.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The least that Stripe tells apart.
const SECOND: Duration = Duration::from_secs(1);

/// Sends what the customer used so far and waits until Stripe shows it.
///
/// # Errors
/// What is not there when the time is up: 75, and the caller changes nothing. What Stripe refused, or what nobody knows
/// of: 5, for waiting does not help.
pub async fn drain(desk: &Desk<'_>, customer: &Customer) -> Result<(), Error> {
    let until = Instant::now() + desk.manner.drain_max;
    loop {
        let missing = match sent(desk, customer).await? {
            None => shown(desk, customer).await?,
            waiting => waiting,
        };
        let Some(missing) = missing else { return second_over(desk, customer).await };
        if Instant::now() + LOOK_EVERY > until {
            return Err(later(customer, missing));
        }
        tokio::time::sleep(LOOK_EVERY).await;
        desk.api.run_anew();
    }
}

/// Lets the second of the newest usage pass: what happens in it would belong to both sides of a change. A local clock
/// may stand still, and the local Stripe takes what it has received as what came before.
async fn second_over(desk: &Desk<'_>, customer: &Customer) -> Result<(), Error> {
    if let Clock::Local(_) = desk.clock {
        return Ok(());
    }
    let newest = desk.store.read(|r| r.usage_newest(customer.row))?;
    if newest.is_some_and(|at| at.second() == desk.clock.now().unwrap_or(desk.now)) {
        tokio::time::sleep(SECOND).await;
    }
    Ok(())
}

/// Sends. Says what still waits.
async fn sent(desk: &Desk<'_>, customer: &Customer) -> Result<Option<String>, Error> {
    let courier = Courier {
        store: desk.store,
        api: desk.api,
        clock: desk.clock,
        namespace: desk.namespace,
        random: desk.random,
    };
    let ask = push::Ask {
        customer: Some(customer.row),
        meter: None,
        which: Which::All,
        deliveries_max: None,
        grace_s: desk.manner.grace_s,
        mark_every: MARK_EVERY,
    };
    let outcome = match push::push(&courier, &ask, std::future::pending()).await {
        Ok(outcome) => outcome,
        Err(error) if error.kind() == Kind::Busy => return Ok(Some(error.to_string())),
        Err(error) => return Err(error),
    };
    if let Some(stopped) = outcome.stopped {
        return Err(stopped);
    }
    let (rejected, unknown) = (outcome.left_in(State::Rejected), outcome.left_in(State::Unknown));
    if rejected + unknown > 0 {
        return Err(stuck(customer, rejected, unknown));
    }
    let due = outcome.left_in(State::Due) + outcome.left_in(State::Sending);
    let problem = outcome.problems.first().map(|(_, why)| format!(": {why}")).unwrap_or_default();
    Ok((due > 0).then(|| format!("{due} of its deliveries could not be sent yet{problem}")))
}

/// Compares with Stripe's sums. Says what is missing there.
async fn shown(desk: &Desk<'_>, customer: &Customer) -> Result<Option<String>, Error> {
    let now = desk.clock.now()?;
    let scope = Scope { customer: Some(customer.row), meter: None };
    let pairs = desk.store.read(|r| r.pair_periods(&scope))?;
    for pair in pairs.into_iter().filter(|it| it.range.to >= now && !it.range.is_empty()) {
        let ours = desk.store.read(|r| {
            let entries = r.reconcile_entries(pair.customer, pair.meter, pair.range)?;
            let held = r.reconcile_held(pair.customer, pair.meter, pair.range)?;
            let accepted = entries.iter().filter(|it| it.progress.state == State::Accepted);
            let accepted: i64 = accepted.map(|it| it.value).sum();
            Ok::<_, Error>(accepted + held.iter().map(|it| it.used).sum::<i64>())
        })?;
        let (from, to) = (pair.range.from, pair.range.to);
        let found =
            desk.api.event_summaries(&pair.meter_id, &pair.cus, from, to, Grouping::Whole).await?.value;
        let there: rust_decimal::Decimal = found.iter().map(|it| it.value).sum();
        if there < rust_decimal::Decimal::from(ours) {
            return Ok(Some(format!("Stripe shows {} of {ours} {}", there.normalize(), pair.meter_key)));
        }
    }
    Ok(None)
}

fn stuck(customer: &Customer, rejected: i64, unknown: i64) -> Error {
    let id = &customer.id;
    let what = format!("usage of {id} cannot be brought to Stripe: {rejected} rejected, {unknown} unknown");
    Error::new(Kind::Refused, "usage_stuck", what)
        .changed(Changed::Recorded)
        .hint(format!("see `paygrade meter list --customer {id}`; with --forfeit it is given up"))
}

fn later(customer: &Customer, missing: String) -> Error {
    let id = &customer.id;
    let what = format!("usage of {id} is not all at Stripe, and the change would leave it behind");
    Error::new(Kind::Later, "drain_timeout", what)
        .details(vec![missing])
        .hint("run the same command again later, with a longer --drain-timeout, or give it up with --forfeit")
}
