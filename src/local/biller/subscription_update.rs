//! `POST /v1/subscriptions/:id` (Stripe: docs /api/subscriptions/update).

use serde_json::Value;

use super::cancel::Details;
use super::change::{self, Change as ItemChange, Plan, Unpaid};
use super::prorate::Behaviour;
use super::subscription::{MissingMethod, Pause, PauseBehavior, Status, Subscription};
use super::subscription_create::{
    PAYMENT_BEHAVIOURS, check_method, collection, item_unbuilt, payment_settings, quantity, trial_end_param,
    trial_missing,
};
use super::trial_set::{self, Trial};
use super::{
    discount, due, pending, planned_end, render_subscription, save_subscription, threshold, unbuilt,
};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{Change, MetadataChange, Params};

/// Parameters of Stripe that are not built.
const UNBUILT: &[&str] = &[
    "add_invoice_items",
    "application_fee_percent",
    "automatic_tax",
    "billing_schedules",
    "default_source",
    "default_tax_rates",
    "invoice_settings",
    "on_behalf_of",
    "pending_invoice_item_interval",
    "transfer_data",
    "trial_from_plan",
];

/// When a request wants the subscription to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Keep,
    Never,
    At(i64),
    Earliest,
    Latest,
}

/// Everything a request asks for.
pub(super) struct Asked {
    metadata: MetadataChange,
    details: Option<Details>,
    items: Vec<ItemChange>,
    plan: Plan,
    method: Change<String>,
    description: Change<String>,
    send_invoice: Option<bool>,
    days_until_due: Option<i64>,
    at_period_end: Option<bool>,
    end: End,
    trial_end: Option<i64>,
    trial_missing: Option<MissingMethod>,
    pause: Change<Pause>,
    save_method: Option<bool>,
    pub(super) discounts: Option<Vec<discount::Asked>>,
    threshold: Change<(i64, bool)>,
}

impl Asked {
    /// Reads the `subscription_details` of a preview: the parts of a change that an invoice can show.
    pub(super) fn preview(
        call: &Call,
        p: &mut Params,
        subscription: &Subscription,
    ) -> Result<Asked, ApiError> {
        unbuilt(p, &["billing_schedules", "default_tax_rates", "pause", "resume_at", "start_date"])?;
        let anchor = p.group("billing_cycle_anchor", |inner| inner.one_of("type", &["now", "unchanged"]))?;
        let anchors = anchors(subscription, anchor.flatten() == Some("now"))?;
        Ok(Asked {
            items: p.list("items", item_change)?.unwrap_or_default(),
            plan: if anchors { plan(call, p)?.anchoring() } else { plan(call, p)? },
            method: Change::Keep,
            description: Change::Keep,
            send_invoice: None,
            days_until_due: None,
            at_period_end: p.bool("cancel_at_period_end")?,
            end: End::read(p)?,
            trial_end: trial_end_param(p, call.now)?,
            trial_missing: None,
            pause: Change::Keep,
            save_method: None,
            discounts: None,
            threshold: Change::Keep,
            metadata: p.metadata()?,
            details: None,
        })
    }

    /// It sets or takes back an end.
    fn plans_end(&self) -> bool {
        self.at_period_end.is_some() || self.end != End::Keep
    }
}

/// Reads one entry of `items`.
pub(super) fn item_change(p: &mut Params) -> Result<ItemChange, ApiError> {
    item_unbuilt(p)?;
    let param = p.name("price");
    Ok(ItemChange {
        param,
        id: p.string("id")?,
        price: p.string("price")?,
        quantity: quantity(p)?,
        deleted: {
            p.bool("clear_usage")?;
            p.bool("deleted")?.unwrap_or(false)
        },
        metadata: p.metadata()?,
        threshold: threshold::read_item(p)?,
    })
}

impl End {
    /// Reads `cancel_at`: an instant, one of Stripe's words for one, or empty for never.
    pub(super) fn read(p: &mut Params) -> Result<End, ApiError> {
        let word = match p.text("cancel_at", 40)? {
            Change::Keep => return Ok(End::Keep),
            Change::Clear => return Ok(End::Never),
            Change::Set(word) => word,
        };
        match word.as_str() {
            "min_period_end" => Ok(End::Earliest),
            "max_period_end" | "max_billed_until" => Ok(End::Latest),
            text => text.parse().map(End::At).map_err(|_| {
                ApiError::invalid("Invalid timestamp: must be an integer Unix timestamp")
                    .code("parameter_invalid_integer")
                    .param("cancel_at")
            }),
        }
    }
}

/// Reads `proration_behavior`, `proration_date` and `payment_behavior`.
pub(super) fn plan(call: &Call, p: &mut Params) -> Result<Plan, ApiError> {
    let behaviour = Behaviour::read(p)?;
    let at = p.timestamp("proration_date")?.unwrap_or(call.now);
    let unpaid = match p.one_of("payment_behavior", PAYMENT_BEHAVIOURS)? {
        Some("error_if_incomplete") => Unpaid::Refuse,
        Some("default_incomplete") => Unpaid::Await,
        Some("pending_if_incomplete") => {
            pending::check(p)?;
            Unpaid::Pend
        }
        _ => Unpaid::Allow,
    };
    Ok(Plan::new(behaviour, at).unpaid(unpaid))
}

fn read(call: &Call, p: &mut Params, subscription: &Subscription) -> Result<Asked, ApiError> {
    unbuilt(p, UNBUILT)?;
    // First of all: what may stand beside it depends on the payment behavior.
    let plan = plan(call, p)?;
    // Stripe: docs …/changelog/endive/2026-09-30/polymorphic-billing-cycle-anchor.
    let anchor = p.group("billing_cycle_anchor", |inner| inner.one_of("type", &["now", "unchanged"]))?;
    let anchors = anchors(subscription, anchor.flatten() == Some("now"))?;
    p.bool("off_session")?;
    let (send_invoice, days_until_due) = collection(p, subscription.send_invoice)?;
    Ok(Asked {
        items: p.list("items", item_change)?.unwrap_or_default(),
        plan: if anchors { plan.anchoring() } else { plan },
        method: p.text("default_payment_method", 5_000)?,
        description: p.text("description", 500)?,
        send_invoice,
        days_until_due,
        at_period_end: p.bool("cancel_at_period_end")?,
        end: End::read(p)?,
        trial_end: trial_end_param(p, call.now)?,
        trial_missing: trial_missing(p)?,
        pause: pause(call, p)?,
        save_method: payment_settings(p)?,
        discounts: discount::read(p)?,
        threshold: threshold::read(p)?,
        metadata: p.metadata()?,
        details: Details::read(p)?,
    })
}

/// Reads `pause_collection`; an empty value ends the pause.
fn pause(call: &Call, p: &mut Params) -> Result<Change<Pause>, ApiError> {
    let now = call.now;
    let given = p.group_or_leaf("pause_collection", |inner| {
        let word = inner.one_of("behavior", PauseBehavior::WORDS)?.and_then(PauseBehavior::parse);
        let behavior = word.ok_or_else(|| ApiError::missing(&inner.name("behavior")))?;
        let resumes_at = inner.timestamp("resumes_at")?;
        if resumes_at.is_some_and(|at| at <= now) {
            let text = "`resumes_at` must be in the future.";
            return Err(ApiError::invalid(text).param(inner.name("resumes_at")));
        }
        Ok(Pause { behavior, resumes_at })
    })?;
    match given {
        Some(pause) => Ok(Change::Set(pause)),
        None => match p.text("pause_collection", 0)? {
            Change::Clear => Ok(Change::Clear),
            _ => Ok(Change::Keep),
        },
    }
}

/// New periods begin now, if that is asked for and can be.
fn anchors(subscription: &Subscription, asked: bool) -> Result<bool, ApiError> {
    if asked && !subscription.status.renews() {
        let text = format!(
            "The local Stripe begins new periods of active and past_due subscriptions only; this one is {}.",
            subscription.status.word()
        );
        return Err(ApiError::invalid(text).param("billing_cycle_anchor[type]"));
    }
    Ok(asked)
}

/// `POST /v1/subscriptions/:id`
pub fn update(call: &mut Call, p: &mut Params, id: &str) -> Result<Value, ApiError> {
    let found = call.model.biller.subscriptions.get(id).cloned();
    let subscription = found.ok_or_else(|| ApiError::not_found("subscription", id, "id"))?;
    if subscription.status.ended() {
        return update_ended(call, p, subscription);
    }
    let asked = read(call, p, &subscription)?;
    p.finish()?;
    perform(call, subscription, asked)?;
    let shown = call.model.biller.subscriptions.get(id);
    Ok(shown.map_or(Value::Null, |it| render_subscription(call.model, it)))
}

/// Changes a subscription, or refuses.
pub(super) fn perform(call: &mut Call, mut subscription: Subscription, asked: Asked) -> Result<(), ApiError> {
    if let Some(schedule) = subscription.schedule.as_ref().filter(|_| asked.plans_end()) {
        return Err(ApiError::invalid(format!(
            "The subscription is managed by the subscription schedule `{schedule}`, and updating any cancelation \
             behavior directly is not allowed. Please update the schedule instead."
        )));
    }
    let moves_end = asked.plans_end();
    check_method(call.model, &asked.method, &subscription.customer)?;
    if subscription.status == Status::Incomplete && !asked.items.is_empty() {
        let text =
            "The local Stripe changes only metadata and description while the first payment is missing.";
        return Err(ApiError::invalid(text).param("items"));
    }
    subscription.metadata = asked.metadata.merged(&subscription.metadata)?;
    if let Some(details) = asked.details {
        details.apply(&mut subscription);
    }
    asked.method.apply(&mut subscription.default_payment_method);
    asked.pause.apply(&mut subscription.pause);
    threshold::put(asked.threshold, &mut subscription);
    asked.description.apply(&mut subscription.description);
    subscription.send_invoice = asked.send_invoice.unwrap_or(subscription.send_invoice);
    subscription.days_until_due =
        asked.days_until_due.or(subscription.days_until_due).filter(|_| subscription.send_invoice);
    if subscription.send_invoice && subscription.days_until_due.is_none() {
        return Err(ApiError::invalid(
            "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
        ));
    }
    subscription.trial_missing = asked.trial_missing.unwrap_or(subscription.trial_missing);
    subscription.save_default_payment_method =
        asked.save_method.unwrap_or(subscription.save_default_payment_method);
    let trial = trial_set::set(call, &mut subscription, asked.trial_end, !asked.items.is_empty())?;
    // Everything that can be refused is checked on the clone; the bill of the change comes last.
    let coupons = discount::check_all(call, &asked.discounts, &subscription)?;
    let kept = match asked.end {
        End::At(at) => Some(at),
        _ => subscription.cancel_at.filter(|_| !moves_end),
    };
    let restored = planned_end::restore(call, &mut subscription, kept);
    // Periods that begin with the change end with the end that it leaves, not with the one that there was.
    if moves_end || subscription.cancel_at_period_end {
        subscription.cancel_at = kept.filter(|_| moves_end);
    }
    let mut bill = change::apply(call, &mut subscription, asked.items, asked.plan)?;
    discount::check_minimum(call.model, &subscription, &asked.discounts, &coupons)?;
    if let Trial::Begins(end) = trial {
        trial_set::begin(call, &mut subscription, end, asked.plan, &mut bill);
    }
    planned_end::set(call.now, &mut subscription, asked.at_period_end, asked.end)?;
    planned_end::cut(call, &mut subscription, asked.plan.behaviour(), &mut bill);
    bill.debits.extend(restored.debits);
    change::check_payable(call, &subscription, &bill, asked.plan)?;
    planned_end::forget(call, &restored.gone);
    discount::put(call, &mut subscription, asked.discounts, coupons);
    if trial == Trial::Ends {
        save_subscription(call, subscription.clone(), None);
        due::end_trial(call, subscription, true);
    } else {
        change::settle(call, subscription, bill, asked.plan);
    }
    Ok(())
}

/// An ended subscription takes only words (recorded).
fn update_ended(call: &mut Call, p: &mut Params, mut subscription: Subscription) -> Result<Value, ApiError> {
    let metadata = p.metadata()?;
    let details = Details::read(p)?;
    if p.finish().is_err() {
        let text = "A canceled subscription can only update its cancellation_details and metadata.";
        return Err(ApiError::invalid(text).code("invalid_canceled_subscription_fields"));
    }
    subscription.metadata = metadata.merged(&subscription.metadata)?;
    if let Some(details) = details {
        details.apply(&mut subscription);
    }
    Ok(save_subscription(call, subscription, None))
}
