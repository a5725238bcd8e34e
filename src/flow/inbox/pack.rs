//! Packs of credits: given once for each payment, taken back as far as they were paid back.
//!
//! A refund may be told before the payment: so both are read together, and both are applied whichever event comes.

use super::sight::{Case, Sight};
use crate::error::{Error, Kind};
use crate::flow::Desk;
use crate::flow::credits::sell::SALE_METADATA_KEY;
use crate::store::Writer;
use crate::store::customer::Customer;
use crate::store::sale::{PackPayment, Provisioned, Refunded};
use crate::stripe::{CheckoutFound, InvoiceFound};

/// A payment that may have bought a pack, with what was paid back of it so far.
#[derive(Debug)]
pub(in crate::flow) struct Bought {
    pub payment: PackPayment,
    pub refunded: i64,
}

/// What a checkout session bought; `None` where it sells no payment.
pub(super) async fn of_session(
    desk: &Desk<'_>,
    customer: &Customer,
    session: &CheckoutFound,
) -> Result<Option<Bought>, Error> {
    if session.mode != "payment" {
        return Ok(None);
    }
    let lines = desk.api.checkout_lines(&session.id).await?.value;
    let lines = lines.into_iter().map(|it| (it.price, it.quantity)).collect();
    let refunded = refunded(desk, session.payment.as_deref()).await?;
    let payment = PackPayment {
        customer: customer.row,
        sale_key: session.reference.clone().or_else(|| session.metadata.get(SALE_METADATA_KEY).cloned()),
        session: Some(session.id.clone()),
        invoice: session.invoice.clone(),
        payment: session.payment.clone(),
        is_paid: session.is_paid,
        amount: session.amount_total.unwrap_or_default(),
        currency: session.currency.clone().unwrap_or_default(),
        lines,
    };
    Ok(Some(Bought { payment, refunded }))
}

/// What an invoice bought; `None` where it bills a subscription.
pub(super) async fn of_invoice(
    desk: &Desk<'_>,
    customer: &Customer,
    invoice: &InvoiceFound,
) -> Result<Option<Bought>, Error> {
    let is_paid = invoice.status.as_deref() == Some("paid");
    if invoice.subscription.is_some() || !is_paid {
        return Ok(None);
    }
    let payments = desk.api.invoice_payments(&invoice.id).await?.value;
    let payment = payments.into_iter().next();
    let refunded = refunded(desk, payment.as_deref()).await?;
    let line =
        |line: &crate::stripe::InvoiceLineFound| Some((line.price.clone()?, line.quantity.unwrap_or(1)));
    let payment = PackPayment {
        customer: customer.row,
        sale_key: invoice.metadata.get(SALE_METADATA_KEY).cloned(),
        session: None,
        invoice: Some(invoice.id.clone()),
        payment,
        is_paid,
        amount: invoice.amount_paid,
        currency: invoice.currency.clone(),
        lines: invoice.lines.iter().filter_map(line).collect(),
    };
    Ok(Some(Bought { payment, refunded }))
}

/// What a payment bought that no event told of, by the id of its session (`cs_…`) or invoice (`in_…`); `None` where Stripe
/// does not show it as paid, or it is gone.
pub(in crate::flow) async fn asked(
    desk: &Desk<'_>,
    customer: &Customer,
    object: &str,
) -> Result<Option<Bought>, Error> {
    let bought = if object.starts_with("cs_") {
        match desk.api.checkout_retrieve(object).await {
            Ok(found) => of_session(desk, customer, &found.value).await?,
            Err(failure) if failure.is_missing() => None,
            Err(failure) => return Err(failure.into()),
        }
    } else {
        match desk.api.invoice_retrieve(object).await {
            Ok(found) => of_invoice(desk, customer, &found.value).await?,
            Err(failure) if failure.is_missing() => None,
            Err(failure) => return Err(failure.into()),
        }
    };
    Ok(bought.filter(|it| it.payment.is_paid))
}

async fn refunded(desk: &Desk<'_>, payment: Option<&str>) -> Result<i64, Error> {
    match payment {
        Some(payment) => Ok(desk.api.payment_refunded(payment).await?.value),
        None => Ok(0),
    }
}

/// Gives what was bought, and takes back what was paid back of it.
pub(in crate::flow) fn apply(w: &Writer<'_>, bought: &Bought) -> Result<Vec<String>, Error> {
    let mut effects = match w.pack_paid(&bought.payment)? {
        Provisioned::Granted(sale) => vec![format!("pack {} given: {} credits", sale.pack, sale.credits)],
        Provisioned::Known(sale) => vec![format!("pack {} was given already", sale.pack)],
        Provisioned::NotPaid => return Ok(vec!["not paid yet".to_owned()]),
        Provisioned::NotOurs => return Ok(Vec::new()),
        // Money was taken and nothing given: somebody must look.
        Provisioned::Refused(why) => return Err(Error::new(Kind::Refused, "pack_refused", why)),
    };
    if let Some(payment) = &bought.payment.payment {
        effects.extend(refund(w, payment, bought.refunded)?);
    }
    Ok(effects)
}

/// Takes back what was paid back of a payment.
fn refund(w: &Writer<'_>, payment: &str, refunded: i64) -> Result<Option<String>, Error> {
    if refunded == 0 {
        return Ok(None);
    }
    Ok(match w.pack_refunded(payment, refunded)? {
        Refunded::Revoked(sale, credits) => {
            Some(format!("pack {} paid back: {credits} credits taken back", sale.pack))
        }
        Refunded::NotOurs => None,
    })
}

/// A charge that was paid back.
pub(super) fn apply_charge(w: &Writer<'_>, sight: &Sight) -> Result<Vec<String>, Error> {
    let Some(charge) = &sight.charge else { return Ok(vec!["no charge".to_owned()]) };
    let mut effects = vec![format!("{} of {} paid back", charge.amount_refunded, charge.amount)];
    if let Some(payment) = &charge.payment_intent {
        effects.extend(refund(w, payment, sight.refunded.unwrap_or(charge.amount_refunded))?);
    }
    Ok(effects)
}

/// A checkout session, as it is now.
pub(super) fn apply_session(w: &Writer<'_>, case: &Case, sight: &Sight) -> Result<Vec<String>, Error> {
    let id = case.event.object.as_deref().unwrap_or("-");
    let Some(session) = &sight.session else { return Ok(vec![format!("{id} is gone")]) };
    let status = session.status.as_deref().unwrap_or("open");
    let mut effects =
        vec![format!("{} {status}, {}", session.id, if session.is_paid { "paid" } else { "not paid" })];
    if let Some(bought) = &sight.bought {
        effects.extend(apply(w, bought)?);
    }
    Ok(effects)
}
