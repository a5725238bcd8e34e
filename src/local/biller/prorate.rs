//! Parts of a period after a change: credits for what is not used any more, debits for what begins
//! (recorded at Stripe in flexible billing mode).

use serde::{Deserialize, Serialize};

use super::discount;
use super::invoice::{Credited, InvoiceItem, InvoiceStatus, Line};
use super::lines;
use super::subscription::{Item, Subscription};
use super::terms::Terms;
use crate::local::Call;
use crate::local::calendar::{self, Period};
use crate::local::error::ApiError;
use crate::local::form::Params;
use crate::local::model::Model;
use crate::local::rating;

/// What a change of items does to the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Pending invoice items, billed with the next invoice.
    Create,
    /// Pending invoice items, billed at once.
    Invoice,
    /// Nothing.
    None,
}

impl Behaviour {
    /// Reads `proration_behavior`.
    pub(super) fn read(p: &mut Params) -> Result<Behaviour, ApiError> {
        let word = p.one_of("proration_behavior", &["always_invoice", "create_prorations", "none"])?;
        Ok(match word {
            Some("always_invoice") => Behaviour::Invoice,
            Some("none") => Behaviour::None,
            _ => Behaviour::Create,
        })
    }

    /// Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Behaviour::Create => "create_prorations",
            Behaviour::Invoice => "always_invoice",
            Behaviour::None => "none",
        }
    }
}

/// Which side of a proration a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// Money back for the rest of the period.
    Credit,
    /// Money for the rest of the period.
    Debit,
}

/// One proration line of a licensed item: the whole quantity's price for the rest of the period, floored.
///
/// The period that is divided is the item's own whole period, also for an item that joined it later, or whose rest a
/// planned end has cut off.
pub(super) fn line(
    call: &mut Call,
    subscription: &Subscription,
    item: &Item,
    terms: &Terms,
    side: Side,
    at: i64,
) -> Option<Line> {
    let cadence = terms.cadence?;
    let quantity = item.quantity.unwrap_or(1);
    let whole = calendar::period_at(subscription.anchor, cadence, item.period_end - 1);
    let at = at.clamp(whole.start, item.period_end.min(whole.end));
    let gross = rating::total(&terms.tariff, lines::whole(quantity));
    let credited = match side {
        Side::Credit => billed_by(call.model, &subscription.id, &item.id, at),
        Side::Debit => None,
    };
    let price = match credited.as_ref().and_then(|it| net_of(call.model, it, gross)) {
        Some(net) => net,
        None => discount::net_price(call.model, subscription, item, gross, call.now),
    };
    let signed = if side == Side::Credit { -price } else { price };
    let period = Period { start: at, end: item.period_end };
    let date = calendar::date_words(at);
    let counted = if quantity == 1 { String::new() } else { format!("{quantity} × ") };
    let mut line = lines::blank(call, subscription, &item.id, terms, period);
    line.amount = rating::prorate(signed, item.period_end.min(whole.end) - at, whole.end - whole.start);
    line.quantity = lines::whole(quantity);
    line.proration = true;
    line.description = match side {
        Side::Credit => format!("Unused time on {counted}{} after {date}", terms.product_name),
        Side::Debit => format!("Remaining time on {counted}{} after {date}", terms.product_name),
    };
    line.credited = credited;
    Some(line)
}

/// The line of a part of a licensed item's first period, at its price before discounts, floored.
pub(super) fn part(
    call: &mut Call,
    subscription: &Subscription,
    item: &Item,
    terms: &Terms,
    period: Period,
    whole: Period,
) -> Line {
    let quantity = item.quantity.unwrap_or(1);
    let price = rating::total(&terms.tariff, lines::whole(quantity));
    let counted = if quantity == 1 { String::new() } else { format!("{quantity} × ") };
    let date = calendar::date_words(period.start);
    let mut line = lines::blank(call, subscription, &item.id, terms, period);
    line.amount = rating::prorate(price, period.end - period.start, whole.end - whole.start);
    line.quantity = lines::whole(quantity);
    line.proration = true;
    line.opening = true;
    line.description = format!(
        "Time on {counted}{} from {date} until {}",
        terms.product_name,
        calendar::date_words(period.end)
    );
    line
}

/// What lines really took, where they billed this very price: a credit gives back no more than was paid.
fn net_of(model: &Model, credited: &Credited, gross: i64) -> Option<i64> {
    let invoice = model.biller.invoices.get(&credited.invoice)?;
    let lines: Vec<&Line> = invoice.lines.iter().filter(|it| credited.lines.contains(&it.id)).collect();
    if lines.iter().any(|it| it.proration) || lines.iter().map(|it| it.amount).sum::<i64>() != gross {
        return None;
    }
    Some(gross - lines.iter().flat_map(|it| &it.off).map(|it| it.1).sum::<i64>())
}

/// The newest invoice lines that billed an item at an instant.
fn billed_by(model: &Model, subscription: &str, item: &str, at: i64) -> Option<Credited> {
    let covers = |it: &&Line| {
        it.item.as_deref() == Some(item) && it.amount >= 0 && it.usage.is_none() && it.period_end > at
    };
    let of_subscription = |invoice: &&super::Invoice| {
        invoice.subscription.as_deref() == Some(subscription) && invoice.status != InvoiceStatus::Void
    };
    let mut newest_first = model.biller.invoices.iter().rev().filter(of_subscription);
    newest_first.find_map(|invoice| {
        let lines: Vec<String> = invoice.lines.iter().filter(covers).map(|it| it.id.clone()).collect();
        (!lines.is_empty()).then(|| Credited { invoice: invoice.id.clone(), lines })
    })
}

/// Lets lines wait as invoice items for the customer's next invoice of this subscription.
pub(super) fn pend(call: &mut Call, customer: &str, currency: &str, lines: Vec<Line>) {
    for mut line in lines {
        let id = call.model.mint("ii_1", 23);
        line.invoice_item = Some(id.clone());
        // What a change settled stays settled: usage before it is not counted again later.
        line.usage = None;
        let waiting = InvoiceItem {
            id,
            created: call.now,
            customer: customer.to_owned(),
            currency: currency.to_owned(),
            invoice: None,
            line,
        };
        let shown = waiting.render();
        call.model.biller.invoice_items.insert(waiting);
        call.emit("invoiceitem.created", &shown);
    }
}

/// Takes what waits for a customer (of this subscription, or of none) onto an invoice, newest first.
pub(super) fn sweep(
    call: &mut Call,
    customer: &str,
    currency: &str,
    subscription: Option<&str>,
    invoice: &str,
) -> Vec<Line> {
    let mut swept = Vec::new();
    for waiting in call.model.biller.invoice_items.iter_mut().rev() {
        let fits = waiting.invoice.is_none()
            && waiting.customer == customer
            && waiting.currency == currency
            && waiting.line.subscription.as_deref().is_none_or(|it| Some(it) == subscription);
        if fits && swept.len() < ITEMS_MAX {
            waiting.invoice = Some(invoice.to_owned());
            swept.push(waiting.line.clone());
        }
    }
    // Credits come before debits, as they were made.
    swept.reverse();
    swept
}

/// Most invoice items on one invoice (Stripe: docs /api/invoiceitems).
pub(super) const ITEMS_MAX: usize = 250;

/// Forgets the prorations of a subscription that still wait (Stripe: docs /api/subscriptions/cancel).
pub(super) fn forget(call: &mut Call, subscription: &str) {
    let waiting = call.model.biller.invoice_items.iter();
    let pending: Vec<String> = waiting
        .filter(|it| {
            it.invoice.is_none() && it.line.proration && it.line.subscription.as_deref() == Some(subscription)
        })
        .map(|it| it.id.clone())
        .collect();
    for id in pending {
        if let Some(gone) = call.model.biller.invoice_items.remove(&id) {
            let shown = gone.render();
            call.emit("invoiceitem.deleted", &shown);
        }
    }
}
