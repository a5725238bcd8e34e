//! What a customer falls back to when its subscription has ended or its grace is over, as a tier assignment.
//!
//! Whoever sees it first stores an intent; here it is performed, from wherever a run that died left it: each step looks
//! at Stripe first. Where grace is over: usage is sent, what is owed is looked at once more, the subscription ends with
//! an invoice for that usage, and nothing is credited for time that was never paid. A payment that came meanwhile drops
//! the intent.

use serde_json::json;

use super::assign::{Ask, assign_finish, assign_landing};
use super::drain::drain;
use super::invoice::invoices_refresh;
use super::refresh::{is_ours, seen, subscription_refresh};
use super::{Desk, set, stored_answer_hint};
use crate::billing::alert::Severity;
use crate::billing::grace::{Bill, owes};
use crate::billing::id::{Revision, TierKey};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::store::customer::Customer;
use crate::store::intent::{Cause, Fallback, Intent, IntentKind, IntentState};
use crate::store::notice::{Audience, NoticeNew};
use crate::store::tier::Assignment;

/// What became of one customer that was to fall back.
#[derive(Debug)]
pub struct Performed {
    /// Whose.
    pub customer: Customer,
    /// Where to; `None` where its tier names nothing to fall back to.
    pub to: Option<TierKey>,
    /// What it is on now, or why it stays to be done.
    pub outcome: Result<Option<Revision>, Error>,
}

/// Performs every open intent to fall back. One that cannot be performed now stays open and stops none of the others;
/// one that nothing is left to do for is not told of.
pub async fn perform(desk: &Desk<'_>) -> Result<Vec<Performed>, Error> {
    let mut all = Vec::new();
    for intent in desk.store.read(|r| r.intents_open(IntentKind::Fallback, u32::MAX))? {
        desk.api.run_anew();
        let customer = desk.store.read(|r| r.customer_get(intent.customer))?;
        let why = Fallback::of(&intent)?;
        let to = desk.store.read(|r| {
            let was = last_with(r.assignments_of(customer.row)?, &why.sub);
            let terms = was.map(|was| r.revision_terms(&was.revision)).transpose()?.flatten();
            Ok::<_, Error>(terms.and_then(|(terms, _)| terms.fallback))
        })?;
        let work = Work { desk, customer: &customer, intent: &intent, why: &why, to: to.as_ref() };
        let outcome = match work.perform().await {
            Ok(None) => continue,
            Ok(Some(on)) => Ok(on),
            Err(error) => Err(error),
        };
        all.push(Performed { customer, to, outcome });
    }
    Ok(all)
}

fn last_with(history: Vec<Assignment>, sub: &str) -> Option<Assignment> {
    history.into_iter().rev().find(|it| it.sub.as_deref() == Some(sub))
}

/// One intent under way.
struct Work<'a> {
    desk: &'a Desk<'a>,
    customer: &'a Customer,
    intent: &'a Intent,
    why: &'a Fallback,
    to: Option<&'a TierKey>,
}

impl Work<'_> {
    /// `None` where nothing is left to do: it was paid, or somebody has put the customer on a tier.
    async fn perform(&self) -> Result<Option<Option<Revision>>, Error> {
        assign_finish(self.desk, self.customer).await?;
        let Some(has_ended) = self.has_ended().await? else {
            return self.close(IntentState::Dropped, None);
        };
        if !has_ended {
            // Whoever was put on another subscription meanwhile keeps it; and sending may take a while, so that what
            // is owed is looked at before and after.
            if !self.is_owed().await? {
                return self.close(IntentState::Dropped, None);
            }
            drain(self.desk, self.customer).await?;
            if !self.is_owed().await? {
                return self.close(IntentState::Dropped, None);
            }
            self.end().await?;
        }
        self.void_unpaid().await?;
        let open = self.desk.store.read(|r| r.assignment_open(self.customer.row))?;
        let on = match (open, self.to) {
            (Some(open), to) if Some(&open.revision.tier) != to => {
                return self.close(IntentState::Done, None);
            }
            (Some(open), _) => Some(open.revision),
            (None, None) => None,
            (None, Some(tier)) => {
                let ask = Ask { since: self.ended_at()?, ..Ask::of(self.customer.id.clone(), tier.clone()) };
                Some(assign_landing(self.desk, &ask).await?.assignment.revision)
            }
        };
        self.close(IntentState::Done, Some(on))
    }

    /// When the tier of the subscription ended: from then on it is the other one, however late that is seen.
    fn ended_at(&self) -> Result<Option<Timestamp>, Error> {
        let history = self.desk.store.read(|r| r.assignments_of(self.customer.row))?;
        Ok(last_with(history, &self.why.sub).and_then(|it| it.to_at))
    }

    /// Whether the subscription has ended, by a look at Stripe; `None` where the customer was deleted there: nobody is
    /// left to put on a tier.
    async fn has_ended(&self) -> Result<Option<bool>, Error> {
        let cus = self.customer.cus.as_deref().unwrap_or_default();
        let found = match self.desk.api.subscription_list(cus).await {
            Ok(found) => found.value,
            Err(failure) if failure.is_missing() => return Ok(None),
            Err(failure) => return Err(failure.into()),
        };
        seen(self.desk, self.customer, &found)?;
        let there = found.iter().find(|it| it.id == self.why.sub);
        Ok(Some(there.is_none_or(|it| it.ended_at.is_some())))
    }

    /// Whether the invoice whose grace is over is still owed, by a look at Stripe.
    async fn is_owed(&self) -> Result<bool, Error> {
        let Some(invoice) = &self.why.invoice else { return Ok(false) };
        let found = self.desk.api.invoice_retrieve(invoice).await?.value;
        let bill =
            Bill { invoice: found.id, status: found.status.unwrap_or_default(), first_failed_at: None };
        let sub = self.desk.api.subscription_retrieve(&self.why.sub).await?.value;
        let ours = is_ours(&sub, self.desk.namespace, &self.customer.id);
        Ok(ours && bill.is_unpaid() && owes(&sub.status))
    }

    /// Ends the subscription now, with an invoice for its usage so far. A deletion has no idempotency key: that it has
    /// ended is what guards it.
    async fn end(&self) -> Result<(), Error> {
        // A schedule would refuse it (Stripe: docs, subscription-schedules): it lets the subscription go first.
        let there = self.desk.api.subscription_retrieve(&self.why.sub).await?.value;
        if let Some(schedule) = &there.schedule {
            let key = format!("paygrade:{}:release:{schedule}", self.desk.namespace);
            let release = async |key: String| self.desk.api.schedule_release(schedule, &key).await;
            set(self.desk, key, true, release).await.map_err(stored_answer_hint)?;
        }
        match self.desk.api.subscription_cancel(&self.why.sub, true, false).await {
            Ok(_) => {}
            Err(failure) if failure.is_missing() => {}
            Err(failure) => return Err(stored_answer_hint(failure)),
        }
        subscription_refresh(self.desk, self.customer).await?;
        Ok(())
    }

    /// Takes back what was not paid, where the settings say so: what had failed when grace was over, not the invoice for
    /// the last usage.
    async fn void_unpaid(&self) -> Result<(), Error> {
        if self.why.cause != Cause::GraceOver {
            return Ok(());
        }
        if self.desk.manner.void_unpaid {
            let failed = self.desk.store.read(|r| r.invoices_of(self.customer.row))?;
            let failed = failed.into_iter().filter(|it| {
                it.sub.as_deref() == Some(&self.why.sub)
                    && it.first_failed_at.is_some_and(|at| at <= self.intent.created_at)
            });
            for it in failed {
                let now = self.desk.api.invoice_retrieve(&it.invoice).await?.value;
                if !matches!(now.status.as_deref(), Some("open" | "uncollectible")) {
                    continue;
                }
                let key = format!("paygrade:{}:void:{}", self.desk.namespace, it.invoice);
                let void = async |key: String| self.desk.api.invoice_void(&it.invoice, &key).await;
                set(self.desk, key, true, void).await.map_err(stored_answer_hint)?;
            }
        }
        invoices_refresh(self.desk, self.customer).await?;
        Ok(())
    }

    /// Ends the intent, tells the customer, and lets credits of what has ended go: in one transaction.
    fn close(
        &self,
        state: IntentState,
        on: Option<Option<Revision>>,
    ) -> Result<Option<Option<Revision>>, Error> {
        self.desk.store.write(self.desk.now, |w| {
            if !w.intent_end(self.intent.intent, state)? {
                return Ok(None);
            }
            if let Some(on) = &on {
                w.allocate_due(self.customer.row)?;
                if self.why.cause == Cause::GraceOver {
                    w.notice_put(&self.notice(on.as_ref()))?;
                }
            }
            Ok(on)
        })
    }

    /// Under the key of every end of a subscription: whoever sees it first tells of it.
    fn notice(&self, on: Option<&Revision>) -> NoticeNew {
        let invoice = self.why.invoice.as_deref().unwrap_or_default();
        let next = on.map(|on| format!(" You are on {} from now on.", on.tier)).unwrap_or_default();
        NoticeNew {
            key: format!("subscription_ended:{}", self.why.sub),
            audience: Audience::Customer,
            customer: Some(self.customer.row),
            kind: "subscription_ended",
            severity: Severity::Urgent,
            subject: "Your subscription has ended: its invoice was not paid".to_owned(),
            text: format!("Invoice {invoice} was not paid in time, so your subscription has ended.{next}"),
            facts: json!({ "subscription": self.why.sub, "invoice": self.why.invoice }),
        }
    }
}
