//! What Stripe says of a customer's invoices, brought into the store.

use super::Desk;
use crate::billing::period::Period;
use crate::error::Error;
use crate::store::customer::Customer;
use crate::store::invoice::Invoice;
use crate::store::{CustomerRow, Reader, Writer};
use crate::stripe::{InvoiceFound, InvoiceQuery};

/// The invoice as the store keeps it. A subscription that the store does not know is left out: it is not ours.
///
/// Nothing in an invoice says when a payment failed first. Where its subscription is past due, it was when the invoice
/// became final: Stripe charges then. An event that tells of a failure says it better.
pub fn as_stored(r: &Reader<'_>, customer: CustomerRow, found: &InvoiceFound) -> Result<Invoice, Error> {
    let sub = match &found.subscription {
        Some(sub) => r.subscription_get(sub)?.filter(|it| it.customer == customer),
        None => None,
    };
    let owes = sub.as_ref().is_some_and(|it| matches!(it.status.as_str(), "past_due" | "unpaid"));
    let status = found.status.clone().unwrap_or_else(|| "draft".to_owned());
    let failed = owes && found.attempt_count > 0 && matches!(status.as_str(), "open" | "uncollectible");
    Ok(Invoice {
        invoice: found.id.clone(),
        customer,
        sub: sub.map(|it| it.sub),
        number: found.number.clone(),
        status,
        reason: found.billing_reason.clone(),
        currency: found.currency.clone(),
        total: found.total,
        amount_due: found.amount_due,
        amount_paid: found.amount_paid,
        created_at: found.created,
        usage: Period { start: found.period_start, end: found.period_end },
        covers: covers(r, found)?,
        finalized_at: found.finalized_at,
        paid_at: found.paid_at,
        due_at: found.due_date,
        next_attempt_at: found.next_payment_attempt,
        first_failed_at: found.finalized_at.filter(|_| failed),
    })
}

/// What an invoice charges in advance: the span of its lines for monthly and yearly prices, prorations left aside.
fn covers(r: &Reader<'_>, found: &InvoiceFound) -> Result<Option<Period>, Error> {
    let mut covers: Option<Period> = None;
    for line in found.lines.iter().filter(|line| !line.proration) {
        let Some(price) = &line.price else { continue };
        if !r.price_is_in_advance(price)? {
            continue;
        }
        let known = covers.unwrap_or(Period { start: line.period_start, end: line.period_end });
        covers =
            Some(Period { start: known.start.min(line.period_start), end: known.end.max(line.period_end) });
    }
    Ok(covers)
}

/// Stores an invoice as it was found. Its subscription is to be stored before it.
pub fn invoice_seen(w: &Writer<'_>, customer: CustomerRow, found: &InvoiceFound) -> Result<(), Error> {
    let invoice = as_stored(&w.reader(), customer, found)?;
    Ok(w.invoice_put(&invoice)?)
}

/// Reads a customer's invoices and stores them all, in one transaction and only if something is new. Gives them,
/// newest first.
pub async fn invoices_refresh(desk: &Desk<'_>, customer: &Customer) -> Result<Vec<InvoiceFound>, Error> {
    let Some(cus) = &customer.cus else { return Ok(Vec::new()) };
    let query = InvoiceQuery { customer: Some(cus.clone()), ..InvoiceQuery::default() };
    let found = desk.api.invoice_list(&query).await?.value;
    let new = desk.store.read(|r| {
        for it in &found {
            if is_news(r, customer.row, it)? {
                return Ok(true);
            }
        }
        Ok::<_, Error>(false)
    })?;
    if new {
        desk.store.write(desk.now, |w| found.iter().try_for_each(|it| invoice_seen(w, customer.row, it)))?;
    }
    Ok(found)
}

/// Whether the store would say something else of an invoice after this sight of it.
fn is_news(r: &Reader<'_>, customer: CustomerRow, found: &InvoiceFound) -> Result<bool, Error> {
    let seen = as_stored(r, customer, found)?;
    let Some(known) = r.invoice_get(&found.id)? else { return Ok(true) };
    // What is kept from the first sight on is no news.
    let first_failed_at = known.first_failed_at.or(seen.first_failed_at);
    Ok(known != Invoice { first_failed_at, ..seen })
}
