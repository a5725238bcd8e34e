//! Payment methods: whether a subscriber can still be charged.

use super::notice;
use super::sight::{Case, Sight};
use crate::error::Error;
use crate::store::Writer;
use crate::store::customer::Customer;

pub(super) fn apply(
    w: &Writer<'_>,
    case: &Case,
    customer: &Customer,
    sight: &Sight,
) -> Result<Vec<String>, Error> {
    let method = case.event.object.clone().unwrap_or_default();
    let Some(left) = &sight.methods else { return Ok(vec![format!("{method} attached")]) };
    let mut effects = vec![format!("{method} detached, {} left", left.len())];
    let subscriptions = w.reader().subscriptions_of(customer.row)?;
    let charged = subscriptions.iter().any(|it| it.is_live() && it.collection == "charge_automatically");
    if left.is_empty() && charged {
        for it in notice::card_removed(customer, &method) {
            if w.notice_put(&it)? {
                effects.push(format!("notice {} to the {}", it.kind, it.audience.as_str()));
            }
        }
    }
    Ok(effects)
}
