//! Customers: what Stripe has of them, and what to do when one was deleted there.

use super::notice;
use super::sight::Sight;
use crate::error::Error;
use crate::store::Writer;
use crate::store::customer::Customer;

pub(super) fn apply(w: &Writer<'_>, customer: &Customer, sight: &Sight) -> Result<Vec<String>, Error> {
    let Some(found) = &sight.customer else { return Ok(vec!["nothing".to_owned()]) };
    if found.deleted {
        let new = w.notice_put(&notice::customer_deleted(customer))?;
        let effect = if new { "deleted at Stripe; notice customer_deleted" } else { "deleted at Stripe" };
        return Ok(vec![effect.to_owned()]);
    }
    // A linked customer keeps an address: without one nobody could be told anything.
    let Some(email) = found.email.as_deref().filter(|it| !it.is_empty()) else {
        return Ok(vec!["no e-mail address at Stripe any more; the last one is kept".to_owned()]);
    };
    if (customer.email.as_deref(), customer.name.as_deref()) == (Some(email), found.name.as_deref()) {
        return Ok(vec!["address and name as known".to_owned()]);
    }
    w.customer_describe(customer.row, Some(email), found.name.as_deref())?;
    Ok(vec!["address and name stored".to_owned()])
}
