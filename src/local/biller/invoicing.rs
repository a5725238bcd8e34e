//! Making invoices and finalizing them.

use super::balance::{self, About, Kind};
use super::charge;
use super::credit_grant;
use super::discount;
use super::invoice::{Invoice, InvoiceStatus, Line};
use super::invoice_calls;
use super::lines;
use super::save_customer;
use super::save_invoice;
use super::subscription::{PauseBehavior, Status, Subscription};
use crate::local::Call;
use crate::local::calendar::{DAY_S, Period};
use crate::local::form::Metadata;

/// What an invoice is made for.
pub(super) struct Order {
    /// Its id, minted before so that the subscription can name it.
    pub id: String,
    /// Stripe's reason word.
    pub reason: &'static str,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The time whose usage and items it gathers.
    pub period: Period,
    /// When a change was prorated.
    pub proration_date: Option<i64>,
}

/// Stores a draft for a subscription, which Stripe will finalize by itself.
pub(super) fn draft(call: &mut Call, subscription: &Subscription, order: Order) {
    draft_because(call, subscription, order, None);
}

/// As [`draft`], with the reason of a threshold invoice, JSON text.
pub(super) fn draft_because(
    call: &mut Call,
    subscription: &Subscription,
    order: Order,
    because: Option<String>,
) {
    let now = call.now;
    let due = subscription.days_until_due.filter(|_| subscription.send_invoice);
    // Nothing is collected for an unpaid subscription, or while collection is paused with drafts.
    let kept = subscription.pause.is_some_and(|it| it.behavior == PauseBehavior::KeepAsDraft);
    let advances = subscription.status != Status::Unpaid && !kept;
    let mut invoice = Invoice {
        id: order.id,
        created: now,
        customer: subscription.customer.clone(),
        subscription: Some(subscription.id.clone()),
        subscription_metadata: subscription.metadata.clone(),
        proration_date: order.proration_date,
        billing_reason: order.reason.to_owned(),
        send_invoice: subscription.send_invoice,
        currency: subscription.currency.clone(),
        status: InvoiceStatus::Draft,
        auto_advance: advances,
        released_at: None,
        draft_s: call.model.settings.draft_s,
        planned_at: None,
        first_failed_at: None,
        refused_method: None,
        due_date: due.map(|days| now + days * DAY_S),
        period_start: order.period.start,
        period_end: order.period.end,
        lines: order.lines,
        discounts: discount::alive(call.model, &subscription.discounts, now),
        number: None,
        attempt_count: 0,
        attempted: false,
        next_payment_attempt: (advances && !subscription.send_invoice)
            .then_some(now + call.model.settings.draft_s),
        starting_balance: 0,
        ending_balance: None,
        credited_before: 0,
        credited_after: 0,
        amount_due: 0,
        amount_paid: 0,
        finalized_at: None,
        paid_at: None,
        voided_at: None,
        uncollectible_at: None,
        threshold_reason: because,
        overdue: false,
        description: None,
        metadata: Metadata::new(),
    };
    weigh(call, &mut invoice);
    let used = discount::sums(&invoice.lines);
    save_invoice(call, invoice, &["invoice.created"]);
    discount::retire(call, &subscription.id, &used);
}

/// Sets what is due, with the customer's balance as it is now.
pub(super) fn weigh(call: &Call, invoice: &mut Invoice) {
    discount::apply(call.model, &mut invoice.lines, &invoice.discounts, &invoice.currency);
    owe(call, invoice);
}

fn owe(call: &Call, invoice: &mut Invoice) {
    let balance = call.model.biller.customers.get(&invoice.customer).map_or(0, |it| it.balance);
    invoice.starting_balance = balance;
    invoice.amount_due = invoice.total().saturating_add(balance).max(0);
}

/// Finalizes a draft: usage brought up to date, number, balance applied. Nothing is charged here, but an
/// invoice with nothing due is paid. Does nothing to an invoice that is final already.
pub(super) fn finalize(call: &mut Call, id: &str) {
    let Some(mut invoice) = call.model.biller.invoices.get(id).cloned() else { return };
    if invoice.status != InvoiceStatus::Draft {
        return;
    }
    let lines = std::mem::take(&mut invoice.lines);
    invoice.lines = lines::refresh(call, &invoice.customer, lines);
    weigh(call, &mut invoice);
    credit_grant::apply(call, &mut invoice);
    owe(call, &mut invoice);
    let left = invoice.total().saturating_add(invoice.starting_balance) - invoice.amount_due;
    invoice.ending_balance = Some(left);
    if let Some(mut customer) = call.model.biller.customers.get(&invoice.customer).cloned() {
        invoice.number = Some(format!("{}-{:04}", customer.invoice_prefix, customer.next_invoice_sequence));
        customer.next_invoice_sequence += 1;
        let (moved, about) = (left - customer.balance, About { invoice: Some(id), credit_note: None });
        balance::post(call, &mut customer, moved, Kind::AppliedToInvoice, &about);
        save_customer(call, customer);
    }
    invoice.status = InvoiceStatus::Open;
    invoice.finalized_at = Some(call.now);
    invoice.next_payment_attempt = None;
    let nothing_due = invoice.amount_due == 0;
    save_invoice(call, invoice, &["invoice.finalized"]);
    if nothing_due {
        charge::settle_without_charge(call, id);
    }
}

/// What Stripe does when a draft's hour is over: finalize, then charge or send.
pub(super) fn advance(call: &mut Call, id: &str) {
    let held = |it: &Invoice| it.status == InvoiceStatus::Draft && !it.auto_advance;
    if call.model.biller.invoices.get(id).is_some_and(held) {
        return;
    }
    finalize(call, id);
    let Some(mut invoice) = call.model.biller.invoices.get(id).cloned() else { return };
    if invoice.status != InvoiceStatus::Open {
        return;
    }
    let owner = invoice.subscription.as_ref().and_then(|it| call.model.biller.subscriptions.get(it));
    match owner.and_then(|it| it.pause).map(|it| it.behavior) {
        Some(PauseBehavior::Void) => return invoice_calls::void_open(call, id),
        Some(PauseBehavior::MarkUncollectible) => {
            invoice.status = InvoiceStatus::Uncollectible;
            invoice.uncollectible_at = Some(call.now);
            invoice.auto_advance = false;
            save_invoice(call, invoice, &["invoice.marked_uncollectible"]);
            return;
        }
        Some(PauseBehavior::KeepAsDraft) | None => {}
    }
    if invoice.send_invoice {
        save_invoice(call, invoice, &["invoice.sent"]);
    } else {
        charge::attempt(call, id, None, charge::By::Itself);
    }
}
