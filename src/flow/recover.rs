//! `store recover`: a store that took over learns what Stripe knows, and may send from then on.
//!
//! First whose: customers, subscriptions and pinned terms, from the metadata of the objects that are ours. Then how
//! much: what Stripe counts already, as opening amounts. Killed anywhere and run again it ends the same; only the last
//! transaction lets the store send.

mod adopt;

pub use adopt::{Adopted, Adoption, Did};
use tokio::task::JoinSet;

use super::push::{Courier, lock};
use crate::billing::time::{DAY_S, HOUR_S, Timestamp};
use crate::error::{Changed, Error, Kind};
use crate::store::owner::{Held, LinkedPair};
use crate::stripe::{Api, Grouping};

/// Days back that Stripe's sums are read: what is older cannot be sent any more.
const RECOVER_DAYS: i64 = 36;

/// Customers x meters that are asked for at once.
const LANES_MAX: usize = 16;

/// What a recovery found.
#[derive(Debug)]
pub struct Recovered {
    /// Customers and what they are on.
    pub adoption: Adoption,
    /// What Stripe held; `None` when it was not read: only shown, or customers were refused.
    pub opened: Option<Opened>,
}

/// What Stripe held that this store did not send.
#[derive(Debug, Clone, Copy)]
pub struct Opened {
    /// Customer x meter x hours that Stripe held something of.
    pub hours: i64,
    /// Their units.
    pub units: i64,
    /// Customers x meters that were read.
    pub pairs: usize,
}

/// Adopts the customers that are ours, notes what Stripe counts of each customer and meter as opening amounts, and lets
/// this store send. `settle_s`: how long Stripe may take to count what the other store sent last. While a customer
/// cannot be adopted nothing may be sent: what Stripe counts of it would be sent again.
///
/// `calls_max` bounds the reads; where they do not suffice, what was adopted stays and the store stays fenced.
pub async fn recover(
    courier: &Courier<'_>,
    settle_s: i64,
    calls_max: Option<u64>,
) -> Result<Recovered, Error> {
    let _lock = lock(courier.store)?;
    let now = ready(courier, settle_s)?;
    let unknown = courier.store.write(now, |w| w.delivery_doubt())?;
    if unknown > 0 {
        // Stripe's sum may hold them or not: which units are whose must not be guessed.
        let text = format!(
            "{unknown} deliveries of this store are unknown: Stripe's sums cannot be told apart from them"
        );
        return Err(Error::new(Kind::Refused, "unknown_deliveries", text)
            .changed(Changed::Recorded)
            .hint("say of each whether it arrived: `paygrade meter list --state unknown`, then `paygrade meter settle`"));
    }
    let adoption = adopt::adopt(courier, now).await?;
    if adoption.refused() > 0 {
        return Ok(Recovered { adoption, opened: None });
    }
    let pairs = courier.store.read(|r| r.pair_linked(None, None))?;
    let mut held = Vec::new();
    for (done, chunk) in pairs.chunks(LANES_MAX).enumerate() {
        calls_allow(courier, calls_max, pairs.len() - done * LANES_MAX)?;
        // All of it or nothing: however many customers there are, it gets to its end.
        courier.api.run_anew();
        let of_chunk = held_of_chunk(courier, chunk, now).await;
        held.extend(of_chunk.map_err(|error| error.changed(Changed::Recorded))?);
    }
    let (hours, units) = courier.store.write(now, |w| w.store_recover(&held))?;
    Ok(Recovered { adoption, opened: Some(Opened { hours, units, pairs: pairs.len() }) })
}

/// Refuses when the pairs that are left need more calls than are allowed: a call for each at least.
fn calls_allow(courier: &Courier<'_>, calls_max: Option<u64>, left: usize) -> Result<(), Error> {
    let needed = courier.api.counts().reads.saturating_add(u64::try_from(left).unwrap_or(u64::MAX));
    match calls_max.filter(|max| *max < needed) {
        None => Ok(()),
        Some(max) => {
            let text = format!("it takes {needed} calls to Stripe at least, and --max-calls allows {max}");
            Err(Error::new(Kind::Refused, "calls", text)
                .changed(Changed::Recorded)
                .hint("run it again with more: what was adopted stays, the sums are read anew"))
        }
    }
}

/// What a recovery would adopt. Reads only.
pub async fn recover_plan(courier: &Courier<'_>) -> Result<Recovered, Error> {
    refuse_unfenced(courier)?;
    let now = courier.clock.now()?;
    Ok(Recovered { adoption: adopt::plan(courier, now).await?, opened: None })
}

fn refuse_unfenced(courier: &Courier<'_>) -> Result<(), Error> {
    if courier.store.info()?.fenced.is_none() {
        return Err(Error::new(
            Kind::Refused,
            "not_fenced",
            "this store may send already: there is nothing to recover",
        )
        .hint("`paygrade store takeover` comes first, when another store sent before"));
    }
    Ok(())
}

/// Whether the time has come.
fn ready(courier: &Courier<'_>, settle_s: i64) -> Result<Timestamp, Error> {
    refuse_unfenced(courier)?;
    let Some(taken) = courier.store.read(|r| r.taken_over_at())? else {
        return Err(Error::new(Kind::Refused, "takeover_unfinished", "the takeover was not finished")
            .hint("run `paygrade store takeover --reason …` again"));
    };
    let now = courier.clock.now()?;
    let settled = taken.plus(settle_s);
    if now < settled {
        let text = format!(
            "Stripe may still be counting what was sent before the takeover: recover from {settled} on"
        );
        return Err(Error::new(Kind::Later, "not_settled", text)
            .hint("wait, and run it again; with the target local, `paygrade local advance --by 15m`"));
    }
    Ok(now)
}

/// Several pairs at once.
async fn held_of_chunk(
    courier: &Courier<'_>,
    chunk: &[LinkedPair],
    now: Timestamp,
) -> Result<Vec<Held>, Error> {
    let mut lanes = JoinSet::new();
    for pair in chunk {
        let (api, pair) = (courier.api.clone(), pair.clone());
        lanes.spawn(async move { held_of(&api, &pair, now).await });
    }
    let mut held = Vec::new();
    while let Some(joined) = lanes.join_next().await {
        let of_pair = joined.map_err(|error| {
            Error::new(Kind::Bug, "lane", "a call ended without an answer").because(&error)
        })?;
        held.extend(of_pair?);
    }
    Ok(held)
}

/// Whole days first: most pairs need one call, and hours are asked for where there is something.
async fn held_of(api: &Api, pair: &LinkedPair, now: Timestamp) -> Result<Vec<Held>, Error> {
    let to = now.plus(HOUR_S).ceil(DAY_S);
    let from = to.plus(-RECOVER_DAYS * DAY_S);
    let (meter, cus) = (&pair.meter_id, &pair.cus);
    let days = api.event_summaries(meter, cus, from, to, Grouping::Day).await?.value;
    let mut held = Vec::new();
    for day in days.iter().filter(|day| !day.value.is_zero()) {
        let hours = api.event_summaries(meter, cus, day.start, day.end, Grouping::Hour).await?.value;
        for hour in hours {
            let sum = hour.whole().ok_or_else(|| {
                let text =
                    format!("Stripe counts {} of {} for {cus}: no whole number", hour.value, pair.meter_key);
                Error::new(Kind::Refused, "not_whole", text)
                    .hint("another program sends fractions under this meter's event name")
            })?;
            let hour = hour.start.0.div_euclid(HOUR_S);
            held.push(Held { customer: pair.customer, meter: pair.meter, hour, sum });
        }
    }
    Ok(held)
}
