//! Invoices: read, and whether Stripe goes on with them by itself.

use std::collections::BTreeMap;

use stripe_billing::invoice::{ListInvoice, RetrieveInvoice, UpdateInvoice, VoidInvoiceInvoice};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_shared::{
    BillingBillResourceInvoicingTaxesTaxTaxBehavior, InvoicesResourcePretaxCreditAmountType,
};

use super::Api;
use super::answer::{Answer, Failure};
use super::call::PAGE_SIZE;
use crate::billing::time::Timestamp;

/// Which invoices are listed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InvoiceQuery {
    /// Of one customer.
    pub customer: Option<String>,
    /// Of one subscription.
    pub subscription: Option<String>,
    /// Made at this instant or later.
    pub created_from: Option<Timestamp>,
    /// In this state alone.
    pub status: Option<InvoiceStatus>,
    /// Only those that bill no subscription. Stripe has no such filter: the others are dropped before their lines are
    /// asked for.
    pub no_subscription: bool,
}

/// A state that invoices are listed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceStatus {
    /// Nothing is owed on it any more.
    Paid,
}

/// An invoice as found in Stripe. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceFound {
    /// `in_…`.
    pub id: String,
    /// Number for people, once finalized.
    pub number: Option<String>,
    /// draft, open, paid, uncollectible or void.
    pub status: Option<String>,
    /// Why it was made: subscription_create, subscription_cycle, subscription_update, manual, …
    pub billing_reason: Option<String>,
    /// `cus_…`.
    pub customer: Option<String>,
    /// `sub_…` of its parent.
    pub subscription: Option<String>,
    /// Currency in lower case.
    pub currency: String,
    /// When it was made.
    pub created: Timestamp,
    /// Start of the usage period that it covers.
    pub period_start: Timestamp,
    /// End of the usage period that it covers.
    pub period_end: Timestamp,
    /// When it became final.
    pub finalized_at: Option<Timestamp>,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// When it is due.
    pub due_date: Option<Timestamp>,
    /// Sum of all lines after discounts and taxes.
    pub total: i64,
    /// What is to be paid.
    pub amount_due: i64,
    /// What was paid.
    pub amount_paid: i64,
    /// Payments that were tried.
    pub attempt_count: u64,
    /// When Stripe tries the payment next.
    pub next_payment_attempt: Option<Timestamp>,
    /// Whether Stripe finalizes and collects it by itself. A draft without stays one (Stripe: API reference, invoices,
    /// `auto_advance`).
    pub auto_advance: bool,
    /// Metadata of the invoice.
    pub metadata: BTreeMap<String, String>,
    /// All its lines.
    pub lines: Vec<InvoiceLineFound>,
}

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceLineFound {
    /// `il_…`.
    pub id: String,
    /// Text for people.
    pub description: Option<String>,
    /// Minor units; negative on credits.
    pub amount: i64,
    /// What discounts take off it.
    pub discount: i64,
    /// What credit grants at Stripe take off it.
    pub credits: i64,
    /// Tax on it, whether in its price or on top of it.
    pub tax: i64,
    /// The part of the tax that is on top of its price.
    pub tax_on_top: i64,
    /// Quantity, truncated to whole units.
    pub quantity: Option<u64>,
    /// `price_…`.
    pub price: Option<String>,
    /// Product of the price.
    pub product: Option<String>,
    /// Unit price in minor units as a decimal, where there is one.
    pub unit_amount: Option<String>,
    /// `si_…` that it bills.
    pub item: Option<String>,
    /// Whether it came from an item that was waiting: its quantity was fixed when that was made, no later than its period ends.
    pub is_fixed: bool,
    /// Whether it is a proration.
    pub proration: bool,
    /// Start of what it bills.
    pub period_start: Timestamp,
    /// End of what it bills.
    pub period_end: Timestamp,
}

pub(super) fn line_found(line: stripe_shared::InvoiceLineItem) -> InvoiceLineFound {
    let (unit_amount, details) =
        line.pricing.map_or((None, None), |pricing| (pricing.unit_amount_decimal, pricing.price_details));
    let (price, product) = details
        .map_or((None, None), |details| (Some(details.price.into_id().to_string()), Some(details.product)));
    let parent = line.parent;
    let is_fixed = parent.as_ref().is_some_and(|it| it.invoice_item_details.is_some());
    let item = parent.and_then(|parent| parent.subscription_item_details);
    let credits = line.pretax_credit_amounts.iter().flatten();
    let credits = credits
        .filter(|it| it.type_ == InvoicesResourcePretaxCreditAmountType::CreditBalanceTransaction)
        .map(|it| it.amount)
        .sum();
    let taxes = || line.taxes.iter().flatten();
    let on_top =
        taxes().filter(|it| it.tax_behavior == BillingBillResourceInvoicingTaxesTaxTaxBehavior::Exclusive);
    InvoiceLineFound {
        discount: line.discount_amounts.iter().flatten().map(|it| it.amount).sum(),
        credits,
        tax: taxes().map(|it| it.amount).sum(),
        tax_on_top: on_top.map(|it| it.amount).sum(),
        id: line.id.to_string(),
        description: line.description,
        amount: line.amount,
        quantity: line.quantity,
        price,
        product,
        unit_amount,
        is_fixed: is_fixed || item.as_ref().is_some_and(|item| item.invoice_item.is_some()),
        proration: item.as_ref().is_some_and(|item| item.proration),
        item: item.map(|item| item.subscription_item),
        period_start: Timestamp(line.period.start),
        period_end: Timestamp(line.period.end),
    }
}

/// An invoice with the lines that came with it, and whether there are more.
fn found(invoice: stripe_shared::Invoice) -> Result<(InvoiceFound, bool), String> {
    let id = invoice.id.ok_or("an invoice without an id")?.to_string();
    let parent = invoice.parent.and_then(|parent| parent.subscription_details);
    let more = invoice.lines.has_more;
    let found = InvoiceFound {
        id,
        number: invoice.number,
        status: invoice.status.map(|status| status.to_string()),
        billing_reason: invoice.billing_reason.map(|reason| reason.to_string()),
        customer: invoice.customer.map(|customer| customer.into_id().to_string()),
        subscription: parent.map(|details| details.subscription.into_id().to_string()),
        currency: invoice.currency.to_string(),
        created: Timestamp(invoice.created),
        period_start: Timestamp(invoice.period_start),
        period_end: Timestamp(invoice.period_end),
        finalized_at: invoice.status_transitions.finalized_at.map(Timestamp),
        paid_at: invoice.status_transitions.paid_at.map(Timestamp),
        due_date: invoice.due_date.map(Timestamp),
        total: invoice.total,
        amount_due: invoice.amount_due,
        amount_paid: invoice.amount_paid,
        attempt_count: invoice.attempt_count,
        next_payment_attempt: invoice.next_payment_attempt.map(Timestamp),
        auto_advance: invoice.auto_advance.unwrap_or_default(),
        metadata: invoice.metadata.unwrap_or_default().into_iter().collect(),
        lines: invoice.lines.data.into_iter().map(line_found).collect(),
    };
    Ok((found, more))
}

impl Api {
    /// One invoice with all its lines.
    pub async fn invoice_retrieve(&self, invoice: &str) -> Answer<InvoiceFound> {
        let answer = self.read(&RetrieveInvoice::new(invoice)).await?.try_map(found)?;
        let lines = self.invoice_lines_missing(&answer.value).await?;
        Ok(answer
            .map(|(found, _)| InvoiceFound { lines: lines.unwrap_or_else(|| found.lines.clone()), ..found }))
    }
    /// Says whether Stripe goes on with an invoice by itself. On a draft: whether it becomes final.
    pub async fn invoice_auto_advance(&self, invoice: &str, on: bool, key: &str) -> Answer<InvoiceFound> {
        let request = UpdateInvoice::new(invoice).auto_advance(on);
        let changed = self.write(&request, key).await?.try_map(found)?;
        let lines = self.invoice_lines_missing(&changed.value).await?;
        let changed = changed
            .map(|(found, _)| InvoiceFound { lines: lines.unwrap_or_else(|| found.lines.clone()), ..found });
        if changed.value.id != invoice {
            let why = format!("asked for {invoice}, got {}", changed.value.id);
            return Err(changed.contradiction(why));
        }
        Ok(changed)
    }
    /// Takes a final invoice that was not paid back: nobody owes it any more.
    pub async fn invoice_void(&self, invoice: &str, key: &str) -> Answer<()> {
        Ok(self.write(&VoidInvoiceInvoice::new(invoice), key).await?.map(|_| ()))
    }
    /// All lines of an invoice that came with only some (Stripe: an invoice carries its first page of lines).
    async fn invoice_lines_missing(
        &self,
        (invoice, more): &(InvoiceFound, bool),
    ) -> Result<Option<Vec<InvoiceLineFound>>, Failure> {
        if !more {
            return Ok(None);
        }
        let path = format!("/invoices/{}/lines", invoice.id);
        let mut request = RequestBuilder::new(StripeMethod::Get, path);
        request.query = Some(format!("limit={PAGE_SIZE}"));
        let lines = self.list::<stripe_shared::InvoiceLineItem>(request).await?;
        Ok(Some(lines.value.into_iter().map(line_found).collect()))
    }
    /// Invoices with all their lines, newest first.
    pub async fn invoice_list(&self, query: &InvoiceQuery) -> Answer<Vec<InvoiceFound>> {
        let mut request = ListInvoice::new().limit(PAGE_SIZE);
        if let Some(customer) = &query.customer {
            request = request.customer(customer.clone());
        }
        if let Some(subscription) = &query.subscription {
            request = request.subscription(subscription.clone());
        }
        if let Some(InvoiceStatus::Paid) = query.status {
            request = request.status(stripe_shared::InvoiceStatus::Paid);
        }
        let mut built = request.build();
        if let Some(from) = query.created_from {
            let separator =
                if built.query.as_deref().is_some_and(|query| !query.is_empty()) { "&" } else { "" };
            built.query =
                Some(format!("{}{separator}created[gte]={}", built.query.unwrap_or_default(), from.0));
        }
        let listed = self.list::<stripe_shared::Invoice>(built).await?;
        let listed =
            listed.try_map(|invoices| invoices.into_iter().map(found).collect::<Result<Vec<_>, _>>())?;
        let mut whole = Vec::with_capacity(listed.value.len());
        for it in listed.value.iter().filter(|it| !(query.no_subscription && it.0.subscription.is_some())) {
            let lines = self.invoice_lines_missing(it).await?;
            whole.push(InvoiceFound { lines: lines.unwrap_or_else(|| it.0.lines.clone()), ..it.0.clone() });
        }
        Ok(listed.map(|_| whole))
    }
}
