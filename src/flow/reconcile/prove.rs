//! What several answers prove together: whose the extra units of another customer are, and that Stripe will not count a
//! delivery any more.

use std::collections::BTreeMap;

use super::Compared;
use crate::billing::reconcile::{Cause, Class, Spot, wrong_customers};
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::Error;
use crate::store::finding::NewFinding;
use crate::store::{MeterRow, Writer};

/// Finds what one customer lacks at another: the same units, meter and minute, and only one of each kind.
pub(super) fn match_customers(compared: &mut [Compared]) {
    let spots = |wanted: Cause, compared: &[Compared]| {
        let mut spots: Vec<(Spot, (usize, usize))> = Vec::new();
        for (pair, it) in compared.iter().enumerate() {
            for (place, finding) in it.findings.iter().enumerate() {
                let minute = finding.range.to.since(finding.range.from) <= MINUTE_S;
                if finding.cause == wanted && minute {
                    let (meter, units) = (finding.meter.0, finding.difference.saturating_abs());
                    spots.push((Spot { meter, minute: finding.range.from, units }, (pair, place)));
                }
            }
        }
        spots
    };
    let (lost, foreign) = (spots(Cause::Lost, compared), spots(Cause::ForeignSender, compared));
    let only = |of: &[(Spot, (usize, usize))]| of.iter().map(|(spot, _)| *spot).collect::<Vec<_>>();
    let customer = |compared: &[Compared], pair: usize| {
        compared.get(pair).map(|it| it.target.pair.customer_id.clone()).unwrap_or_default()
    };
    for (lacks, has) in wrong_customers(&only(&lost), &only(&foreign)) {
        let (Some((_, lacks)), Some((_, has))) = (lost.get(lacks), foreign.get(has)) else { continue };
        let (for_whom, whose) = (customer(compared, has.0), customer(compared, lacks.0));
        let found = compared.get(lacks.0).and_then(|it| it.findings.get(lacks.1));
        let deliveries = found.map(|it| it.deliveries.clone()).unwrap_or_default();
        for (at, detail) in
            [(lacks, format!("counted for {for_whom}")), (has, format!("it is usage of {whose}"))]
        {
            if let Some(finding) = compared.get_mut(at.0).and_then(|it| it.findings.get_mut(at.1)) {
                finding.cause = Cause::WrongCustomer;
                finding.detail = Some(detail);
                finding.deliveries.clone_from(&deliveries);
            }
        }
    }
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
