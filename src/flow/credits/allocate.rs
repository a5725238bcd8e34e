//! Allocations of one customer or of everybody, by what the store knows.

use super::hold::Rolled;
use crate::billing::id::CustomerId;
use crate::billing::money::Credits;
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::customer::customer_required;
use crate::store::allocation::Allocated;
use crate::store::customer::Customer;
use crate::store::{CustomerRow, Reader, Store};

/// What was posted for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// Whose.
    pub customer: CustomerId,
    /// The month and its lot.
    pub allocated: Allocated,
}

/// Which months are posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Manner {
    /// Those too that a ledger which was lost may have given: a person says that it had not.
    pub in_doubt: bool,
    /// Show them only.
    pub dry_run: bool,
}

/// Months that are due and that a ledger which was lost may have given, with their credits.
pub fn in_doubt(
    store: &Store,
    now: Timestamp,
    customer: Option<&CustomerId>,
) -> Result<(usize, Credits), Error> {
    store.read(|r| {
        let (mut months, mut credits) = (0, 0_i64);
        for row in rows(r, customer)? {
            for (_, _, due) in r.allocations_in_doubt(row, now)? {
                months += 1;
                credits = credits.saturating_add(due.0);
            }
        }
        Ok((months, Credits(credits)))
    })
}

fn rows(r: &Reader<'_>, customer: Option<&CustomerId>) -> Result<Vec<CustomerRow>, Error> {
    match customer {
        Some(id) => Ok(vec![customer_required(r, id)?.row]),
        None => Ok(r.customers_assigned()?),
    }
}

/// Posts every month's credits that are due, a customer a transaction; `None`: of everybody on a tier.
pub fn allocate(
    store: &Store,
    now: Timestamp,
    customer: Option<&CustomerId>,
    manner: Manner,
) -> Result<Vec<Given>, Error> {
    let rows = store.read(|r| rows(r, customer))?;
    let mut all = Vec::new();
    for row in rows {
        // Most have nothing due: they are not worth a transaction.
        let is_due = store.read(|r| {
            let doubtful = manner.in_doubt && !r.allocations_in_doubt(row, now)?.is_empty();
            Ok::<_, Error>(doubtful || r.allocations_pending(row, now)?)
        })?;
        if !is_due {
            continue;
        }
        let written = store.write(now, |w| {
            let customer = w.reader().customer_get(row)?.id;
            let posted = if manner.in_doubt { w.allocate_in_doubt(row)? } else { w.allocate_due(row)? };
            let given = posted.into_iter().map(|allocated| Given { customer: customer.clone(), allocated });
            let done: Vec<Given> = given.collect();
            if manner.dry_run { Err(Rolled::Back(done)) } else { Ok(done) }
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
    manner: Manner,
) -> Result<Vec<Given>, Error> {
    let rows = desk.store.read(|r| rows(r, customer))?;
    for row in rows {
        let waiting = desk.store.read(|r| {
            Ok::<_, Error>(if r.allocation_waits(row, desk.now)? { Some(r.customer_get(row)?) } else { None })
        })?;
        if let Some(customer) = waiting {
            crate::flow::invoice::invoices_refresh(desk, &customer).await?;
            desk.api.run_anew();
        }
    }
    allocate(desk.store, desk.now, customer, manner)
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
