//! `/v1/subscription_schedules` (Stripe: docs /api/subscription_schedules).

use serde_json::Value;

use super::cancel;
use super::change::{self, Plan};
use super::prorate::Behaviour;
use super::schedule::{Phase, Schedule, Standing};
use super::schedule_read::{self, Ground, PhaseAsked};
use super::schedule_run::{self, let_go};
use super::subscription::Subscription;
use super::{planned_end, save_subscription, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Metadata, MetadataChange, Params};
use crate::local::list;

fn found(call: &Call, id: &str) -> Result<Schedule, ApiError> {
    let schedule = call.model.biller.schedules.get(id);
    schedule.cloned().ok_or_else(|| ApiError::not_found("subscription schedule", id, "schedule"))
}

/// A schedule that is not over, or Stripe's refusal.
fn open(call: &Call, id: &str, doing: &str) -> Result<Schedule, ApiError> {
    let schedule = found(call, id)?;
    if !schedule.standing.ended() {
        return Ok(schedule);
    }
    Err(ApiError::invalid(format!(
        "You cannot {doing} a subscription schedule that is currently in the `{}` status. It must be in the \
         `not_started` or `active` status.",
        schedule.standing.word()
    )))
}

/// `GET /v1/subscription_schedules/:id`
pub fn retrieve(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    p.finish()?;
    found(call, id).map(|it| it.render())
}

/// `GET /v1/subscription_schedules`
pub fn list(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let page = list::page(p)?;
    let customer = p.string("customer")?;
    let scheduled = p.bool("scheduled")?;
    let created = list::range(p, "created")?;
    let mut ends = Vec::new();
    for name in ["canceled_at", "completed_at", "released_at"] {
        ends.push((p.has(name), list::range(p, name)?));
    }
    unbuilt(p, &["customer_account"])?;
    p.finish()?;
    let wanted = |it: &Schedule| {
        customer.as_ref().is_none_or(|customer| it.customer == *customer)
            && (scheduled != Some(true) || it.standing == Standing::NotStarted)
            && created.holds(it.created)
            && [it.canceled_at, it.completed_at, it.released_at]
                .iter()
                .zip(&ends)
                .all(|(at, (given, range))| !given || at.is_some_and(|at| range.holds(at)))
    };
    let schedules = &call.model.biller.schedules;
    let url = "/v1/subscription_schedules";
    list::table(&page, schedules, "subscription schedule", url, wanted, Schedule::render)
}

/// `POST /v1/subscription_schedules`: over a subscription that runs already.
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let Some(from) = p.string("from_subscription")? else {
        let text = "The local Stripe builds schedules from a subscription only: give `from_subscription`.";
        return Err(ApiError::invalid(text).param("from_subscription"));
    };
    let others =
        ["billing_mode", "customer", "default_settings", "end_behavior", "metadata", "phases", "start_date"];
    if let Some(other) = others.into_iter().find(|it| p.has(it)) {
        let text = format!("You cannot set `{other}` if `from_subscription` is set.");
        return Err(ApiError::invalid(text).param(other));
    }
    p.finish()?;
    let subscription = call.model.biller.subscriptions.get(&from);
    let subscription =
        subscription.ok_or_else(|| ApiError::no_such("subscription", &from, "from_subscription"))?;
    let mut subscription = subscription.clone();
    if let Some(schedule) = &subscription.schedule {
        let text = format!(
            "You cannot migrate a subscription that is already attached to a schedule: `{schedule}`."
        );
        return Err(ApiError::invalid(text).param("from_subscription"));
    }
    if subscription.status.ended() {
        let text = format!("You cannot migrate a subscription that is `{}`.", subscription.status.word());
        return Err(ApiError::invalid(text).param("from_subscription"));
    }
    let mut schedule = Schedule {
        id: call.model.mint("sub_sched_1", 23),
        created: call.now,
        customer: subscription.customer.clone(),
        currency: subscription.currency.clone(),
        subscription: Some(from),
        released_subscription: None,
        standing: Standing::Active,
        phases: vec![Phase::of(&subscription, call.now)],
        current: 0,
        cancels: subscription.cancel_at.is_some(),
        metadata: Metadata::new(),
        notice_at: None,
        canceled_at: None,
        completed_at: None,
        released_at: None,
    };
    schedule.plan_notice(call.now);
    subscription.schedule = Some(schedule.id.clone());
    subscription.cancel_at_period_end = false;
    let shown = schedule_run::save(call, schedule, None);
    save_subscription(call, subscription, None);
    Ok(shown)
}

/// What an update of a schedule asks for.
pub(super) struct Asked {
    phases: Option<Vec<PhaseAsked>>,
    cancels: Option<bool>,
    metadata: MetadataChange,
    behaviour: Behaviour,
}

impl Asked {
    /// Reads everything but `metadata`, which only the schedule itself has.
    pub(super) fn read(p: &mut Params) -> Result<Asked, ApiError> {
        unbuilt(p, &["default_settings", "pause_schedules"])?;
        Ok(Asked {
            phases: p.list("phases", schedule_read::phase)?,
            cancels: schedule_read::cancels(p)?,
            metadata: MetadataChange::default(),
            behaviour: Behaviour::read(p)?,
        })
    }
}

/// `POST /v1/subscription_schedules/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let schedule = found(call, id)?;
    let mut asked = Asked::read(p)?;
    asked.metadata = p.metadata()?;
    p.finish()?;
    open(call, id, "update")?;
    change(call, schedule, asked)?;
    found(call, id).map(|it| it.render())
}

/// Changes a schedule, and its subscription where the current phase changes.
pub(super) fn change(call: &mut Call, mut schedule: Schedule, asked: Asked) -> Result<(), ApiError> {
    let managed = schedule.subscription.as_ref();
    let managed = managed.and_then(|it| call.model.biller.subscriptions.get(it).cloned());
    let Some(mut subscription) = managed else {
        return Err(ApiError::invalid("The local Stripe changes schedules that manage a subscription only."));
    };
    schedule.metadata = asked.metadata.merged(&schedule.metadata)?;
    schedule.cancels = asked.cancels.unwrap_or(schedule.cancels);
    let current = schedule.phases.get(schedule.current).cloned();
    let Some(current) = current else { return Ok(()) };
    let mut metadata = None;
    if let Some(phases) = asked.phases {
        let phases = replaced(call, &schedule, &subscription, &current, phases)?;
        metadata = phases.first().map(|it| it.metadata.clone()).filter(|it| *it != current.metadata);
        schedule.phases = phases;
        schedule.current = 0;
    }
    let plan = Plan::new(asked.behaviour, call.now);
    // The end that the schedule plans is the subscription's own; one that it had goes with `release`.
    let end = schedule.end().filter(|_| schedule.cancels);
    let restored = planned_end::restore(call, &mut subscription, end);
    let changes = schedule.phases.get(schedule.current).map(|it| schedule_run::changes(&subscription, it));
    let mut bill = change::apply(call, &mut subscription, changes.unwrap_or_default(), plan)?;
    subscription.cancel_at = end;
    planned_end::cut(call, &mut subscription, asked.behaviour, &mut bill);
    bill.debits.extend(restored.debits);
    change::check_payable(call, &subscription, &bill, plan)?;
    planned_end::forget(call, &restored.gone);
    if let Some(metadata) = metadata {
        schedule_run::merge(&mut subscription.metadata, &metadata);
    }
    if !schedule.cancels {
        (subscription.canceled_at, subscription.cancel_reason) = (None, None);
    }
    schedule.plan_notice(call.now);
    schedule_run::save(call, schedule, None);
    change::settle(call, subscription, bill, plan);
    Ok(())
}

/// The phases of a schedule after an update: what is over may be left out, the current one has to be repeated.
fn replaced(
    call: &Call,
    schedule: &Schedule,
    subscription: &Subscription,
    current: &Phase,
    mut asked: Vec<PhaseAsked>,
) -> Result<Vec<Phase>, ApiError> {
    let now = call.now;
    let over = |it: &PhaseAsked| {
        schedule.phases.iter().take(schedule.current).any(|old| it.starts_at(now) == Some(old.start))
    };
    while asked.first().is_some_and(over) {
        asked.remove(0);
    }
    match asked.first().map(|it| (it.starts_at(now), it.path.clone())) {
        Some((None, path)) => return Err(ApiError::missing(&format!("{path}[start_date]"))),
        Some((Some(at), path)) if at != current.start => {
            let text = "You can not modify the start date of the current phase.";
            return Err(ApiError::invalid(text).param(format!("{path}[start_date]")));
        }
        _ => {}
    }
    let ground = Ground { model: call.model, now, subscription: Some(subscription), before: Some(schedule) };
    ground.phases(asked, current.start, &mut schedule.currency.clone())
}

/// `POST /v1/subscription_schedules/:id/release`: the subscription goes on by itself.
pub fn release(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let keep = p.bool("preserve_cancel_date")?.unwrap_or(false);
    found(call, id)?;
    p.finish()?;
    let schedule = open(call, id, "release")?;
    Ok(let_go(call, schedule, keep))
}

/// `POST /v1/subscription_schedules/:id/cancel`: ends the subscription at once, by default with a last invoice
/// and credits for what was paid in advance.
pub fn cancel(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let invoice_now = p.bool("invoice_now")?.unwrap_or(true);
    let prorated = p.bool("prorate")?.unwrap_or(true);
    found(call, id)?;
    p.finish()?;
    let schedule = open(call, id, "cancel")?;
    let managed = schedule.subscription.and_then(|it| call.model.biller.subscriptions.get(&it).cloned());
    if let Some(subscription) = managed {
        cancel::end_at_once(call, subscription, invoice_now, prorated);
    }
    found(call, id).map(|it| it.render())
}
