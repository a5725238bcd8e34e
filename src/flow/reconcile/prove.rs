//! What several answers prove together: whose the extra units of another customer are, and that Stripe will not count a
//! delivery any more.

use std::collections::BTreeMap;

use super::{Compared, Continued};
use crate::billing::reconcile::{Cause, Class, Range, Spot, wrong_customers};
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::Error;
use crate::store::correction::FindingPlace;
use crate::store::finding::{Finding, NewFinding};
use crate::store::{MeterRow, Reader, Writer};

/// Finds what one customer lacks at another: the same units, meter and minute, and only one of each kind. Both halves are of one walk
/// over all customers: compared now, or noted by an earlier run of it, whose finding is named anew then.
pub(super) fn match_customers(compared: &mut [Compared], noted: &[(Finding, FindingPlace)]) -> Vec<Renamed> {
    let mut renamed = Vec::new();
    let (lost, foreign) =
        (halves(compared, noted, Cause::Lost), halves(compared, noted, Cause::ForeignSender));
    let only = |of: &[Half]| of.iter().map(|it| it.spot).collect::<Vec<_>>();
    for (lacks, has) in wrong_customers(&only(&lost), &only(&foreign)) {
        let (Some(lacks), Some(has)) = (lost.get(lacks), foreign.get(has)) else { continue };
        for (half, detail) in [
            (lacks, format!("counted for {}", has.customer)),
            (has, format!("it is usage of {}", lacks.customer)),
        ] {
            let name = |finding: &mut NewFinding| {
                finding.cause = Cause::WrongCustomer;
                finding.detail = Some(detail);
                finding.deliveries.clone_from(&lacks.deliveries);
            };
            match half.at {
                At::Compared(pair, place) => {
                    if let Some(found) = compared.get_mut(pair).and_then(|it| it.findings.get_mut(place)) {
                        name(found);
                    }
                }
                At::Noted(place) => {
                    let Some((was, place)) = noted.get(place) else { continue };
                    // It is called so already: it stays as it is.
                    if was.cause == Cause::WrongCustomer {
                        continue;
                    }
                    let mut finding = again(was, place);
                    name(&mut finding);
                    renamed.push(Renamed { was: was.finding, finding });
                }
            }
        }
    }
    renamed
}

/// Open findings of a mistaken customer whose place was not compared now: a look at the one half says nothing of the other, which
/// stays what it was.
pub(super) fn other_halves(
    r: &Reader<'_>,
    compared: &[Compared],
    noted: &[(Finding, FindingPlace)],
) -> Result<Vec<(Finding, FindingPlace)>, Error> {
    let mut halves = Vec::new();
    for it in r.findings_open_as(Cause::WrongCustomer)? {
        let Some(place) = r.finding_place(it.finding)? else { continue };
        let is_compared = compared.iter().any(|done| {
            (done.target.pair.customer, done.target.pair.meter) == (place.customer, place.meter)
                && done.target.range.holds(it.range.from)
        });
        if !is_compared && !noted.iter().any(|(known, _)| known.finding == it.finding) {
            halves.push((it, place));
        }
    }
    Ok(halves)
}

/// A finding of an earlier run of the walk that is called something else now.
pub(super) struct Renamed {
    /// Its number.
    pub(super) was: i64,
    /// What takes its place.
    pub(super) finding: NewFinding,
}

/// Where one half of a mistaken customer was read.
#[derive(Clone, Copy)]
enum At {
    Compared(usize, usize),
    Noted(usize),
}

struct Half {
    spot: Spot,
    at: At,
    customer: String,
    deliveries: Vec<i64>,
}

fn halves(compared: &[Compared], noted: &[(Finding, FindingPlace)], wanted: Cause) -> Vec<Half> {
    let mut halves = Vec::new();
    let spot = |cause: Cause, range: Range, meter: MeterRow, difference: i64| {
        let found_before = cause == Cause::WrongCustomer && (difference < 0) == (wanted == Cause::Lost);
        let fits = (cause == wanted || found_before) && range.to.since(range.from) <= MINUTE_S;
        fits.then(|| Spot { meter: meter.0, minute: range.from, units: difference.saturating_abs() })
    };
    for (pair, it) in compared.iter().enumerate() {
        for (place, found) in it.findings.iter().enumerate() {
            if let Some(spot) = spot(found.cause, found.range, found.meter, found.difference) {
                let customer = it.target.pair.customer_id.clone();
                let at = At::Compared(pair, place);
                halves.push(Half { spot, at, customer, deliveries: found.deliveries.clone() });
            }
        }
    }
    for (index, (found, place)) in noted.iter().enumerate() {
        if let Some(spot) = spot(found.cause, found.range, place.meter, found.difference) {
            let (customer, deliveries) = (found.customer_id.clone(), found.deliveries.clone());
            halves.push(Half { spot, at: At::Noted(index), customer, deliveries });
        }
    }
    halves
}

/// A stored finding as it is stored anew.
fn again(it: &Finding, place: &FindingPlace) -> NewFinding {
    NewFinding {
        customer: place.customer,
        meter: place.meter,
        range: it.range,
        class: it.class,
        cause: it.cause,
        recorded: it.recorded,
        sent: it.sent,
        stripe: it.stripe,
        difference: it.difference,
        amount: it.amount,
        events: it.events,
        deliveries: it.deliveries.clone(),
        detail: it.detail.clone(),
        fix_deadline: it.fix_deadline,
    }
}

/// Findings of earlier runs that this one closed.
#[derive(Default)]
pub(super) struct Closed {
    /// Not there any more, with the run that saw each first.
    pub(super) resolved: Vec<(i64, i64)>,
    /// Seen otherwise now.
    pub(super) continued: Vec<Continued>,
}

/// Findings that this run did not see any more: those that are resolved, and those at whose place it saw others, closer or by
/// another name, with their numbers.
pub(super) fn continued(r: &Reader<'_>, closed: Vec<(i64, i64)>, seen: &[Finding]) -> Result<Closed, Error> {
    let at_stripe = |it: &Finding| it.stripe.is_some() && !it.cause.is_of_bill();
    let mut all = Closed::default();
    for (number, first_run) in closed {
        let was = r.finding_get(number)?.filter(at_stripe);
        let is_inside = |it: &&Finding| {
            was.as_ref().is_some_and(|was| {
                (&it.customer_id, &it.meter_key) == (&was.customer_id, &was.meter_key)
                    && was.range.from <= it.range.from
                    && it.range.to <= was.range.to
                    && it.difference.signum() == was.difference.signum()
            })
        };
        let now: Vec<i64> =
            seen.iter().filter(|it| at_stripe(it)).filter(is_inside).map(|it| it.finding).collect();
        if now.is_empty() {
            all.resolved.push((number, first_run));
        } else {
            all.continued.push((number, now));
        }
    }
    Ok(all)
}

/// By meter, when Stripe took the newest delivery that it has counted for certain.
pub(super) fn counted_upto(compared: &[Compared]) -> BTreeMap<MeterRow, Timestamp> {
    let mut upto: BTreeMap<MeterRow, Timestamp> = BTreeMap::new();
    for it in compared {
        if let Some(at) = it.counted_upto {
            let known = upto.entry(it.target.pair.meter).or_insert(at);
            *known = at.max(*known);
        }
    }
    upto
}

/// Marks the deliveries of a finding as lost when they are proved absent: an earlier run, at least the time to settle ago,
/// read the same of the same deliveries; and Stripe has counted what it took of the meter later than them, so that its
/// counting does not merely lag.
pub(super) fn absent(
    w: &Writer<'_>,
    it: &NewFinding,
    counted: &BTreeMap<MeterRow, Timestamp>,
    settle_s: i64,
    now: Timestamp,
) -> Result<Vec<i64>, Error> {
    let proved = matches!(it.cause, Cause::Lost | Cause::Rejected)
        && it.class == Class::Missing
        && it.stripe.is_some();
    let Some(upto) = counted.get(&it.meter).filter(|_| proved) else { return Ok(Vec::new()) };
    let Some(before) = w.reader().finding_read_before(it, now.plus(-settle_s))? else {
        return Ok(Vec::new());
    };
    let mut lost = Vec::new();
    for delivery in &it.deliveries {
        let taken = w.reader().delivery_get(*delivery)?.and_then(|it| it.progress.accepted_at);
        let evidence = format!(
            "runs {before} and {} read {} of {} at Stripe from {} to {}",
            w.run,
            it.stripe.unwrap_or_default(),
            it.sent,
            it.range.from,
            it.range.to
        );
        if taken.is_some_and(|at| at <= *upto) && w.delivery_absent(*delivery, &evidence)? {
            lost.push(*delivery);
        }
    }
    Ok(lost)
}
