//! Previews: what Stripe would invoice, without doing anything.

use stripe_billing::invoice::{
    CreatePreviewInvoice, CreatePreviewInvoiceDiscounts, CreatePreviewInvoicePreviewMode,
    CreatePreviewInvoiceSubscriptionDetails, CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchor,
    CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchorType,
    CreatePreviewInvoiceSubscriptionDetailsCancelAt, CreatePreviewInvoiceSubscriptionDetailsItems,
    CreatePreviewInvoiceSubscriptionDetailsProrationBehavior,
    CreatePreviewInvoiceSubscriptionDetailsTrialEnd,
};
use stripe_client_core::StripeRequest;

use super::Api;
use super::answer::Answer;
use super::coupon::Redeem;
use super::invoice::{InvoiceLineFound, line_found};
use super::subscription::{EndChange, ItemChange, Proration, say_never};
use crate::billing::time::Timestamp;

/// What is to be previewed. Without changes: the next invoice of the subscription.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PreviewAsk {
    /// `cus_…`.
    pub customer: String,
    /// `sub_…`; `None` for a new subscription.
    pub subscription: Option<String>,
    /// Items as they are to be, as in a change of the subscription.
    pub items: Vec<ItemChange>,
    /// What becomes of the rest of the period.
    pub proration: Option<Proration>,
    /// The instant that prorations are counted from: pins the preview to what is charged.
    pub proration_date: Option<Timestamp>,
    /// A new period begins now.
    pub anchor_now: bool,
    /// The subscription ends now.
    pub cancel_now: bool,
    /// It ends at its period's end, or at an instant; or it no longer does.
    pub end: Option<EndChange>,
    /// End of a trial that a new subscription begins with.
    pub trial_end: Option<Timestamp>,
    /// Coupons and promotion codes that are applied, by their ids.
    pub coupons: Vec<String>,
    /// What a whole period comes to from then on (`preview_mode=recurring`), rather than the next invoice.
    pub recurring: bool,
}

/// An invoice that Stripe would make. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewFound {
    /// Currency in lower case.
    pub currency: String,
    /// Sum of all lines before discounts.
    pub subtotal: i64,
    /// Sum of all lines after discounts and taxes.
    pub total: i64,
    /// What would be to pay, after the customer's balance.
    pub amount_due: i64,
    /// When it would be made, where that is told.
    pub at: Option<Timestamp>,
    /// Start of the usage period that it covers.
    pub period_start: Timestamp,
    /// End of the usage period that it covers.
    pub period_end: Timestamp,
    /// Its lines: the first page.
    pub lines: Vec<InvoiceLineFound>,
}

fn found(invoice: stripe_shared::Invoice) -> PreviewFound {
    PreviewFound {
        currency: invoice.currency.to_string(),
        subtotal: invoice.subtotal,
        total: invoice.total,
        amount_due: invoice.amount_due,
        at: invoice.next_payment_attempt.map(Timestamp),
        period_start: Timestamp(invoice.period_start),
        period_end: Timestamp(invoice.period_end),
        lines: invoice.lines.data.into_iter().map(line_found).collect(),
    }
}

/// What is said of the subscription; `None` where nothing is.
fn details(ask: &PreviewAsk) -> Option<CreatePreviewInvoiceSubscriptionDetails> {
    let plain = PreviewAsk {
        customer: ask.customer.clone(),
        subscription: ask.subscription.clone(),
        coupons: ask.coupons.clone(),
        recurring: ask.recurring,
        ..PreviewAsk::default()
    };
    if *ask == plain {
        return None;
    }
    let item = |item: &ItemChange| {
        let mut made = CreatePreviewInvoiceSubscriptionDetailsItems::new();
        made.id = item.item.clone();
        made.price = item.price.clone();
        made.quantity = item.quantity;
        made.deleted = item.deleted.then_some(true);
        made
    };
    let mut details = CreatePreviewInvoiceSubscriptionDetails::new();
    if !ask.items.is_empty() {
        details.items = Some(ask.items.iter().map(item).collect());
    }
    details.proration_behavior = ask.proration.map(|it| match it {
        Proration::NextInvoice => CreatePreviewInvoiceSubscriptionDetailsProrationBehavior::CreateProrations,
        Proration::InvoiceNow => CreatePreviewInvoiceSubscriptionDetailsProrationBehavior::AlwaysInvoice,
        Proration::None => CreatePreviewInvoiceSubscriptionDetailsProrationBehavior::None,
    });
    details.proration_date = ask.proration_date.map(|at| at.0);
    if ask.anchor_now {
        let now = CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchorType::Now;
        let now = CreatePreviewInvoiceSubscriptionDetailsBillingCycleAnchor::new(now);
        details.billing_cycle_anchor = Some(now);
    }
    details.cancel_now = ask.cancel_now.then_some(true);
    match ask.end {
        Some(EndChange::AtPeriodEnd) => details.cancel_at_period_end = Some(true),
        Some(EndChange::At(at)) => {
            details.cancel_at = Some(CreatePreviewInvoiceSubscriptionDetailsCancelAt::Timestamp(at.0));
        }
        Some(EndChange::NotAtPeriodEnd) => details.cancel_at_period_end = Some(false),
        // An empty `cancel_at`, which goes into the built request.
        Some(EndChange::Never) | None => {}
    }
    let trial = |at: Timestamp| CreatePreviewInvoiceSubscriptionDetailsTrialEnd::Timestamp(at.0);
    details.trial_end = ask.trial_end.map(trial);
    Some(details)
}

impl Api {
    /// What Stripe would invoice. Stores nothing there; usage counts as far as Stripe has counted it.
    pub async fn invoice_preview(&self, ask: &PreviewAsk) -> Answer<PreviewFound> {
        let mut request = CreatePreviewInvoice::new().customer(ask.customer.clone());
        if let Some(sub) = &ask.subscription {
            request = request.subscription(sub.clone());
        }
        if let Some(details) = details(ask) {
            request = request.subscription_details(details);
        }
        if !ask.coupons.is_empty() {
            let discount = |coupon: &String| {
                let mut made = CreatePreviewInvoiceDiscounts::new();
                match Redeem::of_id(coupon) {
                    Redeem::Coupon(id) => made.coupon = Some(id),
                    Redeem::PromotionCode(id) => made.promotion_code = Some(id),
                }
                made
            };
            request = request.discounts(ask.coupons.iter().map(discount).collect::<Vec<_>>());
        }
        if ask.recurring {
            request = request.preview_mode(CreatePreviewInvoicePreviewMode::Recurring);
        }
        // It makes nothing, so it is a read that is posted: no key.
        let mut request = request.build();
        say_never(&mut request, ask.end, "subscription_details[cancel_at]");
        let answer = self.write_built::<stripe_shared::Invoice>(request, None).await?;
        Ok(answer.map(found))
    }
}
