//! What the person at the hosted page does, and what happens to a session by itself.

use serde::Deserialize;
use serde_json::Value;

use super::{InvoiceData, Later, Payment, Session, Status, calls, create, save};
use crate::local::Call;
use crate::local::biller::card::{Behaviour, Decline, test_card};
use crate::local::biller::customer::Customer;
use crate::local::biller::discount::{self, Asked};
use crate::local::biller::invoice::{Invoice, InvoiceStatus};
use crate::local::biller::payment::{self, Try};
use crate::local::biller::subscription::Status as SubscriptionStatus;
use crate::local::biller::terms::Terms;
use crate::local::biller::{
    card_calls, charge, invoicing, lines, prorate, save_customer, save_invoice, save_subscription,
    subscription_create,
};
use crate::local::error::ApiError;
use crate::local::form;

/// How long a bank thinks about a payment that takes its time, unless the page says otherwise, in seconds.
const LATER_S: i64 = 86_400;

/// What the person fills in. Everything may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    /// A test card such as `pm_card_visa` (the default), or a payment method of the customer.
    payment_method: Option<String>,
    /// `succeeded` or `failed`: the money moves later, or does not.
    #[serde(rename = "async")]
    later: Option<String>,
    /// Seconds until then.
    after_s: Option<i64>,
    /// E-mail address of a new customer.
    email: Option<String>,
    /// Name of a new customer.
    name: Option<String>,
    /// The code that is typed in where the session takes promotion codes.
    promotion_code: Option<String>,
}

fn later(page: &Page, now: i64) -> Result<Option<Later>, ApiError> {
    let at = now + page.after_s.unwrap_or(LATER_S).max(1);
    match page.later.as_deref() {
        None => Ok(None),
        Some("succeeded") => Ok(Some(Later { at, succeeds: true })),
        Some("failed") => Ok(Some(Later { at, succeeds: false })),
        Some(_) => Err(ApiError::invalid("Invalid async: must be one of succeeded or failed").param("async")),
    }
}

/// The card that the page is given, or its refusal: the page shows that and waits on.
fn card(call: &Call, session: &Session, page: &Page) -> Result<Option<String>, ApiError> {
    let nothing_due = session.subtotal() == session.discount();
    let token = match &page.payment_method {
        None if nothing_due && (session.card_if_required || !session.subscribes) => return Ok(None),
        None => "pm_card_visa".to_owned(),
        Some(token) => token.clone(),
    };
    card_calls::check_attachable(call.model, &token, session.customer.as_deref())?;
    let known = call.model.biller.payment_methods.get(&token).map(|it| it.behaviour);
    match known.or_else(|| test_card(&token).map(|it| it.behaviour)) {
        Some(Behaviour::FailsLater) if !nothing_due => Err(card_calls::declined(Decline::Generic)),
        Some(Behaviour::Declines(decline)) => Err(card_calls::declined(decline)),
        // Authentication happens on the page.
        _ => Ok(Some(token)),
    }
}

/// `POST /_local/checkout/:id/complete`
pub fn complete(call: &mut Call, id: &str, page: &Page) -> Result<Value, ApiError> {
    let mut session = calls::found(call, id)?;
    if session.status != Status::Open {
        let word = if session.status == Status::Complete { "complete" } else { "expired" };
        return Err(ApiError::invalid(format!(
            "This Checkout Session is {word}; its page takes nothing more."
        )));
    }
    let later = later(page, call.now)?;
    let coupons = promote(call, &mut session, page)?;
    let token = card(call, &session, page)?;
    let customer = buyer(call, &mut session, page);
    session.status = Status::Complete;
    if session.subscribes {
        subscribe(call, &mut session, &customer.unwrap_or_default(), token, later)?;
    } else {
        let off = redeem(call, &session, coupons);
        pay_once(call, &mut session, customer.as_deref(), token, later, off)?;
    }
    if session.payment == Payment::Unpaid {
        session.later = later;
    }
    Ok(save(call, session, Some("checkout.session.completed")))
}

/// The coupon of the session, or of the code that was typed in; the totals follow it.
fn promote(
    call: &Call,
    session: &mut Session,
    page: &Page,
) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let Some(typed) = &page.promotion_code else { return create::coupons(call, session) };
    if session.allow_promotion_codes != Some(true) {
        let text = "This Checkout Session takes no promotion codes.";
        return Err(ApiError::invalid(text).param("promotion_code"));
    }
    let known = call.model.biller.money.codes.iter().rev();
    let known = known.filter(|it| it.code.eq_ignore_ascii_case(typed));
    let known: Vec<_> = known.collect();
    let code = known.iter().find(|it| it.usable(call.now)).or(known.first());
    let code = code.ok_or_else(|| ApiError::no_such("promotion code", typed, "promotion_code"))?;
    let asked = Asked {
        coupon: None,
        code: Some(code.id.clone()),
        discount: None,
        param: "promotion_code".to_owned(),
    };
    let found = discount::check(call, &asked, session.customer.as_deref(), &session.currency)?;
    if let Some((least, currency)) = &code.minimum
        && (session.subtotal() < *least || *currency != session.currency)
    {
        let text = "This promotion code needs a larger total.";
        return Err(ApiError::invalid(text).param("promotion_code"));
    }
    session.discounts = vec![asked];
    create::take_off(call.model, session, std::slice::from_ref(&found));
    create::check_amount(session)?;
    Ok(vec![found])
}

/// Puts the coupon of a one-time sale to use. That of a subscription begins with the subscription.
fn redeem(call: &mut Call, session: &Session, coupons: Vec<(String, Option<String>)>) -> Vec<String> {
    let place = discount::Place {
        customer: session.customer.clone(),
        session: Some(session.id.clone()),
        ..discount::Place::default()
    };
    let all = session.discounts.iter().zip(coupons);
    all.map(|(one, found)| discount::begin(call, one, found, &place)).collect()
}

/// Who buys: the customer that was named, a new one, or a guest.
fn buyer(call: &mut Call, session: &mut Session, page: &Page) -> Option<String> {
    if let Some(id) = session.customer.clone() {
        let known = call.model.biller.customers.get(&id);
        session.payer = known.map(|it| (it.email.clone(), it.name.clone()));
        return Some(id);
    }
    let email = session.customer_email.clone().or_else(|| page.email.clone());
    let email = email.or_else(|| Some("buyer@example.com".to_owned()));
    session.payer = Some((email.clone(), page.name.clone()));
    let wanted = session.subscribes || session.customer_always || session.invoice_creation.is_some();
    if !wanted {
        return None;
    }
    let id = call.model.mint("cus_", 14);
    let mut customer = Customer::blank(id.clone(), call.now);
    customer.email = email;
    customer.name.clone_from(&page.name);
    customer.invoice_prefix = call.model.mint("", 8).to_ascii_uppercase();
    save_customer(call, customer);
    session.customer = Some(id.clone());
    Some(id)
}

/// The payment method, attached to the customer where it is kept for later charges.
fn method(call: &mut Call, token: &str, keep_for: Option<&str>) -> Result<String, ApiError> {
    match keep_for {
        Some(customer) => card_calls::attach_to(call, token, customer),
        None => card_calls::passing(call, token),
    }
}

fn how(later: Option<Later>) -> Try {
    if later.is_some() { Try::Later } else { Try::Paid }
}

fn pay_once(
    call: &mut Call,
    session: &mut Session,
    customer: Option<&str>,
    token: Option<String>,
    later: Option<Later>,
    off: Vec<String>,
) -> Result<(), ApiError> {
    let total = session.subtotal() - session.discount();
    session.payment = if later.is_some() && total > 0 { Payment::Unpaid } else { Payment::Paid };
    let keep = session.intent_data.setup_future_usage.is_some();
    let method = match token.filter(|_| total > 0) {
        Some(token) => Some(method(call, &token, customer.filter(|_| keep))?),
        None => None,
    };
    let data = session.intent_data.clone();
    let order = payment::Order {
        amount: total,
        currency: session.currency.clone(),
        customer: customer.map(str::to_owned),
        description: data.description,
        receipt_email: data.receipt_email,
        setup_future_usage: data.setup_future_usage,
        metadata: data.metadata,
    };
    let intent = method.as_deref().map(|method| payment::begin(call, order, Some(method)));
    session.intent.clone_from(&intent);
    let made = match (session.invoice_creation.clone(), customer) {
        (Some(data), Some(customer)) => Some(invoice(call, session, customer, data, off)),
        _ => None,
    };
    session.invoice.clone_from(&made);
    match (made, intent, method) {
        (Some(invoice), Some(intent), Some(method)) => {
            payment::link(call, &invoice, &intent, total, &session.currency);
            settle(call, &invoice, &method, how(later));
        }
        (None, Some(intent), Some(method)) => payment::tried(call, &intent, &method, how(later)),
        _ => {}
    }
    Ok(())
}

/// The final invoice of a one-time sale, still to be paid.
fn invoice(
    call: &mut Call,
    session: &Session,
    customer: &str,
    data: InvoiceData,
    off: Vec<String>,
) -> String {
    let id = call.model.mint("in_1", 23);
    let mut invoice = Invoice::manual(id.clone(), customer, &session.currency, call.now);
    invoice.description = data.description;
    invoice.metadata = data.metadata;
    invoice.discounts = off;
    pend(call, session, customer);
    invoice.lines = prorate::sweep(call, customer, &session.currency, None, &id);
    save_invoice(call, invoice, &["invoice.created"]);
    invoicing::finalize(call, &id);
    id
}

/// Lets the one-time items wait as invoice items for the invoice that comes next.
fn pend(call: &mut Call, session: &Session, customer: &str) {
    let mut waiting = Vec::new();
    for item in &session.items {
        let Some(terms) = Terms::of(call.model, &item.price).filter(|it| it.cadence.is_none()) else {
            continue;
        };
        let quantity = lines::whole(item.quantity.unwrap_or(1));
        waiting.extend(lines::one_time(call, &terms, quantity));
    }
    prorate::pend(call, customer, &session.currency, waiting);
}

/// Charges an open invoice to a method; with [`Try::Later`] it stays open until the bank answers.
fn settle(call: &mut Call, invoice: &str, method: &str, how: Try) {
    let Some(mut found) = call.model.biller.invoices.get(invoice).cloned() else { return };
    if found.status != InvoiceStatus::Open {
        return;
    }
    found.attempted = true;
    found.attempt_count = found.attempt_count.max(1);
    payment::try_invoice(call, &found, method, how);
    match how {
        Try::Paid => charge::pay(call, found),
        Try::Declined(_) | Try::NeedsAction => {
            save_invoice(call, found, &["invoice.payment_failed"]);
        }
        Try::Later => {
            save_invoice(call, found, &[]);
        }
    }
}

/// The form of `POST /v1/subscriptions` that the session stands for.
fn order(
    session: &Session,
    customer: &str,
    method: Option<&str>,
    now: i64,
    call: &Call,
) -> Vec<(String, String)> {
    let data = &session.subscription_data;
    let mut pairs = vec![
        ("customer".to_owned(), customer.to_owned()),
        ("payment_behavior".to_owned(), "default_incomplete".to_owned()),
    ];
    let mut push = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            pairs.push((name.to_owned(), value));
        }
    };
    push("default_payment_method", method.map(str::to_owned));
    push("description", data.description.clone());
    push("trial_period_days", data.trial_days.map(|it| it.to_string()));
    push("trial_end", data.trial_end.filter(|at| *at > now).map(|it| it.to_string()));
    push("trial_settings[end_behavior][missing_payment_method]", data.trial_missing.clone());
    for (index, one) in session.discounts.iter().enumerate() {
        push(&format!("discounts[{index}][coupon]"), one.coupon.clone());
        push(&format!("discounts[{index}][promotion_code]"), one.code.clone());
    }
    for (name, value) in &data.metadata {
        push(&format!("metadata[{name}]"), Some(value.clone()));
    }
    let recurring = |price: &str| Terms::of(call.model, price).is_some_and(|it| it.cadence.is_some());
    for (index, item) in session.items.iter().filter(|it| recurring(&it.price)).enumerate() {
        push(&format!("items[{index}][price]"), Some(item.price.clone()));
        push(&format!("items[{index}][quantity]"), item.quantity.map(|it| it.to_string()));
        for (name, value) in &item.metadata {
            push(&format!("items[{index}][metadata][{name}]"), Some(value.clone()));
        }
    }
    pairs
}

fn subscribe(
    call: &mut Call,
    session: &mut Session,
    customer: &str,
    token: Option<String>,
    later: Option<Later>,
) -> Result<(), ApiError> {
    let method = match token {
        Some(token) => Some(method(call, &token, Some(customer))?),
        None => None,
    };
    pend(call, session, customer);
    let pairs = order(session, customer, method.as_deref(), call.now, call);
    let mut params = form::from_pairs(pairs)?;
    let made = subscription_create::create(call, &mut params)?;
    let text = |name: &str| made[name].as_str().map(str::to_owned);
    session.subscription = text("id");
    session.invoice = text("latest_invoice");
    let invoice = session.invoice.clone().and_then(|id| call.model.biller.invoices.get(&id).cloned());
    let open = invoice.filter(|it| it.status == InvoiceStatus::Open);
    session.payment = match (&open, later) {
        (Some(_), Some(_)) => Payment::Unpaid,
        (None, _) if session.trials() => Payment::NotRequired,
        _ => Payment::Paid,
    };
    if let (Some(open), Some(method)) = (open, method) {
        settle(call, &open.id, &method, how(later));
    }
    // Stripe lets a subscription run while its bank thinks.
    let found = session.subscription.as_deref().and_then(|id| call.model.biller.subscriptions.get(id));
    if let Some(mut waiting) = found.cloned().filter(|it| it.status == SubscriptionStatus::Incomplete) {
        waiting.status = SubscriptionStatus::Active;
        save_subscription(call, waiting, None);
    }
    Ok(())
}

/// What happens to a session by itself: it runs out, or its bank answers.
pub(in crate::local::biller) fn advance(call: &mut Call, mut session: Session) {
    if session.status == Status::Open {
        session.status = Status::Expired;
        save(call, session, Some("checkout.session.expired"));
        return;
    }
    let Some(later) = session.later.take() else { return };
    let how = if later.succeeds { Try::Paid } else { Try::Declined(Decline::Generic) };
    let method = session
        .intent
        .as_deref()
        .or(None)
        .and_then(|id| call.model.biller.money.intents.get(id).and_then(|it| it.payment_method.clone()));
    let of_invoice = session.invoice.clone();
    let method = method.or_else(|| of_invoice.as_deref().and_then(|id| payment::method_of(call.model, id)));
    let method = method.unwrap_or_default();
    match (of_invoice, session.intent.clone()) {
        (Some(invoice), _) => settle(call, &invoice, &method, how),
        (None, Some(intent)) => payment::tried(call, &intent, &method, how),
        (None, None) => {}
    }
    if later.succeeds {
        session.payment = Payment::Paid;
    } else {
        past_due(call, session.subscription.as_deref());
    }
    let kind = if later.succeeds { "succeeded" } else { "failed" };
    save(call, session, Some(&format!("checkout.session.async_payment_{kind}")));
}

fn past_due(call: &mut Call, subscription: Option<&str>) {
    let found = subscription.and_then(|id| call.model.biller.subscriptions.get(id).cloned());
    if let Some(mut unpaid) = found.filter(|it| it.status == SubscriptionStatus::Active) {
        unpaid.status = SubscriptionStatus::PastDue;
        save_subscription(call, unpaid, None);
    }
}

/// `POST /_local/invoices/:id/pay`: the hosted page of an open invoice. A card is attached to the customer.
pub fn pay_invoice(call: &mut Call, id: &str, page: &Page) -> Result<Value, ApiError> {
    let invoice = call.model.biller.invoices.get(id).cloned();
    let invoice = invoice.ok_or_else(|| ApiError::not_found("invoice", id, "invoice"))?;
    if invoice.status != InvoiceStatus::Open {
        return Err(ApiError::invalid("You can only pay open invoices. This invoice isn't open."));
    }
    let token = page.payment_method.clone().unwrap_or_else(|| "pm_card_visa".to_owned());
    card_calls::check_attachable(call.model, &token, Some(&invoice.customer))?;
    let known = call.model.biller.payment_methods.get(&token).map(|it| it.behaviour);
    if known.or_else(|| test_card(&token).map(|it| it.behaviour)) == Some(Behaviour::FailsLater) {
        return Err(card_calls::declined(Decline::Generic));
    }
    let method = card_calls::attach_to(call, &token, &invoice.customer)?;
    settle(call, id, &method, Try::Paid);
    let paid = call.model.biller.invoices.get(id);
    Ok(paid.map_or(Value::Null, |it| crate::local::biller::render_invoice(call.model, it)))
}
