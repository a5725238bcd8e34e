//! Allocations of one customer or of everybody, by what the store knows.

use super::hold::Rolled;
use crate::billing::id::CustomerId;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::customer::customer_required;
use crate::store::allocation::Allocated;
use crate::store::customer::Customer;
use crate::store::{CustomerRow, Store};

/// What was posted for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Whose.
    pub customer: CustomerId,
    /// The month and its lot.
    pub allocated: Allocated,
}

/// Posts every month's credits that are due, a customer a transaction; `None`: of everybody on a tier.
pub fn allocate(
    store: &Store,
    now: Timestamp,
    customer: Option<&CustomerId>,
    dry_run: bool,
) -> Result<Vec<Given>, Error> {
    let rows: Vec<CustomerRow> = store.read(|r| match customer {
        Some(id) => Ok::<_, Error>(vec![customer_required(r, id)?.row]),
        None => Ok(r.customers_assigned()?),
    })?;
    let mut all = Vec::new();
    for row in rows {
        // Most have nothing due: they are not worth a transaction.
        if !store.read(|r| r.allocations_pending(row, now))? {
            continue;
        }
        let written = store.write(now, |w| {
            let customer = w.reader().customer_get(row)?.id;
            let done: Vec<Given> = w
                .allocate_due(row)?
                .into_iter()
                .map(|allocated| Given { customer: customer.clone(), allocated })
                .collect();
            if dry_run { Err(Rolled::Back(done)) } else { Ok(done) }
        });
        match written {
            Ok(done) | Err(Rolled::Back(done)) => all.extend(done),
            Err(Rolled::Failed(error)) => return Err(error),
        }
    }
    Ok(all)
}

/// As [`allocate`], after asking Stripe for the invoices of those whose newest month waits for a payment that the store
/// does not know: for machines that no event reaches.
pub async fn allocate_looking(
    desk: &Desk<'_>,
    customer: Option<&CustomerId>,
    dry_run: bool,
) -> Result<Vec<Given>, Error> {
    let rows: Vec<CustomerRow> = desk.store.read(|r| match customer {
        Some(id) => Ok::<_, Error>(vec![customer_required(r, id)?.row]),
        None => Ok(r.customers_assigned()?),
    })?;
    for row in rows {
        let waiting = desk.store.read(|r| {
            Ok::<_, Error>(if r.allocation_waits(row, desk.now)? { Some(r.customer_get(row)?) } else { None })
        })?;
        if let Some(customer) = waiting {
            crate::flow::invoice::invoices_refresh(desk, &customer).await?;
            desk.api.run_anew();
        }
    }
    allocate(desk.store, desk.now, customer, dry_run)
}

/// After a change of tier: its invoice may be paid already, and its credits are due then. Stripe not answering now
/// changes nothing: whoever sees the invoice next posts them.
pub async fn after_change(desk: &Desk<'_>, customer: &Customer) -> Result<(), Error> {
    if !desk.store.read(|r| r.allocation_waits(customer.row, desk.now))? {
        return Ok(());
    }
    if crate::flow::invoice::invoices_refresh(desk, customer).await.is_err() {
        return Ok(());
    }
    if desk.store.read(|r| r.allocations_pending(customer.row, desk.now))? {
        desk.store.write(desk.now, |w| w.allocate_due(customer.row))?;
    }
    Ok(())
}
