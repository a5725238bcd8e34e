//! `POST /v1/subscriptions` (Stripe: docs /api/subscriptions/create).

use serde_json::Value;

use super::backdate;
use super::charge::{self, Answer, CHARGE_MIN};
use super::discount;
use super::invoice::Line;
use super::invoicing::{self, Order};
use super::planned_end;
use super::prorate::{self, Behaviour, Side};
use super::subscription::{Item, MissingMethod, Status, Subscription};
use super::subscription_update::End;
use super::terms::Terms;
use super::{lines, render_subscription, save_customer, save_subscription, threshold, unbuilt};
use crate::local::Call;
use crate::local::calendar::{self, DAY_S, Period};
use crate::local::decimal::Decimal;
use crate::local::error::ApiError;
use crate::local::form::{Change, Metadata, Params};
use crate::local::model::Model;

/// Most items of one subscription (Stripe: docs /api/subscriptions/create; more in flexible mode, number unknown).
pub(super) const ITEMS_MAX: usize = 20;
/// Longest trial, in days.
const TRIAL_DAYS_MAX: i64 = 730;
/// Words of `payment_behavior`, in the order of Stripe's own message.
pub(super) const PAYMENT_BEHAVIOURS: &[&str] =
    &["allow_incomplete", "error_if_incomplete", "pending_if_incomplete", "default_incomplete"];
/// Parameters of Stripe that are not built.
const UNBUILT: &[&str] = &[
    "add_invoice_items",
    "application_fee_percent",
    "automatic_tax",
    "billing_cycle_anchor_config",
    "billing_schedules",
    "customer_account",
    "default_source",
    "default_tax_rates",
    "invoice_settings",
    "on_behalf_of",
    "pending_invoice_item_interval",
    "transfer_data",
    "trial_from_plan",
];

/// One item that a request asks for.
pub(super) struct Wanted {
    /// Name of the parameter, for messages.
    pub param: String,
    /// Its price.
    pub price: String,
    /// Its quantity.
    pub quantity: Option<u64>,
    /// Its own data.
    pub metadata: Metadata,
    /// Units that make a threshold invoice.
    pub threshold: Change<i64>,
}

/// Reads an item's quantity.
pub(super) fn quantity(p: &mut Params) -> Result<Option<u64>, ApiError> {
    Ok(p.int_in("quantity", 0, 999_999_999)?.and_then(|it| u64::try_from(it).ok()))
}

/// Refuses the parameters of an item that are not built.
pub(super) fn item_unbuilt(p: &Params) -> Result<(), ApiError> {
    unbuilt(p, &["current_trial", "discounts", "plan", "price_data", "tax_rates"])
}

fn wanted(p: &mut Params) -> Result<Wanted, ApiError> {
    item_unbuilt(p)?;
    let param = p.name("price");
    let (price, quantity) = (p.required("price")?, quantity(p)?);
    let threshold = threshold::read_item(p)?;
    Ok(Wanted { param, price, quantity, metadata: p.metadata()?.merged(&Metadata::new())?, threshold })
}

/// The terms of a price that may be sold now, or Stripe's refusal.
pub(super) fn sellable(model: &Model, want: &Wanted, currency: Option<&str>) -> Result<Terms, ApiError> {
    let (id, param) = (want.price.as_str(), want.param.as_str());
    let terms = Terms::of(model, id).ok_or_else(|| ApiError::no_such("price", id, param))?;
    if model.prices.get(id).is_some_and(|it| !it.active) {
        let text = "The price specified is inactive. This field only accepts active prices.";
        return Err(ApiError::invalid(text).param(param));
    }
    if terms.cadence.is_none() {
        let text = "The price specified is set to `type=one_time` but this field only accepts prices with \
                    `type=recurring`.";
        return Err(ApiError::invalid(text).param(param));
    }
    if let Some(currency) = currency.filter(|it| *it != terms.currency) {
        let text = format!(
            "The price specified only supports `{}`. This doesn't match the expected currency: `{currency}`.",
            terms.currency
        );
        return Err(ApiError::invalid(text).param(param));
    }
    check_quantity(&terms, want.quantity, param)?;
    threshold::check_item(&terms, &want.threshold, param)?;
    Ok(terms)
}

/// Metered items have no quantity: the meter counts (Stripe: docs /api/subscription_items/create).
pub(super) fn check_quantity(terms: &Terms, quantity: Option<u64>, param: &str) -> Result<(), ApiError> {
    if terms.meter.is_none() || quantity.is_none() {
        return Ok(());
    }
    let param = param.replace("[price]", "[quantity]");
    let text =
        "Quantity should not be specified where usage_type is `metered`. Remove quantity from the item.";
    Err(ApiError::invalid(text).param(if param == "price" { "quantity".to_owned() } else { param }))
}

/// Stripe's refusal of one price in two items (recorded).
pub(super) fn same_price(price: &str) -> ApiError {
    let text =
        format!("Cannot create a Subscription with multiple Subscription Items with the same Price: {price}");
    ApiError::invalid(text).param("plan")
}

/// When a requested trial ends: `None` without one.
fn trial_end(p: &mut Params, now: i64) -> Result<Option<i64>, ApiError> {
    let days = p.int_in("trial_period_days", 0, TRIAL_DAYS_MAX)?;
    let end = trial_end_param(p, now)?;
    match (days, end) {
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "You may only specify one of these parameters: trial_end, trial_period_days.",
        )),
        (Some(days), None) => Ok((days > 0).then_some(now + days * DAY_S)),
        (None, end) => Ok(end.filter(|at| *at > now)),
    }
}

/// Reads `trial_end`: an instant in the future, or `now`.
pub(super) fn trial_end_param(p: &mut Params, now: i64) -> Result<Option<i64>, ApiError> {
    let Some(text) = p.string("trial_end")? else { return Ok(None) };
    if text == "now" {
        return Ok(Some(now));
    }
    let at: i64 = text.parse().map_err(|_| {
        ApiError::invalid("Invalid timestamp: must be an integer Unix timestamp")
            .code("parameter_invalid_integer")
            .param("trial_end")
    })?;
    if at <= now {
        let text = format!(
            "The parameter `trial_end` expects a unix timestamp representing a date and time in the future. You \
             specified the value `{at}` which is in the past."
        );
        return Err(ApiError::invalid(text).param("trial_end"));
    }
    if at > now + TRIAL_DAYS_MAX * DAY_S {
        let text = "The maximum trial period is 730 days (2 years).";
        return Err(ApiError::invalid(text).param("trial_end"));
    }
    Ok(Some(at))
}

/// Reads `trial_settings`.
pub(super) fn trial_missing(p: &mut Params) -> Result<Option<MissingMethod>, ApiError> {
    let word = p.group("trial_settings", |inner| {
        inner.group("end_behavior", |end| {
            unbuilt(end, &["billing_cycle_anchor"])?;
            end.one_of("missing_payment_method", &["cancel", "create_invoice", "pause"])
        })
    })?;
    match word.flatten().flatten() {
        None => Ok(None),
        Some("cancel") => Ok(Some(MissingMethod::Cancel)),
        Some("create_invoice") => Ok(Some(MissingMethod::CreateInvoice)),
        Some(_) => Ok(Some(MissingMethod::Pause)),
    }
}

/// Reads `payment_settings`: only what future charges are made with.
pub(super) fn payment_settings(p: &mut Params) -> Result<Option<bool>, ApiError> {
    let word = p.group("payment_settings", |inner| {
        unbuilt(inner, &["payment_method_options", "payment_method_types"])?;
        inner.one_of("save_default_payment_method", &["off", "on_subscription"])
    })?;
    Ok(word.flatten().map(|word| word == "on_subscription"))
}

/// How a subscription's money is collected: sent or charged, and within how many days.
pub(super) fn collection(p: &mut Params, sent_before: bool) -> Result<(Option<bool>, Option<i64>), ApiError> {
    let word = p.one_of("collection_method", &["charge_automatically", "send_invoice"])?;
    let send = word.map(|word| word == "send_invoice");
    let days = p.int_in("days_until_due", 0, 730)?;
    if days.is_some() && !send.unwrap_or(sent_before) {
        return Err(ApiError::invalid(
            "You can only specify 'due_date' or 'days_until_due' if invoice collection method is 'send_invoice'.",
        ));
    }
    Ok((send, days))
}

/// The payment method must belong to the customer.
pub(super) fn check_method(model: &Model, method: &Change<String>, customer: &str) -> Result<(), ApiError> {
    let Change::Set(id) = method else { return Ok(()) };
    let known = model.biller.payment_methods.get(id).and_then(|it| it.customer.as_deref());
    if known == Some(customer) {
        return Ok(());
    }
    let text = format!(
        "The customer does not have a payment method with the ID {id}. The payment method must be attached to the \
         customer."
    );
    Err(ApiError::invalid(text).code("resource_missing").param("default_payment_method"))
}

/// A customer pays in one currency as long as anything of it is alive.
fn check_currency(model: &Model, customer: &str, currency: &str) -> Result<(), ApiError> {
    let mut all = model.biller.subscriptions.iter();
    let other = all.find(|it| it.customer == customer && !it.status.ended() && it.currency != currency);
    let Some(other) = other else { return Ok(()) };
    Err(ApiError::invalid(format!(
        "You cannot combine currencies on a single customer. This customer has an active subscription, subscription \
         schedule, discount, quote, or invoice item with currency {}.",
        other.currency
    )))
}

/// Everything a request asks for, before anything is looked up.
pub(super) struct Asked {
    customer: String,
    items: Vec<Wanted>,
    trial_end: Option<i64>,
    anchor: Option<i64>,
    behaviour: Behaviour,
    end: (Option<bool>, End),
    payment_behavior: &'static str,
    subscription: Subscription,
    method: Change<String>,
    pub(super) discounts: Option<Vec<discount::Asked>>,
}

fn read(call: &Call, p: &mut Params) -> Result<Asked, ApiError> {
    let now = call.now;
    unbuilt(p, UNBUILT)?;
    let customer = p.required("customer")?;
    let items = p.list("items", wanted)?.ok_or_else(|| ApiError::missing("items"))?;
    let behavior = p.one_of("payment_behavior", PAYMENT_BEHAVIOURS)?.unwrap_or("allow_incomplete");
    let behaviour = Behaviour::read(p)?;
    let anchor = anchor(p.timestamp("billing_cycle_anchor")?, now)?;
    p.bool("off_session")?;
    let currency = p.string("currency")?.unwrap_or_default().to_ascii_lowercase();
    billing_mode(p)?;
    let trial_end = trial_end(p, now)?;
    let backdated = backdate::read(p, now, trial_end)?;
    if trial_end.is_some() && anchor.is_some() {
        let text = "The local Stripe does not build a trial together with a billing cycle anchor.";
        return Err(ApiError::invalid(text).param("billing_cycle_anchor"));
    }
    let trial_missing = trial_missing(p)?.unwrap_or(MissingMethod::CreateInvoice);
    let (send, days_until_due) = collection(p, false)?;
    let send_invoice = send.unwrap_or(false);
    let end = (p.bool("cancel_at_period_end")?, End::read(p)?);
    let method = p.text("default_payment_method", 5_000)?;
    let description = p.text("description", 500)?.value();
    let save_default_payment_method = payment_settings(p)?.unwrap_or(false);
    let metadata = p.metadata()?.merged(&Metadata::new())?;
    let discounts = discount::read(p)?;
    let threshold = threshold::read(p)?.value();
    p.finish()?;
    if send_invoice && days_until_due.is_none() {
        return Err(ApiError::invalid(
            "If invoice collection method is 'send_invoice', you must specify 'due_date' or 'days_until_due'.",
        ));
    }
    let subscription = Subscription {
        currency,
        backdated,
        anchor: anchor.or(trial_end).unwrap_or(now),
        send_invoice,
        days_until_due,
        description,
        metadata,
        trial_start: trial_end.map(|_| now),
        trial_end,
        trial_missing,
        save_default_payment_method,
        threshold: threshold.map(|it| it.0),
        threshold_resets: threshold.is_some_and(|it| it.1),
        ..Subscription::blank(&customer, now)
    };
    let payment_behavior = behavior;
    Ok(Asked {
        customer,
        items,
        trial_end,
        anchor,
        behaviour,
        end,
        payment_behavior,
        subscription,
        method,
        discounts,
    })
}

/// A first full period that begins later: an instant in the future.
fn anchor(at: Option<i64>, now: i64) -> Result<Option<i64>, ApiError> {
    match at {
        Some(at) if at <= now => {
            let text = "`billing_cycle_anchor` must be in the future.";
            Err(ApiError::invalid(text).param("billing_cycle_anchor"))
        }
        at => Ok(at),
    }
}

impl Asked {
    /// Who will pay.
    pub(super) fn customer(&self) -> &str {
        &self.customer
    }

    /// Reads the `subscription_details` of a preview as a new subscription of a customer.
    pub(super) fn preview(call: &Call, p: &mut Params, customer: &str) -> Result<Asked, ApiError> {
        let now = call.now;
        unbuilt(p, &["billing_schedules", "default_tax_rates", "pause", "resume_at", "start_date"])?;
        billing_mode(p)?;
        let items =
            p.list("items", wanted)?.ok_or_else(|| ApiError::missing("subscription_details[items]"))?;
        let at = p.group("billing_cycle_anchor", |inner| {
            inner.one_of("type", &["now", "timestamp", "unchanged"])?;
            inner.timestamp("timestamp")
        })?;
        let anchor = anchor(at.flatten(), now)?;
        let trial_end = trial_end_param(p, now)?.filter(|at| *at > now);
        let subscription = Subscription {
            anchor: anchor.or(trial_end).unwrap_or(now),
            trial_start: trial_end.map(|_| now),
            trial_end,
            metadata: p.metadata()?.merged(&Metadata::new())?,
            ..Subscription::blank(customer, now)
        };
        Ok(Asked {
            customer: customer.to_owned(),
            items,
            trial_end,
            anchor,
            behaviour: Behaviour::read(p)?,
            end: (p.bool("cancel_at_period_end")?, End::read(p)?),
            payment_behavior: "allow_incomplete",
            subscription,
            method: Change::Keep,
            discounts: None,
        })
    }
}

fn billing_mode(p: &mut Params) -> Result<(), ApiError> {
    p.group("billing_mode", |inner| {
        inner.group("flexible", |flexible| {
            flexible.one_of("proration_discounts", &["included", "itemized"])
        })?;
        let param = inner.name("type");
        match inner.one_of("type", &["classic", "flexible"])? {
            Some("classic") => {
                let text = "The local Stripe builds the flexible billing mode only.";
                Err(ApiError::invalid(text).param(param))
            }
            _ => Ok(()),
        }
    })?;
    Ok(())
}

/// `POST /v1/subscriptions`
pub fn create(call: &mut Call, p: &mut Params) -> Result<Value, ApiError> {
    let asked = read(call, p)?;
    let id = perform(call, asked)?;
    let shown = call.model.biller.subscriptions.get(&id);
    Ok(shown.map_or(Value::Null, |it| render_subscription(call.model, it)))
}

/// Makes a subscription and gives its id, or refuses.
pub(super) fn perform(call: &mut Call, asked: Asked) -> Result<String, ApiError> {
    let now = call.now;
    let mut subscription = asked.subscription;
    let payer = call.model.biller.customers.get(&asked.customer).filter(|it| !it.deleted);
    // Recorded: 404 here, though the id is a parameter.
    let balance = payer.ok_or_else(|| ApiError::not_found("customer", &asked.customer, "customer"))?.balance;
    check_method(call.model, &asked.method, &asked.customer)?;
    subscription.default_payment_method = asked.method.value();
    if asked.payment_behavior == "pending_if_incomplete" {
        let text = "Setting `payment_behavior` to `pending_if_incomplete` has no effect when creating a subscription.";
        return Err(ApiError::invalid(text).param("payment_behavior"));
    }
    let terms = check_items(call.model, &mut subscription, &asked.items)?;
    check_currency(call.model, &asked.customer, &subscription.currency)?;
    let coupons = discount::check_all(call, &asked.discounts, &subscription)?;

    // From here on the outcome is known: what the first invoice will ask for, and what the card will say.
    subscription.id = call.model.mint("sub_1", 23);
    for (want, terms) in asked.items.into_iter().zip(&terms) {
        let whole = terms.cadence.map(|cadence| calendar::period_at(subscription.anchor, cadence, now));
        if whole.zip(asked.anchor).is_some_and(|(whole, anchor)| whole.end < anchor) {
            let text = "`billing_cycle_anchor` must not be later than the next natural billing date.";
            return Err(ApiError::invalid(text).param("billing_cycle_anchor"));
        }
        let end = asked.trial_end.or(whole.map(|it| it.end)).unwrap_or(now);
        let quantity = if terms.meter.is_none() { Some(want.quantity.unwrap_or(1)) } else { None };
        subscription.items.push(Item {
            id: call.model.mint("si_", 14),
            price: want.price,
            quantity,
            metadata: want.metadata,
            created: now,
            period_start: now,
            period_end: end,
            usage_from: now,
            billed: Decimal::ZERO,
            usage_less: Decimal::ZERO,
            usage_gte: want.threshold.value(),
            cut: None,
        });
    }
    planned_end::set_first(now, &mut subscription, asked.end, asked.behaviour)?;
    discount::check_minimum(call.model, &subscription, &asked.discounts, &coupons)?;
    let lines = first_lines(call, &subscription, &terms, asked.behaviour)?;
    let mut expected = lines.clone();
    expected.extend(pending_lines(call.model, &subscription));
    let due =
        (discount::total_after(call.model, expected, &coupons, &subscription.currency) + balance).max(0);
    let method = charge::method_of(call.model, Some(&subscription), &asked.customer);
    let answer = if subscription.send_invoice {
        Answer::Paid
    } else {
        charge::ask(call.model, due, method.as_deref())
    };
    if answer == Answer::NoMethod && asked.payment_behavior != "default_incomplete" {
        return Err(charge::no_method());
    }
    if let Some(error) = charge::failed(answer).filter(|_| asked.payment_behavior == "error_if_incomplete") {
        return Err(error);
    }
    let waits =
        asked.payment_behavior == "default_incomplete" && due >= CHARGE_MIN && !subscription.send_invoice;
    subscription.status = match answer {
        _ if asked.trial_end.is_some() => Status::Trialing,
        Answer::Paid if !waits => Status::Active,
        _ => Status::Incomplete,
    };
    discount::put(call, &mut subscription, asked.discounts, coupons);
    Ok(start(call, subscription, lines, waits))
}

/// Checks the items against each other and the catalog, and settles the currency.
fn check_items(
    model: &Model,
    subscription: &mut Subscription,
    items: &[Wanted],
) -> Result<Vec<Terms>, ApiError> {
    if items.is_empty() {
        return Err(ApiError::missing("items"));
    }
    if items.len() > ITEMS_MAX {
        let text = format!("A subscription may have at most {ITEMS_MAX} items.");
        return Err(ApiError::invalid(text).param("items"));
    }
    let mut found: Vec<Terms> = Vec::with_capacity(items.len());
    for want in items {
        let expected = Some(subscription.currency.as_str()).filter(|it| !it.is_empty());
        let terms = sellable(model, want, expected)?;
        if found.iter().any(|it| it.price == terms.price) {
            return Err(same_price(&terms.price));
        }
        subscription.currency.clone_from(&terms.currency);
        found.push(terms);
    }
    Ok(found)
}

/// Lines of the first invoice: licensed items in advance, prorated before a later anchor, or free for the trial.
/// Metered items have none.
fn first_lines(
    call: &mut Call,
    subscription: &Subscription,
    terms: &[Terms],
    behaviour: Behaviour,
) -> Result<Vec<Line>, ApiError> {
    let mut made = match (subscription.backdated, behaviour) {
        (Some(from), Behaviour::Create | Behaviour::Invoice) => {
            backdate::elapsed(call, subscription, terms, from)?
        }
        _ => Vec::new(),
    };
    // Up to an anchor that is still to come, the time from a start in the past on is billed already.
    if !made.is_empty() && subscription.anchor > call.now {
        return Ok(made);
    }
    for (item, terms) in subscription.items.iter().zip(terms).filter(|(_, terms)| terms.meter.is_none()) {
        let period = Period { start: item.period_start, end: item.period_end };
        if subscription.trial_end.is_some() {
            made.push(lines::trial(call, subscription, item, terms, period));
        } else if subscription.anchor > call.now || item.cut.is_some_and(|it| it.unpaid) {
            let line = prorate::line(call, subscription, item, terms, Side::Debit, call.now);
            let line = line.filter(|_| behaviour != Behaviour::None);
            made.extend(line.map(|it| Line { opening: true, ..it }));
        } else {
            let end = item.cut.map_or(item.period_end, |it| it.whole_end);
            made.extend(lines::licensed(call, subscription, item, terms, Period { end, ..period }));
        }
    }
    Ok(made)
}

/// What waits for the customer's next invoice.
fn pending_lines(model: &Model, subscription: &Subscription) -> Vec<Line> {
    let waiting = model.biller.invoice_items.iter().filter(|it| {
        it.invoice.is_none()
            && it.customer == subscription.customer
            && it.currency == subscription.currency
            && it.line.subscription.is_none()
    });
    waiting.map(|it| it.line.clone()).collect()
}

/// Stores the subscription with its first invoice, and collects that at once unless it is sent or waits.
fn start(call: &mut Call, mut subscription: Subscription, mut lines: Vec<Line>, waits: bool) -> String {
    let invoice = call.model.mint("in_1", 23);
    let (id, customer, currency) =
        (subscription.id.clone(), subscription.customer.clone(), subscription.currency.clone());
    subscription.latest_invoice = Some(invoice.clone());
    if let Some(mut payer) = call.model.biller.customers.get(&customer).cloned() {
        payer.currency = Some(currency.clone());
        save_customer(call, payer);
    }
    save_subscription(call, subscription.clone(), None);
    lines.extend(prorate::sweep(call, &customer, &currency, Some(&id), &invoice));
    let period = Period { start: call.now, end: call.now };
    let order =
        Order { id: invoice.clone(), reason: "subscription_create", lines, period, proration_date: None };
    invoicing::draft(call, &subscription, order);
    let free = subscription.trial_end.is_some() && subscription.send_invoice;
    if waits || free {
        invoicing::finalize(call, &invoice);
    } else if !subscription.send_invoice {
        invoicing::advance(call, &invoice);
    }
    id
}
