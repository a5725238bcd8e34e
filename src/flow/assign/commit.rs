//! What was done at Stripe, into the store: subscription, pinned revision, spans, trial credits, what waits for its
//! day; in one transaction.

use super::body::Body;
use crate::billing::assign::Pending;
use crate::billing::id::Revision;
use crate::billing::ledger::{Expiry, Key, LotKind, Scope};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::refresh::{as_stored, follow, follow_pending};
use crate::store::customer::Customer;
use crate::store::intent::{Intent, IntentState};
use crate::store::ledger::{Grant, Note, Outcome};
use crate::store::pending::PendingEnd;
use crate::store::tier::AssignmentNew;
use crate::store::{CustomerRow, Writer};
use crate::stripe::SubscriptionFound;

/// When the new assignment begins, and what it hangs on.
pub(super) struct Begins<'a> {
    /// By Stripe's clock where there was a subscription.
    pub(super) at: Timestamp,
    /// The subscription that goes with it; `None` on a tier without one.
    pub(super) with: Option<&'a SubscriptionFound>,
    /// The subscription that ended for it.
    pub(super) ended: Option<&'a SubscriptionFound>,
}

/// Commits. Another process may have finished the same intent: then nothing is left to do. Gives the trial credits
/// that were granted now.
pub(super) fn commit(
    desk: &Desk<'_>,
    customer: &Customer,
    intent: &Intent,
    body: &Body,
    begins: &Begins<'_>,
) -> Result<Option<i64>, Error> {
    desk.store.write(desk.now, |w| {
        if !w.intent_end(intent.intent, IntentState::Done)? {
            return Ok(None);
        }
        for found in begins.with.iter().chain(&begins.ended) {
            w.subscription_put(&as_stored(found, customer.row, desk.namespace))?;
        }
        match begins.with {
            Some(found) => follow_pending(w, customer.row, found)?,
            None => undo_pending(w, customer.row)?,
        }
        let before = w.reader().assignments_of(customer.row)?;
        // Never before what went before: an assignment that lasted for no time stays in the history as such.
        let at = before
            .iter()
            .flat_map(|it| [Some(it.from_at), it.to_at])
            .flatten()
            .fold(begins.at, Timestamp::max);
        let open = before.iter().find(|it| it.to_at.is_none());
        let Some(coming) = body.coming()? else {
            // It has ended, and nothing comes that was asked for: what it falls back to is another's to perform.
            if let Some(open) = open {
                w.assignment_close(open.assignment, at)?;
                crate::flow::history_changed(w, customer.row, at)?;
            }
            crate::flow::inbox::subscription_ended(w, customer)?;
            w.allocate_due(customer.row)?;
            return Ok(None);
        };
        let new = AssignmentNew {
            customer: customer.row,
            revision: coming.revision.clone(),
            interval: coming.interval,
            seats: coming.seats,
            sub: begins.with.map(|found| found.id.clone()),
            from_at: at,
            anchor_at: begins.with.map_or(at, |found| found.billing_cycle_anchor),
        };
        if let Some(open) = open {
            // How it is paid, or what waits, may be all that changed: then the history goes on as it is.
            if open.is_continued_by(&new) {
                return Ok(None);
            }
            w.assignment_close(open.assignment, at)?;
        }
        w.assignment_insert(&new)?;
        crate::flow::history_changed(w, customer.row, at)?;
        let trial = trial_credits(w, customer.row, &coming.revision)?;
        w.allocate_due(customer.row)?;
        Ok(trial)
    })
}

/// Commits a change that waits for its day. Where its day has come meanwhile, the history follows at once.
pub(super) fn commit_pending(
    desk: &Desk<'_>,
    customer: &Customer,
    intent: &Intent,
    body: &Body,
    found: &SubscriptionFound,
    change: &Pending,
) -> Result<(), Error> {
    desk.store.write(desk.now, |w| {
        if !w.intent_end(intent.intent, IntentState::Done)? {
            return Ok(());
        }
        w.subscription_put(&as_stored(found, customer.row, desk.namespace))?;
        w.pending_put(customer.row, &found.id, &body.op, change)?;
        if let Some(since) = follow(w, desk.namespace, customer.row, found)? {
            crate::flow::history_changed(w, customer.row, since)?;
            w.allocate_due(customer.row)?;
        }
        Ok(())
    })
}

fn undo_pending(w: &Writer<'_>, customer: CustomerRow) -> Result<(), Error> {
    if let Some(waits) = w.reader().pending_waiting(customer)? {
        w.pending_end(waits.pending, PendingEnd::Undone)?;
    }
    Ok(())
}

/// Trial credits, once per customer: at the first assignment of a tier that has them. In the transaction that opens
/// the assignment.
pub fn trial_credits(
    w: &Writer<'_>,
    customer: CustomerRow,
    revision: &Revision,
) -> Result<Option<i64>, Error> {
    let terms = w.reader().revision_terms(revision)?;
    let Some((terms, _)) = terms else { return Ok(None) };
    let Some(credits) = terms.credits.as_ref().and_then(|credits| credits.trial) else { return Ok(None) };
    let lasting = terms.credits.as_ref().and_then(|credits| credits.trial_expires_after);
    let key = Key::own(Scope::Trial, w.reader().customer_get(customer)?.id.as_str());
    let reason = format!("trial of {}", revision.tier);
    let granted = w.ledger_grant(&Grant {
        customer,
        kind: LotKind::Trial,
        credits,
        expires: lasting.map_or(Expiry::Never, Expiry::After),
        note: Note { key: Some(&key), reason: Some(&reason), source_id: None },
    })?;
    // The key was used: the customer had its trial credits, of this tier or of another.
    Ok(matches!(granted, Outcome::Posted(_)).then_some(credits.0))
}
