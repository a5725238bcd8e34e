//! `POST /v1/invoices/create_preview` (Stripe: docs /api/invoices/create_preview).
//!
//! What is asked is done on a copy of the account, and time runs on there until an invoice is made: so a preview is
//! what then happens, to the minor unit, by whatever code does it. Usage is what was counted by now. The copy's
//! payer has a card that pays. Nothing is kept.

use serde_json::Value;

use super::card::{PaymentMethod, test_card};
use super::discount;
use super::invoice::{Invoice, InvoiceStatus};
use super::prorate::Behaviour;
use super::schedule_calls::{self, Asked as ScheduleAsked};
use super::subscription::Subscription;
use super::{cancel, due, invoice_item_calls, invoicing, payer, render_invoice};
use super::{subscription_create, subscription_update, unbuilt};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::form::{self, Params};
use crate::local::model::Model;

/// Most things that happen before the next invoice: more would be a loop that does not move on.
const STEPS_MAX: usize = 10_000;
/// The card of the copy's payer.
const CARD: &str = "pm_preview";

/// What the preview does before it looks at the next invoice.
enum Act {
    Nothing(Subscription),
    Change(Subscription, subscription_update::Asked),
    EndNow(Subscription, bool),
    Create(subscription_create::Asked),
    Schedule(Subscription, Option<ScheduleAsked>),
}

/// `POST /v1/invoices/create_preview`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    unbuilt(p, &["automatic_tax", "customer_account", "customer_details", "issuer", "on_behalf_of"])?;
    let recurring = p.one_of("preview_mode", &["next", "recurring"])? == Some("recurring");
    p.string("currency")?;
    let customer = p.string("customer")?;
    let mut act = act(call, p, customer.as_deref())?;
    if let Some(discounts) = discount::read(p)? {
        act.discount(discounts)?;
    }
    let items = p.list("invoice_items", item)?.unwrap_or_default();
    p.finish()?;

    let mut model = copy(call.model);
    let mut there = Call { model: &mut model, now: call.now, request_id: None, key: None, lose: false };
    let (id, customer) = (act.subscription(), act.customer());
    pay_always(&mut there, &customer);
    for item in items {
        let owner = id.as_ref().map(|it| format!("&subscription={it}")).unwrap_or_default();
        let mut p = form::parse(&format!("customer={customer}{owner}{item}"))?;
        invoice_item_calls::create(&mut there, &mut p)?;
    }
    let id = match act {
        Act::Nothing(subscription) | Act::Schedule(subscription, None) => subscription.id,
        Act::Change(subscription, asked) => {
            let id = subscription.id.clone();
            subscription_update::perform(&mut there, subscription, asked)?;
            id
        }
        Act::EndNow(subscription, prorated) => {
            let id = subscription.id.clone();
            cancel::end_at_once(&mut there, subscription, true, prorated);
            id
        }
        Act::Create(asked) => subscription_create::perform(&mut there, asked)?,
        Act::Schedule(subscription, Some(asked)) => {
            let schedule = subscription.schedule.as_ref().and_then(|it| there.model.biller.schedules.get(it));
            if let Some(schedule) = schedule.cloned() {
                schedule_calls::change(&mut there, schedule, asked)?;
            }
            subscription.id
        }
    };
    let made = next(call.model, &mut there, &id, &customer, recurring);
    let Some(invoice) = made else { return Err(none(&customer)) };
    let shown = upcoming(&mut there, invoice, recurring);
    Ok(render_invoice(there.model, &shown))
}

impl Act {
    /// The discounts of the preview, in place of those of the subscription.
    fn discount(&mut self, discounts: Vec<discount::Asked>) -> Result<(), ApiError> {
        match self {
            Act::Create(asked) => asked.discounts = Some(discounts),
            Act::Change(_, asked) => asked.discounts = Some(discounts),
            _ if discounts.is_empty() => {}
            _ => {
                let text = "The local Stripe previews `discounts` with `subscription_details` only.";
                return Err(ApiError::invalid(text).param("discounts"));
            }
        }
        Ok(())
    }

    fn subscription(&self) -> Option<String> {
        match self {
            Act::Nothing(it) | Act::Change(it, _) | Act::EndNow(it, _) | Act::Schedule(it, _) => {
                Some(it.id.clone())
            }
            Act::Create(_) => None,
        }
    }

    fn customer(&self) -> String {
        match self {
            Act::Nothing(it) | Act::Change(it, _) | Act::EndNow(it, _) | Act::Schedule(it, _) => {
                it.customer.clone()
            }
            Act::Create(asked) => asked.customer().to_owned(),
        }
    }
}

/// One entry of `invoice_items`, as the form that makes such an invoice item.
fn item(p: &mut Params) -> Result<String, ApiError> {
    let mut body = String::new();
    for name in ["amount", "currency", "description", "discountable", "price", "quantity"] {
        let Some(value) = p.string(name)? else { continue };
        let name = if name == "price" { "pricing[price]" } else { name };
        let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
        body.push_str(&format!("&{name}={value}"));
    }
    unbuilt(
        p,
        &[
            "discounts",
            "invoiceitem",
            "metadata",
            "period",
            "price_data",
            "quantity_decimal",
            "tax_behavior",
            "tax_code",
            "tax_rates",
            "unit_amount",
            "unit_amount_decimal",
        ],
    )?;
    Ok(body)
}

fn none(customer: &str) -> ApiError {
    ApiError::invalid(format!("No upcoming invoices for customer: {customer}"))
        .status(404)
        .code("invoice_upcoming_none")
}

/// Reads what is to be previewed.
fn act(call: &Call, p: &mut Params, customer: Option<&str>) -> Result<Act, ApiError> {
    let (subscription, schedule) = (p.string("subscription")?, p.string("schedule")?);
    if schedule.is_some() || p.has("schedule_details") {
        if subscription.is_some() || p.has("subscription_details") {
            let text = "You may only specify one of these parameters: schedule, subscription.";
            return Err(ApiError::invalid(text));
        }
        let Some(id) = schedule else {
            let text = "The local Stripe previews schedules that manage a subscription: give `schedule`.";
            return Err(ApiError::invalid(text).param("schedule"));
        };
        let asked = p.group("schedule_details", ScheduleAsked::read)?;
        let found = call.model.biller.schedules.get(&id);
        let found = found.ok_or_else(|| ApiError::no_such("subscription schedule", &id, "schedule"))?;
        let managed = found.subscription.as_ref().and_then(|it| call.model.biller.subscriptions.get(it));
        return match managed.filter(|it| it.schedule.as_ref() == Some(&id)) {
            Some(managed) => Ok(Act::Schedule(managed.clone(), asked)),
            None => Err(none(&found.customer)),
        };
    }
    let found = match &subscription {
        Some(id) => Some(of_customer(call, id, customer)?),
        None => None,
    };
    let Some(payer_id) = customer.map(str::to_owned).or(found.as_ref().map(|it| it.customer.clone())) else {
        let text = "You must specify one of these parameters: customer, subscription, schedule.";
        return Err(ApiError::invalid(text));
    };
    payer(call.model, &payer_id)?;
    if let Some(found) = found {
        let given = found.clone();
        let asked = p.group("subscription_details", |inner| {
            let ends = inner.bool("cancel_now")?.unwrap_or(false);
            if ends {
                return Ok(Act::EndNow(given, Behaviour::read(inner)? != Behaviour::None));
            }
            let asked = subscription_update::Asked::preview(call, inner, &given)?;
            Ok(Act::Change(given, asked))
        })?;
        return Ok(asked.unwrap_or(Act::Nothing(found)));
    }
    if p.has("subscription_details") {
        let asked = p.group("subscription_details", |inner| {
            subscription_create::Asked::preview(call, inner, &payer_id)
        })?;
        return asked.map(Act::Create).ok_or_else(|| none(&payer_id));
    }
    // The next one among the customer's subscriptions.
    let agenda = &call.model.biller.agenda;
    let all = call.model.biller.subscriptions.iter();
    let live = all.filter(|it| it.customer == payer_id && !it.status.ended());
    let next = live.min_by_key(|it| agenda.at(&it.id).unwrap_or(i64::MAX));
    next.cloned().map(Act::Nothing).ok_or_else(|| none(&payer_id))
}

fn of_customer(call: &Call, id: &str, customer: Option<&str>) -> Result<Subscription, ApiError> {
    let found = call.model.biller.subscriptions.get(id);
    let found = found.filter(|it| customer.is_none_or(|customer| it.customer == customer));
    let found = found.ok_or_else(|| ApiError::no_such("subscription", id, "subscription"))?;
    if found.status.ended() {
        return Err(none(&found.customer));
    }
    Ok(found.clone())
}

/// A copy of the account without what only looks back or outside.
fn copy(model: &Model) -> Model {
    Model {
        clock: model.clock,
        counter: model.counter,
        settings: model.settings.clone(),
        products: model.products.clone(),
        prices: model.prices.clone(),
        meters: model.meters.clone(),
        usage: model.usage.clone(),
        biller: model.biller.clone(),
        ..Model::new(&model.account_id, model.seed, model.created)
    }
}

/// Gives the copy's payer a card that pays, so that a preview does not depend on one.
fn pay_always(there: &mut Call, customer: &str) {
    let Some(visa) = test_card("pm_card_visa") else { return };
    let mut card = PaymentMethod::from_test(CARD.to_owned(), visa, there.now);
    card.customer = Some(customer.to_owned());
    there.model.biller.payment_methods.insert(card);
    if let Some(payer) = there.model.biller.customers.get_mut(customer) {
        payer.default_payment_method = Some(CARD.to_owned());
    }
    for subscription in there.model.biller.subscriptions.iter_mut().filter(|it| it.customer == customer) {
        subscription.default_payment_method = None;
    }
}

/// The first invoice of the subscription that the account does not have: made at once, or when it is time.
fn next(before: &Model, there: &mut Call, id: &str, customer: &str, recurring: bool) -> Option<Invoice> {
    for _ in 0..STEPS_MAX {
        let new = |it: &&Invoice| {
            it.subscription.as_deref() == Some(id)
                && !before.biller.invoices.contains(&it.id)
                && (!recurring || it.billing_reason != "subscription_update")
        };
        if let Some(found) = there.model.biller.invoices.iter().find(new) {
            return Some(found.clone());
        }
        if !due::step_for(there.model, id, customer) {
            return None;
        }
    }
    None
}

/// The invoice as it would be at its finalization, still a draft without a number.
fn upcoming(there: &mut Call, invoice: Invoice, recurring: bool) -> Invoice {
    let made = invoice.created;
    if recurring && let Some(draft) = there.model.biller.invoices.get_mut(&invoice.id) {
        draft.lines.retain(|it| !it.proration && it.invoice_item.is_none());
    }
    let mut end = Call { model: &mut *there.model, now: made, request_id: None, key: None, lose: false };
    invoicing::finalize(&mut end, &invoice.id);
    let mut shown = there.model.biller.invoices.get(&invoice.id).cloned().unwrap_or(invoice);
    shown.id = there.model.mint("upcoming_in_1", 23);
    shown.amount_due = shown.total().saturating_add(shown.starting_balance).max(0);
    shown.ending_balance = Some(shown.total().saturating_add(shown.starting_balance) - shown.amount_due);
    shown.amount_paid = 0;
    shown.status = InvoiceStatus::Draft;
    shown.billing_reason = "upcoming".to_owned();
    shown.auto_advance = true;
    shown.released_at = None;
    shown.number = None;
    shown.attempt_count = 0;
    shown.attempted = false;
    shown.next_payment_attempt = (!shown.send_invoice).then_some(made + super::invoice::DRAFT_S);
    (shown.finalized_at, shown.paid_at, shown.uncollectible_at) = (None, None, None);
    shown
}
