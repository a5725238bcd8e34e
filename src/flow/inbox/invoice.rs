//! Invoices: stored as they are now; what waited for a payment follows from it.

use serde_json::Value;

use super::sight::{Case, Seen, Sight};
use super::{notice, pack};
use crate::billing::time::Timestamp;
use crate::error::Error;
use crate::flow::invoice::invoice_seen;
use crate::store::Writer;
use crate::store::customer::Customer;
use crate::store::invoice::Invoice;

pub(super) fn apply(
    w: &Writer<'_>,
    case: &Case,
    customer: &Customer,
    sight: &Sight,
) -> Result<Vec<String>, Error> {
    let Some(id) = &case.event.object else { return Ok(vec!["no invoice".to_owned()]) };
    match &sight.invoice {
        Some(Seen::Here(found)) => invoice_seen(w, customer.row, found)?,
        Some(Seen::Gone) => {
            w.invoice_gone(id)?;
        }
        None => {}
    }
    if case.event.kind == "invoice.payment_failed" {
        w.invoice_failed(id, case.event.created)?;
    }
    let Some(invoice) = w.reader().invoice_get(id)? else {
        return Ok(vec![format!("{id} is gone")]);
    };
    let mut effects = vec![format!("{id} {}", invoice.status)];
    if let Some(bought) = &sight.bought {
        effects.extend(pack::apply(w, bought)?);
    }
    for it in notices(case, customer, &invoice) {
        if w.notice_put(&it)? {
            effects.push(format!("notice {}", it.kind));
        }
    }
    Ok(effects)
}

/// What is to be said of an invoice as it is now. Each once for each invoice, whichever event tells of it.
fn notices(case: &Case, customer: &Customer, invoice: &Invoice) -> Vec<crate::store::notice::NoticeNew> {
    let (paid, unpaid) = (invoice.is_paid(), matches!(invoice.status.as_str(), "open" | "uncollectible"));
    match case.event.kind.as_str() {
        "invoice.paid" | "invoice.payment_succeeded" if paid && invoice.amount_paid > 0 => {
            vec![notice::receipt(customer, invoice)]
        }
        "invoice.payment_failed" if unpaid => vec![notice::payment_failed(customer, invoice)],
        "invoice.payment_action_required" if unpaid => vec![notice::payment_action(customer, invoice)],
        "invoice.finalization_failed" if !invoice.is_final() => {
            vec![notice::finalization_failed(customer, invoice)]
        }
        _ => Vec::new(),
    }
}

/// The figures of an invoice that does not exist yet, from the event itself.
pub(super) fn upcoming(w: &Writer<'_>, case: &Case, customer: &Customer) -> Result<Vec<String>, Error> {
    let Some(event) = case.snapshot() else {
        return Ok(vec!["its body was dropped".to_owned()]);
    };
    let object = &event.object;
    let number = |name: &str| object.get(name).and_then(Value::as_i64);
    let details = object.get("parent").and_then(|it| it.get("subscription_details"));
    let sub = details.and_then(|it| it.get("subscription")).or_else(|| object.get("subscription"));
    let sub = sub.and_then(|it| it.as_str().or_else(|| it.get("id")?.as_str()));
    let (Some(amount), Some(sub)) = (number("amount_due"), sub) else {
        return Ok(vec!["no charge of a subscription".to_owned()]);
    };
    if w.reader().subscription_get(sub)?.is_none_or(|it| it.customer != customer.row) {
        return Ok(vec![format!("{sub} is not ours")]);
    }
    let at = number("next_payment_attempt").or_else(|| number("period_end")).unwrap_or(event.created.0);
    let end = number("period_end").unwrap_or(at);
    let currency = object.get("currency").and_then(Value::as_str).unwrap_or_default();
    if amount <= 0 || at <= w.now.0 {
        return Ok(vec!["nothing to announce".to_owned()]);
    }
    let it = notice::upcoming(customer, sub, (amount, currency), Timestamp(at), Timestamp(end));
    let new = w.notice_put(&it)?;
    Ok(vec![if new { "notice upcoming_charge" } else { "announced already" }.to_owned()])
}
