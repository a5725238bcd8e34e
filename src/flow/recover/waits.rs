//! Changes that wait at Stripe, into a store that lost them: another tier by a schedule of ours, or a tier without a
//! subscription that comes with the end of one.

use std::collections::BTreeMap;

use super::adopt::Case;
use crate::billing::assign::{Coming, Pending};
use crate::billing::id::Revision;
use crate::billing::terms;
use crate::error::Error;
use crate::flow::adopt::{lasts, pin_in, since_in};
use crate::flow::assign::{OPERATION_METADATA_KEY, scheduled};
use crate::flow::push::Courier;
use crate::flow::refresh::CUSTOMER_METADATA_KEY;
use crate::store::{CustomerRow, Reader, Writer};
use crate::stripe::{ScheduleFound, SubscriptionFound};

/// Schedules of ours that are to change something, by their subscriptions.
pub(super) async fn schedules<'a>(
    courier: &Courier<'_>,
    subscriptions: impl Iterator<Item = &'a SubscriptionFound>,
) -> Result<BTreeMap<String, ScheduleFound>, Error> {
    let mut all = BTreeMap::new();
    for it in subscriptions.filter(|it| lasts(it)) {
        let Some(schedule) = &it.schedule else { continue };
        let found = courier.api.schedule_retrieve(schedule).await?.value;
        let is_ours = found.metadata.contains_key(CUSTOMER_METADATA_KEY) && found.is_open();
        if is_ours && found.next_phase().is_some() {
            all.insert(it.id.clone(), found);
        }
    }
    Ok(all)
}

/// Whether something waits that the store does not know.
pub(super) fn is_unknown(r: &Reader<'_>, customer: CustomerRow, case: &Case<'_>) -> Result<bool, Error> {
    Ok(waiting(case).is_some() && r.pending_waiting(customer)?.is_none())
}

/// The subscription that something of ours waits for, and the schedule that carries it out.
fn waiting<'a>(case: &Case<'a>) -> Option<(&'a SubscriptionFound, Option<&'a ScheduleFound>)> {
    let it = case.ours.iter().copied().find(|it| lasts(it))?;
    match case.schedules.get(&it.id) {
        Some(schedule) => Some((it, Some(schedule))),
        None => {
            let names =
                it.schedule.is_none() && it.cancel_at.is_some() && since_in(case.found) == it.cancel_at;
            (names && pin_in(case.found).is_some()).then_some((it, None))
        }
    }
}

/// Stores what waits. What its terms are the phase says, or the customer's metadata.
pub(super) fn put(w: &Writer<'_>, customer: CustomerRow, case: &Case<'_>) -> Result<(), Error> {
    let Some((it, schedule)) = waiting(case) else { return Ok(()) };
    let r = w.reader();
    let open = r.assignment_open(customer)?;
    if r.pending_waiting(customer)?.is_some() || open.and_then(|it| it.sub).as_ref() != Some(&it.id) {
        return Ok(());
    }
    let (op, change) = match schedule {
        Some(schedule) => {
            if let Some((revision, json)) = schedule.next_phase().and_then(|phase| terms_in(&phase.metadata))
            {
                w.revision_put(&revision, &json)?;
            }
            (schedule.metadata.get(OPERATION_METADATA_KEY), scheduled(&w.reader(), schedule)?)
        }
        None => {
            let Some((revision, json)) = pin_in(case.found) else { return Ok(()) };
            w.revision_put(&revision, &json)?;
            let to = Coming { revision, interval: None, seats: None };
            let change = it.cancel_at.map(|at| Pending { to: Some(to), at, schedule: None });
            (it.metadata.get(OPERATION_METADATA_KEY), change)
        }
    };
    if let (Some(op), Some(change)) = (op, change) {
        w.pending_put(customer, &it.id, op, &change)?;
    }
    Ok(())
}

/// The revision and the terms that metadata carries, where they are whole.
fn terms_in(metadata: &BTreeMap<String, String>) -> Option<(Revision, String)> {
    let get = |key: &str| metadata.get(key).map(String::as_str);
    let revision: Revision = get(terms::REVISION_METADATA_KEY)?.parse().ok()?;
    let json = terms::join(get)?;
    (terms::digest(&json) == revision.digest).then_some((revision, json))
}
