//! `customer link`: an own id for a customer that Stripe has already.

use std::collections::BTreeMap;

use super::super::Desk;
use super::{METADATA_KEY, mark};
use crate::billing::id::CustomerId;
use crate::error::{Changed, Error, Kind};
use crate::store::customer::Customer;
use crate::stripe::{CustomerData, CustomerFound};

/// What linking came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The customer, linked.
    pub customer: Customer,
    /// Whether anything was changed.
    pub changed: bool,
}

fn refused(code: &'static str, text: String, hint: String) -> Error {
    Error::new(Kind::Refused, code, text).hint(hint)
}

/// Links an own id to a Stripe customer and marks it there as ours. Linking it again to the same changes nothing.
pub async fn customer_link(desk: &Desk<'_>, id: &CustomerId, cus: &str) -> Result<Linked, Error> {
    let known = check_here(desk, id, cus)?;
    let found = desk.api.customer_retrieve(cus).await.map_err(|failure| {
        let missing = failure.is_missing();
        let error = Error::from(failure);
        if missing {
            error.hint("copy the id from Stripe; test and live customers are not the same")
        } else {
            error
        }
    })?;
    let found = found.value;
    check_there(desk, id, &found)?;
    let ours = mark(desk.namespace, id);
    let mut changed = false;
    if found.metadata.get(METADATA_KEY) != Some(&ours) {
        let data = CustomerData {
            metadata: BTreeMap::from([(METADATA_KEY.to_owned(), ours)]),
            ..CustomerData::default()
        };
        let key = format!("{}:link:{cus}", super::base_key(desk.namespace, id));
        desk.api.customer_update(cus, &data, &key).await.map_err(super::super::stored_answer_hint)?;
        changed = true;
    }
    let same = known.as_ref().is_some_and(|known| {
        known.cus.as_deref() == Some(cus) && known.email == found.email && known.name == found.name
    });
    if !same {
        desk.store.write(desk.now, |w| {
            let (email, name) = (found.email.as_deref(), found.name.as_deref());
            let row = match w.reader().customer_by_id(id)? {
                Some(customer) => customer.row,
                None => w.customer_insert(id, email, name)?,
            };
            w.customer_link(row, cus)?;
            w.customer_describe(row, email, name)
        })?;
        changed = true;
    }
    let customer = desk.store.read(|r| super::customer_required(r, id))?;
    Ok(Linked { customer, changed })
}

/// One own id, one Stripe customer, in both directions.
fn check_here(desk: &Desk<'_>, id: &CustomerId, cus: &str) -> Result<Option<Customer>, Error> {
    if !cus.starts_with("cus_")
        || cus.len() > 255
        || !cus.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    {
        return Err(Error::new(Kind::BadInput, "bad_cus", format!("`{cus}` is not a Stripe customer's id"))
            .hint("it looks like cus_NffrFeUfNV2Hib"));
    }
    desk.store.read(|r| {
        if let Some(other) = r.customer_by_cus(cus)?.filter(|other| other.id != *id) {
            let text = format!("{cus} is linked to customer {} already", other.id);
            return Err(refused(
                "linked_elsewhere",
                text,
                format!("see `paygrade customer show {}`", other.id),
            ));
        }
        let known = r.customer_by_id(id)?;
        if let Some(own) = known.as_ref().and_then(|known| known.cus.as_deref()).filter(|own| *own != cus) {
            let text = format!("customer {id} is linked to {own} already, and stays so");
            return Err(refused("linked_already", text, "give another own id".to_owned()));
        }
        Ok(known)
    })
}

fn check_there(desk: &Desk<'_>, id: &CustomerId, found: &CustomerFound) -> Result<(), Error> {
    if found.deleted {
        let text = format!("{} was deleted at Stripe", found.id);
        return Err(refused("customer_deleted", text, format!("paygrade customer add {id} --email ADDRESS")));
    }
    let prefix = format!("{}/customer/", desk.namespace);
    let other = found.metadata.get(METADATA_KEY).and_then(|mark| mark.strip_prefix(&prefix));
    if let Some(other) = other.filter(|other| *other != id.as_str()) {
        let text = format!("Stripe says that {} is customer `{other}` of ours", found.id);
        let hint = format!("link that one: paygrade customer link {other} {}", found.id);
        return Err(refused("linked_elsewhere", text, hint).changed(Changed::None));
    }
    if found.email.as_deref().is_none_or(str::is_empty) {
        let text = format!("{} has no e-mail address at Stripe", found.id);
        return Err(refused("email_missing", text, "give it one in the Dashboard, then link it".to_owned()));
    }
    Ok(())
}
