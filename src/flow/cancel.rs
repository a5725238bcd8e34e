//! `meter cancel`: takes back at Stripe what it accepted, within a day of its receipt.
//!
//! What holds: the wish is stored, with its key, before Stripe is called, and stays open until Stripe, or a person, has said
//! whether it happened; every push finishes what is open. Asking twice is asking once: the key replays the first answer, and
//! what is cancelled already is done. What is left of a cancelled delivery's usage is formed anew.

use super::cost;
use super::push::{Courier, mark_check, refuse_fenced};
use crate::billing::delivery::{CANCEL_S, GRACE_LEFT_MIN_S, Kept, State, cancel};
use crate::billing::money::Money;
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::store::delivery::{Cancellation, Delivery};
use crate::store::span::SpanCache;
use crate::store::{CustomerRow, Reader};
use crate::stripe::{Answer, Failure};

/// What would become of one delivery.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The delivery.
    pub delivery: Delivery,
    /// What its units cost where they are billed now.
    pub amount: Option<Money>,
    /// Until when Stripe takes it back.
    pub until: Option<Timestamp>,
    /// The last instant at which what is left of its usage can be sent again.
    pub must_arrive_by: Timestamp,
    /// Why it is not taken back.
    pub refused: Option<String>,
    /// It is taken back already: nothing is to be done.
    pub already: bool,
}

impl Planned {
    /// Whether Stripe is to be asked.
    pub fn is_to_do(&self) -> bool {
        self.refused.is_none() && !self.already
    }
}

/// How a wish to take a delivery back ended.
#[derive(Debug)]
pub enum Ended {
    /// It is taken back.
    Done,
    /// Stripe said no: it counts as before.
    Refused(String),
    /// Nobody knows yet: the wish stays.
    Open(Error),
}

/// Whether what happened then is billed, or will be before a call has ended: its invoice is final, or its grace is over.
pub(super) fn is_billed(
    r: &Reader<'_>,
    customer: CustomerRow,
    at: Timestamp,
    must_arrive_by: Timestamp,
    now: Timestamp,
) -> Result<bool, Error> {
    let over = now.plus(GRACE_LEFT_MIN_S) > must_arrive_by && !r.usage_is_held(customer, at)?;
    Ok(over || r.usage_is_invoiced(customer, at)?)
}

/// What would become of these deliveries. Reads only.
pub fn cancel_plan(
    r: &Reader<'_>,
    deliveries: &[i64],
    grace_s: i64,
    now: Timestamp,
) -> Result<Vec<Planned>, Error> {
    let mut plan = Vec::new();
    for number in deliveries {
        let delivery = r.delivery_get(*number)?.ok_or_else(|| {
            Error::new(Kind::BadInput, "unknown_delivery", format!("there is no delivery {number}"))
                .hint("`paygrade meter list` shows them")
        })?;
        plan.push(planned(r, delivery, grace_s, now)?);
    }
    Ok(plan)
}

/// What would become of one delivery. Reads only.
pub fn planned(r: &Reader<'_>, delivery: Delivery, grace_s: i64, now: Timestamp) -> Result<Planned, Error> {
    let Delivery { customer, meter, timestamp, .. } = delivery;
    let there = r.usage_billed(&mut SpanCache::default(), customer, meter, timestamp, grace_s)?;
    let must_arrive_by = if there.exempt.is_none() { there.must_arrive_by } else { delivery.must_arrive_by };
    let billed = is_billed(r, customer, timestamp, must_arrive_by, now)?;
    let amount = cost::part(r, customer, meter, &delivery.meter_key, delivery.period_start, delivery.value)?;
    let open = r.cancellation_open(delivery.delivery)?.is_some();
    let already = delivery.progress.state == State::Cancelled;
    let (until, refused) = match cancel(&delivery.progress, delivery.first_attempt, billed, now) {
        Ok(until) => (Some(until), None),
        // Begun in time: it is finished, whatever the time is now.
        Err(Kept::TooOld | Kept::Final) if open => (None, None),
        Err(_) if already => (None, None),
        Err(kept) => (None, Some(why_kept(&delivery, kept))),
    };
    Ok(Planned { delivery, amount, until, must_arrive_by, refused, already })
}

/// What would become of a delivery that covers nothing any more and that Stripe counted all the same: its successor has its
/// place here, so that only its meter event goes.
pub(super) fn stray(r: &Reader<'_>, it: Planned, now: Timestamp) -> Result<Planned, Error> {
    let until = it.delivery.first_attempt.map(|at| at.plus(CANCEL_S)).filter(|until| now < *until);
    let already = r.cancellation_done(it.delivery.delivery)?;
    let refused = (until.is_none() && !already).then(|| "Stripe took it too long ago".to_owned());
    Ok(Planned { until, refused, already, ..it })
}

fn why_kept(delivery: &Delivery, kept: Kept) -> String {
    match kept {
        Kept::NotAccepted(state) => format!("it is {state}: only what Stripe accepted can be taken back"),
        Kept::Final => {
            "its period is billed: cancelling changes nothing there; paygrade credits stripe-grant gives money back"
                .to_owned()
        }
        Kept::TooOld => format!(
            "Stripe takes a meter event back for {} hours: void its usage, and the next push sends {} back",
            (CANCEL_S + 3599) / 3600,
            -delivery.value
        ),
    }
}

/// Takes back what was planned. Under the lock of the one push.
pub async fn cancel_apply(courier: &Courier<'_>, plan: &[Planned]) -> Result<Vec<(i64, Ended)>, Error> {
    may_send(courier).await?;
    let mut ended = Vec::new();
    for it in plan.iter().filter(|it| it.is_to_do()) {
        let now = courier.clock.now()?;
        let number = it.delivery.delivery;
        let (begun, again) = courier.store.write(now, |w| {
            let found = w.reader().delivery_get(number)?;
            if found.map(|it| it.progress.state) != Some(it.delivery.progress.state) {
                let text = format!("delivery {number} changed while this was looked at");
                return Err(
                    Error::new(Kind::Refused, "delivery_changed", text).hint("look again: run it once more")
                );
            }
            let again = w.reader().cancellation_open(number)?.is_some();
            Ok((w.cancellation_begin(number)?, again))
        })?;
        ended.push((number, carry_out(courier, &begun, again).await?));
    }
    Ok(ended)
}

/// Finishes what an earlier run left open. Under the lock of the one push.
pub async fn cancellations_finish(courier: &Courier<'_>) -> Result<Vec<(i64, Ended)>, Error> {
    let open = courier.store.read(|r| r.cancellations_open())?;
    if open.is_empty() {
        return Ok(Vec::new());
    }
    may_send(courier).await?;
    let mut ended = Vec::new();
    for it in open {
        ended.push((it.delivery, carry_out(courier, &it, true).await?));
    }
    Ok(ended)
}

/// Only the store that sends may take back.
async fn may_send(courier: &Courier<'_>) -> Result<(), Error> {
    refuse_fenced(courier.store)?;
    mark_check(courier).await
}

/// Asks Stripe, and notes what it said. `again`: an earlier run may have asked already.
async fn carry_out(courier: &Courier<'_>, it: &Cancellation, again: bool) -> Result<Ended, Error> {
    let Some(delivery) = courier.store.read(|r| r.delivery_get(it.delivery))? else {
        return Err(Error::new(Kind::Bug, "delivery", format!("delivery {} is gone", it.delivery)));
    };
    let now = courier.clock.now()?;
    let answer = ask(courier, it, &delivery, again, now).await;
    // The same question of an earlier run may have had its effect while the answer was lost.
    let remembers = delivery.first_attempt.is_some_and(|at| now < at.plus(CANCEL_S));
    let (done, said, request_id) = match &answer {
        Ok(yes) => (true, format!("Stripe took it back ({})", yes.value), yes.meta.request_id.clone()),
        Err(Failure::No(refusal)) if refusal.kind.is_before_the_request() => return Ok(open(answer.err())),
        Err(Failure::No(refusal)) => {
            let text = refusal.message.to_lowercase();
            let done = text.contains("already") && text.contains("cancel");
            if !done && !remembers && (again || refusal.meta.earlier_indefinite) {
                return Ok(open(answer.err()));
            }
            (done, format!("Stripe says: {}", refusal.message), refusal.meta.request_id.clone())
        }
        Err(_) => return Ok(open(answer.err())),
    };
    courier.store.write(now, |w| w.cancellation_end(it, done, &said, request_id.as_deref()))?;
    Ok(if done { Ended::Done } else { Ended::Refused(said) })
}

/// An answer of 5xx that Stripe keeps under its key does not block a later run: the identifier guards, under any key.
async fn ask(
    courier: &Courier<'_>,
    it: &Cancellation,
    delivery: &Delivery,
    again: bool,
    now: Timestamp,
) -> Answer<String> {
    let (event, identifier, key) = (&delivery.event_name, &delivery.identifier, it.key(delivery));
    match courier.api.meter_event_cancel(event, identifier, &key).await {
        Err(Failure::Indefinite(kept)) if again && kept.stored => {
            courier.api.meter_event_cancel(event, identifier, &format!("{key}-{}", now.0)).await
        }
        answer => answer,
    }
}

fn open(failure: Option<Failure>) -> Ended {
    let error =
        failure.map_or_else(|| Error::new(Kind::Bug, "no_answer", "there was no answer"), Error::from);
    Ended::Open(error.changed(Changed::Recorded).hint(
        "run the same command again, or paygrade meter push: it asks first; a person decides with paygrade meter settle",
    ))
}
