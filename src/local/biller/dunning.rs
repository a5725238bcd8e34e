//! What happens after a charge failed: tries over two weeks, then the end that the settings name
//! (Stripe: docs …/billing/revenue-recovery/smart-retries).
//!
//! Stripe chooses the instants of its default eight tries by a model of its own; here they are fixed. A refusal
//! that would be the same again, as one that asks for authentication, is not tried again without another payment
//! method; its place in the schedule passes.

use super::charge::{self, Answer, By};
use super::invoice::{Invoice, InvoiceStatus};
use super::subscription::Status;
use super::{cancel, save_invoice, save_subscription};
use crate::local::Call;
use crate::local::settings::DunningEnd;

/// The tries after the first failure, in days from it.
const TRIES_D: &[i64] = &[1, 3, 5, 7, 9, 11, 13, 14];

/// When an invoice that failed first at `first` is tried next, unix seconds; `None` when it was tried often enough.
fn next_try(first: i64, now: i64) -> Option<i64> {
    TRIES_D.iter().map(|days| first + days * 86_400).find(|at| *at > now)
}

/// Notes a failed charge of an open invoice and plans the next one. The first payment of a subscription is not
/// tried again.
pub(super) fn plan(call: &Call, invoice: &mut Invoice, answer: Answer, method: Option<String>) {
    let hard = matches!(answer, Answer::NeedsAction | Answer::NoMethod);
    invoice.refused_method = hard.then(|| method.unwrap_or_default());
    let first = *invoice.first_failed_at.get_or_insert(call.now);
    let owner = invoice.subscription.as_ref().and_then(|it| call.model.biller.subscriptions.get(it));
    let pends = owner.and_then(|it| it.pending.as_ref()).is_some_and(|it| it.invoice == invoice.id);
    let tried = invoice.auto_advance
        && !invoice.send_invoice
        && !pends
        && invoice.billing_reason != "subscription_create";
    invoice.next_payment_attempt = next_try(first, call.now).filter(|_| tried);
}

/// It is time to charge an open invoice: for the first time, or again.
pub(super) fn due(call: &mut Call, mut invoice: Invoice) {
    let id = invoice.id.clone();
    let subscription = invoice.subscription.as_deref();
    let subscription = subscription.and_then(|it| call.model.biller.subscriptions.get(it));
    let method = charge::method_of(call.model, subscription, &invoice.customer).unwrap_or_default();
    if invoice.refused_method.as_ref() == Some(&method) {
        invoice.next_payment_attempt = invoice.first_failed_at.and_then(|first| next_try(first, call.now));
        save_invoice(call, invoice, &[]);
    } else {
        charge::attempt(call, &id, None, By::Itself);
    }
    over(call, &id);
}

/// After the last try the subscription ends as the settings say; its invoice stays open.
fn over(call: &mut Call, id: &str) {
    let Some(invoice) = call.model.biller.invoices.get(id) else { return };
    let given_up = invoice.first_failed_at.is_some_and(|first| next_try(first, call.now).is_none());
    if invoice.status != InvoiceStatus::Open || !given_up {
        return;
    }
    let owner = invoice.subscription.as_ref().and_then(|it| call.model.biller.subscriptions.get(it).cloned());
    let Some(mut subscription) = owner.filter(|it| it.status == Status::PastDue) else { return };
    match call.model.settings.dunning_end {
        DunningEnd::PastDue => {}
        DunningEnd::Unpaid => {
            subscription.status = Status::Unpaid;
            save_subscription(call, subscription, None);
        }
        DunningEnd::Cancel => {
            cancel::stop_collection(call, &subscription.customer);
            cancel::end(call, subscription, Some("payment_failed"));
        }
    }
}
