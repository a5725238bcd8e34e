//! Reading Stripe's lists of events, for machines that no webhook reaches and for what was missed.

use super::receive::{arrival, is_live};
use crate::billing::inbox::{HANDLED, is_thin};
use crate::billing::time::{HOUR_S, MINUTE_S, Timestamp};
use crate::error::Error;
use crate::flow::Desk;
use crate::store::inbox::{Arrived, Source};
use crate::stripe::inbound::Received;
use crate::stripe::{EVENT_TYPES_MAX, EVENTS_KEPT_S, EventQuery};

/// Stripe's lists lag behind what happened; what was read last is read again by so much.
const MARGIN_S: i64 = 15 * MINUTE_S;

/// What a backfill found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backfilled {
    /// From when on events were listed.
    pub since: Option<Timestamp>,
    /// Events that were listed.
    pub listed: i64,
    /// Those that are new.
    pub new: i64,
    /// Those that are of another account or mode.
    pub ignored: i64,
    /// Stripe keeps events for thirty days: what happened from here to `since` cannot be read any more.
    pub gone_since: Option<Timestamp>,
    /// Thin events are not listed here: why.
    pub thin_refused: Option<String>,
}

/// Lists the events of every handled type, and stores those that are new. Without `since`: from where the last backfill
/// that came to its end began, less a margin; at first all that Stripe has.
pub async fn backfill(desk: &Desk<'_>, since: Option<Timestamp>) -> Result<Backfilled, Error> {
    let upto = desk.store.read(|r| r.inbox_backfilled_upto())?;
    let oldest = desk.now.plus(HOUR_S - EVENTS_KEPT_S);
    let wanted = since.or(upto.map(|upto| upto.plus(-MARGIN_S))).unwrap_or(oldest);
    let from = wanted.max(oldest);
    // On the first run nothing is known to be missing: the store may be younger than that.
    let gone_since = (wanted < oldest && (since.is_some() || upto.is_some())).then_some(wanted);
    let mut done = Backfilled { since: Some(from), gone_since, ..Backfilled::default() };
    let (thin, whole): (Vec<String>, Vec<String>) =
        HANDLED.iter().map(|it| it.kind.to_owned()).partition(|kind| is_thin(kind));
    for types in whole.chunks(EVENT_TYPES_MAX) {
        snapshots(desk, types, from, &mut done).await?;
    }
    thins(desk, &thin, from, &mut done).await?;
    // A look back on request says nothing of what came before it. What Stripe has forgotten is told by this run, and by no
    // later one: nobody can list it any more, and `reconcile` compares what it would have said.
    let covers = since.is_none() || upto.is_some_and(|upto| from <= upto);
    if covers && done.thin_refused.is_none() {
        desk.store.write(desk.now, |w| w.inbox_backfilled(desk.now))?;
    }
    Ok(done)
}

async fn snapshots(
    desk: &Desk<'_>,
    types: &[String],
    from: Timestamp,
    done: &mut Backfilled,
) -> Result<(), Error> {
    let mut after = None;
    loop {
        let query = EventQuery { since: Some(from), types: types.to_vec(), after };
        let page = desk.api.event_list(&query).await?.value;
        let received: Vec<Received> =
            page.events.into_iter().rev().map(|event| Received::Snapshot(Box::new(event))).collect();
        store_page(desk, &received, done)?;
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
        desk.api.run_anew();
    }
}

async fn thins(
    desk: &Desk<'_>,
    types: &[String],
    from: Timestamp,
    done: &mut Backfilled,
) -> Result<(), Error> {
    let mut next: Option<String> = None;
    loop {
        let page = match desk.api.thin_event_list(types, next.as_deref()).await {
            Ok(page) => page.value,
            // A restricted key may lack the permission; what else was listed is worth keeping.
            Err(failure) if failure.refusal().is_some_and(|no| matches!(no.status, 400 | 403 | 404)) => {
                done.thin_refused = Some(failure.to_string());
                return Ok(());
            }
            Err(failure) => return Err(failure.into()),
        };
        let past = page.events.iter().any(|event| event.created < from);
        let events = page.events.into_iter().filter(|event| event.created >= from);
        let received: Vec<Received> = events.map(|event| Received::Thin(Box::new(event))).collect();
        store_page(desk, &received, done)?;
        next = page.next.filter(|_| !past);
        if next.is_none() {
            return Ok(());
        }
    }
}

fn store_page(desk: &Desk<'_>, page: &[Received], done: &mut Backfilled) -> Result<(), Error> {
    if page.is_empty() {
        return Ok(());
    }
    let ours = desk.store.info()?.account;
    let live = is_live(desk.api);
    // A page that brings nothing new is not worth a transaction.
    let arrivals: Vec<_> = page
        .iter()
        .map(|it| arrival(it, it.json().to_string().as_bytes(), Source::Backfill, ours.as_deref(), live))
        .collect();
    done.listed += i64::try_from(arrivals.len()).unwrap_or(i64::MAX);
    let new = desk.store.read(|r| {
        let mut new = Vec::new();
        for it in arrivals {
            if r.inbox_find(&it.event)?.is_none() {
                new.push(it);
            }
        }
        Ok::<_, Error>(new)
    })?;
    if new.is_empty() {
        return Ok(());
    }
    desk.store.write(desk.now, |w| {
        for it in &new {
            match w.inbox_put(it)? {
                Arrived::New | Arrived::Unhandled => done.new += 1,
                Arrived::Ignored => done.ignored += 1,
                Arrived::Known => {}
            }
        }
        Ok(())
    })
}
