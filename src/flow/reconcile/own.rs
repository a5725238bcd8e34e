//! Half (b): deliveries against the recorded usage, without asking Stripe.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ask, Periods};
use crate::billing::delivery::State;
use crate::billing::money::Money;
use crate::billing::reconcile::{Cause, Class, Range, Times, fix_deadline, not_sent, windows_said};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::cost;
use crate::store::billed::Misplaced;
use crate::store::finding::NewFinding;
use crate::store::{CustomerRow, MeterRow, Reader};

/// Customer x meter x period.
type Wrong = BTreeSet<(CustomerRow, MeterRow, Timestamp)>;

/// What the store alone shows.
pub(super) struct Own {
    pub(super) findings: Vec<NewFinding>,
    /// Customer x meter x period with usage that is not sent yet, and need not be.
    pub(super) unsettled: i64,
    /// Where a delivery's value is not that of its events.
    pub(super) wrong: Wrong,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
struct Place {
    customer: CustomerRow,
    meter: MeterRow,
    period_start: Timestamp,
    period_end: Timestamp,
    class: Class,
    cause: Cause,
}

#[derive(Default)]
struct Sum {
    meter_key: String,
    units: i64,
    events: i64,
    deliveries: Vec<i64>,
    deadline: Option<Timestamp>,
    /// Events by window.
    windows: BTreeMap<Range, i64>,
    /// What Stripe said first.
    said: Option<String>,
}

impl Sum {
    fn add(&mut self, window: Range, events: i64, units: i64) {
        self.units += units;
        self.events += events;
        *self.windows.entry(window).or_default() += events;
    }
}

/// Usage that was not sent in time, deliveries that came too late or were refused, and values that do not add up.
pub(super) fn own(r: &Reader<'_>, ask: &Ask, now: Timestamp) -> Result<Own, Error> {
    let mut places: BTreeMap<Place, Sum> = BTreeMap::new();
    let in_scope = |window_to: Timestamp| match ask.periods {
        Periods::Stretch(range) => range.holds(window_to.plus(-1)),
        _ => true,
    };
    let mut unsettled = BTreeSet::new();
    for it in r.usage_uncovered(ask.scope.customer, ask.scope.meter, ask.grace_s, now)? {
        let class = not_sent(it.window.to, it.period_end, now);
        if !in_scope(it.window.to) {
            continue;
        }
        if class == Class::Unsettled {
            unsettled.insert((it.customer, it.meter, it.period_start));
            continue;
        }
        let (customer, meter, period_start, period_end) =
            (it.customer, it.meter, it.period_start, it.period_end);
        let place = Place { customer, meter, period_start, period_end, class, cause: Cause::NotSent };
        let sum = places.entry(place).or_default();
        sum.meter_key = it.meter_key;
        sum.add(Range { from: it.window.from, to: it.window.to }, it.events, it.sum);
    }
    for it in r.reconcile_not_sent(&ask.scope)? {
        let (class, cause) = match it.state {
            State::Late => (Class::Late, Cause::Late),
            State::TooLate => (Class::Late, Cause::TooLate),
            State::Rejected => (Class::Missing, Cause::Rejected),
            _ => (not_sent(it.window.to, it.period_end, now), Cause::NotSent),
        };
        if !in_scope(it.window.to) {
            continue;
        }
        if class == Class::Unsettled {
            unsettled.insert((it.customer, it.meter, it.period_start));
            continue;
        }
        let (customer, meter, period_start, period_end) =
            (it.customer, it.meter, it.period_start, it.period_end);
        let place = Place { customer, meter, period_start, period_end, class, cause };
        let sum = places.entry(place).or_default();
        sum.meter_key = it.meter_key;
        sum.add(it.window, it.events, it.value);
        sum.deliveries.push(it.delivery);
        if cause == Cause::Rejected && sum.said.is_none() {
            sum.said = it.last_error;
        }
        let times = Times {
            timestamp: it.timestamp,
            must_arrive_by: it.must_arrive_by,
            first_attempt: None,
            indefinite_at: None,
        };
        let until = fix_deadline(cause, &[times], period_end.plus(ask.grace_s), now);
        sum.deadline = [sum.deadline, until].into_iter().flatten().min();
    }
    let mut findings = Vec::new();
    for (place, sum) in places {
        findings.extend(finding(r, ask, place, sum, now)?);
    }
    let (values, mut wrong) = values(r, ask)?;
    findings.extend(values);
    for it in r.bill_misplaced(&ask.scope, ask.full)? {
        wrong.insert((it.customer, it.meter, it.period_start));
        findings.push(misplaced(r, ask, &it, now)?);
    }
    Ok(Own { findings, unsettled: i64::try_from(unsettled.len()).unwrap_or(i64::MAX), wrong })
}

/// Deliveries whose value is not that of their events, and where they are.
fn values(r: &Reader<'_>, ask: &Ask) -> Result<(Vec<NewFinding>, Wrong), Error> {
    let mut findings = Vec::new();
    let mut wrong = BTreeSet::new();
    for it in r.reconcile_values(&ask.scope, ask.full)? {
        wrong.insert((it.customer, it.meter, it.period_start));
        let difference = it.says - it.sum;
        let amount = cost::part(r, it.customer, it.meter, &it.meter_key, it.period_start, -difference)?;
        findings.push(NewFinding {
            customer: it.customer,
            meter: it.meter,
            range: it.window,
            class: Class::Value,
            cause: Cause::ValueDiffers,
            recorded: it.sum,
            sent: it.says,
            stripe: None,
            difference,
            amount: amount.map(negative),
            events: it.events,
            deliveries: vec![it.delivery],
            detail: None,
            fix_deadline: None,
        });
    }
    Ok((findings, wrong))
}

/// Units that Stripe bills where they do not belong any more.
fn misplaced(r: &Reader<'_>, ask: &Ask, it: &Misplaced, now: Timestamp) -> Result<NewFinding, Error> {
    let times = Times {
        timestamp: it.timestamp,
        must_arrive_by: it.must_arrive_by,
        first_attempt: it.first_attempt,
        indefinite_at: None,
    };
    let amount = charged_too_much(r, it)?;
    Ok(NewFinding {
        customer: it.customer,
        meter: it.meter,
        range: it.window,
        class: Class::Value,
        cause: Cause::SpanChanged,
        recorded: it.value - it.units,
        sent: it.value,
        stripe: None,
        difference: it.units,
        amount,
        events: it.events,
        deliveries: vec![it.delivery],
        detail: Some(format!("{} of {} units belong to another price or period now", it.units, it.value)),
        fix_deadline: fix_deadline(Cause::SpanChanged, &[times], it.period_end.plus(ask.grace_s), now),
    })
}

/// What misplaced units cost where Stripe was told that they are, less what they cost where they belong. What nothing
/// bills costs nothing; `None`: neither is billed.
fn charged_too_much(r: &Reader<'_>, it: &Misplaced) -> Result<Option<Money>, Error> {
    let cost = |at: Timestamp, units: i64| cost::part(r, it.customer, it.meter, &it.meter_key, at, units);
    // They are not among what is recorded there: what so many more would cost.
    let mut sum = cost(it.timestamp, -it.units)?.map(negative);
    for (at, units) in &it.parts {
        let Some(due) = cost(*at, *units)? else { continue };
        let charged = sum.map_or(0, |it| it.minor);
        sum = Some(Money { minor: charged - due.minor, ..due });
    }
    Ok(sum)
}

fn negative(money: Money) -> Money {
    Money { minor: -money.minor, ..money }
}

/// `None`: a trial bills nothing, so that nothing is amiss where its usage came too late.
fn finding(
    r: &Reader<'_>,
    ask: &Ask,
    place: Place,
    sum: Sum,
    now: Timestamp,
) -> Result<Option<NewFinding>, Error> {
    let Place { customer, meter, period_start, period_end, class, cause } = place;
    if class == Class::Late && r.period_terms(customer, meter, period_start)?.is_some_and(|it| it.is_trial) {
        return Ok(None);
    }
    let amount = cost::part(r, customer, meter, &sum.meter_key, period_start, sum.units)?;
    let whole = Range { from: period_start, to: period_end };
    // A look at a stretch sees part of a period: that is another place than the whole of it.
    let range = match ask.periods {
        Periods::Stretch(range) => {
            let part = Range { from: whole.from.max(range.from), to: whole.to.min(range.to) };
            if part.is_empty() { whole } else { part }
        }
        _ => whole,
    };
    let said = sum.said.into_iter().chain(windows_said(&sum.windows));
    Ok(Some(NewFinding {
        customer,
        meter,
        range,
        class,
        cause,
        recorded: sum.units,
        sent: 0,
        stripe: None,
        difference: -sum.units,
        amount: amount.map(negative),
        events: sum.events,
        deliveries: sum.deliveries,
        detail: said.reduce(|said, windows| format!("{said}; {windows}")),
        fix_deadline: sum.deadline.or_else(|| fix_deadline(cause, &[], period_end.plus(ask.grace_s), now)),
    }))
}
