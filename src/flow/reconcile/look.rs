//! A closer look at a pair whose sum differs: by day, then by hour, with the deliveries of the hours that differ.

use super::{Ask, Calls, Compared, Desk, Target};
use crate::billing::reconcile::{Cause, Class, Ours, Range, Weight, compare, cut, units, weight};
use crate::billing::time::{DAY_S, HOUR_S, Timestamp};
use crate::error::{Error, Kind};
use crate::flow::cost;
use crate::store::finding::NewFinding;
use crate::store::reconcile::{Entry, HeldBefore};
use crate::stripe::{EventSummary, Grouping};

/// Our side of a pair.
struct Side {
    entries: Vec<(Entry, Weight)>,
    held: Vec<HeldBefore>,
}

impl Side {
    fn ours(&self, range: Range) -> Ours {
        let mut ours = Ours::default();
        for (entry, weight) in self.entries.iter().filter(|(it, _)| range.holds(it.timestamp)) {
            ours.add(*weight, entry.value);
        }
        for held in self.held.iter().filter(|it| range.holds(it.from)) {
            ours.add(Weight::Settled, held.used);
        }
        ours
    }
}

/// One part of a range with Stripe's sum of it.
struct Part {
    range: Range,
    stripe: i64,
}

/// Stripe's sum as a whole number. Fractions are nobody's of ours.
pub(super) fn sum(target: &Target, summaries: &[EventSummary]) -> Result<i64, Error> {
    let total = summaries.iter().map(|it| it.value).sum::<rust_decimal::Decimal>();
    let whole = total.is_integer().then(|| i64::try_from(total).ok()).flatten();
    whole.ok_or_else(|| {
        let pair = &target.pair;
        let text = format!("Stripe counts {total} {} for {}: not a whole number", pair.meter_key, pair.cus);
        Error::new(Kind::Differences, "not_whole", text)
            .hint("another program sends fractions under this meter's event name")
    })
}

/// Compares the sum of the whole range; where it differs, looks closer.
pub(super) async fn look(
    desk: &Desk<'_>,
    ask: &Ask,
    target: &Target,
    stripe: i64,
    now: Timestamp,
    calls: &mut Calls,
) -> Result<Compared, Error> {
    let pair = &target.pair;
    let side = desk.store.read(|r| {
        let entries = r.reconcile_entries(pair.customer, pair.meter, target.range)?;
        let weighed = entries.into_iter().map(|it| {
            let weight = weight(&it.progress, it.to, now, ask.settle_s);
            (it, weight)
        });
        let held = r.reconcile_held(pair.customer, pair.meter, target.range)?;
        Ok::<_, Error>(Side { entries: weighed.collect(), held })
    })?;
    let whole = Part { range: target.range, stripe };
    let ours = side.ours(whole.range);
    let (class, difference) = compare(&ours, stripe);
    let parts = match class {
        Class::Missing | Class::Extra => narrowed(desk, target, &side, whole, calls).await?,
        Class::Unknown => vec![whole],
        _ => Vec::new(),
    };
    let findings =
        parts.iter().map(|part| finding(desk, target, &side, part)).collect::<Result<_, Error>>()?;
    let (recorded, _) = desk.store.read(|r| r.reconcile_recorded(pair.customer, pair.meter, target.range))?;
    let sent = || side.entries.iter().filter(|(_, weight)| *weight != Weight::Absent).map(|(it, _)| it);
    Ok(Compared {
        target: target.clone(),
        class,
        difference,
        recorded,
        ours,
        stripe,
        deliveries: i64::try_from(sent().count()).unwrap_or(i64::MAX),
        events: sent().map(|it| it.events).sum(),
        findings,
    })
}

/// The hours that differ; or the days, or the whole, where no finer part does, or no call is left to look closer.
async fn narrowed(
    desk: &Desk<'_>,
    target: &Target,
    side: &Side,
    whole: Part,
    calls: &mut Calls,
) -> Result<Vec<Part>, Error> {
    let Some(days) = differing(desk, target, side, &whole, (DAY_S, Grouping::Day), calls).await? else {
        return Ok(vec![whole]);
    };
    let mut parts = Vec::new();
    for day in days {
        match differing(desk, target, side, &day, (HOUR_S, Grouping::Hour), calls).await? {
            Some(hours) => parts.extend(hours),
            None => parts.push(day),
        }
    }
    Ok(parts)
}

/// The parts of a range, by a unit, that differ. `None`: none does, or no call is left.
async fn differing(
    desk: &Desk<'_>,
    target: &Target,
    side: &Side,
    whole: &Part,
    (unit_s, grouping): (i64, Grouping),
    calls: &mut Calls,
) -> Result<Option<Vec<Part>>, Error> {
    let cut = cut(whole.range, unit_s);
    if cut.middle.is_none() && cut.rests.len() < 2 {
        // It is no longer than the unit: there is nothing finer to ask.
        return Ok(None);
    }
    let (meter, cus) = (&target.pair.meter_id, &target.pair.cus);
    let mut parts = Vec::new();
    if let Some(middle) = cut.middle {
        if !calls.take() {
            return Ok(None);
        }
        let found = desk.api.event_summaries(meter, cus, middle.from, middle.to, grouping).await?.value;
        for range in units(middle, unit_s) {
            // A stretch without usage may be absent from the answer.
            let within: Vec<EventSummary> =
                found.iter().filter(|it| range.holds(it.start)).cloned().collect();
            parts.push(Part { range, stripe: sum(target, &within)? });
        }
    }
    for range in cut.rests {
        if !calls.take() {
            return Ok(None);
        }
        let found = desk.api.event_summaries(meter, cus, range.from, range.to, Grouping::Whole).await?.value;
        parts.push(Part { range, stripe: sum(target, &found)? });
    }
    parts.sort_by_key(|part| part.range);
    parts.retain(|part| {
        matches!(compare(&side.ours(part.range), part.stripe).0, Class::Missing | Class::Extra)
    });
    Ok(Some(parts).filter(|parts| !parts.is_empty()))
}

fn finding(desk: &Desk<'_>, target: &Target, side: &Side, part: &Part) -> Result<NewFinding, Error> {
    let pair = &target.pair;
    let ours = side.ours(part.range);
    let (class, difference) = compare(&ours, part.stripe);
    let held_before = side.held.iter().any(|it| part.range.holds(it.from) && it.used < it.amount);
    let (difference, cause) = match class {
        Class::Unknown => (part.stripe - ours.settled, Cause::Unknown),
        Class::Missing => (difference, Cause::Lost),
        Class::Extra if held_before => (difference, Cause::HeldBefore),
        _ => (difference, Cause::ForeignSender),
    };
    // Those whose units the difference may be: for missing ones what must be there, for unknown ones the unknown.
    let concerned: Vec<&Entry> = side
        .entries
        .iter()
        .filter(|(it, weight)| {
            part.range.holds(it.timestamp)
                && match class {
                    Class::Missing => *weight == Weight::Settled,
                    Class::Unknown => *weight == Weight::Unknown,
                    _ => *weight != Weight::Absent,
                }
        })
        .map(|(it, _)| it)
        .collect();
    desk.store.read(|r| {
        let (recorded, _) = r.reconcile_recorded(pair.customer, pair.meter, part.range)?;
        let cost = cost::part(r, pair.customer, pair.meter, &pair.meter_key, pair.period_start, -difference)?;
        Ok(NewFinding {
            customer: pair.customer,
            meter: pair.meter,
            range: part.range,
            class,
            cause,
            recorded,
            sent: ours.settled,
            stripe: Some(part.stripe),
            difference,
            amount: cost.map(|money| crate::billing::money::Money { minor: -money.minor, ..money }),
            events: concerned.iter().map(|it| it.events).sum(),
            deliveries: concerned.iter().map(|it| it.delivery).collect(),
        })
    })
}
