//! `store takeover` and `store recover`: a store that is to send in the place of another.

use std::time::Duration;

use super::push::{Courier, Mark, lock, mark_current, mark_take};
use crate::billing::time::{DAY_S, HOUR_S, Timestamp};
use crate::error::{Changed, Error, Kind};
use crate::store::Store;
use crate::store::owner::{Held, LinkedPair};
use crate::stripe::Grouping;

/// How long a takeover waits: the other store's push reads the mark every 60 s, and a call of it takes at most 30 s.
pub const TAKEOVER_WAIT: Duration = Duration::from_secs(120);
/// Days back that Stripe's sums are read: what is older cannot be sent any more.
const RECOVER_DAYS: i64 = 36;

/// What a takeover did.
#[derive(Debug)]
pub struct Takeover {
    /// Who sent before, if anybody.
    pub before: Option<Mark>,
    /// This store's epoch now.
    pub epoch: i64,
}

/// Makes this store the one that sends, and forbids it to send until [`recover`]. The other one notices within a minute;
/// until then it may still send, so this waits, by the monotonic clock.
pub async fn takeover(
    courier: &Courier<'_>,
    reason: &str,
    wait: Duration,
    interrupted: impl Future<Output = Kind>,
) -> Result<Takeover, Error> {
    let _lock = lock(courier.store)?;
    let above = mark_current(courier).await?.map_or(0, |mark| mark.epoch);
    let now = courier.clock.now()?;
    let epoch = courier.store.write(now, |w| w.store_fence(&format!("it took over: {reason}"), above))?;
    let before = mark_take(courier).await.map_err(|error| error.changed(Changed::Recorded))?;
    tokio::select! {
        () = tokio::time::sleep(wait) => (),
        kind = interrupted => {
            return Err(Error::new(kind, "interrupted", "interrupted while waiting for the other store to stop")
                .changed(Changed::Recorded)
                .hint("run `paygrade store takeover` again: the wait is part of it"));
        }
    }
    let now = courier.clock.now()?;
    courier.store.write(now, |w| w.store_taken_over())?;
    Ok(Takeover { before, epoch })
}

/// What a recovery found.
#[derive(Debug, Clone, Copy)]
pub struct Recovered {
    /// Customer x meter x hours that Stripe held something of.
    pub hours: i64,
    /// Their units.
    pub units: i64,
    /// Customers x meters that were read.
    pub pairs: usize,
}

/// Reads what Stripe holds already of every linked customer and meter, notes it as opening amounts, and lets this store
/// send. `settle_s`: how long Stripe may take to count what the other store sent last.
pub async fn recover(courier: &Courier<'_>, settle_s: i64) -> Result<Recovered, Error> {
    let _lock = lock(courier.store)?;
    let now = courier.clock.now()?;
    let pairs = recover_pairs(courier.store, settle_s, now)?;
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
    let mut held = Vec::new();
    for pair in &pairs {
        held.extend(held_of(courier, pair, now).await?);
    }
    let (hours, units) = courier.store.write(now, |w| w.store_recover(&held))?;
    Ok(Recovered { hours, units, pairs: pairs.len() })
}

/// The customers and meters that a recovery reads, or why it cannot begin yet.
pub fn recover_pairs(store: &Store, settle_s: i64, now: Timestamp) -> Result<Vec<LinkedPair>, Error> {
    if store.info()?.fenced.is_none() {
        return Err(Error::new(
            Kind::Refused,
            "not_fenced",
            "this store may send already: there is nothing to recover",
        )
        .hint("`paygrade store takeover` comes first, when another store sent before"));
    }
    let Some(taken) = store.read(|r| r.taken_over_at())? else {
        return Err(Error::new(Kind::Refused, "takeover_unfinished", "the takeover was not finished")
            .hint("run `paygrade store takeover --reason …` again"));
    };
    let settled = taken.plus(settle_s);
    if now < settled {
        let text = format!(
            "Stripe may still be counting what was sent before the takeover: recover from {settled} on"
        );
        return Err(Error::new(Kind::Later, "not_settled", text)
            .hint("wait, and run it again; with the target local, `paygrade local advance 15m`"));
    }
    Ok(store.read(|r| r.pair_linked(None, None))?)
}

/// Whole days first: most pairs need one call, and hours are asked for where there is something.
async fn held_of(courier: &Courier<'_>, pair: &LinkedPair, now: Timestamp) -> Result<Vec<Held>, Error> {
    let to = now.plus(HOUR_S).ceil(DAY_S);
    let from = to.plus(-RECOVER_DAYS * DAY_S);
    let (meter, cus) = (&pair.meter_id, &pair.cus);
    let days = courier.api.event_summaries(meter, cus, from, to, Grouping::Day).await?.value;
    let mut held = Vec::new();
    for day in days.iter().filter(|day| !day.value.is_zero()) {
        let hours = courier.api.event_summaries(meter, cus, day.start, day.end, Grouping::Hour).await?.value;
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
