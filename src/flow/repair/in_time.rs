//! What of a finding's usage can still be sent with its own time, by the rule by which a push sends or gives up.

use super::Desk;
use crate::billing::delivery::{Claim, Progress, State, claim};
use crate::billing::money::Money;
use crate::billing::reconcile::{Cause, Class};
use crate::error::Error;
use crate::flow::cost;
use crate::store::Reader;
use crate::store::correction::FindingPlace;
use crate::store::delivery::{Delivery, Uncovered};
use crate::store::finding::Finding;

/// What would be sent, in two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InTime {
    /// Something can be sent, or nothing would be.
    pub(super) some: bool,
    /// Something cannot.
    pub(super) is_short: bool,
    /// Units that can be sent.
    pub(super) units: i64,
    /// What these cost.
    pub(super) amount: Option<Money>,
    /// Units that cannot.
    pub(super) over: i64,
    /// What those cost in the period that is open.
    pub(super) over_amount: Option<Money>,
}

/// Looks at each part of what a repair of the finding would send.
pub(super) fn in_time(
    r: &Reader<'_>,
    desk: &Desk<'_>,
    finding: &Finding,
    place: &FindingPlace,
    deliveries: &[Delivery],
    uncovered: &[Uncovered],
) -> Result<InTime, Error> {
    let mut can = Vec::new();
    let mut cannot = Vec::new();
    let fresh = Progress::fresh(State::Due);
    let is_absent = finding.stripe.is_some() && matches!(finding.cause, Cause::Lost | Cause::Rejected);
    let lost = is_absent && deliveries.iter().any(|it| it.progress.state == State::Accepted);
    let in_doubt = finding.class == Class::Unknown;
    for it in deliveries {
        let progress = match it.progress.state {
            State::Accepted if lost => fresh,
            State::Unknown if in_doubt => fresh,
            State::Due | State::Sending if !lost => it.progress,
            _ => continue,
        };
        let deadline = r.delivery_deadline(place.customer, it.timestamp, it.must_arrive_by)?;
        let is_over = matches!(claim(&progress, &deadline, desk.now), Claim::Give(_));
        if is_over { &mut cannot } else { &mut can }.push((it.period_start, it.value));
    }
    for it in uncovered.iter().filter(|_| !lost && !in_doubt) {
        let deadline = r.delivery_deadline(place.customer, it.timestamp, it.must_arrive_by)?;
        let is_over = matches!(claim(&fresh, &deadline, desk.now), Claim::Give(_));
        if is_over { &mut cannot } else { &mut can }.push((it.period_start, it.sum));
    }
    let units = |parts: &[(_, i64)]| parts.iter().map(|(_, units)| units).sum::<i64>();
    let (can_units, over) = (units(&can), units(&cannot));
    let cost = |from, units| cost::part(r, place.customer, place.meter, &finding.meter_key, from, units);
    let of_period = can.first().map_or(finding.range.from, |(from, _)| *from);
    // In the open period it comes on top of what was recorded there.
    let over_amount = cost(desk.now, -over)?.map(|it| Money { minor: -it.minor, ..it });
    Ok(InTime {
        some: !can.is_empty() || cannot.is_empty(),
        is_short: !cannot.is_empty(),
        units: can_units,
        amount: cost(of_period, can_units)?,
        over,
        over_amount,
    })
}
