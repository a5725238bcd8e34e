//! A closer look at a pair: where Stripe's sums differ from ours, to the minute, and which deliveries explain it.

use tokio::task::JoinSet;

use super::{Ask, Calls, Compared, Desk, LANES_MAX, Target, lane_failed};
use crate::billing::money::Money;
use crate::billing::reconcile::{
    Bisect, By, Candidate, Cause, Class, Part, Place, Point, Question, Range, Side, Sum, Times, Weight,
    compare, explain, fix_deadline, weight,
};
use crate::billing::time::{HOUR_S, Timestamp};
use crate::error::{Error, Kind};
use crate::flow::cost;
use crate::store::Reader;
use crate::store::finding::NewFinding;
use crate::store::reconcile::{Entry, HeldBefore};
use crate::store::span::SpanCache;
use crate::stripe::{EventSummary, Grouping};

/// Most calls for a closer look at one customer, meter and period: beyond them, hours are named instead of minutes.
const LOOK_CALLS_MAX: u64 = 500;

/// Our side of a pair.
struct Known {
    entries: Vec<(Entry, Weight)>,
    held: Vec<HeldBefore>,
    side: Side,
}

impl Known {
    fn read(r: &Reader<'_>, ask: &Ask, target: &Target, now: Timestamp) -> Result<Known, Error> {
        let pair = &target.pair;
        let entries = r.reconcile_entries(pair.customer, pair.meter, target.range)?;
        let weighed = entries.into_iter().map(|it| {
            let weight = weight(&it.progress, it.to, now, ask.settle_s);
            (it, weight)
        });
        let entries: Vec<(Entry, Weight)> = weighed.collect();
        let held = r.reconcile_held(pair.customer, pair.meter, target.range)?;
        let point =
            |(it, weight): &(Entry, Weight)| Point { at: it.timestamp, weight: *weight, units: it.value };
        let set_off: Vec<(Timestamp, i64)> = held.iter().map(|it| (it.from, it.used)).collect();
        let side = Side::new(entries.iter().map(point).collect(), &set_off);
        Ok(Known { entries, held, side })
    }

    /// Entries with a timestamp in a range.
    fn within(&self, range: Range) -> &[(Entry, Weight)] {
        let from = self.entries.partition_point(|(it, _)| it.timestamp < range.from);
        let to = self.entries.partition_point(|(it, _)| it.timestamp < range.to);
        self.entries.get(from..to).unwrap_or_default()
    }
}

/// A sum of Stripe's as a whole number. Fractions are nobody's of ours.
fn whole(target: &Target, total: rust_decimal::Decimal) -> Result<i64, Error> {
    let whole = total.is_integer().then(|| i64::try_from(total).ok()).flatten();
    whole.ok_or_else(|| {
        let pair = &target.pair;
        let text = format!("Stripe counts {total} {} for {}: not a whole number", pair.meter_key, pair.cus);
        Error::new(Kind::Differences, "not_whole", text)
            .hint("another program sends fractions under this meter's event name")
    })
}

/// Stripe's sum of an answer.
pub(super) fn sum(target: &Target, summaries: &[EventSummary]) -> Result<i64, Error> {
    whole(target, summaries.iter().map(|it| it.value).sum())
}

/// Compares the sum of the whole range, or without one every hour; where it differs, looks closer. `None`: there are not
/// enough calls left to compare at all.
pub(super) async fn look(
    desk: &Desk<'_>,
    ask: &Ask,
    target: &Target,
    stripe: Option<i64>,
    now: Timestamp,
    calls: &mut Calls,
) -> Result<Option<Compared>, Error> {
    let known = desk.store.read(|r| Known::read(r, ask, target, now))?;
    let most = LOOK_CALLS_MAX.min(calls.left);
    let mut bisect = match stripe {
        Some(stripe) => Bisect::of_sum(&known.side, target.range, stripe, most),
        None => Bisect::by_hour(&known.side, until_now(target.range, now), calls.left),
    };
    let mut planned = stripe.is_none();
    loop {
        let questions = bisect.questions();
        if questions.is_empty() {
            break;
        }
        if std::mem::take(&mut planned) {
            calls.sums += i64::try_from(questions.len()).unwrap_or(i64::MAX);
        }
        bisect.answer(&answers(desk, target, &questions, calls).await?);
    }
    let Some(stripe) = bisect.total() else { return Ok(None) };
    calls.bound += bisect.bound();
    let mut is_coarse = bisect.is_cut_short() && most < LOOK_CALLS_MAX;
    let mut places = bisect.places();
    let ours = known.side.ours(target.range);
    let (class, difference) = compare(&ours, stripe);
    let unknown = unknown_places(desk, target, &known, &places, calls).await?;
    is_coarse |= unknown.is_none() && calls.left < LOOK_CALLS_MAX;
    places.extend(unknown.unwrap_or_else(|| vec![Place { range: target.range, stripe, ours }]));
    let class = match class {
        Class::Match | Class::Unsettled if !places.is_empty() => Class::Value,
        class => class,
    };
    let pair = &target.pair;
    let (findings, recorded) = desk.store.read(|r| {
        let mut findings = Vec::new();
        for place in &places {
            findings.extend(findings_at(r, ask, target, &known, place, now)?);
        }
        let (recorded, _) = r.reconcile_recorded(pair.customer, pair.meter, target.range)?;
        Ok::<_, Error>((findings, recorded))
    })?;
    let sent = || known.entries.iter().filter(|(_, weight)| *weight != Weight::Absent).map(|(it, _)| it);
    Ok(Some(Compared {
        target: target.clone(),
        class,
        difference,
        recorded,
        ours,
        stripe,
        deliveries: i64::try_from(sent().count()).unwrap_or(i64::MAX),
        events: sent().map(|it| it.events).sum(),
        counted_upto: counted_upto(&known, &findings),
        findings,
        is_coarse,
    }))
}

/// Nothing can be stamped later than a few minutes from now (Stripe: docs, meter events: at most 5 minutes ahead).
pub(super) fn until_now(range: Range, now: Timestamp) -> Range {
    let to = range.to.min(now.plus(HOUR_S).ceil(HOUR_S));
    if to <= range.from { range } else { Range { to, ..range } }
}

/// When Stripe took the newest delivery of the pair that it has counted for certain: what it took before, it has had the
/// time to count.
fn counted_upto(known: &Known, findings: &[NewFinding]) -> Option<Timestamp> {
    let doubtful = |it: &Entry| {
        findings.iter().any(|finding| finding.range.holds(it.timestamp) && finding.class != Class::Extra)
    };
    let settled = known.entries.iter().filter(|(it, weight)| *weight == Weight::Settled && !doubtful(it));
    settled.filter_map(|(it, _)| it.progress.accepted_at).max()
}

/// Asks several questions at once; the answers come in their order.
async fn answers(
    desk: &Desk<'_>,
    target: &Target,
    questions: &[Question],
    calls: &mut Calls,
) -> Result<Vec<Vec<Sum>>, Error> {
    let mut all = Vec::with_capacity(questions.len());
    for chunk in questions.chunks(LANES_MAX) {
        let mut lanes = JoinSet::new();
        for (place, question) in chunk.iter().enumerate() {
            let (api, range) = (desk.api.clone(), question.range);
            let (meter, cus) = (target.pair.meter_id.clone(), target.pair.cus.clone());
            let grouping = match question.by {
                By::Whole => Grouping::Whole,
                By::Hour => Grouping::Hour,
                By::Day => Grouping::Day,
            };
            calls.count();
            lanes.spawn(async move {
                (place, api.event_summaries(&meter, &cus, range.from, range.to, grouping).await)
            });
        }
        let mut told: Vec<Vec<Sum>> = vec![Vec::new(); chunk.len()];
        while let Some(joined) = lanes.join_next().await {
            let (place, answer) = joined.map_err(|error| lane_failed(&error))?;
            let found = answer.map_err(Error::from)?.value;
            let read = |it: &EventSummary| {
                Ok::<_, Error>(Sum {
                    range: Range { from: it.start, to: it.end },
                    units: whole(target, it.value)?,
                })
            };
            let sums = found.iter().map(read).collect::<Result<_, _>>()?;
            if let Some(slot) = told.get_mut(place) {
                *slot = sums;
            }
        }
        all.extend(told);
    }
    Ok(all)
}

/// Each minute with deliveries of unknown outcome that is not a place already, with Stripe's sum of it: that sum tells
/// whether they arrived. `None`: there are not enough calls left for that.
async fn unknown_places(
    desk: &Desk<'_>,
    target: &Target,
    known: &Known,
    places: &[Place],
    calls: &mut Calls,
) -> Result<Option<Vec<Place>>, Error> {
    let named = |minute: &Range| {
        places.iter().any(|place| place.range.from <= minute.from && minute.to <= place.range.to)
    };
    let mut minutes = known.side.minutes_unknown(target.range);
    minutes.retain(|minute| !named(minute));
    if minutes.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let count = u64::try_from(minutes.len()).unwrap_or(u64::MAX);
    if calls.left.min(LOOK_CALLS_MAX) < count {
        return Ok(None);
    }
    calls.bound += count;
    let questions: Vec<Question> =
        minutes.iter().map(|range| Question { range: *range, by: By::Whole }).collect();
    let told = answers(desk, target, &questions, calls).await?;
    let place = |(range, sums): (Range, Vec<Sum>)| Place {
        range,
        stripe: sums.iter().map(|sum| sum.units).sum(),
        ours: known.side.ours(range),
    };
    Ok(Some(minutes.into_iter().zip(told).map(place).collect()))
}

fn candidate(target: &Target, it: &Entry, weight: Weight) -> Candidate {
    Candidate {
        delivery: it.delivery,
        units: it.value,
        weight,
        was_sent: it.first_attempt.is_some(),
        is_reported: it.report_code.is_some(),
        is_elsewhere: it.cus != target.pair.cus,
    }
}

/// What a place is called: one finding for each cause.
fn findings_at(
    r: &Reader<'_>,
    ask: &Ask,
    target: &Target,
    known: &Known,
    place: &Place,
    now: Timestamp,
) -> Result<Vec<NewFinding>, Error> {
    let pair = &target.pair;
    let (class, difference) = compare(&place.ours, place.stripe);
    let difference = if class == Class::Unknown { place.stripe - place.ours.settled } else { difference };
    let held_more = known.held.iter().any(|it| place.range.holds(it.from) && it.used < it.amount);
    let within = known.within(place.range);
    let candidates: Vec<Candidate> =
        within.iter().map(|(it, weight)| candidate(target, it, *weight)).collect();
    let mut findings = Vec::new();
    let (billed_at, period_end) = billed_in(r, target, place, now)?;
    for part in explain(class, difference, &candidates, held_more) {
        let concerned: Vec<&Entry> =
            within.iter().map(|(it, _)| it).filter(|it| part.deliveries.contains(&it.delivery)).collect();
        let (recorded, _) = r.reconcile_recorded(pair.customer, pair.meter, place.range)?;
        let cost = cost::part(r, pair.customer, pair.meter, &pair.meter_key, billed_at, -part.difference)?;
        findings.push(NewFinding {
            customer: pair.customer,
            meter: pair.meter,
            range: place.range,
            class,
            cause: in_flight(&part, &concerned),
            recorded,
            sent: place.ours.settled,
            stripe: Some(place.stripe),
            difference: part.difference,
            amount: cost.map(|money| Money { minor: -money.minor, ..money }),
            events: concerned.iter().map(|it| it.events).sum(),
            deliveries: part.deliveries.clone(),
            detail: detail(&part, &concerned),
            fix_deadline: deadline(&part, &concerned, period_end.plus(ask.grace_s), now),
        });
    }
    Ok(findings)
}

/// An instant of the billing period that bills a place, and its end. Where no delivery of ours tells of a period, the look
/// may have begun before the customer did and end where no period does.
fn billed_in(
    r: &Reader<'_>,
    target: &Target,
    place: &Place,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Error> {
    let pair = &target.pair;
    if pair.revision > 0 {
        // What was sent for a period may lie behind an edge that was heard of later, where another one bills it.
        return Ok((place.range.from.max(pair.period_start), pair.period_end));
    }
    let at = place.range.to.plus(-1).min(now).max(pair.period_start);
    let span = SpanCache::default().derive(r, pair.customer, pair.meter, at)?.0;
    Ok((at, span.assignment.map_or(pair.period_end, |_| span.period.end)))
}

/// Deliveries without a definite answer that are still to be sent again are in flight: the next push decides.
fn in_flight(part: &Part, concerned: &[&Entry]) -> Cause {
    use crate::billing::delivery::State::{Due, Sending};
    let waits = |it: &&Entry| matches!(it.progress.state, Due | Sending);
    match part.cause {
        Cause::Unknown if !concerned.is_empty() && concerned.iter().all(waits) => Cause::InFlight,
        cause => cause,
    }
}

fn detail(part: &Part, concerned: &[&Entry]) -> Option<String> {
    match part.cause {
        Cause::Rejected => concerned.iter().find_map(|it| it.report_code.clone()),
        Cause::WrongCustomer => concerned.first().map(|it| format!("sent for {}", it.cus)),
        _ => None,
    }
}

fn deadline(part: &Part, concerned: &[&Entry], draft_until: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let times: Vec<Times> = concerned
        .iter()
        .map(|it| Times {
            timestamp: it.timestamp,
            must_arrive_by: it.must_arrive_by,
            first_attempt: it.first_attempt,
            indefinite_at: it.progress.indefinite_at,
        })
        .collect();
    fix_deadline(part.cause, &times, draft_until, now)
}
