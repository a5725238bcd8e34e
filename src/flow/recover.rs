//! `store recover`: a store that took over, or was restored from a backup, learns what Stripe knows, and may send from
//! then on.
//!
//! First whose: customers, subscriptions and pinned terms, from the metadata of the objects that are ours; after a
//! restore, what happened since the backup, from Stripe's events. Then how much: what Stripe counts already, as opening
//! amounts. Killed anywhere and run again it ends the same; only the last transaction lets the store send.

mod adopt;
mod credits;
mod events;
mod follow;
mod waits;

pub use adopt::{Adopted, Adoption, Did};
pub use credits::Lost;
pub use events::Events;
use tokio::task::JoinSet;

use super::Desk;
use super::push::{Courier, lock, mark_renew};
use super::takeover::TAKEOVER_WAIT;
use crate::billing::time::{DAY_S, HOUR_S, Timestamp};
use crate::error::{Changed, Error, Kind};
use crate::store::Restore;
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
    /// What happened since the backup; `None` when this store was not restored, or it was not read.
    pub events: Option<Events>,
    /// What Stripe held; `None` when it was not read: only shown, or customers were refused.
    pub opened: Option<Opened>,
    /// Credits that cannot be rebuilt, of a store that was restored, and those that may have been given before.
    pub lost: Vec<Lost>,
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

fn courier<'a>(desk: &Desk<'a>) -> Courier<'a> {
    let Desk { store, api, clock, namespace, random, .. } = *desk;
    Courier { store, api, clock, namespace, random }
}

/// Adopts the customers that are ours, notes what Stripe counts of each customer and meter as opening amounts, and lets
/// this store send. `settle_s`: how long Stripe may take to count what was sent last. While a customer cannot be adopted
/// nothing may be sent: what Stripe counts of it would be sent again.
///
/// `calls_max` bounds the reads; where they do not suffice, what was adopted stays and the store stays fenced.
pub async fn recover(desk: &Desk<'_>, settle_s: i64, calls_max: Option<u64>) -> Result<Recovered, Error> {
    let courier = &courier(desk);
    let _lock = lock(courier.store)?;
    let restored = courier.store.read(|r| r.restore_open())?;
    let now = ready(courier, settle_s, restored.as_ref()).await?;
    let is_known = restored.as_ref().is_some_and(|restored| credits::is_known(courier.store, restored));
    courier.store.write(now, |w| {
        w.ledger_rebuilt(is_known)?;
        restored.as_ref().map_or(Ok(()), |restored| w.intents_forget(restored.at))
    })?;
    let adoption = adopt::adopt(courier, now, restored.is_some().then_some(&Desk { now, ..*desk })).await?;
    if adoption.refused() > 0 {
        return Ok(Recovered { adoption, events: None, opened: None, lost: Vec::new() });
    }
    let events = match &restored {
        Some(restored) => Some(events::catch_up(desk, restored).await?),
        None => None,
    };
    credits::invoices_read(desk, now).await.map_err(|error| error.changed(Changed::Recorded))?;
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
    let mut lost = lost(courier, restored.as_ref())?;
    lost.extend(courier.store.read(|r| credits::in_doubt(r, now))?);
    let opened = Some(Opened { hours, units, pairs: pairs.len() });
    Ok(Recovered { adoption, events, opened, lost })
}

fn lost(courier: &Courier<'_>, restored: Option<&Restore>) -> Result<Vec<Lost>, Error> {
    restored.map_or(Ok(Vec::new()), |restored| credits::lost(courier.store, restored))
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

/// What a recovery would adopt, and what it could not bring back. Reads only.
pub async fn recover_plan(desk: &Desk<'_>) -> Result<Recovered, Error> {
    let courier = &courier(desk);
    refuse_unfenced(courier)?;
    let now = courier.clock.now()?;
    let restored = courier.store.read(|r| r.restore_open())?;
    let adoption = adopt::plan(courier, now).await?;
    let lost = lost(courier, restored.as_ref())?;
    Ok(Recovered { adoption, events: None, opened: None, lost })
}

fn refuse_unfenced(courier: &Courier<'_>) -> Result<(), Error> {
    if courier.store.info()?.fenced.is_none() {
        return Err(Error::new(
            Kind::Refused,
            "not_fenced",
            "this store may send already: there is nothing to recover",
        )
        .hint("`paygrade store takeover` or `store restore` comes first"));
    }
    Ok(())
}

/// Whether the time has come. After a restore the first run says to every other copy of this store, by the owner mark,
/// that it must not send any more; from then on the time counts.
async fn ready(courier: &Courier<'_>, settle_s: i64, restored: Option<&Restore>) -> Result<Timestamp, Error> {
    refuse_unfenced(courier)?;
    let taken = match (courier.store.read(|r| r.taken_over_at())?, restored) {
        (Some(taken), _) => taken,
        (None, Some(_)) => {
            mark_renew(courier).await?;
            let now = courier.clock.now()?;
            courier.store.write(now, |w| w.store_taken_over())?;
            now
        }
        (None, None) => {
            return Err(Error::new(Kind::Refused, "takeover_unfinished", "the takeover was not finished")
                .hint("run `paygrade store takeover --reason …` again"));
        }
    };
    let now = courier.clock.now()?;
    // A takeover has waited until others must have noticed; a restore has not.
    let notice_s =
        if restored.is_some() { i64::try_from(TAKEOVER_WAIT.as_secs()).unwrap_or(i64::MAX) } else { 0 };
    let settled = taken.plus(settle_s.max(notice_s));
    if now < settled {
        let text = format!("Stripe may still be counting what was sent before: recover from {settled} on");
        return Err(Error::new(Kind::Later, "not_settled", text)
            .changed(Changed::Recorded)
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
