//! `meter status`, `meter retry`, `meter settle`: what deliveries wait for, and what a person decides about them.

use std::collections::BTreeMap;

use super::cost;
use crate::billing::delivery::{AGE_MAX_S, GRACE_LEFT_MIN_S, State};
use crate::billing::id::MeterKey;
use crate::billing::money::Money;
use crate::billing::spelling::nearest;
use crate::billing::time::Timestamp;
use crate::error::{Error, Kind};
use crate::flow::push::refuse_fenced;
use crate::store::delivery::{Delivery, DeliveryFilter, Retried, Retry, StatusLine, Uncovered};
use crate::store::{MeterRow, Reader, Store};

/// Most deliveries that one retry takes.
pub const RETRY_MAX: usize = 10_000;

/// One line of the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The meter's key.
    pub meter: String,
    /// The state; `undelivered` for usage without a delivery.
    pub state: &'static str,
    /// How many deliveries.
    pub deliveries: i64,
    /// How many usage events.
    pub events: i64,
    /// Units.
    pub quantity: i64,
    /// What they cost, where they are not at Stripe for certain.
    pub amount: Option<Money>,
    /// The oldest event or window.
    pub oldest: Timestamp,
    /// The nearest deadline.
    pub must_arrive_by: Option<Timestamp>,
    /// The next attempt.
    pub next_attempt: Option<Timestamp>,
    /// The last error.
    pub last_error: Option<String>,
    /// Its request at Stripe.
    pub request_id: Option<String>,
}

/// The number of the meter with this key, or the error that names the nearest one.
pub fn meter_required(r: &Reader<'_>, key: &MeterKey) -> Result<MeterRow, Error> {
    let known = r.meter_keys()?;
    if let Some((row, _)) = known.iter().find(|(_, it)| it == key.as_str()) {
        return Ok(*row);
    }
    let error = Error::new(
        Kind::BadInput,
        "unknown_meter",
        format!("there is no meter `{key}` in the applied catalog"),
    );
    Err(match nearest(key.as_str(), known.iter().map(|(_, it)| it.as_str())) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None => error.hint("`paygrade catalog show` lists them; `paygrade seed` applies a changed catalog"),
    })
}

/// Deliveries in sum by meter and state, with the money of what is not at Stripe for certain.
pub fn status(
    r: &Reader<'_>,
    meter: Option<MeterRow>,
    now: Timestamp,
    grace_s: i64,
) -> Result<Vec<Line>, Error> {
    let mut money: BTreeMap<(MeterRow, State), Option<Money>> = BTreeMap::new();
    for open in r.delivery_open_periods()? {
        let cost = cost::part(r, open.customer, open.meter, &open.meter_key, open.period_start, open.value)?;
        add(&mut money, (open.meter, open.state), cost);
    }
    let mut lines: Vec<(MeterRow, Line)> = undelivered(r, meter, now, grace_s)?;
    for it in r.delivery_status()? {
        let amount = money.get(&(it.meter_row, it.state)).copied().flatten();
        lines.push((it.meter_row, line(it, amount)));
    }
    lines.retain(|(row, _)| meter.is_none_or(|meter| meter == *row));
    lines.sort_by(|(_, a), (_, b)| (&a.meter, order(a.state)).cmp(&(&b.meter, order(b.state))));
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

/// What usage that no delivery covers yet costs, all together; none if a part has no price in one currency.
pub fn uncovered_cost(r: &Reader<'_>, uncovered: &[Uncovered]) -> Result<Option<Money>, Error> {
    let mut periods: BTreeMap<_, (&str, i64)> = BTreeMap::new();
    for it in uncovered {
        let key = (it.customer, it.meter, it.period_start);
        periods.entry(key).or_insert((&it.meter_key, 0)).1 += it.sum;
    }
    let mut money = BTreeMap::new();
    for ((customer, meter, period_start), (key, units)) in periods {
        add(&mut money, (), cost::part(r, customer, meter, key, period_start, units)?);
    }
    Ok(money.remove(&()).flatten())
}

/// The delivery, if it is an unknown one, or one that nobody knows whether Stripe has cancelled.
pub fn unknown_required(r: &Reader<'_>, delivery: i64) -> Result<Delivery, Error> {
    let hint = "`paygrade meter list --state unknown` shows those that can be settled";
    let found = r.delivery_get(delivery)?.ok_or_else(|| {
        Error::new(Kind::BadInput, "unknown_delivery", format!("there is no delivery {delivery}")).hint(hint)
    })?;
    if found.progress.state != State::Unknown && r.cancellation_open(delivery)?.is_none() {
        let text =
            format!("delivery {delivery} is {}: only an unknown one can be settled", found.progress.state);
        return Err(Error::new(Kind::Refused, "not_unknown", text).hint(hint));
    }
    Ok(found)
}

fn order(state: &str) -> usize {
    State::ALL.iter().position(|it| it.as_str() == state).map_or(0, |place| place + 1)
}

fn add<K: Ord>(money: &mut BTreeMap<K, Option<Money>>, key: K, cost: Option<Money>) {
    let sum = money.entry(key).or_insert(cost.map(|it| Money { minor: 0, ..it }));
    *sum = match (*sum, cost) {
        (Some(a), Some(b)) if a.currency == b.currency => {
            a.minor.checked_add(b.minor).map(|minor| Money { minor, ..a })
        }
        _ => None,
    };
}

fn line(it: StatusLine, amount: Option<Money>) -> Line {
    let waits = matches!(it.state, State::Due | State::Sending);
    let failed = !matches!(it.state, State::Accepted | State::Closed | State::Replaced);
    Line {
        meter: it.meter,
        state: it.state.as_str(),
        deliveries: it.deliveries,
        events: it.events,
        quantity: it.value,
        amount,
        oldest: it.oldest,
        must_arrive_by: Some(it.must_arrive_by).filter(|_| waits || it.state == State::Unknown),
        next_attempt: it.next_attempt.filter(|_| waits),
        last_error: it.last_error.filter(|_| failed),
        request_id: it.request_id.filter(|_| failed),
    }
}

fn undelivered(
    r: &Reader<'_>,
    meter: Option<MeterRow>,
    now: Timestamp,
    grace_s: i64,
) -> Result<Vec<(MeterRow, Line)>, Error> {
    let mut lines: BTreeMap<MeterRow, Line> = BTreeMap::new();
    let mut money: BTreeMap<MeterRow, Option<Money>> = BTreeMap::new();
    let mut periods: BTreeMap<_, (String, i64)> = BTreeMap::new();
    for it in r.usage_uncovered(None, meter, grace_s, now)? {
        let by = it.must_arrive_by;
        let line = lines.entry(it.meter).or_insert_with(|| Line {
            meter: it.meter_key.clone(),
            state: "undelivered",
            deliveries: 0,
            events: 0,
            quantity: 0,
            amount: None,
            oldest: it.window.from,
            must_arrive_by: Some(by),
            next_attempt: None,
            last_error: None,
            request_id: None,
        });
        line.events += it.events;
        line.quantity += it.sum;
        line.oldest = line.oldest.min(it.window.from);
        line.must_arrive_by = line.must_arrive_by.map(|known| known.min(by));
        periods.entry((it.meter, it.customer, it.period_start)).or_insert((it.meter_key, 0)).1 += it.sum;
    }
    for ((meter, customer, period_start), (key, units)) in periods {
        add(&mut money, meter, cost::part(r, customer, meter, &key, period_start, units)?);
    }
    for (meter, line) in &mut lines {
        line.amount = money.get(meter).copied().flatten();
    }
    Ok(lines.into_iter().collect())
}

/// What a retry would do with one delivery.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The delivery.
    pub delivery: Delivery,
    /// What its usage costs in the period where it would be billed.
    pub amount: Option<Money>,
    /// What is done.
    pub effect: Effect,
}

/// What is done with a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// It waits no longer.
    Hurry,
    /// A successor takes its place, with this price.
    Replace(Retry, String),
    /// Nothing, and why.
    Refused(String),
}

/// Plans a retry of these deliveries, or of all that need one.
pub fn retry_plan(
    store: &Store,
    deliveries: &[i64],
    into_open_period: bool,
    grace_s: i64,
    now: Timestamp,
) -> Result<Vec<Planned>, Error> {
    store.read(|r| {
        let mut found = Vec::new();
        for number in deliveries {
            let one = r.delivery_get(*number)?.ok_or_else(|| {
                Error::new(Kind::BadInput, "unknown_delivery", format!("there is no delivery {number}"))
                    .hint("`paygrade meter list` shows them")
            })?;
            found.push(one);
        }
        if deliveries.is_empty() {
            for state in [State::Due, State::Rejected, State::Late, State::TooLate] {
                let filter = DeliveryFilter { state: Some(state), ..DeliveryFilter::default() };
                let listed = r.delivery_list(&filter, RETRY_MAX)?.0;
                found.extend(
                    listed
                        .into_iter()
                        .filter(|it| it.progress.state != State::Due || it.progress.next_attempt.is_some()),
                );
            }
        }
        found.into_iter().map(|it| planned(r, it, into_open_period, grace_s, now)).collect()
    })
}

fn planned(
    r: &Reader<'_>,
    delivery: Delivery,
    into_open_period: bool,
    grace_s: i64,
    now: Timestamp,
) -> Result<Planned, Error> {
    let effect = match delivery.progress.state {
        State::Due => Effect::Hurry,
        State::Rejected | State::Late | State::TooLate if into_open_period => {
            into_open(r, &delivery, grace_s, now)?
        }
        State::Rejected | State::Late | State::TooLate => as_it_was(r, &delivery, grace_s, now)?,
        State::Unknown => Effect::Refused(
            "it may be at Stripe: `paygrade reconcile` says, or a person with `paygrade meter settle`"
                .to_owned(),
        ),
        State::Lost | State::Cancelled => {
            Effect::Refused("its usage is formed anew by the next push".to_owned())
        }
        state => Effect::Refused(format!("it is {state}")),
    };
    let Delivery { customer, meter, meter_key, value, .. } = &delivery;
    let amount = match &effect {
        // In the open period it comes on top of what was recorded there.
        Effect::Replace(Retry { into: Some(open), .. }, _) => {
            cost::part(r, *customer, *meter, meter_key, open.period_start, -value)?
                .map(|money| Money { minor: -money.minor, ..money })
        }
        _ => cost::part(r, *customer, *meter, meter_key, delivery.period_start, *value)?,
    };
    Ok(Planned { delivery, amount, effect })
}

fn into_open(r: &Reader<'_>, delivery: &Delivery, grace_s: i64, now: Timestamp) -> Result<Effect, Error> {
    let used_in = r.period_terms(delivery.customer, delivery.meter, delivery.period_start)?;
    if used_in.is_some_and(|it| it.is_trial) {
        return Ok(Effect::Refused("it was used in a trial, which bills nothing".to_owned()));
    }
    let Some((open, price, must_arrive_by)) = r.span_billable_at(delivery, now, grace_s)? else {
        return Ok(Effect::Refused("the customer has no open period that bills this meter".to_owned()));
    };
    // A store that was lost may have sent just these there: what Stripe held before this one has no name.
    let held = r.opening_left(delivery.customer, delivery.meter, open.period_start, open.period_end)?;
    if held >= delivery.value && held > 0 {
        return Ok(Effect::Refused(format!(
            "Stripe holds {held} units of the open period that this store did not send and that no usage of it is: these, \
             perhaps, sent by the store before it. Import what was lost; if it stays so, `paygrade reconcile ack` the finding"
        )));
    }
    Ok(Effect::Replace(Retry { timestamp: now, into: Some(open), must_arrive_by }, price))
}

/// The same usage at the same time: only while it would still be billed.
fn as_it_was(r: &Reader<'_>, delivery: &Delivery, grace_s: i64, now: Timestamp) -> Result<Effect, Error> {
    let span = r.span_billable_at(delivery, delivery.timestamp, grace_s)?;
    let same = span.filter(|(_, price, _)| *price == delivery.price);
    let by = same.map_or(delivery.must_arrive_by, |(_, _, by)| by);
    if now.since(delivery.timestamp) > AGE_MAX_S || now.plus(GRACE_LEFT_MIN_S) > by {
        let why = "its period is billed already: --into-open-period bills it in the open one";
        return Ok(Effect::Refused(why.to_owned()));
    }
    let retry = Retry { timestamp: delivery.timestamp, into: None, must_arrive_by: by };
    Ok(Effect::Replace(retry, delivery.price.clone()))
}

/// Does what was planned. Returns what took the place of what, and how many wait no longer.
pub fn retry_apply(store: &Store, plan: &[Planned], now: Timestamp) -> Result<(Vec<Retried>, i64), Error> {
    refuse_fenced(store)?;
    store.write(now, |w| {
        let mut made = Vec::new();
        let mut hurried = 0;
        for it in plan {
            let number = it.delivery.delivery;
            let now_is = w.reader().delivery_get(number)?.map(|found| found.progress.state);
            if now_is != Some(it.delivery.progress.state) {
                let text = format!("delivery {number} changed while this retry was looked at");
                return Err(
                    Error::new(Kind::Refused, "delivery_changed", text).hint("look again: run it once more")
                );
            }
            match &it.effect {
                Effect::Hurry => hurried += w.delivery_hurry(Some(it.delivery.delivery))?,
                Effect::Replace(retry, price) => made.push(w.delivery_replace(&it.delivery, retry, price)?),
                Effect::Refused(_) => {}
            }
        }
        Ok((made, hurried))
    })
}

/// A person's word on a delivery that is unknown.
pub fn settle(
    store: &Store,
    delivery: i64,
    arrived: bool,
    reason: &str,
    now: Timestamp,
) -> Result<Delivery, Error> {
    store.write(now, |w| {
        unknown_required(&w.reader(), delivery)?;
        let says = format!("{} says so: {reason}", w.origin.actor);
        match w.reader().cancellation_open(delivery)? {
            Some(open) => w.cancellation_end(&open, !arrived, &says, None)?,
            None => w.delivery_decide(delivery, arrived, &says)?,
        }
        w.reader().delivery_get(delivery)?.ok_or_else(|| Error::new(Kind::Bug, "delivery", "it is gone"))
    })
}
