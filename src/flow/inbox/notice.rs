//! What is said to whom when an event asks for it. One key for each business object and what happened to it.

use serde_json::json;

use crate::billing::id::TierKey;
use crate::billing::money::{Currency, Money};
use crate::billing::time::Timestamp;
use crate::store::customer::Customer;
use crate::store::invoice::Invoice;
use crate::store::notice::{Audience, NoticeNew, Severity};
use crate::store::subscription::Subscription;
use crate::store::tier::Assignment;
use crate::stripe::CheckoutFound;

fn money(minor: i64, currency: &str) -> String {
    match Currency::parse(currency) {
        Some(currency) => Money { minor, currency }.to_string(),
        None => format!("{minor} minor units of {currency}"),
    }
}

/// How an invoice is called: by its number, once it has one.
fn name(invoice: &Invoice) -> &str {
    invoice.number.as_deref().unwrap_or(&invoice.invoice)
}

fn facts(invoice: &Invoice) -> serde_json::Value {
    json!({
        "invoice": invoice.invoice,
        "number": invoice.number,
        "amount_due": invoice.amount_due,
        "amount_paid": invoice.amount_paid,
        "currency": invoice.currency,
        "next_attempt": invoice.next_attempt_at.map(|at| at.0),
    })
}

pub(super) fn receipt(customer: &Customer, invoice: &Invoice) -> NoticeNew {
    let amount = money(invoice.amount_paid, &invoice.currency);
    let at = invoice.paid_at.map(|at| format!(" on {at}")).unwrap_or_default();
    NoticeNew {
        key: format!("receipt:{}", invoice.invoice),
        audience: Audience::Customer,
        customer: Some(customer.row),
        kind: "receipt",
        severity: Severity::Info,
        subject: format!("Receipt for invoice {}: {amount}", name(invoice)),
        text: format!("We received your payment of {amount} for invoice {}{at}. Thank you.", name(invoice)),
        facts: facts(invoice),
    }
}

pub(super) fn payment_failed(customer: &Customer, invoice: &Invoice) -> NoticeNew {
    let amount = money(invoice.amount_due, &invoice.currency);
    let again = match invoice.next_attempt_at {
        Some(at) => format!("The next attempt is on {at}; please see to your payment method before."),
        None => "There will be no further attempt by itself; please pay it or change your payment method."
            .to_owned(),
    };
    NoticeNew {
        key: format!("payment_failed:{}", invoice.invoice),
        audience: Audience::Customer,
        customer: Some(customer.row),
        kind: "payment_failed",
        severity: Severity::Urgent,
        subject: format!("The payment of invoice {} failed: {amount}", name(invoice)),
        text: format!("The payment of {amount} for invoice {} failed. {again}", name(invoice)),
        facts: facts(invoice),
    }
}

pub(super) fn checkout_failed(customer: &Customer, session: &CheckoutFound) -> NoticeNew {
    let amount =
        money(session.amount_total.unwrap_or_default(), session.currency.as_deref().unwrap_or_default());
    NoticeNew {
        key: format!("payment_failed:{}", session.id),
        audience: Audience::Customer,
        customer: Some(customer.row),
        kind: "payment_failed",
        severity: Severity::Urgent,
        subject: format!("Your payment of {amount} failed"),
        text: format!("Your payment of {amount} failed, so nothing was given for it. Please try again."),
        facts: json!({ "session": session.id, "amount": session.amount_total, "currency": session.currency }),
    }
}

pub(super) fn payment_action(customer: &Customer, invoice: &Invoice) -> NoticeNew {
    let amount = money(invoice.amount_due, &invoice.currency);
    NoticeNew {
        key: format!("payment_action:{}", invoice.invoice),
        audience: Audience::Customer,
        customer: Some(customer.row),
        kind: "payment_action",
        severity: Severity::Urgent,
        subject: format!("The payment of invoice {} needs your confirmation", name(invoice)),
        text: format!(
            "Your bank wants you to confirm the payment of {amount} for invoice {}.",
            name(invoice)
        ),
        facts: facts(invoice),
    }
}

pub(super) fn finalization_failed(customer: &Customer, invoice: &Invoice) -> NoticeNew {
    NoticeNew {
        key: format!("finalization_failed:{}", invoice.invoice),
        audience: Audience::Operator,
        customer: Some(customer.row),
        kind: "finalization_failed",
        severity: Severity::Urgent,
        subject: format!("Stripe cannot finalize invoice {} of {}", invoice.invoice, customer.id),
        text: format!(
            "Stripe cannot finalize invoice {} of {}: it is not charged until what Stripe names in its Dashboard is mended.",
            invoice.invoice, customer.id
        ),
        facts: facts(invoice),
    }
}

pub(super) fn upcoming(
    customer: &Customer,
    sub: &str,
    (minor, currency): (i64, &str),
    at: Timestamp,
    period_end: Timestamp,
) -> NoticeNew {
    let amount = money(minor, currency);
    NoticeNew {
        key: format!("upcoming_charge:{sub}:{}", period_end.0),
        audience: Audience::Customer,
        customer: Some(customer.row),
        kind: "upcoming_charge",
        severity: Severity::Info,
        subject: format!("{amount} will be charged on {at}"),
        text: format!(
            "Your subscription renews: about {amount} will be charged on {at}. Usage until then is added."
        ),
        facts: json!({ "subscription": sub, "amount_due": minor, "currency": currency, "at": at.0 }),
    }
}

pub(super) fn trial_ending(customer: &Customer, sub: &Subscription, end: Timestamp) -> NoticeNew {
    NoticeNew {
        key: format!("trial_ending:{}:{}", sub.sub, end.0),
        audience: Audience::Customer,
        customer: Some(customer.row),
        kind: "trial_ending",
        severity: Severity::Warning,
        subject: format!("Your trial ends on {end}"),
        text: format!("Your trial ends on {end}. From then on your subscription is charged."),
        facts: json!({ "subscription": sub.sub, "trial_end": end.0 }),
    }
}

/// The customer is asked for another card; operators see a charge that will fail.
pub(super) fn card_removed(customer: &Customer, method: &str) -> [NoticeNew; 2] {
    let of = |audience: Audience, subject: String, text: String| NoticeNew {
        key: format!("card_removed:{method}:{}", audience.as_str()),
        audience,
        customer: Some(customer.row),
        kind: "card_removed",
        severity: Severity::Warning,
        subject,
        text,
        facts: json!({ "payment_method": method }),
    };
    let (subject, text) = (
        "Your last payment method was removed",
        "There is no payment method left to charge for your subscription. Please add one before the next renewal.",
    );
    [
        of(Audience::Customer, subject.to_owned(), text.to_owned()),
        of(
            Audience::Operator,
            format!("{} has no payment method left", customer.id),
            format!(
                "{} has a live subscription and no payment method left: its next charge will fail.",
                customer.id
            ),
        ),
    ]
}

pub(super) fn customer_deleted(customer: &Customer) -> NoticeNew {
    let cus = customer.cus.clone().unwrap_or_default();
    NoticeNew {
        key: format!("customer_deleted:{cus}"),
        audience: Audience::Operator,
        customer: Some(customer.row),
        kind: "customer_deleted",
        severity: Severity::Urgent,
        subject: format!("{} was deleted at Stripe", customer.id),
        text: format!(
            "The Stripe customer {cus} of {} was deleted there, and its subscriptions with it. Usage of it cannot be billed.",
            customer.id
        ),
        facts: json!({ "cus": cus }),
    }
}

pub(super) fn subscription_ended(
    customer: &Customer,
    was: &Assignment,
    sub: &Subscription,
    fallback: Option<&TierKey>,
) -> NoticeNew {
    let at = sub.ended_at.map(|at| format!(" on {at}")).unwrap_or_default();
    let next = fallback.map(|tier| format!(" You are on {tier} from now on.")).unwrap_or_default();
    NoticeNew {
        key: format!("subscription_ended:{}", sub.sub),
        audience: Audience::Customer,
        customer: Some(customer.row),
        kind: "subscription_ended",
        severity: Severity::Warning,
        subject: format!("Your subscription to {} has ended", was.revision.tier),
        text: format!("Your subscription to {} has ended{at}.{next}", was.revision.tier),
        facts: json!({ "subscription": sub.sub, "tier": was.revision.tier.as_str() }),
    }
}
