//! Does what an open intent says, from wherever it was left: look first, then call under the stored key, then commit.

use std::collections::BTreeMap;

use super::body::{Body, OPERATION_METADATA_KEY, Step};
use super::commit::{Begins, commit, commit_pending};
use crate::billing::time::{MINUTE_S, Timestamp};
use crate::error::{Changed, Error, Kind};
use crate::flow::Desk;
use crate::flow::adopt::SINCE_METADATA_KEY;
use crate::flow::customer::payment_method_default;
use crate::store::customer::Customer;
use crate::store::intent::{Intent, IntentState};
use crate::stripe::{CustomerData, Failure, Meta, RefusalKind, SubscriptionFound};

/// Stripe's `Date` is believed when it lies this near to our own clock; the local Stripe's shell may show real time.
const DATE_TRUSTED_S: i64 = 5 * MINUTE_S;

/// What finishing came to.
pub(super) struct Done {
    pub(super) trial_credits: Option<i64>,
}

/// One intent under way.
pub(super) struct Work<'a> {
    pub(super) desk: &'a Desk<'a>,
    pub(super) customer: &'a Customer,
    pub(super) cus: &'a str,
    pub(super) intent: &'a Intent,
    pub(super) body: &'a Body,
    /// It was begun before: Stripe is asked first what has happened already.
    pub(super) look: bool,
}

/// Finishes an intent. `found` is what Stripe has just shown, when the intent is new; else Stripe is asked first.
pub(super) async fn finish(
    desk: &Desk<'_>,
    customer: &Customer,
    intent: &Intent,
    found: Option<&[SubscriptionFound]>,
) -> Result<Done, Error> {
    let body = Body::of(intent)?;
    let cus = customer.cus.as_deref().unwrap_or_default();
    let work = Work { desk, customer, cus, intent, body: &body, look: found.is_none() };
    if let Some(schedule) = &body.release {
        work.release(schedule).await?;
    }
    if body.unpin {
        work.unpin().await?;
    }
    let trial_credits = match &body.step {
        Step::Pin => {
            let at = body.since.map_or(intent.created_at, Timestamp);
            work.pin(at).await?;
            let begins = Begins { at, with: None, ended: None };
            commit(desk, customer, intent, &body, &begins)?
        }
        Step::Create { .. } => {
            let made = work.create(found).await?;
            let begins = Begins { at: made.start_date, with: Some(&made), ended: None };
            commit(desk, customer, intent, &body, &begins)?
        }
        Step::Change { sub, had, .. } => {
            let (changed, meta) = work.change(sub).await?;
            let at = work.changed_at(&changed, had, meta.as_ref());
            let begins = Begins { at, with: Some(&changed), ended: None };
            commit(desk, customer, intent, &body, &begins)?
        }
        Step::End { sub } => {
            let ended = work.end(sub).await?;
            let at = ended.ended_at.or(ended.canceled_at).unwrap_or(intent.created_at);
            if body.revision.is_some() {
                work.pin(at).await?;
            }
            let begins = Begins { at, with: None, ended: Some(&ended) };
            commit(desk, customer, intent, &body, &begins)?
        }
        Step::Later { .. } | Step::EndLater { .. } => {
            let (found, change) = work.later().await?;
            commit_pending(desk, customer, intent, &body, &found, &change)?;
            None
        }
    };
    crate::flow::credits::allocate::after_change(desk, customer).await?;
    Ok(Done { trial_credits })
}

impl Work<'_> {
    /// Notes the tier in the customer's metadata, with since when: it has no subscription to carry them. The instant is
    /// part of the key, for another machine that does the same may have another one.
    pub(super) async fn pin(&self, since: Timestamp) -> Result<(), Error> {
        let mut metadata = self.body.metadata.clone();
        metadata.insert(SINCE_METADATA_KEY.to_owned(), since.0.to_string());
        self.note(metadata, &format!("pin:{}", since.0)).await
    }

    /// Takes a tier that was to come out of the customer's metadata.
    async fn unpin(&self) -> Result<(), Error> {
        self.note(self.body.no_pin(), "unpin").await
    }

    async fn note(&self, metadata: BTreeMap<String, String>, what: &str) -> Result<(), Error> {
        let data = CustomerData { metadata, ..CustomerData::default() };
        let update = async |key: String| self.desk.api.customer_update(self.cus, &data, &key).await;
        let key = format!("{}:{what}", self.intent.key);
        let noted = crate::flow::set(self.desk, key, self.look, update).await;
        noted.map_err(|failure| self.stopped(failure, false))?;
        Ok(())
    }

    async fn create(&self, found: Option<&[SubscriptionFound]>) -> Result<SubscriptionFound, Error> {
        if found.is_none() {
            let all = self.desk.api.subscription_list(self.cus).await?.value;
            if let Some(made) = all.into_iter().find(|it| self.is_done(it)) {
                return Ok(made);
            }
        }
        self.payment_method(found.is_none()).await?;
        let new = self.body.subscription_new(self.cus);
        let made = self.desk.api.subscription_create(&new, &self.intent.key).await;
        let made = made.map_err(|failure| self.stopped(failure, self.body.payment_method.is_some()))?;
        if !made.meta.replayed {
            return Ok(made.value);
        }
        // The first answer again: what has become of it since?
        Ok(self.desk.api.subscription_retrieve(&made.value.id).await?.value)
    }

    async fn change(&self, sub: &str) -> Result<(SubscriptionFound, Option<Meta>), Error> {
        if self.look {
            let now = self.desk.api.subscription_retrieve(sub).await?.value;
            if self.is_done(&now) {
                return Ok((now, None));
            }
        }
        self.payment_method(self.look).await?;
        let change = self.body.subscription_change(self.intent.created_at);
        // The operation in its metadata says that it was done: an answer of 5xx that Stripe keeps need not be waited out.
        let update = async |key: String| self.desk.api.subscription_update(sub, &change, &key).await;
        let changed = crate::flow::set(self.desk, self.intent.key.clone(), self.look, update).await;
        let changed = changed.map_err(|failure| self.stopped(failure, self.body.payment_method.is_some()))?;
        let meta = (!changed.meta.replayed).then_some(changed.meta);
        Ok((changed.value, meta))
    }

    /// Ends the subscription. A deletion has no idempotency key: that it has ended is what guards it.
    async fn end(&self, sub: &str) -> Result<SubscriptionFound, Error> {
        if self.look {
            let now = self.desk.api.subscription_retrieve(sub).await?.value;
            if now.ended_at.is_some() {
                return Ok(now);
            }
        }
        match self.desk.api.subscription_cancel(sub, true, false).await {
            Ok(ended) => Ok(ended.value),
            Err(failure) if failure.is_missing() => {
                let now = self.desk.api.subscription_retrieve(sub).await?.value;
                if now.ended_at.is_some() { Ok(now) } else { Err(self.stopped(failure, false)) }
            }
            Err(failure) => Err(self.stopped(failure, false)),
        }
    }

    pub(super) async fn payment_method(&self, look: bool) -> Result<(), Error> {
        let Some(method) = &self.body.payment_method else { return Ok(()) };
        let done = payment_method_default(self.desk, self.cus, method, &self.intent.key, look).await;
        done.map_err(|failure| self.stopped(failure, false))?;
        Ok(())
    }

    pub(super) fn is_done(&self, found: &SubscriptionFound) -> bool {
        found.metadata.get(OPERATION_METADATA_KEY) == Some(&self.body.op)
    }

    /// Stripe's own second of a change: an item that it added says it; else the answer's clock; else our own.
    fn changed_at(&self, changed: &SubscriptionFound, had: &[String], meta: Option<&Meta>) -> Timestamp {
        let added = changed.items.iter().filter(|item| !had.contains(&item.id)).map(|item| item.created);
        let begun_anew = Some(changed.billing_cycle_anchor).filter(|anchor| {
            matches!(&self.body.step, Step::Change { anchor_now: true, .. })
                && *anchor <= self.desk.now.plus(DATE_TRUSTED_S)
        });
        let date =
            meta.and_then(|meta| meta.date).filter(|date| date.since(self.desk.now).abs() <= DATE_TRUSTED_S);
        added.max().or(begun_anew).or(date).unwrap_or(self.intent.created_at)
    }

    /// What a failed call leaves: a definite no ends the intent, anything else keeps it open for the next run.
    pub(super) fn stopped(&self, failure: Failure, attached: bool) -> Error {
        let Some(refusal) = failure.refusal() else { return crate::flow::stored_answer_hint(failure) };
        if refusal.kind.is_before_the_request() {
            return Error::from(failure).changed(Changed::Recorded);
        }
        let no_method = refusal.code.as_deref() == Some("resource_missing")
            && (refusal.message.contains("payment source") || refusal.message.contains("payment method"));
        let card = refusal.kind == RefusalKind::Card;
        let ended =
            self.desk.store.write(self.desk.now, |w| w.intent_end(self.intent.intent, IntentState::Dropped));
        if let Err(error) = ended {
            return error.into();
        }
        if refusal.kind == RefusalKind::KeyMismatch {
            let what = format!("another machine is changing the tier of {} right now", self.customer.id);
            return Error::new(Kind::Later, "customer_elsewhere", what)
                .because(&failure)
                .changed(Changed::Recorded)
                .hint("run the same command again: it sees then what the other one did");
        }
        let changed = if attached { Changed::Partial } else { Changed::None };
        let error = Error::from(failure).changed(changed);
        let ways =
            "--payment-method pm_… (charged now), --send-invoice DAYS (an invoice by mail) or --trial DAYS";
        if no_method {
            error.hint(format!(
                "customer {} has no payment method: run it again with {ways}",
                self.customer.id
            ))
        } else if card {
            error.hint(format!(
                "the payment failed and no tier was changed: run it again with another way, {ways}"
            ))
        } else if error.kind() == Kind::Stripe {
            error.hint("nothing was assigned; see what Stripe says, then run it again")
        } else {
            error
        }
    }
}
