//! `usage void`: counter-entries for events that should not have been recorded, and what they do to what was sent.
//!
//! What holds: usage is append-only, an event is voided once, and nothing of a period that is billed is touched. What was
//! not sent nets to 0; what was sent is taken back in its own window, or its delivery is cancelled at Stripe where every
//! event that it covers is void. Counter-entries and everything that follows from them here are written in one transaction
//! for each [`BATCH`]; a run that is killed goes on where it ended.

use std::collections::BTreeMap;

use super::cancel::{self, is_billed};
use super::cost;
use super::meter::meter_required;
use crate::billing::delivery::{AGE_MAX_S, State};
use crate::billing::id::MeterKey;
use crate::billing::money::Money;
use crate::billing::period::Period;
use crate::billing::time::Timestamp;
use crate::billing::usage::EventId;
use crate::billing::void::{Effect, Place, cancels, effect};
use crate::error::{Error, Kind};
use crate::store::span::SpanCache;
use crate::store::usage_void::{Recorded, Voided};
use crate::store::{CustomerRow, MeterRow, Reader, Store, Writer};

/// Events of one transaction: others write in between.
const BATCH: usize = 5_000;

/// Which events are to be voided.
#[derive(Debug, Clone)]
pub enum Which {
    /// All that a run recorded.
    Run(i64),
    /// These, by the caller's ids or those that they were given.
    Events(Vec<String>, Option<MeterKey>),
}

/// One line of what would be voided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The customer's own id.
    pub customer: String,
    /// The meter's key.
    pub meter: String,
    /// Its billing period; of usage that is not billed the one of its allowance.
    pub period: Period,
    /// How many events.
    pub events: i64,
    /// Their units.
    pub quantity: i64,
    /// What the bill of the period changes by.
    pub amount: Option<Money>,
    /// Credits given back.
    pub credits: i64,
    /// What follows.
    pub effect: Effect,
    /// After this nothing can be taken back any more.
    pub deadline: Option<Timestamp>,
}

/// What would be voided.
#[derive(Debug, Default)]
pub struct Plan {
    /// By customer, meter, period and effect.
    pub lines: Vec<Line>,
    /// Of the events that are meant, those that are voided already.
    pub known: i64,
    /// Deliveries that are cancelled as a whole.
    pub cancels: Vec<i64>,
}

impl Plan {
    /// How many events are voided.
    pub fn events(&self) -> i64 {
        self.lines.iter().filter(|it| it.effect != Effect::Refused).map(|it| it.events).sum()
    }
    /// How many are refused.
    pub fn refused(&self) -> i64 {
        self.lines.iter().filter(|it| it.effect == Effect::Refused).map(|it| it.events).sum()
    }
}

type Pair = (CustomerRow, MeterRow);
/// Customer x meter, start and end of the period, effect.
type Place4 = (Pair, Timestamp, Timestamp, Effect);

#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    events: i64,
    units: i64,
    deadline: Option<Timestamp>,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.events += other.events;
        self.units = self.units.saturating_add(other.units);
        self.deadline = self.deadline.into_iter().chain(other.deadline).min();
    }
}

/// What is known of one event before it is voided.
struct Judged {
    effect: Effect,
    period: Period,
    delivery: Option<i64>,
    deadline: Timestamp,
}

/// Judges events one by one; deliveries and deadlines are read once.
struct Judge<'r> {
    r: &'r Reader<'r>,
    spans: SpanCache,
    deliveries: BTreeMap<i64, (State, bool, bool)>,
    grace_s: i64,
    now: Timestamp,
}

impl<'r> Judge<'r> {
    fn new(r: &'r Reader<'r>, grace_s: i64, now: Timestamp) -> Judge<'r> {
        Judge { r, spans: SpanCache::default(), deliveries: BTreeMap::new(), grace_s, now }
    }

    fn judge(&mut self, it: &Recorded) -> Result<Judged, Error> {
        let second = it.at.second();
        let there = self.r.usage_billed(&mut self.spans, it.customer, it.meter, second, self.grace_s)?;
        let delivery = self.r.delivery_covering(it.customer, it.meter, it.seq, second)?;
        let too_old = self.now.since(second) > AGE_MAX_S;
        let mut billed = too_old || is_billed(self.r, it.customer, second, there.must_arrive_by, self.now)?;
        let mut covered = None;
        if let Some(number) = delivery {
            let (state, tried, over) = self.delivery(number)?;
            covered = Some((state, tried));
            billed = if there.exempt.is_some() { too_old || over } else { billed };
        }
        let effect = effect(&Place { exempt: there.exempt, covered, billed });
        Ok(Judged { effect, period: there.period, delivery, deadline: there.must_arrive_by })
    }

    /// State, whether it may have arrived, whether its own period is billed.
    fn delivery(&mut self, number: i64) -> Result<(State, bool, bool), Error> {
        if let Some(known) = self.deliveries.get(&number) {
            return Ok(*known);
        }
        let Some(it) = self.r.delivery_get(number)? else {
            return Err(Error::new(Kind::Bug, "delivery", format!("delivery {number} is gone")));
        };
        let over = is_billed(self.r, it.customer, it.timestamp, it.must_arrive_by, self.now)?;
        let found = (it.progress.state, it.progress.indefinite_at.is_some(), over);
        self.deliveries.insert(number, found);
        Ok(found)
    }
}

/// Hands the events that are meant to `take`, in order of their numbers, by batches.
fn each(
    r: &Reader<'_>,
    which: &Which,
    mut take: impl FnMut(&[Recorded]) -> Result<(), Error>,
) -> Result<(), Error> {
    match which {
        Which::Events(ids, meter) => take(&named(r, ids, meter.as_ref())?),
        Which::Run(run) => {
            if r.run_get(*run)?.is_none() {
                return Err(Error::new(Kind::BadInput, "unknown_run", format!("there is no run {run}"))
                    .hint("`paygrade runs list --command 'usage import'` shows them"));
            }
            let mut after = 0;
            loop {
                let batch = r.usage_of_run(*run, after, BATCH)?;
                let Some(last) = batch.last() else { break };
                after = last.seq;
                take(&batch)?;
            }
            if after == 0 {
                return Err(Error::new(Kind::BadInput, "no_usage", format!("run {run} recorded no usage"))
                    .hint("`paygrade runs list --command 'usage import'` shows those that did"));
            }
            Ok(())
        }
    }
}

fn named(r: &Reader<'_>, ids: &[String], meter: Option<&MeterKey>) -> Result<Vec<Recorded>, Error> {
    let meter = meter.map(|key| meter_required(r, key)).transpose()?;
    let mut all: Vec<Recorded> = Vec::new();
    for text in ids {
        let mut found = r.usage_with_id(EventId::of_caller(text)?.0)?;
        found.retain(|it| meter.is_none_or(|meter| meter == it.meter));
        let [it] = found[..] else {
            let (what, hint) = match found.len() {
                0 => ("there is no event", "`paygrade export usage` shows their ids"),
                _ => ("several meters have an event", "say which with --meter"),
            };
            return Err(Error::new(Kind::BadInput, "unknown_event", format!("{what} `{text}`")).hint(hint));
        };
        if it.counters {
            let text = format!("event `{text}` is a counter-entry: record the usage again instead");
            return Err(Error::new(Kind::Refused, "counter_entry", text));
        }
        all.push(it);
    }
    all.sort_by_key(|it| it.seq);
    all.dedup();
    Ok(all)
}

/// What voiding would come to. Reads only.
pub fn void_plan(store: &Store, which: &Which, grace_s: i64, now: Timestamp) -> Result<Plan, Error> {
    store.read(|r| plan(r, which, grace_s, now))
}

fn plan(r: &Reader<'_>, which: &Which, grace_s: i64, now: Timestamp) -> Result<Plan, Error> {
    let mut judge = Judge::new(r, grace_s, now);
    let mut known = 0;
    let mut sums: BTreeMap<Place4, Sum> = BTreeMap::new();
    // By delivery, what of it is voided and where that is.
    let mut sent: BTreeMap<i64, BTreeMap<Place4, Sum>> = BTreeMap::new();
    each(r, which, |batch| {
        for it in batch {
            if it.voided || it.counters {
                known += i64::from(it.voided);
                continue;
            }
            let judged = judge.judge(it)?;
            let place = ((it.customer, it.meter), judged.period.start, judged.period.end, judged.effect);
            let deadline =
                matches!(judged.effect, Effect::TakesBack | Effect::Nets).then_some(judged.deadline);
            let one = Sum { events: 1, units: it.quantity, deadline };
            match judged.delivery {
                Some(delivery) if judged.effect == Effect::TakesBack => {
                    sent.entry(delivery).or_default().entry(place).or_default().add(one);
                }
                _ => sums.entry(place).or_default().add(one),
            }
        }
        Ok(())
    })?;
    let mut plan = Plan { known, ..Plan::default() };
    for (number, of_delivery) in sent {
        let Some(delivery) = r.delivery_get(number)? else { continue };
        let (covers, voided) =
            (r.delivery_live_events(number)?, of_delivery.values().map(|it| it.events).sum());
        let may = covers == voided
            && r.delivery_is_last(number)?
            && cancel::planned(r, delivery, grace_s, now)?.refused.is_none();
        let as_a_whole = cancels(covers, voided, may);
        if as_a_whole {
            plan.cancels.push(number);
        }
        for ((pair, start, end, _), sum) in of_delivery {
            let effect = if as_a_whole { Effect::Cancels } else { Effect::TakesBack };
            sums.entry((pair, start, end, effect)).or_default().add(sum);
        }
    }
    plan.lines = lines(r, &sums)?;
    Ok(plan)
}

/// The lines with their money: what each takes off the bill, one after the other, so that they add up.
fn lines(r: &Reader<'_>, sums: &BTreeMap<Place4, Sum>) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    let mut before: BTreeMap<(Pair, Timestamp), i64> = BTreeMap::new();
    for (((customer, meter), start, end, effect), sum) in sums {
        let key = r.meter_key(*meter)?;
        let part = |units: i64| cost::part(r, *customer, *meter, key.as_str(), *start, units);
        let period = Period { start: *start, end: *end };
        let gone = before.entry(((*customer, *meter), *start)).or_default();
        let (mut amount, mut credits) = (None, 0);
        match effect {
            Effect::NotBilled(_) => {
                credits = r.usage_credit_back(*customer, *meter, period, *gone + sum.units)?
                    - r.usage_credit_back(*customer, *meter, period, *gone)?;
                *gone += sum.units;
            }
            Effect::Refused => {
                amount = part(sum.units)?.map(|money| Money { minor: -money.minor, ..money });
            }
            _ => {
                amount = part(*gone + sum.units)?
                    .zip(part(*gone)?)
                    .map(|(with, without)| Money { minor: without.minor - with.minor, ..with });
                *gone += sum.units;
            }
        }
        lines.push(Line {
            customer: r.customer_get(*customer)?.id.to_string(),
            meter: key.to_string(),
            period,
            events: sum.events,
            quantity: sum.units,
            amount,
            credits,
            effect: *effect,
            deadline: sum.deadline,
        });
    }
    lines.sort_by(|a, b| {
        (&a.customer, &a.meter, a.period.start).cmp(&(&b.customer, &b.meter, b.period.start))
    });
    Ok(lines)
}

/// Writes the counter-entries of what was planned, and stores the wish to cancel the deliveries that are void as a whole.
/// What became final since then is left, and what was refused stays refused.
pub fn void_apply(
    store: &Store,
    which: &Which,
    plan: &Plan,
    grace_s: i64,
    now: Timestamp,
) -> Result<Voided, Error> {
    let mut done = Voided::default();
    let mut cursor = 0;
    loop {
        let (batch, more) = store.read(|r| batch_after(r, which, cursor))?;
        let Some(last) = batch.last() else { break };
        cursor = last.seq;
        let part = store.write(now, |w| {
            let part = void_batch(w, &batch, grace_s)?;
            if !more {
                // The last ones of them: whoever is killed before leaves what the next push takes back.
                for delivery in &plan.cancels {
                    cancel_if_void(w, *delivery)?;
                }
            }
            Ok::<_, Error>(part)
        })?;
        done.events += part.events;
        done.units += part.units;
        done.credits += part.credits;
        if !more {
            break;
        }
    }
    Ok(done)
}

/// The next events that are meant, and whether there are more behind them.
fn batch_after(r: &Reader<'_>, which: &Which, after: i64) -> Result<(Vec<Recorded>, bool), Error> {
    let mut batch = match which {
        Which::Run(run) => r.usage_of_run(*run, after, BATCH + 1)?,
        Which::Events(ids, meter) => {
            let mut all = named(r, ids, meter.as_ref())?;
            all.retain(|it| it.seq > after);
            all.truncate(BATCH + 1);
            all
        }
    };
    let more = batch.len() > BATCH;
    batch.truncate(BATCH);
    Ok((batch, more))
}

fn void_batch(w: &Writer<'_>, batch: &[Recorded], grace_s: i64) -> Result<Voided, Error> {
    let r = w.reader();
    let mut meant = Vec::with_capacity(batch.len());
    let mut unsent = Vec::new();
    let mut judge = Judge::new(&r, grace_s, w.now);
    for it in batch {
        // Somebody may have voided it since it was read.
        let Some(now) = r.usage_recorded(it.seq)? else { continue };
        if now.voided || now.counters {
            continue;
        }
        let judged = judge.judge(&now)?;
        match judged.effect {
            Effect::Refused => continue,
            Effect::Nets | Effect::NotBilled(_) => unsent.extend(judged.delivery),
            Effect::Cancels | Effect::TakesBack => {}
        }
        meant.push(now);
    }
    unsent.sort_unstable();
    unsent.dedup();
    for delivery in unsent {
        w.delivery_unsend(delivery, "usage of it was voided before it was sent")?;
    }
    Ok(w.usage_void(&mut SpanCache::default(), &meant)?)
}

/// Stores the wish to cancel a delivery, if it is still as it was.
fn cancel_if_void(w: &Writer<'_>, delivery: i64) -> Result<(), Error> {
    let accepted = w.reader().delivery_get(delivery)?.is_some_and(|it| it.progress.state == State::Accepted);
    if accepted && w.reader().delivery_live_events(delivery)? == 0 {
        w.cancellation_begin(delivery)?;
    }
    Ok(())
}
