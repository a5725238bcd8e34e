//! Subscription schedules: a change that waits for its day.
//!
//! Stripe makes one in two calls: from the subscription, with nothing else said; then its phases, of which the current
//! one has to be repeated (Stripe: docs, subscription schedules).

use std::collections::{BTreeMap, HashMap};

use stripe_billing::subscription_schedule::{
    CreateSubscriptionSchedule, ReleaseSubscriptionSchedule, RetrieveSubscriptionSchedule,
    UpdateSubscriptionSchedule, UpdateSubscriptionSchedulePhases,
    UpdateSubscriptionSchedulePhasesBillingCycleAnchor, UpdateSubscriptionSchedulePhasesDiscounts,
    UpdateSubscriptionSchedulePhasesDuration, UpdateSubscriptionSchedulePhasesDurationInterval,
    UpdateSubscriptionSchedulePhasesEndDate, UpdateSubscriptionSchedulePhasesItems,
    UpdateSubscriptionSchedulePhasesProrationBehavior, UpdateSubscriptionSchedulePhasesStartDate,
    UpdateSubscriptionSchedulePhasesTrialEnd,
};

use super::Api;
use super::answer::Answer;
use super::subscription::{ItemNew, Proration};
use crate::billing::time::Timestamp;

/// When a phase ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhaseEnd {
    /// At an instant.
    At(Timestamp),
    /// After so many days.
    Days(u64),
}

/// A phase as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseNew {
    /// When it begins; where the one before ends if not said. The current phase keeps its own.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: PhaseEnd,
    /// All its items.
    pub items: Vec<ItemNew>,
    /// Goes into the subscription's when the phase begins; an empty value takes its key out.
    pub metadata: BTreeMap<String, String>,
    /// What becomes of the rest of the period where it begins within one.
    pub proration: Option<Proration>,
    /// A new period begins with it.
    pub anchor: bool,
    /// End of its trial.
    pub trial_end: Option<Timestamp>,
    /// `di_…` that go on.
    pub discounts: Vec<String>,
}

/// A phase as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseFound {
    /// When it begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// All its items.
    pub items: Vec<ItemNew>,
    /// End of its trial.
    pub trial_end: Option<Timestamp>,
    /// `di_…` that it has.
    pub discounts: Vec<String>,
    /// Goes into the subscription's when it begins.
    pub metadata: BTreeMap<String, String>,
}

/// A schedule as found in Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleFound {
    /// `sub_sched_…`.
    pub id: String,
    /// not_started, active, completed, released or canceled.
    pub status: String,
    /// `sub_…` that it manages.
    pub subscription: Option<String>,
    /// Metadata of the schedule itself.
    pub metadata: BTreeMap<String, String>,
    /// Start of the phase that runs now.
    pub current_start: Option<Timestamp>,
    /// Its phases in order.
    pub phases: Vec<PhaseFound>,
}

impl ScheduleFound {
    /// Whether it still manages its subscription.
    pub fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "not_started" | "active")
    }
    /// The phase that is still to come.
    pub fn next_phase(&self) -> Option<&PhaseFound> {
        let current = self.current_start?;
        self.phases.iter().find(|phase| phase.start > current)
    }
}

fn phase_found(phase: stripe_shared::SubscriptionSchedulePhaseConfiguration) -> PhaseFound {
    let item = |item: stripe_shared::SubscriptionScheduleConfigurationItem| ItemNew {
        price: item.price.into_id().to_string(),
        quantity: item.quantity,
    };
    let discounts = phase.discounts.into_iter().filter_map(|it| it.discount);
    PhaseFound {
        start: Timestamp(phase.start_date),
        end: Timestamp(phase.end_date),
        items: phase.items.into_iter().map(item).collect(),
        trial_end: phase.trial_end.map(Timestamp),
        discounts: discounts.map(|it| it.into_id().to_string()).collect(),
        metadata: phase.metadata.unwrap_or_default().into_iter().collect(),
    }
}

fn found(schedule: stripe_shared::SubscriptionSchedule) -> ScheduleFound {
    ScheduleFound {
        id: schedule.id.to_string(),
        status: schedule.status.to_string(),
        subscription: schedule.subscription.map(|it| it.into_id().to_string()),
        metadata: schedule.metadata.unwrap_or_default().into_iter().collect(),
        current_start: schedule.current_phase.map(|it| Timestamp(it.start_date)),
        phases: schedule.phases.into_iter().map(phase_found).collect(),
    }
}

fn phase_new(phase: &PhaseNew) -> UpdateSubscriptionSchedulePhases {
    let item = |item: &ItemNew| {
        let mut made = UpdateSubscriptionSchedulePhasesItems::new();
        made.price = Some(item.price.clone());
        made.quantity = item.quantity;
        made
    };
    let items: Vec<_> = phase.items.iter().map(item).collect();
    let mut made = UpdateSubscriptionSchedulePhases::new(items);
    made.start_date = phase.start.map(|at| UpdateSubscriptionSchedulePhasesStartDate::Timestamp(at.0));
    match phase.end {
        PhaseEnd::At(at) => made.end_date = Some(UpdateSubscriptionSchedulePhasesEndDate::Timestamp(at.0)),
        PhaseEnd::Days(days) => {
            let day = UpdateSubscriptionSchedulePhasesDurationInterval::Day;
            let mut duration = UpdateSubscriptionSchedulePhasesDuration::new(day);
            duration.interval_count = Some(days);
            made.duration = Some(duration);
        }
    }
    if !phase.metadata.is_empty() {
        made.metadata = Some(phase.metadata.clone().into_iter().collect::<HashMap<_, _>>());
    }
    made.proration_behavior = phase.proration.map(|it| match it {
        Proration::NextInvoice => UpdateSubscriptionSchedulePhasesProrationBehavior::CreateProrations,
        Proration::InvoiceNow => UpdateSubscriptionSchedulePhasesProrationBehavior::AlwaysInvoice,
        Proration::None => UpdateSubscriptionSchedulePhasesProrationBehavior::None,
    });
    if phase.anchor {
        made.billing_cycle_anchor = Some(UpdateSubscriptionSchedulePhasesBillingCycleAnchor::PhaseStart);
    }
    made.trial_end = phase.trial_end.map(|at| UpdateSubscriptionSchedulePhasesTrialEnd::Timestamp(at.0));
    if !phase.discounts.is_empty() {
        let discount = |id: &String| {
            let mut made = UpdateSubscriptionSchedulePhasesDiscounts::new();
            made.discount = Some(id.clone());
            made
        };
        made.discounts = Some(phase.discounts.iter().map(discount).collect());
    }
    made
}

impl Api {
    /// Puts a subscription under a schedule whose one phase is what it has now. Refused where it has one already.
    pub async fn schedule_create(&self, sub: &str, key: &str) -> Answer<ScheduleFound> {
        let request = CreateSubscriptionSchedule::new().from_subscription(sub);
        let made = self.write(&request, key).await?.map(found);
        if made.value.subscription.as_deref() != Some(sub) {
            let why = format!("asked for a schedule of {sub}, got one of {:?}", made.value.subscription);
            return Err(made.contradiction(why));
        }
        Ok(made)
    }
    /// Sets the phases of a schedule; after the last one the subscription goes on by itself.
    pub async fn schedule_update(
        &self,
        schedule: &str,
        phases: &[PhaseNew],
        metadata: &BTreeMap<String, String>,
        key: &str,
    ) -> Answer<ScheduleFound> {
        let request = UpdateSubscriptionSchedule::new(schedule)
            .phases(phases.iter().map(phase_new).collect::<Vec<_>>())
            .end_behavior(stripe_shared::SubscriptionScheduleEndBehavior::Release)
            .metadata(metadata.clone().into_iter().collect::<HashMap<_, _>>());
        Ok(self.write(&request, key).await?.map(found))
    }
    /// One schedule, also one that is over.
    pub async fn schedule_retrieve(&self, schedule: &str) -> Answer<ScheduleFound> {
        Ok(self.read(&RetrieveSubscriptionSchedule::new(schedule)).await?.map(found))
    }
    /// Lets the subscription go on by itself, as it is now. Refused where the schedule is over already.
    pub async fn schedule_release(&self, schedule: &str, key: &str) -> Answer<ScheduleFound> {
        Ok(self.write(&ReleaseSubscriptionSchedule::new(schedule), key).await?.map(found))
    }
}
