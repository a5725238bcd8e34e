//! What was done at Stripe, into the store: subscription, pinned revision, spans, trial credits, in one transaction.

use super::body::Body;
use crate::billing::ledger::{Expiry, Key, LotKind, Scope};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::Desk;
use crate::flow::refresh::as_stored;
use crate::store::Writer;
use crate::store::customer::Customer;
use crate::store::intent::{Intent, IntentState};
use crate::store::ledger::{Grant, Note, Outcome};
use crate::store::tier::AssignmentNew;
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
    let revision = body.revision()?;
    desk.store.write(desk.now, |w| {
        if !w.intent_end(intent.intent, IntentState::Done)? {
            return Ok(None);
        }
        for found in begins.with.iter().chain(&begins.ended) {
            w.subscription_put(&as_stored(found, customer.row, desk.namespace))?;
        }
        let before = w.reader().assignments_of(customer.row)?;
        // Never before what went before: an assignment that lasted for no time stays in the history as such.
        let at = before
            .iter()
            .flat_map(|it| [Some(it.from_at), it.to_at])
            .flatten()
            .fold(begins.at, Timestamp::max);
        let new = AssignmentNew {
            customer: customer.row,
            revision: revision.clone(),
            interval: body.interval(),
            seats: body.seats,
            sub: begins.with.map(|found| found.id.clone()),
            from_at: at,
            anchor_at: begins.with.map_or(at, |found| found.billing_cycle_anchor),
        };
        if let Some(open) = before.iter().find(|it| it.to_at.is_none()) {
            // How it is paid may be all that changed: then the history goes on as it is.
            if open.is_continued_by(&new) {
                return Ok(None);
            }
            w.assignment_close(open.assignment, at)?;
        }
        w.assignment_insert(&new)?;
        crate::flow::history_changed(w, customer.row, at)?;
        let trial = trial_credits(w, customer, &revision)?;
        w.allocate_due(customer.row)?;
        Ok(trial)
    })
}

/// Trial credits, once per customer: at the first assignment of a tier that has them.
fn trial_credits(
    w: &Writer<'_>,
    customer: &Customer,
    revision: &crate::billing::id::Revision,
) -> Result<Option<i64>, Error> {
    let terms = w.reader().revision_terms(revision)?;
    let Some((terms, _)) = terms else { return Ok(None) };
    let Some(credits) = terms.credits.as_ref().and_then(|credits| credits.trial) else { return Ok(None) };
    let lasting = terms.credits.as_ref().and_then(|credits| credits.trial_expires_after);
    let key = Key::own(Scope::Trial, customer.id.as_str());
    let reason = format!("trial of {}", revision.tier);
    let granted = w.ledger_grant(&Grant {
        customer: customer.row,
        kind: LotKind::Trial,
        credits,
        expires: lasting.map_or(Expiry::Never, Expiry::After),
        note: Note { key: Some(&key), reason: Some(&reason), source_id: None },
    })?;
    // The key was used: the customer had its trial credits, of this tier or of another.
    Ok(matches!(granted, Outcome::Posted(_)).then_some(credits.0))
}
