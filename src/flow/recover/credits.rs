//! Credits that a restored store lacks and that nobody can tell it of but a person.

use crate::billing::ledger::{Movement, comes_back};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::invoice::invoices_refresh;
use crate::store::ledger::PostingAfter;
use crate::store::{Reader, Restore, Store};

/// What happened to somebody's credits since the backup, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The customer's own id.
    pub customer: String,
    /// When; `None` where only the balance is known.
    pub at: Option<Timestamp>,
    /// What is not in the store any more.
    pub what: String,
}

/// Lists what cannot be rebuilt: each posting where the store that was replaced can still be read, else everybody with
/// credits. What was posted again since, under its key, is not listed.
pub(super) fn lost(store: &Store, restored: &Restore) -> Result<Vec<Lost>, Error> {
    let Some(postings) = postings(store, restored) else { return unknown(store, restored) };
    let mut lost = Vec::new();
    for it in postings? {
        if comes_back(it.movement, it.key.as_deref(), it.source_id.as_deref()) {
            continue;
        }
        let is_known = match &it.key {
            Some(key) => store.read(|r| r.posting_key_known(key))?,
            None => false,
        };
        if !is_known {
            lost.push(Lost { at: Some(it.at), what: words(&it), customer: it.customer });
        }
    }
    Ok(lost)
}

/// Whether the store that was replaced can still be read: then what its ledger gave is known.
pub(super) fn is_known(store: &Store, restored: &Restore) -> bool {
    matches!(postings(store, restored), Some(Ok(_)))
}

/// Reads the invoices of those whose month waits for a payment that this store does not know: with them it can say which
/// months were paid for.
pub(super) async fn invoices_read(desk: &Desk<'_>, now: Timestamp) -> Result<(), Error> {
    let waiting = desk.store.read(|r| {
        let mut waiting = Vec::new();
        for row in r.customers_assigned()? {
            if r.allocation_waits(row, now)? {
                waiting.push(r.customer_get(row)?);
            }
        }
        Ok::<_, Error>(waiting)
    })?;
    for customer in waiting {
        desk.api.run_anew();
        invoices_refresh(desk, &customer).await?;
    }
    Ok(())
}

/// Months that the lost ledger may have given: they are not given again before a person says so.
pub(super) fn in_doubt(r: &Reader<'_>, now: Timestamp) -> Result<Vec<Lost>, Error> {
    let mut lost = Vec::new();
    for row in r.customers_assigned()? {
        let customer = r.customer_get(row)?.id;
        for (tier, month, credits) in r.allocations_in_doubt(row, now)? {
            let what = format!(
                "{credits} credits of {tier} for the month from {}, given before or not: paygrade credits allocate {customer} --in-doubt --reason TEXT gives them",
                month.start
            );
            lost.push(Lost { customer: customer.to_string(), at: Some(month.start), what });
        }
    }
    Ok(lost)
}

/// From the store that was replaced; `None` where there is none that goes on where the backup ended.
fn postings(store: &Store, restored: &Restore) -> Option<Result<Vec<PostingAfter>, Error>> {
    let ours = store.info().ok()?;
    let path = restored.replaced.as_ref()?;
    let replaced = Store::open_reading(path, &ours.target, (*store.origin()).clone()).ok()?;
    let is_same = replaced.info().ok()?.store_id == ours.store_id;
    is_same.then(|| replaced.read(|r| Ok(r.postings_after(restored.postings)?)))
}

fn unknown(store: &Store, restored: &Restore) -> Result<Vec<Lost>, Error> {
    let since = restored.backed_up_at;
    let left = store.read(|r| r.credits_left())?;
    let each = left.into_iter().map(|(customer, credits)| {
        let what =
            format!("{credits} credits left; what was spent or given by hand since {since} is not known");
        Lost { customer, at: None, what }
    });
    Ok(each.collect())
}

/// What it was, and where one command does it again, that command.
fn words(it: &PostingAfter) -> String {
    let PostingAfter { customer, credits, .. } = it;
    let key = it.key.as_ref().map(|key| format!(" --key {}", quoted(key))).unwrap_or_default();
    match it.movement {
        Movement::Usage => format!("{credits} consumed: paygrade credits consume {customer} {credits}{key}"),
        Movement::Grant => {
            let kind = it.kind.as_deref().unwrap_or("bonus");
            let reason = quoted(it.reason.as_deref().unwrap_or("restored"));
            format!(
                "{credits} granted: paygrade credits grant {customer} {credits} --kind {kind} --reason {reason}{key}"
            )
        }
        movement => {
            let reason = it.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
            format!("{credits} moved: {}{reason}", movement.as_str())
        }
    }
}

/// Fit for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
