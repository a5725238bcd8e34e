//! Paying invoices: which card is charged, what it answers, and what that does to the subscription.

use super::balance::{self, About, Kind};
use super::card::{Behaviour, Decline};
use super::invoice::{Invoice, InvoiceStatus};
use super::subscription::{Status, Subscription};
use super::{card_calls, dunning, payment, pending, save_customer, save_invoice, save_subscription};
use crate::local::Call;
use crate::local::error::ApiError;
use crate::local::model::Model;

/// Below this nothing is charged; the amount moves to the customer's balance (recorded for USD).
pub(super) const CHARGE_MIN: i64 = 50;

/// Who asked for a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// Stripe, when it was time.
    Itself,
    /// A request.
    Request,
}

/// What a charge would answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Paid, or nothing to charge.
    Paid,
    /// The card says no.
    Declined(Decline),
    /// The customer has to authenticate.
    NeedsAction,
    /// There is nothing to charge.
    NoMethod,
}

/// The payment method of a subscription: its own, else the customer's default.
pub(super) fn method_of(
    model: &Model,
    subscription: Option<&Subscription>,
    customer: &str,
) -> Option<String> {
    let own = subscription.and_then(|it| it.default_payment_method.clone());
    own.or_else(|| model.biller.customers.get(customer)?.default_payment_method.clone())
}

/// What charging an amount to a payment method would answer.
pub(super) fn ask(model: &Model, amount: i64, method: Option<&str>) -> Answer {
    if amount < CHARGE_MIN {
        return Answer::Paid;
    }
    let Some(method) = method.and_then(|id| model.biller.payment_methods.get(id)) else {
        return Answer::NoMethod;
    };
    match method.behaviour {
        Behaviour::Pays => Answer::Paid,
        Behaviour::FailsLater => Answer::Declined(Decline::Generic),
        Behaviour::Declines(decline) => Answer::Declined(decline),
        Behaviour::NeedsAction => Answer::NeedsAction,
    }
}

/// Stripe's refusal when money is due and nothing can be charged (recorded).
pub(super) fn no_method() -> ApiError {
    ApiError::invalid(
        "This customer has no attached payment source or default payment method. Please consider adding a default \
         payment method. For more information, visit \
         https://stripe.com/docs/billing/subscriptions/payment-methods-setting#payment-method-priority.",
    )
    .code("resource_missing")
}

/// The 402 for a charge that did not go through.
pub(super) fn failed(answer: Answer) -> Option<ApiError> {
    match answer {
        Answer::Paid => None,
        Answer::Declined(decline) => Some(card_calls::declined(decline)),
        Answer::NeedsAction => Some(
            ApiError::invalid(
                "Payment for this subscription requires additional user action before it can be completed \
                 successfully. Payment can be completed using the PaymentIntent associated with the invoice.",
            )
            .status(402)
            .kind("card_error")
            .code("subscription_payment_intent_requires_action"),
        ),
        Answer::NoMethod => Some(no_method()),
    }
}

/// Tries to collect an open invoice and says how it went.
pub(super) fn attempt(call: &mut Call, id: &str, method: Option<String>, by: By) -> Answer {
    let Some(mut invoice) = call.model.biller.invoices.get(id).cloned() else { return Answer::Paid };
    if invoice.status != InvoiceStatus::Open {
        return Answer::Paid;
    }
    if invoice.amount_due < CHARGE_MIN {
        settle_without_charge(call, id);
        return Answer::Paid;
    }
    let subscription = invoice.subscription.as_deref();
    let subscription = subscription.and_then(|it| call.model.biller.subscriptions.get(it));
    let method = method.or_else(|| method_of(call.model, subscription, &invoice.customer));
    let answer = ask(call.model, invoice.amount_due, method.as_deref());
    // Recorded: later manual tries do not count; one that waits for authentication counts as none.
    if answer != Answer::NeedsAction && (by == By::Itself || invoice.attempt_count == 0) {
        invoice.attempt_count += 1;
    }
    invoice.attempted = true;
    payment::of_invoice(call, &invoice, method.as_deref(), answer);
    if answer == Answer::Paid {
        invoice.next_payment_attempt = None;
        pay(call, invoice);
        return answer;
    }
    dunning::plan(call, &mut invoice, answer, method);
    let customer = invoice.customer.clone();
    let owner = invoice.subscription.clone();
    let kinds: &[&str] = match answer {
        Answer::NeedsAction => &["invoice.payment_failed", "invoice.payment_action_required"],
        _ => &["invoice.payment_failed"],
    };
    save_invoice(call, invoice, kinds);
    if let Some(mut customer) = call.model.biller.customers.get(&customer).cloned() {
        customer.delinquent = true;
        save_customer(call, customer);
    }
    let owner = owner.and_then(|it| call.model.biller.subscriptions.get(&it).cloned());
    // A change that waits for its payment leaves the subscription as it is.
    let waits = |it: &Subscription| it.pending.as_ref().is_some_and(|it| it.invoice == id);
    if let Some(mut subscription) = owner.filter(|it| it.status == Status::Active && !waits(it)) {
        subscription.status = Status::PastDue;
        save_subscription(call, subscription, None);
    }
    answer
}

/// Marks an invoice as paid though nothing was charged: nothing is due, or less than the minimum charge,
/// which the customer then owes with the next invoice.
pub(super) fn settle_without_charge(call: &mut Call, id: &str) {
    let Some(mut invoice) = call.model.biller.invoices.get(id).cloned() else { return };
    invoice.attempted = true;
    if invoice.amount_due > 0
        && let Some(mut customer) = call.model.biller.customers.get(&invoice.customer).cloned()
    {
        let about = About { invoice: Some(id), credit_note: None };
        balance::post(call, &mut customer, invoice.amount_due, Kind::InvoiceTooSmall, &about);
        invoice.ending_balance = Some(customer.balance);
        invoice.amount_due = 0;
        save_customer(call, customer);
    }
    pay(call, invoice);
}

/// Marks an invoice as paid and wakes its subscription up.
pub(super) fn pay(call: &mut Call, mut invoice: Invoice) {
    invoice.status = InvoiceStatus::Paid;
    invoice.amount_paid = invoice.amount_due;
    invoice.paid_at = Some(call.now);
    invoice.auto_advance = false;
    invoice.next_payment_attempt = None;
    let (id, customer, owner) = (invoice.id.clone(), invoice.customer.clone(), invoice.subscription.clone());
    let created = invoice.created;
    save_invoice(call, invoice, &["invoice.paid", "invoice.payment_succeeded"]);
    if let Some(mut customer) = call.model.biller.customers.get(&customer).filter(|it| it.delinquent).cloned()
    {
        customer.delinquent = false;
        save_customer(call, customer);
    }
    let owner = owner.and_then(|it| call.model.biller.subscriptions.get(&it).cloned());
    let Some(mut subscription) = owner else { return };
    if subscription.pending.as_ref().is_some_and(|it| it.invoice == id) {
        return pending::apply(call, subscription);
    }
    let newest = subscription.latest_invoice.as_deref() == Some(&id);
    // An invoice of the pause itself does not end it.
    let resumes = subscription.paused.is_none_or(|it| created > it.at);
    if newest && resumes && subscription.status == Status::Paused {
        subscription.status = Status::Active;
        let shown = save_subscription(call, subscription, None);
        call.emit("customer.subscription.resumed", &shown);
        return;
    }
    if newest && matches!(subscription.status, Status::Incomplete | Status::PastDue | Status::Unpaid) {
        subscription.status = Status::Active;
        save_subscription(call, subscription, None);
    }
}
