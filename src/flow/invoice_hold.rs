//! `invoice list|hold|release`: invoices as Stripe has them, and drafts that are kept open.
//!
//! A renewal's draft is final after about an hour, and usage that comes later is never billed on it. A draft whose
//! `auto_advance` is off stays one. The hold is stored before Stripe is called, and what Stripe shows decides: setting
//! the same again changes nothing.

use super::Desk;
use super::customer::customer_required;
use super::invoice::{invoice_seen, invoices_refresh};
use super::refresh::subscription_refresh;
use crate::billing::id::CustomerId;
use crate::billing::money::{Currency, Money};
use crate::error::{Changed, Error, Kind};
use crate::flow::push::refuse_fenced;
use crate::store::customer::Customer;
use crate::store::invoice_hold::{HoldState, InvoiceHold};
use crate::stripe::{InvoiceFound, InvoiceQuery};

/// Which invoices are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// This one.
    Invoice(String),
    /// The drafts of this customer's subscriptions.
    Customer(CustomerId),
}

/// An invoice with whose it is and its hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The customer, where it is one of ours.
    pub customer: Option<Customer>,
    /// The invoice.
    pub found: InvoiceFound,
    /// Its hold.
    pub hold: Option<InvoiceHold>,
}

impl Listed {
    /// Stripe's word.
    pub fn status(&self) -> &str {
        self.found.status.as_deref().unwrap_or("draft")
    }
    /// Whether it is kept open already, here and at Stripe.
    pub fn is_held(&self) -> bool {
        self.hold.as_ref().is_some_and(|it| it.state == HoldState::Held) && !self.found.auto_advance
    }
    /// An amount of it.
    pub fn money(&self, minor: i64) -> Option<Money> {
        Currency::parse(&self.found.currency).map(|currency| Money { minor, currency })
    }
}

/// Reads invoices at Stripe, newest first, and stores those of our customers.
pub async fn invoice_list(
    desk: &Desk<'_>,
    customer: Option<&CustomerId>,
    draft: bool,
) -> Result<Vec<Listed>, Error> {
    let found = match customer {
        Some(id) => {
            let customer = desk.store.read(|r| customer_required(r, id))?;
            subscription_refresh(desk, &customer).await?;
            invoices_refresh(desk, &customer).await?
        }
        None => {
            let found = desk.api.invoice_list(&InvoiceQuery::default()).await?.value;
            desk.store.write(desk.now, |w| {
                for it in &found {
                    let cus = it.customer.as_deref().unwrap_or_default();
                    if let Some(customer) = w.reader().customer_by_cus(cus)? {
                        invoice_seen(w, customer.row, it)?;
                    }
                }
                Ok::<_, Error>(())
            })?;
            found
        }
    };
    let wanted = found.into_iter().filter(|it| !draft || it.status.as_deref().unwrap_or("draft") == "draft");
    wanted.map(|it| listed(desk, it)).collect()
}

fn listed(desk: &Desk<'_>, found: InvoiceFound) -> Result<Listed, Error> {
    desk.store.read(|r| {
        let customer = r.customer_by_cus(found.customer.as_deref().unwrap_or_default())?;
        let hold = r.invoice_hold_open(&found.id)?;
        Ok(Listed { customer, found, hold })
    })
}

/// The invoices that are meant, as they are now. Those of a customer are its drafts of subscriptions.
pub async fn invoices_meant(desk: &Desk<'_>, which: &Which) -> Result<Vec<Listed>, Error> {
    match which {
        Which::Customer(id) => {
            let mut all = invoice_list(desk, Some(id), true).await?;
            all.retain(|it| it.found.subscription.is_some());
            Ok(all)
        }
        Which::Invoice(invoice) => {
            let found = desk.api.invoice_retrieve(invoice).await.map_err(|failure| {
                let missing = failure.is_missing();
                let error = Error::from(failure);
                if missing { error.hint("`paygrade invoice list --draft` shows the drafts") } else { error }
            })?;
            let one = listed(desk, found.value)?;
            let Some(customer) = &one.customer else {
                let what = format!("{invoice} belongs to no customer of ours");
                return Err(Error::new(Kind::Refused, "not_ours", what)
                    .hint("link its customer first: paygrade customer link ID cus_…"));
            };
            subscription_refresh(desk, customer).await?;
            Ok(vec![one])
        }
    }
}

fn already_final(it: &Listed) -> Error {
    let what = format!("{} is {}: only a draft can be kept open", it.found.id, it.status());
    Error::new(Kind::Refused, "invoice_final", what)
        .hint("usage that came too late for it: paygrade meter retry --into-open-period -n")
}

/// Refuses what is final already.
pub fn check_hold(meant: &[Listed]) -> Result<(), Error> {
    meant.iter().find(|it| it.status() != "draft").map_or(Ok(()), |it| Err(already_final(it)))
}

/// Keeps drafts open. The same again changes nothing.
pub async fn hold(desk: &Desk<'_>, meant: &[Listed], why: &str) -> Result<Vec<InvoiceHold>, Error> {
    refuse_fenced(desk.store)?;
    check_hold(meant)?;
    let mut held = Vec::new();
    for it in meant {
        let Some(customer) = &it.customer else { continue };
        let hold = desk.store.write(desk.now, |w| {
            invoice_seen(w, customer.row, &it.found)?;
            Ok::<_, Error>(w.invoice_hold_begin(&it.found.id, why)?)
        })?;
        if hold.state != HoldState::Held || it.found.auto_advance {
            let now = advance(desk, &hold, false).await?;
            if now.status.as_deref().unwrap_or("draft") != "draft" {
                // It became final in between: Stripe must go on collecting it.
                advance(desk, &hold, true).await?;
                desk.store.write(desk.now, |w| {
                    invoice_seen(w, customer.row, &now)?;
                    Ok::<_, Error>(w.invoice_hold_move(
                        hold.hold,
                        HoldState::Dropped,
                        Some("it was final"),
                    )?)
                })?;
                return Err(already_final(&Listed { found: now, ..it.clone() }).changed(Changed::Recorded));
            }
            desk.store.write(desk.now, |w| {
                invoice_seen(w, customer.row, &now)?;
                Ok::<_, Error>(w.invoice_hold_move(hold.hold, HoldState::Held, None)?)
            })?;
        }
        held.push(InvoiceHold { state: HoldState::Held, ..hold });
    }
    Ok(held)
}

/// Lets Stripe go on with invoices. Gives those that were not held.
pub async fn release(desk: &Desk<'_>, meant: &[Listed], why: Option<&str>) -> Result<Vec<String>, Error> {
    refuse_fenced(desk.store)?;
    let mut released = Vec::new();
    for it in meant {
        let over = matches!(it.status(), "paid" | "void" | "uncollectible");
        if it.hold.is_none() && (over || it.found.auto_advance) {
            continue;
        }
        let Some(customer) = &it.customer else { continue };
        let hold = desk.store.write(desk.now, |w| {
            invoice_seen(w, customer.row, &it.found)?;
            let hold = w.invoice_hold_begin(&it.found.id, "held elsewhere")?;
            w.invoice_hold_move(hold.hold, HoldState::Releasing, None)?;
            Ok::<_, Error>(hold)
        })?;
        let mut now = it.found.clone();
        if !over && !it.found.auto_advance {
            now = advance(desk, &hold, true).await?;
        }
        desk.store.write(desk.now, |w| {
            invoice_seen(w, customer.row, &now)?;
            Ok::<_, Error>(w.invoice_hold_move(hold.hold, HoldState::Released, why)?)
        })?;
        released.push(it.found.id.clone());
    }
    Ok(released)
}

/// Sets whether Stripe goes on by itself. The key is of the hold and the direction; an answer of 5xx that Stripe keeps
/// under it does not block the next run.
async fn advance(desk: &Desk<'_>, hold: &InvoiceHold, on: bool) -> Result<InvoiceFound, Error> {
    let key = format!(
        "paygrade:{}:hold:{}:{}:{}",
        desk.namespace,
        hold.hold,
        hold.invoice,
        if on { "on" } else { "off" }
    );
    let look = matches!(hold.state, HoldState::Holding | HoldState::Releasing) && hold.at != desk.now;
    let call = async |key: String| desk.api.invoice_auto_advance(&hold.invoice, on, &key).await;
    let answer = super::set(desk, key, look, call).await.map_err(super::stored_answer_hint)?;
    if answer.meta.replayed {
        // The first answer again: what is it now?
        return Ok(desk.api.invoice_retrieve(&hold.invoice).await?.value);
    }
    Ok(answer.value)
}
