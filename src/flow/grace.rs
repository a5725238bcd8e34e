//! Failed payments: whoever has not paid when the grace of its tier is over falls back.

use super::Desk;
use super::invoice::invoices_refresh;
use super::refresh::subscription_refresh;
use crate::billing::grace::{Bill, Over, over, owes};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::customer::Customer;
use crate::store::intent::Fallback;
use crate::store::{CustomerRow, Reader};

/// One customer whose grace is over.
#[derive(Debug)]
pub struct Overdue {
    /// Whose.
    pub customer: Customer,
    /// The invoice that was not paid.
    pub invoice: String,
    /// When its grace was over.
    pub over_at: Timestamp,
    /// What was done: `true` where it falls back now, `false` where it did already.
    pub outcome: Result<bool, Error>,
}

/// What a subscription owes.
struct Owed {
    sub: String,
    over: Vec<Over>,
    /// It owes, and no failed payment is known: its invoices were not seen yet.
    unseen: bool,
}

/// Looks for grace that is over, and has those customers fall back.
pub async fn run(desk: &Desk<'_>) -> Result<Vec<Overdue>, Error> {
    let mut all = Vec::new();
    for row in desk.store.read(|r| r.customers_owing())? {
        let (customer, owed) =
            desk.store.read(|r| Ok::<_, Error>((r.customer_get(row)?, owed(r, row, desk.now)?)))?;
        let Some(mut owed) = owed else { continue };
        desk.api.run_anew();
        if owed.unseen {
            invoices_refresh(desk, &customer).await?;
            let Some(seen) = desk.store.read(|r| self::owed(r, row, desk.now))? else { continue };
            owed = seen;
        }
        let Some(first) = owed.over.first().cloned() else { continue };
        let Some(outcome) = overdue(desk, &customer).await.transpose() else { continue };
        let Over { at, invoice } = first;
        all.push(Overdue { customer, invoice, over_at: at, outcome });
    }
    Ok(all)
}

/// Whether a customer falls back now, after a look at Stripe: `None` when it has paid meanwhile.
async fn overdue(desk: &Desk<'_>, customer: &Customer) -> Result<Option<bool>, Error> {
    subscription_refresh(desk, customer).await?;
    invoices_refresh(desk, customer).await?;
    let known = |r: &Reader<'_>, owed: &Owed| {
        let keys = owed.over.iter().map(|over| Fallback::grace_over(&owed.sub, over));
        keys.map(|why| r.intent_is_known(&why.key())).collect::<Result<Vec<bool>, _>>()
    };
    let seen = desk.store.read(|r| {
        let Some(owed) = owed(r, customer.row, desk.now)?.filter(|it| !it.over.is_empty()) else {
            return Ok(None);
        };
        let all_known = known(r, &owed)?.iter().all(|known| *known);
        Ok::<_, Error>(Some(all_known))
    })?;
    match seen {
        None => Ok(None),
        // A second look writes nothing.
        Some(true) => Ok(Some(false)),
        Some(false) => desk.store.write(desk.now, |w| {
            let Some(owed) = owed(&w.reader(), customer.row, desk.now)? else { return Ok(None) };
            for over in &owed.over {
                if w.fallback_begin(customer.row, &Fallback::grace_over(&owed.sub, over))? {
                    return Ok(Some(true));
                }
            }
            Ok(Some(false))
        }),
    }
}

/// What a customer's subscription owes by what the store knows; `None` where it owes nothing.
fn owed(r: &Reader<'_>, customer: CustomerRow, now: Timestamp) -> Result<Option<Owed>, Error> {
    let Some(open) = r.assignment_open(customer)? else { return Ok(None) };
    let Some(sub) = open.sub.as_deref().map(|sub| r.subscription_get(sub)).transpose()?.flatten() else {
        return Ok(None);
    };
    let grace_days = r.revision_terms(&open.revision)?.and_then(|(terms, _)| terms.grace_days);
    if !owes(&sub.status) || grace_days.is_none() {
        return Ok(None);
    }
    let invoices = r.invoices_of(customer)?.into_iter();
    let bills: Vec<Bill> = invoices
        .filter(|it| it.sub.as_deref() == Some(&sub.sub))
        .map(|it| Bill { invoice: it.invoice, status: it.status, first_failed_at: it.first_failed_at })
        .collect();
    let unseen = !bills.iter().any(|bill| bill.is_unpaid() && bill.first_failed_at.is_some());
    Ok(Some(Owed { over: over(&sub.status, &bills, grace_days, now), sub: sub.sub, unseen }))
}
