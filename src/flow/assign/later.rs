//! What waits for its day: a schedule of two phases, or the end of the subscription.
//!
//! Stripe makes a schedule in two calls. Whoever dies between them leaves one of a single phase, which changes nothing;
//! the next run finds it at the subscription and goes on from there.

use std::collections::BTreeMap;

use super::body::{OPERATION_METADATA_KEY, Step};
use super::finish::Work;
use super::unend::Unend;
use crate::billing::assign::Pending;
use crate::billing::time::Timestamp;
use crate::error::{Changed, Error, Kind};
use crate::flow::refresh::CUSTOMER_METADATA_KEY;
use crate::stripe::{
    EndChange, Failure, ItemNew, PhaseEnd, PhaseNew, Proration, ScheduleFound, SubscriptionChange,
    SubscriptionFound,
};

/// How long a schedule lasts after its change: then the subscription goes on by itself.
const LAST_PHASE_DAYS: u64 = 1;

/// The second phase, as it is to be.
struct Phase<'a> {
    at: Timestamp,
    items: &'a [(String, Option<u64>)],
    invoice_now: bool,
    anchor: bool,
}

impl Work<'_> {
    /// Has Stripe carry the change out at its day. Gives the subscription afterwards, and what waits.
    pub(super) async fn later(&self) -> Result<(SubscriptionFound, Pending), Error> {
        match &self.body.step {
            Step::Later { sub, at, items, invoice_now, anchor, unend } => {
                let at = Timestamp(*at);
                let phase = Phase { at, items, invoice_now: *invoice_now, anchor: *anchor };
                let (found, schedule) = self.scheduled(sub, &phase, *unend).await?;
                Ok((found, Pending { to: self.body.coming()?, at, schedule: Some(schedule) }))
            }
            Step::EndLater { sub, at, at_period_end, moved } => {
                let at = Timestamp(*at);
                let found = self.ends(sub, at, *at_period_end, *moved).await?;
                let at = found.cancel_at.or(found.ended_at).unwrap_or(at);
                Ok((found, Pending { to: self.body.coming()?, at, schedule: None }))
            }
            _ => Err(Error::new(Kind::Bug, "not_later", "a change that happens now was to wait")),
        }
    }

    /// Lets a schedule go its way without the subscription. One that is over already needs nothing.
    pub(super) async fn release(&self, schedule: &str) -> Result<(), Error> {
        if self.look && !self.desk.api.schedule_retrieve(schedule).await?.value.is_open() {
            return Ok(());
        }
        let release = async |key: String| self.desk.api.schedule_release(schedule, &key).await;
        let key = format!("{}:release", self.intent.key);
        match crate::flow::set(self.desk, key, self.look, release).await {
            Ok(_) => Ok(()),
            Err(failure) if failure.refusal().is_some_and(|it| !it.kind.is_before_the_request()) => {
                let now = self.desk.api.schedule_retrieve(schedule).await?.value;
                if now.is_open() { Err(self.stopped(failure, false)) } else { Ok(()) }
            }
            Err(failure) => Err(self.stopped(failure, false)),
        }
    }

    /// The two calls. What was done of them already is not done again.
    async fn scheduled(
        &self,
        sub: &str,
        phase: &Phase<'_>,
        unend: Option<Unend>,
    ) -> Result<(SubscriptionFound, String), Error> {
        let there = self.desk.api.subscription_retrieve(sub).await?.value;
        if self.is_done(&there) {
            // Its day has come meanwhile, and the schedule may be over.
            return Ok((there.clone(), there.schedule.unwrap_or_default()));
        }
        self.payment_method(self.look).await?;
        if let Some(unend) = unend.filter(|_| there.cancel_at.is_some() && there.schedule.is_none()) {
            let change = SubscriptionChange {
                end: Some(unend.change()),
                proration: unend.proration(),
                ..SubscriptionChange::default()
            };
            self.update(sub, &change, "unend").await?;
        }
        let schedule = match &there.schedule {
            Some(schedule) => self.desk.api.schedule_retrieve(schedule).await?.value,
            None => {
                let create = async |key: String| self.desk.api.schedule_create(sub, &key).await;
                let key = format!("{}:schedule", self.intent.key);
                let made = crate::flow::set(self.desk, key, self.look, create).await;
                made.map_err(|failure| self.stopped(failure, false))?.value
            }
        };
        if schedule.metadata.get(OPERATION_METADATA_KEY) != Some(&self.body.op) {
            self.phases(&schedule, phase).await?;
        }
        Ok((self.desk.api.subscription_retrieve(sub).await?.value, schedule.id))
    }

    async fn phases(&self, schedule: &ScheduleFound, phase: &Phase<'_>) -> Result<(), Error> {
        let (Some(current), None) = (schedule.phases.first(), schedule.phases.get(1)) else {
            let what = format!("{} is changed by somebody else right now", self.customer.id);
            return Err(Error::new(Kind::Later, "customer_elsewhere", what)
                .changed(Changed::Recorded)
                .hint("run the same command again: it sees then what was done"));
        };
        let item =
            |(price, quantity): &(String, Option<u64>)| ItemNew { price: price.clone(), quantity: *quantity };
        let phases = [
            PhaseNew {
                start: Some(schedule.current_start.unwrap_or(current.start)),
                end: PhaseEnd::At(phase.at),
                items: current.items.clone(),
                metadata: BTreeMap::new(),
                proration: None,
                anchor: false,
                trial_end: current.trial_end.filter(|end| *end <= phase.at),
                discounts: current.discounts.clone(),
            },
            PhaseNew {
                start: None,
                end: PhaseEnd::Days(LAST_PHASE_DAYS),
                items: phase.items.iter().map(item).collect(),
                metadata: self.body.metadata.clone(),
                proration: Some(if phase.invoice_now {
                    Proration::InvoiceNow
                } else {
                    Proration::NextInvoice
                }),
                anchor: phase.anchor,
                trial_end: None,
                discounts: current.discounts.clone(),
            },
        ];
        let ours = [OPERATION_METADATA_KEY, CUSTOMER_METADATA_KEY]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), self.body.metadata.get(key)?.clone())));
        let metadata: BTreeMap<String, String> = ours.collect();
        let id = &schedule.id;
        let update = async |key: String| self.desk.api.schedule_update(id, &phases, &metadata, &key).await;
        let key = format!("{}:phases", self.intent.key);
        match crate::flow::set(self.desk, key, self.look, update).await {
            Ok(_) => Ok(()),
            Err(failure) => Err(self.given_up(id, failure).await),
        }
    }

    /// A schedule whose phases Stripe refuses lets its subscription go again; if that fails too, it changes nothing.
    async fn given_up(&self, schedule: &str, failure: Failure) -> Error {
        if failure.refusal().is_some_and(|it| !it.kind.is_before_the_request()) {
            let key = format!("{}:give-up", self.intent.key);
            let _ = self.desk.api.schedule_release(schedule, &key).await;
        }
        self.stopped(failure, false)
    }

    /// Has the subscription end by itself. A tier that comes then is named in the customer's metadata first, with since
    /// when: nothing has to be written when the day has come.
    async fn ends(
        &self,
        sub: &str,
        at: Timestamp,
        at_period_end: bool,
        moved: Option<Unend>,
    ) -> Result<SubscriptionFound, Error> {
        if self.look {
            let now = self.desk.api.subscription_retrieve(sub).await?.value;
            if self.is_done(&now) {
                return Ok(now);
            }
        }
        self.payment_method(self.look).await?;
        if self.body.revision.is_some() {
            self.pin(at).await?;
        }
        let op = (OPERATION_METADATA_KEY.to_owned(), self.body.op.clone());
        let change = SubscriptionChange {
            metadata: BTreeMap::from([op]),
            proration: Unend::proration_of_end(moved, at_period_end),
            end: Some(if at_period_end { EndChange::AtPeriodEnd } else { EndChange::At(at) }),
            ..SubscriptionChange::default()
        };
        self.update(sub, &change, "end").await
    }

    async fn update(
        &self,
        sub: &str,
        change: &SubscriptionChange,
        what: &str,
    ) -> Result<SubscriptionFound, Error> {
        let update = async |key: String| self.desk.api.subscription_update(sub, change, &key).await;
        let key = format!("{}:{what}", self.intent.key);
        let changed = crate::flow::set(self.desk, key, self.look, update).await;
        Ok(changed.map_err(|failure| self.stopped(failure, false))?.value)
    }
}
